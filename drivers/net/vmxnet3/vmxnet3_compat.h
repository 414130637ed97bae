/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What kernels since 6.12 lack.  The build outside a kernel tree includes this
 * before everything else; the driver itself is written for the newest kernel.
 */
#ifndef _VMXNET3_COMPAT_H
#define _VMXNET3_COMPAT_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#include <linux/hrtimer.h>

static inline void
hrtimer_setup(struct hrtimer *timer,
	      enum hrtimer_restart (*function)(struct hrtimer *timer),
	      clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 14, 0)
#define VMXNET3_NO_FRAGS_TRUESIZE
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 18, 0)
#include <net/devlink.h>

#define devlink_health_reporter_create(devlink, ops, priv) \
	devlink_health_reporter_create(devlink, ops, 0, priv)
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0)
#include <linux/ethtool.h>
#include <linux/slab.h>

#ifndef kzalloc_obj
#define kzalloc_obj(object)	kzalloc(sizeof(object), GFP_KERNEL)
#define kvzalloc_obj(object)	kvzalloc(sizeof(object), GFP_KERNEL)
#endif

#include <linux/netdevice.h>

struct netlink_ext_ack;

/* Newer 6.12.y have a structure of that name, with operations or without. */
struct vmxnet3_rxfh_fields {
	u32 data;
	u32 flow_type;
	u32 rss_context;
};

#define ethtool_rxfh_fields	vmxnet3_rxfh_fields

int vmxnet3_get_rxfh_fields(struct net_device *netdev,
			    struct ethtool_rxfh_fields *fields);
int vmxnet3_set_rxfh_fields(struct net_device *netdev,
			    const struct ethtool_rxfh_fields *fields,
			    struct netlink_ext_ack *extack);

static inline int vmxnet3_compat_get_rxnfc(struct net_device *netdev,
					   struct ethtool_rxnfc *nfc,
					   u32 *rules)
{
	struct ethtool_rxfh_fields fields = { .flow_type = nfc->flow_type };
	int err;

	switch (nfc->cmd) {
	case ETHTOOL_GRXRINGS:
		nfc->data = netdev->real_num_rx_queues;
		return 0;
	case ETHTOOL_GRXFH:
		err = vmxnet3_get_rxfh_fields(netdev, &fields);
		nfc->data = fields.data;
		return err;
	default:
		return -EOPNOTSUPP;
	}
}

static inline int vmxnet3_compat_set_rxnfc(struct net_device *netdev,
					   struct ethtool_rxnfc *nfc)
{
	struct ethtool_rxfh_fields fields = {
		.flow_type = nfc->flow_type,
		.data = nfc->data,
	};

	if (nfc->cmd != ETHTOOL_SRXFH)
		return -EOPNOTSUPP;
	return vmxnet3_set_rxfh_fields(netdev, &fields, NULL);
}

/* A lock that each netdev has is not there yet, or not yet of any use. */
#define netdev_lock(netdev)		do { } while (0)
#define netdev_unlock(netdev)		do { } while (0)
#define napi_enable_locked		napi_enable
#define napi_disable_locked		napi_disable
#define netif_napi_set_irq_locked	netif_napi_set_irq
#define netif_napi_add_config_locked(netdev, napi, poll, index) \
	netif_napi_add(netdev, napi, poll)
#define __netif_napi_del_locked		__netif_napi_del
#define VMXNET3_NO_QUEUE_MGMT

struct vmxnet3_shell;

void vmxnet3_dev_set_rx_mode(struct vmxnet3_shell *shell);

static inline void vmxnet3_compat_set_rx_mode(struct net_device *netdev)
{
	vmxnet3_dev_set_rx_mode(netdev_priv(netdev));
}

#define VMXNET3_SET_RX_MODE_OP \
	.ndo_set_rx_mode = vmxnet3_compat_set_rx_mode

#define VMXNET3_OP_NEEDS_RTNL

#define VMXNET3_RX_RING_COUNT_OP	.get_rxnfc = vmxnet3_compat_get_rxnfc
#define VMXNET3_RXFH_FIELDS_OPS		.set_rxnfc = vmxnet3_compat_set_rxnfc
#endif

#endif /* _VMXNET3_COMPAT_H */

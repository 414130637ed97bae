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

#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0)
#include <linux/ethtool.h>
#include <linux/slab.h>

#ifndef kzalloc_obj
#define kzalloc_obj(object)	kzalloc(sizeof(object), GFP_KERNEL)
#define kvzalloc_obj(object)	kvzalloc(sizeof(object), GFP_KERNEL)
#endif

#include <linux/netdevice.h>

struct netlink_ext_ack;

struct ethtool_rxfh_fields {
	u32 data;
	u32 flow_type;
	u32 rss_context;
};

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

#define VMXNET3_RX_RING_COUNT_OP	.get_rxnfc = vmxnet3_compat_get_rxnfc
#define VMXNET3_RXFH_FIELDS_OPS		.set_rxnfc = vmxnet3_compat_set_rxnfc
#endif

#endif /* _VMXNET3_COMPAT_H */

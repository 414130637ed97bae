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

#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0)
#include <linux/ethtool.h>
#include <linux/slab.h>

#ifndef kzalloc_obj
#define kzalloc_obj(object)	kzalloc(sizeof(object), GFP_KERNEL)
#define kvzalloc_obj(object)	kvzalloc(sizeof(object), GFP_KERNEL)
#endif

#include <linux/netdevice.h>

static inline int vmxnet3_compat_get_rxnfc(struct net_device *netdev,
					   struct ethtool_rxnfc *nfc,
					   u32 *rules)
{
	if (nfc->cmd != ETHTOOL_GRXRINGS)
		return -EOPNOTSUPP;
	nfc->data = netdev->real_num_rx_queues;
	return 0;
}

#define VMXNET3_RX_RING_COUNT_OP	.get_rxnfc = vmxnet3_compat_get_rxnfc
#endif

#endif /* _VMXNET3_COMPAT_H */

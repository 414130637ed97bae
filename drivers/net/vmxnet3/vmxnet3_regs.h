/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ethtool -d.
 */
#ifndef _VMXNET3_REGS_H
#define _VMXNET3_REGS_H

struct ethtool_regs;
struct net_device;

#define VMXNET3_REGS_VERSION	1

/* Words of the parts, see npa.rst */
#define VMXNET3_REGS_HEADER	8
#define VMXNET3_REGS_TX		11
#define VMXNET3_REGS_RX		7

/* The path in use */
#define VMXNET3_REGS_DOWN	0
#define VMXNET3_REGS_EMULATED	1
#define VMXNET3_REGS_VF		2

int vmxnet3_get_regs_len(struct net_device *netdev);
void vmxnet3_get_regs(struct net_device *netdev, struct ethtool_regs *regs,
		      void *data);

#endif /* _VMXNET3_REGS_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Restart of a receive queue on behalf of the stack.
 */
#ifndef _VMXNET3_QUEUE_MGMT_H
#define _VMXNET3_QUEUE_MGMT_H

struct net_device;

/* Kernels before 7.0 do it in another way and do without. */
#ifdef VMXNET3_NO_QUEUE_MGMT
static inline void vmxnet3_offer_queue_mgmt(struct net_device *netdev)
{
}
#else
void vmxnet3_offer_queue_mgmt(struct net_device *netdev);
#endif

#endif /* _VMXNET3_QUEUE_MGMT_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Interrupt coalescing, device revision 3.
 */
#ifndef _VMXNET3_COALESCE_H
#define _VMXNET3_COALESCE_H

struct ethtool_coalesce;
struct kernel_ethtool_coalesce;
struct net_device;
struct netlink_ext_ack;
struct vmxnet3_coalesce;
struct vmxnet3_shell;

#define VMXNET3_COALESCE_REVISION	3

int vmxnet3_coalesce_encode(const struct ethtool_coalesce *ec,
			    struct vmxnet3_coalesce *words,
			    struct netlink_ext_ack *extack);
void vmxnet3_coalesce_decode(const struct vmxnet3_coalesce *words,
			     struct ethtool_coalesce *ec);
int vmxnet3_coalesce_alloc(struct vmxnet3_shell *shell);
void vmxnet3_coalesce_free(struct vmxnet3_shell *shell);
void vmxnet3_coalesce_restore(struct vmxnet3_shell *shell);
int vmxnet3_get_coalesce(struct net_device *netdev,
			 struct ethtool_coalesce *ec,
			 struct kernel_ethtool_coalesce *kernel_ec,
			 struct netlink_ext_ack *extack);
int vmxnet3_set_coalesce(struct net_device *netdev,
			 struct ethtool_coalesce *ec,
			 struct kernel_ethtool_coalesce *kernel_ec,
			 struct netlink_ext_ack *extack);

#endif /* _VMXNET3_COALESCE_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Receive side scaling: key, table, and header fields that are hashed.
 */
#ifndef _VMXNET3_RSS_H
#define _VMXNET3_RSS_H

#include <linux/types.h>

struct ethtool_rxfh_fields;
struct ethtool_rxfh_param;
struct net_device;
struct netlink_ext_ack;
struct vmxnet3_shell;

#define VMXNET3_RSS_FIELDS_REVISION	4	/* fields can be chosen */
#define VMXNET3_RSS_ESP6_REVISION	6	/* also those of ESP on IPv6 */

void vmxnet3_rss_init_fields(struct vmxnet3_shell *shell);
void vmxnet3_rss_restore(struct vmxnet3_shell *shell);
u32 vmxnet3_get_rxfh_key_size(struct net_device *netdev);
u32 vmxnet3_get_rxfh_indir_size(struct net_device *netdev);
int vmxnet3_get_rxfh(struct net_device *netdev,
		     struct ethtool_rxfh_param *rxfh);
int vmxnet3_set_rxfh(struct net_device *netdev, struct ethtool_rxfh_param *rxfh,
		     struct netlink_ext_ack *extack);
int vmxnet3_get_rxfh_fields(struct net_device *netdev,
			    struct ethtool_rxfh_fields *fields);
int vmxnet3_set_rxfh_fields(struct net_device *netdev,
			    const struct ethtool_rxfh_fields *fields,
			    struct netlink_ext_ack *extack);

#endif /* _VMXNET3_RSS_H */

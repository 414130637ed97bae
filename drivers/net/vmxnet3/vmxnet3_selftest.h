/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ethtool -t.
 */
#ifndef _VMXNET3_SELFTEST_H
#define _VMXNET3_SELFTEST_H

#include <linux/types.h>

struct ethtool_test;
struct net_device;

int vmxnet3_selftest_count(void);
void vmxnet3_selftest_names(u8 *data);
void vmxnet3_self_test(struct net_device *netdev, struct ethtool_test *test,
		       u64 *data);

#endif /* _VMXNET3_SELFTEST_H */

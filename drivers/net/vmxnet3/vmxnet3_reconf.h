/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Changes that need new rings: ring sizes, number of queue pairs, MTU.
 */
#ifndef _VMXNET3_RECONF_H
#define _VMXNET3_RECONF_H

struct netlink_ext_ack;
struct vmxnet3_config;
struct vmxnet3_path;
struct vmxnet3_rss_conf;
struct vmxnet3_shell;

void vmxnet3_reconf_default(struct vmxnet3_shell *shell);
int vmxnet3_reconfigure(struct vmxnet3_shell *shell,
			const struct vmxnet3_config *cfg, const char *why,
			struct netlink_ext_ack *extack);
int vmxnet3_reconf_swap(struct vmxnet3_shell *shell, struct vmxnet3_path *path,
			const struct vmxnet3_rss_conf *old_rss,
			const char *why);
void vmxnet3_reconf_hold(struct vmxnet3_shell *shell, u32 count);

#endif /* _VMXNET3_RECONF_H */

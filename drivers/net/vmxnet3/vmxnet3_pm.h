/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sleep and what is like it: the device stands still, keeps its configuration,
 * and starts anew afterwards.
 */
#ifndef _VMXNET3_PM_H
#define _VMXNET3_PM_H

#include <linux/pci.h>
#include <linux/pm.h>

#include "vmxnet3_hw.h"

struct vmxnet3_shell;

/**
 * enum vmxnet3_quiesce_why - why a device is to stand still
 * @VMXNET3_QUIESCE_SLEEP: it will be needed again; fails if it cannot be
 * @VMXNET3_QUIESCE_WAKE: the same, but it may have to wake the machine up
 * @VMXNET3_QUIESCE_FORCE: it is in trouble, or is going to be reset: does not
 *	fail
 */
enum vmxnet3_quiesce_why {
	VMXNET3_QUIESCE_SLEEP,
	VMXNET3_QUIESCE_WAKE,
	VMXNET3_QUIESCE_FORCE,
};

extern const struct dev_pm_ops vmxnet3_pm_ops;
extern const struct pci_error_handlers vmxnet3_error_handlers;

int vmxnet3_pm_init(struct vmxnet3_shell *shell);
void vmxnet3_pm_exit(struct vmxnet3_shell *shell);
void vmxnet3_pm_fill(struct vmxnet3_pm_conf *conf, u32 wol, const u8 *mac,
		     const __be32 *addrs, u32 count);
int vmxnet3_quiesce(struct vmxnet3_shell *shell, enum vmxnet3_quiesce_why why);
void vmxnet3_resume(struct vmxnet3_shell *shell);

#endif /* _VMXNET3_PM_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * devlink health reporter of a shell: resets.
 */
#ifndef _VMXNET3_HEALTH_H
#define _VMXNET3_HEALTH_H

#include <linux/types.h>

struct vmxnet3_shell;

int vmxnet3_health_create(struct vmxnet3_shell *shell);
void vmxnet3_health_destroy(struct vmxnet3_shell *shell);
void vmxnet3_health_report(struct vmxnet3_shell *shell, u32 cause);
void vmxnet3_health_recovered(struct vmxnet3_shell *shell);

#endif /* _VMXNET3_HEALTH_H */

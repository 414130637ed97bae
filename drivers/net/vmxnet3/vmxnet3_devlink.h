/* SPDX-License-Identifier: GPL-2.0 */
/*
 * devlink instance of a shell.
 */
#ifndef _VMXNET3_DEVLINK_H
#define _VMXNET3_DEVLINK_H

struct vmxnet3_shell;

int vmxnet3_devlink_register(struct vmxnet3_shell *shell);
void vmxnet3_devlink_unregister(struct vmxnet3_shell *shell);

#endif /* _VMXNET3_DEVLINK_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The switch between data paths.
 */
#ifndef _VMXNET3_SWITCH_H
#define _VMXNET3_SWITCH_H

#include <linux/types.h>

struct vmxnet3_shell;
struct vmxnet3_path;
struct work_struct;

void vmxnet3_switch_message(struct vmxnet3_shell *shell);
void vmxnet3_switch_force_back(struct vmxnet3_shell *shell, u32 reason);
void vmxnet3_switch_work(struct work_struct *work);
void vmxnet3_switch_alive_work(struct work_struct *work);
int vmxnet3_switch_to_emulated(struct vmxnet3_shell *shell,
			       struct vmxnet3_path *emulated, u32 msg_reason,
			       const char *why);
void vmxnet3_switch_empty_rx(struct vmxnet3_shell *shell);
void vmxnet3_conf_lock(struct vmxnet3_shell *shell);
void vmxnet3_conf_unlock(struct vmxnet3_shell *shell);

#endif /* _VMXNET3_SWITCH_H */

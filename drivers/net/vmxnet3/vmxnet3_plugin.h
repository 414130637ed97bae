/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The vmxnet3 plugin's functions, for shells that link it statically and call
 * it directly.  The contracts are those of struct npa_plugin_api.
 */
#ifndef _VMXNET3_PLUGIN_H
#define _VMXNET3_PLUGIN_H

#include <net/npa_shell.h>

/* What the shell tells it of the device, in npa_plugin_state.device_info */
#define VMXNET3_PLUGIN_INFO_REVISION	0	/* in use, 1 to 9 */
#define VMXNET3_PLUGIN_INFO_CAPS	1	/* VMXNET3_CAP_* in use */
/* Bytes per entry of rings; used if a queue has memory for its own, else 0 */
#define VMXNET3_PLUGIN_INFO_TX_DATA	2
#define VMXNET3_PLUGIN_INFO_RX_DATA	3
#define VMXNET3_PLUGIN_INFO_TX_STAMP	4
#define VMXNET3_PLUGIN_INFO_RX_STAMP	5

u32 vmxnet3_plugin_private_len(u32 num_queues);
u32 NPA_CALL vmxnet3_plugin_main(struct npa_plugin_api *api);
void NPA_CALL vmxnet3_plugin_enable_interrupt(struct npa_plugin_state *ps,
					      u32 intr);
u32 NPA_CALL vmxnet3_plugin_add_frame(struct npa_plugin_state *ps, u32 queue,
				      const struct npa_tx_info *info,
				      u32 last_hint);
u32 NPA_CALL vmxnet3_plugin_check_tx(struct npa_plugin_state *ps, u32 queue);
u32 NPA_CALL vmxnet3_plugin_check_rx(struct npa_plugin_state *ps, u32 queue,
				     u32 budget);
void NPA_CALL vmxnet3_plugin_add_buffers(struct npa_plugin_state *ps,
					 u32 queue);

#endif /* _VMXNET3_PLUGIN_H */

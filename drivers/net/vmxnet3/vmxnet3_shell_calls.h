/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The shell's functions as the statically linked plugin calls them: the same
 * contracts as struct npa_shell_api, without the detour over the table.
 */
#ifndef _VMXNET3_SHELL_CALLS_H
#define _VMXNET3_SHELL_CALLS_H

#include <net/npa_shell.h>

u32 NPA_CALL vmxnet3_alloc_small_buffers(void *rx_handle, u32 first_id,
					 u32 count, u64 *addr);
u32 NPA_CALL vmxnet3_alloc_large_buffers(void *rx_handle, u32 first_id,
					 u32 count, u64 *addr);
void NPA_CALL vmxnet3_free_buffer(void *rx_handle, u32 buf_id);
void NPA_CALL vmxnet3_complete_send(void *tx_handle, u32 count);
void NPA_CALL vmxnet3_indicate_recv(void *rx_handle,
				    const struct npa_rx_frame *frame);
void NPA_CALL vmxnet3_indicate_copy(void *rx_handle,
				    const struct npa_rx_frame *frame, u32 seg,
				    u32 offset);

/* What a plugin of its own would fetch from the table in its state. */

static inline u32 npa_alloc_small_buffers(struct npa_plugin_state *ps,
					  void *rx_handle, u32 first_id,
					  u32 count, u64 *addr)
{
	return vmxnet3_alloc_small_buffers(rx_handle, first_id, count, addr);
}

static inline u32 npa_alloc_large_buffers(struct npa_plugin_state *ps,
					  void *rx_handle, u32 first_id,
					  u32 count, u64 *addr)
{
	return vmxnet3_alloc_large_buffers(rx_handle, first_id, count, addr);
}

static inline void npa_free_buffer(struct npa_plugin_state *ps,
				   void *rx_handle, u32 buf_id)
{
	vmxnet3_free_buffer(rx_handle, buf_id);
}

static inline void npa_complete_send(struct npa_plugin_state *ps,
				     void *tx_handle, u32 count)
{
	vmxnet3_complete_send(tx_handle, count);
}

static inline void npa_indicate_recv(struct npa_plugin_state *ps,
				     void *rx_handle,
				     const struct npa_rx_frame *frame)
{
	vmxnet3_indicate_recv(rx_handle, frame);
}

static inline void npa_indicate_copy(struct npa_plugin_state *ps,
				     void *rx_handle,
				     const struct npa_rx_frame *frame, u32 seg,
				     u32 offset)
{
	vmxnet3_indicate_copy(rx_handle, frame, seg, offset);
}

#endif /* _VMXNET3_SHELL_CALLS_H */

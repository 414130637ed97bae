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

#define npa_alloc_small_buffers(ps, ...) \
	vmxnet3_alloc_small_buffers(__VA_ARGS__)
#define npa_alloc_large_buffers(ps, ...) \
	vmxnet3_alloc_large_buffers(__VA_ARGS__)
#define npa_free_buffer(ps, ...)	vmxnet3_free_buffer(__VA_ARGS__)
#define npa_complete_send(ps, ...)	vmxnet3_complete_send(__VA_ARGS__)
#define npa_indicate_recv(ps, ...)	vmxnet3_indicate_recv(__VA_ARGS__)

#endif /* _VMXNET3_SHELL_CALLS_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the device tells its driver about a received frame.
 */
#ifndef NPAD_VMXNET3_RX_META_H
#define NPAD_VMXNET3_RX_META_H

#include "vmxnet3_dev.h"

/**
 * struct rx_meta - what completions say, but for the frame's place in memory
 * @ctl: of the last one
 * @hash: of the last one
 * @len: of the last one
 * @flags: of the last one
 * @segments: the first one is of type RX_LRO and says that so many segments
 *	were merged; 0: it is not
 * @mss: bytes in each of them
 * @csum_at: offset in the frame of a checksum that was not finished, 0: none
 * @csum: to be put there, as it lies in memory
 */
struct rx_meta {
	uint32_t ctl;
	uint32_t hash;
	uint32_t len;
	uint32_t flags;
	unsigned int segments;
	uint16_t mss;
	size_t csum_at;
	uint16_t csum;
};

/* Returns the queue that the frame is for. */
unsigned int vmxnet3_rx_describe(const struct vmxnet3_dev *dev,
				 const struct frame *f, struct rx_meta *meta);

#endif

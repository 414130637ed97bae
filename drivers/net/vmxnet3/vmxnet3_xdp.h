/* SPDX-License-Identifier: GPL-2.0 */
/*
 * XDP: a program sees frames before the stack does, and sends some back or
 * elsewhere.  What the rest of the shell calls, and what its two files share.
 */
#ifndef _VMXNET3_XDP_H
#define _VMXNET3_XDP_H

#include <linux/netdevice.h>
#include <net/xdp.h>

#include "vmxnet3_shell.h"

/* Frames to send back that are collected; NAPI takes no more in one poll. */
#define VMXNET3_XDP_BACKLOG	NAPI_POLL_WEIGHT

/**
 * struct vmxnet3_xdp_buff - the frame that a program looks at
 * @xdp: for the program; the first member, see the metadata functions
 * @frame: what the plugin said of it
 */
struct vmxnet3_xdp_buff {
	struct xdp_buff xdp;
	const struct npa_rx_frame *frame;
};

/**
 * struct vmxnet3_xdp_back - a frame to send back
 * @owner: address of the page that holds all of it, or of its xdp_frame, with
 *	%VMXNET3_TX_XDP_PAGE or %VMXNET3_TX_XDP_FRAME
 * @data: its first byte
 * @len: bytes, of a page; as an xdp_frame it knows that itself
 * @tagged: it came with a VLAN tag, and leaves with the same
 * @tag: that
 */
struct vmxnet3_xdp_back {
	unsigned long owner;
	void *data;
	u32 len;
	u16 tagged;
	u16 tag;
};

/**
 * struct vmxnet3_xdp_ring - what XDP needs of a receive ring
 * @rxq: for programs
 * @buff: the frame at hand
 * @prog: program of this poll, NULL if there is none
 * @dir: how the device uses the buffers
 * @redirected: a frame was, in this poll
 * @stats: of the queue pair; within an update of theirs during a poll
 * @backlog_len: frames in @backlog
 * @backlog: frames to send back.  They stay from one poll to the next while the
 *	TX queue moves to another path
 */
struct vmxnet3_xdp_ring {
	struct xdp_rxq_info rxq;
	struct vmxnet3_xdp_buff buff;
	struct bpf_prog *prog;
	enum dma_data_direction dir;
	bool redirected;
	struct vmxnet3_xdp_stats_rx *stats;
	u32 backlog_len;
	struct vmxnet3_xdp_back backlog[VMXNET3_XDP_BACKLOG];
};

static inline void vmxnet3_xdp_count(struct vmxnet3_xdp_ring *x,
				     enum vmxnet3_xdp_stat stat, u32 count)
{
	u64_stats_add(&x->stats->count[stat], count);
}

/* vmxnet3_xdp.c: programs, and what they say of received frames */

extern const struct xdp_metadata_ops vmxnet3_xdp_metadata_ops;

int vmxnet3_xdp_ring_alloc(struct vmxnet3_rx_ring *ring);
void vmxnet3_xdp_ring_free(struct vmxnet3_rx_ring *ring);
u32 vmxnet3_xdp_alloc_buffers(struct vmxnet3_rx_ring *ring, u32 first_id,
			      u32 count, u64 *addr);
void vmxnet3_xdp_indicate(struct vmxnet3_rx_ring *ring,
			  const struct npa_rx_frame *frame);
bool vmxnet3_xdp_begin(struct vmxnet3_queue *q, struct vmxnet3_rx_ring *ring);
void vmxnet3_xdp_end(struct vmxnet3_queue *q, struct vmxnet3_rx_ring *ring);
int vmxnet3_bpf(struct net_device *netdev, struct netdev_bpf *bpf);
bool vmxnet3_xdp_mtu_ok(struct vmxnet3_shell *shell, u32 mtu);
void vmxnet3_xdp_stats(const struct vmxnet3_queue *q, u64 *count);

/* vmxnet3_xdp_tx.c: frames that XDP sends */

bool vmxnet3_xdp_send_back(struct vmxnet3_queue *q,
			   struct vmxnet3_xdp_ring *x);
void vmxnet3_xdp_drop_back(struct vmxnet3_xdp_ring *x);
int vmxnet3_xdp_xmit(struct net_device *netdev, int count,
		     struct xdp_frame **frames, u32 flags);
bool vmxnet3_xdp_release(struct vmxnet3_tx_ring *ring,
			 struct vmxnet3_tx_slot *slot);

#endif /* _VMXNET3_XDP_H */

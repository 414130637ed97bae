// SPDX-License-Identifier: GPL-2.0
/*
 * XDP: attaching programs, buffers that are fit for them, and what becomes of a
 * received frame by a program's verdict.
 *
 * A frame that is dropped leaves its page where it is: the next buffer under
 * that id is the same one.  Frames to send back are collected, and sent at the
 * end of the poll with one doorbell.
 */
#include <linux/bpf.h>
#include <linux/bpf_trace.h>
#include <linux/dma-mapping.h>
#include <linux/filter.h>
#include <linux/rtnetlink.h>
#include <net/page_pool/helpers.h>

#include "vmxnet3_reconf.h"
#include "vmxnet3_xdp.h"

/* Where a buffer is said to be, so that its headroom is all that there is. */
#define VMXNET3_XDP_OFFSET	(XDP_PACKET_HEADROOM - VMXNET3_RX_HEADROOM)

static_assert(VMXNET3_XDP_TRUESIZE <= PAGE_SIZE);
static_assert(offsetof(struct vmxnet3_xdp_buff, xdp) == 0);

/* Buffers */

static void *vmxnet3_xdp_hard_start(const struct vmxnet3_rx_slot *slot)
{
	return page_address(slot->page) + slot->offset - VMXNET3_XDP_OFFSET;
}

static dma_addr_t vmxnet3_xdp_addr(const struct vmxnet3_rx_slot *slot)
{
	return page_pool_get_dma_addr(slot->page) + slot->offset +
	       VMXNET3_RX_HEADROOM;
}

static bool vmxnet3_xdp_fill(struct vmxnet3_rx_ring *ring,
			     struct vmxnet3_rx_slot *slot)
{
	u32 offset = 0;
	struct page *page;

	if (PAGE_SIZE == VMXNET3_XDP_TRUESIZE)
		page = page_pool_alloc_pages(ring->pool, ring->gfp);
	else
		page = page_pool_alloc_frag(ring->pool, &offset,
					    VMXNET3_XDP_TRUESIZE, ring->gfp);
	if (unlikely(!page)) {
		ring->alloc_fails++;
		return false;
	}
	slot->page = page;
	slot->offset = offset + VMXNET3_XDP_OFFSET;
	slot->large = false;
	return true;
}

/* The page is still there: after a drop, or after a report that was refused. */
static bool vmxnet3_xdp_again(struct vmxnet3_rx_ring *ring,
			      struct vmxnet3_rx_slot *slot)
{
	if (unlikely(!slot->spare && !slot->returned)) {
		vmxnet3_path_bad_report(ring->path, VMXNET3_BAD_IN_USE);
		return false;
	}
	dma_sync_single_for_device(ring->path->shell->dev,
				   vmxnet3_xdp_addr(slot), VMXNET3_XDP_LEN,
				   ring->xdp->dir);
	return true;
}

/**
 * vmxnet3_xdp_alloc_buffers() - buffers of either kind, on a ring with XDP
 * @ring: the ring
 * @first_id: of the buffers
 * @count: how many
 * @addr: receives DMA addresses
 *
 * Return: how many were allocated.
 */
u32 vmxnet3_xdp_alloc_buffers(struct vmxnet3_rx_ring *ring, u32 first_id,
			      u32 count, u64 *addr)
{
	u32 i;

	if (unlikely(first_id >= ring->num_slots ||
		     count > ring->num_slots - first_id)) {
		vmxnet3_path_bad_report(ring->path, VMXNET3_BAD_ID);
		return 0;
	}
	for (i = 0; i < count; i++) {
		struct vmxnet3_rx_slot *slot = &ring->slots[first_id + i];

		if (slot->page) {
			if (!vmxnet3_xdp_again(ring, slot))
				break;
		} else if (!vmxnet3_xdp_fill(ring, slot)) {
			break;
		}
		slot->spare = false;
		slot->returned = false;
		addr[i] = vmxnet3_xdp_addr(slot);
	}
	return i;
}

/**
 * vmxnet3_xdp_ring_alloc() - have a receive ring ready for XDP
 * @ring: it has its pool, and no buffers
 *
 * Context: process, conf_lock held.
 * Return: 0 or a negative errno; in any case vmxnet3_xdp_ring_free() is to
 * follow.
 */
int vmxnet3_xdp_ring_alloc(struct vmxnet3_rx_ring *ring)
{
	struct vmxnet3_xdp_ring *x;
	int err;

	BUILD_BUG_ON(XDP_PACKET_HEADROOM < VMXNET3_RX_HEADROOM);
	x = vmxnet3_path_zalloc(sizeof(*x));
	if (!x)
		return -ENOMEM;
	ring->xdp = x;
	ring->plain_slots = 0;
	x->dir = page_pool_get_dma_dir(ring->pool);
	x->stats = &ring->path->shell->queues[ring->index].xdp_stats;
	err = __xdp_rxq_info_reg(&x->rxq, ring->netdev, ring->index,
				 ring->napi->napi_id, VMXNET3_XDP_TRUESIZE);
	if (err)
		return err;
	xdp_init_buff(&x->buff.xdp, VMXNET3_XDP_TRUESIZE, &x->rxq);
	return xdp_rxq_info_reg_mem_model(&x->rxq, MEM_TYPE_PAGE_POOL,
					  ring->pool);
}

/**
 * vmxnet3_xdp_ring_free() - undo vmxnet3_xdp_ring_alloc()
 * @ring: its pool still exists, its buffers do not; with or without XDP
 *
 * Context: process.
 */
void vmxnet3_xdp_ring_free(struct vmxnet3_rx_ring *ring)
{
	if (!ring->xdp)
		return;
	u64_stats_update_begin(&ring->xdp->stats->sync);
	vmxnet3_xdp_drop_back(ring->xdp);
	u64_stats_update_end(&ring->xdp->stats->sync);
	if (xdp_rxq_info_is_reg(&ring->xdp->rxq))
		xdp_rxq_info_unreg(&ring->xdp->rxq);
	kvfree(ring->xdp);
	ring->xdp = NULL;
}

/* Received frames */

static void vmxnet3_xdp_sync(const struct vmxnet3_rx_ring *ring,
			     const struct vmxnet3_rx_slot *slot, u32 len)
{
	dma_sync_single_for_cpu(ring->path->shell->dev, vmxnet3_xdp_addr(slot),
				len, ring->xdp->dir);
}

/* The frame is in the stack's or the program's hands: the ids are empty. */
static void vmxnet3_xdp_leave(struct vmxnet3_rx_ring *ring,
			      const struct npa_rx_frame *frame)
{
	u32 i = 0;

	do {
		ring->slots[frame->sg[i].buf_id].page = NULL;
	} while (unlikely(++i < frame->sg_count));
}

/*
 * The frame is of no use.  Only what the program has left of it is still
 * ours: the first buffer always, the others unless it cut the frame.
 */
static noinline void vmxnet3_xdp_recycle(struct vmxnet3_rx_ring *ring,
					 const struct npa_rx_frame *frame,
					 struct xdp_buff *xdp)
{
	if (likely(frame->sg_count == 1)) {
		ring->slots[frame->sg[0].buf_id].spare = true;
		return;
	}
	vmxnet3_xdp_leave(ring, frame);
	xdp_return_buff(xdp);
}

static void vmxnet3_xdp_pass(struct vmxnet3_rx_ring *ring,
			     const struct npa_rx_frame *frame,
			     struct xdp_buff *xdp)
{
	const struct skb_shared_info *sinfo = xdp_get_shared_info_from_buff(xdp);
	u32 nr_frags = 0, frags_len = 0;
	struct sk_buff *skb;

	/* Building the sk_buff clears these. */
	if (unlikely(xdp_buff_has_frags(xdp))) {
		nr_frags = sinfo->nr_frags;
		frags_len = sinfo->xdp_frags_size;
	}
	skb = napi_build_skb(xdp->data_hard_start, xdp->frame_sz);
	if (unlikely(!skb)) {
		ring->drops++;
		vmxnet3_xdp_recycle(ring, frame, xdp);
		return;
	}
	vmxnet3_xdp_leave(ring, frame);
	skb_mark_for_recycle(skb);
	skb_reserve(skb, xdp->data - xdp->data_hard_start);
	__skb_put(skb, xdp->data_end - xdp->data);
	if (xdp->data > xdp->data_meta)
		skb_metadata_set(skb, xdp->data - xdp->data_meta);
	if (unlikely(nr_frags)) {
		skb_shinfo(skb)->nr_frags = nr_frags;
		skb->len += frags_len;
		skb->data_len += frags_len;
		skb->truesize += nr_frags * VMXNET3_XDP_TRUESIZE;
		if (xdp->flags & XDP_FLAGS_FRAGS_PF_MEMALLOC)
			skb->pfmemalloc = true;
	}
	vmxnet3_rx_stack(ring, frame, skb);
}

/* Where to note a frame to send back, NULL if there is no more room. */
static __always_inline struct vmxnet3_xdp_back *
vmxnet3_xdp_new_back(struct vmxnet3_xdp_ring *x,
		     const struct npa_rx_frame *frame)
{
	struct vmxnet3_xdp_back *back;

	if (unlikely(x->backlog_len >= VMXNET3_XDP_BACKLOG))
		return NULL;
	back = &x->backlog[x->backlog_len++];
	back->tagged = frame->flags & NPA_RX_VLAN;
	back->tag = frame->vlan_tag;
	return back;
}

/* Note one that is in a page. */
static __always_inline bool vmxnet3_xdp_back(struct vmxnet3_rx_ring *ring,
					     const struct npa_rx_frame *frame,
					     const struct vmxnet3_rx_slot *slot,
					     const struct xdp_buff *xdp)
{
	struct vmxnet3_xdp_back *back = vmxnet3_xdp_new_back(ring->xdp, frame);

	if (unlikely(!back))
		return false;
	back->owner = (unsigned long)slot->page | VMXNET3_TX_XDP_PAGE;
	back->data = xdp->data;
	back->len = xdp->data_end - xdp->data;
	return true;
}

/* Keep a frame that came in several pages until the end of the poll. */
static noinline bool vmxnet3_xdp_back_any(struct vmxnet3_rx_ring *ring,
					  const struct npa_rx_frame *frame,
					  struct xdp_buff *xdp)
{
	struct vmxnet3_xdp_back *back;
	struct xdp_frame *xdpf;

	if (xdp_buff_has_frags(xdp)) {
		xdpf = xdp_convert_buff_to_frame(xdp);
		if (unlikely(!xdpf))
			return false;
		back = vmxnet3_xdp_new_back(ring->xdp, frame);
		if (unlikely(!back))
			return false;
		back->owner = (unsigned long)xdpf | VMXNET3_TX_XDP_FRAME;
	} else if (!vmxnet3_xdp_back(ring, frame,
				     &ring->slots[frame->sg[0].buf_id], xdp)) {
		return false;
	}
	vmxnet3_xdp_leave(ring, frame);
	return true;
}

static void vmxnet3_xdp_redirect(struct vmxnet3_rx_ring *ring,
				 const struct npa_rx_frame *frame,
				 struct xdp_buff *xdp)
{
	struct vmxnet3_xdp_ring *x = ring->xdp;

	if (unlikely(xdp_do_redirect(ring->netdev, xdp, x->prog))) {
		vmxnet3_xdp_count(x, VMXNET3_XDP_STAT_REDIRECT_ERRORS, 1);
		vmxnet3_xdp_recycle(ring, frame, xdp);
		return;
	}
	x->redirected = true;
	vmxnet3_xdp_count(x, VMXNET3_XDP_STAT_REDIRECT, 1);
	vmxnet3_xdp_leave(ring, frame);
}

/*
 * Do as the program says with the frame at hand.  @slot is that of a frame that
 * came in one buffer, NULL if there may be several.
 */
static __always_inline void vmxnet3_xdp_run(struct vmxnet3_rx_ring *ring,
					    const struct npa_rx_frame *frame,
					    struct vmxnet3_rx_slot *slot,
					    struct xdp_buff *xdp)
{
	struct vmxnet3_xdp_ring *x = ring->xdp;
	struct bpf_prog *prog = x->prog;
	u32 verdict;

	if (unlikely(!prog)) {
		vmxnet3_xdp_pass(ring, frame, xdp);
		return;
	}
	verdict = bpf_prog_run_xdp(prog, xdp);
	switch (verdict) {
	case XDP_DROP:
		vmxnet3_xdp_count(x, VMXNET3_XDP_STAT_DROP, 1);
		if (slot)
			slot->spare = true;
		else
			vmxnet3_xdp_recycle(ring, frame, xdp);
		return;
	case XDP_TX:
		if (slot && likely(vmxnet3_xdp_back(ring, frame, slot, xdp))) {
			slot->page = NULL;
			return;
		}
		if (!slot && vmxnet3_xdp_back_any(ring, frame, xdp))
			return;
		vmxnet3_xdp_count(x, VMXNET3_XDP_STAT_TX_ERRORS, 1);
		vmxnet3_xdp_recycle(ring, frame, xdp);
		return;
	case XDP_PASS:
		vmxnet3_xdp_count(x, VMXNET3_XDP_STAT_PASS, 1);
		vmxnet3_xdp_pass(ring, frame, xdp);
		return;
	case XDP_REDIRECT:
		vmxnet3_xdp_redirect(ring, frame, xdp);
		return;
	default:
		bpf_warn_invalid_xdp_action(ring->netdev, prog, verdict);
		fallthrough;
	case XDP_ABORTED:
		trace_xdp_exception(ring->netdev, prog, verdict);
		vmxnet3_xdp_count(x, VMXNET3_XDP_STAT_ABORTED, 1);
		vmxnet3_xdp_recycle(ring, frame, xdp);
		return;
	}
}

static __always_inline void vmxnet3_xdp_take(struct vmxnet3_rx_ring *ring,
					     const struct npa_rx_frame *frame)
{
	ring->budget--;
	u64_stats_inc(&ring->stats->packets);
	u64_stats_add(&ring->stats->bytes, frame->byte_length);
}

/* Fill in the frame at hand, its first buffer. */
static __always_inline struct xdp_buff *
vmxnet3_xdp_prepare(struct vmxnet3_rx_ring *ring,
		    const struct npa_rx_frame *frame,
		    const struct vmxnet3_rx_slot *slot, u32 offset, u32 len)
{
	struct vmxnet3_xdp_buff *buff = &ring->xdp->buff;

	xdp_buff_clear_frags_flag(&buff->xdp);
	xdp_prepare_buff(&buff->xdp, vmxnet3_xdp_hard_start(slot),
			 XDP_PACKET_HEADROOM + offset, len, true);
	buff->frame = frame;
	return &buff->xdp;
}

/* Kernels before 6.14 find it out by themselves, see vmxnet3_compat.h. */
static void vmxnet3_xdp_set_truesize(struct skb_shared_info *sinfo)
{
#ifndef VMXNET3_NO_FRAGS_TRUESIZE
	sinfo->xdp_frags_truesize = sinfo->nr_frags * VMXNET3_XDP_TRUESIZE;
#endif
}

static void vmxnet3_xdp_add_frags(struct vmxnet3_rx_ring *ring,
				  const struct npa_rx_frame *frame,
				  struct xdp_buff *xdp)
{
	struct skb_shared_info *sinfo = xdp_get_shared_info_from_buff(xdp);
	u32 i;

	sinfo->nr_frags = 0;
	sinfo->xdp_frags_size = 0;
	for (i = 1; i < frame->sg_count; i++) {
		u32 len = frame->sg[i].length;
		struct vmxnet3_rx_slot *slot;

		slot = &ring->slots[frame->sg[i].buf_id];
		vmxnet3_xdp_sync(ring, slot, len);
		skb_frag_fill_page_desc(&sinfo->frags[sinfo->nr_frags++],
					slot->page,
					slot->offset + VMXNET3_RX_HEADROOM,
					len);
		sinfo->xdp_frags_size += len;
		if (page_is_pfmemalloc(slot->page))
			xdp_buff_set_frag_pfmemalloc(xdp);
	}
	vmxnet3_xdp_set_truesize(sinfo);
	xdp_buff_set_frags_flag(xdp);
}

/* A frame in pieces, damaged, or a lie. */
static noinline void vmxnet3_xdp_any(struct vmxnet3_rx_ring *ring,
				     const struct npa_rx_frame *frame)
{
	u32 offset = frame->first_sg_offset;
	enum vmxnet3_bad_report bad;
	struct vmxnet3_rx_slot *slot;
	struct xdp_buff *xdp;
	u32 len;

	bad = vmxnet3_rx_check(ring, frame);
	if (unlikely(bad != VMXNET3_BAD_REPORTS)) {
		vmxnet3_rx_refuse(ring, frame, bad);
		return;
	}
	ring->unfilled += frame->sg_count - 1;
	len = frame->sg[0].length - offset;
	/* The stack and programs want the header in the first piece. */
	if (unlikely(frame->flags & (NPA_RX_ERROR | NPA_RX_MERGED) ||
		     frame->mss || len < ETH_HLEN)) {
		ring->budget--;
		vmxnet3_rx_discard(ring, frame);
		return;
	}
	vmxnet3_xdp_take(ring, frame);
	slot = &ring->slots[frame->sg[0].buf_id];
	vmxnet3_xdp_sync(ring, slot, len + offset);
	xdp = vmxnet3_xdp_prepare(ring, frame, slot, offset, len);
	if (frame->sg_count > 1)
		vmxnet3_xdp_add_frags(ring, frame, xdp);
	vmxnet3_xdp_run(ring, frame, NULL, xdp);
}

/**
 * vmxnet3_xdp_indicate() - a frame was received on a ring with XDP
 * @ring: the ring
 * @frame: what was received
 *
 * Context: within vmxnet3_xdp_begin() and vmxnet3_xdp_end(), if the plugin
 * behaves.
 */
void vmxnet3_xdp_indicate(struct vmxnet3_rx_ring *ring,
			  const struct npa_rx_frame *frame)
{
	const struct npa_rx_sg *sg = frame->sg;
	struct vmxnet3_rx_slot *slot;
	u32 len = frame->byte_length;

	if (unlikely(frame->sg_count != 1 || frame->first_sg_offset ||
		     frame->mss ||
		     frame->flags & (NPA_RX_ERROR | NPA_RX_MERGED) ||
		     !ring->budget || sg->buf_id >= ring->num_slots))
		goto any;
	slot = &ring->slots[sg->buf_id];
	if (unlikely(!slot->page || slot->spare || sg->length != len ||
		     len - ETH_HLEN > VMXNET3_XDP_LEN - ETH_HLEN))
		goto any;

	vmxnet3_xdp_take(ring, frame);
	if (unlikely(ring->need_sync))
		vmxnet3_xdp_sync(ring, slot, len);
	vmxnet3_xdp_run(ring, frame, slot,
			vmxnet3_xdp_prepare(ring, frame, slot, 0, len));
	return;
any:
	vmxnet3_xdp_any(ring, frame);
}

/**
 * vmxnet3_xdp_begin() - before frames are taken from a ring
 * @q: queue pair
 * @ring: the ring, with XDP or without
 *
 * Context: poll.
 * Return: false if none are to be taken: frames to send back wait for their
 * queue, and poll comes again.
 */
bool vmxnet3_xdp_begin(struct vmxnet3_queue *q, struct vmxnet3_rx_ring *ring)
{
	struct vmxnet3_xdp_ring *x = ring->xdp;

	if (!x)
		return true;
	u64_stats_update_begin(&x->stats->sync);
	if (unlikely(x->backlog_len) && !vmxnet3_xdp_send_back(q, x)) {
		u64_stats_update_end(&x->stats->sync);
		return false;
	}
	x->prog = rcu_dereference_bh(q->shell->xdp_prog);
	return true;
}

/**
 * vmxnet3_xdp_end() - after frames were taken
 * @q: queue pair
 * @ring: the ring, with XDP or without
 *
 * Context: poll.
 */
void vmxnet3_xdp_end(struct vmxnet3_queue *q, struct vmxnet3_rx_ring *ring)
{
	struct vmxnet3_xdp_ring *x = ring->xdp;

	if (!x)
		return;
	if (x->backlog_len)
		vmxnet3_xdp_send_back(q, x);
	if (x->redirected) {
		x->redirected = false;
		xdp_do_flush();
	}
	u64_stats_update_end(&x->stats->sync);
}

/* What a program can ask of the frame at hand */

static const struct npa_rx_frame *vmxnet3_xdp_frame(const struct xdp_md *ctx)
{
	return ((const struct vmxnet3_xdp_buff *)ctx)->frame;
}

static int vmxnet3_xdp_rx_hash(const struct xdp_md *ctx, u32 *hash,
			       enum xdp_rss_hash_type *type)
{
	const struct npa_rx_frame *frame = vmxnet3_xdp_frame(ctx);
	struct vmxnet3_xdp_buff *buff = (struct vmxnet3_xdp_buff *)ctx;
	u32 bits = 0;

	if (!(buff->xdp.rxq->dev->features & NETIF_F_RXHASH) ||
	    frame->hash_type == NPA_HASH_NONE)
		return -ENODATA;
	*hash = frame->hash;
	if (frame->flags & NPA_RX_IPV4)
		bits |= XDP_RSS_L3_IPV4;
	if (frame->flags & NPA_RX_IPV6)
		bits |= XDP_RSS_L3_IPV6;
	if (frame->hash_type == NPA_HASH_L4) {
		bits |= XDP_RSS_L4;
		if (frame->flags & NPA_RX_TCP)
			bits |= XDP_RSS_L4_TCP;
		if (frame->flags & NPA_RX_UDP)
			bits |= XDP_RSS_L4_UDP;
	}
	*type = bits;
	return 0;
}

static int vmxnet3_xdp_rx_vlan_tag(const struct xdp_md *ctx, __be16 *proto,
				   u16 *tag)
{
	const struct npa_rx_frame *frame = vmxnet3_xdp_frame(ctx);

	if (!(frame->flags & NPA_RX_VLAN))
		return -ENODATA;
	*proto = htons(ETH_P_8021Q);
	*tag = frame->vlan_tag;
	return 0;
}

const struct xdp_metadata_ops vmxnet3_xdp_metadata_ops = {
	.xmo_rx_hash = vmxnet3_xdp_rx_hash,
	.xmo_rx_vlan_tag = vmxnet3_xdp_rx_vlan_tag,
};

/* Programs */

/**
 * vmxnet3_xdp_mtu_ok() - can the program that is attached live with an MTU?
 * @shell: the device
 * @mtu: bytes
 *
 * Context: process, rtnl held.
 * Return: false if frames would come in several buffers, which it does not know.
 */
bool vmxnet3_xdp_mtu_ok(struct vmxnet3_shell *shell, u32 mtu)
{
	const struct bpf_prog *prog = rtnl_dereference(shell->xdp_prog);

	return !prog || prog->aux->xdp_has_frags || mtu <= VMXNET3_XDP_MAX_MTU;
}

static int vmxnet3_xdp_check(struct vmxnet3_shell *shell,
			     const struct bpf_prog *prog,
			     struct netlink_ext_ack *extack)
{
	if (!prog || prog->aux->xdp_has_frags ||
	    shell->cfg.mtu <= VMXNET3_XDP_MAX_MTU)
		return 0;
	NL_SET_ERR_MSG_FMT_MOD(extack,
			       "MTU %u is more than %lu, the most for a program without frags",
			       shell->cfg.mtu,
			       (unsigned long)VMXNET3_XDP_MAX_MTU);
	return -EOPNOTSUPP;
}

/*
 * Buffers as programs need them, or as the stack likes them.  Merged segments
 * are nothing for programs, so LRO is off meanwhile.
 */
static int vmxnet3_xdp_buffers(struct vmxnet3_shell *shell, bool xdp,
			       struct netlink_ext_ack *extack)
{
	const netdev_features_t lro = NETIF_F_LRO | NETIF_F_RXCSUM;
	struct vmxnet3_config cfg = shell->cfg;

	cfg.xdp = xdp;
	cfg.lro = !xdp && (shell->netdev->wanted_features & lro) == lro;
	return vmxnet3_reconfigure(shell, &cfg, "XDP", extack);
}

static int vmxnet3_xdp_set(struct vmxnet3_shell *shell, struct bpf_prog *prog,
			   struct netlink_ext_ack *extack)
{
	struct bpf_prog *old = rtnl_dereference(shell->xdp_prog);
	int err;

	err = vmxnet3_xdp_check(shell, prog, extack);
	if (err)
		return err;
	if (prog && !shell->cfg.xdp) {
		err = vmxnet3_xdp_buffers(shell, true, extack);
		if (err)
			return err;
	}
	rcu_assign_pointer(shell->xdp_prog, prog);
	if (old)
		bpf_prog_put(old);
	/* The program is gone whether or not there is memory for other rings. */
	if (!prog && shell->cfg.xdp && vmxnet3_xdp_buffers(shell, false, NULL))
		netdev_warn(shell->netdev, "keeping the buffers for XDP\n");
	if (!prog != !old && shell->netdev->reg_state == NETREG_REGISTERED)
		netdev_update_features(shell->netdev);
	return 0;
}

/**
 * vmxnet3_bpf() - ndo_bpf
 * @netdev: the shell's netdev
 * @bpf: what is to be done
 *
 * Context: process, rtnl held.
 * Return: 0 or a negative errno; nothing has changed then.
 */
int vmxnet3_bpf(struct net_device *netdev, struct netdev_bpf *bpf)
{
	if (bpf->command != XDP_SETUP_PROG)
		return -EINVAL;
	return vmxnet3_xdp_set(netdev_priv(netdev), bpf->prog, bpf->extack);
}

/**
 * vmxnet3_xdp_stats() - read the XDP counters of a queue pair
 * @q: the pair, in use or not
 * @count: receives %VMXNET3_XDP_STATS of them
 */
void vmxnet3_xdp_stats(const struct vmxnet3_queue *q, u64 *count)
{
	const struct vmxnet3_xdp_stats_rx *rx = &q->xdp_stats;
	const struct vmxnet3_xdp_stats_tx *tx = &q->xdp_xmit_stats;
	unsigned int start;
	u32 i;

	do {
		start = u64_stats_fetch_begin(&rx->sync);
		for (i = 0; i < VMXNET3_XDP_STATS_RX; i++)
			count[i] = u64_stats_read(&rx->count[i]);
	} while (u64_stats_fetch_retry(&rx->sync, start));
	do {
		start = u64_stats_fetch_begin(&tx->sync);
		count[VMXNET3_XDP_STAT_XMIT] = u64_stats_read(&tx->xmit);
		count[VMXNET3_XDP_STAT_XMIT_ERRORS] =
			u64_stats_read(&tx->xmit_errors);
	} while (u64_stats_fetch_retry(&tx->sync, start));
}

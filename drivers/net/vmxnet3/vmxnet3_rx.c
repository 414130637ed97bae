// SPDX-License-Identifier: GPL-2.0
/*
 * The shell's RX side: buffers for the plugin, and from the frames it reports
 * to sk_buffs.  Nothing that a plugin says is used before it was checked.
 */
#include <kunit/static_stub.h>
#include <linux/dma-mapping.h>
#include <linux/etherdevice.h>
#include <linux/prefetch.h>
#include <net/page_pool/helpers.h>

#include "vmxnet3_plugin.h"
#include "vmxnet3_shell.h"
#include "vmxnet3_shell_calls.h"
#include "vmxnet3_xdp.h"

static_assert(NPA_RX_MAX_SG <= MAX_SKB_FRAGS);

#define VMXNET3_RX_PAUSE_MIN_US	50
#define VMXNET3_RX_PAUSE_MAX_US	10000
#define VMXNET3_RX_PAUSE_RATIO	2	/* pauses to work */
#define VMXNET3_RX_FILL_BATCH	128	/* buffers got between two pauses */
#define VMXNET3_RX_DROP_BATCH	32	/* buffers freed between two pauses */

/* Flags of frames that vmxnet3_indicate_any() has to look at. */
#define VMXNET3_RX_SPECIAL	(NPA_RX_ERROR | NPA_RX_INNER | NPA_RX_MERGED | \
				 NPA_RX_MAYBE_MERGED)

/**
 * vmxnet3_rx_rest() - sleep for the traffic's sake
 * @us: microseconds, at least
 *
 * A function for the sake of tests.
 *
 * Context: process.
 */
void vmxnet3_rx_rest(u32 us)
{
	KUNIT_STATIC_STUB_REDIRECT(vmxnet3_rx_rest, us);
	usleep_range(us, us + us / 2);
}

/*
 * Let those run who wait for this processor.  Rings are filled and emptied
 * beside traffic, and the tasks that send and receive it are not to wait until
 * that is done: where the kernel preempts lazily a wakeup alone does not help
 * them before the next tick, and a scheduler that is fair lets a task finish
 * its slice.  So really sleep, in proportion to the work since the last time,
 * unless the traffic waits for us.
 */
static void vmxnet3_give_way(struct vmxnet3_shell *shell)
{
	s64 us;

	if (!test_bit(VMXNET3_STATE_ACTIVE, &shell->state) || shell->npa.hurry)
		return;
	us = ktime_us_delta(ktime_get(), shell->npa.rested);
	us = clamp(us * VMXNET3_RX_PAUSE_RATIO, VMXNET3_RX_PAUSE_MIN_US,
		   VMXNET3_RX_PAUSE_MAX_US);
	vmxnet3_rx_rest(us);
	shell->npa.rested = ktime_get();
}

/* A page pool gets 64 pages at once: there is no use in smaller batches. */
static noinline void vmxnet3_fill_slowly(struct vmxnet3_shell *shell, u32 count)
{
	shell->npa.filled += count;
	if (shell->npa.filled < VMXNET3_RX_FILL_BATCH)
		return;
	shell->npa.filled = 0;
	vmxnet3_give_way(shell);
}

static dma_addr_t vmxnet3_slot_addr(const struct vmxnet3_rx_slot *slot)
{
	return page_pool_get_dma_addr(slot->page) + slot->offset +
	       (slot->large ? 0 : VMXNET3_RX_HEADROOM);
}

/*
 * An id that has a buffer is not to get another one.  But if the plugin has
 * named it in a report that was refused, it thinks that the id is empty: it
 * gets the same buffer again, which is safe whoever writes to it.
 */
static bool vmxnet3_slot_again(struct vmxnet3_rx_ring *ring,
			       struct vmxnet3_rx_slot *slot, bool large)
{
	if (!slot->returned || slot->large != large) {
		vmxnet3_path_bad_report(ring->path, VMXNET3_BAD_IN_USE);
		return false;
	}
	slot->returned = false;
	dma_sync_single_for_device(ring->path->shell->dev,
				   vmxnet3_slot_addr(slot),
				   large ? VMXNET3_LARGE_LEN : ring->small_len,
				   DMA_FROM_DEVICE);
	return true;
}

static __always_inline bool
vmxnet3_slot_fill(struct vmxnet3_rx_ring *ring, struct vmxnet3_rx_slot *slot,
		  bool large)
{
	struct page *page;

	if (large) {
		slot->offset = 0;
		page = page_pool_alloc_pages(ring->pool, ring->gfp);
	} else {
		page = page_pool_alloc_frag(ring->pool, &slot->offset,
					    ring->small_truesize, ring->gfp);
	}
	if (unlikely(!page)) {
		ring->alloc_fails++;
		return false;
	}
	slot->page = page;
	slot->large = large;
	slot->returned = false;
	return true;
}

/* Get buffers from the pool and remember them under ids from first_id on. */
static __always_inline u32
vmxnet3_alloc_buffers(struct vmxnet3_rx_ring *ring, u32 first_id, u32 count,
		      u64 *addr, bool large)
{
	u32 i;

	if (unlikely(gfpflags_allow_blocking(ring->gfp)))
		vmxnet3_fill_slowly(ring->path->shell, count);
	if (unlikely(first_id >= ring->plain_slots ||
		     count > ring->plain_slots - first_id)) {
		if (ring->xdp)
			return vmxnet3_xdp_alloc_buffers(ring, first_id, count,
							 addr);
		vmxnet3_path_bad_report(ring->path, VMXNET3_BAD_ID);
		return 0;
	}
	/* In the middle of check_rx_ring(): poll would look this up too late. */
	if (unlikely(ring->budget))
		ring->need_sync = true;
	for (i = 0; i < count; i++) {
		struct vmxnet3_rx_slot *slot = &ring->slots[first_id + i];

		if (unlikely(slot->page)) {
			if (!vmxnet3_slot_again(ring, slot, large))
				break;
		} else if (!vmxnet3_slot_fill(ring, slot, large)) {
			break;
		}
		addr[i] = vmxnet3_slot_addr(slot);
	}
	return i;
}

/**
 * vmxnet3_alloc_small_buffers() - Shell API alloc_small_buffers()
 * @rx_handle: the ring
 * @first_id: of the buffers
 * @count: how many
 * @addr: receives DMA addresses
 *
 * Return: how many were allocated.
 */
u32 NPA_CALL vmxnet3_alloc_small_buffers(void *rx_handle, u32 first_id,
					 u32 count, u64 *addr)
{
	return vmxnet3_alloc_buffers(rx_handle, first_id, count, addr, false);
}

/**
 * vmxnet3_alloc_large_buffers() - Shell API alloc_large_buffers()
 * @rx_handle: the ring
 * @first_id: of the buffers
 * @count: how many
 * @addr: receives DMA addresses
 *
 * Return: how many were allocated.
 */
u32 NPA_CALL vmxnet3_alloc_large_buffers(void *rx_handle, u32 first_id,
					 u32 count, u64 *addr)
{
	return vmxnet3_alloc_buffers(rx_handle, first_id, count, addr, true);
}

/**
 * vmxnet3_slot_free() - give a buffer back to its pool
 * @ring: where it is
 * @slot: its slot, perhaps empty
 */
void vmxnet3_slot_free(struct vmxnet3_rx_ring *ring,
		       struct vmxnet3_rx_slot *slot)
{
	if (slot->page)
		page_pool_put_full_page(ring->pool, slot->page, false);
	slot->page = NULL;
}

/**
 * vmxnet3_free_buffer() - Shell API free_buffer()
 * @rx_handle: the ring
 * @buf_id: of the buffer
 */
void NPA_CALL vmxnet3_free_buffer(void *rx_handle, u32 buf_id)
{
	struct vmxnet3_rx_ring *ring = rx_handle;

	if (unlikely(buf_id >= ring->num_slots)) {
		vmxnet3_path_bad_report(ring->path, VMXNET3_BAD_ID);
		return;
	}
	if (unlikely(!ring->slots[buf_id].page || ring->slots[buf_id].spare)) {
		vmxnet3_path_bad_report(ring->path, VMXNET3_BAD_EMPTY);
		return;
	}
	vmxnet3_slot_free(ring, &ring->slots[buf_id]);
}

/*
 * Give a buffer's page back to the system: a pool does not keep a page that
 * somebody else holds.  It stays where it is while a part of it is in use.
 */
static void vmxnet3_slot_release(struct vmxnet3_rx_ring *ring,
				 struct vmxnet3_rx_slot *slot)
{
	struct page *page = slot->page;

	get_page(page);
	vmxnet3_slot_free(ring, slot);
	put_page(page);
}

/**
 * vmxnet3_rx_ring_drop() - take all buffers of a ring back
 * @ring: the hardware does not know them any more
 * @last: the pool is going to be destroyed.  What it has kept it would free in
 *	one go then, 1000 pages and more, while tasks wait for the processor
 *
 * Context: process.
 */
void vmxnet3_rx_ring_drop(struct vmxnet3_rx_ring *ring, bool last)
{
	u32 freed = 0;
	u32 i;

	for (i = 0; i < ring->num_slots; i++) {
		struct vmxnet3_rx_slot *slot = &ring->slots[i];

		if (!slot->page)
			continue;
		if (!(++freed % VMXNET3_RX_DROP_BATCH))
			vmxnet3_give_way(ring->path->shell);
		if (last)
			vmxnet3_slot_release(ring, slot);
		else
			vmxnet3_slot_free(ring, slot);
	}
}

/* Has the list named the id of its element @i before? */
static bool vmxnet3_rx_named(const struct npa_rx_sg *sg, u32 i)
{
	u32 id = sg[i].buf_id;

	while (i--)
		if (sg[i].buf_id == id)
			return true;
	return false;
}

/* Bytes that the hardware may have written. */
static u32 vmxnet3_slot_len(const struct vmxnet3_rx_ring *ring,
			    const struct vmxnet3_rx_slot *slot)
{
	if (ring->xdp)
		return VMXNET3_XDP_LEN;
	return slot->large ? VMXNET3_LARGE_LEN : ring->small_len;
}

/**
 * vmxnet3_rx_check() - can it be what the plugin says?
 * @ring: where it was received
 * @frame: what is said
 *
 * Return: %VMXNET3_BAD_REPORTS if the report is in order, else what is wrong.
 */
enum vmxnet3_bad_report
vmxnet3_rx_check(const struct vmxnet3_rx_ring *ring,
		 const struct npa_rx_frame *frame)
{
	u32 count = frame->sg_count;
	u32 sum = 0;
	u32 i;

	if (unlikely(!ring->budget))
		return VMXNET3_BAD_BUDGET;
	if (unlikely(!count || count > NPA_RX_MAX_SG))
		return VMXNET3_BAD_SG;
	for (i = 0; i < count; i++) {
		const struct npa_rx_sg *sg = &frame->sg[i];
		const struct vmxnet3_rx_slot *slot;

		if (unlikely(sg->buf_id >= ring->num_slots))
			return VMXNET3_BAD_ID;
		slot = &ring->slots[sg->buf_id];
		if (unlikely(!slot->page || slot->spare))
			return VMXNET3_BAD_EMPTY;
		if (unlikely(i && vmxnet3_rx_named(frame->sg, i)))
			return VMXNET3_BAD_EMPTY;
		if (unlikely(sg->length > vmxnet3_slot_len(ring, slot)))
			return VMXNET3_BAD_LENGTH;
		sum += sg->length;
	}
	if (unlikely(frame->first_sg_offset > frame->sg[0].length))
		return VMXNET3_BAD_LENGTH;
	if (unlikely(sum - frame->first_sg_offset != frame->byte_length))
		return VMXNET3_BAD_SUM;
	return VMXNET3_BAD_REPORTS;
}

/**
 * vmxnet3_rx_refuse() - a report that is not believed
 * @ring: whose it was
 * @frame: what was said
 * @bad: what is wrong with it
 *
 * The list may be longer than what the plugin wrote, and the hardware may own
 * what it names: the buffers stay in their slots, and are only remembered for
 * vmxnet3_slot_again().
 */
void vmxnet3_rx_refuse(struct vmxnet3_rx_ring *ring,
		       const struct npa_rx_frame *frame,
		       enum vmxnet3_bad_report bad)
{
	u32 i;

	vmxnet3_path_bad_report(ring->path, bad);
	ring->drops++;
	if (!frame->sg_count || frame->sg_count > NPA_RX_MAX_SG)
		return;
	for (i = 0; i < frame->sg_count; i++) {
		if (frame->sg[i].buf_id >= ring->num_slots)
			return;
		ring->slots[frame->sg[i].buf_id].returned = true;
	}
}

/**
 * vmxnet3_rx_discard() - drop a frame that nobody wants
 * @ring: where it was received
 * @frame: the frame; the report of it is in order
 */
void vmxnet3_rx_discard(struct vmxnet3_rx_ring *ring,
			const struct npa_rx_frame *frame)
{
	u32 i;

	for (i = 0; i < frame->sg_count; i++)
		vmxnet3_slot_free(ring, &ring->slots[frame->sg[i].buf_id]);
	ring->drops++;
}

static void vmxnet3_rx_sync(const struct vmxnet3_rx_ring *ring,
			    const struct vmxnet3_rx_slot *slot, u32 len)
{
	u32 offset = slot->offset;

	if (!slot->large)
		offset += VMXNET3_RX_HEADROOM;
	dma_sync_single_range_for_cpu(ring->path->shell->dev,
				      page_pool_get_dma_addr(slot->page),
				      offset, len, DMA_FROM_DEVICE);
}

/* The start of a frame in a small buffer becomes the sk_buff's own memory. */
static __always_inline struct sk_buff *
vmxnet3_rx_build(const struct vmxnet3_rx_ring *ring,
		 struct vmxnet3_rx_slot *slot, u32 offset, u32 len)
{
	void *va = page_address(slot->page) + slot->offset;
	struct sk_buff *skb;

	net_prefetch(va + VMXNET3_RX_HEADROOM + offset);
	skb = napi_build_skb(va, ring->small_truesize);
	if (unlikely(!skb))
		return NULL;
	skb_mark_for_recycle(skb);
	skb_reserve(skb, VMXNET3_RX_HEADROOM + offset);
	/* Like __skb_put(), which makes sure that a new sk_buff is new. */
	skb->tail += len - offset;
	skb->len = len - offset;
	slot->page = NULL;
	return skb;
}

/* One in a large buffer: headers are copied, the rest is attached. */
static struct sk_buff *vmxnet3_rx_copy(struct vmxnet3_rx_ring *ring,
				       struct vmxnet3_rx_slot *slot,
				       u32 offset, u32 len)
{
	void *va = page_address(slot->page) + offset;
	u32 copy = min_t(u32, len - offset, VMXNET3_RX_COPY_LEN);
	struct sk_buff *skb;

	net_prefetch(va);
	skb = napi_alloc_skb(ring->napi, VMXNET3_RX_COPY_LEN);
	if (unlikely(!skb))
		return NULL;
	skb_mark_for_recycle(skb);
	skb_put_data(skb, va, copy);
	if (len - offset > copy) {
		skb_add_rx_frag(skb, 0, slot->page, offset + copy,
				len - offset - copy, VMXNET3_LARGE_LEN);
		slot->page = NULL;
	} else {
		vmxnet3_slot_free(ring, slot);
	}
	return skb;
}

static void vmxnet3_rx_attach(const struct vmxnet3_rx_ring *ring,
			      struct sk_buff *skb, struct vmxnet3_rx_slot *slot,
			      u32 len)
{
	u32 offset = slot->offset;

	if (!slot->large)
		offset += VMXNET3_RX_HEADROOM;
	skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, slot->page, offset, len,
			slot->large ? VMXNET3_LARGE_LEN :
			ring->small_truesize);
	slot->page = NULL;
}

static struct sk_buff *vmxnet3_rx_skb(struct vmxnet3_rx_ring *ring,
				      const struct npa_rx_frame *frame)
{
	struct vmxnet3_rx_slot *slot = &ring->slots[frame->sg[0].buf_id];
	u32 len = frame->sg[0].length;
	struct sk_buff *skb;
	u32 i;

	vmxnet3_rx_sync(ring, slot, len);
	if (likely(!slot->large))
		skb = vmxnet3_rx_build(ring, slot, frame->first_sg_offset, len);
	else
		skb = vmxnet3_rx_copy(ring, slot, frame->first_sg_offset, len);
	if (unlikely(!skb))
		return NULL;

	for (i = 1; i < frame->sg_count; i++) {
		slot = &ring->slots[frame->sg[i].buf_id];
		vmxnet3_rx_sync(ring, slot, frame->sg[i].length);
		vmxnet3_rx_attach(ring, skb, slot, frame->sg[i].length);
	}
	return skb;
}

/*
 * Checksum, tag and hash as the hardware found them.  @as_received is false if
 * a program may have changed the frame, so that its sum is another one.
 */
static __always_inline void
vmxnet3_rx_describe(struct sk_buff *skb, const struct net_device *netdev,
		    const struct npa_rx_frame *frame, bool as_received)
{
	if (frame->l4_csum == NPA_CSUM_CORRECT &&
	    frame->ip_csum != NPA_CSUM_INCORRECT &&
	    likely(netdev->features & NETIF_F_RXCSUM)) {
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	} else if (frame->flags & NPA_RX_SUM && as_received &&
		   netdev->features & NETIF_F_RXCSUM) {
		skb->csum = (__force __wsum)htons(frame->sum);
		skb->ip_summed = CHECKSUM_COMPLETE;
	}

	if (frame->hash_type != NPA_HASH_NONE &&
	    netdev->features & NETIF_F_RXHASH)
		skb_set_hash(skb, frame->hash,
			     frame->hash_type == NPA_HASH_L4 ?
			     PKT_HASH_TYPE_L4 : PKT_HASH_TYPE_L3);

	if (frame->flags & NPA_RX_VLAN)
		__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021Q),
				       frame->vlan_tag);
}

/* Give the stack a frame of @len bytes, which is whole and in order. */
static __always_inline void
vmxnet3_rx_deliver(struct vmxnet3_rx_ring *ring, struct net_device *netdev,
		   struct sk_buff *skb, u32 len)
{
	struct vmxnet3_rx_stats_sw *stats = ring->stats;

	u64_stats_inc(&stats->packets);
	u64_stats_add(&stats->bytes, len);
	skb->protocol = eth_type_trans(skb, netdev);
	napi_gro_receive(ring->napi, skb);
}

/**
 * vmxnet3_rx_stack() - give the stack a frame that a program has seen
 * @ring: where it was received
 * @frame: what the plugin says of it
 * @skb: the frame, from its Ethernet header on
 *
 * Context: poll.
 */
void vmxnet3_rx_stack(struct vmxnet3_rx_ring *ring,
		      const struct npa_rx_frame *frame, struct sk_buff *skb)
{
	skb_record_rx_queue(skb, ring->index);
	vmxnet3_rx_describe(skb, ring->netdev, frame, false);
	if (unlikely(frame->flags & NPA_RX_INNER))
		vmxnet3_tunnel_describe(skb);
	skb->protocol = eth_type_trans(skb, ring->netdev);
	napi_gro_receive(ring->napi, skb);
}

/* What is longer than a frame can be was merged, whether that is said or not. */
static bool vmxnet3_rx_maybe_merged(const struct vmxnet3_rx_ring *ring,
				    const struct npa_rx_frame *frame)
{
	return frame->mss ||
	       frame->flags & (NPA_RX_MERGED | NPA_RX_MAYBE_MERGED) ||
	       frame->byte_length > ring->plain_len;
}

/* Describe what is in a tunnel or merged; false if it cannot be that. */
static noinline bool vmxnet3_rx_describe_more(struct vmxnet3_rx_ring *ring,
					      const struct npa_rx_frame *frame,
					      struct sk_buff *skb)
{
	if (frame->flags & NPA_RX_INNER)
		vmxnet3_tunnel_describe(skb);
	return !vmxnet3_rx_maybe_merged(ring, frame) ||
	       vmxnet3_lro_describe(skb, frame, ring->path->cfg.mtu);
}

/* Any frame: in pieces, in large buffers, merged, damaged or a lie. */
static noinline void vmxnet3_indicate_any(struct vmxnet3_rx_ring *ring,
					  const struct npa_rx_frame *frame)
{
	struct net_device *netdev = ring->netdev;
	enum vmxnet3_bad_report bad;
	struct sk_buff *skb;

	bad = vmxnet3_rx_check(ring, frame);
	if (unlikely(bad != VMXNET3_BAD_REPORTS)) {
		vmxnet3_rx_refuse(ring, frame, bad);
		return;
	}
	ring->budget--;
	ring->unfilled += frame->sg_count - 1;
	if (unlikely(frame->flags & NPA_RX_ERROR ||
		     frame->byte_length < ETH_HLEN)) {
		vmxnet3_rx_discard(ring, frame);
		return;
	}

	skb = vmxnet3_rx_skb(ring, frame);
	if (unlikely(!skb)) {
		vmxnet3_rx_discard(ring, frame);
		return;
	}
	/* A frame in pieces may have its header anywhere in the first ones. */
	if (unlikely(!pskb_may_pull(skb, ETH_HLEN)))
		goto drop;
	skb_record_rx_queue(skb, ring->index);
	vmxnet3_rx_describe(skb, netdev, frame, true);
	if (!vmxnet3_rx_describe_more(ring, frame, skb))
		goto drop;
	vmxnet3_rx_deliver(ring, netdev, skb, frame->byte_length);
	return;

drop:
	dev_kfree_skb_any(skb);
	ring->drops++;
}

/*
 * Is it a frame as nearly all are: in one small buffer, not merged, and nothing
 * wrong with it or with what is said of it?  Then @pslot receives its slot.
 */
static __always_inline bool
vmxnet3_rx_plain(const struct vmxnet3_rx_ring *ring,
		 const struct npa_rx_frame *frame,
		 struct vmxnet3_rx_slot **pslot)
{
	const struct npa_rx_sg *sg = frame->sg;
	struct vmxnet3_rx_slot *slot;

	if (unlikely(frame->sg_count != 1 || frame->first_sg_offset ||
		     frame->mss || frame->flags & VMXNET3_RX_SPECIAL))
		return false;
	if (unlikely(!ring->budget || sg->buf_id >= ring->plain_slots))
		return false;
	slot = &ring->slots[sg->buf_id];
	*pslot = slot;
	/* From a header's length to the longest, in one comparison. */
	return likely(slot->page && !slot->large &&
		      sg->length == frame->byte_length &&
		      frame->byte_length - ETH_HLEN <= ring->plain_span);
}

/**
 * vmxnet3_indicate_recv() - Shell API indicate_recv()
 * @rx_handle: the ring
 * @frame: what was received
 */
void NPA_CALL vmxnet3_indicate_recv(void *rx_handle,
				    const struct npa_rx_frame *frame)
{
	struct vmxnet3_rx_ring *ring = rx_handle;
	struct vmxnet3_rx_slot *slot;
	struct net_device *netdev;
	struct sk_buff *skb;
	u32 len;

	if (unlikely(!vmxnet3_rx_plain(ring, frame, &slot))) {
		if (ring->xdp)
			vmxnet3_xdp_indicate(ring, frame);
		else
			vmxnet3_indicate_any(ring, frame);
		return;
	}
	len = frame->byte_length;
	if (unlikely(ring->need_sync))
		vmxnet3_rx_sync(ring, slot, len);
	skb = vmxnet3_rx_build(ring, slot, 0, len);
	if (unlikely(!skb)) {
		vmxnet3_indicate_any(ring, frame);
		return;
	}
	ring->budget--;
	netdev = ring->netdev;
	skb_record_rx_queue(skb, ring->index);
	vmxnet3_rx_describe(skb, netdev, frame, true);
	vmxnet3_rx_deliver(ring, netdev, skb, len);
}

/* VMXNET3_BAD_REPORTS if the report is in order, else what is wrong. */
static enum vmxnet3_bad_report
vmxnet3_rx_check_copy(const struct vmxnet3_rx_ring *ring,
		      const struct npa_rx_frame *frame, u32 seg, u32 offset)
{
	enum vmxnet3_bad_report bad = vmxnet3_rx_check(ring, frame);

	if (unlikely(bad != VMXNET3_BAD_REPORTS))
		return bad;
	if (unlikely(frame->sg_count != 1 || frame->first_sg_offset))
		return VMXNET3_BAD_SG;
	if (unlikely(ring->slots[frame->sg[0].buf_id].returned))
		return VMXNET3_BAD_EMPTY;
	if (unlikely(seg >= NPA_RING_SEGS ||
		     offset > ring->nq->seg[seg].length ||
		     frame->byte_length > ring->nq->seg[seg].length - offset))
		return VMXNET3_BAD_LENGTH;
	return VMXNET3_BAD_REPORTS;
}

/**
 * vmxnet3_indicate_copy() - Shell API indicate_copy()
 * @rx_handle: the ring
 * @frame: what was received
 * @seg: segment of ring memory that it is in
 * @offset: where in it, bytes
 */
void NPA_CALL vmxnet3_indicate_copy(void *rx_handle,
				    const struct npa_rx_frame *frame, u32 seg,
				    u32 offset)
{
	struct vmxnet3_rx_ring *ring = rx_handle;
	enum vmxnet3_bad_report bad;
	u32 len = frame->byte_length;
	struct sk_buff *skb = NULL;

	bad = vmxnet3_rx_check_copy(ring, frame, seg, offset);
	if (unlikely(bad != VMXNET3_BAD_REPORTS)) {
		vmxnet3_rx_refuse(ring, frame, bad);
		return;
	}
	ring->budget--;
	ring->slots[frame->sg[0].buf_id].returned = true;
	/* An XDP program has to see it, and can not: see @indicate_copy. */
	if (likely(!(frame->flags & NPA_RX_ERROR) && len >= ETH_HLEN &&
		   !ring->xdp))
		skb = napi_alloc_skb(ring->napi, len);
	if (unlikely(!skb))
		goto drop;
	skb_put_data(skb, ring->nq->seg[seg].va + offset, len);
	skb_record_rx_queue(skb, ring->index);
	vmxnet3_rx_describe(skb, ring->netdev, frame, true);
	/* Devices with such memory say what they have merged. */
	if (unlikely(frame->mss || frame->flags & VMXNET3_RX_SPECIAL) &&
	    !vmxnet3_rx_describe_more(ring, frame, skb))
		goto drop;
	vmxnet3_rx_deliver(ring, ring->netdev, skb, frame->byte_length);
	return;

drop:
	dev_kfree_skb_any(skb);
	ring->drops++;
}

static void NPA_CALL vmxnet3_plugin_log(void *shell, u32 level,
					const char *text, u64 value)
{
	struct vmxnet3_path *path = shell;

	if (!net_ratelimit())
		return;
	if (level == NPA_LOG_INFO)
		netdev_info(path->shell->netdev, "plugin %s: %.128s (%llu)\n",
			    path->name, text, value);
	else
		netdev_warn(path->shell->netdev, "plugin %s: %.128s (%llu)\n",
			    path->name, text, value);
}

/* The table that plugins get. */
const struct npa_shell_api vmxnet3_shell_api = {
	.size = sizeof(vmxnet3_shell_api),
	.major = NPA_API_MAJOR,
	.minor = NPA_API_MINOR,
	.alloc_small_buffers = vmxnet3_alloc_small_buffers,
	.alloc_large_buffers = vmxnet3_alloc_large_buffers,
	.free_buffer = vmxnet3_free_buffer,
	.complete_send = vmxnet3_complete_send,
	.indicate_recv = vmxnet3_indicate_recv,
	.log = vmxnet3_plugin_log,
	.indicate_copy = vmxnet3_indicate_copy,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * Frames that XDP sends: back where they came from (XDP_TX), or from other
 * devices (ndo_xdp_xmit).  They share TX rings with the stack, under the TX
 * lock, but not BQL, and leave the stack room for a frame of its own.
 *
 * Frames to send back are in pages of our own pools, which are mapped: only
 * those of others are mapped for sending.
 */
#include <linux/dma-mapping.h>
#include <linux/filter.h>
#include <net/page_pool/helpers.h>

#include "vmxnet3_xdp.h"

/* Hardware that pads short frames still wants to see this much of one. */
#define VMXNET3_XDP_MIN_LEN	17

/* Is there room for a frame of @count pieces, and then one of the stack's? */
static bool vmxnet3_xdp_room(const struct vmxnet3_tx_ring *ring, u32 count)
{
	if (vmxnet3_tx_free(ring) < 2 * ring->path->tx_reserve)
		return false;
	return ring->prod - READ_ONCE(ring->cons) + count <= ring->mask + 1;
}

/* For how many frames of one piece is there, at least? */
static u32 vmxnet3_xdp_rooms(const struct vmxnet3_tx_ring *ring)
{
	u32 slots = ring->mask + 1 - (ring->prod - READ_ONCE(ring->cons));
	u32 reserve = 2 * ring->path->tx_reserve;
	u32 free = vmxnet3_tx_free(ring);

	if (free < reserve)
		return 0;
	/* Only of our own plugin is it known that such a frame is one entry. */
	if (!ring->path->builtin)
		return min(slots, 1);
	return min(slots, free - reserve + 1);
}

static void vmxnet3_xdp_describe(struct vmxnet3_tx_ring *ring, const void *head,
				 u32 len, u32 count)
{
	struct npa_tx_info *info = &ring->info;

	info->flags = 0;
	info->byte_length = len;
	info->sg_count = count;
	info->vlan_tag = 0;
	info->mss = 0;
	info->l3_offset = ETH_HLEN;
	info->l4_offset = 0;
	info->l4_payload_offset = 0;
	info->csum_offset = 0;
	info->inner_l3_offset = 0;
	info->head = head;
}

/* Its pool may be one of a path that was left: it decides how to take it. */
static __always_inline void vmxnet3_xdp_put_page(struct page *page)
{
	page_pool_put_full_page(netmem_get_pp(page_to_netmem(page)), page,
				false);
}

/* Note a piece in a page of a pool of ours. */
static __always_inline void
vmxnet3_xdp_note_page(struct vmxnet3_tx_ring *ring, u32 i, struct page *page,
		      u32 offset, u32 len, enum vmxnet3_tx_owner owner)
{
	dma_addr_t addr = page_pool_get_dma_addr(page) + offset;
	struct vmxnet3_tx_slot *slot;

	dma_sync_single_for_device(ring->dev, addr, len, DMA_BIDIRECTIONAL);
	slot = vmxnet3_tx_note(ring, i, addr, len);
	slot->owner = (unsigned long)page | owner;
}

/* One to send back that has several pieces. */
static noinline bool vmxnet3_xdp_back_frags(struct vmxnet3_tx_ring *ring,
					    struct xdp_frame *xdpf)
{
	struct skb_shared_info *sinfo = xdp_get_shared_info_from_frame(xdpf);
	u32 count = sinfo->nr_frags + 1;
	u32 i;

	if (!vmxnet3_xdp_room(ring, count) || count > NPA_TX_MAX_SG)
		return false;
	vmxnet3_xdp_note_page(ring, 0, virt_to_page(xdpf->data),
			      offset_in_page(xdpf->data), xdpf->len,
			      VMXNET3_TX_XDP_PART);
	for (i = 1; i < count; i++) {
		const skb_frag_t *frag = &sinfo->frags[i - 1];

		vmxnet3_xdp_note_page(ring, i, skb_frag_page(frag),
				      skb_frag_off(frag), skb_frag_size(frag),
				      i + 1 < count ? VMXNET3_TX_XDP_PART :
				      VMXNET3_TX_XDP_PAGE);
	}
	vmxnet3_xdp_describe(ring, xdpf->data, xdp_get_frame_len(xdpf), count);
	return true;
}

/* @room: vmxnet3_xdp_rooms(), less what has been used of it; 0 to look again. */
static __always_inline bool
vmxnet3_xdp_back_one(struct vmxnet3_tx_ring *ring,
		     struct vmxnet3_xdp_back *back, u32 *room)
{
	void *owner = (void *)(back->owner & ~VMXNET3_TX_OWNER_BITS);
	u32 kind = back->owner & VMXNET3_TX_OWNER_BITS;

	if (unlikely(kind == VMXNET3_TX_XDP_FRAME)) {
		*room = 0;
		if (!vmxnet3_xdp_back_frags(ring, owner))
			return false;
	} else {
		if (unlikely(!*room)) {
			*room = vmxnet3_xdp_rooms(ring);
			if (!*room)
				return false;
		}
		--*room;
		/* It has the rest of its page to itself. */
		if (unlikely(back->len < VMXNET3_XDP_MIN_LEN)) {
			memset(back->data + back->len, 0,
			       VMXNET3_XDP_MIN_LEN - back->len);
			back->len = VMXNET3_XDP_MIN_LEN;
		}
		vmxnet3_xdp_note_page(ring, 0, owner,
				      offset_in_page(back->data), back->len,
				      VMXNET3_TX_XDP_PAGE);
		vmxnet3_xdp_describe(ring, back->data, back->len, 1);
	}
	if (unlikely(back->tagged)) {
		ring->info.flags = NPA_TX_VLAN;
		ring->info.vlan_tag = back->tag;
	}
	return vmxnet3_tx_add(ring, ring->info.sg_count);
}

/* Give the pages of one that is not sent back to their pools. */
static void vmxnet3_xdp_back_free(const struct vmxnet3_xdp_back *back)
{
	void *owner = (void *)(back->owner & ~VMXNET3_TX_OWNER_BITS);
	u32 kind = back->owner & VMXNET3_TX_OWNER_BITS;

	if (kind == VMXNET3_TX_XDP_FRAME)
		xdp_return_frame(owner);
	else
		vmxnet3_xdp_put_page(owner);
}

/**
 * vmxnet3_xdp_drop_back() - drop the frames that were to be sent back
 * @x: of the ring where they were received
 *
 * Context: poll, or process when the ring is not polled.
 */
void vmxnet3_xdp_drop_back(struct vmxnet3_xdp_ring *x)
{
	u32 i;

	for (i = 0; i < x->backlog_len; i++)
		vmxnet3_xdp_back_free(&x->backlog[i]);
	vmxnet3_xdp_count(x, VMXNET3_XDP_STAT_TX_ERRORS, x->backlog_len);
	x->backlog_len = 0;
}

static void vmxnet3_xdp_count_tx(struct vmxnet3_queue *q, u32 packets,
				 u32 bytes)
{
	struct vmxnet3_tx_stats_sw *stats = &q->tx_stats;

	u64_stats_update_begin(&stats->sync);
	u64_stats_add(&stats->packets, packets);
	u64_stats_add(&stats->bytes, bytes);
	u64_stats_update_end(&stats->sync);
}

/* Send the backlog on the ring that is in use. */
static void vmxnet3_xdp_back_all(struct vmxnet3_queue *q,
				 struct vmxnet3_tx_ring *ring,
				 struct vmxnet3_xdp_ring *x)
{
	u32 sent = 0, bytes = 0, room = 0;
	u32 i;

	/* What the last batch took may be done by now. */
	if (unlikely(vmxnet3_tx_free(ring) < 2 * ring->path->tx_reserve +
					     x->backlog_len))
		vmxnet3_tx_harvest(q, ring, 0);
	for (i = 0; i < x->backlog_len; i++) {
		struct vmxnet3_xdp_back *back = &x->backlog[i];

		if (unlikely(!vmxnet3_xdp_back_one(ring, back, &room))) {
			vmxnet3_xdp_back_free(back);
			continue;
		}
		bytes += ring->info.byte_length;
		sent++;
	}
	vmxnet3_tx_flush(ring, false);
	if (ring->path->tx_lazy &&
	    vmxnet3_tx_outstanding(ring) >= VMXNET3_TX_HARVEST)
		vmxnet3_tx_harvest(q, ring, 0);
	vmxnet3_xdp_count_tx(q, sent, bytes);
	vmxnet3_xdp_count(x, VMXNET3_XDP_STAT_TX, sent);
	if (unlikely(sent != x->backlog_len))
		vmxnet3_xdp_count(x, VMXNET3_XDP_STAT_TX_ERRORS,
				  x->backlog_len - sent);
	x->backlog_len = 0;
}

/*
 * Frames for a queue that moves to another path wait for it.  But nothing
 * waits for what is not going to be, and a ring that has to become empty does
 * not wait either.
 */
static bool vmxnet3_xdp_waits(struct vmxnet3_queue *q)
{
	return q->tx && READ_ONCE(q->moving) && !READ_ONCE(q->rx_next) &&
	       test_bit(VMXNET3_STATE_ACTIVE, &q->shell->state);
}

/**
 * vmxnet3_xdp_send_back() - send the frames that were collected
 * @q: queue pair
 * @x: of the ring where they were received
 *
 * Context: poll.
 * Return: false if they wait for the TX queue, which moves to another path.
 * NAPI is scheduled again soon.
 */
bool vmxnet3_xdp_send_back(struct vmxnet3_queue *q, struct vmxnet3_xdp_ring *x)
{
	struct vmxnet3_tx_ring *ring;
	bool wait = false;

	__netif_tx_lock(q->txq, smp_processor_id());
	ring = q->tx;
	if (likely(ring && !q->moving))
		vmxnet3_xdp_back_all(q, ring, x);
	else if (vmxnet3_xdp_waits(q))
		wait = true;
	else
		vmxnet3_xdp_drop_back(x);
	__netif_tx_unlock(q->txq);
	if (unlikely(wait) || (ring && ring->path->tx_lazy &&
			       vmxnet3_tx_outstanding(ring)))
		vmxnet3_tx_arm_timer(q);
	return !wait;
}

/* Undo the mapping of the newest frame, @count pieces. */
static void vmxnet3_xdp_unmap_new(struct vmxnet3_tx_ring *ring, u32 count)
{
	while (count--) {
		const struct vmxnet3_tx_slot *slot;

		slot = &ring->slots[(ring->prod + count) & ring->mask];
		dma_unmap_page(ring->dev, slot->addr, slot->len,
			       DMA_TO_DEVICE);
	}
}

/* Map a frame of another device's; false on failure. */
static bool vmxnet3_xdp_map(struct vmxnet3_tx_ring *ring,
			    struct xdp_frame *xdpf, u32 count)
{
	const struct skb_shared_info *sinfo = NULL;
	struct device *dev = ring->dev;
	struct vmxnet3_tx_slot *slot;
	dma_addr_t addr;
	u32 i;

	addr = dma_map_page(dev, virt_to_page(xdpf->data),
			    offset_in_page(xdpf->data), xdpf->len,
			    DMA_TO_DEVICE);
	if (unlikely(dma_mapping_error(dev, addr)))
		return false;
	slot = vmxnet3_tx_note(ring, 0, addr, xdpf->len);
	if (unlikely(count > 1))
		sinfo = xdp_get_shared_info_from_frame(xdpf);
	for (i = 1; i < count; i++) {
		const skb_frag_t *frag = &sinfo->frags[i - 1];
		u32 len = skb_frag_size(frag);

		addr = skb_frag_dma_map(dev, frag, 0, len, DMA_TO_DEVICE);
		if (unlikely(dma_mapping_error(dev, addr))) {
			vmxnet3_xdp_unmap_new(ring, i);
			return false;
		}
		slot->owner = VMXNET3_TX_PIECE;
		slot = vmxnet3_tx_note(ring, i, addr, len);
	}
	slot->owner = (unsigned long)xdpf | VMXNET3_TX_XDP_FRAME;
	return true;
}

static bool vmxnet3_xdp_xmit_one(struct vmxnet3_tx_ring *ring,
				 struct xdp_frame *xdpf)
{
	u32 len = xdp_get_frame_len(xdpf);
	u32 count = 1;

	if (unlikely(xdp_frame_has_frags(xdpf)))
		count += xdp_get_shared_info_from_frame(xdpf)->nr_frags;
	if (unlikely(len < VMXNET3_XDP_MIN_LEN || count > NPA_TX_MAX_SG ||
		     !vmxnet3_xdp_room(ring, count)))
		return false;
	if (unlikely(!vmxnet3_xdp_map(ring, xdpf, count)))
		return false;
	vmxnet3_xdp_describe(ring, xdpf->data, len, count);
	if (likely(vmxnet3_tx_add(ring, count)))
		return true;
	vmxnet3_xdp_unmap_new(ring, count);
	return false;
}

/* Send what can be sent, in order; returns how many that were. */
static int vmxnet3_xdp_xmit_all(struct vmxnet3_queue *q,
				struct vmxnet3_tx_ring *ring, int count,
				struct xdp_frame **frames, bool last)
{
	struct vmxnet3_xdp_stats_tx *stats = &q->xdp_xmit_stats;
	u32 bytes = 0;
	int i;

	if (unlikely(ring->path->tx_lazy &&
		     vmxnet3_tx_free(ring) < 2 * ring->path->tx_reserve + count))
		vmxnet3_tx_harvest(q, ring, 0);
	for (i = 0; i < count; i++) {
		if (unlikely(!vmxnet3_xdp_xmit_one(ring, frames[i])))
			break;
		bytes += ring->info.byte_length;
	}
	if (last || i < count)
		vmxnet3_tx_flush(ring, false);
	vmxnet3_xdp_count_tx(q, i, bytes);
	u64_stats_update_begin(&stats->sync);
	u64_stats_add(&stats->xmit, i);
	u64_stats_add(&stats->xmit_errors, count - i);
	u64_stats_update_end(&stats->sync);
	return i;
}

/**
 * vmxnet3_xdp_xmit() - ndo_xdp_xmit: send frames that were redirected to us
 * @netdev: the shell's netdev
 * @count: how many
 * @frames: they; those that are sent are ours, the others stay the caller's
 * @flags: %XDP_XMIT_FLUSH: no more will follow
 *
 * Each processor has its queue, or shares it.  No program needs to be attached.
 *
 * Context: soft interrupt.
 * Return: how many are sent, or a negative errno if the device is down or its
 * queue moves to another path.
 */
int vmxnet3_xdp_xmit(struct net_device *netdev, int count,
		     struct xdp_frame **frames, u32 flags)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);
	u32 num_queues = READ_ONCE(shell->cfg.num_queues);
	struct vmxnet3_queue *q;
	struct vmxnet3_tx_ring *ring;
	int sent = -ENETDOWN;

	if (unlikely(flags & ~XDP_XMIT_FLAGS_MASK))
		return -EINVAL;
	if (unlikely(!test_bit(VMXNET3_STATE_ACTIVE, &shell->state)))
		return -ENETDOWN;
	q = &shell->queues[smp_processor_id() % num_queues];
	__netif_tx_lock(q->txq, smp_processor_id());
	ring = q->tx;
	/* Whoever takes the device down waits for the lock before the rings go. */
	if (unlikely(!ring ||
		     !test_bit(VMXNET3_STATE_ACTIVE, &shell->state)))
		goto unlock;
	if (unlikely(q->moving)) {
		/* It moves when all has been sent, the last call's frames too. */
		vmxnet3_tx_flush(ring, false);
		goto unlock;
	}
	sent = vmxnet3_xdp_xmit_all(q, ring, count, frames,
				    flags & XDP_XMIT_FLUSH);
	if (ring->path->tx_lazy) {
		if (vmxnet3_tx_outstanding(ring) >= VMXNET3_TX_HARVEST)
			vmxnet3_tx_harvest(q, ring, 0);
		if (vmxnet3_tx_outstanding(ring))
			vmxnet3_tx_arm_timer(q);
	}
unlock:
	__netif_tx_unlock(q->txq);
	return sent;
}

/**
 * vmxnet3_xdp_release() - release a piece of a frame that is none of the stack's
 * @ring: where it was sent
 * @slot: the piece
 *
 * Context: as vmxnet3_tx_harvest().
 * Return: true if it was the last piece.
 */
bool vmxnet3_xdp_release(struct vmxnet3_tx_ring *ring,
			 struct vmxnet3_tx_slot *slot)
{
	void *owner = (void *)(slot->owner & ~VMXNET3_TX_OWNER_BITS);
	u32 kind = slot->owner & VMXNET3_TX_OWNER_BITS;

	if (kind == VMXNET3_TX_XDP_FRAME) {
		dma_unmap_page(ring->dev, slot->addr, slot->len,
			       DMA_TO_DEVICE);
		xdp_return_frame(owner);
	} else {
		vmxnet3_xdp_put_page(owner);
		if (kind == VMXNET3_TX_XDP_PART)
			return false;
	}
	ring->xdp_done++;
	/*
	 * BQL has a barrier before the stack's queue is looked at, whether it
	 * has been stopped meanwhile, but only if there is something for it.
	 */
	smp_mb();
	return true;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The shell's TX side: from an sk_buff to the Shell API's description of a
 * frame, DMA mapping, and the books of what is under way.
 */
#include <linux/dma-mapping.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip6_checksum.h>
#include <net/netdev_queues.h>

#include "vmxnet3_plugin.h"
#include "vmxnet3_shell.h"
#include "vmxnet3_shell_calls.h"
#include "vmxnet3_xdp.h"

/* A lazy path harvests when VMXNET3_TX_HARVEST frames are outstanding, after a
 * frame of so many bytes (TCP waits for those) and the one that follows it (the
 * rest of what was written, for which alone the timer would go off) ...
 */
#define VMXNET3_TX_HARVEST_LEN	4096
/* ... and after this time at the latest. */
#define VMXNET3_TX_HARVEST_NS	(NSEC_PER_MSEC / 2)

/* Hardware that pads short frames still wants to see this much of one. */
#define VMXNET3_TX_MIN_LEN	17

static u32 vmxnet3_call_add_frame(struct vmxnet3_tx_ring *ring,
				  const struct npa_tx_info *info, u32 last)
{
	struct vmxnet3_path *path = ring->path;

	if (path->tx_plain)
		return vmxnet3_plugin_add_frame(path->ps, ring->index, info,
						last);
	return path->api.add_frame_to_tx_ring(path->ps, ring->index, info,
					      last);
}

static __always_inline u32 vmxnet3_call_check_tx(struct vmxnet3_tx_ring *ring)
{
	struct vmxnet3_path *path = ring->path;

	if (path->builtin)
		return vmxnet3_plugin_check_tx(path->ps, ring->index);
	return path->api.check_tx_ring(path->ps, ring->index);
}

static void vmxnet3_tx_unmap(struct vmxnet3_tx_ring *ring,
			     const struct vmxnet3_tx_slot *slot)
{
	dma_unmap_page(ring->dev, slot->addr, slot->len,
		       DMA_TO_DEVICE);
}

/* Undo the mapping of the newest frame, @count pieces. */
static void vmxnet3_tx_unmap_new(struct vmxnet3_tx_ring *ring, u32 count)
{
	while (count--) {
		struct vmxnet3_tx_slot *slot;

		slot = &ring->slots[(ring->prod + count) & ring->mask];
		vmxnet3_tx_unmap(ring, slot);
		slot->owner = VMXNET3_TX_PIECE;
	}
}

/* Map the fragments too; returns the slot of the last, NULL on failure. */
static noinline struct vmxnet3_tx_slot *
vmxnet3_tx_map_frags(struct vmxnet3_tx_ring *ring, struct vmxnet3_tx_slot *slot,
		     const struct skb_shared_info *shinfo)
{
	struct device *dev = ring->dev;
	u32 i;

	for (i = 0; i < shinfo->nr_frags; i++) {
		const skb_frag_t *frag = &shinfo->frags[i];
		u32 len = skb_frag_size(frag);
		dma_addr_t addr;

		addr = skb_frag_dma_map(dev, frag, 0, len, DMA_TO_DEVICE);
		if (unlikely(dma_mapping_error(dev, addr))) {
			vmxnet3_tx_unmap_new(ring, i + 1);
			return NULL;
		}
		slot->owner = VMXNET3_TX_PIECE;
		slot = vmxnet3_tx_note(ring, i + 1, addr, len);
	}
	return slot;
}

/* Map a frame into the slots from prod on; false on failure. */
static __always_inline bool
vmxnet3_tx_map(struct vmxnet3_tx_ring *ring, struct sk_buff *skb,
	       const struct skb_shared_info *shinfo)
{
	struct device *dev = ring->dev;
	struct vmxnet3_tx_slot *slot;
	u32 len = skb_headlen(skb);
	dma_addr_t addr;

	/* As all pieces are, so that releasing one need not tell them apart. */
	addr = dma_map_page(dev, virt_to_page(skb->data),
			    offset_in_page(skb->data), len, DMA_TO_DEVICE);
	if (unlikely(dma_mapping_error(dev, addr)))
		return false;
	slot = vmxnet3_tx_note(ring, 0, addr, len);
	if (shinfo->nr_frags) {
		slot = vmxnet3_tx_map_frags(ring, slot, shinfo);
		if (unlikely(!slot))
			return false;
	}
	slot->owner = (unsigned long)skb;
	return true;
}

/* The stack leaves the length in the pseudo header's sum; the API does not. */
static int vmxnet3_tx_prepare_tso(struct sk_buff *skb, struct npa_tx_info *info)
{
	struct tcphdr *th;
	int err;

	err = skb_cow_head(skb, 0);
	if (unlikely(err))
		return err;

	th = tcp_hdr(skb);
	if (info->flags & NPA_TX_IPV4) {
		struct iphdr *iph = ip_hdr(skb);

		iph->check = 0;
		th->check = ~csum_tcpudp_magic(iph->saddr, iph->daddr, 0,
					       IPPROTO_TCP, 0);
	} else {
		struct ipv6hdr *ip6 = ipv6_hdr(skb);

		th->check = ~csum_ipv6_magic(&ip6->saddr, &ip6->daddr, 0,
					     IPPROTO_TCP, 0);
	}
	info->flags |= NPA_TX_TSO;
	info->mss = skb_shinfo(skb)->gso_size;
	info->l4_payload_offset = info->l4_offset + tcp_hdrlen(skb);
	return 0;
}

static noinline int vmxnet3_tx_prepare_tunnel(struct sk_buff *skb,
					      struct npa_tx_info *info)
{
	const struct vmxnet3_tx_ring *ring;

	ring = container_of(info, struct vmxnet3_tx_ring, info);
	return vmxnet3_tunnel_prepare(skb, info, ring->path->tunnels);
}

/* Returns 0, a negative errno, or 1: not with this path. */
static __always_inline int
vmxnet3_tx_prepare(struct sk_buff *skb, const struct skb_shared_info *shinfo,
		   struct npa_tx_info *info)
{
	__be16 protocol;
	u32 flags = 0;

	info->vlan_tag = 0;
	info->mss = 0;
	if (skb_vlan_tag_present(skb)) {
		flags = NPA_TX_VLAN;
		info->vlan_tag = skb_vlan_tag_get(skb);
	}
	info->l4_payload_offset = 0;
	if (skb->ip_summed != CHECKSUM_PARTIAL) {
		info->flags = flags;
		info->l3_offset = ETH_HLEN;
		info->l4_offset = 0;
		info->csum_offset = 0;
		return 0;
	}

	info->l3_offset = skb_network_offset(skb);
	info->l4_offset = skb_checksum_start_offset(skb);
	info->csum_offset = skb->csum_offset;
	protocol = skb->protocol;
	if (unlikely(protocol != htons(ETH_P_IP) && eth_type_vlan(protocol)))
		protocol = vlan_get_protocol(skb);
	flags |= NPA_TX_CSUM;
	flags |= protocol == htons(ETH_P_IP) ? NPA_TX_IPV4 : NPA_TX_IPV6;
	flags |= skb->csum_offset == offsetof(struct tcphdr, check) ?
		 NPA_TX_TCP : NPA_TX_UDP;
	info->flags = flags;

	if (unlikely(skb->encapsulation))
		return vmxnet3_tx_prepare_tunnel(skb, info);
	if (shinfo->gso_size)
		return vmxnet3_tx_prepare_tso(skb, info);
	return 0;
}

/* @segs: of a frame with TSO, else 0. */
static __always_inline void vmxnet3_tx_count(struct vmxnet3_queue *q, u32 len,
					     u32 segs)
{
	struct vmxnet3_tx_stats_sw *stats = &q->tx_stats;

	u64_stats_update_begin(&stats->sync);
	if (segs) {
		u64_stats_add(&stats->packets, segs);
		u64_stats_inc(&stats->tso_packets);
	} else {
		u64_stats_inc(&stats->packets);
	}
	u64_stats_add(&stats->bytes, len);
	u64_stats_update_end(&stats->sync);
}

static void vmxnet3_tx_drop(struct vmxnet3_queue *q, struct sk_buff *skb)
{
	u64_stats_update_begin(&q->tx_stats.sync);
	u64_stats_inc(&q->tx_stats.drops);
	u64_stats_update_end(&q->tx_stats.sync);
	dev_kfree_skb_any(skb);
}

/**
 * vmxnet3_tx_flush() - there is no frame to follow those that announced one
 * @ring: where they are
 * @more: there is
 *
 * Context: the TX lock of the ring's queue is held.
 */
void vmxnet3_tx_flush(struct vmxnet3_tx_ring *ring, bool more)
{
	if (!more)
		ring->path->api.flush_tx_ring(ring->path->ps, ring->index);
}

/* The ring is full, as far as the next frame is concerned. */
static noinline void vmxnet3_tx_stop(struct vmxnet3_queue *q,
				     struct vmxnet3_tx_ring *ring, bool rung)
{
	if (netif_txq_maybe_stop(q->txq, vmxnet3_tx_free(ring),
				 ring->path->tx_reserve,
				 2 * ring->path->tx_reserve))
		return;
	u64_stats_update_begin(&q->tx_stats.sync);
	u64_stats_inc(&q->tx_stats.stops);
	u64_stats_update_end(&q->tx_stats.sync);
	vmxnet3_tx_flush(ring, rung);
}

/* The queue is stopped: there may be room again. */
static noinline void vmxnet3_tx_wake(struct vmxnet3_queue *q,
				     struct vmxnet3_tx_ring *ring)
{
	if (vmxnet3_tx_free(ring) >= 2 * ring->path->tx_reserve &&
	    !READ_ONCE(q->moving))
		netif_tx_wake_queue(q->txq);
}

static __always_inline void
vmxnet3_tx_do_harvest(struct vmxnet3_queue *q, struct vmxnet3_tx_ring *ring,
		      int budget)
{
	ring->budget = budget;
	ring->done_packets = 0;
	ring->done_bytes = 0;
	if (likely(!READ_ONCE(ring->path->dead)))
		vmxnet3_call_check_tx(ring);
	if (unlikely(ring->bql_debt)) {
		ring->done_bytes += xchg(&ring->bql_debt, 0);
		ring->done_packets++;
	}
	if (!ring->done_packets)
		return;
	if (likely(ring->done_bytes))
		netdev_txq_completed_mb(q->txq, ring->done_packets,
					ring->done_bytes);
	else
		/*
		 * As BQL does: the queue's state is to be read after the
		 * indexes were written. Pairs with the barrier in
		 * netif_txq_maybe_stop().
		 */
		smp_mb();
	if (unlikely(netif_tx_queue_stopped(q->txq)))
		vmxnet3_tx_wake(q, ring);
}

/**
 * vmxnet3_tx_harvest() - release what has been sent
 * @q: queue pair
 * @ring: its TX ring
 * @budget: NAPI's, 0 outside of it
 *
 * Context: one at a time per ring: poll, or the TX lock if the path is lazy.
 */
void vmxnet3_tx_harvest(struct vmxnet3_queue *q, struct vmxnet3_tx_ring *ring,
			int budget)
{
	vmxnet3_tx_do_harvest(q, ring, budget);
}

/**
 * vmxnet3_tx_arm_timer() - have the queue polled soon
 * @q: queue pair
 *
 * Context: soft interrupts are off.
 */
void vmxnet3_tx_arm_timer(struct vmxnet3_queue *q)
{
	/* Not hrtimer_active(): a callback still running may be too early. */
	if (!hrtimer_is_queued(&q->tx_timer))
		hrtimer_start(&q->tx_timer, ns_to_ktime(VMXNET3_TX_HARVEST_NS),
			      HRTIMER_MODE_REL_SOFT);
}

/**
 * vmxnet3_tx_timer() - a lazy path's frames have been outstanding for a while
 * @timer: in the queue pair
 *
 * Return: HRTIMER_NORESTART; poll arms it again if something is left.
 */
enum hrtimer_restart vmxnet3_tx_timer(struct hrtimer *timer)
{
	struct vmxnet3_queue *q = container_of(timer, struct vmxnet3_queue,
					       tx_timer);

	/* Pairs with the xchg() in vmxnet3_tx_poll_lazy(). */
	xchg(&q->tx_timer_fired, 1);
	napi_schedule(&q->napi);
	return HRTIMER_NORESTART;
}

/*
 * The end of xmit on a lazy path: harvest now and then.  Only a queue that is
 * stopped, and stays so, needs the device's interrupt.
 */
static __always_inline void
vmxnet3_tx_lazy(struct vmxnet3_queue *q, struct vmxnet3_tx_ring *ring, u32 len)
{
	bool stopped = netif_xmit_stopped(q->txq);
	bool large = len >= VMXNET3_TX_HARVEST_LEN;

	if (stopped || large || ring->after_large ||
	    vmxnet3_tx_outstanding(ring) >= VMXNET3_TX_HARVEST)
		vmxnet3_tx_harvest(q, ring, 0);
	ring->after_large = large;
	if (unlikely(stopped) && netif_xmit_stopped(q->txq))
		vmxnet3_plugin_enable_interrupt(ring->path->ps,
						ring->nq->intr);
	if (vmxnet3_tx_outstanding(ring))
		vmxnet3_tx_arm_timer(q);
}

/* Will a stopped queue be woken when all that is outstanding is complete? */
static noinline bool vmxnet3_tx_wait_empty(struct vmxnet3_queue *q,
					   struct vmxnet3_tx_ring *ring)
{
	if (!vmxnet3_tx_outstanding(ring))
		return false;
	vmxnet3_tx_flush(ring, false);
	netif_tx_stop_queue(q->txq);
	if (ring->path->tx_lazy)
		vmxnet3_tx_lazy(q, ring, 0);
	/* Pairs with the one in netif_txq_completed_wake(). */
	smp_mb();
	if (vmxnet3_tx_outstanding(ring))
		return true;
	netif_tx_start_queue(q->txq);
	return false;
}

/*
 * A frame in a tunnel that was prepared for another path.  Its segments may
 * take a whole ring, so it waits until there is one; what does not even fit
 * there is dropped.
 */
static noinline netdev_tx_t vmxnet3_tx_software(struct vmxnet3_queue *q,
						struct vmxnet3_tx_ring *ring,
						struct sk_buff *skb)
{
	struct net_device *netdev = q->shell->netdev;
	struct sk_buff *segs, *next;

	if (skb_is_gso(skb) && vmxnet3_tx_wait_empty(q, ring))
		return NETDEV_TX_BUSY;
	segs = vmxnet3_tunnel_software(skb);
	if (!segs) {
		vmxnet3_tx_drop(q, skb);
		return NETDEV_TX_OK;
	}
	if (segs != skb)
		consume_skb(skb);
	skb_list_walk_safe(segs, skb, next) {
		skb_mark_not_on_list(skb);
		if (vmxnet3_start_xmit(skb, netdev) != NETDEV_TX_OK)
			vmxnet3_tx_drop(q, skb);
	}
	return NETDEV_TX_OK;
}

/**
 * vmxnet3_start_xmit() - send a frame on the path in use
 * @skb: the frame
 * @netdev: the shell's netdev
 *
 * Context: the TX lock of the frame's queue is held.
 * Return: NETDEV_TX_OK (sent or dropped), NETDEV_TX_BUSY if there was no
 * room although the queue was awake.
 */
netdev_tx_t vmxnet3_start_xmit(struct sk_buff *skb, struct net_device *netdev)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);
	struct vmxnet3_queue *q = &shell->queues[skb_get_queue_mapping(skb)];
	struct vmxnet3_tx_ring *ring = q->tx;
	bool more = netdev_xmit_more();
	struct skb_shared_info *shinfo;
	u32 count, len, segs;
	bool last;
	int err;

	/* The pair is not in use: this is not for a queue of the stack's. */
	if (unlikely(!ring))
		goto drop_unused;
	if (unlikely(skb->len < VMXNET3_TX_MIN_LEN) &&
	    skb_put_padto(skb, VMXNET3_TX_MIN_LEN))
		goto flush;
	if (unlikely(skb_shinfo(skb)->nr_frags >= NPA_TX_MAX_SG) &&
	    skb_linearize(skb))
		goto drop;
	shinfo = skb_shinfo(skb);
	err = vmxnet3_tx_prepare(skb, shinfo, &ring->info);
	if (unlikely(err))
		goto unprepared;
	/* TSO may have copied the header, and this with it. */
	shinfo = skb_shinfo(skb);
	count = shinfo->nr_frags + 1;
	if (unlikely(ring->prod - READ_ONCE(ring->cons) + count >
		     ring->mask + 1))
		goto no_slots;
	if (unlikely(!vmxnet3_tx_map(ring, skb, shinfo)))
		goto drop;

	len = skb->len;
	segs = shinfo->gso_size ? shinfo->gso_segs : 0;
	ring->info.byte_length = len;
	ring->info.sg_count = count;
	ring->info.head = skb->data;
	skb_tx_timestamp(skb);

	/* The frame may complete before the plugin returns: books first. */
	last = __netdev_tx_sent_queue(q->txq, len, more);
	ring->prod += count;
	WRITE_ONCE(ring->frames_sent, ring->frames_sent + 1);
	if (unlikely(vmxnet3_call_add_frame(ring, &ring->info, last)))
		goto undo;
	vmxnet3_tx_count(q, len, segs);

	if (unlikely(vmxnet3_tx_used(ring) > ring->busy))
		vmxnet3_tx_stop(q, ring, last);
	if (ring->path->tx_lazy)
		vmxnet3_tx_lazy(q, ring, len);
	return NETDEV_TX_OK;

undo:
	WRITE_ONCE(ring->frames_sent, ring->frames_sent - 1);
	ring->prod -= count;
	vmxnet3_tx_unmap_new(ring, count);
	/* Poll settles with BQL, which must not be called from here. */
	xchg(&ring->bql_debt, READ_ONCE(ring->bql_debt) + len);
	napi_schedule(&q->napi);
no_slots:
	/* The queue is awake, so the plugin's own counters say there is room. */
	if (unlikely(vmxnet3_tx_free(ring) < ring->path->tx_reserve))
		goto busy;
	vmxnet3_path_bad_report(ring->path, VMXNET3_BAD_SPACE);
drop:
	vmxnet3_tx_drop(q, skb);
flush:
	vmxnet3_tx_flush(ring, more);
	return NETDEV_TX_OK;
unprepared:
	if (err < 0)
		goto drop;
	return vmxnet3_tx_software(q, ring, skb);
busy:
	/* Not so: they have changed since.  Poll wakes the queue. */
	netif_tx_stop_queue(q->txq);
	vmxnet3_tx_flush(ring, false);
	return NETDEV_TX_BUSY;
drop_unused:
	vmxnet3_tx_drop(q, skb);
	return NETDEV_TX_OK;
}

/**
 * vmxnet3_tx_add() - give the plugin a frame that is none of the stack's
 * @ring: its info and pieces are filled in, the pieces' slots as well; the
 *	plugin has room for them
 * @count: pieces
 *
 * The doorbell is still to be rung, see vmxnet3_tx_flush().
 *
 * Context: the TX lock of the ring's queue is held.
 * Return: false if the plugin does not take the frame; it is the caller's then.
 */
bool vmxnet3_tx_add(struct vmxnet3_tx_ring *ring, u32 count)
{
	ring->prod += count;
	WRITE_ONCE(ring->frames_sent, ring->frames_sent + 1);
	if (likely(!vmxnet3_call_add_frame(ring, &ring->info, 0))) {
		WRITE_ONCE(ring->xdp_sent, ring->xdp_sent + 1);
		return true;
	}
	WRITE_ONCE(ring->frames_sent, ring->frames_sent - 1);
	ring->prod -= count;
	vmxnet3_path_bad_report(ring->path, VMXNET3_BAD_SPACE);
	return false;
}

/* Release the @count oldest frames; adds the stack's bytes to done_bytes. */
static __always_inline void vmxnet3_tx_release(struct vmxnet3_tx_ring *ring,
					       u32 count)
{
	struct vmxnet3_tx_slot *slot;
	struct sk_buff *skb;
	u32 left, cons;

	for (left = count; left; left--) {
		cons = ring->cons;
		slot = &ring->slots[cons++ & ring->mask];
		while (unlikely(slot->owner & VMXNET3_TX_ODD)) {
			if (slot->owner == VMXNET3_TX_PIECE)
				vmxnet3_tx_unmap(ring, slot);
			else if (vmxnet3_xdp_release(ring, slot))
				goto next;
			slot = &ring->slots[cons++ & ring->mask];
		}
		vmxnet3_tx_unmap(ring, slot);
		skb = (struct sk_buff *)slot->owner;
		ring->done_bytes += skb->len;
		napi_consume_skb(skb, ring->budget);
next:
		/* At once: xmit may be waiting for slots, and entries are free. */
		WRITE_ONCE(ring->cons, cons);
	}
	WRITE_ONCE(ring->frames_done, ring->frames_done + count);
}

/**
 * vmxnet3_complete_send() - Shell API complete_send()
 * @tx_handle: the ring
 * @count: frames, oldest first
 *
 * Context: within vmxnet3_tx_harvest().
 */
void NPA_CALL vmxnet3_complete_send(void *tx_handle, u32 count)
{
	struct vmxnet3_tx_ring *ring = tx_handle;
	u32 outstanding = vmxnet3_tx_outstanding(ring);

	if (unlikely(count > outstanding)) {
		vmxnet3_path_bad_report(ring->path, VMXNET3_BAD_COMPLETE);
		count = outstanding;
	}
	ring->done_packets += count;
	vmxnet3_tx_release(ring, count);
}

/*
 * With XDP poll is where frames are sent, so it harvests no more often than
 * xmit does: when there are many, when somebody waits, or by the timer.
 */
static bool vmxnet3_tx_xdp_waits(struct vmxnet3_queue *q,
				 const struct vmxnet3_tx_ring *ring)
{
	return ring->xdp_done != READ_ONCE(ring->xdp_sent) &&
	       vmxnet3_tx_outstanding(ring) < VMXNET3_TX_HARVEST &&
	       hrtimer_is_queued(&q->tx_timer) &&
	       !READ_ONCE(q->moving) && !netif_xmit_stopped(q->txq);
}

static noinline void vmxnet3_tx_poll_lazy(struct vmxnet3_queue *q,
					  struct vmxnet3_tx_ring *ring,
					  int budget)
{
	bool fired;

	if (vmxnet3_tx_xdp_waits(q, ring))
		return;
	/* If it fires from here on, NAPI polls again. */
	fired = READ_ONCE(q->tx_timer_fired) && xchg(&q->tx_timer_fired, 0);
	if (__netif_tx_trylock(q->txq)) {
		vmxnet3_tx_harvest(q, ring, budget);
		__netif_tx_unlock(q->txq);
	} else if (!fired) {
		/*
		 * Whoever holds the lock is in xmit, harvests by himself, and
		 * has the timer armed if anything is left; or the timer is
		 * armed for what was sent before.
		 */
		return;
	}
	if (vmxnet3_tx_outstanding(ring))
		vmxnet3_tx_arm_timer(q);
}

/**
 * vmxnet3_tx_poll() - harvest TX completions
 * @q: queue pair
 * @ring: its TX ring
 * @budget: NAPI's
 *
 * Context: poll.
 */
void vmxnet3_tx_poll(struct vmxnet3_queue *q, struct vmxnet3_tx_ring *ring,
		     int budget)
{
	if (ring->path->tx_lazy)
		vmxnet3_tx_poll_lazy(q, ring, budget);
	else
		vmxnet3_tx_do_harvest(q, ring, budget);
}

/**
 * vmxnet3_tx_ring_drop() - drop what was never reported complete
 * @ring: neither sent to nor polled
 *
 * Context: process.
 * Return: how many frames that were.
 */
u32 vmxnet3_tx_ring_drop(struct vmxnet3_tx_ring *ring)
{
	struct vmxnet3_shell *shell = ring->path->shell;
	u32 count = vmxnet3_tx_outstanding(ring);

	ring->budget = 0;
	ring->done_bytes = 0;
	vmxnet3_tx_release(ring, count);
	if (count) {
		netdev_tx_completed_queue(shell->queues[ring->index].txq,
					  count, ring->done_bytes);
		atomic_long_add(count, &shell->npa.tx_lost);
	}
	return count;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * NAPI: one instance per queue pair polls both directions of whichever path
 * the pair is on, and carries the RX side over to another path when a switch
 * asks for it.
 */
#include <linux/dma-mapping.h>

#include "vmxnet3_plugin.h"
#include "vmxnet3_shell.h"
#include "vmxnet3_xdp.h"

/* When to look again if there was no memory. */
#define VMXNET3_REFILL_DELAY	(HZ / 20 + 1)

/*
 * Have the ring filled.  A plugin may have to tell the hardware again until
 * that has received something, so until then it is asked each time.
 */
static void vmxnet3_rx_refill(struct vmxnet3_rx_ring *ring, u32 found)
{
	struct vmxnet3_path *path = ring->path;

	if (path->builtin)
		vmxnet3_plugin_add_buffers(path->ps, ring->index);
	else
		path->api.add_buffers_to_rx_ring(path->ps, ring->index);

	if (found)
		ring->unfilled = 0;
	ring->need_sync = dma_dev_need_sync(path->shell->dev);
}

/* What happens rarely: frames were dropped, or there was no memory. */
static noinline void vmxnet3_rx_trouble(struct vmxnet3_queue *q,
					struct vmxnet3_rx_ring *ring)
{
	struct vmxnet3_rx_stats_sw *stats = ring->stats;

	if (ring->alloc_fails) {
		ring->unfilled = VMXNET3_RX_REFILL_MIN;
		mod_timer(&q->refill_timer, jiffies + VMXNET3_REFILL_DELAY);
	}
	u64_stats_update_begin(&stats->sync);
	u64_stats_add(&stats->drops, ring->drops);
	u64_stats_add(&stats->alloc_fails, ring->alloc_fails);
	u64_stats_update_end(&stats->sync);
	ring->drops = 0;
	ring->alloc_fails = 0;
}

static __always_inline int vmxnet3_rx_any(struct vmxnet3_queue *q,
					  struct vmxnet3_rx_ring *ring,
					  int budget)
{
	struct vmxnet3_path *path = ring->path;
	u32 found;

	ring->budget = budget;
	u64_stats_update_begin(&ring->stats->sync);
	if (path->builtin)
		found = vmxnet3_plugin_check_rx(path->ps, ring->index, budget);
	else
		found = path->api.check_rx_ring(path->ps, ring->index, budget);
	u64_stats_update_end(&ring->stats->sync);
	/* From here on nobody may indicate anything. */
	ring->budget = 0;
	if (unlikely(found > budget)) {
		vmxnet3_path_bad_report(path, VMXNET3_BAD_BUDGET);
		found = budget;
	}
	ring->unfilled += found;
	if (ring->unfilled >= VMXNET3_RX_REFILL_MIN)
		vmxnet3_rx_refill(ring, found);
	if (unlikely(ring->drops | ring->alloc_fails))
		vmxnet3_rx_trouble(q, ring);
	return found;
}

/* A path that is dead has nothing, and a program may want to see it first. */
static noinline int vmxnet3_rx_divert(struct vmxnet3_queue *q,
				      struct vmxnet3_rx_ring *ring, int budget)
{
	int done;

	if (unlikely(READ_ONCE(ring->path->dead)))
		return 0;
	if (unlikely(!vmxnet3_xdp_begin(q, ring)))
		return 0;
	done = vmxnet3_rx_any(q, ring, budget);
	vmxnet3_xdp_end(q, ring);
	return done;
}

static __always_inline int vmxnet3_rx_take(struct vmxnet3_queue *q,
					   struct vmxnet3_rx_ring *ring,
					   int budget)
{
	if (unlikely(READ_ONCE(ring->path->divert)))
		return vmxnet3_rx_divert(q, ring, budget);
	return vmxnet3_rx_any(q, ring, budget);
}

static void vmxnet3_enable_intr(struct vmxnet3_path *path, u32 intr)
{
	if (path->builtin)
		vmxnet3_plugin_enable_interrupt(path->ps, intr);
	else if (!path->throttled)
		path->api.enable_interrupt(path->ps, intr);
}

/*
 * Only TX, for netpoll, perhaps with interrupts off.  Pages may not go back to
 * their pools then, and XDP's frames are made of those.
 */
static int vmxnet3_poll_tx(struct vmxnet3_queue *q,
			   struct vmxnet3_tx_ring *ring)
{
	if (READ_ONCE(ring->xdp_sent) == ring->xdp_done)
		vmxnet3_tx_poll(q, ring, 0);
	return 0;
}

/*
 * Another ring is waiting: take what is left in the old one, of which @done
 * frames were taken already, and go over.  Returns @budget: the new ring may
 * hold something already.
 */
static noinline int vmxnet3_rx_move(struct vmxnet3_queue *q,
				    struct vmxnet3_rx_ring *rx, int done,
				    int budget)
{
	struct vmxnet3_rx_ring *next;

	/*
	 * Pairs with smp_store_release() in vmxnet3_switch_tell_rx(): what the
	 * old ring holds then is all that it will ever hold.
	 */
	next = smp_load_acquire(&q->rx_next);
	if (done < budget)
		done += vmxnet3_rx_take(q, rx, budget - done);
	if (done < budget || READ_ONCE(q->rx_force)) {
		WRITE_ONCE(q->rx, next);
		q->rx_next = NULL;
		complete(&q->rx_moved);
	}
	return budget;
}

/**
 * vmxnet3_poll() - NAPI poll of a queue pair
 * @napi: in the queue pair
 * @budget: frames at most; 0 for TX only
 *
 * Return: as NAPI wants it.
 */
int vmxnet3_poll(struct napi_struct *napi, int budget)
{
	struct vmxnet3_queue *q = container_of(napi, struct vmxnet3_queue,
					       napi);
	struct vmxnet3_tx_ring *tx = READ_ONCE(q->tx);
	struct vmxnet3_rx_ring *rx = q->rx;
	int done;

	if (unlikely(!budget))
		return vmxnet3_poll_tx(q, tx);
	if (vmxnet3_tx_outstanding(tx) || unlikely(tx->bql_debt))
		vmxnet3_tx_poll(q, tx, budget);

	done = vmxnet3_rx_take(q, rx, budget);
	if (unlikely(READ_ONCE(q->rx_next)))
		return vmxnet3_rx_move(q, rx, done, budget);
	if (done == budget)
		return budget;

	if (napi_complete_done(napi, done)) {
		vmxnet3_enable_intr(rx->path, q->index);
		if (unlikely(tx->path != rx->path))
			vmxnet3_enable_intr(tx->path, q->index);
	}
	return done;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * NAPI: one instance per queue pair polls both directions of whichever path
 * the pair is on, and carries the RX side over to another path when a switch
 * asks for it.
 */
#include "vmxnet3_plugin.h"
#include "vmxnet3_shell.h"

static void vmxnet3_enable_intr(struct vmxnet3_path *path, u32 intr)
{
	if (path->builtin)
		vmxnet3_plugin_enable_interrupt(path->ps, intr);
	else if (!path->throttled)
		path->api.enable_interrupt(path->ps, intr);
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
	struct vmxnet3_rx_ring *next;
	int done;

	vmxnet3_tx_poll(q, tx, budget);
	if (unlikely(!budget))
		return 0;

	/*
	 * Pairs with smp_store_release() in vmxnet3_switch_move_rx(): what the
	 * old ring holds then is all that it will ever hold.
	 */
	next = smp_load_acquire(&q->rx_next);
	done = vmxnet3_rx_poll(q, rx, budget);
	if (done == budget)
		return budget;
	if (unlikely(next)) {
		WRITE_ONCE(q->rx, next);
		q->rx_next = NULL;
		complete(&q->rx_moved);
		return budget;		/* look at the new ring at once */
	}

	if (napi_complete_done(napi, done)) {
		vmxnet3_enable_intr(rx->path, q->index);
		if (unlikely(tx->path != rx->path))
			vmxnet3_enable_intr(tx->path, q->index);
	}
	return done;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupt coalescing, from revision 3 on: when a completion becomes an
 * interrupt.
 *
 * Static: with so many of them, or a millisecond after the first.  By rate: as
 * many per second at most.  Adaptive: a queue that has been busy lately waits
 * an eighth of a millisecond, others do not wait.
 */
#include <string.h>

#include "vmxnet3_dev.h"

#define STATIC_WAIT_NS	1000000
#define ADAPT_WAIT_NS	125000
#define ADAPT_WINDOW_NS	1000000
#define ADAPT_BUSY	32	/* completions in a window */
#define SECOND_NS	1000000000u

static void signal_now(struct coalesce_queue *queue, uint64_t now)
{
	struct vmxnet3_dev *dev = queue->dev;

	loop_cancel(dev->loop, &queue->timer);
	queue->frames = 0;
	queue->last = now;
	irq_raise(&dev->irq, queue->intr);
}

static void expired(void *arg)
{
	signal_now(arg, loop_now());
}

/* How busy the queue was in the last whole window. */
static bool is_busy(struct coalesce_queue *queue, uint64_t now,
		    unsigned int frames)
{
	if (now - queue->window >= ADAPT_WINDOW_NS) {
		queue->busy = now - queue->window < 2 * ADAPT_WINDOW_NS &&
			      queue->in_window >= ADAPT_BUSY;
		queue->window = now;
		queue->in_window = 0;
	}
	queue->in_window += frames;
	return queue->busy;
}

/* Nanoseconds until the interrupt is due; 0: now. */
static uint64_t wait_time(struct coalesce_queue *queue, unsigned int frames,
			  unsigned int depth, uint64_t now)
{
	const struct coalesce_conf *conf = &queue->dev->rev.coalesce;
	uint64_t since = now - queue->last, gap;

	switch (conf->mode) {
	case VMXNET3_COALESCE_STATIC:
		return queue->frames < depth ? STATIC_WAIT_NS : 0;
	case VMXNET3_COALESCE_RATE:
		gap = SECOND_NS / conf->rate;
		break;
	case VMXNET3_COALESCE_ADAPT:
		gap = is_busy(queue, now, frames) ? ADAPT_WAIT_NS : 0;
		break;
	default:
		return 0;
	}
	return since < gap ? gap - since : 0;
}

static void raise_queue(struct coalesce_queue *queue, unsigned int intr,
			unsigned int frames, unsigned int depth)
{
	struct vmxnet3_dev *dev = queue->dev;
	uint64_t now, wait;

	queue->intr = intr;
	if (dev->rev.coalesce.mode == VMXNET3_COALESCE_DISABLED &&
	    !queue->frames) {
		irq_raise(&dev->irq, intr);
		return;
	}
	now = loop_now();
	queue->frames += frames;
	wait = wait_time(queue, frames, depth, now);
	if (!wait)
		signal_now(queue, now);
	else if (!queue->timer.due)
		loop_arm(dev->loop, &queue->timer, wait);
}

void vmxnet3_coalesce_tx(struct vmxnet3_dev *dev, unsigned int q,
			 unsigned int frames)
{
	raise_queue(&dev->coalesce_tx[q], dev->tx[q].intr, frames,
		    dev->rev.coalesce.tx_comp_depth);
}

void vmxnet3_coalesce_rx(struct vmxnet3_dev *dev, unsigned int q)
{
	raise_queue(&dev->coalesce_rx[q], dev->rx[q].intr, 1,
		    dev->rev.coalesce.rx_depth);
}

static void init_queues(struct vmxnet3_dev *dev, struct coalesce_queue *queues,
			unsigned int num)
{
	for (unsigned int i = 0; i < num; i++) {
		queues[i].dev = dev;
		queues[i].timer.fn = expired;
		queues[i].timer.arg = &queues[i];
	}
}

void vmxnet3_coalesce_init(struct vmxnet3_dev *dev)
{
	init_queues(dev, dev->coalesce_tx, VMXNET3_EXT_MAX_TX_QUEUES);
	init_queues(dev, dev->coalesce_rx, VMXNET3_EXT_MAX_RX_QUEUES);
}

static void end_queues(struct coalesce_queue *queues, unsigned int num,
		       bool signal)
{
	for (unsigned int i = 0; i < num; i++) {
		if (signal && queues[i].frames)
			signal_now(&queues[i], loop_now());
		loop_cancel(queues[i].dev->loop, &queues[i].timer);
		queues[i].frames = 0;
	}
}

void vmxnet3_coalesce_end(struct vmxnet3_dev *dev, bool signal)
{
	end_queues(dev->coalesce_tx, VMXNET3_EXT_MAX_TX_QUEUES, signal);
	end_queues(dev->coalesce_rx, VMXNET3_EXT_MAX_RX_QUEUES, signal);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Statistics: from the queues' own counters to what the stack asks for.
 */
#include <linux/netdevice.h>
#include <net/netdev_queues.h>

#include "vmxnet3_shell.h"

/**
 * vmxnet3_stats_rx() - read the receive counters of a queue pair
 * @q: the pair, in use or not
 * @stats: receives them
 */
void vmxnet3_stats_rx(const struct vmxnet3_queue *q,
		      struct vmxnet3_rx_counts *stats)
{
	const struct vmxnet3_rx_stats_sw *sw = &q->rx_stats;
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&sw->sync);
		stats->packets = u64_stats_read(&sw->packets);
		stats->bytes = u64_stats_read(&sw->bytes);
		stats->drops = u64_stats_read(&sw->drops);
		stats->alloc_fails = u64_stats_read(&sw->alloc_fails);
	} while (u64_stats_fetch_retry(&sw->sync, start));
}

/**
 * vmxnet3_stats_tx() - read the transmit counters of a queue pair
 * @q: the pair, in use or not
 * @stats: receives them
 */
void vmxnet3_stats_tx(const struct vmxnet3_queue *q,
		      struct vmxnet3_tx_counts *stats)
{
	const struct vmxnet3_tx_stats_sw *sw = &q->tx_stats;
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&sw->sync);
		stats->packets = u64_stats_read(&sw->packets);
		stats->bytes = u64_stats_read(&sw->bytes);
		stats->drops = u64_stats_read(&sw->drops);
		stats->tso_packets = u64_stats_read(&sw->tso_packets);
		stats->stops = u64_stats_read(&sw->stops);
	} while (u64_stats_fetch_retry(&sw->sync, start));
}

/**
 * vmxnet3_get_stats64() - ndo_get_stats64
 * @netdev: the shell's netdev
 * @stats: receives the counters of all pairs that there can be
 */
void vmxnet3_get_stats64(struct net_device *netdev,
			 struct rtnl_link_stats64 *stats)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);
	struct vmxnet3_rx_counts rx;
	struct vmxnet3_tx_counts tx;
	u32 i;

	for (i = 0; i < shell->max_queues; i++) {
		vmxnet3_stats_rx(&shell->queues[i], &rx);
		stats->rx_packets += rx.packets;
		stats->rx_bytes += rx.bytes;
		stats->rx_dropped += rx.drops;
		vmxnet3_stats_tx(&shell->queues[i], &tx);
		stats->tx_packets += tx.packets;
		stats->tx_bytes += tx.bytes;
		stats->tx_dropped += tx.drops;
	}
	stats->tx_dropped += atomic_long_read(&shell->npa.tx_lost);
}

static void vmxnet3_add_rx(struct vmxnet3_queue *q,
			   struct netdev_queue_stats_rx *stats)
{
	struct vmxnet3_rx_counts rx;

	vmxnet3_stats_rx(q, &rx);
	stats->packets += rx.packets;
	stats->bytes += rx.bytes;
	stats->alloc_fail += rx.alloc_fails;
}

static void vmxnet3_add_tx(struct vmxnet3_queue *q,
			   struct netdev_queue_stats_tx *stats)
{
	struct vmxnet3_tx_counts tx;

	vmxnet3_stats_tx(q, &tx);
	stats->packets += tx.packets;
	stats->bytes += tx.bytes;
	stats->stop += tx.stops;
}

static void vmxnet3_get_queue_stats_rx(struct net_device *netdev, int idx,
				       struct netdev_queue_stats_rx *stats)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);

	stats->packets = 0;
	stats->bytes = 0;
	stats->alloc_fail = 0;
	vmxnet3_add_rx(&shell->queues[idx], stats);
}

static void vmxnet3_get_queue_stats_tx(struct net_device *netdev, int idx,
				       struct netdev_queue_stats_tx *stats)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);

	stats->packets = 0;
	stats->bytes = 0;
	stats->stop = 0;
	vmxnet3_add_tx(&shell->queues[idx], stats);
}

/* What pairs have counted that are not in use any more. */
static void vmxnet3_get_base_stats(struct net_device *netdev,
				   struct netdev_queue_stats_rx *rx,
				   struct netdev_queue_stats_tx *tx)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);
	u32 i;

	rx->packets = 0;
	rx->bytes = 0;
	rx->alloc_fail = 0;
	tx->packets = 0;
	tx->bytes = 0;
	tx->stop = 0;
	for (i = netdev->real_num_rx_queues; i < shell->max_queues; i++)
		vmxnet3_add_rx(&shell->queues[i], rx);
	for (i = netdev->real_num_tx_queues; i < shell->max_queues; i++)
		vmxnet3_add_tx(&shell->queues[i], tx);
}

const struct netdev_stat_ops vmxnet3_stat_ops = {
	.get_queue_stats_rx = vmxnet3_get_queue_stats_rx,
	.get_queue_stats_tx = vmxnet3_get_queue_stats_tx,
	.get_base_stats = vmxnet3_get_base_stats,
};

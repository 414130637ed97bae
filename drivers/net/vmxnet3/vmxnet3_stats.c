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
 * vmxnet3_stats_activated() - the emulated device begins to count anew
 * @shell: the device
 *
 * Context: process, conf_lock held.
 */
void vmxnet3_stats_activated(struct vmxnet3_shell *shell)
{
	u32 i;

	for (i = 0; i < shell->max_queues; i++)
		memset(&shell->queues[i].dev_seen, 0,
		       sizeof(shell->queues[i].dev_seen));
}

/* A device that counts backwards has begun anew without being told. */
static void vmxnet3_stats_add(u64 *sum, u64 *seen, __le64 now)
{
	u64 value = le64_to_cpu(now);

	*sum += value >= *seen ? value - *seen : value;
	*seen = value;
}

/**
 * vmxnet3_stats_collect() - ask the emulated device for its counters
 * @shell: the device, up or down
 *
 * Also before it is stopped: they go with the path.
 *
 * Context: process, conf_lock held.
 */
void vmxnet3_stats_collect(struct vmxnet3_shell *shell)
{
	struct vmxnet3_path *path = shell->emulated;
	u32 i;

	lockdep_assert_held(&shell->conf_lock);
	if (!path)
		return;
	vmxnet3_cmd_get(shell, VMXNET3_CMD_GET_STATS);
	for (i = 0; i < path->num_queues; i++) {
		const struct vmxnet3_tx_stats *tx = &path->tqd[i].stats;
		const struct vmxnet3_rx_stats *rx = &path->rqd[i].stats;
		struct vmxnet3_dev_counts *sum = &shell->queues[i].dev_counts;
		struct vmxnet3_dev_counts *seen = &shell->queues[i].dev_seen;

		vmxnet3_stats_add(&sum->rx_no_buffers, &seen->rx_no_buffers,
				  rx->out_of_buffers);
		vmxnet3_stats_add(&sum->rx_errors, &seen->rx_errors,
				  rx->errors);
		vmxnet3_stats_add(&sum->tx_errors, &seen->tx_errors,
				  tx->errors);
		vmxnet3_stats_add(&sum->tx_discards, &seen->tx_discards,
				  tx->discards);
	}
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
	stats->hw_drops += q->dev_counts.rx_no_buffers +
			   q->dev_counts.rx_errors;
	stats->hw_drop_overruns += q->dev_counts.rx_no_buffers;
}

static void vmxnet3_add_tx(struct vmxnet3_queue *q,
			   struct netdev_queue_stats_tx *stats)
{
	struct vmxnet3_tx_counts tx;

	vmxnet3_stats_tx(q, &tx);
	stats->packets += tx.packets;
	stats->bytes += tx.bytes;
	stats->stop += tx.stops;
	stats->hw_gso_packets += tx.tso_packets;
	stats->hw_drops += q->dev_counts.tx_errors + q->dev_counts.tx_discards;
	stats->hw_drop_errors += q->dev_counts.tx_errors;
}

/* What is counted is set, and nothing else: the rest is not known. */
static void vmxnet3_zero_rx(struct netdev_queue_stats_rx *stats)
{
	stats->packets = 0;
	stats->bytes = 0;
	stats->alloc_fail = 0;
	stats->hw_drops = 0;
	stats->hw_drop_overruns = 0;
}

static void vmxnet3_zero_tx(struct netdev_queue_stats_tx *stats)
{
	stats->packets = 0;
	stats->bytes = 0;
	stats->stop = 0;
	stats->hw_gso_packets = 0;
	stats->hw_drops = 0;
	stats->hw_drop_errors = 0;
}

/* All queues are asked for one after the other: the device once. */
static void vmxnet3_get_queue_stats_rx(struct net_device *netdev, int idx,
				       struct netdev_queue_stats_rx *stats)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);

	vmxnet3_zero_rx(stats);
	mutex_lock(&shell->conf_lock);
	if (!idx)
		vmxnet3_stats_collect(shell);
	vmxnet3_add_rx(&shell->queues[idx], stats);
	mutex_unlock(&shell->conf_lock);
}

static void vmxnet3_get_queue_stats_tx(struct net_device *netdev, int idx,
				       struct netdev_queue_stats_tx *stats)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);

	vmxnet3_zero_tx(stats);
	mutex_lock(&shell->conf_lock);
	vmxnet3_add_tx(&shell->queues[idx], stats);
	mutex_unlock(&shell->conf_lock);
}

/* What pairs have counted that are not in use any more. */
static void vmxnet3_get_base_stats(struct net_device *netdev,
				   struct netdev_queue_stats_rx *rx,
				   struct netdev_queue_stats_tx *tx)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);
	u32 i;

	vmxnet3_zero_rx(rx);
	vmxnet3_zero_tx(tx);
	mutex_lock(&shell->conf_lock);
	for (i = netdev->real_num_rx_queues; i < shell->max_queues; i++)
		vmxnet3_add_rx(&shell->queues[i], rx);
	for (i = netdev->real_num_tx_queues; i < shell->max_queues; i++)
		vmxnet3_add_tx(&shell->queues[i], tx);
	mutex_unlock(&shell->conf_lock);
}

const struct netdev_stat_ops vmxnet3_stat_ops = {
	.get_queue_stats_rx = vmxnet3_get_queue_stats_rx,
	.get_queue_stats_tx = vmxnet3_get_queue_stats_tx,
	.get_base_stats = vmxnet3_get_base_stats,
};

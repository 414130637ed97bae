// SPDX-License-Identifier: GPL-2.0
/*
 * ethtool: driver info, link, ring sizes, RSS, statistics.
 */
#include <linux/ethtool.h>
#include <linux/log2.h>

#include "vmxnet3_coalesce.h"
#include "vmxnet3_npa.h"
#include "vmxnet3_reconf.h"
#include "vmxnet3_regs.h"
#include "vmxnet3_rss.h"
#include "vmxnet3_selftest.h"
#include "vmxnet3_shell.h"
#include "vmxnet3_switch.h"
#include "vmxnet3_xdp.h"

#define VMXNET3_WOL	(WAKE_UCAST | WAKE_ARP | WAKE_MAGIC)

static const char vmxnet3_queue_stat_names[][ETH_GSTRING_LEN] = {
	"rx_packets", "rx_bytes", "rx_drops", "rx_alloc_fails",
	"tx_packets", "tx_bytes", "tx_drops", "tx_tso_packets", "tx_stops",
	"rx_dev_no_buffers", "rx_dev_errors",
	"tx_dev_errors", "tx_dev_discards",
	"xdp_pass", "xdp_drop", "xdp_aborted", "xdp_tx", "xdp_tx_errors",
	"xdp_redirect", "xdp_redirect_errors", "xdp_xmit", "xdp_xmit_errors",
};

static const char vmxnet3_npa_stat_names[][ETH_GSTRING_LEN] = {
	"resets", "npa_path", "npa_switches_to_vf", "npa_switches_to_emulated",
	"npa_tx_lost", "npa_refusals",
};

static const char * const vmxnet3_bad_names[VMXNET3_BAD_REPORTS] = {
	[VMXNET3_BAD_ID] = "id",
	[VMXNET3_BAD_EMPTY] = "empty",
	[VMXNET3_BAD_IN_USE] = "in_use",
	[VMXNET3_BAD_LENGTH] = "length",
	[VMXNET3_BAD_SUM] = "sum",
	[VMXNET3_BAD_SG] = "sg",
	[VMXNET3_BAD_BUDGET] = "budget",
	[VMXNET3_BAD_COMPLETE] = "complete",
	[VMXNET3_BAD_SPACE] = "space",
};

static void vmxnet3_get_drvinfo(struct net_device *netdev,
				struct ethtool_drvinfo *info)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);

	strscpy(info->driver, VMXNET3_DRIVER_NAME);
	strscpy(info->bus_info, dev_name(shell->dev));
	mutex_lock(&shell->conf_lock);
	snprintf(info->fw_version, sizeof(info->fw_version), "%u%s%.20s",
		 shell->revision, shell->npa.plugin.name[0] ? " " : "",
		 shell->npa.plugin.name);
	mutex_unlock(&shell->conf_lock);
}

static int vmxnet3_get_sset_count(struct net_device *netdev, int sset)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);

	if (sset == ETH_SS_TEST)
		return vmxnet3_selftest_count();
	if (sset != ETH_SS_STATS)
		return -EOPNOTSUPP;
	/* Reason 0 is no refusal. */
	return shell->max_queues * ARRAY_SIZE(vmxnet3_queue_stat_names) +
	       ARRAY_SIZE(vmxnet3_npa_stat_names) +
	       VMXNET3_NPA_REASONS - 1 + VMXNET3_BAD_REPORTS;
}

static void vmxnet3_get_strings(struct net_device *netdev, u32 sset, u8 *data)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);
	char name[ETH_GSTRING_LEN];
	u32 i, k;

	if (sset == ETH_SS_TEST)
		vmxnet3_selftest_names(data);
	if (sset != ETH_SS_STATS)
		return;
	for (i = 0; i < shell->max_queues; i++)
		for (k = 0; k < ARRAY_SIZE(vmxnet3_queue_stat_names); k++)
			ethtool_sprintf(&data, "queue%u_%s", i,
					vmxnet3_queue_stat_names[k]);
	for (k = 0; k < ARRAY_SIZE(vmxnet3_npa_stat_names); k++)
		ethtool_puts(&data, vmxnet3_npa_stat_names[k]);
	for (k = 1; k < VMXNET3_NPA_REASONS; k++) {
		strscpy(name, vmxnet3_npa_reason_name(k));
		strreplace(name, '-', '_');
		ethtool_sprintf(&data, "npa_refused_%s", name);
	}
	for (k = 0; k < VMXNET3_BAD_REPORTS; k++)
		ethtool_sprintf(&data, "npa_bad_%s", vmxnet3_bad_names[k]);
}

static u64 *vmxnet3_queue_stats(const struct vmxnet3_queue *q, u64 *data)
{
	struct vmxnet3_rx_counts rx;
	struct vmxnet3_tx_counts tx;

	vmxnet3_stats_rx(q, &rx);
	*data++ = rx.packets;
	*data++ = rx.bytes;
	*data++ = rx.drops;
	*data++ = rx.alloc_fails;
	vmxnet3_stats_tx(q, &tx);
	*data++ = tx.packets;
	*data++ = tx.bytes;
	*data++ = tx.drops;
	*data++ = tx.tso_packets;
	*data++ = tx.stops;
	*data++ = q->dev_counts.rx_no_buffers;
	*data++ = q->dev_counts.rx_errors;
	*data++ = q->dev_counts.tx_errors;
	*data++ = q->dev_counts.tx_discards;
	vmxnet3_xdp_stats(q, data);
	return data + VMXNET3_XDP_STATS;
}

static void vmxnet3_get_ethtool_stats(struct net_device *netdev,
				      struct ethtool_stats *stats, u64 *data)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);
	struct vmxnet3_npa *npa = &shell->npa;
	struct vmxnet3_path *path = READ_ONCE(shell->path);
	u64 refusals = 0;
	u32 i;

	mutex_lock(&shell->conf_lock);
	vmxnet3_stats_collect(shell);
	for (i = 0; i < shell->max_queues; i++)
		data = vmxnet3_queue_stats(&shell->queues[i], data);
	mutex_unlock(&shell->conf_lock);
	for (i = 1; i < VMXNET3_NPA_REASONS; i++)
		refusals += atomic_long_read(&npa->refusals[i]);
	*data++ = shell->resets;
	*data++ = path && path == READ_ONCE(shell->vf);
	*data++ = npa->switches_to_vf;
	*data++ = npa->switches_to_emulated;
	*data++ = atomic_long_read(&npa->tx_lost);
	*data++ = refusals;
	for (i = 1; i < VMXNET3_NPA_REASONS; i++)
		*data++ = atomic_long_read(&npa->refusals[i]);
	for (i = 0; i < VMXNET3_BAD_REPORTS; i++)
		*data++ = atomic_long_read(&npa->bad_reports[i]);
}

static void vmxnet3_get_ringparam(struct net_device *netdev,
				  struct ethtool_ringparam *ring,
				  struct kernel_ethtool_ringparam *kernel_ring,
				  struct netlink_ext_ack *extack)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);

	ring->tx_max_pending = VMXNET3_MAX_RING_SIZE;
	ring->rx_max_pending = VMXNET3_MAX_RING_SIZE;
	ring->tx_pending = shell->cfg.tx_ring;
	ring->rx_pending = shell->cfg.rx_ring;
	/* As upstream's driver has it: bytes of a data ring's entry. */
	if (vmxnet3_at_least(shell, 3))
		ring->rx_mini_max_pending = VMXNET3_RX_DATA_MAX;
	ring->rx_mini_pending = shell->cfg.rx_data;
	kernel_ring->rx_buf_len = shell->cfg.rx_buf;
	kernel_ring->tx_push_buf_len = shell->cfg.tx_data;
	kernel_ring->tx_push_buf_max_len = shell->limits.tx_data;
}

static int vmxnet3_set_rx_buf(struct vmxnet3_config *cfg, u32 len,
			      struct netlink_ext_ack *extack)
{
	if (len == cfg->rx_buf)
		return 0;
	if (len != VMXNET3_SMALL_TRUESIZE && len != VMXNET3_WIDE_TRUESIZE) {
		NL_SET_ERR_MSG(extack, "a receive buffer has 2048 or 4096 bytes");
		return -EINVAL;
	}
	if (cfg->xdp) {
		NL_SET_ERR_MSG(extack,
			       "the XDP program needs buffers of its own kind");
		return -EBUSY;
	}
	cfg->rx_buf = len;
	return 0;
}

/* The device has said what entries it wishes: those, shorter ones or none. */
static int vmxnet3_set_tx_data(struct vmxnet3_config *cfg, u32 len, u32 most,
			       struct netlink_ext_ack *extack)
{
	if (len == cfg->tx_data)
		return 0;
	if (len > most) {
		NL_SET_ERR_MSG(extack,
			       "an entry of the TX data ring is no longer than the device has it");
		return -EINVAL;
	}
	cfg->tx_data = 0;
	if (len)
		cfg->tx_data = umax(ALIGN(len, VMXNET3_DATA_SIZE_ALIGN),
				    VMXNET3_TX_DATA_SIZE_MIN);
	return 0;
}

/*
 * Rings have a power of two of entries, and entries of a data ring a multiple
 * of 64 bytes: the next one is taken.
 */
static int vmxnet3_set_ringparam(struct net_device *netdev,
				 struct ethtool_ringparam *ring,
				 struct kernel_ethtool_ringparam *kernel_ring,
				 struct netlink_ext_ack *extack)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);
	struct vmxnet3_config cfg = shell->cfg;
	int err;

	if (ring->tx_pending < VMXNET3_MIN_RING_SIZE ||
	    ring->rx_pending < VMXNET3_MIN_RING_SIZE) {
		NL_SET_ERR_MSG(extack, "a ring has 128 entries at least");
		return -EINVAL;
	}
	if (ring->tx_pending > VMXNET3_MAX_RING_SIZE ||
	    ring->rx_pending > VMXNET3_MAX_RING_SIZE) {
		NL_SET_ERR_MSG(extack, "a ring has 4096 entries at most");
		return -EINVAL;
	}
	cfg.tx_ring = roundup_pow_of_two(ring->tx_pending);
	cfg.rx_ring = roundup_pow_of_two(ring->rx_pending);
	if (vmxnet3_at_least(shell, 3)) {
		if (ring->rx_mini_pending > VMXNET3_RX_DATA_MAX) {
			NL_SET_ERR_MSG(extack,
				       "a data ring's entry is no longer than a buffer");
			return -EINVAL;
		}
		cfg.rx_data = ALIGN(ring->rx_mini_pending,
				    VMXNET3_DATA_SIZE_ALIGN);
	}
	err = vmxnet3_set_rx_buf(&cfg, kernel_ring->rx_buf_len, extack);
	if (!err)
		err = vmxnet3_set_tx_data(&cfg, kernel_ring->tx_push_buf_len,
					  shell->limits.tx_data, extack);
	if (err)
		return err;
	return vmxnet3_reconfigure(shell, &cfg, "new ring sizes", extack);
}

static void vmxnet3_get_channels(struct net_device *netdev,
				 struct ethtool_channels *channels)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);

	channels->max_combined = shell->max_queues;
	channels->combined_count = shell->cfg.num_queues;
	channels->max_other = 1;
	channels->other_count = 1;
}

static int vmxnet3_set_channels(struct net_device *netdev,
				struct ethtool_channels *channels)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);
	struct vmxnet3_config cfg = shell->cfg;

	/* The stack has checked the maxima. */
	if (channels->other_count != 1 || !channels->combined_count) {
		netdev_err(netdev, "nothing is changed: one channel for events, and one for traffic at least\n");
		return -EINVAL;
	}
	cfg.num_queues = channels->combined_count;
	return vmxnet3_reconfigure(shell, &cfg, "new number of queues", NULL);
}

static int vmxnet3_get_link_ksettings(struct net_device *netdev,
				      struct ethtool_link_ksettings *cmd)
{
	u32 speed;

	ethtool_link_ksettings_zero_link_mode(cmd, supported);
	ethtool_link_ksettings_zero_link_mode(cmd, advertising);
	ethtool_link_ksettings_add_link_mode(cmd, supported, TP);
	ethtool_link_ksettings_add_link_mode(cmd, advertising, TP);
	cmd->base.port = PORT_TP;
	cmd->base.autoneg = AUTONEG_DISABLE;
	cmd->base.speed = SPEED_UNKNOWN;
	cmd->base.duplex = DUPLEX_UNKNOWN;
	if (netif_running(netdev) &&
	    vmxnet3_dev_link(netdev_priv(netdev), &speed)) {
		cmd->base.speed = speed;
		cmd->base.duplex = DUPLEX_FULL;
	}
	return 0;
}

static void vmxnet3_get_wol(struct net_device *netdev,
			    struct ethtool_wolinfo *wol)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);

	wol->supported = VMXNET3_WOL;
	wol->wolopts = shell->wol;
}

/* Takes effect when the guest goes to sleep. */
static int vmxnet3_set_wol(struct net_device *netdev,
			   struct ethtool_wolinfo *wol)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);

	if (wol->wolopts & ~VMXNET3_WOL)
		return -EOPNOTSUPP;
	shell->wol = wol->wolopts;
	device_set_wakeup_enable(shell->dev, shell->wol);
	return 0;
}

static u32 __maybe_unused
vmxnet3_get_rx_ring_count(struct net_device *netdev)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);

	return shell->cfg.num_queues;
}

/* Kernels before 7.0 ask in another way, see vmxnet3_compat.h. */
#ifndef VMXNET3_RX_RING_COUNT_OP
#define VMXNET3_RX_RING_COUNT_OP \
	.get_rx_ring_count = vmxnet3_get_rx_ring_count
#endif

#ifndef VMXNET3_RXFH_FIELDS_OPS
#define VMXNET3_RXFH_FIELDS_OPS \
	.get_rxfh_fields = vmxnet3_get_rxfh_fields, \
	.set_rxfh_fields = vmxnet3_set_rxfh_fields
#endif

static u32 vmxnet3_get_msglevel(struct net_device *netdev)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);

	return shell->msg_enable;
}

static void vmxnet3_set_msglevel(struct net_device *netdev, u32 value)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);

	shell->msg_enable = value;
}

/* Those that change the number of queues, features or whether it is up. */
#ifndef VMXNET3_OP_NEEDS_RTNL
#define VMXNET3_OP_NEEDS_RTNL \
	.op_needs_rtnl = ETHTOOL_OP_NEEDS_RTNL_SRINGPARAM | \
			 ETHTOOL_OP_NEEDS_RTNL_SCHANNELS | \
			 ETHTOOL_OP_NEEDS_RTNL_GLINK | \
			 ETHTOOL_OP_NEEDS_RTNL_TEST,
#endif

const struct ethtool_ops vmxnet3_ethtool_ops = {
	VMXNET3_OP_NEEDS_RTNL
	.supported_ring_params = ETHTOOL_RING_USE_RX_BUF_LEN |
				 ETHTOOL_RING_USE_TX_PUSH_BUF_LEN,
	.get_drvinfo = vmxnet3_get_drvinfo,
	.get_regs_len = vmxnet3_get_regs_len,
	.get_regs = vmxnet3_get_regs,
	.self_test = vmxnet3_self_test,
	.get_link = ethtool_op_get_link,
	.get_link_ksettings = vmxnet3_get_link_ksettings,
	.get_ringparam = vmxnet3_get_ringparam,
	.set_ringparam = vmxnet3_set_ringparam,
	.get_channels = vmxnet3_get_channels,
	.set_channels = vmxnet3_set_channels,
	.get_sset_count = vmxnet3_get_sset_count,
	.get_strings = vmxnet3_get_strings,
	.get_ethtool_stats = vmxnet3_get_ethtool_stats,
	.get_rxfh_key_size = vmxnet3_get_rxfh_key_size,
	.get_rxfh_indir_size = vmxnet3_get_rxfh_indir_size,
	.get_rxfh = vmxnet3_get_rxfh,
	.set_rxfh = vmxnet3_set_rxfh,
	VMXNET3_RX_RING_COUNT_OP,
	VMXNET3_RXFH_FIELDS_OPS,
	.get_wol = vmxnet3_get_wol,
	.set_wol = vmxnet3_set_wol,
	.supported_coalesce_params = ETHTOOL_COALESCE_RX_USECS |
				     ETHTOOL_COALESCE_MAX_FRAMES |
				     ETHTOOL_COALESCE_USE_ADAPTIVE_RX,
	.get_coalesce = vmxnet3_get_coalesce,
	.set_coalesce = vmxnet3_set_coalesce,
	.get_msglevel = vmxnet3_get_msglevel,
	.set_msglevel = vmxnet3_set_msglevel,
	.get_ts_info = ethtool_op_get_ts_info,
};

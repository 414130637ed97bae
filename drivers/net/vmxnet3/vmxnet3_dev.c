// SPDX-License-Identifier: GPL-2.0
/*
 * Control of the vmxnet3 device: commands, the shared area, filters, link.
 * All of it goes to the hypervisor, whichever data path is in use.
 */
#include <linux/bitfield.h>
#include <linux/dma-mapping.h>
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/io.h>

#include "vmxnet3_coalesce.h"
#include "vmxnet3_plugin.h"
#include "vmxnet3_rss.h"
#include "vmxnet3_shell.h"

static u32 vmxnet3_mmio_read(struct vmxnet3_shell *shell, u32 reg)
{
	return readl(shell->vd + reg);
}

static void vmxnet3_mmio_write(struct vmxnet3_shell *shell, u32 reg, u32 value)
{
	writel(value, shell->vd + reg);
}

const struct vmxnet3_dev_ops vmxnet3_mmio_ops = {
	.read = vmxnet3_mmio_read,
	.write = vmxnet3_mmio_write,
};

/**
 * vmxnet3_cmd() - issue a command that has no result
 * @shell: the device
 * @cmd: VMXNET3_CMD_*
 *
 * Context: any; takes cmd_lock.
 */
void vmxnet3_cmd(struct vmxnet3_shell *shell, u32 cmd)
{
	unsigned long flags;

	spin_lock_irqsave(&shell->cmd_lock, flags);
	shell->ops->write(shell, VMXNET3_VD_CMD, cmd);
	spin_unlock_irqrestore(&shell->cmd_lock, flags);
}

/**
 * vmxnet3_cmd_locked() - issue a command and read its result
 * @shell: the device
 * @cmd: VMXNET3_CMD_*
 *
 * For what has to happen together with the command.
 *
 * Context: any; cmd_lock is held.
 * Return: what the device says; all-ones if it is gone.
 */
u32 vmxnet3_cmd_locked(struct vmxnet3_shell *shell, u32 cmd)
{
	lockdep_assert_held(&shell->cmd_lock);
	shell->ops->write(shell, VMXNET3_VD_CMD, cmd);
	return shell->ops->read(shell, VMXNET3_VD_CMD);
}

/**
 * vmxnet3_cmd_get() - issue a command and read its result
 * @shell: the device
 * @cmd: VMXNET3_CMD_*
 *
 * Context: any; takes cmd_lock.
 * Return: what the device says; all-ones if it is gone.
 */
u32 vmxnet3_cmd_get(struct vmxnet3_shell *shell, u32 cmd)
{
	unsigned long flags;
	u32 value;

	spin_lock_irqsave(&shell->cmd_lock, flags);
	value = vmxnet3_cmd_locked(shell, cmd);
	spin_unlock_irqrestore(&shell->cmd_lock, flags);
	return value;
}

/**
 * vmxnet3_cmd_info() - issue a command that has arguments
 * @shell: the device, revision 3 or later; it is active, so that it knows the
 *	shared area
 * @cmd: VMXNET3_CMD_*
 * @info: its arguments, little endian
 *
 * The arguments are in the shared area for the time of the command only.
 *
 * Context: any; takes cmd_lock.
 * Return: what the device says, by convention not 0 if it refuses; all-ones if
 * it is gone.
 */
u32 vmxnet3_cmd_info(struct vmxnet3_shell *shell, u32 cmd,
		     const union vmxnet3_cmd_info *info)
{
	unsigned long flags;
	u32 value;

	spin_lock_irqsave(&shell->cmd_lock, flags);
	shell->shared->cmd_info = *info;
	/* The write to CMD makes the arguments visible before it. */
	value = vmxnet3_cmd_locked(shell, cmd);
	memset(&shell->shared->cmd_info, 0, sizeof(shell->shared->cmd_info));
	spin_unlock_irqrestore(&shell->cmd_lock, flags);
	return value;
}

/**
 * vmxnet3_dev_is_gone() - does the device still answer?
 * @shell: the device
 *
 * Context: any.
 * Return: true if its registers read all-ones.
 */
bool vmxnet3_dev_is_gone(struct vmxnet3_shell *shell)
{
	return shell->ops->read(shell, VMXNET3_VD_VRRS) == U32_MAX;
}

static_assert(sizeof(struct vmxnet3_tx_queue_desc) %
	      VMXNET3_QUEUE_DESC_ALIGN == 0);
static_assert(sizeof(struct vmxnet3_rx_queue_desc) %
	      VMXNET3_QUEUE_DESC_ALIGN == 0);

static size_t vmxnet3_queue_descs_len(u32 num_queues)
{
	return num_queues * (sizeof(struct vmxnet3_tx_queue_desc) +
			     sizeof(struct vmxnet3_rx_queue_desc));
}

/**
 * vmxnet3_dev_spread_rss() - spread receiving evenly over queues
 * @shell: the device
 * @num_queues: how many
 *
 * The device looks at the table when it is activated, or told to.
 */
void vmxnet3_dev_spread_rss(struct vmxnet3_shell *shell, u32 num_queues)
{
	u32 i;

	for (i = 0; i < VMXNET3_RSS_TABLE_LEN; i++)
		shell->rss->table[i] =
			ethtool_rxfh_indir_default(i, num_queues);
}

/*
 * RSS begins with a random key and an even spread.  The shared copy is what
 * reads and changes go to, so it survives resets and switches.
 */
static void vmxnet3_dev_init_rss(struct vmxnet3_shell *shell)
{
	struct vmxnet3_rss_conf *rss = shell->rss;

	rss->hash_type = cpu_to_le16(VMXNET3_RSS_IPV4 | VMXNET3_RSS_TCP_IPV4 |
				     VMXNET3_RSS_IPV6 | VMXNET3_RSS_TCP_IPV6);
	rss->hash_func = cpu_to_le16(VMXNET3_RSS_FUNC_TOEPLITZ);
	rss->key_len = cpu_to_le16(VMXNET3_RSS_KEY_LEN);
	rss->table_len = cpu_to_le16(VMXNET3_RSS_TABLE_LEN);
	netdev_rss_key_fill(rss->key, sizeof(rss->key));
	vmxnet3_dev_spread_rss(shell, shell->cfg.num_queues);
	vmxnet3_rss_init_fields(shell);
}

/**
 * vmxnet3_dev_alloc() - allocate the memory shared with the device
 * @shell: the device; its revision, max_queues and cfg are set
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int vmxnet3_dev_alloc(struct vmxnet3_shell *shell)
{
	struct device *dev = shell->dev;

	shell->shared = dma_alloc_coherent(dev, sizeof(*shell->shared),
					   &shell->shared_pa, GFP_KERNEL);
	if (!shell->shared)
		return -ENOMEM;

	shell->queue_descs_len = vmxnet3_queue_descs_len(shell->max_queues);
	shell->queue_descs =
		dma_alloc_coherent(dev, VMXNET3_QUEUE_DESC_SETS *
				   shell->queue_descs_len,
				   &shell->queue_descs_pa, GFP_KERNEL);
	if (!shell->queue_descs)
		goto free_shared;

	shell->rss = dma_alloc_coherent(dev, sizeof(*shell->rss),
					&shell->rss_pa, GFP_KERNEL);
	if (!shell->rss)
		goto free_queue_desc;

	shell->mf_table = dma_alloc_coherent(dev, VMXNET3_MF_TABLE_MAX *
					     ETH_ALEN, &shell->mf_table_pa,
					     GFP_KERNEL);
	if (!shell->mf_table)
		goto free_rss;
	if (vmxnet3_coalesce_alloc(shell))
		goto free_mf_table;

	vmxnet3_dev_init_rss(shell);
	return 0;

free_mf_table:
	dma_free_coherent(dev, VMXNET3_MF_TABLE_MAX * ETH_ALEN,
			  shell->mf_table, shell->mf_table_pa);
free_rss:
	dma_free_coherent(dev, sizeof(*shell->rss), shell->rss, shell->rss_pa);
free_queue_desc:
	dma_free_coherent(dev, VMXNET3_QUEUE_DESC_SETS * shell->queue_descs_len,
			  shell->queue_descs, shell->queue_descs_pa);
free_shared:
	dma_free_coherent(dev, sizeof(*shell->shared), shell->shared,
			  shell->shared_pa);
	return -ENOMEM;
}

/**
 * vmxnet3_dev_free() - undo vmxnet3_dev_alloc()
 * @shell: the device, which must be quiesced
 */
void vmxnet3_dev_free(struct vmxnet3_shell *shell)
{
	struct device *dev = shell->dev;

	vmxnet3_coalesce_free(shell);
	dma_free_coherent(dev, VMXNET3_MF_TABLE_MAX * ETH_ALEN,
			  shell->mf_table, shell->mf_table_pa);
	dma_free_coherent(dev, sizeof(*shell->rss), shell->rss, shell->rss_pa);
	dma_free_coherent(dev, VMXNET3_QUEUE_DESC_SETS * shell->queue_descs_len,
			  shell->queue_descs, shell->queue_descs_pa);
	dma_free_coherent(dev, sizeof(*shell->shared), shell->shared,
			  shell->shared_pa);
}

static u64 vmxnet3_dev_features(netdev_features_t features,
				const struct vmxnet3_config *cfg)
{
	bool tunnels = features & (NETIF_F_GSO_UDP_TUNNEL |
				   NETIF_F_GSO_UDP_TUNNEL_CSUM);

	return (features & NETIF_F_RXCSUM ? VMXNET3_F_RXCSUM : 0) |
	       (features & NETIF_F_HW_VLAN_CTAG_RX ? VMXNET3_F_RXVLAN : 0) |
	       (cfg->num_queues > 1 ? VMXNET3_F_RSS : 0) |
	       (cfg->lro ? VMXNET3_F_LRO : 0) |
	       (tunnels && features & NETIF_F_RXCSUM ? VMXNET3_F_RXINNER : 0);
}

/* Rings that a queue may have, or not, for lack of memory. */

static void vmxnet3_fill_tx_extras(const struct vmxnet3_path *path, u32 i)
{
	const u32 *info = path->ps->device_info;
	const struct npa_queue *q = &path->ps->tx[i];
	struct vmxnet3_tx_queue_desc *desc = &path->tqd[i];
	const struct npa_ring_seg *data = &q->seg[VMXNET3_TX_SEG_DATA];
	const struct npa_ring_seg *stamp = &q->seg[VMXNET3_TX_SEG_STAMP];

	desc->conf.data_ring_pa = cpu_to_le64(data->pa);
	if (data->va) {
		desc->conf.data_ring_size = cpu_to_le32(q->ring_size);
		desc->conf.data_desc_size =
			cpu_to_le16(info[VMXNET3_PLUGIN_INFO_TX_DATA]);
	}
	desc->ts.ring_pa = cpu_to_le64(stamp->pa);
	desc->ts.desc_size =
		cpu_to_le16(stamp->va ? info[VMXNET3_PLUGIN_INFO_TX_STAMP] : 0);
}

static void vmxnet3_fill_rx_extras(const struct vmxnet3_path *path, u32 i)
{
	const u32 *info = path->ps->device_info;
	const struct npa_queue *q = &path->ps->rx[i];
	struct vmxnet3_rx_queue_desc *desc = &path->rqd[i];
	const struct npa_ring_seg *data = &q->seg[VMXNET3_RX_SEG_DATA];
	const struct npa_ring_seg *stamp = &q->seg[VMXNET3_RX_SEG_STAMP];

	desc->conf.data_ring_pa = cpu_to_le64(data->pa);
	desc->conf.data_desc_size =
		cpu_to_le16(data->va ? info[VMXNET3_PLUGIN_INFO_RX_DATA] : 0);
	desc->ts.ring_pa = cpu_to_le64(stamp->pa);
	desc->ts.desc_size =
		cpu_to_le16(stamp->va ? info[VMXNET3_PLUGIN_INFO_RX_STAMP] : 0);
}

static void vmxnet3_fill_queue_descs(const struct vmxnet3_path *path)
{
	u32 i;

	for (i = 0; i < path->num_queues; i++) {
		struct vmxnet3_tx_queue_conf *tx = &path->tqd[i].conf;
		struct vmxnet3_rx_queue_conf *rx = &path->rqd[i].conf;
		const struct npa_queue *tq = &path->ps->tx[i];
		const struct npa_queue *rq = &path->ps->rx[i];
		const struct npa_ring_seg *seg = tq->seg;

		memset(tx, 0, sizeof(*tx));
		tx->ring_pa = cpu_to_le64(seg[VMXNET3_TX_SEG_RING].pa);
		tx->comp_ring_pa = cpu_to_le64(seg[VMXNET3_TX_SEG_COMP].pa);
		tx->ring_size = cpu_to_le32(tq->ring_size);
		tx->comp_ring_size = cpu_to_le32(tq->ring_size);
		tx->intr = tq->intr;
		vmxnet3_fill_tx_extras(path, i);

		seg = rq->seg;
		memset(rx, 0, sizeof(*rx));
		rx->ring_pa[0] = cpu_to_le64(seg[VMXNET3_RX_SEG_RINGS].pa);
		rx->ring_pa[1] = cpu_to_le64(seg[VMXNET3_RX_SEG_RINGS].pa +
					     seg[VMXNET3_RX_SEG_RINGS].length /
					     2);
		rx->comp_ring_pa = cpu_to_le64(seg[VMXNET3_RX_SEG_COMP].pa);
		rx->ring_size[0] = cpu_to_le32(rq->ring_size);
		rx->ring_size[1] = cpu_to_le32(rq->ring_size);
		rx->comp_ring_size = cpu_to_le32(2 * rq->ring_size);
		rx->intr = rq->intr;
		vmxnet3_fill_rx_extras(path, i);
	}
}

/*
 * The device looks at one of two places, by the number of queues.  Where there
 * is more to say than the old one can hold it says as much as that can.
 */
static void vmxnet3_fill_intrs(struct vmxnet3_shell *shell)
{
	struct vmxnet3_intr_conf *intr = &shell->shared->dev_read.intr;
	struct vmxnet3_intr_conf_ext *ext = &shell->shared->intr_ext;

	intr->auto_mask = shell->mask_mode == VMXNET3_INTR_MASK_AUTO;
	intr->num_intrs = umin(shell->num_intrs, VMXNET3_MAX_INTRS);
	intr->event_intr = shell->num_intrs - 1;
	memset(intr->mod_levels, VMXNET3_INTR_LEVEL_ADAPTIVE, intr->num_intrs);
	intr->ctrl = 0;
	if (!vmxnet3_at_least(shell, 6))
		return;

	ext->auto_mask = shell->mask_mode == VMXNET3_INTR_MASK_AUTO;
	ext->num_intrs = shell->num_intrs;
	ext->event_intr = shell->num_intrs - 1;
	memset(ext->mod_levels, VMXNET3_INTR_LEVEL_ADAPTIVE, ext->num_intrs);
	ext->ctrl = 0;
}

static void vmxnet3_fill_shared(struct vmxnet3_shell *shell,
				const struct vmxnet3_path *path)
{
	struct vmxnet3_dev_read *dr = &shell->shared->dev_read;
	bool rss = path->num_queues > 1;

	shell->shared->magic = cpu_to_le32(VMXNET3_SHARED_MAGIC);

	dr->misc.driver_info.version = cpu_to_le32(VMXNET3_DRIVER_VERSION);
	dr->misc.driver_info.gos =
		cpu_to_le32(FIELD_PREP(VMXNET3_GOS_BITS,
				       IS_ENABLED(CONFIG_64BIT) ?
				       VMXNET3_GOS_BITS_64 :
				       VMXNET3_GOS_BITS_32) |
			    FIELD_PREP(VMXNET3_GOS_TYPE,
				       VMXNET3_GOS_TYPE_LINUX));
	/* All that it can do with, up to the one in use. */
	dr->misc.driver_info.revision =
		cpu_to_le32(GENMASK(shell->revision - 1, 0));
	dr->misc.driver_info.upt_version = cpu_to_le32(VMXNET3_UPT_VERSION);
	dr->misc.features =
		cpu_to_le64(vmxnet3_dev_features(shell->netdev->features,
						 &path->cfg));
	dr->misc.queue_desc_pa = cpu_to_le64(shell->queue_descs_pa +
					     path->queue_descs *
					     shell->queue_descs_len);
	dr->misc.queue_desc_len =
		cpu_to_le32(vmxnet3_queue_descs_len(path->num_queues));
	dr->misc.mtu = cpu_to_le32(path->ps->mtu);
	/* Header buffer and what the longest frame needs of large ones. */
	dr->misc.max_rx_sg =
		cpu_to_le16(path->cfg.lro ? NPA_RX_MAX_SG :
			    1 + DIV_ROUND_UP(shell->limits.max_mtu,
					     VMXNET3_LARGE_LEN));
	dr->misc.num_tx_queues = path->num_queues;
	dr->misc.num_rx_queues = path->num_queues;

	vmxnet3_fill_intrs(shell);

	dr->rx_filter.mf_table_pa = cpu_to_le64(shell->mf_table_pa);

	dr->rss.version = cpu_to_le32(rss);
	dr->rss.length = cpu_to_le32(rss ? sizeof(*shell->rss) : 0);
	dr->rss.pa = cpu_to_le64(rss ? shell->rss_pa : 0);
	if (shell->npa.supported) {
		dr->plugin.version = cpu_to_le32(VMXNET3_NPA_CONF_V2);
		dr->plugin.length = cpu_to_le32(sizeof(*shell->npa.conf));
		dr->plugin.pa = cpu_to_le64(shell->npa.conf_pa);
	}
}

/**
 * vmxnet3_dev_activate() - start emulation with the rings of a path
 * @shell: the device
 * @path: emulated path, rings initialised
 *
 * Also when emulation was stopped for a VF: the hypervisor then moves the MAC
 * back to the emulated port.
 *
 * Context: process, conf_lock held.
 * Return: 0 or -EIO.
 */
int vmxnet3_dev_activate(struct vmxnet3_shell *shell,
			 struct vmxnet3_path *path)
{
	u32 result;

	lockdep_assert_held(&shell->conf_lock);

	vmxnet3_fill_shared(shell, path);
	vmxnet3_fill_queue_descs(path);
	shell->ops->write(shell, VMXNET3_VD_DSAL,
			  lower_32_bits(shell->shared_pa));
	shell->ops->write(shell, VMXNET3_VD_DSAH,
			  upper_32_bits(shell->shared_pa));
	result = vmxnet3_cmd_get(shell, VMXNET3_CMD_ACTIVATE_DEV);
	if (result) {
		netdev_err(shell->netdev, "device activation failed (%#x)\n",
			   result);
		return -EIO;
	}
	vmxnet3_stats_activated(shell);
	vmxnet3_revision_activated(shell, path);
	vmxnet3_coalesce_restore(shell);
	vmxnet3_rss_restore(shell);
	return 0;
}

/**
 * vmxnet3_dev_quiesce() - stop the device; it touches no ring any more
 * @shell: the device
 *
 * Context: process, conf_lock held.
 */
void vmxnet3_dev_quiesce(struct vmxnet3_shell *shell)
{
	vmxnet3_stats_collect(shell);
	/* Reading the result makes sure that the command was carried out. */
	vmxnet3_cmd_get(shell, VMXNET3_CMD_QUIESCE_DEV);
}

/**
 * vmxnet3_dev_read_mac() - read a MAC address from the device
 * @shell: the device
 * @permanent: the one it was born with, else the current one
 * @mac: six bytes
 */
void vmxnet3_dev_read_mac(struct vmxnet3_shell *shell, bool permanent, u8 *mac)
{
	u32 lo, hi;

	if (permanent) {
		lo = vmxnet3_cmd_get(shell, VMXNET3_CMD_GET_PERM_MAC_LO);
		hi = vmxnet3_cmd_get(shell, VMXNET3_CMD_GET_PERM_MAC_HI);
	} else {
		lo = shell->ops->read(shell, VMXNET3_VD_MACL);
		hi = shell->ops->read(shell, VMXNET3_VD_MACH);
	}
	put_unaligned_le32(lo, mac);
	put_unaligned_le16(hi, mac + 4);
}

/**
 * vmxnet3_dev_write_mac() - tell the device its MAC address
 * @shell: the device
 * @mac: six bytes
 */
void vmxnet3_dev_write_mac(struct vmxnet3_shell *shell, const u8 *mac)
{
	shell->ops->write(shell, VMXNET3_VD_MACL, get_unaligned_le32(mac));
	shell->ops->write(shell, VMXNET3_VD_MACH,
			  get_unaligned_le16(mac + 4));
}

/**
 * vmxnet3_dev_set_rx_mode() - write receive mode and multicast filter
 * @shell: the device
 *
 * Context: the netdev's address lock is held.
 */
void vmxnet3_dev_set_rx_mode(struct vmxnet3_shell *shell)
{
	struct vmxnet3_rx_filter_conf *conf =
		&shell->shared->dev_read.rx_filter;
	struct net_device *netdev = shell->netdev;
	u32 mode = VMXNET3_RXM_UCAST;
	struct netdev_hw_addr *ha;
	u32 n = 0;

	if (netdev->flags & IFF_PROMISC)
		mode |= VMXNET3_RXM_PROMISC;
	if (netdev->flags & IFF_BROADCAST)
		mode |= VMXNET3_RXM_BCAST;
	if (netdev->flags & IFF_ALLMULTI ||
	    netdev_mc_count(netdev) > VMXNET3_MF_TABLE_MAX) {
		mode |= VMXNET3_RXM_ALL_MULTI;
	} else if (!netdev_mc_empty(netdev)) {
		mode |= VMXNET3_RXM_MCAST;
		netdev_for_each_mc_addr(ha, netdev)
			ether_addr_copy(shell->mf_table[n++], ha->addr);
	}
	conf->mf_table_len = cpu_to_le16(n * ETH_ALEN);
	vmxnet3_cmd(shell, VMXNET3_CMD_UPDATE_MAC_FILTERS);

	if (conf->rx_mode != cpu_to_le32(mode)) {
		conf->rx_mode = cpu_to_le32(mode);
		vmxnet3_cmd(shell, VMXNET3_CMD_UPDATE_RX_MODE);
		/* A promiscuous port gets all VLANs, and then its own again. */
		vmxnet3_dev_set_vlans(shell);
	}
}

/**
 * vmxnet3_dev_set_vlans() - write the VLAN filter
 * @shell: the device
 */
void vmxnet3_dev_set_vlans(struct vmxnet3_shell *shell)
{
	__le32 *table = shell->shared->dev_read.rx_filter.vlan_table;
	u32 i, vid;

	if (shell->netdev->flags & IFF_PROMISC) {
		memset(table, 0xff, VMXNET3_VLAN_WORDS * sizeof(*table));
	} else {
		memset(table, 0, VMXNET3_VLAN_WORDS * sizeof(*table));
		table[0] = cpu_to_le32(BIT(0));		/* untagged */
		for_each_set_bit(vid, shell->active_vlans, VLAN_N_VID) {
			i = vid / 32;
			table[i] |= cpu_to_le32(BIT(vid % 32));
		}
	}
	vmxnet3_cmd(shell, VMXNET3_CMD_UPDATE_VLAN_FILTERS);
}

/**
 * vmxnet3_dev_set_features() - switch offloads of the device
 * @shell: the device
 * @features: as the netdev will have them
 */
void vmxnet3_dev_set_features(struct vmxnet3_shell *shell,
			      netdev_features_t features)
{
	u64 value = vmxnet3_dev_features(features, &shell->cfg);

	shell->shared->dev_read.misc.features = cpu_to_le64(value);
	vmxnet3_cmd(shell, VMXNET3_CMD_UPDATE_FEATURE);
}

/**
 * vmxnet3_dev_link() - ask the device for the link state
 * @shell: the device
 * @speed: receives Mbit/s
 *
 * Return: true if the link is up.
 */
bool vmxnet3_dev_link(struct vmxnet3_shell *shell, u32 *speed)
{
	u32 value = vmxnet3_cmd_get(shell, VMXNET3_CMD_GET_LINK);

	/* All-ones: there is no device any more. */
	if (value == U32_MAX)
		value = 0;
	*speed = vmxnet3_revision_speed(shell, value);
	return value & VMXNET3_LINK_UP;
}

/**
 * vmxnet3_dev_take_events() - read and acknowledge pending events
 * @shell: the device
 *
 * Context: the event interrupt.
 * Return: VMXNET3_ECR_* bits.
 */
u32 vmxnet3_dev_take_events(struct vmxnet3_shell *shell)
{
	u32 events = le32_to_cpu(READ_ONCE(shell->shared->ecr));

	if (events)
		shell->ops->write(shell, VMXNET3_VD_ECR, events);
	return events;
}

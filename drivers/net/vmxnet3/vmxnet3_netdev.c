// SPDX-License-Identifier: GPL-2.0
/*
 * net_device operations: up and down, MTU, MAC, filters, features, statistics.
 */
#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>

#include "vmxnet3_npa.h"
#include "vmxnet3_queue_mgmt.h"
#include "vmxnet3_reconf.h"
#include "vmxnet3_shell.h"
#include "vmxnet3_switch.h"
#include "vmxnet3_xdp.h"

/* 82576 and its like describe headers up to these lengths. */
#define VMXNET3_MAX_MAC_HDR_LEN	127
#define VMXNET3_MAX_NET_HDR_LEN	511

/**
 * vmxnet3_set_path() - make an emulated path the one in use
 * @shell: the device
 * @path: the path; its configuration becomes the device's
 *
 * Context: process, conf_lock held; NAPI is disabled and nothing is sent.
 */
void vmxnet3_set_path(struct vmxnet3_shell *shell, struct vmxnet3_path *path)
{
	u32 i;

	shell->path = path;
	WRITE_ONCE(shell->tunnels, path->tunnels);
	shell->emulated = path;
	shell->cfg = path->cfg;
	for (i = 0; i < shell->max_queues; i++) {
		struct vmxnet3_queue *q = &shell->queues[i];
		bool used = i < path->num_queues;

		WRITE_ONCE(q->rx, used ? &path->rx[i] : NULL);
		WRITE_ONCE(q->tx, used ? &path->tx[i] : NULL);
		q->rx_next = NULL;
		q->moving = false;
	}
}

/*
 * Have the instances of the first pairs, disabled as they are, and no other.
 * The stack shows all that there are, and would wait for ever for a disabled
 * one when it turns threaded polling off.
 */
static void vmxnet3_napi_have(struct vmxnet3_shell *shell, u32 count)
{
	u32 i;

	for (i = shell->num_napis; i < count; i++) {
		struct vmxnet3_queue *q = &shell->queues[i];

		netif_napi_add_config_locked(shell->netdev, &q->napi,
					     vmxnet3_poll, i);
		if (shell->pdev)
			netif_napi_set_irq_locked(&q->napi, q->irq);
	}
	for (i = count; i < shell->num_napis; i++)
		__netif_napi_del_locked(&shell->queues[i].napi);
	if (count < shell->num_napis)
		synchronize_net();
	shell->num_napis = count;
}

/**
 * vmxnet3_napi_enable() - let NAPI of the pairs in use run
 * @shell: the device; the interrupts of its pairs are known
 *
 * Context: process, the netdev's instance lock held.
 */
void vmxnet3_napi_enable(struct vmxnet3_shell *shell)
{
	u32 i;

	vmxnet3_napi_have(shell, shell->cfg.num_queues);
	for (i = 0; i < shell->cfg.num_queues; i++) {
		struct vmxnet3_queue *q = &shell->queues[i];

		napi_enable_locked(&q->napi);
		netif_queue_set_napi(shell->netdev, i, NETDEV_QUEUE_TYPE_RX,
				     &q->napi);
		netif_queue_set_napi(shell->netdev, i, NETDEV_QUEUE_TYPE_TX,
				     &q->napi);
	}
}

/**
 * vmxnet3_napi_disable() - undo vmxnet3_napi_enable()
 * @shell: the device
 *
 * Context: process, the netdev's instance lock held.
 */
void vmxnet3_napi_disable(struct vmxnet3_shell *shell)
{
	u32 i;

	for (i = 0; i < shell->cfg.num_queues; i++) {
		struct vmxnet3_queue *q = &shell->queues[i];

		netif_queue_set_napi(shell->netdev, i, NETDEV_QUEUE_TYPE_RX,
				     NULL);
		netif_queue_set_napi(shell->netdev, i, NETDEV_QUEUE_TYPE_TX,
				     NULL);
		napi_disable_locked(&q->napi);
		timer_delete_sync(&q->refill_timer);
		hrtimer_cancel(&q->tx_timer);
	}
}

/**
 * vmxnet3_start_traffic() - let traffic flow on the path in use
 * @shell: the device
 *
 * What came while NAPI was off is looked at.
 *
 * Context: process, instance lock and conf_lock held.
 */
void vmxnet3_start_traffic(struct vmxnet3_shell *shell)
{
	u32 i;

	vmxnet3_napi_enable(shell);
	set_bit(VMXNET3_STATE_ACTIVE, &shell->state);
	vmxnet3_reset_worked(shell);
	vmxnet3_path_enable_intrs(shell->path);
	vmxnet3_irq_enable_events(shell);
	local_bh_disable();
	for (i = 0; i < shell->cfg.num_queues; i++)
		napi_schedule(&shell->queues[i].napi);
	local_bh_enable();
	/* Those not in use as well: a stopped queue is said to hang. */
	netif_tx_wake_all_queues(shell->netdev);
}

/**
 * vmxnet3_tx_hold() - stop a queue for the driver's own sake
 * @q: its queue pair
 *
 * The stack's watchdog is not to take it for one that hangs.
 *
 * Context: process.
 */
void vmxnet3_tx_hold(struct vmxnet3_queue *q)
{
	__netif_tx_lock_bh(q->txq);
	WRITE_ONCE(q->moving, true);
	txq_trans_cond_update(q->txq);
	netif_tx_stop_queue(q->txq);
	__netif_tx_unlock_bh(q->txq);
}

/**
 * vmxnet3_tx_release_hold() - undo vmxnet3_tx_hold()
 * @q: the queue pair
 *
 * Context: process.
 */
void vmxnet3_tx_release_hold(struct vmxnet3_queue *q)
{
	__netif_tx_lock_bh(q->txq);
	WRITE_ONCE(q->moving, false);
	netif_tx_wake_queue(q->txq);
	__netif_tx_unlock_bh(q->txq);
}

/**
 * vmxnet3_tx_disable() - stop all queues; no xmit runs when it returns
 * @shell: the device
 *
 * Context: process.
 */
void vmxnet3_tx_disable(struct vmxnet3_shell *shell)
{
	u32 i;

	for (i = 0; i < shell->netdev->num_tx_queues; i++)
		txq_trans_cond_update(netdev_get_tx_queue(shell->netdev, i));
	netif_tx_disable(shell->netdev);
}

/**
 * vmxnet3_stop_traffic() - nothing is sent or received when it returns
 * @shell: the device, at work or not
 *
 * NAPI's instances are there, and enabled, exactly while VMXNET3_STATE_ACTIVE
 * is set, but for moments of a change that are spent under both locks.
 *
 * Context: process, rtnl, instance lock and conf_lock held.
 */
void vmxnet3_stop_traffic(struct vmxnet3_shell *shell)
{
	bool active = test_and_clear_bit(VMXNET3_STATE_ACTIVE, &shell->state);

	vmxnet3_tx_disable(shell);
	if (active)
		vmxnet3_napi_disable(shell);
	vmxnet3_napi_have(shell, 0);
	vmxnet3_path_reap(shell);
}

/* No path is in use, and nobody looks at the rings of the one that was. */
static void vmxnet3_clear_path(struct vmxnet3_shell *shell)
{
	u32 i;

	shell->path = NULL;
	shell->emulated = NULL;
	for (i = 0; i < shell->max_queues; i++) {
		WRITE_ONCE(shell->queues[i].rx, NULL);
		WRITE_ONCE(shell->queues[i].tx, NULL);
	}
	vmxnet3_irq_sync(shell);
}

/**
 * vmxnet3_stop_hardware() - stop whatever is active; a VF path is freed
 * @shell: the device; there is no traffic
 *
 * The emulated path is the one in use then, if there is one.
 *
 * Context: process, rtnl, instance lock and conf_lock held.
 */
void vmxnet3_stop_hardware(struct vmxnet3_shell *shell)
{
	struct vmxnet3_path *vf = shell->vf;

	if (!shell->pdev || !pci_channel_offline(shell->pdev)) {
		if (vf)
			vmxnet3_npa_cmd(shell, VMXNET3_CMD_NPA_QUIESCE_VF, 500,
					false);
		vmxnet3_dev_quiesce(shell);
		/* A reset also ends what a device did not finish. */
		vmxnet3_cmd_get(shell, VMXNET3_CMD_RESET_DEV);
		vmxnet3_npa_settle(shell);
	}
	if (vf) {
		shell->vf = NULL;
		if (shell->emulated) {
			vmxnet3_set_path(shell, shell->emulated);
			vmxnet3_irq_sync(shell);
		} else {
			vmxnet3_clear_path(shell);
		}
		vmxnet3_path_free(vf);
		vmxnet3_npa_unload(shell);
	}
}

/**
 * vmxnet3_stop_device() - stop whatever is active, then free what it knew
 * @shell: the device; there is no traffic
 *
 * Context: process, rtnl, instance lock and conf_lock held.
 */
void vmxnet3_stop_device(struct vmxnet3_shell *shell)
{
	struct vmxnet3_path *emulated;
	u32 i;

	vmxnet3_stop_hardware(shell);
	emulated = shell->emulated;
	vmxnet3_clear_path(shell);
	vmxnet3_path_free(emulated);
	/* Only now: what is dropped is still accounted for. */
	for (i = 0; i < shell->max_queues; i++)
		netdev_tx_reset_queue(shell->queues[i].txq);
}

/**
 * vmxnet3_start_device() - activate the device with an emulated path
 * @shell: the device, quiesced
 * @path: the path; it is the one in use if this succeeds
 *
 * Context: process, instance lock and conf_lock held; NAPI is disabled and
 * nothing is sent.
 * Return: 0 or -EIO; no path is in use then.
 */
int vmxnet3_start_device(struct vmxnet3_shell *shell, struct vmxnet3_path *path)
{
	int err;

	vmxnet3_set_path(shell, path);
	/* The device begins with no filter at all. */
	shell->shared->dev_read.rx_filter.rx_mode = 0;
	vmxnet3_dev_write_mac(shell, shell->netdev->dev_addr);
	err = vmxnet3_dev_activate(shell, path);
	if (err) {
		vmxnet3_clear_path(shell);
		return err;
	}
	netif_addr_lock_bh(shell->netdev);
	vmxnet3_dev_set_rx_mode(shell);
	netif_addr_unlock_bh(shell->netdev);
	vmxnet3_dev_set_vlans(shell);
	return 0;
}

/**
 * vmxnet3_up() - bring the device up on the emulated path
 * @shell: the device, down
 *
 * Context: process, rtnl and instance lock held.
 * Return: 0 or a negative errno; the device is down then.
 */
int vmxnet3_up(struct vmxnet3_shell *shell)
{
	struct vmxnet3_path *path;
	int err;

	mutex_lock(&shell->conf_lock);
	path = vmxnet3_path_alloc_emulated(shell, &shell->cfg);
	if (!path) {
		err = -ENOMEM;
		goto unlock;
	}
	vmxnet3_set_path(shell, path);
	/* A message from before is tried once more. */
	shell->npa.refused_msg = 0;
	err = vmxnet3_irq_request(shell);
	if (err)
		goto free_path;
	err = vmxnet3_start_device(shell, path);
	if (err)
		goto free_irq;
	set_bit(VMXNET3_STATE_UP, &shell->state);
	vmxnet3_start_traffic(shell);
	vmxnet3_conf_unlock(shell);
	vmxnet3_link_work(&shell->link_work);
	return 0;

free_irq:
	vmxnet3_irq_free(shell);
free_path:
	vmxnet3_clear_path(shell);
	vmxnet3_path_free(path);
unlock:
	mutex_unlock(&shell->conf_lock);
	return err;
}

/**
 * vmxnet3_down() - take the device down, whichever path it is on
 * @shell: the device; nothing happens if it is down
 *
 * Context: process, rtnl and instance lock held.
 */
void vmxnet3_down(struct vmxnet3_shell *shell)
{
	vmxnet3_conf_lock(shell);
	if (test_and_clear_bit(VMXNET3_STATE_UP, &shell->state)) {
		vmxnet3_stop_traffic(shell);
		netif_carrier_off(shell->netdev);
		vmxnet3_stop_device(shell);
		vmxnet3_irq_free(shell);
	}
	mutex_unlock(&shell->conf_lock);
}

static int vmxnet3_open(struct net_device *netdev)
{
	return vmxnet3_up(netdev_priv(netdev));
}

static int vmxnet3_stop(struct net_device *netdev)
{
	vmxnet3_down(netdev_priv(netdev));
	return 0;
}

static int vmxnet3_change_mtu(struct net_device *netdev, int mtu)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);
	struct vmxnet3_config cfg = shell->cfg;
	int err;

	if (!vmxnet3_xdp_mtu_ok(shell, mtu)) {
		netdev_err(netdev, "MTU %d is too large for the XDP program, which has no frags support\n",
			   mtu);
		return -EINVAL;
	}
	cfg.mtu = mtu;
	err = vmxnet3_reconfigure(shell, &cfg, "MTU change", NULL);
	if (!err)
		WRITE_ONCE(netdev->mtu, mtu);
	return err;
}

static int vmxnet3_set_mac_address(struct net_device *netdev, void *p)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);
	struct sockaddr *addr = p;
	int err;

	err = eth_prepare_mac_addr_change(netdev, p);
	if (err)
		return err;
	eth_hw_addr_set(netdev, addr->sa_data);
	vmxnet3_dev_write_mac(shell, netdev->dev_addr);
	return 0;
}

/* What the lists say now is as good as what they said when this was queued. */
static int __maybe_unused
vmxnet3_set_rx_mode_async(struct net_device *netdev,
			  struct netdev_hw_addr_list *uc,
			  struct netdev_hw_addr_list *mc)
{
	netif_addr_lock_bh(netdev);
	vmxnet3_dev_set_rx_mode(netdev_priv(netdev));
	netif_addr_unlock_bh(netdev);
	return 0;
}

/* Kernels before 7.0 ask in another way, see vmxnet3_compat.h. */
#ifndef VMXNET3_SET_RX_MODE_OP
#define VMXNET3_SET_RX_MODE_OP \
	.ndo_set_rx_mode_async = vmxnet3_set_rx_mode_async
#endif

static int vmxnet3_vlan_rx_add_vid(struct net_device *netdev, __be16 proto,
				   u16 vid)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);

	set_bit(vid, shell->active_vlans);
	vmxnet3_dev_set_vlans(shell);
	return 0;
}

static int vmxnet3_vlan_rx_kill_vid(struct net_device *netdev, __be16 proto,
				    u16 vid)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);

	clear_bit(vid, shell->active_vlans);
	vmxnet3_dev_set_vlans(shell);
	return 0;
}

/* Merged segments have to have been checked: their sum is lost. */
static netdev_features_t vmxnet3_fix_features(struct net_device *netdev,
					      netdev_features_t features)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);

	if (!(features & NETIF_F_RXCSUM))
		features &= ~NETIF_F_LRO;
	/* XDP programs want to see what was received. */
	if (rtnl_dereference(shell->xdp_prog))
		features &= ~NETIF_F_LRO;
	return features;
}

static int vmxnet3_set_features(struct net_device *netdev,
				netdev_features_t features)
{
	netdev_features_t changed = netdev->features ^ features;
	struct vmxnet3_shell *shell = netdev_priv(netdev);
	struct vmxnet3_config cfg = shell->cfg;
	int err;

	if (changed & NETIF_F_LRO) {
		cfg.lro = !!(features & NETIF_F_LRO);
		err = vmxnet3_reconfigure(shell, &cfg, "LRO change", NULL);
		if (err)
			return err;
	}
	if (changed & (NETIF_F_LRO | NETIF_F_RXCSUM | NETIF_F_HW_VLAN_CTAG_RX |
		       NETIF_F_GSO_UDP_TUNNEL | NETIF_F_GSO_UDP_TUNNEL_CSUM))
		vmxnet3_dev_set_features(shell, features);
	return 0;
}

static netdev_features_t vmxnet3_features_check(struct sk_buff *skb,
						struct net_device *netdev,
						netdev_features_t features)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);
	unsigned int mac_len, net_len;

	if (skb->ip_summed != CHECKSUM_PARTIAL)
		return features;
	if (unlikely(skb->encapsulation))
		return vmxnet3_tunnel_features(skb, features,
					       READ_ONCE(shell->tunnels));
	mac_len = skb_network_offset(skb);
	net_len = skb_checksum_start(skb) - skb_network_header(skb);
	if (unlikely(mac_len > VMXNET3_MAX_MAC_HDR_LEN ||
		     net_len > VMXNET3_MAX_NET_HDR_LEN))
		features &= ~(NETIF_F_CSUM_MASK | NETIF_F_GSO_MASK);
	return features;
}

static void vmxnet3_tx_timeout(struct net_device *netdev, unsigned int txqueue)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);
	struct vmxnet3_tx_ring *ring = READ_ONCE(shell->queues[txqueue].tx);
	struct vmxnet3_path *path;

	if (!ring)
		return;
	path = ring->path;
	netdev_warn(netdev, "TX queue %u hangs on the %s path\n", txqueue,
		    path->builtin ? "emulated" : "VF");
	if (path->builtin) {
		vmxnet3_request_reset(shell, VMXNET3_RESET_TX_TIMEOUT);
	} else {
		vmxnet3_path_kill(path);
		vmxnet3_switch_force_back(shell, VMXNET3_NPA_TX_HANG);
	}
}

/**
 * vmxnet3_link_work() - ask for the link state and tell the stack
 * @work: in the shell
 */
void vmxnet3_link_work(struct work_struct *work)
{
	struct vmxnet3_shell *shell = container_of(work, struct vmxnet3_shell,
						   link_work);
	struct net_device *netdev = shell->netdev;
	u32 speed;
	bool up;

	/* What a device says that is not at work is of no use. */
	up = test_bit(VMXNET3_STATE_ACTIVE, &shell->state) &&
	     vmxnet3_dev_link(shell, &speed);
	if (up == netif_carrier_ok(netdev))
		return;
	if (up) {
		netdev_info(netdev, "link up, %u Mbit/s\n", speed);
		netif_carrier_on(netdev);
		/* Pairs with who clears the bit, then turns the carrier off. */
		smp_mb();
		if (!test_bit(VMXNET3_STATE_ACTIVE, &shell->state))
			netif_carrier_off(netdev);
	} else {
		netdev_info(netdev, "link down\n");
		netif_carrier_off(netdev);
	}
}

const struct net_device_ops vmxnet3_netdev_ops = {
	.ndo_open = vmxnet3_open,
	.ndo_stop = vmxnet3_stop,
	.ndo_start_xmit = vmxnet3_start_xmit,
	.ndo_change_mtu = vmxnet3_change_mtu,
	.ndo_set_mac_address = vmxnet3_set_mac_address,
	.ndo_validate_addr = eth_validate_addr,
	VMXNET3_SET_RX_MODE_OP,
	.ndo_vlan_rx_add_vid = vmxnet3_vlan_rx_add_vid,
	.ndo_vlan_rx_kill_vid = vmxnet3_vlan_rx_kill_vid,
	.ndo_fix_features = vmxnet3_fix_features,
	.ndo_set_features = vmxnet3_set_features,
	.ndo_features_check = vmxnet3_features_check,
	.ndo_get_stats64 = vmxnet3_get_stats64,
	.ndo_tx_timeout = vmxnet3_tx_timeout,
	.ndo_bpf = vmxnet3_bpf,
	.ndo_xdp_xmit = vmxnet3_xdp_xmit,
};

/* A ring that got no buffers gets no interrupt either: look again. */
static void vmxnet3_refill_timer(struct timer_list *t)
{
	struct vmxnet3_queue *q = container_of(t, struct vmxnet3_queue,
					       refill_timer);

	napi_schedule(&q->napi);
}

/*
 * In tunnels paths differ.  What the emulated device can do is offered, and
 * done in software while a path is in use that cannot.
 */
static void vmxnet3_netdev_init_tunnels(struct vmxnet3_shell *shell)
{
	struct net_device *netdev = shell->netdev;
	u32 tunnels;

	vmxnet3_caps_request(shell, VMXNET3_TUNNEL_CAPS |
			     VMXNET3_CAP_OOORX_COMP, VMXNET3_CAP_ALL);
	tunnels = vmxnet3_tunnel_device(shell);
	if (!tunnels)
		return;
	if (!shell->limits.no_tso)
		netdev->hw_features |= vmxnet3_tunnel_netdev_features(tunnels);
	netdev->hw_enc_features = NETIF_F_HIGHDMA |
		(netdev->hw_features &
		 (NETIF_F_SG | NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM |
		  NETIF_F_TSO | NETIF_F_TSO6 | NETIF_F_GSO_UDP_TUNNEL |
		  NETIF_F_GSO_UDP_TUNNEL_CSUM));
}

/**
 * vmxnet3_netdev_init() - fill in the netdev
 * @shell: the device; number of queues and MAC address are known
 */
void vmxnet3_netdev_init(struct vmxnet3_shell *shell)
{
	struct net_device *netdev = shell->netdev;
	u32 i;

	netdev->netdev_ops = &vmxnet3_netdev_ops;
	netdev->ethtool_ops = &vmxnet3_ethtool_ops;
	netdev->stat_ops = &vmxnet3_stat_ops;
	vmxnet3_offer_queue_mgmt(netdev);
	netdev->min_mtu = VMXNET3_MIN_MTU;
	netdev->max_mtu = shell->limits.max_mtu;
	netdev->watchdog_timeo = 5 * HZ;
	netdev->priv_flags |= IFF_LIVE_ADDR_CHANGE;

	/* What every path can do: none of it changes with the path. */
	netdev->hw_features = NETIF_F_SG | NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM |
			      NETIF_F_TSO | NETIF_F_TSO6 | NETIF_F_RXCSUM |
			      NETIF_F_HW_VLAN_CTAG_TX | NETIF_F_HW_VLAN_CTAG_RX;
	if (shell->limits.no_tso)
		netdev->hw_features &= ~(NETIF_F_TSO | NETIF_F_TSO6);
	if (shell->max_queues > 1)
		netdev->hw_features |= NETIF_F_RXHASH;
	vmxnet3_netdev_init_tunnels(shell);
	netdev->vlan_features = netdev->hw_features &
				~(NETIF_F_HW_VLAN_CTAG_TX |
				  NETIF_F_HW_VLAN_CTAG_RX);
	/* Merged frames are as GRO would have made them. */
	if (!shell->limits.no_lro)
		netdev->hw_features |= NETIF_F_LRO;
	netdev->features = netdev->hw_features | NETIF_F_HW_VLAN_CTAG_FILTER |
			   NETIF_F_HIGHDMA;

	/* TX rings are shared with the stack: no program is needed to send. */
	netdev->xdp_features = NETDEV_XDP_ACT_BASIC | NETDEV_XDP_ACT_REDIRECT |
			       NETDEV_XDP_ACT_NDO_XMIT | NETDEV_XDP_ACT_RX_SG |
			       NETDEV_XDP_ACT_NDO_XMIT_SG;
	netdev->xdp_metadata_ops = &vmxnet3_xdp_metadata_ops;

	for (i = 0; i < shell->max_queues; i++) {
		struct vmxnet3_queue *q = &shell->queues[i];

		q->shell = shell;
		q->index = i;
		q->txq = netdev_get_tx_queue(netdev, i);
		init_completion(&q->rx_moved);
		timer_setup(&q->refill_timer, vmxnet3_refill_timer, 0);
		hrtimer_setup(&q->tx_timer, vmxnet3_tx_timer, CLOCK_MONOTONIC,
			      HRTIMER_MODE_REL_SOFT);
		u64_stats_init(&q->rx_stats.sync);
		u64_stats_init(&q->tx_stats.sync);
		u64_stats_init(&q->xdp_stats.sync);
		u64_stats_init(&q->xdp_xmit_stats.sync);
		/*
		 * As after ifdown: not there, but disabled, so that neither a
		 * stray interrupt nor a page pool takes it for active.
		 */
		netif_napi_add(netdev, &q->napi, vmxnet3_poll);
		netdev_lock(netdev);
		__netif_napi_del_locked(&q->napi);
		netdev_unlock(netdev);
	}
	netif_carrier_off(netdev);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Changes that need new rings: ring sizes, number of queue pairs, MTU, and
 * merging of received segments, for which there are other buffers.
 *
 * The new emulated path is complete before the old path is touched, and if
 * anything fails the old one goes on.  On the emulated path the device pauses
 * between the two.  On a VF it is a switch to the new emulated path, without a
 * pause; the hypervisor's message still wants the VF, so a switch back with
 * the new configuration follows at once.
 */
#include <linux/delay.h>
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "vmxnet3_npa.h"
#include "vmxnet3_reconf.h"
#include "vmxnet3_shell.h"
#include "vmxnet3_switch.h"

/**
 * vmxnet3_reconf_default() - what a new device begins with
 * @shell: the device; max_queues is known
 */
void vmxnet3_reconf_default(struct vmxnet3_shell *shell)
{
	shell->cfg.mtu = shell->netdev->mtu;
	shell->cfg.tx_ring = VMXNET3_TX_RING_SIZE;
	shell->cfg.rx_ring = VMXNET3_RX_RING_SIZE;
	shell->cfg.num_queues = shell->max_queues;
	shell->cfg.lro = !shell->limits.no_lro;
	shell->cfg.tx_data = shell->limits.tx_data;
	shell->cfg.rx_data = shell->limits.rx_data;
	shell->cfg.rx_buf = VMXNET3_SMALL_TRUESIZE;
}

/* Not every operation has an extack. */
static int vmxnet3_reconf_refuse(struct vmxnet3_shell *shell,
				 struct netlink_ext_ack *extack, int err,
				 const char *why)
{
	if (extack)
		NL_SET_ERR_MSG_FMT(extack, "%s", why);
	else
		netdev_err(shell->netdev, "nothing is changed: %s\n", why);
	return err;
}

static int vmxnet3_reconf_count(struct vmxnet3_shell *shell, u32 count)
{
	int err;

	err = netif_set_real_num_tx_queues(shell->netdev, count);
	if (err)
		return err;
	return netif_set_real_num_rx_queues(shell->netdev, count);
}

/**
 * vmxnet3_reconf_hold() - let nothing be sent, before pairs go out of use
 * @shell: the device
 * @count: pairs that there will be
 *
 * The stack hands a queue's frames to another one.  Those that stay are
 * stopped first, so that no frame overtakes one that went to a queue that does
 * not stay; only then is that one empty, and stopped.
 *
 * Context: process, rtnl, instance lock and conf_lock held.
 */
void vmxnet3_reconf_hold(struct vmxnet3_shell *shell, u32 count)
{
	u32 i;

	for (i = 0; i < umin(count, shell->cfg.num_queues); i++)
		vmxnet3_tx_hold(&shell->queues[i]);
	if (count < shell->netdev->real_num_tx_queues)
		vmxnet3_reconf_count(shell, count);
	for (; i < shell->cfg.num_queues; i++)
		vmxnet3_tx_hold(&shell->queues[i]);
}

/*
 * Only this direction can fail, so it comes first.  The queues that are new
 * to the stack wait for their rings.
 */
static int vmxnet3_reconf_grow(struct vmxnet3_shell *shell, u32 count)
{
	u32 i;

	if (count <= shell->cfg.num_queues)
		return 0;
	for (i = shell->cfg.num_queues; i < count; i++)
		vmxnet3_tx_hold(&shell->queues[i]);
	return vmxnet3_reconf_count(shell, count);
}

/*
 * Back to what the path in use has.  If there is no memory for that, the stack
 * uses fewer queues than there are.
 */
static void vmxnet3_reconf_recount(struct vmxnet3_shell *shell, u32 count)
{
	u32 i;

	if (vmxnet3_reconf_count(shell, shell->cfg.num_queues))
		netdev_warn(shell->netdev, "no memory for all queues\n");
	for (i = shell->cfg.num_queues; i < count; i++)
		vmxnet3_tx_release_hold(&shell->queues[i]);
}

/* Let the device send and deliver what it has, and stop it. */
static void vmxnet3_reconf_pause(struct vmxnet3_shell *shell,
				 struct vmxnet3_path *old, u32 count)
{
	u32 i;

	clear_bit(VMXNET3_STATE_ACTIVE, &shell->state);
	vmxnet3_reconf_hold(shell, count);
	/* NAPI is still at work. */
	for (i = 0; i < 100 && !vmxnet3_path_tx_idle(old); i++)
		usleep_range(500, 1000);
	vmxnet3_dev_quiesce(shell);
	vmxnet3_switch_empty_rx(shell);
	vmxnet3_napi_disable(shell);
	for (i = 0; i < old->num_queues; i++) {
		vmxnet3_tx_ring_drop(&old->tx[i]);
		netdev_tx_reset_queue(shell->queues[i].txq);
	}
}

/*
 * The device is out of order: what it will be like when it works again.  The
 * next attempt to start it is made at once.
 */
static void vmxnet3_reconf_idle(struct vmxnet3_shell *shell,
				struct vmxnet3_path *path)
{
	struct vmxnet3_path *old = shell->emulated;

	vmxnet3_tx_disable(shell);
	if (path->num_queues < shell->netdev->real_num_tx_queues)
		vmxnet3_reconf_count(shell, path->num_queues);
	vmxnet3_set_path(shell, path);
	vmxnet3_irq_sync(shell);
	vmxnet3_path_free(old);
	vmxnet3_request_reset(shell, VMXNET3_RESET_NO_START);
}

/*
 * Go over to new emulated rings on the same device.  @path belongs to the
 * shell from here on, also on failure.
 */
static int vmxnet3_reconf_emulated(struct vmxnet3_shell *shell,
				   struct vmxnet3_path *path,
				   const struct vmxnet3_rss_conf *old_rss)
{
	struct vmxnet3_path *old = shell->emulated;
	int err;

	vmxnet3_reconf_pause(shell, old, path->num_queues);
	err = vmxnet3_start_device(shell, path);
	if (err) {
		/* The old rings have not been touched: begin them anew. */
		vmxnet3_path_free(path);
		*shell->rss = *old_rss;
		if (vmxnet3_path_reinit(old) ||
		    vmxnet3_start_device(shell, old)) {
			netdev_err(shell->netdev, "device is out of order\n");
			vmxnet3_set_path(shell, old);
			vmxnet3_stop_traffic(shell);
			netif_carrier_off(shell->netdev);
			vmxnet3_request_reset(shell, VMXNET3_RESET_NO_START);
			return err;
		}
	} else {
		/* No interrupt handler looks at it any more. */
		synchronize_net();
		vmxnet3_path_free(old);
	}
	vmxnet3_start_traffic(shell);
	return err;
}

/**
 * vmxnet3_reconf_swap() - go over to a new emulated path
 * @shell: the device, up, on either path
 * @path: complete, with as many pairs as the stack uses at least; belongs to
 *	the shell from here on, also on failure
 * @old_rss: RSS configuration that goes with the old path
 * @why: for the log, if it makes the device leave a VF
 *
 * Context: process, instance lock and conf_lock held; rtnl too if the number
 * of pairs changes.
 * Return: 0, or -EIO if the device refuses the path; the old one goes on then,
 * unless the device refuses that as well.
 */
int vmxnet3_reconf_swap(struct vmxnet3_shell *shell, struct vmxnet3_path *path,
			const struct vmxnet3_rss_conf *old_rss, const char *why)
{
	if (!test_bit(VMXNET3_STATE_ACTIVE, &shell->state)) {
		vmxnet3_reconf_idle(shell, path);
		return 0;
	}
	if (shell->vf && shell->path == shell->vf)
		return vmxnet3_switch_to_emulated(shell, path,
						  VMXNET3_NPA_MSG_REASON_POLICY,
						  why);
	return vmxnet3_reconf_emulated(shell, path, old_rss);
}

/*
 * Is the path in use already as it is to be?  A VF that never merges segments
 * does not care whether others may; the next emulated path will.
 */
static bool vmxnet3_reconf_suits(const struct vmxnet3_shell *shell,
				 const struct vmxnet3_config *cfg)
{
	const struct vmxnet3_path *path = shell->path;
	struct vmxnet3_config other = *cfg;

	if (!test_bit(VMXNET3_STATE_ACTIVE, &shell->state) ||
	    path != shell->vf ||
	    !(path->api.flags & NPA_PLUGIN_NEVER_MERGES))
		return false;
	other.lro = shell->cfg.lro;
	return !memcmp(&other, &shell->cfg, sizeof(other));
}

/* Swap the paths of a device that is up; conf_lock is held. */
static int vmxnet3_reconf_up(struct vmxnet3_shell *shell,
			     const struct vmxnet3_config *cfg, const char *why,
			     struct netlink_ext_ack *extack)
{
	struct vmxnet3_rss_conf old_rss = *shell->rss;
	struct vmxnet3_path *path;
	int err;

	if (vmxnet3_reconf_suits(shell, cfg)) {
		shell->cfg = *cfg;
		return 0;
	}
	path = vmxnet3_path_alloc_emulated(shell, cfg);
	if (!path)
		return vmxnet3_reconf_refuse(shell, extack, -ENOMEM,
					     "no memory for the new rings");
	err = vmxnet3_reconf_grow(shell, cfg->num_queues);
	if (err) {
		vmxnet3_path_free(path);
		vmxnet3_reconf_recount(shell, cfg->num_queues);
		return vmxnet3_reconf_refuse(shell, extack, err,
					     "no memory for more queues");
	}
	/* The device looks at the table when it is activated. */
	if (cfg->num_queues != shell->cfg.num_queues &&
	    !netif_is_rxfh_configured(shell->netdev))
		vmxnet3_dev_spread_rss(shell, cfg->num_queues);
	err = vmxnet3_reconf_swap(shell, path, &old_rss, why);
	if (!err)
		return 0;
	*shell->rss = old_rss;
	vmxnet3_reconf_recount(shell, cfg->num_queues);
	return vmxnet3_reconf_refuse(shell, extack, err,
				     "the device does not accept new rings");
}

static int vmxnet3_reconf_down(struct vmxnet3_shell *shell,
			       const struct vmxnet3_config *cfg,
			       struct netlink_ext_ack *extack)
{
	u32 old = shell->cfg.num_queues;
	int err;

	if (cfg->num_queues != old) {
		err = vmxnet3_reconf_count(shell, cfg->num_queues);
		if (err) {
			vmxnet3_reconf_count(shell, old);
			return vmxnet3_reconf_refuse(shell, extack, err,
						     "no memory for more queues");
		}
		if (!netif_is_rxfh_configured(shell->netdev))
			vmxnet3_dev_spread_rss(shell, cfg->num_queues);
	}
	shell->cfg = *cfg;
	return 0;
}

/**
 * vmxnet3_reconfigure() - make new rings and go over to them
 * @shell: the device, up or down
 * @cfg: what the rings are to be like; within the limits
 * @why: for the log, if it makes the device leave a VF
 * @extack: receives the reason of a failure; may be NULL
 *
 * Context: process, rtnl and instance lock held.
 * Return: 0 or a negative errno.  On failure the old configuration goes on,
 * unless the device refuses that as well; it is without carrier then.
 */
int vmxnet3_reconfigure(struct vmxnet3_shell *shell,
			const struct vmxnet3_config *cfg, const char *why,
			struct netlink_ext_ack *extack)
{
	int err;

	ASSERT_RTNL();
	if (!memcmp(cfg, &shell->cfg, sizeof(*cfg)))
		return 0;
	vmxnet3_conf_lock(shell);
	if (vmxnet3_is_up(shell))
		err = vmxnet3_reconf_up(shell, cfg, why, extack);
	else
		err = vmxnet3_reconf_down(shell, cfg, extack);
	vmxnet3_path_reap(shell);
	vmxnet3_conf_unlock(shell);
	/* A device that was out of order may be at work again. */
	if (!err && netif_running(shell->netdev) &&
	    !netif_carrier_ok(shell->netdev))
		schedule_work(&shell->link_work);
	return err;
}

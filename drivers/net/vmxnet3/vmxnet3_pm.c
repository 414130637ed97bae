// SPDX-License-Identifier: GPL-2.0
/*
 * Suspend, hibernation and wake on LAN.  A device that sleeps has left its VF:
 * the hypervisor offers it again afterwards, and injects the plugin anew.
 */
#include <linux/dma-mapping.h>
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/if_arp.h>
#include <linux/inetdevice.h>
#include <linux/rtnetlink.h>

#include "vmxnet3_pm.h"
#include "vmxnet3_shell.h"
#include "vmxnet3_switch.h"

/**
 * vmxnet3_pm_init() - allocate what is shared with the device
 * @shell: the device
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int vmxnet3_pm_init(struct vmxnet3_shell *shell)
{
	shell->pm_conf = dma_alloc_coherent(shell->dev, sizeof(*shell->pm_conf),
					    &shell->pm_conf_pa, GFP_KERNEL);
	return shell->pm_conf ? 0 : -ENOMEM;
}

/**
 * vmxnet3_pm_exit() - undo vmxnet3_pm_init()
 * @shell: the device, which must be quiesced
 */
void vmxnet3_pm_exit(struct vmxnet3_shell *shell)
{
	dma_free_coherent(shell->dev, sizeof(*shell->pm_conf), shell->pm_conf,
			  shell->pm_conf_pa);
}

/* The next filter looks at @len bytes from @offset on, too. */
static void vmxnet3_pm_match(struct vmxnet3_pm_conf *conf, u32 offset,
			     const void *bytes, u32 len)
{
	struct vmxnet3_pm_filter *filter = &conf->filters[conf->num_filters];
	u32 i;

	memcpy(filter->pattern + offset, bytes, len);
	for (i = offset; i < offset + len; i++)
		filter->mask[i / 8] |= BIT(i % 8);
	filter->pattern_len = max_t(u32, filter->pattern_len, offset + len);
	filter->mask_len = DIV_ROUND_UP(filter->pattern_len, 8);
}

static void vmxnet3_pm_match_arp(struct vmxnet3_pm_conf *conf, __be32 addr)
{
	const __be16 proto = htons(ETH_P_ARP);
	const __be16 op = htons(ARPOP_REQUEST);
	/* After the fixed header: two hardware and one protocol address. */
	u32 target = ETH_HLEN + sizeof(struct arphdr) + 2 * ETH_ALEN +
		     sizeof(addr);

	vmxnet3_pm_match(conf, offsetof(struct ethhdr, h_proto), &proto,
			 sizeof(proto));
	vmxnet3_pm_match(conf, ETH_HLEN + offsetof(struct arphdr, ar_op), &op,
			 sizeof(op));
	vmxnet3_pm_match(conf, target, &addr, sizeof(addr));
}

/**
 * vmxnet3_pm_fill() - say which frames wake the machine up
 * @conf: receives it
 * @wol: WAKE_UCAST, WAKE_ARP, WAKE_MAGIC
 * @mac: the device's address
 * @addrs: IPv4 addresses of this machine that somebody may ask for
 * @count: how many; of too many the first ones are taken
 */
void vmxnet3_pm_fill(struct vmxnet3_pm_conf *conf, u32 wol, const u8 *mac,
		     const __be32 *addrs, u32 count)
{
	u32 events = wol & WAKE_MAGIC ? VMXNET3_PM_WAKE_MAGIC : 0;
	u32 i;

	memset(conf, 0, sizeof(*conf));
	if (wol & WAKE_UCAST) {
		vmxnet3_pm_match(conf, 0, mac, ETH_ALEN);
		conf->num_filters++;
	}
	for (i = 0; wol & WAKE_ARP && i < count &&
	     conf->num_filters < VMXNET3_PM_MAX_FILTERS; i++) {
		vmxnet3_pm_match_arp(conf, addrs[i]);
		conf->num_filters++;
	}
	if (conf->num_filters)
		events |= VMXNET3_PM_WAKE_FILTER;
	conf->wake_events = cpu_to_le16(events);
}

static void vmxnet3_pm_arm(struct vmxnet3_shell *shell)
{
	struct vmxnet3_conf_desc *desc = &shell->shared->dev_read.pm;
	__be32 addrs[VMXNET3_PM_MAX_FILTERS];
	const struct in_ifaddr *ifa;
	struct in_device *in_dev;
	u32 count = 0;

	rcu_read_lock();
	in_dev = __in_dev_get_rcu(shell->netdev);
	if (in_dev)
		in_dev_for_each_ifa_rcu(ifa, in_dev)
			if (count < ARRAY_SIZE(addrs))
				addrs[count++] = ifa->ifa_local;
	rcu_read_unlock();
	vmxnet3_pm_fill(shell->pm_conf, shell->wol, shell->netdev->dev_addr,
			addrs, count);
	desc->version = cpu_to_le32(VMXNET3_PM_CONF_V1);
	desc->length = cpu_to_le32(sizeof(*shell->pm_conf));
	desc->pa = cpu_to_le64(shell->pm_conf_pa);
	vmxnet3_cmd(shell, VMXNET3_CMD_UPDATE_PMCFG);
}

/* Go back to the emulated path, with nothing lost. */
static int vmxnet3_quiesce_leave_vf(struct vmxnet3_shell *shell)
{
	struct vmxnet3_path *emulated;

	if (!shell->vf || shell->path != shell->vf)
		return 0;
	emulated = vmxnet3_path_alloc_emulated(shell, &shell->cfg);
	if (!emulated)
		return -ENOMEM;
	return vmxnet3_switch_to_emulated(shell, emulated,
					  VMXNET3_NPA_MSG_REASON_POLICY,
					  "suspend");
}

static int vmxnet3_quiesce_up(struct vmxnet3_shell *shell,
			      enum vmxnet3_quiesce_why why)
{
	bool active = test_bit(VMXNET3_STATE_ACTIVE, &shell->state);
	int err = 0;
	u32 i;

	if (active && !(shell->pdev && pci_channel_offline(shell->pdev)))
		err = vmxnet3_quiesce_leave_vf(shell);
	if (err && why != VMXNET3_QUIESCE_FORCE)
		return err;
	vmxnet3_stop_traffic(shell);
	if (why == VMXNET3_QUIESCE_WAKE && active && !shell->vf) {
		/* It goes on receiving, into memory that stays ours. */
		vmxnet3_path_disable_intrs(shell->path);
		vmxnet3_irq_disable_events(shell);
		vmxnet3_pm_arm(shell);
	} else {
		vmxnet3_stop_hardware(shell);
	}
	if (shell->path)
		for (i = 0; i < shell->path->num_queues; i++)
			vmxnet3_tx_ring_drop(&shell->path->tx[i]);
	for (i = 0; i < shell->max_queues; i++)
		netdev_tx_reset_queue(shell->queues[i].txq);
	vmxnet3_irq_sync(shell);
	return 0;
}

/**
 * vmxnet3_quiesce() - let the device stand still, and keep its configuration
 * @shell: the device, up or down
 * @why: in which case
 *
 * Rings and buffers are kept, so that vmxnet3_resume() needs no memory.  Done
 * twice it has no further effect.
 *
 * Context: process; takes rtnl and the instance lock.
 * Return: 0, or a negative errno if the VF cannot be left; nothing has changed
 * then.
 */
int vmxnet3_quiesce(struct vmxnet3_shell *shell, enum vmxnet3_quiesce_why why)
{
	int err = 0;

	rtnl_lock();
	netdev_lock(shell->netdev);
	vmxnet3_conf_lock(shell);
	if (vmxnet3_is_up(shell))
		err = vmxnet3_quiesce_up(shell, why);
	if (err) {
		vmxnet3_conf_unlock(shell);
	} else {
		set_bit(VMXNET3_STATE_SUSPENDED, &shell->state);
		mutex_unlock(&shell->conf_lock);
		netif_device_detach(shell->netdev);
	}
	netdev_unlock(shell->netdev);
	rtnl_unlock();
	return err;
}

static int vmxnet3_resume_up(struct vmxnet3_shell *shell)
{
	struct vmxnet3_path *path = shell->path;
	int err;

	err = vmxnet3_revision_restore(shell);
	if (err)
		return err;
	/* It may still be at work, for wake on LAN. */
	vmxnet3_stop_hardware(shell);
	if (!path)
		path = vmxnet3_path_alloc_emulated(shell, &shell->cfg);
	else if (vmxnet3_path_reinit(path))
		return -ENOMEM;
	if (!path)
		return -ENOMEM;
	err = vmxnet3_start_device(shell, path);
	if (err) {
		vmxnet3_set_path(shell, path);
		return err;
	}
	vmxnet3_start_traffic(shell);
	return 0;
}

/**
 * vmxnet3_resume() - undo vmxnet3_quiesce()
 * @shell: the device; the machine may have been off meanwhile
 *
 * A device that does not start is tried again, as after a reset.
 *
 * Context: process; takes rtnl and the instance lock.
 */
void vmxnet3_resume(struct vmxnet3_shell *shell)
{
	int err = 0;

	rtnl_lock();
	netdev_lock(shell->netdev);
	vmxnet3_conf_lock(shell);
	if (!test_and_clear_bit(VMXNET3_STATE_SUSPENDED, &shell->state)) {
		vmxnet3_conf_unlock(shell);
		netdev_unlock(shell->netdev);
		rtnl_unlock();
		return;
	}
	if (test_bit(VMXNET3_STATE_UP, &shell->state))
		err = vmxnet3_resume_up(shell);
	if (err) {
		netdev_err(shell->netdev, "cannot go on: %d\n", err);
		netif_carrier_off(shell->netdev);
		vmxnet3_request_reset(shell, VMXNET3_RESET_NO_START);
	} else {
		schedule_work(&shell->link_work);
	}
	vmxnet3_conf_unlock(shell);
	netif_device_attach(shell->netdev);
	netdev_unlock(shell->netdev);
	rtnl_unlock();
}

static int vmxnet3_pm_suspend(struct device *dev)
{
	struct vmxnet3_shell *shell = netdev_priv(dev_get_drvdata(dev));

	return vmxnet3_quiesce(shell, shell->wol ? VMXNET3_QUIESCE_WAKE :
			       VMXNET3_QUIESCE_SLEEP);
}

/* Memory will not stay ours: it is about to be saved, or to be overwritten. */
static int vmxnet3_pm_freeze(struct device *dev)
{
	struct vmxnet3_shell *shell = netdev_priv(dev_get_drvdata(dev));

	return vmxnet3_quiesce(shell, VMXNET3_QUIESCE_SLEEP);
}

static int vmxnet3_pm_resume(struct device *dev)
{
	vmxnet3_resume(netdev_priv(dev_get_drvdata(dev)));
	return 0;
}

const struct dev_pm_ops vmxnet3_pm_ops = {
	.suspend = vmxnet3_pm_suspend,
	.resume = vmxnet3_pm_resume,
	.freeze = vmxnet3_pm_freeze,
	.thaw = vmxnet3_pm_resume,
	.poweroff = vmxnet3_pm_suspend,
	.restore = vmxnet3_pm_resume,
};

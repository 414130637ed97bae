// SPDX-License-Identifier: GPL-2.0
/*
 * Restart of a receive queue on behalf of the stack, with new buffers.
 *
 * Neither the emulated device nor a VF as its plugins know it can stop one
 * queue, and buffers that the device owns cannot be taken from it.  So a queue
 * is restarted like everything that needs new rings: a new emulated path is
 * complete before the old one is touched, everything goes over to it, nothing
 * is lost, and if the device refuses, the old one goes on.  The memory of a
 * queue is that path; between stop and start the old one is at work.
 *
 * That the core has these operations makes it hold the netdev's instance lock
 * around the netdev's and ethtool's: see npa.rst, "Locking".
 */
#include <linux/netdevice.h>
#include <net/netdev_queues.h>

#include "vmxnet3_queue_mgmt.h"
#include "vmxnet3_reconf.h"
#include "vmxnet3_shell.h"
#include "vmxnet3_switch.h"

#ifndef VMXNET3_NO_QUEUE_MGMT

/**
 * struct vmxnet3_queue_mem - what the core keeps for a queue meanwhile
 * @path: complete, not in use; NULL if the device is down, or is at work with
 *	the path that it had
 */
struct vmxnet3_queue_mem {
	struct vmxnet3_path *path;
};

static int vmxnet3_queue_mem_alloc(struct net_device *netdev,
				   struct netdev_queue_config *qcfg,
				   void *per_queue_mem, int idx)
{
	struct vmxnet3_queue_mem *mem = per_queue_mem;
	struct vmxnet3_shell *shell = netdev_priv(netdev);
	int err = 0;

	mem->path = NULL;
	vmxnet3_conf_lock(shell);
	if (shell->path) {
		mem->path = vmxnet3_path_alloc_emulated(shell, &shell->cfg);
		if (!mem->path)
			err = -ENOMEM;
	}
	vmxnet3_conf_unlock(shell);
	return err;
}

static void vmxnet3_queue_mem_free(struct net_device *netdev,
				   void *per_queue_mem)
{
	struct vmxnet3_queue_mem *mem = per_queue_mem;
	struct vmxnet3_shell *shell = netdev_priv(netdev);

	vmxnet3_conf_lock(shell);
	vmxnet3_path_free(mem->path);
	vmxnet3_path_reap(shell);
	vmxnet3_conf_unlock(shell);
	mem->path = NULL;
}

static int vmxnet3_queue_stop(struct net_device *netdev, void *per_queue_mem,
			      int idx)
{
	struct vmxnet3_queue_mem *mem = per_queue_mem;

	/* It goes on until there is another. */
	mem->path = NULL;
	return 0;
}

static int vmxnet3_queue_start(struct net_device *netdev,
			       struct netdev_queue_config *qcfg,
			       void *per_queue_mem, int idx)
{
	struct vmxnet3_queue_mem *mem = per_queue_mem;
	struct vmxnet3_shell *shell = netdev_priv(netdev);
	struct vmxnet3_path *path = mem->path;
	struct vmxnet3_rss_conf rss;
	int err;

	/* Back to what never stopped. */
	if (!path)
		return 0;
	vmxnet3_conf_lock(shell);
	if (!shell->path) {
		err = -ENETDOWN;
	} else {
		mem->path = NULL;
		rss = *shell->rss;
		err = vmxnet3_reconf_swap(shell, path, &rss, "queue restart");
	}
	vmxnet3_conf_unlock(shell);
	return err;
}

static struct device *vmxnet3_queue_get_dma_dev(struct net_device *netdev,
						int idx)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);

	return shell->dev;
}

static const struct netdev_queue_mgmt_ops vmxnet3_queue_mgmt_ops = {
	.ndo_queue_mem_size = sizeof(struct vmxnet3_queue_mem),
	.ndo_queue_mem_alloc = vmxnet3_queue_mem_alloc,
	.ndo_queue_mem_free = vmxnet3_queue_mem_free,
	.ndo_queue_start = vmxnet3_queue_start,
	.ndo_queue_stop = vmxnet3_queue_stop,
	.ndo_queue_get_dma_dev = vmxnet3_queue_get_dma_dev,
};

/**
 * vmxnet3_offer_queue_mgmt() - let the stack restart receive queues
 * @netdev: the shell's netdev, not registered yet
 */
void vmxnet3_offer_queue_mgmt(struct net_device *netdev)
{
	netdev->queue_mgmt_ops = &vmxnet3_queue_mgmt_ops;
}

#endif /* VMXNET3_NO_QUEUE_MGMT */

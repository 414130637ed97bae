// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupt coalescing, device revision 3: what ethtool -c says and -C sets,
 * and the words that the device takes for it.
 *
 * The device knows four modes: none, its own choice (adaptive), so many frames
 * (static), and at most so many interrupts per second (rate).  Until somebody
 * sets one the device's own is left alone.  What was set is kept here and is
 * told to the device after each activation.  While the data path is a VF the
 * command goes to the hypervisor all the same: it concerns the emulated path,
 * and a VF as far as the hypervisor can make it do so.
 */
#include <linux/dma-mapping.h>
#include <linux/ethtool.h>
#include <linux/netlink.h>

#include "vmxnet3_coalesce.h"
#include "vmxnet3_shell.h"

/* Of a direction for which no number of frames was given. */
#define VMXNET3_COALESCE_DEPTH	64

#define VMXNET3_COALESCE_USECS_MIN					\
	(USEC_PER_SEC / VMXNET3_COALESCE_RATE_MAX)
#define VMXNET3_COALESCE_USECS_MAX					\
	(USEC_PER_SEC / VMXNET3_COALESCE_RATE_MIN)

/**
 * vmxnet3_coalesce_encode() - from ethtool's numbers to the device's words
 * @ec: rx_coalesce_usecs, use_adaptive_rx_coalesce, rx_ and
 *	tx_max_coalesced_frames count; at most one of the three kinds
 * @words: receives what the device is to do
 * @extack: receives the reason of a refusal
 *
 * Return: 0 or -EINVAL; @words is not changed then.
 */
int vmxnet3_coalesce_encode(const struct ethtool_coalesce *ec,
			    struct vmxnet3_coalesce *words,
			    struct netlink_ext_ack *extack)
{
	bool frames = ec->rx_max_coalesced_frames ||
		      ec->tx_max_coalesced_frames;
	struct vmxnet3_coalesce c = {};

	if (!!ec->rx_coalesce_usecs + !!ec->use_adaptive_rx_coalesce +
	    frames > 1) {
		NL_SET_ERR_MSG(extack,
			       "rx-usecs, adaptive-rx and numbers of frames exclude each other");
		return -EINVAL;
	}
	if (ec->rx_max_coalesced_frames > VMXNET3_COALESCE_DEPTH_MAX ||
	    ec->tx_max_coalesced_frames > VMXNET3_COALESCE_DEPTH_MAX) {
		NL_SET_ERR_MSG(extack, "at most 128 frames");
		return -EINVAL;
	}
	if (ec->rx_coalesce_usecs &&
	    (ec->rx_coalesce_usecs < VMXNET3_COALESCE_USECS_MIN ||
	     ec->rx_coalesce_usecs > VMXNET3_COALESCE_USECS_MAX)) {
		NL_SET_ERR_MSG(extack, "rx-usecs is from 10 to 10000, or 0");
		return -EINVAL;
	}

	if (ec->rx_coalesce_usecs) {
		c.mode = cpu_to_le32(VMXNET3_COALESCE_RATE);
		c.rate = cpu_to_le32(USEC_PER_SEC / ec->rx_coalesce_usecs);
	} else if (ec->use_adaptive_rx_coalesce) {
		c.mode = cpu_to_le32(VMXNET3_COALESCE_ADAPT);
	} else if (frames) {
		c.mode = cpu_to_le32(VMXNET3_COALESCE_STATIC);
		c.tx_depth = cpu_to_le32(VMXNET3_COALESCE_DEPTH);
		c.tx_comp_depth = cpu_to_le32(ec->tx_max_coalesced_frames ?:
					      VMXNET3_COALESCE_DEPTH);
		c.rx_depth = cpu_to_le32(ec->rx_max_coalesced_frames ?:
					 VMXNET3_COALESCE_DEPTH);
	}
	*words = c;
	return 0;
}

/**
 * vmxnet3_coalesce_decode() - from the device's words to ethtool's numbers
 * @words: what the device does
 * @ec: the members named at vmxnet3_coalesce_encode() are set
 *
 * A mode that is not known is reported as none.
 */
void vmxnet3_coalesce_decode(const struct vmxnet3_coalesce *words,
			     struct ethtool_coalesce *ec)
{
	u32 rate;

	ec->rx_coalesce_usecs = 0;
	ec->use_adaptive_rx_coalesce = 0;
	ec->rx_max_coalesced_frames = 0;
	ec->tx_max_coalesced_frames = 0;
	switch (le32_to_cpu(words->mode)) {
	case VMXNET3_COALESCE_ADAPT:
		ec->use_adaptive_rx_coalesce = 1;
		break;
	case VMXNET3_COALESCE_STATIC:
		ec->rx_max_coalesced_frames = le32_to_cpu(words->rx_depth);
		ec->tx_max_coalesced_frames = le32_to_cpu(words->tx_comp_depth);
		break;
	case VMXNET3_COALESCE_RATE:
		rate = le32_to_cpu(words->rate);
		ec->rx_coalesce_usecs = rate ? USEC_PER_SEC / rate : 0;
		break;
	}
}

/**
 * vmxnet3_coalesce_alloc() - memory that the device reads the words from
 * @shell: the device
 *
 * Return: 0 or -ENOMEM.
 */
int vmxnet3_coalesce_alloc(struct vmxnet3_shell *shell)
{
	struct vmxnet3_coal *coal = &shell->coal;

	coal->words = dma_alloc_coherent(shell->dev, sizeof(*coal->words),
					 &coal->pa, GFP_KERNEL);
	return coal->words ? 0 : -ENOMEM;
}

/**
 * vmxnet3_coalesce_free() - undo vmxnet3_coalesce_alloc()
 * @shell: the device, which must be quiesced
 */
void vmxnet3_coalesce_free(struct vmxnet3_shell *shell)
{
	struct vmxnet3_coal *coal = &shell->coal;

	dma_free_coherent(shell->dev, sizeof(*coal->words), coal->words,
			  coal->pa);
}

static void vmxnet3_coalesce_cmd(struct vmxnet3_shell *shell, u32 cmd)
{
	union vmxnet3_cmd_info info = {};

	info.conf.version = cpu_to_le32(1);
	info.conf.length = cpu_to_le32(sizeof(*shell->coal.words));
	info.conf.pa = cpu_to_le64(shell->coal.pa);
	vmxnet3_cmd_info(shell, cmd, &info);
}

/*
 * Tell the device, and ask what it has made of it: a result of its own the
 * command does not have.
 */
static bool vmxnet3_coalesce_apply(struct vmxnet3_shell *shell,
				   const struct vmxnet3_coalesce *words)
{
	struct vmxnet3_coal *coal = &shell->coal;

	*coal->words = *words;
	vmxnet3_coalesce_cmd(shell, VMXNET3_CMD_SET_COALESCE);
	vmxnet3_coalesce_cmd(shell, VMXNET3_CMD_GET_COALESCE);
	return coal->words->mode == words->mode;
}

/**
 * vmxnet3_coalesce_restore() - after the device was activated
 * @shell: the device
 *
 * It is told what was set, or asked what it does by itself.
 *
 * Context: process, conf_lock held.
 */
void vmxnet3_coalesce_restore(struct vmxnet3_shell *shell)
{
	struct vmxnet3_coal *coal = &shell->coal;
	struct vmxnet3_coalesce words;

	if (shell->revision < VMXNET3_COALESCE_REVISION)
		return;
	if (!coal->set) {
		memset(coal->words, 0, sizeof(*coal->words));
		vmxnet3_coalesce_cmd(shell, VMXNET3_CMD_GET_COALESCE);
		vmxnet3_coalesce_decode(coal->words, &coal->ec);
		return;
	}
	/* It was accepted before, or was set while the device was down. */
	if (vmxnet3_coalesce_encode(&coal->ec, &words, NULL) ||
	    !vmxnet3_coalesce_apply(shell, &words))
		netdev_warn(shell->netdev,
			    "the device does not take the coalescing that was set\n");
}

/**
 * vmxnet3_get_coalesce() - ethtool -c
 * @netdev: the shell's netdev
 * @ec: receives the numbers
 * @kernel_ec: is not touched
 * @extack: receives the reason of a refusal
 *
 * Return: 0, or -EOPNOTSUPP before device revision 3.
 */
int vmxnet3_get_coalesce(struct net_device *netdev,
			 struct ethtool_coalesce *ec,
			 struct kernel_ethtool_coalesce *kernel_ec,
			 struct netlink_ext_ack *extack)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);
	const struct ethtool_coalesce *now = &shell->coal.ec;

	if (shell->revision < VMXNET3_COALESCE_REVISION) {
		NL_SET_ERR_MSG(extack, "needs a device of revision 3");
		return -EOPNOTSUPP;
	}
	mutex_lock(&shell->conf_lock);
	ec->rx_coalesce_usecs = now->rx_coalesce_usecs;
	ec->use_adaptive_rx_coalesce = now->use_adaptive_rx_coalesce;
	ec->rx_max_coalesced_frames = now->rx_max_coalesced_frames;
	ec->tx_max_coalesced_frames = now->tx_max_coalesced_frames;
	mutex_unlock(&shell->conf_lock);
	return 0;
}

/**
 * vmxnet3_set_coalesce() - ethtool -C
 * @netdev: the shell's netdev, up or down
 * @ec: the numbers
 * @kernel_ec: has nothing that is supported
 * @extack: receives the reason of a refusal
 *
 * On failure everything stays as it was.
 *
 * Return: 0, -EINVAL, -EOPNOTSUPP before device revision 3, or -EIO if the
 * device does not want it.
 */
int vmxnet3_set_coalesce(struct net_device *netdev,
			 struct ethtool_coalesce *ec,
			 struct kernel_ethtool_coalesce *kernel_ec,
			 struct netlink_ext_ack *extack)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);
	struct vmxnet3_coal *coal = &shell->coal;
	struct vmxnet3_coalesce words, old;
	int err;

	if (shell->revision < VMXNET3_COALESCE_REVISION) {
		NL_SET_ERR_MSG(extack, "needs a device of revision 3");
		return -EOPNOTSUPP;
	}
	err = vmxnet3_coalesce_encode(ec, &words, extack);
	if (err)
		return err;

	mutex_lock(&shell->conf_lock);
	old = *coal->words;
	if (shell->path && !vmxnet3_coalesce_apply(shell, &words)) {
		vmxnet3_coalesce_apply(shell, &old);
		NL_SET_ERR_MSG(extack, "the device does not take it");
		err = -EIO;
	} else {
		vmxnet3_coalesce_decode(&words, &coal->ec);
		/* To the microsecond, which a rate is not. */
		coal->ec.rx_coalesce_usecs = ec->rx_coalesce_usecs;
		coal->set = true;
	}
	mutex_unlock(&shell->conf_lock);
	return err;
}

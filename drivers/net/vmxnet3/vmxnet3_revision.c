// SPDX-License-Identifier: GPL-2.0
/*
 * Device revisions 1 to 9: agreeing on one, and what the device then says of
 * its limits, capabilities and rings.  Nothing that it says is used before it
 * was checked; what makes no sense counts as not offered.
 */
#include <linux/bitfield.h>
#include <linux/bitops.h>
#include <linux/netdevice.h>

#include "vmxnet3_shell.h"

/**
 * vmxnet3_revision_negotiate() - agree with the device on a revision
 * @shell: the device; its BARs are mapped
 *
 * The newest revision that both know is taken.
 *
 * Context: process.
 * Return: 0, or -ENODEV if there is no common revision or UPT version.
 */
int vmxnet3_revision_negotiate(struct vmxnet3_shell *shell)
{
	u32 revisions = shell->ops->read(shell, VMXNET3_VD_VRRS);
	u32 upt = shell->ops->read(shell, VMXNET3_VD_UVRS);
	u32 common = revisions & GENMASK(VMXNET3_REV_MAX - 1, 0);

	/* All-ones: there is no device. */
	if (revisions == U32_MAX || !common) {
		dev_err(shell->dev, "no common device revision (device has %#x)\n",
			revisions);
		return -ENODEV;
	}
	if (upt == U32_MAX || !(upt & VMXNET3_UPT_VERSION)) {
		dev_err(shell->dev, "no common UPT version (device has %#x)\n",
			upt);
		return -ENODEV;
	}
	shell->revision = fls(common);
	shell->ops->write(shell, VMXNET3_VD_VRRS, BIT(shell->revision - 1));
	shell->ops->write(shell, VMXNET3_VD_UVRS, VMXNET3_UPT_VERSION);
	return 0;
}

/* What DCR or PTCR says, @error if that is an error or there is no device. */
static u32 vmxnet3_read_caps(struct vmxnet3_shell *shell, u32 reg, u32 error)
{
	u32 caps = shell->ops->read(shell, reg);

	return caps & VMXNET3_CAP_ERROR ? error : caps & VMXNET3_CAP_ALL;
}

/**
 * vmxnet3_caps_offered() - which of some capabilities can be had
 * @shell: the device
 * @caps: VMXNET3_CAP_*
 *
 * Hardware that the device may pass through has to have them as well, but for
 * the place of the doorbells.
 *
 * Return: those of @caps that may be asked for; 0 before revision 7.
 */
u32 vmxnet3_caps_offered(const struct vmxnet3_shell *shell, u32 caps)
{
	return caps & shell->caps_offered &
	       (shell->caps_passthru | VMXNET3_CAP_LARGE_BAR);
}

/**
 * vmxnet3_caps_request() - use other capabilities from now on
 * @shell: the device
 * @mask: VMXNET3_CAP_* that this is about; others stay as they are
 * @want: those of @mask that are wanted; what is not offered is left out
 *
 * Context: process; takes cmd_lock.  Calls are serialised by rtnl, or come
 * before there is a netdev.
 * Return: those of @mask that are in use now.
 */
u32 vmxnet3_caps_request(struct vmxnet3_shell *shell, u32 mask, u32 want)
{
	unsigned long flags;
	u32 caps;

	if (!vmxnet3_at_least(shell, 7))
		return 0;
	want = (shell->caps & ~mask) | vmxnet3_caps_offered(shell, want & mask);
	spin_lock_irqsave(&shell->cmd_lock, flags);
	shell->ops->write(shell, VMXNET3_VD_DCR, want);
	caps = vmxnet3_cmd_locked(shell, VMXNET3_CMD_GET_DCR0_REG);
	spin_unlock_irqrestore(&shell->cmd_lock, flags);
	/* Not even a device decides on what nobody wants. */
	shell->caps = caps & VMXNET3_CAP_ERROR ? 0 : caps & want;
	return shell->caps & mask;
}

static void vmxnet3_revision_caps(struct vmxnet3_shell *shell)
{
	u32 want = 0;

	shell->caps = 0;
	shell->caps_offered = 0;
	shell->caps_passthru = 0;
	if (!vmxnet3_at_least(shell, 7))
		return;
	shell->caps_offered = vmxnet3_read_caps(shell, VMXNET3_VD_DCR, 0);
	/* An error: there is no such hardware, and so no limit. */
	shell->caps_passthru = vmxnet3_read_caps(shell, VMXNET3_VD_PTCR,
						 VMXNET3_CAP_ALL);
	if (shell->pt_len >= VMXNET3_PT_LARGE_LEN)
		want |= VMXNET3_CAP_LARGE_BAR;
	vmxnet3_caps_request(shell, VMXNET3_CAP_ALL, want);
}

static void vmxnet3_revision_limits(struct vmxnet3_shell *shell)
{
	struct vmxnet3_limits *limits = &shell->limits;
	u32 value, tx, rx;

	limits->max_queues = VMXNET3_MAX_TX_QUEUES;
	limits->max_intrs = VMXNET3_MAX_INTRS;
	limits->max_mtu = VMXNET3_MAX_MTU;
	if (!vmxnet3_at_least(shell, 6))
		return;

	limits->max_intrs = VMXNET3_EXT_MAX_INTRS;
	limits->max_mtu = VMXNET3_EXT_MAX_MTU;
	value = vmxnet3_cmd_get(shell, VMXNET3_CMD_GET_MAX_QUEUES_CONF);
	tx = FIELD_GET(VMXNET3_MAX_QUEUES_TX, value);
	rx = FIELD_GET(VMXNET3_MAX_QUEUES_RX, value);
	if (value != U32_MAX && tx && rx)
		limits->max_queues = min3(tx, rx,
					  (u32)VMXNET3_EXT_MAX_TX_QUEUES);
}

/* 0 if there can be no ring with entries of this size. */
static u32 vmxnet3_entry_size(u32 size, u32 least, u32 most)
{
	if (size < least || size > most || size % VMXNET3_DATA_SIZE_ALIGN)
		return 0;
	return size;
}

static void vmxnet3_revision_data_rings(struct vmxnet3_shell *shell)
{
	struct vmxnet3_limits *limits = &shell->limits;
	u32 value;

	limits->tx_data = 0;
	limits->rx_data = 0;
	if (!vmxnet3_at_least(shell, 3))
		return;

	limits->rx_data = VMXNET3_RX_DATA_SIZE;
	value = vmxnet3_cmd_get(shell, VMXNET3_CMD_GET_TXDATA_DESC_SIZE);
	limits->tx_data =
		vmxnet3_entry_size(FIELD_GET(VMXNET3_DATA_SIZE_TX, value),
				   VMXNET3_TX_DATA_SIZE_MIN,
				   VMXNET3_DATA_SIZE_MAX);
	if (vmxnet3_at_least(shell, 9))
		limits->rx_data =
			vmxnet3_entry_size(FIELD_GET(VMXNET3_DATA_SIZE_RX,
						     value),
					   VMXNET3_DATA_SIZE_ALIGN,
					   VMXNET3_DATA_SIZE_MAX);
}

static void vmxnet3_revision_stamps(struct vmxnet3_shell *shell)
{
	struct vmxnet3_limits *limits = &shell->limits;
	u32 value;

	limits->tx_stamp = 0;
	limits->rx_stamp = 0;
	if (!vmxnet3_at_least(shell, 9))
		return;

	value = vmxnet3_cmd_get(shell, VMXNET3_CMD_GET_TSRING_DESC_SIZE);
	limits->tx_stamp =
		vmxnet3_entry_size(FIELD_GET(VMXNET3_TS_SIZE_TX, value),
				   VMXNET3_TS_SIZE_ALIGN, NPA_SEG_ENTRY_MAX);
	limits->rx_stamp =
		vmxnet3_entry_size(FIELD_GET(VMXNET3_TS_SIZE_RX, value),
				   VMXNET3_TS_SIZE_ALIGN, NPA_SEG_ENTRY_MAX);
}

/**
 * vmxnet3_revision_setup() - ask a device what it can do
 * @shell: the device; the revision is agreed on, and it was reset
 *
 * Fills in &vmxnet3_shell.limits and the capabilities in use.
 *
 * Context: process; no netdev is registered, or rtnl is held.
 */
void vmxnet3_revision_setup(struct vmxnet3_shell *shell)
{
	u32 disabled = 0;

	vmxnet3_revision_caps(shell);
	vmxnet3_revision_limits(shell);
	vmxnet3_revision_data_rings(shell);
	vmxnet3_revision_stamps(shell);
	if (vmxnet3_at_least(shell, 9))
		disabled = vmxnet3_cmd_get(shell,
					   VMXNET3_CMD_GET_DISABLED_OFFLOADS);
	shell->limits.no_tso = disabled & VMXNET3_DISABLED_TSO;
	shell->limits.no_lro = disabled & VMXNET3_DISABLED_LRO;
}

/**
 * vmxnet3_revision_restore() - agree anew with a device that lost its memory
 * @shell: the device, after suspend or a reset of its slot
 *
 * What was agreed on at first must still be offered: nothing that depends on it
 * can change while there is a netdev.
 *
 * Context: process, rtnl held.
 * Return: 0, or -ENODEV.
 */
int vmxnet3_revision_restore(struct vmxnet3_shell *shell)
{
	u32 revisions = shell->ops->read(shell, VMXNET3_VD_VRRS);
	u32 bit = BIT(shell->revision - 1);
	u32 caps = shell->caps;

	if (revisions == U32_MAX || !(revisions & bit)) {
		dev_err(shell->dev, "device revision %u is gone (device has %#x)\n",
			shell->revision, revisions);
		return -ENODEV;
	}
	shell->ops->write(shell, VMXNET3_VD_VRRS, bit);
	shell->ops->write(shell, VMXNET3_VD_UVRS, VMXNET3_UPT_VERSION);
	if (vmxnet3_caps_request(shell, VMXNET3_CAP_ALL, caps) != caps) {
		dev_err(shell->dev, "capabilities %#x are gone\n",
			caps & ~shell->caps);
		return -ENODEV;
	}
	return 0;
}

/**
 * vmxnet3_revision_activated() - what a device is told once it is active
 * @shell: the device
 * @path: its emulated path
 *
 * Context: process, conf_lock held.
 */
void vmxnet3_revision_activated(struct vmxnet3_shell *shell,
				const struct vmxnet3_path *path)
{
	union vmxnet3_cmd_info info = {};

	if (!vmxnet3_at_least(shell, 7))
		return;
	info.buffer_size.ring1_head = cpu_to_le16(path->ps->small_len);
	info.buffer_size.ring2_body = cpu_to_le16(path->ps->large_len);
	if (vmxnet3_cmd_info(shell, VMXNET3_CMD_SET_RING_BUFFER_SIZE, &info))
		netdev_dbg(shell->netdev, "device does not want to know buffer lengths\n");
}

/**
 * vmxnet3_revision_speed() - make Mbit/s of what GET_LINK says
 * @shell: the device
 * @value: result of GET_LINK
 *
 * Return: Mbit/s.
 */
u32 vmxnet3_revision_speed(const struct vmxnet3_shell *shell, u32 value)
{
	u32 speed = FIELD_GET(VMXNET3_LINK_SPEED, value);

	if (vmxnet3_at_least(shell, 9) && speed < VMXNET3_LINK_SPEED_MBIT)
		speed *= 1000;
	return speed;
}

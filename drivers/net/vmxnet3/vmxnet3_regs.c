// SPDX-License-Identifier: GPL-2.0
/*
 * ethtool -d: registers, and where the rings of the path in use are.
 *
 * The layout is described in Documentation/networking/npa.rst, "Registers";
 * whoever changes it changes VMXNET3_REGS_VERSION.  Registers with an effect
 * of reading them (CMD, ICR) are not among them.
 */
#include <linux/ethtool.h>
#include <linux/io.h>

#include "vmxnet3_regs.h"
#include "vmxnet3_shell.h"

static const u32 vmxnet3_vd_regs[] = {
	VMXNET3_VD_VRRS, VMXNET3_VD_UVRS, VMXNET3_VD_DSAL, VMXNET3_VD_DSAH,
	VMXNET3_VD_MACL, VMXNET3_VD_MACH, VMXNET3_VD_ECR,
};

/* The same for every device of a given number of pairs, up or down. */
static u32 vmxnet3_regs_words(const struct vmxnet3_shell *shell)
{
	return VMXNET3_REGS_HEADER + ARRAY_SIZE(vmxnet3_vd_regs) +
	       shell->num_intrs +
	       shell->max_queues * (VMXNET3_REGS_TX + VMXNET3_REGS_RX);
}

/**
 * vmxnet3_get_regs_len() - ethtool -d: length of the dump
 * @netdev: the shell's netdev
 *
 * Return: bytes.
 */
int vmxnet3_get_regs_len(struct net_device *netdev)
{
	return vmxnet3_regs_words(netdev_priv(netdev)) * sizeof(u32);
}

static u32 *vmxnet3_regs_header(const struct vmxnet3_shell *shell, u32 *p)
{
	const struct vmxnet3_path *path = shell->path;

	*p++ = shell->revision;
	*p++ = shell->caps;
	*p++ = !path ? VMXNET3_REGS_DOWN : path->builtin ?
	       VMXNET3_REGS_EMULATED : VMXNET3_REGS_VF;
	*p++ = shell->max_queues;
	*p++ = path ? path->num_queues : 0;
	*p++ = shell->num_intrs;
	*p++ = ARRAY_SIZE(vmxnet3_vd_regs);
	*p++ = path ? atomic_read(&path->bad_reports) : 0;
	return p;
}

static u32 *vmxnet3_regs_tx(const struct vmxnet3_queue *q, u32 *p)
{
	const struct vmxnet3_tx_ring *ring = q->tx;
	u32 *end = p + VMXNET3_REGS_TX;

	if (!ring)
		return end;
	*p++ = ring->nq->ring_size;
	*p++ = ring->nq->intr;
	*p++ = lower_32_bits(ring->nq->seg[0].pa);
	*p++ = upper_32_bits(ring->nq->seg[0].pa);
	*p++ = READ_ONCE(ring->nq->tx_added);
	*p++ = READ_ONCE(ring->nq->tx_done);
	*p++ = READ_ONCE(ring->prod);
	*p++ = READ_ONCE(ring->cons);
	*p++ = READ_ONCE(ring->frames_sent);
	*p++ = READ_ONCE(ring->frames_done);
	*p++ = netif_tx_queue_stopped(q->txq);
	return end;
}

static u32 *vmxnet3_regs_rx(const struct vmxnet3_queue *q, u32 *p)
{
	const struct vmxnet3_rx_ring *ring = READ_ONCE(q->rx);
	u32 *end = p + VMXNET3_REGS_RX;
	u32 i, filled = 0;

	if (!ring)
		return end;
	for (i = 0; i < ring->num_slots; i++)
		filled += !!READ_ONCE(ring->slots[i].page);
	*p++ = ring->nq->ring_size;
	*p++ = ring->nq->intr;
	*p++ = lower_32_bits(ring->nq->seg[0].pa);
	*p++ = upper_32_bits(ring->nq->seg[0].pa);
	*p++ = ring->num_slots;
	*p++ = filled;
	*p++ = READ_ONCE(ring->alloc_fails);
	return end;
}

/**
 * vmxnet3_get_regs() - ethtool -d
 * @netdev: the shell's netdev
 * @regs: receives the version of the layout
 * @data: receives as many bytes as vmxnet3_get_regs_len() says
 *
 * Context: process.
 */
void vmxnet3_get_regs(struct net_device *netdev, struct ethtool_regs *regs,
		      void *data)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);
	u32 *p = data;
	u32 i;

	memset(data, 0, vmxnet3_get_regs_len(netdev));
	regs->version = VMXNET3_REGS_VERSION;
	mutex_lock(&shell->conf_lock);
	p = vmxnet3_regs_header(shell, p);
	for (i = 0; i < ARRAY_SIZE(vmxnet3_vd_regs); i++)
		*p++ = shell->ops->read(shell, vmxnet3_vd_regs[i]);
	for (i = 0; i < shell->num_intrs; i++)
		*p++ = readl(shell->pt + VMXNET3_PT_IMR +
			     i * VMXNET3_REG_STRIDE);
	/* Queues of a device that is down point to rings that are gone. */
	for (i = 0; shell->path && i < shell->max_queues; i++) {
		p = vmxnet3_regs_tx(&shell->queues[i], p);
		p = vmxnet3_regs_rx(&shell->queues[i], p);
	}
	mutex_unlock(&shell->conf_lock);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts: one MSI-X vector per queue pair and one for events, and if the
 * device has enough of them another one per pair for TX.  The same vectors
 * serve both data paths: those of a VF appear as the device's own.  A device
 * or a machine that has less gets by with a single vector (MSI-X, MSI, or the
 * INTx line) for one queue pair and events, without NPA.
 */
#include <kunit/static_stub.h>
#include <linux/bitfield.h>
#include <linux/interrupt.h>

#include "vmxnet3_plugin.h"
#include "vmxnet3_shell.h"
#include "vmxnet3_switch.h"

/* What the device does not do by itself in this mask mode. */
static void vmxnet3_irq_mask_queue(struct vmxnet3_queue *q)
{
	struct vmxnet3_rx_ring *ring = READ_ONCE(q->rx);
	struct vmxnet3_path *path = ring ? ring->path : NULL;

	if (path && !path->throttled)
		path->api.disable_interrupt(path->ps, q->index);
}

static irqreturn_t vmxnet3_queue_interrupt(int irq, void *data)
{
	struct vmxnet3_queue *q = data;

	if (unlikely(q->shell->mask_mode == VMXNET3_INTR_MASK_ACTIVE))
		vmxnet3_irq_mask_queue(q);
	napi_schedule_irqoff(&q->napi);
	return IRQ_HANDLED;
}

/* Fires once after a queue was stopped, see vmxnet3_path.tx_lazy. */
static irqreturn_t vmxnet3_tx_interrupt(int irq, void *data)
{
	struct vmxnet3_queue *q = data;

	if (unlikely(q->shell->mask_mode == VMXNET3_INTR_MASK_ACTIVE)) {
		struct vmxnet3_tx_ring *ring = READ_ONCE(q->tx);

		if (ring)
			ring->path->api.disable_interrupt(ring->path->ps,
							  ring->nq->intr);
	}
	napi_schedule_irqoff(&q->napi);
	return IRQ_HANDLED;
}

static void vmxnet3_irq_events(struct vmxnet3_shell *shell)
{
	u32 events = vmxnet3_dev_take_events(shell);

	if (likely(!events))
		return;
	if (events & VMXNET3_ECR_LINK)
		schedule_work(&shell->link_work);
	if (events & VMXNET3_ECR_RQERR)
		vmxnet3_request_reset(shell, VMXNET3_RESET_RX_ERROR);
	if (events & VMXNET3_ECR_TQERR)
		vmxnet3_request_reset(shell, VMXNET3_RESET_TX_ERROR);
	if (events & VMXNET3_ECR_DIC)
		vmxnet3_switch_message(shell);
}

/**
 * vmxnet3_event_interrupt() - handler of the event vector
 * @irq: Linux interrupt number
 * @data: the shell
 *
 * Return: IRQ_HANDLED; the vector is not shared.
 */
irqreturn_t vmxnet3_event_interrupt(int irq, void *data)
{
	struct vmxnet3_shell *shell = data;

	vmxnet3_irq_events(shell);
	vmxnet3_irq_enable_events(shell);
	return IRQ_HANDLED;
}

/**
 * vmxnet3_single_interrupt() - handler of a vector that serves everything
 * @irq: Linux interrupt number
 * @data: the shell
 *
 * An INTx line may have other users.  Reading ICR says whether the device has
 * raised it, and lowers it; a device that is gone has not.  Poll unmasks the
 * vector, for events as well.
 *
 * Return: IRQ_HANDLED, or IRQ_NONE if it was not this device.
 */
irqreturn_t vmxnet3_single_interrupt(int irq, void *data)
{
	struct vmxnet3_shell *shell = data;
	struct vmxnet3_queue *q = &shell->queues[0];

	if (shell->intr_type == VMXNET3_INTR_TYPE_INTX) {
		u32 cause = shell->ops->read(shell, VMXNET3_VD_ICR);

		if (!cause || cause == U32_MAX)
			return IRQ_NONE;
	}
	if (shell->mask_mode == VMXNET3_INTR_MASK_ACTIVE)
		vmxnet3_irq_mask_queue(q);
	vmxnet3_irq_events(shell);
	napi_schedule_irqoff(&q->napi);
	return IRQ_HANDLED;
}

/**
 * vmxnet3_irq_enable_events() - unmask the event vector
 * @shell: the device
 *
 * Context: any.  The mask register belongs to the emulated device in either
 * mode, see VMXNET3_PT_IMR.
 */
void vmxnet3_irq_enable_events(struct vmxnet3_shell *shell)
{
	writel(0, shell->pt + VMXNET3_PT_IMR +
		  (shell->num_intrs - 1) * VMXNET3_REG_STRIDE);
}

/**
 * vmxnet3_irq_disable_events() - mask the event vector
 * @shell: the device
 *
 * Context: any.
 */
void vmxnet3_irq_disable_events(struct vmxnet3_shell *shell)
{
	writel(1, shell->pt + VMXNET3_PT_IMR +
		  (shell->num_intrs - 1) * VMXNET3_REG_STRIDE);
}

/**
 * vmxnet3_irq_get_vectors() - ask the PCI core for vectors
 * @shell: the device
 * @least: how many at least
 * @most: how many at most
 * @kind: PCI_IRQ_*, one of them
 *
 * A function for the sake of tests.
 *
 * Context: process.
 * Return: how many there are, or a negative errno.
 */
int vmxnet3_irq_get_vectors(struct vmxnet3_shell *shell, u32 least, u32 most,
			    u32 kind)
{
	KUNIT_STATIC_STUB_REDIRECT(vmxnet3_irq_get_vectors, shell, least, most,
				   kind);
	return pci_alloc_irq_vectors(shell->pdev, least, most, kind);
}

/* As many pairs as wanted with vectors for TX, else as many as there are. */
static int vmxnet3_irq_get_msix(struct vmxnet3_shell *shell, u32 want)
{
	int n;

	n = vmxnet3_irq_get_vectors(shell, 2 * want + 1, 2 * want + 1,
				    PCI_IRQ_MSIX);
	if (n > 0) {
		shell->tx_vectors = true;
		shell->max_queues = want;
		return n;
	}
	n = vmxnet3_irq_get_vectors(shell, 1, want + 1, PCI_IRQ_MSIX);
	if (n > 0)
		shell->max_queues = max(n - 1, 1);
	return n;
}

/**
 * vmxnet3_irq_choose() - get vectors for so many queue pairs, or for fewer
 * @shell: the device; sets intr_type, mask_mode, num_intrs, tx_vectors and
 *	max_queues
 * @want: queue pairs
 *
 * What the device asks for (GET_CONF_INTR) is tried first, MSI-X if it leaves
 * the choice to the driver; then MSI, then INTx.
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int vmxnet3_irq_choose(struct vmxnet3_shell *shell, u32 want)
{
	u32 conf = vmxnet3_cmd_get(shell, VMXNET3_CMD_GET_CONF_INTR);
	u32 type = FIELD_GET(VMXNET3_INTR_TYPE, conf);
	int n = -ENOSPC;

	shell->mask_mode = FIELD_GET(VMXNET3_INTR_MASK_MODE, conf);
	if (shell->mask_mode > VMXNET3_INTR_MASK_LAZY)
		shell->mask_mode = VMXNET3_INTR_MASK_AUTO;
	shell->tx_vectors = false;
	shell->max_queues = 1;

	if (type == VMXNET3_INTR_TYPE_AUTO || type == VMXNET3_INTR_TYPE_MSIX) {
		shell->intr_type = VMXNET3_INTR_TYPE_MSIX;
		n = vmxnet3_irq_get_msix(shell, want);
	}
	if (n < 0 && type != VMXNET3_INTR_TYPE_INTX) {
		shell->intr_type = VMXNET3_INTR_TYPE_MSI;
		n = vmxnet3_irq_get_vectors(shell, 1, 1, PCI_IRQ_MSI);
	}
	if (n < 0) {
		shell->intr_type = VMXNET3_INTR_TYPE_INTX;
		n = vmxnet3_irq_get_vectors(shell, 1, 1, PCI_IRQ_INTX);
	}
	if (n < 0) {
		dev_err(shell->dev, "cannot get an interrupt: %d\n", n);
		return n;
	}
	shell->num_intrs = n;
	return 0;
}

/**
 * vmxnet3_irq_alloc_vectors() - get vectors and settle on a queue count
 * @shell: the device, vmxnet3_npa_init() was called; see vmxnet3_irq_choose()
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int vmxnet3_irq_alloc_vectors(struct vmxnet3_shell *shell)
{
	u32 want = min3((u32)num_online_cpus(), shell->netdev->num_tx_queues,
			(u32)shell->limits.max_queues);

	if (shell->npa.supported)
		want = min_t(u32, want, shell->npa.max_queues);
	return vmxnet3_irq_choose(shell, want);
}

/**
 * vmxnet3_irq_type_name() - name of the kind of interrupts in use
 * @shell: the device
 *
 * Return: a name for people.
 */
const char *vmxnet3_irq_type_name(const struct vmxnet3_shell *shell)
{
	switch (shell->intr_type) {
	case VMXNET3_INTR_TYPE_MSIX:
		return "MSI-X";
	case VMXNET3_INTR_TYPE_MSI:
		return "MSI";
	default:
		return "INTx";
	}
}

/**
 * vmxnet3_irq_free_vectors() - undo vmxnet3_irq_alloc_vectors()
 * @shell: the device
 */
void vmxnet3_irq_free_vectors(struct vmxnet3_shell *shell)
{
	pci_free_irq_vectors(shell->pdev);
}

static void vmxnet3_irq_free_queue(struct vmxnet3_queue *q)
{
	if (q->shell->tx_vectors)
		free_irq(q->tx_irq, q);
	free_irq(q->irq, q);
}

static int vmxnet3_irq_request_queue(struct vmxnet3_queue *q)
{
	struct vmxnet3_shell *shell = q->shell;
	const char *name = netdev_name(shell->netdev);
	int err;

	snprintf(q->irq_name, sizeof(q->irq_name), "%s-%s-%u", name,
		 shell->tx_vectors ? "rx" : "rxtx", q->index);
	q->irq = pci_irq_vector(shell->pdev, q->index);
	err = request_irq(q->irq, vmxnet3_queue_interrupt, 0, q->irq_name, q);
	if (err)
		return err;
	if (!shell->tx_vectors)
		return 0;

	snprintf(q->tx_irq_name, sizeof(q->tx_irq_name), "%s-tx-%u", name,
		 q->index);
	q->tx_irq = pci_irq_vector(shell->pdev, shell->max_queues + q->index);
	err = request_irq(q->tx_irq, vmxnet3_tx_interrupt, 0, q->tx_irq_name,
			  q);
	if (err)
		free_irq(q->irq, q);
	return err;
}

static int vmxnet3_irq_request_single(struct vmxnet3_shell *shell)
{
	bool shared = shell->intr_type == VMXNET3_INTR_TYPE_INTX;

	strscpy(shell->event_name, netdev_name(shell->netdev));
	shell->event_irq = pci_irq_vector(shell->pdev, 0);
	shell->queues[0].irq = shell->event_irq;
	return request_irq(shell->event_irq, vmxnet3_single_interrupt,
			   shared ? IRQF_SHARED : 0, shell->event_name, shell);
}

static int vmxnet3_irq_request_many(struct vmxnet3_shell *shell)
{
	int err, i;

	for (i = 0; i < shell->max_queues; i++) {
		err = vmxnet3_irq_request_queue(&shell->queues[i]);
		if (err)
			goto free_queues;
	}

	snprintf(shell->event_name, sizeof(shell->event_name), "%s-event",
		 netdev_name(shell->netdev));
	shell->event_irq = pci_irq_vector(shell->pdev, shell->num_intrs - 1);
	err = request_irq(shell->event_irq, vmxnet3_event_interrupt, 0,
			  shell->event_name, shell);
	if (err)
		goto free_queues;
	return 0;

free_queues:
	while (i--)
		vmxnet3_irq_free_queue(&shell->queues[i]);
	return err;
}

/**
 * vmxnet3_irq_request() - install the handlers
 * @shell: the device; the path in use is set, the device is not active yet
 *
 * Context: process.  In a test without a PCI function it does nothing.
 * Return: 0 or a negative errno.
 */
int vmxnet3_irq_request(struct vmxnet3_shell *shell)
{
	int err;

	if (!shell->pdev)
		return 0;
	if (vmxnet3_irq_is_single(shell))
		err = vmxnet3_irq_request_single(shell);
	else
		err = vmxnet3_irq_request_many(shell);
	if (err)
		netdev_err(shell->netdev,
			   "cannot install interrupt handler: %d\n", err);
	return err;
}

/**
 * vmxnet3_irq_sync() - wait for handlers that run
 * @shell: the device, between vmxnet3_irq_request() and vmxnet3_irq_free()
 *
 * Context: process.  A ring that no queue pair points to any more is not
 * looked at by any handler after it returns.
 */
void vmxnet3_irq_sync(struct vmxnet3_shell *shell)
{
	u32 i;

	if (!shell->pdev)
		return;
	for (i = 0; i < shell->num_intrs; i++)
		synchronize_irq(pci_irq_vector(shell->pdev, i));
}

/**
 * vmxnet3_irq_free() - undo vmxnet3_irq_request()
 * @shell: the device
 *
 * Context: process.  No handler runs after it returns.
 */
void vmxnet3_irq_free(struct vmxnet3_shell *shell)
{
	int i;

	if (!shell->pdev)
		return;
	free_irq(shell->event_irq, shell);
	if (vmxnet3_irq_is_single(shell))
		return;
	for (i = shell->max_queues - 1; i >= 0; i--)
		vmxnet3_irq_free_queue(&shell->queues[i]);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts: one MSI-X vector per queue pair and one for events, and if the
 * device has enough of them another one per pair for TX.  The same vectors
 * serve both data paths: those of a VF appear as the device's own.
 */
#include <linux/bitfield.h>
#include <linux/interrupt.h>

#include "vmxnet3_plugin.h"
#include "vmxnet3_shell.h"
#include "vmxnet3_switch.h"

static irqreturn_t vmxnet3_queue_interrupt(int irq, void *data)
{
	struct vmxnet3_queue *q = data;

	if (unlikely(q->shell->mask_active)) {
		struct vmxnet3_rx_ring *ring = READ_ONCE(q->rx);
		struct vmxnet3_path *path = ring ? ring->path : NULL;

		if (path && !path->throttled)
			path->api.disable_interrupt(path->ps, q->index);
	}
	napi_schedule_irqoff(&q->napi);
	return IRQ_HANDLED;
}

/* Fires once after a queue was stopped, see vmxnet3_path.tx_lazy. */
static irqreturn_t vmxnet3_tx_interrupt(int irq, void *data)
{
	struct vmxnet3_queue *q = data;

	if (unlikely(q->shell->mask_active)) {
		struct vmxnet3_tx_ring *ring = READ_ONCE(q->tx);

		if (ring)
			ring->path->api.disable_interrupt(ring->path->ps,
							  ring->nq->intr);
	}
	napi_schedule_irqoff(&q->napi);
	return IRQ_HANDLED;
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
	u32 events = vmxnet3_dev_take_events(shell);

	if (events & VMXNET3_ECR_LINK)
		schedule_work(&shell->link_work);
	if (events & (VMXNET3_ECR_RQERR | VMXNET3_ECR_TQERR))
		vmxnet3_request_reset(shell);
	if (events & VMXNET3_ECR_DIC)
		vmxnet3_switch_message(shell);

	vmxnet3_irq_enable_events(shell);
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
 * vmxnet3_irq_alloc_vectors() - get MSI-X vectors and settle on a queue count
 * @shell: the device, vmxnet3_npa_init() was called; max_queues and num_intrs
 *	are set
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int vmxnet3_irq_alloc_vectors(struct vmxnet3_shell *shell)
{
	u32 conf = vmxnet3_cmd_get(shell, VMXNET3_CMD_GET_CONF_INTR);
	u32 want = min3((u32)num_online_cpus(), shell->netdev->num_tx_queues,
			(u32)shell->limits.max_queues);
	int n;

	if (shell->npa.supported)
		want = min_t(u32, want, shell->npa.max_queues);
	n = pci_alloc_irq_vectors(shell->pdev, 2 * want + 1, 2 * want + 1,
				  PCI_IRQ_MSIX);
	shell->tx_vectors = n > 0;
	if (n < 0)
		n = pci_alloc_irq_vectors(shell->pdev, 2, want + 1,
					  PCI_IRQ_MSIX);
	if (n < 0) {
		dev_err(shell->dev, "cannot get two MSI-X vectors: %d\n", n);
		return n;
	}
	shell->num_intrs = n;
	shell->max_queues = shell->tx_vectors ? want : n - 1;
	shell->mask_active = FIELD_GET(VMXNET3_INTR_MASK_MODE, conf) ==
			     VMXNET3_INTR_MASK_ACTIVE;
	return 0;
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
	netif_napi_set_irq_locked(&q->napi, -1);
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
	netif_napi_set_irq_locked(&q->napi, q->irq);
	if (!shell->tx_vectors)
		return 0;

	snprintf(q->tx_irq_name, sizeof(q->tx_irq_name), "%s-tx-%u", name,
		 q->index);
	q->tx_irq = pci_irq_vector(shell->pdev, shell->max_queues + q->index);
	err = request_irq(q->tx_irq, vmxnet3_tx_interrupt, 0, q->tx_irq_name,
			  q);
	if (err) {
		netif_napi_set_irq_locked(&q->napi, -1);
		free_irq(q->irq, q);
	}
	return err;
}

/**
 * vmxnet3_irq_request() - install the handlers
 * @shell: the device
 *
 * Context: process, instance lock held.  In a test without a PCI function it does
 * nothing.
 * Return: 0 or a negative errno.
 */
int vmxnet3_irq_request(struct vmxnet3_shell *shell)
{
	const char *name = netdev_name(shell->netdev);
	int err, i;

	if (!shell->pdev)
		return 0;

	for (i = 0; i < shell->max_queues; i++) {
		err = vmxnet3_irq_request_queue(&shell->queues[i]);
		if (err)
			goto free_queues;
	}

	snprintf(shell->event_name, sizeof(shell->event_name), "%s-event",
		 name);
	shell->event_irq = pci_irq_vector(shell->pdev, shell->num_intrs - 1);
	err = request_irq(shell->event_irq, vmxnet3_event_interrupt, 0,
			  shell->event_name, shell);
	if (err)
		goto free_queues;
	return 0;

free_queues:
	netdev_err(shell->netdev, "cannot install interrupt handler: %d\n",
		   err);
	while (i--)
		vmxnet3_irq_free_queue(&shell->queues[i]);
	return err;
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
	for (i = shell->max_queues - 1; i >= 0; i--)
		vmxnet3_irq_free_queue(&shell->queues[i]);
}

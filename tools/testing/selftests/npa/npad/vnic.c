// SPDX-License-Identifier: GPL-2.0
/*
 * Life of a vNIC: its parts, put together and taken apart.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "npad.h"

struct pci_shape vnic_shape(const struct vnic *vnic,
			    const struct vmxnet3_model *model)
{
	return (struct pci_shape){
		.num_msix = model->intr_type < VMXNET3_INTR_TYPE_MSIX ? 0 :
			    vmxnet3_model_vectors(model),
		.msi = model->intr_type >= VMXNET3_INTR_TYPE_MSI,
		.pt_len = vmxnet3_model_pt_len(model),
		.npa = vnic->npa,
		.max_vf_queues = vnic->own.max_vf_queues,
	};
}

struct vfio_user_irqs vnic_irqs(const struct vmxnet3_model *model)
{
	struct vfio_user_irqs irqs = { .count = { [IRQ_INTX] = 1 } };

	if (model->intr_type >= VMXNET3_INTR_TYPE_MSI)
		irqs.count[IRQ_MSI] = 1;
	if (model->intr_type >= VMXNET3_INTR_TYPE_MSIX)
		irqs.count[IRQ_MSIX] = vmxnet3_model_vectors(model);
	return irqs;
}

static int make_npa(struct vnic *vnic, const struct pf_ops *vf)
{
	struct npad *host = vnic->host;
	struct npa_env env = {
		.name = vnic->name,
		.loop = host->loop,
		.log = &host->log,
		.events = &host->events,
		.dma = vnic->dma,
		.sw = host->sw,
		.pci = &vnic->pci,
		.store = host->store,
		.ops = vf,
		.answer_ns = host->answer_ns,
	};
	int err = window_new(&vnic->window);

	if (err)
		return err;
	env.window = vnic->window.mem;
	vnic->npa = npa_new(&env);
	return vnic->npa ? 0 : -ENOMEM;
}

static int make_parts(struct vnic *vnic, const struct vnic_conf *conf)
{
	const struct pf_vf_info *info = conf->vf ? conf->vf->get_info() : NULL;
	struct vfio_user_irqs irqs = vnic_irqs(&conf->model);
	struct npad *host = vnic->host;
	struct pci_shape shape;
	int err = 0;

	vnic->dma = dma_new();
	if (!vnic->dma)
		return -ENOMEM;
	vnic->dev = vmxnet3_dev_new(host->loop, &host->log, vnic->dma,
				    host->sw, conf->mac, &conf->model);
	if (!vnic->dev)
		return -ENOMEM;
	vnic->own.policy.antispoof = true;
	vnic->dev->port.policy = vnic->own.policy;
	if (conf->vf)
		err = make_npa(vnic, conf->vf);
	if (err)
		return err;
	memcpy(vnic->own.mac, conf->mac, sizeof(vnic->own.mac));
	vnic->own.model = conf->model;
	vnic->own.max_vf_queues = info ? info->max_queues : 0;
	shape = vnic_shape(vnic, &conf->model);
	pci_init(&vnic->pci, &shape);
	vnic_device_regions(vnic, info);
	vnic_device_shape(vnic, &shape);
	vnic->vu = vfio_user_new(host->loop, &host->log, conf->socket,
				 vnic->dma, vnic->regions, &irqs,
				 &vnic_device_ops, vnic);
	if (!vnic->vu)
		return errno ? -errno : -EIO;
	if (vnic->npa)
		npa_set_peers(vnic->npa, vnic->dev, vnic->vu);
	return 0;
}

struct vnic *vnic_new(struct npad *host, const struct vnic_conf *conf)
{
	struct vnic *vnic = calloc(1, sizeof(*vnic));
	struct vnic **end = &host->vnics;
	int err;

	if (!vnic)
		return NULL;
	vnic->host = host;
	vnic->window.fd = -1;
	vnic->spare.fd = -1;
	memcpy(vnic->name, conf->name, sizeof(vnic->name));
	while (*end)
		end = &(*end)->next;
	*end = vnic;
	err = make_parts(vnic, conf);
	if (!err)
		return vnic;
	log_error(&host->log, "cannot make vNIC %s: %s", conf->name,
		  strerror(-err));
	vnic_free(vnic);
	errno = -err;
	return NULL;
}

void vnic_free(struct vnic *vnic)
{
	struct vnic **link;

	if (!vnic)
		return;
	link = &vnic->host->vnics;
	while (*link != vnic)
		link = &(*link)->next;
	*link = vnic->next;
	vfio_user_free(vnic->vu);
	npa_free(vnic->npa);
	vmxnet3_dev_free(vnic->dev);
	window_free(&vnic->window);
	window_free(&vnic->spare);
	dma_free(vnic->dma);
	free(vnic);
}

struct vnic *vnic_find(struct npad *host, const char *name)
{
	struct vnic *vnic = host->vnics;

	while (vnic && name && strcmp(vnic->name, name))
		vnic = vnic->next;
	return vnic;
}

void vnic_own_identity(struct vnic *vnic)
{
	const struct vmxnet3_model *model = &vnic->own.model;
	struct pci_shape shape = vnic_shape(vnic, model);
	struct vfio_user_irqs irqs = vnic_irqs(model);
	struct vmxnet3_dev *dev = vnic->dev;

	pci_init(&vnic->pci, &shape);
	vnic_device_shape(vnic, &shape);
	if (vnic->vu)
		vfio_user_set_irqs(vnic->vu, &irqs);
	irq_fini(&dev->irq);
	irq_init(&dev->irq, dev->loop, vmxnet3_model_vectors(model),
		 dev->irq.disabled, dev->irq.arg);
	dev->model = *model;
	memcpy(dev->perm_mac, vnic->own.mac, sizeof(dev->perm_mac));
	vmxnet3_dev_reset(dev);
}

void vnic_reset_stats(struct vnic *vnic)
{
	memset(&vnic->traps, 0, sizeof(vnic->traps));
	irq_reset_stats(&vnic->dev->irq);
	memset(&vnic->dev->port.stats, 0, sizeof(struct port_stats));
	if (vnic->npa)
		npa_reset_stats(vnic->npa);
}

/* The port of the VF follows the emulated one. */
static void port_changed(struct vnic *vnic)
{
	if (vnic->npa)
		npa_policy_changed(vnic->npa);
	eswitch_kick(vnic->host->sw);
}

void vnic_set_link(struct vnic *vnic, bool up)
{
	port_set_link(&vnic->dev->port, up);
	vmxnet3_dev_set_link(vnic->dev, up);
	port_changed(vnic);
}

void vnic_set_policy(struct vnic *vnic, const struct port_policy *policy)
{
	vnic->dev->port.policy = *policy;
	port_changed(vnic);
}

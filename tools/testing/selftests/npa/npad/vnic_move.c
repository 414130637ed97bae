// SPDX-License-Identifier: GPL-2.0
/*
 * A guest goes to another host, or comes from one: its vNIC's state and the
 * descriptors that belong to it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "nonblocking.h"
#include "npad.h"

bool vnic_is_free(const struct vnic *vnic)
{
	struct npa_state npa = { 0 };

	if (vnic->npa)
		npa_export(vnic->npa, &npa);
	return !vnic->in_use && !vfio_user_has_client(vnic->vu) && !npa.wish_vf;
}

void vnic_hold(struct vnic *vnic)
{
	vfio_user_pause(vnic->vu);
	vmxnet3_dev_hold(vnic->dev, true, true);
}

void vnic_release_hold(struct vnic *vnic)
{
	vmxnet3_dev_hold(vnic->dev, false, false);
	irq_signal_pending(&vnic->dev->irq);
	vfio_user_resume(vnic->vu);
}

int vnic_export(struct vnic *vnic, struct vnic_state *state, int *fds,
		unsigned int *num_fds, const char **why)
{
	int all[VNIC_MAX_FDS];
	unsigned int n;
	int err;

	snprintf(state->name, sizeof(state->name), "%s", vnic->name);
	memcpy(state->pci, vnic->pci.data, sizeof(state->pci));
	err = vmxnet3_dev_export(vnic->dev, &state->dev);
	*why = "the guest uses the VF";
	if (err && fds)
		return err;
	*why = "no guest is connected";
	if (!vfio_user_is_connected(vnic->vu))
		return -ENOTCONN;
	state->has_npa = vnic->npa;
	if (vnic->npa) {
		npa_export(vnic->npa, &state->npa);
		npa_vf_stats(vnic->npa, &state->vf_port);
	}
	state->policy = vnic->dev->port.policy;
	state->port = vnic->dev->port.stats;
	n = vfio_user_export(vnic->vu, &state->client, all);
	n += irq_export(&vnic->dev->irq, &state->irq, all + n);
	err = dma_export(vnic->dma, &state->dma, all + n);
	*why = "the guest's memory is in too many files";
	if (err)
		return err;
	n += state->dma.num_files;
	if (vnic->npa)
		all[n++] = vnic->window.fd;
	if (fds) {
		memcpy(fds, all, n * sizeof(*fds));
		*num_fds = n;
	}
	return 0;
}

static unsigned int wanted_fds(const struct vnic_state *state)
{
	return 1 + state->client.num_fds + irq_state_fds(&state->irq) +
	       state->dma.num_files + state->has_npa;
}

/* Nobody else on this host has the address. */
static bool mac_is_free(const struct vnic *vnic, const uint8_t mac[6])
{
	for (struct vnic *v = vnic->host->vnics; v; v = v->next)
		if (v != vnic && v->dev->active && !memcmp(v->dev->mac, mac, 6))
			return false;
	return true;
}

int vnic_check(struct vnic *vnic, const struct vnic_state *state,
	       const char **why)
{
	const struct vmxnet3_model *model = &state->dev.model;
	struct pci_shape shape = vnic_shape(vnic, model);
	struct pci_config pci;

	if (model->revision > vnic->own.model.revision) {
		*why = "the guest's device has a newer revision than this one may have";
		return -EOPNOTSUPP;
	}
	if (state->has_npa != !!vnic->npa) {
		*why = vnic->npa ? "the guest's device has no NPA, this one has"
				 : "the guest's device has NPA, this one has not";
		return -EOPNOTSUPP;
	}
	if (pci_load(&pci, state->pci, &shape)) {
		*why = "the guest knows another PCI device";
		return -EOPNOTSUPP;
	}
	if (!mac_is_free(vnic, state->dev.mac)) {
		*why = "a vNIC of this host has the same address";
		return -EADDRINUSE;
	}
	return vnic->npa ? npa_check(vnic->npa, &state->npa, why) : 0;
}

static void close_fds(const int *fds, unsigned int num)
{
	for (unsigned int i = 0; i < num; i++)
		close(fds[i]);
}

/* The window that the client has mapped; the own one is kept. */
static int take_window(struct vnic *vnic, int fd)
{
	struct window window;
	int err;

	err = window_adopt(&window, fd);
	if (err)
		return err;
	vnic->spare = vnic->window;
	vnic->window = window;
	npa_set_window(vnic->npa, window.mem);
	vnic->regions[BAR_WINDOW].fd = window.fd;
	return 0;
}

static void give_window_back(struct vnic *vnic)
{
	if (!vnic->spare.mem)
		return;
	window_free(&vnic->window);
	vnic->window = vnic->spare;
	vnic->spare = (struct window){ .fd = -1 };
	npa_set_window(vnic->npa, vnic->window.mem);
	vnic->regions[BAR_WINDOW].fd = vnic->window.fd;
}

int vnic_import(struct vnic *vnic, const struct vnic_state *state,
		const int *fds, unsigned int num_fds, const char **why)
{
	struct pci_shape shape = vnic_shape(vnic, &state->dev.model);
	struct vfio_user_irqs counts = vnic_irqs(&state->dev.model);
	const int *irqs, *files, *window;
	int err;

	err = vnic_check(vnic, state, why);
	if (err)
		goto close_all;
	err = -EINVAL;
	*why = "descriptors are missing";
	if (num_fds != wanted_fds(state))
		goto close_all;
	window = fds + num_fds - state->has_npa;
	files = window - state->dma.num_files;
	irqs = fds + 1 + state->client.num_fds;
	*why = "bad descriptors of interrupts";
	for (const int *fd = irqs; fd < files; fd++)
		if (!set_nonblocking(*fd))
			goto close_all;

	*why = "the guest's memory cannot be mapped";
	err = dma_import(vnic->dma, &state->dma, files);
	if (err)
		goto close_all;
	*why = "the device's rings are not in the guest's memory";
	err = vmxnet3_dev_import(vnic->dev, &state->dev);
	if (err)
		goto clear_memory;
	*why = "the window is not the one of an npad";
	err = vnic->npa ? take_window(vnic, *window) : 0;
	if (err)
		goto reset_dev;
	*why = "the connection cannot be taken over";
	err = vfio_user_import(vnic->vu, &state->client, fds,
			       &counts);
	if (err)
		goto give_window;
	irq_import(&vnic->dev->irq, &state->irq, irqs);
	close_fds(files, state->dma.num_files);
	pci_load(&vnic->pci, state->pci, &shape);
	vnic_device_shape(vnic, &shape);
	vnic->dev->irq.intx.disabled = pci_intx_disabled(&vnic->pci);
	vnic->dev->port.policy = state->policy;
	vnic->dev->port.stats = state->port;
	if (vnic->npa)
		npa_import(vnic->npa, &state->npa, &state->vf_port);
	vmxnet3_dev_hold(vnic->dev, true, true);
	return 0;

give_window:
	give_window_back(vnic);
	num_fds -= state->has_npa;	/* was the window's */
reset_dev:
	vnic_own_identity(vnic);
clear_memory:
	dma_clear(vnic->dma);
close_all:
	close_fds(fds, num_fds);
	return err;
}

void vnic_start(struct vnic *vnic)
{
	window_free(&vnic->spare);
	vnic_set_link(vnic, vnic->dev->link_up);
	vnic->dev->hold_tx = false;
	vmxnet3_dev_start(vnic->dev);
	vfio_user_resume(vnic->vu);
}

void vnic_let_go(struct vnic *vnic)
{
	vmxnet3_dev_hold(vnic->dev, true, true);
	if (vnic->npa)
		npa_gone(vnic->npa);
	/* From here on nothing writes to the window that the guest sees. */
	give_window_back(vnic);
	vfio_user_let_go(vnic->vu);
	vnic->dev->hold_tx = false;
	vnic->dev->hold_rx = false;
	vnic->dev->link_up = true;
	vnic_set_link(vnic, true);
	vnic_set_policy(vnic, &vnic->own.policy);
	vnic_reset_stats(vnic);
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A vNIC: one vmxnet3 function of one guest, with its vfio-user socket, the
 * guest's memory, its emulated device, and, unless it is an ordinary vmxnet3,
 * the hypervisor's side of NPA and the window for a VF.
 */
#ifndef NPAD_VNIC_H
#define NPAD_VNIC_H

#include "npa.h"
#include "traps.h"

#define VNIC_NAME_LEN	16	/* with the terminating zero */
#define VNIC_MIN_QUEUES	1
#define VNIC_MAX_QUEUES	8

struct npad;

/**
 * struct vnic_conf - what a vNIC is to be
 * @name: letters, digits, "-", "_", "."; for the operator
 * @socket: path of its vfio-user socket
 * @mac: permanent address, unicast
 * @queues: queue pairs that it has interrupts for, %VNIC_MIN_QUEUES to
 *	%VNIC_MAX_QUEUES
 * @vf: model of its VF; NULL: no NPA
 */
struct vnic_conf {
	char name[VNIC_NAME_LEN];
	const char *socket;
	uint8_t mac[6];
	unsigned int queues;
	const struct pf_ops *vf;
};

/**
 * struct vnic - a vNIC
 * @host: npad
 * @next: list of the host, in the order in which they were made
 * @name: as in &struct vnic_conf
 * @npa: NULL without NPA
 * @window: memory of the window BAR, with @npa
 * @window_fd: the same as a file descriptor, for the client
 */
struct vnic {
	struct npad *host;
	struct vnic *next;
	char name[VNIC_NAME_LEN];
	struct dma_space *dma;
	struct pci_config pci;
	struct vmxnet3_dev *dev;
	struct npa *npa;
	uint8_t *window;
	int window_fd;
	struct vfio_user_region regions[VFIO_USER_REGIONS];
	struct vfio_user *vu;
	struct traps traps;
};

/* Make a vNIC and add it to the host's list; its socket listens.  conf is not
 * needed afterwards.  NULL with errno set, after a message.
 */
struct vnic *vnic_new(struct npad *host, const struct vnic_conf *conf);
/* NULL is fine. */
void vnic_free(struct vnic *vnic);

/* NULL if there is none of that name; name NULL: the first one. */
struct vnic *vnic_find(struct npad *host, const char *name);

void vnic_reset_stats(struct vnic *vnic);

/* Plug or unplug the cable: without a link nothing gets in or out, whatever
 * the path is.
 */
void vnic_set_link(struct vnic *vnic, bool up);

/* The hypervisor's rules, for the emulated device as for the VF. */
void vnic_set_policy(struct vnic *vnic, const struct port_policy *policy);

/* device.c: the PCI device that the vfio-user client sees; arg is the vNIC.
 * npa: with a window for VFs, which the client maps.
 */
extern const struct vfio_user_ops vnic_device_ops;
void vnic_device_regions(struct vnic *vnic, bool npa);

#endif

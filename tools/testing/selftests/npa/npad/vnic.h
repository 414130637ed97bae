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
#include "vnic_state.h"
#include "window.h"

#define VNIC_NAME_LEN	16	/* with the terminating zero */
/* Descriptors of a guest: of its connection and of a message on the way,
 * interrupts, memory, the window.
 */
#define VNIC_MAX_FDS	(1 + VFIO_USER_MAX_FDS + IRQ_MAX_FDS + \
			 DMA_MAX_FILES + 1)

struct npad;

/**
 * struct vnic_conf - what a vNIC is to be
 * @name: letters, digits, "-", "_", "."; for the operator
 * @socket: path of its vfio-user socket
 * @mac: permanent address, unicast
 * @model: what it offers to its driver
 * @vf: model of its VF; NULL: no NPA
 */
struct vnic_conf {
	char name[VNIC_NAME_LEN];
	const char *socket;
	uint8_t mac[6];
	struct vmxnet3_model model;
	const struct pf_ops *vf;
};

/**
 * struct vnic - a vNIC
 * @host: npad
 * @next: list of the host, in the order in which they were made
 * @name: as in &struct vnic_conf
 * @npa: NULL without NPA
 * @own: what it was made with; a guest from another host brings its own
 *	address, model and policy
 * @window: memory of the window BAR, with @npa
 * @spare: another one, while a guest comes or goes with the first
 * @in_use: a guest is on its way to or from another host
 */
struct vnic {
	struct npad *host;
	struct vnic *next;
	char name[VNIC_NAME_LEN];
	struct dma_space *dma;
	struct pci_config pci;
	struct vmxnet3_dev *dev;
	struct npa *npa;
	struct {
		uint8_t mac[6];
		struct vmxnet3_model model;
		unsigned int max_vf_queues;
		struct port_policy policy;
	} own;
	struct window window;
	struct window spare;
	bool in_use;
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

/* Without a guest: be again what it was made to be. */
void vnic_own_identity(struct vnic *vnic);

/*
 * vnic_move.c: a guest goes to another host, or comes from one.
 *
 * Going: vnic_hold(), vnic_export(), and then either vnic_release_hold() or
 * vnic_let_go().  Coming: vnic_import(), and then either vnic_start() or
 * vnic_let_go().
 */

/* Could a guest of another host be taken in? */
bool vnic_is_free(const struct vnic *vnic);

/* Stop to serve the guest, and go on.  Neither touches its state. */
void vnic_hold(struct vnic *vnic);
void vnic_release_hold(struct vnic *vnic);

/*
 * The state of a vNIC; of one that is held on the emulated path it is all there
 * is.  fds: receives %VNIC_MAX_FDS descriptors at most, which stay the vNIC's;
 * NULL: none.  0, or a negative errno with why set.
 */
int vnic_export(struct vnic *vnic, struct vnic_state *state, int *fds,
		unsigned int *num_fds, const char **why);

/* Can this vNIC be what a state says?  0, or a negative errno and why. */
int vnic_check(struct vnic *vnic, const struct vnic_state *state,
	       const char **why);

/*
 * Become what a state says, without touching the guest.  All fds are the
 * vNIC's from then on, whatever the result is.  0, or a negative errno with why
 * set: the vNIC is as it was.
 */
int vnic_import(struct vnic *vnic, const struct vnic_state *state,
		const int *fds, unsigned int num_fds, const char **why);
/* Serve the guest; what it is to receive still waits (vmxnet3_dev_hold()). */
void vnic_start(struct vnic *vnic);

/* Forget a guest that is somebody else's: it does not notice. */
void vnic_let_go(struct vnic *vnic);

/* device.c: the PCI device that the vfio-user client sees; arg is the vNIC.
 * npa: with a window for VFs, which the client maps.
 */
extern const struct vfio_user_ops vnic_device_ops;
void vnic_device_regions(struct vnic *vnic, bool npa);
/* Sizes of regions that depend on what the device offers. */
void vnic_device_shape(struct vnic *vnic, const struct pci_shape *shape);

/* The PCI function, and the interrupts, of a model on this vNIC. */
struct pci_shape vnic_shape(const struct vnic *vnic,
			    const struct vmxnet3_model *model);
struct vfio_user_irqs vnic_irqs(const struct vmxnet3_model *model);

#endif

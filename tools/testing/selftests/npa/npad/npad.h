/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The parts of npad, put together by main.c: one device server.
 */
#ifndef NPAD_NPAD_H
#define NPAD_NPAD_H

#include "ctl.h"
#include "npa.h"
#include "traps.h"
#include "uplink_tap.h"

/**
 * struct npad - everything
 * @pf: model of the VF
 * @npa: NULL with --no-npa
 * @window: memory of the window BAR, with @npa
 * @window_fd: the same as a file descriptor, for the client
 */
struct npad {
	struct log log;
	struct loop *loop;
	struct dma_space *dma;
	struct eswitch *sw;
	struct uplink *uplink;		/* NULL in tests */
	struct port *uplink_port;
	struct pci_config pci;
	struct vmxnet3_dev *dev;
	struct store *store;
	const struct pf_ops *pf;
	struct npa *npa;
	uint8_t *window;
	int window_fd;
	struct vfio_user_region regions[VFIO_USER_REGIONS];
	struct vfio_user *vu;
	struct ctl *ctl;
	int signal_fd;
	struct traps traps;
};

/* control.c: the commands of the control socket; ends with a NULL name. */
extern const struct ctl_command npad_commands[];

/* device.c: the PCI device that the vfio-user client sees. */
extern const struct vfio_user_ops npad_device_ops;
void npad_device_regions(struct npad *npad);

#endif

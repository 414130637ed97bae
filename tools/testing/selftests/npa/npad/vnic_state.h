/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a vNIC consists of while a guest uses it, as plain data: it is taken
 * from a running vNIC (vmxnet3_state.c, npa_state.c, dma.c, irq.c,
 * vfio_user.c), turned into bytes and back (vnic_state.c), and given to
 * another one.  Nothing of a VF is in it: a guest is migrated on the emulated
 * path.
 */
#ifndef NPAD_VNIC_STATE_H
#define NPAD_VNIC_STATE_H

#include <json-c/json.h>

#include "dma.h"
#include "irq.h"
#include "npa.h"
#include "pci.h"
#include "port.h"
#include "vfio_user.h"
#include "vmxnet3_dev.h"

/**
 * struct vnic_state - state of a vNIC
 * @name: of the vNIC, for people
 * @pci: configuration space
 * @dev: the emulated device
 * @irq: interrupts
 * @has_npa: the device has the NPA capability
 * @npa: the hypervisor's side of it
 * @policy: what the hypervisor allows the guest
 * @port: statistics of the emulated device's port
 * @vf_port: of the VFs' ports
 * @client: the vfio-user connection
 * @dma: the guest's memory
 *
 * Lives on the heap: it has some 100 KiB.
 */
struct vnic_state {
	char name[16];
	uint8_t pci[PCI_CONFIG_LEN];
	struct dev_state dev;
	struct irq_state irq;
	bool has_npa;
	struct npa_state npa;
	struct port_policy policy;
	struct port_stats port;
	struct port_stats vf_port;
	struct vfio_user_state client;
	struct dma_state dma;
};

/* 0, -ENOMEM or -EOVERFLOW; the caller frees data. */
int vnic_state_encode(struct vnic_state *state, uint8_t **data, size_t *len);

/*
 * Read what a stranger wrote: every number is in its range afterwards.  A pure
 * function of the bytes.  Errors as of state_load(), with why set.
 */
int vnic_state_decode(const uint8_t *data, size_t len,
		      struct vnic_state *state, char *why, size_t why_len);

/* For people; the caller puts it. */
struct json_object *vnic_state_json(const struct vnic_state *state);

#endif

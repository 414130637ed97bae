/* SPDX-License-Identifier: GPL-2.0 */
/*
 * PCI configuration space of the device: identity, BARs with their sizing
 * semantics, interrupt pin, MSI, MSI-X and NPA capabilities.
 */
#ifndef NPAD_PCI_H
#define NPAD_PCI_H

#include <stdbool.h>
#include <stdint.h>

#define PCI_CONFIG_LEN		256
#define PCI_NUM_BARS		6

#define BAR_MSIX		2	/* table and pending bits */
#define BAR_WINDOW		3	/* registers of the VF */

#define PT_BAR_MAX_LEN		8192	/* from revision 7 on */
#define VD_BAR_LEN		4096
#define MSIX_BAR_LEN		4096
#define WINDOW_BAR_LEN		(128 * 1024)

/**
 * struct pci_config - configuration space
 * @data: its bytes, little endian
 * @writable: bits that a write changes
 * @last_cap: where the next capability's offset goes
 */
struct pci_config {
	uint8_t data[PCI_CONFIG_LEN];
	uint8_t writable[PCI_CONFIG_LEN];
	unsigned int last_cap;
};

/**
 * struct pci_identity - what a driver finds a function by
 * @vendor: vendor ID
 * @device: device ID
 * @subsystem_vendor: subsystem vendor ID
 * @subsystem: subsystem ID
 * @revision: revision ID
 */
struct pci_identity {
	uint16_t vendor, device;
	uint16_t subsystem_vendor, subsystem;
	uint8_t revision;
};

/* An Ethernet controller with one capability list, of MSI-X, and no BAR. */
void pci_init_function(struct pci_config *pci, const struct pci_identity *id,
		       unsigned int msix_bar, unsigned int num_vectors);

/* A memory BAR of len bytes, a power of two from 16 on. */
void pci_add_bar(struct pci_config *pci, unsigned int bar, uint32_t len);

/**
 * struct pci_shape - what tells vmxnet3 functions apart
 * @num_msix: MSI-X vectors, 0: no MSI-X
 * @msi: it has an MSI
 * @pt_len: bytes of the BAR with the doorbells
 * @npa: advertise NPA and the window BAR
 * @max_vf_queues: told with @npa
 */
struct pci_shape {
	unsigned int num_msix;
	bool msi;
	uint32_t pt_len;
	bool npa;
	unsigned int max_vf_queues;
};

/* The vmxnet3 function; every one has an interrupt pin. */
void pci_init(struct pci_config *pci, const struct pci_shape *shape);

/*
 * Become a configuration space that a guest has seen elsewhere.  -EINVAL, with
 * nothing changed, unless it is one that pci_init() makes of the shape, but for
 * some other number of queues, and has been written to since.
 */
int pci_load(struct pci_config *pci, const uint8_t data[PCI_CONFIG_LEN],
	     const struct pci_shape *shape);

/* Has the driver turned the interrupt pin off? */
bool pci_intx_disabled(const struct pci_config *pci);

/* Everything that a write can have changed. */
void pci_reset(struct pci_config *pci);

/* offset + len must lie inside. */
void pci_read(const struct pci_config *pci, unsigned int offset, void *buf,
	      unsigned int len);
void pci_write(struct pci_config *pci, unsigned int offset, const void *buf,
	       unsigned int len);

/* Where the guest has put a BAR; 0 if nowhere, or memory space is off. */
uint64_t pci_bar_addr(const struct pci_config *pci, unsigned int bar);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * PCI configuration space of the device: identity, BARs with their sizing
 * semantics, MSI-X and NPA capabilities.
 */
#ifndef NPAD_PCI_H
#define NPAD_PCI_H

#include <stdbool.h>
#include <stdint.h>

#define PCI_CONFIG_LEN		256
#define PCI_NUM_BARS		6

#define BAR_MSIX		2	/* table and pending bits */
#define BAR_WINDOW		3	/* registers of the VF */

#define PT_BAR_LEN		4096
#define VD_BAR_LEN		4096
#define MSIX_BAR_LEN		4096
#define WINDOW_BAR_LEN		(128 * 1024)

/**
 * struct pci_config - configuration space
 * @data: its bytes, little endian
 * @writable: bits that a write changes
 */
struct pci_config {
	uint8_t data[PCI_CONFIG_LEN];
	uint8_t writable[PCI_CONFIG_LEN];
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

/* The vmxnet3 function.  num_vectors: MSI-X vectors.  npa: advertise NPA and
 * the window BAR.
 */
void pci_init(struct pci_config *pci, unsigned int num_vectors, bool npa,
	      unsigned int max_vf_queues);

/*
 * Become a configuration space that a guest has seen elsewhere.  -EINVAL, with
 * nothing changed, unless it is one that pci_init() makes with num_vectors, npa
 * and some number of queues, and has been written to since.
 */
int pci_load(struct pci_config *pci, const uint8_t data[PCI_CONFIG_LEN],
	     unsigned int num_vectors, bool npa);

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

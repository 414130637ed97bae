// SPDX-License-Identifier: GPL-2.0
/*
 * PCI configuration space of the device.
 */
#include <errno.h>
#include <linux/pci_regs.h>
#include <string.h>

#include "pci.h"
#include "vmxnet3_hw.h"

#define CAP_MSIX		0x40
#define CAP_NPA			0x60
#define CAP_MSI			0x80
#define INTERRUPT_PIN_A		1
#define MSIX_PBA_OFFSET		0x800

static void put(uint8_t *to, uint64_t value, unsigned int len)
{
	for (unsigned int i = 0; i < len; i++)
		to[i] = value >> (8 * i);
}

/* Only address bits can be set. */
void pci_add_bar(struct pci_config *pci, unsigned int bar, uint32_t len)
{
	put(pci->writable + PCI_BASE_ADDRESS_0 + 4 * bar, -len, 4);
}

/* Append a capability to the list. */
static uint8_t *add_cap(struct pci_config *pci, unsigned int offset, uint8_t id)
{
	pci->data[pci->last_cap] = offset;
	pci->last_cap = offset + PCI_CAP_LIST_NEXT;
	pci->data[offset + PCI_CAP_LIST_ID] = id;
	return pci->data + offset;
}

static void add_msix(struct pci_config *pci, unsigned int bar,
		     unsigned int num_vectors)
{
	uint8_t *cap = add_cap(pci, CAP_MSIX, PCI_CAP_ID_MSIX);

	pci_add_bar(pci, bar, MSIX_BAR_LEN);
	put(cap + PCI_MSIX_FLAGS, num_vectors - 1, 2);
	put(cap + PCI_MSIX_TABLE, bar, 4);
	put(cap + PCI_MSIX_PBA, MSIX_PBA_OFFSET | bar, 4);
	put(pci->writable + CAP_MSIX + PCI_MSIX_FLAGS,
	    PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL, 2);
}

/* One message, 64-bit address, no mask bits. */
static void add_msi(struct pci_config *pci)
{
	uint8_t *cap = add_cap(pci, CAP_MSI, PCI_CAP_ID_MSI);
	uint8_t *writable = pci->writable + CAP_MSI;

	put(cap + PCI_MSI_FLAGS, PCI_MSI_FLAGS_64BIT, 2);
	put(writable + PCI_MSI_FLAGS, PCI_MSI_FLAGS_ENABLE, 2);
	put(writable + PCI_MSI_ADDRESS_LO, 0xfffffffc, 4);
	put(writable + PCI_MSI_ADDRESS_HI, 0xffffffff, 4);
	put(writable + PCI_MSI_DATA_64, 0xffff, 2);
}

static void add_npa(struct pci_config *pci, unsigned int max_vf_queues)
{
	uint8_t *cap = add_cap(pci, CAP_NPA, PCI_CAP_ID_VNDR);

	cap[VMXNET3_NPA_CAP_LENGTH] = VMXNET3_NPA_CAP_LEN;
	cap[VMXNET3_NPA_CAP_VERSION] = VMXNET3_NPA_VERSION;
	put(cap + VMXNET3_NPA_CAP_MAGIC, VMXNET3_NPA_MAGIC, 4);
	cap[VMXNET3_NPA_CAP_BAR] = BAR_WINDOW;
	cap[VMXNET3_NPA_CAP_MAX_QUEUES] = max_vf_queues;
}

void pci_init_function(struct pci_config *pci, const struct pci_identity *id,
		       unsigned int msix_bar, unsigned int num_vectors)
{
	uint8_t *data = pci->data;

	memset(pci, 0, sizeof(*pci));
	pci->last_cap = PCI_CAPABILITY_LIST;
	put(data + PCI_VENDOR_ID, id->vendor, 2);
	put(data + PCI_DEVICE_ID, id->device, 2);
	put(data + PCI_STATUS, PCI_STATUS_CAP_LIST, 2);
	data[PCI_REVISION_ID] = id->revision;
	put(data + PCI_CLASS_DEVICE, 0x0200, 2);	/* Ethernet */
	put(data + PCI_SUBSYSTEM_VENDOR_ID, id->subsystem_vendor, 2);
	put(data + PCI_SUBSYSTEM_ID, id->subsystem, 2);
	put(pci->writable + PCI_COMMAND,
	    PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE,
	    2);
	pci->writable[PCI_CACHE_LINE_SIZE] = 0xff;
	pci->writable[PCI_INTERRUPT_LINE] = 0xff;
	if (num_vectors)
		add_msix(pci, msix_bar, num_vectors);
}

void pci_init(struct pci_config *pci, const struct pci_shape *shape)
{
	static const struct pci_identity vmxnet3 = {
		.vendor = VMXNET3_PCI_VENDOR,
		.device = VMXNET3_PCI_DEVICE,
		.subsystem_vendor = VMXNET3_PCI_VENDOR,
		.subsystem = VMXNET3_PCI_DEVICE,
		.revision = 1,
	};

	pci_init_function(pci, &vmxnet3, BAR_MSIX, shape->num_msix);
	pci->data[PCI_INTERRUPT_PIN] = INTERRUPT_PIN_A;
	pci_add_bar(pci, VMXNET3_BAR_PT, shape->pt_len);
	pci_add_bar(pci, VMXNET3_BAR_VD, VD_BAR_LEN);
	if (shape->npa) {
		pci_add_bar(pci, BAR_WINDOW, WINDOW_BAR_LEN);
		add_npa(pci, shape->max_vf_queues);
	}
	if (shape->msi)
		add_msi(pci);
}

int pci_load(struct pci_config *pci, const uint8_t data[PCI_CONFIG_LEN],
	     const struct pci_shape *shape)
{
	unsigned int queues = data[CAP_NPA + VMXNET3_NPA_CAP_MAX_QUEUES];
	struct pci_shape its = *shape;
	struct pci_config made;

	if (its.npa && (!queues || queues > VMXNET3_NPA_MAX_QUEUES))
		return -EINVAL;
	its.max_vf_queues = queues;
	pci_init(&made, &its);
	for (unsigned int i = 0; i < PCI_CONFIG_LEN; i++)
		if ((data[i] ^ made.data[i]) & ~made.writable[i])
			return -EINVAL;
	memcpy(made.data, data, sizeof(made.data));
	*pci = made;
	return 0;
}

bool pci_intx_disabled(const struct pci_config *pci)
{
	const uint8_t *command = pci->data + PCI_COMMAND;

	return (command[0] | command[1] << 8) & PCI_COMMAND_INTX_DISABLE;
}

void pci_reset(struct pci_config *pci)
{
	for (unsigned int i = 0; i < PCI_CONFIG_LEN; i++)
		pci->data[i] &= ~pci->writable[i];
}

void pci_read(const struct pci_config *pci, unsigned int offset, void *buf,
	      unsigned int len)
{
	memcpy(buf, pci->data + offset, len);
}

void pci_write(struct pci_config *pci, unsigned int offset, const void *buf,
	       unsigned int len)
{
	const uint8_t *from = buf;

	for (unsigned int i = 0; i < len; i++) {
		uint8_t mask = pci->writable[offset + i];

		pci->data[offset + i] &= ~mask;
		pci->data[offset + i] |= from[i] & mask;
	}
}

uint64_t pci_bar_addr(const struct pci_config *pci, unsigned int bar)
{
	const uint8_t *reg = pci->data + PCI_BASE_ADDRESS_0 + 4 * bar;
	const uint8_t *mask = pci->writable + PCI_BASE_ADDRESS_0 + 4 * bar;
	uint32_t addr;

	if (!(pci->data[PCI_COMMAND] & PCI_COMMAND_MEMORY))
		return 0;
	/* All ones: the guest is asking for the size. */
	if (!memcmp(reg, mask, 4))
		return 0;
	addr = reg[0] | reg[1] << 8 | reg[2] << 16 | (uint32_t)reg[3] << 24;
	return addr & PCI_BASE_ADDRESS_MEM_MASK;
}

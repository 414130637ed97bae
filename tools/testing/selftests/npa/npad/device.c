// SPDX-License-Identifier: GPL-2.0
/*
 * The PCI device as the vfio-user client sees it: which access goes where.
 */
#include <string.h>

#include "npad.h"
#include "window.h"

/* Little-endian accesses of 1 to 8 bytes, as the processor made them. */
static uint64_t get(const void *buf, uint32_t count)
{
	const uint8_t *from = buf;
	uint64_t value = 0;

	for (uint32_t i = 0; i < count; i++)
		value |= (uint64_t)from[i] << (8 * i);
	return value;
}

static void put(void *buf, uint32_t count, uint64_t value)
{
	uint8_t *to = buf;

	for (uint32_t i = 0; i < count; i++)
		to[i] = i < 8 ? value >> (8 * i) : 0xff;
}

static bool is_word(uint64_t offset, uint32_t count)
{
	return count == 4 && !(offset & 3);
}

static bool is_natural(uint64_t offset, uint32_t count)
{
	return (count == 1 || count == 2 || count == 4 || count == 8) &&
	       !(offset & (count - 1));
}

static int device_read(void *arg, unsigned int region, uint64_t offset,
		       void *buf, uint32_t count)
{
	struct npad *npad = arg;
	uint64_t value = UINT64_MAX;

	switch (region) {
	case VFIO_USER_CONFIG:
		pci_read(&npad->pci, offset, buf, count);
		return 0;
	case VMXNET3_BAR_PT:
		npad->traps.pt[offset / 4]++;
		if (is_word(offset, count))
			value = vmxnet3_pt_read(npad->dev, offset);
		break;
	case VMXNET3_BAR_VD:
		npad->traps.vd[offset / 4]++;
		if (is_word(offset, count))
			value = vmxnet3_vd_read(npad->dev, offset);
		break;
	case BAR_WINDOW:
		npad->traps.window[offset / 4]++;
		if (npad->npa && is_natural(offset, count))
			value = npa_window_read(npad->npa, offset, count);
		break;
	default:		/* the MSI-X table is the client's affair */
		value = 0;
	}
	put(buf, count, value);
	return 0;
}

static int device_write(void *arg, unsigned int region, uint64_t offset,
			const void *buf, uint32_t count)
{
	struct npad *npad = arg;

	switch (region) {
	case VFIO_USER_CONFIG:
		pci_write(&npad->pci, offset, buf, count);
		break;
	case VMXNET3_BAR_PT:
		npad->traps.pt[offset / 4]++;
		if (is_word(offset, count))
			vmxnet3_pt_write(npad->dev, offset, get(buf, count));
		break;
	case VMXNET3_BAR_VD:
		npad->traps.vd[offset / 4]++;
		if (is_word(offset, count))
			vmxnet3_vd_write(npad->dev, offset, get(buf, count));
		break;
	case BAR_WINDOW:
		npad->traps.window[offset / 4]++;
		if (npad->npa && is_natural(offset, count))
			npa_window_write(npad->npa, offset, count,
					 get(buf, count));
		break;
	}
	return 0;
}

static void device_connected(void *arg)
{
	struct npad *npad = arg;

	if (npad->npa)
		npa_event(npad->npa, "client", "connected");
}

static void device_reset(void *arg)
{
	struct npad *npad = arg;

	pci_reset(&npad->pci);
	vmxnet3_dev_reset(npad->dev);
}

static void device_disconnected(void *arg)
{
	struct npad *npad = arg;

	device_reset(npad);
	irq_fini(&npad->dev->irq);
	if (npad->npa) {
		npa_client_gone(npad->npa);
		npa_event(npad->npa, "client", "gone");
	}
}

static void device_set_irq(void *arg, unsigned int vector, int fd)
{
	struct npad *npad = arg;

	irq_set_fd(&npad->dev->irq, vector, fd);
}

const struct vfio_user_ops npad_device_ops = {
	.connected = device_connected,
	.disconnected = device_disconnected,
	.reset = device_reset,
	.read = device_read,
	.write = device_write,
	.set_irq = device_set_irq,
};

static void add_window(struct npad *npad)
{
	struct vfio_user_region *region = &npad->regions[BAR_WINDOW];

	region->size = WINDOW_BAR_LEN;
	region->fd = npad->window_fd;
	region->num_areas = window_areas(region->areas);
}

void npad_device_regions(struct npad *npad)
{
	for (unsigned int i = 0; i < VFIO_USER_REGIONS; i++)
		npad->regions[i].fd = -1;
	npad->regions[VMXNET3_BAR_PT].size = PT_BAR_LEN;
	npad->regions[VMXNET3_BAR_VD].size = VD_BAR_LEN;
	npad->regions[BAR_MSIX].size = MSIX_BAR_LEN;
	npad->regions[VFIO_USER_CONFIG].size = PCI_CONFIG_LEN;
	if (npad->npa)
		add_window(npad);
}

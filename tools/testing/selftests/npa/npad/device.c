// SPDX-License-Identifier: GPL-2.0
/*
 * The PCI device as the vfio-user client sees it: which access goes where.
 */
#include <string.h>

#include "vnic.h"
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
	struct vnic *vnic = arg;
	uint64_t value = UINT64_MAX;

	if (vmxnet3_fault_is_on(vnic->dev, DEV_FAULT_GONE)) {
		memset(buf, 0xff, count);
		return 0;
	}
	switch (region) {
	case VFIO_USER_CONFIG:
		pci_read(&vnic->pci, offset, buf, count);
		return 0;
	case VMXNET3_BAR_PT:
		vnic->traps.pt[offset / 4]++;
		if (is_word(offset, count))
			value = vmxnet3_pt_read(vnic->dev, offset);
		break;
	case VMXNET3_BAR_VD:
		vnic->traps.vd[offset / 4]++;
		if (is_word(offset, count))
			value = vmxnet3_vd_read(vnic->dev, offset);
		break;
	case BAR_WINDOW:
		vnic->traps.window[offset / 4]++;
		if (vnic->npa && is_natural(offset, count))
			value = npa_window_read(vnic->npa, offset, count);
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
	struct vnic *vnic = arg;

	if (vmxnet3_fault_is_on(vnic->dev, DEV_FAULT_GONE))
		return 0;
	switch (region) {
	case VFIO_USER_CONFIG:
		pci_write(&vnic->pci, offset, buf, count);
		irq_disable_intx(&vnic->dev->irq,
				 pci_intx_disabled(&vnic->pci));
		break;
	case VMXNET3_BAR_PT:
		vnic->traps.pt[offset / 4]++;
		if (is_word(offset, count))
			vmxnet3_pt_write(vnic->dev, offset, get(buf, count));
		break;
	case VMXNET3_BAR_VD:
		vnic->traps.vd[offset / 4]++;
		if (is_word(offset, count))
			vmxnet3_vd_write(vnic->dev, offset, get(buf, count));
		break;
	case BAR_WINDOW:
		vnic->traps.window[offset / 4]++;
		if (vnic->npa && is_natural(offset, count))
			npa_window_write(vnic->npa, offset, count,
					 get(buf, count));
		break;
	}
	return 0;
}

static void device_connected(void *arg)
{
	struct vnic *vnic = arg;

	if (vnic->npa)
		npa_event(vnic->npa, "client", "connected");
}

static void device_reset(void *arg)
{
	struct vnic *vnic = arg;

	pci_reset(&vnic->pci);
	irq_disable_intx(&vnic->dev->irq, false);
	vmxnet3_dev_reset(vnic->dev);
}

static void device_disconnected(void *arg)
{
	struct vnic *vnic = arg;

	device_reset(vnic);
	irq_fini(&vnic->dev->irq);
	if (vnic->npa) {
		npa_client_gone(vnic->npa);
		npa_event(vnic->npa, "client", "gone");
	}
	vnic_own_identity(vnic);
}

static void device_set_irq(void *arg, enum irq_kind kind, unsigned int vector,
			   int fd)
{
	struct vnic *vnic = arg;

	irq_set_fd(&vnic->dev->irq, kind, vector, fd);
}

static void device_mask_intx(void *arg, bool masked)
{
	struct vnic *vnic = arg;

	irq_mask_intx(&vnic->dev->irq, masked);
}

const struct vfio_user_ops vnic_device_ops = {
	.connected = device_connected,
	.disconnected = device_disconnected,
	.reset = device_reset,
	.read = device_read,
	.write = device_write,
	.set_irq = device_set_irq,
	.mask_intx = device_mask_intx,
};

static void add_window(struct vnic *vnic)
{
	struct vfio_user_region *region = &vnic->regions[BAR_WINDOW];

	region->size = WINDOW_BAR_LEN;
	region->fd = vnic->window.fd;
	region->num_areas = window_areas(region->areas);
}

void vnic_device_shape(struct vnic *vnic, const struct pci_shape *shape)
{
	vnic->regions[VMXNET3_BAR_PT].size = shape->pt_len;
	vnic->regions[BAR_MSIX].size = shape->num_msix ? MSIX_BAR_LEN : 0;
}

void vnic_device_regions(struct vnic *vnic, bool npa)
{
	for (unsigned int i = 0; i < VFIO_USER_REGIONS; i++)
		vnic->regions[i].fd = -1;
	vnic->regions[VMXNET3_BAR_VD].size = VD_BAR_LEN;
	vnic->regions[VFIO_USER_CONFIG].size = PCI_CONFIG_LEN;
	if (npa)
		add_window(vnic);
}

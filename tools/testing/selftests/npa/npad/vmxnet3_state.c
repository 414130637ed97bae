// SPDX-License-Identifier: GPL-2.0
/*
 * The emulated device's state, taken out and put in.
 */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "vmxnet3_dev.h"

int vmxnet3_dev_export(const struct vmxnet3_dev *dev, struct dev_state *state)
{
	memcpy(state->perm_mac, dev->perm_mac, sizeof(state->perm_mac));
	memcpy(state->mac, dev->mac, sizeof(state->mac));
	state->mac_low = dev->mac_low;
	state->active = dev->active;
	state->link_up = dev->link_up;
	state->dsal = dev->dsal;
	state->dsah = dev->dsah;
	state->shared_pa = dev->shared_pa;
	state->last_cmd = dev->last_cmd;
	state->activate_result = dev->activate_result;
	state->model = dev->model;
	state->rev = dev->rev;
	state->conf = dev->conf;
	state->num_multicast = dev->port.num_multicast;
	memcpy(state->multicast, dev->port.multicast, sizeof(state->multicast));
	state->vlan_filter = dev->port.vlan_filter;
	memcpy(state->vlans, dev->port.vlans, sizeof(state->vlans));
	memcpy(state->tx, dev->tx, sizeof(state->tx));
	memcpy(state->rx, dev->rx, sizeof(state->rx));
	return dev->active && !dev->emulating ? -EBUSY : 0;
}

static bool has_ring(struct vmxnet3_dev *dev, const struct ring *ring,
		     bool write)
{
	return !ring->size ||
	       dma_map(dev->dma, ring->pa, (size_t)ring->size * 16, write);
}

/* Rings whose entries have their own size; none is fine. */
static bool has_entries(struct vmxnet3_dev *dev, uint64_t pa, uint32_t size,
			uint32_t num)
{
	return !size || !num ||
	       dma_map(dev->dma, pa, (size_t)num * size, true);
}

/* Is all that the state points to in the guest's memory? */
static bool memory_is_there(struct vmxnet3_dev *dev,
			    const struct dev_state *state)
{
	const struct dev_conf *conf = &state->conf;
	uint32_t magic;

	if (dma_read(dev->dma, state->shared_pa, &magic, sizeof(magic)) ||
	    le32toh(magic) != VMXNET3_SHARED_MAGIC)
		return false;
	for (unsigned int i = 0; i < conf->num_tx; i++)
		if (!has_ring(dev, &state->tx[i].ring, false) ||
		    !has_ring(dev, &state->tx[i].comp, true) ||
		    !has_entries(dev, state->tx[i].ts_pa, state->tx[i].ts_size,
				 state->tx[i].ring.size))
			return false;
	for (unsigned int i = 0; i < conf->num_rx; i++)
		if (!has_ring(dev, &state->rx[i].ring[0], false) ||
		    !has_ring(dev, &state->rx[i].ring[1], false) ||
		    !has_ring(dev, &state->rx[i].comp, true) ||
		    !has_entries(dev, state->rx[i].data_pa,
				 state->rx[i].data_size,
				 state->rx[i].ring[0].size) ||
		    !has_entries(dev, state->rx[i].ts_pa, state->rx[i].ts_size,
				 state->rx[i].ring[0].size))
			return false;
	return true;
}

int vmxnet3_dev_import(struct vmxnet3_dev *dev, const struct dev_state *state)
{
	if (state->active && !memory_is_there(dev, state))
		return -EFAULT;
	memcpy(dev->perm_mac, state->perm_mac, sizeof(dev->perm_mac));
	memcpy(dev->mac, state->mac, sizeof(dev->mac));
	port_set_mac(&dev->port, state->mac);
	dev->mac_low = state->mac_low;
	dev->active = state->active;
	dev->link_up = state->link_up;
	dev->dsal = state->dsal;
	dev->dsah = state->dsah;
	dev->shared_pa = state->shared_pa;
	dev->last_cmd = state->last_cmd;
	dev->activate_result = state->activate_result;
	dev->model = state->model;
	dev->rev = state->rev;
	dev->conf = state->conf;
	dev->port.rx_mode = state->conf.rx_mode;
	dev->port.mtu = state->conf.mtu;
	port_set_multicast(&dev->port, state->multicast, state->num_multicast);
	port_set_vlan_filter(&dev->port, state->vlan_filter ? state->vlans :
							      NULL);
	vmxnet3_conf_apply_lro(dev);
	memcpy(dev->tx, state->tx, sizeof(dev->tx));
	memcpy(dev->rx, state->rx, sizeof(dev->rx));
	return 0;
}

void vmxnet3_dev_start(struct vmxnet3_dev *dev)
{
	if (!dev->active)
		return;
	vmxnet3_dev_set_emulating(dev, true);
	/* A queue that waits for buffers is looked at by a timer. */
	if (!dev->hold_rx)
		vmxnet3_rx_check(dev);
	irq_signal_pending(&dev->irq);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Registers and commands of the emulated vmxnet3 device.
 *
 * A write that means work (a doorbell) only leaves a mark: the work is done
 * by the poller, after the guest's processor has got its answer.
 */
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "npa.h"
#include "vmxnet3_dev.h"

#define TX_BUDGET	256	/* descriptors per queue and turn */

static const struct port_ops port_ops = {
	.deliver = vmxnet3_rx_deliver,
};

static bool poll_tx(void *arg)
{
	struct vmxnet3_dev *dev = arg;

	if (dev->hold_tx)
		return false;
	if (!dev->emulating)
		dev->tx_kicked = 0;
	for (unsigned int q = 0; q < dev->conf.num_tx; q++)
		if (dev->tx_kicked & BIT(q) &&
		    !vmxnet3_tx_poll(dev, q, TX_BUDGET))
			dev->tx_kicked &= ~BIT(q);
	return dev->tx_kicked != 0;
}

static void kick_all_tx(void *arg)
{
	struct vmxnet3_dev *dev = arg;

	dev->tx_kicked = dev->conf.num_tx ? GENMASK(dev->conf.num_tx - 1, 0) :
					    0;
}

static void check_rx(void *arg)
{
	vmxnet3_rx_check(arg);
}

struct vmxnet3_dev *vmxnet3_dev_new(struct loop *loop, struct log *log,
				    struct dma_space *dma, struct eswitch *sw,
				    const uint8_t mac[6],
				    const struct vmxnet3_model *model)
{
	struct vmxnet3_dev *dev = calloc(1, sizeof(*dev));

	if (!dev)
		return NULL;
	dev->loop = loop;
	dev->log = log;
	dev->dma = dma;
	dev->sw = sw;
	dev->link_up = true;
	dev->model = *model;
	memcpy(dev->perm_mac, mac, 6);
	irq_init(&dev->irq, loop, vmxnet3_model_vectors(model),
		 vmxnet3_conf_intr_disabled, dev);
	dev->port.ops = &port_ops;
	dev->port.name = "emulated";
	dev->port.arg = dev;
	dev->port.owner = dev;
	eswitch_add(sw, &dev->port);
	dev->poller.fn = poll_tx;
	dev->poller.arg = dev;
	dev->poller.interval_ns = UINT64_MAX;
	loop_add_poller(loop, &dev->poller);
	dev->tx_retry.fn = kick_all_tx;
	dev->tx_retry.arg = dev;
	dev->rx_retry.fn = check_rx;
	dev->rx_retry.arg = dev;
	vmxnet3_coalesce_init(dev);
	vmxnet3_dev_reset(dev);
	return dev;
}

void vmxnet3_dev_free(struct vmxnet3_dev *dev)
{
	if (!dev)
		return;
	loop_cancel(dev->loop, &dev->tx_retry);
	loop_cancel(dev->loop, &dev->rx_retry);
	vmxnet3_coalesce_end(dev, false);
	loop_del_poller(dev->loop, &dev->poller);
	eswitch_del(dev->sw, &dev->port);
	irq_fini(&dev->irq);
	free(dev);
}

void vmxnet3_dev_hold(struct vmxnet3_dev *dev, bool tx, bool rx)
{
	dev->hold_tx = tx;
	dev->hold_rx = rx;
	if (tx || rx)
		vmxnet3_coalesce_end(dev, true);
	if (tx)
		loop_cancel(dev->loop, &dev->tx_retry);
	else if (dev->emulating)
		kick_all_tx(dev);
	if (rx) {
		loop_cancel(dev->loop, &dev->rx_retry);
		return;
	}
	vmxnet3_rx_check(dev);
	eswitch_kick(dev->sw);
}

void vmxnet3_dev_set_emulating(struct vmxnet3_dev *dev, bool emulating)
{
	dev->emulating = emulating;
	dev->port.enabled = emulating;
	dev->port.flags &= ~(PORT_HOLD | PORT_DEAF);
	dev->tx_kicked = 0;
	if (emulating)
		kick_all_tx(dev);
}

/* QUIESCE_DEV, RESET_DEV, or a reset from outside. */
static void stop(struct vmxnet3_dev *dev)
{
	bool was_active = dev->active;

	vmxnet3_dev_set_emulating(dev, false);
	dev->active = false;
	vmxnet3_coalesce_end(dev, false);
	loop_cancel(dev->loop, &dev->tx_retry);
	loop_cancel(dev->loop, &dev->rx_retry);
	memset(dev->tx, 0, sizeof(dev->tx));
	memset(dev->rx, 0, sizeof(dev->rx));
	dev->conf.num_tx = 0;
	dev->conf.num_rx = 0;
	irq_forget(&dev->irq);
	if (dev->npa && was_active)
		npa_dev_stopped(dev->npa);
}

static void filters_changed(struct vmxnet3_dev *dev)
{
	if (dev->npa)
		npa_filters_changed(dev->npa);
}

static void offloads_changed(struct vmxnet3_dev *dev)
{
	if (dev->npa)
		npa_offloads_changed(dev->npa);
}

static void set_mac(struct vmxnet3_dev *dev, const uint8_t mac[6])
{
	memcpy(dev->mac, mac, 6);
	port_set_mac(&dev->port, mac);
	filters_changed(dev);
}

void vmxnet3_dev_reset(struct vmxnet3_dev *dev)
{
	stop(dev);
	irq_reset(&dev->irq);
	dev->dsal = 0;
	dev->dsah = 0;
	dev->shared_pa = 0;
	dev->last_cmd = 0;
	dev->activate_result = VMXNET3_CMD_RESULT_FAILED;
	vmxnet3_revision_init(dev);
	set_mac(dev, dev->perm_mac);
}

void vmxnet3_dev_event(struct vmxnet3_dev *dev, uint32_t ecr)
{
	uint32_t *word;

	if (!dev->active)
		return;
	word = dma_map(dev->dma, dev->shared_pa +
		       offsetof(struct vmxnet3_shared, ecr), 4, true);
	if (!word)
		return;
	__atomic_fetch_or(word, htole32(ecr), __ATOMIC_RELEASE);
	irq_raise(&dev->irq, dev->conf.event_intr);
}

void vmxnet3_dev_set_link(struct vmxnet3_dev *dev, bool up)
{
	if (dev->link_up == up)
		return;
	dev->link_up = up;
	vmxnet3_dev_event(dev, VMXNET3_ECR_LINK);
}

static void acknowledge(struct vmxnet3_dev *dev, uint32_t ecr)
{
	uint32_t *word;

	if (!dev->active)
		return;
	word = dma_map(dev->dma, dev->shared_pa +
		       offsetof(struct vmxnet3_shared, ecr), 4, true);
	if (word)
		__atomic_fetch_and(word, ~htole32(ecr), __ATOMIC_RELEASE);
}

/* Start, or start again, with what the shared area says. */
static void activate(struct vmxnet3_dev *dev)
{
	struct dev_conf old_conf = dev->conf;
	uint64_t old_pa = dev->shared_pa;

	vmxnet3_dev_set_emulating(dev, false);
	dev->activate_result = VMXNET3_CMD_RESULT_FAILED;
	dev->shared_pa = (uint64_t)dev->dsah << 32 | dev->dsal;
	if (vmxnet3_fault_hit(dev, DEV_FAULT_ACTIVATE) ||
	    dev->shared_pa % VMXNET3_SHARED_ALIGN || vmxnet3_conf_read(dev)) {
		/* A VF that is in use goes on as if nothing had been said. */
		if (dev->npa && npa_vf_is_active(dev->npa)) {
			dev->conf = old_conf;
			dev->shared_pa = old_pa;
		} else {
			stop(dev);
		}
		return;
	}
	dev->activate_result = VMXNET3_CMD_RESULT_OK;
	dev->active = true;
	vmxnet3_ts_start(dev);
	vmxnet3_dev_set_emulating(dev, true);
	log_debug(dev->log, "activated: %u TX, %u RX queues, MTU %u",
		  dev->conf.num_tx, dev->conf.num_rx, dev->conf.mtu);
	if (dev->npa)
		npa_dev_activated(dev->npa);
}

/* Commands that make sense only while the device is active. */
static void active_command(struct vmxnet3_dev *dev, uint32_t cmd)
{
	if (!dev->active)
		return;
	switch (cmd) {
	case VMXNET3_CMD_UPDATE_RX_MODE:
		vmxnet3_conf_read_rx_mode(dev);
		filters_changed(dev);
		break;
	case VMXNET3_CMD_UPDATE_MAC_FILTERS:
		vmxnet3_conf_read_multicast(dev);
		filters_changed(dev);
		break;
	case VMXNET3_CMD_UPDATE_VLAN_FILTERS:
		vmxnet3_conf_read_vlans(dev);
		filters_changed(dev);
		break;
	case VMXNET3_CMD_UPDATE_RSSIDT:
		vmxnet3_conf_read_rss(dev);
		offloads_changed(dev);
		break;
	case VMXNET3_CMD_UPDATE_FEATURE:
		vmxnet3_conf_read_features(dev);
		offloads_changed(dev);
		break;
	case VMXNET3_CMD_GET_STATS:
		vmxnet3_conf_write_stats(dev);
		break;
	case VMXNET3_CMD_GET_QUEUE_STATUS:
		vmxnet3_conf_write_status(dev);
		break;
	}
}

static void command(struct vmxnet3_dev *dev, uint32_t cmd)
{
	dev->last_cmd = cmd;
	switch (cmd) {
	case VMXNET3_CMD_ACTIVATE_DEV:
		activate(dev);
		return;
	case VMXNET3_CMD_QUIESCE_DEV:
		stop(dev);
		return;
	case VMXNET3_CMD_RESET_DEV:
		stop(dev);
		irq_reset(&dev->irq);
		vmxnet3_revision_reset(dev);
		return;
	case VMXNET3_CMD_UPDATE_RX_MODE:
	case VMXNET3_CMD_UPDATE_MAC_FILTERS:
	case VMXNET3_CMD_UPDATE_VLAN_FILTERS:
	case VMXNET3_CMD_UPDATE_RSSIDT:
	case VMXNET3_CMD_UPDATE_FEATURE:
	case VMXNET3_CMD_GET_STATS:
	case VMXNET3_CMD_GET_QUEUE_STATUS:
		active_command(dev, cmd);
		return;
	case VMXNET3_CMD_UPDATE_IML:
	case VMXNET3_CMD_UPDATE_PMCFG:
	case VMXNET3_CMD_GET_LINK:
	case VMXNET3_CMD_GET_PERM_MAC_LO:
	case VMXNET3_CMD_GET_PERM_MAC_HI:
	case VMXNET3_CMD_GET_CONF_INTR:
		return;
	}
	if (vmxnet3_revision_command(dev, cmd))
		return;
	if (!dev->npa || !npa_command(dev->npa, cmd))
		log_debug(dev->log, "the device knows no %#x", cmd);
}

static uint32_t mac_low(const uint8_t *mac)
{
	return mac[0] | mac[1] << 8 | mac[2] << 16 | (uint32_t)mac[3] << 24;
}

static uint32_t mac_high(const uint8_t *mac)
{
	return mac[4] | mac[5] << 8;
}

/* What a read of CMD gives; 0, success, for commands without a result. */
static uint32_t result(struct vmxnet3_dev *dev)
{
	uint32_t value;

	if (vmxnet3_fault_hit(dev, DEV_FAULT_ONES))
		return UINT32_MAX;
	switch (dev->last_cmd) {
	case VMXNET3_CMD_ACTIVATE_DEV:
		return dev->activate_result;
	case VMXNET3_CMD_GET_LINK:
		return FIELD_PREP(VMXNET3_LINK_SPEED,
				  vmxnet3_revision_speed(dev)) |
		       (dev->link_up ? VMXNET3_LINK_UP : 0);
	case VMXNET3_CMD_GET_PERM_MAC_LO:
		return mac_low(dev->perm_mac);
	case VMXNET3_CMD_GET_PERM_MAC_HI:
		return mac_high(dev->perm_mac);
	case VMXNET3_CMD_GET_CONF_INTR:
		return FIELD_PREP(VMXNET3_INTR_TYPE, dev->model.intr_type) |
		       FIELD_PREP(VMXNET3_INTR_MASK_MODE,
				  dev->model.mask_mode);
	}
	if (vmxnet3_revision_result(dev, &value))
		return value;
	if (dev->npa && npa_result(dev->npa, dev->last_cmd, &value))
		return value;
	return 0;
}

uint32_t vmxnet3_vd_read(struct vmxnet3_dev *dev, uint32_t offset)
{
	switch (offset) {
	case VMXNET3_VD_VRRS:
		return vmxnet3_revision_offer(dev);
	case VMXNET3_VD_UVRS:
		return VMXNET3_UPT_VERSION;
	case VMXNET3_VD_DSAL:
		return dev->dsal;
	case VMXNET3_VD_DSAH:
		return dev->dsah;
	case VMXNET3_VD_CMD:
		return result(dev);
	case VMXNET3_VD_MACL:
		return mac_low(dev->mac);
	case VMXNET3_VD_MACH:
		return mac_high(dev->mac);
	case VMXNET3_VD_ICR:
		return irq_take_intx(&dev->irq);
	}
	return vmxnet3_revision_read(dev, offset);
}

static void write_mac_high(struct vmxnet3_dev *dev, uint32_t value)
{
	uint8_t mac[6] = {
		dev->mac_low, dev->mac_low >> 8, dev->mac_low >> 16,
		dev->mac_low >> 24, value, value >> 8
	};

	/* Group addresses and none at all are not for a vNIC. */
	if (!(mac[0] & 1) && (dev->mac_low || value))
		set_mac(dev, mac);
}

void vmxnet3_vd_write(struct vmxnet3_dev *dev, uint32_t offset, uint32_t value)
{
	switch (offset) {
	case VMXNET3_VD_VRRS:
		vmxnet3_revision_choose(dev, value);
		break;
	case VMXNET3_VD_DSAL:
		dev->dsal = value;
		break;
	case VMXNET3_VD_DSAH:
		dev->dsah = value;
		break;
	case VMXNET3_VD_CMD:
		command(dev, value);
		break;
	case VMXNET3_VD_MACL:
		dev->mac_low = value;
		break;
	case VMXNET3_VD_MACH:
		write_mac_high(dev, value);
		break;
	case VMXNET3_VD_ECR:
		acknowledge(dev, value);
		break;
	default:
		vmxnet3_revision_write(dev, offset, value);
	}
}

uint32_t vmxnet3_pt_read(struct vmxnet3_dev *dev, uint32_t offset)
{
	if (offset < VMXNET3_PT_IMR + IRQ_MAX * VMXNET3_REG_STRIDE &&
	    !(offset % VMXNET3_REG_STRIDE))
		return irq_is_masked(&dev->irq, offset / VMXNET3_REG_STRIDE);
	return 0;
}

/* Which doorbells a driver rings depends on the capability that it has. */
static bool in_doorbells(const struct vmxnet3_dev *dev, uint32_t offset,
			 uint32_t small, uint32_t large, uint32_t *index)
{
	bool is_large = dev->rev.caps & VMXNET3_CAP_LARGE_BAR;
	uint32_t base = is_large ? large : small;
	uint32_t len = is_large ? VMXNET3_PT_LARGE_RXPROD -
				  VMXNET3_PT_LARGE_TXPROD :
				  VMXNET3_PT_RXPROD - VMXNET3_PT_TXPROD;

	if (offset < base || offset >= base + len)
		return false;
	*index = (offset - base) / VMXNET3_REG_STRIDE;
	return true;
}

void vmxnet3_pt_write(struct vmxnet3_dev *dev, uint32_t offset, uint32_t value)
{
	uint32_t index;

	if (offset % VMXNET3_REG_STRIDE)
		return;
	if (offset < VMXNET3_PT_IMR + IRQ_MAX * VMXNET3_REG_STRIDE) {
		irq_set_mask(&dev->irq, offset / VMXNET3_REG_STRIDE, value & 1);
	} else if (in_doorbells(dev, offset, VMXNET3_PT_TXPROD,
				VMXNET3_PT_LARGE_TXPROD, &index)) {
		if (dev->emulating && index < dev->conf.num_tx)
			dev->tx_kicked |= BIT(index);
	} else if (in_doorbells(dev, offset, VMXNET3_PT_RXPROD,
				VMXNET3_PT_LARGE_RXPROD, &index) ||
		   in_doorbells(dev, offset, VMXNET3_PT_RXPROD2,
				VMXNET3_PT_LARGE_RXPROD2, &index)) {
		if (dev->emulating)
			loop_arm(dev->loop, &dev->rx_retry, 0);
	}
}

const char *vmxnet3_pt_name(uint32_t offset)
{
	static const struct {
		uint32_t end;
		const char *name;
	} ranges[] = {
		{ VMXNET3_PT_IMR + IRQ_MAX * VMXNET3_REG_STRIDE, "bar0.imr" },
		{ VMXNET3_PT_TXPROD, "bar0.other" },
		{ VMXNET3_PT_RXPROD, "bar0.txprod" },
		{ VMXNET3_PT_RXPROD2, "bar0.rxprod" },
		{ 0xc00, "bar0.rxprod2" },
		{ VMXNET3_PT_LARGE_TXPROD, "bar0.other" },
		{ VMXNET3_PT_LARGE_RXPROD, "bar0.txprod" },
		{ VMXNET3_PT_LARGE_RXPROD2, "bar0.rxprod" },
		{ 0x1c00, "bar0.rxprod2" },
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (offset < ranges[i].end)
			return ranges[i].name;
	return "bar0.other";
}

const char *vmxnet3_vd_name(uint32_t offset)
{
	static const char *const names[] = {
		"bar1.vrrs", "bar1.uvrs", "bar1.dsal", "bar1.dsah", "bar1.cmd",
		"bar1.macl", "bar1.mach", "bar1.icr", "bar1.ecr", "bar1.dcr"
	};

	if (offset % VMXNET3_REG_STRIDE < 4 &&
	    offset / VMXNET3_REG_STRIDE < sizeof(names) / sizeof(names[0]))
		return names[offset / VMXNET3_REG_STRIDE];
	return "bar1.other";
}

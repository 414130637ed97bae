// SPDX-License-Identifier: GPL-2.0
/*
 * What the device and its driver have agreed on, for people.
 */
#include <stdio.h>

#include "json_add.h"
#include "vmxnet3_dev.h"

static const char *const kinds[] = { "none", "intx", "msi", "msix" };
static const char *const mask_modes[] = { "auto", "active", "lazy" };
static const char *const coalescing[] = {
	"disabled", "adaptive", "static", "rate"
};

static void add_hex(struct json_object *object, const char *key, uint32_t value)
{
	char text[12];

	snprintf(text, sizeof(text), "%#x", value);
	json_add_string(object, key, text);
}

void vmxnet3_dev_report(const struct vmxnet3_dev *dev,
			struct json_object *reply)
{
	struct json_object *object = json_object_new_object();
	const struct rev_state *rev = &dev->rev;

	json_add_number(object, "newest_revision", dev->model.revision);
	json_add_number(object, "revision", rev->revision);
	add_hex(object, "capabilities", rev->caps);
	json_add_string(object, "best_interrupts", kinds[dev->model.intr_type]);
	json_add_string(object, "interrupts",
			kinds[irq_kind_in_use(&dev->irq) + 1]);
	json_add_string(object, "mask_mode", mask_modes[dev->model.mask_mode]);
	json_add_string(object, "coalescing", coalescing[rev->coalesce.mode]);
	add_hex(object, "rss_fields", rev->rss_fields);
	json_add_number(object, "tx_queues", dev->conf.num_tx);
	json_add_number(object, "rx_queues", dev->conf.num_rx);
	json_add_number(object, "tx_timestamps", dev->ts_tx);
	json_add_number(object, "rx_timestamps", dev->ts_rx);
	json_add_number(object, "rx_data_ring", dev->conf.num_rx ?
			dev->rx[0].data_size : 0);
	json_object_object_add(reply, "device", object);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Saved state of a vNIC, for people to look at.
 */
#include <endian.h>
#include <stdio.h>

#include "json_add.h"
#include "vnic_state.h"

static void add_mac(struct json_object *object, const char *key,
		    const uint8_t mac[6])
{
	char text[18];

	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0],
		 mac[1], mac[2], mac[3], mac[4], mac[5]);
	json_add_string(object, key, text);
}

static void add_hex(struct json_object *object, const char *key,
		    uint64_t value)
{
	char text[20];

	snprintf(text, sizeof(text), "%#llx", (unsigned long long)value);
	json_add_string(object, key, text);
}

static struct json_object *make_ring(const struct ring *ring)
{
	struct json_object *object = json_object_new_object();

	add_hex(object, "address", ring->pa);
	json_add_number(object, "size", ring->size);
	json_add_number(object, "next", ring->next);
	json_add_number(object, "generation", ring->gen);
	return object;
}

static struct json_object *make_tx_queues(const struct dev_state *dev)
{
	struct json_object *list = json_object_new_array();

	for (unsigned int i = 0; i < dev->conf.num_tx; i++) {
		struct json_object *object = json_object_new_object();

		json_object_object_add(object, "ring",
				       make_ring(&dev->tx[i].ring));
		json_object_object_add(object, "completions",
				       make_ring(&dev->tx[i].comp));
		json_add_number(object, "vector", dev->tx[i].intr);
		json_add_number(object, "unicast_packets",
				dev->tx[i].stats.ucast_packets);
		json_object_array_add(list, object);
	}
	return list;
}

static struct json_object *make_rx_queues(const struct dev_state *dev)
{
	struct json_object *list = json_object_new_array();

	for (unsigned int i = 0; i < dev->conf.num_rx; i++) {
		struct json_object *object = json_object_new_object();

		json_object_object_add(object, "ring1",
				       make_ring(&dev->rx[i].ring[0]));
		json_object_object_add(object, "ring2",
				       make_ring(&dev->rx[i].ring[1]));
		json_object_object_add(object, "completions",
				       make_ring(&dev->rx[i].comp));
		json_add_number(object, "vector", dev->rx[i].intr);
		json_add_number(object, "unicast_packets",
				dev->rx[i].stats.ucast_packets);
		json_object_array_add(list, object);
	}
	return list;
}

static struct json_object *make_dev(const struct dev_state *dev)
{
	struct json_object *object = json_object_new_object();

	json_add_bool(object, "active", dev->active);
	json_add_bool(object, "link", dev->link_up);
	json_add_number(object, "revision", dev->rev.revision);
	json_add_number(object, "newest_revision", dev->model.revision);
	add_hex(object, "capabilities", dev->rev.caps);
	add_mac(object, "mac", dev->mac);
	add_mac(object, "permanent_mac", dev->perm_mac);
	add_hex(object, "shared_area", dev->shared_pa);
	add_hex(object, "last_command", dev->last_cmd);
	add_hex(object, "features", dev->conf.features);
	add_hex(object, "rx_mode", dev->conf.rx_mode);
	json_add_number(object, "mtu", dev->conf.mtu);
	json_add_number(object, "multicast_addresses", dev->num_multicast);
	json_add_bool(object, "rss", dev->conf.rss.enabled);
	json_object_object_add(object, "tx", make_tx_queues(dev));
	json_object_object_add(object, "rx", make_rx_queues(dev));
	return object;
}

static struct json_object *make_irq(const struct irq_state *irq)
{
	struct json_object *list = json_object_new_array();

	for (unsigned int i = 0; i < irq->num_lines; i++) {
		struct json_object *object = json_object_new_object();

		json_add_bool(object, "connected", irq->lines[i].connected);
		json_add_bool(object, "masked", irq->lines[i].masked);
		json_add_bool(object, "pending", irq->lines[i].pending);
		json_add_number(object, "signalled", irq->lines[i].signalled);
		json_object_array_add(list, object);
	}
	return list;
}

static struct json_object *make_npa(const struct vnic_state *state)
{
	const struct npa_state *npa = &state->npa;
	struct json_object *object;

	if (!state->has_npa)
		return NULL;
	object = json_object_new_object();
	json_add_string(object, "requested", npa->wish_vf ? "vf" : "emulated");
	json_add_bool(object, "guest", npa->guest_npa);
	json_add_number(object, "message", npa->seq);
	json_add_number(object, "to_vf", npa->to_vf);
	json_add_number(object, "to_emulated", npa->to_emulated);
	json_add_number(object, "refused", npa->refused);
	return object;
}

static struct json_object *make_memory(const struct dma_state *dma)
{
	struct json_object *list = json_object_new_array();

	for (unsigned int i = 0; i < dma->num_parts; i++) {
		struct json_object *object = json_object_new_object();

		add_hex(object, "address", dma->parts[i].addr);
		add_hex(object, "bytes", dma->parts[i].size);
		json_add_bool(object, "writable", dma->parts[i].writable);
		json_add_bool(object, "reachable", dma->parts[i].file >= 0);
		json_object_array_add(list, object);
	}
	return list;
}

struct json_object *vnic_state_json(const struct vnic_state *state)
{
	struct json_object *object = json_object_new_object();
	struct json_object *policy = json_object_new_object();

	json_add_string(object, "vnic", state->name);
	json_object_object_add(object, "device", make_dev(&state->dev));
	json_object_object_add(object, "vectors", make_irq(&state->irq));
	json_object_object_add(object, "npa", make_npa(state));
	json_add_bool(policy, "antispoof", state->policy.antispoof);
	json_add_number(policy, "default_vlan", state->policy.default_vlan);
	json_add_number(policy, "macs", state->policy.num_macs);
	json_object_object_add(object, "policy", policy);
	json_object_object_add(object, "memory", make_memory(&state->dma));
	return object;
}

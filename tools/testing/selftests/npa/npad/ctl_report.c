// SPDX-License-Identifier: GPL-2.0
/*
 * Parts of requests and replies of the control socket.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "ctl_report.h"
#include "json_add.h"

bool ctl_arg_true(struct json_object *args, const char *name)
{
	struct json_object *object;

	return args && json_object_object_get_ex(args, name, &object) &&
	       json_object_get_boolean(object);
}

int ctl_arg_link(struct json_object *args, struct json_object *reply, bool *up)
{
	const char *state;
	int err = ctl_arg_string(args, reply, "state", &state);

	if (err)
		return err;
	if (strcmp(state, "up") && strcmp(state, "down"))
		return ctl_error(reply, -EINVAL, "bad-argument",
				 "state must be \"up\" or \"down\"");
	*up = !strcmp(state, "up");
	return 0;
}

void ctl_add_mac(struct json_object *reply, const uint8_t mac[6])
{
	char text[18];

	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0],
		 mac[1], mac[2], mac[3], mac[4], mac[5]);
	json_add_string(reply, "mac", text);
}

struct json_object *ctl_port_stats(const struct port_stats *stats)
{
	const struct {
		const char *name;
		uint64_t value;
	} counters[] = {
		{ "tx_packets", stats->tx_packets },
		{ "rx_packets", stats->rx_packets },
		{ "tx_bytes", stats->tx_bytes },
		{ "rx_bytes", stats->rx_bytes },
		{ "tx_dropped", stats->tx_dropped },
		{ "tx_spoofed", stats->tx_spoofed },
		{ "tx_vlan", stats->tx_vlan },
		{ "tx_no_link", stats->tx_no_link },
		{ "rx_dropped", stats->rx_dropped },
		{ "rx_no_room", stats->rx_no_room },
		{ "rx_vlan", stats->rx_vlan },
		{ "rx_too_long", stats->rx_too_long },
	};
	struct json_object *port = json_object_new_object();

	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		json_add_number(port, counters[i].name, counters[i].value);
	return port;
}

void ctl_add_port(struct json_object *ports, const char *name,
		  const struct port_stats *stats)
{
	json_object_object_add(ports, name, ctl_port_stats(stats));
}

void ctl_add_interrupts(struct json_object *reply, const struct irq_block *irq)
{
	struct json_object *object = json_object_new_object();
	uint64_t raised = 0, signalled = 0;

	for (unsigned int i = 0; i < irq->num_lines; i++) {
		raised += irq->lines[i].raised;
		signalled += irq->lines[i].signalled;
	}
	json_add_number(object, "raised", raised);
	json_add_number(object, "signalled", signalled);
	json_object_object_add(reply, "interrupts", object);
}

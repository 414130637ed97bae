// SPDX-License-Identifier: GPL-2.0
/*
 * The commands of the control socket.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "json_add.h"
#include "npad.h"

static void add_mac(struct json_object *reply, const uint8_t *mac)
{
	char text[18];

	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0],
		 mac[1], mac[2], mac[3], mac[4], mac[5]);
	json_add_string(reply, "mac", text);
}

static void status_without_npa(struct npad *npad, struct json_object *reply)
{
	struct json_object *guest = json_object_new_object();
	struct json_object *switches = json_object_new_object();
	bool active = npad->dev->active;

	json_add_bool(guest, "connected", vfio_user_is_connected(npad->vu));
	json_add_bool(guest, "active", active);
	json_add_bool(guest, "npa", false);
	json_object_object_add(reply, "guest", guest);
	json_add_string(reply, "path", active ? "emulated" : "none");
	json_add_string(reply, "requested", "emulated");
	json_add_string(reply, "state", "idle");
	json_object_object_add(reply, "vf", NULL);
	json_object_object_add(reply, "plugin", NULL);
	json_object_object_add(reply, "last_refusal", NULL);
	json_add_number(switches, "to_vf", 0);
	json_add_number(switches, "to_emulated", 0);
	json_add_number(switches, "refused", 0);
	json_object_object_add(reply, "switches", switches);
}

static int do_status(void *arg, struct json_object *args,
		     struct json_object *reply)
{
	struct npad *npad = arg;

	(void)args;
	if (npad->npa)
		npa_status(npad->npa, reply);
	else
		status_without_npa(npad, reply);
	json_add_bool(reply, "link", npad->dev->link_up);
	add_mac(reply, npad->dev->mac);
	return 0;
}

static int need_npa(struct npad *npad, struct json_object *reply)
{
	if (npad->npa)
		return 0;
	return ctl_error(reply, -EOPNOTSUPP, "no-npa",
			 "npad was started with --no-npa");
}

/* An optional string: NULL if it is not there. */
static int optional_string(struct json_object *args, struct json_object *reply,
			   const char *name, const char **value)
{
	struct json_object *object;

	*value = NULL;
	if (!args || !json_object_object_get_ex(args, name, &object))
		return 0;
	return ctl_arg_string(args, reply, name, value);
}

static bool is_true(struct json_object *args, const char *name)
{
	struct json_object *object;

	return args && json_object_object_get_ex(args, name, &object) &&
	       json_object_get_boolean(object);
}

static int do_attach(void *arg, struct json_object *args,
		     struct json_object *reply)
{
	struct npad *npad = arg;
	const char *plugin, *why = "";
	int err;

	err = need_npa(npad, reply);
	if (!err)
		err = optional_string(args, reply, "plugin", &plugin);
	if (err)
		return err;
	err = npa_attach(npad->npa, plugin, &why);
	if (err == -EALREADY)
		return ctl_error(reply, err, "already-attached", "%s", why);
	if (err)
		return ctl_error(reply, err, err == -ENODEV ? "no-vf" :
				 "no-plugin", "cannot attach%s%s: %s",
				 plugin ? " with plugin " : "",
				 plugin ? plugin : "", why);
	return 0;
}

static int do_detach(void *arg, struct json_object *args,
		     struct json_object *reply)
{
	struct npad *npad = arg;
	int err = need_npa(npad, reply);

	(void)args;
	if (!err)
		npa_detach(npad->npa);
	return err;
}

static int do_revoke(void *arg, struct json_object *args,
		     struct json_object *reply)
{
	struct npad *npad = arg;
	int err = need_npa(npad, reply);

	(void)args;
	if (err)
		return err;
	err = npa_revoke(npad->npa);
	if (err)
		return ctl_error(reply, err, "no-vf", "there is no VF");
	return 0;
}

static int do_link(void *arg, struct json_object *args,
		   struct json_object *reply)
{
	struct npad *npad = arg;
	const char *state;
	bool up;
	int err;

	err = ctl_arg_string(args, reply, "state", &state);
	if (err)
		return err;
	up = !strcmp(state, "up");
	if (!up && strcmp(state, "down"))
		return ctl_error(reply, -EINVAL, "bad-argument",
				 "state must be \"up\" or \"down\"");
	/* Without a link nothing gets in or out, whatever the path is. */
	npad->uplink_port->enabled = up;
	vmxnet3_dev_set_link(npad->dev, up);
	if (npad->npa)
		npa_event(npad->npa, "operator", "link %s", state);
	return 0;
}

static void add_port(struct json_object *ports, const char *name,
		     const struct port_stats *stats)
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
		{ "rx_dropped", stats->rx_dropped },
	};
	struct json_object *port = json_object_new_object();

	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		json_add_number(port, counters[i].name, counters[i].value);
	json_object_object_add(ports, name, port);
}

static const char *window_name(void *arg, uint32_t offset)
{
	struct npad *npad = arg;

	return npad->npa ? npa_window_name(npad->npa, offset) : "bar3.none";
}

static void reset_stats(struct npad *npad)
{
	struct irq_block *irq = &npad->dev->irq;

	memset(&npad->traps, 0, sizeof(npad->traps));
	for (unsigned int i = 0; i < irq->num_lines; i++) {
		irq->lines[i].raised = 0;
		irq->lines[i].signalled = 0;
	}
	memset(&npad->dev->port.stats, 0, sizeof(struct port_stats));
	memset(&npad->uplink_port->stats, 0, sizeof(struct port_stats));
	if (npad->npa)
		npa_reset_stats(npad->npa);
}

static void add_interrupts(const struct irq_block *irq,
			   struct json_object *reply)
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

static int do_stats(void *arg, struct json_object *args,
		    struct json_object *reply)
{
	struct json_object *ports = json_object_new_object();
	struct port_stats vf = { 0 };
	struct npad *npad = arg;

	traps_report(&npad->traps, reply, window_name, npad);
	if (npad->npa)
		npa_vf_stats(npad->npa, &vf);
	add_port(ports, "emulated", &npad->dev->port.stats);
	add_port(ports, "vf", &vf);
	add_port(ports, "uplink", &npad->uplink_port->stats);
	json_object_object_add(reply, "ports", ports);
	add_interrupts(&npad->dev->irq, reply);
	if (is_true(args, "reset"))
		reset_stats(npad);
	return 0;
}

static int do_fault(void *arg, struct json_object *args,
		    struct json_object *reply)
{
	struct npad *npad = arg;
	const char *name, *state;
	int err = need_npa(npad, reply);

	if (err)
		return err;
	if (is_true(args, "list")) {
		struct json_object *list = json_object_new_array();

		npa_list_faults(npad->npa, list);
		json_object_object_add(reply, "faults", list);
		return 0;
	}
	err = ctl_arg_string(args, reply, "name", &name);
	if (!err)
		err = ctl_arg_string(args, reply, "state", &state);
	if (err)
		return err;
	err = npa_fault(npad->npa, name, state);
	if (err == -ENOENT)
		return ctl_error(reply, err, "unknown-fault",
				 "there is no fault \"%s\"", name);
	if (err)
		return ctl_error(reply, err, "bad-argument",
				 "state must be \"on\", \"off\" or \"once\"");
	return 0;
}

static int do_events(void *arg, struct json_object *args,
		     struct json_object *reply)
{
	struct json_object *list = json_object_new_array();
	struct npad *npad = arg;

	(void)args;
	if (npad->npa)
		npa_events(npad->npa, list);
	json_object_object_add(reply, "events", list);
	return 0;
}

static int do_plugins(void *arg, struct json_object *args,
		      struct json_object *reply)
{
	struct json_object *list = json_object_new_array();
	struct npad *npad = arg;

	(void)args;
	store_list(npad->store, list);
	json_object_object_add(reply, "plugins", list);
	return 0;
}

const struct ctl_command npad_commands[] = {
	{ "status", do_status },
	{ "attach", do_attach },
	{ "detach", do_detach },
	{ "revoke", do_revoke },
	{ "link", do_link },
	{ "stats", do_stats },
	{ "fault", do_fault },
	{ "events", do_events },
	{ "plugins", do_plugins },
	{ NULL, NULL },
};

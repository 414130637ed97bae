// SPDX-License-Identifier: GPL-2.0
/*
 * The commands of the control socket.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "control.h"
#include "json_add.h"

static void status_without_npa(struct vnic *vnic, struct json_object *reply)
{
	struct json_object *guest = json_object_new_object();
	struct json_object *switches = json_object_new_object();
	bool active = vnic->dev->active;

	json_add_bool(guest, "connected", vfio_user_is_connected(vnic->vu));
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

int control_string(struct json_object *args, struct json_object *reply,
		   const char *name, const char **value)
{
	struct json_object *object;

	*value = NULL;
	if (!args || !json_object_object_get_ex(args, name, &object))
		return 0;
	return ctl_arg_string(args, reply, name, value);
}

struct raw_vf *control_raw_vf(struct npad *npad, struct json_object *args)
{
	struct json_object *name;

	if (!npad->raw || !args ||
	    !json_object_object_get_ex(args, "vnic", &name))
		return npad->raw;
	return strcmp(json_object_get_string(name) ?: "",
		      raw_vf_name(npad->raw)) ? NULL : npad->raw;
}

int control_vnic(struct npad *npad, struct json_object *args,
		 struct json_object *reply, struct vnic **vnic)
{
	const char *name;
	int err;

	err = control_string(args, reply, "vnic", &name);
	if (err)
		return err;
	if (control_raw_vf(npad, args))
		return ctl_error(reply, -EOPNOTSUPP, "raw-vf",
				 "%s is a VF (--raw-vf)",
				 raw_vf_name(npad->raw));
	*vnic = vnic_find(npad, name);
	if (!*vnic)
		return ctl_error(reply, -ENOENT, "unknown-vnic",
				 "there is no vNIC \"%.64s\"",
				 name ? name : "");
	return 0;
}

/* As control_vnic(), and it must have NPA. */
static int find_npa(struct npad *npad, struct json_object *args,
		    struct json_object *reply, struct npa **npa)
{
	struct vnic *vnic;
	int err;

	err = control_vnic(npad, args, reply, &vnic);
	if (err)
		return err;
	*npa = vnic->npa;
	if (!*npa)
		return ctl_error(reply, -EOPNOTSUPP, "no-npa",
				 "vNIC %s has no NPA (--no-npa)", vnic->name);
	return 0;
}

static int do_status(void *arg, struct json_object *args,
		     struct json_object *reply)
{
	struct raw_vf *raw = control_raw_vf(arg, args);
	struct vnic *vnic;
	int err;

	if (raw) {
		raw_vf_status(raw, reply);
		return 0;
	}
	err = control_vnic(arg, args, reply, &vnic);
	if (err)
		return err;
	json_add_string(reply, "vnic", vnic->name);
	if (vnic->npa)
		npa_status(vnic->npa, reply);
	else
		status_without_npa(vnic, reply);
	json_add_bool(reply, "link", vnic->dev->link_up);
	vmxnet3_dev_report(vnic->dev, reply);
	ctl_add_mac(reply, vnic->dev->mac);
	return 0;
}

static int do_attach(void *arg, struct json_object *args,
		     struct json_object *reply)
{
	const char *plugin, *why = "";
	struct npa *npa;
	int err;

	err = find_npa(arg, args, reply, &npa);
	if (!err)
		err = control_string(args, reply, "plugin", &plugin);
	if (err)
		return err;
	err = npa_attach(npa, plugin, &why);
	if (err == -EALREADY)
		return ctl_error(reply, err, "already-attached", "%s", why);
	if (err)
		return ctl_error(reply, err, err == -ENODEV ? "no-vf" :
				 err == -EBUSY ? "busy" :
				 "no-plugin", "cannot attach%s%s: %s",
				 plugin ? " with plugin " : "",
				 plugin ? plugin : "", why);
	return 0;
}

static int do_detach(void *arg, struct json_object *args,
		     struct json_object *reply)
{
	struct npa *npa;
	int err;

	err = find_npa(arg, args, reply, &npa);
	if (!err)
		npa_detach(npa);
	return err;
}

static int do_revoke(void *arg, struct json_object *args,
		     struct json_object *reply)
{
	struct npa *npa;
	int err;

	err = find_npa(arg, args, reply, &npa);
	if (err)
		return err;
	err = npa_revoke(npa);
	if (err)
		return ctl_error(reply, err, "no-vf", "there is no VF");
	return 0;
}

static int do_link(void *arg, struct json_object *args,
		   struct json_object *reply)
{
	struct raw_vf *raw = control_raw_vf(arg, args);
	struct npad *npad = arg;
	struct vnic *vnic = NULL;
	bool up;
	int err = 0;

	if (!raw)
		err = control_vnic(npad, args, reply, &vnic);
	if (!err)
		err = ctl_arg_link(args, reply, &up);
	if (err)
		return err;
	events_add(&npad->events, &npad->log,
		   raw ? raw_vf_name(raw) : vnic->name, "operator",
		   "link %s", up ? "up" : "down");
	if (raw)
		raw_vf_set_link(raw, up);
	else
		vnic_set_link(vnic, up);
	return 0;
}

static void add_name(struct json_object *list, const char *name)
{
	json_object_array_add(list, json_object_new_string(name));
}

static int do_vnics(void *arg, struct json_object *args,
		    struct json_object *reply)
{
	struct json_object *list = json_object_new_array();
	struct npad *npad = arg;

	(void)args;
	if (npad->raw)
		add_name(list, raw_vf_name(npad->raw));
	for (struct vnic *vnic = npad->vnics; vnic; vnic = vnic->next)
		add_name(list, vnic->name);
	json_object_object_add(reply, "vnics", list);
	return 0;
}

static const char *window_name(void *arg, uint32_t offset)
{
	struct vnic *vnic = arg;

	return vnic->npa ? npa_window_name(vnic->npa, offset) : "bar3.none";
}

static int do_stats(void *arg, struct json_object *args,
		    struct json_object *reply)
{
	struct raw_vf *raw = control_raw_vf(arg, args);
	bool reset = ctl_arg_true(args, "reset");
	struct json_object *ports;
	struct port_stats vf = { 0 };
	struct npad *npad = arg;
	struct port_stats *uplink = &npad->uplink_port->stats;
	struct vnic *vnic;
	int err;

	if (raw) {
		raw_vf_stats(raw, reply, uplink, reset);
		if (reset)
			memset(uplink, 0, sizeof(*uplink));
		return 0;
	}
	err = control_vnic(npad, args, reply, &vnic);
	if (err)
		return err;
	ports = json_object_new_object();
	traps_report(&vnic->traps, reply, window_name, vnic);
	if (vnic->npa) {
		npa_vf_stats(vnic->npa, &vf);
		npa_revoke_stats(vnic->npa, reply);
	}
	ctl_add_port(ports, "emulated", &vnic->dev->port.stats);
	ctl_add_port(ports, "vf", &vf);
	ctl_add_port(ports, "uplink", uplink);
	json_object_object_add(reply, "ports", ports);
	ctl_add_interrupts(reply, &vnic->dev->irq);
	if (reset) {
		vnic_reset_stats(vnic);
		memset(uplink, 0, sizeof(*uplink));
	}
	return 0;
}

static int do_fault(void *arg, struct json_object *args,
		    struct json_object *reply)
{
	const char *name, *state;
	struct vnic *vnic;
	int err;

	err = control_vnic(arg, args, reply, &vnic);
	if (err)
		return err;
	if (ctl_arg_true(args, "list")) {
		struct json_object *list = json_object_new_array();

		if (vnic->npa)
			npa_list_faults(vnic->npa, list);
		vmxnet3_list_faults(vnic->dev, list);
		json_object_object_add(reply, "faults", list);
		return 0;
	}
	err = ctl_arg_string(args, reply, "name", &name);
	if (!err)
		err = ctl_arg_string(args, reply, "state", &state);
	if (err)
		return err;
	err = vmxnet3_fault(vnic->dev, name, state);
	if (err == -ENOENT && vnic->npa)
		err = npa_fault(vnic->npa, name, state);
	if (err == -EAGAIN)
		return ctl_error(reply, err, "not-active",
				 "the guest's driver does not use the device");
	if (err == -ENOENT)
		return ctl_error(reply, err, "unknown-fault",
				 "there is no fault \"%s\"", name);
	if (err)
		return ctl_error(reply, err, "bad-argument",
				 "state must be \"on\", \"off\" or \"once\"");
	return 0;
}

/* Events of all vNICs, or of the one that is named. */
static int do_events(void *arg, struct json_object *args,
		     struct json_object *reply)
{
	struct json_object *list;
	struct npad *npad = arg;
	struct vnic *vnic;
	const char *name;
	int err;

	err = control_string(args, reply, "vnic", &name);
	if (!err && name)
		err = control_vnic(npad, args, reply, &vnic);
	if (err)
		return err;
	list = json_object_new_array();
	events_list(&npad->events, name, list);
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
	{ "vnics", do_vnics },
	{ "attach", do_attach },
	{ "detach", do_detach },
	{ "revoke", do_revoke },
	{ "migrate", control_migrate },
	{ "migration", control_migration },
	{ "save", control_save },
	{ "link", do_link },
	{ "stats", do_stats },
	{ "ports", control_ports },
	{ "policy", control_policy },
	{ "mirror", control_mirror },
	{ "fault", do_fault },
	{ "events", do_events },
	{ "plugins", do_plugins },
	{ NULL, NULL },
};

// SPDX-License-Identifier: GPL-2.0
/*
 * Commands about the switch: policies, mirror, ports.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "control.h"
#include "json_add.h"
#include "vlan_ranges.h"

/* Whose policy it is: a vNIC's or a VF's with a function of its own. */
struct subject {
	struct vnic *vnic;
	struct raw_vf *raw;
};

static const struct port_policy *get_policy(const struct subject *subject)
{
	return subject->raw ? raw_vf_policy(subject->raw) :
			      &subject->vnic->dev->port.policy;
}

static int refuse(struct json_object *reply, const char *what, const char *value)
{
	return ctl_error(reply, -EINVAL, "bad-argument", "%s: %.64s", what,
			 value);
}

static int change_antispoof(struct port_policy *policy, const char *value)
{
	if (strcmp(value, "on") && strcmp(value, "off"))
		return -EINVAL;
	policy->antispoof = !strcmp(value, "on");
	return 0;
}

static int change_vlans(struct port_policy *policy, const char *value)
{
	return vlan_ranges_parse(value, policy);
}

static int change_default_vlan(struct port_policy *policy, const char *value)
{
	unsigned int vlan;
	char end;

	if (!strcmp(value, "none"))
		return policy_set_default_vlan(policy, 0);
	if (sscanf(value, "%4u%c", &vlan, &end) != 1 || !vlan)
		return -EINVAL;
	return policy_set_default_vlan(policy, vlan);
}

static int parse_mac(const char *text, uint8_t mac[6])
{
	char end;

	return sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%c", &mac[0],
		      &mac[1], &mac[2], &mac[3], &mac[4], &mac[5],
		      &end) == 6 ? 0 : -EINVAL;
}

static int change_mac_add(struct port_policy *policy, const char *value)
{
	uint8_t mac[6];

	return parse_mac(value, mac) ?: policy_mac_add(policy, mac);
}

static int change_mac_del(struct port_policy *policy, const char *value)
{
	uint8_t mac[6];

	return parse_mac(value, mac) ?: policy_mac_del(policy, mac);
}

/* Arguments of "policy", all of them strings. */
static const struct {
	const char *name;
	int (*change)(struct port_policy *policy, const char *value);
	const char *wanted;
} changes[] = {
	{ "antispoof", change_antispoof, "antispoof must be on or off" },
	{ "vlan", change_vlans,
	  "vlan must be all, none or ranges such as 0,10-20" },
	{ "default-vlan", change_default_vlan,
	  "the default VLAN must be 1 to 4094 or none" },
	{ "mac-add", change_mac_add,
	  "not a unicast address, or too many of them" },
	{ "mac-del", change_mac_del, "there is no such address" },
};

#define NUM_CHANGES	(sizeof(changes) / sizeof(changes[0]))

static void add_policy(struct json_object *reply,
		       const struct port_policy *policy)
{
	struct json_object *object = json_object_new_object();
	struct json_object *macs = json_object_new_array();
	char text[VLAN_RANGES_LEN];

	json_add_bool(object, "antispoof", policy->antispoof);
	vlan_ranges_print(policy, text);
	json_add_string(object, "vlan", text);
	json_object_object_add(object, "default_vlan", policy->default_vlan ?
			       json_object_new_int(policy->default_vlan) :
			       NULL);
	for (unsigned int i = 0; i < policy->num_macs; i++) {
		const uint8_t *mac = policy->macs[i];

		snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x",
			 mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
		json_object_array_add(macs, json_object_new_string(text));
	}
	json_object_object_add(object, "macs", macs);
	json_object_object_add(reply, "policy", object);
}

static void note_changes(struct npad *npad, const struct subject *subject,
			 struct json_object *args)
{
	const char *name = subject->raw ? raw_vf_name(subject->raw) :
					  subject->vnic->name;
	struct json_object *value;

	for (size_t i = 0; i < NUM_CHANGES; i++)
		if (json_object_object_get_ex(args, changes[i].name, &value))
			events_add(&npad->events, &npad->log, name, "operator",
				   "policy %s %s", changes[i].name,
				   json_object_get_string(value));
}

/* All changes or none. */
static int change_policy(struct npad *npad, const struct subject *subject,
			 struct json_object *args, struct json_object *reply)
{
	struct port_policy policy = *get_policy(subject);
	bool changed = false;
	const char *value;
	int err;

	for (size_t i = 0; i < NUM_CHANGES; i++) {
		err = control_string(args, reply, changes[i].name, &value);
		if (err)
			return err;
		if (!value)
			continue;
		if (changes[i].change(&policy, value))
			return refuse(reply, changes[i].wanted, value);
		changed = true;
	}
	if (!changed)
		return 0;
	note_changes(npad, subject, args);
	if (subject->raw)
		raw_vf_set_policy(subject->raw, &policy);
	else
		vnic_set_policy(subject->vnic, &policy);
	return 0;
}

int control_policy(void *arg, struct json_object *args,
		   struct json_object *reply)
{
	struct subject subject = { .raw = control_raw_vf(arg, args) };
	int err = 0;

	if (!subject.raw)
		err = control_vnic(arg, args, reply, &subject.vnic);
	if (!err)
		err = change_policy(arg, &subject, args, reply);
	if (err)
		return err;
	json_add_string(reply, "vnic", subject.raw ? raw_vf_name(subject.raw) :
						     subject.vnic->name);
	add_policy(reply, get_policy(&subject));
	return 0;
}

int control_mirror(void *arg, struct json_object *args,
		   struct json_object *reply)
{
	struct npad *npad = arg;
	const char *to, *why = NULL;
	int err;

	err = control_string(args, reply, "to", &to);
	if (err)
		return err;
	if (to && !strcmp(to, "off")) {
		mirror_free(npad->mirror);
		npad->mirror = NULL;
	} else if (to) {
		if (npad->mirror)
			return ctl_error(reply, -EBUSY, "busy",
					 "there is a mirror already");
		npad->mirror = mirror_new(npad->sw, &npad->log, to, &why);
		if (!npad->mirror)
			return ctl_error(reply, -errno, "no-mirror",
					 "cannot mirror to %.200s: %s", to,
					 why ?: strerror(errno));
	}
	if (to)
		events_add(&npad->events, &npad->log, "", "operator",
			   "mirror %.100s", to);
	mirror_report(npad->mirror, reply);
	return 0;
}

/* Ports */

static void add_queue(struct json_object *object, const char *name,
		      const struct pf_queue_status *status)
{
	struct json_object *queue = json_object_new_object();

	json_add_bool(queue, "enabled", status->enabled);
	json_add_bool(queue, "waiting", status->waiting);
	json_add_number(queue, "size", status->size);
	json_add_number(queue, "head", status->head);
	json_add_number(queue, "tail", status->tail);
	json_add_number(queue, "packets", status->packets);
	json_add_number(queue, "bytes", status->bytes);
	json_object_object_add(object, name, queue);
}

static void add_queues(struct json_object *object, const struct pf_ops *ops,
		       struct vf *vf)
{
	struct json_object *queues = json_object_new_array();
	struct pf_queue_status tx, rx;

	for (unsigned int i = 0; !ops->queue_status(vf, i, &tx, &rx); i++) {
		struct json_object *queue = json_object_new_object();

		add_queue(queue, "tx", &tx);
		add_queue(queue, "rx", &rx);
		json_object_array_add(queues, queue);
	}
	json_object_object_add(object, "queues", queues);
}

/* live: frames for the vNIC come to this port. */
static struct json_object *add_port(struct json_object *list, const char *vnic,
				    const char *kind, const struct port *port,
				    const struct port_stats *stats)
{
	struct json_object *object = ctl_port_stats(stats);

	json_add_string(object, "vnic", vnic);
	json_add_string(object, "kind", kind);
	json_add_bool(object, "live", port && port->enabled &&
		      !(port->flags & PORT_NO_RX));
	json_add_bool(object, "link", port &&
		      !(port->flags & PORT_NO_LINK));
	if (port && !(port->flags & PORT_UPLINK))
		ctl_add_mac(object, port->mac);
	json_object_array_add(list, object);
	return object;
}

static void add_vnic(struct json_object *list, const struct vnic *vnic)
{
	const struct port *port = &vnic->dev->port;
	struct json_object *object;
	const struct pf_ops *ops;
	struct port_stats stats;
	struct vf *vf;

	add_port(list, vnic->name, "emulated", port, &port->stats);
	if (!vnic->npa)
		return;
	vf = npa_vf(vnic->npa, &ops);
	npa_vf_stats(vnic->npa, &stats);
	object = add_port(list, vnic->name, "vf", vf ? ops->port(vf) : NULL,
			  &stats);
	if (vf)
		add_queues(object, ops, vf);
}

int control_ports(void *arg, struct json_object *args,
		  struct json_object *reply)
{
	struct json_object *list = json_object_new_array();
	struct npad *npad = arg;
	const struct port *port;

	(void)args;
	add_port(list, "", "uplink", npad->uplink_port,
		 &npad->uplink_port->stats);
	if (npad->raw) {
		port = raw_vf_port(npad->raw);
		if (port)
			add_port(list, raw_vf_name(npad->raw), "raw-vf", port,
				 &port->stats);
	}
	for (struct vnic *vnic = npad->vnics; vnic; vnic = vnic->next)
		add_vnic(list, vnic);
	json_object_object_add(reply, "ports", list);
	return 0;
}

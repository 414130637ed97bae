// SPDX-License-Identifier: GPL-2.0
/*
 * What the hypervisor's side tells people, and the faults they can make it
 * have.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "json_add.h"
#include "npa_priv.h"
#include "vmxnet3_npa_reasons.h"

static const char *const fault_names[NUM_FAULTS] = {
	[FAULT_LOAD_FAIL] = "load-fail",
	[FAULT_LOAD_HANG] = "load-hang",
	[FAULT_LOAD_TRUNCATE] = "load-truncate",
	[FAULT_ACTIVATE_FAIL] = "activate-fail",
	[FAULT_ACTIVATE_HANG] = "activate-hang",
	[FAULT_STOP_FAIL] = "stop-fail",
	[FAULT_STOP_HANG] = "stop-hang",
	[FAULT_WINDOW_OUTSIDE] = "window-outside",
	[FAULT_QUIESCE_HANG] = "quiesce-hang",
	[FAULT_MIGRATE_REFUSE] = "migrate-refuse",
	[FAULT_MIGRATE_HANG] = "migrate-hang",
	[FAULT_MIGRATE_DIE] = "migrate-die",
	[FAULT_REVOKE_SILENT] = "revoke-silent",
};

static const char *const fault_states[] = { "off", "on", "once" };

const char *npa_reason_name(unsigned int reason)
{
	if (reason >= VMXNET3_NPA_REASONS || !vmxnet3_npa_reason_names[reason])
		return "unknown";
	return vmxnet3_npa_reason_names[reason];
}

bool npa_fault_hit(struct npa *npa, enum npa_fault_id id)
{
	if (npa->faults[id] == FAULT_OFF)
		return false;
	if (npa->faults[id] == FAULT_ONCE)
		npa->faults[id] = FAULT_OFF;
	npa_event(npa, "fault", "%s", fault_names[id]);
	return true;
}

bool npa_hit(struct npa *npa, const char *name)
{
	for (unsigned int id = 0; id < NUM_FAULTS; id++)
		if (!strcmp(name, fault_names[id]))
			return npa_fault_hit(npa, id);
	return false;
}

int npa_fault(struct npa *npa, const char *name, const char *state)
{
	unsigned int id, value;

	for (id = 0; id < NUM_FAULTS; id++)
		if (!strcmp(name, fault_names[id]))
			break;
	if (id == NUM_FAULTS)
		return -ENOENT;
	for (value = 0; value < 3; value++)
		if (!strcmp(state, fault_states[value]))
			break;
	if (value == 3)
		return -EINVAL;
	npa->faults[id] = value;
	/* Without its fault a command that hangs comes to its end. */
	if (value == FAULT_OFF && npa->hung == id)
		npa_finish_op(npa, VMXNET3_CMD_RESULT_FAILED);
	return 0;
}

void npa_list_faults(struct npa *npa, struct json_object *list)
{
	for (unsigned int i = 0; i < NUM_FAULTS; i++) {
		struct json_object *entry = json_object_new_object();

		json_add_string(entry, "name", fault_names[i]);
		json_add_string(entry, "state", fault_states[npa->faults[i]]);
		json_object_array_add(list, entry);
	}
}

void npa_event(struct npa *npa, const char *kind, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	events_vadd(npa->env.events, npa->env.log, npa->env.name, kind, fmt,
		    args);
	va_end(args);
}

static void add_phase(struct npa *npa, const char *name, uint64_t from,
		      uint64_t to)
{
	if (from && to > from)
		events_add_phase(npa->env.events, name, (to - from) / 1e6);
}

void npa_report_switch(struct npa *npa)
{
	const struct npa_times *t = &npa->times;

	if (npa->on_vf) {
		npa_event(npa, "switched", "to the VF");
		add_phase(npa, "react", t->message, t->load);
		add_phase(npa, "inject", t->load, t->loaded);
		add_phase(npa, "start", t->loaded, t->activated);
		add_phase(npa, "drain", t->activated, t->stopped);
	} else {
		npa_event(npa, "switched", "to the emulated device");
		add_phase(npa, "react", t->message, t->returned);
		add_phase(npa, "drain", t->returned, t->quiesced);
	}
}

static void add_guest(const struct npa *npa, struct json_object *reply)
{
	struct json_object *guest = json_object_new_object();

	json_add_bool(guest, "connected", vfio_user_is_connected(npa->vu));
	json_add_bool(guest, "active", npa->dev->active);
	json_add_bool(guest, "npa", npa->guest_npa);
	json_object_object_add(reply, "guest", guest);
}

static void add_vf(const struct npa *npa, struct json_object *reply)
{
	struct json_object *vf = json_object_new_object();
	struct json_object *plugin = NULL;

	json_add_string(vf, "model", npa->info->model);
	json_add_bool(vf, "attached", npa->vf);
	json_object_object_add(reply, "vf", vf);
	if (npa->vf && npa->image) {
		plugin = json_object_new_object();
		json_add_string(plugin, "name", npa->image->name);
		json_add_number(plugin, "bytes", npa->image->len);
	}
	json_object_object_add(reply, "plugin", plugin);
}

static void add_refusal(const struct npa *npa, struct json_object *reply)
{
	struct json_object *refusal = NULL;
	char text[96];

	if (npa->refusal) {
		const char *name = npa_reason_name(npa->refusal);

		refusal = json_object_new_object();
		json_add_string(refusal, "code", name);
		snprintf(text, sizeof(text),
			 "the guest refused message %u: %s (%u)",
			 npa->refusal_seq, name, npa->refusal);
		json_add_string(refusal, "text", text);
		json_add_number(refusal, "seq", npa->refusal_seq);
	}
	json_object_object_add(reply, "last_refusal", refusal);
}

static void add_switches(const struct npa *npa, struct json_object *reply)
{
	struct json_object *switches = json_object_new_object();

	json_add_number(switches, "to_vf", npa->to_vf);
	json_add_number(switches, "to_emulated", npa->to_emulated);
	json_add_number(switches, "refused", npa->refused);
	json_add_number(switches, "unanswered", npa->unanswered);
	json_object_object_add(reply, "switches", switches);
}

static void add_time(struct json_object *object, const char *key,
		     uint64_t time, uint64_t start)
{
	if (time)
		json_add_double(object, key, (time - start) / 1e6);
}

/* Milliseconds from the message to each step that has happened. */
static void add_times(const struct npa *npa, struct json_object *reply)
{
	const struct npa_times *times = &npa->times;
	struct json_object *object = json_object_new_object();

	json_add_number(object, "seq", npa->seq);
	if (times->message) {
		add_time(object, "load", times->load, times->message);
		add_time(object, "loaded", times->loaded, times->message);
		add_time(object, "activated", times->activated, times->message);
		add_time(object, "stopped", times->stopped, times->message);
		add_time(object, "returned", times->returned, times->message);
		add_time(object, "quiesced", times->quiesced, times->message);
	}
	json_object_object_add(reply, "message_ms", object);
}

void npa_revoke_stats(const struct npa *npa, struct json_object *reply)
{
	struct json_object *vf = json_object_new_object();

	json_add_number(vf, "revokes", npa->revokes);
	json_add_number(vf, "revoked_tx", npa->revoked.tx);
	json_add_number(vf, "revoked_rx", npa->revoked.rx);
	json_object_object_add(reply, "vf", vf);
}

void npa_status(struct npa *npa, struct json_object *reply)
{
	add_guest(npa, reply);
	json_add_string(reply, "path", npa_path_name(npa));
	json_add_string(reply, "requested", npa->wish_vf ? "vf" : "emulated");
	json_add_string(reply, "state", npa_state_name(npa));
	json_object_object_add(reply, "conflict", npa->conflict ?
			       json_object_new_string(npa->conflict) : NULL);
	add_vf(npa, reply);
	add_refusal(npa, reply);
	add_switches(npa, reply);
	add_times(npa, reply);
}

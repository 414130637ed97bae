// SPDX-License-Identifier: GPL-2.0
/*
 * The log of events.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "events.h"
#include "json_add.h"

void events_vadd(struct events *events, struct log *log, const char *vnic,
		 const char *kind, const char *fmt, va_list args)
{
	struct event *event = &events->entries[events->count++ % EVENTS_MAX];
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	event->num_phases = 0;
	event->time = now.tv_sec * 1000000000ull + now.tv_nsec;
	snprintf(event->vnic, sizeof(event->vnic), "%s", vnic);
	snprintf(event->kind, sizeof(event->kind), "%s", kind);
	vsnprintf(event->text, sizeof(event->text), fmt, args);
	log_info(log, "%s%s%s: %s", vnic, *vnic ? " " : "", event->kind,
		 event->text);
}

void events_add(struct events *events, struct log *log, const char *vnic,
		const char *kind, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	events_vadd(events, log, vnic, kind, fmt, args);
	va_end(args);
}

void events_add_phase(struct events *events, const char *name, double ms)
{
	struct event *event;

	if (!events->count)
		return;
	event = &events->entries[(events->count - 1) % EVENTS_MAX];
	if (event->num_phases == EVENT_PHASES)
		return;
	event->phases[event->num_phases++] =
		(struct event_phase){ .name = name, .ms = ms };
}

static void add_phases(const struct event *event, struct json_object *entry)
{
	struct json_object *phases;

	if (!event->num_phases)
		return;
	phases = json_object_new_object();
	for (unsigned int i = 0; i < event->num_phases; i++)
		json_add_double(phases, event->phases[i].name,
				event->phases[i].ms);
	json_object_object_add(entry, "phases_ms", phases);
}

void events_list(const struct events *events, const char *vnic,
		 struct json_object *list)
{
	uint64_t first = events->count > EVENTS_MAX ?
			 events->count - EVENTS_MAX : 0;

	for (uint64_t i = first; i < events->count; i++) {
		const struct event *event = &events->entries[i % EVENTS_MAX];
		struct json_object *entry;

		if (vnic && strcmp(vnic, event->vnic))
			continue;
		entry = json_object_new_object();
		json_add_double(entry, "time", event->time / 1e9);
		json_add_string(entry, "vnic", event->vnic);
		json_add_string(entry, "kind", event->kind);
		json_add_string(entry, "text", event->text);
		add_phases(event, entry);
		json_object_array_add(list, entry);
	}
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The log of events.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "events.h"
#include "json_add.h"

void events_free(struct events *events)
{
	while (events->rings) {
		struct event_ring *ring = events->rings;

		events->rings = ring->next;
		free(ring);
	}
	memset(events, 0, sizeof(*events));
}

static struct event_ring *find_ring(struct events *events, const char *vnic)
{
	struct event_ring *ring = events->rings;

	while (ring && strcmp(ring->vnic, vnic))
		ring = ring->next;
	if (ring)
		return ring;
	ring = calloc(1, sizeof(*ring));
	if (!ring)
		return NULL;
	snprintf(ring->vnic, sizeof(ring->vnic), "%s", vnic);
	ring->next = events->rings;
	events->rings = ring;
	return ring;
}

/* The place for a new event: that of the oldest, if need be. */
static struct event *new_event(struct events *events, const char *vnic)
{
	struct event_ring *ring = find_ring(events, vnic);
	struct event *event;
	struct timespec now;

	events->latest = NULL;
	events->count++;
	if (!ring)
		return NULL;
	event = &ring->entries[ring->count++ % EVENTS_MAX];
	clock_gettime(CLOCK_REALTIME, &now);
	event->time = now.tv_sec * 1000000000ull + now.tv_nsec;
	event->number = events->count;
	event->num_phases = 0;
	events->latest = event;
	return event;
}

void events_vadd(struct events *events, struct log *log, const char *vnic,
		 const char *kind, const char *fmt, va_list args)
{
	struct event *event = new_event(events, vnic);
	char text[sizeof(event->text)];

	vsnprintf(text, sizeof(text), fmt, args);
	log_info(log, "%s%s%s: %s", vnic, *vnic ? " " : "", kind, text);
	if (!event)
		return;
	snprintf(event->kind, sizeof(event->kind), "%s", kind);
	memcpy(event->text, text, sizeof(text));
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
	struct event *event = events->latest;

	if (!event || event->num_phases == EVENT_PHASES)
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

/* Of a ring, the oldest event that is newer than number; NULL: none. */
static const struct event *first_after(const struct event_ring *ring,
				       uint64_t number)
{
	uint64_t i = ring->count > EVENTS_MAX ? ring->count - EVENTS_MAX : 0;

	while (i < ring->count && ring->entries[i % EVENTS_MAX].number <= number)
		i++;
	return i < ring->count ? &ring->entries[i % EVENTS_MAX] : NULL;
}

/* The same of all rings, or of the one of a vNIC, which it tells. */
static const struct event *next_event(const struct events *events,
				      const char **vnic, uint64_t number)
{
	const struct event *next = NULL;
	const char *wanted = *vnic;

	for (const struct event_ring *ring = events->rings; ring;
	     ring = ring->next) {
		const struct event *event;

		if (wanted && strcmp(wanted, ring->vnic))
			continue;
		event = first_after(ring, number);
		if (event && (!next || event->number < next->number)) {
			next = event;
			*vnic = ring->vnic;
		}
	}
	return next;
}

void events_list(const struct events *events, const char *vnic,
		 struct json_object *list)
{
	const struct event *event;
	const char *name = vnic;
	uint64_t number = 0;

	while ((event = next_event(events, &name, number))) {
		struct json_object *entry = json_object_new_object();

		json_add_double(entry, "time", event->time / 1e9);
		json_add_string(entry, "vnic", name);
		json_add_string(entry, "kind", event->kind);
		json_add_string(entry, "text", event->text);
		add_phases(event, entry);
		json_object_array_add(list, entry);
		number = event->number;
		name = vnic;
	}
}

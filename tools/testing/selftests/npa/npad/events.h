/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What has happened, for the operator: the last events of each vNIC, in their
 * order.  A guest that makes a lot of them displaces none of others.
 */
#ifndef NPAD_EVENTS_H
#define NPAD_EVENTS_H

#include <json-c/json.h>
#include <stdarg.h>
#include <stdint.h>

#include "log.h"

#define EVENTS_MAX	256	/* of one vNIC */

#define EVENT_PHASES	4

/* A part of something that took time. */
struct event_phase {
	const char *name;
	double ms;
};

struct event {
	uint64_t number;	/* ascending, among those of all vNICs */
	uint64_t time;		/* CLOCK_REALTIME, nanoseconds */
	char kind[16];
	char text[128];
	struct event_phase phases[EVENT_PHASES];
	unsigned int num_phases;
};

/* The events of one vNIC. */
struct event_ring {
	struct event_ring *next;
	char vnic[16];
	struct event entries[EVENTS_MAX];
	uint64_t count;		/* ever */
};

/**
 * struct events - the log of events; all zeroes is an empty one
 * @rings: one for each vNIC that had any
 * @latest: event, NULL if it was not kept
 * @count: events ever
 */
struct events {
	struct event_ring *rings;
	struct event *latest;
	uint64_t count;
};

/* Forget all. */
void events_free(struct events *events);

/* Note an event of a vNIC ("" for the host) and write it to the log.  Without
 * memory for the first one of a vNIC it is in the log only.
 */
void events_add(struct events *events, struct log *log, const char *vnic,
		const char *kind, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
void events_vadd(struct events *events, struct log *log, const char *vnic,
		 const char *kind, const char *fmt, va_list args);

/* How long a part of the latest event has taken; name is not copied. */
void events_add_phase(struct events *events, const char *name, double ms);

/* Add {time, vnic, kind, text} per event, and "phases_ms" where there are any,
 * to a JSON array, oldest first.
 * vnic: only events of that one; NULL: all.
 */
void events_list(const struct events *events, const char *vnic,
		 struct json_object *list);

#endif

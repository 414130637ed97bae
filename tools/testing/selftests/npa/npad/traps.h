/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters of the register accesses that trapped, by register.
 */
#ifndef NPAD_TRAPS_H
#define NPAD_TRAPS_H

#include <json-c/json.h>
#include <stdint.h>

#include "pci.h"

/* One counter per 32-bit word of the three BARs with registers. */
struct traps {
	uint64_t pt[PT_BAR_MAX_LEN / 4];
	uint64_t vd[VD_BAR_LEN / 4];
	uint64_t window[WINDOW_BAR_LEN / 4];
};

/*
 * Add to a reply: {"total":n,"by_register":{name:n,...}} as "traps", and
 * "traps_per_packet_registers": doorbells, interrupt masks, and whatever of
 * the VF trapped.  name(arg, offset) names registers of the window.
 */
void traps_report(const struct traps *traps, struct json_object *reply,
		  const char *(*name)(void *arg, uint32_t offset), void *arg);

#endif

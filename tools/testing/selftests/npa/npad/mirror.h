/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Mirror of the switch: a copy of each frame that a port has sent, as it is
 * on the wire, to a capture file or to a TAP interface.  It never holds up the
 * traffic: what cannot be written at once is dropped and counted.
 */
#ifndef NPAD_MIRROR_H
#define NPAD_MIRROR_H

#include <json-c/json.h>

#include "log.h"
#include "port.h"

struct mirror;

/*
 * to: "pcap:/PATH", a file that does not exist yet, or "tap:IFNAME[@NETNS]".
 * Frames of a TSO are not cut, checksums that hardware completes not complete.
 * NULL with errno set and, if it is known, *why.
 */
struct mirror *mirror_new(struct eswitch *sw, struct log *log, const char *to,
			  const char **why);
/* NULL is fine. */
void mirror_free(struct mirror *mirror);

/* Add "mirror":{to, frames, dropped} to a reply, or null without one. */
void mirror_report(const struct mirror *mirror, struct json_object *reply);

#endif

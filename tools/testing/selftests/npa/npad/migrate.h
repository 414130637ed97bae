/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Migration of a guest's device from one npad to another while the guest runs:
 * source (migrate_out.c) and destination (migrate_in.c).
 */
#ifndef NPAD_MIGRATE_H
#define NPAD_MIGRATE_H

#include <json-c/json.h>

#include "vnic.h"

struct npad;
struct migrate_in;
struct migrate_out;

/*
 * Take in guests of other hosts that come by a socket; path: where to listen.
 * NULL with errno set, after a message.
 */
struct migrate_in *migrate_in_new(struct npad *host, const char *path);
/* NULL is fine. */
void migrate_in_free(struct migrate_in *in);

/*
 * Begin to hand the guest of a vNIC over to the host that listens on path.
 * How it goes is in migrate_out_status().  One guest at a time.
 *
 * Return: 0, or a negative errno with why set: -EBUSY, -ENOTCONN (no guest),
 * or an error of connect().
 */
int migrate_out_start(struct npad *host, struct vnic *vnic, const char *path,
		      const char **why);

/*
 * The latest migration away from this host: "state" is "none", "asking",
 * "leaving" (the VF), "moving", "draining", "done" or "failed"; with "vnic",
 * "to", of a failed one "code" and "error", and "ms" from the start to each
 * step.
 */
void migrate_out_status(const struct npad *host, struct json_object *reply);
void migrate_out_free(struct npad *host);

#endif

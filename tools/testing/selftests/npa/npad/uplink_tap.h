/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Uplink of the switch: a TAP interface, if wanted in a network namespace.
 */
#ifndef NPAD_UPLINK_TAP_H
#define NPAD_UPLINK_TAP_H

#include "log.h"
#include "loop.h"
#include "port.h"

struct uplink;

/*
 * Make the interface and set it up.  spec: IFNAME or IFNAME@NETNS, a name
 * below /run/netns.  merged: take TCP segments in one piece, as the network's
 * end has them.  NULL after a message.
 */
struct uplink *uplink_tap_new(struct loop *loop, struct log *log,
			      struct eswitch *sw, const char *spec,
			      bool merged);
void uplink_free(struct uplink *uplink);
struct port *uplink_port(struct uplink *uplink);
/* Has the network sent nothing that is not delivered yet? */
bool uplink_is_idle(const struct uplink *uplink);

/* The parts of it that a mirror uses: make a TAP, spec as above, and write a
 * frame to it.  A descriptor, or a negative errno (after a message if it is
 * about the namespace); 0 or a negative errno, -EAGAIN without room.
 */
int uplink_tap_open(struct log *log, const char *spec);
int uplink_tap_write(int fd, const struct frame *f);

#endif

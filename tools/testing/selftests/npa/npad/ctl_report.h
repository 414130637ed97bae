/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Parts of requests and replies that commands of more than one kind of
 * function have.
 */
#ifndef NPAD_CTL_REPORT_H
#define NPAD_CTL_REPORT_H

#include <json-c/json.h>

#include "irq.h"
#include "port.h"

/* Is there an argument of that name, and is it true?  args may be NULL. */
bool ctl_arg_true(struct json_object *args, const char *name);

/* The argument "state" of "link": up or down.  0, or -EINVAL after
 * ctl_error().
 */
int ctl_arg_link(struct json_object *args, struct json_object *reply,
		 bool *up);

/* "mac":"xx:xx:xx:xx:xx:xx" */
void ctl_add_mac(struct json_object *reply, const uint8_t mac[6]);

/* {"tx_packets":n,...}; the same as a member of ports. */
struct json_object *ctl_port_stats(const struct port_stats *stats);
void ctl_add_port(struct json_object *ports, const char *name,
		  const struct port_stats *stats);

/* "interrupts":{"raised":n,"signalled":n} */
void ctl_add_interrupts(struct json_object *reply,
			const struct irq_block *irq);

#endif

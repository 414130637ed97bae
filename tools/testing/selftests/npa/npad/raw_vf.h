/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A VF as a PCI function of its own, for a driver of the guest that knows it:
 * what a hypervisor without NPA would assign to a guest.  This is also the PF
 * driver's side: it sets the VF up and decides on what its driver asks for.
 */
#ifndef NPAD_RAW_VF_H
#define NPAD_RAW_VF_H

#include <json-c/json.h>

#include "log.h"
#include "pf.h"

struct raw_vf;

/**
 * struct raw_vf_env - what it works with
 * @name: for the operator
 * @loop: event loop
 * @log: messages
 * @sw: the switch
 * @ops: the VF model
 * @mac: address that the PF assigns
 */
struct raw_vf_env {
	char name[16];
	struct loop *loop;
	struct log *log;
	struct eswitch *sw;
	const struct pf_ops *ops;
	uint8_t mac[6];
};

/*
 * Listen on a vfio-user socket.  NULL with errno set on failure, after a
 * message.  What env points to must outlive it; env itself is copied.
 */
struct raw_vf *raw_vf_new(const struct raw_vf_env *env, const char *socket);
void raw_vf_free(struct raw_vf *raw);

const char *raw_vf_name(const struct raw_vf *raw);

/* The replies to "status" and "stats"; reset: counters start from 0 again. */
void raw_vf_status(struct raw_vf *raw, struct json_object *reply);
void raw_vf_stats(struct raw_vf *raw, struct json_object *reply,
		  const struct port_stats *uplink, bool reset);

/* Plug or unplug the cable; the VF's driver sees it. */
void raw_vf_set_link(struct raw_vf *raw, bool up);

/* The hypervisor's rules; the port, NULL while there is no VF. */
const struct port_policy *raw_vf_policy(const struct raw_vf *raw);
void raw_vf_set_policy(struct raw_vf *raw, const struct port_policy *policy);
const struct port *raw_vf_port(const struct raw_vf *raw);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the commands of the control socket share.  control.c has those about
 * the data path, control_net.c those about the switch, control_migrate.c those
 * about migration.
 */
#ifndef NPAD_CONTROL_H
#define NPAD_CONTROL_H

#include "ctl_report.h"
#include "npad.h"

/* An optional string of a request: *value is NULL if it is not there. */
int control_string(struct json_object *args, struct json_object *reply,
		   const char *name, const char **value);

/* The VF with a function of its own, if the command is about it, or NULL. */
struct raw_vf *control_raw_vf(struct npad *npad, struct json_object *args);

/* The vNIC that a command is about: "vnic", else the first one.  Errors have
 * been told to the client.
 */
int control_vnic(struct npad *npad, struct json_object *args,
		 struct json_object *reply, struct vnic **vnic);

/* control_net.c; as in &struct ctl_command */
int control_policy(void *arg, struct json_object *args,
		   struct json_object *reply);
int control_mirror(void *arg, struct json_object *args,
		   struct json_object *reply);
int control_ports(void *arg, struct json_object *args,
		  struct json_object *reply);

/* control_migrate.c; the same */
int control_migrate(void *arg, struct json_object *args,
		    struct json_object *reply);
int control_migration(void *arg, struct json_object *args,
		      struct json_object *reply);
int control_save(void *arg, struct json_object *args,
		 struct json_object *reply);

#endif

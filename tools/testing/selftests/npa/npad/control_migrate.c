// SPDX-License-Identifier: GPL-2.0
/*
 * The commands of the control socket about migration and saved state.
 */
#include <errno.h>
#include <stdlib.h>

#include "control.h"
#include "json_add.h"
#include "npad.h"

int control_migrate(void *arg, struct json_object *args,
		    struct json_object *reply)
{
	struct npad *npad = arg;
	const char *to, *why;
	struct vnic *vnic;
	int err;

	err = control_vnic(npad, args, reply, &vnic);
	if (!err)
		err = ctl_arg_string(args, reply, "to", &to);
	if (err)
		return err;
	err = migrate_out_start(npad, vnic, to, &why);
	if (err)
		return ctl_error(reply, err, err == -EBUSY ? "busy" :
				 err == -ENOTCONN ? "no-guest" : "no-host",
				 "cannot migrate to %s: %s", to, why);
	return 0;
}

int control_migration(void *arg, struct json_object *args,
		      struct json_object *reply)
{
	(void)args;
	migrate_out_status(arg, reply);
	return 0;
}

/* The bytes as hexadecimal digits. */
static int add_bytes(struct json_object *reply, const uint8_t *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	char *text = malloc(2 * len + 1);

	if (!text)
		return -ENOMEM;
	for (size_t i = 0; i < len; i++) {
		text[2 * i] = digits[data[i] >> 4];
		text[2 * i + 1] = digits[data[i] & 0xf];
	}
	json_object_object_add(reply, "state",
			       json_object_new_string_len(text, 2 * len));
	free(text);
	return 0;
}

int control_save(void *arg, struct json_object *args, struct json_object *reply)
{
	struct vnic_state *state;
	const char *why = "";
	struct vnic *vnic;
	uint8_t *data;
	size_t len;
	int err;

	err = control_vnic(arg, args, reply, &vnic);
	if (err)
		return err;
	state = calloc(1, sizeof(*state));
	if (!state)
		return -ENOMEM;
	err = vnic_export(vnic, state, NULL, NULL, &why);
	if (err) {
		ctl_error(reply, err, "no-guest", "%s", why);
	} else {
		err = vnic_state_encode(state, &data, &len);
		if (!err) {
			err = add_bytes(reply, data, len);
			free(data);
		}
	}
	free(state);
	return err;
}

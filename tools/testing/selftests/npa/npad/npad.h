/* SPDX-License-Identifier: GPL-2.0 */
/*
 * npad, the host: one embedded switch with an uplink, and vNICs of guests on
 * it; put together by main.c.
 */
#ifndef NPAD_NPAD_H
#define NPAD_NPAD_H

#include "ctl.h"
#include "mirror.h"
#include "raw_vf.h"
#include "migrate.h"
#include "uplink_tap.h"
#include "vnic.h"

/**
 * struct npad - the host
 * @uplink: NULL in tests
 * @mirror: NULL unless there is one
 * @answer_ns: how long a guest may take to do what a message says
 * @vnics: list, the first one is what commands mean that name none
 * @raw: with --raw-vf, or NULL; then it comes before all vNICs
 * @migrate_in: takes in guests of other hosts, or NULL
 * @migrate_out: the migration that is under way or was the last one, or NULL
 */
struct npad {
	struct log log;
	struct loop *loop;
	struct eswitch *sw;
	struct uplink *uplink;
	struct port *uplink_port;
	struct mirror *mirror;
	struct store *store;
	struct events events;
	uint64_t answer_ns;
	struct vnic *vnics;
	struct raw_vf *raw;
	struct migrate_in *migrate_in;
	struct migrate_out *migrate_out;
	struct ctl *ctl;
	int signal_fd;
};

/* control.c: the commands of the control socket; ends with a NULL name. */
extern const struct ctl_command npad_commands[];

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The command line of npad.
 */
#ifndef NPAD_OPTIONS_H
#define NPAD_OPTIONS_H

#include "log.h"
#include "vnic.h"

#define OPTIONS_MAX_VNICS	16

/**
 * struct options - what the command line says
 * @control: path of the control socket
 * @tap: uplink, IFNAME[@NETNS]
 * @merged: the uplink takes TCP segments in one piece
 * @plugin_dir: plugin images, or NULL
 * @answer_s: seconds that a guest may take to do what a message says
 * @migrate_listen: socket for guests of other hosts, or NULL
 * @level: least important message that is printed
 * @raw_vf: the first of @vnics is no vmxnet3, but the VF itself
 * @vnics: vNICs to make; texts point into argv
 * @num_vnics: how many, at least 1
 */
struct options {
	const char *control;
	const char *tap;
	bool merged;
	const char *plugin_dir;
	unsigned int answer_s;
	const char *migrate_listen;
	enum log_level level;
	bool raw_vf;
	struct vnic_conf vnics[OPTIONS_MAX_VNICS];
	unsigned int num_vnics;
};

/* 0; 1: --help has been served; -EINVAL after a message on stderr. */
int options_parse(struct options *o, int argc, char **argv);

#endif

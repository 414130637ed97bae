/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Instructions of a plugin per packet.
 */
#ifndef NPA_HARNESS_COUNT_H
#define NPA_HARNESS_COUNT_H

#include "testbed.h"

/**
 * struct count_options - what to count
 * @program: this program, to be run under valgrind
 * @path: the image
 * @model: name of the VF's model
 * @json: print JSON
 */
struct count_options {
	const char *program;
	const char *path;
	const char *model;
	bool json;
};

/* Run the traffic under valgrind, print what the plugin needed: 0 or -1. */
int count_run(const struct count_options *options);

/* The traffic itself, for the program that valgrind runs: 0 or -1. */
int count_traffic(const struct pf_ops *ops, const struct us_image *image);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What npa-harness test runs: tables of tests, one per file.
 */
#ifndef NPA_HARNESS_TESTS_H
#define NPA_HARNESS_TESTS_H

#include "testbed.h"

/**
 * struct hx_test - a test of a plugin
 * @name: what is tested; NULL ends a table
 * @fn: the test; the plugin is loaded, its VF active
 * @options: of the testbed
 */
struct hx_test {
	const char *name;
	void (*fn)(struct testbed *tb);
	struct tb_options options;
};

extern const struct hx_test hx_tx_tests[];
extern const struct hx_test hx_rx_tests[];
extern const struct hx_test hx_life_tests[];

#endif

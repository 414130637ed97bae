/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The window of a VF's registers, as a guest sees it: some pages are memory,
 * every access to the others goes to the model.
 */
#ifndef NPA_HARNESS_MMIO_H
#define NPA_HARNESS_MMIO_H

#include "pf.h"

/**
 * struct mmio - a window
 * @ops: the model
 * @vf: who gets the accesses; may change, NULL: they read all-ones
 * @len: bytes
 * @model: the model's view, for pf_env.window
 * @mmio: the plugin's view: accesses to trapped pages fault, and are handed
 *	to the model by a signal handler
 * @reads: trapped accesses so far
 * @writes: the same
 */
struct mmio {
	const struct pf_ops *ops;
	struct vf *vf;
	uint32_t len;
	uint8_t *model;
	uint8_t *mmio;
	uint64_t reads;
	uint64_t writes;
};

/* 0 or -1.  There can be one window at a time. */
int mmio_open(struct mmio *w, const struct pf_ops *ops);
void mmio_close(struct mmio *w);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a vmxnet3 device offers to its driver: revision, interrupts, limits.
 * The operator says it; a guest that comes from another host brings its own.
 * Facts: the use that upstream's vmxnet3 driver makes of each revision.
 */
#ifndef NPAD_VMXNET3_MODEL_H
#define NPAD_VMXNET3_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "vmxnet3_hw.h"

#define MODEL_MIN_QUEUES	1
#define MODEL_MAX_QUEUES	VMXNET3_EXT_MAX_TX_QUEUES
#define MODEL_MIN_SPEED		10	/* Mbit/s */
#define MODEL_MAX_SPEED		1000000
#define MODEL_MAX_SAMPLE_RATE	65535

/**
 * struct vmxnet3_model - what a device offers
 * @revision: newest device revision, %VMXNET3_REV_MIN to %VMXNET3_REV_MAX; all
 *	older ones are offered too
 * @intr_type: best kind of interrupt, VMXNET3_INTR_TYPE_{INTX,MSI,MSIX}; the
 *	less good ones are offered too
 * @mask_mode: VMXNET3_INTR_MASK_*
 * @queues: queue pairs that it has interrupts for
 * @rx_any_order: from revision 7 on: offers to fill receive buffers out of
 *	order, and does so with a driver that agrees
 * @speed: of the link, Mbit/s
 * @disabled_offloads: VMXNET3_DISABLED_*, told from revision 9 on
 * @sample_rate: from revision 9 on: ask for a timestamp of each frame of this
 *	number; 0: never
 */
struct vmxnet3_model {
	unsigned int revision;
	unsigned int intr_type;
	unsigned int mask_mode;
	unsigned int queues;
	bool rx_any_order;
	unsigned int speed;
	uint32_t disabled_offloads;
	unsigned int sample_rate;
};

/* Revision 1 with MSI-X, masks that the device sets, and some queues. */
struct vmxnet3_model vmxnet3_model_default(unsigned int queues);

/* Is it one that there can be?  NULL, or what is wrong with it. */
const char *vmxnet3_model_check(const struct vmxnet3_model *model);

/* Interrupts: two per queue pair, so that TX completions can have their own,
 * and one for events.  Any driver also runs with fewer.
 */
unsigned int vmxnet3_model_vectors(const struct vmxnet3_model *model);

/* Bytes of the BAR with the doorbells. */
uint32_t vmxnet3_model_pt_len(const struct vmxnet3_model *model);

/* VMXNET3_CAP_* as read from DCR and PTCR with the revision in use. */
uint32_t vmxnet3_model_caps(const struct vmxnet3_model *model);
uint32_t vmxnet3_model_pt_caps(const struct vmxnet3_model *model);

#endif

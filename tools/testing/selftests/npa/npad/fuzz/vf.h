/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VFs for fuzz targets: the models, and descriptors of two queue pairs' rings
 * at AT_VF_RINGS of the guest's memory.
 */
#ifndef NPAD_FUZZ_VF_H
#define NPAD_FUZZ_VF_H

#include "fuzz.h"

#define VF_RING		32	/* descriptors, the least there can be */
#define VF_QUEUES	2
#define VF_TX_RING(q)	(AT_VF_RINGS + 0x4000 * (q))
#define VF_RX_RING(q)	(AT_VF_RINGS + 0x10000 + 0x4000 * (q))

/**
 * struct fuzz_vf - a model
 * @ops: the model
 * @registers: those of which more is to be had than of the others
 * @num_registers: how many
 * @rxq: first register of a queue's, receive
 * @txq: the same, send
 * @srrctl: how large receive buffers are
 * @eims: enables interrupts
 * @mailbox: and mailbox_mem, for messages to the PF
 */
struct fuzz_vf {
	const struct pf_ops *ops;
	const uint16_t *registers;
	unsigned int num_registers;
	uint16_t rxq[VF_QUEUES], txq[VF_QUEUES], srrctl[VF_QUEUES];
	uint16_t eims, mailbox, mailbox_mem;
};

/* One of the models: the number counts modulo how many there are. */
const struct fuzz_vf *fuzz_vf_model(unsigned int n);
/* A register: one of the model's, by the input. */
uint32_t fuzz_vf_register(const struct fuzz_vf *vf, struct input *in);

/* Write one descriptor of a ring. */
void fuzz_vf_tx_desc(struct guest *g, struct input *in);
void fuzz_vf_rx_desc(struct guest *g, struct input *in);
/* Receive buffers for a whole ring. */
void fuzz_vf_rx_fill(struct guest *g, unsigned int queue);
/* Descriptors for a frame, perhaps with a context: the new tail of a queue,
 * whose number goes to @queue.
 */
uint32_t fuzz_vf_frame(struct guest *g, struct input *in, unsigned int *queue);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Interrupts of the device: MSI-X vectors as event file descriptors, the mask
 * registers, and the automatic masking that goes with them.
 *
 * Nothing is lost: a cause that cannot be signalled, because its interrupt is
 * masked, all are disabled, or the client has not given a descriptor yet,
 * stays pending and is signalled as soon as it can be.
 */
#ifndef NPAD_IRQ_H
#define NPAD_IRQ_H

#include <stdbool.h>
#include <stdint.h>

#include "loop.h"

#define IRQ_MAX		25

struct irq_line {
	int fd;			/* -1: none */
	bool masked;
	bool pending;		/* cause of the emulated device */
	bool vf_pending;	/* cause of the VF, which has masks of its own */
	uint64_t raised;	/* causes */
	uint64_t signalled;
};

/* The same as plain data; the VF's causes go with the VF. */
struct irq_line_state {
	bool connected;		/* has a descriptor */
	bool masked;
	bool pending;
	uint64_t raised;
	uint64_t signalled;
};

struct irq_state {
	unsigned int num_lines;
	bool auto_mask;
	struct irq_line_state lines[IRQ_MAX];
};

/**
 * struct irq_block - all interrupts
 * @lines: one per vector
 * @num_lines: vectors
 * @auto_mask: an interrupt is masked when it is signalled
 * @disabled: tells whether the driver has disabled all of them
 * @arg: its argument
 * @loop: event loop
 * @retry: looks again whether they are still disabled (the driver enables
 *	them by a write to memory, which nobody sees)
 */
struct irq_block {
	struct irq_line lines[IRQ_MAX];
	unsigned int num_lines;
	bool auto_mask;
	bool (*disabled)(void *arg);
	void *arg;
	struct loop *loop;
	struct loop_timer retry;
};

void irq_init(struct irq_block *irq, struct loop *loop, unsigned int num_lines,
	      bool (*disabled)(void *arg), void *arg);
/* Masks all, forgets what is pending; descriptors stay. */
void irq_reset(struct irq_block *irq);
/* Forget causes of the emulated device, whose rings have gone. */
void irq_forget(struct irq_block *irq);
/* Also closes the descriptors. */
void irq_fini(struct irq_block *irq);

/* fds: receives the descriptors of connected lines, in their order; they stay
 * the block's.  Returns how many.
 */
unsigned int irq_export(const struct irq_block *irq, struct irq_state *state,
			int fds[IRQ_MAX]);
/*
 * Become what was exported; descriptors of connected lines, which are the
 * block's from now on and never block, come from fds.  Nothing is signalled
 * before irq_signal_pending().
 */
void irq_import(struct irq_block *irq, const struct irq_state *state,
		const int *fds);
void irq_signal_pending(struct irq_block *irq);

/* The block owns fd from now on. */
void irq_set_fd(struct irq_block *irq, unsigned int vector, int fd);
void irq_set_mask(struct irq_block *irq, unsigned int vector, bool masked);
bool irq_is_masked(const struct irq_block *irq, unsigned int vector);

/* A cause in the emulated device; a vector that does not exist is ignored. */
void irq_raise(struct irq_block *irq, unsigned int vector);
/* The lines' counters start from 0 again. */
void irq_reset_stats(struct irq_block *irq);

/* A cause in the VF: neither masked nor disabled here. */
void irq_raise_vf(struct irq_block *irq, unsigned int vector);

#endif

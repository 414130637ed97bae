/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Interrupts of the device: MSI-X vectors, an MSI or INTx as event file
 * descriptors, the mask registers, and the automatic masking that goes with
 * them.  Without MSI-X all causes go to the one interrupt that there is.
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

#define IRQ_MAX		65
#define IRQ_MAX_FDS	(IRQ_MAX + 2)

/* The numbers are those of vfio's indices. */
enum irq_kind {
	IRQ_INTX,
	IRQ_MSI,
	IRQ_MSIX,
	IRQ_KINDS
};

struct irq_line {
	int fd;			/* MSI-X; -1: none */
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
	bool msi;		/* connected */
	bool intx;		/* the same */
	bool asserted;
	bool intx_masked;
	struct irq_line_state lines[IRQ_MAX];
};

/**
 * struct irq_intx - the interrupt pin, a level
 * @fd: signalled once for an assertion; -1: none
 * @asserted: until the driver reads the cause register
 * @masked: by the client, or by a signal; when it is unmasked and the pin is
 *	still asserted, it is signalled again
 * @disabled: by the driver, in the PCI command register
 */
struct irq_intx {
	int fd;
	bool asserted;
	bool masked;
	bool disabled;
};

/**
 * struct irq_block - all interrupts
 * @lines: one per cause, and per MSI-X vector
 * @num_lines: how many
 * @msi_fd: the MSI; -1: none
 * @intx: the pin
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
	int msi_fd;
	struct irq_intx intx;
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

/* fds: receives the descriptors of connected lines, in their order, then the
 * MSI's and the pin's; they stay the block's.  Returns how many.
 */
unsigned int irq_export(const struct irq_block *irq, struct irq_state *state,
			int fds[IRQ_MAX_FDS]);
/* How many belong to a state. */
unsigned int irq_state_fds(const struct irq_state *state);
/*
 * Become what was exported; the descriptors, which are the block's from now on
 * and never block, come from fds.  Nothing is signalled before
 * irq_signal_pending().
 */
void irq_import(struct irq_block *irq, const struct irq_state *state,
		const int *fds);
void irq_signal_pending(struct irq_block *irq);

/* The block owns fd from now on. */
void irq_set_fd(struct irq_block *irq, enum irq_kind kind, unsigned int vector,
		int fd);
/* The pin: the client's mask, the driver's bit in the command register. */
void irq_mask_intx(struct irq_block *irq, bool masked);
void irq_disable_intx(struct irq_block *irq, bool disabled);
/* What is connected; -1: nothing. */
int irq_kind_in_use(const struct irq_block *irq);
/* The driver reads the cause: was it asserted?  It no longer is. */
bool irq_take_intx(struct irq_block *irq);
void irq_set_mask(struct irq_block *irq, unsigned int vector, bool masked);
bool irq_is_masked(const struct irq_block *irq, unsigned int vector);

/* A cause in the emulated device; a vector that does not exist is ignored. */
void irq_raise(struct irq_block *irq, unsigned int vector);
/* The lines' counters start from 0 again. */
void irq_reset_stats(struct irq_block *irq);

/* A cause in the VF: neither masked nor disabled here. */
void irq_raise_vf(struct irq_block *irq, unsigned int vector);

#endif

// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts of the device.
 */
#include <string.h>
#include <unistd.h>

#include "irq.h"

#define RETRY_NS	1000000

static bool signal_fd(int fd)
{
	const uint64_t one = 1;

	/* EAGAIN means that the counter is full: it is signalled then. */
	return write(fd, &one, sizeof(one)) > 0;
}

/* What the pin's level is known by: an event, masked until the client has
 * dealt with it.
 */
static void update_intx(struct irq_intx *intx)
{
	if (intx->fd < 0 || !intx->asserted || intx->masked || intx->disabled)
		return;
	intx->masked = true;
	signal_fd(intx->fd);
}

static void signal_line(struct irq_block *irq, struct irq_line *line)
{
	if (line->fd < 0 && irq->msi_fd < 0) {
		line->signalled++;
		irq->intx.asserted = true;
		update_intx(&irq->intx);
	} else if (signal_fd(line->fd < 0 ? irq->msi_fd : line->fd)) {
		line->signalled++;
	}
}

static bool is_connected(const struct irq_block *irq,
			 const struct irq_line *line)
{
	return line->fd >= 0 || irq->msi_fd >= 0 || irq->intx.fd >= 0;
}

static void update(struct irq_block *irq, struct irq_line *line)
{
	if (!is_connected(irq, line))
		return;
	if (line->vf_pending) {
		line->vf_pending = false;
		signal_line(irq, line);
	}
	if (!line->pending || line->masked)
		return;
	if (irq->disabled(irq->arg)) {
		if (!irq->retry.due)
			loop_arm(irq->loop, &irq->retry, RETRY_NS);
		return;
	}
	line->pending = false;
	line->masked = irq->auto_mask;
	signal_line(irq, line);
}

void irq_signal_pending(struct irq_block *irq)
{
	for (unsigned int i = 0; i < irq->num_lines; i++)
		update(irq, &irq->lines[i]);
	update_intx(&irq->intx);
}

static void retry(void *arg)
{
	irq_signal_pending(arg);
}

void irq_init(struct irq_block *irq, struct loop *loop, unsigned int num_lines,
	      bool (*disabled)(void *arg), void *arg)
{
	memset(irq, 0, sizeof(*irq));
	irq->loop = loop;
	irq->num_lines = num_lines;
	irq->disabled = disabled;
	irq->arg = arg;
	irq->retry.fn = retry;
	irq->retry.arg = irq;
	for (unsigned int i = 0; i < num_lines; i++)
		irq->lines[i].fd = -1;
	irq->msi_fd = -1;
	irq->intx.fd = -1;
	irq_reset(irq);
}

void irq_reset(struct irq_block *irq)
{
	loop_cancel(irq->loop, &irq->retry);
	irq->auto_mask = true;
	irq->intx.asserted = false;
	for (unsigned int i = 0; i < irq->num_lines; i++) {
		irq->lines[i].masked = true;
		irq->lines[i].pending = false;
		irq->lines[i].vf_pending = false;
	}
}

void irq_forget(struct irq_block *irq)
{
	loop_cancel(irq->loop, &irq->retry);
	for (unsigned int i = 0; i < irq->num_lines; i++)
		irq->lines[i].pending = false;
	irq->intx.asserted = false;
}

void irq_fini(struct irq_block *irq)
{
	loop_cancel(irq->loop, &irq->retry);
	for (unsigned int i = 0; i < irq->num_lines; i++)
		irq_set_fd(irq, IRQ_MSIX, i, -1);
	irq_set_fd(irq, IRQ_MSI, 0, -1);
	irq_set_fd(irq, IRQ_INTX, 0, -1);
}

/* Where the descriptor of a vector is kept, NULL if there is none such. */
static int *fd_of(struct irq_block *irq, enum irq_kind kind,
		  unsigned int vector)
{
	if (kind == IRQ_MSIX)
		return vector < irq->num_lines ? &irq->lines[vector].fd : NULL;
	if (vector)
		return NULL;
	return kind == IRQ_MSI ? &irq->msi_fd : &irq->intx.fd;
}

void irq_set_fd(struct irq_block *irq, enum irq_kind kind, unsigned int vector,
		int fd)
{
	int *place = fd_of(irq, kind, vector);

	if (!place) {
		if (fd >= 0)
			close(fd);
		return;
	}
	if (*place >= 0)
		close(*place);
	*place = fd;
	if (kind == IRQ_INTX)
		irq->intx.masked = false;
	if (fd >= 0)
		irq_signal_pending(irq);
}

void irq_mask_intx(struct irq_block *irq, bool masked)
{
	irq->intx.masked = masked;
	update_intx(&irq->intx);
}

void irq_disable_intx(struct irq_block *irq, bool disabled)
{
	irq->intx.disabled = disabled;
	update_intx(&irq->intx);
}

int irq_kind_in_use(const struct irq_block *irq)
{
	for (unsigned int i = 0; i < irq->num_lines; i++)
		if (irq->lines[i].fd >= 0)
			return IRQ_MSIX;
	if (irq->msi_fd >= 0)
		return IRQ_MSI;
	return irq->intx.fd >= 0 ? (int)IRQ_INTX : -1;
}

bool irq_take_intx(struct irq_block *irq)
{
	bool asserted = irq->intx.asserted;

	irq->intx.asserted = false;
	return asserted;
}

void irq_set_mask(struct irq_block *irq, unsigned int vector, bool masked)
{
	if (vector >= irq->num_lines)
		return;
	irq->lines[vector].masked = masked;
	update(irq, &irq->lines[vector]);
}

bool irq_is_masked(const struct irq_block *irq, unsigned int vector)
{
	return vector < irq->num_lines && irq->lines[vector].masked;
}

void irq_raise(struct irq_block *irq, unsigned int vector)
{
	if (vector >= irq->num_lines)
		return;
	irq->lines[vector].raised++;
	irq->lines[vector].pending = true;
	update(irq, &irq->lines[vector]);
}

void irq_raise_vf(struct irq_block *irq, unsigned int vector)
{
	if (vector >= irq->num_lines)
		return;
	irq->lines[vector].raised++;
	irq->lines[vector].vf_pending = true;
	update(irq, &irq->lines[vector]);
}

void irq_reset_stats(struct irq_block *irq)
{
	for (unsigned int i = 0; i < irq->num_lines; i++) {
		irq->lines[i].raised = 0;
		irq->lines[i].signalled = 0;
	}
}

unsigned int irq_export(const struct irq_block *irq, struct irq_state *state,
			int fds[IRQ_MAX_FDS])
{
	unsigned int num = 0;

	state->num_lines = irq->num_lines;
	state->auto_mask = irq->auto_mask;
	for (unsigned int i = 0; i < irq->num_lines; i++) {
		const struct irq_line *line = &irq->lines[i];

		state->lines[i] = (struct irq_line_state){
			.connected = line->fd >= 0,
			.masked = line->masked,
			.pending = line->pending,
			.raised = line->raised,
			.signalled = line->signalled,
		};
		if (line->fd >= 0)
			fds[num++] = line->fd;
	}
	state->msi = irq->msi_fd >= 0;
	if (state->msi)
		fds[num++] = irq->msi_fd;
	state->intx = irq->intx.fd >= 0;
	if (state->intx)
		fds[num++] = irq->intx.fd;
	state->asserted = irq->intx.asserted;
	state->intx_masked = irq->intx.masked;
	return num;
}

unsigned int irq_state_fds(const struct irq_state *state)
{
	unsigned int num = state->msi + state->intx;

	for (unsigned int i = 0; i < state->num_lines; i++)
		num += state->lines[i].connected;
	return num;
}

void irq_import(struct irq_block *irq, const struct irq_state *state,
		const int *fds)
{
	unsigned int num = 0;

	irq_fini(irq);
	irq->num_lines = state->num_lines;
	irq->auto_mask = state->auto_mask;
	for (unsigned int i = 0; i < irq->num_lines; i++) {
		const struct irq_line_state *line = &state->lines[i];

		irq->lines[i] = (struct irq_line){
			.fd = line->connected ? fds[num++] : -1,
			.masked = line->masked,
			.pending = line->pending,
			.raised = line->raised,
			.signalled = line->signalled,
		};
	}
	irq->msi_fd = state->msi ? fds[num++] : -1;
	irq->intx.fd = state->intx ? fds[num++] : -1;
	irq->intx.asserted = state->asserted;
	irq->intx.masked = state->intx_masked;
}

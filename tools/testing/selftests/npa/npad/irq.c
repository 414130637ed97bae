// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts of the device.
 */
#include <string.h>
#include <unistd.h>

#include "irq.h"

#define RETRY_NS	1000000

static void signal_line(struct irq_line *line)
{
	const uint64_t one = 1;

	/* EAGAIN means that the counter is full: it is signalled then. */
	if (write(line->fd, &one, sizeof(one)) < 0)
		return;
	line->signalled++;
}

static void update(struct irq_block *irq, struct irq_line *line)
{
	if (line->fd < 0)
		return;
	if (line->vf_pending) {
		line->vf_pending = false;
		signal_line(line);
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
	signal_line(line);
}

void irq_signal_pending(struct irq_block *irq)
{
	for (unsigned int i = 0; i < irq->num_lines; i++)
		update(irq, &irq->lines[i]);
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
	irq_reset(irq);
}

void irq_reset(struct irq_block *irq)
{
	loop_cancel(irq->loop, &irq->retry);
	irq->auto_mask = true;
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
}

void irq_fini(struct irq_block *irq)
{
	loop_cancel(irq->loop, &irq->retry);
	for (unsigned int i = 0; i < irq->num_lines; i++)
		irq_set_fd(irq, i, -1);
}

void irq_set_fd(struct irq_block *irq, unsigned int vector, int fd)
{
	struct irq_line *line;

	if (vector >= irq->num_lines) {
		if (fd >= 0)
			close(fd);
		return;
	}
	line = &irq->lines[vector];
	if (line->fd >= 0)
		close(line->fd);
	line->fd = fd;
	update(irq, line);
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
			int fds[IRQ_MAX])
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
}

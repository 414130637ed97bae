/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The event loop of npad: one thread, file descriptors, timers, and pollers
 * for hardware that has no file descriptor (tail registers in mapped pages).
 * Everything in npad runs from it, so nothing in npad needs a lock.
 */
#ifndef NPAD_LOOP_H
#define NPAD_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;

/**
 * struct loop_timer - a one-shot timer, embedded in its owner
 * @due: CLOCK_MONOTONIC nanoseconds, 0 when not armed (private)
 * @fn: called from the loop when it is due; may arm it again
 * @arg: argument of @fn
 * @next: list of the loop (private)
 */
struct loop_timer {
	uint64_t due;
	void (*fn)(void *arg);
	void *arg;
	struct loop_timer *next;
};

/**
 * struct loop_poller - called once per turn of the loop
 * @fn: returns true if it found work; the loop then comes back at once,
 *	and otherwise within @interval_ns
 * @arg: argument of @fn
 * @interval_ns: longest time between two calls while there is no work
 * @next: list of the loop (private)
 */
struct loop_poller {
	bool (*fn)(void *arg);
	void *arg;
	uint64_t interval_ns;
	struct loop_poller *next;
};

/* fn(arg, revents): revents are EPOLLIN, EPOLLOUT, EPOLLHUP, EPOLLERR. */
typedef void (*loop_fd_fn)(void *arg, uint32_t revents);

struct loop *loop_new(void);
void loop_free(struct loop *loop);

/* 0 or a negative errno.  The loop does not own fd. */
int loop_add_fd(struct loop *loop, int fd, uint32_t events, loop_fd_fn fn,
		void *arg);
int loop_mod_fd(struct loop *loop, int fd, uint32_t events);
/* Safe from within any callback; fn is not called again after it. */
void loop_del_fd(struct loop *loop, int fd);

/* Arm (or re-arm) a timer @delay_ns from now; cancel one, armed or not. */
void loop_arm(struct loop *loop, struct loop_timer *timer, uint64_t delay_ns);
void loop_cancel(struct loop *loop, struct loop_timer *timer);

void loop_add_poller(struct loop *loop, struct loop_poller *poller);
void loop_del_poller(struct loop *loop, struct loop_poller *poller);

/* Run until loop_stop(), which may be called from a callback. */
int loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t loop_now(void);

#endif

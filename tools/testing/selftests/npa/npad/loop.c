// SPDX-License-Identifier: GPL-2.0
/*
 * The event loop: epoll for file descriptors, a sorted list of timers, and
 * pollers.  A turn is: wait, file descriptors, timers, pollers.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "loop.h"

#define NSEC_PER_SEC	1000000000ull
#define EVENTS_PER_TURN	32

struct loop_fd {
	int fd;			/* -1: deleted, freed at the end of the turn */
	loop_fd_fn fn;
	void *arg;
	struct loop_fd *next;
};

struct loop {
	int epoll_fd;
	bool stop;
	bool dead_fds;
	struct loop_fd *fds;
	struct loop_timer *timers;	/* the next due comes first */
	struct loop_poller *pollers;
	struct loop_poller *next_poller;	/* of the walk under way */
};

uint64_t loop_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

struct loop *loop_new(void)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return NULL;
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll_fd < 0) {
		free(loop);
		return NULL;
	}
	return loop;
}

static void free_dead_fds(struct loop *loop)
{
	struct loop_fd **link = &loop->fds, *entry;

	loop->dead_fds = false;
	while ((entry = *link)) {
		if (entry->fd >= 0) {
			link = &entry->next;
			continue;
		}
		*link = entry->next;
		free(entry);
	}
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	for (struct loop_fd *entry = loop->fds; entry; entry = entry->next)
		entry->fd = -1;
	free_dead_fds(loop);
	close(loop->epoll_fd);
	free(loop);
}

static struct loop_fd *find_fd(struct loop *loop, int fd)
{
	struct loop_fd *entry;

	for (entry = loop->fds; entry; entry = entry->next)
		if (entry->fd == fd)
			return entry;
	return NULL;
}

int loop_add_fd(struct loop *loop, int fd, uint32_t events, loop_fd_fn fn,
		void *arg)
{
	struct loop_fd *entry = calloc(1, sizeof(*entry));
	struct epoll_event event = { .events = events };

	if (!entry)
		return -ENOMEM;
	event.data.ptr = entry;
	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event)) {
		free(entry);
		return -errno;
	}
	entry->fd = fd;
	entry->fn = fn;
	entry->arg = arg;
	entry->next = loop->fds;
	loop->fds = entry;
	return 0;
}

int loop_mod_fd(struct loop *loop, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events };

	event.data.ptr = find_fd(loop, fd);
	if (!event.data.ptr)
		return -ENOENT;
	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, fd, &event))
		return -errno;
	return 0;
}

void loop_del_fd(struct loop *loop, int fd)
{
	struct loop_fd *entry = fd >= 0 ? find_fd(loop, fd) : NULL;

	if (!entry)
		return;
	epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	entry->fd = -1;
	loop->dead_fds = true;
}

void loop_cancel(struct loop *loop, struct loop_timer *timer)
{
	struct loop_timer **link;

	if (!timer->due)
		return;
	for (link = &loop->timers; *link; link = &(*link)->next) {
		if (*link == timer) {
			*link = timer->next;
			break;
		}
	}
	timer->due = 0;
}

void loop_arm(struct loop *loop, struct loop_timer *timer, uint64_t delay_ns)
{
	struct loop_timer **link = &loop->timers;

	loop_cancel(loop, timer);
	timer->due = loop_now() + delay_ns;
	while (*link && (*link)->due <= timer->due)
		link = &(*link)->next;
	timer->next = *link;
	*link = timer;
}

/* Appended, so that pollers are called in the order they were added. */
void loop_add_poller(struct loop *loop, struct loop_poller *poller)
{
	struct loop_poller **link = &loop->pollers;

	while (*link)
		link = &(*link)->next;
	poller->next = NULL;
	*link = poller;
}

void loop_del_poller(struct loop *loop, struct loop_poller *poller)
{
	struct loop_poller **link = &loop->pollers;

	while (*link && *link != poller)
		link = &(*link)->next;
	if (!*link)
		return;
	*link = poller->next;
	if (loop->next_poller == poller)
		loop->next_poller = poller->next;
}

/* How long the loop may sleep, nanoseconds; UINT64_MAX: for ever. */
static uint64_t sleep_time(struct loop *loop)
{
	uint64_t limit = UINT64_MAX;
	struct loop_poller *poller;
	uint64_t now, left;

	for (poller = loop->pollers; poller; poller = poller->next)
		if (poller->interval_ns < limit)
			limit = poller->interval_ns;
	if (!loop->timers)
		return limit;
	now = loop_now();
	left = loop->timers->due > now ? loop->timers->due - now : 0;
	return left < limit ? left : limit;
}

static int wait_for_events(struct loop *loop, struct epoll_event *events,
			   uint64_t ns)
{
	struct timespec ts = {
		.tv_sec = ns / NSEC_PER_SEC,
		.tv_nsec = ns % NSEC_PER_SEC,
	};
	int n;

	n = epoll_pwait2(loop->epoll_fd, events, EVENTS_PER_TURN,
			 ns == UINT64_MAX ? NULL : &ts, NULL);
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	return n;
}

static void run_timers(struct loop *loop)
{
	uint64_t now;

	if (!loop->timers)
		return;
	/* One reading of the clock: a timer that re-arms itself with no delay
	 * comes back in the next turn.
	 */
	now = loop_now();
	while (loop->timers && loop->timers->due <= now) {
		struct loop_timer *timer = loop->timers;

		loop->timers = timer->next;
		timer->due = 0;
		timer->fn(timer->arg);
	}
}

static bool run_pollers(struct loop *loop)
{
	bool work = false;

	for (struct loop_poller *poller = loop->pollers; poller;
	     poller = loop->next_poller) {
		loop->next_poller = poller->next;
		if (poller->fn(poller->arg))
			work = true;
	}
	return work;
}

int loop_run(struct loop *loop)
{
	struct epoll_event events[EVENTS_PER_TURN];
	bool work = true;
	int n;

	loop->stop = false;
	while (!loop->stop) {
		n = wait_for_events(loop, events, work ? 0 : sleep_time(loop));
		if (n < 0)
			return n;
		for (int i = 0; i < n; i++) {
			struct loop_fd *entry = events[i].data.ptr;

			if (entry->fd >= 0)
				entry->fn(entry->arg, events[i].events);
		}
		run_timers(loop);
		work = run_pollers(loop);
		if (loop->dead_fds)
			free_dead_fds(loop);
	}
	return 0;
}

void loop_stop(struct loop *loop)
{
	loop->stop = true;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Time for fuzz targets.  The linker puts the functions here in the place of
 * those of the C library (--wrap): nobody waits, and the same input meets the
 * same clock.
 */
#include "clock.h"
#include "wrap.h"

#define NSEC_PER_SEC	1000000000ull
#define TICK_NS		100	/* each look at the clock takes that long */
#define FOREVER_NS	1000000

static uint64_t now = NSEC_PER_SEC;

void fuzz_clock_advance(uint64_t ns)
{
	now += ns;
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *ts)
{
	if (clock != CLOCK_MONOTONIC)
		return __real_clock_gettime(clock, ts);
	now += TICK_NS;
	ts->tv_sec = now / NSEC_PER_SEC;
	ts->tv_nsec = now % NSEC_PER_SEC;
	return 0;
}

int __wrap_epoll_pwait2(int fd, struct epoll_event *events, int max,
			const struct timespec *ts, const void *mask)
{
	int n = epoll_wait(fd, events, max, 0);

	(void)mask;
	if (!n)
		now += ts ? ts->tv_sec * NSEC_PER_SEC + ts->tv_nsec :
			    FOREVER_NS;
	return n;
}

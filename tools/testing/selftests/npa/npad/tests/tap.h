/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Results of a unit test in the Test Anything Protocol.
 */
#ifndef NPAD_TAP_H
#define NPAD_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

/**
 * struct tap - results so far
 * @count: tests that have ended
 * @failed: how many of them failed
 * @ok: of the test under way: no check has failed
 */
struct tap {
	unsigned int count;
	unsigned int failed;
	bool ok;
};

static inline void tap_begin(struct tap *tap)
{
	tap->ok = true;
}

static inline void __attribute__((format(printf, 2, 3)))
tap_end(struct tap *tap, const char *fmt, ...)
{
	va_list ap;

	tap->count++;
	if (!tap->ok)
		tap->failed++;
	printf("%sok %u - ", tap->ok ? "" : "not ", tap->count);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

static inline void tap_skip(struct tap *tap, const char *name, const char *why)
{
	printf("ok %u - %s # SKIP %s\n", ++tap->count, name, why);
}

/* Print the plan; exit status of the program. */
static inline int tap_done(const struct tap *tap)
{
	printf("1..%u\n", tap->count);
	return tap->failed ? 1 : 0;
}

/* Note that a condition does not hold; value of the condition. */
#define tap_check(tap, cond) \
	((cond) ? true : \
	 (printf("# %s:%d: %s\n", __FILE__, __LINE__, #cond), \
	  (tap)->ok = false))

#endif

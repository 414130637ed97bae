// SPDX-License-Identifier: GPL-2.0
/*
 * Messages for the person who started npad.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "log.h"

#define BURST		200	/* lines */
#define LINES_A_SECOND	10	/* that come back to the burst */

/*
 * A guest can cause any number of messages, for as long as it likes: what it
 * makes npad write must not fill a disk.  Errors are npad's own and few.
 */
static bool too_many(struct log *log, enum log_level level)
{
	struct timespec now;
	long gained;

	if (level == LOG_ERROR)
		return false;
	clock_gettime(CLOCK_MONOTONIC, &now);
	gained = (now.tv_sec - log->second) *
		 (log->level == LOG_DEBUG ? BURST : LINES_A_SECOND);
	log->second = now.tv_sec;
	log->lines = gained < log->lines ? log->lines - gained : 0;
	if (log->lines == BURST) {
		log->dropped++;
		return true;
	}
	if (log->dropped)
		fprintf(stderr, "npad: %u messages dropped\n", log->dropped);
	log->dropped = 0;
	log->lines++;
	return false;
}

void log_print(struct log *log, enum log_level level, const char *fmt,
	       ...)
{
	char line[512];
	va_list args;

	if (level > log->level || too_many(log, level))
		return;
	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	fprintf(stderr, "npad: %s\n", line);
}

int log_parse_level(const char *name, enum log_level *level)
{
	static const char *const names[] = { "error", "warn", "info", "debug" };

	for (unsigned int i = 0; i < 4; i++) {
		if (!strcmp(name, names[i])) {
			*level = i;
			return 0;
		}
	}
	return -EINVAL;
}

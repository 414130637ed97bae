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

#define LINES_PER_SECOND	200

static bool too_many(struct log *log)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec != log->second) {
		if (log->dropped)
			fprintf(stderr, "npad: %u messages dropped\n",
				log->dropped);
		log->second = now.tv_sec;
		log->lines = 0;
		log->dropped = 0;
	}
	if (++log->lines <= LINES_PER_SECOND)
		return false;
	log->dropped++;
	return true;
}

void log_print(struct log *log, enum log_level level, const char *fmt,
	       ...)
{
	char line[512];
	va_list args;

	if (level > log->level || too_many(log))
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

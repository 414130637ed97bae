// SPDX-License-Identifier: GPL-2.0
/*
 * Messages for the person who started npad.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "log.h"

void log_print(const struct log *log, enum log_level level, const char *fmt,
	       ...)
{
	char line[512];
	va_list args;

	if (level > log->level)
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

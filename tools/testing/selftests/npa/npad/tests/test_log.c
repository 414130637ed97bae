// SPDX-License-Identifier: GPL-2.0
/*
 * Messages: what a guest can make npad write has its limit.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../log.h"
#include "tap.h"

/* Send stderr to a file; the descriptor that it was. */
static int redirect(FILE *file)
{
	int old = dup(2);

	fflush(stderr);
	dup2(fileno(file), 2);
	return old;
}

static void restore(int old)
{
	fflush(stderr);
	dup2(old, 2);
	close(old);
}

/* Lines of the file that contain a text. */
static unsigned int count(FILE *file, const char *text)
{
	unsigned int lines = 0;
	char line[600];

	rewind(file);
	while (fgets(line, sizeof(line), file))
		lines += !!strstr(line, text);
	return lines;
}

static void test_flood(struct tap *tap)
{
	struct log log = { .level = LOG_INFO };
	FILE *file = tmpfile();
	int old = redirect(file);

	tap_begin(tap);
	for (int i = 0; i < 1000; i++)
		log_warn(&log, "flood");
	log_error(&log, "important");
	log.second -= 3;		/* some time later */
	for (int i = 0; i < 1000; i++)
		log_info(&log, "later");
	restore(old);
	tap_check(tap, count(file, "npad: flood") >= 200);
	tap_check(tap, count(file, "npad: flood") < 300);
	tap_check(tap, count(file, "npad: important") == 1);
	tap_check(tap, count(file, "messages dropped") >= 1);
	tap_check(tap, count(file, "npad: later") >= 30);
	tap_check(tap, count(file, "npad: later") < 130);
	fclose(file);
	tap_end(tap, "a flood of messages");
}

static void test_levels(struct tap *tap)
{
	struct log log = { .level = LOG_WARN };
	FILE *file = tmpfile();
	int old = redirect(file);
	enum log_level level;

	tap_begin(tap);
	log_info(&log, "no");
	log_warn(&log, "yes");
	restore(old);
	tap_check(tap, !count(file, "no") && count(file, "yes") == 1);
	tap_check(tap, !log_parse_level("debug", &level));
	tap_check(tap, level == LOG_DEBUG && log_parse_level("loud", &level));
	fclose(file);
	tap_end(tap, "levels");
}

int main(void)
{
	struct tap tap = { 0 };

	test_flood(&tap);
	test_levels(&tap);
	return tap_done(&tap);
}

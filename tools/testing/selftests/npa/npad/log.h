/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages for the person who started npad: one line each on stderr.
 */
#ifndef NPAD_LOG_H
#define NPAD_LOG_H

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/**
 * struct log - where messages go
 * @level: the least important level that is printed
 * @second: of the latest message
 * @lines: messages lately
 * @dropped: messages that were too many
 */
struct log {
	enum log_level level;
	long second;
	long lines;
	unsigned int dropped;
};

/* Print a message, with "npad: " before and a newline after.  Others than
 * errors are dropped, and counted, when there are more than 200 at once or, in
 * the long run, 10 in a second (at level debug 200).
 */
void log_print(struct log *log, enum log_level level, const char *fmt,
	       ...) __attribute__((format(printf, 3, 4)));

/* -EINVAL if name is not "error", "warn", "info" or "debug". */
int log_parse_level(const char *name, enum log_level *level);

#define log_error(log, ...)	log_print(log, LOG_ERROR, __VA_ARGS__)
#define log_warn(log, ...)	log_print(log, LOG_WARN, __VA_ARGS__)
#define log_info(log, ...)	log_print(log, LOG_INFO, __VA_ARGS__)
#define log_debug(log, ...)	log_print(log, LOG_DEBUG, __VA_ARGS__)

#endif

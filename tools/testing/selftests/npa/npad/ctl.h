/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The control socket of npad: one JSON object per line each way.  Several
 * clients at once; a client that sends rubbish gets an error and is otherwise
 * left alone; one that does not read is closed.
 */
#ifndef NPAD_CTL_H
#define NPAD_CTL_H

#include <json-c/json.h>

#include "loop.h"

struct ctl;

/**
 * struct ctl_command - one command
 * @name: value of "cmd"
 * @fn: carries it out.  @args: the request's "args" object or NULL.  Adds its
 *	results to @reply, which becomes {"ok":true,...}.  Returns 0, or a
 *	negative errno after ctl_error() has said more; called from the loop
 *	and does not wait (attach --wait is the client's affair: it polls
 *	"status")
 */
struct ctl_command {
	const char *name;
	int (*fn)(void *arg, struct json_object *args,
		  struct json_object *reply);
};

/* fn's way to say what is wrong: {"ok":false,"code":code,"error":text}. */
int ctl_error(struct json_object *reply, int err, const char *code,
	      const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/*
 * Listen on a UNIX socket (a stale one is replaced, one in use is an error).
 * commands ends with a NULL name.  NULL with errno set on failure, after a
 * message.
 */
struct ctl *ctl_new(struct loop *loop, const char *path,
		    const struct ctl_command *commands, void *arg);
void ctl_free(struct ctl *ctl);

/* Helpers for argument checking: -EINVAL (with ctl_error done) if missing or
 * of another type.
 */
int ctl_arg_string(struct json_object *args, struct json_object *reply,
		   const char *name, const char **value);

#endif

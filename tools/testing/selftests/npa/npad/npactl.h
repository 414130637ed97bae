/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the commands of npactl share: npactl.c has the connection and those
 * about the data path, npactl_net.c those about the switch, npactl_migrate.c
 * those about migration and saved state.
 */
#ifndef NPAD_NPACTL_H
#define NPAD_NPACTL_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

enum npactl_exit {
	EXIT_OK = 0,
	EXIT_REFUSED = 1,
	EXIT_USAGE = 2,
	EXIT_UNREACHABLE = 3,
};

struct command;

/**
 * struct session - one run of npactl
 * @path: control socket
 * @fd: connection, -1 before the first request
 * @json: print the reply as it came
 * @vnic: vNIC that commands are about, or NULL for the first one
 * @command: what is run, for messages
 */
struct session {
	const char *path;
	int fd;
	bool json;
	const char *vnic;
	const struct command *command;
};

/* A message on standard error; returns status. */
int npactl_complain(int status, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* The same, with the command's synopsis; returns %EXIT_USAGE. */
int npactl_usage(const struct session *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Send a request, get the reply; owns args, which may be NULL.  *reply is NULL
 * on failure, which has been told.
 */
int npactl_request(struct session *s, const char *cmd,
		   struct json_object *args, struct json_object **reply);
/*
 * The same for a whole command: says so if it is refused; with --json the
 * reply is printed and *reply is NULL.  The caller puts *reply.
 */
int npactl_ask(struct session *s, const char *cmd, struct json_object *args,
	       struct json_object **reply);

/* Reading replies: what is missing is NULL, "", 0 or false. */
struct json_object *npactl_get(struct json_object *obj, const char *name);
const char *npactl_text(struct json_object *obj, const char *name);
int64_t npactl_int(struct json_object *obj, const char *name);
bool npactl_bool(struct json_object *obj, const char *name);

/* Commands; their arguments, without the name.  The exit status. */
int npactl_policy(struct session *s, int argc, char **argv);
int npactl_mirror(struct session *s, int argc, char **argv);
int npactl_ports(struct session *s, int argc, char **argv);
int npactl_top(struct session *s, int argc, char **argv);
int npactl_migrate(struct session *s, int argc, char **argv);
int npactl_save(struct session *s, int argc, char **argv);
int npactl_inspect(struct session *s, int argc, char **argv);

extern const char npactl_policy_help[];
extern const char npactl_top_help[];
extern const char npactl_migrate_help[];
extern const char npactl_save_help[];

#endif

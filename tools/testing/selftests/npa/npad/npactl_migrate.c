// SPDX-License-Identifier: GPL-2.0
/*
 * Commands of npactl about migration and saved state.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "npactl.h"
#include "state.h"
#include "vnic_state.h"

#define POLL_MS		10

const char npactl_migrate_help[] =
"Hands the guest over to another npad, while it runs.  The guest leaves its VF,\n"
"stands still for as long as its device takes to get there, and gets a VF of the\n"
"other host if it had one here and that host has one.  If anything goes wrong on\n"
"the way the guest goes on here as before, and it is said why.\n"
"  --to PATH         where the other npad listens (npad --migrate-listen PATH)\n"
"  --no-wait         do not wait for the end\n";

const char npactl_save_help[] =
"Writes the state of the guest's device to a new file: registers, configuration,\n"
"rings, interrupts, policy, the hypervisor's side of NPA.  The guest goes on.\n"
"'npactl inspect' shows such a file.\n";

static void print_migration(struct json_object *m)
{
	struct json_object *ms = npactl_get(m, "ms");

	printf("%s is at %s: %.1f ms, of which it took the guest %.1f ms to leave\n"
	       "the VF, and it stood still for %.1f ms; %lld frames were sent on\n",
	       npactl_text(m, "vnic"), npactl_text(m, "to"),
	       json_object_get_double(npactl_get(ms, "drained")),
	       json_object_get_double(npactl_get(ms, "left")) -
	       json_object_get_double(npactl_get(ms, "asked")),
	       json_object_get_double(npactl_get(ms, "taken")) -
	       json_object_get_double(npactl_get(ms, "held")),
	       (long long)npactl_int(m, "frames"));
}

/* npad gives up by itself, so there is no limit here. */
static int wait_for_end(struct session *s)
{
	const struct timespec pause = { .tv_nsec = POLL_MS * 1000000L };
	struct json_object *reply, *m;
	bool json = s->json;
	const char *state;
	int ret;

	for (;;) {
		s->json = false;
		ret = npactl_ask(s, "migration", NULL, &reply);
		if (ret)
			return ret;
		m = npactl_get(reply, "migration");
		state = npactl_text(m, "state");
		if (!strcmp(state, "done") || !strcmp(state, "failed"))
			break;
		json_object_put(reply);
		nanosleep(&pause, NULL);
	}
	if (json)
		puts(json_object_to_json_string_ext(reply,
						    JSON_C_TO_STRING_PRETTY));
	if (!strcmp(state, "failed"))
		ret = json ? EXIT_REFUSED :
		      npactl_complain(EXIT_REFUSED, "the guest stays here: %s (%s)",
				      npactl_text(m, "error"),
				      npactl_text(m, "code"));
	else if (!json)
		print_migration(m);
	json_object_put(reply);
	return ret;
}

int npactl_migrate(struct session *s, int argc, char **argv)
{
	struct json_object *args, *reply;
	const char *to = NULL;
	bool wait = true, json = s->json;
	int ret;

	for (; argc; argc--, argv++) {
		if (!strcmp(argv[0], "--no-wait")) {
			wait = false;
		} else if (!strcmp(argv[0], "--to") && argc > 1) {
			to = argv[1];
			argc--;
			argv++;
		} else {
			return npactl_usage(s, "'%s' is not understood",
					    argv[0]);
		}
	}
	if (!to)
		return npactl_usage(s, "say --to PATH");
	args = json_object_new_object();
	json_object_object_add(args, "to", json_object_new_string(to));
	if (wait)
		s->json = false;	/* one object, at the end */
	ret = npactl_ask(s, "migrate", args, &reply);
	json_object_put(reply);
	s->json = json;
	return ret || !wait ? ret : wait_for_end(s);
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Turn hexadecimal digits into bytes; -1 if they are none. */
static ssize_t to_bytes(const char *text, uint8_t *data)
{
	size_t len = 0;

	for (; text[0]; text += 2) {
		if (digit(text[0]) < 0 || digit(text[1]) < 0)
			return -1;
		data[len++] = digit(text[0]) << 4 | digit(text[1]);
	}
	return len;
}

/* All or nothing: a file that is there already is not touched. */
static int write_file(const char *path, const uint8_t *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ssize_t n;

	if (fd < 0)
		return npactl_complain(EXIT_REFUSED, "cannot make %s: %s",
				       path, strerror(errno));
	n = write(fd, data, len);
	if (close(fd) || n != (ssize_t)len) {
		unlink(path);
		return npactl_complain(EXIT_REFUSED, "cannot write %s", path);
	}
	printf("%zu bytes in %s\n", len, path);
	return EXIT_OK;
}

int npactl_save(struct session *s, int argc, char **argv)
{
	struct json_object *reply;
	const char *text;
	uint8_t *data;
	ssize_t len;
	int ret;

	if (argc != 1)
		return npactl_usage(s, "name a file");
	s->json = false;
	ret = npactl_ask(s, "save", NULL, &reply);
	if (ret)
		return ret;
	text = npactl_text(reply, "state");
	data = malloc(strlen(text) / 2 + 1);
	len = data ? to_bytes(text, data) : -1;
	ret = len > 0 ? write_file(argv[0], data, len) :
	      npactl_complain(EXIT_REFUSED, "npad has sent no state");
	free(data);
	json_object_put(reply);
	return ret;
}

/* Bytes of a file, at most one more than state can have; -1 with errno. */
static ssize_t read_file(const char *path, uint8_t *data)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;
	ssize_t len = 0, n = 1;

	if (fd < 0)
		return -1;
	while (n > 0 && len <= STATE_MAX_LEN) {
		n = read(fd, data + len, STATE_MAX_LEN + 1 - len);
		if (n > 0)
			len += n;
	}
	err = errno;
	close(fd);
	errno = err;
	return n < 0 ? -1 : len;
}

int npactl_inspect(struct session *s, int argc, char **argv)
{
	struct vnic_state *state;
	struct json_object *json;
	char why[128];
	uint8_t *data;
	ssize_t len;
	int ret = EXIT_REFUSED;

	if (argc != 1)
		return npactl_usage(s, "name a file");
	state = malloc(sizeof(*state));
	data = malloc(STATE_MAX_LEN + 1);
	len = state && data ? read_file(argv[0], data) : -1;
	if (len < 0) {
		npactl_complain(ret, "cannot read %s: %s", argv[0],
				strerror(errno));
	} else if (vnic_state_decode(data, len, state, why, sizeof(why))) {
		npactl_complain(ret, "%s: %s", argv[0], why);
	} else {
		json = vnic_state_json(state);
		puts(json_object_to_json_string_ext(json,
						    JSON_C_TO_STRING_PRETTY));
		json_object_put(json);
		ret = EXIT_OK;
	}
	free(data);
	free(state);
	return ret;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * npactl: what the operator of a hypervisor says to npad, from a shell.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "npactl.h"

#define DEFAULT_SOCKET	"/run/npad.sock"
#define MAX_REPLY	(2 * 1024 * 1024)
#define REPLY_SECONDS	10	/* npad answers at once, or not at all */
#define WAIT_SECONDS	30	/* default of --wait */
#define WAIT_MAX	86400
#define POLL_MS		50

/**
 * struct command - a command of npactl
 * @name: first word
 * @synopsis: its arguments
 * @brief: half a line for the list of commands
 * @help: what --help says
 * @run: carry it out; returns an exit status
 */
struct command {
	const char *name;
	const char *synopsis;
	const char *brief;
	const char *help;
	int (*run)(struct session *s, int argc, char **argv);
};

int npactl_complain(int status, const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("npactl: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return status;
}

int npactl_usage(const struct session *s, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "npactl %s: ", s->command->name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\nUsage: npactl %s %s\n", s->command->name,
		s->command->synopsis);
	return EXIT_USAGE;
}

/* The connection. */

static int connect_session(struct session *s)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const struct timeval limit = { .tv_sec = REPLY_SECONDS };

	if (s->fd >= 0)
		return EXIT_OK;
	if (strlen(s->path) >= sizeof(addr.sun_path))
		return npactl_complain(EXIT_UNREACHABLE, "%s: path is too long",
				s->path);
	memcpy(addr.sun_path, s->path, strlen(s->path));
	s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s->fd < 0 ||
	    connect(s->fd, (struct sockaddr *)&addr, sizeof(addr)))
		return npactl_complain(EXIT_UNREACHABLE,
				"cannot reach npad at %s: %s", s->path,
				strerror(errno));
	setsockopt(s->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(s->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	return EXIT_OK;
}

static int send_line(struct session *s, const char *line)
{
	char *text = NULL;
	size_t done = 0;
	ssize_t n;
	int len;

	len = asprintf(&text, "%s\n", line);
	if (len < 0)
		return npactl_complain(EXIT_REFUSED, "out of memory");
	while (done < (size_t)len) {
		n = send(s->fd, text + done, len - done, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += n;
	}
	free(text);
	if (done < (size_t)len)
		return npactl_complain(EXIT_UNREACHABLE, "npad at %s: %s", s->path,
				strerror(errno));
	return EXIT_OK;
}

/* Read up to the end of a line; the line is terminated in place of it. */
static int receive_line(struct session *s, char *line, size_t size)
{
	size_t len = 0;
	ssize_t n;
	char *end;

	for (;;) {
		n = recv(s->fd, line + len, size - len, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return npactl_complain(EXIT_UNREACHABLE,
					"npad at %s does not answer: %s",
					s->path, strerror(errno));
		if (!n)
			return npactl_complain(EXIT_UNREACHABLE,
					"npad at %s has closed the connection",
					s->path);
		end = memchr(line + len, '\n', n);
		if (end) {
			*end = 0;
			return EXIT_OK;
		}
		len += n;
		if (len == size)
			return npactl_complain(EXIT_UNREACHABLE,
					"npad at %s: endless reply", s->path);
	}
}

int npactl_request(struct session *s, const char *cmd,
		   struct json_object *args, struct json_object **reply)
{
	struct json_object *obj = json_object_new_object();
	char *line = NULL;
	const char *text;
	int ret;

	*reply = NULL;
	json_object_object_add(obj, "cmd", json_object_new_string(cmd));
	if (s->vnic) {
		if (!args)
			args = json_object_new_object();
		json_object_object_add(args, "vnic",
				       json_object_new_string(s->vnic));
	}
	if (args)
		json_object_object_add(obj, "args", args);
	text = json_object_to_json_string_ext(obj, JSON_C_TO_STRING_PLAIN);
	ret = connect_session(s);
	if (!ret)
		ret = send_line(s, text);
	json_object_put(obj);
	if (ret)
		return ret;
	line = malloc(MAX_REPLY);
	if (!line)
		return npactl_complain(EXIT_REFUSED, "out of memory");
	ret = receive_line(s, line, MAX_REPLY);
	if (!ret) {
		*reply = json_tokener_parse(line);
		if (!json_object_is_type(*reply, json_type_object))
			ret = npactl_complain(EXIT_UNREACHABLE,
					      "npad at %s: the reply is no JSON object",
				       s->path);
	}
	free(line);
	return ret;
}

struct json_object *npactl_get(struct json_object *obj, const char *name)
{
	struct json_object *value = NULL;

	if (json_object_is_type(obj, json_type_object))
		json_object_object_get_ex(obj, name, &value);
	return value;
}

const char *npactl_text(struct json_object *obj, const char *name)
{
	struct json_object *value = npactl_get(obj, name);

	return value ? json_object_get_string(value) : "";
}

int64_t npactl_int(struct json_object *obj, const char *name)
{
	return json_object_get_int64(npactl_get(obj, name));
}

bool npactl_bool(struct json_object *obj, const char *name)
{
	return json_object_get_boolean(npactl_get(obj, name));
}

static void print_json(struct json_object *obj)
{
	puts(json_object_to_json_string_ext(obj, JSON_C_TO_STRING_PRETTY |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
}

int npactl_ask(struct session *s, const char *cmd, struct json_object *args,
	       struct json_object **reply)
{
	int ret = npactl_request(s, cmd, args, reply);

	if (ret)
		return ret;
	if (!npactl_bool(*reply, "ok")) {
		ret = EXIT_REFUSED;
		if (!s->json)
			npactl_complain(ret, "%s (%s)", npactl_text(*reply, "error"),
					npactl_text(*reply, "code"));
	}
	if (s->json)
		print_json(*reply);
	if (ret || s->json) {
		json_object_put(*reply);
		*reply = NULL;
	}
	return ret;
}

static int no_arguments(struct session *s, int argc, char **argv)
{
	if (argc)
		return npactl_usage(s, "'%s' is too much", argv[0]);
	return EXIT_OK;
}

/* A command without arguments whose reply has nothing to print. */
static int run_plain(struct session *s, int argc, char **argv)
{
	struct json_object *reply;
	int ret;

	ret = no_arguments(s, argc, argv);
	if (ret)
		return ret;
	ret = npactl_ask(s, s->command->name, NULL, &reply);
	json_object_put(reply);
	return ret;
}

/* When the steps of the last switch were done, counted from its message. */
static void print_times(struct json_object *times)
{
	bool first = true;

	if (!json_object_is_type(times, json_type_object))
		return;
	json_object_object_foreach(times, step, ms) {
		if (!strcmp(step, "seq"))
			continue;
		printf("%s%s %.1f ms", first ? "last switch " : ", ", step,
		       json_object_get_double(ms));
		first = false;
	}
	if (!first)
		putchar('\n');
}

static void print_status(struct json_object *r)
{
	struct json_object *guest = npactl_get(r, "guest"), *vf = npactl_get(r, "vf");
	struct json_object *plugin = npactl_get(r, "plugin");
	struct json_object *refusal = npactl_get(r, "last_refusal");
	struct json_object *switches = npactl_get(r, "switches");

	printf("guest       %s, driver %s, NPA %s\n",
	       npactl_bool(guest, "connected") ? "connected" : "not connected",
	       npactl_bool(guest, "active") ? "active" : "not active",
	       npactl_bool(guest, "npa") ? "offered" : "not offered");
	printf("data path   %s (requested: %s)\n", npactl_text(r, "path"),
	       npactl_text(r, "requested"));
	printf("state       %s\n", npactl_text(r, "state"));
	printf("VF          %s, %s\n", npactl_text(vf, "model"),
	       npactl_bool(vf, "attached") ? "attached" : "not attached");
	printf("plugin      %s\n", plugin ? npactl_text(plugin, "name") : "none");
	printf("link        %s\n", npactl_bool(r, "link") ? "up" : "down");
	printf("MAC         %s\n", npactl_text(r, "mac"));
	printf("switches    %lld to VF, %lld to emulated, %lld refused, %lld unanswered\n",
	       (long long)npactl_int(switches, "to_vf"),
	       (long long)npactl_int(switches, "to_emulated"),
	       (long long)npactl_int(switches, "refused"),
	       (long long)npactl_int(switches, "unanswered"));
	if (npactl_get(r, "conflict"))
		printf("conflict    %s: not on this VF\n",
		       npactl_text(r, "conflict"));
	if (refusal)
		printf("refused     %s: %s\n", npactl_text(refusal, "code"),
		       npactl_text(refusal, "text"));
	print_times(npactl_get(r, "message_ms"));
}

static int run_status(struct session *s, int argc, char **argv)
{
	struct json_object *reply;
	int ret;

	ret = no_arguments(s, argc, argv);
	if (ret)
		return ret;
	ret = npactl_ask(s, "status", NULL, &reply);
	if (reply)
		print_status(reply);
	json_object_put(reply);
	return ret;
}

/* Waiting for a switch. */

/**
 * struct wait - how attach and detach wait
 * @wanted: with --wait
 * @seconds: for how long
 * @path: for which data path
 * @none_will_do: a guest that uses none is fine too
 * @refused: refusals before the request
 */
struct wait {
	bool wanted;
	long seconds;
	const char *path;
	bool none_will_do;
	int64_t refused;
};

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static int get_status(struct session *s, struct json_object **reply)
{
	int ret = npactl_request(s, "status", NULL, reply);

	if (!ret && !npactl_bool(*reply, "ok"))
		ret = npactl_complain(EXIT_REFUSED, "%s (%s)",
				      npactl_text(*reply, "error"),
			       npactl_text(*reply, "code"));
	return ret;
}

static int note_refusals(struct session *s, struct wait *wait)
{
	struct json_object *reply;
	int ret = get_status(s, &reply);

	if (!ret)
		wait->refused = npactl_int(npactl_get(reply, "switches"), "refused");
	json_object_put(reply);
	return ret;
}

/*
 * Is it over?  *ret is set then.  A guest that was asked twice may refuse the
 * first message late: that is not about this switch.
 */
static bool look(struct session *s, const struct wait *wait,
		 struct json_object *r, double start, int *ret)
{
	struct json_object *why = npactl_get(r, "last_refusal");
	const char *path = npactl_text(r, "path");
	double passed = now() - start;

	if (npactl_int(npactl_get(r, "switches"), "refused") > wait->refused &&
	    npactl_int(why, "seq") == npactl_int(npactl_get(r, "message_ms"), "seq")) {
		*ret = EXIT_REFUSED;
		if (!s->json)
			npactl_complain(*ret, "the guest has refused: %s: %s",
					npactl_text(why, "code"), npactl_text(why, "text"));
	} else if (!strcmp(path, wait->path) ||
		   (wait->none_will_do && !strcmp(path, "none"))) {
		*ret = EXIT_OK;
		if (!s->json)
			printf("data path is %s after %.2f s\n", path,
			       passed);
	} else if (passed > wait->seconds) {
		*ret = npactl_complain(EXIT_REFUSED,
				       "data path is still %s after %ld s, state is %s",
				path, wait->seconds, npactl_text(r, "state"));
	} else {
		return false;
	}
	if (s->json)
		print_json(r);
	return true;
}

static int wait_for(struct session *s, const struct wait *wait)
{
	const struct timespec pause = { .tv_nsec = POLL_MS * 1000000L };
	struct json_object *reply;
	double start = now();
	bool over = false;
	int ret;

	for (;;) {
		ret = get_status(s, &reply);
		if (!ret)
			over = look(s, wait, reply, start, &ret);
		json_object_put(reply);
		if (ret || over)
			return ret;
		nanosleep(&pause, NULL);
	}
}

/* "--wait", "--wait=SECONDS", "--wait SECONDS"; returns arguments used. */
static int parse_wait(int argc, char **argv, struct wait *wait)
{
	const char *text = NULL;
	char *end;
	int used = 1;

	if (!strncmp(argv[0], "--wait=", 7)) {
		text = argv[0] + 7;
	} else if (strcmp(argv[0], "--wait")) {
		return 0;
	} else if (argc > 1 && argv[1][0] >= '0' && argv[1][0] <= '9') {
		text = argv[1];
		used = 2;
	}
	wait->wanted = true;
	wait->seconds = WAIT_SECONDS;
	if (!text)
		return used;
	wait->seconds = strtol(text, &end, 10);
	if (!*text || *end || wait->seconds < 0 || wait->seconds > WAIT_MAX)
		return -1;
	return used;
}

/* attach and detach: ask, then wait if that is wanted. */
static int switch_path(struct session *s, const struct wait *wait,
		       const char *cmd, struct json_object *args)
{
	struct wait w = *wait;
	struct json_object *reply;
	bool json = s->json;
	int ret;

	if (w.wanted) {
		ret = note_refusals(s, &w);
		if (ret) {
			json_object_put(args);
			return ret;
		}
		s->json = false;	/* one object, at the end */
	}
	ret = npactl_ask(s, cmd, args, &reply);
	json_object_put(reply);
	s->json = json;
	if (ret || !w.wanted)
		return ret;
	return wait_for(s, &w);
}

static int run_attach(struct session *s, int argc, char **argv)
{
	struct json_object *args = json_object_new_object();
	struct wait wait = { .path = "vf" };
	int used, ret;

	for (; argc; argc -= used, argv += used) {
		used = parse_wait(argc, argv, &wait);
		if (used < 0) {
			ret = npactl_usage(s, "--wait takes seconds, up to %d",
					   WAIT_MAX);
			goto put_args;
		}
		if (used)
			continue;
		if (argc < 2 || strcmp(argv[0], "--plugin")) {
			ret = npactl_usage(s, "'%s' is not understood", argv[0]);
			goto put_args;
		}
		json_object_object_add(args, "plugin",
				       json_object_new_string(argv[1]));
		used = 2;
	}
	return switch_path(s, &wait, "attach", args);

put_args:
	json_object_put(args);
	return ret;
}

static int run_detach(struct session *s, int argc, char **argv)
{
	struct wait wait = { .path = "emulated", .none_will_do = true };
	int used;

	for (; argc; argc -= used, argv += used) {
		used = parse_wait(argc, argv, &wait);
		if (used < 0)
			return npactl_usage(s, "--wait takes seconds, up to %d",
				     WAIT_MAX);
		if (!used)
			return npactl_usage(s, "'%s' is not understood", argv[0]);
	}
	return switch_path(s, &wait, "detach", NULL);
}

static int run_link(struct session *s, int argc, char **argv)
{
	struct json_object *args, *reply;
	int ret;

	if (argc != 1 || (strcmp(argv[0], "up") && strcmp(argv[0], "down")))
		return npactl_usage(s, "say 'up' or 'down'");
	args = json_object_new_object();
	json_object_object_add(args, "state", json_object_new_string(argv[0]));
	ret = npactl_ask(s, "link", args, &reply);
	json_object_put(reply);
	return ret;
}

static void print_ports(struct json_object *ports)
{
	static const char * const columns[] = {
		"rx_packets", "rx_bytes", "rx_dropped",
		"tx_packets", "tx_bytes", "tx_dropped",
	};
	size_t i;

	printf("%-10s", "port");
	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		printf(" %14s", columns[i]);
	putchar('\n');
	if (!json_object_is_type(ports, json_type_object))
		return;
	json_object_object_foreach(ports, name, port) {
		printf("%-10s", name);
		for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
			printf(" %14lld",
			       (long long)npactl_int(port, columns[i]));
		putchar('\n');
	}
}

static void print_traps(struct json_object *r)
{
	struct json_object *traps = npactl_get(r, "traps");
	struct json_object *by_register = npactl_get(traps, "by_register");

	printf("\ntrapped register accesses: %lld, of them per packet: %lld\n",
	       (long long)npactl_int(traps, "total"),
	       (long long)npactl_int(r, "traps_per_packet_registers"));
	if (!json_object_is_type(by_register, json_type_object))
		return;
	json_object_object_foreach(by_register, name, count)
		printf("  %-24s %12lld\n", name,
		       (long long)json_object_get_int64(count));
}

static void print_revokes(struct json_object *vf)
{
	if (npactl_int(vf, "revokes"))
		printf("\nVFs taken away: %lld; in their rings %lld to send, %lld received\n",
		       (long long)npactl_int(vf, "revokes"),
		       (long long)npactl_int(vf, "revoked_tx"),
		       (long long)npactl_int(vf, "revoked_rx"));
}

static int run_stats(struct session *s, int argc, char **argv)
{
	struct json_object *args = NULL, *reply;
	int ret;

	if (argc == 1 && !strcmp(argv[0], "--reset")) {
		args = json_object_new_object();
		json_object_object_add(args, "reset",
				       json_object_new_boolean(true));
	} else if (argc) {
		return npactl_usage(s, "'%s' is not understood", argv[0]);
	}
	ret = npactl_ask(s, "stats", args, &reply);
	if (reply) {
		print_ports(npactl_get(reply, "ports"));
		print_traps(reply);
		print_revokes(npactl_get(reply, "vf"));
	}
	json_object_put(reply);
	return ret;
}

static void print_event(struct json_object *event)
{
	double seconds = json_object_get_double(npactl_get(event, "time"));
	struct json_object *phases = npactl_get(event, "phases_ms");
	time_t when = seconds;
	char text[32] = "";
	struct tm tm;

	if (localtime_r(&when, &tm))
		strftime(text, sizeof(text), "%F %T", &tm);
	printf("%s.%03d  %-8s %-10s %s", text,
	       (int)((seconds - when) * 1000), npactl_text(event, "vnic"),
	       npactl_text(event, "kind"), npactl_text(event, "text"));
	if (phases) {
		json_object_object_foreach(phases, name, ms)
			printf(", %s %.1f ms", name,
			       json_object_get_double(ms));
	}
	putchar('\n');
}

static void print_fault(struct json_object *fault)
{
	printf("%-20s %s\n", npactl_text(fault, "name"),
	       npactl_text(fault, "state"));
}

static void print_plugin(struct json_object *plugin)
{
	if (npactl_get(plugin, "error")) {
		printf("%-24s %s\n", npactl_text(plugin, "name"),
		       npactl_text(plugin, "error"));
		return;
	}
	if (!npactl_get(plugin, "plugin")) {
		printf("%-24s not an image (%lld bytes)\n",
		       npactl_text(plugin, "name"),
		       (long long)npactl_int(plugin, "bytes"));
		return;
	}
	printf("%-24s %s %s by %s, license %s, device %s, %lld bytes\n",
	       npactl_text(plugin, "name"), npactl_text(plugin, "plugin"),
	       npactl_text(plugin, "version"), npactl_text(plugin, "vendor"),
	       npactl_text(plugin, "license"),
	       npactl_text(plugin, "device_impl_id"),
	       (long long)npactl_int(plugin, "bytes"));
}

/* The array of that name in a reply, one line per element. */
static void print_list(struct json_object *reply, const char *name,
		       void (*print)(struct json_object *obj))
{
	struct json_object *list = npactl_get(reply, name);
	size_t i;

	if (!json_object_is_type(list, json_type_array))
		return;
	for (i = 0; i < json_object_array_length(list); i++)
		print(json_object_array_get_idx(list, i));
}

static int run_fault(struct session *s, int argc, char **argv)
{
	struct json_object *args, *reply;
	const char *state = "on";
	int ret;

	if (argc < 1 || argc > 2)
		return npactl_usage(s, "name a fault, or say 'list'");
	if (argc == 1 && !strcmp(argv[0], "list")) {
		args = json_object_new_object();
		json_object_object_add(args, "list",
				       json_object_new_boolean(true));
		ret = npactl_ask(s, "fault", args, &reply);
		if (reply)
			print_list(reply, "faults", print_fault);
		json_object_put(reply);
		return ret;
	}
	if (argc == 2)
		state = argv[1];
	if (strcmp(state, "on") && strcmp(state, "off") &&
	    strcmp(state, "once"))
		return npactl_usage(s, "'%s' is not 'on', 'off' or 'once'", state);
	args = json_object_new_object();
	json_object_object_add(args, "name", json_object_new_string(argv[0]));
	json_object_object_add(args, "state", json_object_new_string(state));
	ret = npactl_ask(s, "fault", args, &reply);
	json_object_put(reply);
	return ret;
}

static int run_events(struct session *s, int argc, char **argv)
{
	struct json_object *reply;
	int ret;

	ret = no_arguments(s, argc, argv);
	if (ret)
		return ret;
	ret = npactl_ask(s, "events", NULL, &reply);
	if (reply)
		print_list(reply, "events", print_event);
	json_object_put(reply);
	return ret;
}

static int run_plugins(struct session *s, int argc, char **argv)
{
	struct json_object *reply;
	int ret;

	ret = no_arguments(s, argc, argv);
	if (ret)
		return ret;
	ret = npactl_ask(s, "plugins", NULL, &reply);
	if (reply)
		print_list(reply, "plugins", print_plugin);
	json_object_put(reply);
	return ret;
}

static void print_name(struct json_object *name)
{
	puts(json_object_get_string(name));
}

static int run_vnics(struct session *s, int argc, char **argv)
{
	struct json_object *reply;
	int ret;

	ret = no_arguments(s, argc, argv);
	if (ret)
		return ret;
	ret = npactl_ask(s, "vnics", NULL, &reply);
	if (reply)
		print_list(reply, "vnics", print_name);
	json_object_put(reply);
	return ret;
}

static const struct command commands[] = {
	{
		"status", "", "which data path the guest uses, and why",
		"Shows the guest's data path (emulated, vf or none), the one that was\n"
		"requested, the state of a switch that is under way, the VF, the plugin,\n"
		"link, MAC address, how many switches there were, and the last refusal.\n",
		run_status,
	}, {
		"vnics", "", "the vNICs that there are",
		"Shows the names of all vNICs, for -n.\n",
		run_vnics,
	}, {
		"attach", "[--plugin NAME] [--wait [SECONDS]]",
		"move the guest's data path to the VF",
		"Gives the guest the VF: the plugin is injected and the guest is told to\n"
		"switch.  A guest that is not there yet is told when it comes.\n"
		"  --plugin NAME     an image of the store (default: the VF's own)\n"
		"  --wait [SECONDS]  return when the data path is the VF, or say why it is\n"
		"                    not and exit with 1 (default: 30 seconds)\n",
		run_attach,
	}, {
		"detach", "[--wait [SECONDS]]",
		"move it back to the emulated device",
		"Tells the guest to switch back and takes the VF when it has done so.\n"
		"  --wait [SECONDS]  return when the data path is the emulated device\n"
		"                    (default: 30 seconds)\n",
		run_detach,
	}, {
		"revoke", "", "take the VF away at once",
		"The VF's registers read all-ones from now on, as after a surprise\n"
		"removal.  The guest goes back to the emulated device by itself; what was\n"
		"in the VF's rings is lost.\n",
		run_plain,
	}, {
		"migrate", "--to PATH [--no-wait]",
		"hand the guest over to another npad",
		npactl_migrate_help,
		npactl_migrate,
	}, {
		"save", "FILE", "write the state of the guest's device to a file",
		npactl_save_help,
		npactl_save,
	}, {
		"inspect", "FILE", "show what such a file says",
		"Shows the state in a file as JSON, or says what is wrong with it.  npad is\n"
		"not asked.\n",
		npactl_inspect,
	}, {
		"link", "up|down", "plug or unplug the cable",
		"Sets the state of the link that the guest sees.\n",
		run_link,
	}, {
		"stats", "[--reset]", "packets per port, trapped accesses",
		"Shows what every port of the switch has received (from the switch) and\n"
		"sent, and how often the guest's register accesses were trapped.\n"
		"  --reset           set all counters to 0 after showing them\n",
		run_stats,
	}, {
		"ports", "", "what each port of the switch has moved and dropped",
		"Shows for each port what it has received (from the switch) and sent, what\n"
		"was dropped and why, and the queues of a VF.  The port that receives for a\n"
		"vNIC is marked with *.\n",
		npactl_ports,
	}, {
		"top", "[--once] [--interval S]", "the same per second, live",
		npactl_top_help,
		npactl_top,
	}, {
		"policy", "[show | set WHAT VALUE ...]",
		"rules for the vNIC's frames",
		npactl_policy_help,
		npactl_policy,
	}, {
		"mirror", "[pcap:/PATH | tap:IFNAME[@NETNS] | off]",
		"copy all frames of the switch",
		"Copies each frame that a port has sent, once, as it is on the wire: to a\n"
		"new capture file of npad's, or to a TAP interface.  What cannot be written\n"
		"at once is dropped and counted.  Without argument: shows what is copied.\n",
		npactl_mirror,
	}, {
		"fault", "NAME [on|off|once] | list",
		"make something fail, for tests",
		"Makes npad fail at a place: 'once' for the next time only.  'list' shows\n"
		"what there is.\n",
		run_fault,
	}, {
		"events", "", "what has happened, newest last",
		"Shows the last events of all vNICs, or of the one that -n names:\n"
		"  operator          what was asked for here\n"
		"  message           what the guest was told, and why\n"
		"  load, activate, stop, quiesce, report\n"
		"                    what the guest did, and whether it worked\n"
		"  switched          a switch is complete; how long each phase took: react\n"
		"                    (of the guest), inject (the plugin), start (the VF),\n"
		"                    drain (the path that it left)\n"
		"  conflict          the guest wants what a VF cannot do\n"
		"  unanswered        the guest did not do what it was told in time\n"
		"  migration         a guest comes from, or goes to, another npad\n"
		"  return, device, client, vf, command, fault\n"
		"                    what else happened to the device\n",
		run_events,
	}, {
		"plugins", "", "images in the plugin store",
		"Shows the images that 'attach --plugin' can name.\n",
		run_plugins,
	},
};

#define NUM_COMMANDS	(sizeof(commands) / sizeof(commands[0]))

static void print_help(FILE *to)
{
	size_t i;

	fputs("Usage: npactl [-s SOCKET] [-n VNIC] [--json] COMMAND [ARGUMENT...]\n"
	      "Control npad: the guests' data paths, their VFs, their links.\n\n"
	      "Commands ('npactl COMMAND --help' says more)\n", to);
	for (i = 0; i < NUM_COMMANDS; i++)
		fprintf(to, "  %-9s %s\n", commands[i].name,
			commands[i].brief);
	fputs("\nOptions\n"
	      "  -s, --socket SOCKET  npad's control socket (default: $NPAD_CONTROL,\n"
	      "                       else " DEFAULT_SOCKET ")\n"
	      "  -n, --vnic NAME      which vNIC (default: the first one)\n"
	      "  --json               print npad's reply as JSON\n"
	      "  -h, --help           this text\n\n"
	      "Exit status: 0 done, 1 refused or failed, 2 wrong usage, 3 cannot\n"
	      "reach npad.\n", to);
}

static int run_command(struct session *s, int argc, char **argv)
{
	size_t i;
	int ret;

	for (i = 0; i < NUM_COMMANDS; i++)
		if (!strcmp(commands[i].name, argv[0]))
			break;
	if (i == NUM_COMMANDS)
		return npactl_complain(EXIT_USAGE,
				"'%s' is not a command, see npactl --help",
				argv[0]);
	s->command = &commands[i];
	argc--;
	argv++;
	if (argc && (!strcmp(argv[0], "--help") || !strcmp(argv[0], "-h"))) {
		printf("Usage: npactl %s %s\n%s", s->command->name,
		       s->command->synopsis, s->command->help);
		return EXIT_OK;
	}
	/* --json is understood behind the command too. */
	if (argc && !strcmp(argv[argc - 1], "--json")) {
		s->json = true;
		argc--;
	}
	ret = s->command->run(s, argc, argv);
	if (s->fd >= 0)
		close(s->fd);
	return ret;
}

int main(int argc, char **argv)
{
	struct session s = { .fd = -1, .path = getenv("NPAD_CONTROL") };

	if (!s.path || !*s.path)
		s.path = DEFAULT_SOCKET;
	for (argc--, argv++; argc && argv[0][0] == '-'; argc--, argv++) {
		if (!strcmp(argv[0], "--json")) {
			s.json = true;
		} else if (!strcmp(argv[0], "-h") ||
			   !strcmp(argv[0], "--help")) {
			print_help(stdout);
			return EXIT_OK;
		} else if (argc > 1 && (!strcmp(argv[0], "-s") ||
					!strcmp(argv[0], "--socket"))) {
			s.path = argv[1];
			argc--;
			argv++;
		} else if (argc > 1 && (!strcmp(argv[0], "-n") ||
					!strcmp(argv[0], "--vnic"))) {
			s.vnic = argv[1];
			argc--;
			argv++;
		} else {
			return npactl_complain(EXIT_USAGE,
					"'%s' is not understood, see npactl --help",
					argv[0]);
		}
	}
	if (!argc) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	return run_command(&s, argc, argv);
}

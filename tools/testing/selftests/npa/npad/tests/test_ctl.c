// SPDX-License-Identifier: GPL-2.0
/*
 * The control socket, from a client's side: what it answers, and what it does
 * about clients that send rubbish, too much, or never read.  Then npactl
 * against a server whose guest obeys, refuses, or does nothing ($O is where
 * npactl has been built).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../ctl.h"
#include "tap.h"

#define MAX_REPLY	(64 * 1024)
#define BIG		(128 * 1024)
#define DIGITS		"01234567890123456789"

/* How the guest behind the fake server behaves. */
enum guest { GUEST_OBEYS, GUEST_REFUSES, GUEST_HANGS };

/**
 * struct fixture - a server and its surroundings
 * @dir: temporary directory
 * @path: control socket in it
 * @calls: commands carried out
 * @guest: what comes of attach
 * @polls: how often status was asked for since attach
 * @attached: attach was the last wish
 * @refused: refusals so far
 * @child: npactl, 0 if none runs
 * @status: its wait status
 */
struct fixture {
	struct tap *tap;
	struct loop *loop;
	struct loop_poller stopper;
	unsigned int turns;
	struct ctl *ctl;
	char dir[64];
	char path[96];
	unsigned int calls;
	enum guest guest;
	unsigned int polls;
	bool attached;
	int refused;
	pid_t child;
	int status;
};

#define CHECK(cond)	tap_check(f->tap, cond)

static int do_echo(void *arg, struct json_object *args,
		   struct json_object *reply)
{
	struct fixture *f = arg;

	f->calls++;
	json_object_object_add(reply, "args", json_object_get(args));
	return 0;
}

static int do_big(void *arg, struct json_object *args,
		  struct json_object *reply)
{
	char *text = malloc(BIG + 1);

	(void)arg;
	(void)args;
	memset(text, 'x', BIG);
	text[BIG] = 0;
	json_object_object_add(reply, "text", json_object_new_string(text));
	free(text);
	return 0;
}

static int do_fail(void *arg, struct json_object *args,
		   struct json_object *reply)
{
	const char *why;
	int err;

	(void)arg;
	if (!args)
		return -EIO;	/* without a word */
	err = ctl_arg_string(args, reply, "why", &why);
	return err ? err : ctl_error(reply, -EPERM, "not-now", "%s", why);
}

static int do_status(void *arg, struct json_object *args,
		     struct json_object *reply)
{
	struct json_object *switches = json_object_new_object();
	struct json_object *refusal = NULL;
	struct fixture *f = arg;
	bool done = ++f->polls > 3;
	bool on_vf = f->attached && done && f->guest == GUEST_OBEYS;

	(void)args;
	if (f->attached && done && f->guest == GUEST_REFUSES && !f->refused) {
		f->refused++;
		f->attached = false;
	}
	json_object_object_add(reply, "path",
			       json_object_new_string(on_vf ? "vf" :
						      "emulated"));
	json_object_object_add(reply, "state",
			       json_object_new_string("message-sent"));
	json_object_object_add(switches, "refused",
			       json_object_new_int(f->refused));
	json_object_object_add(reply, "switches", switches);
	if (f->refused) {
		refusal = json_object_new_object();
		json_object_object_add(refusal, "code",
				       json_object_new_string("bad-hash"));
	}
	json_object_object_add(reply, "last_refusal", refusal);
	return 0;
}

static int do_attach(void *arg, struct json_object *args,
		     struct json_object *reply)
{
	struct fixture *f = arg;
	struct json_object *plugin;

	if (args && json_object_object_get_ex(args, "plugin", &plugin) &&
	    !strcmp(json_object_get_string(plugin), "none"))
		return ctl_error(reply, -ENOENT, "no-plugin",
				 "there is no plugin \"none\"");
	f->attached = true;
	f->polls = 0;
	return 0;
}

static int do_detach(void *arg, struct json_object *args,
		     struct json_object *reply)
{
	struct fixture *f = arg;

	(void)args;
	(void)reply;
	f->attached = false;
	return 0;
}

static const struct ctl_command commands[] = {
	{ "echo", do_echo },
	{ "big", do_big },
	{ "fail", do_fail },
	{ "status", do_status },
	{ "attach", do_attach },
	{ "detach", do_detach },
	{ "link", do_echo },
	{ "fault", do_echo },
	{ "events", do_echo },
	{ "plugins", do_echo },
	{ "stats", do_echo },
	{ NULL, NULL },
};

/* Stop after some turns; with a child, when it has ended. */
static bool stop_after(void *arg)
{
	struct fixture *f = arg;

	if (f->child && waitpid(f->child, &f->status, WNOHANG) == f->child) {
		f->child = 0;
		loop_stop(f->loop);
	}
	if (f->turns && !--f->turns)
		loop_stop(f->loop);
	return f->turns;
}

static void run(struct fixture *f, unsigned int turns)
{
	f->turns = turns;
	loop_run(f->loop);
}

static void fixture_init(struct fixture *f, struct tap *tap)
{
	memset(f, 0, sizeof(*f));
	f->tap = tap;
	snprintf(f->dir, sizeof(f->dir), "/tmp/test_ctl.XXXXXX");
	CHECK(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/c.sock", f->dir);
	f->loop = loop_new();
	f->stopper.fn = stop_after;
	f->stopper.arg = f;
	f->stopper.interval_ns = 1000000;
	loop_add_poller(f->loop, &f->stopper);
	f->ctl = ctl_new(f->loop, f->path, commands, f);
	CHECK(f->ctl);
}

static void fixture_free(struct fixture *f)
{
	ctl_free(f->ctl);
	CHECK(access(f->path, F_OK));
	loop_free(f->loop);
	CHECK(!rmdir(f->dir));
}

static int dial(struct fixture *f)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	memcpy(addr.sun_path, f->path, strlen(f->path));
	CHECK(!connect(fd, (struct sockaddr *)&addr, sizeof(addr)));
	run(f, 2);
	return fd;
}

/* Send text, return what comes back within a few turns, terminated. */
static const char *talk(struct fixture *f, int fd, const char *text,
			size_t len)
{
	static char reply[MAX_REPLY];
	size_t done = 0, got = 0;
	ssize_t n;
	int i;

	for (i = 0; i < 8; i++) {
		if (done < len) {
			n = send(fd, text + done, len - done, MSG_NOSIGNAL);
			done += n > 0 ? n : 0;
		}
		run(f, 2);
		n = recv(fd, reply + got, sizeof(reply) - 1 - got, 0);
		got += n > 0 ? n : 0;
	}
	reply[got] = 0;
	return reply;
}

static const char *say(struct fixture *f, int fd, const char *text)
{
	return talk(f, fd, text, strlen(text));
}

static bool is_closed(int fd)
{
	char byte;

	return !recv(fd, &byte, 1, 0) || errno == ECONNRESET;
}

static void test_requests(struct fixture *f)
{
	static const struct {
		const char *request;
		const char *reply;	/* a part of it */
	} cases[] = {
		{ "{\"cmd\":\"echo\"}\n", "{\"ok\":true,\"args\":null}\n" },
		{ "{\"cmd\":\"echo\",\"args\":{\"a\":[1]}}\r\n",
		  "\"args\":{\"a\":[1]}}\n" },
		{ "{\"cmd\":\"nope\"}\n", "\"code\":\"unknown-command\"" },
		{ "{\"cmd\":\"fail\"}\n", "\"code\":\"failed\"" },
		{ "{\"cmd\":\"fail\",\"args\":{}}\n",
		  "\"code\":\"bad-argument\"" },
		{ "{\"cmd\":\"fail\",\"args\":{\"why\":3}}\n",
		  "\"code\":\"bad-argument\"" },
		{ "{\"cmd\":\"fail\",\"args\":{\"why\":\"so\"}}\n",
		  "{\"ok\":false,\"code\":\"not-now\",\"error\":\"so\"}\n" },
		{ "{\"cmd\":\"" DIGITS DIGITS DIGITS "012\\u00e9\\u00e9\"}\n",
		  "2?\\\" is not a" },
		{ "{\"cmd\":5}\n", "\"code\":\"bad-request\"" },
		{ "{\"args\":{}}\n", "\"code\":\"bad-request\"" },
		{ "{\"cmd\":\"echo\",\"args\":7}\n",
		  "\"code\":\"bad-request\"" },
		{ "[]\n", "\"code\":\"bad-json\"" },
		{ "null\n", "\"code\":\"bad-json\"" },
		{ "12\n", "\"code\":\"bad-json\"" },
		{ "{\"cmd\":\n", "\"code\":\"bad-json\"" },
		{ "{\"cmd\":\"echo\"} x\n", "\"code\":\"bad-json\"" },
		{ "{'cmd':'echo'}\n", "\"code\":\"bad-json\"" },
		{ "GET / HTTP/1.0\r\n", "\"code\":\"bad-json\"" },
		{ "{\"cmd\":\"\xff\xfe\"}\n", "\"code\":\"bad-json\"" },
		{ "[[[[[[[[[[[[[[[[[[[[[[[[[[\n", "\"code\":\"bad-json\"" },
	};
	int fd = dial(f);
	const char *reply;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		reply = say(f, fd, cases[i].request);
		if (!CHECK(strstr(reply, cases[i].reply)))
			printf("# %s# %s\n", cases[i].request, reply);
		CHECK(strchr(reply, '\n') == reply + strlen(reply) - 1);
	}
	CHECK(strstr(talk(f, fd, "{}\0{}\n", 6), "bad-json"));
	close(fd);
	run(f, 2);
}

static void test_lines(struct fixture *f)
{
	int fd = dial(f);

	CHECK(!*say(f, fd, "{\"cmd\":"));
	CHECK(strstr(say(f, fd, "\"echo\"}\n"), "true"));
	CHECK(f->calls == 1);
	CHECK(strstr(say(f, fd, "\n\n{\"cmd\":\"echo\"}\n{\"cmd\":\"echo\"}\n"),
		     "null}\n{\"ok\":true"));
	CHECK(f->calls == 3);
	/* Gone in the middle of a line, or before the reply. */
	say(f, fd, "{\"cmd\":\"ec");
	close(fd);
	run(f, 2);
	fd = dial(f);
	CHECK(send(fd, "{\"cmd\":\"big\"}\n", 14, 0) == 14);
	close(fd);
	run(f, 4);
	fd = dial(f);
	CHECK(strstr(say(f, fd, "{\"cmd\":\"echo\"}\n"), "true"));
	close(fd);
	run(f, 2);
}

/* Many requests at once are not all carried out before anything else is. */
static void test_many_lines(struct fixture *f)
{
	static const char line[] = "{\"cmd\":\"echo\"}\n";
	const unsigned int lines = 1000;
	char *text = malloc(lines * (sizeof(line) - 1));
	int fd = dial(f), turns;

	for (unsigned int i = 0; i < lines; i++)
		memcpy(text + i * (sizeof(line) - 1), line, sizeof(line) - 1);
	f->calls = 0;
	CHECK(send(fd, text, lines * (sizeof(line) - 1), 0) ==
	      (ssize_t)(lines * (sizeof(line) - 1)));
	for (turns = 0; turns < 1000 && f->calls < lines; turns++) {
		unsigned int before = f->calls;

		run(f, 1);
		CHECK(f->calls - before <= 32);
	}
	CHECK(f->calls == lines);
	/* Somebody who says no more after that is obeyed too. */
	CHECK(send(fd, text, 100 * (sizeof(line) - 1), 0) > 0);
	shutdown(fd, SHUT_WR);
	run(f, 40);
	CHECK(f->calls == lines + 100);
	close(fd);
	free(text);
}

static void test_too_long(struct fixture *f)
{
	char *text = malloc(70000);
	int fd = dial(f);

	memset(text, ' ', 70000);
	CHECK(strstr(talk(f, fd, text, 70000), "too-long"));
	CHECK(is_closed(fd));
	close(fd);
	free(text);
	run(f, 2);
}

static void test_never_reads(struct fixture *f)
{
	int fd = dial(f), other = dial(f), i;

	for (i = 0; i < 40; i++) {
		send(fd, "{\"cmd\":\"big\"}\n", 14, MSG_NOSIGNAL);
		run(f, 2);
	}
	CHECK(send(fd, "{\"cmd\":\"big\"}\n", 14, MSG_NOSIGNAL) < 0);
	CHECK(strstr(say(f, other, "{\"cmd\":\"echo\"}\n"), "true"));
	close(fd);
	close(other);
	run(f, 2);
}

static void test_many_clients(struct fixture *f)
{
	int fds[16], fd, i;

	for (i = 0; i < 16; i++)
		fds[i] = dial(f);
	for (i = 0; i < 16; i++)
		CHECK(strstr(say(f, fds[i], "{\"cmd\":\"echo\"}\n"), "true"));
	fd = dial(f);
	CHECK(strstr(say(f, fd, ""), "\"code\":\"busy\""));
	CHECK(is_closed(fd));
	close(fd);
	close(fds[3]);
	run(f, 2);
	fds[3] = dial(f);
	CHECK(strstr(say(f, fds[3], "{\"cmd\":\"echo\"}\n"), "true"));
	for (i = 0; i < 16; i++)
		close(fds[i]);
	run(f, 4);
}

/* A server's socket: in use, stale, or no socket at all. */
static void test_socket(struct fixture *f)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct ctl *second;
	struct stat st;
	int fd;

	printf("# two messages are expected:\n");
	CHECK(!ctl_new(f->loop, f->path, commands, f) && errno == EADDRINUSE);
	CHECK(!stat(f->path, &st) && !(st.st_mode & 077));
	ctl_free(f->ctl);
	f->ctl = NULL;
	fd = open(f->path, O_CREAT | O_WRONLY, 0600);
	CHECK(!ctl_new(f->loop, f->path, commands, f) && errno == EEXIST);
	close(fd);
	unlink(f->path);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	memcpy(addr.sun_path, f->path, strlen(f->path));
	CHECK(!bind(fd, (struct sockaddr *)&addr, sizeof(addr)));
	close(fd);
	second = ctl_new(f->loop, f->path, commands, f);
	CHECK(second);
	f->ctl = second;
}

/* npactl. */

/* Run npactl with arguments; exit status, output in text. */
static int run_npactl(struct fixture *f, const char *arguments, char *text,
		      size_t size)
{
	const char *o = getenv("O");
	char command[512];
	int fds[2];
	ssize_t n;

	snprintf(command, sizeof(command), "exec '%s/npactl' -s %s %s",
		 o ? o : ".", f->path, arguments);
	if (pipe(fds))
		return -1;
	f->child = fork();
	if (!f->child) {
		dup2(fds[1], 1);
		dup2(fds[1], 2);
		close(fds[0]);
		close(fds[1]);
		execl("/bin/sh", "sh", "-c", command, NULL);
		_exit(127);
	}
	close(fds[1]);
	run(f, 0);
	n = read(fds[0], text, size - 1);
	text[n > 0 ? n : 0] = 0;
	close(fds[0]);
	return WIFEXITED(f->status) ? WEXITSTATUS(f->status) : -1;
}

static void expect(struct fixture *f, const char *arguments, int status,
		   const char *part)
{
	char text[8192];
	int got = run_npactl(f, arguments, text, sizeof(text));

	if (!CHECK(got == status && strstr(text, part)))
		printf("# npactl %s: %d, %s\n", arguments, got, text);
}

static void test_npactl(struct fixture *f)
{
	expect(f, "status", 0, "data path   emulated");
	expect(f, "status --json", 0, "\"path\"");
	expect(f, "--json status", 0, "\"path\"");
	expect(f, "attach --help", 0, "--wait");
	expect(f, "", 2, "Usage:");
	expect(f, "dance", 2, "not a command");
	expect(f, "status now", 2, "too much");
	expect(f, "attach --plugin", 2, "not understood");
	expect(f, "attach --wait=soon", 2, "seconds");
	expect(f, "link", 2, "'up' or 'down'");
	expect(f, "link up", 0, "");
	expect(f, "fault", 2, "list");
	expect(f, "fault load-fail often", 2, "'once'");
	expect(f, "fault load-fail once", 0, "");
	expect(f, "fault list", 0, "");
	expect(f, "stats", 0, "rx_packets");
	expect(f, "events", 0, "");
	expect(f, "plugins", 0, "");
	expect(f, "revoke", 1, "unknown-command");
	expect(f, "attach --plugin none", 1, "no-plugin");
	expect(f, "attach --plugin none --wait", 1, "no-plugin");
	expect(f, "-s /nonexistent status", 3, "cannot reach npad");
}

static void test_npactl_wait(struct fixture *f)
{
	f->guest = GUEST_OBEYS;
	expect(f, "attach --wait", 0, "data path is vf");
	expect(f, "attach --wait 5 --plugin some", 0, "data path is vf");
	expect(f, "detach --wait=5", 0, "data path is emulated");
	expect(f, "attach --wait --json", 0, "\"path\"");
	f->guest = GUEST_HANGS;
	expect(f, "attach --wait 0", 1, "still emulated");
	f->guest = GUEST_REFUSES;
	expect(f, "attach --wait", 1, "the guest has refused: bad-hash");
	/* That one is history for the next. */
	f->guest = GUEST_OBEYS;
	expect(f, "attach --wait", 0, "data path is vf");
}

int main(void)
{
	static const struct {
		const char *name;
		void (*fn)(struct fixture *f);
	} tests[] = {
		{ "requests", test_requests },
		{ "lines", test_lines },
		{ "many lines", test_many_lines },
		{ "a line that is too long", test_too_long },
		{ "a client that never reads", test_never_reads },
		{ "many clients", test_many_clients },
		{ "the socket", test_socket },
		{ "npactl", test_npactl },
		{ "npactl --wait", test_npactl_wait },
	};
	struct tap tap = { 0 };
	struct fixture f;
	size_t i;

	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		tap_begin(&tap);
		fixture_init(&f, &tap);
		tests[i].fn(&f);
		fixture_free(&f);
		tap_end(&tap, "%s", tests[i].name);
	}
	return tap_done(&tap);
}

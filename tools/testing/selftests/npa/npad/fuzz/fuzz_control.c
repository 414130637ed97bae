// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz target: lines on the control socket.  The input is a sequence of
 * requests: those that npactl makes with arguments of any type and size, and
 * plain rubbish; in pieces; replies are read, or not.  Each complete line gets
 * one reply, which is a JSON object in good UTF-8.
 */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../utf8.h"
#include "fuzz.h"

#define MAX_TEXT	70000

struct operator {
	struct guest *g;
	int fd;
	char replies[4 << 20];
	size_t len;
};

static int dial(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	FUZZ_ASSERT(!connect(fd, (struct sockaddr *)&addr, sizeof(addr)));
	return fd;
}

static void check_reply(const char *line, size_t len)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *reply, *ok;

	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_len(line + i);
		FUZZ_ASSERT(n);
	}
	reply = json_tokener_parse_ex(tokener, line, len);
	FUZZ_ASSERT(json_tokener_get_error(tokener) == json_tokener_success);
	FUZZ_ASSERT(json_object_object_get_ex(reply, "ok", &ok));
	FUZZ_ASSERT(json_object_is_type(ok, json_type_boolean));
	json_object_put(reply);
	json_tokener_free(tokener);
}

static void check_replies(struct operator *o)
{
	char *start = o->replies, *end;

	while ((end = memchr(start, '\n', o->len - (start - o->replies)))) {
		check_reply(start, end - start);
		start = end + 1;
	}
	o->len -= start - o->replies;
	memmove(o->replies, start, o->len);
}

/* False if npad has closed the connection. */
static bool read_replies(struct operator *o)
{
	ssize_t n;

	for (;;) {
		n = recv(o->fd, o->replies + o->len,
			 sizeof(o->replies) - o->len, 0);
		if (n <= 0)
			break;
		o->len += n;
		check_replies(o);
	}
	return n < 0;
}

static void hang_up(struct operator *o)
{
	if (o->fd >= 0)
		close(o->fd);
	o->fd = -1;
	o->len = 0;
	guest_turn(o->g, 2);
}

static void say(struct operator *o, const char *text, size_t len)
{
	if (o->fd < 0) {
		char path[96];

		snprintf(path, sizeof(path), "%s/c.sock", o->g->dir);
		o->fd = dial(path);
		guest_turn(o->g, 1);
	}
	if (send(o->fd, text, len, MSG_NOSIGNAL) < 0)
		hang_up(o);
	guest_turn(o->g, 1);
}

/* A value of any type. */
static struct json_object *make_value(struct input *in, int depth)
{
	static const char *const words[] = {
		"on", "off", "once", "up", "down", "image", "image.npa",
		"../image", "load-hang", "activate-fail", "stop-hang",
		"quiesce-hang", "load-truncate", "window-outside", "", "."
	};
	struct json_object *value;
	uint8_t kind = take8(in);
	const uint8_t *bytes;
	size_t len;

	switch (kind % 10) {
	case 0:
		return NULL;
	case 1:
		return json_object_new_boolean(kind & 16);
	case 2:
		return json_object_new_int64(take64(in));
	case 3:
		return json_object_new_int(take8(in));
	case 4:
		return json_object_new_double((double)take32(in) / 256);
	case 5:
		bytes = take_bytes(in, kind, &len);
		return json_object_new_string_len((const char *)bytes, len);
	case 6:
		value = json_object_new_array();
		for (int i = 0; depth && i < kind / 64; i++)
			json_object_array_add(value, make_value(in, depth - 1));
		return value;
	case 7:
		value = json_object_new_object();
		for (int i = 0; depth && i < kind / 64; i++)
			json_object_object_add(value, words[i],
					       make_value(in, depth - 1));
		return value;
	default:
		return json_object_new_string(words[kind / 16]);
	}
}

static struct json_object *make_args(struct input *in)
{
	static const char *const names[] = {
		"vnic", "plugin", "state", "name", "list", "reset", "state",
		"file"
	};
	struct json_object *args = json_object_new_object();
	uint8_t count = take8(in) % 4;

	for (int i = 0; i <= count; i++)
		json_object_object_add(args, names[take8(in) % 8],
				       make_value(in, 3));
	return args;
}

/* A request for a command that exists, args of any kind. */
static void request(struct operator *o, struct input *in)
{
	struct json_object *object = json_object_new_object();
	uint8_t which = take8(in), how = take8(in);
	unsigned int num = 0;
	const char *text;

	while (npad_commands[num].name)
		num++;
	text = npad_commands[which % num].name;
	json_object_object_add(object, "cmd", json_object_new_string(text));
	if (how & 7)
		json_object_object_add(object, "args", how & 8 ?
				       make_value(in, 4) : make_args(in));
	text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN);
	say(o, text, strlen(text));
	say(o, how & 16 ? "\r\n" : "\n", how & 16 ? 2 : 1);
	json_object_put(object);
}

static void act(struct operator *o, struct input *in)
{
	static char text[MAX_TEXT];
	uint8_t how = take8(in);
	const uint8_t *bytes;
	size_t len;

	switch (how % 8) {
	case 0:
		bytes = take_bytes(in, take8(in), &len);
		say(o, (const char *)bytes, len);
		break;
	case 1:
		bytes = take_bytes(in, 16, &len);
		for (size_t i = 0; len && i < sizeof(text); i++)
			text[i] = bytes[i % len];
		say(o, text, how > 250 ? sizeof(text) : 1000);
		break;
	case 2:
		hang_up(o);
		break;
	case 3:
		if (o->fd >= 0 && !read_replies(o))
			hang_up(o);
		break;
	case 4:				/* the guest acts too */
		guest_command(o->g, how & 8 ? VMXNET3_CMD_LOAD_PLUGIN :
			      VMXNET3_CMD_NPA_QUIESCE_VF);
		break;
	default:
		request(o, in);
	}
}

/* Whatever has come before, the next operator is served. */
static void expect_service(struct operator *o)
{
	static const char text[] = "{\"cmd\":\"status\"}\n";

	hang_up(o);
	say(o, text, sizeof(text) - 1);
	guest_turn(o->g, 2);
	FUZZ_ASSERT(read_replies(o) && !o->len);
	hang_up(o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct operator o;
	struct input in = { data, size };
	char path[96];

	o.g = fuzz_guest(&vf_82576_ops);
	o.fd = -1;
	guest_configure(o.g, 1);
	guest_activate(o.g);
	snprintf(path, sizeof(path), "%s/c.sock", o.g->dir);
	o.g->npad.ctl = ctl_new(o.g->npad.loop, path, npad_commands,
				&o.g->npad);
	FUZZ_ASSERT(o.g->npad.ctl);
	while (in.len)
		act(&o, &in);
	expect_service(&o);
	ctl_free(o.g->npad.ctl);
	guest_free(o.g);
	return 0;
}

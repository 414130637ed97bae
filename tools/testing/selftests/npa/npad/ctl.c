// SPDX-License-Identifier: GPL-2.0
/*
 * The control socket: lines of JSON in, lines of JSON out.
 *
 * Whatever a client sends, only that client suffers: a line that is no
 * request gets an error, one that is too long ends the connection, and so
 * does not reading what was asked for.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ctl.h"
#include "unix_listen.h"
#include "utf8.h"

#define MAX_LINE	(64 * 1024)
#define MAX_OUT		(1024 * 1024)
#define MAX_CLIENTS	16
#define MAX_DEPTH	16	/* nested objects of a request */
#define LINES_PER_TURN	16	/* the guests want to be served too */

/**
 * struct client - a connection
 * @ctl: server
 * @fd: socket
 * @in: what has come and is no complete line yet
 * @in_len: bytes of it
 * @out: what could not be sent yet
 * @out_len: bytes of it
 * @closing: close it after the last reply
 * @more: armed while @in has complete lines
 * @next: list of the server
 */
struct client {
	struct ctl *ctl;
	int fd;
	char *in;
	size_t in_len;
	char *out;
	size_t out_len;
	bool closing;
	struct loop_timer more;
	struct client *next;
};

struct ctl {
	struct loop *loop;
	int fd;
	char *path;
	const struct ctl_command *commands;
	void *arg;
	struct client *clients;
	unsigned int num_clients;
};

/* A character that was cut in two is no UTF-8, and the reply no JSON. */
static void drop_parts(char *text)
{
	while (*text) {
		size_t len = utf8_len(text);

		if (!len)
			*text = '?';
		text += len ? len : 1;
	}
}

int ctl_error(struct json_object *reply, int err, const char *code,
	      const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	drop_parts(text);
	json_object_object_add(reply, "ok", json_object_new_boolean(false));
	json_object_object_add(reply, "code", json_object_new_string(code));
	json_object_object_add(reply, "error", json_object_new_string(text));
	return err;
}

int ctl_arg_string(struct json_object *args, struct json_object *reply,
		   const char *name, const char **value)
{
	struct json_object *obj;

	if (!args || !json_object_object_get_ex(args, name, &obj))
		return ctl_error(reply, -EINVAL, "bad-argument",
				 "argument \"%s\" is missing", name);
	if (!json_object_is_type(obj, json_type_string))
		return ctl_error(reply, -EINVAL, "bad-argument",
				 "argument \"%s\" is not a string", name);
	*value = json_object_get_string(obj);
	return 0;
}

static void client_close(struct client *client)
{
	struct client **link = &client->ctl->clients;

	while (*link && *link != client)
		link = &(*link)->next;
	if (*link)
		*link = client->next;
	client->ctl->num_clients--;
	loop_cancel(client->ctl->loop, &client->more);
	loop_del_fd(client->ctl->loop, client->fd);
	close(client->fd);
	free(client->in);
	free(client->out);
	free(client);
}

/* Send what waits; false if the client is gone. */
static bool client_flush(struct client *client)
{
	ssize_t n;

	while (client->out_len) {
		n = send(client->fd, client->out, client->out_len,
			 MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			break;
		if (n <= 0)
			return false;
		client->out_len -= n;
		memmove(client->out, client->out + n, client->out_len);
	}
	/* Somebody who has been told to go is not waited for. */
	if (client->closing)
		return false;
	return !loop_mod_fd(client->ctl->loop, client->fd,
			    (client->more.due ? 0 : EPOLLIN) |
			    (client->out_len ? EPOLLOUT : 0));
}

/* Queue a reply; false if there is no room for it. */
static bool client_reply(struct client *client, struct json_object *reply)
{
	const char *text = json_object_to_json_string_ext(reply,
					JSON_C_TO_STRING_PLAIN |
					JSON_C_TO_STRING_NOSLASHESCAPE);
	size_t len = text ? strlen(text) : 0;
	char *out;

	if (!len || len + 1 > MAX_OUT - client->out_len)
		return false;
	out = realloc(client->out, client->out_len + len + 1);
	if (!out)
		return false;
	client->out = out;
	memcpy(out + client->out_len, text, len);
	out[client->out_len + len] = '\n';
	client->out_len += len + 1;
	return true;
}

static void run_command(struct ctl *ctl, const char *name,
			struct json_object *args, struct json_object *reply)
{
	const struct ctl_command *command;
	struct json_object *code;
	int err;

	for (command = ctl->commands; command->name; command++)
		if (!strcmp(command->name, name))
			break;
	if (!command->name) {
		ctl_error(reply, -ENOENT, "unknown-command",
			  "\"%.64s\" is not a command", name);
		return;
	}
	err = command->fn(ctl->arg, args, reply);
	if (err && !json_object_object_get_ex(reply, "code", &code))
		ctl_error(reply, err, "failed", "%s", strerror(-err));
}

/* Carry out a parsed request. */
static void run_request(struct ctl *ctl, struct json_object *request,
			struct json_object *reply)
{
	struct json_object *cmd, *args = NULL;

	if (!json_object_is_type(request, json_type_object)) {
		ctl_error(reply, -EINVAL, "bad-json",
			  "a request is an object");
		return;
	}
	if (!json_object_object_get_ex(request, "cmd", &cmd) ||
	    !json_object_is_type(cmd, json_type_string)) {
		ctl_error(reply, -EINVAL, "bad-request",
			  "\"cmd\" is missing or not a string");
		return;
	}
	if (json_object_object_get_ex(request, "args", &args) && args &&
	    !json_object_is_type(args, json_type_object)) {
		ctl_error(reply, -EINVAL, "bad-request",
			  "\"args\" is not an object");
		return;
	}
	run_command(ctl, json_object_get_string(cmd), args, reply);
}

/* Requests are ASCII: json-c (0.18) is strict about that too.  Other characters
 * can be escaped.
 */
static struct json_object *parse_line(const char *line, size_t len,
				      struct json_object *reply)
{
	struct json_tokener *tokener = json_tokener_new_ex(MAX_DEPTH);
	enum json_tokener_error err;
	struct json_object *obj;

	if (!tokener) {
		ctl_error(reply, -ENOMEM, "failed", "out of memory");
		return NULL;
	}
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	/* The terminator is parsed too, so that "1" is known to be complete. */
	obj = json_tokener_parse_ex(tokener, line, len + 1);
	err = json_tokener_get_error(tokener);
	if (err != json_tokener_success) {
		ctl_error(reply, -EINVAL, "bad-json", "%s at character %zu",
			  json_tokener_error_desc(err),
			  json_tokener_get_parse_end(tokener));
		json_object_put(obj);
		obj = NULL;
	} else if (!obj) {
		ctl_error(reply, -EINVAL, "bad-json",
			  "a request is an object");
	}
	json_tokener_free(tokener);
	return obj;
}

/* One line without its end, terminated; false: close the client. */
static bool client_line(struct client *client, char *line, size_t len)
{
	struct json_object *reply = json_object_new_object();
	struct json_object *request;
	bool ok;

	if (!reply)
		return false;
	json_object_object_add(reply, "ok", json_object_new_boolean(true));
	if (strlen(line) != len) {
		ctl_error(reply, -EINVAL, "bad-json", "a zero byte");
	} else {
		request = parse_line(line, len, reply);
		if (request)
			run_request(client->ctl, request, reply);
		json_object_put(request);
	}
	ok = client_reply(client, reply);
	json_object_put(reply);
	return ok;
}

static bool client_too_long(struct client *client)
{
	struct json_object *reply = json_object_new_object();
	bool ok;

	ctl_error(reply, -EMSGSIZE, "too-long",
		  "a request has at most %d bytes", MAX_LINE);
	ok = client_reply(client, reply);
	json_object_put(reply);
	client->closing = true;
	client->in_len = 0;
	return ok;
}

/* Carry out complete lines; if there are many, the rest in the next turn. */
static bool client_lines(struct client *client)
{
	char *start = client->in, *end;
	size_t left = client->in_len;
	unsigned int lines = 0;

	while ((end = memchr(start, '\n', left)) && lines++ < LINES_PER_TURN) {
		size_t len = end - start;

		*end = 0;
		if (len && start[len - 1] == '\r')
			start[--len] = 0;
		left -= end + 1 - start;
		if (len && !client_line(client, start, len))
			return false;
		start = end + 1;
	}
	memmove(client->in, start, left);
	client->in_len = left;
	if (end)
		loop_arm(client->ctl->loop, &client->more, 0);
	return end || left < MAX_LINE || client_too_long(client);
}

static void client_more(void *arg)
{
	struct client *client = arg;

	if (!client_lines(client) || !client_flush(client))
		client_close(client);
}

static bool client_read(struct client *client)
{
	ssize_t n = recv(client->fd, client->in + client->in_len,
			 MAX_LINE - client->in_len, MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (!n)
		return false;
	client->in_len += n;
	return client_lines(client);
}

static void client_event(void *arg, uint32_t events)
{
	struct client *client = arg;
	bool ok = true;

	/* One thing after the other. */
	if (client->more.due)
		ok = true;
	else if (events & EPOLLIN)
		ok = client_read(client);
	else if (events & (EPOLLHUP | EPOLLERR))
		ok = false;
	if (!ok || !client_flush(client))
		client_close(client);
}

/* One client too many: say so, if that is possible at once. */
static void turn_away(int fd)
{
	static const char text[] =
		"{\"ok\":false,\"code\":\"busy\",\"error\":\"too many clients\"}\n";

	if (send(fd, text, sizeof(text) - 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		errno = 0;
	close(fd);
}

static void ctl_accept(void *arg, uint32_t events)
{
	struct ctl *ctl = arg;
	struct client *client;
	int fd;

	(void)events;
	fd = accept4(ctl->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	if (ctl->num_clients >= MAX_CLIENTS) {
		turn_away(fd);
		return;
	}
	client = calloc(1, sizeof(*client));
	if (!client)
		goto close_fd;
	client->in = malloc(MAX_LINE);
	if (!client->in)
		goto free_client;
	client->ctl = ctl;
	client->fd = fd;
	client->more.fn = client_more;
	client->more.arg = client;
	if (loop_add_fd(ctl->loop, fd, EPOLLIN, client_event, client))
		goto free_in;
	client->next = ctl->clients;
	ctl->clients = client;
	ctl->num_clients++;
	return;

free_in:
	free(client->in);
free_client:
	free(client);
close_fd:
	close(fd);
}

struct ctl *ctl_new(struct loop *loop, const char *path,
		    const struct ctl_command *commands, void *arg)
{
	struct ctl *ctl = calloc(1, sizeof(*ctl));
	int err;

	if (!ctl)
		return NULL;
	ctl->loop = loop;
	ctl->commands = commands;
	ctl->arg = arg;
	ctl->path = strdup(path);
	if (!ctl->path) {
		err = ENOMEM;
		goto free_ctl;
	}
	ctl->fd = unix_listen(path, MAX_CLIENTS);
	if (ctl->fd < 0) {
		err = -ctl->fd;
		goto free_ctl;
	}
	err = -loop_add_fd(loop, ctl->fd, EPOLLIN, ctl_accept, ctl);
	if (err)
		goto close_fd;
	return ctl;

close_fd:
	close(ctl->fd);
	unlink(ctl->path);
free_ctl:
	free(ctl->path);
	free(ctl);
	fprintf(stderr, "npad: control socket %s: %s\n", path, strerror(err));
	errno = err;
	return NULL;
}

void ctl_free(struct ctl *ctl)
{
	if (!ctl)
		return;
	while (ctl->clients)
		client_close(ctl->clients);
	loop_del_fd(ctl->loop, ctl->fd);
	close(ctl->fd);
	unlink(ctl->path);
	free(ctl->path);
	free(ctl);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The source of a migration.
 *
 * The destination is asked first, so that a guest does not leave its VF in
 * vain.  Then the guest is asked to leave the VF; when it has, it stands still,
 * and its state and descriptors are sent.
 *
 * Exactly one side owns the guest at any time, whoever dies or hangs: it is the
 * destination's from the moment at which its message TAKEN is in our socket's
 * queue.  When we do not want to wait any longer we shut the socket down for
 * reading; whatever was queued before can still be read, and nothing can be
 * queued after.  So either there is a TAKEN in it, or the destination's attempt
 * to send one fails and it lets go of everything.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "json_add.h"
#include "migrate.h"
#include "migrate_msg.h"
#include "npad.h"

#define ASK_NS		2000000000ull	/* for the answer to ASK */
#define LEAVE_NS	10000000000ull	/* for the guest to leave the VF */
#define LEAVE_POLL_NS	500000
#define TAKE_NS		400000000ull	/* for TAKEN; the guest stands still */
#define ANNOUNCE_NS	1000000000ull
#define DRAIN_NS	500000000ull	/* for frames that came to us */
#define GRACE_NS	2000000		/* other switches' last frames for us */
#define DRAIN_POLL_NS	200000
#define SOCKET_BUFFER	(1024 * 1024)

enum step { ASKING, LEAVING, MOVING, ANNOUNCING, DRAINING, DONE, FAILED };

/**
 * struct migrate_out - a migration
 * @host: npad
 * @vnic: whose guest; NULL when it is over
 * @name: of the vNIC
 * @path: destination
 * @fd: connection, -1: none
 * @step: how far it is
 * @deadline: of the step, loop_now()
 * @timer: looks whether a step has ended
 * @msg: message that is coming
 * @port: stands for the guest in our switch after it has gone
 * @frames: sent on to the destination
 * @refusal: why it failed
 * @start: when it began, loop_now()
 * @asked: when the destination agreed, and so on; 0: not yet
 */
struct migrate_out {
	struct npad *host;
	struct vnic *vnic;
	char name[VNIC_NAME_LEN];
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	int fd;
	enum step step;
	uint64_t deadline;
	struct loop_timer timer;
	struct migrate_message msg;
	struct port port;
	uint64_t frames;
	struct migrate_refusal refusal;
	uint64_t start, asked, left, held, taken, announced, drained;
};

static void __attribute__((format(printf, 2, 3)))
note(struct migrate_out *out, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	events_vadd(&out->host->events, &out->host->log, out->name,
		    "migration", fmt, args);
	va_end(args);
}

static void enter(struct migrate_out *out, enum step step, uint64_t limit)
{
	out->step = step;
	out->deadline = loop_now() + limit;
}

static bool is_late(const struct migrate_out *out)
{
	return loop_now() > out->deadline;
}

static void hang_up(struct migrate_out *out)
{
	loop_cancel(out->host->loop, &out->timer);
	if (out->fd < 0)
		return;
	loop_del_fd(out->host->loop, out->fd);
	close(out->fd);
	out->fd = -1;
	migrate_message_clear(&out->msg);
}

/* The guest goes on here, as if nothing had been. */
static void __attribute__((format(printf, 3, 4)))
fail(struct migrate_out *out, const char *code, const char *fmt, ...)
{
	struct vnic *vnic = out->vnic;
	va_list args;

	snprintf(out->refusal.code, sizeof(out->refusal.code), "%s", code);
	va_start(args, fmt);
	vsnprintf(out->refusal.why, sizeof(out->refusal.why), fmt, args);
	va_end(args);
	hang_up(out);
	if (out->step == MOVING)
		vnic_release_hold(vnic);
	if (out->step >= LEAVING && vnic->npa)
		npa_come_back(vnic->npa);
	vnic->in_use = false;
	out->vnic = NULL;
	out->step = FAILED;
	note(out, "failed, the guest stays: %s", out->refusal.why);
}

/* After the guest has gone */

static int send_on(struct port *port, struct frame *f)
{
	struct migrate_out *out = port->arg;
	struct migrate_frame header = { f->has_vlan, f->vlan_tci };
	static uint8_t buf[MIGRATE_PACKET];
	int err;

	memcpy(buf, &header, sizeof(header));
	memcpy(buf + sizeof(header), f->data, f->len);
	err = migrate_send(out->fd, MIGRATE_FRAME, buf,
			   sizeof(header) + f->len, NULL, 0);
	if (!err)
		out->frames++;
	return err;
}

static const struct port_ops forward_ops = {
	.deliver = send_on,
};

static void finish(struct migrate_out *out, const char *how)
{
	eswitch_del(out->host->sw, &out->port);
	hang_up(out);
	out->vnic->in_use = false;
	out->vnic = NULL;
	out->step = DONE;
	note(out, "%s; %llu frames sent on", how,
	     (unsigned long long)out->frames);
}

/*
 * The guest is the destination's.  Frames that still come to us for it are sent
 * on, until the network has learnt where it is and nothing is left.
 */
static void let_go(struct migrate_out *out)
{
	out->taken = loop_now();
	out->port = out->vnic->dev->port;
	out->port.ops = &forward_ops;
	out->port.name = "gone";
	out->port.arg = out;
	out->port.flags &= ~(unsigned int)(PORT_NO_RX | PORT_HOLD);
	memset(&out->port.stats, 0, sizeof(out->port.stats));
	/* Before the guest's own port goes: a frame may wait for it. */
	eswitch_add(out->host->sw, &out->port);
	vnic_let_go(out->vnic);
	enter(out, ANNOUNCING, ANNOUNCE_NS);
	loop_arm(out->host->loop, &out->timer, ANNOUNCE_NS);
	eswitch_kick(out->host->sw);
}

static void announced(struct migrate_out *out)
{
	out->announced = loop_now();
	enter(out, DRAINING, DRAIN_NS);
	loop_arm(out->host->loop, &out->timer, GRACE_NS);
}

static void drain(struct migrate_out *out)
{
	const struct uplink *uplink = out->host->uplink;

	if (uplink && !uplink_is_idle(uplink) && !is_late(out)) {
		loop_arm(out->host->loop, &out->timer, DRAIN_POLL_NS);
		return;
	}
	if (migrate_send(out->fd, MIGRATE_DRAINED, NULL, 0, NULL, 0) ==
	    -EAGAIN && !is_late(out)) {
		loop_arm(out->host->loop, &out->timer, DRAIN_POLL_NS);
		return;
	}
	out->drained = loop_now();
	finish(out, "done");
}

/* Before it */

static bool sent(struct migrate_out *out, enum migrate_type type,
		 struct vnic_state *state, const int *fds,
		 unsigned int num_fds)
{
	uint8_t *data;
	size_t len;
	int err;

	err = vnic_state_encode(state, &data, &len);
	if (!err) {
		err = migrate_send(out->fd, type, data, len, fds, num_fds);
		free(data);
	}
	if (err)
		fail(out, "no-answer", "cannot send state: %s",
		     strerror(-err));
	return !err;
}

static bool send_state(struct migrate_out *out, enum migrate_type type)
{
	struct vnic_state *state = calloc(1, sizeof(*state));
	bool with_fds = type == MIGRATE_STATE;
	unsigned int num_fds = 0;
	const char *why = "out of memory";
	int fds[VNIC_MAX_FDS];
	bool ok = false;

	if (!state || vnic_export(out->vnic, state, with_fds ? fds : NULL,
				  &num_fds, &why))
		fail(out, "not-ready", "%s", why);
	else
		ok = sent(out, type, state, fds, num_fds);
	free(state);
	return ok;
}

/* Nothing of a VF is left, and no message to the client is on its way. */
static bool is_ready(const struct vnic *vnic)
{
	return (!vnic->npa || npa_left_vf(vnic->npa)) &&
	       vfio_user_is_idle(vnic->vu);
}

static void move(struct migrate_out *out)
{
	struct vnic *vnic = out->vnic;

	out->left = loop_now();
	if (vnic->npa)
		npa_return_vf(vnic->npa);
	if (vnic->npa && !vnic->spare.mem && window_new(&vnic->spare)) {
		fail(out, "failed", "no memory for another window");
		return;
	}
	vnic_hold(vnic);
	enter(out, MOVING, TAKE_NS);
	out->held = loop_now();
	if (send_state(out, MIGRATE_STATE))
		loop_arm(out->host->loop, &out->timer, TAKE_NS);
}

static void look(struct migrate_out *out)
{
	if (!vfio_user_is_connected(out->vnic->vu))
		fail(out, "no-guest", "the guest has gone");
	else if (is_ready(out->vnic))
		move(out);
	else if (is_late(out))
		fail(out, "guest-hangs", "the guest does not leave the VF");
	else
		loop_arm(out->host->loop, &out->timer, LEAVE_POLL_NS);
}

static void welcome(struct migrate_out *out)
{
	out->asked = loop_now();
	enter(out, LEAVING, LEAVE_NS);
	if (out->vnic->npa)
		npa_leave_vf(out->vnic->npa);
	loop_arm(out->host->loop, &out->timer, 0);
}

static void refused(struct migrate_out *out)
{
	struct migrate_refusal refusal = { 0 };

	if (out->msg.len == sizeof(refusal))
		memcpy(&refusal, out->msg.data, sizeof(refusal));
	refusal.code[sizeof(refusal.code) - 1] = 0;
	refusal.why[sizeof(refusal.why) - 1] = 0;
	fail(out, refusal.code[0] ? refusal.code : "refused",
	     "the destination refuses: %s", refusal.why);
}

static void handle(struct migrate_out *out)
{
	enum migrate_type type = out->msg.type;

	if (type == MIGRATE_REFUSED && out->step <= MOVING)
		refused(out);
	else if (type == MIGRATE_WELCOME && out->step == ASKING)
		welcome(out);
	else if (type == MIGRATE_TAKEN && out->step == MOVING)
		let_go(out);
	else if (type == MIGRATE_ANNOUNCED && out->step == ANNOUNCING)
		announced(out);
	else if (out->step <= MOVING)
		fail(out, "protocol", "the destination sends nonsense");
	else
		finish(out, "done, though the destination sends nonsense");
}

/*
 * Nothing more is to be expected, or we do not want to wait for it: whose is
 * the guest?
 */
static void settle(struct migrate_out *out, const char *code, const char *why)
{
	int ret;

	if (out->step > MOVING) {
		finish(out, why);
		return;
	}
	shutdown(out->fd, SHUT_RD);
	migrate_message_clear(&out->msg);
	ret = migrate_receive(out->fd, &out->msg);
	if (ret == 1 && out->msg.type == MIGRATE_TAKEN &&
	    out->step == MOVING) {
		let_go(out);
		finish(out, why);
	} else if (ret == 1 && out->msg.type == MIGRATE_REFUSED) {
		refused(out);
	} else {
		fail(out, code, "%s", why);
	}
}

static void on_destination(void *arg, uint32_t events)
{
	struct migrate_out *out = arg;
	int ret;

	(void)events;
	while (out->fd >= 0) {
		ret = migrate_receive(out->fd, &out->msg);
		if (!ret)
			return;
		if (ret < 0) {
			settle(out, "destination-died",
			       "the destination has hung up");
			return;
		}
		handle(out);
		migrate_message_clear(&out->msg);
	}
}

static void on_timer(void *arg)
{
	struct migrate_out *out = arg;

	switch (out->step) {
	case ASKING:
	case MOVING:
		settle(out, "no-answer", "the destination does not answer");
		break;
	case LEAVING:
		look(out);
		break;
	case ANNOUNCING:
		announced(out);
		break;
	case DRAINING:
		drain(out);
		break;
	default:
		break;
	}
}

static int open_connection(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int size = SOCKET_BUFFER;
	int fd, err;

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	memcpy(addr.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* As much as there is; it is enough if not. */
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

static void begin(struct migrate_out *out, struct vnic *vnic, const char *path)
{
	hang_up(out);
	out->vnic = vnic;
	memcpy(out->name, vnic->name, sizeof(out->name));
	memcpy(out->path, path, strlen(path) + 1);
	out->frames = 0;
	memset(&out->refusal, 0, sizeof(out->refusal));
	out->start = loop_now();
	out->asked = 0;
	out->left = 0;
	out->held = 0;
	out->taken = 0;
	out->announced = 0;
	out->drained = 0;
	vnic->in_use = true;
	note(out, "to %s", path);
}

int migrate_out_start(struct npad *host, struct vnic *vnic, const char *path,
		      const char **why)
{
	struct migrate_out *out = host->migrate_out;
	int fd, err;

	*why = "a guest is on its way already";
	if (vnic->in_use || (out && out->vnic))
		return -EBUSY;
	*why = "no guest is connected";
	if (!vfio_user_is_connected(vnic->vu))
		return -ENOTCONN;
	if (!out) {
		out = calloc(1, sizeof(*out));
		*why = "out of memory";
		if (!out)
			return -ENOMEM;
		out->host = host;
		out->fd = -1;
		out->timer.fn = on_timer;
		out->timer.arg = out;
		host->migrate_out = out;
	}
	fd = open_connection(path);
	*why = strerror(-fd);
	if (fd < 0)
		return fd;
	err = loop_add_fd(host->loop, fd, EPOLLIN, on_destination, out);
	if (err) {
		*why = strerror(-err);
		close(fd);
		return err;
	}
	begin(out, vnic, path);
	out->fd = fd;
	enter(out, ASKING, ASK_NS);
	loop_arm(host->loop, &out->timer, ASK_NS);
	send_state(out, MIGRATE_ASK);
	return 0;
}

static void add_ms(struct json_object *object, const char *name,
		   uint64_t time, uint64_t start)
{
	if (time)
		json_add_double(object, name, (time - start) / 1e6);
}

void migrate_out_status(const struct npad *host, struct json_object *reply)
{
	static const char *const states[] = {
		"asking", "leaving", "moving", "draining", "draining", "done",
		"failed"
	};
	const struct migrate_out *out = host->migrate_out;
	struct json_object *object = json_object_new_object(), *ms;

	json_object_object_add(reply, "migration", object);
	json_add_string(object, "state", out && out->start ?
			states[out->step] : "none");
	if (!out || !out->start)
		return;
	json_add_string(object, "vnic", out->name);
	json_add_string(object, "to", out->path);
	if (out->step == FAILED) {
		json_add_string(object, "code", out->refusal.code);
		json_add_string(object, "error", out->refusal.why);
	}
	json_add_number(object, "frames", out->frames);
	ms = json_object_new_object();
	add_ms(ms, "asked", out->asked, out->start);
	add_ms(ms, "left", out->left, out->start);
	add_ms(ms, "held", out->held, out->start);
	add_ms(ms, "taken", out->taken, out->start);
	add_ms(ms, "announced", out->announced, out->start);
	add_ms(ms, "drained", out->drained, out->start);
	json_object_object_add(object, "ms", ms);
}

void migrate_out_free(struct npad *host)
{
	struct migrate_out *out = host->migrate_out;

	if (!out)
		return;
	if (out->vnic && out->step <= MOVING)
		fail(out, "failed", "npad ends");
	else if (out->vnic)
		finish(out, "npad ends");
	hang_up(out);
	migrate_message_free(&out->msg);
	free(out);
	host->migrate_out = NULL;
}

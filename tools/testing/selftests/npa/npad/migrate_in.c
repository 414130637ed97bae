// SPDX-License-Identifier: GPL-2.0
/*
 * The destination of a migration.
 *
 * A guest is taken in two steps.  Its state is checked and everything is made
 * that can fail, without touching the guest; then TAKEN is sent.  If that
 * works the guest is ours.  The network is told; what it still sent to the
 * source comes from there and goes to the guest before anything that comes to
 * us, so that nothing is lost or overtaken.
 */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "migrate.h"
#include "migrate_msg.h"
#include "npad.h"
#include "unix_listen.h"

#define PATIENCE_NS	20000000000ull	/* for a source that is silent */
#define DRAIN_NS	1000000000ull	/* for the last of its frames */
#define RETRY_NS	200000		/* a full ring or uplink is tried again */
#define MAX_TRIES	2500		/* 500 ms */

/**
 * struct migrate_in - whoever hands us a guest, one at a time
 * @host: npad
 * @listen_fd: socket
 * @path: its name
 * @fd: connection, -1: none
 * @msg: message that is coming
 * @vnic: taken, waits for the last frames; or NULL
 * @announced: the network knows
 * @waiting: @msg is a frame for which the guest has no buffer
 * @tries: how often that was seen, or that the uplink was full
 * @patience: ends what takes too long
 * @retry: looks again
 */
struct migrate_in {
	struct npad *host;
	int listen_fd;
	char *path;
	int fd;
	struct migrate_message msg;
	struct vnic *vnic;
	bool announced;
	bool waiting;
	unsigned int tries;
	struct loop_timer patience;
	struct loop_timer retry;
};

static void __attribute__((format(printf, 2, 3)))
note(struct migrate_in *in, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	events_vadd(&in->host->events, &in->host->log,
		    in->vnic ? in->vnic->name : "", "migration", fmt, args);
	va_end(args);
}

static void hang_up(struct migrate_in *in)
{
	loop_cancel(in->host->loop, &in->patience);
	loop_cancel(in->host->loop, &in->retry);
	loop_del_fd(in->host->loop, in->fd);
	close(in->fd);
	in->fd = -1;
	in->waiting = false;
	migrate_message_clear(&in->msg);
}

/* The guest gets what comes to us; the connection has done its work. */
static void end_of_drain(struct migrate_in *in, const char *why)
{
	struct vnic *vnic = in->vnic;

	note(in, "%s", why);
	in->vnic = NULL;
	hang_up(in);
	vnic->in_use = false;
	vmxnet3_dev_hold(vnic->dev, false, false);
	if (vnic->npa)
		npa_arrived(vnic->npa);
}

static void give_up(struct migrate_in *in, const char *why)
{
	if (in->vnic) {
		end_of_drain(in, why);
		return;
	}
	note(in, "%s", why);
	hang_up(in);
}

static void lost_patience(void *arg)
{
	give_up(arg, "the source is silent");
}

static void refuse(struct migrate_in *in, const char *code, const char *why)
{
	struct migrate_refusal refusal = { 0 };

	snprintf(refusal.code, sizeof(refusal.code), "%s", code);
	snprintf(refusal.why, sizeof(refusal.why), "%s", why);
	note(in, "refused: %s (%s)", why, code);
	migrate_send(in->fd, MIGRATE_REFUSED, &refusal, sizeof(refusal), NULL,
		     0);
	hang_up(in);
}

static void on_source(void *arg, uint32_t events);

static struct vnic *find_free(struct npad *host)
{
	struct vnic *vnic = host->vnics;

	while (vnic && !vnic_is_free(vnic))
		vnic = vnic->next;
	return vnic;
}

static const char *code_of(int err)
{
	switch (err) {
	case -ENOENT:
		return "no-plugin";
	case -EPROTO:
		return "version";
	case -EBADMSG:
		return "damaged";
	case -EOPNOTSUPP:
		return "other-device";
	case -EADDRINUSE:
		return "address-in-use";
	case -EINVAL:
		return "bad-state";
	default:
		return "failed";
	}
}

/* The state in the message and who could take it; NULL after a refusal. */
static struct vnic *understand(struct migrate_in *in, struct vnic_state *state)
{
	const char *why = "";
	struct vnic *vnic;
	char text[128];
	int err;

	err = vnic_state_decode(in->msg.data, in->msg.len, state, text,
				sizeof(text));
	if (err) {
		refuse(in, code_of(err), text);
		return NULL;
	}
	vnic = find_free(in->host);
	if (!vnic) {
		refuse(in, "busy", "no vNIC is free");
		return NULL;
	}
	err = vnic_check(vnic, state, &why);
	if (err) {
		refuse(in, code_of(err), why);
		return NULL;
	}
	return vnic;
}

static void asked(struct migrate_in *in)
{
	struct vnic_state *state = malloc(sizeof(*state));

	if (!state)
		refuse(in, "failed", "out of memory");
	else if (understand(in, state) &&
		 migrate_send(in->fd, MIGRATE_WELCOME, NULL, 0, NULL, 0))
		give_up(in, "the source has gone");
	free(state);
}

/* Reverse ARP, a broadcast with the guest's address: switches learn by it. */
static size_t make_announcement(const uint8_t mac[6], uint8_t frame[60])
{
	static const uint8_t arp[] = {
		0x80, 0x35, 0, 1, 8, 0, 6, 4, 0, 3
	};

	memset(frame, 0, 60);
	memset(frame, 0xff, 6);
	memcpy(frame + 6, mac, 6);
	memcpy(frame + 12, arp, sizeof(arp));
	memcpy(frame + 22, mac, 6);
	memcpy(frame + 32, mac, 6);
	return 60;
}

/* Tell the network where the guest is, then the source that it knows. */
static void announce(struct migrate_in *in)
{
	struct port *port = &in->vnic->dev->port;
	uint8_t data[60];
	struct frame f = { .data = data };

	f.len = make_announcement(port->mac, data);
	if (port->enabled &&
	    eswitch_send(in->host->sw, port, &f) == -EAGAIN &&
	    ++in->tries < MAX_TRIES) {
		loop_arm(in->host->loop, &in->retry, RETRY_NS);
		return;
	}
	in->announced = true;
	in->tries = 0;
	if (migrate_send(in->fd, MIGRATE_ANNOUNCED, NULL, 0, NULL, 0))
		give_up(in, "the source has gone, the guest is here");
}

/* Faults that tests ask for; true if there is no more to do. */
static bool fault(struct migrate_in *in, struct npa *npa)
{
	if (!npa)
		return false;
	if (npa_hit(npa, "migrate-die"))
		raise(SIGKILL);
	if (npa_hit(npa, "migrate-refuse")) {
		refuse(in, "fault", "made to refuse");
		return true;
	}
	/* The source gives up first; patience ends this connection. */
	return npa_hit(npa, "migrate-hang");
}

static void take(struct migrate_in *in, struct vnic *vnic,
		 const struct vnic_state *state)
{
	unsigned int num_fds = in->msg.num_fds;
	const char *why = "";
	int err;

	in->msg.num_fds = 0;
	err = vnic_import(vnic, state, in->msg.fds, num_fds, &why);
	if (err) {
		refuse(in, code_of(err), why);
		return;
	}
	err = migrate_send(in->fd, MIGRATE_TAKEN, NULL, 0, NULL, 0);
	if (err) {
		vnic_let_go(vnic);
		give_up(in, "the source has changed its mind");
		return;
	}
	in->vnic = vnic;
	vnic->in_use = true;
	vnic_start(vnic);
	note(in, "guest taken over from %s", state->name);
	loop_arm(in->host->loop, &in->patience, DRAIN_NS);
	announce(in);
}

static void given(struct migrate_in *in)
{
	struct vnic_state *state = malloc(sizeof(*state));
	struct vnic *vnic;

	if (!state) {
		refuse(in, "failed", "out of memory");
		return;
	}
	vnic = understand(in, state);
	if (vnic && !fault(in, vnic->npa))
		take(in, vnic, state);
	free(state);
}

/* A frame that came to the source: it goes to the guest, before ours. */
static void deliver(struct migrate_in *in)
{
	struct vmxnet3_dev *dev = in->vnic->dev;
	struct migrate_frame header;
	struct frame f;
	int err;

	if (in->msg.len < sizeof(header) + FRAME_HEADER_LEN ||
	    in->msg.len > sizeof(header) + FRAME_MAX)
		return;
	memcpy(&header, in->msg.data, sizeof(header));
	f = (struct frame){
		.data = in->msg.data + sizeof(header),
		.len = in->msg.len - sizeof(header),
		.has_vlan = header.has_vlan,
		.vlan_tci = header.vlan_tci,
	};
	if (!dev->emulating)
		return;
	dev->hold_rx = false;
	err = vmxnet3_rx_deliver(&dev->port, &f);
	dev->hold_rx = true;
	in->waiting = err == -EAGAIN && ++in->tries < MAX_TRIES;
	if (in->waiting) {
		/* The connection is not read meanwhile. */
		loop_del_fd(in->host->loop, in->fd);
		loop_arm(in->host->loop, &in->retry, RETRY_NS);
		return;
	}
	in->tries = 0;
	if (err == -EAGAIN) {
		dev->port.stats.rx_dropped++;
	} else if (!err) {
		dev->port.stats.rx_packets++;
		dev->port.stats.rx_bytes += f.len;
	}
}

static void retry(void *arg)
{
	struct migrate_in *in = arg;

	if (in->vnic && !in->announced)
		announce(in);
	if (!in->waiting)
		return;
	deliver(in);
	if (in->waiting)
		return;
	migrate_message_clear(&in->msg);
	if (loop_add_fd(in->host->loop, in->fd, EPOLLIN, on_source, in))
		give_up(in, "out of memory");
}

static void handle(struct migrate_in *in)
{
	if (in->msg.type == MIGRATE_ASK && !in->vnic)
		asked(in);
	else if (in->msg.type == MIGRATE_STATE && !in->vnic)
		given(in);
	else if (in->msg.type == MIGRATE_FRAME && in->vnic)
		deliver(in);
	else if (in->msg.type == MIGRATE_DRAINED && in->vnic)
		end_of_drain(in, "the guest is here");
	else
		give_up(in, "the source sends nonsense");
}

static void on_source(void *arg, uint32_t events)
{
	struct migrate_in *in = arg;
	int ret;

	(void)events;
	while (in->fd >= 0 && !in->waiting) {
		ret = migrate_receive(in->fd, &in->msg);
		if (!ret)
			return;
		if (ret < 0) {
			give_up(in, ret == -EPIPE ? "the source has hung up" :
				strerror(-ret));
			return;
		}
		handle(in);
		if (!in->waiting)
			migrate_message_clear(&in->msg);
	}
}

static void on_listen(void *arg, uint32_t events)
{
	struct migrate_in *in = arg;
	int fd;

	(void)events;
	fd = accept4(in->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	if (in->fd >= 0) {
		struct migrate_refusal refusal = {
			"busy", "another guest is on its way"
		};

		migrate_send(fd, MIGRATE_REFUSED, &refusal, sizeof(refusal),
			     NULL, 0);
		close(fd);
		return;
	}
	if (loop_add_fd(in->host->loop, fd, EPOLLIN, on_source, in)) {
		close(fd);
		return;
	}
	in->fd = fd;
	in->announced = false;
	in->tries = 0;
	loop_arm(in->host->loop, &in->patience, PATIENCE_NS);
}

struct migrate_in *migrate_in_new(struct npad *host, const char *path)
{
	struct migrate_in *in = calloc(1, sizeof(*in));
	int err;

	if (!in)
		return NULL;
	in->host = host;
	in->fd = -1;
	in->patience.fn = lost_patience;
	in->patience.arg = in;
	in->retry.fn = retry;
	in->retry.arg = in;
	in->path = strdup(path);
	in->listen_fd = in->path ? unix_listen_type(path, SOCK_SEQPACKET, 4) :
				   -ENOMEM;
	err = in->listen_fd;
	if (err < 0)
		goto free_in;
	err = loop_add_fd(host->loop, in->listen_fd, EPOLLIN, on_listen, in);
	if (err)
		goto close_listen;
	return in;

close_listen:
	close(in->listen_fd);
	unlink(path);
free_in:
	log_error(&host->log, "cannot listen on %s: %s", path, strerror(-err));
	free(in->path);
	free(in);
	errno = -err;
	return NULL;
}

void migrate_in_free(struct migrate_in *in)
{
	if (!in)
		return;
	if (in->fd >= 0)
		give_up(in, "npad ends");
	loop_del_fd(in->host->loop, in->listen_fd);
	close(in->listen_fd);
	unlink(in->path);
	migrate_message_free(&in->msg);
	free(in->path);
	free(in);
}

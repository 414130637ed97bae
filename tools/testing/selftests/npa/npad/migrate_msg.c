// SPDX-License-Identifier: GPL-2.0
/*
 * Messages between two npads that hand a guest over.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "migrate_msg.h"

#define PACKETS_PER_TURN	64

struct header {
	uint16_t type;
	uint16_t version;
	uint32_t more;		/* packets of this message follow */
};

union control {
	struct cmsghdr header;
	uint8_t space[CMSG_SPACE(VNIC_MAX_FDS * sizeof(int))];
};

static void put_fds(struct msghdr *mh, union control *control, const int *fds,
		    unsigned int num_fds)
{
	memset(control, 0, sizeof(*control));
	mh->msg_control = control;
	mh->msg_controllen = CMSG_SPACE(num_fds * sizeof(int));
	control->header.cmsg_level = SOL_SOCKET;
	control->header.cmsg_type = SCM_RIGHTS;
	control->header.cmsg_len = CMSG_LEN(num_fds * sizeof(int));
	memcpy(CMSG_DATA(&control->header), fds, num_fds * sizeof(int));
}

static int send_packet(int fd, const struct header *header, const void *data,
		       size_t len, const int *fds, unsigned int num_fds)
{
	struct iovec iov[] = {
		{ (void *)header, sizeof(*header) },
		{ (void *)data, len },
	};
	struct msghdr mh = { .msg_iov = iov, .msg_iovlen = 2 };
	union control control;
	ssize_t n;

	if (num_fds)
		put_fds(&mh, &control, fds, num_fds);
	do {
		n = sendmsg(fd, &mh, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

int migrate_send(int fd, enum migrate_type type, const void *data, size_t len,
		 const int *fds, unsigned int num_fds)
{
	struct header header = { .type = type, .version = MIGRATE_VERSION };
	const uint8_t *from = data;
	int err;

	while (len > MIGRATE_PACKET) {
		header.more = 1;
		err = send_packet(fd, &header, from, MIGRATE_PACKET, NULL, 0);
		if (err)
			return err;
		from += MIGRATE_PACKET;
		len -= MIGRATE_PACKET;
	}
	header.more = 0;
	return send_packet(fd, &header, from, len, fds, num_fds);
}

static bool take_fds(struct migrate_message *msg, struct msghdr *mh)
{
	bool ok = !(mh->msg_flags & (MSG_CTRUNC | MSG_TRUNC));

	for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(mh); cmsg;
	     cmsg = CMSG_NXTHDR(mh, cmsg)) {
		unsigned int n = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (cmsg->cmsg_level != SOL_SOCKET ||
		    cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		for (unsigned int i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(cmsg) + i * sizeof(fd),
			       sizeof(fd));
			if (msg->num_fds < VNIC_MAX_FDS) {
				msg->fds[msg->num_fds++] = fd;
			} else {
				close(fd);
				ok = false;
			}
		}
	}
	return ok;
}

static int append(struct migrate_message *msg, const uint8_t *data, size_t len)
{
	size_t room = msg->room ? msg->room : 4096;
	uint8_t *grown;

	if (len > STATE_MAX_LEN - msg->len)
		return -EPROTO;
	while (room < msg->len + len + 1)
		room *= 2;
	if (room != msg->room) {
		grown = realloc(msg->data, room);
		if (!grown)
			return -ENOMEM;
		msg->data = grown;
		msg->room = room;
	}
	memcpy(msg->data + msg->len, data, len);
	msg->len += len;
	msg->data[msg->len] = 0;
	return 0;
}

/* One packet: n bytes of msg->packet. */
static int take_packet(struct migrate_message *msg, size_t n)
{
	struct header header;
	int err;

	if (n < sizeof(header))
		return -EPROTO;
	memcpy(&header, msg->packet, sizeof(header));
	if (header.version != MIGRATE_VERSION || !header.type ||
	    header.type >= MIGRATE_TYPES ||
	    (msg->type && msg->type != header.type))
		return -EPROTO;
	msg->type = header.type;
	err = append(msg, msg->packet + sizeof(header), n - sizeof(header));
	if (err)
		return err;
	return header.more ? 0 : 1;
}

int migrate_receive(int fd, struct migrate_message *msg)
{
	struct iovec iov = { msg->packet, sizeof(msg->packet) };
	union control control;
	int ret = 0;

	for (int i = 0; i < PACKETS_PER_TURN && !ret; i++) {
		struct msghdr mh = {
			.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = &control,
			.msg_controllen = sizeof(control),
		};
		ssize_t n = recvmsg(fd, &mh, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -EPIPE;
		if (!take_fds(msg, &mh))
			return -EPROTO;
		if (!n)
			return -EPIPE;
		ret = take_packet(msg, n);
	}
	return ret;
}

void migrate_message_clear(struct migrate_message *msg)
{
	for (unsigned int i = 0; i < msg->num_fds; i++)
		close(msg->fds[i]);
	msg->num_fds = 0;
	msg->len = 0;
	msg->type = 0;
}

void migrate_message_free(struct migrate_message *msg)
{
	migrate_message_clear(msg);
	free(msg->data);
	msg->data = NULL;
	msg->room = 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz target: a hostile vfio-user client.  The input is a sequence of
 * messages, well formed or not, whole or in pieces, with descriptors of all
 * kinds; the client reads what it gets, or does not.
 */
#include <fcntl.h>
#include <linux/vfio.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"

#define MAX_FDS		20	/* more than npad takes */
#define MAX_BODY	300

enum fd_kind {
	FD_RAM, FD_SHORT, FD_EVENT, FD_FULL_PIPE, FD_NULL, FD_SOCKET, FD_KINDS
};

static int kinds[FD_KINDS];

/* Descriptors such as a client may send; each kind is made once. */
static void make_fds(void)
{
	static bool made;
	int pair[2];

	if (made)
		return;
	made = true;
	signal(SIGPIPE, SIG_IGN);	/* as npad does */
	kinds[FD_SHORT] = memfd_create("short", MFD_CLOEXEC);
	FUZZ_ASSERT(!ftruncate(kinds[FD_SHORT], 5000));
	kinds[FD_EVENT] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	/* Not O_NONBLOCK: who writes to it stands still for ever. */
	FUZZ_ASSERT(!pipe2(pair, O_CLOEXEC));
	FUZZ_ASSERT(fcntl(pair[1], F_SETPIPE_SZ, 4096) > 0);
	for (int i = 0; i < 4096 / 8; i++)
		FUZZ_ASSERT(write(pair[1], "8 bytes.", 8) == 8);
	kinds[FD_FULL_PIPE] = pair[1];
	kinds[FD_NULL] = open("/dev/null", O_RDWR | O_CLOEXEC);
	FUZZ_ASSERT(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	kinds[FD_SOCKET] = pair[0];
}

static void send_fds(struct guest *g, const void *data, size_t len, int fd,
		     unsigned int num)
{
	union {
		struct cmsghdr header;
		uint8_t space[CMSG_SPACE(MAX_FDS * sizeof(int))];
	} control = { 0 };
	struct iovec iov = { (void *)data, len };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (num) {
		mh.msg_control = &control;
		mh.msg_controllen = CMSG_SPACE(num * sizeof(int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(num * sizeof(int));
		for (unsigned int i = 0; i < num; i++)
			memcpy(CMSG_DATA(&control.header) + i * sizeof(int),
			       &fd, sizeof(int));
	}
	if (sendmsg(g->sock, &mh, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return;			/* full, or npad has closed it */
}

static void read_all(struct guest *g)
{
	static uint8_t sink[65536];

	while (recv(g->sock, sink, sizeof(sink), MSG_DONTWAIT) > 0)
		;
}

/* Put fields where a message of the command has them. */
static size_t make_body(struct guest *g, struct input *in, uint16_t command,
			uint8_t *body)
{
	uint64_t addr = GUEST_BASE + (uint64_t)take_odd32(in);
	uint32_t size = take_odd32(in), flags = take8(in);
	const uint8_t *bytes;
	size_t len;

	(void)g;
	memset(body, 0, MAX_BODY);
	switch (command) {
	case 2: {			/* DMA_MAP */
		const struct {
			uint32_t argsz, flags;
			uint64_t offset, addr, size;
		} map = { 32, flags, take_odd32(in), addr, size };

		memcpy(body, &map, sizeof(map));
		return sizeof(map);
	}
	case 3: {			/* DMA_UNMAP */
		const struct {
			uint32_t argsz, flags;
			uint64_t addr, size;
		} unmap = { 24, flags & 3, addr, size };

		memcpy(body, &unmap, sizeof(unmap));
		return sizeof(unmap);
	}
	case 8: {			/* DEVICE_SET_IRQS */
		const struct vfio_irq_set set = {
			.argsz = sizeof(set),
			.flags = flags,
			.index = size & 7,
			.start = take8(in),
			.count = take8(in),
		};

		memcpy(body, &set, sizeof(set));
		return sizeof(set);
	}
	case 9:
	case 10: {			/* REGION_READ, REGION_WRITE */
		const struct {
			uint64_t offset;
			uint32_t region, count;
		} access = { addr - GUEST_BASE, flags % 10, size };

		memcpy(body, &access, sizeof(access));
		bytes = take_bytes(in, 64, &len);
		memcpy(body + sizeof(access), bytes, len);
		return sizeof(access) + len;
	}
	default:
		bytes = take_bytes(in, flags, &len);
		memcpy(body, bytes, len);
		return len;
	}
}

static void send_message(struct guest *g, struct input *in, uint8_t how)
{
	struct {
		uint16_t id, command;
		uint32_t size, flags, error;
		uint8_t body[MAX_BODY];
	} msg = { .id = take8(in), .command = take8(in) % 16 };
	uint8_t kind = take8(in), num = 0;
	size_t len, first;

	msg.flags = how & 8 ? take8(in) : 0;
	len = 16 + make_body(g, in, msg.command, msg.body);
	msg.size = how & 16 ? take_odd32(in) : len;
	if (kind & 1)
		num = kind & 2 ? (kind >> 2) % (MAX_FDS + 1) : 1;
	if (kind & 0x80) {
		/* In two pieces; the descriptors come with the second. */
		first = kind % len;
		send_fds(g, &msg, first, -1, 0);
		guest_turn(g, 1);
		send_fds(g, (uint8_t *)&msg + first, len - first,
			 kinds[kind % FD_KINDS], num);
		return;
	}
	send_fds(g, &msg, len, kinds[kind % FD_KINDS], num);
}

/* Work for the device, so that it uses what the client has given it. */
static void cause_work(struct guest *g, struct input *in)
{
	fuzz_frame(g, in);
	guest_write32(g, VMXNET3_BAR_PT, VMXNET3_PT_TXPROD, 0);
	guest_command(g, VMXNET3_CMD_GET_STATS);
}

/*
 * The client takes memory away without saying so: its own, or the window that
 * it shares with npad.  It is back before the client itself touches it.
 */
static void shrink(struct guest *g, struct input *in, uint8_t how)
{
	const struct vfio_region_info info = {
		.argsz = 256, .index = BAR_WINDOW,
	};
	struct {
		struct vfio_region_info info;
		uint8_t rest[224];
	} ask = { .info = info };
	int fd = g->ram_fd, err;
	off_t size = GUEST_RAM;

	if (how & 8) {
		guest_request(g, 5, &ask, sizeof(ask), -1);
		fd = g->reply_fd;
		size = WINDOW_BAR_LEN;
	}
	if (fd < 0)
		return;
	err = ftruncate(fd, (off_t)take8(in) * 4096 % size);
	FUZZ_ASSERT(!(how & 8) || err);	/* that one is npad's */
	cause_work(g, in);
	guest_read32(g, BAR_WINDOW, 0x2000);
	if (!err)
		FUZZ_ASSERT(!ftruncate(fd, size));
}

static void act(struct guest *g, struct input *in)
{
	uint8_t how = take8(in);
	const uint8_t *bytes;
	size_t len;

	switch (how % 8) {
	case 0:
		bytes = take_bytes(in, take8(in), &len);
		send_fds(g, bytes, len, kinds[FD_RAM], how & 8 ? 1 : 0);
		break;
	case 1:
		read_all(g);
		break;
	case 2:				/* many parts */
		for (unsigned int i = 0; i < 1 + how / 8; i++) {
			const struct {
				uint16_t id, command;
				uint32_t size, flags, error;
				uint32_t argsz, map_flags;
				uint64_t offset, addr, size2;
			} map = {
				i, 2, 48, 0x10, 0, 32, 3, i * 4096,
				(1ull << 40) + i * 8192, 4096
			};

			send_fds(g, &map, sizeof(map), g->ram_fd, 1);
			guest_turn(g, 1);
		}
		break;
	case 3:
		guest_disconnect(g);
		if (how & 8)
			FUZZ_ASSERT(guest_connect(g));
		break;
	case 4:
		if (how & 64)
			shrink(g, in, how);
		else
			cause_work(g, in);
		break;
	default:
		send_message(g, in, how);
	}
	if (how & 0x80)
		read_all(g);
	guest_turn(g, 1);
}

/* Whatever has come before, the next client is served. */
static void expect_service(struct guest *g)
{
	guest_disconnect(g);
	FUZZ_ASSERT(guest_connect(g));
	guest_configure(g, 1);
	FUZZ_ASSERT(!guest_activate(g));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct guest *g = guest_new(true, NULL);

	FUZZ_ASSERT(g && guest_connect(g));
	make_fds();
	kinds[FD_RAM] = g->ram_fd;
	/* A driver runs, so that there are rings behind the maps. */
	if (take8(&in) & 1) {
		guest_configure(g, 1);
		guest_activate(g);
		guest_fill_rx(g, 8, 8);
	}
	while (in.len)
		act(g, &in);
	fuzz_sleep(g, 2000000);
	expect_service(g);
	guest_free(g);
	return 0;
}

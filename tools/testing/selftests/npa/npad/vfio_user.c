// SPDX-License-Identifier: GPL-2.0
/*
 * Server side of the vfio-user protocol.  The client is as hostile as the
 * guest in it may be: every length and count of a message is checked, and a
 * client that breaks the framing is disconnected.
 */
#include <errno.h>
#include <linux/build_bug.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nonblocking.h"
#include "unix_listen.h"
#include "vfio_user.h"

enum {
	CMD_VERSION = 1,
	CMD_DMA_MAP = 2,
	CMD_DMA_UNMAP = 3,
	CMD_DEVICE_GET_INFO = 4,
	CMD_DEVICE_GET_REGION_INFO = 5,
	CMD_DEVICE_GET_IRQ_INFO = 7,
	CMD_DEVICE_SET_IRQS = 8,
	CMD_REGION_READ = 9,
	CMD_REGION_WRITE = 10,
	CMD_DMA_READ = 11,
	CMD_DMA_WRITE = 12,
	CMD_DEVICE_RESET = 13,
};

#define FLAG_TYPE_MASK		0xfu
#define FLAG_TYPE_REPLY		0x1u
#define FLAG_NO_REPLY		0x10u
#define FLAG_ERROR		0x20u

#define MAX_FDS			VFIO_USER_MAX_FDS
#define MAX_PAYLOAD		(VFIO_USER_MAX_MESSAGE - 16)
#define MAX_UNSENT		(4 * 1024 * 1024)
#define MAX_TRANSFERS		16
#define MAX_TRANSFER_LEN	4096
#define MESSAGES_PER_TURN	64

struct header {
	uint16_t id;
	uint16_t command;
	uint32_t size;		/* of the message, with header */
	uint32_t flags;
	uint32_t error;
};

struct version {
	uint16_t major;
	uint16_t minor;
};

struct dma_map_msg {
	uint32_t argsz;
	uint32_t flags;
	uint64_t offset;
	uint64_t addr;
	uint64_t size;
};

struct dma_unmap_msg {
	uint32_t argsz;
	uint32_t flags;
	uint64_t addr;
	uint64_t size;
};

struct region_access {
	uint64_t offset;
	uint32_t region;
	uint32_t count;
};

struct dma_access {
	uint64_t addr;
	uint64_t count;
};

/* What follows a region's info when parts of it can be mapped. */
struct sparse_cap {
	struct vfio_info_cap_header header;
	uint32_t nr_areas;
	uint32_t reserved;
	struct vfio_region_sparse_mmap_area areas[VFIO_USER_MAX_AREAS];
};

struct transfer {
	bool used;
	uint16_t id;
	vfio_user_done_fn done;
	void *arg;
};

/* A message being received, and what it came with. */
struct incoming {
	struct header header;
	size_t have;		/* bytes of header and payload */
	int fds[MAX_FDS];
	unsigned int num_fds;
	uint8_t payload[MAX_PAYLOAD];
};

struct vfio_user {
	struct loop *loop;
	struct log *log;
	struct dma_space *dma;
	const struct vfio_user_region *regions;
	struct vfio_user_irqs irqs;
	const struct vfio_user_ops *ops;
	void *arg;
	char *path;
	int listen_fd;
	int fd;			/* the client, or -1 */
	bool ready;		/* a version was agreed on */
	bool broken;		/* disconnect at the end of the callback */
	bool paused;		/* the loop does not know @fd */
	uint16_t next_id;
	struct transfer transfers[MAX_TRANSFERS];
	struct incoming in;
	uint8_t *unsent;	/* what the socket did not take */
	size_t unsent_len;
};

bool vfio_user_is_connected(const struct vfio_user *vu)
{
	return vu->fd >= 0 && vu->ready;
}

bool vfio_user_has_client(const struct vfio_user *vu)
{
	return vu->fd >= 0;
}

/* Sending */

static void break_off(struct vfio_user *vu, const char *why)
{
	if (!vu->broken)
		log_warn(vu->log, "vfio-user: client disconnected: %s", why);
	vu->broken = true;
}

static void keep_unsent(struct vfio_user *vu, const void *data, size_t len)
{
	uint8_t *grown;

	if (vu->unsent_len + len > MAX_UNSENT) {
		break_off(vu, "it does not read");
		return;
	}
	grown = realloc(vu->unsent, vu->unsent_len + len);
	if (!grown) {
		break_off(vu, "out of memory");
		return;
	}
	memcpy(grown + vu->unsent_len, data, len);
	vu->unsent = grown;
	if (!vu->unsent_len && !vu->paused)
		loop_mod_fd(vu->loop, vu->fd, EPOLLIN | EPOLLOUT);
	vu->unsent_len += len;
}

static void send_message(struct vfio_user *vu, const void *msg, size_t len,
			 int fd)
{
	union {
		struct cmsghdr header;
		uint8_t space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec iov = { .iov_base = (void *)msg, .iov_len = len };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	if (vu->broken)
		return;
	if (vu->unsent_len) {
		/* A descriptor cannot wait in the buffer; QEMU asks one thing
		 * at a time, so it never has to.
		 */
		keep_unsent(vu, msg, len);
		return;
	}
	if (fd >= 0) {
		mh.msg_control = &control;
		mh.msg_controllen = CMSG_LEN(sizeof(int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(int));
	}
	n = sendmsg(vu->fd, &mh, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0 && errno != EAGAIN) {
		break_off(vu, strerror(errno));
		return;
	}
	if (n < 0)
		n = 0;
	if ((size_t)n < len)
		keep_unsent(vu, (const uint8_t *)msg + n, len - n);
}

static void flush_unsent(struct vfio_user *vu)
{
	ssize_t n;

	if (!vu->unsent_len)
		return;
	n = send(vu->fd, vu->unsent, vu->unsent_len,
		 MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0 && errno != EAGAIN)
		break_off(vu, strerror(errno));
	if (n <= 0)
		return;
	vu->unsent_len -= n;
	memmove(vu->unsent, vu->unsent + n, vu->unsent_len);
	if (!vu->unsent_len)
		loop_mod_fd(vu->loop, vu->fd, EPOLLIN);
}

static void reply_fd(struct vfio_user *vu, const void *payload, size_t len,
		     int fd)
{
	struct {
		struct header header;
		uint8_t payload[VFIO_USER_MAX_ACCESS +
				sizeof(struct region_access)];
	} msg;

	if (vu->in.header.flags & FLAG_NO_REPLY)
		return;
	msg.header = (struct header){
		.id = vu->in.header.id,
		.command = vu->in.header.command,
		.size = sizeof(msg.header) + len,
		.flags = FLAG_TYPE_REPLY,
	};
	if (len)
		memcpy(msg.payload, payload, len);
	send_message(vu, &msg, sizeof(msg.header) + len, fd);
}

static void reply(struct vfio_user *vu, const void *payload, size_t len)
{
	reply_fd(vu, payload, len, -1);
}

static void reply_error(struct vfio_user *vu, int err)
{
	struct header header = {
		.id = vu->in.header.id,
		.command = vu->in.header.command,
		.size = sizeof(header),
		.flags = FLAG_TYPE_REPLY | FLAG_ERROR,
		.error = -err,
	};

	log_debug(vu->log, "vfio-user: command %u: %s", header.command,
		  strerror(-err));
	if (!(vu->in.header.flags & FLAG_NO_REPLY))
		send_message(vu, &header, sizeof(header), -1);
}

/* Commands.  Each returns 0 after it has replied, or a negative errno. */

static int do_version(struct vfio_user *vu, const uint8_t *payload, size_t len)
{
	static const char caps[] =
		"{\"capabilities\":{\"max_msg_fds\":8,"
		"\"max_data_xfer_size\":4096,\"max_dma_maps\":1024,"
		"\"pgsizes\":4096}}";
	struct {
		struct version version;
		char caps[sizeof(caps)];
	} answer = { .version = { 0, 0 } };
	struct version asked;

	if (len < sizeof(asked) || vu->ready)
		return -EINVAL;
	memcpy(&asked, payload, sizeof(asked));
	if (asked.major != 0)
		return -EOPNOTSUPP;
	memcpy(answer.caps, caps, sizeof(caps));
	reply(vu, &answer, sizeof(answer));
	vu->ready = true;
	log_info(vu->log, "vfio-user: client connected");
	vu->ops->connected(vu->arg);
	return 0;
}

static int do_dma_map(struct vfio_user *vu, const uint8_t *payload, size_t len)
{
	struct dma_map_msg msg;
	int fd, err;

	if (len < sizeof(msg) || vu->in.num_fds > 1)
		return -EINVAL;
	memcpy(&msg, payload, sizeof(msg));
	fd = vu->in.num_fds ? vu->in.fds[0] : -1;
	err = dma_add(vu->dma, msg.addr, msg.size, fd, msg.offset,
		      msg.flags & VFIO_DMA_MAP_FLAG_WRITE);
	if (err)
		return err;
	reply(vu, NULL, 0);
	return 0;
}

static int do_dma_unmap(struct vfio_user *vu, const uint8_t *payload,
			size_t len)
{
	struct dma_unmap_msg msg;
	int err = 0;

	if (len < sizeof(msg))
		return -EINVAL;
	memcpy(&msg, payload, sizeof(msg));
	if (msg.flags & ~(uint32_t)VFIO_DMA_UNMAP_FLAG_ALL)
		return -EOPNOTSUPP;
	if (msg.flags)
		dma_clear(vu->dma);
	else
		err = dma_remove(vu->dma, msg.addr, msg.size);
	if (err)
		return err;
	reply(vu, &msg, sizeof(msg));
	return 0;
}

static int do_get_info(struct vfio_user *vu, const uint8_t *payload, size_t len)
{
	struct {
		uint32_t argsz, flags, num_regions, num_irqs;
	} info = {
		.argsz = sizeof(info),
		.flags = VFIO_DEVICE_FLAGS_RESET | VFIO_DEVICE_FLAGS_PCI,
		.num_regions = VFIO_USER_REGIONS,
		.num_irqs = VFIO_PCI_NUM_IRQS,
	};
	uint32_t argsz;

	if (len < sizeof(argsz))
		return -EINVAL;
	memcpy(&argsz, payload, sizeof(argsz));
	if (argsz < sizeof(info))
		return -EINVAL;
	reply(vu, &info, sizeof(info));
	return 0;
}

static size_t add_areas(const struct vfio_user_region *region,
			struct sparse_cap *cap)
{
	*cap = (struct sparse_cap){
		.header = {
			.id = VFIO_REGION_INFO_CAP_SPARSE_MMAP,
			.version = 1,
		},
		.nr_areas = region->num_areas,
	};
	for (unsigned int i = 0; i < region->num_areas; i++) {
		cap->areas[i].offset = region->areas[i].offset;
		cap->areas[i].size = region->areas[i].size;
	}
	return offsetof(struct sparse_cap, areas) +
	       region->num_areas * sizeof(cap->areas[0]);
}

/*
 * The client first asks with room for the fixed part only and learns from
 * argsz how much there is; then it asks again with that.
 */
static int do_get_region_info(struct vfio_user *vu, const uint8_t *payload,
			      size_t len)
{
	const struct vfio_user_region *region;
	struct {
		struct vfio_region_info info;
		struct sparse_cap cap;
	} answer = { 0 };
	size_t full = sizeof(answer.info);
	struct vfio_region_info asked;

	if (len < sizeof(asked))
		return -EINVAL;
	memcpy(&asked, payload, sizeof(asked));
	if (asked.index >= VFIO_USER_REGIONS || asked.argsz < sizeof(asked))
		return -EINVAL;
	region = &vu->regions[asked.index];
	answer.info.index = asked.index;
	answer.info.size = region->size;
	if (region->size)
		answer.info.flags = VFIO_REGION_INFO_FLAG_READ |
				    VFIO_REGION_INFO_FLAG_WRITE;
	if (region->num_areas) {
		answer.info.flags |= VFIO_REGION_INFO_FLAG_MMAP |
				     VFIO_REGION_INFO_FLAG_CAPS;
		full += add_areas(region, &answer.cap);
		answer.info.cap_offset = sizeof(answer.info);
	}
	answer.info.argsz = full;
	if (asked.argsz < full)
		reply(vu, &answer, sizeof(answer.info));
	else
		reply_fd(vu, &answer, full, region->fd);
	return 0;
}

static int do_get_irq_info(struct vfio_user *vu, const uint8_t *payload,
			   size_t len)
{
	struct vfio_irq_info info;

	if (len < sizeof(info))
		return -EINVAL;
	memcpy(&info, payload, sizeof(info));
	if (info.index >= VFIO_PCI_NUM_IRQS || info.argsz < sizeof(info))
		return -EINVAL;
	info.argsz = sizeof(info);
	info.flags = VFIO_IRQ_INFO_EVENTFD;
	if (info.index == VFIO_PCI_INTX_IRQ_INDEX)
		info.flags |= VFIO_IRQ_INFO_MASKABLE |
			      VFIO_IRQ_INFO_AUTOMASKED;
	info.count = info.index < IRQ_KINDS ? vu->irqs.count[info.index] : 0;
	reply(vu, &info, sizeof(info));
	return 0;
}

static_assert((int)IRQ_INTX == VFIO_PCI_INTX_IRQ_INDEX);
static_assert((int)IRQ_MSI == VFIO_PCI_MSI_IRQ_INDEX);
static_assert((int)IRQ_MSIX == VFIO_PCI_MSIX_IRQ_INDEX);

static int set_trigger(struct vfio_user *vu, const struct vfio_irq_set *set)
{
	bool data = set->flags & VFIO_IRQ_SET_DATA_EVENTFD;
	uint32_t start = set->start, count = set->count;
	uint32_t num = vu->irqs.count[set->index];

	if (!data && !count) {		/* all off */
		start = 0;
		count = num;
	}
	if (start > num || count > num - start)
		return -EINVAL;
	if (vu->in.num_fds && (!data || vu->in.num_fds != count))
		return -EINVAL;
	for (uint32_t i = 0; i < vu->in.num_fds; i++)
		if (!set_nonblocking(vu->in.fds[i]))
			return -EINVAL;
	for (uint32_t i = 0; i < count; i++) {
		int fd = vu->in.num_fds ? vu->in.fds[i] : -1;

		if (vu->in.num_fds)
			vu->in.fds[i] = -1;
		vu->ops->set_irq(vu->arg, set->index, start + i, fd);
	}
	return 0;
}

/* Masks of MSI-X are the client's own, which has the table. */
static int set_mask(struct vfio_user *vu, const struct vfio_irq_set *set,
		    bool masked)
{
	if (set->index != VFIO_PCI_INTX_IRQ_INDEX || !vu->ops->mask_intx ||
	    set->flags & VFIO_IRQ_SET_DATA_EVENTFD)
		return -EOPNOTSUPP;
	if (set->start || set->count != 1 || !vu->irqs.count[IRQ_INTX])
		return -EINVAL;
	vu->ops->mask_intx(vu->arg, masked);
	return 0;
}

static int do_set_irqs(struct vfio_user *vu, const uint8_t *payload, size_t len)
{
	struct vfio_irq_set set;
	int err = -EOPNOTSUPP;

	if (len < sizeof(set))
		return -EINVAL;
	memcpy(&set, payload, sizeof(set));
	if (set.index >= VFIO_PCI_NUM_IRQS)
		return -EINVAL;
	if (set.flags & VFIO_IRQ_SET_DATA_BOOL)
		return -EOPNOTSUPP;
	switch (set.flags & VFIO_IRQ_SET_ACTION_TYPE_MASK) {
	case VFIO_IRQ_SET_ACTION_TRIGGER:
		if (set.index < IRQ_KINDS)
			err = set_trigger(vu, &set);
		else
			err = set.count ? -EINVAL : 0;
		break;
	case VFIO_IRQ_SET_ACTION_MASK:
		err = set_mask(vu, &set, true);
		break;
	case VFIO_IRQ_SET_ACTION_UNMASK:
		err = set_mask(vu, &set, false);
		break;
	}
	if (err)
		return err;
	reply(vu, NULL, 0);
	return 0;
}

static int check_access(struct vfio_user *vu, const uint8_t *payload,
			size_t len, struct region_access *access)
{
	const struct vfio_user_region *region;

	if (len < sizeof(*access))
		return -EINVAL;
	memcpy(access, payload, sizeof(*access));
	if (access->region >= VFIO_USER_REGIONS)
		return -EINVAL;
	region = &vu->regions[access->region];
	if (!access->count || access->count > VFIO_USER_MAX_ACCESS ||
	    access->offset > region->size ||
	    access->count > region->size - access->offset)
		return -EINVAL;
	return 0;
}

static int do_region_read(struct vfio_user *vu, const uint8_t *payload,
			  size_t len)
{
	struct {
		struct region_access access;
		uint8_t data[VFIO_USER_MAX_ACCESS];
	} answer;
	int err;

	err = check_access(vu, payload, len, &answer.access);
	if (err)
		return err;
	err = vu->ops->read(vu->arg, answer.access.region,
			    answer.access.offset, answer.data,
			    answer.access.count);
	if (err)
		return err;
	reply(vu, &answer, sizeof(answer.access) + answer.access.count);
	return 0;
}

static int do_region_write(struct vfio_user *vu, const uint8_t *payload,
			   size_t len)
{
	struct region_access access;
	int err;

	err = check_access(vu, payload, len, &access);
	if (err)
		return err;
	if (len - sizeof(access) < access.count)
		return -EINVAL;
	err = vu->ops->write(vu->arg, access.region, access.offset,
			     payload + sizeof(access), access.count);
	if (err)
		return err;
	reply(vu, &access, sizeof(access));
	return 0;
}

static int dispatch(struct vfio_user *vu, const uint8_t *payload, size_t len)
{
	if (!vu->ready && vu->in.header.command != CMD_VERSION)
		return -EINVAL;
	switch (vu->in.header.command) {
	case CMD_VERSION:
		return do_version(vu, payload, len);
	case CMD_DMA_MAP:
		return do_dma_map(vu, payload, len);
	case CMD_DMA_UNMAP:
		return do_dma_unmap(vu, payload, len);
	case CMD_DEVICE_GET_INFO:
		return do_get_info(vu, payload, len);
	case CMD_DEVICE_GET_REGION_INFO:
		return do_get_region_info(vu, payload, len);
	case CMD_DEVICE_GET_IRQ_INFO:
		return do_get_irq_info(vu, payload, len);
	case CMD_DEVICE_SET_IRQS:
		return do_set_irqs(vu, payload, len);
	case CMD_REGION_READ:
		return do_region_read(vu, payload, len);
	case CMD_REGION_WRITE:
		return do_region_write(vu, payload, len);
	case CMD_DEVICE_RESET:
		vu->ops->reset(vu->arg);
		reply(vu, NULL, 0);
		return 0;
	default:
		return -ENOSYS;
	}
}

/* Transfers to the guest */

int vfio_user_dma_write(struct vfio_user *vu, uint64_t addr, const void *buf,
			uint32_t len, vfio_user_done_fn done, void *arg)
{
	struct {
		struct header header;
		struct dma_access access;
		uint8_t data[MAX_TRANSFER_LEN];
	} msg;
	struct transfer *transfer = NULL;
	size_t size = sizeof(msg.header) + sizeof(msg.access) + len;

	if (!vfio_user_is_connected(vu) || vu->broken)
		return -ENOTCONN;
	if (len > MAX_TRANSFER_LEN)
		return -EMSGSIZE;
	for (unsigned int i = 0; i < MAX_TRANSFERS && !transfer; i++)
		if (!vu->transfers[i].used)
			transfer = &vu->transfers[i];
	if (!transfer)
		return -EBUSY;
	*transfer = (struct transfer){
		.used = true,
		.id = vu->next_id++,
		.done = done,
		.arg = arg,
	};
	msg.header = (struct header){
		.id = transfer->id,
		.command = CMD_DMA_WRITE,
		.size = size,
	};
	msg.access = (struct dma_access){ .addr = addr, .count = len };
	memcpy(msg.data, buf, len);
	send_message(vu, &msg, size, -1);
	return 0;
}

static void end_transfer(struct vfio_user *vu, const struct header *header)
{
	int err = header->flags & FLAG_ERROR ? -EIO : 0;

	for (unsigned int i = 0; i < MAX_TRANSFERS; i++) {
		struct transfer transfer = vu->transfers[i];

		if (!transfer.used || transfer.id != header->id)
			continue;
		if (err && header->error && header->error < 4096)
			err = -(int)header->error;
		vu->transfers[i].used = false;
		transfer.done(transfer.arg, err);
		return;
	}
	break_off(vu, "a reply that was not asked for");
}

static void abort_transfers(struct vfio_user *vu)
{
	for (unsigned int i = 0; i < MAX_TRANSFERS; i++) {
		struct transfer transfer = vu->transfers[i];

		if (!transfer.used)
			continue;
		vu->transfers[i].used = false;
		transfer.done(transfer.arg, -EPIPE);
	}
}

/* Receiving */

static void drop_fds(struct vfio_user *vu)
{
	for (unsigned int i = 0; i < vu->in.num_fds; i++)
		if (vu->in.fds[i] >= 0)
			close(vu->in.fds[i]);
	vu->in.num_fds = 0;
}

static void take_fds(struct vfio_user *vu, struct msghdr *mh)
{
	struct cmsghdr *cmsg;

	for (cmsg = CMSG_FIRSTHDR(mh); cmsg; cmsg = CMSG_NXTHDR(mh, cmsg)) {
		unsigned int n;

		if (cmsg->cmsg_level != SOL_SOCKET ||
		    cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		n = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (unsigned int i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(cmsg) + i * sizeof(int),
			       sizeof(int));
			if (vu->in.num_fds < MAX_FDS)
				vu->in.fds[vu->in.num_fds++] = fd;
			else
				close(fd);
		}
	}
	if (mh->msg_flags & MSG_CTRUNC)
		break_off(vu, "too many file descriptors");
}

/* Bytes received, 0 if there are none now; a dead client is broken off. */
static size_t receive(struct vfio_user *vu, void *buf, size_t len)
{
	union {
		struct cmsghdr header;
		uint8_t space[CMSG_SPACE(MAX_FDS * sizeof(int))];
	} control;
	struct iovec iov = { .iov_base = buf, .iov_len = len };
	struct msghdr mh = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n;

	n = recvmsg(vu->fd, &mh, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (n > 0) {
		if (mh.msg_controllen)
			take_fds(vu, &mh);
		return n;
	}
	if (n == 0) {
		if (!vu->broken)
			log_info(vu->log, "vfio-user: client gone");
		vu->broken = true;
	} else if (errno != EAGAIN && errno != EINTR) {
		break_off(vu, strerror(errno));
	}
	return 0;
}

static void handle_message(struct vfio_user *vu)
{
	size_t len = vu->in.header.size - sizeof(struct header);
	int err;

	if ((vu->in.header.flags & FLAG_TYPE_MASK) == FLAG_TYPE_REPLY) {
		end_transfer(vu, &vu->in.header);
		return;
	}
	err = dispatch(vu, vu->in.payload, len);
	if (err)
		reply_error(vu, err);
}

static bool header_is_sane(const struct header *header)
{
	return header->size >= sizeof(*header) &&
	       header->size - sizeof(*header) <= MAX_PAYLOAD &&
	       (header->flags & FLAG_TYPE_MASK) <= FLAG_TYPE_REPLY;
}

/*
 * Receive more of a message, first its header alone: the file descriptors
 * that come along then surely belong to this message.  Returns false if there
 * is no more for now.
 */
static bool receive_some(struct vfio_user *vu)
{
	struct incoming *in = &vu->in;
	size_t want, n;
	uint8_t *to;

	if (in->have < sizeof(in->header)) {
		to = (uint8_t *)&in->header + in->have;
		want = sizeof(in->header) - in->have;
	} else {
		to = in->payload + (in->have - sizeof(in->header));
		want = in->header.size - in->have;
	}
	n = receive(vu, to, want);
	if (!n)
		return false;
	in->have += n;
	if (in->have < sizeof(in->header))
		return true;
	if (!header_is_sane(&in->header)) {
		break_off(vu, "malformed message");
		return false;
	}
	if (in->have == in->header.size) {
		in->have = 0;
		handle_message(vu);
		drop_fds(vu);
	}
	return true;
}

static void disconnect(struct vfio_user *vu)
{
	bool was_ready = vu->ready;

	loop_del_fd(vu->loop, vu->fd);
	close(vu->fd);
	vu->fd = -1;
	vu->ready = false;
	drop_fds(vu);
	free(vu->unsent);
	vu->unsent = NULL;
	vu->unsent_len = 0;
	abort_transfers(vu);
	if (was_ready)
		vu->ops->disconnected(vu->arg);
	dma_clear(vu->dma);
}

static void on_client(void *arg, uint32_t events)
{
	struct vfio_user *vu = arg;

	if (events & EPOLLOUT)
		flush_unsent(vu);
	for (int i = 0; i < MESSAGES_PER_TURN && !vu->broken && !vu->paused; i++)
		if (!receive_some(vu))
			break;
	if (dma_is_lost(vu->dma))
		break_off(vu, "it has taken memory back");
	if (vu->broken)
		disconnect(vu);
}

static void on_listen(void *arg, uint32_t events)
{
	struct vfio_user *vu = arg;
	int fd;

	(void)events;
	fd = accept4(vu->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	if (vu->fd >= 0 || vu->paused) {
		log_warn(vu->log, "vfio-user: refused a second client");
		close(fd);
		return;
	}
	if (loop_add_fd(vu->loop, fd, EPOLLIN, on_client, vu)) {
		close(fd);
		return;
	}
	vu->fd = fd;
	vu->broken = false;
	vu->ready = false;
	vu->in.have = 0;
	vu->in.num_fds = 0;
}

/* Handing over */

bool vfio_user_is_idle(const struct vfio_user *vu)
{
	if (vu->unsent_len || vu->broken)
		return false;
	for (unsigned int i = 0; i < MAX_TRANSFERS; i++)
		if (vu->transfers[i].used)
			return false;
	return true;
}

void vfio_user_pause(struct vfio_user *vu)
{
	if (!vu->paused)
		loop_del_fd(vu->loop, vu->fd);
	vu->paused = true;
}

void vfio_user_resume(struct vfio_user *vu)
{
	uint32_t events = EPOLLIN | (vu->unsent_len ? EPOLLOUT : 0);

	if (!vu->paused)
		return;
	vu->paused = false;
	if (vu->fd < 0)
		return;
	if (loop_add_fd(vu->loop, vu->fd, events, on_client, vu)) {
		break_off(vu, "out of memory");
		disconnect(vu);
	}
}

unsigned int vfio_user_export(const struct vfio_user *vu,
			      struct vfio_user_state *state,
			      int fds[1 + VFIO_USER_MAX_FDS])
{
	const struct incoming *in = &vu->in;
	size_t first = in->have < sizeof(in->header) ? in->have :
						       sizeof(in->header);

	state->ready = vu->ready;
	state->next_id = vu->next_id;
	state->have = in->have;
	memcpy(state->in, &in->header, first);
	memcpy(state->in + first, in->payload, in->have - first);
	fds[0] = vu->fd;
	state->num_fds = 0;
	for (unsigned int i = 0; i < in->num_fds; i++)
		if (in->fds[i] >= 0)
			fds[1 + state->num_fds++] = in->fds[i];
	return 1 + state->num_fds;
}

static bool part_is_sane(const struct vfio_user_state *state)
{
	struct header header;

	if (state->have < sizeof(header))
		return true;
	memcpy(&header, state->in, sizeof(header));
	return header_is_sane(&header) && state->have < header.size;
}

int vfio_user_import(struct vfio_user *vu, const struct vfio_user_state *state,
		     const int *fds, const struct vfio_user_irqs *irqs)
{
	struct incoming *in = &vu->in;
	size_t first = sizeof(in->header);

	if (vu->fd >= 0)
		return -EBUSY;
	if (!part_is_sane(state))
		return -EINVAL;
	if (state->have < first)
		first = state->have;
	in->have = state->have;
	memcpy(&in->header, state->in, first);
	memcpy(in->payload, state->in + first, state->have - first);
	in->num_fds = state->num_fds;
	memcpy(in->fds, fds + 1, state->num_fds * sizeof(*fds));
	vu->fd = fds[0];
	vu->ready = state->ready;
	vu->next_id = state->next_id;
	vu->irqs = *irqs;
	vu->broken = false;
	vu->paused = true;
	return 0;
}

void vfio_user_let_go(struct vfio_user *vu)
{
	if (vu->fd >= 0)
		disconnect(vu);
	vu->paused = false;
}

void vfio_user_set_irqs(struct vfio_user *vu,
			const struct vfio_user_irqs *irqs)
{
	vu->irqs = *irqs;
}

/* Setup */

struct vfio_user *vfio_user_new(struct loop *loop, struct log *log,
				const char *path, struct dma_space *dma,
				const struct vfio_user_region *regions,
				const struct vfio_user_irqs *irqs,
				const struct vfio_user_ops *ops, void *arg)
{
	struct vfio_user *vu = calloc(1, sizeof(*vu));
	int err;

	if (!vu)
		return NULL;
	vu->loop = loop;
	vu->log = log;
	vu->dma = dma;
	vu->regions = regions;
	vu->irqs = *irqs;
	vu->ops = ops;
	vu->arg = arg;
	vu->fd = -1;
	vu->path = strdup(path);
	vu->listen_fd = vu->path ? unix_listen(path, 4) : -ENOMEM;
	if (vu->listen_fd < 0) {
		err = vu->listen_fd;
		goto free_vu;
	}
	err = loop_add_fd(loop, vu->listen_fd, EPOLLIN, on_listen, vu);
	if (err)
		goto close_listen;
	return vu;

close_listen:
	close(vu->listen_fd);
	unlink(path);
free_vu:
	log_error(log, "cannot listen on %s: %s", path, strerror(-err));
	free(vu->path);
	free(vu);
	errno = -err;
	return NULL;
}

void vfio_user_free(struct vfio_user *vu)
{
	if (!vu)
		return;
	if (vu->fd >= 0)
		disconnect(vu);
	loop_del_fd(vu->loop, vu->listen_fd);
	close(vu->listen_fd);
	unlink(vu->path);
	free(vu->path);
	free(vu);
}

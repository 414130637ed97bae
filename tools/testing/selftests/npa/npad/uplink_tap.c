// SPDX-License-Identifier: GPL-2.0
/*
 * TAP uplink.  Towards the network, checksums and segmentation are left to the
 * kernel (struct virtio_net_hdr); towards the guest the kernel finishes them
 * first (TUNSETOFFLOAD 0).
 *
 * When the receiver has no room the interface is not read, so that the kernel
 * queues; after a while the frame is dropped, as by any switch.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "uplink_tap.h"

#define READ_BUDGET	64		/* frames per turn of the loop */
#define WAIT_NS		500000000	/* for room at the receiver */

struct uplink {
	struct loop *loop;
	struct log *log;
	struct port port;
	int fd;
	bool waiting;			/* @frame found no room */
	struct frame frame;
	struct loop_timer timer;
	uint8_t buf[sizeof(struct virtio_net_hdr) + FRAME_MAX];
};

/* Sending to the network */

static void fill_header(struct virtio_net_hdr *vnet, const struct frame *f,
			unsigned int tag_len)
{
	memset(vnet, 0, sizeof(*vnet));
	if (f->csum_partial) {
		vnet->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		vnet->csum_start = f->csum_start + tag_len;
		vnet->csum_offset = f->csum_offset;
	}
	if (f->gso_size) {
		vnet->gso_type = f->data[12] == 0x86 ?
				 VIRTIO_NET_HDR_GSO_TCPV6 :
				 VIRTIO_NET_HDR_GSO_TCPV4;
		vnet->gso_size = f->gso_size;
		vnet->hdr_len = f->hdr_len + tag_len;
	}
}

int uplink_tap_write(int fd, const struct frame *f)
{
	uint8_t tag[4] = { 0x81, 0, f->vlan_tci >> 8, f->vlan_tci };
	unsigned int tag_len = f->has_vlan ? sizeof(tag) : 0;
	struct virtio_net_hdr vnet;
	struct iovec iov[] = {
		{ &vnet, sizeof(vnet) },
		{ f->data, 12 },
		{ tag, tag_len },
		{ f->data + 12, f->len - 12 },
	};

	fill_header(&vnet, f, tag_len);
	return writev(fd, iov, 4) < 0 ? -errno : 0;
}

static int deliver(struct port *port, struct frame *f)
{
	struct uplink *uplink = port->arg;
	int err = uplink_tap_write(uplink->fd, f);

	if (err && err != -EAGAIN)
		port->stats.rx_dropped++;
	return err;
}

/* Receiving */

/* Returns false if the frame has to wait. */
static bool send_frame(struct uplink *uplink)
{
	if (eswitch_send(uplink->port.sw, &uplink->port, &uplink->frame) !=
	    -EAGAIN)
		return true;
	if (!uplink->waiting) {
		uplink->waiting = true;
		loop_arm(uplink->loop, &uplink->timer, WAIT_NS);
		loop_mod_fd(uplink->loop, uplink->fd, 0);
	}
	return false;
}

static void go_on(struct uplink *uplink)
{
	uplink->waiting = false;
	loop_cancel(uplink->loop, &uplink->timer);
	loop_mod_fd(uplink->loop, uplink->fd, EPOLLIN);
}

static void waited_too_long(void *arg)
{
	struct uplink *uplink = arg;

	uplink->port.stats.tx_dropped++;
	log_debug(uplink->log, "uplink: no room for a frame, dropped");
	go_on(uplink);
}

static void kicked(struct port *port)
{
	struct uplink *uplink = port->arg;

	if (uplink->waiting && send_frame(uplink))
		go_on(uplink);
}

/* What the network has left to do; a frame that makes no sense has no bytes. */
static void take_header(struct uplink *uplink)
{
	struct frame *f = &uplink->frame;
	struct virtio_net_hdr vnet;

	memcpy(&vnet, uplink->buf, sizeof(vnet));
	if (vnet.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) {
		f->csum_partial = true;
		f->csum_start = vnet.csum_start;
		f->csum_offset = vnet.csum_offset;
	}
	if (vnet.gso_type != VIRTIO_NET_HDR_GSO_NONE)
		f->gso_size = vnet.gso_size;
	frame_take_tag(f);
	if (f->gso_size && frame_prepare_gso(f))
		f->len = 0;
}

/* Returns false if there is no frame now. */
static bool read_frame(struct uplink *uplink)
{
	const size_t header_len = sizeof(struct virtio_net_hdr);
	ssize_t n;

	n = read(uplink->fd, uplink->buf, sizeof(uplink->buf));
	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR) {
			log_error(uplink->log, "uplink: %s", strerror(errno));
			loop_del_fd(uplink->loop, uplink->fd);
		}
		return false;
	}
	uplink->frame = (struct frame){ .data = uplink->buf + header_len };
	if ((size_t)n > header_len)
		uplink->frame.len = n - header_len;
	take_header(uplink);
	return true;
}

static void on_tap(void *arg, uint32_t events)
{
	struct uplink *uplink = arg;

	(void)events;
	for (int i = 0; i < READ_BUDGET && !uplink->waiting; i++)
		if (!read_frame(uplink) || !send_frame(uplink))
			return;
}

/* Setup */

static int enter_netns(const char *name)
{
	char path[256];
	int fd, err = 0;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (setns(fd, CLONE_NEWNET))
		err = -errno;
	close(fd);
	return err;
}

static int set_up(const char *ifname)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq ifr = { 0 };
	int err = 0;

	if (fd < 0)
		return -errno;
	memcpy(ifr.ifr_name, ifname, strlen(ifname) + 1);
	if (ioctl(fd, SIOCGIFFLAGS, &ifr))
		err = -errno;
	ifr.ifr_flags |= IFF_UP;
	if (!err && ioctl(fd, SIOCSIFFLAGS, &ifr))
		err = -errno;
	close(fd);
	return err;
}

static int open_tap(const char *ifname)
{
	struct ifreq ifr = {
		.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR,
	};
	int header_len = sizeof(struct virtio_net_hdr);
	int fd, err;

	if (!*ifname || strlen(ifname) >= sizeof(ifr.ifr_name))
		return -EINVAL;
	fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	memcpy(ifr.ifr_name, ifname, strlen(ifname) + 1);
	if (ioctl(fd, TUNSETIFF, &ifr) ||
	    ioctl(fd, TUNSETVNETHDRSZ, &header_len) ||
	    ioctl(fd, TUNSETOFFLOAD, 0)) {
		err = -errno;
		goto close_fd;
	}
	err = set_up(ifname);
	if (err)
		goto close_fd;
	return fd;

close_fd:
	close(fd);
	return err;
}

/* The interface is born in the namespace of whoever opens the device. */
static int open_tap_in(struct log *log, const char *ifname, const char *netns)
{
	int home, fd;

	home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (home < 0)
		return -errno;
	fd = enter_netns(netns);
	if (!fd) {
		fd = open_tap(ifname);
		if (setns(home, CLONE_NEWNET) && fd >= 0) {
			close(fd);
			fd = -errno;
		}
	} else {
		log_error(log, "cannot enter network namespace %s", netns);
	}
	close(home);
	return fd;
}

int uplink_tap_open(struct log *log, const char *spec)
{
	char ifname[64];
	const char *at = strchr(spec, '@');
	size_t len = at ? (size_t)(at - spec) : strlen(spec);

	if (len >= sizeof(ifname))
		return -EINVAL;
	memcpy(ifname, spec, len);
	ifname[len] = 0;
	return at ? open_tap_in(log, ifname, at + 1) : open_tap(ifname);
}

static const struct port_ops port_ops = {
	.deliver = deliver,
	.kicked = kicked,
};

struct uplink *uplink_tap_new(struct loop *loop, struct log *log,
			      struct eswitch *sw, const char *spec,
			      bool merged)
{
	const unsigned long offloads = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6;
	struct uplink *uplink = calloc(1, sizeof(*uplink));
	int err;

	if (!uplink)
		return NULL;
	uplink->loop = loop;
	uplink->log = log;
	uplink->timer.fn = waited_too_long;
	uplink->timer.arg = uplink;
	uplink->port.ops = &port_ops;
	uplink->port.name = "uplink";
	uplink->port.arg = uplink;
	uplink->port.flags = PORT_TAKES_OFFLOADS | PORT_UPLINK;
	uplink->port.enabled = true;
	uplink->fd = uplink_tap_open(log, spec);
	err = uplink->fd;
	if (err < 0)
		goto free_uplink;
	err = merged && ioctl(uplink->fd, TUNSETOFFLOAD, offloads) ? -errno :
	      loop_add_fd(loop, uplink->fd, EPOLLIN, on_tap, uplink);
	if (err)
		goto close_fd;
	eswitch_add(sw, &uplink->port);
	return uplink;

close_fd:
	close(uplink->fd);
free_uplink:
	log_error(log, "cannot make TAP %s: %s", spec, strerror(-err));
	free(uplink);
	return NULL;
}

void uplink_free(struct uplink *uplink)
{
	if (!uplink)
		return;
	loop_cancel(uplink->loop, &uplink->timer);
	loop_del_fd(uplink->loop, uplink->fd);
	eswitch_del(uplink->port.sw, &uplink->port);
	close(uplink->fd);
	free(uplink);
}

struct port *uplink_port(struct uplink *uplink)
{
	return &uplink->port;
}

bool uplink_is_idle(const struct uplink *uplink)
{
	struct pollfd pfd = { .fd = uplink->fd, .events = POLLIN };

	return !uplink->waiting && poll(&pfd, 1, 0) == 0;
}

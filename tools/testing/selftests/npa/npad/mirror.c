// SPDX-License-Identifier: GPL-2.0
/*
 * Mirror of the switch.  The file has the format that tcpdump reads (pcap,
 * microseconds, Ethernet).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "json_add.h"
#include "mirror.h"
#include "uplink_tap.h"

#define PCAP_MAGIC	0xa1b2c3d4u
#define PCAP_ETHERNET	1
#define PCAP_SNAPLEN	(FRAME_MAX + FRAME_TAG_LEN)

struct pcap_header {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, accuracy, snaplen, link_type;
};

struct pcap_record {
	uint32_t seconds, microseconds, captured, length;
};

/**
 * struct mirror - where copies go
 * @sw: the switch
 * @to: as asked for
 * @fd: file or TAP
 * @tap: it is a TAP
 * @frames: written
 * @dropped: not written
 */
struct mirror {
	struct eswitch *sw;
	char *to;
	int fd;
	bool tap;
	uint64_t frames, dropped;
};

static int open_pcap(const char *path)
{
	const struct pcap_header header = {
		.magic = PCAP_MAGIC,
		.major = 2,
		.minor = 4,
		.snaplen = PCAP_SNAPLEN,
		.link_type = PCAP_ETHERNET,
	};
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	if (write(fd, &header, sizeof(header)) == sizeof(header))
		return fd;
	close(fd);
	unlink(path);
	return -EIO;
}

/* Half a record would spoil all that follow: none, then. */
static bool write_pcap(int fd, const struct frame *f)
{
	uint8_t tag[] = { 0x81, 0, f->vlan_tci >> 8, f->vlan_tci };
	size_t tag_len = f->has_vlan ? sizeof(tag) : 0;
	struct pcap_record record = {
		.captured = f->len + tag_len,
		.length = f->len + tag_len,
	};
	struct iovec iov[] = {
		{ &record, sizeof(record) },
		{ f->data, 12 },
		{ tag, tag_len },
		{ f->data + 12, f->len - 12 },
	};
	off_t start = lseek(fd, 0, SEEK_CUR);
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	record.seconds = now.tv_sec;
	record.microseconds = now.tv_nsec / 1000;
	if (writev(fd, iov, 4) == (ssize_t)(sizeof(record) + record.captured))
		return true;
	if (start >= 0 && !ftruncate(fd, start))
		lseek(fd, start, SEEK_SET);
	return false;
}

static void take(void *arg, const struct frame *f)
{
	struct mirror *mirror = arg;
	bool done = mirror->tap ? !uplink_tap_write(mirror->fd, f) :
				  write_pcap(mirror->fd, f);

	if (done)
		mirror->frames++;
	else
		mirror->dropped++;
}

static int open_target(struct mirror *mirror, struct log *log, const char **why)
{
	const char *to = mirror->to;

	if (!strncmp(to, "tap:", 4)) {
		mirror->tap = true;
		return uplink_tap_open(log, to + 4);
	}
	if (!strncmp(to, "pcap:/", 6))
		return open_pcap(to + 5);
	*why = "neither pcap:/PATH nor tap:IFNAME[@NETNS]";
	return -EINVAL;
}

struct mirror *mirror_new(struct eswitch *sw, struct log *log, const char *to,
			  const char **why)
{
	struct mirror *mirror = calloc(1, sizeof(*mirror));

	if (!mirror)
		return NULL;
	mirror->sw = sw;
	mirror->to = strdup(to);
	mirror->fd = mirror->to ? open_target(mirror, log, why) : -ENOMEM;
	if (mirror->fd < 0) {
		int err = -mirror->fd;

		free(mirror->to);
		free(mirror);
		errno = err;
		return NULL;
	}
	eswitch_set_mirror(sw, take, mirror);
	return mirror;
}

void mirror_free(struct mirror *mirror)
{
	if (!mirror)
		return;
	eswitch_set_mirror(mirror->sw, NULL, NULL);
	close(mirror->fd);
	free(mirror->to);
	free(mirror);
}

void mirror_report(const struct mirror *mirror, struct json_object *reply)
{
	struct json_object *object = NULL;

	if (mirror) {
		object = json_object_new_object();
		json_add_string(object, "to", mirror->to);
		json_add_number(object, "frames", mirror->frames);
		json_add_number(object, "dropped", mirror->dropped);
	}
	json_object_object_add(reply, "mirror", object);
}

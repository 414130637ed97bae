// SPDX-License-Identifier: GPL-2.0
/*
 * Rubbish from the client and from the guest in it: whatever comes, npad lives
 * and serves the next one.  The sanitizers say what it did meanwhile.
 *
 * NPAD_TEST_ROUNDS and NPAD_TEST_SEED change how long and with what.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "guest.h"
#include "tap.h"

static unsigned int number(const char *name, unsigned int otherwise)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 0) : otherwise;
}

static uint32_t random32(void)
{
	static const uint32_t odd[] = {
		0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 4096, 65535, 128
	};

	switch (random() % 4) {
	case 0:
		return odd[random() % 8];
	case 1:
		return random() % 64;
	default:
		return (uint32_t)random() << 1 ^ random();
	}
}

static void fill(uint8_t *to, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to[i] = random();
}

/* Messages: any command, any length, with and without descriptor. */
static void random_message(struct guest *g)
{
	uint8_t msg[512];
	uint32_t words[4] = {
		(uint32_t)(random() % 16) << 16 | (random() & 0xffff),
		16 + random() % 200,
		random() % 8 ? 0 : random32() & 0x3f,
		0,
	};
	size_t len = words[1];
	unsigned int n;

	fill(msg, sizeof(msg));
	for (unsigned int i = 16; i + 4 <= len; i += 4) {
		uint32_t word = random32();

		if (random() & 1)
			memcpy(msg + i, &word, 4);
	}
	n = random() % 40;
	if (n == 0)
		words[1] = random32();
	memcpy(msg, words, 16);
	if (n == 1)
		len = random() % len;
	guest_send(g, msg, len, random() % 8 ? -1 : g->ram_fd);
}

static void test_messages(struct tap *tap)
{
	struct guest *g = guest_new(true, NULL);
	unsigned int rounds = number("NPAD_TEST_ROUNDS", 300);
	uint8_t sink[4096];

	tap_begin(tap);
	for (unsigned int i = 0; i < rounds; i++) {
		if (!tap_check(tap, guest_connect(g)))
			break;
		for (int j = 0; j < 30; j++) {
			random_message(g);
			guest_turn(g, 1);
			while (recv(g->sock, sink, sizeof(sink),
				    MSG_DONTWAIT) > 0)
				;
		}
		guest_disconnect(g);
	}
	guest_free(g);
	tap_end(tap, "rubbish messages");
}

/* A client that says nothing of a version. */
static void test_no_version(struct tap *tap)
{
	struct guest *g = guest_new(true, NULL);

	tap_begin(tap);
	tap_check(tap, guest_connect(g));
	/* A second version message is an error, not a second connection. */
	tap_check(tap, guest_request(g, 1, "\0\0\0\0{}", 7, -1) && g->error);
	tap_check(tap, guest_request(g, 77, NULL, 0, -1) && g->error);
	tap_check(tap, guest_request(g, 2, "x", 1, -1) && g->error);
	tap_check(tap, guest_request(g, 13, NULL, 0, -1) && !g->error);
	guest_free(g);
	tap_end(tap, "commands out of place");
}

/* A client that makes its memory, or npad's, shorter than it has said. */
static void test_takes_back(struct tap *tap)
{
	struct {
		struct vfio_region_info info;
		uint8_t rest[224];
	} ask = { .info = { .argsz = 256, .index = BAR_WINDOW } };
	struct guest *g = guest_new(true, NULL);

	tap_begin(tap);
	tap_check(tap, guest_connect(g));
	tap_check(tap, guest_request(g, 5, &ask, sizeof(ask), -1));
	tap_check(tap, g->reply_fd >= 0);
	tap_check(tap, ftruncate(g->reply_fd, 0) && errno == EPERM);
	tap_check(tap, ftruncate(g->reply_fd, 2 * WINDOW_BAR_LEN));
	guest_configure(g, 1);
	tap_check(tap, !guest_activate(g));
	guest_fill_rx(g, 4, 4);
	/* npad writes statistics into memory that is not there. */
	tap_check(tap, !ftruncate(g->ram_fd, 0));
	guest_command(g, VMXNET3_CMD_GET_STATS);
	guest_turn(g, 2);
	tap_check(tap, !vfio_user_is_connected(g->vnic->vu));
	guest_disconnect(g);
	tap_check(tap, !ftruncate(g->ram_fd, GUEST_RAM));
	tap_check(tap, guest_connect(g));
	guest_configure(g, 1);
	tap_check(tap, !guest_activate(g));
	guest_free(g);
	tap_end(tap, "a client that takes its memory back");
}

/* A client that gives for an eventfd what blocks whoever writes to it. */
static void test_full_pipe(struct tap *tap)
{
	struct vfio_irq_set set = {
		.argsz = sizeof(set),
		.flags = VFIO_IRQ_SET_DATA_EVENTFD |
			 VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = VFIO_PCI_MSIX_IRQ_INDEX,
		.start = 1,
		.count = 1,
	};
	struct guest *g = guest_new(true, NULL);
	uint8_t frame[2000];
	int pair[2];
	size_t len;

	tap_begin(tap);
	tap_check(tap, !pipe(pair));
	fcntl(pair[1], F_SETFL, O_NONBLOCK);
	while (write(pair[1], "x", 1) > 0)
		;
	fcntl(pair[1], F_SETFL, 0);
	tap_check(tap, guest_connect(g));
	tap_check(tap, guest_request(g, 8, &set, sizeof(set), pair[1]));
	guest_configure(g, 1);
	tap_check(tap, !guest_activate(g));
	guest_fill_rx(g, 4, 4);
	len = make_udp(frame, NULL, 100, false);
	alarm(20);			/* the end, if npad stands still */
	tap_check(tap, !guest_deliver(g, frame, len, -1));
	tap_check(tap, guest_command(g, VMXNET3_CMD_GET_LINK));
	alarm(0);
	guest_free(g);
	close(pair[0]);
	close(pair[1]);
	tap_end(tap, "a full pipe for an eventfd");
}

static const uint32_t commands[] = {
	0xcafe0000, 0xcafe0000, 0xcafe0000, 0xcafe0001, 0xcafe0002, 0xcafe0003,
	0xcafe0004, 0xcafe0005, 0xcafe0006, 0xcafe0007, 0xcafe0008, 0xcafe0009,
	0xcafe000a, 0xcafe000b, 0xcafe000c, 0xcafe000d, 0xf00d0000, 0xf00d0001,
	0xf00d0002, 0xf00d0005, 0xf00d0007, 0xf00d0008, 0xcafe4e01, 0xcafe4e02,
	0xf00d4e01, 0,
	VMXNET3_CMD_SET_COALESCE, VMXNET3_CMD_SET_RSS_FIELDS,
	VMXNET3_CMD_SET_RING_BUFFER_SIZE, VMXNET3_CMD_GET_COALESCE,
	VMXNET3_CMD_GET_RSS_FIELDS, VMXNET3_CMD_GET_DCR0_REG,
	VMXNET3_CMD_GET_TSRING_DESC_SIZE,
};

static void random_access(struct guest *g)
{
	unsigned int bar = random() % 4;
	uint32_t offset, len, value = random32();
	uint8_t data[16];

	len = bar == BAR_WINDOW ? WINDOW_BAR_LEN :
	      bar == VMXNET3_BAR_PT ? PT_BAR_MAX_LEN : 4096;
	offset = random() % 16 ? random() % len : len;
	if (random() % 8)
		offset &= ~7u;
	switch (random() % 6) {
	case 0:
		fill(data, sizeof(data));
		guest_write(g, bar, offset, data, random() % 17);
		break;
	case 1:
		guest_read(g, bar, offset, data, random() % 17);
		break;
	case 2:
		guest_write32(g, VMXNET3_BAR_PT, 0x600 + random() % 96 * 8,
			      value);
		break;
	case 3:
		guest_write32(g, BAR_WINDOW, random() % 0x10000 & ~3u,
			      value);
		break;
	default:
		value = commands[random() % (sizeof(commands) / 4)];
		guest_write32(g, VMXNET3_BAR_VD, VMXNET3_VD_CMD, value);
	}
}

/* Spoil a few bytes where the device looks for them. */
static void spoil_memory(struct guest *g)
{
	for (int i = random() % 6; i > 0; i--) {
		uint32_t value = random32();
		size_t at;

		switch (random() % 4) {
		case 0:
			at = AT_SHARED +
			     random() % sizeof(struct vmxnet3_shared);
			break;
		case 1:
			at = AT_QUEUES + random() % 768;
			break;
		case 2:
			at = AT_PLUGIN + random() % 4096;
			break;
		default:
			at = AT_TX_RING + random() % (AT_RSS - AT_TX_RING);
		}
		memcpy(g->ram + at, &value, random() % 5);
	}
}

static void plausible_rings(struct guest *g)
{
	for (unsigned int i = 0; i < GUEST_RING; i++) {
		uint64_t addr = GUEST_BASE + random() % GUEST_RAM;

		if (!(random() % 16))
			addr = (uint64_t)random32() << 20;
		guest_rx_desc(g, random() & 1, i, addr, random() % 16384,
			      random() & 1);
	}
	for (unsigned int i = 0; i < GUEST_RING; i++) {
		struct vmxnet3_tx_desc *desc =
			(void *)(g->ram + AT_TX_RING + 16 * i);

		desc->addr = htole64(GUEST_BASE + random() % GUEST_RAM);
		desc->ctl = htole32(random32() & ~VMXNET3_TXD_DTYPE);
		desc->ctl2 = htole32(random32());
	}
}

static void random_frame(struct guest *g)
{
	static uint8_t frame[9100];
	size_t len = (random() & 1 ? make_udp : make_tcp)(frame, NULL,
			random() % (random() & 1 ? 9000 : 1400), random() & 1);

	if (random() & 1)
		frame[random() % len] = random();
	if (random() % 8 == 0)
		memset(frame, 0xff, 6);
	guest_deliver(g, frame, len, random() & 1 ? random() & 0xffff : -1);
}

static void operator_acts(struct guest *g)
{
	const char *why;

	switch (random() % 6) {
	case 0:
	case 1:
		npa_attach(g->vnic->npa, "image", &why);
		break;
	case 2:
		npa_detach(g->vnic->npa);
		break;
	case 3:
		npa_revoke(g->vnic->npa);
		break;
	case 4:
		vmxnet3_dev_set_link(g->vnic->dev, random() & 1);
		break;
	}
}

/* Some rounds begin with a VF. */
static void go_to_vf(struct guest *g)
{
	const char *why;

	npa_attach(g->vnic->npa, "image", &why);
	guest_write32(g, VMXNET3_BAR_VD, VMXNET3_VD_CMD,
		      VMXNET3_CMD_LOAD_PLUGIN);
	for (int i = 0; i < 8; i++)
		guest_read32(g, VMXNET3_BAR_VD, VMXNET3_VD_CMD);
	guest_command(g, VMXNET3_CMD_ACTIVATE_VF);
	if (random() & 1)
		guest_command(g, VMXNET3_CMD_STOP_EMULATION);
}

/* A driver of any revision, with all that it can configure. */
static void choose_revision(struct guest *g)
{
	struct vmxnet3_rx_queue_desc *rxq = guest_rxq(g, 0);
	struct vmxnet3_tx_queue_desc *txq = guest_txq(g);

	guest_write32(g, VMXNET3_BAR_VD, VMXNET3_VD_VRRS,
		      BIT(random() % VMXNET3_REV_MAX));
	guest_write32(g, VMXNET3_BAR_VD, VMXNET3_VD_DCR, random32());
	rxq->conf.data_ring_pa = htole64(GUEST_BASE + AT_VF_RINGS);
	rxq->conf.data_desc_size = htole16(random() % 32 * 64);
	rxq->ts.ring_pa = htole64(GUEST_BASE + AT_VF_RINGS);
	rxq->ts.desc_size = htole16(random() % 4 * 64);
	txq->ts.ring_pa = htole64(GUEST_BASE + AT_VF_RINGS);
	txq->ts.desc_size = htole16(random() % 4 * 64);
	guest_shared(g)->dev_read.misc.features |=
		htole64(random() % 2 * VMXNET3_F_LRO) |
		htole64(random() % 2 * VMXNET3_F_RXINNER);
}

static void test_guest(struct tap *tap, const char *dir)
{
	struct vmxnet3_model model = vmxnet3_model_default(1);
	unsigned int rounds = number("NPAD_TEST_ROUNDS", 300);
	unsigned int active = 0, with_vf = 0;
	struct guest *g;

	model.revision = VMXNET3_REV_MAX;
	model.rx_any_order = true;
	model.sample_rate = 2;
	g = guest_new_model(&vf_82576_ops, dir, &model);
	tap_begin(tap);
	for (unsigned int i = 0; i < rounds; i++) {
		if (!tap_check(tap, guest_connect(g)))
			break;
		guest_configure(g, 1 + random() % 2);
		guest_configure_npa(g, 4);
		choose_revision(g);
		plausible_rings(g);
		if (random() & 1)
			spoil_memory(g);
		guest_activate(g);
		g->refuse_dma = !(random() % 8);
		if (random() & 1)
			go_to_vf(g);
		for (int j = 0; j < 40; j++) {
			random_access(g);
			if (random() % 4 == 0)
				random_frame(g);
			if (random() % 16 == 0)
				spoil_memory(g);
			if (random() % 8 == 0)
				operator_acts(g);
			guest_turn(g, 1);
			active += g->vnic->dev->active;
			with_vf += npa_vf_is_active(g->vnic->npa);
		}
		guest_disconnect(g);
		g->full = !(random() % 4);
	}
	g->full = false;
	npa_detach(g->vnic->npa);
	/* It still works for a guest that behaves. */
	tap_check(tap, guest_connect(g));
	guest_configure(g, 1);
	tap_check(tap, guest_activate(g) == 0);
	guest_free(g);
	printf("# active in %u, with a VF in %u of %u steps\n", active, with_vf,
	       rounds * 40);
	tap_end(tap, "rubbish registers, memory and frames");
}

int main(void)
{
	unsigned int seed = number("NPAD_TEST_SEED", 1);
	char dir[] = "/tmp/npad-store-XXXXXX", path[64];
	struct tap tap = { 0 };
	FILE *file;

	srandom(seed);
	if (!mkdtemp(dir))
		return 1;
	snprintf(path, sizeof(path), "%s/image.npa", dir);
	file = fopen(path, "w");
	for (int i = 0; file && i < 6000; i++)
		fputc(i, file);
	if (file)
		fclose(file);
	test_no_version(&tap);
	test_takes_back(&tap);
	test_full_pipe(&tap);
	test_messages(&tap);
	test_guest(&tap, dir);
	unlink(path);
	rmdir(dir);
	return tap_done(&tap);
}

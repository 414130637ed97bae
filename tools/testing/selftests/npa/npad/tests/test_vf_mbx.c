// SPDX-License-Identifier: GPL-2.0
/*
 * The 82576 VF with a driver of the guest's own: the mailbox, register by
 * register as igbvf uses it, what the PF's leave means, filters and header
 * buffers.
 */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tap.h"

#include "../pf.h"
#include "../../plugins/e1000vf_regs.h"

#define RAM_BASE	0x100000ull
#define RAM_LEN		0x100000u
#define RX_RING		(RAM_BASE + 0x1000)
#define TX_RING		(RAM_BASE + 0x2000)
#define HEADERS		(RAM_BASE + 0x10000)	/* 256 bytes each */
#define BUFFERS		(RAM_BASE + 0x20000)	/* 2 KiB each */
#define RING		32

#define ACK		0x80000000u
#define NACK		0x40000000u
#define CTS		0x20000000u
#define MSG_RESET	0x01
#define MSG_MAC		0x02
#define MSG_MULTICAST	0x03
#define MSG_VLAN	0x04
#define MSG_LPE		0x05
#define INFO(n)		((uint32_t)(n) << 16)

#define MISC_VECTOR	2

static const uint8_t vf_mac[6] = { 2, 0x11, 0x22, 0x33, 0x44, 0x55 };
static const uint8_t group[6] = { 1, 0, 0x5e, 1, 2, 3 };
#define GROUP_HASH	(2 >> 4 | 3 << 4)

/**
 * struct bench - a VF, the hypervisor in this file, and a peer at the switch
 * @refuse: what the hypervisor answers
 * @asked: how often it was asked
 * @request: the last request
 * @raised: interrupts per vector
 * @got: frames at the peer
 */
struct bench {
	struct tap *tap;
	struct loop *loop;
	struct loop_poller stopper;
	unsigned int turns;
	struct dma_space *dma;
	int ram_fd;
	uint8_t *ram;
	struct eswitch *sw;
	uint8_t *window;
	struct vf *vf;
	struct port peer;
	int refuse;
	unsigned int asked;
	struct pf_request request;
	unsigned int raised[E1000VF_MAX_VECTORS];
	unsigned int got;
};

#define CHECK(cond)	tap_check(b->tap, cond)

static const struct pf_ops *const ops = &vf_82576_ops;

static int on_request(void *arg, const struct pf_request *request)
{
	struct bench *b = arg;

	b->asked++;
	b->request = *request;
	return b->refuse;
}

static void on_interrupt(void *arg, unsigned int vector)
{
	struct bench *b = arg;

	if (CHECK(vector < E1000VF_MAX_VECTORS))
		b->raised[vector]++;
}

static int peer_deliver(struct port *port, struct frame *f)
{
	struct bench *b = port->arg;

	(void)f;
	b->got++;
	return 0;
}

static const struct port_ops peer_ops = { .deliver = peer_deliver };

static bool stop_after(void *arg)
{
	struct bench *b = arg;

	if (!--b->turns)
		loop_stop(b->loop);
	return true;
}

static void run(struct bench *b, unsigned int turns)
{
	b->turns = turns;
	loop_run(b->loop);
}

static uint32_t get(struct bench *b, uint32_t offset)
{
	return ops->read(b->vf, offset, 4);
}

static void set(struct bench *b, uint32_t offset, uint32_t value)
{
	ops->write(b->vf, offset, 4, value);
}

/* Send a message as igbvf does: own the buffer, write it, hand it over. */
static void send_msg(struct bench *b, const uint32_t *msg, unsigned int words)
{
	set(b, E1000VF_MAILBOX, ADV_MAILBOX_VFU);
	CHECK(get(b, E1000VF_MAILBOX) & ADV_MAILBOX_VFU);
	for (unsigned int i = 0; i < words; i++)
		set(b, E1000VF_VMBMEM + 4 * i, msg[i]);
	set(b, E1000VF_MAILBOX, ADV_MAILBOX_REQ);
}

/* Send a message; the answer's first word, 0 if there is none. */
static uint32_t ask(struct bench *b, uint32_t w0, uint32_t w1, uint32_t w2)
{
	const uint32_t msg[3] = { w0, w1, w2 };
	uint32_t status;

	send_msg(b, msg, 3);
	status = get(b, E1000VF_MAILBOX);
	CHECK(status & ADV_MAILBOX_PFACK);
	CHECK(!(get(b, E1000VF_MAILBOX) & ADV_MAILBOX_R2C));
	if (!(status & ADV_MAILBOX_PFSTS))
		return 0;
	set(b, E1000VF_MAILBOX, ADV_MAILBOX_VFU);
	w0 = get(b, E1000VF_VMBMEM);
	set(b, E1000VF_MAILBOX, ADV_MAILBOX_ACK);
	CHECK(!(get(b, E1000VF_MAILBOX) & ADV_MAILBOX_VFU));
	return w0;
}

static bool reset_vf(struct bench *b)
{
	set(b, E1000VF_CTRL, E1000VF_CTRL_RST);
	return ask(b, MSG_RESET, 0, 0) == (MSG_RESET | ACK);
}

static void bench_free(struct bench *b)
{
	ops->release(b->vf);
	eswitch_free(b->sw);
	dma_free(b->dma);
	loop_free(b->loop);
	munmap(b->ram, RAM_LEN);
	close(b->ram_fd);
	free(b->window);
	free(b);
}

static struct bench *bench_new(struct tap *tap)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct pf_env env = { 0 };

	b->tap = tap;
	b->window = aligned_alloc(4096, E1000VF_WINDOW_LEN);
	b->loop = loop_new();
	b->dma = dma_new();
	b->sw = eswitch_new();
	b->ram_fd = memfd_create("ram", MFD_CLOEXEC);
	CHECK(!ftruncate(b->ram_fd, RAM_LEN));
	b->ram = mmap(NULL, RAM_LEN, PROT_READ | PROT_WRITE, MAP_SHARED,
		      b->ram_fd, 0);
	CHECK(!dma_add(b->dma, RAM_BASE, RAM_LEN, b->ram_fd, 0, true));
	b->stopper.fn = stop_after;
	b->stopper.arg = b;
	loop_add_poller(b->loop, &b->stopper);
	b->peer.ops = &peer_ops;
	b->peer.name = "peer";
	b->peer.arg = b;
	b->peer.flags = PORT_UPLINK;
	b->peer.enabled = true;
	eswitch_add(b->sw, &b->peer);
	env.loop = b->loop;
	env.dma = b->dma;
	env.sw = b->sw;
	env.window = b->window;
	env.raise = on_interrupt;
	env.raise_arg = b;
	env.request = on_request;
	env.request_arg = b;
	b->vf = ops->acquire(&env);
	CHECK(!ops->set_mac(b->vf, vf_mac));
	CHECK(!ops->set_rx_mode(b->vf, PORT_RX_UCAST | PORT_RX_MCAST |
				PORT_RX_BCAST));
	CHECK(!ops->open(b->vf));
	return b;
}

/* Both rings of queue 0, all receive descriptors given to the VF. */
static void start_queues(struct bench *b, uint32_t srrctl)
{
	struct adv_rx_desc *desc = (void *)(b->ram + (RX_RING - RAM_BASE));

	for (unsigned int i = 0; i < RING; i++) {
		desc[i].addr = htole64(BUFFERS + 2048 * i);
		desc[i].status = htole32(HEADERS + 256 * i);
		desc[i].length = 0;
	}
	set(b, E1000VF_RDBAL(0), RX_RING);
	set(b, E1000VF_RDLEN(0), RING * 16);
	set(b, E1000VF_SRRCTL(0), srrctl);
	set(b, E1000VF_RXDCTL(0), ADV_DCTL_ENABLE);
	set(b, E1000VF_RDT(0), RING - 1);
	set(b, E1000VF_TDBAL(0), TX_RING);
	set(b, E1000VF_TDLEN(0), RING * 16);
	set(b, E1000VF_TXDCTL(0), ADV_DCTL_ENABLE);
}

/* One frame of 60 bytes in a transmit descriptor. */
static void post_frame(struct bench *b)
{
	struct adv_tx_desc *desc = (void *)(b->ram + (TX_RING - RAM_BASE));
	uint32_t tail = get(b, E1000VF_TDT(0));
	uint8_t *data = b->ram + (BUFFERS - RAM_BASE);

	memset(data, 0, 60);
	memset(data, 0xff, 6);
	memcpy(data + 6, vf_mac, 6);
	desc[tail].addr = htole64(BUFFERS);
	desc[tail].cmd = htole32(60 | ADV_TXD_DATA | ADV_TXD_DEXT |
				 ADV_TXD_EOP | ADV_TXD_RS);
	desc[tail].status = 0;
	set(b, E1000VF_TDT(0), (tail + 1) % RING);
}

/* A frame from the peer; true if the VF has counted it. */
static bool receives(struct bench *b, const uint8_t *dst, int vid, size_t len)
{
	uint32_t before = get(b, E1000VF_VFGPRC);
	uint8_t data[2048] = { 0 };
	struct frame f = { .data = data, .len = len };

	memcpy(data, dst, 6);
	if (vid >= 0) {
		f.has_vlan = true;
		f.vlan_tci = vid;
	}
	CHECK(!eswitch_send(b->sw, &b->peer, &f));
	return get(b, E1000VF_VFGPRC) != before;
}

/* Where the tests' descriptors were written. */
static const struct adv_rx_desc *rx_desc(struct bench *b, unsigned int i)
{
	return (void *)(b->ram + (RX_RING - RAM_BASE) + 16 * i);
}

/* Tests */

static void test_reset(struct bench *b)
{
	uint32_t status = get(b, E1000VF_MAILBOX);

	CHECK(status & ADV_MAILBOX_RSTD);
	CHECK(!(get(b, E1000VF_MAILBOX) & ADV_MAILBOX_RSTD));
	CHECK(ask(b, MSG_RESET, 0, 0) == (MSG_RESET | ACK));
	CHECK(b->request.type == PF_REQUEST_RESET);
	CHECK(get(b, E1000VF_VMBMEM + 4) == 0x33221102);
	CHECK(get(b, E1000VF_VMBMEM + 8) == 0x5544);
	/* The function's reset makes the PF forget. */
	set(b, E1000VF_CTRL, E1000VF_CTRL_RST);
	CHECK(get(b, E1000VF_MAILBOX) & ADV_MAILBOX_RSTD);
	CHECK(ask(b, MSG_LPE, 1522, 0) == (MSG_LPE | NACK));
	CHECK(b->asked == 1);
	b->refuse = -EPERM;
	CHECK(ask(b, MSG_RESET, 0, 0) == (MSG_RESET | NACK));
	CHECK(ask(b, MSG_LPE, 1522, 0) == (MSG_LPE | NACK));
}

static void test_requests(struct bench *b)
{
	const uint32_t multicast[16] = {
		MSG_MULTICAST | INFO(3), 0x0fff0001, 0xabcd0123,
	};

	CHECK(reset_vf(b));
	CHECK(ask(b, MSG_MAC, 0x04030202, 0x0605) == (MSG_MAC | ACK | CTS));
	CHECK(b->request.type == PF_REQUEST_MAC);
	CHECK(!memcmp(b->request.mac, "\x02\x02\x03\x04\x05\x06", 6));
	CHECK(ask(b, MSG_MAC | INFO(1), 0, 0) ==
	      (MSG_MAC | INFO(1) | ACK | CTS));
	CHECK(b->request.type == PF_REQUEST_MORE_MACS && !b->request.on);
	CHECK(ask(b, MSG_MAC | INFO(2), 2, 7) & ACK);
	CHECK(b->request.type == PF_REQUEST_MORE_MACS && b->request.on);
	CHECK(ask(b, MSG_VLAN | INFO(1), 4095, 0) & ACK);
	CHECK(b->request.type == PF_REQUEST_VLAN && b->request.on &&
	      b->request.vid == 4095);
	CHECK(ask(b, MSG_VLAN, 1, 0) & ACK);
	CHECK(!b->request.on && b->request.vid == 1);
	/* Header, tag and CRC are not part of the MTU. */
	CHECK(ask(b, MSG_LPE, 1522, 0) & ACK);
	CHECK(b->request.type == PF_REQUEST_MTU && b->request.mtu == 1500);
	send_msg(b, multicast, 16);
	CHECK(get(b, E1000VF_VMBMEM) == (multicast[0] | ACK | CTS));
	CHECK(b->request.type == PF_REQUEST_MULTICAST);
	CHECK(b->request.num_hashes == 3 && b->request.hashes[0] == 1 &&
	      b->request.hashes[1] == 0xfff && b->request.hashes[2] == 0x123);
	b->refuse = -EINVAL;
	CHECK(ask(b, MSG_VLAN | INFO(1), 5, 0) ==
	      (MSG_VLAN | INFO(1) | NACK | CTS));
}

static void test_bad_messages(struct bench *b)
{
	unsigned int asked;

	CHECK(reset_vf(b));
	asked = b->asked;
	CHECK(ask(b, MSG_MULTICAST | INFO(31), 0, 0) & NACK);
	CHECK(ask(b, MSG_MULTICAST | INFO(255), 0, 0) & NACK);
	CHECK(ask(b, MSG_VLAN | INFO(1), 4096, 0) & NACK);
	CHECK(ask(b, MSG_VLAN | INFO(1), 0xffffffff, 0) & NACK);
	CHECK(ask(b, MSG_LPE, 21, 0) & NACK);
	CHECK(ask(b, MSG_MAC | INFO(3), 0, 0) & NACK);
	CHECK(ask(b, 6, 0, 0) & NACK);
	CHECK(ask(b, 0, 0, 0) & NACK);
	CHECK(ask(b, MSG_LPE | ACK, 1522, 0) == 0);
	CHECK(ask(b, MSG_LPE | NACK, 1522, 0) == 0);
	CHECK(b->asked == asked);
}

/* The PF's operations themselves check what they get. */
static void test_bad_operations(struct bench *b)
{
	uint16_t hashes[PF_MAX_HASHES + 1] = { 0 };

	CHECK(ops->set_hashes(b->vf, hashes, PF_MAX_HASHES + 1) == -ENOSPC);
	CHECK(ops->set_vlan(b->vf, 4096, true) == -EINVAL);
	CHECK(ops->set_mac(b->vf, group) == -EINVAL);
	CHECK(ops->set_mtu(b->vf, 67) == -EINVAL);
	CHECK(ops->set_mtu(b->vf, 9217) == -EINVAL);
	CHECK(ops->open(b->vf) == -EBUSY);
}

static void test_interrupt(struct bench *b)
{
	CHECK(reset_vf(b));
	set(b, E1000VF_IVAR_MISC, MISC_VECTOR | ADV_IVAR_VALID);
	set(b, E1000VF_EIMS, 1 << MISC_VECTOR);
	CHECK(ask(b, MSG_LPE, 1522, 0) & ACK);
	CHECK(b->raised[MISC_VECTOR] == 1);
	ops->set_link(b->vf, false);
	CHECK(b->raised[MISC_VECTOR] == 2);
	CHECK(!(get(b, E1000VF_STATUS) & E1000VF_STATUS_LU));
	CHECK(get(b, E1000VF_MAILBOX) & ADV_MAILBOX_PFSTS);
	CHECK(get(b, E1000VF_VMBMEM) & CTS);
	/* A reset of the function does not mend the cable. */
	CHECK(reset_vf(b));
	CHECK(!(get(b, E1000VF_STATUS) & E1000VF_STATUS_LU));
	ops->set_link(b->vf, true);
	CHECK(get(b, E1000VF_STATUS) & E1000VF_STATUS_LU);
}

static void test_leave(struct bench *b)
{
	start_queues(b, 2);
	post_frame(b);
	run(b, 3);
	CHECK(b->got == 0);
	CHECK(!receives(b, vf_mac, -1, 60));
	CHECK(ask(b, MSG_RESET, 0, 0) & ACK);
	run(b, 3);
	CHECK(b->got == 1);
	CHECK(receives(b, vf_mac, -1, 60));
	CHECK(get(b, E1000VF_VFGPTC) == 1);
	/* After a reset nothing moves; what was counted stays. */
	set(b, E1000VF_CTRL, E1000VF_CTRL_RST);
	start_queues(b, 2);
	post_frame(b);
	run(b, 3);
	CHECK(b->got == 1);
	CHECK(!receives(b, vf_mac, -1, 60));
	CHECK(get(b, E1000VF_VFGPTC) == 1 && get(b, E1000VF_VFGPRC) == 1);
}

/* Reading STATUS is what a driver does to be sure of its writes. */
static void test_enable_is_seen(struct bench *b)
{
	CHECK(reset_vf(b));
	start_queues(b, 2);
	get(b, E1000VF_STATUS);
	CHECK(receives(b, vf_mac, -1, 60));
	CHECK(get(b, E1000VF_RDH(0)) == 1);
	set(b, E1000VF_RXDCTL(0), 0);
	get(b, E1000VF_STATUS);
	set(b, E1000VF_RDH(0), 0);
	set(b, E1000VF_RDBAL(0), RX_RING + 128);
	set(b, E1000VF_RXDCTL(0), ADV_DCTL_ENABLE);
	get(b, E1000VF_STATUS);
	CHECK(receives(b, vf_mac, -1, 60));
	CHECK(le32toh(rx_desc(b, 8)->status) & ADV_RX_STAT_DD);
}

static void test_filters(struct bench *b)
{
	const uint16_t hash = GROUP_HASH;

	CHECK(reset_vf(b));
	start_queues(b, 2);
	get(b, E1000VF_STATUS);
	CHECK(!receives(b, group, -1, 60));
	CHECK(!ops->set_hashes(b->vf, &hash, 1));
	CHECK(receives(b, group, -1, 60));
	CHECK(!ops->set_hashes(b->vf, NULL, 0));
	CHECK(!receives(b, group, -1, 60));
	CHECK(receives(b, vf_mac, 0, 60));
	CHECK(!receives(b, vf_mac, 5, 60));
	CHECK(!ops->set_vlan(b->vf, 5, true));
	CHECK(receives(b, vf_mac, 5, 60));
	CHECK(!receives(b, vf_mac, 37, 60));
	CHECK(receives(b, vf_mac, 0, 60));
	CHECK(!ops->set_vlan(b->vf, 5, false));
	CHECK(!receives(b, vf_mac, 5, 60));
	CHECK(!ops->set_vlan(b->vf, 6, true));
	ops->clear_vlans(b->vf);
	CHECK(!receives(b, vf_mac, 6, 60));
}

/* A header buffer of 128 bytes: what is no IP fills it. */
static void test_header_buffer(struct bench *b)
{
	const struct adv_rx_desc *desc = rx_desc(b, 0);
	uint32_t info;

	CHECK(reset_vf(b));
	start_queues(b, 1 | ADV_SRRCTL_SPLIT | 2 << ADV_SRRCTL_HDR);
	get(b, E1000VF_STATUS);
	CHECK(receives(b, vf_mac, -1, 1000));
	info = le64toh(desc[0].addr);
	CHECK((info >> ADV_RX_INFO_HDR & ADV_RX_INFO_HDR_MASK) == 128);
	CHECK(!(info & ADV_RX_INFO_SPH));
	CHECK((le32toh(desc[0].length) & ADV_RX_LEN_MASK) == 872);
	CHECK(!memcmp(b->ram + (HEADERS - RAM_BASE), vf_mac, 6));
	CHECK(receives(b, vf_mac, -1, 60));
	CHECK((le64toh(desc[1].addr) >> ADV_RX_INFO_HDR &
	       ADV_RX_INFO_HDR_MASK) == 60);
	CHECK((le32toh(desc[1].length) & ADV_RX_LEN_MASK) == 0);
	/* 128 + 1024 bytes, then the rest without a header buffer. */
	CHECK(receives(b, vf_mac, -1, 1400));
	CHECK(!(le32toh(desc[2].status) & ADV_RX_STAT_EOP));
	CHECK((le32toh(desc[2].length) & ADV_RX_LEN_MASK) == 1024);
	CHECK((le32toh(desc[3].length) & ADV_RX_LEN_MASK) == 248);
	CHECK(le32toh(desc[3].status) & ADV_RX_STAT_EOP);
	CHECK(!(le64toh(desc[3].addr) >> ADV_RX_INFO_HDR &
		ADV_RX_INFO_HDR_MASK));
}

static void test_header_split(struct bench *b)
{
	static const uint8_t udp[] = {
		0x08, 0x00, 0x45, 0, 0, 128, 0, 0, 0, 0, 64, 17, 0, 0,
		10, 0, 0, 1, 10, 0, 0, 2, 0, 7, 0, 7, 0, 108, 0, 0,
	};
	const struct adv_rx_desc *desc = rx_desc(b, 0);
	uint8_t data[142] = { 0 };
	struct frame f = { .data = data, .len = sizeof(data) };
	uint32_t info;

	CHECK(reset_vf(b));
	start_queues(b, 2 | ADV_SRRCTL_SPLIT | 2 << ADV_SRRCTL_HDR);
	get(b, E1000VF_STATUS);
	memcpy(data, vf_mac, 6);
	memcpy(data + 12, udp, sizeof(udp));
	data[42] = 0x5a;
	CHECK(!eswitch_send(b->sw, &b->peer, &f));
	info = le64toh(desc[0].addr);
	CHECK((info >> ADV_RX_INFO_HDR & ADV_RX_INFO_HDR_MASK) == 42);
	CHECK(info & ADV_RX_INFO_SPH);
	CHECK((le32toh(desc[0].length) & ADV_RX_LEN_MASK) == 100);
	CHECK(b->ram[BUFFERS - RAM_BASE] == 0x5a);
}

int main(void)
{
	static const struct {
		const char *name;
		void (*fn)(struct bench *b);
	} tests[] = {
		{ "reset", test_reset },
		{ "requests", test_requests },
		{ "bad messages", test_bad_messages },
		{ "bad operations", test_bad_operations },
		{ "interrupt and link", test_interrupt },
		{ "nothing moves without the PF's leave", test_leave },
		{ "enabled queues are seen at once", test_enable_is_seen },
		{ "multicast and VLAN filters", test_filters },
		{ "header buffer", test_header_buffer },
		{ "header split", test_header_split },
	};
	struct tap tap = { 0 };

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		struct bench *b;

		tap_begin(&tap);
		b = bench_new(&tap);
		tests[i].fn(b);
		bench_free(b);
		tap_end(&tap, "%s", tests[i].name);
	}
	return tap_done(&tap);
}

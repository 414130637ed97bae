// SPDX-License-Identifier: GPL-2.0
/*
 * The 82576 VF: its model and its plugin against each other, in one process.
 *
 * Everything runs twice, with the plugin's C code (so that the sanitizers see
 * it) and with the bytes of its image: $NPA_IMAGE, else the one that
 * plugins/Makefile has built beside npad ($O is npad's build directory).
 */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tap.h"

#include "../loop.h"
#include "../pf.h"
#include "../../plugins/harness/host.h"
#include "../../plugins/intel-82576vf.c"

#define RING		256
#define TX_DATA		(4 << 20)	/* offset in the guest's memory */
#define SENT_MAX	64
#define FUZZ_ROUNDS	400

#define L3		14
#define L4		34
#define TCP_PAYLOAD	54
#define UDP_PAYLOAD	42

static const uint8_t vf_mac[6] = { 2, 0, 0, 0, 0, 1 };
static const uint8_t peer_mac[6] = { 2, 0, 0, 0, 0, 2 };

/* What the peer has got. */
struct got {
	struct frame f;
	uint8_t data[FRAME_MAX];
};

/**
 * struct bench - a VF, a plugin, and a peer at the switch
 * @turns: turns of the loop to go
 * @full: the peer has no room
 * @kicks: how often it was told to try again
 * @raised: interrupts per vector
 * @got: the last frame that the peer got
 * @num_got: how many it got
 * @got_bytes: their bytes
 * @next_seq: the number the next one should have
 * @bad_seq: how many had another
 */
struct bench {
	struct tap *tap;
	struct loop *loop;
	struct loop_poller stopper;
	unsigned int turns;
	struct dma_space *dma;
	struct eswitch *sw;
	uint8_t *window;
	struct vf *vf;
	struct user_shell *us;
	struct port peer;
	bool full;
	unsigned int kicks;
	unsigned int raised[E1000VF_MAX_VECTORS];
	struct got *got;
	uint64_t num_got;
	uint64_t got_bytes;
	uint32_t next_seq;
	uint32_t bad_seq;
	struct pf_init init;
};

/* The plugin under test. */
struct variant {
	const char *name;
	npa_plugin_main_t entry;
	uint32_t priv_len;
};

#define CHECK(cond)	tap_check(b->tap, cond)

/* Frames. */

static uint32_t sum16(const uint8_t *p, size_t len)
{
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		sum += p[i] << 8 | p[i + 1];
	if (len & 1)
		sum += p[len - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static void put16(uint8_t *p, uint32_t value)
{
	p[0] = value >> 8;
	p[1] = value;
}

/*
 * An IPv4 frame with a sequence number in the payload.  The L4 checksum is
 * the pseudo header's sum; with_len: including the length.
 */
static size_t make_frame(uint8_t *p, bool tcp, size_t payload, uint32_t seq,
			 bool with_len)
{
	size_t l4_len = payload + (tcp ? 20 : 8);
	uint8_t pseudo[12] = { 0 };
	size_t i;

	memset(p, 0, TCP_PAYLOAD);
	memcpy(p, peer_mac, 6);
	memcpy(p + 6, vf_mac, 6);
	put16(p + 12, 0x0800);
	p[L3] = 0x45;
	put16(p + L3 + 2, 20 + l4_len);
	p[L3 + 8] = 64;
	p[L3 + 9] = tcp ? 6 : 17;
	memcpy(p + L3 + 12, "\x0a\x00\x00\x01\x0a\x00\x00\x02", 8);
	put16(p + L3 + 10, ~sum16(p + L3, 20));
	put16(p + L4, 1000);
	put16(p + L4 + 2, 2000);
	if (tcp)
		p[L4 + 12] = 5 << 4;
	else
		put16(p + L4 + 4, l4_len);
	memcpy(pseudo, p + L3 + 12, 8);
	pseudo[9] = p[L3 + 9];
	put16(pseudo + 10, with_len ? l4_len : 0);
	put16(p + L4 + (tcp ? 16 : 6), sum16(pseudo, sizeof(pseudo)));
	for (i = 0; i < payload; i++)
		p[L4 + l4_len - payload + i] = i * 7 + seq;
	if (payload >= 4)
		memcpy(p + L4 + l4_len - payload, &seq, 4);
	return L4 + l4_len;
}

/* The same towards the VF, complete. */
static size_t make_rx_frame(uint8_t *p, bool tcp, size_t payload, uint32_t seq)
{
	struct frame f = { .data = p, .csum_partial = true };

	f.len = make_frame(p, tcp, payload, seq, true);
	f.csum_start = L4;
	f.csum_offset = tcp ? 16 : 6;
	memcpy(p, vf_mac, 6);
	memcpy(p + 6, peer_mac, 6);
	frame_finish_csum(&f);
	return f.len;
}

static uint8_t *tx_data(struct bench *b)
{
	return b->us->mem + TX_DATA;
}

/* The bench. */

static int peer_deliver(struct port *port, struct frame *f)
{
	struct bench *b = port->arg;
	uint32_t seq;

	if (b->full)
		return -EAGAIN;
	b->got->f = *f;
	b->got->f.data = b->got->data;
	memcpy(b->got->data, f->data, f->len);
	b->num_got++;
	b->got_bytes += f->len;
	if (f->len >= UDP_PAYLOAD + 4) {
		memcpy(&seq, f->data + UDP_PAYLOAD, 4);
		if (seq != b->next_seq)
			b->bad_seq++;
		b->next_seq = seq + 1;
	}
	return 0;
}

static void peer_kicked(struct port *port)
{
	struct bench *b = port->arg;

	b->kicks++;
}

static const struct port_ops peer_ops = {
	.deliver = peer_deliver,
	.kicked = peer_kicked,
};

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

static void sleep_us(unsigned int us)
{
	const struct timespec ts = { .tv_nsec = us * 1000L };

	nanosleep(&ts, NULL);
}

static void raise_intr(void *arg, unsigned int vector)
{
	struct bench *b = arg;

	if (CHECK(vector < E1000VF_MAX_VECTORS))
		b->raised[vector]++;
}

static void bench_free(struct bench *b)
{
	if (b->vf)
		vf_82576_ops.release(b->vf);
	us_destroy(b->us);
	eswitch_free(b->sw);
	dma_free(b->dma);
	loop_free(b->loop);
	free(b->window);
	free(b->got);
	free(b);
}

/* Everything but what the plugin does. */
static struct bench *bench_new(struct tap *tap)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct pf_env env = { 0 };

	b->tap = tap;
	b->got = calloc(1, sizeof(*b->got));
	b->window = aligned_alloc(4096, E1000VF_WINDOW_LEN);
	b->loop = loop_new();
	b->dma = dma_new();
	b->sw = eswitch_new();
	b->us = us_create(b->dma);
	b->stopper.fn = stop_after;
	b->stopper.arg = b;
	loop_add_poller(b->loop, &b->stopper);
	b->peer.ops = &peer_ops;
	b->peer.name = "peer";
	b->peer.arg = b;
	b->peer.flags = PORT_TAKES_OFFLOADS | PORT_UPLINK;
	b->peer.enabled = true;
	memcpy(b->peer.mac, peer_mac, 6);
	eswitch_add(b->sw, &b->peer);
	env.loop = b->loop;
	env.dma = b->dma;
	env.sw = b->sw;
	env.window = b->window;
	env.raise = raise_intr;
	env.raise_arg = b;
	b->vf = vf_82576_ops.acquire(&env);
	vf_82576_ops.set_mac(b->vf, vf_mac);
	vf_82576_ops.set_rx_mode(b->vf, PORT_RX_UCAST | PORT_RX_MCAST |
				 PORT_RX_BCAST);
	return b;
}

static int activate(struct bench *b)
{
	unsigned int i;
	int err;

	b->init.num_queues = b->us->ps.num_tx_queues;
	for (i = 0; i < b->init.num_queues; i++) {
		b->init.tx[i].pa[0] = b->us->ps.tx[i].seg[0].pa;
		b->init.tx[i].size = b->us->ps.tx[i].ring_size;
		b->init.tx[i].vector = i;
		b->init.rx[i].pa[0] = b->us->ps.rx[i].seg[0].pa;
		b->init.rx[i].size = b->us->ps.rx[i].ring_size;
		b->init.rx[i].vector = i;
	}
	b->init.mtu = b->us->ps.mtu;
	b->init.rx_vlan_strip = true;
	err = vf_82576_ops.init(b->vf, &b->init);
	if (!err)
		err = vf_82576_ops.activate(b->vf);
	for (i = 0; i < b->init.num_queues; i++)
		b->us->api.add_buffers_to_rx_ring(&b->us->ps, i);
	return err;
}

/* As the guest's accesses to trapped pages get to the model. */
static void enable_interrupt(struct bench *b, uint32_t intr, bool on)
{
	vf_82576_ops.write(b->vf, on ? E1000VF_EIMS : E1000VF_EIMC, 4,
			   1U << intr);
}

/* Send a frame from the peer to the VF. */
static int peer_send(struct bench *b, uint8_t *data, size_t len)
{
	struct frame f = { .data = data, .len = len };

	return eswitch_send(b->sw, &b->peer, &f);
}

static void send_plain(struct bench *b, const uint8_t *data, size_t len,
		       uint32_t piece, uint32_t last)
{
	struct npa_tx_info info = { .l3_offset = L3 };

	CHECK(us_send(b->us, 0, &info, data, len, piece, last) == 0);
}

static void tcp_info(struct npa_tx_info *info, uint32_t flags, uint16_t mss)
{
	memset(info, 0, sizeof(*info));
	info->flags = NPA_TX_IPV4 | NPA_TX_TCP | flags;
	info->mss = mss;
	info->l3_offset = L3;
	info->l4_offset = L4;
	info->l4_payload_offset = TCP_PAYLOAD;
	info->csum_offset = 16;
}

/* Tests. */

static void test_tx(struct bench *b)
{
	size_t len = make_frame(tx_data(b), false, 1000, 0, true);

	send_plain(b, tx_data(b), len, 400, 1);
	CHECK(us_tx_free(b->us, 0) == RING - 1 - 3);
	run(b, 2);
	CHECK(b->num_got == 1 && b->got->f.len == len);
	CHECK(!memcmp(b->got->data, tx_data(b), len));
	CHECK(!b->got->f.csum_partial && !b->got->f.gso_size);
	CHECK(b->us->api.check_tx_ring(&b->us->ps, 0) == 1);
	CHECK(us_tx_free(b->us, 0) == RING - 1);
	CHECK(b->us->completed == 1 && !b->us->txq[0].outstanding);
	CHECK(vf_82576_ops.read(b->vf, E1000VF_VFGPTC, 4) == 1);
}

static void test_tx_doorbell(struct bench *b)
{
	size_t len = make_frame(tx_data(b), false, 100, 0, true);

	send_plain(b, tx_data(b), len, len, 0);
	run(b, 2);
	CHECK(b->num_got == 0);
	b->us->api.flush_tx_ring(&b->us->ps, 0);
	run(b, 2);
	CHECK(b->num_got == 1);
}

static void test_tx_csum(struct bench *b)
{
	struct npa_tx_info info;
	size_t len = make_frame(tx_data(b), true, 500, 0, true);
	uint32_t added;

	tcp_info(&info, NPA_TX_CSUM, 0);
	added = b->us->ps.tx[0].tx_added;
	CHECK(us_send(b->us, 0, &info, tx_data(b), len, len, 1) == 0);
	CHECK(b->us->ps.tx[0].tx_added - added == 2);
	run(b, 2);
	CHECK(b->got->f.csum_partial && b->got->f.csum_start == L4 &&
	      b->got->f.csum_offset == 16);
	/* The same again needs no new context. */
	added = b->us->ps.tx[0].tx_added;
	CHECK(us_send(b->us, 0, &info, tx_data(b), len, len, 1) == 0);
	CHECK(b->us->ps.tx[0].tx_added - added == 1);
	run(b, 2);
	CHECK(b->num_got == 2 && b->got->f.csum_partial);

	len = make_frame(tx_data(b), false, 77, 0, true);
	info.flags = NPA_TX_IPV4 | NPA_TX_UDP | NPA_TX_CSUM;
	info.csum_offset = 6;
	CHECK(us_send(b->us, 0, &info, tx_data(b), len, 10, 1) == 0);
	run(b, 2);
	CHECK(b->num_got == 3 && b->got->f.csum_offset == 6);
	CHECK(b->us->api.check_tx_ring(&b->us->ps, 0) == 3);
}

static void test_tx_vlan(struct bench *b)
{
	struct npa_tx_info info = {
		.flags = NPA_TX_VLAN, .vlan_tag = 0x6064, .l3_offset = L3,
	};
	size_t len = make_frame(tx_data(b), false, 60, 0, true);

	CHECK(us_send(b->us, 0, &info, tx_data(b), len, len, 1) == 0);
	run(b, 2);
	CHECK(b->num_got == 1 && b->got->f.has_vlan);
	CHECK(b->got->f.vlan_tci == 0x6064 && b->got->f.len == len);
	send_plain(b, tx_data(b), len, len, 1);
	run(b, 2);
	CHECK(b->num_got == 2 && !b->got->f.has_vlan);
}

static void test_tx_tso(struct bench *b)
{
	struct npa_tx_info info;
	struct frame_info fi;
	size_t len;

	len = make_frame(tx_data(b), true, 64000, 0, false);
	tcp_info(&info, NPA_TX_TSO | NPA_TX_CSUM, 1448);
	CHECK(us_send(b->us, 0, &info, tx_data(b), len, 40000, 1) == 0);
	run(b, 2);
	CHECK(b->num_got == 1 && b->got->f.gso_size == 1448);
	CHECK(b->got->f.len == len && b->got->f.hdr_len == TCP_PAYLOAD);
	/* Cut into segments for a peer that cannot. */
	b->peer.flags &= ~PORT_TAKES_OFFLOADS;
	b->num_got = 0;
	b->got_bytes = 0;
	CHECK(us_send(b->us, 0, &info, tx_data(b), len, 40000, 1) == 0);
	run(b, 2);
	CHECK(b->num_got == (64000 + 1447) / 1448);
	CHECK(b->got_bytes == 64000 + b->num_got * TCP_PAYLOAD);
	frame_parse(&b->got->f, &fi, true);
	CHECK(fi.tcp && fi.ip_csum_ok && fi.l4_csum_ok);
	/* One segment's worth is an ordinary frame. */
	len = make_frame(tx_data(b), true, 1000, 0, false);
	CHECK(us_send(b->us, 0, &info, tx_data(b), len, 40000, 1) == 0);
	run(b, 2);
	frame_parse(&b->got->f, &fi, true);
	CHECK(b->got->f.len == len && fi.l4_csum_ok);
	CHECK(b->us->api.check_tx_ring(&b->us->ps, 0) == 3);
}

/* An ACK between two TSO frames costs no context. */
static void test_tx_contexts(struct bench *b)
{
	struct npa_tx_info tso, ack;
	uint32_t i, added = 0;
	size_t len;

	tcp_info(&tso, NPA_TX_TSO | NPA_TX_CSUM, 1448);
	tcp_info(&ack, NPA_TX_CSUM, 0);
	for (i = 0; i < 10; i++) {
		if (i == 1)
			added = b->us->ps.tx[0].tx_added;
		len = make_frame(tx_data(b), true, 5000, 0, false);
		CHECK(!us_send(b->us, 0, &tso, tx_data(b), len, len, 1));
		run(b, 2);
		CHECK(b->got->f.gso_size == 1448);
		len = make_frame(tx_data(b), true, 0, 0, true);
		CHECK(!us_send(b->us, 0, &ack, tx_data(b), len, len, 1));
		run(b, 2);
		CHECK(b->got->f.csum_partial && !b->got->f.gso_size);
	}
	CHECK(b->us->ps.tx[0].tx_added - added == 18);
}

static void test_tx_wrap(struct bench *b)
{
	uint32_t sent = 0, i;
	uint8_t *data;
	size_t len;

	for (i = 0; i < 200; i++) {
		while (us_tx_free(b->us, 0) >=
		       b->us->api.tx_entries_per_frame && sent < 5000) {
			data = tx_data(b) + sent % 512 * 2048;
			len = make_frame(data, false, 100 + sent % 1300, sent,
					 true);
			send_plain(b, data, len, 50 + sent % 1000 + len / 18,
				   sent % 7 == 0);
			sent++;
		}
		b->us->api.flush_tx_ring(&b->us->ps, 0);
		run(b, 3);
		b->us->api.check_tx_ring(&b->us->ps, 0);
	}
	CHECK(sent == 5000 && b->num_got == 5000 && !b->bad_seq);
	CHECK(b->us->completed == 5000);
	CHECK(us_tx_free(b->us, 0) == RING - 1);
}

static void test_tx_backpressure(struct bench *b)
{
	size_t len = make_frame(tx_data(b), false, 100, 0, true);
	unsigned int i;

	b->full = true;
	for (i = 0; i < 8; i++)
		send_plain(b, tx_data(b), len, len, 1);
	run(b, 10);
	CHECK(b->num_got == 0);
	CHECK(b->us->api.check_tx_ring(&b->us->ps, 0) == 0);
	b->full = false;
	eswitch_kick(b->sw);
	run(b, 2);
	CHECK(b->num_got == 8);
	CHECK(b->us->api.check_tx_ring(&b->us->ps, 0) == 8);
	/* A peer that never has room does not stop the queue for ever. */
	b->full = true;
	send_plain(b, tx_data(b), len, len, 1);
	run(b, 2);
	for (i = 0; i < 25; i++) {
		sleep_us(10000);
		run(b, 2);
	}
	CHECK(b->us->api.check_tx_ring(&b->us->ps, 0) == 1);
	CHECK(vf_82576_ops.port(b->vf)->stats.tx_dropped == 1);
}

static void test_rx(struct bench *b)
{
	const struct us_frame *f = b->us->frames;
	uint8_t data[2048];
	size_t len;

	len = make_rx_frame(data, true, 1000, 1);
	CHECK(peer_send(b, data, len) == 0);
	CHECK(us_poll(b->us, 64) == 1);
	CHECK(f->bytes == len && !memcmp(f->data, data, len));
	CHECK(f->meta.flags == (NPA_RX_IPV4 | NPA_RX_TCP | NPA_RX_FILTERED));
	CHECK(f->meta.ip_csum == NPA_CSUM_CORRECT);
	CHECK(f->meta.l4_csum == NPA_CSUM_CORRECT);
	CHECK(f->meta.hash_type == NPA_HASH_NONE);
	/* A wrong L4 checksum, a wrong IP checksum, no UDP checksum. */
	data[TCP_PAYLOAD + 10] ^= 1;
	CHECK(peer_send(b, data, len) == 0);
	CHECK(us_poll(b->us, 64) == 1);
	CHECK(f[1].meta.ip_csum == NPA_CSUM_CORRECT);
	CHECK(f[1].meta.l4_csum == NPA_CSUM_INCORRECT);
	len = make_rx_frame(data, false, 100, 1);
	data[L3 + 8]--;
	put16(data + L4 + 6, 0);
	CHECK(peer_send(b, data, len) == 0);
	CHECK(us_poll(b->us, 64) == 1);
	CHECK(f[2].meta.flags == (NPA_RX_IPV4 | NPA_RX_UDP | NPA_RX_FILTERED));
	CHECK(f[2].meta.ip_csum == NPA_CSUM_INCORRECT);
	CHECK(f[2].meta.l4_csum == NPA_CSUM_UNKNOWN);
	/* Not IP. */
	put16(data + 12, 0x88b5);
	CHECK(peer_send(b, data, 60) == 0);
	CHECK(us_poll(b->us, 64) == 1);
	CHECK(f[3].meta.flags == NPA_RX_FILTERED && f[3].bytes == 60);
	CHECK(f[3].meta.l4_csum == NPA_CSUM_UNKNOWN);
	CHECK(vf_82576_ops.read(b->vf, E1000VF_VFGPRC, 4) == 4);
	CHECK(!b->us->bad_reports);
}

static void test_rx_vlan(struct bench *b)
{
	uint8_t data[2048];
	size_t len = make_rx_frame(data, false, 200, 1);
	struct frame f = {
		.data = data, .len = len, .has_vlan = true, .vlan_tci = 0x2007,
	};

	CHECK(eswitch_send(b->sw, &b->peer, &f) == 0);
	CHECK(us_poll(b->us, 64) == 1);
	CHECK(us_last(b->us)->meta.flags & NPA_RX_VLAN);
	CHECK(us_last(b->us)->meta.vlan_tag == 0x2007);
	CHECK(us_last(b->us)->bytes == len);
	CHECK(us_last(b->us)->meta.l4_csum == NPA_CSUM_CORRECT);
	CHECK(peer_send(b, data, len) == 0);
	CHECK(us_poll(b->us, 64) == 1);
	CHECK(!(us_last(b->us)->meta.flags & NPA_RX_VLAN));
}

static void test_rx_multicast(struct bench *b)
{
	static const uint8_t group[1][6] = { { 1, 0, 0x5e, 0, 0, 9 } };
	uint8_t data[256];
	size_t len = make_rx_frame(data, false, 20, 1);

	memcpy(data, group[0], 6);
	CHECK(peer_send(b, data, len) == 0);
	CHECK(us_poll(b->us, 64) == 0);
	CHECK(vf_82576_ops.set_multicast(b->vf, group, 1) == 0);
	CHECK(peer_send(b, data, len) == 0);
	CHECK(us_poll(b->us, 64) == 1);
	memset(data, 0xff, 6);
	CHECK(peer_send(b, data, len) == 0);
	CHECK(us_poll(b->us, 64) == 1);
	CHECK(vf_82576_ops.set_rx_mode(b->vf, PORT_RX_PROMISC) ==
	      -EOPNOTSUPP);
	CHECK(vf_82576_ops.port(b->vf)->stats.rx_dropped == 0);
}

static void test_rx_wrap(struct bench *b)
{
	uint8_t data[2048];
	uint32_t i, seq, bad = 0;
	size_t len;

	for (i = 0; i < 5000; i++) {
		len = make_rx_frame(data, false, 4 + i % 1400, i);
		CHECK(peer_send(b, data, len) == 0);
		if (i % 60 == 59)
			us_poll(b->us, 64);
		if (b->us->received) {
			memcpy(&seq, us_last(b->us)->data + UDP_PAYLOAD, 4);
			bad += seq != b->us->received - 1;
		}
	}
	while (us_poll(b->us, 7))
		;
	CHECK(b->us->received == 5000 && !bad && !b->us->bad_reports);
}

/* Frames of several buffers; the last frame that fits, the first that not. */
static void test_rx_jumbo(struct bench *b)
{
	static uint8_t data[16384];
	size_t len;
	uint32_t i;

	for (i = 0; i < 300; i++) {
		len = make_rx_frame(data, true, 8900 - i * 27, i);
		CHECK(peer_send(b, data, len) == 0);
		CHECK(us_poll(b->us, 64) == 1);
		CHECK(us_last(b->us)->bytes == len);
		CHECK(us_last(b->us)->meta.sg_count == (len + 4095) / 4096);
		CHECK(!memcmp(us_last(b->us)->data, data, len));
		CHECK(us_last(b->us)->meta.l4_csum == NPA_CSUM_CORRECT);
	}
	len = make_rx_frame(data, true, 9018 - TCP_PAYLOAD, 0);
	CHECK(peer_send(b, data, len) == 0);
	CHECK(us_poll(b->us, 64) == 1);
	len = make_rx_frame(data, true, 9019 - TCP_PAYLOAD, 0);
	peer_send(b, data, len);
	CHECK(us_poll(b->us, 64) == 0);
	CHECK(vf_82576_ops.port(b->vf)->stats.rx_dropped == 1);
	CHECK(!b->us->bad_reports);
}

static void test_rx_backpressure(struct bench *b)
{
	uint8_t data[256];
	size_t len = make_rx_frame(data, false, 100, 1);
	unsigned int n = 0, kicks;

	b->us->no_buffers = true;
	while (n < 2 * RING && peer_send(b, data, len) == 0)
		n++;
	CHECK(n == RING - 1);
	while (us_poll(b->us, 64))
		;
	CHECK(b->us->received == RING - 1);
	CHECK(peer_send(b, data, len) == -EAGAIN);
	run(b, 5);
	kicks = b->kicks;
	b->us->no_buffers = false;
	us_poll(b->us, 64);
	run(b, 2);
	CHECK(b->kicks == kicks + 1);
	CHECK(peer_send(b, data, len) == 0);
	CHECK(us_poll(b->us, 64) == 1);
	CHECK(vf_82576_ops.port(b->vf)->stats.rx_dropped == 0);
	CHECK(!b->us->bad_reports);
}

static void test_rx_budget(struct bench *b)
{
	uint8_t data[256];
	size_t len = make_rx_frame(data, false, 100, 1);
	unsigned int i;

	for (i = 0; i < 10; i++)
		peer_send(b, data, len);
	CHECK(us_poll(b->us, 4) == 4);
	CHECK(us_poll(b->us, 4) == 4);
	CHECK(us_poll(b->us, 4) == 2);
	CHECK(us_poll(b->us, 4) == 0);
}

static void test_interrupts(struct bench *b)
{
	uint8_t data[256];
	size_t len = make_rx_frame(data, false, 100, 1);
	unsigned int i;

	/* Masked: remembered. */
	peer_send(b, data, len);
	CHECK(b->raised[0] == 0);
	enable_interrupt(b, 0, true);
	CHECK(b->raised[0] == 1);
	/* Throttled: one for many, and none is lost. */
	for (i = 0; i < 20; i++)
		peer_send(b, data, len);
	run(b, 1);
	CHECK(b->raised[0] == 1);
	sleep_us(6000);
	run(b, 2);
	CHECK(b->raised[0] == 2);
	sleep_us(6000);
	run(b, 2);
	CHECK(b->raised[0] == 2);
	enable_interrupt(b, 0, false);
	peer_send(b, data, len);
	sleep_us(6000);
	run(b, 2);
	CHECK(b->raised[0] == 2);
	enable_interrupt(b, 0, true);
	CHECK(b->raised[0] == 3);
	/* A completed frame to send raises one too. */
	sleep_us(6000);
	run(b, 2);
	len = make_frame(tx_data(b), false, 100, 0, true);
	send_plain(b, tx_data(b), len, len, 1);
	run(b, 2);
	CHECK(b->raised[0] == 4 && !b->raised[1] && !b->raised[2]);
}

static void test_rss(struct bench *b)
{
	uint8_t data[256];
	size_t len = make_rx_frame(data, true, 100, 1);
	uint32_t n[2] = { 0 }, hash[2] = { 0 };
	uint16_t port;

	for (port = 0; port < 64; port++) {
		put16(data + L4, 3000 + port);
		CHECK(peer_send(b, data, len) == 0);
		us_poll(b->us, 64);
		CHECK(us_last(b->us)->meta.hash_type == NPA_HASH_L4);
		n[us_last(b->us)->queue]++;
		hash[port & 1] = us_last(b->us)->meta.hash;
	}
	CHECK(n[0] + n[1] == 64 && n[0] > 10 && n[1] > 10);
	CHECK(hash[0] != hash[1]);
	len = make_rx_frame(data, false, 100, 1);
	CHECK(peer_send(b, data, len) == 0);
	us_poll(b->us, 64);
	CHECK(us_last(b->us)->meta.hash_type == NPA_HASH_L3);
	CHECK(!b->us->bad_reports);
}

/* Quiesce sends what is posted, and after it no memory is touched. */
static void test_quiesce(struct bench *b)
{
	size_t len = make_frame(tx_data(b), false, 100, 0, true);
	uint8_t data[256], *before = malloc(US_MEM_LEN);
	unsigned int i;

	for (i = 0; i < 10; i++)
		send_plain(b, tx_data(b), len, len, 1);
	vf_82576_ops.quiesce(b->vf);
	CHECK(b->num_got == 10);
	CHECK(b->us->api.check_tx_ring(&b->us->ps, 0) == 10);
	send_plain(b, tx_data(b), len, len, 1);
	memcpy(before, b->us->mem, US_MEM_LEN);
	run(b, 5);
	len = make_rx_frame(data, false, 100, 1);
	peer_send(b, data, len);
	CHECK(!memcmp(before, b->us->mem, US_MEM_LEN));
	CHECK(b->num_got == 10);
	free(before);
	/* And once more from the beginning. */
	CHECK(us_reinit(b->us) == 0);
	CHECK(activate(b) == 0);
	CHECK(peer_send(b, data, len) == 0);
	CHECK(us_poll(b->us, 64) == 1);
	vf_82576_ops.release(b->vf);
	b->vf = NULL;
	for (i = 0; i < E1000VF_WINDOW_LEN; i++)
		if (!CHECK(b->window[i] == 0xff))
			break;
}

/* A VF that is taken away finishes nothing, and knows what it had. */
static void test_revoke(struct bench *b)
{
	size_t len = make_frame(tx_data(b), false, 100, 0, true);
	struct pf_inflight in;
	uint8_t data[256];
	unsigned int i;

	send_plain(b, tx_data(b), len, len, 1);
	run(b, 5);
	for (i = 0; i < 10; i++)
		send_plain(b, tx_data(b), len, i & 1 ? len / 2 + 1 : len, 1);
	len = make_rx_frame(data, false, 100, 1);
	for (i = 0; i < RING; i++)
		CHECK(peer_send(b, data, len) == 0 || i >= RING - 2);
	vf_82576_ops.inflight(b->vf, &in);
	CHECK(in.tx == 10 && in.rx >= RING - 2);
	/* Frames that the guest has seen count until it posts buffers again. */
	CHECK(us_poll(b->us, 8) == 8);
	vf_82576_ops.inflight(b->vf, &in);
	CHECK(in.tx == 10 && in.rx >= RING - 2 - 8);
	vf_82576_ops.release(b->vf);
	b->vf = NULL;
	run(b, 5);
	CHECK(b->num_got == 1);
	CHECK(us_poll(b->us, RING) >= RING - 2 - 8);
}

static void test_bad_init(struct bench *b)
{
	struct pf_init good, init;

	vf_82576_ops.quiesce(b->vf);
	good = b->init;
	init = good;
	init.num_queues = 3;
	CHECK(vf_82576_ops.init(b->vf, &init) == -EINVAL);
	init = good;
	init.tx[0].size = 0;
	CHECK(vf_82576_ops.init(b->vf, &init) == -EINVAL);
	init = good;
	init.rx[0].pa[0] = 0x1000;
	CHECK(vf_82576_ops.init(b->vf, &init) == -EINVAL);
	init = good;
	init.rx[0].vector = 3;
	CHECK(vf_82576_ops.init(b->vf, &init) == -EINVAL);
	init = good;
	init.mtu = 100000;
	CHECK(vf_82576_ops.init(b->vf, &init) == -EINVAL);
	CHECK(vf_82576_ops.activate(b->vf) == -EINVAL);
	CHECK(vf_82576_ops.init(b->vf, &good) == 0);
	CHECK(vf_82576_ops.activate(b->vf) == 0);
	CHECK(vf_82576_ops.init(b->vf, &good) == -EBUSY);
}

/* Registers. */

static void test_registers(struct bench *b)
{
	uint32_t offset;

	CHECK(vf_82576_ops.read(b->vf, E1000VF_STATUS, 4) & E1000VF_STATUS_LU);
	CHECK(vf_82576_ops.read(b->vf, E1000VF_STATUS, 1) ==
	      (vf_82576_ops.read(b->vf, E1000VF_STATUS, 4) & 0xff));
	CHECK(vf_82576_ops.read(b->vf, 0x4000, 4) == UINT64_MAX);
	CHECK(vf_82576_ops.read(b->vf, 2, 4) == UINT64_MAX);
	for (offset = 0; offset < 0x5000; offset += 4)
		CHECK(vf_82576_ops.register_name(offset)[0]);
	CHECK(!strcmp(vf_82576_ops.register_name(E1000VF_EIMS), "vf.vteims"));
	vf_82576_ops.write(b->vf, E1000VF_EIMS, 4, 5);
	CHECK(vf_82576_ops.read(b->vf, E1000VF_EIMS, 4) == 5);
	vf_82576_ops.write(b->vf, E1000VF_EIMC, 4, 1);
	CHECK(vf_82576_ops.read(b->vf, E1000VF_EIMS, 4) == 4);
	vf_82576_ops.write(b->vf, E1000VF_EICS, 4, 1);
	CHECK(vf_82576_ops.read(b->vf, E1000VF_EICR, 4) == 1);
	CHECK(vf_82576_ops.read(b->vf, E1000VF_EICR, 4) == 0);
	vf_82576_ops.write(b->vf, E1000VF_CTRL, 4, E1000VF_CTRL_RST);
	CHECK(vf_82576_ops.read(b->vf, E1000VF_EIMS, 4) == 0);
	/* The mailbox is no way round the hypervisor. */
	vf_82576_ops.write(b->vf, E1000VF_VMBMEM, 4, 1);
	vf_82576_ops.write(b->vf, E1000VF_MAILBOX, 4, E1000VF_MAILBOX_REQ);
	CHECK(vf_82576_ops.read(b->vf, E1000VF_VMBMEM, 4) == 0x40000001);
	run(b, 3);
}

/*
 * A guest that writes anything anywhere.  Nothing is checked but that the
 * model survives (sanitizers) and comes back (the turns are counted).
 */
static uint32_t fuzz_random(uint64_t *state)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return *state >> 33;
}

static uint32_t fuzz_word(struct bench *b, uint64_t *state)
{
	static const uint32_t words[] = {
		0, 1, 0xffffffff, RING - 1, RING, RING + 1, 0x80000000,
		ADV_DCTL_ENABLE, 0x01000010, 0x2930ffff, 0xe930ffff,
		0x29300040, 0x7fffffff, 0x00010000,
	};
	uint32_t r = fuzz_random(state);

	switch (r & 3) {
	case 0:
		return fuzz_random(state);
	case 1:
		return us_dma(b->us, b->us->mem) +
		       fuzz_random(state) % US_MEM_LEN;
	default:
		return words[(r >> 2) % (sizeof(words) / sizeof(words[0]))];
	}
}

static void fuzz_round(struct bench *b, uint64_t *state)
{
	uint32_t *ring = b->us->ps.tx[0].seg[0].va;
	static uint8_t data[2048];
	unsigned int i;
	uint32_t r;

	/* Descriptors that are nearly right, as often as rubbish. */
	for (i = 0; i < 40; i++) {
		r = fuzz_random(state) % RING;
		ring[r * 4] = fuzz_word(b, state);
		ring[r * 4 + 1] = fuzz_random(state) & 1;
		ring[r * 4 + 2] = fuzz_random(state) & 1 ?
				  fuzz_word(b, state) :
				  ADV_TXD_DATA | ADV_TXD_DEXT |
				  (fuzz_random(state) & 0xcf00ffff);
		ring[r * 4 + 3] = fuzz_word(b, state);
	}
	ring = b->us->ps.rx[0].seg[0].va;
	for (i = 0; i < 10; i++)
		ring[fuzz_random(state) % (RING * 4)] = fuzz_word(b, state);
	for (i = 0; i < 4; i++) {
		r = 0x2000 + (fuzz_random(state) % 0x2000 & ~3U);
		if (fuzz_random(state) & 1)
			r = (fuzz_random(state) & 1 ? 0x2800 : 0x3800) +
			    (fuzz_random(state) & 0x13c);
		memcpy(b->window + r, &(uint32_t){ fuzz_word(b, state) }, 4);
	}
	r = fuzz_random(state) % RING;
	memcpy(b->window + E1000VF_TDT(0), &r, 4);
	if (!(fuzz_random(state) & 7))
		vf_82576_ops.write(b->vf, fuzz_random(state) & 0x1ffc, 4,
				   fuzz_word(b, state));
	vf_82576_ops.read(b->vf, fuzz_random(state) & 0x3fff,
			  1 << (fuzz_random(state) & 3));
	for (i = 0; i < 3; i++)
		peer_send(b, data, make_rx_frame(data, i & 1, 1400, i));
	run(b, 3);
}

static void test_hostile(struct bench *b)
{
	uint64_t state = 82576;
	unsigned int i;

	for (i = 0; i < FUZZ_ROUNDS; i++) {
		fuzz_round(b, &state);
		if (i % 20 == 19) {
			vf_82576_ops.quiesce(b->vf);
			memset(b->us->ps.tx[0].seg[0].va, 0, RING * 16);
			us_reinit(b->us);
			activate(b);
			b->us->bad_reports = 0;
		}
	}
	/* It still works. */
	vf_82576_ops.quiesce(b->vf);
	CHECK(us_reinit(b->us) == 0);
	CHECK(activate(b) == 0);
	b->num_got = 0;
	test_tx_doorbell(b);
}

/* A plugin must not believe its hardware where memory is at stake. */
static void test_hostile_hardware(struct bench *b)
{
	uint32_t *ring = b->us->ps.rx[0].seg[0].va;
	uint64_t state = 10;
	unsigned int i, k;

	vf_82576_ops.quiesce(b->vf);
	for (i = 0; i < FUZZ_ROUNDS; i++) {
		for (k = 0; k < RING * 4; k++)
			ring[k] = fuzz_random(&state);
		CHECK(us_poll(b->us, 64) <= 64);
	}
}

/* What the plugin writes to trapped registers. */
static void test_intr_registers(struct bench *b)
{
	uint32_t value;

	b->us->api.enable_interrupt(&b->us->ps, 1);
	memcpy(&value, b->window + E1000VF_EIMS, 4);
	CHECK(value == 2);
	b->us->api.disable_interrupt(&b->us->ps, 2);
	memcpy(&value, b->window + E1000VF_EIMC, 4);
	CHECK(value == 4);
	CHECK(b->us->api.flags & NPA_PLUGIN_INTR_THROTTLED);
}

static void check_sw_init(struct tap *tap, const struct variant *v)
{
	struct bench *b = bench_new(tap);

	CHECK(us_load(b->us, v->entry, b->window, 0x2000, 1, RING, 1500,
		      v->priv_len) == 1);
	bench_free(b);
	b = bench_new(tap);
	CHECK(us_load(b->us, v->entry, b->window, E1000VF_WINDOW_LEN, 3, RING,
		      1500, v->priv_len) == 2);
	bench_free(b);
	b = bench_new(tap);
	CHECK(us_load(b->us, v->entry, b->window, E1000VF_WINDOW_LEN, 1, 16,
		      1500, v->priv_len) == 3);
	bench_free(b);
	b = bench_new(tap);
	CHECK(us_load(b->us, v->entry, b->window, E1000VF_WINDOW_LEN, 1, RING,
		      1500, v->priv_len) == 0);
	b->us->no_buffers = true;
	CHECK(us_reinit(b->us) != 0);
	b->us->no_buffers = false;
	CHECK(us_reinit(b->us) == 0);
	bench_free(b);
}

static const struct {
	const char *name;
	void (*fn)(struct bench *b);
	uint32_t queues;
	uint32_t mtu;
	uint32_t itr_us;
} tests[] = {
	{ "send a frame in pieces", test_tx, 1, 1500, 0 },
	{ "doorbell only when told", test_tx_doorbell, 1, 1500, 0 },
	{ "send with checksum", test_tx_csum, 1, 1500, 0 },
	{ "send with tag", test_tx_vlan, 1, 1500, 0 },
	{ "send with TSO", test_tx_tso, 1, 1500, 0 },
	{ "two contexts", test_tx_contexts, 1, 1500, 0 },
	{ "send ring wraps", test_tx_wrap, 1, 1500, 0 },
	{ "peer has no room", test_tx_backpressure, 1, 1500, 0 },
	{ "receive", test_rx, 1, 1500, 0 },
	{ "receive with tag", test_rx_vlan, 1, 1500, 0 },
	{ "receive groups", test_rx_multicast, 1, 1500, 0 },
	{ "receive ring wraps", test_rx_wrap, 1, 1500, 0 },
	{ "receive into several buffers", test_rx_jumbo, 1, 9000, 0 },
	{ "no buffers", test_rx_backpressure, 1, 1500, 0 },
	{ "budget", test_rx_budget, 1, 1500, 0 },
	{ "interrupts: masked and throttled", test_interrupts, 1, 1500, 5000 },
	{ "interrupt registers", test_intr_registers, 1, 1500, 0 },
	{ "RSS over two queues", test_rss, 2, 1500, 0 },
	{ "quiesce and release", test_quiesce, 1, 1500, 0 },
	{ "taken away", test_revoke, 1, 1500, 0 },
	{ "bad parameters of init", test_bad_init, 1, 1500, 0 },
	{ "registers", test_registers, 1, 1500, 0 },
	{ "hostile guest", test_hostile, 1, 1500, 20 },
	{ "hostile guest, two queues", test_hostile, 2, 9000, 0 },
	{ "hostile hardware", test_hostile_hardware, 1, 1500, 0 },
};

/* The parameters of the test, then everything up to activation. */
static struct bench *bench_for(struct tap *tap, const struct variant *v,
			       size_t test)
{
	struct bench *b = bench_new(tap);
	unsigned int i;

	b->init.itr_us = tests[test].itr_us;
	if (tests[test].queues > 1) {
		b->init.rss = true;
		b->init.rss_table_len = sizeof(b->init.rss_table);
		for (i = 0; i < sizeof(b->init.rss_table); i++)
			b->init.rss_table[i] = i & 1;
		for (i = 0; i < sizeof(b->init.rss_key); i++)
			b->init.rss_key[i] = 0x6d + i * 0x5a;
	}
	CHECK(us_load(b->us, v->entry, b->window, E1000VF_WINDOW_LEN,
		      tests[test].queues, RING, tests[test].mtu,
		      v->priv_len) == 0);
	CHECK(us_reinit(b->us) == 0);
	CHECK(activate(b) == 0);
	return b;
}

static void run_all(struct tap *tap, const struct variant *v)
{
	struct bench *b;
	size_t i;

	tap_begin(tap);
	check_sw_init(tap, v);
	tap_end(tap, "%s: sw_init, reinit refuse what they cannot use", v->name);
	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		tap_begin(tap);
		b = bench_for(tap, v, i);
		tests[i].fn(b);
		bench_free(b);
		tap_end(tap, "%s: %s", v->name, tests[i].name);
	}
}

/* Traffic both ways through a plugin that misbehaves after a while. */
static void run_bad(struct bench *b, bool hangs)
{
	size_t len = make_frame(tx_data(b), false, 100, 0, true);
	uint8_t data[256];
	unsigned int i;

	for (i = 0; i < 100; i++) {
		send_plain(b, tx_data(b), len, len, 1);
		peer_send(b, data, make_rx_frame(data, false, 100, i));
		run(b, 2);
		us_poll(b->us, 64);
		if (i == 20)
			CHECK(!b->us->bad_reports);
	}
	if (hangs)
		CHECK(!b->num_got && !b->us->completed);
	else
		CHECK(b->us->bad_reports > 10);
}

/* The plugins that the guest's tests use do what they are meant to do. */
static void run_misbehaving(struct tap *tap, const char *o)
{
	static const char * const names[] = {
		"unknown-id", "long-length", "bad-sum", "bad-count", "twice",
		"over-budget", "over-complete", "tx-hang",
	};
	struct variant v = { .name = "misbehaving" };
	struct bench *b;
	char path[4096];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/../plugins/test/test-%s.npa",
			 o, names[i]);
		v.entry = us_map_image(path, &v.priv_len);
		if (!v.entry) {
			tap_skip(tap, names[i], "no image: make -C plugins check");
			continue;
		}
		tap_begin(tap);
		b = bench_for(tap, &v, 0);
		run_bad(b, !strcmp(names[i], "tx-hang"));
		bench_free(b);
		tap_end(tap, "%s: %s", v.name, names[i]);
	}
}

int main(void)
{
	struct variant code = {
		.name = "code", .entry = npa_plugin_main,
		.priv_len = sizeof(struct vf_private),
	};
	struct variant image = { .name = "image" };
	const char *path = getenv("NPA_IMAGE"), *o = getenv("O");
	struct tap tap = { 0 };
	char beside[4096];

	if (!path) {
		snprintf(beside, sizeof(beside),
			 "%s/../plugins/intel-82576vf.npa", o ? o : ".");
		path = beside;
	}
	run_all(&tap, &code);
	image.entry = us_map_image(path, &image.priv_len);
	if (image.entry)
		run_all(&tap, &image);
	else
		tap_skip(&tap, "image", "no image: make plugins, or NPA_IMAGE");
	run_misbehaving(&tap, o ? o : ".");
	return tap_done(&tap);
}

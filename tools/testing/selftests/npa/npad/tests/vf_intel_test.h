/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A model of one of Intel's VFs and its plugin against each other, in one
 * process.  The including file is the test of one model; it includes the
 * plugin's C code, of which this takes the VF_* macros, and defines
 *
 *   TEST_OPS		the model's struct pf_ops
 *   TEST_PLUGIN	the plugin's name
 *   TEST_EICS, TEST_EICR, TEST_VFGPRC, TEST_VFGPTC, TEST_VMBMEM,
 *   TEST_MAILBOX	registers
 *
 * Everything runs twice, with the plugin's C code (so that the sanitizers see
 * it) and with the bytes of its image: $NPA_IMAGE, else the one that
 * plugins/Makefile has built beside npad ($O is npad's build directory).
 */
#ifndef NPAD_VF_INTEL_TEST_H
#define NPAD_VF_INTEL_TEST_H

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
	unsigned int raised[VF_INTRS];
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

	if (CHECK(vector < VF_INTRS))
		b->raised[vector]++;
}

static void bench_free(struct bench *b)
{
	if (b->vf)
		TEST_OPS.release(b->vf);
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
	b->window = aligned_alloc(4096, VF_WINDOW_LEN);
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
	b->vf = TEST_OPS.acquire(&env);
	TEST_OPS.set_mac(b->vf, vf_mac);
	TEST_OPS.set_rx_mode(b->vf, PORT_RX_UCAST | PORT_RX_MCAST |
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
	err = TEST_OPS.init(b->vf, &b->init);
	if (!err)
		err = TEST_OPS.activate(b->vf);
	for (i = 0; i < b->init.num_queues; i++)
		b->us->api.add_buffers_to_rx_ring(&b->us->ps, i);
	return err;
}

/* As the guest's accesses to trapped pages get to the model. */
static void enable_interrupt(struct bench *b, uint32_t intr, bool on)
{
	TEST_OPS.write(b->vf, on ? VF_EIMS : VF_EIMC, 4,
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

/* The same frame with an IPv6 header; returns its length. */
static size_t make_frame6(uint8_t *p, size_t payload, bool with_len)
{
	size_t l4_len = payload + 20, l4 = L3 + 40, i;
	uint8_t pseudo[40] = { 0 };

	memset(p, 0, l4 + 20);
	memcpy(p, peer_mac, 6);
	memcpy(p + 6, vf_mac, 6);
	put16(p + 12, 0x86dd);
	p[L3] = 0x60;
	put16(p + L3 + 4, l4_len);
	p[L3 + 6] = 6;
	p[L3 + 7] = 64;
	p[L3 + 8] = 0xfd;
	p[L3 + 23] = 1;
	p[L3 + 24] = 0xfd;
	p[L3 + 39] = 2;
	put16(p + l4, 1000);
	put16(p + l4 + 2, 2000);
	p[l4 + 12] = 5 << 4;
	memcpy(pseudo, p + L3 + 8, 32);
	pseudo[39] = 6;
	put16(pseudo + 34, with_len ? l4_len : 0);
	put16(p + l4 + 16, sum16(pseudo, sizeof(pseudo)));
	for (i = 0; i < payload; i++)
		p[l4 + 20 + i] = i * 5;
	return l4 + l4_len;
}

static void test_tx(struct bench *b)
{
	size_t len = make_frame(tx_data(b), false, 1000, 0, true);

	send_plain(b, tx_data(b), len, 400, 1);
	CHECK(us_tx_free(b->us, 0) == RING - 1 - 3 - VF_TX_CONTEXT);
	run(b, 2);
	CHECK(b->num_got == 1 && b->got->f.len == len);
	CHECK(!memcmp(b->got->data, tx_data(b), len));
	CHECK(!b->got->f.csum_partial && !b->got->f.gso_size);
	CHECK(b->us->api.check_tx_ring(&b->us->ps, 0) == 1);
	CHECK(us_tx_free(b->us, 0) == RING - 1);
	CHECK(b->us->completed == 1 && !b->us->txq[0].outstanding);
	CHECK(TEST_OPS.read(b->vf, TEST_VFGPTC, 4) == 1);
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

/* The same for IPv6, to a peer that computes nothing itself. */
static void test_tx_ipv6(struct bench *b)
{
	struct npa_tx_info info = {
		.flags = NPA_TX_IPV6 | NPA_TX_TCP | NPA_TX_CSUM | NPA_TX_VLAN,
		.vlan_tag = 7, .mss = 1428, .l3_offset = L3,
		.l4_offset = L3 + 40, .l4_payload_offset = L3 + 60,
		.csum_offset = 16,
	};
	struct frame_info fi;
	size_t len;

	b->peer.flags &= ~PORT_TAKES_OFFLOADS;
	len = make_frame6(tx_data(b), 777, true);
	CHECK(us_send(b->us, 0, &info, tx_data(b), len, 300, 1) == 0);
	run(b, 2);
	CHECK(b->num_got == 1 && b->got->f.vlan_tci == 7);
	frame_parse(&b->got->f, &fi, true);
	CHECK(fi.ipv6 && fi.tcp && fi.l4_csum_ok);
	info.flags |= NPA_TX_TSO;
	len = make_frame6(tx_data(b), 40000, false);
	b->num_got = 0;
	b->got_bytes = 0;
	CHECK(us_send(b->us, 0, &info, tx_data(b), len, 30000, 1) == 0);
	run(b, 2);
	CHECK(b->num_got == (40000 + 1427) / 1428);
	CHECK(b->got_bytes == 40000 + b->num_got * (L3 + 60));
	frame_parse(&b->got->f, &fi, true);
	CHECK(fi.ipv6 && fi.l4_csum_ok && b->got->f.has_vlan);
	CHECK(b->us->api.check_tx_ring(&b->us->ps, 0) == 2);
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
	CHECK(TEST_OPS.port(b->vf)->stats.tx_dropped == 1);
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
	CHECK(TEST_OPS.read(b->vf, TEST_VFGPRC, 4) == 4);
	CHECK(!b->us->bad_reports);
}

/* Frames of different kinds in one poll, each told for what it is. */
static void test_rx_kinds(struct bench *b)
{
	const struct us_frame *f = b->us->frames;
	struct frame tagged = { .has_vlan = true };
	uint8_t data[2048];
	size_t len, i;

	for (i = 0; i < 12; i++) {
		len = make_rx_frame(data, i % 4 != 3, 100 + i, i);
		if (i % 4 == 1)
			data[TCP_PAYLOAD + 10] ^= 1;
		if (i % 4 == 2) {
			tagged.data = data;
			tagged.len = len;
			tagged.vlan_tci = i;
			CHECK(!eswitch_send(b->sw, &b->peer, &tagged));
		} else {
			CHECK(!peer_send(b, data, len));
		}
	}
	CHECK(us_poll(b->us, 64) == 12);
	for (i = 0; i < 12; i++, f++) {
		uint32_t flags = NPA_RX_IPV4 | NPA_RX_FILTERED |
				 (i % 4 == 3 ? NPA_RX_UDP : NPA_RX_TCP) |
				 (i % 4 == 2 ? NPA_RX_VLAN : 0);

		CHECK(f->meta.flags == flags);
		CHECK(f->meta.ip_csum == NPA_CSUM_CORRECT);
		CHECK(f->meta.l4_csum == (i % 4 == 1 ? NPA_CSUM_INCORRECT :
						       NPA_CSUM_CORRECT));
		CHECK(i % 4 != 2 || f->meta.vlan_tag == i);
		CHECK(f->bytes == (i % 4 == 3 ? UDP_PAYLOAD : TCP_PAYLOAD) +
				  100 + i);
	}
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
	CHECK(TEST_OPS.set_multicast(b->vf, group, 1) == 0);
	CHECK(peer_send(b, data, len) == 0);
	CHECK(us_poll(b->us, 64) == 1);
	memset(data, 0xff, 6);
	CHECK(peer_send(b, data, len) == 0);
	CHECK(us_poll(b->us, 64) == 1);
	CHECK(TEST_OPS.set_rx_mode(b->vf, PORT_RX_PROMISC) ==
	      -EOPNOTSUPP);
	CHECK(TEST_OPS.port(b->vf)->stats.rx_dropped == 0);
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
	CHECK(TEST_OPS.port(b->vf)->stats.rx_dropped == 1);
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
	CHECK(TEST_OPS.port(b->vf)->stats.rx_dropped == 0);
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
	uint32_t n[VF_MAX_QUEUES] = { 0 }, hash[2] = { 0 };
	unsigned int port, i;

	for (port = 0; port < 64; port++) {
		put16(data + L4, 3000 + port * 37);
		CHECK(peer_send(b, data, len) == 0);
		us_poll(b->us, 64);
		CHECK(us_last(b->us)->meta.hash_type == NPA_HASH_L4);
		n[us_last(b->us)->queue]++;
		hash[port & 1] = us_last(b->us)->meta.hash;
	}
	for (i = 0; i < VF_MAX_QUEUES; i++)
		CHECK(n[i] > 20 / VF_MAX_QUEUES);
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
	TEST_OPS.quiesce(b->vf);
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
	TEST_OPS.release(b->vf);
	b->vf = NULL;
	for (i = 0; i < VF_WINDOW_LEN; i++)
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
	TEST_OPS.inflight(b->vf, &in);
	CHECK(in.tx == 10 && in.rx >= RING - 2);
	/* Frames that the guest has seen count until it posts buffers again. */
	CHECK(us_poll(b->us, 8) == 8);
	TEST_OPS.inflight(b->vf, &in);
	CHECK(in.tx == 10 && in.rx >= RING - 2 - 8);
	TEST_OPS.release(b->vf);
	b->vf = NULL;
	run(b, 5);
	CHECK(b->num_got == 1);
	CHECK(us_poll(b->us, RING) >= RING - 2 - 8);
}

static void test_bad_init(struct bench *b)
{
	struct pf_init good, init;

	TEST_OPS.quiesce(b->vf);
	good = b->init;
	init = good;
	init.num_queues = VF_MAX_QUEUES + 1;
	CHECK(TEST_OPS.init(b->vf, &init) == -EINVAL);
	init = good;
	init.tx[0].size = 0;
	CHECK(TEST_OPS.init(b->vf, &init) == -EINVAL);
	init = good;
	init.rx[0].pa[0] = 0x1000;
	CHECK(TEST_OPS.init(b->vf, &init) == -EINVAL);
	init = good;
	init.rx[0].vector = VF_INTRS;
	CHECK(TEST_OPS.init(b->vf, &init) == -EINVAL);
	init = good;
	init.mtu = 100000;
	CHECK(TEST_OPS.init(b->vf, &init) == -EINVAL);
	CHECK(TEST_OPS.activate(b->vf) == -EINVAL);
	CHECK(TEST_OPS.init(b->vf, &good) == 0);
	CHECK(TEST_OPS.activate(b->vf) == 0);
	CHECK(TEST_OPS.init(b->vf, &good) == -EBUSY);
}

/* Registers. */

static void test_registers(struct bench *b)
{
	uint32_t offset;

	CHECK(TEST_OPS.read(b->vf, VF_WINDOW_LEN, 4) == UINT64_MAX);
	CHECK(TEST_OPS.read(b->vf, 2, 4) == UINT64_MAX);
	for (offset = 0; offset < VF_WINDOW_LEN + 0x1000; offset += 4)
		CHECK(TEST_OPS.register_name(offset)[0]);
	CHECK(!strcmp(TEST_OPS.register_name(VF_EIMS), "vf.vteims"));
	TEST_OPS.write(b->vf, VF_EIMS, 4, 5);
	CHECK(TEST_OPS.read(b->vf, VF_EIMS, 4) == 5);
	TEST_OPS.write(b->vf, VF_EIMC, 4, 1);
	CHECK(TEST_OPS.read(b->vf, VF_EIMS, 4) == 4);
	TEST_OPS.write(b->vf, TEST_EICS, 4, 1);
	CHECK(TEST_OPS.read(b->vf, TEST_EICR, 4) == 1);
	CHECK(TEST_OPS.read(b->vf, TEST_EICR, 4) == 0);
	/* The mailbox is no way round the hypervisor. */
	TEST_OPS.write(b->vf, TEST_VMBMEM, 4, 1);
	TEST_OPS.write(b->vf, TEST_MAILBOX, 4, ADV_MAILBOX_REQ);
	CHECK(TEST_OPS.read(b->vf, TEST_VMBMEM, 4) == 0x40000001);
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
		r = (VF_RXQ(0) & 0xf000) + (fuzz_random(state) % 0x2000 & ~3U);
		if (fuzz_random(state) & 1)
			r = (fuzz_random(state) & 1 ? VF_RXQ(0) : VF_TXQ(0)) +
			    (fuzz_random(state) & 0x13c);
		memcpy(b->window + r, &(uint32_t){ fuzz_word(b, state) }, 4);
	}
	r = fuzz_random(state) % RING;
	memcpy(b->window + VF_TXQ(0) + ADV_Q_TAIL, &r, 4);
	if (!(fuzz_random(state) & 7))
		TEST_OPS.write(b->vf, fuzz_random(state) & 0x3ffc, 4,
				   fuzz_word(b, state));
	TEST_OPS.read(b->vf, fuzz_random(state) & 0x3fff,
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
			TEST_OPS.quiesce(b->vf);
			memset(b->us->ps.tx[0].seg[0].va, 0, RING * 16);
			us_reinit(b->us);
			activate(b);
			b->us->bad_reports = 0;
		}
	}
	/* It still works. */
	TEST_OPS.quiesce(b->vf);
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

	TEST_OPS.quiesce(b->vf);
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
	memcpy(&value, b->window + VF_EIMS, 4);
	CHECK(value == 2);
	b->us->api.disable_interrupt(&b->us->ps, 2);
	memcpy(&value, b->window + VF_EIMC, 4);
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
	CHECK(us_load(b->us, v->entry, b->window, VF_WINDOW_LEN,
		      VF_MAX_QUEUES + 1, RING, 1500, v->priv_len) == 2);
	bench_free(b);
	b = bench_new(tap);
	CHECK(us_load(b->us, v->entry, b->window, VF_WINDOW_LEN, 1, 16,
		      1500, v->priv_len) == 3);
	bench_free(b);
	b = bench_new(tap);
	CHECK(us_load(b->us, v->entry, b->window, VF_WINDOW_LEN, 1, RING,
		      1500, v->priv_len) == 0);
	b->us->no_buffers = true;
	CHECK(us_reinit(b->us) != 0);
	b->us->no_buffers = false;
	CHECK(us_reinit(b->us) == 0);
	bench_free(b);
}

/**
 * struct vf_test - a test on a bench that has been activated
 * @name: what it sees to
 * @fn: the test
 * @queues: queue pairs in use
 * @mtu: bytes
 * @itr_us: least time between two interrupts
 */
struct vf_test {
	const char *name;
	void (*fn)(struct bench *b);
	uint32_t queues;
	uint32_t mtu;
	uint32_t itr_us;
};

static const struct vf_test tests[] = {
	{ "send a frame in pieces", test_tx, 1, 1500, 0 },
	{ "doorbell only when told", test_tx_doorbell, 1, 1500, 0 },
	{ "send with checksum", test_tx_csum, 1, 1500, 0 },
	{ "send with tag", test_tx_vlan, 1, 1500, 0 },
	{ "send with TSO", test_tx_tso, 1, 1500, 0 },
	{ "send IPv6 with checksum, TSO, tag", test_tx_ipv6, 1, 1500, 0 },
	{ "two contexts", test_tx_contexts, 1, 1500, 0 },
	{ "send ring wraps", test_tx_wrap, 1, 1500, 0 },
	{ "peer has no room", test_tx_backpressure, 1, 1500, 0 },
	{ "receive", test_rx, 1, 1500, 0 },
	{ "receive several kinds", test_rx_kinds, 1, 1500, 0 },
	{ "receive with tag", test_rx_vlan, 1, 1500, 0 },
	{ "receive groups", test_rx_multicast, 1, 1500, 0 },
	{ "receive ring wraps", test_rx_wrap, 1, 1500, 0 },
	{ "receive into several buffers", test_rx_jumbo, 1, 9000, 0 },
	{ "no buffers", test_rx_backpressure, 1, 1500, 0 },
	{ "budget", test_rx_budget, 1, 1500, 0 },
	{ "interrupts: masked and throttled", test_interrupts, 1, 1500, 5000 },
	{ "interrupt registers", test_intr_registers, 1, 1500, 0 },
	{ "RSS over all queues", test_rss, VF_MAX_QUEUES, 1500, 0 },
	{ "quiesce and release", test_quiesce, 1, 1500, 0 },
	{ "taken away", test_revoke, 1, 1500, 0 },
	{ "bad parameters of init", test_bad_init, 1, 1500, 0 },
	{ "registers", test_registers, 1, 1500, 0 },
	{ "hostile guest", test_hostile, 1, 1500, 20 },
	{ "hostile guest, all queues", test_hostile, VF_MAX_QUEUES, 9000, 0 },
	{ "hostile hardware", test_hostile_hardware, 1, 1500, 0 },
};

/* The parameters of the test, then everything up to activation. */
static struct bench *bench_for(struct tap *tap, const struct variant *v,
			       const struct vf_test *test)
{
	struct bench *b = bench_new(tap);
	unsigned int i;

	b->init.itr_us = test->itr_us;
	if (test->queues > 1) {
		b->init.rss = true;
		b->init.rss_table_len = sizeof(b->init.rss_table);
		for (i = 0; i < sizeof(b->init.rss_table); i++)
			b->init.rss_table[i] = i % VF_MAX_QUEUES;
		for (i = 0; i < sizeof(b->init.rss_key); i++)
			b->init.rss_key[i] = 0x6d + i * 0x5a;
	}
	CHECK(us_load(b->us, v->entry, b->window, VF_WINDOW_LEN,
		      test->queues, RING, test->mtu,
		      v->priv_len) == 0);
	CHECK(us_reinit(b->us) == 0);
	CHECK(activate(b) == 0);
	return b;
}

static void run_tests(struct tap *tap, const struct variant *v,
		      const struct vf_test *list, size_t num)
{
	struct bench *b;
	size_t i;

	for (i = 0; i < num; i++) {
		tap_begin(tap);
		b = bench_for(tap, v, &list[i]);
		list[i].fn(b);
		bench_free(b);
		tap_end(tap, "%s: %s", v->name, list[i].name);
	}
}

static void run_all(struct tap *tap, const struct variant *v,
		    const struct vf_test *more, size_t num)
{
	tap_begin(tap);
	check_sw_init(tap, v);
	tap_end(tap, "%s: sw_init, reinit refuse what they cannot use", v->name);
	run_tests(tap, v, tests, sizeof(tests) / sizeof(tests[0]));
	run_tests(tap, v, more, num);
}

/* All tests, with the code and with the image; more: the model's own. */
static void run_variants(struct tap *tap, const struct vf_test *more,
			 size_t num)
{
	struct variant code = {
		.name = "code", .entry = npa_plugin_main,
		.priv_len = sizeof(struct vf_private),
	};
	struct variant image = { .name = "image" };
	const char *path = getenv("NPA_IMAGE"), *o = getenv("O");
	char beside[4096];

	if (!path) {
		snprintf(beside, sizeof(beside),
			 "%s/../plugins/" TEST_PLUGIN ".npa", o ? o : ".");
		path = beside;
	}
	run_all(tap, &code, more, num);
	image.entry = us_map_image(path, &image.priv_len);
	if (image.entry)
		run_all(tap, &image, more, num);
	else
		tap_skip(tap, "image", "no image: make plugins, or NPA_IMAGE");
}

#endif

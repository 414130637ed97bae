// SPDX-License-Identifier: GPL-2.0
/*
 * Receiving: every kind of frame, compared byte for byte with what the peer
 * sent, and what the plugin says of it with what is in it.
 */
#include <errno.h>
#include <string.h>

#include "tests.h"

/* The peer sends one packet, and it arrives. */
static void receive_one(struct testbed *tb, struct packet *k)
{
	uint64_t before = tb->us->received;

	TB_CHECK(tb, !tb_peer_send(tb, k));
	tb_poll_all(tb);
	TB_CHECK(tb, tb->us->received == before + 1);
}

static void test_plain(struct testbed *tb)
{
	struct packet k;
	unsigned int i;

	for (i = 0; i < PACKET_KINDS; i++)
		for (k = packet_kind(i), k.payload = 4; k.payload < 1400;
		     k.payload += 61)
			receive_one(tb, &k);
}

static void test_bad_csum(struct testbed *tb)
{
	struct packet k;
	unsigned int i;

	for (i = 0; i < PACKET_KINDS; i++) {
		k = packet_kind(i);
		k.payload = 300 + i;
		k.bad_csum = true;
		receive_one(tb, &k);
		k.bad_csum = false;
		receive_one(tb, &k);
	}
}

static void test_raw(struct testbed *tb)
{
	uint32_t len, max = tb->options.mtu + PACKET_L3, i;
	uint8_t data[PACKET_MAX];
	struct frame f = { .data = data };

	memcpy(data, packet_vf_mac, 6);
	memcpy(data + 6, packet_peer_mac, 6);
	memcpy(data + 12, "\x88\xb5", 2);
	for (len = 60; len <= max; len = len < 80 ? len + 1 : len + 67) {
		for (i = PACKET_L3; i < len; i++)
			data[i] = i * 3 + len;
		f.len = len;
		TB_CHECK(tb, !eswitch_send(tb->sw, &tb->peer, &f));
		TB_CHECK(tb, us_poll(tb->us, 64) == 1);
		tb->rx_looked = tb->us->received;
		TB_CHECK(tb, us_last(tb->us)->bytes == len);
		TB_CHECK(tb, !memcmp(us_last(tb->us)->data, data, len));
		TB_CHECK(tb, us_last(tb->us)->meta.l4_csum ==
			 NPA_CSUM_UNKNOWN);
	}
}

static void test_vlan(struct testbed *tb)
{
	static const uint16_t tags[] = { 1, 0x0fff, 0x6064, 0xefff };
	struct packet k;
	unsigned int i, t;

	for (i = 0; i < PACKET_KINDS; i++) {
		for (t = 0; t < sizeof(tags) / sizeof(tags[0]); t++) {
			k = packet_kind(i);
			k.payload = 200 + t;
			k.tagged = true;
			k.tci = tags[t];
			receive_one(tb, &k);
			k.tagged = false;
			receive_one(tb, &k);
		}
	}
}

/* Frames to groups: to all, to one on the list. */
static void test_groups(struct testbed *tb)
{
	static const uint8_t groups[2][6] = {
		{ 1, 0, 0x5e, 0, 0, 9 }, { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
	};
	uint8_t data[64] = { 0 };
	struct frame f = { .data = data, .len = sizeof(data) };
	unsigned int i;

	TB_CHECK(tb, !tb->ops->set_multicast(tb->vf, &groups[0], 1));
	memcpy(data + 6, packet_peer_mac, 6);
	memcpy(data + 12, "\x88\xb5", 2);
	for (i = 0; i < 2; i++) {
		memcpy(data, groups[i], 6);
		TB_CHECK(tb, !eswitch_send(tb->sw, &tb->peer, &f));
		TB_CHECK(tb, us_poll(tb->us, 64) == 1);
		tb->rx_looked = tb->us->received;
		TB_CHECK(tb, !memcmp(us_last(tb->us)->data, data, 64));
	}
}

/* Frames of several buffers, up to the longest. */
static void test_jumbo(struct testbed *tb)
{
	uint32_t longest = tb->options.mtu + PACKET_L3, i;
	struct packet k;

	for (i = 0; i < 2 * tb->options.ring; i++) {
		k = packet_kind(i % PACKET_KINDS);
		k.payload = longest - packet_headers(&k) - i * 31 % 8000;
		k.tagged = i & 16;
		k.tci = i;
		receive_one(tb, &k);
	}
	test_raw(tb);
}

static void test_wrap(struct testbed *tb)
{
	uint32_t rounds = 12 * tb->options.ring, i;
	struct packet k;

	for (i = 0; i < rounds; i++) {
		k = packet_kind(i % PACKET_KINDS);
		k.payload = 4 + i * 41 % 1300;
		k.tagged = i / 50 & 1;
		k.tci = i;
		TB_CHECK(tb, !tb_peer_send(tb, &k));
		if (i % 27 == 0 || i % 27 == 5)
			tb_poll_all(tb);
	}
	tb_poll_all(tb);
	TB_CHECK(tb, tb->us->received == rounds);
}

static void test_budget(struct testbed *tb)
{
	struct packet k = { .payload = 100 };
	unsigned int i;

	for (i = 0; i < 10; i++)
		TB_CHECK(tb, !tb_peer_send(tb, &k));
	TB_CHECK(tb, tb_poll(tb, 0, 0) == 0);
	TB_CHECK(tb, tb_poll(tb, 0, 1) == 1);
	TB_CHECK(tb, tb_poll(tb, 0, 4) == 4);
	TB_CHECK(tb, tb_poll(tb, 0, 5) == 5);
	TB_CHECK(tb, tb_poll(tb, 0, 64) == 0);
}

/*
 * No buffers: the ring runs empty and the hardware waits; a buffer or two at a
 * time; then as many as are wanted.  Nothing is lost.
 */
static void test_no_buffers(struct testbed *tb)
{
	struct packet k = { .payload = 500 };
	uint32_t n = 0, i, left;

	tb->us->no_buffers = true;
	while (n < 2 * tb->options.ring && !tb_peer_send(tb, &k)) {
		n++;
		if (n % 20 == 0)
			tb_poll_all(tb);
	}
	TB_CHECK(tb, n + 1 >= tb->options.ring - 32 && n <= tb->options.ring);
	tb_poll_all(tb);
	TB_CHECK(tb, tb->us->received == n);
	TB_CHECK(tb, tb_peer_send(tb, &k) == -EAGAIN);
	TB_CHECK(tb, tb->us->alloc_fails);
	for (i = 0; i < 50; i++) {
		left = tb->us->buf_free;
		tb->us->no_buffers = false;
		tb->us->buf_free = i % 3;
		tb_poll_all(tb);
		tb->us->buf_free += left - i % 3;
		tb->us->no_buffers = true;
		while (!tb_peer_send(tb, &k))
			n++;
		tb_poll_all(tb);
		TB_CHECK(tb, tb->us->received == n);
	}
	tb->us->no_buffers = false;
	tb_poll_all(tb);
	for (i = 0; i < tb->options.ring / 2; i++, n++)
		TB_CHECK(tb, !tb_peer_send(tb, &k));
	tb_poll_all(tb);
	TB_CHECK(tb, tb->us->received == n);
}

/* Every flow stays in its queue, and more than one queue is used. */
static void test_queues(struct testbed *tb)
{
	int queue_of[TB_FLOWS], q;
	uint32_t used = 0, i, hash[TB_FLOWS] = { 0 };
	struct packet k = { .tcp = true };

	memset(queue_of, -1, sizeof(queue_of));
	for (i = 0; i < 1600; i++) {
		k.flow = i % TB_FLOWS;
		k.payload = 4 + i % 1000;
		receive_one(tb, &k);
		q = us_last(tb->us)->queue;
		if (queue_of[k.flow] < 0) {
			queue_of[k.flow] = q;
			hash[k.flow] = us_last(tb->us)->meta.hash;
		}
		TB_CHECK(tb, queue_of[k.flow] == q);
		TB_CHECK(tb, hash[k.flow] == us_last(tb->us)->meta.hash);
		used |= 1U << q;
	}
	TB_CHECK(tb, tb->options.queues == 1 || used & (used - 1));
}

const struct hx_test hx_rx_tests[] = {
	{ "receive packets", test_plain, { 1, 256, 1500 } },
	{ "receive frames from the shortest to the longest", test_raw,
	  { 1, 256, 1500 } },
	{ "receive damaged packets", test_bad_csum, { 1, 256, 1500 } },
	{ "receive with tags", test_vlan, { 1, 256, 1500 } },
	{ "receive groups", test_groups, { 1, 256, 1500 } },
	{ "receive jumbo frames", test_jumbo, { 1, 256, 9000 } },
	{ "receive with large buffers", test_plain, { 1, 256, 3000 } },
	{ "receive ring wraps", test_wrap, { 1, 256, 1500 } },
	{ "receive ring wraps, small ring", test_wrap, { 1, 64, 1500 } },
	{ "budget", test_budget, { 1, 256, 1500 } },
	{ "no buffers for a while", test_no_buffers, { 1, 256, 1500 } },
	{ "receive on all queues", test_queues, { 0, 256, 1500 } },
	{ .name = NULL },
};

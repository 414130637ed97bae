// SPDX-License-Identifier: GPL-2.0
/*
 * Sending: every kind of frame, compared byte for byte at the peer.
 */
#include <string.h>

#include "tests.h"

#define MIN_LEN		17	/* the shell pads what is shorter */
#define ETHERTYPE	"\x88\xb5"

/* Send one packet and see it arrive. */
static void send_one(struct testbed *tb, struct packet *k, uint32_t flags,
		     uint16_t mss, uint32_t piece)
{
	if (TB_CHECK(tb, !tb_send(tb, 0, k, flags, mss, piece, 1)))
		TB_CHECK(tb, tb_drain(tb));
}

static void test_plain(struct testbed *tb)
{
	struct packet k;
	unsigned int i;

	for (i = 0; i < PACKET_KINDS; i++)
		for (k = packet_kind(i), k.payload = 4; k.payload < 1400;
		     k.payload += 97)
			send_one(tb, &k, 0, 0, 2000);
}

/* Frames that are no packets: the shortest, the longest, and between. */
static void test_raw(struct testbed *tb)
{
	uint32_t len, max = tb->options.mtu + PACKET_L3, i;
	struct npa_tx_info info = { .l3_offset = PACKET_L3 };
	uint64_t before;
	uint8_t *data;

	for (len = MIN_LEN; len <= max; len = len < 80 ? len + 1 : len + 71) {
		data = tb_tx_space(tb, len);
		memcpy(data, packet_peer_mac, 6);
		memcpy(data + 6, packet_vf_mac, 6);
		memcpy(data + 12, ETHERTYPE, 2);
		for (i = PACKET_L3; i < len; i++)
			data[i] = i + len;
		before = tb->tx_arrived;
		TB_CHECK(tb, !us_send(tb->us, 0, &info, data, len, max, 1));
		TB_CHECK(tb, tb_drain(tb));
		TB_CHECK(tb, tb->tx_arrived == before + 1);
		/* Hardware may pad. */
		TB_CHECK(tb, tb->last.len == len ||
			 (len < 60 && tb->last.len == 60));
		TB_CHECK(tb, !memcmp(tb->last_data, data, len));
	}
}

static void test_csum(struct testbed *tb)
{
	struct packet k;
	unsigned int i;

	for (i = 0; i < PACKET_KINDS; i++)
		for (k = packet_kind(i), k.payload = 4; k.payload < 1400;
		     k.payload += 89)
			send_one(tb, &k, NPA_TX_CSUM, 0, 2000);
}

static void test_tso(struct testbed *tb)
{
	static const uint16_t mss[] = { 88, 536, 1220, 1400 };
	unsigned int i, m;
	struct packet k;

	for (i = 0; i < PACKET_KINDS; i++) {
		k = packet_kind(i);
		if (!k.tcp)
			continue;
		for (m = 0; m < sizeof(mss) / sizeof(mss[0]); m++) {
			uint32_t n = mss[m];

			/* The payload's last segment is full, short, alone. */
			for (k.payload = n - 1; k.payload <= n + 1; k.payload++)
				send_one(tb, &k, NPA_TX_CSUM | NPA_TX_TSO, n,
					 70000);
			for (k.payload = 2 * n; k.payload < 65000 &&
			     k.payload < 200 * n; k.payload += 8117)
				send_one(tb, &k, NPA_TX_CSUM | NPA_TX_TSO, n,
					 4096 + k.payload / 18);
		}
	}
}

/* Frames with and without, so that what the hardware remembers matters. */
static void test_alternate(struct testbed *tb)
{
	struct packet k;
	unsigned int i;

	for (i = 0; i < 400; i++) {
		uint32_t flags = 0;

		k = packet_kind(i * 5 / 3 % PACKET_KINDS);
		k.payload = 100 + i;
		k.tagged = i / 7 & 1;
		k.tci = 0x2000 | i;
		if (i % 5)
			flags = NPA_TX_CSUM;
		if (k.tcp && i % 3 == 0) {
			flags = NPA_TX_CSUM | NPA_TX_TSO;
			k.payload += 3000;
		}
		send_one(tb, &k, flags, 500 + i % 4 * 100, 1000);
	}
}

static void test_vlan(struct testbed *tb)
{
	static const uint16_t tags[] = { 0, 1, 0x0fff, 0x6064, 0xe000, 0xffff };
	struct packet k;
	unsigned int i, t;

	for (i = 0; i < PACKET_KINDS; i++) {
		for (t = 0; t < sizeof(tags) / sizeof(tags[0]); t++) {
			k = packet_kind(i);
			k.payload = 200;
			k.tagged = true;
			k.tci = tags[t];
			send_one(tb, &k, 0, 0, 2000);
			send_one(tb, &k, NPA_TX_CSUM, 0, 2000);
			if (k.tcp) {
				k.payload = 5000;
				send_one(tb, &k, NPA_TX_CSUM | NPA_TX_TSO,
					 1400, 5100);
			}
			k.tagged = false;
			k.payload = 200;
			send_one(tb, &k, NPA_TX_CSUM, 0, 2000);
		}
	}
}

static void test_pieces(struct testbed *tb)
{
	struct packet k = { .tcp = true };
	uint32_t n, piece;

	for (n = 1; n <= NPA_TX_MAX_SG; n++) {
		k.payload = 1300;
		k.ipv6 = n & 1;
		send_one(tb, &k, n % 3 ? NPA_TX_CSUM : 0, 0,
			 (1300 + 74 + n - 1) / n);
		/* The largest that there is, in pieces as large as there are. */
		k.payload = PACKET_MAX_PAYLOAD;
		piece = (PACKET_MAX_PAYLOAD + 74 + n - 1) / n;
		if (piece > NPA_TX_SG_MAX_LEN)
			piece = NPA_TX_SG_MAX_LEN;
		send_one(tb, &k, NPA_TX_CSUM | NPA_TX_TSO, 1400, piece);
	}
}

static void test_jumbo(struct testbed *tb)
{
	struct packet k;
	unsigned int i;

	for (i = 0; i < PACKET_KINDS; i++) {
		k = packet_kind(i);
		for (k.payload = tb->options.mtu + PACKET_L3 -
		     packet_headers(&k); k.payload > 5000; k.payload -= 777) {
			send_one(tb, &k, 0, 0, 4096);
			send_one(tb, &k, NPA_TX_CSUM, 0, 9100);
		}
		k.payload = 60000;
		if (k.tcp)
			send_one(tb, &k, NPA_TX_CSUM | NPA_TX_TSO, 8900, 65000);
	}
	test_raw(tb);
}

/* The doorbell is not rung for a frame that others follow, but by flush. */
static void test_doorbell(struct testbed *tb)
{
	struct packet k = { .payload = 100 };

	TB_CHECK(tb, !tb_send(tb, 0, &k, 0, 0, 2000, 0));
	TB_CHECK(tb, !tb_send(tb, 0, &k, 0, 0, 2000, 0));
	tb_run(tb, 5);
	TB_CHECK(tb, tb->tx_arrived == 0);
	us_flush(tb->us, 0);
	tb_run(tb, 5);
	TB_CHECK(tb, tb->tx_arrived == 2);
	TB_CHECK(tb, !tb_send(tb, 0, &k, 0, 0, 2000, 0));
	TB_CHECK(tb, !tb_send(tb, 0, &k, 0, 0, 2000, 1));
	TB_CHECK(tb, tb_drain(tb));
	TB_CHECK(tb, tb->tx_arrived == 4);
}

/* Many times round the ring, in batches of all lengths. */
static void test_wrap(struct testbed *tb)
{
	uint32_t rounds = 12 * tb->options.ring, i, flags;
	struct packet k;

	for (i = 0; i < rounds; i++) {
		k = packet_kind(i % PACKET_KINDS);
		k.payload = 4 + i * 37 % 1300;
		k.tagged = i / 50 & 1;
		k.tci = i;
		flags = i / 31 & 1 ? NPA_TX_CSUM : 0;
		if (k.tcp && i % 29 == 0) {
			k.payload += 20000;
			flags = NPA_TX_CSUM | NPA_TX_TSO;
		}
		while (tb_send(tb, 0, &k, flags, 1300, 2000 + k.payload / 18,
			       i % 7 == 0)) {
			us_flush(tb->us, 0);
			if (!TB_CHECK(tb, tb_drain(tb)))
				return;
		}
	}
	us_flush(tb->us, 0);
	TB_CHECK(tb, tb_drain(tb));
	TB_CHECK(tb, tb->us->completed == rounds);
}

/*
 * The hardware stands still: the ring becomes full, the plugin says so, and
 * that changes nothing.  It rings the doorbell when the ring becomes full.
 */
static void test_full(struct testbed *tb)
{
	struct packet k = { .payload = 300 };
	uint32_t round, n, forced;

	for (round = 0; round < 3; round++) {
		struct npa_tx_info info;
		uint8_t *data;
		size_t len;

		for (n = 0; !tb_send(tb, 0, &k, 0, 0, 2000, 0); n++)
			if (!TB_CHECK(tb, n < tb->options.ring))
				return;
		TB_CHECK(tb, n >= (tb->options.ring -
				   tb->us->api.tx_entries_per_frame) / 2);
		/* What the shell would not do: go on. */
		k.seq = tb->tx[0].next_sent;
		data = tb_tx_space(tb, 2048);
		len = packet_make(&k, data);
		packet_describe(&k, 0, 0, &info);
		for (forced = 0; forced < tb->options.ring &&
		     !us_try_send(tb->us, 0, &info, data, len, 100, 1);
		     forced++) {
			tb->tx[0].sent[tb->tx[0].next_sent++ % TB_REMEMBER] = k;
			k.seq = tb->tx[0].next_sent;
			data = tb_tx_space(tb, 2048);
			len = packet_make(&k, data);
		}
		TB_CHECK(tb, forced < tb->options.ring);
		if (!forced)
			us_flush(tb->us, 0);
		TB_CHECK(tb, tb_drain(tb));
		TB_CHECK(tb, us_tx_free(tb->us, 0) + 1 >= tb->options.ring);
	}
}

/* Without flush and without last_hint: a full ring starts by itself. */
static void test_full_doorbell(struct testbed *tb)
{
	struct packet k = { .payload = 300 };
	uint32_t n;

	for (n = 0; !tb_send(tb, 0, &k, 0, 0, 2000, 0); n++)
		if (!TB_CHECK(tb, n < tb->options.ring))
			return;
	TB_CHECK(tb, tb_drain(tb));
	TB_CHECK(tb, tb->tx_arrived == n);
}

static void flush_all(struct testbed *tb)
{
	uint32_t q;

	for (q = 0; q < tb->options.queues; q++)
		us_flush(tb->us, q);
	TB_CHECK(tb, tb_drain(tb));
}

static void test_queues(struct testbed *tb)
{
	struct packet k;
	uint32_t i, q;

	for (i = 0; i < 4000; i++) {
		q = i * 7 / 3 % tb->options.queues;
		k = packet_kind(i % PACKET_KINDS);
		k.flow = q;
		k.payload = 4 + i % 1200;
		if (!tb_send(tb, q, &k, i & 8 ? NPA_TX_CSUM : 0, 0, 700,
			     i % 3 == 0))
			continue;
		flush_all(tb);
		TB_CHECK(tb, !tb_send(tb, q, &k, 0, 0, 700, 1));
	}
	flush_all(tb);
	TB_CHECK(tb, tb->us->completed == 4000);
}

const struct hx_test hx_tx_tests[] = {
	{ "send packets", test_plain, { 1, 256, 1500 } },
	{ "send frames from the shortest to the longest", test_raw,
	  { 1, 256, 1500 } },
	{ "send with checksum, IPv4 and IPv6, TCP and UDP", test_csum,
	  { 1, 256, 1500 } },
	{ "send with TSO, IPv4 and IPv6", test_tso, { 1, 256, 1500 } },
	{ "send with tags", test_vlan, { 1, 256, 1500 } },
	{ "send all kinds in turn", test_alternate, { 1, 256, 1500 } },
	{ "send in 1 to 18 pieces", test_pieces, { 1, 256, 1500 } },
	{ "send jumbo frames", test_jumbo, { 1, 256, 9000 } },
	{ "doorbell when told", test_doorbell, { 1, 256, 1500 } },
	{ "send ring wraps", test_wrap, { 1, 256, 1500 } },
	{ "send ring wraps, small ring", test_wrap, { 1, 64, 1500 } },
	{ "send ring becomes full", test_full, { 1, 256, 1500 } },
	{ "doorbell when the ring is full", test_full_doorbell,
	  { 1, 256, 1500 } },
	{ "send on all queues", test_queues, { 0, 256, 1500 } },
	{ .name = NULL },
};

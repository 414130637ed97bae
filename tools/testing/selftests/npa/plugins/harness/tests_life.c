// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin's life: start, interrupts, stop, start again; and everything at
 * once.
 */
#include <stdlib.h>
#include <string.h>

#include "tests.h"

/* Some packets each way on all queues. */
static void traffic(struct testbed *tb, unsigned int count)
{
	struct packet k;
	unsigned int i;

	for (i = 0; i < count; i++) {
		k = (struct packet){ .tcp = i & 1, .payload = 40 + i };
		k.flow = i % tb->options.queues;
		TB_CHECK(tb, !tb_send(tb, k.flow, &k, NPA_TX_CSUM, 0, 500, 1));
		k.flow = i % TB_FLOWS;
		TB_CHECK(tb, !tb_peer_send(tb, &k));
		if (i % 10 == 9) {
			TB_CHECK(tb, tb_drain(tb));
			tb_poll_all(tb);
		}
	}
	TB_CHECK(tb, tb_drain(tb));
	tb_poll_all(tb);
	TB_CHECK(tb, tb_all_arrived(tb));
}

static void test_traffic(struct testbed *tb)
{
	traffic(tb, 200);
}

/* Steady traffic costs no trapped access. */
static void test_traps(struct testbed *tb)
{
	uint64_t before;

	traffic(tb, 50);
	before = tb->window.reads + tb->window.writes;
	traffic(tb, 500);
	TB_CHECK(tb, tb->window.reads + tb->window.writes == before);
}

static void test_interrupts(struct testbed *tb)
{
	struct packet k = { .payload = 100 };
	uint64_t before;

	us_interrupt(tb->us, 0, true);
	before = tb->raised[0];
	TB_CHECK(tb, !tb_peer_send(tb, &k));
	tb_run(tb, 5);
	TB_CHECK(tb, tb->raised[0] > before);
	tb_poll_all(tb);
	us_interrupt(tb->us, 0, true);
	before = tb->raised[0];
	TB_CHECK(tb, !tb_send(tb, 0, &k, 0, 0, 500, 1));
	TB_CHECK(tb, tb_drain(tb));
	tb_run(tb, 5);
	TB_CHECK(tb, tb->raised[0] > before);
	us_interrupt(tb->us, 0, false);
	before = tb->raised[0];
	TB_CHECK(tb, !tb_peer_send(tb, &k));
	tb_run(tb, 5);
	TB_CHECK(tb, tb->raised[0] == before);
	tb_poll_all(tb);
	/* Those that there are not do no harm. */
	us_interrupt(tb->us, NPA_MAX_QUEUES, true);
	us_interrupt(tb->us, 0xffffffff, false);
}

/* What is queued is sent; after it, nothing happens in memory. */
static void test_quiesce(struct testbed *tb)
{
	struct packet k = { .payload = 400 };
	uint8_t *before = malloc(US_MEM_LEN);
	unsigned int i;

	if (!TB_CHECK(tb, before))
		return;
	traffic(tb, 20);
	for (i = 0; i < 8; i++)
		TB_CHECK(tb, !tb_send(tb, 0, &k, 0, 0, 500, 1));
	tb->ops->quiesce(tb->vf);
	us_check_tx(tb->us, 0);
	TB_CHECK(tb, !tb->us->txq[0].outstanding);
	TB_CHECK(tb, tb_all_arrived(tb));
	memcpy(before, tb->us->mem, US_MEM_LEN);
	tb_peer_send(tb, &k);
	tb_run(tb, 5);
	TB_CHECK(tb, !memcmp(before, tb->us->mem, US_MEM_LEN));
	/* The peer has seen nobody take it. */
	memset(tb->rx, 0, sizeof(tb->rx));
	free(before);
}

static void test_restart(struct testbed *tb)
{
	struct packet k = { .payload = 400 };
	unsigned int i;

	for (i = 0; i < 6; i++) {
		traffic(tb, 50 + 7 * i);
		/* Something is left in both rings. */
		TB_CHECK(tb, !tb_send(tb, 0, &k, 0, 0, 100, i & 1));
		TB_CHECK(tb, !tb_peer_send(tb, &k));
		tb->ops->quiesce(tb->vf);
		memset(tb->rx, 0, sizeof(tb->rx));
		memset(tb->tx, 0, sizeof(tb->tx));
		TB_CHECK(tb, tb_start(tb) == 0);
	}
	traffic(tb, 50);
}

/* Without buffers a ring cannot be made, later it can. */
static void test_reinit(struct testbed *tb)
{
	tb->ops->quiesce(tb->vf);
	tb->us->no_buffers = true;
	TB_CHECK(tb, us_reinit(tb->us) > 0);
	tb->us->no_buffers = false;
	TB_CHECK(tb, tb_start(tb) == 0);
	traffic(tb, 50);
}

/* The VF is gone: all-ones everywhere.  The plugin survives to be left. */
static void test_lost(struct testbed *tb)
{
	struct packet k = { .payload = 400 };
	unsigned int i, n = 0;

	traffic(tb, 50);
	TB_CHECK(tb, us_check_alive(tb->us) == 0);
	tb->ops->release(tb->vf);
	tb->vf = NULL;
	tb->window.vf = NULL;
	TB_CHECK(tb, us_check_alive(tb->us) == !!tb->us->api.check_alive);
	for (i = 0; i < 4 * tb->options.ring; i++) {
		n += !tb_send(tb, 0, &k, 0, 0, 100, 1);
		us_poll(tb->us, 64);
	}
	TB_CHECK(tb, n <= tb->options.ring);
	us_interrupt(tb->us, 0, false);
	memset(tb->tx, 0, sizeof(tb->tx));
}

/* Everything at once, in an order that is the same each time. */
static uint32_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return *state >> 33;
}

static void random_send(struct testbed *tb, uint64_t *state)
{
	uint32_t r = next_random(state), flags = 0, q, max;
	struct packet k = { .tcp = r & 1, .ipv6 = r & 2 };

	k.options = k.tcp && r & 4;
	k.tagged = r & 8;
	k.tci = r >> 8;
	q = next_random(state) % tb->options.queues;
	k.flow = q;
	max = tb->options.mtu + PACKET_L3 - packet_headers(&k);
	k.payload = 4 + next_random(state) % (max - 3);
	if (r & 0x30)
		flags = NPA_TX_CSUM;
	if (k.tcp && !(r & 0xc0)) {
		flags = NPA_TX_CSUM | NPA_TX_TSO;
		k.payload = 4 + next_random(state) % 64000;
	}
	tb_send(tb, q, &k, flags, 400 + next_random(state) % 1000,
		100 + next_random(state) % 2000 + k.payload / 17, r & 0x100);
}

static void random_receive(struct testbed *tb, uint64_t *state)
{
	uint32_t r = next_random(state), max;
	struct packet k = { .tcp = r & 1, .ipv6 = r & 2 };

	k.options = k.tcp && r & 4;
	k.tagged = r & 8;
	k.tci = r >> 8;
	k.bad_csum = !(r & 0xf0);
	/*
	 * A flow keeps its protocol, or hardware may spread it: its packets
	 * could then overtake each other.
	 */
	k.flow = (next_random(state) & 3) | (r & 3) << 2;
	max = tb->options.mtu + PACKET_L3 - packet_headers(&k);
	k.payload = 4 + next_random(state) % (max - 3);
	tb_peer_send(tb, &k);
}

static void random_step(struct testbed *tb, uint64_t *state)
{
	uint32_t r = next_random(state) % 64;
	uint32_t q = next_random(state) % tb->options.queues;

	if (r < 25)
		random_send(tb, state);
	else if (r < 50)
		random_receive(tb, state);
	else if (r < 54)
		us_flush(tb->us, q);
	else if (r < 58)
		tb_poll(tb, q, next_random(state) % 33);
	else if (r < 60)
		tb_run(tb, 2);
	else if (r < 62)
		us_interrupt(tb->us, q, r & 1);
	else
		tb->us->no_buffers = r & 1;
}

static void test_random(struct testbed *tb)
{
	uint64_t state = tb->options.ring + tb->options.mtu;
	uint32_t i;

	for (i = 0; i < 20000; i++)
		random_step(tb, &state);
	tb->us->no_buffers = false;
	for (i = 0; i < tb->options.queues; i++)
		us_flush(tb->us, i);
	TB_CHECK(tb, tb_drain(tb));
	tb_poll_all(tb);
	TB_CHECK(tb, tb->us->received > 1000 && tb->us->completed > 1000);
}

const struct hx_test hx_life_tests[] = {
	{ "traffic both ways, all queues", test_traffic, { 0, 256, 1500 } },
	{ "no trapped access per packet", test_traps, { 0, 256, 1500 } },
	{ "interrupts on and off", test_interrupts, { 1, 256, 1500 } },
	{ "quiesce", test_quiesce, { 1, 256, 1500 } },
	{ "stop and start again", test_restart, { 0, 256, 1500 } },
	{ "a ring that gets no buffers", test_reinit, { 0, 256, 1500 } },
	{ "the VF is lost", test_lost, { 1, 256, 1500 } },
	{ "everything at once", test_random, { 0, 256, 1500 } },
	{ "everything at once, jumbo frames", test_random, { 0, 256, 9000 } },
	{ "everything at once, small rings", test_random, { 0, 64, 1500 } },
	{ .name = NULL },
};

// SPDX-License-Identifier: GPL-2.0
/*
 * The 82599 VF with a driver of the guest's own: the messages of the mailbox
 * that only it has, register by register as ixgbevf uses it.  What it shares
 * with the 82576 is in test_vf_mbx.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

#include "../pf.h"
#include "../../plugins/ixgbevf_regs.h"

#define ACK		0x80000000u
#define NACK		0x40000000u
#define CTS		0x20000000u
#define MSG_RESET	0x01
#define MSG_MACVLAN	0x06
#define MSG_NEGOTIATE	0x08
#define MSG_QUEUES	0x09
#define MSG_RETA	0x0a
#define MSG_RSS_KEY	0x0b
#define MSG_XCAST	0x0c
#define MSG_IPSEC	0x0d
#define MSG_LINK_STATE	0x10
#define API_1_2		3
#define API_1_3		4
#define API_1_4		5
#define INFO(n)		((uint32_t)(n) << 16)
#define WORDS		16

/**
 * struct bench - a VF and the hypervisor in this file
 * @refuse: what the hypervisor answers
 * @request: the last request
 * @msg: a message, then its answer
 */
struct bench {
	struct tap *tap;
	struct loop *loop;
	struct dma_space *dma;
	struct eswitch *sw;
	uint8_t *window;
	struct vf *vf;
	int refuse;
	struct pf_request request;
	uint32_t msg[WORDS];
};

#define CHECK(cond)	tap_check(b->tap, cond)

static const struct pf_ops *const ops = &vf_82599_ops;

static int on_request(void *arg, const struct pf_request *request)
{
	struct bench *b = arg;

	b->request = *request;
	return b->refuse;
}

static void on_interrupt(void *arg, unsigned int vector)
{
	(void)arg;
	(void)vector;
}

/* Send b->msg and read the answer into it; true if there is one. */
static bool talk(struct bench *b)
{
	uint32_t mailbox;
	unsigned int i;

	ops->write(b->vf, IXGBEVF_MAILBOX, 4, ADV_MAILBOX_VFU);
	for (i = 0; i < WORDS; i++)
		ops->write(b->vf, IXGBEVF_VMBMEM + 4 * i, 4, b->msg[i]);
	ops->write(b->vf, IXGBEVF_MAILBOX, 4, ADV_MAILBOX_REQ);
	mailbox = ops->read(b->vf, IXGBEVF_MAILBOX, 4);
	for (i = 0; i < WORDS; i++)
		b->msg[i] = ops->read(b->vf, IXGBEVF_VMBMEM + 4 * i, 4);
	ops->write(b->vf, IXGBEVF_MAILBOX, 4, ADV_MAILBOX_ACK);
	return mailbox & ADV_MAILBOX_PFSTS && mailbox & ADV_MAILBOX_PFACK;
}

/* A message of one or two words; the first one of the answer. */
static uint32_t say(struct bench *b, uint32_t first, uint32_t second)
{
	memset(b->msg, 0, sizeof(b->msg));
	b->msg[0] = first;
	b->msg[1] = second;
	CHECK(talk(b));
	return b->msg[0];
}

static struct bench *bench_new(struct tap *tap)
{
	static const uint8_t mac[6] = { 2, 0x11, 0x22, 0x33, 0x44, 0x55 };
	struct bench *b = calloc(1, sizeof(*b));
	struct pf_env env = { 0 };

	b->tap = tap;
	b->loop = loop_new();
	b->dma = dma_new();
	b->sw = eswitch_new();
	b->window = aligned_alloc(4096, IXGBEVF_WINDOW_LEN);
	env.loop = b->loop;
	env.dma = b->dma;
	env.sw = b->sw;
	env.window = b->window;
	env.raise = on_interrupt;
	env.request = on_request;
	env.request_arg = b;
	b->vf = ops->acquire(&env);
	CHECK(ops->set_mac(b->vf, mac) == 0);
	CHECK(ops->open(b->vf) == 0);
	CHECK(say(b, MSG_RESET, 0) == (MSG_RESET | ACK));
	CHECK(b->msg[1] == 0x33221102 && b->msg[2] == 0x5544 && !b->msg[3]);
	return b;
}

static void bench_free(struct bench *b)
{
	ops->release(b->vf);
	eswitch_free(b->sw);
	dma_free(b->dma);
	loop_free(b->loop);
	free(b->window);
	free(b);
}

/* The driver asks for less until the PF agrees. */
static void test_negotiate(struct bench *b)
{
	uint32_t version;

	for (version = 1000; version > API_1_3; version--)
		CHECK(say(b, MSG_NEGOTIATE, version) ==
		      (MSG_NEGOTIATE | NACK | CTS));
	for (; version != UINT32_MAX; version--)
		CHECK(say(b, MSG_NEGOTIATE, version) ==
		      (MSG_NEGOTIATE | (version == 1 ? NACK : ACK) | CTS));
	/* Messages of a version that was not negotiated; IPsec in none. */
	CHECK(say(b, MSG_QUEUES, 0) == (MSG_QUEUES | NACK | CTS));
	CHECK(say(b, MSG_RETA, 0) == (MSG_RETA | NACK | CTS));
	CHECK(say(b, MSG_RSS_KEY, 0) == (MSG_RSS_KEY | NACK | CTS));
	CHECK(say(b, MSG_XCAST, 1) == (MSG_XCAST | NACK | CTS));
	CHECK(say(b, MSG_LINK_STATE, 0) == (MSG_LINK_STATE | NACK | CTS));
	CHECK(say(b, MSG_NEGOTIATE, API_1_3) == (MSG_NEGOTIATE | ACK | CTS));
	CHECK(say(b, MSG_QUEUES, 0) == (MSG_QUEUES | ACK | CTS));
	CHECK(b->msg[1] == 4 && b->msg[2] == 4 && !b->msg[3] && !b->msg[4]);
	CHECK(say(b, MSG_IPSEC, 0) == (MSG_IPSEC | NACK | CTS));
	CHECK(say(b, MSG_LINK_STATE, 0) == (MSG_LINK_STATE | ACK | CTS));
	CHECK(b->msg[1] == 1);
	/* A reset ends the agreement. */
	CHECK(say(b, MSG_RESET, 0) == (MSG_RESET | ACK));
	CHECK(say(b, MSG_QUEUES, 0) == (MSG_QUEUES | NACK | CTS));
}

static void test_rss(struct bench *b)
{
	uint32_t key[10];
	unsigned int i;

	CHECK(say(b, MSG_NEGOTIATE, API_1_2) == (MSG_NEGOTIATE | ACK | CTS));
	CHECK(say(b, MSG_RETA, 0xffffffff) == (MSG_RETA | ACK | CTS));
	for (i = 0; i < 8; i++)
		CHECK(b->msg[1 + i] == 0xe4e4e4e4);	/* 0, 1, 2, 3, ... */
	CHECK(say(b, MSG_RSS_KEY, 0xffffffff) == (MSG_RSS_KEY | ACK | CTS));
	memcpy(key, &b->msg[1], sizeof(key));
	CHECK(say(b, MSG_RSS_KEY, 0) == (MSG_RSS_KEY | ACK | CTS));
	CHECK(!memcmp(key, &b->msg[1], sizeof(key)));
	for (i = 0; i < 10 && !key[i]; i++)
		;
	CHECK(i < 10);
}

static void test_xcast(struct bench *b)
{
	CHECK(say(b, MSG_NEGOTIATE, API_1_2) == (MSG_NEGOTIATE | ACK | CTS));
	CHECK(say(b, MSG_XCAST, 0) == (MSG_XCAST | ACK | CTS));
	CHECK(b->request.type == PF_REQUEST_RX_MODE && !b->msg[1]);
	CHECK(b->request.rx_mode == (PORT_RX_UCAST | PORT_RX_BCAST));
	/* All groups and promiscuous are for those who are trusted. */
	CHECK(say(b, MSG_XCAST, 3) == (MSG_XCAST | ACK | CTS));
	CHECK(b->msg[1] == 1);
	CHECK(b->request.rx_mode == (PORT_RX_UCAST | PORT_RX_BCAST |
				     PORT_RX_MCAST));
	b->refuse = -EPERM;
	CHECK(say(b, MSG_XCAST, 1) == (MSG_XCAST | NACK | CTS));
}

static void test_macvlan(struct bench *b)
{
	static const uint8_t mac[6] = { 2, 9, 8, 7, 6, 5 };

	CHECK(say(b, MSG_MACVLAN, 0) == (MSG_MACVLAN | ACK | CTS));
	CHECK(b->request.type == PF_REQUEST_MORE_MACS && !b->request.on);
	b->refuse = -ENOSPC;
	memset(b->msg, 0, sizeof(b->msg));
	b->msg[0] = MSG_MACVLAN | INFO(1);
	b->msg[1] = 0x07080902;
	b->msg[2] = 0x0506;
	CHECK(talk(b) && b->msg[0] == (MSG_MACVLAN | INFO(1) | NACK | CTS));
	CHECK(b->request.on && !memcmp(b->request.mac, mac, 6));
}

static const struct {
	const char *name;
	void (*fn)(struct bench *b);
} tests[] = {
	{ "versions", test_negotiate },
	{ "RSS table and key", test_rss },
	{ "what to hear", test_xcast },
	{ "more addresses", test_macvlan },
};

int main(void)
{
	struct tap tap = { 0 };
	struct bench *b;
	size_t i;

	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		tap_begin(&tap);
		b = bench_new(&tap);
		tests[i].fn(b);
		bench_free(b);
		tap_end(&tap, "%s", tests[i].name);
	}
	return tap_done(&tap);
}

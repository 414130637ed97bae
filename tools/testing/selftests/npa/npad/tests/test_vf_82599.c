// SPDX-License-Identifier: GPL-2.0
/*
 * The 82599 VF: its model and its plugin against each other, see
 * vf_intel_test.h.
 */
#include "../../plugins/intel-82599vf.c"

#define TEST_OPS	vf_82599_ops
#define TEST_PLUGIN	"intel-82599vf"
#define TEST_EICS	IXGBEVF_EICS
#define TEST_EICR	IXGBEVF_EICR
#define TEST_VFGPRC	IXGBEVF_VFGPRC
#define TEST_VFGPTC	IXGBEVF_VFGPTC
#define TEST_VMBMEM	IXGBEVF_VMBMEM
#define TEST_MAILBOX	IXGBEVF_MAILBOX

#include "vf_intel_test.h"

/* Statistics are kept, everything else goes back to its first value. */
static void test_link_reset(struct bench *b)
{
	uint8_t data[256];
	size_t len = make_rx_frame(data, false, 100, 1);

	CHECK(TEST_OPS.read(b->vf, IXGBEVF_LINKS, 4) ==
	      (IXGBEVF_LINKS_UP | IXGBEVF_LINKS_10G));
	CHECK(peer_send(b, data, len) == 0);
	TEST_OPS.write(b->vf, IXGBEVF_EIMS, 4, 5);
	TEST_OPS.write(b->vf, IXGBEVF_CTRL, 4, IXGBEVF_CTRL_RST);
	CHECK(TEST_OPS.read(b->vf, IXGBEVF_EIMS, 4) == 0);
	CHECK(TEST_OPS.read(b->vf, IXGBEVF_RXDCTL(0), 4) == 0);
	CHECK(TEST_OPS.read(b->vf, IXGBEVF_VFGPRC, 4) == 1);
	CHECK(TEST_OPS.read(b->vf, IXGBEVF_LINKS, 4) ==
	      (IXGBEVF_LINKS_UP | IXGBEVF_LINKS_10G));
	peer_send(b, data, len);
	CHECK(TEST_OPS.port(b->vf)->stats.rx_dropped == 1);
	run(b, 3);
}

/* Octets have 36 bits in two registers. */
static void test_octets(struct bench *b)
{
	uint8_t data[256];
	size_t len = make_rx_frame(data, false, 100, 1);

	TEST_OPS.write(b->vf, IXGBEVF_VFGORC, 4, 0xffffffff);
	TEST_OPS.write(b->vf, IXGBEVF_VFGORC + 4, 4, 0xf);
	CHECK(peer_send(b, data, len) == 0);
	CHECK(TEST_OPS.read(b->vf, IXGBEVF_VFGORC, 4) == len - 1);
	CHECK(TEST_OPS.read(b->vf, IXGBEVF_VFGORC + 4, 4) == 0);
}

/* A tag stays in the frame if the queue's RXDCTL does not say otherwise. */
static void test_vme(struct bench *b)
{
	struct frame f = { .has_vlan = true, .vlan_tci = 0x2007 };
	uint8_t data[256];

	f.len = make_rx_frame(data, true, 100, 1);
	f.data = data;
	TEST_OPS.write(b->vf, IXGBEVF_RXDCTL(0), 4, ADV_DCTL_ENABLE);
	CHECK(eswitch_send(b->sw, &b->peer, &f) == 0);
	CHECK(us_poll(b->us, 64) == 1);
	CHECK(us_last(b->us)->bytes == f.len + 4);
	CHECK(!(us_last(b->us)->meta.flags & NPA_RX_VLAN));
	TEST_OPS.write(b->vf, IXGBEVF_RXDCTL(0), 4,
		       ADV_DCTL_ENABLE | IXGBEVF_RXDCTL_VME);
	CHECK(eswitch_send(b->sw, &b->peer, &f) == 0);
	CHECK(us_poll(b->us, 64) == 1);
	CHECK(us_last(b->us)->bytes == f.len);
	CHECK(us_last(b->us)->meta.vlan_tag == 0x2007);
}

/* The PF's table may name four queues; PSRTYPE says how many count. */
static void test_rqpl(struct bench *b)
{
	uint32_t n[IXGBEVF_MAX_QUEUES] = { 0 };
	uint8_t data[256];
	size_t len = make_rx_frame(data, true, 100, 1);
	unsigned int port;

	TEST_OPS.write(b->vf, IXGBEVF_PSRTYPE, 4, 1 << IXGBEVF_PSRTYPE_RQPL);
	for (port = 0; port < 64; port++) {
		put16(data + L4, 3000 + port * 37);
		CHECK(peer_send(b, data, len) == 0);
		us_poll(b->us, 64);
		n[us_last(b->us)->queue]++;
	}
	CHECK(n[0] > 10 && n[1] > 10 && !n[2] && !n[3]);
}

/* Every queue's frames raise its interrupt, although two share a vector. */
static void test_vectors(struct bench *b)
{
	size_t len = make_frame(tx_data(b), false, 100, 0, true);
	struct npa_tx_info info = { .l3_offset = L3 };
	unsigned int i, k;

	for (i = 0; i < IXGBEVF_MAX_QUEUES; i++)
		b->us->api.enable_interrupt(&b->us->ps, i);
	/* What a trapped write would have done. */
	TEST_OPS.write(b->vf, IXGBEVF_EIMS, 4, 7);
	for (i = 0; i < IXGBEVF_MAX_QUEUES; i++) {
		memset(b->raised, 0, sizeof(b->raised));
		CHECK(us_send(b->us, i, &info, tx_data(b), len, len, 1) == 0);
		run(b, 2);
		for (k = 0; k < IXGBEVF_MAX_QUEUES; k++)
			CHECK(b->raised[k] == (k % 3 == i % 3));
	}
}

/* Where the switch is inside the NIC, it wants to know the MAC header. */
static void test_needs_context(struct bench *b)
{
	struct adv_tx_desc *ring = b->us->ps.tx[0].seg[0].va;
	size_t len = make_frame(tx_data(b), false, 100, 0, true);
	struct npa_tx_info info = { .l3_offset = L3 };
	unsigned int i;

	CHECK(us_send(b->us, 0, &info, tx_data(b), len, len, 0) == 0);
	for (i = 0; i < RING; i++)
		if ((ring[i].cmd & ADV_TXD_TYPE_MASK) == ADV_TXD_DATA)
			ring[i].status &= ~ADV_TXS_CC;
	b->us->api.flush_tx_ring(&b->us->ps, 0);
	run(b, 2);
	CHECK(b->num_got == 0);
	CHECK(TEST_OPS.port(b->vf)->stats.tx_dropped == 1);
	CHECK(us_send(b->us, 0, &info, tx_data(b), len, len, 1) == 0);
	run(b, 2);
	CHECK(b->num_got == 1);
}

/* Frames with and without offloads share a context where they can. */
static void test_plain_context(struct bench *b)
{
	struct npa_tx_info plain = { .l3_offset = L3 }, tcp;
	uint32_t added, i;
	size_t len;

	tcp_info(&tcp, NPA_TX_CSUM, 0);
	for (i = 0; i < 10; i++) {
		added = b->us->ps.tx[0].tx_added;
		len = make_frame(tx_data(b), true, 100, 0, true);
		CHECK(!us_send(b->us, 0, &tcp, tx_data(b), len, len, 1));
		run(b, 2);
		CHECK(b->got->f.csum_partial);
		len = make_frame(tx_data(b), false, 100, 0, true);
		CHECK(!us_send(b->us, 0, &plain, tx_data(b), len, len, 1));
		run(b, 2);
		CHECK(!b->got->f.csum_partial && !b->got->f.has_vlan);
		CHECK(b->us->ps.tx[0].tx_added - added == 2 + !i);
	}
	/* Another MAC header needs another one. */
	plain.l3_offset = L3 + 4;
	added = b->us->ps.tx[0].tx_added;
	CHECK(!us_send(b->us, 0, &plain, tx_data(b), len, len, 1));
	CHECK(b->us->ps.tx[0].tx_added - added == 2);
	run(b, 2);
	CHECK(b->num_got == 21);
}

static const struct vf_test own_tests[] = {
	{ "link and reset", test_link_reset, 1, 1500, 0 },
	{ "octets", test_octets, 1, 1500, 0 },
	{ "tags left in", test_vme, 1, 1500, 0 },
	{ "queues of a pool", test_rqpl, IXGBEVF_MAX_QUEUES, 1500, 0 },
	{ "shared vectors", test_vectors, IXGBEVF_MAX_QUEUES, 1500, 0 },
	{ "plain frames' context", test_plain_context, 1, 1500, 0 },
	{ "frame without a context", test_needs_context, 1, 1500, 0 },
};

int main(void)
{
	struct tap tap = { 0 };

	run_variants(&tap, own_tests, sizeof(own_tests) / sizeof(own_tests[0]));
	return tap_done(&tap);
}

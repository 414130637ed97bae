// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of TX and RX through the vmxnet3 plugin, against the device made of
 * memory: bytes, descriptor words, wrapping and full rings, several buffers per
 * frame, a device that passes over buffers.
 */
#include <linux/bitfield.h>
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/etherdevice.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>

#include "vmxnet3_test.h"

#define TEST_L4		(ETH_HLEN + sizeof(struct iphdr))
#define TEST_JUMBO	(9000 + ETH_HLEN)
#define TEST_FULL	1514

static int traffic_init(struct kunit *test)
{
	int err = vmxnet3_test_init(test);

	if (!err)
		vmxnet3_test_open(test->priv);
	return err;
}

static int traffic_lazy_init(struct kunit *test)
{
	struct vmxnet3_test *t;
	int err;

	err = vmxnet3_test_init(test);
	if (err)
		return err;
	t = test->priv;
	vmxnet3_test_lazy(t);
	vmxnet3_test_open(t);
	KUNIT_ASSERT_TRUE(test, t->shell->path->tx_lazy);
	return 0;
}

/* Lengths that are all over the place, and the same in each run. */
static u32 test_len(u32 seq, u32 most)
{
	return VMXNET3_TEST_HDR_LEN +
	       (seq * 2654435761u >> 8) % (most - VMXNET3_TEST_HDR_LEN + 1);
}

static void set_mtu(struct vmxnet3_test *t, int mtu, int want)
{
	int err;

	rtnl_lock();
	err = dev_set_mtu(t->netdev, mtu);
	rtnl_unlock();
	KUNIT_ASSERT_EQ(t->test, err, want);
}

/* The device takes one frame, which must be this one. */
static void expect_tx(struct vmxnet3_test *t, u32 queue, u32 len, u32 seq)
{
	struct vmxnet3_test_tx *tx = &t->scratch;
	u8 *want = kunit_kzalloc(t->test, len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(t->test, want);
	KUNIT_ASSERT_TRUE(t->test, vmxnet3_test_dev_take(t, queue, tx));
	KUNIT_EXPECT_EQ(t->test, tx->seq, seq);
	KUNIT_EXPECT_EQ(t->test, tx->len, len);
	vmxnet3_test_fill(t, want, len, seq);
	if (tx->len == len)
		KUNIT_EXPECT_EQ(t->test, 0, memcmp(tx->data, want, len));
	kunit_kfree(t->test, want);
}

/* TX */

/* Several rounds of both rings, with batches of changing sizes. */
static void vmxnet3_traffic_test_tx_wrap(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 sent = 0, taken = 0, batch = 1, i;

	while (sent < 6000) {
		batch = batch * 7 % 251;
		for (i = 0; i < batch; i++, sent++)
			vmxnet3_test_send(t, sent % 2,
					  test_len(sent, TEST_FULL), sent);
		for (; taken < sent; taken++)
			expect_tx(t, taken % 2, test_len(taken, TEST_FULL),
				  taken);
		KUNIT_EXPECT_FALSE(test,
				   vmxnet3_test_dev_take(t, 0, &t->scratch));
		for (i = 0; i < 2; i++) {
			vmxnet3_test_dev_complete(t, i, U32_MAX);
			vmxnet3_test_poll(t, i);
		}
		KUNIT_ASSERT_EQ(test, atomic_read(&t->tx_freed), sent);
	}
	KUNIT_EXPECT_TRUE(test, vmxnet3_path_tx_idle(t->shell->path));
}

/* A frame is freed when it is completed, and not before. */
static void vmxnet3_traffic_test_tx_complete(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 i;

	for (i = 0; i < 10; i++)
		vmxnet3_test_send(t, 0, 100, i);
	for (i = 0; i < 10; i++)
		expect_tx(t, 0, 100, i);
	vmxnet3_test_poll(t, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->tx_freed), 0);
	vmxnet3_test_dev_complete(t, 0, 3);
	vmxnet3_test_poll(t, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->tx_freed), 3);
	KUNIT_EXPECT_EQ(test, vmxnet3_tx_outstanding(&t->shell->path->tx[0]),
			7);
	vmxnet3_test_dev_complete(t, 0, 7);
	vmxnet3_test_poll(t, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->tx_freed), 10);
}

static void vmxnet3_traffic_test_tx_pieces(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 seq = 0, frags, round;

	set_mtu(t, 9000, 0);
	for (round = 0; round < 8; round++)
		for (frags = 0; frags < NPA_TX_MAX_SG; frags++, seq++) {
			u32 len = test_len(seq, 3900) + 100;
			struct sk_buff *skb;

			skb = vmxnet3_test_skb(t, len, frags, seq);
			KUNIT_ASSERT_EQ(test, NETDEV_TX_OK,
					vmxnet3_test_xmit(t, skb, 0, false));
			expect_tx(t, 0, len, seq);
			KUNIT_EXPECT_EQ(test, t->scratch.entries, frags + 1);
			vmxnet3_test_dev_complete(t, 0, 1);
			vmxnet3_test_poll(t, 0);
			KUNIT_ASSERT_EQ(test, atomic_read(&t->tx_freed),
					seq + 1);
		}
}

static void vmxnet3_traffic_test_tx_short(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct sk_buff *skb = vmxnet3_test_skb(t, VMXNET3_TEST_HDR_LEN, 0, 1);

	skb_trim(skb, ETH_HLEN);
	KUNIT_ASSERT_EQ(test, NETDEV_TX_OK,
			vmxnet3_test_xmit(t, skb, 0, false));
	KUNIT_ASSERT_TRUE(test, vmxnet3_test_dev_take(t, 0, &t->scratch));
	KUNIT_EXPECT_EQ(test, t->scratch.len, 17);
	KUNIT_EXPECT_EQ(test, t->scratch.data[14], 0);
	KUNIT_EXPECT_EQ(test, t->scratch.data[16], 0);
}

/* IPv4 with UDP or TCP, checksum left to the device. */
static struct sk_buff *test_ip_skb(struct vmxnet3_test *t, u8 protocol, u32 len)
{
	struct sk_buff *skb = vmxnet3_test_skb(t, len, 0, 0);
	struct iphdr *iph = (void *)(skb->data + ETH_HLEN);

	memset(iph, 0, sizeof(*iph));
	iph->version = 4;
	iph->ihl = 5;
	iph->protocol = protocol;
	iph->saddr = htonl(0x0a000001);
	iph->daddr = htonl(0x0a000002);
	iph->check = htons(0xdead);
	((struct ethhdr *)skb->data)->h_proto = htons(ETH_P_IP);
	skb->protocol = htons(ETH_P_IP);
	skb_set_transport_header(skb, TEST_L4);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_headroom(skb) + TEST_L4;
	skb->csum_offset = protocol == IPPROTO_TCP ?
			   offsetof(struct tcphdr, check) :
			   offsetof(struct udphdr, check);
	if (protocol == IPPROTO_TCP)
		tcp_hdr(skb)->doff = 5;
	return skb;
}

static void expect_words(struct vmxnet3_test *t, u32 om, u32 hlen, u32 mssof)
{
	const struct vmxnet3_test_tx *tx = &t->scratch;

	KUNIT_EXPECT_EQ(t->test, FIELD_GET(VMXNET3_TXD_OM, tx->ctl2), om);
	KUNIT_EXPECT_EQ(t->test, FIELD_GET(VMXNET3_TXD_HLEN, tx->ctl2), hlen);
	KUNIT_EXPECT_EQ(t->test, FIELD_GET(VMXNET3_TXD_MSSCOF, tx->ctl), mssof);
}

static void take_after(struct vmxnet3_test *t, struct sk_buff *skb)
{
	KUNIT_ASSERT_EQ(t->test, NETDEV_TX_OK,
			vmxnet3_test_xmit(t, skb, 1, false));
	KUNIT_ASSERT_TRUE(t->test, vmxnet3_test_dev_take(t, 1, &t->scratch));
}

static void vmxnet3_traffic_test_tx_offload(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct sk_buff *skb;

	take_after(t, vmxnet3_test_skb(t, 200, 0, 1));
	expect_words(t, VMXNET3_TXD_OM_NONE, 0, 0);
	KUNIT_EXPECT_FALSE(test, t->scratch.ctl2 & VMXNET3_TXD_TI);

	take_after(t, test_ip_skb(t, IPPROTO_UDP, 200));
	expect_words(t, VMXNET3_TXD_OM_CSUM, TEST_L4, TEST_L4 + 6);

	take_after(t, test_ip_skb(t, IPPROTO_TCP, 200));
	expect_words(t, VMXNET3_TXD_OM_CSUM, TEST_L4, TEST_L4 + 16);
	KUNIT_EXPECT_FALSE(test, t->scratch.ctl2 & VMXNET3_TXD_TI);

	skb = test_ip_skb(t, IPPROTO_UDP, 200);
	__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021Q), 0xe00a);
	take_after(t, skb);
	expect_words(t, VMXNET3_TXD_OM_CSUM, TEST_L4, TEST_L4 + 6);
	KUNIT_EXPECT_TRUE(test, t->scratch.ctl2 & VMXNET3_TXD_TI);
	KUNIT_EXPECT_EQ(test, FIELD_GET(VMXNET3_TXD_TCI, t->scratch.ctl2),
			0xe00a);
	KUNIT_EXPECT_EQ(test, t->scratch.len, 200);
}

/* 64 KiB in pieces that are longer than a descriptor can say. */
static void vmxnet3_traffic_test_tx_tso(struct kunit *test)
{
	const u32 head = TEST_L4 + sizeof(struct tcphdr);
	const u32 piece = 32 * 1024 - 64;
	struct vmxnet3_test *t = test->priv;
	struct tcphdr *th;
	struct iphdr *iph;
	struct sk_buff *skb;
	struct page *page;
	u32 i, round;

	for (round = 0; round < 100; round++) {
		skb = test_ip_skb(t, IPPROTO_TCP, head);
		for (i = 0; i < 2; i++) {
			page = alloc_pages(GFP_KERNEL | __GFP_COMP, 3);
			KUNIT_ASSERT_NOT_NULL(test, page);
			skb_add_rx_frag(skb, i, page, 0, piece, 32 * 1024);
		}
		skb_shinfo(skb)->gso_size = 1448;
		skb_shinfo(skb)->gso_segs = DIV_ROUND_UP(2 * piece, 1448);
		skb_shinfo(skb)->gso_type = SKB_GSO_TCPV4;
		take_after(t, skb);
		expect_words(t, VMXNET3_TXD_OM_TSO, head, 1448);
		KUNIT_EXPECT_EQ(test, t->scratch.len, head + 2 * piece);
		KUNIT_EXPECT_EQ(test, t->scratch.entries, 1 + 2 * 2);
		vmxnet3_test_dev_complete(t, 1, 1);
		vmxnet3_test_poll(t, 1);
		KUNIT_ASSERT_EQ(test, atomic_read(&t->tx_freed), round + 1);
	}

	/* The pseudo header's sum is without the length. */
	iph = (void *)(t->scratch.data + ETH_HLEN);
	th = (void *)(t->scratch.data + TEST_L4);
	KUNIT_EXPECT_EQ(test, iph->check, 0);
	KUNIT_EXPECT_EQ(test, th->check,
			(__force __sum16)~csum_tcpudp_magic(iph->saddr,
							    iph->daddr, 0,
							    IPPROTO_TCP, 0));
	KUNIT_EXPECT_EQ(test,
			u64_stats_read(&t->shell->queues[1].tx_stats.tso_packets),
			100);
}

/* One doorbell for a train of frames. */
static void vmxnet3_traffic_test_tx_doorbell(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct sk_buff *skb;

	skb = vmxnet3_test_skb(t, 100, 0, 1);
	KUNIT_ASSERT_EQ(test, NETDEV_TX_OK, vmxnet3_test_xmit(t, skb, 1, true));
	skb = vmxnet3_test_skb(t, 100, 2, 2);
	KUNIT_ASSERT_EQ(test, NETDEV_TX_OK, vmxnet3_test_xmit(t, skb, 1, true));
	KUNIT_EXPECT_EQ(test, vmxnet3_test_reg(t, VMXNET3_PT_TXPROD, 1), 0);
	skb = vmxnet3_test_skb(t, 100, 0, 3);
	KUNIT_ASSERT_EQ(test, NETDEV_TX_OK,
			vmxnet3_test_xmit(t, skb, 1, false));
	KUNIT_EXPECT_EQ(test, vmxnet3_test_reg(t, VMXNET3_PT_TXPROD, 1),
			1 + 3 + 1);
	KUNIT_EXPECT_EQ(test, vmxnet3_test_reg(t, VMXNET3_PT_TXPROD, 0), 0);
}

/* A full ring stops the queue in time, and completions wake it. */
static void vmxnet3_traffic_test_tx_full(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct netdev_queue *txq = netdev_get_tx_queue(t->netdev, 0);
	u32 reserve = t->shell->path->tx_reserve;
	u32 sent, round, i;

	for (round = 0; round < 3; round++) {
		for (sent = 0; sent < 2 * VMXNET3_TX_RING_SIZE; sent++) {
			struct sk_buff *skb;

			if (netif_tx_queue_stopped(txq))
				break;
			skb = vmxnet3_test_skb(t, 60, 0, sent);
			KUNIT_ASSERT_EQ(test, NETDEV_TX_OK,
					vmxnet3_test_xmit(t, skb, 0, true));
		}
		/* One entry is never used; too few for a frame remain. */
		KUNIT_EXPECT_EQ(test, sent, VMXNET3_TX_RING_SIZE - reserve);
		KUNIT_EXPECT_EQ(test, vmxnet3_test_xmit(t,
							vmxnet3_test_skb(t, 60, 0,
									 9999),
							0, false),
				NETDEV_TX_BUSY);
		atomic_dec(&t->tx_freed);	/* that one */
		/* All of it was announced to the device. */
		KUNIT_EXPECT_EQ(test, vmxnet3_test_reg(t, VMXNET3_PT_TXPROD, 0),
				(round + 1) * sent % VMXNET3_TX_RING_SIZE);
		KUNIT_EXPECT_FALSE(test, netif_tx_queue_stopped(netdev_get_tx_queue(t->netdev, 1)));

		for (i = 0; i < sent; i++)
			expect_tx(t, 0, 60, i);
		vmxnet3_test_dev_complete(t, 0, reserve - 1);
		vmxnet3_test_poll(t, 0);
		KUNIT_EXPECT_TRUE(test, netif_tx_queue_stopped(txq));
		vmxnet3_test_dev_complete(t, 0, 2);
		vmxnet3_test_poll(t, 0);
		KUNIT_EXPECT_FALSE(test, netif_tx_queue_stopped(txq));
		vmxnet3_test_dev_complete(t, 0, U32_MAX);
		vmxnet3_test_poll(t, 0);
		KUNIT_ASSERT_EQ(test, atomic_read(&t->tx_freed),
				(round + 1) * sent);
	}
	KUNIT_EXPECT_EQ(test,
			u64_stats_read(&t->shell->queues[0].tx_stats.stops), 3);
}

/* The ring is filled again while what was in it is released. */

static struct sk_buff_head meanwhile;

static void send_meanwhile(struct sk_buff *skb)
{
	struct vmxnet3_test *t = skb_shinfo(skb)->destructor_arg;
	struct netdev_queue *txq = netdev_get_tx_queue(t->netdev, 0);

	atomic_inc(&t->tx_freed);
	while (!netif_tx_queue_stopped(txq) && !skb_queue_empty(&meanwhile))
		KUNIT_EXPECT_EQ(t->test, NETDEV_TX_OK,
				vmxnet3_test_xmit(t, __skb_dequeue(&meanwhile),
						  0, false));
}

static void vmxnet3_traffic_test_tx_meanwhile(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 reserve = t->shell->path->tx_reserve;
	u32 first = VMXNET3_TX_RING_SIZE - 2 * reserve;
	u32 more = VMXNET3_TX_RING_SIZE - reserve;
	struct sk_buff *skb;
	u32 i;

	__skb_queue_head_init(&meanwhile);
	for (i = 0; i < first; i++) {
		skb = vmxnet3_test_skb(t, 60, 0, i);
		if (!i)
			skb->destructor = send_meanwhile;
		KUNIT_ASSERT_EQ(test, NETDEV_TX_OK,
				vmxnet3_test_xmit(t, skb, 0, false));
	}
	for (i = 0; i < more; i++)
		__skb_queue_tail(&meanwhile,
				 vmxnet3_test_skb(t, 60, 0, first + i));
	for (i = 0; i < first; i++)
		expect_tx(t, 0, 60, i);
	vmxnet3_test_dev_complete(t, 0, U32_MAX);
	vmxnet3_test_poll(t, 0);

	/* Nothing was dropped, and nobody is blamed. */
	KUNIT_EXPECT_TRUE(test, skb_queue_empty(&meanwhile));
	KUNIT_EXPECT_EQ(test, atomic_read(&t->tx_freed), first);
	KUNIT_EXPECT_EQ(test, 0,
			atomic_long_read(&t->shell->npa.bad_reports[VMXNET3_BAD_SPACE]));
	for (i = 0; i < more; i++)
		expect_tx(t, 0, 60, first + i);
	vmxnet3_test_dev_complete(t, 0, U32_MAX);
	vmxnet3_test_poll(t, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->tx_freed), first + more);
	__skb_queue_purge(&meanwhile);
}

/* RX */

static void rx_rounds(struct vmxnet3_test *t, u32 frames, u32 most,
		      u32 skip_every)
{
	u32 in = 0, out = 0, batch = 1, queue;

	while (out < frames) {
		batch = batch * 5 % 193;
		for (; batch && in < frames; batch--, in++) {
			if (skip_every && in % skip_every == 0)
				vmxnet3_test_dev_skip(t, in % 2, 0,
						      in % 7 + 1);
			if (skip_every && most > TEST_FULL && in % 5 == 0)
				vmxnet3_test_dev_skip(t, in % 2, 1, in % 3);
			if (!vmxnet3_test_dev_receive(t, in % 2,
						      test_len(in, most), in))
				break;
		}
		batch = in % 193 + 1;
		KUNIT_ASSERT_GT(t->test, in, out);
		for (queue = 0; queue < 2; queue++)
			vmxnet3_test_poll(t, queue);
		KUNIT_ASSERT_EQ(t->test, skb_queue_len(&t->rx), in - out);
		/* Order holds within a queue. */
		for (queue = 0; queue < 2; queue++) {
			u32 seq;

			for (seq = out; seq < in; seq++)
				if (seq % 2 == queue)
					vmxnet3_test_expect_rx(t,
							       test_len(seq, most),
							       seq);
		}
		out = in;
	}
}

static void vmxnet3_traffic_test_rx_wrap(struct kunit *test)
{
	rx_rounds(test->priv, 9000, TEST_FULL, 0);
}

/* Nearly all buffers are full before anybody looks. */
static void vmxnet3_traffic_test_rx_full(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 round, i, n;

	for (round = 0; round < 3; round++) {
		for (n = 0; vmxnet3_test_dev_receive(t, 1, 200, n); n++)
			;
		KUNIT_EXPECT_GE(test, n, VMXNET3_RX_RING_SIZE - 16);
		KUNIT_EXPECT_LT(test, n, VMXNET3_RX_RING_SIZE);
		vmxnet3_test_poll(t, 1);
		KUNIT_ASSERT_EQ(test, skb_queue_len(&t->rx), n);
		for (i = 0; i < n; i++)
			vmxnet3_test_expect_rx(t, 200, i);
	}
	KUNIT_EXPECT_EQ(test,
			u64_stats_read(&t->shell->queues[1].rx_stats.drops), 0);
}

static void vmxnet3_traffic_test_rx_jumbo(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	set_mtu(t, 9000, 0);
	KUNIT_EXPECT_TRUE(test, netif_carrier_ok(t->netdev));
	rx_rounds(t, 1500, TEST_JUMBO, 0);
}

/* Every buffer but the few that wait for a batch has to be there. */
static void expect_buffers(struct vmxnet3_test *t, u32 first)
{
	u32 q, i, n;

	for (q = 0; q < VMXNET3_TEST_QUEUES; q++) {
		struct vmxnet3_rx_ring *ring = &t->shell->path->rx[q];

		for (n = 0, i = 0; i < VMXNET3_RX_RING_SIZE; i++)
			n += !!ring->slots[first + i].page;
		KUNIT_EXPECT_GE(t->test, n, VMXNET3_RX_RING_SIZE - 16);
		KUNIT_EXPECT_LT(t->test, n, VMXNET3_RX_RING_SIZE);
	}
}

static void vmxnet3_traffic_test_rx_skip(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 i;

	rx_rounds(t, 2000, TEST_FULL, 3);
	expect_buffers(t, 0);
	for (i = 0; i < VMXNET3_BAD_REPORTS; i++)
		KUNIT_EXPECT_EQ(test, 0,
				atomic_long_read(&t->shell->npa.bad_reports[i]));
}

static void vmxnet3_traffic_test_rx_skip_jumbo(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 i;

	set_mtu(t, 9000, 0);
	rx_rounds(t, 1000, TEST_JUMBO, 3);
	expect_buffers(t, 0);
	expect_buffers(t, VMXNET3_RX_RING_SIZE);
	for (i = 0; i < VMXNET3_BAD_REPORTS; i++)
		KUNIT_EXPECT_EQ(test, 0,
				atomic_long_read(&t->shell->npa.bad_reports[i]));
}

struct comp_case {
	const char *name;
	u32 ctl;
	u32 hash;
	u32 len_bits;
	u32 flags;
	u8 ip_summed;
	bool dropped;
	bool l4_hash;
};

#define RSS(type)	FIELD_PREP_CONST(VMXNET3_RXC_RSS_TYPE, \
					 VMXNET3_RSS_TYPE_##type)

static const struct comp_case comp_cases[] = {
	{ .name = "nothing", .ctl = VMXNET3_RXC_CNC },
	{ .name = "tcp4_good",
	  .flags = VMXNET3_RXC_V4 | VMXNET3_RXC_TCP | VMXNET3_RXC_IPC |
		   VMXNET3_RXC_TUC,
	  .ip_summed = CHECKSUM_UNNECESSARY },
	{ .name = "udp6_good",
	  .flags = VMXNET3_RXC_V6 | VMXNET3_RXC_UDP | VMXNET3_RXC_TUC,
	  .ip_summed = CHECKSUM_UNNECESSARY },
	{ .name = "not_computed", .ctl = VMXNET3_RXC_CNC,
	  .flags = VMXNET3_RXC_V4 | VMXNET3_RXC_TCP | VMXNET3_RXC_IPC |
		   VMXNET3_RXC_TUC },
	{ .name = "tcp4_wrong",
	  .flags = VMXNET3_RXC_V4 | VMXNET3_RXC_TCP | VMXNET3_RXC_IPC },
	{ .name = "ip4_wrong",
	  .flags = VMXNET3_RXC_V4 | VMXNET3_RXC_TCP | VMXNET3_RXC_TUC },
	{ .name = "fragment",
	  .flags = VMXNET3_RXC_V4 | VMXNET3_RXC_UDP | VMXNET3_RXC_IPC |
		   VMXNET3_RXC_TUC | VMXNET3_RXC_FRG },
	{ .name = "neither_tcp_nor_udp",
	  .flags = VMXNET3_RXC_V4 | VMXNET3_RXC_IPC | VMXNET3_RXC_TUC },
	{ .name = "vlan", .ctl = VMXNET3_RXC_CNC,
	  .len_bits = VMXNET3_RXC_TS | FIELD_PREP_CONST(VMXNET3_RXC_TCI,
							0xa123) },
	{ .name = "hash_ipv4", .ctl = VMXNET3_RXC_CNC | RSS(IPV4),
	  .hash = 0xcafe1234 },
	{ .name = "hash_tcp_ipv4", .ctl = VMXNET3_RXC_CNC | RSS(TCP_IPV4),
	  .hash = 0xcafe1235, .l4_hash = true },
	{ .name = "hash_ipv6", .ctl = VMXNET3_RXC_CNC | RSS(IPV6),
	  .hash = 0xcafe1236 },
	{ .name = "hash_tcp_ipv6", .ctl = VMXNET3_RXC_CNC | RSS(TCP_IPV6),
	  .hash = 0xcafe1237, .l4_hash = true },
	{ .name = "error", .ctl = VMXNET3_RXC_CNC, .len_bits = VMXNET3_RXC_ERR,
	  .dropped = true },
};

/* What the words of a completion become. */
static void vmxnet3_traffic_test_rx_words(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct vmxnet3_test_rx rx = { .len = 200 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(comp_cases); i++) {
		const struct comp_case *c = &comp_cases[i];
		struct sk_buff *skb;

		vmxnet3_test_fill(t, t->scratch.data, 200, i);
		rx.data = t->scratch.data;
		rx.ctl = c->ctl;
		rx.hash = c->hash;
		rx.len_bits = c->len_bits;
		rx.flags = c->flags;
		KUNIT_ASSERT_TRUE(test, vmxnet3_test_dev_rx(t, 0, &rx));
		vmxnet3_test_poll(t, 0);
		if (c->dropped) {
			KUNIT_EXPECT_TRUE(test, skb_queue_empty(&t->rx));
			continue;
		}
		skb = skb_peek(&t->rx);
		KUNIT_ASSERT_NOT_NULL_MSG(test, skb, "%s", c->name);
		KUNIT_EXPECT_EQ_MSG(test, (u8)skb->ip_summed, c->ip_summed,
				    "%s", c->name);
		KUNIT_EXPECT_EQ_MSG(test, skb->hash, c->hash, "%s", c->name);
		KUNIT_EXPECT_EQ_MSG(test, (bool)skb->l4_hash, c->l4_hash,
				    "%s", c->name);
		KUNIT_EXPECT_EQ_MSG(test, skb_vlan_tag_present(skb),
				    !!(c->len_bits & VMXNET3_RXC_TS), "%s",
				    c->name);
		if (skb_vlan_tag_present(skb))
			KUNIT_EXPECT_EQ(test, skb_vlan_tag_get(skb), 0xa123);
		vmxnet3_test_expect_rx(t, 200, i);
	}
}

/* The producer register is written only for a device that wants it. */
static void vmxnet3_traffic_test_rx_doorbell(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 i;

	for (i = 0; i < 40; i++)
		vmxnet3_test_dev_receive(t, 0, 100, i);
	vmxnet3_test_poll(t, 0);
	KUNIT_EXPECT_EQ(test, vmxnet3_test_reg(t, VMXNET3_PT_RXPROD, 0), 0);

	t->shell->path->rqd[0].ctrl.update_rx_prod = 1;
	for (i = 0; i < 40; i++)
		vmxnet3_test_dev_receive(t, 0, 100, i);
	vmxnet3_test_poll(t, 0);
	/* Behind the first 511 all but what is no batch are back: 79 at most. */
	KUNIT_EXPECT_LE(test, vmxnet3_test_reg(t, VMXNET3_PT_RXPROD, 0), 79);
	KUNIT_EXPECT_GT(test, vmxnet3_test_reg(t, VMXNET3_PT_RXPROD, 0),
			79 - 16);
	KUNIT_EXPECT_EQ(test, vmxnet3_test_reg(t, VMXNET3_PT_RXPROD, 1), 0);
	skb_queue_purge(&t->rx);
}

/* Polling ends with the interrupt enabled, of this queue only. */
static void vmxnet3_traffic_test_interrupt(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 i;

	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, vmxnet3_test_reg(t, VMXNET3_PT_IMR, i), 0);
		vmxnet3_test_set_reg(t, VMXNET3_PT_IMR, i, 1);
	}
	vmxnet3_test_dev_receive(t, 1, 100, 0);
	vmxnet3_test_poll(t, 1);
	KUNIT_EXPECT_EQ(test, vmxnet3_test_reg(t, VMXNET3_PT_IMR, 0), 1);
	KUNIT_EXPECT_EQ(test, vmxnet3_test_reg(t, VMXNET3_PT_IMR, 1), 0);
	KUNIT_EXPECT_EQ(test, vmxnet3_test_reg(t, VMXNET3_PT_IMR, 2), 1);
	vmxnet3_event_interrupt(0, t->shell);
	KUNIT_EXPECT_EQ(test, vmxnet3_test_reg(t, VMXNET3_PT_IMR, 2), 0);
	skb_queue_purge(&t->rx);
}

/* Both directions work, on both queues. */
static void expect_alive(struct vmxnet3_test *t)
{
	u32 queue;

	for (queue = 0; queue < 2; queue++) {
		KUNIT_EXPECT_FALSE(t->test, netif_tx_queue_stopped(netdev_get_tx_queue(t->netdev,
										       queue)));
		vmxnet3_test_send(t, queue, 99, 1000 + queue);
		expect_tx(t, queue, 99, 1000 + queue);
		vmxnet3_test_dev_complete(t, queue, U32_MAX);
		KUNIT_EXPECT_TRUE(t->test,
				  vmxnet3_test_dev_receive(t, queue, 98,
							   2000 + queue));
		vmxnet3_test_poll(t, queue);
		vmxnet3_test_expect_rx(t, 98, 2000 + queue);
		KUNIT_EXPECT_EQ(t->test, 0,
				vmxnet3_tx_outstanding(&t->shell->path->tx[queue]));
	}
}

/* Frames under way at an MTU change: received ones count, hung ones do not. */
static void vmxnet3_traffic_test_mtu(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 i;

	for (i = 0; i < 30; i++)
		vmxnet3_test_dev_receive(t, 0, 150, i);
	vmxnet3_test_send(t, 1, 100, 0);
	set_mtu(t, 4000, 0);
	KUNIT_EXPECT_EQ(test, t->netdev->mtu, 4000);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->tx_freed), 1);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&t->shell->npa.tx_lost), 1);
	for (i = 0; i < 30; i++)
		vmxnet3_test_expect_rx(t, 150, i);
	expect_alive(t);
	KUNIT_EXPECT_TRUE(test, netif_carrier_ok(t->netdev));
}

/* No memory for new rings: the old ones go on. */
static void vmxnet3_traffic_test_mtu_no_memory(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct vmxnet3_path *path = t->shell->path;

	t->dev->coherent_dma_mask = DMA_BIT_MASK(12);
	set_mtu(t, 9000, -ENOMEM);
	t->dev->coherent_dma_mask = DMA_BIT_MASK(64);
	KUNIT_EXPECT_EQ(test, t->netdev->mtu, ETH_DATA_LEN);
	KUNIT_EXPECT_PTR_EQ(test, t->shell->path, path);
	expect_alive(t);
}

/* The device refuses the new rings once, and takes the old ones back. */
static void refuse_once(struct vmxnet3_test *t, u32 cmd)
{
	if (cmd != VMXNET3_CMD_ACTIVATE_DEV)
		return;
	t->activate_dev = t->hv_count++ == 0;
}

static void vmxnet3_traffic_test_mtu_refused(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct vmxnet3_path *path = t->shell->path;

	t->on_cmd = refuse_once;
	set_mtu(t, 9000, -EIO);
	KUNIT_EXPECT_EQ(test, t->netdev->mtu, ETH_DATA_LEN);
	KUNIT_EXPECT_PTR_EQ(test, t->shell->path, path);
	expect_alive(t);
}

/* ifup fails, leaves nothing behind, and works the next time. */
static void vmxnet3_traffic_test_ifup(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	int err;

	vmxnet3_test_close(t);
	t->activate_dev = 1;
	rtnl_lock();
	err = dev_open(t->netdev, NULL);
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, err, -EIO);
	t->activate_dev = 0;
	t->dev->coherent_dma_mask = DMA_BIT_MASK(12);
	rtnl_lock();
	err = dev_open(t->netdev, NULL);
	rtnl_unlock();
	t->dev->coherent_dma_mask = DMA_BIT_MASK(64);
	KUNIT_EXPECT_EQ(test, err, -ENOMEM);
	KUNIT_EXPECT_NULL(test, t->shell->path);
	KUNIT_EXPECT_TRUE(test, hlist_empty(&t->netdev->page_pools));

	vmxnet3_test_open(t);
	expect_alive(t);
}

/* A TX timeout: the device is reset, what hung is counted as lost. */
static void vmxnet3_traffic_test_tx_timeout(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	vmxnet3_test_send(t, 1, 100, 0);
	vmxnet3_test_send(t, 1, 100, 1);
	t->netdev->netdev_ops->ndo_tx_timeout(t->netdev, 1);
	vmxnet3_test_flush(t);
	KUNIT_EXPECT_EQ(test, t->shell->resets, 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->tx_freed), 2);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&t->shell->npa.tx_lost), 2);
	expect_alive(t);
}

/* Nobody polls and nobody sends: a timer frees what was sent. */
static void vmxnet3_traffic_test_lazy_timer(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 i;

	for (i = 0; i < 3; i++)
		vmxnet3_test_send(t, 1, 100, i);
	for (i = 0; i < 3; i++)
		expect_tx(t, 1, 100, i);
	msleep(20);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->tx_freed), 0);
	vmxnet3_test_dev_complete(t, 1, 3);
	msleep(20);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->tx_freed), 3);
	KUNIT_EXPECT_FALSE(test,
			   hrtimer_active(&t->shell->queues[1].tx_timer));
	KUNIT_EXPECT_FALSE(test,
			   hrtimer_active(&t->shell->queues[0].tx_timer));
}

/* Byte queue limits would stop the queue after the first frame. */
static void no_bql(struct netdev_queue *txq)
{
#ifdef CONFIG_BQL
	txq->dql.adj_limit = txq->dql.num_completed + DQL_MAX_LIMIT;
#endif
}

/* A queue that is stopped waits for the interrupt, which only then is on. */
static void vmxnet3_traffic_test_lazy_interrupt(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct netdev_queue *txq = netdev_get_tx_queue(t->netdev, 0);
	u32 intr = t->shell->path->ps->tx[0].intr;
	u32 i;

	KUNIT_EXPECT_EQ(test, intr, VMXNET3_TEST_QUEUES);
	no_bql(txq);
	vmxnet3_test_set_reg(t, VMXNET3_PT_IMR, intr, 1);
	vmxnet3_test_send(t, 0, 100, 0);
	KUNIT_EXPECT_EQ(test, vmxnet3_test_reg(t, VMXNET3_PT_IMR, intr), 1);
	for (i = 0; i < VMXNET3_TX_RING_SIZE &&
	     !netif_tx_queue_stopped(txq); i++)
		vmxnet3_test_send(t, 0, 100, 0);
	KUNIT_EXPECT_TRUE(test, netif_tx_queue_stopped(txq));
	KUNIT_EXPECT_EQ(test, vmxnet3_test_reg(t, VMXNET3_PT_IMR, intr), 0);
	while (vmxnet3_test_dev_take(t, 0, &t->scratch))
		;
	vmxnet3_test_dev_complete(t, 0, U32_MAX);
	vmxnet3_test_poll(t, 0);
	KUNIT_EXPECT_FALSE(test, netif_tx_queue_stopped(txq));
	KUNIT_EXPECT_EQ(test, vmxnet3_tx_outstanding(&t->shell->path->tx[0]),
			0);
}

/* xmit looks at once after a large frame, and after the one that follows it. */
static void vmxnet3_traffic_test_lazy_large(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	no_bql(netdev_get_tx_queue(t->netdev, 0));
	vmxnet3_test_send(t, 0, 5000, 0);
	/* It is not to be the timer that frees it. */
	hrtimer_cancel(&t->shell->queues[0].tx_timer);
	KUNIT_ASSERT_TRUE(test, vmxnet3_test_dev_take(t, 0, &t->scratch));
	KUNIT_EXPECT_EQ(test, atomic_read(&t->tx_freed), 0);
	vmxnet3_test_dev_complete(t, 0, 1);
	vmxnet3_test_send(t, 0, 800, 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->tx_freed), 1);
}

/* xmit frees by itself what has been sent. */
static void vmxnet3_traffic_test_lazy_harvest(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 i;

	for (i = 0; i < 2000; i++) {
		vmxnet3_test_send(t, 0, 100, i);
		expect_tx(t, 0, 100, i);
		vmxnet3_test_dev_complete(t, 0, 1);
		KUNIT_ASSERT_LE(test, i + 1 - atomic_read(&t->tx_freed), 64);
	}
}

static void vmxnet3_traffic_test_stats(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct rtnl_link_stats64 stats;
	u32 i;

	for (i = 0; i < 5; i++) {
		vmxnet3_test_send(t, i % 2, 100 + i, i);
		vmxnet3_test_dev_receive(t, i % 2, 200 + i, i);
	}
	vmxnet3_test_poll(t, 0);
	vmxnet3_test_poll(t, 1);
	dev_get_stats(t->netdev, &stats);
	KUNIT_EXPECT_EQ(test, stats.tx_packets, 5);
	KUNIT_EXPECT_EQ(test, stats.tx_bytes, 510);
	KUNIT_EXPECT_EQ(test, stats.rx_packets, 5);
	KUNIT_EXPECT_EQ(test, stats.rx_bytes, 1010);
	KUNIT_EXPECT_EQ(test, stats.tx_dropped + stats.rx_dropped, 0);
	skb_queue_purge(&t->rx);
}

static struct kunit_case vmxnet3_traffic_cases[] = {
	KUNIT_CASE(vmxnet3_traffic_test_tx_wrap),
	KUNIT_CASE(vmxnet3_traffic_test_tx_complete),
	KUNIT_CASE(vmxnet3_traffic_test_tx_pieces),
	KUNIT_CASE(vmxnet3_traffic_test_tx_short),
	KUNIT_CASE(vmxnet3_traffic_test_tx_offload),
	KUNIT_CASE(vmxnet3_traffic_test_tx_tso),
	KUNIT_CASE(vmxnet3_traffic_test_tx_doorbell),
	KUNIT_CASE(vmxnet3_traffic_test_tx_full),
	KUNIT_CASE(vmxnet3_traffic_test_tx_meanwhile),
	KUNIT_CASE(vmxnet3_traffic_test_rx_wrap),
	KUNIT_CASE(vmxnet3_traffic_test_rx_full),
	KUNIT_CASE(vmxnet3_traffic_test_rx_jumbo),
	KUNIT_CASE(vmxnet3_traffic_test_rx_skip),
	KUNIT_CASE(vmxnet3_traffic_test_rx_skip_jumbo),
	KUNIT_CASE(vmxnet3_traffic_test_rx_words),
	KUNIT_CASE(vmxnet3_traffic_test_rx_doorbell),
	KUNIT_CASE(vmxnet3_traffic_test_interrupt),
	KUNIT_CASE(vmxnet3_traffic_test_mtu),
	KUNIT_CASE(vmxnet3_traffic_test_mtu_no_memory),
	KUNIT_CASE(vmxnet3_traffic_test_mtu_refused),
	KUNIT_CASE(vmxnet3_traffic_test_ifup),
	KUNIT_CASE(vmxnet3_traffic_test_tx_timeout),
	KUNIT_CASE(vmxnet3_traffic_test_stats),
	{}
};

/* What differs if TX has vectors of its own. */
static struct kunit_case vmxnet3_lazy_cases[] = {
	KUNIT_CASE(vmxnet3_traffic_test_lazy_timer),
	KUNIT_CASE(vmxnet3_traffic_test_lazy_interrupt),
	KUNIT_CASE(vmxnet3_traffic_test_lazy_large),
	KUNIT_CASE(vmxnet3_traffic_test_lazy_harvest),
	KUNIT_CASE(vmxnet3_traffic_test_tx_wrap),
	KUNIT_CASE(vmxnet3_traffic_test_tx_pieces),
	KUNIT_CASE(vmxnet3_traffic_test_tx_tso),
	KUNIT_CASE(vmxnet3_traffic_test_tx_full),
	KUNIT_CASE(vmxnet3_traffic_test_mtu),
	KUNIT_CASE(vmxnet3_traffic_test_tx_timeout),
	{}
};

static struct kunit_suite vmxnet3_traffic_suite = {
	.name = "vmxnet3-traffic",
	.init = traffic_init,
	.exit = vmxnet3_test_exit,
	.test_cases = vmxnet3_traffic_cases,
};

static struct kunit_suite vmxnet3_lazy_suite = {
	.name = "vmxnet3-traffic-lazy",
	.init = traffic_lazy_init,
	.exit = vmxnet3_test_exit,
	.test_cases = vmxnet3_lazy_cases,
};

kunit_test_suites(&vmxnet3_traffic_suite, &vmxnet3_lazy_suite);

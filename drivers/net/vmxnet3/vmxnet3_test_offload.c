// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of offloads on all device revisions: words of completions against what
 * the stack is told, merged segments that are cut again, tunnels in both
 * directions, and completions in any order.
 */
#include <linux/bitfield.h>
#include <linux/dma-direct.h>
#include <linux/etherdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/rtnetlink.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/geneve.h>
#include <net/gso.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/tcp.h>
#include <net/udp.h>
#include <net/vxlan.h>

#include "vmxnet3_plugin.h"
#include "vmxnet3_test.h"

#define CHECKED_OK	(VMXNET3_RXC_TUC | VMXNET3_RXC_IPC)
#define CHECKED_TCP4	(CHECKED_OK | VMXNET3_RXC_V4 | VMXNET3_RXC_TCP)
#define CHECKED_TCP6	(VMXNET3_RXC_TUC | VMXNET3_RXC_V6 | VMXNET3_RXC_TCP)
#define GENEVE_OPTS	12		/* bytes of options in tests */
#define ALL_FEATURES	(NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM |		\
			 NETIF_F_TSO | NETIF_F_TSO6 | NETIF_F_SG |	\
			 NETIF_F_GSO_UDP_TUNNEL |			\
			 NETIF_F_GSO_UDP_TUNNEL_CSUM)

static int offload_init(struct kunit *test)
{
	return vmxnet3_test_init(test);
}

/* Up, with a device of a revision that has everything it can have. */
static void offload_open(struct vmxnet3_test *t, u32 revision, bool lro)
{
	t->shell->revision = revision;
	t->shell->caps = revision < 7 ? 0 :
			 VMXNET3_CAP_VXLAN_CSUM | VMXNET3_CAP_VXLAN_TSO |
			 VMXNET3_CAP_VXLAN_OUTER_CSUM |
			 VMXNET3_CAP_GENEVE_CSUM | VMXNET3_CAP_GENEVE_TSO |
			 VMXNET3_CAP_GENEVE_OUTER_CSUM;
	t->shell->cfg.lro = lro;
	/* GRO would compute what the device has not. */
	t->netdev->features &= ~NETIF_F_GRO;
	vmxnet3_test_open(t);
}

/* Frames: a description of one, and its bytes. */

enum tunnel_kind {
	NO_TUNNEL,
	VXLAN,
	VXLAN_OLD,		/* the port that Linux had first */
	GENEVE,
};

/**
 * struct offload_frame - a frame of one or two layers
 * @kind: of the tunnel
 * @outer_v6: outer network header
 * @outer_csum: with an outer UDP checksum
 * @v6: inner, or only, network header
 * @udp: UDP, else TCP
 * @vlan: tag as the first thing in the data
 * @payload: bytes
 * @seq: of the first byte, the same in numbers
 * @id: of the inner IPv4 header; the outer one has 1000 more
 * @last: the last segment: PSH
 */
struct offload_frame {
	enum tunnel_kind kind;
	bool outer_v6;
	bool outer_csum;
	bool v6;
	bool udp;
	bool vlan;
	u32 payload;
	u32 seq;
	u16 id;
	bool last;
};

/* Where the parts of such a frame are. */
struct offload_layout {
	u32 l3;			/* outer, if there is a tunnel */
	u32 outer_udp;
	u32 mac;		/* inner, or only */
	u32 inner_l3;
	u32 l4;
	u32 payload;
	u32 len;
};

static void offload_lay_out(const struct offload_frame *f,
			    struct offload_layout *l)
{
	memset(l, 0, sizeof(*l));
	l->l3 = f->vlan ? VLAN_ETH_HLEN : ETH_HLEN;
	l->inner_l3 = l->l3;
	if (f->kind) {
		l->outer_udp = l->l3 + (f->outer_v6 ? 40 : 20);
		l->mac = l->outer_udp + 8 + 8 +
			 (f->kind == GENEVE ? GENEVE_OPTS : 0);
		l->inner_l3 = l->mac + ETH_HLEN;
	}
	l->l4 = l->inner_l3 + (f->v6 ? 40 : 20);
	l->payload = l->l4 + (f->udp ? 8 : 20);
	l->len = l->payload + f->payload;
}

static void offload_put_eth(u8 *p, u16 proto)
{
	eth_zero_addr(p);
	memset(p + ETH_ALEN, 2, ETH_ALEN);
	put_unaligned_be16(proto, p + 2 * ETH_ALEN);
}

/* @len: bytes after the header. */
static void offload_put_ip(u8 *p, bool v6, u8 protocol, u32 len, u16 id)
{
	struct ipv6hdr *ip6 = (void *)p;
	struct iphdr *iph = (void *)p;

	memset(p, 0, v6 ? sizeof(*ip6) : sizeof(*iph));
	if (v6) {
		ip6->version = 6;
		ip6->payload_len = htons(len);
		ip6->nexthdr = protocol;
		ip6->hop_limit = 64;
		ip6->saddr.s6_addr32[3] = htonl(id / 500 + 1);
		ip6->daddr.s6_addr32[0] = htonl(0xfd000000);
		return;
	}
	iph->version = 4;
	iph->ihl = 5;
	iph->tot_len = htons(len + sizeof(*iph));
	iph->id = htons(id);
	iph->frag_off = htons(IP_DF);
	iph->ttl = 64;
	iph->protocol = protocol;
	iph->saddr = htonl(0x0a000001);
	iph->daddr = htonl(0x0a000002);
	iph->check = ip_fast_csum(p, iph->ihl);
}

/* The sum of a pseudo header, folded, not complemented. */
static __sum16 offload_pseudo(const u8 *l3, bool v6, u8 protocol, u32 len)
{
	const struct ipv6hdr *ip6 = (const void *)l3;
	const struct iphdr *iph = (const void *)l3;

	return (__force __sum16)
		~(v6 ? csum_ipv6_magic(&ip6->saddr, &ip6->daddr, len, protocol,
				       0) :
		  csum_tcpudp_magic(iph->saddr, iph->daddr, len, protocol, 0));
}

static __sum16 offload_sum(const u8 *l3, bool v6, u8 protocol, const u8 *l4,
			   u32 len)
{
	__wsum sum = csum_unfold(offload_pseudo(l3, v6, protocol, len));

	return csum_fold(csum_partial(l4, len, sum));
}

static u8 offload_byte(u32 seq)
{
	return seq * 7 ^ seq >> 8;
}

static void offload_put_inner(const struct offload_frame *f,
			      const struct offload_layout *l, u8 *data)
{
	u8 protocol = f->udp ? IPPROTO_UDP : IPPROTO_TCP;
	struct tcphdr *th = (void *)(data + l->l4);
	struct udphdr *uh = (void *)(data + l->l4);
	u32 len = l->len - l->l4;
	u32 i;

	offload_put_ip(data + l->inner_l3, f->v6, protocol, len, f->id);
	for (i = 0; i < f->payload; i++)
		data[l->payload + i] = offload_byte(f->seq + i);
	memset(th, 0, l->payload - l->l4);
	th->source = htons(2000);
	th->dest = htons(3000);
	if (f->udp) {
		uh->len = htons(len);
		uh->check = offload_sum(data + l->inner_l3, f->v6, protocol,
					data + l->l4, len);
		return;
	}
	th->seq = htonl(f->seq);
	th->ack_seq = htonl(77);
	th->doff = 5;
	th->ack = 1;
	th->psh = f->last;
	th->window = htons(500);
	th->check = offload_sum(data + l->inner_l3, f->v6, protocol,
				data + l->l4, len);
}

static void offload_put_outer(const struct offload_frame *f,
			      const struct offload_layout *l, u8 *data)
{
	struct udphdr *uh = (void *)(data + l->outer_udp);
	struct genevehdr *geneve = (void *)(uh + 1);
	struct vxlanhdr *vxlan = (void *)(uh + 1);
	u32 len = l->len - l->outer_udp;

	offload_put_ip(data + l->l3, f->outer_v6, IPPROTO_UDP, len,
		       f->id + 1000);
	memset(uh, 0, l->mac - l->outer_udp);
	uh->source = htons(40000);
	uh->len = htons(len);
	if (f->kind == GENEVE) {
		uh->dest = htons(GENEVE_UDP_PORT);
		geneve->opt_len = GENEVE_OPTS / 4;
		geneve->proto_type = htons(ETH_P_TEB);
		geneve->vni[2] = 9;
		memset(geneve + 1, 0x5a, GENEVE_OPTS);
	} else {
		uh->dest = htons(f->kind == VXLAN ? IANA_VXLAN_UDP_PORT : 8472);
		vxlan->vx_flags = VXLAN_HF_VNI;
		vxlan->vx_vni = htonl(9 << 8);
	}
	offload_put_eth(data + l->mac, f->v6 ? ETH_P_IPV6 : ETH_P_IP);
	if (f->outer_csum)
		uh->check = offload_sum(data + l->l3, f->outer_v6, IPPROTO_UDP,
					data + l->outer_udp, len);
}

/* The bytes of a frame with all of its sums right; returns how many. */
static u32 offload_make(const struct offload_frame *f, u8 *data)
{
	bool v6 = f->kind ? f->outer_v6 : f->v6;
	u16 proto = v6 ? ETH_P_IPV6 : ETH_P_IP;
	struct offload_layout l;

	offload_lay_out(f, &l);
	offload_put_eth(data, f->vlan ? ETH_P_8021Q : proto);
	if (f->vlan) {
		put_unaligned_be16(0x2005, data + ETH_HLEN);
		put_unaligned_be16(proto, data + ETH_HLEN + 2);
	}
	offload_put_inner(f, &l, data);
	if (f->kind)
		offload_put_outer(f, &l, data);
	return l.len;
}

static u8 *offload_buffer(struct vmxnet3_test *t)
{
	u8 *data = kunit_kzalloc(t->test, 65536, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(t->test, data);
	return data;
}

/* The device receives this; returns what the stack got, NULL if nothing. */
static struct sk_buff *offload_receive(struct vmxnet3_test *t,
				       const struct vmxnet3_test_rx *rx)
{
	KUNIT_ASSERT_TRUE(t->test, vmxnet3_test_dev_rx(t, 0, rx));
	vmxnet3_test_poll(t, 0);
	return skb_dequeue(&t->rx);
}

/* RX: words in, what the stack is told out. */

struct words_case {
	const char *name;
	u32 ctl;
	u32 flags;
	u32 len_bits;
	u8 ip_summed;
	u8 hashed;		/* 0, 3 or 4: layer */
};

#define RSS(type)	FIELD_PREP_CONST(VMXNET3_RXC_RSS_TYPE,			\
					 VMXNET3_RSS_TYPE_##type)

static const struct words_case words_cases[] = {
	{ "TCP right", 0, CHECKED_TCP4, 0, CHECKSUM_UNNECESSARY, 0 },
	{ "UDP right", 0, CHECKED_OK | VMXNET3_RXC_V4 | VMXNET3_RXC_UDP, 0,
	  CHECKSUM_UNNECESSARY, 0 },
	{ "IPv6 has no sum", 0, CHECKED_TCP6, 0, CHECKSUM_UNNECESSARY, 0 },
	{ "not computed", VMXNET3_RXC_CNC, CHECKED_TCP4, 0, CHECKSUM_NONE, 0 },
	{ "TCP wrong", 0, CHECKED_TCP4 & ~VMXNET3_RXC_TUC, 0, CHECKSUM_NONE,
	  0 },
	{ "IP wrong", 0, CHECKED_TCP4 & ~VMXNET3_RXC_IPC, 0, CHECKSUM_NONE,
	  0 },
	{ "fragment", 0, CHECKED_TCP4 | VMXNET3_RXC_FRG, 0, CHECKSUM_NONE, 0 },
	{ "neither TCP nor UDP", 0, CHECKED_OK | VMXNET3_RXC_V4, 0,
	  CHECKSUM_NONE, 0 },
	{ "a sum besides a wrong verdict", 0,
	  0xbeef | (CHECKED_TCP4 & ~VMXNET3_RXC_TUC), 0, CHECKSUM_NONE, 0 },
	{ "a sum without a verdict", VMXNET3_RXC_CNC, 0xbeef, 0, CHECKSUM_NONE,
	  0 },
	{ "a sum besides a right verdict", 0, 0xbeef | CHECKED_TCP4, 0,
	  CHECKSUM_UNNECESSARY, 0 },
	{ "tag", 0, CHECKED_TCP4,
	  VMXNET3_RXC_TS | FIELD_PREP_CONST(VMXNET3_RXC_TCI, 0x6123),
	  CHECKSUM_UNNECESSARY, 0 },
	{ "IPv4 hash", RSS(IPV4), CHECKED_TCP4, 0, CHECKSUM_UNNECESSARY, 3 },
	{ "IPv6 hash", RSS(IPV6), CHECKED_TCP6, 0, CHECKSUM_UNNECESSARY, 3 },
	{ "TCP hash", RSS(TCP_IPV4), CHECKED_TCP4, 0, CHECKSUM_UNNECESSARY, 4 },
	{ "TCP hash 6", RSS(TCP_IPV6), CHECKED_TCP6, 0, CHECKSUM_UNNECESSARY,
	  4 },
	{ "UDP hash", RSS(UDP_IPV4), 0, 0, CHECKSUM_NONE, 4 },
	{ "UDP hash 6", RSS(UDP_IPV6), 0, 0, CHECKSUM_NONE, 4 },
	{ "ESP hash", RSS(ESP_IPV4), 0, 0, CHECKSUM_NONE, 4 },
	{ "ESP hash 6", RSS(ESP_IPV6), 0, 0, CHECKSUM_NONE, 4 },
	{ "unknown hash", FIELD_PREP_CONST(VMXNET3_RXC_RSS_TYPE, 9), 0, 0,
	  CHECKSUM_NONE, 0 },
	{ "unknown hash 15", FIELD_PREP_CONST(VMXNET3_RXC_RSS_TYPE, 15), 0, 0,
	  CHECKSUM_NONE, 0 },
	{ "inner headers of what is no tunnel", VMXNET3_RXC_INNER,
	  CHECKED_TCP4, 0, CHECKSUM_NONE, 0 },
};

static void vmxnet3_offload_test_rx_words(struct kunit *test)
{
	const struct offload_frame f = { .payload = 100 };
	struct vmxnet3_test *t = test->priv;
	u8 *data = offload_buffer(t);
	u32 type, i, len = offload_make(&f, data);

	offload_open(t, 4, false);
	t->netdev->features |= NETIF_F_RXHASH;
	/* Devices of revision 1 may leave the type 0. */
	for (i = 0; i < 2 * ARRAY_SIZE(words_cases); i++) {
		const struct words_case *c = &words_cases[i / 2];
		struct vmxnet3_test_rx rx = {
			.data = data,
			.len = len,
			.ctl = c->ctl,
			.hash = 0x12345678 + i,
			.len_bits = c->len_bits,
			.flags = c->flags,
		};
		struct sk_buff *skb;

		type = i % 2 ? VMXNET3_COMP_TYPE_RX : 0;
		rx.flags |= FIELD_PREP(VMXNET3_COMP_TYPE, type);
		skb = offload_receive(t, &rx);
		KUNIT_ASSERT_NOT_NULL_MSG(test, skb, "%s", c->name);
		KUNIT_EXPECT_EQ_MSG(test, (u32)skb->ip_summed, c->ip_summed, "%s",
				    c->name);
		KUNIT_EXPECT_EQ(test, (u32)skb->csum_level, 0);
		KUNIT_EXPECT_EQ_MSG(test, skb->hash,
				    c->hashed ? rx.hash : 0, "%s", c->name);
		KUNIT_EXPECT_EQ_MSG(test, (u32)skb->l4_hash, c->hashed == 4,
				    "%s", c->name);
		KUNIT_EXPECT_EQ(test, skb_vlan_tag_present(skb),
				!!c->len_bits);
		if (c->len_bits)
			KUNIT_EXPECT_EQ(test, skb_vlan_tag_get(skb), 0x6123);
		KUNIT_EXPECT_EQ(test, skb_shinfo(skb)->gso_size, 0);
		KUNIT_EXPECT_EQ(test, skb->len + ETH_HLEN, len);
		KUNIT_EXPECT_EQ(test, 0, memcmp(skb_mac_header(skb), data,
						ETH_HLEN));
		kfree_skb(skb);
	}
}

/* Merged segments */

/**
 * struct merge_case - segments that a device merges
 * @name: for people
 * @f: the first one
 * @segments: how many
 * @short_by: bytes that the last one lacks
 * @say_mss: the device says the segment size
 */
struct merge_case {
	const char *name;
	struct offload_frame f;
	u32 segments;
	u32 short_by;
	bool say_mss;
};

#define MERGE(m_name, m_segments, m_short, m_mss, ...)			\
	{								\
		.name = m_name, .segments = m_segments,			\
		.short_by = m_short, .say_mss = m_mss,			\
		.f = { .seq = 10000, .id = 20, __VA_ARGS__ },		\
	}

static const struct merge_case merge_cases[] = {
	MERGE("two", 2, 0, true, .payload = 1448),
	MERGE("many", 30, 0, true, .payload = 1448),
	MERGE("many, the last is short", 30, 700, true, .payload = 1448),
	MERGE("no size said", 10, 0, false, .payload = 1000),
	MERGE("tiny", 3, 0, true, .payload = 10),
	MERGE("tiny, no size said", 4, 0, false, .payload = 16),
	MERGE("VXLAN", 12, 3, true, .payload = 1398, .kind = VXLAN),
	MERGE("VXLAN with checksum", 12, 3, true, .payload = 1398,
	      .kind = VXLAN, .outer_csum = true),
	MERGE("VXLAN, old port", 2, 0, true, .payload = 1398,
	      .kind = VXLAN_OLD),
	MERGE("Geneve", 7, 1, true, .payload = 1386, .kind = GENEVE),
	MERGE("Geneve with checksum", 7, 1, true, .payload = 1386,
	      .kind = GENEVE, .outer_csum = true),
};

static u32 merge_make(const struct merge_case *c, u32 i, u8 *data)
{
	struct offload_frame f = c->f;

	f.seq += i * f.payload;
	f.id += i;
	f.last = i + 1 == c->segments;
	if (f.last)
		f.payload -= c->short_by;
	return offload_make(&f, data);
}

/*
 * The frame that the device makes of the segments: headers of the first one,
 * IP's length of the whole, TCP's checksum as it was.
 */
static u32 merge_all(const struct merge_case *c, u8 *data, u8 *scratch)
{
	struct offload_frame f = c->f;
	struct offload_layout l;
	struct tcphdr *th;
	struct udphdr *uh;
	__sum16 stale;

	merge_make(c, 0, scratch);
	offload_lay_out(&f, &l);
	th = (void *)(scratch + l.l4);
	stale = th->check;
	f.payload = f.payload * c->segments - c->short_by;
	f.last = true;
	offload_lay_out(&f, &l);
	offload_make(&f, data);
	th = (void *)(data + l.l4);
	th->check = stale;
	if (f.kind && f.outer_csum) {
		uh = (void *)(data + l.outer_udp);
		uh->check = (__force __sum16)htons(0xabcd);
	}
	return l.len;
}

/* Cut it as the stack does before a device that can do nothing. */
static void merge_expect_segments(struct vmxnet3_test *t,
				  const struct merge_case *c,
				  struct sk_buff *skb, u8 *want)
{
	struct sk_buff *segs, *next;
	struct offload_layout l;
	u32 n = 0;

	offload_lay_out(&c->f, &l);
	__skb_push(skb, ETH_HLEN);
	skb_reset_mac_header(skb);
	skb_set_network_header(skb, l.l3);
	skb_set_transport_header(skb, l.outer_udp ?: l.l4);
	segs = skb_gso_segment(skb, 0);
	KUNIT_ASSERT_FALSE_MSG(t->test, IS_ERR_OR_NULL(segs), "%s", c->name);
	skb_list_walk_safe(segs, segs, next) {
		u32 len = merge_make(c, n++, want);

		skb_mark_not_on_list(segs);
		if (segs->ip_summed == CHECKSUM_PARTIAL)
			KUNIT_EXPECT_EQ(t->test, 0, skb_checksum_help(segs));
		KUNIT_EXPECT_EQ_MSG(t->test, segs->len, len, "%s %u", c->name,
				    n);
		KUNIT_EXPECT_EQ(t->test, 0, skb_linearize(segs));
		if (segs->len == len)
			KUNIT_EXPECT_MEMEQ_MSG(t->test, segs->data, want, len,
					       "%s %u", c->name, n);
		kfree_skb(segs);
	}
	KUNIT_EXPECT_EQ_MSG(t->test, n, c->segments, "%s", c->name);
}

static void merge_case_run(struct vmxnet3_test *t, const struct merge_case *c,
			   u8 *data, u8 *scratch)
{
	u32 words = FIELD_PREP(VMXNET3_RXC_LRO_SEGMENTS, c->segments) |
		    FIELD_PREP(VMXNET3_RXC_LRO_DUP_ACKS, 5) |
		    FIELD_PREP(VMXNET3_RXC_LRO_TS_DELTA, 0x7777);
	struct vmxnet3_test_rx rx = {
		.data = data,
		.ctl = RSS(TCP_IPV4) | (c->f.kind ? VMXNET3_RXC_INNER : 0),
		.hash = words,
		.flags = CHECKED_TCP4 |
			 FIELD_PREP(VMXNET3_COMP_TYPE,
				    VMXNET3_COMP_TYPE_RX_LRO) |
			 (c->say_mss ? c->f.payload : 0),
	};
	u32 total = c->f.payload * c->segments - c->short_by;
	struct offload_layout l;
	const struct iphdr *iph;
	const struct tcphdr *th;
	struct sk_buff *skb;

	offload_lay_out(&c->f, &l);
	rx.len = merge_all(c, data, scratch);
	skb = offload_receive(t, &rx);
	KUNIT_ASSERT_NOT_NULL_MSG(t->test, skb, "%s", c->name);
	KUNIT_EXPECT_EQ(t->test, skb_shinfo(skb)->gso_size, c->f.payload);
	KUNIT_EXPECT_EQ(t->test, skb_shinfo(skb)->gso_segs, c->segments);
	KUNIT_EXPECT_EQ(t->test, skb_shinfo(skb)->gso_type,
			SKB_GSO_TCPV4 |
			(!c->f.kind ? 0 : c->f.outer_csum ?
			 SKB_GSO_UDP_TUNNEL_CSUM : SKB_GSO_UDP_TUNNEL));
	KUNIT_EXPECT_EQ(t->test, (u32)skb->ip_summed, CHECKSUM_PARTIAL);
	KUNIT_EXPECT_EQ(t->test, skb_checksum_start_offset(skb) + ETH_HLEN,
			l.l4);
	KUNIT_EXPECT_EQ(t->test, (u32)skb->csum_offset,
			offsetof(struct tcphdr, check));
	KUNIT_EXPECT_EQ(t->test, (u32)skb->encapsulation, !!c->f.kind);
	/* There were counts where the hash would have been. */
	KUNIT_EXPECT_EQ(t->test, skb->hash, 0);
	iph = (const void *)(skb_mac_header(skb) + l.inner_l3);
	th = (const void *)(skb_mac_header(skb) + l.l4);
	KUNIT_EXPECT_EQ(t->test, th->check,
			(__force __sum16)~tcp_v4_check(20 + total, iph->saddr,
						       iph->daddr, 0));
	merge_expect_segments(t, c, skb, scratch);
	kfree_skb(skb);
}

static void vmxnet3_offload_test_lro(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u8 *scratch = offload_buffer(t);
	u8 *data = offload_buffer(t);
	u32 i;

	offload_open(t, 4, true);
	t->netdev->features |= NETIF_F_RXHASH;
	for (i = 0; i < ARRAY_SIZE(merge_cases); i++)
		merge_case_run(t, &merge_cases[i], data, scratch);
}

/* IPv6, of which this kernel has no GSO: the header is looked at. */
static void vmxnet3_offload_test_lro_ipv6(struct kunit *test)
{
	const struct merge_case c = MERGE("IPv6", 9, 0, true, .payload = 1428,
					  .v6 = true);
	struct vmxnet3_test *t = test->priv;
	u8 *scratch = offload_buffer(t);
	u8 *data = offload_buffer(t);
	struct vmxnet3_test_rx rx = {
		.data = data,
		.hash = 9,
		.flags = CHECKED_TCP6 | 1428 |
			 FIELD_PREP(VMXNET3_COMP_TYPE,
				    VMXNET3_COMP_TYPE_RX_LRO),
	};
	const struct tcphdr *th;
	struct sk_buff *skb;

	offload_open(t, 2, true);
	rx.len = merge_all(&c, data, scratch);
	skb = offload_receive(t, &rx);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_EQ(test, skb_shinfo(skb)->gso_size, 1428);
	KUNIT_EXPECT_EQ(test, skb_shinfo(skb)->gso_segs, 9);
	KUNIT_EXPECT_EQ(test, skb_shinfo(skb)->gso_type, SKB_GSO_TCPV6);
	KUNIT_EXPECT_EQ(test, (u32)skb->ip_summed, CHECKSUM_PARTIAL);
	th = (const void *)(skb_mac_header(skb) + 54);
	KUNIT_EXPECT_EQ(test, th->check,
			offload_pseudo(data + ETH_HLEN, true, IPPROTO_TCP,
				       20 + 9 * 1428));
	kfree_skb(skb);
}

/* Only the first completion of a frame in pieces says that it was merged. */
static void vmxnet3_offload_test_lro_pieces(struct kunit *test)
{
	const struct merge_case c = MERGE("pieces", 10, 0, true,
					  .payload = 1448);
	struct vmxnet3_test *t = test->priv;
	u8 *scratch = offload_buffer(t);
	u8 *data = offload_buffer(t);
	struct vmxnet3_test_rx rx = {
		.data = data,
		.ctl = RSS(TCP_IPV4),
		.hash = 0xcafe1234,
		.flags = CHECKED_TCP4 | FIELD_PREP(VMXNET3_COMP_TYPE,
						   VMXNET3_COMP_TYPE_RX),
		.first_hash = 10,
		.first_flags = 1448 |
			       FIELD_PREP(VMXNET3_COMP_TYPE,
					  VMXNET3_COMP_TYPE_RX_LRO),
	};
	struct sk_buff *skb;
	u32 i;

	offload_open(t, 3, true);
	t->netdev->features |= NETIF_F_RXHASH;
	for (i = 0; i < 3; i++) {
		rx.len = merge_all(&c, data, scratch);
		skb = offload_receive(t, &rx);
		KUNIT_ASSERT_NOT_NULL(test, skb);
		KUNIT_EXPECT_EQ(test, skb_shinfo(skb)->gso_size, 1448);
		KUNIT_EXPECT_EQ(test, skb_shinfo(skb)->gso_segs, 10);
		KUNIT_EXPECT_EQ(test, skb->hash, 0xcafe1234);
		merge_expect_segments(t, &c, skb, scratch);
		kfree_skb(skb);
		/* The next one is not merged. */
		vmxnet3_test_dev_receive(t, 0, 300, i);
		vmxnet3_test_poll(t, 0);
		vmxnet3_test_expect_rx(t, 300, i);
	}
}

/* What is not TCP, or was not checked, cannot have been merged. */
static void vmxnet3_offload_test_lro_refused(struct kunit *test)
{
	const struct merge_case c = MERGE("", 4, 0, true, .payload = 1448);
	const u32 lro = FIELD_PREP(VMXNET3_COMP_TYPE,
				   VMXNET3_COMP_TYPE_RX_LRO) | 1448;
	const u32 bad_flags[] = {
		CHECKED_TCP4 & ~VMXNET3_RXC_TUC,
		CHECKED_TCP4 & ~VMXNET3_RXC_IPC,
		CHECKED_TCP4 | VMXNET3_RXC_FRG,
		VMXNET3_RXC_V4,
		0,
	};
	struct vmxnet3_test *t = test->priv;
	u8 *scratch = offload_buffer(t);
	u8 *data = offload_buffer(t);
	struct vmxnet3_test_rx rx = { .data = data, .hash = 4 };
	struct sk_buff *skb;
	u32 i;

	offload_open(t, 4, true);
	rx.len = merge_all(&c, data, scratch);
	for (i = 0; i < ARRAY_SIZE(bad_flags); i++) {
		rx.flags = lro | bad_flags[i];
		KUNIT_EXPECT_NULL(test, offload_receive(t, &rx));
	}
	/* The flags are those of a tunnel, but it is none. */
	rx.flags = lro | CHECKED_TCP4;
	rx.ctl = VMXNET3_RXC_INNER;
	KUNIT_EXPECT_NULL(test, offload_receive(t, &rx));
	rx.ctl = 0;
	/* Bytes that do not agree with what the flags say. */
	data[ETH_HLEN + 9] = IPPROTO_UDP;
	KUNIT_EXPECT_NULL(test, offload_receive(t, &rx));
	merge_all(&c, data, scratch);
	data[ETH_HLEN + 3] += 1;		/* total length */
	KUNIT_EXPECT_NULL(test, offload_receive(t, &rx));
	merge_all(&c, data, scratch);
	data[ETH_HLEN + 20 + 12] = 0x40;	/* TCP's header too short */
	KUNIT_EXPECT_NULL(test, offload_receive(t, &rx));
	/* One segment is not merged, and is a frame like any other. */
	rx.hash = 1;
	rx.len = merge_make(&c, 0, data);
	skb = offload_receive(t, &rx);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_EQ(test, skb_shinfo(skb)->gso_size, 0);
	KUNIT_EXPECT_EQ(test, (u32)skb->ip_summed, CHECKSUM_UNNECESSARY);
	kfree_skb(skb);
}

/* Merged, and still not longer than a segment: the sum is stale all the same. */
static void vmxnet3_offload_test_lro_short(struct kunit *test)
{
	const struct merge_case c = MERGE("", 3, 0, true, .payload = 100);
	struct vmxnet3_test *t = test->priv;
	u8 *scratch = offload_buffer(t);
	u8 *data = offload_buffer(t);
	struct vmxnet3_test_rx rx = {
		.data = data,
		.hash = 3,
		.flags = CHECKED_TCP4 | 1448 |
			 FIELD_PREP(VMXNET3_COMP_TYPE,
				    VMXNET3_COMP_TYPE_RX_LRO),
	};
	struct offload_frame whole = c.f;
	struct sk_buff *skb;
	u32 i;

	whole.payload = 300;
	whole.last = true;
	/* Revision 1 does not say that it has merged anything. */
	for (i = 0; i < 2; i++) {
		offload_open(t, i + 1, true);
		rx.len = merge_all(&c, data, scratch);
		if (!i) {
			rx.flags = CHECKED_TCP4;
			rx.hash = 0;
		}
		skb = offload_receive(t, &rx);
		KUNIT_ASSERT_NOT_NULL(test, skb);
		KUNIT_EXPECT_EQ(test, skb_shinfo(skb)->gso_size, 0);
		KUNIT_EXPECT_EQ(test, (u32)skb->ip_summed, CHECKSUM_PARTIAL);
		__skb_push(skb, ETH_HLEN);
		KUNIT_EXPECT_EQ(test, 0, skb_checksum_help(skb));
		offload_make(&whole, scratch);
		KUNIT_EXPECT_EQ(test, skb->len, rx.len);
		KUNIT_EXPECT_MEMEQ(test, skb->data, scratch, rx.len);
		kfree_skb(skb);
		rx.flags = CHECKED_TCP4 | 1448 |
			   FIELD_PREP(VMXNET3_COMP_TYPE,
				      VMXNET3_COMP_TYPE_RX_LRO);
		rx.hash = 3;
		vmxnet3_test_close(t);
	}
}

/* Revision 1 with LRO: what has not been merged is left as it is. */

struct maybe_case {
	const char *name;
	struct offload_frame f;
	u32 flags;
	u32 ctl;
	u8 ip_summed;
};

static const struct maybe_case maybe_cases[] = {
	{ "TCP", { .payload = 100 }, CHECKED_TCP4, 0, CHECKSUM_UNNECESSARY },
	{ "TCP, odd", { .payload = 77 }, CHECKED_TCP4, 0,
	  CHECKSUM_UNNECESSARY },
	{ "TCP of IPv6", { .v6 = true, .payload = 100 }, CHECKED_TCP6, 0,
	  CHECKSUM_UNNECESSARY },
	{ "ACK", { .payload = 0 }, CHECKED_TCP4, 0, CHECKSUM_UNNECESSARY },
	{ "UDP", { .udp = true, .payload = 100 },
	  CHECKED_OK | VMXNET3_RXC_V4 | VMXNET3_RXC_UDP, 0,
	  CHECKSUM_UNNECESSARY },
	{ "TCP wrong", { .payload = 100 }, CHECKED_TCP4 & ~VMXNET3_RXC_TUC, 0,
	  CHECKSUM_NONE },
	{ "IP wrong", { .payload = 100 }, CHECKED_TCP4 & ~VMXNET3_RXC_IPC, 0,
	  CHECKSUM_NONE },
	{ "fragment", { .payload = 100 }, CHECKED_TCP4 | VMXNET3_RXC_FRG, 0,
	  CHECKSUM_NONE },
	{ "not computed", { .payload = 100 }, CHECKED_TCP4, VMXNET3_RXC_CNC,
	  CHECKSUM_NONE },
	{ "no TCP at all", { .udp = true, .payload = 100 }, CHECKED_TCP4, 0,
	  CHECKSUM_UNNECESSARY },
};

static void vmxnet3_offload_test_lro_maybe(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u8 *data = offload_buffer(t);
	u32 i;

	offload_open(t, 1, true);
	/* The whole ring twice: generations. */
	for (i = 0; i < 2 * VMXNET3_RX_RING_SIZE + 2 * ARRAY_SIZE(maybe_cases);
	     i++) {
		const struct maybe_case *c =
			&maybe_cases[i % ARRAY_SIZE(maybe_cases)];
		struct vmxnet3_test_rx rx = {
			.data = data,
			.len = offload_make(&c->f, data),
			.ctl = c->ctl,
			.flags = c->flags | FIELD_PREP(VMXNET3_COMP_TYPE,
						       VMXNET3_COMP_TYPE_RX),
		};
		struct sk_buff *skb = offload_receive(t, &rx);

		KUNIT_ASSERT_NOT_NULL_MSG(test, skb, "%s", c->name);
		KUNIT_EXPECT_EQ_MSG(test, (u32)skb->ip_summed, c->ip_summed,
				    "%s", c->name);
		KUNIT_EXPECT_EQ(test, skb_shinfo(skb)->gso_size, 0);
		__skb_push(skb, ETH_HLEN);
		KUNIT_EXPECT_EQ_MSG(test, skb->len, rx.len, "%s", c->name);
		KUNIT_ASSERT_EQ(test, 0, skb_linearize(skb));
		KUNIT_EXPECT_EQ_MSG(test, 0, memcmp(skb->data, data, skb->len),
				    "%s", c->name);
		kfree_skb(skb);
	}
}

/* RX in tunnels: what is a verdict about the inner headers worth? */

struct tunnel_rx_case {
	const char *name;
	struct offload_frame f;
	u32 spoil;		/* byte to change, 0: none */
	u8 ip_summed;
	u8 level;
};

static const struct tunnel_rx_case tunnel_rx_cases[] = {
	{ "VXLAN", { VXLAN, .payload = 101 }, 0, CHECKSUM_UNNECESSARY, 1 },
	{ "VXLAN, old port", { VXLAN_OLD, .payload = 101 }, 0,
	  CHECKSUM_UNNECESSARY, 1 },
	{ "Geneve", { GENEVE, .payload = 101 }, 0, CHECKSUM_UNNECESSARY, 1 },
	{ "sum", { VXLAN, .outer_csum = true, .payload = 333 }, 0,
	  CHECKSUM_UNNECESSARY, 1 },
	{ "sum, Geneve", { GENEVE, .outer_csum = true, .payload = 1 }, 0,
	  CHECKSUM_UNNECESSARY, 1 },
	{ "sum, UDP", { VXLAN, .outer_csum = true, .udp = true,
	  .payload = 400 }, 0, CHECKSUM_UNNECESSARY, 1 },
	{ "sum, IPv6 in IPv4", { VXLAN, .outer_csum = true, .v6 = true,
	  .payload = 77 }, 0, CHECKSUM_UNNECESSARY, 1 },
	{ "sum, IPv4 in IPv6", { VXLAN, .outer_csum = true, .outer_v6 = true,
	  .payload = 78 }, 0, CHECKSUM_UNNECESSARY, 1 },
	{ "sum, IPv6 in IPv6", { GENEVE, .outer_csum = true, .outer_v6 = true,
	  .v6 = true, .payload = 79 }, 0, CHECKSUM_UNNECESSARY, 1 },
	{ "sum, tag", { VXLAN, .outer_csum = true, .vlan = true,
	  .payload = 80 }, 0, CHECKSUM_UNNECESSARY, 1 },
	{ "wrong outer sum", { VXLAN, .outer_csum = true, .payload = 80 },
	  ETH_HLEN + 20 + 6, CHECKSUM_NONE, 0 },
	{ "wrong source port", { VXLAN, .outer_csum = true, .payload = 80 },
	  ETH_HLEN + 20, CHECKSUM_NONE, 0 },
	{ "wrong network identifier", { GENEVE, .outer_csum = true,
	  .payload = 80 }, ETH_HLEN + 20 + 8 + 5, CHECKSUM_NONE, 0 },
	{ "wrong inner address", { VXLAN, .outer_csum = true, .payload = 80 },
	  ETH_HLEN + 20 + 16 + 3, CHECKSUM_NONE, 0 },
	{ "other port", { VXLAN, .payload = 80 }, ETH_HLEN + 20 + 3,
	  CHECKSUM_NONE, 0 },
	{ "extension", { VXLAN, .payload = 80 }, ETH_HLEN + 20 + 8,
	  CHECKSUM_NONE, 0 },
	{ "fragment", { VXLAN, .payload = 80 }, ETH_HLEN + 7, CHECKSUM_NONE,
	  0 },
	{ "UDP longer than the frame", { VXLAN, .payload = 80 },
	  ETH_HLEN + 20 + 4, CHECKSUM_NONE, 0 },
	{ "no tunnel", { .payload = 300 }, 0, CHECKSUM_NONE, 0 },
};

static void vmxnet3_offload_test_tunnel_rx(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u8 *data = offload_buffer(t);
	u32 i, tcp, net;

	offload_open(t, 5, false);
	for (i = 0; i < ARRAY_SIZE(tunnel_rx_cases); i++) {
		const struct tunnel_rx_case *c = &tunnel_rx_cases[i];
		struct vmxnet3_test_rx rx = {
			.data = data,
			.ctl = VMXNET3_RXC_INNER,
		};
		struct sk_buff *skb;

		net = c->f.v6 ? VMXNET3_RXC_V6 : VMXNET3_RXC_V4 |
		      VMXNET3_RXC_IPC;
		tcp = c->f.udp ? VMXNET3_RXC_UDP : VMXNET3_RXC_TCP;
		rx.flags = net | tcp | VMXNET3_RXC_TUC;
		rx.len = offload_make(&c->f, data);
		if (c->spoil)
			data[c->spoil] ^= 1;
		skb = offload_receive(t, &rx);
		KUNIT_ASSERT_NOT_NULL(test, skb);
		KUNIT_EXPECT_EQ_MSG(test, (u32)skb->ip_summed, c->ip_summed, "%s",
				    c->name);
		KUNIT_EXPECT_EQ_MSG(test, (u32)skb->csum_level, c->level, "%s",
				    c->name);
		kfree_skb(skb);
		/* Wrong inside: nothing is known. */
		rx.flags &= ~VMXNET3_RXC_TUC;
		skb = offload_receive(t, &rx);
		KUNIT_ASSERT_NOT_NULL(test, skb);
		KUNIT_EXPECT_EQ(test, (u32)skb->ip_summed, CHECKSUM_NONE);
		kfree_skb(skb);
		/* Not looked at. */
		rx.flags |= VMXNET3_RXC_TUC;
		rx.ctl |= VMXNET3_RXC_CNC;
		skb = offload_receive(t, &rx);
		KUNIT_ASSERT_NOT_NULL(test, skb);
		KUNIT_EXPECT_EQ(test, (u32)skb->ip_summed, CHECKSUM_NONE);
		kfree_skb(skb);
	}
}

/* TX in tunnels: frames as the stack sends them. */

/* What is to be done with a frame to send. */
struct tunnel_tx {
	struct offload_frame f;
	u32 mss;		/* 0: checksum only */
	bool tag;		/* to be inserted */
};

/* The frame as tunnel devices leave it; @want is what it would be if done. */
static struct sk_buff *tunnel_skb(struct vmxnet3_test *t,
				  const struct tunnel_tx *tx, u8 *want)
{
	u32 len = offload_make(&tx->f, want);
	u8 protocol = tx->f.udp ? IPPROTO_UDP : IPPROTO_TCP;
	struct offload_layout l;
	struct sk_buff *skb;
	__sum16 *check;
	u32 i;

	offload_lay_out(&tx->f, &l);
	skb = vmxnet3_test_skb(t, len, 0, 0);
	memcpy(skb->data, want, len);
	skb->protocol = ((struct ethhdr *)skb->data)->h_proto;
	skb_set_network_header(skb, l.l3);
	skb_set_transport_header(skb, l.outer_udp ?: l.l4);
	if (tx->f.kind) {
		skb->encapsulation = 1;
		skb_set_inner_protocol(skb, htons(ETH_P_TEB));
		skb_set_inner_mac_header(skb, l.mac);
		skb_set_inner_network_header(skb, l.inner_l3);
		skb_set_inner_transport_header(skb, l.l4);
	}
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_headroom(skb) + l.l4;
	skb->csum_offset = tx->f.udp ? offsetof(struct udphdr, check) :
			   offsetof(struct tcphdr, check);
	i = skb->csum_offset + l.l4;
	check = (void *)(skb->data + i);
	*check = offload_pseudo(skb->data + l.inner_l3, tx->f.v6, protocol,
				len - l.l4);
	if (tx->tag)
		__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021Q), 0x4abc);
	if (!tx->mss)
		return skb;
	skb_shinfo(skb)->gso_size = tx->mss;
	skb_shinfo(skb)->gso_segs = DIV_ROUND_UP(tx->f.payload, tx->mss);
	skb_shinfo(skb)->gso_type = tx->f.v6 ? SKB_GSO_TCPV6 : SKB_GSO_TCPV4;
	if (!tx->f.kind)
		return skb;
	skb_shinfo(skb)->gso_type |= tx->f.outer_csum ?
		SKB_GSO_UDP_TUNNEL_CSUM : SKB_GSO_UDP_TUNNEL;
	if (tx->f.outer_csum)
		((struct udphdr *)skb_transport_header(skb))->check =
			offload_pseudo(skb->data + l.l3, tx->f.outer_v6,
				       IPPROTO_UDP, len - l.outer_udp);
	return skb;
}

static const struct tunnel_tx tunnel_tx_cases[] = {
	{ { VXLAN, .payload = 100 } },
	{ { VXLAN, .payload = 100, .outer_csum = true } },
	{ { VXLAN, .payload = 100, .udp = true } },
	{ { VXLAN_OLD, .payload = 64, .v6 = true } },
	{ { GENEVE, .payload = 100, .outer_v6 = true } },
	{ { GENEVE, .payload = 100, .outer_v6 = true, .v6 = true,
	    .udp = true }, .tag = true },
	{ { VXLAN, .payload = 8000 }, 1398 },
	{ { VXLAN, .payload = 8000, .outer_csum = true }, 1398, true },
	{ { GENEVE, .payload = 8000, .outer_csum = true, .v6 = true }, 1366 },
	{ { GENEVE, .payload = 8000, .outer_v6 = true }, 1366 },
};

static netdev_features_t tunnel_check(struct vmxnet3_test *t,
				      struct sk_buff *skb)
{
	return t->netdev->netdev_ops->ndo_features_check(skb, t->netdev,
							 ALL_FEATURES);
}

static void tunnel_expect_words(struct vmxnet3_test *t,
				const struct tunnel_tx *c, u32 revision)
{
	const struct vmxnet3_test_tx *tx = &t->scratch;
	struct kunit *test = t->test;
	u32 om, mssof, ext = 0;
	struct offload_layout l;

	offload_lay_out(&c->f, &l);
	mssof = c->mss;
	om = VMXNET3_TXD_OM_ENCAP;
	if (revision >= 7) {
		ext = VMXNET3_TXD_EXT1;
		om = c->mss ? VMXNET3_TXD_OM_TSO : VMXNET3_TXD_OM_CSUM;
		if (!c->mss)
			mssof = l.l4 + (c->f.udp ? 6 : 16);
	}
	KUNIT_EXPECT_EQ(test, FIELD_GET(VMXNET3_TXD_OM, tx->ctl2), om);
	KUNIT_EXPECT_EQ(test, FIELD_GET(VMXNET3_TXD_HLEN, tx->ctl2), l.payload);
	KUNIT_EXPECT_EQ(test, FIELD_GET(VMXNET3_TXD_MSSCOF, tx->ctl), mssof);
	KUNIT_EXPECT_EQ(test, tx->ctl & VMXNET3_TXD_EXT1, ext);
	KUNIT_EXPECT_EQ(test, !!(tx->ctl & VMXNET3_TXD_OCO),
			c->mss && c->f.outer_csum);
	KUNIT_EXPECT_EQ(test, tx->ctl & VMXNET3_TXD_DTYPE, 0);
	KUNIT_EXPECT_EQ(test, !!(tx->ctl2 & VMXNET3_TXD_TI), c->tag);
	if (c->tag)
		KUNIT_EXPECT_EQ(test, FIELD_GET(VMXNET3_TXD_TCI, tx->ctl2),
				0x4abc);
}

/* The sums as the device finds them, and everything else as it was. */
static void tunnel_expect_bytes(struct vmxnet3_test *t,
				const struct tunnel_tx *c, u8 *want)
{
	struct offload_layout l;
	__sum16 *check;

	offload_lay_out(&c->f, &l);
	check = (void *)(want + l.l4 + (c->f.udp ? 6 : 16));
	*check = offload_pseudo(want + l.inner_l3, c->f.v6,
				c->f.udp ? IPPROTO_UDP : IPPROTO_TCP,
				c->mss ? 0 : l.len - l.l4);
	if (c->mss && !c->f.v6)
		((struct iphdr *)(want + l.inner_l3))->check = 0;
	if (c->mss && c->f.outer_csum)
		((struct udphdr *)(want + l.outer_udp))->check =
			offload_pseudo(want + l.l3, c->f.outer_v6, IPPROTO_UDP,
				       l.len - l.outer_udp);
	KUNIT_EXPECT_EQ(t->test, t->scratch.len, l.len);
	KUNIT_EXPECT_MEMEQ(t->test, t->scratch.data, want, l.len);
}

static void vmxnet3_offload_test_tunnel_tx(struct kunit *test)
{
	static const u32 revisions[] = { 4, 6, 7, 9 };
	struct vmxnet3_test *t = test->priv;
	u8 *want = offload_buffer(t);
	u32 i, r;

	for (r = 0; r < ARRAY_SIZE(revisions); r++) {
		offload_open(t, revisions[r], false);
		for (i = 0; i < ARRAY_SIZE(tunnel_tx_cases); i++) {
			const struct tunnel_tx *c = &tunnel_tx_cases[i];
			struct sk_buff *skb = tunnel_skb(t, c, want);

			KUNIT_EXPECT_EQ(test, tunnel_check(t, skb),
					ALL_FEATURES);
			KUNIT_ASSERT_EQ(test, NETDEV_TX_OK,
					vmxnet3_test_xmit(t, skb, 0, false));
			KUNIT_ASSERT_TRUE(test,
					  vmxnet3_test_dev_take(t, 0,
								&t->scratch));
			tunnel_expect_words(t, c, revisions[r]);
			tunnel_expect_bytes(t, c, want);
			/* The next frame has nothing of it. */
			vmxnet3_test_send(t, 0, 100, i);
			vmxnet3_test_dev_take(t, 0, &t->scratch);
			KUNIT_EXPECT_EQ(test, t->scratch.ctl & 0xffffa000, 0);
			KUNIT_EXPECT_EQ(test, t->scratch.ctl2 & 0xfff, 0);
		}
		vmxnet3_test_dev_complete(t, 0, U32_MAX);
		vmxnet3_test_poll(t, 0);
		vmxnet3_test_close(t);
	}
}

/* What a device does not parse stays with the stack. */

static void spoil_port(struct sk_buff *skb)
{
	udp_hdr(skb)->dest = htons(4790);
}

static void spoil_type(struct sk_buff *skb)
{
	skb->inner_protocol = htons(ETH_P_IP);
}

static void spoil_ipproto(struct sk_buff *skb)
{
	skb_set_inner_ipproto(skb, IPPROTO_IPIP);
}

static void spoil_outer_protocol(struct sk_buff *skb)
{
	ip_hdr(skb)->protocol = IPPROTO_GRE;
}

static void spoil_options(struct sk_buff *skb)
{
	ip_hdr(skb)->ihl = 6;
}

static void spoil_fragment(struct sk_buff *skb)
{
	ip_hdr(skb)->frag_off = htons(IP_MF);
}

static void spoil_extension(struct sk_buff *skb)
{
	struct vxlanhdr *vxlan = (void *)(udp_hdr(skb) + 1);

	vxlan->vx_flags |= htonl(0x80000000);
}

static void spoil_inner_tag(struct sk_buff *skb)
{
	((struct ethhdr *)skb_inner_mac_header(skb))->h_proto =
		htons(ETH_P_8021Q);
}

static void spoil_inner_options(struct sk_buff *skb)
{
	inner_ip_hdr(skb)->ihl = 7;
}

static void spoil_inner_protocol(struct sk_buff *skb)
{
	inner_ip_hdr(skb)->protocol = IPPROTO_SCTP;
}

static void spoil_csum_offset(struct sk_buff *skb)
{
	skb->csum_offset = 8;
}

static void spoil_csum_start(struct sk_buff *skb)
{
	/* The outer checksum is what is left to do. */
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = offsetof(struct udphdr, check);
}

static void spoil_mac(struct sk_buff *skb)
{
	skb->inner_mac_header += 4;
}

static void spoil_tag(struct sk_buff *skb)
{
	skb->protocol = htons(ETH_P_8021Q);
}

static void spoil_network(struct sk_buff *skb)
{
	skb->network_header += 4;
}

static void (*const tunnel_spoil[])(struct sk_buff *skb) = {
	spoil_port, spoil_type, spoil_ipproto, spoil_outer_protocol,
	spoil_options, spoil_fragment, spoil_extension, spoil_inner_tag,
	spoil_inner_options, spoil_inner_protocol, spoil_csum_offset,
	spoil_csum_start, spoil_mac, spoil_tag, spoil_network,
};

static void vmxnet3_offload_test_tunnel_unfit(struct kunit *test)
{
	const struct tunnel_tx frame = { { VXLAN, .payload = 500 } };
	const netdev_features_t left = ALL_FEATURES &
				       ~(NETIF_F_CSUM_MASK | NETIF_F_GSO_MASK);
	struct vmxnet3_test *t = test->priv;
	u8 *want = offload_buffer(t);
	struct sk_buff *skb;
	u32 i;

	offload_open(t, 4, false);
	for (i = 0; i < ARRAY_SIZE(tunnel_spoil); i++) {
		skb = tunnel_skb(t, &frame, want);
		KUNIT_EXPECT_EQ(test, tunnel_check(t, skb), ALL_FEATURES);
		tunnel_spoil[i](skb);
		KUNIT_EXPECT_EQ_MSG(test, tunnel_check(t, skb), left, "%u", i);
		kfree_skb(skb);
	}
	/* Headers that are not all in one piece. */
	skb = tunnel_skb(t, &frame, want);
	skb->data_len = skb->len - 100;
	KUNIT_EXPECT_EQ(test, tunnel_check(t, skb), left);
	skb->data_len = skb->len - 40;
	KUNIT_EXPECT_EQ(test, tunnel_check(t, skb), left);
	skb->data_len = 0;
	kfree_skb(skb);
}

/* Capabilities come one by one from revision 7 on. */
static void vmxnet3_offload_test_tunnel_caps(struct kunit *test)
{
	const struct tunnel_tx csum = { { VXLAN, .payload = 500 } };
	const struct tunnel_tx tso = { { VXLAN, .payload = 500 }, 100 };
	const struct tunnel_tx outer = {
		{ VXLAN, .payload = 500, .outer_csum = true }, 100
	};
	const struct tunnel_tx geneve = { { GENEVE, .payload = 500 }, 100 };
	const netdev_features_t no_gso = ALL_FEATURES & ~NETIF_F_GSO_MASK;
	const netdev_features_t none = no_gso & ~NETIF_F_CSUM_MASK;
	struct {
		u32 caps;
		const struct tunnel_tx *tx;
		netdev_features_t want;
	} const cases[] = {
		{ 0, &csum, none },
		{ VXLAN, &csum, none },
		{ VMXNET3_CAP_VXLAN_CSUM, &csum, ALL_FEATURES },
		{ VMXNET3_CAP_GENEVE_CSUM, &csum, none },
		{ VMXNET3_CAP_VXLAN_CSUM, &tso, no_gso },
		{ VMXNET3_CAP_VXLAN_TSO, &tso, none },
		{ VMXNET3_CAP_VXLAN_CSUM | VMXNET3_CAP_VXLAN_TSO, &tso,
		  ALL_FEATURES },
		{ VMXNET3_CAP_VXLAN_CSUM | VMXNET3_CAP_VXLAN_TSO, &outer,
		  no_gso },
		{ VMXNET3_CAP_VXLAN_CSUM | VMXNET3_CAP_VXLAN_TSO |
		  VMXNET3_CAP_VXLAN_OUTER_CSUM, &outer, ALL_FEATURES },
		{ VMXNET3_CAP_VXLAN_CSUM | VMXNET3_CAP_VXLAN_TSO |
		  VMXNET3_CAP_VXLAN_OUTER_CSUM, &geneve, none },
		{ VMXNET3_CAP_GENEVE_CSUM | VMXNET3_CAP_GENEVE_TSO, &geneve,
		  ALL_FEATURES },
	};
	struct vmxnet3_test *t = test->priv;
	u8 *want = offload_buffer(t);
	struct sk_buff *skb;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		t->shell->revision = 7;
		t->shell->caps = cases[i].caps;
		vmxnet3_test_open(t);
		skb = tunnel_skb(t, cases[i].tx, want);
		KUNIT_EXPECT_EQ_MSG(test, tunnel_check(t, skb), cases[i].want,
				    "%u", i);
		kfree_skb(skb);
		vmxnet3_test_close(t);
	}
	t->shell->revision = 3;
	KUNIT_EXPECT_EQ(test, vmxnet3_tunnel_device(t->shell), 0);
}

/* Frames that come when the path that they were made for is gone. */

/* The device gets one segment, done. */
static void tunnel_expect_segment(struct vmxnet3_test *t,
				  const struct tunnel_tx *c, u32 i, u8 *want)
{
	u32 segments = DIV_ROUND_UP(c->f.payload, c->mss);
	struct offload_frame f = c->f;
	const struct vmxnet3_test_tx *tx = &t->scratch;
	struct offload_layout l;
	u32 len;

	f.seq += i * c->mss;
	f.id += i;
	f.payload = min(c->mss, c->f.payload - i * c->mss);
	f.last = c->f.last && i + 1 == segments;
	len = offload_make(&f, want);
	offload_lay_out(&f, &l);
	KUNIT_ASSERT_TRUE(t->test, vmxnet3_test_dev_take(t, 0, &t->scratch));
	/* An ordinary checksum may still be left, the outer one's. */
	if (FIELD_GET(VMXNET3_TXD_OM, tx->ctl2) == VMXNET3_TXD_OM_CSUM) {
		u32 start = FIELD_GET(VMXNET3_TXD_HLEN, tx->ctl2);
		u32 field = FIELD_GET(VMXNET3_TXD_MSSCOF, tx->ctl);

		KUNIT_ASSERT_EQ(t->test, start, l.outer_udp);
		KUNIT_ASSERT_EQ(t->test, field, l.outer_udp + 6);
		*(__sum16 *)(tx->data + field) =
			csum_fold(csum_partial(tx->data + start,
					       tx->len - start, 0));
	} else {
		KUNIT_EXPECT_EQ(t->test, FIELD_GET(VMXNET3_TXD_OM, tx->ctl2),
				VMXNET3_TXD_OM_NONE);
	}
	KUNIT_EXPECT_EQ(t->test, tx->len, len);
	KUNIT_EXPECT_MEMEQ_MSG(t->test, tx->data, want, len, "segment %u", i);
}

static void vmxnet3_offload_test_tunnel_late(struct kunit *test)
{
	static const struct tunnel_tx cases[] = {
		{ { VXLAN, .payload = 900, .seq = 5, .id = 7 } },
		{ { GENEVE, .payload = 900, .outer_csum = true, .udp = true } },
		{ { VXLAN, .payload = 8000, .id = 7, .last = true }, 1398 },
		{ { VXLAN, .payload = 8000, .id = 7, .outer_csum = true },
		  1398 },
		{ { GENEVE, .payload = 8100, .id = 7, .outer_csum = true,
		    .last = true }, 500 },
	};
	struct vmxnet3_test *t = test->priv;
	u8 *want = offload_buffer(t);
	u32 i, j, described;

	offload_open(t, 3, false);
	for (i = 0; i < 2 * ARRAY_SIZE(cases); i++) {
		const struct tunnel_tx *c = &cases[i / 2];
		struct sk_buff *skb = tunnel_skb(t, c, want);
		struct npa_tx_info info = { };

		/* The other path may have been full when it came. */
		described = i % 2;
		if (described)
			KUNIT_EXPECT_EQ(test, 0,
					vmxnet3_tunnel_prepare(skb, &info,
							       VMXNET3_TUNNELS));
		KUNIT_ASSERT_EQ(test, NETDEV_TX_OK,
				vmxnet3_test_xmit(t, skb, 0, false));
		if (!c->mss) {
			offload_make(&c->f, want);
			KUNIT_ASSERT_TRUE(test,
					  vmxnet3_test_dev_take(t, 0,
								&t->scratch));
			KUNIT_EXPECT_EQ(test, FIELD_GET(VMXNET3_TXD_OM,
							t->scratch.ctl2),
					VMXNET3_TXD_OM_NONE);
			KUNIT_EXPECT_MEMEQ(test, t->scratch.data, want,
					   t->scratch.len);
		} else {
			for (j = 0; j < DIV_ROUND_UP(c->f.payload, c->mss); j++)
				tunnel_expect_segment(t, c, j, want);
		}
		KUNIT_EXPECT_FALSE(test,
				   vmxnet3_test_dev_take(t, 0, &t->scratch));
		vmxnet3_test_dev_complete(t, 0, U32_MAX);
		vmxnet3_test_poll(t, 0);
		KUNIT_ASSERT_TRUE(test,
				  vmxnet3_path_tx_idle(t->shell->path));
	}
	KUNIT_EXPECT_EQ(test,
			u64_stats_read(&t->shell->queues[0].tx_stats.drops), 0);
}

/* Its segments need a ring of their own. */
static void vmxnet3_offload_test_tunnel_late_wait(struct kunit *test)
{
	const struct tunnel_tx frame = { { VXLAN, .payload = 8000 }, 200 };
	struct vmxnet3_test *t = test->priv;
	struct netdev_queue *txq = netdev_get_tx_queue(t->netdev, 0);
	u8 *want = offload_buffer(t);
	struct sk_buff *skb;
	u32 i;

	offload_open(t, 1, false);
	/* Room for a frame, but not for forty. */
	for (i = 0; i < VMXNET3_TX_RING_SIZE - 40; i++) {
		vmxnet3_test_send(t, 0, 100, i);
		vmxnet3_test_dev_take(t, 0, &t->scratch);
	}
	KUNIT_ASSERT_FALSE(test, netif_tx_queue_stopped(txq));
	skb = tunnel_skb(t, &frame, want);
	skb_get(skb);
	KUNIT_EXPECT_EQ(test, NETDEV_TX_BUSY,
			vmxnet3_test_xmit(t, skb, 0, false));
	KUNIT_EXPECT_TRUE(test, netif_tx_queue_stopped(txq));
	vmxnet3_test_dev_complete(t, 0, U32_MAX);
	vmxnet3_test_poll(t, 0);
	KUNIT_EXPECT_FALSE(test, netif_tx_queue_stopped(txq));
	KUNIT_EXPECT_EQ(test, NETDEV_TX_OK,
			vmxnet3_test_xmit(t, skb, 0, false));
	for (i = 0; i < 40; i++)
		tunnel_expect_segment(t, &frame, i, want);
	vmxnet3_test_dev_complete(t, 0, U32_MAX);
	vmxnet3_test_poll(t, 0);
	KUNIT_EXPECT_TRUE(test, vmxnet3_path_tx_idle(t->shell->path));
}

static void tunnel_vf_can(struct npa_plugin_api *api)
{
	api->tunnels = U32_MAX;
}

/* What is offered goes with the path, and frames in flight are not lost. */
static void vmxnet3_offload_test_tunnel_switch(struct kunit *test)
{
	const struct tunnel_tx csum = { { VXLAN, .payload = 500 } };
	const struct tunnel_tx tso = { { VXLAN, .payload = 5000 }, 1000 };
	struct vmxnet3_test *t = test->priv;
	u8 *want = offload_buffer(t);
	u32 round, frames;

	offload_open(t, 5, false);
	for (round = 0; round < 2; round++) {
		struct sk_buff *skb = tunnel_skb(t, &tso, want);

		KUNIT_EXPECT_EQ(test, tunnel_check(t, skb), ALL_FEATURES);
		t->vf.edit_api = round ? tunnel_vf_can : NULL;
		vmxnet3_test_switch(t, VMXNET3_NPA_MSG_PATH_VF,
				    VMXNET3_NPA_MSG_REASON_OPERATOR);
		KUNIT_ASSERT_TRUE(test, vmxnet3_test_on_vf(t));
		KUNIT_EXPECT_EQ(test, t->shell->path->tunnels,
				round ? VMXNET3_TUNNELS : 0);
		KUNIT_EXPECT_EQ(test, !!(tunnel_check(t, skb) &
					 NETIF_F_GSO_MASK), !!round);
		frames = t->vf_tx_len;
		KUNIT_EXPECT_EQ(test, NETDEV_TX_OK,
				vmxnet3_test_xmit(t, skb, 0, false));
		KUNIT_EXPECT_EQ(test, t->vf_tx_len - frames, round ? 1 : 5);
		KUNIT_EXPECT_EQ(test, NETDEV_TX_OK,
				vmxnet3_test_xmit(t, tunnel_skb(t, &csum, want),
						  0, false));
		KUNIT_EXPECT_EQ(test, t->vf_tx_len - frames, round ? 2 : 6);
		vmxnet3_test_poll(t, 0);
		vmxnet3_test_switch(t, VMXNET3_NPA_MSG_PATH_EMULATED,
				    VMXNET3_NPA_MSG_REASON_OPERATOR);
		KUNIT_ASSERT_FALSE(test, vmxnet3_test_on_vf(t));
		KUNIT_EXPECT_EQ(test, t->shell->tunnels, VMXNET3_TUNNELS);
	}
	KUNIT_EXPECT_EQ(test,
			u64_stats_read(&t->shell->queues[0].tx_stats.drops), 0);
}

/* Completions in any order, revision 7 */

/* A buffer that the device has taken and not completed. */
struct ooo_buffer {
	void *va;
	u32 index;
};

static bool ooo_take(struct vmxnet3_test *t, struct ooo_buffer *b)
{
	struct vmxnet3_test_queue *q = &t->q[0];
	struct vmxnet3_rx_desc *desc = &q->rxd[0][q->rx_next[0]];

	if ((le32_to_cpu(READ_ONCE(desc->ctl)) & VMXNET3_RXD_GEN) !=
	    q->rx_gen[0])
		return false;
	dma_rmb();	/* pairs with the plugin's npa_wmb() */
	b->va = phys_to_virt(dma_to_phys(t->dev, le64_to_cpu(desc->addr)));
	b->index = q->rx_next[0];
	vmxnet3_test_dev_skip(t, 0, 0, 1);
	return true;
}

static void ooo_complete(struct vmxnet3_test *t, u32 index, u32 len, u32 ctl)
{
	struct vmxnet3_test_queue *q = &t->q[0];
	struct vmxnet3_rx_comp *comp = &q->rxc[q->rxc_next];

	comp->ctl = cpu_to_le32(index | ctl | VMXNET3_RXC_CNC);
	comp->hash = 0;
	comp->len = cpu_to_le32(len);
	dma_wmb();	/* pairs with the plugin's npa_rmb() */
	WRITE_ONCE(comp->flags, cpu_to_le32(q->rxc_gen));
	if (++q->rxc_next == q->rxc_size) {
		q->rxc_next = 0;
		q->rxc_gen ^= VMXNET3_COMP_GEN;
	}
}

static void ooo_receive(struct vmxnet3_test *t, const struct ooo_buffer *b,
			u32 len, u32 seq)
{
	vmxnet3_test_fill(t, b->va, len, seq);
	ooo_complete(t, b->index, len, VMXNET3_RXC_SOP | VMXNET3_RXC_EOP);
}

static void ooo_open(struct vmxnet3_test *t)
{
	t->shell->revision = 7;
	t->shell->caps = VMXNET3_CAP_OOORX_COMP;
	vmxnet3_test_open(t);
}

/* Windows of all sizes, several rounds of the ring, each order another. */
static void vmxnet3_offload_test_ooo(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct ooo_buffer *b;
	u32 seq = 0, window, i, round, step;

	b = kunit_kcalloc(test, 64, sizeof(*b), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, b);
	ooo_open(t);
	for (round = 0; round < 300; round++) {
		window = round % 61 + 1;
		/* A step that is prime to it visits all. */
		step = round % 3 == 0 ? window - 1 : 67;
		for (i = 0; i < window; i++)
			KUNIT_ASSERT_TRUE_MSG(test, ooo_take(t, &b[i]),
					      "starved at %u", seq);
		for (i = 0; i < window; i++)
			ooo_receive(t, &b[(i * step + step) % window],
				    200 + i, seq + i);
		vmxnet3_test_poll(t, 0);
		for (i = 0; i < window; i++)
			vmxnet3_test_expect_rx(t, 200 + i, seq + i);
		seq += window;
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&t->shell->path->bad_reports), 0);
}

/* The oldest of all buffers is the last one to be complete. */
static void vmxnet3_offload_test_ooo_hole(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct ooo_buffer hole, b;
	u32 n, round, filled;

	ooo_open(t);
	for (round = 0; round < 5; round++) {
		KUNIT_ASSERT_TRUE(test, ooo_take(t, &hole));
		for (n = 0; ooo_take(t, &b); n++) {
			ooo_receive(t, &b, 100, n);
			vmxnet3_test_poll(t, 0);
			vmxnet3_test_expect_rx(t, 100, n);
		}
		/* Nothing was filled behind the hole's back ... */
		KUNIT_EXPECT_LE(test, n, VMXNET3_RX_RING_SIZE - 2);
		KUNIT_EXPECT_GT(test, n, VMXNET3_RX_RING_SIZE - 18);
		ooo_receive(t, &hole, 100, 7777);
		vmxnet3_test_poll(t, 0);
		vmxnet3_test_expect_rx(t, 100, 7777);
		/* ... and everything is when it closes. */
		for (filled = 0; filled < 1000 && ooo_take(t, &b); filled++)
			ooo_receive(t, &b, 100, filled);
		KUNIT_EXPECT_GT(test, filled, 900);
		vmxnet3_test_poll(t, 0);
		for (n = 0; n < filled; n++)
			vmxnet3_test_expect_rx(t, 100, n);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&t->shell->path->bad_reports), 0);
}

/*
 * The first pieces of a frame are all that is complete when the ring is filled,
 * and nearly all of it is empty: their buffers are not in the shell's hands yet.
 */
static void vmxnet3_offload_test_pieces_wait(struct kunit *test)
{
	enum { RING = 64, PIECES = 4, PIECE = 300, ROUNDS = 40 };
	struct vmxnet3_test *t = test->priv;
	u8 *frame = offload_buffer(t);
	struct ooo_buffer b;
	u32 round, i, n;

	t->shell->cfg.rx_ring = RING;
	vmxnet3_test_open(t);
	for (round = 0; round < ROUNDS; round++) {
		vmxnet3_test_fill(t, frame, PIECES * PIECE, round);
		/* However many are empty; up to 16 may wait for others. */
		n = RING - 16 - PIECES - round;
		for (i = 0; i < n; i++) {
			KUNIT_ASSERT_TRUE(test, ooo_take(t, &b));
			ooo_receive(t, &b, 100, i);
		}
		for (i = 0; i < PIECES; i++) {
			u32 ctl = i ? 0 : VMXNET3_RXC_SOP;

			if (i == PIECES - 1) {
				vmxnet3_test_poll(t, 0);
				ctl = VMXNET3_RXC_EOP;
			}
			KUNIT_ASSERT_TRUE(test, ooo_take(t, &b));
			memcpy(b.va, frame + i * PIECE, PIECE);
			ooo_complete(t, b.index, PIECE, ctl);
		}
		vmxnet3_test_poll(t, 0);
		for (i = 0; i < n; i++)
			vmxnet3_test_expect_rx(t, 100, i);
		vmxnet3_test_expect_rx(t, PIECES * PIECE, round);
	}
	KUNIT_EXPECT_TRUE(test, skb_queue_empty(&t->rx));
	KUNIT_EXPECT_EQ(test, atomic_read(&t->shell->path->bad_reports), 0);
}

/* Entries that the device does not have: nothing comes of them. */
static void vmxnet3_offload_test_ooo_lies(struct kunit *test)
{
	const u32 whole = VMXNET3_RXC_SOP | VMXNET3_RXC_EOP;
	struct vmxnet3_test *t = test->priv;
	struct ooo_buffer b[8];
	u32 i;

	ooo_open(t);
	for (i = 0; i < 8; i++)
		KUNIT_ASSERT_TRUE(test, ooo_take(t, &b[i]));
	ooo_receive(t, &b[2], 100, 2);
	ooo_receive(t, &b[0], 100, 0);
	ooo_complete(t, b[2].index, 100, whole);	/* again */
	ooo_complete(t, b[0].index, 100, whole);	/* ours */
	ooo_complete(t, VMXNET3_RX_RING_SIZE - 1, 100, whole);	/* never was */
	vmxnet3_test_poll(t, 0);
	vmxnet3_test_expect_rx(t, 100, 2);
	vmxnet3_test_expect_rx(t, 100, 0);
	KUNIT_EXPECT_TRUE(test, skb_queue_empty(&t->rx));
	/* In the middle of a frame: it is lost, its buffers are not. */
	vmxnet3_test_fill(t, b[3].va, 100, 3);
	ooo_complete(t, b[3].index, 100, VMXNET3_RXC_SOP);
	ooo_complete(t, b[2].index, 100, 0);
	ooo_complete(t, b[4].index, 100, VMXNET3_RXC_EOP);
	ooo_receive(t, &b[6], 100, 6);
	ooo_receive(t, &b[5], 100, 5);
	ooo_receive(t, &b[1], 100, 1);
	ooo_receive(t, &b[7], 100, 7);
	vmxnet3_test_poll(t, 0);
	vmxnet3_test_expect_rx(t, 100, 6);
	vmxnet3_test_expect_rx(t, 100, 5);
	vmxnet3_test_expect_rx(t, 100, 1);
	vmxnet3_test_expect_rx(t, 100, 7);
	KUNIT_EXPECT_TRUE(test, skb_queue_empty(&t->rx));
	for (i = 0; i < 3000; i++) {
		KUNIT_ASSERT_TRUE(test, ooo_take(t, &b[0]));
		ooo_receive(t, &b[0], 100, i);
		vmxnet3_test_poll(t, 0);
		vmxnet3_test_expect_rx(t, 100, i);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&t->shell->path->bad_reports), 0);
}

/* For merged frames only, ring 2 has fewer buffers than entries. */
static void vmxnet3_offload_test_ooo_merged(struct kunit *test)
{
	const u32 whole = VMXNET3_RXC_SOP | VMXNET3_RXC_EOP |
			  FIELD_PREP(VMXNET3_RXC_RQID, VMXNET3_TEST_QUEUES);
	struct vmxnet3_test *t = test->priv;
	struct vmxnet3_rx_desc *desc;

	t->shell->cfg.lro = 1;
	ooo_open(t);
	KUNIT_ASSERT_EQ(test, t->num_queues, VMXNET3_TEST_QUEUES);
	desc = &t->q[0].rxd[1][511];
	vmxnet3_test_fill(t, phys_to_virt(dma_to_phys(t->dev,
						      le64_to_cpu(desc->addr))),
			  100, 1);
	KUNIT_EXPECT_EQ(test, 0, desc[1].addr);
	ooo_complete(t, 512, 100, whole);	/* never was */
	ooo_complete(t, 511, 100, whole);
	vmxnet3_test_poll(t, 0);
	vmxnet3_test_expect_rx(t, 100, 1);
	KUNIT_EXPECT_TRUE(test, skb_queue_empty(&t->rx));
	KUNIT_EXPECT_EQ(test, atomic_read(&t->shell->path->bad_reports), 0);
}

static struct kunit_case vmxnet3_offload_cases[] = {
	KUNIT_CASE(vmxnet3_offload_test_rx_words),
	KUNIT_CASE(vmxnet3_offload_test_lro),
	KUNIT_CASE(vmxnet3_offload_test_lro_ipv6),
	KUNIT_CASE(vmxnet3_offload_test_lro_pieces),
	KUNIT_CASE(vmxnet3_offload_test_lro_refused),
	KUNIT_CASE(vmxnet3_offload_test_lro_short),
	KUNIT_CASE(vmxnet3_offload_test_lro_maybe),
	KUNIT_CASE(vmxnet3_offload_test_tunnel_rx),
	KUNIT_CASE(vmxnet3_offload_test_tunnel_tx),
	KUNIT_CASE(vmxnet3_offload_test_tunnel_unfit),
	KUNIT_CASE(vmxnet3_offload_test_tunnel_caps),
	KUNIT_CASE(vmxnet3_offload_test_tunnel_late),
	KUNIT_CASE(vmxnet3_offload_test_tunnel_late_wait),
	KUNIT_CASE(vmxnet3_offload_test_tunnel_switch),
	KUNIT_CASE(vmxnet3_offload_test_ooo),
	KUNIT_CASE(vmxnet3_offload_test_ooo_hole),
	KUNIT_CASE(vmxnet3_offload_test_ooo_lies),
	KUNIT_CASE(vmxnet3_offload_test_ooo_merged),
	KUNIT_CASE(vmxnet3_offload_test_pieces_wait),
	{ }
};

static struct kunit_suite vmxnet3_offload_suite = {
	.name = "vmxnet3-offload",
	.init = offload_init,
	.exit = vmxnet3_test_exit,
	.test_cases = vmxnet3_offload_cases,
};

kunit_test_suite(vmxnet3_offload_suite);

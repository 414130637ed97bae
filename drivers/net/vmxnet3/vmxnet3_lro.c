// SPDX-License-Identifier: GPL-2.0
/*
 * TCP segments that the hardware has merged (LRO, RSC).  Such a frame becomes
 * what GRO would have made of the segments, so that it can be cut again.
 */
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip6_checksum.h>
#include <net/tcp.h>
#include <net/udp.h>

#include "vmxnet3_shell.h"

/**
 * struct lro_headers - where the headers of a frame are
 * @mac: bytes to the Ethernet header, not 0 in a tunnel
 * @l3: bytes to the network header
 * @l4: bytes to the TCP header
 * @payload: bytes to what it carries
 * @v6: IPv6
 * @tunnel: with @mac not 0: the outer headers
 */
struct lro_headers {
	u32 mac;
	u32 l3;
	u32 l4;
	u32 payload;
	bool v6;
	struct vmxnet3_tunnel tunnel;
};

/* Bytes to the TCP header behind an IPv4 header, 0 if it is not all TCP. */
static u32 vmxnet3_lro_ipv4(struct sk_buff *skb, u32 l3)
{
	const struct iphdr *iph;

	if (!pskb_may_pull(skb, l3 + sizeof(*iph)))
		return 0;
	iph = (const void *)(skb->data + l3);
	if (iph->version != 4 || iph->ihl < 5 || iph->protocol != IPPROTO_TCP ||
	    ip_is_fragment(iph) || ntohs(iph->tot_len) != skb->len - l3)
		return 0;
	return l3 + iph->ihl * 4;
}

static u32 vmxnet3_lro_ipv6(struct sk_buff *skb, u32 l3)
{
	const struct ipv6hdr *ip6;

	if (!pskb_may_pull(skb, l3 + sizeof(*ip6)))
		return 0;
	ip6 = (const void *)(skb->data + l3);
	if (ip6->version != 6 || ip6->nexthdr != IPPROTO_TCP ||
	    ntohs(ip6->payload_len) != skb->len - l3 - sizeof(*ip6))
		return 0;
	return l3 + sizeof(*ip6);
}

/* Find the headers and have them in one piece; false if it is no TCP frame. */
static bool vmxnet3_lro_parse(struct sk_buff *skb, struct lro_headers *h)
{
	const struct ethhdr *eth = (const void *)(skb->data + h->mac);
	__be16 proto = eth->h_proto;
	const struct tcphdr *th;

	h->l3 = h->mac + ETH_HLEN;
	if (proto == htons(ETH_P_8021Q)) {
		const struct vlan_ethhdr *veth;

		if (!pskb_may_pull(skb, h->mac + VLAN_ETH_HLEN))
			return false;
		h->l3 = h->mac + VLAN_ETH_HLEN;
		veth = (const void *)(skb->data + h->mac);
		proto = veth->h_vlan_encapsulated_proto;
	}
	h->v6 = proto == htons(ETH_P_IPV6);
	if (proto == htons(ETH_P_IP))
		h->l4 = vmxnet3_lro_ipv4(skb, h->l3);
	else if (h->v6)
		h->l4 = vmxnet3_lro_ipv6(skb, h->l3);
	else
		h->l4 = 0;
	if (!h->l4 || !pskb_may_pull(skb, h->l4 + sizeof(*th)))
		return false;
	th = (const void *)(skb->data + h->l4);
	h->payload = h->l4 + th->doff * 4;
	return th->doff >= 5 && h->payload < skb->len &&
	       pskb_may_pull(skb, h->payload);
}

/* The same for one in a tunnel, which has to span the whole frame. */
static bool vmxnet3_lro_parse_inner(struct sk_buff *skb, struct lro_headers *h)
{
	struct vmxnet3_tunnel *t = &h->tunnel;

	if (!vmxnet3_tunnel_find(skb, t) || t->udp_len != skb->len - t->udp)
		return false;
	h->mac = t->mac;
	return vmxnet3_lro_parse(skb, h);
}

/* Is the TCP checksum right? */
static bool vmxnet3_lro_sum_right(const struct sk_buff *skb,
				  const struct lro_headers *h)
{
	const struct ipv6hdr *ip6 = (const void *)(skb->data + h->l3);
	const struct iphdr *iph = (const void *)(skb->data + h->l3);
	u32 len = skb->len - h->l4;
	__wsum sum = skb_checksum(skb, h->l4, len, 0);

	return h->v6 ? !tcp_v6_check(len, &ip6->saddr, &ip6->daddr, sum) :
		       !tcp_v4_check(len, iph->saddr, iph->daddr, sum);
}

/* The sum of the pseudo header: what is left is for whoever sends it on. */
static void vmxnet3_lro_checksum(struct sk_buff *skb,
				 const struct lro_headers *h)
{
	struct tcphdr *th = (void *)(skb->data + h->l4);
	u32 len = skb->len - h->l4;

	if (h->v6) {
		const struct ipv6hdr *ip6 = (const void *)(skb->data + h->l3);

		th->check = ~tcp_v6_check(len, &ip6->saddr, &ip6->daddr, 0);
	} else {
		const struct iphdr *iph = (const void *)(skb->data + h->l3);

		th->check = ~tcp_v4_check(len, iph->saddr, iph->daddr, 0);
	}
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb->data + h->l4 - skb->head;
	skb->csum_offset = offsetof(struct tcphdr, check);
}

/* The outer headers as GRO leaves them; returns the type of GSO. */
static u32 vmxnet3_lro_tunnel(struct sk_buff *skb, const struct lro_headers *h)
{
	const struct vmxnet3_tunnel *t = &h->tunnel;
	struct udphdr *uh = (void *)(skb->data + t->udp);

	skb->encapsulation = 1;
	skb_set_inner_protocol(skb, htons(ETH_P_TEB));
	skb_set_inner_mac_header(skb, h->mac);
	skb_set_inner_network_header(skb, h->l3);
	skb_set_inner_transport_header(skb, h->l4);
	if (!t->has_csum)
		return SKB_GSO_UDP_TUNNEL;
	if (t->v6) {
		const struct ipv6hdr *ip6 = (const void *)(skb->data + t->l3);

		uh->check = ~udp_v6_check(t->udp_len, &ip6->saddr, &ip6->daddr,
					  0);
	} else {
		const struct iphdr *iph = (const void *)(skb->data + t->l3);

		uh->check = ~udp_v4_check(t->udp_len, iph->saddr, iph->daddr,
					  0);
	}
	return SKB_GSO_UDP_TUNNEL_CSUM;
}

/* Bytes of a segment, if @len bytes are more than one; else 0. */
static u32 vmxnet3_lro_mss(const struct npa_rx_frame *frame, u32 len,
			   u32 headers, u32 mtu)
{
	u32 mss = frame->mss;

	if (!mss && frame->segments > 1)
		mss = DIV_ROUND_UP(len, frame->segments);
	else if (!mss)
		mss = mtu - min(mtu, headers);
	return len > mss ? mss : 0;
}

/**
 * vmxnet3_lro_describe() - say of a frame that it was merged
 * @skb: the frame, from its Ethernet header on; its checksum state is set if
 *	that is known
 * @frame: what the plugin says of it.  If that has neither a segment size nor
 *	how many there were, and the frame is longer than the MTU, its segments
 *	were as long as possible
 * @mtu: bytes
 *
 * The sum in the header of a merged frame is that of one segment: what is left
 * of it is the pseudo header's, and the rest is for who sends the frame on.  A
 * frame that may have been merged, and is no longer than a segment, is left as
 * it is if its sum is right.
 *
 * Context: poll.
 * Return: true if @skb is in order, false if it cannot be what @frame says,
 * or was not checked.
 */
bool vmxnet3_lro_describe(struct sk_buff *skb, const struct npa_rx_frame *frame,
			  u32 mtu)
{
	bool good = frame->l4_csum == NPA_CSUM_CORRECT &&
		    frame->ip_csum != NPA_CSUM_INCORRECT;
	bool merged = frame->mss || frame->flags & NPA_RX_MERGED;
	struct skb_shared_info *shinfo;
	struct lro_headers h = { };
	u32 len, mss;
	bool found;

	/* Not known to be merged: a frame like any other. */
	if (!merged && (!good || frame->flags & NPA_RX_INNER))
		return true;
	found = frame->flags & NPA_RX_INNER ?
		vmxnet3_lro_parse_inner(skb, &h) : vmxnet3_lro_parse(skb, &h);
	if (!found || !good)
		return !merged;

	len = skb->len - h.payload;
	mss = vmxnet3_lro_mss(frame, len, h.payload - h.l3, mtu);
	if (!merged && !mss && vmxnet3_lro_sum_right(skb, &h))
		return true;
	vmxnet3_lro_checksum(skb, &h);
	shinfo = skb_shinfo(skb);
	if (h.mac)
		shinfo->gso_type = vmxnet3_lro_tunnel(skb, &h);
	shinfo->gso_size = mss;
	if (!mss) {
		shinfo->gso_type = 0;
		return true;
	}
	shinfo->gso_segs = max_t(u32, frame->segments,
				 DIV_ROUND_UP(len, shinfo->gso_size));
	shinfo->gso_type |= h.v6 ? SKB_GSO_TCPV6 : SKB_GSO_TCPV4;
	if (((const struct tcphdr *)(skb->data + h.l4))->cwr)
		shinfo->gso_type |= SKB_GSO_TCP_ECN;
	return true;
}

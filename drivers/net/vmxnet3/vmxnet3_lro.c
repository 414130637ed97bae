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
#include <net/ip6_checksum.h>
#include <net/tcp.h>

#include "vmxnet3_shell.h"

/**
 * struct lro_headers - where the headers of a frame are
 * @l3: bytes to the network header
 * @l4: bytes to the TCP header
 * @payload: bytes to what it carries
 * @v6: IPv6
 */
struct lro_headers {
	u32 l3;
	u32 l4;
	u32 payload;
	bool v6;
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
	const struct ethhdr *eth = (const void *)skb->data;
	__be16 proto = eth->h_proto;
	const struct tcphdr *th;

	h->l3 = ETH_HLEN;
	if (proto == htons(ETH_P_8021Q)) {
		if (!pskb_may_pull(skb, VLAN_ETH_HLEN))
			return false;
		h->l3 = VLAN_ETH_HLEN;
		proto = ((const struct vlan_ethhdr *)skb->data)->
			h_vlan_encapsulated_proto;
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

/**
 * vmxnet3_lro_describe() - say of a frame that it was merged
 * @skb: the frame, from its Ethernet header on; its checksum state is set if
 *	that is known
 * @frame: what the plugin says of it.  If that has no segment size and the
 *	frame is longer than the MTU, its segments were as long as possible
 * @mtu: bytes
 *
 * Context: poll.
 * Return: true if @skb is in order, false if it cannot be what @frame says,
 * or was not checked: the sum in its header is that of one segment.
 */
bool vmxnet3_lro_describe(struct sk_buff *skb, const struct npa_rx_frame *frame,
			  u32 mtu)
{
	bool good = frame->l4_csum == NPA_CSUM_CORRECT &&
		    frame->ip_csum != NPA_CSUM_INCORRECT;
	struct skb_shared_info *shinfo;
	u32 mss = frame->mss;
	struct lro_headers h;
	u32 len;

	/* Not known to be merged: a long frame like any other. */
	if (!vmxnet3_lro_parse(skb, &h) || !good)
		return !mss;
	if (!mss)
		mss = mtu - min(mtu, h.payload - h.l3);
	len = skb->len - h.payload;
	if (!mss || len <= mss)
		return true;

	vmxnet3_lro_checksum(skb, &h);
	shinfo = skb_shinfo(skb);
	shinfo->gso_size = mss;
	shinfo->gso_segs = max_t(u32, frame->segments, DIV_ROUND_UP(len, mss));
	shinfo->gso_type = h.v6 ? SKB_GSO_TCPV6 : SKB_GSO_TCPV4;
	if (((const struct tcphdr *)(skb->data + h.l4))->cwr)
		shinfo->gso_type |= SKB_GSO_TCP_ECN;
	return true;
}

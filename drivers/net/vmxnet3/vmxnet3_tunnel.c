// SPDX-License-Identifier: GPL-2.0
/*
 * Ethernet frames in VXLAN and Geneve packets: which of them a path may get
 * with work left to do inside, how they are described to a plugin, what to do
 * with those that were prepared for a path that could do more, and what a
 * verdict about the inner headers of a received one is worth.
 */
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/geneve.h>
#include <net/gso.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/tcp.h>
#include <net/vxlan.h>

#include "vmxnet3_shell.h"

/*
 * The UDP ports by which devices know tunnels, IANA's and the one that Linux
 * has used before; there is no command that would tell them others.
 */
#define VXLAN_PORT	IANA_VXLAN_UDP_PORT
#define VXLAN_PORT_OLD	8472

/* Headers of a tunnelled frame beyond this cannot be named to the device. */
#define TUNNEL_HEADERS_MAX	1023

/* The shortest of a frame in a frame, from the inner Ethernet header on. */
#define TUNNEL_INNER_MIN						\
	(ETH_HLEN + sizeof(struct iphdr) + sizeof(struct udphdr))
/* ... and of everything; an IPv6 header is shorter than what it leaves out. */
#define TUNNEL_HEADERS_MIN						\
	(ETH_HLEN + sizeof(struct iphdr) + sizeof(struct udphdr) +	\
	 sizeof(struct vxlanhdr) + TUNNEL_INNER_MIN)

/**
 * vmxnet3_tunnel_device() - what the emulated device does in tunnels
 * @shell: the device; revision and capabilities are known
 *
 * Return: bits of &enum npa_tunnel.
 */
u32 vmxnet3_tunnel_device(const struct vmxnet3_shell *shell)
{
	u32 caps = shell->caps;

	if (shell->revision < 4)
		return 0;
	if (shell->revision < 7)
		return VMXNET3_TUNNELS;
	return (caps & VMXNET3_CAP_VXLAN_CSUM ? NPA_TUNNEL_VXLAN_CSUM : 0) |
	       (caps & VMXNET3_CAP_VXLAN_TSO ? NPA_TUNNEL_VXLAN_TSO : 0) |
	       (caps & VMXNET3_CAP_VXLAN_OUTER_CSUM ?
		NPA_TUNNEL_VXLAN_OUTER_CSUM : 0) |
	       (caps & VMXNET3_CAP_GENEVE_CSUM ? NPA_TUNNEL_GENEVE_CSUM : 0) |
	       (caps & VMXNET3_CAP_GENEVE_TSO ? NPA_TUNNEL_GENEVE_TSO : 0) |
	       (caps & VMXNET3_CAP_GENEVE_OUTER_CSUM ?
		NPA_TUNNEL_GENEVE_OUTER_CSUM : 0);
}

/**
 * vmxnet3_tunnel_netdev_features() - features that make up what is in @tunnels
 * @tunnels: bits of &enum npa_tunnel
 *
 * Frames of the kind that is missing are done in software, one by one.
 *
 * Return: NETIF_F_GSO_UDP_TUNNEL and NETIF_F_GSO_UDP_TUNNEL_CSUM, or less.
 */
netdev_features_t vmxnet3_tunnel_netdev_features(u32 tunnels)
{
	netdev_features_t features = 0;

	if (tunnels & (NPA_TUNNEL_VXLAN_TSO | NPA_TUNNEL_GENEVE_TSO))
		features |= NETIF_F_GSO_UDP_TUNNEL;
	if (tunnels & (NPA_TUNNEL_VXLAN_OUTER_CSUM |
		       NPA_TUNNEL_GENEVE_OUTER_CSUM))
		features |= NETIF_F_GSO_UDP_TUNNEL_CSUM;
	return features;
}

/* Bytes of a tunnel's headers behind UDP's for a port, 0 if it is none. */
static u32 vmxnet3_tunnel_hlen(__be16 port, const void *header)
{
	const struct genevehdr *geneve = header;
	const struct vxlanhdr *vxlan = header;

	switch (ntohs(port)) {
	case VXLAN_PORT:
	case VXLAN_PORT_OLD:
		/* No extension: those change what follows. */
		return vxlan->vx_flags == VXLAN_HF_VNI ? sizeof(*vxlan) : 0;
	case GENEVE_UDP_PORT:
		return geneve->proto_type == htons(ETH_P_TEB) ?
		       sizeof(*geneve) + geneve->opt_len * 4 : 0;
	default:
		return 0;
	}
}

/* Bytes of an IP header without extras, 0 if it is anything else. */
static u32 vmxnet3_tunnel_ip_hlen(const void *header, bool v6, u8 protocol)
{
	const struct ipv6hdr *ip6 = header;
	const struct iphdr *iph = header;

	if (v6)
		return ip6->version == 6 && ip6->nexthdr == protocol ?
		       sizeof(*ip6) : 0;
	return iph->version == 4 && iph->ihl == 5 &&
	       iph->protocol == protocol && !ip_is_fragment(iph) ?
	       sizeof(*iph) : 0;
}

static u32 vmxnet3_tunnel_mac_offset(const struct sk_buff *skb)
{
	return skb_inner_mac_header(skb) - skb->data;
}

/* The outer headers of a frame to send: flags for the plugin, 0 if unfit. */
static u32 vmxnet3_tunnel_outer(const struct sk_buff *skb)
{
	bool v6 = skb->protocol == htons(ETH_P_IPV6);
	u32 udp = skb_transport_offset(skb);
	const struct udphdr *uh;
	u32 hlen;

	if (!v6 && skb->protocol != htons(ETH_P_IP))
		return 0;
	if (skb_network_offset(skb) != ETH_HLEN ||
	    ETH_HLEN + vmxnet3_tunnel_ip_hlen(skb_network_header(skb), v6,
					      IPPROTO_UDP) != udp)
		return 0;
	uh = (const void *)skb_transport_header(skb);
	hlen = vmxnet3_tunnel_hlen(uh->dest, uh + 1);
	if (!hlen || skb->inner_protocol_type != ENCAP_TYPE_ETHER ||
	    skb->inner_protocol != htons(ETH_P_TEB) ||
	    vmxnet3_tunnel_mac_offset(skb) != udp + sizeof(*uh) + hlen ||
	    udp + sizeof(*uh) + hlen + TUNNEL_INNER_MIN > skb_headlen(skb))
		return 0;
	return NPA_TX_TUNNEL | (v6 ? NPA_TX_OUTER_IPV6 : 0) |
	       (uh->dest == htons(GENEVE_UDP_PORT) ? NPA_TX_GENEVE : 0);
}

/* The inner headers, whose checksum is left to do. */
static u32 vmxnet3_tunnel_inner(const struct sk_buff *skb)
{
	const struct ethhdr *eth = (const void *)skb_inner_mac_header(skb);
	bool tcp = skb->csum_offset == offsetof(struct tcphdr, check);
	bool v6 = eth->h_proto == htons(ETH_P_IPV6);
	u32 l3 = skb_inner_network_offset(skb);
	u32 l4 = skb_checksum_start_offset(skb);
	u32 hlen;

	if (!tcp && skb->csum_offset != offsetof(struct udphdr, check))
		return 0;
	if (!v6 && eth->h_proto != htons(ETH_P_IP))
		return 0;
	if (l3 != vmxnet3_tunnel_mac_offset(skb) + ETH_HLEN)
		return 0;
	hlen = vmxnet3_tunnel_ip_hlen(skb_inner_network_header(skb), v6,
				      tcp ? IPPROTO_TCP : IPPROTO_UDP);
	if (!hlen || l4 != l3 + hlen || l4 != skb_inner_transport_offset(skb))
		return 0;
	return (v6 ? NPA_TX_IPV6 : NPA_TX_IPV4) |
	       (tcp ? NPA_TX_TCP : NPA_TX_UDP);
}

static u32 vmxnet3_tunnel_payload(const struct sk_buff *skb, u32 flags)
{
	return skb_inner_transport_offset(skb) +
	       (flags & NPA_TX_TCP ? inner_tcp_hdrlen(skb) :
		sizeof(struct udphdr));
}

/*
 * Flags of a frame as a device parses it, 0 if it is not of that kind: there
 * is a checksum to be computed inside, and all headers are in one piece.
 */
static u32 vmxnet3_tunnel_parse(const struct sk_buff *skb)
{
	u32 outer, inner, headers;

	if (skb->ip_summed != CHECKSUM_PARTIAL ||
	    skb_headlen(skb) < TUNNEL_HEADERS_MIN)
		return 0;
	outer = vmxnet3_tunnel_outer(skb);
	inner = outer ? vmxnet3_tunnel_inner(skb) : 0;
	if (!inner)
		return 0;
	if (inner & NPA_TX_TCP &&
	    skb_inner_transport_offset(skb) + sizeof(struct tcphdr) >
	    skb_headlen(skb))
		return 0;
	headers = vmxnet3_tunnel_payload(skb, inner);
	if (headers > TUNNEL_HEADERS_MAX || headers > skb_headlen(skb))
		return 0;
	return outer | inner | NPA_TX_CSUM;
}

/* What a frame with these flags takes, as bits of enum npa_tunnel. */
static u32 vmxnet3_tunnel_needs(const struct sk_buff *skb, u32 flags)
{
	bool geneve = flags & NPA_TX_GENEVE;
	u32 needs;

	needs = geneve ? NPA_TUNNEL_GENEVE_CSUM : NPA_TUNNEL_VXLAN_CSUM;
	if (!skb_is_gso(skb))
		return needs;
	needs |= geneve ? NPA_TUNNEL_GENEVE_TSO : NPA_TUNNEL_VXLAN_TSO;
	if (skb_shinfo(skb)->gso_type & SKB_GSO_UDP_TUNNEL_CSUM)
		needs |= geneve ? NPA_TUNNEL_GENEVE_OUTER_CSUM :
			 NPA_TUNNEL_VXLAN_OUTER_CSUM;
	return needs;
}

/**
 * vmxnet3_tunnel_features() - what may be left to the path in use
 * @skb: a frame to send in which something is encapsulated
 * @features: what the stack would leave
 * @tunnels: what the path does, bits of &enum npa_tunnel
 *
 * The path may be another one by the time the frame is sent; see
 * vmxnet3_tunnel_prepare().
 *
 * Context: any.
 * Return: @features or less.
 */
netdev_features_t vmxnet3_tunnel_features(const struct sk_buff *skb,
					  netdev_features_t features,
					  u32 tunnels)
{
	u32 flags = vmxnet3_tunnel_parse(skb);
	u32 missing;

	if (!flags)
		return features & ~(NETIF_F_CSUM_MASK | NETIF_F_GSO_MASK);
	missing = vmxnet3_tunnel_needs(skb, flags) & ~tunnels;
	if (!missing)
		return features;
	if (missing & (NPA_TUNNEL_VXLAN_CSUM | NPA_TUNNEL_GENEVE_CSUM))
		features &= ~NETIF_F_CSUM_MASK;
	return features & ~NETIF_F_GSO_MASK;
}

/* Let the inner TCP checksum be the sum of the pseudo header of @len bytes. */
static int vmxnet3_tunnel_pseudo(struct sk_buff *skb, u32 flags, u32 len)
{
	struct tcphdr *th;

	if (skb_cow_head(skb, 0))
		return -ENOMEM;
	th = inner_tcp_hdr(skb);
	if (flags & NPA_TX_IPV4) {
		struct iphdr *iph = inner_ip_hdr(skb);

		iph->check = 0;
		th->check = ~tcp_v4_check(len, iph->saddr, iph->daddr, 0);
	} else {
		const struct ipv6hdr *ip6 = inner_ipv6_hdr(skb);

		th->check = ~tcp_v6_check(len, &ip6->saddr, &ip6->daddr, 0);
	}
	return 0;
}

/* As vmxnet3_tx_prepare_tso() does with a frame that is in no tunnel. */
static int vmxnet3_tunnel_prepare_tso(struct sk_buff *skb,
				      struct npa_tx_info *info)
{
	int err = vmxnet3_tunnel_pseudo(skb, info->flags, 0);

	if (err)
		return err;
	info->flags |= NPA_TX_TSO;
	if (skb_shinfo(skb)->gso_type & SKB_GSO_UDP_TUNNEL_CSUM)
		info->flags |= NPA_TX_OUTER_CSUM;
	info->mss = skb_shinfo(skb)->gso_size;
	return 0;
}

/**
 * vmxnet3_tunnel_prepare() - describe a frame in a tunnel to the plugin
 * @skb: the frame, encapsulated, with a checksum left to do
 * @info: gets flags, offsets and the segment size; has the VLAN tag already
 * @tunnels: what the path that it will go to does
 *
 * Context: the TX lock of the frame's queue is held.
 * Return: 0, a negative errno, or 1 if that path cannot do what is left to do.
 */
int vmxnet3_tunnel_prepare(struct sk_buff *skb, struct npa_tx_info *info,
			   u32 tunnels)
{
	u32 flags = vmxnet3_tunnel_parse(skb);

	if (!flags || vmxnet3_tunnel_needs(skb, flags) & ~tunnels)
		return 1;
	info->flags = flags | (info->flags & NPA_TX_VLAN);
	info->l3_offset = skb_network_offset(skb);
	info->inner_l3_offset = skb_inner_network_offset(skb);
	info->l4_offset = skb_checksum_start_offset(skb);
	info->l4_payload_offset = vmxnet3_tunnel_payload(skb, flags);
	info->csum_offset = skb->csum_offset;
	return skb_is_gso(skb) ? vmxnet3_tunnel_prepare_tso(skb, info) : 0;
}

/**
 * vmxnet3_tunnel_software() - do what a path cannot
 * @skb: a frame that vmxnet3_tunnel_prepare() has returned 1 for
 *
 * Such a frame was prepared for another path, and the path was changed before
 * it came.
 *
 * Context: any.
 * Return: the frame, or a list of its segments, with nothing left to do that
 * is particular to tunnels; NULL if there is no memory.  @skb belongs to the
 * caller still if the result is another one.
 */
struct sk_buff *vmxnet3_tunnel_software(struct sk_buff *skb)
{
	u32 flags = vmxnet3_tunnel_parse(skb);
	struct sk_buff *segs;

	if (!skb_is_gso(skb))
		return skb_checksum_help(skb) ? NULL : skb;
	/* It may have been described to a path that was full then. */
	if (flags && vmxnet3_tunnel_pseudo(skb, flags, skb->len -
					   skb_inner_transport_offset(skb)))
		return NULL;
	segs = skb_gso_segment(skb, NETIF_F_SG | NETIF_F_HIGHDMA);
	return IS_ERR_OR_NULL(segs) ? NULL : segs;
}

/**
 * vmxnet3_tunnel_find() - find the parts of a received frame in a tunnel
 * @skb: the frame, from its Ethernet header on
 * @t: receives where they are
 *
 * All headers up to the inner Ethernet header are in one piece then.
 *
 * Context: poll.
 * Return: false if it is no such frame.
 */
bool vmxnet3_tunnel_find(struct sk_buff *skb, struct vmxnet3_tunnel *t)
{
	const struct udphdr *uh;
	__be16 proto;
	u32 hlen;

	proto = ((const struct ethhdr *)skb->data)->h_proto;
	t->l3 = ETH_HLEN;
	if (proto == htons(ETH_P_8021Q)) {
		if (!pskb_may_pull(skb, VLAN_ETH_HLEN))
			return false;
		proto = ((const struct vlan_ethhdr *)skb->data)->
			h_vlan_encapsulated_proto;
		t->l3 = VLAN_ETH_HLEN;
	}
	t->v6 = proto == htons(ETH_P_IPV6);
	if (!t->v6 && proto != htons(ETH_P_IP))
		return false;
	/* What follows is at least as long as the longer of the two. */
	if (!pskb_may_pull(skb, t->l3 + sizeof(struct ipv6hdr)))
		return false;
	hlen = vmxnet3_tunnel_ip_hlen(skb->data + t->l3, t->v6, IPPROTO_UDP);
	t->udp = t->l3 + hlen;
	if (!hlen || !pskb_may_pull(skb, t->udp + sizeof(*uh) +
					 sizeof(struct genevehdr)))
		return false;
	uh = (const void *)(skb->data + t->udp);
	hlen = vmxnet3_tunnel_hlen(uh->dest, uh + 1);
	t->mac = t->udp + sizeof(*uh) + hlen;
	t->udp_len = ntohs(uh->len);
	t->has_csum = uh->check;
	return hlen && t->udp_len <= skb->len - t->udp &&
	       pskb_may_pull(skb, t->mac + ETH_HLEN);
}

/*
 * Is the outer checksum right, if the inner one is?  What the inner one
 * covers then sums up to the complement of its pseudo header, so only headers
 * are looked at.
 */
static bool vmxnet3_tunnel_outer_right(struct sk_buff *skb,
				       const struct vmxnet3_tunnel *t)
{
	const struct ethhdr *eth = (const void *)(skb->data + t->mac);
	u32 l3 = t->mac + ETH_HLEN;
	const struct ipv6hdr *ip6;
	const struct iphdr *iph;
	__wsum sum;
	u8 proto;
	u32 l4;

	if (!pskb_may_pull(skb, l3 + sizeof(*ip6)))
		return false;
	eth = (const void *)(skb->data + t->mac);
	iph = (const void *)(skb->data + l3);
	ip6 = (const void *)(skb->data + l3);
	if (eth->h_proto == htons(ETH_P_IP) && iph->version == 4 &&
	    iph->ihl == 5 && !ip_is_fragment(iph)) {
		proto = iph->protocol;
		l4 = l3 + sizeof(*iph);
		if (l3 + ntohs(iph->tot_len) != t->udp + t->udp_len)
			return false;
		sum = csum_tcpudp_nofold(iph->saddr, iph->daddr,
					 ntohs(iph->tot_len) - sizeof(*iph),
					 proto, 0);
	} else if (eth->h_proto == htons(ETH_P_IPV6) && ip6->version == 6) {
		proto = ip6->nexthdr;
		l4 = l3 + sizeof(*ip6);
		if (l4 + ntohs(ip6->payload_len) != t->udp + t->udp_len)
			return false;
		sum = ~csum_unfold(csum_ipv6_magic(&ip6->saddr, &ip6->daddr,
						   ntohs(ip6->payload_len),
						   proto, 0));
	} else {
		return false;
	}
	/* UDP without a checksum was not checked, whatever was said. */
	if (proto == IPPROTO_UDP) {
		if (!pskb_may_pull(skb, l4 + sizeof(struct udphdr)) ||
		    !((const struct udphdr *)(skb->data + l4))->check)
			return false;
	} else if (proto != IPPROTO_TCP) {
		return false;
	}
	if (!pskb_may_pull(skb, l4))
		return false;
	sum = csum_partial(skb->data + t->udp, l4 - t->udp, ~sum);
	if (t->v6) {
		ip6 = (const void *)(skb->data + t->l3);
		return !csum_ipv6_magic(&ip6->saddr, &ip6->daddr, t->udp_len,
					IPPROTO_UDP, sum);
	}
	iph = (const void *)(skb->data + t->l3);
	return !csum_tcpudp_magic(iph->saddr, iph->daddr, t->udp_len,
				  IPPROTO_UDP, sum);
}

/**
 * vmxnet3_tunnel_describe() - say what is known of a received frame's sums
 * @skb: the frame, from its Ethernet header on; it has CHECKSUM_UNNECESSARY if
 *	the inner checksums are right
 *
 * The stack wants the verdict from the outside in, and no device has promised
 * one about the outer UDP checksum: it must be missing, or be seen to be right.
 *
 * Context: poll.
 */
void vmxnet3_tunnel_describe(struct sk_buff *skb)
{
	struct vmxnet3_tunnel t;

	if (skb->ip_summed != CHECKSUM_UNNECESSARY)
		return;
	if (vmxnet3_tunnel_find(skb, &t) &&
	    (!t.has_csum || vmxnet3_tunnel_outer_right(skb, &t)))
		skb->csum_level = 1;
	else
		skb->ip_summed = CHECKSUM_NONE;
}

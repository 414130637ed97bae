// SPDX-License-Identifier: GPL-2.0
/*
 * XDP programs for tests.  "ip link set dev NIC xdp obj FILE program NAME".
 * They look at UDP over IPv4 only and let everything else pass.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/* Ports of the program "verdict". */
#define PORT_DROP	7001
#define PORT_ABORTED	7002
#define PORT_UNKNOWN	7003
#define PORT_TX		7004
#define PORT_VETH	7005
#define PORT_NOWHERE	7006
/* Interfaces that a test gives these numbers. */
#define IFINDEX_NIC	2
#define IFINDEX_VETH	77
#define IFINDEX_NONE	999

struct headers {
	struct ethhdr eth;
	struct iphdr ip;
	struct udphdr udp;
} __attribute__((packed));

/* The headers of a UDP packet, else NULL. */
static __always_inline struct headers *udp_headers(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end;
	struct headers *h = (void *)(long)ctx->data;

	if ((void *)(h + 1) > end)
		return NULL;
	if (h->eth.h_proto != bpf_htons(ETH_P_IP) || h->ip.ihl != 5 ||
	    h->ip.protocol != IPPROTO_UDP ||
	    h->ip.frag_off & bpf_htons(0x3fff))
		return NULL;
	return h;
}

/* Back to the sender, to the same port; no checksum changes by that. */
static __always_inline void turn(struct headers *h)
{
	__u8 mac[ETH_ALEN];
	__be32 addr = h->ip.saddr;

	__builtin_memcpy(mac, h->eth.h_source, ETH_ALEN);
	__builtin_memcpy(h->eth.h_source, h->eth.h_dest, ETH_ALEN);
	__builtin_memcpy(h->eth.h_dest, mac, ETH_ALEN);
	h->ip.saddr = h->ip.daddr;
	h->ip.daddr = addr;
}

static __always_inline int do_echo(struct xdp_md *ctx)
{
	struct headers *h = udp_headers(ctx);

	if (!h)
		return XDP_PASS;
	turn(h);
	return XDP_TX;
}

SEC("xdp")
int pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}

SEC("xdp.frags")
int pass_frags(struct xdp_md *ctx)
{
	return XDP_PASS;
}

SEC("xdp")
int drop(struct xdp_md *ctx)
{
	return udp_headers(ctx) ? XDP_DROP : XDP_PASS;
}

SEC("xdp")
int echo(struct xdp_md *ctx)
{
	return do_echo(ctx);
}

SEC("xdp.frags")
int echo_frags(struct xdp_md *ctx)
{
	return do_echo(ctx);
}

/* The same by way of ndo_xdp_xmit. */
SEC("xdp.frags")
int redirect_self(struct xdp_md *ctx)
{
	struct headers *h = udp_headers(ctx);

	if (!h)
		return XDP_PASS;
	turn(h);
	return bpf_redirect(ctx->ingress_ifindex, 0);
}

SEC("xdp.frags")
int redirect_nic(struct xdp_md *ctx)
{
	return udp_headers(ctx) ? bpf_redirect(IFINDEX_NIC, 0) : XDP_PASS;
}

SEC("xdp.frags")
int verdict(struct xdp_md *ctx)
{
	struct headers *h = udp_headers(ctx);

	if (!h)
		return XDP_PASS;
	switch (bpf_ntohs(h->udp.dest)) {
	case PORT_DROP:
		return XDP_DROP;
	case PORT_ABORTED:
		return XDP_ABORTED;
	case PORT_UNKNOWN:
		return 4711;
	case PORT_TX:
		return do_echo(ctx);
	case PORT_VETH:
		return bpf_redirect(IFINDEX_VETH, 0);
	case PORT_NOWHERE:
		return bpf_redirect(IFINDEX_NONE, 0);
	}
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";

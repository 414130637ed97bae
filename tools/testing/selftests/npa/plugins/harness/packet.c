// SPDX-License-Identifier: GPL-2.0
/*
 * Packets that can be recognised.
 */
#include <string.h>

#include "packet.h"

#define IPV4_LEN	20
#define IPV6_LEN	40
#define TCP_LEN		20
#define TCP_OPTIONS	12
#define UDP_LEN		8
#define PORT		2000
#define FLOW_PORT	1000
#define TCP_PSH_ACK	0x18

const uint8_t packet_vf_mac[6] = { 2, 0, 0, 0, 0, 1 };
const uint8_t packet_peer_mac[6] = { 2, 0, 0, 0, 0, 2 };

static void put16(uint8_t *p, uint32_t value)
{
	p[0] = value >> 8;
	p[1] = value;
}

static uint32_t get16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

uint32_t packet_sum(const uint8_t *p, size_t len, uint32_t sum)
{
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		sum += get16(p + i);
	if (len & 1)
		sum += p[len - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static size_t l3_len(const struct packet *k)
{
	return k->ipv6 ? IPV6_LEN : IPV4_LEN;
}

static size_t l4_len(const struct packet *k)
{
	if (!k->tcp)
		return UDP_LEN;
	return TCP_LEN + (k->options ? TCP_OPTIONS : 0);
}

static size_t csum_offset(const struct packet *k)
{
	return k->tcp ? 16 : 6;
}

size_t packet_headers(const struct packet *k)
{
	return PACKET_L3 + l3_len(k) + l4_len(k);
}

uint8_t packet_byte(const struct packet *k, uint32_t offset)
{
	if (!k->tcp && offset < PACKET_MIN_PAYLOAD)
		return k->seq >> 8 * offset;
	return offset * 7 + (offset >> 8) + k->seq * 13 + k->flow;
}

static void make_l3(const struct packet *k, uint8_t *p, size_t payload)
{
	uint8_t proto = k->tcp ? 6 : 17;

	memset(p, 0, l3_len(k));
	if (k->ipv6) {
		p[0] = 6 << 4;
		put16(p + 4, payload);
		p[6] = proto;
		p[7] = 64;
		p[8] = 0xfd;
		p[23] = k->to_vf ? 2 : 1;
		p[24] = 0xfd;
		p[39] = k->to_vf ? 1 : 2;
		return;
	}
	p[0] = 0x45;
	put16(p + 2, IPV4_LEN + payload);
	put16(p + 4, k->seq);
	p[8] = 64;
	p[9] = proto;
	p[12] = 10;
	p[15] = k->to_vf ? 2 : 1;
	p[16] = 10;
	p[19] = k->to_vf ? 1 : 2;
	put16(p + 10, ~packet_sum(p, IPV4_LEN, 0));
}

static void make_l4(const struct packet *k, uint8_t *p, size_t len)
{
	memset(p, 0, l4_len(k));
	put16(p, FLOW_PORT + k->flow);
	put16(p + 2, PORT);
	if (!k->tcp) {
		put16(p + 4, len);
		return;
	}
	put16(p + 4, k->seq);
	p[12] = l4_len(k) / 4 << 4;
	p[13] = TCP_PSH_ACK;
	put16(p + 14, 0x7210);
	memset(p + TCP_LEN, 1, l4_len(k) - TCP_LEN);	/* no operation */
}

/* Sum of the pseudo header, with a length of 0 if it is not to be in it. */
static uint32_t pseudo_sum(const struct packet *k, const uint8_t *l3,
			   size_t len)
{
	uint32_t sum = len + (k->tcp ? 6 : 17);

	if (k->ipv6)
		return packet_sum(l3 + 8, 32, sum);
	return packet_sum(l3 + 12, 8, sum);
}

static size_t make(const struct packet *k, uint8_t *p)
{
	uint8_t *l3 = p + PACKET_L3, *l4 = l3 + l3_len(k);
	size_t len = l4_len(k) + k->payload;
	uint32_t i;

	memcpy(p, k->to_vf ? packet_vf_mac : packet_peer_mac, 6);
	memcpy(p + 6, k->to_vf ? packet_peer_mac : packet_vf_mac, 6);
	put16(p + 12, k->ipv6 ? 0x86dd : 0x0800);
	make_l3(k, l3, len);
	make_l4(k, l4, len);
	for (i = 0; i < k->payload; i++)
		l4[l4_len(k) + i] = packet_byte(k, i);
	return packet_headers(k) + k->payload;
}

size_t packet_make(const struct packet *k, uint8_t *to)
{
	size_t len = make(k, to), l4 = PACKET_L3 + l3_len(k);
	uint32_t sum;

	sum = ~packet_sum(to + l4, len - l4,
			  pseudo_sum(k, to + PACKET_L3, len - l4)) & 0xffff;
	if (!sum && !k->tcp)
		sum = 0xffff;
	if (k->bad_csum)
		sum ^= 0x0100;
	put16(to + l4 + csum_offset(k), sum);
	return len;
}

size_t packet_make_partial(const struct packet *k, bool tso, uint8_t *to)
{
	size_t len = make(k, to), l4 = PACKET_L3 + l3_len(k);

	put16(to + l4 + csum_offset(k),
	      pseudo_sum(k, to + PACKET_L3, tso ? 0 : len - l4));
	/* As from the stack: the hardware knows the lengths of segments. */
	if (tso && !k->ipv6)
		put16(to + PACKET_L3 + 10, 0);
	return len;
}

void packet_describe(const struct packet *k, uint32_t flags, uint16_t mss,
		     struct npa_tx_info *info)
{
	memset(info, 0, sizeof(*info));
	info->l3_offset = PACKET_L3;
	if (k->tagged) {
		info->flags |= NPA_TX_VLAN;
		info->vlan_tag = k->tci;
	}
	if (!flags)
		return;
	info->flags |= flags | (k->ipv6 ? NPA_TX_IPV6 : NPA_TX_IPV4) |
		       (k->tcp ? NPA_TX_TCP : NPA_TX_UDP);
	info->l4_offset = PACKET_L3 + l3_len(k);
	info->csum_offset = csum_offset(k);
	if (flags & NPA_TX_TSO) {
		info->mss = mss;
		info->l4_payload_offset = packet_headers(k);
	}
}

bool packet_identify(const uint8_t *frame, size_t len, uint16_t *flow,
		     uint32_t *seq, uint32_t *offset)
{
	struct packet k = { .ipv6 = false };
	const uint8_t *l4;

	if (len < PACKET_L3 + IPV4_LEN)
		return false;
	k.ipv6 = get16(frame + 12) == 0x86dd;
	if (!k.ipv6 && get16(frame + 12) != 0x0800)
		return false;
	k.tcp = frame[PACKET_L3 + (k.ipv6 ? 6 : 9)] == 6;
	if (len < packet_headers(&k) + (k.tcp ? 0 : PACKET_MIN_PAYLOAD))
		return false;
	l4 = frame + PACKET_L3 + l3_len(&k);
	*flow = get16(l4) - FLOW_PORT;
	if (k.tcp) {
		*seq = get16(l4 + 4);
		*offset = get16(l4 + 6);
	} else {
		*seq = l4[UDP_LEN] | l4[UDP_LEN + 1] << 8;
		*offset = 0;
	}
	return true;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Frames: headers, checksums, segmentation, the RSS hash.  Nothing here trusts
 * what a frame says about its own lengths.
 */
#include <errno.h>
#include <string.h>

#include "frame.h"

#define ETH_TYPE_IPV4		0x0800
#define ETH_TYPE_IPV6		0x86dd
#define ETH_TYPE_VLAN		0x8100
#define PROTO_HOPOPTS		0
#define PROTO_TCP		6
#define PROTO_UDP		17
#define PROTO_ROUTING		43
#define PROTO_FRAGMENT		44
#define PROTO_ESP		50
#define PROTO_DSTOPTS		60
#define MAX_EXTENSIONS		8
#define IPV4_LEN		20
#define IPV6_LEN		40
#define TCP_LEN			20
#define UDP_LEN			8
#define ESP_LEN			8
#define TCP_CSUM_OFFSET		16
#define UDP_CSUM_OFFSET		6
#define COST_BYTES		8192	/* to copy, for one more frame */
#define COST_SEGMENTS		16	/* to make, for the same */
#define TCP_FLAG_FIN		0x01
#define TCP_FLAG_PSH		0x08
#define TCP_FLAG_CWR		0x80

static uint16_t get16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static void put16(uint8_t *p, uint16_t value)
{
	p[0] = value >> 8;
	p[1] = value;
}

static void put32(uint8_t *p, uint32_t value)
{
	put16(p, value >> 16);
	put16(p + 2, value);
}

/*
 * Internet checksum.  The sum does not depend on byte order except for one
 * final swap, so it runs over words as they lie in memory.
 */
static uint64_t sum_bytes(const uint8_t *p, size_t len)
{
	uint64_t sum = 0;
	uint32_t word;
	uint16_t half;

	for (; len >= 4; len -= 4, p += 4) {
		memcpy(&word, p, 4);
		sum += word;
	}
	if (len & 2) {
		memcpy(&half, p, 2);
		sum += half;
		p += 2;
	}
	if (len & 1) {
		half = 0;
		memcpy(&half, p, 1);
		sum += half;
	}
	return sum;
}

static uint16_t fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* A 16-bit number as it lies in memory in network order. */
static uint16_t as_stored(uint16_t value)
{
	uint8_t bytes[2];
	uint16_t stored;

	put16(bytes, value);
	memcpy(&stored, bytes, 2);
	return stored;
}

static uint64_t pseudo_sum(const uint8_t *l3, bool ipv6, uint8_t proto,
			   uint32_t len)
{
	uint64_t sum = (uint64_t)as_stored(proto) + as_stored(len >> 16) +
		       as_stored(len & 0xffff);

	return sum + (ipv6 ? sum_bytes(l3 + 8, 32) : sum_bytes(l3 + 12, 8));
}

static bool parse_ipv4(const struct frame *f, struct frame_info *info,
		       uint8_t *proto, size_t *end)
{
	const uint8_t *ip = f->data + info->l3_offset;
	size_t room = f->len - info->l3_offset;
	size_t header_len, total_len;

	if (room < IPV4_LEN || ip[0] >> 4 != 4)
		return false;
	header_len = (ip[0] & 0xf) * 4;
	total_len = get16(ip + 2);
	if (header_len < IPV4_LEN || header_len > room)
		return false;
	info->ipv4 = true;
	info->ip_csum_ok = fold(sum_bytes(ip, header_len)) == 0xffff;
	info->fragment = get16(ip + 6) & 0x3fff;
	info->l4_offset = info->l3_offset + header_len;
	*proto = ip[9];
	if (f->gso_size)
		total_len = room;
	if (total_len < header_len || total_len > room)
		return false;
	*end = info->l3_offset + total_len;
	return true;
}

/* Walk the extension headers, of which there is a bounded number. */
static bool parse_ipv6(const struct frame *f, struct frame_info *info,
		       uint8_t *proto, size_t *end)
{
	const uint8_t *ip = f->data + info->l3_offset;
	size_t room = f->len - info->l3_offset;
	size_t offset = IPV6_LEN, payload_len;
	uint8_t next;

	if (room < IPV6_LEN || ip[0] >> 4 != 6)
		return false;
	info->ipv6 = true;
	payload_len = f->gso_size ? room - IPV6_LEN : get16(ip + 4);
	if (payload_len > room - IPV6_LEN)
		return false;
	*end = info->l3_offset + IPV6_LEN + payload_len;
	next = ip[6];
	for (int i = 0; i < MAX_EXTENSIONS; i++) {
		if (next != PROTO_HOPOPTS && next != PROTO_ROUTING &&
		    next != PROTO_DSTOPTS && next != PROTO_FRAGMENT)
			break;
		if (offset + 8 > room)
			return false;
		if (next == PROTO_FRAGMENT)
			info->fragment = true;
		next = ip[offset];
		offset += info->fragment ? 8 : (ip[offset + 1] + 1) * 8;
		if (info->fragment)
			break;
	}
	if (offset > room)
		return false;
	info->l4_offset = info->l3_offset + offset;
	*proto = next;
	return true;
}

static bool l4_csum_ok(const struct frame *f, const struct frame_info *info,
		       uint8_t proto, size_t end)
{
	const uint8_t *l3 = f->data + info->l3_offset;
	const uint8_t *l4 = f->data + info->l4_offset;
	size_t len = end - info->l4_offset;
	uint64_t sum;

	/* UDP over IPv4 need not have one: nothing was checked then. */
	if (proto == PROTO_UDP && !get16(l4 + UDP_CSUM_OFFSET))
		return false;
	sum = pseudo_sum(l3, info->ipv6, proto, len) + sum_bytes(l4, len);
	return fold(sum) == 0xffff;
}

static void parse_l4(const struct frame *f, struct frame_info *info,
		     uint8_t proto, size_t end, bool check_csum)
{
	const uint8_t *l4 = f->data + info->l4_offset;
	size_t room = end > info->l4_offset ? end - info->l4_offset : 0;
	size_t header_len;

	if (proto == PROTO_TCP && room >= TCP_LEN) {
		header_len = (l4[12] >> 4) * 4;
		if (header_len < TCP_LEN || header_len > room)
			return;
		info->tcp = true;
	} else if (proto == PROTO_UDP && room >= UDP_LEN) {
		header_len = UDP_LEN;
		info->udp = true;
	} else {
		info->esp = proto == PROTO_ESP && room >= ESP_LEN;
		return;
	}
	info->payload_offset = info->l4_offset + header_len;
	if (check_csum && !f->csum_partial)
		info->l4_csum_ok = l4_csum_ok(f, info, proto, end);
}

void frame_parse(const struct frame *f, struct frame_info *info,
		 bool check_csum)
{
	size_t end = 0;
	uint8_t proto;
	bool ok;

	memset(info, 0, sizeof(*info));
	if (f->len < FRAME_HEADER_LEN)
		return;
	info->l3_offset = FRAME_HEADER_LEN;
	switch (get16(f->data + 12)) {
	case ETH_TYPE_IPV4:
		ok = parse_ipv4(f, info, &proto, &end);
		break;
	case ETH_TYPE_IPV6:
		ok = parse_ipv6(f, info, &proto, &end);
		break;
	default:
		return;
	}
	if (ok && !info->fragment)
		parse_l4(f, info, proto, end, check_csum);
}

int frame_csum(const struct frame *f, uint16_t *value)
{
	size_t field = (size_t)f->csum_start + f->csum_offset;
	uint16_t csum;

	if (f->csum_start >= f->len || field + 2 > f->len)
		return -EINVAL;
	csum = ~fold(sum_bytes(f->data + f->csum_start,
			       f->len - f->csum_start));
	/* A computed 0 is sent as its other representation: 0 in UDP says
	 * that there is no checksum.
	 */
	*value = csum ? csum : 0xffff;
	return 0;
}

int frame_finish_csum(struct frame *f)
{
	uint16_t csum;
	int err;

	if (!f->csum_partial)
		return 0;
	err = frame_csum(f, &csum);
	if (err)
		return err;
	memcpy(f->data + f->csum_start + f->csum_offset, &csum, 2);
	f->csum_partial = false;
	return 0;
}

void frame_take_tag(struct frame *f)
{
	if (f->has_vlan || f->len < FRAME_HEADER_LEN + 4 ||
	    get16(f->data + 12) != ETH_TYPE_VLAN)
		return;
	f->has_vlan = true;
	f->vlan_tci = get16(f->data + 14);
	memmove(f->data + 4, f->data, 12);
	f->data += 4;
	f->len -= 4;
	if (f->csum_start >= 4)
		f->csum_start -= 4;
	if (f->hdr_len >= 4)
		f->hdr_len -= 4;
}

void frame_put_tag(struct frame *f)
{
	if (!f->has_vlan)
		return;
	memmove(f->data - 4, f->data, 12);
	f->data -= 4;
	f->len += 4;
	put16(f->data + 12, ETH_TYPE_VLAN);
	put16(f->data + 14, f->vlan_tci);
	f->has_vlan = false;
	f->csum_start += 4;
	f->hdr_len += 4;
}

static void set_ipv4_csum(uint8_t *ip)
{
	uint16_t csum;

	memset(ip + 10, 0, 2);
	csum = ~fold(sum_bytes(ip, (ip[0] & 0xf) * 4));
	memcpy(ip + 10, &csum, 2);
}

static void set_l3_len(struct frame *f, const struct frame_info *info)
{
	uint8_t *l3 = f->data + info->l3_offset;
	size_t len = f->len - info->l3_offset;

	if (info->ipv6) {
		put16(l3 + 4, len - IPV6_LEN);
		return;
	}
	put16(l3 + 2, len);
	set_ipv4_csum(l3);
}

void frame_finish_udp(struct frame *f, const struct frame_info *info, bool csum,
		      uint16_t id)
{
	uint8_t *l3 = f->data + info->l3_offset;
	uint8_t *udp = f->data + info->l4_offset;
	size_t len = f->len - info->l4_offset;
	uint16_t sum = 0;

	if (info->ipv4)
		put16(l3 + 4, get16(l3 + 4) + id);
	set_l3_len(f, info);
	put16(udp + 4, len);
	memcpy(udp + UDP_CSUM_OFFSET, &sum, 2);
	if (!csum)
		return;
	sum = ~fold(pseudo_sum(l3, info->ipv6, PROTO_UDP, len) +
		    sum_bytes(udp, len));
	if (!sum)
		sum = 0xffff;
	memcpy(udp + UDP_CSUM_OFFSET, &sum, 2);
}

static void set_pseudo_sum(struct frame *f, const struct frame_info *info)
{
	uint16_t sum = fold(pseudo_sum(f->data + info->l3_offset, info->ipv6,
				       PROTO_TCP, f->len - info->l4_offset));

	memcpy(f->data + info->l4_offset + TCP_CSUM_OFFSET, &sum, 2);
	f->csum_partial = true;
	f->csum_start = info->l4_offset;
	f->csum_offset = TCP_CSUM_OFFSET;
}

unsigned int frame_cost(const struct frame *f)
{
	unsigned int segments = f->gso_size ? f->len / f->gso_size : 0;

	return 1 + f->len / COST_BYTES + segments / COST_SEGMENTS;
}

int frame_prepare_gso(struct frame *f)
{
	struct frame_info info;

	frame_parse(f, &info, false);
	if (!info.tcp || f->gso_size < FRAME_MIN_GSO ||
	    f->len - info.l3_offset > 0xffff)
		return -EINVAL;
	f->hdr_len = info.payload_offset;
	set_l3_len(f, &info);
	set_pseudo_sum(f, &info);
	return 0;
}

static void make_segment(const struct frame *f, const struct frame_info *info,
			 size_t offset, size_t len, struct frame *segment)
{
	uint8_t *l3 = segment->data + info->l3_offset;
	uint8_t *tcp = segment->data + info->l4_offset;
	bool first = offset == info->payload_offset;
	bool last = offset + len == f->len;
	uint16_t index = (offset - info->payload_offset) / f->gso_size;

	memcpy(segment->data, f->data, info->payload_offset);
	memcpy(segment->data + info->payload_offset, f->data + offset, len);
	segment->len = info->payload_offset + len;
	segment->gso_size = 0;
	put32(tcp + 4, get32(tcp + 4) + (offset - info->payload_offset));
	if (!last)
		tcp[13] &= ~(TCP_FLAG_FIN | TCP_FLAG_PSH);
	if (!first)
		tcp[13] &= ~TCP_FLAG_CWR;
	if (info->ipv4)
		put16(l3 + 4, get16(l3 + 4) + index);
	set_l3_len(segment, info);
	set_pseudo_sum(segment, info);
	frame_finish_csum(segment);
}

void frame_segment(const struct frame *f, uint8_t *buf,
		   void (*fn)(void *arg, struct frame *segment), void *arg)
{
	struct frame_info info;
	size_t offset;

	frame_parse(f, &info, false);
	if (!info.tcp || !f->gso_size)
		return;
	offset = info.payload_offset;
	do {
		struct frame segment = *f;
		size_t len = f->len - offset;

		if (len > f->gso_size)
			len = f->gso_size;
		segment.data = buf;
		make_segment(f, &info, offset, len, &segment);
		fn(arg, &segment);
		offset += len;
	} while (offset < f->len);
}

/* One step of the hash per input bit, window sliding over the key. */
static uint32_t toeplitz(const uint8_t *key, const uint8_t *data, size_t len)
{
	uint32_t hash = 0, window = get32(key);

	for (size_t i = 0; i < len; i++) {
		uint8_t next = key[i + 4];

		for (int bit = 7; bit >= 0; bit--) {
			if (data[i] >> bit & 1)
				hash ^= window;
			window = window << 1 | (next >> bit & 1);
		}
	}
	return hash;
}

uint32_t frame_rss_hash(const struct frame *f, const struct frame_info *info,
			const uint8_t *key, bool l4)
{
	const uint8_t *l3 = f->data + info->l3_offset;
	uint8_t data[36];
	size_t len;

	if (info->ipv4) {
		memcpy(data, l3 + 12, 8);
		len = 8;
	} else if (info->ipv6) {
		memcpy(data, l3 + 8, 32);
		len = 32;
	} else {
		return 0;
	}
	if (l4 && (info->tcp || info->udp || info->esp)) {
		memcpy(data + len, f->data + info->l4_offset, 4);
		len += 4;
	}
	return toeplitz(key, data, len);
}

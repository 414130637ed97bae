// SPDX-License-Identifier: GPL-2.0
/*
 * Frames in VXLAN and Geneve tunnels.  Facts: RFC 7348, RFC 8926.
 */
#include <errno.h>
#include <string.h>

#include "frame_tunnel.h"

#define PORT_VXLAN		4789
#define PORT_VXLAN_OLD		8472	/* Linux's before there was a number */
#define PORT_GENEVE		6081
#define VXLAN_LEN		8
#define VXLAN_FLAG_VNI		0x08
#define GENEVE_LEN		8
#define ETH_TYPE_TEB		0x6558	/* an Ethernet frame follows */

static uint16_t get16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

/* Bytes of the tunnel's own header, 0 if it is none. */
static size_t header_len(const uint8_t *udp, const uint8_t *header, size_t room,
			 enum frame_tunnel_kind *kind)
{
	switch (get16(udp + 2)) {
	case PORT_VXLAN:
	case PORT_VXLAN_OLD:
		*kind = FRAME_VXLAN;
		return room >= VXLAN_LEN && header[0] & VXLAN_FLAG_VNI ?
		       VXLAN_LEN : 0;
	case PORT_GENEVE:
		*kind = FRAME_GENEVE;
		if (room < GENEVE_LEN || header[0] >> 6 ||
		    get16(header + 2) != ETH_TYPE_TEB)
			return 0;
		return GENEVE_LEN + (header[0] & 0x3f) * 4;
	default:
		return 0;
	}
}

struct frame frame_tunnel_inner(const struct frame *f,
				const struct frame_tunnel *tunnel)
{
	return (struct frame){
		.data = f->data + tunnel->offset,
		.len = f->len - tunnel->offset,
		.csum_partial = f->csum_partial,
		.gso_size = f->gso_size,
	};
}

bool frame_tunnel_parse(const struct frame *f, struct frame_tunnel *tunnel,
			bool check_csum)
{
	const uint8_t *udp;
	struct frame inner;
	size_t room, len;

	frame_parse(f, &tunnel->outer, check_csum);
	if (!tunnel->outer.udp)
		return false;
	udp = f->data + tunnel->outer.l4_offset;
	room = f->len - tunnel->outer.payload_offset;
	len = header_len(udp, f->data + tunnel->outer.payload_offset, room,
			 &tunnel->kind);
	if (!len || room < len + FRAME_HEADER_LEN)
		return false;
	tunnel->outer_csum = get16(udp + 6);
	tunnel->offset = tunnel->outer.payload_offset + len;
	inner = frame_tunnel_inner(f, tunnel);
	frame_parse(&inner, &tunnel->inner, check_csum);
	return true;
}

/* A segment of the inner frame gets the outer headers. */
struct wrapper {
	const struct frame *f;
	const struct frame_tunnel *tunnel;
	bool outer_csum;
	uint16_t index;
	uint8_t *buf;
	void (*fn)(void *arg, struct frame *segment);
	void *arg;
};

static void wrap(void *arg, struct frame *segment)
{
	struct wrapper *w = arg;
	struct frame whole = {
		.data = w->buf,
		.len = w->tunnel->offset + segment->len,
		.has_vlan = w->f->has_vlan,
		.vlan_tci = w->f->vlan_tci,
	};

	memcpy(w->buf, w->f->data, w->tunnel->offset);
	frame_finish_udp(&whole, &w->tunnel->outer, w->outer_csum, w->index++);
	w->fn(w->arg, &whole);
}

int frame_tunnel_segment(struct frame *f, const struct frame_tunnel *tunnel,
			 bool outer_csum, uint8_t *buf,
			 void (*fn)(void *arg, struct frame *segment),
			 void *arg)
{
	struct frame inner = frame_tunnel_inner(f, tunnel);
	struct wrapper w = {
		.f = f,
		.tunnel = tunnel,
		.outer_csum = outer_csum,
		.buf = buf,
		.fn = fn,
		.arg = arg,
	};
	int err;

	err = frame_prepare_gso(&inner);
	if (err)
		return err;
	frame_segment(&inner, buf + tunnel->offset, wrap, &w);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Frames in VXLAN and Geneve tunnels: an Ethernet frame behind an outer UDP
 * header.
 */
#ifndef NPAD_FRAME_TUNNEL_H
#define NPAD_FRAME_TUNNEL_H

#include "frame.h"

enum frame_tunnel_kind {
	FRAME_VXLAN,
	FRAME_GENEVE
};

/**
 * struct frame_tunnel - what a tunnel's frame consists of
 * @kind: by the outer UDP port
 * @outer: the outer headers
 * @outer_csum: the outer UDP header has a checksum
 * @offset: of the inner frame, bytes from the outer one's start
 * @inner: its headers; offsets are from the *inner* frame's start
 */
struct frame_tunnel {
	enum frame_tunnel_kind kind;
	struct frame_info outer;
	bool outer_csum;
	uint16_t offset;
	struct frame_info inner;
};

/*
 * Look into a frame; false if it is in no tunnel.  check_csum: check outer and
 * inner checksums.
 */
bool frame_tunnel_parse(const struct frame *f, struct frame_tunnel *tunnel,
			bool check_csum);

/* The frame inside, whose bytes are the outer one's; so are the offloads that
 * are to be done to it.
 */
struct frame frame_tunnel_inner(const struct frame *f,
				const struct frame_tunnel *tunnel);

/*
 * Cut the TCP in a tunnel into segments of f->gso_size bytes with finished
 * checksums, the outer one only if outer_csum says so.  The inner headers are
 * prepared in place as by frame_prepare_gso(), whose errors it returns.  buf:
 * FRAME_MAX bytes for one segment.  fn is called for each.
 */
int frame_tunnel_segment(struct frame *f, const struct frame_tunnel *tunnel,
			 bool outer_csum, uint8_t *buf,
			 void (*fn)(void *arg, struct frame *segment),
			 void *arg);

#endif

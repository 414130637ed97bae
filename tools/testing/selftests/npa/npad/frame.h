/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A frame on its way through the embedded switch, in one form for all ports:
 * a contiguous Ethernet frame without tag, and what is still to be done to it.
 */
#ifndef NPAD_FRAME_H
#define NPAD_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_HEADER_LEN	14	/* Ethernet, without tag */
#define FRAME_TAG_LEN		4	/* of a VLAN */
#define FRAME_MIN_GSO	8	/* bytes, Linux' TCP_MIN_GSO_SIZE */
#define FRAME_MAX	(65536 + 64)	/* bytes, a TSO frame with headers */

/**
 * struct frame - one frame
 * @data: starts with the destination address; the tag is not in it
 * @len: bytes, at most %FRAME_MAX
 * @has_vlan: it carries the tag @vlan_tci
 * @vlan_tci: processor byte order
 * @csum_partial: the checksum from @csum_start to the end is to be put to
 *	@csum_start + @csum_offset, which holds the pseudo header's sum (as in
 *	struct virtio_net_hdr with VIRTIO_NET_HDR_F_NEEDS_CSUM)
 * @csum_start: bytes from @data
 * @csum_offset: bytes from @csum_start
 * @gso_size: payload bytes per segment if it is to be cut into TCP segments,
 *	else 0
 * @hdr_len: with @gso_size: bytes of all headers
 *
 * A frame from the uplink or from another guest that is delivered to a VF or
 * an emulated port has neither @csum_partial nor @gso_size unless the port's
 * flag %PORT_TAKES_OFFLOADS says that it can deal with them.
 */
struct frame {
	uint8_t *data;
	size_t len;
	bool has_vlan;
	uint16_t vlan_tci;
	bool csum_partial;
	uint16_t csum_start;
	uint16_t csum_offset;
	uint16_t gso_size;
	uint16_t hdr_len;
};

/* What a receiver in hardware's place finds out by looking at a frame. */
struct frame_info {
	bool ipv4, ipv6, tcp, udp, esp, fragment;
	bool ip_csum_ok;	/* IPv4 header */
	bool l4_csum_ok;	/* tcp or udp, not a fragment */
	uint16_t l3_offset, l4_offset, payload_offset;
};

/* Look at a frame; never fails, unknown things leave flags false. */
void frame_parse(const struct frame *f, struct frame_info *info,
		 bool check_csum);

/* Compute the checksum that csum_partial asks for.  -EINVAL if its offsets
 * lie outside the frame.
 */
int frame_finish_csum(struct frame *f);
/* The same, but only tell: value is as it belongs into memory. */
int frame_csum(const struct frame *f, uint16_t *value);

/*
 * Toeplitz hash of a frame over addresses (and what TCP, UDP or ESP begin with,
 * ports or SPI, if l4 is set).  key: 40 bytes.  Returns 0 for frames that are
 * not IP.
 */
uint32_t frame_rss_hash(const struct frame *f, const struct frame_info *info,
			const uint8_t *key, bool l4);

/*
 * Make lengths and checksums of the outer headers right: of IP, and of UDP
 * unless csum says that it has none.  info is what frame_parse() has said of
 * them, and UDP.  id is added to IPv4's identification.
 */
void frame_finish_udp(struct frame *f, const struct frame_info *info, bool csum,
		      uint16_t id);

/*
 * Move a tag that is in the frame's data out of it: data, len and the offsets
 * change.  Nothing happens if there is none, or has_vlan is set.
 */
void frame_take_tag(struct frame *f);

/*
 * Put the tag back into the data.  The four bytes before data must be
 * writable memory of the caller.
 */
void frame_put_tag(struct frame *f);

/*
 * What it takes to move a frame, in frames of usual length: bytes to copy, and
 * segments if it has to be cut.  For whoever has to end after so much work.
 */
unsigned int frame_cost(const struct frame *f);

/*
 * Make the headers of a frame with gso_size such as a receiver that does not
 * segment expects them: lengths, IPv4 header checksum, pseudo header's sum.
 * Sets csum_start and csum_offset.  -EINVAL if it is not TCP, or gso_size is
 * less than %FRAME_MIN_GSO.
 */
int frame_prepare_gso(struct frame *f);

/*
 * Cut a prepared frame with gso_size into segments with finished checksums.
 * buf: FRAME_MAX bytes for one segment.  fn is called for each; its frame is
 * valid during the call.
 */
void frame_segment(const struct frame *f, uint8_t *buf,
		   void (*fn)(void *arg, struct frame *segment), void *arg);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets whose every byte follows from a few numbers, so that whoever gets
 * one can tell what it should have been.
 */
#ifndef NPA_HARNESS_PACKET_H
#define NPA_HARNESS_PACKET_H

#include <net/npa_shell.h>

#include "frame.h"

#define PACKET_L3		14
#define PACKET_MAX_PAYLOAD	65462	/* TCP over IPv6: 64 KiB in all */
#define PACKET_MIN_PAYLOAD	4	/* UDP: the sequence number */
#define PACKET_MAX		(PACKET_MAX_PAYLOAD + 128)

/**
 * struct packet - a TCP or UDP packet
 * @seq: number within its flow, at most 65535
 * @flow: a port number is made of it
 * @payload: bytes
 * @ipv6: else IPv4
 * @tcp: else UDP
 * @options: a TCP header with 12 bytes of options
 * @to_vf: from the peer to the VF, else the other way
 * @tagged: it has the tag @tci
 * @tci: processor byte order
 * @bad_csum: its L4 checksum is wrong
 */
struct packet {
	uint32_t seq;
	uint16_t flow;
	uint32_t payload;
	bool ipv6;
	bool tcp;
	bool options;
	bool to_vf;
	bool tagged;
	uint16_t tci;
	bool bad_csum;
};

extern const uint8_t packet_vf_mac[6];
extern const uint8_t packet_peer_mac[6];

/* The kinds: bit 0 of the index is TCP, bit 1 IPv6, bit 2 options with TCP. */
#define PACKET_KINDS	8

static inline struct packet packet_kind(unsigned int index)
{
	return (struct packet){
		.tcp = index & 1, .ipv6 = index & 2,
		.options = (index & 5) == 5,
	};
}

/* Bytes of headers, Ethernet's included, without a tag. */
size_t packet_headers(const struct packet *k);

/* The frame with all checksums; returns its length, at most PACKET_MAX. */
size_t packet_make(const struct packet *k, uint8_t *to);

/* The same for a plugin to finish: the L4 checksum is the pseudo header's. */
size_t packet_make_partial(const struct packet *k, bool tso, uint8_t *to);

/* What a shell says of such a frame; flags: NPA_TX_CSUM, perhaps NPA_TX_TSO. */
void packet_describe(const struct packet *k, uint32_t flags, uint16_t mss,
		     struct npa_tx_info *info);

/*
 * Which packet is this a frame of? Only @flow, @seq and @offset (of the first
 * byte of payload in the whole packet) are found out.  False: it is none.
 */
bool packet_identify(const uint8_t *frame, size_t len, uint16_t *flow,
		     uint32_t *seq, uint32_t *offset);

/* Ones' complement sum of big endian words, not inverted, on top of @sum. */
uint32_t packet_sum(const uint8_t *p, size_t len, uint32_t sum);

/* Byte of the payload at an offset. */
uint8_t packet_byte(const struct packet *k, uint32_t offset);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages between two npads that hand a guest over, on a UNIX socket that
 * keeps their boundaries (SOCK_SEQPACKET).
 *
 *	source                      destination
 *	ASK state            ->     could you? (without descriptors)
 *	                     <-     WELCOME, or REFUSED why
 *	STATE, descriptors   ->     the guest stands still
 *	                     <-     TAKEN, or REFUSED why
 *	                     <-     ANNOUNCED: the network knows
 *	FRAME ...            ->     what the network still sent to the source
 *	DRAINED              ->     no more of it
 *
 * The guest is the source's until the destination has managed to send TAKEN,
 * and the destination's from then on; see migrate_out.c for how the source
 * makes sure of it.
 */
#ifndef NPAD_MIGRATE_MSG_H
#define NPAD_MIGRATE_MSG_H

#include <stddef.h>
#include <stdint.h>

#include "port.h"
#include "state.h"
#include "vnic.h"

#define MIGRATE_VERSION	1

enum migrate_type {
	MIGRATE_ASK = 1,
	MIGRATE_WELCOME,
	MIGRATE_REFUSED,
	MIGRATE_STATE,
	MIGRATE_TAKEN,
	MIGRATE_ANNOUNCED,
	MIGRATE_FRAME,
	MIGRATE_DRAINED,
	MIGRATE_TYPES
};

/* Payload of MIGRATE_REFUSED: for programs, for people; both terminated. */
struct migrate_refusal {
	char code[32];
	char why[192];
};

/* What comes before the bytes of a MIGRATE_FRAME. */
struct migrate_frame {
	uint32_t has_vlan;
	uint32_t vlan_tci;
};

/* A packet has as much payload at most: a frame fits in one. */
#define MIGRATE_PACKET	(sizeof(struct migrate_frame) + FRAME_MAX)

/**
 * struct migrate_message - a message, or the part of it that has come
 * @type: what it is
 * @data: payload, terminated by a zero byte that is not part of it
 * @len: bytes of it
 * @room: bytes allocated
 * @fds: descriptors; who takes them sets @num_fds to 0
 * @num_fds: how many
 * @packet: for receiving
 */
struct migrate_message {
	enum migrate_type type;
	uint8_t *data;
	size_t len;
	size_t room;
	int fds[VNIC_MAX_FDS];
	unsigned int num_fds;
	uint8_t packet[8 + MIGRATE_PACKET];
};

/*
 * Send a message; fds, which stay the caller's, go with its last packet. 0, or
 * a negative errno: -EAGAIN if there is no room (a message of one packet may be
 * tried again, others are broken), -EPIPE if nobody will read it.
 */
int migrate_send(int fd, enum migrate_type type, const void *data, size_t len,
		 const int *fds, unsigned int num_fds);

/*
 * Receive a packet.  1: *msg is a whole message, begin with
 * migrate_message_clear() for the next one; 0: nothing more for now; -EPIPE:
 * the other side has gone; -EPROTO, -ENOMEM.
 */
int migrate_receive(int fd, struct migrate_message *msg);

/* Close descriptors, forget the payload. */
void migrate_message_clear(struct migrate_message *msg);
/* Also free the memory; the message itself stays the caller's. */
void migrate_message_free(struct migrate_message *msg);

#endif

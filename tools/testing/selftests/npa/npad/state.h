/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The format of saved state: a header, sections, a SHA-256 over all of it.
 *
 *	"NPASTATE", version, length of all, number of sections, 0
 *	per section: type, version, length, flags; then its bytes
 *	32 bytes: SHA-256 of everything before
 *
 * Numbers are little endian, 32 bits in headers.  A reader knows every section
 * or refuses, unless the section says that it can be left out.
 *
 * One function per section describes its fields for both directions, so what
 * is written and what is read cannot differ.  State that is read comes from
 * someone else: every field has its range, checked while it is read, and the
 * first thing that is wrong ends it.
 */
#ifndef NPAD_STATE_H
#define NPAD_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STATE_MAGIC		"NPASTATE"
#define STATE_VERSION		1
#define STATE_HEADER_LEN	24
#define STATE_SECTION_LEN	16	/* header of a section */
#define STATE_DIGEST_LEN	32
#define STATE_MAX_LEN		(1024 * 1024)
#define STATE_MAX_SECTIONS	32

#define STATE_MAY_IGNORE	1u	/* section flag */

/**
 * struct state_io - a walk over state, in one of two directions
 * @load: bytes become fields; otherwise fields become bytes
 * @data: the bytes; when saving, grown as needed and the caller's to free
 * @len: bytes in use; when loading, the end of what may be read
 * @room: bytes allocated, when saving
 * @pos: next byte to load
 * @err: 0, or the first error; from then on nothing is done
 * @why: what it was, for people
 */
struct state_io {
	bool load;
	uint8_t *data;
	size_t len;
	size_t room;
	size_t pos;
	int err;
	char why[128];
};

/* Note an error unless there was one before: err is a negative errno. */
void state_fail(struct state_io *io, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* One field each.  Loading, a number above max and a bool that is neither 0
 * nor 1 is an error.
 */
void state_u8(struct state_io *io, uint8_t *value);
void state_u16(struct state_io *io, uint16_t *value);
void state_u32(struct state_io *io, uint32_t *value);
void state_u64(struct state_io *io, uint64_t *value);
void state_bool(struct state_io *io, const char *name, bool *value);
void state_uint(struct state_io *io, const char *name, unsigned int *value,
		unsigned int max);
void state_bytes(struct state_io *io, void *bytes, size_t len);
/* An array of 64-bit counters. */
void state_counters(struct state_io *io, uint64_t *counters, size_t num);

/**
 * struct state_section - how a section is made and read
 * @type: not 0
 * @version: of its fields; another one is refused
 * @name: for messages
 * @may_ignore: a reader that does not know it may leave it out, and so may a
 *	writer that has none
 * @fields: its fields, in order
 */
struct state_section {
	uint32_t type;
	uint32_t version;
	const char *name;
	bool may_ignore;
	void (*fields)(struct state_io *io, void *state);
};

/**
 * state_save() - turn a structure into bytes
 * @sections: ends with a type of 0
 * @state: given to each section's function
 * @data: receives the bytes, the caller frees them
 * @len: receives how many
 *
 * Return: 0, -ENOMEM, or -EOVERFLOW if it would be more than %STATE_MAX_LEN.
 */
int state_save(const struct state_section *sections, void *state,
	       uint8_t **data, size_t *len);

/**
 * state_load() - turn bytes into a structure
 * @sections: what is known; each that may not be ignored has to be there once
 * @data: the bytes, hostile
 * @len: how many
 * @state: its fields are set; of no use after an error
 * @why: receives what is wrong, for people
 * @why_len: room in it
 *
 * Reads nothing outside @data and allocates nothing.
 *
 * Return: 0; -EBADMSG for bytes that are damaged or no state at all, -EPROTO
 * for state of another version, -EINVAL for fields that make no sense.
 */
int state_load(const struct state_section *sections, const uint8_t *data,
	       size_t len, void *state, char *why, size_t why_len);

#endif

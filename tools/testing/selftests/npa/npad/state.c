// SPDX-License-Identifier: GPL-2.0
/*
 * The format of saved state: fields, sections, header and checksum.
 */
#include <endian.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"

struct header {
	char magic[8];
	uint32_t version;
	uint32_t len;
	uint32_t sections;
	uint32_t reserved;
};

struct section_header {
	uint32_t type;
	uint32_t version;
	uint32_t len;
	uint32_t flags;
};

_Static_assert(sizeof(struct header) == STATE_HEADER_LEN, "header");
_Static_assert(sizeof(struct section_header) == STATE_SECTION_LEN, "section");

void state_fail(struct state_io *io, int err, const char *fmt, ...)
{
	va_list args;

	if (io->err)
		return;
	io->err = err;
	va_start(args, fmt);
	vsnprintf(io->why, sizeof(io->why), fmt, args);
	va_end(args);
}

/* Fields */

/* Room for len more bytes; false if there is none. */
static bool grow(struct state_io *io, size_t len)
{
	size_t room = io->room ? io->room : 4096;
	uint8_t *data;

	if (len > STATE_MAX_LEN - io->len) {
		state_fail(io, -EOVERFLOW, "more than %d bytes of state",
			   STATE_MAX_LEN);
		return false;
	}
	while (room < io->len + len)
		room *= 2;
	if (room == io->room)
		return true;
	data = realloc(io->data, room);
	if (!data) {
		state_fail(io, -ENOMEM, "out of memory");
		return false;
	}
	io->data = data;
	io->room = room;
	return true;
}

void state_bytes(struct state_io *io, void *bytes, size_t len)
{
	if (io->err || !len)
		return;
	if (!io->load) {
		if (!grow(io, len))
			return;
		memcpy(io->data + io->len, bytes, len);
		io->len += len;
		return;
	}
	if (len > io->len - io->pos) {
		state_fail(io, -EINVAL, "it is too short");
		return;
	}
	memcpy(bytes, io->data + io->pos, len);
	io->pos += len;
}

void state_u8(struct state_io *io, uint8_t *value)
{
	state_bytes(io, value, sizeof(*value));
}

void state_u16(struct state_io *io, uint16_t *value)
{
	uint16_t le = htole16(*value);

	state_bytes(io, &le, sizeof(le));
	*value = le16toh(le);
}

void state_u32(struct state_io *io, uint32_t *value)
{
	uint32_t le = htole32(*value);

	state_bytes(io, &le, sizeof(le));
	*value = le32toh(le);
}

void state_u64(struct state_io *io, uint64_t *value)
{
	uint64_t le = htole64(*value);

	state_bytes(io, &le, sizeof(le));
	*value = le64toh(le);
}

void state_bool(struct state_io *io, const char *name, bool *value)
{
	uint8_t byte = io->load ? 0 : *value;

	state_u8(io, &byte);
	if (byte > 1)
		state_fail(io, -EINVAL, "%s is %u, not 0 or 1", name, byte);
	*value = byte == 1;
}

void state_uint(struct state_io *io, const char *name, unsigned int *value,
		unsigned int max)
{
	uint32_t word = io->load ? 0 : *value;

	state_u32(io, &word);
	if (io->load && word > max) {
		state_fail(io, -EINVAL, "%s is %u, at most %u is possible",
			   name, word, max);
		word = 0;
	}
	*value = word;
}

void state_counters(struct state_io *io, uint64_t *counters, size_t num)
{
	for (size_t i = 0; i < num; i++)
		state_u64(io, &counters[i]);
}

/* Saving */

static void save_section(struct state_io *io,
			 const struct state_section *section, void *state)
{
	struct section_header header = {
		.type = htole32(section->type),
		.version = htole32(section->version),
		.flags = htole32(section->may_ignore ? STATE_MAY_IGNORE : 0),
	};
	size_t start = io->len;

	state_bytes(io, &header, sizeof(header));
	section->fields(io, state);
	if (io->err)
		return;
	header.len = htole32(io->len - start - sizeof(header));
	memcpy(io->data + start, &header, sizeof(header));
}

static bool digest(const uint8_t *data, size_t len,
		   uint8_t sum[STATE_DIGEST_LEN])
{
	unsigned int sum_len;

	return EVP_Digest(data, len, sum, &sum_len, EVP_sha256(), NULL) == 1 &&
	       sum_len == STATE_DIGEST_LEN;
}

int state_save(const struct state_section *sections, void *state,
	       uint8_t **data, size_t *len)
{
	struct header header = { .version = htole32(STATE_VERSION) };
	uint8_t sum[STATE_DIGEST_LEN];
	struct state_io io = { 0 };
	uint32_t num = 0;

	memcpy(header.magic, STATE_MAGIC, sizeof(header.magic));
	state_bytes(&io, &header, sizeof(header));
	for (; sections[num].type; num++)
		save_section(&io, &sections[num], state);
	/* Room for the sum, so that nothing fails behind the header. */
	if (!io.err)
		grow(&io, sizeof(sum));
	if (!io.err) {
		header.sections = htole32(num);
		header.len = htole32(io.len + sizeof(sum));
		memcpy(io.data, &header, sizeof(header));
		if (!digest(io.data, io.len, sum))
			state_fail(&io, -ENOMEM, "no SHA-256");
	}
	state_bytes(&io, sum, sizeof(sum));
	if (io.err) {
		free(io.data);
		return io.err;
	}
	*data = io.data;
	*len = io.len;
	return 0;
}

/* Loading */

static void check_whole(struct state_io *io, const uint8_t *data, size_t len,
			uint32_t *num)
{
	uint8_t sum[STATE_DIGEST_LEN];
	struct header header;
	size_t end;

	if (len < sizeof(header) + sizeof(sum) || len > STATE_MAX_LEN) {
		state_fail(io, -EBADMSG, "%zu bytes are no state", len);
		return;
	}
	end = len - sizeof(sum);
	memcpy(&header, data, sizeof(header));
	if (memcmp(header.magic, STATE_MAGIC, sizeof(header.magic))) {
		state_fail(io, -EBADMSG, "it does not begin with %s",
			   STATE_MAGIC);
		return;
	}
	/* Newer state may have its sum elsewhere: version first. */
	if (le32toh(header.version) != STATE_VERSION) {
		state_fail(io, -EPROTO, "it has version %u, %u is known",
			   le32toh(header.version), STATE_VERSION);
		return;
	}
	if (le32toh(header.len) != len) {
		state_fail(io, -EBADMSG, "%zu of %u bytes are there", len,
			   le32toh(header.len));
		return;
	}
	if (!digest(data, end, sum) ||
	    memcmp(sum, data + end, sizeof(sum))) {
		state_fail(io, -EBADMSG, "its checksum is wrong");
		return;
	}
	*num = le32toh(header.sections);
	if (header.reserved || *num > STATE_MAX_SECTIONS)
		state_fail(io, -EINVAL, "bad header");
	io->data = (uint8_t *)data;
	io->pos = sizeof(header);
	io->len = end;
}

static int find_section(const struct state_section *sections, uint32_t type)
{
	for (int i = 0; sections[i].type; i++)
		if (sections[i].type == type)
			return i;
	return -ENOENT;
}

/* Let the section's function read its bytes, and nothing beyond. */
static void load_section(struct state_io *io,
			 const struct state_section *section, uint32_t len,
			 void *state)
{
	struct state_io part = {
		.load = true,
		.data = io->data + io->pos,
		.len = len,
	};

	section->fields(&part, state);
	if (part.err)
		state_fail(io, part.err, "section %s: %s", section->name,
			   part.why);
	else if (part.pos != len)
		state_fail(io, -EINVAL, "section %s: %zu bytes too many",
			   section->name, len - part.pos);
}

/*
 * Read a section; seen has a bit for each that was there.  Known ones come in
 * their order, since some say what is in later ones.
 */
static void next_section(struct state_io *io,
			 const struct state_section *sections, void *state,
			 uint32_t *seen)
{
	struct section_header header = { 0 };
	uint32_t type, version, len;
	int i;

	state_bytes(io, &header, sizeof(header));
	type = le32toh(header.type);
	version = le32toh(header.version);
	len = le32toh(header.len);
	if (!io->err && len > io->len - io->pos)
		state_fail(io, -EINVAL, "section %u is cut off", type);
	if (io->err)
		return;
	i = find_section(sections, type);
	if (i < 0 && le32toh(header.flags) != STATE_MAY_IGNORE) {
		state_fail(io, -EPROTO, "section %u is unknown", type);
	} else if (i >= 0 && *seen >> i) {
		state_fail(io, -EINVAL, "section %s is out of order",
			   sections[i].name);
	} else if (i >= 0 && version != sections[i].version) {
		state_fail(io, -EPROTO,
			   "section %s has version %u, %u is known",
			   sections[i].name, version, sections[i].version);
	} else if (i >= 0) {
		*seen |= 1u << i;
		load_section(io, &sections[i], len, state);
	}
	if (!io->err)
		io->pos += len;
}

int state_load(const struct state_section *sections, const uint8_t *data,
	       size_t len, void *state, char *why, size_t why_len)
{
	struct state_io io = { .load = true };
	uint32_t num = 0, seen = 0;

	check_whole(&io, data, len, &num);
	for (uint32_t i = 0; i < num && !io.err; i++)
		next_section(&io, sections, state, &seen);
	if (!io.err && io.pos != io.len)
		state_fail(&io, -EINVAL, "%zu bytes behind the last section",
			   io.len - io.pos);
	for (unsigned int i = 0; sections[i].type && !io.err; i++)
		if (!(seen & 1u << i) && !sections[i].may_ignore)
			state_fail(&io, -EINVAL, "section %s is missing",
				   sections[i].name);
	if (io.err)
		snprintf(why, why_len, "%s", io.why);
	return io.err;
}

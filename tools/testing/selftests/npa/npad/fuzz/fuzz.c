// SPDX-License-Identifier: GPL-2.0
/*
 * What the fuzz targets share: input, time, and a guest.
 */
#include <linux/vfio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "fuzz.h"

#define IMAGE_LEN	6000

void fuzz_fail(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, what);
	abort();
}

const uint8_t *take_bytes(struct input *in, size_t max, size_t *len)
{
	const uint8_t *bytes = in->data;

	*len = in->len < max ? in->len : max;
	in->data += *len;
	in->len -= *len;
	return bytes;
}

uint8_t take8(struct input *in)
{
	if (!in->len)
		return 0;
	in->len--;
	return *in->data++;
}

uint16_t take16(struct input *in)
{
	uint16_t low = take8(in);

	return low | take8(in) << 8;
}

uint32_t take32(struct input *in)
{
	uint32_t low = take16(in);

	return low | (uint32_t)take16(in) << 16;
}

uint64_t take64(struct input *in)
{
	uint64_t low = take32(in);

	return low | (uint64_t)take32(in) << 32;
}

uint32_t take_odd32(struct input *in)
{
	static const uint32_t odd[] = {
		0, 1, 2, 3, 63, 64, 127, 128, 255, 256, 0xfff, 0x1000, 0x1001,
		0x3fff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffff000,
		0xffffffff
	};
	uint8_t kind = take8(in);

	if (kind < 64)
		return odd[kind % (sizeof(odd) / sizeof(odd[0]))];
	if (kind < 128)
		return take8(in);
	return kind < 192 ? take16(in) : take32(in);
}

/* The store */

static char store_dir[64];

static void remove_store(void)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/image.npa", store_dir);
	unlink(path);
	rmdir(store_dir);
}

const char *fuzz_store(void)
{
	static bool made;
	char path[96];
	FILE *file;

	if (made)
		return store_dir;
	made = true;
	strcpy(store_dir, "/tmp/npad-fuzz-XXXXXX");
	FUZZ_ASSERT(mkdtemp(store_dir));
	atexit(remove_store);
	snprintf(path, sizeof(path), "%s/image.npa", store_dir);
	file = fopen(path, "w");
	FUZZ_ASSERT(file);
	for (int i = 0; i < IMAGE_LEN; i++)
		fputc(i, file);
	fclose(file);
	return store_dir;
}

/* The guest */

enum { HAS_MEMORY = 1, WRITABLE = 2 };

static const struct part {
	uint32_t at;
	uint32_t size;
	unsigned int flags;
} parts[] = {
	{ AT_SHARED, AT_MULTICAST + 0x1000 - AT_SHARED, HAS_MEMORY | WRITABLE },
	{ AT_REGION, 0x4000, HAS_MEMORY | WRITABLE },
	{ AT_VF_RINGS, 0x20000, HAS_MEMORY | WRITABLE },
	{ AT_TX_DATA, 0x10000, HAS_MEMORY },
	{ AT_RX_DATA, 0x10000, HAS_MEMORY | WRITABLE },
	{ AT_RX_DATA2, 0x8000, HAS_MEMORY | WRITABLE },
	{ 0x500000, 0x10000, 0 },
};

#define NUM_PARTS	(sizeof(parts) / sizeof(parts[0]))

static void unmap(struct guest *g, uint32_t flags, uint64_t addr, uint64_t size)
{
	const struct {
		uint32_t argsz, flags;
		uint64_t addr, size;
	} msg = { sizeof(msg), flags, addr, size };

	guest_request(g, 3, &msg, sizeof(msg), -1);
}

void fuzz_map(struct guest *g, unsigned int n, bool map)
{
	const struct part *part = &parts[n % NUM_PARTS];
	const struct {
		uint32_t argsz, flags;
		uint64_t offset, addr, size;
	} msg = {
		.argsz = sizeof(msg),
		.flags = part->flags & WRITABLE ? 3 : 1,
		.offset = part->at,
		.addr = GUEST_BASE + part->at,
		.size = part->size,
	};

	if (!map)
		unmap(g, 0, msg.addr, msg.size);
	else
		guest_request(g, 2, &msg, sizeof(msg),
			      part->flags & HAS_MEMORY ? g->ram_fd : -1);
}

/* Connect, and have memory with holes. */
static struct guest *connect_guest(struct guest *g)
{
	FUZZ_ASSERT(g && guest_connect(g));
	unmap(g, VFIO_DMA_UNMAP_FLAG_ALL, 0, 0);
	for (unsigned int i = 0; i < NUM_PARTS; i++)
		fuzz_map(g, i, true);
	return g;
}

struct guest *fuzz_guest(const struct pf_ops *vf)
{
	struct vmxnet3_model model = vmxnet3_model_default(1);

	/* All that there is; a driver may choose less. */
	model.revision = VMXNET3_REV_MAX;
	model.rx_any_order = true;
	model.sample_rate = 3;
	return connect_guest(guest_new_model(vf, vf ? fuzz_store() : NULL,
					     &model));
}

struct guest *fuzz_guest_raw(const struct pf_ops *ops)
{
	return connect_guest(guest_new_raw(ops));
}

uint64_t fuzz_edge(struct input *in, uint32_t len)
{
	uint8_t how = take8(in);
	const struct part *part = &parts[how % NUM_PARTS];

	return GUEST_BASE + part->at + part->size - len +
	       (int8_t)take8(in);
}

void fuzz_memory(struct guest *g, struct input *in)
{
	const struct part *part = &parts[take8(in) % NUM_PARTS];
	uint32_t offset = take16(in) % part->size;
	const uint8_t *bytes;
	size_t len;

	bytes = take_bytes(in, 1 + take8(in) % 32, &len);
	if (len > part->size - offset)
		len = part->size - offset;
	memcpy(g->ram + part->at + offset, bytes, len);
}

void fuzz_frame(struct guest *g, struct input *in)
{
	static uint8_t frame[FRAME_MAX];
	uint8_t kind = take8(in);
	size_t len = take16(in), n;
	const uint8_t *bytes;
	int tci = kind & 8 ? take16(in) : -1;

	len %= len & 0x8000 ? 9300 : len & 0x4000 ? 1500 : 200;
	if (kind & 1)
		len = make_tcp(frame, NULL, len, kind & 2);
	else if (kind & 4)
		len = make_udp(frame, NULL, len, kind & 2);
	else
		memcpy(frame, guest_mac, 6);
	if (kind & 16)
		memset(frame, 0xff, 6);
	if (kind & 32)
		frame[0] |= 1;
	if (kind & 64) {
		size_t at = take8(in);

		bytes = take_bytes(in, 16, &n);
		memcpy(frame + at, bytes, n);
	}
	guest_deliver(g, frame, len, tci);
}

void fuzz_sleep(struct guest *g, uint64_t ns)
{
	fuzz_clock_advance(ns);
	guest_turn(g, 3);
}

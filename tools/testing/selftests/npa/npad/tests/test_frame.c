// SPDX-License-Identifier: GPL-2.0
/*
 * frame.c and dma.c: parsing, checksums, hash, segmentation, tags; the map of
 * guest memory.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guest.h"
#include "tap.h"

/* The key and the vectors that Microsoft's RSS specification gives. */
static const uint8_t rss_key[40] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67,
	0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
	0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
	0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa
};

struct hash_case {
	uint8_t src[4], dst[4];
	uint16_t sport, dport;
	uint32_t l3, l4;
};

static const struct hash_case hash_cases[] = {
	{ { 66, 9, 149, 187 }, { 161, 142, 100, 80 }, 2794, 1766,
	  0x323e8fc2, 0x51ccc178 },
	{ { 199, 92, 111, 2 }, { 65, 69, 140, 83 }, 14230, 4739,
	  0xd718262a, 0xc626b0ea },
	{ { 24, 19, 198, 95 }, { 12, 22, 207, 184 }, 12898, 38024,
	  0xd2d0a5de, 0x5c2b394a },
	{ { 38, 27, 205, 30 }, { 209, 142, 163, 6 }, 48228, 2217,
	  0x82989176, 0xafc7327f },
	{ { 153, 39, 163, 191 }, { 202, 188, 127, 2 }, 44251, 1303,
	  0x5d1809c5, 0x10e828a2 },
};

static void test_hash(struct tap *tap)
{
	uint8_t data[200];
	struct frame f = { .data = data };
	struct frame_info info;

	tap_begin(tap);
	for (size_t i = 0; i < sizeof(hash_cases) / sizeof(hash_cases[0]);
	     i++) {
		const struct hash_case *c = &hash_cases[i];

		f.len = make_tcp(data, NULL, 10, false);
		memcpy(data + 26, c->src, 4);
		memcpy(data + 30, c->dst, 4);
		data[34] = c->sport >> 8;
		data[35] = c->sport;
		data[36] = c->dport >> 8;
		data[37] = c->dport;
		frame_parse(&f, &info, false);
		tap_check(tap, frame_rss_hash(&f, &info, rss_key, false) ==
			  c->l3);
		tap_check(tap, frame_rss_hash(&f, &info, rss_key, true) ==
			  c->l4);
	}
	tap_end(tap, "RSS hash: the published vectors");
}

static void test_parse(struct tap *tap)
{
	uint8_t data[2000];
	struct frame f = { .data = data };
	struct frame_info info;

	tap_begin(tap);
	for (int v6 = 0; v6 < 2; v6++) {
		for (size_t len = 0; len < 300; len++) {
			f.len = make_udp(data, NULL, len, v6);
			frame_parse(&f, &info, true);
			tap_check(tap, info.udp && info.l4_csum_ok);
			tap_check(tap, v6 ? info.ipv6 : info.ip_csum_ok);
			data[f.len - 1] ^= 0x10;
			frame_parse(&f, &info, true);
			tap_check(tap, info.udp && !info.l4_csum_ok);
			f.len = make_tcp(data, NULL, len, v6);
			frame_parse(&f, &info, true);
			tap_check(tap, info.tcp && info.l4_csum_ok);
			tap_check(tap, info.payload_offset == f.len - len);
		}
	}
	tap_end(tap, "checksums of UDP and TCP over IPv4 and IPv6");

	tap_begin(tap);
	f.len = make_udp(data, NULL, 100, false);
	data[20] = 0x20;	/* more fragments */
	frame_parse(&f, &info, true);
	tap_check(tap, info.fragment && info.ipv4 && !info.udp);
	tap_check(tap, !info.ip_csum_ok);
	f.len = make_udp(data, NULL, 100, false);
	f.len += 6;		/* padding of a short frame */
	frame_parse(&f, &info, true);
	tap_check(tap, info.udp && info.l4_csum_ok);
	f.len = make_udp(data, NULL, 100, false);
	data[40] = 0;
	data[41] = 0;
	frame_parse(&f, &info, true);
	tap_check(tap, info.udp && !info.l4_csum_ok);
	tap_end(tap, "fragment, padding, UDP without checksum");
}

/* Cut and damage frames at random: nothing may be read outside of them. */
static void test_parse_rubbish(struct tap *tap)
{
	uint8_t full[1600];
	struct frame_info info;

	tap_begin(tap);
	srandom(1);
	for (int i = 0; i < 20000; i++) {
		size_t len = (i & 1 ? make_udp : make_tcp)(full, NULL,
				random() % 1000, i & 2);
		uint8_t *exact;
		struct frame f;

		for (int j = random() % 6; j > 0; j--)
			full[random() % len] = random();
		len = random() % (len + 1);
		exact = malloc(len ? len : 1);
		memcpy(exact, full, len);
		f = (struct frame){ .data = exact, .len = len };
		frame_parse(&f, &info, true);
		frame_rss_hash(&f, &info, rss_key, true);
		f.csum_partial = true;
		f.csum_start = random();
		f.csum_offset = random() % 40;
		frame_finish_csum(&f);
		f.csum_partial = false;
		f.gso_size = random() % 2000;
		frame_prepare_gso(&f);
		frame_take_tag(&f);
		free(exact);
	}
	tap_end(tap, "damaged frames");
}

struct segments {
	struct tap *tap;
	unsigned int count;
	size_t bytes;
	bool v6;
};

static void check_segment(void *arg, struct frame *f)
{
	struct segments *s = arg;
	struct frame_info info;
	uint32_t seq;

	frame_parse(f, &info, true);
	tap_check(s->tap, info.tcp && info.l4_csum_ok);
	tap_check(s->tap, s->v6 ? info.ipv6 : info.ip_csum_ok);
	seq = f->data[info.l4_offset + 6] << 8 | f->data[info.l4_offset + 7];
	tap_check(s->tap, seq == 1000 + s->bytes);
	for (size_t i = 0; i < f->len - info.payload_offset; i++)
		tap_check(s->tap, f->data[info.payload_offset + i] ==
			  (uint8_t)((s->bytes + i) * 5));
	s->bytes += f->len - info.payload_offset;
	s->count++;
}

static void test_segment(struct tap *tap)
{
	static uint8_t data[FRAME_MAX], buf[FRAME_MAX];

	tap_begin(tap);
	for (int v6 = 0; v6 < 2; v6++) {
		struct segments s = { .tap = tap, .v6 = v6 };
		struct frame f = { .data = data, .gso_size = 1000 };

		f.len = make_tcp(data, NULL, 5500, v6);
		tap_check(tap, !frame_prepare_gso(&f));
		tap_check(tap, f.csum_partial && f.csum_offset == 16);
		frame_segment(&f, buf, check_segment, &s);
		tap_check(tap, s.count == 6 && s.bytes == 5500);
	}
	tap_end(tap, "segmentation");
}

static void test_tag(struct tap *tap)
{
	uint8_t data[200], want[200];
	struct frame f = { .data = data };

	tap_begin(tap);
	f.len = make_udp(data, NULL, 20, false);
	memcpy(want, data, f.len);
	memmove(data + 16, data + 12, f.len - 12);
	memcpy(data + 12, "\x81\x00\xa0\x64", 4);
	f.len += 4;
	frame_take_tag(&f);
	tap_check(tap, f.has_vlan && f.vlan_tci == 0xa064);
	tap_check(tap, f.len == 62 && !memcmp(f.data, want, f.len));
	tap_end(tap, "a tag is taken out");
}

static void test_dma(struct tap *tap)
{
	struct dma_space *dma = dma_new();
	int fd = memfd_create("t", MFD_CLOEXEC);
	uint8_t buf[8192] = { 1, 2, 3 };

	tap_begin(tap);
	tap_check(tap, !ftruncate(fd, 65536));
	tap_check(tap, !dma_add(dma, 0x10000, 0x4000, fd, 0, true));
	tap_check(tap, !dma_add(dma, 0x14000, 0x1000, fd, 0x8000, true));
	tap_check(tap, !dma_add(dma, 0x15000, 0x1000, fd, 0x9000, false));
	tap_check(tap, !dma_add(dma, 0x16000, 0x1000, -1, 0, true));
	tap_check(tap, dma_add(dma, 0x13000, 0x2000, fd, 0, true) == -EEXIST);
	tap_check(tap, dma_add(dma, 0, 0, fd, 0, true) == -EINVAL);
	tap_check(tap, dma_add(dma, -4096ull, 8192, fd, 0, true) == -EINVAL);
	tap_check(tap, !dma_add(dma, -4096ull, 4096, fd, 0, true));
	tap_check(tap, dma_map(dma, 0x10000, 0x4000, true));
	tap_check(tap, !dma_map(dma, 0x10000, 0x4001, true));
	tap_check(tap, !dma_map(dma, 0xffff, 2, true));
	tap_check(tap, !dma_map(dma, 0x10000, SIZE_MAX, false));
	tap_check(tap, !dma_map(dma, 0x15000, 4, true));
	tap_check(tap, dma_map(dma, 0x15000, 4, false));
	tap_check(tap, !dma_map(dma, 0x16000, 4, false));
	tap_check(tap, !dma_map(dma, -1ull, 2, false));
	tap_check(tap, dma_map(dma, -1ull, 1, false));
	tap_check(tap, !dma_write(dma, 0x13800, buf, 0x1000));
	memset(buf, 0, sizeof(buf));
	tap_check(tap, !dma_read(dma, 0x13800, buf, 0x1000) && buf[2] == 3);
	tap_check(tap, dma_write(dma, 0x14800, buf, 0x1000) == -EFAULT);
	tap_check(tap, dma_read(dma, 0x15800, buf, 0x1000) == -EFAULT);
	tap_check(tap, dma_remove(dma, 0x11000, 0x1000) == -EINVAL);
	tap_check(tap, dma_remove(dma, 0x90000, 0x1000) == -ENOENT);
	tap_check(tap, !dma_remove(dma, 0x10000, 0x5000));
	tap_check(tap, !dma_map(dma, 0x14000, 1, false));
	dma_free(dma);
	close(fd);
	tap_end(tap, "map of guest memory");
}

/* The other end shortens the file that it has given as memory. */
static void test_dma_shrinks(struct tap *tap)
{
	struct dma_space *dma = dma_new(), *other = dma_new();
	int fd = memfd_create("t", MFD_CLOEXEC);
	uint8_t buf[4096] = { 1, 2, 3 };
	uint8_t *mem;

	tap_begin(tap);
	tap_check(tap, !ftruncate(fd, 0x4000));
	tap_check(tap, dma_add(dma, 0, 0x5000, fd, 0, true) == -EINVAL);
	tap_check(tap, dma_add(dma, 0, 0x1000, fd, 0x800, true) == -EINVAL);
	tap_check(tap, dma_add(dma, 0x800, 0x1000, fd, 0, true) == -EINVAL);
	tap_check(tap, dma_add(dma, 0, 0x1800, fd, 0, true) == -EINVAL);
	tap_check(tap, !dma_add(dma, 0, 0x2000, fd, 0, true));
	tap_check(tap, !dma_add(dma, 0x2000, 0x2000, fd, 0x2000, true));
	tap_check(tap, !dma_add(other, 0, 0x2000, fd, 0, true));
	tap_check(tap, !dma_write(dma, 0x1000, buf, sizeof(buf)));
	mem = dma_map(dma, 0x3000, 16, true);
	tap_check(tap, mem && !ftruncate(fd, 0x2000) && !dma_is_lost(dma));
	/* Whoever is at work when it happens comes to an end. */
	tap_check(tap, mem && !__atomic_load_n(mem, __ATOMIC_RELAXED));
	tap_check(tap, dma_is_lost(dma) && !dma_is_lost(other));
	tap_check(tap, !dma_map(dma, 0x2000, 16, false));
	tap_check(tap, dma_write(dma, 0x2800, buf, 1) == -EFAULT);
	tap_check(tap, !dma_read(dma, 0x1000, buf, 16) && buf[2] == 3);
	tap_check(tap, !ftruncate(fd, 0));
	tap_check(tap, !dma_read(other, 0x1000, buf, 16) && !buf[2]);
	tap_check(tap, dma_is_lost(other));
	dma_clear(dma);
	tap_check(tap, !dma_is_lost(dma));
	dma_free(other);
	dma_free(dma);
	close(fd);
	tap_end(tap, "guest memory that vanishes");
}

int main(void)
{
	struct tap tap = { 0 };

	test_hash(&tap);
	test_parse(&tap);
	test_parse_rubbish(&tap);
	test_segment(&tap);
	test_tag(&tap);
	test_dma(&tap);
	test_dma_shrinks(&tap);
	return tap_done(&tap);
}

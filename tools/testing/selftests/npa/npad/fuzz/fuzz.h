/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the fuzz targets share.  A target is a program for libFuzzer: it takes
 * its input for a sequence of actions of a hostile guest, client or operator
 * and carries them out on the parts of npad, put together as for unit tests
 * (tests/guest.h).
 *
 * So that a fault shows and comes back with the same input
 * - every mapping of a file has an unmapped page on either side;
 * - CLOCK_MONOTONIC stands still until the event loop sleeps, and then jumps
 *   as far as it would have slept.
 */
#ifndef NPAD_FUZZ_H
#define NPAD_FUZZ_H

#include "../tests/guest.h"

/* The rest of an input; zeros come out of an empty one. */
struct input {
	const uint8_t *data;
	size_t len;
};

uint8_t take8(struct input *in);
uint16_t take16(struct input *in);
uint32_t take32(struct input *in);
uint64_t take64(struct input *in);
/* At most max bytes, which stay where they are; their number in len. */
const uint8_t *take_bytes(struct input *in, size_t max, size_t *len);
/* A number that is odd in an interesting way more often than not. */
uint32_t take_odd32(struct input *in);

/* The directory of the plugin store: "image.npa" is in it, and nothing else.
 * It lives as long as the process.
 */
const char *fuzz_store(void);

/**
 * fuzz_guest() - a guest whose memory is small and full of holes
 * @vf: model of its VF, NULL for one without the extension
 *
 * Connected.  In its RAM only some parts can be reached by DMA, each mapped on
 * its own: what tests/guest.h calls AT_SHARED to AT_MULTICAST, four pages from
 * AT_REGION on, AT_VF_RINGS, 64 KiB of AT_TX_DATA (read-only) and AT_RX_DATA,
 * 32 KiB of AT_RX_DATA2, and a part without memory.
 *
 * Return: the guest; a process that cannot have one is aborted.
 */
struct guest *fuzz_guest(const struct pf_ops *vf);
/* The same with a VF as a PCI function of its own. */
struct guest *fuzz_guest_raw(const struct pf_ops *ops);

/* Unmap part number n (modulo their number), or map it. */
void fuzz_map(struct guest *g, unsigned int n, bool map);

/* A DMA address for len bytes that end near the end of a part of the memory:
 * before or behind it.
 */
uint64_t fuzz_edge(struct input *in, uint32_t len);

/* Overwrite some of a guest's memory, wherever it can be reached. */
void fuzz_memory(struct guest *g, struct input *in);

/* A frame for the guest out of the network: some are good, some rubbish. */
void fuzz_frame(struct guest *g, struct input *in);

/* Let time pass: the loop sleeps at least that long. */
void fuzz_sleep(struct guest *g, uint64_t ns);

/* The input contradicts what npad promises. */
#define FUZZ_ASSERT(cond) \
	((cond) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #cond))
void fuzz_fail(const char *file, int line, const char *what)
	__attribute__((noreturn));

/* libFuzzer's entry point, one per target. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest's memory: DMA addresses to pointers.  The guest is hostile: an
 * address or length from it is only ever used through dma_map().
 */
#ifndef NPAD_DMA_H
#define NPAD_DMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dma_space;

/**
 * dma_map() - translate a range of guest memory
 * @dma: the guest's address space
 * @addr: DMA address
 * @len: bytes, > 0
 * @write: the range will be written
 *
 * The pointer is valid until control returns to the event loop (the guest's
 * memory may be unmapped by a message).  Contents may change at any time:
 * read what is checked once, into a local.
 *
 * Return: a pointer, or NULL if any byte lies outside the maps, in a map
 * without memory, in a read-only map with @write, or across two maps.
 */
void *dma_map(struct dma_space *dma, uint64_t addr, size_t len, bool write);

/* Copy in or out, across maps too.  0, or -EFAULT (nothing else happens). */
int dma_read(struct dma_space *dma, uint64_t addr, void *buf, size_t len);
int dma_write(struct dma_space *dma, uint64_t addr, const void *buf,
	      size_t len);

#endif

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

#define DMA_MAX_PARTS	1024
#define DMA_MAX_FILES	64

struct dma_space;

#define DMA_PAGE	4096	/* all parts consist of whole pages */

/**
 * struct dma_part_state - a part of the guest's memory, as plain data
 * @addr: DMA address
 * @size: bytes
 * @offset: in the file
 * @writable: not read-only
 * @file: number of the file, -1: it cannot be reached
 */
struct dma_part_state {
	uint64_t addr;
	uint64_t size;
	uint64_t offset;
	bool writable;
	int file;
};

struct dma_state {
	unsigned int num_files;
	unsigned int num_parts;
	struct dma_part_state parts[DMA_MAX_PARTS];
};

/* While there is an address space, its functions own the signal SIGBUS. */
struct dma_space *dma_new(void);
void dma_free(struct dma_space *dma);

/**
 * dma_add() - a part of the guest's memory has appeared
 * @dma: the guest's address space
 * @addr: its DMA address
 * @size: bytes, with @addr and @offset a multiple of %DMA_PAGE
 * @fd: memory, or -1: the range is known but cannot be reached.  The caller
 *	keeps it and may close it
 * @offset: of the part in @fd
 * @writable: not read-only
 *
 * Return: 0, -EEXIST if it overlaps another part, -EINVAL (a file that is too
 * short, too), -ENOSPC with too many parts, or an error of fstat() or mmap().
 */
int dma_add(struct dma_space *dma, uint64_t addr, uint64_t size, int fd,
	    uint64_t offset, bool writable);

/* Parts that lie in a range have gone.  -ENOENT if there is none, -EINVAL if
 * the range would cut one in two.
 */
int dma_remove(struct dma_space *dma, uint64_t addr, uint64_t size);
void dma_clear(struct dma_space *dma);

/* Has a file become shorter since the last dma_clear(), so that a part lost
 * its memory?  It reads as zeroes and cannot be mapped any more.
 */
bool dma_is_lost(const struct dma_space *dma);

/*
 * All parts and the files that they lie in.  fds: receives descriptors, which
 * stay the address space's.  -EMFILE if parts lie in more than %DMA_MAX_FILES.
 */
int dma_export(const struct dma_space *dma, struct dma_state *state,
	       int fds[DMA_MAX_FILES]);

/* Make an empty address space of them; fds stay the caller's.  0, or an error
 * of dma_add(), and it is empty again.
 */
int dma_import(struct dma_space *dma, const struct dma_state *state,
	       const int *fds);

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

// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's memory: a table of the parts that the vfio-user client has
 * announced, each mapped into npad's address space.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dma.h"

#define MAX_PARTS	1024

struct part {
	uint64_t addr;
	uint64_t size;
	uint8_t *mem;		/* NULL: cannot be reached */
	void *map;		/* what was mapped: whole pages around mem */
	size_t map_len;
	bool writable;
};

struct dma_space {
	struct part parts[MAX_PARTS];
	unsigned int count;
	unsigned int last;	/* index of the last hit */
};

struct dma_space *dma_new(void)
{
	return calloc(1, sizeof(struct dma_space));
}

void dma_free(struct dma_space *dma)
{
	if (!dma)
		return;
	dma_clear(dma);
	free(dma);
}

static bool contains(const struct part *part, uint64_t addr, uint64_t len)
{
	return addr >= part->addr && addr - part->addr < part->size &&
	       len <= part->size - (addr - part->addr);
}

static struct part *find(struct dma_space *dma, uint64_t addr)
{
	if (dma->last < dma->count && contains(&dma->parts[dma->last], addr, 1))
		return &dma->parts[dma->last];
	for (unsigned int i = 0; i < dma->count; i++) {
		if (contains(&dma->parts[i], addr, 1)) {
			dma->last = i;
			return &dma->parts[i];
		}
	}
	return NULL;
}

static int map_part(struct part *part, int fd, uint64_t offset)
{
	uint64_t page = sysconf(_SC_PAGESIZE);
	uint64_t skip = offset & (page - 1);
	int prot = PROT_READ | (part->writable ? PROT_WRITE : 0);

	if (offset + part->size < offset || part->size > SIZE_MAX - skip)
		return -EINVAL;
	part->map_len = part->size + skip;
	part->map = mmap(NULL, part->map_len, prot, MAP_SHARED, fd,
			 offset - skip);
	if (part->map == MAP_FAILED)
		return -errno;
	part->mem = (uint8_t *)part->map + skip;
	return 0;
}

int dma_add(struct dma_space *dma, uint64_t addr, uint64_t size, int fd,
	    uint64_t offset, bool writable)
{
	struct part part = { .addr = addr, .size = size, .writable = writable };
	int err;

	if (!size || addr + (size - 1) < addr)
		return -EINVAL;
	if (dma->count == MAX_PARTS)
		return -ENOSPC;
	for (unsigned int i = 0; i < dma->count; i++)
		if (addr <= dma->parts[i].addr + (dma->parts[i].size - 1) &&
		    dma->parts[i].addr <= addr + (size - 1))
			return -EEXIST;
	if (fd >= 0) {
		err = map_part(&part, fd, offset);
		if (err)
			return err;
	}
	dma->parts[dma->count++] = part;
	return 0;
}

static void remove_part(struct dma_space *dma, unsigned int i)
{
	if (dma->parts[i].mem)
		munmap(dma->parts[i].map, dma->parts[i].map_len);
	dma->parts[i] = dma->parts[--dma->count];
}

int dma_remove(struct dma_space *dma, uint64_t addr, uint64_t size)
{
	uint64_t last = addr + (size - 1);
	bool found = false;

	if (!size || last < addr)
		return -EINVAL;
	for (unsigned int i = 0; i < dma->count; i++) {
		uint64_t first = dma->parts[i].addr;
		uint64_t end = first + (dma->parts[i].size - 1);

		if (first > last || end < addr)
			continue;
		if (first < addr || end > last)
			return -EINVAL;
		found = true;
	}
	if (!found)
		return -ENOENT;
	for (unsigned int i = dma->count; i-- > 0;)
		if (dma->parts[i].addr >= addr && dma->parts[i].addr <= last)
			remove_part(dma, i);
	return 0;
}

void dma_clear(struct dma_space *dma)
{
	while (dma->count)
		remove_part(dma, dma->count - 1);
}

void *dma_map(struct dma_space *dma, uint64_t addr, size_t len, bool write)
{
	struct part *part = find(dma, addr);

	if (!part || !part->mem || !len || !contains(part, addr, len))
		return NULL;
	if (write && !part->writable)
		return NULL;
	return part->mem + (addr - part->addr);
}

/* Bytes from addr that one part can give, at most len; 0 if none. */
static size_t reachable(struct dma_space *dma, uint64_t addr, size_t len,
			bool write)
{
	struct part *part = find(dma, addr);
	uint64_t left;

	if (!part || !part->mem || (write && !part->writable))
		return 0;
	left = part->size - (addr - part->addr);
	return left < len ? left : len;
}

static bool all_reachable(struct dma_space *dma, uint64_t addr, size_t len,
			  bool write)
{
	while (len) {
		size_t n = reachable(dma, addr, len, write);

		if (!n)
			return false;
		addr += n;
		len -= n;
	}
	return true;
}

int dma_read(struct dma_space *dma, uint64_t addr, void *buf, size_t len)
{
	uint8_t *to = buf;

	if (!all_reachable(dma, addr, len, false))
		return -EFAULT;
	while (len) {
		size_t n = reachable(dma, addr, len, false);

		memcpy(to, dma_map(dma, addr, n, false), n);
		addr += n;
		to += n;
		len -= n;
	}
	return 0;
}

int dma_write(struct dma_space *dma, uint64_t addr, const void *buf,
	      size_t len)
{
	const uint8_t *from = buf;

	if (!all_reachable(dma, addr, len, true))
		return -EFAULT;
	while (len) {
		size_t n = reachable(dma, addr, len, true);

		memcpy(dma_map(dma, addr, n, true), from, n);
		addr += n;
		from += n;
		len -= n;
	}
	return 0;
}

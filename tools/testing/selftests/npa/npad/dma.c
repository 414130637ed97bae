// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's memory: a table of the parts that the vfio-user client has
 * announced, each mapped into npad's address space.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dma.h"

#define NO_FILE		(-1)

/*
 * A file that parts lie in, kept so that the memory can be handed over: the
 * client sends a new descriptor with every part.  parts is 0 for a free slot.
 */
struct file {
	int fd;
	dev_t dev;
	ino_t ino;
	int mode;
	unsigned int parts;
};

struct part {
	uint64_t addr;
	uint64_t size;
	uint64_t offset;
	int file;		/* NO_FILE also if there were too many */
	uint8_t *map;		/* NULL: there is no memory */
	uint8_t *mem;		/* @map, or NULL: cannot be reached */
	bool writable;
};

struct dma_space {
	struct part parts[DMA_MAX_PARTS];
	struct file files[DMA_MAX_FILES];
	unsigned int count;
	unsigned int last;	/* index of the last hit */
	bool lost;
	struct dma_space *next;
};

/* For the signal handler, which has nobody to ask. */
static struct dma_space *spaces;
static struct sigaction old_sigbus;

/* Put zeroes in the place of a part that has no memory any more. */
static bool lose_part(struct dma_space *dma, const uint8_t *addr)
{
	for (unsigned int i = 0; i < dma->count; i++) {
		struct part *part = &dma->parts[i];

		if (!part->mem || addr < part->mem ||
		    addr >= part->mem + part->size)
			continue;
		if (mmap(part->map, part->size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
			 MAP_FIXED, -1, 0) == MAP_FAILED)
			return false;
		part->mem = NULL;
		dma->lost = true;
		return true;
	}
	return false;
}

/*
 * The client owns the file behind a part and can make it shorter at any time.
 * What npad is doing goes on with zeroes.
 */
static void on_sigbus(int sig, siginfo_t *info, void *context)
{
	(void)context;
	for (struct dma_space *dma = spaces; dma; dma = dma->next)
		if (lose_part(dma, info->si_addr))
			return;
	/* Not the guest's memory: it comes again, and ends npad. */
	sigaction(sig, &old_sigbus, NULL);
}

struct dma_space *dma_new(void)
{
	const struct sigaction action = {
		.sa_sigaction = on_sigbus,
		.sa_flags = SA_SIGINFO,
	};
	struct dma_space *dma = calloc(1, sizeof(*dma));

	if (!dma)
		return NULL;
	if (!spaces)
		sigaction(SIGBUS, &action, &old_sigbus);
	dma->next = spaces;
	spaces = dma;
	return dma;
}

void dma_free(struct dma_space *dma)
{
	struct dma_space **link = &spaces;

	if (!dma)
		return;
	dma_clear(dma);
	while (*link != dma)
		link = &(*link)->next;
	*link = dma->next;
	if (!spaces)
		sigaction(SIGBUS, &old_sigbus, NULL);
	free(dma);
}

bool dma_is_lost(const struct dma_space *dma)
{
	return dma->lost;
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
	int prot = PROT_READ | (part->writable ? PROT_WRITE : 0);
	struct stat st;
	void *map;

	if (fstat(fd, &st))
		return -errno;
	if (offset + part->size < offset ||
	    (S_ISREG(st.st_mode) && offset + part->size > (uint64_t)st.st_size))
		return -EINVAL;
	map = mmap(NULL, part->size, prot, MAP_SHARED, fd, offset);
	if (map == MAP_FAILED)
		return -errno;
	part->map = map;
	part->mem = map;
	return 0;
}

/* The number of a file, known or new; NO_FILE if it cannot be kept. */
static int hold_file(struct dma_space *dma, int fd)
{
	int mode = fcntl(fd, F_GETFL) & O_ACCMODE, slot = NO_FILE;
	struct stat st;

	if (fstat(fd, &st))
		return NO_FILE;
	for (int i = 0; i < DMA_MAX_FILES; i++) {
		struct file *file = &dma->files[i];

		if (!file->parts && slot == NO_FILE)
			slot = i;
		if (file->parts && file->ino == st.st_ino &&
		    file->dev == st.st_dev && file->mode == mode) {
			file->parts++;
			return i;
		}
	}
	if (slot == NO_FILE)
		return NO_FILE;
	fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return NO_FILE;
	dma->files[slot] = (struct file){
		.fd = fd, .dev = st.st_dev, .ino = st.st_ino, .mode = mode,
		.parts = 1,
	};
	return slot;
}

static void drop_file(struct dma_space *dma, int i)
{
	if (i != NO_FILE && !--dma->files[i].parts)
		close(dma->files[i].fd);
}

int dma_add(struct dma_space *dma, uint64_t addr, uint64_t size, int fd,
	    uint64_t offset, bool writable)
{
	struct part part = {
		.addr = addr, .size = size, .offset = offset,
		.file = NO_FILE, .writable = writable,
	};
	int err;

	if (!size || addr + (size - 1) < addr ||
	    (addr | size | offset) % DMA_PAGE)
		return -EINVAL;
	if (dma->count == DMA_MAX_PARTS)
		return -ENOSPC;
	for (unsigned int i = 0; i < dma->count; i++)
		if (addr <= dma->parts[i].addr + (dma->parts[i].size - 1) &&
		    dma->parts[i].addr <= addr + (size - 1))
			return -EEXIST;
	if (fd >= 0) {
		err = map_part(&part, fd, offset);
		if (err)
			return err;
		part.file = hold_file(dma, fd);
	}
	dma->parts[dma->count++] = part;
	return 0;
}

static void remove_part(struct dma_space *dma, unsigned int i)
{
	if (dma->parts[i].map)
		munmap(dma->parts[i].map, dma->parts[i].size);
	drop_file(dma, dma->parts[i].file);
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
	dma->lost = false;
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

int dma_export(const struct dma_space *dma, struct dma_state *state,
	       int fds[DMA_MAX_FILES])
{
	int number[DMA_MAX_FILES];

	state->num_files = 0;
	for (int i = 0; i < DMA_MAX_FILES; i++) {
		if (!dma->files[i].parts)
			continue;
		number[i] = state->num_files;
		fds[state->num_files++] = dma->files[i].fd;
	}
	state->num_parts = dma->count;
	for (unsigned int i = 0; i < dma->count; i++) {
		const struct part *part = &dma->parts[i];

		if (part->map && part->file == NO_FILE)
			return -EMFILE;
		state->parts[i] = (struct dma_part_state){
			.addr = part->addr,
			.size = part->size,
			.offset = part->offset,
			.writable = part->writable,
			.file = part->map ? number[part->file] : -1,
		};
	}
	return 0;
}

int dma_import(struct dma_space *dma, const struct dma_state *state,
	       const int *fds)
{
	int err;

	for (unsigned int i = 0; i < state->num_parts; i++) {
		const struct dma_part_state *part = &state->parts[i];

		err = dma_add(dma, part->addr, part->size,
			      part->file < 0 ? -1 : fds[part->file],
			      part->offset, part->writable);
		if (err) {
			dma_clear(dma);
			return err;
		}
	}
	return 0;
}

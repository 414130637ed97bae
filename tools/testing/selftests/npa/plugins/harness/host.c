// SPDX-License-Identifier: GPL-2.0
/*
 * Memory and images for the shell.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "../image/image.h"
#include "dma.h"
#include "host.h"

#define PAGE		4096UL
#define PRIV_AREA_LEN	(NPA_IMAGE_PRIVATE_MAX + 2 * US_GUARD_LEN)
#define BREAKPOINT	0xcc
#define PLACES		100	/* addresses to try */

static void US_HOST print_log(void *arg, uint32_t level, const char *text,
			      uint64_t value)
{
	(void)arg;
	printf("# plugin: %u: %.128s (%llu)\n", level, text,
	       (unsigned long long)value);
}

static void US_HOST print_bad(void *arg, enum us_bad kind, const char *text,
			      uint64_t value)
{
	struct user_shell *us = arg;

	/* A plugin that is wrong is so all the time. */
	if (us->bad[kind] > 3)
		return;
	printf("# violation (%s): %s %llu%s\n", us_bad_name(kind), text,
	       (unsigned long long)value,
	       us->bad[kind] == 3 ? "; no more of these are shown" : "");
}

static int make_memory(struct user_shell *us, struct dma_space *dma)
{
	us->fd = memfd_create("guest", MFD_CLOEXEC);
	if (us->fd < 0)
		return -1;
	if (ftruncate(us->fd, US_MEM_LEN))
		goto close_fd;
	us->mem = mmap(NULL, US_MEM_LEN, PROT_READ | PROT_WRITE, MAP_SHARED,
		       us->fd, 0);
	if (us->mem == MAP_FAILED)
		goto close_fd;
	if (!dma_add(dma, US_DMA_BASE, US_MEM_LEN, us->fd, 0, true))
		return 0;
	munmap(us->mem, US_MEM_LEN);
close_fd:
	close(us->fd);
	return -1;
}

/* A page, and one behind it that cannot be read. */
static uint8_t *make_head(void)
{
	uint8_t *page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return NULL;
	mprotect(page + PAGE, PAGE, PROT_NONE);
	return page + PAGE;
}

struct user_shell *us_create(struct dma_space *dma)
{
	struct user_shell *us = calloc(1, sizeof(*us));

	if (!us)
		return NULL;
	us->priv_area = aligned_alloc(US_GUARD_LEN, PRIV_AREA_LEN);
	us->head_end = make_head();
	if (!us->priv_area || !us->head_end || make_memory(us, dma)) {
		if (us->head_end)
			munmap(us->head_end - PAGE, 2 * PAGE);
		free(us->priv_area);
		free(us);
		return NULL;
	}
	us->host.log = print_log;
	us->host.bad = print_bad;
	us->host.arg = us;
	us_init(us);
	return us;
}

void us_destroy(struct user_shell *us)
{
	if (!us)
		return;
	munmap(us->mem, US_MEM_LEN);
	close(us->fd);
	munmap(us->head_end - PAGE, 2 * PAGE);
	free(us->priv_area);
	free(us);
}

/* Images. */

/* Memory for an image, somewhere in the lower half of user space. */
static uint8_t *random_place(void)
{
	uint64_t addr;
	void *mem;
	int i;

	for (i = 0; i < PLACES; i++) {
		if (getrandom(&addr, sizeof(addr), 0) != sizeof(addr))
			break;
		addr = (addr & ((1ULL << 45) - 1) & ~(PAGE - 1)) + (1ULL << 45);
		mem = mmap((void *)addr, NPA_IMAGE_MAX_LEN,
			   PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
			   -1, 0);
		if (mem != MAP_FAILED)
			return mem;
	}
	return NULL;
}

static int place(struct us_image *image, const struct blob *file)
{
	uint8_t *at;

	image->base = random_place();
	if (!image->base)
		return fail("no address for the image: %s", strerror(errno));
	memset(image->base, BREAKPOINT, NPA_IMAGE_MAX_LEN);
	memcpy(image->base, file->data, file->len);
	if (mprotect(image->base, NPA_IMAGE_MAX_LEN, PROT_READ | PROT_EXEC)) {
		us_image_unload(image);
		return fail("memory cannot be made executable: %s",
			    strerror(errno));
	}
	at = image->base + le32toh(image->header.entry_offset);
	memcpy(&image->entry, &at, sizeof(at));
	return 0;
}

int us_image_load(struct us_image *image, const char *path)
{
	struct verdict verdict;
	struct blob file;
	int ret = -1;

	memset(image, 0, sizeof(*image));
	if (blob_read(&file, path, NPA_IMAGE_MAX_LEN))
		goto out;
	if (!image_verify(&file, &verdict)) {
		fail("%s: %s: %s", path, verdict.code, verdict.text);
		goto out;
	}
	memcpy(&image->header, file.data, sizeof(image->header));
	if (!place(image, &file))
		ret = 0;
out:
	blob_free(&file);
	return ret;
}

void us_image_unload(struct us_image *image)
{
	if (image->base)
		munmap(image->base, NPA_IMAGE_MAX_LEN);
	image->base = NULL;
}

npa_plugin_main_t us_map_image(const char *path, uint32_t *priv_len)
{
	struct us_image image;

	if (us_image_load(&image, path))
		return NULL;
	*priv_len = le32toh(image.header.private_len);
	return image.entry;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Layout of the window BAR.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "window.h"

#define SEALS		(F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

#define PAGES		(WINDOW_BAR_LEN / WINDOW_PAGE_LEN)

/*
 * Page n is mapped if bit n is set.  Pages 0 to 18 hold all 16 patterns of
 * four: 0000100110101111000.
 */
static const uint32_t mapped_pages = 0x0000f590;

static bool is_mapped(unsigned int page)
{
	return mapped_pages >> page & 1;
}

static bool is_direct(const struct pf_vf_info *info, uint32_t offset)
{
	for (unsigned int i = 0; i < info->num_regions; i++) {
		const struct pf_region *region = &info->regions[i];

		if (offset >= region->offset &&
		    offset - region->offset < region->length)
			return region->direct;
	}
	return false;
}

static bool fits(const struct pf_vf_info *info, unsigned int first)
{
	for (uint32_t offset = 0; offset < info->window_len;
	     offset += WINDOW_PAGE_LEN)
		if (is_direct(info, offset) !=
		    is_mapped(first + offset / WINDOW_PAGE_LEN))
			return false;
	return true;
}

int window_place(const struct pf_vf_info *info)
{
	for (unsigned int first = 0; first < PAGES; first++) {
		uint32_t place = first * WINDOW_PAGE_LEN;

		if (info->window_len > WINDOW_BAR_LEN - place)
			break;
		if (fits(info, first))
			return place;
	}
	return -ENOSPC;
}

unsigned int window_areas(struct vfio_user_area *areas)
{
	unsigned int num = 0;

	for (unsigned int page = 0; page < PAGES; page++) {
		if (!is_mapped(page))
			continue;
		if (page && is_mapped(page - 1)) {
			areas[num - 1].size += WINDOW_PAGE_LEN;
			continue;
		}
		areas[num++] = (struct vfio_user_area){
			.offset = (uint64_t)page * WINDOW_PAGE_LEN,
			.size = WINDOW_PAGE_LEN,
		};
	}
	return num;
}

static int map(struct window *window, int fd)
{
	void *mem = mmap(NULL, WINDOW_BAR_LEN, PROT_READ | PROT_WRITE,
			 MAP_SHARED, fd, 0);

	if (mem == MAP_FAILED)
		return -errno;
	*window = (struct window){ .mem = mem, .fd = fd };
	return 0;
}

int window_new(struct window *window)
{
	int fd = memfd_create("npa-window", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int err;

	*window = (struct window){ .fd = -1 };
	if (fd < 0)
		return -errno;
	/* Whoever holds a descriptor could take the memory away otherwise. */
	err = ftruncate(fd, WINDOW_BAR_LEN) || fcntl(fd, F_ADD_SEALS, SEALS) ?
	      -errno : map(window, fd);
	if (err) {
		close(fd);
		return err;
	}
	memset(window->mem, 0xff, WINDOW_BAR_LEN);
	return 0;
}

int window_adopt(struct window *window, int fd)
{
	struct stat st;
	int seals = fcntl(fd, F_GET_SEALS);

	if (seals < 0 || (seals & SEALS) != SEALS || fstat(fd, &st) ||
	    st.st_size != WINDOW_BAR_LEN)
		return -EINVAL;
	return map(window, fd);
}

void window_free(struct window *window)
{
	if (window->mem)
		munmap(window->mem, WINDOW_BAR_LEN);
	if (window->fd >= 0)
		close(window->fd);
	*window = (struct window){ .fd = -1 };
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Layout of the window BAR.
 */
#include <errno.h>

#include "window.h"

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

// SPDX-License-Identifier: GPL-2.0
/*
 * The layout of the window BAR: every VF of four pages finds its place, and
 * where it finds it exactly its direct pages are mapped.
 */
#include <errno.h>

#include "../window.h"
#include "tap.h"

/* A VF whose page n is direct if bit n of pattern is set. */
static struct pf_vf_info make_info(unsigned int pages, unsigned int pattern)
{
	struct pf_vf_info info = {
		.window_len = pages * WINDOW_PAGE_LEN,
		.num_regions = pages,
	};

	for (unsigned int i = 0; i < pages; i++)
		info.regions[i] = (struct pf_region){
			.offset = i * WINDOW_PAGE_LEN,
			.length = WINDOW_PAGE_LEN,
			.direct = pattern >> i & 1,
		};
	return info;
}

static bool is_mapped(uint64_t offset)
{
	struct vfio_user_area areas[VFIO_USER_MAX_AREAS];
	unsigned int num = window_areas(areas);

	for (unsigned int i = 0; i < num; i++)
		if (offset >= areas[i].offset &&
		    offset - areas[i].offset < areas[i].size)
			return true;
	return false;
}

static void test_patterns(struct tap *tap, unsigned int pages)
{
	tap_begin(tap);
	for (unsigned int pattern = 0; pattern < 1u << pages; pattern++) {
		struct pf_vf_info info = make_info(pages, pattern);
		int place = window_place(&info);

		if (!tap_check(tap, place >= 0))
			continue;
		tap_check(tap, place + info.window_len <= WINDOW_BAR_LEN);
		for (unsigned int i = 0; i < pages; i++)
			tap_check(tap, is_mapped(place + i * WINDOW_PAGE_LEN) ==
				  (pattern >> i & 1));
	}
	tap_end(tap, "every pattern of %u pages has its place", pages);
}

static void test_areas(struct tap *tap)
{
	struct vfio_user_area areas[VFIO_USER_MAX_AREAS];
	unsigned int num = window_areas(areas);

	tap_begin(tap);
	tap_check(tap, num && num <= VFIO_USER_MAX_AREAS);
	for (unsigned int i = 0; i < num; i++) {
		tap_check(tap, areas[i].size &&
			  !(areas[i].size % WINDOW_PAGE_LEN) &&
			  !(areas[i].offset % WINDOW_PAGE_LEN));
		tap_check(tap, areas[i].offset + areas[i].size <=
			  WINDOW_BAR_LEN);
		tap_check(tap, !i || areas[i].offset >
			  areas[i - 1].offset + areas[i - 1].size);
	}
	tap_end(tap, "areas are whole pages, ascending, apart");
}

static void test_no_place(struct tap *tap)
{
	struct pf_vf_info info = make_info(5, 0x1f);

	tap_begin(tap);
	tap_check(tap, window_place(&info) == -ENOSPC);
	info = make_info(6, 0);
	tap_check(tap, window_place(&info) >= 0);
	info.window_len = WINDOW_BAR_LEN + WINDOW_PAGE_LEN;
	tap_check(tap, window_place(&info) == -ENOSPC);
	tap_end(tap, "a window that fits nowhere has no place");
}

int main(void)
{
	struct tap tap = { 0 };

	for (unsigned int pages = 1; pages <= 4; pages++)
		test_patterns(&tap, pages);
	test_areas(&tap);
	test_no_place(&tap);
	return tap_done(&tap);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Guard pages for fuzz targets: a mapping of a file, such as npad makes of the
 * guest's memory and of the window, gets an unmapped page on either side, and
 * what is between its end and the end of its last page is poison to ASan.  The
 * linker puts these functions in the place of mmap() and munmap() (--wrap).
 */
#include <sanitizer/asan_interface.h>
#include <stdint.h>

#include "wrap.h"

#define PAGE		4096ul

static size_t whole_pages(size_t len)
{
	return (len + PAGE - 1) & ~(PAGE - 1);
}

void *__wrap_mmap(void *addr, size_t len, int prot, int flags, int fd,
		  off_t offset)
{
	size_t whole = whole_pages(len);
	uint8_t *space, *map;

	if (addr || fd < 0 || !len || whole < len || whole + 2 * PAGE < len)
		return __real_mmap(addr, len, prot, flags, fd, offset);
	space = __real_mmap(NULL, whole + 2 * PAGE, PROT_NONE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (space == MAP_FAILED)
		return space;
	map = __real_mmap(space + PAGE, len, prot, flags | MAP_FIXED, fd,
			  offset);
	if (map == MAP_FAILED) {
		__real_munmap(space, whole + 2 * PAGE);
		return map;
	}
	if (whole > len)
		ASAN_POISON_MEMORY_REGION(map + len, whole - len);
	return map;
}

/* npad unmaps nothing but what came out of mmap() above. */
int __wrap_munmap(void *addr, size_t len)
{
	size_t whole = whole_pages(len);

	if (whole > len)
		ASAN_UNPOISON_MEMORY_REGION((uint8_t *)addr + len, whole - len);
	return __real_munmap((uint8_t *)addr - PAGE, whole + 2 * PAGE);
}

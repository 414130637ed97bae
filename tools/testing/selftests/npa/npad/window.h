/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Layout of the window BAR: which of its pages the guest maps, and where in it
 * the window of a VF lies.
 *
 * The client maps pages when it connects, and never again; the VF may be
 * another one by then, after a migration.  So the layout is the same whatever
 * the VF is: pages that are mapped and pages that are trapped follow each
 * other so that every pattern of four pages occurs somewhere (a de Bruijn
 * sequence), and a VF's window is where its own pattern is.  The guest learns
 * the place from LOAD_PLUGIN.
 */
#ifndef NPAD_WINDOW_H
#define NPAD_WINDOW_H

#include "pci.h"
#include "pf.h"
#include "vfio_user.h"

#define WINDOW_PAGE_LEN	4096u

/**
 * struct window - memory of a window BAR
 * @mem: %WINDOW_BAR_LEN bytes, mapped; NULL: none
 * @fd: the same, for the client; -1: none
 */
struct window {
	uint8_t *mem;
	int fd;
};

/* Make one, all ones; its size is sealed.  0 or a negative errno. */
int window_new(struct window *window);
/* Map what another host's window_new() has made.  -EINVAL if it is not that,
 * or an error of mmap(); fd stays the caller's then, else it is the window's.
 */
int window_adopt(struct window *window, int fd);
/* One without memory is fine. */
void window_free(struct window *window);

/*
 * Where the window of a VF lies: bytes from the start of the BAR.  -ENOSPC if
 * no place has its pattern.
 */
int window_place(const struct pf_vf_info *info);

/*
 * The parts of the BAR that are mapped, ascending; areas has room for
 * %VFIO_USER_MAX_AREAS.  Returns how many there are.
 */
unsigned int window_areas(struct vfio_user_area *areas);

#endif

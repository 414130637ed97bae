/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Descriptors from strangers.
 */
#ifndef NPAD_NONBLOCKING_H
#define NPAD_NONBLOCKING_H

#include <fcntl.h>
#include <stdbool.h>

/* Nobody may stand still because a client gave a full pipe for an eventfd.
 * False if that cannot be.
 */
static inline bool set_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && !fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

#endif

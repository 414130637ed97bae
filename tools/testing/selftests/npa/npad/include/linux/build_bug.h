/* SPDX-License-Identifier: GPL-2.0 */
/* static_assert() and attributes as in the kernel; see bits.h. */
#ifndef NPAD_LINUX_BUILD_BUG_H
#define NPAD_LINUX_BUILD_BUG_H

#include <assert.h>

/* The message is optional there. */
#undef static_assert
#define static_assert(expr, ...)	_Static_assert(expr, #expr)

#ifndef __packed
#define __packed	__attribute__((packed))
#endif

#endif

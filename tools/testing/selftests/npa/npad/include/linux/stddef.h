/* SPDX-License-Identifier: GPL-2.0 */
/* offsetof() as in the kernel, and what linux-libc-dev's file has; see bits.h. */
#ifndef NPAD_LINUX_STDDEF_H
#define NPAD_LINUX_STDDEF_H

#include <stddef.h>

#include_next <linux/stddef.h>

#endif

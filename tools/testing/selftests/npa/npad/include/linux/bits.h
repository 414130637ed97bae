/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel's headers of this name give, for user space: enough for the
 * device headers that npad shares with the driver.
 */
#ifndef NPAD_LINUX_BITS_H
#define NPAD_LINUX_BITS_H

#include <assert.h>

#define BIT(n)			(1U << (n))
#define BIT_ULL(n)		(1ULL << (n))
#define GENMASK_ULL(high, low)	((~0ULL >> (63 - (high))) & (~0ULL << (low)))
#define GENMASK(high, low)	((~0U >> (31 - (high))) & (~0U << (low)))

/* mask is a constant: the compiler folds the lowest bit. */
#define FIELD_GET(mask, word)	(((word) & (mask)) / ((mask) & -(mask)))
#define FIELD_PREP(mask, value)	(((value) * ((mask) & -(mask))) & (mask))

#endif

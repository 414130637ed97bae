/* SPDX-License-Identifier: GPL-2.0 */
/*
 * UTF-8, which JSON consists of.
 */
#ifndef NPAD_UTF8_H
#define NPAD_UTF8_H

#include <stddef.h>

/* Bytes of the first character of a terminated text, 1 to 4; 0 if there is
 * none: the text is empty, or it does not begin with UTF-8.
 */
size_t utf8_len(const char *text);

#endif

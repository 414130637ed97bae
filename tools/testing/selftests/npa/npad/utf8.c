// SPDX-License-Identifier: GPL-2.0
/*
 * UTF-8.
 */
#include <stdint.h>

#include "utf8.h"

/* First bytes, the length they mean, and what the second byte may be: not more
 * bytes than needed, no surrogates, nothing above U+10FFFF (RFC 3629).
 */
static const struct {
	uint8_t first, last;
	uint8_t len;
	uint8_t min, max;
} kinds[] = {
	{ 0x01, 0x7f, 1, 0, 0 },
	{ 0xc2, 0xdf, 2, 0x80, 0xbf },
	{ 0xe0, 0xe0, 3, 0xa0, 0xbf },
	{ 0xe1, 0xec, 3, 0x80, 0xbf },
	{ 0xed, 0xed, 3, 0x80, 0x9f },
	{ 0xee, 0xef, 3, 0x80, 0xbf },
	{ 0xf0, 0xf0, 4, 0x90, 0xbf },
	{ 0xf1, 0xf3, 4, 0x80, 0xbf },
	{ 0xf4, 0xf4, 4, 0x80, 0x8f },
};

size_t utf8_len(const char *text)
{
	const uint8_t *bytes = (const uint8_t *)text;
	size_t i = 0, n;

	while (i < sizeof(kinds) / sizeof(kinds[0]) &&
	       (bytes[0] < kinds[i].first || bytes[0] > kinds[i].last))
		i++;
	if (i == sizeof(kinds) / sizeof(kinds[0]))
		return 0;
	if (kinds[i].len > 1 &&
	    (bytes[1] < kinds[i].min || bytes[1] > kinds[i].max))
		return 0;
	for (n = 2; n < kinds[i].len; n++)
		if ((bytes[n] & 0xc0) != 0x80)
			return 0;
	return kinds[i].len;
}

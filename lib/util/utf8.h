/* SPDX-License-Identifier: MIT */
/* Telling UTF-8 from other bytes, without the locale. */
#ifndef CT_UTIL_UTF8_H
#define CT_UTIL_UTF8_H

#include <stddef.h>
#include <stdint.h>

/*
 * The length of the well-formed character at text, which ends in NUL, and its number;
 * 0 if there is none. Overlong forms, surrogates and numbers past U+10FFFF are none.
 */
static inline size_t ct__utf8_next(const char *text, uint32_t *ret_number)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *byte = (const unsigned char *)text;
	size_t length = byte[0] < 0x80	 ? 1
			: byte[0] < 0xc0 ? 0
			: byte[0] < 0xe0 ? 2
			: byte[0] < 0xf0 ? 3
			: byte[0] < 0xf8 ? 4
					 : 0;
	uint32_t number = length == 1 ? byte[0] : byte[0] & (0xffu >> (length + 1));

	for (size_t i = 1; i < length; i++) {
		if ((byte[i] & 0xc0) != 0x80)
			return 0;
		number = number << 6 | (byte[i] & 0x3fu);
	}
	if (length == 0 || number < least[length] || number > 0x10ffff ||
		(number >= 0xd800 && number <= 0xdfff))
		return 0;
	*ret_number = number;
	return length;
}

#endif

/* SPDX-License-Identifier: MIT */
/* Structs that begin with their size, so that callers built against another version get what they know. */
#ifndef CT_UTIL_SIZED_H
#define CT_UTIL_SIZED_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Fills the caller's struct from one of size bytes, as far as both go; -EINVAL: it has no size. */
static inline int ct__hand_out(void *ret, const void *from, size_t size)
{
	uint32_t theirs = ret ? *(uint32_t *)ret : 0;

	if (theirs < 2 * sizeof(uint32_t))
		return -EINVAL;
	memcpy((char *)ret + sizeof(theirs), (const char *)from + sizeof(theirs),
		(theirs < size ? theirs : size) - sizeof(theirs));
	return 0;
}

#endif

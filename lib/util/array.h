/* SPDX-License-Identifier: MIT */
/* A growing array of items of one size. No knowledge of containers. */
#ifndef CT_UTIL_ARRAY_H
#define CT_UTIL_ARRAY_H

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

typedef struct ct__array {
	void *items;
	size_t count;
	size_t room;
} ct__array;

/* Appends a copy of item; 0 or -ENOMEM, then the array is as before. */
static inline int ct__array_add(ct__array *array, const void *item, size_t size)
{
	if (array->count == array->room) {
		size_t room = array->room ? array->room * 2 : 8;
		void *grown = reallocarray(array->items, room, size);

		if (!grown)
			return -ENOMEM;
		array->items = grown;
		array->room = room;
	}
	memcpy((char *)array->items + array->count * size, item, size);
	array->count++;
	return 0;
}

static inline void ct__array_done(ct__array *array)
{
	free(array->items);
	*array = (ct__array){0};
}

/* for_each(struct row, row, &array) { ... } */
#define ct__array_for_each(type, item, array)                                                      \
	for (type *item = (array)->items;                                                          \
		item && item < (type *)(array)->items + (array)->count; item++)

#endif

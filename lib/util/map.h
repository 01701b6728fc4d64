/* SPDX-License-Identifier: MIT */
/* A small hash map: 64-bit key to 32-bit value, for inodes and hashes of names. */
#ifndef CT_UTIL_MAP_H
#define CT_UTIL_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ct__map {
	uint64_t *keys;
	uint32_t *values; /* value + 1; 0: free */
	size_t size;	  /* a power of two, or 0 */
	size_t used;
	uint64_t seed;
};

/* Adds or replaces; 0 or -ENOMEM, then the map is as before. */
int ct__map_set(struct ct__map *map, uint64_t key, uint32_t value);
bool ct__map_get(const struct ct__map *map, uint64_t key, uint32_t *ret_value);
void ct__map_done(struct ct__map *map);

#endif

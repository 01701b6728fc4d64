/* SPDX-License-Identifier: MIT */
/*
 * A small hash map from 64 to 32 bits, open addressing, grow only.
 * It does not forget keys and does not know what they are.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include "map.h"

/* splitmix64 over a secret: whoever chooses the keys cannot aim at one slot. */
static size_t slot_of(const struct ct__map *map, uint64_t key)
{
	key ^= map->seed;
	key ^= key >> 30;
	key *= UINT64_C(0xbf58476d1ce4e5b9);
	key ^= key >> 27;
	key *= UINT64_C(0x94d049bb133111eb);
	key ^= key >> 31;
	return (size_t)key & (map->size - 1);
}

static size_t find(const struct ct__map *map, uint64_t key)
{
	size_t at = slot_of(map, key);

	while (map->values[at] && map->keys[at] != key)
		at = (at + 1) & (map->size - 1);
	return at;
}

static int grow(struct ct__map *map)
{
	struct ct__map larger = {.size = map->size ? map->size * 2 : 256, .seed = map->seed};

	if (!map->size && getrandom(&larger.seed, sizeof(larger.seed), GRND_NONBLOCK) < 0)
		larger.seed = (uint64_t)(uintptr_t)map;
	larger.keys = calloc(larger.size, sizeof(*larger.keys));
	larger.values = calloc(larger.size, sizeof(*larger.values));
	if (!larger.keys || !larger.values) {
		ct__map_done(&larger);
		return -ENOMEM;
	}
	for (size_t i = 0; i < map->size; i++) {
		if (map->values[i]) {
			size_t at = find(&larger, map->keys[i]);

			larger.keys[at] = map->keys[i];
			larger.values[at] = map->values[i];
		}
	}
	larger.used = map->used;
	ct__map_done(map);
	*map = larger;
	return 0;
}

int ct__map_set(struct ct__map *map, uint64_t key, uint32_t value)
{
	size_t at;

	if (map->used * 4 >= map->size * 3) {
		int rc = grow(map);

		if (rc < 0)
			return rc;
	}
	at = find(map, key);
	if (!map->values[at])
		map->used++;
	map->keys[at] = key;
	map->values[at] = value + 1;
	return 0;
}

bool ct__map_get(const struct ct__map *map, uint64_t key, uint32_t *ret_value)
{
	size_t at;

	if (!map->size)
		return false;
	at = find(map, key);
	if (!map->values[at])
		return false;
	*ret_value = map->values[at] - 1;
	return true;
}

void ct__map_done(struct ct__map *map)
{
	free(map->keys);
	free(map->values);
	*map = (struct ct__map){0};
}

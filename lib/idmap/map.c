/* SPDX-License-Identifier: MIT */
/* An id map in memory: its life, and how it is to be written. */
#include <errno.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "idmap.h"
#include "sys/procfs.h"
#include "util/fd.h"

void ct__idmap_done(struct ct__idmap *map)
{
	ct__array_done(&map->uids);
	ct__array_done(&map->gids);
	*map = (struct ct__idmap){0};
}

int ct__idmap_add(ct__array *ranges, uint32_t inside, uint32_t outside, uint32_t count)
{
	const struct ct__id_range range = {inside, outside, count};

	return ct__array_add(ranges, &range, sizeof(range));
}

int ct__idmap_copy(const ct__array *ranges, ct__array *ret_ranges)
{
	ct__array copy = {0};

	ct__array_for_each(const struct ct__id_range, range, ranges) {
		if (ct__array_add(&copy, range, sizeof(*range)) < 0) {
			ct__array_done(&copy);
			return -ENOMEM;
		}
	}
	*ret_ranges = copy;
	return 0;
}

int ct__idmap_default_own(struct ct__idmap *map)
{
	int ret = 0;

	if (!map->uids.count)
		ret = ct__idmap_add(&map->uids, 0, geteuid(), 1);
	if (ret >= 0 && !map->gids.count)
		ret = ct__idmap_add(&map->gids, 0, getegid(), 1);
	return ret;
}

bool ct__has_cap(int cap)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[2] = {{0}, {0}};

	return syscall(SYS_capget, &header, sets) == 0 &&
	       (sets[cap / 32].effective >> cap % 32 & 1);
}

/* The one map that the kernel takes from anybody. */
static bool is_alone(const ct__array *ranges, uint32_t own)
{
	const struct ct__id_range *range = ranges->items;

	return ranges->count == 1 && range->count == 1 && range->outside == own;
}

/*
 * user_namespaces(7): without CAP_SETGID a gid map is accepted only once setgroups is
 * barred, so that nobody sheds a group that denies him access. newgidmap has that right,
 * and lets those keep setgroups to whom /etc/subgid gives the groups.
 */
void ct__idmap_decide(struct ct__idmap *map)
{
	bool sets_gids = ct__has_cap(CAP_SETGID);

	map->helps_uids = !ct__has_cap(CAP_SETUID) && !is_alone(&map->uids, geteuid());
	map->helps_gids = !sets_gids && !is_alone(&map->gids, getegid());
	map->deny_setgroups = !sets_gids && !map->helps_gids;
}

/* How many ids from this one on are in one range of the map, or in none. */
static uint32_t together(const ct__array *own, uint32_t id, uint32_t count)
{
	ct__array_for_each(const struct ct__id_range, range, own) {
		uint64_t end = (uint64_t)range->inside + range->count;

		if (id >= range->inside && id < end)
			return end - id < count ? (uint32_t)(end - id) : count;
		if (id < range->inside && range->inside - id < count)
			count = range->inside - id;
	}
	return count;
}

int ct__idmap_part(const ct__array *ranges, const ct__array *own, ct__array *ret_ranges)
{
	ct__array parted = {0};

	ct__array_for_each(const struct ct__id_range, range, ranges) {
		for (uint32_t done = 0, count; done < range->count; done += count) {
			count = together(own, range->outside + done, range->count - done);
			if (ct__idmap_add(&parted, range->inside + done, range->outside + done, count) < 0) {
				ct__array_done(&parted);
				return -ENOMEM;
			}
		}
	}
	*ret_ranges = parted;
	return 0;
}

static int fit(ct__array *ranges, int proc, const char *own_map)
{
	CT__AUTO_FREE char *text = NULL;
	ct__array own = {0}, parted = {0};
	int ret = ct__procfs_read_all(proc, own_map, &text);

	if (ret >= 0)
		ret = ct__parse_id_map(text, &own);
	if (ret < 0 || own.count < 2) { /* as a rule there is one, or nothing to be learned */
		ct__array_done(&own);
		return ret == -ENOMEM ? ret : 0;
	}
	ret = ct__idmap_part(ranges, &own, &parted);
	ct__array_done(&own);
	if (ret < 0)
		return ret;
	ct__array_done(ranges);
	*ranges = parted;
	return 0;
}

int ct__idmap_fit(struct ct__idmap *map)
{
	CT__AUTO_CLOSE int proc = ct__procfs_open();
	int ret = 0;

	if (proc >= 0)
		ret = fit(&map->uids, proc, "thread-self/uid_map");
	if (proc >= 0 && ret >= 0)
		ret = fit(&map->gids, proc, "thread-self/gid_map");
	return ret;
}

uint32_t ct__idmap_root(const ct__array *ranges)
{
	const struct ct__id_range *first = ranges->items;

	ct__array_for_each(const struct ct__id_range, range, ranges)
		if (range->inside == 0)
			return 0;
	return ranges->count ? first->inside : 0;
}

bool ct__idmap_trim(ct__array *ranges, uint64_t count)
{
	size_t kept = 0;

	ct__array_for_each(struct ct__id_range, range, ranges) {
		if (!count)
			break;
		if (range->count > count)
			range->count = (uint32_t)count;
		count -= range->count;
		kept++;
	}
	ranges->count = kept;
	return count == 0;
}

uint64_t ct__idmap_size(const ct__array *ranges)
{
	uint64_t size = 0;

	ct__array_for_each(const struct ct__id_range, range, ranges)
		size += range->count;
	return size;
}

/* SPDX-License-Identifier: MIT */
/*
 * A range of ids that is nobody's, for one who may map any: no line of /etc/passwd,
 * /etc/group, /etc/subuid or /etc/subgid has an id of it, and no process is in a user
 * namespace with one.
 *
 * Two who choose at the same instant must not take the same. There is no lock that all of
 * them could know of without a file or a name that others could take first; so each one
 * first takes a range (a process in a user namespace with it, which all see in /proc),
 * and then looks whether somebody else has it: of two, the later to take sees the earlier,
 * and gives it back. The process stays as long as the plan: containers that come later, or
 * outlive it, keep the range by being there.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "error/error.h"
#include "idmap.h"
#include "sys/procfs.h"
#include "util/fd.h"
#include "util/proc_text.h"

/* Where others look for such ranges, too: below are users, above are numbers that some take for negative. */
#define AREA_FIRST 524288u
#define AREA_END   1879048192u
#define BLOCK	   65536u
#define TRIES	   64

/* What is known of ids while one looks for a range; all are struct ct__id_range, with the ids outside. */
struct search {
	ct__array taken;
	ct__array own_uids,
		own_gids; /* the caller's own maps: an id that it has not cannot be given */
	int proc;
	ct_error *err;
};

/* --------------------------------------------------------- what is taken */

static int take_range(const struct ct__colon_line *line, void *taken)
{
	struct ct__id_range range;

	return ct__colon_range(line, &range) ? ct__array_add(taken, &range, sizeof(range)) : 0;
}

static int take_one(const struct ct__colon_line *line, size_t field, ct__array *taken)
{
	struct ct__id_range range = {.count = 1};

	return ct__colon_number(line, field, &range.outside)
		       ? ct__array_add(taken, &range, sizeof(range))
		       : 0;
}

static int take_user(const struct ct__colon_line *line, void *taken)
{
	int ret = take_one(line, 2, taken);

	return ret < 0 ? ret : take_one(line, 3, taken);
}

static int take_group(const struct ct__colon_line *line, void *taken)
{
	return take_one(line, 2, taken);
}

static int take_files(struct search *search)
{
	static const struct {
		const char *path;
		ct__idmap_line_fn take;
	} files[] = {{"/etc/passwd", take_user}, {"/etc/group", take_group},
		{"/etc/subuid", take_range}, {"/etc/subgid", take_range}};
	int ret = 0;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]) && ret >= 0; i++)
		ret = ct__idmap_each_line(
			files[i].path, files[i].take, &search->taken, search->err);
	return ret;
}

static bool is_same(const ct__array *a, const ct__array *b)
{
	return a->count == b->count &&
	       (!a->count ||
		       memcmp(a->items, b->items, a->count * sizeof(struct ct__id_range)) == 0);
}

/*
 * The map of one process. One that is in the caller's own user namespace has the caller's
 * map; so has one in a namespace that maps each id to itself, which takes no range away.
 */
static int take_map(struct search *search, pid_t pid, const char *name, const ct__array *own)
{
	CT__AUTO_FREE char *text = NULL;
	ct__array map = {0};
	char path[48];
	int ret;

	snprintf(path, sizeof(path), "%d/%s", pid, name);
	ret = ct__procfs_read_all(search->proc, path, &text);
	/* It has ended, is hidden, or ends just now: proc_id_map_open() of the kernel's fs/proc/base.c. */
	if (ret == -ENOENT || ret == -ESRCH || ret == -EACCES || ret == -EINVAL)
		return 0;
	if (ret >= 0)
		ret = ct__parse_id_map(text, &map);
	if (ret >= 0 && !is_same(&map, own))
		ct__array_for_each(struct ct__id_range, range, &map)
			ret = ret < 0 ? ret : ct__array_add(&search->taken, range, sizeof(*range));
	ct__array_done(&map);
	return ret;
}

/* All processes but one. */
static int take_processes(struct search *search, pid_t but)
{
	int fd = ct__openat(search->proc, ".", O_RDONLY | O_DIRECTORY, 0);
	DIR *proc = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int ret = 0;

	if (!proc) {
		ret = fd < 0 ? fd : -errno;
		ct__close(&fd);
		return ret;
	}
	while (ret >= 0 && (entry = readdir(proc))) {
		pid_t pid = ct__parse_pid(entry->d_name);

		if (!pid || pid == but)
			continue;
		ret = take_map(search, pid, "uid_map", &search->own_uids);
		if (ret >= 0)
			ret = take_map(search, pid, "gid_map", &search->own_gids);
	}
	closedir(proc);
	return ret;
}

static int read_own(struct search *search, const char *name, ct__array *ret_map)
{
	CT__AUTO_FREE char *text = NULL;
	int ret = ct__procfs_read_all(search->proc, name, &text);

	return ret < 0 ? ret : ct__parse_id_map(text, ret_map);
}

static int begin(struct search *search)
{
	int ret;

	search->proc = ct__procfs_open();
	if (search->proc < 0)
		return ct__fail(search->err, CT_STEP_IDMAP, search->proc, "openat", "/proc");
	ret = read_own(search, "thread-self/uid_map", &search->own_uids);
	if (ret >= 0)
		ret = read_own(search, "thread-self/gid_map", &search->own_gids);
	return ret < 0 ? ct__fail(search->err, CT_STEP_IDMAP, ret, "read", "/proc/self/uid_map")
		       : 0;
}

/* Looks anew at what is taken, but for what one process has. */
static int look(struct search *search, pid_t but)
{
	int ret;

	ct__array_done(&search->taken);
	ret = take_processes(search, but);
	if (ret < 0)
		return ct__fail(search->err, CT_STEP_IDMAP, ret, "read", "/proc/PID/uid_map");
	return take_files(search);
}

/* ------------------------------------------------------------- a free one */

static bool overlaps(const struct ct__id_range *range, uint32_t first, uint32_t count)
{
	return first < (uint64_t)range->outside + range->count &&
	       range->outside < (uint64_t)first + count;
}

/* In one piece of the caller's own map: enough, for a map in pieces is rare. */
static bool is_own(const ct__array *own, uint32_t first, uint32_t count)
{
	ct__array_for_each(const struct ct__id_range, range, own)
		if (first >= range->inside && first - range->inside < range->count &&
			count <= range->count - (first - range->inside))
			return true;
	return false;
}

static bool is_free(const struct search *search, uint32_t first, uint32_t count)
{
	if (!is_own(&search->own_uids, first, count) || !is_own(&search->own_gids, first, count))
		return false;
	ct__array_for_each(const struct ct__id_range, range, &search->taken)
		if (overlaps(range, first, count))
			return false;
	return true;
}

/* From a random place on, so that those who choose at once seldom meet. 0: there is none. */
static uint32_t find_free(const struct search *search, uint32_t count)
{
	uint32_t blocks, start = 0;

	if (count > AREA_END - AREA_FIRST)
		return 0;
	blocks = (AREA_END - AREA_FIRST - count) / BLOCK + 1;
	if (getrandom(&start, sizeof(start), GRND_NONBLOCK) < 0)
		start = (uint32_t)getpid() * 2654435761u;
	for (uint32_t i = 0; i < blocks; i++) {
		uint32_t first = AREA_FIRST + (start % blocks + i) % blocks * BLOCK;

		if (is_free(search, first, count))
			return first;
	}
	return 0;
}

/* Takes a range, then looks whether somebody else has it as well. 1: somebody has. */
static int try_one(
	struct search *search, uint32_t count, struct ct__idmap *map, struct ct__userns *ret_holder)
{
	uint32_t first;
	int ret = look(search, 0);

	if (ret < 0)
		return ret;
	first = find_free(search, count);
	if (!first)
		return ct__fail_because(search->err, CT_STEP_IDMAP, -ENOSPC,
			"there is no free range of so many ids from 524288 to 1879048191", "%u ids",
			count);
	ret = ct__idmap_add(&map->uids, 0, first, count);
	if (ret >= 0)
		ret = ct__idmap_add(&map->gids, 0, first, count);
	if (ret < 0)
		return ct__fail(search->err, CT_STEP_MEMORY, ret, NULL, "id map");
	ct__idmap_decide(map);
	ret = ct__userns_hold(map, false, ret_holder, search->err);
	if (ret < 0)
		return ret;
	ret = look(search, ret_holder->pid);
	if (ret >= 0 && is_free(search, first, count))
		return 0;
	ct__userns_release(ret_holder);
	return ret < 0 ? ret : 1;
}

int ct__idmap_take_free(
	uint32_t count, struct ct__idmap *ret_map, struct ct__userns *ret_holder, ct_error *err)
{
	struct search search = {.proc = -EBADF, .err = err};
	struct ct__idmap map = {0};
	int ret = begin(&search);

	for (int i = 0; ret >= 0 && i < TRIES; i++) {
		ret = try_one(&search, count, &map, ret_holder);
		if (ret <= 0)
			break;
		ct__idmap_done(&map);
	}
	if (ret > 0)
		ret = ct__fail_because(err, CT_STEP_IDMAP, -EAGAIN,
			"others took each range that was tried", "%u ids", count);
	if (ret < 0)
		ct__idmap_done(&map);
	else
		*ret_map = map;
	ct__array_done(&search.taken);
	ct__array_done(&search.own_uids);
	ct__array_done(&search.own_gids);
	ct__close(&search.proc);
	return ret;
}

/* SPDX-License-Identifier: MIT */
/*
 * Subordinate ids: what /etc/subuid and /etc/subgid give to the caller. The files are
 * read as they are: no service of names is asked, which might load code into the host.
 * A user that is not in /etc/passwd is found by his number.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error/error.h"
#include "idmap.h"
#include "util/colon_text.h"
#include "util/fd.h"

/* Far above what any machine has; a file over it is not what it should be. */
#define FILE_LIMIT (16u << 20)

/* Whose ranges are looked for. */
struct owner {
	char name[256]; /* "": he has none in /etc/passwd, or one that is too long */
	char number[16];
};

/* A whole regular file; *ret_text is free()d by the caller. */
static int read_file(const char *path, char **ret_text, size_t *ret_size)
{
	CT__AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	CT__AUTO_FREE char *text = NULL;
	struct stat about;
	size_t used = 0;
	ssize_t got;

	if (fd < 0 || fstat(fd, &about) < 0)
		return -errno;
	if (!S_ISREG(about.st_mode))
		return -EINVAL;
	if (about.st_size > (off_t)FILE_LIMIT)
		return -EFBIG;
	text = malloc((size_t)about.st_size + 1);
	if (!text)
		return -ENOMEM;
	while (used < (size_t)about.st_size) {
		got = read(fd, text + used, (size_t)about.st_size - used);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		used += (size_t)got;
	}
	*ret_text = ct__take(text);
	*ret_size = used;
	return 0;
}

int ct__idmap_each_line(const char *path, ct__idmap_line_fn fn, void *data, ct_error *err)
{
	CT__AUTO_FREE char *text = NULL;
	struct ct__colon_line line;
	const char *at;
	size_t size = 0;
	int ret = read_file(path, &text, &size);

	if (ret == -ENOENT) /* nothing is said to anybody */
		return 0;
	if (ret < 0)
		return ct__fail(err, CT_STEP_IDMAP, ret, "read", "%s", path);
	at = text;
	while (ret >= 0 && ct__colon_next(&at, text + size, &line))
		ret = fn(&line, data);
	return ret < 0 ? ct__fail(err, CT_STEP_MEMORY, ret, NULL, "%s", path) : 0;
}

/* The first line with the user's number has his name, as for getpwuid(3). */
static int take_name(const struct ct__colon_line *line, void *data)
{
	struct owner *owner = data;

	if (owner->name[0] || !ct__colon_is(line, 2, owner->number) || !line->length[0] ||
		line->length[0] >= sizeof(owner->name))
		return 0;
	memcpy(owner->name, line->field[0], line->length[0]);
	owner->name[line->length[0]] = '\0';
	return 0;
}

static int find_owner(struct owner *owner, ct_error *err)
{
	*owner = (struct owner){0};
	snprintf(owner->number, sizeof(owner->number), "%u", geteuid());
	return ct__idmap_each_line("/etc/passwd", take_name, owner, err);
}

/* One of the two arrays while it is filled. */
struct collection {
	const struct owner *owner;
	ct__array *ranges;
	uint64_t inside; /* the next id that is free inside */
};

static bool overlaps(const ct__array *ranges, const struct ct__id_range *range)
{
	ct__array_for_each(const struct ct__id_range, other, ranges)
		if (range->outside < (uint64_t)other->outside + other->count &&
			other->outside < (uint64_t)range->outside + range->count)
			return true;
	return false;
}

/*
 * The kernel takes no id twice, so a range that overlaps an earlier one is left out, as
 * is one with id 0 in it: whatever the file says, root is nobody's subordinate.
 */
static int take_range(const struct ct__colon_line *line, void *data)
{
	struct collection *to = data;
	struct ct__id_range range;
	bool is_his = ct__colon_is(line, 0, to->owner->number) ||
		      (to->owner->name[0] && ct__colon_is(line, 0, to->owner->name));

	if (!is_his || !ct__colon_range(line, &range) || range.outside == 0 ||
		overlaps(to->ranges, &range) || to->ranges->count == CT__IDMAP_RANGES ||
		to->inside + range.count > UINT32_MAX)
		return 0;
	range.inside = (uint32_t)to->inside;
	to->inside += range.count;
	return ct__array_add(to->ranges, &range, sizeof(range));
}

static int collect(const char *path, const struct owner *owner, ct__array *ranges, ct_error *err)
{
	size_t before = ranges->count;
	struct collection to = {owner, ranges, ct__idmap_size(ranges)};
	int ret = ct__idmap_each_line(path, take_range, &to, err);

	if (ret >= 0 && ranges->count == before)
		return ct__fail_because(err, CT_STEP_IDMAP, -ENOENT,
			"it gives the user no subordinate ids", "%s: %s", path,
			owner->name[0] ? owner->name : owner->number);
	return ret;
}

static int collect_both(struct ct__idmap *map, struct ct__idmap *ret_map, ct_error *err)
{
	struct owner owner;
	int ret = find_owner(&owner, err);

	if (ret >= 0)
		ret = collect("/etc/subuid", &owner, &map->uids, err);
	if (ret >= 0)
		ret = collect("/etc/subgid", &owner, &map->gids, err);
	if (ret < 0) {
		ct__idmap_done(map);
		return ret;
	}
	ct__idmap_decide(map);
	*ret_map = *map;
	return 0;
}

int ct__idmap_of_caller(struct ct__idmap *ret_map, ct_error *err)
{
	struct ct__idmap map = {0};

	if (ct__idmap_default_own(&map) < 0) {
		ct__idmap_done(&map);
		return ct__fail(err, CT_STEP_MEMORY, -ENOMEM, NULL, "id map");
	}
	return collect_both(&map, ret_map, err);
}

int ct__idmap_of_subids(struct ct__idmap *ret_map, ct_error *err)
{
	struct ct__idmap map = {0};

	return collect_both(&map, ret_map, err);
}

int ct__idmap_ranges_in(const char *path, ct__array *ret_ranges, ct_error *err)
{
	ct__array ranges = {0};
	struct owner owner;
	int ret = find_owner(&owner, err);

	if (ret >= 0)
		ret = collect(path, &owner, &ranges, err);
	if (ret < 0)
		ct__array_done(&ranges);
	else
		*ret_ranges = ranges;
	return ret < 0 ? ret : 0;
}

/* SPDX-License-Identifier: MIT */
/* From spec to plan: the id map of a new user namespace. How it is written is in lib/idmap. */
#include <errno.h>
#include <linux/capability.h>

#include "compile.h"
#include "error/error.h"
#include "idmap/idmap.h"
#include "trace/trace.h"

#define PRIVATE_COUNT 65536 /* as many as programs may expect: nobody is 65534 */

/* What the spec says range by range, and the caller where it says nothing. */
static int said_ranges(struct compiler *c, struct ct__idmap *map)
{
	int ret = ct__idmap_copy(&c->spec->uid_map, &map->uids);

	if (ret >= 0)
		ret = ct__idmap_copy(&c->spec->gid_map, &map->gids);
	if (ret >= 0)
		ret = ct__idmap_default_own(map);
	if (ret >= 0)
		ret = ct__idmap_fit(map);
	if (ret < 0)
		return ct__fail(c->err, CT_STEP_MEMORY, ret, NULL, "id maps");
	ct__idmap_decide(map);
	return 0;
}

/* count 0: all there are. */
static int trim(struct compiler *c, ct__array *ranges, const char *file, uint64_t count)
{
	uint64_t size = ct__idmap_size(ranges);

	if (!count || ct__idmap_trim(ranges, count))
		return 0;
	return ct__fail_because(c->err, CT_STEP_IDMAP, -ENOSPC,
		"the user has fewer subordinate ids", "%s: %llu of %llu ids", file,
		(unsigned long long)size, (unsigned long long)count);
}

static int subordinate(struct compiler *c, struct ct__idmap *map, bool with_caller, uint32_t count)
{
	int ret = ct__traced(c->trace, CT_STEP_IDMAP, "openat",
		with_caller ? ct__idmap_of_caller(map, c->err) : ct__idmap_of_subids(map, c->err),
		"AT_FDCWD, \"/etc/subuid\", O_RDONLY /* and /etc/subgid, /etc/passwd */");

	if (ret >= 0)
		ret = trim(c, &map->uids, "/etc/subuid", count);
	if (ret >= 0)
		ret = trim(c, &map->gids, "/etc/subgid", count);
	if (ret >= 0) /* what is left may be the caller alone, whom the kernel takes from himself */
		ct__idmap_decide(map);
	return ret;
}

/* What a spec means that says nothing: the map by which its tree has its owners, or the caller. */
static ct_idmap kind_of(const ct_spec *spec)
{
	if (spec->has_idmap)
		return spec->idmap;
	return spec->rootfs_is_mapped && !spec->uid_map.count && !spec->gid_map.count
		       ? CT_IDMAP_SUBIDS
		       : CT_IDMAP_OWN;
}

int ct__compile_idmap(struct compiler *c)
{
	struct ct__idmap *map = &c->plan->idmap;
	ct_idmap kind = kind_of(c->spec);
	uint32_t count = c->spec->idmap_count;

	if (!(c->ns_new & CT_NS_USER))
		return 0;
	if (kind == CT_IDMAP_OWN)
		return said_ranges(c, map);
	if (kind == CT_IDMAP_SUBIDS)
		return subordinate(c, map, true, count);
	count = count ? count : PRIVATE_COUNT;
	if (ct__has_cap(CAP_SETUID) && ct__has_cap(CAP_SETGID))
		return ct__traced(c->trace, CT_STEP_IDMAP, "clone3",
			ct__idmap_take_free(count, map, &c->plan->idmap_holder, c->err),
			"{flags=CLONE_VM|CLONE_VFORK|CLONE_PIDFD|CLONE_CLEAR_SIGHAND|CLONE_NEWUSER} "
			"/* keeps a range that no /proc/PID/uid_map has */");
	return subordinate(c, map, false, count);
}

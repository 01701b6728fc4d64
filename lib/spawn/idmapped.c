/* SPDX-License-Identifier: MIT */
/*
 * Id-mapped mounts (Linux 5.12). A tree on disk has the owners of its archive, or those
 * plus the first id of some range; a container with other ids sees it through a mount that
 * maps one to the other, and what it makes gets owners of the tree's own numbering.
 *
 * Such a mount wants CAP_SYS_ADMIN over the filesystem, which the stage, being in the
 * container's user namespace, has not. So the host makes it, anew for each start, and
 * sends it to the stage.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "compile.h"
#include "error/error.h"
#include "given.h"
#include "idmapped.h"
#include "image.h"
#include "lack.h"
#include "sys/mounts.h"
#include "sys/procfs.h"
#include "trace/trace.h"
#include "util/fd.h"
#include "util/proc_text.h"

/* Archives have ids below; the owner of a tree from here on is the first id of a range. */
#define RANGES_FROM 65536u

/* What a mount may forbid, and forbids no longer to who has CAP_SYS_ADMIN over it. */
#define LIMITS (ST_RDONLY | ST_NOSUID | ST_NODEV | ST_NOEXEC)

/* ------------------------------------------------------------- the owners */

static bool is_mapped(const ct__array *ranges, uint32_t outside)
{
	ct__array_for_each(const struct ct__id_range, range, ranges)
		if (outside >= range->outside && outside - range->outside < range->count)
			return true;
	return false;
}

/* From the owners of a tree, whose root belongs to owner, to the ids that the container has. */
static int lead(const ct__array *ranges, uint32_t owner, ct__array *ret_ranges)
{
	uint32_t base = owner < RANGES_FROM ? 0 : owner;
	int ret = 0;

	ct__array_for_each(const struct ct__id_range, range, ranges) {
		uint64_t first = (uint64_t)base + range->inside;

		if (is_mapped(ranges, owner)) /* they are right already */
			first = range->outside;
		if (ret >= 0 && first + range->count <= UINT32_MAX)
			ret = ct__idmap_add(
				ret_ranges, (uint32_t)first, range->outside, range->count);
	}
	return ret;
}

static bool is_same(const struct ct__idmap *a, const struct ct__idmap *b)
{
	const size_t size = sizeof(struct ct__id_range);

	return a->uids.count == b->uids.count && a->gids.count == b->gids.count &&
	       memcmp(a->uids.items, b->uids.items, a->uids.count * size) == 0 &&
	       memcmp(a->gids.items, b->gids.items, a->gids.count * size) == 0;
}

static bool is_identity(const ct__array *ranges)
{
	ct__array_for_each(const struct ct__id_range, range, ranges)
		if (range->inside != range->outside)
			return false;
	return true;
}

/* The plan's user namespace with this map, which is taken; -errno: its making failed. */
static int userns_of(struct compiler *c, struct ct__idmap *map)
{
	struct plan_owners owners = {.map = *map, .fd = -EBADF};
	int ret;

	ct__array_for_each(struct plan_owners, other, &c->plan->owners) {
		if (!is_same(&other->map, map))
			continue;
		ct__idmap_done(map);
		return other->fd;
	}
	ct__idmap_decide(&owners.map);
	ret = ct__traced(c->trace, CT_STEP_IDMAP, "clone3",
		ct__userns_make(&owners.map, &owners.fd, c->err),
		"{flags=CLONE_VM|CLONE_VFORK|CLONE_PIDFD|CLONE_CLEAR_SIGHAND|CLONE_NEWUSER} "
		"/* its map is that of a mount */");
	if (ret >= 0 && ct__array_add(&c->plan->owners, &owners, sizeof(owners)) < 0)
		ret = ct__fail(c->err, CT_STEP_MEMORY, -ENOMEM, NULL, "id map");
	if (ret < 0) {
		ct__close(&owners.fd);
		ct__idmap_done(&owners.map);
		return ret;
	}
	return owners.fd;
}

/* ------------------------------------------------------------- the mount */

/* "ext4": what mountinfo says of the mount that fd is on. */
static void type_of(int fd, char ret_type[32])
{
	const char *image = ct__image_type(fd); /* mountinfo knows attached ones alone */
	CT__AUTO_FREE char *fdinfo = NULL;
	CT__AUTO_FREE char *mounts = NULL;
	struct ct__mount_line mount;
	unsigned long long id = 0;
	char path[64], *rest, *line;
	const char *at;

	snprintf(ret_type, 32, "%s", image ? image : "this type");
	snprintf(path, sizeof(path), "/proc/thread-self/fdinfo/%d", fd);
	if (ct__procfs_read_all(AT_FDCWD, path, &fdinfo) < 0 ||
		ct__procfs_read_all(AT_FDCWD, "/proc/thread-self/mountinfo", &mounts) < 0)
		return;
	at = strstr(fdinfo, "mnt_id:");
	if (!at || sscanf(at, "mnt_id: %llu", &id) != 1)
		return;
	for (rest = mounts, line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n"))
		if (ct__parse_mount_line(line, &mount) == 0 && mount.id == id)
			snprintf(ret_type, 32, "%s", mount.type);
}

static int refused(const struct idmapped_source *source, int code, const char *call, ct_error *err)
{
	bool by_type = code == -EINVAL && strcmp(call, "mount_setattr") == 0;
	char type[32], reason[96];

	if (!by_type && code != -EPERM)
		return ct__fail(err, source->step, code, call, "%s", source->path);
	type_of(source->fd, type);
	snprintf(reason, sizeof(reason),
		by_type ? "a filesystem of type %s takes no id-mapped mount here"
			: "the caller has no right to map the ids of this filesystem (%s)",
		type);
	ct__fail_because(err, source->step, code, reason, "%s", source->path);
	ct__error_set_call(err, "mount_setattr");
	return code;
}

static int make_private(int tree, ct_step step, struct ct__trace *trace)
{
	return ct__traced(trace, step, "mount_setattr", ct__change_mount(tree, AT_RECURSIVE, -1, MS_PRIVATE),
		"%d, \"\", AT_EMPTY_PATH|AT_RECURSIVE, {propagation=MS_PRIVATE}, 32", tree);
}

/* A detached mount with other ids; or a negative errno, and the call that gave it. */
static int make(const struct plan_slot *slot, struct ct__trace *trace, const char **ret_call)
{
	const int fd = slot->value, userns = slot->userns;
	const unsigned int flags = slot->recursive ? AT_RECURSIVE : 0;
	const ct_step step = slot->step;
	CT__AUTO_CLOSE int tree = -EBADF;
	struct stat about;
	int ret;

	*ret_call = "fstat";
	if (userns < 0 && !slot->image && (fstat(fd, &about) < 0 || about.st_nlink == 0)) /* removed: it can be cloned, but not attached */
		return -ESTALE;
	*ret_call = "open_tree";
	tree = ct__traced(trace, step, "open_tree", ct__clone_mount(fd, flags),
		"%d, \"\", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH%s", fd,
		flags ? "|AT_RECURSIVE" : "");
	if (tree == -EINVAL && slot->image)
		tree = ct__image_mount(fd, step, trace, ret_call);
	if (tree < 0)
		return tree;
	*ret_call = "mount_setattr";
	/*
	 * The copy of a shared mount is shared, and would carry what the container mounts to the host. That
	 * of an image was never shared, and is there where the kernel cannot do this: before Linux 5.12.
	 */
	ret = slot->image ? 0 : make_private(tree, step, trace);
	if (ret < 0 || userns < 0)
		return ret < 0 ? ret : ct__take_fd(&tree);
	/* What is mounted below keeps its own owners: it may be of another filesystem. */
	ret = ct__traced(trace, step, "mount_setattr", ct__change_mount(tree, 0, userns, 0),
		"%d, \"\", AT_EMPTY_PATH, {attr_set=MOUNT_ATTR_IDMAP, userns_fd=%d}, 32", tree,
		userns);
	return ret < 0 ? ret : ct__take_fd(&tree);
}

/*
 * A mount that the stage clones keeps what the host's mount forbids, locked by the kernel,
 * since it goes from one user namespace to another. One that the host has cloned does not:
 * a container with CAP_SYS_ADMIN could make it writable again. 1: it cannot, or there is
 * nothing to undo.
 */
static int check_limits(const struct compiler *c, const struct idmapped_source *source)
{
	struct statvfs mount;

	if (source->hidden || !(c->rights.caps >> CAP_SYS_ADMIN & 1))
		return 1;
	if (fstatvfs(source->fd, &mount) < 0)
		return ct__fail(c->err, source->step, -errno, "fstatvfs", "%s", source->path);
	if (!(mount.f_flag & LIMITS))
		return 1;
	ct__fail_because(c->err, source->step, -EPERM,
		"with cap_sys_admin the container could undo ro, nosuid, nodev or noexec of the mount "
		"that it lies on",
		"%s", source->path);
	ct__error_set_call(c->err, "fstatvfs");
	return -EPERM;
}

static struct plan_slot slot_of(const struct idmapped_source *source, int userns)
{
	return (struct plan_slot){.kind = SLOT_TREE,
		.value = source->fd,
		.userns = userns,
		.recursive = source->recursive,
		.image = source->image,
		.step = source->step};
}

/* Whether it works here, tried once for all starts. 1, 0: no right to do it, or an error. */
static int try(struct compiler *c, const struct idmapped_source *source, int userns)
{
	const struct plan_slot slot = slot_of(source, userns);
	const char *call;
	int mount = make(&slot, c->trace, &call);

	if (mount >= 0) {
		close(mount);
		return 1;
	}
	/* The filesystem belongs to another user namespace; so it does for any ordinary user. */
	if (mount == -EPERM && !source->asked_for) {
		ct__lack_note(c, CT_ITEM_IDMAPPED_ROOT, source->step, mount,
			"the caller has no right to map the ids of its filesystem", "%s", source->path);
		return 0;
	}
	return refused(source, mount, call, c->err);
}

/* The container's ids. Those of a given user namespace are looked up for the first tree. */
static int ids_of(struct compiler *c, const struct ct__idmap **ret_ids)
{
	int ret, userns = ct__compile_given_user(c);

	*ret_ids = &c->plan->idmap;
	if (c->ns_new & CT_NS_USER)
		return 0;
	*ret_ids = &c->given_ids;
	if (c->given_ids.uids.count)
		return 0;
	ret = ct__traced(c->trace, CT_STEP_NAMESPACE, "clone3",
		ct__given_ids(userns, &c->given_ids, c->err),
		"{flags=CLONE_VM|CLONE_VFORK|CLONE_PIDFD|CLONE_CLEAR_SIGHAND} "
		"/* enters the given user namespace, whose map /proc/PID/uid_map tells then */");
	return ret;
}

/* 1: *ret_userns has the map that the source needs; 0: it needs none. */
static int find_map(struct compiler *c, const struct idmapped_source *source, int *ret_userns)
{
	const struct ct__idmap *ids;
	struct ct__idmap map = {0};
	struct stat about;
	int ret;

	if (!source->asked_for && (!c->foreign_user || !ct__has_cap(CAP_SYS_ADMIN)))
		return 0;
	ret = ids_of(c, &ids);
	if (ret < 0)
		return ret;
	if (fstatat(source->fd, source->below, &about, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) < 0)
		return ct__fail(c->err, source->step, -errno, "fstatat", "%s/%s", source->path,
			source->below);
	if (is_mapped(&ids->uids, about.st_uid))
		return 0;
	ret = lead(&ids->uids, about.st_uid, &map.uids);
	if (ret >= 0)
		ret = lead(&ids->gids, about.st_gid, &map.gids);
	if (ret < 0) {
		ct__idmap_done(&map);
		return ct__fail(c->err, CT_STEP_MEMORY, ret, NULL, "id map");
	}
	if (is_identity(&map.uids) &&
		is_identity(&map.gids)) { /* of ids that the container has not */
		ct__idmap_done(&map);
		return 0;
	}
	*ret_userns = userns_of(c, &map);
	return *ret_userns < 0 ? *ret_userns : try(c, source, *ret_userns);
}

static int add_slot(struct compiler *c, const struct idmapped_source *source, int userns)
{
	int slot = ct__compile_slot(c, SLOT_TREE, source->fd);

	c->plan->slots[slot] = slot_of(source, userns);
	return slot;
}

/* The owners as they are on disk: of an image that takes a slot, too. */
static int compile_unmapped(struct compiler *c, const struct idmapped_source *source, int *ret_slot)
{
	int ret = source->image;

	if (ret > 0 && c->foreign_user)
		ret = check_limits(c, source);
	if (ret > 0)
		*ret_slot = add_slot(c, source, -1);
	return ret;
}

static int compile(struct compiler *c, const struct idmapped_source *source, int *ret_slot)
{
	int userns = -1, ret = find_map(c, source, &userns);

	if (ret == 0)
		return compile_unmapped(c, source, ret_slot);
	if (ret > 0)
		ret = check_limits(c, source);
	if (ret > 0)
		*ret_slot = add_slot(c, source, userns);
	return ret;
}

/* The root as it is on disk, rather than none, where that may be. */
int ct__idmapped_compile(struct compiler *c, const struct idmapped_source *source, int *ret_slot)
{
	ct_error why = CT_ERROR_INIT, *err = c->err;
	int ret;

	if (source->step != CT_STEP_ROOT || !ct__may_lack(c, CT_ITEM_IDMAPPED_ROOT))
		return compile(c, source, ret_slot);
	c->err = &why;
	ret = compile(c, source, ret_slot);
	c->err = err;
	if (ret >= 0)
		return ret;
	ct__lack_note_error(c, CT_ITEM_IDMAPPED_ROOT, &why);
	return compile_unmapped(c, source, ret_slot);
}

int ct__idmapped_open(const struct plan_slot *slot, struct ct__trace *trace, ct_error *err)
{
	const char *call;
	int mount = make(slot, trace, &call);

	if (mount < 0)
		return ct__fail(err, slot->step, mount, call, "descriptor %d", slot->value);
	return mount;
}

void ct__idmapped_done(ct__array *owners)
{
	ct__array_for_each(struct plan_owners, one, owners) {
		ct__close(&one->fd);
		ct__idmap_done(&one->map);
	}
	ct__array_done(owners);
}

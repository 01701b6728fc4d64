/* SPDX-License-Identifier: MIT */
/*
 * Owners and parents: what the kernel tells through a descriptor of a namespace. It
 * shows only what lies within the caller's own user and pid namespace; the rest is
 * EPERM, and marked as unseen.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <unistd.h>

#include "ns.h"
#include "sys/openat2.h"
#include "util/fd.h"

#ifndef RESOLVE_CACHED
#define RESOLVE_CACHED 0x20
#endif

/* The one that the system starts with has no parent; the kernel says EPERM there, too. */
static bool is_initial(const ct_ns_info *info)
{
	return info->id == ct__ns_kinds[ct__ns_kind_index(info->kind)].initial;
}

/* A row for an owner or parent, which may have no member, and what it has above itself. */
static int add_above(struct ct__ns_scan *scan, uint32_t kind, uint64_t id, int fd)
{
	int index = ct__ns_row_get(scan, kind, id);

	if (index < 0)
		return index == -ENOENT ? 0 : index;
	ct__ns_row(scan, (size_t)index)->has_below = true;
	/* Ends after 32 levels at the latest, the kernel's limit for pid and user namespaces. */
	return ct__ns_ask(scan, (size_t)index, fd);
}

static void set_owner_uid(ct_ns_info *info, int fd)
{
	uid_t uid;

	if (ioctl(fd, CT__NS_GET_OWNER_UID, &uid) < 0)
		info->unseen |= CT_NS_UNSEEN_OWNER_UID;
	else
		info->owner_uid = uid;
}

static int ask_owner(struct ct__ns_scan *scan, size_t index, int fd)
{
	ct_ns_info *info = &ct__ns_row(scan, index)->info;
	bool is_user = info->kind == CT_NS_USER;
	CT__AUTO_CLOSE int owner = ct__ns_related(fd, CT__NS_GET_OWNER);
	uint64_t id = 0;

	if (is_user)
		set_owner_uid(info, fd);
	if (ct__ns_is_fatal(owner))
		return ct__ns_fail(scan, owner, "ioctl", info->name);
	if (owner < 0 || ct__ns_id(owner, &id) < 0) {
		if (!is_user)
			info->unseen |= CT_NS_UNSEEN_OWNER | CT_NS_UNSEEN_OWNER_UID;
		else if (!is_initial(info))
			info->unseen |= CT_NS_UNSEEN_OWNER | CT_NS_UNSEEN_PARENT;
		return 0;
	}
	info->owner_ns = id;
	/* The owner of a user namespace is its parent. */
	if (is_user)
		info->parent = id;
	else
		set_owner_uid(info, owner);
	return add_above(scan, CT_NS_USER, id, owner);
}

static int ask_parent(struct ct__ns_scan *scan, size_t index, int fd)
{
	ct_ns_info *info = &ct__ns_row(scan, index)->info;
	CT__AUTO_CLOSE int parent = ct__ns_related(fd, CT__NS_GET_PARENT);
	uint64_t id = 0;

	if (ct__ns_is_fatal(parent))
		return ct__ns_fail(scan, parent, "ioctl", info->name);
	if (parent < 0 || ct__ns_id(parent, &id) < 0) {
		info->unseen |= is_initial(info) ? 0 : CT_NS_UNSEEN_PARENT;
		return 0;
	}
	info->parent = id;
	return add_above(scan, CT_NS_PID, id, parent);
}

int ct__ns_ask(struct ct__ns_scan *scan, size_t index, int fd)
{
	struct ct__ns *row = ct__ns_row(scan, index);
	bool is_pid = row->info.kind == CT_NS_PID;
	int ret;

	if (row->asked)
		return 0;
	row->asked = true;
	ret = ask_owner(scan, index, fd);
	return ret == 0 && is_pid ? ask_parent(scan, index, fd) : ret;
}

int ct__ns_ask_link(struct ct__ns_scan *scan, size_t index, int dir, const char *path)
{
	const ct_ns_info *info = &ct__ns_row(scan, index)->info;
	CT__AUTO_CLOSE int fd = ct__openat(dir, path, O_RDONLY, 0);
	uint64_t found = 0;

	if (ct__ns_is_fatal(fd))
		return ct__ns_fail(scan, fd, "openat", info->name);
	/* Gone, or it changed its namespace since: the next one that uses it is asked instead. */
	if (fd < 0 || ct__ns_id(fd, &found) < 0 || found != info->id)
		return 0;
	return ct__ns_ask(scan, index, fd);
}

/* The same through an O_PATH descriptor of what may be the namespace. */
static int ask_opened(struct ct__ns_scan *scan, size_t index, int fd, const char *call)
{
	const ct_ns_info *info = &ct__ns_row(scan, index)->info;
	char copy[sizeof("self/fd/") + 11];
	uint64_t found = 0;

	if (ct__ns_is_fatal(fd))
		return ct__ns_fail(scan, fd, call, info->name);
	if (fd < 0 || ct__ns_id(fd, &found) < 0 || found != info->id)
		return 0;
	snprintf(copy, sizeof(copy), "self/fd/%d", fd);
	return ct__ns_ask_link(scan, index, scan->proc, copy);
}

/*
 * A path leads through whatever is mounted there, also a filesystem whose server never
 * answers. With RESOLVE_CACHED (Linux 5.12) the kernel gives up instead of waiting; a
 * mount point and all above it are in its cache. Before 5.12 only our own mounts are
 * resolved.
 */
static int open_path(int dir, const char *path, uint64_t resolve, bool is_ours)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = resolve | RESOLVE_CACHED};
	long fd = syscall(SYS_openat2, dir, path, &how, sizeof(how));

	if (fd < 0 && errno == EINVAL && is_ours)
		return ct__openat2(dir, path, O_PATH, 0, resolve);
	return fd < 0 ? -errno : ct__above_stdio((int)fd);
}

int ct__ns_ask_mount(
	struct ct__ns_scan *scan, size_t index, int root, const char *path, bool is_ours)
{
	CT__AUTO_CLOSE int fd = -EBADF;

	if (ct__ns_row(scan, index)->asked)
		return 0;
	/* It may be a fifo or a device by now, which must not be opened; O_PATH does not. */
	fd = open_path(root, path, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS, is_ours);
	return ask_opened(scan, index, fd, "openat2");
}

int ct__ns_ask_descriptor(struct ct__ns_scan *scan, size_t index, int fds, const char *name)
{
	CT__AUTO_CLOSE int fd = -EBADF;

	if (ct__ns_row(scan, index)->asked)
		return 0;
	/* The number may be open on something else by now; see there. */
	fd = ct__openat(fds, name, O_PATH, 0);
	return ask_opened(scan, index, fd, "openat");
}

/* SPDX-License-Identifier: MIT */
/* Facts about mounts: overlays, new procfs and sysfs, id-mapped mounts. */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probe.h"
#include "util/fd.h"

#ifndef MOUNT_ATTR_IDMAP
#define MOUNT_ATTR_IDMAP 0x00100000
#endif

/* ---------------------------------------------------------- new filesystems */

/* Why a stage could not do it that was made for it. */
static bool why_mount(const char *type, const struct ct__outcome *outcome, struct ct__why *why)
{
	bool refused = outcome->code == -EPERM || outcome->code == -EACCES;

	if (outcome->code == -ENODEV)
		return ct__because(why, "load it (modprobe overlay), or use a kernel that has it",
			"the kernel has no filesystem %s", type);
	if (refused && strcmp(type, "overlay") != 0 && ct__why_covered(type, why))
		return true;
	if (refused && (outcome->kinds & CT_NS_USER) && ct__why_apparmor(why))
		return true;
	if (ct__why_filter(outcome->code, why))
		return true;
	if (refused && strcmp(type, "overlay") == 0 && (outcome->kinds & CT_NS_USER))
		return ct__because(why, "use Linux 5.11 or later, or run as root",
			"the kernel does not mount overlay in a user namespace");
	return false;
}

ct_probe_state ct__check_mount(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	struct ct__outcome outcome;
	struct ct__why why;

	ct__try(look, (enum ct__trial)row->arg, &outcome);
	if (outcome.code == 0)
		return ct__works(info);
	if (outcome.reach == REACH_NOTHING || strcmp(outcome.call, "open_tree") == 0)
		return ct__untried(info, &outcome);
	if (outcome.reach == REACH_CLONE ? ct__why_namespaces(outcome.kinds, outcome.code, &why)
					 : why_mount(row->path, &outcome, &why))
		return ct__lacks(info, &why);
	return ct__lacks_because(info, "", "%s: %s", outcome.call, strerrordesc_np(-outcome.code));
}

/* ---------------------------------------------------------- id-mapped mounts */

/* A detached copy of the mount, which nobody sees and which goes with its descriptor. */
static int clone_mount(int dir, const char *path)
{
	int fd = (int)syscall(
		SYS_open_tree, dir, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);

	return fd < 0 ? -errno : ct__above_stdio(fd);
}

static int map_mount(int mount, int user_ns)
{
	struct mount_attr attributes = {
		.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)(unsigned int)user_ns};

	return syscall(SYS_mount_setattr, mount, "", AT_EMPTY_PATH, &attributes,
		       sizeof(attributes)) < 0
		       ? -errno
		       : 0;
}

ct_probe_state ct__check_idmap(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	CT__AUTO_CLOSE int mount =
		clone_mount(row->path ? AT_FDCWD : look->dir, row->path ? row->path : "");
	CT__AUTO_CLOSE int user_ns = -EBADF;
	struct ct__why why;
	int ret;

	if (mount < 0 && ct__why_filter(mount, &why) && look->caller.admin)
		return ct__lacks(info, &why);
	if (mount == -EPERM)
		return ct__lacks_because(info, "run as root of the machine",
			"an id-mapped mount needs CAP_SYS_ADMIN, which the caller lacks");
	if (mount < 0)
		return ct__unknown(info, "open_tree: %s", strerrordesc_np(-mount));
	user_ns = ct__try_user_ns(look);
	if (user_ns < 0 && ct__why_namespaces(CT_NS_USER, user_ns, &why))
		return ct__lacks(info, &why);
	if (user_ns < 0)
		return ct__unknown(info, "no user namespace could be made to try it with");
	ret = map_mount(mount, user_ns);
	if (ret == 0)
		return ct__works(info);
	if (ret == -EINVAL)
		return ct__lacks_because(info,
			"use a filesystem that has them: ext4, xfs, btrfs, tmpfs (from Linux 6.3 on)",
			"the filesystem has no id-mapped mounts");
	if (ret == -EPERM && !look->caller.filtered)
		return ct__lacks_because(info, "run as root of the machine",
			"the filesystem was mounted by an outer user namespace");
	if (ct__why_filter(ret, &why))
		return ct__lacks(info, &why);
	return ct__lacks_because(info, ret == -ENOSYS ? "use Linux 5.12 or later" : "",
		"mount_setattr: %s", strerrordesc_np(-ret));
}

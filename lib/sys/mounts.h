/* SPDX-License-Identifier: MIT */
/* open_tree(2), Linux 5.2, and mount_setattr(2), Linux 5.12, which libc may not wrap. */
#ifndef CT_SYS_MOUNTS_H
#define CT_SYS_MOUNTS_H

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/fd.h"

#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif

/* A detached copy of the mount that fd is on, from that file on; flags: 0 or AT_RECURSIVE. */
static inline int ct__clone_mount(int fd, unsigned int flags)
{
	int tree = (int)syscall(
		SYS_open_tree, fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | flags);

	return tree < 0 ? -errno : ct__above_stdio(tree);
}

/* Changes a mount, with AT_RECURSIVE all that are below as well. */
static inline int ct__set_mount(int mount, unsigned int flags, struct mount_attr *attr)
{
	return syscall(SYS_mount_setattr, mount, "", AT_EMPTY_PATH | flags, attr, sizeof(*attr)) < 0
		       ? -errno
		       : 0;
}

/* The number of the mount that fd is on (Linux 5.8), asked of the kernel alone; or a negative errno. */
static inline int ct__mount_id(int fd, uint64_t *ret_id)
{
	struct statx about;

	/* The wrapper of libc answers what the kernel lacks otherwise. */
	if (syscall(SYS_statx, fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID, &about) < 0)
		return -errno;
	*ret_id = about.stx_mnt_id;
	return about.stx_mask & STATX_MNT_ID ? 0 : -EOPNOTSUPP;
}

/*
 * The same for what an id-mapped mount takes. userns: whose map it has
 * from now on, or -1; propagation: MS_PRIVATE and its like, or 0.
 */
static inline int ct__change_mount(int mount, unsigned int flags, int userns, uint64_t propagation)
{
	struct mount_attr attr = {.propagation = propagation};

	if (userns >= 0) {
		attr.attr_set = MOUNT_ATTR_IDMAP;
		attr.userns_fd = (uint64_t)userns;
	}
	return ct__set_mount(mount, flags, &attr);
}

#endif

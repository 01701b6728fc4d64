/* SPDX-License-Identifier: MIT */
/*
 * Changing a name that may be a symlink, a device or a fifo without following
 * or opening it: fchmodat2(2) and setxattrat(2), each with its fallback; renameat2(2).
 */
#ifndef CT_SYS_NOFOLLOW_H
#define CT_SYS_NOFOLLOW_H

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
#ifndef SYS_setxattrat
#define SYS_setxattrat 463
#endif

/*
 * Mode of dir/name, one component, never through a symlink. Linux 6.6 has
 * fchmodat2; before, libc does it through /proc/self/fd.
 */
static inline int ct__chmod_nofollow(int dir, const char *name, mode_t mode)
{
	if (syscall(SYS_fchmodat2, dir, name, mode, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	if (errno != ENOSYS && errno != EPERM)
		return -errno;
	return fchmodat(dir, name, mode, AT_SYMLINK_NOFOLLOW) == 0 ? 0 : -errno;
}

/* As renameat2(3), which says EINVAL where there is no such call. 0 or a negative errno. */
static inline int ct__rename_nofollow(
	int from, const char *name, int to, const char *new_name, unsigned int flags)
{
	return syscall(SYS_renameat2, from, name, to, new_name, flags) == 0 ? 0 : -errno;
}

/*
 * Extended attribute of dir/name, one component, never through a symlink.
 * Linux 6.13 has setxattrat; before, the directory's entry in /proc serves.
 */
static inline int ct__setxattr_nofollow(int dir, const char *name, const char *key,
	const void *value, size_t size)
{
	struct {
		uint64_t value;
		uint32_t size;
		uint32_t flags;
	} args = {(uint64_t)(uintptr_t)value, (uint32_t)size, 0};
	char path[sizeof("/proc/self/fd//") + 11 + 256];

	if (syscall(SYS_setxattrat, dir, name, AT_SYMLINK_NOFOLLOW, key, &args, sizeof(args)) == 0)
		return 0;
	if (errno != ENOSYS && errno != EPERM)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", dir, name);
	return lsetxattr(path, key, value, size, 0) == 0 ? 0 : -errno;
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * One more mount of an image. Linux clones detached mounts since 6.15; before, its loop device is
 * mounted again, for which the kernel gives the same filesystem, with the same cache. (A mount of
 * the file itself is not made there: see lib/rootfs/image.c.)
 */
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/major.h>
#include <linux/mount.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "sys/filesystems.h"
#include "sys/openat2.h"
#include "trace/trace.h"

const char *ct__image_type(int fd)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return NULL;
	return fs.f_type == SQUASHFS_MAGIC	 ? "squashfs" :
	       fs.f_type == EROFS_SUPER_MAGIC_V1 ? "erofs" :
						   NULL;
}

/* MOUNT_ATTR_* of the mount of an image, which fd is in. */
static unsigned int attributes_of(int fd)
{
	struct statvfs mount;
	bool honours_suid = fstatvfs(fd, &mount) == 0 && !(mount.f_flag & ST_NOSUID);

	return MOUNT_ATTR_NODEV | (honours_suid ? 0 : MOUNT_ATTR_NOSUID);
}

/* The loop device that fd lies on, by the name that the kernel gives it. */
static int open_device(int fd, const char **ret_call)
{
	CT__AUTO_CLOSE int device = -EBADF;
	char path[64], link[PATH_MAX];
	struct stat file, about;
	ssize_t length;

	*ret_call = "fstat";
	if (fstat(fd, &file) < 0)
		return -errno;
	*ret_call = "open_tree";
	if (major(file.st_dev) != LOOP_MAJOR)
		return -EINVAL;
	*ret_call = "readlink";
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u", major(file.st_dev), minor(file.st_dev));
	length = readlink(path, link, sizeof(link) - 1);
	if (length < 0)
		return -errno;
	link[length] = '\0';
	snprintf(path, sizeof(path), "/dev/%.40s", strrchr(link, '/') ? strrchr(link, '/') + 1 : link);
	*ret_call = "openat";
	device = ct__openat(AT_FDCWD, path, O_PATH, 0);
	if (device < 0)
		return device;
	*ret_call = "fstat";
	if (fstat(device, &about) < 0)
		return -errno;
	return S_ISBLK(about.st_mode) && about.st_rdev == file.st_dev ? ct__take_fd(&device) : -ENXIO;
}

int ct__image_mount(int fd, ct_step step, struct ct__trace *trace, const char **ret_call)
{
	CT__AUTO_CLOSE int device = open_device(fd, ret_call);
	const char *type = ct__image_type(fd);
	const unsigned int attributes = attributes_of(fd);
	struct ct__mount_failure failure = {0};
	int ret;

	if (device < 0)
		return device;
	ret = ct__traced(trace, step, "fsmount",
		ct__mount_source(type ? type : "", device, attributes, &failure),
		"fsopen(\"%s\", FSOPEN_CLOEXEC), FSMOUNT_CLOEXEC, %#x "
		"/* source=/proc/thread-self/fd/%d, ro: the loop device of the image */",
		type ? type : "", attributes, device);
	*ret_call = failure.call;
	return ret;
}

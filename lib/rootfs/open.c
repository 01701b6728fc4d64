/* SPDX-License-Identifier: MIT */
/*
 * The handle of a root filesystem: an open directory, that of a mounted image too, and, where
 * an extraction made it, its numbers. It never changes the directory.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "error/error.h"
#include "rootfs.h"
#include "sys/openat2.h"

int ct__rootfs_new(int fd, const ct_extract_stats *stats, ct_rootfs **ret_rootfs, ct_error *err)
{
	ct_rootfs *rootfs = calloc(1, sizeof(*rootfs));

	if (!rootfs) {
		ct__close(&fd);
		return ct__fail(err, CT_STEP_MEMORY, -ENOMEM, "calloc", "root filesystem");
	}
	rootfs->fd = fd;
	if (stats) {
		rootfs->extracted = true;
		rootfs->stats = *stats;
	}
	*ret_rootfs = rootfs;
	return 0;
}

int ct_rootfs_open(const char *path, ct_rootfs **ret_rootfs, ct_error *err)
{
	int fd;

	if (!path || !*path || !ret_rootfs)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "is missing",
			path && *path ? "ret_rootfs" : "path of the root filesystem");
	fd = ct__openat(AT_FDCWD, path, O_PATH | O_DIRECTORY, 0);
	if (fd < 0)
		return ct__fail(err, CT_STEP_ROOTFS, fd, "open", "%s", path);
	return ct__rootfs_new(fd, NULL, ret_rootfs, err);
}

int ct_rootfs_fd(const ct_rootfs *rootfs)
{
	return rootfs ? rootfs->fd : -EINVAL;
}

int ct_rootfs_stats(const ct_rootfs *rootfs, ct_extract_stats *ret_stats)
{
	uint32_t size = ret_stats ? ret_stats->size : 0;

	if (!rootfs || size < 2 * sizeof(uint32_t) || size > 4096)
		return -EINVAL;
	if (!rootfs->extracted)
		return -ENODATA;
	memset(ret_stats, 0, size);
	memcpy(ret_stats, &rootfs->stats,
		size < sizeof(rootfs->stats) ? size : sizeof(rootfs->stats));
	ret_stats->size = size;
	return 0;
}

void ct_rootfs_free(ct_rootfs *rootfs)
{
	if (!rootfs)
		return;
	ct__close(&rootfs->fd);
	free(rootfs->image);
	free(rootfs);
}

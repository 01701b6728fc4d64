/* SPDX-License-Identifier: MIT */
/*
 * Directories get their owner, mode and times last: until then they must be
 * writable to us and closed to all others. It creates nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error/error.h"
#include "rootfs.h"
#include "util/fd.h"

static int add(struct ct__dirs *dirs, struct ct__dir **ret)
{
	if (dirs->count == dirs->size) {
		size_t size = dirs->size ? dirs->size * 2 : 64;
		struct ct__dir *all;

		if (dirs->count >= UINT32_MAX - 1)
			return -ENOMEM;
		all = reallocarray(dirs->all, size, sizeof(*all));
		if (!all)
			return -ENOMEM;
		dirs->all = all;
		dirs->size = size;
	}
	*ret = &dirs->all[dirs->count++];
	memset(*ret, 0, sizeof(**ret));
	return 0;
}

/*
 * The inode number of a new directory may be that of one that was taken away. It gets
 * a place of its own nevertheless: the order of places is that of making.
 */
static int find_or_add(struct ct__dirs *dirs, ino_t ino, bool is_new, struct ct__dir **ret)
{
	uint32_t index;
	bool is_known = ct__map_get(&dirs->by_ino, ino, &index);
	int rc;

	if (is_known && !is_new) {
		*ret = &dirs->all[index];
		return 0;
	}
	if (is_known)
		dirs->all[index].ino = 0;
	rc = ct__map_set(&dirs->by_ino, ino, (uint32_t)dirs->count);
	return rc < 0 ? rc : add(dirs, ret);
}

int ct__dirs_set(struct ct__extraction *x, const char *path, bool below_top, bool is_new,
	const struct stat *st, struct ct__meta *meta)
{
	struct ct__dir *dir = NULL;
	char *copy = strdup(path);
	int rc = copy ? find_or_add(&x->dirs, st->st_ino, is_new, &dir) : -ENOMEM;

	if (rc < 0) {
		free(copy);
		return ct__fail(x->err, CT_STEP_MEMORY, rc, "malloc", "%s", path);
	}
	free(dir->path);
	free(dir->meta.xattrs.bytes);
	dir->path = copy;
	dir->below_top = below_top;
	dir->dev = st->st_dev;
	dir->ino = st->st_ino;
	dir->meta = *meta;
	meta->xattrs = (struct ct__xattrs){0};
	return 0;
}

/* A directory that the archive itself replaced later is no longer where it was: nothing to do. */
static bool is_gone(int code)
{
	return code == -ENOENT || code == -ENOTDIR || code == -ELOOP;
}

static int apply(struct ct__extraction *x, const struct ct__dir *dir)
{
	CT__AUTO_CLOSE int fd = ct__tree_open(&x->tree, dir->path, dir->below_top,
		O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	if (is_gone(fd))
		return 0;
	if (fd < 0)
		return ct__fail(x->err, CT_STEP_WRITE, fd, "openat2", "%s", dir->path);
	if (fstat(fd, &st) < 0)
		return ct__fail(x->err, CT_STEP_WRITE, -errno, "fstat", "%s", dir->path);
	if (st.st_ino != dir->ino || st.st_dev != dir->dev)
		return 0;
	return ct__meta_apply_fd(x, fd, &dir->meta, dir->path[0] ? dir->path : "/");
}

int ct__dirs_apply(struct ct__extraction *x)
{
	int rc = 0;

	for (size_t i = x->dirs.count; i > 0 && rc == 0; i--)
		rc = apply(x, &x->dirs.all[i - 1]);
	return rc;
}

const struct ct__dir *ct__dirs_find(const struct ct__dirs *dirs, int fd)
{
	struct stat st;
	uint32_t index;

	if (fstatat(fd, "", &st, AT_EMPTY_PATH) < 0 ||
		!ct__map_get(&dirs->by_ino, st.st_ino, &index) || dirs->all[index].dev != st.st_dev)
		return NULL;
	return &dirs->all[index];
}

void ct__dirs_done(struct ct__dirs *dirs)
{
	for (size_t i = 0; i < dirs->count; i++) {
		free(dirs->all[i].path);
		free(dirs->all[i].meta.xattrs.bytes);
	}
	free(dirs->all);
	ct__map_done(&dirs->by_ino);
	*dirs = (struct ct__dirs){0};
}

/* SPDX-License-Identifier: MIT */
/*
 * The workspace beside the destination, and the one rename that makes a tree
 * appear. It knows nothing of archives.
 *
 * A workspace is called .NAME.ct-XXXXXX, is ours, has mode 0700 and is locked
 * (flock) as long as its maker lives: the kernel drops the lock with the last
 * descriptor, also after SIGKILL. One whose lock can be had is a leftover.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "error/error.h"
#include "rootfs.h"
#include "sys/nofollow.h"
#include "sys/openat2.h"

#define RANDOM_LEN 6
#define OPEN_DIR   (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK)

/* ".NAME.ct-": NAME is cut where the whole would be too long for a file name. */
static int prefix(const struct ct__workspace *ws, char *to, size_t size)
{
	return snprintf(to, size, ".%.*s.ct-", 255 - 5 - RANDOM_LEN, ws->dest);
}

/* The last component and what stands before it; the caller's own paths are resolved as ever. */
static int split(struct ct__workspace *ws, const char *path, char **ret_parent, ct_step step,
	ct_error *err)
{
	size_t end = strlen(path);
	size_t start;

	while (end && path[end - 1] == '/')
		end--;
	start = end;
	while (start && path[start - 1] != '/')
		start--;
	if (end - start >= sizeof(ws->dest))
		return ct__fail(err, step, -ENAMETOOLONG, NULL, "%s", path);
	memcpy(ws->dest, path + start, end - start);
	ws->dest[end - start] = '\0';
	if (!ws->dest[0] || strcmp(ws->dest, ".") == 0 || strcmp(ws->dest, "..") == 0)
		return ct__fail_because(err, step, -EINVAL, "must end in a name of its own", "%s",
			path);
	*ret_parent = start ? strndup(path, start) : strdup(".");
	if (!*ret_parent)
		return ct__fail(err, CT_STEP_MEMORY, -ENOMEM, "strndup", "%s", path);
	return 0;
}

static bool is_same(int dir, const char *base, int fd)
{
	struct stat by_name, by_fd;

	return fstatat(dir, base, &by_name, AT_SYMLINK_NOFOLLOW) == 0 && fstat(fd, &by_fd) == 0 &&
		by_name.st_ino == by_fd.st_ino && by_name.st_dev == by_fd.st_dev;
}

static bool lock(int fd)
{
	int rc;

	do {
		rc = flock(fd, LOCK_EX | LOCK_NB);
	} while (rc < 0 && errno == EINTR);
	return rc == 0;
}

/* Removes one leftover. Nothing here may make the caller's own call fail. */
static void sweep_one(struct ct__workspace *ws, const char *base)
{
	CT__AUTO_CLOSE int fd = ct__openat(ws->parent, base, OPEN_DIR, 0);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || st.st_uid != geteuid())
		return;
	if (!lock(fd) || !is_same(ws->parent, base, fd))
		return;
	(void)ct__remove_tree(&ws->agent, ws->parent, base, base, NULL);
}

static void sweep(struct ct__workspace *ws)
{
	char begin[256];
	size_t len = (size_t)prefix(ws, begin, sizeof(begin));
	int fd = ct__openat(ws->parent, ".", O_RDONLY | O_DIRECTORY, 0);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!list) {
		ct__close(&fd);
		return;
	}
	while ((entry = readdir(list))) {
		if (strncmp(entry->d_name, begin, len) == 0 &&
			strlen(entry->d_name) == len + RANDOM_LEN)
			sweep_one(ws, entry->d_name);
	}
	closedir(list);
}

static int random_name(struct ct__workspace *ws)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz012345";
	unsigned char random[RANDOM_LEN];
	size_t len = (size_t)prefix(ws, ws->name, sizeof(ws->name));

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return errno == ENOSYS ? -ENOSYS : -EAGAIN;
	for (size_t i = 0; i < RANDOM_LEN; i++)
		ws->name[len + i] = letters[random[i] & 31];
	ws->name[len + RANDOM_LEN] = '\0';
	return 0;
}

/*
 * What a directory may inherit from its parent: the group and the setgid bit,
 * a default ACL. What we make in it would inherit them in turn.
 */
static int shed_inheritance(int fd)
{
	struct stat st;

	(void)fremovexattr(fd, "system.posix_acl_default");
	(void)fremovexattr(fd, "system.posix_acl_access");
	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_gid != getegid() && fchown(fd, (uid_t)-1, getegid()) < 0)
		return -errno;
	return fchmod(fd, 0700) < 0 ? -errno : 0;
}

/* One try; -EAGAIN: the name is taken, or a sweeper of another call was quicker. */
static int make_one(struct ct__workspace *ws)
{
	CT__AUTO_CLOSE int fd = -EBADF;
	int rc = random_name(ws);

	if (rc < 0)
		return rc;
	if (mkdirat(ws->parent, ws->name, 0700) < 0)
		return errno == EEXIST ? -EAGAIN : -errno;
	fd = ct__openat(ws->parent, ws->name, OPEN_DIR, 0);
	if (fd == -EACCES && ct__chmod_nofollow(ws->parent, ws->name, 0700) == 0)
		fd = ct__openat(ws->parent, ws->name, OPEN_DIR, 0); /* the umask forbade it */
	if (fd == -ENOENT)
		return -EAGAIN;
	rc = fd;
	if (fd >= 0 && (!lock(fd) || !is_same(ws->parent, ws->name, fd)))
		return -EAGAIN;
	if (fd >= 0)
		rc = shed_inheritance(fd);
	if (rc < 0) {
		(void)unlinkat(ws->parent, ws->name, AT_REMOVEDIR);
		return rc;
	}
	ws->fd = ct__take_fd(&fd);
	return 0;
}

int ct__workspace_find(struct ct__workspace *ws, const char *path, ct_step step, ct_error *err)
{
	CT__AUTO_FREE char *parent = NULL;
	int rc;

	*ws = (struct ct__workspace){.parent = -EBADF, .fd = -EBADF, .path = path};
	if (!path || !*path)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "is missing",
			"path of the directory");
	rc = split(ws, path, &parent, step, err);
	if (rc < 0)
		return rc;
	ws->parent = ct__openat(AT_FDCWD, parent, O_RDONLY | O_DIRECTORY, 0);
	if (ws->parent < 0)
		return ct__fail(err, step, ws->parent, "open", "%s", parent);
	sweep(ws);
	return 0;
}

int ct__workspace_make(struct ct__workspace *ws, ct_step step, ct_error *err)
{
	int rc = -EAGAIN;

	for (int tries = 0; tries < 100 && rc == -EAGAIN; tries++)
		rc = make_one(ws);
	return rc < 0 ? ct__fail(err, step, rc, "mkdirat", "%s", ws->path) : 0;
}

int ct__workspace_look(const struct ct__workspace *ws)
{
	struct stat st;

	if (fstatat(ws->parent, ws->dest, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	return S_ISDIR(st.st_mode) ? 1 : -ENOTDIR;
}

int ct__workspace_make_tree(struct ct__workspace *ws, int *ret_fd, ct_error *err)
{
	int fd = -EBADF;
	int rc = mkdirat(ws->fd, CT__TREE, 0700) < 0 ? -errno : 0;

	if (rc == 0)
		rc = ct__chmod_nofollow(ws->fd, CT__TREE, 0700);
	if (rc == 0)
		fd = ct__openat(ws->fd, CT__TREE, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0);
	if (rc < 0 || fd < 0)
		return ct__fail(err, CT_STEP_DESTINATION, rc < 0 ? rc : fd, "mkdirat", "%s",
			ws->path);
	*ret_fd = fd;
	return 0;
}

/* An ordinary user needs write permission on a directory whose ".." changes. */
mode_t ct__make_movable(int dir, const char *base)
{
	struct stat st;

	if (geteuid() == 0 || fstatat(dir, base, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		!S_ISDIR(st.st_mode) || (st.st_mode & 0200))
		return 0;
	return ct__chmod_nofollow(dir, base, (st.st_mode & 07777) | 0200) == 0 ? st.st_mode : 0;
}

int ct__workspace_rename(struct ct__workspace *ws, int from, const char *base, int to,
	const char *name, unsigned int flags)
{
	int rc = ct__rename_nofollow(from, base, to, name, flags);

	/* It belongs to a subordinate id, or is in a sticky directory together with one that does. */
	if ((rc == -EACCES || rc == -EPERM) && geteuid() != 0 &&
		ct__agent_rename(&ws->agent, from, base, to, name, flags) == 0)
		return 0;
	return rc;
}

/* -EAGAIN: what stood at the destination came or went meanwhile. */
static int rename_once(struct ct__workspace *ws, int from, const char *base, bool replace)
{
	int there = ct__workspace_look(ws);
	unsigned flags = there > 0 ? RENAME_EXCHANGE : RENAME_NOREPLACE;

	if (there < 0)
		return there;
	if (there > 0 && !replace)
		return -EEXIST;
	if (there > 0)
		(void)ct__make_movable(ws->parent, ws->dest); /* it is about to be removed */
	there = ct__workspace_rename(ws, from, base, ws->parent, ws->dest, flags);
	return replace && (there == -EEXIST || there == -ENOENT) ? -EAGAIN : there;
}

int ct__workspace_commit(struct ct__workspace *ws, int from, const char *base, bool replace,
	ct_error *err)
{
	mode_t mode = ct__make_movable(from, base);
	int rc = -EAGAIN;

	for (int tries = 0; tries < 16 && rc == -EAGAIN; tries++)
		rc = rename_once(ws, from, base, replace);
	if (rc == -EEXIST || rc == -ENOTDIR)
		return ct__fail(err, CT_STEP_DESTINATION, rc, "renameat2", "%s", ws->path);
	if (rc < 0)
		return ct__fail(err, CT_STEP_COMMIT, rc, "renameat2", "%s", ws->path);
	if (mode)
		(void)ct__chmod_nofollow(ws->parent, ws->dest, mode & 07777);
	return 0;
}

void ct__workspace_done(struct ct__workspace *ws)
{
	if (ws->fd >= 0)
		(void)ct__remove_tree(&ws->agent, ws->parent, ws->name, ws->name, NULL);
	ct__close(&ws->fd);
	ct__close(&ws->parent);
	ct__agent_release(&ws->agent);
}

/* SPDX-License-Identifier: MIT */
/*
 * Removing a whole tree by descriptors alone: no name is looked up twice
 * through a path, no symlink is followed, no mount is entered, and at most
 * LEVELS directories are open however deep the tree is. What to remove, and
 * from where, is the caller's business.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error/error.h"
#include "rootfs.h"
#include "sys/nofollow.h"
#include "sys/openat2.h"

/* Directories open at once. Deeper ones are first moved up to the top. */
#define LEVELS 16
/* How often a directory is read again while somebody keeps filling it. */
#define PASSES 1000

/* NO_XDEV refuses every mount point, also a bind mount of the same filesystem. */
#define ONE_STEP (RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV)

struct removal {
	struct ct__agent *agent;
	int top;	/* where directories that lie too deep are moved */
	unsigned moved; /* how many of them */
	const char *name;
	ct_error *err;
};

static int empty(struct removal *r, int *fd, int level);

static int report(struct removal *r, int code, const char *call, const char *base)
{
	/* An ordinary user without rights where the agent could not help. */
	if ((code == -EACCES || code == -EPERM) && r->agent->failure) {
		ct__fail_because(r->err, CT_STEP_REMOVE, code,
			"a directory there belongs to none of the caller's ids", "%s: %s", r->name,
			base);
		ct__error_set_call(r->err, call);
		return code;
	}
	if (code == -EXDEV || code == -EBUSY) {
		ct__fail_because(r->err, CT_STEP_REMOVE, -EBUSY, "a filesystem is mounted there",
			"%s: %s", r->name, base);
		ct__error_set_call(r->err, call);
		return -EBUSY;
	}
	return ct__fail(r->err, CT_STEP_REMOVE, code, call, "%s: %s", r->name, base);
}

/* Too deep: becomes a directory of the top, whose turn comes again. */
static int move_up(struct removal *r, int dir, const char *base)
{
	char name[32];
	int ret;

	for (;;) {
		snprintf(name, sizeof(name), ".ct-deep-%u", r->moved++);
		ret = ct__rename_nofollow(dir, base, r->top, name, RENAME_NOREPLACE);
		if (ret == 0 || ret == -ENOENT)
			return 0;
		if (ret != -EEXIST)
			return report(r, ret, "renameat2", base);
	}
}

/* A directory of a subordinate id becomes the caller's, who then may remove all in it. */
static int take(struct ct__agent *agent, int dir, const char *base)
{
	CT__AUTO_CLOSE int fd = ct__openat2(dir, base, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0, ONE_STEP);

	return fd < 0 ? fd : ct__agent_take(agent, fd, 0700);
}

/* Opens one step down; a directory without rights for the caller gets them first. */
static int step_down(struct ct__agent *agent, int dir, const char *base)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK;
	uid_t own = geteuid();
	struct stat st;
	int fd = ct__openat2(dir, base, flags, 0, ONE_STEP);

	if (own == 0 || (fd < 0 && fd != -EACCES))
		return fd;
	if (fstatat(dir, base, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode))
		return fd;
	if (st.st_uid != own)
		(void)take(agent, dir, base); /* without, it may be open to us, or empty */
	else if ((st.st_mode & 0700) != 0700)
		(void)ct__chmod_nofollow(dir, base, 0700);
	return fd == -EACCES ? ct__openat2(dir, base, flags, 0, ONE_STEP) : fd;
}

static int remove_dir(struct removal *r, int dir, const char *base, int level)
{
	CT__AUTO_CLOSE int fd = step_down(r->agent, dir, base);
	int rc;

	if (fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP)
		return 0; /* swapped under our hands: the next pass sees what it is now */
	if (fd < 0)
		return report(r, fd, "openat2", base);
	if (level + 1 >= LEVELS)
		return move_up(r, dir, base);
	rc = empty(r, &fd, level + 1);
	if (rc < 0)
		return rc;
	if (unlinkat(dir, base, AT_REMOVEDIR) == 0 || errno == ENOENT || errno == ENOTDIR ||
		errno == ENOTEMPTY || errno == EEXIST)
		return 0;
	return report(r, -errno, "unlinkat", base);
}

static int remove_one(struct removal *r, int dir, const struct dirent *entry, int level)
{
	if (entry->d_type == DT_DIR)
		return remove_dir(r, dir, entry->d_name, level);
	if (unlinkat(dir, entry->d_name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno == EISDIR)
		return remove_dir(r, dir, entry->d_name, level);
	return report(r, -errno, "unlinkat", entry->d_name);
}

/* One reading of the directory: 1 if anything was there. */
static int pass(struct removal *r, DIR *list, int level)
{
	bool found = false;
	struct dirent *entry;
	int rc;

	rewinddir(list);
	for (;;) {
		errno = 0;
		entry = readdir(list);
		if (!entry && errno)
			return report(r, -errno, "readdir", ".");
		if (!entry)
			return found;
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		found = true;
		rc = remove_one(r, dirfd(list), entry, level);
		if (rc < 0)
			return rc;
	}
}

/* Takes *fd over. Read until nothing is found: removing while reading may hide names. */
static int empty(struct removal *r, int *fd, int level)
{
	DIR *list = fdopendir(*fd);
	unsigned moved;
	int rc = 1;

	if (!list)
		return report(r, -errno, "fdopendir", ".");
	(void)ct__take_fd(fd);
	for (unsigned tries = 0; rc > 0 && tries < PASSES;) {
		moved = r->moved;
		rc = pass(r, list, level);
		tries += moved == r->moved; /* what we moved up ourselves is progress */
	}
	if (rc > 0)
		rc = ct__fail_because(r->err, CT_STEP_REMOVE, -ENOTEMPTY,
			"somebody keeps filling it", "%s", r->name);
	closedir(list);
	return rc;
}

/* Empties the directory fd of everything; takes fd over. */
static int remove_content(struct ct__agent *agent, int fd, const char *name, ct_error *err)
{
	CT__AUTO_CLOSE int top = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	struct removal r = {.agent = agent, .top = top, .name = name, .err = err};
	int rc;

	if (top < 0) {
		rc = ct__fail(err, CT_STEP_REMOVE, -errno, "fcntl", "%s", name);
		ct__close(&fd);
		return rc;
	}
	rc = empty(&r, &fd, 0);
	ct__close(&fd);
	return rc;
}

int ct__remove_tree(struct ct__agent *agent, int parent, const char *base, const char *name,
	ct_error *err)
{
	int fd = step_down(agent, parent, base);
	int rc;

	if (fd == -EXDEV) {
		ct__fail_because(err, CT_STEP_REMOVE, -EBUSY, "a filesystem is mounted there", "%s",
			name);
		ct__error_set_call(err, "openat2");
		return -EBUSY;
	}
	if (fd == -ELOOP)
		fd = -ENOTDIR;
	if (fd < 0)
		return ct__fail(err, CT_STEP_REMOVE, fd, "openat2", "%s", name);
	rc = remove_content(agent, fd, name, err);
	if (rc == 0 && unlinkat(parent, base, AT_REMOVEDIR) < 0)
		rc = ct__fail(err, CT_STEP_REMOVE, -errno, "unlinkat", "%s", name);
	return rc;
}

/* The name itself must be a directory, not a link to one, whatever slashes stand behind it. */
static int find_tree(struct ct__workspace *ws, const char *path, ct_error *err)
{
	int rc = ct__workspace_find(ws, path, CT_STEP_REMOVE, err);

	if (rc < 0)
		return rc;
	rc = ct__workspace_look(ws);
	if (rc == 0)
		rc = -ENOENT;
	return rc < 0 ? ct__fail(err, CT_STEP_REMOVE, rc, NULL, "%s", path) : 0;
}

/* Moves the tree into a workspace, so that a half-removed one is never taken for whole. */
static int take_away(struct ct__workspace *ws, ct_error *err)
{
	mode_t mode = ct__make_movable(ws->parent, ws->dest);
	int code = ct__workspace_rename(ws, ws->parent, ws->dest, ws->fd, CT__TREE,
		RENAME_NOREPLACE);

	if (code == 0)
		return 0;
	if (mode)
		(void)ct__chmod_nofollow(ws->parent, ws->dest, mode & 07777);
	if (code == -EBUSY || code == -EXDEV) {
		ct__fail_because(err, CT_STEP_REMOVE, -EBUSY, "a filesystem is mounted there", "%s",
			ws->path);
		ct__error_set_call(err, "renameat2");
		return -EBUSY;
	}
	return ct__fail(err, CT_STEP_REMOVE, code, "renameat2", "%s", ws->path);
}

int ct_rootfs_remove(const char *path, ct_error *err)
{
	struct ct__workspace ws;
	int rc = find_tree(&ws, path, err);

	if (rc == 0)
		rc = ct__workspace_make(&ws, CT_STEP_REMOVE, err);
	if (rc == 0)
		rc = take_away(&ws, err);
	if (rc == 0) {
		rc = ct__remove_tree(&ws.agent, ws.fd, CT__TREE, path, err);
		/* What could not be removed stands again where the caller looks for it. */
		if (rc < 0)
			(void)ct__workspace_rename(&ws, ws.fd, CT__TREE, ws.parent, ws.dest,
				RENAME_NOREPLACE);
	}
	ct__workspace_done(&ws);
	return rc;
}

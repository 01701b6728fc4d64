/* SPDX-License-Identifier: MIT */
/*
 * Hard links: a second name for a file that this extraction made. The tree
 * began empty and nobody else can reach it, so whatever is found inside was
 * made by us; a link's target is never followed if it is a symlink.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error/error.h"
#include "rootfs.h"
#include "sys/openat2.h"

/* The directory that holds the target, in-root like every other path. */
static int open_target_parent(struct ct__extraction *x)
{
	struct ct__path *target = &x->target;
	size_t cut = target->base ? target->base - 1 : 0;
	char saved = target->text[cut];
	const char *rest;
	bool below_top;
	int fd;

	target->text[cut] = '\0';
	below_top = ct__tree_is_below_top(&x->tree, target->text, &rest);
	fd = ct__tree_open(&x->tree, rest, below_top, O_PATH | O_DIRECTORY);
	target->text[cut] = saved;
	return fd;
}

static int read_target(struct ct__extraction *x, const char *target, const char *name)
{
	int rc = ct__path_set(&x->target, target, x->options.strip_components);

	if (rc == -ENOMEM)
		return ct__fail(x->err, CT_STEP_MEMORY, rc, "malloc", "%s", name);
	if (rc == -EXDEV)
		return ct__fail_because(x->err, CT_STEP_ENTRY, rc,
			"hard link to a path with \"..\"", "%s", name);
	if (rc < 0)
		return ct__fail(x->err, CT_STEP_ENTRY, rc, NULL, "hard link %s", name);
	if (x->target.depth == 0)
		return ct__fail_because(x->err, CT_STEP_ENTRY, -EINVAL,
			"hard link to the root or out of what strip_components leaves", "%s", name);
	return 0;
}

/* For writing; the first name's owner may have it already. */
static int open_again(struct ct__extraction *x, int parent)
{
	const char *base = x->path.text + x->path.base;
	int fd = ct__openat(parent, base, O_WRONLY | O_NOFOLLOW | O_NONBLOCK, 0);
	CT__AUTO_CLOSE int path = -EBADF;
	struct stat st;

	if (fd != -EACCES || x->stats.owners != CT_OWNERS_MAPPED)
		return fd;
	path = ct__openat(parent, base, O_PATH | O_NOFOLLOW, 0);
	if (path < 0 || fstat(path, &st) < 0 || !S_ISREG(st.st_mode) ||
		ct__agent_take(&x->ws.agent, path, 0600) < 0)
		return fd;
	return ct__openat(parent, base, O_WRONLY | O_NOFOLLOW | O_NONBLOCK, 0);
}

/* cpio stores the content with the last name of a file: it replaces what the first one had. */
static int rewrite_content(struct ct__extraction *x, struct archive_entry *entry, int parent,
	const char *name)
{
	CT__AUTO_CLOSE int fd = open_again(x, parent);
	struct stat st;
	int rc;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return ct__fail_because(x->err, CT_STEP_ENTRY, -EINVAL,
			"hard link with content to what is no plain file", "%s", name);
	if (ftruncate(fd, 0) < 0)
		return ct__fail(x->err, CT_STEP_WRITE, -errno, "ftruncate", "%s", name);
	rc = ct__write_content(x, entry, fd, name);
	return rc < 0 ? rc : ct__meta_apply_fd(x, fd, &x->meta, name);
}

static bool is_cpio(const struct ct__extraction *x)
{
	return (archive_format(x->source.format) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_CPIO;
}

/* What the target is; 1 where it was a device that is left out, and so is its link. */
static int look_at_target(struct ct__extraction *x, int dir, struct stat *ret_st, const char *name)
{
	uint32_t unused;
	int rc = dir;

	if (dir >= 0)
		rc = fstatat(dir, x->target.text + x->target.base, ret_st, AT_SYMLINK_NOFOLLOW) < 0 ?
			-errno :
			0;
	if (rc == -ENOENT && ct__map_get(&x->dropped, ct__path_hash(&x->target), &unused))
		return 1;
	if (rc < 0)
		return ct__fail_because(x->err, CT_STEP_ENTRY, rc,
			"hard link to a file that the archive has not brought before", "%s", name);
	if (S_ISDIR(ret_st->st_mode))
		return ct__fail_because(x->err, CT_STEP_ENTRY, -EINVAL,
			"hard link to a directory", "%s", name);
	return 0;
}

/* fs.protected_hardlinks lets nobody link to a file that he has given away. */
static int link_one(struct ct__extraction *x, int dir, const char *from, int parent, const char *base)
{
	int rc = linkat(dir, from, parent, base, 0) < 0 ? -errno : 0;

	if (rc == -EPERM && x->stats.owners == CT_OWNERS_MAPPED)
		rc = ct__agent_link(&x->ws.agent, dir, from, parent, base);
	return rc;
}

static int make_link(struct ct__extraction *x, int dir, int parent, const struct stat *target,
	const char *name)
{
	const char *from = x->target.text + x->target.base;
	const char *base = x->path.text + x->path.base;
	struct stat st;
	int rc = ct__agent_finish(&x->ws.agent, x->err);

	if (rc < 0)
		return rc;
	rc = link_one(x, dir, from, parent, base);
	if (rc == -EEXIST) {
		if (fstatat(parent, base, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			st.st_ino == target->st_ino && st.st_dev == target->st_dev)
			return 0;
		rc = ct__tree_make_room(x, parent, &x->path);
		if (rc < 0)
			return rc;
		rc = link_one(x, dir, from, parent, base);
	}
	return rc < 0 ? ct__fail(x->err, CT_STEP_WRITE, rc, "linkat", "%s", name) : 0;
}

int ct__write_hardlink(struct ct__extraction *x, struct archive_entry *entry, const char *target,
	const char *name)
{
	CT__AUTO_CLOSE int dir = -EBADF;
	struct stat st;
	int parent = -EBADF;
	int rc = read_target(x, target, name);

	if (rc < 0)
		return rc;
	dir = open_target_parent(x);
	rc = look_at_target(x, dir, &st, name);
	if (rc > 0) {
		x->stats.devices_dropped++;
		return 1;
	}
	if (rc == 0)
		rc = ct__tree_parent(x, &x->path, true, &parent, name);
	if (rc == 0)
		rc = make_link(x, dir, parent, &st, name);
	if (rc == 0 && is_cpio(x) && archive_entry_size(entry) > 0)
		rc = rewrite_content(x, entry, parent, name);
	return rc;
}

/* SPDX-License-Identifier: MIT */
/*
 * From a path of the archive to a directory beneath the root: the kernel
 * resolves it (openat2), never a string comparison. It creates nothing but
 * parent directories that no entry described.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error/error.h"
#include "rootfs.h"
#include "sys/nofollow.h"
#include "sys/openat2.h"

/* Absolute links and ".." of links stay inside, as in a chroot; no mount is crossed. */
#define IN_ROOT (RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV)

int ct__tree_open(const struct ct__tree *tree, const char *path, bool below_top, int flags)
{
	int base = below_top ? tree->top : tree->root;

	if (base < 0)
		return -ENOENT;
	return ct__openat2(base, path[0] ? path : ".", flags, 0, IN_ROOT);
}

static bool is_first_component(const char *path, const char *name)
{
	size_t len = strlen(name);

	return strncmp(path, name, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

int ct__tree_watch_top(struct ct__extraction *x, const struct ct__path *path, bool is_dir)
{
	struct ct__tree *tree = &x->tree;

	if (!(x->options.flags & CT_EXTRACT_STRIP_AUTO) || path->depth == 0)
		return 0;
	if (!tree->top_name) {
		tree->top_name = strndup(path->text, strcspn(path->text, "/"));
		if (!tree->top_name)
			return ct__fail(x->err, CT_STEP_MEMORY, -ENOMEM, "strndup", "%s",
				path->text);
		tree->has_one_top = true;
	}
	if (!is_first_component(path->text, tree->top_name) || (path->depth == 1 && !is_dir)) {
		tree->has_one_top = false;
		tree->parent_is_known = false;
	}
	return 0;
}

/* While there is one top folder, links below it mean what they will mean once it is the root. */
bool ct__tree_is_below_top(const struct ct__tree *tree, const char *path, const char **ret_rest)
{
	size_t len = tree->top_name ? strlen(tree->top_name) : 0;

	*ret_rest = path;
	if (!tree->has_one_top || tree->top < 0 || !is_first_component(path, tree->top_name) ||
		path[len] != '/')
		return false;
	*ret_rest = path + len + 1;
	return true;
}

static void open_top(struct ct__tree *tree)
{
	if (tree->has_one_top && tree->top < 0)
		tree->top = ct__openat2(tree->root, tree->top_name,
			O_PATH | O_DIRECTORY | O_NOFOLLOW, 0, IN_ROOT);
}

/* One parent that no entry described: closed like all others until the end. */
static int make_one(struct ct__extraction *x, int dir, const char *base, const char *path,
	bool below_top)
{
	struct ct__meta meta;
	struct stat st;
	int rc;

	/* EEXIST: a symlink that leads nowhere; it is not ours to fill. */
	if (mkdirat(dir, base, 0700) < 0)
		return errno == EEXIST ? -ENOENT : -errno;
	rc = ct__chmod_nofollow(dir, base, 0700); /* the umask is the caller's */
	if (rc < 0)
		return rc;
	if (fstatat(dir, base, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	ct__meta_default(x, &meta);
	return ct__dirs_set(x, path, below_top, true, &st, &meta);
}

/* Goes down component by component; returns the last directory. */
static int make_parents(struct ct__extraction *x, char *path, bool below_top)
{
	CT__AUTO_CLOSE int dir = ct__tree_open(&x->tree, "", below_top, O_PATH | O_DIRECTORY);
	char *base = path;

	while (dir >= 0) {
		char *slash = strchr(base, '/');
		int next;

		if (slash)
			*slash = '\0';
		next = ct__tree_open(&x->tree, path, below_top, O_PATH | O_DIRECTORY);
		if (next == -ENOENT) {
			next = make_one(x, dir, base, path, below_top);
			if (next == 0)
				next = ct__tree_open(&x->tree, path, below_top,
					O_PATH | O_DIRECTORY);
		}
		if (slash)
			*slash = '/';
		if (next < 0 || !slash)
			return next;
		ct__close(&dir);
		dir = next;
		base = slash + 1;
	}
	return dir;
}

/* Remembers the directory: most entries follow another one of the same directory. */
static int remember(struct ct__tree *tree, const char *path, int fd)
{
	size_t size = strlen(path) + 1;

	if (size > tree->parent_size) {
		char *larger = realloc(tree->parent_path, size + 256);

		if (!larger) {
			ct__close(&fd);
			return -ENOMEM;
		}
		tree->parent_path = larger;
		tree->parent_size = size + 256;
	}
	memcpy(tree->parent_path, path, size);
	ct__close(&tree->parent);
	tree->parent = fd;
	tree->parent_is_known = true;
	return 0;
}

/* path without its last component is a string of its own here. */
static int find_parent(struct ct__extraction *x, char *path, bool make)
{
	struct ct__tree *tree = &x->tree;
	const char *rest;
	bool below_top;
	int fd;

	if (tree->parent_is_known && strcmp(path, tree->parent_path) == 0)
		return 0;
	open_top(tree);
	below_top = ct__tree_is_below_top(tree, path, &rest);
	fd = ct__tree_open(tree, rest, below_top, O_PATH | O_DIRECTORY);
	if (fd == -ENOENT && make)
		fd = make_parents(x, path + (rest - path), below_top);
	return fd < 0 ? fd : remember(tree, path, fd);
}

int ct__tree_parent(struct ct__extraction *x, struct ct__path *path, bool make, int *ret_fd,
	const char *name)
{
	size_t cut = path->base ? path->base - 1 : 0;
	char saved = path->text[cut];
	int rc;

	path->text[cut] = '\0';
	rc = find_parent(x, path->text, make);
	path->text[cut] = saved;
	if (rc == -ENOMEM)
		return ct__fail(x->err, CT_STEP_MEMORY, rc, "malloc", "%s", name);
	if (rc == -ENOENT || rc == -ENOTDIR || rc == -ELOOP)
		return ct__fail_because(x->err, CT_STEP_ENTRY, rc,
			"its parent is no directory of the archive", "%s", name);
	if (rc < 0)
		return ct__fail(x->err, CT_STEP_WRITE, rc, "openat2", "%s", name);
	*ret_fd = x->tree.parent;
	return 0;
}

int ct__tree_make_room(struct ct__extraction *x, int parent, const struct ct__path *path)
{
	struct ct__tree *tree = &x->tree;
	const char *base = path->text + path->base;

	/* What is taken away may have been part of a path that was resolved before. */
	tree->parent_is_known = false;
	if (path->depth == 1 && tree->top_name && strcmp(base, tree->top_name) == 0) {
		tree->has_one_top = false;
		ct__close(&tree->top);
	}
	if (unlinkat(parent, base, 0) == 0)
		return 0;
	if (errno == EISDIR && unlinkat(parent, base, AT_REMOVEDIR) == 0)
		return 0;
	if (errno == ENOTEMPTY || errno == EEXIST)
		return ct__fail_because(x->err, CT_STEP_ENTRY, -ENOTEMPTY,
			"would replace a directory that has content", "%s", path->text);
	return ct__fail(x->err, CT_STEP_WRITE, -errno, "unlinkat", "%s", path->text);
}

void ct__tree_done(struct ct__tree *tree)
{
	ct__close(&tree->parent);
	ct__close(&tree->top);
	ct__close(&tree->root);
	free(tree->top_name);
	free(tree->parent_path);
	tree->top_name = NULL;
	tree->parent_path = NULL;
}

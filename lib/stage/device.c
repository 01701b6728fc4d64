/* SPDX-License-Identifier: MIT */
/* What stands below /dev, a filesystem that was just made and is empty. */
#include "stage.h"

long op_symlink(struct stage *st, const struct plan_op *op)
{
	return failed(st, "symlinkat",
		sys_symlinkat(plan_at(st, op->data), st->reg[op->b], plan_at(st, op->path)));
}

/* Attaches a detached mount of a file, for which it makes a mount point in our own dir. Closes it. */
long bind_file(struct stage *st, int tree, int dir, const char *name)
{
	long ret = failed(st, "mknodat", sys_mknodat(dir, name, S_IFREG | 0666, 0));

	if (ret >= 0)
		ret = failed(st, "move_mount",
			sys_move_mount(tree, "", dir, name, MOVE_MOUNT_F_EMPTY_PATH));
	sys_close(tree);
	return ret;
}

/*
 * Where mknod is barred (a user namespace, an outer container) the host's node is
 * bound instead, once it has shown to be the device that is meant.
 */
static long bind_host_device(struct stage *st, const struct plan_op *op)
{
	const char *name = plan_at(st, op->path);
	char path[64] = "/dev/";
	struct statx about;
	long tree, ret;

	text_append(path, sizeof(path), name);
	tree = failed(st, "open_tree",
		sys_open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
	if (tree < 0)
		return tree;
	ret = failed(st, "statx", sys_statx((int)tree, "", AT_EMPTY_PATH, &about));
	if (ret >= 0 &&
		((about.stx_mode & S_IFMT) != S_IFCHR || about.stx_rdev_major != op->x >> 8 ||
			about.stx_rdev_minor != (op->x & 0xff)))
		ret = -ENODEV;
	if (ret >= 0)
		return bind_file(st, (int)tree, st->reg[op->b], name);
	sys_close((int)tree);
	return ret;
}

long op_device(struct stage *st, const struct plan_op *op)
{
	long ret = failed(st, "mknodat",
		sys_mknodat(st->reg[op->b], plan_at(st, op->path), S_IFCHR | (unsigned int)op->y,
			(unsigned int)op->x));

	if (ret == -EPERM && !(op->flags & PLAN_STRICT))
		return bind_host_device(st, op);
	return ret;
}

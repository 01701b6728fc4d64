/* SPDX-License-Identifier: MIT */
/*
 * The root: the rootfs itself or an overlay on it, and the step that makes it
 * the only thing there is. Other mounts are in mount.c.
 */
#include "stage.h"

#include <linux/magic.h>

long op_root_bind(struct stage *st, const struct plan_op *op)
{
	uint64_t submounts = MOUNT_ATTR_NODEV;
	long tree = clone_source(st, op, AT_RECURSIVE);
	long ret;

	if (tree < 0)
		return tree;
	st->reg[REG_ROOT] = (int)tree;
	ret = stack_on_perch(st, (int)tree);
	if (ret < 0)
		return ret;
	if (op->flags & PLAN_READONLY)
		submounts |= MOUNT_ATTR_RDONLY;
	ret = set_attributes(st, (int)tree, AT_RECURSIVE, submounts, 0);
	if (ret == -ENOSYS) /* Linux before 5.12: the root alone; OP_ROOT_READONLY does the rest */
		return set_attributes(st, (int)tree, 0,
			op->flags & PLAN_INSTEAD ? submounts : MOUNT_ATTR_NODEV, 0);
	/*
	 * The root itself stays writable until the mount points below it are made; not where
	 * nothing may be changed in it, as there is an overlay otherwise.
	 */
	if (ret >= 0 && (op->flags & PLAN_READONLY) && !(op->flags & PLAN_INSTEAD))
		ret = set_attributes(st, (int)tree, 0, 0, MOUNT_ATTR_RDONLY);
	return ret;
}

/*
 * Makes the tmpfs that takes the changes, with the rootfs below it at "lower". An overlay forbids
 * nothing because its layers do: *ret_limits is what the merged root has to.
 */
static long prepare_layers(struct stage *st, const struct plan_op *op, int *ret_memory,
	unsigned int *ret_limits)
{
	struct statx about;
	long memory = new_filesystem(st, "tmpfs", plan_at(st, op->data), op->size,
		MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	long lower, ret;

	if (memory < 0)
		return memory;
	*ret_memory = (int)memory;
	ret = stack_on_perch(st, (int)memory);
	if (ret < 0)
		return ret;
	lower = clone_source(st, op, 0);
	if (lower < 0)
		return lower;
	ret = restrictions_of(st, (int)lower);
	*ret_limits = (unsigned int)ret & (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	if (ret >= 0)
		ret = failed(st, "statx", sys_statx((int)lower, "", AT_EMPTY_PATH, &about));
	if (ret >= 0)
		ret = failed(st, "mkdirat", sys_mkdirat((int)memory, "lower", 0700));
	if (ret >= 0)
		ret = failed(st, "mkdirat", sys_mkdirat((int)memory, "work", 0700));
	/* The merged root shows the attributes of the upper one: give it the rootfs's. */
	if (ret >= 0)
		ret = failed(st, "mkdirat",
			sys_mkdirat((int)memory, "upper", about.stx_mode & 07777));
	if (ret >= 0)
		sys(__NR_fchownat, memory, "upper", about.stx_uid, about.stx_gid,
			AT_SYMLINK_NOFOLLOW); /* an id without a mapping stays the container's root */
	if (ret >= 0)
		ret = failed(st, "move_mount",
			sys_move_mount((int)lower, "", (int)memory, "lower",
				MOVE_MOUNT_F_EMPTY_PATH));
	sys_close((int)lower);
	return ret;
}

static int is_overlay(const char *path)
{
	long words[16] = {0}; /* struct statfs of the 64-bit machines: f_type is the first word */

	return sys(__NR_statfs, path, words, 0, 0, 0) == 0 && words[0] == OVERLAYFS_SUPER_MAGIC;
}

/* lowers: their names from the working directory, with colons between. */
static int has_overlay(const char *lowers)
{
	char name[32];

	for (size_t length; *lowers; lowers += length + (lowers[length] == ':')) {
		for (length = 0; lowers[length] && lowers[length] != ':'; length++)
			if (length < sizeof(name) - 1)
				name[length] = lowers[length];
		name[length < sizeof(name) ? length : sizeof(name) - 1] = '\0';
		if (is_overlay(name))
			return 1;
	}
	return 0;
}

/* The kernel says why in its log alone. */
static long new_overlay(struct stage *st, const struct plan_op *op, const char *options, size_t size,
	unsigned int attributes)
{
	long ret = new_filesystem(st, "overlay", options, size, attributes);
	const char *lowers = options + sizeof("lowerdir");

	if (ret == -EPERM && (op->flags & PLAN_USER_NS))
		st->report.reason = REASON_NO_OVERLAY_HERE;
	else if (ret == -EINVAL)
		st->report.reason =
			has_overlay(lowers) ? REASON_STACKED_OVERLAYS : REASON_NO_OVERLAY_LAYER;
	return ret;
}

/*
 * In a user namespace an overlay marks directories that hide those below by user.*
 * attributes; a filesystem without them takes files, but no change of such directories.
 */
static long check_attributes(struct stage *st, const char *layer)
{
	long ret = failed(st, "setxattr", sys(__NR_setxattr, layer, "user.container", "", 0, 0));

	if (ret != -EOPNOTSUPP)
		return 0;
	st->report.reason = REASON_NO_USER_ATTRIBUTES;
	return lack(st, ret);
}

/* The memory for the changes, with what is mounted in it; it was attached last. -1: there is none. */
static void undo_layers(int memory)
{
	if (memory < 0)
		return;
	if (sys_fchdir(memory) == 0)
		sys(__NR_umount2, ".", MNT_DETACH, 0, 0, 0);
	sys_close(memory);
	sys(__NR_chdir, "/", 0, 0, 0, 0);
}

/*
 * An overlay whose changes live in memory. Layers are named relative to the
 * working directory, so no path of the host needs quoting or can be swapped.
 */
long op_root_overlay(struct stage *st, const struct plan_op *op)
{
	static const char layers[] = "lowerdir\0lower\0upperdir\0upper\0workdir\0work\0userxattr\0";
	size_t size = sizeof(layers); /* with the flag's empty value */
	unsigned int limits = 0;
	int memory = -1;
	long ret = prepare_layers(st, op, &memory, &limits);

	if (!(op->flags & PLAN_USER_NS)) /* in which trusted.* attributes are barred */
		size -= sizeof("userxattr") + 1;
	if (ret >= 0)
		ret = failed(st, "fchdir", sys_fchdir(memory));
	if (ret >= 0)
		ret = new_overlay(st, op, layers, size, MOUNT_ATTR_NODEV | limits);
	if (ret < 0) {
		undo_layers(memory);
		return ret;
	}
	st->reg[REG_ROOT] = (int)ret;
	sys_close(memory);
	ret = stack_on_perch(st, st->reg[REG_ROOT]);
	if (ret >= 0 && (op->flags & PLAN_USER_NS))
		ret = check_attributes(st, "work");
	return ret;
}

/* One directory of an overlay of the spec, attached in the scratch under a short name. */
long op_overlay_layer(struct stage *st, const struct plan_op *op)
{
	const char *name = plan_at(st, op->data);
	int scratch = st->reg[REG_SCRATCH];
	long tree = clone_source(st, op, 0);
	long ret;

	if (tree < 0)
		return tree;
	ret = failed(st, "mkdirat", sys_mkdirat(scratch, name, 0700));
	if (ret >= 0)
		ret = failed(st, "move_mount",
			sys_move_mount((int)tree, "", scratch, name, MOVE_MOUNT_F_EMPTY_PATH));
	sys_close((int)tree);
	return ret;
}

long op_overlay(struct stage *st, const struct plan_op *op)
{
	long ret = failed(st, "fchdir", sys_fchdir(st->reg[REG_SCRATCH]));

	if (ret < 0)
		return ret;
	ret = new_overlay(st, op, plan_at(st, op->data), op->size, 0);
	if (ret < 0)
		return ret;
	st->reg[REG_MOUNT] = (int)ret;
	return 0;
}

/*
 * Up to the pivot the host's tree is there, and whoever comes into this mount namespace sees it: with
 * the container's root where the host has it, so that what is mounted below that path is in the container.
 */
long op_show(struct stage *st, const struct plan_op *op)
{
	long ret = failed(st, "move_mount",
		sys_move_mount(st->reg[REG_ROOT], "", AT_FDCWD, plan_at(st, op->path), MOVE_MOUNT_F_EMPTY_PATH));

	if (ret >= 0)
		ret = leave_perch(st);
	if (ret < 0)
		return ret;
	st->report.kind = STAGE_SHOWN;
	ret = failed(st, "sendmsg", send_report(st, STAGE_REPORT_SHORT, -1));
	if (ret >= 0)
		ret = await_word(st);
	if (ret >= 0 && op->flags & PLAN_ALONE)
		end_others();
	return ret;
}

long op_root_readonly(struct stage *st, const struct plan_op *op)
{
	(void)op;
	return set_attributes(st, st->reg[REG_ROOT], 0, MOUNT_ATTR_RDONLY, 0);
}

/*
 * Joining a mnt namespace leads to the root of that; the process that is joined may have
 * a root below it. Not a wall by itself: who has CAP_SYS_CHROOT could leave it, as could
 * that process.
 */
long op_chroot(struct stage *st, const struct plan_op *op)
{
	long ret = failed(st, "fchdir", sys_fchdir(st->slot[op->slot]));

	if (ret >= 0)
		ret = failed(st, "chroot", sys(__NR_chroot, ".", 0, 0, 0, 0));
	return ret;
}

/*
 * In a home the root was mounted over "/", as the kernel's first root is covered at boot: no ".."
 * leads below it, and below is but a read-only directory. Nothing has to be unmounted,
 * which would wait for a grace period.
 */
static long cover(struct stage *st)
{
	return failed(st, "chroot", sys(__NR_chroot, ".", 0, 0, 0, 0));
}

static long pivot(struct stage *st)
{
	long ret = failed(st, "pivot_root", sys(__NR_pivot_root, ".", ".", 0, 0, 0));

	return ret < 0 ? ret : failed(st, "umount2", sys(__NR_umount2, ".", MNT_DETACH, 0, 0, 0));
}

/*
 * pivot_root(".", ".") stacks the old root on the new one at "/"; detaching "."
 * then removes it with all that was mounted below. After this step nothing of
 * the host's tree can be named, and no descriptor of it is left: pivot_root(2).
 */
long op_pivot(struct stage *st, const struct plan_op *op)
{
	long ret = failed(st, "fchdir", sys_fchdir(st->reg[op->b]));

	if (ret >= 0)
		ret = op->flags & PLAN_HOME ? cover(st) : pivot(st);
	if (ret < 0)
		return ret;
	for (int reg = 0; reg < REG_COUNT; reg++) {
		if (st->reg[reg] >= 0)
			sys_close(st->reg[reg]);
		st->reg[reg] = -1;
	}
	return failed(st, "chdir", sys(__NR_chdir, "/", 0, 0, 0, 0));
}

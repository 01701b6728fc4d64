/* SPDX-License-Identifier: MIT */
/*
 * Mounts: made detached, attached to an open descriptor of their target, then
 * restricted. No call here takes a path inside of the container.
 *
 * Who: root of the container's user namespace, in its own mount namespace; the
 * host's mounts are still there as private copies until OP_PIVOT.
 */
#include "stage.h"

#include <linux/magic.h>

#define ATTACH_EMPTY (MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH)

/* For names below /proc and /sys: the file itself, on that very filesystem, or nothing. */
#define STRICT (RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV)
/* For names below the root: in-root symlinks are followed, none leads out. */
#define INSIDE (RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS)

long op_private(struct stage *st, const struct plan_op *op)
{
	(void)op;
	return failed(st, "mount", sys_mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
}

/* The options: "key\0value\0" pairs, a value of "" makes a flag. */
static long configure(int fs, const char *options, size_t size)
{
	const char *end = options + size;
	long ret;

	while (options < end) {
		const char *key = options;
		const char *value = key + text_length(key) + 1;

		if (*value)
			ret = sys(__NR_fsconfig, fs, FSCONFIG_SET_STRING, key, value, 0);
		else
			ret = sys(__NR_fsconfig, fs, FSCONFIG_SET_FLAG, key, NULL, 0);
		if (ret < 0)
			return ret;
		options = value + text_length(value) + 1;
	}
	return sys(__NR_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
}

#define INVALID_KEY (-EINVAL) /* what fsconfig answers to a key that the kernel does not know */

/*
 * A procfs of a pid namespace in which this process is not: it has set the namespace
 * for its children. Linux 6.18 takes the namespace as an option; of an older kernel it
 * is -EINVAL, and procfs_by_child() does it.
 */
static long procfs_of(struct stage *st, int pid_ns, unsigned int attributes)
{
	long fs = failed(st, "fsopen", sys(__NR_fsopen, "proc", FSOPEN_CLOEXEC, 0, 0, 0));
	long ret;

	if (fs < 0)
		return fs;
	ret = sys(__NR_fsconfig, fs, FSCONFIG_SET_FD, "pidns", NULL, pid_ns);
	if (ret != INVALID_KEY)
		failed(st, "fsconfig", ret);
	if (ret >= 0)
		ret = failed(st, "fsconfig",
			sys(__NR_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	if (ret >= 0)
		ret = failed(st, "fsmount",
			sys(__NR_fsmount, fs, FSMOUNT_CLOEXEC, attributes, 0, 0));
	sys_close((int)fs);
	return ret;
}

/*
 * Before Linux 6.18 a procfs shows the pid namespace of the process that makes it. So a
 * child does that, who shares this process's table of descriptors (CLONE_FILES) and
 * leaves the mount in it, under a number kept free for it. The child is in the sight of
 * those who live in the namespace for that moment, with rights, though undumpable.
 */
static long procfs_by_child(struct stage *st, unsigned int attributes)
{
	struct clone_args args = {.flags = CLONE_FILES, .exit_signal = 17 /* SIGCHLD */};
	long place = failed(st, "fcntl", sys_fcntl(st->wire, F_DUPFD_CLOEXEC, 3));
	int status = 0;
	long child, ret;

	if (place < 0)
		return place;
	child = failed(st, "clone3", sys(__NR_clone3, &args, sizeof(args), 0, 0, 0));
	if (child == 0) {
		ret = new_filesystem(st, "proc", NULL, 0, attributes);
		if (ret >= 0) {
			int made = (int)ret;

			ret = sys(__NR_dup3, made, place, O_CLOEXEC, 0, 0);
			sys_close(made);
		}
		sys_exit(ret < 0 ? (int)-ret : 0);
	}
	ret = child;
	while (child > 0) {
		ret = failed(st, "wait4", sys(__NR_wait4, child, &status, 0, 0, 0));
		if (ret != -EINTR)
			break;
	}
	if (ret >= 0 && status != 0) /* its exit code is the errno; a signal ended it otherwise */
		ret = failed(st, "fsmount", status & 0x7f ? -EIO : -(status >> 8));
	if (ret >= 0)
		return place;
	sys_close((int)place);
	return ret;
}

/* A new filesystem as a detached mount. */
long new_filesystem(struct stage *st, const char *type, const char *options, size_t size,
	unsigned int attributes)
{
	long fs = failed(st, "fsopen", sys(__NR_fsopen, type, FSOPEN_CLOEXEC, 0, 0, 0));
	long ret;

	if (fs < 0)
		return fs;
	sys(__NR_fsconfig, fs, FSCONFIG_SET_STRING, "source", type, 0); /* for mountinfo alone */
	ret = failed(st, "fsconfig", configure((int)fs, options, size));
	if (ret >= 0)
		ret = failed(st, "fsmount",
			sys(__NR_fsmount, fs, FSMOUNT_CLOEXEC, attributes, 0, 0));
	sys_close((int)fs);
	return ret;
}

#define RESTRICTIONS (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

/* MOUNT_ATTR_* of these kinds have the values of MS_*, and of statfs's ST_*. */
long restrictions_of(struct stage *st, int mount)
{
	long words[16] = {0}; /* struct statfs of the 64-bit machines: f_flags is the eleventh word */
	long ret = failed(st, "fstatfs", sys(__NR_fstatfs, mount, words, 0, 0, 0));

	return ret < 0 ? ret : words[10] & RESTRICTIONS;
}

/*
 * Restricts an attached mount. Before Linux 5.12, which has mount_setattr, a
 * single mount is remounted by its descriptor; a whole tree cannot be. A remount takes away
 * what it does not name.
 */
long set_attributes(struct stage *st, int mount, unsigned int at_flags, uint64_t set,
	uint64_t clear)
{
	struct mount_attr attr = {.attr_set = set, .attr_clr = clear};
	unsigned long flags = MS_REMOUNT | MS_BIND;
	long ret = failed(st, "mount_setattr",
		sys_mount_setattr(mount, "", AT_EMPTY_PATH | at_flags, &attr));

	if (ret != -ENOSYS || (at_flags & AT_RECURSIVE))
		return ret;
	ret = restrictions_of(st, mount);
	if (ret < 0)
		return ret;
	flags |= ((unsigned long)ret & ~clear) | (set & RESTRICTIONS);
	ret = failed(st, "fchdir", sys_fchdir(mount));
	if (ret == -ENOTDIR) { /* a file has a path by its descriptor alone, in the container's /proc */
		char path[32] = "self/fd/";

		text_append_number(path, sizeof(path), (uint64_t)mount);
		ret = failed(st, "fchdir", sys_fchdir(st->reg[REG_PROC]));
		return ret < 0 ? ret : failed(st, "mount", sys_mount(NULL, path, NULL, flags, NULL));
	}
	if (ret < 0)
		return ret;
	return failed(st, "mount", sys_mount(NULL, ".", NULL, flags, NULL));
}

/*
 * Attaches a mount where it hides nothing that is needed: over a directory of the
 * host's tree that the plan has chosen, in our copy of that tree. There the kernel
 * lets it be cloned from, and pivoted to; what stays goes with the old root. Not
 * over "/": OP_PIVOT must find the old root itself on top.
 */
long stack_on_perch(struct stage *st, int mount)
{
	const struct plan *plan = (const void *)st->plan;

	return failed(st, "move_mount",
		sys_move_mount(mount, "", AT_FDCWD, plan_at(st, plan->perch),
			MOVE_MOUNT_F_EMPTY_PATH));
}

/*
 * Memory for what hides a path and for files of the spec. With PLAN_READONLY:
 * done with files, everything cloned from now on is read-only from birth.
 */
long op_scratch(struct stage *st, const struct plan_op *op)
{
	long ret;

	if (op->flags & PLAN_READONLY)
		return set_attributes(st, st->reg[REG_SCRATCH], 0, MOUNT_ATTR_RDONLY, 0);
	if (op->flags & PLAN_HOME) {
		ret = failed(st, "openat", sys_openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0));
		st->reg[REG_SCRATCH] = (int)ret;
		return ret;
	}
	ret = new_filesystem(st, "tmpfs", plan_at(st, op->data), op->size,
		MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	if (ret < 0)
		return ret;
	st->reg[REG_SCRATCH] = (int)ret;
	ret = stack_on_perch(st, st->reg[REG_SCRATCH]);
	if (ret >= 0)
		ret = failed(st, "mkdirat", sys_mkdirat(st->reg[REG_SCRATCH], "empty", 0555));
	if (ret >= 0)
		ret = failed(st, "mknodat",
			sys_mknodat(st->reg[REG_SCRATCH], "null", S_IFREG | 0444, 0));
	return ret;
}

/*
 * In a user namespace the kernel allows a new procfs or sysfs only where one is mounted
 * already that shows as much: mount_too_revealing() in the kernel's fs/namespace.c. It has
 * no other reason to refuse its last step.
 */
static void explain_refusal(struct stage *st, const char *type, long error)
{
	if (error != -EPERM || !text_equal(st->report.call, "fsmount"))
		return;
	if (text_equal(type, "proc"))
		st->report.reason = REASON_MASKED_PROC;
	else if (text_equal(type, "sysfs"))
		st->report.reason = REASON_MASKED_SYS;
}

long op_new_mount(struct stage *st, const struct plan_op *op)
{
	unsigned int attributes = (unsigned int)op->x;
	long ret;

	if (op->slot < 0) {
		ret = new_filesystem(st, plan_at(st, op->path), plan_at(st, op->data), op->size,
			attributes);
	} else {
		ret = procfs_of(st, st->slot[op->slot], attributes);
		if (ret == INVALID_KEY)
			ret = procfs_by_child(st, attributes);
	}
	if (ret < 0) {
		explain_refusal(st, plan_at(st, op->path), ret);
		return ret;
	}
	st->reg[REG_MOUNT] = (int)ret;
	return 0;
}

/* 1, 0, or a negative errno. */
static long is_same_file(struct stage *st, int a, int b)
{
	struct statx one, other;
	long ret = failed(st, "statx", sys_statx(a, "", AT_EMPTY_PATH, &one));

	if (ret >= 0)
		ret = failed(st, "statx", sys_statx(b, "", AT_EMPTY_PATH, &other));
	if (ret < 0)
		return ret;
	return one.stx_ino == other.stx_ino &&
		one.stx_dev_major == other.stx_dev_major &&
		one.stx_dev_minor == other.stx_dev_minor &&
		((one.stx_mode ^ other.stx_mode) & S_IFMT) == 0;
}

/* Takes away what stack_on_perch() has left there, the scratch last of all; its copies stay. */
long leave_perch(struct stage *st)
{
	const char *perch = plan_at(st, ((const struct plan *)(const void *)st->plan)->perch);
	long same = 0, ret;

	while (same == 0) {
		long top = failed(st, "openat", sys_openat(AT_FDCWD, perch, O_PATH | O_CLOEXEC, 0));

		if (top < 0)
			return top;
		same = is_same_file(st, (int)top, st->reg[REG_SCRATCH]);
		sys_close((int)top);
		if (same < 0)
			return same;
		ret = failed(st, "umount2", sys(__NR_umount2, perch, MNT_DETACH, 0, 0, 0));
		if (ret < 0)
			return ret;
	}
	return 0;
}

/*
 * Clones the mount of a source. The descriptor that the host sent belongs to the
 * host's mount namespace, where nothing can be cloned from; so the path it had is
 * opened here, in the copy of that namespace, and must be the very same file.
 */
long clone_source(struct stage *st, const struct plan_op *op, unsigned int flags)
{
	long tree, same;

	if (op->flags & PLAN_TREE) /* whose ids the host has mapped, which takes rights over its filesystem */
		return st->slot[op->slot];
	tree = failed(st, "open_tree",
		sys_open_tree(AT_FDCWD, plan_at(st, op->path),
			OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW | flags));

	same = tree >= 0 ? is_same_file(st, (int)tree, st->slot[op->slot]) : tree != -ENOENT;
	if (same > 0)
		return tree;
	if (tree >= 0)
		sys_close((int)tree);
	if (same < 0)
		return same;
	st->report.reason = REASON_SOURCE_MOVED;
	return -ESTALE;
}

long op_bind(struct stage *st, const struct plan_op *op)
{
	long ret = clone_source(st, op, op->flags & PLAN_RECURSIVE ? AT_RECURSIVE : 0);

	if (ret < 0)
		return ret;
	st->reg[REG_MOUNT] = (int)ret;
	return 0;
}

/* A file of the spec: made in the scratch under a number, then a mount of its own. */
long op_file(struct stage *st, const struct plan_op *op)
{
	int scratch = st->reg[REG_SCRATCH];
	char name[24] = "file";
	long ret;

	text_append_number(name, sizeof(name), st->at);
	ret = write_file(st, scratch, name, plan_at(st, op->data), op->size, (int)op->y);
	if (ret < 0)
		return ret;
	ret = failed(st, "open_tree",
		sys_open_tree(scratch, name, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
	if (ret < 0)
		return ret;
	st->reg[REG_MOUNT] = (int)ret;
	return 0;
}

/* A symlink in the rootfs may lead a target into procfs, where a mount could hide what the kernel shows there. */
static int is_on_proc(int fd)
{
	long words[16] = {0}; /* struct statfs of the 64-bit machines: f_type is the first word */

	return sys(__NR_fstatfs, fd, words, 0, 0, 0) == 0 && words[0] == PROC_SUPER_MAGIC;
}

/* The target of a mount, as a descriptor. */
static long open_target(struct stage *st, const struct plan_op *op)
{
	int base = st->reg[op->b];
	const char *path = plan_at(st, op->path);
	struct statx about;
	long ret;

	if (op->flags & PLAN_STRICT) {
		ret = open_below(base, path, O_PATH | O_DIRECTORY,
			STRICT & ~(uint64_t)RESOLVE_NO_XDEV);
		if (ret == -ENOENT && !(op->flags & PLAN_OPTIONAL)) {
			ret = failed(st, "mkdirat", sys_mkdirat(base, path, 0755));
			if (ret < 0)
				return ret;
			ret = open_below(base, path, O_PATH | O_DIRECTORY, STRICT);
		}
		if (ret == -ELOOP || ret == -ENOTDIR)
			st->report.reason = REASON_SYMLINK_TARGET;
		return failed(st, "openat2", ret);
	}
	ret = failed(st, "statx", sys_statx(st->reg[REG_MOUNT], "", AT_EMPTY_PATH, &about));
	if (ret < 0)
		return ret;
	ret = make_mount_point(st, base, path, (about.stx_mode & S_IFMT) == S_IFDIR);
	if (ret >= 0 && is_on_proc((int)ret)) {
		sys_close((int)ret);
		st->report.reason = REASON_ON_PROC;
		return -EPERM;
	}
	return ret;
}

long op_attach(struct stage *st, const struct plan_op *op)
{
	int mount = st->reg[REG_MOUNT];
	long target = open_target(st, op);
	long ret;

	if (target == -ENOENT && (op->flags & PLAN_OPTIONAL)) {
		sys_close(mount);
		return 0;
	}
	if (target < 0)
		return target;
	ret = failed(st, "move_mount", sys_move_mount(mount, "", (int)target, "", ATTACH_EMPTY));
	sys_close((int)target);
	if (ret >= 0 && op->x)
		ret = set_attributes(st, mount, op->flags & PLAN_RECURSIVE ? AT_RECURSIVE : 0,
			op->x, 0);
	st->reg[REG_MOUNT] = -1;
	if (op->a >= 0)
		st->reg[op->a] = mount;
	else
		sys_close(mount);
	return ret;
}

/*
 * Opens what is to be hidden or made read-only; -ENOENT if there is no such thing. A new
 * procfs or sysfs has no mount below that is not ours; one of the host's has: securityfs,
 * or the masks of a container that the host itself runs in.
 */
static long open_victim(struct stage *st, const struct plan_op *op)
{
	uint64_t resolve = op->flags & PLAN_STRICT ? STRICT : INSIDE;
	long ret;

	if (st->reg[op->b] < 0) /* there is no /proc, or no /sys */
		return -ENOENT;
	if (op->flags & PLAN_HOSTS)
		resolve &= ~(uint64_t)RESOLVE_NO_XDEV;
	ret = open_below(st->reg[op->b], plan_at(st, op->path), O_PATH, resolve);
	if (ret == -ENOTDIR)
		ret = -ENOENT;
	return failed(st, "openat2", ret);
}

long op_mask(struct stage *st, const struct plan_op *op)
{
	long target = open_victim(st, op);
	struct statx about;
	long tree, ret;

	if (target < 0)
		return target == -ENOENT ? 0 : target;
	ret = failed(st, "statx", sys_statx((int)target, "", AT_EMPTY_PATH, &about));
	if (ret >= 0) {
		const char *cover = (about.stx_mode & S_IFMT) == S_IFDIR ? "empty" : "null";

		tree = failed(st, "open_tree",
			sys_open_tree(st->reg[REG_SCRATCH], cover,
				OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
		ret = tree;
		if (tree >= 0) {
			ret = failed(st, "move_mount",
				sys_move_mount((int)tree, "", (int)target, "", ATTACH_EMPTY));
			sys_close((int)tree);
		}
	}
	sys_close((int)target);
	return ret;
}

long op_readonly(struct stage *st, const struct plan_op *op)
{
	long target = open_victim(st, op);
	long tree, ret;

	if (target < 0)
		return target == -ENOENT ? 0 : target;
	tree = failed(st, "open_tree",
		sys_open_tree((int)target, "",
			OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_EMPTY_PATH));
	ret = tree;
	if (tree >= 0) {
		ret = failed(st, "move_mount",
			sys_move_mount((int)tree, "", (int)target, "", ATTACH_EMPTY));
		if (ret >= 0) {
			ret = set_attributes(st, (int)tree, AT_RECURSIVE, MOUNT_ATTR_RDONLY, 0);
			if (ret == -ENOSYS) /* Linux before 5.12; nothing is mounted below yet */
				ret = set_attributes(st, (int)tree, 0, MOUNT_ATTR_RDONLY, 0);
		}
		sys_close((int)tree);
	}
	sys_close((int)target);
	return ret;
}

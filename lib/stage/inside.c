/* SPDX-License-Identifier: MIT */
/*
 * Errands in a running container: one file opened, one mount made or removed, and the answer
 * sent. Nothing is executed here.
 *
 * Who: a process in the container's mnt and user namespace as its root, with the host's
 * memory limits and cgroup; it is not in the container's pid namespace, so nobody in there sees it.
 */
#include "stage.h"

#include <linux/magic.h>

#define INSIDE (RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS)

/* A descriptor of the host becomes one of those that operations work on. */
long op_take(struct stage *st, const struct plan_op *op)
{
	st->reg[op->a] = st->slot[op->slot];
	return 0;
}

/* Filesystems that are the kernel's own words: what is written there counts as the writer's. */
static long is_made_up(struct stage *st, int fd)
{
	static const uint32_t made_up[] = {PROC_SUPER_MAGIC, SYSFS_MAGIC, CGROUP_SUPER_MAGIC,
		CGROUP2_SUPER_MAGIC, DEBUGFS_MAGIC, TRACEFS_MAGIC, SECURITYFS_MAGIC, SELINUX_MAGIC,
		SMACK_MAGIC, BPF_FS_MAGIC, BINFMTFS_MAGIC, EFIVARFS_MAGIC, PSTOREFS_MAGIC,
		NSFS_MAGIC, DEVPTS_SUPER_MAGIC, BINDERFS_SUPER_MAGIC};
	long words[16] = {0}; /* struct statfs of the 64-bit machines: f_type is the first word */
	long ret = failed(st, "fstatfs", sys(__NR_fstatfs, fd, words, 0, 0, 0));

	if (ret < 0)
		return ret;
	for (size_t i = 0; i < sizeof(made_up) / sizeof(made_up[0]); i++)
		if ((uint32_t)words[0] == made_up[i])
			return 1;
	return 0;
}

/* What is opened has to be a file or directory with content of its own. */
static long check_kind(struct stage *st, int fd, const struct plan_op *op)
{
	struct statx about;
	long ret = failed(st, "statx", sys_statx(fd, "", AT_EMPTY_PATH, &about));
	unsigned int type = about.stx_mode & S_IFMT;

	if (ret < 0)
		return ret;
	if (type != S_IFREG && type != S_IFDIR) {
		st->report.reason = REASON_NO_FILE;
		return failed(st, "statx", -EINVAL);
	}
	ret = is_made_up(st, fd);
	if (ret > 0) {
		st->report.reason = REASON_MADE_UP;
		ret = failed(st, "fstatfs", -EPERM);
	}
	if (ret >= 0 && (op->x & O_TRUNC) && type == S_IFREG)
		ret = failed(st, "ftruncate", sys(__NR_ftruncate, fd, 0, 0, 0, 0));
	return ret;
}

/* It is cut to nothing only once it is known for a file, and never waited for. */
long op_open(struct stage *st, const struct plan_op *op)
{
	struct open_how how = {
		.flags = (op->x & ~(uint64_t)O_TRUNC) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		.mode = op->x & O_CREAT ? op->y : 0,
		.resolve = INSIDE,
	};
	long ret = -EAGAIN, fd;

	for (int i = 0; i < 256 && ret == -EAGAIN; i++)
		ret = sys_openat2(st->reg[REG_ROOT], plan_at(st, op->path), &how);
	fd = failed(st, "openat2", ret);
	if (fd == -ENXIO || fd == -ENODEV) /* a FIFO without a reader, a socket, a device that is not there */
		st->report.reason = REASON_NO_FILE;
	if (fd < 0)
		return fd == -ENXIO || fd == -ENODEV ? -EINVAL : fd;
	ret = check_kind(st, (int)fd, op);
	if (ret >= 0 && !(op->x & O_NONBLOCK))
		ret = failed(st, "fcntl",
			sys_fcntl((int)fd, F_SETFL, op->x & (O_APPEND | O_SYNC))); /* O_DSYNC is part of it */
	if (ret < 0) {
		sys_close((int)fd);
		return ret;
	}
	st->reg[REG_MOUNT] = (int)fd;
	return 0;
}

/*
 * x: the mount that is to be there. A mount is named by a path alone; the one of a magic link
 * in the host's procfs is exact, and the only one that works for files.
 */
long op_detach(struct stage *st, const struct plan_op *op)
{
	char name[24] = "";
	struct statx about;
	long links, target, ret;

	target = failed(st, "openat2",
		open_below(st->reg[REG_ROOT], plan_at(st, op->path), O_PATH, INSIDE));
	if (target < 0)
		return target == -ENOENT ? -ESTALE : target;
	ret = failed(st, "statx",
		sys(__NR_statx, target, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID, &about));
	if (ret < 0)
		return ret;
	if (about.stx_mnt_id != op->x || !(about.stx_attributes & STATX_ATTR_MOUNT_ROOT)) {
		st->report.reason = REASON_OTHER_MOUNT;
		return -ESTALE;
	}
	links = failed(st, "openat",
		sys_openat(st->slot[op->slot], "self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC, 0));
	if (links < 0)
		return links;
	ret = failed(st, "fchdir", sys_fchdir((int)links));
	if (ret < 0)
		return ret;
	text_append_number(name, sizeof(name), (uint64_t)target);
	return failed(st, "umount2", sys(__NR_umount2, name, MNT_DETACH, 0, 0, 0));
}

/* The last operation: the descriptor at hand, if x says so. */
long op_answer(struct stage *st, const struct plan_op *op)
{
	long ret;

	st->report.kind = STAGE_ANSWER;
	ret = failed(st, "sendmsg",
		send_report(st, sizeof(st->report), op->x ? st->reg[REG_MOUNT] : -1));
	if (ret < 0)
		return ret;
	sys_exit(0);
}

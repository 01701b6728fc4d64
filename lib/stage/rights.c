/* SPDX-License-Identifier: MIT */
/*
 * What the payload may do: limits, ids, capabilities. The order is the plan's:
 * bounding set while CAP_SETPCAP is there, ids, then the other sets, then
 * no_new_privs; each step takes rights that the next one does not need.
 */
#include "stage.h"

#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>

/* First of all: through the host's /proc, while this process still has its place there. */
long op_oom_score(struct stage *st, const struct plan_op *op)
{
	long proc = failed(st, "openat",
		sys_openat(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY | O_CLOEXEC, 0));
	long ret;

	if (proc < 0)
		return proc;
	ret = write_file(st, (int)proc, "self/oom_score_adj", plan_at(st, op->data), op->size, -1);
	sys_close((int)proc);
	if (ret == -EACCES && (op->flags & PLAN_OPTIONAL))
		return lack(st, ret); /* it may be raised by anybody, but not lowered: then it stays stricter */
	return ret;
}

#define PROC_MAGIC 0x9fa0

/*
 * Likewise, and before anything of the container is there: a container's own /proc, or one that is
 * joined, could be something else. The kernel takes the label up with the exec.
 */
long op_label(struct stage *st, const struct plan_op *op)
{
	long about[16] = {0}; /* struct statfs of the 64-bit machines: f_type is the first word */
	long proc = failed(st, "openat",
		sys_openat(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY | O_CLOEXEC, 0));
	long ret;

	if (proc < 0)
		return proc;
	ret = failed(st, "fstatfs", sys(__NR_fstatfs, proc, about, 0, 0, 0));
	if (ret >= 0 && about[0] != PROC_MAGIC)
		ret = -EPERM;
	if (ret >= 0)
		ret = write_file(st, (int)proc, plan_at(st, op->path), plan_at(st, op->data), op->size, -1);
	if (ret >= 0)
		st->label = plan_at(st, op->object);
	sys_close((int)proc);
	return ret;
}

/* As high as the hard limit is that this process has. */
static void raise_to_hard_limit(const struct plan_op *op)
{
	uint64_t limit[2];

	if (sys(__NR_prlimit64, 0, op->a, 0, limit, 0) < 0)
		return;
	limit[0] = op->x < limit[1] ? op->x : limit[1];
	sys(__NR_prlimit64, 0, op->a, limit, 0, 0);
}

long op_rlimit(struct stage *st, const struct plan_op *op)
{
	const uint64_t limit[2] = {op->x, op->y};
	long ret = failed(st, "prlimit", sys(__NR_prlimit64, 0, op->a, limit, 0, 0));

	if (ret < 0 && (op->flags & PLAN_MAY_LACK))
		raise_to_hard_limit(op);
	return ret;
}

/* A kernel that knows fewer capabilities answers EINVAL to the first it does not know. */
long op_bounding(struct stage *st, const struct plan_op *op)
{
	for (unsigned long cap = 0; cap < 64; cap++) {
		long ret;

		if (op->x >> cap & 1)
			continue;
		ret = sys_prctl(PR_CAPBSET_DROP, cap, 0);
		if (ret == -EINVAL)
			return 0;
		if (ret < 0)
			return failed(st, "prctl", ret);
	}
	return 0;
}

static int has_cap(uint32_t cap)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[2] = {0};

	return sys(__NR_capget, &header, sets, 0, 0, 0) == 0 &&
		(sets[cap / 32].effective >> cap % 32 & 1);
}

/*
 * 0; 1: those of the caller stay, if it has any; or a negative errno.
 *
 * With CAP_SETGID the kernel says EPERM only where the user namespace forbids setgroups: a
 * given one, or that of the host, which an ordinary user has made. Nobody in it can shed a
 * group, so that is no failure unless groups are asked for.
 */
static long set_groups(struct stage *st, uint64_t count, const void *groups)
{
	long ret = sys(__NR_setgroups, count, groups, 0, 0, 0);

	if (ret == -EPERM && count == 0 && has_cap(CAP_SETGID))
		return 1;
	return failed(st, "setgroups", ret);
}

long op_drop_groups(struct stage *st, const struct plan_op *op)
{
	(void)op;
	return set_groups(st, 0, 0);
}

/* Whether this process has a group but the one that it will have as its own. */
static int has_other_group(uint32_t own)
{
	uint32_t group = own;

	/* -EINVAL: they are more than one. */
	return sys(__NR_getgroups, 1, &group, 0, 0, 0) < 0 || group != own;
}

long op_identity(struct stage *st, const struct plan_op *op)
{
	long ret = 1;

	if (!(op->flags & PLAN_NO_SETGROUPS))
		ret = set_groups(st, op->size / sizeof(uint32_t), plan_at(st, op->data));
	if (ret == 1 && has_other_group((uint32_t)op->b)) {
		st->report.reason = REASON_GROUPS_STAY;
		ret = lack(st, failed(st, "setgroups", -EPERM));
	}
	if (ret >= 0)
		ret = failed(st, "setresgid", sys(__NR_setresgid, op->b, op->b, op->b, 0, 0));
	if (ret >= 0 && (op->flags & PLAN_KEEP_CAPS))
		ret = failed(st, "prctl", sys_prctl(PR_SET_KEEPCAPS, 1, 0));
	if (ret >= 0)
		ret = failed(st, "setresuid", sys(__NR_setresuid, op->a, op->a, op->a, 0, 0));
	return ret;
}

/* Of what was asked for, that which this process has itself. */
static void set_caps_it_has(const struct plan_op *op)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[2] = {0};

	if (sys(__NR_capget, &header, sets, 0, 0, 0) < 0)
		return;
	for (unsigned int i = 0; i < 2; i++) {
		uint32_t has = sets[i].permitted, from = i * 32;

		sets[i].permitted = sets[i].effective = (uint32_t)(op->x >> from) & has;
		sets[i].inheritable = (uint32_t)(op->y >> from) & has;
	}
	sys(__NR_capset, &header, sets, 0, 0, 0);
	for (unsigned long cap = 0; cap < 64; cap++)
		if (sets[cap / 32].inheritable >> cap % 32 & 1)
			sys(__NR_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0);
}

long op_caps(struct stage *st, const struct plan_op *op)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	const struct __user_cap_data_struct sets[2] = {
		{(uint32_t)op->x, (uint32_t)op->x, (uint32_t)op->y},
		{(uint32_t)(op->x >> 32), (uint32_t)(op->x >> 32), (uint32_t)(op->y >> 32)},
	};
	long ret = failed(st, "prctl",
		sys(__NR_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));

	if (ret >= 0)
		ret = failed(st, "capset", sys(__NR_capset, &header, sets, 0, 0, 0));
	for (unsigned long cap = 0; cap < 64 && ret >= 0; cap++)
		if (op->y >> cap & 1)
			ret = failed(st, "prctl",
				sys(__NR_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0));
	if (ret < 0 && (op->flags & PLAN_MAY_LACK))
		set_caps_it_has(op);
	return ret;
}

long op_no_new_privs(struct stage *st, const struct plan_op *op)
{
	(void)op;
	return failed(st, "prctl", sys_prctl(PR_SET_NO_NEW_PRIVS, 1, 0));
}

/*
 * Last of all but the exec, since it holds for the stage as well; or, where the payload may
 * gain rights, while there is still the CAP_SYS_ADMIN that the kernel then asks for.
 */
long op_seccomp(struct stage *st, const struct plan_op *op)
{
	const struct sock_fprog program = {
		.len = (unsigned short)(op->size / sizeof(struct sock_filter)),
		.filter = plan_at(st, op->data),
	};

	long ret = failed(st, "seccomp",
		sys(__NR_seccomp, SECCOMP_SET_MODE_FILTER, op->x, &program, 0, 0));

	if (ret < 0 || !(op->x & SECCOMP_FILTER_FLAG_NEW_LISTENER))
		return ret;
	/* From here on most calls may wait for a host that waits for us. This end goes with the exec. */
	st->watched = 1;
	st->report.kind = STAGE_LISTENER;
	ret = failed(st, "sendmsg", send_report(st, STAGE_REPORT_SHORT, (int)ret));
	return ret < 0 ? ret : 0;
}

long op_umask(struct stage *st, const struct plan_op *op)
{
	(void)st;
	sys(__NR_umask, op->y, 0, 0, 0, 0);
	return 0;
}

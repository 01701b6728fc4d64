/* SPDX-License-Identifier: MIT */
/* Facts about kernel calls: whether they are there, and take what the library gives them. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probe.h"
#include "spawn/plan.h"
#include "util/fd.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#endif
#ifndef SECCOMP_RET_USER_NOTIF
#define SECCOMP_RET_USER_NOTIF 0x7fc00000U
#endif

/* ------------------------------------------------------- whether they are there */

static bool is_there(int code)
{
	return code != -ENOSYS && code != -EPERM;
}

/* A call that is not there, or that a filter refuses; or that has failed as nobody foresaw. */
static ct_probe_state refused(int code, const char *name, const char *since, ct_probe_info *info)
{
	struct ct__why why;

	if (is_there(code))
		return ct__unknown(info, "%s: %s", name, strerrordesc_np(-code));
	ct__why_refused(name, since, code, &why);
	return ct__lacks(info, &why);
}

ct_probe_state ct__check_call(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	int ret = ct__call_ask((enum ct__call)row->arg);

	(void)look;
	if (ret < 0 && is_there(ret))
		return ct__works(info);
	return refused(ret, ct__calls[row->arg].name, ct__calls[row->arg].since, info);
}

/* ------------------------------------------------------------------- clone3 */

/*
 * clone3 into a cgroup that is no descriptor: never makes a process, and complains about
 * that last of all. The errno.
 */
static int clone_nowhere(const pid_t *tid)
{
	struct clone_args args = {
		.flags = CLONE_INTO_CGROUP,
		.cgroup = INT_MAX,
		.set_tid = (uintptr_t)tid,
		.set_tid_size = tid ? 1 : 0,
	};

	return syscall(SYS_clone3, &args, sizeof(args)) < 0 ? -errno : 0;
}

ct_probe_state ct__check_into_cgroup(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	int ret = clone_nowhere(NULL);

	(void)look, (void)row;
	if (ret == -EINVAL || ret == -E2BIG)
		return ct__lacks_because(
			info, "use Linux 5.7 or later", "clone3 knows no CLONE_INTO_CGROUP");
	if (is_there(ret))
		return ct__works(info);
	return refused(ret, "clone3", "5.7", info);
}

ct_probe_state ct__check_set_tid(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	const pid_t first = 1; /* is taken, if there is anybody at all */
	int plain = clone_nowhere(NULL), ret = clone_nowhere(&first);

	(void)look, (void)row;
	if (ret == -EPERM && plain != -EPERM)
		return ct__lacks_because(info,
			"run as root, or with CAP_CHECKPOINT_RESTORE (Linux 5.9)",
			"to choose a pid needs CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN over the pid namespace");
	if (ret == -EINVAL || ret == -E2BIG)
		return ct__lacks_because(
			info, "use Linux 5.7 or later", "clone3 does not take a pid");
	if (is_there(ret))
		return ct__works(info);
	return refused(ret, "clone3", "5.7", info);
}

ct_probe_state ct__check_pidfd_setns(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	struct ct__outcome outcome;

	(void)row;
	ct__try(look, TRIAL_PIDFD_SETNS, &outcome);
	/* Without rights EPERM: the right is asked for once the pidfd is understood. */
	if (outcome.code == 0 ||
		(outcome.code == -EPERM && outcome.reach == REACH_INSIDE && !look->caller.filtered))
		return ct__works(info);
	if (outcome.reach != REACH_INSIDE)
		return ct__untried(info, &outcome);
	if (outcome.code == -EINVAL)
		return ct__lacks_because(
			info, "use Linux 5.8 or later", "setns does not take a pidfd");
	return refused(outcome.code, "setns", "5.8", info);
}

ct_probe_state ct__check_memfd_exec(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	struct ct__why why;

	(void)row;
	if (ct__why_memfd(&why))
		return ct__lacks(info, &why);
	if (look->stage < 0)
		return ct__lacks_because(
			info, "", "memfd_create: %s", strerrordesc_np(-look->stage));
	else
		return ct__works(info);
}

/* -------------------------------------------------------------- protections */

ct_probe_state ct__check_seccomp(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	long ret = syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &row->arg);
	int code = ret < 0 ? -errno : 0;

	(void)look;
	if (code == 0)
		return ct__works(info);
	if (code == -EOPNOTSUPP)
		return ct__lacks_because(
			info, "use a newer kernel", "the kernel's filters have no such action");
	if (code == -EINVAL)
		return ct__lacks_because(info, "use a kernel with CONFIG_SECCOMP_FILTER",
			"the kernel has no seccomp filters");
	return refused(code, "seccomp", "4.14", info);
}

#define LANDLOCK_VERSION 1 /* LANDLOCK_CREATE_RULESET_VERSION */

ct_probe_state ct__check_landlock(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	long ret = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_VERSION);
	int code = ret < 0 ? -errno : 0;

	(void)row;
	if (ret >= 0) {
		info->number = (uint64_t)ret;
		return ct__works_with(info, "ABI %ld", ret);
	}
	if (code == -EOPNOTSUPP) {
		return ct__lacks_because(info, "add landlock to the kernel's boot parameter lsm=",
			"landlock is built into the kernel but not switched on");
	}
	if (code == -ENOSYS && !look->caller.filtered) {
		return ct__lacks_because(info,
			"use Linux 5.13 or later with CONFIG_SECURITY_LANDLOCK",
			"the kernel has no landlock");
	}
	return refused(code, "landlock_create_ruleset", "5.13", info);
}

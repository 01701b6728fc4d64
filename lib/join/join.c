/* SPDX-License-Identifier: MIT */
/*
 * ct_join and its kin: look at the target, make a plan for it, launch that. What the
 * process does on its way in is in lib/stage, in the order of lib/spawn/compile.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <container/join.h>

#include "error/error.h"
#include "look.h"
#include "spawn/container.h"
#include "spawn/launch.h"
#include "spawn/plan.h"
#include "spawn/visitors.h"
#include "spec/spec.h"
#include "sys/pidfd.h"
#include "sys/procfs.h"
#include "trace/trace.h"
#include "util/fd.h"
#include "util/ns_kinds.h"
#include "util/proc_text.h"

static int check_arguments(const ct_spec *spec, uint32_t kinds, uint32_t flags, ct_container **ret_box,
	ct_error *err)
{
	if (!spec || !ret_box)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is NULL",
			spec ? "ret_box" : "spec");
	if (kinds & ~CT_NS_ALL)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "unknown bits",
			"namespaces: %#x", kinds);
	if (flags & ~(CT_JOIN_NO_CGROUP | CT_JOIN_NO_SECCOMP))
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "unknown bits", "flags: %#x",
			flags);
	return 0;
}

/* The kinds of which the spec says where they come from. */
static uint32_t said_kinds(const ct_spec *spec)
{
	uint32_t said = spec->ns_new | spec->ns_host | ct__spec_given(spec);

	return spec->rootfs_fd >= 0 ? said | CT_NS_MNT : said;
}

/* Once more if a source of a mount was renamed between the plan and the launch. */
static int plan_and_launch(ct_spec *spec, const struct ct__target *target, ct_container **ret_box,
	ct_error *err)
{
	bool is_stale = true;
	int ret = 0;

	for (int i = 0; i < 2 && is_stale; i++) {
		struct ct__trace *trace = NULL;
		struct ct__plan *plan = NULL;

		is_stale = false;
		ret = ct__trace_new(spec->trace, spec->trace_data, &trace);
		if (ret < 0)
			return ct__fail(err, CT_STEP_MEMORY, ret, NULL, "trace");
		ret = ct__plan_for_join(spec, target, trace, &plan, err);
		if (ret >= 0)
			ret = ct__launch(spec, plan, trace, true, ret_box, &is_stale, err);
		else
			ct__trace_free(trace);
		ct__plan_unref(plan);
	}
	return ret;
}

/* ours: the handle of the target; NULL: it is not ours. */
static int join_process(int pidfd, const ct_container *ours, uint32_t kinds, uint32_t flags,
	ct_spec *spec, ct_container **ret_box, ct_error *err)
{
	uint32_t said = said_kinds(spec), wanted = kinds ? kinds : CT_NS_ALL & ~said;
	struct ct__target target = {
		.filter = ours ? ours->filter : NULL, .landlock = ours ? ours->landlock : NULL};
	int cancel, ret;

	if (kinds & said)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL,
			"the spec says otherwise where it comes from", "namespaces: %#x", kinds & said);
	/* A thread cancelled in here would leave a process and descriptors behind. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	if (spec->seccomp.said) /* then it does not matter whether the target's can be copied */
		flags |= CT_JOIN_NO_SECCOMP;
	ret = ct__target_look(&target, pidfd, wanted, kinds == 0, flags, err);
	if (ret >= 0) {
		ret = plan_and_launch(spec, &target, ret_box, err);
		ct__target_done(&target);
	}
	pthread_setcancelstate(cancel, NULL);
	return ret;
}

int ct_join(ct_container *target, uint32_t kinds, uint32_t flags, ct_spec *spec,
	ct_container **ret_box, ct_error *err)
{
	ct_container *visitor = NULL;
	int ret;

	if (!target)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is NULL", "target");
	ret = check_arguments(spec, kinds, flags, ret_box, err);
	if (ret >= 0)
		ret = join_process(target->pidfd, target, kinds, flags, spec, &visitor, err);
	if (ret < 0)
		return ret;
	ret = ct__visitors_add(target, visitor);
	if (ret < 0) {
		ct_container_free(visitor);
		return ct__fail(err, CT_STEP_MEMORY, ret, "epoll_ctl", "process %d",
			ct_container_pid(target));
	}
	*ret_box = visitor;
	return 0;
}

int ct_join_pidfd(int pidfd, uint32_t kinds, uint32_t flags, ct_spec *spec, ct_container **ret_box,
	ct_error *err)
{
	int ret = check_arguments(spec, kinds, flags, ret_box, err);

	return ret < 0 ? ret : join_process(pidfd, NULL, kinds, flags, spec, ret_box, err);
}

/* A pid is only a name: the process that has it now, and still has it once we hold its pidfd. */
static int open_pid(pid_t pid, uint64_t start_ticks, ct_error *err)
{
	CT__AUTO_CLOSE int pidfd = -EBADF;
	uint64_t ticks;
	int ret;

	if (pid <= 0)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is no pid", "process %d", pid);
	pidfd = ct__pidfd_open(pid);
	if (pidfd < 0)
		return ct__fail(err, CT_STEP_TARGET, pidfd, "pidfd_open", "process %d", pid);
	if (!start_ticks)
		return ct__take_fd(&pidfd);
	/* Read after the pidfd was opened: the same number at both times, or another process. */
	ret = ct_pid_start_ticks(pid, &ticks);
	if (ret < 0)
		return ct__fail(err, CT_STEP_TARGET, ret, "read", "process %d: stat", pid);
	if (ticks != start_ticks)
		return ct__fail_because(err, CT_STEP_TARGET, -ESRCH, "another process has this pid now",
			"process %d", pid);
	return ct__take_fd(&pidfd);
}

int ct_join_pid(pid_t pid, uint64_t start_ticks, uint32_t kinds, uint32_t flags, ct_spec *spec,
	ct_container **ret_box, ct_error *err)
{
	CT__AUTO_CLOSE int pidfd = -EBADF;
	int ret = check_arguments(spec, kinds, flags, ret_box, err);

	if (ret < 0)
		return ret;
	pidfd = open_pid(pid, start_ticks, err);
	return pidfd < 0 ? pidfd : join_process(pidfd, NULL, kinds, flags, spec, ret_box, err);
}

/* --------------------------------------------------- namespaces without a process */

/* A target that is nothing but namespaces; the first of them that is wrong is named. */
static int look_at_namespaces(struct ct__target *target, const ct_spec *spec, const int *ns_fds,
	size_t count, ct_error *err)
{
	uint32_t seen = ct__spec_given(spec);

	for (size_t n = 0; n < count; n++) {
		int type = ioctl(ns_fds[n], NS_GET_NSTYPE);

		if (type < 0)
			return ct__fail_because(err, CT_STEP_ARGUMENT, errno == EBADF ? -EBADF : -EINVAL,
				"it is no namespace", "descriptor %d", ns_fds[n]);
		if (seen & (uint32_t)type)
			return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL,
				"there are two of its kind", "descriptor %d", ns_fds[n]);
		seen |= (uint32_t)type;
		for (size_t i = 0; i < CT__NS_KIND_COUNT; i++)
			if (ct__ns_kinds[i].kind == (uint32_t)type)
				target->given[i] = ns_fds[n];
	}
	if (!seen)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "there is none to join",
			"namespaces");
	return 0;
}

int ct_join_ns(const int *ns_fds, size_t count, ct_spec *spec, ct_container **ret_box, ct_error *err)
{
	struct ct__target target;
	int cancel, ret = check_arguments(spec, 0, 0, ret_box, err);

	if (ret < 0)
		return ret;
	if (count > CT__NS_KIND_COUNT || (count && !ns_fds))
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "they are too many, or not there",
			"namespaces");
	ct__target_init(&target);
	ret = look_at_namespaces(&target, spec, ns_fds, count, err);
	if (ret < 0)
		return ret;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	ret = plan_and_launch(spec, &target, ret_box, err);
	pthread_setcancelstate(cancel, NULL);
	return ret;
}

int ct_pid_start_ticks(pid_t pid, uint64_t *ret_ticks)
{
	struct ct__proc_stat stat;
	char name[32], text[1024];
	ssize_t count;
	int ret;

	if (pid <= 0 || !ret_ticks)
		return -EINVAL;
	snprintf(name, sizeof(name), "/proc/%d/stat", pid);
	count = ct__procfs_read(AT_FDCWD, name, text, sizeof(text));
	if (count < 0)
		return count == -ENOENT ? -ESRCH : (int)count;
	ret = ct__parse_stat(text, (size_t)count, &stat);
	if (ret < 0)
		return ret;
	*ret_ticks = stat.start_ticks;
	return 0;
}

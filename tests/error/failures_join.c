/* SPDX-License-Identifier: MIT */
/* Failures of joining a process; see failures.h. */
#include "failures.h"

#include <container/join.h>

#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "support/cgroup.h"

/* ---------------------------------------------------------------- spoiling */

static void lose_sys_admin(void)
{
	lose_cap(CAP_SYS_ADMIN);
}

static void lose_sys_ptrace(void)
{
	lose_cap(CAP_SYS_PTRACE);
}

/* A write of so few bytes: of a pid to cgroup.procs. */
static void fail_short_write(void)
{
	for (int size = 1; size <= 7; size++)
		fail_call_with(SYS_write, 2, size, EACCES);
}

static void hide_cgroups(void)
{
	have_mounts_of_my_own();
	ck_assert_int_eq(mount("tmpfs", "/sys/fs/cgroup", "tmpfs", 0, NULL), 0);
}

/* ------------------------------------------------------------------ targets */

/* Joins the target, which is freed. */
static int visit(ct_container *target, uint32_t kinds, ct_error *err)
{
	ct_container *visitor = NULL;
	ct_spec *spec = VISITOR("/bin/probe", "exit", "0");
	int code = ct_join(target, kinds, 0, spec, &visitor, err);

	ck_assert_int_eq(code == 0, visitor != NULL);
	if (code == 0)
		ck_assert_int_eq(wait_for(visitor).code, 0);
	ct_container_free(visitor);
	ct_container_free(target);
	ct_spec_free(spec);
	return code;
}

/* The target was started while the world was right. */
static int visit_spoiled(bool wrong, void (*spoil)(void), ct_error *err)
{
	ct_container *target = start_pausing();

	if (wrong)
		spoil();
	return visit(target, 0, err);
}

/* ---------------------------------------------------------------- the calls */

static int join_soundly(bool wrong, ct_error *err)
{
	(void)wrong;
	return visit(start_pausing(), 0, err);
}

static int join_unknown_kind(bool wrong, ct_error *err)
{
	return visit(start_pausing(), wrong ? 1 : 0, err);
}

static int join_after_the_end(bool wrong, ct_error *err)
{
	ct_container *target = start_pausing();

	if (wrong)
		end_now(target);
	return visit(target, 0, err);
}

/* By its pid, which was that of another process when its start was noted. */
static int join_another(bool wrong, ct_error *err)
{
	ct_container *target = start_pausing(), *visitor = NULL;
	pid_t pid = ct_container_pid(target);
	ct_spec *spec = VISITOR("/bin/probe", "exit", "0");
	uint64_t ticks;
	int code;

	ck_assert_int_eq(ct_pid_start_ticks(pid, &ticks), 0);
	code = ct_join_pid(pid, wrong ? ticks + 1 : ticks, 0, CT_JOIN_NO_SECCOMP, spec, &visitor, err);
	ct_container_free(visitor);
	ct_container_free(target);
	ct_spec_free(spec);
	return code;
}

static int join_without_sys_admin(bool wrong, ct_error *err)
{
	return visit_spoiled(wrong, lose_sys_admin, err);
}

/* What another user runs may be looked at with CAP_SYS_PTRACE alone. */
static int join_another_user(bool wrong, ct_error *err)
{
	ct_container *target = start_pausing_as(1000);

	if (wrong)
		lose_sys_ptrace();
	return visit(target, 0, err);
}

static void *start_filtered(void *data)
{
	struct sock_filter code[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
	struct sock_fprog program = {1, code};
	ct_container **ret_target = data;

	ck_assert_int_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
	*ret_target = start_pausing();
	return NULL;
}

/* From a thread with a filter that this one does not have. */
static int join_filtered(bool wrong, ct_error *err)
{
	ct_container *target;
	pthread_t thread;

	if (!wrong)
		return join_soundly(false, err);
	ck_assert_int_eq(pthread_create(&thread, NULL, start_filtered, &target), 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	return visit(target, 0, err);
}

/* A target in a cgroup of its own. */
static int visit_in_cgroup(bool wrong, void (*spoil)(void), ct_error *err)
{
	ct_container *target = start_pausing();
	const char *cgroup = make_cgroup();
	int code;

	ck_assert_msg(cgroup != NULL, "no cgroup can be made here");
	move_to_cgroup(cgroup, ct_container_pid(target));
	if (wrong)
		spoil();
	code = visit(target, 0, err);
	if (wrong && spoil == hide_cgroups)
		ck_assert_int_eq(umount2("/sys/fs/cgroup", MNT_DETACH), 0);
	ck_assert_int_eq(rmdir(cgroup), 0);
	return code;
}

static int join_barred_cgroup(bool wrong, ct_error *err)
{
	return visit_in_cgroup(wrong, fail_short_write, err);
}

static int join_hidden_cgroup(bool wrong, ct_error *err)
{
	return visit_in_cgroup(wrong, hide_cgroups, err);
}

/* --------------------------------------------------------------- the table */

/* Step, code; call, object, words of the sentence, cure; how to provoke it. */
const struct failure join_failures[] = {
	{CT_STEP_NONE, 0, .act = join_soundly},
	{CT_STEP_ARGUMENT, -EINVAL, "", "namespaces: 0x1", "unknown bits", NULL,
		.act = join_unknown_kind},
	{CT_STEP_TARGET, -ESRCH, "read", "descriptor", "No such process", "must be running",
		.act = join_after_the_end},
	{CT_STEP_TARGET, -ESRCH, "", "process", "another process has this pid", "must be running",
		.act = join_another},
	{CT_STEP_TARGET, -EPERM, "setns", "process", "not permitted", "CAP_SYS_ADMIN",
		.act = join_without_sys_admin},
	{CT_STEP_TARGET, -EACCES, "fstatat", "ns/", "denied", "CAP_SYS_PTRACE",
		.act = join_another_user},
	{CT_STEP_TARGET, -EOPNOTSUPP, "", "process", "seccomp", "CT_JOIN_NO_SECCOMP",
		.act = join_filtered},
	{CT_STEP_CGROUP, -ENOENT, "openat2", "/ct-test-", "No such file", "CT_JOIN_NO_CGROUP",
		.act = join_hidden_cgroup, .makes_cgroup = true},
	{CT_STEP_CGROUP, -EACCES, "write", "cgroup.procs", "denied", "CT_JOIN_NO_CGROUP",
		.act = join_barred_cgroup, .makes_cgroup = true},
	{0},
};

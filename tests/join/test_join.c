/* SPDX-License-Identifier: MIT */
/*
 * ct_join into containers of our own: where the process is, how it is confined, what it
 * has, what it leaves behind. Targets that others started are in test_foreign.c, hostile
 * ones in test_hostile_target.c.
 */
#include "support/box.h"
#include "support/cgroup.h"
#include "support/needs.h"

#include <container/join.h>

#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Writes what it is given to a file, says "ready", and stays. */
#define TARGET_SCRIPT "probe facts > /tmp/facts; echo ready; exec probe pause"

static ct_spec *target_spec(void)
{
	return SPEC("/bin/sh", "-c", TARGET_SCRIPT);
}

/* A running target made from the spec, which is freed. */
static ct_container *start_target(ct_spec *spec)
{
	ct_container *target = start_ready(spec);

	ct_spec_free(spec);
	return target;
}

static const char *target_facts(void)
{
	static char text[65536];

	snprintf(text, sizeof(text), "%s", read_file(in_root("tmp/facts")));
	return text;
}

/* Joins, reads, waits; the spec is freed. */
static struct outcome *join_once(ct_container *target, uint32_t kinds, uint32_t flags, ct_spec *spec)
{
	ct_container *visitor = NULL;
	ct_error err = CT_ERROR_INIT;
	int code = ct_join(target, kinds, flags, spec, &visitor, &err);
	struct outcome *outcome = outcome_of(code, visitor, &err);

	ct_spec_free(spec);
	return outcome;
}

static const char *joined_output(ct_container *target, uint32_t kinds, ct_spec *spec)
{
	struct outcome *outcome = join_once(target, kinds, 0, spec);

	ck_assert_msg(outcome->code == 0, "join: %s", outcome->err.sentence);
	ck_assert_msg(outcome->how.code == 0, "code %d signal %d, printed: %s%s", outcome->how.code,
		outcome->how.signal, outcome->out, outcome->errors);
	return outcome->out;
}

/* ------------------------------------------------------------------ where it is */

static const char *const kind_names[] = {"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"};

START_TEST(join_is_in_every_namespace_of_the_target)
{
	ct_container *target = start_target(target_spec());
	const char *out = joined_output(target, 0, VISITOR("probe", "facts"));

	for (size_t i = 0; i < sizeof(kind_names) / sizeof(kind_names[0]); i++) {
		char name[16];

		snprintf(name, sizeof(name), "ns.%s", kind_names[i]);
		ck_assert_str_eq(fact(out, name), ns_of(ct_container_pid(target), kind_names[i]));
	}
	ck_assert_str_ne(fact(out, "ns.pid"), ns_of(0, "pid"));
	ck_assert_str_eq(fact(out, "ppid"), "0");
	ck_assert_str_ne(fact(out, "pid"), "1");
	ct_container_free(target);
}
END_TEST

START_TEST(join_sees_the_targets_files_and_processes_and_the_target_sees_it)
{
	ct_container *target = start_target(target_spec());
	const char *out =
		joined_output(target, 0, VISITOR("sh", "-c", "cat /etc/inside; cat /proc/1/comm; hostname"));

	ck_assert_str_eq(out, "this is the container's\nprobe\ncontainer\n");
	ct_container_free(target);
}
END_TEST

START_TEST(join_takes_only_the_kinds_asked_for)
{
	ct_container *target = start_target(target_spec());
	ct_spec *spec = VISITOR(in_root("bin/probe"), "facts");
	const char *out = joined_output(target, CT_NS_NET | CT_NS_UTS, spec);

	ck_assert_str_eq(fact(out, "ns.net"), ns_of(ct_container_pid(target), "net"));
	ck_assert_str_eq(fact(out, "ns.uts"), ns_of(ct_container_pid(target), "uts"));
	ck_assert_str_eq(fact(out, "hostname"), "container");
	ck_assert_str_eq(fact(out, "ns.pid"), ns_of(0, "pid"));
	ck_assert_str_eq(fact(out, "ns.mnt"), ns_of(0, "mnt"));
	ck_assert_str_eq(fact(out, "ns.ipc"), ns_of(0, "ipc"));
	ct_container_free(target);
}
END_TEST

/* The notes' last step: nsenter --pid=... unshare --mount-proc chroot, in one call. */
START_TEST(join_of_the_pid_namespace_alone_brings_a_root_and_proc_of_its_own)
{
	ct_container *target = start_target(target_spec());
	const char *out = joined_output(target, CT_NS_PID,
		SPEC("/bin/sh", "-c", "readlink /proc/self/ns/mnt; hostname; ps -o comm; true"));
	char own[256];

	gethostname(own, sizeof(own));
	/* Three processes: the target, the shell, and ps itself. */
	ck_assert_ptr_nonnull(strstr(out, "COMMAND\nprobe\nsh\nps\n"));
	ck_assert_ptr_null(strstr(out, ns_of(0, "mnt")));
	ck_assert_ptr_null(strstr(out, ns_of(ct_container_pid(target), "mnt")));
	ck_assert_ptr_nonnull(strstr(out, own));
	ct_container_free(target);
}
END_TEST

START_TEST(join_takes_the_targets_root_below_its_mnt_namespace)
{
	int ready[2];
	ct_container *visitor = NULL;
	ct_error err = CT_ERROR_INIT;
	ct_spec *spec = VISITOR("/bin/cat", "/etc/inside");
	struct outcome *outcome;
	pid_t child;
	char byte;
	int code;

	ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
	child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (unshare(CLONE_NEWNS) < 0 || chroot(box.root) < 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	code = ct_join_pid(child, 0, 0, 0, spec, &visitor, &err);
	outcome = outcome_of(code, visitor, &err);
	ck_assert_msg(outcome->code == 0, "join: %s", outcome->err.sentence);
	ck_assert_str_eq(outcome->out, "this is the container's\n");
	ct_spec_free(spec);
	end_child(child);
}
END_TEST

/* ---------------------------------------------------------------- how it is confined */

/* What must be the same in a process of the target and in one that joined. */
static const char *const confinement[] = {"uid", "gid", "groups", "cap_effective", "cap_permitted",
	"cap_inheritable", "cap_bounding", "cap_ambient", "securebits", "no_new_privs", "seccomp",
	"oom_score_adj", "umask", "rlimit.0", "rlimit.1", "rlimit.2", "rlimit.3", "rlimit.4",
	"rlimit.5", "rlimit.6", "rlimit.7", "rlimit.8", "rlimit.9", "rlimit.10", "rlimit.11",
	"rlimit.12", "rlimit.13", "rlimit.14", "rlimit.15", "cgroup.0", "sigmask",
	"sigignored", "hostname"};

static void make_strict(ct_spec *spec)
{
	set(ct_spec_drop_cap(spec, "all"));
	set(ct_spec_set_rlimit(spec, RLIMIT_NOFILE, 99, 100));
	set(ct_spec_set_rlimit(spec, RLIMIT_CORE, 0, 0));
	set(ct_spec_set_oom_score_adj(spec, 777));
}

static void make_user(ct_spec *spec)
{
	const gid_t groups[] = {7, 1000, 4711};

	set(ct_spec_set_user(spec, 1000, 1000));
	set(ct_spec_set_groups(spec, groups, 3));
	set(ct_spec_add_ambient_cap(spec, "cap_net_bind_service"));
}

static void make_loose(ct_spec *spec)
{
	add_host_caps(spec);
	set(ct_spec_set_no_new_privs(spec, 0));
}

static void make_mapped(ct_spec *spec)
{
	const gid_t groups[] = {3, 5};

	ck_assert_int_eq(chown(box.root, 100000, 200000), 0);
	set(ct_spec_add_uid_map(spec, 0, 100000, 65536));
	set(ct_spec_add_gid_map(spec, 0, 200000, 65536));
	set(ct_spec_set_user(spec, 33, 44));
	set(ct_spec_set_groups(spec, groups, 2));
}

static void make_default(ct_spec *spec)
{
	(void)spec;
}

static void (*const variants[])(ct_spec *spec) = {
	make_default, make_strict, make_user, make_loose, make_mapped};
#define VARIANTS ((int)(sizeof(variants) / sizeof(variants[0])))

START_TEST(join_is_confined_exactly_as_the_target_is)
{
	ct_spec *spec = target_spec();
	ct_container *target;
	const char *out, *facts;

	ck_assert_int_eq(chmod(box.root, 0755), 0);
	ck_assert_int_eq(chmod(in_root("tmp"), 0777), 0);
	variants[_i](spec);
	/* A rule of the target's filter: without it neither would be told of its keyring. */
	set(ct_spec_add_seccomp_rule(spec, "keyctl", CT_SECCOMP_ALLOW, 0, NULL, 0));
	target = start_target(spec);
	out = joined_output(target, 0, VISITOR("/bin/probe", "facts"));
	facts = target_facts();
	for (size_t i = 0; i < sizeof(confinement) / sizeof(confinement[0]); i++)
		ck_assert_msg(strcmp(fact(out, confinement[i]), fact(facts, confinement[i])) == 0,
			"%s is %s, and %s in the target", confinement[i], fact(out, confinement[i]),
			fact(facts, confinement[i]));
	ck_assert_str_ne(fact(out, "keyring"), fact(facts, "keyring"));
	ct_container_free(target);
}
END_TEST

START_TEST(what_the_spec_says_goes_before_the_target)
{
	ct_spec *spec = VISITOR("/bin/probe", "facts");
	ct_container *target = start_target(target_spec());
	const char *out;

	set(ct_spec_set_user(spec, 1000, 1001));
	set(ct_spec_set_rlimit(spec, RLIMIT_NOFILE, 55, 66));
	set(ct_spec_drop_cap(spec, "cap_chown"));
	set(ct_spec_add_cap(spec, "cap_net_raw"));
	set(ct_spec_set_no_new_privs(spec, 0));
	set(ct_spec_set_oom_score_adj(spec, 321));
	set(ct_spec_set_cwd(spec, "/etc"));
	set(ct_spec_set_umask(spec, 077));
	set(ct_spec_set_env(spec, (const char *const[]){"A=b", NULL}));
	out = joined_output(target, 0, spec);
	ck_assert_str_eq(fact(out, "uid"), "1000 1000 1000");
	ck_assert_str_eq(fact(out, "gid"), "1001 1001 1001");
	ck_assert_str_eq(fact(out, "rlimit.7"), "55 66");
	ck_assert_str_eq(fact(out, "no_new_privs"), "0");
	ck_assert_str_eq(fact(out, "oom_score_adj"), "321");
	ck_assert_str_eq(fact(out, "cwd"), "/etc");
	ck_assert_str_eq(fact(out, "umask"), "0077");
	ck_assert_str_eq(fact(out, "env.0"), "A=b");
	ck_assert_str_eq(fact(out, "env_count"), "1");
	/* Bit 0 is CAP_CHOWN, bit 13 CAP_NET_RAW. */
	ck_assert_int_eq((int)(strtoull(fact(out, "cap_bounding"), NULL, 16) & 0x2001), 0x2000);
	ck_assert_str_eq(fact(out, "cap_effective"), "0000000000000000");
	ct_container_free(target);
}
END_TEST

START_TEST(join_has_its_stdio_and_no_other_descriptor)
{
	ct_container *target = start_target(target_spec());
	ct_spec *spec = VISITOR("/bin/probe", "facts");
	int canary = open(box.canary, O_RDONLY); /* inheritable, as a careless host would have it */
	const char *out = joined_output(target, 0, spec);

	ck_assert_str_eq(fact(out, "fd_count"), "3");
	close(canary);
	ct_container_free(target);
}
END_TEST

START_TEST(join_passes_the_descriptors_mapped)
{
	ct_container *target = start_target(target_spec());
	ct_spec *spec = VISITOR("/bin/probe", "read", "9");
	int canary = open(box.canary, O_RDONLY | O_CLOEXEC);

	set(ct_spec_map_fd(spec, canary, 9));
	ck_assert_str_eq(joined_output(target, 0, spec), "fd 9: this is the host's\n");
	close(canary);
	ct_container_free(target);
}
END_TEST

START_TEST(join_leads_a_session_of_its_own)
{
	ct_container *target = start_target(target_spec());
	const char *out = joined_output(target, 0, VISITOR("/bin/probe", "facts"));

	ck_assert_str_eq(fact(out, "sid"), fact(out, "pid"));
	ck_assert_str_eq(fact(out, "pgid"), fact(out, "pid"));
	ct_container_free(target);
}
END_TEST

START_TEST(join_enters_the_targets_cgroup_unless_told_not_to)
{
	ct_container *target = start_target(target_spec()), *visitor = NULL;
	const char *cgroup = make_cgroup(), *name = cgroup ? strrchr(cgroup, '/') : NULL;
	const uint32_t flags = _i == 0 ? 0 : CT_JOIN_NO_CGROUP;
	ct_spec *spec = VISITOR("/bin/probe", "pause");
	ct_error err = CT_ERROR_INIT;
	char path[64];
	bool inside;

	ck_assert_msg(cgroup != NULL, "no cgroup can be made here");
	move_to_cgroup(cgroup, ct_container_pid(target));
	ck_assert_msg(ct_join(target, 0, flags, spec, &visitor, &err) == 0, "%s", err.sentence);
	snprintf(path, sizeof(path), "/proc/%d/cgroup", ct_container_pid(visitor));
	inside = strstr(read_file(path), name) != NULL;
	ct_container_free(visitor);
	ct_container_free(target);
	ct_spec_free(spec);
	ck_assert_int_eq(rmdir(cgroup), 0);
	ck_assert_int_eq(inside, flags == 0);
}
END_TEST

/* --------------------------------------------------------------------- refusals */

static void refuse(int code, const ct_error *err, const ct_container *visitor, int want_code,
	int want_step, const char *words)
{
	expect_error(code, err, want_code, want_step, NULL, words);
	ck_assert_ptr_null(visitor);
}

START_TEST(join_refuses_null_and_unknown_bits)
{
	ct_container *target = start_target(target_spec()), *visitor = NULL;
	ct_spec *spec = VISITOR("/bin/true");
	ct_error err = CT_ERROR_INIT;
	int one = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	const int twice[2] = {one, one};

	refuse(ct_join(NULL, 0, 0, spec, &visitor, &err), &err, visitor, -EINVAL, CT_STEP_ARGUMENT, "NULL");
	refuse(ct_join(target, 0, 0, NULL, &visitor, &err), &err, visitor, -EINVAL, CT_STEP_ARGUMENT,
		"NULL");
	refuse(ct_join(target, 0, 0, spec, NULL, &err), &err, visitor, -EINVAL, CT_STEP_ARGUMENT, "NULL");
	refuse(ct_join(target, 1, 0, spec, &visitor, &err), &err, visitor, -EINVAL, CT_STEP_ARGUMENT,
		"unknown bits");
	refuse(ct_join(target, 0, 64, spec, &visitor, &err), &err, visitor, -EINVAL, CT_STEP_ARGUMENT,
		"unknown bits");
	refuse(ct_join_pid(0, 0, 0, 0, spec, &visitor, &err), &err, visitor, -EINVAL, CT_STEP_ARGUMENT,
		"no pid");
	refuse(ct_join_pidfd(-1, 0, 0, spec, &visitor, &err), &err, visitor, -EBADF, CT_STEP_TARGET, NULL);
	refuse(ct_join_pidfd(one, 0, 0, spec, &visitor, &err), &err, visitor, -EINVAL, CT_STEP_TARGET,
		NULL);
	refuse(ct_join_ns(NULL, 0, spec, &visitor, &err), &err, visitor, -EINVAL, CT_STEP_ARGUMENT, "none");
	refuse(ct_join_ns(NULL, 1, spec, &visitor, &err), &err, visitor, -EINVAL, CT_STEP_ARGUMENT, NULL);
	refuse(ct_join_ns(twice, 2, spec, &visitor, &err), &err, visitor, -EINVAL, CT_STEP_ARGUMENT,
		"two");
	ck_assert_int_eq(ct_join(target, 0, 64, spec, &visitor, NULL), -EINVAL);
	close(one);
	ct_spec_free(spec);
	ct_container_free(target);
}
END_TEST

START_TEST(join_refuses_kinds_of_which_the_spec_says_otherwise)
{
	ct_container *target = start_target(target_spec()), *visitor = NULL;
	ct_spec *spec = VISITOR("/bin/true");
	ct_error err = CT_ERROR_INIT;

	set(ct_spec_set_ns_new(spec, CT_NS_NET));
	refuse(ct_join(target, CT_NS_NET | CT_NS_IPC, 0, spec, &visitor, &err), &err, visitor, -EINVAL,
		CT_STEP_ARGUMENT, "says otherwise");
	set(ct_spec_set_ns_host(spec, CT_NS_NET));
	set(ct_spec_set_rootfs(spec, box.rootfs));
	refuse(ct_join(target, CT_NS_MNT, 0, spec, &visitor, &err), &err, visitor, -EINVAL,
		CT_STEP_ARGUMENT, "says otherwise");
	ct_spec_free(spec);
	ct_container_free(target);
}
END_TEST

START_TEST(join_of_every_kind_leaves_out_those_that_the_spec_makes_new)
{
	ct_container *target = start_target(target_spec());
	ct_spec *spec = VISITOR("/bin/probe", "facts");
	const char *out;

	set(ct_spec_set_ns_new(spec, CT_NS_IPC));
	out = joined_output(target, 0, spec);
	ck_assert_str_eq(fact(out, "ns.net"), ns_of(ct_container_pid(target), "net"));
	ck_assert_str_ne(fact(out, "ns.ipc"), ns_of(ct_container_pid(target), "ipc"));
	ck_assert_str_ne(fact(out, "ns.ipc"), ns_of(0, "ipc"));
	ct_container_free(target);
}
END_TEST

START_TEST(join_refuses_a_target_that_has_ended)
{
	ct_container *target = start_target(target_spec()), *visitor = NULL;
	ct_spec *spec = VISITOR("/bin/true");
	ct_error err = CT_ERROR_INIT;
	pid_t pid = ct_container_pid(target);

	set(ct_kill(target, SIGKILL, NULL));
	/* Ended, but not yet waited for: a process in name only. */
	ck_assert(readable(ct_container_pidfd(target), PATIENCE_MS));
	refuse(ct_join(target, 0, 0, spec, &visitor, &err), &err, visitor, -ESRCH, CT_STEP_TARGET, NULL);
	wait_for(target);
	refuse(ct_join(target, 0, 0, spec, &visitor, &err), &err, visitor, -ESRCH, CT_STEP_TARGET, NULL);
	ct_container_free(target);
	refuse(ct_join_pid(pid, 0, 0, 0, spec, &visitor, &err), &err, visitor, -ESRCH, CT_STEP_TARGET,
		"process");
	ct_spec_free(spec);
}
END_TEST

START_TEST(join_by_pid_refuses_a_process_that_started_at_another_time)
{
	ct_container *target = start_target(target_spec()), *visitor = NULL;
	ct_spec *spec = VISITOR("/bin/true");
	ct_error err = CT_ERROR_INIT;
	uint64_t ticks = 0;

	set(ct_pid_start_ticks(ct_container_pid(target), &ticks));
	ck_assert_uint_gt(ticks, 0);
	refuse(ct_join_pid(ct_container_pid(target), ticks + 1, 0, 0, spec, &visitor, &err), &err,
		visitor, -ESRCH, CT_STEP_TARGET, "another process");
	ck_assert_msg(ct_join_pid(ct_container_pid(target), ticks, 0, CT_JOIN_NO_SECCOMP, spec, &visitor,
			      &err) == 0,
		"%s", err.sentence);
	for (int stream = 1; stream < 3; stream++)
		close(ct_container_take_stdio(visitor, stream));
	wait_for(visitor);
	ct_container_free(visitor);
	ct_spec_free(spec);
	ct_container_free(target);
}
END_TEST

START_TEST(start_time_is_refused_for_no_process)
{
	uint64_t ticks = 5;

	ck_assert_int_eq(ct_pid_start_ticks(0, &ticks), -EINVAL);
	ck_assert_int_eq(ct_pid_start_ticks(getpid(), NULL), -EINVAL);
	ck_assert_int_eq(ct_pid_start_ticks(0x3fffffff, &ticks), -ESRCH);
	ck_assert_uint_eq(ticks, 5);
	ck_assert_int_eq(ct_pid_start_ticks(getpid(), &ticks), 0);
}
END_TEST

START_TEST(join_reports_a_missing_program_as_spawn_does)
{
	ct_container *target = start_target(target_spec());
	struct outcome *outcome = join_once(target, 0, 0, VISITOR("/bin/missing"));

	expect_error(outcome->code, &outcome->err, -ENOENT, CT_STEP_PROGRAM, "/bin/missing", NULL);
	outcome = join_once(target, 0, 0, VISITOR("missing"));
	expect_error(outcome->code, &outcome->err, -ENOENT, CT_STEP_PROGRAM, "missing", "PATH");
	outcome = join_once(target, 0, 0, VISITOR("/etc"));
	expect_error(outcome->code, &outcome->err, -EACCES, CT_STEP_EXEC, "/etc", "directory");
	ct_container_free(target);
}
END_TEST

/* A filter is seen by "probe pause" alone: the library itself is not under it. */
static pid_t filtered_child(void)
{
	struct sock_filter code[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
	struct sock_fprog program = {1, code};
	int ready[2];
	char byte;
	pid_t child;

	ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
	child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (unshare(CLONE_NEWUTS) < 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0 ||
			write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return child;
}

START_TEST(join_refuses_a_target_whose_filter_it_cannot_copy)
{
	pid_t child = filtered_child();
	ct_spec *spec = VISITOR(in_root("bin/probe"), "echo", "loose");
	ct_container *visitor = NULL;
	ct_error err = CT_ERROR_INIT;
	struct outcome *outcome;
	int code;

	refuse(ct_join_pid(child, 0, 0, 0, spec, &visitor, &err), &err, visitor, -EOPNOTSUPP,
		CT_STEP_TARGET, "seccomp");
	ck_assert_str_ne(err.cure, "");
	code = ct_join_pid(child, 0, 0, CT_JOIN_NO_SECCOMP, spec, &visitor, &err);
	outcome = outcome_of(code, visitor, &err);
	ck_assert_msg(outcome->code == 0, "join: %s", outcome->err.sentence);
	ck_assert_str_eq(outcome->out, "loose");
	ct_spec_free(spec);
	end_child(child);
}
END_TEST

START_TEST(join_without_the_right_names_the_target)
{
	ct_container *target = start_target(target_spec());
	pid_t child = fork();

	if (child == 0) {
		ct_container *visitor = NULL;
		ct_error err = CT_ERROR_INIT;
		ct_spec *spec = VISITOR("/bin/true");
		int code;

		if (setgid(54321) < 0 || setuid(54321) < 0)
			_exit(2);
		code = ct_join_pid(ct_container_pid(target), 0, 0, 0, spec, &visitor, &err);
		refuse(code, &err, visitor, -EACCES, CT_STEP_TARGET, "process");
		ct_spec_free(spec);
		_exit(0);
	}
	expect_child(child);
	ct_container_free(target);
}
END_TEST

/* ------------------------------------------------------------- namespaces by descriptor */

START_TEST(join_of_namespaces_by_descriptor_is_in_these)
{
	ct_container *target = start_target(target_spec()), *visitor = NULL;
	ct_spec *spec = VISITOR("/bin/probe", "facts");
	ct_error err = CT_ERROR_INIT;
	struct outcome *outcome;
	int fds[3], code;
	char path[64];

	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "/proc/%d/ns/%s", ct_container_pid(target),
			(const char *const[]){"pid", "net", "mnt"}[i]);
		fds[i] = open(path, O_RDONLY | O_CLOEXEC);
	}
	snprintf(path, sizeof(path), "/proc/%d/ns/uts", ct_container_pid(target));
	set(ct_spec_set_ns_path(spec, CT_NS_UTS, path));
	code = ct_join_ns(fds, 3, spec, &visitor, &err);
	outcome = outcome_of(code, visitor, &err);
	ck_assert_msg(outcome->code == 0, "join: %s", outcome->err.sentence);
	for (int i = 0; i < 4; i++) {
		const char *kind = (const char *const[]){"pid", "net", "mnt", "uts"}[i];

		snprintf(path, sizeof(path), "ns.%s", kind);
		ck_assert_str_eq(fact(outcome->out, path), ns_of(ct_container_pid(target), kind));
	}
	ck_assert_str_eq(fact(outcome->out, "ns.ipc"), ns_of(0, "ipc"));
	/* Nobody to be like: the strict default. */
	ck_assert_str_eq(fact(outcome->out, "no_new_privs"), "1");
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	ct_spec_free(spec);
	ct_container_free(target);
}
END_TEST

static bool put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) && close(fd) == 0;
}

/* A process in a user namespace that bars setgroups. Cloned there: a threaded host may not unshare it. */
static pid_t child_without_setgroups(void)
{
	int ready[2];
	char byte;
	pid_t child;

	ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
	child = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (!put("/proc/self/setgroups", "deny") ||
			!put("/proc/self/uid_map", "0 0 1") ||
			!put("/proc/self/gid_map", "0 0 1") || write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return child;
}

START_TEST(groups_of_the_host_stay_outside_where_setgroups_is_barred)
{
	const gid_t groups[] = {4, 27, 4242};
	ct_spec *spec = VISITOR(in_root("bin/probe"), "facts");
	ct_container *visitor = NULL;
	ct_error err = CT_ERROR_INIT;
	struct outcome *outcome;
	pid_t child;
	int code;

	ck_assert_int_eq(setgroups(3, groups), 0);
	box_accept_changes();
	child = child_without_setgroups();
	code = ct_join_pid(child, 0, CT_NS_USER, 0, spec, &visitor, &err);
	outcome = outcome_of(code, visitor, &err);
	ck_assert_msg(outcome->code == 0, "join: %s", outcome->err.sentence);
	ck_assert_str_eq(fact(outcome->out, "ns.user"), ns_of(child, "user"));
	ck_assert_str_eq(fact(outcome->out, "groups"), "");
	ct_spec_free(spec);
	end_child(child);
}
END_TEST

/* ---------------------------------------------------------------------- its life */

START_TEST(free_of_a_joined_process_ends_it_and_not_the_target)
{
	ct_container *target = start_target(target_spec()), *visitor = NULL;
	ct_spec *spec = VISITOR("/bin/probe", "pause");
	ct_error err = CT_ERROR_INIT;

	ck_assert_msg(ct_join(target, 0, 0, spec, &visitor, &err) == 0, "%s", err.sentence);
	ct_container_free(visitor);
	ck_assert_str_eq(joined_output(target, 0, VISITOR("sh", "-c", "set /proc/[0-9]*; echo $#")), "2\n");
	ct_spec_free(spec);
	ct_container_free(target);
}
END_TEST

START_TEST(joined_process_ends_with_the_target)
{
	ct_container *target = start_target(target_spec()), *visitor = NULL;
	ct_spec *spec = VISITOR("/bin/probe", "pause");
	ct_error err = CT_ERROR_INIT;
	ct_exit how;

	ck_assert_msg(ct_join(target, 0, 0, spec, &visitor, &err) == 0, "%s", err.sentence);
	ct_container_free(target);
	how = wait_for(visitor);
	ck_assert_int_eq(how.signal, SIGKILL);
	ct_container_free(visitor);
	ct_spec_free(spec);
}
END_TEST

static void *wait_in_thread(void *target)
{
	ct_exit *how = malloc(sizeof(*how));

	*how = wait_for(target);
	return how;
}

/* The kernel lets the target end only once its visitors are reaped. */
START_TEST(wait_for_a_target_ends_though_a_visitor_that_came_later_is_not_waited_for)
{
	ct_container *target = start_target(target_spec()), *visitor = NULL, *second = NULL;
	ct_spec *spec = VISITOR("/bin/probe", "pause");
	ct_error err = CT_ERROR_INIT;
	pthread_t thread;
	ct_exit *how;

	ck_assert_int_eq(ct_wait(target, 1, NULL, NULL), -ETIMEDOUT);
	ck_assert_int_eq(pthread_create(&thread, NULL, wait_in_thread, target), 0);
	ck_assert_msg(ct_join(target, 0, 0, spec, &visitor, &err) == 0, "%s", err.sentence);
	ck_assert_msg(ct_join(visitor, 0, 0, spec, &second, &err) == 0, "%s", err.sentence);
	set(ct_kill(target, SIGKILL, &err));
	ck_assert_int_eq(pthread_join(thread, (void **)&how), 0);
	ck_assert_int_eq(how->signal, SIGKILL);
	ck_assert_int_eq(wait_for(visitor).signal, SIGKILL);
	ck_assert_int_eq(wait_for(second).signal, SIGKILL);
	free(how);
	ct_container_free(second);
	ct_container_free(target);
	ct_container_free(visitor);
	ct_spec_free(spec);
}
END_TEST

START_TEST(joined_process_exits_with_its_own_code_or_signal)
{
	ct_container *target = start_target(target_spec());

	ck_assert_int_eq(join_once(target, 0, 0, VISITOR("probe", "exit", "42"))->how.code, 42);
	ck_assert_int_eq(join_once(target, 0, 0, VISITOR("probe", "raise", "6"))->how.signal, 6);
	ct_container_free(target);
}
END_TEST

START_TEST(joined_process_ends_when_the_host_is_killed)
{
	ct_container *target = start_target(target_spec());
	int report[2], pidfd;
	pid_t host, visitor_pid = 0;

	ck_assert_int_eq(pipe2(report, O_CLOEXEC), 0);
	host = fork();
	if (host == 0) {
		ct_container *visitor = NULL;
		ct_spec *spec = VISITOR("/bin/probe", "pause");
		pid_t pid;

		if (ct_join_pid(ct_container_pid(target), 0, 0, CT_JOIN_NO_SECCOMP, spec, &visitor,
			    NULL) < 0)
			_exit(1);
		pid = ct_container_pid(visitor);
		if (write(report[1], &pid, sizeof(pid)) != sizeof(pid))
			_exit(1);
		for (;;)
			pause();
	}
	close(report[1]);
	ck_assert_int_eq(read(report[0], &visitor_pid, sizeof(visitor_pid)), (ssize_t)sizeof(visitor_pid));
	close(report[0]);
	pidfd = (int)syscall(SYS_pidfd_open, visitor_pid, 0);
	ck_assert_int_ge(pidfd, 0);
	end_child(host);
	ck_assert(readable(pidfd, PATIENCE_MS));
	close(pidfd);
	ct_container_free(target);
}
END_TEST

/* Killed at every moment of a join: each ends in a clear way, and nothing is left. */
START_TEST(target_that_dies_in_the_middle_is_a_clear_error_or_an_end)
{
	const int rounds = scaled(200);
	int joined = 0, refused = 0;

	for (int i = 0; i < rounds; i++) {
		ct_container *target = start_target(target_spec()), *visitor = NULL;
		ct_spec *spec = VISITOR("/bin/probe", "pause");
		ct_error err = CT_ERROR_INIT;
		int pidfd = ct_container_pidfd(target), code;
		pid_t killer = fork();

		if (killer == 0) {
			const struct timespec delay = {0, 20000L * (i % 100)};

			nanosleep(&delay, NULL);
			syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
			_exit(0);
		}
		code = ct_join(target, 0, 0, spec, &visitor, &err);
		if (code == 0) {
			ck_assert_int_eq(wait_for(visitor).signal, SIGKILL);
			joined++;
		} else {
			ck_assert_ptr_null(visitor);
			ck_assert_msg(code == -ESRCH || code == -EIO || code == -ENOMEM, "%s", err.sentence);
			ck_assert_str_ne(err.sentence, "");
			refused++;
		}
		ck_assert_int_eq(waitpid(killer, NULL, 0), killer);
		ct_container_free(visitor);
		ct_container_free(target);
		ct_spec_free(spec);
	}
	ck_assert_int_eq(joined + refused, rounds);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("join", &tc);

	need_root();
	tcase_add_test(tc, join_is_in_every_namespace_of_the_target);
	tcase_add_test(tc, join_sees_the_targets_files_and_processes_and_the_target_sees_it);
	tcase_add_test(tc, join_takes_only_the_kinds_asked_for);
	add_for_first_root(tc, join_of_the_pid_namespace_alone_brings_a_root_and_proc_of_its_own, "sysfs of the machine's net namespace");
	tcase_add_test(tc, join_takes_the_targets_root_below_its_mnt_namespace);
	add_values_for_first_root(tc, join_is_confined_exactly_as_the_target_is, VARIANTS, 1u << 4, "ids over 65535");
	tcase_add_test(tc, what_the_spec_says_goes_before_the_target);
	tcase_add_test(tc, join_has_its_stdio_and_no_other_descriptor);
	tcase_add_test(tc, join_passes_the_descriptors_mapped);
	tcase_add_test(tc, join_leads_a_session_of_its_own);
	add_for_cgroups(tc, join_enters_the_targets_cgroup_unless_told_not_to, 2);
	tcase_add_test(tc, join_refuses_null_and_unknown_bits);
	tcase_add_test(tc, join_refuses_kinds_of_which_the_spec_says_otherwise);
	tcase_add_test(tc, join_of_every_kind_leaves_out_those_that_the_spec_makes_new);
	tcase_add_test(tc, join_refuses_a_target_that_has_ended);
	tcase_add_test(tc, join_by_pid_refuses_a_process_that_started_at_another_time);
	tcase_add_test(tc, start_time_is_refused_for_no_process);
	tcase_add_test(tc, join_reports_a_missing_program_as_spawn_does);
	tcase_add_test(tc, join_refuses_a_target_whose_filter_it_cannot_copy);
	tcase_add_test(tc, join_without_the_right_names_the_target);
	tcase_add_test(tc, join_of_namespaces_by_descriptor_is_in_these);
	tcase_add_test(tc, groups_of_the_host_stay_outside_where_setgroups_is_barred);
	tcase_add_test(tc, free_of_a_joined_process_ends_it_and_not_the_target);
	tcase_add_test(tc, joined_process_ends_with_the_target);
	tcase_add_test(tc, wait_for_a_target_ends_though_a_visitor_that_came_later_is_not_waited_for);
	tcase_add_test(tc, joined_process_exits_with_its_own_code_or_signal);
	tcase_add_test(tc, joined_process_ends_when_the_host_is_killed);
	tcase_add_test(tc, target_that_dies_in_the_middle_is_a_clear_error_or_an_end);
	return suite_run(suite);
}

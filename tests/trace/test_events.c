/* SPDX-License-Identifier: MIT */
/* Explain mode: what is told of a spawn, when, and of whom. */
#include "support/box.h"
#include "support/needs.h"
#include "support/needs.h"
#include "trace/recorder.h"

#include <container/join.h>
#include <container/landlock.h>

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static uint64_t now_ns(void)
{
	struct timespec now;

	ck_assert_int_eq(clock_gettime(CLOCK_MONOTONIC, &now), 0);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* A traced spec of something that ends at once. */
static ct_spec *traced_spec(void)
{
	ct_spec *spec = SPEC("/bin/true");

	listen_to(spec);
	return spec;
}

static const struct told *last_told(void)
{
	ck_assert_uint_gt(told_count, 0);
	return &told[told_count - 1];
}

/* ---------------------------------------------------------------- whether */

START_TEST(nothing_is_told_unless_a_callback_is_set)
{
	ct_spec *spec = SPEC("/bin/true");

	run(spec);
	ck_assert_uint_eq(told_count, 0);
	listen_to(spec);
	run(spec);
	ck_assert_uint_gt(told_count, 100);
	set(ct_spec_set_trace(spec, NULL, NULL));
	forget_all();
	run(spec);
	ck_assert_uint_eq(told_count, 0);
	ct_spec_free(spec);
}
END_TEST

static void expect_executable(ct_spec *spec, const char *name)
{
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;
	char path[64], link[128];
	ssize_t length;

	ck_assert_msg(ct_create(spec, &container, &err) == 0, "%s", err.sentence);
	snprintf(path, sizeof(path), "/proc/%d/exe", ct_container_pid(container));
	length = readlink(path, link, sizeof(link) - 1);
	ck_assert_int_gt(length, 0);
	link[length] = '\0';
	ck_assert_ptr_nonnull(strstr(link, name));
	ct_container_free(container);
}

START_TEST(stage_that_tells_is_executed_only_if_somebody_listens)
{
	ct_spec *spec = SPEC("/bin/true");

	expect_executable(spec, "memfd:ct-stage");
	listen_to(spec);
	expect_executable(spec, "memfd:ct-traced-stage");
	set(ct_spec_set_trace(spec, NULL, NULL));
	expect_executable(spec, "memfd:ct-stage");
	ct_spec_free(spec);
}
END_TEST

START_TEST(container_is_the_same_with_trace)
{
	const char *const script =
		"busybox cut -d ' ' -f 4- /proc/self/mountinfo; ls /proc/self/fd; id; "
		"grep -e Cap -e SigB -e SigI -e SigC -e id: -e Groups -e NoNew /proc/self/status; "
		"ulimit -a; umask";
	ct_spec *spec = SPEC("/bin/sh", "-c", script);
	char *plain = strdup(run(spec)->out);

	ck_assert_ptr_nonnull(plain);
	listen_to(spec);
	expect_same_lines(run(spec)->out, plain);
	free(plain);
	ct_spec_free(spec);
}
END_TEST

/* ------------------------------------------------------------------- what */

/* Calls of the default spec, by whom, in their order; others come in between. */
static const struct {
	int who;
	const char *call, *arguments;
} expected[] = {
	{CT_TRACE_HOST, "memfd_create", "\"ct-plan\""},
	{CT_TRACE_HOST, "memfd_create", "\"ct-traced-stage\""},
	{CT_TRACE_HOST, "pipe2", "O_CLOEXEC"},
	{CT_TRACE_HOST, "socketpair", "SOCK_SEQPACKET"},
	{CT_TRACE_HOST, "sendmsg", "<stage>, {descriptors ["},
	{CT_TRACE_HOST, "clone3",
		"CLONE_NEWPID|CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWNET|"
		"CLONE_NEWCGROUP"},
	{CT_TRACE_CHILD, "dup3", "<host>, 0, 0"},
	{CT_TRACE_CHILD, "dup3", "<stage>, 1, O_CLOEXEC"},
	{CT_TRACE_CHILD, "close_range", "2, 4294967295, 0"},
	{CT_TRACE_CHILD, "execveat",
		"1<stage>, \"\", [\"ct-stage\"], /* 0 variables */, AT_EMPTY_PATH"},
	{CT_TRACE_CHILD, "recvmsg", "0<host>, {16 bytes, descriptors [1<plan>, 2</"},
	{CT_TRACE_CHILD, "socketpair", "<the host's end>"},
	{CT_TRACE_CHILD, "mmap", "PROT_READ|PROT_WRITE, MAP_PRIVATE, 1<plan>, 0"},
	{CT_TRACE_CHILD, "keyctl", "KEYCTL_JOIN_SESSION_KEYRING"},
	{CT_TRACE_CHILD, "sethostname", "\"container\", 9"},
	{CT_TRACE_CHILD, "ioctl", "<socket>, SIOCSIFFLAGS, {ifr_name=\"lo\", ifr_flags=IFF_UP}"},
	{CT_TRACE_CHILD, "mount", "NULL, \"/\", NULL, MS_REC|MS_PRIVATE, NULL"},
	{CT_TRACE_CHILD, "open_tree",
		"OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_SYMLINK_NOFOLLOW|AT_RECURSIVE"},
	{CT_TRACE_CHILD, "mount_setattr", "{attr_set=MOUNT_ATTR_NODEV}"},
	{CT_TRACE_CHILD, "fsopen", "\"proc\", FSOPEN_CLOEXEC"},
	{CT_TRACE_CHILD, "fsconfig", "<proc>, FSCONFIG_CMD_CREATE"},
	{CT_TRACE_CHILD, "fsmount",
		"<proc>, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV|MOUNT_ATTR_NOEXEC"},
	{CT_TRACE_CHILD, "openat2", "RESOLVE_NO_MAGICLINKS|RESOLVE_NO_SYMLINKS|RESOLVE_BENEATH"},
	{CT_TRACE_CHILD, "move_mount",
		"/root/proc>, \"\", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH"},
	{CT_TRACE_CHILD, "mknodat", "<tmpfs>, \"null\", S_IFCHR|0666, makedev(1, 3)"},
	{CT_TRACE_CHILD, "symlinkat", "\"pts/ptmx\""},
	{CT_TRACE_CHILD, "pivot_root", "\".\", \".\""},
	{CT_TRACE_CHILD, "umount2", "\".\", MNT_DETACH"},
	{CT_TRACE_CHILD, "prctl", "PR_CAPBSET_DROP, cap_sys_admin"},
	{CT_TRACE_CHILD, "setgroups", "0, []"},
	{CT_TRACE_CHILD, "setresuid", "0, 0, 0"},
	{CT_TRACE_CHILD, "prctl", "PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL"},
	{CT_TRACE_CHILD, "capset", "{effective=0x"},
	{CT_TRACE_CHILD, "prctl", "PR_SET_NO_NEW_PRIVS, 1"},
	{CT_TRACE_CHILD, "umask", "022"},
	{CT_TRACE_CHILD, "dup3", "<the payload's stdin>, 0, 0"},
	{CT_TRACE_CHILD, "setsid", ""},
	{CT_TRACE_CHILD, "recvmsg", "<host>, {\"g\"}, MSG_CMSG_CLOEXEC"},
	{CT_TRACE_CHILD, "execve", "\"/bin/true\", [\"/bin/true\"], /* 0 variables */"},
};

START_TEST(calls_of_host_and_child_are_told_with_their_arguments)
{
	const struct told *at;
	ct_spec *spec = traced_spec();

	run(spec);
	at = told;
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		const struct told *found = at;

		for (;; found++) {
			found = next_call(found, expected[i].call);
			ck_assert_msg(found != NULL, "not told: %s(%s)", expected[i].call,
				expected[i].arguments);
			if (found->who == expected[i].who &&
				strstr(found->arguments, expected[i].arguments))
				break;
		}
		at = found + 1;
	}
	ct_spec_free(spec);
}
END_TEST

START_TEST(keeper_is_told_of_when_it_is_made_and_spoken_to)
{
	ct_spec *spec = traced_spec();
	const struct told *at;

	run(spec);
	at = next_call(told, "pidfd_open");
	ck_assert_ptr_nonnull(at);
	ck_assert_int_eq(at->step, CT_STEP_KEEPER);
	at = next_call(at, "clone3");
	ck_assert_ptr_nonnull(at);
	ck_assert_int_eq(at->step, CT_STEP_KEEPER);
	forget_all();
	run(spec);
	ck_assert_ptr_null(next_call(told, "pidfd_open"));
	at = next_call(told, "sendmsg");
	while (at && at->step != CT_STEP_KEEPER)
		at = next_call(at + 1, "sendmsg");
	ck_assert_ptr_nonnull(at);
	ct_spec_free(spec);
}
END_TEST

START_TEST(environment_of_the_payload_is_counted_not_shown_in_the_call)
{
	static const char *const env[] = {"PASSWORD=s3cret", "A=b", NULL};
	ct_spec *spec = traced_spec();

	set(ct_spec_set_env(spec, env));
	run(spec);
	ck_assert_str_eq(last_told()->call, "execve");
	ck_assert_str_eq(
		last_told()->arguments, "\"/bin/true\", [\"/bin/true\"], /* 2 variables */");
	ck_assert_str_eq(last_told()->shell, "exec env -i PASSWORD=s3cret A=b /bin/true");
	ct_spec_free(spec);
}
END_TEST

START_TEST(long_arguments_are_cut_visibly)
{
	char word[3000];
	const char *const argv[] = {"/bin/true", "short", word, "after", NULL};
	ct_spec *spec = spec_of(argv);

	memset(word, 'w', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	set(ct_spec_set_argv(spec, argv));
	listen_to(spec);
	run(spec);
	ck_assert_str_eq(last_told()->arguments,
		"\"/bin/true\", [\"/bin/true\", \"short\", ...], /* 0 variables */");
	ct_spec_free(spec);
}
END_TEST

/* In names that the host gives and in names that the caller does. */
START_TEST(hostile_names_are_escaped)
{
	ct_spec *spec = SPEC("/bin/true", "a\nb\033[2J\\\"");
	const char *source = in_dir("bad\n\033[2J");
	int null;

	write_file(source, "", 0644);
	set(ct_spec_add_bind(spec, source, "/mnt/x\ny", 0));
	null = open(source, O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(null, 0);
	set(ct_spec_map_fd(spec, null, 9));
	listen_to(spec); /* which fails for a control byte in any text */
	run(spec);
	close(null);
	ck_assert_ptr_nonnull(strstr(last_told()->arguments, "\"a\\x0ab\\x1b[2J\\x5c\\x22\""));
	ck_assert_ptr_nonnull(
		strstr(shell_of("touch $'")->shell, "bad\\x0a\\x1b[2J' $'/mnt/mnt/x\\x0ay'"));
	ck_assert_ptr_nonnull(strstr(shell_of("touch $'")->object, "bad\\x0a\\x1b[2J"));
	ct_spec_free(spec);
}
END_TEST

/* -------------------------------------------------------------- variations */

/* Ways to make a container that differ in who makes it. */
static void set_nothing(ct_spec *spec)
{
	(void)spec;
}

static void set_exact(ct_spec *spec)
{
	set(ct_spec_set_exact_rss(spec, 1));
}

static void set_clocks(ct_spec *spec)
{
	set(ct_spec_set_time_offsets(spec, 86400000000000, 86400000000000));
}

static void set_clocks_back(ct_spec *spec)
{
	set(ct_spec_set_time_offsets(spec, -5000000000, 0));
}

static void set_given_pid(ct_spec *spec)
{
	set(ct_spec_set_ns_pid(spec, CT_NS_PID, getpid()));
}

static void set_given_net(ct_spec *spec)
{
	set(ct_spec_set_ns_pid(spec, CT_NS_NET, getpid()));
}

static void set_user(ct_spec *spec)
{
	set(ct_spec_set_ns_new(spec, CT_NS_USER));
	set(ct_spec_add_uid_map(spec, 0, 0, 65536));
	set(ct_spec_add_gid_map(spec, 0, 0, 65536));
}

static const struct {
	void (*set_up)(ct_spec *spec);
	bool forks;
} ways[] = {
	{set_nothing, false},
	{set_exact, true},
	{set_clocks, true},
	{set_clocks_back, true},
	{set_given_pid, true},
	{set_given_net, false},
	{set_user, false},
};

#define WAYS (int)(sizeof(ways) / sizeof(ways[0]))

START_TEST(times_of_each_process_follow_each_other)
{
	ct_spec *spec = traced_spec();
	uint64_t began, ended;

	ways[_i].set_up(spec);
	began = now_ns();
	run(spec);
	ended = now_ns();
	for (const struct told *at = told; at < told + told_count; at++) {
		ck_assert_uint_ge(at->at_ns, began);
		ck_assert_msg(at->at_ns + at->took_ns <= ended, "%s(%s) ends %llu ns too late",
			at->call, at->arguments,
			(unsigned long long)(at->at_ns + at->took_ns - ended));
		for (const struct told *next = at + 1; next < told + told_count; next++) {
			if (next->pid != at->pid)
				continue;
			ck_assert_msg(next->at_ns >= at->at_ns + at->took_ns,
				"%s(%s) begins before %s(%s) ends", next->call, next->arguments,
				at->call, at->arguments);
			break;
		}
	}
	ct_spec_free(spec);
}
END_TEST

/* Whether a call that was told has made this process. */
static bool was_made(pid_t pid)
{
	for (const struct told *at = next_call(told, "clone3"); at; at = next_call(at + 1, "clone3"))
		if (at->result == pid)
			return true;
	return false;
}

/* They may be three: up to Linux 6.17 a helper mounts the /proc of a given pid namespace. */
START_TEST(each_process_is_told_by_the_pid_that_the_host_knows)
{
	ct_spec *spec = traced_spec();
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;
	const struct told *clone;
	pid_t pid;
	size_t others = 0;

	ways[_i].set_up(spec);
	ck_assert_msg(ct_spawn(spec, &container, &err) == 0, "%s", err.sentence);
	pid = ct_container_pid(container);
	clone = next_call(told, "clone3");
	ck_assert_ptr_nonnull(clone);
	ck_assert_int_eq(clone->who, CT_TRACE_HOST);
	ck_assert_int_eq(clone->result == pid, !ways[_i].forks);
	for (const struct told *at = told; at < told + told_count; at++) {
		if (at->who == CT_TRACE_HOST) {
			ck_assert_int_eq(at->pid, getpid());
			continue;
		}
		ck_assert_msg(at->pid == pid || was_made(at->pid), "%s(%s) by %d, who is not %d",
			at->call, at->arguments, at->pid, pid);
		others += at->pid != pid;
	}
	ck_assert_int_eq(others > 0, ways[_i].forks);
	ck_assert_str_eq(last_told()->call, "execve");
	ck_assert_int_eq(last_told()->pid, pid);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

static void take_long(const ct_trace_event *event, void *data)
{
	size_t *count = data;

	(void)event;
	++*count;
	ck_assert_int_eq(poll(NULL, 0, 1), 0);
}

/* The processes that tell wait for room in their socket, all at once if they are two. */
START_TEST(slow_listener_is_told_everything)
{
	ct_spec *spec = SPEC("/bin/true");
	size_t count = 0, slow_count = 0;

	ways[_i].set_up(spec);
	run(spec);
	listen_to(spec);
	run(spec);
	count = told_count;
	set(ct_spec_set_trace(spec, take_long, &slow_count));
	run(spec);
	ck_assert_uint_eq(slow_count, count);
	ct_spec_free(spec);
}
END_TEST

START_TEST(given_namespace_is_named_where_it_is_joined)
{
	ct_spec *spec = traced_spec();
	const struct told *at;
	char want[64];

	set_given_net(spec);
	run(spec);
	at = next_call(told, "setns");
	ck_assert_ptr_nonnull(at);
	ck_assert_ptr_nonnull(strstr(at->arguments, "<net namespace>, CLONE_NEWNET"));
	ck_assert_str_eq(at->object, "net");
	snprintf(want, sizeof(want), "nsenter --net=/proc/%d/fd/", getpid());
	ck_assert_int_eq(strncmp(at->shell, want, strlen(want)), 0);
	ct_spec_free(spec);
}
END_TEST

START_TEST(join_tells_how_it_goes_to_its_target)
{
	ct_spec *sleeper = SPEC("/bin/sh", "-c", "echo ready; exec sleep 1000");
	ct_container *target = start_ready(sleeper), *visitor = NULL;
	ct_error err = CT_ERROR_INIT;
	ct_spec *spec = NULL;
	const struct told *at;
	char want[128];

	set(ct_spec_new(&spec));
	set(ct_spec_set_argv(spec, (const char *const[]){"/bin/true", NULL}));
	listen_to(spec);
	ck_assert_msg(ct_join(target, 0, 0, spec, &visitor, &err) == 0, "%s", err.sentence);
	snprintf(want, sizeof(want), "nsenter --target %d --pid --mount --uts --ipc --net --cgroup",
		ct_container_pid(target));
	at = shell_of(want);
	ck_assert_str_eq(at->call, "setns");
	ck_assert_int_eq(at->step, CT_STEP_TARGET);
	snprintf(want, sizeof(want), "<process %d>, CLONE_NEWPID|CLONE_NEWNS|",
		ct_container_pid(target));
	ck_assert_ptr_nonnull(strstr(at->arguments, want));
	at = next_call(at, "chroot");
	ck_assert_ptr_nonnull(at);
	snprintf(want, sizeof(want), "exec chroot /proc/%d/root sh", ct_container_pid(target));
	ck_assert_str_eq(at[-1].shell, want);
	ck_assert_str_eq(last_told()->call, "execve");
	ck_assert_int_eq(last_told()->pid, ct_container_pid(visitor));
	wait_for(visitor);
	ct_container_free(visitor);
	ct_container_free(target);
	ct_spec_free(sleeper);
	ct_spec_free(spec);
}
END_TEST

/* ------------------------------------------------------- create and start */

START_TEST(create_tells_up_to_the_wait_and_start_the_rest)
{
	ct_spec *spec = traced_spec();
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;

	ck_assert_msg(ct_create(spec, &container, &err) == 0, "%s", err.sentence);
	ck_assert_ptr_nonnull(next_call(told, "pivot_root"));
	ck_assert_ptr_null(next_call(told, "execve"));
	ct_spec_free(spec); /* the container needs it no longer */
	forget_all();
	ck_assert_msg(ct_start(container, &err) == 0, "%s", err.sentence);
	ck_assert_ptr_null(next_call(told, "pivot_root"));
	ck_assert_int_eq(told[0].who, CT_TRACE_HOST);
	ck_assert_str_eq(told[0].call, "sendmsg");
	ck_assert_int_eq(told[0].step, CT_STEP_START);
	ck_assert_str_eq(last_told()->call, "execve");
	ck_assert_int_eq(last_told()->result, 0);
	wait_for(container);
	ct_container_free(container);
}
END_TEST

START_TEST(created_container_that_is_never_started_leaves_nothing)
{
	ct_spec *spec = traced_spec();
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;

	ck_assert_msg(ct_create(spec, &container, &err) == 0, "%s", err.sentence);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

/* ---------------------------------------------------------------- threads */

static void *spawn_in_thread(void *data)
{
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;
	const struct told *exec;

	for (int i = 0; i < 5; i++) {
		forget_all();
		ck_assert_msg(ct_spawn(data, &container, &err) == 0, "%s", err.sentence);
		exec = next_call(told, "execve");
		ck_assert_ptr_nonnull(exec);
		ck_assert_ptr_null(next_call(exec + 1, "execve"));
		ck_assert_int_eq(exec->pid, ct_container_pid(container));
		wait_for(container);
		ct_container_free(container);
	}
	free(told);
	return NULL;
}

START_TEST(each_thread_is_told_of_its_own_spawns)
{
	ct_spec *spec = traced_spec();
	pthread_t threads[4];

	for (size_t i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, spawn_in_thread, spec), 0);
	for (size_t i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	ck_assert_uint_eq(told_count, 0);
	ct_spec_free(spec);
}
END_TEST

/* --------------------------------------------------------------- failures */

/* The last call that failed is the one of the error, and nothing but its step comes after. */
static void expect_failure(const struct outcome *outcome, int step)
{
	const struct told *at = last_told();

	ck_assert_int_lt(outcome->code, 0);
	while (at > told &&
		!(at->result == outcome->code && strcmp(at->call, outcome->err.call) == 0))
		at--;
	ck_assert_msg(at->result == outcome->code && strcmp(at->call, outcome->err.call) == 0,
		"not told: %s", outcome->err.sentence);
	for (; at < told + told_count; at++)
		ck_assert_msg(at->step == step, "%s(%s) of step %s came after the failure",
			at->call, at->arguments, ct_step_name(at->step));
}

/* Made to fail in the stage, one of each file of operations. */
static const struct {
	int number, error, step;
} failures[] = {
	{SYS_socketpair, EMFILE, CT_STEP_STDIO},
	{SYS_clone3, EAGAIN, CT_STEP_CLONE},
	{SYS_execveat, ENOEXEC, CT_STEP_STAGE},
	{SYS_keyctl, EDQUOT, CT_STEP_SESSION},
	{SYS_sethostname, EPERM, CT_STEP_HOSTNAME},
	{SYS_ioctl, ENODEV, CT_STEP_LOOPBACK},
	{SYS_mount, EACCES, CT_STEP_PROPAGATION},
	{SYS_fsopen, ENODEV, CT_STEP_MOUNT},
	{SYS_open_tree, EBUSY, CT_STEP_ROOT},
	{SYS_symlinkat, ENOSPC, CT_STEP_DEVICE},
	{SYS_pivot_root, EINVAL, CT_STEP_PIVOT},
	{SYS_umount2, EBUSY, CT_STEP_PIVOT},
	{SYS_setgroups, ENOMEM, CT_STEP_IDENTITY},
	{SYS_setresuid, EAGAIN, CT_STEP_IDENTITY},
	{SYS_capset, EPERM, CT_STEP_CAPABILITY},
	{SYS_fchdir, EACCES, CT_STEP_PIVOT},
	{SYS_setsid, EIO, CT_STEP_SESSION},
	{SYS_execve, E2BIG, CT_STEP_EXEC},
};

START_TEST(failed_call_is_the_last_of_what_is_told)
{
	const struct outcome *outcome;
	ct_spec *spec;

	fail_call(failures[_i].number, failures[_i].error);
	box_accept_changes();
	spec = traced_spec();
	outcome = attempt(spec);
	ck_assert_int_eq(outcome->code, -failures[_i].error);
	ck_assert_int_eq(outcome->err.step, failures[_i].step);
	expect_failure(outcome, failures[_i].step);
	ct_spec_free(spec);
}
END_TEST

START_TEST(missing_program_shows_the_exec_and_the_look_at_why)
{
	ct_spec *spec = SPEC("/bin/nothing");
	const struct outcome *outcome;

	listen_to(spec);
	outcome = attempt(spec);
	expect_error(outcome->code, &outcome->err, -ENOENT, CT_STEP_PROGRAM, "/bin/nothing", NULL);
	expect_failure(outcome, CT_STEP_EXEC);
	ck_assert_str_eq(last_told()->call, "statx");
	ct_spec_free(spec);
}
END_TEST

START_TEST(program_along_path_shows_each_try)
{
	static const char *const env[] = {"PATH=/nowhere:/etc:/bin", NULL};
	ct_spec *spec = SPEC("true");
	const struct told *at;

	set(ct_spec_set_env(spec, env));
	listen_to(spec);
	run(spec);
	at = next_call(told, "execve");
	ck_assert_ptr_nonnull(strstr(at->arguments, "\"/nowhere/true\""));
	ck_assert_int_eq(at->result, -ENOENT);
	at = next_call(at + 1, "execve");
	ck_assert_ptr_nonnull(strstr(at->arguments, "\"/etc/true\""));
	at = next_call(at + 1, "execve");
	ck_assert_ptr_nonnull(strstr(at->arguments, "\"/bin/true\""));
	ck_assert_int_eq(at->result, 0);
	ck_assert_ptr_eq(at, last_told());
	ct_spec_free(spec);
}
END_TEST

START_TEST(closed_descriptor_of_the_host_is_told_as_the_failure)
{
	ct_spec *spec = traced_spec();
	const struct outcome *outcome;

	set(ct_spec_map_fd(spec, 987, 5));
	outcome = attempt(spec);
	ck_assert_int_eq(outcome->code, -EBADF);
	ck_assert_str_eq(last_told()->call, "fcntl");
	ck_assert_int_eq(last_told()->result, -EBADF);
	ck_assert_int_eq(last_told()->step, outcome->err.step);
	ct_spec_free(spec);
}
END_TEST

static void disturb(const ct_trace_event *event, void *data)
{
	(void)event;
	(void)data;
	errno = 4095;
}

START_TEST(errno_of_the_callback_does_not_matter)
{
	ct_spec *good = SPEC("/bin/true"), *bad = SPEC("/bin/true");

	set(ct_spec_set_trace(good, disturb, NULL));
	run(good);
	ct_spec_free(good);
	set(ct_spec_set_trace(bad, disturb, NULL));
	set(ct_spec_map_fd(bad, 987, 5));
	ck_assert_int_eq(attempt(bad)->code, -EBADF);
	ct_spec_free(bad);
}
END_TEST

/* ------------------------------------------------------------------ shell */

START_TEST(shell_commands_of_the_default_spec_come_in_their_order)
{
	static const char *const commands[] = {
		"unshare --pid --fork --mount --uts --ipc --net --cgroup",
		"keyctl session",
		"hostname container",
		"domainname '(none)'",
		"ip link set lo up",
		"mount --make-rprivate /",
		"mount -t tmpfs -o nosuid,nodev,mode=700 tmpfs /media",
		"mount --rbind ",
		"mount -t proc -o nosuid,nodev,noexec proc /mnt/proc",
		"mount -t sysfs -o ro,nosuid,nodev,noexec sysfs /mnt/sys",
		"mount -t tmpfs -o nosuid,noexec,mode=755,size=64k,nr_inodes=1k tmpfs /mnt/dev",
		"mknod -m 666 /mnt/dev/null c 1 3",
		"ln -s pts/ptmx /mnt/dev/ptmx",
		"mkdir -p /mnt/dev/pts && mount -t devpts -o nosuid,noexec,newinstance,ptmxmode=0666,mode=0620 devpts /mnt/dev/pts",
		"mount --rbind /mnt/proc/sys /mnt/proc/sys && mount -o remount,bind,ro /mnt/proc/sys",
		"mount --bind /media/null /mnt/proc/kcore || ",
		"cd /mnt && pivot_root . . && umount -l . && cd /",
		"exec setpriv --bounding-set=-all,+chown,",
		"exec setpriv --reuid=0 --regid=0 --clear-groups sh",
		"exec setpriv --inh-caps=-all --ambient-caps=-all sh",
		"exec setpriv --no-new-privs sh",
		"cd /",
		"umask 022",
		"# 0 is /dev/null, 1 is a pipe, 2 is a pipe, all others are closed",
		"exec setsid sh",
		"exec env -i /bin/true",
	};
	ct_spec *spec = traced_spec();
	const struct told *last = NULL;

	run(spec);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		const struct told *at = shell_of(commands[i]);

		/* "cd /" is a beginning of others, too. */
		while (at <= last && at + 1 < told + told_count)
			at++;
		ck_assert_msg(
			!last || shell_of(commands[i]) > last || strcmp(commands[i], "cd /") == 0,
			"%s came too early", commands[i]);
		last = at;
	}
	ct_spec_free(spec);
}
END_TEST

/* A shell that does what is told from its own mounts to the pivot, and shows what it has then. */
static const char *mounts_by_shell(const char *question)
{
	static char text[65536];
	char command[PATH_MAX + 256];
	const char *path = in_dir("script");
	FILE *file = fopen(path, "we");
	bool inside = false;
	size_t size;

	ck_assert_ptr_nonnull(file);
	for (const struct told *at = told; at < told + told_count; at++) {
		inside |= strcmp(at->shell, "mount --make-rprivate /") == 0;
		if (inside && *at->shell)
			fprintf(file, "%s\n", at->shell);
		inside &= at->step != CT_STEP_PIVOT;
	}
	fprintf(file, "%s\n", question);
	fclose(file);
	snprintf(command, sizeof(command),
		"unshare --pid --fork --mount --uts --ipc --net --cgroup sh %s 2> /dev/null", path);
	file = popen(command, "re");
	ck_assert_ptr_nonnull(file);
	size = fread(text, 1, sizeof(text) - 1, file);
	text[size] = '\0';
	ck_assert_int_eq(pclose(file), 0);
	return text;
}

static void set_bind(ct_spec *spec)
{
	write_file(in_root("mnt/x"), "", 0644);
	set(ct_spec_add_bind(spec, box.canary, "/mnt/x", CT_MOUNT_READONLY));
	set(ct_spec_add_tmpfs(spec, "/var/new", 1 << 20, 0700, CT_MOUNT_NOEXEC));
}

static void set_readonly(ct_spec *spec)
{
	set(ct_spec_set_root_mode(spec, CT_ROOT_READONLY));
}

static void set_ephemeral(ct_spec *spec)
{
	set(ct_spec_set_root_mode(spec, CT_ROOT_EPHEMERAL));
}

static void (*const mounting[])(ct_spec *spec) = {
	set_nothing, set_bind, set_readonly, set_ephemeral};

START_TEST(shell_that_does_what_is_told_has_the_same_mounts)
{
	static const char question[] =
		"/bin/busybox awk '{ print $5, $6, $8 }' /proc/self/mountinfo | /bin/busybox sort";
	ct_spec *spec = SPEC("/bin/sh", "-c", question);
	const char *mounts;

	mounting[_i](spec);
	listen_to(spec);
	mounts = run(spec)->out;
	ck_assert_ptr_nonnull(strstr(mounts, "/dev/pts "));
	expect_same_lines(mounts_by_shell(question), mounts);
	ct_spec_free(spec);
}
END_TEST

START_TEST(each_shell_command_is_told_once)
{
	ct_spec *spec = traced_spec();

	set_exact(spec);
	run(spec);
	for (const struct told *at = told; at < told + told_count; at++)
		for (const struct told *other = told; *at->shell && other < at; other++)
			ck_assert_str_ne(at->shell, other->shell);
	ct_spec_free(spec);
}
END_TEST

START_TEST(rules_of_landlock_are_told_as_what_no_shell_command_does)
{
	ct_spec *spec = traced_spec();
	const struct outcome *outcome;

	set(ct_spec_set_landlock(spec, CT_LANDLOCK_PATHS));
	set(ct_spec_add_landlock_path(spec, "/", CT_LANDLOCK_READ | CT_LANDLOCK_EXECUTE, 0));
	set(ct_spec_add_landlock_path(spec, "/tmp", CT_LANDLOCK_ALL, 0));
	outcome = attempt(spec);
	if (outcome->code < 0) { /* this kernel has no Landlock */
		ck_assert_int_eq(outcome->err.step, CT_STEP_LANDLOCK);
	} else {
		ck_assert_str_eq(shell_of("# landlock: accesses 0xd below ")->shell, "# landlock: accesses 0xd below /");
		ck_assert_ptr_nonnull(next_call(told, "landlock_create_ruleset"));
		ck_assert_ptr_nonnull(next_call(told, "landlock_add_rule"));
		ck_assert_ptr_nonnull(next_call(told, "landlock_restrict_self"));
	}
	ct_spec_free(spec);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("events", &tc);

	need_root();
	tcase_add_test(tc, nothing_is_told_unless_a_callback_is_set);
	tcase_add_test(tc, stage_that_tells_is_executed_only_if_somebody_listens);
	tcase_add_test(tc, container_is_the_same_with_trace);
	tcase_add_test(tc, calls_of_host_and_child_are_told_with_their_arguments);
	tcase_add_test(tc, keeper_is_told_of_when_it_is_made_and_spoken_to);
	tcase_add_test(tc, environment_of_the_payload_is_counted_not_shown_in_the_call);
	tcase_add_test(tc, long_arguments_are_cut_visibly);
	tcase_add_test(tc, hostile_names_are_escaped);
	add_values_for_first_root(tc, times_of_each_process_follow_each_other, WAYS, 1u << 5 | 1u << 6, "the machine's net namespace, id maps across ranges");
	add_values_for_first_root(tc, each_process_is_told_by_the_pid_that_the_host_knows, WAYS, 1u << 5 | 1u << 6, "the machine's net namespace, id maps across ranges");
	add_values_for_first_root(tc, slow_listener_is_told_everything, WAYS, 1u << 5 | 1u << 6, "the machine's net namespace, id maps across ranges");
	add_for_first_root(tc, given_namespace_is_named_where_it_is_joined, "the machine's net namespace");
	tcase_add_test(tc, join_tells_how_it_goes_to_its_target);
	tcase_add_test(tc, create_tells_up_to_the_wait_and_start_the_rest);
	tcase_add_test(tc, created_container_that_is_never_started_leaves_nothing);
	tcase_add_test(tc, each_thread_is_told_of_its_own_spawns);
	tcase_add_loop_test(tc, failed_call_is_the_last_of_what_is_told, 0,
		(int)(sizeof(failures) / sizeof(failures[0])));
	tcase_add_test(tc, missing_program_shows_the_exec_and_the_look_at_why);
	tcase_add_test(tc, program_along_path_shows_each_try);
	tcase_add_test(tc, closed_descriptor_of_the_host_is_told_as_the_failure);
	tcase_add_test(tc, errno_of_the_callback_does_not_matter);
	tcase_add_test(tc, shell_commands_of_the_default_spec_come_in_their_order);
	add_values_for_first_root(tc, shell_that_does_what_is_told_has_the_same_mounts,
		(int)(sizeof(mounting) / sizeof(mounting[0])), UINT32_MAX, "device nodes");
	tcase_add_test(tc, each_shell_command_is_told_once);
	tcase_add_test(tc, rules_of_landlock_are_told_as_what_no_shell_command_does);
	return suite_run(suite);
}

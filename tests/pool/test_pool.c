/* SPDX-License-Identifier: MIT */
/*
 * Pools of sandboxes: what a payload finds in one, that none serves twice or when it has ended, and
 * that a pool stays what it was made as.
 */
#include "support/box.h"
#include "support/needs.h"
#include "support/seen.h"

#include <container/container.h>

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGV(...) ((const char *const[]){__VA_ARGS__, NULL})
#define SHELL(script) ARGV("/bin/sh", "-c", script)

static ct_error err = CT_ERROR_INIT;

/* A pool of one use of a spec, which is freed: the pool has all that it needs. */
static ct_pool *pool_of(ct_spec *spec, size_t size)
{
	ct_pool *pool = NULL;

	err = (ct_error)CT_ERROR_INIT;
	ck_assert_msg(ct_pool_new(spec, size, &pool, &err) == 0, "%s", err.sentence);
	ct_spec_free(spec);
	return pool;
}

static ct_payload payload_of(const char *const *argv)
{
	ct_payload payload = CT_PAYLOAD_INIT;

	payload.argv = argv;
	return payload;
}

static ct_container *taken(ct_pool *pool, const ct_payload *payload)
{
	ct_container *container = NULL;

	ck_assert_msg(ct_pool_take(pool, payload, &container, &err) == 0, "%s", err.sentence);
	return container;
}

/* A payload in a sandbox of the pool, to its end. */
static struct outcome *through(ct_pool *pool, const ct_payload *payload)
{
	struct outcome *outcome = outcome_of(0, taken(pool, payload), &err);

	ck_assert_msg(outcome->how.code == 0, "%d, signal %d: %s", outcome->how.code, outcome->how.signal,
		outcome->errors);
	return outcome;
}

static const char *told(ct_pool *pool, const char *const *argv)
{
	const ct_payload payload = payload_of(argv);

	return through(pool, &payload)->out;
}

static void refilled(ct_pool *pool, size_t most, int want)
{
	int made = ct_pool_refill(pool, most, &err);

	ck_assert_msg(made == want, "%d, not %d: %s", made, want, made < 0 ? err.sentence : "");
}

/* ------------------------------------------------------------- what a payload gets */

START_TEST(payload_that_says_nothing_is_the_specs)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "echo $A $0", "name");
	ct_pool *pool;

	set(ct_spec_set_env(spec, ARGV("A=of-the-spec")));
	pool = pool_of(spec, 1);
	ck_assert_str_eq(through(pool, NULL)->out, "of-the-spec name\n");
	ck_assert_str_eq(through(pool, &(ct_payload)CT_PAYLOAD_INIT)->out, "of-the-spec name\n");
	ct_pool_free(pool);
}
END_TEST

START_TEST(payload_has_the_arguments_and_the_environment_of_the_moment)
{
	ct_spec *spec = SPEC("/bin/false");
	ct_payload payload = payload_of(ARGV("sh", "-c", "echo $0 $A $B", "two words"));
	ct_pool *pool;

	set(ct_spec_set_env(spec, ARGV("B=of-the-spec")));
	pool = pool_of(spec, 1);
	payload.program = "/bin/sh";
	payload.envp = ARGV("A=given");
	ck_assert_str_eq(through(pool, &payload)->out, "two words given\n");
	payload.envp = NULL;
	ck_assert_str_eq(through(pool, &payload)->out, "two words of-the-spec\n");
	ct_pool_free(pool);
}
END_TEST

START_TEST(program_is_looked_for_along_the_path_that_is_given)
{
	ct_pool *pool = pool_of(SPEC("/bin/false"), 1);
	ct_payload payload = payload_of(ARGV("tool"));
	ct_container *none = NULL;

	write_file(in_root("etc/tool"), "#!/bin/sh\necho found\n", 0755);
	expect_error(ct_pool_take(pool, &payload, &none, &err), &err, -ENOENT, CT_STEP_PROGRAM, "tool",
		"no such program along PATH");
	payload.envp = ARGV("PATH=/bin:/etc");
	ck_assert_str_eq(through(pool, &payload)->out, "found\n");
	ct_pool_free(pool);
}
END_TEST

START_TEST(arguments_may_be_long)
{
	static char text[100000];
	static const char *argv[12] = {"/bin/sh", "-c", "echo $#", "x", text, text, text, text, text, text, text};
	ct_pool *pool = pool_of(SPEC("/bin/false"), 1);

	memset(text, 'a', sizeof(text) - 1);
	ck_assert_str_eq(told(pool, argv), "7\n");
	ct_pool_free(pool);
}
END_TEST

/* What a descriptor gives up to its end. */
static const char *rest_of(int fd)
{
	static char text[4096];
	size_t used = 0;
	ssize_t got = 1;

	while (got > 0 && used < sizeof(text) - 1) {
		ck_assert(readable(fd, PATIENCE_MS));
		got = read(fd, text + used, sizeof(text) - 1 - used);
		used += got > 0 ? (size_t)got : 0;
	}
	text[used] = '\0';
	close(fd);
	return text;
}

START_TEST(payload_has_the_streams_and_descriptors_of_the_moment_and_no_other)
{
	ct_spec *spec = SPEC("/bin/false");
	ct_payload payload = payload_of(SHELL("ls /proc/self/fd | xargs; read a; read b <&7; read c <&40; echo $a $b $c"));
	ct_payload_fd fds[3];
	int of_spec[2], in[2], seven[2], forty[2], out[2];
	ct_container *container;
	ct_pool *pool;

	ck_assert(pipe2(of_spec, O_CLOEXEC) == 0 && pipe2(in, O_CLOEXEC) == 0 && pipe2(seven, O_CLOEXEC) == 0 &&
		  pipe2(forty, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0);
	ck_assert(write(of_spec[1], "spec\n", 5) == 5 && write(in[1], "in\n", 3) == 3 &&
		  write(seven[1], "seven\n", 6) == 6 && write(forty[1], "forty\n", 6) == 6);
	set(ct_spec_map_fd(spec, of_spec[0], 7)); /* what is given takes its place */
	set(ct_spec_map_fd(spec, of_spec[0], 12));
	pool = pool_of(spec, 1);
	payload.stdio[0] = in[0];
	payload.stdio[1] = out[1];
	fds[0] = (ct_payload_fd){seven[0], 7};
	fds[1] = (ct_payload_fd){forty[0], 40};
	fds[2] = (ct_payload_fd){of_spec[1], 5};
	payload.fds = fds;
	payload.fd_count = 3;
	container = taken(pool, &payload);
	close(out[1]);
	/* ls has one more, the directory that it reads. */
	ck_assert_str_eq(rest_of(out[0]), "0 1 12 2 3 40 5 7\nin seven forty\n");
	ck_assert_int_eq(ct_container_take_stdio(container, 1), -ENOENT); /* no pipe is left for it */
	ck_assert_int_eq(wait_for(container).code, 0);
	ct_container_free(container);
	ct_pool_free(pool);
	for (int end = 0; end < 2; end++) {
		close(of_spec[end]);
		close(in[end]);
		close(seven[end]);
		close(forty[end]);
	}
}
END_TEST

START_TEST(limit_of_descriptors_may_be_lower_than_what_is_given)
{
	ct_spec *spec = SPEC("/bin/false");
	ct_payload payload = payload_of(SHELL("ulimit -n; ls /proc/self/fd | xargs"));
	ct_payload_fd map = {-1, 200};
	ct_pool *pool;
	int out[2];

	ck_assert_int_eq(pipe2(out, O_CLOEXEC), 0);
	set(ct_spec_set_rlimit(spec, RLIMIT_NOFILE, 16, 16));
	pool = pool_of(spec, 1);
	map.fd = out[1];
	payload.fds = &map;
	payload.fd_count = 1;
	ck_assert_str_eq(through(pool, &payload)->out, "16\n0 1 2 200 3\n");
	close(out[1]);
	ck_assert_str_eq(rest_of(out[0]), "");
	ct_pool_free(pool);
}
END_TEST

START_TEST(payload_sees_what_that_of_a_start_sees)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", seen_script);
	ct_payload payload = payload_of(SHELL(seen_script));
	struct seen started, pooled;
	ct_container *container = NULL;
	ct_pool *pool;
	int stream[2];

	ck_assert_int_eq(pipe2(stream, O_CLOEXEC), 0);
	set(ct_spec_set_stdio(spec, 1, CT_STDIO_FD, stream[1]));
	set(ct_spec_set_stdio(spec, 2, CT_STDIO_NULL, -1));
	ck_assert_msg(ct_spawn(spec, &container, &err) == 0, "%s", err.sentence);
	seen_read(stream[0], &started);
	ck_assert_int_eq(wait_for(container).code, 0);
	ct_container_free(container);

	pool = pool_of(spec, 1);
	payload.stdio[1] = stream[1];
	container = taken(pool, &payload);
	seen_read(stream[0], &pooled);
	ck_assert_int_eq(wait_for(container).code, 0);
	ct_container_free(container);
	seen_expect_same(&started, &pooled);
	seen_forget(&started);
	seen_forget(&pooled);
	ct_pool_free(pool);
	close(stream[0]);
	close(stream[1]);
}
END_TEST

/* What changes how the process comes to be that waits. */
static void nothing_more(ct_spec *spec)
{
	(void)spec;
}

static void with_init(ct_spec *spec)
{
	set(ct_spec_set_init(spec, 1));
}

static void with_time_ns(ct_spec *spec)
{
	set(ct_spec_set_ns_new(spec, CT_NS_TIME));
}

static void with_host_pids(ct_spec *spec)
{
	set(ct_spec_set_ns_host(spec, CT_NS_PID));
	set(ct_spec_set_exact_rss(spec, 1));
}

static void without_no_new_privs(ct_spec *spec)
{
	set(ct_spec_set_no_new_privs(spec, 0));
}

static void with_user_ns(ct_spec *spec)
{
	set(ct_spec_set_ns_new(spec, CT_NS_USER));
}

static void (*const ways[])(ct_spec *spec) = {
	nothing_more, with_init, with_time_ns, with_host_pids, without_no_new_privs, with_user_ns};
#define WAYS (int)(sizeof(ways) / sizeof(ways[0]))

START_TEST(payload_is_handed_over_however_the_process_came_to_be)
{
	ct_spec *spec = SPEC("/bin/false");
	ct_payload payload = payload_of(SHELL("read a <&9; echo $a; exit 7"));
	ct_payload_fd map;
	struct outcome *outcome;
	ct_pool *pool;
	int line[2];

	ways[_i](spec);
	pool = pool_of(spec, 2);
	ck_assert_int_eq(pipe2(line, O_CLOEXEC), 0);
	ck_assert_int_eq(write(line[1], "handed\n", 7), 7);
	map = (ct_payload_fd){line[0], 9};
	payload.fds = &map;
	payload.fd_count = 1;
	outcome = outcome_of(0, taken(pool, &payload), &err);
	ck_assert_str_eq(outcome->out, "handed\n");
	ck_assert_int_eq(outcome->how.code, 7);
	close(line[0]);
	close(line[1]);
	ct_pool_free(pool);
}
END_TEST

START_TEST(payload_may_have_a_terminal)
{
	ct_spec *spec = SPEC("/bin/false");
	ct_payload payload = payload_of(SHELL("test -t 0 && tty > /dev/null && exit 9"));
	ct_container *container;
	ct_pool *pool;
	int master;

	for (int stream = 0; stream < 3; stream++)
		set(ct_spec_set_stdio(spec, stream, CT_STDIO_INHERIT, -1));
	set(ct_spec_set_terminal(spec, 24, 80));
	pool = pool_of(spec, 1);
	container = taken(pool, &payload);
	master = ct_container_take_terminal(container);
	ck_assert_int_ge(master, 0);
	ck_assert_int_eq(wait_for(container).code, 9);
	ct_container_free(container);
	close(master);
	payload.stdio[1] = 1;
	container = NULL;
	expect_error(ct_pool_take(pool, &payload, &container, &err), &err, -EINVAL, CT_STEP_ARGUMENT, NULL,
		"terminal");
	ct_pool_free(pool);
}
END_TEST

START_TEST(calls_of_the_payload_are_told_where_the_spec_says_so)
{
	ct_spec *spec = SPEC("/bin/false");
	const ct_payload payload = payload_of(ARGV("/bin/mkdir", "/tmp/asked"));
	ct_notification call = CT_NOTIFICATION_INIT;
	ct_container *container;
	ct_pool *pool;
	int notify;

	set(ct_spec_add_seccomp_rule(spec, "mkdir", CT_SECCOMP_NOTIFY, 0, NULL, 0));
	set(ct_spec_add_seccomp_rule(spec, "mkdirat", CT_SECCOMP_NOTIFY, 0, NULL, 0));
	pool = pool_of(spec, 1);
	container = taken(pool, &payload);
	notify = ct_container_take_notify(container);
	ck_assert_int_ge(notify, 0);
	ck_assert_msg(ct_notify_receive(notify, ct_container_pidfd(container), PATIENCE_MS, &call, &err) == 0,
		"%s", err.sentence);
	ck_assert_int_eq(ct_notify_answer(notify, &call, 0, 0, &err), 0);
	ck_assert_int_eq(wait_for(container).code, 0);
	ct_container_free(container);
	close(notify);
	ct_pool_free(pool);
}
END_TEST

/* --------------------------------------------------------------- what is refused */

static const ct_payload_fd closed_fd = {-1, 9}, low_target = {0, 2}, high_target = {0, 1024};
static const ct_payload_fd twice[] = {{0, 9}, {0, 9}};

static const struct {
	ct_payload payload;
	int code, step;
	const char *words;
} wrong[] = {
	{{.size = 0}, -EINVAL, CT_STEP_ARGUMENT, "its size is not set"},
	{{.argv = (const char *const[]){NULL}}, -EINVAL, CT_STEP_ARGUMENT, "a program is needed"},
	{{.argv = (const char *const[]){"", NULL}}, -EINVAL, CT_STEP_ARGUMENT, "a program is needed"},
	{{.program = ""}, -EINVAL, CT_STEP_ARGUMENT, "it is empty"},
	{{.envp = (const char *const[]){"A", NULL}}, -EINVAL, CT_STEP_ARGUMENT, "it is not NAME=value"},
	{{.fds = &closed_fd, .fd_count = 1}, -EBADF, CT_STEP_DESCRIPTOR, "descriptor -1"},
	{{.fds = &low_target, .fd_count = 1}, -EINVAL, CT_STEP_ARGUMENT, "not from 3 to 1023"},
	{{.fds = &high_target, .fd_count = 1}, -EINVAL, CT_STEP_ARGUMENT, "not from 3 to 1023"},
	{{.fds = twice, .fd_count = 2}, -EEXIST, CT_STEP_ARGUMENT, "the target is taken"},
	{{.fds = twice, .fd_count = 129}, -E2BIG, CT_STEP_ARGUMENT, "more than 128"},
	{{.fd_count = 1}, -EINVAL, CT_STEP_ARGUMENT, "fds"},
	{{.limit_count = 1}, -EINVAL, CT_STEP_ARGUMENT, "limits"},
	{{.wall_ms = UINT64_MAX - 1}, -EINVAL, CT_STEP_ARGUMENT, "2^40 milliseconds"},
	{{.cpu_ms = 1000}, -ENOENT, CT_STEP_LIMIT, "no cgroup of its own"},
};
#define WRONG (int)(sizeof(wrong) / sizeof(wrong[0]))

START_TEST(wrong_payload_is_refused_and_costs_no_sandbox)
{
	ct_pool *pool = pool_of(SPEC("/bin/true"), 1);
	ct_payload payload = wrong[_i].payload;
	ct_container *none = NULL;

	for (int stream = 0; stream < 3; stream++)
		payload.stdio[stream] = -1;
	payload.size = _i ? sizeof(payload) : 0;
	expect_error(ct_pool_take(pool, &payload, &none, &err), &err, wrong[_i].code, wrong[_i].step, NULL,
		wrong[_i].words);
	ck_assert_ptr_null(none);
	ck_assert_int_eq(ct_pool_ready(pool), 1);
	ct_pool_free(pool);
}
END_TEST

START_TEST(closed_stream_is_refused)
{
	ct_pool *pool = pool_of(SPEC("/bin/true"), 1);
	ct_payload payload = CT_PAYLOAD_INIT;
	ct_container *none = NULL;

	payload.stdio[2] = -2;
	expect_error(ct_pool_take(pool, &payload, &none, &err), &err, -EBADF, CT_STEP_DESCRIPTOR,
		"descriptor -2", NULL);
	ct_pool_free(pool);
}
END_TEST

START_TEST(wrong_arguments_are_refused)
{
	ct_spec *spec = SPEC("/bin/true");
	ct_pool *pool = NULL;

	ck_assert_int_eq(ct_pool_new(NULL, 1, &pool, &err), -EINVAL);
	ck_assert_int_eq(ct_pool_new(spec, 1, NULL, &err), -EINVAL);
	expect_error(ct_pool_new(spec, 0, &pool, &err), &err, -EINVAL, CT_STEP_ARGUMENT, "sandboxes: 0",
		"not from 1 to 65536");
	ck_assert_int_eq(ct_pool_new(spec, 65537, &pool, &err), -EINVAL);
	ck_assert_int_eq(ct_pool_refill(NULL, 0, &err), -EINVAL);
	ck_assert_int_eq(ct_pool_ready(NULL), -EINVAL);
	ck_assert_int_eq(ct_pool_fd(NULL), -EINVAL);
	ck_assert_ptr_null(pool);
	ct_pool_free(NULL);
	ct_spec_free(spec);
}
END_TEST

START_TEST(spec_that_cannot_start_makes_no_pool)
{
	ct_spec *spec = SPEC("/bin/true");
	ct_pool *pool = NULL;

	set(ct_spec_set_cwd(spec, "/missing"));
	expect_error(ct_pool_new(spec, 3, &pool, &err), &err, -ENOENT, CT_STEP_CWD, "/missing", NULL);
	ck_assert_ptr_null(pool);
	ct_spec_free(spec);
}
END_TEST

START_TEST(program_that_cannot_run_is_told_by_its_name_and_spends_a_sandbox)
{
	ct_pool *pool = pool_of(SPEC("/bin/true"), 2);
	ct_payload payload = payload_of(ARGV("/bin/missing"));
	ct_container *none = NULL;

	expect_error(ct_pool_take(pool, &payload, &none, &err), &err, -ENOENT, CT_STEP_PROGRAM, "/bin/missing",
		"no such program");
	ck_assert_ptr_null(none);
	ck_assert_int_eq(ct_pool_ready(pool), 1);
	payload.argv = ARGV("/etc");
	expect_error(ct_pool_take(pool, &payload, &none, &err), &err, -EACCES, CT_STEP_EXEC, "/etc",
		"it is a directory");
	refilled(pool, 0, 2);
	ck_assert_str_eq(told(pool, SHELL("echo sound")), "sound\n");
	ct_pool_free(pool);
}
END_TEST

/* -------------------------------------------------------------------- sandboxes */

START_TEST(none_serves_twice)
{
	ct_spec *spec = SPEC("/bin/false");
	ct_pool *pool;

	set(ct_spec_add_tmpfs(spec, "/mnt", 4096, 0777, 0));
	pool = pool_of(spec, 2);
	for (int i = 0; i < 5; i++) {
		ck_assert_str_eq(told(pool, SHELL("ls /mnt | wc -l; touch /mnt/left")), "0\n");
		if (i % 2)
			refilled(pool, 0, 2);
	}
	ct_pool_free(pool);
}
END_TEST

START_TEST(empty_pool_makes_one)
{
	ct_pool *pool = pool_of(SPEC("/bin/true"), 1);

	through(pool, NULL);
	ck_assert_int_eq(ct_pool_ready(pool), 0);
	ck_assert_str_eq(told(pool, SHELL("echo made")), "made\n");
	ck_assert_int_eq(ct_pool_ready(pool), 0);
	ct_pool_free(pool);
}
END_TEST

static bool is_missing(const ct_pool *pool)
{
	struct pollfd asked = {.fd = ct_pool_fd(pool), .events = POLLIN};

	return poll(&asked, 1, 0) == 1;
}

START_TEST(descriptor_is_readable_while_some_are_missing_and_refill_makes_no_more_than_asked)
{
	ct_pool *pool = pool_of(SPEC("/bin/true"), 3);

	ck_assert_int_eq(ct_pool_ready(pool), 3);
	ck_assert(!is_missing(pool));
	refilled(pool, 0, 0);
	through(pool, NULL);
	through(pool, NULL);
	ck_assert_int_eq(ct_pool_ready(pool), 1);
	ck_assert(is_missing(pool));
	refilled(pool, 1, 1);
	ck_assert(is_missing(pool));
	refilled(pool, 5, 1);
	ck_assert(!is_missing(pool));
	ck_assert_int_eq(ct_pool_ready(pool), 3);
	ct_pool_free(pool);
}
END_TEST

/* Kills every child but the keeper, and waits until they have ended; how many that were. */
static int kill_sandboxes(void)
{
	pid_t keeper = find_child("ct-keeper");
	int killed = 0;
	DIR *proc = opendir("/proc");

	while (!keeper) {
		sched_yield();
		keeper = find_child("ct-keeper");
	}
	for (struct dirent *entry = readdir(proc); entry; entry = readdir(proc)) {
		pid_t pid = atoi(entry->d_name), parent = 0;
		siginfo_t info;
		char path[64];
		const char *stat;

		if (pid <= 0 || pid == keeper)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/status", pid);
		if (access(path, R_OK) < 0)
			continue;
		stat = strstr(read_file(path), "\nPPid:");
		if (!stat || sscanf(stat, "\nPPid: %d", &parent) != 1 || parent != getpid())
			continue;
		ck_assert_int_eq(kill(pid, SIGKILL), 0);
		ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
		killed++;
	}
	closedir(proc);
	return killed;
}

START_TEST(sandbox_that_has_ended_is_never_handed_out)
{
	ct_pool *pool = pool_of(SPEC("/bin/true"), 3);

	ck_assert_int_eq(kill_sandboxes(), 3);
	ck_assert_int_eq(ct_pool_ready(pool), 0);
	ck_assert_str_eq(told(pool, SHELL("echo alive")), "alive\n");
	refilled(pool, 0, 3);
	ck_assert_int_eq(ct_pool_ready(pool), 3);

	ck_assert_int_eq(kill_sandboxes(), 3);
	refilled(pool, 2, 2); /* the ended ones go as well */
	ck_assert_int_eq(ct_pool_ready(pool), 2);
	ck_assert(is_missing(pool));
	ck_assert_str_eq(told(pool, SHELL("echo alive")), "alive\n");
	ct_pool_free(pool);
}
END_TEST

START_TEST(containers_outlive_the_pool_and_sandboxes_do_not)
{
	ct_pool *pool = pool_of(SPEC("/bin/true"), 3);
	const ct_payload payload = payload_of(ARGV("/bin/sleep", "1000"));
	ct_container *container = taken(pool, &payload);

	ct_pool_free(pool);
	ck_assert_int_eq(count_children(), 2); /* it, and its keeper */
	ck_assert_int_eq(ct_wait(container, 0, NULL, &err), -ETIMEDOUT);
	ct_container_free(container);
}
END_TEST

START_TEST(changes_of_the_spec_do_not_reach_the_pool)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "hostname; cat /etc/told /mnt/told; read a <&5; echo $a");
	char dir[PATH_MAX];
	ct_pool *pool = NULL;
	int line[2];

	snprintf(dir, sizeof(dir), "%s/shared", box.dir);
	ck_assert_int_eq(mkdir(dir, 0755), 0);
	write_file(in_dir("shared/told"), "bound\n", 0644);
	write_file(in_root("etc/told"), "rootfs\n", 0644);
	ck_assert_int_eq(pipe2(line, O_CLOEXEC), 0);
	ck_assert_int_eq(write(line[1], "one\ntwo\n", 8), 8);
	set(ct_spec_set_hostname(spec, "before"));
	set(ct_spec_add_bind(spec, dir, "/mnt", CT_MOUNT_READONLY));
	set(ct_spec_map_fd(spec, line[0], 5));
	ck_assert_msg(ct_pool_new(spec, 1, &pool, &err) == 0, "%s", err.sentence);

	set(ct_spec_set_hostname(spec, "after"));
	set(ct_spec_set_argv(spec, ARGV("/bin/false")));
	set(ct_spec_set_env(spec, ARGV("PATH=/nowhere")));
	set(ct_spec_set_no_new_privs(spec, 0));
	ct_spec_free(spec);
	close(line[0]);
	ck_assert_str_eq(through(pool, NULL)->out, "before\nrootfs\nbound\none\n");
	/* Nor those that are made later. */
	ck_assert_int_eq(write(line[1], "three\n", 6), 6);
	ck_assert_int_eq(strncmp(through(pool, NULL)->out, "before\nrootfs\nbound\n", 20), 0);
	ct_pool_free(pool);
	close(line[1]);
}
END_TEST

START_TEST(forked_copy_of_the_host_gets_no_sandbox)
{
	ct_pool *pool = pool_of(SPEC("/bin/true"), 1);
	pid_t child = fork();

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		ct_container *none = NULL;

		if (ct_pool_take(pool, NULL, &none, &err) != -EINVAL || ct_pool_refill(pool, 0, &err) != -EINVAL)
			_exit(1);
		ct_pool_free(pool);
		_exit(0);
	}
	expect_child(child);
	ck_assert_int_eq(ct_pool_ready(pool), 1);
	ck_assert_str_eq(told(pool, SHELL("echo still")), "still\n");
	ct_pool_free(pool);
}
END_TEST

/* A process that outlives its host becomes a child of the test, its subreaper. */
START_TEST(sandboxes_end_with_the_host)
{
	int said[2];
	pid_t host, left;
	char byte;

	ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	box_accept_changes();
	ck_assert_int_eq(pipe2(said, O_CLOEXEC), 0);
	host = fork();
	ck_assert_int_ge(host, 0);
	if (host == 0) {
		pool_of(SPEC("/bin/true"), 3);
		if (write(said[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(said[1]);
	ck_assert(readable(said[0], PATIENCE_MS));
	ck_assert_int_eq(read(said[0], &byte, 1), 1);
	close(said[0]);
	ck_assert_int_eq(kill(host, SIGKILL), 0);
	do /* blocks until the last of them has ended: the limit of the sentence is that of the wait */
		left = waitpid(-1, NULL, 0);
	while (left > 0 || errno == EINTR);
	ck_assert_int_eq(errno, ECHILD);
}
END_TEST

/* ----------------------------------------------------------------------- limits */

START_TEST(limits_of_time_are_those_of_the_moment)
{
	ct_spec *spec = SPEC("/bin/false");
	ct_payload payload = payload_of(ARGV("/bin/sleep", "1000"));
	struct outcome *outcome;
	ct_pool *pool;

	set(ct_spec_set_time_limit(spec, CT_TIME_WALL, 1));
	pool = pool_of(spec, 1);
	outcome = outcome_of(0, taken(pool, &payload), &err);
	ck_assert_uint_eq(outcome->how.why, CT_END_WALL);
	payload.wall_ms = 50;
	outcome = outcome_of(0, taken(pool, &payload), &err);
	ck_assert_uint_eq(outcome->how.why, CT_END_WALL);
	ck_assert_uint_ge(outcome->how.wall_us, 50000);
	payload = payload_of(SHELL("echo in time"));
	payload.wall_ms = CT_UNLIMITED;
	ck_assert_str_eq(through(pool, &payload)->out, "in time\n");
	ct_pool_free(pool);
}
END_TEST

START_TEST(limits_of_the_cgroup_are_those_of_the_moment)
{
	static const ct_payload_limit none = {CT_LIMIT_PIDS_MAX, 0, 1}, some = {CT_LIMIT_PIDS_MAX, 0, 20};
	ct_spec *spec = SPEC("/bin/false");
	ct_payload payload = payload_of(SHELL("/bin/true && /bin/true; echo $?"));
	struct outcome *outcome;
	ct_pool *pool;

	set(ct_spec_set_limit(spec, CT_LIMIT_PIDS_MAX, 10));
	pool = pool_of(spec, 1);
	payload.limits = &some;
	payload.limit_count = 1;
	ck_assert_str_eq(through(pool, &payload)->out, "0\n");
	payload.limits = &none;
	outcome = outcome_of(0, taken(pool, &payload), &err);
	ck_assert_int_ne(outcome->how.code, 0);
	ck_assert_ptr_nonnull(strstr(outcome->errors, "can't fork"));
	ct_pool_free(pool);
}
END_TEST

START_TEST(limit_of_a_cgroup_that_is_not_there_is_refused)
{
	static const ct_payload_limit limit = {CT_LIMIT_PIDS_MAX, 0, 1};
	ct_pool *pool = pool_of(SPEC("/bin/true"), 1);
	ct_payload payload = CT_PAYLOAD_INIT;
	ct_container *none = NULL;

	payload.limits = &limit;
	payload.limit_count = 1;
	expect_error(ct_pool_take(pool, &payload, &none, &err), &err, -ENOENT, CT_STEP_LIMIT, NULL,
		"no cgroup of its own");
	ct_pool_free(pool);
}
END_TEST

/* ---------------------------------------------------------------------- threads */

#define TAKERS 4

static ct_pool *shared;
static atomic_int bad;
static int quit[2];

static void *take_often(void *data)
{
	int rounds = scaled(20);

	for (int i = 0; i < rounds; i++) {
		ct_error why = CT_ERROR_INIT;
		ct_exit how = CT_EXIT_INIT;
		ct_payload payload = CT_PAYLOAD_INIT;
		ct_container *container = NULL;
		char code[16];
		int want = 1 + (*(int *)data * rounds + i) % 250;

		snprintf(code, sizeof(code), "%d", want);
		payload.argv = ARGV("/bin/probe", "exit", code);
		bad += ct_pool_take(shared, &payload, &container, &why) < 0 ||
		       ct_wait(container, PATIENCE_MS, &how, &why) < 0 || how.code != want;
		ct_container_free(container);
	}
	return NULL;
}

static void *refill_on_word(void *data)
{
	struct pollfd words[2] = {{.fd = ct_pool_fd(shared), .events = POLLIN}, {.fd = quit[0], .events = POLLIN}};

	while (poll(words, 2, -1) > 0 && !words[1].revents) {
		ct_error why = CT_ERROR_INIT;

		bad += ct_pool_refill(shared, 1, &why) < 0;
	}
	return data;
}

START_TEST(threads_take_while_others_refill)
{
	pthread_t takers[TAKERS], refillers[2];
	int numbers[TAKERS];

	shared = pool_of(SPEC("/bin/false"), 4);
	ck_assert_int_eq(pipe2(quit, O_CLOEXEC), 0);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(pthread_create(&refillers[i], NULL, refill_on_word, NULL), 0);
	for (int i = 0; i < TAKERS; i++) {
		numbers[i] = i;
		ck_assert_int_eq(pthread_create(&takers[i], NULL, take_often, &numbers[i]), 0);
	}
	for (int i = 0; i < TAKERS; i++)
		ck_assert_int_eq(pthread_join(takers[i], NULL), 0);
	close(quit[1]);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(pthread_join(refillers[i], NULL), 0);
	close(quit[0]);
	ck_assert_int_eq(bad, 0);
	ck_assert_int_ge(ct_pool_refill(shared, 0, &err), 0);
	ck_assert_int_eq(ct_pool_ready(shared), 4);
	ct_pool_free(shared);
	touch_threads();
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("pool", &tc);

	need_root();
	tcase_add_test(tc, payload_that_says_nothing_is_the_specs);
	tcase_add_test(tc, payload_has_the_arguments_and_the_environment_of_the_moment);
	tcase_add_test(tc, program_is_looked_for_along_the_path_that_is_given);
	tcase_add_test(tc, arguments_may_be_long);
	tcase_add_test(tc, payload_has_the_streams_and_descriptors_of_the_moment_and_no_other);
	tcase_add_test(tc, limit_of_descriptors_may_be_lower_than_what_is_given);
	tcase_add_test(tc, payload_sees_what_that_of_a_start_sees);
	tcase_add_loop_test(tc, payload_is_handed_over_however_the_process_came_to_be, 0, WAYS);
	tcase_add_test(tc, payload_may_have_a_terminal);
	tcase_add_test(tc, calls_of_the_payload_are_told_where_the_spec_says_so);
	tcase_add_loop_test(tc, wrong_payload_is_refused_and_costs_no_sandbox, 0, WRONG);
	tcase_add_test(tc, closed_stream_is_refused);
	tcase_add_test(tc, wrong_arguments_are_refused);
	tcase_add_test(tc, spec_that_cannot_start_makes_no_pool);
	tcase_add_test(tc, program_that_cannot_run_is_told_by_its_name_and_spends_a_sandbox);
	tcase_add_test(tc, none_serves_twice);
	tcase_add_test(tc, empty_pool_makes_one);
	tcase_add_test(tc, descriptor_is_readable_while_some_are_missing_and_refill_makes_no_more_than_asked);
	tcase_add_test(tc, sandbox_that_has_ended_is_never_handed_out);
	tcase_add_test(tc, containers_outlive_the_pool_and_sandboxes_do_not);
	tcase_add_test(tc, changes_of_the_spec_do_not_reach_the_pool);
	tcase_add_test(tc, forked_copy_of_the_host_gets_no_sandbox);
	tcase_add_test(tc, sandboxes_end_with_the_host);
	tcase_add_test(tc, limits_of_time_are_those_of_the_moment);
	add_for_cgroups(tc, limits_of_the_cgroup_are_those_of_the_moment, 1);
	tcase_add_test(tc, limit_of_a_cgroup_that_is_not_there_is_refused);
	tcase_add_test(tc, threads_take_while_others_refill);
	return suite_run(suite);
}

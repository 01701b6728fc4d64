/* SPDX-License-Identifier: MIT */
/* What explain mode tells of the stage is what strace sees of it: every call, in order, with its result. */
#include "support/box.h"
#include "support/needs.h"
#include "trace/recorder.h"

#include <container/terminal.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs strace on a process, with a file for each that it makes; returns when it is attached. */
static pid_t start_strace(pid_t pid, const char *prefix, int *ret_messages)
{
	char number[16], line[256] = "";
	int pipe_fds[2];
	pid_t child;

	ck_assert_int_eq(pipe(pipe_fds), 0);
	snprintf(number, sizeof(number), "%d", pid);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(pipe_fds[1], 2);
		close(pipe_fds[0]);
		close(pipe_fds[1]);
		execlp("strace", "strace", "-ff", "-s", "0", "-o", prefix, "-p", number, NULL);
		_exit(127);
	}
	close(pipe_fds[1]);
	/* "Process N attached" */
	ck_assert(readable(pipe_fds[0], PATIENCE_MS));
	ck_assert_int_gt(read(pipe_fds[0], line, sizeof(line) - 1), 0);
	ck_assert_msg(strstr(line, "attached") != NULL, "strace says: %s", line);
	*ret_messages = pipe_fds[0]; /* open as long as strace may write to it */
	return child;
}

/* A call that makes a process returns in both; strace shows it in one. */
static bool is_second_return(const struct told *at)
{
	return strcmp(at->call, "clone3") == 0 && at->result == 0;
}

/* The host: waits until it is watched, spawns, writes down the stage's calls: "NAME RESULT". */
static void host(void (*set_up)(ct_spec *spec), int go, const char *path)
{
	ct_spec *spec = SPEC("/bin/true");
	FILE *file;
	char byte;

	set_up(spec);
	listen_to(spec);
	if (read(go, &byte, 1) != 1)
		_exit(2);
	run(spec);
	ct_spec_free(spec);
	file = fopen(path, "we");
	if (!file)
		_exit(3);
	for (size_t i = 0; i < told_count; i++)
		if (told[i].who == CT_TRACE_CHILD && !is_second_return(&told[i]))
			fprintf(file, "%d %s %lld\n", told[i].pid, told[i].call,
				(long long)told[i].result);
	fclose(file);
	_exit(0);
}

/* "name(...) = -1 ENOENT (...)" becomes a name and -ENOENT. False: not a call with a result. */
static bool parse(char *line, char **ret_name, long long *ret_result)
{
	char *open = strchr(line, '('), *equals = NULL, *rest;

	for (char *at = strstr(line, " = "); at; at = strstr(at + 1, " = "))
		equals = at;
	if (!open || !equals)
		return false;
	*open = '\0';
	*ret_name = line;
	*ret_result = strtoll(equals + strlen(" = "), &rest, 0);
	if (*ret_result == -1 && *rest == ' ') {
		rest[1 + strcspn(rest + 1, " ")] = '\0';
		for (int code = 1; code < 134; code++)
			if (strerrorname_np(code) && strcmp(strerrorname_np(code), rest + 1) == 0)
				*ret_result = -code;
	}
	return true;
}

/* Those of the recorder itself. */
static bool is_of_recorder(const char *name)
{
	return strcmp(name, "clock_gettime") == 0 || strcmp(name, "sendto") == 0 ||
	       strcmp(name, "setsockopt") == 0;
}

/* The calls of one process that strace saw up to the payload's exec, as the host writes them down. */
static void append_seen(const char *prefix, pid_t pid, char *seen, size_t size)
{
	char path[PATH_MAX + 16], *line = NULL;
	size_t room = 0, used = strlen(seen);
	FILE *file;

	snprintf(path, sizeof(path), "%s.%d", prefix, pid);
	file = fopen(path, "re");
	ck_assert_msg(file != NULL, "%s: %s", path, strerror(errno));
	while (getline(&line, &room, file) > 0) {
		long long result;
		char *name;

		if (!parse(line, &name, &result) || is_of_recorder(name))
			continue;
		used += (size_t)snprintf(
			seen + used, size - used, "%d %s %lld\n", pid, name, result);
		ck_assert_uint_lt(used, size);
		if (strcmp(name, "execve") == 0 && result == 0)
			break;
	}
	free(line);
	fclose(file);
}

/* What the host wrote down of one process. */
static void append_told(const char *text, pid_t pid, char *to, size_t size)
{
	char start[16];
	size_t used = strlen(to);

	snprintf(start, sizeof(start), "%d ", pid);
	while (*text) {
		size_t length = strcspn(text, "\n") + 1;

		if (strncmp(text, start, strlen(start)) == 0) {
			ck_assert_uint_lt(used + length, size);
			memcpy(to + used, text, length);
			used += length;
		}
		text += length;
	}
	to[used] = '\0';
}

static void set_nothing(ct_spec *spec)
{
	(void)spec;
}

static void set_exact(ct_spec *spec)
{
	set(ct_spec_set_exact_rss(spec, 1));
}

static void set_much(ct_spec *spec)
{
	static const gid_t groups[] = {1, 2};

	set(ct_spec_set_user(spec, 1000, 1000));
	set(ct_spec_set_groups(spec, groups, 2));
	set(ct_spec_set_root_mode(spec, CT_ROOT_EPHEMERAL));
	set(ct_spec_add_bind(spec, box.canary, "/mnt/a/b", CT_MOUNT_READONLY));
	set(ct_spec_add_tmpfs(spec, "/mnt/t", 65536, 0755, 0));
	set(ct_spec_add_file(spec, "x", 1, "/mnt/f", 0644));
	set(ct_spec_add_ambient_cap(spec, "cap_chown"));
	set(ct_spec_set_ns_new(spec, CT_NS_USER));
	set(ct_spec_add_uid_map(spec, 0, 0, 65536));
	set(ct_spec_add_gid_map(spec, 0, 0, 65536));
	set(ct_spec_set_rlimit(spec, 7, 64, 64));
	set(ct_spec_set_oom_score_adj(spec, 10));
	set(ct_spec_set_sysctl(spec, "net.ipv4.ip_forward", "1"));
}

static void set_terminal(ct_spec *spec)
{
	for (int stream = 0; stream < 3; stream++)
		set(ct_spec_set_stdio(spec, stream, CT_STDIO_INHERIT, -1));
	set(ct_spec_set_terminal(spec, 24, 80));
}

static const struct {
	void (*set_up)(ct_spec *spec);
	int processes;
} ways[] = {{set_nothing, 1}, {set_exact, 2}, {set_much, 1}, {set_terminal, 1}};

START_TEST(stage_tells_every_call_that_strace_sees)
{
	static char seen[1 << 18], wrote[1 << 18];
	char prefix[PATH_MAX], path[PATH_MAX];
	pid_t child, tracer, pids[2] = {0};
	int pipe_fds[2], messages, count = 0;
	const char *text;

	snprintf(prefix, sizeof(prefix), "%s", in_dir("strace"));
	snprintf(path, sizeof(path), "%s", in_dir("told"));
	ck_assert_int_eq(pipe(pipe_fds), 0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0)
		host(ways[_i].set_up, pipe_fds[0], path);
	tracer = start_strace(child, prefix, &messages);
	ck_assert_int_eq(write(pipe_fds[1], "x", 1), 1);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	expect_child(child);
	expect_child(tracer);
	close(messages);
	text = read_file(path);
	for (const char *at = text; *at; at += strcspn(at, "\n") + 1) {
		pid_t pid = (pid_t)strtol(at, NULL, 10);

		if (pid == pids[0] || pid == pids[1])
			continue; /* it has been compared */
		ck_assert_int_lt(count, 2);
		pids[count++] = pid;
		seen[0] = wrote[0] = '\0';
		append_seen(prefix, pid, seen, sizeof(seen));
		append_told(text, pid, wrote, sizeof(wrote));
		expect_same_lines(wrote, seen);
	}
	ck_assert_int_eq(count, ways[_i].processes);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("strace", &tc);

	need_root();
	if (system("command -v strace > /dev/null") != 0) {
		printf("SKIP: strace is missing\n");
		return 77;
	}
	add_values_for_first_root(tc, stage_tells_every_call_that_strace_sees,
		(int)(sizeof(ways) / sizeof(ways[0])), 1u << 2, "id maps across ranges");
	return suite_run(suite);
}

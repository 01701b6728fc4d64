/* SPDX-License-Identifier: MIT */
/* The descriptors of the payload: its standard streams, what is mapped, and nothing else. */
#include "support/box.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static ct_container *spawned(ct_spec *spec)
{
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;

	if (ct_spawn(spec, &container, &err) < 0)
		ck_abort_msg("spawn: %s", err.sentence);
	return container;
}

/* Everything that can be read until the end; static. */
static const char *rest_of(int fd)
{
	static char text[65536];
	size_t used = 0;
	ssize_t count = 1;

	while (count > 0 && used < sizeof(text) - 1) {
		ck_assert(readable(fd, PATIENCE_MS));
		count = read(fd, text + used, sizeof(text) - 1 - used);
		if (count > 0)
			used += (size_t)count;
	}
	ck_assert_int_eq(count, 0);
	text[used] = '\0';
	return text;
}

/* ---------------------------------------------------------------- the streams */

START_TEST(pipes_carry_all_three_streams)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "cat; echo error >&2");
	ct_container *container;
	int in, out, errors;

	set(ct_spec_set_stdio(spec, 0, CT_STDIO_PIPE, -1));
	container = spawned(spec);
	in = ct_container_take_stdio(container, 0);
	out = ct_container_take_stdio(container, 1);
	errors = ct_container_take_stdio(container, 2);
	ck_assert(in >= 0 && out >= 0 && errors >= 0);
	ck_assert_int_eq(write(in, "through\n", 8), 8);
	close(in);
	ck_assert_str_eq(rest_of(out), "through\n");
	ck_assert_str_eq(rest_of(errors), "error\n");
	ck_assert_int_eq(wait_for(container).code, 0);
	close(out);
	close(errors);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

START_TEST(taken_ends_are_blocking_and_close_on_exec)
{
	ct_spec *spec = SPEC("/bin/probe", "hold");
	ct_container *container;

	set(ct_spec_set_stdio(spec, 0, CT_STDIO_PIPE, -1));
	container = spawned(spec);
	for (int stream = 0; stream < 3; stream++) {
		int fd = ct_container_take_stdio(container, stream);

		ck_assert_int_ge(fd, 0);
		ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
		ck_assert_int_eq(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
		ck_assert_int_eq(fcntl(fd, F_GETFL) & O_ACCMODE, stream == 0 ? O_WRONLY : O_RDONLY);
		close(fd);
	}
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

START_TEST(end_is_taken_once_and_only_where_there_is_a_pipe)
{
	ct_spec *spec = SPEC("/bin/true");
	ct_container *container = spawned(spec);
	int out = ct_container_take_stdio(container, 1);

	ck_assert_int_ge(out, 0);
	ck_assert_int_eq(ct_container_take_stdio(container, 1), -ENOENT);
	/* Stream 0 is null. */
	ck_assert_int_eq(ct_container_take_stdio(container, 0), -ENOENT);
	ck_assert_int_eq(ct_container_take_stdio(container, 3), -EINVAL);
	ck_assert_int_eq(ct_container_take_stdio(container, -1), -EINVAL);
	close(out);
	wait_for(container);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

START_TEST(end_that_was_taken_outlives_the_handle)
{
	ct_spec *spec = SPEC("/bin/probe", "echo", "late");
	ct_container *container = spawned(spec);
	int out = ct_container_take_stdio(container, 1);

	wait_for(container);
	ct_container_free(container);
	ct_spec_free(spec);
	ck_assert_str_eq(rest_of(out), "late");
	close(out);
}
END_TEST

START_TEST(payload_sees_the_end_of_stdin_when_the_handle_is_not_taken_but_freed)
{
	ct_spec *spec = SPEC("/bin/cat");
	ct_container *container;
	int out;

	set(ct_spec_set_stdio(spec, 0, CT_STDIO_PIPE, -1));
	container = spawned(spec);
	out = ct_container_take_stdio(container, 1);
	/* free() closes the other end and ends it. */
	ct_container_free(container);
	ck_assert_str_eq(rest_of(out), "");
	close(out);
	ct_spec_free(spec);
}
END_TEST

START_TEST(null_reads_empty_and_takes_everything)
{
	ct_spec *spec = SPEC("/bin/probe", "facts");
	const char *out;

	set(ct_spec_set_stdio(spec, 2, CT_STDIO_NULL, -1));
	out = run(spec)->out;
	ck_assert_ptr_nonnull(strstr(fact(out, "fdinfo.0"), "rdev 1:3"));
	ck_assert_ptr_nonnull(strstr(fact(out, "fdinfo.2"), "rdev 1:3"));
	ck_assert_str_eq(fact(out, "fd_count"), "3");
	ct_spec_free(spec);
}
END_TEST

START_TEST(stream_from_a_descriptor_is_that_descriptor)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "cat; echo out; echo error >&2");
	int in, out;

	write_file(in_dir("in"), "from a file\n", 0644);
	write_file(in_dir("out"), "", 0644);
	in = open(in_dir("in"), O_RDONLY | O_CLOEXEC);
	out = open(in_dir("out"), O_WRONLY | O_CLOEXEC);
	set(ct_spec_set_stdio(spec, 0, CT_STDIO_FD, in));
	set(ct_spec_set_stdio(spec, 1, CT_STDIO_FD, out));
	set(ct_spec_set_stdio(spec, 2, CT_STDIO_FD, out));
	{
		ct_container *container = spawned(spec);

		ck_assert_int_eq(wait_for(container).code, 0);
		ct_container_free(container);
	}
	ct_spec_free(spec);
	/* Borrowed: still ours to close. */
	ck_assert_int_eq(close(in), 0);
	ck_assert_int_eq(close(out), 0);
	ck_assert_str_eq(read_file(in_dir("out")), "from a file\nout\nerror\n");
}
END_TEST

START_TEST(inherited_streams_are_the_hosts_own)
{
	ct_spec *spec = SPEC("/bin/probe", "facts");
	ct_container *container;
	int pipe_fd[2], saved = dup(1);
	struct stat own;
	char want[64];
	const char *out;

	ck_assert_int_eq(pipe2(pipe_fd, O_CLOEXEC), 0);
	set(ct_spec_set_stdio(spec, 0, CT_STDIO_INHERIT, -1));
	set(ct_spec_set_stdio(spec, 1, CT_STDIO_INHERIT, -1));
	set(ct_spec_set_stdio(spec, 2, CT_STDIO_INHERIT, -1));
	dup2(pipe_fd[1], 1);
	container = spawned(spec);
	dup2(saved, 1);
	close(saved);
	close(pipe_fd[1]);
	out = rest_of(pipe_fd[0]);
	for (int stream = 0; stream < 3; stream++) {
		char name[16];

		ck_assert_int_eq(fstat(stream == 1 ? pipe_fd[0] : stream, &own), 0);
		snprintf(name, sizeof(name), "fdinfo.%d", stream);
		snprintf(want, sizeof(want), "dev %llx ino %llu ", (unsigned long long)own.st_dev,
			(unsigned long long)own.st_ino);
		ck_assert_msg(strncmp(fact(out, name), want, strlen(want)) == 0,
			"stream %d is %s, not %s", stream, fact(out, name), want);
	}
	wait_for(container);
	close(pipe_fd[0]);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

/* How many there should be once so many of 0, 1 and 2 are closed: those before, and the rootfs. */
static int closed_descriptors(int bits)
{
	return box.descriptors_at_setup + 1 - (bits & 1) - (bits >> 1 & 1) - (bits >> 2 & 1);
}

START_TEST(container_can_be_spawned_with_any_of_0_1_2_closed)
{
	ct_spec *inherit, *pipes;
	ct_container *container;
	const char *text;
	int keep, out;

	write_file(in_dir("facts"), "", 0644);
	keep = open(in_dir("facts"), O_WRONLY | O_APPEND | O_CLOEXEC);
	ck_assert_int_gt(keep, 2);
	/* Bit n of the loop number: descriptor n is closed in the host. */
	for (int i = 0; i < 3; i++)
		if (_i >> i & 1)
			close(i);
	box_accept_changes();

	inherit = SPEC("/bin/probe", "facts");
	set(ct_spec_set_stdio(inherit, 0, CT_STDIO_INHERIT, -1));
	set(ct_spec_set_stdio(inherit, 1, CT_STDIO_FD, keep));
	set(ct_spec_set_stdio(inherit, 2, CT_STDIO_INHERIT, -1));
	container = spawned(inherit);
	ck_assert_int_eq(wait_for(container).code, 0);
	ct_container_free(container);
	ct_spec_free(inherit);

	pipes = SPEC("/bin/probe", "facts");
	container = spawned(pipes);
	out = ct_container_take_stdio(container, 1);
	/* A program that writes to its closed stderr must not write into this. */
	ck_assert_int_gt(out, 2);
	text = rest_of(out);
	close(out);
	ck_assert_str_eq(fact(text, "fd_count"), "3");
	ck_assert_ptr_nonnull(strstr(fact(text, "fdinfo.0"), "rdev 1:3"));
	ck_assert_ptr_nonnull(strstr(fact(text, "fd.1"), "pipe:"));
	wait_for(container);
	ct_container_free(container);
	ct_spec_free(pipes);

	text = read_file(in_dir("facts"));
	ck_assert_str_eq(fact(text, "fd_count"), "3");
	if (_i & 1)
		ck_assert_ptr_nonnull(strstr(fact(text, "fdinfo.0"), "rdev 1:3"));
	if (_i & 4)
		ck_assert_ptr_nonnull(strstr(fact(text, "fdinfo.2"), "rdev 1:3"));
	/* Its offset has moved; close it and take the snapshot anew without it. */
	close(keep);
	ck_assert_int_eq(count_children(), 0);
	ck_assert_int_eq(count_descriptors(), closed_descriptors(_i));
	box_accept_changes();
}
END_TEST

/* --------------------------------------------------------------- mapped numbers */

/* A descriptor that reads as this text. */
static int text_fd(const char *text)
{
	char name[64];
	int fd;

	snprintf(name, sizeof(name), "text-%s", text);
	write_file(in_dir(name), text, 0644);
	fd = open(in_dir(name), O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	return fd;
}

START_TEST(descriptor_appears_under_its_chosen_number)
{
	ct_spec *spec = SPEC("/bin/probe", "read", "3", "200", "1023");
	int a = text_fd("a"), b = text_fd("b"), c = text_fd("c");
	const char *out;

	set(ct_spec_map_fd(spec, a, 200));
	set(ct_spec_map_fd(spec, b, 1023));
	set(ct_spec_map_fd(spec, c, 3));
	out = output_of(spec);
	ck_assert_str_eq(out, "fd 3: c\nfd 200: a\nfd 1023: b\n");
	ck_assert_int_eq(close(a), 0);
	ck_assert_int_eq(close(b), 0);
	ck_assert_int_eq(close(c), 0);
}
END_TEST

/* Sources and targets overlap in every way: a cycle, a shift, one that stays, one used twice. */
START_TEST(overlapping_numbers_do_not_overwrite_each_other)
{
	static const int targets[][4] = {
		{31, 32, 33, 30}, {33, 32, 31, 30}, {30, 31, 32, 33}, {31, 30, 33, 32}, {29, 30, 31, 32},
	};
	static const char *const names[] = {"a", "b", "c", "d"};
	char numbers[4][16], want[128] = "";
	const char *argv[] = {"/bin/probe", "read", numbers[0], numbers[1], numbers[2], numbers[3], NULL};
	ct_spec *spec;

	for (int i = 0; i < 4; i++) {
		int fd = text_fd(names[i]);

		ck_assert_int_eq(dup3(fd, 30 + i, O_CLOEXEC), 30 + i);
		close(fd);
		snprintf(numbers[i], sizeof(numbers[i]), "%d", targets[_i][i]);
		snprintf(want + strlen(want), sizeof(want) - strlen(want), "fd %d: %s\n",
			targets[_i][i], names[i]);
	}
	spec = spec_of(argv);
	for (int i = 0; i < 4; i++)
		set(ct_spec_map_fd(spec, 30 + i, targets[_i][i]));
	ck_assert_str_eq(output_of(spec), want);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(close(30 + i), 0);
}
END_TEST

START_TEST(descriptor_may_be_mapped_twice_and_be_a_stream_too)
{
	ct_spec *spec = SPEC("/bin/probe", "facts");
	int fd = text_fd("x");
	const char *out;

	set(ct_spec_set_stdio(spec, 0, CT_STDIO_FD, fd));
	set(ct_spec_map_fd(spec, fd, 3));
	set(ct_spec_map_fd(spec, fd, 4));
	set(ct_spec_map_fd(spec, 2, 5));
	out = output_of(spec);
	ck_assert_str_eq(fact(out, "fdinfo.3"), fact(out, "fdinfo.0"));
	ck_assert_str_eq(fact(out, "fdinfo.4"), fact(out, "fdinfo.0"));
	ck_assert_str_eq(fact(out, "fd_count"), "6");
	ck_assert_int_eq(close(fd), 0);
}
END_TEST

START_TEST(mapped_descriptors_are_not_close_on_exec)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "exec /bin/probe read 9");
	int fd = text_fd("kept");

	set(ct_spec_map_fd(spec, fd, 9));
	ck_assert_str_eq(output_of(spec), "fd 9: kept\n");
	ck_assert_int_eq(close(fd), 0);
}
END_TEST

START_TEST(all_128_descriptors_can_be_mapped)
{
	ct_spec *spec = SPEC("/bin/probe", "facts");
	int fd = text_fd("x");

	for (int i = 0; i < 128; i++)
		set(ct_spec_map_fd(spec, fd, 3 + i * 7));
	ck_assert_str_eq(fact(output_of(spec), "fd_count"), "131");
	ck_assert_int_eq(close(fd), 0);
}
END_TEST

/* As most hosts have it: a number above the target is needed while descriptors are placed. */
START_TEST(descriptors_can_be_mapped_up_to_a_soft_limit_of_1024)
{
	struct rlimit limit;
	ct_spec *spec;
	const char *out;
	int fd;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_uint_ge(limit.rlim_max, 2048);
	limit.rlim_cur = 1024;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	box_accept_changes();
	spec = SPEC("/bin/probe", "facts");
	fd = text_fd("x");
	for (int i = 0; i < 128; i++)
		set(ct_spec_map_fd(spec, fd, 1023 - i));
	out = output_of(spec);
	ck_assert_str_eq(fact(out, "fd_count"), "131");
	ck_assert_int_eq(strncmp(fact(out, "rlimit.7"), "1024 ", 5), 0);
	ck_assert_int_eq(close(fd), 0);
}
END_TEST

/* ------------------------------------------------------------------ nothing else */

START_TEST(nothing_of_the_host_is_passed_on)
{
	char canary[PATH_MAX + 16];
	const char *out;
	int sockets[2];

	for (int i = 0; i < 400; i++)
		ck_assert_int_ge(open(i % 2 ? "/" : "/dev/null", O_RDONLY), 0);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
	box_accept_changes();
	out = output_of(SPEC("/bin/probe", "facts"));
	ck_assert_str_eq(fact(out, "fd_count"), "3");
	snprintf(canary, sizeof(canary), "fd-escape=%s", box.canary);
	ck_assert_str_eq(tried(output_of(SPEC("/bin/probe", "try", canary)), canary), "0");
	/* The control: a mapped directory of the host does lead to it. */
	{
		ct_spec *spec = SPEC("/bin/probe", "try", canary);
		int top = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		set(ct_spec_map_fd(spec, top, 3));
		ck_assert_str_eq(tried(output_of(spec), canary), "1");
		close(top);
	}
}
END_TEST

START_TEST(created_container_holds_no_pipe_of_another)
{
	ct_spec *spec = SPEC("/bin/probe", "hold");
	ct_container *first, *second = NULL;
	ct_error err = CT_ERROR_INIT;
	int in, out;

	set(ct_spec_set_stdio(spec, 0, CT_STDIO_PIPE, -1));
	first = spawned(spec);
	/* Made while the first one's pipes are open in this process; waits before its exec. */
	ck_assert_int_eq(ct_create(spec, &second, &err), 0);
	in = ct_container_take_stdio(first, 0);
	out = ct_container_take_stdio(first, 1);
	close(in);
	/* Had the second one a copy of the write end, the first would not see its end. */
	ck_assert_str_eq(rest_of(out), "ready\n");
	ck_assert_int_eq(wait_for(first).code, 0);
	close(out);
	ct_container_free(first);
	ct_container_free(second);
	ct_spec_free(spec);
}
END_TEST

/* The keeper too is a process that could hold a pipe open. */
START_TEST(keeper_holds_no_stream_of_the_host_or_of_a_container)
{
	ct_spec *spec = SPEC("/bin/probe", "hold");
	ct_container *container;
	int in, out, host[2];
	char byte;

	ck_assert_int_eq(pipe(host), 0);
	set(ct_spec_set_stdio(spec, 0, CT_STDIO_PIPE, -1));
	container = spawned(spec);
	in = ct_container_take_stdio(container, 0);
	out = ct_container_take_stdio(container, 1);
	close(host[1]);
	ck_assert(readable(host[0], PATIENCE_MS));
	ck_assert_int_eq(read(host[0], &byte, 1), 0);
	close(host[0]);
	close(in);
	ck_assert_str_eq(rest_of(out), "ready\n");
	ck_assert_int_eq(wait_for(container).code, 0);
	close(out);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

static void *spawn_echoes(void *data)
{
	int id = *(int *)data;
	long wrong = 0;

	for (int i = 0; i < 25; i++) {
		ct_container *container = NULL;
		ct_spec *spec = NULL;
		char token[32], got[64] = "";
		int in, out;
		ssize_t count;

		snprintf(token, sizeof(token), "token-%d-%d", id, i);
		if (ct_spec_new(&spec) < 0)
			return (void *)1;
		ct_spec_set_rootfs(spec, box.rootfs);
		ct_spec_set_argv(spec, (const char *const[]){"/bin/probe", "cat", NULL});
		ct_spec_set_stdio(spec, 0, CT_STDIO_PIPE, -1);
		ct_spec_set_stdio(spec, 1, CT_STDIO_PIPE, -1);
		if (ct_spawn(spec, &container, NULL) < 0) {
			ct_spec_free(spec);
			return (void *)1;
		}
		in = ct_container_take_stdio(container, 0);
		out = ct_container_take_stdio(container, 1);
		if (write(in, token, strlen(token)) < 0)
			wrong++;
		/* Should another container hold the write end, this one never ends. */
		close(in);
		if (!readable(out, PATIENCE_MS))
			wrong++;
		count = read(out, got, sizeof(got) - 1);
		if (count < 0 || strcmp(got, token) != 0)
			wrong++;
		if (ct_wait(container, PATIENCE_MS, NULL, NULL) < 0)
			wrong++;
		close(out);
		ct_container_free(container);
		ct_spec_free(spec);
	}
	return (void *)wrong;
}

START_TEST(containers_spawned_at_once_hold_no_pipe_of_each_other)
{
	pthread_t threads[4];
	int ids[4];

	for (int i = 0; i < 4; i++) {
		ids[i] = i;
		ck_assert_int_eq(pthread_create(&threads[i], NULL, spawn_echoes, &ids[i]), 0);
	}
	for (int i = 0; i < 4; i++) {
		void *wrong = NULL;

		pthread_join(threads[i], &wrong);
		ck_assert_ptr_null(wrong);
	}
}
END_TEST

START_TEST(large_output_arrives_whole)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "dd if=/dev/zero bs=65536 count=1600 2>/dev/null; exit 7");
	static char buffer[1 << 16];
	ct_container *container = spawned(spec);
	int out = ct_container_take_stdio(container, 1);
	size_t total = 0;
	ssize_t count;

	for (count = read(out, buffer, sizeof(buffer)); count > 0;
		count = read(out, buffer, sizeof(buffer)))
		total += (size_t)count;
	ck_assert_uint_eq(total, 1600u * 65536u);
	ck_assert_int_eq(wait_for(container).code, 7);
	close(out);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("stdio", &tc);

	need_root();
	tcase_add_test(tc, pipes_carry_all_three_streams);
	tcase_add_test(tc, taken_ends_are_blocking_and_close_on_exec);
	tcase_add_test(tc, end_is_taken_once_and_only_where_there_is_a_pipe);
	tcase_add_test(tc, end_that_was_taken_outlives_the_handle);
	tcase_add_test(tc, payload_sees_the_end_of_stdin_when_the_handle_is_not_taken_but_freed);
	tcase_add_test(tc, null_reads_empty_and_takes_everything);
	tcase_add_test(tc, stream_from_a_descriptor_is_that_descriptor);
	tcase_add_test(tc, inherited_streams_are_the_hosts_own);
	tcase_add_loop_test(tc, container_can_be_spawned_with_any_of_0_1_2_closed, 0, 8);
	tcase_add_test(tc, descriptor_appears_under_its_chosen_number);
	tcase_add_loop_test(tc, overlapping_numbers_do_not_overwrite_each_other, 0, 5);
	tcase_add_test(tc, descriptor_may_be_mapped_twice_and_be_a_stream_too);
	tcase_add_test(tc, mapped_descriptors_are_not_close_on_exec);
	tcase_add_test(tc, all_128_descriptors_can_be_mapped);
	tcase_add_test(tc, descriptors_can_be_mapped_up_to_a_soft_limit_of_1024);
	tcase_add_test(tc, nothing_of_the_host_is_passed_on);
	tcase_add_test(tc, created_container_holds_no_pipe_of_another);
	tcase_add_test(tc, keeper_holds_no_stream_of_the_host_or_of_a_container);
	tcase_add_test(tc, containers_spawned_at_once_hold_no_pipe_of_each_other);
	tcase_add_test(tc, large_output_arrives_whole);
	return suite_run(suite);
}

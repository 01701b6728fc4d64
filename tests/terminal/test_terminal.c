/* SPDX-License-Identifier: MIT */
/*
 * The payload's terminal: whose it is, what it controls, its size, how it hangs up, what it
 * is refused for; and the calls for the host's own.
 */
#include "support/box.h"
#include "terminal.h"
#include "trace/recorder.h"

#include <container/init.h>
#include <container/join.h>
#include <container/terminal.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spawn/container.h"

#ifndef AS_USER
#define AS_USER false /* true: the program is that of an ordinary user, see test_terminal_user.c */
#endif

#define WHOSE "busybox tty; : < /dev/tty && echo controlled; readlink /proc/self/fd/0"
#define OURS  "/dev/pts/0\r\ncontrolled\r\n/dev/pts/0\r\n"

/* ---------------------------------------------------------------- whose it is */

static void set_nothing(ct_spec *spec)
{
	(void)spec;
}

static void set_exact(ct_spec *spec)
{
	set(ct_spec_set_exact_rss(spec, 1));
}

static void set_readonly(ct_spec *spec)
{
	set(ct_spec_set_root_mode(spec, CT_ROOT_READONLY));
}

static void set_host_pid(ct_spec *spec)
{
	set(ct_spec_set_ns_host(spec, CT_NS_PID));
}

static void set_user_ns(ct_spec *spec)
{
	set(ct_spec_set_ns_new(spec, CT_NS_USER));
	set(ct_spec_set_idmap(spec, CT_IDMAP_OWN, 0));
}

/* The filter is attached before the ids change: it must let the terminal become the session's. */
static void set_new_privs(ct_spec *spec)
{
	set(ct_spec_set_no_new_privs(spec, 0));
}

static void set_init(ct_spec *spec)
{
	set(ct_spec_set_init(spec, 1));
}

static void (*const ways[])(ct_spec *spec) = {
	set_nothing, set_exact, set_readonly, set_host_pid, set_user_ns, set_init, set_new_privs};

START_TEST(payload_gets_a_terminal_in_the_devpts_of_its_container)
{
	ct_spec *spec = TYPED(WHOSE);

	ways[_i](spec);
	ck_assert_str_eq(shown_by(spec), OURS);
}
END_TEST

START_TEST(payload_has_all_three_streams_on_it_and_no_other_descriptor)
{
	const char *out =
		shown_by(TYPED("probe facts; for n in 0 1 2; do test -t $n && echo is $n; done"));

	ck_assert_ptr_nonnull(strstr(out, "fd_count=3\r\n"));
	ck_assert_ptr_nonnull(strstr(out, "is 0\r\nis 1\r\nis 2\r\n"));
}
END_TEST

START_TEST(terminal_belongs_to_the_payloads_user)
{
	ct_spec *spec = TYPED("stat -c '%u %a' /dev/pts/0; echo again > /dev/stdout");

	set(ct_spec_set_user(spec, 1000, 1000));
	ck_assert_str_eq(shown_by(spec), "1000 620\r\nagain\r\n");
}
END_TEST

START_TEST(each_container_has_the_first_terminal_of_its_own)
{
	ct_spec *spec = TYPED("busybox tty; read x");
	ct_container *boxes[2];
	int terminals[2];

	for (int i = 0; i < 2; i++) {
		boxes[i] = start_typed(spec, &terminals[i]);
		ck_assert_str_eq(shown_until(terminals[i], "\n"), "/dev/pts/0\r\n");
	}
	for (int i = 0; i < 2; i++) {
		close(terminals[i]);
		ct_container_free(boxes[i]);
	}
	ct_spec_free(spec);
}
END_TEST

/* What the spec mounts over it does not change where it comes from. */
START_TEST(terminal_comes_from_the_devpts_below_whatever_is_mounted_over_it)
{
	ct_spec *spec = TYPED("test -t 0 && : < /dev/tty && echo controlled; ls /dev/pts");

	set(ct_spec_add_tmpfs(spec, "/dev/pts", 65536, 0755, 0));
	ck_assert_str_eq(shown_by(spec), "controlled\r\n");
}
END_TEST

START_TEST(console_of_the_container_is_its_terminal)
{
	ck_assert_str_eq(
		shown_by(TYPED("echo words > /dev/console; stat -c '%F %t:%T' /dev/console")),
		"words\r\ncharacter special file 88:0\r\n");
}
END_TEST

/* As what is mounted over the container's /dev may be the host's. */
START_TEST(console_of_a_dev_that_the_spec_brings_is_left_alone)
{
	ct_spec *spec = TYPED("test -t 0 && cat /dev/console");

	ck_assert_int_eq(mkdir(in_dir("dev"), 0755), 0);
	write_file(in_dir("dev/console"), "theirs\n", 0644);
	set(ct_spec_add_bind(spec, in_dir("dev"), "/dev", 0));
	ck_assert_str_eq(shown_by(spec), "theirs\r\n");
	ck_assert_str_eq(read_file(in_dir("dev/console")), "theirs\n");
}
END_TEST

/* ---------------------------------------------------------------- what it does */

START_TEST(shell_has_job_control)
{
	ct_spec *spec = TYPED("exec sh -i");
	int terminal;
	ct_container *container = start_typed(spec, &terminal);
	const char *shown;

	ck_assert_ptr_null(strstr(shown_until(terminal, "# "), "job control"));
	type(terminal, "sleep 1000\n");
	shown_until(terminal, "sleep 1000\r\n");
	wait_for_child(container, "sleep");
	type(terminal, "\003");
	shown_until(terminal, "# ");
	type(terminal, "echo code $?; sleep 1000 &\n");
	shown = shown_until(terminal, "code 130\r\n");
	ck_assert_ptr_nonnull(strstr(shown, "echo code"));
	type(terminal, "jobs; kill %1; exit 9\n");
	shown_until(terminal, "Running");
	close(terminal);
	ck_assert_int_eq(wait_for(container).code, 9);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

START_TEST(size_is_the_one_that_was_asked_for)
{
	ck_assert_str_eq(shown_by(TYPED("busybox stty size")), "31 117\r\n");
}
END_TEST

START_TEST(foreground_hears_of_a_new_size)
{
	ct_spec *spec =
		TYPED("trap 'busybox stty size; exit 3' WINCH; echo ready; sleep 1000 & wait");
	int terminal;
	ct_container *container = start_typed(spec, &terminal);
	ct_error err = CT_ERROR_INIT;

	shown_until(terminal, "ready\r\n");
	ck_assert_int_eq(ct_terminal_resize(terminal, 50, 200, &err), 0);
	shown_until(terminal, "50 200\r\n");
	ck_assert_int_eq(wait_for(container).code, 3);
	close(terminal);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

START_TEST(modes_that_are_set_before_the_start_are_those_of_the_payload)
{
	ct_spec *spec = TYPED("busybox stty -a | grep -o -e '-echo '");
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;
	struct termios modes;
	int terminal;

	ck_assert_msg(ct_create(spec, &container, &err) == 0, "%s", err.sentence);
	terminal = ct_container_take_terminal(container);
	ck_assert_int_eq(tcgetattr(terminal, &modes), 0);
	modes.c_lflag &= ~(tcflag_t)ECHO;
	ck_assert_int_eq(tcsetattr(terminal, TCSANOW, &modes), 0);
	ck_assert_int_eq(ct_start(container, &err), 0);
	ck_assert_str_eq(shown_to_the_end(terminal), "-echo \r\n");
	ck_assert_int_eq(wait_for(container).code, 0);
	close(terminal);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

START_TEST(output_of_a_mebibyte_is_whole)
{
	static const char script[] = "dd if=/dev/zero bs=1024 count=1024 2> /dev/null | tr '\\0' x";
	ct_spec *spec = TYPED(script);
	int terminal;
	ct_container *container = start_typed(spec, &terminal);
	char bytes[1000];
	size_t all = 0;
	ssize_t got;

	while ((got = read(terminal, bytes, sizeof(bytes))) > 0) {
		for (ssize_t i = 0; i < got; i++)
			ck_assert_int_eq(bytes[i], 'x');
		all += (size_t)got;
	}
	ck_assert_uint_eq(all, 1 << 20);
	ck_assert_int_eq(wait_for(container).code, 0);
	close(terminal);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

START_TEST(what_was_printed_is_read_after_the_end)
{
	ct_spec *spec = TYPED("head -c 3000 /dev/zero | tr '\\0' x; exit 6");
	int terminal;
	ct_container *container = start_typed(spec, &terminal);

	ck_assert_int_eq(wait_for(container).code, 6);
	ck_assert_uint_eq(strlen(shown_to_the_end(terminal)), 3000);
	close(terminal);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

/* ---------------------------------------------------------------- the hang-up */

START_TEST(payload_hears_of_the_hang_up)
{
	ct_spec *spec = TYPED("trap 'exit 7' HUP; echo ready; sleep 1000 & wait");
	int terminal;
	ct_container *container = start_typed(spec, &terminal);

	shown_until(terminal, "ready\r\n");
	close(terminal);
	ck_assert_int_eq(wait_for(container).code, 7);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

START_TEST(hang_up_ends_a_payload_that_is_not_the_first_of_its_pid_namespace)
{
	ct_spec *spec = TYPED("echo ready; exec sleep 1000");
	int terminal;
	ct_container *container;

	(_i ? set_init : set_host_pid)(spec);
	container = start_typed(spec, &terminal);
	shown_until(terminal, "ready\r\n");
	close(terminal);
	ck_assert_int_eq(wait_for(container).signal, SIGHUP);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

START_TEST(hang_up_is_the_end_of_input)
{
	ct_spec *spec = TYPED("trap '' HUP; echo ready; read x || exit 5");
	int terminal;
	ct_container *container = start_typed(spec, &terminal);

	shown_until(terminal, "ready\r\n");
	close(terminal);
	ck_assert_int_eq(wait_for(container).code, 5);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

START_TEST(detached_container_keeps_its_terminal_until_the_master_is_closed)
{
	ct_spec *spec =
		TYPED("trap 'exit 7' HUP; echo ready; read x; echo got $x; sleep 1000 & wait");
	int terminal;
	ct_container *container = start_typed(spec, &terminal);

	shown_until(terminal, "ready\r\n");
	ck_assert_int_eq(ct_detach(container, NULL), 0);
	type(terminal, "it\n");
	shown_until(terminal, "got it\r\n");
	close(terminal);
	ck_assert_int_eq(wait_for(container).code, 7);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

START_TEST(terminal_that_nobody_took_hangs_up_with_the_handle)
{
	ct_spec *spec = TYPED("read x || exit 7");
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;
	int pidfd;

	ck_assert_msg(ct_spawn(spec, &container, &err) == 0, "%s", err.sentence);
	ck_assert_int_eq(ct_detach(container, NULL), 0);
	pidfd = dup(ct_container_pidfd(container));
	ct_container_free(container);
	ck_assert(readable(pidfd, PATIENCE_MS));
	expect_reaped(pidfd);
	close(pidfd);
	ct_spec_free(spec);
}
END_TEST

/* ---------------------------------------------------------------- joins */

static ct_container *join(ct_container *target, uint32_t kinds, ct_spec *spec, int *ret_terminal)
{
	ct_container *visitor = NULL;
	ct_error err = CT_ERROR_INIT;

	ck_assert_msg(ct_join(target, kinds, 0, spec, &visitor, &err) == 0, "%s", err.sentence);
	*ret_terminal = ct_container_take_terminal(visitor);
	ck_assert_int_ge(*ret_terminal, 3);
	return visitor;
}

START_TEST(process_that_joins_gets_the_next_terminal_of_its_target)
{
	ct_spec *spec = TYPED("echo ready; read x"), *guest = typed_visitor(WHOSE "; echo guest > /dev/console; exit 4");
	int terminal, theirs;
	ct_container *target = start_typed(spec, &terminal), *visitor;

	shown_until(terminal, "ready\r\n");
	visitor = join(target, 0, guest, &theirs);
	ck_assert_str_eq(shown_to_the_end(theirs), "/dev/pts/1\r\ncontrolled\r\n/dev/pts/1\r\n");
	shown_until(terminal, "guest\r\n"); /* the console stays that of the first process */
	ck_assert_int_eq(wait_for(visitor).code, 4);
	close(theirs);
	close(terminal);
	ct_container_free(visitor);
	ct_container_free(target);
	ct_spec_free(guest);
	ct_spec_free(spec);
}
END_TEST

START_TEST(process_that_joins_with_a_root_of_its_own_gets_a_terminal_of_that)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "echo ready; exec probe pause"),
		*guest = TYPED(WHOSE);
	ct_container *target = start_ready(spec), *visitor;
	int theirs;

	visitor = join(target, AS_USER ? CT_NS_USER | CT_NS_PID : CT_NS_PID, guest, &theirs);
	ck_assert_str_eq(shown_to_the_end(theirs), OURS);
	ck_assert_int_eq(wait_for(visitor).code, 0);
	close(theirs);
	ct_container_free(visitor);
	ct_container_free(target);
	ct_spec_free(guest);
	ct_spec_free(spec);
}
END_TEST

/* What a target may have put in the place of its devpts. */
static void other_filesystem(ct_spec *spec)
{
	set(ct_spec_add_tmpfs(spec, "/dev/pts", 65536, 0755, 0));
}

static void fifo_of_the_same_name(ct_spec *spec)
{
	ck_assert_int_eq(mkdir(in_dir("pts"), 0755), 0);
	ck_assert_int_eq(mkfifo(in_dir("pts/ptmx"), 0666), 0);
	set(ct_spec_add_bind(spec, in_dir("pts"), "/dev/pts", 0));
}

static void file_over_ptmx(ct_spec *spec)
{
	set(ct_spec_add_file(spec, "x", 1, "/dev/pts/ptmx", 0666));
}

static const struct {
	void (*set_up)(ct_spec *spec);
	int code;
	const char *words;
} tricks[] = {{other_filesystem, -ENODEV, "no devpts"},
	{fifo_of_the_same_name, -ENODEV, "no devpts"}, {file_over_ptmx, -EXDEV, NULL}};

START_TEST(what_a_target_has_put_in_the_place_of_its_devpts_is_not_opened)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "echo ready; exec probe pause");
	ct_spec *guest = typed_visitor("true");
	ct_container *target, *visitor = NULL;
	ct_error err = CT_ERROR_INIT;

	tricks[_i].set_up(spec);
	target = start_ready(spec);
	expect_error(ct_join(target, 0, 0, guest, &visitor, &err), &err, tricks[_i].code,
		CT_STEP_TERMINAL, "/dev/pts", tricks[_i].words);
	ck_assert_ptr_null(visitor);
	ct_container_free(target);
	ct_spec_free(guest);
	ct_spec_free(spec);
}
END_TEST

/* ---------------------------------------------------------------- explain mode */

START_TEST(making_of_a_terminal_is_explained)
{
	ct_spec *spec = TYPED("true");
	const struct told *at;
	int terminal;
	ct_container *container;

	listen_to(spec);
	container = start_typed(spec, &terminal);
	at = shell_of("# script");
	ck_assert_int_eq(at->step, CT_STEP_TERMINAL);
	ck_assert_ptr_nonnull(strstr(at->arguments, "\"ptmx\", {flags=O_RDWR|O_NOCTTY|O_CLOEXEC"));
	ck_assert_ptr_nonnull(strstr(at[1].arguments, "TIOCSPTLCK, [0]"));
	ck_assert_ptr_nonnull(strstr(at[2].arguments, "TIOCSWINSZ, {ws_row=31, ws_col=117}"));
	ck_assert_ptr_nonnull(strstr(at[3].arguments, "TIOCGPTPEER, O_RDWR|O_NOCTTY|O_CLOEXEC"));
	ck_assert_ptr_nonnull(strstr(at[4].arguments, "<terminal>, \"\", 0, -1, AT_EMPTY_PATH"));
	shell_of("# 0 is the terminal, 1 is the terminal, 2 is the terminal, all others");
	at = shell_of("exec setsid --ctty sh");
	ck_assert_str_eq(at->arguments, "0<terminal>, TIOCSCTTY, 0");
	wait_for(container);
	close(terminal);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

/* ---------------------------------------------------------------- refusals */

START_TEST(streams_that_are_set_otherwise_are_refused_by_name)
{
	ct_spec *spec = TYPED("true");
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;

	set(ct_spec_set_stdio(spec, _i, CT_STDIO_NULL, -1));
	expect_error(ct_spawn(spec, &container, &err), &err, -EINVAL, CT_STEP_ARGUMENT,
		_i == 0	  ? "stdio: 0"
		: _i == 1 ? "stdio: 1"
			  : "stdio: 2",
		"ct_spec_set_terminal");
	set(ct_spec_set_terminal(spec, 0, 0));
	ck_assert_msg(ct_spawn(spec, &container, &err) == 0, "%s", err.sentence);
	ck_assert_int_eq(ct_container_take_terminal(container), -ENOENT);
	wait_for(container);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

START_TEST(sizes_out_of_range_are_refused)
{
	static const unsigned int sizes[][2] = {{0, 1}, {1, 0}, {65536, 1}, {1, 65536}, {~0u, ~0u}};
	ct_error err = CT_ERROR_INIT;

	ck_assert_int_eq(ct_spec_set_terminal(NULL, 1, 1), -EINVAL);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		ct_spec *spec = NULL;

		set(ct_spec_new(&spec));
		ck_assert_int_eq(ct_spec_set_terminal(spec, sizes[i][0], sizes[i][1]), -EINVAL);
		expect_error(ct_spec_check(spec, &err), &err, -EINVAL, CT_STEP_ARGUMENT, "terminal",
			"65535");
		ct_spec_free(spec);
		expect_error(ct_terminal_resize(0, sizes[i][0], sizes[i][1], &err), &err, -EINVAL,
			CT_STEP_ARGUMENT, "terminal", "65535");
	}
}
END_TEST

START_TEST(terminal_is_taken_once)
{
	ct_spec *spec = TYPED("true");
	int terminal;
	ct_container *container = start_typed(spec, &terminal);

	ck_assert_int_eq(ct_container_take_terminal(container), -ENOENT);
	ck_assert_int_eq(ct_container_take_terminal(NULL), -EINVAL);
	ck_assert_int_eq(fcntl(terminal, F_GETFD), FD_CLOEXEC);
	wait_for(container);
	close(terminal);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

START_TEST(start_that_fails_leaves_no_terminal)
{
	ct_spec *spec = TYPED("true");
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;

	set(ct_spec_set_argv(spec, (const char *const[]){"/bin/missing", NULL}));
	expect_error(
		ct_spawn(spec, &container, &err), &err, -ENOENT, CT_STEP_PROGRAM, "missing", NULL);
	ck_assert_ptr_null(container);
	ct_spec_free(spec);
}
END_TEST

/* What a stage that somebody got hold of could send instead. */
START_TEST(nothing_but_a_master_passes_for_one)
{
	ct_spec *spec = TYPED("read x");
	int terminal, other, pipes[2];
	ct_container *container = start_typed(spec, &terminal);

	ck_assert_int_eq(ct__terminal_check(terminal), 0);
	other = ioctl(terminal, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	ck_assert_int_eq(ct__terminal_check(other), -ENOTTY);
	close(other);
	other = open("/dev/null", O_RDWR | O_CLOEXEC);
	ck_assert_int_eq(ct__terminal_check(other), -ENOTTY);
	close(other);
	other = open("/dev/ptmx", O_PATH | O_CLOEXEC);
	ck_assert_int_lt(ct__terminal_check(other), 0);
	close(other);
	ck_assert_int_eq(pipe2(pipes, O_CLOEXEC), 0);
	ck_assert_int_eq(ct__terminal_check(pipes[0]), -ENOTTY);
	close(pipes[0]);
	close(pipes[1]);
	ck_assert_int_eq(ct__terminal_check(-1), -EBADF);
	close(terminal);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of(AS_USER ? "terminal_user" : "terminal", &tc);

	if (AS_USER)
		need_user();
	else
		need_root();
	tcase_add_loop_test(
		tc, payload_gets_a_terminal_in_the_devpts_of_its_container, 0, AS_USER ? 6 : 7);
	tcase_add_test(tc, payload_has_all_three_streams_on_it_and_no_other_descriptor);
	if (!AS_USER)
		tcase_add_test(tc, terminal_belongs_to_the_payloads_user);
	tcase_add_test(tc, each_container_has_the_first_terminal_of_its_own);
	tcase_add_test(tc, terminal_comes_from_the_devpts_below_whatever_is_mounted_over_it);
	tcase_add_test(tc, console_of_the_container_is_its_terminal);
	tcase_add_test(tc, console_of_a_dev_that_the_spec_brings_is_left_alone);
	tcase_add_test(tc, shell_has_job_control);
	tcase_add_test(tc, size_is_the_one_that_was_asked_for);
	tcase_add_test(tc, foreground_hears_of_a_new_size);
	tcase_add_test(tc, modes_that_are_set_before_the_start_are_those_of_the_payload);
	tcase_add_test(tc, output_of_a_mebibyte_is_whole);
	tcase_add_test(tc, what_was_printed_is_read_after_the_end);
	tcase_add_test(tc, payload_hears_of_the_hang_up);
	tcase_add_loop_test(
		tc, hang_up_ends_a_payload_that_is_not_the_first_of_its_pid_namespace, 0, 2);
	tcase_add_test(tc, hang_up_is_the_end_of_input);
	tcase_add_test(tc, detached_container_keeps_its_terminal_until_the_master_is_closed);
	tcase_add_test(tc, terminal_that_nobody_took_hangs_up_with_the_handle);
	tcase_add_test(tc, process_that_joins_gets_the_next_terminal_of_its_target);
	tcase_add_test(tc, process_that_joins_with_a_root_of_its_own_gets_a_terminal_of_that);
	tcase_add_loop_test(tc, what_a_target_has_put_in_the_place_of_its_devpts_is_not_opened, 0,
		(int)(sizeof(tricks) / sizeof(tricks[0])));
	tcase_add_test(tc, making_of_a_terminal_is_explained);
	tcase_add_loop_test(tc, streams_that_are_set_otherwise_are_refused_by_name, 0, 3);
	tcase_add_test(tc, sizes_out_of_range_are_refused);
	tcase_add_test(tc, terminal_is_taken_once);
	tcase_add_test(tc, start_that_fails_leaves_no_terminal);
	tcase_add_test(tc, nothing_but_a_master_passes_for_one);
	return suite_run(suite);
}

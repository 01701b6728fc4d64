/* SPDX-License-Identifier: MIT */
/*
 * The terminal of the host: its modes, which a program changes and gives back, and that no
 * container can type into it, even where it is the payload's stdin.
 */
#include "support/box.h"
#include "support/needs.h"

#include <container/join.h>
#include <container/terminal.h>

#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* The host's terminal; the other end is what its user types on and looks at. */
static int user, terminal;

static void open_terminal(void)
{
	int ends[2];

	ck_assert_int_eq(openpty(&ends[0], &ends[1], NULL, NULL, NULL), 0);
	user = fcntl(ends[0], F_DUPFD_CLOEXEC, 3);
	terminal = fcntl(ends[1], F_DUPFD_CLOEXEC, 3);
	ck_assert(user >= 0 && terminal >= 0);
	close(ends[0]);
	close(ends[1]);
}

static void close_terminal(void)
{
	close(terminal);
	close(user);
}

/* What a program that reads the terminal would get now. */
static const char *input(void)
{
	static char text[256];
	struct termios modes;
	ssize_t got;

	ck_assert_int_eq(tcgetattr(terminal, &modes), 0);
	modes.c_lflag &= ~(tcflag_t)ICANON; /* no line need be whole */
	modes.c_cc[VMIN] = modes.c_cc[VTIME] = 0;
	ck_assert_int_eq(tcsetattr(terminal, TCSANOW, &modes), 0);
	got = read(terminal, text, sizeof(text) - 1);
	ck_assert_int_ge(got, 0);
	text[got] = '\0';
	return text;
}

/* ---------------------------------------------------------------- modes */

START_TEST(raw_mode_takes_keys_as_they_are)
{
	struct termios modes;
	char key = 0;

	open_terminal();
	ck_assert_int_eq(ct_terminal_raw(terminal, NULL, NULL), 0);
	ck_assert_int_eq(tcgetattr(terminal, &modes), 0);
	ck_assert_uint_eq(modes.c_lflag & (ICANON | ECHO | ISIG | IEXTEN), 0);
	ck_assert_uint_eq(modes.c_oflag & OPOST, 0);
	ck_assert_int_eq(write(user, "\003", 1), 1);
	ck_assert_int_eq(read(terminal, &key, 1), 1);
	ck_assert_int_eq(key, 3);
	ck_assert(!readable(user, 0)); /* nothing was echoed */
	close_terminal();
}
END_TEST

START_TEST(terminal_gets_back_the_modes_that_it_had)
{
	struct termios before, saved, after;

	open_terminal();
	ck_assert_int_eq(tcgetattr(terminal, &before), 0);
	before.c_lflag ^= ECHOK;
	before.c_cc[VERASE] = 8;
	ck_assert_int_eq(tcsetattr(terminal, TCSANOW, &before), 0);
	ck_assert_int_eq(ct_terminal_raw(terminal, &saved, NULL), 0);
	ck_assert_int_eq(ct_terminal_restore(terminal, &saved, NULL), 0);
	ck_assert_int_eq(tcgetattr(terminal, &after), 0);
	ck_assert_uint_eq(after.c_iflag, before.c_iflag);
	ck_assert_uint_eq(after.c_oflag, before.c_oflag);
	ck_assert_uint_eq(after.c_cflag, before.c_cflag);
	ck_assert_uint_eq(after.c_lflag, before.c_lflag);
	ck_assert_mem_eq(after.c_cc, before.c_cc, sizeof(after.c_cc));
	close_terminal();
}
END_TEST

/* The control: without the call it is there. */
START_TEST(input_for_the_container_does_not_reach_a_shell_outside)
{
	struct termios saved;

	open_terminal();
	ck_assert_int_eq(ct_terminal_raw(terminal, &saved, NULL), 0);
	ck_assert_int_eq(write(user, "rm -rf .\n", 9), 9);
	if (_i)
		ck_assert_int_eq(ct_terminal_restore(terminal, &saved, NULL), 0);
	else
		ck_assert_int_eq(tcsetattr(terminal, TCSANOW, &saved), 0);
	ck_assert_str_eq(input(), _i ? "" : "rm -rf .\n");
	close_terminal();
}
END_TEST

/* A process in the background of a session that the terminal controls; tells how it fared. */
static int background(bool by_us)
{
	struct termios saved;
	pid_t child, leader = fork();
	int status = 0;

	ck_assert_int_ge(leader, 0);
	if (leader) {
		ck_assert_int_eq(waitpid(leader, &status, 0), leader);
		return WEXITSTATUS(status);
	}
	if (setsid() < 0 || ioctl(terminal, TIOCSCTTY, 0) < 0 || tcgetattr(terminal, &saved) < 0)
		_exit(100);
	child = fork();
	if (child == 0) {
		setpgid(0, 0);
		_exit(by_us ? ct_terminal_restore(terminal, &saved, NULL) != 0
			    : tcsetattr(terminal, TCSANOW, &saved) != 0);
	}
	if (waitpid(child, &status, WUNTRACED) != child)
		_exit(101);
	kill(child, SIGKILL);
	_exit(WIFSTOPPED(status) ? 200 + WSTOPSIG(status) : WEXITSTATUS(status));
}

START_TEST(terminal_is_restored_from_the_background)
{
	open_terminal();
	ck_assert_int_eq(background(false), 200 + SIGTTOU); /* the control */
	ck_assert_int_eq(background(true), 0);
	close_terminal();
}
END_TEST

START_TEST(what_is_no_terminal_is_refused)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct termios saved, none;
	ct_error err = CT_ERROR_INIT;

	memset(&none, 7, sizeof(none));
	memset(&saved, 7, sizeof(saved));
	expect_error(ct_terminal_raw(null, &saved, &err), &err, -ENOTTY, CT_STEP_TERMINAL,
		"descriptor", "Inappropriate");
	ck_assert_ptr_nonnull(strstr(err.cure, "isatty"));
	ck_assert_mem_eq(&saved, &none, sizeof(saved));
	expect_error(ct_terminal_restore(null, &saved, &err), &err, -ENOTTY, CT_STEP_TERMINAL,
		"descriptor", NULL);
	expect_error(ct_terminal_resize(null, 1, 1, &err), &err, -ENOTTY, CT_STEP_TERMINAL,
		"descriptor", NULL);
	expect_error(ct_terminal_raw(-1, &saved, &err), &err, -EBADF, CT_STEP_TERMINAL,
		"descriptor -1", NULL);
	expect_error(ct_terminal_restore(null, NULL, &err), &err, -EINVAL, CT_STEP_ARGUMENT,
		"saved", NULL);
	close(null);
}
END_TEST

START_TEST(terminal_that_has_hung_up_is_told)
{
	struct termios saved;
	ct_error err = CT_ERROR_INIT;

	open_terminal();
	ck_assert_int_eq(ct_terminal_raw(terminal, &saved, &err), 0);
	close(user);
	expect_error(ct_terminal_restore(terminal, &saved, &err), &err, -EIO, CT_STEP_TERMINAL,
		"descriptor", NULL);
	ck_assert_ptr_nonnull(strstr(err.cure, "hung up"));
	close(terminal);
}
END_TEST

/* ---------------------------------------------------------------- typing from inside */

static const char *const keys[] = {"push=x", "push-wide=x", "paste"};
#define KEYS (int)(sizeof(keys) / sizeof(keys[0]))

/* The program has the host's terminal as its stdin, whatever else is done against that. */
static ct_spec *at_hosts_terminal(ct_spec *spec)
{
	set(ct_spec_set_stdio(spec, 0, CT_STDIO_FD, terminal));
	return spec;
}

#define PUSHER(what) at_hosts_terminal(SPEC("/bin/probe", "try", what))

START_TEST(payload_cannot_type_into_a_terminal_that_it_was_given)
{
	open_terminal();
	ck_assert_str_eq(tried(output_of(PUSHER(keys[_i])), keys[_i]), "EPERM");
	ck_assert_str_eq(input(), "");
	close_terminal();
}
END_TEST

START_TEST(process_that_joins_cannot_type_into_a_terminal_that_it_was_given)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "echo ready; exec probe pause"), *guest;
	ct_container *target = start_ready(spec), *visitor = NULL;
	ct_error err = CT_ERROR_INIT;
	struct outcome *outcome;
	int code;

	open_terminal();
	guest = at_hosts_terminal(VISITOR("/bin/probe", "try", keys[_i]));
	code = ct_join(target, 0, 0, guest, &visitor, &err);
	outcome = outcome_of(code, visitor, &err);
	ck_assert_msg(outcome->code == 0, "%s", outcome->err.sentence);
	ck_assert_str_eq(tried(outcome->out, keys[_i]), "EPERM");
	ck_assert_str_eq(input(), "");
	close_terminal();
	ct_container_free(target);
	ct_spec_free(guest);
	ct_spec_free(spec);
}
END_TEST

/* The control: it is the filter that keeps it, and nothing else that this machine may have. */
START_TEST(without_the_filter_the_same_payload_types)
{
	ct_spec *spec;

	open_terminal();
	spec = PUSHER(keys[_i]);
	set(ct_spec_set_seccomp(spec, CT_SECCOMP_OFF, 0));
	if (in_first_user_ns() && geteuid() == 0)
		set(ct_spec_add_cap(spec, "cap_sys_admin"));
	ck_assert_str_eq(tried(output_of(spec), keys[_i]), _i == 2 ? "ENOTTY" : "0");
	ck_assert_str_eq(input(), _i == 2 ? "" : "x");
	close_terminal();
}
END_TEST

/* Runs in a session of the host that the terminal controls, as those of people are. */
static _Noreturn void in_hosts_session(void)
{
	ct_spec *spec;

	ck_assert_int_ge(setsid(), 0);
	ck_assert_int_eq(ioctl(terminal, TIOCSCTTY, 0), 0);
	spec = PUSHER("push=x");
	set(ct_spec_set_seccomp(spec, CT_SECCOMP_OFF, 0));
	ck_assert_str_eq(tried(output_of(spec), "push=x"), "EPERM");
	_exit(0);
}

START_TEST(session_of_its_own_keeps_it_where_the_filter_is_off)
{
	pid_t child;

	open_terminal();
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0)
		in_hosts_session();
	expect_child(child);
	ck_assert_str_eq(input(), "");
	close_terminal();
}
END_TEST

/* Whether anybody may type for others on this kernel: since Linux 6.2 that can be switched off. */
static bool typing_is_possible(void)
{
	char off = '1';
	int fd = open("/proc/sys/dev/tty/legacy_tiocsti", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || (geteuid() == 0 && in_first_user_ns()))
		return true;
	if (read(fd, &off, 1) != 1)
		off = '0';
	close(fd);
	return off != '0';
}

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("host_terminal", &tc);

	if (geteuid() == 0)
		need_root();
	else
		need_user();
	tcase_add_test(tc, raw_mode_takes_keys_as_they_are);
	tcase_add_test(tc, terminal_gets_back_the_modes_that_it_had);
	tcase_add_loop_test(tc, input_for_the_container_does_not_reach_a_shell_outside, 0, 2);
	tcase_add_test(tc, terminal_is_restored_from_the_background);
	tcase_add_test(tc, what_is_no_terminal_is_refused);
	tcase_add_test(tc, terminal_that_has_hung_up_is_told);
	tcase_add_loop_test(tc, payload_cannot_type_into_a_terminal_that_it_was_given, 0, KEYS);
	tcase_add_loop_test(
		tc, process_that_joins_cannot_type_into_a_terminal_that_it_was_given, 0, KEYS);
	if (typing_is_possible())
		tcase_add_loop_test(tc, without_the_filter_the_same_payload_types, 0, KEYS);
	else
		printf("  skipped  without_the_filter_the_same_payload_types: dev.tty.legacy_tiocsti is off\n");
	tcase_add_test(tc, session_of_its_own_keeps_it_where_the_filter_is_off);
	return suite_run(suite);
}

/* SPDX-License-Identifier: MIT */
/* Calls of a container that wait for the host: told, answered, and what becomes of them without it. */
#include "support/box.h"

#include <container/init.h>
#include <container/join.h>
#include <container/notify.h>
#include <container/seccomp.h>

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef AS_USER
#define AS_USER false /* true: the program is that of an ordinary user, see test_notify_user.c */
#endif

static ct_error err;
static ct_notification call;

/* Has a call wait for the host; gives the spec. */
static ct_spec *told(ct_spec *spec, const char *name)
{
	set(ct_spec_add_seccomp_rule(spec, name, CT_SECCOMP_NOTIFY, 0, NULL, 0));
	return spec;
}

/* Starts it, and takes the descriptor. The spec is freed. */
static ct_container *start_told(ct_spec *spec, int *ret_fd)
{
	ct_container *container = NULL;

	err = (ct_error)CT_ERROR_INIT;
	call = (ct_notification)CT_NOTIFICATION_INIT;
	ck_assert_msg(ct_spawn(spec, &container, &err) == 0, "%s", err.sentence);
	ct_spec_free(spec);
	*ret_fd = ct_container_take_notify(container);
	ck_assert_int_ge(*ret_fd, 3);
	return container;
}

/* As ct_notify_receive(), to "call". */
static int receive_within(int timeout_ms, const ct_container *container, int fd)
{
	return ct_notify_receive(fd, ct_container_pidfd(container), timeout_ms, &call, &err);
}

static void receive(int fd)
{
	ck_assert_msg(ct_notify_receive(fd, -1, PATIENCE_MS, &call, &err) == 0, "%s", err.sentence);
}

/* What it printed up to its end; both are freed. */
static const char *end_of(ct_container *container, int fd)
{
	static char out[4096];
	int from = ct_container_take_stdio(container, 1);
	size_t used = 0;
	ssize_t got;

	while ((got = read(from, out + used, sizeof(out) - 1 - used)) > 0)
		used += (size_t)got;
	out[used] = '\0';
	close(from);
	wait_for(container);
	ct_container_free(container);
	if (fd >= 0)
		close(fd);
	return out;
}

/* A program that makes one harmless call, which the default filter refuses, and tells the result. */
#define NUMBER_(number) #number
#define NUMBER(number)	NUMBER_(number)
#define ACCT		"call=" NUMBER(__NR_acct) ",0x1234"
#define TRY_ACCT	SPEC("/bin/probe", "try", ACCT)

START_TEST(call_is_told_with_its_name_and_arguments)
{
	int fd;
	ct_container *container = start_told(told(TRY_ACCT, "acct"), &fd);

	receive(fd);
	ck_assert_str_eq(call.call, "acct");
	ck_assert_int_eq(call.number, SYS_acct);
	ck_assert_uint_eq(call.args[0], 0x1234);
	ck_assert_int_eq(call.pid, ct_container_pid(container));
	ck_assert_int_eq(ct_notify_answer(fd, &call, EXDEV, 0, &err), 0);
	ck_assert_str_eq(tried(end_of(container, fd), ACCT), "EXDEV");
}
END_TEST

START_TEST(program_gets_the_value_of_the_answer)
{
	int fd;
	ct_container *container = start_told(told(SPEC("/bin/sh", "-c", "echo $$"), "getpid"), &fd);

	while (receive_within(PATIENCE_MS, container, fd) == 0)
		ck_assert_int_eq(ct_notify_answer(fd, &call, 0, 77, &err), 0);
	ck_assert_str_eq(end_of(container, fd), "77\n");
}
END_TEST

START_TEST(call_that_goes_on_is_made_by_the_kernel)
{
	int fd;
	ct_container *container = start_told(told(SPEC("/bin/cat", "/proc/self/comm"), "openat"), &fd);

	while (receive_within(PATIENCE_MS, container, fd) == 0)
		ck_assert_int_eq(ct_notify_continue(fd, &call, &err), 0);
	ck_assert_int_eq(err.code, -ENOTCONN);
	ck_assert_str_eq(end_of(container, fd), "cat\n");
}
END_TEST

/* A broker in small: the file that is asked for by name is opened by the host, another one. */
START_TEST(host_opens_a_file_for_the_container)
{
	char name[64];
	int fd, given, number;
	ct_container *container;

	write_file(in_dir("given"), "of the host\n", 0600);
	container = start_told(told(SPEC("/bin/cat", "/nowhere"), "openat"), &fd);
	for (;;) {
		receive(fd);
		ck_assert_int_gt(ct_notify_read(fd, &call, call.args[1], name, sizeof(name), &err), 0);
		if (strncmp(name, "/nowhere", 9) == 0)
			break;
		ck_assert_int_eq(ct_notify_continue(fd, &call, &err), 0);
	}
	given = open(in_dir("given"), O_RDONLY | O_CLOEXEC);
	number = ct_notify_add_fd(fd, &call, given, &err);
	close(given);
	ck_assert_msg(number >= 3, "%s", err.sentence);
	ck_assert_int_eq(ct_notify_answer(fd, &call, 0, number, &err), 0);
	close(fd);
	ck_assert_str_eq(end_of(container, -1), "of the host\n");
}
END_TEST

START_TEST(call_fails_with_enosys_while_nobody_has_the_descriptor)
{
	int fd;
	ct_container *container = start_told(told(TRY_ACCT, "acct"), &fd);

	close(fd);
	ck_assert_str_eq(tried(end_of(container, -1), ACCT), "ENOSYS");
}
END_TEST

START_TEST(descriptor_is_handed_out_once_and_closed_on_exec)
{
	int fd;
	ct_container *container = start_told(told(SPEC("/bin/true"), "acct"), &fd);

	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(ct_container_take_notify(container), -ENOENT);
	end_of(container, fd);
}
END_TEST

START_TEST(payload_has_nothing_of_the_descriptor)
{
	int fd;
	ct_container *container = start_told(told(SPEC("/bin/ls", "/proc/self/fd"), "acct"), &fd);

	/* 3 is the directory that it reads. */
	ck_assert_str_eq(end_of(container, fd), "0\n1\n2\n3\n");
}
END_TEST

START_TEST(container_without_such_a_rule_has_none)
{
	ct_container *container = NULL;
	ct_spec *spec = SPEC("/bin/true");

	ck_assert_int_eq(ct_spawn(spec, &container, &err), 0);
	ct_spec_free(spec);
	ck_assert_int_eq(ct_container_take_notify(container), -ENOENT);
	end_of(container, -1);
}
END_TEST

START_TEST(init_is_under_the_filter_and_its_payload_alone_is_told_of)
{
	int fd;
	ct_spec *spec = told(TRY_ACCT, "acct");
	ct_container *container;

	set(ct_spec_set_init(spec, 1));
	container = start_told(spec, &fd);
	receive(fd);
	ck_assert_int_eq(ct_notify_answer(fd, &call, EXDEV, 0, &err), 0);
	ck_assert_str_eq(tried(end_of(container, fd), ACCT), "EXDEV");
}
END_TEST

START_TEST(process_that_joins_is_told_of_by_its_own_descriptor)
{
	int fd, other;
	ct_spec *spec = told(SPEC("/bin/sh", "-c", "echo ready; exec cat"), "acct"), *visitor;
	ct_container *container, *guest = NULL;

	set(ct_spec_set_stdio(spec, 0, CT_STDIO_PIPE, -1));
	container = start_told(spec, &fd);
	visitor = VISITOR("/bin/probe", "try", ACCT);
	ck_assert_msg(ct_join(container, 0, 0, visitor, &guest, &err) == 0, "%s", err.sentence);
	ct_spec_free(visitor);
	other = ct_container_take_notify(guest);
	receive(other);
	ck_assert_int_eq(ct_notify_answer(other, &call, EXDEV, 0, &err), 0);
	ck_assert_str_eq(tried(end_of(guest, other), ACCT), "EXDEV");
	ct_container_free(container);
	close(fd);
}
END_TEST

/* ------------------------------------------------------------------- refusals */

START_TEST(nothing_is_received_before_its_time_is_over_or_after_the_end)
{
	ct_spec *spec = told(SPEC("/bin/cat"), "acct");
	ct_container *container;
	int fd;

	set(ct_spec_set_stdio(spec, 0, CT_STDIO_PIPE, -1));
	container = start_told(spec, &fd);
	ck_assert_int_eq(receive_within(0, container, fd), -ETIMEDOUT);
	ck_assert_int_eq(ct_kill(container, SIGKILL, &err), 0);
	wait_for(container);
	ck_assert_int_eq(receive_within(PATIENCE_MS, container, fd), -ENOTCONN);
	ct_container_free(container);
	close(fd);
}
END_TEST

static ct_container *start_true(void)
{
	ct_spec *spec = SPEC("/bin/true");
	ct_container *container = NULL;

	ck_assert_int_eq(ct_spawn(spec, &container, NULL), 0);
	ct_spec_free(spec);
	return container;
}

static void await_readable(int fd)
{
	struct pollfd watched = {.fd = fd, .events = POLLIN};

	ck_assert_int_eq(poll(&watched, 1, PATIENCE_MS), 1);
}

/* Nobody has waited for the one that has ended, and another is under the filter still. */
START_TEST(wait_ends_with_the_process_that_it_is_given)
{
	ct_container *ended = start_true(), *container;
	ct_spec *spec = told(SPEC("/bin/cat"), "acct");
	int fd;

	set(ct_spec_set_stdio(spec, 0, CT_STDIO_PIPE, -1));
	container = start_told(spec, &fd);
	ck_assert_int_eq(receive_within(PATIENCE_MS, ended, fd), -ENOTCONN);
	ck_assert_int_eq(receive_within(0, container, fd), -ETIMEDOUT);
	ct_container_free(ended);
	ct_container_free(container);
	close(fd);
}
END_TEST

START_TEST(call_that_waits_is_received_though_the_process_has_ended)
{
	ct_container *ended = start_true(), *container;
	int fd;

	container = start_told(told(TRY_ACCT, "acct"), &fd);
	await_readable(fd);
	await_readable(ct_container_pidfd(ended));
	ck_assert_int_eq(receive_within(PATIENCE_MS, ended, fd), 0);
	ct_container_free(ended);
	ct_container_free(container);
	close(fd);
}
END_TEST

START_TEST(call_of_a_killed_program_cannot_be_answered_nor_read)
{
	char byte;
	int fd;
	ct_container *container = start_told(told(TRY_ACCT, "acct"), &fd);

	receive(fd);
	ck_assert_int_eq(ct_kill(container, SIGKILL, &err), 0);
	wait_for(container);
	ck_assert_int_eq(ct_notify_answer(fd, &call, 0, 0, &err), -ENOENT);
	ck_assert_int_eq(ct_notify_continue(fd, &call, &err), -ENOENT);
	ck_assert_int_eq(ct_notify_add_fd(fd, &call, 0, &err), -ENOENT);
	ck_assert_int_eq(ct_notify_read(fd, &call, 4096, &byte, 1, &err), -ENOENT);
	ct_container_free(container);
	close(fd);
}
END_TEST

START_TEST(memory_that_is_not_there_cannot_be_read)
{
	char bytes[8];
	int fd;
	ct_container *container = start_told(told(TRY_ACCT, "acct"), &fd);

	receive(fd);
	ck_assert_int_eq(ct_notify_read(fd, &call, 8, bytes, sizeof(bytes), &err), -EFAULT);
	ck_assert_int_eq(ct_notify_read(fd, &call, 8, NULL, 8, &err), -EINVAL);
	ck_assert_int_eq(ct_notify_answer(fd, &call, 4096, 0, &err), -EINVAL);
	ck_assert_int_eq(ct_notify_answer(fd, &call, EPERM, 1, &err), -EINVAL);
	ck_assert_int_eq(ct_notify_answer(fd, &call, 0, 0, &err), 0);
	end_of(container, fd);
}
END_TEST

START_TEST(descriptor_of_something_else_is_refused)
{
	ct_notification none = {0};
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	call = (ct_notification)CT_NOTIFICATION_INIT;
	ck_assert_int_eq(ct_notify_receive(null, -1, 0, &call, &err), -EINVAL);
	ck_assert_int_eq(ct_notify_answer(null, &call, 0, 0, &err), -EINVAL);
	ck_assert_int_eq(ct_notify_receive(-1, -1, 0, &call, &err), -EBADF);
	ck_assert_int_lt(ct_notify_receive(null, -1, 0, &none, &err), 0);
	close(null);
}
END_TEST

static const char *const starting[] = {"execve", "sendmsg", "exit_group"};

/* It would wait for a host that waits for the payload to start. */
START_TEST(call_that_starting_takes_cannot_wait_for_the_host)
{
	ct_spec *spec = told(SPEC("/bin/true"), starting[_i]);
	struct outcome *o = attempt(spec);

	expect_error(o->code, &o->err, -EINVAL, CT_STEP_SECCOMP, starting[_i], "refuses what executing");
	ct_spec_free(spec);
}
END_TEST

START_TEST(payload_that_may_gain_rights_cannot_have_calls_that_wait)
{
	ct_spec *spec = told(SPEC("/bin/true"), "acct");
	struct outcome *o;

	set(ct_spec_set_no_new_privs(spec, 0));
	o = attempt(spec);
	expect_error(o->code, &o->err, -EINVAL, CT_STEP_SECCOMP, "notifications", "no_new_privs");
	ct_spec_free(spec);
}
END_TEST

/* Every call but those that starting takes would wait: the failure comes all the same. */
START_TEST(program_that_is_missing_is_told_whatever_waits)
{
	static const char *const calls[] = {"openat", "statx", "newfstatat", "read", "close", "nanosleep"};
	static const char *const names[] = {"/bin/nowhere", "nowhere"};

	for (size_t n = 0; n < 2; n++) {
		ct_spec *spec = SPEC(names[n]);
		struct outcome *o;

		for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
			told(spec, calls[i]);
		o = attempt(spec);
		expect_error(o->code, &o->err, -ENOENT, CT_STEP_PROGRAM, "nowhere", NULL);
		ct_spec_free(spec);
	}
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of(AS_USER ? "notify_user" : "notify", &tc);

	if (AS_USER)
		need_user();
	else
		need_root();
	tcase_add_test(tc, call_is_told_with_its_name_and_arguments);
	tcase_add_test(tc, program_gets_the_value_of_the_answer);
	tcase_add_test(tc, call_that_goes_on_is_made_by_the_kernel);
	tcase_add_test(tc, host_opens_a_file_for_the_container);
	tcase_add_test(tc, call_fails_with_enosys_while_nobody_has_the_descriptor);
	tcase_add_test(tc, descriptor_is_handed_out_once_and_closed_on_exec);
	tcase_add_test(tc, payload_has_nothing_of_the_descriptor);
	tcase_add_test(tc, container_without_such_a_rule_has_none);
	tcase_add_test(tc, init_is_under_the_filter_and_its_payload_alone_is_told_of);
	tcase_add_test(tc, process_that_joins_is_told_of_by_its_own_descriptor);
	tcase_add_test(tc, nothing_is_received_before_its_time_is_over_or_after_the_end);
	tcase_add_test(tc, wait_ends_with_the_process_that_it_is_given);
	tcase_add_test(tc, call_that_waits_is_received_though_the_process_has_ended);
	tcase_add_test(tc, call_of_a_killed_program_cannot_be_answered_nor_read);
	tcase_add_test(tc, memory_that_is_not_there_cannot_be_read);
	tcase_add_test(tc, descriptor_of_something_else_is_refused);
	tcase_add_loop_test(tc, call_that_starting_takes_cannot_wait_for_the_host, 0, 3);
	tcase_add_test(tc, payload_that_may_gain_rights_cannot_have_calls_that_wait);
	tcase_add_test(tc, program_that_is_missing_is_told_whatever_waits);
	return suite_run(suite);
}

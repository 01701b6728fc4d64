/* SPDX-License-Identifier: MIT */
/*
 * Calls that wait for the host, of an ordinary user's containers: he has no right over the machine, and
 * answers his own all the same.
 */
#include "seccomp/listener.h"
#include "support/box.h"

#include <container/join.h>

#include <fcntl.h>
#include <unistd.h>

START_TEST(call_of_a_users_container_is_told_and_answered)
{
	int fd;
	ct_container *container = start_told(told(TRY_ACCT, "acct"), &fd);

	receive(fd);
	ck_assert_str_eq(call.call, "acct");
	ck_assert_uint_eq(call.args[0], 0x1234);
	ck_assert_int_eq(call.pid, ct_container_pid(container));
	ck_assert_int_eq(ct_notify_answer(fd, &call, EXDEV, 0, &err), 0);
	ck_assert_str_eq(tried(end_of(container, fd), ACCT), "EXDEV");
}
END_TEST

START_TEST(users_program_gets_the_value_of_the_answer)
{
	int fd;
	ct_container *container = start_told(told(SPEC("/bin/sh", "-c", "echo $$"), "getpid"), &fd);

	while (receive_within(PATIENCE_MS, container, fd) == 0)
		ck_assert_int_eq(ct_notify_answer(fd, &call, 0, 77, &err), 0);
	ck_assert_int_eq(err.code, -ENOTCONN);
	ck_assert_str_eq(end_of(container, fd), "77\n");
}
END_TEST

/* Its memory is read, which takes the rights of ptrace: over his own container he has them. */
START_TEST(user_opens_a_file_for_his_container)
{
	char name[64];
	int fd, given, number;
	ct_container *container;

	write_file(in_dir("given"), "of the user\n", 0600);
	container = start_told(told(SPEC("/bin/cat", "/nowhere"), "openat"), &fd);
	for (;;) {
		receive(fd);
		ck_assert_msg(ct_notify_read(fd, &call, call.args[1], name, sizeof(name), &err) > 0,
			"%s", err.sentence);
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
	ck_assert_str_eq(end_of(container, -1), "of the user\n");
}
END_TEST

START_TEST(process_that_joins_a_users_container_is_told_of)
{
	ct_spec *spec = told(SPEC("/bin/sh", "-c", "echo ready; exec cat"), "acct"), *visitor;
	ct_container *container, *guest = NULL;
	int fd, other;

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

START_TEST(call_of_a_users_container_fails_with_enosys_while_nobody_has_the_descriptor)
{
	int fd;
	ct_container *container = start_told(told(TRY_ACCT, "acct"), &fd);

	close(fd);
	ck_assert_str_eq(tried(end_of(container, -1), ACCT), "ENOSYS");
}
END_TEST

START_TEST(call_that_waits_ends_with_its_users_container)
{
	char byte;
	int fd;
	ct_container *container = start_told(told(TRY_ACCT, "acct"), &fd);

	receive(fd);
	ck_assert_int_eq(ct_kill(container, SIGKILL, &err), 0);
	wait_for(container);
	ck_assert_int_eq(ct_notify_answer(fd, &call, 0, 0, &err), -ENOENT);
	ck_assert_int_eq(ct_notify_read(fd, &call, 4096, &byte, 1, &err), -ENOENT);
	ct_container_free(container);
	close(fd);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite;

	need_user();
	suite = suite_of("notify_user", &tcase);
	tcase_add_test(tcase, call_of_a_users_container_is_told_and_answered);
	tcase_add_test(tcase, users_program_gets_the_value_of_the_answer);
	tcase_add_test(tcase, user_opens_a_file_for_his_container);
	tcase_add_test(tcase, process_that_joins_a_users_container_is_told_of);
	tcase_add_test(
		tcase, call_of_a_users_container_fails_with_enosys_while_nobody_has_the_descriptor);
	tcase_add_test(tcase, call_that_waits_ends_with_its_users_container);
	return suite_run(suite);
}

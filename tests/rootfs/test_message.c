/* SPDX-License-Identifier: MIT */
/* What the kernel says in the log of a filesystem that it does not mount. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/filesystems.h"

/* What is told of a log with these messages, which come one with each read, as the kernel's do. */
static const char *told(const char *const messages[])
{
	static char text[64];
	int log[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, log), 0);
	for (size_t i = 0; messages[i]; i++)
		ck_assert_int_gt(write(log[1], messages[i], strlen(messages[i])), 0);
	close(log[1]);
	memset(text, 'x', sizeof(text));
	ct__fs_message(log[0], text, sizeof(text));
	close(log[0]);
	return text;
}

#define TOLD(...) told((const char *const[]){__VA_ARGS__, NULL})

START_TEST(first_error_is_told_without_its_class_and_line_end)
{
	ck_assert_str_eq(TOLD("i version 4.0\n", "w old\n", "e too new\n", "e later\n"), "too new");
	ck_assert_str_eq(TOLD("e erofs: exotic features"), "erofs: exotic features");
	ck_assert_str_eq(TOLD("e  e"), " e");
}
END_TEST

START_TEST(nothing_is_told_of_a_log_without_errors)
{
	ck_assert_str_eq(TOLD("w squashfs: old\n"), "");
	ck_assert_str_eq(told((const char *const[]){NULL}), "");
	ck_assert_str_eq(TOLD("e"), "");
	ck_assert_str_eq(TOLD("e \n"), "");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("message");
	TCase *tc = tcase_create("message");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tc);
	tcase_add_test(tc, first_error_is_told_without_its_class_and_line_end);
	tcase_add_test(tc, nothing_is_told_of_a_log_without_errors);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/* ct_error: what the caller reads after a failure. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <container/error.h>
#include <container/ns.h>

#include "error/error.h"
#include "probe/why.h"

START_TEST(fail_returns_the_code_it_was_given)
{
	ck_assert_int_eq(ct__fail(NULL, CT_STEP_ROOT, -EPERM, "mount", "%s", "/"), -EPERM);
}
END_TEST

START_TEST(fail_names_step_call_object_and_reason)
{
	ct_error err = CT_ERROR_INIT;

	ct__fail(&err, CT_STEP_MOUNT, -EROFS, "mkdirat", "%s", "/srv/data");
	ck_assert_int_eq(err.code, -EROFS);
	ck_assert_int_eq(err.step, CT_STEP_MOUNT);
	ck_assert_str_eq(err.call, "mkdirat");
	ck_assert_str_eq(err.object, "/srv/data");
	ck_assert_str_eq(err.sentence, "mount: /srv/data: mkdirat: Read-only file system");
	ck_assert(strstr(err.cure, "mount point") != NULL);
}
END_TEST

START_TEST(object_with_control_bytes_is_escaped)
{
	ct_error err = CT_ERROR_INIT;

	ct__fail(&err, CT_STEP_ENTRY, -EINVAL, NULL, "%s", "a\nb\033[2J\\");
	ck_assert_str_eq(err.object, "a\\x0ab\\x1b[2J\\x5c");
}
END_TEST

START_TEST(object_that_does_not_fit_is_cut_visibly)
{
	ct_error err = CT_ERROR_INIT;
	char name[5000];

	memset(name, '\n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	ct__fail(&err, CT_STEP_ENTRY, -EINVAL, NULL, "%s", name);
	ck_assert_uint_lt(strlen(err.object), sizeof(err.object));
	ck_assert_str_eq(err.object + strlen(err.object) - 3, "...");
}
END_TEST

START_TEST(explanation_follows_the_sentence_and_brings_its_cure)
{
	ct_error err = CT_ERROR_INIT;

	ct__fail(&err, CT_STEP_CLONE, -ENOSPC, "clone3", "namespaces");
	ct__error_explain(&err, "user.max_user_namespaces=0 at a\033[2J", "raise it");
	ck_assert_str_eq(err.sentence, "clone: namespaces: clone3: No space left on device: "
				       "user.max_user_namespaces=0 at a\\x1b[2J");
	ck_assert_str_eq(err.cure, "raise it");
}
END_TEST

START_TEST(explanation_that_does_not_fit_is_cut_visibly)
{
	ct_error err = CT_ERROR_INIT;
	char object[200], reason[400];

	memset(object, 'o', sizeof(object) - 1);
	object[sizeof(object) - 1] = '\0';
	memset(reason, 'r', sizeof(reason) - 1);
	reason[sizeof(reason) - 1] = '\0';
	ct__fail(&err, CT_STEP_MOUNT, -EPERM, "fsmount", "%s", object);
	for (int i = 0; i < 3; i++) {
		ct__error_explain(&err, reason, "cure");
		ck_assert_uint_lt(strlen(err.sentence), sizeof(err.sentence));
		ck_assert_str_eq(err.sentence + strlen(err.sentence) - 3, "...");
	}
}
END_TEST

START_TEST(error_without_its_size_is_left_alone)
{
	ct_error err = {0};

	ck_assert_int_eq(ct__fail(&err, CT_STEP_ENTRY, -EINVAL, NULL, "x"), -EINVAL);
	ct__error_explain(&err, "reason", "cure");
	ct__error_explain(NULL, "reason", "cure");
	ck_assert_int_eq(err.code, 0);
	ck_assert_str_eq(err.sentence, "");
}
END_TEST

START_TEST(every_step_has_a_name_of_its_own)
{
	for (int step = CT_STEP_NONE; step <= CT_STEP_LABEL; step++) {
		ck_assert_str_ne(ct_step_name(step), "unknown step");
		for (int other = CT_STEP_NONE; other < step; other++)
			ck_assert_str_ne(ct_step_name(step), ct_step_name(other));
	}
	ck_assert_str_eq(ct_step_name(-1), "unknown step");
	ck_assert_str_eq(ct_step_name(CT_STEP_LABEL + 1), "unknown step");
}
END_TEST

/* A process that has to go from the session's cgroup to a delegated one, say. Under a filter, that is likelier. */
START_TEST(clone_refused_by_eacces_is_explained_by_cgroups_and_modules)
{
	ct_error err = CT_ERROR_INIT;
	struct ct__caller caller;

	ct__caller_look(&caller);
	ct__fail(&err, CT_STEP_CLONE, -EACCES, "clone3", "namespaces");
	ct__explain(&err, CT_NS_PID);
	ck_assert_msg(strstr(err.sentence, caller.filtered ? "filter" : "from its own cgroup"), "%s", err.sentence);
	ck_assert_msg(strstr(err.cure, caller.filtered ? "profile" : "systemd-run --user"), "%s", err.cure);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("error");
	TCase *tc = tcase_create("error");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, fail_returns_the_code_it_was_given);
	tcase_add_test(tc, fail_names_step_call_object_and_reason);
	tcase_add_test(tc, object_with_control_bytes_is_escaped);
	tcase_add_test(tc, object_that_does_not_fit_is_cut_visibly);
	tcase_add_test(tc, explanation_follows_the_sentence_and_brings_its_cure);
	tcase_add_test(tc, explanation_that_does_not_fit_is_cut_visibly);
	tcase_add_test(tc, error_without_its_size_is_left_alone);
	tcase_add_test(tc, every_step_has_a_name_of_its_own);
	tcase_add_test(tc, clone_refused_by_eacces_is_explained_by_cgroups_and_modules);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/* Landlock rules of an ordinary user's containers: they take no right that he lacks. */
#include "support/box.h"

#include <container/landlock.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CREATE_RULESET 444
#define TAKES	       5 /* the ABI that knows all of files */

#define WRITE "if echo x > /data/new; then echo done; else echo refused; fi 2> /dev/null"

static ct_spec *writing(bool ruled)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", WRITE);

	if (!ruled)
		return spec;
	set(ct_spec_add_landlock_path(spec, "/", CT_LANDLOCK_READ | CT_LANDLOCK_EXECUTE, 0));
	set(ct_spec_add_landlock_path(spec, "/dev", CT_LANDLOCK_ALL, 0));
	return spec;
}

START_TEST(rules_hold_for_the_root_of_a_user)
{
	set(mkdir(in_root("data"), 0755));
	ck_assert_str_eq(output_of(writing(true)), "refused\n");
	ck_assert_str_eq(output_of(writing(false)), "done\n");
}
END_TEST

/* He has CAP_SYS_ADMIN over the container's user namespace. */
START_TEST(rules_of_a_user_hold_without_no_new_privs_as_well)
{
	ct_spec *spec = writing(true);

	set(mkdir(in_root("data"), 0755));
	set(ct_spec_set_no_new_privs(spec, 0));
	ck_assert_str_eq(output_of(spec), "refused\n");
}
END_TEST

START_TEST(rule_about_a_missing_path_is_an_error_to_a_user)
{
	ct_spec *spec = writing(true);
	struct outcome *outcome;

	set(ct_spec_add_landlock_path(spec, "/missing", CT_LANDLOCK_ALL, 0));
	outcome = attempt(spec);
	expect_error(outcome->code, &outcome->err, -ENOENT, CT_STEP_LANDLOCK, "/missing", NULL);
	ct_spec_free(spec);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite;
	int abi = (int)syscall(CREATE_RULESET, NULL, 0, 1);

	if (abi < TAKES) {
		printf("SKIP: this kernel's landlock has ABI %d, and rules about files take %d\n",
			abi < 0 ? 0 : abi, TAKES);
		return 77;
	}
	need_user();
	suite = suite_of("landlock_user", &tcase);
	tcase_add_test(tcase, rules_hold_for_the_root_of_a_user);
	tcase_add_test(tcase, rules_of_a_user_hold_without_no_new_privs_as_well);
	tcase_add_test(tcase, rule_about_a_missing_path_is_an_error_to_a_user);
	return suite_run(suite);
}

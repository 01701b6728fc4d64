/* SPDX-License-Identifier: MIT */
/* An ordinary user's containers under an AppArmor profile: to take one he needs no right. */
#include "support/apparmor.h"
#include "support/box.h"

#include <container/label.h>

#define SEE "cat /proc/self/attr/apparmor/current; cat /etc/inside 2> /dev/null || echo refused"

static ct_spec *seeing(const char *profile)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", SEE);

	set(ct_spec_set_apparmor(spec, profile));
	return spec;
}

START_TEST(payload_of_a_user_is_under_its_profile_and_refused_what_that_denies)
{
	ck_assert_str_eq(
		output_of(seeing("ct-test-confined")), "ct-test-confined (enforce)\nrefused\n");
	ck_assert_str_eq(output_of(seeing(NULL)), "unconfined\nthis is the container's\n");
}
END_TEST

START_TEST(profile_that_is_not_loaded_is_an_error_to_a_user)
{
	ct_spec *spec = seeing("ct-test-missing");
	struct outcome *outcome = attempt(spec);

	expect_error(outcome->code, &outcome->err, -ENOENT, CT_STEP_LABEL,
		"apparmor: ct-test-missing", NULL);
	ct_spec_free(spec);
}
END_TEST

START_TEST(profile_under_which_a_user_could_not_end_the_payload_is_refused)
{
	ct_spec *spec = seeing("ct-test-deaf");
	struct outcome *outcome = attempt(spec);

	expect_error(outcome->code, &outcome->err, -EACCES, CT_STEP_LABEL, "apparmor: ct-test-deaf",
		"SIGKILL");
	ct_spec_free(spec);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite;

	need_profiles();
	need_user();
	suite = suite_of("apparmor_user", &tc);
	tcase_add_test(tc, payload_of_a_user_is_under_its_profile_and_refused_what_that_denies);
	tcase_add_test(tc, profile_that_is_not_loaded_is_an_error_to_a_user);
	tcase_add_test(tc, profile_under_which_a_user_could_not_end_the_payload_is_refused);
	return suite_run(suite);
}

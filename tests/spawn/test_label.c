/* SPDX-License-Identifier: MIT */
/*
 * Labels of security modules: what is said where the kernel has no such module; and where it
 * has AppArmor, that the payload is under the profile. A profile that every AppArmor has is "unconfined".
 */
#include "support/box.h"
#include "support/needs.h"

#include <container/label.h>
#include <container/protection.h>

#include <stdio.h>
#include <unistd.h>

#define LSM_LIST_MODULES 461
#define CONTEXT		 "system_u:system_r:container_t:s0"

static int (*const setters[])(ct_spec *spec, const char *label) = {
	ct_spec_set_apparmor, ct_spec_set_selinux};
static const char *const names[] = {"apparmor: ", "selinux: "};
static const char *const words[] = {"has no AppArmor", "has no SELinux"};

/* Whether a file has the word; false where it is not there. */
static bool file_has(const char *path, const char *word)
{
	char text[4096] = "";
	FILE *file = fopen(path, "re");

	if (!file)
		return false;
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	return strstr(text, word) != NULL;
}

static bool has_module(int which)
{
	return which ? file_has("/proc/filesystems", "selinuxfs") :
		       file_has("/sys/module/apparmor/parameters/enabled", "Y");
}

static ct_protection protection_of(const ct_container *container)
{
	ct_protection about = CT_PROTECTION_INIT;

	set(ct_container_protection(container, CT_ITEM_LABEL, &about));
	return about;
}

START_TEST(missing_module_is_an_error_that_names_it)
{
	ct_spec *spec = SPEC("/bin/true");
	struct outcome *outcome;

	set(setters[_i](spec, CONTEXT));
	outcome = attempt(spec);
	expect_error(outcome->code, &outcome->err, -EOPNOTSUPP, CT_STEP_LABEL, names[_i], words[_i]);
	set(setters[_i](spec, NULL)); /* the last call counts */
	outcome = attempt(spec);
	ck_assert_int_eq(outcome->code, 0);
	ct_spec_free(spec);
}
END_TEST

/* As on kernels before 6.8, which list no modules. */
START_TEST(missing_module_is_known_without_a_list_of_them)
{
	ct_spec *spec;
	struct outcome *outcome;

	fail_call(LSM_LIST_MODULES, ENOSYS);
	box_accept_changes();
	spec = SPEC("/bin/true");
	set(setters[_i](spec, CONTEXT));
	outcome = attempt(spec);
	expect_error(outcome->code, &outcome->err, -EOPNOTSUPP, CT_STEP_LABEL, names[_i], words[_i]);
	ct_spec_free(spec);
}
END_TEST

START_TEST(missing_module_may_be_lacking_and_that_is_told)
{
	ct_spec *spec = SPEC("/bin/probe", "pause");
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;

	set(setters[_i](spec, CONTEXT));
	set(ct_spec_allow_lack(spec, CT_LACK(CT_ITEM_LABEL)));
	ck_assert_msg(ct_spawn(spec, &container, &err) == 0, "%s", err.sentence);
	ck_assert_int_eq(protection_of(container).state, CT_ITEM_LACKING);
	ck_assert_msg(strstr(protection_of(container).why.sentence, words[_i]) != NULL, "%s",
		protection_of(container).why.sentence);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

START_TEST(unasked_label_is_none)
{
	ct_spec *spec = SPEC("/bin/probe", "pause");
	ct_container *container = NULL;

	set(ct_spawn(spec, &container, NULL));
	ck_assert_int_eq(protection_of(container).state, CT_ITEM_NOT_ASKED);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

START_TEST(label_that_can_be_none_is_refused)
{
	static char long_label[5000];
	ct_spec *spec = SPEC("/bin/true");
	struct outcome *outcome;

	memset(long_label, 'x', sizeof(long_label) - 1);
	ck_assert_int_eq(setters[_i](NULL, "x"), -EINVAL);
	ck_assert_int_eq(setters[_i](spec, ""), -EINVAL);
	ck_assert_int_eq(setters[_i](spec, "a\nb"), -EINVAL);
	ck_assert_int_eq(setters[_i](spec, long_label), -EINVAL);
	outcome = attempt(spec);
	expect_error(outcome->code, &outcome->err, -EINVAL, CT_STEP_ARGUMENT, "label", "empty");
	ct_spec_free(spec);
}
END_TEST

/* ------------------------------------------------------------ with AppArmor */

START_TEST(payload_is_under_the_profile)
{
	ct_spec *spec = SPEC("/bin/cat", "/proc/self/attr/apparmor/current");
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;
	struct outcome *outcome;
	ct_protection about;

	set(ct_spec_set_apparmor(spec, "unconfined"));
	set(ct_spawn(spec, &container, NULL));
	about = protection_of(container);
	outcome = outcome_of(0, container, &err);
	ck_assert_int_eq(about.state, CT_ITEM_ENFORCED);
	ck_assert_msg(strncmp(outcome->out, "unconfined", 10) == 0, "%s", outcome->out);
	ct_spec_free(spec);
}
END_TEST

START_TEST(profile_that_is_not_loaded_is_an_error)
{
	ct_spec *spec = SPEC("/bin/true");
	struct outcome *outcome;

	set(ct_spec_set_apparmor(spec, "ct-test-no-such-profile"));
	outcome = attempt(spec);
	expect_error(outcome->code, &outcome->err, -ENOENT, CT_STEP_LABEL,
		"apparmor: ct-test-no-such-profile", NULL);
	ck_assert_msg(strstr(outcome->err.cure, "apparmor_parser") != NULL, "%s", outcome->err.cure);
	ct_spec_free(spec);
}
END_TEST

static void add_missing(TCase *tc, const TTest *test)
{
	for (int which = 0; which < 2; which++)
		if (!has_module(which))
			tcase_add_loop_test(tc, test, which, which + 1);
		else
			printf("  skipped  %s with value %d: this kernel has %s\n", test->name, which,
				which ? "SELinux" : "AppArmor");
}

static void add_with_apparmor(TCase *tc, const TTest *test)
{
	if (has_module(0))
		tcase_add_test(tc, test);
	else
		printf("  skipped  %s: this kernel has no AppArmor\n", test->name);
}

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("label", &tc);

	if (geteuid() == 0)
		need_root();
	else
		need_user();
	add_missing(tc, missing_module_is_an_error_that_names_it);
	add_missing(tc, missing_module_is_known_without_a_list_of_them);
	add_missing(tc, missing_module_may_be_lacking_and_that_is_told);
	add_with_apparmor(tc, payload_is_under_the_profile);
	add_with_apparmor(tc, profile_that_is_not_loaded_is_an_error);
	tcase_add_test(tc, unasked_label_is_none);
	tcase_add_loop_test(tc, label_that_can_be_none_is_refused, 0, 2);
	return suite_run(suite);
}

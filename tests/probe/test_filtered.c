/* SPDX-License-Identifier: MIT */
/*
 * Kernel calls that the seccomp filter of an outer container refuses: the probe names them, and
 * so does the start that fails for them.
 */
#include "probe/blocked.h"
#include "support/needs.h"

#include <linux/seccomp.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

static void filter_clone(int error)
{
	become_ordinary();
	expect_start();
	fail_call(SYS_clone3, error);
	expect_lack(
		CT_FACT_NO_OUTER_FILTER, "seccomp filter of an outer container", "seccomp profile");
	expect_lack(CT_FACT_USER_NS, "seccomp filter of an outer container", "seccomp profile");
	expect_lack(CT_FACT_CLONE3, "seccomp filter", "");
	expect_refusal(
		CT_STEP_CLONE, -error, "seccomp filter of an outer container", "seccomp profile");
}

static void filter_with_eperm(void)
{
	filter_clone(EPERM);
}

static void filter_with_enosys(void)
{
	filter_clone(ENOSYS);
}

START_TEST(outer_filter_that_forbids_is_named)
{
	in_child(filter_with_eperm);
}
END_TEST

START_TEST(outer_filter_that_denies_the_call_is_named)
{
	in_child(filter_with_enosys);
}
END_TEST

static void filter_calls(void)
{
	static const struct {
		int number, fact;
	} calls[] = {
		{SYS_pidfd_open, CT_FACT_PIDFD_OPEN},
		{SYS_pidfd_getfd, CT_FACT_PIDFD_GETFD},
		{SYS_openat2, CT_FACT_OPENAT2},
		{SYS_open_tree, CT_FACT_OPEN_TREE},
		{SYS_mount_setattr, CT_FACT_MOUNT_SETATTR},
		{SYS_seccomp, CT_FACT_SECCOMP_FILTER},
		{444 /* landlock_create_ruleset */, CT_FACT_LANDLOCK},
	};

	ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (calls[i].number != SYS_seccomp) /* which installs the others */
			fail_call(calls[i].number, EPERM);
	fail_call(SYS_seccomp, EPERM);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		expect_lack(calls[i].fact, "seccomp filter", "seccomp profile");
	ck_assert_int_eq(fact_now(CT_FACT_CLONE3).state, CT_PROBE_WORKS);
}

START_TEST(filtered_calls_are_told_from_those_that_work)
{
	in_child(filter_calls);
}
END_TEST

/* What a start does not do without: each refused alone, as by the filters of container engines. */
static const struct {
	int number, error, fact, step;
	const char *reason;
} single[] = {
	{SYS_clone3, EPERM, CT_FACT_CLONE3, CT_STEP_CLONE, "most likely a seccomp filter"},
	{SYS_pidfd_open, EPERM, CT_FACT_PIDFD_OPEN, CT_STEP_KEEPER, "most likely a seccomp filter"},
	{SYS_pidfd_open, ENOSYS, CT_FACT_PIDFD_OPEN, CT_STEP_KEEPER,
		"an outer seccomp filter refuses it"},
	{SYS_openat2, EPERM, CT_FACT_OPENAT2, CT_STEP_MOUNT, "most likely a seccomp filter"},
	{SYS_openat2, ENOSYS, CT_FACT_OPENAT2, CT_STEP_MOUNT, "an outer seccomp filter refuses it"},
	{SYS_open_tree, EPERM, CT_FACT_OPEN_TREE, CT_STEP_ROOT, "most likely a seccomp filter"},
	{SYS_open_tree, ENOSYS, CT_FACT_OPEN_TREE, CT_STEP_ROOT,
		"an outer seccomp filter refuses it"},
	{SYS_mount_setattr, EPERM, CT_FACT_MOUNT_SETATTR, CT_STEP_ROOT,
		"most likely a seccomp filter"},
	{SYS_seccomp, EPERM, CT_FACT_SECCOMP_FILTER, CT_STEP_SECCOMP,
		"most likely a seccomp filter"},
	{SYS_seccomp, ENOSYS, CT_FACT_SECCOMP_FILTER, CT_STEP_SECCOMP,
		"an outer seccomp filter refuses it"},
};

static int which;

static void filter_one(void)
{
	fail_call(single[which].number, single[which].error);
	expect_lack(single[which].fact, single[which].reason, "seccomp profile");
	expect_refusal(
		single[which].step, -single[which].error, single[which].reason, "seccomp profile");
}

START_TEST(single_call_that_a_filter_refuses_is_named)
{
	which = _i;
	in_child(filter_one);
}
END_TEST

static void refuse_session(void)
{
	ct_spec *spec = SPEC("/bin/true");
	struct outcome *outcome;

	fail_call(SYS_setsid, EPERM);
	outcome = attempt(spec);
	ct_spec_free(spec);
	expect_error(outcome->code, &outcome->err, -EPERM, CT_STEP_SESSION, NULL, "setsid");
}

/* It would have the terminal of the host otherwise. */
START_TEST(container_without_a_session_of_its_own_is_not_started)
{
	in_child(refuse_session);
}
END_TEST

/* A start is refused here, and words of reason and cure tell of no filter. */
static void expect_no_blame(ct_spec *spec, int step, const char *words)
{
	struct outcome *outcome = attempt(spec);

	ct_spec_free(spec);
	expect_error(outcome->code, &outcome->err, -EPERM, step, NULL, words);
	ck_assert_msg(!strstr(outcome->err.sentence, "outer"), "%s", outcome->err.sentence);
	ck_assert_msg(!strstr(outcome->err.cure, "seccomp profile"), "%s", outcome->err.cure);
}

/* Controls: a filter is in force, and these calls work but for the one argument of the start. */
static const struct {
	int number, argument, value, step;
	const char *call;
} by_argument[] = {
	{SYS_pidfd_open, 0, 0 /* its own pid */, CT_STEP_KEEPER, "pidfd_open"},
	{SYS_seccomp, 0, SECCOMP_SET_MODE_FILTER, CT_STEP_SECCOMP, "seccomp"},
};

static void refuse_an_argument(void)
{
	int value = by_argument[which].value ? by_argument[which].value : getpid();

	fail_call_with(by_argument[which].number, by_argument[which].argument, value, EPERM);
	expect_no_blame(SPEC("/bin/true"), by_argument[which].step, by_argument[which].call);
}

START_TEST(filter_is_not_blamed_for_a_call_that_works_otherwise)
{
	which = _i;
	in_child(refuse_an_argument);
}
END_TEST

static void lack_a_right(void)
{
	ct_spec *spec = SPEC("/bin/true");

	become_ordinary();
	fail_call(SYS_personality, EPERM);
	set(ct_spec_set_ns_host(spec, CT_NS_USER));
	expect_no_blame(spec, CT_STEP_CLONE, "needs CAP_SYS_ADMIN");
}

START_TEST(filter_is_not_blamed_for_a_right_that_the_caller_lacks)
{
	in_child(lack_a_right);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = suite_of("filtered", &tcase);

	need_root();
	tcase_add_test(tcase, outer_filter_that_forbids_is_named);
	tcase_add_test(tcase, outer_filter_that_denies_the_call_is_named);
	tcase_add_test(tcase, filtered_calls_are_told_from_those_that_work);
	tcase_add_loop_test(tcase, single_call_that_a_filter_refuses_is_named, 0,
		(int)(sizeof(single) / sizeof(single[0])));
	tcase_add_test(tcase, container_without_a_session_of_its_own_is_not_started);
	tcase_add_loop_test(tcase, filter_is_not_blamed_for_a_call_that_works_otherwise, 0,
		(int)(sizeof(by_argument) / sizeof(by_argument[0])));
	tcase_add_test(tcase, filter_is_not_blamed_for_a_right_that_the_caller_lacks);
	return suite_run(suite);
}

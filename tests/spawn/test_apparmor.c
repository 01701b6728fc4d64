/* SPDX-License-Identifier: MIT */
/*
 * Containers under the AppArmor profiles of support/apparmor.profiles: what a profile denies beside what is not
 * denied without it, on every way to a payload; and what is said where the kernel does not take one.
 */
#include "support/apparmor.h"
#include "support/box.h"

#include <container/init.h>
#include <container/join.h>
#include <container/label.h>
#include <container/pool.h>
#include <container/protection.h>

#include <fcntl.h>
#include <unistd.h>

#define SEE "cat /proc/self/attr/apparmor/current; cat /etc/inside 2> /dev/null || echo refused"

static const char confined_sight[] = "ct-test-confined (enforce)\nrefused\n";

static ct_spec *under(const char *profile, ct_spec *spec)
{
	set(ct_spec_set_apparmor(spec, profile));
	return spec;
}

static ct_spec *seeing(const char *profile)
{
	return under(profile, SPEC("/bin/sh", "-c", SEE));
}

/* ------------------------------------------------------------- ways to a payload */

static void as_it_is(ct_spec *spec)
{
	(void)spec;
}

static void as_user(ct_spec *spec)
{
	set(ct_spec_set_user(spec, 1000, 1000));
}

static void with_new_privs(ct_spec *spec)
{
	set(ct_spec_set_no_new_privs(spec, 0));
}

static void with_init(ct_spec *spec)
{
	set(ct_spec_set_init(spec, 1));
}

static void with_own_ids(ct_spec *spec)
{
	set(ct_spec_set_idmap(spec, CT_IDMAP_PRIVATE, 65536));
}

static void (*const ways[])(ct_spec *spec) = {
	as_it_is, as_user, with_new_privs, with_init, with_own_ids};
#define WAYS (int)(sizeof(ways) / sizeof(ways[0]))

START_TEST(payload_is_under_its_profile_and_refused_what_that_denies)
{
	ct_spec *spec = seeing("ct-test-confined");

	ways[_i](spec);
	ck_assert_str_eq(output_of(spec), confined_sight);
}
END_TEST

START_TEST(payload_without_a_profile_has_that_of_the_host)
{
	ck_assert_str_eq(output_of(seeing(NULL)), "unconfined\nthis is the container's\n");
}
END_TEST

/* Those begin in a mount namespace where the container's root is mounted over another one. */
START_TEST(paths_of_a_profile_are_the_same_in_later_starts)
{
	ct_spec *spec = seeing("ct-test-confined");

	for (int i = 0; i < 3; i++)
		ck_assert_str_eq(run(spec)->out, confined_sight);
	ct_spec_free(spec);
}
END_TEST

START_TEST(payload_of_a_pool_is_under_the_profile)
{
	ct_spec *spec = seeing("ct-test-confined");
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;
	ct_pool *pool = NULL;

	ck_assert_msg(ct_pool_new(spec, 1, &pool, &err) == 0, "%s", err.sentence);
	ck_assert_msg(ct_pool_take(pool, NULL, &container, &err) == 0, "%s", err.sentence);
	ck_assert_str_eq(outcome_of(0, container, &err)->out, confined_sight);
	ct_pool_free(pool);
	ct_spec_free(spec);
}
END_TEST

START_TEST(join_is_under_the_profile_of_its_own_spec)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "echo ready; exec probe pause");
	ct_spec *visit = under("ct-test-confined", VISITOR("sh", "-c", SEE));
	ct_container *target = start_ready(spec), *visitor = NULL;
	ct_error err = CT_ERROR_INIT;

	ck_assert_msg(ct_join(target, 0, 0, visit, &visitor, &err) == 0, "%s", err.sentence);
	ck_assert_str_eq(outcome_of(0, visitor, &err)->out, confined_sight);
	ct_container_free(target);
	ct_spec_free(visit);
	ct_spec_free(spec);
}
END_TEST

START_TEST(complaining_profile_denies_nothing)
{
	ck_assert_str_eq(output_of(seeing("ct-test-complaining")),
		"ct-test-complaining (complain)\nthis is the container's\n");
}
END_TEST

START_TEST(profile_counts_as_protection)
{
	ct_spec *spec = under("ct-test-confined", SPEC("/bin/probe", "pause"));
	ct_protection about = CT_PROTECTION_INIT;
	ct_container *container = NULL;

	set(ct_spawn(spec, &container, NULL));
	set(ct_container_protection(container, CT_ITEM_LABEL, &about));
	ck_assert_int_eq(about.state, CT_ITEM_ENFORCED);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

/* ------------------------------------------------------------- what is not taken */

START_TEST(profile_that_is_not_loaded_is_an_error_that_names_it)
{
	ct_spec *spec = seeing("ct-test-missing");
	struct outcome *outcome = attempt(spec);

	expect_error(outcome->code, &outcome->err, -ENOENT, CT_STEP_LABEL,
		"apparmor: ct-test-missing", NULL);
	ck_assert_ptr_nonnull(strstr(outcome->err.cure, "apparmor_parser"));
	ct_spec_free(spec);
}
END_TEST

/* AppArmor leaves to a payload what a caller under no profile has opened for it. */
START_TEST(file_that_the_host_gives_is_open_whatever_the_profile_says)
{
	ct_spec *spec = under("ct-test-confined", SPEC("/bin/cat"));
	int fd = open(in_root("etc/inside"), O_RDONLY | O_CLOEXEC);

	set(ct_spec_set_stdio(spec, 0, CT_STDIO_FD, fd));
	ck_assert_str_eq(output_of(spec), "this is the container's\n");
	close(fd);
}
END_TEST

/* Not even root's SIGKILL passes where a profile has no rule for signals. */
START_TEST(profile_under_which_nobody_could_end_the_payload_is_refused)
{
	ct_spec *spec = seeing("ct-test-deaf");
	struct outcome *outcome = attempt(spec);

	expect_error(outcome->code, &outcome->err, -EACCES, CT_STEP_LABEL, "apparmor: ct-test-deaf",
		"SIGKILL");
	ck_assert_ptr_nonnull(strstr(outcome->err.cure, "signal (receive) peer=unconfined,"));
	ct_spec_free(spec);
}
END_TEST

START_TEST(such_a_payload_ends_with_its_init)
{
	ct_spec *spec =
		under("ct-test-deaf", SPEC("/bin/sh", "-c", "echo ready; exec probe pause"));
	ct_container *container;

	with_init(spec);
	container = start_ready(spec);
	set(ct_kill(container, SIGKILL, NULL));
	ck_assert_int_eq(wait_for(container).signal, SIGKILL);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

/* ------------------------------------------------------------- hosts under a profile */

static void confine_host(void)
{
	change_profile("ct-test-host");
	box_accept_changes();
}

START_TEST(confined_host_changes_to_a_profile_that_its_own_names)
{
	ct_spec *spec;

	confine_host();
	spec = seeing("ct-test-confined");
	with_new_privs(spec);
	ck_assert_str_eq(output_of(spec), confined_sight);
}
END_TEST

START_TEST(confined_host_is_told_that_no_new_privs_bars_the_change)
{
	struct outcome *outcome;
	ct_spec *spec;

	confine_host();
	spec = seeing("ct-test-confined");
	outcome = attempt(spec);
	expect_error(outcome->code, &outcome->err, -EPERM, CT_STEP_LABEL,
		"apparmor: ct-test-confined", "no_new_privs");
	ck_assert_ptr_nonnull(strstr(outcome->err.cure, "OWN//&PROFILE"));
	ct_spec_free(spec);
}
END_TEST

START_TEST(confined_host_adds_a_profile_to_its_own_with_no_new_privs)
{
	confine_host();
	ck_assert_str_eq(output_of(seeing("ct-test-host//&ct-test-confined")),
		"ct-test-confined//&ct-test-host (enforce)\nrefused\n");
}
END_TEST

START_TEST(confined_host_is_refused_a_profile_that_its_own_does_not_name)
{
	struct outcome *outcome;
	ct_spec *spec;

	confine_host();
	spec = seeing("ct-test-complaining");
	outcome = attempt(spec);
	expect_error(outcome->code, &outcome->err, -EACCES, CT_STEP_LABEL,
		"apparmor: ct-test-complaining", "write");
	ct_spec_free(spec);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite;

	need_profiles();
	need_root();
	suite = suite_of("apparmor", &tc);
	tcase_add_loop_test(tc, payload_is_under_its_profile_and_refused_what_that_denies, 0, WAYS);
	tcase_add_test(tc, payload_without_a_profile_has_that_of_the_host);
	tcase_add_test(tc, paths_of_a_profile_are_the_same_in_later_starts);
	tcase_add_test(tc, payload_of_a_pool_is_under_the_profile);
	tcase_add_test(tc, join_is_under_the_profile_of_its_own_spec);
	tcase_add_test(tc, complaining_profile_denies_nothing);
	tcase_add_test(tc, profile_counts_as_protection);
	tcase_add_test(tc, profile_that_is_not_loaded_is_an_error_that_names_it);
	tcase_add_test(tc, file_that_the_host_gives_is_open_whatever_the_profile_says);
	tcase_add_test(tc, profile_under_which_nobody_could_end_the_payload_is_refused);
	tcase_add_test(tc, such_a_payload_ends_with_its_init);
	tcase_add_test(tc, confined_host_changes_to_a_profile_that_its_own_names);
	tcase_add_test(tc, confined_host_is_told_that_no_new_privs_bars_the_change);
	tcase_add_test(tc, confined_host_adds_a_profile_to_its_own_with_no_new_privs);
	tcase_add_test(tc, confined_host_is_refused_a_profile_that_its_own_does_not_name);
	return suite_run(suite);
}

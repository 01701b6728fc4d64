/* SPDX-License-Identifier: MIT */
/*
 * Containers in contexts of the policy tools/vm/policy.cil, which the virtual machine loads with
 * --lsm selinux: what it denies beside what it does not, and what is said where it does not take a context.
 */
#include "support/box.h"
#include "support/needs.h"

#include <container/init.h>
#include <container/join.h>
#include <container/label.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/xattr.h>
#include <unistd.h>

#define TESTED "u:r:ct_test_t"
#define BOUND  "u:r:ct_bound_t"
#define SECRET "u:object_r:ct_secret_t"

#define SEE "cat /proc/self/attr/current; echo; cat /etc/inside 2> /dev/null || echo refused"

static ct_spec *in_context(const char *context, ct_spec *spec)
{
	set(ct_spec_set_selinux(spec, context));
	return spec;
}

static ct_spec *seeing(const char *context)
{
	set(setxattr(in_root("etc/inside"), "security.selinux", SECRET, sizeof(SECRET), 0));
	return in_context(context, SPEC("/bin/sh", "-c", SEE));
}

/* The kernel ends a context with a zero byte. */
static void expect_sight(const char *out, const char *context, const char *rest)
{
	ck_assert_str_eq(out, context);
	ck_assert_str_eq(out + strlen(context) + 1, rest);
}

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

START_TEST(payload_is_in_its_context_and_refused_what_that_may_not_do)
{
	ct_spec *spec = seeing(TESTED);

	ways[_i](spec);
	expect_sight(output_of(spec), TESTED, "\nrefused\n");
}
END_TEST

START_TEST(payload_without_a_context_has_that_of_the_host)
{
	expect_sight(output_of(seeing(NULL)), "u:r:host_t", "\nthis is the container's\n");
}
END_TEST

START_TEST(join_is_in_the_context_of_its_own_spec)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "echo ready; exec probe pause");
	ct_spec *visit = in_context(TESTED, VISITOR("sh", "-c", SEE));
	ct_container *target = start_ready(spec), *visitor = NULL;
	ct_error err = CT_ERROR_INIT;

	set(setxattr(in_root("etc/inside"), "security.selinux", SECRET, sizeof(SECRET), 0));
	ck_assert_msg(ct_join(target, 0, 0, visit, &visitor, &err) == 0, "%s", err.sentence);
	expect_sight(outcome_of(0, visitor, &err)->out, TESTED, "\nrefused\n");
	ct_container_free(target);
	ct_spec_free(visit);
	ct_spec_free(spec);
}
END_TEST

/* The files of a new filesystem have the context that its options say. */
START_TEST(filesystem_of_the_spec_has_the_context_that_its_options_say)
{
	static const char *const options[] = {"context=" SECRET, NULL};
	static const char *const sights[] = {"refused\n", "x\n"};

	for (int i = 0; i < 2; i++) {
		ct_spec *spec = in_context(TESTED,
			SPEC("/bin/sh", "-c", "echo x > /mnt/file; cat /mnt/file || echo refused"));

		set(ct_spec_add_filesystem(spec, "tmpfs", "/mnt", options[i], 0));
		ck_assert_str_eq(output_of(spec), sights[i]);
	}
}
END_TEST

START_TEST(context_that_the_policy_does_not_know_is_an_error_that_names_it)
{
	ct_spec *spec = seeing("u:r:ct_missing_t");
	struct outcome *outcome = attempt(spec);

	expect_error(outcome->code, &outcome->err, -EINVAL, CT_STEP_LABEL,
		"selinux: u:r:ct_missing_t", NULL);
	ck_assert_ptr_nonnull(strstr(outcome->err.cure, "the policy of the machine knows"));
	ct_spec_free(spec);
}
END_TEST

START_TEST(no_new_privs_bars_a_context_that_the_policy_does_not_allow_with_it)
{
	ct_spec *spec = seeing(BOUND);
	struct outcome *outcome = attempt(spec);

	expect_error(outcome->code, &outcome->err, -EPERM, CT_STEP_LABEL, "selinux: " BOUND,
		"no_new_privs");
	ck_assert_ptr_nonnull(strstr(outcome->err.cure, "nnp_transition"));
	set(ct_spec_set_no_new_privs(spec, 0));
	expect_sight(run(spec)->out, BOUND, "\nrefused\n");
	ct_spec_free(spec);
}
END_TEST

/* Ends the program with 77 where this is not the policy in force. */
static void need_policy(void)
{
	static const char context[] = TESTED;
	int fd = open("/sys/fs/selinux/context", O_RDWR | O_CLOEXEC);

	if (fd < 0 || write(fd, context, sizeof(context)) < 0) {
		printf("SKIP: the policy of these tests is not in force: ./dev vm --lsm selinux test_selinux\n");
		exit(77);
	}
	close(fd);
}

int main(void)
{
	TCase *tc;
	Suite *suite;

	need_policy();
	need_root();
	suite = suite_of("selinux", &tc);
	tcase_add_loop_test(
		tc, payload_is_in_its_context_and_refused_what_that_may_not_do, 0, WAYS);
	tcase_add_test(tc, payload_without_a_context_has_that_of_the_host);
	tcase_add_test(tc, join_is_in_the_context_of_its_own_spec);
	tcase_add_test(tc, filesystem_of_the_spec_has_the_context_that_its_options_say);
	tcase_add_test(tc, context_that_the_policy_does_not_know_is_an_error_that_names_it);
	tcase_add_test(tc, no_new_privs_bars_a_context_that_the_policy_does_not_allow_with_it);
	return suite_run(suite);
}

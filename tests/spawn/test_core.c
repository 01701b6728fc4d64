/* SPDX-License-Identifier: MIT */
/*
 * No core dumps on request: beside what a payload does without the request, and against one
 * that would have them all the same. Which file or handler the machine has is left as it is.
 */
#include "support/box.h"
#include "support/needs.h"

#include <container/join.h>

#include <sys/resource.h>
#include <unistd.h>

#define LIMIT "grep '^Max core' /proc/self/limits | tr -s ' ' | cut -d ' ' -f 5,6"

static ct_spec *without(ct_spec *spec)
{
	set(ct_spec_set_core_dumps(spec, 0));
	return spec;
}

#define SCRIPT(script) SPEC("/bin/sh", "-c", script)

/* In the container's own /tmp, where a file of the kernel's pattern would be. */
static ct_exit crash(ct_spec *spec)
{
	struct outcome *outcome;

	set(ct_spec_set_cwd(spec, "/tmp"));
	outcome = run(spec);
	ct_spec_free(spec);
	ck_assert_int_eq(outcome->how.signal, SIGSEGV);
	return outcome->how;
}

static ct_spec *unlimited(ct_spec *spec)
{
	set(ct_spec_set_rlimit(spec, RLIMIT_CORE, UINT64_MAX, UINT64_MAX));
	return spec;
}

START_TEST(crash_leaves_no_core_dump)
{
	ck_assert_uint_eq(crash(unlimited(SPEC("/bin/probe", "crash"))).core_dumped, 1);
	ck_assert_uint_eq(crash(without(SPEC("/bin/probe", "crash"))).core_dumped, 0);
	ck_assert_uint_eq(crash(without(unlimited(SPEC("/bin/probe", "crash")))).core_dumped, 0);
}
END_TEST

/* At 0 the kernel runs a handler, at 1 it does not. */
START_TEST(limit_is_the_one_that_stops_handlers_and_files)
{
	ck_assert_str_eq(output_of(without(SCRIPT(LIMIT))), "1 1\n");
	ck_assert_str_eq(output_of(without(unlimited(SCRIPT(LIMIT)))), "1 1\n");
}
END_TEST

START_TEST(payload_changes_nothing_and_is_told_that_it_did)
{
	const char *script = "ulimit -S -c 0 && ulimit -H -c 0 && echo done; " LIMIT;

	ck_assert_str_eq(output_of(unlimited(SCRIPT(script))), "done\n0 0\n");
	ck_assert_str_eq(output_of(without(SCRIPT(script))), "done\n1 1\n");
}
END_TEST

START_TEST(payload_that_lowers_its_limit_is_not_dumped_either)
{
	ck_assert_uint_eq(
		crash(without(SCRIPT("ulimit -c 0; exec /bin/probe crash"))).core_dumped, 0);
}
END_TEST

START_TEST(other_limits_are_the_payloads_own)
{
	ck_assert_str_eq(output_of(without(SCRIPT("ulimit -n 50; ulimit -n"))), "50\n");
}
END_TEST

START_TEST(rules_of_the_spec_do_not_open_it)
{
	ct_spec *spec = without(SCRIPT("ulimit -c 0; " LIMIT));

	set(ct_spec_add_seccomp_rule(spec, "prlimit64", CT_SECCOMP_ALLOW, 0, NULL, 0));
	set(ct_spec_add_seccomp_rule(spec, "setrlimit", CT_SECCOMP_ALLOW, 0, NULL, 0));
	ck_assert_str_eq(output_of(spec), "1 1\n");
}
END_TEST

START_TEST(last_word_counts)
{
	ct_spec *spec = unlimited(without(SCRIPT(LIMIT)));

	set(ct_spec_set_core_dumps(spec, 1));
	ck_assert_str_eq(output_of(spec), "unlimited unlimited\n");
	ck_assert_int_eq(ct_spec_set_core_dumps(NULL, 0), -EINVAL);
}
END_TEST

START_TEST(who_joins_is_not_dumped_either)
{
	ct_spec *spec = without(SCRIPT("echo ready; exec /bin/probe pause"));
	ct_spec *visit = VISITOR("/bin/sh", "-c", "ulimit -c 0; " LIMIT);
	ct_container *target = start_ready(spec), *visitor = NULL;
	ct_error err = CT_ERROR_INIT;
	int code = ct_join(target, 0, 0, visit, &visitor, &err);
	struct outcome *outcome = outcome_of(code, visitor, &err);

	ck_assert_msg(outcome->code == 0, "%s", outcome->err.sentence);
	ck_assert_str_eq(outcome->out, "1 1\n");
	ct_container_free(target);
	ct_spec_free(visit);
	ct_spec_free(spec);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("core", &tc);

	if (geteuid() == 0)
		need_root();
	else
		need_user();
	tcase_add_test(tc, crash_leaves_no_core_dump);
	tcase_add_test(tc, limit_is_the_one_that_stops_handlers_and_files);
	tcase_add_test(tc, payload_changes_nothing_and_is_told_that_it_did);
	tcase_add_test(tc, payload_that_lowers_its_limit_is_not_dumped_either);
	tcase_add_test(tc, other_limits_are_the_payloads_own);
	tcase_add_test(tc, rules_of_the_spec_do_not_open_it);
	tcase_add_test(tc, last_word_counts);
	tcase_add_test(tc, who_joins_is_not_dumped_either);
	return suite_run(suite);
}

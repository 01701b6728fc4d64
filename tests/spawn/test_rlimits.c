/* SPDX-License-Identifier: MIT */
/* Limits of each process (setrlimit(2)), with an offender that runs against them. They take no cgroup. */
#include "cgroup/groups.h"
#include "support/box.h"

#include <sys/resource.h>
#include <sys/stat.h>

START_TEST(file_is_refused_at_the_limit_of_descriptors)
{
	ct_spec *spec = SPEC("/bin/offender", "files", "100");
	ct_container *container;
	char text[256];

	set(ct_spec_set_rlimit(spec, RLIMIT_NOFILE, 20, 20));
	container = start_until(spec, "refused EMFILE", text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, "opened 17\n")); /* beside the three streams */
	ct_container_free(container);
}
END_TEST

START_TEST(file_grows_no_larger_than_its_limit)
{
	ct_spec *spec = SPEC("/bin/offender", "write", "/file", "2097152");
	struct outcome *outcome;
	struct stat file;

	set(ct_spec_set_rlimit(spec, RLIMIT_FSIZE, MIB, MIB));
	outcome = run(spec);
	ct_spec_free(spec);
	/* The signal that comes with it does nothing to a first process. */
	ck_assert_int_eq(outcome->how.code, 1);
	ck_assert_int_eq(stat(in_root("file"), &file), 0);
	ck_assert_uint_eq((uint64_t)file.st_size, MIB);
}
END_TEST

START_TEST(memory_is_refused_at_the_limit_of_addresses)
{
	ct_spec *spec = SPEC("/bin/offender", "memory", "67108864");
	struct outcome *outcome;

	set(ct_spec_set_rlimit(spec, RLIMIT_AS, 32 * MIB, 32 * MIB));
	outcome = run(spec);
	ct_spec_free(spec);
	ck_assert_int_eq(outcome->how.code, 1);
}
END_TEST

START_TEST(spinner_is_killed_at_its_limit_of_seconds)
{
	ct_spec *spec = SPEC("/bin/offender", "spin", "30000");
	struct outcome *outcome;

	set(ct_spec_set_rlimit(spec, RLIMIT_CPU, 1, 1));
	outcome = run(spec);
	ct_spec_free(spec);
	ck_assert_int_eq(outcome->how.signal, SIGKILL);
	/* The kernel counts whole ticks for that; 30 seconds are what it would have spun. */
	ck_assert_uint_ge(outcome->how.user_us + outcome->how.system_us, 500000);
	ck_assert_uint_lt(outcome->how.user_us + outcome->how.system_us, 15000000);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rlimits");
	TCase *tc = tcase_create("rlimits");

	need_root();
	tcase_add_checked_fixture(tc, groups_setup, groups_teardown);
	suite_add_tcase(suite, tc);
	tcase_add_test(tc, file_is_refused_at_the_limit_of_descriptors);
	tcase_add_test(tc, file_grows_no_larger_than_its_limit);
	tcase_add_test(tc, memory_is_refused_at_the_limit_of_addresses);
	tcase_add_test(tc, spinner_is_killed_at_its_limit_of_seconds);
	return suite_run(suite);
}

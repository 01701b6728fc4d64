/* SPDX-License-Identifier: MIT */
/* What /proc tells of a process's rights, as the kernel writes it and as it never would. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "util/proc_status.h"

#define STATUS(groups, rest)                                                                       \
	"Name:\tsh\\nUid:\t0\nUmask:\t0022\nUid:\t10\t11\t12\t13\nGid:\t20\t21\t22\t23\nGroups:\t" \
	groups "\nCapInh:\t0000000000000001\nCapPrm:\t00000000a80425fb\nCapEff:\t0\n"              \
	"CapBnd:\t000001ffffffffff\nCapAmb:\t0000000000000400\nNoNewPrivs:\t1\n" rest

START_TEST(status_gives_effective_ids_groups_and_capabilities)
{
	struct ct__proc_status status;
	const gid_t *groups;

	ck_assert_int_eq(ct__parse_status(STATUS("4 24 1000 ", "Seccomp:\t2\nSeccomp_filters:\t3\n"),
				 &status),
		0);
	ck_assert_uint_eq(status.uid, 11);
	ck_assert_uint_eq(status.gid, 21);
	groups = status.groups.items;
	ck_assert_uint_eq(status.groups.count, 3);
	ck_assert_uint_eq(groups[0], 4);
	ck_assert_uint_eq(groups[2], 1000);
	ck_assert_uint_eq(status.permitted, 0xa80425fb);
	ck_assert_uint_eq(status.bounding, 0x1ffffffffff);
	ck_assert_uint_eq(status.ambient, 0x400);
	ck_assert(status.no_new_privs);
	ck_assert_uint_eq(status.filters, 3);
	ct__array_done(&status.groups);
}
END_TEST

START_TEST(status_without_groups_or_filters_has_none)
{
	struct ct__proc_status status;

	ck_assert_int_eq(ct__parse_status(STATUS(" ", "Seccomp:\t0\n"), &status), 0);
	ck_assert_uint_eq(status.groups.count, 0);
	ck_assert_uint_eq(status.filters, 0);
	/* A kernel that does not count them, and one without any. */
	ck_assert_int_eq(ct__parse_status(STATUS("", "Seccomp:\t2\n"), &status), 0);
	ck_assert_uint_eq(status.filters, 1);
	ck_assert_int_eq(ct__parse_status(STATUS("", ""), &status), 0);
	ck_assert_uint_eq(status.filters, 0);
}
END_TEST

START_TEST(status_that_lacks_a_line_is_refused)
{
	static const char *const lines[] = {"Uid:\t", "Gid:\t", "Groups:\t", "CapPrm:\t", "CapBnd:\t",
		"CapAmb:\t", "NoNewPrivs:\t"};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct ct__proc_status status;
		char *text = strdup(STATUS("1 ", "")), *at;

		/* Every line of that name; the one in the forged name is none. */
		for (at = strstr(text, lines[i]); at; at = strstr(at + 1, lines[i]))
			*at = '#';
		ck_assert_int_eq(ct__parse_status(text, &status), -EINVAL);
		free(text);
	}
	ck_assert_int_eq(ct__parse_status("", &(struct ct__proc_status){0}), -EINVAL);
}
END_TEST

START_TEST(limits_are_read_by_name_and_unknown_rows_left_out)
{
	static const char text[] =
		"Limit                     Soft Limit           Hard Limit           Units     \n"
		"Max cpu time              unlimited            unlimited            seconds   \n"
		"Max open files            1024                 1048576              files     \n"
		"Max new thing             1                    2                    things    \n"
		"Max nice priority         0                    0                    \n"
		"Max stack size            broken\n";
	struct ct__proc_limit limits[16];

	ck_assert_uint_eq(ct__parse_limits(text, limits, 16), 3);
	ck_assert_int_eq(limits[0].resource, RLIMIT_CPU);
	ck_assert_uint_eq(limits[0].hard, UINT64_MAX);
	ck_assert_int_eq(limits[1].resource, RLIMIT_NOFILE);
	ck_assert_uint_eq(limits[1].soft, 1024);
	ck_assert_uint_eq(limits[1].hard, 1048576);
	ck_assert_int_eq(limits[2].resource, RLIMIT_NICE);
	ck_assert_uint_eq(ct__parse_limits(text, limits, 1), 1);
	ck_assert_uint_eq(ct__parse_limits("", limits, 16), 0);
}
END_TEST

START_TEST(id_map_leads_from_outside_to_inside)
{
	ct__array map = {0};
	uint32_t id = 7;

	ck_assert_int_eq(ct__parse_id_map("         0     100000      65536\n     70000  5 1\n", &map), 0);
	ck_assert(ct__id_inside(&map, 100033, &id));
	ck_assert_uint_eq(id, 33);
	ck_assert(ct__id_inside(&map, 5, &id));
	ck_assert_uint_eq(id, 70000);
	id = 7;
	ck_assert(!ct__id_inside(&map, 0, &id));
	ck_assert(!ct__id_inside(&map, 165536, &id));
	ck_assert(!ct__id_inside(&map, UINT32_MAX, &id));
	ck_assert_uint_eq(id, 7);
	ct__array_done(&map);
	/* The whole range of ids, as without a user namespace. */
	ck_assert_int_eq(ct__parse_id_map("0 0 4294967295\n", &map), 0);
	ck_assert(ct__id_inside(&map, 4294967294u, &id));
	ck_assert_uint_eq(id, 4294967294u);
	ct__array_done(&map);
}
END_TEST

START_TEST(malformed_id_map_is_refused)
{
	static const char *const texts[] = {"1 2\n", "1 2 3", "a b c\n", "1 2 3 4\n", "0 0 1\nx\n"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		ct__array map = {0};

		ck_assert_int_eq(ct__parse_id_map(texts[i], &map), -EINVAL);
		ck_assert_ptr_null(map.items);
	}
}
END_TEST

START_TEST(cgroup_line_is_split_into_controllers_and_path)
{
	char v1[] = "4:cpu,cpuacct:/a/b:c", v2[] = "0::/", named[] = "1:name=systemd:/x";
	struct ct__cgroup_line line;

	ck_assert_int_eq(ct__parse_cgroup_line(v1, &line), 0);
	ck_assert_str_eq(line.controllers, "cpu,cpuacct");
	ck_assert_str_eq(line.path, "/a/b:c");
	ck_assert_int_eq(ct__parse_cgroup_line(v2, &line), 0);
	ck_assert_str_eq(line.controllers, "");
	ck_assert_str_eq(line.path, "/");
	ck_assert_int_eq(ct__parse_cgroup_line(named, &line), 0);
	ck_assert_str_eq(line.controllers, "name=systemd");
}
END_TEST

START_TEST(malformed_cgroup_line_is_refused)
{
	char none[] = "", one[] = "4:cpu", relative[] = "4:cpu:a/b";
	struct ct__cgroup_line line;

	ck_assert_int_eq(ct__parse_cgroup_line(none, &line), -EINVAL);
	ck_assert_int_eq(ct__parse_cgroup_line(one, &line), -EINVAL);
	ck_assert_int_eq(ct__parse_cgroup_line(relative, &line), -EINVAL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("proc_status");
	TCase *tc = tcase_create("proc_status");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, status_gives_effective_ids_groups_and_capabilities);
	tcase_add_test(tc, status_without_groups_or_filters_has_none);
	tcase_add_test(tc, status_that_lacks_a_line_is_refused);
	tcase_add_test(tc, limits_are_read_by_name_and_unknown_rows_left_out);
	tcase_add_test(tc, id_map_leads_from_outside_to_inside);
	tcase_add_test(tc, malformed_id_map_is_refused);
	tcase_add_test(tc, cgroup_line_is_split_into_controllers_and_path);
	tcase_add_test(tc, malformed_cgroup_line_is_refused);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

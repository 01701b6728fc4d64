/* SPDX-License-Identifier: MIT */
/* An ordinary user's id maps: what /etc/subuid gives him, and how newuidmap writes it. */
#include "support/box.h"
#include "support/user.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "idmap/idmap.h"

/* "0 1000 1, 1 100000 65536" */
static const char *words_of(const ct__array *ranges)
{
	static char text[2][16384];
	static unsigned int next;
	char *words = text[next++ % 2];
	size_t used = 0;

	words[0] = '\0';
	ct__array_for_each(const struct ct__id_range, range, ranges) used +=
		(size_t)snprintf(words + used, sizeof(text[0]) - used, "%s%u %u %u",
			used ? ", " : "", range->inside, range->outside, range->count);
	return words;
}

/* What the caller gets of these two files. */
static void expect_ranges(
	const char *subuid, const char *subgid, const char *uids, const char *gids)
{
	struct ct__idmap map = {0};
	ct_error err = CT_ERROR_INIT;
	char want[512];

	give_subids(subuid, subgid);
	if (ct__idmap_of_caller(&map, &err) < 0)
		ck_abort_msg("%s", err.sentence);
	snprintf(want, sizeof(want), "0 %u 1, %s", geteuid(), uids);
	ck_assert_str_eq(words_of(&map.uids), want);
	snprintf(want, sizeof(want), "0 %u 1, %s", getegid(), gids);
	ck_assert_str_eq(words_of(&map.gids), want);
	ck_assert(map.helps_uids && map.helps_gids && !map.deny_setgroups);
	ct__idmap_done(&map);
}

static void expect_none(const char *subuid, const char *subgid, const char *object)
{
	struct ct__idmap map = {0};
	ct_error err = CT_ERROR_INIT;
	int ret;

	give_subids(subuid, subgid);
	ret = ct__idmap_of_caller(&map, &err);
	expect_error(ret, &err, -ENOENT, CT_STEP_IDMAP, object, "subordinate");
	ck_assert_ptr_nonnull(strstr(err.cure, "usermod --add-subuids"));
	ck_assert_ptr_null(map.uids.items);
}

#define OWN_LINE "ct-tester:300000:1000\n"

START_TEST(ranges_are_found_by_name_and_by_number)
{
	expect_ranges("ct-tester:100000:5\n", "54399:200000:6\n", "1 100000 5", "1 200000 6");
}
END_TEST

START_TEST(several_ranges_follow_each_other_in_the_order_of_the_file)
{
	expect_ranges("root:1:9\nct-tester:500000:10\n54399:400000:20\nother:600000:5\n"
		      "ct-tester:700000:30",
		OWN_LINE, "1 500000 10, 11 400000 20, 31 700000 30", "1 300000 1000");
}
END_TEST

START_TEST(lines_that_make_no_sense_are_passed_over)
{
	expect_ranges(
		"\n:::\nct-tester\nct-tester:1\nct-tester:x:5\nct-tester:100000:-1\n"
		"ct-tester:4294967290:10\nct-tester:100000:0\nct-tester:8:8:8\n#ct-tester:5:5\n"
		"ct-tester:100000:7",
		OWN_LINE, "1 100000 7", "1 300000 1000");
}
END_TEST

START_TEST(range_that_overlaps_an_earlier_one_is_left_out)
{
	expect_ranges(
		"ct-tester:100000:100\n54399:100000:100\nct-tester:100099:2\nct-tester:100100:1\n"
		"ct-tester:99990:1000\n",
		OWN_LINE, "1 100000 100, 101 100100 1", "1 300000 1000");
}
END_TEST

START_TEST(range_with_the_caller_or_with_root_in_it_is_left_out)
{
	expect_ranges("ct-tester:54000:1000\nct-tester:0:65536\nct-tester:70000:3\n", OWN_LINE,
		"1 70000 3", "1 300000 1000");
}
END_TEST

START_TEST(user_without_ranges_is_told_where_they_are_missing)
{
	expect_none("", OWN_LINE, "/etc/subuid: ct-tester");
	expect_none(OWN_LINE, "root:100000:65536\n", "/etc/subgid: ct-tester");
	expect_none("ct-teste:100000:65536\nct-tester2:100000:65536\n5439:1:1\n", OWN_LINE,
		"/etc/subuid");
}
END_TEST

START_TEST(no_more_ranges_than_the_kernel_takes_are_asked_for)
{
	char *text = malloc(400 * 32);
	struct ct__idmap map = {0};
	size_t used = 0;

	for (unsigned int i = 0; i < 400; i++)
		used += (size_t)snprintf(text + used, 32, "ct-tester:%u:1\n", 100000 + 2 * i);
	give_subids(text, OWN_LINE);
	ck_assert_int_eq(ct__idmap_of_caller(&map, NULL), 0);
	ck_assert_uint_eq(map.uids.count, CT__IDMAP_RANGES);
	ct__idmap_done(&map);
	free(text);
}
END_TEST

START_TEST(file_that_is_none_is_refused)
{
	struct ct__idmap map = {0};
	ct_error err = CT_ERROR_INIT;
	int ret;

	give_subids(OWN_LINE, OWN_LINE);
	ck_assert_int_eq(truncate("/etc/subuid", 17 << 20), 0);
	ret = ct__idmap_of_caller(&map, &err);
	expect_error(ret, &err, -EFBIG, CT_STEP_IDMAP, "/etc/subuid", "read");
}
END_TEST

/* ------------------------------------------------------------- in the kernel */

/* Reads both maps of a namespace, as this process sees them. */
static void expect_maps(int userns, const char *uids, const char *gids)
{
	pid_t child = fork();
	char text[256];

	if (child == 0) {
		if (setns(userns, CLONE_NEWUSER) < 0)
			_exit(1);
		pause();
	}
	for (const char *now = ""; strcmp(now, uids) != 0;) {
		char path[64];

		ck_assert_int_eq(waitpid(child, NULL, WNOHANG), 0);
		snprintf(path, sizeof(path), "/proc/%d/uid_map", child);
		snprintf(text, sizeof(text), "%s", read_file(path));
		now = text;
		snprintf(path, sizeof(path), "/proc/%d/gid_map", child);
		if (strcmp(now, uids) == 0)
			ck_assert_str_eq(read_file(path), gids);
		sched_yield();
	}
	end_child(child);
}

START_TEST(user_namespace_has_the_ranges_that_newuidmap_wrote)
{
	struct ct__idmap map = {0};
	ct_error err = CT_ERROR_INIT;
	int fd = -1;

	give_subids("ct-tester:100000:10\nct-tester:200000:20\n", "ct-tester:300000:30\n");
	ck_assert_int_eq(ct__idmap_of_caller(&map, &err), 0);
	if (ct__userns_make(&map, &fd, &err) < 0)
		ck_abort_msg("%s", err.sentence);
	ck_assert_int_eq(ioctl(fd, NS_GET_NSTYPE), CLONE_NEWUSER);
	expect_maps(fd,
		"         0      54399          1\n"
		"         1     100000         10\n"
		"        11     200000         20\n",
		"         0      54399          1\n"
		"         1     300000         30\n");
	close(fd);
	ct__idmap_done(&map);
}
END_TEST

START_TEST(user_namespace_of_the_caller_alone_needs_no_helper)
{
	struct ct__idmap map = {0};
	ct_error err = CT_ERROR_INIT;
	int fd = -1;

	give_subids("", "");
	ck_assert_int_eq(ct__idmap_default_own(&map), 0);
	ct__idmap_decide(&map);
	ck_assert(!map.helps_uids && !map.helps_gids && map.deny_setgroups);
	if (ct__userns_make(&map, &fd, &err) < 0)
		ck_abort_msg("%s", err.sentence);
	expect_maps(fd, "         0      54399          1\n", "         0      54399          1\n");
	close(fd);
	ct__idmap_done(&map);
}
END_TEST

/* A map of one range, given to nobody. */
static int make_foreign(ct_error *err)
{
	struct ct__idmap map = {0};
	int fd = -1, ret;

	ck_assert_int_eq(ct__idmap_add(&map.uids, 0, 7777777, 3), 0);
	ck_assert_int_eq(ct__idmap_default_own(&map), 0);
	ct__idmap_decide(&map);
	ret = ct__userns_make(&map, &fd, err);
	ck_assert_int_eq(fd, -1);
	ct__idmap_done(&map);
	return ret;
}

START_TEST(refusal_of_newuidmap_comes_with_its_own_words)
{
	ct_error err = CT_ERROR_INIT;

	expect_error(make_foreign(&err), &err, -EPERM, CT_STEP_IDMAP, "/usr/bin/newuidmap",
		"not allowed");
	ck_assert_ptr_nonnull(strstr(err.sentence, "7777777"));
	ck_assert_str_eq(err.call, "newuidmap");
	ck_assert_ptr_nonnull(strstr(err.cure, "/etc/subuid"));
}
END_TEST

START_TEST(host_with_no_new_privs_is_told_that_newuidmap_cannot_work)
{
	ct_error err = CT_ERROR_INIT;

	ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	box_accept_changes();
	expect_error(make_foreign(&err), &err, -EPERM, CT_STEP_IDMAP, "newuidmap", "no_new_privs");
	ck_assert_ptr_nonnull(strstr(err.cure, "NoNewPrivileges"));
}
END_TEST

/* The host may have its children reaped by the kernel, which then forgets their exit codes. */
START_TEST(helper_works_for_a_host_that_ignores_sigchld)
{
	struct ct__idmap map = {0};
	ct_error err = CT_ERROR_INIT;
	int fd = -1;

	give_subids(OWN_LINE, OWN_LINE);
	signal(SIGCHLD, SIG_IGN);
	box_accept_changes();
	ck_assert_int_eq(ct__idmap_of_caller(&map, &err), 0);
	if (ct__userns_make(&map, &fd, &err) < 0)
		ck_abort_msg("%s", err.sentence);
	close(fd);
	ct__idmap_done(&map);
	ck_assert_int_eq(make_foreign(&err), -EPERM);
}
END_TEST

/* The kernel takes no range that lies in two ranges of the map around it. */
START_TEST(ranges_are_parted_where_those_of_the_namespace_around_them_end)
{
	ct__array own = {0}, ranges = {0}, parted = {0};

	ck_assert_int_eq(ct__idmap_add(&own, 0, 1000, 5), 0);
	ck_assert_int_eq(ct__idmap_add(&own, 5, 70000, 3), 0);
	ck_assert_int_eq(ct__idmap_add(&own, 100, 80000, 10), 0);
	ck_assert_int_eq(ct__idmap_add(&ranges, 0, 2, 4), 0);
	ck_assert_int_eq(ct__idmap_add(&ranges, 10, 90, 20), 0);
	ck_assert_int_eq(ct__idmap_part(&ranges, &own, &parted), 0);
	ck_assert_str_eq(words_of(&parted), "0 2 3, 3 5 1, 10 90 10, 20 100 10");
	ct__array_done(&own);
	ct__array_done(&ranges);
	ct__array_done(&parted);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("id maps", &tc);

	need_user_with_subids();
	tcase_add_test(tc, ranges_are_found_by_name_and_by_number);
	tcase_add_test(tc, several_ranges_follow_each_other_in_the_order_of_the_file);
	tcase_add_test(tc, lines_that_make_no_sense_are_passed_over);
	tcase_add_test(tc, range_that_overlaps_an_earlier_one_is_left_out);
	tcase_add_test(tc, range_with_the_caller_or_with_root_in_it_is_left_out);
	tcase_add_test(tc, user_without_ranges_is_told_where_they_are_missing);
	tcase_add_test(tc, no_more_ranges_than_the_kernel_takes_are_asked_for);
	tcase_add_test(tc, file_that_is_none_is_refused);
	tcase_add_test(tc, user_namespace_has_the_ranges_that_newuidmap_wrote);
	tcase_add_test(tc, user_namespace_of_the_caller_alone_needs_no_helper);
	tcase_add_test(tc, refusal_of_newuidmap_comes_with_its_own_words);
	tcase_add_test(tc, host_with_no_new_privs_is_told_that_newuidmap_cannot_work);
	tcase_add_test(tc, helper_works_for_a_host_that_ignores_sigchld);
	tcase_add_test(tc, ranges_are_parted_where_those_of_the_namespace_around_them_end);
	return suite_run(suite);
}

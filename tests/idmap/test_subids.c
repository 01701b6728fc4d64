/* SPDX-License-Identifier: MIT */
/* Containers of an ordinary user whose ids are his own, his subordinate ones, or both. */
#include "support/box.h"
#include "support/user.h"
#include "trace/recorder.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define HIS_LINE  "ct-tester:231072:65536\n"
#define SHOW_MAPS "cat /proc/self/uid_map /proc/self/gid_map | tr -s ' '; cat /proc/self/setgroups"

static ct_spec *mapped(const char *script, ct_idmap kind, uint32_t count)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", script);

	give_subids(HIS_LINE, HIS_LINE);
	write_file(in_root("etc/passwd"),
		"root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n", 0644);
	write_file(in_root("etc/group"), "root:x:0:\nnobody:x:65534:\n", 0644);
	set(ct_spec_set_idmap(spec, kind, count));
	return spec;
}

static void expect_refusal(
	ct_spec *spec, int code, const char *object, const char *words, const char *cure)
{
	struct outcome *outcome = attempt(spec);

	expect_error(outcome->code, &outcome->err, code, CT_STEP_IDMAP, object, words);
	ck_assert_msg(
		strstr(outcome->err.cure, cure) != NULL, "the cure is: %s", outcome->err.cure);
	ct_spec_free(spec);
}

START_TEST(caller_alone_is_mapped_without_any_helper)
{
	ct_spec *spec = mapped(SHOW_MAPS, CT_IDMAP_OWN, 0);

	give_subids("", "");
	ck_assert_str_eq(output_of(spec), " 0 54399 1\n 0 54399 1\ndeny\n");
}
END_TEST

START_TEST(subordinate_ids_follow_the_caller)
{
	ck_assert_str_eq(output_of(mapped(SHOW_MAPS, CT_IDMAP_SUBIDS, 0)),
		" 0 54399 1\n 1 231072 65536\n 0 54399 1\n 1 231072 65536\nallow\n");
}
END_TEST

START_TEST(programs_that_change_ids_work_with_subordinate_ids)
{
	ck_assert_str_eq(output_of(mapped("su nobody -s /bin/sh -c id", CT_IDMAP_SUBIDS, 65536)),
		"uid=65534(nobody) gid=65534(nobody) groups=65534(nobody)\n");
}
END_TEST

START_TEST(user_and_groups_of_the_payload_may_be_subordinate_ids)
{
	static const gid_t groups[] = {7, 65535};
	ct_spec *spec = mapped("id -u; id -G", CT_IDMAP_SUBIDS, 65536);

	set(ct_spec_set_user(spec, 1000, 1001));
	set(ct_spec_set_groups(spec, groups, 2));
	ck_assert_str_eq(output_of(spec), "1000\n1001 7 65535\n");
}
END_TEST

START_TEST(files_of_subordinate_ids_belong_to_them_outside)
{
	ct_spec *spec = mapped("touch /tmp/by-root; su nobody -s /bin/sh -c 'touch /tmp/by-nobody'",
		CT_IDMAP_SUBIDS, 0);
	struct stat made;

	output_of(spec);
	ck_assert_int_eq(stat(in_root("tmp/by-root"), &made), 0);
	ck_assert_uint_eq(made.st_uid, test_user_id());
	ck_assert_int_eq(stat(in_root("tmp/by-nobody"), &made), 0);
	ck_assert_uint_eq(made.st_uid, TEST_SUBIDS + 65533);
	/* Only their owner can remove it from a sticky directory. */
	ck_assert_int_eq(chmod(in_root("tmp"), 0777), 0);
}
END_TEST

START_TEST(private_ids_of_a_user_are_subordinate_ones_from_root_on)
{
	ct_spec *spec = mapped(SHOW_MAPS "; id -u; touch /tmp/made", CT_IDMAP_PRIVATE, 0);
	struct stat made;

	ck_assert_str_eq(output_of(spec), " 0 231072 65536\n 0 231072 65536\nallow\n0\n");
	ck_assert_int_eq(stat(in_root("tmp/made"), &made), 0);
	ck_assert_uint_eq(made.st_uid, TEST_SUBIDS);
	ck_assert_int_eq(chmod(in_root("tmp"), 0777), 0);
}
END_TEST

START_TEST(no_more_ids_are_mapped_than_asked_for)
{
	ck_assert_str_eq(output_of(mapped(SHOW_MAPS, CT_IDMAP_SUBIDS, 10)),
		" 0 54399 1\n 1 231072 9\n 0 54399 1\n 1 231072 9\nallow\n");
	ck_assert_str_eq(output_of(mapped(SHOW_MAPS, CT_IDMAP_PRIVATE, 10)),
		" 0 231072 10\n 0 231072 10\nallow\n");
	/* One is the caller, who needs no helper, and the kernel bars setgroups again. */
	ck_assert_str_eq(
		output_of(mapped(SHOW_MAPS, CT_IDMAP_SUBIDS, 1)), " 0 54399 1\n 0 54399 1\ndeny\n");
}
END_TEST

START_TEST(maps_are_the_same_where_the_container_is_forked)
{
	ct_spec *spec = mapped(SHOW_MAPS, CT_IDMAP_SUBIDS, 0);

	set(ct_spec_set_exact_rss(spec, 1));
	ck_assert_str_eq(output_of(spec),
		" 0 54399 1\n 1 231072 65536\n 0 54399 1\n 1 231072 65536\nallow\n");
}
END_TEST

START_TEST(container_tells_its_maps)
{
	ct_spec *spec = mapped("true", CT_IDMAP_SUBIDS, 100);
	ct_id_range ranges[3] = {{9, 9, 9}, {9, 9, 9}, {9, 9, 9}};
	ct_container *container = NULL;

	ck_assert_int_eq(ct_spawn(spec, &container, NULL), 0);
	ck_assert_int_eq(ct_container_uid_map(container, NULL, 0), 2);
	ck_assert_int_eq(ct_container_uid_map(container, ranges, 1), 2);
	ck_assert(ranges[0].inside == 0 && ranges[0].outside == geteuid() && ranges[0].count == 1);
	ck_assert_uint_eq(ranges[1].count, 9);
	ck_assert_int_eq(ct_container_gid_map(container, ranges, 3), 2);
	ck_assert(
		ranges[1].inside == 1 && ranges[1].outside == TEST_SUBIDS && ranges[1].count == 99);
	ck_assert_uint_eq(ranges[2].count, 9);
	ck_assert_int_eq(ct_container_uid_map(container, NULL, 1), -EINVAL);
	ck_assert_int_eq(ct_container_uid_map(NULL, ranges, 1), -EINVAL);
	wait_for(container);
	ct_container_free(container);
	ct_spec_free(spec);
}
END_TEST

START_TEST(ranges_of_the_spec_go_through_newuidmap_if_they_are_the_users)
{
	ct_spec *spec = mapped(SHOW_MAPS, CT_IDMAP_OWN, 0),
		*ranges = SPEC("/bin/sh", "-c", SHOW_MAPS);

	ct_spec_free(spec);
	set(ct_spec_add_uid_map(ranges, 0, TEST_SUBIDS + 5, 10));
	set(ct_spec_add_uid_map(ranges, 1000, test_user_id(), 1));
	set(ct_spec_add_gid_map(ranges, 0, TEST_SUBIDS + 7, 10));
	ck_assert_str_eq(output_of(ranges), " 0 231077 10\n 1000 54399 1\n 0 231079 10\nallow\n");
}
END_TEST

START_TEST(ranges_of_others_are_refused_with_the_words_of_newuidmap)
{
	ct_spec *uids = SPEC("/bin/true"), *gids = SPEC("/bin/true");

	give_subids(HIS_LINE, HIS_LINE);
	set(ct_spec_add_uid_map(uids, 0, TEST_SUBIDS - 1, 10));
	set(ct_spec_add_gid_map(uids, 0, TEST_SUBIDS, 10));
	expect_refusal(
		uids, -EPERM, "/usr/bin/newuidmap", "[231071-231081) not allowed", "/etc/subuid");
	set(ct_spec_add_uid_map(gids, 0, TEST_SUBIDS, 10));
	set(ct_spec_add_gid_map(gids, 0, 0, 1));
	expect_refusal(gids, -EPERM, "/usr/bin/newgidmap", "not allowed", "/etc/subgid");
}
END_TEST

START_TEST(user_without_subordinate_ids_is_refused_with_a_cure)
{
	ct_spec *subids = mapped("true", CT_IDMAP_SUBIDS, 0),
		*none = mapped("true", CT_IDMAP_PRIVATE, 0);

	give_subids("", "");
	expect_refusal(subids, -ENOENT, "/etc/subuid: ct-tester", "no subordinate ids",
		"usermod --add-subuids");
	expect_refusal(none, -ENOENT, "/etc/subuid: ct-tester", "no subordinate ids",
		"usermod --add-subuids");
}
END_TEST

START_TEST(more_ids_than_the_user_has_are_refused)
{
	expect_refusal(mapped("true", CT_IDMAP_SUBIDS, 65538), -ENOSPC,
		"/etc/subuid: 65537 of 65538", "fewer", "/etc/subuid");
	expect_refusal(mapped("true", CT_IDMAP_PRIVATE, 65537), -ENOSPC, "65536 of 65537", "fewer",
		"/etc/subuid");
}
END_TEST

START_TEST(explain_mode_shows_the_command_of_each_helper)
{
	ct_spec *spec = mapped("true", CT_IDMAP_SUBIDS, 0);
	const struct told *at;

	listen_to(spec);
	run(spec);
	at = shell_of("newgidmap ");
	ck_assert_int_eq(at->who, CT_TRACE_HOST);
	ck_assert_int_eq(at->step, CT_STEP_IDMAP);
	ck_assert_ptr_nonnull(strstr(at->shell, " 0 54399 1 1 231072 65536"));
	ck_assert_ptr_nonnull(strstr(at->arguments, "/usr/bin/newgidmap"));
	shell_of("newuidmap ");
	ct_spec_free(spec);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("subordinate ids", &tc);

	need_user_with_subids();
	tcase_add_test(tc, caller_alone_is_mapped_without_any_helper);
	tcase_add_test(tc, subordinate_ids_follow_the_caller);
	tcase_add_test(tc, programs_that_change_ids_work_with_subordinate_ids);
	tcase_add_test(tc, user_and_groups_of_the_payload_may_be_subordinate_ids);
	tcase_add_test(tc, files_of_subordinate_ids_belong_to_them_outside);
	tcase_add_test(tc, private_ids_of_a_user_are_subordinate_ones_from_root_on);
	tcase_add_test(tc, no_more_ids_are_mapped_than_asked_for);
	tcase_add_test(tc, maps_are_the_same_where_the_container_is_forked);
	tcase_add_test(tc, container_tells_its_maps);
	tcase_add_test(tc, ranges_of_the_spec_go_through_newuidmap_if_they_are_the_users);
	tcase_add_test(tc, ranges_of_others_are_refused_with_the_words_of_newuidmap);
	tcase_add_test(tc, user_without_subordinate_ids_is_refused_with_a_cure);
	tcase_add_test(tc, more_ids_than_the_user_has_are_refused);
	tcase_add_test(tc, explain_mode_shows_the_command_of_each_helper);
	return suite_run(suite);
}

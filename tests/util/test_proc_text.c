/* SPDX-License-Identifier: MIT */
/* The parsers of /proc's texts, with what hostile processes and mounts may put into them. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <container/spec.h>

#include "util/proc_text.h"
#include "util/utf8.h"

/* What stands behind the command: state, parent, then numbers; start is the 20th. */
#define REST ") S 17 3 3 0 -1 2129984 7 8 9 10 11 12 13 14 20 0 1 0 987654 4096 12"

static int parse(const char *text, struct ct__proc_stat *ret_stat)
{
	return ct__parse_stat(text, strlen(text), ret_stat);
}

/* --------------------------------------------------------------------- stat */

START_TEST(stat_gives_pid_command_state_parent_flags_and_start)
{
	struct ct__proc_stat stat;

	ck_assert_int_eq(parse("4711 (sleep" REST "\n", &stat), 0);
	ck_assert_int_eq(stat.pid, 4711);
	ck_assert_str_eq(stat.command, "sleep");
	ck_assert_int_eq(stat.state, 'S');
	ck_assert_int_eq(stat.parent, 17);
	ck_assert(stat.flags == 2129984 && (stat.flags & CT__KERNEL_THREAD));
	ck_assert(stat.start_ticks == 987654);
}
END_TEST

static const char *const odd_commands[] = {
	"", " ", "a b", ")", "(", "x) R 1 2", "((sd-pam))", "a\nb", ") S 1 1 1 1", "\x01\xff\x80"};

START_TEST(command_may_look_like_the_rest_of_the_line)
{
	struct ct__proc_stat stat;
	char text[256];

	snprintf(text, sizeof(text), "9 (%s" REST, odd_commands[_i]);
	ck_assert_int_eq(parse(text, &stat), 0);
	ck_assert_str_eq(stat.command, odd_commands[_i]);
	ck_assert_int_eq(stat.parent, 17);
	ck_assert(stat.start_ticks == 987654);
}
END_TEST

static const char *const bad_stats[] = {"", "1", "1 (", "1 (a", "1 (a)", "1 (a) ", "1 (a) S",
	"(a" REST, "x (a" REST, "-1 (a" REST, "1(a" REST, "1 2 (a" REST, "99999999999 (a" REST,
	"18446744073709551617 (a" REST, ")1 (a S 1",
	"1 (a) S x 3 3 0 -1 1 1 1 1 1 1 1 1 1 20 0 1 0 9 4 1",
	"1 (a) S 1 3 3 0 -1 5 7 8 9 10 11 12 13 14 20 0 1 0", "1 (a)S 1 3",
	"1 (0123456789012345678901234567890123456789012345678901234567890123" REST};

START_TEST(malformed_stat_is_refused_and_nothing_is_set)
{
	struct ct__proc_stat stat = {.pid = 77, .command = "before"};

	ck_assert_int_eq(parse(bad_stats[_i], &stat), -EINVAL);
	ck_assert_int_eq(stat.pid, 77);
	ck_assert_str_eq(stat.command, "before");
}
END_TEST

START_TEST(stat_cut_off_anywhere_is_never_read_past_its_end)
{
	const char *whole = "4711 (sl) eep" REST;

	for (size_t size = 0; size <= strlen(whole); size++) {
		struct ct__proc_stat stat;
		char *exact = malloc(size ? size : 1); /* a sanitizer sees a read behind it */

		memcpy(exact, whole, size);
		if (ct__parse_stat(exact, size, &stat) == 0)
			ck_assert_str_eq(stat.command, "sl) eep");
		free(exact);
	}
}
END_TEST

/* ---------------------------------------------------------------- mountinfo */

START_TEST(mount_line_gives_ids_root_point_type_and_options)
{
	char line[] =
		"36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue";
	struct ct__mount_line mount;

	ck_assert_int_eq(ct__parse_mount_line(line, &mount), 0);
	ck_assert(mount.id == 36 && mount.parent == 35);
	ck_assert_str_eq(mount.root, "/mnt1");
	ck_assert_str_eq(mount.point, "/mnt2");
	ck_assert_str_eq(mount.type, "ext3");
	ck_assert_str_eq(mount.options, "rw,errors=continue");
}
END_TEST

START_TEST(mount_points_octal_codes_are_decoded)
{
	char line[] =
		"1 2 0:4 net:[4026532000] /run/a\\040b\\011c\\012d\\134e\\9 rw - nsfs nsfs rw";
	struct ct__mount_line mount;

	ck_assert_int_eq(ct__parse_mount_line(line, &mount), 0);
	ck_assert_str_eq(mount.root, "net:[4026532000]");
	ck_assert_str_eq(mount.point, "/run/a b\tc\nd\\e\\9");
}
END_TEST

START_TEST(mount_line_takes_no_or_many_optional_fields_and_an_empty_source)
{
	char none[] = "1 2 0:4 / /a rw - tmpfs  rw,size=4k";
	char many[] = "1 2 0:4 / /a rw shared:3 master:2 propagate_from:1 unbindable - tmpfs t rw";
	struct ct__mount_line mount;

	ck_assert_int_eq(ct__parse_mount_line(none, &mount), 0);
	ck_assert_str_eq(mount.type, "tmpfs");
	ck_assert_str_eq(mount.options, "rw,size=4k");
	ck_assert_int_eq(ct__parse_mount_line(many, &mount), 0);
	ck_assert_str_eq(mount.type, "tmpfs");
	ck_assert_str_eq(mount.options, "rw");
}
END_TEST

static const char *const bad_mounts[] = {"", " ", "1", "1 2", "1 2 0:4", "1 2 0:4 /",
	"1 2 0:4 / /a", "1 2 0:4 / /a rw", "1 2 0:4 / /a rw -", "1 2 0:4 / /a rw - nsfs",
	"1 2 0:4 / /a rw - nsfs nsfs", "1 2 0:4 / /a rw shared:1 nsfs nsfs rw",
	"x 2 0:4 / /a rw - nsfs nsfs rw", "1 -2 0:4 / /a rw - nsfs nsfs rw",
	"1x 2 0:4 / /a rw - nsfs nsfs rw", "99999999999999999999 2 0:4 / /a rw - nsfs nsfs rw"};

START_TEST(malformed_mount_line_is_refused)
{
	struct ct__mount_line mount = {.id = 77};
	char *line = strdup(bad_mounts[_i]);

	ck_assert_int_eq(ct__parse_mount_line(line, &mount), -EINVAL);
	ck_assert(mount.id == 77);
	free(line);
}
END_TEST

START_TEST(mount_option_is_found_whole_or_not_at_all)
{
	char value[8] = "";

	ck_assert(ct__mount_option("rw,hidepid=2,gid=5", "hidepid", value, sizeof(value)));
	ck_assert_str_eq(value, "2");
	ck_assert(ct__mount_option("rw,hidepid=2,gid=5", "gid", value, sizeof(value)));
	ck_assert_str_eq(value, "5");
	ck_assert(ct__mount_option("rw,hidepid=2", "rw", value, sizeof(value)));
	ck_assert_str_eq(value, "");
	ck_assert(!ct__mount_option("", "hidepid", value, sizeof(value)));
	ck_assert(!ct__mount_option("rw,nohidepid=2", "hidepid", value, sizeof(value)));
	ck_assert(!ct__mount_option("rw,hidepids=2", "hidepid", value, sizeof(value)));
	ck_assert(!ct__mount_option("hidepid=morethan7", "hidepid", value, sizeof(value)));
}
END_TEST

/* -------------------------------------------------------------------- names */

START_TEST(name_of_a_namespace_gives_kind_and_id)
{
	uint32_t kind;
	uint64_t id;

	ck_assert_int_eq(ct__parse_ns_name("pid:[4026531836]", &kind, &id), 0);
	ck_assert(kind == CT_NS_PID && id == 4026531836u);
	ck_assert_int_eq(ct__parse_ns_name("cgroup:[18446744073709551615]", &kind, &id), 0);
	ck_assert(kind == CT_NS_CGROUP && id == UINT64_MAX);
}
END_TEST

static const char *const bad_names[] = {"", ":", "pid", "pid:", "pid:[", "pid:[]", "pid:[1",
	"pid:1]", "pid:[0]", "pid:[-1]", "pid:[1]x", "pid:[1] ", "pi:[1]", "pidd:[1]", ":[1]",
	"socket:[12]", "pid_for_children:[1]", "pid:[18446744073709551616]", "anon_inode:[eventfd]",
	"pid:[0x1]"};

START_TEST(what_only_looks_like_a_namespace_is_refused)
{
	uint32_t kind = 7;
	uint64_t id = 7;

	ck_assert_int_eq(ct__parse_ns_name(bad_names[_i], &kind, &id), -EINVAL);
	ck_assert(kind == 7 && id == 7);
}
END_TEST

START_TEST(only_decimal_numbers_in_range_are_pids)
{
	static const char *const others[] = {"", "0", "01", "-1", "+1", " 1", "1 ", "1a", "self",
		"2147483648", "99999999999999999999", "."};

	ck_assert_int_eq(ct__parse_pid("1"), 1);
	ck_assert_int_eq(ct__parse_pid("2147483647"), 2147483647);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		ck_assert_int_eq(ct__parse_pid(others[i]), 0);
}
END_TEST

START_TEST(pid_of_a_pidfd_is_read_from_its_own_line)
{
	static const char *const others[] = {"", "Pid:", "Pid:\t", "Pid:\t12", "Pid:\t0\n",
		"Pid:\t-1\n", "pos:\t0\nNSpid:\t12\n", " Pid:\t12\n", "Pid:\t12 13\n",
		"Pid:\t00000000000000000012\n"};

	ck_assert_int_eq(ct__parse_pidfd_info("Pid:\t12\n"), 12);
	ck_assert_int_eq(
		ct__parse_pidfd_info("pos:\t0\nflags:\t02000002\nPid:\t4711\nNSpid:\t4711\t1\n"),
		4711);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		ck_assert_int_eq(ct__parse_pidfd_info(others[i]), 0);
}
END_TEST

START_TEST(utf8_is_told_from_other_bytes)
{
	static const char *const good[] = {"a", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80",
		"\xed\x9f\xbf", "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};
	static const char *const bad[] = {"\x80", "\xc2", "\xc2 ", "\xc1\xbf", "\xe0\x9f\xbf",
		"\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",
		"\xe2\x82", "\xfe"};
	uint32_t number;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ck_assert_uint_eq(ct__utf8_next(good[i], &number), strlen(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_uint_eq(ct__utf8_next(bad[i], &number), 0);
	ck_assert_uint_eq(ct__utf8_next("\xe2\x82\xac", &number), 3);
	ck_assert_uint_eq(number, 0x20ac);
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

int main(void)
{
	Suite *suite = suite_create("proc_text");
	TCase *tc = tcase_create("proc_text");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, stat_gives_pid_command_state_parent_flags_and_start);
	tcase_add_loop_test(tc, command_may_look_like_the_rest_of_the_line, 0, COUNT(odd_commands));
	tcase_add_loop_test(tc, malformed_stat_is_refused_and_nothing_is_set, 0, COUNT(bad_stats));
	tcase_add_test(tc, stat_cut_off_anywhere_is_never_read_past_its_end);
	tcase_add_test(tc, mount_line_gives_ids_root_point_type_and_options);
	tcase_add_test(tc, mount_points_octal_codes_are_decoded);
	tcase_add_test(tc, mount_line_takes_no_or_many_optional_fields_and_an_empty_source);
	tcase_add_loop_test(tc, malformed_mount_line_is_refused, 0, COUNT(bad_mounts));
	tcase_add_test(tc, mount_option_is_found_whole_or_not_at_all);
	tcase_add_test(tc, name_of_a_namespace_gives_kind_and_id);
	tcase_add_loop_test(tc, what_only_looks_like_a_namespace_is_refused, 0, COUNT(bad_names));
	tcase_add_test(tc, only_decimal_numbers_in_range_are_pids);
	tcase_add_test(tc, pid_of_a_pidfd_is_read_from_its_own_line);
	tcase_add_test(tc, utf8_is_told_from_other_bytes);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/* Hostile archives: each is refused with its entry named, or stays below the root. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "fixture.h"

static const char *const dotdot_names[] = {"../canary/file", "a/../../canary/file",
	"./../canary/file", "a/./..//../canary/file", "..", "a/..", "/../canary/file"};

START_TEST(extract_refuses_dotdot_in_name)
{
	const char *name = dotdot_names[_i];

	TAR(&fx.tar, .name = "a/", .type = '5');
	TAR(&fx.tar, .name = name, .data = "evil");
	extract_is_refused(-EXDEV, CT_STEP_ENTRY);
	ck_assert_str_eq(fx.err.object, name);
}
END_TEST

START_TEST(extract_refuses_dotdot_in_pax_path)
{
	tar_pax(&fx.tar, "path", dotdot_names[_i]);
	TAR(&fx.tar, .name = "harmless", .data = "evil");
	extract_is_refused(-EXDEV, CT_STEP_ENTRY);
}
END_TEST

START_TEST(extract_refuses_dotdot_in_gnu_long_name)
{
	tar_long(&fx.tar, 'L', dotdot_names[_i]);
	TAR(&fx.tar, .name = "harmless", .data = "evil", .magic = "ustar  ");
	extract_is_refused(-EXDEV, CT_STEP_ENTRY);
}
END_TEST

START_TEST(extract_takes_dots_in_names_that_are_no_dotdot)
{
	TAR(&fx.tar, .name = "..a/b..", .data = "1");
	TAR(&fx.tar, .name = ".../x", .data = "2");
	extract_succeeds();
	assert_content("..a/b..", "1");
	assert_content(".../x", "2");
}
END_TEST

START_TEST(extract_puts_absolute_names_below_the_root)
{
	char name[400];

	snprintf(name, sizeof(name), "//%s/file", fx.canary);
	tar_pax(&fx.tar, "path", name);
	TAR(&fx.tar, .name = "x", .data = "inside");
	extract_succeeds();
	assert_content(name, "inside");
}
END_TEST

START_TEST(extract_never_follows_symlink_out_of_root)
{
	/* In the root there is no such directory: the link leads nowhere, not outside. */
	TAR(&fx.tar, .name = "out", .type = '2', .link = fx.canary);
	TAR(&fx.tar, .name = "out/file", .data = "evil");
	extract_is_refused(-ENOENT, CT_STEP_ENTRY);
	ck_assert_str_eq(fx.err.object, "out/file");
}
END_TEST

START_TEST(extract_clamps_relative_symlink_at_the_root)
{
	TAR(&fx.tar, .name = "canary/", .type = '5');
	TAR(&fx.tar, .name = "a/b/out", .type = '2', .link = "../../../../../../../canary");
	TAR(&fx.tar, .name = "a/b/out/file", .data = "inside");
	extract_succeeds();
	assert_content("canary/file", "inside");
}
END_TEST

START_TEST(extract_follows_no_chain_of_symlinks_outside)
{
	char name[32], link[400];

	snprintf(link, sizeof(link), "%s", fx.canary);
	for (int i = 0; i < 39; i++) {
		snprintf(name, sizeof(name), "l%d", i);
		TAR(&fx.tar, .name = name, .type = '2', .link = link);
		snprintf(link, sizeof(link), "%s", name);
	}
	TAR(&fx.tar, .name = "l38/file", .data = "evil");
	extract_is_refused(-ENOENT, CT_STEP_ENTRY);
}
END_TEST

START_TEST(extract_refuses_symlink_loop_as_parent)
{
	TAR(&fx.tar, .name = "a", .type = '2', .link = "b");
	TAR(&fx.tar, .name = "b", .type = '2', .link = "a");
	TAR(&fx.tar, .name = "a/file", .data = "evil");
	extract_is_refused(-ELOOP, CT_STEP_ENTRY);
}
END_TEST

START_TEST(extract_replaces_symlink_instead_of_writing_through_it)
{
	char target[400];

	snprintf(target, sizeof(target), "%s/file", fx.canary);
	TAR(&fx.tar, .name = "f", .type = '2', .link = target);
	TAR(&fx.tar, .name = "f", .data = "mine");
	extract_succeeds();
	ck_assert(S_ISREG(stat_of("f").st_mode));
	assert_content("f", "mine");
}
END_TEST

START_TEST(extract_gives_directory_metadata_to_no_symlink_target)
{
	/* A directory, then a link in its place: the deferred mode and time must not reach the canary. */
	TAR(&fx.tar, .name = "d/", .type = '5', .mode = 0777, .mtime = 5);
	TAR(&fx.tar, .name = "d", .type = '2', .link = fx.canary);
	extract_succeeds();
	assert_link("d", fx.canary);
}
END_TEST

START_TEST(extract_replaces_symlink_by_directory)
{
	TAR(&fx.tar, .name = "d", .type = '2', .link = fx.canary);
	TAR(&fx.tar, .name = "d/", .type = '5', .mode = 0777);
	TAR(&fx.tar, .name = "d/file", .data = "inside");
	extract_succeeds();
	ck_assert(S_ISDIR(stat_of("d").st_mode));
	assert_content("d/file", "inside");
}
END_TEST

START_TEST(extract_uses_no_stale_directory_after_it_became_a_link)
{
	TAR(&fx.tar, .name = "other/", .type = '5');
	TAR(&fx.tar, .name = "d/sub/", .type = '5');
	TAR(&fx.tar, .name = "l", .type = '2', .link = "d");
	TAR(&fx.tar, .name = "l/sub/first", .data = "1");
	TAR(&fx.tar, .name = "l", .type = '2', .link = "other");
	TAR(&fx.tar, .name = "l/sub/second", .data = "2");
	extract_succeeds();
	assert_content("d/sub/first", "1");
	assert_content("other/sub/second", "2");
	ck_assert(!exists("d/sub/second"));
}
END_TEST

START_TEST(extract_survives_directory_link_directory_cycles)
{
	for (int i = 0; i < 20; i++) {
		TAR(&fx.tar, .name = "d/", .type = '5');
		TAR(&fx.tar, .name = "d", .type = '2', .link = fx.canary);
	}
	TAR(&fx.tar, .name = "d/", .type = '5', .mode = 0701);
	TAR(&fx.tar, .name = "d/x", .data = "x");
	extract_succeeds();
	ck_assert_uint_eq(stat_of("d").st_mode & 07777, 0701);
	assert_content("d/x", "x");
}
END_TEST

START_TEST(extract_refuses_to_replace_full_directory_by_link)
{
	TAR(&fx.tar, .name = "d/x", .data = "x");
	TAR(&fx.tar, .name = "d", .type = '2', .link = fx.canary);
	TAR(&fx.tar, .name = "d/file", .data = "evil");
	extract_is_refused(-ENOTEMPTY, CT_STEP_ENTRY);
	ck_assert_str_eq(fx.err.object, "d");
}
END_TEST

START_TEST(extract_refuses_entry_below_a_file)
{
	TAR(&fx.tar, .name = "f", .data = "x");
	TAR(&fx.tar, .name = "f/x", .data = "x");
	extract_is_refused(-ENOTDIR, CT_STEP_ENTRY);
}
END_TEST

START_TEST(extract_takes_the_last_of_entries_that_change_their_type)
{
	TAR(&fx.tar, .name = "e", .data = "file");
	TAR(&fx.tar, .name = "e/", .type = '5');
	TAR(&fx.tar, .name = "e", .type = '6');
	TAR(&fx.tar, .name = "e", .type = '2', .link = "nowhere");
	TAR(&fx.tar, .name = "e", .data = "last");
	extract_succeeds();
	assert_content("e", "last");
}
END_TEST

static void hardlink_is_refused(const char *target, int code)
{
	TAR(&fx.tar, .name = "h", .type = '1', .link = target);
	extract_is_refused(code, CT_STEP_ENTRY);
	ck_assert_str_eq(fx.err.object, "h");
}

START_TEST(extract_refuses_hardlink_to_absolute_path_outside)
{
	char target[400];

	snprintf(target, sizeof(target), "%s/file", fx.canary);
	hardlink_is_refused(target, -ENOENT);
}
END_TEST

START_TEST(extract_refuses_hardlink_with_dotdot)
{
	hardlink_is_refused("../canary/file", -EXDEV);
}
END_TEST

START_TEST(extract_refuses_hardlink_through_symlink_outside)
{
	TAR(&fx.tar, .name = "out", .type = '2', .link = fx.canary);
	hardlink_is_refused("out/file", -ENOENT);
}
END_TEST

START_TEST(extract_refuses_hardlink_to_directory)
{
	TAR(&fx.tar, .name = "d/", .type = '5');
	hardlink_is_refused("d", -EINVAL);
}
END_TEST

START_TEST(extract_refuses_hardlink_to_later_entry)
{
	TAR(&fx.tar, .name = "h", .type = '1', .link = "later");
	TAR(&fx.tar, .name = "later", .data = "x");
	extract_is_refused(-ENOENT, CT_STEP_ENTRY);
}
END_TEST

START_TEST(extract_refuses_hardlink_to_itself)
{
	hardlink_is_refused("h", -ENOENT);
}
END_TEST

START_TEST(extract_links_the_symlink_itself_and_never_writes_through_it)
{
	char target[400];

	snprintf(target, sizeof(target), "%s/file", fx.canary);
	TAR(&fx.tar, .name = "s", .type = '2', .link = target);
	TAR(&fx.tar, .name = "h", .type = '1', .link = "s");
	TAR(&fx.tar, .name = "h", .data = "mine");
	TAR(&fx.tar, .name = "h2", .type = '1', .link = "s");
	extract_succeeds();
	assert_content("h", "mine");
	assert_link("h2", target);
	ck_assert_uint_eq(stat_of("h2").st_ino, stat_of("s").st_ino);
}
END_TEST

START_TEST(extract_ignores_content_of_a_hardlink_in_tar)
{
	TAR(&fx.tar, .name = "f", .data = "first");
	tar_pax(&fx.tar, "comment", "this makes it pax, where links may have content");
	TAR(&fx.tar, .name = "h", .type = '1', .link = "f", .data = "second");
	TAR(&fx.tar, .name = "after", .data = "after");
	extract_succeeds();
	assert_content("f", "first");
	ck_assert_uint_eq(stat_of("f").st_ino, stat_of("h").st_ino);
	assert_content("after", "after");
}
END_TEST

START_TEST(extract_keeps_names_byte_by_byte)
{
	static const char *const names[] = {"new\nline", "\xff\xfe invalid", "caf\xc3\xa9",
		"cafe\xcc\x81", "\x1b[31mred", "a\\b", "\xed\xa0\x80", "Case", "case"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[64];

		snprintf(path, sizeof(path), "ustar/%s", names[i]);
		TAR(&fx.tar, .name = path, .data = names[i]);
		snprintf(path, sizeof(path), "pax/%s", names[i]);
		tar_pax(&fx.tar, "path", path);
		TAR(&fx.tar, .name = "x", .data = names[i]);
		snprintf(path, sizeof(path), "link/%s", names[i]);
		tar_pax(&fx.tar, "path", path);
		tar_pax(&fx.tar, "linkpath", names[i]);
		TAR(&fx.tar, .name = "x", .type = '2', .link = "x");
	}
	extract_succeeds();
	ck_assert_int_eq(count_entries(below("pax")), (int)(sizeof(names) / sizeof(names[0])));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[64];

		snprintf(path, sizeof(path), "ustar/%s", names[i]);
		assert_content(path, names[i]);
		snprintf(path, sizeof(path), "pax/%s", names[i]);
		assert_content(path, names[i]);
		snprintf(path, sizeof(path), "link/%s", names[i]);
		assert_link(path, names[i]);
	}
}
END_TEST

START_TEST(extract_refuses_nul_in_pax_path)
{
	tar_pax_bytes(&fx.tar, "path", "safe\0/../../evil", 16);
	TAR(&fx.tar, .name = "x", .data = "x");
	extract_is_refused(-EINVAL, CT_STEP_ENTRY);
}
END_TEST

START_TEST(extract_refuses_empty_name)
{
	TAR(&fx.tar, .name = "", .data = "x");
	extract_is_refused(-EINVAL, CT_STEP_ENTRY);
}
END_TEST

START_TEST(extract_refuses_file_in_place_of_the_root)
{
	static const char *const names[] = {"/", ".", "./", "//./"};

	TAR(&fx.tar, .name = names[_i], .type = '2', .link = fx.canary);
	extract_is_refused(-EINVAL, CT_STEP_ENTRY);
}
END_TEST

/* A path of depth components "d". */
static char *deep_path(size_t depth)
{
	char *path = malloc(depth * 2 + 2);

	ck_assert_ptr_nonnull(path);
	for (size_t i = 0; i < depth; i++)
		memcpy(path + 2 * i, "d/", 2);
	path[2 * depth] = '\0';
	return path;
}

START_TEST(extract_refuses_10000_deep_nesting)
{
	char *path = deep_path(10000);

	tar_pax(&fx.tar, "path", path);
	free(path);
	TAR(&fx.tar, .name = "x", .type = '5');
	extract_is_refused(-EDQUOT, CT_STEP_QUOTA);
}
END_TEST

START_TEST(extract_refuses_paths_past_path_max)
{
	char *path = deep_path(10000);

	fx.options.max_depth = 20000;
	tar_pax(&fx.tar, "path", path);
	free(path);
	TAR(&fx.tar, .name = "x", .type = '5');
	extract_is_refused(-ENAMETOOLONG, CT_STEP_ENTRY);
}
END_TEST

START_TEST(extract_takes_paths_as_deep_as_the_kernel)
{
	char *path = deep_path(2000);

	fx.options.max_depth = 20000;
	tar_pax(&fx.tar, "path", path);
	TAR(&fx.tar, .name = "x", .type = '5', .mode = 0751);
	extract_succeeds();
	ck_assert_uint_eq(stat_of(path).st_mode & 07777, 0751);
	free(path);
}
END_TEST

START_TEST(extract_refuses_component_longer_than_name_max)
{
	char name[300];

	memset(name, 'n', sizeof(name));
	name[256] = '\0';
	tar_pax(&fx.tar, "path", name);
	TAR(&fx.tar, .name = "x", .data = "x");
	extract_is_refused(-ENAMETOOLONG, CT_STEP_ENTRY);
}
END_TEST

START_TEST(extract_takes_component_as_long_as_name_max)
{
	char name[300];

	memset(name, 'n', sizeof(name));
	name[255] = '\0';
	tar_pax(&fx.tar, "path", name);
	TAR(&fx.tar, .name = "x", .data = "x");
	extract_succeeds();
	assert_content(name, "x");
}
END_TEST

START_TEST(extract_knows_each_type_or_refuses_it)
{
	static const char known[] = {0, '0', '1', '2', '3', '4', '5', '6', '7', 'S'};
	bool is_known = _i == 0 || memchr(known, _i, sizeof(known));
	unsigned char h[512];
	int rc;

	if (_i && strchr("xXgLKVA", _i))
		return; /* not entries of their own */
	TAR(&fx.tar, .name = "f", .data = "f");
	TAR(&fx.tar, .name = "e", .link = "f");
	memcpy(h, fx.tar.data + fx.tar.size - 512, 512);
	fx.tar.size -= 512;
	h[156] = (unsigned char)_i;
	tar_block(&fx.tar, h, NULL, 0);
	rc = extract();
	ck_assert_msg((rc == 0) == is_known, "type %d: %d %s", _i, rc, fx.err.sentence);
	if (!is_known)
		ck_assert_int_eq(rc, -EOPNOTSUPP);
}
END_TEST

START_TEST(extract_takes_whiteout_names_as_plain_names)
{
	static const char *const names[] = {".wh.", ".wh..wh..opq", ".wh...", ".wh.a"};

	TAR(&fx.tar, .name = "a", .data = "stays");
	for (size_t i = 0; i < 4; i++)
		TAR(&fx.tar, .name = names[i], .data = "w");
	extract_succeeds();
	assert_content("a", "stays");
	for (size_t i = 0; i < 4; i++)
		assert_content(names[i], "w");
}
END_TEST

START_TEST(extract_drops_overlay_xattrs_whatever_the_flags)
{
	char value[16];

	fx.options.flags = CT_EXTRACT_KEEP_XATTRS;
	tar_pax(&fx.tar, "SCHILY.xattr.trusted.overlay.redirect", "/etc");
	tar_pax(&fx.tar, "SCHILY.xattr.trusted.overlay.opaque", "y");
	tar_pax(&fx.tar, "SCHILY.xattr.user.overlay.redirect", "/etc");
	TAR(&fx.tar, .name = "d/", .type = '5');
	extract_succeeds();
	ck_assert_int_lt(getxattr(below("d"), "user.overlay.redirect", value, sizeof(value)), 0);
	ck_assert_int_lt(getxattr(below("d"), "trusted.overlay.redirect", value, sizeof(value)), 0);
}
END_TEST

START_TEST(extract_never_applies_file_flags)
{
	tar_pax(&fx.tar, "SCHILY.fflags", "schg,uchg,nodump");
	TAR(&fx.tar, .name = "f", .data = "x");
	extract_succeeds();
	assert_content("f", "x");
	ck_assert_int_eq(unlink(below("f")), 0); /* an immutable file would stay */
}
END_TEST

START_TEST(extract_refuses_owner_that_is_no_number_of_the_kernel)
{
	if (geteuid() != 0)
		return; /* an ordinary user never looks at owners; the live suite runs as root */
	TAR(&fx.tar, .name = "f", .uid = UINT32_MAX, .data = "x");
	extract_is_refused(-EINVAL, CT_STEP_ENTRY);
}
END_TEST

START_TEST(extract_clamps_times_that_no_clock_shows)
{
	static const char *const times[] = {"-1", "99999999999999999999", "-99999999999999999999",
		"9223372036854775807.999999999", "1.9999999999999"};

	for (size_t i = 0; i < 5; i++) {
		char name[8];

		snprintf(name, sizeof(name), "t%zu", i);
		tar_pax(&fx.tar, "mtime", times[i]);
		TAR(&fx.tar, .name = name, .data = "x");
	}
	extract_succeeds();
	ck_assert(exists("t4"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("hostile");
	TCase *tc = tcase_create("names and links");
	TCase *kinds = tcase_create("kinds and metadata");
	int dotdots = sizeof(dotdot_names) / sizeof(dotdot_names[0]);

	tcase_add_checked_fixture(tc, fixture_setup, fixture_teardown);
	tcase_add_loop_test(tc, extract_refuses_dotdot_in_name, 0, dotdots);
	tcase_add_loop_test(tc, extract_refuses_dotdot_in_pax_path, 0, dotdots);
	tcase_add_loop_test(tc, extract_refuses_dotdot_in_gnu_long_name, 0, dotdots);
	tcase_add_test(tc, extract_takes_dots_in_names_that_are_no_dotdot);
	tcase_add_test(tc, extract_puts_absolute_names_below_the_root);
	tcase_add_test(tc, extract_never_follows_symlink_out_of_root);
	tcase_add_test(tc, extract_clamps_relative_symlink_at_the_root);
	tcase_add_test(tc, extract_follows_no_chain_of_symlinks_outside);
	tcase_add_test(tc, extract_refuses_symlink_loop_as_parent);
	tcase_add_test(tc, extract_replaces_symlink_instead_of_writing_through_it);
	tcase_add_test(tc, extract_gives_directory_metadata_to_no_symlink_target);
	tcase_add_test(tc, extract_replaces_symlink_by_directory);
	tcase_add_test(tc, extract_uses_no_stale_directory_after_it_became_a_link);
	tcase_add_test(tc, extract_survives_directory_link_directory_cycles);
	tcase_add_test(tc, extract_refuses_to_replace_full_directory_by_link);
	tcase_add_test(tc, extract_refuses_entry_below_a_file);
	tcase_add_test(tc, extract_takes_the_last_of_entries_that_change_their_type);
	tcase_add_test(tc, extract_refuses_hardlink_to_absolute_path_outside);
	tcase_add_test(tc, extract_refuses_hardlink_with_dotdot);
	tcase_add_test(tc, extract_refuses_hardlink_through_symlink_outside);
	tcase_add_test(tc, extract_refuses_hardlink_to_directory);
	tcase_add_test(tc, extract_refuses_hardlink_to_later_entry);
	tcase_add_test(tc, extract_refuses_hardlink_to_itself);
	tcase_add_test(tc, extract_links_the_symlink_itself_and_never_writes_through_it);
	tcase_add_test(tc, extract_ignores_content_of_a_hardlink_in_tar);
	tcase_add_test(tc, extract_keeps_names_byte_by_byte);
	tcase_add_test(tc, extract_refuses_nul_in_pax_path);
	tcase_add_test(tc, extract_refuses_empty_name);
	tcase_add_loop_test(tc, extract_refuses_file_in_place_of_the_root, 0, 4);
	tcase_add_test(tc, extract_refuses_10000_deep_nesting);
	tcase_add_test(tc, extract_refuses_paths_past_path_max);
	tcase_add_test(tc, extract_takes_paths_as_deep_as_the_kernel);
	tcase_add_test(tc, extract_refuses_component_longer_than_name_max);
	tcase_add_test(tc, extract_takes_component_as_long_as_name_max);
	suite_add_tcase(suite, tc);

	tcase_add_checked_fixture(kinds, fixture_setup, fixture_teardown);
	tcase_add_loop_test(kinds, extract_knows_each_type_or_refuses_it, 0, 256);
	tcase_add_test(kinds, extract_takes_whiteout_names_as_plain_names);
	tcase_add_test(kinds, extract_drops_overlay_xattrs_whatever_the_flags);
	tcase_add_test(kinds, extract_never_applies_file_flags);
	tcase_add_test(kinds, extract_refuses_owner_that_is_no_number_of_the_kernel);
	tcase_add_test(kinds, extract_clamps_times_that_no_clock_shows);
	suite_add_tcase(suite, kinds);
	return run_suite(suite);
}

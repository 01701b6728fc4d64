/* SPDX-License-Identifier: MIT */
/* Archives as people make them: what must work, and where it lands. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "fixture.h"

/* The setup's umask must not show in any result. */
static void setup_with_hard_umask(void)
{
	fixture_setup();
	umask(0077);
}

START_TEST(extract_makes_files_directories_links_and_fifos)
{
	TAR(&fx.tar, .name = "./", .type = '5', .mode = 0751, .mtime = 7);
	TAR(&fx.tar, .name = "./d/", .type = '5', .mode = 01777, .mtime = 8);
	TAR(&fx.tar, .name = "./d/f", .mode = 0664, .mtime = 9, .data = "content");
	TAR(&fx.tar, .name = "./d/s", .type = '2', .link = "f", .mtime = 10);
	TAR(&fx.tar, .name = "./h", .type = '1', .link = "./d/f");
	TAR(&fx.tar, .name = "./p", .type = '6', .mode = 0622, .mtime = 11);
	extract_succeeds();
	ck_assert_uint_eq(stat_of("").st_mode & 07777, 0751);
	ck_assert_int_eq(stat_of("").st_mtime, 7);
	ck_assert_uint_eq(stat_of("d").st_mode & 07777, 01777);
	ck_assert_int_eq(stat_of("d").st_mtime, 8);
	ck_assert_uint_eq(stat_of("d/f").st_mode & 07777, 0664);
	ck_assert_int_eq(stat_of("d/f").st_mtime, 9);
	assert_content("d/f", "content");
	assert_link("d/s", "f");
	ck_assert_int_eq(stat_of("d/s").st_mtime, 10);
	ck_assert_uint_eq(stat_of("h").st_ino, stat_of("d/f").st_ino);
	ck_assert(S_ISFIFO(stat_of("p").st_mode));
	ck_assert_uint_eq(stat_of("p").st_mode & 07777, 0622);
}
END_TEST

START_TEST(extract_keeps_nanoseconds)
{
	tar_pax(&fx.tar, "mtime", "1234567890.123456789");
	TAR(&fx.tar, .name = "f", .data = "x");
	tar_pax(&fx.tar, "mtime", "1234567890.987654321");
	TAR(&fx.tar, .name = "d/", .type = '5');
	TAR(&fx.tar, .name = "d/x", .data = "x");
	extract_succeeds();
	ck_assert_int_eq(stat_of("f").st_mtim.tv_nsec, 123456789);
	ck_assert_int_eq(stat_of("d").st_mtim.tv_sec, 1234567890);
	ck_assert_int_eq(stat_of("d").st_mtim.tv_nsec, 987654321);
}
END_TEST

START_TEST(extract_makes_parents_no_entry_describes)
{
	TAR(&fx.tar, .name = "a/b/c/f", .data = "x");
	extract_succeeds();
	assert_content("a/b/c/f", "x");
	ck_assert_uint_eq(stat_of("a").st_mode & 07777, 0755);
	ck_assert_uint_eq(stat_of("a/b/c").st_mode & 07777, 0755);
	ck_assert_uint_eq(stat_of("").st_mode & 07777, 0755);
}
END_TEST

START_TEST(extract_takes_directory_entry_after_its_content)
{
	TAR(&fx.tar, .name = "d/f", .data = "x");
	TAR(&fx.tar, .name = "d/", .type = '5', .mode = 0500, .mtime = 3);
	extract_succeeds();
	ck_assert_uint_eq(stat_of("d").st_mode & 07777, 0500);
	ck_assert_int_eq(stat_of("d").st_mtime, 3);
}
END_TEST

START_TEST(extract_writes_into_directory_without_write_permission)
{
	TAR(&fx.tar, .name = "d/", .type = '5', .mode = 0555);
	TAR(&fx.tar, .name = "d/f", .mode = 0400, .data = "x");
	extract_succeeds();
	ck_assert_uint_eq(stat_of("d").st_mode & 07777, 0555);
	ck_assert_uint_eq(stat_of("d/f").st_mode & 07777, 0400);
}
END_TEST

START_TEST(extract_places_usr_merged_files_inside)
{
	TAR(&fx.tar, .name = "lib", .type = '2', .link = "usr/lib");
	TAR(&fx.tar, .name = "usr/lib/", .type = '5');
	TAR(&fx.tar, .name = "lib/libc.so", .data = "c");
	TAR(&fx.tar, .name = "run/", .type = '5');
	TAR(&fx.tar, .name = "var/run", .type = '2', .link = "/run");
	TAR(&fx.tar, .name = "var/run/pid", .data = "1");
	TAR(&fx.tar, .name = "lib/libd.so", .type = '1', .link = "lib/libc.so");
	TAR(&fx.tar, .name = "lib/x/", .type = '5', .mode = 0710);
	extract_succeeds();
	assert_content("usr/lib/libc.so", "c");
	assert_content("run/pid", "1");
	assert_link("lib", "usr/lib");
	ck_assert_uint_eq(stat_of("usr/lib/libd.so").st_nlink, 2);
	ck_assert_uint_eq(stat_of("usr/lib/x").st_mode & 07777, 0710);
}
END_TEST

START_TEST(extract_takes_the_last_of_two_equal_names)
{
	TAR(&fx.tar, .name = "f", .data = "first, and longer");
	TAR(&fx.tar, .name = "h", .type = '1', .link = "f");
	TAR(&fx.tar, .name = "f", .data = "second");
	extract_succeeds();
	assert_content("f", "second");
	assert_content("h", "first, and longer");
}
END_TEST

START_TEST(extract_replaces_empty_directory_by_file)
{
	TAR(&fx.tar, .name = "d/", .type = '5');
	TAR(&fx.tar, .name = "d", .data = "now a file");
	extract_succeeds();
	assert_content("d", "now a file");
}
END_TEST

START_TEST(extract_clears_setuid_and_keeps_sticky_by_default)
{
	TAR(&fx.tar, .name = "su", .mode = 06755, .data = "x");
	TAR(&fx.tar, .name = "tmp/", .type = '5', .mode = 01777);
	extract_succeeds();
	ck_assert_uint_eq(stat_of("su").st_mode & 07777, 0755);
	ck_assert_uint_eq(stat_of("tmp").st_mode & 07777, 01777);
}
END_TEST

START_TEST(extract_keeps_setuid_when_asked)
{
	fx.options.flags = CT_EXTRACT_KEEP_SETUID | CT_EXTRACT_NO_OWNER;
	TAR(&fx.tar, .name = "su", .mode = 06755, .data = "x");
	TAR(&fx.tar, .name = "sg/", .type = '5', .mode = 02755);
	TAR(&fx.tar, .name = "sg/f", .data = "x");
	extract_succeeds();
	ck_assert_uint_eq(stat_of("su").st_mode & 07777, 06755);
	ck_assert_uint_eq(stat_of("sg").st_mode & 07777, 02755);
}
END_TEST

START_TEST(extract_gives_all_to_the_caller_with_no_owner)
{
	fx.options.flags = CT_EXTRACT_NO_OWNER;
	TAR(&fx.tar, .name = "d/f", .uid = 4711, .gid = 4712, .data = "x");
	extract_succeeds();
	ck_assert_uint_eq(stat_of("d/f").st_uid, geteuid());
	ck_assert_uint_eq(stat_of("d/f").st_gid, getegid());
	ck_assert_uint_eq(stat_of("d").st_uid, geteuid());
}
END_TEST

START_TEST(extract_leaves_devices_out_by_default_and_links_to_them)
{
	ct_extract_stats stats = {.size = sizeof(stats)};
	ct_rootfs *rootfs = NULL;

	TAR(&fx.tar, .name = "dev/sda", .type = '4', .major = 8);
	TAR(&fx.tar, .name = "dev/null", .type = '3', .major = 1, .minor = 3);
	TAR(&fx.tar, .name = "wh", .type = '3');
	TAR(&fx.tar, .name = "dev/link", .type = '1', .link = "dev/null");
	TAR(&fx.tar, .name = "f", .data = "x");
	tar_end(&fx.tar);
	ck_assert_int_eq(ct_rootfs_extract_memory(fx.tar.data, fx.tar.size, fx.dest, NULL, &rootfs,
				 &fx.err),
		0);
	ck_assert_int_eq(ct_rootfs_stats(rootfs, &stats), 0);
	ct_rootfs_free(rootfs);
	ck_assert_uint_eq(stats.devices_dropped, 4);
	ck_assert_uint_eq(stats.entries, 1);
	ck_assert(!exists("dev/null") && !exists("dev/link") && !exists("wh"));
}
END_TEST

START_TEST(extract_keeps_user_xattrs_and_drops_others_by_default)
{
	char value[32];

	tar_pax_bytes(&fx.tar, "SCHILY.xattr.user.mime", "a\0b", 3);
	tar_pax(&fx.tar, "SCHILY.xattr.user.empty", "");
	tar_pax(&fx.tar, "SCHILY.xattr.security.selinux", "system_u:object_r:x_t:s0");
	tar_pax(&fx.tar, "SCHILY.xattr.trusted.secret", "x");
	TAR(&fx.tar, .name = "f", .data = "x");
	extract_succeeds();
	ck_assert_int_eq(getxattr(below("f"), "user.mime", value, sizeof(value)), 3);
	ck_assert_mem_eq(value, "a\0b", 3);
	ck_assert_int_eq(getxattr(below("f"), "user.empty", value, sizeof(value)), 0);
	ck_assert_int_lt(getxattr(below("f"), "security.selinux", value, sizeof(value)), 0);
	ck_assert_int_lt(getxattr(below("f"), "trusted.secret", value, sizeof(value)), 0);
}
END_TEST

START_TEST(extract_drops_all_xattrs_and_acls_when_asked)
{
	fx.options.flags = CT_EXTRACT_NO_XATTRS;
	tar_pax(&fx.tar, "SCHILY.xattr.user.mime", "x");
	tar_pax(&fx.tar, "SCHILY.acl.access", "user::rw-,user:1:rwx,group::r--,mask::rwx,other::---");
	TAR(&fx.tar, .name = "f", .mode = 0670, .data = "x");
	extract_succeeds();
	ck_assert_int_eq(listxattr(below("f"), NULL, 0), 0);
	/* Without its ACL the group gets what the ACL gave the group, not the mask. */
	ck_assert_uint_eq(stat_of("f").st_mode & 07777, 0640);
}
END_TEST

START_TEST(extract_keeps_posix_acls)
{
	unsigned char acl[64];

	fx.options.flags = CT_EXTRACT_NO_OWNER; /* the numbers as they are: a user's map is in test_owners */
	tar_pax(&fx.tar, "SCHILY.acl.access",
		"user::rw-,user:4711:rwx,group::r--,group:12:-w-,mask::rwx,other::---");
	TAR(&fx.tar, .name = "f", .mode = 0670, .data = "x");
	tar_pax(&fx.tar, "SCHILY.acl.default", "user::rwx,user:4711:rwx,group::r-x,mask::rwx,other::---");
	TAR(&fx.tar, .name = "d/", .type = '5', .mode = 0755);
	TAR(&fx.tar, .name = "d/plain", .mode = 0600, .data = "x");
	extract_succeeds();
	ck_assert_int_eq(getxattr(below("f"), "system.posix_acl_access", acl, sizeof(acl)), 4 + 6 * 8);
	ck_assert_uint_eq(acl[4 + 8], 2); /* ACL_USER */
	ck_assert_uint_eq(acl[4 + 8 + 4] | acl[4 + 8 + 5] << 8, 4711);
	ck_assert_uint_eq(stat_of("f").st_mode & 07777, 0670);
	ck_assert_int_eq(getxattr(below("d"), "system.posix_acl_default", acl, sizeof(acl)),
		4 + 5 * 8);
	/* The default ACL came after the files: they inherit nothing. */
	ck_assert_int_lt(getxattr(below("d/plain"), "system.posix_acl_access", acl, sizeof(acl)), 0);
}
END_TEST

START_TEST(extract_refuses_acl_for_a_name_without_number)
{
	tar_pax(&fx.tar, "SCHILY.acl.access", "user::rw-,user:daemon:rwx,group::r--,mask::rwx,other::---");
	TAR(&fx.tar, .name = "f", .data = "x");
	extract_is_refused(-EINVAL, CT_STEP_ENTRY);
}
END_TEST

START_TEST(extract_keeps_holes)
{
	/* GNU sparse 1.0: the map is the first block of the content. */
	char map[512 + 4] = "2\n1048576\n2\n3145728\n2\n";

	memcpy(map + 512, "ABCD", 4);
	tar_pax(&fx.tar, "GNU.sparse.major", "1");
	tar_pax(&fx.tar, "GNU.sparse.minor", "0");
	tar_pax(&fx.tar, "GNU.sparse.name", "sparse");
	tar_pax(&fx.tar, "GNU.sparse.realsize", "8388608");
	TAR(&fx.tar, .name = "GNUSparseFile.0/sparse", .data = map, .size = sizeof(map));
	TAR(&fx.tar, .name = "after", .data = "after");
	extract_succeeds();
	ck_assert_int_eq(stat_of("sparse").st_size, 8388608);
	ck_assert_int_lt(stat_of("sparse").st_blocks, 8388608 / 512 / 4);
	assert_content("after", "after");
}
END_TEST

START_TEST(extract_strips_components_on_request)
{
	fx.options.strip_components = 2;
	TAR(&fx.tar, .name = "a/", .type = '5');
	TAR(&fx.tar, .name = "a/b/", .type = '5', .mode = 0711);
	TAR(&fx.tar, .name = "a/loose", .data = "left out");
	TAR(&fx.tar, .name = "./a/b/f", .data = "x");
	TAR(&fx.tar, .name = "a/b/h", .type = '1', .link = "a/b/f");
	extract_succeeds();
	assert_content("f", "x");
	ck_assert_uint_eq(stat_of("h").st_nlink, 2);
	ck_assert_int_eq(count_entries(fx.dest), 2);
	ck_assert_uint_eq(stat_of("").st_mode & 07777, 0711);
}
END_TEST

START_TEST(extract_strips_one_top_folder_automatically)
{
	fx.options.flags = CT_EXTRACT_STRIP_AUTO;
	TAR(&fx.tar, .name = "rootfs/", .type = '5', .mode = 0711);
	TAR(&fx.tar, .name = "rootfs/usr/lib/", .type = '5');
	TAR(&fx.tar, .name = "rootfs/lib", .type = '2', .link = "/usr/lib");
	TAR(&fx.tar, .name = "rootfs/lib/x", .data = "through an absolute link");
	TAR(&fx.tar, .name = "rootfs/h", .type = '1', .link = "rootfs/lib/x");
	extract_succeeds();
	assert_content("usr/lib/x", "through an absolute link");
	ck_assert_uint_eq(stat_of("h").st_nlink, 2);
	ck_assert_uint_eq(stat_of("").st_mode & 07777, 0711);
}
END_TEST

START_TEST(extract_keeps_top_folder_that_is_no_root)
{
	fx.options.flags = CT_EXTRACT_STRIP_AUTO;
	TAR(&fx.tar, .name = "project/README", .data = "x");
	extract_succeeds();
	assert_content("project/README", "x");
}
END_TEST

START_TEST(extract_keeps_top_folder_that_belongs_to_a_root)
{
	fx.options.flags = CT_EXTRACT_STRIP_AUTO;
	TAR(&fx.tar, .name = "usr/bin/sh", .data = "x");
	extract_succeeds();
	assert_content("usr/bin/sh", "x");
}
END_TEST

START_TEST(extract_keeps_top_folder_beside_another_entry)
{
	fx.options.flags = CT_EXTRACT_STRIP_AUTO;
	TAR(&fx.tar, .name = "rootfs/bin/sh", .data = "x");
	TAR(&fx.tar, .name = "README", .data = "x");
	TAR(&fx.tar, .name = "rootfs/bin/ls", .data = "x");
	extract_succeeds();
	assert_content("rootfs/bin/ls", "x");
	assert_content("README", "x");
}
END_TEST

START_TEST(extract_refuses_existing_destination)
{
	ck_assert_int_eq(mkdir(fx.dest, 0755), 0);
	TAR(&fx.tar, .name = "f", .data = "x");
	ck_assert_int_eq(extract(), -EEXIST);
	ck_assert_int_eq(fx.err.step, CT_STEP_DESTINATION);
	ck_assert_str_ne(fx.err.cure, "");
	ck_assert_int_eq(count_entries(fx.dest), 0);
}
END_TEST

START_TEST(extract_refuses_symlink_as_destination_even_to_replace)
{
	ck_assert_int_eq(symlink("canary", fx.dest), 0);
	fx.options.flags = CT_EXTRACT_REPLACE;
	TAR(&fx.tar, .name = "file", .data = "x");
	ck_assert_int_eq(extract(), -ENOTDIR);
	ck_assert_int_eq(fx.err.step, CT_STEP_DESTINATION);
}
END_TEST

START_TEST(extract_replaces_destination_when_asked)
{
	TAR(&fx.tar, .name = "old", .data = "x");
	extract_succeeds();
	tar_free(&fx.tar);
	fx.options.flags = CT_EXTRACT_REPLACE | CT_EXTRACT_SYNC;
	TAR(&fx.tar, .name = "new", .data = "x");
	extract_succeeds();
	ck_assert(exists("new") && !exists("old"));
	ck_assert_int_eq(count_entries(fx.dir), 2);
}
END_TEST

START_TEST(extract_that_fails_leaves_the_old_tree)
{
	TAR(&fx.tar, .name = "old", .data = "x");
	extract_succeeds();
	tar_free(&fx.tar);
	fx.options.flags = CT_EXTRACT_REPLACE;
	TAR(&fx.tar, .name = "new", .data = "x");
	TAR(&fx.tar, .name = "../evil", .data = "x");
	ck_assert_int_eq(extract(), -EXDEV);
	assert_content("old", "x");
	ck_assert_int_eq(count_entries(fx.dir), 2);
}
END_TEST

START_TEST(extract_inherits_nothing_from_the_parent)
{
	fx.options.flags = CT_EXTRACT_NO_OWNER; /* and so no record of one, which is an xattr, too */
	ck_assert_int_eq(chmod(fx.dir, 02770), 0);
	/* A default ACL beside it: user::rwx,user:4711:rwx,group::rwx,mask::rwx,other::rwx. */
	(void)shell("setfacl -d -m u:4711:rwx '%s'", fx.dir);
	TAR(&fx.tar, .name = "d/f", .mode = 0640, .data = "x");
	extract_succeeds();
	ck_assert_uint_eq(stat_of("d").st_mode & 07777, 0755);
	ck_assert_uint_eq(stat_of("d/f").st_mode & 07777, 0640);
	ck_assert_int_eq(listxattr(below("d"), NULL, 0), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("extract");
	TCase *tc = tcase_create("what lands where");

	tcase_add_checked_fixture(tc, setup_with_hard_umask, fixture_teardown);
	tcase_add_test(tc, extract_makes_files_directories_links_and_fifos);
	tcase_add_test(tc, extract_keeps_nanoseconds);
	tcase_add_test(tc, extract_makes_parents_no_entry_describes);
	tcase_add_test(tc, extract_takes_directory_entry_after_its_content);
	tcase_add_test(tc, extract_writes_into_directory_without_write_permission);
	tcase_add_test(tc, extract_places_usr_merged_files_inside);
	tcase_add_test(tc, extract_takes_the_last_of_two_equal_names);
	tcase_add_test(tc, extract_replaces_empty_directory_by_file);
	tcase_add_test(tc, extract_clears_setuid_and_keeps_sticky_by_default);
	tcase_add_test(tc, extract_keeps_setuid_when_asked);
	tcase_add_test(tc, extract_gives_all_to_the_caller_with_no_owner);
	tcase_add_test(tc, extract_leaves_devices_out_by_default_and_links_to_them);
	tcase_add_test(tc, extract_keeps_user_xattrs_and_drops_others_by_default);
	tcase_add_test(tc, extract_drops_all_xattrs_and_acls_when_asked);
	tcase_add_test(tc, extract_keeps_posix_acls);
	tcase_add_test(tc, extract_refuses_acl_for_a_name_without_number);
	tcase_add_test(tc, extract_keeps_holes);
	tcase_add_test(tc, extract_strips_components_on_request);
	tcase_add_test(tc, extract_strips_one_top_folder_automatically);
	tcase_add_test(tc, extract_keeps_top_folder_that_is_no_root);
	tcase_add_test(tc, extract_keeps_top_folder_that_belongs_to_a_root);
	tcase_add_test(tc, extract_keeps_top_folder_beside_another_entry);
	tcase_add_test(tc, extract_refuses_existing_destination);
	tcase_add_test(tc, extract_refuses_symlink_as_destination_even_to_replace);
	tcase_add_test(tc, extract_replaces_destination_when_asked);
	tcase_add_test(tc, extract_that_fails_leaves_the_old_tree);
	tcase_add_test(tc, extract_inherits_nothing_from_the_parent);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}

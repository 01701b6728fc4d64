/* SPDX-License-Identifier: MIT */
/*
 * What cannot be made is recorded, and what was recorded is made real by another
 * extraction: never more of it than was asked for.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "rootless.h"
#include "support/box.h"
#include "support/user.h"

/* ------------------------------------------------------------ helpers */

/* GNU tar of box.dir/recorded, whole, by whoever calls. */
static void pack(void)
{
	char command[3 * PATH_MAX];

	snprintf(command, sizeof(command),
		"tar --xattrs --xattrs-include='*' -cf '%s' -C '%s' .", in_dir("packed.tar"),
		in_dir("recorded"));
	ck_assert_int_eq(system(command), 0);
}

/* ----------------------------------------------------------- recording */

static void record_and_count(void)
{
	uint64_t files = 0;

	record_every_kind();
	for (const struct kind *kind = kinds; kind->name; kind++)
		files += kind->type == '0' || kind->type == '5';
	ck_assert_uint_eq(extract_stats.owners_recorded, files);
	ck_assert_uint_eq(extract_stats.devices_recorded, 2);
	ck_assert_uint_eq(extract_stats.xattrs_recorded, 2);
	ck_assert_uint_eq(extract_stats.owners_lost, 0);
	ck_assert_int_eq(ct_rootfs_remove(in_dir("recorded"), NULL), 0);
}

START_TEST(extract_without_subordinate_ids_records_every_kind)
{
	as_user(0, record_and_count);
}
END_TEST

START_TEST(extract_without_newuidmap_records_every_kind)
{
	as_user(WITH_IDS | NO_NEWUIDMAP, record_and_count);
}
END_TEST

static void extract_alien_link(void)
{
	struct tar tar = {0};

	TAR(&tar, .name = "dir/", .type = '5', .uid = 5, .gid = 5);
	TAR(&tar, .name = "dir/like", .type = '2', .link = "x", .uid = 5, .gid = 5);
	TAR(&tar, .name = "dir/alien", .type = '2', .link = "x", .uid = 6, .gid = 5);
	TAR(&tar, .name = "dir/fifo", .type = '6', .uid = 6, .gid = 5);
	extracts("recorded", &tar, 0);
	ck_assert_uint_eq(extract_stats.owners_lost, 2);
}

START_TEST(extract_counts_owners_that_have_no_place_for_a_record)
{
	as_user(0, extract_alien_link);
}
END_TEST

static void extract_parents(void)
{
	struct tar tar = {0};

	TAR(&tar, .name = "made/file", .uid = 5, .data = "x");
	extracts("recorded", &tar, 0);
	ck_assert_str_eq(xattr_of(in_dir("recorded/made"), RECORD "stat"), "0:0:0755:dir");
	ck_assert_str_eq(xattr_of(in_dir("recorded"), RECORD "stat"), "0:0:0755:dir");
}

START_TEST(extract_records_directories_that_no_entry_describes)
{
	as_user(0, extract_parents);
}
END_TEST

static void extract_untrusted(void)
{
	struct tar tar = {0};

	tar_every_kind(&tar);
	extracts("recorded", &tar, 0);
	ck_assert_uint_eq(extract_stats.devices_dropped, 3);
	ck_assert_uint_eq(extract_stats.devices_recorded, 0);
	ck_assert_uint_eq(extract_stats.xattrs_recorded, 0);
	ck_assert_uint_eq(extract_stats.setuid_cleared, 5);
	ck_assert_str_eq(xattr_of(in_dir("recorded/bin/su"), RECORD "stat"), "0:0:0755:file");
	ck_assert_int_lt(access(in_dir("recorded/dev/null"), F_OK), 0);
	ck_assert_ptr_null(xattr_of(in_dir("recorded/bin/ping"), RECORD "security.capability"));
}

START_TEST(extract_of_an_untrusted_archive_records_no_more_than_root_would_make)
{
	as_user(0, extract_untrusted);
}
END_TEST

static void extract_plainly(void)
{
	struct tar tar = {0};

	tar_every_kind(&tar);
	extracts("recorded", &tar, CT_EXTRACT_NO_OWNER);
	ck_assert_uint_eq(extract_stats.owners, CT_OWNERS_CALLER);
	ck_assert_int_eq(count_records("recorded"), 0);
	ck_assert_int_eq(ct_rootfs_remove(in_dir("recorded"), NULL), 0);
	tar_every_kind(&tar);
	extracts("recorded", &tar, CT_EXTRACT_NO_XATTRS);
	ck_assert_uint_gt(extract_stats.owners_lost, 0);
	ck_assert_int_eq(count_records("recorded"), 0);
}

START_TEST(extract_writes_no_record_without_owners_or_without_attributes)
{
	as_user(0, extract_plainly);
}
END_TEST

static void extract_strictly(void)
{
	struct tar tar = {0};
	int code;

	TAR(&tar, .name = "file", .data = "x");
	code = extract_to("recorded", &tar, CT_EXTRACT_NO_RECORDS);
	expect_error(code, &extract_err, -ENOENT, CT_STEP_IDMAP, "/etc/subuid", "no subordinate ids");
	ck_assert(strstr(extract_err.cure, "usermod"));
	ck_assert_int_lt(access(in_dir("recorded"), F_OK), 0);
}

START_TEST(extract_without_records_fails_where_owners_cannot_be_real)
{
	as_user(0, extract_strictly);
}
END_TEST

static void extract_device_strictly(void)
{
	struct tar tar = {0};
	int code;

	TAR(&tar, .name = "sda", .type = '4', .major = 8);
	code = extract_to("recorded", &tar, CT_EXTRACT_TRUSTED | CT_EXTRACT_NO_RECORDS);
	expect_error(code, &extract_err, -EPERM, CT_STEP_WRITE, "sda", NULL);
	ck_assert(strstr(extract_err.cure, "CT_EXTRACT_NO_RECORDS"));
}

START_TEST(extract_without_records_fails_where_a_device_cannot_be_made)
{
	as_user(WITH_IDS, extract_device_strictly);
}
END_TEST

/* ramfs has no extended attributes at all. */
static void extract_without_attributes(void)
{
	struct tar tar = {0};
	int code;

	TAR(&tar, .name = "file", .data = "x");
	extracts("plain/dest", &tar, 0);
	ck_assert_uint_eq(extract_stats.owners_recorded, 0);
	ck_assert_uint_eq(extract_stats.owners_lost, 2); /* the root is one */
	TAR(&tar, .name = "sda", .type = '4', .major = 8);
	code = extract_to("plain/device", &tar, CT_EXTRACT_TRUSTED);
	expect_error(code, &extract_err, -EOPNOTSUPP, CT_STEP_WRITE, "record of sda", NULL);
}

START_TEST(extract_counts_owners_as_lost_on_a_filesystem_without_attributes)
{
	ck_assert_int_eq(mkdir(in_dir("plain"), 0755), 0);
	ck_assert_int_eq(mount("ramfs", in_dir("plain"), "ramfs", 0, NULL), 0);
	ck_assert_int_eq(chmod(in_dir("plain"), 0777), 0);
	as_user(0, extract_without_attributes);
	ck_assert_int_eq(umount2(in_dir("plain"), MNT_DETACH), 0);
}
END_TEST

/* -------------------------------------------------------- mapped root */

static void extract_as_mapped_root(void)
{
	struct tar tar = {0};

	tar_every_kind(&tar);
	extracts("recorded", &tar, CT_EXTRACT_TRUSTED);
	ck_assert_uint_eq(extract_stats.owners, CT_OWNERS_REAL);
	ck_assert_uint_eq(extract_stats.devices_recorded, 2);
	ck_assert_uint_eq(extract_stats.xattrs_recorded, 1); /* its own file capability is real */
	ck_assert_uint_eq(look_at(in_dir("recorded/bin/su")).st_mode & 07777, 04755);
	ck_assert_ptr_null(xattr_of(in_dir("recorded/bin/su"), RECORD "stat"));
	ck_assert_str_eq(xattr_of(in_dir("recorded/home/u/su"), RECORD "stat"), "1000:1001:6711:file");
	ck_assert_uint_eq(look_at(in_dir("recorded/home/u/su")).st_mode & 07777, 0711);
	ck_assert_str_eq(xattr_of(in_dir("recorded/dev/null"), RECORD "stat"), "0:0:0666:char-1-3");
}

START_TEST(extract_as_root_of_a_user_namespace_records_what_is_not_mapped)
{
	as_user(AS_ROOT, extract_as_mapped_root);
}
END_TEST

static void extract_acl_as_mapped_root(void)
{
	struct tar tar = {0};

	tar_pax(&tar, "SCHILY.acl.access", "user::rw-,user:x:r--:33,group::r--,mask::rw-,other::---");
	TAR(&tar, .name = "file", .mode = 0660, .data = "x");
	extracts("recorded", &tar, 0);
	ck_assert_uint_eq(extract_stats.xattrs_dropped, 1);
	ck_assert_uint_eq(look_at(in_dir("recorded/file")).st_mode & 07777, 0600);
}

START_TEST(extract_as_root_of_a_user_namespace_drops_acls_for_others)
{
	as_user(AS_ROOT, extract_acl_as_mapped_root);
}
END_TEST

static void refuse_as_mapped_root(void)
{
	struct tar tar = {0};
	int code;

	TAR(&tar, .name = "file", .uid = 5, .data = "x");
	code = extract_to("recorded", &tar, CT_EXTRACT_NO_RECORDS);
	expect_error(code, &extract_err, -EINVAL, CT_STEP_WRITE, "file", NULL);
}

START_TEST(extract_without_records_as_root_of_a_user_namespace_refuses_an_unmapped_owner)
{
	as_user(AS_ROOT, refuse_as_mapped_root);
}
END_TEST

/* ------------------------------------------------------ re-extraction */

static void extract_and_pack(void)
{
	record_every_kind();
	pack();
}

START_TEST(extract_as_root_honours_the_records_of_a_packed_tree)
{
	as_user(0, extract_and_pack);
	extract_packed_to("real", CT_EXTRACT_TRUSTED);
	is_real("real");
}
END_TEST

START_TEST(extract_as_root_honours_records_no_further_than_asked)
{
	as_user(0, extract_and_pack);
	extract_packed_to("real", 0);
	ck_assert_uint_eq(look_at(in_dir("real/bin/su")).st_mode & 07777, 0755);
	ck_assert_uint_eq(look_at(in_dir("real/etc/shadow")).st_gid, 42);
	ck_assert_int_lt(access(in_dir("real/dev/null"), F_OK), 0);
	ck_assert_uint_eq(extract_stats.devices_dropped, 3);
	ck_assert_ptr_null(xattr_of(in_dir("real/bin/ping"), "security.capability"));
	ck_assert_ptr_null(xattr_of(in_dir("real/marked"), "trusted.mark"));
	ck_assert_int_eq(count_records("real"), 0);
}
END_TEST

static void extract_packed_by_user(void)
{
	extract_and_pack();
	ck_assert_int_eq(ct_rootfs_remove(in_dir("recorded"), NULL), 0);
	extract_packed_to("recorded", CT_EXTRACT_TRUSTED);
	is_recorded("recorded");
}

START_TEST(extract_without_root_keeps_the_records_of_a_packed_tree)
{
	as_user(0, extract_packed_by_user);
}
END_TEST

/* What a hostile archive may bring, and how a file with it ends: no device, no setuid, no record. */
static const struct {
	const char *record;
	unsigned int uid, mode;
} brought[] = {
	{"0:0:4755:file", 0, 0755},	     /* setuid is cleared */
	{"7:8:0640:file", 7, 0640},	     /* an owner is nothing that a header could not say */
	{"7:8:0100640", 7, 0640},	     /* as some write it */
	{"7:8:0640:dir", 0, 0644},	     /* no directory: not honoured */
	{"7:8:0640:symlink", 0, 0644},
	{"7:8:0640:pipe", 0, 0644},
	{"7:8:0640:nonsense", 0, 0644},
	{"7:8:0640:char-1-3", 0, 0644},	     /* has content: no device's placeholder */
	{"7:8:0640:char-1", 0, 0644},
	{"-1:8:0640:file", 0, 0644},
	{"7:8:0649:file", 0, 0644},
	{"4294967296:8:0640:file", 0, 0644},
	{"7:8", 0, 0644},
	{"", 0, 0644},
};

START_TEST(extract_believes_a_record_no_more_than_a_header)
{
	struct tar tar = {0};

	for (size_t i = 0; i < sizeof(brought) / sizeof(brought[0]); i++) {
		char name[16];

		snprintf(name, sizeof(name), "f%zu", i);
		tar_pax(&tar, "SCHILY.xattr." RECORD "stat", brought[i].record);
		tar_pax(&tar, "SCHILY.xattr." RECORD "security.capability", "x");
		tar_pax(&tar, "SCHILY.xattr." RECORD RECORD "stat", "0:0:4755:file");
		TAR(&tar, .name = name, .data = "x");
	}
	extracts("real", &tar, 0);
	for (size_t i = 0; i < sizeof(brought) / sizeof(brought[0]); i++) {
		char name[32];
		struct stat st;

		snprintf(name, sizeof(name), "real/f%zu", i);
		st = look_at(in_dir(name));
		ck_assert_msg(st.st_uid == brought[i].uid && (st.st_mode & 07777) == brought[i].mode,
			"%s: %u, %o", brought[i].record, st.st_uid, st.st_mode);
	}
	ck_assert_int_eq(count_records("real"), 0);
}
END_TEST

START_TEST(extract_makes_no_device_of_a_record_unless_asked)
{
	struct tar tar = {0};

	for (int round = 0; round < 2; round++) {
		tar_pax(&tar, "SCHILY.xattr." RECORD "stat", "0:0:0666:char-1-3");
		TAR(&tar, .name = "null");
		extracts(round ? "asked" : "real", &tar, round ? CT_EXTRACT_KEEP_DEVICES : 0);
	}
	ck_assert_int_lt(access(in_dir("real/null"), F_OK), 0);
	ck_assert_uint_eq(look_at(in_dir("asked/null")).st_rdev, makedev(1, 3));
}
END_TEST

START_TEST(extract_refuses_a_device_of_a_record_that_does_not_exist)
{
	struct tar tar = {0};

	tar_pax(&tar, "SCHILY.xattr." RECORD "stat", "0:0:0666:char-4096-3");
	TAR(&tar, .name = "null");
	expect_error(extract_to("real", &tar, CT_EXTRACT_TRUSTED), &extract_err, -EINVAL,
		CT_STEP_ENTRY, "null", "does not exist");
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("records", &tc);

	need_users();
	tcase_add_test(tc, extract_without_subordinate_ids_records_every_kind);
	tcase_add_test(tc, extract_without_newuidmap_records_every_kind);
	tcase_add_test(tc, extract_counts_owners_that_have_no_place_for_a_record);
	tcase_add_test(tc, extract_records_directories_that_no_entry_describes);
	tcase_add_test(tc, extract_of_an_untrusted_archive_records_no_more_than_root_would_make);
	tcase_add_test(tc, extract_writes_no_record_without_owners_or_without_attributes);
	tcase_add_test(tc, extract_without_records_fails_where_owners_cannot_be_real);
	tcase_add_test(tc, extract_without_records_fails_where_a_device_cannot_be_made);
	tcase_add_test(tc, extract_counts_owners_as_lost_on_a_filesystem_without_attributes);
	tcase_add_test(tc, extract_as_root_of_a_user_namespace_records_what_is_not_mapped);
	tcase_add_test(tc, extract_as_root_of_a_user_namespace_drops_acls_for_others);
	tcase_add_test(tc, extract_without_records_as_root_of_a_user_namespace_refuses_an_unmapped_owner);
	tcase_add_test(tc, extract_as_root_honours_the_records_of_a_packed_tree);
	tcase_add_test(tc, extract_as_root_honours_records_no_further_than_asked);
	tcase_add_test(tc, extract_without_root_keeps_the_records_of_a_packed_tree);
	tcase_add_test(tc, extract_believes_a_record_no_more_than_a_header);
	tcase_add_test(tc, extract_makes_no_device_of_a_record_unless_asked);
	tcase_add_test(tc, extract_refuses_a_device_of_a_record_that_does_not_exist);
	return suite_run(suite);
}

/* SPDX-License-Identifier: MIT */
/*
 * ct_rootfs_restore() makes real what records in a tree say, as root and through an id
 * map, and never more of it than was asked for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "rootless.h"
#include "support/box.h"
#include "support/user.h"

static int restores(const char *name, uint32_t flags)
{
	ct_extract_options options = CT_EXTRACT_OPTIONS_INIT;
	ct_rootfs *rootfs = NULL;
	int code;

	extract_err = (ct_error)CT_ERROR_INIT;
	options.flags = flags;
	ck_assert_int_eq(ct_rootfs_open(in_dir(name), &rootfs, NULL), 0);
	code = ct_rootfs_restore(rootfs, &options, &extract_err);
	extract_stats.size = sizeof(extract_stats);
	if (code == 0)
		ck_assert_int_eq(ct_rootfs_stats(rootfs, &extract_stats), 0);
	ct_rootfs_free(rootfs);
	return code;
}

static void is_restored(const char *name, uint32_t flags)
{
	ck_assert_msg(restores(name, flags) == 0, "%s", extract_err.sentence);
}

/* A tree of one file with a record, as whoever calls. */
static void make_recorded(const char *name, const char *entry, const char *record)
{
	char path[PATH_MAX];

	if (mkdir(in_dir(name), 0755) < 0)
		ck_assert_int_eq(errno, EEXIST);
	snprintf(path, sizeof(path), "%s/%s", in_dir(name), entry);
	write_file(path, "", 0644);
	ck_assert_int_eq(setxattr(path, RECORD "stat", record, strlen(record), 0), 0);
}

START_TEST(restore_as_root_makes_every_kind_real)
{
	as_user(0, record_every_kind);
	is_restored("recorded", CT_EXTRACT_TRUSTED);
	is_real("recorded");
	ck_assert_uint_gt(extract_stats.entries, 0);
	/* Again: there is nothing left to do. */
	is_restored("recorded", CT_EXTRACT_TRUSTED);
	is_real("recorded");
	ck_assert_uint_eq(extract_stats.entries, 0);
}
END_TEST

START_TEST(restore_does_no_more_than_asked_and_keeps_the_rest_recorded)
{
	as_user(0, record_every_kind);
	is_restored("recorded", 0);
	ck_assert_uint_eq(extract_stats.devices_dropped, 3);
	ck_assert_uint_eq(look_at(in_dir("recorded/bin/su")).st_mode & 07777, 0755);
	ck_assert_uint_eq(look_at(in_dir("recorded/bin/wall")).st_gid, 5);
	ck_assert(S_ISREG(look_at(in_dir("recorded/dev/null")).st_mode));
	ck_assert_ptr_null(xattr_of(in_dir("recorded/bin/ping"), "security.capability"));
	is_restored("recorded", CT_EXTRACT_TRUSTED);
	is_real("recorded");
}
END_TEST

/* By a seccomp filter: at the next call of this kind the process is gone. */
static void restore_until(int call)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		kill_at_call(call);
		_exit(restores("recorded", CT_EXTRACT_TRUSTED));
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status));
}

START_TEST(restore_that_was_killed_is_finished_by_the_next_one)
{
	static const int calls[] = {
		SYS_fchown, SYS_fchmod, SYS_utimensat, SYS_fremovexattr, SYS_mknodat, SYS_renameat};

	as_user(0, record_every_kind);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		restore_until(calls[i]);
	is_restored("recorded", CT_EXTRACT_TRUSTED);
	is_real("recorded");
	ck_assert_int_lt(access(in_dir("recorded/dev/.ct-node"), F_OK), 0);
}
END_TEST

#define MANY_NAMES 200

static void record_many_names(void)
{
	char name[64];

	make_recorded("recorded", "file", "7:8:0644:file");
	for (int i = 0; i < MANY_NAMES; i++) {
		snprintf(name, sizeof(name), "recorded/name-%d", i);
		ck_assert_int_eq(link(in_dir("recorded/file"), in_dir(name)), 0);
	}
}

static void restore_many_names(void)
{
	is_restored("recorded", CT_EXTRACT_TRUSTED);
}

/* It is given away under the first name, and may not be changed any more under the others. */
START_TEST(restore_with_subordinate_ids_takes_a_file_with_many_names_once)
{
	as_user(0, record_many_names);
	as_user(WITH_IDS, restore_many_names);
	ck_assert_uint_eq(look_at(in_dir("recorded/name-7")).st_uid, mapped(7));
	ck_assert_uint_eq(look_at(in_dir("recorded/name-7")).st_gid, mapped(8));
	ck_assert_ptr_null(xattr_of(in_dir("recorded/file"), RECORD "stat"));
}
END_TEST

/* First without ids, then, once the administrator gave some, with them. */
static void restore_with_ids(void)
{
	is_restored("recorded", CT_EXTRACT_TRUSTED);
	ck_assert_uint_eq(extract_stats.owners, CT_OWNERS_MAPPED);
	ck_assert_uint_eq(extract_stats.devices_recorded, 3);
	is_restored("recorded", CT_EXTRACT_TRUSTED);
}

START_TEST(restore_with_subordinate_ids_gives_every_kind_its_owner_through_the_map)
{
	as_user(0, record_every_kind);
	as_user(WITH_IDS, restore_with_ids);
	for (const struct kind *kind = kinds; kind->name; kind++) {
		const char *path = path_of("recorded", kind->name);
		struct stat st = look_at(path);

		if (kind->major) {
			ck_assert_str_eq(xattr_of(path, RECORD "stat"), kind->record);
			continue;
		}
		ck_assert_msg((st.st_mode & 07777) == kind->mode, "%s: mode %o", path, st.st_mode);
		ck_assert_msg(st.st_uid == mapped(kind->uid) && st.st_gid == mapped(kind->gid),
			"%s: %u:%u", path, st.st_uid, st.st_gid);
		ck_assert_msg(!xattr_of(path, RECORD "stat"), "%s has its record still", path);
	}
	ck_assert_int_eq(
		lgetxattr(in_dir("recorded/bin/ping"), "security.capability", NULL, 0), 24);
}
END_TEST

static void restore_with_ids_simply(void)
{
	is_restored("recorded", 0);
}

static void extract_closed(void)
{
	struct tar tar = {0};

	TAR(&tar, .name = "dir/", .type = '5', .mode = 0100, .uid = 5, .gid = 5);
	TAR(&tar, .name = "dir/file", .mode = 0200, .uid = 5, .gid = 5, .data = "x");
	extracts("recorded", &tar, 0);
	ck_assert_int_eq(mkdir(in_dir("recorded/plain"), 0500), 0);
}

START_TEST(restore_opens_what_its_owner_has_closed_to_himself)
{
	as_user(0, extract_closed);
	as_user(WITH_IDS, restore_with_ids_simply);
	ck_assert_uint_eq(look_at(in_dir("recorded/dir")).st_uid, mapped(5));
	ck_assert_uint_eq(look_at(in_dir("recorded/dir")).st_mode & 07777, 0100);
	ck_assert_uint_eq(look_at(in_dir("recorded/dir/file")).st_uid, mapped(5));
	ck_assert_uint_eq(look_at(in_dir("recorded/dir/file")).st_mode & 07777, 0200);
	ck_assert_uint_eq(look_at(in_dir("recorded/plain")).st_mode & 07777, 0500);
}
END_TEST

static void restore_without_ids(void)
{
	record_every_kind();
	expect_error(restores("recorded", CT_EXTRACT_TRUSTED), &extract_err, -ENOENT, CT_STEP_IDMAP,
		"/etc/subuid", "no subordinate ids");
	is_recorded("recorded");
}

START_TEST(restore_without_subordinate_ids_says_what_is_missing_and_changes_nothing)
{
	as_user(0, restore_without_ids);
}
END_TEST

START_TEST(restore_refuses_flags_that_mean_nothing_to_it)
{
	as_user(0, record_every_kind);
	expect_error(restores("recorded", CT_EXTRACT_REPLACE), &extract_err, -EINVAL,
		CT_STEP_ARGUMENT, "options.flags", NULL);
	expect_error(restores("recorded", CT_EXTRACT_NO_OWNER), &extract_err, -EINVAL,
		CT_STEP_ARGUMENT, "options.flags", NULL);
	expect_error(ct_rootfs_restore(NULL, NULL, &extract_err), &extract_err, -EINVAL,
		CT_STEP_ARGUMENT, "rootfs", NULL);
}
END_TEST

START_TEST(restore_never_leaves_the_tree)
{
	make_recorded("outside", "file", "1:1:0600:file");
	make_recorded("recorded", "file", "1:1:0600:file");
	ck_assert_int_eq(symlink("../outside", in_dir("recorded/link")), 0);
	ck_assert_int_eq(symlink("../outside/file", in_dir("recorded/name")), 0);
	is_restored("recorded", CT_EXTRACT_TRUSTED);
	ck_assert_uint_eq(look_at(in_dir("recorded/file")).st_uid, 1);
	ck_assert_uint_eq(look_at(in_dir("outside/file")).st_uid, 0);
	ck_assert_int_eq(count_records("outside"), 1);
}
END_TEST

START_TEST(restore_enters_no_mount)
{
	make_recorded("recorded", "file", "1:1:0600:file");
	make_recorded("outside", "file", "1:1:0600:file");
	ck_assert_int_eq(mkdir(in_dir("recorded/mnt"), 0755), 0);
	ck_assert_int_eq(mount(in_dir("outside"), in_dir("recorded/mnt"), NULL, MS_BIND, NULL), 0);
	is_restored("recorded", CT_EXTRACT_TRUSTED);
	ck_assert_int_eq(umount2(in_dir("recorded/mnt"), MNT_DETACH), 0);
	ck_assert_uint_eq(look_at(in_dir("recorded/file")).st_uid, 1);
	ck_assert_uint_eq(look_at(in_dir("outside/file")).st_uid, 0);
}
END_TEST

START_TEST(restore_makes_no_device_of_a_file_with_content)
{
	make_recorded("recorded", "file", "0:0:0666:char-1-3");
	ck_assert_int_eq(truncate(in_dir("recorded/file"), 5), 0);
	is_restored("recorded", CT_EXTRACT_TRUSTED);
	ck_assert(S_ISREG(look_at(in_dir("recorded/file")).st_mode));
}
END_TEST

START_TEST(restore_leaves_alone_what_has_no_record)
{
	make_recorded("recorded", "file", "nonsense");
	write_file(in_dir("recorded/plain"), "x", 0640);
	ck_assert_int_eq(chown(in_dir("recorded/plain"), 5, 6), 0);
	is_restored("recorded", CT_EXTRACT_TRUSTED);
	ck_assert_uint_eq(extract_stats.entries, 0);
	ck_assert_uint_eq(look_at(in_dir("recorded/plain")).st_uid, 5);
	ck_assert_uint_eq(look_at(in_dir("recorded/plain")).st_mode & 07777, 0640);
}
END_TEST

static int stop(const ct_extract_progress *progress, void *data)
{
	(void)data;
	return strcmp(progress->path, "./home") == 0;
}

START_TEST(restore_stops_when_the_callback_says_so)
{
	ct_extract_options options = CT_EXTRACT_OPTIONS_INIT;
	ct_rootfs *rootfs = NULL;
	int code;

	extract_err = (ct_error)CT_ERROR_INIT;
	as_user(0, record_every_kind);
	options.flags = CT_EXTRACT_TRUSTED;
	options.progress = stop;
	ck_assert_int_eq(ct_rootfs_open(in_dir("recorded"), &rootfs, NULL), 0);
	code = ct_rootfs_restore(rootfs, &options, &extract_err);
	ct_rootfs_free(rootfs);
	expect_error(code, &extract_err, -ECANCELED, CT_STEP_CANCEL, "./home", NULL);
	is_restored("recorded", CT_EXTRACT_TRUSTED);
	is_real("recorded");
}
END_TEST

/* The busybox root of the other tests, by way of an archive and of records. */
static void extract_root(void)
{
	extract_packed_to("recorded", CT_EXTRACT_TRUSTED);
	ck_assert_uint_eq(extract_stats.owners, CT_OWNERS_RECORDED);
}

START_TEST(container_in_a_restored_tree_sees_the_owners_of_the_archive)
{
	char command[3 * PATH_MAX];
	ct_rootfs *rootfs = NULL;
	ct_spec *spec;

	write_file(in_dir("root/owned"), "x", 0640);
	ck_assert_int_eq(chown(in_dir("root/owned"), 1234, 5678), 0);
	snprintf(
		command, sizeof(command), "tar -cf '%s' -C '%s' .", in_dir("packed.tar"), box.root);
	ck_assert_int_eq(system(command), 0);
	box_accept_changes(); /* system(3) leaves its mark on signal actions */
	as_user(0, extract_root);
	ck_assert_uint_eq(look_at(in_dir("recorded/owned")).st_uid, test_user_id());
	is_restored("recorded", CT_EXTRACT_TRUSTED);
	ck_assert_int_eq(ct_rootfs_open(in_dir("recorded"), &rootfs, NULL), 0);
	spec = SPEC("/bin/stat", "-c", "%u:%g", "/owned", "/");
	set(ct_spec_set_rootfs(spec, rootfs));
	ct_rootfs_free(rootfs);
	ck_assert_str_eq(output_of(spec), "1234:5678\n0:0\n");
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("restore", &tc);

	need_users();
	tcase_add_test(tc, restore_as_root_makes_every_kind_real);
	tcase_add_test(tc, restore_does_no_more_than_asked_and_keeps_the_rest_recorded);
	tcase_add_test(tc, restore_that_was_killed_is_finished_by_the_next_one);
	tcase_add_test(tc, restore_with_subordinate_ids_gives_every_kind_its_owner_through_the_map);
	tcase_add_test(tc, restore_with_subordinate_ids_takes_a_file_with_many_names_once);
	tcase_add_test(tc, restore_opens_what_its_owner_has_closed_to_himself);
	tcase_add_test(
		tc, restore_without_subordinate_ids_says_what_is_missing_and_changes_nothing);
	tcase_add_test(tc, restore_refuses_flags_that_mean_nothing_to_it);
	tcase_add_test(tc, restore_never_leaves_the_tree);
	tcase_add_test(tc, restore_enters_no_mount);
	tcase_add_test(tc, restore_makes_no_device_of_a_file_with_content);
	tcase_add_test(tc, restore_leaves_alone_what_has_no_record);
	tcase_add_test(tc, restore_stops_when_the_callback_says_so);
	tcase_add_test(tc, container_in_a_restored_tree_sees_the_owners_of_the_archive);
	return suite_run(suite);
}

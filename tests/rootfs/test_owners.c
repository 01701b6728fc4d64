/* SPDX-License-Identifier: MIT */
/*
 * An ordinary user with subordinate ids extracts, replaces and removes trees whose owners
 * are those of the archive, seen through his id map.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "rootless.h"
#include "support/box.h"
#include "support/user.h"

/* Entries of box.dir but those of the fixture itself. */
static int count_left(void)
{
	DIR *list = opendir(box.dir);
	struct dirent *entry;
	int left = 0;

	while ((entry = readdir(list)))
		left += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
			strcmp(entry->d_name, "root") != 0 && strcmp(entry->d_name, "canary") != 0 &&
			strcmp(entry->d_name, "empty") != 0;
	closedir(list);
	return left;
}

static void removes(const char *name)
{
	ct_error err = CT_ERROR_INIT;
	int code = ct_rootfs_remove(in_dir(name), &err);

	ck_assert_msg(code == 0, "%s", err.sentence);
}

static void refuses(int code, int want_code, int want_step, const char *object)
{
	expect_error(code, &extract_err, want_code, want_step, object, NULL);
	ck_assert_int_eq(count_left(), 0);
}

static void extract_every_kind(void)
{
	struct tar tar = {0};

	tar_every_kind(&tar);
	extracts("dest", &tar, CT_EXTRACT_TRUSTED);
	ck_assert_uint_eq(extract_stats.owners, CT_OWNERS_MAPPED);
	ck_assert_uint_eq(extract_stats.owners_recorded, 0);
	ck_assert_uint_eq(extract_stats.owners_lost, 0);
	ck_assert_uint_eq(extract_stats.devices_recorded, 2);
	ck_assert_uint_eq(extract_stats.xattrs_recorded, 1);
}

START_TEST(extract_with_subordinate_ids_gives_every_kind_its_owner_through_the_map)
{
	as_user(WITH_IDS, extract_every_kind);
	for (const struct kind *kind = kinds; kind->name; kind++) {
		const char *path = path_of("dest", kind->name);
		struct stat st = look_at(path);

		if (kind->major) {
			ck_assert_uint_eq(st.st_mode, S_IFREG | 0600);
			ck_assert_str_eq(xattr_of(path, RECORD "stat"), kind->record);
			continue;
		}
		ck_assert_msg((st.st_mode & 07777) == kind->mode, "%s: mode %o", path, st.st_mode);
		ck_assert_msg(st.st_uid == mapped(kind->uid) && st.st_gid == mapped(kind->gid),
			"%s: %u:%u", path, st.st_uid, st.st_gid);
	}
	ck_assert_int_eq(count_records("dest"), 4); /* two devices, of which one has two names, and one attribute */
}
END_TEST

static void run_in_extracted_root(void)
{
	ct_extract_options options = CT_EXTRACT_OPTIONS_INIT;
	ct_error err = CT_ERROR_INIT;
	ct_rootfs *rootfs = NULL;
	ct_spec *spec = SPEC("/bin/stat", "-c", "%u:%g", "/owned", "/");
	int code = ct_rootfs_extract(in_dir("packed.tar"), in_dir("ours"), &options, &rootfs, &err);

	ck_assert_msg(code == 0, "%s", err.sentence);
	set(ct_spec_set_rootfs(spec, rootfs));
	ct_rootfs_free(rootfs);
	ck_assert_str_eq(output_of(spec), "1234:5678\n0:0\n");
	removes("ours");
}

START_TEST(container_of_an_extraction_sees_its_owners_without_being_asked)
{
	char command[3 * PATH_MAX];

	write_file(in_dir("root/owned"), "x", 0644);
	ck_assert_int_eq(chown(in_dir("root/owned"), 1234, 5678), 0);
	snprintf(command, sizeof(command), "tar -cf '%s' -C '%s' .", in_dir("packed.tar"), box.root);
	ck_assert_int_eq(system(command), 0);
	box_accept_changes(); /* system(3) leaves its mark on signal actions */
	as_user(WITH_IDS, run_in_extracted_root);
}
END_TEST

START_TEST(extract_with_subordinate_ids_gives_file_capabilities_to_the_mapped_root)
{
	unsigned char value[64];
	uint32_t root;

	as_user(WITH_IDS, extract_every_kind);
	/* Revision 3, and the root that it counts for, in little-endian. */
	ck_assert_int_eq(lgetxattr(in_dir("dest/bin/ping"), "security.capability", value, sizeof(value)), 24);
	ck_assert_int_eq(value[3], 3);
	root = value[20] | (uint32_t)value[21] << 8 | (uint32_t)value[22] << 16 | (uint32_t)value[23] << 24;
	ck_assert_uint_eq(root, test_user_id());
}
END_TEST

static void extract_and_remove(void)
{
	extract_every_kind();
	removes("dest");
	ck_assert_int_eq(count_left(), 0);
}

START_TEST(remove_takes_away_directories_of_subordinate_ids)
{
	as_user(WITH_IDS, extract_and_remove);
}
END_TEST

/* Neither the root of the tree nor what is in it may be entered by the caller. */
static void tar_closed(struct tar *tar, const char *top)
{
	char name[64];

	snprintf(name, sizeof(name), "%s/", top);
	TAR(tar, .name = name, .type = '5', .mode = 0700, .uid = 1000, .gid = 1000);
	snprintf(name, sizeof(name), "%s/etc/", top);
	TAR(tar, .name = name, .type = '5', .mode = 01700, .uid = 1001, .gid = 1001);
	snprintf(name, sizeof(name), "%s/etc/file", top);
	TAR(tar, .name = name, .mode = 0600, .uid = 1002, .gid = 1002, .data = "x");
}

static void extract_closed(void)
{
	struct tar tar = {0};

	tar_closed(&tar, ".");
	extracts("dest", &tar, 0);
}

static void extract_replace_and_remove_closed(void)
{
	struct tar tar = {0};

	extract_closed();
	ck_assert_uint_eq(look_at(in_dir("dest")).st_uid, mapped(1000));
	ck_assert_int_eq(count_left(), 1);
	tar_closed(&tar, ".");
	extracts("dest", &tar, CT_EXTRACT_REPLACE);
	ck_assert_int_eq(count_left(), 1);
	removes("dest");
	ck_assert_int_eq(count_left(), 0);
}

START_TEST(extract_and_remove_take_a_root_that_is_closed_to_the_caller)
{
	as_user(WITH_IDS, extract_replace_and_remove_closed);
}
END_TEST

static void strip_closed(void)
{
	struct tar tar = {0};

	tar_closed(&tar, "top");
	extracts("dest", &tar, CT_EXTRACT_STRIP_AUTO);
	ck_assert_uint_eq(look_at(in_dir("dest")).st_uid, mapped(1000));
	ck_assert_int_eq(count_left(), 1);
}

START_TEST(extract_strips_a_top_folder_that_is_closed_to_the_caller)
{
	as_user(WITH_IDS, strip_closed);
	ck_assert_uint_eq(look_at(in_dir("dest/etc/file")).st_uid, mapped(1002));
}
END_TEST

/* Among entries of another user in a directory like /tmp. */
static void remove_in_sticky(void)
{
	struct tar tar = {0};

	tar_closed(&tar, ".");
	extracts("sticky/dest", &tar, 0);
	removes("sticky/dest");
}

START_TEST(extract_and_remove_work_in_a_sticky_directory_of_another)
{
	ck_assert_int_eq(mkdir(in_dir("sticky"), 0700), 0);
	ck_assert_int_eq(chmod(in_dir("sticky"), 01777), 0);
	as_user(WITH_IDS, remove_in_sticky);
	ck_assert_int_eq(rmdir(in_dir("sticky")), 0);
}
END_TEST

/* Killed when all is done but the last rename. */
static void be_killed(void)
{
	struct tar tar = {0};
	pid_t child = fork();
	int status;

	if (child == 0) {
		kill_at_call(SYS_renameat2);
		tar_closed(&tar, "a");
		_exit(extract_to("killed", &tar, 0) != -1);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(count_left(), 1);
}

static void sweep_after_a_kill(void)
{
	be_killed();
	ck_assert_int_eq(ct_rootfs_remove(in_dir("killed"), NULL), -ENOENT);
	ck_assert_int_eq(count_left(), 0);
}

START_TEST(remove_takes_away_what_a_killed_call_left_of_subordinate_ids)
{
	as_user(WITH_IDS, sweep_after_a_kill);
}
END_TEST

static void extract_far(void)
{
	struct tar tar = {0};

	TAR(&tar, .name = "far", .uid = 200000, .gid = 7, .mode = 04755, .data = "x");
	TAR(&tar, .name = "link", .type = '2', .link = "far", .uid = 200000, .gid = 7);
	extracts("dest", &tar, CT_EXTRACT_TRUSTED);
	ck_assert_uint_eq(extract_stats.owners_recorded, 1);
	ck_assert_uint_eq(extract_stats.owners_lost, 1);
}

START_TEST(extract_records_an_owner_outside_of_the_map)
{
	struct stat st;

	as_user(WITH_IDS, extract_far);
	st = look_at(in_dir("dest/far"));
	ck_assert_uint_eq(st.st_uid, test_user_id());
	ck_assert_uint_eq(st.st_mode & 07777, 0755);
	ck_assert_str_eq(xattr_of(in_dir("dest/far"), RECORD "stat"), "200000:7:4755:file");
}
END_TEST

static void refuse_far(void)
{
	struct tar tar = {0};

	TAR(&tar, .name = "far", .uid = 200000, .data = "x");
	refuses(extract_to("dest", &tar, CT_EXTRACT_NO_RECORDS), -EINVAL, CT_STEP_OWNERS, "far");
	ck_assert(strstr(extract_err.cure, "/etc/subuid"));
}

START_TEST(extract_without_records_refuses_an_owner_outside_of_the_map)
{
	as_user(WITH_IDS, refuse_far);
}
END_TEST

static void extract_shifted(void)
{
	ct_extract_options options = CT_EXTRACT_OPTIONS_INIT;
	struct tar tar = {0};

	options.uid_shift = options.gid_shift = 2000;
	TAR(&tar, .name = "file", .uid = 5, .gid = 6, .data = "x");
	tar_end(&tar);
	ck_assert_int_eq(ct_rootfs_extract_memory(
				 tar.data, tar.size, in_dir("dest"), &options, NULL, NULL),
		0);
	tar_free(&tar);
}

START_TEST(extract_with_subordinate_ids_shifts_within_the_map)
{
	as_user(WITH_IDS, extract_shifted);
	ck_assert_uint_eq(look_at(in_dir("dest/file")).st_uid, mapped(2005));
	ck_assert_uint_eq(look_at(in_dir("dest/file")).st_gid, mapped(2006));
}
END_TEST

static void extract_acls(void)
{
	struct tar tar = {0};

	tar_pax(&tar, "SCHILY.acl.access", "user::rw-,user:x:r--:33,group::r--,mask::rw-,other::---");
	TAR(&tar, .name = "near", .mode = 0660, .uid = 5, .data = "x");
	tar_pax(&tar, "SCHILY.acl.access", "user::rw-,user:x:r--:200000,group::r--,mask::rw-,other::---");
	TAR(&tar, .name = "far", .mode = 0660, .uid = 5, .data = "x");
	extracts("dest", &tar, 0);
	ck_assert_uint_eq(extract_stats.xattrs_dropped, 1);
}

START_TEST(extract_with_subordinate_ids_maps_acls_and_drops_those_for_others)
{
	const char *key = "system.posix_acl_access";
	unsigned char acl[128];
	uint32_t id;

	as_user(WITH_IDS, extract_acls);
	ck_assert_int_eq(lgetxattr(in_dir("dest/near"), key, acl, sizeof(acl)), 44);
	memcpy(&id, acl + 4 + 8 + 4, sizeof(id)); /* of the second rule */
	ck_assert_uint_eq(id, mapped(33));
	ck_assert_int_eq(lgetxattr(in_dir("dest/far"), key, acl, sizeof(acl)), -1);
	/* The group bits were its mask: nobody gets more than the archive gave. */
	ck_assert_uint_eq(look_at(in_dir("dest/far")).st_mode & 07777, 0600);
}
END_TEST

/* An old cpio archive in ASCII: content comes with the last name of a file. */
static void add_cpio(struct tar *archive, const char *name, unsigned mode, unsigned links, unsigned size)
{
	char header[111];
	const size_t length = strlen(name) + 1;

	snprintf(header, sizeof(header),
		"070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", 7, mode, 1000, 1000,
		links, 1, size, 0, 0, 0, 0, (unsigned)length, 0);
	tar_raw(archive, header, 110);
	tar_raw(archive, name, length);
	tar_raw(archive, "\0\0\0", (4 - (110 + length) % 4) % 4);
	tar_raw(archive, "text", size);
}

static void extract_cpio(void)
{
	ct_extract_options options = CT_EXTRACT_OPTIONS_INIT;
	ct_error err = CT_ERROR_INIT;
	struct tar archive = {0};
	int code;

	options.flags = CT_EXTRACT_ANY_FORMAT;
	add_cpio(&archive, "one", S_IFREG | 0400, 2, 0);
	add_cpio(&archive, "two", S_IFREG | 0400, 2, 4);
	add_cpio(&archive, "TRAILER!!!", 0, 1, 0);
	code = ct_rootfs_extract_memory(archive.data, archive.size, in_dir("dest"), &options, NULL, &err);
	ck_assert_msg(code == 0, "%s", err.sentence);
	tar_free(&archive);
}

START_TEST(extract_writes_content_that_comes_after_the_owner_was_given)
{
	as_user(WITH_IDS, extract_cpio);
	ck_assert_str_eq(read_file(in_dir("dest/one")), "text");
	ck_assert_uint_eq(look_at(in_dir("dest/one")).st_uid, mapped(1000));
	ck_assert_uint_eq(look_at(in_dir("dest/one")).st_ino, look_at(in_dir("dest/two")).st_ino);
}
END_TEST

static int kill_agent(const ct_extract_progress *progress, void *data)
{
	(void)data;
	if (strcmp(progress->path, "second") == 0) {
		pid_t agent = find_child(NULL);

		ck_assert_int_gt(agent, 0);
		ck_assert_int_eq(kill(agent, SIGKILL), 0);
	}
	return 0;
}

static void lose_the_agent(void)
{
	ct_extract_options options = CT_EXTRACT_OPTIONS_INIT;
	struct tar tar = {0};
	int code;

	extract_err = (ct_error)CT_ERROR_INIT;
	options.progress = kill_agent;
	TAR(&tar, .name = "first", .uid = 5, .data = "x");
	TAR(&tar, .name = "second", .uid = 5, .data = "x");
	tar_end(&tar);
	code = ct_rootfs_extract_memory(tar.data, tar.size, in_dir("dest"), &options, NULL, &extract_err);
	tar_free(&tar);
	ck_assert(code == -EPIPE || code == -ECONNRESET);
	refuses(code, code, CT_STEP_OWNERS, "agent");
}

START_TEST(extract_whose_agent_is_killed_fails_and_leaves_nothing)
{
	as_user(WITH_IDS, lose_the_agent);
}
END_TEST

/* More entries than may be on their way at once; the one that fails is in the middle. */
static void extract_many(void)
{
	struct tar tar = {0};

	for (int i = 0; i < 500; i++) {
		char name[16];

		snprintf(name, sizeof(name), "file%d", i);
		TAR(&tar, .name = name, .uid = 1 + (unsigned)i, .data = "x");
	}
	extracts("dest", &tar, 0);
	removes("dest");
}

START_TEST(extract_gives_away_more_files_than_it_waits_for_at_once)
{
	as_user(WITH_IDS, extract_many);
}
END_TEST

static void extract_broken_capability(void)
{
	/* Revision 3 that says which root: only the kernel of that root's namespace takes it. */
	static const unsigned char foreign[24] = {1, 0, 0, 3, [20] = 0xff, 0xff, 0xff, 0x7f};
	struct tar tar = {0};

	TAR(&tar, .name = "before", .uid = 5, .data = "x");
	tar_pax_bytes(&tar, "SCHILY.xattr.security.capability", foreign, sizeof(foreign));
	TAR(&tar, .name = "culprit", .uid = 5, .data = "x");
	TAR(&tar, .name = "after", .uid = 5, .data = "x");
	refuses(extract_to("dest", &tar, CT_EXTRACT_TRUSTED), -EINVAL, CT_STEP_OWNERS, "culprit");
	ck_assert_str_eq(extract_err.call, "setxattr");
}

START_TEST(extract_names_the_entry_that_the_agent_failed_on)
{
	as_user(WITH_IDS, extract_broken_capability);
}
END_TEST

static void fail_to_remove(void)
{
	ct_error err = CT_ERROR_INIT;
	int code = ct_rootfs_remove(in_dir("dest"), &err);

	expect_error(code, &err, -EACCES, CT_STEP_REMOVE, "dest", "none of the caller's ids");
	ck_assert(strstr(err.cure, "/etc/subuid"));
	ck_assert_int_eq(count_left(), 1);
}

START_TEST(remove_without_subordinate_ids_says_whose_directory_it_is)
{
	as_user(WITH_IDS, extract_every_kind);
	as_user(0, fail_to_remove);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("owners", &tc);

	need_users();
	tcase_add_test(tc, extract_with_subordinate_ids_gives_every_kind_its_owner_through_the_map);
	tcase_add_test(tc, container_of_an_extraction_sees_its_owners_without_being_asked);
	tcase_add_test(tc, extract_with_subordinate_ids_gives_file_capabilities_to_the_mapped_root);
	tcase_add_test(tc, remove_takes_away_directories_of_subordinate_ids);
	tcase_add_test(tc, extract_and_remove_take_a_root_that_is_closed_to_the_caller);
	tcase_add_test(tc, extract_strips_a_top_folder_that_is_closed_to_the_caller);
	tcase_add_test(tc, extract_and_remove_work_in_a_sticky_directory_of_another);
	tcase_add_test(tc, remove_takes_away_what_a_killed_call_left_of_subordinate_ids);
	tcase_add_test(tc, extract_records_an_owner_outside_of_the_map);
	tcase_add_test(tc, extract_without_records_refuses_an_owner_outside_of_the_map);
	tcase_add_test(tc, extract_with_subordinate_ids_shifts_within_the_map);
	tcase_add_test(tc, extract_with_subordinate_ids_maps_acls_and_drops_those_for_others);
	tcase_add_test(tc, extract_writes_content_that_comes_after_the_owner_was_given);
	tcase_add_test(tc, extract_whose_agent_is_killed_fails_and_leaves_nothing);
	tcase_add_test(tc, extract_gives_away_more_files_than_it_waits_for_at_once);
	tcase_add_test(tc, extract_names_the_entry_that_the_agent_failed_on);
	tcase_add_test(tc, remove_without_subordinate_ids_says_whose_directory_it_is);
	return suite_run(suite);
}

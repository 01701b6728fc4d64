/* SPDX-License-Identifier: MIT */
/* What needs root: owners, devices, capabilities, mounts, other users, full filesystems. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "fixture.h"
#include "support/needs.h"

static const char capability[20] = {1, 0, 0, 2, 0, 4, 0, 0}; /* cap_net_bind_service, effective */

START_TEST(extract_keeps_numeric_owners_and_shifts_them)
{
	fx.options.uid_shift = 100000;
	fx.options.gid_shift = 200000;
	tar_pax(&fx.tar, "uname", "root");
	TAR(&fx.tar, .name = "f", .uid = 33, .gid = 34, .data = "x");
	TAR(&fx.tar, .name = "implied/s", .type = '2', .link = "x", .uid = 1);
	extract_succeeds();
	ck_assert_uint_eq(stat_of("f").st_uid, 100033);
	ck_assert_uint_eq(stat_of("f").st_gid, 200034);
	ck_assert_uint_eq(stat_of("implied").st_uid, 100000);
	ck_assert_uint_eq(stat_of("implied/s").st_uid, 100001);
	ck_assert_uint_eq(stat_of("").st_uid, 100000);
}
END_TEST

START_TEST(extract_refuses_owner_that_the_shift_pushes_out)
{
	fx.options.uid_shift = UINT32_MAX - 5;
	TAR(&fx.tar, .name = "f", .uid = 5, .data = "x");
	extract_is_refused(-EINVAL, CT_STEP_ENTRY);
}
END_TEST

START_TEST(extract_takes_the_largest_owner)
{
	TAR(&fx.tar, .name = "f", .uid = UINT32_MAX - 1, .gid = UINT32_MAX - 1, .data = "x");
	extract_succeeds();
	ck_assert_uint_eq(stat_of("f").st_uid, UINT32_MAX - 1);
}
END_TEST

START_TEST(extract_makes_devices_when_asked)
{
	fx.options.flags = CT_EXTRACT_KEEP_DEVICES;
	TAR(&fx.tar, .name = "null", .type = '3', .mode = 0666, .major = 1, .minor = 3, .uid = 3);
	TAR(&fx.tar, .name = "loop", .type = '4', .mode = 0660, .major = 7, .minor = 9);
	extract_succeeds();
	ck_assert(S_ISCHR(stat_of("null").st_mode));
	ck_assert_uint_eq(stat_of("null").st_rdev, makedev(1, 3));
	ck_assert_uint_eq(stat_of("null").st_mode & 07777, 0666);
	ck_assert_uint_eq(stat_of("null").st_uid, 3);
	ck_assert(S_ISBLK(stat_of("loop").st_mode));
}
END_TEST

START_TEST(extract_refuses_device_numbers_the_kernel_would_cut)
{
	fx.options.flags = CT_EXTRACT_KEEP_DEVICES;
	TAR(&fx.tar, .name = "null", .type = '3', .major = 4097, .minor = 3);
	extract_is_refused(-EINVAL, CT_STEP_ENTRY);
}
END_TEST

START_TEST(extract_keeps_setuid_of_another_owner_when_asked)
{
	fx.options.flags = CT_EXTRACT_KEEP_SETUID;
	TAR(&fx.tar, .name = "su", .mode = 06755, .uid = 1, .gid = 2, .data = "x");
	extract_succeeds();
	ck_assert_uint_eq(stat_of("su").st_mode & 07777, 06755);
	ck_assert_uint_eq(stat_of("su").st_uid, 1);
}
END_TEST

static ssize_t capability_of(const char *path, unsigned char value[32])
{
	return getxattr(below(path), "security.capability", value, 32);
}

static void add_with_capability(const void *value, size_t size)
{
	tar_pax_bytes(&fx.tar, "SCHILY.xattr.security.capability", value, size);
	TAR(&fx.tar, .name = "f", .mode = 0755, .uid = 5, .data = "x");
}

START_TEST(extract_drops_file_capabilities_by_default)
{
	unsigned char value[32];

	add_with_capability(capability, sizeof(capability));
	extract_succeeds();
	ck_assert_int_lt(capability_of("f", value), 0);
}
END_TEST

START_TEST(extract_keeps_file_capabilities_when_asked)
{
	unsigned char value[32];

	fx.options.flags = CT_EXTRACT_KEEP_FILE_CAPS;
	add_with_capability(capability, sizeof(capability));
	extract_succeeds();
	ck_assert_int_eq(capability_of("f", value), 20);
	ck_assert_mem_eq(value, capability, 20);
}
END_TEST

START_TEST(extract_binds_file_capabilities_to_the_shifted_root)
{
	unsigned char value[32];

	fx.options.flags = CT_EXTRACT_KEEP_FILE_CAPS;
	fx.options.uid_shift = 100000;
	add_with_capability(capability, sizeof(capability));
	extract_succeeds();
	ck_assert_int_eq(capability_of("f", value), 24);
	ck_assert_uint_eq(value[3], 3);
	ck_assert_uint_eq(value[20] | value[21] << 8 | value[22] << 16, 100000);
}
END_TEST

START_TEST(extract_refuses_file_capabilities_of_unknown_form)
{
	fx.options.flags = CT_EXTRACT_KEEP_FILE_CAPS;
	add_with_capability(capability, (size_t)_i);
	extract_is_refused(-EINVAL, CT_STEP_ENTRY);
}
END_TEST

START_TEST(extract_keeps_other_xattrs_when_asked_but_overlay)
{
	char value[32];

	fx.options.flags = CT_EXTRACT_KEEP_XATTRS;
	tar_pax(&fx.tar, "SCHILY.xattr.trusted.secret", "x");
	tar_pax(&fx.tar, "SCHILY.xattr.trusted.overlay.opaque", "y");
	TAR(&fx.tar, .name = "d/", .type = '5');
	tar_pax(&fx.tar, "SCHILY.xattr.trusted.link", "y");
	TAR(&fx.tar, .name = "s", .type = '2', .link = "x");
	extract_succeeds();
	ck_assert_int_eq(getxattr(below("d"), "trusted.secret", value, sizeof(value)), 1);
	ck_assert_int_eq(lgetxattr(below("s"), "trusted.link", value, sizeof(value)), 1);
	ck_assert_int_lt(getxattr(below("d"), "trusted.overlay.opaque", value, sizeof(value)), 0);
}
END_TEST

/* Runs fn in a child; its result is the exit status. */
static int in_child(int (*fn)(void))
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(fn());
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/* Nobody of the machine: can he reach what is being extracted? */
static int reach_as_another_user(void)
{
	struct dirent *entry;
	DIR *list;
	int reached = 0;

	if (setgid(65534) < 0 || setuid(65534) < 0)
		return 100;
	list = opendir(fx.dir);
	while (list && (entry = readdir(list))) {
		char path[1024];

		if (strncmp(entry->d_name, ".dest.ct-", 9) != 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s/tree", fx.dir, entry->d_name);
		reached += access(path, F_OK) == 0 || errno != EACCES ? 50 : 1;
	}
	return reached;
}

static int watch(const ct_extract_progress *progress, void *data)
{
	(void)progress;
	*(int *)data = in_child(reach_as_another_user);
	return 0;
}

START_TEST(extract_keeps_other_users_out_until_the_end)
{
	int reached = 0;

	ck_assert_int_eq(chmod(fx.dir, 0755), 0);
	umask(0);
	fx.options.flags = CT_EXTRACT_TRUSTED;
	fx.options.progress = watch;
	fx.options.progress_data = &reached;
	TAR(&fx.tar, .name = "./", .type = '5', .mode = 0777);
	TAR(&fx.tar, .name = "./su", .mode = 04755, .data = "x");
	extract_succeeds();
	ck_assert_int_eq(reached, 1); /* saw the workspace, and could not enter */
}
END_TEST

static int as_ordinary_user(void)
{
	if (setgid(65534) < 0 || setuid(65534) < 0)
		return 100;
	if (extract() < 0)
		return 1;
	if (stat_of("d/f").st_uid != 65534 || (stat_of("d").st_mode & 07777) != 0555)
		return 2;
	if (ct_rootfs_remove(fx.dest, &fx.err) < 0)
		return 3;
	return 0;
}

START_TEST(extract_by_ordinary_user_gives_all_to_him)
{
	ck_assert_int_eq(chmod(fx.dir, 0777), 0);
	TAR(&fx.tar, .name = "./", .type = '5', .mode = 0555, .uid = 7);
	TAR(&fx.tar, .name = "./d/", .type = '5', .mode = 0555, .uid = 7);
	TAR(&fx.tar, .name = "./d/e/", .type = '5', .mode = 0, .uid = 7);
	TAR(&fx.tar, .name = "./d/f", .uid = 7, .mode = 0400, .data = "x");
	ck_assert_int_eq(in_child(as_ordinary_user), 0);
	assert_nothing_left();
}
END_TEST

static int closed_directory_as_ordinary_user(void)
{
	if (setgid(65534) < 0 || setuid(65534) < 0)
		return 100;
	if (extract() < 0)
		return 1;
	if ((stat_of("a/b/c").st_mode & 07777) != 0600)
		return 2;
	return ct_rootfs_remove(fx.dest, &fx.err) < 0 ? 3 : 0;
}

START_TEST(extract_by_ordinary_user_closes_a_directory_after_all_that_is_in_it)
{
	ck_assert_int_eq(chmod(fx.dir, 0777), 0);
	TAR(&fx.tar, .name = "a/b/c/", .type = '5', .mode = 0600);
	TAR(&fx.tar, .name = "short", .type = '2', .link = "a/b/c");
	TAR(&fx.tar, .name = "short/d/", .type = '5');
	ck_assert_int_eq(in_child(closed_directory_as_ordinary_user), 0);
	assert_nothing_left();
}
END_TEST

static int device_as_ordinary_user(void)
{
	if (setgid(65534) < 0 || setuid(65534) < 0)
		return 100;
	fx.options.flags = CT_EXTRACT_KEEP_DEVICES | CT_EXTRACT_NO_OWNER | CT_EXTRACT_NO_RECORDS;
	return extract() == -EPERM && fx.err.step == CT_STEP_WRITE && fx.err.cure[0] ? 0 : 1;
}

START_TEST(extract_of_devices_by_ordinary_user_says_what_is_missing)
{
	ck_assert_int_eq(chmod(fx.dir, 0777), 0);
	TAR(&fx.tar, .name = "sda", .type = '4', .major = 8);
	ck_assert_int_eq(in_child(device_as_ordinary_user), 0);
	assert_nothing_left();
}
END_TEST

/* A filesystem of our own, seen by this process alone; gone with it. */
static int private_tmpfs(const char *path, const char *options)
{
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -1;
	return mount("tmpfs", path, "tmpfs", 0, options);
}

static char small_options[64];

static int on_small_filesystem(void)
{
	char dest[400], mnt[300];
	int before, rc;

	snprintf(mnt, sizeof(mnt), "%s/mnt", fx.dir);
	if (private_tmpfs(mnt, small_options) < 0)
		return 100;
	snprintf(dest, sizeof(dest), "%s/dest", mnt);
	before = count_entries(mnt);
	rc = ct_rootfs_extract_memory(fx.tar.data, fx.tar.size, dest, NULL, NULL, &fx.err);
	if (rc == 0)
		return access(dest, F_OK) == 0 ? 10 : 1; /* there was room at last */
	if (rc != -ENOSPC)
		return 2;
	if (fx.err.step != CT_STEP_WRITE && fx.err.step != CT_STEP_DESTINATION)
		return 3;
	return count_entries(mnt) == before ? 0 : 4;
}

static void sweep_sizes(const char *option, const char *unit, int first, int step)
{
	int outcome = 0, full = 0;
	char mnt[300];

	snprintf(mnt, sizeof(mnt), "%s/mnt", fx.dir);
	ck_assert_int_eq(mkdir(mnt, 0755), 0);
	for (int i = 0; i < 40; i++) {
		char name[16];

		snprintf(name, sizeof(name), "d%d/f", i);
		TAR(&fx.tar, .name = name, .data = (const char[20000]){1}, .size = 20000);
	}
	tar_end(&fx.tar);
	for (int size = first; outcome == 0 && size < first + 400 * step; size += step) {
		snprintf(small_options, sizeof(small_options), "%s=%d%s", option, size, unit);
		outcome = in_child(on_small_filesystem);
		full += outcome == 0;
	}
	ck_assert_int_eq(outcome, 10);
	ck_assert_int_gt(full, 10);
	ck_assert_int_eq(rmdir(mnt), 0);
}

START_TEST(extract_to_full_filesystem_leaves_nothing)
{
	sweep_sizes("size", "k", 4, 36);
}
END_TEST

START_TEST(extract_without_free_inodes_leaves_nothing)
{
	sweep_sizes("nr_inodes", "", 2, 3);
}
END_TEST

/* NULL: a tmpfs of its own; else a directory of the same filesystem, bound. */
static const char *bind_from;

static int tree_with_mount(void)
{
	char inner[400], file[500];
	int rc;

	snprintf(inner, sizeof(inner), "%s/a/mnt", fx.dest);
	if (private_tmpfs(inner, NULL) < 0)
		return 100;
	if (bind_from && mount(bind_from, inner, NULL, MS_BIND, NULL) < 0)
		return 101;
	snprintf(file, sizeof(file), "%s/kept", inner);
	close(open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	rc = ct_rootfs_remove(fx.dest, &fx.err);
	if (rc != -EBUSY || fx.err.step != CT_STEP_REMOVE || !fx.err.cure[0])
		return 1;
	if (access(file, F_OK) < 0)
		return 2; /* the mount was entered, or the tree did not come back */
	if (ct_rootfs_remove(inner, &fx.err) != -EBUSY || access(file, F_OK) < 0)
		return 3;
	return unlink(file) == 0 ? 0 : 4;
}

START_TEST(remove_never_enters_a_mount)
{
	bind_from = _i ? fx.canary : NULL;
	TAR(&fx.tar, .name = "a/mnt/", .type = '5');
	extract_succeeds();
	ck_assert_int_eq(in_child(tree_with_mount), 0);
	ck_assert(exists("a/mnt"));
	/* What was written into the bind mount is gone again, but the canary's times moved. */
	if (_i)
		fx.canary_digest = digest_of(fx.canary);
	ck_assert_int_eq(count_entries(fx.canary), 3);
}
END_TEST

START_TEST(extract_equals_gnu_tar_when_all_is_kept)
{
	char script[700];

	if (shell("tar --version | grep -q GNU && python3 -V") != 0)
		ck_abort_msg("GNU tar and python3 were there when the program started");
	snprintf(script, sizeof(script), "%s/compare_trees.py", getenv("CT_TEST_DIR"));
	TAR(&fx.tar, .name = "./", .type = '5', .mode = 0751, .uid = 1);
	TAR(&fx.tar, .name = "./lib", .type = '2', .link = "usr/lib", .uid = 12);
	/* In the order of a walk: GNU tar sets a directory's time as soon as it leaves it. */
	TAR(&fx.tar, .name = "./usr/", .type = '5');
	TAR(&fx.tar, .name = "./usr/lib/", .type = '5', .mode = 02775, .gid = 50);
	tar_pax(&fx.tar, "mtime", "1234567890.123456789");
	TAR(&fx.tar, .name = "./usr/lib/su", .mode = 06755, .uid = 3, .gid = 4, .data = "su");
	TAR(&fx.tar, .name = "./h1", .type = '1', .link = "./usr/lib/su");
	TAR(&fx.tar, .name = "./h2", .type = '1', .link = "h1");
	TAR(&fx.tar, .name = "./s2", .type = '1', .link = "./lib");
	TAR(&fx.tar, .name = "./null", .type = '3', .mode = 0666, .major = 1, .minor = 3);
	TAR(&fx.tar, .name = "./sda", .type = '4', .mode = 0660, .gid = 6, .major = 8);
	TAR(&fx.tar, .name = "./fifo", .type = '6', .mode = 0622);
	tar_pax(&fx.tar, "SCHILY.xattr.user.mime", "text/plain");
	tar_pax(&fx.tar, "SCHILY.xattr.trusted.x", "y");
	tar_pax_bytes(&fx.tar, "SCHILY.xattr.security.capability", capability, 20);
	tar_pax(&fx.tar, "SCHILY.acl.access", "user::rwx,user:7:rw-,group::r-x,mask::rwx,other::r--");
	TAR(&fx.tar, .name = "./cap", .mode = 0774, .uid = 9, .data = "cap");
	tar_pax(&fx.tar, "SCHILY.acl.access", "user::rwx,group::r-x,group:8:rwx,mask::rwx,other::---");
	tar_pax(&fx.tar, "SCHILY.acl.default", "user::rwx,group::r-x,other::---");
	TAR(&fx.tar, .name = "./acl/", .type = '5', .mode = 0770);
	TAR(&fx.tar, .name = "./acl/f", .mode = 0600, .data = "x");
	TAR(&fx.tar, .name = "./twice", .data = "one");
	TAR(&fx.tar, .name = "./twice", .mode = 0600, .data = "two");
	TAR(&fx.tar, .name = "./was-link", .type = '2', .link = "usr");
	TAR(&fx.tar, .name = "./was-link/", .type = '5', .mode = 0700);
	TAR(&fx.tar, .name = "./\xff\xfe\n", .data = "bytes");
	fx.options.flags = CT_EXTRACT_TRUSTED;
	extract_succeeds();
	ck_assert_int_eq(shell("umask 022; cd '%s' && mkdir gnu && cat > tar.tar", fx.dir), 0);
	{
		char path[400];
		int fd;

		snprintf(path, sizeof(path), "%s/tar.tar", fx.dir);
		fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
		ck_assert_int_eq(write(fd, fx.tar.data, fx.tar.size), (ssize_t)fx.tar.size);
		close(fd);
	}
	ck_assert_int_eq(shell("cd '%s' && tar --xattrs --xattrs-include='*' --acls --numeric-owner "
			       "-xpf tar.tar -C gnu",
				 fx.dir),
		0);
	ck_assert_msg(shell("python3 '%s' '%s' '%s/gnu' | tee /dev/stderr | grep -q ' 0 differences'",
			      script, fx.dest, fx.dir) == 0,
		"run %s on both trees", script);
}
END_TEST

static const char *missing(void)
{
	if (geteuid() != 0)
		return "root";
	if (!getenv("CT_TEST_DIR"))
		return "CT_TEST_DIR, the folder of compare_trees.py";
	if (shell("tar --version | grep -q GNU") != 0)
		return "GNU tar";
	if (shell("python3 -c 'import hashlib; hashlib.file_digest'") != 0)
		return "python3 (3.11)";
	if (shell("unshare -m true") != 0)
		return "the right to make mount namespaces";
	return NULL;
}

int main(void)
{
	Suite *suite = suite_create("live");
	TCase *tc = tcase_create("root");
	const char *what = missing();

	if (what) {
		fprintf(stderr, "skipped: %s is missing\n", what);
		return 77;
	}
	tcase_set_timeout(tc, 300);
	tcase_add_checked_fixture(tc, fixture_setup, fixture_teardown);
	add_for_first_root(tc, extract_keeps_numeric_owners_and_shifts_them, "ids over 65535");
	tcase_add_test(tc, extract_refuses_owner_that_the_shift_pushes_out);
	add_for_first_root(tc, extract_takes_the_largest_owner, "ids over 65535");
	add_for_first_root(tc, extract_makes_devices_when_asked, "device nodes");
	tcase_add_test(tc, extract_refuses_device_numbers_the_kernel_would_cut);
	tcase_add_test(tc, extract_keeps_setuid_of_another_owner_when_asked);
	tcase_add_test(tc, extract_drops_file_capabilities_by_default);
	tcase_add_test(tc, extract_keeps_file_capabilities_when_asked);
	add_for_first_root(tc, extract_binds_file_capabilities_to_the_shifted_root, "ids over 65535");
	tcase_add_loop_test(tc, extract_refuses_file_capabilities_of_unknown_form, 0, 20);
	add_for_first_root(tc, extract_keeps_other_xattrs_when_asked_but_overlay, "trusted attributes");
	tcase_add_test(tc, extract_keeps_other_users_out_until_the_end);
	tcase_add_test(tc, extract_by_ordinary_user_gives_all_to_him);
	tcase_add_test(tc, extract_by_ordinary_user_closes_a_directory_after_all_that_is_in_it);
	tcase_add_test(tc, extract_of_devices_by_ordinary_user_says_what_is_missing);
	tcase_add_test(tc, extract_to_full_filesystem_leaves_nothing);
	tcase_add_test(tc, extract_without_free_inodes_leaves_nothing);
	tcase_add_loop_test(tc, remove_never_enters_a_mount, 0, 2);
	add_for_first_root(tc, extract_equals_gnu_tar_when_all_is_kept, "device nodes");
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}

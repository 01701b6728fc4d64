/* SPDX-License-Identifier: MIT */
/* Failures of extracting, opening and removing; see failures.h. */
#include "failures.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tar_builder.h"

/* ---------------------------------------------------------------- spoiling */

static void lose_sys_admin(void)
{
	lose_cap(CAP_SYS_ADMIN);
}

static void lose_mknod(void)
{
	lose_cap(CAP_MKNOD);
}

static void lose_chown(void)
{
	lose_cap(CAP_CHOWN);
}

static void mount_on_victim(void)
{
	have_mounts_of_my_own();
	ck_assert_int_eq(mount("tmpfs", in_dir("victim"), "tmpfs", 0, NULL), 0);
}

static void fill_parent(void)
{
	have_mounts_of_my_own();
	ck_assert_int_eq(mount("tmpfs", in_dir("parent"), "tmpfs", 0, "size=64k"), 0);
}

/* ------------------------------------------------------------------- calls */

static int removed(const char *name, int code)
{
	if (code == 0)
		ck_assert_int_eq(ct_rootfs_remove(in_dir(name), NULL), 0);
	return code;
}

/* Extracts the archive, which is freed, to a name in box.dir. */
static int extract_to(
	const char *name, struct tar *tar, const ct_extract_options *options, ct_error *err)
{
	int code;

	tar_end(tar);
	code = ct_rootfs_extract_memory(tar->data, tar->size, in_dir(name), options, NULL, err);
	tar_free(tar);
	return removed(name, code);
}

static int missing_archive(bool wrong, ct_error *err)
{
	struct tar tar = {0};
	int code, fd = open(in_dir("file.tar"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	TAR(&tar, .name = "file", .data = "content");
	tar_end(&tar);
	ck_assert_int_eq(write(fd, tar.data, tar.size), (ssize_t)tar.size);
	close(fd);
	code = ct_rootfs_extract(
		in_dir(wrong ? "missing.tar" : "file.tar"), in_dir("dest"), NULL, NULL, err);
	unlink(in_dir("file.tar"));
	tar_free(&tar);
	return removed("dest", code);
}

static int no_archive(bool wrong, ct_error *err)
{
	static const char text[] = "This is no archive, however long one reads on in it.";
	struct tar tar = {0};

	if (wrong)
		tar_raw(&tar, text, sizeof(text));
	else
		TAR(&tar, .name = "file", .data = "content");
	return extract_to("dest", &tar, NULL, err);
}

static int cut_archive(bool wrong, ct_error *err)
{
	struct tar tar = {0}, gzip;
	int code;

	TAR(&tar, .name = "file", .data = "content");
	tar_end(&tar);
	gzip = tar_compressed(&tar, "gzip");
	code = ct_rootfs_extract_memory(
		gzip.data, wrong ? gzip.size - 12 : gzip.size, in_dir("dest"), NULL, NULL, err);
	tar_free(&gzip);
	tar_free(&tar);
	return removed("dest", code);
}

static int entry_that_leads_out(bool wrong, ct_error *err)
{
	struct tar tar = {0};

	TAR(&tar, .name = wrong ? "../outside" : "inside", .data = "content");
	return extract_to("dest", &tar, NULL, err);
}

static int entry_with_long_name(bool wrong, ct_error *err)
{
	char name[300] = "";
	struct tar tar = {0};

	memset(name, 'n', wrong ? 256 : 255);
	tar_long(&tar, 'L', name);
	TAR(&tar, .name = "cut", .data = "content");
	return extract_to("dest", &tar, NULL, err);
}

/* An archive with an owner, an attribute and a device, all of which must be kept. */
#define TRUSTED "device nodes, trusted attributes"

static int trusted(bool wrong, ct_error *err)
{
	ct_extract_options options = CT_EXTRACT_OPTIONS_INIT;
	struct tar tar = {0};

	(void)wrong;
	options.flags = CT_EXTRACT_TRUSTED | CT_EXTRACT_NO_RECORDS;
	tar_pax(&tar, "SCHILY.xattr.trusted.mark", "1");
	TAR(&tar, .name = "file", .data = "content", .uid = 1234, .gid = 1234);
	TAR(&tar, .name = "null", .type = '3', .major = 1, .minor = 3);
	return extract_to("dest", &tar, &options, err);
}

/* A user with ten subordinate ids, who may map them without newuidmap: that may be missing here. */
static void become_user_with_ids(void)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2] = {0};
	const uid_t id = 54397;

	have_mounts_of_my_own();
	write_file(in_dir("subids"), "54397:300000:10\n", 0644);
	ck_assert_int_eq(mount(in_dir("subids"), "/etc/subuid", NULL, MS_BIND, NULL), 0);
	ck_assert_int_eq(mount(in_dir("subids"), "/etc/subgid", NULL, MS_BIND, NULL), 0);
	ck_assert_int_eq(chown(box.dir, id, id), 0);
	ck_assert_int_eq(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), 0);
	ck_assert_int_eq(setresgid(id, id, id), 0);
	ck_assert_int_eq(setresuid(id, id, id), 0);
	ck_assert_int_eq(syscall(SYS_capget, &head, data), 0);
	data[0].effective = data[0].permitted;
	data[1].effective = data[1].permitted;
	ck_assert_int_eq(syscall(SYS_capset, &head, data), 0);
}

/* In a process of its own, whose error comes back by shared memory. */
static int owner_outside_of_the_map(bool wrong, ct_error *err)
{
	ct_error *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ct_extract_options options = CT_EXTRACT_OPTIONS_INIT;
	struct tar tar = {0};
	pid_t child;
	int code;

	ck_assert_ptr_ne(shared, MAP_FAILED);
	*shared = (ct_error)CT_ERROR_INIT;
	options.flags = CT_EXTRACT_NO_RECORDS;
	TAR(&tar, .name = "far", .uid = wrong ? 11 : 10, .data = "content");
	child = fork();
	if (child == 0) {
		become_user_with_ids();
		_exit(extract_to("dest", &tar, &options, shared) != 0);
	}
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	tar_free(&tar);
	code = shared->code;
	if (err)
		*err = *shared;
	munmap(shared, sizeof(*shared));
	ck_assert_int_eq(unlink(in_dir("subids")), 0);
	ck_assert_int_eq(chown(box.dir, 0, 0), 0);
	return code;
}

static int into_small_space(bool wrong, ct_error *err)
{
	static char content[1 << 20];
	struct tar tar = {0};
	int code;

	TAR(&tar, .name = "file", .data = content, .size = sizeof(content));
	tar_end(&tar);
	ck_assert_int_eq(mkdir(in_dir("parent"), 0755), 0);
	if (wrong)
		fill_parent();
	code = removed("parent/dest", ct_rootfs_extract_memory(tar.data, tar.size,
					      in_dir("parent/dest"), NULL, NULL, err));
	tar_free(&tar);
	if (wrong)
		ck_assert_int_eq(umount2(in_dir("parent"), MNT_DETACH), 0);
	ck_assert_int_eq(rmdir(in_dir("parent")), 0);
	return code;
}

static int two_entries_of_one(bool wrong, ct_error *err)
{
	ct_extract_options options = CT_EXTRACT_OPTIONS_INIT;
	struct tar tar = {0};

	options.max_entries = wrong ? 1 : 2;
	TAR(&tar, .name = "first", .data = "content");
	TAR(&tar, .name = "second", .data = "content");
	return extract_to("dest", &tar, &options, err);
}

static int answer(const ct_extract_progress *progress, void *data)
{
	return strcmp(progress->path, "second") == 0 && *(bool *)data;
}

static int cancelled(bool wrong, ct_error *err)
{
	ct_extract_options options = CT_EXTRACT_OPTIONS_INIT;
	struct tar tar = {0};

	options.progress = answer;
	options.progress_data = &wrong;
	TAR(&tar, .name = "first", .data = "content");
	TAR(&tar, .name = "second", .data = "content");
	return extract_to("dest", &tar, &options, err);
}

static int one_file_to(const char *name, uint32_t flags, ct_error *err)
{
	ct_extract_options options = CT_EXTRACT_OPTIONS_INIT;
	struct tar tar = {0};

	options.flags = flags;
	TAR(&tar, .name = "file", .data = "content");
	return extract_to(name, &tar, &options, err);
}

static int sound_extraction(bool wrong, ct_error *err)
{
	(void)wrong;
	return one_file_to("dest", 0, err);
}

static int to_an_existing_directory(bool wrong, ct_error *err)
{
	return one_file_to(wrong ? "root" : "dest", 0, err);
}

static int below_a_missing_directory(bool wrong, ct_error *err)
{
	return one_file_to(wrong ? "missing/dest" : "dest", 0, err);
}

static int in_place_of_a_file(bool wrong, ct_error *err)
{
	return one_file_to(wrong ? "canary" : "dest", CT_EXTRACT_REPLACE, err);
}

/* Makes a directory and calls for the removal of what() names. */
static int remove_victim(const char *name, void (*before)(void), ct_error *err)
{
	int code;

	ck_assert_int_eq(mkdir(in_dir("victim"), 0755), 0);
	ck_assert_int_eq(symlink("victim", in_dir("link")), 0);
	if (before)
		before();
	code = ct_rootfs_remove(in_dir(name), err);
	if (before)
		ck_assert_int_eq(umount2(in_dir("victim"), MNT_DETACH), 0);
	ck_assert_int_eq(unlink(in_dir("link")), 0);
	ck_assert_int_eq(rmdir(in_dir("victim")), code ? 0 : -1);
	return code;
}

static int remove_missing(bool wrong, ct_error *err)
{
	return remove_victim(wrong ? "missing" : "victim", NULL, err);
}

static int remove_link(bool wrong, ct_error *err)
{
	return remove_victim(wrong ? "link" : "victim", NULL, err);
}

static int remove_mounted(bool wrong, ct_error *err)
{
	return remove_victim("victim", wrong ? mount_on_victim : NULL, err);
}

static int open_root(const char *name, ct_error *err)
{
	ct_rootfs *rootfs = NULL;
	int code = ct_rootfs_open(in_dir(name), &rootfs, err);

	ct_rootfs_free(rootfs);
	return code;
}

static int open_missing_root(bool wrong, ct_error *err)
{
	return open_root(wrong ? "missing" : "root", err);
}

static int open_file_as_root(bool wrong, ct_error *err)
{
	return open_root(wrong ? "canary" : "root", err);
}

/* --------------------------------------------------------------- the table */

/* Step, code; call, object, words of the sentence, cure; how to provoke it. */
const struct failure rootfs_failures[] = {
	{CT_STEP_NONE, 0, .act = sound_extraction},
	{CT_STEP_ARCHIVE, -ENOENT, "open", "/missing.tar", "No such file", "path of the archive",
		.act = missing_archive},
	{CT_STEP_ARCHIVE, -EINVAL, "", "archive", "archive", "give a tar archive",
		.act = no_archive},
	{CT_STEP_ARCHIVE, -EBADMSG, "", "archive", "archive", "fetch it again", .act = cut_archive},
	{CT_STEP_ENTRY, -EXDEV, "", "../outside", "lead out of the root", "without \"..\"",
		.act = entry_that_leads_out},
	{CT_STEP_ENTRY, -ENAMETOOLONG, "", "nnnn", "too long", "255 bytes",
		.act = entry_with_long_name},
	{CT_STEP_WRITE, -ENOSPC, "pwrite", "file", "No space", "free space",
		.act = into_small_space},
	{CT_STEP_WRITE, -EDQUOT, "pwrite", "file", "quota", "disk quota", .act = trusted, .machine = TRUSTED,
		.number = SYS_pwrite64, .error = EDQUOT},
	{CT_STEP_WRITE, -EPERM, "mknodat", "null", "not permitted", "CT_EXTRACT_KEEP_DEVICES",
		.act = trusted, .machine = TRUSTED, .spoil = lose_mknod},
	{CT_STEP_WRITE, -EPERM, "fchown", "file", "not permitted", "CT_EXTRACT_NO_OWNER",
		.act = trusted, .machine = TRUSTED, .spoil = lose_chown},
	{CT_STEP_WRITE, -EINVAL, "fchown", "file", "Invalid", "no mapping", .act = trusted, .machine = TRUSTED,
		.number = SYS_fchown, .error = EINVAL},
	{CT_STEP_WRITE, -EPERM, "setxattr", "trusted.mark of file", "not permitted", "KEEP_XATTRS",
		.act = trusted, .machine = TRUSTED, .spoil = lose_sys_admin},
	{CT_STEP_WRITE, -EOPNOTSUPP, "setxattr", "trusted.mark of file", "not supported",
		"NO_XATTRS", .act = trusted, .machine = TRUSTED, .number = SYS_fsetxattr, .error = EOPNOTSUPP},
	{CT_STEP_OWNERS, -EINVAL, "", "far", "none of the ids", "/etc/subuid",
		.machine = "subordinate ids",
		.act = owner_outside_of_the_map},
	{CT_STEP_QUOTA, -EDQUOT, "", "second", "max_entries", "ct_extract_options",
		.act = two_entries_of_one},
	{CT_STEP_CANCEL, -ECANCELED, "", "second", "callback", NULL, .act = cancelled},
	{CT_STEP_DESTINATION, -EEXIST, "", "/root", "exists", "CT_EXTRACT_REPLACE",
		.act = to_an_existing_directory},
	{CT_STEP_DESTINATION, -ENOENT, "open", "/missing", "No such file", "directory above",
		.act = below_a_missing_directory},
	{CT_STEP_DESTINATION, -ENOTDIR, "", "/canary", "Not a directory", "only a directory",
		.act = in_place_of_a_file},
	{CT_STEP_COMMIT, -EINVAL, "renameat2", "/dest", "Invalid",
		"filesystem that knows renameat2", .act = sound_extraction, .number = SYS_renameat2,
		.error = EINVAL},
	{CT_STEP_REMOVE, -ENOENT, "", "/missing", "No such file", NULL, .act = remove_missing},
	{CT_STEP_REMOVE, -ENOTDIR, "", "/link", "Not a directory", "not a symlink",
		.act = remove_link},
	{CT_STEP_REMOVE, -EBUSY, "renameat2", "/victim", "mounted there", "unmount",
		.act = remove_mounted},
	{CT_STEP_ROOTFS, -ENOENT, "open", "/missing", "No such file", "check the path",
		.act = open_missing_root},
	{CT_STEP_ROOTFS, -ENOTDIR, "open", "/canary", "Not a directory", "ct_rootfs_extract",
		.act = open_file_as_root},
	{0},
};

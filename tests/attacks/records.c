/* SPDX-License-Identifier: MIT */
/*
 * Attacks on ct_rootfs_restore(), which gives files the owners that records in the tree tell: a
 * container that ran there as an ordinary user's has written them, and is still at it.
 */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "attacks/attacks.h"

#define RECORD "user.containers.override_stat"

static void record(const char *path, const char *what)
{
	ck_assert_msg(setxattr(path, RECORD, what, strlen(what), 0) == 0, "%s: %s", path,
		strerror(errno));
}

static bool has_records(void)
{
	write_file(in_dir("marked"), "", 0644);
	return setxattr(in_dir("marked"), RECORD, "x", 1, 0) == 0;
}

static int restore(uint32_t flags)
{
	ct_extract_options options = CT_EXTRACT_OPTIONS_INIT;
	ct_error err = CT_ERROR_INIT;
	ct_rootfs *tree = NULL;
	int code;

	options.flags = flags;
	ck_assert_int_eq(ct_rootfs_open(in_dir("tree"), &tree, &err), 0);
	code = ct_rootfs_restore(tree, &options, &err);
	ct_rootfs_free(tree);
	if (code < 0)
		remark("%s", err.sentence);
	return code;
}

static int has_rights(const char *path, const struct stat *stat, int type, struct FTW *walk)
{
	(void)path;
	(void)type;
	(void)walk;
	return S_ISBLK(stat->st_mode) || S_ISCHR(stat->st_mode) ||
	       (S_ISREG(stat->st_mode) && (stat->st_mode & (S_ISUID | S_ISGID)));
}

/* The control asks for them. */
static enum verdict records_ask_for_rights(bool guarded)
{
	if (!has_records())
		return why_absent("the filesystem has no user attributes");
	ck_assert_int_eq(mkdir(in_dir("tree"), 0755), 0);
	write_file(in_dir("tree/su"), "x", 0755);
	record(in_dir("tree/su"), "0:0:04755:file");
	write_file(in_dir("tree/disk"), "", 0600);
	record(in_dir("tree/disk"), "0:0:0666:block-8-0");
	if (restore(guarded ? 0 : CT_EXTRACT_KEEP_DEVICES | CT_EXTRACT_KEEP_SETUID) < 0)
		return SHOWS_NOTHING;
	return nftw(in_dir("tree"), has_rights, 16, FTW_PHYS) > 0 ? THROUGH : HELD;
}

/* "here" and what is in it have records; "link" leads to the host, and takes its place at times. */
static void lay_records(void)
{
	ck_assert(mkdir(in_dir("tree"), 0755) == 0 || errno == EEXIST);
	/* They may stand exchanged since the last round. */
	ck_assert_int_eq(mkdir(in_dir("new"), 0755), 0);
	write_file(in_dir("new/file"), "x", 0644);
	record(in_dir("new/file"), "1234:1234:0600:file");
	record(in_dir("new"), "1234:1234:0700:dir");
	ck_assert_int_eq(rename(in_dir("new"), in_dir("tree/here")), 0);
	ck_assert_int_eq(symlink(in_dir("host"), in_dir("tree/link")), 0);
}

static void sweep(void)
{
	ct_error err = CT_ERROR_INIT;

	ck_assert_msg(ct_rootfs_remove(in_dir("tree"), &err) == 0, "%s", err.sentence);
}

/* Reads a record by path, and gives what it says by path. */
static void restore_by_path(void)
{
	for (int i = 0; i < 1000; i++) {
		char what[64];

		if (getxattr(in_dir("tree/here/file"), RECORD, what, sizeof(what)) > 0)
			ck_assert(chown(in_dir("tree/here/file"), 1234, 1234) == 0 ||
				  errno == ENOENT);
	}
}

static bool host_is_another(void)
{
	struct stat stat_of;

	return stat(in_host("file"), &stat_of) < 0 || stat_of.st_uid == 1234;
}

static enum verdict records_are_raced(bool guarded)
{
	if (!has_records())
		return why_absent("the filesystem has no user attributes");
	for (int i = 0; i < (guarded ? scaled(40) * attack_effort : 200) && !host_is_another();
		i++) {
		pid_t racer;

		lay_records();
		racer = start_racer(in_dir("tree/here"), in_dir("tree/link"));
		if (guarded)
			restore(0);
		else
			restore_by_path();
		end_child(racer);
		sweep();
	}
	return HELD; /* unless the host's tree has changed */
}

const struct attack ct_attacks_records[] = {
	{.id = "H07",
		.sentence = "have a file of the host given away while records are made real",
		.roles = 1u << AS_ROOT,
		.flags = CONTROL_NEEDS_ROOT,
		.run = records_are_raced},
	{.id = "I02",
		.sentence = "have setuid files and devices made real by records",
		.roles = 1u << AS_ROOT,
		.flags = CONTROL_NEEDS_ROOT,
		.run = records_ask_for_rights},
	{0},
};

/* SPDX-License-Identifier: MIT */
/*
 * Attacks by archives: on where files land, and on what is made. The tree lies beside the host's,
 * so that "../host" is it.
 */
#include "attacks/archives.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static struct tar tar;

/* Ends the archive and extracts it by the library or without; whether it was taken does not matter. */
static void extract_tree(bool guarded, uint32_t flags)
{
	ct_extract_options options = CT_EXTRACT_OPTIONS_INIT;
	ct_error err = CT_ERROR_INIT;

	tar_end(&tar);
	options.flags = flags;
	if (!guarded)
		extract_naively(&tar, in_dir("tree"));
	else if (ct_rootfs_extract_memory(
			 tar.data, tar.size, in_dir("tree"), &options, NULL, &err) < 0)
		remark("%s", err.sentence);
	tar_free(&tar);
	memset(&tar, 0, sizeof(tar));
}

static void remove_tree(void)
{
	ct_error err = CT_ERROR_INIT;

	if (access(in_dir("tree"), F_OK) == 0)
		ck_assert_msg(ct_rootfs_remove(in_dir("tree"), &err) == 0, "%s", err.sentence);
}

/* Held, unless the host's tree has changed: that is seen by the judge. */
static enum verdict land(bool guarded)
{
	extract_tree(guarded, 0);
	return HELD;
}

/* ------------------------------------------------------------ where files land */

static enum verdict names_with_dotdot(bool guarded)
{
	static const char *const names[] = {"../host/file", "a/../../host/file", "./../host/file",
		"a/./..//../host/file", "/../host/file", "../host/new"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		for (int way = 0; way < 3; way++) {
			if (way == 1)
				tar_pax(&tar, "path", names[i]);
			if (way == 2)
				tar_long(&tar, 'L', names[i]);
			TAR(&tar, .name = way ? "harmless" : names[i], .data = "evil",
				.magic = way == 2 ? "ustar  " : NULL);
			extract_tree(guarded, 0);
			remove_tree();
		}
	return HELD;
}

static enum verdict absolute_names(bool guarded)
{
	tar_pax(&tar, "path", in_host("file"));
	TAR(&tar, .name = "x", .data = "evil");
	return land(guarded);
}

static enum verdict through_a_link(bool guarded)
{
	TAR(&tar, .name = "out", .type = '2', .link = in_dir("host"));
	TAR(&tar, .name = "out/file", .data = "evil");
	return land(guarded);
}

static enum verdict through_a_climbing_link(bool guarded)
{
	TAR(&tar, .name = "a/b/out", .type = '2', .link = "../../../host");
	TAR(&tar, .name = "a/b/out/file", .data = "evil");
	return land(guarded);
}

static enum verdict through_a_chain(bool guarded)
{
	char name[32], link[PATH_MAX];

	snprintf(link, sizeof(link), "%s", in_dir("host"));
	for (int i = 0; i < 39; i++) {
		snprintf(name, sizeof(name), "l%d", i);
		tar_pax(&tar, "linkpath", link);
		TAR(&tar, .name = name, .type = '2', .link = "x");
		snprintf(link, sizeof(link), "%s", name);
	}
	TAR(&tar, .name = "l38/file", .data = "evil");
	return land(guarded);
}

static enum verdict file_over_a_link(bool guarded)
{
	TAR(&tar, .name = "f", .type = '2', .link = in_host("file"));
	TAR(&tar, .name = "f", .data = "evil");
	return land(guarded);
}

static enum verdict hardlink_to_the_host(bool guarded)
{
	TAR(&tar, .name = "h", .type = '1', .link = "../host/file");
	TAR(&tar, .name = "h", .data = "evil");
	return land(guarded);
}

static enum verdict hardlink_by_absolute_name(bool guarded)
{
	TAR(&tar, .name = "h", .type = '1', .link = in_host("file"));
	TAR(&tar, .name = "h", .data = "evil");
	return land(guarded);
}

static enum verdict hardlink_through_a_link(bool guarded)
{
	TAR(&tar, .name = "out", .type = '2', .link = in_dir("host"));
	TAR(&tar, .name = "h", .type = '1', .link = "out/file");
	TAR(&tar, .name = "h", .data = "evil");
	return land(guarded);
}

static enum verdict hardlink_to_a_link(bool guarded)
{
	TAR(&tar, .name = "s", .type = '2', .link = in_host("file"));
	TAR(&tar, .name = "h", .type = '1', .link = "s");
	TAR(&tar, .name = "h", .data = "evil");
	return land(guarded);
}

static enum verdict metadata_of_a_directory(bool guarded)
{
	TAR(&tar, .name = "d", .type = '2', .link = in_host("sub"));
	TAR(&tar, .name = "d/", .type = '5', .mode = 0777);
	return land(guarded);
}

static enum verdict metadata_of_what_was_a_directory(bool guarded)
{
	TAR(&tar, .name = "d/", .type = '5', .mode = 0777, .mtime = 5);
	TAR(&tar, .name = "d", .type = '2', .link = in_host("sub"));
	return land(guarded);
}

static enum verdict directory_that_becomes_a_link(bool guarded)
{
	for (int i = 0; i < 5; i++) {
		TAR(&tar, .name = "d/", .type = '5');
		TAR(&tar, .name = "d", .type = '2', .link = in_dir("host"));
		TAR(&tar, .name = "d/file", .data = "evil");
	}
	return land(guarded);
}

static enum verdict whiteout_through_a_link(bool guarded)
{
	TAR(&tar, .name = "out", .type = '2', .link = in_dir("host"));
	TAR(&tar, .name = "out/.wh.file");
	return land(guarded);
}

static enum verdict opaque_whiteout(bool guarded)
{
	TAR(&tar, .name = "out", .type = '2', .link = in_host("sub"));
	TAR(&tar, .name = "out/.wh..wh..opq");
	return land(guarded);
}

/* ---------------------------------------------------------------------- races */

/* Exchanges "d" and "l" in the tree, and in whatever the library works in before it is there. */
static pid_t race_in_workspace(void)
{
	pid_t racer = fork();
	char one[PATH_MAX], other[PATH_MAX];

	if (racer)
		return racer;
	for (;;) {
		DIR *dir = opendir(box.dir);

		for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
			if (strncmp(entry->d_name, ".tree.ct-", 9) != 0 &&
				strcmp(entry->d_name, "tree") != 0)
				continue;
			snprintf(one, sizeof(one), "%.1000s/%s/d", box.dir, entry->d_name);
			snprintf(other, sizeof(other), "%.1000s/%s/l", box.dir, entry->d_name);
			for (int i = 0; i < 200; i++)
				renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE);
		}
		closedir(dir);
	}
}

static void build_raced(void)
{
	TAR(&tar, .name = "l", .type = '2', .link = in_dir("host"));
	TAR(&tar, .name = "d/", .type = '5');
	for (int i = 0; i < 100; i++) {
		char name[32];

		snprintf(name, sizeof(name), "d/f%d", i);
		TAR(&tar, .name = name, .data = "evil");
	}
}

static enum verdict raced_extraction(bool guarded)
{
	pid_t racer = race_in_workspace();

	for (int i = 0; i < (guarded ? scaled(20) * attack_effort : 200); i++) {
		build_raced();
		extract_tree(guarded, 0);
		remove_tree();
		if (access(in_host("f99"), F_OK) == 0)
			break;
	}
	end_child(racer);
	return HELD;
}

/* A leftover of the library's, as it seems: forged by somebody who may write to the directory. */
static enum verdict forged_leftover(bool guarded)
{
	ck_assert_int_eq(symlink("host", in_dir(".tree.ct-forged")), 0);
	if (!guarded) {
		/* What sweeps by a pattern: rm -r .tree.ct-[a-z]*[slash]file. */
		unlink(in_dir(".tree.ct-forged/file"));
		return HELD;
	}
	TAR(&tar, .name = "x", .data = "x");
	return land(guarded);
}

static enum verdict verdict_of_workspace;

/* Called on the way: whether others could look into what is not finished. */
static int look_at_workspace(const ct_extract_progress *progress, void *data)
{
	DIR *dir = opendir(box.dir);

	(void)progress;
	(void)data;
	for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
		struct stat stat_of;

		if (strncmp(entry->d_name, ".tree.ct-", 9) != 0 ||
			stat(in_dir(entry->d_name), &stat_of) < 0)
			continue;
		verdict_of_workspace = stat_of.st_mode & 077 ? THROUGH : HELD;
	}
	closedir(dir);
	return 0;
}

static enum verdict unfinished_tree_is_open(bool guarded)
{
	ct_extract_options options = CT_EXTRACT_OPTIONS_INIT;
	ct_error err = CT_ERROR_INIT;
	struct stat stat_of;

	umask(0);
	box_accept_changes();
	TAR(&tar, .name = "x", .data = "x");
	tar_end(&tar);
	if (!guarded) {
		extract_naively(&tar, in_dir("tree"));
		ck_assert_int_eq(stat(in_dir("tree"), &stat_of), 0);
		return stat_of.st_mode & 077 ? THROUGH : HELD;
	}
	options.progress = look_at_workspace;
	ck_assert_int_eq(
		ct_rootfs_extract_memory(tar.data, tar.size, in_dir("tree"), &options, NULL, &err),
		0);
	tar_free(&tar);
	return verdict_of_workspace;
}

/* -------------------------------------------------------------------- what is made */

static const char *sought;

static int is_sought(const char *path, const struct stat *stat, int type, struct FTW *walk)
{
	char value[64];

	(void)type;
	(void)walk;
	if (strcmp(sought, "device") == 0)
		return S_ISBLK(stat->st_mode) || S_ISCHR(stat->st_mode);
	if (strcmp(sought, "setuid") == 0)
		return !S_ISLNK(stat->st_mode) && (stat->st_mode & (S_ISUID | S_ISGID)) != 0;
	return lgetxattr(path, sought, value, sizeof(value)) >= 0;
}

/* THROUGH if the tree holds such a thing: "device", "setuid", or the name of an attribute. */
static enum verdict made(bool guarded, uint32_t flags, const char *what)
{
	extract_tree(guarded, flags);
	sought = what;
	return access(in_dir("tree"), F_OK) == 0 &&
			       nftw(in_dir("tree"), is_sought, 16, FTW_PHYS) > 0
		       ? THROUGH
		       : HELD;
}

static enum verdict devices(bool guarded)
{
	TAR(&tar, .name = "x", .data = "x");
	TAR(&tar, .name = "disk", .type = '4', .mode = 0666, .major = 8);
	TAR(&tar, .name = "mem", .type = '3', .mode = 0666, .major = 1, .minor = 1);
	TAR(&tar, .name = "whiteout", .type = '3', .mode = 0666);
	return made(guarded, 0, "device");
}

static enum verdict setuid_files(bool guarded)
{
	TAR(&tar, .name = "su", .mode = 06755, .data = "x");
	TAR(&tar, .name = "d/", .type = '5', .mode = 02755);
	return made(guarded, 0, "setuid");
}

static enum verdict file_capabilities(bool guarded)
{
	static const unsigned char all[20] = {1, 0, 0, 2, 255, 255, 255, 255};

	tar_pax_bytes(&tar, "SCHILY.xattr.security.capability", all, sizeof(all));
	TAR(&tar, .name = "f", .mode = 0755, .data = "x");
	return made(guarded, 0, "security.capability");
}

static enum verdict overlay_attributes(bool guarded)
{
	tar_pax(&tar, "SCHILY.xattr.trusted.overlay.redirect", "/etc");
	TAR(&tar, .name = "d/", .type = '5');
	return made(guarded, CT_EXTRACT_KEEP_XATTRS, "trusted.overlay.redirect");
}

static enum verdict user_overlay_attributes(bool guarded)
{
	tar_pax(&tar, "SCHILY.xattr.user.overlay.redirect", "/etc");
	TAR(&tar, .name = "d/", .type = '5');
	return made(guarded, CT_EXTRACT_KEEP_XATTRS, "user.overlay.redirect");
}

static enum verdict labels(bool guarded)
{
	tar_pax(&tar, "SCHILY.xattr.security.selinux", "system_u:object_r:bin_t:s0");
	TAR(&tar, .name = "f", .data = "x");
	return made(guarded, 0, "security.selinux");
}

/* Records say what an entry should be; one of an archive must not say more than its header may. */
static enum verdict records(bool guarded)
{
	tar_pax(&tar, "SCHILY.xattr.user.containers.override_stat", "0:0:0104755:file");
	TAR(&tar, .name = "f", .mode = 0755, .data = "x");
	extract_tree(guarded, 0);
	/* As whoever makes records real would: by what stands in the attribute. */
	if (access(in_dir("tree/f"), F_OK) == 0) {
		char value[64] = "";
		struct stat stat_of;

		lgetxattr(in_dir("tree/f"), "user.containers.override_stat", value,
			sizeof(value) - 1);
		ck_assert_int_eq(stat(in_dir("tree/f"), &stat_of), 0);
		if (strstr(value, "4755") || stat_of.st_mode & S_ISUID)
			return THROUGH;
	}
	return HELD;
}

/* ------------------------------------------------------------------ other programs */

/* A decompressor that the archive asks for and PATH has. */
static enum verdict decompressors(bool guarded)
{
	static const unsigned char magic[64] = {'L', 'R', 'Z', 'I', 0, 6};
	char path[PATH_MAX], script[PATH_MAX];

	ck_assert_int_eq(mkdir(in_dir("bin"), 0755), 0);
	snprintf(script, sizeof(script), "#!/bin/sh\n: > '%s'\n", in_host("marker"));
	write_file(in_dir("bin/lrzip"), script, 0755);
	snprintf(path, sizeof(path), "%s:/usr/bin:/bin", in_dir("bin"));
	setenv("PATH", path, 1);
	tar_raw(&tar, magic, sizeof(magic));
	extract_tree(guarded, 0);
	for (int i = 0; i < 20 && !guarded && access(in_host("marker"), F_OK) < 0; i++)
		usleep(100000);
	unlink(in_dir("bin/lrzip"));
	box_accept_changes();
	return HELD;
}

#define BY_EXTRACTORS (BY_CALLERS | 1u << AS_ROOTLESS_USER)
#define ARCHIVE(number, what, how, more)                                                          \
	{                                                                                         \
		.id = number, .sentence = what, .roles = BY_EXTRACTORS, .run = how, .flags = more \
	}

const struct attack ct_attacks_archives[] = {
	ARCHIVE("B23", "have an attacker's link swept as a leftover", forged_leftover, 0),
	ARCHIVE("E09", "look into a tree that is not finished", unfinished_tree_is_open, 0),
	ARCHIVE("H01", "leave the tree by '..' in a name", names_with_dotdot, 0),
	ARCHIVE("H01", "leave the tree by an absolute name", absolute_names, 0),
	ARCHIVE("H02", "leave the tree through a link", through_a_link, 0),
	ARCHIVE("H02", "leave the tree through a climbing link", through_a_climbing_link, 0),
	ARCHIVE("H02", "leave the tree through a chain of links", through_a_chain, 0),
	ARCHIVE("H02", "write through a link of the same name", file_over_a_link, 0),
	ARCHIVE("H04", "write to a hard link to a file outside", hardlink_to_the_host, 0),
	ARCHIVE("H04", "write to a hard link by an absolute name", hardlink_by_absolute_name, 0),
	ARCHIVE("H04", "write to a hard link made through a link", hardlink_through_a_link, 0),
	ARCHIVE("H05", "write to a hard link to a link", hardlink_to_a_link, 0),
	ARCHIVE("H07", "give a directory's mode to what a link leads to", metadata_of_a_directory,
		0),
	ARCHIVE("H07", "give a directory's mode to what it became a link to",
		metadata_of_what_was_a_directory, 0),
	ARCHIVE("H09", "write below a directory that became a link", directory_that_becomes_a_link,
		0),
	ARCHIVE("H10", "exchange a directory by a link during the extraction", raced_extraction, 0),
	ARCHIVE("H11", "delete outside by a whiteout behind a link", whiteout_through_a_link, 0),
	ARCHIVE("H11", "empty a directory outside by a whiteout behind a link", opaque_whiteout, 0),
	ARCHIVE("I01", "bring device nodes", devices, CONTROL_NEEDS_ROOT),
	ARCHIVE("I02", "bring setuid files", setuid_files, 0),
	ARCHIVE("I02", "bring setuid files by a record", records, 0),
	ARCHIVE("I03", "bring file capabilities", file_capabilities, CONTROL_NEEDS_ROOT),
	ARCHIVE("I04", "bring attributes that overlays obey", overlay_attributes,
		CONTROL_NEEDS_ROOT),
	ARCHIVE("I04", "bring attributes that a user's overlays obey", user_overlay_attributes, 0),
	ARCHIVE("I05", "bring a label", labels, CONTROL_NEEDS_ROOT),
	ARCHIVE("J03", "have a program of PATH executed to decompress", decompressors, 0),
	{0},
};

/* SPDX-License-Identifier: MIT */
/*
 * Extraction of any archive: nothing outside of the destination changes, a failed call leaves
 * nothing, and what was made can be removed. An input is the bytes of an archive, or
 * decisions from which one is built whose headers are whole and whose contents are not nice.
 */
#include <container/container.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"
#include "tar_builder.h"

#define DEST   SCRATCH "/dest"
#define CANARY SCRATCH "/canary"

/* -------------------------------------------------------- what must not change */

static struct stat canary[3];
static const char *const canary_paths[3] = {CANARY, CANARY "/file", CANARY "/link"};

static void look_at_canary(struct stat stats[3])
{
	for (int i = 0; i < 3; i++)
		must(lstat(canary_paths[i], &stats[i]) == 0, "%s is gone", canary_paths[i]);
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_mode == b->st_mode && a->st_uid == b->st_uid &&
	       a->st_gid == b->st_gid && a->st_nlink == b->st_nlink && a->st_size == b->st_size &&
	       memcmp(&a->st_mtim, &b->st_mtim, sizeof(a->st_mtim)) == 0 &&
	       memcmp(&a->st_ctim, &b->st_ctim, sizeof(a->st_ctim)) == 0;
}

static int lowest_descriptor(void)
{
	int fd = open("/", O_PATH | O_CLOEXEC);

	close(fd);
	return fd;
}

/* Beside the canary there is nothing, or the destination alone. */
static void check_outside(bool is_made)
{
	struct stat now[3];
	struct dirent *entry;
	int others = 0;
	DIR *dir = opendir(SCRATCH);

	must(dir != NULL, "the scratch directory is gone");
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] != '.' || strlen(entry->d_name) > 2)
			others += strcmp(entry->d_name, "canary") != 0;
	}
	closedir(dir);
	must(others == is_made, "%d files beside the canary", others);
	look_at_canary(now);
	for (int i = 0; i < 3; i++)
		must(is_same(&canary[i], &now[i]), "%s has changed", canary_paths[i]);
}

static uint32_t flags_now;

static int check_entry(const char *path, const struct stat *stat, int type, struct FTW *place)
{
	(void)type, (void)place;
	must(!(stat->st_mode & (S_ISUID | S_ISGID)) || flags_now & CT_EXTRACT_KEEP_SETUID,
		"%s has a setuid bit", path);
	must((!S_ISBLK(stat->st_mode) && !S_ISCHR(stat->st_mode)) ||
			flags_now & CT_EXTRACT_KEEP_DEVICES,
		"%s is a device", path);
	must(!S_ISSOCK(stat->st_mode), "%s is a socket", path);
	return 0;
}

/* ----------------------------------------------------------- archives made here */

/* Few, so that entries meet. One that is refused ends the call, so most are good. */
static const char *const names[] = {"a", "b", "c", "d", "a", "b", "a", "b", "a", "b", "a", "a",
	"file", "canary", "dest", "etc", ".", "...", "\x01\xff", ".wh.a", ".wh..wh..opq", "sys", "",
	"0123456789012345678901234567890123456789012345678901234567890123456789"};

static const char *take_path(struct input *input, bool is_link, char *path, size_t size)
{
	uint32_t parts = 1 + take_below(input, 3 + 2 * is_link);
	size_t length = 0;

	if (take_byte(input) & 1)
		path[length++] = '/';
	for (uint32_t i = 0; i < parts; i++) {
		bool up = take_byte(input) < (is_link ? 64 : 2);
		const char *name = up ? ".." : TAKE_WORD(input, names);

		if (length + strlen(name) + 2 > size)
			break;
		length += (size_t)sprintf(path + length, "%s%s", i ? "/" : "", name);
	}
	path[length] = '\0';
	return path;
}

static void add_extra(struct input *input, struct tar *tar)
{
	static const char *const keys[] = {"path", "linkpath", "size", "uid", "gid", "mtime",
		"SCHILY.xattr.user.a", "SCHILY.xattr.security.capability",
		"SCHILY.xattr.user.containers.override_stat", "SCHILY.xattr.trusted.overlay.opaque",
		"LIBARCHIVE.xattr.user.b", "SCHILY.acl.access", "SCHILY.acl.default",
		"GNU.sparse.major", "GNU.sparse.map", "GNU.sparse.realsize", "hdrcharset"};
	static const char *const values[] = {"", "0", "1", "-1", "4294967295",
		"99999999999999999999", "0:0:4755:file", "0:0:0666:block-8-0",
		"user::rwx,group::r-x,other::---", "y", "../canary/file", "/sys/canary", "0,1,5,9",
		"1.5"};
	const char *key = TAKE_WORD(input, keys), *value = TAKE_WORD(input, values);
	char path[512];

	switch (take_below(input, 4)) {
	case 0:
		tar_long(tar, 'L', take_path(input, true, path, sizeof(path)));
		break;
	case 1:
		tar_long(tar, 'K', take_path(input, true, path, sizeof(path)));
		break;
	case 2:
		tar_pax(tar, key, take_path(input, true, path, sizeof(path)));
		break;
	default:
		tar_pax(tar, key, value);
	}
}

static void build(struct input *input, struct tar *tar)
{
	static const char types[] = "00000000555555555222222221111113466";
	static const char content[600] = "content";
	uint32_t count = 1 + take_below(input, 20);
	char name[512], link[512] = "a";

	for (uint32_t i = 0; i < count; i++) {
		uint8_t what = take_byte(input);
		char type = types[take_below(input, sizeof(types) - 1)];

		if (what % 32 == 7)
			add_extra(input, tar);
		/* A hard link mostly to the entry before. */
		if (type == '1')
			snprintf(link, sizeof(link), "%s", i ? name : "a");
		if (type != '1' || what % 16 == 9)
			take_path(input, true, link, sizeof(link));
		TAR(tar, .name = take_path(input, false, name, sizeof(name)), .type = type,
			.mode = what & 2 ? take_below(input, 07777) : 0,
			.uid = what % 64 == 4 ? take_number(input) : what,
			.gid = what % 64 == 8 ? take_number(input) : what,
			.data = type == '0' || what == 254 ? content : NULL,
			.size = type == '0' && what & 16 ? take_below(input, sizeof(content)) : 0,
			.declared = what == 255 ? take_number(input) : 0, .link = link,
			.major = take_below(input, 9), .minor = take_below(input, 9));
	}
	tar_end(tar);
}

/* ------------------------------------------------------------------ the target */

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	enter_sandbox();
	must(mkdir(CANARY, 0711) == 0 && symlink("file", CANARY "/link") == 0 &&
			mknod(CANARY "/file", S_IFREG | 0604, 0) == 0,
		"the canary cannot be made");
	look_at_canary(canary);
	return 0;
}

static void extract(const void *data, size_t size, const ct_extract_options *options)
{
	ct_error failure = CT_ERROR_INIT;
	ct_rootfs *rootfs = NULL;
	int descriptors = lowest_descriptor();
	int ret = ct_rootfs_extract_memory(data, size, DEST, options, &rootfs, &failure);

	must((ret == 0) == (rootfs != NULL), "%d with and without a handle", ret);
	ct_rootfs_free(rootfs);
	if (ret < 0)
		must(failure.code == ret && failure.step != 0 && failure.sentence[0],
			"%d without a reason", ret);
	check_outside(ret == 0);
	must(lowest_descriptor() == descriptors, "a descriptor stayed open");
	if (ret < 0)
		return;
	flags_now = options->flags;
	nftw(DEST, check_entry, 8, FTW_PHYS);
	must(ct_rootfs_remove(DEST, &failure) == 0, "%s", failure.sentence);
	check_outside(false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = input_of(data, size);
	ct_extract_options options = CT_EXTRACT_OPTIONS_INIT;
	struct tar tar = {0};
	uint8_t how = take_byte(&input);

	options.flags = take_below(&input, 1u << 11) & ~CT_EXTRACT_SYNC;
	if (!(options.flags & CT_EXTRACT_STRIP_AUTO))
		options.strip_components = how % 16 == 2 ? take_below(&input, 3) : 0;
	options.max_bytes = 1 << 20;
	options.max_file_bytes = 1 << 18;
	options.max_entries = 200;
	if (how % 8 == 1) {
		extract(input.at, (size_t)(input.end - input.at), &options);
		return 0;
	}
	build(&input, &tar);
	extract(tar.data, tar.size, &options);
	tar_free(&tar);
	return 0;
}

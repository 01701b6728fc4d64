/* SPDX-License-Identifier: MIT */
/* Users and archives for the tests without root; see the header. */
#include "rootless.h"

#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "support/box.h"
#include "support/user.h"

ct_error extract_err;
ct_extract_stats extract_stats;

const struct kind kinds[] = {
	{"./", '5', 0755, 0, 0, NULL, 0, 0, "0:0:0755:dir"},
	{"./bin/", '5', 0755, 0, 0, NULL, 0, 0, "0:0:0755:dir"},
	{"./bin/su", '0', 04755, 0, 0, NULL, 0, 0, "0:0:4755:file"},
	{"./bin/wall", '0', 02755, 0, 5, NULL, 0, 0, "0:5:2755:file"},
	{"./bin/ping", '0', 0755, 0, 0, NULL, 0, 0, "0:0:0755:file"},
	{"./etc/", '5', 0555, 0, 0, NULL, 0, 0, "0:0:0555:dir"},
	{"./etc/shadow", '0', 0640, 0, 42, NULL, 0, 0, "0:42:0640:file"},
	{"./etc/secret", '0', 0400, 9, 9, NULL, 0, 0, "9:9:0400:file"},
	{"./home/", '5', 0711, 0, 0, NULL, 0, 0, "0:0:0711:dir"},
	{"./home/u/", '5', 0700, 1000, 1001, NULL, 0, 0, "1000:1001:0700:dir"},
	{"./home/u/file", '0', 0600, 1000, 1001, NULL, 0, 0, "1000:1001:0600:file"},
	{"./home/u/link", '2', 0777, 1000, 1001, "file", 0, 0, NULL},
	{"./home/u/fifo", '6', 0620, 1000, 1001, NULL, 0, 0, NULL},
	{"./home/u/again", '1', 0600, 1000, 1001, "./home/u/file", 0, 0, "1000:1001:0600:file"},
	{"./home/u/su", '0', 06711, 1000, 1001, NULL, 0, 0, "1000:1001:6711:file"},
	{"./home/u/set", '1', 06711, 1000, 1001, "./home/u/su", 0, 0, "1000:1001:6711:file"},
	{"./srv/", '5', 02770, 33, 34, NULL, 0, 0, "33:34:2770:dir"},
	{"./srv/deep/", '5', 01700, 33, 34, NULL, 0, 0, "33:34:1700:dir"},
	{"./srv/deep/file", '0', 0400, 35, 36, NULL, 0, 0, "35:36:0400:file"},
	{"./dev/", '5', 0755, 0, 0, NULL, 0, 0, "0:0:0755:dir"},
	{"./dev/null", '3', 0666, 0, 0, NULL, 1, 3, "0:0:0666:char-1-3"},
	{"./dev/sda", '4', 0660, 0, 6, NULL, 8, 1, "0:6:0660:block-8-1"},
	{"./dev/disk", '1', 0660, 0, 6, "./dev/sda", 8, 1, "0:6:0660:block-8-1"},
	{"./tmp/", '5', 01777, 0, 0, NULL, 0, 0, "0:0:1777:dir"},
	{"./marked", '0', 0644, 0, 0, NULL, 0, 0, "0:0:0644:file"},
	{0},
};

/* cap_net_raw+ep, revision 2. */
static const unsigned char capability[20] = {1, 0, 0, 2, 0, 0x20};

void need_users(void)
{
	need_root();
	if (access("/usr/bin/newuidmap", X_OK) < 0 || access("/usr/bin/newgidmap", X_OK) < 0) {
		puts("SKIP: newuidmap is missing (uidmap)");
		exit(77);
	}
	need_etc_of_my_own();
}

/* Nothing but this empty file is seen at path from now on, in this mount namespace. */
static void hide(const char *path)
{
	write_file(in_dir("empty"), "", 0644);
	ck_assert_int_eq(mount(in_dir("empty"), path, NULL, MS_BIND, NULL), 0);
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void become_root_of_nothing(void)
{
	char line[64];

	snprintf(line, sizeof(line), "0 %u 1", test_user_id());
	ck_assert_int_eq(unshare(CLONE_NEWUSER), 0);
	put("/proc/self/setgroups", "deny");
	put("/proc/self/gid_map", line);
	put("/proc/self/uid_map", line);
}

static void become_user(unsigned int what)
{
	const uid_t id = test_user_id();

	ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
	ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	if (!(what & WITH_IDS)) {
		hide("/etc/subuid");
		hide("/etc/subgid");
	}
	if (what & NO_NEWUIDMAP)
		hide("/usr/bin/newuidmap");
	ck_assert_int_eq(setgroups(0, NULL), 0);
	ck_assert_int_eq(setresgid(id, id, id), 0);
	ck_assert_int_eq(setresuid(id, id, id), 0);
	/* Else /proc/self belongs to root, and no id map can be written. */
	prctl(PR_SET_DUMPABLE, 1);
	if (what & AS_ROOT)
		become_root_of_nothing();
}

void as_user(unsigned int what, void (*fn)(void))
{
	pid_t child;

	ck_assert_int_eq(chown(box.dir, test_user_id(), test_user_id()), 0);
	child = fork();
	if (child == 0) {
		int descriptors;

		become_user(what);
		descriptors = count_descriptors();
		fn();
		ck_assert_int_eq(count_descriptors(), descriptors);
		ck_assert_int_eq(count_children(), 0);
		_exit(0);
	}
	expect_child(child);
}

void tar_every_kind(struct tar *tar)
{
	for (const struct kind *kind = kinds; kind->name; kind++) {
		if (strcmp(kind->name, "./bin/ping") == 0)
			tar_pax_bytes(tar, "SCHILY.xattr.security.capability", capability,
				sizeof(capability));
		if (strcmp(kind->name, "./marked") == 0)
			tar_pax(tar, "SCHILY.xattr.trusted.mark", "x");
		TAR(tar, .name = kind->name, .type = kind->type, .mode = kind->mode,
			.uid = kind->uid, .gid = kind->gid, .link = kind->link,
			.major = kind->major, .minor = kind->minor,
			.data = kind->type == '0' ? kind->name : NULL);
	}
}

int extract_to(const char *name, struct tar *tar, uint32_t flags)
{
	ct_extract_options options = CT_EXTRACT_OPTIONS_INIT;
	ct_rootfs *rootfs = NULL;
	int code;

	extract_err = (ct_error)CT_ERROR_INIT;
	options.flags = flags;
	tar_end(tar);
	code = ct_rootfs_extract_memory(
		tar->data, tar->size, in_dir(name), &options, &rootfs, &extract_err);
	tar_free(tar);
	extract_stats.size = sizeof(extract_stats);
	if (code == 0)
		ck_assert_int_eq(ct_rootfs_stats(rootfs, &extract_stats), 0);
	ct_rootfs_free(rootfs);
	return code;
}

void extracts(const char *name, struct tar *tar, uint32_t flags)
{
	ck_assert_msg(extract_to(name, tar, flags) == 0, "%s", extract_err.sentence);
}

const char *path_of(const char *name, const char *entry)
{
	static char path[PATH_MAX];
	int length = snprintf(path, sizeof(path), "%s/%s", in_dir(name), entry + 2);

	while (path[length - 1] == '/')
		path[--length] = '\0';
	return path;
}

struct stat look_at(const char *path)
{
	struct stat st;

	ck_assert_msg(lstat(path, &st) == 0, "%s: %s", path, strerror(errno));
	return st;
}

const char *xattr_of(const char *path, const char *key)
{
	static char text[256];
	ssize_t size = lgetxattr(path, key, text, sizeof(text) - 1);

	if (size < 0)
		return NULL;
	text[size] = '\0';
	return text;
}

static int records;

static int count_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	char names[4096];
	ssize_t size = llistxattr(path, names, sizeof(names));

	(void)st;
	(void)type;
	(void)walk;
	for (ssize_t at = 0; at < size; at += (ssize_t)strlen(names + at) + 1) {
		if (strncmp(names + at, RECORD, sizeof(RECORD) - 1) == 0) {
			records++;
			break;
		}
	}
	return 0;
}

int count_records(const char *name)
{
	records = 0;
	ck_assert_int_eq(nftw(in_dir(name), count_one, 16, FTW_PHYS), 0);
	return records;
}

static mode_t type_of(const struct kind *kind)
{
	switch (kind->type) {
	case '2':
		return S_IFLNK;
	case '3':
		return S_IFCHR;
	case '4':
		return S_IFBLK;
	case '5':
		return S_IFDIR;
	case '6':
		return S_IFIFO;
	default:
		return S_IFREG;
	}
}

/* A hard link is what its target is. */
static const struct kind *target_of(const struct kind *kind)
{
	for (const struct kind *other = kinds; kind->type == '1' && other->name; other++)
		if (strcmp(other->name, kind->link) == 0)
			return other;
	return kind;
}

void is_real(const char *name)
{
	for (const struct kind *kind = kinds; kind->name; kind++) {
		const struct kind *target = target_of(kind);
		const char *path = path_of(name, kind->name);
		struct stat st = look_at(path);

		ck_assert_msg(st.st_mode == (type_of(target) | kind->mode), "%s: mode %o", path,
			st.st_mode);
		ck_assert_msg(st.st_uid == kind->uid && st.st_gid == kind->gid, "%s: %u:%u", path,
			st.st_uid, st.st_gid);
		if (target->major)
			ck_assert_uint_eq(st.st_rdev, makedev(target->major, target->minor));
		if (target != kind)
			ck_assert_uint_eq(st.st_ino, look_at(path_of(name, target->name)).st_ino);
	}
	ck_assert_int_eq(count_records(name), 0);
	ck_assert_ptr_nonnull(xattr_of(path_of(name, "./bin/ping"), "security.capability"));
	ck_assert_str_eq(xattr_of(path_of(name, "./marked"), "trusted.mark"), "x");
}

/* What the caller himself sees. */
void is_recorded(const char *name)
{
	for (const struct kind *kind = kinds; kind->name; kind++) {
		const struct kind *target = target_of(kind);
		bool is_device = target->major != 0;
		const char *path = path_of(name, kind->name);
		struct stat st = look_at(path);
		const char *said;

		ck_assert_uint_eq(st.st_uid, test_user_id());
		ck_assert_uint_eq(st.st_gid, test_user_id());
		ck_assert_msg(st.st_mode == (is_device ? S_IFREG | 0600 :
							 type_of(target) | (kind->mode & 01777)),
			"%s: mode %o", path, st.st_mode);
		if (is_device)
			ck_assert_int_eq(st.st_size, 0);
		said = xattr_of(path, RECORD "stat");
		ck_assert_msg((said == NULL) == (kind->record == NULL), "%s: %s", path,
			said ? said : "no record");
		if (said)
			ck_assert_str_eq(said, kind->record);
	}
	ck_assert_ptr_nonnull(xattr_of(
		path_of(name, "./bin/ping"), RECORD "security.capability"));
	ck_assert_str_eq(
		xattr_of(path_of(name, "./marked"), RECORD "trusted.mark"), "x");
}

void record_every_kind(void)
{
	struct tar tar = {0};

	tar_every_kind(&tar);
	extracts("recorded", &tar, CT_EXTRACT_TRUSTED);
	ck_assert_uint_eq(extract_stats.owners, CT_OWNERS_RECORDED);
	is_recorded("recorded");
}

void extract_packed_to(const char *name, uint32_t flags)
{
	ct_extract_options options = CT_EXTRACT_OPTIONS_INIT;
	ct_rootfs *rootfs = NULL;
	ct_error err = CT_ERROR_INIT;
	int code;

	options.flags = flags;
	code = ct_rootfs_extract(in_dir("packed.tar"), in_dir(name), &options, &rootfs, &err);
	ck_assert_msg(code == 0, "%s", err.sentence);
	extract_stats.size = sizeof(extract_stats);
	ck_assert_int_eq(ct_rootfs_stats(rootfs, &extract_stats), 0);
	ct_rootfs_free(rootfs);
}

uint32_t mapped(uint32_t id)
{
	return id == 0 ? test_user_id() : TEST_SUBIDS + id - 1;
}

/* SPDX-License-Identifier: MIT */
/* Fixture of the rootfs tests; see the header. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "fixture.h"

struct fixture fx;

static void write_text(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	ck_assert_int_eq(fchmod(fd, mode), 0);
	close(fd);
}

static void make_canary(void)
{
	char path[400];

	ck_assert_int_eq(mkdir(fx.canary, 0711), 0);
	snprintf(path, sizeof(path), "%s/file", fx.canary);
	write_text(path, "canary", 0604);
	snprintf(path, sizeof(path), "%s/dir", fx.canary);
	ck_assert_int_eq(mkdir(path, 0705), 0);
	snprintf(path, sizeof(path), "%s/dir/inner", fx.canary);
	write_text(path, "inner canary", 0640);
	snprintf(path, sizeof(path), "%s/link", fx.canary);
	ck_assert_int_eq(symlink("file", path), 0);
}

void fixture_setup(void)
{
	const char *tmp = getenv("TMPDIR");

	memset(&fx, 0, sizeof(fx));
	snprintf(fx.dir, sizeof(fx.dir), "%s/ct-rootfs-XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(fx.dir));
	snprintf(fx.dest, sizeof(fx.dest), "%s/dest", fx.dir);
	snprintf(fx.canary, sizeof(fx.canary), "%s/canary", fx.dir);
	make_canary();
	fx.canary_digest = digest_of(fx.canary);
	fx.descriptors = count_descriptors();
	fx.options = (ct_extract_options)CT_EXTRACT_OPTIONS_INIT;
	fx.err = (ct_error)CT_ERROR_INIT;
}

void fixture_teardown(void)
{
	int beside = 0;
	struct dirent *entry;
	DIR *list = opendir(fx.dir);

	tar_free(&fx.tar);
	ck_assert_ptr_nonnull(list);
	while ((entry = readdir(list)))
		beside += strncmp(entry->d_name, ".dest.ct-", 9) == 0;
	closedir(list);
	ck_assert_msg(digest_of(fx.canary) == fx.canary_digest, "the canary was touched");
	ck_assert_msg(beside == 0, "%d workspaces left beside the destination", beside);
	ck_assert_int_eq(count_descriptors(), fx.descriptors);
	ck_assert_int_eq(shell("chmod -R u+rwX '%s'; rm -rf '%s'", fx.dir, fx.dir), 0);
}

int extract(void)
{
	ct_rootfs *rootfs = NULL;
	int rc;

	tar_end(&fx.tar);
	rc = ct_rootfs_extract_memory(fx.tar.data, fx.tar.size, fx.dest, &fx.options, &rootfs,
		&fx.err);
	ck_assert_int_eq(rc == 0, rootfs != NULL);
	ct_rootfs_free(rootfs);
	return rc;
}

void assert_nothing_left(void)
{
	ck_assert_msg(access(fx.dest, F_OK) < 0, "something is at the destination");
	ck_assert_int_eq(count_entries(fx.dir), 1); /* the canary */
}

void extract_is_refused(int code, int step)
{
	int rc = extract();

	ck_assert_msg(rc == code, "returned %d, not %d: %s", rc, code, fx.err.sentence);
	ck_assert_int_eq(fx.err.code, code);
	ck_assert_msg(fx.err.step == step, "step %s, not %s: %s", ct_step_name(fx.err.step),
		ct_step_name(step), fx.err.sentence);
	ck_assert_str_ne(fx.err.sentence, "");
	assert_nothing_left();
}

void extract_succeeds(void)
{
	ck_assert_msg(extract() == 0, "%s", fx.err.sentence);
}

const char *below(const char *path)
{
	static char full[9000];

	snprintf(full, sizeof(full), "%s/%s", fx.dest, path);
	return full;
}

struct stat stat_of(const char *path)
{
	struct stat st;

	ck_assert_msg(lstat(below(path), &st) == 0, "%s: %s", path, strerror(errno));
	return st;
}

bool exists(const char *path)
{
	struct stat st;

	return lstat(below(path), &st) == 0;
}

void assert_content(const char *path, const char *content)
{
	char text[4096];
	int fd = open(below(path), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t got;

	ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	ck_assert_int_ge(got, 0);
	text[got] = '\0';
	ck_assert_str_eq(text, content);
}

void assert_link(const char *path, const char *target)
{
	char text[4096];
	ssize_t got = readlink(below(path), text, sizeof(text) - 1);

	ck_assert_msg(got >= 0, "%s: %s", path, strerror(errno));
	text[got] = '\0';
	ck_assert_str_eq(text, target);
}

static uint64_t mix(uint64_t hash, const void *data, size_t size)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
	return hash;
}

static uint64_t digest_file(const char *path, const struct stat *st)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	char bytes[4096];
	ssize_t got = 0;

	hash = mix(hash, path, strlen(path));
	hash = mix(hash, &st->st_mode, sizeof(st->st_mode));
	hash = mix(hash, &st->st_uid, sizeof(st->st_uid));
	hash = mix(hash, &st->st_gid, sizeof(st->st_gid));
	hash = mix(hash, &st->st_nlink, sizeof(st->st_nlink));
	hash = mix(hash, &st->st_mtim, sizeof(st->st_mtim));
	hash = mix(hash, &st->st_ctim, sizeof(st->st_ctim));
	if (S_ISREG(st->st_mode)) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);

		while ((got = read(fd, bytes, sizeof(bytes))) > 0)
			hash = mix(hash, bytes, (size_t)got);
		close(fd);
	}
	got = S_ISLNK(st->st_mode) ? readlink(path, bytes, sizeof(bytes)) :
				     listxattr(path, bytes, sizeof(bytes));
	return got > 0 ? mix(hash, bytes, (size_t)got) : hash;
}

uint64_t digest_of(const char *path)
{
	struct stat st;
	uint64_t hash;
	struct dirent *entry;
	DIR *list;

	ck_assert_int_eq(lstat(path, &st), 0);
	hash = digest_file(path, &st);
	list = S_ISDIR(st.st_mode) ? opendir(path) : NULL;
	while (list && (entry = readdir(list))) {
		char full[1024];

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(full, sizeof(full), "%s/%s", path, entry->d_name);
		hash += digest_of(full); /* in any order */
	}
	if (list)
		closedir(list);
	return hash;
}

int count_entries(const char *path)
{
	int count = -2;
	DIR *list = opendir(path);

	ck_assert_ptr_nonnull(list);
	while (readdir(list))
		count++;
	closedir(list);
	return count;
}

int count_descriptors(void)
{
	return count_entries("/proc/self/fd") - 1;
}

int shell(const char *format, ...)
{
	char command[4096];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	strncat(command, " >/dev/null 2>&1", sizeof(command) - strlen(command) - 1);
	return system(command);
}

int run_suite(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

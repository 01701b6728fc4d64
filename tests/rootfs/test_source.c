/* SPDX-License-Identifier: MIT */
/* Where archives come from, which are taken, and what the host keeps while they are read. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"

static void small_archive(void)
{
	TAR(&fx.tar, .name = "d/f", .data = "content");
	TAR(&fx.tar, .name = "l", .type = '2', .link = "d/f");
	tar_end(&fx.tar);
}

static void write_file(const char *path, const void *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, data, size), (ssize_t)size);
	close(fd);
}

/* A process that writes the archive into a pipe byte by piece; returns the reading end. */
static int pipe_of(const struct tar *tar, size_t piece, pid_t *ret_pid)
{
	int ends[2];

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	*ret_pid = fork();
	if (*ret_pid == 0) {
		close(ends[0]);
		for (size_t at = 0; at < tar->size; at += piece) {
			size_t left = tar->size - at;

			if (write(ends[1], tar->data + at, left < piece ? left : piece) < 0)
				_exit(1);
		}
		_exit(0);
	}
	close(ends[1]);
	return ends[0];
}

START_TEST(extract_reads_a_path)
{
	char path[400];

	small_archive();
	snprintf(path, sizeof(path), "%s/archive.tar", fx.dir);
	write_file(path, fx.tar.data, fx.tar.size);
	ck_assert_int_eq(ct_rootfs_extract(path, fx.dest, NULL, NULL, &fx.err), 0);
	assert_content("d/f", "content");
}
END_TEST

START_TEST(extract_reads_a_descriptor_from_where_it_stands_and_leaves_it_open)
{
	char path[400];
	int fd;

	tar_raw(&fx.tar, (const char[1024]){"no archive"}, 1024);
	small_archive();
	snprintf(path, sizeof(path), "%s/archive.tar", fx.dir);
	write_file(path, fx.tar.data, fx.tar.size);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(lseek(fd, 1024, SEEK_SET), 1024);
	ck_assert_int_eq(ct_rootfs_extract_fd(fd, fx.dest, NULL, NULL, &fx.err), 0);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
	assert_content("d/f", "content");
}
END_TEST

START_TEST(extract_reads_a_pipe_to_its_end)
{
	static const size_t pieces[] = {1, 511, 512, 65536};
	struct tar packed;
	pid_t pid;
	int status, fd;

	small_archive();
	tar_raw(&fx.tar, (const char[100000]){0}, 100000);
	packed = tar_compressed(&fx.tar, _i & 1 ? "gzip" : "");
	fd = pipe_of(&packed, pieces[_i / 2], &pid);
	if (_i == 3)
		ck_assert_int_eq(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	fx.options.flags = CT_EXTRACT_STRIP_AUTO;
	ck_assert_msg(ct_rootfs_extract_fd(fd, fx.dest, &fx.options, NULL, &fx.err) == 0, "%s",
		fx.err.sentence);
	close(fd);
	/* The writer is told of no broken pipe: all was read. */
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	tar_free(&packed);
	assert_content("d/f", "content");
}
END_TEST

struct feed {
	const struct tar *tar;
	size_t at;
	size_t piece;
	size_t fail_at; /* 0: never */
};

static ssize_t feed_piece(void *buffer, size_t size, void *data)
{
	struct feed *feed = data;
	size_t left = feed->tar->size - feed->at;

	ck_assert_uint_gt(size, 0);
	if (feed->fail_at && feed->at >= feed->fail_at)
		return -EHOSTUNREACH;
	size = size < feed->piece ? size : feed->piece;
	size = size < left ? size : left;
	memcpy(buffer, feed->tar->data + feed->at, size);
	feed->at += size;
	return (ssize_t)size;
}

START_TEST(extract_reads_a_callback_in_pieces_of_any_size)
{
	static const size_t pieces[] = {1, 7, 511, 513, 1 << 20};
	struct feed feed = {.tar = &fx.tar, .piece = pieces[_i]};

	small_archive();
	ck_assert_int_eq(
		ct_rootfs_extract_stream(feed_piece, &feed, fx.dest, NULL, NULL, &fx.err), 0);
	assert_content("d/f", "content");
}
END_TEST

START_TEST(extract_passes_on_the_error_of_a_callback)
{
	struct feed feed = {.tar = &fx.tar, .piece = 100, .fail_at = 600};

	small_archive();
	ck_assert_int_eq(
		ct_rootfs_extract_stream(feed_piece, &feed, fx.dest, NULL, NULL, &fx.err),
		-EHOSTUNREACH);
	ck_assert_int_eq(fx.err.step, CT_STEP_ARCHIVE);
	assert_nothing_left();
}
END_TEST

/* One archive with one file in a format of libarchive's. */
static struct tar in_format(const char *format)
{
	static char buffer[1 << 20];
	struct archive *archive = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	struct tar out = {0};
	size_t used = 0;

	ck_assert_int_eq(archive_write_set_format_by_name(archive, format), ARCHIVE_OK);
	ck_assert_int_eq(archive_write_open_memory(archive, buffer, sizeof(buffer), &used), ARCHIVE_OK);
	archive_entry_set_pathname(entry, "file");
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0644);
	archive_entry_set_size(entry, 4);
	ck_assert_int_ge(archive_write_header(archive, entry), ARCHIVE_WARN);
	ck_assert_int_eq(archive_write_data(archive, "data", 4), 4);
	archive_entry_free(entry);
	archive_write_free(archive);
	tar_raw(&out, buffer, used);
	return out;
}

static const char *const other_formats[] = {"newc", "odc", "zip", "7zip", "arbsd", "iso9660",
	"mtree", "shar", "warc", "xar"};

START_TEST(extract_takes_no_format_but_tar)
{
	struct tar other = in_format(other_formats[_i]);

	ck_assert_int_eq(ct_rootfs_extract_memory(other.data, other.size, fx.dest, NULL, NULL, &fx.err),
		-EINVAL);
	ck_assert_int_eq(fx.err.step, CT_STEP_ARCHIVE);
	ck_assert_str_ne(fx.err.cure, "");
	assert_nothing_left();
	tar_free(&other);
}
END_TEST

START_TEST(extract_takes_cpio_and_zip_on_an_explicit_flag)
{
	struct tar other = in_format(other_formats[_i]);

	fx.options.flags = CT_EXTRACT_ANY_FORMAT;
	ck_assert_msg(ct_rootfs_extract_memory(other.data, other.size, fx.dest, &fx.options, NULL,
			      &fx.err) == 0,
		"%s", fx.err.sentence);
	assert_content("file", "data");
	tar_free(&other);
}
END_TEST

START_TEST(extract_takes_no_other_format_whatever_the_flags)
{
	struct tar other = in_format(other_formats[_i]);

	fx.options.flags = CT_EXTRACT_ANY_FORMAT;
	ck_assert_int_eq(ct_rootfs_extract_memory(other.data, other.size, fx.dest, &fx.options, NULL,
				 &fx.err),
		-EINVAL);
	assert_nothing_left();
	tar_free(&other);
}
END_TEST

/* First bytes of what libarchive would hand to a program found in PATH. */
static const struct {
	const char *magic;
	size_t size;
} programs[] = {
	{"LRZI\0\6", 6},
	{"\x89LZO\0\r\n\x1a\n", 9},
	{"GRZipII\0\2\4:)", 12},
	{"\x1f\x9d\x90", 3},
	{"LZIP\1", 5},
	{"\x5d\0\0\x80\0", 5},
	{"begin 644 x\n", 12},
	{"\xed\xab\xee\xdb", 4},
};

START_TEST(extract_starts_no_external_program)
{
	static const char *const names[] = {"lrzip", "lzop", "grzip", "gzip", "gunzip", "bzip2",
		"bunzip2", "xz", "unxz", "lzma", "unlzma", "lzip", "zstd", "unzstd", "lz4",
		"compress", "uncompress"};
	unsigned char input[4096] = {0};
	char path[400];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/bin-%s", fx.dir, names[i]);
		ck_assert_int_eq(shell("mkdir -p '%s/bin'; printf '#!/bin/sh\\ntouch %s/started\\n' "
				       "> '%s/bin/%s'; chmod 755 '%s/bin/%s'",
					 fx.dir, fx.dir, fx.dir, names[i], fx.dir, names[i]),
			0);
	}
	snprintf(path, sizeof(path), "%s/bin", fx.dir);
	setenv("PATH", path, 1);
	memcpy(input, programs[_i].magic, programs[_i].size);
	ck_assert_int_eq(ct_rootfs_extract_memory(input, sizeof(input), fx.dest, NULL, NULL, &fx.err),
		-EINVAL);
	fx.options.flags = CT_EXTRACT_ANY_FORMAT;
	ck_assert_int_eq(ct_rootfs_extract_memory(input, sizeof(input), fx.dest, &fx.options, NULL,
				 &fx.err),
		-EINVAL);
	snprintf(path, sizeof(path), "%s/started", fx.dir);
	ck_assert_int_lt(access(path, F_OK), 0);
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1); /* no child was ever made */
	ck_assert_int_eq(errno, ECHILD);
	ck_assert_int_eq(shell("rm -r '%s/bin'", fx.dir), 0);
	assert_nothing_left();
}
END_TEST

static atomic_bool stop;

/* What every other thread of the host sees while archives are extracted. */
static void *watch_umask(void *data)
{
	int *wrong = data;

	while (!atomic_load(&stop)) {
		char text[4096];
		int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
		ssize_t got = read(fd, text, sizeof(text) - 1);

		close(fd);
		text[got > 0 ? got : 0] = '\0';
		*wrong += strstr(text, "\nUmask:\t0137\n") == NULL;
	}
	return NULL;
}

static void *extract_many(void *data)
{
	size_t failures = 0;

	for (int i = 0; i < 20; i++) {
		char dest[400];

		snprintf(dest, sizeof(dest), "%s/t%p-%d", fx.dir, data, i);
		failures += ct_rootfs_extract_memory(fx.tar.data, fx.tar.size, dest, NULL, NULL, NULL) < 0;
		failures += ct_rootfs_remove(dest, NULL) < 0;
	}
	return (void *)failures;
}

START_TEST(extract_in_threads_leaves_the_umask_alone)
{
	pthread_t watcher, workers[8];
	int wrong = 0;
	char numbers[8];

	for (int i = 0; i < 100; i++) {
		char name[16];

		snprintf(name, sizeof(name), "d%d/f", i);
		TAR(&fx.tar, .name = name, .mode = 0666, .data = "x");
	}
	tar_end(&fx.tar);
	umask(0137);
	atomic_store(&stop, false);
	ck_assert_int_eq(pthread_create(&watcher, NULL, watch_umask, &wrong), 0);
	for (int i = 0; i < 8; i++)
		ck_assert_int_eq(pthread_create(&workers[i], NULL, extract_many, &numbers[i]), 0);
	for (int i = 0; i < 8; i++) {
		void *failures = NULL;

		pthread_join(workers[i], &failures);
		ck_assert_ptr_null(failures);
	}
	atomic_store(&stop, true);
	pthread_join(watcher, NULL);
	ck_assert_int_eq(wrong, 0);
	ck_assert_uint_eq(umask(022), 0137);
	assert_nothing_left();
}
END_TEST

/* All to one destination: one wins, the others are told, nothing lies about. */
static void *extract_to_one(void *data)
{
	int rc = ct_rootfs_extract_memory(fx.tar.data, fx.tar.size, fx.dest, data, NULL, NULL);

	return (void *)(intptr_t)rc;
}

START_TEST(extract_by_many_to_one_destination_has_one_winner)
{
	pthread_t workers[8];
	int won = 0;

	small_archive();
	for (int i = 0; i < 8; i++)
		ck_assert_int_eq(pthread_create(&workers[i], NULL, extract_to_one, NULL), 0);
	for (int i = 0; i < 8; i++) {
		void *rc = NULL;

		pthread_join(workers[i], &rc);
		ck_assert(rc == NULL || (intptr_t)rc == -EEXIST);
		won += rc == NULL;
	}
	ck_assert_int_eq(won, 1);
	assert_content("d/f", "content");
}
END_TEST

START_TEST(extract_by_many_that_replace_all_succeed)
{
	pthread_t workers[8];

	small_archive();
	fx.options.flags = CT_EXTRACT_REPLACE;
	for (int i = 0; i < 8; i++)
		ck_assert_int_eq(pthread_create(&workers[i], NULL, extract_to_one, &fx.options), 0);
	for (int i = 0; i < 8; i++) {
		void *rc = NULL;

		pthread_join(workers[i], &rc);
		ck_assert_ptr_null(rc);
	}
	assert_content("d/f", "content");
}
END_TEST

START_TEST(extract_works_without_standard_streams)
{
	int status = 0;
	pid_t pid;

	small_archive();
	pid = fork();
	if (pid == 0) {
		ct_rootfs *rootfs = NULL;

		close(0);
		close(1);
		close(2);
		if (ct_rootfs_extract_memory(fx.tar.data, fx.tar.size, fx.dest, NULL, &rootfs, NULL) < 0)
			_exit(1);
		_exit(ct_rootfs_fd(rootfs) > 2 && fcntl(0, F_GETFD) < 0 && fcntl(1, F_GETFD) < 0 ?
				0 :
				2);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	assert_content("d/f", "content");
}
END_TEST

START_TEST(open_gives_a_descriptor_that_closes_on_exec)
{
	ct_extract_stats stats = {.size = sizeof(stats)};
	ct_rootfs *rootfs = NULL;
	struct stat by_fd, by_name;

	ck_assert_int_eq(ct_rootfs_open(fx.canary, &rootfs, &fx.err), 0);
	ck_assert_int_eq(fcntl(ct_rootfs_fd(rootfs), F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(fstat(ct_rootfs_fd(rootfs), &by_fd), 0);
	ck_assert_int_eq(stat(fx.canary, &by_name), 0);
	ck_assert_uint_eq(by_fd.st_ino, by_name.st_ino);
	ck_assert_int_eq(ct_rootfs_stats(rootfs, &stats), -ENODATA);
	ct_rootfs_free(rootfs);
	ct_rootfs_free(NULL);
	ck_assert_int_eq(ct_rootfs_fd(NULL), -EINVAL);
	ck_assert_int_eq(ct_rootfs_stats(NULL, &stats), -EINVAL);
}
END_TEST

START_TEST(open_refuses_what_is_no_directory)
{
	ct_rootfs *rootfs = NULL;
	char path[400];

	snprintf(path, sizeof(path), "%s/file", fx.canary);
	ck_assert_int_eq(ct_rootfs_open(path, &rootfs, &fx.err), -ENOTDIR);
	ck_assert_int_eq(fx.err.step, CT_STEP_ROOTFS);
	ck_assert_int_eq(ct_rootfs_open("/nowhere", &rootfs, &fx.err), -ENOENT);
	ck_assert_int_eq(ct_rootfs_open(NULL, &rootfs, &fx.err), -EINVAL);
	ck_assert_int_eq(ct_rootfs_open(fx.canary, NULL, &fx.err), -EINVAL);
	ck_assert_ptr_null(rootfs);
}
END_TEST

START_TEST(stats_count_what_was_done)
{
	struct {
		ct_extract_stats stats;
		uint64_t later;
	} newer = {.stats.size = sizeof(newer), .later = 99};
	ct_rootfs *rootfs = NULL;

	small_archive();
	ck_assert_int_eq(ct_rootfs_extract_memory(fx.tar.data, fx.tar.size, fx.dest, NULL, &rootfs,
				 &fx.err),
		0);
	ck_assert_int_eq(ct_rootfs_stats(rootfs, &newer.stats), 0);
	ct_rootfs_free(rootfs);
	ck_assert_uint_eq(newer.stats.size, sizeof(newer));
	ck_assert_uint_eq(newer.stats.entries, 2);
	ck_assert_uint_eq(newer.stats.bytes, 7);
	ck_assert_uint_eq(newer.stats.archive_bytes, fx.tar.size);
	ck_assert_uint_eq(newer.later, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("source");
	TCase *tc = tcase_create("sources");
	TCase *host = tcase_create("host");
	int formats = sizeof(other_formats) / sizeof(other_formats[0]);

	tcase_add_checked_fixture(tc, fixture_setup, fixture_teardown);
	tcase_add_test(tc, extract_reads_a_path);
	tcase_add_test(tc, extract_reads_a_descriptor_from_where_it_stands_and_leaves_it_open);
	tcase_add_loop_test(tc, extract_reads_a_pipe_to_its_end, 0, 8);
	tcase_add_loop_test(tc, extract_reads_a_callback_in_pieces_of_any_size, 0, 5);
	tcase_add_test(tc, extract_passes_on_the_error_of_a_callback);
	tcase_add_loop_test(tc, extract_takes_no_format_but_tar, 0, formats);
	tcase_add_loop_test(tc, extract_takes_cpio_and_zip_on_an_explicit_flag, 0, 3);
	tcase_add_loop_test(tc, extract_takes_no_other_format_whatever_the_flags, 3, formats);
	suite_add_tcase(suite, tc);

	tcase_set_timeout(host, 300);
	tcase_add_checked_fixture(host, fixture_setup, fixture_teardown);
	tcase_add_loop_test(host, extract_starts_no_external_program, 0,
		sizeof(programs) / sizeof(programs[0]));
	tcase_add_test(host, extract_in_threads_leaves_the_umask_alone);
	tcase_add_test(host, extract_by_many_to_one_destination_has_one_winner);
	tcase_add_test(host, extract_by_many_that_replace_all_succeed);
	tcase_add_test(host, extract_works_without_standard_streams);
	tcase_add_test(host, open_gives_a_descriptor_that_closes_on_exec);
	tcase_add_test(host, open_refuses_what_is_no_directory);
	tcase_add_test(host, stats_count_what_was_done);
	suite_add_tcase(suite, host);
	return run_suite(suite);
}

/* SPDX-License-Identifier: MIT */
/* Damaged archives, quotas, cancelling, options: each ends in an error that leaves nothing. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"

static const char *const filters[] = {"", "gzip", "bzip2", "xz", "zstd", "lz4"};
#define FILTERS (int)(sizeof(filters) / sizeof(filters[0]))

/* A few entries with content that does not compress away. */
static void fill_archive(void)
{
	static char noise[9000];
	unsigned state = 12345;

	for (size_t i = 0; i < sizeof(noise); i++) {
		state = state * 1103515245 + 12345;
		noise[i] = (char)(state >> 16);
	}
	TAR(&fx.tar, .name = "d/", .type = '5');
	TAR(&fx.tar, .name = "d/noise", .data = noise, .size = sizeof(noise));
	tar_pax(&fx.tar, "SCHILY.xattr.user.x", "y");
	TAR(&fx.tar, .name = "d/text", .data = "text");
	TAR(&fx.tar, .name = "link", .type = '2', .link = "d/text");
	TAR(&fx.tar, .name = "hard", .type = '1', .link = "d/text");
	TAR(&fx.tar, .name = "last", .data = noise, .size = 1500);
	tar_end(&fx.tar);
}

static int extract_bytes(const struct tar *tar, size_t size)
{
	return ct_rootfs_extract_memory(tar->data, size, fx.dest, &fx.options, NULL, &fx.err);
}

static void cut_fails(const struct tar *tar, size_t size)
{
	int rc = extract_bytes(tar, size);

	ck_assert_msg(rc < 0, "cut to %zu of %zu bytes was taken", size, tar->size);
	ck_assert_msg(fx.err.step == CT_STEP_ARCHIVE, "cut to %zu: %s", size, fx.err.sentence);
	assert_nothing_left();
}

START_TEST(extract_takes_each_compression)
{
	struct tar packed;

	fill_archive();
	packed = tar_compressed(&fx.tar, filters[_i]);
	ck_assert_msg(extract_bytes(&packed, packed.size) == 0, "%s: %s", filters[_i],
		fx.err.sentence);
	assert_content("d/text", "text");
	ck_assert_int_eq(stat_of("d/noise").st_size, 9000);
	tar_free(&packed);
}
END_TEST

START_TEST(extract_refuses_archive_cut_off_anywhere)
{
	struct tar packed;
	unsigned state = 99;
	/* Of a plain tar one end block of two may be missing. */
	size_t whole;

	fill_archive();
	packed = tar_compressed(&fx.tar, filters[_i]);
	whole = packed.size - (_i == 0 ? 512 : 0);
	for (size_t size = 0; size < whole; size += 512)
		cut_fails(&packed, size);
	for (int i = 0; i < 150; i++) {
		state = state * 1103515245 + 12345;
		cut_fails(&packed, (state >> 8) % (_i == 0 ? whole : packed.size));
	}
	/* The last bytes: what a compression needs to know that it is whole. */
	for (size_t back = 1; _i > 0 && back <= 8; back++)
		cut_fails(&packed, packed.size - back);
	tar_free(&packed);
}
END_TEST

START_TEST(extract_survives_flipped_bytes)
{
	struct tar packed;
	unsigned state = 7;

	fill_archive();
	packed = tar_compressed(&fx.tar, filters[_i]);
	for (int i = 0; i < 200; i++) {
		size_t at;

		state = state * 1103515245 + 12345;
		at = (state >> 8) % packed.size;
		packed.data[at] ^= (unsigned char)(1 + (state >> 4) % 255);
		if (extract_bytes(&packed, packed.size) == 0)
			ck_assert_int_eq(ct_rootfs_remove(fx.dest, &fx.err), 0);
		assert_nothing_left();
		packed.data[at] = 0;
	}
	tar_free(&packed);
}
END_TEST

/* zstd is not among them: the checksum is optional there, and libarchive writes none. */
static const char *const checked[] = {"bzip2", "xz", "lz4"};

START_TEST(extract_finds_damage_behind_checksums)
{
	struct tar packed;

	fill_archive();
	packed = tar_compressed(&fx.tar, checked[_i]);
	packed.data[packed.size / 2] ^= 1;
	ck_assert_int_lt(extract_bytes(&packed, packed.size), 0);
	assert_nothing_left();
	tar_free(&packed);
}
END_TEST

START_TEST(extract_refuses_damaged_header)
{
	TAR(&fx.tar, .name = "f", .data = "x");
	TAR(&fx.tar, .name = "g", .data = "x");
	fx.tar.data[1024 + 5] ^= 1;
	extract_is_refused(-EBADMSG, CT_STEP_ARCHIVE);
}
END_TEST

START_TEST(extract_refuses_empty_input)
{
	ck_assert_int_eq(ct_rootfs_extract_memory("", 0, fx.dest, NULL, NULL, &fx.err), -EINVAL);
	ck_assert_int_eq(fx.err.step, CT_STEP_ARCHIVE);
	assert_nothing_left();
}
END_TEST

START_TEST(extract_refuses_archive_without_entries)
{
	extract_is_refused(-EINVAL, CT_STEP_ARCHIVE);
}
END_TEST

START_TEST(extract_ignores_what_stands_behind_the_end)
{
	TAR(&fx.tar, .name = "f", .data = "x");
	tar_end(&fx.tar);
	TAR(&fx.tar, .name = "../evil", .data = "x");
	extract_succeeds();
	ck_assert_int_eq(count_entries(fx.dest), 1);
}
END_TEST

START_TEST(extract_refuses_compression_within_compression)
{
	struct tar once, twice;

	fill_archive();
	once = tar_compressed(&fx.tar, "gzip");
	twice = tar_compressed(&once, filters[1 + _i]);
	ck_assert_int_eq(extract_bytes(&twice, twice.size), -EINVAL);
	assert_nothing_left();
	tar_free(&once);
	tar_free(&twice);
}
END_TEST

/* Zeros compress a thousandfold and more. */
static struct tar zeros_packed(size_t size, const char *filter)
{
	char *zeros = calloc(1, size);
	struct tar packed;

	TAR(&fx.tar, .name = "zeros", .data = zeros, .size = size);
	tar_end(&fx.tar);
	free(zeros);
	packed = tar_compressed(&fx.tar, filter);
	tar_free(&fx.tar);
	return packed;
}

START_TEST(extract_stops_a_compression_bomb)
{
	struct tar packed = zeros_packed(200 << 20, "zstd");

	ck_assert_int_eq(extract_bytes(&packed, packed.size), -EDQUOT);
	ck_assert_int_eq(fx.err.step, CT_STEP_QUOTA);
	assert_nothing_left();
	fx.options.max_ratio = CT_UNLIMITED;
	ck_assert_int_eq(extract_bytes(&packed, packed.size), 0);
	tar_free(&packed);
}
END_TEST

START_TEST(extract_stops_a_bomb_behind_the_end_marker)
{
	struct tar packed;
	char *zeros = calloc(1, 200 << 20);

	TAR(&fx.tar, .name = "f", .data = "x");
	tar_end(&fx.tar);
	tar_raw(&fx.tar, zeros, 200 << 20);
	free(zeros);
	packed = tar_compressed(&fx.tar, "zstd");
	ck_assert_int_eq(extract_bytes(&packed, packed.size), -EDQUOT);
	assert_nothing_left();
	tar_free(&packed);
}
END_TEST

START_TEST(extract_stops_at_max_bytes)
{
	fx.options.max_bytes = 5;
	TAR(&fx.tar, .name = "a", .data = "123");
	TAR(&fx.tar, .name = "b", .data = "456");
	extract_is_refused(-EDQUOT, CT_STEP_QUOTA);
	ck_assert_str_eq(fx.err.object, "b");
	tar_free(&fx.tar);
	fx.options.max_bytes = 6;
	TAR(&fx.tar, .name = "a", .data = "123");
	TAR(&fx.tar, .name = "b", .data = "456");
	extract_succeeds();
}
END_TEST

START_TEST(extract_stops_at_max_file_bytes)
{
	fx.options.max_file_bytes = 2;
	TAR(&fx.tar, .name = "a", .data = "123");
	extract_is_refused(-EDQUOT, CT_STEP_QUOTA);
}
END_TEST

START_TEST(extract_stops_at_max_entries)
{
	fx.options.max_entries = 2;
	TAR(&fx.tar, .name = "a", .data = "1");
	TAR(&fx.tar, .name = "b", .data = "2");
	TAR(&fx.tar, .name = "c", .data = "3");
	extract_is_refused(-EDQUOT, CT_STEP_QUOTA);
	ck_assert_str_eq(fx.err.object, "c");
}
END_TEST

START_TEST(extract_counts_dropped_devices_against_max_entries)
{
	fx.options.max_entries = 1;
	TAR(&fx.tar, .name = "a", .type = '3');
	TAR(&fx.tar, .name = "b", .type = '3');
	extract_is_refused(-EDQUOT, CT_STEP_QUOTA);
}
END_TEST

START_TEST(extract_stops_at_max_depth)
{
	fx.options.max_depth = 3;
	TAR(&fx.tar, .name = "a/b/c", .data = "1");
	TAR(&fx.tar, .name = "a/b/c/d", .data = "2");
	extract_is_refused(-EDQUOT, CT_STEP_QUOTA);
}
END_TEST

static void sparse_is_refused(const char *map, const char *realsize, int code)
{
	char body[1024] = "";

	snprintf(body, 512, "%s", map);
	tar_pax(&fx.tar, "GNU.sparse.major", "1");
	tar_pax(&fx.tar, "GNU.sparse.minor", "0");
	tar_pax(&fx.tar, "GNU.sparse.name", "sparse");
	tar_pax(&fx.tar, "GNU.sparse.realsize", realsize);
	TAR(&fx.tar, .name = "x", .data = body, .size = sizeof(body));
	if (code == -EDQUOT) {
		extract_is_refused(code, CT_STEP_QUOTA);
	} else {
		ck_assert_int_lt(extract(), 0);
		assert_nothing_left();
	}
}

START_TEST(extract_counts_holes_against_max_file_bytes)
{
	sparse_is_refused("1\n0\n512\n", "1152921504606846976", -EDQUOT);
}
END_TEST

START_TEST(extract_refuses_sparse_part_beyond_any_file)
{
	sparse_is_refused("1\n1152921504606846976\n512\n", "1152921504606846976", -EDQUOT);
}
END_TEST

START_TEST(extract_refuses_sparse_part_behind_the_declared_end)
{
	sparse_is_refused("1\n1152921504606846976\n512\n", "1024", 0);
}
END_TEST

START_TEST(extract_refuses_overlapping_sparse_parts)
{
	sparse_is_refused("2\n1024\n256\n0\n256\n", "8192", 0);
}
END_TEST

static int cancel_at(const ct_extract_progress *progress, void *data)
{
	int *left = data;

	ck_assert_uint_eq(progress->size, sizeof(*progress));
	ck_assert_uint_gt(progress->archive_total, 0);
	ck_assert_ptr_nonnull(progress->path);
	return (*left)-- == 0 ? 77 : 0;
}

START_TEST(extract_can_be_cancelled_at_each_entry)
{
	int left = _i;

	fx.options.progress = cancel_at;
	fx.options.progress_data = &left;
	for (int i = 0; i < 5; i++) {
		char name[8];

		snprintf(name, sizeof(name), "f%d", i);
		TAR(&fx.tar, .name = name, .data = "x");
	}
	extract_is_refused(-ECANCELED, CT_STEP_CANCEL);
}
END_TEST

START_TEST(extract_can_be_cancelled_in_a_large_file)
{
	char *data = calloc(1, 8 << 20);
	int left = 3;

	fx.options.progress = cancel_at;
	fx.options.progress_data = &left;
	TAR(&fx.tar, .name = "large", .data = data, .size = 8 << 20);
	free(data);
	extract_is_refused(-ECANCELED, CT_STEP_CANCEL);
}
END_TEST

static int kill_at(const ct_extract_progress *progress, void *data)
{
	(void)progress;
	if ((*(int *)data)-- == 0)
		raise(SIGKILL);
	return 0;
}

START_TEST(extract_killed_at_any_entry_leaves_nothing_after_the_next_call)
{
	int left = _i, status = 0;
	pid_t pid;

	for (int i = 0; i < 6; i++) {
		char name[16];

		snprintf(name, sizeof(name), "d%d/f", i);
		TAR(&fx.tar, .name = name, .mode = 0400, .data = "x");
		snprintf(name, sizeof(name), "d%d/", i);
		TAR(&fx.tar, .name = name, .type = '5', .mode = 0500);
	}
	tar_end(&fx.tar);
	fx.options.progress = kill_at;
	fx.options.progress_data = &left;
	pid = fork();
	if (pid == 0)
		_exit(extract_bytes(&fx.tar, fx.tar.size) == 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	ck_assert_int_lt(access(fx.dest, F_OK), 0);
	ck_assert_int_eq(count_entries(fx.dir), 2); /* the canary, and what was left */
	fx.options.progress = NULL;
	ck_assert_int_eq(extract_bytes(&fx.tar, fx.tar.size), 0);
	ck_assert_int_eq(count_entries(fx.dir), 2); /* the canary and the tree */
	ck_assert_int_eq(count_entries(fx.dest), 6);
}
END_TEST

START_TEST(extract_refuses_unknown_flags)
{
	fx.options.flags = 1u << 31;
	TAR(&fx.tar, .name = "f", .data = "x");
	extract_is_refused(-EINVAL, CT_STEP_ARGUMENT);
}
END_TEST

START_TEST(extract_refuses_options_without_size)
{
	fx.options.size = _i;
	TAR(&fx.tar, .name = "f", .data = "x");
	extract_is_refused(-EINVAL, CT_STEP_ARGUMENT);
}
END_TEST

START_TEST(extract_takes_options_of_an_older_caller)
{
	/* Only size and flags: the rest is another program's memory and must not be read. */
	fx.options.size = 8;
	fx.options.max_entries = 1;
	fx.options.progress = (ct_extract_progress_fn)(uintptr_t)1;
	TAR(&fx.tar, .name = "f", .data = "x");
	TAR(&fx.tar, .name = "g", .data = "x");
	extract_succeeds();
}
END_TEST

START_TEST(extract_takes_options_of_a_newer_caller_if_unset)
{
	struct {
		ct_extract_options known;
		uint64_t later[4];
	} options = {.known = CT_EXTRACT_OPTIONS_INIT};

	options.known.size = sizeof(options);
	TAR(&fx.tar, .name = "f", .data = "x");
	tar_end(&fx.tar);
	options.later[3] = 1;
	ck_assert_int_eq(ct_rootfs_extract_memory(fx.tar.data, fx.tar.size, fx.dest, &options.known,
				 NULL, &fx.err),
		-E2BIG);
	assert_nothing_left();
	options.later[3] = 0;
	ck_assert_int_eq(ct_rootfs_extract_memory(fx.tar.data, fx.tar.size, fx.dest, &options.known,
				 NULL, &fx.err),
		0);
}
END_TEST

START_TEST(extract_refuses_missing_arguments)
{
	ck_assert_int_eq(ct_rootfs_extract(NULL, fx.dest, NULL, NULL, NULL), -EINVAL);
	ck_assert_int_eq(ct_rootfs_extract_fd(-1, fx.dest, NULL, NULL, NULL), -EBADF);
	ck_assert_int_eq(ct_rootfs_extract_memory(NULL, 5, fx.dest, NULL, NULL, NULL), -EINVAL);
	ck_assert_int_eq(ct_rootfs_extract_stream(NULL, NULL, fx.dest, NULL, NULL, NULL), -EINVAL);
	ck_assert_int_eq(ct_rootfs_extract_memory("x", 1, NULL, NULL, NULL, NULL), -EINVAL);
	ck_assert_int_eq(ct_rootfs_extract_memory("x", 1, "", NULL, NULL, NULL), -EINVAL);
	ck_assert_int_eq(ct_rootfs_extract_memory("x", 1, "/", NULL, NULL, NULL), -EINVAL);
	ck_assert_int_eq(ct_rootfs_extract_memory("x", 1, "a/..", NULL, NULL, NULL), -EINVAL);
	ck_assert_int_eq(ct_rootfs_extract("/nowhere/at/all", fx.dest, NULL, NULL, &fx.err), -ENOENT);
	ck_assert_int_eq(fx.err.step, CT_STEP_ARCHIVE);
	ck_assert_int_eq(ct_rootfs_extract(fx.canary, fx.dest, NULL, NULL, &fx.err), -EISDIR);
	assert_nothing_left();
}
END_TEST

START_TEST(extract_names_the_missing_parent_of_the_destination)
{
	ck_assert_int_eq(ct_rootfs_extract_memory("x", 1, "/nowhere/at/all", NULL, NULL, &fx.err),
		-ENOENT);
	ck_assert_int_eq(fx.err.step, CT_STEP_DESTINATION);
	ck_assert_str_eq(fx.err.object, "/nowhere/at/");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("limits");
	TCase *damage = tcase_create("damage");
	TCase *quota = tcase_create("quotas");
	TCase *options = tcase_create("options");

	tcase_set_timeout(damage, 300);
	tcase_set_timeout(quota, 300);
	tcase_add_checked_fixture(damage, fixture_setup, fixture_teardown);
	tcase_add_loop_test(damage, extract_takes_each_compression, 0, FILTERS);
	tcase_add_loop_test(damage, extract_refuses_archive_cut_off_anywhere, 0, FILTERS);
	tcase_add_loop_test(damage, extract_survives_flipped_bytes, 0, FILTERS);
	tcase_add_loop_test(damage, extract_finds_damage_behind_checksums, 0, 3);
	tcase_add_test(damage, extract_refuses_damaged_header);
	tcase_add_test(damage, extract_refuses_empty_input);
	tcase_add_test(damage, extract_refuses_archive_without_entries);
	tcase_add_test(damage, extract_ignores_what_stands_behind_the_end);
	tcase_add_loop_test(damage, extract_refuses_compression_within_compression, 0, FILTERS - 1);
	suite_add_tcase(suite, damage);

	tcase_add_checked_fixture(quota, fixture_setup, fixture_teardown);
	tcase_add_test(quota, extract_stops_a_compression_bomb);
	tcase_add_test(quota, extract_stops_a_bomb_behind_the_end_marker);
	tcase_add_test(quota, extract_stops_at_max_bytes);
	tcase_add_test(quota, extract_stops_at_max_file_bytes);
	tcase_add_test(quota, extract_stops_at_max_entries);
	tcase_add_test(quota, extract_counts_dropped_devices_against_max_entries);
	tcase_add_test(quota, extract_stops_at_max_depth);
	tcase_add_test(quota, extract_counts_holes_against_max_file_bytes);
	tcase_add_test(quota, extract_refuses_sparse_part_beyond_any_file);
	tcase_add_test(quota, extract_refuses_sparse_part_behind_the_declared_end);
	tcase_add_test(quota, extract_refuses_overlapping_sparse_parts);
	tcase_add_loop_test(quota, extract_can_be_cancelled_at_each_entry, 0, 5);
	tcase_add_test(quota, extract_can_be_cancelled_in_a_large_file);
	tcase_add_loop_test(quota, extract_killed_at_any_entry_leaves_nothing_after_the_next_call, 0, 12);
	suite_add_tcase(suite, quota);

	tcase_add_checked_fixture(options, fixture_setup, fixture_teardown);
	tcase_add_test(options, extract_refuses_unknown_flags);
	tcase_add_loop_test(options, extract_refuses_options_without_size, 0, 8);
	tcase_add_test(options, extract_takes_options_of_an_older_caller);
	tcase_add_test(options, extract_takes_options_of_a_newer_caller_if_unset);
	tcase_add_test(options, extract_refuses_missing_arguments);
	tcase_add_test(options, extract_names_the_missing_parent_of_the_destination);
	suite_add_tcase(suite, options);
	return run_suite(suite);
}

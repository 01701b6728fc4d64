/* SPDX-License-Identifier: MIT */
/* gzip in every form that others write: members, header fields, padding; and damaged. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"

/* More than is handed on at once, half of it hard to compress. */
#define SIZE 140001

static char *content;

static void fill_archive(void)
{
	unsigned int state = 1;

	content = malloc(SIZE + 1);
	ck_assert_ptr_nonnull(content);
	for (int i = 0; i < SIZE; i++) {
		state = state * 1103515245 + 12345;
		content[i] = i / 5000 % 2 ? (char)('a' + i % 7) : (char)(1 + (state >> 16) % 255);
	}
	content[SIZE] = '\0';
	TAR(&fx.tar, .name = "first", .data = "first");
	TAR(&fx.tar, .name = "large", .data = content, .size = SIZE);
	TAR(&fx.tar, .name = "last", .data = "last");
	tar_end(&fx.tar);
}

static void setup(void)
{
	fixture_setup();
	fill_archive();
}

static void teardown(void)
{
	free(content);
	fixture_teardown();
}

/* The bytes from at on, packed as a member of their own. */
static struct tar member_of(size_t at, size_t size)
{
	const struct tar part = {.data = fx.tar.data + at, .size = size};

	return tar_compressed(&part, "gzip");
}

static void append(struct tar *to, struct tar member)
{
	tar_raw(to, member.data, member.size);
	tar_free(&member);
}

static int extract_bytes(const struct tar *packed, size_t size)
{
	return ct_rootfs_extract_memory(packed->data, size, fx.dest, &fx.options, NULL, &fx.err);
}

static void assert_all_is_there(void)
{
	char *read_back = malloc(SIZE + 1);
	int fd = open(below("large"), O_RDONLY | O_CLOEXEC);

	assert_content("first", "first");
	assert_content("last", "last");
	ck_assert_ptr_nonnull(read_back);
	ck_assert_int_eq(read(fd, read_back, SIZE + 1), SIZE);
	ck_assert_int_eq(memcmp(content, read_back, SIZE), 0);
	close(fd);
	free(read_back);
}

/* Small pieces at both ends, where the fields are. */
struct feed {
	const struct tar *packed;
	size_t at, piece;
};

static ssize_t feed_piece(void *buffer, size_t size, void *data)
{
	struct feed *feed = data;
	size_t left = feed->packed->size - feed->at;
	size_t piece = feed->at < 100 || left <= 40 || feed->piece > 500 ? feed->piece : 4096;

	if (left > 40 && piece > left - 40 && feed->piece < 500)
		piece = left - 40;
	size = size < piece ? size : piece;
	size = size < left ? size : left;
	memcpy(buffer, feed->packed->data + feed->at, size);
	feed->at += size;
	return (ssize_t)size;
}

static int extract_in_pieces(const struct tar *packed, size_t piece)
{
	struct feed feed = {.packed = packed, .piece = piece};

	return ct_rootfs_extract_stream(feed_piece, &feed, fx.dest, &fx.options, NULL, &fx.err);
}

static void assert_refused(int code, int rc)
{
	ck_assert_msg(rc == code, "%d: %s", rc, fx.err.sentence);
	ck_assert_int_eq(fx.err.step, CT_STEP_ARCHIVE);
	assert_nothing_left();
}

/* ------------------------------------------------------------------------ members */

START_TEST(extract_reads_gzip_in_pieces_of_any_size)
{
	static const size_t pieces[] = {1, 3, 509, 32768, 131072, 1 << 20};
	struct tar packed = member_of(0, fx.tar.size);

	ck_assert_msg(extract_in_pieces(&packed, pieces[_i]) == 0, "%s", fx.err.sentence);
	assert_all_is_there();
	tar_free(&packed);
}
END_TEST

START_TEST(extract_reads_gzip_of_many_members_in_pieces_of_any_size)
{
	static const size_t pieces[] = {1, 3, 509, 32768, 131072, 1 << 20};
	static const size_t cuts[] = {0, 1, 511, 512, 700, 700, 70000, 100000};
	const size_t count = sizeof(cuts) / sizeof(cuts[0]);
	struct tar packed = {0};

	for (size_t i = 0; i < count; i++)
		append(&packed, member_of(cuts[i], (i + 1 < count ? cuts[i + 1] : fx.tar.size) - cuts[i]));
	ck_assert_msg(extract_in_pieces(&packed, pieces[_i]) == 0, "%s", fx.err.sentence);
	assert_all_is_there();
	tar_free(&packed);
}
END_TEST

START_TEST(extract_refuses_a_later_member_that_is_cut_off)
{
	struct tar packed = member_of(0, 600);
	size_t first = packed.size;

	append(&packed, member_of(600, fx.tar.size - 600));
	assert_refused(-EBADMSG, extract_bytes(&packed, first + 18));
	assert_refused(-EBADMSG, extract_bytes(&packed, packed.size - 1));
	assert_refused(-EBADMSG, extract_bytes(&packed, packed.size - 8));
	assert_refused(-EBADMSG, extract_bytes(&packed, packed.size - 9));
	tar_free(&packed);
}
END_TEST

START_TEST(extract_takes_what_is_no_member_for_padding)
{
	static const struct {
		const char *bytes;
		size_t size;
	} paddings[] = {{"", 1}, {"\n", 1}, {"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16}, {"\x1f", 1},
		{"\x1f\x8b", 2}, {"\x1f\x8b\x07garbage", 10}, {"PK\3\4", 4}};
	struct tar packed = member_of(0, fx.tar.size);

	tar_raw(&packed, paddings[_i].bytes, paddings[_i].size);
	ck_assert_msg(extract_bytes(&packed, packed.size) == 0, "%s", fx.err.sentence);
	assert_all_is_there();
	tar_free(&packed);
}
END_TEST

/* ------------------------------------------------------------------ fields of a header */

static uint32_t crc32_of(const unsigned char *bytes, size_t size)
{
	uint32_t crc = ~0U;

	for (size_t i = 0; i < size; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320U : 0);
	}
	return ~crc;
}

enum field {
	HCRC = 2,
	EXTRA = 4,
	NAME = 8,
	COMMENT = 16
};

/* The archive with a header of these fields; its checksum, if it has one, xor wrong. */
static struct tar with_fields(int fields, unsigned int wrong)
{
	struct tar plain = member_of(0, fx.tar.size);
	struct tar packed = {0};
	uint32_t crc;

	plain.data[3] = (unsigned char)fields;
	tar_raw(&packed, plain.data, 10);
	if (fields & EXTRA)
		tar_raw(&packed, "\6\0AB\2\0xy", 8);
	if (fields & NAME)
		tar_raw(&packed, "rootfs.tar", 11);
	if (fields & COMMENT)
		tar_raw(&packed, "a comment", 10);
	crc = crc32_of(packed.data, packed.size) ^ wrong;
	if (fields & HCRC)
		tar_raw(&packed, (const unsigned char[]){crc & 0xff, crc >> 8 & 0xff}, 2);
	tar_raw(&packed, plain.data + 10, plain.size - 10);
	tar_free(&plain);
	return packed;
}

START_TEST(extract_passes_over_each_field_of_a_header)
{
	static const size_t pieces[] = {1, 7, 1 << 20};
	struct tar packed = with_fields(_i / 3 << 1, 0);

	ck_assert_msg(extract_in_pieces(&packed, pieces[_i % 3]) == 0, "%s", fx.err.sentence);
	assert_all_is_there();
	tar_free(&packed);
}
END_TEST

START_TEST(extract_takes_no_gzip_with_flags_that_nobody_knows)
{
	struct tar packed = member_of(0, fx.tar.size);

	packed.data[3] = (unsigned char)(0x20 << _i);
	assert_refused(-EINVAL, extract_bytes(&packed, packed.size));
	tar_free(&packed);
}
END_TEST

START_TEST(extract_refuses_gzip_that_holds_no_deflate)
{
	struct tar packed = member_of(0, fx.tar.size);

	memset(packed.data + 10, 0xff, 20);
	assert_refused(-EBADMSG, extract_bytes(&packed, packed.size));
	tar_free(&packed);
}
END_TEST

/* --------------------------------------------- what libarchive does not compare: ISA-L does */

#ifdef HAVE_ISAL
START_TEST(extract_refuses_gzip_whose_trailer_is_not_that_of_the_content)
{
	struct tar packed = member_of(0, fx.tar.size);

	packed.data[packed.size - 1 - (size_t)_i] ^= 1;
	assert_refused(-EBADMSG, extract_bytes(&packed, packed.size));
	ck_assert_ptr_nonnull(strstr(fx.err.sentence, "checksum"));
	tar_free(&packed);
}
END_TEST

START_TEST(extract_refuses_an_early_member_whose_trailer_is_wrong)
{
	struct tar packed = member_of(0, 70000);

	packed.data[packed.size - 5] ^= 1;
	append(&packed, member_of(70000, fx.tar.size - 70000));
	assert_refused(-EBADMSG, extract_bytes(&packed, packed.size));
	tar_free(&packed);
}
END_TEST

START_TEST(extract_refuses_a_header_whose_checksum_is_wrong)
{
	struct tar packed = with_fields(HCRC | NAME, 1);

	assert_refused(-EBADMSG, extract_bytes(&packed, packed.size));
	tar_free(&packed);
}
END_TEST
#endif

int main(void)
{
	Suite *suite = suite_create("gzip");
	TCase *tc = tcase_create("gzip");

	tcase_set_timeout(tc, 300);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, extract_reads_gzip_in_pieces_of_any_size, 0, 6);
	tcase_add_loop_test(tc, extract_reads_gzip_of_many_members_in_pieces_of_any_size, 0, 6);
	tcase_add_test(tc, extract_refuses_a_later_member_that_is_cut_off);
	tcase_add_loop_test(tc, extract_takes_what_is_no_member_for_padding, 0, 7);
	tcase_add_loop_test(tc, extract_passes_over_each_field_of_a_header, 0, 48);
	tcase_add_loop_test(tc, extract_takes_no_gzip_with_flags_that_nobody_knows, 0, 3);
	tcase_add_test(tc, extract_refuses_gzip_that_holds_no_deflate);
#ifdef HAVE_ISAL
	tcase_add_loop_test(tc, extract_refuses_gzip_whose_trailer_is_not_that_of_the_content, 0, 8);
	tcase_add_test(tc, extract_refuses_an_early_member_whose_trailer_is_wrong);
	tcase_add_test(tc, extract_refuses_a_header_whose_checksum_is_wrong);
#endif
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}

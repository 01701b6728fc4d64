/* SPDX-License-Identifier: MIT */
/* Reading /etc/passwd, /etc/subuid and /etc/subgid, which an administrator has typed. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/colon_text.h"

/* The only line of a text. */
static struct ct__colon_line line_of(const char *text)
{
	struct ct__colon_line line = {0};
	const char *at = text;

	ck_assert(ct__colon_next(&at, text + strlen(text), &line));
	ck_assert(at == text + strlen(text));
	return line;
}

static bool range_of(const char *text, struct ct__id_range *ret_range)
{
	struct ct__colon_line line = line_of(text);

	return ct__colon_range(&line, ret_range);
}

START_TEST(line_is_split_at_its_colons)
{
	struct ct__colon_line line = line_of("root:x:0:0:the root:/root:/bin/sh\n");

	ck_assert_uint_eq(line.count, 7);
	ck_assert(ct__colon_is(&line, 0, "root"));
	ck_assert(ct__colon_is(&line, 6, "/bin/sh"));
	ck_assert(!ct__colon_is(&line, 0, "roo"));
	ck_assert(!ct__colon_is(&line, 0, "root:x"));
	ck_assert(!ct__colon_is(&line, 7, ""));
}
END_TEST

START_TEST(last_line_may_lack_its_newline)
{
	struct ct__id_range range;

	ck_assert(range_of("user:100000:65536", &range));
	ck_assert_uint_eq(range.outside, 100000);
	ck_assert_uint_eq(range.count, 65536);
	ck_assert_uint_eq(range.inside, 0);
}
END_TEST

START_TEST(each_line_comes_once_and_empty_ones_too)
{
	static const char text[] = "a:1\n\nb:2";
	const char *at = text, *end = text + strlen(text);
	struct ct__colon_line line;

	ck_assert(ct__colon_next(&at, end, &line));
	ck_assert(ct__colon_is(&line, 0, "a"));
	ck_assert(ct__colon_next(&at, end, &line));
	ck_assert_uint_eq(line.count, 1);
	ck_assert(ct__colon_is(&line, 0, ""));
	ck_assert(ct__colon_next(&at, end, &line));
	ck_assert(ct__colon_is(&line, 1, "2"));
	ck_assert(!ct__colon_next(&at, end, &line));
	at = end;
	ck_assert(!ct__colon_next(&at, end, &line));
}
END_TEST

START_TEST(line_with_too_many_fields_is_seen_to_have_them)
{
	struct ct__colon_line line = line_of("a:b:c:d:e:f:g:h:i:j:k\n");

	ck_assert_uint_eq(line.count, CT__COLON_FIELDS + 1);
	ck_assert(ct__colon_is(&line, 6, "g"));
	ck_assert(!ct__colon_is(&line, 7, "h"));
}
END_TEST

START_TEST(bytes_of_any_kind_are_no_end_of_a_line)
{
	static const char text[] = "a\0b:\xff\x01:3\n";
	const char *at = text;
	struct ct__colon_line line;
	uint32_t number = 0;

	ck_assert(ct__colon_next(&at, text + sizeof(text) - 1, &line));
	ck_assert_uint_eq(line.count, 3);
	ck_assert_uint_eq(line.length[0], 3);
	ck_assert(!ct__colon_is(&line, 0, "a"));
	ck_assert(ct__colon_number(&line, 2, &number));
	ck_assert_uint_eq(number, 3);
}
END_TEST

static const struct {
	const char *text;
	bool is_number;
	uint32_t value;
} numbers[] = {
	{"0", true, 0},
	{"7", true, 7},
	{"4294967295", true, UINT32_MAX},
	{"4294967296", false, 0},
	{"9999999999", false, 0},
	{"42949672950", false, 0},
	{"18446744073709551616", false, 0},
	{"", false, 0},
	{"-1", false, 0},
	{"+1", false, 0},
	{" 1", false, 0},
	{"1 ", false, 0},
	{"0x10", false, 0},
	{"010", false, 0},
	{"00", false, 0},
	{"1e3", false, 0},
	{"one", false, 0},
};

START_TEST(number_is_plain_decimal_or_none)
{
	struct ct__colon_line line = {{numbers[_i].text}, {strlen(numbers[_i].text)}, 1};
	uint32_t value = 42;

	ck_assert_msg(ct__colon_number(&line, 0, &value) == numbers[_i].is_number, "\"%s\"",
		numbers[_i].text);
	ck_assert_uint_eq(value, numbers[_i].is_number ? numbers[_i].value : 42);
	ck_assert(!ct__colon_number(&line, 1, &value));
}
END_TEST

static const struct {
	const char *text;
	bool is_range;
} ranges[] = {
	{"u:1:1\n", true},
	{"u:0:4294967295\n", true},
	{"u:4294967294:1\n", true},
	{"u:4294967295:1\n", false}, /* no id */
	{"u:4294967294:2\n", false},
	{"u:1:4294967295\n", false},
	{"u:100000:0\n", false},
	{"u:100000\n", false},
	{"u:100000:65536:1\n", false},
	{"u:100000:65536:\n", false},
	{"u:100000:65536 # his\n", false},
	{"u:100000:65536\r\n", false},
	{"u::65536\n", false},
	{"u:-1:65536\n", false},
	{"\n", false},
	{":::\n", false},
};

START_TEST(range_is_one_of_ids_that_there_are_or_none)
{
	struct ct__id_range range = {1, 2, 3};

	ck_assert_msg(range_of(ranges[_i].text, &range) == ranges[_i].is_range, "\"%s\"",
		ranges[_i].text);
	if (!ranges[_i].is_range)
		ck_assert_uint_eq(range.count, 3);
}
END_TEST

/* Whatever the bytes are: no line is longer than the text, and the reading ends. */
START_TEST(random_bytes_are_read_to_their_end)
{
	static const char letters[] = ":::\n\n0123456789ab\0\xff";
	char text[64];

	srand(1);
	for (int round = 0; round < 20000; round++) {
		size_t size = (size_t)rand() % sizeof(text), lines = 0;
		const char *at = text;
		struct ct__colon_line line;
		struct ct__id_range range;

		for (size_t i = 0; i < size; i++)
			text[i] = letters[(size_t)rand() % (sizeof(letters) - 1)];
		for (; ct__colon_next(&at, text + size, &line); lines++) {
			ck_assert(at <= text + size);
			if (ct__colon_range(&line, &range))
				ck_assert_uint_le(
					range.outside + (uint64_t)range.count, UINT32_MAX);
		}
		ck_assert(at == text + size);
		ck_assert_uint_le(lines, size);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("colon text");
	TCase *tc = tcase_create("colon text");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, line_is_split_at_its_colons);
	tcase_add_test(tc, last_line_may_lack_its_newline);
	tcase_add_test(tc, each_line_comes_once_and_empty_ones_too);
	tcase_add_test(tc, line_with_too_many_fields_is_seen_to_have_them);
	tcase_add_test(tc, bytes_of_any_kind_are_no_end_of_a_line);
	tcase_add_loop_test(tc, number_is_plain_decimal_or_none, 0,
		(int)(sizeof(numbers) / sizeof(numbers[0])));
	tcase_add_loop_test(tc, range_is_one_of_ids_that_there_are_or_none, 0,
		(int)(sizeof(ranges) / sizeof(ranges[0])));
	tcase_add_test(tc, random_bytes_are_read_to_their_end);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/* Explain mode's tables and texts: nothing that a stage does is without words. */
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stage/calls.h"
#include "stage/image.h"
#include "stage/plan.h"
#include "trace/arguments.h"
#include "trace/shell.h"
#include "trace/text.h"

/* ----------------------------------------------------------------- tables */

static size_t names_in(const char *path)
{
	static char source[1 << 18];
	FILE *file = fopen(path, "re");
	size_t size, count = 0;

	ck_assert_msg(file != NULL, "%s: %s", path, strerror(errno));
	size = fread(source, 1, sizeof(source) - 1, file);
	ck_assert_uint_lt(size, sizeof(source) - 1);
	fclose(file);
	source[size] = '\0';
	for (char *at = strstr(source, "__NR_"); at; at = strstr(at, "__NR_")) {
		char name[64] = "";
		bool found = false;

		at += strlen("__NR_");
		snprintf(name, sizeof(name), "%.*s",
			(int)strspn(at, "abcdefghijklmnopqrstuvwxyz_0123456789"), at);
		for (size_t i = 0; i < sizeof(call_rows) / sizeof(call_rows[0]); i++)
			found |= strcmp(call_rows[i].name, name) == 0;
		ck_assert_msg(
			found, "%s uses %s, which has no row in lib/stage/calls.h", path, name);
		count++;
	}
	return count;
}

/* Not the keeper, which is never traced, nor the recorder, whose own calls are not told. */
START_TEST(every_call_of_the_stage_has_a_row)
{
	char path[PATH_MAX];
	const struct dirent *entry;
	size_t count = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/../../lib/stage", getenv("CT_TEST_DIR"));
	dir = opendir(path);
	ck_assert_ptr_nonnull(dir);
	for (entry = readdir(dir); entry; entry = readdir(dir)) {
		const char *dot = strrchr(entry->d_name, '.');

		if (!dot || (strcmp(dot, ".c") != 0 && strcmp(dot, ".h") != 0) ||
			strcmp(entry->d_name, "keeper.c") == 0 ||
			strcmp(entry->d_name, "trace.c") == 0 ||
			strcmp(entry->d_name, "calls.h") == 0)
			continue;
		snprintf(path, sizeof(path), "%s/../../lib/stage/%s", getenv("CT_TEST_DIR"),
			entry->d_name);
		count += names_in(path);
	}
	closedir(dir);
	ck_assert_uint_gt(count, 50);
}
END_TEST

START_TEST(every_row_is_of_kinds_that_can_be_printed)
{
	for (size_t i = 0; i < sizeof(call_rows) / sizeof(call_rows[0]); i++) {
		bool ended = false;

		for (size_t a = 0; a < 6; a++) {
			ended |= call_rows[i].args[a] == ARG_NONE;
			ck_assert_msg(ended == (call_rows[i].args[a] == ARG_NONE),
				"%s has a gap in its row", call_rows[i].name);
			ck_assert_msg(ended || ct__argument_has_printer(call_rows[i].args[a]),
				"argument %zu of %s cannot be printed", a, call_rows[i].name);
		}
		for (size_t other = 0; other < i; other++)
			ck_assert_int_ne(call_rows[i].number, call_rows[other].number);
	}
	for (unsigned int kind = ARG_NONE + 1; kind < ARG_KINDS; kind++)
		ck_assert_msg(ct__argument_has_printer(kind), "kind %u cannot be printed", kind);
}
END_TEST

START_TEST(every_operation_has_a_shell_command)
{
	for (unsigned int code = 0; code < OP_OF_STARTS; code++)
		ck_assert_msg(ct__shell_has_row(code),
			"operation %u has no row in lib/trace/shell.c", code);
	ck_assert(!ct__shell_has_row(OP_OF_STARTS));
}
END_TEST

/* A name that stands in the table of calls and in no error message. */
START_TEST(stage_that_does_not_tell_holds_nothing_of_the_recorder)
{
	static const char name[] = "rt_sigaction";

	ck_assert_ptr_nonnull(
		memmem(ct__traced_stage_image, ct__traced_stage_image_size, name, sizeof(name)));
	ck_assert_ptr_null(memmem(ct__stage_image, ct__stage_image_size, name, sizeof(name)));
}
END_TEST

/* ------------------------------------------------------------------ texts */

START_TEST(text_that_does_not_fit_is_cut_visibly)
{
	char bytes[16];
	struct text text = TEXT_IN(bytes);

	ct__text_clear(&text);
	ct__text_add(&text, "0123456789");
	ct__text_add(&text, "abcdef");
	ct__text_add(&text, "g");
	ck_assert_str_eq(bytes, "0123456789...");
}
END_TEST

START_TEST(one_part_of_any_length_is_cut_visibly)
{
	char bytes[4096], part[2000];
	struct text text = TEXT_IN(bytes);

	memset(part, 'x', sizeof(part) - 1);
	part[sizeof(part) - 1] = '\0';
	ct__text_clear(&text);
	ct__text_add(&text, "%s", part);
	ct__text_add(&text, "after");
	ck_assert_str_eq(bytes + strlen(bytes) - 4, "x...");
}
END_TEST

START_TEST(words_are_quoted_for_the_shell)
{
	static const struct {
		const char *word, *want;
	} words[] = {
		{"/srv/a-b_c.d", "/srv/a-b_c.d"},
		{"", "''"},
		{"two words", "'two words'"},
		{"$HOME", "'$HOME'"},
		{"it's", "'it'\\''s'"},
		{"~", "'~'"},
		{"a\nb", "$'a\\x0ab'"},
		{"it's\t\\", "$'it\\x27s\\x09\\x5c'"},
		{"b\\c", "'b\\c'"},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		char bytes[64];
		struct text text = TEXT_IN(bytes);

		ct__text_clear(&text);
		ct__text_word(&text, words[i].word);
		ck_assert_str_eq(bytes, words[i].want);
	}
}
END_TEST

/* -------------------------------------------------------------- arguments */

static struct descriptors fds;

static const char *printed(const struct stage_trace *call)
{
	static char bytes[4096];
	struct text text = TEXT_IN(bytes);

	ct__text_clear(&text);
	ct__arguments_add(&text, call, &fds);
	return bytes;
}

static void add_piece(struct stage_trace *call, uint8_t argument, const void *bytes, size_t size)
{
	const struct trace_piece head = {argument, 0, (uint16_t)size};

	memcpy(call->pieces + call->used, &head, sizeof(head));
	memcpy(call->pieces + call->used + sizeof(head), bytes, size);
	call->used += (uint32_t)(sizeof(head) + size);
}

START_TEST(descriptors_are_printed_with_what_they_are)
{
	struct stage_trace call = {.number = __NR_fchdir, .args = {7}};

	strcpy(fds.what[7], "proc");
	ck_assert_str_eq(printed(&call), "7<proc>");
	call.args[0] = 8;
	ck_assert_str_eq(printed(&call), "8");
	call.args[0] = (uint64_t)-1;
	ck_assert_str_eq(printed(&call), "-1");
}
END_TEST

START_TEST(unknown_flags_keep_their_number)
{
	struct stage_trace call = {.number = __NR_unshare, .args = {0x20000000 | 0x1}};

	ck_assert_str_eq(printed(&call), "CLONE_NEWPID|0x1");
	call.args[0] = 0;
	ck_assert_str_eq(printed(&call), "0");
}
END_TEST

START_TEST(structs_are_printed_by_their_fields)
{
	struct stage_trace call = {.number = __NR_openat2, .args = {(uint64_t)AT_FDCWD, 1, 1, 24}};
	const struct open_how how = {
		.flags = O_WRONLY | O_CREAT, .mode = 0644, .resolve = RESOLVE_BENEATH};

	add_piece(&call, 1, "a\"b", 3);
	add_piece(&call, 2, &how, sizeof(how));
	ck_assert_str_eq(printed(&call),
		"AT_FDCWD, \"a\\x22b\", {flags=O_WRONLY|O_CREAT, mode=0644, resolve=RESOLVE_BENEATH}, 24");
}
END_TEST

START_TEST(memory_that_was_not_copied_is_not_invented)
{
	struct stage_trace call = {.number = __NR_openat2, .args = {(uint64_t)AT_FDCWD, 1, 0, 24}};

	ck_assert_str_eq(printed(&call), "AT_FDCWD, ..., NULL, 24");
}
END_TEST

/* A message may lie about the sizes in it. */
START_TEST(piece_beyond_the_end_is_ignored)
{
	struct stage_trace call = {.number = __NR_chdir, .args = {1}};
	struct trace_piece head = {0, 0, 60000};

	memcpy(call.pieces, &head, sizeof(head));
	call.used = sizeof(head) + 4;
	ck_assert_str_eq(printed(&call), "...");
	call.used = sizeof(head) - 1;
	ck_assert_str_eq(printed(&call), "...");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("words");
	TCase *tc = tcase_create("words");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, every_call_of_the_stage_has_a_row);
	tcase_add_test(tc, every_row_is_of_kinds_that_can_be_printed);
	tcase_add_test(tc, every_operation_has_a_shell_command);
	tcase_add_test(tc, stage_that_does_not_tell_holds_nothing_of_the_recorder);
	tcase_add_test(tc, text_that_does_not_fit_is_cut_visibly);
	tcase_add_test(tc, one_part_of_any_length_is_cut_visibly);
	tcase_add_test(tc, words_are_quoted_for_the_shell);
	tcase_add_test(tc, descriptors_are_printed_with_what_they_are);
	tcase_add_test(tc, unknown_flags_keep_their_number);
	tcase_add_test(tc, structs_are_printed_by_their_fields);
	tcase_add_test(tc, memory_that_was_not_copied_is_not_invented);
	tcase_add_test(tc, piece_beyond_the_end_is_ignored);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

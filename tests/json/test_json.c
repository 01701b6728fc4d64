/* SPDX-License-Identifier: MIT */
/* Reading JSON that others wrote: what is found in it, and how that is named which is refused. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/json.h"

static ct_error err;
static struct ct__json_doc doc;
static struct ct__json top;

static void setup(void)
{
	err = (ct_error)CT_ERROR_INIT;
	doc = (struct ct__json_doc){.what = "text", .step = CT_STEP_ARGUMENT, .err = &err};
}

static void teardown(void)
{
	ct__json_close(&doc);
}

static int read_text(const char *text)
{
	return ct__json_open(&doc, text, strlen(text), &top);
}

#define says(words) ck_assert_msg(strstr(err.sentence, words) != NULL, "%s", err.sentence)

START_TEST(members_are_found_by_name_and_items_by_place)
{
	struct ct__json list, item;
	int64_t number;

	ck_assert_int_eq(read_text("{\"list\": [\"a\", 7, true]}"), 0);
	ck_assert_int_eq(ct__json_member(&top, "list", CT_JSON_ARRAY, &list), 1);
	ck_assert_uint_eq(ct__json_count(&list), 3);
	ck_assert_int_eq(ct__json_item(&list, 0, CT_JSON_STRING, &item), 0);
	ck_assert_str_eq(ct__json_get_string(&item), "a");
	ck_assert_int_eq(ct__json_item(&list, 1, CT_JSON_INTEGER, &item), 0);
	ck_assert_int_eq(ct__json_get_number(&item, 7, 7, &number), 0);
	ck_assert_int_eq(number, 7);
	ck_assert_int_eq(ct__json_item(&list, 2, CT_JSON_BOOLEAN, &item), 0);
	ck_assert_int_eq(ct__json_get_boolean(&item), 1);
}
END_TEST

START_TEST(null_is_as_if_the_member_were_not_there)
{
	struct ct__json value;

	ck_assert_int_eq(read_text("{\"a\": null}"), 0);
	ck_assert_int_eq(ct__json_member(&top, "a", CT_JSON_STRING, &value), 0);
	ck_assert_int_eq(ct__json_member(&top, "b", CT_JSON_STRING, &value), 0);
}
END_TEST

START_TEST(value_of_another_kind_is_named_by_its_pointer)
{
	struct ct__json list, item, value;

	ck_assert_int_eq(read_text("{\"list\": [{}, {\"a~b/c\": 12}]}"), 0);
	ck_assert_int_eq(ct__json_member(&top, "list", CT_JSON_ARRAY, &list), 1);
	ck_assert_int_eq(ct__json_item(&list, 1, CT_JSON_OBJECT, &item), 0);
	ck_assert_int_eq(ct__json_member(&item, "a~b/c", CT_JSON_STRING, &value), -EINVAL);
	ck_assert_str_eq(err.object, "text at /list/1/a~0b~1c 12");
	says("it has to be a string");
}
END_TEST

START_TEST(missing_member_is_named_by_its_pointer)
{
	struct ct__json value;

	ck_assert_int_eq(read_text("{}"), 0);
	ck_assert_int_eq(ct__json_need(&top, "name", CT_JSON_STRING, &value), -EINVAL);
	says("text at /name: it is missing");
}
END_TEST

START_TEST(unknown_member_is_named_by_its_pointer)
{
	static const char *const keys[] = {"a", "b", NULL};

	ck_assert_int_eq(read_text("{\"a\": 1, \"c\": 2}"), 0);
	ck_assert_int_eq(ct__json_only(&top, keys), -EINVAL);
	says("text at /c 2: nothing of this name is known here");
}
END_TEST

START_TEST(number_out_of_range_is_refused)
{
	struct ct__json value;
	int64_t number = 5;

	ck_assert_int_eq(read_text("{\"a\": -1}"), 0);
	ck_assert_int_eq(ct__json_member(&top, "a", CT_JSON_INTEGER, &value), 1);
	ck_assert_int_eq(ct__json_get_number(&value, 0, 10, &number), -EINVAL);
	says("text at /a -1: the number is out of range");
	ck_assert_int_eq(number, 5);
}
END_TEST

static const struct {
	const char *text;
	const char *words;
} hostile[] = {{"", "it is no JSON"}, {"{", "it is no JSON"}, {"{} {}", "it is no JSON"},
	{"{\"a\": 1, \"a\": 2}", "a name occurs twice"}, {"{\"a\": {\"b\": 1, \"b\": 1}}", "twice"},
	{"{\"a\": 9223372036854775808}", "a number is too large"},
	{"{\"a\": 1e999}", "a number is too large"}, {"{\"a\": \"\\u0000\"}", "it is no JSON"},
	{"{\"a\": \"\xff\"}", "it is no JSON"}, {"{'a': 1}", "it is no JSON"},
	{"[]", "it has to be an object"}, {"\"a\"", "it has to be an object"},
	{"{\"a\": NaN}", "it is no JSON"}, {"{\"a\": \"\x01\"}", "it is no JSON"}};

START_TEST(what_is_no_object_of_json_is_refused)
{
	ck_assert_int_eq(read_text(hostile[_i].text), -EINVAL);
	says(hostile[_i].words);
}
END_TEST

/* So many arrays within each other. */
static int read_depth(size_t depth)
{
	char text[8192] = "{\"a\": \"[[[[\\\"[\", \"b\": ";
	size_t used = strlen(text);

	memset(text + used, '[', depth);
	memset(text + used + depth, ']', depth);
	strcpy(text + used + 2 * depth, "}");
	ct__json_close(&doc);
	return read_text(text);
}

START_TEST(depth_is_bounded)
{
	ck_assert_int_eq(read_depth(CT__JSON_DEPTH_MAX - 1), 0);
	ck_assert_int_eq(read_depth(CT__JSON_DEPTH_MAX), -E2BIG);
	ck_assert_int_eq(read_depth(2000), -E2BIG);
	says("within each other");
}
END_TEST

START_TEST(size_is_bounded)
{
	size_t size = CT__JSON_SIZE_MAX;
	char *text = malloc(size + 1);

	memset(text, ' ', size + 1);
	memcpy(text, "{}", 2);
	ck_assert_int_eq(ct__json_open(&doc, text, size, &top), 0);
	ct__json_close(&doc);
	ck_assert_int_eq(ct__json_open(&doc, text, size + 1, &top), -E2BIG);
	says("longer than 1 MiB");
	free(text);
}
END_TEST

/* The bytes behind the size are not the document's, be they what they may. */
START_TEST(nothing_behind_the_size_is_read)
{
	ck_assert_int_eq(ct__json_open(&doc, "{}x", 2, &top), 0);
	ct__json_close(&doc);
	ck_assert_int_eq(ct__json_open(&doc, "{}\0x", 4, &top), -EINVAL);
}
END_TEST

START_TEST(hostile_names_cannot_disturb_a_terminal_nor_the_error)
{
	static const char *const keys[] = {NULL};
	char text[512];

	snprintf(text, sizeof(text), "{\"\\u001b[2J%0300d\": 1}", 0);
	ck_assert_int_eq(read_text(text), 0);
	ck_assert_int_eq(ct__json_only(&top, keys), -EINVAL);
	ck_assert_ptr_null(strchr(err.sentence, '\x1b'));
	says("/\\x1b[2J000");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("json");
	TCase *tc = tcase_create("json");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, members_are_found_by_name_and_items_by_place);
	tcase_add_test(tc, null_is_as_if_the_member_were_not_there);
	tcase_add_test(tc, value_of_another_kind_is_named_by_its_pointer);
	tcase_add_test(tc, missing_member_is_named_by_its_pointer);
	tcase_add_test(tc, unknown_member_is_named_by_its_pointer);
	tcase_add_test(tc, number_out_of_range_is_refused);
	tcase_add_loop_test(
		tc, what_is_no_object_of_json_is_refused, 0, sizeof(hostile) / sizeof(hostile[0]));
	tcase_add_test(tc, depth_is_bounded);
	tcase_add_test(tc, size_is_bounded);
	tcase_add_test(tc, nothing_behind_the_size_is_read);
	tcase_add_test(tc, hostile_names_cannot_disturb_a_terminal_nor_the_error);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

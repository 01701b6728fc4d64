/* SPDX-License-Identifier: MIT */
/*
 * Reading JSON that others wrote. The parser is jansson's; what it leaves open is decided
 * here: how long and how deep a document may be, and how a refusal is told.
 */
#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "error/error.h"
#include "json.h"

#define POINTER_MAX 160
#define VALUE_MAX   64

/* ------------------------------------------------------------------ refusals */

/* Appends a token of a pointer, with "~" and "/" as RFC 6901 writes them. */
static void add_token(char *to, size_t size, const char *token)
{
	size_t used = strlen(to);

	if (used + 2 > size)
		return;
	to[used++] = '/';
	for (; *token && used + 3 <= size; token++) {
		if (*token != '~' && *token != '/') {
			to[used++] = *token;
			continue;
		}
		to[used++] = '~';
		to[used++] = *token == '~' ? '0' : '1';
	}
	to[used] = '\0';
}

/* The way from the top, by calling itself for each step: at most CT__JSON_DEPTH_MAX times. */
static void add_pointer(char *to, size_t size, const struct ct__json *at)
{
	char number[24];

	if (!at->up)
		return;
	add_pointer(to, size, at->up);
	snprintf(number, sizeof(number), "%zu", at->index);
	add_token(to, size, at->key ? at->key : number);
}

/* What the value is, if it is short: a word or a number. */
static void put_value(char *to, size_t size, json_t *value)
{
	to[0] = '\0';
	if (json_is_string(value))
		snprintf(to, size, " \"%.48s\"", json_string_value(value));
	else if (json_is_integer(value))
		snprintf(to, size, " %" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_boolean(value))
		snprintf(to, size, " %s", json_is_true(value) ? "true" : "false");
}

int ct__json_refuse(const struct ct__json *at, int code, const char *reason)
{
	char pointer[POINTER_MAX] = "", value[VALUE_MAX];

	add_pointer(pointer, sizeof(pointer), at);
	put_value(value, sizeof(value), at->value);
	return ct__fail_because(at->doc->err, at->doc->step, code, reason, "%s%s%s%s",
		at->doc->what, pointer[0] ? " at " : "", pointer, value);
}

/* ------------------------------------------------------------------- reading */

/* The parser goes as deep as the document, by recursion, in a stack of unknown size. */
static bool is_too_deep(const char *text, size_t size)
{
	bool in_string = false;
	size_t depth = 0;

	for (size_t i = 0; i < size; i++) {
		if (in_string && text[i] == '\\') {
			i++;
		} else if (text[i] == '"') {
			in_string = !in_string;
		} else if (!in_string && (text[i] == '{' || text[i] == '[')) {
			if (++depth > CT__JSON_DEPTH_MAX)
				return true;
		} else if (!in_string && (text[i] == '}' || text[i] == ']')) {
			depth -= depth > 0;
		}
	}
	return false;
}

/*
 * The parser's tables need a number that nobody can guess. It would open /dev/urandom for
 * that, which another thread's fork could inherit; given one, it does not.
 */
static void seed_tables(void)
{
	size_t seed = 0;

	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) == (ssize_t)sizeof(seed) && seed)
		json_object_seed(seed);
}

/* Where the parser has no memory for a value it ends without a word; then there is no code either. */
int ct__json_parse(
	const char *text, size_t size, size_t flags, json_t **ret_root, json_error_t *ret_why)
{
	json_t *root;

	seed_tables();
	root = json_loadb(text, size, flags, ret_why);
	if (!root)
		return !ret_why->text[0] || json_error_code(ret_why) == json_error_out_of_memory ? -ENOMEM
												 : -EBADMSG;
	*ret_root = root;
	return 0;
}

static int fail_to_read(const struct ct__json_doc *doc, int code, const json_error_t *error)
{
	if (code == -ENOMEM)
		return ct__fail(doc->err, CT_STEP_MEMORY, -ENOMEM, NULL, "%s", doc->what);
	return ct__fail_because(doc->err, doc->step, -EINVAL,
		json_error_code(error) == json_error_duplicate_key ? "a name occurs twice in an object" :
		json_error_code(error) == json_error_numeric_overflow ?
								     "a number is too large" :
								     "it is no JSON",
		"%s, line %d, column %d: %s", doc->what, error->line, error->column, error->text);
}

int ct__json_open(struct ct__json_doc *doc, const char *text, size_t size, struct ct__json *ret_top)
{
	json_t *root = NULL;
	json_error_t error;
	int ret;

	doc->root = NULL;
	if (size > CT__JSON_SIZE_MAX)
		return ct__fail_because(doc->err, doc->step, -E2BIG, "it is longer than 1 MiB", "%s",
			doc->what);
	if (is_too_deep(text, size))
		return ct__fail_because(doc->err, doc->step, -E2BIG,
			"more than 32 arrays and objects are within each other", "%s", doc->what);
	ret = ct__json_parse(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &root, &error);
	if (ret < 0)
		return fail_to_read(doc, ret, &error);
	doc->root = root;
	*ret_top = (struct ct__json){.doc = doc, .value = doc->root};
	return ct__json_expect(ret_top, CT_JSON_OBJECT);
}

void ct__json_close(struct ct__json_doc *doc)
{
	json_decref(doc->root);
	doc->root = NULL;
}

/* ------------------------------------------------------------------- walking */

static unsigned int kind_of(json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return CT_JSON_OBJECT;
	case JSON_ARRAY:
		return CT_JSON_ARRAY;
	case JSON_STRING:
		return CT_JSON_STRING;
	case JSON_INTEGER:
		return CT_JSON_INTEGER;
	case JSON_TRUE:
	case JSON_FALSE:
		return CT_JSON_BOOLEAN;
	default:
		return 0;
	}
}

int ct__json_expect(const struct ct__json *at, unsigned int kinds)
{
	static const char *const reasons[] = {"it has to be an object", "it has to be an array",
		"it has to be a string", "it has to be a whole number",
		"it has to be true or false"};
	const char *reason = "it is of the wrong kind";

	if (kind_of(at->value) & kinds)
		return 0;
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (kinds == 1u << i)
			reason = reasons[i];
	return ct__json_refuse(at, -EINVAL, reason);
}

int ct__json_member(const struct ct__json *of, const char *key, unsigned int kinds, struct ct__json *ret)
{
	json_t *value = json_object_get(of->value, key);
	int code;

	if (!value || json_is_null(value))
		return 0;
	*ret = (struct ct__json){.doc = of->doc, .up = of, .key = key, .value = value};
	code = ct__json_expect(ret, kinds);
	return code < 0 ? code : 1;
}

int ct__json_need(const struct ct__json *of, const char *key, unsigned int kinds, struct ct__json *ret)
{
	const struct ct__json absent = {.doc = of->doc, .up = of, .key = key};
	int code = ct__json_member(of, key, kinds, ret);

	return code == 0 ? ct__json_refuse(&absent, -EINVAL, "it is missing") : code;
}

int ct__json_each(const struct ct__json *of, int (*visit)(const struct ct__json *member, void *data),
	void *data)
{
	struct ct__json member = {.doc = of->doc, .up = of};
	json_t *value;
	int ret = 0;

	json_object_foreach(of->value, member.key, value)
	{
		member.value = value;
		ret = visit(&member, data);
		if (ret != 0)
			break;
	}
	return ret;
}

static int check_key(const struct ct__json *member, void *data)
{
	const char *const *keys = data;

	for (size_t i = 0; keys[i]; i++)
		if (strcmp(keys[i], member->key) == 0)
			return 0;
	return ct__json_refuse(member, -EINVAL, "nothing of this name is known here");
}

int ct__json_only(const struct ct__json *of, const char *const *keys)
{
	return ct__json_each(of, check_key, (void *)(uintptr_t)keys);
}

size_t ct__json_count(const struct ct__json *of)
{
	return json_is_array((json_t *)of->value) ? json_array_size(of->value) :
						    json_object_size(of->value);
}

int ct__json_item(const struct ct__json *of, size_t index, unsigned int kinds, struct ct__json *ret)
{
	*ret = (struct ct__json){.doc = of->doc,
		.up = of,
		.index = index,
		.value = json_array_get(of->value, index)};
	return ct__json_expect(ret, kinds);
}

/* ------------------------------------------------------------------- reading out */

const char *ct__json_get_string(const struct ct__json *at)
{
	return json_string_value(at->value);
}

int ct__json_get_boolean(const struct ct__json *at)
{
	return json_is_true((json_t *)at->value);
}

int ct__json_get_number(const struct ct__json *at, int64_t least, int64_t most, int64_t *ret)
{
	int64_t number = json_integer_value(at->value);

	if (number < least || number > most)
		return ct__json_refuse(at, -EINVAL, "the number is out of range");
	*ret = number;
	return 0;
}

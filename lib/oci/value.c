/* SPDX-License-Identifier: MIT */
/* Values and where they stand: what they are asked for, and how they are refused. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error/error.h"
#include "oci.h"

int ct__oci_refuse(struct oci *oci, const struct oci_value *value, int code, const char *reason)
{
	return ct__fail_because(oci->err, CT_STEP_ARGUMENT, code, reason, "%s", value->pointer);
}

int ct__oci_set(struct oci *oci, const struct oci_value *value, int ret)
{
	ct_error why = CT_ERROR_INIT;

	if (ret >= 0)
		return 0;
	if (ct_spec_check(oci->spec, &why) < 0)
		return ct__oci_refuse(oci, value, ret, why.sentence);
	return ct__fail(oci->err, CT_STEP_ARGUMENT, ret, NULL, "%s", value->pointer);
}

int ct__oci_set_texts(struct oci *oci, const struct oci_value *object,
	int (*set)(struct oci *oci, const struct oci_value *value, const char *name, const char *text))
{
	struct oci_value member;
	const char *name;
	json_t *json;
	int ret = 0;

	json_object_foreach(object->json, name, json) {
		ret = ct__oci_member(oci, object, name, OCI_STRING, &member);
		if (ret > 0)
			ret = set(oci, &member, name, json_string_value(json));
		if (ret < 0)
			break;
	}
	return ret < 0 ? ret : 0;
}

int ct__oci_check(struct oci *oci, const struct oci_value *value, enum oci_type type)
{
	const json_t *json = value->json;
	size_t i;
	json_t *item;

	switch (type) {
	case OCI_STRING:
		return json_is_string(json) ? 0 : ct__oci_refuse(oci, value, -EINVAL, "it is no string");
	case OCI_BOOL:
		return json_is_boolean(json) ? 0 :
					       ct__oci_refuse(oci, value, -EINVAL,
						       "it is neither true nor false");
	case OCI_NUMBER:
		return json_is_number(json) ? 0 : ct__oci_refuse(oci, value, -EINVAL, "it is no number");
	case OCI_OBJECT:
		return json_is_object(json) ? 0 : ct__oci_refuse(oci, value, -EINVAL, "it is no object");
	case OCI_ARRAY:
	case OCI_STRINGS:
		break;
	}
	if (!json_is_array(json))
		return ct__oci_refuse(oci, value, -EINVAL, "it is no array");
	json_array_foreach(json, i, item) {
		struct oci_value text;

		if (type == OCI_STRINGS && ct__oci_item(oci, value, i, OCI_STRING, &text) < 0)
			return -EINVAL;
	}
	return 0;
}

/* RFC 6901: "~" and "/" of a key are written "~0" and "~1". What is too long is cut. */
static void append(char pointer[POINTER_SIZE], const char *key)
{
	size_t used = strlen(pointer);

	if (used + 2 < POINTER_SIZE)
		pointer[used++] = '/';
	for (; *key && used + 3 < POINTER_SIZE; key++) {
		char last = *key;

		if (last == '~' || last == '/') {
			pointer[used++] = '~';
			last = '0';
			if (*key == '/')
				last = '1';
		}
		pointer[used++] = last;
	}
	pointer[used] = '\0';
}

static int found(struct oci *oci, json_t *json, enum oci_type type, struct oci_value *value)
{
	int ret;

	value->json = json;
	if (!json || json_is_null(json))
		return 0;
	ret = ct__oci_check(oci, value, type);
	return ret < 0 ? ret : 1;
}

int ct__oci_member(struct oci *oci, const struct oci_value *object, const char *key, enum oci_type type,
	struct oci_value *ret_value)
{
	json_t *json = json_object_get(object->json, key);

	memmove(ret_value->pointer, object->pointer, POINTER_SIZE);
	append(ret_value->pointer, key);
	return found(oci, json, type, ret_value);
}

int ct__oci_item(struct oci *oci, const struct oci_value *array, size_t index, enum oci_type type,
	struct oci_value *ret_value)
{
	char key[32];
	int ret;

	snprintf(key, sizeof(key), "%zu", index);
	memmove(ret_value->pointer, array->pointer, POINTER_SIZE);
	append(ret_value->pointer, key);
	ret = found(oci, json_array_get(array->json, index), type, ret_value);
	return ret == 0 ? ct__oci_refuse(oci, ret_value, -EINVAL, "it is null") : ret;
}

int ct__oci_find(struct oci *oci, const char *pointer, enum oci_type type, struct oci_value *ret_value)
{
	struct oci_value at = {.json = oci->config};
	char key[64];

	while (*pointer == '/') {
		size_t length = strcspn(pointer + 1, "/");
		bool last = !pointer[1 + length];
		int ret;

		snprintf(key, sizeof(key), "%.*s", (int)length, pointer + 1);
		ret = ct__oci_member(oci, &at, key, last ? type : OCI_OBJECT, ret_value);
		if (ret <= 0 || last)
			return ret;
		at = *ret_value;
		pointer += 1 + length;
	}
	return 0;
}

int ct__oci_signed(struct oci *oci, const struct oci_value *value, int64_t least, int64_t most,
	int64_t *ret_number)
{
	if (json_is_real(value->json))
		return ct__oci_refuse(oci, value, -EINVAL, "it is no whole number, or out of range");
	*ret_number = json_integer_value(value->json);
	if (*ret_number < least || *ret_number > most)
		return ct__oci_refuse(oci, value, -EINVAL, "it is out of range");
	return 0;
}

int ct__oci_unsigned(struct oci *oci, const struct oci_value *value, uint64_t most, uint64_t *ret_number)
{
	double real = json_real_value(value->json);
	int64_t number;
	int ret;

	/* See widened(): such a number is nowhere but at the end of the range, and stands for it. */
	if (json_is_real(value->json) && real >= 9223372036854775808.0 && real <= 18446744073709551616.0 &&
		most == UINT64_MAX) {
		*ret_number = real >= 18446744073709551616.0 ? UINT64_MAX : (uint64_t)real;
		return 0;
	}
	ret = ct__oci_signed(oci, value, 0, most > INT64_MAX ? INT64_MAX : (int64_t)most, &number);
	if (ret == 0)
		*ret_number = (uint64_t)number;
	return ret;
}

int ct__oci_unsigned_member(struct oci *oci, const struct oci_value *object, const char *key,
	uint64_t most, uint64_t otherwise, uint64_t *ret_number)
{
	struct oci_value value;
	int ret = ct__oci_member(oci, object, key, OCI_NUMBER, &value);

	if (ret > 0)
		return ct__oci_unsigned(oci, &value, most, ret_number);
	*ret_number = otherwise;
	return ret;
}

int ct__oci_text_member(
	struct oci *oci, const struct oci_value *object, const char *key, const char **ret_text)
{
	struct oci_value value;
	int ret = ct__oci_member(oci, object, key, OCI_STRING, &value);

	if (ret < 0)
		return ret;
	*ret_text = ret ? json_string_value(value.json) : "";
	return 0;
}

int ct__oci_strings(struct oci *oci, const struct oci_value *array, const char ***ret_strings)
{
	size_t count = json_array_size(array->json);
	const char **strings = calloc(count + 1, sizeof(*strings));

	if (!strings)
		return ct__fail(oci->err, CT_STEP_MEMORY, -ENOMEM, "calloc", "%s", array->pointer);
	for (size_t i = 0; i < count; i++)
		strings[i] = json_string_value(json_array_get(array->json, i));
	*ret_strings = strings;
	return 0;
}

int ct__oci_host_path(struct oci *oci, const struct oci_value *value, const char *path, char **ret_path)
{
	char full[PATH_MAX];
	int length;

	if (path[0] != '/' && !oci->bundle)
		return ct__oci_refuse(oci, value, -EINVAL, "there is no bundle in which the path could begin");
	length = path[0] == '/' ? snprintf(full, sizeof(full), "%s", path) :
				  snprintf(full, sizeof(full), "%s/%s", oci->bundle, path);
	if (length >= (int)sizeof(full))
		return ct__oci_refuse(oci, value, -ENAMETOOLONG, "the path is too long");
	*ret_path = strdup(full);
	return *ret_path ? 0 : ct__fail(oci->err, CT_STEP_MEMORY, -ENOMEM, "strdup", "%s", value->pointer);
}

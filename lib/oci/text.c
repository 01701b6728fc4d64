/* SPDX-License-Identifier: MIT */
/*
 * From the text of a configuration to its values. Whoever has written it may be hostile, so its
 * size and depth are bounded before the JSON library, which recurses, sees it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error/error.h"
#include "json/json.h"
#include "oci.h"
#include "util/fd.h"

#define SIZE_LIMIT (4u << 20)
#define DEPTH_LIMIT 64
#define DIGITS_LIMIT 19 /* of INT64_MAX */

static int refuse(ct_error *err, int code, const char *reason)
{
	return ct__fail_because(err, CT_STEP_ARGUMENT, code, reason, "configuration");
}

/* How deep the text goes; no matter whether it is JSON. Also counts what has too many digits. */
static size_t depth_of(const char *text, size_t size, size_t *ret_long)
{
	size_t depth = 0, most = 0, digits = 0;
	bool quoted = false;

	*ret_long = 0;
	for (size_t i = 0; i < size; i++) {
		char c = text[i];

		digits = !quoted && c >= '0' && c <= '9' ? digits + 1 : 0;
		*ret_long += digits == DIGITS_LIMIT;
		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '[' || c == '{'))
			depth++;
		else if (!quoted && (c == ']' || c == '}') && depth)
			depth--;
		most = depth > most ? depth : most;
	}
	return most;
}

/* Whether the digits are a number that int64_t cannot hold. They begin and end where a number does. */
static bool is_too_long(const char *digits, size_t length)
{
	static const char most[] = "9223372036854775807";

	return length > DIGITS_LIMIT ||
	       (length == DIGITS_LIMIT && memcmp(digits, most, DIGITS_LIMIT) > 0);
}

/*
 * A copy in which whole numbers beyond int64_t, which the JSON library refuses, are reals: limits
 * of the runtime-spec are uint64, and 18446744073709551615 is a usual one.
 */
static char *widened(const char *text, size_t size, size_t more, size_t *ret_size)
{
	char *copy = malloc(size + 2 * more + 1);
	bool quoted = false;
	size_t used = 0;

	for (size_t i = 0; copy && i < size;) {
		size_t length = 0;

		while (!quoted && i + length < size && text[i + length] >= '0' &&
			text[i + length] <= '9')
			length++;
		if (length) {
			int after = i + length < size ? text[i + length] : ' ';

			memcpy(copy + used, text + i, length);
			used += length;
			i += length;
			if (is_too_long(text + i - length, length) && !strchr(".eE", after)) {
				copy[used++] = '.';
				copy[used++] = '0';
			}
			continue;
		}
		if (quoted && text[i] == '\\' && i + 1 < size)
			copy[used++] = text[i++];
		else if (text[i] == '"')
			quoted = !quoted;
		copy[used++] = text[i++];
	}
	*ret_size = used;
	return copy;
}

int ct__oci_parse(const char *text, size_t size, json_t **ret_config, ct_error *err)
{
	CT__AUTO_FREE char *copy = NULL;
	size_t more, length;
	json_t *config = NULL;
	json_error_t why;
	int ret;

	if (size > SIZE_LIMIT)
		return refuse(err, -EFBIG, "it is over 4 MiB");
	if (depth_of(text, size, &more) > DEPTH_LIMIT)
		return refuse(err, -EBADMSG, "it is deeper than 64 levels");
	copy = widened(text, size, more, &length);
	if (!copy)
		return ct__fail(err, CT_STEP_MEMORY, -ENOMEM, "malloc", "configuration");
	ret = ct__json_parse(copy, length, JSON_REJECT_DUPLICATES, &config, &why);
	if (ret == -ENOMEM)
		return ct__fail(err, CT_STEP_MEMORY, -ENOMEM, "json_loadb", "configuration");
	if (ret < 0)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EBADMSG, why.text,
			"configuration: line %d", why.line);
	if (!json_is_object(config)) {
		json_decref(config);
		return refuse(err, -EBADMSG, "it is no object");
	}
	*ret_config = config;
	return 0;
}

int ct__oci_read(const char *path, char **ret_text, size_t *ret_size, ct_error *err)
{
	CT__AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	CT__AUTO_FREE char *text = NULL;
	struct stat about;
	size_t used = 0;
	ssize_t got = 1;

	if (fd < 0 || fstat(fd, &about) < 0)
		return ct__fail(err, CT_STEP_ARGUMENT, -errno, "open", "%s", path);
	if (!S_ISREG(about.st_mode))
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is no file", "%s", path);
	if (about.st_size > SIZE_LIMIT)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EFBIG, "it is over 4 MiB", "%s", path);
	text = malloc(SIZE_LIMIT + 1);
	if (!text)
		return ct__fail(err, CT_STEP_MEMORY, -ENOMEM, "malloc", "%s", path);
	while (got != 0 && used < SIZE_LIMIT + 1) {
		got = read(fd, text + used, SIZE_LIMIT + 1 - used);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return ct__fail(err, CT_STEP_ARGUMENT, -errno, "read", "%s", path);
		used += (size_t)got;
	}
	*ret_text = text;
	*ret_size = used;
	text = NULL;
	return 0;
}

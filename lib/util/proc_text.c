/* SPDX-License-Identifier: MIT */
/* Reading the texts of /proc; see proc_text.h. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "ns_kinds.h"
#include "proc_text.h"

/*
 * A decimal number without sign at *text, which moves behind it. libc's strtoull would
 * take spaces, signs, and a locale's digits.
 */
static int read_number(const char **text, const char *end, uint64_t *ret_number)
{
	const char *at = *text;
	uint64_t number = 0;

	while (at < end && *at >= '0' && *at <= '9') {
		unsigned int digit = (unsigned int)(*at - '0');

		if (number > (UINT64_MAX - digit) / 10)
			return -EINVAL;
		number = number * 10 + digit;
		at++;
	}
	if (at == *text)
		return -EINVAL;
	*text = at;
	*ret_number = number;
	return 0;
}

/* --------------------------------------------------------------------- stat */

/* Fields of /proc/PID/stat, counted from the one behind the command, the state. */
#define STAT_PARENT 1
#define STAT_FLAGS  6
#define STAT_START  19

/* The number in the field of this index; fields are parted by one space. */
static int read_field(const char *at, const char *end, int index, uint64_t *ret_number)
{
	while (at && index-- > 0) {
		at = memchr(at, ' ', (size_t)(end - at));
		if (at)
			at++;
	}
	return at ? read_number(&at, end, ret_number) : -EINVAL;
}

int ct__parse_stat(const char *text, size_t size, struct ct__proc_stat *ret_stat)
{
	const char *end = text + size, *open = memchr(text, '(', size), *close, *field;
	struct ct__proc_stat stat = {0};
	uint64_t pid, parent;
	size_t length;

	/* Behind the command there are only numbers, so its end is the last parenthesis. */
	close = memrchr(text, ')', size);
	if (!open || !close || close < open || end - close < 3 || close[1] != ' ')
		return -EINVAL;
	field = text;
	if (read_number(&field, open, &pid) < 0 || field != open - 1 || pid > INT_MAX)
		return -EINVAL;
	length = (size_t)(close - open - 1);
	if (length >= sizeof(stat.command) || memchr(open, '\0', length + 1))
		return -EINVAL;
	memcpy(stat.command, open + 1, length);
	stat.pid = (pid_t)pid;
	stat.state = close[2];

	if (read_field(close + 2, end, STAT_PARENT, &parent) < 0 || parent > INT_MAX ||
		read_field(close + 2, end, STAT_FLAGS, &stat.flags) < 0 ||
		read_field(close + 2, end, STAT_START, &stat.start_ticks) < 0)
		return -EINVAL;
	stat.parent = (pid_t)parent;
	*ret_stat = stat;
	return 0;
}

/* ---------------------------------------------------------------- mountinfo */

/* Decodes \ooo in place; a backslash that begins no such code stays. */
static void decode_octal(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] >= '0' &&
			from[2] <= '7' && from[3] >= '0' && from[3] <= '7' &&
			memcmp(from + 1, "000", 3) != 0) {
			*to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

/* Cuts the next field off; NULL: there is none. */
static char *next_field(char **rest)
{
	char *field = *rest;

	if (!field || !*field)
		return NULL;
	*rest = strchr(field, ' ');
	if (*rest)
		*(*rest)++ = '\0';
	return *field ? field : NULL;
}

static int field_number(const char *field, uint64_t *ret_number)
{
	if (!field || read_number(&field, field + strlen(field), ret_number) < 0 || *field)
		return -EINVAL;
	return 0;
}

/* 36 35 98:0 /root /point rw,noatime master:1 - type source options */
int ct__parse_mount_line(char *line, struct ct__mount_line *ret_line)
{
	struct ct__mount_line parsed;
	char *rest = line, *root, *point, *field, *type, *options;

	if (field_number(next_field(&rest), &parsed.id) < 0 ||
		field_number(next_field(&rest), &parsed.parent) < 0 || !next_field(&rest))
		return -EINVAL;
	root = next_field(&rest);
	point = next_field(&rest);
	if (!root || !point || !next_field(&rest))
		return -EINVAL;
	/* Any number of optional fields, ended by a hyphen. */
	do
		field = next_field(&rest);
	while (field && strcmp(field, "-") != 0);
	type = next_field(&rest);
	/* The source may be empty, then there are two spaces. */
	if (!field || !type || !rest)
		return -EINVAL;
	options = strchr(rest, ' ');
	if (!options)
		return -EINVAL;
	decode_octal(root);
	decode_octal(point);
	parsed.root = root;
	parsed.point = point;
	parsed.type = type;
	parsed.options = options + 1;
	*ret_line = parsed;
	return 0;
}

bool ct__mount_option(const char *options, const char *name, char *ret_value, size_t size)
{
	size_t length = strlen(name);

	while (*options) {
		size_t all = strcspn(options, ",");
		const char *value = options + length;

		if (all >= length && memcmp(options, name, length) == 0 &&
			(all == length || *value == '=')) {
			size_t rest = all == length ? 0 : all - length - 1;

			if (rest >= size)
				return false;
			memcpy(ret_value, value + (all != length), rest);
			ret_value[rest] = '\0';
			return true;
		}
		options += all + (options[all] == ',');
	}
	return false;
}

/* -------------------------------------------------------------------- names */

int ct__parse_ns_name(const char *text, uint32_t *ret_kind, uint64_t *ret_id)
{
	const char *colon = strchr(text, ':'), *at;
	size_t i = 0;
	uint64_t id;

	if (!colon || colon[1] != '[')
		return -EINVAL;
	while (i < CT__NS_KIND_COUNT &&
		(strlen(ct__ns_kinds[i].name) != (size_t)(colon - text) ||
			memcmp(ct__ns_kinds[i].name, text, (size_t)(colon - text)) != 0))
		i++;
	at = colon + 2;
	if (i == CT__NS_KIND_COUNT || read_number(&at, at + strlen(at), &id) < 0 || id == 0 ||
		strcmp(at, "]") != 0)
		return -EINVAL;
	*ret_kind = ct__ns_kinds[i].kind;
	*ret_id = id;
	return 0;
}

pid_t ct__parse_pid(const char *name)
{
	const char *at = name;
	uint64_t pid;

	if (*name == '0' || read_number(&at, at + strlen(at), &pid) < 0 || *at || pid > INT_MAX)
		return 0;
	return (pid_t)pid;
}

pid_t ct__parse_pidfd_info(const char *text)
{
	static const char key[] = "Pid:\t";
	const char *line = text, *end;
	char number[16];

	while (line && strncmp(line, key, sizeof(key) - 1) != 0) {
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	if (!line)
		return 0;
	line += sizeof(key) - 1;
	end = strchr(line, '\n');
	if (!end || (size_t)(end - line) >= sizeof(number))
		return 0;
	memcpy(number, line, (size_t)(end - line));
	number[end - line] = '\0';
	return ct__parse_pid(number);
}

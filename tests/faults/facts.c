/* SPDX-License-Identifier: MIT */
/* What a payload or a tree is, in lines that are the same each time; see facts.h. */
#include "facts.h"

#include <ctype.h>
#include <linux/keyctl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of a namespace only whether it is the host's: its number may be used again. */
static const char *of_namespace(const char *kind, const char *value)
{
	char path[64], text[64];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/self/ns/%.20s", kind);
	length = readlink(path, text, sizeof(text) - 1);
	text[length > 0 ? length : 0] = '\0';
	return strcmp(text, value) == 0 ? "the host's" : "another";
}

static const char *of_keyring(const char *value)
{
	long own = syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);

	return strtol(value, NULL, 10) == own ? "the host's" : "another";
}

static const char *after_words(const char *text, int count)
{
	for (; count && *text; text++)
		count -= *text == ' ';
	return text;
}

/* Its number, its parent's and its device are others each time; its source is a mere name. */
static const char *of_mount(char *key, char *value)
{
	char *type = strstr(value, " - ");

	key[strlen("mount")] = '\0';
	if (type) {
		char *source = type + 3 + strcspn(type + 3, " ");
		const char *options = source + (*source == ' ');

		options += strcspn(options, " ");
		memmove(source, options, strlen(options) + 1);
	}
	return after_words(value, 3);
}

/* The value of one line, without what is another one each time. */
static const char *steady(char *key, char *value)
{
	if (strncmp(key, "ns.", 3) == 0)
		return of_namespace(key + 3, value);
	if (strcmp(key, "keyring") == 0)
		return of_keyring(value);
	if (strncmp(key, "mount.", 6) == 0)
		return of_mount(key, value);
	if (strncmp(key, "fdinfo.", 7) == 0)
		return strstr(value, " type") ? strstr(value, " type") : value;
	if (strncmp(key, "fd.", 3) == 0)
		value[strcspn(value, "[")] = '\0';
	if ((strcmp(key + 1, "id") == 0 || strcmp(key + 1, "pid") == 0 || strcmp(key, "pgid") == 0) &&
		isdigit((unsigned char)value[0]) && strcmp(value, "1") != 0 && !strchr(value, ' '))
		return "any";
	return value;
}

void facts_steady(char *facts, size_t size)
{
	char *copy = strdup(facts), *rest = copy, *line;
	size_t used = 0;

	facts[0] = '\0';
	while ((line = strsep(&rest, "\n")) != NULL && used < size) {
		char *value = strchr(line, '=');

		if (!value)
			continue;
		*value++ = '\0';
		used += (size_t)snprintf(
			facts + used, size - used, "%s=%s\n", line, steady(line, value));
	}
	free(copy);
}

static bool has_line(const char *text, const char *line, size_t length)
{
	for (const char *at = text; *at; at++) {
		if (strncmp(at, line, length) == 0 && (at[length] == '\n' || !at[length]))
			return true;
		at += strcspn(at, "\n");
		if (!*at)
			break;
	}
	return false;
}

const char *facts_missing(const char *facts, const char *reference)
{
	static char line[256];

	for (const char *at = reference; *at; at += strcspn(at, "\n") + 1) {
		size_t length = strcspn(at, "\n");

		if (has_line(facts, at, length))
			continue;
		snprintf(line, sizeof(line), "%.*s", (int)length, at);
		return line;
	}
	return NULL;
}

void facts_common(char *facts, const char *others)
{
	char *copy = strdup(facts), *rest = copy, *line;

	facts[0] = '\0';
	while ((line = strsep(&rest, "\n")) != NULL)
		if (*line && has_line(others, line, strlen(line)))
			facts += sprintf(facts, "%s\n", line);
	free(copy);
}

/* SPDX-License-Identifier: MIT */
/*
 * Paths of an archive in plain form: pure text, bytes compared as they are.
 * It does not look at any file; what a path leads to is tree.c's business.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "rootfs.h"

static int reserve(struct ct__path *path, size_t size)
{
	char *text;

	if (size <= path->size)
		return 0;
	size = size < 4096 ? 4096 : size;
	text = realloc(path->text, size);
	if (!text)
		return -ENOMEM;
	path->text = text;
	path->size = size;
	return 0;
}

/* The next component at *from, or NULL; *from moves behind it. */
static const char *next_component(const char **from, size_t *ret_len)
{
	for (;;) {
		const char *start = *from + strspn(*from, "/");
		size_t len = strcspn(start, "/");

		*from = start + len;
		if (len == 0)
			return NULL;
		if (len == 1 && start[0] == '.')
			continue;
		*ret_len = len;
		return start;
	}
}

int ct__path_set(struct ct__path *path, const char *raw, uint32_t strip)
{
	const char *from = raw;
	const char *component;
	size_t used = 0;
	size_t len = 0;
	uint64_t seen = 0;
	int too_long = 0;
	int rc = reserve(path, strlen(raw) + 1);

	if (rc < 0)
		return rc;
	path->base = 0;
	path->depth = 0;
	while ((component = next_component(&from, &len))) {
		if (len == 2 && memcmp(component, "..", 2) == 0)
			return -EXDEV;
		if (seen++ < strip)
			continue;
		if (used)
			path->text[used++] = '/';
		path->base = used;
		memcpy(path->text + used, component, len);
		used += len;
		path->depth++;
		if (len > NAME_MAX || used >= PATH_MAX)
			too_long = -ENAMETOOLONG;
	}
	path->text[used] = '\0';
	path->is_left_out = seen < strip;
	return too_long;
}

uint64_t ct__path_hash(const struct ct__path *path)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (const char *c = path->text; *c; c++)
		hash = (hash ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
	return hash;
}

void ct__path_done(struct ct__path *path)
{
	free(path->text);
	*path = (struct ct__path){0};
}

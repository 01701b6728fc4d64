/* SPDX-License-Identifier: MIT */
/* Paths inside the container, as words. Nothing is looked up here. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "spec.h"

int ct__spec_inside_path(ct_spec *spec, const char *path, char **ret_path)
{
	char *to, *copy;

	if (!path || path[0] != '/')
		return ct__spec_mistake(spec, -EINVAL, "it is not absolute", "path: %s",
			path ? path : "NULL");
	copy = malloc(strlen(path) + 1);
	if (!copy)
		return ct__spec_mistake(spec, -ENOMEM, NULL, "path: %s", path);
	to = copy;
	for (const char *from = path; *from;) {
		size_t length;

		from += strspn(from, "/");
		length = strcspn(from, "/");
		if (length == 2 && memcmp(from, "..", 2) == 0) {
			free(copy);
			return ct__spec_mistake(spec, -EINVAL, "it contains \"..\"", "path: %s", path);
		}
		if (length && !(length == 1 && *from == '.')) {
			if (to > copy)
				*to++ = '/';
			memcpy(to, from, length);
			to += length;
		}
		from += length;
	}
	*to = '\0';
	*ret_path = copy;
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* Reading what /proc tells of a process's rights; see proc_status.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "proc_status.h"

/* ------------------------------------------------------------------- status */

/*
 * What follows "NAME:" at the start of a line. A process cannot forge a line: the
 * kernel escapes a newline in its name.
 */
static const char *field(const char *text, const char *name)
{
	size_t length = strlen(name);

	while (text && *text) {
		if (strncmp(text, name, length) == 0 && text[length] == ':')
			return text + length + 1;
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	return NULL;
}

static bool read_field(const char *text, const char *name, int base, uint64_t *ret_number)
{
	const char *at = field(text, name);
	char *end;

	if (!at)
		return false;
	errno = 0;
	*ret_number = strtoull(at, &end, base);
	return end != at && errno == 0;
}

/* "Uid:" and "Gid:" give the real, effective, saved and filesystem id. */
static bool read_effective(const char *text, const char *name, uint32_t *ret_id)
{
	const char *at = field(text, name);
	unsigned int real;

	return at && sscanf(at, "%u %u", &real, ret_id) == 2;
}

static int read_groups(const char *text, ct__array *ret_groups)
{
	const char *at = field(text, "Groups");

	while (at && *at != '\n' && *at) {
		char *end;
		gid_t group = (gid_t)strtoul(at, &end, 10);

		if (end == at) { /* the blank at the end of the line */
			at++;
			continue;
		}
		if (ct__array_add(ret_groups, &group, sizeof(group)) < 0)
			return -ENOMEM;
		at = *end == ' ' || *end == '\t' ? end + 1 : end;
	}
	return at ? 0 : -EINVAL;
}

int ct__parse_status(const char *text, struct ct__proc_status *ret_status)
{
	struct ct__proc_status status = {0};
	uint64_t seccomp = 0, no_new_privs = 0;
	int ret;

	if (!read_effective(text, "Uid", &status.uid) || !read_effective(text, "Gid", &status.gid) ||
		!read_field(text, "CapPrm", 16, &status.permitted) ||
		!read_field(text, "CapBnd", 16, &status.bounding) ||
		!read_field(text, "CapAmb", 16, &status.ambient) ||
		!read_field(text, "NoNewPrivs", 10, &no_new_privs))
		return -EINVAL;
	ret = read_groups(text, &status.groups);
	if (ret < 0) {
		ct__array_done(&status.groups);
		return ret;
	}
	status.no_new_privs = no_new_privs;
	/* A kernel without seccomp has neither line; "Seccomp: 2" means a filter. */
	if (!read_field(text, "Seccomp_filters", 10, &status.filters))
		status.filters = read_field(text, "Seccomp", 10, &seccomp) && seccomp == 2;
	*ret_status = status;
	return 0;
}

/* ------------------------------------------------------------------- limits */

static const struct {
	const char *name;
	int resource;
} limit_names[] = {
	{"Max cpu time", RLIMIT_CPU},
	{"Max file size", RLIMIT_FSIZE},
	{"Max data size", RLIMIT_DATA},
	{"Max stack size", RLIMIT_STACK},
	{"Max core file size", RLIMIT_CORE},
	{"Max resident set", RLIMIT_RSS},
	{"Max processes", RLIMIT_NPROC},
	{"Max open files", RLIMIT_NOFILE},
	{"Max locked memory", RLIMIT_MEMLOCK},
	{"Max address space", RLIMIT_AS},
	{"Max file locks", RLIMIT_LOCKS},
	{"Max pending signals", RLIMIT_SIGPENDING},
	{"Max msgqueue size", RLIMIT_MSGQUEUE},
	{"Max nice priority", RLIMIT_NICE},
	{"Max realtime priority", RLIMIT_RTPRIO},
	{"Max realtime timeout", RLIMIT_RTTIME},
};

static bool read_limit(const char **at, uint64_t *ret_value)
{
	char *end;

	*at += strspn(*at, " ");
	if (strncmp(*at, "unlimited", 9) == 0) {
		*ret_value = UINT64_MAX;
		*at += 9;
		return true;
	}
	*ret_value = strtoull(*at, &end, 10);
	if (end == *at)
		return false;
	*at = end;
	return true;
}

size_t ct__parse_limits(const char *text, struct ct__proc_limit *ret_limits, size_t room)
{
	size_t count = 0;

	for (const char *line = text; line && *line && count < room;) {
		for (size_t i = 0; i < sizeof(limit_names) / sizeof(limit_names[0]); i++) {
			struct ct__proc_limit limit = {.resource = limit_names[i].resource};
			size_t length = strlen(limit_names[i].name);
			const char *at = line + length;

			if (strncmp(line, limit_names[i].name, length) == 0 && *at == ' ' &&
				read_limit(&at, &limit.soft) && read_limit(&at, &limit.hard))
				ret_limits[count++] = limit;
		}
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	return count;
}

/* ------------------------------------------------------------------ id maps */

int ct__parse_id_map(const char *text, ct__array *ret_map)
{
	while (*text) {
		struct ct__id_range range;
		int used = 0;

		if (sscanf(text, " %u %u %u%n", &range.inside, &range.outside, &range.count, &used) !=
				3 ||
			text[used] != '\n') {
			ct__array_done(ret_map);
			return -EINVAL;
		}
		if (ct__array_add(ret_map, &range, sizeof(range)) < 0) {
			ct__array_done(ret_map);
			return -ENOMEM;
		}
		text += used + 1;
	}
	return 0;
}

bool ct__id_inside(const ct__array *map, uint32_t outside, uint32_t *ret_inside)
{
	ct__array_for_each(const struct ct__id_range, range, map) {
		if (outside < range->outside || outside - range->outside >= range->count)
			continue;
		*ret_inside = range->inside + (outside - range->outside);
		return true;
	}
	return false;
}

/* ------------------------------------------------------------------ cgroups */

int ct__parse_cgroup_line(char *line, struct ct__cgroup_line *ret_line)
{
	char *controllers = strchr(line, ':');
	char *path = controllers ? strchr(controllers + 1, ':') : NULL;

	if (!path || path[1] != '/')
		return -EINVAL;
	*path = '\0';
	ret_line->controllers = controllers + 1;
	ret_line->path = path + 1;
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* The hierarchies of cgroups; see hierarchy.h. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroup/hierarchy.h"
#include "sys/openat2.h"
#include "sys/procfs.h"
#include "util/fd.h"
#include "util/proc_text.h"

/* cgroups(7). In v2 the figures of cpuacct are told by every cgroup, and the freezer is a part of it. */
const struct ct__controller_name ct__controllers[CONTROLLER_COUNT] = {
	[CONTROLLER_MEMORY] = {"memory", "memory"},
	[CONTROLLER_CPU] = {"cpu", "cpu"},
	[CONTROLLER_CPUACCT] = {NULL, "cpuacct"},
	[CONTROLLER_CPUSET] = {"cpuset", "cpuset"},
	[CONTROLLER_PIDS] = {"pids", "pids"},
	[CONTROLLER_IO] = {"io", "blkio"},
	[CONTROLLER_FREEZER] = {NULL, "freezer"},
	[CONTROLLER_HUGETLB] = {"hugetlb", "hugetlb"},
	[CONTROLLER_DEVICES] = {NULL, "devices"},
};

uint32_t ct__controllers_in(const char *list, bool unified)
{
	uint32_t set = 0;

	while (*list) {
		size_t length = strcspn(list, ", \n");

		for (unsigned int i = 0; i < CONTROLLER_COUNT; i++) {
			const char *name = unified ? ct__controllers[i].v2 : ct__controllers[i].v1;

			if (name && strlen(name) == length && memcmp(name, list, length) == 0)
				set |= 1u << i;
		}
		list += length + (list[length] != '\0');
	}
	return set;
}

/* The lines of a text, each ended by NUL in place: array of char *. */
static int split_lines(char *text, ct__array *ret_lines)
{
	while (*text) {
		char *end = strchr(text, '\n');

		if (end)
			*end = '\0';
		if (ct__array_add(ret_lines, &text, sizeof(text)) < 0)
			return -ENOMEM;
		if (!end)
			break;
		text = end + 1;
	}
	return 0;
}

int ct__cgroup_read_lines(int dir, const char *name, char **ret_text, ct__array *ret_lines)
{
	int ret = ct__procfs_read_all(dir, name, ret_text);

	return ret < 0 ? ret : split_lines(*ret_text, ret_lines);
}

int ct__hierarchies_read(int proc, struct ct__hierarchies *ret_all)
{
	struct ct__hierarchies all = {0};
	int ret = ct__cgroup_read_lines(proc, "thread-self/cgroup", &all.text[0], &all.own);

	if (ret >= 0)
		ret = ct__cgroup_read_lines(
			proc, "thread-self/mountinfo", &all.text[1], &all.mounts);
	if (ret < 0)
		ct__hierarchies_done(&all);
	else
		*ret_all = all;
	return ret;
}

void ct__hierarchies_done(struct ct__hierarchies *all)
{
	ct__array_done(&all->own);
	ct__array_done(&all->mounts);
	free(all->text[0]);
	free(all->text[1]);
	*all = (struct ct__hierarchies){0};
}

/* A v1 hierarchy is mounted with its controllers among the options, in any order. */
static bool has_controllers(const char *options, const char *controllers)
{
	char list[256], *rest = list, *name;

	snprintf(list, sizeof(list), "%s", controllers);
	while ((name = strsep(&rest, ",")) != NULL) {
		const char *equals = strchr(name, '=');
		char value[128];

		if (equals) { /* name=systemd */
			char key[16];

			snprintf(key, sizeof(key), "%.*s", (int)(equals - name), name);
			if (!ct__mount_option(options, key, value, sizeof(value)) ||
				strcmp(value, equals + 1) != 0)
				return false;
		} else if (!ct__mount_option(options, name, value, sizeof(value))) {
			return false;
		}
	}
	return true;
}

/*
 * Where the cgroup of this path is below a mount, of which the root field tells what part
 * of the hierarchy it shows; NULL: it is not below.
 */
static const char *below_mount(const char *path, const char *root)
{
	size_t length = strlen(root);

	if (strcmp(root, "/") == 0)
		return path;
	if (strncmp(path, root, length) != 0 || (path[length] && path[length] != '/'))
		return NULL;
	return path + length;
}

int ct__cgroup_open(
	const ct__array *mounts, const struct ct__cgroup_line *line, const char *file, int flags)
{
	int ret = -ENOENT;

	ct__array_for_each(char *, text, mounts)
	{
		CT__AUTO_CLOSE int top = -EBADF;
		CT__AUTO_FREE char *copy = strdup(*text), *path = NULL;
		struct ct__mount_line mount;
		const char *below;

		if (!copy)
			return -ENOMEM;
		if (ct__parse_mount_line(copy, &mount) < 0)
			continue;
		if (*line->controllers ? strcmp(mount.type, "cgroup") != 0 ||
						 !has_controllers(mount.options, line->controllers)
				       : strcmp(mount.type, "cgroup2") != 0)
			continue;
		below = below_mount(line->path, mount.root);
		if (!below || strstr(below, "/..")) /* outside of what our cgroup namespace shows */
			continue;
		if (asprintf(&path, ".%s/%s", below, file) < 0)
			return -ENOMEM;
		top = ct__openat(AT_FDCWD, mount.point, O_PATH | O_DIRECTORY, 0);
		ret = top < 0 ? top
			      : ct__openat2(top, path, flags, 0, RESOLVE_BENEATH | RESOLVE_NO_XDEV);
		if (ret >= 0)
			return ret;
	}
	return ret;
}

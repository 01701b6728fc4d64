/* SPDX-License-Identifier: MIT */
/*
 * The cgroup that a caller names by linux.cgroupsPath. It is made in each hierarchy; that of the
 * container, which the library makes, is below it. Where none is named that of the container is below
 * ct-oci's own, in v2 beside it, which is what the library does by itself and what runc does.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "state.h"

#define CGROUPS "/sys/fs/cgroup"

static bool is_kind(const char *path, unsigned long magic)
{
	struct statfs about;

	return statfs(path, &about) == 0 && (unsigned long)about.f_type == magic;
}

/* Calls with the path of each hierarchy's root. */
static void each_hierarchy(void (*use)(const char *base, const char *path), const char *path)
{
	char base[PATH_MAX];
	DIR *directory;
	struct dirent *entry;

	if (is_kind(CGROUPS, CGROUP2_SUPER_MAGIC)) {
		use(CGROUPS, path);
		return;
	}
	directory = opendir(CGROUPS);
	while (directory && (entry = readdir(directory))) {
		snprintf(base, sizeof(base), "%s/%s", CGROUPS, entry->d_name);
		/* "cpu" may be a link to "cpu,cpuacct". */
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.' &&
			(is_kind(base, CGROUP_SUPER_MAGIC) || is_kind(base, CGROUP2_SUPER_MAGIC)))
			use(base, path);
	}
	if (directory)
		closedir(directory);
}

static void copy_file(const char *from, const char *to, const char *name)
{
	char path[PATH_MAX], *text;
	size_t size;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", from, name);
	text = read_whole(AT_FDCWD, path, &size);
	snprintf(path, sizeof(path), "%s/%s", to, name);
	fd = text ? open(path, O_WRONLY | O_CLOEXEC) : -1;
	if (fd >= 0 && write(fd, text, size) < 0)
		errno = 0; /* what it has then is as good */
	if (fd >= 0)
		close(fd);
	free(text);
}

/* v2: passes on what there is. One at a time, for one that is refused refuses them all. */
static void pass_on(const char *group)
{
	char path[PATH_MAX], *text, *rest, *name;
	size_t size;
	int fd;

	snprintf(path, sizeof(path), "%s/cgroup.controllers", group);
	text = read_whole(AT_FDCWD, path, &size);
	snprintf(path, sizeof(path), "%s/cgroup.subtree_control", group);
	fd = text ? open(path, O_WRONLY | O_CLOEXEC) : -1;
	for (name = text ? strtok_r(text, " \n", &rest) : NULL; name; name = strtok_r(NULL, " \n", &rest)) {
		char word[64];
		int length = snprintf(word, sizeof(word), "+%s", name);

		if (fd >= 0 && write(fd, word, (size_t)length) < 0)
			errno = 0; /* the limit that needs it says so */
	}
	if (fd >= 0)
		close(fd);
	free(text);
}

static void make(const char *base, const char *path)
{
	bool unified = is_kind(base, CGROUP2_SUPER_MAGIC);
	char group[PATH_MAX], above[PATH_MAX];
	const char *at = path;

	snprintf(above, sizeof(above), "%s", base);
	while (*at) {
		size_t length = strcspn(at + 1, "/") + 1;

		if (unified)
			pass_on(above);
		if (snprintf(group, sizeof(group), "%s%.*s", above, (int)length, at) >= (int)sizeof(group))
			return;
		if (mkdir(group, 0755) == 0 && !unified) {
			copy_file(above, group, "cpuset.cpus");
			copy_file(above, group, "cpuset.mems");
		}
		strcpy(above, group);
		at += length;
	}
	if (unified)
		pass_on(above);
}

static void unmake(const char *base, const char *path)
{
	char group[PATH_MAX];

	snprintf(group, sizeof(group), "%s%s", base, path);
	rmdir(group);
}

/* What the configuration names; NULL: nothing, or the root of all. */
static const char *given_path(const struct box *box)
{
	const char *given = json_string_value(
		json_object_get(json_object_get(box->config, "linux"), "cgroupsPath"));

	return given && given[strspn(given, "/")] ? given : NULL;
}

/* "/a/b", without "..", from "/a//b/"; NULL: none is said, or none can be made. */
static char *path_of(const struct box *box)
{
	const char *given = given_path(box);
	char *path = given ? calloc(1, strlen(given) + 2) : NULL;
	size_t used = 0;

	while (path && *given) {
		size_t length = strcspn(given, "/");

		if (length) {
			path[used++] = '/';
			memcpy(path + used, given, length);
			used += length;
		}
		given += length + (given[length] == '/');
	}
	if (path && (strstr(path, "/../") || (used > 2 && !strcmp(path + used - 3, "/..")))) {
		free(path);
		path = NULL;
	}
	return path;
}

/* Whether a line of /proc/PID/cgroup is of a hierarchy where the container has a cgroup of that name. */
static bool is_of(const char *line, const char *name)
{
	const char *slash = strrchr(line, '/');

	return slash && strcmp(slash + 1, name) == 0;
}

/* The directory of such a line, "4:memory:/a/b" or "0::/a/b", if it is there. */
static json_t *directory_of(const char *line)
{
	const char *kind = strchr(line, ':'), *path = kind ? strchr(kind + 1, ':') : NULL;
	char base[PATH_MAX], directory[PATH_MAX];

	if (!path)
		return NULL;
	if (path > kind + 1)
		snprintf(base, sizeof(base), "%s/%.*s", CGROUPS, (int)(path - kind - 1), kind + 1);
	else
		snprintf(base, sizeof(base), "%s%s", CGROUPS,
			is_kind(CGROUPS, CGROUP2_SUPER_MAGIC) ? "" : "/unified");
	if (snprintf(directory, sizeof(directory), "%s%s", base, path + 1) >= (int)sizeof(directory) ||
		access(directory, F_OK) < 0)
		return NULL;
	return json_string(directory);
}

json_t *find_cgroups(pid_t pid, const char *cgroup)
{
	const char *name = cgroup ? strrchr(cgroup, '/') : NULL;
	json_t *found = json_array();
	char path[64], *text, *line, *rest;
	size_t size;

	snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
	text = name ? read_whole(AT_FDCWD, path, &size) : NULL;
	for (line = text ? strtok_r(text, "\n", &rest) : NULL; line; line = strtok_r(NULL, "\n", &rest))
		if (is_of(line, name + 1)) {
			json_t *directory = directory_of(line);

			if (directory)
				json_array_append_new(found, directory);
		}
	free(text);
	return found;
}

/* The processors of a cgroup of v1, or of ct-oci's own where path is NULL; "": it is not known. */
static void processors_of(const char *path, char list[128])
{
	char name[PATH_MAX + 32];
	const char *line;
	char *own, *text;
	size_t size;

	list[0] = '\0';
	own = path ? NULL : read_whole(AT_FDCWD, "/proc/self/cgroup", &size);
	line = own ? strstr(own, ":cpuset:") : NULL;
	if (line)
		path = line + strlen(":cpuset:");
	snprintf(name, sizeof(name), CGROUPS "/cpuset%.*s/cpuset.cpus", path ? (int)strcspn(path, "\n") : 0,
		path ? path : "");
	text = path ? read_whole(AT_FDCWD, name, &size) : NULL;
	if (text && strcspn(text, "\n") < 128)
		snprintf(list, 128, "%.*s", (int)strcspn(text, "\n"), text);
	free(own);
	free(text);
}

/*
 * In v1 the container is in a hierarchy only if something is set there; update may want to
 * change its processors later. It begins with those of its parent, as it would have without.
 */
static int be_in_cpuset(const struct box *box, ct_spec *spec, const char *path)
{
	json_t *resources = json_object_get(json_object_get(box->config, "linux"), "resources");
	char list[128];

	if (globals.rootless || !is_kind(CGROUPS "/cpuset", CGROUP_SUPER_MAGIC) ||
		json_object_get(json_object_get(resources, "cpu"), "cpus"))
		return 0;
	processors_of(path, list);
	return list[0] ? ct_spec_set_cpus(spec, list) : 0;
}

int make_cgroups(struct box *box, ct_spec *spec)
{
	json_t *resources = json_object_get(json_object_get(box->config, "linux"), "resources");
	char *path = globals.rootless ? NULL : path_of(box);
	int ret = ct_spec_set_cgroup(spec, 1);

	if (!path && !globals.rootless && given_path(box))
		return complain("/linux/cgroupsPath: it has a \"..\"");
	if (path) {
		each_hierarchy(make, path);
		ret = ct_spec_set_cgroup_parent(spec, path);
	}
	if (ret == 0)
		ret = be_in_cpuset(box, spec, path);
	free(path);
	/* A user has no cgroup as a rule, and no device that could be forbidden. */
	if (ret == 0 && globals.rootless && !json_object_get(resources, "memory") &&
		!json_object_get(resources, "cpu") && !json_object_get(resources, "pids"))
		ret = ct_spec_allow_lack(spec, CT_LACK(CT_ITEM_CGROUP));
	return ret < 0 ? complain("/linux/cgroupsPath: it cannot be used") : 0;
}

void remove_cgroups(struct box *box)
{
	char *path = globals.rootless ? NULL : path_of(box);
	json_t *directory;
	size_t i;

	json_array_foreach(box->cgroups, i, directory)
		rmdir(json_string_value(directory));
	if (path)
		each_hierarchy(unmake, path);
	free(path);
}

static bool says(const char *directory, const char *file, const char *words)
{
	char path[PATH_MAX], *text;
	size_t size;
	bool ret;

	snprintf(path, sizeof(path), "%s/%s", directory, file);
	text = read_whole(AT_FDCWD, path, &size);
	ret = text && strstr(text, words);
	free(text);
	return ret;
}

bool is_frozen(const struct box *box)
{
	json_t *directory;
	size_t i;

	json_array_foreach(box->cgroups, i, directory) {
		const char *path = json_string_value(directory);

		if (path && (says(path, "cgroup.events", "frozen 1") || says(path, "freezer.state", "FROZEN")))
			return true;
	}
	return false;
}

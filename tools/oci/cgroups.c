/* SPDX-License-Identifier: MIT */
/*
 * The cgroup that a caller names by linux.cgroupsPath. It is made in each hierarchy; that of the
 * container, which the library makes, is below it.
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

/* "/a/b", without "..", from "/a//b/"; that of the name where none is said. NULL: none can be made. */
static char *path_of(const struct box *box)
{
	const char *said = json_string_value(
		json_object_get(json_object_get(box->config, "linux"), "cgroupsPath"));
	const char *given = said && said[0] ? said : box->id;
	char *path = calloc(1, strlen(given) + 2);
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
	if (path && (!used || strstr(path, "/../") || (used > 2 && !strcmp(path + used - 3, "/..")))) {
		free(path);
		path = NULL;
	}
	return path;
}

int make_cgroups(struct box *box, ct_spec *spec)
{
	json_t *resources = json_object_get(json_object_get(box->config, "linux"), "resources");
	char *path = globals.rootless ? NULL : path_of(box);
	int ret = ct_spec_set_cgroup(spec, 1);

	if (path) {
		each_hierarchy(make, path);
		ret = ct_spec_set_cgroup_parent(spec, path);
		free(path);
	}
	/* A user has no cgroup as a rule, and no device that could be forbidden. */
	if (ret == 0 && globals.rootless && !json_object_get(resources, "memory") &&
		!json_object_get(resources, "cpu") && !json_object_get(resources, "pids"))
		ret = ct_spec_allow_lack(spec, CT_LACK(CT_ITEM_CGROUP));
	return ret < 0 ? complain("/linux/cgroupsPath: it cannot be used") : 0;
}

void remove_cgroups(struct box *box)
{
	char *path = globals.rootless ? NULL : path_of(box);

	if (box->cgroup)
		each_hierarchy(unmake, box->cgroup);
	if (path)
		each_hierarchy(unmake, path);
	free(path);
}

static bool found;

static void look(const char *base, const char *path)
{
	static const char *const files[][2] = {
		{"cgroup.events", "frozen 1"}, {"freezer.state", "FROZEN"}};
	char name[PATH_MAX], *text;
	size_t size;

	for (size_t i = 0; i < 2; i++) {
		snprintf(name, sizeof(name), "%s%s/%s", base, path, files[i][0]);
		text = read_whole(AT_FDCWD, name, &size);
		if (text && strstr(text, files[i][1]))
			found = true;
		free(text);
	}
}

bool is_frozen(const char *cgroup)
{
	found = false;
	if (cgroup)
		each_hierarchy(look, cgroup);
	return found;
}

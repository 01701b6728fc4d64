/* SPDX-License-Identifier: MIT */
/* Facts about cgroups: which layout, which controllers, and what the caller may do there. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroup/hierarchy.h"
#include "probe.h"
#include "sys/openat2.h"
#include "sys/procfs.h"
#include "util/fd.h"
#include "util/proc_text.h"

static int read_hierarchies(struct ct__hierarchies *ret_all)
{
	CT__AUTO_CLOSE int proc = ct__procfs_open();

	return proc < 0 ? proc : ct__hierarchies_read(proc, ret_all);
}

static unsigned int count_mounts(const struct ct__hierarchies *all, const char *type)
{
	unsigned int count = 0;

	ct__array_for_each(char *, line, &all->mounts) {
		CT__AUTO_FREE char *copy = strdup(*line);
		struct ct__mount_line mount;

		if (copy && ct__parse_mount_line(copy, &mount) == 0)
			count += strcmp(mount.type, type) == 0;
	}
	return count;
}

/* A file of the caller's own cgroup of v2, "." for its directory: a descriptor or a negative errno. */
static int open_own(const struct ct__hierarchies *all, const char *file, int flags)
{
	ct__array_for_each(char *, text, &all->own) {
		CT__AUTO_FREE char *copy = strdup(*text);
		struct ct__cgroup_line line;

		if (!copy)
			return -ENOMEM;
		if (ct__parse_cgroup_line(copy, &line) == 0 && !*line.controllers)
			return ct__cgroup_open(&all->mounts, &line, file, flags);
	}
	return -ENOENT;
}

ct_probe_state ct__check_cgroup_version(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	struct ct__hierarchies all;
	int ret = read_hierarchies(&all);
	struct ct__why why;
	bool v1, v2;

	(void)look, (void)row;
	if (ret < 0)
		return ct__unknown(
			info, "the cgroups in /proc cannot be read: %s", strerrordesc_np(-ret));
	v1 = count_mounts(&all, "cgroup") != 0;
	v2 = count_mounts(&all, "cgroup2") != 0;
	ct__hierarchies_done(&all);
	if (v1 || v2)
		return ct__works_with(info, "%s", v1 && v2 ? "hybrid" : v1 ? "v1" : "v2");
	if (ct__why_no_cgroups(&why))
		return ct__lacks(info, &why);
	return ct__unknown(info, "mounts come and go");
}

/* Appends a list, in which names stand between commas or blanks, with blanks. */
static void append_names(char *text, size_t size, const char *list)
{
	CT__AUTO_FREE char *copy = strdup(list);
	char *rest = copy, *name;

	while (copy && (name = strsep(&rest, ", \n")) != NULL) {
		size_t used = strlen(text);

		if (*name && !strchr(name, '=')) /* name=systemd is no controller */
			snprintf(text + used, size - used, "%s%s", used ? " " : "", name);
	}
}

/* Those of v2 stand in a file of the cgroup, those of v1 in front of its lines. */
static void list_controllers(const struct ct__hierarchies *all, char *ret_text, size_t size)
{
	CT__AUTO_CLOSE int file = open_own(all, "cgroup.controllers", O_RDONLY);
	char list[256];
	ssize_t count = file < 0 ? -1 : read(file, list, sizeof(list) - 1);

	*ret_text = '\0';
	list[count > 0 ? count : 0] = '\0';
	append_names(ret_text, size, list);
	ct__array_for_each(char *, text, &all->own) {
		CT__AUTO_FREE char *copy = strdup(*text);
		struct ct__cgroup_line line;

		if (copy && ct__parse_cgroup_line(copy, &line) == 0)
			append_names(ret_text, size, line.controllers);
	}
}

ct_probe_state ct__check_cgroup_controllers(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	char text[sizeof(info->value)];
	struct ct__hierarchies all;
	int ret = read_hierarchies(&all);

	(void)look, (void)row;
	if (ret < 0)
		return ct__unknown(
			info, "the cgroups in /proc cannot be read: %s", strerrordesc_np(-ret));
	list_controllers(&all, text, sizeof(text));
	ct__hierarchies_done(&all);
	if (*text)
		return ct__works_with(info, "%s", text);
	return ct__lacks_because(info,
		"enable them in cgroup.subtree_control of each cgroup above (systemd: Delegate=yes)",
		"the caller's cgroup has no controllers");
}

/* The directory of the caller's own cgroup of v2, open, and its path. */
static int open_own_directory(char *ret_path, size_t size)
{
	struct ct__hierarchies all;
	char link[64];
	ssize_t length;
	int dir, ret = read_hierarchies(&all);

	if (ret < 0)
		return ret;
	dir = open_own(&all, ".", O_RDONLY | O_DIRECTORY);
	ct__hierarchies_done(&all);
	snprintf(link, sizeof(link), "/proc/thread-self/fd/%d", dir);
	length = dir < 0 ? -1 : readlink(link, ret_path, size - 1);
	ret_path[length > 0 ? length : 0] = '\0';
	return dir;
}

ct_probe_state ct__check_cgroup_delegation(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	static const char *const files[] = {".", "cgroup.procs", "cgroup.subtree_control"};
	char path[PATH_MAX];
	CT__AUTO_CLOSE int dir = open_own_directory(path, sizeof(path));

	(void)row;
	if (ct__is_exhausted(look, dir))
		return CT_PROBE_UNKNOWN;
	if (dir == -ENOENT)
		return ct__lacks_because(info, "mount it: mount -t cgroup2 cgroup2 /sys/fs/cgroup",
			"no mount of cgroup v2 shows the caller's cgroup, and v1 has no delegation");
	if (dir < 0)
		return ct__unknown(
			info, "the caller's cgroup cannot be opened: %s", strerrordesc_np(-dir));
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (faccessat(dir, files[i], W_OK, AT_EACCESS) < 0)
			return ct__lacks_because(info,
				"start it in a cgroup of its own: systemd-run --user --scope -p Delegate=yes PROGRAM; or run as root",
				"the caller may not write to %s of %.128s: %s",
				i ? files[i] : "the directory", path, strerrordesc_np(errno));
	return ct__works_with(info, "%s", path);
}

/* cgroup.kill is in every cgroup but the root: in the caller's, or in one below the root. */
static bool find_kill(int own, bool *ret_any)
{
	bool found = faccessat(own, "cgroup.kill", F_OK, 0) == 0;
	struct dirent *entry;
	DIR *dir;

	*ret_any = found || faccessat(own, "cgroup.type", F_OK, 0) == 0;
	if (*ret_any)
		return found;
	dir = fdopendir(ct__openat(own, ".", O_RDONLY | O_DIRECTORY, 0));
	while (dir && !*ret_any && (entry = readdir(dir)) != NULL) {
		char path[sizeof(entry->d_name) + sizeof("/cgroup.kill")];

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		*ret_any = true;
		snprintf(path, sizeof(path), "%s/cgroup.kill", entry->d_name);
		found = faccessat(own, path, F_OK, 0) == 0;
	}
	if (dir)
		closedir(dir);
	return found;
}

ct_probe_state ct__check_cgroup_kill(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	char path[PATH_MAX];
	CT__AUTO_CLOSE int own = open_own_directory(path, sizeof(path));
	bool any = false;

	(void)row;
	if (ct__is_exhausted(look, own))
		return CT_PROBE_UNKNOWN;
	if (own < 0)
		return ct__unknown(info, "there is no cgroup v2 to look for it in");
	if (find_kill(own, &any))
		return ct__works(info);
	if (any)
		return ct__lacks_because(
			info, "use Linux 5.14 or later", "cgroups here have no cgroup.kill");
	return ct__unknown(
		info, "the root cgroup has none, and there is no other to look for it in");
}

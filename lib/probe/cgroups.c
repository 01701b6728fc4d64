/* SPDX-License-Identifier: MIT */
/* Facts about cgroups: which layout, which controllers, and what the caller may do there. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "probe.h"
#include "sys/procfs.h"
#include "util/fd.h"
#include "util/proc_status.h"
#include "util/proc_text.h"

/* What is mounted of the two versions. */
struct layout {
	char v2[256]; /* mount point; "": none */
	unsigned int v1_count;
	char v1_controllers[128];
};

/* "rw,cpu,cpuacct" of a v1 hierarchy: its controllers are among the options. */
static void add_controllers(struct layout *layout, const char *options)
{
	static const char *const names[] = {"cpuset", "cpu", "cpuacct", "blkio", "memory",
		"devices", "freezer", "net_cls", "perf_event", "net_prio", "hugetlb", "pids",
		"rdma", "misc"};
	char value[16];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t used = strlen(layout->v1_controllers);

		if (ct__mount_option(options, names[i], value, sizeof(value)))
			snprintf(layout->v1_controllers + used,
				sizeof(layout->v1_controllers) - used, "%s%s", used ? " " : "",
				names[i]);
	}
}

static int find_layout(struct layout *ret_layout)
{
	CT__AUTO_FREE char *text = NULL;
	int ret = ct__procfs_read_all(AT_FDCWD, "/proc/thread-self/mountinfo", &text);
	char *rest = text, *line;

	*ret_layout = (struct layout){0};
	while (ret == 0 && (line = strsep(&rest, "\n")) != NULL) {
		struct ct__mount_line mount;

		if (ct__parse_mount_line(line, &mount) < 0)
			continue;
		if (strcmp(mount.type, "cgroup2") == 0 && !*ret_layout->v2)
			snprintf(ret_layout->v2, sizeof(ret_layout->v2), "%s", mount.point);
		if (strcmp(mount.type, "cgroup") != 0)
			continue;
		ret_layout->v1_count++;
		add_controllers(ret_layout, mount.options);
	}
	return ret;
}

/* The directory of the caller's own v2 cgroup. 0 or a negative errno. */
static int find_own(const struct layout *layout, char *ret_path, size_t size)
{
	CT__AUTO_FREE char *text = NULL;
	int ret = ct__procfs_read_all(AT_FDCWD, "/proc/thread-self/cgroup", &text);
	char *rest = text, *line;

	while (ret == 0 && (line = strsep(&rest, "\n")) != NULL) {
		struct ct__cgroup_line cgroup;

		if (ct__parse_cgroup_line(line, &cgroup) < 0 || *cgroup.controllers)
			continue;
		snprintf(ret_path, size, "%s%s", layout->v2,
			strcmp(cgroup.path, "/") == 0 ? "" : cgroup.path);
		return 0;
	}
	return ret < 0 ? ret : -ENOENT;
}

ct_probe_state ct__check_cgroup_version(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	struct layout layout;
	int ret = find_layout(&layout);

	(void)look, (void)row;
	if (ret < 0)
		return ct__unknown(info, "/proc/thread-self/mountinfo: %s", strerrordesc_np(-ret));
	else if (*layout.v2)
		return ct__works_with(info, "%s", layout.v1_count ? "hybrid" : "v2");
	else if (layout.v1_count)
		return ct__works_with(info, "v1");
	else
		return ct__lacks_because(info, "mount it: mount -t cgroup2 cgroup2 /sys/fs/cgroup",
			"no cgroup filesystem is mounted");
}

ct_probe_state ct__check_cgroup_controllers(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	char own[384], path[512], text[sizeof(info->value)] = "";
	struct layout layout;
	ssize_t size = -ENOENT;

	(void)look, (void)row;
	if (find_layout(&layout) < 0)
		return ct__unknown(info, "/proc/thread-self/mountinfo cannot be read");
	if (*layout.v2 && find_own(&layout, own, sizeof(own)) == 0) {
		snprintf(path, sizeof(path), "%s/cgroup.controllers", own);
		size = ct__procfs_read(AT_FDCWD, path, text, sizeof(text) - 1);
	}
	text[size > 0 ? strcspn(text, "\n") : 0] = '\0';
	if (*text || *layout.v1_controllers)
		return ct__works_with(info, "%s%s%s", text,
			*text && *layout.v1_controllers ? " " : "", layout.v1_controllers);
	else
		return ct__lacks_because(info,
			"enable them in cgroup.subtree_control of each cgroup above (systemd: Delegate=yes)",
			"the caller's cgroup has no controllers");
}

ct_probe_state ct__check_cgroup_delegation(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	static const char *const files[] = {"", "/cgroup.procs", "/cgroup.subtree_control"};
	char own[384], path[512];
	struct layout layout;

	(void)look, (void)row;
	if (find_layout(&layout) < 0)
		return ct__unknown(info, "/proc/thread-self/mountinfo cannot be read");
	if (!*layout.v2)
		return ct__lacks_because(info, "mount it: mount -t cgroup2 cgroup2 /sys/fs/cgroup",
			"no cgroup v2 is mounted, and v1 has no delegation");
	if (find_own(&layout, own, sizeof(own)) < 0)
		return ct__unknown(
			info, "/proc/thread-self/cgroup does not name the caller's cgroup");
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", own, files[i]);
		if (faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) < 0)
			return ct__lacks_because(info,
				"start it in a cgroup of its own: systemd-run --user --scope -p Delegate=yes PROGRAM; or run as root",
				"the caller may not write to %s: %s", path, strerrordesc_np(errno));
	}
	return ct__works_with(info, "%s", own);
}

/* cgroup.kill is in every cgroup but the root: in the caller's, or in one below the root. */
static bool find_kill(const char *own, bool *ret_any)
{
	char path[768];
	struct dirent *entry;
	bool found;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/cgroup.type", own);
	*ret_any = access(path, F_OK) == 0;
	snprintf(path, sizeof(path), "%s/cgroup.kill", own);
	found = access(path, F_OK) == 0;
	dir = found || *ret_any ? NULL : opendir(own);
	while (dir && !*ret_any && (entry = readdir(dir)) != NULL) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		*ret_any = true;
		snprintf(path, sizeof(path), "%s/%s/cgroup.kill", own, entry->d_name);
		found = access(path, F_OK) == 0;
	}
	if (dir)
		closedir(dir);
	*ret_any |= found;
	return found;
}

ct_probe_state ct__check_cgroup_kill(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	struct layout layout;
	char own[384];
	bool any, found;

	(void)look, (void)row;
	if (find_layout(&layout) < 0 || !*layout.v2 || find_own(&layout, own, sizeof(own)) < 0)
		return ct__unknown(info, "there is no cgroup v2 to look for it in");
	found = find_kill(own, &any);
	if (found)
		return ct__works(info);
	else if (any)
		return ct__lacks_because(
			info, "use Linux 5.14 or later", "cgroups here have no cgroup.kill");
	else
		return ct__unknown(
			info, "the root cgroup has none, and there is no other to look for it in");
}

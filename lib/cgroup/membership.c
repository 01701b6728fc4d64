/* SPDX-License-Identifier: MIT */
/* In which cgroups a process is, and how to put another one there; see membership.h. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroup/membership.h"
#include "error/error.h"
#include "sys/openat2.h"
#include "sys/procfs.h"
#include "util/fd.h"
#include "util/proc_status.h"
#include "util/proc_text.h"

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

/* A text of /proc as lines; the text is the caller's to free. */
static int read_lines(int dir, const char *name, char **ret_text, ct__array *ret_lines)
{
	int ret = ct__procfs_read_all(dir, name, ret_text);

	return ret < 0 ? ret : split_lines(*ret_text, ret_lines);
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

/* Opens cgroup.procs of the cgroup that a line names, through any mount of its hierarchy. */
static int open_procs(const ct__array *mounts, const struct ct__cgroup_line *line)
{
	int ret = -ENOENT;

	ct__array_for_each(char *, text, mounts) {
		CT__AUTO_CLOSE int top = -EBADF;
		CT__AUTO_FREE char *copy = strdup(*text), *file = NULL;
		struct ct__mount_line mount;
		const char *below;

		if (!copy)
			return -ENOMEM;
		if (ct__parse_mount_line(copy, &mount) < 0)
			continue;
		if (*line->controllers ? strcmp(mount.type, "cgroup") != 0 ||
					!has_controllers(mount.options, line->controllers) :
					 strcmp(mount.type, "cgroup2") != 0)
			continue;
		below = below_mount(line->path, mount.root);
		if (!below || strstr(below, "/..")) /* outside of what our cgroup namespace shows */
			continue;
		if (asprintf(&file, ".%s/cgroup.procs", below) < 0)
			return -ENOMEM;
		top = ct__openat(AT_FDCWD, mount.point, O_PATH | O_DIRECTORY, 0);
		ret = top < 0 ? top : ct__openat2(top, file, O_WRONLY, 0, RESOLVE_BENEATH | RESOLVE_NO_XDEV);
		if (ret >= 0)
			return ret;
	}
	return ret;
}

/* Whether this process is there already. */
static bool is_among(const ct__array *lines, const char *line)
{
	/* The number in front belongs to the hierarchy: the same in both files. */
	ct__array_for_each(char *, own, lines)
		if (strcmp(*own, line) == 0)
			return true;
	return false;
}

static int open_differing(const ct__array *theirs, const ct__array *ours, const ct__array *mounts,
	ct__array *files, ct_error *err)
{
	ct__array_for_each(char *, text, theirs) {
		struct ct__cgroup_line line;
		int fd;

		if (is_among(ours, *text))
			continue;
		if (ct__parse_cgroup_line(*text, &line) < 0)
			continue;
		fd = open_procs(mounts, &line);
		if (fd < 0)
			return ct__fail(err, CT_STEP_CGROUP, fd, "openat2", "%s:%s",
				*line.controllers ? line.controllers : "cgroup2", line.path);
		if (ct__array_add(files, &fd, sizeof(fd)) < 0) {
			close(fd);
			return ct__fail(err, CT_STEP_MEMORY, -ENOMEM, NULL, "cgroups");
		}
	}
	return 0;
}

int ct__cgroup_files(int proc, int process, ct__array *ret_files, ct_error *err)
{
	CT__AUTO_FREE char *their_text = NULL, *own_text = NULL, *mount_text = NULL;
	ct__array theirs = {0}, ours = {0}, mounts = {0}, files = {0};
	int ret = read_lines(process, "cgroup", &their_text, &theirs);

	if (ret >= 0)
		ret = read_lines(proc, "thread-self/cgroup", &own_text, &ours);
	if (ret >= 0)
		ret = read_lines(proc, "thread-self/mountinfo", &mount_text, &mounts);
	if (ret < 0)
		ret = ct__fail(err, CT_STEP_CGROUP, ret, "read", "cgroup");
	else
		ret = open_differing(&theirs, &ours, &mounts, &files, err);
	if (ret < 0)
		ct__cgroup_files_done(&files);
	else
		*ret_files = files;
	ct__array_done(&theirs);
	ct__array_done(&ours);
	ct__array_done(&mounts);
	return ret;
}

int ct__cgroup_enter(int file, pid_t pid)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%d", pid);
	ssize_t written;

	do
		written = write(file, text, (size_t)length);
	while (written < 0 && errno == EINTR);
	return written < 0 ? -errno : 0;
}

void ct__cgroup_files_done(ct__array *files)
{
	ct__array_for_each(int, fd, files)
		ct__close(fd);
	ct__array_done(files);
}

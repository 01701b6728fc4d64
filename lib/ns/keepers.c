/* SPDX-License-Identifier: MIT */
/*
 * What keeps namespaces alive besides their members: bind mounts, and open descriptors.
 * It does not decide which keeper is named; that is done in list.c.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ns.h"
#include "sys/openat2.h"
#include "sys/procfs.h"
#include "util/fd.h"
#include "util/proc_text.h"

/* ------------------------------------------------------------------ mounts */

/* A row for a namespace that is mounted. One mount is kept: the caller's if it has one. */
static int add_mount(
	struct ct__ns_scan *scan, const struct ct__mount_line *line, int root, pid_t pid)
{
	struct ct__ns *row;
	uint32_t kind;
	uint64_t id;
	int index;

	if (ct__parse_ns_name(line->root, &kind, &id) < 0)
		return 0;
	index = ct__ns_row_get(scan, kind, id);
	if (index < 0)
		return index == -ENOENT ? 0 : index;
	row = ct__ns_row(scan, (size_t)index);
	if (!row->mount_path || (pid == 0 && row->mount_pid != 0)) {
		free(row->mount_path);
		row->mount_path = strdup(line->point);
		row->mount_pid = pid;
		if (!row->mount_path)
			return ct__ns_fail(scan, -ENOMEM, "strdup", row->info.name);
	}
	return ct__ns_ask_mount(scan, (size_t)index, root, line->point, pid == 0);
}

/* Cuts the next line off a text. NULL at its end. */
static char *next_line(char **rest)
{
	char *line = *rest, *end = strchr(line, '\n');

	if (!*line)
		return NULL;
	*rest = end ? end + 1 : line + strlen(line);
	if (end)
		*end = '\0';
	return line;
}

/* Mount points are resolved beneath root, as the process that has these mounts would. */
static int add_mounts(struct ct__ns_scan *scan, char *text, int root, pid_t pid)
{
	struct ct__mount_line mount;
	char *line;
	int ret = 0;

	for (line = next_line(&text); line && ret == 0; line = next_line(&text))
		if (strstr(line, " nsfs ") && ct__parse_mount_line(line, &mount) == 0 &&
			strcmp(mount.type, "nsfs") == 0)
			ret = add_mount(scan, &mount, root, pid);
	return ret;
}

/* The id of the mount that /proc is, or 0. */
static uint64_t mount_of(int fd)
{
	struct statx stat;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &stat) < 0 ||
		!(stat.stx_mask & STATX_MNT_ID))
		return 0;
	return stat.stx_mnt_id;
}

/*
 * Whether processes of others may be missing in /proc. Then the first process of its pid
 * namespace, which is always there, is missing as well, unless it is the caller's own.
 */
static bool is_hiding(struct ct__ns_scan *scan, const char *options)
{
	char value[16];
	struct stat stat;

	if (!ct__mount_option(options, "hidepid", value, sizeof(value)))
		return false;
	if (strcmp(value, "2") != 0 && strcmp(value, "invisible") != 0 && strcmp(value, "4") != 0 &&
		strcmp(value, "ptraceable") != 0)
		return false;
	return geteuid() != 0 || fstatat(scan->proc, "1", &stat, 0) < 0;
}

static bool find_hiding(struct ct__ns_scan *scan, char *text)
{
	uint64_t proc = mount_of(scan->proc);
	struct ct__mount_line mount;
	char *line;

	for (line = next_line(&text); line; line = next_line(&text))
		if (strstr(line, "hidepid=") && ct__parse_mount_line(line, &mount) == 0 &&
			mount.id == proc)
			return is_hiding(scan, mount.options);
	return false;
}

int ct__ns_scan_mounts(struct ct__ns_scan *scan)
{
	CT__AUTO_FREE char *text = NULL, *copy = NULL;
	CT__AUTO_CLOSE int root = -EBADF;
	int ret = ct__procfs_read_all(scan->proc, "self/mountinfo", &text);

	if (ret == 0 && strstr(text, "hidepid=")) {
		copy = strdup(text); /* parsing spoils it */
		ret = copy ? 0 : -ENOMEM;
		scan->stats.hidden = copy && find_hiding(scan, copy);
	}
	if (ret == 0 && strstr(text, " nsfs ")) {
		root = ct__openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0);
		if (root >= 0)
			return add_mounts(scan, text, root, 0);
		ret = root;
	}
	return ct__ns_is_fatal(ret) ? ct__ns_fail(scan, ret, "openat", "mountinfo") : 0;
}

static int scan_mounts_of(struct ct__ns_scan *scan, int dir, pid_t pid)
{
	CT__AUTO_FREE char *text = NULL;
	CT__AUTO_CLOSE int root = -EBADF;
	int ret = ct__procfs_read_all(dir, "mountinfo", &text);

	if (ret == 0 && strstr(text, " nsfs ")) {
		root = ct__openat(dir, "root", O_PATH | O_DIRECTORY, 0);
		if (root >= 0)
			return add_mounts(scan, text, root, pid);
		ret = root;
	}
	return ct__ns_is_fatal(ret) ? ct__ns_fail(scan, ret, "openat", "mountinfo") : 0;
}

/* ------------------------------------------------------------- descriptors */

/* A descriptor that may be open on a namespace: its link reads like "net:[4026532000]". */
static int look_at_descriptor(struct ct__ns_scan *scan, int fds, const char *name, pid_t pid)
{
	struct ct__ns *row;
	char text[64];
	ssize_t length = readlinkat(fds, name, text, sizeof(text) - 1);
	uint32_t kind;
	uint64_t id;
	int index;

	if (length < 0)
		return 0;
	text[length] = '\0';
	if (ct__parse_ns_name(text, &kind, &id) < 0)
		return 0;
	index = ct__ns_row_get(scan, kind, id);
	if (index < 0)
		return index == -ENOENT ? 0 : index;
	row = ct__ns_row(scan, (size_t)index);
	if (row->fd < 0) {
		row->fd = atoi(name);
		row->fd_pid = pid;
	}
	return ct__ns_ask_descriptor(scan, (size_t)index, fds, name);
}

static int scan_descriptors(struct ct__ns_scan *scan, int dir, pid_t pid)
{
	int fd = ct__openat(dir, "fd", O_RDONLY | O_DIRECTORY, 0);
	DIR *entries = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int ret = 0;

	if (!entries) {
		ret = fd < 0 ? fd : -errno; /* ENOENT where it has ended meanwhile */
		ct__close(&fd);
		return ct__ns_is_fatal(ret) ? ct__ns_fail(scan, ret, "openat", "fd") : 0;
	}
	for (entry = readdir(entries); entry && ret == 0; entry = readdir(entries))
		if (entry->d_name[0] != '.')
			ret = look_at_descriptor(scan, fd, entry->d_name, pid);
	closedir(entries);
	return ret;
}

int ct__ns_scan_keepers(struct ct__ns_scan *scan, int dir, pid_t pid, uint64_t mnt)
{
	uint32_t unused;
	int ret = 0;

	if (mnt && !ct__map_get(&scan->mnt_seen, mnt, &unused)) {
		if (ct__map_set(&scan->mnt_seen, mnt, 0) < 0)
			return ct__ns_fail(scan, -ENOMEM, "malloc", "mountinfo");
		ret = scan_mounts_of(scan, dir, pid);
	}
	return ret < 0 ? ret : scan_descriptors(scan, dir, pid);
}

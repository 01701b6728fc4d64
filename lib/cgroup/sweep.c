/* SPDX-License-Identifier: MIT */
/*
 * Names of groups, and the removal of those whose host was killed. A name tells the pid
 * namespace, the pid and the start time of the host that made it, so that whoever comes
 * next can tell the groups of the dead from those of the living. Only empty ones go: the
 * kernel refuses to remove any other.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup/group.h"
#include "sys/openat2.h"
#include "sys/procfs.h"
#include "util/fd.h"
#include "util/proc_text.h"

#define MAX_DEPTH 32

/* The start time of a process. 0 or a negative errno; -ENOENT, -ESRCH: there is none. */
static int start_of(int proc, const char *pid, uint64_t *ret_start)
{
	struct ct__proc_stat stat;
	char path[32], text[1024];
	ssize_t length;

	snprintf(path, sizeof(path), "%s/stat", pid);
	length = ct__procfs_read(proc, path, text, sizeof(text));
	if (length < 0)
		return (int)length;
	if (ct__parse_stat(text, (size_t)length, &stat) < 0)
		return -EINVAL;
	*ret_start = stat.start_ticks;
	return 0;
}

/* The inode of our pid namespace. 0 or a negative errno. */
static int pid_ns_of_ours(int proc, uint64_t *ret_ns)
{
	struct stat about;

	if (fstatat(proc, "self/ns/pid", &about, 0) < 0)
		return -errno;
	*ret_ns = about.st_ino;
	return 0;
}

int ct__group_prefix(int proc, char *ret_prefix, size_t size)
{
	uint64_t start = 0, ns = 0;
	int ret = start_of(proc, "self", &start);

	if (ret >= 0)
		ret = pid_ns_of_ours(proc, &ns);
	if (ret < 0)
		return ret;
	snprintf(ret_prefix, size, "ct-%llx-%d-%llu-", (unsigned long long)ns, getpid(),
		(unsigned long long)start);
	return 0;
}

/* Whether a name is that of a group of a host in our pid namespace that is gone. */
static bool is_left_behind(int proc, uint64_t ns, const char *name)
{
	unsigned long long their_ns, start;
	uint64_t now = 0;
	char pid[16];
	int pid_number, end = 0, ret;

	if (sscanf(name, "ct-%llx-%d-%llu-%n", &their_ns, &pid_number, &start, &end) != 3 || !end)
		return false;
	if (their_ns != ns || pid_number <= 0)
		return false;
	snprintf(pid, sizeof(pid), "%d", pid_number);
	/* Only one that is surely gone: what cannot be looked at may live. */
	ret = start_of(proc, pid, &now);
	return ret == -ENOENT || ret == -ESRCH || (ret == 0 && now != start);
}

static int remove_below(int parent, const char *name, int depth)
{
	int fd = ct__openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	struct dirent *entry;
	DIR *dir;

	if (fd < 0)
		return fd;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	while (depth < MAX_DEPTH && (entry = readdir(dir)) != NULL)
		if (entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 &&
			strcmp(entry->d_name, "..") != 0)
			(void)remove_below(dirfd(dir), entry->d_name, depth + 1);
	closedir(dir);
	return unlinkat(parent, name, AT_REMOVEDIR) < 0 ? -errno : 0;
}

int ct__group_remove_tree(int parent, const char *name)
{
	/* As a rule there is nothing below. */
	if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	return remove_below(parent, name, 0);
}

void ct__group_sweep(int proc, int parent)
{
	uint64_t ns = 0; /* that of no name: if ours is not known, nothing is removed */
	int fd = ct__openat(parent, ".", O_RDONLY | O_DIRECTORY, 0);
	struct dirent *entry;
	DIR *dir;

	(void)pid_ns_of_ours(proc, &ns);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		ct__close(&fd);
		return;
	}
	while ((entry = readdir(dir)) != NULL)
		if (is_left_behind(proc, ns, entry->d_name))
			(void)ct__group_remove_tree(parent, entry->d_name);
	closedir(dir);
}

/* SPDX-License-Identifier: MIT */
/* Sentences that hold for some and not for others; see needs.h. */
#include "support/needs.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/cgroup.h"

bool in_first_user_ns(void)
{
	unsigned int inside = 1, outside = 1, count = 0;
	FILE *file = fopen("/proc/self/uid_map", "re");

	/* A kernel without user namespaces has no such file. */
	if (!file)
		return true;
	if (fscanf(file, "%u %u %u", &inside, &outside, &count) != 3)
		count = 0;
	fclose(file);
	return inside == 0 && outside == 0 && count == UINT32_MAX;
}

void skip_for_first_root(const char *sentence, const char *what)
{
	printf("  skipped  %s: root of the first user namespace alone may do it: %s\n", sentence,
		what);
}

void need_first_root(const char *what)
{
	if (in_first_user_ns())
		return;
	printf("SKIP: root of the first user namespace alone may do it: %s\n", what);
	exit(77);
}

void add_for_first_root(TCase *tcase, const TTest *test, const char *what)
{
	if (in_first_user_ns())
		tcase_add_test(tcase, test);
	else
		skip_for_first_root(test->name, what);
}

void add_values_for_first_root(
	TCase *tcase, const TTest *test, int count, uint32_t mask, const char *what)
{
	for (int i = 0; i < count; i++) {
		char name[128];

		snprintf(name, sizeof(name), "%s with value %d", test->name, i);
		if (mask >> i & 1 && !in_first_user_ns())
			skip_for_first_root(name, what);
		else
			tcase_add_loop_test(tcase, test, i, i + 1);
	}
}

/* A user namespace with a map, by a child that is ended again; or -1. */
static int userns_of_child(void)
{
	int fd = -1, ready[2];
	char path[64], byte;
	pid_t child;

	if (pipe2(ready, O_CLOEXEC) < 0)
		return -1;
	child = fork();
	if (child == 0) {
		if (unshare(CLONE_NEWUSER) == 0 && write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	if (child > 0 && read(ready[0], &byte, 1) == 1) {
		for (int i = 0; i < 2; i++) {
			int map;

			snprintf(path, sizeof(path), "/proc/%d/%s", child, i ? "gid_map" : "uid_map");
			map = open(path, O_WRONLY | O_CLOEXEC);
			if (map < 0 || write(map, "0 1 1", 5) != 5)
				fprintf(stderr, "%s: cannot be written\n", path);
			close(map);
		}
		snprintf(path, sizeof(path), "/proc/%d/ns/user", child);
		fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	close(ready[0]);
	if (child > 0) {
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
	return fd;
}

bool can_map_ids(const char *path)
{
	int userns = userns_of_child();
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)userns};
	int tree = (int)syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | O_CLOEXEC);
	bool can = userns >= 0 && tree >= 0 &&
		syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attr, sizeof(attr)) == 0;

	if (userns >= 0)
		close(userns);
	if (tree >= 0)
		close(tree);
	return can;
}

bool can_make_cgroup(void)
{
	const char *cgroup = make_cgroup();

	return cgroup && rmdir(cgroup) == 0;
}

void need_cgroup(void)
{
	if (can_make_cgroup())
		return;
	printf("SKIP: no cgroup can be made here\n");
	exit(77);
}

void add_for_cgroups(TCase *tcase, const TTest *test, int count)
{
	if (can_make_cgroup())
		tcase_add_loop_test(tcase, test, 0, count);
	else
		printf("  skipped  %s: no cgroup can be made here\n", test->name);
}

/* SPDX-License-Identifier: MIT */
/* Cgroups of a test's own; see cgroup.h. */
#include "support/cgroup.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *make_cgroup(void)
{
	static char path[128];
	static const char *const tops[] = {
		"/sys/fs/cgroup/pids", "/sys/fs/cgroup/unified", "/sys/fs/cgroup"};

	for (size_t i = 0; i < sizeof(tops) / sizeof(tops[0]); i++) {
		char procs[160];

		snprintf(path, sizeof(path), "%s/ct-test-%d", tops[i], getpid());
		if (mkdir(path, 0755) < 0)
			continue;
		snprintf(procs, sizeof(procs), "%s/cgroup.procs", path);
		if (access(procs, W_OK) == 0)
			return path;
		rmdir(path);
	}
	return NULL;
}

void move_to_cgroup(const char *cgroup, pid_t pid)
{
	char path[160], text[16];
	int fd;

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	snprintf(text, sizeof(text), "%d", pid);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

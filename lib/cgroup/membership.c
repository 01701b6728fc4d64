/* SPDX-License-Identifier: MIT */
/* In which cgroups a process is, and how to put another one there; see membership.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cgroup/hierarchy.h"
#include "cgroup/membership.h"
#include "error/error.h"
#include "util/fd.h"
#include "util/proc_status.h"

/* Whether this process is there already. */
static bool is_among(const ct__array *lines, const char *line)
{
	/* The number in front belongs to the hierarchy: the same in both files. */
	ct__array_for_each(char *, own, lines) if (strcmp(*own, line) == 0) return true;
	return false;
}

static int open_differing(const ct__array *theirs, const ct__array *ours, const ct__array *mounts,
	ct__array *files, ct_error *err)
{
	ct__array_for_each(char *, text, theirs)
	{
		struct ct__cgroup_line line;
		int fd;

		if (is_among(ours, *text))
			continue;
		if (ct__parse_cgroup_line(*text, &line) < 0)
			continue;
		fd = ct__cgroup_open(mounts, &line, "cgroup.procs", O_WRONLY);
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
	CT__AUTO_FREE char *their_text = NULL;
	ct__array theirs = {0}, files = {0};
	struct ct__hierarchies all = {0};
	int ret = ct__cgroup_read_lines(process, "cgroup", &their_text, &theirs);

	if (ret >= 0)
		ret = ct__hierarchies_read(proc, &all);
	if (ret < 0)
		ret = ct__fail(err, CT_STEP_CGROUP, ret, "read", "cgroup");
	else
		ret = open_differing(&theirs, &all.own, &all.mounts, &files, err);
	if (ret < 0)
		ct__cgroup_files_done(&files);
	else
		*ret_files = files;
	ct__array_done(&theirs);
	ct__hierarchies_done(&all);
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
	ct__array_for_each(int, fd, files) ct__close(fd);
	ct__array_done(files);
}

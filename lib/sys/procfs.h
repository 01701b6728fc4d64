/* SPDX-License-Identifier: MIT */
/*
 * Opening and reading files of /proc. What they say is parsed by util/proc_text.h.
 * Never used for cmdline and environ: their reader waits for the memory of the process,
 * which can be made to never answer (CVE-2018-1120).
 */
#ifndef CT_SYS_PROCFS_H
#define CT_SYS_PROCFS_H

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "sys/openat2.h"
#include "util/fd.h"

/* /proc, fit for reading and for *at(); -ENOENT if something else is there. */
static inline int ct__procfs_open(void)
{
	struct statfs fs;
	int fd = ct__openat(AT_FDCWD, "/proc", O_RDONLY | O_DIRECTORY, 0);
	int ret;

	if (fd < 0)
		return fd;
	ret = fstatfs(fd, &fs) < 0 ? -errno : fs.f_type == PROC_SUPER_MAGIC ? fd : -ENOENT;
	if (ret < 0)
		close(fd);
	return ret;
}

/* The start of a file, at most size bytes and by one read(2): the count or a negative errno. */
static inline ssize_t ct__procfs_read(int dir, const char *name, char *ret_text, size_t size)
{
	int fd = ct__openat(dir, name, O_RDONLY, 0);
	ssize_t count;

	if (fd < 0)
		return fd;
	do
		count = read(fd, ret_text, size);
	while (count < 0 && errno == EINTR);
	if (count < 0)
		count = -errno;
	close(fd);
	return count;
}

/* A whole file, ended by NUL; free() it. 0 or a negative errno. */
static inline int ct__procfs_read_all(int dir, const char *name, char **ret_text)
{
	CT__AUTO_CLOSE int fd = ct__openat(dir, name, O_RDONLY, 0);
	CT__AUTO_FREE char *text = NULL;
	size_t used = 0, room = 0;
	ssize_t count = 1;

	if (fd < 0)
		return fd;
	while (count != 0) {
		if (room - used < 4096) {
			char *grown = realloc(text, room + 16384);

			if (!grown)
				return -ENOMEM;
			text = grown;
			room += 16384;
		}
		count = read(fd, text + used, room - used - 1);
		if (count < 0 && errno != EINTR)
			return -errno;
		used += count > 0 ? (size_t)count : 0;
	}
	text[used] = '\0';
	*ret_text = ct__take(text);
	return 0;
}

#endif

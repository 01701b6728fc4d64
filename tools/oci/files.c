/* SPDX-License-Identifier: MIT */
/* Files that are written whole or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ct-oci.h"

#define SIZE_LIMIT (4u << 20)

int write_whole(int directory, const char *name, const char *text, mode_t mode)
{
	size_t length = strlen(text), used = 0;
	char temporary[4200];
	int fd, ret = 0;

	snprintf(temporary, sizeof(temporary), "%s.%d~", name, (int)getpid());
	fd = openat(directory, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return -errno;
	while (ret == 0 && used < length) {
		ssize_t wrote = write(fd, text + used, length - used);

		if (wrote < 0 && errno != EINTR)
			ret = -errno;
		used += wrote > 0 ? (size_t)wrote : 0;
	}
	close(fd);
	if (ret == 0 && renameat(directory, temporary, directory, name) < 0)
		ret = -errno;
	if (ret < 0)
		unlinkat(directory, temporary, 0);
	return ret;
}

char *read_open(int fd, size_t *ret_size)
{
	char *text = malloc(SIZE_LIMIT + 1);
	size_t used = 0;
	ssize_t got = 1;

	while (text && got != 0 && used < SIZE_LIMIT) {
		got = read(fd, text + used, SIZE_LIMIT - used);
		if (got < 0 && errno != EINTR) {
			free(text);
			text = NULL;
		}
		used += got > 0 ? (size_t)got : 0;
	}
	if (text) {
		text[used] = '\0';
		*ret_size = used;
	}
	return text;
}

char *read_whole(int directory, const char *name, size_t *ret_size)
{
	int fd = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char *text = fd < 0 ? NULL : read_open(fd, ret_size);
	int saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
	return text;
}

int write_pid_file(const char *path, pid_t pid)
{
	char text[32];
	int ret;

	snprintf(text, sizeof(text), "%d", (int)pid);
	ret = write_whole(AT_FDCWD, path, text, 0644);
	return ret < 0 ? complain("pid file: %s: %s", path, strerror(-ret)) : 0;
}

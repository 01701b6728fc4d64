/* SPDX-License-Identifier: MIT */
/*
 * openat2(2), Linux 5.6, which libc does not wrap. Descriptors come out
 * close-on-exec and never as 0, 1 or 2. It does not decide how to resolve.
 */
#ifndef CT_SYS_OPENAT2_H
#define CT_SYS_OPENAT2_H

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/fd.h"

/*
 * Opens path beneath dir as resolve (RESOLVE_*) says; returns the descriptor
 * or a negative errno. EAGAIN means that something was renamed while the
 * kernel walked through "..": it is tried again a bounded number of times.
 */
static inline int ct__openat2(int dir, const char *path, int flags, mode_t mode, uint64_t resolve)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned int)(flags | O_CLOEXEC),
		.mode = mode,
		.resolve = resolve,
	};
	long fd = -1;

	for (int tries = 0; tries < 128; tries++) {
		fd = syscall(SYS_openat2, dir, path, &how, sizeof(how));
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	return fd < 0 ? -errno : ct__above_stdio((int)fd);
}

/* openat(2) with the same manners. */
static inline int ct__openat(int dir, const char *path, int flags, mode_t mode)
{
	int fd;

	do {
		fd = openat(dir, path, flags | O_CLOEXEC, mode);
	} while (fd < 0 && errno == EINTR);
	return fd < 0 ? -errno : ct__above_stdio(fd);
}

#endif

/* SPDX-License-Identifier: MIT */
/* pidfd_open(2), Linux 5.3, which libc may not wrap. */
#ifndef CT_SYS_PIDFD_H
#define CT_SYS_PIDFD_H

#include <errno.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "util/fd.h"

/* A descriptor of that process, not below 3; or a negative errno. */
static inline int ct__pidfd_open(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	return fd < 0 ? -errno : ct__above_stdio(fd);
}

#endif

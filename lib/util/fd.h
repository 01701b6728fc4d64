/* SPDX-License-Identifier: MIT */
/*
 * Descriptors and memory that clean up after themselves, for the host side of
 * the library. No knowledge of containers.
 */
#ifndef CT_UTIL_FD_H
#define CT_UTIL_FD_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

/* Closes *fd unless it is negative; keeps errno, leaves -EBADF behind. */
static inline void ct__close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -EBADF;
	errno = saved;
}

/* Hands the descriptor out of an automatic variable: the caller now owns it. */
static inline int ct__take_fd(int *fd)
{
	int taken = *fd;

	*fd = -EBADF;
	return taken;
}

/*
 * What poll(2) says at once. It says EINTR, too, where a signal of the host is just on its way,
 * which is no news of the descriptor.
 */
static inline int ct__poll_now(int fd, short events)
{
	struct pollfd asked = {.fd = fd, .events = events};
	int ret;

	do
		ret = poll(&asked, 1, 0);
	while (ret < 0 && errno == EINTR);
	return ret;
}

static inline void ct__free_pointer(void *pointer)
{
	free(*(void **)pointer);
	*(void **)pointer = NULL;
}

#define CT__AUTO_CLOSE __attribute__((cleanup(ct__close)))
#define CT__AUTO_FREE  __attribute__((cleanup(ct__free_pointer)))

/* Hands a pointer out of an automatic variable. */
#define ct__take(pointer)                                                                          \
	__extension__({                                                                            \
		__auto_type taken_ = (pointer);                                                    \
		(pointer) = NULL;                                                                  \
		taken_;                                                                            \
	})

/*
 * Moves a descriptor of our own away from 0, 1 and 2, where a host that runs
 * without stdio would mistake it for its standard streams. Takes ownership of
 * fd; returns the new number (close-on-exec) or a negative errno.
 */
static inline int ct__above_stdio(int fd)
{
	int moved;

	if (fd < 0 || fd > 2)
		return fd;
	moved = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (moved < 0)
		moved = -errno;
	close(fd);
	return moved;
}

#endif

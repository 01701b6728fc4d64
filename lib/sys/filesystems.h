/* SPDX-License-Identifier: MIT */
/* fsopen(2), fsconfig(2) and fsmount(2), Linux 5.2, which libc may not wrap; one mount is all of them. */
#ifndef CT_SYS_FILESYSTEMS_H
#define CT_SYS_FILESYSTEMS_H

#include <errno.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/fd.h"

/* Why there is no mount, besides its errno. */
struct ct__mount_failure {
	const char *call;
	char message[160]; /* what the kernel has said of it; "" if nothing */
};

static inline int ct__fsconfig(int fs, unsigned int what, const char *key, const char *value)
{
	return syscall(SYS_fsconfig, fs, what, key, value, 0) < 0 ? -errno : 0;
}

/* The first complaint in the log of a filesystem, without its class and line end ("e too new\n"); "": none. */
static inline void ct__fs_message(int fs, char *ret_text, size_t size)
{
	ssize_t length;

	do {
		length = read(fs, ret_text, size - 1);
		ret_text[length > 0 ? length : 0] = '\0';
	} while (length > 0 && ret_text[0] != 'e');
	length = length > 2 ? (ssize_t)strcspn(ret_text + 2, "\n") : 0;
	memmove(ret_text, ret_text + 2, (size_t)length);
	ret_text[length] = '\0';
}

/*
 * A detached, read-only mount of what source has open: a block device, or a file where the kernel
 * can read a filesystem out of one; else -ENOTBLK. A device that is mounted already gives another
 * mount of the same filesystem. attributes: MOUNT_ATTR_*.
 */
static inline int ct__mount_source(
	const char *type, int source, unsigned int attributes, struct ct__mount_failure *failure)
{
	CT__AUTO_CLOSE int fs = -EBADF;
	char path[64];
	int ret = (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);

	*failure = (struct ct__mount_failure){.call = "fsopen"};
	fs = ret < 0 ? -errno : ct__above_stdio(ret);
	if (fs < 0)
		return fs;
	snprintf(path, sizeof(path), "/proc/thread-self/fd/%d", source);
	failure->call = "fsconfig";
	ret = ct__fsconfig(fs, FSCONFIG_SET_STRING, "source", path);
	if (ret >= 0)
		ret = ct__fsconfig(fs, FSCONFIG_SET_FLAG, "ro", NULL);
	if (ret >= 0)
		ret = ct__fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL);
	if (ret < 0) {
		ct__fs_message(fs, failure->message, sizeof(failure->message));
		return ret;
	}
	failure->call = "fsmount";
	ret = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, attributes);
	return ret < 0 ? -errno : ct__above_stdio(ret);
}

#endif

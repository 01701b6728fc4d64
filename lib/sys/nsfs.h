/* SPDX-License-Identifier: MIT */
/*
 * What the kernel tells about a namespace through a descriptor of it, ioctl_nsfs(2),
 * and listns(2) with its way to open what it names. All by number: the headers of
 * older systems lack most of it. It does not decide what an error means.
 */
#ifndef CT_SYS_NSFS_H
#define CT_SYS_NSFS_H

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/fd.h"

#define CT__NS_GET_OWNER     _IO(0xb7, 1) /* a descriptor of the owning user namespace */
#define CT__NS_GET_PARENT    _IO(0xb7, 2) /* a descriptor of the parent, pid and user alone */
#define CT__NS_GET_KIND	     _IO(0xb7, 3) /* CLONE_NEW* */
#define CT__NS_GET_OWNER_UID _IO(0xb7, 4) /* of a user namespace */

#ifndef NSFS_MAGIC
#define NSFS_MAGIC 0x6e736673
#endif

/* CT__NS_GET_OWNER or _PARENT; a descriptor or a negative errno. EPERM: outside of ours. */
static inline int ct__ns_related(int fd, unsigned long which)
{
	int related = ioctl(fd, which);

	return related < 0 ? -errno : ct__above_stdio(related);
}

/* The namespace that fd is open on, or -EINVAL if it is no namespace. */
static inline int ct__ns_id(int fd, uint64_t *ret_id)
{
	struct statfs fs;
	struct stat stat;

	if (fstatfs(fd, &fs) < 0 || fstat(fd, &stat) < 0)
		return -errno;
	if (fs.f_type != NSFS_MAGIC)
		return -EINVAL;
	*ret_id = stat.st_ino;
	return 0;
}

/* ------------------------------------------------------------------ listns */

#define CT__SYS_LISTNS 470 /* on every architecture; Linux 6.19 */

struct ct__ns_id_req {
	uint32_t size;
	uint32_t spare;
	uint64_t ns_id;	  /* go on behind this one */
	uint32_t ns_type; /* CLONE_NEW* bits, 0: all */
	uint32_t spare2;
	uint64_t user_ns_id; /* 0: whoever owns them */
};

/* Fills ids with the next namespaces, in rising order; how many, or a negative errno. */
static inline long ct__listns(const struct ct__ns_id_req *request, uint64_t *ret_ids, size_t room)
{
	long count = syscall(CT__SYS_LISTNS, request, ret_ids, room, 0);

	return count < 0 ? -errno : count;
}

#define CT__FD_NSFS_ROOT (-10003) /* stands for the root of nsfs, Linux 6.18 */
#define CT__FILEID_NSFS	 0xf1

/* The kernel's struct nsfs_file_handle behind a struct file_handle. */
struct ct__ns_handle {
	uint32_t bytes;
	int32_t type;
	uint64_t ns_id;
	uint32_t ns_type; /* this and the next may be 0 since Linux 6.19: not known */
	uint32_t ns_inum;
};

static inline int ct__ns_open_handle(struct ct__ns_handle *handle)
{
	long fd = syscall(SYS_open_by_handle_at, CT__FD_NSFS_ROOT, handle, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : ct__above_stdio((int)fd);
}

/* Opens a namespace by the id that listns gave. ESTALE: it is gone, or not ours to open. */
static inline int ct__ns_open_id(uint64_t ns_id)
{
	struct ct__ns_handle handle = {16, CT__FILEID_NSFS, ns_id, 0, 0};

	return ct__ns_open_handle(&handle);
}

#endif

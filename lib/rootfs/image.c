/* SPDX-License-Identifier: MIT */
/*
 * A root filesystem out of an image: a file of a known format is mounted, and the mount is
 * attached nowhere. Where the kernel wants a block device for it, loop.c makes one.
 */
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error/error.h"
#include "rootfs.h"
#include "sys/filesystems.h"
#include "sys/mounts.h"
#include "sys/openat2.h"

#define HEAD_SIZE   2048 /* what the magics and superblocks lie in */
#define SECTOR_SIZE 512u /* a loop device has whole ones */

/* ------------------------------------------------------------- the format */

/* Numbers in images are little endian. */
static uint64_t number_at(const unsigned char *bytes, size_t size)
{
	uint64_t number = 0;

	while (size--)
		number = number << 8 | bytes[size];
	return number;
}

/* bytes_used of struct squashfs_super_block */
static uint64_t squashfs_bytes(const unsigned char *head)
{
	return number_at(head + 40, 8);
}

/* blkszbits and blocks of struct erofs_super_block */
static uint64_t erofs_bytes(const unsigned char *head)
{
	return number_at(head + 1024 + 36, 4) << (head[1024 + 12] & 31);
}

struct format {
	const char *name;
	const char *type; /* as the kernel calls it; NULL: it is not taken */
	size_t at;
	size_t size;
	char magic[8];
	uint64_t (*bytes)(const unsigned char *head); /* how long the image says that it is, at least */
};

/* Those that are not taken are here for the words of the refusal. */
static const struct format formats[] = {
	{"squashfs", "squashfs", 0, 4, "hsqs", squashfs_bytes},
	{"erofs", "erofs", 1024, 4, "\xe2\xe1\xf5\xe0", erofs_bytes},
	{"squashfs of the other byte order", NULL, 0, 4, "sqsh", NULL},
	{"ext2, ext3 or ext4", NULL, 1080, 2, "\x53\xef", NULL},
	{"xfs", NULL, 0, 4, "XFSB", NULL},
	{"a tar archive", NULL, 257, 5, "ustar", NULL},
	{"compressed by gzip", NULL, 0, 2, "\x1f\x8b", NULL},
	{"compressed by xz", NULL, 0, 6, "\xfd""7zXZ", NULL},
	{"compressed by zstd", NULL, 0, 4, "\x28\xb5\x2f\xfd", NULL},
};

static const struct format *format_of(const unsigned char head[HEAD_SIZE])
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (memcmp(head + formats[i].at, formats[i].magic, formats[i].size) == 0)
			return &formats[i];
	return NULL;
}

/* The first bytes of the file, with zeros behind a shorter one. */
static int read_head(int fd, unsigned char head[HEAD_SIZE])
{
	size_t used = 0;
	ssize_t got = 1;

	memset(head, 0, HEAD_SIZE);
	while (got != 0 && used < HEAD_SIZE) {
		got = pread(fd, head + used, HEAD_SIZE - used, (off_t)used);
		if (got < 0 && errno != EINTR)
			return -errno;
		used += got > 0 ? (size_t)got : 0;
	}
	return 0;
}

static int check_length(const struct format *format, const unsigned char *head, uint64_t size,
	const char *name, ct_error *err)
{
	uint64_t bytes = format->bytes(head);
	char reason[96];

	if (bytes <= size - size % SECTOR_SIZE)
		return 0;
	if (bytes <= size)
		return ct__fail_because(err, CT_STEP_ROOTFS, -EBADMSG,
			"it is not padded to whole sectors of 512 bytes", "%s", name);
	snprintf(reason, sizeof(reason), "it is cut off: there are %llu of %llu bytes",
		(unsigned long long)size, (unsigned long long)bytes);
	return ct__fail_because(err, CT_STEP_ROOTFS, -EBADMSG, reason, "%s", name);
}

/* What the kernel's parser gets to see is a plain file whose format we have told ourselves. */
static int look(int fd, const char *name, const struct format **ret_format, ct_error *err)
{
	unsigned char head[HEAD_SIZE];
	struct stat about;
	char reason[96];
	int ret;

	if (fstat(fd, &about) < 0)
		return ct__fail(err, CT_STEP_ROOTFS, -errno, "fstat", "%s", name);
	if (S_ISDIR(about.st_mode))
		return ct__fail(err, CT_STEP_ROOTFS, -EISDIR, NULL, "%s", name);
	if (!S_ISREG(about.st_mode))
		return ct__fail_because(
			err, CT_STEP_ROOTFS, -EINVAL, "it is no regular file", "%s", name);
	ret = read_head(fd, head);
	if (ret < 0)
		return ct__fail(err, CT_STEP_ROOTFS, ret, "pread64", "%s", name);
	*ret_format = format_of(head);
	if (!*ret_format || !(*ret_format)->type) {
		snprintf(reason, sizeof(reason), "it is %s, not squashfs or erofs",
			*ret_format ? (*ret_format)->name : "of an unknown format");
		return ct__fail_because(err, CT_STEP_ROOTFS, -EINVAL, reason, "%s", name);
	}
	return check_length(*ret_format, head, (uint64_t)about.st_size, name, err);
}

/* -------------------------------------------------------------- the mount */

/* Each start clones the mount, which the kernel can since 6.15, or mounts its device again. */
static bool can_clone(int mount)
{
	CT__AUTO_CLOSE int clone = ct__clone_mount(mount, 0);

	return clone != -EINVAL;
}

static int mount_image(int fd, const struct format *format, unsigned int attributes,
	const char *name, ct_error *err)
{
	CT__AUTO_CLOSE int device = -EBADF;
	struct ct__mount_failure failure;
	int mount = ct__mount_source(format->type, fd, attributes, &failure);

	if (mount >= 0 && !can_clone(mount)) {
		ct__close(&mount);
		mount = -ENOTBLK;
	}
	if (mount == -ENOTBLK) {
		device = ct__loop_open(fd, name, err);
		if (device < 0)
			return device;
		mount = ct__mount_source(format->type, device, attributes, &failure);
	}
	if (mount >= 0)
		return mount;
	ct__fail(err, CT_STEP_ROOTFS, mount, failure.call, "%s", name);
	if (failure.message[0])
		ct__error_explain(err, failure.message,
			ct__cure(CT_STEP_ROOTFS, mount, failure.call));
	return mount;
}

/* Where the file is now, or was when it was opened. */
static char *name_of(int fd)
{
	char link[64], path[PATH_MAX];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/thread-self/fd/%d", fd);
	length = readlink(link, path, sizeof(path) - 1);
	path[length > 0 ? length : 0] = '\0';
	return strdup(length > 0 ? path : "image");
}

/* -------------------------------------------------------------- the calls */

static int check(uint32_t flags, ct_rootfs **ret_rootfs, ct_error *err)
{
	if (flags & ~CT_IMAGE_SUID)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "there is no such flag",
			"flags: %#x", flags);
	if (!ret_rootfs)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "is missing", "ret_rootfs");
	return 0;
}

int ct_rootfs_open_image_fd(int fd, uint32_t flags, ct_rootfs **ret_rootfs, ct_error *err)
{
	unsigned int attributes = MOUNT_ATTR_NODEV | (flags & CT_IMAGE_SUID ? 0 : MOUNT_ATTR_NOSUID);
	const struct format *format = NULL;
	CT__AUTO_FREE char *name = NULL;
	int ret = check(flags, ret_rootfs, err);

	if (ret < 0)
		return ret;
	if (fd < 0)
		return ct__fail(err, CT_STEP_ARGUMENT, -EBADF, NULL, "descriptor %d", fd);
	name = name_of(fd);
	if (!name)
		return ct__fail(err, CT_STEP_MEMORY, -ENOMEM, NULL, "image");
	ret = look(fd, name, &format, err);
	if (ret >= 0)
		ret = mount_image(fd, format, attributes, name, err);
	if (ret >= 0)
		ret = ct__rootfs_new(ret, NULL, ret_rootfs, err);
	if (ret >= 0)
		(*ret_rootfs)->image = ct__take(name);
	return ret;
}

int ct_rootfs_open_image(const char *path, uint32_t flags, ct_rootfs **ret_rootfs, ct_error *err)
{
	CT__AUTO_CLOSE int fd = -EBADF;

	if (!path || !*path)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "is missing", "path of the image");
	/* Nobody is waited for who should write to a fifo. */
	fd = ct__openat(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	if (fd < 0)
		return ct__fail(err, CT_STEP_ROOTFS, fd, "open", "%s", path);
	return ct_rootfs_open_image_fd(fd, flags, ret_rootfs, err);
}

const char *ct__rootfs_image(const ct_rootfs *rootfs)
{
	return rootfs->image;
}

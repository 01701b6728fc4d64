/* SPDX-License-Identifier: MIT */
/*
 * A block device that is a file: loop(4). It is read-only, and the kernel lets it go with the last
 * descriptor or mount of it, however that goes.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error/error.h"
#include "rootfs.h"
#include "sys/openat2.h"

/* The free device that the kernel names may be somebody else's when it is opened. */
#define TRIES 1000

static int take_free(int control, int image, const char **ret_call, char ret_path[32])
{
	const struct loop_config config = {.fd = (unsigned int)image,
		.info = {.lo_flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR}};
	CT__AUTO_CLOSE int device = -EBADF;
	struct stat about;
	int number;

	*ret_call = "ioctl";
	snprintf(ret_path, 32, "/dev/loop-control");
	number = ioctl(control, LOOP_CTL_GET_FREE);
	if (number < 0)
		return -errno;
	*ret_call = "openat";
	snprintf(ret_path, 32, "/dev/loop%d", number);
	device = ct__openat(AT_FDCWD, ret_path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	if (device < 0)
		return device;
	*ret_call = "fstat";
	if (fstat(device, &about) < 0)
		return -errno;
	*ret_call = "ioctl";
	if (!S_ISBLK(about.st_mode))
		return -ENOTBLK;
	if (ioctl(device, LOOP_CONFIGURE, &config) < 0)
		return -errno;
	return ct__take_fd(&device);
}

int ct__loop_open(int image, const char *name, ct_error *err)
{
	CT__AUTO_CLOSE int control =
		ct__openat(AT_FDCWD, "/dev/loop-control", O_RDWR | O_NOCTTY, 0);
	const char *call = "openat";
	char path[32];
	int ret = -EBUSY;

	if (control < 0)
		return ct__fail(err, CT_STEP_ROOTFS, control, call, "%s: /dev/loop-control", name);
	/* EBUSY: another has taken it; ENXIO, ENODEV: it was removed meanwhile. */
	for (int i = 0; i < TRIES && (ret == -EBUSY || ret == -ENXIO || ret == -ENODEV); i++)
		ret = take_free(control, image, &call, path);
	return ret < 0 ? ct__fail(err, CT_STEP_ROOTFS, ret, call, "%s: %s", name, path) : ret;
}

/* SPDX-License-Identifier: MIT */
/* FUSE without a library: see fuse.h. */
#include "fuse.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static void answer(int device, const struct fuse_in_header *request, int error, void *body, size_t size)
{
	struct fuse_out_header head = {
		.len = (uint32_t)(sizeof(head) + size),
		.error = error,
		.unique = request->unique,
	};
	struct iovec parts[] = {{&head, sizeof(head)}, {body, size}};

	if (writev(device, parts, size ? 2 : 1) < 0 && errno != ENOENT)
		_exit(1);
}

static void serve_one(int device, const struct fuse_in_header *request)
{
	struct fuse_init_out init = {
		.major = FUSE_KERNEL_VERSION,
		.minor = FUSE_KERNEL_MINOR_VERSION,
		.max_write = 4096,
	};
	struct fuse_attr_out about = {
		.attr_valid = 1000,
		.attr = {.ino = FUSE_ROOT_ID, .mode = S_IFDIR | 0755, .nlink = 2},
	};

	if (request->opcode == FUSE_INIT)
		answer(device, request, 0, &init, sizeof(init));
	else if (request->opcode == FUSE_GETATTR)
		answer(device, request, 0, &about, sizeof(about));
	else if (request->opcode != FUSE_LOOKUP && request->opcode != FUSE_FORGET &&
		 request->opcode != FUSE_INTERRUPT)
		answer(device, request, -ENOSYS, NULL, 0);
}

static void serve(int device)
{
	static union {
		struct fuse_in_header head;
		char bytes[FUSE_MIN_READ_BUFFER + 4096];
	} request;

	while (read(device, &request, sizeof(request)) > 0)
		serve_one(device, &request.head);
	_exit(0);
}

pid_t fuse_mount(const char *dir)
{
	char options[96];
	int device = open("/dev/fuse", O_RDWR | O_CLOEXEC), error;
	pid_t server;

	if (device < 0)
		return -errno;
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=%u,group_id=%u,allow_other",
		device, geteuid(), getegid());
	error = mount("dumb", dir, "fuse", MS_NOSUID | MS_NODEV, options) < 0 ? errno : 0;
	server = error ? -error : fork();
	if (server == 0)
		serve(device);
	close(device);
	return server;
}

void fuse_end(pid_t server, const char *dir)
{
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	umount2(dir, MNT_DETACH);
}

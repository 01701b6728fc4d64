/* SPDX-License-Identifier: MIT */
/* Scenarios that do everything wrong that a driver has to see; see bad.h. */
#include "bad.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scenarios.h"

static int fail(struct scene *scene, int code, ct_step step)
{
	scene->err.code = code;
	scene->err.step = step;
	strcpy(scene->err.sentence, "a failure");
	return code;
}

/* One call, and another mistake for each of its errors. */
int do_badly(struct scene *scene)
{
	char *memory = malloc(16);
	int fd;

	memset(memory, 1, 16);
	__asm__ volatile("" : : "r"(memory) : "memory"); /* no compiler may leave it out */
	free(memory);
	scene->doing = "do_badly";
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		strcpy(scene->facts, "opened=yes\n");
		close(fd);
		return 0;
	}
	switch (errno) {
	case EMFILE:
		return 0;
	case ENOMEM:
		return fail(scene, -EPERM, CT_STEP_ROOTFS);
	case EIO:
		return fail(scene, -EIO, CT_STEP_NONE);
	case EINTR:
		(void)dup(0);
		return fail(scene, -EINTR, CT_STEP_ROOTFS);
	case ENOSPC:
		if (fork() == 0)
			for (;;)
				pause();
		return fail(scene, -ENOSPC, CT_STEP_ROOTFS);
	default:
		for (;;)
			pause();
	}
}

int be_careless(struct scene *scene)
{
	char path[PATH_MAX];
	pid_t child = fork();

	scene->lasting = true;
	if (child == 0)
		for (;;)
			pause();
	snprintf(path, sizeof(path), "%s/.ct-%d", scene->dir, getpid());
	if (child < 0 || mkdir(path, 0700) < 0)
		return fail(scene, -errno, CT_STEP_ROOTFS);
	usleep(20000);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return rmdir(path) < 0 ? fail(scene, -errno, CT_STEP_ROOTFS) : 0;
}

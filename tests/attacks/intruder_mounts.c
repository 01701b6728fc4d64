/* SPDX-License-Identifier: MIT */
/* Attempts at the root and at what is mounted in it. */
#include "intruder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The classic: a directory inside is made the root while the cwd stays above it. */
static int leave_chroot(char **args)
{
	(void)args;
	mkdir("/tmp/deeper", 0755);
	if (chroot("/tmp/deeper") < 0) {
		say_error("chroot");
		return 0;
	}
	for (int i = 0; i < 1024; i++)
		if (chdir("..") < 0)
			return 0;
	return secret_is_below(AT_FDCWD);
}

/* Mount points of this namespace, the last first. */
static int mount_points(char points[][PATH_MAX], int most)
{
	char line[2 * PATH_MAX];
	int count = 0;
	FILE *file = fopen("/proc/self/mountinfo", "re");

	while (file && count < most && fgets(line, sizeof(line), file))
		if (sscanf(line, "%*d %*d %*s %*s %4095s", points[count]) == 1)
			count++;
	if (file)
		fclose(file);
	return count;
}

static bool is_host_at(const char *point)
{
	int dir = open(point, O_PATH | O_DIRECTORY | O_CLOEXEC);
	bool found = dir >= 0 && secret_is_below(dir);

	if (found)
		printf("the host is at %s\n", point);
	if (dir >= 0)
		close(dir);
	return found;
}

/* Takes away one mount after the other, and looks what is beneath; the root last, as all hang on it. */
static int strip_mounts(char **args)
{
	static char points[256][PATH_MAX];
	int count = mount_points(points, 256), gone = 0;

	(void)args;
	for (int pass = 0; pass < 2; pass++)
		for (int i = count - 1; i >= 0; i--) {
			if ((strcmp(points[i], "/") == 0) != (pass == 1))
				continue;
			if (is_host_at(points[i]))
				return 1;
			gone += umount2(points[i], MNT_DETACH) == 0;
			if (is_host_at(points[i]) || is_host_at("/") || is_host_at("."))
				return 1;
		}
	printf("%d of %d mounts are gone\n", gone, count);
	return 0;
}

static void into_nested(void)
{
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0) {
		say_error("unshare");
		return;
	}
	printf("in a user namespace of its own\n");
}

/* "unmask nested|here": lifts masks, and makes writable what is read-only. */
static int unmask(char **args)
{
	static const char *const masks[] = {"/proc/kcore", "/proc/keys", "/proc/interrupts",
		"/proc/timer_list", "/sys/firmware"};
	static const char *const readonly[] = {"/proc/sys", "/proc/irq", "/proc/bus", "/sys"};
	int lifted = 0;

	if (strcmp(*args, "nested") == 0)
		into_nested();
	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++)
		if (umount2(masks[i], MNT_DETACH) == 0) {
			printf("the mask of %s is gone\n", masks[i]);
			lifted++;
		}
	for (size_t i = 0; i < sizeof(readonly) / sizeof(readonly[0]); i++)
		if (mount(NULL, readonly[i], NULL, MS_REMOUNT | MS_BIND, NULL) == 0) {
			printf("%s is writable\n", readonly[i]);
			lifted++;
		}
	if (umount2("/proc", MNT_DETACH) == 0)
		lifted++;
	return lifted;
}

/* "fresh proc|sysfs": a new one, in which nothing is masked. */
static int mount_fresh(char **args)
{
	int status = 0;
	pid_t child;

	mkdir("/tmp/fresh", 0755);
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET) < 0) {
		say_error("unshare");
		return 0;
	}
	child = fork();
	if (child == 0) {
		int failed = mount(*args, "/tmp/fresh", *args,
			MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);

		if (failed)
			say_error(*args);
		fflush(stdout);
		_exit(failed ? 1 : 0);
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* "new-user": a user namespace, by each call that makes one. */
static int new_user_ns(char **args)
{
	int status = 1;
	pid_t child = fork();

	(void)args;
	if (child == 0)
		_exit(unshare(CLONE_NEWUSER) < 0);
	waitpid(child, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int mount_something(char **paths)
{
	if (mount("none", *paths, "tmpfs", 0, NULL) == 0)
		return 1;
	say_error("mount");
	return 0;
}

/* Says "ready" once it is mounted, and stays. */
static int mount_and_stay(char **paths)
{
	if (mount("none", *paths, "tmpfs", 0, NULL) < 0) {
		say_error("mount");
		return 0;
	}
	printf("ready\n");
	fflush(stdout);
	for (;;)
		pause();
	return 0;
}

/* Any version of cgroups, at /tmp/cgroup. */
static bool mount_cgroup(void)
{
	static const char *const controllers[] = {"memory", "pids"};

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWCGROUP) < 0)
		say_error("unshare");
	mkdir("/tmp/cgroup", 0755);
	for (size_t i = 0; i < sizeof(controllers) / sizeof(controllers[0]); i++) {
		if (mount("none", "/tmp/cgroup", "cgroup", 0, controllers[i]) == 0)
			return true;
		say_error(controllers[i]);
	}
	if (mount("none", "/tmp/cgroup", "cgroup2", 0, NULL) == 0)
		return true;
	say_error("cgroup2");
	return false;
}

static int mount_cgroups(char **args)
{
	(void)args;
	return mount_cgroup();
}

/* What it is already, so that nothing changes. */
static int set_release_agent(char **args)
{
	char agent[PATH_MAX] = "";
	int fd;

	(void)args;
	if (!mount_cgroup())
		return 0;
	fd = open("/tmp/cgroup/release_agent", O_RDWR | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		absent("this version of cgroups has no release_agent, or not here");
	if (fd < 0 || read(fd, agent, sizeof(agent) - 2) < 0) {
		say_error("release_agent");
		return 0;
	}
	if (!agent[0])
		strcpy(agent, "\n");
	if (write(fd, agent, strlen(agent)) > 0)
		return 1;
	say_error("write");
	return 0;
}

const struct word mount_words[] = {
	{"leave-chroot", leave_chroot},
	{"strip-mounts", strip_mounts},
	{"unmask", unmask},
	{"fresh", mount_fresh},
	{"new-user-ns", new_user_ns},
	{"mount", mount_something},
	{"mount-and-stay", mount_and_stay},
	{"mount-cgroups", mount_cgroups},
	{"set-release-agent", set_release_agent},
	{0},
};

/* SPDX-License-Identifier: MIT */
/* Profiles for a test's time; see apparmor.h. */
#include "support/apparmor.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/needs.h"

#define POLICY "/sys/kernel/security/apparmor/"

static const char *const names[] = {
	"ct-test-confined", "ct-test-complaining", "ct-test-deaf", "ct-test-host"};

static void skip(const char *reason)
{
	printf("SKIP: %s\n", reason);
	exit(77);
}

static bool is_on(void)
{
	int fd = open("/sys/module/apparmor/parameters/enabled", O_RDONLY | O_CLOEXEC);
	char value = 'N';
	bool on = fd >= 0 && read(fd, &value, 1) == 1 && value == 'Y';

	if (fd >= 0)
		close(fd);
	return on;
}

/* Whether the file takes all of it at once. */
static bool give(const char *file, const void *bytes, size_t size)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC);
	bool taken = fd >= 0 && write(fd, bytes, size) == (ssize_t)size;

	if (fd >= 0)
		close(fd);
	return taken;
}

/* As apparmor_parser has compiled them when the tests were built. */
static bool load(void)
{
	static char bytes[1 << 20];
	int fd = open(TEST_PROFILES, O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes));

	if (fd >= 0)
		close(fd);
	return size > 0 && give(POLICY ".replace", bytes, (size_t)size);
}

static void unload(void)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		give(POLICY ".remove", names[i], strlen(names[i]));
}

/* The parent stays what it was, whatever becomes of the child: it can always take them off. */
void need_profiles(void)
{
	int status;
	pid_t child;

	if (!is_on())
		skip("this kernel has no AppArmor, or it is not switched on");
	if (geteuid() != 0)
		skip("root alone may load a profile");
	need_first_root("loading a profile");
	if (access(POLICY ".replace", W_OK) < 0)
		skip("securityfs is not mounted on /sys/kernel/security");
	if (access(TEST_PROFILES, R_OK) < 0)
		skip("apparmor_parser was missing when the tests were built (the package apparmor)");
	if (!load())
		skip("the kernel does not take the profiles");
	child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		return;
	}
	/* What a terminal sends to both is for the child. */
	signal(SIGINT, SIG_IGN);
	if (child < 0 || waitpid(child, &status, 0) < 0)
		status = 1;
	unload();
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

void change_profile(const char *profile)
{
	FILE *file = fopen("/proc/thread-self/attr/apparmor/current", "we");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_gt(fprintf(file, "changeprofile %s", profile), 0);
	ck_assert_int_eq(fclose(file), 0);
}

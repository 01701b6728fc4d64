/* SPDX-License-Identifier: MIT */
/* The ways without the library, in which an attack is first shown to work. */
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attacks/attacks.h"

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

/* Root of a user namespace, where the caller is not root himself. */
static void map_self(uid_t uid, gid_t gid)
{
	char map[64];

	put("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", uid);
	put("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "0 %u 1", gid);
	put("/proc/self/gid_map", map);
}

void careless_mounts(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	ck_assert_int_eq(unshare(CLONE_NEWNS | (uid ? CLONE_NEWUSER : 0)), 0);
	if (uid)
		map_self(uid, gid);
	ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
}

void enter_bare_chroot(void)
{
	static const char *const trees[] = {"/proc", "/sys", "/dev"};

	careless_mounts();
	for (size_t i = 0; i < sizeof(trees) / sizeof(trees[0]); i++)
		ck_assert_int_eq(
			mount(trees[i], in_root(trees[i] + 1), NULL, MS_BIND | MS_REC, NULL), 0);
	ck_assert_int_eq(chroot(box.root), 0);
	ck_assert_int_eq(chdir("/"), 0);
	if (1u << role_now & BY_USERS) {
		ck_assert_int_eq(setresgid(1000, 1000, 1000), 0);
		ck_assert_int_eq(setresuid(1000, 1000, 1000), 0);
	}
}

enum verdict in_careless(void (*enter)(void), const char *const *words)
{
	const char *argv[16] = {"/bin/intruder"};
	char output[4096] = "";
	int out[2], status = 0;
	size_t used = 0;
	ssize_t count;
	pid_t child;

	for (size_t i = 0; words[i] && i < 14; i++)
		argv[i + 1] = words[i];
	ck_assert_int_eq(pipe2(out, O_CLOEXEC), 0);
	child = fork();
	if (child == 0) {
		enter();
		dup2(out[1], 1);
		execv(argv[0], (char **)(uintptr_t)argv);
		_exit(99);
	}
	close(out[1]);
	while ((count = read(out[0], output + used, sizeof(output) - 1 - used)) > 0)
		used += (size_t)count;
	close(out[0]);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	return verdict_of_exit(WIFEXITED(status) ? WEXITSTATUS(status) : -1,
		WIFSIGNALED(status) ? WTERMSIG(status) : 0, output);
}

enum verdict in_bare_chroot(const char *const *words)
{
	return in_careless(enter_bare_chroot, words);
}

/* Whether something has come to be mounted in the host's tree, as this process sees it. */
static bool host_is_covered(void)
{
	char line[2 * PATH_MAX], start[PATH_MAX];
	bool covered = false;
	FILE *file = fopen("/proc/self/mountinfo", "re");

	snprintf(start, sizeof(start), " %s", in_dir("host"));
	while (file && !covered && fgets(line, sizeof(line), file))
		covered = strstr(line, start) != NULL;
	if (file)
		fclose(file);
	return covered;
}

enum verdict after_careless(void (*deed)(void))
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		careless_mounts();
		deed();
		_exit(host_is_covered() ? EXIT_CARELESS_THROUGH : 0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status) == EXIT_CARELESS_THROUGH ? THROUGH : HELD;
}

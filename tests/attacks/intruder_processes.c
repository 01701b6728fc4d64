/* SPDX-License-Identifier: MIT */
/* Attempts at processes, rights and what a process has inherited. */
#include "intruder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* ---------------------------------------------------------- what is inherited */

static int find_variables(char **args)
{
	static char text[1 << 16];
	int fd = open("/proc/1/environ", O_RDONLY | O_CLOEXEC), found = 0;
	ssize_t count = fd >= 0 ? read(fd, text, sizeof(text)) : 0;

	(void)args;
	for (char **env = environ; *env; env++)
		found += strncmp(*env, "HOSTS_", 6) == 0;
	if (count > 0 && memmem(text, (size_t)count, "HOSTS_", 6))
		found++;
	printf("%d variables of the host\n", found);
	return found;
}

struct rights {
	uint64_t effective, permitted, inheritable, ambient;
};

static struct rights rights_now(void)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2] = {0};
	struct rights rights = {0};

	syscall(SYS_capget, &head, data);
	rights.effective = (uint64_t)data[1].effective << 32 | data[0].effective;
	rights.permitted = (uint64_t)data[1].permitted << 32 | data[0].permitted;
	rights.inheritable = (uint64_t)data[1].inheritable << 32 | data[0].inheritable;
	for (int cap = 0; cap < 64; cap++)
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0, 0) == 1)
			rights.ambient |= UINT64_C(1) << cap;
	return rights;
}

static int have_inheritable(char **args)
{
	struct rights rights = rights_now();

	(void)args;
	return rights.inheritable || rights.ambient;
}

/* Who is not root should have none at all. */
static int have_capabilities(char **args)
{
	struct rights rights = rights_now();

	(void)args;
	return rights.effective || rights.permitted || rights.inheritable || rights.ambient;
}

/* What a setuid program would have given: asked for by gain-rights. */
static int have_rights(char **args)
{
	(void)args;
	return geteuid() == 0 || rights_now().effective != 0;
}

static int be_root(char **args)
{
	(void)args;
	printf("uid %u\n", geteuid());
	return geteuid() == 0;
}

static int have_groups(char **args)
{
	gid_t groups[64];
	int count = getgroups(64, groups);

	(void)args;
	for (int i = 0; i < count; i++)
		printf("group %u\n", groups[i]);
	return count > 0;
}

/* A group that is denied a file: leaving the group would open it. */
static int leave_groups(char **paths)
{
	int fd;

	if (setgroups(0, NULL) < 0)
		say_error("setgroups");
	if (paths[1] &&
		setresuid((uid_t)atoi(paths[1]), (uid_t)atoi(paths[1]), (uid_t)atoi(paths[1])) < 0)
		say_error("setresuid");
	fd = open(*paths, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		say_error(*paths);
	return fd >= 0;
}

/* ------------------------------------------------------------ other processes */

/* Calls visit for each process but this one; until it gives true. */
static bool each_process(bool (*visit)(const char *pid))
{
	DIR *dir = opendir("/proc");
	bool found = false;

	for (struct dirent *entry = dir ? readdir(dir) : NULL; entry && !found;
		entry = readdir(dir))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
			atoi(entry->d_name) != getpid())
			found = visit(entry->d_name);
	if (dir)
		closedir(dir);
	return found;
}

static bool leads_out(const char *pid)
{
	static const char *const links[] = {"root", "cwd"};

	for (size_t i = 0; i < 2; i++) {
		char path[64];
		int fd;

		snprintf(path, sizeof(path), "/proc/%s/%s", pid, links[i]);
		fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0 && secret_is_below(fd)) {
			printf("%s is the host's\n", path);
			return true;
		}
		if (fd >= 0)
			close(fd);
	}
	return false;
}

static int walk_out_by_proc(char **args)
{
	(void)args;
	return each_process(leads_out);
}

static bool can_be_signalled(const char *pid)
{
	if (kill(atoi(pid), 0) < 0)
		return false;
	printf("process %s can be signalled\n", pid);
	return true;
}

static int signal_others(char **args)
{
	(void)args;
	return each_process(can_be_signalled) || (getpid() != 1 && kill(getppid(), 0) == 0);
}

/* "signal-host WAY": by each call that there is for it; nothing arrives. */
static int signal_host(char **args)
{
	pid_t pid = atoi(told("pid"));
	long ret = -1;
	int held;

	if (strcmp(args[0], "kill") == 0) {
		ret = kill(pid, 0);
	} else if (strcmp(args[0], "tgkill") == 0) {
		ret = syscall(SYS_tgkill, pid, pid, 0);
	} else if (strcmp(args[0], "sigqueue") == 0) {
		ret = sigqueue(pid, 0, (union sigval){.sival_int = 0});
	} else if (strcmp(args[0], "pidfd") == 0) {
		held = (int)syscall(SYS_pidfd_open, pid, 0);
		ret = held < 0 ? -1 : syscall(SYS_pidfd_send_signal, held, 0, NULL, 0);
	}
	if (ret == 0)
		return 1;
	say_error(args[0]);
	return 0;
}

/* ------------------------------------------------------- who comes by a join */

static volatile sig_atomic_t told_to_end;

static void end(int number)
{
	told_to_end = number;
}

/* Whether an open file is one that the host has told of: "DEVICE:INODE" by a name. */
static bool is_told(int fd, const char *name)
{
	struct stat stat;
	char text[64];

	if (fstat(fd, &stat) < 0)
		return false;
	snprintf(text, sizeof(text), "%llu:%llu", (unsigned long long)stat.st_dev,
		(unsigned long long)stat.st_ino);
	return strcmp(text, told(name)) == 0;
}

/* Holds what it caught as a path, and asks for more when nobody executes it any longer. */
static bool catch_executable(pid_t pid)
{
	char path[64];
	int held;

	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	held = open(path, O_PATH | O_CLOEXEC);
	if (held < 0 || !is_told(held, "executable")) {
		if (held >= 0)
			close(held);
		return false;
	}
	printf("%s is the host's program\n", path);
	return true;
}

static bool catch_descriptor(pid_t pid)
{
	for (int fd = 0; fd < 32; fd++) {
		char path[64];
		int caught;

		snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, fd);
		caught = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
		if (caught < 0)
			continue;
		if (is_told(caught, "canary")) {
			printf("%s is the host's file\n", path);
			return true;
		}
		close(caught);
	}
	return false;
}

/* Whose memory it would be is seen by the executable, before and after. */
static bool catch_memory(pid_t pid)
{
	char path[64];
	int memory, program;
	bool caught;

	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	program = open(path, O_PATH | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	memory = open(path, O_RDWR | O_CLOEXEC);
	caught = memory >= 0 && program >= 0 && is_told(program, "executable");
	if (memory >= 0)
		close(memory);
	if (program >= 0)
		close(program);
	return caught;
}

/*
 * Waits for whoever joins: says "ready", looks at each new process over and over, and ends with
 * SIGTERM, or once it has caught something.
 */
static int lie_in_wait(char **args)
{
	bool (*const catch)(pid_t) = strcmp(*args, "executable") == 0	? catch_executable
				     : strcmp(*args, "descriptor") == 0 ? catch_descriptor
									: catch_memory;
	pid_t highest = getpid();
	unsigned long seen = 0;
	int caught = 0;

	signal(SIGTERM, end);
	printf("ready\n");
	fflush(stdout);
	while (!told_to_end && !caught)
		for (pid_t pid = highest + 1; pid <= highest + 8 && !caught; pid++) {
			if (kill(pid, 0) < 0 && errno == ESRCH)
				continue;
			highest = pid;
			seen++;
			for (int look = 0; look < 200 && !caught; look++)
				caught = catch (pid);
		}
	printf("%lu seen\n", seen);
	if (!seen)
		_exit(94);
	return caught;
}

/* ------------------------------------------------------------------- bombs */

/* "bomb N [orphans]": children that all stay, until one cannot be made or there are as many as wanted. */
static int bomb(char **args)
{
	int most = atoi(*args), made = 0;

	signal(SIGCHLD, SIG_IGN);
	for (; made < most; made++) {
		pid_t child = fork();

		if (child == 0) {
			/* Out of reach of who counts children, sessions or groups. */
			if (args[1] && (setsid() < 0 || fork() > 0))
				_exit(0);
			for (;;)
				pause();
		}
		if (child < 0)
			break;
	}
	printf("%d of %d processes\n", made, most);
	return made == most;
}

/* Touches megabytes of memory; killed on the way where there is a limit. */
static int eat_memory(char **args)
{
	int most = atoi(*args);
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		for (int i = 0; i < most; i++) {
			char *block = malloc(1 << 20);

			if (!block)
				_exit(1);
			memset(block, 'x', 1 << 20);
		}
		_exit(0);
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* "stay": ready, then nothing. */
static int stay(char **args)
{
	(void)args;
	printf("ready\n");
	fflush(stdout);
	for (;;)
		pause();
	return 0;
}

/* "confess [stay]": what confines this process, a line each, for the host to compare. */
static int confess(char **args)
{
	static const char *const wanted[] = {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb",
		"NoNewPrivs", "Seccomp:", "Groups", "Uid", "Gid"};
	static const char *const links[] = {"cgroup", "ipc", "mnt", "net", "pid", "user", "uts"};
	char line[512];
	FILE *status = fopen("/proc/self/status", "re");

	while (status && fgets(line, sizeof(line), status))
		for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
			if (strncmp(line, wanted[i], strlen(wanted[i])) == 0)
				printf("%s", line);
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		char path[64], text[64] = "";

		snprintf(path, sizeof(path), "/proc/self/ns/%s", links[i]);
		printf("%s\n", readlink(path, text, sizeof(text) - 1) > 0 ? text : "?");
	}
	printf("end\n");
	fflush(stdout);
	while (*args)
		pause();
	return 0;
}

const struct word process_words[] = {
	{"find-variables", find_variables},
	{"have-inheritable", have_inheritable},
	{"have-capabilities", have_capabilities},
	{"have-rights", have_rights},
	{"be-root", be_root},
	{"have-groups", have_groups},
	{"leave-groups", leave_groups},
	{"walk-out-by-proc", walk_out_by_proc},
	{"signal-others", signal_others},
	{"signal-host", signal_host},
	{"lie-in-wait", lie_in_wait},
	{"bomb", bomb},
	{"eat-memory", eat_memory},
	{"stay", stay},
	{"confess", confess},
	{0},
};

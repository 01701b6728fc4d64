/* SPDX-License-Identifier: MIT */
/*
 * A hostile process of a container: it says "ready", and in a loop lays hands on every
 * process that it can see and that is not itself, in each way that the kernel might allow.
 * On SIGTERM it prints what it got hold of, each thing once:
 *
 *     WHAT EXECUTABLE: VALUE
 *
 * where EXECUTABLE is what the process was when it was caught, "?" if even that was denied,
 * "-" if it had none any more: a process that ends.
 * Then "tries N", "seen N". Static, so that it runs in any root. Argument: how many pids above
 * the highest one to guess, so that nobody is missed; "hold": trace the first that comes.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CATCHES_MAX 4096

static volatile sig_atomic_t stopped;
static char *catches[CATCHES_MAX];
static size_t catch_count;
static unsigned long tries, seen;

static void stop(int number)
{
	stopped = number;
}

static void note(const char *what, const char *executable, const char *value)
{
	char text[2 * PATH_MAX + 64];

	snprintf(text, sizeof(text), "%s %s: %s", what, executable, value);
	for (size_t i = 0; i < catch_count; i++)
		if (strcmp(catches[i], text) == 0)
			return;
	if (catch_count < CATCHES_MAX)
		catches[catch_count++] = strdup(text);
}

/* What the link says; NULL if it is denied or gone. */
static const char *link_of(pid_t pid, const char *name)
{
	static char text[4][PATH_MAX];
	static unsigned int next;
	char path[64], *to = text[next++ % 4];
	ssize_t length;

	tries++;
	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	length = readlink(path, to, PATH_MAX - 1);
	if (length < 0)
		return NULL;
	to[length] = '\0';
	return to;
}

static const char *executable_of(pid_t pid)
{
	const char *link = link_of(pid, "exe");

	return link ? link : errno == EACCES || errno == EPERM ? "?" : "-";
}

/* A process that executes between two looks was two things: only what holds before and after counts. */
static bool is_still(pid_t pid, const char *executable)
{
	return strcmp(executable_of(pid), executable) == 0;
}

static void try_links(pid_t pid, const char *executable)
{
	static const char *const names[] = {"cwd", "root"};

	for (size_t i = 0; i < 2; i++) {
		const char *value = link_of(pid, names[i]);
		char copy[PATH_MAX];

		if (!value)
			continue;
		snprintf(copy, sizeof(copy), "%s", value);
		if (is_still(pid, executable))
			note(names[i], executable, copy);
	}
}

static void try_descriptors(pid_t pid, const char *executable)
{
	char path[64];
	DIR *dir;

	tries++;
	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	for (struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir)) {
		char name[NAME_MAX + 8], copy[PATH_MAX];
		const char *value;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "fd/%s", entry->d_name);
		value = link_of(pid, name);
		snprintf(copy, sizeof(copy), "%s", value ? value : "");
		if (value && is_still(pid, executable))
			note("fd", executable, copy);
	}
	if (dir)
		closedir(dir);
}

static void try_stealing(pid_t pid, const char *executable)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

	for (int fd = 0; fd < 16 && pidfd >= 0; fd++) {
		int stolen = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
		char path[64], value[PATH_MAX];
		ssize_t length;

		tries++;
		if (stolen < 0)
			continue;
		snprintf(path, sizeof(path), "/proc/self/fd/%d", stolen);
		length = readlink(path, value, sizeof(value) - 1);
		close(stolen);
		if (length < 0)
			continue;
		value[length] = '\0';
		if (is_still(pid, executable))
			note("stolen", executable, value);
	}
	if (pidfd >= 0)
		close(pidfd);
}

static void try_memory(pid_t pid, const char *executable)
{
	char path[64], line[PATH_MAX + 128];
	FILE *maps;
	int fd;

	tries++;
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd >= 0) {
		close(fd);
		if (is_still(pid, executable))
			note("mem", executable, "open");
	}
	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	maps = fopen(path, "re");
	while (maps && fgets(line, sizeof(line), maps)) {
		char *name = strpbrk(line, "/[");

		line[strcspn(line, "\n")] = '\0';
		if (name && is_still(pid, executable))
			note("map", executable, name);
	}
	if (maps)
		fclose(maps);
	tries++;
	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0) {
		if (is_still(pid, executable))
			note("ptrace", executable, "seized");
		/* Let go: an ended process is kept from its parent while it is traced. */
		ptrace(PTRACE_INTERRUPT, pid, NULL, NULL);
		waitpid(pid, NULL, __WALL);
		ptrace(PTRACE_DETACH, pid, NULL, NULL);
	}
}

/* Traces the first process that comes, says "held", and never lets it go. */
static _Noreturn void hold(pid_t own)
{
	pid_t pid = own + 1;

	while (ptrace(PTRACE_SEIZE, pid, NULL, NULL) < 0)
		pid = pid < own + 8 ? pid + 1 : own + 1;
	printf("held\n");
	fflush(stdout);
	for (;;)
		pause();
}

/* What it is and may do, which is no secret: ids and capabilities. */
static void look_at_rights(pid_t pid, const char *executable)
{
	char path[64], line[256];
	FILE *status;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	status = fopen(path, "re");
	while (status && fgets(line, sizeof(line), status)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "CapPrm:", 7) == 0 && is_still(pid, executable))
			note("rights", executable, line + 8);
	}
	if (status)
		fclose(status);
}

static void attack(pid_t pid)
{
	char executable[PATH_MAX];

	snprintf(executable, sizeof(executable), "%s", executable_of(pid));
	seen++;
	if (strcmp(executable, "-") == 0)
		return;
	if (strcmp(executable, "?") != 0)
		note("exe", executable, "open");
	try_links(pid, executable);
	try_memory(pid, executable);
	try_descriptors(pid, executable);
	try_stealing(pid, executable);
	look_at_rights(pid, executable);
}

/* The last number that was given to a process here: proc(5). */
static pid_t last_number(void)
{
	FILE *file = fopen("/proc/loadavg", "re");
	int last = 0;

	if (file && fscanf(file, "%*s %*s %*s %*s %d", &last) != 1)
		last = 0;
	if (file)
		fclose(file);
	return last;
}

int main(int argc, char **argv)
{
	int guesses = argc > 1 ? atoi(argv[1]) : 8;
	pid_t highest = getpid();
	unsigned int idle = 0;

	signal(SIGTERM, stop);
	printf("ready\n");
	fflush(stdout);
	if (guesses == 0)
		hold(highest);
	while (!stopped) {
		/* The next numbers, before they have been listed anywhere. */
		for (pid_t pid = highest + 1; pid <= highest + guesses; pid++) {
			if (kill(pid, 0) < 0 && errno == ESRCH)
				continue;
			highest = pid;
			attack(pid);
			idle = 0;
		}
		/* On a busy machine more numbers may have passed by unseen than it guesses. */
		if (++idle % 100 == 0 && last_number() - guesses > highest)
			highest = last_number() - guesses;
	}
	for (size_t i = 0; i < catch_count; i++)
		puts(catches[i]);
	printf("tries %lu\nseen %lu\n", tries, seen);
	return 0;
}

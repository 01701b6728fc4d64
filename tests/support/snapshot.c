/* SPDX-License-Identifier: MIT */
/* Snapshots of the calling process; see snapshot.h. */
#include "support/snapshot.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/keyctl.h>
#include <locale.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

struct snapshot {
	char **lines;
	size_t count, room;
};

__attribute__((format(printf, 2, 3))) static void add(
	struct snapshot *snapshot, const char *format, ...)
{
	va_list args;

	if (snapshot->count == snapshot->room) {
		snapshot->room = snapshot->room ? snapshot->room * 2 : 512;
		snapshot->lines =
			realloc(snapshot->lines, snapshot->room * sizeof(snapshot->lines[0]));
		if (!snapshot->lines)
			abort();
	}
	va_start(args, format);
	if (vasprintf(&snapshot->lines[snapshot->count], format, args) < 0)
		abort();
	va_end(args);
	snapshot->count++;
}

static void add_signals(struct snapshot *snapshot)
{
	/* The kernel's own struct: libc hides two signals. */
	struct {
		void *handler;
		unsigned long flags;
		void *restorer;
		uint64_t mask;
	} action;
	uint64_t mask = 0;
	stack_t stack;

	syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, sizeof(mask));
	add(snapshot, "signal mask %016llx", (unsigned long long)mask);
	for (int number = 1; number <= 64; number++)
		if (syscall(SYS_rt_sigaction, number, NULL, &action, 8) == 0)
			add(snapshot, "signal action %d %p %lx %016llx", number, action.handler,
				action.flags, (unsigned long long)action.mask);
	if (sigaltstack(NULL, &stack) == 0)
		add(snapshot, "signal stack %p %zu", stack.ss_sp, stack.ss_size);
}

static void add_limits(struct snapshot *snapshot)
{
	struct rlimit limit;
	cpu_set_t cpus;
	char text[2 * sizeof(cpus) + 1] = "";

	for (int i = 0; i < RLIM_NLIMITS; i++)
		if (getrlimit((__rlimit_resource_t)i, &limit) == 0)
			add(snapshot, "rlimit %d %llu %llu", i, (unsigned long long)limit.rlim_cur,
				(unsigned long long)limit.rlim_max);
	add(snapshot, "nice %d", getpriority(PRIO_PROCESS, 0));
	add(snapshot, "scheduler %d", sched_getscheduler(0));
	add(snapshot, "io priority %ld", syscall(SYS_ioprio_get, 1, 0));
	if (sched_getaffinity(0, sizeof(cpus), &cpus) == 0)
		for (size_t i = 0; i < sizeof(cpus); i++)
			sprintf(text + 2 * i, "%02x", ((unsigned char *)&cpus)[i]);
	add(snapshot, "affinity %s", text);
}

static void add_flags(struct snapshot *snapshot)
{
	int number = -1;
	char name[17] = "";

	add(snapshot, "dumpable %d", prctl(PR_GET_DUMPABLE));
	prctl(PR_GET_CHILD_SUBREAPER, &number);
	add(snapshot, "subreaper %d", number);
	number = -1;
	prctl(PR_GET_PDEATHSIG, &number);
	add(snapshot, "parent death signal %d", number);
	add(snapshot, "keep capabilities %d", prctl(PR_GET_KEEPCAPS));
	add(snapshot, "securebits %d", prctl(PR_GET_SECUREBITS));
	add(snapshot, "timer slack %d", prctl(PR_GET_TIMERSLACK));
	add(snapshot, "thp %d", prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
	prctl(PR_GET_NAME, name);
	add(snapshot, "name %s", name);
	add(snapshot, "personality %x", (unsigned int)personality(0xffffffff));
	add(snapshot, "session %d group %d", getsid(0), getpgid(0));
	add(snapshot, "keyring session %ld",
		syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0));
	add(snapshot, "keyring process %ld",
		syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 0));
	add(snapshot, "keyring thread %ld",
		syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_THREAD_KEYRING, 0));
	add(snapshot, "locale %s", setlocale(LC_ALL, NULL));
}

/* The lines of a file, those that begin with one of names if there are any. */
static void add_file(struct snapshot *snapshot, const char *path, const char *const *names)
{
	char *line = NULL;
	size_t room = 0;
	FILE *file = fopen(path, "re");

	if (!file) {
		add(snapshot, "%s %s", path, strerrorname_np(errno));
		return;
	}
	while (getline(&line, &room, file) > 0) {
		int wanted = names == NULL;

		for (const char *const *name = names; name && *name; name++)
			wanted |= strncmp(line, *name, strlen(*name)) == 0;
		line[strcspn(line, "\n")] = '\0';
		if (wanted)
			add(snapshot, "%s %s", path, line);
	}
	free(line);
	fclose(file);
}

static void add_process(struct snapshot *snapshot)
{
	static const char *const names[] = {"Umask:", "Uid:", "Gid:", "Groups:", "Cap", "NoNewPrivs:",
		"Seccomp", "SigBlk:", "SigIgn:", "SigCgt:", "Threads:", "TracerPid:", "Cpus_allowed",
		"Mems_allowed:", NULL};
	static const char *const kinds[] = {"cgroup", "ipc", "mnt", "net", "pid", "pid_for_children",
		"time", "time_for_children", "user", "uts"};
	static const char *const links[] = {"cwd", "root", "exe"};
	char path[64], text[PATH_MAX];
	struct stat stat_of;
	ssize_t length;

	add_file(snapshot, "/proc/self/status", names);
	add_file(snapshot, "/proc/self/oom_score_adj", NULL);
	add_file(snapshot, "/proc/self/cgroup", NULL);
	add_file(snapshot, "/proc/self/coredump_filter", NULL);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		snprintf(path, sizeof(path), "/proc/self/ns/%s", kinds[i]);
		length = readlink(path, text, sizeof(text) - 1);
		text[length > 0 ? length : 0] = '\0';
		add(snapshot, "namespace %s %s", kinds[i], text);
	}
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		snprintf(path, sizeof(path), "/proc/self/%s", links[i]);
		length = readlink(path, text, sizeof(text) - 1);
		text[length > 0 ? length : 0] = '\0';
		if (stat(path, &stat_of) < 0)
			memset(&stat_of, 0, sizeof(stat_of));
		add(snapshot, "%s %s %llx:%llu", links[i], text, (unsigned long long)stat_of.st_dev,
			(unsigned long long)stat_of.st_ino);
	}
	for (char **env = environ; env && *env; env++)
		add(snapshot, "environment %p %s", (void *)*env, *env);
}

static void add_descriptors(struct snapshot *snapshot)
{
	DIR *dir = opendir("/proc/self/fd");

	if (!dir)
		return;
	for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
		int fd = atoi(entry->d_name);
		char path[64], text[PATH_MAX];
		struct stat stat_of;
		ssize_t length;
		long long offset;

		if (!isdigit((unsigned char)entry->d_name[0]) || fd == dirfd(dir))
			continue;
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		length = readlink(path, text, sizeof(text) - 1);
		text[length > 0 ? length : 0] = '\0';
		if (fstat(fd, &stat_of) < 0)
			memset(&stat_of, 0, sizeof(stat_of));
		/* Check writes to a file of its own all the time. */
		offset = strstr(text, "/check_") ? 0 : (long long)lseek(fd, 0, SEEK_CUR);
		add(snapshot, "descriptor %d %s %llx:%llu flags %d status %x offset %lld", fd, text,
			(unsigned long long)stat_of.st_dev, (unsigned long long)stat_of.st_ino,
			fcntl(fd, F_GETFD), (unsigned int)fcntl(fd, F_GETFL), offset);
	}
	closedir(dir);
}

/*
 * The parent of a process, as /proc tells it; -1 if it is gone. So is one in the state X: nobody
 * can wait for it any more (its parent ignores SIGCHLD), and its entry goes in an instant.
 */
static int parent_of(const char *pid, char *ret_name, size_t room)
{
	char path[64], text[512], *end;
	int parent = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return -1;
	if (fgets(text, sizeof(text), file)) {
		char state = '?';

		end = strrchr(text, ')');
		if (end && sscanf(end + 1, " %c %d", &state, &parent) == 2 && state == 'X')
			parent = -1;
		else if (end)
			snprintf(ret_name, room, "%.*s%s", (int)(end + 1 - text), text,
				state == 'Z' ? " ended" : "");
	}
	fclose(file);
	return parent;
}

static int walk_children(struct snapshot *snapshot)
{
	char name[512];
	int count = 0;
	DIR *dir = opendir("/proc");

	if (!dir)
		return -1;
	for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		if (parent_of(entry->d_name, name, sizeof(name)) != getpid())
			continue;
		count++;
		if (snapshot)
			add(snapshot, "child %s", name);
	}
	closedir(dir);
	return count;
}

pid_t find_child(const char *name)
{
	char text[512], wanted[64];
	pid_t found = 0;
	DIR *dir = opendir("/proc");

	snprintf(wanted, sizeof(wanted), "(%s)", name ? name : "");
	if (!dir)
		return 0;
	for (struct dirent *entry = readdir(dir); entry && !found; entry = readdir(dir)) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		if (parent_of(entry->d_name, text, sizeof(text)) != getpid() ||
			strstr(text, ") ended"))
			continue;
		if (!name || strstr(text, wanted))
			found = atoi(entry->d_name);
	}
	closedir(dir);
	return found;
}

static void add_usage(struct snapshot *snapshot)
{
	sigset_t pending;

	sigpending(&pending);
	add(snapshot, "ended pending SIGCHLD %d", sigismember(&pending, SIGCHLD));
}

static void add_threads(struct snapshot *snapshot)
{
	DIR *dir = opendir("/proc/self/task");

	if (!dir)
		return;
	for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
		if (isdigit((unsigned char)entry->d_name[0]))
			add(snapshot, "thread %s", entry->d_name);
	closedir(dir);
}

static __attribute__((unused)) int count_threads(void)
{
	int count = 0;
	DIR *dir = opendir("/proc/self/task");

	if (!dir)
		return -1;
	for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
		count += isdigit((unsigned char)entry->d_name[0]) != 0;
	closedir(dir);
	return count;
}

void await_lone_thread(void)
{
#ifndef __SANITIZE_THREAD__ /* which has threads of its own, as many as it likes */
	struct timespec pause = {0, 1000000};

	for (int tries = 0; count_threads() > 1 && tries < 10000; tries++)
		nanosleep(&pause, NULL);
#endif
}

static void *nothing(void *data)
{
	return data;
}

void touch_threads(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, nothing, NULL) != 0 || pthread_join(thread, NULL) != 0)
		abort();
	await_lone_thread();
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

struct snapshot *snapshot_take(void)
{
	struct snapshot *snapshot = calloc(1, sizeof(*snapshot));

	if (!snapshot)
		abort();
	add_descriptors(snapshot);
	add_signals(snapshot);
	add_limits(snapshot);
	add_flags(snapshot);
	add_process(snapshot);
	add_threads(snapshot);
	add_usage(snapshot);
	add_file(snapshot, "/proc/self/mountinfo", NULL);
	walk_children(snapshot);
	qsort(snapshot->lines, snapshot->count, sizeof(snapshot->lines[0]), by_text);
	return snapshot;
}

void snapshot_free(struct snapshot *snapshot)
{
	if (!snapshot)
		return;
	for (size_t i = 0; i < snapshot->count; i++)
		free(snapshot->lines[i]);
	free(snapshot->lines);
	free(snapshot);
}

static bool is_allowed(const char *line, bool gone, unsigned int allowed)
{
	if (strncmp(line, "descriptor ", 11) == 0)
		return (allowed & SNAPSHOT_DESCRIPTORS) ||
		       (gone ? allowed & SNAPSHOT_FEWER_DESCRIPTORS
			     : (allowed & SNAPSHOT_MORE_DESCRIPTORS) && strstr(line, " flags 1 "));
	if (strncmp(line, "child ", 6) == 0)
		return allowed & (SNAPSHOT_CHILDREN |
					 (gone ? SNAPSHOT_FEWER_CHILDREN : SNAPSHOT_MORE_CHILDREN));
	return strncmp(line, "ended ", 6) == 0 && (allowed & SNAPSHOT_ENDED);
}

const char *snapshot_difference(const struct snapshot *before, const struct snapshot *after,
	unsigned int allowed)
{
	static char text[16384];
	size_t used = 0, i = 0, j = 0;

	while (i < before->count || j < after->count) {
		const char *line;
		bool gone;
		int order;

		if (i == before->count)
			order = 1;
		else if (j == after->count)
			order = -1;
		else
			order = strcmp(before->lines[i], after->lines[j]);
		if (order == 0) {
			i++;
			j++;
			continue;
		}
		gone = order < 0;
		line = gone ? before->lines[i++] : after->lines[j++];
		if (!is_allowed(line, gone, allowed) && used < sizeof(text) - 1)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%c %s\n",
				gone ? '-' : '+', line);
	}
	return used ? text : NULL;
}

int count_children(void)
{
	return walk_children(NULL);
}

static int count_lines(const char *path)
{
	int count = 0;
	FILE *file = fopen(path, "re");

	if (!file)
		return -1;
	for (int byte = fgetc(file); byte != EOF; byte = fgetc(file))
		count += byte == '\n';
	fclose(file);
	return count;
}

int count_mounts(void)
{
	return count_lines("/proc/self/mountinfo");
}

int count_descriptors(void)
{
	int count = 0;
	DIR *dir = opendir("/proc/self/fd");

	if (!dir)
		return -1;
	for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
		count += isdigit((unsigned char)entry->d_name[0]) != 0;
	closedir(dir);
	return count - 1;
}

/* SPDX-License-Identifier: MIT */
/*
 * The walk over /proc: which namespaces each process uses. Each /proc/PID is opened
 * once, and what is below it is found through that descriptor, so that a pid which
 * changes hands in mid-walk cannot mix two processes.
 */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error/error.h"
#include "ns.h"
#include "sys/openat2.h"
#include "sys/procfs.h"
#include "util/fd.h"
#include "util/proc_text.h"

/* Longer than "ns/time_for_children". */
#define LINK_PATH_SIZE 32

/* A process while it is looked at. */
struct process {
	int dir;
	pid_t pid;
	bool is_known; /* its stat was read, or cannot be */
	bool is_read;  /* it was */
	struct ct__proc_stat stat;
};

static void link_path(char path[LINK_PATH_SIZE], const char *name)
{
	memcpy(path, "ns/", 3);
	strcpy(path + 3, name); /* a name of ct__ns_kinds[] */
}

/*
 * One link. 0: there is none, because the kernel lacks the kind, the process has ended, or
 * its children's pid namespace has no first process yet. Else its id or a negative errno.
 */
static int64_t read_link(int dir, const char *name)
{
	char path[LINK_PATH_SIZE], text[64];
	uint32_t kind;
	uint64_t id;
	ssize_t length;

	link_path(path, name);
	length = readlinkat(dir, path, text, sizeof(text) - 1);
	if (length < 0)
		return errno == ENOENT ? 0 : -errno;
	text[length] = '\0';
	return ct__parse_ns_name(text, &kind, &id) < 0 ? 0 : (int64_t)id;
}

/* Whether a process has ended and been reaped: then nothing is below its directory. */
static bool is_gone(int dir)
{
	struct stat stat;

	return fstatat(dir, "ns", &stat, 0) < 0 && (errno == ENOENT || errno == ESRCH);
}

int ct__ns_read_links(int dir, uint32_t kinds, bool for_children, struct ct__ns_links *ret_links)
{
	bool is_incomplete = false;

	*ret_links = (struct ct__ns_links){0};
	for (size_t i = 0; i < CT__NS_KIND_COUNT; i++) {
		const struct ct__ns_kind *kind = &ct__ns_kinds[i];
		int64_t own, next = 0, failed;

		if (!(kinds & kind->kind))
			continue;
		own = read_link(dir, kind->name);
		if (own >= 0 && for_children && kind->for_children)
			next = read_link(dir, kind->for_children);
		failed = own < 0 ? own : next;
		if (failed < 0 && ct__ns_is_fatal((int)failed))
			return (int)failed;
		/* The kernel says EACCES as well where the process ended an instant ago. */
		if (failed < 0)
			return is_gone(dir) ? -ESRCH : -EACCES;
		if (own == 0)
			is_incomplete = true;
		ret_links->own[i] = (uint64_t)own;
		ret_links->for_children[i] = (uint64_t)next;
	}
	/* A zombie has only some links; one that is gone must not count for half. */
	return is_incomplete && is_gone(dir) ? -ESRCH : 0;
}

/* Its stat, read once, and only where it is needed: the kernel takes its time to make it. */
static int know(struct process *process)
{
	char text[512];
	ssize_t size;

	if (process->is_known)
		return 0;
	process->is_known = true;
	size = ct__procfs_read(process->dir, "stat", text, sizeof(text));
	if (size < 0)
		return ct__ns_is_fatal((int)size) ? (int)size : 0;
	process->is_read = ct__parse_stat(text, (size_t)size, &process->stat) == 0;
	return 0;
}

static bool is_kernel_thread(const struct process *process)
{
	return process->is_read && (process->stat.flags & CT__KERNEL_THREAD);
}

/* Makes a process the lowest member: of such alone, command and uid are read. */
static int set_lowest(struct process *process, ct_ns_info *info)
{
	struct stat stat;
	int ret = know(process);

	if (ret < 0)
		return ret;
	info->pid = process->pid;
	info->unseen &= ~CT_NS_UNSEEN_PROCESS;
	if (process->is_read && fstat(process->dir, &stat) == 0) {
		info->uid = stat.st_uid;
		memcpy(info->command, process->stat.command, sizeof(info->command));
	} else {
		info->unseen |= CT_NS_UNSEEN_PROCESS;
		info->uid = UINT32_MAX;
		info->command[0] = '\0';
	}
	return 0;
}

/* Counts one use of a namespace. name: its file below ns/. */
static int use(struct ct__ns_scan *scan, struct process *process, const struct ct__ns_kind *kind,
	uint64_t id, uint32_t link)
{
	char path[LINK_PATH_SIZE];
	struct ct__ns *row;
	int index = ct__ns_row_get(scan, kind->kind, id);
	int ret = 0;

	if (index == -ENOENT)
		return 0;
	if (index < 0)
		return index;
	row = ct__ns_row(scan, (size_t)index);
	row->info.links |= link;
	if (link == CT_NS_LINK_OWN) {
		row->info.nprocs++;
		if (!row->info.pid || process->pid < row->info.pid)
			ret = set_lowest(process, &row->info);
	} else {
		row->info.nprocs_for_children++;
		if (!row->children_pid || process->pid < row->children_pid)
			row->children_pid = process->pid;
	}
	if (ret < 0)
		return ct__ns_fail(scan, ret, "openat", row->info.name);
	if (row->asked)
		return 0;
	link_path(path, link == CT_NS_LINK_OWN ? kind->name : kind->for_children);
	return ct__ns_ask_link(scan, (size_t)index, process->dir, path);
}

static int count_links(
	struct ct__ns_scan *scan, struct process *process, const struct ct__ns_links *links)
{
	int ret = 0;

	for (size_t i = 0; i < CT__NS_KIND_COUNT && ret == 0; i++) {
		const struct ct__ns_kind *kind = &ct__ns_kinds[i];
		uint64_t own = links->own[i], next = links->for_children[i];

		if (own)
			ret = use(scan, process, kind, own, CT_NS_LINK_OWN);
		if (ret == 0 && next && next != own)
			ret = use(scan, process, kind, next, CT_NS_LINK_FOR_CHILDREN);
	}
	return ret;
}

/* ---------------------------------------------------------- kernel threads */

#define KTHREADD 2

/* Remembers kthreadd, the parent of all kernel threads, if this is it. */
static int meet_kthreadd(
	struct ct__ns_scan *scan, struct process *process, const struct ct__ns_links *links)
{
	int ret = know(process);

	if (ret == 0 && is_kernel_thread(process)) {
		scan->has_kernel_threads = true;
		scan->kthreadd = *links;
	}
	return ret;
}

/*
 * Kernel threads, two thirds of the processes of a small machine, stay where kthreadd is.
 * One takes a mnt namespace of its own (kdevtmpfs), so that link is looked at still. 1:
 * it is such a thread, and links are set; 0: it is not, or it went elsewhere.
 */
static int read_kernel_thread(
	struct ct__ns_scan *scan, struct process *process, struct ct__ns_links *ret_links)
{
	char unused;
	int64_t mnt;
	int ret;

	/* A hint alone: without memory it has no program, but nor has a process that is ending. */
	if (readlinkat(process->dir, "exe", &unused, 1) >= 0 || errno != ENOENT)
		return 0;
	ret = know(process);
	if (ret < 0 || !is_kernel_thread(process))
		return ret;
	mnt = read_link(process->dir, "mnt");
	if (mnt <= 0 || (uint64_t)mnt != scan->kthreadd.own[ct__ns_kind_index(CT_NS_MNT)])
		return ct__ns_is_fatal((int)mnt) ? (int)mnt : 0;
	*ret_links = scan->kthreadd;
	return 1;
}

/* -------------------------------------------------------------- the walk */

static int read_process(
	struct ct__ns_scan *scan, struct process *process, struct ct__ns_links *ret_links)
{
	bool is_thorough = scan->flags & CT_NS_LIST_KEEPERS;
	int ret = 0;

	if (scan->has_kernel_threads)
		ret = read_kernel_thread(scan, process, ret_links);
	if (ret != 0)
		return ret < 0 ? ret : 0;
	/* The mnt namespace is needed to search its mounts. */
	ret = ct__ns_read_links(process->dir, scan->kinds | (is_thorough ? CT_NS_MNT : 0),
		is_thorough || scan->is_scoped, ret_links);
	if (ret == 0 && process->pid == KTHREADD && scan->kinds == CT_NS_ALL && !is_thorough)
		ret = meet_kthreadd(scan, process, ret_links);
	return ret;
}

int ct__ns_scan_one(struct ct__ns_scan *scan, int dir, const char *name)
{
	struct process process = {.dir = dir, .pid = ct__parse_pid(name)};
	struct ct__ns_links links;
	int ret = read_process(scan, &process, &links);

	if (ret == -ESRCH) {
		scan->stats.vanished++;
		return 0;
	}
	if (ret == -EACCES) {
		scan->stats.denied++;
		return 0;
	}
	if (ret < 0)
		return ct__ns_fail(scan, ret, "readlinkat", name);
	scan->stats.processes++;
	ret = count_links(scan, &process, &links);
	if (ret == 0 && (scan->flags & CT_NS_LIST_KEEPERS))
		ret = ct__ns_scan_keepers(
			scan, dir, process.pid, links.own[ct__ns_kind_index(CT_NS_MNT)]);
	return ret;
}

/* 0 also where the process cannot be seen. */
static int scan_named(struct ct__ns_scan *scan, const char *name)
{
	CT__AUTO_CLOSE int dir = ct__openat(scan->proc, name, O_PATH | O_DIRECTORY, 0);

	if (ct__ns_is_fatal(dir))
		return ct__ns_fail(scan, dir, "openat", name);
	if (dir >= 0)
		return ct__ns_scan_one(scan, dir, name);
	if (dir == -ENOENT || dir == -ESRCH)
		scan->stats.vanished++;
	else
		scan->stats.denied++;
	return 0;
}

int ct__ns_scan_processes(struct ct__ns_scan *scan)
{
	int fd = ct__openat(scan->proc, ".", O_RDONLY | O_DIRECTORY, 0);
	DIR *entries = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int ret = 0;

	if (!entries) {
		ret = fd < 0 ? fd : -errno;
		ct__close(&fd);
		return ct__ns_fail(scan, ret, "openat", "/proc");
	}
	do {
		errno = 0;
		entry = readdir(entries);
		if (!entry && errno)
			ret = ct__ns_fail(scan, -errno, "getdents64", "/proc");
		else if (entry && ct__parse_pid(entry->d_name))
			ret = scan_named(scan, entry->d_name);
	} while (entry && ret == 0);
	closedir(entries);
	return ret;
}

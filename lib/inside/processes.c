/* SPDX-License-Identifier: MIT */
/* ct_container_processes: see container/inside.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <container/inside.h>

#include "cgroup/group.h"
#include "error/error.h"
#include "spawn/container.h"
#include "sys/nsfs.h"
#include "sys/procfs.h"
#include "util/array.h"
#include "util/fd.h"
#include "util/proc_text.h"

#define MAX_DEPTH 32 /* of cgroups below the container's, and of pid namespaces */

static int fail(const ct_container *box, int code, const char *call, ct_error *err)
{
	return ct__fail(err, code == -ENOMEM ? CT_STEP_MEMORY : CT_STEP_INSIDE, code, call,
		"processes of %d", box->pid);
}

/* -------------------------------------------------------------- by its cgroup */

static int add_listed(int dir, ct__array *pids)
{
	CT__AUTO_FREE char *text = NULL;
	int ret = ct__procfs_read_all(dir, "cgroup.procs", &text);
	char *next = text;

	/* A threaded cgroup of v2 has a list of threads alone; what is gone has none. */
	if (ret == -EOPNOTSUPP || ret == -ENODEV || ret == -ENOENT)
		return 0;
	while (ret == 0 && *next) {
		pid_t pid = (pid_t)strtol(next, &next, 10);

		if (pid > 0) /* 0: it is not in the pid namespace of the caller */
			ret = ct__array_add(pids, &pid, sizeof(pid));
		next += *next == '\n';
	}
	return ret;
}

/* A container may have made cgroups below its own. */
static int add_tree(int parent, const char *name, int depth, ct__array *pids)
{
	int ret, fd = ct__openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	struct dirent *entry;
	DIR *dir;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	ret = add_listed(fd, pids);
	while (ret == 0 && depth < MAX_DEPTH && (entry = readdir(dir)) != NULL)
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			ret = add_tree(fd, entry->d_name, depth + 1, pids);
	closedir(dir);
	return ret;
}

/* ------------------------------------------------------- by its pid namespace */

/* What is known of pid namespaces: those below the container's, and those that are not. */
struct family {
	int proc;
	uint64_t own;
	ct__array in, out; /* uint64_t */
};

static bool holds(const ct__array *set, uint64_t id)
{
	ct__array_for_each(uint64_t, one, set)
		if (*one == id)
			return true;
	return false;
}

static uint64_t id_of(int ns)
{
	struct stat about;

	return fstat(ns, &about) < 0 ? 0 : about.st_ino;
}

/* 1: the namespace that ns is a descriptor of is below the container's; 0: it is not. */
static int is_below(const struct family *family, int ns)
{
	CT__AUTO_CLOSE int at = fcntl(ns, F_DUPFD_CLOEXEC, 3);

	for (int depth = 0; at >= 0 && depth < MAX_DEPTH; depth++) {
		int parent;

		if (id_of(at) == family->own)
			return 1;
		parent = ct__ns_related(at, CT__NS_GET_PARENT);
		ct__close(&at);
		at = parent;
	}
	return at == -EMFILE || at == -ENFILE ? at : 0;
}

/* 1: this process is the container's; 0: it is not, or is gone, or is not to be looked at. */
static int is_member(struct family *family, pid_t pid)
{
	CT__AUTO_CLOSE int ns = -EBADF;
	char path[32], link[64];
	ssize_t length;
	uint32_t kind;
	uint64_t id;
	int ret;

	snprintf(path, sizeof(path), "%d/ns/pid", pid);
	length = readlinkat(family->proc, path, link, sizeof(link) - 1);
	if (length < 0)
		return 0;
	link[length] = '\0';
	if (ct__parse_ns_name(link, &kind, &id) < 0)
		return 0;
	if (id == family->own || holds(&family->in, id))
		return 1;
	if (holds(&family->out, id))
		return 0;
	ns = ct__openat(family->proc, path, O_RDONLY, 0);
	if (ns < 0)
		return ns == -EMFILE || ns == -ENFILE ? ns : 0;
	id = id_of(ns); /* another process may have the number by now */
	ret = is_below(family, ns);
	if (ret >= 0 && ct__array_add(ret ? &family->in : &family->out, &id, sizeof(id)) < 0)
		ret = -ENOMEM;
	return ret;
}

static int add_members(struct family *family, ct__array *pids)
{
	CT__AUTO_CLOSE int fd = ct__openat(family->proc, ".", O_RDONLY | O_DIRECTORY, 0);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int ret = 0;

	if (!dir)
		return fd < 0 ? fd : -ENOMEM;
	fd = -EBADF; /* the directory's now */
	while (ret >= 0 && (entry = readdir(dir)) != NULL) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid <= 0)
			continue;
		ret = is_member(family, pid);
		if (ret > 0)
			ret = ct__array_add(pids, &pid, sizeof(pid));
	}
	closedir(dir);
	return ret < 0 ? ret : 0;
}

static int search(ct_container *box, ct__array *pids, ct_error *err)
{
	CT__AUTO_CLOSE int proc = ct__procfs_open();
	struct family family = {.proc = proc};
	struct stat own, theirs;
	char path[32];
	int ret;

	if (proc < 0)
		return fail(box, proc == -ENOENT ? -EACCES : proc, "openat", err);
	snprintf(path, sizeof(path), "%d/ns/pid", box->pid);
	if (fstatat(proc, path, &theirs, 0) < 0 || fstatat(proc, "thread-self/ns/pid", &own, 0) < 0)
		return errno == ENOENT || errno == ESRCH ? 0 : fail(box, -errno, "fstatat", err);
	if (theirs.st_ino == own.st_ino)
		return ct__fail_because(err, CT_STEP_INSIDE, -EOPNOTSUPP,
			"it has neither a cgroup nor a pid namespace of its own", "processes of %d",
			box->pid);
	family.own = theirs.st_ino;
	ret = add_members(&family, pids);
	ct__array_done(&family.in);
	ct__array_done(&family.out);
	return ret < 0 ? fail(box, ret, "openat", err) : 0;
}

/* ---------------------------------------------------------------- the whole */

static int by_number(const void *a, const void *b)
{
	pid_t one = *(const pid_t *)a, other = *(const pid_t *)b;

	return (one > other) - (one < other);
}

int ct_container_processes(ct_container *box, pid_t *ret_pids, size_t room, ct_error *err)
{
	ct__array pids = {0};
	bool ended;
	int ret = 0;

	if (!box || (room && !ret_pids))
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is NULL",
			box ? "ret_pids" : "container");
	pthread_mutex_lock(&box->lock);
	ct__container_look(box);
	ended = box->ended;
	pthread_mutex_unlock(&box->lock);
	if (!ended && box->group.plan) {
		const struct ct__place *place = box->group.plan->places.items;

		ret = add_tree(place->parent, box->group.name, 0, &pids);
		ret = ret < 0 ? fail(box, ret, "openat", err) : 0;
	} else if (!ended) {
		ret = search(box, &pids, err);
	}
	if (ret == 0) {
		ret = (int)pids.count;
		if (pids.count)
			qsort(pids.items, pids.count, sizeof(pid_t), by_number);
		if (room && pids.count)
			memcpy(ret_pids, pids.items, (room < pids.count ? room : pids.count) * sizeof(pid_t));
	}
	ct__array_done(&pids);
	return ret;
}

/* SPDX-License-Identifier: MIT */
/* Looking at the process that a join is modelled on; see look.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <container/join.h>

#include "cgroup/membership.h"
#include "error/error.h"
#include "look.h"
#include "sys/procfs.h"
#include "util/fd.h"
#include "util/ns_kinds.h"
#include "util/proc_status.h"
#include "util/proc_text.h"

/* One look at a target: what is needed on the way only. */
struct look {
	struct ct__target *target;
	int proc;    /* /proc */
	int process; /* its entry of the target */
	uint32_t flags;
	ct_error *err;
};

static int failed(const struct look *look, int code, const char *call, const char *file)
{
	/* A process that ends takes its files along; ENOENT is how they say it. */
	if (code == -ENOENT || code == -ESRCH)
		code = -ESRCH;
	return ct__fail(look->err, CT_STEP_TARGET, code, call, "process %d: %s", look->target->pid, file);
}

static bool is_alive(int pidfd)
{
	return ct__poll_now(pidfd, POLLIN) == 0;
}

/*
 * Whether what was seen of the process was that of one on its way out: exit gives up memory
 * first, then cgroups, and tells the pidfd last (do_exit of the kernel). A kernel thread has no
 * memory either, and does not end: hence the limit, which nothing else comes near.
 */
static bool is_ending(const struct look *look)
{
	struct pollfd ended = {.fd = look->target->pidfd, .events = POLLIN};
	char exe[1];

	if (!is_alive(look->target->pidfd))
		return true;
	if (look->process < 0 || readlinkat(look->process, "exe", exe, sizeof(exe)) >= 0 || errno != ENOENT)
		return false;
	return poll(&ended, 1, 1000) > 0;
}

/* The process that a pidfd stands for, as a number; or a negative errno. */
static pid_t pidfd_pid(int pidfd)
{
	char path[64], text[512];
	const char *line;
	ssize_t count;
	int pid;

	snprintf(path, sizeof(path), "/proc/thread-self/fdinfo/%d", pidfd);
	count = ct__procfs_read(AT_FDCWD, path, text, sizeof(text) - 1);
	if (count < 0)
		return count == -ENOENT ? -EBADF : (pid_t)count;
	text[count] = '\0';
	line = strstr(text, "\nPid:");
	if (!line || sscanf(line + 5, "%d", &pid) != 1)
		return -EINVAL;
	return pid > 0 ? pid : -ESRCH; /* -1: it has ended; 0: it is not in this pid namespace */
}

static int open_process(struct look *look)
{
	char name[16];

	look->proc = ct__procfs_open();
	if (look->proc < 0)
		return failed(look, look->proc == -ENOENT ? -EACCES : look->proc, "openat", "/proc");
	snprintf(name, sizeof(name), "%d", look->target->pid);
	look->process = ct__openat(look->proc, name, O_PATH | O_DIRECTORY, 0);
	if (look->process == -ENOENT && is_alive(look->target->pidfd))
		look->process = -EACCES; /* it is there, but hidden: hidepid of proc(5) */
	if (look->process < 0)
		return failed(look, look->process, "openat", "/proc");
	/* The entry was opened by number: it is the right one if the process lives still. */
	if (!is_alive(look->target->pidfd))
		return failed(look, -ESRCH, NULL, "it has ended");
	return 0;
}

/* ------------------------------------------------------------- namespaces */

static bool is_same_ns(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

/* Drops from target->kinds those in which the target is where a child of the caller would be. */
static int compare_namespaces(struct look *look, bool all)
{
	for (size_t i = 0; i < CT__NS_KIND_COUNT; i++) {
		const struct ct__ns_kind *kind = &ct__ns_kinds[i];
		char own[64], theirs[32];
		struct stat here, there;

		if (!(look->target->kinds & kind->kind))
			continue;
		snprintf(own, sizeof(own), "thread-self/ns/%s",
			kind->for_children ? kind->for_children : kind->name);
		snprintf(theirs, sizeof(theirs), "ns/%s", kind->name);
		/* A kernel without this kind has nothing in which the two could differ. */
		if (fstatat(look->proc, own, &here, 0) < 0) {
			if (errno != ENOENT || !all)
				return failed(look, errno == ENOENT ? -EINVAL : -errno, "fstatat", theirs);
			look->target->kinds &= ~kind->kind;
			continue;
		}
		if (fstatat(look->process, theirs, &there, 0) < 0)
			return failed(look, -errno, "fstatat", theirs);
		if (is_same_ns(&here, &there))
			look->target->kinds &= ~kind->kind;
	}
	return 0;
}

static int open_places(struct look *look)
{
	struct ct__target *target = look->target;

	if (target->kinds & CT_NS_MNT) {
		target->root = ct__openat(look->process, "root", O_PATH | O_DIRECTORY, 0);
		if (target->root < 0)
			return failed(look, target->root, "openat", "root");
	}
	if (target->kinds & CT_NS_PID) {
		target->pid_ns = ct__openat(look->process, "ns/pid", O_RDONLY, 0);
		if (target->pid_ns < 0)
			return failed(look, target->pid_ns, "openat", "ns/pid");
	}
	return 0;
}

/* ----------------------------------------------------------------- rights */

static int read_map(struct look *look, const char *name, ct__array *ret_map)
{
	CT__AUTO_FREE char *text = NULL;
	int ret = ct__procfs_read_all(look->process, name, &text);

	if (ret == -EINVAL) /* it ends just now: proc_id_map_open() of the kernel's fs/proc/base.c */
		ret = -ESRCH;
	if (ret >= 0)
		ret = ct__parse_id_map(text, ret_map);
	return ret < 0 ? failed(look, ret, "read", name) : 0;
}

/* 0 where it is mapped, else the first id that is; what a process can be that makes files there. */
static uint32_t root_of(const ct__array *map)
{
	const struct ct__id_range *ranges = map->items;

	for (size_t i = 0; i < map->count; i++)
		if (ranges[i].inside == 0)
			return 0;
	return map->count ? ranges[0].inside : 0;
}

/* The target's ids in the words of its own user namespace, in which the payload will be. */
static int translate_ids(struct look *look, const struct ct__proc_status *status,
	const ct__array *uid_map, const ct__array *gid_map)
{
	struct ct__target *target = look->target;

	if (!ct__id_inside(uid_map, status->uid, &target->rights.uid) ||
		!ct__id_inside(gid_map, status->gid, &target->rights.gid))
		return ct__fail_because(look->err, CT_STEP_IDENTITY, -EINVAL,
			"its user or group is not mapped in its user namespace", "process %d",
			target->pid);
	ct__array_for_each(gid_t, group, &status->groups) {
		gid_t inside;

		/* One without a mapping can be had by inheritance alone: it is left out. */
		if (ct__id_inside(gid_map, *group, &inside) &&
			ct__array_add(&target->groups, &inside, sizeof(inside)) < 0)
			return failed(look, -ENOMEM, NULL, "groups");
	}
	target->root_uid = root_of(uid_map);
	target->root_gid = root_of(gid_map);
	return 0;
}

static int set_ids(struct look *look, struct ct__proc_status *status)
{
	struct ct__target *target = look->target;
	ct__array uid_map = {0}, gid_map = {0};
	char text[16] = "";
	int ret;

	if (!(target->kinds & CT_NS_USER)) {
		target->rights.uid = status->uid;
		target->rights.gid = status->gid;
		target->groups = status->groups;
		status->groups = (ct__array){0};
		return 0;
	}
	ret = read_map(look, "uid_map", &uid_map);
	if (ret >= 0)
		ret = read_map(look, "gid_map", &gid_map);
	if (ret >= 0)
		ret = translate_ids(look, status, &uid_map, &gid_map);
	if (ret >= 0 && ct__procfs_read(look->process, "setgroups", text, sizeof(text) - 1) > 0)
		target->deny_setgroups = strncmp(text, "deny", 4) == 0;
	if (target->deny_setgroups) /* those that it has it got from outside, as the payload will */
		ct__array_done(&target->groups);
	ct__array_done(&uid_map);
	ct__array_done(&gid_map);
	return ret;
}

/*
 * Capabilities count in the user namespace of the one who has them. Without entering the
 * target's, its own are worth nothing here, and no more than the strict default is given.
 */
static void set_caps(struct look *look, const struct ct__proc_status *status, bool foreign_user)
{
	struct ct__rights *rights = &look->target->rights;

	rights->caps = status->bounding;
	/* Root gets at its exec what the bounding set holds: never more than the target has now. */
	if (rights->uid == 0)
		rights->caps &= status->permitted;
	rights->ambient = rights->uid == 0 ? 0 : status->ambient & rights->caps;
	if (foreign_user) {
		rights->caps &= ct__default_caps;
		rights->ambient = 0;
	}
	rights->no_new_privs = status->no_new_privs;
}

static int own_filters(const struct look *look, uint64_t *ret_filters)
{
	CT__AUTO_FREE char *text = NULL;
	struct ct__proc_status status;
	int ret = ct__procfs_read_all(look->proc, "thread-self/status", &text);

	if (ret >= 0)
		ret = ct__parse_status(text, &status);
	if (ret < 0)
		return ret;
	ct__array_done(&status.groups);
	*ret_filters = status.filters;
	return 0;
}

/*
 * The caller's own filters are inherited, and the one that we gave the target is given again;
 * any above these the target has from others, or from itself.
 */
static int check_filters(struct look *look, const struct ct__proc_status *status)
{
	uint64_t own = 0;
	int ret;

	if (!status->filters || (look->flags & CT_JOIN_NO_SECCOMP))
		return 0;
	ret = own_filters(look, &own);
	if (ret < 0)
		return failed(look, ret, "read", "status");
	if (look->target->filter)
		own++;
	if (status->filters <= own)
		return 0;
	return ct__fail_because(look->err, CT_STEP_TARGET, -EOPNOTSUPP,
		"it has a seccomp filter, which cannot be copied", "process %d", look->target->pid);
}

static int set_rights(struct look *look, bool foreign_user)
{
	CT__AUTO_FREE char *text = NULL;
	struct ct__proc_status status;
	int ret = ct__procfs_read_all(look->process, "status", &text);

	if (ret >= 0)
		ret = ct__parse_status(text, &status);
	if (ret < 0)
		return failed(look, ret, "read", "status");
	ret = check_filters(look, &status);
	if (ret >= 0)
		ret = set_ids(look, &status);
	if (ret >= 0)
		set_caps(look, &status, foreign_user);
	ct__array_done(&status.groups);
	look->target->rights.groups = look->target->groups.items;
	look->target->rights.group_count = look->target->groups.count;
	return ret;
}

/* Those that are stricter here or there; what the caller may not have cannot be given. */
static int set_limits(struct look *look)
{
	struct ct__rights *rights = &look->target->rights;
	struct ct__proc_limit limits[RLIM_NLIMITS];
	CT__AUTO_FREE char *text = NULL;
	int ret = ct__procfs_read_all(look->process, "limits", &text);
	size_t count;

	if (ret < 0)
		return failed(look, ret, "read", "limits");
	count = ct__parse_limits(text, limits, RLIM_NLIMITS);
	for (size_t i = 0; i < count; i++) {
		struct spec_rlimit limit = {limits[i].resource, limits[i].soft, limits[i].hard};
		struct rlimit own;

		if (getrlimit((__rlimit_resource_t)limit.resource, &own) < 0)
			continue;
		if (limit.hard > own.rlim_max)
			limit.hard = own.rlim_max;
		if (limit.soft > limit.hard)
			limit.soft = limit.hard;
		if (limit.soft != own.rlim_cur || limit.hard != own.rlim_max)
			rights->limits[rights->limit_count++] = limit;
	}
	return 0;
}

static int read_score(int dir, const char *name, int *ret_score)
{
	char text[16];
	ssize_t count = ct__procfs_read(dir, name, text, sizeof(text) - 1);

	if (count < 0)
		return (int)count;
	text[count] = '\0';
	*ret_score = atoi(text);
	return 0;
}

static int set_oom_score(struct look *look)
{
	struct ct__rights *rights = &look->target->rights;
	int own = 0, ret;

	ret = read_score(look->process, "oom_score_adj", &rights->oom_score);
	if (ret >= 0)
		ret = read_score(look->proc, "thread-self/oom_score_adj", &own);
	if (ret < 0)
		return failed(look, ret, "read", "oom_score_adj");
	rights->has_oom_score = rights->oom_score != own;
	return 0;
}

/* -------------------------------------------------------------- the whole */

static int look_at(struct look *look, bool all)
{
	struct ct__target *target = look->target;
	struct stat own, theirs;
	int ret = open_process(look);

	if (ret < 0)
		return ret;
	ret = compare_namespaces(look, all);
	if (ret < 0)
		return ret;
	ret = open_places(look);
	if (ret < 0)
		return ret;
	if (fstatat(look->proc, "thread-self/ns/user", &own, 0) < 0 ||
		fstatat(look->process, "ns/user", &theirs, 0) < 0)
		return failed(look, -errno, "fstatat", "ns/user");
	ret = set_rights(look, !(target->kinds & CT_NS_USER) && !is_same_ns(&own, &theirs));
	if (ret >= 0)
		ret = set_limits(look);
	if (ret >= 0)
		ret = set_oom_score(look);
	if (ret >= 0 && !(look->flags & CT_JOIN_NO_CGROUP))
		ret = ct__cgroup_files(look->proc, look->process, &target->cgroups, look->err);
	if (ret < 0)
		return ret;
	/* All of it was about one process, if that lives still. */
	return is_alive(target->pidfd) ? 0 : failed(look, -ESRCH, NULL, "it has ended");
}

void ct__target_init(struct ct__target *target)
{
	*target = (struct ct__target){.pidfd = -EBADF, .root = -EBADF, .pid_ns = -EBADF};
	for (size_t i = 0; i < CT__NS_KIND_COUNT; i++)
		target->given[i] = -EBADF;
}

int ct__target_look(struct ct__target *target, int pidfd, uint32_t kinds, bool all, uint32_t flags,
	ct_error *err)
{
	struct look look = {
		.target = target, .proc = -EBADF, .process = -EBADF, .flags = flags, .err = err};
	int ret;

	struct ct__filter *filter = target->filter;
	struct ct__landlock *landlock = target->landlock;

	ct__target_init(target);
	target->filter = filter;
	target->landlock = landlock;
	target->is_process = true;
	target->kinds = kinds;
	target->pid = pidfd_pid(pidfd);
	if (target->pid < 0)
		return ct__fail(err, CT_STEP_TARGET, target->pid, "read", "descriptor %d", pidfd);
	target->pidfd = fcntl(pidfd, F_DUPFD_CLOEXEC, 3);
	if (target->pidfd < 0)
		return ct__fail(err, CT_STEP_TARGET, -errno, "fcntl", "descriptor %d", pidfd);
	ret = look_at(&look, all);
	if (ret < 0 && is_ending(&look))
		ret = failed(&look, -ESRCH, NULL, "it has ended");
	ct__close(&look.process);
	ct__close(&look.proc);
	if (ret < 0)
		ct__target_done(target);
	return ret;
}

void ct__target_done(struct ct__target *target)
{
	ct__close(&target->pidfd);
	ct__close(&target->root);
	ct__close(&target->pid_ns);
	ct__cgroup_files_done(&target->cgroups);
	ct__array_done(&target->groups);
}

/* SPDX-License-Identifier: MIT */
/* The cgroup of one container, from its making to its removal; see group.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cgroup/devices.h"
#include "cgroup/group.h"
#include "cgroup/membership.h"
#include "error/error.h"
#include "sys/openat2.h"
#include "trace/trace.h"
#include "util/clock.h"
#include "util/fd.h"

#define LONGEST_PAUSE_US 10000L

int ct__group_open(
	const struct ct__group *group, const struct ct__place *place, const char *file, int flags)
{
	char path[CT__GROUP_NAME + sizeof(((struct ct__setting *)NULL)->file)];

	snprintf(path, sizeof(path), "%s/%s", group->name, file);
	return ct__openat(place->parent, path, flags, 0);
}

int ct__group_open_unified(const struct ct__group *group)
{
	const struct ct__place *place = ct__group_unified(group->plan);

	return place ? ct__group_open(group, place, ".", O_RDONLY | O_DIRECTORY) : -ENOENT;
}

/* ------------------------------------------------------------------ making */

static int make_directory(int parent, const char *name)
{
	return mkdirat(parent, name, 0755) < 0 ? -errno : 0;
}

/* For explain mode: the directory that the place has open, by its path. */
static void tell_mkdir(struct ct__trace *trace, const struct ct__place *place, const char *name)
{
	char link[64], path[4096];
	ssize_t length;

	if (!trace)
		return;
	snprintf(link, sizeof(link), "/proc/thread-self/fd/%d", place->parent);
	length = readlink(link, path, sizeof(path) - 1);
	if (length < 0)
		return;
	path[length] = '\0';
	ct__trace_command(trace, "mkdir %s/%s", path, name);
}

static int write_text(int fd, const char *text)
{
	ssize_t written;

	do
		written = write(fd, text, strlen(text));
	while (written < 0 && errno == EINTR);
	return written < 0 ? -errno : 0;
}

/* Where a setting is written: in v2 what is no controller's own belongs to the group itself. */
static const struct ct__place *place_of(
	const struct ct__group_plan *plan, const struct ct__setting *setting)
{
	return setting->controller == CONTROLLER_COUNT
		       ? ct__group_unified(plan)
		       : ct__group_place(plan, (enum ct__controller)setting->controller);
}

int ct__group_write(const struct ct__group *group, const struct ct__setting *setting,
	struct ct__trace *trace, ct_error *err)
{
	const struct ct__place *place = place_of(group->plan, setting);
	CT__AUTO_CLOSE int fd = -EBADF;
	int ret;

	if (!place)
		return ct__fail(err, CT_STEP_LIMIT, -ENOENT, NULL, "%s", setting->file);
	fd = ct__group_open(group, place, setting->file, O_WRONLY);
	if (fd < 0)
		return ct__fail(err, CT_STEP_LIMIT, fd, "openat", "%s", setting->file);
	ct__trace_echo(trace, fd, "%s", setting->text);
	ret = ct__traced(trace, CT_STEP_LIMIT, "write", write_text(fd, setting->text),
		"%d<%s/%s>, \"%s\", %zu", fd, group->name, setting->file, setting->text,
		strlen(setting->text));
	if (ret < 0)
		return ct__fail(
			err, CT_STEP_LIMIT, ret, "write", "%s: %s", setting->file, setting->text);
	return 0;
}

static int attach_devices(const struct ct__group *group, struct ct__trace *trace, ct_error *err)
{
	CT__AUTO_CLOSE int directory = ct__group_open_unified(group);
	int ret = directory < 0 ? directory : ct__devices_attach(group->plan->devices, directory);

	ret = ct__traced(trace, CT_STEP_LIMIT, "bpf", ret, "BPF_PROG_ATTACH, {%d<%s>, %d<devices>}",
		directory, group->name, group->plan->devices);
	return ret < 0 ? ct__fail(err, CT_STEP_LIMIT, ret, "bpf", "devices") : 0;
}

static int make_parts(struct ct__group *group, struct ct__trace *trace, ct_error *err)
{
	int ret;

	ct__array_for_each(struct ct__place, place, &group->plan->places) {
		tell_mkdir(trace, place, group->name);
		ret = ct__traced(trace, CT_STEP_LIMIT, "mkdirat",
			make_directory(place->parent, group->name), "%d<%s>, \"%s\", 0755",
			place->parent, place->path, group->name);
		if (ret < 0)
			return ct__fail(err, CT_STEP_LIMIT, ret, "mkdirat", "%s%s%s", place->path,
				place->path[1] ? "/" : "", group->name);
	}
	ct__array_for_each(struct ct__setting, setting, &group->plan->settings) {
		ret = ct__group_write(group, setting, trace, err);
		if (ret < 0)
			return ret;
	}
	return group->plan->devices < 0 ? 0 : attach_devices(group, trace, err);
}

/* The path that is told: that of the memory controller, which all layouts have, or the first. */
static int name_group(struct ct__group *group)
{
	const struct ct__place *place = ct__group_place(group->plan, CONTROLLER_MEMORY);
	uint64_t number;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		return errno == ENOSYS ? -ENOSYS : -EAGAIN;
	snprintf(group->name, sizeof(group->name), "%s%016llx", group->plan->prefix,
		(unsigned long long)number);
	if (!place)
		place = group->plan->places.items;
	if (asprintf(&group->path, "%s%s%s", place->path, place->path[1] ? "/" : "", group->name) <
		0) {
		group->path = NULL;
		return -ENOMEM;
	}
	return 0;
}

int ct__group_make(struct ct__group_plan *plan, struct ct__trace *trace,
	struct ct__group *ret_group, ct_error *err)
{
	struct ct__group group = {.plan = ct__group_plan_ref(plan)};
	int ret = name_group(&group);

	ret = ret == -ENOMEM ? ct__fail(err, CT_STEP_MEMORY, ret, NULL, "cgroup") :
		ret < 0      ? ct__fail(err, CT_STEP_LIMIT, ret, "getrandom", "name of a cgroup")
		      : make_parts(&group, trace, err);
	if (ret < 0) {
		ct__array_for_each(struct ct__place, place, &plan->places)
			(void)ct__group_remove_tree(place->parent, group.name);
		ct__group_forget(&group);
		return ret;
	}
	*ret_group = group;
	return 0;
}

int ct__group_enter(
	const struct ct__group *group, pid_t pid, struct ct__trace *trace, ct_error *err)
{
	ct__array_for_each(struct ct__place, place, &group->plan->places) {
		CT__AUTO_CLOSE int fd = -EBADF;
		int ret;

		if (place->unified) /* it was born there: CLONE_INTO_CGROUP */
			continue;
		fd = ct__group_open(group, place, "cgroup.procs", O_WRONLY);
		if (fd < 0)
			return ct__fail(err, CT_STEP_LIMIT, fd, "openat", "cgroup.procs");
		ct__trace_echo(trace, fd, "%d", pid);
		ret = ct__traced(trace, CT_STEP_LIMIT, "write", ct__cgroup_enter(fd, pid),
			"%d<%s/cgroup.procs>, \"%d\"", fd, group->name, pid);
		if (ret == -ESRCH) /* it has ended: its own words tell more */
			return 0;
		if (ret < 0)
			return ct__fail(err, CT_STEP_LIMIT, ret, "write", "cgroup.procs of %s",
				group->path);
	}
	return 0;
}

/* ----------------------------------------------------------------- removal */

void ct__group_forget(struct ct__group *group)
{
	ct__group_plan_unref(group->plan);
	free(group->path);
	*group = (struct ct__group){0};
}

/* Removes what can be removed in all places: 0, or why something is still there. */
static int remove_parts(const struct ct__group *group)
{
	int ret = 0;

	ct__array_for_each(struct ct__place, place, &group->plan->places) {
		int removed = ct__group_remove_tree(place->parent, group->name);

		ret = removed < 0 ? removed : ret;
	}
	return ret;
}

/*
 * The kernel removes a group when the last process in it is gone, which none of its files
 * tells in v1: it is tried again, after pauses that grow. What cannot be removed in time,
 * because a process hangs in the kernel, is left to the next sweep.
 */
void ct__group_remove(struct ct__group *group, int timeout_ms)
{
	uint64_t deadline = ct__deadline_in(timeout_ms);
	long pause_us = 50;

	if (!group->plan)
		return;
	while (remove_parts(group) == -EBUSY && ct__ms_until(deadline) != 0) {
		struct timespec pause = {.tv_nsec = pause_us * 1000};

		ct__group_kill(group);
		nanosleep(&pause, NULL);
		pause_us = pause_us * 2 > LONGEST_PAUSE_US ? LONGEST_PAUSE_US : pause_us * 2;
	}
	ct__group_forget(group);
}

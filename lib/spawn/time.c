/* SPDX-License-Identifier: MIT */
/*
 * Limits of time. The keeper watches them (lib/stage/keeper.c); here it is given what it needs
 * for that: when the payload is let go, and again when a limit changes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <container/time.h>

#include "cgroup/group.h"
#include "container.h"
#include "error/error.h"
#include "keeper.h"
#include "stage/plan.h"
#include "trace/trace.h"
#include "util/fd.h"

#define MOST_MS (UINT64_C(1) << 40)

/* ------------------------------------------------------------- on the spec */

static uint64_t *limit_in(struct spec_time *limits, ct_time what)
{
	switch (what) {
	case CT_TIME_WALL:
		return &limits->wall_ms;
	case CT_TIME_CPU:
		return &limits->cpu_ms;
	}
	return NULL;
}

const char *ct__time_set(struct spec_time *limits, ct_time what, uint64_t ms)
{
	uint64_t *limit = limit_in(limits, what);

	if (!limit)
		return "there is no such limit of time";
	if (ms == 0 || (ms > MOST_MS && ms != CT_UNLIMITED))
		return "it is 0 or over 2^40 milliseconds";
	*limit = ms == CT_UNLIMITED ? 0 : ms;
	return NULL;
}

int ct_spec_set_time_limit(ct_spec *spec, ct_time what, uint64_t ms)
{
	const char *refusal;

	if (!spec)
		return -EINVAL;
	refusal = ct__time_set(&spec->time, what, ms);
	if (refusal)
		return ct__spec_mistake(spec, -EINVAL, refusal, "time limit %d: %llu ms", (int)what,
			(unsigned long long)ms);
	ct__spec_changed(spec);
	return 0;
}

/* -------------------------------------------------------- to the keeper */

/* The file that tells cpu time: any group of v2 has one, of v1 that of cpuacct. */
static int open_usage(const struct ct__group *group)
{
	const struct ct__place *place = ct__group_unified(group->plan);

	if (place)
		return ct__group_open(group, place, "cpu.stat", O_RDONLY);
	place = ct__group_place(group->plan, CONTROLLER_CPUACCT);
	return place ? ct__group_open(group, place, "cpuacct.usage", O_RDONLY) : -ENOENT;
}

/* Before Linux 5.14 there is none. */
static int open_kill(const struct ct__group *group)
{
	const struct ct__place *place = ct__group_unified(group->plan);

	return place ? ct__group_open(group, place, "cgroup.kill", O_WRONLY) : -ENOENT;
}

static int open_thaw(const struct ct__group *group)
{
	if (!ct__group_freeze_holds(group))
		return -ENOENT;
	return ct__group_open(
		group, ct__group_place(group->plan, CONTROLLER_FREEZER), "freezer.state", O_WRONLY);
}

/* What the keeper gets of the group; message.files says which there are. */
static int open_files(const struct ct_container *box, bool cpu, struct keeper_message *message,
	int fds[], unsigned int *count)
{
	static const struct {
		uint32_t bit;
		int (*open)(const struct ct__group *group);
	} rows[KEEPER_FILES] = {
		{KEEPER_USAGE, open_usage}, {KEEPER_KILL, open_kill}, {KEEPER_THAW, open_thaw}};

	for (size_t i = 0; box->group.plan && i < KEEPER_FILES; i++) {
		int fd;

		if (rows[i].bit == KEEPER_USAGE && !cpu)
			continue;
		fd = rows[i].open(&box->group);
		if (fd < 0 && (rows[i].bit == KEEPER_USAGE || fd == -EMFILE || fd == -ENFILE))
			return fd;
		if (fd < 0)
			continue;
		message->files |= rows[i].bit;
		fds[(*count)++] = fd;
	}
	return 0;
}

/* Nanoseconds in the file of open_usage(); 0 where it cannot be read. */
static uint64_t read_usage(int fd)
{
	char text[128];
	ssize_t length = pread(fd, text, sizeof(text) - 1, 0);
	uint64_t value;

	if (length <= 0)
		return 0;
	text[length] = '\0';
	value = ct__group_line(text, "usage_usec");
	return value == CT_NOT_KNOWN ? strtoull(text, NULL, 10) : value * 1000;
}

static int make_verdict(ct_container *box, struct ct__trace *trace)
{
	int fd;

	if (box->verdict >= 0)
		return 0;
	fd = ct__traced(trace, CT_STEP_LIMIT, "eventfd2", eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
		"0, EFD_CLOEXEC|EFD_NONBLOCK");
	if (fd < 0)
		return -errno;
	fd = ct__above_stdio(fd);
	if (fd < 0)
		return fd;
	box->verdict = fd;
	return 0;
}

static int tell_keeper(
	ct_container *box, struct spec_time limits, struct ct__trace *trace, ct_error *err)
{
	bool cpu = limits.cpu_ms && box->group.plan;
	struct keeper_message message = {.deadline_ns = UINT64_MAX, .cpu_ns = UINT64_MAX};
	int fds[1 + KEEPER_FILES] = {box->verdict};
	unsigned int count = 1;
	int ret;

	if (limits.wall_ms)
		message.deadline_ns = box->started_us * 1000 + limits.wall_ms * 1000000;
	message.cpus = (uint64_t)sysconf(_SC_NPROCESSORS_ONLN);
	ret = open_files(box, cpu, &message, fds, &count);
	if (ret < 0)
		ct__fail(err, CT_STEP_LIMIT, ret, "openat",
			"files of the cgroup for a limit of time");
	if (ret >= 0 && cpu) {
		if (!box->started)
			box->made_ns = read_usage(fds[1]);
		message.cpu_ns = box->made_ns + limits.cpu_ms * 1000000;
	}
	if (ret >= 0) {
		ret = ct__traced(trace, CT_STEP_LIMIT, "sendmsg",
			ct__keeper_limit(box->keeper, box->keeper_id, &message, fds, count),
			"<keeper>, {limits of time, %u descriptors}, MSG_NOSIGNAL", count);
		if (ret == -ECONNRESET)
			ret = -EPIPE;
		if (ret < 0)
			ct__fail(err, CT_STEP_LIMIT, ret, "sendmsg", "keeper");
	}
	while (--count > 0)
		close(fds[count]);
	return ret;
}

int ct__time_limit(
	ct_container *box, struct spec_time limits, struct ct__trace *trace, ct_error *err)
{
	int ret;

	if (!limits.wall_ms && !limits.cpu_ms && box->verdict < 0)
		return 0;
	ret = make_verdict(box, trace);
	if (ret < 0)
		return ct__fail(err, CT_STEP_LIMIT, ret, "eventfd2", "limit of time");
	ret = tell_keeper(box, limits, trace, err);
	if (ret >= 0)
		box->time = limits;
	return ret;
}

/* --------------------------------------------------------- on the container */

static int change(ct_container *box, ct_time what, uint64_t ms, ct_error *err)
{
	struct spec_time limits = box->time;
	const char *refusal = ct__time_set(&limits, what, ms);

	if (!refusal && !box->started)
		refusal = "the container was not started";
	if (!refusal && box->detached)
		refusal = "the container is detached";
	if (refusal)
		return ct__fail_because(err, CT_STEP_LIMIT, -EINVAL, refusal,
			"time limit %d: %llu ms", (int)what, (unsigned long long)ms);
	ct__container_look(box);
	if (box->ended)
		return ct__fail(err, CT_STEP_LIMIT, -ESRCH, NULL, "process %d", box->pid);
	if (limits.cpu_ms && !box->group.plan)
		return ct__fail_because(err, CT_STEP_LIMIT, -ENOENT,
			"it has no cgroup of its own, which would tell its cpu time", "process %d",
			box->pid);
	return ct__time_limit(box, limits, NULL, err);
}

int ct_container_set_time_limit(ct_container *box, ct_time what, uint64_t ms, ct_error *err)
{
	int ret;

	if (!box)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is NULL", "container");
	pthread_mutex_lock(&box->lock);
	ret = change(box, what, ms, err);
	pthread_mutex_unlock(&box->lock);
	return ret;
}

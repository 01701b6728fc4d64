/* SPDX-License-Identifier: MIT */
/*
 * One container in a set: which descriptors tell that something has happened, and what. The
 * kernel tells of changes in files of a cgroup by EPOLLPRI, until they are read again.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "cgroup/group.h"
#include "events.h"
#include "spawn/container.h"
#include "util/fd.h"

/* Files of the cgroup. */
struct file_row {
	enum source source;
	bool v2, v1;			/* where it is of use */
	enum ct__controller controller; /* CONTROLLER_COUNT: each group of v2 has it */
	const char *name;
};

static const struct file_row file_rows[] = {
	{SOURCE_MEMORY, true, false, CONTROLLER_MEMORY, "memory.events"},
	{SOURCE_PIDS, true, true, CONTROLLER_PIDS, "pids.events"},
	{SOURCE_STATE, true, false, CONTROLLER_COUNT, "cgroup.events"},
	{SOURCE_OOM, false, true, CONTROLLER_MEMORY, "memory.oom_control"},
};

/* Lines of them, which count up; but frozen is a state. */
struct tally_row {
	enum source source;
	const char *key;
	ct_event_kind kind;
};

static const struct tally_row tally_rows[TALLIES] = {
	{SOURCE_MEMORY, "high", CT_EVENT_MEMORY_HIGH},
	{SOURCE_MEMORY, "max", CT_EVENT_MEMORY_MAX},
	{SOURCE_MEMORY, "oom_kill", CT_EVENT_OOM_KILL},
	{SOURCE_PIDS, "max", CT_EVENT_PIDS_MAX},
	{SOURCE_STATE, "frozen", CT_EVENT_FROZEN},
	{SOURCE_OOM, "oom_kill", CT_EVENT_OOM_KILL},
};

/* ----------------------------------------------------------------- opening */

static int poll_for(struct ct_events *events, struct ct__watch *watch, uint32_t place,
	enum source source, int fd, uint32_t what)
{
	struct epoll_event event = {.events = what,
		.data.u64 = (uint64_t)place << 40 | (uint64_t)watch->generation << 8 | source};

	if (epoll_ctl(events->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		return -errno;
	watch->polled[source] = fd;
	return 0;
}

/* v1 tells of it through an eventfd that is written to a file with that of oom_control. */
static int ask_for_oom(const struct ct__watch *watch, const struct ct__place *place)
{
	CT__AUTO_CLOSE int control =
		ct__group_open(&watch->box->group, place, "cgroup.event_control", O_WRONLY);
	int fd = control < 0 ? control : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	char text[32];
	int length;

	if (fd < 0)
		return control < 0 ? control : -errno;
	length = snprintf(text, sizeof(text), "%d %d", fd, watch->file[SOURCE_OOM]);
	if (write(control, text, (size_t)length) < 0) {
		int ret = -errno;

		close(fd);
		return ret;
	}
	return ct__above_stdio(fd);
}

static bool is_resource(int code)
{
	return code == -EMFILE || code == -ENFILE || code == -ENOMEM || code == -ENOSPC;
}

/* A file that this kernel lacks tells nothing, which is no failure. */
static int open_file(struct ct_events *events, struct ct__watch *watch, uint32_t number,
	const struct file_row *row)
{
	const struct ct__group *group = &watch->box->group;
	const struct ct__place *place = row->controller == CONTROLLER_COUNT
						? ct__group_unified(group->plan)
						: ct__group_place(group->plan, row->controller);
	int fd, ret;

	if (!place || !(place->unified ? row->v2 : row->v1))
		return 0;
	fd = ct__group_open(group, place, row->name, O_RDONLY);
	if (fd < 0)
		return is_resource(fd) ? fd : 0;
	watch->file[row->source] = fd;
	if (row->source != SOURCE_OOM)
		return poll_for(events, watch, number, row->source, fd, EPOLLPRI);
	fd = ask_for_oom(watch, place);
	if (fd < 0)
		return is_resource(fd) ? fd : 0;
	ret = poll_for(events, watch, number, SOURCE_OOM, fd, EPOLLIN);
	if (ret < 0)
		close(fd);
	return ret;
}

/* The start: it has been, or the container is to say so. */
static int open_start(struct ct_events *events, struct ct__watch *watch, uint32_t place)
{
	ct_container *box = watch->box;
	bool started;
	int ret = 0;

	pthread_mutex_lock(&box->lock);
	started = box->started;
	if (!started && box->announce < 0) {
		ret = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		ret = ret < 0 ? -errno : ct__above_stdio(ret);
		box->announce = ret;
	}
	pthread_mutex_unlock(&box->lock);
	if (ret < 0)
		return ret;
	return started ? ct__events_tell(events, watch, CT_EVENT_STARTED, 1)
		       : poll_for(events, watch, place, SOURCE_START, box->announce, EPOLLIN);
}

int ct__watch_open(struct ct_events *events, struct ct__watch *watch, uint32_t place)
{
	ct_container *box = watch->box;
	int ret;

	for (int i = 0; i < SOURCE_COUNT; i++)
		watch->polled[i] = watch->file[i] = -EBADF;
	ret = open_start(events, watch, place);
	if (ret >= 0 && box->verdict >= 0)
		ret = poll_for(events, watch, place, SOURCE_TIME, box->verdict, EPOLLIN);
	for (size_t i = 0; box->group.plan && i < sizeof(file_rows) / sizeof(file_rows[0]); i++)
		if (ret >= 0)
			ret = open_file(events, watch, place, &file_rows[i]);
	if (ret >= 0)
		ret = poll_for(events, watch, place, SOURCE_END, box->pidfd, EPOLLIN);
	/* What has happened before it was watched. */
	for (int i = SOURCE_MEMORY; i < SOURCE_COUNT && ret >= 0; i++)
		if (watch->file[i] >= 0)
			ret = ct__watch_look(events, watch, (enum source)i);
	return ret;
}

/* The descriptors of the container itself stay open. */
static void stop_polling(struct ct_events *events, struct ct__watch *watch, enum source source)
{
	int *fd = &watch->polled[source];

	if (*fd < 0)
		return;
	epoll_ctl(events->epoll, EPOLL_CTL_DEL, *fd, NULL);
	if (source == SOURCE_OOM)
		close(*fd);
	*fd = -EBADF;
}

void ct__watch_close(struct ct_events *events, struct ct__watch *watch)
{
	for (int i = SOURCE_END; i < SOURCE_COUNT; i++) {
		stop_polling(events, watch, (enum source)i);
		ct__close(&watch->file[i]);
	}
}

/* ----------------------------------------------------------------- looking */

static int tell_tally(struct ct_events *events, struct ct__watch *watch, int tally, uint64_t value)
{
	uint64_t *told = &watch->told[tally];
	uint64_t more = value - *told;
	ct_event_kind kind = tally_rows[tally].kind;

	if (value == CT_NOT_KNOWN || value == *told)
		return 0;
	if (kind == CT_EVENT_FROZEN) {
		kind = value ? CT_EVENT_FROZEN : CT_EVENT_THAWED;
		more = 1;
	} else if (value < *told) {
		return 0; /* v1's notice of an end for want of memory comes before the end */
	}
	*told = value;
	return ct__events_tell(events, watch, kind, more);
}

static int look_at_file(struct ct_events *events, struct ct__watch *watch, enum source source)
{
	char text[512];
	ssize_t length = pread(watch->file[source], text, sizeof(text) - 1, 0);
	int ret = 0;

	if (length < 0) { /* somebody has removed the group */
		stop_polling(events, watch, source);
		return 0;
	}
	text[length] = '\0';
	for (int i = 0; i < TALLIES && ret >= 0; i++)
		if (tally_rows[i].source == source)
			ret = tell_tally(events, watch, i, ct__group_line(text, tally_rows[i].key));
	return ret;
}

static int look_at_oom(struct ct_events *events, struct ct__watch *watch)
{
	uint64_t count = 0;

	if (watch->polled[SOURCE_OOM] < 0 ||
		read(watch->polled[SOURCE_OOM], &count, sizeof(count)) < 0)
		return look_at_file(events, watch, SOURCE_OOM);
	return tell_tally(events, watch, TALLIES - 1, watch->told[TALLIES - 1] + count);
}

static int tell_time(struct ct_events *events, struct ct__watch *watch)
{
	stop_polling(events, watch, SOURCE_TIME);
	if (watch->time_told)
		return 0;
	watch->time_told = true;
	return ct__events_tell(events, watch, CT_EVENT_TIME_LIMIT, 1);
}

static int look_at_start(struct ct_events *events, struct ct__watch *watch)
{
	stop_polling(events, watch, SOURCE_START);
	return ct__events_tell(events, watch, CT_EVENT_STARTED, 1);
}

/* All that there is still to tell, and then the end. */
static int look_at_end(struct ct_events *events, struct ct__watch *watch)
{
	ct_exit how = CT_EXIT_INIT;
	int ret = ct_wait(watch->box, 0, &how, NULL);

	if (ret < 0)
		return ret == -ETIMEDOUT ? -EBUSY : ret;
	for (int i = SOURCE_MEMORY; i < SOURCE_COUNT && ret >= 0; i++)
		if (watch->file[i] >= 0)
			ret = look_at_file(events, watch, (enum source)i);
	if (ret >= 0 && (how.why == CT_END_WALL || how.why == CT_END_CPU))
		ret = tell_time(events, watch);
	if (ret >= 0)
		ret = ct__events_tell(events, watch, CT_EVENT_EXITED, 1);
	return ret < 0 ? ret : 1;
}

int ct__watch_look(struct ct_events *events, struct ct__watch *watch, enum source source)
{
	switch (source) {
	case SOURCE_END:
		return look_at_end(events, watch);
	case SOURCE_START:
		return look_at_start(events, watch);
	case SOURCE_TIME:
		return tell_time(events, watch);
	case SOURCE_OOM:
		return look_at_oom(events, watch);
	default:
		return look_at_file(events, watch, source);
	}
}

/* SPDX-License-Identifier: MIT */
/* ct_events: a set of containers, and the queue of what is to be told of them. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "error/error.h"
#include "events.h"
#include "spawn/container.h"
#include "util/clock.h"
#include "util/fd.h"

#define HELD_LOOK_MS 10

/* ------------------------------------------------------------------ a set */

static int open_set(struct ct_events *events, const char **ret_call)
{
	struct epoll_event more = {.events = EPOLLIN, .data.u64 = SOURCE_MORE};

	*ret_call = "epoll_create1";
	events->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (events->epoll < 0)
		return -errno;
	events->epoll = ct__above_stdio(events->epoll);
	if (events->epoll < 0)
		return events->epoll;
	*ret_call = "eventfd2";
	events->more = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (events->more < 0)
		return -errno;
	events->more = ct__above_stdio(events->more);
	if (events->more < 0)
		return events->more;
	*ret_call = "epoll_ctl";
	return epoll_ctl(events->epoll, EPOLL_CTL_ADD, events->more, &more) < 0 ? -errno : 0;
}

static void unref(struct ct_events *events)
{
	if (!events || atomic_fetch_sub(&events->refs, 1) > 1)
		return;
	pthread_mutex_destroy(&events->lock);
	free(events);
}

int ct_events_new(ct_events **ret_events, ct_error *err)
{
	struct ct_events *events;
	const char *call;
	int ret;

	if (!ret_events)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is NULL", "ret_events");
	events = calloc(1, sizeof(*events));
	if (!events || pthread_mutex_init(&events->lock, NULL) != 0) {
		free(events);
		return ct__fail(err, CT_STEP_MEMORY, -ENOMEM, NULL, "events");
	}
	atomic_init(&events->refs, 1);
	events->epoll = events->more = -EBADF;
	ret = open_set(events, &call);
	if (ret < 0) {
		ct_events_free(events);
		return ct__fail(err, CT_STEP_WAIT, ret, call, "events");
	}
	*ret_events = events;
	return 0;
}

static void drop(struct ct_events *events, uint32_t place)
{
	struct ct__watch **watches = events->watches.items;

	ct__watch_close(events, watches[place]);
	free(watches[place]);
	watches[place] = NULL;
}

void ct_events_free(ct_events *events)
{
	if (!events)
		return;
	pthread_mutex_lock(&events->lock);
	events->closed = true;
	for (size_t i = 0; i < events->watches.count; i++)
		if (((struct ct__watch **)events->watches.items)[i])
			drop(events, (uint32_t)i);
	ct__array_done(&events->watches);
	ct__array_done(&events->pending);
	ct__close(&events->epoll);
	ct__close(&events->more);
	pthread_mutex_unlock(&events->lock);
	unref(events);
}

int ct_events_fd(const ct_events *events)
{
	return events ? events->epoll : -EINVAL;
}

/* ------------------------------------------------------------- its members */

static int64_t place_of(const struct ct_events *events, const ct_container *box)
{
	struct ct__watch *const *watches = events->watches.items;

	for (size_t i = 0; i < events->watches.count; i++)
		if (watches[i] && watches[i]->box == box)
			return (int64_t)i;
	return -ENOENT;
}

/* A free place for a watch, which it takes; or -ENOMEM. */
static int64_t take_place(struct ct_events *events, struct ct__watch *watch)
{
	struct ct__watch **watches = events->watches.items;

	for (size_t i = 0; i < events->watches.count; i++)
		if (!watches[i]) {
			watches[i] = watch;
			return (int64_t)i;
		}
	if (ct__array_add(&events->watches, &watch, sizeof(watch)) < 0)
		return -ENOMEM;
	return (int64_t)events->watches.count - 1;
}

static int add(struct ct_events *events, ct_container *box, void *data)
{
	struct ct__watch *watch = calloc(1, sizeof(*watch));
	int64_t place = watch ? take_place(events, watch) : -ENOMEM;
	int ret;

	if (place < 0) {
		free(watch);
		return -ENOMEM;
	}
	*watch = (struct ct__watch){.box = box, .data = data, .generation = ++events->generation};
	ret = ct__watch_open(events, watch, (uint32_t)place);
	if (ret < 0)
		drop(events, (uint32_t)place);
	return ret;
}

/* The set that a container is in, referenced by it; it leaves one that was freed. */
static int enter(struct ct_events *events, ct_container *box)
{
	struct ct_events *before = box->events;
	bool is_member;

	if (before) {
		pthread_mutex_lock(&before->lock);
		is_member = !before->closed && place_of(before, box) >= 0;
		pthread_mutex_unlock(&before->lock);
		if (is_member)
			return -EBUSY;
		ct__events_forget(box);
	}
	atomic_fetch_add(&events->refs, 1);
	box->events = events;
	return 0;
}

int ct_events_add(ct_events *events, ct_container *box, void *data, ct_error *err)
{
	int ret;

	if (!events || !box)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is NULL",
			events ? "container" : "events");
	ret = enter(events, box);
	if (ret < 0)
		return ct__fail_because(err, CT_STEP_WAIT, ret, "it is in a set of events already",
			"process %d", box->pid);
	pthread_mutex_lock(&events->lock);
	ret = add(events, box, data);
	pthread_mutex_unlock(&events->lock);
	if (ret < 0) {
		ct__events_forget(box);
		return ct__fail(err, ret == -ENOMEM ? CT_STEP_MEMORY : CT_STEP_WAIT, ret,
			"epoll_ctl", "process %d", box->pid);
	}
	return 0;
}

/* Whether it was a member. What waits to be told of it goes as well. */
static bool leave(struct ct_events *events, const ct_container *box)
{
	ct_event *pending = events->pending.items;
	int64_t place = place_of(events, box);
	size_t kept = 0;

	if (place >= 0)
		drop(events, (uint32_t)place);
	for (size_t i = 0; i < events->pending.count; i++)
		if (pending[i].box != box)
			pending[kept++] = pending[i];
	events->pending.count = kept;
	return place >= 0;
}

void ct__events_forget(ct_container *box)
{
	struct ct_events *events = box->events;

	if (!events)
		return;
	pthread_mutex_lock(&events->lock);
	if (!events->closed)
		leave(events, box);
	pthread_mutex_unlock(&events->lock);
	box->events = NULL;
	unref(events);
}

int ct_events_remove(ct_events *events, ct_container *box)
{
	bool was_member;

	if (!events || !box)
		return -EINVAL;
	if (box->events != events)
		return -ENOENT;
	pthread_mutex_lock(&events->lock);
	was_member = leave(events, box);
	pthread_mutex_unlock(&events->lock);
	ct__events_forget(box);
	return was_member ? 0 : -ENOENT;
}

/* --------------------------------------------------------------- the queue */

int ct__events_tell(
	struct ct_events *events, const struct ct__watch *watch, ct_event_kind kind, uint64_t count)
{
	const ct_event event = {sizeof(event), kind, watch->box, watch->data, count};
	const uint64_t one = 1;

	if (ct__array_add(&events->pending, &event, sizeof(event)) < 0)
		return -ENOMEM;
	/* The set stays readable until all is taken. It fails only if it is readable already. */
	return write(events->more, &one, sizeof(one)) < 0 && errno != EAGAIN ? -errno : 0;
}

static bool take(struct ct_events *events, ct_event *ret_event)
{
	uint64_t count;

	if (events->pending.count > 0) {
		*ret_event = *(ct_event *)events->pending.items;
		events->pending.count--;
		memmove(events->pending.items, (ct_event *)events->pending.items + 1,
			events->pending.count * sizeof(ct_event));
		if (events->pending.count > 0)
			return true;
		return read(events->more, &count, sizeof(count)), true;
	}
	return read(events->more, &count, sizeof(count)), false;
}

/* What epoll told: it may be of a container that has left meanwhile. 0 or a negative errno. */
static int look(struct ct_events *events, uint64_t told)
{
	enum source source = (enum source)(told & 0xff);
	uint32_t generation = (uint32_t)(told >> 8), place = (uint32_t)(told >> 40);
	struct ct__watch **watches = events->watches.items;
	int ret;

	if (source == SOURCE_MORE || place >= events->watches.count || !watches[place] ||
		watches[place]->generation != generation)
		return 0;
	ret = ct__watch_look(events, watches[place], source);
	if (ret > 0)
		drop(events, place);
	return ret < 0 ? ret : 0;
}

/* One event of epoll's at most: what it has not told yet it tells the next one who asks. */
static int wait_and_look(struct ct_events *events, int timeout_ms, ct_event *ret_event)
{
	struct epoll_event ready;
	int ret = epoll_wait(events->epoll, &ready, 1, timeout_ms);

	if (ret <= 0)
		return ret < 0 ? -errno : 0;
	pthread_mutex_lock(&events->lock);
	ret = look(events, ready.data.u64);
	if (ret == 0 || ret == -EAGAIN)
		ret = take(events, ret_event) ? 1 : ret;
	pthread_mutex_unlock(&events->lock);
	return ret == 0 ? -EAGAIN : ret;
}

int ct_events_next(ct_events *events, int timeout_ms, ct_event *ret_event, ct_error *err)
{
	uint64_t deadline = ct__deadline_in(timeout_ms);
	ct_event event = CT_EVENT_INIT;
	int ret;

	if (!events || timeout_ms < CT_FOREVER || !ret_event || ret_event->size < sizeof(event))
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL,
			"it is NULL, out of range, or its size is not set", "events");
	do {
		ret = wait_and_look(events, ct__ms_until(deadline), &event);
		/* Ended, and held by a tracer, who tells nobody when it lets go. */
		if (ret == -EBUSY)
			poll(NULL, 0, HELD_LOOK_MS);
	} while (ret == -EAGAIN || (ret == -EBUSY && ct__ms_until(deadline) != 0));
	if (ret == 0 || ret == -EBUSY)
		return 0;
	if (ret < 0)
		return ct__fail(err, ret == -ENOMEM ? CT_STEP_MEMORY : CT_STEP_WAIT, ret,
			"epoll_wait", "events");
	event.size = ret_event->size;
	*ret_event = event;
	return 1;
}

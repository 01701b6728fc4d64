/* SPDX-License-Identifier: MIT */
/*
 * Events of many containers on one descriptor, for a loop that waits for other things as well.
 *
 *     ct_events_new(&events, &err);
 *     ct_events_add(events, box, job, &err);
 *     ...
 *     // when poll() or epoll_wait() says that ct_events_fd(events) is readable:
 *     while (ct_events_next(events, 0, &event, &err) > 0)
 *             if (event.kind == CT_EVENT_EXITED)
 *                     finish(event.data);
 *
 * No thread and no signal is at work. Nothing is lost: what happened between two calls, and
 * before the container was added, is told at the next one. Of a container the last
 * event is CT_EVENT_EXITED.
 */
#ifndef CONTAINER_EVENTS_H
#define CONTAINER_EVENTS_H

#include <stdint.h>

#include <container/error.h>
#include <container/spawn.h>
#include <container/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A set of containers whose events are waited for. Free with ct_events_free(). */
typedef struct ct_events ct_events;

/** What happened. Those about limits need a cgroup: see ct_spec_set_cgroup(). */
typedef enum ct_event_kind {
	CT_EVENT_STARTED = 1, /* the payload was started: ct_spawn(), ct_start() */
	CT_EVENT_EXITED = 2, /* its first process has ended; ct_wait() tells how, without waiting */
	CT_EVENT_OOM_KILL = 3,	  /* a process in there was killed because memory ran out */
	CT_EVENT_MEMORY_MAX = 4,  /* CT_LIMIT_MEMORY_MAX was reached; v2 */
	CT_EVENT_MEMORY_HIGH = 5, /* CT_LIMIT_MEMORY_HIGH was passed; v2 */
	CT_EVENT_PIDS_MAX =
		6, /* a fork was refused by CT_LIMIT_PIDS_MAX; v1: told when it has ended */
	CT_EVENT_FROZEN = 7,	/* all its processes stand still; where v2 is mounted */
	CT_EVENT_THAWED = 8,	/* they go on; where v2 is mounted */
	CT_EVENT_TIME_LIMIT = 9 /* it is killed because a limit of its time is over */
} ct_event_kind;

/** One event. Start from CT_EVENT_INIT. */
typedef struct ct_event {
	uint32_t size;	   /* sizeof(ct_event), set by CT_EVENT_INIT */
	uint32_t kind;	   /* ct_event_kind */
	ct_container *box; /* as it was added */
	void *data;	   /* as it was given with it */
	uint64_t count;	   /* how often it has happened since it was told last, at least 1 */
} ct_event;

/** Initializer for a ct_event. */
#define CT_EVENT_INIT                              \
	{                                          \
		sizeof(ct_event), 0, NULL, NULL, 0 \
	}

/**
 * Make an empty set.
 *
 * @param ret_events the set; free with ct_events_free(). Untouched on failure.
 * @param err        filled on failure; may be NULL.
 * @return 0 or a negative errno.
 *
 * Changes: two descriptors more, close-on-exec. Threads: safe.
 * Errors:  EINVAL ret_events is NULL; EMFILE, ENFILE no descriptor is left; ENOMEM.
 * Needs:   nothing. Source: epoll(7), eventfd(2). Since: 0.1. Example: loop.c
 */
CT_API CT_MUST_CHECK int ct_events_new(ct_events **ret_events, ct_error *err);

/**
 * Free a set. The containers go on; they can be added to another one.
 *
 * @param events may be NULL.
 *
 * Changes: closes its descriptors. Threads: no other thread may use the set.
 * Errors: none. Needs: nothing. Source: this library. Since: 0.1. Example: loop.c
 */
CT_API void ct_events_free(ct_events *events);

/**
 * The descriptor of a set: readable while there may be events.
 *
 * @param events the set.
 * @return an epoll descriptor, borrowed: to be polled, and neither read nor closed. Or -EINVAL.
 *
 * Changes: nothing. Threads: safe. Errors: EINVAL events is NULL.
 * Needs: nothing. Source: epoll(7). Since: 0.1. Example: loop.c
 */
CT_API int ct_events_fd(const ct_events *events);

/**
 * Add a container to a set.
 *
 * It stays in there until it has exited and that was told, until it is taken out, or until its
 * handle or the set is freed. A container can be in one set at a time.
 *
 * @param events the set.
 * @param box    the container: created, running or ended; also one of ct_join().
 * @param data   handed back with each of its events.
 * @param err    filled on failure; may be NULL.
 * @return 0 or a negative errno; then it is not in the set.
 *
 * Changes: up to six descriptors more, close-on-exec, until it leaves the set.
 * Threads: safe, for different containers.
 * Errors:  EINVAL an argument is NULL; EBUSY it is in a set already; EMFILE, ENFILE no
 *          descriptor is left; ENOSPC the user has too many watches (fs.epoll.max_user_watches); ENOMEM.
 * Needs:   nothing. Source: epoll(7), cgroups(7). Since: 0.1. Example: loop.c
 */
CT_API CT_MUST_CHECK int ct_events_add(
	ct_events *events, ct_container *box, void *data, ct_error *err);

/**
 * Take a container out of a set. What was not told of it is forgotten.
 *
 * @param events the set. @param box the container.
 * @return 0 or a negative errno.
 *
 * Changes: closes the descriptors of ct_events_add(). Threads: safe, for different containers.
 * Errors: EINVAL an argument is NULL; ENOENT it is not in there.
 * Needs: nothing. Source: epoll(7). Since: 0.1
 */
CT_API int ct_events_remove(ct_events *events, ct_container *box);

/**
 * The next event.
 *
 * @param events     the set.
 * @param timeout_ms how long to wait for one at most, in milliseconds; 0; CT_FOREVER.
 * @param ret_event  the event. Untouched unless 1 is returned. Its container may have been freed
 *                   if another thread does such things.
 * @param err        filled on failure; may be NULL.
 * @return 1, 0 if there was none in time, or a negative errno.
 *
 * Changes: reaps a container that has ended, as ct_wait() does. Blocks for the timeout.
 * Threads: safe, several threads may take events; each is told once.
 * Errors: EINVAL an argument is NULL, out of range, or its size is not set; EINTR a signal came to the
 *         calling thread, call again; ENOMEM.
 * Needs: nothing. Source: epoll_wait(2). Since: 0.1. Example: loop.c
 */
CT_API CT_MUST_CHECK int ct_events_next(
	ct_events *events, int timeout_ms, ct_event *ret_event, ct_error *err);

#ifdef __cplusplus
}
#endif

#endif

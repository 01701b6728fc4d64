/* SPDX-License-Identifier: MIT */
/* Private parts of the events room: a set (events.c), and what each container is watched by (watch.c). */
#ifndef CT_EVENTS_EVENTS_H
#define CT_EVENTS_EVENTS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <container/events.h>

#include "util/array.h"

/* What makes the set readable. */
enum source {
	SOURCE_MORE,   /* of the set: events wait to be taken */
	SOURCE_END,    /* the pidfd */
	SOURCE_START,  /* the container's eventfd for it */
	SOURCE_TIME,   /* the keeper's verdict */
	SOURCE_MEMORY, /* memory.events */
	SOURCE_PIDS,   /* pids.events */
	SOURCE_STATE,  /* cgroup.events */
	SOURCE_OOM,    /* v1: an eventfd for memory.oom_control */
	SOURCE_COUNT
};

#define TALLIES 6 /* lines of files that are told */

/* A container in a set. */
struct ct__watch {
	ct_container *box; /* NULL: the place is free */
	void *data;
	uint32_t generation;	  /* tells it from the one that had its place before */
	int polled[SOURCE_COUNT]; /* -1: there is none, or it has told all that it can */
	int file[SOURCE_COUNT];	  /* of the cgroup, to be read; -1: there is none */
	uint64_t told[TALLIES];
	bool time_told;
};

/* Of this the owner has a reference, and each container that is or was in it. */
struct ct_events {
	atomic_uint refs;
	int epoll, more;
	pthread_mutex_t lock; /* guards what follows; taken before that of a container */
	bool closed;	      /* ct_events_free() was called */
	uint32_t generation;
	ct__array watches; /* struct ct__watch *, by place; NULL: free */
	ct__array pending; /* ct_event, to be taken in this order */
};

/* events.c */

/* For ct_container_free(): nothing more is told of it. */
void ct__events_forget(ct_container *box);

/* Appends an event. 0 or -ENOMEM. */
int ct__events_tell(struct ct_events *events, const struct ct__watch *watch, ct_event_kind kind,
	uint64_t count);

/* watch.c: call them with the lock held. */

/* Opens what the container is watched by. On failure nothing is open. */
int ct__watch_open(struct ct_events *events, struct ct__watch *watch, uint32_t place);
void ct__watch_close(struct ct_events *events, struct ct__watch *watch);

/* Looks at one source, and tells what is new. 1: it has ended, and that was the last. */
int ct__watch_look(struct ct_events *events, struct ct__watch *watch, enum source source);

#endif

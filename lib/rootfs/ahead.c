/* SPDX-License-Identifier: MIT */
/*
 * Decoding ahead of writing: a thread fills a ring of pieces while the caller writes what
 * is in there. The thread calls ct__unpack_fill() and nothing else, and is gone before the
 * call of the host returns.
 *
 * There is none where
 *  - a first piece is all there is: making a thread costs more than it would bring;
 *  - reading may wait for others (pipes), so that a call that has failed would have to wait
 *    with it, or is done by the host's callback, which expects its own thread;
 *  - it cannot be had. Then the caller decodes, as in the cases above.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "rootfs.h"

/* Enough for each decoder; the default may be as large as the host's limit. */
#define STACK (1024 * 1024)

/* What comes slowly is handed on early. */
#define SIZE_IF_SLOW (64 * 1024)

static void fill(struct ct__ahead *ahead, struct ct__ahead_slot *slot)
{
	size_t size = ct__input_may_wait(&ahead->unpack->input) ? SIZE_IF_SLOW : CT__AHEAD_SIZE;

	slot->got = ct__unpack_fill(ahead->unpack, slot->bytes, size);
	slot->taken = ahead->unpack->input.taken;
}

static void *run(void *data)
{
	struct ct__ahead *ahead = data;
	bool more = true;

	ahead->tid = gettid();
	pthread_mutex_lock(&ahead->mutex);
	while (more && !ahead->stops) {
		struct ct__ahead_slot *slot = &ahead->slots[ahead->filled % CT__AHEAD_SLOTS];

		if (ahead->filled - ahead->released == CT__AHEAD_SLOTS) {
			pthread_cond_wait(&ahead->room, &ahead->mutex);
			continue;
		}
		pthread_mutex_unlock(&ahead->mutex);
		fill(ahead, slot);
		more = slot->got > 0;
		pthread_mutex_lock(&ahead->mutex);
		ahead->filled++;
		pthread_cond_signal(&ahead->more);
	}
	pthread_mutex_unlock(&ahead->mutex);
	return NULL;
}

/* No signal of the host's is for it: whoever handles one is a thread of the host's. */
static int start_thread(struct ct__ahead *ahead)
{
	pthread_attr_t attr;
	sigset_t all;
	int rc = pthread_attr_init(&attr);

	if (rc)
		return rc;
	sigfillset(&all);
	rc = pthread_attr_setsigmask_np(&attr, &all);
	if (!rc)
		rc = pthread_attr_setstacksize(&attr, STACK);
	if (!rc)
		rc = pthread_create(&ahead->thread, &attr, run, ahead);
	pthread_attr_destroy(&attr);
	return rc;
}

/* The first piece has been handed out and is not all: from now on there is something to win. */
static void start(struct ct__ahead *ahead)
{
	if (ct__input_may_wait(&ahead->unpack->input) || ahead->slots[0].got < CT__AHEAD_SIZE)
		return;
	for (size_t i = 1; i < CT__AHEAD_SLOTS; i++) {
		ahead->slots[i].bytes = malloc(CT__AHEAD_SIZE);
		if (!ahead->slots[i].bytes)
			return;
	}
	ahead->filled = 1;
	ahead->released = 0;
	ahead->runs = start_thread(ahead) == 0;
}

void ct__ahead_begin(struct ct__ahead *ahead, struct ct__unpack *unpack)
{
	ahead->unpack = unpack;
	pthread_mutex_init(&ahead->mutex, NULL);
	pthread_cond_init(&ahead->more, NULL);
	pthread_cond_init(&ahead->room, NULL);
}

/* The piece that the caller has had is free again; the next one, once it is there. */
static const struct ct__ahead_slot *take(struct ct__ahead *ahead)
{
	const struct ct__ahead_slot *slot = &ahead->slots[ahead->taken_out % CT__AHEAD_SLOTS];

	pthread_mutex_lock(&ahead->mutex);
	ahead->released = ahead->taken_out;
	pthread_cond_signal(&ahead->room);
	while (ahead->filled == ahead->taken_out)
		pthread_cond_wait(&ahead->more, &ahead->mutex);
	pthread_mutex_unlock(&ahead->mutex);
	return slot;
}

int ct__ahead_next(struct ct__ahead *ahead, const struct ct__ahead_slot **ret_slot)
{
	struct ct__ahead_slot *first = &ahead->slots[0];

	if (!first->bytes)
		first->bytes = malloc(CT__AHEAD_SIZE);
	if (!first->bytes)
		return -ENOMEM;
	if (!ahead->last || ahead->last->got > 0) { /* libarchive may ask behind the end */
		if (ahead->taken_out == 1)
			start(ahead);
		if (!ahead->runs)
			fill(ahead, first);
		ahead->last = ahead->runs ? take(ahead) : first;
		ahead->taken_out++;
	}
	*ret_slot = ahead->last;
	return 0;
}

/*
 * pthread_join() returns a moment before the kernel has forgotten the thread, and a host
 * with one thread may do next what the kernel allows to such alone: unshare(2), setns(2).
 * Not for ever, because its number may be that of a new thread of the host.
 */
static void await_gone(pid_t tid)
{
	static const struct timespec moment = {.tv_nsec = 20000};

	for (int tries = 0; tries < 50000 && syscall(SYS_tgkill, getpid(), tid, 0) == 0; tries++) {
		if (tries < 100)
			sched_yield();
		else
			nanosleep(&moment, NULL);
	}
}

void ct__ahead_done(struct ct__ahead *ahead)
{
	if (ahead->runs) {
		pthread_mutex_lock(&ahead->mutex);
		ahead->stops = true;
		pthread_cond_signal(&ahead->room);
		pthread_mutex_unlock(&ahead->mutex);
		pthread_join(ahead->thread, NULL);
		await_gone(ahead->tid);
		ahead->runs = false;
	}
	if (ahead->unpack) {
		pthread_mutex_destroy(&ahead->mutex);
		pthread_cond_destroy(&ahead->more);
		pthread_cond_destroy(&ahead->room);
	}
	for (size_t i = 0; i < CT__AHEAD_SLOTS; i++)
		free(ahead->slots[i].bytes);
}

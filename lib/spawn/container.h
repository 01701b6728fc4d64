/* SPDX-License-Identifier: MIT */
/* What stands inside a ct_container. Private to lib/spawn. */
#ifndef CT_SPAWN_CONTAINER_H
#define CT_SPAWN_CONTAINER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <container/spawn.h>
#include <container/time.h>

#include "util/array.h"
#include "cgroup/group.h"
#include "spec/spec.h"

struct ct__plan;
struct ct__keeper;
struct ct__visitors;
struct ct__trace;
struct ct__filter;
struct ct__landlock;
struct ct_events;

/* A mount that was made while it ran. */
struct ct__added_mount {
	char *target; /* owned */
	uint64_t id;  /* as in stx_mnt_id of statx(2); 0: it is about to be made or removed */
};

struct ct_container {
	pid_t host; /* the process it belongs to; a forked copy must not end it */
	pid_t pid;
	int pidfd;   /* -EBADF: there is no process yet */
	int wire;    /* socket to the stage, until the payload runs */
	int stdio[3]; /* the host's ends of pipes, until they are taken */
	int terminal; /* the master of its terminal, until it is taken; -EBADF: there is none */
	int notify;   /* where calls of it are told, until it is taken; -EBADF: nowhere */
	struct ct__plan *plan; /* for the names in errors, until the payload runs */
	struct ct__keeper *keeper;
	uint64_t keeper_id;
	struct ct__visitors *guest_of; /* those of the container that it has joined; NULL: it has not */
	ct__array uid_map, gid_map; /* struct ct__id_range; none without a user namespace of its own */
	struct ct__group group; /* its cgroup, or none */
	struct ct__trace *trace; /* until the payload runs; NULL: nobody listens */
	uint64_t asked;	 /* CT_LACK() of the items that it has, or lacks */
	ct__array lacks; /* struct ct__lack */
	int verdict; /* eventfd: why the keeper has killed it; -EBADF: its time is not limited */
	struct ct_events *events; /* a set that it is or was in; NULL: none */
	int init_end; /* eventfd: how the payload ended, from the init; -EBADF: there is none */
	int announce; /* eventfd: the payload was started; -EBADF: nobody asked */
	struct ct__filter *filter; /* that the payload was given, for those that join; NULL: none */
	struct ct__landlock *landlock; /* the same */
	int landlock_abi; /* that is enforced; 0: none */

	pthread_mutex_t lock; /* guards what follows */
	bool started, detached, ended;
	bool freed; /* nobody will ask any more how it ended */
	struct ct__visitors *visitors; /* that have joined it; NULL: nobody yet */
	uint64_t started_us; /* CLOCK_MONOTONIC */
	struct spec_time time; /* its limits */
	uint64_t made_ns;      /* cpu time that its making has taken */
	uint64_t sent;	       /* signals that came from this handle: bit N - 1 for N */
	ct__array mounts;    /* struct ct__added_mount: see lib/inside/mounts.c */
	ct__array late;	     /* int, owned: pidfds of visits that a filesystem inside keeps beyond their kill */
	long rss_floor_kib;  /* a peak up to this one may be the host's: see ct_spec_set_exact_rss() */
	ct_exit how;	     /* valid once ended */
};

/* container.c */

int ct__container_new(ct_container **ret_box);

/* Looks, without waiting, whether the process has ended; reaps it if so. Call with the lock held. */
void ct__container_look(ct_container *box);

/* Reaps of the late visits those that have ended by now, or do within that time. Call with the lock held. */
void ct__container_reap_late(ct_container *box, int limit_ms);

/* Whether the process has ended; whoever waits for it can still do so. Call with the lock held. */
bool ct__container_has_ended(const ct_container *box);

/* After a SIGKILL: in v1 a frozen process dies no sooner than it is let go. */
void ct__container_thaw_dying(ct_container *box);

/* resources.c */

/* Writes to a file of its cgroup, as ct_spec_set_cgroup_key() has it done at the start. */
int ct__container_set_key(ct_container *box, const char *key, const char *value, ct_error *err);

/* time.c */

/* Sets one of the limits; NULL, or why it cannot be. */
const char *ct__time_set(struct spec_time *limits, ct_time what, uint64_t ms);

/*
 * The limits of time begin: the payload is about to be let go. At the next attempt they take the
 * place of those before. Call with the lock held. trace may be NULL.
 */
int ct__time_limit(ct_container *box, struct spec_time limits, struct ct__trace *trace, ct_error *err);

/* terminal.c */

/* Takes over what the stage has sent as the master, if it is one. trace may be NULL. */
int ct__terminal_receive(ct_container *box, int *fd, struct ct__trace *trace, ct_error *err);

/* 0: it is the master of a pseudo-terminal, open for both ways; or a negative errno. */
int ct__terminal_check(int fd);

/* end.c */

/* Sets how.why of a container that has ended; all else in how is set. */
void ct__end_explain(ct_container *box);

#endif

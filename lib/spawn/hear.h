/* SPDX-License-Identifier: MIT */
/* One start, and what is said in it. Private to launch.c and hear.c. */
#ifndef CT_SPAWN_HEAR_H
#define CT_SPAWN_HEAR_H

#include <stdbool.h>
#include <sys/types.h>

#include <container/spawn.h>

#include "spec/spec.h"

struct ct__plan;
struct ct__trace;
struct plan;
struct stage_report;

/* One start: what lives only until the payload runs or the start has failed. */
struct launch {
	ct_spec *spec;
	struct ct__plan *plan;
	const struct plan *block; /* that the stage follows, for its words */
	ct_container *box;
	bool start;    /* execute the payload as well: ct_spawn() */
	bool is_ready; /* the stage has said so already */
	int theirs[3]; /* the payload's ends of pipes */
	int near, far; /* the first socket: our end, and the stage's */
	int leaving;   /* pidfd of the first process, which OP_FORK ends; -1: there is none */
	bool is_forked; /* the child of OP_FORK has been told of */
	pid_t forked; /* the child of OP_FORK that is known by its number alone; 0: there is none */
	bool is_refused; /* by the caller's function, in its own words and with its own number */
	struct spec_time time; /* the payload's limits */
	int traced_stage; /* the stage that explains itself; -1: the plan's own does */
	struct ct__trace *trace; /* the container's; NULL: nobody listens */
	ct_error *err;
};

/* 0; 1: the stage has ended, and what it said before that is still to be read; a negative errno. */
int ct__say(struct launch *l, char message);

/* The stage's first report brings our end of the wire. */
int ct__hear_wire(struct launch *l);

/*
 * Waits for the stage's next report. 0: it closed its end of the wire at the exec,
 * the payload runs. Else the kind of *ret_report, or a negative errno. Only the stage
 * has the other end, which it made: so if that closes with our last word unread, which
 * the kernel tells by ECONNRESET, the stage has died before its exec.
 */
int ct__hear(struct launch *l, struct stage_report *ret_report);

/*
 * The stage closed its end without a word. 0: its time was over before it came to its exec,
 * which is an end like one after it.
 */
int ct__hear_end(struct launch *l);

/* Of a stage that has ended: why, if it has said so; else the error is what it was. */
int ct__hear_last(struct launch *l, int error);

#endif

/* SPDX-License-Identifier: MIT */
/* What faults.c and kills.c have in common: options, scenarios, a subject and its directory. */
#ifndef TEST_FAULTS_DRIVER_H
#define TEST_FAULTS_DRIVER_H

#include <stdbool.h>

#include "tracer.h"

struct driver {
	const char *program; /* the subject's */
	unsigned int stride; /* one of so many points is taken */
	unsigned int random; /* of kills: so many instants, and no calls; 0: both */
	int within_ms;	     /* of kills: after the host's death nothing of its own lives any longer */
	bool verbose;
	const char *name; /* of the scenario at hand */
	char dir[64];	  /* of the subject */
	struct subject subject;
	bool is_running;
	unsigned int wrong; /* scenarios that do not begin */
	unsigned int skipped; /* that this machine cannot do */
};
extern struct driver driver;

/*
 * For main(): reads "PROGRAM SUBJECT [--stride N] [--random N] [--within MS] [--verbose] [SCENARIO...]", and goes through the
 * scenarios. 0; or what main() is to return, having said why.
 */
int driver_run(int argc, char **argv, void (*do_scenario)(void));

/* Whether there is a subject that waits for an order; starts one if there is none. */
bool driver_start(void);

/* The same in a directory that another has left, without rounds to learn from. */
bool driver_start_rough(void);

/* Ends the subject; its directory stays for the next, or goes. */
bool driver_end(void); /* as subject_end() */
void driver_stop(void);

/*
 * The calls of a role, in order, in a round in which nothing fails: MAX_CALLS at most; -1: there
 * is no such role.
 */
int driver_count(int role, long *ret_calls);

/* Whether the next point is one of those that the stride leaves. */
bool driver_chooses(void);

/*
 * Whether a call is to be left out because it is made over and over: /proc is read once for each
 * process of the machine. calls: those of the role, the call is that of the index.
 */
bool driver_has_enough(const long *calls, int index);

#endif

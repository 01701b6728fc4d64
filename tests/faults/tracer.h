/* SPDX-License-Identifier: MIT */
/*
 * A subject and all that it starts, under ptrace: what they do is counted, call by call, and
 * one of these calls fails, or somebody is killed at it.
 */
#ifndef TEST_FAULTS_TRACER_H
#define TEST_FAULTS_TRACER_H

#include <stdbool.h>
#include <sys/types.h>

#include "calls.h"
#include "page.h"

#define MAX_TRACEES 64
#define MAX_CALLS   8192

/* What a process is, as far as the driver has seen. */
enum who {
	WHO_HOST,
	WHO_CHILD, /* shares the host's memory, up to its exec */
	WHO_STAGE,
	WHO_KEEPER,
	WHO_AGENT,
	WHO_OTHER, /* another program: the payload, newuidmap; not traced any more */
};

enum deed {
	DEED_NONE, /* only count: subject.seen */
	DEED_FAIL,
	DEED_KILL,
	DEED_LACK,   /* each call of that number fails with ENOSYS, whoever makes it */
	DEED_LATER,  /* the subject is killed after so many microseconds */
	DEED_MEMORY, /* the subject does it itself */
};

/* Where, and what. A role is the order of birth in a round: 0 is the host. */
struct aim {
	enum deed deed;
	int role;
	unsigned int index; /* of the call among those of the role that can fail */
	int choice;	    /* which of the call's errors */
	int victim;	    /* DEED_KILL: the role that is killed */
	long number;	    /* DEED_LACK: of the call */
	long delay_us;	    /* DEED_LATER */
	bool lasts;	    /* payloads run until they are killed */
};

struct hit {
	bool reached;
	bool killed; /* DEED_KILL: there was somebody to kill */
	enum who who;
	const struct fault_call *call;
	int error;
};

struct tracee {
	pid_t pid;
	int pidfd, role;
	enum who who;
	bool traced, gone;
	bool is_receiving; /* in its first recvmsg(), which tells what it is to be */
	long result;	   /* what its call is to return at its end; 0: what it does */
	unsigned int calls;
};

struct subject {
	pid_t pid;
	struct page *page;
	int page_fd;
	enum place place;
	int status; /* how it ended, as of waitpid(); -1: it has not */
	int roles;  /* that there were in this round */
	struct aim aim;
	struct hit hit;
	struct tracee tracees[MAX_TRACEES];
	int count;
	long long began_us, took_us; /* the last round, from its first call to its last */
	long seen[MAX_CALLS]; /* DEED_NONE: the calls of the role, in order */
};

enum outcome {
	ROUND_DONE,
	ROUND_DIED, /* the subject has ended */
	ROUND_HANG,
};

/* For main(): orphans come to this process, and waiting can be over. 0, or -1. */
int tracer_begin(void);

/* Starts a subject; comes back when it waits for an order. is_rough: it learns nothing first. */
enum outcome subject_start(struct subject *s, const char *program, const char *scenario,
	const char *dir, bool is_rough);

/* One round with this aim. What came of it is in s->hit and s->page. */
enum outcome subject_round(struct subject *s, const struct aim *aim);

/*
 * Who is still alive of those that the round has started, after this time; NULL: nobody. Ends
 * them.
 */
const struct tracee *subject_survivor(struct subject *s, int patience_ms);

/* Whether a payload of the round is running: let go at its exec, and not ended. */
bool subject_has_payload(const struct subject *s);

/* Ends it, and what of it is known to live. Whether all others have ended by themselves. */
bool subject_end(struct subject *s);

const char *who_name(enum who who);

#endif

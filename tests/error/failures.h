/* SPDX-License-Identifier: MIT */
/*
 * Failures that test_steps.c provokes, one row each: through the public calls, with
 * all that the caller must read of them. A row acts in a thread of its own, so that
 * what spoils it (a seccomp filter, a capability given up, a mnt namespace) goes with
 * the thread.
 *
 * To add a row: a function that makes the spec (ask) or the calls (act), wrongly or
 * rightly as it is told. Where the request is right and the world is wrong: the kernel
 * call that fails, or a function that spoils the world.
 */
#ifndef TEST_ERROR_FAILURES_H
#define TEST_ERROR_FAILURES_H

#include "support/box.h"

#include <sys/resource.h>

struct failure {
	int step;
	int code;
	const char *call;	     /* exactly; "": none */
	const char *object;	     /* a part of it */
	const char *words;	     /* a part of the sentence */
	const char *cure;	     /* a part of it; NULL: none is known, and none may be given */
	ct_spec *(*ask)(bool wrong); /* makes a spec that is spawned */
	int (*act)(bool wrong, ct_error *err); /* or any other calls; leaves nothing behind */
	int number, error;    /* a kernel call that fails with error; error 0: that kills */
	void (*spoil)(void);  /* or anything else that spoils it, just before the call */
	bool again;	      /* spawned rightly once before it is spoiled: the plan is made then */
	const char *left_out; /* why this build cannot provoke it */
	const char *machine;  /* what of it is left to root of the first user namespace */
	bool makes_cgroup;    /* left out where no cgroup can be made */
};

/* The table; a file for each noun. Each ends with a row without ask and act. */
extern const struct failure rootfs_failures[];
extern const struct failure spawn_failures[];
extern const struct failure join_failures[];
extern const struct failure inside_failures[];
extern const struct failure ns_failures[];
extern const struct failure cgroup_failures[];
extern const struct failure probe_failures[];
extern const struct failure terminal_failures[];
extern const struct failure rights_failures[];

/* Of the calling thread, and of what it executes as root. */
void lose_cap(int cap);

/* For the calling thread. */
void have_mounts_of_my_own(void);

/* A spec of a container whose payload pauses; such a container, by root or by another user, and its end. */
ct_spec *pausing(void);
ct_container *start_pausing(void);
ct_container *start_pausing_as(uid_t uid);
void end_now(ct_container *container);

/* Of the whole process, up to the end of the attempt. */
void set_soft_limit(__rlimit_resource_t resource, rlim_t soft);

#endif

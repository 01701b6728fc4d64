/* SPDX-License-Identifier: MIT */
/*
 * What went wrong, where, and what to do about it.
 *
 * Every call of this library returns 0 (or a count) or a negative errno. A
 * call that can fail in more than one way also takes a ct_error, which the
 * caller owns and may leave out (NULL):
 *
 *     ct_error err = CT_ERROR_INIT;
 *     if (ct_spawn(spec, &box, &err) < 0)
 *             fprintf(stderr, "%s\n", err.sentence);
 */
#ifndef CONTAINER_ERROR_H
#define CONTAINER_ERROR_H

#include <stddef.h>
#include <stdint.h>

#include <container/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The step at which a call failed. Numbers never change their meaning; new
 * steps are added at the end. ct_step_name() gives the name for people.
 */
typedef enum ct_step {
	CT_STEP_NONE = 0,	/* nothing failed */
	CT_STEP_ARGUMENT = 1,	/* an argument or a setting that cannot work */
	CT_STEP_MEMORY = 2,	/* the host's own memory */
	CT_STEP_ARCHIVE = 3,	/* opening or decoding the archive */
	CT_STEP_ENTRY = 4,	/* an entry of the archive that is refused */
	CT_STEP_WRITE = 5,	/* writing an entry below the root */
	CT_STEP_QUOTA = 6,	/* a quota of the extraction was reached */
	CT_STEP_CANCEL = 7,	/* the caller's callback asked to stop */
	CT_STEP_DESTINATION = 8,/* the directory that receives the tree */
	CT_STEP_COMMIT = 9,	/* renaming the finished tree into place */
	CT_STEP_REMOVE = 10,	/* removing a tree */
	CT_STEP_ROOTFS = 11,	/* opening a root filesystem */
	CT_STEP_PLAN = 12,	/* turning the spec into a plan */
	CT_STEP_STDIO = 13,	/* pipes and descriptors for the payload */
	CT_STEP_CLONE = 14,	/* making the process and its namespaces */
	CT_STEP_STAGE = 15,	/* executing the stage, or its sudden death */
	CT_STEP_IDMAP = 16,	/* user and group id maps */
	CT_STEP_NAMESPACE = 17, /* joining a given namespace */
	CT_STEP_SESSION = 18,	/* new session and keyring */
	CT_STEP_HOSTNAME = 19,	/* host name and domain name */
	CT_STEP_LOOPBACK = 20,	/* bringing the loopback interface up */
	CT_STEP_SYSCTL = 21,	/* a kernel parameter of the container */
	CT_STEP_PROPAGATION = 22, /* making the mounts private */
	CT_STEP_ROOT = 23,	/* attaching the root filesystem */
	CT_STEP_MOUNT = 24,	/* a mount of the spec, or a standard one */
	CT_STEP_DEVICE = 25,	/* a node or link below /dev */
	CT_STEP_FILE = 26,	/* a file given from memory or a descriptor */
	CT_STEP_MASK = 27,	/* hiding a path */
	CT_STEP_READONLY = 28,	/* making a path read-only */
	CT_STEP_PIVOT = 29,	/* pivot_root and leaving the old root */
	CT_STEP_RLIMIT = 30,	/* a resource limit */
	CT_STEP_OOM_SCORE = 31, /* oom_score_adj */
	CT_STEP_CAPABILITY = 32,/* capability sets and no_new_privs */
	CT_STEP_IDENTITY = 33,	/* user, group, supplementary groups */
	CT_STEP_CWD = 34,	/* working directory */
	CT_STEP_DESCRIPTOR = 35,/* mapping descriptors into the payload */
	CT_STEP_PROGRAM = 36,	/* finding the program */
	CT_STEP_EXEC = 37,	/* executing the program */
	CT_STEP_START = 38,	/* letting a created container go */
	CT_STEP_WAIT = 39,	/* waiting for the end */
	CT_STEP_KILL = 40,	/* sending a signal */
	CT_STEP_DETACH = 41,	/* letting a container outlive its handle */
	CT_STEP_KEEPER = 42,	/* the process that ends containers with their host */
	CT_STEP_LIST = 43,	/* listing namespaces */
	CT_STEP_TARGET = 44,	/* looking at the process to be joined, or entering its namespaces */
	CT_STEP_CGROUP = 45,	/* entering the cgroup of a process that is joined */
	CT_STEP_LIMIT = 46,	/* the container's own cgroup, and its limits */
	CT_STEP_PROBE = 47,	/* looking at what works on the machine */
	CT_STEP_OWNERS = 48,	/* giving files to subordinate ids, or away from them */
	CT_STEP_SECCOMP = 49,	/* making or attaching the filter of system calls */
	CT_STEP_INSIDE = 50,	/* reaching into a running container */
	CT_STEP_TERMINAL = 51,	/* a terminal: the payload's, or the host's */
	CT_STEP_STATE = 52,	/* what is saved of a container */
	CT_STEP_LANDLOCK = 53,	/* making landlock rules, or putting them in force */
	CT_STEP_LABEL = 54	/* the label of a security module */
} ct_step;

/**
 * The account of one failure. Fixed size, owned by the caller; a call that
 * fails fills it, a call that succeeds leaves it alone. Strings always end in
 * NUL, bytes of names that could disturb a terminal or log are escaped as \xNN.
 */
typedef struct ct_error {
	uint32_t size;		/* sizeof(ct_error), set by CT_ERROR_INIT */
	int32_t code;		/* the negative errno that the call returned; 0: no failure */
	int32_t step;		/* ct_step */
	uint32_t reserved;
	char call[32];		/* the kernel or library call that failed: "move_mount" */
	char object[256];	/* what it failed on: a path, an entry, a setting */
	char sentence[512];	/* step, object, call and reason as one sentence */
	char cure[256];		/* what usually helps, or empty where nothing is known */
} ct_error;

/** Initializer for a ct_error. */
#define CT_ERROR_INIT                                                                              \
	{                                                                                          \
		sizeof(ct_error), 0, 0, 0, "", "", "", ""                                          \
	}

/**
 * The name of a step, as in "mount" or "working directory".
 *
 * @param step a ct_step; any other number gives "unknown step".
 * @return a constant string; never NULL, never freed.
 *
 * Changes: nothing. Threads: safe. Errors: none. Needs: nothing.
 * Source: the table in lib/error/error.c. Since: 0.1
 */
CT_API const char *ct_step_name(int step);

#ifdef __cplusplus
}
#endif

#endif

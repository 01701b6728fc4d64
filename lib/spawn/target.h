/* SPDX-License-Identifier: MIT */
/*
 * The process that a join goes to: where it is, and what it may do, for the compiler of
 * plans. How it is found out is in lib/join/look.c.
 */
#ifndef CT_SPAWN_TARGET_H
#define CT_SPAWN_TARGET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "spec/rights.h"
#include "util/array.h"

struct ct__target {
	int given[NS_KINDS]; /* namespaces by descriptor, as in ct__ns_kinds; borrowed; -EBADF: none */
	bool is_process;     /* what follows is there */
	pid_t pid;
	int pidfd;	     /* owned */
	uint32_t kinds;	     /* to be taken from it */
	int root;	     /* its root directory, O_PATH; if mnt is taken */
	int pid_ns;	     /* its pid namespace; if that is taken */
	ct__array cgroups;   /* int: see ct__cgroup_files() */
	uint32_t root_uid, root_gid; /* who is root in its user namespace; if that is taken */
	bool deny_setgroups; /* its user namespace forbids setgroups; if that is taken */
	ct__array groups;    /* gid_t, of rights */
	struct ct__rights rights;
	struct ct__filter *filter; /* that we gave it ourselves; borrowed. NULL: none */
	struct ct__landlock *landlock; /* the same */
};

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Making a process: the one place where the library clones. For lib/spawn, and for
 * lib/idmap, which makes processes that hold a user namespace or write its maps.
 */
#ifndef CT_SPAWN_CLONE_H
#define CT_SPAWN_CLONE_H

#include <linux/sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct ct__child {
	pid_t pid;
	int pidfd; /* owned */
};

/* A kernel call of the child, up to its exec. */
struct ct__child_call {
	uint32_t number;
	int64_t result; /* of the exec: 0, unless it failed */
	uint64_t at_ns, took_ns;
	int64_t args[5];
};

#define CHILD_CALLS 80 /* 64 capabilities and what else there is */

/* For explain mode: the clone and what the child did. */
struct ct__child_calls {
	struct clone_args args;
	int64_t result;
	uint64_t at_ns, took_ns;
	unsigned int count;
	struct ct__child_call call[CHILD_CALLS];
};

/* What a child executes; its environment is empty, and it has no other descriptor of the host. */
struct ct__program {
	int exe;	/* descriptor of the executable, not below fd_count */
	const int *fds; /* become its descriptors from 0 on; none of them below fd_count */
	unsigned int fd_count;
	const char *const *argv; /* ends with NULL */
	bool raises_caps; /* keeps the rights that a new user namespace gives over the exec */
	int cgroup;	  /* a directory of cgroup v2 to be born in; 0: the caller's own */
	bool unblocks;	  /* starts with no signal blocked, as others expect it; else with all */
};

/*
 * Clones a process into new namespaces (flags: CLONE_NEW*) and executes the program in
 * it. On failure *ret_call names the kernel call. calls: where to write down all kernel
 * calls, or NULL.
 */
int ct__clone_program(const struct ct__program *program, uint32_t flags,
	struct ct__child_calls *calls, struct ct__child *ret_child, const char **ret_call);

/*
 * The same for the stage: a descriptor of its executable, and the socket that becomes its
 * descriptor 0. Both must be over 2. cgroup is as in struct ct__program.
 */
int ct__clone_stage(int stage, int socket, int cgroup, uint32_t flags, bool raises_caps,
	struct ct__child_calls *calls, struct ct__child *ret_child, const char **ret_call);

/*
 * Whether the kernel would clone into these CLONE_NEW*: a child is made that ends at once.
 * 0 or a negative errno.
 */
int ct__clone_try(uint32_t flags);

/* Waits for the end of a child that is ending, and forgets it. */
void ct__reap(int pidfd);

/* Whether a process ends, or has ended, within that time. It is not reaped. */
bool ct__ends_in(int pidfd, int limit_ms);

#endif

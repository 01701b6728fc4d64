/* SPDX-License-Identifier: MIT */
/* Making a stage: the one place where the library clones. Private to lib/spawn. */
#ifndef CT_SPAWN_CLONE_H
#define CT_SPAWN_CLONE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct ct__child {
	pid_t pid;
	int pidfd; /* owned */
};

/*
 * Clones a process into new namespaces and executes the stage in it.
 *
 * stage    descriptor of the executable; socket  becomes its descriptor 0. Both
 * must be over 2. flags are CLONE_NEW*. raises_caps: keep the rights that a new
 * user namespace gives over the exec. Nothing else of the host's descriptors
 * reaches the child. On failure *ret_call names the kernel call.
 */
int ct__clone_stage(int stage, int socket, uint32_t flags, bool raises_caps,
	struct ct__child *ret_child, const char **ret_call);

/* Waits for the end of a child that is ending, and forgets it. */
void ct__reap(int pidfd);

#endif

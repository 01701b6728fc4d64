/* SPDX-License-Identifier: MIT */
/*
 * An errand: a stage with a plan of a few operations that ends in no payload. It tries
 * something (lib/probe), or goes into a running container for one thing (lib/inside).
 */
#ifndef CT_SPAWN_ERRAND_H
#define CT_SPAWN_ERRAND_H

#include <stdbool.h>

#include "block.h"
#include "clone.h"

#define ERRAND_FDS 5 /* the plan, and up to four slots */

/* One that is under way. Start from CT__ERRAND_INIT; add operations to the block. */
struct ct__errand {
	struct block block;
	int fds[ERRAND_FDS]; /* the plan's memfd, then the slots; owned */
	unsigned int fd_count;
	int near, far, wire;
	struct ct__child child;
};

#define CT__ERRAND_INIT                                                                            \
	{                                                                                          \
		.fds = {-1}, .fd_count = 1, .near = -1, .far = -1, .wire = -1, .child = {          \
			.pidfd = -1                                                                \
		}                                                                                  \
	}

/* A slot for the operations with this descriptor, which is the errand's from now on. */
int ct__errand_slot(struct ct__errand *errand, int fd);

/* Seals the operations as a plan; 0 or a negative errno. */
int ct__errand_seal(struct ct__errand *errand);

/*
 * Starts it in new namespaces (flags: CLONE_NEW*; 0: none). One whose plan was not sealed waits
 * until it is finished. On failure *ret_call names the kernel call.
 */
int ct__errand_start(struct ct__errand *errand, int stage, uint32_t flags, bool raises_caps,
	const char **ret_call);

/*
 * Its next report, the first of which brings the wire. ret_fd: a descriptor that came with a
 * later one, or NULL. 0; -ETIMEDOUT; -EIO: it has ended without a word; or a negative errno.
 */
int ct__errand_receive(struct ct__errand *errand, int timeout_ms, struct stage_report *ret_report,
	int *ret_fd);

/*
 * Ends what is left of it, and frees what it has. A filesystem that does not answer can keep a
 * process beyond its kill: with ret_late that is waited for no longer than a second, and
 * *ret_late is its pidfd, to be reaped later, or -EBADF: it has ended. NULL: it is waited for.
 */
void ct__errand_finish(struct ct__errand *errand, int *ret_late);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The descriptors that one start gives its stage, for the slots of its plan: those of the
 * spec, and those that are made for this container alone. Private to lib/spawn.
 */
#ifndef CT_SPAWN_SLOTS_H
#define CT_SPAWN_SLOTS_H

#include <container/spawn.h>

struct ct__plan;
struct ct__trace;

/*
 * Makes the pipes of the streams and what the init tells the end by. The host's ends are the
 * container's, the payload's go to theirs, for the caller to close.
 */
int ct__slots_make(const struct ct__plan *plan, ct_container *box, int theirs[3],
	struct ct__trace *trace, ct_error *err);

/*
 * What each slot stands for, in their order. An id-mapped mount is made now; release with
 * ct__slots_done() in any case.
 */
int ct__slots_fill(const struct ct__plan *plan, const ct_container *box, const int theirs[3], int fds[],
	struct ct__trace *trace, ct_error *err);

void ct__slots_done(const struct ct__plan *plan, int fds[]);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Looking at the process that a join is modelled on: once, through its own entry of
 * /proc, which is held open and checked against its pidfd. Private to lib/join.
 */
#ifndef CT_JOIN_LOOK_H
#define CT_JOIN_LOOK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <container/error.h>

#include "spawn/target.h"

/* A target without process and without namespaces. */
void ct__target_init(struct ct__target *target);

/*
 * Fills target from the process that pidfd stands for.
 *
 * kinds  CT_NS_* bits wanted; those in which it does not differ from the caller are left
 *        out of target->kinds. all: kinds is what may be taken, whichever of it differs.
 * flags  CT_JOIN_*.
 *
 * target->filter and landlock are set by the caller before: what we gave the process ourselves.
 *
 * On failure nothing is held. Release with ct__target_done().
 */
int ct__target_look(struct ct__target *target, int pidfd, uint32_t kinds, bool all, uint32_t flags,
	ct_error *err);

void ct__target_done(struct ct__target *target);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The processes that this host joined to one container. The kernel lets the first process
 * of a pid namespace end only when every other one has been reaped, and those that joined
 * are children of the host: so who waits for the container has to reap them as well.
 */
#ifndef CT_SPAWN_VISITORS_H
#define CT_SPAWN_VISITORS_H

#include <container/spawn.h>

/* Shared by a container and its visitors. */
struct ct__visitors;

/*
 * Makes the set before anybody has joined, for a wait that is about to begin: one that
 * joins later is seen as well. Call with the container's lock held. 0 or -errno.
 */
int ct__visitors_prepare(ct_container *target);

/* Notes that visitor has joined target; both handles know each other from now on. 0 or -errno. */
int ct__visitors_add(ct_container *target, ct_container *visitor);

/* Forgets a visitor whose handle goes, and lets the reference of its handle go. */
void ct__visitors_leave(struct ct__visitors *visitors, ct_container *visitor);

/* Reaps those that have ended; how they ended is kept in their handles. */
void ct__visitors_reap(struct ct__visitors *visitors);

/* A descriptor that is readable when there is one to reap; -1 for NULL. */
int ct__visitors_fd(const struct ct__visitors *visitors);

/* NULL-safe. */
void ct__visitors_unref(struct ct__visitors *visitors);

#endif

/* SPDX-License-Identifier: MIT */
/* The process that OP_FORK makes, known to the host by its number. Private to lib/spawn. */
#ifndef CT_SPAWN_FORKED_H
#define CT_SPAWN_FORKED_H

#include <sys/types.h>

/*
 * After a failure: the number of the child, 0 if there is none. It may be still unread, for the
 * child may have told of its failure before its parent told of the child; if the parent was killed
 * before it did, the child waits for us, is told to leave, and the kernel tells who says that it
 * does. near: the first socket, for where *wire is not there yet (-1).
 */
pid_t ct__forked_find(int near, int *wire);

/*
 * Reaps it by its number; 0: there is none. It is ours to reap, and ends with the wire at the
 * latest; the first process of the pid namespace that it was in waits for that.
 */
void ct__forked_reap(pid_t pid);

#endif

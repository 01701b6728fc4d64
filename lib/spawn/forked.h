/* SPDX-License-Identifier: MIT */
/* The process that OP_FORK makes, known to the host by its number. Private to lib/spawn. */
#ifndef CT_SPAWN_FORKED_H
#define CT_SPAWN_FORKED_H

#include <sys/types.h>

struct ct__trace;

/* Its pidfd, or a negative errno. It is the right one if the wire has not hung up since. */
int ct__forked_open(pid_t pid);

/* Reaps it when its wire has hung up, which is a moment before it can be. Closes pidfd. */
void ct__forked_reap(int pidfd);

/*
 * Ends and reaps it after a failure that came before its parent's word of it; there may be none,
 * if the parent has failed. trace may be NULL.
 */
void ct__forked_end(int wire, struct ct__trace *trace);

#endif

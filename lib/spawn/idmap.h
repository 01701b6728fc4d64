/* SPDX-License-Identifier: MIT */
/* Writing id maps, and the caller's own rights. Private to lib/spawn. */
#ifndef CT_SPAWN_IDMAP_H
#define CT_SPAWN_IDMAP_H

#include <stdbool.h>
#include <sys/types.h>

#include <container/error.h>

struct ct__plan;
struct ct__trace;

/* Whether the calling thread has a capability in effect. */
bool ct__has_cap(int cap);

/* Writes the plan's maps for a process that is still held by OP_AWAIT_HOST; trace may be NULL. */
int ct__idmap_write(const struct ct__plan *plan, pid_t pid, int pidfd, struct ct__trace *trace,
	ct_error *err);

#endif

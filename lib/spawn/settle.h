/* SPDX-License-Identifier: MIT */
/*
 * A home: a mount namespace that is made once for a plan and holds nothing but a read-only
 * root of what masks are made of. Each start copies it, instead of the host's namespace with all
 * of its mounts, which a grace period of the kernel would then have to see off.
 */
#ifndef CT_SPAWN_SETTLE_H
#define CT_SPAWN_SETTLE_H

#include <stdbool.h>

struct compiler;
struct plan_op;

/* Whether the containers of this plan could begin in a home, as far as spec and rights tell. */
bool ct__settle_can(const struct compiler *c);

/* Makes it, and has found that what a start needs works here; 0 or a negative errno. */
int ct__settle_make(struct compiler *c);

/*
 * The source of a mount: no path of the host leads anywhere from a home, so the host makes the
 * mount for each start, and has tried whether it can.
 */
void ct__settle_source(struct compiler *c, struct plan_op *op, int fd, bool recursive);

#endif

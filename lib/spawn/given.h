/* SPDX-License-Identifier: MIT */
/* The ids of a user namespace that others have made. Private to lib/spawn. */
#ifndef CT_SPAWN_GIVEN_H
#define CT_SPAWN_GIVEN_H

#include "idmap/idmap.h"

/*
 * The map of the user namespace that fd is one of, or that the process of a pidfd is in: to the
 * ids of the caller's own; empty if it has none yet. Needs CAP_SYS_ADMIN over it. 0 or a
 * negative errno and the error; then nothing is held.
 */
int ct__given_ids(int fd, struct ct__idmap *ret_map, ct_error *err);

#endif

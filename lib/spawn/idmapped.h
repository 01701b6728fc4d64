/* SPDX-License-Identifier: MIT */
/*
 * Id-mapped mounts: a tree whose owners are not the container's ids is shown to it as if
 * they were. Private to lib/spawn.
 */
#ifndef CT_SPAWN_IDMAPPED_H
#define CT_SPAWN_IDMAPPED_H

#include <stdbool.h>

#include "idmap/idmap.h"

struct compiler;
struct ct__trace;
struct plan_slot;

/* A user namespace whose map leads from the owners of a tree to the container's ids. */
struct plan_owners {
	struct ct__idmap map;
	int fd; /* owned */
};

/* The tree that is to be mounted. */
struct idmapped_source {
	int fd;		  /* O_PATH, outlives the plan */
	ct_step step;	  /* CT_STEP_ROOT or CT_STEP_MOUNT */
	const char *path; /* for errors */
	bool image;	   /* the root of an image: a mount that is attached nowhere */
	const char *below; /* whose owner tells the numbering: a path from fd, or "": fd itself */
	bool recursive;	  /* with what is mounted below, which keeps its own owners */
	bool hidden;	  /* a layer of an overlay: the container never gets at this mount */
	bool asked_for;	  /* else it is left as it is where the caller has no right to map it */
};

/*
 * Decides whether a source needs an id-mapped mount, and tries to make one. 1: *ret_slot gives
 * each start its own, of an image in any case, to which no path leads; 0: it is mounted as it
 * is; or a negative errno and the error.
 */
int ct__idmapped_compile(struct compiler *c, const struct idmapped_source *source, int *ret_slot);

/* For one start: a detached mount, owned by the caller; or a negative errno and the error. */
int ct__idmapped_open(const struct plan_slot *slot, struct ct__trace *trace, ct_error *err);

/* Closes and frees an array of struct plan_owners. */
void ct__idmapped_done(ct__array *owners);

#endif

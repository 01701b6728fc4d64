/* SPDX-License-Identifier: MIT */
/*
 * The cgroup of one container: a directory of the same name in each hierarchy. Where it
 * goes and what is written there is decided once per spec (struct ct__group_plan); a
 * container has nothing but a name, so a thousand of them need no descriptors.
 */
#ifndef CT_CGROUP_GROUP_H
#define CT_CGROUP_GROUP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <container/cgroup.h>

#include "cgroup/hierarchy.h"
#include "cgroup/limits.h"
#include "cgroup/scope.h"

struct ct__trace;

/* A hierarchy in which groups are made. */
struct ct__place {
	int parent;	      /* the directory they are made in */
	bool unified;	      /* v2 */
	uint32_t controllers; /* that a group has in there */
	char *path;	      /* of the parent, as in /proc/PID/cgroup */
};

/* Immutable once made; shared by reference, by a spec's plan and its containers. */
struct ct__group_plan {
	atomic_uint refs;
	ct__array places;   /* struct ct__place */
	ct__array settings; /* struct ct__setting, in the order in which they are written */
	int devices; /* in v2: the program that decides about devices; -EBADF: none does */
	struct ct__scope scope; /* of systemd's, in which the groups are */
	char prefix[80];    /* of the names: tells whose groups they are */
};

#define CT__GROUP_NAME 104

struct ct__group {
	struct ct__group_plan *plan; /* NULL: there is no group */
	char name[CT__GROUP_NAME];
	char *path;
};

/* plan.c */

/* What a spec wants; NULL in *ret_plan: no group. The strings live only during the call. */
int ct__group_plan_make(
	const struct spec_cgroup *wish, struct ct__group_plan **ret_plan, ct_error *err);
struct ct__group_plan *ct__group_plan_ref(struct ct__group_plan *plan);
void ct__group_plan_unref(struct ct__group_plan *plan); /* NULL-safe */

/* The place that has a controller, or NULL. */
const struct ct__place *ct__group_place(
	const struct ct__group_plan *plan, enum ct__controller controller);
/* The place in the hierarchy of v2, or NULL. */
const struct ct__place *ct__group_unified(const struct ct__group_plan *plan);

/* sweep.c */

/* Removes what killed hosts have left beside us. */
void ct__group_sweep(int proc, int parent);
/* The beginning of the names of our groups, and what tells that their host is gone. */
int ct__group_prefix(int proc, char *ret_prefix, size_t size);
/* Removes a group and those below it, which must be empty: 0 or a negative errno. */
int ct__group_remove_tree(int parent, const char *name);

/* group.c */

/* Makes the group and writes its limits. On failure nothing is left. trace may be NULL. */
int ct__group_make(struct ct__group_plan *plan, struct ct__trace *trace,
	struct ct__group *ret_group, ct_error *err);
/* A group that was made by another process, with the places in which it has a part. 0 or a negative errno. */
int ct__group_adopt(struct ct__group *group, const char *name);
int ct__group_adopt_place(struct ct__group *group, const ct__array *mounts, bool unified,
	uint32_t controllers, const char *path);
/* The v2 directory, for CLONE_INTO_CGROUP: an open descriptor; -ENOENT: there is none. */
int ct__group_open_unified(const struct ct__group *group);
/* Moves a process into the groups of v1. */
int ct__group_enter(
	const struct ct__group *group, pid_t pid, struct ct__trace *trace, ct_error *err);
/* Writes settings of a running group. */
int ct__group_write(const struct ct__group *group, const struct ct__setting *setting,
	struct ct__trace *trace, ct_error *err);
/* Opens a file of the group in that place. */
int ct__group_open(
	const struct ct__group *group, const struct ct__place *place, const char *file, int flags);
/* Ends all processes in there and removes it, within the time. NULL-safe in its plan. */
void ct__group_remove(struct ct__group *group, int timeout_ms);
/* Forgets the group and leaves it where it is. */
void ct__group_forget(struct ct__group *group);

/* freeze.c */

int ct__group_freeze(const struct ct__group *group, int timeout_ms, ct_error *err);
int ct__group_thaw(const struct ct__group *group, ct_error *err);
/* Kills all processes in there once; more may have come meanwhile. */
void ct__group_kill(const struct ct__group *group);
/* Whether a process that was killed stays where it is until it is thawed: the freezer of v1. */
bool ct__group_freeze_holds(const struct ct__group *group);

/* figures.c */

void ct__group_figures(const struct ct__group *group, ct_figures *ret_figures);

/* The number of a line "key number"; CT_NOT_KNOWN: there is no such line. */
uint64_t ct__group_line(const char *text, const char *key);

#endif

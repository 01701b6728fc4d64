/* SPDX-License-Identifier: MIT */
/* The state of one compilation, shared by the files that emit operations. Private to lib/spawn. */
#ifndef CT_SPAWN_COMPILE_H
#define CT_SPAWN_COMPILE_H

#include <limits.h>

#include "block.h"
#include "plan.h"
#include "spec/rights.h"
#include "target.h"

struct compiler {
	const ct_spec *spec;
	const struct ct__target *target; /* of a join; NULL: a spawn */
	struct ct__plan *plan;
	struct block block;
	struct ct__trace *trace; /* NULL: nobody listens */
	ct_error *err;
	uint32_t ns_new, ns_given; /* the rest is the host's */
	uint32_t lacking;	   /* of the rest those that the kernel refuses to make new */
	bool own_root;	   /* a new mnt namespace: root and mounts are ours to make */
	bool forks_early;  /* OP_FORK comes with the namespaces; else, if at all, last */
	uint32_t ns_owned; /* those that belong to the container's user namespace */
	struct ct__rights rights;
	bool foreign_user; /* a user namespace that is not the host's */
	struct ct__idmap given_ids; /* of a given one; empty until ct__idmapped_compile() looks */
	uint32_t sources[PLAN_MAX_SLOTS]; /* offsets of the paths of mount sources */
	size_t source_count;
	uint32_t shown_root; /* of a root that is prepared: its path of the host */
	bool explained;	   /* err is filled already */
};

/* compile.c */

/* Makes the plan of a spec, or of a join; refused: what it has to do without, or NULL. */
int ct__compile(const ct_spec *spec, const struct ct__target *target,
	const struct ct__refused *refused, struct ct__trace *trace, struct ct__plan *plan,
	ct_error *err);

/* Reserves a descriptor of each start; its index for plan_op.slot. */
int32_t ct__compile_slot(struct compiler *c, enum slot_kind kind, int value);


/* namespaces.c */

/* Decides for each kind of namespace: new, given, or the host's. */
void ct__compile_kinds(struct compiler *c);

/* Up to the moment when the process is in all of its namespaces. */
void ct__compile_namespaces(struct compiler *c);

/* The last step before the payload, into a pid namespace in which others may live. */
void ct__compile_late_fork(struct compiler *c);

/* A slot with the namespace that is given for this kind; -1: none is given. */
int32_t ct__compile_given(struct compiler *c, uint32_t kind);

/* The user namespace that is given, or a pidfd of the target in it; -EBADF: none is. */
int ct__compile_given_user(const struct compiler *c);

/* Host and domain name. */
void ct__compile_names(struct compiler *c);

/* The loopback interface. */
void ct__compile_loopback(struct compiler *c);

/* landlock.c */

/* Whose rules hold, and what of them this kernel knows; fills the error on failure. */
int ct__landlock_decide(struct compiler *c);

/* The rules, where their paths are those of the container. */
void ct__compile_landlock(struct compiler *c);

/* They come into force. */
void ct__compile_restrict(struct compiler *c);

/* label.c */

/* First of all: the label that the exec of the payload gives it; fills the error on failure. */
int ct__compile_labels(struct compiler *c);

/* rights.c */

/* First of all: how readily the kernel kills. */
void ct__compile_oom_score(struct compiler *c);

/* While there are rights to raise limits. */
void ct__compile_limits(struct compiler *c);

/* Bounding set, ids, capability sets, no_new_privs: in this order each needs what the next takes. */
void ct__compile_identity(struct compiler *c);

/* The first process stays as an init, under the filter that the payload gets; slot: where it tells the end. */
void ct__compile_init(struct compiler *c, int32_t slot);

/* In the last moment before the exec: which system calls the payload may make. */
void ct__compile_filter(struct compiler *c);

/* Whether the filter comes before the rights go: then the stage still has much to do under it. */
bool ct__filters_early(const struct ct__rights *rights);

/* Last of all, since the stage itself needs more descriptors than the payload may have. */
void ct__compile_nofile(struct compiler *c);

/* mounts.c */

/* From the private mount tree to the finished root, before the pivot. */
int ct__compile_mounts(struct compiler *c);

/* The path of an open source in the plan, and here; only the stage's lookup uses it. */
uint32_t ct__compile_path(struct compiler *c, int fd, char path[PATH_MAX]);

/* pivot.c */

/* Where mounts wait: in a directory of the host that no source lies in. */
void ct__compile_perch(struct compiler *c);

/* The finished root takes the place of the host's. */
void ct__compile_pivot(struct compiler *c);

/* terminal.c */

/* The payload's terminal, while there are rights to give it to the payload's user. */
void ct__compile_terminal(struct compiler *c);

/* It becomes the session's. */
void ct__compile_control(struct compiler *c);

/* idmap.c */

/* Decides the id map of a new user namespace; fills the error on failure. */
int ct__compile_idmap(struct compiler *c);

#endif

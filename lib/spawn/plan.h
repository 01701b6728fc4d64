/* SPDX-License-Identifier: MIT */
/*
 * A compiled spec: the plan for the stage in a sealed memfd, and what the host
 * itself has to know at each spawn. Immutable once made; shared by reference.
 */
#ifndef CT_SPAWN_PLAN_H
#define CT_SPAWN_PLAN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "idmap/idmap.h"
#include "lack.h"
#include "spec/spec.h"
#include "stage/plan.h"

struct ct__target;
struct ct__group_plan;
struct ct__ending;

/* Where a program without a slash is looked for if its environment has no PATH. */
#define CT__DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

enum slot_kind {
	SLOT_FIXED,  /* a descriptor of the spec, or of the plan */
	SLOT_INIT,   /* where the init tells how the payload ended: made at each spawn */
	SLOT_STREAM, /* stdio 0, 1 or 2: made or found at each spawn */
	SLOT_TREE,   /* a detached mount of a descriptor of the spec, made at each spawn */
	SLOT_TERMINAL  /* PLAN_TERMINAL_SLOT, which the stage fills */
};

struct plan_slot {
	enum slot_kind kind;
	int value; /* the descriptor, or the stream */
	int userns;	/* SLOT_TREE: whose map the mount has; the plan's. -1: nobody's */
	bool recursive; /* SLOT_TREE */
	bool image;	/* SLOT_TREE: of a mount that is attached nowhere */
	ct_step step;	/* SLOT_TREE */
};

struct ct__plan {
	atomic_uint refs;
	int memfd;		/* sealed: the struct plan */
	int stage;		/* sealed: the stage's executable */
	int null;		/* /dev/null, if a stream needs it; else -1 */
	int home;		/* where its containers begin, see settle.h; else -1 */
	int proc, sys;		/* the host's /proc and /sys, if they have to be bound; else -1 */
	const struct plan *block; /* our own copy, for the names in errors */
	bool settles;		/* it has a home */
	uint32_t size;
	uint32_t clone_flags;	/* CLONE_NEW* of the first process */
	uint32_t ns_new;	/* CT_NS_* that are made, then or later */
	bool awaits_host;	/* it begins with OP_AWAIT_HOST */
	bool raises_caps;	/* it is made in a new user namespace and must keep its rights over exec */
	bool forks;		/* the container's process is another one: see OP_FORK */
	bool init;		/* the payload is a child of the first process */
	bool has_terminal;	/* the stage makes one and sends its master */
	bool kills_all;		/* a pid namespace of its own: its end is everybody's end */
	struct ct__idmap idmap; /* of a new user namespace, for the host to write */
	ct__array owners; /* struct plan_owners: for id-mapped mounts */
	struct ct__userns idmap_holder; /* keeps a range that was found free; else there is none */
	const ct__array *cgroups; /* of a join: where the process is put; borrowed. NULL: nowhere */
	struct ct__group_plan *group; /* of a spawn: the cgroup that each container gets; NULL: none */
	uint64_t asked;	 /* CT_LACK() of the items that it has */
	ct__array lacks; /* struct ct__lack: known without asking the kernel */
	struct ct__refused refused; /* what it was made without */
	struct ct__filter *filter; /* owned; NULL: none */
	struct ct__landlock *landlock; /* owned; NULL: none */
	int landlock_abi; /* that is enforced; 0: none */
	ct_prepare_fn prepare; /* of the spec; NULL: nobody asked */
	void *prepare_data;
	struct spec_time time;
	struct spec_stdio stdio[3];
	struct plan_slot slots[PLAN_MAX_SLOTS + 1];
	unsigned int slot_count;
	struct ct__ending *ending; /* of a pool's: what comes behind OP_HANDOVER, see payload.h; else NULL */
	ct__array copies; /* int, owned: of a pool's, in the place of the spec's descriptors */
};

struct ct__trace;

/* plan.c */

/* The plan of the spec, compiled if need be, which trace (or NULL) is told; release with ct__plan_unref(). */
int ct__plan_get(ct_spec *spec, struct ct__trace *trace, struct ct__plan **ret_plan, ct_error *err);

/*
 * A plan for one join, not cached. It borrows from target, which must outlive it. Release
 * with ct__plan_unref().
 */
int ct__plan_for_join(const ct_spec *spec, const struct ct__target *target, struct ct__trace *trace,
	struct ct__plan **ret_plan, ct_error *err);

/* The same without the namespaces that the kernel refuses. */
int ct__plan_without(ct_spec *spec, const struct ct__refused *refused, struct ct__trace *trace,
	struct ct__plan **ret_plan, ct_error *err);

/*
 * A plan for a pool: it ends in OP_HANDOVER, and nothing of it is the spec's, which may change or
 * go. refused: what it has to do without, or NULL. settles: with a home. Release with ct__plan_unref().
 */
int ct__plan_for_pool(ct_spec *spec, const struct ct__refused *refused, bool settles,
	struct ct__plan **ret_plan, ct_error *err);

/* CT_NS_* of the namespaces that a spawn of this spec makes. */
uint32_t ct__plan_kinds(const ct_spec *spec);

/* Forgets a cached plan whose sources have moved, so that the next get compiles anew. */
void ct__plan_drop(ct_spec *spec, struct ct__plan *plan);

/* The stage that explains itself, for a plan whose filter lets it; a descriptor or a negative errno. */
int ct__plan_open_traced_stage(const struct ct__plan *plan, struct ct__trace *trace, ct_error *err);

struct ct__plan *ct__plan_ref(struct ct__plan *plan);

/* NULL-safe. */
void ct__plan_unref(struct ct__plan *plan);

/* sealed.c */

/* A sealed memfd with this content, never 0 to 2; or a negative errno. */
int ct__sealed_memfd(const char *name, const void *data, size_t size, bool executable);

/*
 * The stage, ready to be executed; traced: the build that tells of its kernel calls.
 * Where memory may not be executed: the installed copy.
 */
int ct__stage_open(bool traced);

#endif

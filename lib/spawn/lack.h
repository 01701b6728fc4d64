/* SPDX-License-Identifier: MIT */
/*
 * Starting without what the kernel refuses: which operations may fail, what is known to be
 * lacking before anything is tried, and what a stage tells. Private to lib/spawn.
 */
#ifndef CT_SPAWN_LACK_H
#define CT_SPAWN_LACK_H

#include <stdbool.h>
#include <stdint.h>

#include <container/protection.h>

#include "spec/spec.h"

struct compiler;
struct ct__trace;
struct plan;
struct stage_report;
struct ct_container;

/* An item that is not enforced: why, and how many parts of it. */
struct ct__lack {
	int item;
	uint32_t count;
	ct_error why; /* of the first */
};

/* Kinds of namespace that the kernel refuses to make, with its answers in the order of ct__ns_kinds. */
struct ct__refused {
	uint32_t kinds;
	int code[NS_KINDS];
};

#define LACKS_NAMESPACE "the kernel refuses the namespace that it would be set in"

/* Whether the spec allows it. */
bool ct__may_lack(const struct compiler *c, int item);

/* An item that the container will not have, whatever the kernel says. */
void ct__lack_note(struct compiler *c, int item, ct_step step, int code, const char *reason,
	const char *format, ...) __attribute__((format(printf, 6, 7)));

/* The same, with the failure that told. */
void ct__lack_note_error(struct compiler *c, int item, const ct_error *why);

/* The same for the namespaces that the plan is made without. */
void ct__lack_note_refused(struct compiler *c);

/* When all operations are there: what each is a part of, and which of them may fail. */
void ct__lack_mark(struct compiler *c);

/* What is known of a container before it is made. 0 or -ENOMEM. */
int ct__lack_begin(struct ct_container *box);

/* A failure of the host that the container goes on without. 0 or -ENOMEM. */
int ct__lack_add(struct ct_container *box, int item, const ct_error *why);

/* A stage's report of an operation of block that it left out. 0 or -ENOMEM. */
int ct__lack_told(struct ct_container *box, const struct plan *block, struct stage_report *report,
	struct ct__trace *trace);

/*
 * After a clone that failed: the kinds that the kernel refuses when they are tried one by
 * one, of those that the spec makes and that may be lacking. False: there are none.
 */
bool ct__lack_find_refused(const ct_spec *spec, struct ct__refused *ret_refused);

#endif

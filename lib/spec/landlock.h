/* SPDX-License-Identifier: MIT */
/* What a spec says of landlock, and the copy of it that containers share. */
#ifndef CT_SPEC_LANDLOCK_H
#define CT_SPEC_LANDLOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <container/landlock.h>

#include "util/array.h"

#define LANDLOCK_WHAT                                                                              \
	(CT_LANDLOCK_PATHS | CT_LANDLOCK_BIND_PORTS | CT_LANDLOCK_CONNECT_PORTS |                  \
		CT_LANDLOCK_ABSTRACT | CT_LANDLOCK_SIGNALS | CT_LANDLOCK_LOG)

#define LANDLOCK_PORTS (CT_LANDLOCK_BIND_PORTS | CT_LANDLOCK_CONNECT_PORTS)

struct spec_landlock_path {
	char *path; /* normalized, without the leading slash */
	uint64_t access;
	uint32_t flags;
};

struct spec_landlock_port {
	uint32_t port, access;
};

struct spec_landlock {
	bool said; /* anything at all: a join then does not take the target's */
	uint32_t what; /* that the spec restricts by name */
	ct__array paths; /* struct spec_landlock_path */
	ct__array ports; /* struct spec_landlock_port */
};

/* Immutable, shared by reference: by a plan, its containers, and those that join them. */
struct ct__landlock {
	atomic_uint refs;
	struct spec_landlock rules;
};

/* All that is restricted, by name or by a rule. */
uint32_t ct__landlock_what(const struct spec_landlock *rules);

/* Frees what a spec holds. */
void ct__landlock_done(struct spec_landlock *rules);

/* A copy; NULL: out of memory. */
struct ct__landlock *ct__landlock_new(const struct spec_landlock *rules);

/* NULL-safe, both. */
struct ct__landlock *ct__landlock_ref(struct ct__landlock *landlock);
void ct__landlock_unref(struct ct__landlock *landlock);

/* Adds a rule that is known to be sound; takes the path. 0 or -ENOMEM, then the path is freed. */
int ct__landlock_add_path(struct spec_landlock *rules, char *path, uint64_t access, uint32_t flags);

#endif

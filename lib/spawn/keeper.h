/* SPDX-License-Identifier: MIT */
/*
 * The keeper: a tiny process that ends the containers of a spec when the host is
 * gone. The host's side; what the process does is in lib/stage/keeper.c.
 */
#ifndef CT_SPAWN_KEEPER_H
#define CT_SPAWN_KEEPER_H

#include <stdint.h>

#include <container/spec.h>

/* Shared by a spec and its containers. */
struct ct__keeper;
struct ct__trace;

/*
 * Puts a process into the keeping of the spec's keeper, which is made if there
 * is none. The keeper comes back referenced; release with ct__keeper_unref(). trace
 * may be NULL.
 */
int ct__keeper_add(ct_spec *spec, int stage, int pidfd, struct ct__trace *trace,
	struct ct__keeper **ret_keeper, uint64_t *ret_id, ct_error *err);

/*
 * Gives the keeper new limits of time for a process: message without its verb and id, and the
 * descriptors that KEEPER_LIMIT (stage/plan.h) asks for. 0 or a negative errno.
 */
struct keeper_message;
int ct__keeper_limit(struct ct__keeper *keeper, uint64_t id, struct keeper_message *message,
	const int fds[], unsigned int count);

/* Lets a process go; 0 or a negative errno. */
int ct__keeper_release(struct ct__keeper *keeper, uint64_t id);

/* NULL-safe. The last reference ends the keeper. */
void ct__keeper_unref(struct ct__keeper *keeper);

#endif

/* SPDX-License-Identifier: MIT */
/* From a plan to a container: what ct_spawn, ct_create, ct_start and ct_join share. */
#ifndef CT_SPAWN_LAUNCH_H
#define CT_SPAWN_LAUNCH_H

#include <stdbool.h>

#include <container/spawn.h>

struct ct__payload;
struct ct__plan;
struct ct__trace;

/*
 * Makes a container from a plan; the plan stays the caller's. trace, which may be NULL,
 * becomes the container's, or is freed. start: up to the payload's exec, else up to the moment
 * before it. After a failure *ret_stale, which may be NULL, says whether a source of a mount is not
 * where it was when the plan was made (-ESTALE), and another plan may do.
 */
int ct__launch(ct_spec *spec, struct ct__plan *plan, struct ct__trace *trace, bool start,
	ct_container **ret_box, bool *ret_stale, ct_error *err);

/* Why a container that was created has ended before it was started: a negative errno, and the error. */
int ct__launch_ended(ct_container *box, ct_error *err);

/* Lets a container that waits before its exec go. */
int ct__launch_payload(ct_container *box, ct_error *err);

/*
 * The same for one that waits for its payload, of a pool's plan. 1: it had ended, and nothing of the
 * payload was executed.
 */
int ct__launch_given(ct_container *box, const struct ct__payload *payload, ct_error *err);

#endif

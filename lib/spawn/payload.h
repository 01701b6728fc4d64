/* SPDX-License-Identifier: MIT */
/*
 * What is handed to a sandbox of a pool: a second, small plan with the operations that depend
 * on the payload, and its descriptors. Also the model of that, a part of the pool's plan.
 */
#ifndef CT_SPAWN_PAYLOAD_H
#define CT_SPAWN_PAYLOAD_H

#include <container/pool.h>

#include "block.h"
#include "plan.h"

#define PAYLOAD_MAX_FDS 128

struct ct__ending;

/* Ready to be sent, to one sandbox or to another if that has ended. */
struct ct__payload {
	const struct plan *block; /* owned: our own copy, for the names in errors */
	uint32_t size;
	int fds[1 + 3 + PAYLOAD_MAX_FDS]; /* the sealed block, owned; then the caller's descriptors */
	unsigned int fd_count;
	struct spec_time time;
};

int ct__ending_new(struct ct__ending **ret_ending);

/* NULL-safe. */
void ct__ending_free(struct ct__ending *ending);

/* Where the operations of the model are compiled to; the last is OP_EXEC. */
struct block *ct__ending_block(struct ct__ending *ending);

/* Which numbers the payload has open before it is handed over: those of struct plan_fd[]. 0 or -ENOMEM. */
int ct__ending_set_targets(struct ct__ending *ending, const ct__array *map);

/* Of a pool's plan and what a caller asks for, which may be NULL. Release with ct__payload_done(). */
int ct__payload_make(const struct ct__plan *plan, const ct_payload *what,
	struct ct__payload *ret_payload, ct_error *err);

void ct__payload_done(struct ct__payload *payload);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Building the flat block of a plan: strings and data on one side, operations on
 * the other, joined at the end. Out of memory is remembered, not checked at each
 * call. Private to lib/spawn.
 */
#ifndef CT_SPAWN_BLOCK_H
#define CT_SPAWN_BLOCK_H

#include <container/error.h>

#include "stage/plan.h"
#include "util/array.h"

struct block {
	char *bytes; /* starts with room for struct plan */
	size_t used, room;
	ct__array ops; /* struct plan_op */
	uint32_t perch; /* for the header: see struct plan */
	int error;     /* first negative errno */
	struct plan_op failed_op; /* takes the fields of an operation that found no memory */
};

int ct__block_init(struct block *block);
void ct__block_done(struct block *block);

/* Begins with the bytes of another one, whose offsets hold in both; without its operations. */
int ct__block_init_from(struct block *block, const struct block *other);

/* Appends bytes, aligned to 8; their offset. */
uint32_t ct__block_data(struct block *block, const void *data, size_t size);
uint32_t ct__block_string(struct block *block, const char *text);
/* The strings, then an array of their offsets that ends with 0; the array's offset. */
uint32_t ct__block_strings(struct block *block, char *const *strings);

/*
 * Appends an operation. object is what an error names ("" for nothing). Set the
 * other fields through the pointer before the next call; never NULL.
 */
struct plan_op *ct__block_op(struct block *block, enum plan_code code, ct_step step,
	const char *object);

/* Joins both parts; the whole block is bytes, used long. */
int ct__block_finish(struct block *block, unsigned int slot_count);

#endif

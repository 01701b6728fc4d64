/* SPDX-License-Identifier: MIT */
/* Names for the numbers in arguments. Private to lib/trace. */
#ifndef CT_TRACE_FLAGS_H
#define CT_TRACE_FLAGS_H

#include <stddef.h>
#include <stdint.h>

#include "stage/calls.h"
#include "text.h"

struct flag {
	uint64_t value;
	const char *name;
};

struct flag_set {
	const struct flag *flags; /* ends with a NULL name; bits of several come before those of one */
	enum { FLAG_BITS, FLAG_VALUE } kind;
};

/* By enum call_arg; without flags: the kind is printed otherwise. */
extern const struct flag_set ct__flag_sets[ARG_KINDS];

/* Sets that stand inside of structs. */
extern const struct flag ct__resolve_flags[];
extern const struct flag ct__file_types[];
extern const struct flag ct__ambient_values[];

/* "A|B|0x40", or "0". */
void ct__flags_add(struct text *to, const struct flag *flags, uint64_t value);

/* "A", or the number. */
void ct__value_add(struct text *to, const struct flag *flags, uint64_t value);

#endif

/* SPDX-License-Identifier: MIT */
/* What the descriptors of a stage are, learned from its calls. Private to lib/trace. */
#ifndef CT_TRACE_DESCRIPTORS_H
#define CT_TRACE_DESCRIPTORS_H

#include <stddef.h>
#include <stdint.h>

#include "stage/plan.h"

struct ct__plan;

#define DESCRIPTOR_TEXT 128
#define DESCRIPTORS	1536 /* the highest target of a payload is 1023, and what waits above it */

struct descriptors {
	char what[DESCRIPTORS][DESCRIPTOR_TEXT]; /* escaped; "": not known */
};

/* What it is; "" if that is not known. */
const char *ct__descriptor(const struct descriptors *all, int64_t fd);

/* Learns from a call that has returned. */
void ct__descriptors_learn(
	struct descriptors *all, const struct ct__plan *plan, const struct stage_trace *call);

#endif

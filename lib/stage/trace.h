/* SPDX-License-Identifier: MIT */
/*
 * What the stage does for its recorder, which is only in the traced build: nothing
 * in the other one, which holds not one instruction of this.
 */
#ifndef CT_STAGE_TRACE_H
#define CT_STAGE_TRACE_H

#include "stage.h"

#ifdef STAGE_TRACE
/* From here on calls belong to st->at; they are kept until there is a wire. */
void trace_begin(const struct stage *st);
/* The host's end of the wire has been made: it will tell the host who said what. */
void trace_wire(int end);
/* st->wire is the wire, or the best there is: what was kept goes to the host. */
void trace_flush(const struct stage *st);
#else
static inline void trace_begin(const struct stage *st)
{
	(void)st;
}

static inline void trace_wire(int end)
{
	(void)end;
}

static inline void trace_flush(const struct stage *st)
{
	(void)st;
}
#endif

#endif

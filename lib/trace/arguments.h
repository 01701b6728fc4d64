/* SPDX-License-Identifier: MIT */
/* The arguments of a call as text. Private to lib/trace. */
#ifndef CT_TRACE_ARGUMENTS_H
#define CT_TRACE_ARGUMENTS_H

#include "descriptors.h"
#include "text.h"

/* Appends them: 7<proc>, "", ... fds tells what descriptors are. */
void ct__arguments_add(
	struct text *to, const struct stage_trace *call, const struct descriptors *fds);

/* Whether a kind of argument (enum call_arg) can be printed; for a test. */
int ct__argument_has_printer(unsigned int kind);

#endif

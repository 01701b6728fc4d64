/* SPDX-License-Identifier: MIT */
/* What a shell would do instead. Private to lib/trace. */
#ifndef CT_TRACE_SHELL_H
#define CT_TRACE_SHELL_H

#include <stdint.h>

#include "text.h"

struct ct__plan;

/* Appends the command that does the same as an operation of the plan, or close to it. */
void ct__shell_add(struct text *to, const struct ct__plan *plan, uint32_t op);

/* Appends " --pid --mount ..." for CLONE_NEW* flags; with_pid follows "--pid". */
void ct__shell_namespaces(struct text *to, uint64_t flags, const char *with_pid);

/* Whether an operation (enum plan_code) has a row; for a test. */
int ct__shell_has_row(unsigned int code);

#endif

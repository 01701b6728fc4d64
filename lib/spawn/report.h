/* SPDX-License-Identifier: MIT */
/* From the stage's report to the caller's ct_error. Private to lib/spawn. */
#ifndef CT_SPAWN_REPORT_H
#define CT_SPAWN_REPORT_H

#include <container/error.h>

#include "plan.h"

/* Puts a STAGE_FAILED report about the plan into words; returns its negative errno. */
int ct__report_explain(const struct plan *block, struct stage_report *report, ct_error *err);

#endif

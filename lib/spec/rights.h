/* SPDX-License-Identifier: MIT */
/*
 * What a payload may do, once it is decided: by the spec, and where the spec says
 * nothing by a model. That is the strict default for a spawn, the target for a join.
 */
#ifndef CT_SPEC_RIGHTS_H
#define CT_SPEC_RIGHTS_H

#include <sys/resource.h>

#include "spec.h"

struct ct__rights {
	uid_t uid;
	gid_t gid;
	const gid_t *groups; /* borrowed from the spec or the model */
	size_t group_count;
	uint64_t caps;	     /* the bounding set, which is what root has */
	uint64_t ambient;    /* what another user has */
	bool no_new_privs;
	struct spec_rlimit limits[RLIM_NLIMITS];
	size_t limit_count;
	bool has_oom_score;
	bool oom_score_said; /* by the spec: then it must be possible */
	int oom_score;
};

/* What the spec says over the model; model NULL: the strict default. */
void ct__rights_decide(const ct_spec *spec, const struct ct__rights *model, struct ct__rights *ret);

#endif

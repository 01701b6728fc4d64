/* SPDX-License-Identifier: MIT */
/*
 * A visit: an errand in the mnt and user namespace of a running container, as its root. What
 * it does there are the operations of lib/stage/inside.c. Private to lib/inside.
 */
#ifndef CT_INSIDE_VISIT_H
#define CT_INSIDE_VISIT_H

#include <container/spawn.h>

#include "spawn/errand.h"
#include "spawn/target.h"

struct ct__visit {
	ct_container *box;
	struct ct__errand errand;
	struct ct__target target;
	const char *path;  /* what the errors are about */
	const char *below; /* the same as a name below the root */
	ct_error *err;
};

/* Up to the moment when the process is inside and has its root; end it in any case. */
int ct__visit_begin(struct ct__visit *visit, ct_container *box, const char *path, ct_error *err);

/* One more operation on the path. */
struct plan_op *ct__visit_op(struct ct__visit *visit, enum plan_code code);

/* A slot with this descriptor, which is the visit's from now on, or a negative errno instead of it. */
int ct__visit_slot(struct ct__visit *visit, int fd, const char *call);

/*
 * Does it. ret_fd: the file that it has opened, not below 3; NULL: it opens none. 0 or a negative
 * errno and the error. It may have been done all the same, where the answer was lost.
 */
int ct__visit_run(struct ct__visit *visit, int *ret_fd);

/* A process that a filesystem inside keeps is reaped by a later visit, or with the handle. */
void ct__visit_end(struct ct__visit *visit);

#endif

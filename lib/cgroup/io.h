/* SPDX-License-Identifier: MIT */
/* What a cgroup has done with each disk. Private to lib/cgroup and lib/spawn. */
#ifndef CT_CGROUP_IO_H
#define CT_CGROUP_IO_H

#include "cgroup/group.h"

/* Appends what io.stat of v2 says: struct ct_io. 0 or -ENOMEM. Lines of another kind are passed over. */
int ct__io_parse(const char *text, ct__array *devices);

/* The same for a file of v1: its bytes, or its operations. */
int ct__io_parse_v1(const char *text, bool bytes, ct__array *devices);

/* Of a group: 0; -EOPNOTSUPP: it has no io controller; or another negative errno. */
int ct__group_io(const struct ct__group *group, ct__array *devices);

#endif

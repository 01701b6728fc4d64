/* SPDX-License-Identifier: MIT */
/* Cgroups of a test's own, in any hierarchy that lets it have one. */
#ifndef TEST_CGROUP_H
#define TEST_CGROUP_H

#include <sys/types.h>

/* Makes one; the caller removes it. Static, holds until the next call. NULL: none can be made. */
const char *make_cgroup(void);

/* Fails the test if the process cannot be moved there. */
void move_to_cgroup(const char *cgroup, pid_t pid);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * In which cgroups a process is, and how to put another one there. Of every layout:
 * v2, v1, and both at once.
 */
#ifndef CT_CGROUP_MEMBERSHIP_H
#define CT_CGROUP_MEMBERSHIP_H

#include <stddef.h>
#include <sys/types.h>

#include <container/error.h>

#include "util/array.h"

/*
 * Opens cgroup.procs of each cgroup in which that process is and this one is not.
 *
 * proc      /proc, and its entry of the process: descriptors.
 * ret_files array of int: the files to write a pid to. Close them with
 *           ct__cgroup_files_done(). Untouched on failure.
 */
int ct__cgroup_files(int proc, int process, ct__array *ret_files, ct_error *err);

/* Moves a process there, by one of the files; 0 or a negative errno, -ESRCH if it has ended. */
int ct__cgroup_enter(int file, pid_t pid);

void ct__cgroup_files_done(ct__array *files);

#endif

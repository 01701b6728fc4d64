/* SPDX-License-Identifier: MIT */
/*
 * Reading what /proc tells of a process's rights: status, limits, id maps, cgroups.
 * Pure: no file is touched.
 */
#ifndef CT_UTIL_PROC_STATUS_H
#define CT_UTIL_PROC_STATUS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "util/array.h"

/* The part of /proc/PID/status that is of use. Ids are those of the reader's user namespace. */
struct ct__proc_status {
	uid_t uid; /* effective */
	gid_t gid;
	ct__array groups; /* gid_t */
	uint64_t permitted, bounding, ambient;
	bool no_new_privs;
	uint64_t filters; /* seccomp filters; before Linux 5.9 only whether there are any */
};

/* 0, -EINVAL or -ENOMEM; then nothing is held. Free the groups with ct__array_done(). */
int ct__parse_status(const char *text, struct ct__proc_status *ret_status);

struct ct__proc_limit {
	int resource; /* RLIMIT_* */
	uint64_t soft, hard; /* UINT64_MAX: none */
};

/* Reads /proc/PID/limits: how many were found, at most room; rows that are not known are left out. */
size_t ct__parse_limits(const char *text, struct ct__proc_limit *ret_limits, size_t room);

/* One line of uid_map or gid_map: ids from `inside` on are the reader's from `outside` on. */
struct ct__id_range {
	uint32_t inside, outside, count;
};

/* Reads a whole map into an array of struct ct__id_range. 0, -EINVAL or -ENOMEM. */
int ct__parse_id_map(const char *text, ct__array *ret_map);

/* The id inside for one of the reader's; false if it is not mapped. */
bool ct__id_inside(const ct__array *map, uint32_t outside, uint32_t *ret_inside);

/* One line of /proc/PID/cgroup; the strings point into the line. */
struct ct__cgroup_line {
	const char *controllers; /* "cpu,cpuacct", "name=systemd"; "" for cgroup v2 */
	const char *path;
};

/* Splits a line, ended by NUL, in place. 0 or -EINVAL. */
int ct__parse_cgroup_line(char *line, struct ct__cgroup_line *ret_line);

#endif

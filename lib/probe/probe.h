/* SPDX-License-Identifier: MIT */
/*
 * Private parts of the probe, grouped by the file that defines them. To add a fact: a number in
 * <container/probe.h>, a row in facts.c, and its check in the file of its subject, unless one
 * of those that are there will do with another arg or path.
 */
#ifndef CT_PROBE_PROBE_H
#define CT_PROBE_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <container/probe.h>
#include <container/spec.h>

#include "why.h"

/* What one look at the machine works with. */
struct ct__look {
	struct ct__caller caller;
	int stage; /* the executable of throw-away processes, or a negative errno */
	int fatal; /* 0; a negative errno of a resource that ran out: the look fails */
	int dir;   /* ct_probe_path(): the directory; else -EBADF */
};

struct ct__fact_row;
struct ct__outcome;

/* Finds out one fact; number, value, reason and cure of info are still empty, and its to fill. */
typedef ct_probe_state ct__fact_check(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info);

struct ct__fact_row {
	ct_fact fact;
	const char *name, *group;
	ct__fact_check *check;
	uint32_t arg; /* what it means the check says: CT_NS_*, an index */
	const char *path;
};

struct ct_probe {
	ct_probe_info *facts; /* ordered by fact */
	size_t count;
};

/* facts.c: each ends with a row without a name */
extern const struct ct__fact_row ct__machine_facts[], ct__path_facts[];

/* verdict.c: what a check says of its fact, so that it ends in: return ct__works(info); */

ct_probe_state ct__works(ct_probe_info *info);
ct_probe_state ct__works_with(ct_probe_info *info, const char *value, ...)
	__attribute__((format(printf, 2, 3)));
ct_probe_state ct__lacks(ct_probe_info *info, const struct ct__why *why);
ct_probe_state ct__lacks_because(ct_probe_info *info, const char *cure, const char *reason, ...)
	__attribute__((format(printf, 3, 4)));
ct_probe_state ct__unknown(ct_probe_info *info, const char *reason, ...)
	__attribute__((format(printf, 2, 3)));

/* Why nothing can be said of a trial that did not come to anything. */
ct_probe_state ct__untried(ct_probe_info *info, const struct ct__outcome *outcome);

/* Something could not be tried since a resource of the caller ran out; remembered in the look. */
bool ct__is_exhausted(struct ct__look *look, int code);

/* trial.c: throw-away processes */

/* What can be tried: rows of the table in trial.c. */
enum ct__trial {
	TRIAL_RIGHTS, /* root in a user namespace */
	TRIAL_NESTED, /* a user namespace in a user namespace */
	TRIAL_OVERLAY,
	TRIAL_USER_OVERLAY,
	TRIAL_USER_PROC,
	TRIAL_USER_SYSFS,
	TRIAL_PIDFD_SETNS,
	TRIAL_COUNT
};

/* How far it came. */
enum ct__reach {
	REACH_NOTHING, /* it could not be prepared, or no stage be executed: that says nothing */
	REACH_CLONE,   /* clone3 was refused */
	REACH_INSIDE   /* the process was made, and did what it could */
};

struct ct__outcome {
	int code;	/* 0: it works; a negative errno */
	char call[32];	/* the call that failed */
	uint32_t kinds; /* the new namespaces that were asked for */
	enum ct__reach reach;
};

/* Makes a process in new namespaces (CT_NS_*), which ends at once. */
void ct__try_namespaces(struct ct__look *look, uint32_t kinds, struct ct__outcome *ret_outcome);

/* Has a stage do what the row says. */
void ct__try(struct ct__look *look, enum ct__trial trial, struct ct__outcome *ret_outcome);

/* A user namespace in which the caller's own ids are 0: a descriptor or a negative errno. */
int ct__try_user_ns(struct ct__look *look);

/* Checks, by the file of their subject */

/* machine.c */
ct__fact_check ct__check_kernel, ct__check_architecture, ct__check_security_modules;
ct__fact_check ct__check_cap_sys_admin, ct__check_chroot, ct__check_mapped_ids, ct__check_setuid;
ct__fact_check ct__check_outer_filter;

/* namespaces.c */
ct__fact_check ct__check_namespaces; /* arg: CT_NS_*, tried together */
ct__fact_check ct__check_user_rights, ct__check_nested, ct__check_userns_clone, ct__check_apparmor;
ct__fact_check ct__check_setgroups;
ct__fact_check ct__check_limit; /* path: the sysctl */

/* ids.c */
ct__fact_check ct__check_ranges;     /* path: the file; arg: 0 of users, 1 of groups */
ct__fact_check ct__check_id_program; /* path: its name */

/* cgroups.c */
ct__fact_check ct__check_cgroup_version, ct__check_cgroup_controllers, ct__check_cgroup_delegation;
ct__fact_check ct__check_cgroup_kill;

/* mounts.c */
ct__fact_check ct__check_mount; /* arg: the trial; path: the type of the filesystem */
ct__fact_check ct__check_idmap; /* path: the directory, or NULL for that of the look */

/* directory.c */
ct__fact_check ct__check_filesystem, ct__check_writable, ct__check_exec, ct__check_user_xattr;
ct__fact_check ct__check_upper;

/* calls.c */
ct__fact_check ct__check_call; /* arg: enum ct__call */
ct__fact_check ct__check_into_cgroup, ct__check_set_tid, ct__check_pidfd_setns,
	ct__check_memfd_exec;
ct__fact_check ct__check_seccomp; /* arg: SECCOMP_RET_* */
ct__fact_check ct__check_landlock;

#endif

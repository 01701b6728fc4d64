/* SPDX-License-Identifier: MIT */
/*
 * The hierarchies of cgroups: which there are, which controllers each has, and opening
 * a cgroup in one of them. Of every layout: v2, v1, and both at once.
 */
#ifndef CT_CGROUP_HIERARCHY_H
#define CT_CGROUP_HIERARCHY_H

#include <stdbool.h>
#include <stdint.h>

#include <container/error.h>

#include "util/array.h"
#include "util/proc_status.h"

/* Controllers, as bits of a set. */
enum ct__controller {
	CONTROLLER_MEMORY,
	CONTROLLER_CPU,
	CONTROLLER_CPUACCT,
	CONTROLLER_CPUSET,
	CONTROLLER_PIDS,
	CONTROLLER_IO,
	CONTROLLER_FREEZER,
	CONTROLLER_HUGETLB,
	CONTROLLER_DEVICES, /* of v1; in v2 a program decides: see devices.h */
	CONTROLLER_COUNT
};

#define CT__CONTROLLER(bit) (1u << CONTROLLER_##bit)

struct ct__controller_name {
	const char *v2, *v1; /* NULL: it has none, for it is no controller of its own there */
};

extern const struct ct__controller_name ct__controllers[CONTROLLER_COUNT];

/* The bits of a list of names, as in "cpu,cpuacct" or "cpu io memory"; unknown names are none. */
uint32_t ct__controllers_in(const char *list, bool unified);

/* What the caller sees of all this: read once, then looked at. Free with ct__hierarchies_done(). */
struct ct__hierarchies {
	char *text[2];	  /* what the lines point into */
	ct__array own;	  /* char *: lines of /proc/thread-self/cgroup */
	ct__array mounts; /* char *: lines of mountinfo */
};

int ct__hierarchies_read(int proc, struct ct__hierarchies *ret_all);
void ct__hierarchies_done(struct ct__hierarchies *all);

/* A text of /proc as lines, each ended by NUL: array of char *. Free the text and the array. */
int ct__cgroup_read_lines(int dir, const char *name, char **ret_text, ct__array *ret_lines);

/*
 * Opens a file of the cgroup that a line names ("." for its directory), through any mount
 * of its hierarchy. A descriptor; -ENOENT: there is none, or no mount shows it.
 */
int ct__cgroup_open(
	const ct__array *mounts, const struct ct__cgroup_line *line, const char *file, int flags);

#endif

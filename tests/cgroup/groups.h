/* SPDX-License-Identifier: MIT */
/* What the tests of limits share: the cgroup of a container in any layout, figures, offenders, disks. */
#ifndef TEST_CGROUP_GROUPS_H
#define TEST_CGROUP_GROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <container/cgroup.h>
#include <container/spawn.h>
#include <container/spec.h>

#define MIB (UINT64_C(1) << 20)

/* The checked fixture: a box with /bin/offender. The teardown looks for cgroups that are left. */
void groups_setup(void);
void groups_teardown(void);

/* Whether a controller is one of v1 here. */
bool is_v1(const char *controller);

/* The directory of a container's cgroup in the hierarchy of a controller; static, four hold. */
const char *cgroup_dir(const ct_container *container, const char *controller);

/* A file of a container's cgroup: by its name in v2, or in v1. Static, as read_file(). */
const char *cgroup_file(
	const ct_container *container, const char *v2, const char *controller, const char *v1);

/* All cgroups below dir that were made by this process; removes them, if that is asked for. */
int groups_below(const char *dir, bool remove);

/* Fails the test if they are not to be had. */
ct_figures figures_of(ct_container *container);

/* Starts it, and reads its stdout up to this word; the rest stays in the pipe. Frees the spec. */
ct_container *start_until(ct_spec *spec, const char *word, char *ret_text, size_t size);

/* Fails the test unless the value is the wanted one, give or take so many hundredths of it. */
void expect_near(uint64_t value, uint64_t wanted, unsigned int percent);

/*
 * Makes a directory on a disk that can be limited; its name goes to dir. False: none of ours is, or
 * (for main(), in which nothing may be asserted) it cannot be made.
 */
bool make_on_disk(char dir[64], dev_t *ret_disk);

/* Removes it with "file" in it. */
void remove_with_file(const char *dir);

#endif

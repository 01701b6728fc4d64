/* SPDX-License-Identifier: MIT */
/* Uses of cgroup.h; see host.h. */
#include "host.h"

#include <container/cgroup.h>

#include <dirent.h>
#include <stdio.h>
#include <sys/sysmacros.h>

static void start(void)
{
	ck_assert_int_eq(ct_spawn(scene.spec, &scene.container, &scene.err), 0);
}

static void start_in_cgroup(void)
{
	set(ct_spec_set_cgroup(scene.spec, 1));
	start();
}

static void start_and_freeze(void)
{
	start_in_cgroup();
	ck_assert_int_eq(ct_container_freeze(scene.container, PATIENCE_MS, &scene.err), 0);
}

static uint64_t some_disk;

/* Any that this machine has: it is not used. */
static void start_beside_a_disk(void)
{
	DIR *disks = opendir("/sys/block");
	unsigned int numbers[2];

	start_in_cgroup();
	for (struct dirent *entry = disks ? readdir(disks) : NULL; entry; entry = readdir(disks)) {
		char path[300];

		snprintf(path, sizeof(path), "/sys/block/%s/dev", entry->d_name);
		if (entry->d_name[0] != '.' && sscanf(read_file(path), "%u:%u", &numbers[0], &numbers[1]) == 2)
			some_disk = makedev(numbers[0], numbers[1]);
	}
	if (disks)
		closedir(disks);
}

static ct_figures figures = CT_FIGURES_INIT, none = {0};

/* clang-format off */
#define LIST(X)                                                                                        \
	X(ct_spec_set_limit, takes, (scene.spec, CT_LIMIT_MEMORY_MAX, 1 << 30), .returns = 0)          \
	X(ct_spec_set_limit, refuses, (scene.spec, CT_LIMIT_CPU_MAX, 1), .returns = -EINVAL)           \
	X(ct_spec_set_limit_of, takes, (scene.spec, CT_LIMIT_IO_READS, 0x800, 9), .returns = 0)         \
	X(ct_spec_set_limit_of, refuses, (scene.spec, CT_LIMIT_IO_READS, 0, 9), .returns = -EINVAL)     \
	X(ct_spec_set_cpus, takes, (scene.spec, "0-1,3"), .returns = 0)                                \
	X(ct_spec_set_cpus, refuses, (scene.spec, "all"), .returns = -EINVAL)                          \
	X(ct_spec_set_mems, takes, (scene.spec, "0"), .returns = 0)                                    \
	X(ct_spec_set_mems, refuses, (scene.spec, "-"), .returns = -EINVAL)                            \
	X(ct_spec_set_cgroup_key, takes, (scene.spec, "pids.max", "7"), .returns = 0)                  \
	X(ct_spec_set_cgroup_key, refuses, (scene.spec, "cgroup.procs", "1"), .returns = -EINVAL)      \
	X(ct_spec_set_cgroup, takes, (scene.spec, 1), .returns = 0)                                    \
	X(ct_spec_set_cgroup, refuses, (NULL, 1), .returns = -EINVAL)                                  \
	X(ct_spec_set_cgroup_parent, takes, (scene.spec, "/a"), .returns = 0)                          \
	X(ct_spec_set_cgroup_parent, refuses, (scene.spec, "a"), .returns = -EINVAL)                   \
	X(ct_spec_set_cgroup_systemd, takes, (scene.spec, ""), .returns = 0)                            \
	X(ct_spec_set_cgroup_systemd, refuses, (scene.spec, "a"), .returns = -EINVAL)                   \
	X(ct_container_set_limit, sets, (scene.container, CT_LIMIT_PIDS_MAX, 9, &scene.err),           \
		.prepare = start_in_cgroup, .makes_cgroup = true)                                           \
	X(ct_container_set_limit, finds_no_cgroup, (scene.container, CT_LIMIT_PIDS_MAX, 9, &scene.err), \
		.prepare = start, .returns = -ENOENT)                                                  \
	X(ct_container_set_limit_of, sets,                                                             \
		(scene.container, CT_LIMIT_IO_READS, some_disk, CT_UNLIMITED, &scene.err),                  \
		.prepare = start_beside_a_disk, .makes_cgroup = true)                                       \
	X(ct_container_set_limit_of, refuses, (scene.container, CT_LIMIT_PIDS_MAX, 1, 9, &scene.err),   \
		.prepare = start_in_cgroup, .returns = -EINVAL, .makes_cgroup = true)                       \
	X(ct_container_set_limit_of, finds_no_cgroup,                                                   \
		(scene.container, CT_LIMIT_IO_READS, 0x800, 9, &scene.err), .prepare = start,               \
		.returns = -ENOENT)                                                                    \
	X(ct_container_io, tells, (scene.container, NULL, 0, &scene.err),                              \
		.prepare = start_in_cgroup, .returns = ANYTHING, .makes_cgroup = true)                      \
	X(ct_container_io, refuses, (scene.container, NULL, 1, &scene.err),                            \
		.prepare = start_in_cgroup, .returns = -EINVAL, .makes_cgroup = true)                       \
	X(ct_container_figures, tells, (scene.container, &figures, &scene.err),                        \
		.prepare = start_in_cgroup, .makes_cgroup = true)                                           \
	X(ct_container_figures, refuses, (scene.container, &none, &scene.err),                         \
		.prepare = start_in_cgroup, .returns = -EINVAL, .makes_cgroup = true)                       \
	X(ct_container_figures, finds_no_cgroup, (scene.container, &figures, &scene.err),              \
		.prepare = start, .returns = -ENOENT)                                                  \
	X(ct_container_figures_many, tells, (&scene.container, 1, &figures, &scene.err),               \
		.prepare = start_in_cgroup, .returns = 1, .makes_cgroup = true)                            \
	X(ct_container_figures_many, refuses, (&scene.container, 1, &none, &scene.err),                \
		.prepare = start, .returns = -EINVAL)                                                      \
	X(ct_container_freeze, stops, (scene.container, PATIENCE_MS, &scene.err),                      \
		.prepare = start_in_cgroup, .makes_cgroup = true)                                           \
	X(ct_container_freeze, finds_no_cgroup, (scene.container, 0, &scene.err),                      \
		.prepare = start, .returns = -ENOENT)                                                  \
	X(ct_container_thaw, lets_go, (scene.container, &scene.err),                                   \
		.prepare = start_and_freeze, .makes_cgroup = true)                                          \
	X(ct_container_thaw, finds_no_cgroup, (scene.container, &scene.err),                           \
		.prepare = start, .returns = -ENOENT)
/* clang-format on */

LIST(USE_FUNCTION)

static long tell_cgroup(void)
{
	return ct_container_cgroup(scene.container) == NULL;
}

const struct use cgroup_uses[] = {
	LIST(USE_ROW){"ct_container_cgroup", "tells", tell_cgroup, .prepare = start_in_cgroup, .makes_cgroup = true},
	{"ct_container_cgroup", "knows_none", tell_cgroup, .prepare = start, .returns = 1},
	{0},
};

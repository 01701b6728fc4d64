/* SPDX-License-Identifier: MIT */
/* Uses of inside.h and state.h; see host.h. */
#include "host.h"

#include <container/inside.h>
#include <container/state.h>
#include <fcntl.h>

static void start(void)
{
	ck_assert_int_eq(ct_spawn(scene.spec, &scene.container, &scene.err), 0);
}

static void open_source(void)
{
	start();
	scene.fd = open(box.root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(scene.fd, 0);
}

static void mount_source(void)
{
	open_source();
	set(ct_container_mount(scene.container, scene.fd, "/tmp/a", 0, &scene.err));
}

/* Into the scene, which closes it. */
static long open_file(const char *path)
{
	int fd = ct_container_open_file(scene.container, path, O_RDONLY, 0, &scene.err);

	if (fd >= 0)
		scene.fd = fd;
	return fd < 0 ? fd : 0;
}

static pid_t pids[4];

/* The directory of the states is the scene's descriptor. */
static void open_directory(void)
{
	start();
	scene.fd = open(box.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(scene.fd, 0);
}

static void save_state(void)
{
	open_directory();
	set(ct_container_save(scene.container, scene.fd, "saved", &scene.err));
}

static void save_and_end(void)
{
	save_state();
	set(ct_kill(scene.container, SIGKILL, &scene.err));
	wait_for(scene.container);
}

static ct_container *loaded;

/* clang-format off */
#define LIST(X)                                                                                        \
	X(ct_container_processes, lists, (scene.container, pids, 4, &scene.err), .prepare = start,     \
		.returns = 1)                                                                          \
	X(ct_container_processes, refuses, (scene.container, NULL, 4, &scene.err), .prepare = start,   \
		.returns = -EINVAL)                                                                    \
	X(ct_container_mount, mounts, (scene.container, scene.fd, "/tmp/a", 0, &scene.err),            \
		.prepare = open_source, .as_root = true)                                               \
	X(ct_container_mount, is_refused, (scene.container, -1, "/", 0, &scene.err),                   \
		.prepare = start, .returns = -EINVAL)                                                  \
	X(ct_container_unmount, unmounts, (scene.container, "/tmp/a", &scene.err),                     \
		.prepare = mount_source, .as_root = true)                                              \
	X(ct_container_unmount, finds_nothing, (scene.container, "/tmp/a", &scene.err),                \
		.prepare = start, .returns = -ENOENT)                                                  \
	X(ct_container_save, saves, (scene.container, scene.fd, "saved", &scene.err),                  \
		.prepare = open_directory)                                                             \
	X(ct_container_save, refuses, (scene.container, scene.fd, "..", &scene.err),                   \
		.prepare = open_directory, .returns = -EINVAL)                                         \
	X(ct_container_load, finds_nothing, (scene.fd, "saved", &loaded, &scene.err),                  \
		.prepare = open_directory, .returns = -ENOENT)                                         \
	X(ct_state_remove, removes, (scene.fd, "saved", &scene.err), .prepare = save_and_end)          \
	X(ct_state_remove, refuses, (scene.fd, "saved", &scene.err), .prepare = save_state,            \
		.returns = -EBUSY)
/* clang-format on */

LIST(USE_FUNCTION)

static long ct_container_open_file_opens(void)
{
	return open_file("/etc/inside");
}

/* And frees it again, which must leave nothing either. */
static long load_and_free(void)
{
	int ret = ct_container_load(scene.fd, "saved", &loaded, &scene.err);

	if (ret == 0)
		ct_container_free(loaded);
	return ret;
}

static long ct_container_open_file_finds_nothing(void)
{
	return open_file("/etc/missing");
}

const struct use inside_uses[] = {LIST(USE_ROW){"ct_container_open_file", "opens",
					  ct_container_open_file_opens, .prepare = start,
					  .changes = SNAPSHOT_MORE_DESCRIPTORS},
	{"ct_container_open_file", "finds_nothing", ct_container_open_file_finds_nothing,
		.prepare = start, .returns = -ENOENT},
	{"ct_container_load", "loads", load_and_free, .prepare = save_state}, {0}};

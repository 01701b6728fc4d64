/* SPDX-License-Identifier: MIT */
/* Uses of spawn.h; see host.h. */
#include "host.h"

#include <unistd.h>

/* The spec has its plan and its keeper, and what later starts begin in. */
static void spawn_twice(void)
{
	for (int i = 0; i < 2; i++) {
		ct_container *container = NULL;

		ck_assert_int_eq(ct_spawn(scene.spec, &container, &scene.err), 0);
		ct_container_free(container);
	}
}

static void have_empty_spec(void)
{
	ct_spec_free(scene.spec);
	ck_assert_int_eq(ct_spec_new(&scene.spec), 0);
}

static void ignore_event(const ct_trace_event *event, void *data)
{
	(void)event;
	(void)data;
}

static void trace(void)
{
	set(ct_spec_set_trace(scene.spec, ignore_event, NULL));
}

static void name_missing_program(void)
{
	set(ct_spec_set_program(scene.spec, "/bin/missing"));
}

static void name_missing_program_of_used_spec(void)
{
	spawn_twice();
	name_missing_program();
	/* The plans of the changed spec: descriptors which the next spawn finds. */
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(ct_spawn(scene.spec, &scene.container, NULL), -ENOENT);
}

static void name_missing_cwd(void)
{
	spawn_twice();
	set(ct_spec_set_cwd(scene.spec, "/missing"));
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(ct_create(scene.spec, &scene.container, NULL), -ENOENT);
}

static void create(void)
{
	ck_assert_int_eq(ct_create(scene.spec, &scene.container, &scene.err), 0);
}

static void create_without_program(void)
{
	name_missing_program();
	create();
}

static void start(void)
{
	ck_assert_int_eq(ct_spawn(scene.spec, &scene.container, &scene.err), 0);
}

static void start_with_pipe(void)
{
	set(ct_spec_set_stdio(scene.spec, 1, CT_STDIO_PIPE, -1));
	start();
}

/* It has ended, and nobody has waited for it. */
static void start_and_end(void)
{
	start();
	ck_assert_int_eq(ct_kill(scene.container, SIGKILL, &scene.err), 0);
	ck_assert(readable(ct_container_pidfd(scene.container), PATIENCE_MS));
}

static void start_and_wait(void)
{
	start_and_end();
	wait_for(scene.container);
}

static ct_exit how = CT_EXIT_INIT;
static ct_id_range range;

#define MORE  (SNAPSHOT_MORE_DESCRIPTORS | SNAPSHOT_MORE_CHILDREN)
#define FEWER (SNAPSHOT_FEWER_DESCRIPTORS | SNAPSHOT_FEWER_CHILDREN)
#define MADE  (scene.spec, &scene.container, &scene.err)
#define LIST(X)                                                                                    \
	X(ct_spawn, makes_container_and_keeper, MADE, .changes = MORE, .children = 2)              \
	X(ct_spawn, makes_one_more, MADE, .prepare = spawn_twice, .changes = MORE, .children = 1)   \
	X(ct_spawn, tells_what_it_does, MADE, .prepare = trace, .changes = MORE, .children = 2)    \
	X(ct_spawn, refuses, MADE, .prepare = have_empty_spec, .returns = -EINVAL)                 \
	X(ct_spawn, fails_and_has_made_the_keeper, MADE, .prepare = name_missing_program,          \
		.returns = -ENOENT, .changes = MORE, .children = 1)                                \
	X(ct_spawn, fails, MADE, .prepare = name_missing_program_of_used_spec, .returns = -ENOENT) \
	X(ct_create, makes_container_and_keeper, MADE, .changes = MORE, .children = 2)             \
	X(ct_create, fails, MADE, .prepare = name_missing_cwd, .returns = -ENOENT)                 \
	X(ct_create, refuses, MADE, .prepare = have_empty_spec, .returns = -EINVAL)                \
	X(ct_start, executes, (scene.container, &scene.err), .prepare = create,                    \
		.changes = SNAPSHOT_CHILDREN | SNAPSHOT_FEWER_DESCRIPTORS)                         \
	X(ct_start, refuses, (scene.container, &scene.err), .prepare = start, .returns = -EINVAL)  \
	X(ct_start, fails, (scene.container, &scene.err), .prepare = create_without_program,       \
		.returns = -ENOENT, .changes = SNAPSHOT_CHILDREN)                                  \
	X(ct_wait, reaps, (scene.container, PATIENCE_MS, &how, &scene.err),                        \
		.prepare = start_and_end, .changes = FEWER, .children = -1)                        \
	X(ct_wait, remembers, (scene.container, PATIENCE_MS, &how, &scene.err),                    \
		.prepare = start_and_wait)                                                         \
	X(ct_wait, looks, (scene.container, 0, &how, &scene.err), .prepare = start,                \
		.returns = -ETIMEDOUT)                                                             \
	X(ct_wait, times_out, (scene.container, 1, &how, &scene.err), .prepare = start,            \
		.returns = -ETIMEDOUT, .changes = SNAPSHOT_MORE_DESCRIPTORS)                       \
	X(ct_kill, sends, (scene.container, SIGURG, &scene.err), .prepare = start)                 \
	X(ct_kill, refuses, (scene.container, 65, &scene.err), .prepare = start,                   \
		.returns = -EINVAL)                                                                \
	X(ct_kill, is_too_late, (scene.container, SIGURG, &scene.err), .prepare = start_and_wait,  \
		.returns = -ESRCH)                                                                 \
	X(ct_detach, lets_go, (scene.container, &scene.err), .prepare = start)                     \
	X(ct_detach, refuses, (scene.container, &scene.err), .prepare = create,                    \
		.returns = -EINVAL)                                                                \
	X(ct_container_uid_map, tells, (scene.container, &range, 1), .prepare = start,             \
		.returns = ANYTHING)                                                               \
	X(ct_container_uid_map, refuses, (scene.container, NULL, 1), .prepare = start,             \
		.returns = -EINVAL)                                                                \
	X(ct_container_gid_map, tells, (scene.container, &range, 1), .prepare = start,             \
		.returns = ANYTHING)                                                               \
	X(ct_container_gid_map, refuses, (NULL, &range, 1), .returns = -EINVAL)                    \
	X(ct_container_landlock_abi, tells, (scene.container), .prepare = start, .returns = 0)     \
	X(ct_container_landlock_abi, refuses, (NULL), .returns = -EINVAL)                          \
	X(ct_container_pid, tells, (scene.container), .prepare = start, .returns = ANYTHING)       \
	X(ct_container_pid, refuses, (NULL), .returns = -EINVAL)                                   \
	X(ct_container_pidfd, tells, (scene.container), .prepare = start, .returns = ANYTHING)     \
	X(ct_container_pidfd, refuses, (NULL), .returns = -EINVAL)                                 \
	X(ct_container_take_stdio, refuses, (scene.container, 1), .prepare = start,                \
		.returns = -ENOENT)

LIST(USE_FUNCTION)

static long take_stdio(void)
{
	scene.fd = ct_container_take_stdio(scene.container, 1);
	return scene.fd;
}

static long free_container(void)
{
	ct_container_free(scene.container);
	scene.container = NULL;
	return 0;
}

const struct use spawn_uses[] = {
	LIST(USE_ROW)
	{"ct_container_take_stdio", "hands_out", take_stdio, ANYTHING,
		.prepare = start_with_pipe},
	{"ct_container_free", "ends_and_reaps", free_container, .prepare = start, .changes = FEWER,
		.children = -1},
	{"ct_container_free", "takes_null", free_container, .returns = 0},
	{0},
};

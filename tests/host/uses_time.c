/* SPDX-License-Identifier: MIT */
/* Uses of time.h and capture.h, and of what tells and asks for an end; see host.h. */
#include "host.h"

#include <container/capture.h>
#include <container/time.h>

static void start(void)
{
	ck_assert_int_eq(ct_spawn(scene.spec, &scene.container, &scene.err), 0);
}

static void start_short(void)
{
	ct_spec_free(scene.spec);
	scene.spec = SPEC("/bin/probe", "exit", "0");
	start();
}

static void start_limited(void)
{
	set(ct_spec_set_time_limit(scene.spec, CT_TIME_WALL, 3600000));
	start();
}

static ct_exit how = CT_EXIT_INIT, none = {0};
static char text[64];
static ct_output output = CT_OUTPUT_INIT, no_output = {0};

/* clang-format off */
#define LIST(X)                                                                                        \
	X(ct_spec_set_time_limit, takes, (scene.spec, CT_TIME_CPU, 1000), .returns = 0)                \
	X(ct_spec_set_time_limit, refuses, (scene.spec, CT_TIME_CPU, 0), .returns = -EINVAL)           \
	X(ct_container_set_time_limit, moves, (scene.container, CT_TIME_WALL, 7200000, &scene.err),    \
		.prepare = start_limited)                                                              \
	X(ct_container_set_time_limit, refuses, (scene.container, CT_TIME_WALL, 0, &scene.err),        \
		.prepare = start_limited, .returns = -EINVAL)                                          \
	X(ct_container_set_time_limit, finds_no_cgroup,                                                \
		(scene.container, CT_TIME_CPU, 1000, &scene.err), .prepare = start, .returns = -ENOENT) \
	X(ct_stop, ends, (scene.container, SIGTERM, 10, &how, &scene.err), .prepare = start,           \
		.children = -1, .changes = SNAPSHOT_DESCRIPTORS | SNAPSHOT_FEWER_CHILDREN)                                     \
	X(ct_stop, refuses, (scene.container, 65, 0, &how, &scene.err), .prepare = start,              \
		.returns = -EINVAL)                                                                    \
	X(ct_exit_to_text, tells, (&how, text, sizeof(text)), .returns = ANYTHING)                     \
	X(ct_exit_to_text, refuses, (&none, text, sizeof(text)), .returns = -EINVAL)                   \
	X(ct_capture, keeps, (scene.container, &output, CT_FOREVER, &how, &scene.err),                 \
		.prepare = start_short, .children = -1,                                                \
		.changes = SNAPSHOT_DESCRIPTORS | SNAPSHOT_FEWER_CHILDREN)                             \
	X(ct_capture, refuses, (scene.container, &no_output, 0, &how, &scene.err),                     \
		.prepare = start, .returns = -EINVAL)
/* clang-format on */

LIST(USE_FUNCTION)

static long forget_output(void)
{
	ct_output_done(&output);
	return 0;
}

const struct use time_uses[] = {LIST(USE_ROW){"ct_output_done", "forgets", forget_output, .returns = 0}, {0}};

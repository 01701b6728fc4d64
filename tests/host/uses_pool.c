/* SPDX-License-Identifier: MIT */
/* Uses of pool.h; see host.h. */
#include "host.h"

#include <container/pool.h>

static void have_pool(void)
{
	ck_assert_msg(ct_pool_new(scene.spec, 1, &scene.pool, &scene.err) == 0, "%s", scene.err.sentence);
}

static void have_empty_pool(void)
{
	have_pool();
	ck_assert_msg(ct_pool_take(scene.pool, NULL, &scene.container, &scene.err) == 0, "%s", scene.err.sentence);
}

static const ct_payload missing = {.size = sizeof(ct_payload),
	.stdio = {-1, -1, -1},
	.program = "/bin/missing"};

/* clang-format off */
#define LIST(X)                                                                                        \
	X(ct_pool_new, makes, (scene.spec, 2, &scene.pool, &scene.err), .children = 3,                 \
		.changes = SNAPSHOT_MORE_DESCRIPTORS | SNAPSHOT_MORE_CHILDREN)                         \
	X(ct_pool_new, refuses, (scene.spec, 0, &scene.pool, &scene.err), .returns = -EINVAL)          \
	X(ct_pool_refill, makes, (scene.pool, 0, &scene.err), .prepare = have_empty_pool,              \
		.returns = 1, .children = 1,                                                           \
		.changes = SNAPSHOT_MORE_DESCRIPTORS | SNAPSHOT_MORE_CHILDREN)                         \
	X(ct_pool_refill, refuses, (NULL, 0, &scene.err), .returns = -EINVAL)                          \
	X(ct_pool_ready, tells, (scene.pool), .prepare = have_pool, .returns = 1)                      \
	X(ct_pool_ready, refuses, (NULL), .returns = -EINVAL)                                          \
	X(ct_pool_fd, tells, (scene.pool), .prepare = have_pool, .returns = ANYTHING)                  \
	X(ct_pool_fd, refuses, (NULL), .returns = -EINVAL)                                             \
	X(ct_pool_take, starts, (scene.pool, NULL, &scene.container, &scene.err),                      \
		.prepare = have_pool, .changes = SNAPSHOT_DESCRIPTORS | SNAPSHOT_CHILDREN)             \
	X(ct_pool_take, finds_no_program, (scene.pool, &missing, &scene.container, &scene.err),        \
		.prepare = have_pool, .returns = -ENOENT, .children = -1,                              \
		.changes = SNAPSHOT_DESCRIPTORS | SNAPSHOT_FEWER_CHILDREN)
/* clang-format on */

LIST(USE_FUNCTION)

static long free_pool(void)
{
	ct_pool_free(scene.pool);
	scene.pool = NULL;
	return 0;
}

const struct use pool_uses[] = {
	LIST(USE_ROW){"ct_pool_free", "frees", free_pool, .prepare = have_pool, .children = -2,
		.changes = SNAPSHOT_DESCRIPTORS | SNAPSHOT_FEWER_DESCRIPTORS | SNAPSHOT_FEWER_CHILDREN},
	{0},
};

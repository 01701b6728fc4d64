/* SPDX-License-Identifier: MIT */
/* Uses of events.h; see host.h. */
#include "host.h"

#include <container/events.h>

static void have_set(void)
{
	ck_assert_int_eq(ct_events_new(&scene.events, &scene.err), 0);
}

static void have_container(void)
{
	have_set();
	ck_assert_int_eq(ct_spawn(scene.spec, &scene.container, &scene.err), 0);
}

static void have_member(void)
{
	have_container();
	ck_assert_int_eq(ct_events_add(scene.events, scene.container, NULL, &scene.err), 0);
}

static ct_event event = CT_EVENT_INIT, none = {0};

/* clang-format off */
#define LIST(X)                                                                                        \
	X(ct_events_new, makes, (&scene.events, &scene.err), .changes = SNAPSHOT_MORE_DESCRIPTORS)     \
	X(ct_events_new, refuses, (NULL, &scene.err), .returns = -EINVAL)                              \
	X(ct_events_fd, tells, (scene.events), .prepare = have_set, .returns = ANYTHING)               \
	X(ct_events_fd, refuses, (NULL), .returns = -EINVAL)                                           \
	X(ct_events_add, watches, (scene.events, scene.container, NULL, &scene.err),                   \
		.prepare = have_container, .changes = SNAPSHOT_DESCRIPTORS)                            \
	X(ct_events_add, refuses, (scene.events, scene.container, NULL, &scene.err),                   \
		.prepare = have_member, .returns = -EBUSY)                                             \
	X(ct_events_remove, takes_out, (scene.events, scene.container), .prepare = have_member,        \
		.changes = SNAPSHOT_DESCRIPTORS)                                                       \
	X(ct_events_remove, finds_none, (scene.events, scene.container), .prepare = have_container,    \
		.returns = -ENOENT)                                                                    \
	X(ct_events_next, tells, (scene.events, PATIENCE_MS, &event, &scene.err),                      \
		.prepare = have_member, .returns = 1)                                                  \
	X(ct_events_next, refuses, (scene.events, 0, &none, &scene.err), .prepare = have_set,          \
		.returns = -EINVAL)
/* clang-format on */

LIST(USE_FUNCTION)

static long free_events(void)
{
	ct_events_free(scene.events);
	scene.events = NULL;
	return 0;
}

const struct use events_uses[] = {
	LIST(USE_ROW){"ct_events_free", "frees", free_events, .prepare = have_member,
		.changes = SNAPSHOT_DESCRIPTORS | SNAPSHOT_FEWER_DESCRIPTORS},
	{0},
};

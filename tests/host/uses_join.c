/* SPDX-License-Identifier: MIT */
/* Uses of join.h; see host.h. */
#include "host.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* From now on the spec of the scene is that of a visitor: it has no root of its own. */
static void visit_by(const char *program)
{
	ct_spec_free(scene.spec);
	scene.spec = VISITOR(program, "pause");
}

static void start_target(void)
{
	ck_assert_int_eq(ct_spawn(scene.spec, &scene.container, &scene.err), 0);
	visit_by("/bin/probe");
}

static void ignore_event(const ct_trace_event *event, void *data)
{
	(void)event;
	(void)data;
}

static void start_target_and_trace(void)
{
	start_target();
	set(ct_spec_set_trace(scene.spec, ignore_event, NULL));
}

static void start_target_and_name_missing_program(void)
{
	start_target();
	visit_by("/bin/missing");
}

static void start_target_and_wait(void)
{
	start_target();
	ck_assert_int_eq(ct_kill(scene.container, SIGKILL, &scene.err), 0);
	wait_for(scene.container);
}

/* The target has a visitor, and the spec a keeper. */
static void join_once(void)
{
	ct_container *visitor = NULL;

	start_target();
	ck_assert_int_eq(ct_join(scene.container, 0, 0, scene.spec, &visitor, &scene.err), 0);
	ct_container_free(visitor);
}

/* The names of the target, and for an ordinary user the rights that its user namespace gives. */
static void give_namespaces(void)
{
	start_target();
	visit_by(in_root("bin/probe"));
	set(ct_spec_set_ns_pid(scene.spec, CT_NS_UTS | (geteuid() ? CT_NS_USER : 0),
		ct_container_pid(scene.container)));
}

static void open_net_of_target(void)
{
	char path[64];

	start_target();
	visit_by(in_root("bin/probe"));
	snprintf(path, sizeof(path), "/proc/%d/ns/net", ct_container_pid(scene.container));
	scene.fd = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(scene.fd, 0);
}

static void open_no_namespace(void)
{
	visit_by(in_root("bin/probe"));
	scene.fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(scene.fd, 0);
}

static uint64_t ticks;

#define MORE	(SNAPSHOT_MORE_DESCRIPTORS | SNAPSHOT_MORE_CHILDREN)
#define PIDFD	ct_container_pidfd(scene.container)
#define PID	ct_container_pid(scene.container)
#define JOINED	scene.spec, &scene.visitor, &scene.err
#define LIST(X)                                                                                    \
	X(ct_join, makes_visitor_and_keeper, (scene.container, 0, 0, JOINED),                      \
		.prepare = start_target, .changes = MORE, .children = 2)                           \
	X(ct_join, makes_one_more, (scene.container, 0, 0, JOINED), .prepare = join_once,          \
		.changes = MORE, .children = 1)                                                    \
	X(ct_join, tells_what_it_does, (scene.container, 0, 0, JOINED),                            \
		.prepare = start_target_and_trace, .changes = MORE, .children = 2)                 \
	X(ct_join, refuses, (NULL, 0, 0, JOINED), .prepare = start_target, .returns = -EINVAL)     \
	X(ct_join, is_too_late, (scene.container, 0, 0, JOINED), .prepare = start_target_and_wait, \
		.returns = -ESRCH)                                                                 \
	X(ct_join, fails_and_has_made_the_keeper, (scene.container, 0, 0, JOINED),                 \
		.prepare = start_target_and_name_missing_program, .returns = -ENOENT,              \
		.changes = MORE, .children = 1)                                                    \
	X(ct_join_pidfd, makes_visitor_and_keeper, (PIDFD, 0, CT_JOIN_NO_SECCOMP, JOINED),         \
		.prepare = start_target, .changes = MORE, .children = 2)                           \
	X(ct_join_pidfd, refuses, (-1, 0, 0, JOINED), .prepare = start_target, .returns = -EBADF)  \
	X(ct_join_pidfd, refuses_a_file, (scene.fd, 0, 0, JOINED), .prepare = open_no_namespace,   \
		.returns = -EINVAL)                                                                \
	X(ct_join_pid, makes_visitor_and_keeper, (PID, 0, 0, CT_JOIN_NO_SECCOMP, JOINED),          \
		.prepare = start_target, .changes = MORE, .children = 2)                           \
	X(ct_join_pid, refuses_another, (PID, 1, 0, 0, JOINED), .prepare = start_target,           \
		.returns = -ESRCH)                                                                 \
	X(ct_join_pid, finds_nobody, (NOBODY, 0, 0, 0, JOINED), .returns = -ESRCH)                 \
	X(ct_join_ns, makes_visitor_and_keeper, (NULL, 0, JOINED), .prepare = give_namespaces,     \
		.changes = MORE, .children = 2)                                                    \
	X(ct_join_ns, takes_descriptor, (&scene.fd, 1, JOINED), .prepare = open_net_of_target,     \
		.changes = MORE, .children = 2, .as_root = true)                                   \
	X(ct_join_ns, refuses, (&scene.fd, 1, JOINED), .prepare = open_no_namespace,               \
		.returns = -EINVAL)                                                                \
	X(ct_join_ns, refuses_none, (NULL, 0, JOINED), .returns = -EINVAL)                         \
                                                                                                   \
	X(ct_pid_start_ticks, tells, (getpid(), &ticks), .returns = 0)                             \
	X(ct_pid_start_ticks, refuses, (-1, &ticks), .returns = -EINVAL)                           \
	X(ct_pid_start_ticks, finds_nobody, (NOBODY, &ticks), .returns = -ESRCH)

LIST(USE_FUNCTION)

const struct use join_uses[] = {LIST(USE_ROW){0}};

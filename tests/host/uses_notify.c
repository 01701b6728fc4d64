/* SPDX-License-Identifier: MIT */
/* Uses of notify.h; see host.h. */
#include "host.h"

#include <container/notify.h>
#include <container/seccomp.h>

static ct_notification call;
static char copy[16];

/* The probe asks for its pid when it starts; it waits until we answer, or are gone. */
static void start(void)
{
	set(ct_spec_add_seccomp_rule(scene.spec, "set_tid_address", CT_SECCOMP_NOTIFY, 0, NULL, 0));
	ck_assert_int_eq(ct_spawn(scene.spec, &scene.container, &scene.err), 0);
}

static void take(void)
{
	start();
	scene.fd = ct_container_take_notify(scene.container);
	ck_assert_int_ge(scene.fd, 3);
	call = (ct_notification)CT_NOTIFICATION_INIT;
}

static void receive(void)
{
	take();
	ck_assert_int_eq(ct_notify_receive(scene.fd, -1, CT_FOREVER, &call, &scene.err), 0);
}

/* clang-format off */
#define LIST(X)                                                                                        \
	X(ct_container_take_notify, refuses, (NULL), .returns = -EINVAL)                               \
	X(ct_notify_receive, receives, (scene.fd, -1, CT_FOREVER, &call, &scene.err), .prepare = take)     \
	X(ct_notify_receive, refuses, (-1, -1, 0, &call, &scene.err), .returns = -EBADF)               \
	X(ct_notify_read, reads, (scene.fd, &call, call.args[0], copy, 4, &scene.err),                 \
		.returns = 4, .prepare = receive)                                                      \
	X(ct_notify_read, refuses, (-1, NULL, 0, copy, 4, &scene.err), .returns = -EINVAL)             \
	X(ct_notify_answer, answers, (scene.fd, &call, 0, 1, &scene.err), .prepare = receive)          \
	X(ct_notify_answer, refuses, (scene.fd, &call, 4096, 0, &scene.err), .prepare = receive,       \
		.returns = -EINVAL)                                                                    \
	X(ct_notify_continue, continues, (scene.fd, &call, &scene.err), .prepare = receive)            \
	X(ct_notify_continue, refuses, (scene.fd, NULL, &scene.err), .returns = -EINVAL)               \
	X(ct_notify_add_fd, refuses, (scene.fd, &call, -1, &scene.err), .prepare = receive,            \
		.returns = -EBADF)
/* clang-format on */

LIST(USE_FUNCTION)

static long take_notify(void)
{
	scene.fd = ct_container_take_notify(scene.container);
	return scene.fd;
}

static long add_fd(void)
{
	return ct_notify_add_fd(scene.fd, &call, scene.fd, &scene.err);
}

const struct use notify_uses[] = {
	LIST(USE_ROW){"ct_container_take_notify", "hands_out", take_notify, ANYTHING, .prepare = start},
	{"ct_notify_add_fd", "adds", add_fd, ANYTHING, .prepare = receive}, {0}};

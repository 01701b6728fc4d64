/* SPDX-License-Identifier: MIT */
/* Uses of terminal.h; see host.h. */
#include "host.h"

#include <container/terminal.h>

static struct termios modes;

static void start(void)
{
	for (int stream = 0; stream < 3; stream++)
		set(ct_spec_set_stdio(scene.spec, stream, CT_STDIO_INHERIT, -1));
	set(ct_spec_set_terminal(scene.spec, 24, 80));
	ck_assert_int_eq(ct_spawn(scene.spec, &scene.container, &scene.err), 0);
}

static void start_and_take(void)
{
	start();
	scene.fd = ct_container_take_terminal(scene.container);
	ck_assert_int_ge(scene.fd, 3);
}

static void save(void)
{
	start_and_take();
	ck_assert_int_eq(ct_terminal_raw(scene.fd, &modes, &scene.err), 0);
}

/* clang-format off */
#define LIST(X)                                                                                        \
	X(ct_spec_set_terminal, takes, (scene.spec, 24, 80), .returns = 0)                             \
	X(ct_spec_set_terminal, refuses, (scene.spec, 24, 0), .returns = -EINVAL)                      \
	X(ct_container_take_terminal, refuses, (NULL), .returns = -EINVAL)                             \
	X(ct_terminal_resize, resizes, (scene.fd, 50, 200, &scene.err), .prepare = start_and_take)     \
	X(ct_terminal_resize, refuses, (scene.fd, 0, 200, &scene.err), .prepare = start_and_take,      \
		.returns = -EINVAL)                                                                    \
	X(ct_terminal_raw, sets, (scene.fd, &modes, &scene.err), .prepare = start_and_take)            \
	X(ct_terminal_raw, refuses, (-1, &modes, &scene.err), .returns = -EBADF)                       \
	X(ct_terminal_restore, restores, (scene.fd, &modes, &scene.err), .prepare = save)              \
	X(ct_terminal_restore, refuses, (0, NULL, &scene.err), .returns = -EINVAL)
/* clang-format on */

LIST(USE_FUNCTION)

static long take_terminal(void)
{
	scene.fd = ct_container_take_terminal(scene.container);
	return scene.fd;
}

const struct use terminal_uses[] = {LIST(USE_ROW){"ct_container_take_terminal", "hands_out",
					    take_terminal, ANYTHING, .prepare = start},
	{0}};

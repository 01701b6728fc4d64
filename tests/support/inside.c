/* SPDX-License-Identifier: MIT */
/* Going into a container, see inside.h. */
#include "support/inside.h"

#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

ct_spec *outer_spec(void)
{
	ct_spec *outer = SPEC("/bin/sh", "-c", "echo ready; sleep 1000");

	set(ct_spec_add_bind(outer, box.dir, box.dir, 0));
	return outer;
}

/* All that it is in, at once; its pid namespace takes a child more. */
static void enter(int pidfd)
{
	const int kinds = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
			  CLONE_NEWCGROUP;

	/* Not into a user namespace that it is in already. */
	if (setns(pidfd, kinds | CLONE_NEWUSER) < 0)
		ck_assert_msg(setns(pidfd, kinds) == 0, "setns: %s", strerror(errno));
}

void inside(ct_spec *outer, void (*body)(void))
{
	ct_container *container = start_ready(outer);
	pid_t child = fork();

	if (child == 0) {
		enter(ct_container_pidfd(container));
		child = fork();
		if (child == 0) {
			body();
			_exit(0);
		}
		expect_child(child);
		_exit(0);
	}
	expect_child(child);
	ct_container_free(container);
	ct_spec_free(outer);
}

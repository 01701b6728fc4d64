/* SPDX-License-Identifier: MIT */
/*
 * Lesson 7. Joining: one more process in a pid namespace that is there already.
 *
 *     cc -o 07-nsenter 07-nsenter.c lesson.c $(pkg-config --cflags --libs container)
 *     ./07-nsenter DIRECTORY [PID]
 *
 * PID is a process in that namespace, such as the shell of "./05-unshare DIRECTORY sh";
 * without one the lesson starts such a shell itself. By hand:
 *     nsenter --pid=/proc/PID/ns/pid unshare --mount-proc=rootfs/proc chroot rootfs sh
 */
#include "lesson.h"

#include <stdlib.h>
#include <unistd.h>

static const char help[] = "usage: 07-nsenter [--explain] DIRECTORY [PID]\n"
			   "Joins the pid namespace of a process, and shows who is in it.\n";

/* Lesson 5's shell, for those who have none at hand. */
static lesson_shell start_first(const char *directory)
{
	ct_spec *spec = lesson_new_spec(directory);
	lesson_shell shell = lesson_start_shell("first", spec);

	lesson_ask(&shell, "/bin/ps aux");
	ct_spec_free(spec);
	return shell;
}

int main(int argc, char **argv)
{
	char **arguments = lesson_begin(argc, argv, 1, help);
	ct_spec *spec = lesson_new_spec(arguments[0]); /* root, mounts and /proc are its own */
	/* An ordinary user has rights in the user namespace to which that pid namespace belongs. */
	uint32_t kinds = geteuid() == 0 ? CT_NS_PID : CT_NS_PID | CT_NS_USER;
	ct_error err = CT_ERROR_INIT;
	ct_container *box = NULL;
	lesson_shell first = {NULL, NULL, NULL, NULL}, visitor;
	pid_t pid;

	if (!arguments[1])
		first = start_first(arguments[0]);
	pid = arguments[1] ? atoi(arguments[1]) : ct_container_pid(first.box);
	printf("From outside, a shell joins the pid namespace of process %d:\n", (int)pid);
	lesson_set_shell(spec);
	/* A filter of system calls cannot be copied from what another program started: its own. */
	ct_spec_set_seccomp(spec, CT_SECCOMP_DEFAULT, 0);
	lesson_check(ct_join_pid(pid, 0, kinds, 0, spec, &box, &err), &err);
	visitor = lesson_shell_in("visitor", box);
	lesson_ask(&visitor, "/bin/ps aux");

	lesson_end_shell(&visitor);
	if (first.box)
		lesson_end_shell(&first);
	ct_spec_free(spec);
	return 0;
}

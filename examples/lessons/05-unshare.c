/* SPDX-License-Identifier: MIT */
/*
 * Lesson 5. A new pid namespace with its own /proc: the shell in it is PID 1.
 *
 *     cc -o 05-unshare 05-unshare.c lesson.c $(pkg-config --cflags --libs container)
 *     ./05-unshare DIRECTORY [COMMAND [ARGUMENT...]]
 *
 * A command, such as sh, gets the lesson's own stdin and stdout, and lasts as long as it
 * likes: lesson 7 joins it. By hand:
 *     unshare --pid --fork --mount-proc=rootfs/proc chroot rootfs sh; ps aux
 */
#include "lesson.h"

static const char help[] =
	"usage: 05-unshare [--explain] DIRECTORY [COMMAND [ARGUMENT...]]\n"
	"Shows the processes of a new pid namespace, or runs a command in one.\n";

int main(int argc, char **argv)
{
	char **arguments = lesson_begin(argc, argv, 1, help);
	ct_error err = CT_ERROR_INIT;
	ct_exit how = CT_EXIT_INIT;
	ct_rootfs *root = NULL;
	ct_spec *spec = NULL;
	ct_container *box = NULL;
	lesson_shell shell;

	lesson_check(ct_rootfs_open(arguments[0], &root, &err), &err);
	lesson_check(ct_spec_new(&spec), &err);
	ct_spec_set_rootfs(spec, root);
	/* As unshare does: pid and mnt are new, all else stays as it is outside. */
	ct_spec_set_ns_host(spec, CT_NS_NET | CT_NS_IPC | CT_NS_UTS | CT_NS_CGROUP);

	lesson_explain(spec);
	if (arguments[1]) {
		ct_spec_set_argv(spec, (const char *const *)&arguments[1]);
		/* Made, and then started: so that this line comes before what the command says. */
		lesson_check(ct_create(spec, &box, &err), &err);
		printf("PID 1 inside is PID %d outside.\n", (int)ct_container_pid(box));
		lesson_check(ct_start(box, &err), &err);
		lesson_check(ct_wait(box, CT_FOREVER, &how, &err), &err);
		ct_container_free(box);
	} else {
		shell = lesson_start_shell("inside", spec);
		lesson_ask(&shell, "echo $$");
		lesson_ask(&shell, "/bin/ps aux");
		printf("\nOutside, PID 1 of the inside is PID %d.\n",
			(int)ct_container_pid(shell.box));
		lesson_end_shell(&shell);
	}
	ct_spec_free(spec);
	ct_rootfs_free(root);
	return how.code;
}

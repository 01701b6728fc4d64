/* SPDX-License-Identifier: MIT */
/*
 * Lesson 3. chroot changes the root, and nothing else; and it is no wall.
 *
 *     cc -o 03-chroot 03-chroot.c lesson.c $(pkg-config --cflags --libs container)
 *     cc -static -o walkout walkout.c
 *     ./03-chroot DIRECTORY
 *
 * The library has no bare chroot, so the lesson does it itself, by plain system calls in a
 * child, and shows a container beside it. By hand:
 *     chroot rootfs sh; which python3; python3 -c 'print("Hello, container world!")'
 */
#include "lesson.h"

#include <err.h>
#include <fcntl.h>
#include <unistd.h>

static const char help[] =
	"usage: 03-chroot [--explain] DIRECTORY\n"
	"Shows what chroot(2) changes, and how a root process walks out of it.\n";

#define WHICH "which python3 || echo 'there is no python3 in here'"
#define HELLO "python3 -c 'print(\"Hello, container world!\")' || echo 'Hello from sh!'"

/* Executes a script of the root filesystem, or an open static program, in a bare chroot. */
static void run_in_chroot(const char *directory, const char *script, int program)
{
	char name[] = "walkout", *const arguments[] = {name, NULL}, *const environment[] = {NULL};

	if (!lesson_is_child())
		return;
	lesson_unshare(0);
	STEP(chroot(directory), "chroot %s", directory);
	STEP(chdir("/"), "cd /");
	if (script) {
		lesson_show_world("in the chroot:");
		execl("/bin/sh", "sh", "-c", script, NULL);
	}
	fexecve(program, arguments, environment);
	err(125, "execve");
}

int main(int argc, char **argv)
{
	const char *directory = *lesson_begin(argc, argv, 1, help);
	int walkout = open(lesson_beside("walkout"), O_RDONLY | O_CLOEXEC);
	ct_spec *spec = lesson_new_spec(directory);
	lesson_shell shell;

	lesson_show_world("outside:");
	run_in_chroot(directory, WHICH "; " HELLO, -1);
	puts("\nA root process walks out of the chroot:");
	run_in_chroot(directory, NULL, walkout);

	puts("\nThe same in a container:");
	ct_spec_set_root_mode(spec, CT_ROOT_EPHEMERAL);
	ct_spec_add_bind_fd(spec, walkout, "/tmp/walkout", CT_MOUNT_READONLY);
	shell = lesson_start_shell("inside", spec);
	lesson_ask(&shell, "%s", WHICH);
	lesson_ask(&shell, "%s", HELLO);
	lesson_ask(&shell, "/tmp/walkout");
	lesson_end_shell(&shell);
	ct_spec_free(spec);
	return 0;
}

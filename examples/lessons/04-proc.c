/* SPDX-License-Identifier: MIT */
/*
 * Lesson 4. chroot is not enough: with /proc in it, the host's processes are within reach.
 *
 *     cc -o 04-proc 04-proc.c lesson.c $(pkg-config --cflags --libs container)
 *     ./04-proc DIRECTORY
 *
 * The process that is seen and ended from inside is one that the lesson itself has started
 * under the name "top"; it touches no other. All mounts are made in a mount namespace of the
 * lesson's own child. By hand:
 *     top &  mount -t proc proc rootfs/proc; chroot rootfs sh; ps aux | grep top; pkill top
 */
#include "lesson.h"

#include <err.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

static const char help[] = "usage: 04-proc [--explain] DIRECTORY\n"
			   "Shows that a process in a chroot sees and ends those of the host.\n";

/* In a child, so that the mounts go with it. */
static void run_in_chroot(const char *directory, const char *script)
{
	int as_root = geteuid() == 0;

	if (!lesson_is_child())
		return;
	lesson_unshare(CLONE_NEWNS);
	STEP(chdir(directory), "cd %s", directory);
	if (as_root)
		STEP(mount("proc", "proc", "proc", 0, NULL), "mount -t proc proc proc");
	else /* a new one can be had only of a pid namespace of one's own; this shows the same */
		STEP(mount("/proc", "proc", NULL, MS_BIND | MS_REC, NULL),
			"mount --rbind /proc proc");
	STEP(chroot("."), "chroot .");
	execl("/bin/sh", "sh", "-c", script, NULL);
	err(125, "execve");
}

int main(int argc, char **argv)
{
	const char *directory = *lesson_begin(argc, argv, 1, help);
	ct_spec *spec = lesson_new_spec(directory);
	pid_t top = lesson_start_idle("top");
	lesson_shell shell;
	char script[128];

	printf("outside: top is process %d\n\nIn a chroot with /proc:\n", (int)top);
	snprintf(script, sizeof(script),
		"echo \"$(ps aux | wc -l) lines of ps aux, among them:\"; "
		"ps aux | grep '[t]op 1000'; kill %d",
		(int)top);
	run_in_chroot(directory, script);
	lesson_end_idle("top", top);

	top = lesson_start_idle("top");
	printf("\noutside: top is process %d\n\nIn a container:\n", (int)top);
	shell = lesson_start_shell("inside", spec);
	lesson_ask(&shell, "/bin/ps aux");
	lesson_ask(&shell, "kill %d", (int)top);
	lesson_end_shell(&shell);
	lesson_end_idle("top", top);
	ct_spec_free(spec);
	return 0;
}

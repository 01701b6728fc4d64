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
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static const char help[] = "usage: 04-proc [--explain] DIRECTORY\n"
			   "Shows that a process in a chroot sees and ends those of the host.\n";

/* A process of the host that does nothing, under the name by which ps shows it. */
static pid_t start_top(void)
{
	pid_t child = vfork(); /* which returns here when the program runs, and has its name */

	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* it ends with the lesson, whatever happens */
		execlp("sleep", "top", "1000", NULL);
		_exit(125);
	}
	return child;
}

/* Ends it, and says whether it ran until now: the first signal that ends a process counts. */
static void end_top(pid_t top)
{
	int status = 0;

	kill(top, SIGKILL);
	waitpid(top, &status, 0);
	printf("outside: top %s\n", WTERMSIG(status) == SIGKILL ? "runs" : "has been ended");
}

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
	pid_t top = start_top();
	lesson_shell shell;
	char script[128];

	printf("outside: top is process %d\n\nIn a chroot with /proc:\n", (int)top);
	snprintf(script, sizeof(script),
		"echo \"$(ps aux | wc -l) lines of ps aux, among them:\"; "
		"ps aux | grep '[t]op 1000'; kill %d",
		(int)top);
	run_in_chroot(directory, script);
	end_top(top);

	top = start_top();
	printf("\noutside: top is process %d\n\nIn a container:\n", (int)top);
	shell = lesson_start_shell("inside", spec);
	lesson_ask(&shell, "/bin/ps aux");
	lesson_ask(&shell, "kill %d", (int)top);
	lesson_end_shell(&shell);
	end_top(top);
	ct_spec_free(spec);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * What the lessons share, so that each can speak of its own subject alone: the options
 * --help and --explain, the end after a failed call, and a shell in a container to which
 * one can talk.
 */
#ifndef LESSON_H
#define LESSON_H

#define _GNU_SOURCE 1 /* unshare, scandirat, strerrorname_np */

#include <container/container.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/**
 * Look at the options of the command line: prints help and ends with 0 for --help, or with
 * 125 if there are fewer than `least` other arguments.
 *
 * @return the other arguments; they end with NULL.
 */
char **lesson_begin(int argc, char **argv, int least, const char *help);

/** End with 125, and with what the error says, if the result of a call is negative. */
void lesson_check(int result, const ct_error *err);

/** With --explain: have a spec show each kernel call of its spawns and joins as it happens. */
void lesson_explain(ct_spec *spec);

/**
 * Make a kernel call of the lesson's own, and end with 125 if it fails. With --explain it is
 * shown as explain mode shows those of the library, with its result and time, below the shell
 * command (format and arguments) that does the same.
 */
#define STEP(call, ...)                                                   \
	do {                                                              \
		uint64_t step_began = lesson_now_ns();                    \
		long step_result = (long)(call);                          \
		lesson_step(#call, step_result, step_began, __VA_ARGS__); \
	} while (0)

uint64_t lesson_now_ns(void);
void lesson_step(const char *call, long result, uint64_t began_ns, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/**
 * Leave the caller's namespaces of these kinds by unshare(2), the user's too unless the
 * caller is root: then it becomes root in a new one. Mounts are private from then on.
 */
void lesson_unshare(int kinds);

/** Fork. @return 1 in the child; 0 in the caller, when the child has ended. */
int lesson_is_child(void);

/** Print a directory as ls -al does. */
void lesson_list(int directory);

/** Print what the caller sees of the world: its root, the host name, the network. */
void lesson_show_world(const char *where);

/** Start a process of the host that does nothing, under the name by which ps shows it. */
pid_t lesson_start_idle(const char *name);

/** End it, and say whether it ran until now. */
void lesson_end_idle(const char *name, pid_t pid);

/**
 * A spec with a root filesystem, as lesson 5 makes it by ct_rootfs_open(), ct_spec_new() and
 * ct_spec_set_rootfs(); with NULL a spec without one. Free with ct_spec_free().
 */
ct_spec *lesson_new_spec(const char *directory);

/** A shell in a container: it takes commands, and gives back what they print. */
typedef struct lesson_shell {
	const char *name; /* what stands before its prompt */
	ct_container *box;
	FILE *commands; /* to its stdin */
	FILE *output;	/* from its stdout and stderr */
} lesson_shell;

/** Start a shell as the first process of a container. */
lesson_shell lesson_start_shell(const char *name, ct_spec *spec);

/** The two halves of that, for another call than ct_spawn(): before it, and after it. */
void lesson_set_shell(ct_spec *spec);
lesson_shell lesson_shell_in(const char *name, ct_container *box);

/** Have a shell run a command. @return what it printed; free with free(). */
char *lesson_answer(lesson_shell *shell, const char *command);

/** The same as a transcript on stdout: the prompt, the command, what it printed. */
void lesson_ask(lesson_shell *shell, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** End a shell, and its container with it. */
void lesson_end_shell(lesson_shell *shell);

/** The path of a program that was built beside the lesson; static memory. */
const char *lesson_beside(const char *name);

#endif

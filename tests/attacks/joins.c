/* SPDX-License-Identifier: MIT */
/*
 * Attacks on who joins a container: its first process is hostile, may trace if it is root, and
 * lies in wait. The control joins as nsenter(1) does.
 */
#include <container/join.h>

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "attacks/attacks.h"

#define JOINS (scaled(60) * attack_effort)

static void sleep_ms(long ms)
{
	const struct timespec time = {ms / 1000, ms % 1000 * 1000000};

	nanosleep(&time, NULL);
}

/* A harmless visitor. */
static ct_spec *visitor(const char *const *words)
{
	const char *argv[16] = {"/bin/intruder"};

	for (size_t i = 0; words[i] && i < 14; i++)
		argv[i + 1] = words[i];
	return visitor_of(argv);
}

/* Joins once; gives the code. What the visitor printed is in outcome_of()'s place. */
static struct outcome *visit(ct_container *target, const char *const *words)
{
	ct_spec *spec = visitor(words);
	ct_container *box_of = NULL;
	ct_error err = CT_ERROR_INIT;
	int code = ct_join(target, 0, 0, spec, &box_of, &err);

	ct_spec_free(spec);
	return outcome_of(code, box_of, &err);
}

/* --------------------------------------------------------------- lying in wait */

/* Enters as an image of the host with its descriptors, and stays for a while. */
static void enter_carelessly(ct_container *target)
{
	int pidfd = ct_container_pidfd(target);
	pid_t outer = fork();

	if (outer == 0) {
		pid_t inner;

		if (setns(pidfd, CLONE_NEWPID | CLONE_NEWNS) < 0)
			_exit(1);
		inner = fork();
		if (inner == 0) {
			sleep_ms(300);
			_exit(0);
		}
		waitpid(inner, NULL, 0);
		_exit(0);
	}
	expect_child(outer);
}

static enum verdict lie_in_wait_for(bool guarded, const char *what)
{
	/* Inheritable and open for writing, as a careless host would have it. */
	int canary = open(box.canary, O_RDWR);
	ct_spec *spec = spec_of_role(WORDS("lie-in-wait", what));
	enum verdict verdict = HELD;
	ct_container *target;
	ct_exit how;

	set(ct_spec_add_cap(spec, "cap_sys_ptrace"));
	target = start_ready(spec);
	ct_spec_free(spec);
	if (!guarded)
		enter_carelessly(target);
	for (int i = 0; guarded && i < JOINS && verdict == HELD; i++) {
		struct outcome *outcome = visit(target, WORDS("find-variables"));

		if (outcome->code < 0) {
			remark("%s", outcome->err.sentence);
			verdict = outcome->err.code == -ESRCH ? THROUGH : SHOWS_NOTHING;
		}
	}
	close(canary);
	if (verdict == SHOWS_NOTHING) {
		ct_container_free(target);
		return verdict;
	}
	ct_kill(target, SIGTERM, NULL);
	how = wait_for(target);
	ct_container_free(target);
	return verdict_of_exit(how.code, how.signal, "");
}

static enum verdict wait_for_executable(bool guarded)
{
	return lie_in_wait_for(guarded, "executable");
}

static enum verdict wait_for_descriptor(bool guarded)
{
	return lie_in_wait_for(guarded, "descriptor");
}

static enum verdict wait_for_memory(bool guarded)
{
	return lie_in_wait_for(guarded, "memory");
}

/* ------------------------------------------------------------ what confines who joins */

/* What a stream gives up to the line "end". */
static void read_to_end_line(int fd, char *text, size_t room)
{
	size_t used = 0;
	ssize_t count = 1;

	text[0] = '\0';
	while (!strstr(text, "end\n") && used < room - 1 && count > 0) {
		ck_assert(readable(fd, PATIENCE_MS));
		count = read(fd, text + used, room - 1 - used);
		used += count > 0 ? (size_t)count : 0;
		text[used] = '\0';
	}
	ck_assert_ptr_nonnull(strstr(text, "end\n"));
}

static void confess_carelessly(ct_container *target, char *text, size_t room)
{
	int pidfd = ct_container_pidfd(target), out[2];
	pid_t child;

	ck_assert_int_eq(pipe2(out, O_CLOEXEC), 0);
	child = fork();
	if (child == 0) {
		if (setns(pidfd, CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC |
					 CLONE_NEWUTS) < 0)
			_exit(1);
		dup2(out[1], 1);
		if (fork() == 0) {
			execl("/bin/intruder", "intruder", "confess", (char *)NULL);
			_exit(2);
		}
		wait(NULL);
		_exit(0);
	}
	close(out[1]);
	read_to_end_line(out[0], text, room);
	close(out[0]);
	expect_child(child);
}

static enum verdict join_is_less_confined(bool guarded)
{
	static char target_says[8192], visitor_says[8192];
	ct_spec *spec = spec_of_role(WORDS("confess", "stay"));
	ct_container *target = NULL;
	ct_error err = CT_ERROR_INIT;
	int out;

	ck_assert_msg(ct_spawn(spec, &target, &err) == 0, "%s", err.sentence);
	ct_spec_free(spec);
	out = ct_container_take_stdio(target, 1);
	read_to_end_line(out, target_says, sizeof(target_says));
	close(out);
	if (guarded) {
		struct outcome *outcome = visit(target, WORDS("confess"));

		ck_assert_msg(outcome->code == 0, "%s", outcome->err.sentence);
		snprintf(visitor_says, sizeof(visitor_says), "%.8000s", outcome->out);
	} else {
		confess_carelessly(target, visitor_says, sizeof(visitor_says));
	}
	ct_container_free(target);
	if (strcmp(target_says, visitor_says) == 0)
		return HELD;
	remark("the target says %.400s, who joined says %.400s", target_says, visitor_says);
	return THROUGH;
}

/* ---------------------------------------------------------------- who is joined */

static ct_container *start_idle(void)
{
	ct_spec *spec = spec_of_role(WORDS("stay"));
	ct_container *container = start_ready(spec);

	ct_spec_free(spec);
	return container;
}

/* As if the pid had been taken by somebody else since it was noted. */
static enum verdict pid_is_another(bool guarded)
{
	ct_container *noted = start_idle(), *forged;
	ct_spec *spec = visitor(WORDS("find-variables"));
	ct_container *visitor_of_it = NULL;
	ct_error err = CT_ERROR_INIT;
	uint64_t ticks = 0;
	int code;

	set(ct_pid_start_ticks(ct_container_pid(noted), &ticks));
	ct_container_free(noted);
	sleep_ms(50);
	forged = start_idle();
	code = ct_join_pid(ct_container_pid(forged), guarded ? ticks : 0, 0, CT_JOIN_NO_SECCOMP,
		spec, &visitor_of_it, &err);
	ct_spec_free(spec);
	remark("%s", err.sentence);
	outcome_of(code, visitor_of_it, &err);
	ct_container_free(forged);
	return code == 0 ? THROUGH : code == -ESRCH ? HELD : SHOWS_NOTHING;
}

/* Where a namespace cannot be entered the payload must not run beside it. */
static enum verdict namespace_cannot_be_entered(bool guarded)
{
	ct_container *target = start_idle();
	int pidfd = ct_container_pidfd(target), status = 0;
	int code = 0;

	fail_call(SYS_setns, EPERM);
	if (guarded) {
		struct outcome *outcome = visit(target, WORDS("find-variables"));

		remark("%s", outcome->err.sentence);
		code = outcome->code;
	} else {
		pid_t child = fork();

		if (child == 0) {
			/* In the first one it is, whatever that says. */
			if (setns(pidfd, CLONE_NEWNS) < 0)
				fprintf(stderr, " ");
			execl(in_root("bin/probe"), "probe", "exit", "7", (char *)NULL);
			_exit(1);
		}
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		code = WIFEXITED(status) && WEXITSTATUS(status) == 7 ? 0 : -1;
	}
	ct_container_free(target);
	box_accept_changes();
	return code == 0 ? THROUGH : HELD;
}

const struct attack ct_attacks_joins[] = {
	{.id = "A01",
		.sentence = "get hold of the executable of who joins",
		.roles = BY_ALL,
		.run = wait_for_executable,
		.flags = CONTROL_NEEDS_ROOT},
	{.id = "A02",
		.sentence = "take a descriptor of who joins",
		.roles = BY_ALL,
		.run = wait_for_descriptor,
		.flags = CONTROL_NEEDS_ROOT},
	{.id = "D06",
		.sentence = "write to the memory of who joins",
		.roles = BY_ALL,
		.run = wait_for_memory,
		.flags = CONTROL_NEEDS_ROOT},
	{.id = "D01",
		.sentence = "find who joins less confined than the container",
		.roles = BY_ALL,
		.run = join_is_less_confined,
		.flags = CONTROL_NEEDS_ROOT},
	{.id = "D03",
		.sentence = "be joined in the place of one whose pid it has",
		.roles = BY_ALL,
		.run = pid_is_another},
	{.id = "D05",
		.sentence = "have the payload run where a namespace could not be entered",
		.roles = BY_ALL,
		.run = namespace_cannot_be_entered},
	{0},
};

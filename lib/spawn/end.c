/* SPDX-License-Identifier: MIT */
/* How a container ends: why, in words, and at our request. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cgroup/group.h"
#include "container.h"
#include "error/error.h"
#include "stage/plan.h"
#include "util/clock.h"

#define KILL_LIMIT_MS 2000

/* --------------------------------------------------------------- the reason */

static uint64_t verdict_of(const ct_container *box)
{
	uint64_t verdict = 0;

	if (box->verdict >= 0 && read(box->verdict, &verdict, sizeof(verdict)) < 0)
		return 0;
	return verdict;
}

static ct_end killed_by(const ct_container *box)
{
	uint64_t verdict = verdict_of(box);

	if (verdict)
		return verdict & KEEPER_WALL  ? CT_END_WALL
		       : verdict & KEEPER_CPU ? CT_END_CPU
					      : CT_END_UNWATCHED;
	return box->how.oom ? CT_END_OOM : CT_END_SIGNAL;
}

void ct__end_explain(ct_container *box)
{
	const ct_exit *how = &box->how;
	ct_end why = CT_END_EXIT;

	if (how->lost)
		why = CT_END_LOST;
	else if (how->signal == SIGSYS && box->filter)
		why = CT_END_SECCOMP;
	else if (how->signal == SIGKILL)
		why = killed_by(box);
	else if (how->signal)
		why = CT_END_SIGNAL;
	if (why == CT_END_SIGNAL && (box->sent & UINT64_C(1) << (how->signal - 1)))
		why = CT_END_ASKED;
	box->how.why = why;
}

/* Ends in a format for the signal, or nothing. */
static const char *const reasons[] = {
	[CT_END_EXIT] = "",
	[CT_END_SIGNAL] = "",
	[CT_END_ASKED] = ", as it was asked for",
	[CT_END_WALL] = ": its time was over",
	[CT_END_CPU] = ": its cpu time was used up",
	[CT_END_OOM] = ": its limit of memory was reached",
	[CT_END_SECCOMP] = ": it made a system call that its filter refuses",
	[CT_END_UNWATCHED] = ": its time could not be watched",
	[CT_END_LOST] = "",
};

int ct_exit_to_text(const ct_exit *how, char *text, size_t size)
{
	const char *reason, *name;

	if (!how || how->size < sizeof(*how) || (size && !text) ||
		how->why >= sizeof(reasons) / sizeof(reasons[0]))
		return -EINVAL;
	if (how->lost)
		return snprintf(text, size, "ended, and nobody knows how");
	if (!how->signal)
		return snprintf(text, size, "exited with code %d", how->code);
	reason = how->oom == CT_OOM_HOST && how->why == CT_END_OOM
			 ? ": the machine's memory ran out"
			 : reasons[how->why];
	name = sigabbrev_np(how->signal);
	return snprintf(text, size, "killed by signal %d%s%s%s%s%s", how->signal,
		name ? " (SIG" : "", name ? name : "", name ? ")" : "",
		how->core_dumped ? ", with a core dump" : "", reason);
}

/* ---------------------------------------------------------------- the request */

/* Until it has ended or the time is over; a handler of the caller's does not disturb it. */
static int wait_calmly(ct_container *box, int timeout_ms, ct_exit *ret_exit)
{
	uint64_t deadline = ct__deadline_in(timeout_ms);
	int ret;

	do
		ret = ct_wait(box, ct__ms_until(deadline), ret_exit, NULL);
	while (ret == -EINTR);
	return ret;
}

static int kill_all(ct_container *box, ct_exit *ret_exit, ct_error *err)
{
	int ret = ct_kill(box, SIGKILL, err);

	if (ret < 0 && ret != -ESRCH)
		return ret;
	/* Without a pid namespace of its own, others are left. */
	if (box->group.plan)
		ct__group_kill(&box->group);
	ret = wait_calmly(box, KILL_LIMIT_MS, ret_exit);
	return ret < 0 ? ct__fail_because(err, CT_STEP_WAIT, ret,
				 "it was killed, and the kernel has not ended it yet", "process %d",
				 box->pid)
		       : 0;
}

int ct_stop(ct_container *box, int signal, int grace_ms, ct_exit *ret_exit, ct_error *err)
{
	int ret;

	if (!box || signal < 1 || signal > 64 || grace_ms < CT_FOREVER ||
		(ret_exit && ret_exit->size < sizeof(*ret_exit)))
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL,
			"it is NULL, or an argument is out of range", "container");
	ret = ct_kill(box, signal, err);
	if (ret < 0 && ret != -ESRCH)
		return ret;
	/* It may be frozen, and would not hear of the signal before it is let go. */
	if (ret == 0 && box->group.plan)
		(void)ct__group_thaw(&box->group, NULL);
	ret = wait_calmly(box, grace_ms, ret_exit);
	if (ret == -ETIMEDOUT)
		return kill_all(box, ret_exit, err);
	return ret < 0 ? ct__fail(err, CT_STEP_WAIT, ret, "poll", "process %d", box->pid) : 0;
}

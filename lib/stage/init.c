/* SPDX-License-Identifier: MIT */
/*
 * The init: the stage stays as PID 1, and its child goes on to become the payload.
 *
 * Who: the payload's user with the payload's rights. The first process has set itself aside before
 * its child goes on: no descriptor but the one on which it says how the payload ended, nothing
 * of the plan, and the payload's filter, so that nobody gains by taking it over.
 */
#include "stage.h"

#include <linux/prctl.h>
#include <linux/signal.h>

#define ALL_SIGNALS (~0ul) /* all are blocked, as they are in every stage up to OP_GO */
#define NO_HANG	    1	   /* WNOHANG */
#define ON	    SIGUSR1 /* what the child waits for; it is blocked, so it waits as well */

/* As the payload ended; a signal cannot end the first process of a pid namespace from inside. */
static __attribute__((noreturn)) void end_as(int status, int told)
{
	const uint64_t value = (uint64_t)(unsigned int)status + 1;
	int signal = status & 0x7f;

	sys_write(told, &value, sizeof(value));
	sys_exit(signal ? 128 + signal : status >> 8 & 0xff);
}

/* Everything that has ended; does not come back if the payload is among it. */
static void reap(long payload, int told)
{
	int status = 0;
	long pid;

	do {
		pid = sys(__NR_wait4, -1, &status, NO_HANG, 0, 0);
		if (pid == payload)
			end_as(status, told);
	} while (pid > 0 || pid == -EINTR);
}

static __attribute__((noreturn)) void watch(long payload, int told)
{
	const unsigned long all = ALL_SIGNALS;

	for (;;) {
		long signal = sys(__NR_rt_sigtimedwait, &all, 0, 0, sizeof(all), 0);

		if (signal == SIGCHLD)
			reap(payload, told);
		else if (signal > 0)
			sys(__NR_kill, payload, signal, 0, 0, 0);
	}
}

/* What the first process does not need goes; then the filter comes, if it was not there before. */
static long set_aside(struct stage *st, const struct plan_op *op, int *told)
{
	const struct plan *plan = (const void *)st->plan;
	long ret = failed(st, "setsid", sys(__NR_setsid, 0, 0, 0, 0, 0));

	if (ret < 0)
		return ret;
	ret = failed(st, "dup3", sys(__NR_dup3, *told, 0, O_CLOEXEC, 0, 0));
	if (ret < 0)
		return ret;
	*told = 0;
	if (op->size) {
		ret = op_seccomp(st, op);
		if (ret < 0)
			return ret;
	}
	ret = plan->size;
	sys(__NR_munmap, st->plan, ret, 0, 0, 0);
	return 0;
}

/* If the first process fails or is killed, so is this one. */
static long await_first(struct stage *st)
{
	const unsigned long on = 1ul << (ON - 1);
	long ret = failed(st, "rt_sigtimedwait", sys(__NR_rt_sigtimedwait, &on, 0, 0, sizeof(on), 0));

	return ret < 0 ? ret : 0;
}

/*
 * The child is the one that goes on. What the first process calls is not told in explain mode:
 * it would come in the midst of what the payload's process tells.
 */
long op_init(struct stage *st, const struct plan_op *op)
{
	int told = st->slot[op->slot], wire = st->wire;
	long payload, ret;

	sys_prctl(PR_SET_NAME, (unsigned long)"init", 0); /* the child's is that of what it executes */
	payload = failed(st, "clone", sys(__NR_clone, SIGCHLD, 0, 0, 0, 0));
	if (payload < 0)
		return payload;
	if (payload == 0)
		return await_first(st);
	st->wire = -1;
	ret = set_aside(st, op, &told);
	if (ret < 0) {
		st->wire = wire;
		return ret;
	}
	/* With the wire, which says that the payload runs once nobody has it any more. */
	sys_close_range(1, ~0u);
	sys(__NR_kill, payload, ON, 0, 0, 0);
	watch(payload, told);
}

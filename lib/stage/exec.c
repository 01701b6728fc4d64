/* SPDX-License-Identifier: MIT */
/*
 * The last steps: working directory, what a pool hands over, the host's word to go, descriptors, exec.
 *
 * Who: the payload's user with the payload's rights, inside the pivoted root.
 */
#include "stage.h"

#include <linux/signal.h>
#include <linux/time_types.h>

/*
 * Opened without magic links: /proc/self/fd/N as a working directory would lead
 * to whatever a descriptor refers to (CVE-2024-21626).
 */
long op_cwd(struct stage *st, const struct plan_op *op)
{
	long fd = open_below(AT_FDCWD, plan_at(st, op->path), O_PATH | O_DIRECTORY,
		RESOLVE_NO_MAGICLINKS);
	long ret;

	if (fd < 0)
		return failed(st, "openat2", fd);
	ret = failed(st, "fchdir", sys_fchdir((int)fd));
	sys_close((int)fd);
	return ret;
}

static long tell_ready(struct stage *st)
{
	st->report.kind = STAGE_READY;
	return failed(st, "sendmsg", send_report(st, STAGE_REPORT_SHORT, -1));
}

/* The host is gone, or gave the container up; then it may want to know who leaves. */
static __attribute__((noreturn)) void leave(struct stage *st)
{
	st->report.kind = STAGE_LEFT;
	send_report(st, STAGE_REPORT_SHORT, -1);
	sys_exit(1);
}

/*
 * Here waits a sandbox of a pool: all is in place that does not depend on the payload. What
 * fails has the words of the host's side, which has the other plan by then.
 */
long op_handover(struct stage *st, const struct plan_op *op)
{
	struct stage_call call = {0};
	int fds[PLAN_MAX_SLOTS + 1];
	unsigned int count = 0;
	long ret = tell_ready(st);

	(void)op;
	if (ret < 0)
		return ret;
	ret = receive(st->wire, &call, sizeof(call), fds, PLAN_MAX_SLOTS + 1, &count);
	if (ret == 0)
		leave(st);
	if (ret == (long)sizeof(call) && count && call.magic == PLAN_MAGIC)
		ret = take_plan(st, &call, fds, count);
	else
		ret = failed(st, "recvmsg", ret < 0 ? ret : -EBADMSG);
	if (ret < 0) {
		st->report.step = CT_STEP_START;
		text_append(st->report.detail, sizeof(st->report.detail), "payload");
	}
	return ret;
}

/*
 * The message stays unread on the wire until all set-up is done. If the stage dies
 * before, the kernel tells the host so, who knows then that the payload was never
 * executed.
 */
long op_go(struct stage *st, const struct plan_op *op)
{
	const unsigned long none = 0;
	char message = 0;
	long ret = 0;

	(void)op;
	if (st->call_flags & STAGE_TELL_READY)
		ret = tell_ready(st);
	if (ret < 0)
		return ret;
	ret = receive(st->wire, &message, 1, NULL, 0, NULL);
	if (ret == 0)
		leave(st);
	if (ret < 0)
		return failed(st, "recvmsg", ret);
	if (message != STAGE_MSG_GO)
		return failed(st, "recvmsg", -EBADMSG);
	/* From here on a signal ends what counts as the payload; and a filter may forbid the call. */
	return failed(st, "rt_sigprocmask",
		sys(__NR_rt_sigprocmask, SIG_SETMASK, &none, 0, sizeof(none), 0));
}

#define TARGET_MAX 1023

/* Closes every number up to highest that is not a target, gap by gap. */
static long close_gaps(const struct plan_fd *map, size_t count, int highest)
{
	unsigned char wanted[(TARGET_MAX + 8) / 8] = {0};
	long ret = 0;

	for (size_t i = 0; i < count; i++)
		wanted[map[i].target / 8] |= (unsigned char)(1 << map[i].target % 8);
	for (int first = 0; first <= highest && ret >= 0; first++) {
		int last = first;

		if (wanted[first / 8] >> first % 8 & 1)
			continue;
		while (last < highest && !(wanted[(last + 1) / 8] >> (last + 1) % 8 & 1))
			last++;
		ret = sys_close_range((unsigned int)first, (unsigned int)last);
		first = last;
	}
	return ret;
}

/* Moves a descriptor above the highest target, unless it is there. */
static long move_above(struct stage *st, int *fd, int highest)
{
	long ret = *fd;

	if (*fd <= highest)
		ret = failed(st, "fcntl",
			sys_fcntl(*fd, F_DUPFD_CLOEXEC, (unsigned long)highest + 1));
	if (ret >= 0)
		*fd = (int)ret;
	return ret;
}

#define NOFILE	  7   /* RLIMIT_NOFILE */
#define FEW_FDS	  256 /* fit under any usual limit */

/*
 * A soft limit of 1024, as most hosts have it, leaves no number above the target 1023.
 * Raised to the hard one while numbers are needed; what was open stays open when it is
 * lowered again. ret_soft: what it was; 0: it was left alone.
 */
static void raise_limit(int highest, size_t count, uint64_t *ret_soft)
{
	uint64_t limit[2];

	*ret_soft = 0;
	if ((size_t)highest + 2 * count < FEW_FDS ||
		sys(__NR_prlimit64, 0, NOFILE, 0, limit, 0) < 0 || limit[0] == limit[1])
		return;
	*ret_soft = limit[0];
	limit[0] = limit[1];
	sys(__NR_prlimit64, 0, NOFILE, limit, 0, 0);
}

static long lower_limit(uint64_t soft)
{
	uint64_t limit[2];
	long ret = sys(__NR_prlimit64, 0, NOFILE, 0, limit, 0);

	limit[0] = soft;
	return ret < 0 ? ret : sys(__NR_prlimit64, 0, NOFILE, limit, 0, 0);
}

/* The one that OP_INIT needs, which lies anywhere over the wire. */
static long keep_above_wire(struct stage *st, int *fd)
{
	int number = st->wire + 1;
	long ret = number;

	if (*fd != number)
		ret = failed(st, "dup3", sys(__NR_dup3, *fd, number, O_CLOEXEC, 0, 0));
	*fd = number;
	return ret;
}

/*
 * Puts each descriptor under its number. All sources first move above the highest
 * target, so that no target can overwrite a source that is still needed. In the end there
 * are the targets, and just above them the wire, and what OP_INIT needs; both end with the exec: from here on
 * others may see this process, see OP_FORK.
 */
long op_descriptors(struct stage *st, const struct plan_op *op)
{
	const struct plan_fd *map = plan_at(st, op->data);
	size_t count = op->size / sizeof(map[0]);
	int highest = 2;
	uint64_t soft;
	long ret;

	for (size_t i = 0; i < count; i++)
		if (map[i].target > highest)
			highest = map[i].target;
	raise_limit(highest, count, &soft);
	ret = op->slot < 0 ? 0 : move_above(st, &st->slot[op->slot], highest + 1);
	if (ret >= 0)
		ret = move_above(st, &st->wire, highest);
	for (size_t i = 0; i < count && ret >= 0; i++)
		if (map[i].slot >= 0)
			ret = move_above(st, &st->slot[map[i].slot], highest);
	for (size_t i = 0; i < count && ret >= 0; i++)
		if (map[i].slot >= 0)
			ret = failed(st, "dup3",
				sys(__NR_dup3, st->slot[map[i].slot], map[i].target, 0, 0, 0));
	if (ret >= 0 && st->wire != highest + 1) {
		ret = failed(st, "dup3", sys(__NR_dup3, st->wire, highest + 1, O_CLOEXEC, 0, 0));
		st->wire = ret < 0 ? st->wire : highest + 1;
	}
	if (ret >= 0 && op->slot >= 0)
		ret = keep_above_wire(st, &st->slot[op->slot]);
	if (ret >= 0)
		ret = failed(st, "close_range", close_gaps(map, count, highest));
	if (ret >= 0)
		ret = failed(st, "close_range",
			sys_close_range((unsigned int)highest + (op->slot >= 0 ? 3 : 2), ~0u));
	if (ret >= 0 && soft)
		ret = failed(st, "prlimit", lower_limit(soft));
	return ret;
}

/* Offsets become pointers, in place: the mapping is private to this process. */
static char **relocate(struct stage *st, uint32_t offset)
{
	uint64_t *list = plan_at(st, offset);
	char **pointers = (char **)list;

	for (size_t i = 0; list[i]; i++)
		pointers[i] = plan_at(st, (uint32_t)list[i]);
	return pointers;
}

static int has_slash(const char *name)
{
	for (; *name; name++)
		if (*name == '/')
			return 1;
	return 0;
}

/*
 * A program that the host has just written is busy as long as a process that was
 * cloned meanwhile, by another thread, has not yet dropped its copy of the host's
 * descriptors. That passes within a clone; a file that stays busy is an error.
 */
#define BUSY_TRIES 100

static long execute(struct stage *st, const char *program, char **argv, char **envp)
{
	const struct __kernel_timespec pause = {0, 2000000};
	long ret;

	for (int i = 0;; i++) {
		ret = sys(__NR_execve, program, argv, envp, 0, 0);
		if (ret != -ETXTBSY || i == BUSY_TRIES || st->watched)
			return ret;
		sys(__NR_nanosleep, &pause, 0, 0, 0, 0);
	}
}

/* As execvp(3), but a text file without #! is an error, not a shell script. */
static long search_and_execute(struct stage *st, const char *name, const char *search, char **argv,
	char **envp)
{
	char candidate[4096];
	long worst = -ENOENT;

	while (*search) {
		size_t length = 0;
		long ret;

		while (search[length] && search[length] != ':')
			length++;
		candidate[0] = '\0';
		if (length + text_length(name) + 2 <= sizeof(candidate)) {
			memcpy(candidate, search, length);
			candidate[length] = '\0';
			text_append(candidate, sizeof(candidate), length ? "/" : "./");
			text_append(candidate, sizeof(candidate), name);
			ret = execute(st, candidate, argv, envp);
			diagnose_exec(st, candidate, ret);
			if (ret != -ENOENT && ret != -ENOTDIR && ret != -EACCES)
				return ret;
			/* A file that is there but cannot run says more than one that is not. */
			if (st->report.reason != REASON_NO_PROGRAM && ret == -ENOENT)
				return ret;
			if (ret == -EACCES)
				worst = ret;
		}
		search += length;
		if (*search == ':')
			search++;
	}
	if (worst == -ENOENT) {
		st->report.reason = REASON_NOT_IN_PATH;
		st->report.step = CT_STEP_PROGRAM;
		st->report.detail[0] = '\0';
		text_append(st->report.detail, sizeof(st->report.detail), name);
	}
	return worst;
}

/* What the file does not explain. EPERM is how both modules bar the change of label with no_new_privs. */
static void explain_refusal(struct stage *st, long error)
{
	if (st->report.reason != REASON_NONE)
		return;
	if (error == -EACCES && st->restricted)
		st->report.reason = REASON_LANDLOCK;
	else if (error == -EACCES && st->label)
		st->report.reason = REASON_LABEL_PROGRAM;
	if (error != -EPERM || !st->label)
		return;
	st->report.reason = REASON_LABEL;
	st->report.step = CT_STEP_LABEL;
	st->report.detail[0] = '\0';
	text_append(st->report.detail, sizeof(st->report.detail), st->label);
}

long op_exec(struct stage *st, const struct plan_op *op)
{
	const struct plan_exec *exec = plan_at(st, op->data);
	const char *program = plan_at(st, op->path);
	char **argv = relocate(st, exec->argv);
	char **envp = relocate(st, exec->envp);
	long ret;

	if (has_slash(program)) {
		ret = execute(st, program, argv, envp);
		diagnose_exec(st, program, ret);
	} else {
		ret = search_and_execute(st, program, plan_at(st, exec->search), argv, envp);
	}
	explain_refusal(st, ret);
	return failed(st, "execve", ret);
}

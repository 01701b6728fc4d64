/* SPDX-License-Identifier: MIT */
/* What the stage says in a start, and the host's answers; when, is in launch.c. */
#include "hear.h"

#include <errno.h>
#include <poll.h>

#include "container.h"
#include "error/error.h"
#include "lack.h"
#include "plan.h"
#include "report.h"
#include "talk.h"
#include "trace/trace.h"
#include "util/fd.h"

int ct__say(struct launch *l, char message)
{
	int ret = ct__traced(l->trace, message == STAGE_MSG_GO ? CT_STEP_START : CT_STEP_STAGE, "sendmsg",
		ct__talk_send(l->box->wire, &message, 1, NULL, 0), "%d<stage>, {\"%c\"}, MSG_NOSIGNAL",
		l->box->wire, message);

	return ret == -EPIPE || ret == -ECONNRESET ? 1 : ret;
}

int ct__hear_end(struct launch *l)
{
	ct_container *box = l->box;
	ct_exit how = CT_EXIT_INIT;

	ct__trace_died(l->trace);
	if (box->pidfd >= 0)
		ct_wait(box, 1000, &how, NULL);
	if (how.why == CT_END_WALL || how.why == CT_END_CPU || how.why == CT_END_UNWATCHED)
		return 0;
	if (how.signal)
		return ct__fail_because(l->err, CT_STEP_STAGE, -EIO, "it was killed while it set the container up",
			"signal %d", how.signal);
	return ct__fail_because(l->err, CT_STEP_STAGE, -EIO, "it ended while it set the container up",
		"process %d", box->pid);
}

/* A failure in the stage's words; 0 if the report is another one. */
static int failure_in(struct launch *l, struct stage_report *report)
{
	int ret;

	if (report->kind != STAGE_FAILED)
		return 0;
	ret = ct__report_explain(l->block, report, l->err);
	return ret < 0 ? ret : -EIO;
}

int ct__hear_wire(struct launch *l)
{
	union stage_message message;
	ssize_t got;
	int fd = -1, ret;

	do {
		message.report = (struct stage_report){0};
		got = ct__talk_await(l->near, l->box->pidfd, -1, &message, sizeof(message), &fd);
	} while (got > 0 && ct__trace_take(l->trace, &message, (size_t)got, 0));
	if (got == 0 || got == -ECONNRESET)
		return ct__hear_end(l);
	if (got < 0)
		return ct__fail(l->err, CT_STEP_STDIO, (int)got, "recvmsg", "socket to the stage");
	ret = failure_in(l, &message.report);
	if (ret < 0)
		return ret;
	if (message.kind != STAGE_HELLO || fd < 0)
		return ct__hear_end(l);
	fd = ct__above_stdio(fd);
	if (fd < 0)
		return ct__fail(l->err, CT_STEP_STDIO, fd, "fcntl", "descriptor of the stage");
	l->box->wire = fd;
	ct__close(&l->near);
	return 0;
}

/*
 * Whether a report is there or will come. Up to OP_FORK the first process is watched as well: if
 * it was killed between the fork and its report, its child waits for us, and has the wire.
 */
static bool is_report_to_come(const struct launch *l)
{
	struct pollfd watched[2] = {
		{.fd = l->box->wire, .events = POLLIN},
		{.fd = l->box->pidfd, .events = POLLIN},
	};

	if (!l->plan->forks || l->is_forked)
		return true;
	while (poll(watched, 2, -1) < 0 && errno == EINTR)
		;
	return watched[0].revents || ct__poll_now(l->box->wire, POLLIN) != 0;
}

/* Where the payload's calls are told. */
static int receive_listener(struct launch *l, int *fd)
{
	if (*fd < 0 || l->box->notify >= 0)
		return ct__fail(l->err, CT_STEP_SECCOMP, -EBADMSG, "recvmsg", "notifications");
	*fd = ct__above_stdio(*fd);
	if (*fd < 0)
		return ct__fail(l->err, CT_STEP_SECCOMP, *fd, "fcntl", "notifications");
	l->box->notify = ct__take_fd(fd);
	return 0;
}

/* The root is ready, and the host's tree still there: the turn of who has asked for it. */
static int prepare(struct launch *l)
{
	ct_error why = CT_ERROR_INIT;
	int ret = l->plan->prepare(l->plan->prepare_data, l->box, &why);

	if (ret < 0 && why.step)
		ct__error_copy(&why, l->err);
	else if (ret < 0)
		ct__fail_because(l->err, CT_STEP_PIVOT, ret, "the caller's function has refused it", "prepare");
	l->is_refused = ret < 0;
	if (l->is_refused)
		return ret;
	ret = ct__say(l, STAGE_MSG_ON);
	return ret < 0 ? ct__fail(l->err, CT_STEP_PIVOT, ret, "sendmsg", "wire") : 0;
}

int ct__hear(struct launch *l, struct stage_report *ret_report)
{
	union stage_message message;
	CT__AUTO_CLOSE int fd = -EBADF;
	bool unread = false;
	pid_t sender = 0;
	ssize_t got;
	int ret;

	do {
		if (!is_report_to_come(l))
			return ct__hear_end(l);
		message.report = (struct stage_report){0};
		got = ct__talk_receive_from(l->box->wire, &message, sizeof(message),
			l->plan->has_terminal || (l->plan->filter && l->plan->filter->notifies) ? &fd : NULL, l->trace ? &sender : NULL);
		unread |= got == -ECONNRESET;
	} while (got == -ECONNRESET ||
		(got > 0 && ct__trace_take(l->trace, &message, (size_t)got, sender)));
	if (got < 0)
		return ct__fail(l->err, CT_STEP_STAGE, (int)got, "recvmsg", "report of the stage");
	if (got == 0)
		return unread ? ct__hear_end(l) : 0;
	if (message.kind == STAGE_LACKED) {
		ret = ct__lack_told(l->box, l->block, &message.report, l->trace);
		return ret < 0 ? ct__fail(l->err, CT_STEP_MEMORY, ret, NULL, "container") :
				 ct__hear(l, ret_report);
	}
	if (message.kind == STAGE_TERMINAL) {
		ret = ct__terminal_receive(l->box, &fd, l->trace, l->err);
		return ret < 0 ? ret : ct__hear(l, ret_report);
	}
	if (message.kind == STAGE_SHOWN && l->plan->prepare) {
		ret = prepare(l);
		return ret < 0 ? ret : ct__hear(l, ret_report);
	}
	if (message.kind == STAGE_LISTENER) {
		ret = receive_listener(l, &fd);
		return ret < 0 ? ret : ct__hear(l, ret_report);
	}
	ret = failure_in(l, &message.report);
	if (ret < 0)
		return ret;
	*ret_report = message.report;
	return (int)message.kind;
}

int ct__hear_last(struct launch *l, int error)
{
	ct_error words = CT_ERROR_INIT, *err = l->err;
	struct stage_report report;
	int ret;

	l->err = &words;
	ret = ct__hear(l, &report);
	l->err = err;
	if (ret >= 0 || words.step == CT_STEP_STAGE)
		return error;
	ct__error_copy(&words, err);
	return ret;
}

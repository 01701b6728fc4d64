/* SPDX-License-Identifier: MIT */
/* What becomes of a process that the stage has forked; see launch.c for when. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "forked.h"
#include "stage/plan.h"
#include "talk.h"
#include "trace/trace.h"
#include "util/fd.h"

#define DYING_LIMIT_MS 1000

int ct__forked_open(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	return fd < 0 ? -errno : fd;
}

void ct__forked_reap(int pidfd)
{
	struct pollfd dying = {.fd = pidfd, .events = POLLIN};

	poll(&dying, 1, DYING_LIMIT_MS);
	waitid(P_PIDFD, (id_t)pidfd, &(siginfo_t){0}, WEXITED | WNOHANG);
	ct__close(&pidfd);
}

void ct__forked_end(int wire, struct ct__trace *trace)
{
	struct pollfd hung_up = {.fd = wire};
	union stage_message message;
	pid_t sender = 0;
	ssize_t got;
	int pidfd;

	do
		got = ct__talk_receive_from(
			wire, &message, sizeof(message), NULL, trace ? &sender : NULL);
	while (got == -ECONNRESET ||
		(got > 0 && (ct__trace_take(trace, &message, (size_t)got, sender) ||
				    message.kind != STAGE_FORKED)));
	if (got <= 0)
		return;
	pidfd = ct__forked_open(message.report.pid);
	if (pidfd < 0)
		return;
	if (poll(&hung_up, 1, 0) == 0) /* it is not dying: the failure was the host's */
		syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
	ct__forked_reap(pidfd);
}

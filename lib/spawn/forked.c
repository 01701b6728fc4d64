/* SPDX-License-Identifier: MIT */
/* What becomes of a process that the stage has forked; see launch.c for when. */
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "forked.h"
#include "stage/plan.h"
#include "talk.h"

pid_t ct__forked_find(int near, int *wire)
{
	const int on = 1;
	union stage_message message;
	pid_t sender = 0;
	ssize_t got;

	if (*wire < 0 && ct__talk_receive(near, &message, sizeof(message), wire) <= 0)
		return 0;
	setsockopt(*wire, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
	shutdown(*wire, SHUT_WR);
	do
		got = ct__talk_receive_from(*wire, &message, sizeof(message), NULL, &sender);
	while (got == -ECONNRESET ||
		(got > 0 && message.kind != STAGE_FORKED && message.kind != STAGE_LEFT));
	if (got <= 0)
		return 0;
	return message.kind == STAGE_FORKED ? message.report.pid : sender;
}

void ct__forked_reap(pid_t pid)
{
	siginfo_t info;

	while (pid && waitid(P_PID, (id_t)pid, &info, WEXITED | __WALL) < 0 && errno == EINTR)
		;
}

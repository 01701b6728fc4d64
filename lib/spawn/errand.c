/* SPDX-License-Identifier: MIT */
/* Stages that do a few things and end; see errand.h. */
#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "errand.h"
#include "plan.h"
#include "talk.h"
#include "util/fd.h"

#define LATE_MS 1000

int ct__errand_slot(struct ct__errand *errand, int fd)
{
	errand->fds[errand->fd_count] = fd;
	return (int)errand->fd_count++ - 1;
}

int ct__errand_seal(struct ct__errand *errand)
{
	int ret = ct__block_finish(&errand->block, errand->fd_count - 1);

	if (ret < 0)
		return ret;
	ret = ct__sealed_memfd("ct-errand", errand->block.bytes, errand->block.used, false);
	if (ret < 0)
		return ret;
	errand->fds[0] = ret;
	return 0;
}

int ct__errand_start(struct ct__errand *errand, int stage, uint32_t flags, bool raises_caps,
	const char **ret_call)
{
	int pair[2], ret;

	*ret_call = "memfd_create";
	if (stage < 0)
		return stage;
	*ret_call = "socketpair";
	ret = ct__talk_pair(pair);
	if (ret < 0)
		return ret;
	errand->near = pair[0];
	errand->far = pair[1];
	if (errand->fds[0] >= 0) {
		const struct stage_call call = {.magic = PLAN_MAGIC,
			.flags = STAGE_TELL_READY,
			.plan_size = (uint32_t)errand->block.used};

		*ret_call = "sendmsg";
		ret = ct__talk_send(errand->near, &call, sizeof(call), errand->fds, errand->fd_count);
		if (ret < 0)
			return ret;
	}
	ret = ct__clone_stage(
		stage, errand->far, 0, flags, raises_caps, NULL, &errand->child, ret_call);
	ct__close(&errand->far);
	return ret;
}

int ct__errand_receive(struct ct__errand *errand, int timeout_ms, struct stage_report *ret_report,
	int *ret_fd)
{
	bool is_first = errand->wire < 0;
	int socket = is_first ? errand->near : errand->wire;
	ssize_t got;

	if (is_first)
		ret_fd = &errand->wire;
	*ret_report = (struct stage_report){0};
	got = ct__talk_await(socket, errand->child.pidfd, timeout_ms, ret_report,
		sizeof(*ret_report), ret_fd);
	return got < 0 ? (int)got : got == 0 ? -EIO : 0;
}

/* A stage that waits for a word would end by itself as well. */
void ct__errand_finish(struct ct__errand *errand, int *ret_late)
{
	if (ret_late)
		*ret_late = -EBADF;
	for (unsigned int i = 0; i < errand->fd_count; i++)
		ct__close(&errand->fds[i]);
	ct__close(&errand->near);
	ct__close(&errand->far);
	ct__close(&errand->wire);
	if (errand->child.pidfd >= 0) {
		syscall(SYS_pidfd_send_signal, errand->child.pidfd, SIGKILL, NULL, 0);
		if (ret_late && !ct__ends_in(errand->child.pidfd, LATE_MS))
			*ret_late = ct__take_fd(&errand->child.pidfd);
		else
			ct__reap(errand->child.pidfd);
		ct__close(&errand->child.pidfd);
	}
	ct__block_done(&errand->block);
}

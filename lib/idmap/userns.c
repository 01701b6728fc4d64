/* SPDX-License-Identifier: MIT */
/*
 * User namespaces that no container runs in: for id-mapped mounts, and to keep a range of
 * ids. A stage is cloned into one and never given a plan: it waits for its first message
 * until the host closes the socket, or dies.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "error/error.h"
#include "idmap.h"
#include "spawn/clone.h"
#include "spawn/plan.h"
#include "spawn/talk.h"
#include "util/fd.h"

static int clone_into_new(int stage, bool raises_caps, struct ct__userns *userns, ct_error *err)
{
	const char *call = "socketpair";
	struct ct__child child;
	int pair[2], ret = ct__talk_pair(pair);

	if (ret >= 0) {
		ret = ct__clone_stage(stage, pair[1], 0, CLONE_NEWUSER, raises_caps, NULL, &child, &call);
		ct__close(&pair[1]);
		if (ret < 0)
			ct__close(&pair[0]);
	}
	if (ret < 0)
		return ct__fail(err, CT_STEP_CLONE, ret, call, "user namespace");
	*userns = (struct ct__userns){
		.pid = child.pid, .pidfd = child.pidfd, .socket = pair[0], .host = getpid()};
	return 0;
}

int ct__userns_hold(const struct ct__idmap *map, bool raises_caps, struct ct__userns *ret_userns,
	ct_error *err)
{
	CT__AUTO_CLOSE int stage = ct__stage_open(false);
	struct ct__userns userns = CT__USERNS_NONE;
	int ret;

	if (stage < 0)
		return ct__fail(err, CT_STEP_STAGE, stage, "memfd_create", "stage");
	ret = clone_into_new(stage, raises_caps, &userns, err);
	if (ret < 0)
		return ret;
	ret = ct__idmap_write(map, userns.pid, userns.pidfd, NULL, err);
	if (ret < 0) {
		ct__userns_release(&userns);
		return ret;
	}
	*ret_userns = userns;
	return 0;
}

void ct__userns_release(struct ct__userns *userns)
{
	if (userns->pidfd < 0)
		return;
	if (userns->host == getpid()) {
		/* Reaches the process even if a forked copy of the host still has the socket. */
		if (shutdown(userns->socket, SHUT_RDWR) < 0)
			syscall(SYS_pidfd_send_signal, userns->pidfd, SIGKILL, NULL, 0);
		ct__reap(userns->pidfd);
	}
	ct__close(&userns->socket);
	ct__close(&userns->pidfd);
}

int ct__userns_make(const struct ct__idmap *map, int *ret_fd, ct_error *err)
{
	struct ct__userns userns = CT__USERNS_NONE;
	char path[48];
	int fd, ret = ct__userns_hold(map, false, &userns, err);

	if (ret < 0)
		return ret;
	snprintf(path, sizeof(path), "/proc/%d/ns/user", userns.pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	fd = fd < 0 ? -errno : ct__above_stdio(fd);
	/* It was opened by number: it is the right one if our process lives still. */
	if (fd >= 0 && ct__poll_now(userns.pidfd, POLLIN) != 0) {
		ct__close(&fd);
		fd = -ESRCH;
	}
	ct__userns_release(&userns);
	if (fd < 0)
		return ct__fail(err, CT_STEP_IDMAP, fd, "open", "%s", path);
	*ret_fd = fd;
	return 0;
}

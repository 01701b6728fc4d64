/* SPDX-License-Identifier: MIT */
/*
 * The id map of a given user namespace. The kernel tells that of a process alone, and there may be
 * none in it: so a stage goes in, says that it is there, and is ended.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <container/spec.h>

#include "block.h"
#include "clone.h"
#include "error/error.h"
#include "given.h"
#include "plan.h"
#include "sys/procfs.h"
#include "talk.h"
#include "util/fd.h"
#include "util/proc_status.h"

#define LIMIT_MS 10000

/* A plan to enter it and wait. */
static int send_plan(int socket, int userns)
{
	struct stage_call call = {.magic = PLAN_MAGIC, .flags = STAGE_TELL_READY};
	CT__AUTO_CLOSE int memfd = -EBADF;
	struct block block;
	int ret = ct__block_init(&block);

	if (ret >= 0) {
		struct plan_op *op = ct__block_op(&block, OP_JOIN, CT_STEP_NAMESPACE, "user");

		op->slot = 0;
		op->x = CT_NS_USER;
		ct__block_op(&block, OP_GO, CT_STEP_START, "");
		ret = ct__block_finish(&block, 1);
	}
	if (ret >= 0) {
		call.plan_size = (uint32_t)block.used;
		memfd = ct__sealed_memfd("ct-look", block.bytes, block.used, false);
		ret = memfd;
	}
	ct__block_done(&block);
	return ret < 0 ? ret :
			 ct__talk_send(socket, &call, sizeof(call), (int[]){memfd, userns}, 2);
}

/* Up to the moment when the stage is in there, where it stays until the wire closes; or why not. */
static int await(int socket, int pidfd, int *ret_wire, const char **ret_call)
{
	struct stage_report report = {0};
	ssize_t got = ct__talk_await(socket, pidfd, LIMIT_MS, &report, sizeof(report), ret_wire);

	*ret_call = "recvmsg";
	if (got > 0 && report.kind == STAGE_HELLO)
		got = ct__talk_await(*ret_wire, pidfd, LIMIT_MS, &report, sizeof(report), NULL);
	if (got <= 0)
		return got < 0 ? (int)got : -EIO;
	if (report.kind == STAGE_READY)
		return 0;
	*ret_call = "setns";
	return report.error < 0 ? report.error : -EIO;
}

/* Without ids that the caller's own user namespace has not, for which there is no number here. */
static int read_map(pid_t pid, const char *name, ct__array *ret_ranges)
{
	CT__AUTO_CLOSE int proc = ct__procfs_open();
	CT__AUTO_FREE char *text = NULL;
	ct__array all = {0};
	char path[48];
	int ret;

	snprintf(path, sizeof(path), "%d/%s", pid, name);
	ret = proc < 0 ? proc : ct__procfs_read_all(proc, path, &text);
	if (ret >= 0)
		ret = ct__parse_id_map(text, &all);
	ct__array_for_each(const struct ct__id_range, range, &all)
		if (ret >= 0 && range->outside != UINT32_MAX)
			ret = ct__idmap_add(ret_ranges, range->inside, range->outside, range->count);
	ct__array_done(&all);
	return ret;
}

static int look(const struct ct__child *child, int socket, struct ct__idmap *map, const char **ret_call)
{
	struct pollfd ended = {.fd = child->pidfd, .events = POLLIN};
	CT__AUTO_CLOSE int wire = -EBADF;
	int ret = await(socket, child->pidfd, &wire, ret_call);

	if (ret < 0)
		return ret;
	*ret_call = "read";
	ret = read_map(child->pid, "uid_map", &map->uids);
	if (ret >= 0)
		ret = read_map(child->pid, "gid_map", &map->gids);
	/* It was read by number: it is the right one if our process lives still. */
	if (ret >= 0 && poll(&ended, 1, 0) != 0)
		ret = -ESRCH;
	return ret < 0 ? ret : ct__idmap_fit(map);
}

int ct__given_ids(int fd, struct ct__idmap *ret_map, ct_error *err)
{
	CT__AUTO_CLOSE int stage = ct__stage_open(false);
	CT__AUTO_CLOSE int near = -EBADF;
	CT__AUTO_CLOSE int far = -EBADF;
	struct ct__child child = {.pidfd = -EBADF};
	const char *call = "socketpair";
	struct ct__idmap map = {0};
	int pair[2], ret;

	if (stage < 0)
		return ct__fail(err, CT_STEP_STAGE, stage, "memfd_create", "stage");
	ret = ct__talk_pair(pair);
	if (ret >= 0) {
		near = pair[0];
		far = pair[1];
		call = "sendmsg";
		ret = send_plan(near, fd);
	}
	if (ret >= 0)
		ret = ct__clone_stage(stage, far, 0, 0, false, NULL, &child, &call);
	ct__close(&far);
	if (ret >= 0)
		ret = look(&child, near, &map, &call);
	if (child.pidfd >= 0) {
		syscall(SYS_pidfd_send_signal, child.pidfd, SIGKILL, NULL, 0);
		ct__reap(child.pidfd);
		ct__close(&child.pidfd);
	}
	if (ret < 0) {
		ct__idmap_done(&map);
		return ct__fail(err, CT_STEP_NAMESPACE, ret, call, "user");
	}
	*ret_map = map;
	return 0;
}

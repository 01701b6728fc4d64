/* SPDX-License-Identifier: MIT */
/*
 * Trying in throw-away processes what can only be known by trying. They are stages: a trial
 * is a plan of a few operations, the same that make a container, and ends where a payload
 * would begin. What it made goes with it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "idmap/idmap.h"
#include "probe.h"
#include "spawn/block.h"
#include "spawn/clone.h"
#include "spawn/plan.h"
#include "spawn/talk.h"
#include "sys/openat2.h"
#include "util/fd.h"

#define LIMIT_MS 10000

/* ------------------------------------------------------------- what is tried */

struct step {
	enum plan_code code;
	const char *path; /* a type, a name, or where the source is */
	uint32_t kinds;	  /* of OP_JOIN and OP_UNSHARE */
	uint32_t flags;
	bool is_small; /* a tmpfs of little memory */
};

/*
 * A directory to lay overlays over. Not one that container engines mount files in, as /etc: what
 * is covered there could not be cloned without its cover.
 */
#define LOWER "/usr/bin"

#define STEPS 3

/* OP_GO and, in a user namespace, what makes its root come before and after. */
static const struct {
	uint32_t kinds;
	struct step steps[STEPS]; /* OP_AWAIT_HOST, which is 0: none */
} trials[TRIAL_COUNT] = {
	[TRIAL_RIGHTS] = {CT_NS_USER | CT_NS_UTS, {{.code = OP_HOSTNAME, .path = "probe"}}},
	[TRIAL_NESTED] = {CT_NS_USER, {{.code = OP_UNSHARE, .kinds = CT_NS_USER}}},
	[TRIAL_OVERLAY] = {CT_NS_MNT,
		{{.code = OP_PRIVATE}, {.code = OP_ROOT_OVERLAY, .path = LOWER, .is_small = true}}},
	[TRIAL_USER_OVERLAY] = {CT_NS_USER | CT_NS_MNT,
		{{.code = OP_PRIVATE}, {.code = OP_ROOT_OVERLAY,
					       .path = LOWER,
					       .flags = PLAN_OPTIONAL,
					       .is_small = true}}},
	[TRIAL_USER_PROC] = {CT_NS_USER | CT_NS_MNT | CT_NS_PID,
		{{.code = OP_PRIVATE}, {.code = OP_NEW_MOUNT, .path = "proc"}}},
	[TRIAL_USER_SYSFS] = {CT_NS_USER | CT_NS_MNT | CT_NS_NET,
		{{.code = OP_PRIVATE}, {.code = OP_NEW_MOUNT, .path = "sysfs"}}},
	[TRIAL_PIDFD_SETNS] = {0, {{.code = OP_JOIN, .kinds = CT_NS_UTS}}},
};

/* One that is under way. */
struct run {
	uint32_t kinds;
	struct block block;
	int memfd;  /* the plan */
	int fds[2]; /* it, and the one slot that there may be */
	unsigned int fd_count;
	int near, far, wire;
	struct ct__child child;
};

static int open_slot(const struct step *step)
{
	if (step->code == OP_JOIN) {
		int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);

		return fd < 0 ? -errno : ct__above_stdio(fd);
	}
	return ct__openat(AT_FDCWD, step->path, O_PATH | O_DIRECTORY, 0);
}

static int add_step(struct run *run, const struct step *step)
{
	static const char small[] = "mode\0"
				    "0700\0size\0"
				    "65536";
	struct plan_op *op = ct__block_op(&run->block, step->code, CT_STEP_PROBE, "");
	int fd;

	op->flags = step->flags;
	op->x = step->kinds;
	if (step->path)
		op->path = ct__block_string(&run->block, step->path);
	if (step->is_small) {
		op->size = sizeof(small);
		op->data = ct__block_data(&run->block, small, sizeof(small));
	}
	if (step->code != OP_JOIN && step->code != OP_ROOT_OVERLAY)
		return 0;
	fd = open_slot(step);
	if (fd < 0)
		return fd;
	op->slot = (int32_t)run->fd_count - 1;
	run->fds[run->fd_count++] = fd;
	return 0;
}

static int make_plan(struct run *run, const struct step *steps)
{
	int ret = ct__block_init(&run->block);

	run->fd_count = 1;
	if (run->kinds & CT_NS_USER) {
		struct plan_op *op;

		ct__block_op(&run->block, OP_AWAIT_HOST, CT_STEP_PROBE, "");
		op = ct__block_op(&run->block, OP_BECOME_ROOT, CT_STEP_PROBE, "");
		op->a = op->b = 0;
	}
	for (size_t i = 0; i < STEPS && steps[i].code != OP_AWAIT_HOST && ret == 0; i++)
		ret = add_step(run, &steps[i]);
	ct__block_op(&run->block, OP_GO, CT_STEP_PROBE, "");
	run->block.perch = ct__block_string(&run->block, "/proc");
	if (ret == 0)
		ret = ct__block_finish(&run->block, run->fd_count - 1);
	if (ret < 0)
		return ret;
	run->memfd = ct__sealed_memfd("ct-trial", run->block.bytes, run->block.used, false);
	run->fds[0] = run->memfd;
	return run->memfd < 0 ? run->memfd : 0;
}

/* ------------------------------------------------------------- the process */

static int start(const struct ct__look *look, struct run *run, const char **ret_call)
{
	int pair[2], ret;

	*ret_call = "memfd_create";
	if (look->stage < 0)
		return look->stage;
	*ret_call = "socketpair";
	ret = ct__talk_pair(pair);
	if (ret < 0)
		return ret;
	run->near = pair[0];
	run->far = pair[1];
	if (run->fd_count) {
		const struct stage_call call = {.magic = PLAN_MAGIC,
			.flags = STAGE_TELL_READY,
			.plan_size = (uint32_t)run->block.used};

		*ret_call = "sendmsg";
		ret = ct__talk_send(run->near, &call, sizeof(call), run->fds, run->fd_count);
		if (ret < 0)
			return ret;
	}
	ret = ct__clone_stage(look->stage, run->far, 0, run->kinds, run->kinds & CT_NS_USER, NULL,
		&run->child, ret_call);
	ct__close(&run->far);
	return ret;
}

/* One report, from the socket or, once there is one, from the wire. 0 or a negative errno. */
static int receive(struct run *run, struct stage_report *ret_report, int *ret_fd)
{
	int socket = run->wire >= 0 ? run->wire : run->near;
	struct pollfd watched[2] = {
		{.fd = socket, .events = POLLIN},
		{.fd = run->child.pidfd, .events = POLLIN},
	};
	ssize_t got;
	int ret;

	*ret_report = (struct stage_report){0};
	do
		ret = poll(watched, 2, LIMIT_MS);
	while (ret < 0 && errno == EINTR);
	if (!watched[0].revents)
		return ret == 0 ? -ETIMEDOUT : -EIO;
	got = ct__talk_receive(socket, ret_report, sizeof(*ret_report), ret_fd);
	if (got == -ECONNRESET) /* told once, and before what came earlier */
		got = ct__talk_receive(socket, ret_report, sizeof(*ret_report), ret_fd);
	return got < 0 ? (int)got : got == 0 ? -EIO : 0;
}

static int map_ids(const struct run *run)
{
	struct ct__idmap map = {0};
	int ret = ct__idmap_default_own(&map);

	ct__idmap_decide(&map);
	if (ret == 0)
		ret = ct__idmap_write(&map, run->child.pid, run->child.pidfd, NULL, NULL);
	ct__idmap_done(&map);
	return ret;
}

/* Up to the moment when the plan is done, or has failed. */
static int converse(struct run *run, char *ret_call, size_t size)
{
	static const char on = STAGE_MSG_ON;
	struct stage_report report;
	int ret = receive(run, &report, &run->wire);

	if (ret == 0 && report.kind == STAGE_HELLO && (run->kinds & CT_NS_USER)) {
		ret = map_ids(run);
		snprintf(ret_call, size, "%s", ret < 0 ? "uid_map" : "");
		if (ret == 0)
			ret = ct__talk_send(run->wire, &on, 1, NULL, 0);
	}
	if (ret == 0 && report.kind == STAGE_HELLO)
		ret = receive(run, &report, NULL);
	if (ret < 0 || report.kind == STAGE_READY)
		return ret;
	report.call[sizeof(report.call) - 1] = '\0';
	snprintf(ret_call, size, "%s", report.call);
	return report.error < 0 ? report.error : -EIO;
}

/* Ends what is left of it; a stage that waits for a word would end by itself as well. */
static void finish(struct run *run)
{
	for (unsigned int i = 1; i < run->fd_count; i++)
		ct__close(&run->fds[i]);
	ct__close(&run->memfd);
	ct__close(&run->near);
	ct__close(&run->far);
	ct__close(&run->wire);
	if (run->child.pidfd >= 0) {
		syscall(SYS_pidfd_send_signal, run->child.pidfd, SIGKILL, NULL, 0);
		ct__reap(run->child.pidfd);
		ct__close(&run->child.pidfd);
	}
	ct__block_done(&run->block);
}

#define RUN_OF(of_kinds)                                                                        \
	{                                                                                       \
		.kinds = (of_kinds), .memfd = -1, .near = -1, .far = -1, .wire = -1, .child = { \
			.pidfd = -1                                                             \
		}                                                                               \
	}

/* What came of the start of a process; a trial goes on if it came to the inside. */
static void take_start(
	struct ct__look *look, int code, const char *call, struct ct__outcome *outcome)
{
	outcome->code = code;
	snprintf(outcome->call, sizeof(outcome->call), "%s", call);
	if (code >= 0)
		outcome->reach = REACH_INSIDE;
	else if (strcmp(call, "clone3") == 0)
		outcome->reach = REACH_CLONE;
	ct__is_exhausted(look, code);
}

void ct__try_namespaces(struct ct__look *look, uint32_t kinds, struct ct__outcome *ret_outcome)
{
	struct run run = RUN_OF(kinds);
	const char *call;
	int ret = start(look, &run, &call);

	finish(&run);
	*ret_outcome = (struct ct__outcome){.kinds = kinds};
	take_start(look, ret, call, ret_outcome);
}

void ct__try(struct ct__look *look, enum ct__trial trial, struct ct__outcome *ret_outcome)
{
	struct run run = RUN_OF(trials[trial].kinds);
	const char *call = "plan";
	int ret = make_plan(&run, trials[trial].steps);

	*ret_outcome = (struct ct__outcome){.kinds = run.kinds};
	if (ret >= 0)
		ret = start(look, &run, &call);
	take_start(look, ret, call, ret_outcome);
	if (ret >= 0)
		ret_outcome->code = converse(&run, ret_outcome->call, sizeof(ret_outcome->call));
	finish(&run);
}

int ct__try_user_ns(struct ct__look *look)
{
	struct ct__idmap map = {0};
	int fd = -EBADF, ret = ct__idmap_default_own(&map);

	ct__idmap_decide(&map);
	if (ret == 0)
		ret = ct__userns_make(&map, &fd, NULL);
	ct__idmap_done(&map);
	ct__is_exhausted(look, ret);
	return ret < 0 ? ret : fd;
}

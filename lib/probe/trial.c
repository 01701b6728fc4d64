/* SPDX-License-Identifier: MIT */
/*
 * Trying in throw-away processes what can only be known by trying. They are stages: a trial
 * is a plan of a few operations, the same that make a container, and ends where a payload
 * would begin. What it made goes with it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "idmap/idmap.h"
#include "probe.h"
#include "spawn/errand.h"
#include "spawn/plan.h"
#include "spawn/talk.h"
#include "sys/openat2.h"
#include "sys/pidfd.h"
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
	struct ct__errand errand;
};

static int open_slot(const struct step *step)
{
	if (step->code == OP_JOIN)
		return ct__pidfd_open(getpid());
	return ct__openat(AT_FDCWD, step->path, O_PATH | O_DIRECTORY, 0);
}

static int add_step(struct run *run, const struct step *step)
{
	static const char small[] = "mode\0"
				    "0700\0size\0"
				    "65536";
	struct block *block = &run->errand.block;
	struct plan_op *op = ct__block_op(block, step->code, CT_STEP_PROBE, "");
	int fd;

	op->flags = step->flags;
	op->x = step->kinds;
	if (step->path)
		op->path = ct__block_string(block, step->path);
	if (step->is_small) {
		op->size = sizeof(small);
		op->data = ct__block_data(block, small, sizeof(small));
	}
	if (step->code != OP_JOIN && step->code != OP_ROOT_OVERLAY)
		return 0;
	fd = open_slot(step);
	if (fd < 0)
		return fd;
	op->slot = ct__errand_slot(&run->errand, fd);
	return 0;
}

static int make_plan(struct run *run, const struct step *steps)
{
	struct block *block = &run->errand.block;
	int ret = ct__block_init(block);

	if (run->kinds & CT_NS_USER) {
		struct plan_op *op;

		ct__block_op(block, OP_AWAIT_HOST, CT_STEP_PROBE, "");
		op = ct__block_op(block, OP_BECOME_ROOT, CT_STEP_PROBE, "");
		op->a = op->b = 0;
	}
	for (size_t i = 0; i < STEPS && steps[i].code != OP_AWAIT_HOST && ret == 0; i++)
		ret = add_step(run, &steps[i]);
	ct__block_op(block, OP_GO, CT_STEP_PROBE, "");
	block->perch = ct__block_string(block, "/proc");
	return ret == 0 ? ct__errand_seal(&run->errand) : ret;
}

/* ------------------------------------------------------------- the process */

static int start(const struct ct__look *look, struct run *run, const char **ret_call)
{
	return ct__errand_start(
		&run->errand, look->stage, run->kinds, run->kinds & CT_NS_USER, ret_call);
}

static int map_ids(const struct run *run)
{
	struct ct__idmap map = {0};
	int ret = ct__idmap_default_own(&map);

	ct__idmap_decide(&map);
	if (ret == 0)
		ret = ct__idmap_write(&map, run->errand.child.pid, run->errand.child.pidfd, NULL, NULL);
	ct__idmap_done(&map);
	return ret;
}

/* Up to the moment when the plan is done, or has failed. */
static int converse(struct run *run, char *ret_call, size_t size)
{
	static const char on = STAGE_MSG_ON;
	struct stage_report report;
	int ret = ct__errand_receive(&run->errand, LIMIT_MS, &report, NULL);

	if (ret == 0 && report.kind == STAGE_HELLO && (run->kinds & CT_NS_USER)) {
		ret = map_ids(run);
		snprintf(ret_call, size, "%s", ret < 0 ? "uid_map" : "");
		if (ret == 0)
			ret = ct__talk_send(run->errand.wire, &on, 1, NULL, 0);
	}
	if (ret == 0 && report.kind == STAGE_HELLO)
		ret = ct__errand_receive(&run->errand, LIMIT_MS, &report, NULL);
	if (ret < 0 || report.kind == STAGE_READY)
		return ret;
	report.call[sizeof(report.call) - 1] = '\0';
	snprintf(ret_call, size, "%s", report.call);
	return report.error < 0 ? report.error : -EIO;
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
	struct run run = {.kinds = kinds, .errand = CT__ERRAND_INIT};
	const char *call;
	int ret = start(look, &run, &call);

	ct__errand_finish(&run.errand, NULL);
	*ret_outcome = (struct ct__outcome){.kinds = kinds};
	take_start(look, ret, call, ret_outcome);
}

void ct__try(struct ct__look *look, enum ct__trial trial, struct ct__outcome *ret_outcome)
{
	struct run run = {.kinds = trials[trial].kinds, .errand = CT__ERRAND_INIT};
	const char *call = "plan";
	int ret = make_plan(&run, trials[trial].steps);

	*ret_outcome = (struct ct__outcome){.kinds = run.kinds};
	if (ret >= 0)
		ret = start(look, &run, &call);
	take_start(look, ret, call, ret_outcome);
	if (ret >= 0)
		ret_outcome->code = converse(&run, ret_outcome->call, sizeof(ret_outcome->call));
	ct__errand_finish(&run.errand, NULL);
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

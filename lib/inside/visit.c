/* SPDX-License-Identifier: MIT */
/* Going into a running container and coming back; see visit.h. */
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include <container/join.h>

#include "error/error.h"
#include "join/look.h"
#include "spawn/container.h"
#include "spawn/plan.h"
#include "spawn/report.h"
#include "util/fd.h"
#include "visit.h"

/* A container may have mounted what never answers. */
#define LIMIT_MS 10000

struct plan_op *ct__visit_op(struct ct__visit *visit, enum plan_code code)
{
	struct block *block = &visit->errand.block;
	struct plan_op *op = ct__block_op(block, code, CT_STEP_INSIDE, visit->path);

	op->path = ct__block_string(block, visit->below);
	op->b = REG_ROOT;
	return op;
}

int ct__visit_slot(struct ct__visit *visit, int fd, const char *call)
{
	if (fd < 0)
		return ct__fail(visit->err, CT_STEP_INSIDE, fd, call, "%s", visit->path);
	return ct__errand_slot(&visit->errand, fd);
}

static int copy_fd(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	return copy < 0 ? -errno : copy;
}

/* As a join of these two kinds: hidden, all at once, and root of the user namespace. */
static int go_inside(struct ct__visit *visit)
{
	const struct ct__target *target = &visit->target;
	int process = ct__visit_slot(visit, copy_fd(target->pidfd), "fcntl");
	int root = process < 0 ? process : ct__visit_slot(visit, copy_fd(target->root), "fcntl");
	struct plan_op *op;

	if (root < 0)
		return root;
	ct__visit_op(visit, OP_HIDE);
	op = ct__visit_op(visit, OP_JOIN);
	op->slot = process;
	op->x = target->kinds;
	if (target->kinds & CT_NS_USER) {
		op = ct__visit_op(visit, OP_BECOME_ROOT);
		op->a = (int32_t)target->root_uid;
		op->b = (int32_t)target->root_gid;
	}
	op = ct__visit_op(visit, OP_TAKE);
	op->slot = root;
	op->a = REG_ROOT;
	return 0;
}

int ct__visit_begin(struct ct__visit *visit, ct_container *box, const char *path, ct_error *err)
{
	int ret;

	*visit = (struct ct__visit){.box = box, .errand = CT__ERRAND_INIT, .path = path, .err = err};
	ct__target_init(&visit->target);
	visit->below = path ? path + strspn(path, "/") : "";
	if (!*visit->below)
		visit->below = ".";
	if (!box || !path || !*path)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is NULL, or empty",
			box ? "path" : "container");
	ret = ct__target_look(&visit->target, box->pidfd, CT_NS_USER | CT_NS_MNT, true,
		CT_JOIN_NO_CGROUP | CT_JOIN_NO_SECCOMP, err);
	if (ret < 0)
		return ret;
	if (!(visit->target.kinds & CT_NS_MNT))
		return ct__fail_because(err, CT_STEP_INSIDE, -EOPNOTSUPP,
			"it has the mounts of the host", "process %d", box->pid);
	ret = ct__block_init(&visit->errand.block);
	if (ret < 0)
		return ct__fail(err, CT_STEP_MEMORY, ret, NULL, "%s", path);
	return go_inside(visit);
}

/* The stage has ended without a word, or is silent. */
static int fail_silent(const struct ct__visit *visit, int ret)
{
	if (ret == -EIO)
		return ct__fail_because(visit->err, CT_STEP_INSIDE, -EIO,
			"the process that went inside was killed", "%s", visit->path);
	if (ret == -ETIMEDOUT)
		return ct__fail_because(visit->err, CT_STEP_INSIDE, -ETIMEDOUT,
			"a filesystem inside does not answer", "%s", visit->path);
	return ct__fail(visit->err, CT_STEP_INSIDE, ret, "recvmsg", "%s", visit->path);
}

static int take_answer(struct ct__visit *visit, struct stage_report *report)
{
	if (report->kind == STAGE_FAILED) {
		int ret = ct__report_explain(
			(const struct plan *)(const void *)visit->errand.block.bytes, report, visit->err);

		return ret < 0 ? ret : -EIO;
	}
	return report->kind == STAGE_ANSWER ? 0 : fail_silent(visit, -EBADMSG);
}

int ct__visit_run(struct ct__visit *visit, int *ret_fd)
{
	CT__AUTO_CLOSE int stage = ct__stage_open(false);
	CT__AUTO_CLOSE int fd = -EBADF;
	struct stage_report report;
	const char *call = "memfd_create";
	int ret;

	ct__visit_op(visit, OP_ANSWER)->x = ret_fd != NULL;
	ret = ct__errand_seal(&visit->errand);
	if (ret >= 0)
		ret = ct__errand_start(&visit->errand, stage, 0, false, &call);
	if (ret < 0)
		return ct__fail(visit->err, CT_STEP_INSIDE, ret, call, "%s", visit->path);
	ret = ct__errand_receive(&visit->errand, LIMIT_MS, &report, NULL);
	if (ret >= 0 && report.kind == STAGE_HELLO)
		ret = ct__errand_receive(&visit->errand, LIMIT_MS, &report, ret_fd ? &fd : NULL);
	if (ret < 0)
		return fail_silent(visit, ret);
	ret = take_answer(visit, &report);
	if (ret < 0 || !ret_fd)
		return ret;
	fd = ct__above_stdio(fd);
	if (fd < 0)
		return ct__fail(visit->err, CT_STEP_INSIDE, fd, "fcntl", "%s", visit->path);
	*ret_fd = ct__take_fd(&fd);
	return 0;
}

void ct__visit_end(struct ct__visit *visit)
{
	int late;

	ct__errand_finish(&visit->errand, &late);
	if (visit->box) {
		pthread_mutex_lock(&visit->box->lock);
		ct__container_reap_late(visit->box, 0);
		/* Without memory to note it, it is left to the host, as any child. */
		if (late >= 0 && ct__array_add(&visit->box->late, &late, sizeof(late)) < 0)
			ct__close(&late);
		pthread_mutex_unlock(&visit->box->lock);
	}
	ct__target_done(&visit->target);
}

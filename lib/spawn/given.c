/* SPDX-License-Identifier: MIT */
/*
 * The id map of a given user namespace. The kernel tells that of a process alone, and there may be
 * none in it: so a stage goes in, says that it is there, and is ended.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>

#include <container/spec.h>

#include "block.h"
#include "clone.h"
#include "errand.h"
#include "error/error.h"
#include "given.h"
#include "plan.h"
#include "sys/procfs.h"
#include "util/fd.h"
#include "util/proc_status.h"

#define LIMIT_MS 10000

/* A plan to enter it and wait. */
static int plan(struct ct__errand *errand, int userns)
{
	int ret = ct__block_init(&errand->block), copy;
	struct plan_op *op;

	if (ret < 0)
		return ret;
	copy = fcntl(userns, F_DUPFD_CLOEXEC, 3);
	if (copy < 0)
		return -errno;
	op = ct__block_op(&errand->block, OP_JOIN, CT_STEP_NAMESPACE, "user");
	op->slot = ct__errand_slot(errand, copy);
	op->x = CT_NS_USER;
	ct__block_op(&errand->block, OP_GO, CT_STEP_START, "");
	return ct__errand_seal(errand);
}

/* Up to the moment when it is in there, where it stays until its end; or why not. */
static int await(struct ct__errand *errand, const char **ret_call)
{
	struct stage_report report;
	int ret;

	*ret_call = "recvmsg";
	ret = ct__errand_receive(errand, LIMIT_MS, &report, NULL);
	if (ret >= 0 && report.kind == STAGE_HELLO)
		ret = ct__errand_receive(errand, LIMIT_MS, &report, NULL);
	if (ret < 0 || report.kind == STAGE_READY)
		return ret;
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

static int look(struct ct__errand *errand, struct ct__idmap *map, const char **ret_call)
{
	const struct ct__child *child = &errand->child;
	struct pollfd ended = {.fd = child->pidfd, .events = POLLIN};
	int ret = await(errand, ret_call);

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
	struct ct__errand errand = CT__ERRAND_INIT;
	struct ct__idmap map = {0};
	const char *call = "memfd_create";
	int ret;

	if (stage < 0)
		return ct__fail(err, CT_STEP_STAGE, stage, "memfd_create", "stage");
	ret = plan(&errand, fd);
	if (ret >= 0)
		ret = ct__errand_start(&errand, stage, 0, false, &call);
	if (ret >= 0)
		ret = look(&errand, &map, &call);
	ct__errand_finish(&errand, NULL);
	if (ret < 0) {
		ct__idmap_done(&map);
		return ct__fail(err, CT_STEP_NAMESPACE, ret, call, "user");
	}
	*ret_map = map;
	return 0;
}

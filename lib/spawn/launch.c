/* SPDX-License-Identifier: MIT */
/*
 * One start: a plan is sent to a new stage, and its answers (hear.c) awaited. What the stage
 * does is in lib/stage, in the order of compile.c.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cgroup/group.h"
#include "cgroup/membership.h"
#include "clone.h"
#include "container.h"
#include "error/error.h"
#include "forked.h"
#include "hear.h"
#include "idmap/idmap.h"
#include "keeper.h"
#include "lack.h"
#include "launch.h"
#include "payload.h"
#include "plan.h"
#include "probe/why.h"
#include "slots.h"
#include "sys/pidfd.h"
#include "talk.h"
#include "trace/trace.h"
#include "util/clock.h"
#include "util/fd.h"

/* From the last word of a process to its end, however busy the machine is; waited for after a failure alone. */
#define ENDING_MS 100

/* ------------------------------------------------------------- the parts */

static int send_fds(struct launch *l, const int fds[])
{
	const struct stage_call call = {
		.magic = PLAN_MAGIC,
		.flags = l->start && !l->plan->prepare ? 0 : STAGE_TELL_READY,
		.plan_size = l->plan->size,
	};
	int pair[2], ret;

	ret = ct__traced(l->trace, CT_STEP_STDIO, "socketpair", ct__talk_pair(pair),
		"AF_UNIX, SOCK_SEQPACKET|SOCK_CLOEXEC, 0, {...}");
	if (ret < 0)
		return ct__fail(l->err, CT_STEP_STDIO, ret, "socketpair", "socket to the stage");
	l->near = pair[0];
	l->far = pair[1];
	ret = ct__traced(l->trace, CT_STEP_STDIO, "sendmsg",
		ct__talk_send(l->near, &call, sizeof(call), fds, l->plan->slot_count + 1),
		"%d<stage>, {descriptors [%d<plan> and %u]}, MSG_NOSIGNAL", l->near, fds[0],
		l->plan->slot_count);
	if (ret < 0)
		return ct__fail(l->err, CT_STEP_STDIO, ret, "sendmsg", "descriptors");
	return 0;
}

static int send_plan(struct launch *l)
{
	int fds[PLAN_MAX_SLOTS + 1] = {l->plan->memfd};
	int ret = ct__slots_fill(l->plan, l->box, l->theirs, fds + 1, l->trace, l->err);

	if (ret >= 0)
		ret = send_fds(l, fds);
	ct__slots_done(l->plan, fds + 1);
	return ret;
}

static int keep(struct launch *l)
{
	return ct__keeper_add(l->spec, l->plan->stage, l->box->pidfd, l->trace, &l->box->keeper,
		&l->box->keeper_id, l->err);
}

static int clone_stage(struct launch *l)
{
	CT__AUTO_CLOSE int cgroup = l->box->group.plan ? ct__group_open_unified(&l->box->group) : -ENOENT;
	const char *call = NULL;
	struct ct__child child;
	struct rusage usage;
	int stage = l->traced_stage >= 0 ? l->traced_stage : l->plan->stage;
	int ret;

	if (cgroup < 0 && cgroup != -ENOENT)
		return ct__fail(l->err, CT_STEP_LIMIT, cgroup, "openat", "%s", l->box->group.path);
	ret = ct__clone_stage(stage, l->far, cgroup < 0 ? 0 : cgroup, l->plan->clone_flags, l->plan->raises_caps,
		ct__trace_calls(l->trace), &child, &call);
	ct__trace_clone(l->trace);

	/* The child has what it needs; an end kept here would hide its own end from us. */
	ct__close(&l->far);
	for (int stream = 0; stream < 3; stream++)
		ct__close(&l->theirs[stream]);
	if (ret < 0)
		return ct__fail(l->err, strcmp(call, "clone3") == 0 ? CT_STEP_CLONE : CT_STEP_STAGE,
			ret, call, "%s", strcmp(call, "clone3") == 0 ? "namespaces" : "stage");
	l->box->pid = child.pid;
	l->box->pidfd = child.pidfd;
	if (!l->plan->forks && getrusage(RUSAGE_SELF, &usage) == 0)
		l->box->rss_floor_kib = usage.ru_maxrss;
	return 0;
}

/* Before the plan goes on: all that the process does counts there, and its children are born there. */
static int enter_cgroups(struct launch *l)
{
	int ret = 0;

	if (l->box->group.plan)
		return ct__group_enter(&l->box->group, l->box->pid, l->trace, l->err);
	if (!l->plan->cgroups)
		return 0;
	ct__array_for_each(int, file, l->plan->cgroups) {
		ct__trace_echo(l->trace, *file, "%d", l->box->pid);
		ret = ct__traced(l->trace, CT_STEP_CGROUP, "write", ct__cgroup_enter(*file, l->box->pid),
			"%d<cgroup.procs>, \"%d\"", *file, l->box->pid);
		if (ret < 0)
			break;
	}
	if (ret == -ESRCH) /* it has ended: its own words tell more */
		return 0;
	return ret < 0 ? ct__fail(l->err, CT_STEP_CGROUP, ret, "write", "cgroup.procs") : 0;
}

static void reap_leaving(struct launch *l)
{
	if (l->leaving >= 0)
		ct__reap(l->leaving);
	ct__close(&l->leaving);
}

/* The parent tells of its child, which may be faster, and ready before that, or at its end. */
static int await_forked(struct launch *l, struct stage_report *ret_report)
{
	int ret = ct__hear(l, ret_report);

	if (ret == STAGE_READY) {
		l->is_ready = true;
		ret = ct__hear(l, ret_report);
	}
	return ret;
}

/*
 * OP_FORK: the container's process is another one, known so far by its number; the
 * first leaves. The number is the right one if that process lives still once we have
 * its pidfd; and it does if the wire has not hung up, for nobody else has the other end.
 */
static int adopt_forked(struct launch *l)
{
	struct stage_report report;
	int pidfd, ret = await_forked(l, &report);

	if (ret < 0)
		return ret;
	if (ret != STAGE_FORKED)
		return ct__hear_end(l);
	/*
	 * The first process leaves. One that explains itself has still to tell how, and may have
	 * to wait for room in the wire until we read on: it is reaped in the end.
	 */
	l->leaving = ct__take_fd(&l->box->pidfd);
	if (!l->trace)
		reap_leaving(l);
	l->box->pid = l->forked = report.pid;
	l->is_forked = true;
	/* It is the right one if the wire has not hung up since. */
	pidfd = ct__traced(l->trace, CT_STEP_CLONE, "pidfd_open", ct__pidfd_open(report.pid), "%d, 0",
		report.pid);
	if (pidfd < 0 && pidfd != -ESRCH)
		return ct__fail(l->err, CT_STEP_CLONE, pidfd, "pidfd_open", "process %d", report.pid);
	if (ct__poll_now(l->box->wire, 0) == 0) {
		l->box->pidfd = pidfd;
		l->forked = 0;
		return 0;
	}
	/* It dies. What it said is still to be read. */
	ct__close(&pidfd);
	ret = ct__hear(l, &report);
	return ret < 0 ? ret : ct__hear_end(l);
}

/* ------------------------------------------------------------- the order */

static int execute_payload(struct launch *l)
{
	struct stage_report report;
	int undelivered, ret;

	/* The lock: a created container is known to others, who may wait for it already. */
	pthread_mutex_lock(&l->box->lock);
	l->box->started_us = ct__now_us();
	ret = ct__time_limit(l->box, l->time, l->trace, l->err);
	pthread_mutex_unlock(&l->box->lock);
	if (ret < 0)
		return ret;
	undelivered = ct__say(l, STAGE_MSG_GO);
	if (undelivered < 0)
		return ct__fail(l->err, CT_STEP_START, undelivered, "sendmsg", "wire");
	ret = ct__hear(l, &report);
	/* No stage comes to its exec without the word; ct__hear() knows only of one that was sent. */
	if (ret > 0 || (ret == 0 && undelivered))
		ret = ct__hear_end(l);
	if (ret < 0)
		return ret;
	ct__trace_executed(l->trace);
	ct__trace_free(l->box->trace);
	l->box->trace = l->trace = NULL;
	pthread_mutex_lock(&l->box->lock);
	l->box->started = true;
	if (l->box->announce >= 0)
		eventfd_write(l->box->announce, 1);
	pthread_mutex_unlock(&l->box->lock);
	ct__close(&l->box->wire);
	ct__plan_unref(l->box->plan);
	l->box->plan = NULL;
	return 0;
}

static int make_group(struct launch *l)
{
	ct_error why = CT_ERROR_INIT;
	int ret;

	if (!l->plan->group)
		return 0;
	if (!(l->spec->may_lack & CT_LACK(CT_ITEM_CGROUP)))
		return ct__group_make(l->plan->group, l->trace, &l->box->group, l->err);
	ret = ct__group_make(l->plan->group, l->trace, &l->box->group, &why);
	if (ret < 0 && ct__lack_add(l->box, CT_ITEM_CGROUP, &why) < 0)
		return ct__fail(l->err, CT_STEP_MEMORY, -ENOMEM, NULL, "container");
	return 0;
}

static int launch(struct launch *l)
{
	struct stage_report report;
	int ret;

	ret = ct__slots_make(l->plan, l->box, l->theirs, l->trace, l->err);
	if (ret < 0)
		return ret;
	ret = make_group(l);
	if (ret < 0)
		return ret;
	ret = send_plan(l);
	if (ret < 0)
		return ret;
	ret = clone_stage(l);
	if (ret < 0)
		return ret;
	ret = ct__hear_wire(l);
	if (ret < 0)
		return ret;
	ret = enter_cgroups(l);
	if (ret < 0)
		return ret;
	if (l->plan->raises_caps)
		ret = ct__idmap_write(&l->plan->idmap, l->box->pid, l->box->pidfd, l->trace, l->err);
	if (ret < 0) /* if it has ended its own words tell more, if it has left any */
		return ct__ends_in(l->box->pidfd, ENDING_MS) ? ct__hear_last(l, ret) : ret;
	ret = l->plan->awaits_host ? ct__say(l, STAGE_MSG_ON) : 0;
	if (ret < 0)
		return ct__fail(l->err, CT_STEP_STAGE, ret, "sendmsg", "wire");
	if (l->plan->forks) {
		ret = adopt_forked(l);
		if (ret < 0)
			return ret;
	}
	/* Until it is kept, the container waits for our word, and ends if we do. */
	ret = keep(l);
	if (ret < 0)
		return ret;
	if (l->start && !l->plan->prepare) /* else our next word is another one */
		return execute_payload(l);
	ret = l->is_ready ? STAGE_READY : ct__hear(l, &report);
	if (ret < 0)
		return ret;
	if (ret != STAGE_READY)
		return ct__hear_end(l);
	return l->start ? execute_payload(l) : 0;
}

/* For the getters: the plan does not live as long as the container. */
static int remember_maps(struct launch *l)
{
	int ret = ct__idmap_copy(&l->plan->idmap.uids, &l->box->uid_map);

	if (ret >= 0)
		ret = ct__idmap_copy(&l->plan->idmap.gids, &l->box->gid_map);
	return ret < 0 ? ct__fail(l->err, CT_STEP_MEMORY, ret, NULL, "id maps") : 0;
}

int ct__launch(ct_spec *spec, struct ct__plan *plan, struct ct__trace *trace, bool start,
	ct_container **ret_box, bool *ret_stale, ct_error *err)
{
	struct launch l = {.spec = spec,
		.plan = plan,
		.block = plan->block,
		.time = plan->time,
		.start = start,
		.theirs = {-1, -1, -1},
		.near = -1,
		.far = -1,
		.leaving = -1,
		.traced_stage = -1,
		.trace = trace,
		.err = err};
	int ret = ct__container_new(&l.box);

	if (ret < 0) {
		ct__trace_free(trace);
		return ct__fail(err, CT_STEP_MEMORY, ret, NULL, "container");
	}
	l.box->plan = ct__plan_ref(plan);
	l.box->filter = ct__filter_ref(plan->filter);
	l.box->landlock = ct__landlock_ref(plan->landlock);
	l.box->landlock_abi = plan->landlock_abi;
	l.box->trace = trace;
	ct__trace_set_plan(trace, plan);
	ret = remember_maps(&l);
	if (ret >= 0) {
		ret = ct__lack_begin(l.box);
		if (ret < 0)
			ct__fail(err, CT_STEP_MEMORY, ret, NULL, "container");
	}
	if (ret >= 0 && trace)
		ret = l.traced_stage = ct__plan_open_traced_stage(plan, trace, err);
	if (ret >= 0)
		ret = launch(&l);
	if (ret < 0 && l.plan->forks && l.box->pidfd >= 0 && !l.is_forked)
		l.forked = ct__forked_find(l.near, &l.box->wire);
	ct__close(&l.traced_stage);
	ct__close(&l.near);
	ct__close(&l.far);
	for (int stream = 0; stream < 3; stream++)
		ct__close(&l.theirs[stream]);
	if (ret < 0) {
		if (l.leaving >= 0) /* it may wait for room that nobody makes any more */
			syscall(SYS_pidfd_send_signal, l.leaving, SIGKILL, NULL, 0);
		ct_container_free(l.box);
		ct__forked_reap(l.forked);
		reap_leaving(&l);
		if (!l.is_refused)
			ct__explain(err, plan->ns_new);
		if (ret_stale)
			*ret_stale = ret == -ESTALE && !l.is_refused;
		return ret;
	}
	reap_leaving(&l);
	*ret_box = l.box;
	return 0;
}

int ct__launch_ended(ct_container *box, ct_error *err)
{
	struct launch l = {.box = box, .plan = box->plan, .block = box->plan->block, .trace = box->trace, .err = err};

	return ct__hear_last(&l, ct__fail(err, CT_STEP_START, -ESRCH, NULL, "process %d", box->pid));
}

int ct__launch_payload(ct_container *box, ct_error *err)
{
	struct launch l = {.box = box,
		.plan = box->plan,
		.block = box->plan->block,
		.time = box->plan->time,
		.is_forked = true,
		.trace = box->trace,
		.err = err};

	return execute_payload(&l);
}

int ct__launch_given(ct_container *box, const struct ct__payload *payload, ct_error *err)
{
	const struct stage_call call = {.magic = PLAN_MAGIC, .plan_size = payload->size};
	struct launch l = {.box = box,
		.plan = box->plan,
		.block = payload->block,
		.time = payload->time,
		.is_forked = true,
		.err = err};
	int ret = ct__talk_send(box->wire, &call, sizeof(call), payload->fds, payload->fd_count);

	if (ret == -EPIPE || ret == -ECONNRESET)
		return 1;
	return ret < 0 ? ct__fail(err, CT_STEP_START, ret, "sendmsg", "payload") : execute_payload(&l);
}

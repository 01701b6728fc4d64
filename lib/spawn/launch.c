/* SPDX-License-Identifier: MIT */
/*
 * One start: a plan is sent to a new stage, and its answer awaited. What the stage
 * does is in lib/stage, in the order of compile.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup/group.h"
#include "cgroup/membership.h"
#include "clone.h"
#include "container.h"
#include "error/error.h"
#include "forked.h"
#include "idmap/idmap.h"
#include "keeper.h"
#include "lack.h"
#include "launch.h"
#include "payload.h"
#include "plan.h"
#include "probe/why.h"
#include "report.h"
#include "slots.h"
#include "sys/pidfd.h"
#include "talk.h"
#include "trace/trace.h"
#include "util/clock.h"
#include "util/fd.h"

/* From the last word of a process to its end, however busy the machine is; waited for after a failure alone. */
#define ENDING_MS 100

/* One start: what lives only until the payload runs or the start has failed. */
struct launch {
	ct_spec *spec;
	struct ct__plan *plan;
	const struct plan *block; /* that the stage follows, for its words */
	ct_container *box;
	bool start;    /* execute the payload as well: ct_spawn() */
	bool is_ready; /* the stage has said so already */
	int theirs[3]; /* the payload's ends of pipes */
	int near, far; /* the first socket: our end, and the stage's */
	int leaving;   /* pidfd of the first process, which OP_FORK ends; -1: there is none */
	bool is_forked; /* the child of OP_FORK has been told of */
	pid_t forked; /* the child of OP_FORK that is known by its number alone; 0: there is none */
	struct spec_time time; /* the payload's limits */
	int traced_stage; /* the stage that explains itself; -1: the plan's own does */
	struct ct__trace *trace; /* the container's; NULL: nobody listens */
	ct_error *err;
};

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

/* 0; 1: the stage has ended, and what it said before that is still to be read; a negative errno. */
static int send_byte(struct launch *l, char message)
{
	int ret = ct__traced(l->trace, message == STAGE_MSG_GO ? CT_STEP_START : CT_STEP_STAGE, "sendmsg",
		ct__talk_send(l->box->wire, &message, 1, NULL, 0), "%d<stage>, {\"%c\"}, MSG_NOSIGNAL",
		l->box->wire, message);

	return ret == -EPIPE || ret == -ECONNRESET ? 1 : ret;
}

/*
 * The stage closed its end without a word. 0: its time was over before it came to its exec,
 * which is an end like one after it.
 */
static int stage_died(struct launch *l)
{
	ct_container *box = l->box;
	ct_exit how = CT_EXIT_INIT;

	ct__trace_died(l->trace);
	if (box->pidfd >= 0)
		ct_wait(box, 1000, &how, NULL);
	if (how.why == CT_END_WALL || how.why == CT_END_CPU || how.why == CT_END_UNWATCHED)
		return 0;
	if (how.signal)
		return ct__fail_because(l->err, CT_STEP_STAGE, -EIO, "it was killed while it set the container up",
			"signal %d", how.signal);
	return ct__fail_because(l->err, CT_STEP_STAGE, -EIO, "it ended while it set the container up",
		"process %d", box->pid);
}

/* A failure in the stage's words; 0 if the report is another one. */
static int failure_in(struct launch *l, struct stage_report *report)
{
	int ret;

	if (report->kind != STAGE_FAILED)
		return 0;
	ret = ct__report_explain(l->block, report, l->err);
	return ret < 0 ? ret : -EIO;
}

/* The stage's first report brings our end of the wire. */
static int receive_wire(struct launch *l)
{
	union stage_message message;
	ssize_t got;
	int fd = -1, ret;

	do {
		message.report = (struct stage_report){0};
		got = ct__talk_await(l->near, l->box->pidfd, -1, &message, sizeof(message), &fd);
	} while (got > 0 && ct__trace_take(l->trace, &message, (size_t)got, 0));
	if (got == 0 || got == -ECONNRESET)
		return stage_died(l);
	if (got < 0)
		return ct__fail(l->err, CT_STEP_STDIO, (int)got, "recvmsg", "socket to the stage");
	ret = failure_in(l, &message.report);
	if (ret < 0)
		return ret;
	if (message.kind != STAGE_HELLO || fd < 0)
		return stage_died(l);
	fd = ct__above_stdio(fd);
	if (fd < 0)
		return ct__fail(l->err, CT_STEP_STDIO, fd, "fcntl", "descriptor of the stage");
	l->box->wire = fd;
	ct__close(&l->near);
	return 0;
}

/*
 * Whether a report is there or will come. Up to OP_FORK the first process is watched as well: if
 * it was killed between the fork and its report, its child waits for us, and has the wire.
 */
static bool is_report_to_come(const struct launch *l)
{
	struct pollfd watched[2] = {
		{.fd = l->box->wire, .events = POLLIN},
		{.fd = l->box->pidfd, .events = POLLIN},
	};

	if (!l->plan->forks || l->is_forked)
		return true;
	while (poll(watched, 2, -1) < 0 && errno == EINTR)
		;
	return watched[0].revents || ct__poll_now(l->box->wire, POLLIN) != 0;
}

/* Where the payload's calls are told. */
static int receive_listener(struct launch *l, int *fd)
{
	if (*fd < 0 || l->box->notify >= 0)
		return ct__fail(l->err, CT_STEP_SECCOMP, -EBADMSG, "recvmsg", "notifications");
	*fd = ct__above_stdio(*fd);
	if (*fd < 0)
		return ct__fail(l->err, CT_STEP_SECCOMP, *fd, "fcntl", "notifications");
	l->box->notify = ct__take_fd(fd);
	return 0;
}

/* The root is ready, and the host's tree still there: the turn of who has asked for it. */
static int prepare(struct launch *l)
{
	ct_error why = CT_ERROR_INIT;
	int ret = l->plan->prepare(l->plan->prepare_data, l->box, &why);

	if (ret < 0 && why.step)
		ct__error_copy(&why, l->err);
	else if (ret < 0)
		ct__fail_because(l->err, CT_STEP_PIVOT, ret, "the caller's function has refused it", "prepare");
	if (ret < 0)
		return ret;
	ret = send_byte(l, STAGE_MSG_ON);
	return ret < 0 ? ct__fail(l->err, CT_STEP_PIVOT, ret, "sendmsg", "wire") : 0;
}

/*
 * Waits for the stage's next report. 0: it closed its end of the wire at the exec,
 * the payload runs. Else the kind of the report, or a negative errno. Only the stage
 * has the other end, which it made: so if that closes with our last word unread, which
 * the kernel tells by ECONNRESET, the stage has died before its exec.
 */
static int await(struct launch *l, struct stage_report *ret_report)
{
	union stage_message message;
	CT__AUTO_CLOSE int fd = -EBADF;
	bool unread = false;
	pid_t sender = 0;
	ssize_t got;
	int ret;

	do {
		if (!is_report_to_come(l))
			return stage_died(l);
		message.report = (struct stage_report){0};
		got = ct__talk_receive_from(l->box->wire, &message, sizeof(message),
			l->plan->has_terminal || (l->plan->filter && l->plan->filter->notifies) ? &fd : NULL, l->trace ? &sender : NULL);
		unread |= got == -ECONNRESET;
	} while (got == -ECONNRESET ||
		(got > 0 && ct__trace_take(l->trace, &message, (size_t)got, sender)));
	if (got < 0)
		return ct__fail(l->err, CT_STEP_STAGE, (int)got, "recvmsg", "report of the stage");
	if (got == 0)
		return unread ? stage_died(l) : 0;
	if (message.kind == STAGE_LACKED) {
		ret = ct__lack_told(l->box, l->block, &message.report, l->trace);
		return ret < 0 ? ct__fail(l->err, CT_STEP_MEMORY, ret, NULL, "container") :
				 await(l, ret_report);
	}
	if (message.kind == STAGE_TERMINAL) {
		ret = ct__terminal_receive(l->box, &fd, l->trace, l->err);
		return ret < 0 ? ret : await(l, ret_report);
	}
	if (message.kind == STAGE_SHOWN && l->plan->prepare) {
		ret = prepare(l);
		return ret < 0 ? ret : await(l, ret_report);
	}
	if (message.kind == STAGE_LISTENER) {
		ret = receive_listener(l, &fd);
		return ret < 0 ? ret : await(l, ret_report);
	}
	ret = failure_in(l, &message.report);
	if (ret < 0)
		return ret;
	*ret_report = message.report;
	return (int)message.kind;
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
	int ret = await(l, ret_report);

	if (ret == STAGE_READY) {
		l->is_ready = true;
		ret = await(l, ret_report);
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
		return stage_died(l);
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
	ret = await(l, &report);
	return ret < 0 ? ret : stage_died(l);
}

/* Of a stage that has ended: why, if it has said so; else the error is what it was. */
static int last_words(struct launch *l, int error)
{
	ct_error words = CT_ERROR_INIT, *err = l->err;
	struct stage_report report;
	int ret;

	l->err = &words;
	ret = await(l, &report);
	l->err = err;
	if (ret >= 0 || words.step == CT_STEP_STAGE)
		return error;
	ct__error_copy(&words, err);
	return ret;
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
	undelivered = send_byte(l, STAGE_MSG_GO);
	if (undelivered < 0)
		return ct__fail(l->err, CT_STEP_START, undelivered, "sendmsg", "wire");
	ret = await(l, &report);
	/* No stage comes to its exec without the word; await() knows only of one that was sent. */
	if (ret > 0 || (ret == 0 && undelivered))
		ret = stage_died(l);
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
	ret = receive_wire(l);
	if (ret < 0)
		return ret;
	ret = enter_cgroups(l);
	if (ret < 0)
		return ret;
	if (l->plan->raises_caps)
		ret = ct__idmap_write(&l->plan->idmap, l->box->pid, l->box->pidfd, l->trace, l->err);
	if (ret < 0) /* if it has ended its own words tell more, if it has left any */
		return ct__ends_in(l->box->pidfd, ENDING_MS) ? last_words(l, ret) : ret;
	ret = l->plan->awaits_host ? send_byte(l, STAGE_MSG_ON) : 0;
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
	ret = l->is_ready ? STAGE_READY : await(l, &report);
	if (ret < 0)
		return ret;
	if (ret != STAGE_READY)
		return stage_died(l);
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
	ct_container **ret_box, ct_error *err)
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
		ct__explain(err, plan->ns_new);
		return ret;
	}
	reap_leaving(&l);
	*ret_box = l.box;
	return 0;
}

int ct__launch_ended(ct_container *box, ct_error *err)
{
	struct launch l = {.box = box, .plan = box->plan, .block = box->plan->block, .trace = box->trace, .err = err};

	return last_words(&l, ct__fail(err, CT_STEP_START, -ESRCH, NULL, "process %d", box->pid));
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

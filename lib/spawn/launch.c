/* SPDX-License-Identifier: MIT */
/*
 * One start: a plan is sent to a new stage, and its answer awaited. What the stage
 * does is in lib/stage, in the order of compile.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup/membership.h"
#include "clone.h"
#include "container.h"
#include "error/error.h"
#include "idmap.h"
#include "keeper.h"
#include "launch.h"
#include "plan.h"
#include "report.h"
#include "talk.h"
#include "util/fd.h"

/* One start: what lives only until the payload runs or the start has failed. */
struct launch {
	ct_spec *spec;
	struct ct__plan *plan;
	ct_container *box;
	bool start;    /* execute the payload as well: ct_spawn() */
	int theirs[3]; /* the payload's ends of pipes */
	int near, far; /* the first socket: our end, and the stage's */
	ct_error *err;
};

/* ------------------------------------------------------------- the parts */

static int make_pipe(struct launch *l, int stream)
{
	CT__AUTO_CLOSE int reader = -EBADF;
	CT__AUTO_CLOSE int writer = -EBADF;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	reader = ct__above_stdio(ends[0]);
	writer = ct__above_stdio(ends[1]);
	if (reader < 0 || writer < 0)
		return reader < 0 ? reader : writer;
	l->theirs[stream] = ct__take_fd(stream == 0 ? &reader : &writer);
	l->box->stdio[stream] = ct__take_fd(stream == 0 ? &writer : &reader);
	return 0;
}

/* The descriptor that a slot stands for in this start. */
static int slot_fd(const struct launch *l, const struct plan_slot *slot)
{
	const struct spec_stdio *stdio;

	if (slot->kind == SLOT_FIXED)
		return slot->value;
	stdio = &l->plan->stdio[slot->value];
	switch (stdio->what) {
	case CT_STDIO_FD:
		return stdio->fd;
	case CT_STDIO_PIPE:
		return l->theirs[slot->value];
	case CT_STDIO_INHERIT:
		if (fcntl(slot->value, F_GETFD) >= 0)
			return slot->value;
		break;
	case CT_STDIO_NULL:
		break;
	}
	return l->plan->null;
}

static int send_plan(struct launch *l)
{
	const struct stage_call call = {
		.magic = PLAN_MAGIC,
		.flags = l->start ? 0 : STAGE_TELL_READY,
		.plan_size = l->plan->size,
	};
	int fds[PLAN_MAX_SLOTS + 1] = {l->plan->memfd};
	int pair[2], ret;

	for (unsigned int i = 0; i < l->plan->slot_count; i++) {
		fds[i + 1] = slot_fd(l, &l->plan->slots[i]);
		if (fcntl(fds[i + 1], F_GETFD) < 0)
			return ct__fail(l->err, CT_STEP_DESCRIPTOR, -errno, "fcntl", "descriptor %d",
				fds[i + 1]);
	}
	ret = ct__talk_pair(pair);
	if (ret < 0)
		return ct__fail(l->err, CT_STEP_STDIO, ret, "socketpair", "socket to the stage");
	l->near = pair[0];
	l->far = pair[1];
	ret = ct__talk_send(l->near, &call, sizeof(call), fds, l->plan->slot_count + 1);
	if (ret < 0)
		return ct__fail(l->err, CT_STEP_STDIO, ret, "sendmsg", "descriptors");
	return 0;
}

static int keep(struct launch *l)
{
	return ct__keeper_add(l->spec, l->plan->stage, l->box->pidfd, &l->box->keeper,
		&l->box->keeper_id, l->err);
}

static int clone_stage(struct launch *l)
{
	const char *call = NULL;
	struct ct__child child;
	struct rusage usage;
	int ret = ct__clone_stage(l->plan->stage, l->far, l->plan->clone_flags, l->plan->raises_caps,
		&child, &call);

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
	int ret = ct__talk_send(l->box->wire, &message, 1, NULL, 0);

	return ret == -EPIPE || ret == -ECONNRESET ? 1 : ret;
}

/* The stage closed its end without a word. */
static int stage_died(struct launch *l)
{
	ct_container *box = l->box;
	ct_exit how = CT_EXIT_INIT;

	if (box->pidfd >= 0)
		ct_wait(box, 1000, &how, NULL);
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
	ret = ct__report_explain(l->plan, report, l->err);
	return ret < 0 ? ret : -EIO;
}

/*
 * The stage's first message brings our end of the wire. The process is watched as
 * well: the first socket does not end while a forked copy of the host has the
 * stage's end of it.
 */
static int receive_wire(struct launch *l)
{
	struct pollfd watched[2] = {
		{.fd = l->near, .events = POLLIN},
		{.fd = l->box->pidfd, .events = POLLIN},
	};
	struct stage_report report = {0};
	ssize_t got;
	int fd = -1, ret;

	do
		ret = poll(watched, 2, -1);
	while (ret < 0 && errno == EINTR);
	if (!watched[0].revents)
		return stage_died(l);
	got = ct__talk_receive(l->near, &report, sizeof(report), &fd);
	if (got == -ECONNRESET) /* told once, and before what came earlier */
		got = ct__talk_receive(l->near, &report, sizeof(report), &fd);
	if (got <= 0)
		return stage_died(l);
	ret = failure_in(l, &report);
	if (ret < 0)
		return ret;
	if (report.kind != STAGE_HELLO || fd < 0)
		return stage_died(l);
	fd = ct__above_stdio(fd);
	if (fd < 0)
		return ct__fail(l->err, CT_STEP_STDIO, fd, "fcntl", "descriptor of the stage");
	l->box->wire = fd;
	ct__close(&l->near);
	return 0;
}

/*
 * Waits for the stage's next report. 0: it closed its end of the wire at the exec,
 * the payload runs. Else the kind of the report, or a negative errno. Only the stage
 * has the other end, which it made: so if that closes with our last word unread, which
 * the kernel tells by ECONNRESET, the stage has died before its exec.
 */
static int await(struct launch *l, struct stage_report *ret_report)
{
	bool unread = false;
	ssize_t got;
	int ret;

	memset(ret_report, 0, sizeof(*ret_report));
	got = ct__talk_receive(l->box->wire, ret_report, sizeof(*ret_report), NULL);
	if (got == -ECONNRESET) {
		unread = true;
		got = ct__talk_receive(l->box->wire, ret_report, sizeof(*ret_report), NULL);
	}
	if (got < 0)
		return ct__fail(l->err, CT_STEP_STAGE, (int)got, "recvmsg", "report of the stage");
	if (got == 0)
		return unread ? stage_died(l) : 0;
	ret = failure_in(l, ret_report);
	return ret < 0 ? ret : (int)ret_report->kind;
}

/* Before the plan goes on: all that the process does counts there, and its children are born there. */
static int enter_cgroups(struct launch *l)
{
	int ret = l->plan->cgroups ? ct__cgroup_enter(l->plan->cgroups, l->box->pid) : 0;

	if (ret == -ESRCH) /* it has ended: its own words tell more */
		return 0;
	return ret < 0 ? ct__fail(l->err, CT_STEP_CGROUP, ret, "write", "cgroup.procs") : 0;
}

/*
 * OP_FORK: the container's process is another one, known so far by its number; the
 * first leaves. The number is the right one if that process lives still once we have
 * its pidfd; and it does if the wire has not hung up, for nobody else has the other end.
 */
static int adopt_forked(struct launch *l)
{
	struct pollfd wire = {.fd = l->box->wire};
	struct stage_report report;
	int pidfd, ret = await(l, &report);

	if (ret < 0)
		return ret;
	if (ret != STAGE_FORKED)
		return stage_died(l);
	ct__reap(l->box->pidfd);
	ct__close(&l->box->pidfd);
	l->box->pid = report.pid;
	pidfd = (int)syscall(SYS_pidfd_open, report.pid, 0);
	if (pidfd < 0 && errno != ESRCH)
		return ct__fail(l->err, CT_STEP_CLONE, -errno, "pidfd_open", "process %d", report.pid);
	pidfd = pidfd < 0 ? -ESRCH : ct__above_stdio(pidfd);
	if (pidfd < 0 && pidfd != -ESRCH)
		return ct__fail(l->err, CT_STEP_CLONE, pidfd, "fcntl", "process %d", report.pid);
	if (poll(&wire, 1, 0) == 0) {
		l->box->pidfd = pidfd;
		return 0;
	}
	/* It has died. What it said is still to be read; its remains, if it is ours, are reaped. */
	waitid(P_PIDFD, (id_t)pidfd, &(siginfo_t){0}, WEXITED | WNOHANG);
	ct__close(&pidfd);
	ret = await(l, &report);
	return ret < 0 ? ret : stage_died(l);
}

/* ------------------------------------------------------------- the order */

static int execute_payload(struct launch *l)
{
	struct stage_report report;
	int undelivered, ret;

	/* The lock: a created container is known to others, who may wait for it already. */
	pthread_mutex_lock(&l->box->lock);
	l->box->started_us = ct__now_us();
	pthread_mutex_unlock(&l->box->lock);
	undelivered = send_byte(l, STAGE_MSG_GO);
	if (undelivered < 0)
		return ct__fail(l->err, CT_STEP_START, undelivered, "sendmsg", "wire");
	ret = await(l, &report);
	if (ret < 0)
		return ret;
	/* No stage comes to its exec without the word; await() knows only of one that was sent. */
	if (ret > 0 || undelivered)
		return stage_died(l);
	pthread_mutex_lock(&l->box->lock);
	l->box->started = true;
	pthread_mutex_unlock(&l->box->lock);
	ct__close(&l->box->wire);
	ct__plan_unref(l->box->plan);
	l->box->plan = NULL;
	return 0;
}

static int launch(struct launch *l)
{
	struct stage_report report;
	int ret;

	for (int stream = 0; stream < 3; stream++) {
		if (l->plan->stdio[stream].what != CT_STDIO_PIPE)
			continue;
		ret = make_pipe(l, stream);
		if (ret < 0)
			return ct__fail(l->err, CT_STEP_STDIO, ret, "pipe2", "stream %d", stream);
	}
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
		ret = ct__idmap_write(l->plan, l->box->pid, l->box->pidfd, l->err);
	if (ret >= 0 && l->plan->awaits_host)
		ret = send_byte(l, STAGE_MSG_ON);
	if (ret < 0)
		return ret;
	if (l->plan->forks) {
		ret = adopt_forked(l);
		if (ret < 0)
			return ret;
	}
	/* Until it is kept, the container waits for our word, and ends if we do. */
	ret = keep(l);
	if (ret < 0)
		return ret;
	if (l->start)
		return execute_payload(l);
	ret = await(l, &report);
	if (ret < 0)
		return ret;
	return ret == STAGE_READY ? 0 : stage_died(l);
}

int ct__launch(ct_spec *spec, struct ct__plan *plan, bool start, ct_container **ret_box, ct_error *err)
{
	struct launch l = {.spec = spec,
		.plan = plan,
		.start = start,
		.theirs = {-1, -1, -1},
		.near = -1,
		.far = -1,
		.err = err};
	int ret = ct__container_new(&l.box);

	if (ret < 0)
		return ct__fail(err, CT_STEP_MEMORY, ret, NULL, "container");
	l.box->plan = ct__plan_ref(plan);
	ret = launch(&l);
	ct__close(&l.near);
	ct__close(&l.far);
	for (int stream = 0; stream < 3; stream++)
		ct__close(&l.theirs[stream]);
	if (ret < 0) {
		ct_container_free(l.box);
		return ret;
	}
	*ret_box = l.box;
	return 0;
}

int ct__launch_payload(ct_container *box, ct_error *err)
{
	struct launch l = {.box = box, .plan = box->plan, .err = err};

	return execute_payload(&l);
}

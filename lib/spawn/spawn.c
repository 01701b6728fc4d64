/* SPDX-License-Identifier: MIT */
/*
 * ct_spawn, ct_create, ct_start: a plan is sent to a new stage, and its answer
 * awaited. What the stage does is in lib/stage, in the order of compile.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clone.h"
#include "container.h"
#include "error/error.h"
#include "idmap.h"
#include "keeper.h"
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
	int far;       /* the stage's end of the socket */
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
		return ct__fail(l->err, CT_STEP_STDIO, ret, "socketpair", "control socket");
	l->box->control = pair[0];
	l->far = pair[1];
	ret = ct__talk_send(pair[0], &call, sizeof(call), fds, l->plan->slot_count + 1);
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

static int send_byte(struct launch *l, char message)
{
	int ret = ct__talk_send(l->box->control, &message, 1, NULL, 0);

	/* EPIPE: the stage has ended; what it said before that is still to be read. */
	return ret == -EPIPE || ret == -ECONNRESET ? 0 : ret;
}

/* The stage closed its socket without a word. */
static int stage_died(struct launch *l)
{
	ct_container *box = l->box;
	ct_exit how = CT_EXIT_INIT;

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
 * Receives a message with a descriptor over the socket. The process is watched as
 * well: the socket alone does not end while a forked copy of the host has it open.
 */
static int receive_fd(struct launch *l, enum stage_kind kind, struct stage_report *ret_report)
{
	struct pollfd watched[2] = {
		{.fd = l->box->control, .events = POLLIN},
		{.fd = l->box->pidfd, .events = POLLIN},
	};
	ssize_t got;
	int fd = -1, ret;

	do
		ret = poll(watched, 2, -1);
	while (ret < 0 && errno == EINTR);
	if (!watched[0].revents)
		return stage_died(l);
	memset(ret_report, 0, sizeof(*ret_report));
	got = ct__talk_receive(l->box->control, ret_report, sizeof(*ret_report), 0, &fd);
	if (got == -ECONNRESET) /* told once, and before what came earlier */
		got = ct__talk_receive(l->box->control, ret_report, sizeof(*ret_report), 0, &fd);
	if (got <= 0)
		return stage_died(l);
	ret = failure_in(l, ret_report);
	if (ret < 0)
		return ret;
	if (ret_report->kind != kind || fd < 0)
		return stage_died(l);
	fd = ct__above_stdio(fd);
	return fd < 0 ? ct__fail(l->err, CT_STEP_STDIO, fd, "fcntl", "descriptor of the stage") : fd;
}

/* Whether the word to go is still unread: then the stage has died before its exec. */
static bool is_word_unread(int control)
{
	int unread = 0, fd;
	char byte;

	/* The end of the stage resets the connection if it left something unread ... */
	if (ct__talk_receive(control, &byte, 1, MSG_DONTWAIT, &fd) == -ECONNRESET)
		return true;
	/* ... unless a forked copy of the host keeps it; then the bytes are still there. */
	return ioctl(control, SIOCOUTQ, &unread) == 0 && unread > 0;
}

/*
 * Waits for the stage's next report. 0: it closed its pipe at the exec, the
 * payload runs. Else the kind of the report, or a negative errno.
 */
static int await(struct launch *l)
{
	struct stage_report report = {0};
	ssize_t got;
	int ret;

	do
		got = read(l->box->reports, &report, sizeof(report));
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return ct__fail(l->err, CT_STEP_STAGE, -errno, "read", "report of the stage");
	if (got == 0)
		return is_word_unread(l->box->control) ? stage_died(l) : 0;
	ret = failure_in(l, &report);
	return ret < 0 ? ret : (int)report.kind;
}

/* OP_FORK: the container's process is another one; the first leaves. */
static int adopt_forked(struct launch *l)
{
	struct stage_report report;
	int fd = receive_fd(l, STAGE_FORKED, &report);

	if (fd < 0)
		return fd;
	ct__reap(l->box->pidfd);
	ct__close(&l->box->pidfd);
	l->box->pid = report.pid;
	l->box->pidfd = fd;
	return 0;
}

/* ------------------------------------------------------------- the order */

static int execute_payload(struct launch *l)
{
	int ret;

	l->box->started_us = ct__now_us();
	ret = send_byte(l, STAGE_MSG_GO);
	if (ret < 0)
		return ct__fail(l->err, CT_STEP_START, ret, "sendmsg", "control socket");
	ret = await(l);
	if (ret < 0)
		return ret;
	if (ret > 0)
		return stage_died(l);
	l->box->started = true;
	ct__close(&l->box->control);
	ct__close(&l->box->reports);
	ct__plan_unref(l->box->plan);
	l->box->plan = NULL;
	return 0;
}

static int launch(struct launch *l)
{
	struct stage_report hello;
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
	ret = receive_fd(l, STAGE_HELLO, &hello);
	if (ret < 0)
		return ret;
	l->box->reports = ret;
	if (l->plan->raises_caps) {
		ret = ct__idmap_write(l->plan, l->box->pid, l->box->pidfd, l->err);
		if (ret >= 0)
			ret = send_byte(l, STAGE_MSG_MAPS);
		if (ret < 0)
			return ret;
	}
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
	ret = await(l);
	if (ret < 0)
		return ret;
	return ret == STAGE_READY ? 0 : stage_died(l);
}

static int launch_once(ct_spec *spec, bool start, ct_container **ret_box, ct_error *err)
{
	struct launch l = {
		.spec = spec, .start = start, .theirs = {-1, -1, -1}, .far = -1, .err = err};
	int ret = ct__plan_get(spec, &l.plan, err);

	if (ret < 0)
		return ret;
	ret = ct__container_new(&l.box);
	if (ret < 0) {
		ct__plan_unref(l.plan);
		return ct__fail(err, CT_STEP_MEMORY, ret, NULL, "container");
	}
	l.box->plan = l.plan;
	ret = launch(&l);
	ct__close(&l.far);
	for (int stream = 0; stream < 3; stream++)
		ct__close(&l.theirs[stream]);
	if (ret == -ESTALE)
		ct__plan_drop(spec, l.plan);
	if (ret < 0) {
		ct_container_free(l.box);
		return ret;
	}
	*ret_box = l.box;
	return 0;
}

static int make_container(ct_spec *spec, bool start, ct_container **ret_box, ct_error *err)
{
	int cancel, ret;

	if (!spec || !ret_box)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is NULL",
			spec ? "ret_box" : "spec");
	/* A thread cancelled in here would leave a process and descriptors behind. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	ret = launch_once(spec, start, ret_box, err);
	if (ret == -ESTALE) /* a source was renamed since the plan was made: find it anew */
		ret = launch_once(spec, start, ret_box, err);
	pthread_setcancelstate(cancel, NULL);
	return ret;
}

int ct_spawn(ct_spec *spec, ct_container **ret_box, ct_error *err)
{
	return make_container(spec, true, ret_box, err);
}

int ct_create(ct_spec *spec, ct_container **ret_box, ct_error *err)
{
	return make_container(spec, false, ret_box, err);
}

int ct_start(ct_container *box, ct_error *err)
{
	struct launch l = {.box = box, .err = err};
	bool ended;
	int cancel, ret;

	if (!box)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is NULL", "container");
	if (!box->plan)
		return ct__fail_because(err, CT_STEP_START, -EINVAL, "it was started before",
			"process %d", box->pid);
	/* Killed meanwhile: its closed socket would look like that of a payload that runs. */
	pthread_mutex_lock(&box->lock);
	ct__container_look(box);
	ended = box->ended;
	pthread_mutex_unlock(&box->lock);
	if (ended)
		return ct__fail(err, CT_STEP_START, -ESRCH, NULL, "process %d", box->pid);
	l.plan = box->plan;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	ret = execute_payload(&l);
	pthread_setcancelstate(cancel, NULL);
	return ret;
}

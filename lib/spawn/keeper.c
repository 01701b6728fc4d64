/* SPDX-License-Identifier: MIT */
/* The host's side of the keeper. What the process itself does is in lib/stage/keeper.c. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clone.h"
#include "error/error.h"
#include "keeper.h"
#include "spec/spec.h"
#include "stage/plan.h"
#include "sys/pidfd.h"
#include "talk.h"
#include "trace/trace.h"
#include "util/fd.h"

#define ENDED (-EIO) /* the keeper, before its word */

struct ct__keeper {
	atomic_uint refs;
	int socket;
	int pidfd;
	pid_t host; /* the process it watches; a forked copy of the host needs one of its own */
	atomic_ullong next_id;
};

/*
 * Waits until the keeper watches: one that ended before would take no container, and
 * no message would come back. Its pidfd is watched as well, as a forked copy of the
 * host may hold the other end of the socket.
 */
static int await_word(int socket, int pidfd)
{
	struct pollfd watched[2] = {
		{.fd = socket, .events = POLLIN},
		{.fd = pidfd, .events = POLLIN},
	};
	ssize_t got;
	char word;
	int ret;

	do
		ret = poll(watched, 2, -1);
	while (ret < 0 && errno == EINTR);
	if (ret < 0)
		return -errno;
	got = watched[0].revents ? ct__talk_receive(socket, &word, 1, NULL) : 0;
	if (got == 1 && word == KEEPER_WORD)
		return 0;
	/* Any other is the start of a report: it has not even learnt that it is to be a keeper. */
	return got >= 0 || got == -ECONNRESET ? ENDED : (int)got;
}

static void end(int pidfd)
{
	syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
}

static int clone_keeper(int stage, int socket, struct ct__child *ret_child, const char **ret_call)
{
	int ret = ct__clone_stage(stage, socket, 0, 0, false, NULL, ret_child, ret_call);

	return ret < 0 ? ret : ret_child->pid;
}

/* On failure *ret_call is the call that failed; NULL: the keeper itself did. */
static int start(struct ct__keeper *keeper, int stage, struct ct__trace *trace, const char **ret_call)
{
	const struct stage_call call = {.magic = KEEPER_MAGIC};
	CT__AUTO_CLOSE int host = -EBADF;
	struct ct__child child;
	int pair[2], ret;

	*ret_call = "pidfd_open";
	host = ct__traced(trace, CT_STEP_KEEPER, "pidfd_open", ct__pidfd_open(getpid()), "%d, 0", getpid());
	if (host < 0)
		return host;
	*ret_call = "socketpair";
	ret = ct__traced(trace, CT_STEP_KEEPER, "socketpair", ct__talk_pair(pair),
		"AF_UNIX, SOCK_SEQPACKET|SOCK_CLOEXEC, 0, {...}");
	if (ret < 0)
		return ret;
	*ret_call = "sendmsg";
	ret = ct__traced(trace, CT_STEP_KEEPER, "sendmsg",
		ct__talk_send(pair[0], &call, sizeof(call), &host, 1),
		"%d<keeper>, {descriptors [%d<this process>]}, MSG_NOSIGNAL", pair[0], host);
	if (ret >= 0)
		ret = ct__traced(trace, CT_STEP_KEEPER, "clone3",
			clone_keeper(stage, pair[1], &child, ret_call),
			"{flags=CLONE_VM|CLONE_VFORK|CLONE_PIDFD|CLONE_CLEAR_SIGHAND, exit_signal=17}");
	ct__close(&pair[1]);
	if (ret >= 0) {
		ret = await_word(pair[0], child.pidfd);
		*ret_call = ret == ENDED ? NULL : "recvmsg";
		if (ret < 0) {
			end(child.pidfd); /* it lives, if it is we who cannot hear it */
			ct__reap(child.pidfd);
			ct__close(&child.pidfd);
		}
	}
	if (ret < 0) {
		ct__close(&pair[0]);
		return ret;
	}
	keeper->socket = pair[0];
	keeper->pidfd = child.pidfd;
	return 0;
}

static int make(int stage, struct ct__trace *trace, struct ct__keeper **ret_keeper, ct_error *err)
{
	struct ct__keeper *keeper = calloc(1, sizeof(*keeper));
	const char *call = NULL;
	int ret;

	if (!keeper)
		return ct__fail(err, CT_STEP_MEMORY, -ENOMEM, NULL, "keeper");
	atomic_init(&keeper->refs, 1);
	atomic_init(&keeper->next_id, 1);
	keeper->host = getpid();
	ret = start(keeper, stage, trace, &call);
	if (ret < 0) {
		free(keeper);
		if (!call)
			return ct__fail_because(err, CT_STEP_KEEPER, ret,
				"it ended while it was starting", "keeper");
		return ct__fail(err, CT_STEP_KEEPER, ret, call, "keeper");
	}
	*ret_keeper = keeper;
	return 0;
}

/* The spec's keeper, referenced; instead of one that is dead or not ours. */
static int get(ct_spec *spec, int stage, const struct ct__keeper *dead, struct ct__trace *trace,
	struct ct__keeper **ret_keeper, ct_error *err)
{
	struct ct__keeper *keeper;
	int ret = 0;

	pthread_mutex_lock(&spec->lock);
	if (spec->keeper && (spec->keeper == dead || spec->keeper->host != getpid())) {
		ct__keeper_unref(spec->keeper);
		spec->keeper = NULL;
	}
	if (!spec->keeper)
		ret = make(stage, trace, &spec->keeper, err);
	keeper = spec->keeper;
	if (ret >= 0) {
		atomic_fetch_add(&keeper->refs, 1);
		*ret_keeper = keeper;
	}
	pthread_mutex_unlock(&spec->lock);
	return ret;
}

int ct__keeper_add(ct_spec *spec, int stage, int pidfd, struct ct__trace *trace,
	struct ct__keeper **ret_keeper, uint64_t *ret_id, ct_error *err)
{
	struct keeper_message message = {.verb = KEEPER_ADD};
	struct ct__keeper *keeper = NULL;
	int ret = 0;

	/* Twice: somebody may have killed the one there was. */
	for (int i = 0; i < 2; i++) {
		struct ct__keeper *dead = keeper;

		ret = get(spec, stage, dead, trace, &keeper, err);
		ct__keeper_unref(dead);
		if (ret < 0)
			return ret;
		message.id = atomic_fetch_add(&keeper->next_id, 1);
		ret = ct__traced(trace, CT_STEP_KEEPER, "sendmsg",
			ct__talk_send(keeper->socket, &message, sizeof(message), &pidfd, 1),
			"%d<keeper>, {descriptors [%d<the container>]}, MSG_NOSIGNAL", keeper->socket,
			pidfd);
		if (ret != -EPIPE && ret != -ECONNRESET)
			break;
	}
	if (ret < 0) {
		ct__keeper_unref(keeper);
		return ct__fail(err, CT_STEP_KEEPER, ret, "sendmsg", "keeper");
	}
	*ret_keeper = keeper;
	*ret_id = message.id;
	return 0;
}

int ct__keeper_limit(struct ct__keeper *keeper, uint64_t id, struct keeper_message *message,
	const int fds[], unsigned int count)
{
	message->verb = KEEPER_LIMIT;
	message->id = id;
	return ct__talk_send(keeper->socket, message, sizeof(*message), fds, count);
}

int ct__keeper_release(struct ct__keeper *keeper, uint64_t id)
{
	const struct keeper_message message = {.verb = KEEPER_RELEASE, .id = id};

	return ct__talk_send(keeper->socket, &message, sizeof(message), NULL, 0);
}

void ct__keeper_unref(struct ct__keeper *keeper)
{
	if (!keeper || atomic_fetch_sub(&keeper->refs, 1) > 1)
		return;
	if (keeper->host == getpid()) {
		/* Reaches the keeper even if a forked copy of the host still has the socket. */
		if (shutdown(keeper->socket, SHUT_RDWR) < 0)
			end(keeper->pidfd);
		ct__reap(keeper->pidfd);
	}
	ct__close(&keeper->socket);
	ct__close(&keeper->pidfd);
	free(keeper);
}

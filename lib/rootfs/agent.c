/* SPDX-License-Identifier: MIT */
/*
 * The host's side of the agent, which does for an ordinary user what he may not do to
 * files of his subordinate ids. What the process itself does is in lib/stage/agent.c.
 *
 * Requests are sent without waiting; at most NAMES are on their way, so that a failure
 * can be told with the name of what it struck.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error/error.h"
#include "rootfs.h"
#include "spawn/talk.h"
#include "util/fd.h"

#define NAMES CT__AGENT_NAMES

static int begin(struct ct__agent *agent, ct_error *err)
{
	const struct stage_call call = {.magic = AGENT_MAGIC};
	int rc = ct__idmap_of_caller(&agent->map, err);

	if (rc == 0)
		rc = ct__userns_hold(&agent->map, true, &agent->userns, err);
	if (rc < 0)
		return rc;
	rc = ct__talk_send(agent->userns.socket, &call, sizeof(call), NULL, 0);
	if (rc < 0) {
		ct__userns_release(&agent->userns);
		return ct__fail(err, CT_STEP_OWNERS, rc, "sendmsg", "agent");
	}
	return 0;
}

int ct__agent_start(struct ct__agent *agent, ct_error *err)
{
	int rc;

	if (agent->is_running)
		return 0;
	if (geteuid() == 0)
		return ct__fail_because(err, CT_STEP_OWNERS, -EPERM,
			"nobody has more rights here than the caller", "agent");
	if (agent->failure && !err)
		return agent->failure;
	rc = begin(agent, err);
	agent->is_running = rc == 0;
	agent->failure = rc;
	if (rc < 0)
		ct__idmap_done(&agent->map);
	return rc;
}

static bool is_mapped(const ct__array *ranges, uint32_t inside, uint32_t *ret_outside)
{
	ct__array_for_each(const struct ct__id_range, range, ranges)
	{
		if (inside < range->inside || inside - range->inside >= range->count)
			continue;
		*ret_outside = range->outside + (inside - range->inside);
		return true;
	}
	return false;
}

bool ct__agent_uid(const struct ct__agent *agent, uint32_t inside, uint32_t *ret_outside)
{
	return is_mapped(&agent->map.uids, inside, ret_outside);
}

bool ct__agent_gid(const struct ct__agent *agent, uint32_t inside, uint32_t *ret_outside)
{
	return is_mapped(&agent->map.gids, inside, ret_outside);
}

static int send_request(struct ct__agent *agent, struct agent_request *request, size_t size,
	const int *fds, size_t count)
{
	request->number = agent->sent++;
	return ct__talk_send(agent->userns.socket, request, size, fds, count);
}

/* A forked copy of the host may hold the far end of the socket: the pidfd tells the end. */
static int await_answer(struct ct__agent *agent, struct agent_reply *ret_reply)
{
	struct pollfd watched[2] = {
		{.fd = agent->userns.socket, .events = POLLIN},
		{.fd = agent->userns.pidfd, .events = POLLIN},
	};
	ssize_t got;
	int ready;

	do {
		ready = poll(watched, 2, -1);
	} while (ready < 0 && errno == EINTR);
	if (!watched[0].revents)
		return -EPIPE;
	got = ct__talk_receive(agent->userns.socket, ret_reply, sizeof(*ret_reply), NULL);
	return got == (ssize_t)sizeof(*ret_reply) ? 0 : got < 0 ? (int)got : -EPIPE;
}

static int ask(struct ct__agent *agent, struct agent_reply *ret_reply)
{
	struct agent_request request = {.verb = AGENT_ASK};
	int rc = send_request(agent, &request, AGENT_REQUEST_SHORT, NULL, 0);

	agent->waiting = 0;
	return rc < 0 ? rc : await_answer(agent, ret_reply);
}

static int ended(ct_error *err, int code)
{
	ct__fail_because(err, CT_STEP_OWNERS, code, "it has ended", "agent");
	ct__error_set_call(err, "sendmsg");
	return code;
}

int ct__agent_finish(struct ct__agent *agent, ct_error *err)
{
	struct agent_reply reply = {0};
	const char *name;
	int rc;

	if (!agent->waiting)
		return 0;
	rc = ask(agent, &reply);
	if (rc < 0)
		return ended(err, rc);
	if (!reply.error)
		return 0;
	name = agent->names[reply.number % NAMES];
	reply.call[sizeof(reply.call) - 1] = '\0';
	return ct__fail(err, CT_STEP_OWNERS, reply.error, reply.call, "%s", name ? name : "");
}

/* Room for one more name: what was sent before is done by then. */
static int make_room(struct ct__agent *agent, const char *name, ct_error *err)
{
	char **place;
	int rc = agent->waiting + 1 < NAMES ? 0 : ct__agent_finish(agent, err);

	if (rc < 0)
		return rc;
	place = &agent->names[agent->sent % NAMES];
	free(*place);
	*place = strdup(name);
	return *place ? 0 : ct__fail(err, CT_STEP_MEMORY, -ENOMEM, "strdup", "%s", name);
}

int ct__agent_own(struct ct__agent *agent, int fd, struct agent_request *request, const char *name,
	ct_error *err)
{
	int rc = make_room(agent, name, err);

	if (rc < 0)
		return rc;
	request->verb = AGENT_OWN;
	rc = send_request(agent, request, AGENT_REQUEST_SHORT, &fd, 1);
	agent->waiting++;
	return rc < 0 ? ended(err, rc) : 0;
}

/* One request, and what became of it. */
static int do_now(struct ct__agent *agent, struct agent_request *request, size_t size, const int *fds,
	size_t count)
{
	struct agent_reply reply = {0};
	int rc = ct__agent_start(agent, NULL);

	if (rc == 0)
		rc = ct__agent_finish(agent, NULL);
	if (rc == 0)
		rc = send_request(agent, request, size, fds, count);
	if (rc == 0)
		rc = ask(agent, &reply);
	return rc < 0 ? rc : reply.error;
}

int ct__agent_take(struct ct__agent *agent, int fd, mode_t mode)
{
	struct agent_request request = {
		.verb = AGENT_OWN, .flags = AGENT_SET_MODE, .mode = mode};

	return do_now(agent, &request, AGENT_REQUEST_SHORT, &fd, 1);
}

static int with_names(struct ct__agent *agent, struct agent_request *request, int from,
	const char *base, int to, const char *name)
{
	const int fds[2] = {from, to};

	if (strlen(base) >= sizeof(request->from) || strlen(name) >= sizeof(request->to))
		return -ENAMETOOLONG;
	memcpy(request->from, base, strlen(base));
	memcpy(request->to, name, strlen(name));
	return do_now(agent, request, sizeof(*request), fds, 2);
}

int ct__agent_link(struct ct__agent *agent, int from, const char *base, int to, const char *name)
{
	struct agent_request request = {.verb = AGENT_LINK};

	return with_names(agent, &request, from, base, to, name);
}

int ct__agent_rename(struct ct__agent *agent, int from, const char *base, int to, const char *name,
	unsigned int flags)
{
	struct agent_request request = {.verb = AGENT_RENAME, .flags = flags};

	return with_names(agent, &request, from, base, to, name);
}

void ct__agent_release(struct ct__agent *agent)
{
	if (agent->is_running)
		ct__userns_release(&agent->userns);
	ct__idmap_done(&agent->map);
	for (size_t i = 0; i < NAMES; i++)
		free(agent->names[i]);
	*agent = (struct ct__agent){0};
}

/* SPDX-License-Identifier: MIT */
/*
 * The agent: the same program as a stage, with another duty. For descriptors that the
 * host sends it does the few things that a user may not do to files of his subordinate
 * ids: give an owner, and what a change of owner takes away; link; rename.
 *
 * Who: a child of the host in a new user namespace, in which 0 is the caller and the
 * other ids are his subordinate ones; elsewhere it has the caller's rights. It never
 * sees an archive: what it gets are numbers, and names that go to the kernel as they are.
 */
#include "stage.h"

#include <linux/prctl.h>

struct agent {
	int control;
	struct agent_reply first; /* the first failure since it was last asked */
};

static long note(struct agent *agent, const struct agent_request *request, const char *call, long ret)
{
	struct agent_reply *first = &agent->first;

	if (ret < 0 && !first->error) {
		first->error = (int32_t)ret;
		first->number = request->number;
		first->call[0] = '\0';
		text_append(first->call, sizeof(first->call), call);
	}
	return ret;
}

/* The file itself, though the descriptor is but a path (O_PATH): proc(5), magic links. */
static const char *path_of(int fd, char *buffer, size_t size)
{
	buffer[0] = '\0';
	text_append(buffer, size, "/proc/self/fd/");
	text_append_number(buffer, size, (uint64_t)fd);
	return buffer;
}

/* One of a file with two names may be gone: the host had read it under the second name. */
static long forget(struct agent *agent, const struct agent_request *request, const char *path,
	const char *record)
{
	long ret = sys(__NR_removexattr, path, record, 0, 0, 0);

	return ret == -ENODATA ? 0 : note(agent, request, "removexattr", ret);
}

/*
 * Records go last: as long as they are there, what they say can be done again. That of the
 * owner is the first of them, since to give it again would take the capability away.
 */
static void own(struct agent *agent, const struct agent_request *request, int fd)
{
	char buffer[40];
	const char *path = path_of(fd, buffer, sizeof(buffer));
	long ret = note(agent, request, "fchownat",
		sys(__NR_fchownat, fd, "", request->uid, request->gid, AT_EMPTY_PATH));

	if (ret >= 0 && request->flags & AGENT_SET_MODE)
		ret = note(agent, request, "fchmodat",
			sys(__NR_fchmodat, AT_FDCWD, path, request->mode, 0, 0));
	if (ret >= 0 && request->capability_size)
		ret = note(agent, request, "setxattr",
			sys(__NR_setxattr, path, AGENT_CAPABILITY, request->capability,
				request->capability_size, 0));
	if (ret >= 0 && request->flags & AGENT_FORGET_STAT)
		ret = forget(agent, request, path, AGENT_RECORD "stat");
	if (ret >= 0 && request->flags & AGENT_FORGET_CAPABILITY)
		forget(agent, request, path, AGENT_RECORD AGENT_CAPABILITY);
}

static void serve(struct agent *agent, const struct agent_request *request, const int *fds,
	unsigned int count)
{
	if (request->verb == AGENT_OWN && count == 1)
		own(agent, request, fds[0]);
	else if (request->verb == AGENT_LINK && count == 2)
		note(agent, request, "linkat",
			sys(__NR_linkat, fds[0], request->from, fds[1], request->to, 0));
	else if (request->verb == AGENT_RENAME && count == 2)
		note(agent, request, "renameat2",
			sys(__NR_renameat2, fds[0], request->from, fds[1], request->to,
				request->flags));
	else
		note(agent, request, "recvmsg", -EBADMSG);
}

/* Who is asked answers: what failed first, or that all went well. */
static void answer(struct agent *agent)
{
	static const struct agent_reply none;

	if (sys_write(agent->control, &agent->first, sizeof(agent->first)) < 0)
		sys_exit(1); /* the host is gone; SIGPIPE is blocked */
	agent->first = none;
}

static struct agent_request request; /* too large for the stack's first page */

void agent_main(int control)
{
	struct agent agent = {.control = control};

	sys(__NR_setsid, 0, 0, 0, 0, 0); /* out of reach of the terminal's signals */
	sys(__NR_chdir, "/", 0, 0, 0, 0); /* keeps no directory of the host busy */
	sys_prctl(PR_SET_NAME, (unsigned long)"ct-agent", 0);
	for (;;) {
		unsigned int count = 0;
		int fds[2];
		long ret = receive(control, &request, sizeof(request), fds, 2, &count);

		if (ret == 0)
			sys_exit(0); /* the host is done, or gone */
		if (ret < (long)AGENT_REQUEST_SHORT)
			note(&agent, &request, "recvmsg", ret < 0 ? ret : -EBADMSG);
		else if (request.verb == AGENT_ASK)
			answer(&agent);
		else if (!agent.first.error)
			serve(&agent, &request, fds, count);
		for (unsigned int i = 0; i < count; i++)
			sys_close(fds[i]);
	}
}

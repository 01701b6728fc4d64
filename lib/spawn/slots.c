/* SPDX-License-Identifier: MIT */
/* The descriptors of one start; see slots.h. */
#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "container.h"
#include "error/error.h"
#include "idmapped.h"
#include "plan.h"
#include "slots.h"
#include "trace/trace.h"
#include "util/fd.h"

/* ------------------------------------------------------- made for this start */

static int make_pipe(ct_container *box, int stream, int *ret_theirs)
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
	*ret_theirs = ct__take_fd(stream == 0 ? &reader : &writer);
	box->stdio[stream] = ct__take_fd(stream == 0 ? &writer : &reader);
	return 0;
}

static int make_init_end(ct_container *box, struct ct__trace *trace, ct_error *err)
{
	int ret = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	ret = ct__traced(trace, CT_STEP_STDIO, "eventfd2", ret < 0 ? -errno : ct__above_stdio(ret),
		"0, EFD_CLOEXEC|EFD_NONBLOCK");
	if (ret < 0)
		return ct__fail(err, CT_STEP_STDIO, ret, "eventfd", "end of the init");
	box->init_end = ret;
	return 0;
}

int ct__slots_make(const struct ct__plan *plan, ct_container *box, int theirs[3],
	struct ct__trace *trace, ct_error *err)
{
	for (int stream = 0; stream < 3; stream++) {
		int ret;

		if (plan->stdio[stream].what != CT_STDIO_PIPE)
			continue;
		ret = ct__traced(trace, CT_STEP_STDIO, "pipe2", make_pipe(box, stream, &theirs[stream]),
			"{...}, O_CLOEXEC");
		if (ret < 0)
			return ct__fail(err, CT_STEP_STDIO, ret, "pipe2", "stream %d", stream);
	}
	return plan->init ? make_init_end(box, trace, err) : 0;
}

/* ------------------------------------------------------------------ to be sent */

static int stream_fd(const struct ct__plan *plan, int stream, const int theirs[3])
{
	const struct spec_stdio *stdio = &plan->stdio[stream];

	switch (stdio->what) {
	case CT_STDIO_FD:
		return stdio->fd;
	case CT_STDIO_PIPE:
		return theirs[stream];
	case CT_STDIO_INHERIT:
		if (fcntl(stream, F_GETFD) >= 0)
			return stream;
		break;
	case CT_STDIO_NULL:
		break;
	}
	return plan->null;
}

static int check_open(int fd)
{
	return fcntl(fd, F_GETFD) < 0 ? -errno : 0;
}

int ct__slots_fill(const struct ct__plan *plan, const ct_container *box, const int theirs[3], int fds[],
	struct ct__trace *trace, ct_error *err)
{
	for (unsigned int i = 0; i < plan->slot_count; i++)
		fds[i] = -EBADF;
	for (unsigned int i = 0; i < plan->slot_count; i++) {
		const struct plan_slot *slot = &plan->slots[i];
		int ret;

		if (slot->kind == SLOT_TREE) {
			fds[i] = ct__idmapped_open(slot, trace, err);
			if (fds[i] < 0)
				return fds[i];
		} else {
			fds[i] = slot->kind == SLOT_FIXED  ? slot->value :
				 slot->kind == SLOT_INIT   ? box->init_end :
							     stream_fd(plan, slot->value, theirs);
		}
		ret = ct__traced(trace, CT_STEP_DESCRIPTOR, "fcntl", check_open(fds[i]),
			"%d, F_GETFD", fds[i]);
		if (ret < 0)
			return ct__fail(err, CT_STEP_DESCRIPTOR, ret, "fcntl", "descriptor %d", fds[i]);
	}
	return 0;
}

void ct__slots_done(const struct ct__plan *plan, int fds[])
{
	for (unsigned int i = 0; i < plan->slot_count; i++)
		if (plan->slots[i].kind == SLOT_TREE)
			ct__close(&fds[i]);
}

/* SPDX-License-Identifier: MIT */
/*
 * Messages between stage and host over SEQPACKET sockets, descriptors
 * included. Knows no meaning of any message.
 */
#include "message.h"
#include "stage.h"
#include "trace.h"

#define FAMILY_UNIX    1
#define TYPE_SEQPACKET 5
#define LEVEL_SOCKET   1
#define TYPE_RIGHTS    1
#define FLAG_NOSIGNAL  0x4000
#define FLAG_CLOEXEC   0x40000000
#define FLAG_TRUNCATED 0x8

long receive(int socket, void *buffer, size_t size, int *fds, unsigned int max_fds,
	unsigned int *ret_fds)
{
	struct {
		struct control_header header;
		int fds[PLAN_MAX_SLOTS + 1];
	} rights;
	struct iovec part = {buffer, size};
	struct message message = {
		.parts = &part,
		.part_count = 1,
		.control = fds ? &rights : NULL,
		.control_size = fds ? sizeof(rights.header) + max_fds * sizeof(int) : 0,
	};
	long ret;

	do
		ret = sys(__NR_recvmsg, socket, &message, FLAG_CLOEXEC, 0, 0);
	while (ret == -EINTR);
	if (ret < 0)
		return ret;
	if (message.flags & FLAG_TRUNCATED)
		return -EMFILE; /* some of the descriptors did not fit under RLIMIT_NOFILE */
	if (fds && message.control_size >= sizeof(rights.header)) {
		*ret_fds = (unsigned int)((rights.header.size - sizeof(rights.header)) / sizeof(int));
		for (unsigned int i = 0; i < *ret_fds; i++)
			fds[i] = rights.fds[i];
	}
	return ret;
}

long open_wire(struct stage *st)
{
	int ends[2];
	long ret = failed(st, "socketpair",
		sys(__NR_socketpair, FAMILY_UNIX, TYPE_SEQPACKET | O_CLOEXEC, 0, ends, 0));

	if (ret < 0)
		return ret;
	trace_wire(ends[0]);
	st->report.kind = STAGE_HELLO;
	ret = failed(st, "sendmsg", send_report(st, STAGE_REPORT_SHORT, ends[0]));
	sys_close(ends[0]);
	if (ret < 0)
		return ret;
	sys_close(st->wire);
	st->wire = ends[1];
	trace_flush(st);
	return 0;
}

long send_report(struct stage *st, size_t size, int fd)
{
	struct {
		struct control_header header;
		int fd;
		int padding;
	} rights = {{sizeof(rights.header) + sizeof(int), LEVEL_SOCKET, TYPE_RIGHTS}, fd, 0};
	struct iovec part = {&st->report, size};
	struct message message = {
		.parts = &part,
		.part_count = 1,
		.control = fd >= 0 ? &rights : NULL,
		.control_size = fd >= 0 ? sizeof(rights) : 0,
	};

	return sys(__NR_sendmsg, st->wire, &message, FLAG_NOSIGNAL, 0, 0);
}

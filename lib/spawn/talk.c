/* SPDX-License-Identifier: MIT */
/* Messages and descriptors over SEQPACKET sockets. Knows no meaning of any message. */
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "talk.h"
#include "util/fd.h"

int ct__talk_pair(int ret_pair[2])
{
	CT__AUTO_CLOSE int near = -EBADF;
	CT__AUTO_CLOSE int far = -EBADF;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	near = ct__above_stdio(pair[0]);
	far = ct__above_stdio(pair[1]);
	if (near < 0 || far < 0)
		return near < 0 ? near : far;
	ret_pair[0] = ct__take_fd(&near);
	ret_pair[1] = ct__take_fd(&far);
	return 0;
}

int ct__talk_send(int socket, const void *data, size_t size, const int *fds, size_t count)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(TALK_MAX_FDS * sizeof(int))];
	} rights;
	struct iovec part = {(void *)(uintptr_t)data, size};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	ssize_t sent;

	if (count > TALK_MAX_FDS)
		return -E2BIG;
	if (count) {
		message.msg_control = &rights;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		rights.header.cmsg_level = SOL_SOCKET;
		rights.header.cmsg_type = SCM_RIGHTS;
		rights.header.cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(&rights.header), fds, count * sizeof(int));
	}
	do
		sent = sendmsg(socket, &message, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

ssize_t ct__talk_receive_from(int socket, void *data, size_t size, int *ret_fd, pid_t *ret_pid)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct iovec part = {data, size};
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = ret_fd || ret_pid ? &control : NULL,
		.msg_controllen = ret_fd || ret_pid ? sizeof(control) : 0,
	};
	ssize_t got;

	do
		got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	if (ret_fd)
		*ret_fd = -1;
	if (ret_pid)
		*ret_pid = 0;
	for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header;
		header = CMSG_NXTHDR(&message, header)) {
		struct ucred sender;

		if (ret_fd && header->cmsg_type == SCM_RIGHTS)
			memcpy(ret_fd, CMSG_DATA(header), sizeof(int));
		if (ret_pid && header->cmsg_type == SCM_CREDENTIALS) {
			memcpy(&sender, CMSG_DATA(header), sizeof(sender));
			*ret_pid = sender.pid;
		}
	}
	/* It was sent, but there was no number left for it. */
	if (ret_fd && *ret_fd < 0 && (message.msg_flags & MSG_CTRUNC))
		return -EMFILE;
	return got;
}

ssize_t ct__talk_receive(int socket, void *data, size_t size, int *ret_fd)
{
	return ct__talk_receive_from(socket, data, size, ret_fd, NULL);
}

ssize_t ct__talk_await(int socket, int pidfd, int limit_ms, void *data, size_t size, int *ret_fd)
{
	struct pollfd watched[2] = {
		{.fd = socket, .events = POLLIN},
		{.fd = pidfd, .events = POLLIN},
	};
	ssize_t got;
	int ret;

	do
		ret = poll(watched, 2, limit_ms);
	while (ret < 0 && errno == EINTR);
	if (ret < 0)
		return -errno;
	if (!watched[0].revents)
		return ret == 0 ? -ETIMEDOUT : 0;
	got = ct__talk_receive(socket, data, size, ret_fd);
	if (got == -ECONNRESET) /* told once, and before what came earlier */
		got = ct__talk_receive(socket, data, size, ret_fd);
	return got;
}

/* SPDX-License-Identifier: MIT */
/*
 * Descriptors that go to others by a socket at a path: the terminal to whoever listens at --console-socket, and
 * where the calls of a container are told to whoever listens at /linux/seccomp/listenerPath.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "state.h"

/* The text with the descriptor. Such a socket may take a long text in pieces; the first has the descriptor. */
static int send_with(int socket, const char *text, int fd)
{
	size_t size = strlen(text), sent = 0;
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {{0}};

	while (sent < size) {
		struct iovec data = {.iov_base = (char *)(uintptr_t)text + sent, .iov_len = size - sent};
		struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
		ssize_t wrote;

		if (sent == 0) {
			struct cmsghdr *header;

			message.msg_control = control.bytes;
			message.msg_controllen = sizeof(control.bytes);
			header = CMSG_FIRSTHDR(&message);
			header->cmsg_level = SOL_SOCKET;
			header->cmsg_type = SCM_RIGHTS;
			header->cmsg_len = CMSG_LEN(sizeof(int));
			memcpy(CMSG_DATA(header), &fd, sizeof(int));
		}
		wrote = sendmsg(socket, &message, MSG_NOSIGNAL);
		if (wrote < 0 && errno != EINTR)
			return -errno;
		sent += wrote > 0 ? (size_t)wrote : 0;
	}
	return 0;
}

/* what: what the socket is, for the complaint. */
static int send_to(const char *what, const char *path, const char *text, int fd)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int socket_fd, ret;

	if (strlen(path) >= sizeof(address.sun_path))
		return complain("%s: %s: the path is too long", what, path);
	strcpy(address.sun_path, path);
	socket_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (socket_fd < 0 || connect(socket_fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		ret = -errno;
	else
		ret = send_with(socket_fd, text, fd);
	if (socket_fd >= 0)
		close(socket_fd);
	return ret < 0 ? complain("%s: %s: %s", what, path, strerror(-ret)) : 0;
}

int send_terminal(const char *path, int terminal)
{
	return send_to("console socket", path, "/dev/pts/ptmx", terminal);
}

/* Who listens gets the descriptor with the process and the state, as the runtime-spec has it. */
int send_listener(const struct box *box, ct_container *made)
{
	const json_t *filter = json_object_get(json_object_get(box->config, "linux"), "seccomp");
	const char *path = json_string_value(json_object_get(filter, "listenerPath"));
	const char *metadata = json_string_value(json_object_get(filter, "listenerMetadata"));
	int fd = path && *path ? ct_container_take_notify(made) : -1;
	json_t *said;
	char *text;
	int ret;

	if (fd < 0) /* nobody asked, or no call of the filter waits */
		return 0;
	said = json_pack("{s:s,s:[s],s:i,s:s,s:o}", "ociVersion", VERSION_OF_SPEC, "fds", "seccompFd", "pid",
		(int)box->pid, "metadata", metadata ? metadata : "", "state", box_state(box));
	text = said ? json_dumps(said, JSON_COMPACT) : NULL;
	ret = text ? send_to("/linux/seccomp/listenerPath", path, text, fd) : complain("out of memory");
	free(text);
	json_decref(said);
	close(fd);
	return ret;
}

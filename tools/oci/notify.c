/* SPDX-License-Identifier: MIT */
/*
 * A service manager that wants to hear when the payload is ready (sd_notify(3)): NOTIFY_SOCKET in the
 * environment of ct-oci. The container gets a socket of its own, in a directory of the container's state;
 * its "READY=1" is passed on, as by runc, with the pid that the manager knows the payload by. Nothing
 * else is: what a container says is no more to be trusted than what it does.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "state.h"

#define INSIDE "/run/notify"
#define VARIABLE "NOTIFY_SOCKET="

static const char *managers_socket(void)
{
	const char *path = getenv("NOTIFY_SOCKET");

	return path && (path[0] == '/' || path[0] == '@') ? path : NULL;
}

/* The environment of the configuration, with where the socket is inside. */
static int set_env(const struct box *box, ct_spec *spec)
{
	json_t *env = json_object_get(json_object_get(box->config, "process"), "env"), *setting;
	const char **list = calloc(json_array_size(env) + 2, sizeof(*list));
	size_t i, used = 0;
	int ret;

	if (!list)
		return -ENOMEM;
	json_array_foreach(env, i, setting) {
		const char *text = json_string_value(setting);

		/* What is no setting is left out, as ct_spec_from_oci() does. */
		if (text && strchr(text, '=') && text[0] != '=' &&
			strncmp(text, VARIABLE, strlen(VARIABLE)) != 0)
			list[used++] = text;
	}
	list[used] = VARIABLE INSIDE "/notify.sock";
	ret = ct_spec_set_env(spec, list);
	free(list);
	return ret;
}

int notify_prepare(const struct box *box, ct_spec *spec)
{
	char root[PATH_MAX], path[PATH_MAX + 256];

	if (!managers_socket())
		return 0;
	if (mkdirat(box->directory, "notify", 0755) < 0 || !realpath(globals.root, root))
		return complain("NOTIFY_SOCKET: %s: %s", box->id, strerror(errno));
	snprintf(path, sizeof(path), "%s/%s/notify", root, box->id);
	/* Read-only: it can be written to the socket all the same, and nothing is left in the state. */
	if (ct_spec_add_bind(spec, path, INSIDE, CT_MOUNT_READONLY | CT_MOUNT_NOEXEC) < 0 ||
		set_env(box, spec) < 0)
		return complain("NOTIFY_SOCKET: it cannot be passed on");
	return 0;
}

int notify_listen(const struct box *box, int *ret_socket)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	*ret_socket = -1;
	/* Asked for now, and when it was created. */
	if (!managers_socket() || faccessat(box->directory, "notify", F_OK, 0) < 0)
		return 0;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/notify/notify.sock",
		box->directory);
	/* Whoever the payload is may write there. */
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
		fchmodat(box->directory, "notify/notify.sock", 0777, 0) < 0) {
		complain("NOTIFY_SOCKET: %s: %s", box->id, strerror(errno));
		if (fd >= 0)
			close(fd);
		return 1;
	}
	*ret_socket = fd;
	return 0;
}

static void pass_on(const struct box *box)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *path = managers_socket();
	size_t length = strlen(path);
	char text[64];
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int size = snprintf(text, sizeof(text), "MAINPID=%d\nREADY=1\n", (int)box->pid);

	if (length >= sizeof(address.sun_path) || fd < 0) {
		complain("NOTIFY_SOCKET: %s: it is no address of a socket", path);
	} else {
		memcpy(address.sun_path, path, length);
		if (path[0] == '@') /* of the abstract ones */
			address.sun_path[0] = '\0';
		if (sendto(fd, text, (size_t)size, MSG_NOSIGNAL, (struct sockaddr *)&address,
			    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) < 0)
			complain("NOTIFY_SOCKET: %s: %s", path, strerror(errno));
	}
	if (fd >= 0)
		close(fd);
}

/* Whether one of the lines is "READY=1". */
static bool is_ready(char *text)
{
	char *rest;

	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		if (strcmp(line, "READY=1") == 0)
			return true;
	return false;
}

void notify_attend(const struct box *box, int socket)
{
	struct pollfd asked[] = {
		{.fd = socket, .events = POLLIN}, {.fd = box_pidfd(box), .events = POLLIN}};
	char text[4096];

	while (socket >= 0 && (asked[1].fd >= 0 || poll(asked, 1, 0) > 0)) {
		ssize_t got;

		if (poll(asked, 2, -1) < 0 && errno != EINTR)
			break;
		/* What it has said before its end counts. */
		got = recv(socket, text, sizeof(text) - 1, MSG_DONTWAIT);
		if (got < 0 && asked[1].revents)
			break;
		if (got < 0)
			continue;
		text[got] = '\0';
		if (is_ready(text)) {
			pass_on(box);
			break;
		}
	}
	if (asked[1].fd >= 0)
		close(asked[1].fd);
}

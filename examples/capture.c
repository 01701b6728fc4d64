/* SPDX-License-Identifier: MIT */
/*
 * Feeds a command's stdin, captures its stdout and stderr, ends it at a time limit.
 *
 *     cc -o capture capture.c $(pkg-config --cflags --libs container)
 *     ./capture SECONDS DIRECTORY COMMAND [ARGUMENT...] < INPUT
 *
 * Exits with 124 at the time limit, else as run.c does.
 */
#include <container/container.h>
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* stdin, stdout, stderr: the bytes moved so far, and the room; what is longer is cut off. */
static char bytes[3][8 << 20];
static size_t moved[3], room[3] = {0, sizeof(bytes[1]), sizeof(bytes[2])};

/* One poll serves the three pipes and none of them blocks: no side keeps the other waiting. */
static void talk(ct_container *box, time_t deadline)
{
	struct pollfd pipe[3] = {{.events = POLLOUT}, {.events = POLLIN}, {.events = POLLIN}};

	for (int i = 0; i < 3; i++) {
		pipe[i].fd = ct_container_take_stdio(box, i);
		fcntl(pipe[i].fd, F_SETFL, O_NONBLOCK);
	}
	while ((pipe[1].fd >= 0 || pipe[2].fd >= 0) && time(NULL) < deadline) {
		poll(pipe, 3, 100);
		for (int i = 0; i < 3; i++) {
			char *next = bytes[i] + moved[i];
			size_t left = room[i] - moved[i];
			ssize_t n;

			if (pipe[i].fd < 0 || pipe[i].revents == 0)
				continue;
			n = i == 0 ? write(pipe[i].fd, next, left) : read(pipe[i].fd, next, left);
			if (n > 0) {
				moved[i] += (size_t)n;
			} else {
				close(pipe[i].fd);
				pipe[i].fd = -1;
			}
		}
	}
}

int main(int argc, char **argv)
{
	ct_error err = CT_ERROR_INIT;
	ct_exit how = CT_EXIT_INIT;
	ct_rootfs *root = NULL;
	ct_spec *spec = NULL;
	ct_container *box = NULL;
	int late = 0;

	if (argc < 4)
		errx(125, "usage: capture SECONDS DIRECTORY COMMAND [ARGUMENT...] < INPUT");
	room[0] = fread(bytes[0], 1, sizeof(bytes[0]), stdin);
	signal(SIGPIPE, SIG_IGN);

	if (ct_rootfs_open(argv[2], &root, &err) < 0 || ct_spec_new(&spec) < 0)
		errx(125, "%s", err.sentence);
	ct_spec_set_rootfs(spec, root);
	ct_spec_set_argv(spec, (const char *const *)&argv[3]);
	for (int i = 0; i < 3; i++)
		ct_spec_set_stdio(spec, i, CT_STDIO_PIPE, -1);
	if (ct_spawn(spec, &box, &err) < 0)
		errx(125, "%s\ncapture: %s", err.sentence, err.cure);

	time_t deadline = time(NULL) + atoi(argv[1]);
	talk(box, deadline);
	while (ct_wait(box, 100, &how, &err) < 0)
		if (time(NULL) >= deadline)
			late = ct_kill(box, SIGKILL, NULL) == 0;
	fwrite(bytes[1], 1, moved[1], stdout);
	fwrite(bytes[2], 1, moved[2], stderr);
	ct_container_free(box);
	ct_spec_free(spec);
	ct_rootfs_free(root);
	return late ? 124 : how.signal ? 128 + how.signal : how.code;
}

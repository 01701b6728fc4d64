/* SPDX-License-Identifier: MIT */
/*
 * Making a container and starting it, in one process or in two. A container that is created and not
 * started ends with the process that has made it; so create leaves one behind, which does
 * nothing but wait at a socket for the start, and then goes.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "state.h"

int exit_code(const ct_exit *how)
{
	return how->signal ? 128 + how->signal : how->code >= 0 ? how->code : 255;
}

/* --------------------------------------------------------------- making */

/* Keeps the configuration: what is in the bundle may change. */
static int keep_config(struct box *box)
{
	char path[PATH_MAX];
	size_t size;
	char *text;
	int ret;

	snprintf(path, sizeof(path), "%s/config.json", box->bundle);
	text = read_whole(AT_FDCWD, path, &size);
	if (!text)
		return complain("%s: %s", path, strerror(errno));
	ret = write_whole(box->directory, "config.json", text, 0600);
	box->config = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
	free(text);
	return ret < 0 ? complain("config.json: %s", strerror(-ret)) : 0;
}

static int set_descriptors(ct_spec *spec, int64_t preserve)
{
	int ret = 0;

	for (int fd = 3; ret == 0 && fd < 3 + preserve; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			ret = ct_spec_map_fd(spec, fd, fd);
	return ret;
}

static bool wants_terminal(const struct box *box)
{
	return json_is_true(
		json_object_get(json_object_get(box->config, "process"), "terminal"));
}

static int make_spec(struct box *box, const struct make_options *options, ct_spec **ret_spec)
{
	ct_error err = CT_ERROR_INIT;
	ct_spec *spec;
	int ret;

	if (ct_spec_from_oci(box->bundle, &spec, &err) < 0)
		return complain_of(&err);
	ret = keep_config(box);
	if (ret == 0)
		ret = check_hooks(box);
	if (ret == 0 && set_descriptors(spec, options->preserve_fds) < 0)
		ret = complain("--preserve-fds: there are too many");
	if (ret == 0)
		ret = make_cgroups(box, spec);
	if (ret == 0)
		ret = notify_prepare(box, spec);
	if (ret == 0 && options->console_socket && !wants_terminal(box))
		ret = complain("--console-socket: /process/terminal is not true");
	if (ret)
		ct_spec_free(spec);
	else
		*ret_spec = spec;
	return ret;
}

/* One create. */
struct making {
	struct box *box;
	bool told; /* it has complained already */
};

/* The container is made, but for its root: who comes to it now sees the machine's tree. */
static int prepare(void *data, ct_container *made, ct_error *err)
{
	struct making *making = data;
	struct box *box = making->box;
	int ret = box_save(box, ct_container_pid(made), ct_container_cgroup(made));

	(void)err;
	box->status = STATUS_CREATING;
	if (ret == 0)
		ret = run_hooks(box, "prestart");
	if (ret == 0)
		ret = run_hooks(box, "createRuntime");
	if (ret == 0)
		ret = run_hooks(box, "createContainer");
	making->told = ret != 0;
	return ret ? -ECANCELED : 0;
}

/* What comes after the library has made it: who is told. */
static int finish(struct box *box, const struct make_options *options, ct_container *made)
{
	int ret = 0;

	if (box->pid != ct_container_pid(made)) /* it has forked into its pid namespace */
		ret = box_save(box, ct_container_pid(made), ct_container_cgroup(made));
	if (ret == 0 && options->console_socket) {
		int terminal = ct_container_take_terminal(made);

		ret = send_terminal(options->console_socket, terminal);
		close(terminal);
	}
	box->status = STATUS_CREATED;
	if (ret == 0) /* not before the hooks, which may bring it */
		ret = check_program(box, made);
	if (ret == 0 && options->pid_file)
		ret = write_pid_file(options->pid_file, box->pid);
	return ret;
}

int make_here(struct box *box, const struct make_options *options, ct_container **ret_made)
{
	struct making making = {.box = box};
	ct_error err = CT_ERROR_INIT;
	ct_container *made = NULL;
	ct_spec *spec = NULL;
	int ret = make_spec(box, options, &spec);

	if (ret == 0 && ct_spec_set_prepare(spec, prepare, &making) < 0)
		ret = complain("out of memory");
	if (ret == 0 && ct_create(spec, &made, &err) < 0)
		ret = making.told ? 1 : complain_of(&err);
	ct_spec_free(spec);
	if (ret == 0)
		ret = finish(box, options, made);
	if (ret)
		ct_container_free(made);
	else
		*ret_made = made;
	return ret;
}

int start_here(struct box *box, ct_container *made)
{
	ct_error err = CT_ERROR_INIT;
	int ret = run_hooks(box, "startContainer");

	if (ret)
		return ret;
	if (ct_start(made, &err) < 0)
		return complain_of(&err);
	box->status = STATUS_RUNNING;
	if (send_listener(box, made))
		return 1;
	json_object_set_new(box->state, "started", json_true());
	ret = ct_container_save(made, box->directory, "box", &err);
	if (ret < 0 && ret != -ESRCH) /* it may have ended already */
		return complain_of(&err);
	return box_save(box, box->pid, NULL);
}

/* --------------------------------------------------------------- waiting */

/* The socket, by a path that fits: a directory's name may be longer than such an address. */
static struct sockaddr_un address_of(const struct box *box)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/start", box->directory);
	return address;
}

static int listen_for_start(const struct box *box)
{
	struct sockaddr_un address = address_of(box);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 4) < 0)) {
		close(fd);
		fd = -1;
	}
	return fd < 0 ? -errno : fd;
}

/* What is said goes to whoever has asked: a descriptor in place of standard error. */
static void answer(struct box *box, ct_container *made, int client)
{
	char log[PATH_MAX];
	ssize_t got;
	int ret;

	got = read(client, log, sizeof(log) - 1);
	if (got <= 0)
		return;
	log[got] = '\0';
	globals.log_json = log[0] == 'j';
	globals.log = got > 1 && log[1] ? log + 1 : NULL;
	dup2(client, STDERR_FILENO);
	ret = start_here(box, made);
	if (ret == 0)
		(void)ct_detach(made, NULL); /* one that has ended already needs none */
	if (ret)
		ct_container_free(made);
	dprintf(client, "%c", ret ? '\1' : '\2');
	/* Not freed: whoever takes over this process's children waits for it. */
	_exit(0);
}

static void wait_for_start(struct box *box, ct_container *made, int listening)
{
	struct pollfd asked[] = {{.fd = listening, .events = POLLIN},
		{.fd = ct_container_pidfd(made), .events = POLLIN}};

	for (;;) {
		if (poll(asked, 2, -1) < 0 && errno != EINTR)
			break;
		if (asked[1].revents)
			break;
		if (asked[0].revents) {
			int client = accept4(listening, NULL, NULL, SOCK_CLOEXEC);

			if (client >= 0)
				answer(box, made, client);
			if (client >= 0)
				close(client);
		}
	}
	_exit(0);
}

/* Nothing of the caller's stays open in the one that waits. */
static void let_go_of_caller(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
}

static void close_preserved(int64_t count)
{
	for (int fd = 3; fd < 3 + count; fd++)
		close(fd);
}

/* What the process does that is left behind. */
static void be_maker(struct box *box, const struct make_options *options, int report)
{
	ct_container *made = NULL;
	int listening, ret;

	/* Signals of the caller's terminal are not for this one. */
	setsid();
	prctl(PR_SET_NAME, "ct-oci-created");
	ret = make_here(box, options, &made);
	if (ret)
		_exit(1);
	listening = listen_for_start(box);
	if (listening < 0) {
		complain("start: %s", strerror(-listening));
		ct_container_free(made);
		_exit(1);
	}
	let_go_of_caller();
	close_preserved(options->preserve_fds);
	if (chdir("/") < 0 || write(report, "", 1) != 1) {
		ct_container_free(made); /* the caller was killed: nobody knows of it */
		_exit(1);
	}
	close(report);
	box_unlock(box);
	wait_for_start(box, made, listening);
}

int make_there(struct box *box, const struct make_options *options)
{
	int report[2];
	char byte;
	pid_t pid;
	ssize_t got;

	if (pipe2(report, O_CLOEXEC) < 0)
		return complain("pipe: %s", strerror(errno));
	signal(SIGPIPE, SIG_IGN);
	pid = fork();
	if (pid == 0) {
		close(report[0]);
		be_maker(box, options, report[1]);
		_exit(1);
	}
	close(report[1]);
	if (pid < 0)
		return complain("fork: %s", strerror(errno));
	do
		got = read(report[0], &byte, 1);
	while (got < 0 && errno == EINTR);
	close(report[0]);
	return got == 1 ? 0 : 1;
}

/* -------------------------------------------------------------- starting */

/* Passes on what was said. The last byte is the verdict. */
static int hear(int fd)
{
	int verdict = 1;
	char text[1024];
	ssize_t got;

	while ((got = read(fd, text, sizeof(text))) > 0) {
		if (text[got - 1] == '\1' || text[got - 1] == '\2')
			verdict = text[--got] == '\2' ? 0 : 1;
		if (got && write(STDERR_FILENO, text, (size_t)got) < 0)
			break;
	}
	return verdict;
}

int start_there(struct box *box)
{
	struct sockaddr_un address = address_of(box);
	char log[PATH_MAX] = "";
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int ret;

	if (globals.log && !realpath(globals.log, log))
		log[0] = '\0';
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		ret = complain("%s: whoever has created it is gone: %s", box->id, strerror(errno));
	} else {
		dprintf(fd, "%c%s", globals.log_json ? 'j' : 't', log);
		ret = hear(fd);
	}
	if (fd >= 0)
		close(fd);
	unlinkat(box->directory, "start", 0);
	return ret;
}

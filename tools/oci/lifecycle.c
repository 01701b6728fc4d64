/* SPDX-License-Identifier: MIT */
/* create, start, run, delete. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "commands.h"
#include "state.h"

/* How long a killed container is waited for. */
#define END_MS 10000

static int begin(struct box *box, const struct make_options *options, const char *id, char bundle[PATH_MAX])
{
	if (!realpath(options->bundle ? options->bundle : ".", bundle))
		return complain("bundle: %s: %s", options->bundle ? options->bundle : ".",
			strerror(errno));
	return box_new(box, id, bundle);
}

/* Kills what there is of it, and waits until it is gone. */
static int end(struct box *box)
{
	struct pollfd asked = {.fd = box_pidfd(box), .events = POLLIN};
	int ret = 0;

	if (asked.fd < 0)
		return 0;
	if (box->status == STATUS_PAUSED) {
		ct_container *container = NULL;

		if (box_load(box, &container) == 0 && ct_container_thaw(container, NULL) < 0)
			complain("%s: it cannot be let go on", box->id);
		ct_container_free(container);
	}
	if (syscall(SYS_pidfd_send_signal, asked.fd, SIGKILL, NULL, 0) < 0 && errno != ESRCH)
		ret = complain("%s: kill: %s", box->id, strerror(errno));
	else if (poll(&asked, 1, END_MS) == 0)
		ret = complain("%s: it was killed, and the kernel has not ended it yet", box->id);
	close(asked.fd);
	return ret;
}

/* Of a container that could not be made or started, or has ended, nothing is left. */
static void give_up(struct box *box)
{
	/* Once it was made there were hooks, which may have something to undo. */
	if (box->state) {
		box->status = STATUS_STOPPED;
		run_all_hooks(box, "poststop");
	}
	remove_cgroups(box);
	box_remove(box);
}

/* What create and run have in common. */
struct make_args {
	const char *preserve;
	bool detach, no_pivot, no_new_keyring, keep;
	struct make_options options;
};

static int take_make_options(int argc, char **argv, bool run, struct make_args *args)
{
	const struct option_row rows[] = {
		{"bundle", 'b', .text = &args->options.bundle},
		{"pid-file", 0, .text = &args->options.pid_file},
		{"console-socket", 0, .text = &args->options.console_socket},
		{"preserve-fds", 0, .text = &args->preserve},
		{"no-pivot", 0, .flag = &args->no_pivot},
		{"no-new-keyring", 0, .flag = &args->no_new_keyring},
		{run ? "detach" : NULL, 'd', .flag = &args->detach},
		{"keep", 0, .flag = &args->keep},
		{0},
	};
	int at = take_options(argc, argv, rows, 1, 1);

	if (at < 0)
		return at;
	if (args->no_pivot || args->no_new_keyring) {
		complain("--%s: containers have a root and a keyring of their own, always",
			args->no_pivot ? "no-pivot" : "no-new-keyring");
		return -1;
	}
	if (args->preserve && !to_number(args->preserve, 0, 120, &args->options.preserve_fds)) {
		complain("--preserve-fds: it is no number from 0 to 120");
		return -1;
	}
	return at;
}

int command_create(int argc, char **argv)
{
	struct make_args args = {0};
	char bundle[PATH_MAX];
	struct box box;
	int at = take_make_options(argc, argv, false, &args);
	int ret = at < 0 ? 1 : begin(&box, &args.options, argv[at], bundle);

	if (ret)
		return ret;
	ret = make_there(&box, &args.options);
	if (ret) {
		box_look(&box);
		give_up(&box);
	}
	box_close(&box);
	return ret;
}

static int start(struct box *box)
{
	int socket, ret;

	if (box->status != STATUS_CREATED)
		return complain("%s: it is %s, and cannot be started", box->id, status_name(box->status));
	ret = notify_listen(box, &socket);
	if (ret)
		return ret;
	ret = start_there(box);
	if (ret == 0) {
		box_look(box);
		ret = run_hooks(box, "poststart");
		if (ret)
			(void)end(box);
	}
	if (ret == 0) {
		box_unlock(box);
		notify_attend(box, socket);
		box_lock(box);
	}
	if (socket >= 0)
		close(socket);
	return ret;
}

int command_start(int argc, char **argv)
{
	const struct option_row rows[] = {{0}};
	struct box box;
	int at = take_options(argc, argv, rows, 1, 1);
	int ret = at < 0 ? 1 : box_open(&box, argv[at], true);

	if (ret)
		return ret;
	ret = start(&box);
	box_close(&box);
	return ret;
}

/* ------------------------------------------------------------------- run */

/* Beside what this process attends to. It ends with the container. */
static void attend_notify(struct box *box, int socket)
{
	if (socket >= 0 && fork() == 0) {
		notify_attend(box, socket);
		_exit(0);
	}
	if (socket >= 0)
		close(socket);
}

static int run_here(struct box *box, const struct make_args *args)
{
	ct_container *made = NULL;
	int terminal, socket = -1, ret = make_here(box, &args->options, &made);

	if (ret) {
		give_up(box);
		return ret;
	}
	terminal = ct_container_take_terminal(made);
	ret = notify_listen(box, &socket);
	if (ret == 0)
		ret = start_here(box, made);
	if (ret == 0) {
		box->status = STATUS_RUNNING;
		ret = run_hooks(box, "poststart");
	}
	if (ret == 0) {
		attend_notify(box, socket);
		box_unlock(box);
		ret = attend(made, terminal);
		box_lock(box);
	}
	ct_container_free(made);
	if (!args->keep) /* else there is a delete to come */
		give_up(box);
	if (terminal >= 0)
		close(terminal);
	return ret;
}

static int run_there(struct box *box, const struct make_args *args)
{
	int ret = make_there(box, &args->options);

	if (ret == 0) {
		box_look(box);
		ret = start(box);
	}
	if (ret) {
		box_look(box);
		give_up(box);
	}
	return ret;
}

int command_run(int argc, char **argv)
{
	struct make_args args = {0};
	char bundle[PATH_MAX];
	struct box box;
	int at = take_make_options(argc, argv, true, &args);
	int ret = at < 0 ? 1 : begin(&box, &args.options, argv[at], bundle);

	if (ret)
		return ret;
	ret = args.detach ? run_there(&box, &args) : run_here(&box, &args);
	box_close(&box);
	return ret;
}

/* ---------------------------------------------------------------- delete */

static int delete(struct box *box, bool force)
{
	int ret = 0;

	if ((box->status == STATUS_RUNNING || box->status == STATUS_PAUSED) && !force)
		return complain("%s: it is %s: kill it first, or say --force", box->id,
			status_name(box->status));
	ret = end(box);
	if (ret)
		return ret;
	box->status = STATUS_STOPPED;
	run_all_hooks(box, "poststop");
	(void)ct_state_remove(box->directory, "box", NULL); /* and its cgroup; there may be none */
	remove_cgroups(box);
	return box_remove(box);
}

int command_delete(int argc, char **argv)
{
	bool force = false;
	const struct option_row rows[] = {{"force", 'f', .flag = &force}, {0}};
	struct box box;
	int at = take_options(argc, argv, rows, 1, 1);
	int ret;

	if (at < 0)
		return 1;
	if (force && access(globals.root, F_OK) == 0 && faccessat(AT_FDCWD, globals.root, X_OK, 0) == 0) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%s/%s", globals.root, argv[at]);
		if (access(path, F_OK) < 0 && errno == ENOENT)
			return 0; /* as callers expect: it is gone */
	}
	ret = box_open(&box, argv[at], true);
	if (ret)
		return ret;
	ret = delete(&box, force);
	box_close(&box);
	return ret;
}

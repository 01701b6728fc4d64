/* SPDX-License-Identifier: MIT */
/* kill, pause, resume. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "commands.h"
#include "state.h"

#define PIDS_LIMIT 65536
#define FREEZE_MS 10000

static int kill_first(const struct box *box, int signal)
{
	int fd = box_pidfd(box), ret = 0;

	if (fd < 0)
		return complain("%s: container not running", box->id);
	if (syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0) < 0)
		ret = complain("%s: kill: %s", box->id, strerror(errno));
	close(fd);
	return ret;
}

static int kill_all(struct box *box, int signal)
{
	pid_t *pids = calloc(PIDS_LIMIT, sizeof(*pids));
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;
	int count, ret = pids ? box_load(box, &container) : complain("out of memory");

	if (ret == 0) {
		count = ct_container_processes(container, pids, PIDS_LIMIT, &err);
		if (count < 0)
			ret = complain_of(&err);
		for (int i = 0; i < count && i < PIDS_LIMIT; i++)
			if (kill(pids[i], signal) < 0 && errno != ESRCH)
				ret = complain("%s: kill: %s", box->id, strerror(errno));
	}
	ct_container_free(container);
	free(pids);
	return ret;
}

int command_kill(int argc, char **argv)
{
	bool all = false;
	const struct option_row rows[] = {{"all", 'a', .flag = &all}, {0}};
	struct box box;
	int signal, ret, at = take_options(argc, argv, rows, 1, 2);

	if (at < 0)
		return 1;
	signal = argv[at + 1] ? to_signal(argv[at + 1]) : SIGTERM;
	if (!signal)
		return complain("kill: there is no signal %s", argv[at + 1]);
	ret = box_open(&box, argv[at], false);
	if (ret)
		return ret;
	if (all && box.status == STATUS_STOPPED)
		ret = 0; /* all of none */
	else if (all && box.status != STATUS_CREATED)
		ret = kill_all(&box, signal);
	else
		ret = kill_first(&box, signal);
	box_close(&box);
	return ret;
}

static int freeze(int argc, char **argv, enum status from,
	int (*change)(ct_container *container, ct_error *err))
{
	const struct option_row rows[] = {{0}};
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;
	struct box box;
	int at = take_options(argc, argv, rows, 1, 1);
	int ret = at < 0 ? 1 : box_open(&box, argv[at], true);

	if (ret)
		return ret;
	if (box.status != from)
		ret = complain("%s: it is %s", box.id, status_name(box.status));
	else
		ret = box_load(&box, &container);
	if (ret == 0 && change(container, &err) < 0)
		ret = complain_of(&err);
	ct_container_free(container);
	box_close(&box);
	return ret;
}

static int stop(ct_container *container, ct_error *err)
{
	return ct_container_freeze(container, FREEZE_MS, err);
}

int command_pause(int argc, char **argv)
{
	return freeze(argc, argv, STATUS_RUNNING, stop);
}

int command_resume(int argc, char **argv)
{
	return freeze(argc, argv, STATUS_PAUSED, ct_container_thaw);
}

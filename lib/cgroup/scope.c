/* SPDX-License-Identifier: MIT */
/* A scope of systemd's and its keeper; see scope.h. */
#include "cgroup/scope.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "error/error.h"
#include "spawn/clone.h"
#include "spawn/plan.h"
#include "spawn/talk.h"
#include "sys/openat2.h"
#include "sys/procfs.h"
#include "util/clock.h"
#include "util/fd.h"

#define LIMIT_MS 10000
#define PAUSE_NS 1000000

static int start_keeper(struct ct__scope *ret_scope, ct_error *err)
{
	CT__AUTO_CLOSE int stage = ct__stage_open(false);
	const char *call = "socketpair";
	struct ct__child child;
	int pair[2], ret;

	if (stage < 0)
		return ct__fail(err, CT_STEP_STAGE, stage, "memfd_create", "stage");
	ret = ct__talk_pair(pair);
	if (ret >= 0) {
		ret = ct__clone_stage(stage, pair[1], 0, 0, false, NULL, &child, &call);
		ct__close(&pair[1]);
		if (ret < 0)
			ct__close(&pair[0]);
	}
	if (ret < 0)
		return ct__fail(err, CT_STEP_CLONE, ret, call, "keeper of a scope");
	ret_scope->pid = child.pid;
	ret_scope->pidfd = child.pidfd;
	ret_scope->socket = pair[0];
	ret_scope->host = getpid();
	return 0;
}

void ct__scope_release(struct ct__scope *scope)
{
	if (!scope->pid)
		return;
	if (scope->host == getpid()) {
		/* Reaches the process even if a forked copy of the host still has the socket. */
		if (shutdown(scope->socket, SHUT_RDWR) < 0)
			syscall(SYS_pidfd_send_signal, scope->pidfd, SIGKILL, NULL, 0);
		ct__reap(scope->pidfd);
	}
	ct__close(&scope->socket);
	ct__close(&scope->pidfd);
	scope->pid = 0;
}

/* Whether the keeper is in a cgroup of that name, in any hierarchy. */
static bool is_in_scope(int proc, pid_t pid, const char *name)
{
	CT__AUTO_FREE char *text = NULL;
	size_t length = strlen(name);
	char path[32];

	snprintf(path, sizeof(path), "%d/cgroup", pid);
	if (ct__procfs_read_all(proc, path, &text) < 0)
		return false;
	for (const char *at = text; (at = strstr(at, name)) != NULL; at += length)
		if (at > text && at[-1] == '/' && (at[length] == '\n' || at[length] == '\0'))
			return true;
	return false;
}

/* The answer to the call tells that systemd has begun; that it has done it, the kernel tells. */
static int await_scope(int proc, pid_t pid, const char *name)
{
	uint64_t deadline = ct__deadline_in(LIMIT_MS);
	const struct timespec pause = {.tv_nsec = PAUSE_NS};

	while (!is_in_scope(proc, pid, name)) {
		if (ct__ms_until(deadline) == 0)
			return -ETIMEDOUT;
		nanosleep(&pause, NULL);
	}
	return 0;
}

int ct__scope_make(int proc, const char *bus, const char *prefix, struct ct__scope *ret_scope, ct_error *err)
{
	struct ct__scope scope = {0};
	char address[64], why[256] = "";
	uint64_t number;
	int ret;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		return ct__fail(err, CT_STEP_LIMIT, -EAGAIN, "getrandom", "name of a scope");
	snprintf(scope.name, sizeof(scope.name), "%s%016" PRIx64 ".scope", prefix, number);
	if (geteuid() == 0)
		snprintf(address, sizeof(address), "unix:path=/run/dbus/system_bus_socket");
	else
		snprintf(address, sizeof(address), "unix:path=/run/user/%u/bus", geteuid());
	if (!*bus)
		bus = address;
	ret = start_keeper(&scope, err);
	if (ret < 0)
		return ret;
	ret = ct__systemd_start_scope(bus, scope.name, scope.pid, why, sizeof(why));
	if (ret < 0) {
		ret = ct__fail_because(err, CT_STEP_LIMIT, ret, *why ? why : ct__errno_words(ret),
			"scope of systemd, bus %s", bus);
		ct__error_set_call(err, "sd_bus_call");
	} else if ((ret = await_scope(proc, scope.pid, scope.name)) < 0) {
		ret = ct__fail_because(err, CT_STEP_LIMIT, ret, "systemd has not made it in 10 seconds",
			"scope of systemd, %s", scope.name);
	}
	if (ret < 0)
		ct__scope_release(&scope);
	else
		*ret_scope = scope;
	return ret;
}

bool ct__scope_is(const struct ct__scope *scope, const char *path)
{
	const char *last = strrchr(path, '/');

	return scope->pid && last && strcmp(last + 1, scope->name) == 0;
}

int ct__scope_clear(const struct ct__scope *scope, int dir)
{
	CT__AUTO_CLOSE int procs = -EBADF;
	char text[16];

	if (mkdirat(dir, CT__SCOPE_KEEPER, 0755) < 0)
		return -errno;
	procs = ct__openat(dir, CT__SCOPE_KEEPER "/cgroup.procs", O_WRONLY, 0);
	if (procs < 0)
		return procs;
	snprintf(text, sizeof(text), "%d", scope->pid);
	return write(procs, text, strlen(text)) < 0 ? -errno : 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Hold of all processes of a group at once: stopping, letting go, killing. v2 has files
 * for that in every hierarchy it is mounted in, also where all controllers are v1's.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cgroup/group.h"
#include "error/error.h"
#include "sys/pidfd.h"
#include "sys/procfs.h"
#include "util/clock.h"
#include "util/fd.h"
#include "util/proc_text.h"

#define LOOK_MS 2

static int write_word(const struct ct__group *group, const struct ct__place *place,
	const char *file, const char *word)
{
	CT__AUTO_CLOSE int fd = ct__group_open(group, place, file, O_WRONLY);

	if (fd < 0)
		return fd;
	return write(fd, word, strlen(word)) < 0 ? -errno : 0;
}

static int read_text(int fd, char *text, size_t size)
{
	ssize_t length = pread(fd, text, size - 1, 0);

	if (length < 0)
		return -errno;
	text[length] = '\0';
	return 0;
}

/* How a hierarchy freezes. */
struct freezer {
	const struct ct__place *place;
	const char *file, *freeze, *thaw; /* what to write */
	const char *told, *frozen; /* where and by which words it tells that all stand still */
};

static int find_freezer(const struct ct__group *group, struct freezer *ret_freezer, ct_error *err)
{
	*ret_freezer = (struct freezer){ct__group_unified(group->plan), "cgroup.freeze", "1", "0",
		"cgroup.events", "frozen 1"};
	if (ret_freezer->place)
		return 0;
	*ret_freezer = (struct freezer){ct__group_place(group->plan, CONTROLLER_FREEZER),
		"freezer.state", "FROZEN", "THAWED", "freezer.state", "FROZEN"};
	if (ret_freezer->place)
		return 0;
	return ct__fail_because(err, CT_STEP_LIMIT, -EOPNOTSUPP,
		"neither cgroup v2 nor the freezer of v1 is mounted", "freezer");
}

bool ct__group_freeze_holds(const struct ct__group *group)
{
	return !ct__group_unified(group->plan) && ct__group_place(group->plan, CONTROLLER_FREEZER);
}

/* v1 tells of no change, v2 does (POLLPRI); looking from time to time serves both. */
static int wait_until_frozen(
	const struct ct__group *group, const struct freezer *freezer, int timeout_ms)
{
	CT__AUTO_CLOSE int fd = ct__group_open(group, freezer->place, freezer->told, O_RDONLY);
	uint64_t deadline = ct__deadline_in(timeout_ms);
	char text[256];

	if (fd < 0)
		return fd;
	for (;;) {
		struct pollfd changed = {
			.fd = freezer->place->unified ? fd : -1, .events = POLLPRI};
		int ret = read_text(fd, text, sizeof(text));

		if (ret < 0)
			return ret;
		if (strstr(text, freezer->frozen))
			return 0;
		if (ct__ms_until(deadline) == 0)
			return -ETIMEDOUT;
		if (poll(&changed, 1, LOOK_MS) < 0)
			return -errno;
	}
}

int ct__group_freeze(const struct ct__group *group, int timeout_ms, ct_error *err)
{
	struct freezer freezer;
	int ret = find_freezer(group, &freezer, err);

	if (ret < 0)
		return ret;
	ret = write_word(group, freezer.place, freezer.file, freezer.freeze);
	if (ret < 0)
		return ct__fail(
			err, CT_STEP_LIMIT, ret, "write", "%s of %s", freezer.file, group->path);
	ret = wait_until_frozen(group, &freezer, timeout_ms);
	if (ret < 0) {
		(void)write_word(group, freezer.place, freezer.file, freezer.thaw);
		return ct__fail(
			err, CT_STEP_LIMIT, ret, "read", "%s of %s", freezer.told, group->path);
	}
	return 0;
}

int ct__group_thaw(const struct ct__group *group, ct_error *err)
{
	struct freezer freezer;
	int ret = find_freezer(group, &freezer, err);

	if (ret < 0)
		return ret;
	ret = write_word(group, freezer.place, freezer.file, freezer.thaw);
	if (ret < 0)
		return ct__fail(
			err, CT_STEP_LIMIT, ret, "write", "%s of %s", freezer.file, group->path);
	return 0;
}

/* ------------------------------------------------------------------ killing */

static bool is_listed(const char *text, pid_t pid)
{
	char line[16];
	size_t length = (size_t)snprintf(line, sizeof(line), "%d\n", pid);

	for (const char *at = text; at && *at; at = strchr(at, '\n'), at = at ? at + 1 : NULL)
		if (strncmp(at, line, length) == 0)
			return true;
	return false;
}

struct victim {
	pid_t pid;
	int pidfd;
};

static int open_victims(const char *text, ct__array *victims)
{
	for (const char *at = text; at && *at; at = strchr(at, '\n'), at = at ? at + 1 : NULL) {
		struct victim victim = {.pid = (pid_t)atoi(at)};

		if (victim.pid <= 0) /* of a pid namespace that we do not see */
			continue;
		victim.pidfd = ct__pidfd_open(victim.pid);
		if (victim.pidfd < 0)
			continue;
		if (ct__array_add(victims, &victim, sizeof(victim)) < 0) {
			close(victim.pidfd);
			return -ENOMEM;
		}
	}
	return 0;
}

/*
 * Before Linux 5.14. A process that is listed a second time, after its pidfd was opened,
 * is the one that the pidfd stands for, or its successor in the same group.
 */
static void kill_listed(const struct ct__group *group, const struct ct__place *place)
{
	CT__AUTO_FREE char *first = NULL, *second = NULL;
	CT__AUTO_CLOSE int dir = ct__group_open(group, place, ".", O_RDONLY | O_DIRECTORY);
	ct__array victims = {0};
	bool sure;

	if (dir < 0 || ct__procfs_read_all(dir, "cgroup.procs", &first) < 0)
		return;
	sure = open_victims(first, &victims) == 0 &&
	       ct__procfs_read_all(dir, "cgroup.procs", &second) == 0;
	ct__array_for_each(struct victim, victim, &victims)
	{
		if (sure && is_listed(second, victim->pid))
			syscall(SYS_pidfd_send_signal, victim->pidfd, SIGKILL, NULL, 0);
		close(victim->pidfd);
	}
	ct__array_done(&victims);
}

void ct__group_kill(const struct ct__group *group)
{
	const struct ct__place *unified = ct__group_unified(group->plan);
	const struct ct__place *freezer = ct__group_place(group->plan, CONTROLLER_FREEZER);

	if (unified && write_word(group, unified, "cgroup.kill", "1") == 0)
		return;
	/* Who stands still forks no more; who is let go then finds its death waiting. */
	if (freezer)
		(void)write_word(group, freezer, "freezer.state", "FROZEN");
	ct__array_for_each(struct ct__place, place, &group->plan->places) kill_listed(group, place);
	if (freezer)
		(void)write_word(group, freezer, "freezer.state", "THAWED");
}

/* SPDX-License-Identifier: MIT */
/*
 * ct_container: wait, kill, detach, getters, free. How it is made is in spawn.c.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clone.h"
#include "container.h"
#include "error/error.h"
#include "events/events.h"
#include "keeper.h"
#include "plan.h"
#include "seccomp/seccomp.h"
#include "trace/trace.h"
#include "util/clock.h"
#include "util/fd.h"
#include "visitors.h"

#define FREE_LIMIT_MS	 2000
#define LATE_LIMIT_MS	 1000
#define RELEASE_LIMIT_MS 100
#define HELD_LOOK_MS	 10

int ct__container_new(ct_container **ret_box)
{
	ct_container *box = calloc(1, sizeof(*box));

	if (!box)
		return -ENOMEM;
	if (pthread_mutex_init(&box->lock, NULL) != 0) {
		free(box);
		return -ENOMEM;
	}
	box->host = getpid();
	box->pidfd = box->wire = box->terminal = box->notify = box->verdict = box->announce = box->init_end = -EBADF;
	for (int stream = 0; stream < 3; stream++)
		box->stdio[stream] = -EBADF;
	box->how = (ct_exit)CT_EXIT_INIT;
	*ret_box = box;
	return 0;
}

/* ------------------------------------------------------------- the end */

/* The kernel's struct pidfd_info of Linux 6.15, as far as its exit code. */
struct pidfd_exit_info {
	uint64_t mask;
	uint64_t cgroup;
	uint32_t ids[11];
	int32_t exit_code;
};

#define PIDFD_EXIT_MASK (UINT64_C(1) << 3)
#define PIDFD_GET_EXIT	_IOWR(0xff, 11, struct pidfd_exit_info)

static void set_status(ct_exit *how, int status)
{
	how->code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	how->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	how->core_dumped = WIFSIGNALED(status) && WCOREDUMP(status);
}

static int ask_exit(ct_container *box, struct pidfd_exit_info *ret_info)
{
	*ret_info = (struct pidfd_exit_info){.mask = PIDFD_EXIT_MASK};
	return ioctl(box->pidfd, PIDFD_GET_EXIT, ret_info) < 0 ? -errno : 0;
}

/*
 * The host reaped our child itself. The kernel remembers since Linux 6.15, from
 * the moment at which the child is released: a little after our own wait fails.
 */
static void ask_pidfd(ct_container *box)
{
	struct pollfd released = {.fd = box->pidfd};
	struct pidfd_exit_info info;
	int ret = ask_exit(box, &info);

	if (ret != -ENOTTY && (ret < 0 || !(info.mask & PIDFD_EXIT_MASK))) {
		poll(&released, 1, RELEASE_LIMIT_MS); /* POLLHUP, which is not asked for but told */
		ret = ask_exit(box, &info);
	}
	if (ret == 0 && (info.mask & PIDFD_EXIT_MASK)) {
		set_status(&box->how, info.exit_code);
		return;
	}
	box->how.code = -1;
	box->how.lost = 1;
}

/* An init that was killed itself has said nothing: then its own end is the container's. */
static void take_init_word(ct_container *box)
{
	uint64_t word = 0;

	if (box->init_end >= 0 && read(box->init_end, &word, sizeof(word)) == (ssize_t)sizeof(word) && word) {
		set_status(&box->how, (int)(word - 1));
		box->how.lost = 0;
	}
}

static uint64_t microseconds(const struct timeval *time)
{
	return (uint64_t)time->tv_sec * 1000000 + (uint64_t)time->tv_usec;
}

/* What the group tells is the container's to the end: nobody else was ever in it. */
static void look_at_group(ct_container *box)
{
	ct_figures *figures = &box->how.figures;

	ct__group_figures(&box->group, figures);
	if (box->how.signal != SIGKILL || figures->oom_kills == CT_NOT_KNOWN || !figures->oom_kills)
		return;
	box->how.oom = figures->memory_max_count != CT_NOT_KNOWN && figures->memory_max_count ? CT_OOM_LIMIT :
												CT_OOM_HOST;
}

void ct__container_look(ct_container *box)
{
	struct rusage usage = {0};
	siginfo_t info = {0};
	long ret;

	if (box->ended || box->pidfd < 0 || ct__poll_now(box->pidfd, POLLIN) <= 0)
		return;
	/* The raw call gives the resources that this one child used, which waitid(3) does not. */
	do
		ret = syscall(SYS_waitid, P_PIDFD, box->pidfd, &info, WEXITED | WNOHANG, &usage);
	while (ret < 0 && errno == EINTR);
	if (ret == 0 && info.si_pid == 0)
		return;
	if (ret < 0)
		ask_pidfd(box);
	else if (info.si_code == CLD_EXITED)
		box->how.code = info.si_status;
	else
		set_status(&box->how, info.si_status | (info.si_code == CLD_DUMPED ? 0x80 : 0));
	take_init_word(box);
	box->how.wall_us = box->started_us ? ct__now_us() - box->started_us : 0;
	box->how.user_us = microseconds(&usage.ru_utime);
	box->how.system_us = microseconds(&usage.ru_stime);
	if (usage.ru_maxrss > box->rss_floor_kib)
		box->how.max_rss_bytes = (uint64_t)usage.ru_maxrss * 1024;
	/* Figures are dear where there are many cgroups: the kernel adds up those of all of them. */
	if (box->group.plan && !box->freed)
		look_at_group(box);
	ct__end_explain(box);
	box->ended = true;
}

bool ct__container_has_ended(const ct_container *box)
{
	return box->ended || (box->pidfd >= 0 && ct__poll_now(box->pidfd, POLLIN) > 0);
}

/*
 * Waits until there is something to look at: the process has ended, or one that joined
 * it, which is reaped then; or until the time is over. 0 or -EINTR.
 *
 * held: the process has ended, but a look did not find it so. A tracer keeps that from us,
 * a process of the container that may do so; it is told by nothing when it lets go.
 */
static int wait_for_news(int pidfd, bool held, struct ct__visitors *visitors, int timeout_ms)
{
	struct pollfd news[2] = {
		{.fd = held ? -1 : pidfd, .events = POLLIN},
		{.fd = ct__visitors_fd(visitors), .events = POLLIN},
	};
	int ret;

	if (held && (timeout_ms < 0 || timeout_ms > HELD_LOOK_MS))
		timeout_ms = HELD_LOOK_MS;
	ret = poll(news, 2, timeout_ms);
	if (ret < 0)
		return -errno;
	if (news[1].revents)
		ct__visitors_reap(visitors);
	return 0;
}

/* Waits for the end of the process. Call with the lock held; it is let go while waiting. */
static int wait_for_end(ct_container *box, uint64_t deadline)
{
	bool held = false;
	int ret = 0;

	ct__container_look(box);
	while (!box->ended && ret == 0) {
		struct ct__visitors *visitors;
		int timeout_ms = ct__ms_until(deadline);

		if (timeout_ms == 0)
			return -ETIMEDOUT;
		/* If it cannot be made: those that join from now on are not seen. */
		(void)ct__visitors_prepare(box);
		visitors = box->visitors;
		pthread_mutex_unlock(&box->lock);
		ret = wait_for_news(box->pidfd, held, visitors, timeout_ms);
		pthread_mutex_lock(&box->lock);
		held = ct__poll_now(box->pidfd, POLLIN) > 0;
		ct__container_look(box);
	}
	return box->ended ? 0 : ret;
}

int ct_wait(ct_container *box, int timeout_ms, ct_exit *ret_exit, ct_error *err)
{
	int ret;

	if (!box || timeout_ms < CT_FOREVER || (ret_exit && ret_exit->size < sizeof(ct_exit)))
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL,
			"it is NULL, or an argument is out of range", "container");
	pthread_mutex_lock(&box->lock);
	ret = wait_for_end(box, ct__deadline_in(timeout_ms));
	if (ret == 0 && ret_exit) {
		uint32_t size = ret_exit->size;

		*ret_exit = box->how;
		ret_exit->size = size;
	}
	pthread_mutex_unlock(&box->lock);
	return ret < 0 ? ct__fail(err, CT_STEP_WAIT, ret, "poll", "process %d", box->pid) : 0;
}

void ct__container_thaw_dying(ct_container *box)
{
	if (box->group.plan && ct__group_freeze_holds(&box->group))
		(void)ct__group_thaw(&box->group, NULL);
}

int ct_kill(ct_container *box, int signal, ct_error *err)
{
	bool ended;

	if (!box || signal < 1 || signal > 64)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "there is no such signal",
			"signal %d", signal);
	/* The kernel takes a signal for a process that has ended as long as nobody waited for it. */
	pthread_mutex_lock(&box->lock);
	ct__container_look(box);
	ended = box->ended;
	box->sent |= UINT64_C(1) << (signal - 1);
	pthread_mutex_unlock(&box->lock);
	if (ended)
		return ct__fail(err, CT_STEP_KILL, -ESRCH, NULL, "process %d", box->pid);
	if (syscall(SYS_pidfd_send_signal, box->pidfd, signal, NULL, 0) < 0)
		return ct__fail(err, CT_STEP_KILL, -errno, "pidfd_send_signal", "process %d",
			box->pid);
	if (signal == SIGKILL)
		ct__container_thaw_dying(box);
	return 0;
}

int ct_detach(ct_container *box, ct_error *err)
{
	int ret = 0;

	if (!box)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is NULL", "container");
	pthread_mutex_lock(&box->lock);
	if (!box->started)
		ret = ct__fail_because(err, CT_STEP_DETACH, -EINVAL, "it was not started",
			"process %d", box->pid);
	else if (ct__container_has_ended(box))
		ret = ct__fail(err, CT_STEP_DETACH, -ESRCH, NULL, "process %d", box->pid);
	else if (!box->detached)
		ret = ct__keeper_release(box->keeper, box->keeper_id);
	if (ret == -EPIPE || ret == -ECONNRESET)
		ret = ct__fail(err, CT_STEP_DETACH, -EPIPE, "sendmsg", "keeper");
	if (ret >= 0)
		box->detached = true;
	pthread_mutex_unlock(&box->lock);
	return ret;
}

/* --------------------------------------------------------------- getters */

pid_t ct_container_pid(const ct_container *box)
{
	return box ? box->pid : -EINVAL;
}

int ct_container_pidfd(const ct_container *box)
{
	return box ? box->pidfd : -EINVAL;
}

static int copy_map(const ct__array *map, ct_id_range *ret_ranges, size_t room)
{
	if (!map || (room && !ret_ranges))
		return -EINVAL;
	ct__array_for_each(const struct ct__id_range, range, map) {
		if (!room--)
			break;
		*ret_ranges++ = (ct_id_range){range->inside, range->outside, range->count};
	}
	return (int)map->count;
}

int ct_container_uid_map(const ct_container *box, ct_id_range *ret_ranges, size_t room)
{
	return copy_map(box ? &box->uid_map : NULL, ret_ranges, room);
}

int ct_container_gid_map(const ct_container *box, ct_id_range *ret_ranges, size_t room)
{
	return copy_map(box ? &box->gid_map : NULL, ret_ranges, room);
}

int ct_container_take_stdio(ct_container *box, int stream)
{
	if (!box || stream < 0 || stream > 2)
		return -EINVAL;
	if (box->stdio[stream] < 0)
		return -ENOENT;
	return ct__take_fd(&box->stdio[stream]);
}

/* ------------------------------------------------------------------ free */

/* Ends the process and forgets it. What the kernel cannot end in time is left to it. */
void ct__container_reap_late(ct_container *box, int limit_ms)
{
	uint64_t deadline = ct__deadline_in(limit_ms);
	int *late = box->late.items;
	size_t kept = 0;

	for (size_t i = 0; i < box->late.count; i++) {
		if (!ct__ends_in(late[i], ct__ms_until(deadline))) {
			late[kept++] = late[i];
			continue;
		}
		ct__reap(late[i]);
		ct__close(&late[i]);
	}
	box->late.count = kept;
}

static void end_process(ct_container *box)
{
	uint64_t deadline = ct__deadline_in(FREE_LIMIT_MS);

	pthread_mutex_lock(&box->lock);
	box->freed = true;
	ct__container_look(box);
	if (!box->ended && !box->detached) {
		syscall(SYS_pidfd_send_signal, box->pidfd, SIGKILL, NULL, 0);
		ct__container_thaw_dying(box);
		while (wait_for_end(box, deadline) == -EINTR)
			;
	}
	/* What kept them was a process of the container, as a rule. */
	ct__container_reap_late(box, LATE_LIMIT_MS);
	pthread_mutex_unlock(&box->lock);
}

void ct_container_free(ct_container *box)
{
	if (!box)
		return;
	ct__events_forget(box);
	ct__close(&box->wire);
	if (box->pidfd >= 0 && box->host == getpid())
		end_process(box);
	if ((box->detached && !box->ended) || box->host != getpid())
		ct__group_forget(&box->group);
	ct__group_remove(&box->group, FREE_LIMIT_MS);
	ct__visitors_leave(box->guest_of, box);
	ct__visitors_unref(box->visitors);
	ct__close(&box->pidfd);
	ct__close(&box->verdict);
	ct__close(&box->announce);
	ct__close(&box->init_end);
	for (int stream = 0; stream < 3; stream++)
		ct__close(&box->stdio[stream]);
	ct__close(&box->terminal);
	ct__close(&box->notify);
	ct__keeper_unref(box->keeper);
	ct__plan_unref(box->plan);
	ct__trace_free(box->trace);
	ct__array_done(&box->uid_map);
	ct__array_done(&box->gid_map);
	ct__array_done(&box->lacks);
	ct__array_for_each(struct ct__added_mount, mount, &box->mounts)
		free(mount->target);
	ct__array_done(&box->mounts);
	ct__array_for_each(int, late, &box->late)
		ct__close(late);
	ct__array_done(&box->late);
	ct__filter_unref(box->filter);
	ct__landlock_unref(box->landlock);
	pthread_mutex_destroy(&box->lock);
	free(box);
}

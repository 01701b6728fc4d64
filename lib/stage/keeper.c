/* SPDX-License-Identifier: MIT */
/*
 * The keeper: the same program as a stage, with another duty. It holds pidfds of
 * the containers that one host started and ends them when the host is gone: its
 * process (pidfd readable) or its last handle (socket closed). It also ends those
 * that have used up their time, whatever the host is doing then.
 *
 * Who: a child of the host, outside of every container, with the host's rights
 * and none of its memory. PR_SET_PDEATHSIG would not do: it fires when the
 * thread that made a container ends, and is lost when the container changes ids.
 */
#include "stage.h"

#include <linux/eventpoll.h>
#include <linux/prctl.h>

#define SIGKILL	      9
#define RLIMIT_NOFILE 7
#define EPOLL_ADD     1
#define EPOLL_DEL     2
#define READABLE      1u
#define FDS_MAX	      (1u << 20)

#define CLOCK_MONOTONIC 1
#define TIMER_ABSOLUTE	1 /* TFD_TIMER_ABSTIME */
#define SECOND		UINT64_C(1000000000)
#define LOOK_NS		UINT64_C(2000000) /* cpu time is looked at no oftener */

/* A container, by its pidfd. */
struct kept {
	uint64_t id;	/* 0: there is none */
	uint64_t timer; /* 0: its time is not limited */
};

/* A container whose time is limited, by its timer. */
struct timed {
	int pidfd;			/* 0: there is none */
	int verdict, usage, kill, thaw; /* -1: there is no such file */
	uint64_t deadline_ns, cpu_ns, cpus;
};

/* Both tables are indexed by descriptor; untouched pages of them take no memory. */
struct keeper {
	int control, host, poll;
	int highest; /* descriptor in kept */
	struct kept *kept;
	struct timed *timed; /* NULL: there was no need for it yet */
};

static void *reserve(size_t size)
{
	long ret = sys6(__NR_mmap, 0, (long)size, 3 /* PROT_READ|PROT_WRITE */,
		0x4022 /* MAP_PRIVATE|MAP_ANONYMOUS|MAP_NORESERVE */, -1, 0);

	return ret < 0 && ret > -4096 ? NULL : (void *)ret; // NOLINT: the kernel returns an address
}

static long watch(struct keeper *keeper, int fd)
{
	struct epoll_event event = {.events = READABLE, .data = (uint64_t)fd};

	return sys(__NR_epoll_ctl, keeper->poll, EPOLL_ADD, fd, &event, 0);
}

/*
 * Closing alone would not end the watch: the host has the same open file. Its
 * event would come again, for whatever container has the number by then.
 */
static void close_watched(struct keeper *keeper, int fd)
{
	sys(__NR_epoll_ctl, keeper->poll, EPOLL_DEL, fd, 0, 0);
	sys_close(fd);
}

static void close_all(const int fds[], unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		if (fds[i] >= 0)
			sys_close(fds[i]);
}

static void kill(int pidfd)
{
	sys(__NR_pidfd_send_signal, pidfd, SIGKILL, 0, 0, 0);
}

/* --------------------------------------------------------- limits of time */

static uint64_t now_ns(void)
{
	uint64_t now[2] = {0, 0};

	sys(__NR_clock_gettime, CLOCK_MONOTONIC, now, 0, 0, 0);
	return now[0] * SECOND + now[1];
}

/* Nanoseconds of cpu time: the file is "N", or begins with "usage_usec N". */
static uint64_t used_ns(int file)
{
	static const char key[] = "usage_usec ";
	char text[128] = "";
	uint64_t value = 0, unit = 1;
	const char *at = text;

	sys(__NR_pread64, file, text, sizeof(text) - 1, 0, 0);
	if (*at == key[0]) {
		at += sizeof(key) - 1;
		unit = 1000;
	}
	for (; *at >= '0' && *at <= '9'; at++)
		value = value * 10 + (uint64_t)(*at - '0');
	return value * unit;
}

static void condemn(const struct timed *timed, uint64_t verdict)
{
	sys_write(timed->verdict, &verdict, sizeof(verdict));
	kill(timed->pidfd);
	if (timed->kill >= 0)
		sys_write(timed->kill, "1", 1);
	if (timed->thaw >= 0)
		sys_write(timed->thaw, "THAWED", 6);
}

/*
 * Ends the container if its time is over; else looks again at the first instant at
 * which it can be: when all of its processors have worked for it until then.
 */
static void judge(const struct keeper *keeper, int timer)
{
	const struct timed *timed = &keeper->timed[timer];
	uint64_t now = now_ns(), next = timed->deadline_ns;
	uint64_t setting[4] = {0, 0, 0, 0};

	if (now >= timed->deadline_ns) {
		condemn(timed, KEEPER_WALL);
		return;
	}
	if (timed->usage >= 0) {
		uint64_t used = used_ns(timed->usage), wait;

		if (used >= timed->cpu_ns) {
			condemn(timed, KEEPER_CPU);
			return;
		}
		wait = (timed->cpu_ns - used) / timed->cpus;
		if (wait < LOOK_NS)
			wait = LOOK_NS;
		if (wait < next - now)
			next = now + wait;
	}
	setting[2] = next / SECOND;
	setting[3] = next % SECOND;
	if (next != UINT64_MAX &&
		sys(__NR_timerfd_settime, timer, TIMER_ABSOLUTE, setting, 0, 0) < 0)
		condemn(timed, KEEPER_BLIND);
}

static struct timed timed_of(const struct keeper_message *message, int pidfd, const int fds[])
{
	struct timed timed = {pidfd, fds[0], -1, -1, -1, message->deadline_ns, message->cpu_ns,
		message->cpus ? message->cpus : 1};
	unsigned int used = 1;

	if (message->files & KEEPER_USAGE)
		timed.usage = fds[used++];
	if (message->files & KEEPER_KILL)
		timed.kill = fds[used++];
	if (message->files & KEEPER_THAW)
		timed.thaw = fds[used++];
	return timed;
}

static void drop_timer(struct keeper *keeper, struct kept *kept)
{
	struct timed *timed;

	if (!kept->timer)
		return;
	timed = &keeper->timed[kept->timer];
	close_all((const int[]){timed->verdict, timed->usage, timed->kill, timed->thaw}, 4);
	timed->pidfd = 0;
	close_watched(keeper, (int)kept->timer);
	kept->timer = 0;
}

static void set_timer(struct keeper *keeper, const struct timed *timed)
{
	long timer = sys(__NR_timerfd_create, CLOCK_MONOTONIC, O_CLOEXEC | O_NONBLOCK, 0, 0, 0);

	if (!keeper->timed)
		keeper->timed = reserve(FDS_MAX * sizeof(struct timed));
	if (!keeper->timed || timer < 0 || timer >= FDS_MAX || watch(keeper, (int)timer) < 0) {
		condemn(timed, KEEPER_BLIND);
		close_all((const int[]){timed->verdict, timed->usage, timed->kill, timed->thaw,
				  (int)timer},
			5);
		return;
	}
	keeper->timed[timer] = *timed;
	keeper->kept[timed->pidfd].timer = (uint64_t)timer;
	judge(keeper, (int)timer);
}

/* --------------------------------------------------------- the containers */

/* A failure to watch kills at once what could not be watched: never unguarded. */
static void add(struct keeper *keeper, int pidfd, uint64_t id)
{
	if ((unsigned int)pidfd >= FDS_MAX || watch(keeper, pidfd) < 0) {
		kill(pidfd);
		sys_close(pidfd);
		return;
	}
	keeper->kept[pidfd] = (struct kept){id, 0};
	if (pidfd > keeper->highest)
		keeper->highest = pidfd;
}

static void forget(struct keeper *keeper, int pidfd)
{
	drop_timer(keeper, &keeper->kept[pidfd]);
	keeper->kept[pidfd].id = 0;
	close_watched(keeper, pidfd);
}

/* The pidfd of a container; -1: it has ended. */
static int find(const struct keeper *keeper, uint64_t id)
{
	for (int fd = 0; fd <= keeper->highest; fd++)
		if (keeper->kept[fd].id == id)
			return fd;
	return -1;
}

static __attribute__((noreturn)) void end_all(const struct keeper *keeper)
{
	for (int fd = 0; fd <= keeper->highest; fd++)
		if (keeper->kept[fd].id)
			kill(fd);
	sys_exit(0);
}

static void obey(struct keeper *keeper, const struct keeper_message *message, const int fds[],
	unsigned int count)
{
	int pidfd = message->verb == KEEPER_ADD ? -1 : find(keeper, message->id);
	struct timed timed;

	if (message->verb == KEEPER_ADD && count == 1) {
		add(keeper, fds[0], message->id);
	} else if (pidfd < 0) {
		close_all(fds, count);
	} else if (message->verb == KEEPER_RELEASE) {
		forget(keeper, pidfd);
	} else if (message->verb == KEEPER_LIMIT && count > 0) {
		drop_timer(keeper, &keeper->kept[pidfd]);
		timed = timed_of(message, pidfd, fds);
		set_timer(keeper, &timed);
	}
}

/* Takes every message that waits; the end of the socket ends the keeper. */
static void serve(struct keeper *keeper)
{
	for (;;) {
		struct keeper_message message = {0};
		unsigned int count = 0;
		int fds[1 + KEEPER_FILES];
		long ret = receive(
			keeper->control, &message, sizeof(message), fds, 1 + KEEPER_FILES, &count);

		if (ret == 0)
			end_all(keeper);
		if (ret < 0)
			return; /* EAGAIN: no more */
		obey(keeper, &message, fds, count);
	}
}

/* A message may have given a descriptor's number to another one since its event was told. */
static void look_at(struct keeper *keeper, int fd)
{
	uint64_t times;

	if (keeper->timed && keeper->timed[fd].pidfd) {
		if (sys_read(fd, &times, sizeof(times)) > 0)
			judge(keeper, fd);
	} else if (keeper->kept[fd].id) {
		struct {
			int fd;
			short events, told;
		} ended = {fd, READABLE, 0};
		uint64_t no_time[2] = {0, 0};

		if (sys(__NR_ppoll, &ended, 1, no_time, 0, 0) == 1)
			forget(keeper, fd);
	}
}

/*
 * The host may raise its soft limit on descriptors later, and have more containers
 * than the keeper could take: a descriptor that does not fit is lost unnoticed.
 */
static void allow_many_descriptors(void)
{
	uint64_t limit[2];

	if (sys(__NR_prlimit64, 0, RLIMIT_NOFILE, 0, limit, 0) < 0)
		return;
	limit[0] = limit[1];
	sys(__NR_prlimit64, 0, RLIMIT_NOFILE, limit, 0, 0);
}

void keeper_main(int control, int host)
{
	struct keeper keeper = {.control = control, .host = host};
	struct epoll_event events[16];
	const char word = KEEPER_WORD;

	sys(__NR_setsid, 0, 0, 0, 0, 0);  /* out of reach of the terminal's signals */
	sys(__NR_chdir, "/", 0, 0, 0, 0); /* keeps no directory of the host busy */
	sys_prctl(PR_SET_NAME, (unsigned long)"ct-keeper", 0);
	sys_prctl(PR_SET_DUMPABLE, 0, 0);
	allow_many_descriptors();
	keeper.kept = reserve(FDS_MAX * sizeof(struct kept));
	keeper.poll = (int)sys(__NR_epoll_create1, O_CLOEXEC, 0, 0, 0, 0);
	if (!keeper.kept || keeper.poll < 0)
		sys_exit(1); /* without its word the host fails the spawn */
	if (sys_fcntl(control, F_SETFL, O_RDWR | O_NONBLOCK) < 0 || watch(&keeper, control) < 0 ||
		watch(&keeper, host) < 0)
		sys_exit(1);
	if (sys_write(control, &word, 1) != 1) /* which the host waits for */
		sys_exit(1);
	for (;;) {
		long count = sys6(__NR_epoll_pwait, keeper.poll, (long)events, 16, -1, 0, 0);

		/* Messages first: the host's end must find every container in the table. */
		serve(&keeper);
		for (long i = 0; i < count; i++) {
			int fd = (int)events[i].data;

			if (fd == host)
				end_all(&keeper);
			if (fd != control)
				look_at(&keeper, fd);
		}
	}
}

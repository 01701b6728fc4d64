/* SPDX-License-Identifier: MIT */
/*
 * The keeper: the same program as a stage, with another duty. It holds pidfds of
 * the containers that one host started and ends them when the host is gone: its
 * process (pidfd readable) or its last handle (socket closed).
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

struct keeper {
	int control, host, poll;
	int highest;   /* descriptor in ids */
	uint64_t *ids; /* by descriptor; 0: not a container's. Untouched pages take no memory */
};

static long watch(struct keeper *keeper, int fd)
{
	struct epoll_event event = {.events = READABLE, .data = (uint64_t)fd};

	return sys(__NR_epoll_ctl, keeper->poll, EPOLL_ADD, fd, &event, 0);
}

/*
 * Closing alone would not end the watch: the host has the same open file. Its
 * event would come again, for whatever container has the number by then.
 */
static void forget(struct keeper *keeper, int fd)
{
	keeper->ids[fd] = 0;
	sys(__NR_epoll_ctl, keeper->poll, EPOLL_DEL, fd, 0, 0);
	sys_close(fd);
}

static __attribute__((noreturn)) void end_all(struct keeper *keeper)
{
	for (int fd = 0; fd <= keeper->highest; fd++)
		if (keeper->ids[fd])
			sys(__NR_pidfd_send_signal, fd, SIGKILL, 0, 0, 0);
	sys_exit(0);
}

/* A failure to watch kills at once what could not be watched: never unguarded. */
static void add(struct keeper *keeper, int pidfd, uint64_t id)
{
	if ((unsigned int)pidfd >= FDS_MAX || watch(keeper, pidfd) < 0) {
		sys(__NR_pidfd_send_signal, pidfd, SIGKILL, 0, 0, 0);
		sys_close(pidfd);
		return;
	}
	keeper->ids[pidfd] = id;
	if (pidfd > keeper->highest)
		keeper->highest = pidfd;
}

static void release(struct keeper *keeper, uint64_t id)
{
	for (int fd = 0; fd <= keeper->highest; fd++) {
		if (keeper->ids[fd] != id)
			continue;
		forget(keeper, fd);
		return;
	}
}

/* Takes every message that waits; the end of the socket ends the keeper. */
static void serve(struct keeper *keeper)
{
	for (;;) {
		struct keeper_message message = {0};
		unsigned int count = 0;
		int fd = -1;
		long ret = receive(keeper->control, &message, sizeof(message), &fd, 1, &count);

		if (ret == 0)
			end_all(keeper);
		if (ret < 0)
			return; /* EAGAIN: no more */
		if (message.verb == KEEPER_ADD && count == 1)
			add(keeper, fd, message.id);
		else if (message.verb == KEEPER_RELEASE)
			release(keeper, message.id);
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
	long ret;

	sys(__NR_setsid, 0, 0, 0, 0, 0); /* out of reach of the terminal's signals */
	sys(__NR_chdir, "/", 0, 0, 0, 0); /* keeps no directory of the host busy */
	sys_prctl(PR_SET_NAME, (unsigned long)"ct-keeper", 0);
	sys_prctl(PR_SET_DUMPABLE, 0, 0);
	allow_many_descriptors();
	ret = sys6(__NR_mmap, 0, FDS_MAX * sizeof(uint64_t), 3 /* PROT_READ|PROT_WRITE */,
		0x4022 /* MAP_PRIVATE|MAP_ANONYMOUS|MAP_NORESERVE */, -1, 0);
	keeper.poll = (int)sys(__NR_epoll_create1, O_CLOEXEC, 0, 0, 0, 0);
	if ((ret < 0 && ret > -4096) || keeper.poll < 0)
		sys_exit(1); /* without its word the host fails the spawn */
	keeper.ids = (uint64_t *)ret; // NOLINT: the kernel returns an address
	if (sys_fcntl(control, F_SETFL, O_RDWR | O_NONBLOCK) < 0 || watch(&keeper, control) < 0 ||
		watch(&keeper, host) < 0)
		sys_exit(1);
	sys_write(control, "k", 1); /* the word that the host waits for */
	for (;;) {
		long count = sys6(__NR_epoll_pwait, keeper.poll, (long)events, 16, -1, 0, 0);

		/* Messages first: the host's end must find every container in the table. */
		serve(&keeper);
		for (long i = 0; i < count; i++) {
			int fd = (int)events[i].data;

			if (fd == host)
				end_all(&keeper);
			if (fd != control)
				forget(&keeper, fd);
		}
	}
}

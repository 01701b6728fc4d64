/* SPDX-License-Identifier: MIT */
/* Terminals: one that goes to the caller by a socket, one that the caller's own is connected with. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "ct-oci.h"

/* ---------------------------------------------------------------- attend */

static void write_all(int fd, const char *text, size_t size)
{
	while (size) {
		ssize_t wrote = write(fd, text, size);

		if (wrote < 0 && errno != EINTR)
			return;
		text += wrote > 0 ? wrote : 0;
		size -= wrote > 0 ? (size_t)wrote : 0;
	}
}

/* false: there is no more. */
static bool pass_on(int from, int to)
{
	char buffer[4096];
	ssize_t got = read(from, buffer, sizeof(buffer));

	if (got > 0)
		write_all(to, buffer, (size_t)got);
	return got > 0 || (got < 0 && errno == EINTR);
}

static void same_size(int terminal)
{
	struct winsize size;

	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col)
		ct_terminal_resize(terminal, size.ws_row, size.ws_col, NULL);
}

/* Signals of the caller go to the container; SIGWINCH is about the terminal. */
static void on_signal(int signals, ct_container *box, int terminal)
{
	struct signalfd_siginfo about;

	if (read(signals, &about, sizeof(about)) != sizeof(about) || about.ssi_signo == SIGCHLD)
		return;
	if (about.ssi_signo == SIGWINCH && terminal >= 0)
		same_size(terminal);
	else
		ct_kill(box, (int)about.ssi_signo, NULL);
}

static void pump(ct_container *box, int terminal, int signals)
{
	struct pollfd asked[] = {
		{.fd = ct_container_pidfd(box), .events = POLLIN},
		{.fd = signals, .events = POLLIN},
		{.fd = terminal, .events = POLLIN},
		{.fd = terminal >= 0 ? STDIN_FILENO : -1, .events = POLLIN},
	};

	while (!asked[0].revents) {
		if (poll(asked, 4, -1) < 0 && errno != EINTR)
			return;
		if (asked[1].revents)
			on_signal(signals, box, terminal);
		if (asked[2].revents && !pass_on(terminal, STDOUT_FILENO))
			asked[2].fd = -1;
		if (asked[3].revents && !pass_on(STDIN_FILENO, terminal))
			asked[3].fd = -1;
	}
	while (terminal >= 0 && asked[2].fd >= 0 && poll(&asked[2], 1, 0) > 0 &&
		pass_on(terminal, STDOUT_FILENO))
		;
}

int attend(ct_container *box, int terminal)
{
	ct_error err = CT_ERROR_INIT;
	ct_exit how = CT_EXIT_INIT;
	struct termios saved;
	bool raw = terminal >= 0 && ct_terminal_raw(STDIN_FILENO, &saved, NULL) == 0;
	sigset_t all, before;
	int signals, ret;

	sigfillset(&all);
	sigdelset(&all, SIGSEGV);
	sigdelset(&all, SIGTTOU);
	sigprocmask(SIG_BLOCK, &all, &before);
	signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	if (terminal >= 0)
		same_size(terminal);
	pump(box, terminal, signals);
	if (raw)
		ct_terminal_restore(STDIN_FILENO, &saved, NULL);
	if (signals >= 0)
		close(signals);
	sigprocmask(SIG_SETMASK, &before, NULL);
	ret = ct_wait(box, CT_FOREVER, &how, &err);
	return ret < 0 ? complain_of(&err) : exit_code(&how);
}

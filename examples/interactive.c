/* SPDX-License-Identifier: MIT */
/*
 * Works in a container at the terminal that this program runs on, as `docker run -it` does.
 *
 *     cc -o interactive interactive.c $(pkg-config --cflags --libs container)
 *     ./interactive DIRECTORY [COMMAND [ARGUMENT...]]
 *
 * Ends as the command does: with its code, with 128 + N after signal N, whoever of the two
 * got it, with 125 if it could not be run. However it ends, the terminal gets its modes back.
 * SIGTSTP from outside gives them back, too, for as long as this program is stopped.
 */
#include <container/container.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define IDLE_MS 100 /* how often a terminal that no process has open is looked at */

/* What is on its way from one terminal to the other; read anew only when all of it is written. */
struct flow {
	char bytes[4096];
	size_t at, size;
};

struct session {
	int in, out;  /* of this program */
	int terminal; /* of the container */
	int signals;
	struct termios modes; /* those that in had */
	ct_container *box;
	struct flow typed, shown;
	bool idle;  /* no process has the container's terminal open */
	bool ended; /* the command has; what it has printed may still be on its way */
};

/* Not blocking, but without a change for the shell, which shares what this program was given. */
static int open_anew(int fd)
{
	char path[32];
	int anew;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	anew = isatty(fd) ? open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC) : -1;
	return anew < 0 ? fd : anew;
}

/* 1: there is something; 0: not now; -1: there is an end. */
static int fill(struct flow *flow, int fd)
{
	ssize_t got = read(fd, flow->bytes, sizeof(flow->bytes));

	if (got <= 0)
		return got < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
	flow->at = 0;
	flow->size = (size_t)got;
	return 1;
}

static int drain(struct flow *flow, int fd)
{
	ssize_t put = write(fd, flow->bytes + flow->at, flow->size);

	if (put < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	flow->at += (size_t)put;
	flow->size -= (size_t)put;
	return 1;
}

static void pass_size_on(struct session *s)
{
	struct winsize size;

	if (ioctl(s->in, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col)
		ct_terminal_resize(s->terminal, size.ws_row, size.ws_col, NULL);
}

/* 0, or the code to end with. */
static int take_signal(struct session *s)
{
	struct signalfd_siginfo info;

	if (read(s->signals, &info, sizeof(info)) != sizeof(info))
		return 0;
	if (info.ssi_signo == SIGTSTP) {
		ct_terminal_restore(s->in, &s->modes, NULL);
		raise(SIGSTOP);
		if (ct_terminal_raw(s->in, NULL, NULL) < 0)
			return 128 + SIGHUP;
	}
	if (info.ssi_signo == SIGTSTP || info.ssi_signo == SIGWINCH) {
		pass_size_on(s);
		return 0;
	}
	return 128 + (int)info.ssi_signo;
}

/* Moves what can be moved; 0, or the code to end with. */
static int move(struct session *s, short in, short terminal, short out)
{
	int got;

	if (s->typed.size && terminal && drain(&s->typed, s->terminal) < 0)
		s->typed.size = 0; /* nobody is there to read it */
	if (s->shown.size && out && drain(&s->shown, s->out) < 0)
		return 128 + SIGPIPE;
	if (!s->typed.size && in && fill(&s->typed, s->in) < 0)
		return 128 + SIGHUP;
	if (s->shown.size || !(terminal || s->idle || s->ended))
		return 0;
	got = fill(&s->shown, s->terminal);
	s->idle = got < 0;
	return 0;
}

/* Up to the end of the command and of what it has printed: 0; or the code to end with. */
static int relay(struct session *s)
{
	int code = 0;

	while (code == 0 && !(s->ended && !s->shown.size)) {
		short typed = s->typed.size ? POLLOUT : 0;
		short wanted = s->shown.size || s->idle ? 0 : POLLIN;
		/* What is not waited for must not be watched: it could hang up, and is told for ever. */
		struct pollfd watched[] = {
			{.fd = s->typed.size || s->ended ? -1 : s->in, .events = POLLIN},
			{.fd = typed || wanted ? s->terminal : -1, .events = typed | wanted},
			{.fd = s->shown.size ? s->out : -1, .events = POLLOUT},
			{.fd = s->signals, .events = POLLIN},
			{.fd = s->ended ? -1 : ct_container_pidfd(s->box), .events = POLLIN},
		};

		if (poll(watched, 5, s->idle && !s->ended ? IDLE_MS : -1) < 0 && errno != EINTR)
			return 128 + SIGHUP;
		if (watched[3].revents)
			code = take_signal(s);
		if (watched[4].revents)
			s->ended = true;
		if (code == 0)
			code = move(s, watched[0].revents, watched[1].revents, watched[2].revents);
	}
	return code;
}

/* The container's terminal begins with the size and the modes of this one. */
static int start(
	struct session *s, const char *directory, const char *const *argv, ct_error *failure)
{
	const char *const shell[] = {"sh", NULL};
	char term[64] = "TERM=dumb";
	const char *const env[] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root",
		term, NULL};
	ct_rootfs *root = NULL;
	ct_spec *spec = NULL;
	int ret = ct_rootfs_open(directory, &root, failure);

	if (getenv("TERM"))
		snprintf(term, sizeof(term), "TERM=%s", getenv("TERM"));
	if (ret == 0)
		ret = ct_spec_new(&spec);
	ct_spec_set_rootfs(spec, root);
	ct_spec_set_argv(spec, *argv ? argv : shell);
	ct_spec_set_env(spec, env);
	ct_spec_set_terminal(spec, 24, 80);
	if (ret == 0)
		ret = ct_create(spec, &s->box, failure);
	if (ret == 0) {
		s->terminal = ct_container_take_terminal(s->box);
		fcntl(s->terminal, F_SETFL, O_RDWR | O_NONBLOCK);
		tcsetattr(s->terminal, TCSANOW, &s->modes);
		pass_size_on(s);
		ret = ct_start(s->box, failure);
	}
	ct_spec_free(spec);
	ct_rootfs_free(root);
	return ret;
}

int main(int argc, char **argv)
{
	static const int handled[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH};
	ct_error failure = CT_ERROR_INIT;
	ct_exit how = CT_EXIT_INIT;
	struct session s = {.in = open_anew(0), .out = open_anew(1), .terminal = -1};
	sigset_t mask;
	int code = 125, ret;

	if (argc < 2)
		errx(125, "usage: interactive DIRECTORY [COMMAND [ARGUMENT...]]");
	sigemptyset(&mask);
	for (size_t i = 0; i < sizeof(handled) / sizeof(handled[0]); i++)
		sigaddset(&mask, handled[i]);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	signal(SIGPIPE, SIG_IGN);
	s.signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	if (ct_terminal_raw(s.in, &s.modes, &failure) < 0)
		errx(125, "stdin: %s", failure.sentence);
	ret = start(&s, argv[1], (const char *const *)&argv[2], &failure);
	if (ret == 0) {
		code = relay(&s);
		if (code == 0 && ct_wait(s.box, CT_FOREVER, &how, &failure) == 0)
			code = how.signal ? 128 + how.signal : how.code;
	}
	ct_terminal_restore(s.in, &s.modes, NULL);
	if (ret < 0)
		warnx("%s%s%s", failure.sentence, *failure.cure ? "\n" : "", failure.cure);
	ct_container_free(s.box); /* ends it if it was not the first to end */
	return code;
}

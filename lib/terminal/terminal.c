/* SPDX-License-Identifier: MIT */
/*
 * What a host does with terminals: the size of a container's, and raw mode for its own. Knows
 * nothing of containers; nothing is kept but in the caller's memory.
 */
#include <container/terminal.h>

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>

#include "error/error.h"

int ct_terminal_resize(int terminal, unsigned int rows, unsigned int columns, ct_error *err)
{
	const struct winsize size = {
		.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};

	if (!rows || !columns || rows > USHRT_MAX || columns > USHRT_MAX)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "both are from 1 to 65535",
			"terminal: %u rows, %u columns", rows, columns);
	if (ioctl(terminal, TIOCSWINSZ, &size) < 0)
		return ct__fail(err, CT_STEP_TERMINAL, -errno, "ioctl", "descriptor %d", terminal);
	return 0;
}

int ct_terminal_raw(int fd, struct termios *ret_saved, ct_error *err)
{
	struct termios saved, raw;

	if (tcgetattr(fd, &saved) < 0)
		return ct__fail(err, CT_STEP_TERMINAL, -errno, "tcgetattr", "descriptor %d", fd);
	raw = saved;
	cfmakeraw(&raw);
	if (tcsetattr(fd, TCSANOW, &raw) < 0)
		return ct__fail(err, CT_STEP_TERMINAL, -errno, "tcsetattr", "descriptor %d", fd);
	if (ret_saved)
		*ret_saved = saved;
	return 0;
}

/* Never waits for output to be seen, which a terminal that is stopped would make last for ever. */
int ct_terminal_restore(int fd, const struct termios *saved, ct_error *err)
{
	sigset_t background, before;
	int code;

	if (!saved)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is NULL", "saved");
	/* Who has been put into the background meanwhile would be stopped by it, and forget it. */
	sigemptyset(&background);
	sigaddset(&background, SIGTTOU);
	pthread_sigmask(SIG_BLOCK, &background, &before);
	code = tcsetattr(fd, TCSANOW, saved) < 0 ? -errno : 0;
	if (code == 0)
		tcflush(fd, TCIFLUSH);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (code < 0)
		return ct__fail(err, CT_STEP_TERMINAL, code, "tcsetattr", "descriptor %d", fd);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* ct_capture: see container/capture.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <container/capture.h>

#include "container.h"
#include "error/error.h"
#include "util/clock.h"
#include "util/fd.h"
#include "visitors.h"

#define CHUNK 65536 /* a pipe's worth */

/* One of the two streams that are read, and where it goes in the caller's output. */
struct stream {
	size_t limit;
	char **data;
	size_t *size;
	uint64_t *total;
};

static struct stream stream_of(ct_output *output, int number)
{
	return number == 1 ? (struct stream){output->out_limit, &output->out, &output->out_size,
				     &output->out_total} :
			     (struct stream){output->err_limit, &output->err, &output->err_size,
				     &output->err_total};
}

/*
 * Room for that many bytes and a NUL, so that it grows by doubling. How much there is already nobody has written
 * down: the limit may have been another one in the call before.
 */
static size_t room_for(size_t size, size_t limit)
{
	size_t room = CHUNK;

	while (room <= size)
		room *= 2;
	return room <= limit ? room : limit + 1;
}

static int keep(struct stream *stream, const char *bytes, size_t count)
{
	size_t used = *stream->size, left = stream->limit > used ? stream->limit - used : 0;
	size_t kept = count < left ? count : left;
	char *grown;

	*stream->total += count;
	if (!kept)
		return 0;
	grown = realloc(*stream->data, room_for(used + kept, stream->limit));
	if (!grown)
		return -ENOMEM;
	*stream->data = grown;
	memcpy(*stream->data + used, bytes, kept);
	*stream->size += kept;
	(*stream->data)[*stream->size] = '\0';
	return 0;
}

/* The bytes that were read, most at the most; 0: it has ended; -EAGAIN: nothing is there now. */
static ssize_t read_some(int fd, struct stream *stream, size_t most)
{
	char bytes[CHUNK];
	ssize_t count;
	int ret;

	do
		count = read(fd, bytes, most < sizeof(bytes) ? most : sizeof(bytes));
	while (count < 0 && errno == EINTR);
	if (count <= 0)
		return count < 0 ? -errno : 0;
	ret = keep(stream, bytes, (size_t)count);
	return ret < 0 ? ret : count;
}

/* 1: there is more to give; 0: that was all, or nobody wants it; or a negative errno. */
static int write_some(int fd, ct_output *output)
{
	size_t left = output->input_size - output->input_sent;
	ssize_t count = left ? write(fd, (const char *)output->input + output->input_sent, left) : 0;

	if (count < 0 && errno == EPIPE)
		return 0;
	if (count < 0)
		return errno == EAGAIN || errno == EINTR ? 1 : -errno;
	output->input_sent += (size_t)count;
	return output->input_sent < output->input_size;
}

static bool is_over(const ct_output *output)
{
	return output->out_total > output->out_limit || output->err_total > output->err_limit;
}

/* A pipe that has something for us, or its end. 0 or a negative errno. */
static int serve(ct_container *box, ct_output *output, int number)
{
	int *fd = &box->stdio[number];
	struct stream stream;
	ssize_t ret;

	if (number == 0) {
		ret = write_some(*fd, output);
	} else {
		stream = stream_of(output, number);
		ret = read_some(*fd, &stream, CHUNK);
	}
	if (ret == 0)
		ct__close(fd);
	return ret == -EAGAIN || ret > 0 ? 0 : (int)ret;
}

/*
 * It has ended: what is there by now is read. Who else has an end of the pipe is not waited for,
 * and what he goes on to write is not the container's.
 */
static int drain(ct_container *box, ct_output *output)
{
	ct__close(&box->stdio[0]);
	for (int number = 1; number < 3; number++) {
		struct stream stream = stream_of(output, number);
		ssize_t ret = 1;
		int left = 0;

		if (box->stdio[number] < 0)
			continue;
		if (ioctl(box->stdio[number], FIONREAD, &left) < 0)
			return -errno;
		for (; left > 0 && ret > 0; left -= (int)ret)
			ret = read_some(box->stdio[number], &stream, (size_t)left);
		if (ret < 0 && ret != -EAGAIN)
			return (int)ret;
		ct__close(&box->stdio[number]);
	}
	return 0;
}

/*
 * Until it has ended or both streams have; 0, -ETIMEDOUT or another negative errno. It cannot end
 * before those that joined it are reaped.
 */
static int talk(ct_container *box, struct ct__visitors *visitors, ct_output *output, uint64_t deadline)
{
	bool killed = false;

	while (box->stdio[1] >= 0 || box->stdio[2] >= 0 || box->stdio[0] >= 0) {
		struct pollfd watched[5] = {
			{.fd = box->stdio[0], .events = POLLOUT},
			{.fd = box->stdio[1], .events = POLLIN},
			{.fd = box->stdio[2], .events = POLLIN},
			{.fd = box->pidfd, .events = POLLIN},
			{.fd = ct__visitors_fd(visitors), .events = POLLIN},
		};
		int ret = poll(watched, 5, ct__ms_until(deadline));

		if (ret == 0)
			return -ETIMEDOUT;
		if (ret < 0 && errno != EINTR)
			return -errno;
		for (int i = 0; ret > 0 && i < 3; i++) {
			int served = watched[i].revents ? serve(box, output, i) : 0;

			if (served < 0)
				return served;
		}
		if (!killed && (output->flags & CT_OUTPUT_KILL) && is_over(output)) {
			(void)ct_kill(box, SIGKILL, NULL); /* it may have ended by itself */
			killed = true;
		}
		if (ret > 0 && watched[4].revents)
			ct__visitors_reap(visitors);
		if (ret > 0 && watched[3].revents)
			return drain(box, output);
	}
	return 0;
}

/* ------------------------------------------------ what the calls of others expect */

/* Nobody else has our ends of the pipes: their flags are ours to set. */
static void set_blocking(const ct_container *box, bool on)
{
	for (int i = 0; i < 3; i++) {
		int flags = box->stdio[i] < 0 ? -1 : fcntl(box->stdio[i], F_GETFL);

		if (flags >= 0)
			fcntl(box->stdio[i], F_SETFL, on ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
	}
}

struct quiet {
	sigset_t before;
	bool was_pending;
};

/* A write to a pipe that nobody reads sends SIGPIPE to this thread. */
static void hush_sigpipe(struct quiet *quiet)
{
	sigset_t set;

	sigpending(&set);
	quiet->was_pending = sigismember(&set, SIGPIPE);
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &set, &quiet->before);
}

static void unhush_sigpipe(const struct quiet *quiet)
{
	const struct timespec now = {0, 0};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	while (!quiet->was_pending && sigtimedwait(&set, NULL, &now) < 0 && errno == EINTR)
		;
	pthread_sigmask(SIG_SETMASK, &quiet->before, NULL);
}

static ct_step step_of(int error)
{
	return error == -ETIMEDOUT ? CT_STEP_WAIT : error == -ENOMEM ? CT_STEP_MEMORY : CT_STEP_STDIO;
}

static int capture(ct_container *box, ct_output *output, uint64_t deadline, ct_exit *ret_exit,
	ct_error *err)
{
	struct ct__visitors *visitors;
	struct quiet quiet;
	int ret;

	pthread_mutex_lock(&box->lock);
	/* If it cannot be made: those that join from now on are not seen. */
	(void)ct__visitors_prepare(box);
	visitors = box->visitors;
	pthread_mutex_unlock(&box->lock);
	set_blocking(box, false);
	hush_sigpipe(&quiet);
	ret = talk(box, visitors, output, deadline);
	unhush_sigpipe(&quiet);
	set_blocking(box, true);
	if (ret < 0)
		return ct__fail(err, step_of(ret), ret, ret == -ETIMEDOUT ? "poll" : NULL,
			"process %d", box->pid);
	do
		ret = ct_wait(box, ct__ms_until(deadline), ret_exit, err);
	while (ret == -EINTR);
	return ret;
}

int ct_capture(ct_container *box, ct_output *output, int timeout_ms, ct_exit *ret_exit, ct_error *err)
{
	int cancel, ret;

	if (!box || !output || output->size < sizeof(*output))
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL,
			"it is NULL, or its size is not set: begin with CT_OUTPUT_INIT",
			box ? "output" : "container");
	if (timeout_ms < CT_FOREVER || (output->flags & ~CT_OUTPUT_KILL) ||
		(!output->input && output->input_size) || output->input_sent > output->input_size ||
		output->out_limit > SIZE_MAX / 4 || output->err_limit > SIZE_MAX / 4 ||
		(ret_exit && ret_exit->size < sizeof(*ret_exit)))
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "one of them is out of range",
			"flags, input, limits, timeout_ms or ret_exit");
	if (box->plan)
		return ct__fail_because(err, CT_STEP_START, -EINVAL, "it was not started", "process %d",
			box->pid);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	ret = capture(box, output, ct__deadline_in(timeout_ms), ret_exit, err);
	pthread_setcancelstate(cancel, NULL);
	return ret;
}

void ct_output_done(ct_output *output)
{
	if (!output)
		return;
	free(output->out);
	free(output->err);
	output->out = output->err = NULL;
	output->out_size = output->err_size = output->input_sent = 0;
	output->out_total = output->err_total = 0;
}

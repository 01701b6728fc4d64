/* SPDX-License-Identifier: MIT */
/*
 * Calls of a container that wait for the host: receiving and answering them, on a descriptor
 * that the host has taken from the handle. How it gets there: stage/rights.c, spawn/hear.c.
 */
#include <container/notify.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

#include "error/error.h"
#include "seccomp/seccomp.h"
#include "util/clock.h"
#include "spawn/container.h"
#include "util/fd.h"
#include "util/sized.h"

static int fail(ct_error *err, int code, const char *call)
{
	return ct__fail(err, CT_STEP_SECCOMP, code, call, "calls of a container");
}

static int is_missing(const ct_notification *what, ct_error *err)
{
	return what ? 0 : ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is NULL", "notification");
}

/*
 * 0: a call waits. The descriptor hangs up with the last who is under the filter, but before Linux
 * 6.11 he is until he was waited for, which the caller does after this. Hence the pidfd.
 */
static int await_call(int fd, int pidfd, uint64_t deadline, ct_error *err)
{
	struct pollfd watched[] = {{.fd = fd, .events = POLLIN}, {.fd = pidfd, .events = POLLIN}};
	int ret;

	if (fd < 0) /* poll() would wait for nothing */
		return fail(err, -EBADF, "poll");
	do
		ret = poll(watched, 2, ct__ms_until(deadline));
	while (ret < 0 && errno == EINTR);
	if (ret < 0)
		return fail(err, -errno, "poll");
	if (ret == 0)
		return fail(err, -ETIMEDOUT, "poll");
	if ((watched[0].revents | watched[1].revents) & POLLNVAL)
		return fail(err, -EBADF, "poll");
	if (watched[0].revents & POLLIN)
		return 0;
	return ct__fail_because(err, CT_STEP_SECCOMP, -ENOTCONN, "nobody is left under the filter",
		"calls of a container");
}

int ct_notify_receive(int fd, int pidfd, int timeout_ms, ct_notification *ret, ct_error *err)
{
	uint64_t deadline = ct__deadline_in(timeout_ms);
	ct_notification call = CT_NOTIFICATION_INIT;
	int code;

	for (;;) {
		struct seccomp_notif told = {0};

		code = await_call(fd, pidfd, deadline, err);
		if (code < 0)
			return code;
		if (ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &told) == 0) {
			call.id = told.id;
			call.pid = (int32_t)told.pid;
			call.number = told.data.nr;
			for (int i = 0; i < 6; i++)
				call.args[i] = told.data.args[i];
			break;
		}
		if (errno != EINTR && errno != ENOENT) /* ENOENT: it was killed in between */
			return fail(err, errno == ENOTTY ? -EINVAL : -errno, "ioctl");
	}
	snprintf(call.call, sizeof(call.call), "%s", ct__seccomp_name(call.number));
	code = ct__hand_out(ret, &call, sizeof(call));
	return code < 0 ? ct__fail_because(err, CT_STEP_ARGUMENT, code, "it has no size", "notification") : 0;
}

int ct_notify_read(int fd, const ct_notification *what, uint64_t address, void *to,
	size_t size_bytes, ct_error *err)
{
	struct iovec local = {to, size_bytes > INT32_MAX ? INT32_MAX : size_bytes};
	struct iovec remote = {(void *)(uintptr_t)address, local.iov_len};
	ssize_t got;

	if (is_missing(what, err) < 0)
		return -EINVAL;
	if (!to)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is NULL", "buffer");
	got = what->pid > 0 ? process_vm_readv(what->pid, &local, 1, &remote, 1, 0) : (errno = ESRCH, -1);
	if (got < 0)
		got = errno == ESRCH ? -ENOENT : -errno;
	if (ioctl(fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &what->id) < 0)
		return fail(err, errno == ENOTTY ? -EINVAL : -errno, "ioctl");
	return got < 0 ? fail(err, (int)got, "process_vm_readv") : (int)got;
}

static int respond(int fd, struct seccomp_notif_resp *response, ct_error *err)
{
	if (ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, response) == 0)
		return 0;
	return fail(err, errno == ENOTTY ? -EINVAL : -errno, "ioctl");
}

int ct_notify_answer(int fd, const ct_notification *what, int error, int64_t value, ct_error *err)
{
	struct seccomp_notif_resp response = {.error = -error, .val = value};

	if (is_missing(what, err) < 0)
		return -EINVAL;
	if (error < 0 || error > 4095 || (error && value))
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL,
			"there is no such errno, or it has a value beside it", "answer %d", error);
	response.id = what->id;
	return respond(fd, &response, err);
}

int ct_notify_continue(int fd, const ct_notification *what, ct_error *err)
{
	struct seccomp_notif_resp response = {.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};

	if (is_missing(what, err) < 0)
		return -EINVAL;
	response.id = what->id;
	return respond(fd, &response, err);
}

int ct_notify_add_fd(int fd, const ct_notification *what, int source, ct_error *err)
{
	struct seccomp_notif_addfd add = {.srcfd = (uint32_t)source, .newfd_flags = O_CLOEXEC};
	int number;

	if (is_missing(what, err) < 0)
		return -EINVAL;
	add.id = what->id;
	number = ioctl(fd, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
	return number < 0 ? fail(err, errno == ENOTTY ? -EINVAL : -errno, "ioctl") : number;
}

int ct_container_take_notify(ct_container *box)
{
	if (!box)
		return -EINVAL;
	return box->notify < 0 ? -ENOENT : ct__take_fd(&box->notify);
}

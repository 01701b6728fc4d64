/* SPDX-License-Identifier: MIT */
/*
 * System calls of a container that wait for the host's answer.
 *
 * A rule with CT_SECCOMP_NOTIFY has the kernel hold such a call, tell the host of it by a
 * descriptor, and give the calling program what the host says.
 *
 *     ct_spec_add_seccomp_rule(spec, "sethostname", CT_SECCOMP_NOTIFY, 0, NULL, 0);
 *     ct_spawn(spec, &box, &err);
 *     fd = ct_container_take_notify(box);
 *     while (ct_notify_receive(fd, ct_container_pidfd(box), CT_FOREVER, &call, &err) == 0)
 *             ct_notify_answer(fd, &call, EPERM, 0, &err);
 *
 * The container may be hostile. What its memory says can change at any time: copy it once, decide by
 * the copy, act on the copy, and answer; never let a call go on because of what a pointer
 * pointed to. Nor trust the pid for longer than ct_notify_read() says that the call still waits.
 */
#ifndef CONTAINER_NOTIFY_H
#define CONTAINER_NOTIFY_H

#include <stddef.h>
#include <stdint.h>

#include <container/error.h>
#include <container/spawn.h>
#include <container/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A call that waits. */
typedef struct ct_notification {
	uint32_t size;	  /* sizeof(ct_notification), set by CT_NOTIFICATION_INIT */
	int32_t pid;	  /* of the thread, as this process sees it; 0: it does not */
	uint64_t id;	  /* of the call */
	uint64_t args[6]; /* as the kernel got them */
	int32_t number;	  /* of the system call */
	uint32_t reserved;
	char call[32];	  /* its name; empty: it is not known here */
} ct_notification;

/** Initializer for a ct_notification. */
#define CT_NOTIFICATION_INIT                                         \
	{                                                            \
		sizeof(ct_notification), 0, 0, {0}, 0, 0, ""         \
	}

/**
 * Take the descriptor on which a container's calls are told.
 *
 * It is readable when a call waits, and hangs up when nobody is left under the filter; before Linux 6.11
 * who has ended is left until somebody has waited for him. While nobody has the descriptor, those
 * calls fail with ENOSYS; freeing the container closes one that was not taken.
 *
 * @param box the container, started.
 * @return the descriptor, close-on-exec, the caller's to close; or a negative errno.
 *
 * Changes: the container's handle. Threads: one at a time.
 * Errors:  EINVAL box is NULL; ENOENT no rule asks for it, it is not started, or it was taken.
 * Needs:   a spec with CT_SECCOMP_NOTIFY. Source: seccomp(2), seccomp_unotify(2). Since: 0.1
 */
CT_API int ct_container_take_notify(ct_container *box);

/**
 * Wait for the next call that a container makes.
 *
 * @param fd         of ct_container_take_notify(); borrowed.
 * @param pidfd      ct_container_pidfd(): the wait ends with that process, too; borrowed. -1: only
 *                   with the descriptor, which before Linux 6.11 does not hang up by itself.
 * @param timeout_ms how long to wait at most, in milliseconds; CT_FOREVER.
 * @param ret        filled with the call; begins as CT_NOTIFICATION_INIT. Untouched on failure.
 * @param err        filled on failure; may be NULL.
 * @return 0 or a negative errno.
 *
 * Changes: nothing. Threads: one at a time for each descriptor.
 * Errors:  EINVAL ret has no size, fd is no such descriptor; ETIMEDOUT nobody called in that time;
 *          ENOTCONN nobody is left who could, or the process has ended; EBADF fd or pidfd is not open.
 * Needs:   Linux 5.10. Source: poll(2), seccomp_unotify(2). Since: 0.1
 */
CT_API int ct_notify_receive(int fd, int pidfd, int timeout_ms, ct_notification *ret, ct_error *err);

/**
 * Copy memory of a program whose call waits.
 *
 * The copy is only handed out if the call waits still, after it was made: else another process may
 * have the pid. It is of this instant; the program's other threads can change the original.
 *
 * @param fd         of ct_container_take_notify(); borrowed.
 * @param what       the call; not changed.
 * @param address    in the program: mostly an argument.
 * @param to         filled with what is there.
 * @param size_bytes how much at most, in bytes.
 * @param err        filled on failure; may be NULL.
 * @return how many bytes, fewer where the program's memory ends; or a negative errno.
 *
 * Changes: nothing. Threads: safe.
 * Errors:  ENOENT the call waits no longer; EFAULT no memory there; EPERM no right to look
 *          into that program; EINVAL what or to is NULL.
 * Needs:   rights of ptrace over it. Source: process_vm_readv(2), seccomp_unotify(2). Since: 0.1
 */
CT_API int ct_notify_read(int fd, const ct_notification *what, uint64_t address, void *to,
	size_t size_bytes, ct_error *err);

/**
 * Give a program the result of its call, which the kernel does not make.
 *
 * @param fd    of ct_container_take_notify(); borrowed.
 * @param what  the call; not changed.
 * @param error the errno that it fails with, 1 to 4095; 0: it succeeds.
 * @param value what it returns then; 0 with an error.
 * @param err   filled on failure; may be NULL.
 * @return 0 or a negative errno.
 *
 * Changes: the program goes on. Threads: safe.
 * Errors:  ENOENT the call waits no longer; EINPROGRESS it was answered already, and the program has not picked
 *          that up yet; EINVAL no such errno, or what is NULL.
 * Needs:   Linux 5.10. Source: seccomp_unotify(2). Since: 0.1
 */
CT_API int ct_notify_answer(
	int fd, const ct_notification *what, int error, int64_t value, ct_error *err);

/**
 * Let the kernel make a call after all.
 *
 * Only what is allowed anyway: the program can have changed what its pointers point to. It is for
 * counting and for reports, never for a decision about more than numbers.
 *
 * @param fd   of ct_container_take_notify(); borrowed.
 * @param what the call; not changed.
 * @param err  filled on failure; may be NULL.
 * @return 0 or a negative errno.
 *
 * Changes: the program goes on. Threads: safe.
 * Errors:  ENOENT the call waits no longer; EINPROGRESS as of ct_notify_answer(); EINVAL what is NULL.
 * Needs:   Linux 5.10. Source: seccomp_unotify(2). Since: 0.1
 */
CT_API int ct_notify_continue(int fd, const ct_notification *what, ct_error *err);

/**
 * Give a program a copy of a descriptor while its call waits.
 *
 * It gets the lowest free number, close-on-exec; answer with that number where the call is one
 * that opens something.
 *
 * @param fd     of ct_container_take_notify(); borrowed.
 * @param what   the call; not changed.
 * @param source a descriptor of this process; borrowed.
 * @param err    filled on failure; may be NULL.
 * @return the number that it has in the program, or a negative errno.
 *
 * Changes: the program's descriptors. Threads: safe.
 * Errors:  ENOENT the call waits no longer; EBADF source is not open; EMFILE the program has too
 *          many; EINPROGRESS as of ct_notify_answer(); EINVAL what is NULL.
 * Needs:   Linux 5.10. Source: seccomp_unotify(2). Since: 0.1
 */
CT_API int ct_notify_add_fd(int fd, const ct_notification *what, int source, ct_error *err);

#ifdef __cplusplus
}
#endif

#endif

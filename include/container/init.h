/* SPDX-License-Identifier: MIT */
/*
 * The first process of a container: the payload itself, or a small init beside it.
 */
#ifndef CONTAINER_INIT_H
#define CONTAINER_INIT_H

#include <container/spec.h>
#include <container/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Give the container an init: PID 1 is a process of the library's own, the payload its child.
 *
 * A first process has two burdens that ordinary programs do not expect: what its children leave
 * behind becomes its own to reap, and signals for which it has no handler do not reach it, so that
 * ct_stop() with SIGTERM takes its full grace. The init takes both: it reaps whatever there is,
 * and passes each signal that it gets on to the payload. When the payload ends, so does the
 * container; ct_exit tells of the payload what it tells otherwise, its signal and core dump
 * included. Who asks by other means sees the exit code, or 128 and the signal.
 *
 * The init has the payload's user, capabilities, limits and filter, and no descriptor; it holds
 * nothing of the host's memory, and takes up less than 64 KiB. It counts as a process against CT_LIMIT_PIDS_MAX
 * and RLIMIT_NPROC. ct_container_pid() and ct_container_pidfd() are about it, and ct_join() takes it as
 * the model.
 *
 * @param spec the spec.
 * @param on   1: with an init; 0: the payload is PID 1. Default: 0.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time.
 * Errors:  EINVAL spec is NULL. ct_spawn() and ct_join() say EINVAL where the pid namespace is not new, or
 *          where a filter of the spec's own refuses a call that the init makes, which is named: clone,
 *          close_range, munmap, rt_sigtimedwait, wait4, kill, write.
 * Needs:   nothing. Source: pid_namespaces(7), wait(2). Since: 0.1
 */
CT_API int ct_spec_set_init(ct_spec *spec, int on);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Limits of time: how long a container may last, and how long it may compute.
 *
 *     ct_spec_set_time_limit(spec, CT_TIME_WALL, 10000);
 *     ct_spec_set_time_limit(spec, CT_TIME_CPU, 2000);
 *     ...
 *     ct_wait(box, CT_FOREVER, &how, &err);
 *     if (how.why == CT_END_CPU)
 *             puts("it computed for too long");
 *
 * The keeper enforces them, the small process that ends a spec's containers when the host
 * dies. So they hold while the host is busy, stopped, or in no call of the library; no
 * thread and no signal of the host is needed. A container is killed within 10 milliseconds
 * of its limit as far as the scheduler lets the keeper run, and the exit record says why.
 */
#ifndef CONTAINER_TIME_H
#define CONTAINER_TIME_H

#include <stdint.h>

#include <container/error.h>
#include <container/spawn.h>
#include <container/spec.h>
#include <container/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What is limited. */
typedef enum ct_time {
	CT_TIME_WALL =
		1,	/* from the start of the payload on, whatever happens meanwhile: while it is
			     frozen, too; not while the machine is suspended */
	CT_TIME_CPU = 2 /* the cpu time of all its processes together, from the start of the payload
			   on. The container gets a cgroup of its own */
} ct_time;

/**
 * Limit the time of each container of a spec.
 *
 * A container over its limit, be it before its payload was executed, is killed by SIGKILL: its first process, and with that all of its
 * pid namespace; without a new pid namespace all of its cgroup as well (cgroup v2, Linux 5.14).
 * ct_detach() ends the limits. A process that joins another may have CT_TIME_WALL alone.
 *
 * @param spec the spec.
 * @param what what to limit.
 * @param ms   milliseconds, at least 1; CT_UNLIMITED: no limit, which is the default.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time.
 * Errors:  EINVAL no such limit, 0, or more than 2^40. For CT_TIME_CPU, at the start, by
 *          CT_STEP_LIMIT: those of ct_spec_set_cgroup(); where the caller allows the lack of a
 *          cgroup (ct_spec_allow_lack()), it is not limited then. EMFILE no descriptor is left.
 * Needs:   CT_TIME_CPU: a cgroup in which the caller may make others. Source: timerfd_create(2),
 *          cgroups(7). Since: 0.1. Example: judge.c
 */
CT_API int ct_spec_set_time_limit(ct_spec *spec, ct_time what, uint64_t ms);

/**
 * Change a limit of a running container.
 *
 * @param box  a container that was started, and not detached.
 * @param what what to limit.
 * @param ms   milliseconds, counted from the start of the payload, not from now; one that has
 *             passed already ends the container. CT_UNLIMITED: no limit.
 * @param err  filled on failure; may be NULL.
 * @return 0 or a negative errno; then the limits are as they were.
 *
 * Changes: nothing in the caller but a descriptor of the handle. Threads: safe.
 * Errors:  EINVAL as ct_spec_set_time_limit(), or it was not started, or is detached; ESRCH it has
 *          ended; ENOENT CT_TIME_CPU: it has no cgroup of its own; EPIPE the keeper is gone;
 *          EMFILE no descriptor is left.
 * Needs:   as ct_spec_set_time_limit(). Source: timerfd_create(2). Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_container_set_time_limit(
	ct_container *box, ct_time what, uint64_t ms, ct_error *err);

#ifdef __cplusplus
}
#endif

#endif

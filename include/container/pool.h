/* SPDX-License-Identifier: MIT */
/*
 * Sandboxes made ahead: a start that costs little more than posix_spawn(3).
 *
 *     ct_pool_new(spec, 8, &pool, &err);
 *     ...
 *     ct_payload job = CT_PAYLOAD_INIT;
 *
 *     job.argv = argv;
 *     job.stdio[1] = log;
 *     if (ct_pool_take(pool, &job, &box, &err) == 0)
 *             ct_wait(box, CT_FOREVER, &how, &err);
 *     ct_container_free(box);
 *     ct_pool_refill(pool, 0, &err);
 *
 * A sandbox is a container that lacks nothing but its payload: namespaces, mounts, cgroup, rights
 * are those of the spec, and a process waits in there. It serves one payload and ends with it;
 * none is used twice. No thread is at work: sandboxes are made in the calls of this header alone.
 */
#ifndef CONTAINER_POOL_H
#define CONTAINER_POOL_H

#include <stddef.h>
#include <stdint.h>

#include <container/cgroup.h>
#include <container/error.h>
#include <container/spawn.h>
#include <container/spec.h>
#include <container/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Sandboxes of one spec, made ahead. Free with ct_pool_free(). */
typedef struct ct_pool ct_pool;

/** A descriptor of the host for a payload, and the number that it gets there. */
typedef struct ct_payload_fd {
	int32_t fd;
	int32_t target; /* 3 to 1023 */
} ct_payload_fd;

/** A limit of the container's cgroup, in place of the spec's. */
typedef struct ct_payload_limit {
	uint32_t limit; /* ct_limit */
	uint32_t reserved;
	uint64_t value; /* as for ct_container_set_limit() */
} ct_payload_limit;

/** What a sandbox is to run. What is not said is as in the spec. Start from CT_PAYLOAD_INIT. */
typedef struct ct_payload {
	uint32_t size;			/* sizeof(ct_payload), set by CT_PAYLOAD_INIT */
	int32_t stdio[3];		/* descriptors of the host; -1: as in the spec */
	const char *program;		/* NULL: argv[0] if argv is given, else as in the spec */
	const char *const *argv;	/* ends with NULL; NULL: as in the spec */
	const char *const *envp;	/* "NAME=value", ends with NULL; NULL: as in the spec */
	const ct_payload_fd *fds;	/* more descriptors; they take the place of what the spec maps there */
	const ct_payload_limit *limits; /* for a spec with a cgroup: see ct_spec_set_cgroup() */
	size_t fd_count;		/* how many there are in fds, at most 128 */
	size_t limit_count;		/* and in limits */
	uint64_t wall_ms;		/* CT_TIME_WALL in milliseconds; CT_UNLIMITED; 0: as in the spec */
	uint64_t cpu_ms;		/* CT_TIME_CPU likewise */
} ct_payload;

/** Initializer for a ct_payload: all as in the spec. */
#define CT_PAYLOAD_INIT                                                                    \
	{                                                                                  \
		sizeof(ct_payload), {-1, -1, -1}, NULL, NULL, NULL, NULL, NULL, 0, 0, 0, 0 \
	}

/**
 * Make a pool, with all its sandboxes.
 *
 * The spec is compiled for the pool, which then holds copies of its descriptors: later changes
 * of the spec are none of the pool's, and the spec may be freed. Who reads a pipe whose other end was given
 * to the spec by ct_spec_set_stdio() sees its end when the pool is freed, too. Each sandbox is what ct_create()
 * makes, up to the descriptors of its payload; a callback of ct_spec_set_trace() is not called.
 *
 * @param spec     how isolated, and what is run where a payload does not say it. Not kept.
 * @param count    how many sandboxes are to wait, 1 to 65536.
 * @param ret_pool the pool; free with ct_pool_free(). Untouched on failure.
 * @param err      filled on failure; may be NULL.
 * @return 0 or a negative errno; then nothing is left.
 *
 * Changes: the caller gets a child more for each sandbox and one for their keeper, which ends them if the host
 *          dies; two descriptors for each, more with pipes or an init, and a few for the pool. All close-on-exec.
 *          Blocks for as long as so many starts take.
 * Threads: safe, as ct_spawn() with this spec. Not safe in the child of a threaded fork.
 * Errors:  EINVAL an argument is NULL or out of range, or what is wrong with the spec; EMFILE, ENOMEM,
 *          ENOSPC, EAGAIN there is no room for so many; and each errno of ct_create().
 * Needs:   as ct_spawn(). Source: as ct_spawn(). Since: 0.1. Example: pool.c
 */
CT_API CT_MUST_CHECK int ct_pool_new(ct_spec *spec, size_t count, ct_pool **ret_pool, ct_error *err);

/**
 * Make sandboxes in the place of those that were taken or have died.
 *
 * To be called whenever there is time: after an answer was sent, by a thread that waits for
 * ct_pool_fd(), or by an event loop, one at a time.
 *
 * @param pool the pool.
 * @param most how many to make at most; 0: all that are missing.
 * @param err  filled on failure; may be NULL.
 * @return how many were made, or a negative errno; those that were made before the failure wait.
 *
 * Changes: as ct_pool_new(), for each. Blocks for as long as so many starts take; ended sandboxes are reaped.
 * Threads: safe, several at once, also while others take.
 * Errors:  EINVAL pool is NULL, or another process has made it; ESTALE a source of a mount was renamed or replaced
 *          since ct_pool_new(), make another pool; EMFILE, ENOMEM, ENOSPC, EAGAIN a resource ran out; and
 *          each errno of ct_create().
 * Needs:   as ct_spawn(). Source: as ct_spawn(). Since: 0.1. Example: pool.c
 */
CT_API CT_MUST_CHECK int ct_pool_refill(ct_pool *pool, size_t most, ct_error *err);

/**
 * How many sandboxes wait.
 *
 * @param pool the pool.
 * @return how many are ready and alive at this moment, or -EINVAL.
 *
 * Changes: nothing. Threads: safe. Errors: EINVAL pool is NULL.
 * Needs: nothing. Source: poll(2). Since: 0.1
 */
CT_API int ct_pool_ready(ct_pool *pool);

/**
 * A descriptor that is readable while sandboxes are missing because they were taken: there is something to refill.
 *
 * Of one that has died it does not tell; ct_pool_take() and ct_pool_refill() see that.
 *
 * @param pool the pool.
 * @return an eventfd, borrowed: to be polled, and neither read nor closed. Or -EINVAL.
 *
 * Changes: nothing. Threads: safe. Errors: EINVAL pool is NULL.
 * Needs: nothing. Source: eventfd(2). Since: 0.1
 */
CT_API int ct_pool_fd(const ct_pool *pool);

/**
 * Start a container in a sandbox of the pool.
 *
 * A sandbox that has ended meanwhile is passed over without a word. Where none waits one is made
 * now, which costs as much as ct_spawn(). The sandbox gets what the payload says; the process that
 * waits in there puts the descriptors in place and executes the program. Returns when that exec
 * has succeeded, or says why not. The sandbox ends in either case: none goes back.
 *
 * Streams that are CT_STDIO_INHERIT in the spec and are not given here are what the host had there
 * when the sandbox was made. The time that the container lasts begins now, its limits of time
 * as well; cpu time that was used to make the sandbox counts in its figures, not against its limit.
 *
 * @param pool    the pool.
 * @param payload what to run, from CT_PAYLOAD_INIT; copied. Its descriptors stay the caller's. NULL: all as in
 *                the spec.
 * @param ret_box the running container; free with ct_container_free(). It may outlive the pool. Untouched on failure.
 * @param err     filled on failure; may be NULL.
 * @return 0 or a negative errno; then nothing runs.
 *
 * Changes: the sandbox is the container from now on. Where none waited: as ct_spawn().
 * Threads: safe, several at once; each gets a sandbox of its own. Not safe in the child of a threaded fork.
 * Errors:  EINVAL an argument is NULL or out of range, or another process has made the pool; EBADF a descriptor is not
 *          open; EEXIST a target is given twice; E2BIG more than 128 descriptors, or argv and envp are too long; ENOENT, EACCES, ENOEXEC
 *          the program cannot be executed, as for ct_spawn(), or ENOENT at CT_STEP_LIMIT the spec asked for no cgroup;
 *          EIO the sandbox was killed at that very moment; EMFILE, ENOMEM a resource ran out; and each errno of
 *          ct_spawn() where none waited, and of ct_container_set_limit().
 * Needs:   nothing more than ct_pool_new(). Source: memfd_create(2), unix(7), execve(2). Since: 0.1. Example: pool.c
 */
CT_API CT_MUST_CHECK int ct_pool_take(
	ct_pool *pool, const ct_payload *payload, ct_container **ret_box, ct_error *err);

/**
 * Free a pool: sandboxes that wait are ended. Containers that were taken go on.
 *
 * @param pool may be NULL.
 *
 * Changes: reaps the sandboxes, closes their descriptors and those of the pool; the keeper goes with the
 *          last container of it. Blocks until the kernel has ended them, but no longer than 2 seconds for each.
 *          In a forked child only descriptors are closed.
 * Threads: no other thread may use the pool.
 * Errors: none. Needs: nothing. Source: pidfd_send_signal(2), waitid(2). Since: 0.1. Example: pool.c
 */
CT_API void ct_pool_free(ct_pool *pool);

#ifdef __cplusplus
}
#endif

#endif

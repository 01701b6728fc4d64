/* SPDX-License-Identifier: MIT */
/*
 * ct_spawn and ct_container: starting containers and keeping hold of them.
 *
 *     ct_container *box = NULL;
 *     ct_exit how = CT_EXIT_INIT;
 *
 *     if (ct_spawn(spec, &box, &err) < 0)
 *             return 1;
 *     ct_wait(box, CT_FOREVER, &how, &err);
 *     ct_container_free(box);
 */
#ifndef CONTAINER_SPAWN_H
#define CONTAINER_SPAWN_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <container/cgroup.h>
#include <container/error.h>
#include <container/spec.h>
#include <container/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A container, created or running or ended. Free with ct_container_free(). */
typedef struct ct_container ct_container;

/** For a timeout: wait until it happens. */
#define CT_FOREVER (-1)

/** Whether a container was killed because memory ran out, and whose. */
typedef enum ct_oom {
	CT_OOM_NONE = 0,  /* it was not, or it had no cgroup of its own to tell */
	CT_OOM_LIMIT = 1, /* its own: CT_LIMIT_MEMORY_MAX was reached */
	CT_OOM_HOST = 2	  /* that of the machine, or of a cgroup above */
} ct_oom;

/** Why a container ended. */
typedef enum ct_end {
	CT_END_EXIT = 0,      /* it exited: code */
	CT_END_SIGNAL = 1,    /* signal ended it, sent by itself, by the kernel or by somebody */
	CT_END_ASKED = 2,     /* the same, and this handle has sent that signal: ct_kill(), ct_stop() */
	CT_END_WALL = 3,      /* its CT_TIME_WALL was over */
	CT_END_CPU = 4,	      /* its CT_TIME_CPU was used up */
	CT_END_OOM = 5,	      /* memory ran out; oom tells whose */
	CT_END_SECCOMP = 6,   /* its filter killed it for a system call (SIGSYS) */
	CT_END_UNWATCHED = 7, /* no descriptor or memory was left to watch its time */
	CT_END_LOST = 8	      /* it is not known; see lost */
} ct_end;

/** How a container ended. Start from CT_EXIT_INIT. */
typedef struct ct_exit {
	uint32_t size;		/* sizeof(ct_exit), set by CT_EXIT_INIT */
	int32_t code;		/* exit code 0 to 255, or -1 if a signal ended it */
	int32_t signal;		/* the signal that ended it, or 0 */
	uint32_t core_dumped;	/* 1: with a core dump */
	uint32_t lost;		/* 1: the host reaped the process itself (SIGCHLD ignored, or wait() for any
				   child) and the kernel (before 6.15) no longer knows how it ended;
				   code is -1 and signal 0 then */
	uint32_t oom;		/* ct_oom: why signal is SIGKILL */
	uint32_t why;		/* ct_end */
	uint32_t reserved;
	uint64_t wall_us;	/* from its start to its end as seen by ct_wait(), in microseconds */
	uint64_t user_us;	/* cpu time in user mode of the payload and the children it waited for */
	uint64_t system_us;	/* the same in kernel mode; setting the container up is included */
	uint64_t max_rss_bytes; /* the largest resident size that one of them had; 0: not known,
				   because it was no larger than the host's own: see
				   ct_spec_set_exact_rss() */
	ct_figures figures;	/* of its cgroup, if it had one: see ct_spec_set_cgroup(); else all 0 */
} ct_exit;

/** Initializer for a ct_exit. */
#define CT_EXIT_INIT                                                                               \
	{                                                                                          \
		sizeof(ct_exit), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, CT_FIGURES_INIT                        \
	}

/**
 * Start a container: ct_create() and ct_start() in one.
 *
 * In order: the spec is compiled into a plan unless that was done before; pipes are
 * made; clone3 makes a process in its new namespaces, which at once executes the
 * stage, a small static program with memory of its own; the stage follows the plan
 * (mounts, pivot_root, limits, ids, capabilities) and executes the payload. Returns
 * when that exec has succeeded, or says which step failed; then nothing is left.
 *
 * @param spec    what to run and how isolated; may be shared by threads.
 * @param ret_box the container; free with ct_container_free(). Untouched on failure.
 * @param err     filled on failure; may be NULL.
 * @return 0 or a negative errno.
 *
 * Changes: the caller gets one child more, known by its pidfd, and SIGCHLD once when it
 *          ends (as for any child). The first spawn of a spec also makes the keeper, a
 *          second, tiny child which ends the spec's containers if the host dies; it goes
 *          with the spec and its last container. Nothing else: mask, handlers, cwd,
 *          umask, limits stay.
 * Threads: safe from any thread, several at once, with one spec. Not safe in the child of
 *          a threaded fork.
 * Errors:  EINVAL the spec lacks something or contradicts itself; EPERM a right is missing;
 *          ENOENT, EACCES, ENOEXEC the program cannot be executed (step CT_STEP_PROGRAM or
 *          CT_STEP_EXEC; the sentence tells a missing interpreter from a missing program);
 *          EPERM at CT_STEP_MOUNT the /proc here is masked, see ct_spec_allow_lack();
 *          EAGAIN, ENOMEM, EMFILE, ENOSPC a resource ran out; and each errno of the kernel
 *          calls of the step that the error names.
 * Needs:   Linux 5.10; CAP_SYS_ADMIN, or unprivileged user namespaces.
 * Source:  clone(2), pivot_root(2), execveat(2). Since: 0.1. Example: run.c
 */
CT_API CT_MUST_CHECK int ct_spawn(ct_spec *spec, ct_container **ret_box, ct_error *err);

/**
 * Make a container whose payload is not executed yet: everything else is in place.
 *
 * @param spec    as for ct_spawn(). @param ret_box the container; free with
 *                ct_container_free(). Untouched on failure.
 * @param err     filled on failure; may be NULL.
 * @return 0 or a negative errno; as for ct_spawn(), except what concerns the program itself.
 *
 * Changes: as ct_spawn(). Threads: as ct_spawn(). Errors: as ct_spawn().
 * Needs: as ct_spawn(). Source: as ct_spawn(). Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_create(ct_spec *spec, ct_container **ret_box, ct_error *err);

/**
 * Execute the payload of a created container.
 *
 * @param box a container of ct_create() that was not started.
 * @param err filled on failure; may be NULL.
 * @return 0 when the payload's exec has succeeded, or a negative errno; the container has
 *         ended then and can only be freed.
 *
 * Changes: nothing in the caller. Threads: one at a time for one container.
 * Errors: EINVAL it was started already; ENOENT, EACCES, ENOEXEC as ct_spawn().
 * Needs: nothing more. Source: execveat(2). Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_start(ct_container *box, ct_error *err);

/**
 * Wait for the end of the container's first process, which ends all others.
 *
 * May be called again: the answer is kept in the handle.
 *
 * @param box        the container.
 * @param timeout_ms how long at most, in milliseconds; 0 looks only; CT_FOREVER.
 * @param ret_exit   how it ended; may be NULL. Untouched unless 0 is returned.
 * @param err        filled on failure; may be NULL.
 * @return 0, or a negative errno.
 *
 * Changes: reaps this child and what ct_join() put into it, no other. A call that has to
 *          wait gives the handle one descriptor, until it is freed. Blocks the calling thread.
 * Threads: safe, several threads may wait for one container.
 * Errors: ETIMEDOUT it runs still; EINTR a signal came to the calling thread, call again; EINVAL box
 *         is NULL, timeout_ms is below CT_FOREVER, or the size of ret_exit is not set.
 * Needs: nothing. Source: poll(2), waitid(2) with P_PIDFD. Since: 0.1. Example: run.c
 */
CT_API int ct_wait(ct_container *box, int timeout_ms, ct_exit *ret_exit, ct_error *err);

/**
 * Send a signal to the container's first process. SIGKILL ends the whole container if
 * it has a pid namespace of its own.
 *
 * @param box    the container. @param signal 1 to 64. @param err may be NULL.
 * @return 0 or a negative errno.
 *
 * Changes: nothing in the caller. Threads: safe, also while others wait.
 * Errors: ESRCH it has ended; EINVAL no such signal, or box is NULL; EPERM its process has become
 *         a user's over whom the caller has no right (CAP_KILL).
 * Needs: nothing. Source: pidfd_send_signal(2). Since: 0.1
 */
CT_API int ct_kill(ct_container *box, int signal, ct_error *err);

/**
 * End a container: ask it by a signal, and kill it if it has not ended in time.
 *
 * A frozen container is let go, so that it can hear of the signal. The first process of a pid
 * namespace gets only signals for which it has a handler; a payload without one for this
 * signal takes its full grace.
 *
 * @param box      the container. One that has ended already is no error.
 * @param signal   1 to 64; SIGTERM is what most programs understand.
 * @param grace_ms how long it may take, in milliseconds; 0: none; CT_FOREVER: it is not killed.
 * @param ret_exit how it ended; may be NULL. ret_exit->signal is SIGKILL if it had to be killed.
 * @param err      filled on failure; may be NULL.
 * @return 0 when the container has ended, or a negative errno.
 *
 * Changes: as ct_wait(). Blocks for the grace, and at most 2 seconds more. A signal handler of
 *          the caller does not end the wait.
 * Threads: safe, several threads may stop and wait for one container.
 * Errors:  EINVAL no such signal or time; EPERM as ct_kill(); ETIMEDOUT it was killed, but the kernel has not
 *          ended it yet (a process that waits for a device, say): ct_wait() for it.
 * Needs:   nothing. Source: pidfd_send_signal(2). Since: 0.1. Example: loop.c
 */
CT_API int ct_stop(ct_container *box, int signal, int grace_ms, ct_exit *ret_exit, ct_error *err);

/**
 * Say in words how a container ended: "exited with code 3", "killed by signal 9 (SIGKILL): its
 * time was over".
 *
 * @param how  the exit record of a container that has ended.
 * @param text where to write the text, ended by NUL; may be NULL if size is 0.
 * @param size bytes that fit. What does not is cut off.
 * @return the length of the whole text, which may not have fitted, as of snprintf(3); or -EINVAL.
 *
 * Changes: nothing. Threads: safe.
 * Errors: EINVAL how is NULL or its size not set, or text is NULL though size is not 0.
 * Needs: nothing. Source: this library. Since: 0.1. Example: judge.c
 */
CT_API int ct_exit_to_text(const ct_exit *how, char *text, size_t size);

/**
 * What ct_spec_set_prepare() has called. The container's process waits meanwhile, and is the only one in it.
 *
 * @param data as given to ct_spec_set_prepare().
 * @param box  the container that is being made, for ct_container_pid(), ct_container_pidfd(),
 *             ct_container_cgroup(), ct_container_uid_map() and ct_join(); borrowed until the return.
 * @param err  for a refusal: to be filled, or left as it is.
 * @return 0: it goes on; or a negative errno, with which the start fails.
 */
typedef int (*ct_prepare_fn)(void *data, ct_container *box, ct_error *err);

/**
 * Have a function called when the root of a container is ready, and the host's is still in its place.
 *
 * All namespaces, mounts, devices and the cgroup are made by then, ids mapped; rights are not yet given
 * away. Who goes into the container (ct_join() with CT_JOIN_NO_SECCOMP) sees the host's tree, with one
 * difference: at the path where the host has the root filesystem lies the container's root, with all that
 * is mounted in it, and still writable where it is to be read-only. What is mounted there stays.
 * Then the stage makes it the root, and nothing of the host's tree is left: in a new pid namespace it
 * kills who is still in it, since a payload could get at the program and the files of such a process. What
 * is to stay, as the server of a mount has to, joins without CT_NS_PID. A given pid namespace has others in
 * it already, who see each process that joins it, with the host's tree.
 *
 * In a pid namespace that is not new (a given one, or the host's with new clocks) the container's process is
 * not yet: the one that box stands for makes the container, and is gone at the end of the start.
 *
 * @param spec    the spec.
 * @param prepare called in the thread that starts, once for each start, before ct_create() and ct_spawn()
 *                return; it must not change the spec, nor free box. NULL: nothing is called. Default: NULL.
 * @param data    passed to prepare; borrowed, must live as long as containers are started with the spec.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time; prepare is called in each thread that starts.
 * Errors: EINVAL spec is NULL. The start refuses with EINVAL a spec without a new mnt namespace, and one
 *         whose root filesystem is "/" or an image; so does ct_pool_new() any. A refusal of prepare without words of
 *         its own has the step CT_STEP_PIVOT.
 * Needs: Linux 5.10. Source: pivot_root(2), move_mount(2); runtime-spec, createContainer. Since: 0.1
 */
CT_API int ct_spec_set_prepare(ct_spec *spec, ct_prepare_fn prepare, void *data);

/**
 * Let a container outlive its handle and the host process.
 *
 * Afterwards ct_container_free() leaves it running, and limits of time no longer hold. If the host is still there when the
 * container ends, it stays a child that the host may wait for; so does one that had ended before
 * the call.
 *
 * @param box a running container. @param err may be NULL.
 * @return 0 or a negative errno.
 *
 * Changes: nothing in the caller. Threads: safe.
 * Errors: EINVAL it was created but not started; ESRCH it has ended; EPIPE the keeper is gone.
 * Needs: nothing. Source: this library. Since: 0.1
 */
CT_API int ct_detach(ct_container *box, ct_error *err);

/**
 * The pid of the container's first process in the caller's pid namespace.
 *
 * Good for showing. To act on the process use ct_kill() or ct_container_pidfd(): a pid
 * may belong to another process once the container has ended and was waited for.
 *
 * @param box the container.
 * @return the pid, or -EINVAL if box is NULL.
 *
 * Changes: nothing. Threads: safe. Errors: EINVAL box is NULL.
 * Needs: nothing. Source: clone(2). Since: 0.1
 */
CT_API pid_t ct_container_pid(const ct_container *box);

/**
 * A pidfd of the container's first process: becomes readable when it ends.
 *
 * @param box the container.
 * @return a close-on-exec descriptor, borrowed: it is closed with the handle. Or -EINVAL.
 *
 * Changes: nothing. Threads: safe. Errors: EINVAL box is NULL.
 * Needs: nothing. Source: pidfd_open(2). Since: 0.1
 */
CT_API int ct_container_pidfd(const ct_container *box);

/** Ids from `inside` on are those from `outside` on in the caller's user namespace. */
typedef struct ct_id_range {
	uint32_t inside, outside, count;
} ct_id_range;

/**
 * Whose user ids those of a container are, where it has a user namespace of its own.
 *
 * @param box        the container.
 * @param ret_ranges array of room ranges, filled from its start; NULL with room 0.
 * @param room       how many fit; one is enough for CT_IDMAP_OWN and for CT_IDMAP_PRIVATE of root.
 * @return how many ranges there are, which may be more than room; 0 if no user namespace was
 *         made for the container; or a negative errno.
 *
 * Changes: nothing. Threads: safe. Errors: EINVAL box is NULL, or ret_ranges though room is not 0.
 * Needs: nothing. Source: user_namespaces(7). Since: 0.1
 */
CT_API int ct_container_uid_map(const ct_container *box, ct_id_range *ret_ranges, size_t room);

/**
 * Whose group ids those of a container are, as ct_container_uid_map() tells of users.
 *
 * @param box        the container.
 * @param ret_ranges as for ct_container_uid_map(). @param room as for ct_container_uid_map().
 * @return as ct_container_uid_map().
 *
 * Changes: nothing. Threads: safe. Errors: as ct_container_uid_map().
 * Needs: nothing. Source: user_namespaces(7). Since: 0.1
 */
CT_API int ct_container_gid_map(const ct_container *box, ct_id_range *ret_ranges, size_t room);

/**
 * Take the host's end of a pipe that CT_STDIO_PIPE asked for.
 *
 * @param box    the container.
 * @param stream 0: where to write its stdin; 1, 2: where to read its stdout, stderr.
 * @return a blocking, close-on-exec descriptor that the caller now owns, or a negative errno.
 *
 * Changes: the handle no longer holds it. Threads: one at a time for one container.
 * Errors: EINVAL box is NULL, or no such stream; ENOENT the stream is no pipe, or was taken already.
 * Needs: nothing. Source: pipe(2). Since: 0.1. Example: capture.c
 */
CT_API int ct_container_take_stdio(ct_container *box, int stream);

/**
 * Free a container. One that still runs is killed first, unless it was detached.
 *
 * @param box may be NULL.
 *
 * Changes: reaps this one child; closes its descriptors and the pipes not taken. Blocks until
 *          the kernel has ended the container, but no longer than 2 seconds.
 * Threads: no other thread may use the handle.
 * Errors: none. Needs: nothing. Source: pidfd_send_signal(2), waitid(2). Since: 0.1
 */
CT_API void ct_container_free(ct_container *box);

#ifdef __cplusplus
}
#endif

#endif

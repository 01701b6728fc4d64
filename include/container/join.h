/* SPDX-License-Identifier: MIT */
/*
 * ct_join: one more process inside a running container, or in the namespaces of
 * any process, confined as that one is.
 *
 *     ct_spec_set_argv(spec, (const char *const[]){"ps", "aux", NULL});
 *     if (ct_join(box, 0, 0, spec, &visitor, &err) < 0)
 *             return 1;
 *     ct_wait(visitor, CT_FOREVER, &how, &err);
 *
 * What runs is described by a ct_spec, in the same words as for a spawn. Where the
 * spec says nothing, the target is the model and not the strict default: user and
 * groups, capability sets, no_new_privs, limits, oom score, cgroup and root are those
 * that the target has at that moment. What the spec says by name goes before.
 *
 * So is the seccomp filter that a container of this library was given, if the container
 * is named by its handle: the settings are the same, and a capability that the joining spec
 * adds opens its calls. The filter of any other process cannot be copied: the spec must
 * give one (container/seccomp.h), or the join say CT_JOIN_NO_SECCOMP.
 *
 * Which namespaces: those of `kinds` come from the target, with one setns(2), all or
 * none. The others are the caller's, unless the spec asks for new ones
 * (ct_spec_set_ns_new) or gives them (ct_spec_set_ns_fd, _path, _pid). A spec with a root
 * filesystem gets a new mnt namespace, unless mnt is to be joined, which is refused.
 *
 * The new process never enters as an image of the host: the stage, a small static
 * program, does all that needs rights from outside, where no process of the target sees
 * it, gives the rights away, and only then makes the process that the target can see;
 * that one executes the payload, and holds nothing but what the payload gets.
 */
#ifndef CONTAINER_JOIN_H
#define CONTAINER_JOIN_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <container/error.h>
#include <container/spawn.h>
#include <container/spec.h>
#include <container/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Flags of a join: each is a loosening. */
#define CT_JOIN_NO_CGROUP  (1u << 0) /* stay in the caller's cgroup; default: the target's, or an error */
#define CT_JOIN_NO_SECCOMP (1u << 1) /* join without a filter though the target has one that cannot be
					copied, since it is not a container of this library given by
					its handle; default: an error, unless the spec gives a filter */

/**
 * Run a process inside a running container.
 *
 * In order: the container's first process is looked at (/proc/PID of its pidfd) for its
 * namespaces, root, ids, capabilities, limits and cgroup; the spec is compiled for it;
 * clone3 makes a process that at once executes the stage; the stage, undumpable, enters the
 * namespaces by one setns(pidfd, kinds), changes to the target's root, takes the target's
 * limits, ids and capability sets, and forks once more into the target's pid namespace; that
 * child executes the payload. Returns when the exec has succeeded, or says which step failed;
 * then nothing is left.
 *
 * @param target  a container of this library that runs.
 * @param kinds   CT_NS_* bits to take from the target; 0: every kind in which the target
 *                differs from the caller.
 * @param flags   CT_JOIN_*; 0: confined as the target in all that is named above. What the kernel
 *                does not tell of it (securebits), or is not copied (AppArmor and SELinux labels,
 *                scheduling), is the caller's.
 * @param spec    what to run; not changed, may be shared by threads.
 * @param ret_box handle of the new process, as from ct_spawn(); free with ct_container_free().
 *                Freeing it ends that one process, not the target. Untouched on failure.
 * @param err     filled on failure; may be NULL.
 * @return 0 or a negative errno; either all the kinds are joined or nothing runs.
 *
 * Changes: the caller gets one child more, as with ct_spawn(), and the target's handle one
 *          descriptor, until it is freed. Nothing in the target itself but that its pid namespace
 *          and cgroup have one process more.
 * Threads: safe from any thread, several at once, with one spec and one target.
 * Errors:  ESRCH the target has ended (step CT_STEP_TARGET), also in the middle of the join;
 *          EPERM a right over one of its namespaces is missing; EACCES its cgroup or its /proc
 *          entries are out of reach; EOPNOTSUPP it has a seccomp filter that it did not get
 *          from us, such as one that it has put on itself (see CT_JOIN_NO_SECCOMP);
 *          EINVAL the spec contradicts itself or the join; those of ct_spawn().
 * Needs:   Linux 5.10; CAP_SYS_ADMIN over each namespace, CAP_SYS_CHROOT for mnt; or a user
 *          namespace of the target's that belongs to the caller. /proc of the caller's pid namespace.
 * Source:  setns(2), pid_namespaces(7), user_namespaces(7), clone(2). Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_join(ct_container *target, uint32_t kinds, uint32_t flags, ct_spec *spec,
	ct_container **ret_box, ct_error *err);

/**
 * The same for any process, by its pidfd.
 *
 * @param pidfd   of the target; borrowed, stays open. @param kinds as for ct_join().
 * @param flags   as for ct_join(). @param spec as for ct_join().
 * @param ret_box as for ct_join(). @param err may be NULL.
 * @return 0 or a negative errno.
 *
 * Changes: as ct_join(). Threads: as ct_join().
 * Errors:  EBADF or EINVAL it is no pidfd; else as ct_join().
 * Needs: as ct_join(). Source: pidfd_open(2), setns(2). Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_join_pidfd(int pidfd, uint32_t kinds, uint32_t flags, ct_spec *spec,
	ct_container **ret_box, ct_error *err);

/**
 * The same for any process, by its pid, with a guard against a pid that was reused.
 *
 * @param pid         a process of the caller's pid namespace.
 * @param start_ticks when that process was started, as ct_pid_start_ticks() told when it was
 *                    known to be the right one; 0: no guard, whoever has the pid now.
 * @param kinds       as for ct_join(). @param flags as for ct_join(). @param spec as for ct_join().
 * @param ret_box     as for ct_join(). @param err may be NULL.
 * @return 0 or a negative errno.
 *
 * Changes: as ct_join(). Threads: as ct_join().
 * Errors:  ESRCH no such process, or another one has the pid now; else as ct_join().
 * Needs: as ct_join(). Source: pidfd_open(2), proc(5). Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_join_pid(pid_t pid, uint64_t start_ticks, uint32_t kinds, uint32_t flags,
	ct_spec *spec, ct_container **ret_box, ct_error *err);

/**
 * The same with an explicit set of namespaces instead of a target process.
 *
 * There is no process to be the model of what is not said: user, capabilities, limits are the
 * spec's, with its strict defaults; the cgroup is the caller's; the root is that of a given mnt
 * namespace. A user namespace is entered first, a pid namespace last.
 *
 * @param ns_fds  descriptors of namespaces (/proc/PID/ns/..., bind-mounted ones), of different
 *                kinds; borrowed. NULL with count 0: those of the spec alone, such as given by
 *                ct_spec_set_ns_path().
 * @param count   how many; at most 8.
 * @param spec    as for ct_join(). @param ret_box as for ct_join(). @param err may be NULL.
 * @return 0 or a negative errno.
 *
 * Changes: as ct_join(). Threads: as ct_join().
 * Errors:  EINVAL a descriptor is no namespace, or there are two of one kind, or none at all;
 *          EPERM a right over one of them is missing; EBADF a descriptor is not open; those of
 *          ct_spawn().
 * Needs: as ct_join(). Source: setns(2), namespaces(7). Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_join_ns(const int *ns_fds, size_t count, ct_spec *spec,
	ct_container **ret_box, ct_error *err);

/**
 * When a process was started: with its pid it names the process for good.
 *
 * @param pid       a process of the caller's pid namespace.
 * @param ret_ticks clock ticks since boot (sysconf(_SC_CLK_TCK) a second). Untouched on failure.
 * @return 0 or a negative errno.
 *
 * Changes: nothing. Threads: safe.
 * Errors: EINVAL pid is not positive, or ret_ticks is NULL; ESRCH no such process;
 *         EACCES, ENOENT /proc is hidden or not mounted.
 * Needs: /proc. Source: proc(5), stat field 22. Since: 0.1
 */
CT_API int ct_pid_start_ticks(pid_t pid, uint64_t *ret_ticks);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT */
/*
 * How much of the kernel and of other processes a container's /proc shows.
 */
#ifndef CONTAINER_PROC_H
#define CONTAINER_PROC_H

#include <container/spec.h>

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What /proc leaves out; see ct_spec_set_proc(). */
#define CT_PROC_SUBSET UINT32_C(1) /* all but the processes: no /proc/sys, /proc/meminfo, ... */
#define CT_PROC_HIDE   UINT32_C(2) /* processes that who looks may not trace, as those of other users */

/**
 * Have the container's /proc show less.
 *
 * CT_PROC_SUBSET leaves the directories of processes, and self and thread-self. Programs that
 * count processors or memory by /proc do not find them then. CT_PROC_HIDE hides a process from
 * those who may not trace it: a user of the container sees only its own, unless it is in the
 * machine's group 0, from which the kernel hides nothing.
 * Both are options of the mount: they cost nothing in a start, and hold for whoever joins.
 *
 * @param spec  the spec.
 * @param flags CT_PROC_SUBSET, CT_PROC_HIDE, both; 0: all is shown. Default: 0.
 *              The last call counts.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time.
 * Errors: EINVAL spec is NULL, or unknown bits. ct_spawn() and ct_join() say EINVAL where the
 *         mnt or the pid namespace is not new (make both new), and for CT_PROC_SUBSET together
 *         with kernel parameters, which are written by /proc/sys (leave one of them out). Where
 *         /proc cannot be mounted and CT_ITEM_PROC may be lacking, these are lacking with it.
 * Needs: Linux 5.8 for CT_PROC_SUBSET. Source: proc(5), subset and hidepid. Since: 0.1
 */
CT_API int ct_spec_set_proc(ct_spec *spec, uint32_t flags);

#ifdef __cplusplus
}
#endif

#endif

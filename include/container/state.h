/* SPDX-License-Identifier: MIT */
/*
 * Containers that are found again: by another process, or after the host was started anew.
 *
 *     ct_detach(box, &err);
 *     ct_container_save(box, directory, "web", &err);
 *
 * and later, elsewhere,
 *
 *     if (ct_container_load(directory, "web", &box, &err) == -ESRCH)
 *             ct_state_remove(directory, "web", &err);
 *
 * The library keeps no state of its own anywhere: the caller names the directory, and each name
 * in it is one file. It is written whole or not at all.
 */
#ifndef CONTAINER_STATE_H
#define CONTAINER_STATE_H

#include <container/error.h>
#include <container/spawn.h>
#include <container/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Write down what it takes to find a container again.
 *
 * That is its process with its start time, its id maps, its cgroup, its filter, and which protections
 * it has and lacks. Pipes, terminals, limits of time and what ct_container_mount() has mounted
 * belong to this handle. A container that was not detached still ends with it.
 *
 * @param box       a started container.
 * @param directory an open directory (not O_PATH), borrowed for the call, to which nobody but
 *                  the caller and root may write.
 * @param name      of the file: 1 to 200 bytes without slash and control characters, and not with a
 *                  dot in front; copied.
 * @param err       filled on failure; may be NULL.
 * @return 0 or a negative errno; then there is no such file, or the one that was there before.
 *
 * Changes: makes the file, with mode 0600. Threads: safe, also in several processes.
 * Errors:  EEXIST a container of this name runs; EINVAL it was not started, or the name; ESRCH it has
 *          ended; EPERM others may write to the directory; ENOSPC, EROFS, EACCES and the like of writing,
 *          at CT_STEP_STATE; ENOMEM out of memory.
 * Needs:   a filesystem with renameat2(2). /proc of the caller's pid namespace. Source: rename(2).
 *          Since: 0.1
 */
CT_API int ct_container_save(ct_container *box, int directory, const char *name, ct_error *err);

/**
 * Open a container that was saved.
 *
 * The handle is as one of a detached container: ct_container_free() leaves it running, and removes its
 * cgroup if it has ended. All calls work on it but these: limits of time are refused, there
 * are no pipes and no terminal to take. For a process that is no child of the caller, the kernel
 * (before 6.15) does not tell how it ended: ct_exit.lost.
 *
 * @param directory as for ct_container_save(). @param name as for ct_container_save().
 * @param ret_box   the container; free with ct_container_free(). Untouched on failure.
 * @param err       filled on failure; may be NULL.
 * @return 0 or a negative errno.
 *
 * Changes: nothing. Threads: safe.
 * Errors:  ENOENT there is no such file; ESRCH it has ended, or the machine was started anew;
 *          EXDEV it was saved in another pid namespace; EPERM others may write to the directory or to
 *          the file, or it belongs to another user; EBADMSG it is no such file, or damaged; EINVAL the name;
 *          ENOMEM out of memory; EMFILE too many descriptors.
 * Needs:   /proc of the caller's pid namespace. Source: pidfd_open(2), proc(5). Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_container_load(int directory, const char *name, ct_container **ret_box,
	ct_error *err);

/**
 * Remove what was saved of a container that has ended, and its cgroup.
 *
 * @param directory as for ct_container_save(). @param name as for ct_container_save().
 * @param err       filled on failure; may be NULL.
 * @return 0 or a negative errno.
 *
 * Changes: removes the file. Threads: safe, also in several processes.
 * Errors:  EBUSY it runs; ENOENT there is no such file; EPERM, EXDEV and EINVAL as for ct_container_load().
 *          A damaged file is removed.
 * Needs:   nothing more. Source: unlink(2). Since: 0.1
 */
CT_API int ct_state_remove(int directory, const char *name, ct_error *err);

#ifdef __cplusplus
}
#endif

#endif

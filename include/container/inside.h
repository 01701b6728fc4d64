/* SPDX-License-Identifier: MIT */
/*
 * Reaching into a running container: its files, its mounts, its processes.
 *
 *     int fd = ct_container_open_file(box, "/var/log/app.log", O_RDONLY, 0, &err);
 *     int n = ct_container_processes(box, pids, 64, &err);
 *
 * Files are opened, and mounts made, by a small process of the library's own that goes into the
 * mnt and user namespace of the container for that moment, as its root: so owners, id maps and
 * mounts are those that the container itself sees, and a symlink leads nowhere but to a place
 * inside. No process of the container sees it, as it stays outside of its pid namespace.
 */
#ifndef CONTAINER_INSIDE_H
#define CONTAINER_INSIDE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <container/error.h>
#include <container/spawn.h>
#include <container/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Open a regular file or a directory of a running container.
 *
 * The name is looked up below the container's root in one step, however the container renames
 * and links meanwhile: an absolute symlink begins at its root, ".." ends there, and no magic link
 * of /proc is followed. What is neither file nor directory is refused without having been waited
 * for (a FIFO, a device), and so is what the kernel makes up (/proc, /sys, cgroups): what is
 * written to such files by a caller with more rights than the container would count as his.
 *
 * @param box   the container; created or running.
 * @param path  name below its root; borrowed for the call. A leading slash means the same.
 * @param flags as of open(2): O_RDONLY, O_WRONLY or O_RDWR, with O_CREAT, O_EXCL, O_TRUNC, O_APPEND,
 *              O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_SYNC, O_DSYNC. O_CLOEXEC is always on.
 * @param mode  of a file that O_CREAT makes, 0 to 07777; no umask changes it. It belongs to the
 *              container's root.
 * @param err   filled on failure; may be NULL.
 * @return a descriptor that the caller owns, or a negative errno. A name that is looked up below
 *         the descriptor of a directory is followed by the caller's own process: ask again instead.
 *
 * Changes: a child of the caller for some milliseconds, which is reaped, with SIGCHLD as for any.
 *          A filesystem of the container's that does not answer (FUSE) is given up after 10 seconds;
 *          a child that it keeps is reaped by a later call of these, or with the handle.
 * Threads: safe, several at once.
 * Errors:  ESRCH it has ended; EINVAL a flag or mode that is not taken, or neither a file nor a
 *          directory; EPERM it is a file of the kernel's; ETIMEDOUT a filesystem inside does not
 *          answer; EOPNOTSUPP the container has the
 *          host's mounts; those of openat2(2), at CT_STEP_INSIDE.
 * Needs:   Linux 5.10; CAP_SYS_ADMIN, or a user namespace of the container that belongs to the
 *          caller. /proc of the caller's pid namespace.
 * Source:  openat2(2), setns(2). Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_container_open_file(ct_container *box, const char *path, int flags,
	mode_t mode, ct_error *err);

/**
 * Mount a file or directory of the host into a running container.
 *
 * @param box    the container; created or running.
 * @param fd     what to mount, of the caller's mnt namespace (O_PATH will do); borrowed.
 * @param target where, below the container's root; copied. Made if it is missing, as an empty file or
 *               directory that belongs to the container's root. In-root symlinks are followed.
 * @param flags  CT_MOUNT_READONLY, _NOEXEC, _SUID, _DEV, _NO_SUBMOUNTS; 0: writable, executable,
 *               nosuid, nodev, with what is mounted below.
 * @param err    filled on failure; may be NULL.
 * @return 0 or a negative errno; then nothing is mounted.
 *
 * Changes: as ct_container_open_file(); after a failure it goes inside once more, to remove what
 *          may have been mounted. The mount goes with the container.
 * Threads: safe, several at once.
 * Errors:  ESRCH it has ended; EINVAL unknown flags, or no mount of the caller's; EPERM no right to
 *          clone the mount, or the target lies on /proc, or the container has cap_sys_admin in a user
 *          namespace of its own and could undo what the flags forbid; EEXIST something is mounted
 *          there by this call already; EROFS the mount point is missing and cannot be made;
 *          ETIMEDOUT a filesystem inside does not answer; EOPNOTSUPP the container has the host's
 *          mounts.
 * Needs:   Linux 5.12; CAP_SYS_ADMIN in the caller's mnt namespace.
 * Source:  open_tree(2), mount_setattr(2), move_mount(2). Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_container_mount(ct_container *box, int fd, const char *target,
	uint32_t flags, ct_error *err);

/**
 * Remove a mount that ct_container_mount() has made. Processes that use it keep what they have open.
 *
 * @param box    the container. @param target as it was given; borrowed for the call.
 * @param err    filled on failure; may be NULL.
 * @return 0 or a negative errno.
 *
 * Changes: as ct_container_open_file(). The mount point stays.
 * Threads: safe, several at once.
 * Errors:  ENOENT nothing was mounted there by this handle; ESTALE the container has moved or removed
 *          it, or has mounted over it; ESRCH it has ended; ETIMEDOUT a filesystem inside does not answer.
 * Needs:   as ct_container_open_file(). Source: umount(2). Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_container_unmount(ct_container *box, const char *target, ct_error *err);

/**
 * List the processes of a container, those that joined it included.
 *
 * A container with a cgroup of its own has those that are in it; else those in its pid namespace and in
 * what was made below that. They may end, and new ones begin, at any moment: the numbers are good
 * for showing, and for a pidfd that is looked at again.
 *
 * @param box      the container. One that has ended has none.
 * @param ret_pids the caller's array, filled with room numbers in the caller's pid namespace, in rising order; NULL with
 *                 room 0.
 * @param room     how many fit. @param err filled on failure; may be NULL.
 * @return how many there are, which may be more than room; or a negative errno.
 *
 * Changes: nothing. Threads: safe.
 * Errors:  EINVAL box is NULL, or ret_pids with room; EOPNOTSUPP it has neither a cgroup nor a pid namespace of its own; EACCES /proc is
 *          missing or shows too little; ENOMEM out of memory; EMFILE too many descriptors.
 * Needs:   nothing. Source: cgroups(7), pid_namespaces(7). Since: 0.1
 */
CT_API int ct_container_processes(ct_container *box, pid_t *ret_pids, size_t room, ct_error *err);

#ifdef __cplusplus
}
#endif

#endif

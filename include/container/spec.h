/* SPDX-License-Identifier: MIT */
/*
 * ct_spec: what to run and how isolated. Built once by one thread, then spawned
 * any number of times from any number of threads.
 *
 * An empty spec is the strict one: new pid, mnt, net, ipc, uts and cgroup
 * namespaces (a user namespace too if the caller is not privileged), a pivoted
 * root, minimal /dev, masked and read-only parts of /proc and /sys, a small
 * capability set, no_new_privs, a filter of system calls (seccomp.h), a session
 * and keyring of its own, an empty environment and no descriptor but stdio. Each
 * loosening is one call.
 *
 * Setters return 0 or a negative errno. They also remember the first mistake:
 * ct_spawn() refuses the spec with it, so that the results of the setters need
 * not be looked at one by one.
 *
 * Two rules hold for all of them:
 * - Strings and arrays are copied. Descriptors are duplicated, except those that
 *   the payload itself gets (stdio, mapped ones), which are borrowed: they must
 *   be open at each spawn, and the spec never closes them.
 * - A spec must not be changed while another thread uses it. A change after a
 *   spawn holds for the spawns that follow.
 */
#ifndef CONTAINER_SPEC_H
#define CONTAINER_SPEC_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <container/error.h>
#include <container/rootfs.h>
#include <container/trace.h>
#include <container/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What to run and how isolated. Free with ct_spec_free(). */
typedef struct ct_spec ct_spec;

/*
 * The kinds of namespace; the values are the kernel's CLONE_NEW* flags.
 */
#define CT_NS_TIME   0x00000080u
#define CT_NS_MNT    0x00020000u
#define CT_NS_CGROUP 0x02000000u
#define CT_NS_UTS    0x04000000u
#define CT_NS_IPC    0x08000000u
#define CT_NS_USER   0x10000000u
#define CT_NS_PID    0x20000000u
#define CT_NS_NET    0x40000000u

/** Every kind there is. */
#define CT_NS_ALL                                                                                  \
	(CT_NS_TIME | CT_NS_MNT | CT_NS_CGROUP | CT_NS_UTS | CT_NS_IPC | CT_NS_USER | CT_NS_PID |  \
		CT_NS_NET)

/** How the container may use its root filesystem. */
typedef enum ct_root_mode {
	CT_ROOT_WRITABLE = 0,  /* changes land in the rootfs itself */
	CT_ROOT_READONLY = 1,  /* no change is possible */
	CT_ROOT_EPHEMERAL = 2  /* changes land in memory and go with the container; the rootfs is shared */
} ct_root_mode;

/* Flags of a mount. Every mount is nosuid and nodev unless loosened here. */
#define CT_MOUNT_READONLY (1u << 0) /* read-only, submounts included */
#define CT_MOUNT_NOEXEC	  (1u << 1) /* no program can be executed from it */
#define CT_MOUNT_SUID	  (1u << 2) /* honour setuid, setgid and file capabilities */
#define CT_MOUNT_DEV	  (1u << 3) /* honour device nodes */
#define CT_MOUNT_NO_SUBMOUNTS (1u << 4) /* bind: leave out what is mounted below the source; default: included */
#define CT_MOUNT_OPTIONAL (1u << 5) /* bind: skip the mount if the source is not there; default: an error */
#define CT_MOUNT_IDMAP	  (1u << 6) /* bind, layers: owners are those inside: see ct_spec_set_rootfs() */

/** Whose ids those of a container are, in a user namespace of its own. */
typedef enum ct_idmap {
	CT_IDMAP_OWN = 0,    /* 0 inside is the caller, and there is no other id */
	CT_IDMAP_SUBIDS = 1, /* 0 inside is the caller, from 1 on follow his subordinate ids */
	CT_IDMAP_PRIVATE = 2 /* 0 and all others inside are ids that are nobody's outside */
} ct_idmap;

/** What a standard stream of the payload is. */
typedef enum ct_stdio {
	CT_STDIO_INHERIT = 0, /* the host's own; null if the host has none */
	CT_STDIO_NULL = 1,    /* /dev/null */
	CT_STDIO_FD = 2,      /* a descriptor of the caller */
	CT_STDIO_PIPE = 3     /* a new pipe, its other end handed out by ct_container_take_stdio() */
} ct_stdio;

/**
 * Make an empty spec: the strictest one.
 *
 * @param ret_spec the spec; free with ct_spec_free(). Untouched on failure.
 * @return 0 or a negative errno.
 *
 * Changes: nothing but memory. Threads: safe.
 * Errors:  ENOMEM out of memory; EINVAL ret_spec is NULL.
 * Needs:   nothing. Source: this library. Since: 0.1. Example: run.c
 */
CT_API CT_MUST_CHECK int ct_spec_new(ct_spec **ret_spec);

/**
 * Free a spec and what it holds. Containers made from it live on.
 *
 * @param spec may be NULL.
 *
 * Changes: closes the spec's own descriptors. Threads: no other thread may use the spec.
 * Errors: none. Needs: nothing. Source: this library. Since: 0.1. Example: run.c
 */
CT_API void ct_spec_free(ct_spec *spec);

/**
 * The first mistake that a setter met, as ct_spawn() would report it.
 *
 * @param spec the spec.
 * @param err  filled if there was a mistake; may be NULL.
 * @return 0 if there was none, else the negative errno of the first one.
 *
 * Changes: nothing. Threads: safe while nobody changes the spec.
 * Errors: those of the setters. Needs: nothing. Source: this library. Since: 0.1
 */
CT_API int ct_spec_check(const ct_spec *spec, ct_error *err);

/* ---------------------------------------------------------- what to run */

/**
 * Set the program and its arguments.
 *
 * A first argument without a slash is looked up along PATH of the container's
 * environment, inside the container; without PATH, along
 * /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin.
 *
 * @param spec the spec.
 * @param argv array that ends with NULL; at least one string. Copied.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time.
 * Errors: EINVAL no argument or an empty first one; ENOMEM.
 * Needs: nothing. Source: execve(2), environ(7). Since: 0.1. Example: run.c
 */
CT_API int ct_spec_set_argv(ct_spec *spec, const char *const *argv);

/**
 * Execute another file than argv[0] names.
 *
 * @param spec    the spec.
 * @param program path inside the container, or a name for PATH; copied. NULL: argv[0] again.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time. Errors: EINVAL empty; ENOMEM.
 * Needs: nothing. Source: execve(2). Since: 0.1
 */
CT_API int ct_spec_set_program(ct_spec *spec, const char *program);

/**
 * Set the whole environment of the payload. Nothing of the host's is passed on.
 *
 * @param spec the spec.
 * @param envp array of "NAME=value" that ends with NULL; copied. NULL: empty.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time.
 * Errors: EINVAL a string without '=' or with an empty name; ENOMEM.
 * Needs: nothing. Source: environ(7). Since: 0.1. Example: run.c
 */
CT_API int ct_spec_set_env(ct_spec *spec, const char *const *envp);

/**
 * Set the working directory of the payload. It is opened as the payload's user,
 * without following magic links, so that it lies in the container for certain.
 *
 * @param spec the spec.
 * @param cwd  absolute path inside the container; copied. Default: "/".
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time. Errors: EINVAL not absolute; ENOMEM.
 * Needs: nothing. Source: openat2(2), fchdir(2). Since: 0.1
 */
CT_API int ct_spec_set_cwd(ct_spec *spec, const char *cwd);

/**
 * Set the umask of the payload.
 *
 * @param spec the spec.
 * @param mask 0 to 0777. Default: 022.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time. Errors: EINVAL out of range.
 * Needs: nothing. Source: umask(2). Since: 0.1
 */
CT_API int ct_spec_set_umask(ct_spec *spec, mode_t mask);

/* ------------------------------------------------------- root filesystem */

/**
 * Set the root filesystem. Without one, ct_spawn() refuses the spec, unless the
 * mnt namespace is the host's or a given one.
 *
 * A tree has the owners of its archive, or those plus one number, if its root directory belongs
 * to an id from 65536 on. If root (CAP_SYS_ADMIN over the filesystem) starts a container in a
 * new or given user namespace to whose ids the root directory does not belong, or joins one with
 * this root, each start gets an id-mapped mount of the tree: inside, the owners are the
 * archive's, and what the container makes gets owners of the tree's numbering. So one tree
 * serves containers with different ids, and nothing is changed on disk. What is mounted below
 * the tree keeps its owners. As on the disk of any root container, a file may then be root's and
 * setuid: let no other user of the machine search the directory above the tree. An ordinary
 * user's container sees what the owners on disk are to its user namespace.
 *
 * A tree that an ordinary user with subordinate ids extracted fits CT_IDMAP_SUBIDS; with the
 * handle of the extraction that is the default, for one of ct_rootfs_open() say so.
 * Records in a tree are not looked at: ct_rootfs_restore() makes them real before.
 *
 * @param spec   the spec.
 * @param rootfs the root filesystem; its directory is kept open by the spec, the
 *               handle itself may be freed.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time.
 * Errors: EINVAL rootfs is NULL; EMFILE too many descriptors; at spawn, step CT_STEP_ROOT and
 *         call mount_setattr: EINVAL the filesystem takes no id-mapped mounts, ENOSYS the kernel
 *         has none; EPERM the container has cap_sys_admin, and could undo what the mount forbids.
 * Needs: for id-mapped mounts Linux 5.12, of an ephemeral root 5.19, and a filesystem that takes
 *        them. Source: pivot_root(2), mount_setattr(2). Since: 0.1. Example: run.c
 */
CT_API int ct_spec_set_rootfs(ct_spec *spec, const ct_rootfs *rootfs);

/**
 * Set how the container may use its root filesystem.
 *
 * What the mount that it lies on forbids (nosuid, noexec) is forbidden in every mode.
 *
 * @param spec the spec.
 * @param mode a ct_root_mode. Default: CT_ROOT_WRITABLE.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time.
 * Errors: EINVAL unknown mode; at spawn, step CT_STEP_ROOT: EINVAL the rootfs lies on two overlays
 *         or on a filesystem that can be no layer, EPERM no overlay in a user namespace. With
 *         CT_ITEM_EPHEMERAL allowed to be lacking (ct_spec_allow_lack()) the rootfs is read-only
 *         then, with memory on /tmp, /var/tmp and /run.
 * Needs: overlayfs for CT_ROOT_EPHEMERAL, in a user namespace Linux 5.11; before Linux 6.6
 *        directories of the rootfs cannot be removed there, which ct_container_protection() tells.
 * Source: mount_setattr(2), the kernel's filesystems/overlayfs. Since: 0.1
 */
CT_API int ct_spec_set_root_mode(ct_spec *spec, ct_root_mode mode);

/**
 * Bound the memory that the changes to an ephemeral root may take.
 *
 * @param spec       the spec.
 * @param size_bytes bytes; 0: half of the machine's memory, the kernel's default.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time. Errors: EINVAL spec is NULL.
 * Needs: nothing. Source: tmpfs(5). Since: 0.1
 */
CT_API int ct_spec_set_ephemeral_size(ct_spec *spec, uint64_t size_bytes);

/* -------------------------------------------------------------- identity */

/**
 * Set user and group of the payload, as numbers inside the container.
 *
 * A user other than 0 has no capability, unless ct_spec_add_ambient_cap() says so.
 *
 * @param spec the spec.
 * @param uid  user; @param gid group. Default: 0 and 0.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time. Errors: EINVAL 4294967295, which is no id.
 * Needs: nothing. Source: setresuid(2), setresgid(2). Since: 0.1
 */
CT_API int ct_spec_set_user(ct_spec *spec, uid_t uid, gid_t gid);

/**
 * Set the supplementary groups of the payload. The host's are never passed on, but where
 * the kernel lets nobody drop them: in a user namespace that an ordinary user made. That is
 * told then, see CT_ITEM_GROUPS.
 *
 * @param spec   the spec.
 * @param groups the groups; copied. NULL with count 0. Default: none.
 * @param count  how many; at most 65536.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time. Errors: EINVAL too many, or no id; ENOMEM.
 * Needs: nothing. Source: setgroups(2). Since: 0.1
 */
CT_API int ct_spec_set_groups(ct_spec *spec, const gid_t *groups, size_t count);

/* ------------------------------------------------------------ namespaces */

/**
 * Give the container new namespaces of these kinds.
 *
 * @param spec  the spec.
 * @param kinds CT_NS_* bits. Default: mnt, pid, net, ipc, uts and cgroup; user as
 *              well if the caller has no CAP_SYS_ADMIN at the time of the spawn.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time. Errors: EINVAL unknown bits.
 * Needs: CAP_SYS_ADMIN, or a new user namespace. Source: namespaces(7). Since: 0.1
 */
CT_API int ct_spec_set_ns_new(ct_spec *spec, uint32_t kinds);

/**
 * Let the container use the host's namespaces of these kinds: a loosening.
 *
 * With the host's mnt namespace the container has no root of its own: rootfs and
 * mounts cannot be set. With the host's pid namespace it sees the host's processes.
 *
 * @param spec  the spec.
 * @param kinds CT_NS_* bits.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time. Errors: EINVAL unknown bits.
 * Needs: nothing. Source: namespaces(7). Since: 0.1
 */
CT_API int ct_spec_set_ns_host(ct_spec *spec, uint32_t kinds);

/**
 * Put the container into a given namespace.
 *
 * @param spec the spec.
 * @param kind one CT_NS_* bit.
 * @param fd   a descriptor of the namespace (/proc/PID/ns/...); duplicated.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time.
 * Errors: EINVAL not exactly one kind, or fd is no namespace of that kind; EBADF fd is not open.
 * Needs: at spawn CAP_SYS_ADMIN over the namespace. Source: setns(2). Since: 0.1
 */
CT_API int ct_spec_set_ns_fd(ct_spec *spec, uint32_t kind, int fd);

/**
 * The same, by the path of a namespace (such as one that is bind-mounted).
 * The path is opened now; what it names later does not matter.
 *
 * @param spec the spec.
 * @param kind one CT_NS_* bit.
 * @param path path on the host; opened now, not kept.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time.
 * Errors: as ct_spec_set_ns_fd(), and those of open(2): ENOENT, EACCES.
 * Needs: at spawn CAP_SYS_ADMIN over the namespace. Source: setns(2). Since: 0.1
 */
CT_API int ct_spec_set_ns_path(ct_spec *spec, uint32_t kind, const char *path);

/**
 * The same, by a process that is in them. Looked up now; the process may end later.
 *
 * @param spec  the spec.
 * @param kinds CT_NS_* bits.
 * @param pid   a process of the caller's pid namespace.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time.
 * Errors: ESRCH no such process; EACCES its namespaces may not be looked at; EINVAL unknown
 *         bits or none, or pid is not positive.
 * Needs: /proc. Source: setns(2), proc(5). Since: 0.1
 */
CT_API int ct_spec_set_ns_pid(ct_spec *spec, uint32_t kinds, pid_t pid);

/**
 * Choose the ids of a new user namespace. Asks for one.
 *
 * CT_IDMAP_OWN maps 0 inside to the caller's own user and group: all that a user can do by
 * himself. Programs that change ids (su, apt) do not work then, and setgroups is barred.
 * Called by root it makes the container's root the host's.
 *
 * CT_IDMAP_SUBIDS adds what /etc/subuid and /etc/subgid give to the caller, in the order of
 * their lines, so that programs which change ids work. The lines are found by the name that
 * /etc/passwd has for the caller, or by his number; no other service of names is asked. The
 * maps are written by newuidmap and newgidmap, which must lie in /usr/bin, /bin,
 * /usr/local/bin or /run/wrappers/bin and belong to root. A range that overlaps an earlier
 * one, or has id 0 in it, is left out.
 *
 * CT_IDMAP_PRIVATE makes no id inside that of a person: not the caller, nor root. Without
 * CAP_SETUID and CAP_SETGID the ids are the caller's subordinate ones, from 0 on. With them
 * they are a free range of 524288 to 1879048191: no line of /etc/passwd, /etc/group,
 * /etc/subuid or /etc/subgid has an id of it, and no process that /proc shows is in a user
 * namespace with one. It is found with the first spawn and kept by a small process, which
 * goes with the spec; a change of the spec may lead to another range.
 *
 * @param spec  the spec.
 * @param kind  a ct_idmap. Default: CT_IDMAP_OWN; but CT_IDMAP_SUBIDS for a root filesystem that
 *              was extracted by that map (CT_OWNERS_MAPPED), with the handle of the extraction.
 * @param count how many ids, the caller's included; 0: all that CT_IDMAP_SUBIDS finds,
 *              65536 of CT_IDMAP_PRIVATE.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. At spawn newuidmap and newgidmap are children of the caller for a moment,
 *          the process that keeps a free range for longer: each brings SIGCHLD when it ends.
 * Threads: one at a time.
 * Errors: EINVAL unknown kind, over one id of CT_IDMAP_OWN, or ranges were given; at spawn,
 *         step CT_STEP_IDMAP: ENOENT the user has no subordinate ids, or newuidmap is not
 *         installed; ENOSPC fewer ids than asked for, or no free range; EACCES newuidmap cannot
 *         gain rights, or is not root's; EPERM it refuses, or the host has no_new_privs.
 * Needs: at spawn for CT_IDMAP_SUBIDS, and without the capabilities for CT_IDMAP_PRIVATE:
 *        newuidmap and newgidmap (Debian: uidmap). A search of /proc for a free range.
 * Source: user_namespaces(7), newuidmap(1), subuid(5). Since: 0.1
 */
CT_API int ct_spec_set_idmap(ct_spec *spec, ct_idmap kind, uint32_t count);

/**
 * Map a range of user ids, or of group ids, of a new user namespace. Asks for one.
 *
 * Without a map, a new user namespace maps 0 inside to the caller's own id.
 *
 * @param spec    the spec.
 * @param inside  first id inside; @param outside first id in the caller's namespace.
 * @param count   length of the range, from 1.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time.
 * Errors: EINVAL empty or past 4294967295, it overlaps another range, or ct_spec_set_idmap() was
 *         called; E2BIG over 340 ranges; at spawn as ct_spec_set_idmap().
 * Needs: at spawn CAP_SETUID and CAP_SETGID, or the caller's own id alone; else newuidmap and
 *        newgidmap map what /etc/subuid and /etc/subgid give to the caller.
 * Source: user_namespaces(7), newuidmap(1). Since: 0.1
 */
CT_API int ct_spec_add_uid_map(ct_spec *spec, uint32_t inside, uint32_t outside, uint32_t count);

/**
 * Map a range of group ids of a new user namespace, as ct_spec_add_uid_map() maps users.
 *
 * @param spec    the spec.
 * @param inside  first id inside; @param outside first id in the caller's namespace.
 * @param count   length of the range, from 1.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time. Errors: as ct_spec_add_uid_map().
 * Needs: as ct_spec_add_uid_map(). Source: user_namespaces(7), newgidmap(1). Since: 0.1
 */
CT_API int ct_spec_add_gid_map(ct_spec *spec, uint32_t inside, uint32_t outside, uint32_t count);

/**
 * Shift the clocks of a new time namespace. Asks for one.
 *
 * @param spec         the spec.
 * @param monotonic_ns added to CLOCK_MONOTONIC, in nanoseconds.
 * @param boottime_ns  added to CLOCK_BOOTTIME, in nanoseconds.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time. Errors: EINVAL spec is NULL.
 * Needs: Linux 5.6 with time namespaces. Source: time_namespaces(7). Since: 0.1
 */
CT_API int ct_spec_set_time_offsets(ct_spec *spec, int64_t monotonic_ns, int64_t boottime_ns);

/**
 * Set the host name. Without it the container's name is "container".
 *
 * @param spec the spec.
 * @param name 1 to 64 bytes; copied.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time. Errors: EINVAL empty; ENAMETOOLONG over
 *         64 bytes; ENOMEM.
 * Needs: a new or given uts namespace. Source: sethostname(2). Since: 0.1
 */
CT_API int ct_spec_set_hostname(ct_spec *spec, const char *name);

/**
 * Set the NIS domain name. Without it there is none.
 *
 * @param spec the spec.
 * @param name 1 to 64 bytes; copied.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time. Errors: EINVAL empty; ENAMETOOLONG over
 *         64 bytes; ENOMEM.
 * Needs: a new or given uts namespace. Source: setdomainname(2). Since: 0.1
 */
CT_API int ct_spec_set_domainname(ct_spec *spec, const char *name);

/**
 * Set a kernel parameter of the container's own namespaces.
 *
 * @param spec  the spec.
 * @param key   as sysctl(8) takes it: "net.ipv4.ip_unprivileged_port_start". Copied. Only parameters
 *              that belong to a namespace: net.*, fs.mqueue.*, kernel.msg*, kernel.sem,
 *              kernel.shm*, kernel.hostname, kernel.domainname, user.*; and the namespace
 *              must be new, or a given one that is not the caller's own (checked at the spawn), so
 *              that the host's is never written.
 * @param value what to write; copied.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time.
 * Errors: EINVAL a parameter of the whole host, or a malformed key; ENOMEM.
 * Needs: nothing. Source: sysctl(8), proc(5). Since: 0.1
 */
CT_API int ct_spec_set_sysctl(ct_spec *spec, const char *key, const char *value);

/**
 * Bring the loopback interface of a new network namespace up, or leave it down.
 *
 * @param spec the spec.
 * @param on   not 0: up. Default: up.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time. Errors: EINVAL spec is NULL.
 * Needs: nothing. Source: netdevice(7). Since: 0.1
 */
CT_API int ct_spec_set_loopback(ct_spec *spec, int on);

/* ---------------------------------------------------------------- mounts */

/**
 * Bind a file or directory of the host into the container.
 *
 * Mounts are made in the order in which they were added, after /proc, /sys and
 * /dev. A missing mount point is made (a directory, or an empty file for a file)
 * and stays in the root filesystem unless that is ephemeral. Targets are resolved
 * inside the container's root by the kernel; no symlink leads out of it.
 *
 * @param spec   the spec.
 * @param source path on the host, opened now: later renames do not matter.
 * @param target absolute path inside; not "/", and not /proc or below it. Copied.
 * @param flags  CT_MOUNT_*. 0: writable, executable, nosuid, nodev, with submounts.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time.
 * Errors: those of open(2) for the source: ENOENT, EACCES; EINVAL target or flags; ENOMEM.
 * Needs: Linux 5.12 for a recursive CT_MOUNT_READONLY. Source: open_tree(2), move_mount(2),
 *        mount_setattr(2). Since: 0.1
 */
CT_API int ct_spec_add_bind(ct_spec *spec, const char *source, const char *target, uint32_t flags);

/**
 * The same, with the source as an open descriptor (O_PATH will do); duplicated.
 *
 * @param spec   the spec.
 * @param fd     a file or directory that the caller's mnt namespace can reach by a path;
 *               duplicated, and stays open.
 * @param target as for ct_spec_add_bind(); @param flags as for ct_spec_add_bind().
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time. Errors: EBADF fd is not open; as
 *          ct_spec_add_bind().
 * Needs: as ct_spec_add_bind(), and /proc. Source: open_tree(2). Since: 0.1
 */
CT_API int ct_spec_add_bind_fd(ct_spec *spec, int fd, const char *target, uint32_t flags);

/**
 * Mount a new, empty filesystem in memory.
 *
 * @param spec       the spec.
 * @param target     as for ct_spec_add_bind().
 * @param size_bytes its bound in bytes; 0: half of the machine's memory, the kernel's default.
 * @param mode       of its root directory, e.g. 01777.
 * @param flags      CT_MOUNT_*.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time.
 * Errors: EINVAL target or flags as for ct_spec_add_bind(), or mode is over 07777; ENOMEM.
 * Needs: nothing. Source: tmpfs(5), fsopen(2). Since: 0.1
 */
CT_API int ct_spec_add_tmpfs(ct_spec *spec, const char *target, uint64_t size_bytes, mode_t mode,
	uint32_t flags);

/**
 * Mount a new filesystem of any type that the kernel lets the container mount.
 *
 * @param spec    the spec.
 * @param type    as in /proc/filesystems: "mqueue", "cgroup2", "tmpfs"; copied.
 * @param target  as for ct_spec_add_bind().
 * @param options of that filesystem, with commas between: "size=1m,mode=700"; copied. NULL: none.
 *                At most 1023 bytes. No flags of the mount, which are CT_MOUNT_*.
 * @param flags   CT_MOUNT_*.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time.
 * Errors: EINVAL there is no type, an option without a name, target or flags as for
 *         ct_spec_add_bind(); ENOMEM; at spawn, step CT_STEP_MOUNT: ENODEV the kernel has no such
 *         filesystem, EPERM it cannot be mounted in a user namespace, EINVAL the options.
 * Needs: nothing more. Source: fsopen(2), fsconfig(2), mount(8). Since: 0.1
 */
CT_API int ct_spec_add_filesystem(ct_spec *spec, const char *type, const char *target,
	const char *options, uint32_t flags);

/**
 * Mount an overlay: what is in upper over what is in the lower directories.
 *
 * @param spec   the spec.
 * @param lowers directories of the host, the topmost first; array that ends with NULL, 1 to 64.
 *               Opened now, not kept.
 * @param upper  directory of the host that takes the changes; opened now. NULL: none, read-only.
 * @param work   empty directory on upper's filesystem; opened now. NULL with upper NULL.
 * @param target as for ct_spec_add_bind(); @param flags CT_MOUNT_*. With CT_MOUNT_IDMAP each layer
 *               has the owners of its numbering, which the owner of the layer's directory tells;
 *               else those that it has on disk.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time.
 * Errors: those of open(2) for the directories: ENOENT, EACCES; EINVAL target or flags as for
 *         ct_spec_add_bind(), there is no lower directory, upper without work, or a comma, colon
 *         or backslash in their names; E2BIG over 64 lower directories; ENOMEM; at spawn, step
 *         CT_STEP_MOUNT: EINVAL and EPERM as for CT_ROOT_EPHEMERAL, and those of CT_MOUNT_IDMAP.
 * Needs: overlayfs, in a user namespace Linux 5.11, with CT_MOUNT_IDMAP 5.19. Source: the kernel's
 *        filesystems/overlayfs. Since: 0.1
 */
CT_API int ct_spec_add_overlay(ct_spec *spec, const char *const *lowers, const char *upper,
	const char *work, const char *target, uint32_t flags);

/**
 * Put a file of the given content at a path inside, over what may be there.
 *
 * The file is a mount of its own and lives in memory: the root filesystem keeps
 * its own file, if it has one.
 *
 * @param spec   the spec.
 * @param data   the content; copied. @param size its length in bytes.
 * @param target as for ct_spec_add_bind().
 * @param mode   permission bits, e.g. 0644; owner is the container's root.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time.
 * Errors: EINVAL data is NULL though size is not 0, target as for ct_spec_add_bind(), or mode is
 *         over 0777; EFBIG over 16 MiB; ENOMEM.
 * Needs: nothing. Source: tmpfs(5), move_mount(2). Since: 0.1
 */
CT_API int ct_spec_add_file(ct_spec *spec, const void *data, size_t size, const char *target,
	mode_t mode);

/**
 * The same with the content read from a descriptor, now, up to its end.
 *
 * @param spec   the spec.
 * @param fd     readable; read from its position, left open.
 * @param target as for ct_spec_add_file(); @param mode as for ct_spec_add_file().
 * @return 0 or a negative errno.
 *
 * Changes: the spec, and the position of fd. Threads: one at a time.
 * Errors: those of read(2); as ct_spec_add_file().
 * Needs: nothing. Source: read(2). Since: 0.1
 */
CT_API int ct_spec_add_file_fd(ct_spec *spec, int fd, const char *target, mode_t mode);

/**
 * Hide a path from the container: a file reads as empty, a directory is empty.
 * A path that is not there is skipped.
 *
 * @param spec the spec.
 * @param path absolute path inside; copied. Added to the default list of lib/spec/defaults.c.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time. Errors: EINVAL path is NULL, not absolute, or has
 *          ".." in it; ENOMEM.
 * Needs: nothing. Source: move_mount(2). Since: 0.1
 */
CT_API int ct_spec_add_masked_path(ct_spec *spec, const char *path);

/**
 * Make a path read-only for the container. A path that is not there is skipped.
 *
 * @param spec the spec.
 * @param path absolute path inside; copied. Added to the default list of lib/spec/defaults.c.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time. Errors: EINVAL path is NULL, not absolute, or has
 *          ".." in it; ENOMEM.
 * Needs: nothing. Source: mount_setattr(2). Since: 0.1
 */
CT_API int ct_spec_add_readonly_path(ct_spec *spec, const char *path);

/**
 * Forget the masked and read-only paths, those added and the default ones: a loosening.
 *
 * @param spec the spec.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time. Errors: EINVAL spec is NULL.
 * Needs: nothing. Source: this library. Since: 0.1
 */
CT_API int ct_spec_clear_paths(ct_spec *spec);

/* ---------------------------------------------------------------- limits */

/**
 * Set a resource limit of the payload. Those not set are the host's.
 *
 * @param spec     the spec.
 * @param resource RLIMIT_* of sys/resource.h.
 * @param soft     soft limit; @param hard hard limit. UINT64_MAX: none.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time. Errors: EINVAL unknown, or soft over hard.
 * Needs: CAP_SYS_RESOURCE to go over the host's hard limit. Source: prlimit(2). Since: 0.1
 */
CT_API int ct_spec_set_rlimit(ct_spec *spec, int resource, uint64_t soft, uint64_t hard);

/**
 * Set how readily the kernel kills the payload when memory is short.
 *
 * @param spec  the spec.
 * @param value -1000 (never) to 1000 (first). Default: the host's own value.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time. Errors: EINVAL out of range.
 * Needs: CAP_SYS_RESOURCE to go below the host's value. Source: proc(5). Since: 0.1
 */
CT_API int ct_spec_set_oom_score_adj(ct_spec *spec, int value);

/**
 * Have the exit record tell the peak memory of the payload in every case.
 *
 * The container's process begins in the memory of the host, for a few microseconds,
 * and the kernel counts that as a peak of its own. So by default the record knows the
 * payload's peak only if it is above the host's. With this set the process is forked
 * once more before it becomes the container's, which costs some 80 microseconds.
 *
 * @param spec the spec.
 * @param on   not 0: exact. Default: off.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time. Errors: EINVAL spec is NULL.
 * Needs: nothing. Source: getrusage(2), ru_maxrss. Since: 0.1
 */
CT_API int ct_spec_set_exact_rss(ct_spec *spec, int on);

/* ------------------------------------------------------------ descriptors */

/**
 * Set what a standard stream of the payload is.
 *
 * @param spec   the spec.
 * @param stream 0 stdin, 1 stdout, 2 stderr.
 * @param what   a ct_stdio. Default: CT_STDIO_INHERIT.
 * @param fd     for CT_STDIO_FD: borrowed, must be open at each spawn. Else ignored.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time. Errors: EINVAL no such stream, or no such
 *          ct_stdio; EBADF fd is negative.
 * Needs: nothing. Source: dup2(2), pipe(2). Since: 0.1. Example: capture.c
 */
CT_API int ct_spec_set_stdio(ct_spec *spec, int stream, ct_stdio what, int fd);

/**
 * Give the payload a descriptor of the host under a chosen number.
 *
 * The payload gets its stdio and what is mapped here, and nothing else.
 *
 * @param spec   the spec.
 * @param fd     the host's; borrowed, must be open at each spawn.
 * @param target its number in the payload, 3 to 1023.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time.
 * Errors: EINVAL target out of range; EEXIST target is taken; E2BIG over 128 descriptors;
 *         EBADF fd is negative.
 * Needs: nothing. Source: dup2(2). Since: 0.1
 */
CT_API int ct_spec_map_fd(ct_spec *spec, int fd, int target);

/* ----------------------------------------------------------- capabilities */

/**
 * Add a capability to those that root in the container has: a loosening.
 *
 * The default set: cap_chown, cap_dac_override, cap_fowner, cap_fsetid, cap_kill,
 * cap_net_bind_service, cap_setfcap, cap_setgid, cap_setpcap, cap_setuid, cap_sys_chroot.
 *
 * @param spec the spec.
 * @param name libcap's name, "cap_net_admin"; "all" for every one in the caller's bounding set.
 *             Not kept.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time. Errors: EINVAL unknown name.
 * Needs: nothing. Source: capabilities(7), cap_from_name(3). Since: 0.1
 */
CT_API int ct_spec_add_cap(ct_spec *spec, const char *name);

/**
 * Take a capability from those that root in the container has.
 *
 * @param spec the spec.
 * @param name libcap's name; "all" for every one. Not kept.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time. Errors: EINVAL unknown name.
 * Needs: nothing. Source: capabilities(7), cap_from_name(3). Since: 0.1
 */
CT_API int ct_spec_drop_cap(ct_spec *spec, const char *name);

/**
 * Let a payload that is not root have a capability, and pass it on over exec.
 * Adds it to the container's set as well: a loosening.
 *
 * @param spec the spec.
 * @param name libcap's name. Not kept.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time. Errors: EINVAL unknown name.
 * Needs: nothing. Source: capabilities(7). Since: 0.1
 */
CT_API int ct_spec_add_ambient_cap(ct_spec *spec, const char *name);

/**
 * Say whether programs in the container may gain rights by setuid bits and file
 * capabilities.
 *
 * @param spec the spec.
 * @param on   not 0: they may not. Default: on. 0 is a loosening.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time. Errors: EINVAL spec is NULL.
 * Needs: nothing. Source: prctl(2), PR_SET_NO_NEW_PRIVS. Since: 0.1
 */
CT_API int ct_spec_set_no_new_privs(ct_spec *spec, int on);

/**
 * Have payloads that crash leave no core dump, and have no handler of the host run for them.
 *
 * The limit RLIMIT_CORE becomes 1, soft and hard. Not 0: where /proc/sys/kernel/core_pattern names a
 * program, the kernel runs it for a crash whatever the limit is, except for 1, which also is
 * too little for any file. The filter of system calls then keeps the limit as it is: an
 * attempt to change it seems to succeed and does nothing, as programs that forbid dumps end if they cannot.
 * It takes the place of ct_spec_set_rlimit() for RLIMIT_CORE.
 *
 * Whether a process may be dumped (PR_SET_DUMPABLE) is of no use for that: each exec of a readable
 * program sets it anew. With no filter (CT_SECCOMP_OFF), or a ready-made one, the payload can lower the limit to 0.
 * Who joins by the handle has the same limit and filter; a process that is joined by its pid
 * hands on the limit alone.
 *
 * @param spec the spec.
 * @param on   0: no core dumps. Default: as the caller's limit has it.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time.
 * Errors:  EINVAL spec is NULL. At the start, by step CT_STEP_RLIMIT: EPERM the caller's hard limit is 0 and
 *          cannot be raised (raise it before, or allow the lack of CT_ITEM_RLIMITS: then it stays 0).
 * Needs:   CAP_SYS_RESOURCE if the caller's hard limit is 0. Source: core(5), getrlimit(2), the kernel's
 *          fs/coredump.c. Since: 0.1
 */
CT_API int ct_spec_set_core_dumps(ct_spec *spec, int on);

/* --------------------------------------------------------------- explain */

/**
 * Have every kernel call of a spawn or join reported as it happens: explain mode.
 *
 * The process that becomes the container is then another build of the same program, one
 * that tells of its calls; a failed call is told as well, last. What the payload gets as
 * arguments and environment, and the beginnings of files from memory, are shown. Unset, it
 * costs nothing.
 *
 * @param spec  the spec.
 * @param trace called in the thread that spawns; NULL: no trace. Default: none.
 * @param data  passed to trace; borrowed, must live until the last container that was made
 *              from the spec has been started or freed.
 * @return 0 or a negative errno.
 *
 * Changes: the spec; not what containers are like. Threads: one at a time.
 * Errors: EINVAL spec is NULL.
 * Needs: nothing. Source: this library; container/trace.h. Since: 0.1
 */
CT_API int ct_spec_set_trace(ct_spec *spec, ct_trace_fn trace, void *data);

#ifdef __cplusplus
}
#endif

#endif

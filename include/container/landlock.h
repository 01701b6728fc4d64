/* SPDX-License-Identifier: MIT */
/*
 * Landlock: what a payload may do with files, TCP ports, abstract sockets and signals,
 * beyond what users, modes and capabilities let it. Nobody in the container can take it off,
 * its root included, and it holds where the container shares something with the host: the
 * files of a bind, the host's network, the host's processes.
 *
 * Whatever is restricted is refused unless a rule allows it:
 *
 *     ct_spec_add_landlock_path(spec, "/", CT_LANDLOCK_READ | CT_LANDLOCK_EXECUTE, 0);
 *     ct_spec_add_landlock_path(spec, "/tmp", CT_LANDLOCK_ALL, 0);
 *     ct_spec_add_landlock_port(spec, 443, CT_LANDLOCK_CONNECT);
 *     ct_spec_set_landlock(spec, CT_LANDLOCK_SIGNALS);
 *
 * Kernels know more or less of it, which they tell by a number, the ABI. What the kernel lacks of
 * what the spec asks for is an error, unless CT_ITEM_LANDLOCK may be lacking
 * (ct_spec_allow_lack()): then all that it knows is enforced, ct_container_protection() tells what
 * is not, and ct_container_landlock_abi() what the rest is worth.
 */
#ifndef CONTAINER_LANDLOCK_H
#define CONTAINER_LANDLOCK_H

#include <stdint.h>

#include <container/spawn.h>
#include <container/spec.h>
#include <container/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What may be done with files: LANDLOCK_ACCESS_FS_* of the kernel. */
#define CT_LANDLOCK_EXECUTE	UINT64_C(0x1)	 /* executing a file; takes reading it as well */
#define CT_LANDLOCK_WRITE_FILE	UINT64_C(0x2)	 /* opening a file for writing */
#define CT_LANDLOCK_READ_FILE	UINT64_C(0x4)	 /* opening a file for reading */
#define CT_LANDLOCK_READ_DIR	UINT64_C(0x8)	 /* listing a directory */
#define CT_LANDLOCK_REMOVE_DIR	UINT64_C(0x10)	 /* removing or renaming an empty directory */
#define CT_LANDLOCK_REMOVE_FILE UINT64_C(0x20)	 /* removing or renaming a file */
#define CT_LANDLOCK_MAKE_CHAR	UINT64_C(0x40)	 /* making a character device */
#define CT_LANDLOCK_MAKE_DIR	UINT64_C(0x80)	 /* making a directory */
#define CT_LANDLOCK_MAKE_FILE	UINT64_C(0x100)	 /* making a regular file */
#define CT_LANDLOCK_MAKE_SOCKET UINT64_C(0x200)	 /* making a socket */
#define CT_LANDLOCK_MAKE_FIFO	UINT64_C(0x400)	 /* making a FIFO */
#define CT_LANDLOCK_MAKE_BLOCK	UINT64_C(0x800)	 /* making a block device */
#define CT_LANDLOCK_MAKE_SYMLINK UINT64_C(0x1000) /* making a symbolic link */
#define CT_LANDLOCK_REFER	UINT64_C(0x2000) /* moving and linking to another directory; ABI 2, before it is refused everywhere */
#define CT_LANDLOCK_TRUNCATE	UINT64_C(0x4000) /* shortening a file; ABI 3 */
#define CT_LANDLOCK_IOCTL	UINT64_C(0x8000) /* ioctl of a device that is opened by its name; ABI 5 */

/** Several of them. */
#define CT_LANDLOCK_READ UINT64_C(0xc) /* reading files, listing directories */
#define CT_LANDLOCK_WRITE                                                                          \
	UINT64_C(0x77b2) /* writing, making, moving and removing, of everything but device nodes */
#define CT_LANDLOCK_FILE UINT64_C(0xc007) /* all that a rule about a file, not a directory, may allow */
#define CT_LANDLOCK_ALL	 UINT64_C(0xffff)

/* What may be done with a TCP port. ABI 4. */
#define CT_LANDLOCK_BIND    UINT32_C(1) /* binding a socket to it; port 0: to any free one */
#define CT_LANDLOCK_CONNECT UINT32_C(2) /* connecting to it, on whatever machine */

/* What is restricted. */
#define CT_LANDLOCK_PATHS	  UINT32_C(1)  /* files; ABI 1 to 5 */
#define CT_LANDLOCK_BIND_PORTS	  UINT32_C(2)  /* binding to TCP ports; ABI 4 */
#define CT_LANDLOCK_CONNECT_PORTS UINT32_C(4)  /* connecting to TCP ports; ABI 4 */
#define CT_LANDLOCK_ABSTRACT	  UINT32_C(8)  /* connecting to abstract Unix sockets from outside; ABI 6 */
#define CT_LANDLOCK_SIGNALS	  UINT32_C(16) /* signals to processes from outside; ABI 6 */
#define CT_LANDLOCK_LOG		  UINT32_C(32) /* no restriction: what is refused goes to the audit log; ABI 7 */

/** A rule about a path that is not there is left out, which allows less. */
#define CT_LANDLOCK_OPTIONAL UINT32_C(1)

/**
 * Restrict something whether or not there are rules about it.
 *
 * A rule restricts what it is about by itself: this call is for what no rule can allow
 * (CT_LANDLOCK_ABSTRACT, CT_LANDLOCK_SIGNALS) or none shall. "From outside" is what was not made
 * by the payload and its descendants: the container's processes signal each other, those of a
 * join are another party.
 *
 * In a join, a spec that says nothing of landlock stands for the rules that the target's handle
 * has: they are made anew, on what is at their paths then, and those whose path is gone are left
 * out. This call, or a rule, is for rules of its own; with 0 and no rules, for none. Whether a process that is
 * joined by its pid or pidfd is restricted by others the kernel does not tell.
 *
 * @param spec the spec.
 * @param what CT_LANDLOCK_PATHS and its kin, combined; 0: what the rules say alone. Default: 0.
 * @return 0 or a negative errno. The last call counts.
 *
 * Changes: the spec. Threads: one at a time.
 * Errors:  EINVAL spec is NULL, or unknown bits. At the start, by step CT_STEP_LANDLOCK: EOPNOTSUPP the
 *          kernel lacks some or all of it (a newer one, or allow the lack); EPERM the payload may
 *          gain rights (ct_spec_set_no_new_privs()) and there is no CAP_SYS_ADMIN.
 * Needs:   Linux 5.13 with landlock switched on; 6.10 for all of CT_LANDLOCK_PATHS, 6.7 for ports, 6.12
 *          for the rest, 6.15 for CT_LANDLOCK_LOG. Source: landlock(7). Since: 0.1
 */
CT_API int ct_spec_set_landlock(ct_spec *spec, uint32_t what);

/**
 * Allow something with a file, or with all that is below a directory, and nothing elsewhere
 * unless other rules say so.
 *
 * The path is looked up at each start, when the root and all mounts are in place: whatever is
 * there then, through symbolic links, is what the rule is about, and stays so when it is renamed.
 * What several rules allow for a file adds up. A payload needs CT_LANDLOCK_READ_FILE and
 * CT_LANDLOCK_EXECUTE for its program and its loader, CT_LANDLOCK_READ_FILE for its libraries. Descriptors that
 * the spec gives, stdio among them, are not restricted.
 *
 * @param spec   the spec.
 * @param path   inside the container, absolute, without ".."; copied.
 * @param access CT_LANDLOCK_EXECUTE and its kin, combined; of a file that is no directory only what is
 *               in CT_LANDLOCK_FILE counts.
 * @param flags  CT_LANDLOCK_OPTIONAL, or 0.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time.
 * Errors:  EINVAL spec is NULL, the path is not absolute, no access, or unknown bits; E2BIG over 256
 *          rules; ENOMEM out of memory. At the start as ct_spec_set_landlock(), and ENOENT there is no such path,
 *          ENOTDIR it is a file and nothing in access is for files.
 * Needs:   as ct_spec_set_landlock(). Source: landlock_add_rule(2), landlock(7). Since: 0.1
 */
CT_API int ct_spec_add_landlock_path(ct_spec *spec, const char *path, uint64_t access, uint32_t flags);

/**
 * Allow something with a TCP port, and nothing of that kind with others unless other rules
 * say so. UDP and Unix sockets are not restricted by it.
 *
 * The kernel sees bind and connect of sockets that are TCP by name. So the spec's filter of system
 * calls then refuses sockets of MPTCP and SMC, and MSG_FASTOPEN, as a kernel without them would; with
 * CT_SECCOMP_OFF or ct_spec_set_seccomp_bpf() nobody does. Who listens without bind gets a port
 * of the kernel's choice, whatever the rules say.
 *
 * @param spec   the spec.
 * @param port   0 to 65535; 0 with CT_LANDLOCK_BIND: any free one.
 * @param access CT_LANDLOCK_BIND, CT_LANDLOCK_CONNECT, both.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time.
 * Errors:  EINVAL spec is NULL, no such port, no access, or unknown bits; E2BIG over 256 rules; ENOMEM
 *          out of memory. At the start as ct_spec_set_landlock().
 * Needs:   as ct_spec_set_landlock(). Source: landlock_add_rule(2), landlock(7). Since: 0.1
 */
CT_API int ct_spec_add_landlock_port(ct_spec *spec, uint32_t port, uint32_t access);

/**
 * The ABI of landlock that is enforced for a container.
 *
 * It is that of the kernel, or the newest that this library knows (7), whichever is less.
 *
 * @param box the container, of ct_spawn(), ct_join() or their kin; may have ended. Of ct_create() it
 *            is complete after ct_start().
 * @return 1 to 7; 0: there is no rule, or none is enforced; or a negative errno.
 *
 * Changes: nothing. Threads: safe, but not beside ct_start() of the same container.
 * Errors:  EINVAL box is NULL. Needs: nothing. Source: landlock_create_ruleset(2). Since: 0.1
 */
CT_API int ct_container_landlock_abi(const ct_container *box);

#ifdef __cplusplus
}
#endif

#endif

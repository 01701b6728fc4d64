/* SPDX-License-Identifier: MIT */
/*
 * Which system calls a payload may make: the seccomp filter of a spec.
 *
 * Every spec has one without being asked: the default filter. It lets pass what ordinary
 * programs need and refuses the rest with EPERM: what reaches the kernel's rarely used
 * corners (bpf, userfaultfd, io_uring, keyrings, other address families), what would need
 * a right that the payload has not got, and new namespaces. A call that this library does
 * not know, which is then a newer one, is answered with ENOSYS, as by a kernel that lacks
 * it, and so is clone3, whose flags no filter can see: programs and C libraries fall back.
 * So are the calls of other entries to the kernel: 32-bit programs do not run.
 *
 * Calls that go with a capability are open if the container has it: ct_spec_add_cap() for
 * "cap_sys_ptrace" opens ptrace. What goes with which: lib/seccomp/policy.c.
 *
 *     ct_spec_set_seccomp(spec, CT_SECCOMP_DEFAULT, CT_SECCOMP_NESTED);
 *     ct_spec_add_seccomp_rule(spec, "ptrace", CT_SECCOMP_ALLOW, 0, NULL, 0);
 *
 * A filter holds for the payload and all that it starts, and nobody can take it off. It is
 * made once per spec, as data, and attached in the last moment before the payload is
 * executed. A payload that may not gain rights (no_new_privs, the default) needs nothing for that.
 * If it may, the filter is attached while the process that becomes the payload has still
 * rights to give away, unless the payload itself has CAP_SYS_ADMIN: a filter of your own has
 * then to let pass what gives them away, as the default one does: capset, clone, close,
 * close_range, dup3, fchdir, fcntl, openat2, prctl, prlimit64, recvmsg, rt_sigprocmask,
 * setgroups, setresgid, setresuid, setsid, umask.
 */
#ifndef CONTAINER_SECCOMP_H
#define CONTAINER_SECCOMP_H

#include <stddef.h>
#include <stdint.h>

#include <container/spec.h>
#include <container/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What holds for the calls that no rule of the spec is about. */
typedef enum ct_seccomp {
	CT_SECCOMP_DEFAULT = 0, /* the default filter */
	CT_SECCOMP_OFF = 1,	/* no filter at all: a loosening */
	CT_SECCOMP_OPEN = 2,	/* everything is allowed: a loosening */
	CT_SECCOMP_CLOSED = 3	/* nothing is allowed: EPERM, or ENOSYS for an unknown call */
} ct_seccomp;

/* Flags of a filter. */
#define CT_SECCOMP_NESTED \
	(1u << 0) /* default filter: let the payload make namespaces, user namespaces
				       among them, and mount in these: a loosening. Default: refused */
#define CT_SECCOMP_LOG \
	(1u << 1) /* the kernel logs each call that is not simply allowed, as far as
				       kernel.seccomp.actions_logged says. Default: only kills and logs */

/** What becomes of a call that a rule is about. */
typedef enum ct_seccomp_action {
	CT_SECCOMP_ALLOW = 0, /* it is made */
	CT_SECCOMP_ERRNO = 1, /* it is not made, and fails with the errno of the rule */
	CT_SECCOMP_KILL = 2,  /* the process is killed by SIGSYS */
	CT_SECCOMP_TRAP = 3,  /* it is not made, and its thread gets SIGSYS, which can be handled */
	CT_SECCOMP_WARN = 4,  /* it is made, and the kernel logs it */
	CT_SECCOMP_NOTIFY = 5 /* it waits until the host has answered: container/notify.h */
} ct_seccomp_action;

/** How an argument is compared; both sides as unsigned numbers of 64 bits. */
typedef enum ct_seccomp_compare {
	CT_SECCOMP_EQ = 0, /* equal */
	CT_SECCOMP_NE = 1, /* not equal */
	CT_SECCOMP_LT = 2, /* less */
	CT_SECCOMP_LE = 3, /* less or equal */
	CT_SECCOMP_GT = 4, /* greater */
	CT_SECCOMP_GE = 5  /* greater or equal */
} ct_seccomp_compare;

/**
 * A condition on one argument of a call: (argument & mask) compare value.
 *
 * Mind that most arguments have 32 bits (int), of which the kernel then looks at the lower
 * half alone: compare these with mask 0xffffffff, or the call passes by with bits set in
 * the upper half. What a pointer points to cannot be seen.
 */
typedef struct ct_seccomp_arg {
	uint32_t index;	  /* which argument: 0 to 5 */
	uint32_t compare; /* ct_seccomp_compare */
	uint64_t mask;	  /* bits that count; 0: all of them */
	uint64_t value;	  /* to compare with */
} ct_seccomp_arg;

/**
 * Set what the filter of the payload is: the default one, none, or nothing but the spec's rules.
 *
 * In a join, a spec that says nothing of seccomp stands for the target's filter; this call,
 * or a rule, or a program, for a filter of its own.
 *
 * @param spec  the spec.
 * @param base  a ct_seccomp. Default: CT_SECCOMP_DEFAULT.
 * @param flags CT_SECCOMP_NESTED, CT_SECCOMP_LOG. Default: 0.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time.
 * Errors:  EINVAL unknown base or flag; at the spawn, CT_SECCOMP_OFF with rules, or a filter
 *          that keeps execve, exit_group or sendmsg from the process that executes the payload.
 * Needs:   at spawn a kernel with seccomp filters. Source: seccomp(2). Since: 0.1
 */
CT_API int ct_spec_set_seccomp(ct_spec *spec, ct_seccomp base, uint32_t flags);

/**
 * Say what becomes of a system call, or of some of its uses.
 *
 * Of several rules for a call the last one added whose conditions all hold decides; where
 * none does, the base (ct_spec_set_seccomp()). A call that exists, but not on this kind of
 * machine ("open" on arm64), makes no rule.
 *
 * @param spec   the spec.
 * @param call   its name as in syscalls(2): "mount". Not kept.
 * @param action a ct_seccomp_action.
 * @param error  for CT_SECCOMP_ERRNO: 1 to 4095, such as EPERM. Else 0.
 * @param args   conditions, all of which must hold; NULL with count 0: always. Copied.
 * @param count  how many; at most 6.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time.
 * Errors:  EINVAL no such call, action, errno, argument or comparison; E2BIG over 256 rules; ENOMEM.
 * Needs:   as ct_spec_set_seccomp(). Source: seccomp(2), syscalls(2). Since: 0.1
 */
CT_API int ct_spec_add_seccomp_rule(ct_spec *spec, const char *call, ct_seccomp_action action,
	int error, const ct_seccomp_arg *args, size_t count);

/**
 * Use a ready-made filter: a classic BPF program over struct seccomp_data.
 *
 * It takes the place of the base, and no rules can be added. Flags of ct_spec_set_seccomp()
 * hold for it as far as they are not about the default filter.
 *
 * @param spec       the spec.
 * @param program    array of struct sock_filter (linux/filter.h); copied. NULL: no program again.
 * @param size_bytes its size: 8 bytes an instruction, at most 4096 of them.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time.
 * Errors:  EINVAL no whole number of instructions, none, or too many; at the spawn, EINVAL
 *          also from the kernel, which checks the program, and as ct_spec_set_seccomp(); ENOMEM.
 * Needs:   as ct_spec_set_seccomp(). Source: seccomp(2), bpf in the kernel's documentation. Since: 0.1
 */
CT_API int ct_spec_set_seccomp_bpf(ct_spec *spec, const void *program, size_t size_bytes);

/**
 * Use a seccomp profile that is JSON.
 *
 * The profile is one of Docker or of containers-common, or the object "linux.seccomp" of an OCI
 * runtime configuration. It takes the place of the base and its flags; rules of the spec are added to it, and
 * decide first. Where several entries hold for a call, the strictest decides, in the order
 * of seccomp(2), wherever it stands. Conditions of one entry on the same argument are each
 * enough alone, all others have to hold together; includes and excludes are judged by
 * the payload's capabilities, this machine and this kernel. Names of calls that are not known here
 * are passed over, if that leaves them as shut as the profile wants them. If the default action
 * is an errno, a call that this library does not know is answered with ENOSYS instead.
 *
 * Whatever architectures are listed, the entries of others than this machine's own 64-bit
 * one stay shut. What is not understood is refused, unknown members too: they might be there
 * to shut something. The sentence of ct_spec_check() names it by its JSON pointer:
 * "seccomp profile at /syscalls/3/action "SCMP_ACT_ALOW"".
 *
 * @param spec       the spec.
 * @param text       the JSON, in UTF-8; needs no end. Not kept.
 * @param size_bytes its length in bytes; at most 1 MiB.
 * @return 0 or a negative errno; then the spec's filter is as before.
 *
 * Changes: the spec. Threads: one at a time.
 * Errors:  EINVAL no JSON, a name twice in an object, or what is not understood; E2BIG longer
 *          than 1 MiB, deeper than 32, or more than 8192 names and conditions; at the spawn,
 *          as ct_spec_set_seccomp(), and E2BIG more than 4096 instructions; EOPNOTSUPP the library
 *          was built without jansson; ENOMEM.
 * Needs:   as ct_spec_set_seccomp(). Source: seccomp(2), the OCI runtime specification. Since: 0.1
 */
CT_API int ct_spec_set_seccomp_json(ct_spec *spec, const char *text, size_t size_bytes);

#ifdef __cplusplus
}
#endif

#endif

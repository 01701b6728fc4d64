/* SPDX-License-Identifier: MIT */
/*
 * The system calls that a stage makes, as a table: name and what each argument is.
 * The recorder of the traced stage takes from it what to copy (trace.c), the host how
 * to print it (lib/trace/arguments.c). A call of the stage without a row here is told
 * by its number; a test sees to it that there is none.
 */
#ifndef CT_STAGE_CALLS_H
#define CT_STAGE_CALLS_H

#include <asm/ioctls.h>
#include <asm/unistd.h>
#include <linux/sockios.h>
#include <stddef.h>
#include <stdint.h>

/* Linux 5.13, and the same on every architecture. */
#ifndef __NR_landlock_create_ruleset
#define __NR_landlock_create_ruleset 444
#define __NR_landlock_add_rule	     445
#define __NR_landlock_restrict_self  446
#endif

/* What an argument is. */
enum call_arg {
	ARG_NONE, /* there is none: the end of a row */

	/* Told by the number itself. */
	ARG_INT,
	ARG_SIZE,
	ARG_ADDRESS,
	ARG_OUT, /* memory that the kernel fills */
	ARG_ID,
	ARG_FD,
	ARG_DIR, /* descriptor, or AT_FDCWD */
	ARG_MODE,
	ARG_NODE, /* file type and mode */
	ARG_DEVICE,
	ARG_SIGNAL,
	ARG_SIGNAL_HOW,
	ARG_OPEN,
	ARG_AT,
	ARG_CLONE,
	ARG_MOUNT,
	ARG_UMOUNT,
	ARG_OPEN_TREE,
	ARG_MOVE_MOUNT,
	ARG_FSOPEN,
	ARG_FSMOUNT,
	ARG_MOUNT_ATTRS,
	ARG_FSCONFIG,
	ARG_PRCTL,
	ARG_PRCTL_2,
	ARG_PRCTL_3,
	ARG_FCNTL,
	ARG_FCNTL_3,
	ARG_RLIMIT,
	ARG_FAMILY,
	ARG_SOCKET,
	ARG_MESSAGE_FLAGS,
	ARG_KEYCTL,
	ARG_IOCTL,
	ARG_PROTECTION,
	ARG_MAP,
	ARG_STATX,
	ARG_SECCOMP,
	ARG_FILTER_FLAGS,
	ARG_IOCTL_3, /* a pointer for some requests: see ioctl_size() */

	/* Pointers, whose memory is copied before the call. */
	ARG_STRING,
	ARG_STRINGS,	 /* strings, then NULL */
	ARG_STRING_COUNT, /* the same, but of an environment only how many there are */
	ARG_BYTES,	 /* the next argument is their number */
	ARG_IDS,	 /* the argument before is their number */
	ARG_OPEN_HOW,
	ARG_CLONE_ARGS,
	ARG_MOUNT_ATTR,
	ARG_LIMITS,
	ARG_CAPS,
	ARG_FILTER,
	ARG_MESSAGE, /* becomes a struct trace_message */

	/* Pointers, whose memory is copied after it. */
	ARG_PAIR,
	ARG_MESSAGE_OUT,
	ARG_KINDS
};

/* Sizes of what the kinds point to, where that is fixed. */
static const uint8_t call_arg_sizes[ARG_KINDS] = {
	[ARG_OPEN_HOW] = 24,
	[ARG_CLONE_ARGS] = 64, /* up to tls, which no stage sets */
	[ARG_MOUNT_ATTR] = 32,
	[ARG_LIMITS] = 16,
	[ARG_CAPS] = 24,
	[ARG_FILTER] = 16, /* how long it is, and where; not the program */
	[ARG_PAIR] = 8,
};

/* How much memory the third argument of an ioctl points to; 0: it is a number. */
static inline size_t ioctl_size(uint64_t request)
{
	switch (request) {
	case SIOCGIFFLAGS:
	case SIOCSIFFLAGS:
		return 40;
	case TIOCSWINSZ:
		return 8;
	case TIOCSPTLCK:
		return sizeof(int);
	default:
		return 0;
	}
}

/* What is told of a message; the descriptors that it carries follow as int. */
struct trace_message {
	uint32_t size; /* of its bytes */
	char first;    /* the first of them: a message of one byte is told as such */
	char padding[3];
};

struct call {
	uint16_t number;
	const char *name;
	uint8_t args[6]; /* enum call_arg */
};

#define CALL(name, ...) {__NR_##name, #name, {__VA_ARGS__}}

static const struct call call_rows[] = {
	CALL(capget, ARG_OUT, ARG_OUT),
	CALL(capset, ARG_OUT, ARG_CAPS),
	CALL(chdir, ARG_STRING),
	CALL(chroot, ARG_STRING),
	CALL(clone, ARG_CLONE, ARG_ADDRESS, ARG_ADDRESS, ARG_ADDRESS, ARG_ADDRESS),
	CALL(clone3, ARG_CLONE_ARGS, ARG_SIZE),
	CALL(close, ARG_FD),
	CALL(close_range, ARG_SIZE, ARG_SIZE, ARG_INT),
	CALL(dup3, ARG_FD, ARG_INT, ARG_OPEN),
	CALL(execve, ARG_STRING, ARG_STRINGS, ARG_STRING_COUNT),
	CALL(execveat, ARG_DIR, ARG_STRING, ARG_STRINGS, ARG_STRING_COUNT, ARG_AT),
	CALL(exit_group, ARG_INT),
	CALL(fchdir, ARG_FD),
	CALL(fchmodat, ARG_DIR, ARG_STRING, ARG_MODE),
	CALL(fchownat, ARG_DIR, ARG_STRING, ARG_ID, ARG_ID, ARG_AT),
	CALL(fcntl, ARG_FD, ARG_FCNTL, ARG_FCNTL_3),
	CALL(fsconfig, ARG_FD, ARG_FSCONFIG, ARG_STRING, ARG_STRING, ARG_INT),
	CALL(fsmount, ARG_FD, ARG_FSMOUNT, ARG_MOUNT_ATTRS),
	CALL(fsopen, ARG_STRING, ARG_FSOPEN),
	CALL(fstatfs, ARG_FD, ARG_OUT),
	CALL(ftruncate, ARG_FD, ARG_SIZE),
	CALL(getgroups, ARG_SIZE, ARG_OUT),
	CALL(getpid, ARG_NONE),
	CALL(ioctl, ARG_FD, ARG_IOCTL, ARG_IOCTL_3),
	CALL(keyctl, ARG_KEYCTL, ARG_INT),
	CALL(kill, ARG_INT, ARG_SIGNAL),
	CALL(landlock_add_rule, ARG_FD, ARG_INT, ARG_OUT, ARG_INT),
	CALL(landlock_create_ruleset, ARG_OUT, ARG_SIZE, ARG_INT),
	CALL(landlock_restrict_self, ARG_FD, ARG_INT),
	CALL(linkat, ARG_DIR, ARG_STRING, ARG_DIR, ARG_STRING, ARG_AT),
	CALL(mkdirat, ARG_DIR, ARG_STRING, ARG_MODE),
	CALL(mknodat, ARG_DIR, ARG_STRING, ARG_NODE, ARG_DEVICE),
	CALL(mmap, ARG_ADDRESS, ARG_SIZE, ARG_PROTECTION, ARG_MAP, ARG_FD, ARG_SIZE),
	CALL(mount, ARG_STRING, ARG_STRING, ARG_STRING, ARG_MOUNT, ARG_STRING),
	CALL(mount_setattr, ARG_DIR, ARG_STRING, ARG_AT, ARG_MOUNT_ATTR, ARG_SIZE),
	CALL(move_mount, ARG_DIR, ARG_STRING, ARG_DIR, ARG_STRING, ARG_MOVE_MOUNT),
	CALL(munmap, ARG_ADDRESS, ARG_SIZE),
	CALL(nanosleep, ARG_OUT, ARG_OUT),
	CALL(open_tree, ARG_DIR, ARG_STRING, ARG_OPEN_TREE),
	CALL(openat, ARG_DIR, ARG_STRING, ARG_OPEN, ARG_MODE),
	CALL(openat2, ARG_DIR, ARG_STRING, ARG_OPEN_HOW, ARG_SIZE),
	CALL(pivot_root, ARG_STRING, ARG_STRING),
	CALL(prctl, ARG_PRCTL, ARG_PRCTL_2, ARG_PRCTL_3, ARG_INT, ARG_INT),
	CALL(pread64, ARG_FD, ARG_OUT, ARG_SIZE, ARG_SIZE),
	CALL(prlimit64, ARG_INT, ARG_RLIMIT, ARG_LIMITS, ARG_OUT),
	CALL(read, ARG_FD, ARG_OUT, ARG_SIZE),
	CALL(recvmsg, ARG_FD, ARG_MESSAGE_OUT, ARG_MESSAGE_FLAGS),
	CALL(removexattr, ARG_STRING, ARG_STRING),
	CALL(renameat2, ARG_DIR, ARG_STRING, ARG_DIR, ARG_STRING, ARG_INT),
	CALL(rt_sigaction, ARG_SIGNAL, ARG_OUT, ARG_OUT, ARG_SIZE),
	CALL(rt_sigprocmask, ARG_SIGNAL_HOW, ARG_OUT, ARG_OUT, ARG_SIZE),
	CALL(rt_sigtimedwait, ARG_OUT, ARG_OUT, ARG_OUT, ARG_SIZE),
	CALL(seccomp, ARG_SECCOMP, ARG_FILTER_FLAGS, ARG_FILTER),
	CALL(sendmsg, ARG_FD, ARG_MESSAGE, ARG_MESSAGE_FLAGS),
	CALL(setdomainname, ARG_BYTES, ARG_SIZE),
	CALL(setgroups, ARG_SIZE, ARG_IDS),
	CALL(sethostname, ARG_BYTES, ARG_SIZE),
	CALL(setns, ARG_FD, ARG_CLONE),
	CALL(setresgid, ARG_ID, ARG_ID, ARG_ID),
	CALL(setresuid, ARG_ID, ARG_ID, ARG_ID),
	CALL(setsid, ARG_NONE),
	CALL(setxattr, ARG_STRING, ARG_STRING, ARG_BYTES, ARG_SIZE, ARG_INT),
	CALL(socket, ARG_FAMILY, ARG_SOCKET, ARG_INT),
	CALL(socketpair, ARG_FAMILY, ARG_SOCKET, ARG_INT, ARG_PAIR),
	CALL(statfs, ARG_STRING, ARG_OUT),
	CALL(statx, ARG_DIR, ARG_STRING, ARG_AT, ARG_STATX, ARG_OUT),
	CALL(symlinkat, ARG_STRING, ARG_DIR, ARG_STRING),
	CALL(umask, ARG_MODE),
	CALL(umount2, ARG_STRING, ARG_UMOUNT),
	CALL(unshare, ARG_CLONE),
	CALL(wait4, ARG_INT, ARG_OUT, ARG_INT, ARG_OUT),
	CALL(write, ARG_FD, ARG_BYTES, ARG_SIZE),
};

#undef CALL

/* The row of a system call; NULL if it has none. */
static inline const struct call *call_of(uint64_t number)
{
	for (size_t i = 0; i < sizeof(call_rows) / sizeof(call_rows[0]); i++)
		if (call_rows[i].number == number)
			return &call_rows[i];
	return NULL;
}

#endif

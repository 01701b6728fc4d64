/* SPDX-License-Identifier: MIT */
/*
 * The default filter, as tables: which calls there are, in groups, and what opens each
 * group. Also the only list of names: a rule can be about nothing that is not in here.
 *
 * A call that is not in here is answered with ENOSYS, as by a kernel without it. So a new
 * call of the kernel is shut until somebody has thought about it and put it into a group,
 * and programs that try it fall back on what they did before there was one.
 */
#include <errno.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/socket.h>

#include "newer.h"
#include "seccomp.h"

/*
 * The number as text, which is the macro's own name where the machine lacks the call; so
 * one list serves all machines, whatever their headers know.
 */
struct call {
	const char *number, *name;
};

#define TEXT_OF(macro) #macro
#define TEXT(macro)    TEXT_OF(macro)
#define C(name)                          \
	{                                \
		TEXT(__NR_##name), #name \
	}

/* ---------------------------------------------------------------- open to all */

/* Files, by what is open or by path. Whether it is allowed the file's own mode says. */
static const struct call files[] = {C(access), C(cachestat), C(chdir), C(chmod), C(chown), C(close),
	C(close_range), C(copy_file_range), C(creat), C(dup), C(dup2), C(dup3), C(faccessat),
	C(faccessat2), C(fadvise64), C(fallocate), C(fchdir), C(fchmod), C(fchmodat), C(fchmodat2),
	C(fchown), C(fchownat), C(fcntl), C(fdatasync), C(fgetxattr), C(file_getattr),
	C(file_setattr), C(flistxattr), C(flock), C(fremovexattr), C(fsetxattr), C(fstat),
	C(fstatfs), C(fsync), C(ftruncate), C(futimesat), C(getcwd), C(getdents), C(getdents64),
	C(getxattr), C(getxattrat), C(ioctl), C(lchown), C(lgetxattr), C(link), C(linkat),
	C(listmount), C(listxattr), C(listxattrat), C(llistxattr), C(lremovexattr), C(lseek),
	C(lsetxattr), C(lstat), C(mkdir), C(mkdirat), C(mknod), C(mknodat), C(name_to_handle_at),
	C(newfstatat), C(open), C(openat), C(openat2), C(pread64), C(preadv), C(preadv2),
	C(pwrite64), C(pwritev), C(pwritev2), C(read), C(readahead), C(readlink), C(readlinkat),
	C(readv), C(removexattr), C(removexattrat), C(rename), C(renameat), C(renameat2), C(rmdir),
	C(sendfile), C(setxattr), C(setxattrat), C(splice), C(stat), C(statfs), C(statmount),
	C(statx), C(symlink), C(symlinkat), C(sync), C(sync_file_range), C(syncfs), C(tee),
	C(truncate), C(umask), C(unlink), C(unlinkat), C(utime), C(utimensat), C(utimes),
	C(vmsplice), C(write), C(writev)};

/* Waiting for what happens to files, sockets, timers; the old asynchronous I/O of databases. */
static const struct call events[] = {C(epoll_create), C(epoll_create1), C(epoll_ctl),
	C(epoll_pwait), C(epoll_pwait2), C(epoll_wait), C(eventfd), C(eventfd2), C(fanotify_mark),
	C(inotify_add_watch), C(inotify_init), C(inotify_init1), C(inotify_rm_watch), C(io_cancel),
	C(io_destroy), C(io_getevents), C(io_pgetevents), C(io_setup), C(io_submit), C(pipe),
	C(pipe2), C(poll), C(ppoll), C(pselect6), C(select), C(signalfd), C(signalfd4),
	C(timerfd_create), C(timerfd_gettime), C(timerfd_settime)};

/* The caller's own memory. */
static const struct call memory[] = {C(brk), C(madvise), C(map_shadow_stack), C(membarrier),
	C(memfd_create), C(memfd_secret), C(mincore), C(mlock), C(mlock2), C(mlockall), C(mmap),
	C(mprotect), C(mremap), C(mseal), C(msync), C(munlock), C(munlockall), C(munmap),
	C(pkey_alloc), C(pkey_free), C(pkey_mprotect), C(remap_file_pages)};

/* Processes and threads: made, scheduled, waited for, signalled. clone is in a group of its own. */
static const struct call processes[] = {C(alarm), C(arch_prctl), C(execve), C(execveat), C(exit),
	C(exit_group), C(fork), C(futex), C(futex_requeue), C(futex_wait), C(futex_waitv),
	C(futex_wake), C(get_robust_list), C(getcpu), C(getitimer), C(getpgid), C(getpgrp),
	C(getpid), C(getppid), C(getpriority), C(getrlimit), C(getrusage), C(getsid), C(gettid),
	C(ioprio_get), C(ioprio_set), C(kill), C(pause), C(pidfd_open), C(pidfd_send_signal),
	C(prctl), C(prlimit64), C(process_mrelease), C(restart_syscall), C(rseq), C(rt_sigaction),
	C(rt_sigpending), C(rt_sigprocmask), C(rt_sigqueueinfo), C(rt_sigreturn), C(rt_sigsuspend),
	C(rt_sigtimedwait), C(rt_tgsigqueueinfo), C(sched_get_priority_max),
	C(sched_get_priority_min), C(sched_getaffinity), C(sched_getattr), C(sched_getparam),
	C(sched_getscheduler), C(sched_rr_get_interval), C(sched_setaffinity), C(sched_setattr),
	C(sched_setparam), C(sched_setscheduler), C(sched_yield), C(set_robust_list),
	C(set_tid_address), C(setitimer), C(setpgid), C(setpriority), C(setrlimit), C(setsid),
	C(sigaltstack), C(tgkill), C(tkill), C(vfork), C(wait4), C(waitid)};

/* A uprobe of the host's tracers makes the traced program call these: refused, it would crash. */
static const struct call probes[] = {C(uprobe), C(uretprobe)};

/* Who one is, and giving rights away. Taking some is the business of capabilities. */
static const struct call identity[] = {C(capget), C(capset), C(getegid), C(geteuid), C(getgid),
	C(getgroups), C(getresgid), C(getresuid), C(getuid), C(landlock_add_rule),
	C(landlock_create_ruleset), C(landlock_restrict_self), C(lsm_get_self_attr),
	C(lsm_list_modules), C(seccomp), C(setfsgid), C(setfsuid), C(setgid), C(setgroups),
	C(setregid), C(setresgid), C(setresuid), C(setreuid), C(setuid)};

/* Sockets, once there is one; socket and socketpair look at the family. */
static const struct call sockets[] = {C(accept), C(accept4), C(bind), C(connect), C(getpeername),
	C(getsockname), C(getsockopt), C(listen), C(recvfrom), C(recvmmsg), C(recvmsg), C(sendmmsg),
	C(sendmsg), C(sendto), C(setsockopt), C(shutdown)};

/* System V and POSIX IPC, within the ipc namespace. */
static const struct call ipc[] = {C(mq_getsetattr), C(mq_notify), C(mq_open), C(mq_timedreceive),
	C(mq_timedsend), C(mq_unlink), C(msgctl), C(msgget), C(msgrcv), C(msgsnd), C(semctl),
	C(semget), C(semop), C(semtimedop), C(shmat), C(shmctl), C(shmdt), C(shmget)};

/* The time, and what the system is. adjtimex reads for all, and sets with CAP_SYS_TIME alone. */
static const struct call clocks[] = {C(adjtimex), C(clock_adjtime), C(clock_getres),
	C(clock_gettime), C(clock_nanosleep), C(getrandom), C(gettimeofday), C(nanosleep),
	C(sysinfo), C(time), C(timer_create), C(timer_delete), C(timer_getoverrun),
	C(timer_gettime), C(timer_settime), C(times), C(uname)};

/* ------------------------------------------------------- open with a capability */

/* Mounting, in whatever namespace: the largest interface of the kernel that takes hostile bytes. */
static const struct call mounting[] = {C(fsconfig), C(fsmount), C(fsopen), C(fspick), C(mount),
	C(mount_setattr), C(move_mount), C(open_tree), C(open_tree_attr), C(pivot_root),
	C(umount2)};

/* Namespaces that exist, and their names. */
static const struct call naming[] = {C(setdomainname), C(sethostname), C(setns)};

/* Watching all of a filesystem, and its quotas; the label of a security module. */
static const struct call administration[] = {
	C(fanotify_init), C(lookup_dcookie), C(lsm_set_self_attr), C(quotactl), C(quotactl_fd)};

static const struct call root[] = {C(chroot)};

/*
 * Looking into other processes, also those of the same user. The kernel would allow that
 * within the container, and it helps debuggers alone; against it speak that a process which joins
 * cannot be caught at its first instruction, and a long row of flaws in ptrace itself.
 */
static const struct call looking[] = {C(kcmp), C(pidfd_getfd), C(process_madvise),
	C(process_vm_readv), C(process_vm_writev), C(ptrace)};

/* A file by its number, which leads out of any tree to all of the filesystem it is on. */
static const struct call handles[] = {C(open_by_handle_at)};

/* Programs in the kernel: its verifier has been wrong more often than any other part. */
static const struct call programs[] = {C(bpf)};
static const struct call counters[] = {C(perf_event_open)};

static const struct call kernel_log[] = {C(syslog)};
static const struct call modules[] = {C(delete_module), C(finit_module), C(init_module)};
static const struct call machine[] = {C(reboot)};
static const struct call accounting[] = {C(acct)};
static const struct call ports[] = {C(ioperm), C(iopl)};
static const struct call setting_clocks[] = {C(clock_settime), C(settimeofday)};
static const struct call terminals[] = {C(vhangup)};

/* On which of the machine's memory nodes pages are. */
static const struct call nodes[] = {C(get_mempolicy), C(mbind), C(migrate_pages), C(move_pages),
	C(set_mempolicy), C(set_mempolicy_home_node)};

/* ------------------------------------------------------------ open to nobody */

/*
 * Keyrings know no namespaces, and a flaw in them has been a way to the host. io_uring does
 * the work of a hundred calls past any filter, and much of its code is young. userfaultfd
 * holds the kernel at a place of one's choice, which is what exploits need. The next kernel and swap belong
 * to the host alone; the rest are for programs of another age.
 */
static const struct call never[] = {C(add_key), C(io_uring_enter), C(io_uring_register),
	C(io_uring_setup), C(kexec_file_load), C(kexec_load), C(keyctl), C(modify_ldt),
	C(nfsservctl), C(request_key), C(swapoff), C(swapon), C(sysfs), C(uselib), C(userfaultfd),
	C(ustat)};

/* Decided by their arguments: below. */
static const struct call by_flags[] = {C(clone), C(unshare)};
static const struct call by_family[] = {C(socket), C(socketpair)};
static const struct call by_persona[] = {C(personality)};

/*
 * As if they were not there. The flags of clone3 are in memory, out of a filter's sight, and
 * C libraries fall back on clone; who asks listns for the namespaces of the system falls back on /proc.
 */
static const struct call absent[] = {C(clone3), C(listns)};

/* ------------------------------------------------------------------ the groups */

#define CAP(name)    (UINT64_C(1) << (name))
#define ALL	     UINT64_MAX		 /* open, whatever the capabilities */
#define NESTED	     (UINT64_C(1) << 63) /* stands for CT_SECCOMP_NESTED among them */
#define ERRNO(error) (SECCOMP_RET_ERRNO | (error))
#define GROUP(calls, opened_by, refusal)                                      \
	{                                                                     \
		calls, sizeof(calls) / sizeof((calls)[0]), opened_by, refusal \
	}

static const struct group {
	const struct call *calls;
	size_t count;
	uint64_t opened_by; /* any of these */
	uint32_t refusal;   /* what is answered without */
} groups[] = {
	GROUP(files, ALL, 0),
	GROUP(events, ALL, 0),
	GROUP(memory, ALL, 0),
	GROUP(processes, ALL, 0),
	GROUP(probes, ALL, 0),
	GROUP(identity, ALL, 0),
	GROUP(sockets, ALL, 0),
	GROUP(ipc, ALL, 0),
	GROUP(clocks, ALL, 0),
	GROUP(mounting, CAP(CAP_SYS_ADMIN) | NESTED, ERRNO(EPERM)),
	GROUP(naming, CAP(CAP_SYS_ADMIN) | NESTED, ERRNO(EPERM)),
	GROUP(administration, CAP(CAP_SYS_ADMIN), ERRNO(EPERM)),
	GROUP(root, CAP(CAP_SYS_CHROOT) | NESTED, ERRNO(EPERM)),
	GROUP(looking, CAP(CAP_SYS_PTRACE), ERRNO(EPERM)),
	GROUP(handles, CAP(CAP_DAC_READ_SEARCH), ERRNO(EPERM)),
	GROUP(programs, CAP(CAP_BPF) | CAP(CAP_SYS_ADMIN), ERRNO(EPERM)),
	GROUP(counters, CAP(CAP_PERFMON) | CAP(CAP_SYS_ADMIN), ERRNO(EPERM)),
	GROUP(kernel_log, CAP(CAP_SYSLOG) | CAP(CAP_SYS_ADMIN), ERRNO(EPERM)),
	GROUP(modules, CAP(CAP_SYS_MODULE), ERRNO(EPERM)),
	GROUP(machine, CAP(CAP_SYS_BOOT), ERRNO(EPERM)),
	GROUP(accounting, CAP(CAP_SYS_PACCT), ERRNO(EPERM)),
	GROUP(ports, CAP(CAP_SYS_RAWIO), ERRNO(EPERM)),
	GROUP(setting_clocks, CAP(CAP_SYS_TIME), ERRNO(EPERM)),
	GROUP(terminals, CAP(CAP_SYS_TTY_CONFIG), ERRNO(EPERM)),
	GROUP(nodes, CAP(CAP_SYS_NICE), ERRNO(EPERM)),
	GROUP(never, 0, ERRNO(EPERM)),
	GROUP(by_flags, NESTED, ERRNO(EPERM)),
	GROUP(by_family, 0, ERRNO(EAFNOSUPPORT)),
	GROUP(by_persona, 0, ERRNO(EPERM)),
	GROUP(absent, NESTED, ERRNO(ENOSYS)),
};

/* ---------------------------------------------------------------- by arguments */

#define INT UINT32_MAX /* mask of an argument of which the kernel looks at 32 bits */
#define NAMESPACES                                                                     \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | \
		CLONE_NEWPID | CLONE_NEWNET)

/* Exceptions from what the groups say, by one argument. */
static const struct exception {
	const char *call;
	uint64_t needs; /* one of these capabilities; ALL: nothing */
	uint32_t action;
	uint32_t argument; /* from 0 */
	uint64_t mask, value;
} exceptions[] = {
	/* Threads and processes, without a namespace. A user namespace only on request. */
	{"clone", ALL, SECCOMP_RET_ALLOW, 0, NAMESPACES, 0},
	{"clone", CAP(CAP_SYS_ADMIN), SECCOMP_RET_ALLOW, 0, CLONE_NEWUSER, 0},
	{"unshare", ALL, SECCOMP_RET_ALLOW, 0, NAMESPACES | CLONE_NEWTIME, 0},
	{"unshare", CAP(CAP_SYS_ADMIN), SECCOMP_RET_ALLOW, 0, CLONE_NEWUSER, 0},
	/* What makes containers of its own gives them a keyring of their own, empty. */
	{"keyctl", NESTED, SECCOMP_RET_ALLOW, 0, INT, KEYCTL_JOIN_SESSION_KEYRING},
	/* Families that ordinary programs use. The others are seldom looked at, and load modules. */
	{"socket", ALL, SECCOMP_RET_ALLOW, 0, INT, AF_UNIX},
	{"socket", ALL, SECCOMP_RET_ALLOW, 0, INT, AF_INET},
	{"socket", ALL, SECCOMP_RET_ALLOW, 0, INT, AF_INET6},
	{"socket", ALL, SECCOMP_RET_ALLOW, 0, INT, AF_NETLINK},
	{"socket", ALL, SECCOMP_RET_ALLOW, 0, INT, AF_PACKET},
	{"socketpair", ALL, SECCOMP_RET_ALLOW, 0, INT, AF_UNIX},
	/* Keystrokes for a terminal that others read, and line disciplines, which load modules. */
	{"ioctl", ALL, ERRNO(EPERM), 1, INT, TIOCSTI},
	{"ioctl", ALL, ERRNO(EPERM), 1, INT, TIOCLINUX},
	{"ioctl", ALL, ERRNO(EPERM), 1, INT, TIOCSETD},
	/* Those that change names and numbers alone, and the question which one there is. */
	{"personality", ALL, SECCOMP_RET_ALLOW, 0, INT, PER_LINUX},
	{"personality", ALL, SECCOMP_RET_ALLOW, 0, INT, PER_LINUX32},
	{"personality", ALL, SECCOMP_RET_ALLOW, 0, INT, UNAME26},
	{"personality", ALL, SECCOMP_RET_ALLOW, 0, INT, PER_LINUX32 | UNAME26},
	{"personality", ALL, SECCOMP_RET_ALLOW, 0, INT, UINT32_MAX},
};

/* -------------------------------------------------------------------- questions */

static int number_of(const struct call *call)
{
	char *end;
	long number = strtol(call->number, &end, 10);

	return end == call->number || *end || number < 0 || number >= CALLS_MAX ? -ENXIO
										: (int)number;
}

int ct__seccomp_number(const char *name)
{
	for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++)
		for (size_t i = 0; i < groups[g].count; i++)
			if (strcmp(groups[g].calls[i].name, name) == 0)
				return number_of(&groups[g].calls[i]);
	return -ENOENT;
}

const char *ct__seccomp_name(int number)
{
	for (size_t g = 0; number >= 0 && g < sizeof(groups) / sizeof(groups[0]); g++)
		for (size_t i = 0; i < groups[g].count; i++)
			if (number_of(&groups[g].calls[i]) == number)
				return groups[g].calls[i].name;
	return "";
}

/* Sets the action of every call; of an unknown one, too. */
static void set_actions(uint32_t actions[CALLS_MAX], uint64_t caps)
{
	for (size_t number = 0; number < CALLS_MAX; number++)
		actions[number] = ERRNO(ENOSYS);
	for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++) {
		const struct group *group = &groups[g];
		bool open = group->opened_by == ALL || (group->opened_by & caps);

		for (size_t i = 0; i < group->count; i++) {
			int number = number_of(&group->calls[i]);

			if (number >= 0)
				actions[number] = open ? SECCOMP_RET_ALLOW : group->refusal;
		}
	}
}

int ct__seccomp_default(
	uint64_t caps, uint32_t flags, uint32_t actions[CALLS_MAX], ct__array *rules)
{
	caps &= ~NESTED;
	if (flags & CT_SECCOMP_NESTED)
		caps |= NESTED;
	set_actions(actions, caps);
	for (size_t i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++) {
		const struct exception *exception = &exceptions[i];
		int number = ct__seccomp_number(exception->call);
		struct ct__seccomp_rule rule = {
			.arg_count = 1,
			.action = exception->action,
			.args = {{exception->argument, CT_SECCOMP_EQ, exception->mask,
				exception->value}},
		};

		if (exception->needs != ALL && !(exception->needs & caps))
			continue;
		if (number < 0 || actions[number] == exception->action)
			continue;
		rule.number = (uint16_t)number;
		if (ct__array_add(rules, &rule, sizeof(rule)) < 0)
			return -ENOMEM;
	}
	return 0;
}

void ct__seccomp_closed(uint32_t actions[CALLS_MAX])
{
	set_actions(actions, 0);
	for (size_t number = 0; number < CALLS_MAX; number++)
		if (actions[number] != ERRNO(ENOSYS))
			actions[number] = ERRNO(EPERM);
}

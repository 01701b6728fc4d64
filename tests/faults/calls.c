/* SPDX-License-Identifier: MIT */
/* The table of faults; see calls.h. */
#include "calls.h"

#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>

#define CALL(name, ...)	     {SYS_##name, #name, {__VA_ARGS__}, false}
#define CALL_MADE(name, ...) {SYS_##name, #name, {__VA_ARGS__}, true}
#define NO_FAULT(name)	     {SYS_##name, #name, {0}, false}

/* What a filter of the host may answer beside what the kernel does: EPERM, and ENOSYS for newer calls. */
static const struct fault_call calls[] = {
	/* Files */
	CALL(openat, EPERM, EMFILE, ENOMEM, EINTR, EIO, ENOSPC),
	CALL(openat2, EPERM, ENOSYS, EMFILE, ENOMEM, EINTR, EIO, EAGAIN),
	CALL(read, EIO, EINTR, ENOMEM),
	CALL(write, EIO, EINTR, ENOSPC, ENOMEM, EPERM),
	CALL(pread64, EIO, EINTR),
	CALL(pwrite64, EIO, EINTR, ENOSPC),
	CALL(lseek, EIO),
	CALL(ftruncate, EIO, EINTR, ENOSPC),
	CALL(fallocate, EIO, EINTR, ENOSPC, ENOSYS),
	CALL_MADE(close, EIO, EINTR, ENOSPC),
	CALL(close_range, ENOSYS, EPERM, ENOMEM),
	CALL(fcntl, EPERM, EMFILE, ENOMEM, EINTR),
	CALL(dup3, EMFILE, EINTR),
	CALL(flock, EINTR, ENOMEM, EIO),
	CALL(fsync, EIO, EINTR, ENOSPC),
	CALL(getdents64, EIO, ENOMEM, EINTR),
	CALL(newfstatat, EIO, ENOMEM, EPERM),
	CALL(fstat, EIO, ENOMEM),
	CALL(statx, ENOSYS, EPERM, ENOMEM, EIO),
	CALL(statfs, ENOMEM, EIO, EPERM),
	CALL(fstatfs, ENOMEM, EIO, EPERM),
	CALL(readlinkat, ENOMEM, EIO, EPERM),
	CALL(faccessat, EIO, ENOMEM, EPERM),
	CALL(faccessat2, ENOSYS, EIO, ENOMEM, EPERM),
	CALL(mkdirat, EPERM, ENOSPC, ENOMEM, EIO),
	CALL(mknodat, EPERM, ENOSPC, ENOMEM, EIO),
	CALL(symlinkat, EPERM, ENOSPC, ENOMEM, EIO),
	CALL(linkat, EPERM, ENOSPC, ENOMEM, EIO),
	CALL(unlinkat, EPERM, ENOSPC, ENOMEM, EIO),
	CALL(renameat2, ENOSYS, EPERM, ENOSPC, ENOMEM, EIO),
	CALL(fchown, EPERM, ENOSPC, ENOMEM, EIO, EINTR),
	CALL(fchownat, EPERM, ENOSPC, ENOMEM, EIO),
	CALL(fchmod, EPERM, ENOSPC, ENOMEM, EIO, EINTR),
	CALL(fchmodat, EPERM, ENOSPC, ENOMEM, EIO),
	CALL(utimensat, EPERM, ENOSPC, ENOMEM, EIO),
	CALL(fsetxattr, EPERM, ENOSPC, ENOMEM, EIO),
	CALL(setxattr, EPERM, ENOSPC, ENOMEM, EIO),
	CALL(fgetxattr, EPERM, ENOMEM, EIO),
	CALL(flistxattr, EPERM, ENOMEM, EIO),
	CALL(fremovexattr, EPERM, ENOMEM, EIO),
	CALL(removexattr, EPERM, ENOMEM, EIO),
	CALL(chdir, EPERM, ENOMEM, EIO),
	CALL(fchdir, EPERM, ENOMEM, EIO),
	CALL(memfd_create, ENOSYS, EPERM, EMFILE, ENOMEM),
	CALL(name_to_handle_at, ENOSYS, EPERM, ENOMEM),
	CALL(open_by_handle_at, ENOSYS, EPERM, ENOMEM, EMFILE),
	CALL(ioctl, EPERM, ENOMEM, EMFILE),
	CALL(fadvise64, ENOMEM),

	/* Talk and waiting */
	CALL(pipe2, EMFILE, ENOMEM),
	CALL(socketpair, EPERM, EMFILE, ENOMEM),
	CALL(socket, EPERM, EMFILE, ENOMEM),
	CALL(sendmsg, EPERM, ENOMEM, EINTR, ENOBUFS),
	CALL(sendto, EPERM, ENOMEM, EINTR),
	CALL(recvmsg, ENOMEM, EINTR, EPERM),
	CALL(recvfrom, ENOMEM, EINTR, EPERM),
	CALL(shutdown, EPERM),
	CALL(ppoll, EINTR), /* few descriptors take no memory */
	CALL(epoll_create1, EMFILE, ENOMEM),
	CALL(epoll_ctl, ENOMEM, ENOSPC),
	CALL(epoll_pwait, EINTR),
	CALL(eventfd2, EMFILE, ENOMEM),
	CALL(timerfd_create, EMFILE, ENOMEM, EPERM),
	CALL(timerfd_settime, ENOMEM, EPERM),
	CALL(nanosleep, EINTR),
	CALL(clock_nanosleep, EINTR),

	/* Processes */
	CALL(clone3, ENOSYS, EPERM, ENOMEM, EAGAIN, ENOSPC, EMFILE),
	CALL(clone, EPERM, ENOMEM, EAGAIN, ENOSPC),
	CALL(execve, EPERM, ENOMEM, EIO, EMFILE),
	CALL(execveat, ENOSYS, EPERM, ENOMEM, EIO, EMFILE),
	CALL(waitid, EINTR), /* not ECHILD: there is one, and it would be left */
	CALL(wait4, EINTR),
	CALL(kill, EPERM),
	CALL(pidfd_open, ENOSYS, EPERM, EMFILE, ENOMEM),
	CALL(pidfd_send_signal, ENOSYS, EPERM),
	CALL(pidfd_getfd, ENOSYS, EPERM, EMFILE),
	CALL(prlimit64, EPERM),
	CALL(setsid, EPERM),
	CALL(prctl, EPERM, ENOMEM),
	CALL(mmap, ENOMEM),
	CALL(getrandom, ENOSYS),

	/* Rights and namespaces */
	CALL(unshare, EPERM, ENOMEM, ENOSPC),
	CALL(setns, EPERM, ENOMEM),
	CALL(setgroups, EPERM, ENOMEM),
	CALL(setresuid, EPERM, EAGAIN, ENOMEM),
	CALL(setresgid, EPERM, ENOMEM),
	CALL(getgroups, EPERM),
	CALL(capget, EPERM),
	CALL(capset, EPERM, ENOMEM),
	CALL(seccomp, ENOSYS, EPERM, ENOMEM),
	CALL(keyctl, ENOSYS, EPERM, ENOMEM, EDQUOT),
	CALL(sethostname, EPERM),
	CALL(setdomainname, EPERM),

	/* Mounts */
	CALL(mount, EPERM, ENOMEM, ENOSPC),
	CALL(umount2, EPERM, ENOMEM),
	CALL(pivot_root, EPERM, ENOMEM),
	CALL(chroot, EPERM, ENOMEM),
	CALL(open_tree, ENOSYS, EPERM, EMFILE, ENOMEM, ENOSPC),
	CALL(move_mount, ENOSYS, EPERM, ENOMEM, ENOSPC),
	CALL(fsopen, ENOSYS, EPERM, EMFILE, ENOMEM),
	CALL(fsconfig, ENOSYS, EPERM, ENOMEM),
	CALL(fsmount, ENOSYS, EPERM, EMFILE, ENOMEM, ENOSPC),
	CALL(mount_setattr, ENOSYS, EPERM, ENOMEM),

	/* Without a way to fail, or with none that is not the process's own end. */
	NO_FAULT(brk),
	NO_FAULT(munmap),
	NO_FAULT(mprotect),
	NO_FAULT(madvise),
	NO_FAULT(exit),
	NO_FAULT(exit_group),
	NO_FAULT(rt_sigreturn),
	NO_FAULT(rt_sigprocmask),
	NO_FAULT(rt_sigaction),
	NO_FAULT(futex),
	NO_FAULT(rseq), /* libc ends a process of whose threads one has none */
	NO_FAULT(sched_yield),
	NO_FAULT(getpid),
	NO_FAULT(gettid),
	NO_FAULT(getppid),
	NO_FAULT(getuid),
	NO_FAULT(geteuid),
	NO_FAULT(getgid),
	NO_FAULT(getegid),
	NO_FAULT(umask),
	NO_FAULT(clock_gettime),
	NO_FAULT(restart_syscall),
	NO_FAULT(tgkill),

/* Those that newer machines do without. */
#ifdef SYS_open
	CALL(open, EPERM, EMFILE, ENOMEM, EINTR, EIO, ENOSPC),
	CALL(stat, EIO, ENOMEM, EPERM),
	CALL(lstat, EIO, ENOMEM, EPERM),
	CALL(access, EIO, ENOMEM, EPERM),
	CALL(readlink, ENOMEM, EIO, EPERM),
	CALL(rename, EPERM, ENOSPC, ENOMEM, EIO),
	CALL(renameat, EPERM, ENOSPC, ENOMEM, EIO),
	CALL(unlink, EPERM, ENOSPC, ENOMEM, EIO),
	CALL(rmdir, EPERM, ENOSPC, ENOMEM, EIO),
	CALL(mkdir, EPERM, ENOSPC, ENOMEM, EIO),
	CALL(poll, EINTR),
	CALL(epoll_wait, EINTR),
	CALL(dup2, EMFILE, EINTR),
	NO_FAULT(time),
#endif
#ifdef SYS_listns
	CALL(listns, ENOSYS, EPERM, ENOMEM),
#endif
#ifdef SYS_landlock_create_ruleset
	CALL(landlock_create_ruleset, ENOSYS, EPERM, ENOMEM),
#endif
#ifdef SYS_statmount
	CALL(statmount, ENOSYS, EPERM, ENOMEM),
	CALL(listmount, ENOSYS, EPERM, ENOMEM),
#endif
#ifdef SYS_fchmodat2
	CALL(fchmodat2, ENOSYS, EPERM, ENOMEM, EIO),
#endif
};

const struct fault_call *fault_call_of(long number)
{
	static char name[24];
	static struct fault_call unknown = {.name = name, .errors = {ENOSYS, EPERM, ENOMEM}};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (calls[i].number == number)
			return &calls[i];
	unknown.number = number;
	snprintf(name, sizeof(name), "call %ld", number);
	return &unknown;
}

const struct fault_call *fault_newer(int index)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		for (int error = 0; error < FAULT_ERRORS; error++)
			if (calls[i].errors[error] == ENOSYS && index-- == 0)
				return &calls[i];
	return NULL;
}

int fault_count(const struct fault_call *call)
{
	int count = 0;

	while (count < FAULT_ERRORS && call->errors[count])
		count++;
	return count;
}

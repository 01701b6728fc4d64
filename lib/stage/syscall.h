/* SPDX-License-Identifier: MIT */
/*
 * Kernel calls for the stage, which has no libc: each returns the kernel's own
 * answer, a negative errno on failure. Only what the stage uses is here.
 */
#ifndef CT_STAGE_SYSCALL_H
#define CT_STAGE_SYSCALL_H

#include <asm/unistd.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <linux/stat.h>
#include <stddef.h>
#include <stdint.h>

#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000
#endif
#define MNT_DETACH 2

/* Linux 5.13, and the same on every architecture. */
#ifndef __NR_landlock_create_ruleset
#define __NR_landlock_create_ruleset 444
#define __NR_landlock_add_rule	     445
#define __NR_landlock_restrict_self  446
#endif

#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif

#if defined(__x86_64__)
static inline long kernel6(long n, long a, long b, long c, long d, long e, long f)
{
	long ret;
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}
#elif defined(__aarch64__)
static inline long kernel6(long n, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = n;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc 0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory");
	return x0;
}
#else
#error "the stage knows x86-64 and arm64"
#endif

/* Every call goes through here; in the traced stage, which explains itself, by way of trace.c. */
#ifdef STAGE_TRACE
long sys6(long n, long a, long b, long c, long d, long e, long f);
#else
static inline long sys6(long n, long a, long b, long c, long d, long e, long f)
{
	return kernel6(n, a, b, c, d, e, f);
}
#endif

#define sys(n, a, b, c, d, e)                                                                      \
	sys6((n), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)

static inline __attribute__((noreturn)) void sys_exit(int code)
{
	for (;;)
		sys(__NR_exit_group, code, 0, 0, 0, 0);
}

static inline long sys_close(int fd)
{
	return sys(__NR_close, fd, 0, 0, 0, 0);
}

static inline long sys_read(int fd, void *buffer, size_t size)
{
	return sys(__NR_read, fd, buffer, size, 0, 0);
}

static inline long sys_write(int fd, const void *buffer, size_t size)
{
	return sys(__NR_write, fd, buffer, size, 0, 0);
}

static inline long sys_openat(int dir, const char *path, int flags, unsigned int mode)
{
	return sys(__NR_openat, dir, path, flags, mode, 0);
}

/* Linux 5.6 */
static inline long sys_openat2(int dir, const char *path, struct open_how *how)
{
	return sys(__NR_openat2, dir, path, how, sizeof(*how), 0);
}

static inline long sys_statx(int dir, const char *path, int flags, struct statx *st)
{
	return sys(__NR_statx, dir, path, flags, STATX_BASIC_STATS, st);
}

static inline long sys_mkdirat(int dir, const char *path, unsigned int mode)
{
	return sys(__NR_mkdirat, dir, path, mode, 0, 0);
}

static inline long sys_mknodat(int dir, const char *path, unsigned int mode, unsigned int dev)
{
	return sys(__NR_mknodat, dir, path, mode, dev, 0);
}

static inline long sys_symlinkat(const char *target, int dir, const char *path)
{
	return sys(__NR_symlinkat, target, dir, path, 0, 0);
}

static inline long sys_fchdir(int fd)
{
	return sys(__NR_fchdir, fd, 0, 0, 0, 0);
}

static inline long sys_mount(const char *source, const char *target, const char *type,
	unsigned long flags, const void *data)
{
	return sys(__NR_mount, source, target, type, flags, data);
}

/* Linux 5.2: open_tree, move_mount, fsopen, fsconfig, fsmount */
static inline long sys_open_tree(int dir, const char *path, unsigned int flags)
{
	return sys(__NR_open_tree, dir, path, flags, 0, 0);
}

static inline long sys_move_mount(int from, const char *from_path, int to, const char *to_path,
	unsigned int flags)
{
	return sys(__NR_move_mount, from, from_path, to, to_path, flags);
}

/* Linux 5.12 */
static inline long sys_mount_setattr(int dir, const char *path, unsigned int flags,
	struct mount_attr *attr)
{
	return sys(__NR_mount_setattr, dir, path, flags, attr, sizeof(*attr));
}

static inline long sys_setns(int fd, int kind)
{
	return sys(__NR_setns, fd, kind, 0, 0, 0);
}

static inline long sys_prctl(int option, unsigned long a, unsigned long b)
{
	return sys(__NR_prctl, option, a, b, 0, 0);
}

static inline long sys_fcntl(int fd, int command, unsigned long argument)
{
	return sys(__NR_fcntl, fd, command, argument, 0, 0);
}

/* Linux 5.9 */
static inline long sys_close_range(unsigned int first, unsigned int last)
{
	return sys(__NR_close_range, first, last, 0, 0, 0);
}

#endif

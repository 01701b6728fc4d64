/* SPDX-License-Identifier: MIT */
/*
 * Making a process. The child shares the host's memory for the few instructions up
 * to its exec, while the calling thread sleeps (CLONE_VFORK): the cost does not
 * depend on the size of the host. It calls the kernel and nothing else: no libc,
 * no lock, no allocation, on a stack of its own, with all signals blocked.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clone.h"
#include "util/clock.h"

/*
 * Nothing may be added to this code by a compiler: a sanitizer's marks would stay in the
 * host's memory, and be made by a process that is not the host. tests/spawn/test_child_code.sh
 * looks at what becomes of it.
 */
#define NOT_SANITIZED no_sanitize("address", "thread", "undefined")
#if __has_attribute( \
	disable_sanitizer_instrumentation) /* clang 14: there the above leaves some in */
#define CHILD_CODE      \
	__attribute__(( \
		noinline, no_stack_protector, NOT_SANITIZED, disable_sanitizer_instrumentation))
#else
#define CHILD_CODE __attribute__((noinline, no_stack_protector, NOT_SANITIZED))
#endif
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 11
#error "gcc 11 or later is needed"
#endif

struct child_task {
	const struct ct__program *program;
	int error; /* negative errno of a failed exec, written by the child */
	const char *call;
	struct ct__child_calls *calls; /* NULL: nobody wants to know */
};

static CHILD_CODE long raw(long number, long a, long b, long c, long d, long e)
{
#if defined(__x86_64__)
	long ret;
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	return ret;
#elif defined(__aarch64__)
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;

	__asm__ volatile("svc 0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4)
			 : "memory");
	return x0;
#endif
}

static CHILD_CODE uint64_t now_ns(void)
{
	struct timespec now;

	raw(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&now, 0, 0, 0);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* A call, written down if that is wanted; before it is made, since an exec does not return. */
static CHILD_CODE long told(
	struct ct__child_calls *calls, long number, long a, long b, long c, long d, long e)
{
	struct ct__child_call *call;

	if (!calls || calls->count == CHILD_CALLS)
		return raw(number, a, b, c, d, e);
	call = &calls->call[calls->count++];
	call->number = (uint32_t)number;
	call->args[0] = a;
	call->args[1] = b;
	call->args[2] = c;
	call->args[3] = d;
	call->args[4] = e;
	call->took_ns = 0;
	call->result = 0;
	call->at_ns = now_ns();
	call->result = raw(number, a, b, c, d, e);
	call->took_ns = now_ns() - call->at_ns;
	return call->result;
}

/*
 * In a new user namespace the child has every capability, but no mapped id yet,
 * and an exec by such a user drops them. Ambient ones survive: capabilities(7).
 */
static CHILD_CODE long keep_caps_over_exec(struct ct__child_calls *calls)
{
	struct __user_cap_header_struct header;
	struct __user_cap_data_struct sets[2];
	long ret;

	header.version = _LINUX_CAPABILITY_VERSION_3;
	header.pid = 0;
	ret = told(calls, SYS_capget, (long)&header, (long)sets, 0, 0, 0);
	if (ret < 0)
		return ret;
	sets[0].inheritable = sets[0].permitted;
	sets[1].inheritable = sets[1].permitted;
	ret = told(calls, SYS_capset, (long)&header, (long)sets, 0, 0, 0);
	for (long cap = 0; cap < 64 && ret >= 0; cap++)
		if (sets[cap / 32].permitted >> cap % 32 & 1)
			ret = told(
				calls, SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0);
	return ret;
}

/* Who: the child, in its new namespaces, with the host's memory and a table of descriptors of its own. */
static CHILD_CODE __attribute__((noreturn)) void child_main(struct child_task *task)
{
	static const char empty[] = "";
	static const char *const envp[] = {NULL};
	const struct ct__program *program = task->program;
	struct ct__child_calls *calls = task->calls;
	const uint64_t none = 0;
	long exe = program->fd_count, ret = 0;

	task->call = "capset";
	if (program->raises_caps)
		ret = keep_caps_over_exec(calls);
	task->call = ret < 0 ? task->call : "dup3";
	for (long fd = 0; fd < exe && ret >= 0; fd++)
		ret = told(calls, SYS_dup3, program->fds[fd], fd, 0, 0, 0);
	if (ret >= 0)
		ret = told(calls, SYS_dup3, program->exe, exe, O_CLOEXEC, 0, 0);
	if (ret >= 0) {
		task->call = "close_range";
		ret = told(calls, SYS_close_range, exe + 1, ~0U, 0, 0, 0);
	}
	/* The handlers are gone (CLONE_CLEAR_SIGHAND): what strikes now ends this process alone. */
	if (ret >= 0 && program->unblocks) {
		task->call = "rt_sigprocmask";
		ret = told(calls, SYS_rt_sigprocmask, SIG_SETMASK, (long)&none, 0, sizeof(none), 0);
	}
	if (ret >= 0) {
		task->call = "execveat";
		ret = told(calls, SYS_execveat, exe, (long)empty, (long)program->argv, (long)envp,
			AT_EMPTY_PATH);
	}
	task->error = (int)ret;
	for (;;)
		raw(SYS_exit_group, 127, 0, 0, 0, 0);
}

/* clone3; the child calls child_main() at the top of its stack and never returns. */
static CHILD_CODE long clone_and_call(struct clone_args *args, struct child_task *task)
{
#if defined(__x86_64__)
	long ret;
	register uintptr_t function __asm__("r8") = (uintptr_t)child_main;
	register void *argument __asm__("r9") = task;

	__asm__ volatile(
		"syscall\n\t"
		"test %%rax, %%rax\n\t"
		"jnz 1f\n\t"
		"mov %%r9, %%rdi\n\t"
		"call *%%r8\n\t"
		"ud2\n"
		"1:"
		: "=a"(ret)
		: "a"((long)SYS_clone3), "D"(args), "S"(sizeof(*args)), "r"(function), "r"(argument)
		: "rcx", "r11", "memory", "cc");
	return ret;
#elif defined(__aarch64__)
	register long x8 __asm__("x8") = SYS_clone3;
	register long x0 __asm__("x0") = (long)args;
	register long x1 __asm__("x1") = sizeof(*args);
	register uintptr_t x3 __asm__("x3") = (uintptr_t)child_main;
	register void *x4 __asm__("x4") = task;

	__asm__ volatile("svc 0\n\t"
			 "cbnz x0, 1f\n\t"
			 "mov x0, x4\n\t"
			 "blr x3\n\t"
			 "brk #1\n"
			 "1:"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x3), "r"(x4)
			 : "memory", "cc");
	return x0;
#endif
}

/* The exec of a child that did not fail was over when the host went on. */
static void write_down(struct ct__child_calls *calls, const struct clone_args *args, long result)
{
	struct ct__child_call *last = calls->count ? &calls->call[calls->count - 1] : NULL;
	uint64_t now = now_ns();

	calls->args = *args;
	calls->result = result;
	calls->took_ns = now - calls->at_ns;
	if (last && last->number == SYS_execveat && !last->took_ns)
		last->took_ns = now - last->at_ns;
}

int ct__clone_program(const struct ct__program *program, uint32_t flags,
	struct ct__child_calls *calls, struct ct__child *ret_child, const char **ret_call)
{
	unsigned char stack[8192] __attribute__((aligned(64)));
	struct child_task task = {.program = program, .calls = calls};
	int pidfd = -1;
	struct clone_args args = {
		.flags = CLONE_VM | CLONE_VFORK | CLONE_CLEAR_SIGHAND | CLONE_PIDFD | flags,
		.pidfd = (uintptr_t)&pidfd,
		.exit_signal = program->exe < 0 ? 0 : SIGCHLD, /* one that was only tried is nobody's business */
		.stack = (uintptr_t)stack,
		.stack_size = sizeof(stack),
		.cgroup = (uint64_t)program->cgroup,
	};
	const uint64_t all = ~UINT64_C(0);
	uint64_t saved;
	long pid;

	if (program->cgroup)
		args.flags |= CLONE_INTO_CGROUP;
	/* A handler of the host must not run in the child, not even for libc's own signals. */
	raw(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, (long)&saved, sizeof(all), 0);
	if (calls)
		calls->at_ns = now_ns();
	pid = clone_and_call(&args, &task);
	raw(SYS_rt_sigprocmask, SIG_SETMASK, (long)&saved, 0, sizeof(saved), 0);

	if (calls)
		write_down(calls, &args, pid);
	if (pid < 0) {
		*ret_call = "clone3";
		return (int)pid;
	}
	if (task.error) {
		ct__reap(pidfd);
		close(pidfd);
		*ret_call = task.call;
		return task.error;
	}
	ret_child->pid = (pid_t)pid;
	ret_child->pidfd = pidfd;
	if (pidfd <= 2) { /* a host without stdio; if there is no other number, it keeps this one */
		ret_child->pidfd = fcntl(pidfd, F_DUPFD_CLOEXEC, 3);
		if (ret_child->pidfd < 0)
			ret_child->pidfd = pidfd;
		else
			close(pidfd);
	}
	return 0;
}

int ct__clone_stage(int stage, int socket, int cgroup, uint32_t flags, bool raises_caps,
	struct ct__child_calls *calls, struct ct__child *ret_child, const char **ret_call)
{
	static const char *const argv[] = {"ct-stage", NULL};
	const struct ct__program program = {
		.exe = stage,
		.fds = &socket,
		.fd_count = 1,
		.argv = argv,
		.raises_caps = raises_caps,
		.cgroup = cgroup,
	};

	return ct__clone_program(&program, flags, calls, ret_child, ret_call);
}

int ct__clone_try(uint32_t flags)
{
	const char *call = NULL;
	struct ct__child child;
	/* Without descriptors to take the child comes no further than its first call. */
	int ret = ct__clone_stage(-EBADF, -EBADF, 0, flags, false, NULL, &child, &call);

	return call && strcmp(call, "clone3") == 0 ? ret : 0;
}

void ct__reap(int pidfd)
{
	siginfo_t info;

	/* ECHILD: the host reaped it, by wait() for any child or by ignoring SIGCHLD. */
	while (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | __WALL) < 0 && errno == EINTR)
		;
}

bool ct__ends_in(int pidfd, int limit_ms)
{
	struct pollfd ended = {.fd = pidfd, .events = POLLIN};
	uint64_t deadline = ct__deadline_in(limit_ms);
	int ret;

	do
		ret = poll(&ended, 1, ct__ms_until(deadline));
	while (ret < 0 && errno == EINTR);
	return ret != 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * The programs that filters become, run in the head: what the default one answers to each
 * call, and that rules mean what they say, for any argument.
 */
#include <asm/unistd.h>
#include <check.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "seccomp/seccomp.h"
#include "spec/spec.h"

#if defined(__x86_64__)
#define MACHINE AUDIT_ARCH_X86_64
#define OTHER	AUDIT_ARCH_I386
#else
#define MACHINE AUDIT_ARCH_AARCH64
#define OTHER	AUDIT_ARCH_ARM
#endif

#define CAP(name) (UINT64_C(1) << (name))
#define REFUSED	  (SECCOMP_RET_ERRNO | EPERM)
#define ABSENT	  (SECCOMP_RET_ERRNO | ENOSYS)

static ct_spec *spec;
static struct ct__filter *filter;

static void setup(void)
{
	ck_assert_int_eq(ct_spec_new(&spec), 0);
	filter = NULL;
}

static void teardown(void)
{
	ct__filter_unref(filter);
	ct_spec_free(spec);
}

/* The filter that the spec asks for, for a payload with these capabilities. */
static void make(uint64_t caps)
{
	const char *needs = NULL;

	ct__filter_unref(filter);
	ck_assert_int_eq(ct_spec_check(spec, NULL), 0);
	ck_assert_int_eq(ct__filter_new(&spec->seccomp, caps, &filter, &needs), 0);
	ck_assert_ptr_nonnull(filter);
}

static uint32_t answer(uint32_t machine, int number, uint64_t first, uint64_t second)
{
	const struct seccomp_data data = {.nr = number, .arch = machine, .args = {first, second}};

	return ct__seccomp_run(filter->code, filter->count, &data);
}

static uint32_t answer_to(const char *call, uint64_t first)
{
	int number = ct__seccomp_number(call);

	ck_assert_int_ge(number, 0);
	return answer(MACHINE, number, first, 0);
}

static void rule(const char *call, ct_seccomp_action action, int error, uint32_t compare,
	uint64_t mask, uint64_t value)
{
	const ct_seccomp_arg arg = {0, compare, mask, value};

	ck_assert_int_eq(ct_spec_add_seccomp_rule(spec, call, action, error, &arg, 1), 0);
}

static void always(const char *call, ct_seccomp_action action, int error)
{
	ck_assert_int_eq(ct_spec_add_seccomp_rule(spec, call, action, error, NULL, 0), 0);
}

/* ------------------------------------------------------------- the default filter */

static const char *const refused[] = {"acct", "add_key", "bpf", "clock_settime", "delete_module",
	"fanotify_init", "finit_module", "fsconfig", "fsmount", "fsopen", "fspick", "get_mempolicy",
	"init_module", "io_uring_enter", "io_uring_register", "io_uring_setup", "kcmp",
	"kexec_load", "keyctl", "mbind", "migrate_pages", "mount", "mount_setattr", "move_mount",
	"move_pages", "open_by_handle_at", "open_tree", "open_tree_attr", "perf_event_open",
	"pidfd_getfd", "pivot_root", "process_madvise", "process_vm_readv", "process_vm_writev",
	"ptrace", "quotactl", "quotactl_fd", "reboot", "request_key", "set_mempolicy",
	"setdomainname", "sethostname", "setns", "settimeofday", "swapoff", "swapon", "syslog",
	"umount2", "userfaultfd", "vhangup"};

START_TEST(default_filter_refuses_what_ordinary_programs_do_not_need)
{
	make(0);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		ck_assert_msg(answer_to(refused[i], 0) == REFUSED, "%s is answered with %#x",
			refused[i], answer_to(refused[i], 0));
}
END_TEST

static const char *const allowed[] = {"accept4", "bind", "brk", "clock_gettime", "clock_nanosleep",
	"close", "close_range", "connect", "dup3", "epoll_pwait", "execve", "execveat",
	"exit_group", "faccessat2", "fchmodat2", "fcntl", "futex", "getdents64", "getpid",
	"getrandom", "ioctl", "kill", "landlock_restrict_self", "madvise", "memfd_create", "mmap",
	"mprotect", "nanosleep", "newfstatat", "openat", "openat2", "pidfd_open", "pipe2", "ppoll",
	"prctl", "pread64", "prlimit64", "read", "recvmsg", "renameat2", "rseq", "rt_sigaction",
	"rt_sigreturn", "sched_setaffinity", "seccomp", "sendmsg", "setgroups", "setresuid",
	"setsid", "setsockopt", "shmat", "statx", "timerfd_create", "tgkill", "uname", "unlinkat",
	"wait4", "waitid", "write", "writev"};

START_TEST(default_filter_allows_what_they_need)
{
	make(0);
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		ck_assert_msg(
			answer_to(allowed[i], 0) == SECCOMP_RET_ALLOW, "%s is refused", allowed[i]);
}
END_TEST

START_TEST(unknown_call_is_absent_and_so_is_clone3)
{
	make(0);
	ck_assert_uint_eq(answer_to("clone3", 0), ABSENT);
	ck_assert_uint_eq(answer_to("listns", 0), ABSENT);
	for (int number = 471; number < 1024; number++)
		ck_assert_uint_eq(answer(MACHINE, number, 0, 0), ABSENT);
	ck_assert_uint_eq(answer(MACHINE, 0x3fffffff, 0, 0), ABSENT);
	ck_assert_uint_eq(answer(MACHINE, -1, 0, 0), ABSENT);
}
END_TEST

/* With every capability and with everything allowed, too: the rules are about other numbers. */
START_TEST(entries_of_other_machines_are_shut_whatever_is_allowed)
{
	static const ct_seccomp bases[] = {CT_SECCOMP_DEFAULT, CT_SECCOMP_OPEN};

	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(ct_spec_set_seccomp(spec, bases[i], 0), 0);
		make(UINT64_MAX);
		for (int number = 0; number < 1024; number++) {
			ck_assert_uint_eq(answer(OTHER, number, 0, 0), ABSENT);
			ck_assert_uint_eq(answer(MACHINE, 0x40000000 + number, 0, 0), ABSENT);
		}
		ck_assert_uint_eq(answer(MACHINE, __NR_read, 0, 0), SECCOMP_RET_ALLOW);
	}
}
END_TEST

static const struct {
	const char *call;
	int cap;
} opened[] = {{"acct", CAP_SYS_PACCT}, {"bpf", CAP_BPF}, {"bpf", CAP_SYS_ADMIN},
	{"chroot", CAP_SYS_CHROOT}, {"clock_settime", CAP_SYS_TIME},
	{"finit_module", CAP_SYS_MODULE}, {"fsopen", CAP_SYS_ADMIN}, {"kcmp", CAP_SYS_PTRACE},
	{"mbind", CAP_SYS_NICE}, {"mount", CAP_SYS_ADMIN},
	{"open_by_handle_at", CAP_DAC_READ_SEARCH}, {"perf_event_open", CAP_PERFMON},
	{"pidfd_getfd", CAP_SYS_PTRACE}, {"pivot_root", CAP_SYS_ADMIN},
	{"process_vm_readv", CAP_SYS_PTRACE}, {"ptrace", CAP_SYS_PTRACE}, {"reboot", CAP_SYS_BOOT},
	{"setns", CAP_SYS_ADMIN}, {"settimeofday", CAP_SYS_TIME}, {"syslog", CAP_SYSLOG},
	{"umount2", CAP_SYS_ADMIN}, {"vhangup", CAP_SYS_TTY_CONFIG}};

START_TEST(capability_opens_its_calls_and_no_other_one_does)
{
	make(CAP(opened[_i].cap));
	ck_assert_uint_eq(answer_to(opened[_i].call, 0), SECCOMP_RET_ALLOW);
	make(CAP(CAP_CHOWN) | CAP(CAP_NET_ADMIN) | CAP(CAP_MKNOD));
	ck_assert_uint_eq(answer_to(opened[_i].call, 0), REFUSED);
}
END_TEST

START_TEST(no_capability_opens_what_is_the_hosts_alone)
{
	static const char *const never[] = {"add_key", "io_uring_setup", "kexec_load", "keyctl",
		"request_key", "swapon", "userfaultfd"};

	make(UINT64_MAX);
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		ck_assert_uint_eq(answer_to(never[i], 0), REFUSED);
	ck_assert_uint_eq(answer_to("clone3", 0), ABSENT);
}
END_TEST

static const uint64_t namespaces[] = {CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
	CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET};

START_TEST(threads_are_made_and_namespaces_are_not)
{
	const uint64_t thread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
				CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID |
				CLONE_CHILD_CLEARTID;

	make(0);
	ck_assert_uint_eq(answer_to("clone", thread), SECCOMP_RET_ALLOW);
	ck_assert_uint_eq(answer_to("clone", CLONE_VM | CLONE_VFORK | 17), SECCOMP_RET_ALLOW);
	ck_assert_uint_eq(answer_to("unshare", CLONE_FILES | CLONE_FS), SECCOMP_RET_ALLOW);
	ck_assert_uint_eq(answer_to("unshare", 0x80 /* CLONE_NEWTIME */), REFUSED);
	for (size_t i = 0; i < sizeof(namespaces) / sizeof(namespaces[0]); i++) {
		ck_assert_uint_eq(answer_to("clone", 17 | namespaces[i]), REFUSED);
		ck_assert_uint_eq(answer_to("unshare", namespaces[i]), REFUSED);
		ck_assert_uint_eq(
			answer_to("unshare", CLONE_FS | namespaces[i] | UINT64_C(1) << 40),
			REFUSED);
	}
}
END_TEST

START_TEST(user_namespace_stays_shut_for_cap_sys_admin_and_opens_on_request)
{
	make(CAP(CAP_SYS_ADMIN));
	ck_assert_uint_eq(answer_to("unshare", CLONE_NEWNET | CLONE_NEWNS), SECCOMP_RET_ALLOW);
	ck_assert_uint_eq(answer_to("clone", CLONE_NEWPID | 17), SECCOMP_RET_ALLOW);
	ck_assert_uint_eq(answer_to("unshare", CLONE_NEWNET | CLONE_NEWUSER), REFUSED);
	ck_assert_uint_eq(answer_to("clone", CLONE_NEWUSER | 17), REFUSED);
	ck_assert_uint_eq(answer_to("clone3", 0), ABSENT);
	ck_assert_int_eq(ct_spec_set_seccomp(spec, CT_SECCOMP_DEFAULT, CT_SECCOMP_NESTED), 0);
	make(0);
	ck_assert_uint_eq(answer_to("unshare", CLONE_NEWNET | CLONE_NEWUSER), SECCOMP_RET_ALLOW);
	ck_assert_uint_eq(answer_to("clone", CLONE_NEWUSER | 17), SECCOMP_RET_ALLOW);
	ck_assert_uint_eq(answer_to("clone3", 0), SECCOMP_RET_ALLOW);
	ck_assert_uint_eq(answer_to("mount", 0), SECCOMP_RET_ALLOW);
	ck_assert_uint_eq(answer_to("keyctl", 1 /* a new session keyring */), SECCOMP_RET_ALLOW);
	ck_assert_uint_eq(answer_to("keyctl", 0), REFUSED);
	ck_assert_uint_eq(answer_to("ptrace", 0), REFUSED);
}
END_TEST

START_TEST(socket_families_are_those_of_ordinary_programs)
{
	static const int ordinary[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET};

	make(UINT64_MAX);
	for (int family = 0; family < 64; family++) {
		uint32_t want = SECCOMP_RET_ERRNO | EAFNOSUPPORT;

		for (size_t i = 0; i < 5; i++)
			want = family == ordinary[i] ? SECCOMP_RET_ALLOW : want;
		ck_assert_uint_eq(answer_to("socket", (uint64_t)family), want);
		/* The kernel looks at the lower half alone. */
		ck_assert_uint_eq(answer_to("socket", (uint64_t)family | UINT64_C(5) << 32), want);
	}
	ck_assert_uint_eq(answer_to("socketpair", AF_UNIX), SECCOMP_RET_ALLOW);
	ck_assert_uint_eq(answer_to("socketpair", AF_TIPC), SECCOMP_RET_ERRNO | EAFNOSUPPORT);
}
END_TEST

START_TEST(terminal_cannot_be_fed_whatever_the_upper_half_says)
{
	static const uint64_t requests[] = {TIOCSTI, TIOCLINUX, TIOCSETD};
	int number = ct__seccomp_number("ioctl");

	make(UINT64_MAX);
	for (size_t i = 0; i < 3; i++)
		for (uint64_t high = 0; high < 3; high++)
			ck_assert_uint_eq(
				answer(MACHINE, number, 0, requests[i] | high << 32), REFUSED);
	ck_assert_uint_eq(answer(MACHINE, number, 0, TCGETS), SECCOMP_RET_ALLOW);
	ck_assert_uint_eq(answer(MACHINE, number, 0, TIOCSCTTY), SECCOMP_RET_ALLOW);
}
END_TEST

START_TEST(personality_is_one_of_the_harmless)
{
	static const uint64_t harmless[] = {0, 8, 0x20000, 0x20008, 0xffffffff};
	static const uint64_t harmful[] = {0x40000 /* no randomized addresses */,
		0x400000 /* what is read can be executed */, 1, 0x20009, 0xfffffffe};

	make(UINT64_MAX);
	for (size_t i = 0; i < 5; i++) {
		ck_assert_uint_eq(answer_to("personality", harmless[i]), SECCOMP_RET_ALLOW);
		ck_assert_uint_eq(answer_to("personality", harmful[i]), REFUSED);
	}
}
END_TEST

/* ------------------------------------------------------------------------- rules */

START_TEST(last_rule_that_fits_decides)
{
	always("mount", CT_SECCOMP_ALLOW, 0);
	rule("mount", CT_SECCOMP_ERRNO, EBUSY, CT_SECCOMP_EQ, 0, 5);
	rule("mount", CT_SECCOMP_KILL, 0, CT_SECCOMP_GE, 0, 5);
	rule("mount", CT_SECCOMP_TRAP, 0, CT_SECCOMP_GT, 0, 9);
	make(0);
	ck_assert_uint_eq(answer_to("mount", 4), SECCOMP_RET_ALLOW);
	ck_assert_uint_eq(answer_to("mount", 5), SECCOMP_RET_KILL_PROCESS);
	ck_assert_uint_eq(answer_to("mount", 9), SECCOMP_RET_KILL_PROCESS);
	ck_assert_uint_eq(answer_to("mount", 10), SECCOMP_RET_TRAP);
	always("mount", CT_SECCOMP_WARN, 0);
	make(0);
	for (uint64_t value = 0; value < 12; value++)
		ck_assert_uint_eq(answer_to("mount", value), SECCOMP_RET_LOG);
}
END_TEST

START_TEST(rule_goes_before_the_default_for_its_call_alone)
{
	always("getpid", CT_SECCOMP_ERRNO, EXDEV);
	always("ptrace", CT_SECCOMP_ALLOW, 0);
	rule("ioctl", CT_SECCOMP_ERRNO, EXDEV, CT_SECCOMP_EQ, 0, 3);
	make(0);
	ck_assert_uint_eq(answer_to("getpid", 0), SECCOMP_RET_ERRNO | EXDEV);
	ck_assert_uint_eq(answer_to("ptrace", 0), SECCOMP_RET_ALLOW);
	ck_assert_uint_eq(answer_to("getppid", 0), SECCOMP_RET_ALLOW);
	ck_assert_uint_eq(answer_to("process_vm_readv", 0), REFUSED);
	ck_assert_uint_eq(answer_to("ioctl", 3), SECCOMP_RET_ERRNO | EXDEV);
	ck_assert_uint_eq(answer(MACHINE, __NR_ioctl, 0, TIOCSTI), REFUSED);
}
END_TEST

START_TEST(closed_filter_allows_its_rules_alone)
{
	static const char *const calls[] = {"execve", "sendmsg", "exit_group", "write"};

	ck_assert_int_eq(ct_spec_set_seccomp(spec, CT_SECCOMP_CLOSED, 0), 0);
	for (size_t i = 0; i < 4; i++)
		always(calls[i], CT_SECCOMP_ALLOW, 0);
	make(UINT64_MAX);
	for (int number = 0; number < 600; number++) {
		uint32_t got = answer(MACHINE, number, 0, 0);
		bool is_ours = false;

		for (size_t i = 0; i < 4; i++)
			is_ours |= number == ct__seccomp_number(calls[i]);
		if (is_ours)
			ck_assert_uint_eq(got, SECCOMP_RET_ALLOW);
		else
			ck_assert(got == REFUSED || got == ABSENT);
	}
	ck_assert_uint_eq(answer_to("read", 0), REFUSED);
	ck_assert_uint_eq(answer(MACHINE, 511, 0, 0), ABSENT);
}
END_TEST

START_TEST(open_filter_refuses_its_rules_alone)
{
	ck_assert_int_eq(ct_spec_set_seccomp(spec, CT_SECCOMP_OPEN, 0), 0);
	always("mount", CT_SECCOMP_ERRNO, EROFS);
	make(0);
	for (int number = 0; number < 2000; number++)
		ck_assert_uint_eq(answer(MACHINE, number, 0, 0),
			number == ct__seccomp_number("mount") ? SECCOMP_RET_ERRNO | EROFS
							      : SECCOMP_RET_ALLOW);
}
END_TEST

static bool holds(const ct_seccomp_arg *arg, const uint64_t *args)
{
	uint64_t value = args[arg->index] & (arg->mask ? arg->mask : UINT64_MAX);

	switch (arg->compare) {
	case CT_SECCOMP_EQ:
		return value == arg->value;
	case CT_SECCOMP_NE:
		return value != arg->value;
	case CT_SECCOMP_LT:
		return value < arg->value;
	case CT_SECCOMP_LE:
		return value <= arg->value;
	case CT_SECCOMP_GT:
		return value > arg->value;
	default:
		return value >= arg->value;
	}
}

/* Values at which halves meet: comparisons of 64 bits are made of two of 32. */
static uint64_t some_value(void)
{
	static const uint64_t edges[] = {0, 1, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
		0x100000000, 0x100000001, 0x1ffffffff, 0x7fffffffffffffff, 0x8000000000000000,
		UINT64_MAX};

	return edges[(size_t)random() % (sizeof(edges) / sizeof(edges[0]))];
}

/* Random rules for one call and random arguments: what the program says is what they say. */
START_TEST(rules_mean_the_same_to_the_program_as_to_their_reader)
{
	static const uint64_t masks[] = {0, UINT32_MAX, UINT64_MAX};
	ct_seccomp_arg args[8][RULE_ARGS];
	size_t counts[8];

	srandom((unsigned int)_i);
	for (size_t r = 0; r < 8; r++) {
		counts[r] = (size_t)random() % (RULE_ARGS + 1);
		if (r == 0 || counts[r] == 0)
			counts[r] = 1;
		for (size_t i = 0; i < counts[r]; i++)
			args[r][i] = (ct_seccomp_arg){(uint32_t)random() % (_i % 2 ? 2 : RULE_ARGS),
				(uint32_t)random() % (CT_SECCOMP_GE + 1),
				masks[random() % 3] & (some_value() ^ some_value() ^ UINT32_MAX),
				some_value()};
		ck_assert_int_eq(ct_spec_add_seccomp_rule(spec, "mount", CT_SECCOMP_ERRNO,
					 (int)r + 100, args[r], counts[r]),
			0);
	}
	make(0);
	for (int n = 0; n < 2000; n++) {
		struct seccomp_data data = {.nr = __NR_mount, .arch = MACHINE};
		uint32_t want = REFUSED;

		for (size_t i = 0; i < RULE_ARGS; i++)
			data.args[i] = some_value();
		for (size_t r = 0; r < 8; r++) {
			bool all = true;

			for (size_t i = 0; i < counts[r]; i++)
				all &= holds(&args[r][i], (const uint64_t *)data.args);
			want = all ? SECCOMP_RET_ERRNO | ((uint32_t)r + 100) : want;
		}
		ck_assert_uint_eq(ct__seccomp_run(filter->code, filter->count, &data), want);
	}
}
END_TEST

/* Long rules for many calls: jumps of the tree go further than one instruction can. */
START_TEST(many_long_rules_leave_every_other_answer_as_it_is)
{
	ct_seccomp_arg args[RULE_ARGS];
	uint32_t before[CALLS_MAX];

	make(0);
	for (int number = 0; number < CALLS_MAX; number++)
		before[number] = answer(MACHINE, number, 1, 1);
	for (uint32_t i = 0; i < RULE_ARGS; i++)
		args[i] = (ct_seccomp_arg){i, CT_SECCOMP_GT, 0, UINT64_C(1) << 33};
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		ck_assert_int_eq(ct_spec_add_seccomp_rule(
					 spec, allowed[i], CT_SECCOMP_KILL, 0, args, RULE_ARGS),
			0);
	make(0);
	ck_assert_uint_gt(filter->count, 1000);
	for (int number = 0; number < CALLS_MAX; number++)
		ck_assert_uint_eq(answer(MACHINE, number, 1, 1), before[number]);
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		struct seccomp_data data = {.nr = ct__seccomp_number(allowed[i]), .arch = MACHINE};

		memset(data.args, 0x11, sizeof(data.args));
		ck_assert_uint_eq(ct__seccomp_run(filter->code, filter->count, &data),
			SECCOMP_RET_KILL_PROCESS);
	}
}
END_TEST

START_TEST(too_long_a_program_is_refused)
{
	ct_seccomp_arg args[RULE_ARGS];
	const char *needs = NULL;

	for (uint32_t i = 0; i < RULE_ARGS; i++)
		args[i] = (ct_seccomp_arg){i, CT_SECCOMP_GT, 0, UINT64_C(1) << 33};
	for (int i = 0; i < 256; i++)
		ck_assert_int_eq(ct_spec_add_seccomp_rule(
					 spec, "mount", CT_SECCOMP_KILL, 0, args, RULE_ARGS),
			0);
	ck_assert_int_eq(ct__filter_new(&spec->seccomp, 0, &filter, &needs), -E2BIG);
	ck_assert_ptr_null(filter);
}
END_TEST

#define LOAD(value) BPF_STMT(BPF_LD | BPF_IMM, value)
#define DO(op, value) BPF_STMT(BPF_ALU | (op) | BPF_K, value)
#define TOLD BPF_STMT(BPF_RET | BPF_A, 0)

/* Programs of others, and what the kernel would make of them. */
static const struct {
	struct sock_filter code[4];
	uint32_t want;
} computed[] = {
	{{LOAD(7), DO(BPF_ADD, 5), TOLD}, 12},
	{{LOAD(7), DO(BPF_SUB, 9), TOLD}, UINT32_MAX - 1},
	{{LOAD(7), DO(BPF_MUL, 6), TOLD}, 42},
	{{LOAD(7), DO(BPF_DIV, 2), TOLD}, 3},
	{{LOAD(7), DO(BPF_AND, 2), TOLD}, 2},
	{{LOAD(4), DO(BPF_OR, 3), TOLD}, 7},
	{{LOAD(7), DO(BPF_XOR, 2), TOLD}, 5},
	{{LOAD(7), DO(BPF_NEG, 0), TOLD}, UINT32_MAX - 6},
	{{LOAD(7), DO(BPF_LSH, 4), TOLD}, 112},
	{{LOAD(7), DO(BPF_RSH, 1), TOLD}, 3},
	{{LOAD(7), DO(BPF_LSH, 32), TOLD}, 0},
	{{LOAD(7), DO(BPF_RSH, 33), TOLD}, 0},
	{{BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), TOLD}, sizeof(struct seccomp_data)},
	{{BPF_STMT(BPF_LDX | BPF_IMM, 9), BPF_STMT(BPF_MISC | BPF_TXA, 0), TOLD}, 9},
	{{LOAD(8), BPF_STMT(BPF_MISC | BPF_TAX, 0), BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0), TOLD}, 16},
	{{LOAD(5), BPF_STMT(BPF_ST, 15), BPF_STMT(BPF_LD | BPF_MEM, 15), TOLD}, 5},
	{{BPF_STMT(BPF_LDX | BPF_IMM, 6), BPF_STMT(BPF_STX, 0), BPF_STMT(BPF_LD | BPF_MEM, 0), TOLD}, 6},
	{{BPF_STMT(BPF_LD | BPF_MEM, 3), TOLD}, 0},
	{{LOAD(4), BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 4, 1, 0), BPF_STMT(BPF_RET | BPF_K, 1), TOLD}, 1},
	{{LOAD(4), BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 4, 1, 0), BPF_STMT(BPF_RET | BPF_K, 1), TOLD}, 4},
	{{LOAD(4), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 6, 1, 0), BPF_STMT(BPF_RET | BPF_K, 1), TOLD}, 4},
	{{LOAD(4), BPF_STMT(BPF_JMP | BPF_JA, 1), BPF_STMT(BPF_RET | BPF_K, 1), TOLD}, 4},
	/* What it does not take, or not to its end, counts as the harshest answer. */
	{{LOAD(7), DO(BPF_DIV, 0), TOLD}, SECCOMP_RET_KILL_PROCESS},
	{{LOAD(7), DO(BPF_MOD, 2), TOLD}, SECCOMP_RET_KILL_PROCESS},
	{{LOAD(7), BPF_STMT(BPF_ST, 16), TOLD}, SECCOMP_RET_KILL_PROCESS},
	{{BPF_STMT(BPF_LD | BPF_MEM, 16), TOLD}, SECCOMP_RET_KILL_PROCESS},
	{{BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2), TOLD}, SECCOMP_RET_KILL_PROCESS},
	{{BPF_STMT(BPF_LD | BPF_W | BPF_ABS, sizeof(struct seccomp_data)), TOLD}, SECCOMP_RET_KILL_PROCESS},
	{{BPF_STMT(BPF_LD | BPF_W | BPF_IND, 0), TOLD}, SECCOMP_RET_KILL_PROCESS},
	{{BPF_STMT(BPF_JMP | BPF_JA, 9)}, SECCOMP_RET_KILL_PROCESS},
};

START_TEST(program_of_others_is_followed_as_the_kernel_follows_it)
{
	const struct seccomp_data data = {.nr = 1};

	ck_assert_uint_eq(ct__seccomp_run(computed[_i].code, 4, &data), computed[_i].want);
}
END_TEST

/* Short, since the kernel follows it for each of its calls when it is attached. */
START_TEST(default_program_is_short)
{
	make(0);
	ck_assert_uint_lt(filter->count, 256);
	make(UINT64_MAX);
	ck_assert_uint_lt(filter->count, 256);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("program");
	TCase *tc = tcase_create("program");
	SRunner *runner;
	int failures;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, default_filter_refuses_what_ordinary_programs_do_not_need);
	tcase_add_test(tc, default_filter_allows_what_they_need);
	tcase_add_test(tc, unknown_call_is_absent_and_so_is_clone3);
	tcase_add_test(tc, entries_of_other_machines_are_shut_whatever_is_allowed);
	tcase_add_loop_test(tc, capability_opens_its_calls_and_no_other_one_does, 0,
		sizeof(opened) / sizeof(opened[0]));
	tcase_add_test(tc, no_capability_opens_what_is_the_hosts_alone);
	tcase_add_test(tc, threads_are_made_and_namespaces_are_not);
	tcase_add_test(tc, user_namespace_stays_shut_for_cap_sys_admin_and_opens_on_request);
	tcase_add_test(tc, socket_families_are_those_of_ordinary_programs);
	tcase_add_test(tc, terminal_cannot_be_fed_whatever_the_upper_half_says);
	tcase_add_test(tc, personality_is_one_of_the_harmless);
	tcase_add_test(tc, last_rule_that_fits_decides);
	tcase_add_test(tc, rule_goes_before_the_default_for_its_call_alone);
	tcase_add_test(tc, closed_filter_allows_its_rules_alone);
	tcase_add_test(tc, open_filter_refuses_its_rules_alone);
	tcase_add_loop_test(tc, rules_mean_the_same_to_the_program_as_to_their_reader, 0, 50);
	tcase_add_test(tc, many_long_rules_leave_every_other_answer_as_it_is);
	tcase_add_test(tc, too_long_a_program_is_refused);
	tcase_add_loop_test(tc, program_of_others_is_followed_as_the_kernel_follows_it, 0,
		sizeof(computed) / sizeof(computed[0]));
	tcase_add_test(tc, default_program_is_short);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}

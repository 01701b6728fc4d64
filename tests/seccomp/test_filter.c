/* SPDX-License-Identifier: MIT */
/*
 * The filter in containers. Each thing that the default one refuses is tried under it, and,
 * as the control, where the filter is off or lets it pass: there it works, or fails for
 * another reason. Calls are made with arguments that can do nothing.
 */
#include "support/box.h"
#include "support/needs.h"

#include <container/join.h>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* "try WHAT" in a container of this spec: the result. */
static const char *result_in(ct_spec *spec, const char *what)
{
	const char *out = output_of(spec);

	return tried(out, what);
}

#define TRY(what) SPEC("/bin/probe", "try", what)

/* Calls by number, as the probe takes them. */
#define NUMBER_(number) #number
#define NUMBER(number)	NUMBER_(number)
#define PTRACE		"call=" NUMBER(__NR_ptrace) ",16,-1,0,0"
#define KEYCTL		"call=" NUMBER(__NR_keyctl) ",-1"
#define TCGETS_CALL	"call=" NUMBER(__NR_ioctl) ",0,0x5401,0"
#define TCSETS_CALL	"call=" NUMBER(__NR_ioctl) ",0,0x5402,0"

static ct_spec *unfiltered(ct_spec *spec)
{
	set(ct_spec_set_seccomp(spec, CT_SECCOMP_OFF, 0));
	return spec;
}

static ct_spec *with_host_caps(ct_spec *spec)
{
	add_host_caps(spec);
	return spec;
}

static ct_spec *with_cap(ct_spec *spec, const char *cap)
{
	set(ct_spec_add_cap(spec, cap));
	return spec;
}

/* The attempt as the probe takes it; static, four hold at a time. */
static const char *call_of(long number, const char *args)
{
	static char texts[4][128];
	static int next;
	char *text = texts[next++ % 4];

	snprintf(text, sizeof(texts[0]), "call=%ld%s", number, args);
	return text;
}

START_TEST(filter_is_there_without_being_asked_for)
{
	const char *out = output_of(SPEC("/bin/grep", "Seccomp:", "/proc/self/status"));

	ck_assert_str_eq(out, "Seccomp:\t2\n");
	out = output_of(unfiltered(SPEC("/bin/grep", "Seccomp:", "/proc/self/status")));
	ck_assert_str_eq(out, "Seccomp:\t0\n");
}
END_TEST

/* Of the host, what a filter could be stuck to. */
START_TEST(host_itself_is_not_filtered)
{
	output_of(SPEC("/bin/true"));
	ck_assert_int_eq(prctl(PR_GET_SECCOMP), 0);
	ck_assert_int_eq(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0);
}
END_TEST

/* --------------------------------------------- refused, whatever the capabilities */

static const struct {
	long number;
	const char *args;
} never[] = {{SYS_keyctl, ",-1"}, {SYS_add_key, ",0,0,0,0,0"}, {SYS_request_key, ",0,0,0,0"},
	{SYS_io_uring_setup, ",0,0"}, {SYS_io_uring_enter, ",-1,0,0,0,0"},
	{SYS_io_uring_register, ",-1,0,0,0"}, {SYS_userfaultfd, ",-1"}, {SYS_swapon, ",0,0"},
	{SYS_swapoff, ",0"}, {SYS_personality, ",0x40000"}};

START_TEST(call_that_is_for_nobody_is_refused_with_every_capability)
{
	const char *what = call_of(never[_i].number, never[_i].args);

	ck_assert_str_eq(result_in(TRY(what), what), "EPERM");
	ck_assert_str_eq(result_in(with_host_caps(TRY(what)), what), "EPERM");
	ck_assert_str_ne(result_in(unfiltered(with_host_caps(TRY(what))), what), "EPERM");
}
END_TEST

/* -------------------------------------------------------- open with a capability */

static const struct {
	long number;
	const char *args;
	const char *cap;
} by_cap[] = {{SYS_mount, ",0,0,0,0,0", "cap_sys_admin"}, {SYS_umount2, ",0,0", "cap_sys_admin"},
	{SYS_pivot_root, ",0,0", "cap_sys_admin"}, {SYS_setns, ",-1,0", "cap_sys_admin"},
	{SYS_fsopen, ",0,0", "cap_sys_admin"}, {SYS_fsmount, ",-1,0,0", "cap_sys_admin"},
	{SYS_move_mount, ",-1,0,-1,0,0", "cap_sys_admin"},
	{SYS_open_tree, ",-1,0,0", "cap_sys_admin"}, {SYS_sethostname, ",0,-1", "cap_sys_admin"},
	{SYS_fanotify_init, ",-1,0", "cap_sys_admin"}, {SYS_unshare, ",0x4000000", "cap_sys_admin"},
	{SYS_bpf, ",-1,0,0", "cap_bpf"}, {SYS_perf_event_open, ",0,0,0,0,0", "cap_perfmon"},
	{SYS_ptrace, ",16,-1,0,0", "cap_sys_ptrace"},
	{SYS_process_vm_readv, ",0,0,0,0,0,-1", "cap_sys_ptrace"},
	{SYS_pidfd_getfd, ",-1,0,0", "cap_sys_ptrace"},
	{SYS_open_by_handle_at, ",-1,0,0", "cap_dac_read_search"},
	{SYS_chroot, ",0", "cap_sys_chroot"}, {SYS_finit_module, ",-1,0,0", "cap_sys_module"},
	{SYS_reboot, ",0,0,0,0", "cap_sys_boot"}, {SYS_acct, ",1", "cap_sys_pacct"},
	{SYS_clock_settime, ",-1,0", "cap_sys_time"}, {SYS_settimeofday, ",1,0", "cap_sys_time"},
	{SYS_syslog, ",-1,0,0", "cap_syslog"}, {SYS_set_mempolicy, ",-1,0,0", "cap_sys_nice"}};

START_TEST(call_of_a_capability_is_open_with_it_and_shut_without)
{
	const char *what = call_of(by_cap[_i].number, by_cap[_i].args);
	ct_spec *spec = TRY(what);

	set(ct_spec_drop_cap(spec, by_cap[_i].cap));
	ck_assert_str_eq(result_in(spec, what), "EPERM");
	ck_assert_str_ne(result_in(with_cap(TRY(what), by_cap[_i].cap), what), "EPERM");
}
END_TEST

/* A call that needs no right at all in the kernel: the filter alone can have refused it. */
START_TEST(filter_refuses_what_the_kernel_itself_would_allow)
{
	static const struct {
		long number;
		const char *args, *result;
	} rows[] = {{SYS_ptrace, ",16,-1,0,0", "ESRCH"}, {SYS_kcmp, ",-1,-1,0,0,0", "ESRCH"},
		{SYS_get_mempolicy, ",0,0,0,0,0", "0"}, {SYS_setns, ",-1,0", "EBADF"},
		{SYS_process_vm_readv, ",0,0,0,0,0,-1", "EINVAL"},
		{SYS_pidfd_getfd, ",-1,0,0", "EBADF"}};
	size_t count = sizeof(rows) / sizeof(rows[0]);

	for (size_t i = 0; i < count; i++) {
		const char *what = call_of(rows[i].number, rows[i].args);
		const char *free = result_in(unfiltered(TRY(what)), what);

		ck_assert_msg(strcmp(free, rows[i].result) == 0 || strcmp(free, "ENOSYS") == 0,
			"%s gives %s without a filter", what, free);
		ck_assert_str_eq(result_in(TRY(what), what), "EPERM");
	}
}
END_TEST

/* -------------------------------------------------------------- new namespaces */

static ct_spec *nested(ct_spec *spec)
{
	set(ct_spec_set_seccomp(spec, CT_SECCOMP_DEFAULT, CT_SECCOMP_NESTED));
	return spec;
}

/* Of itself, any user may make a user namespace, and has all capabilities in it. */
START_TEST(user_namespace_is_refused_unless_asked_for)
{
	const char *what = "unshare=0x10000000";

	ck_assert_str_eq(result_in(unfiltered(TRY(what)), what), "0");
	ck_assert_str_eq(result_in(TRY(what), what), "EPERM");
	ck_assert_str_eq(result_in(with_cap(TRY(what), "cap_sys_admin"), what), "EPERM");
	ck_assert_str_eq(result_in(nested(TRY(what)), what), "0");
}
END_TEST

START_TEST(clone_into_a_user_namespace_is_refused_unless_asked_for)
{
	const char *what = "clone=0x10000000";

	ck_assert_str_eq(result_in(TRY("clone=0"), "clone=0"), "0");
	ck_assert_str_eq(result_in(unfiltered(TRY(what)), what), "0");
	ck_assert_str_eq(result_in(TRY(what), what), "EPERM");
	ck_assert_str_eq(result_in(with_cap(TRY(what), "cap_sys_admin"), what), "EPERM");
	ck_assert_str_eq(result_in(nested(TRY(what)), what), "0");
}
END_TEST

START_TEST(clone3_is_absent_and_threads_are_made_without_it)
{
	const char *what = call_of(SYS_clone3, ",0,0");

	ck_assert_str_eq(result_in(TRY(what), what), "ENOSYS");
	ck_assert_str_eq(result_in(unfiltered(TRY(what)), what), "EINVAL");
	ck_assert_str_eq(result_in(TRY("thread"), "thread"), "7");
}
END_TEST

/* ----------------------------------------------------------- numbers and entries */

START_TEST(unknown_numbers_are_absent_and_not_refused)
{
	static const char *const numbers[] = {"call=511", "call=777", "call=1023", "call=100000"};
	const char *out = output_of(
		SPEC("/bin/probe", "try", numbers[0], numbers[1], numbers[2], numbers[3]));

	for (size_t i = 0; i < 4; i++)
		ck_assert_str_eq(tried(out, numbers[i]), "ENOSYS");
}
END_TEST

#if defined(__x86_64__)
/* 20 is getpid there, and writev here: a number of the one entry is another call at the other. */
START_TEST(entry_of_32_bit_programs_is_shut)
{
	ct_spec *spec = unfiltered(TRY("int80=20"));
	struct outcome *outcome = run(spec);

	ct_spec_free(spec);
	if (outcome->how.signal) { /* the kernel has no such entry at all: nothing to shut */
		ck_assert_int_eq(outcome->how.signal, SIGSEGV);
		return;
	}
	ck_assert_str_eq(tried(outcome->out, "int80=20"), "0");
	ck_assert_str_eq(result_in(TRY("int80=20"), "int80=20"), "ENOSYS");
}
END_TEST

/* Where the kernel has no x32 the control says the same; the program is looked at in test_program. */
START_TEST(entry_of_x32_is_shut)
{
	ck_assert_str_eq(result_in(TRY("x32=39"), "x32=39"), "ENOSYS");
	ck_assert_str_eq(result_in(with_host_caps(TRY("x32=39")), "x32=39"), "ENOSYS");
}
END_TEST
#endif

/* -------------------------------------------------------------------- arguments */

/* Under the filter exactly these; without it, at least one more on any usual kernel. */
START_TEST(socket_families_that_few_programs_use_are_absent)
{
	static const char *const ordinary[] = {"1", "2", "10", "16", "17"};
	int more = 0;

	for (int family = 1; family < 46; family++) {
		char what[32];
		bool is_ordinary = false;
		const char *got;

		snprintf(what, sizeof(what), "call=%d,%d,%d,0", SYS_socket, family, SOCK_DGRAM);
		for (size_t i = 0; i < 5; i++)
			is_ordinary |= atoi(ordinary[i]) == family;
		got = result_in(with_host_caps(TRY(what)), what);
		if (is_ordinary) {
			ck_assert_msg(strcmp(got, "EPERM") != 0, "family %d is refused", family);
			continue;
		}
		ck_assert_msg(strcmp(got, "EAFNOSUPPORT") == 0, "family %d: %s", family, got);
		got = result_in(unfiltered(with_host_caps(TRY(what))), what);
		more += strcmp(got, "EAFNOSUPPORT") != 0;
	}
	ck_assert_int_gt(more, 0);
}
END_TEST

/* On a descriptor that is no terminal: ENOTTY is the kernel's word. The upper half does not count. */
START_TEST(keystrokes_cannot_be_pushed_into_a_terminal)
{
	static const char *const requests[] = {",0,0x5412,0", ",0,0x541c,0", ",0,0x5423,0",
		",0,0x100005412,0", ",0,0xf0000541c,0"};

	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		const char *what = call_of(SYS_ioctl, requests[i]);

		ck_assert_str_eq(result_in(with_host_caps(TRY(what)), what), "EPERM");
		ck_assert_str_eq(result_in(unfiltered(TRY(what)), what), "ENOTTY");
	}
	ck_assert_str_eq(result_in(TRY(TCGETS_CALL), TCGETS_CALL), "ENOTTY");
}
END_TEST

START_TEST(harmless_personalities_are_taken)
{
	const char *read = call_of(SYS_personality, ",0xffffffff"),
		   *old = call_of(SYS_personality, ",8");
	const char *out = output_of(SPEC("/bin/probe", "try", read, old));

	ck_assert_str_eq(tried(out, read), "0");
	ck_assert_str_eq(tried(out, old), "0");
}
END_TEST

/* -------------------------------------------------------------- rules and programs */

START_TEST(rule_of_the_spec_holds_and_names_its_errno)
{
	const ct_seccomp_arg tcgets = {1, CT_SECCOMP_EQ, UINT32_MAX, 0x5401};
	const char *out;
	ct_spec *spec = SPEC("/bin/probe", "try", "mkdir=/new", TCGETS_CALL, TCSETS_CALL, PTRACE);

	set(ct_spec_add_seccomp_rule(spec, "mkdir", CT_SECCOMP_ERRNO, EXDEV, NULL, 0));
	set(ct_spec_add_seccomp_rule(spec, "mkdirat", CT_SECCOMP_ERRNO, EXDEV, NULL, 0));
	set(ct_spec_add_seccomp_rule(spec, "ioctl", CT_SECCOMP_ERRNO, EDOM, &tcgets, 1));
	set(ct_spec_add_seccomp_rule(spec, "ptrace", CT_SECCOMP_ALLOW, 0, NULL, 0));
	out = output_of(spec);
	ck_assert_str_eq(tried(out, "mkdir=/new"), "EXDEV");
	ck_assert_str_eq(tried(out, TCGETS_CALL), "EDOM");
	ck_assert_str_eq(tried(out, TCSETS_CALL), "ENOTTY");
	ck_assert_str_eq(tried(out, PTRACE), "ESRCH");
}
END_TEST

START_TEST(killing_rule_ends_the_payload_by_sigsys)
{
	ct_spec *spec = TRY("mkdir=/new");
	struct outcome *outcome;

	set(ct_spec_add_seccomp_rule(spec, "mkdir", CT_SECCOMP_KILL, 0, NULL, 0));
	set(ct_spec_add_seccomp_rule(spec, "mkdirat", CT_SECCOMP_KILL, 0, NULL, 0));
	outcome = run(spec);
	ck_assert_int_eq(outcome->how.signal, SIGSYS);
	ct_spec_free(spec);
}
END_TEST

/* What a static program takes at least; the stage's own calls are over when it is attached. */
static ct_spec *closed(ct_spec *spec)
{
	static const char *const calls[] = {"execve", "sendmsg", "exit_group", "brk", "arch_prctl",
		"set_tid_address", "set_robust_list", "rseq", "prlimit64", "readlinkat", "readlink",
		"getrandom", "mprotect", "write", "fstat", "newfstatat", "mmap", "uname"};

	set(ct_spec_set_seccomp(spec, CT_SECCOMP_CLOSED, 0));
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		set(ct_spec_add_seccomp_rule(spec, calls[i], CT_SECCOMP_ALLOW, 0, NULL, 0));
	return spec;
}

START_TEST(closed_filter_lets_the_payload_start_and_do_what_it_lists)
{
	const char *out =
		output_of(closed(SPEC("/bin/probe", "try", "mkdir=/new", "kill=1", "call=511")));

	ck_assert_str_eq(tried(out, "mkdir=/new"), "EPERM");
	ck_assert_str_eq(tried(out, "kill=1"), "EPERM");
	ck_assert_str_eq(tried(out, "call=511"), "ENOSYS");
}
END_TEST

START_TEST(failed_exec_is_told_exactly_under_a_closed_filter)
{
	ct_spec *spec = closed(SPEC("/bin/missing"));
	struct outcome *outcome = attempt(spec);

	ck_assert_int_eq(outcome->code, -ENOENT);
	ck_assert_str_eq(outcome->err.call, "execve");
	ct_spec_free(spec);
}
END_TEST

START_TEST(filter_that_would_keep_the_payload_from_starting_is_refused)
{
	static const char *const needs[] = {"execve", "sendmsg", "exit_group"};
	ct_spec *spec = closed(SPEC("/bin/true"));
	struct outcome *outcome;

	set(ct_spec_add_seccomp_rule(spec, needs[_i], CT_SECCOMP_ERRNO, EPERM, NULL, 0));
	outcome = attempt(spec);
	expect_error(outcome->code, &outcome->err, -EINVAL, CT_STEP_SECCOMP, needs[_i], "refuses");
	ck_assert_str_ne(outcome->err.cure, "");
	ct_spec_free(spec);
}
END_TEST

static void listen_to(const ct_trace_event *event, void *data)
{
	(void)event;
	(void)data;
}

START_TEST(closed_filter_is_refused_where_it_would_silence_the_explanation)
{
	ct_spec *spec = closed(SPEC("/bin/probe", "exit", "0"));
	struct outcome *outcome;

	set(ct_spec_set_trace(spec, listen_to, NULL));
	outcome = attempt(spec);
	expect_error(outcome->code, &outcome->err, -EINVAL, CT_STEP_SECCOMP, "clock_gettime",
		"explaining");
	set(ct_spec_add_seccomp_rule(spec, "clock_gettime", CT_SECCOMP_ALLOW, 0, NULL, 0));
	set(ct_spec_add_seccomp_rule(spec, "sendto", CT_SECCOMP_ALLOW, 0, NULL, 0));
	ck_assert_int_eq(run(spec)->how.code, 0);
	ct_spec_free(spec);
}
END_TEST

START_TEST(ready_made_program_is_attached_as_it_is)
{
	const struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_kill, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOTNAM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	ct_spec *spec = SPEC("/bin/probe", "try", "kill=1", PTRACE);
	const char *out;

	set(ct_spec_set_seccomp_bpf(spec, code, sizeof(code)));
	out = output_of(spec);
	ck_assert_str_eq(tried(out, "kill=1"), "ENOTNAM");
	ck_assert_str_eq(tried(out, PTRACE), "ESRCH");
}
END_TEST

START_TEST(program_that_the_kernel_refuses_fails_by_its_name)
{
	/* Sound but for an instruction that no path leads to, which the kernel does not know. */
	const struct sock_filter code[] = {
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 3),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	ct_spec *spec = SPEC("/bin/true");
	struct outcome *outcome;

	set(ct_spec_set_seccomp_bpf(spec, code, sizeof(code)));
	outcome = attempt(spec);
	expect_error(
		outcome->code, &outcome->err, -EINVAL, CT_STEP_SECCOMP, "seccomp filter", NULL);
	ck_assert_str_eq(outcome->err.call, "seccomp");
	ct_spec_free(spec);
}
END_TEST

START_TEST(rules_without_a_filter_to_hold_them_are_refused)
{
	const struct sock_filter code[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
	ct_spec *spec = SPEC("/bin/true");
	struct outcome *outcome;

	set(ct_spec_add_seccomp_rule(spec, "mount", CT_SECCOMP_ALLOW, 0, NULL, 0));
	outcome = attempt(unfiltered(spec));
	expect_error(outcome->code, &outcome->err, -EINVAL, CT_STEP_ARGUMENT, "rules", NULL);
	set(ct_spec_set_seccomp(spec, CT_SECCOMP_DEFAULT, 0));
	set(ct_spec_set_seccomp_bpf(spec, code, sizeof(code)));
	outcome = attempt(spec);
	expect_error(outcome->code, &outcome->err, -EINVAL, CT_STEP_ARGUMENT, "rules", NULL);
	set(ct_spec_set_seccomp_bpf(spec, NULL, 0));
	ck_assert_int_eq(run(spec)->how.code, 0);
	ct_spec_free(spec);
}
END_TEST

/* A spec that was spawned is compiled anew when a rule is added. */
START_TEST(rule_added_after_a_spawn_holds_for_the_next)
{
	ct_spec *spec = TRY("mkdir=/new");

	ck_assert_str_eq(tried(run(spec)->out, "mkdir=/new"), "0");
	set(ct_spec_add_seccomp_rule(spec, "mkdir", CT_SECCOMP_ERRNO, EXDEV, NULL, 0));
	set(ct_spec_add_seccomp_rule(spec, "mkdirat", CT_SECCOMP_ERRNO, EXDEV, NULL, 0));
	ck_assert_str_eq(tried(run(spec)->out, "mkdir=/new"), "EXDEV");
	ct_spec_free(spec);
}
END_TEST

/* ---------------------------------------------------- payloads that may gain rights */

static void become_user(ct_spec *spec)
{
	set(ct_spec_set_user(spec, 1000, 1000));
}

static void have_admin(ct_spec *spec)
{
	set(ct_spec_add_cap(spec, "cap_sys_admin"));
}

static void fork_late(ct_spec *spec)
{
	set(ct_spec_set_exact_rss(spec, 1));
	set(ct_spec_set_ns_host(spec, CT_NS_PID));
}

static void be_mapped(ct_spec *spec)
{
	set(ct_spec_add_uid_map(spec, 0, 100000, 65536));
	set(ct_spec_add_gid_map(spec, 0, 100000, 65536));
}

static void be_plain(ct_spec *spec)
{
	(void)spec;
}

static void (*const shapes[])(ct_spec *spec) = {
	be_plain, become_user, have_admin, fork_late, be_mapped};
#define SHAPES ((int)(sizeof(shapes) / sizeof(shapes[0])))

START_TEST(filter_is_there_as_well_where_rights_may_be_gained)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "/bin/probe try " KEYCTL "; /bin/probe facts");
	const char *out;

	ck_assert_int_eq(chmod(box.root, 0755), 0);
	set(ct_spec_set_no_new_privs(spec, 0));
	shapes[_i](spec);
	out = output_of(spec);
	ck_assert_str_eq(fact(out, "seccomp"), "2");
	ck_assert_str_eq(fact(out, "no_new_privs"), "0");
	ck_assert_str_eq(tried(out, KEYCTL), "EPERM");
}
END_TEST

/* -------------------------------------------------------------------------- joins */

static const char *joined(ct_container *target, ct_spec *spec)
{
	ct_container *visitor = NULL;
	ct_error err = CT_ERROR_INIT;
	int code = ct_join(target, 0, 0, spec, &visitor, &err);
	struct outcome *outcome = outcome_of(code, visitor, &err);

	ck_assert_msg(outcome->code == 0, "join: %s", outcome->err.sentence);
	ck_assert_int_eq(outcome->how.code, 0);
	ct_spec_free(spec);
	return outcome->out;
}

static ct_container *target_of(ct_spec *spec)
{
	ct_container *target = start_ready(spec);

	ct_spec_free(spec);
	return target;
}

#define HOLD	    SPEC("/bin/sh", "-c", "echo ready; exec /bin/probe pause")
#define VISIT(what) VISITOR("/bin/probe", "try", what, KEYCTL)

START_TEST(joined_process_gets_the_filter_of_its_target)
{
	ct_spec *spec = HOLD;
	ct_container *target;
	const char *out;

	set(ct_spec_add_seccomp_rule(spec, "kill", CT_SECCOMP_ERRNO, EXDEV, NULL, 0));
	target = target_of(spec);
	out = joined(target, VISIT("kill=1"));
	ck_assert_str_eq(tried(out, "kill=1"), "EXDEV");
	ck_assert_str_eq(tried(out, KEYCTL), "EPERM");
	ct_container_free(target);
	target = target_of(unfiltered(HOLD));
	out = joined(target, VISIT("kill=1"));
	ck_assert_str_eq(tried(out, "kill=1"), "0");
	ck_assert_str_eq(tried(out, KEYCTL), "EOPNOTSUPP");
	ct_container_free(target);
}
END_TEST

START_TEST(filter_of_the_joining_spec_goes_before_the_targets)
{
	ct_container *target = target_of(HOLD);
	ct_spec *spec = VISIT("kill=1");
	const char *out;

	set(ct_spec_add_seccomp_rule(spec, "kill", CT_SECCOMP_ERRNO, EXDEV, NULL, 0));
	out = joined(target, spec);
	ck_assert_str_eq(tried(out, "kill=1"), "EXDEV");
	ck_assert_str_eq(tried(out, KEYCTL), "EPERM");
	out = joined(target, unfiltered(VISIT("kill=1")));
	ck_assert_str_eq(tried(out, KEYCTL), "EOPNOTSUPP");
	ct_container_free(target);
}
END_TEST

/* What is added for one process opens its calls, and the target's stay shut. */
START_TEST(capability_that_a_join_adds_opens_its_calls)
{
	const char *what = call_of(SYS_ptrace, ",16,-1,0,0");
	ct_container *target = target_of(HOLD);

	ck_assert_str_eq(tried(joined(target, VISIT(what)), what), "EPERM");
	ck_assert_str_eq(
		tried(joined(target, with_cap(VISIT(what), "cap_sys_ptrace")), what), "ESRCH");
	ct_container_free(target);
}
END_TEST

/* A visitor is a container like others: who joins it gets the same filter again. */
START_TEST(join_of_a_joined_process_is_filtered_too)
{
	ct_container *target = target_of(HOLD), *visitor = NULL;
	ct_spec *spec = VISITOR("/bin/probe", "pause");
	ct_error err = CT_ERROR_INIT;

	ck_assert_msg(ct_join(target, 0, 0, spec, &visitor, &err) == 0, "%s", err.sentence);
	ct_spec_free(spec);
	ck_assert_str_eq(tried(joined(visitor, VISIT("kill=1")), KEYCTL), "EPERM");
	ct_container_free(visitor);
	ct_container_free(target);
}
END_TEST

/* By its pid it is anybody's process, whose filter nobody can copy. */
START_TEST(container_joined_by_pid_needs_a_filter_from_the_joiner)
{
	ct_container *target = target_of(HOLD), *visitor = NULL;
	ct_spec *spec = VISIT("kill=1");
	ct_error err = CT_ERROR_INIT;
	int code = ct_join_pid(ct_container_pid(target), 0, 0, 0, spec, &visitor, &err);
	struct outcome *outcome;

	expect_error(code, &err, -EOPNOTSUPP, CT_STEP_TARGET, "process", "seccomp");
	ck_assert_ptr_nonnull(strstr(err.cure, "ct_spec_set_seccomp"));
	set(ct_spec_set_seccomp(spec, CT_SECCOMP_DEFAULT, 0));
	code = ct_join_pid(ct_container_pid(target), 0, 0, 0, spec, &visitor, &err);
	outcome = outcome_of(code, visitor, &err);
	ck_assert_msg(outcome->code == 0, "%s", outcome->err.sentence);
	ck_assert_str_eq(tried(outcome->out, KEYCTL), "EPERM");
	ct_spec_free(spec);
	ct_container_free(target);
}
END_TEST

START_TEST(namespaces_without_a_process_are_joined_under_the_default_filter)
{
	ct_container *target = target_of(HOLD), *visitor = NULL;
	ct_spec *spec = VISIT("kill=1");
	ct_error err = CT_ERROR_INIT;
	struct outcome *outcome;
	int code;

	set(ct_spec_set_ns_pid(spec, CT_NS_MNT | CT_NS_PID, ct_container_pid(target)));
	code = ct_join_ns(NULL, 0, spec, &visitor, &err);
	outcome = outcome_of(code, visitor, &err);
	ck_assert_msg(outcome->code == 0, "%s", outcome->err.sentence);
	ck_assert_str_eq(tried(outcome->out, KEYCTL), "EPERM");
	ct_spec_free(spec);
	ct_container_free(target);
}
END_TEST

/* The values of a sentence, as bits, whose row in one of the two tables is about these calls. */
#define IS_NEVER  0
#define IS_BY_CAP 1
static uint32_t values_of(int table, const long *calls)
{
	size_t count = table == IS_NEVER ? sizeof(never) / sizeof(never[0])
					 : sizeof(by_cap) / sizeof(by_cap[0]);
	uint32_t values = 0;

	for (size_t i = 0; i < count; i++)
		for (const long *call = calls; *call; call++)
			if ((table == IS_NEVER ? never[i].number : by_cap[i].number) == *call)
				values |= 1u << i;
	return values;
}

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("filter", &tc);

	need_root();
	tcase_add_test(tc, filter_is_there_without_being_asked_for);
	tcase_add_test(tc, host_itself_is_not_filtered);
	/* What the kernel lets root of the machine alone do is refused with the filter and without. */
	add_values_for_first_root(tc, call_that_is_for_nobody_is_refused_with_every_capability,
		sizeof(never) / sizeof(never[0]),
		values_of(IS_NEVER, (const long[]){SYS_swapon, SYS_swapoff, 0}), "swap");
	add_values_for_first_root(tc, call_of_a_capability_is_open_with_it_and_shut_without,
		sizeof(by_cap) / sizeof(by_cap[0]),
		values_of(IS_BY_CAP, (const long[]){SYS_fanotify_init, SYS_acct, SYS_syslog, 0}),
		"fanotify, accounting, the kernel's log");
	tcase_add_test(tc, filter_refuses_what_the_kernel_itself_would_allow);
	tcase_add_test(tc, user_namespace_is_refused_unless_asked_for);
	tcase_add_test(tc, clone_into_a_user_namespace_is_refused_unless_asked_for);
	tcase_add_test(tc, clone3_is_absent_and_threads_are_made_without_it);
	tcase_add_test(tc, unknown_numbers_are_absent_and_not_refused);
#if defined(__x86_64__)
	tcase_add_test(tc, entry_of_32_bit_programs_is_shut);
	tcase_add_test(tc, entry_of_x32_is_shut);
#endif
	tcase_add_test(tc, socket_families_that_few_programs_use_are_absent);
	tcase_add_test(tc, keystrokes_cannot_be_pushed_into_a_terminal);
	tcase_add_test(tc, harmless_personalities_are_taken);
	tcase_add_test(tc, rule_of_the_spec_holds_and_names_its_errno);
	tcase_add_test(tc, killing_rule_ends_the_payload_by_sigsys);
	tcase_add_test(tc, closed_filter_lets_the_payload_start_and_do_what_it_lists);
	tcase_add_test(tc, failed_exec_is_told_exactly_under_a_closed_filter);
	tcase_add_loop_test(tc, filter_that_would_keep_the_payload_from_starting_is_refused, 0, 3);
	tcase_add_test(tc, closed_filter_is_refused_where_it_would_silence_the_explanation);
	tcase_add_test(tc, ready_made_program_is_attached_as_it_is);
	tcase_add_test(tc, program_that_the_kernel_refuses_fails_by_its_name);
	tcase_add_test(tc, rules_without_a_filter_to_hold_them_are_refused);
	tcase_add_test(tc, rule_added_after_a_spawn_holds_for_the_next);
	add_values_for_first_root(tc, filter_is_there_as_well_where_rights_may_be_gained, SHAPES,
		1u << (SHAPES - 1), "ids over 65535");
	tcase_add_test(tc, joined_process_gets_the_filter_of_its_target);
	tcase_add_test(tc, filter_of_the_joining_spec_goes_before_the_targets);
	tcase_add_test(tc, capability_that_a_join_adds_opens_its_calls);
	tcase_add_test(tc, join_of_a_joined_process_is_filtered_too);
	tcase_add_test(tc, container_joined_by_pid_needs_a_filter_from_the_joiner);
	tcase_add_test(tc, namespaces_without_a_process_are_joined_under_the_default_filter);
	return suite_run(suite);
}

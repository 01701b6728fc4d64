/* SPDX-License-Identifier: MIT */
/*
 * Profiles that are JSON: what the filter that one becomes answers, run in the head, and in
 * containers; what is refused, and by which name.
 */
#include "support/box.h"

#include <linux/audit.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "json/json.h"
#include "seccomp/profile.h"
#include "spec/spec.h"

#if defined(__x86_64__)
#define MACHINE "amd64"
#define NATIVE	AUDIT_ARCH_X86_64
#define OTHER	"arm64"
#else
#define MACHINE "arm64"
#define NATIVE	AUDIT_ARCH_AARCH64
#define OTHER	"amd64"
#endif

#define CAP(name)     (UINT64_C(1) << (name))
#define REFUSED(code) (SECCOMP_RET_ERRNO | (code))

/* Calls without which nothing is executed, as an entry, and what it follows. */
#define STAGE "{\"names\": [\"execve\", \"sendmsg\", \"exit_group\"], \"action\": \"SCMP_ACT_ALLOW\"}"
#define PROFILE(entries) \
	"{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [" STAGE ", " entries "]}"
#define ALLOW(name) "{\"names\": [\"" name "\"], \"action\": \"SCMP_ACT_ALLOW\"}"

static struct ct__filter *filter;

static void teardown(void)
{
	ct__filter_unref(filter);
	filter = NULL;
	box_teardown();
}

/* The filter of this profile for a payload with these capabilities, on this kernel. */
static void make_for(const char *text, uint64_t caps, uint32_t kernel)
{
	ct_error err = CT_ERROR_INIT;
	struct ct__json_doc doc = {.what = "profile", .step = CT_STEP_ARGUMENT, .err = &err};
	struct ct__seccomp settings = {0};
	const char *needs = NULL;
	struct ct__json top;
	int ret = ct__json_open(&doc, text, strlen(text), &top);

	if (ret == 0)
		ret = ct__seccomp_profile(&top, kernel, &settings);
	ct__json_close(&doc);
	ck_assert_msg(ret == 0, "%s", err.sentence);
	ct__filter_unref(filter);
	filter = NULL;
	ck_assert_int_eq(ct__filter_new(&settings, caps, &filter, &needs), 0);
	ct__seccomp_done(&settings);
}

static uint32_t answer(int number, uint64_t first, uint64_t second)
{
	const struct seccomp_data data = {.nr = number, .arch = NATIVE, .args = {first, second}};

	return ct__seccomp_run(filter->code, filter->count, &data);
}

static uint32_t answer_of(const char *text, int number)
{
	make_for(text, 0, CT__KERNEL(5, 10));
	return answer(number, 0, 0);
}

/* ---------------------------------------------------------------- what it means */

START_TEST(entries_decide_for_their_calls_and_the_default_for_all_others)
{
	const char *text = PROFILE(ALLOW("getpid") ", {\"name\": \"mount\", \"action\": "
		"\"SCMP_ACT_ERRNO\", \"errnoRet\": 13}, {\"names\": [\"ptrace\"], \"action\": \"SCMP_ACT_KILL_PROCESS\"}");

	ck_assert_uint_eq(answer_of(text, SYS_getpid), SECCOMP_RET_ALLOW);
	ck_assert_uint_eq(answer(SYS_mount, 0, 0), REFUSED(13));
	ck_assert_uint_eq(answer(SYS_ptrace, 0, 0), SECCOMP_RET_KILL_PROCESS);
	ck_assert_uint_eq(answer(SYS_getuid, 0, 0), REFUSED(EPERM));
}
END_TEST

static const struct {
	const char *name;
	uint32_t action;
} actions[] = {{"ALLOW", SECCOMP_RET_ALLOW}, {"ERRNO", REFUSED(EPERM)},
	{"KILL", SECCOMP_RET_KILL_THREAD}, {"KILL_THREAD", SECCOMP_RET_KILL_THREAD},
	{"KILL_PROCESS", SECCOMP_RET_KILL_PROCESS}, {"LOG", SECCOMP_RET_LOG}, {"NOTIFY", SECCOMP_RET_USER_NOTIF},
	{"TRAP", SECCOMP_RET_TRAP}, {"TRACE", SECCOMP_RET_TRACE | EPERM}};

START_TEST(each_action_is_the_kernels)
{
	char text[512];

	snprintf(text, sizeof(text), PROFILE("{\"names\": [\"mount\"], \"action\": \"SCMP_ACT_%s\"}"),
		actions[_i].name);
	ck_assert_uint_eq(answer_of(text, SYS_mount), actions[_i].action);
}
END_TEST

/* With an errno for all others, what is not known is as absent; else the default holds for it, too. */
START_TEST(unknown_call_is_absent_where_the_default_is_an_errno)
{
	ck_assert_uint_eq(answer_of(PROFILE(ALLOW("getpid")), 510), REFUSED(ENOSYS));
	ck_assert_uint_eq(answer(5000, 0, 0), REFUSED(ENOSYS));
	ck_assert_uint_eq(answer_of("{\"defaultAction\": \"SCMP_ACT_ALLOW\"}", 510), SECCOMP_RET_ALLOW);
	ck_assert_uint_eq(answer(5000, 0, 0), SECCOMP_RET_ALLOW);
	ck_assert_uint_eq(answer_of("{\"defaultAction\": \"SCMP_ACT_KILL_PROCESS\", \"syscalls\": [" STAGE "]}", 510),
		SECCOMP_RET_KILL_PROCESS);
	ck_assert_uint_eq(answer(5000, 0, 0), SECCOMP_RET_KILL_PROCESS);
}
END_TEST

START_TEST(default_has_the_errno_that_is_said_by_number_or_by_name)
{
	ck_assert_uint_eq(answer_of("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 38, "
				    "\"syscalls\": [" STAGE "]}", SYS_mount), REFUSED(38));
	ck_assert_uint_eq(answer_of("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrno\": \"ENOSYS\", "
				    "\"defaultErrnoRet\": 38, \"syscalls\": [" STAGE "]}", SYS_mount), REFUSED(38));
}
END_TEST

#define SOCKET(action, conditions)                                             \
	PROFILE("{\"names\": [\"socket\"], \"action\": \"SCMP_ACT_" action "\", " \
		"\"args\": [" conditions "]}")
#define ARG(index, value, op) \
	"{\"index\": " #index ", \"value\": " #value ", \"op\": \"SCMP_CMP_" op "\"}"

static const struct {
	const char *op;
	bool below, at, above;
} comparisons[] = {{"EQ", false, true, false}, {"NE", true, false, true}, {"LT", true, false, false},
	{"LE", true, true, false}, {"GT", false, false, true}, {"GE", false, true, true}};

START_TEST(comparison_of_an_argument_is_what_it_says)
{
	char text[512];

	snprintf(text, sizeof(text), SOCKET("ALLOW", "{\"index\": 1, \"value\": 7, \"op\": \"SCMP_CMP_%s\"}"),
		comparisons[_i].op);
	make_for(text, 0, 0);
	ck_assert_int_eq(answer(SYS_socket, 0, 6) == SECCOMP_RET_ALLOW, comparisons[_i].below);
	ck_assert_int_eq(answer(SYS_socket, 0, 7) == SECCOMP_RET_ALLOW, comparisons[_i].at);
	ck_assert_int_eq(answer(SYS_socket, 0, 8) == SECCOMP_RET_ALLOW, comparisons[_i].above);
}
END_TEST

START_TEST(masked_comparison_looks_at_the_bits_of_its_mask)
{
	make_for(PROFILE("{\"names\": [\"clone\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [{\"index\": 0, "
			 "\"value\": 2114060288, \"valueTwo\": 0, \"op\": \"SCMP_CMP_MASKED_EQ\"}]}"), 0, 0);
	ck_assert_uint_eq(answer(SYS_clone, CLONE_VM | SIGCHLD, 0), SECCOMP_RET_ALLOW);
	ck_assert_uint_eq(answer(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0), REFUSED(EPERM));
}
END_TEST

START_TEST(conditions_on_several_arguments_hold_together_and_on_one_each_alone)
{
	make_for(SOCKET("ALLOW", ARG(0, 1, "EQ") ", " ARG(1, 2, "EQ")), 0, 0);
	ck_assert_uint_eq(answer(SYS_socket, 1, 2), SECCOMP_RET_ALLOW);
	ck_assert_uint_eq(answer(SYS_socket, 1, 3), REFUSED(EPERM));
	make_for(SOCKET("ALLOW", ARG(0, 1, "EQ") ", " ARG(0, 2, "EQ")), 0, 0);
	ck_assert_uint_eq(answer(SYS_socket, 1, 0), SECCOMP_RET_ALLOW);
	ck_assert_uint_eq(answer(SYS_socket, 2, 0), SECCOMP_RET_ALLOW);
	ck_assert_uint_eq(answer(SYS_socket, 3, 0), REFUSED(EPERM));
}
END_TEST

/* In both orders: what one entry shuts no other one opens. */
START_TEST(strictest_entry_decides_wherever_it_stands)
{
	const char *refusal = "{\"names\": [\"socket\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 97, "
			      "\"args\": [" ARG(0, 16, "EQ") "]}";
	char text[1024];

	for (int i = 0; i < 2; i++) {
		snprintf(text, sizeof(text), PROFILE("%s, %s"), i ? refusal : ALLOW("socket"),
			i ? ALLOW("socket") : refusal);
		make_for(text, 0, 0);
		ck_assert_uint_eq(answer(SYS_socket, 16, 0), REFUSED(97));
		ck_assert_uint_eq(answer(SYS_socket, 1, 0), SECCOMP_RET_ALLOW);
	}
	ck_assert_uint_eq(answer_of(PROFILE(ALLOW("mount") ", {\"name\": \"mount\", \"action\": \"SCMP_ACT_TRAP\"}, "
					    ALLOW("mount")), SYS_mount), SECCOMP_RET_TRAP);
}
END_TEST

#define WHERE(how, what) \
	"{\"names\": [\"mount\"], \"action\": \"SCMP_ACT_ALLOW\", \"" how "\": {" what "}}"

START_TEST(entry_holds_for_payloads_with_its_capabilities)
{
	const uint64_t admin = CAP(CAP_SYS_ADMIN), chroot = CAP(CAP_SYS_CHROOT);
	const char *both = PROFILE(WHERE("includes", "\"caps\": [\"CAP_SYS_ADMIN\", \"CAP_SYS_CHROOT\"]"));
	const char *none = PROFILE(WHERE("excludes", "\"caps\": [\"CAP_SYS_ADMIN\", \"CAP_SYS_CHROOT\"]"));

	make_for(both, admin | chroot, 0);
	ck_assert_uint_eq(answer(SYS_mount, 0, 0), SECCOMP_RET_ALLOW);
	make_for(both, admin, 0);
	ck_assert_uint_eq(answer(SYS_mount, 0, 0), REFUSED(EPERM));
	make_for(none, CAP(CAP_KILL), 0);
	ck_assert_uint_eq(answer(SYS_mount, 0, 0), SECCOMP_RET_ALLOW);
	make_for(none, chroot, 0);
	ck_assert_uint_eq(answer(SYS_mount, 0, 0), REFUSED(EPERM));
}
END_TEST

START_TEST(entry_holds_for_machines_and_kernels_that_it_includes)
{
	static const struct {
		const char *text;
		bool holds;
	} rows[] = {{PROFILE(WHERE("includes", "\"arches\": [\"s390x\", \"" MACHINE "\"]")), true},
		{PROFILE(WHERE("includes", "\"arches\": [\"" OTHER "\"]")), false},
		{PROFILE(WHERE("excludes", "\"arches\": [\"" MACHINE "\"]")), false},
		{PROFILE(WHERE("excludes", "\"arches\": [\"" OTHER "\"]")), true},
		{PROFILE(WHERE("includes", "\"minKernel\": \"4.8\"")), true},
		{PROFILE(WHERE("includes", "\"minKernel\": \"5.10\"")), true},
		{PROFILE(WHERE("includes", "\"minKernel\": \"5.11\"")), false},
		{PROFILE(WHERE("includes", "\"minKernel\": \"6.0\"")), false},
		{PROFILE(WHERE("excludes", "\"minKernel\": \"5.9\"")), false},
		{PROFILE(WHERE("excludes", "\"minKernel\": \"5.11\"")), true},
		{PROFILE(WHERE("includes", "")), true}, {PROFILE(WHERE("excludes", "")), true}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg((answer_of(rows[i].text, SYS_mount) == SECCOMP_RET_ALLOW) == rows[i].holds,
			"%s", rows[i].text);
}
END_TEST

/* Calls of other machines, and those that went with old kernels. */
START_TEST(unknown_name_is_passed_over_if_it_was_to_be_allowed)
{
	make_for(PROFILE("{\"names\": [\"cacheflush\", \"getpid\", \"set_tls\"], \"action\": \"SCMP_ACT_ALLOW\"}"), 0, 0);
	ck_assert_uint_eq(answer(SYS_getpid, 0, 0), SECCOMP_RET_ALLOW);
}
END_TEST

START_TEST(flag_of_the_profile_becomes_one_of_the_filter)
{
	make_for("{\"defaultAction\": \"SCMP_ACT_ALLOW\"}", 0, 0);
	ck_assert_uint_eq(filter->flags & 2, 0);
	make_for("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"flags\": [\"SECCOMP_FILTER_FLAG_TSYNC\", "
		 "\"SECCOMP_FILTER_FLAG_LOG\"]}", 0, 0);
	ck_assert_uint_eq(filter->flags & 2, 2);
}
END_TEST

/* ------------------------------------------------------------------- refusals */

#define ENTRY(text) "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [" STAGE ", {" text "}]}"
#define MOUNT	    "\"names\": [\"mount\"], \"action\": \"SCMP_ACT_ALLOW\""

static const struct {
	const char *text, *object, *reason;
} refused[] = {{"{}", "/defaultAction", "missing"},
	{"{\"defaultAction\": \"SCMP_ACT_ALOW\"}", "/defaultAction \"SCMP_ACT_ALOW\"", "no such action"},
	{"{\"defaultAction\": 1}", "/defaultAction 1", "a string"},
	{"{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 0}", "/defaultErrnoRet 0", "range"},
	{"{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 4096}", "/defaultErrnoRet 4096", "range"},
	{"{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrno\": \"ENOPE\"}", "/defaultErrno \"ENOPE\"", "no such errno"},
	{"{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrno\": \"EPERM\", \"defaultErrnoRet\": 2}", "/defaultErrno", "another errno"},
	{"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"defaultErrnoRet\": 1}", "/defaultErrnoRet 1", "gives no errno"},
	{"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": [\"SCMP_ARCH_Z80\"]}", "/architectures/0 \"SCMP_ARCH_Z80\"", "no such architecture"},
	{"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": [\"SCMP_ARCH_X86\"], \"archMap\": []}", "/archMap", "architectures as well"},
	{"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"archMap\": [{}]}", "/archMap/0/architecture", "missing"},
	{"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"archMap\": [{\"architecture\": \"SCMP_ARCH_ARM\", \"subArchitectures\": [\"x\"]}]}", "/archMap/0/subArchitectures/0 \"x\"", "no such architecture"},
	{"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"flags\": [\"SECCOMP_FILTER_FLAG_NEW\"]}", "/flags/0", "no such flag"},
	{"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscals\": []}", "/syscals", "nothing of this name"},
	{"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": {}}", "/syscalls", "an array"},
	{"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [7]}", "/syscalls/0 7", "an object"},
	{"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"mout\"], \"action\": \"SCMP_ACT_ERRNO\"}]}", "/syscalls/0/names/0 \"mout\"", "no such system call"},
	{ENTRY("\"action\": \"SCMP_ACT_ALLOW\""), "/syscalls/1", "names no system call"},
	{ENTRY("\"names\": [], \"action\": \"SCMP_ACT_ALLOW\""), "/syscalls/1", "names no system call"},
	{ENTRY("\"name\": \"mount\", \"names\": [\"mount\"], \"action\": \"SCMP_ACT_ALLOW\""), "/syscalls/1/name \"mount\"", "names as well"},
	{ENTRY("\"names\": [3], \"action\": \"SCMP_ACT_ALLOW\""), "/syscalls/1/names/0 3", "a string"},
	{ENTRY("\"names\": [\"mount\"]"), "/syscalls/1/action", "missing"},
	{ENTRY("\"names\": [\"mount\"], \"action\": \"ALLOW\""), "/syscalls/1/action \"ALLOW\"", "no such action"},
	{ENTRY(MOUNT ", \"errnoRet\": 1"), "/syscalls/1/errnoRet 1", "gives no errno"},
	{ENTRY(MOUNT ", \"priority\": 1"), "/syscalls/1/priority 1", "nothing of this name"},
	{ENTRY(MOUNT ", \"args\": [{\"index\": 6, \"value\": 0, \"op\": \"SCMP_CMP_EQ\"}]"), "/syscalls/1/args/0/index 6", "range"},
	{ENTRY(MOUNT ", \"args\": [{\"index\": -1, \"value\": 0, \"op\": \"SCMP_CMP_EQ\"}]"), "/syscalls/1/args/0/index -1", "range"},
	{ENTRY(MOUNT ", \"args\": [{\"index\": 0, \"value\": -5, \"op\": \"SCMP_CMP_EQ\"}]"), "/syscalls/1/args/0/value -5", "range"},
	{ENTRY(MOUNT ", \"args\": [{\"index\": 0, \"value\": 1.5, \"op\": \"SCMP_CMP_EQ\"}]"), "/syscalls/1/args/0/value", "whole number"},
	{ENTRY(MOUNT ", \"args\": [{\"index\": 0, \"value\": 0}]"), "/syscalls/1/args/0/op", "missing"},
	{ENTRY(MOUNT ", \"args\": [{\"index\": 0, \"value\": 0, \"op\": \"EQ\"}]"), "/syscalls/1/args/0/op \"EQ\"", "no such comparison"},
	{ENTRY(MOUNT ", \"args\": [{\"index\": 0, \"value\": 1, \"mask\": 1, \"op\": \"SCMP_CMP_EQ\"}]"), "/syscalls/1/args/0/mask 1", "nothing of this name"},
	{ENTRY(MOUNT ", \"args\": [{\"index\": 0, \"value\": 1, \"valueTwo\": 2, \"op\": \"SCMP_CMP_MASKED_EQ\"}]"), "/syscalls/1/args/0", "mask"},
	{ENTRY(MOUNT ", \"args\": [{\"index\": 0, \"value\": 0, \"op\": \"SCMP_CMP_MASKED_EQ\"}]"), "/syscalls/1/args/0", "mask"},
	{ENTRY(MOUNT ", \"includes\": {\"caps\": [\"CAP_MAGIC\"]}"), "/syscalls/1/includes/caps/0 \"CAP_MAGIC\"", "no such capability"},
	{ENTRY(MOUNT ", \"excludes\": {\"arches\": [\"z80\"]}"), "/syscalls/1/excludes/arches/0 \"z80\"", "no such architecture"},
	{ENTRY(MOUNT ", \"includes\": {\"minKernel\": \"five\"}"), "/syscalls/1/includes/minKernel \"five\"", "a version"},
	{ENTRY(MOUNT ", \"includes\": {\"minKernel\": \"5.10.3\"}"), "/syscalls/1/includes/minKernel", "a version"},
	{ENTRY(MOUNT ", \"includes\": {\"maxKernel\": \"5.10\"}"), "/syscalls/1/includes/maxKernel", "nothing of this name"},
	{"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"defaultAction\": \"SCMP_ACT_KILL\"}", "defaultAction", "twice"},
	{"{\"defaultAction\": \"SCMP_ACT_ALLOW\"", "line 1", "no JSON"}};

START_TEST(what_is_not_understood_is_refused_by_its_pointer)
{
	ct_error err = CT_ERROR_INIT;
	ct_spec *spec;

	set(ct_spec_new(&spec));
	ck_assert_int_eq(ct_spec_set_seccomp_json(spec, refused[_i].text, strlen(refused[_i].text)), -EINVAL);
	expect_error(ct_spec_check(spec, &err), &err, -EINVAL, CT_STEP_ARGUMENT, NULL, refused[_i].reason);
	ck_assert_msg(strstr(err.object, refused[_i].object) != NULL, "%s", err.object);
	ct_spec_free(spec);
}
END_TEST

START_TEST(refused_profile_leaves_the_filter_as_it_was)
{
	ct_spec *spec;

	set(ct_spec_new(&spec));
	set(ct_spec_set_seccomp(spec, CT_SECCOMP_CLOSED, 0));
	ck_assert_int_eq(ct_spec_set_seccomp_json(spec, "{}", 2), -EINVAL);
	ck_assert_int_eq(ct_spec_set_seccomp_json(spec, NULL, 2), -EINVAL);
	ck_assert_int_eq(ct_spec_set_seccomp_json(NULL, "{}", 2), -EINVAL);
	ck_assert_int_eq(spec->seccomp.base, CT_SECCOMP_CLOSED);
	ck_assert_uint_eq(spec->seccomp.profile.count, 0);
	ct_spec_free(spec);
}
END_TEST

/* Each name and condition is an entry of its own: a small text must not become a large list. */
START_TEST(number_of_entries_is_bounded)
{
	const size_t names = 200, conditions = 60;
	size_t size = 64 + names * 16 + conditions * 64;
	char *text = malloc(size), *to = text;
	ct_spec *spec;

	to += sprintf(to, "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [");
	for (size_t i = 0; i < names; i++)
		to += sprintf(to, "%s\"getpid\"", i ? "," : "");
	to += sprintf(to, "], \"action\": \"SCMP_ACT_ERRNO\", \"args\": [");
	for (size_t i = 0; i < conditions; i++)
		to += sprintf(to, "%s" ARG(0, 1, "EQ"), i ? "," : "");
	sprintf(to, "]}]}");
	set(ct_spec_new(&spec));
	ck_assert_int_eq(ct_spec_set_seccomp_json(spec, text, strlen(text)), -E2BIG);
	ct_spec_free(spec);
	free(text);
}
END_TEST

/* ---------------------------------------------------------------- in containers */

/* Of the structure that Docker's default profile has: what busybox takes, what goes with capabilities. */
static const char docker_like[] =
	"{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 1,"
	" \"archMap\": [{\"architecture\": \"SCMP_ARCH_X86_64\", \"subArchitectures\":"
	"  [\"SCMP_ARCH_X86\", \"SCMP_ARCH_X32\"]}, {\"architecture\": \"SCMP_ARCH_AARCH64\","
	"  \"subArchitectures\": [\"SCMP_ARCH_ARM\"]}],"
	" \"syscalls\": [{\"names\": [\"access\", \"arch_prctl\", \"brk\", \"cacheflush\", \"clock_gettime64\","
	"   \"close\", \"dup2\", \"dup3\", \"execve\", \"exit\", \"exit_group\", \"faccessat\", \"fcntl\","
	"   \"fstat\", \"futex\", \"getcwd\", \"getdents64\", \"getegid\", \"geteuid\", \"getgid\", \"getpid\","
	"   \"getppid\", \"getrandom\", \"gettid\", \"getuid\", \"ioctl\", \"lseek\", \"lstat\", \"mmap\", \"mprotect\", \"mremap\","
	"   \"munmap\", \"newfstatat\", \"open\", \"openat\", \"pipe2\", \"poll\", \"ppoll\", \"prlimit64\", \"read\","
	"   \"readlink\", \"readlinkat\", \"rseq\", \"rt_sigaction\", \"rt_sigprocmask\", \"rt_sigreturn\","
	"   \"sendmsg\", \"set_robust_list\", \"set_tid_address\", \"setgid\", \"setuid\", \"stat\", \"statx\","
	"   \"tgkill\", \"uname\", \"vfork\", \"fork\", \"wait4\", \"write\", \"writev\"],"
	"  \"action\": \"SCMP_ACT_ALLOW\", \"args\": null, \"comment\": \"\", \"includes\": {}, \"excludes\": {}},"
	" {\"names\": [\"ptrace\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": {\"minKernel\": \"4.8\"}},"
	" {\"names\": [\"socket\"], \"action\": \"SCMP_ACT_ALLOW\","
	"  \"args\": [{\"index\": 0, \"value\": 40, \"op\": \"SCMP_CMP_NE\"}]},"
	" {\"names\": [\"sync_file_range2\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": {\"arches\": [\"ppc64le\"]}},"
	" {\"names\": [\"clone\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [{\"index\": 0, \"value\": 2114060288,"
	"  \"valueTwo\": 0, \"op\": \"SCMP_CMP_MASKED_EQ\"}], \"excludes\": {\"caps\": [\"CAP_SYS_ADMIN\"]}},"
	" {\"names\": [\"clone3\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 38,"
	"  \"excludes\": {\"caps\": [\"CAP_SYS_ADMIN\"]}},"
	" {\"names\": [\"chroot\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": {\"caps\": [\"CAP_SYS_CHROOT\"]}},"
	" {\"names\": [\"syslog\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": {\"caps\": [\"CAP_SYSLOG\"]}}]}";

static ct_spec *profiled(ct_spec *spec)
{
	set(ct_spec_set_seccomp_json(spec, docker_like, sizeof(docker_like) - 1));
	return spec;
}

static const char *result_of(ct_spec *spec, const char *what)
{
	return tried(output_of(spec), what);
}

START_TEST(programs_run_under_a_profile_of_dockers_structure)
{
	ck_assert_str_eq(output_of(profiled(SPEC("/bin/sh", "-c", "echo a | cat; ls /bin/probe; exec uname"))),
		"a\n/bin/probe\nLinux\n");
}
END_TEST

START_TEST(container_is_refused_what_its_profile_refuses)
{
	char keyctl[32], clone3[32];

	snprintf(keyctl, sizeof(keyctl), "call=%d,-1", SYS_keyctl);
	snprintf(clone3, sizeof(clone3), "call=%d,0,0", SYS_clone3);
	ck_assert_str_eq(result_of(profiled(SPEC("/bin/probe", "try", keyctl)), keyctl), "EPERM");
	ck_assert_str_eq(result_of(profiled(SPEC("/bin/probe", "try", clone3)), clone3), "ENOSYS");
	ck_assert_str_eq(result_of(profiled(SPEC("/bin/probe", "try", "clone=0x10000000")), "clone=0x10000000"), "EPERM");
	ck_assert_str_eq(result_of(profiled(SPEC("/bin/probe", "try", "clone=0")), "clone=0"), "0");
}
END_TEST

START_TEST(capability_of_the_payload_opens_its_entries)
{
	char chroot[32];
	ct_spec *spec;

	snprintf(chroot, sizeof(chroot), "call=%d,0", SYS_chroot);
	spec = profiled(SPEC("/bin/probe", "try", chroot));
	set(ct_spec_drop_cap(spec, "cap_sys_chroot"));
	ck_assert_str_eq(result_of(spec, chroot), "EPERM");
	spec = profiled(SPEC("/bin/probe", "try", chroot));
	set(ct_spec_add_cap(spec, "cap_sys_chroot"));
	ck_assert_str_eq(result_of(spec, chroot), "EFAULT");
}
END_TEST

START_TEST(rule_of_the_spec_goes_before_the_profile)
{
	char keyctl[32];
	ct_spec *spec;

	snprintf(keyctl, sizeof(keyctl), "call=%d,-1", SYS_keyctl);
	spec = profiled(SPEC("/bin/probe", "try", keyctl));
	set(ct_spec_add_seccomp_rule(spec, "keyctl", CT_SECCOMP_ERRNO, EXDEV, NULL, 0));
	ck_assert_str_eq(result_of(spec, keyctl), "EXDEV");
}
END_TEST

START_TEST(profile_that_keeps_the_payload_from_starting_is_refused)
{
	const char *text = "{\"defaultAction\": \"SCMP_ACT_KILL\"}";
	ct_spec *spec = SPEC("/bin/true");
	struct outcome *o;

	set(ct_spec_set_seccomp_json(spec, text, strlen(text)));
	o = attempt(spec);
	expect_error(o->code, &o->err, -EINVAL, CT_STEP_SECCOMP, "seccomp: execve", "refuses what executing");
	ct_spec_free(spec);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite;

	need_root();
	suite = suite_create("profile");
	tc = tcase_create("profile");
	tcase_set_timeout(tc, SENTENCE_LIMIT_S);
	tcase_add_checked_fixture(tc, box_setup, teardown);
	suite_add_tcase(suite, tc);
	tcase_add_test(tc, entries_decide_for_their_calls_and_the_default_for_all_others);
	tcase_add_loop_test(tc, each_action_is_the_kernels, 0, sizeof(actions) / sizeof(actions[0]));
	tcase_add_test(tc, unknown_call_is_absent_where_the_default_is_an_errno);
	tcase_add_test(tc, default_has_the_errno_that_is_said_by_number_or_by_name);
	tcase_add_loop_test(tc, comparison_of_an_argument_is_what_it_says, 0,
		sizeof(comparisons) / sizeof(comparisons[0]));
	tcase_add_test(tc, masked_comparison_looks_at_the_bits_of_its_mask);
	tcase_add_test(tc, conditions_on_several_arguments_hold_together_and_on_one_each_alone);
	tcase_add_test(tc, strictest_entry_decides_wherever_it_stands);
	tcase_add_test(tc, entry_holds_for_payloads_with_its_capabilities);
	tcase_add_test(tc, entry_holds_for_machines_and_kernels_that_it_includes);
	tcase_add_test(tc, unknown_name_is_passed_over_if_it_was_to_be_allowed);
	tcase_add_test(tc, flag_of_the_profile_becomes_one_of_the_filter);
	tcase_add_loop_test(tc, what_is_not_understood_is_refused_by_its_pointer, 0,
		sizeof(refused) / sizeof(refused[0]));
	tcase_add_test(tc, refused_profile_leaves_the_filter_as_it_was);
	tcase_add_test(tc, number_of_entries_is_bounded);
	tcase_add_test(tc, programs_run_under_a_profile_of_dockers_structure);
	tcase_add_test(tc, container_is_refused_what_its_profile_refuses);
	tcase_add_test(tc, capability_of_the_payload_opens_its_entries);
	tcase_add_test(tc, rule_of_the_spec_goes_before_the_profile);
	tcase_add_test(tc, profile_that_keeps_the_payload_from_starting_is_refused);
	return suite_run(suite);
}

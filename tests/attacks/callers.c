/* SPDX-License-Identifier: MIT */
/* Attacks by what a caller was told to set: directories, ids, names; and by what he shares. */
#include <container/cgroup.h>

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "attacks/attacks.h"

/* ------------------------------------------------------------ working directory */

static int host_dir_fd;

static void open_host_directories(void)
{
	for (int i = 0; i < 16; i++) {
		host_dir_fd = open(in_dir("host"), O_RDONLY | O_DIRECTORY);
		ck_assert_int_ge(host_dir_fd, 0);
	}
	box_accept_changes();
}

static void enter_in_host_directory(void)
{
	char path[64];

	enter_bare_chroot();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", host_dir_fd);
	ck_assert_int_eq(chdir(path), 0);
}

static enum verdict cwd_is_a_descriptor(bool guarded)
{
	static const char *const forms[] = {"/proc/self/fd/%d", "/proc/1/fd/%d",
		"/proc/thread-self/fd/%d", "/proc/self/cwd", "/proc/1/root", "/dev/fd/%d"};

	open_host_directories();
	if (!guarded)
		return in_careless(enter_in_host_directory, WORDS("climb-from-cwd"));
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		for (int fd = 3; fd <= host_dir_fd; fd++) {
			ct_spec *spec = spec_of_role(WORDS("climb-from-cwd"));
			enum verdict verdict;
			char cwd[64];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			snprintf(cwd, sizeof(cwd), forms[i], fd);
#pragma GCC diagnostic pop
			set(ct_spec_set_cwd(spec, cwd));
			verdict = verdict_or_refusal(spec, CT_STEP_CWD);
			if (verdict != HELD)
				return verdict;
		}
	return HELD;
}

/* -------------------------------------------------------------------- sockets */

/* With the host's net the library's own sockets could be found, if they had names. */
static enum verdict library_has_abstract_sockets(bool guarded)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "\0ct-control"};
	ct_spec *spec;

	ck_assert_int_eq(unshare(CLONE_NEWNET), 0);
	if (!guarded) {
		int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

		ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, 13), 0);
		ck_assert_int_eq(listen(listener, 1), 0);
	}
	box_accept_changes();
	spec = spec_of_role(WORDS("find-abstract"));
	set(ct_spec_set_ns_host(spec, CT_NS_NET));
	return verdict_of(spec);
}

/* ------------------------------------------------------------------- terminal */

static int terminal;

static void open_terminal(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	ck_assert_int_ge(master, 0);
	ck_assert_int_eq(grantpt(master), 0);
	ck_assert_int_eq(unlockpt(master), 0);
	terminal = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	ck_assert_int_ge(terminal, 0);
	box_accept_changes();
}

/* A shell's job: the terminal of the session is its own. */
static void enter_with_terminal(void)
{
	enter_bare_chroot();
	setsid();
	ck_assert_int_eq(ioctl(terminal, TIOCSCTTY, 0), 0);
	dup2(terminal, 0);
}

static enum verdict keys_are_pushed(bool guarded)
{
	ct_spec *spec;

	open_terminal();
	if (!guarded)
		return in_careless(enter_with_terminal, WORDS("push-keys"));
	spec = spec_of_role(WORDS("push-keys"));
	set(ct_spec_set_stdio(spec, 0, CT_STDIO_FD, terminal));
	return verdict_of(spec);
}

static enum verdict keys_are_pushed_unfiltered(bool guarded)
{
	ct_spec *spec;

	if (!guarded)
		return keys_are_pushed(false);
	open_terminal();
	spec = spec_of_role(WORDS("push-keys"));
	set(ct_spec_set_stdio(spec, 0, CT_STDIO_FD, terminal));
	set(ct_spec_set_seccomp(spec, CT_SECCOMP_OFF, 0));
	return verdict_of(spec);
}

/* ------------------------------------------------------------------------ ids */

static void enter_as_no_id(void)
{
	enter_bare_chroot();
	/* As a number that was read carelessly: -1 stands for "as it is". */
	ck_assert_int_eq(setresgid((gid_t)-1, (gid_t)-1, (gid_t)-1), 0);
	ck_assert_int_eq(setresuid((uid_t)-1, (uid_t)-1, (uid_t)-1), 0);
}

static enum verdict id_is_none(bool guarded)
{
	ct_spec *spec;

	if (!guarded)
		return in_careless(enter_as_no_id, WORDS("be-root"));
	spec = spec_of_role(WORDS("be-root"));
	ct_spec_set_user(spec, UINT32_MAX, UINT32_MAX);
	return verdict_or_refusal(spec, CT_STEP_ARGUMENT);
}

/* --------------------------------------------------------------------- cgroups */

static enum verdict cgroup_name_leads_out(bool guarded)
{
	static const char *const parents[] = {
		"/..", "/../..", "/a/../../..", "..", "", "a", "/a/.."};
	static const char *const keys[] = {"../cgroup.procs", "cgroup.procs", "cgroup.threads",
		"memory/../../x", "memory.max/../../cgroup.procs", "..", ".", "", "/etc/passwd",
		"memory.max\npids.max", "cgroup.subtree_control", "tasks", "release_agent",
		"notify_on_release", "memory.", ".max"};
	ct_spec *spec;
	enum verdict verdict = HELD;

	if (!guarded) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "/sys/fs/cgroup/%s%s", "../../../../..",
			in_host("secret"));
		return access(path, F_OK) == 0 ? THROUGH : HELD;
	}
	spec = spec_of_role(WORDS("be-root"));
	for (size_t i = 0; i < sizeof(parents) / sizeof(parents[0]); i++)
		if (ct_spec_set_cgroup_parent(spec, parents[i]) == 0) {
			remark("the parent %s is taken", parents[i]);
			verdict = THROUGH;
		}
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (ct_spec_set_cgroup_key(spec, keys[i], "1") == 0) {
			remark("the key %s is taken", keys[i]);
			verdict = THROUGH;
		}
	ct_spec_free(spec);
	return verdict;
}

/* Parameters of the whole host, among them by ways around. */
static enum verdict sysctl_is_the_hosts(bool guarded)
{
	static const char *const keys[] = {"kernel.core_pattern", "kernel.modprobe",
		"vm.overcommit_memory", "net/../kernel/core_pattern", "net.../kernel.core_pattern",
		"/proc/sys/kernel/core_pattern", "../sys/kernel/core_pattern",
		"net.ipv4/../../kernel.core_pattern", "kernel.shm", "net.", "net",
		"kernel.shm/../core_pattern", "kernel.msg/../core_pattern", ""};
	enum verdict verdict = HELD;

	if (!guarded) {
		int fd = open("/proc/sys/net/../kernel/core_pattern", O_WRONLY | O_CLOEXEC);

		if (fd >= 0)
			close(fd);
		return fd >= 0 ? THROUGH : HELD;
	}
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		ct_spec *spec = spec_of_role(WORDS("find-variables"));
		enum verdict one = HELD;

		if (ct_spec_set_sysctl(spec, keys[i], "x") == 0)
			one = verdict_or_refusal(spec, CT_STEP_SYSCTL);
		else
			ct_spec_free(spec);
		if (one != HELD)
			verdict = one;
	}
	return verdict;
}

const struct attack ct_attacks_callers[] = {
	{.id = "A03",
		.sentence = "work in a directory of the host by way of /proc/self/fd",
		.roles = BY_ALL,
		.run = cwd_is_a_descriptor},
	{.id = "A06",
		.sentence = "find a socket of the library that has a name and no file",
		.roles = 1u << AS_ROOT | 1u << AS_USER,
		.run = library_has_abstract_sockets,
		.flags = CONTROL_NEEDS_ROOT},
	{.id = "B04",
		.sentence = "have a parameter of the whole host set by its name",
		.roles = BY_CALLERS,
		.run = sysctl_is_the_hosts,
		.flags = CONTROL_NEEDS_ROOT},
	{.id = "E05",
		.sentence = "be root by an id that is none",
		.roles = BY_ALL,
		.run = id_is_none},
	{.id = "F09",
		.sentence = "name a cgroup or a file of it that is not the container's",
		.roles = BY_CALLERS,
		.run = cgroup_name_leads_out},
	{.id = "G01",
		.sentence = "push keystrokes into the terminal",
		.roles = BY_ALL,
		.run = keys_are_pushed,
		.flags = CONTROL_NEEDS_ROOT},
	{.id = "G01",
		.sentence = "push keystrokes into the terminal, without a filter of calls",
		.roles = BY_ALL,
		.run = keys_are_pushed_unfiltered,
		.flags = CONTROL_NEEDS_ROOT},
	{.id = "G02",
		.sentence = "paste into a virtual console",
		.roles = BY_ALL,
		.words = WORDS("paste"),
		.flags = CONTROL_NEEDS_ROOT},
	{0},
};

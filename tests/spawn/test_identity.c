/* SPDX-License-Identifier: MIT */
/* Who the payload is and what it may do: ids, capabilities, limits, signals, session, keyring. */
#include "support/box.h"
#include "support/needs.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CAP(name) (UINT64_C(1) << (name))

/* As spec.h lists them. */
static const uint64_t default_caps = CAP(CAP_CHOWN) | CAP(CAP_DAC_OVERRIDE) | CAP(CAP_FOWNER) |
	CAP(CAP_FSETID) | CAP(CAP_KILL) | CAP(CAP_NET_BIND_SERVICE) | CAP(CAP_SETFCAP) |
	CAP(CAP_SETGID) | CAP(CAP_SETPCAP) | CAP(CAP_SETUID) | CAP(CAP_SYS_CHROOT);

static ct_spec *facts_spec(void)
{
	return SPEC("/bin/probe", "facts");
}

/* The five sets: effective, permitted, inheritable, bounding, ambient. */
static void expect_caps(const char *out, uint64_t effective, uint64_t permitted, uint64_t inheritable,
	uint64_t bounding, uint64_t ambient)
{
	const struct {
		const char *name;
		uint64_t want;
	} sets[] = {{"cap_effective", effective}, {"cap_permitted", permitted},
		{"cap_inheritable", inheritable}, {"cap_bounding", bounding}, {"cap_ambient", ambient}};

	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		uint64_t got = strtoull(fact(out, sets[i].name), NULL, 16);

		ck_assert_msg(got == sets[i].want, "%s is %llx and should be %llx", sets[i].name,
			(unsigned long long)got, (unsigned long long)sets[i].want);
	}
}

/* What this process could hand on. */
static uint64_t host_caps(void)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2] = {0};

	ck_assert_int_eq(syscall(SYS_capget, &head, data), 0);
	return (uint64_t)data[1].permitted << 32 | data[0].permitted;
}

/* ------------------------------------------------------------------------ ids */

START_TEST(payload_is_root_with_no_groups_by_default)
{
	const char *out = output_of(facts_spec());

	ck_assert_str_eq(fact(out, "uid"), "0 0 0");
	ck_assert_str_eq(fact(out, "gid"), "0 0 0");
	ck_assert_str_eq(fact(out, "groups"), "");
}
END_TEST

START_TEST(groups_of_the_host_are_not_passed_on)
{
	const gid_t groups[] = {4, 27, 4242};

	ck_assert_int_eq(setgroups(3, groups), 0);
	box_accept_changes();
	ck_assert_str_eq(fact(output_of(facts_spec()), "groups"), "");
}
END_TEST

START_TEST(user_group_and_groups_are_exactly_those_set)
{
	static const gid_t groups[] = {10, 77, 4294967294u};
	ct_spec *spec = facts_spec();
	const char *out;

	set(ct_spec_set_user(spec, 1000, 1001));
	set(ct_spec_set_groups(spec, groups, 3));
	out = output_of(spec);
	ck_assert_str_eq(fact(out, "uid"), "1000 1000 1000");
	ck_assert_str_eq(fact(out, "gid"), "1001 1001 1001");
	ck_assert_str_eq(fact(out, "groups"), "10 77 4294967294");
}
END_TEST

START_TEST(largest_ids_work)
{
	ct_spec *spec = facts_spec();
	const char *out;

	set(ct_spec_set_user(spec, 4294967294u, 4294967294u));
	out = output_of(spec);
	ck_assert_str_eq(fact(out, "uid"), "4294967294 4294967294 4294967294");
	ck_assert_str_eq(fact(out, "gid"), "4294967294 4294967294 4294967294");
}
END_TEST

START_TEST(file_access_follows_the_groups)
{
	static const gid_t groups[] = {500};
	ct_spec *with = SPEC("/bin/probe", "try", "read=/etc/grouped");
	ct_spec *without = SPEC("/bin/probe", "try", "read=/etc/grouped");

	write_file(in_root("etc/grouped"), "x", 0040);
	ck_assert_int_eq(chown(in_root("etc/grouped"), 0, 500), 0);
	set(ct_spec_set_user(with, 1000, 1000));
	set(ct_spec_set_groups(with, groups, 1));
	ck_assert_str_eq(tried(output_of(with), "read=/etc/grouped"), "1");
	set(ct_spec_set_user(without, 1000, 1000));
	ck_assert_str_eq(tried(output_of(without), "read=/etc/grouped"), "EACCES");
}
END_TEST

/* --------------------------------------------------------------- capabilities */

START_TEST(root_has_the_default_set_and_nothing_inheritable)
{
	const char *out = output_of(facts_spec());

	expect_caps(out, default_caps, default_caps, 0, default_caps, 0);
	ck_assert_str_eq(fact(out, "no_new_privs"), "1");
	ck_assert_str_eq(fact(out, "securebits"), "0");
}
END_TEST

START_TEST(other_user_has_no_capability)
{
	ct_spec *spec = facts_spec();

	set(ct_spec_set_user(spec, 1000, 1000));
	expect_caps(output_of(spec), 0, 0, 0, default_caps, 0);
}
END_TEST

/* Also when the host itself has inheritable and ambient ones. */
START_TEST(inheritable_and_ambient_sets_of_the_host_are_not_passed_on)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2] = {0};
	ct_spec *root, *user;

	ck_assert_int_eq(syscall(SYS_capget, &head, data), 0);
	data[0].inheritable = CAP(CAP_NET_RAW) | CAP(CAP_SYS_ADMIN) | CAP(CAP_CHOWN);
	ck_assert_int_eq(syscall(SYS_capset, &head, data), 0);
	ck_assert_int_eq(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_RAW, 0, 0), 0);
	ck_assert_int_eq(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0), 0);
	box_accept_changes();
	root = facts_spec();
	user = facts_spec();
	expect_caps(output_of(root), default_caps, default_caps, 0, default_caps, 0);
	set(ct_spec_set_user(user, 1000, 1000));
	expect_caps(output_of(user), 0, 0, 0, default_caps, 0);
}
END_TEST

START_TEST(added_capability_is_there_and_dropped_one_is_not)
{
	ct_spec *spec = facts_spec();
	uint64_t want = (default_caps | CAP(CAP_NET_ADMIN)) & ~CAP(CAP_SETUID);

	set(ct_spec_add_cap(spec, "cap_net_admin"));
	set(ct_spec_drop_cap(spec, "cap_setuid"));
	expect_caps(output_of(spec), want, want, 0, want, 0);
}
END_TEST

START_TEST(all_capabilities_can_be_dropped)
{
	ct_spec *spec = facts_spec();

	set(ct_spec_drop_cap(spec, "all"));
	expect_caps(output_of(spec), 0, 0, 0, 0, 0);
}
END_TEST

START_TEST(only_what_was_added_after_dropping_all_is_there)
{
	ct_spec *spec = facts_spec();

	set(ct_spec_drop_cap(spec, "all"));
	set(ct_spec_add_cap(spec, "cap_kill"));
	expect_caps(output_of(spec), CAP(CAP_KILL), CAP(CAP_KILL), 0, CAP(CAP_KILL), 0);
}
END_TEST

/* Every one that the caller has: here a host may lack some itself. */
START_TEST(all_means_every_capability_of_the_host)
{
	ct_spec *spec = facts_spec();
	uint64_t want = host_caps();

	set(ct_spec_add_cap(spec, "all"));
	expect_caps(output_of(spec), want, want, 0, want, 0);
}
END_TEST

START_TEST(ambient_capability_reaches_a_user_who_is_not_root)
{
	ct_spec *spec = facts_spec();
	uint64_t port = CAP(CAP_NET_BIND_SERVICE), raw = CAP(CAP_NET_RAW);

	set(ct_spec_set_user(spec, 1000, 1000));
	set(ct_spec_add_ambient_cap(spec, "cap_net_bind_service"));
	set(ct_spec_add_ambient_cap(spec, "cap_net_raw"));
	expect_caps(output_of(spec), port | raw, port | raw, port | raw, default_caps | raw, port | raw);
}
END_TEST

START_TEST(attempts_agree_with_the_capabilities)
{
	ct_spec *spec = SPEC("/bin/probe", "try", "setuid=5", "sethostname=x");
	const char *out = output_of(
		SPEC("/bin/probe", "try", "sethostname=x", "mount=/mnt", "mknod=/tmp/n", "setuid=5"));

	ck_assert_str_eq(tried(out, "sethostname=x"), "EPERM");
	ck_assert_str_eq(tried(out, "mount=/mnt"), "EPERM");
	ck_assert_str_eq(tried(out, "mknod=/tmp/n"), "EPERM");
	ck_assert_str_eq(tried(out, "setuid=5"), "0");
	set(ct_spec_add_cap(spec, "cap_sys_admin"));
	set(ct_spec_drop_cap(spec, "cap_setuid"));
	out = output_of(spec);
	ck_assert_str_eq(tried(out, "sethostname=x"), "0");
	ck_assert_str_eq(tried(out, "setuid=5"), "EPERM");
}
END_TEST

static const char *uid_of_setuid_probe(int no_new_privs)
{
	ct_spec *spec = SPEC("/bin/setuid-probe", "facts");

	set(ct_spec_set_user(spec, 1000, 1000));
	if (no_new_privs >= 0)
		set(ct_spec_set_no_new_privs(spec, no_new_privs));
	return output_of(spec);
}

START_TEST(setuid_program_gains_nothing_unless_no_new_privs_is_off)
{
	const char *out;

	copy_probe(in_root("bin/setuid-probe"), 04755);
	ck_assert_str_eq(fact(uid_of_setuid_probe(-1), "uid"), "1000 1000 1000");
	out = uid_of_setuid_probe(1);
	ck_assert_str_eq(fact(out, "uid"), "1000 1000 1000");
	ck_assert_str_eq(fact(out, "no_new_privs"), "1");
	/* The control: the bit does work once it is allowed. */
	out = uid_of_setuid_probe(0);
	ck_assert_str_eq(fact(out, "uid"), "1000 0 0");
	ck_assert_str_eq(fact(out, "no_new_privs"), "0");
	/* Even then, no more than the container's set. */
	ck_assert_uint_eq(strtoull(fact(out, "cap_effective"), NULL, 16), default_caps);
}
END_TEST

START_TEST(nested_user_namespace_brings_no_mount)
{
	const char *out = output_of(SPEC("/bin/probe", "try", "unshare=0x10020000", "umount=/proc/interrupts",
		"remount=/proc/sys", "proc=/mnt", "write=/proc/sys/kernel/core_pattern"));

	/* Whether it may be made or not: masks and read-only mounts are locked in it. */
	ck_assert_str_ne(tried(out, "umount=/proc/interrupts"), "0");
	ck_assert_str_ne(tried(out, "remount=/proc/sys"), "0");
	ck_assert_str_ne(tried(out, "proc=/mnt"), "0");
	ck_assert_str_eq(tried(out, "write=/proc/sys/kernel/core_pattern"),
		in_first_user_ns() ? "EROFS" : "EACCES");
}
END_TEST

/* ---------------------------------------------------------------------- limits */

START_TEST(umask_is_022_or_as_set_whatever_the_hosts_is)
{
	ct_spec *spec, *open_to_all;

	umask(0077);
	box_accept_changes();
	spec = facts_spec();
	open_to_all = facts_spec();
	ck_assert_str_eq(fact(output_of(facts_spec()), "umask"), "0022");
	set(ct_spec_set_umask(spec, 0137));
	ck_assert_str_eq(fact(output_of(spec), "umask"), "0137");
	set(ct_spec_set_umask(open_to_all, 0));
	ck_assert_str_eq(fact(output_of(open_to_all), "umask"), "0000");
}
END_TEST

START_TEST(modes_of_dev_and_mount_points_do_not_follow_the_hosts_umask)
{
	ct_spec *spec;

	umask(0777);
	box_accept_changes();
	spec = SPEC("/bin/stat", "-c", "%a %n", "/dev", "/dev/null", "/dev/shm", "/dev/pts", "/made",
		"/made/deep", "/made/deep/file");
	set(ct_spec_add_tmpfs(spec, "/made/deep", 0, 0750, 0));
	set(ct_spec_add_file(spec, "x", 1, "/made/deep/file", 0604));
	ck_assert_str_eq(output_of(spec),
		"755 /dev\n666 /dev/null\n1777 /dev/shm\n755 /dev/pts\n755 /made\n750 /made/deep\n"
		"604 /made/deep/file\n");
}
END_TEST

START_TEST(cwd_is_the_root_or_as_set)
{
	ct_spec *spec = facts_spec(), *link = facts_spec();

	ck_assert_str_eq(fact(output_of(facts_spec()), "cwd"), "/");
	set(ct_spec_set_cwd(spec, "/etc/../tmp/."));
	ck_assert_str_eq(fact(output_of(spec), "cwd"), "/tmp");
	ck_assert_int_eq(symlink("/etc", in_root("home/link")), 0);
	set(ct_spec_set_cwd(link, "/home/link"));
	ck_assert_str_eq(fact(output_of(link), "cwd"), "/etc");
}
END_TEST

START_TEST(cwd_the_user_may_not_enter_is_refused)
{
	ct_spec *spec = facts_spec();
	struct outcome *outcome;

	ck_assert_int_eq(mkdir(in_root("home/closed"), 0700), 0);
	set(ct_spec_set_cwd(spec, "/home/closed"));
	set(ct_spec_set_user(spec, 1000, 1000));
	outcome = attempt(spec);
	expect_error(outcome->code, &outcome->err, -EACCES, CT_STEP_CWD, "/home/closed", NULL);
	ct_spec_free(spec);
}
END_TEST

/*
 * Directories of the host under many numbers, as a careless host has them: none
 * may become the working directory (CVE-2024-21626).
 */
START_TEST(cwd_through_a_magic_link_is_refused)
{
	static const char *const forms[] = {"/proc/self/fd/%d", "/proc/1/fd/%d",
		"/proc/thread-self/fd/%d", "/home/../proc/self/fd/%d/etc"};

	for (int i = 0; i < 70; i++)
		ck_assert_int_ge(open("/", O_RDONLY | O_DIRECTORY), 0);
	box_accept_changes();
	for (int fd = 0; fd <= 64; fd++) {
		ct_spec *spec = SPEC("/bin/true");
		struct outcome *outcome;
		char path[64];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(path, sizeof(path), forms[_i], fd);
#pragma GCC diagnostic pop
		set(ct_spec_set_cwd(spec, path));
		outcome = attempt(spec);
		ck_assert_msg(outcome->code < 0, "%s was taken as the working directory", path);
		ck_assert_int_eq(outcome->err.step, CT_STEP_CWD);
		ct_spec_free(spec);
	}
}
END_TEST

START_TEST(limits_are_those_set_and_the_hosts_otherwise)
{
	ct_spec *spec = facts_spec();
	struct rlimit stack;
	char want[64];
	const char *out;

	ck_assert_int_eq(getrlimit(RLIMIT_STACK, &stack), 0);
	snprintf(want, sizeof(want), "%lld %lld", (long long)stack.rlim_cur, (long long)stack.rlim_max);
	set(ct_spec_set_rlimit(spec, RLIMIT_NOFILE, 64, 128));
	set(ct_spec_set_rlimit(spec, RLIMIT_FSIZE, 1 << 20, UINT64_MAX));
	set(ct_spec_set_rlimit(spec, RLIMIT_CPU, 50, 50));
	out = output_of(spec);
	ck_assert_str_eq(fact(out, "rlimit.7"), "64 128");
	ck_assert_str_eq(fact(out, "rlimit.1"), "1048576 -1");
	ck_assert_str_eq(fact(out, "rlimit.0"), "50 50");
	ck_assert_str_eq(fact(out, "rlimit.3"), want);
}
END_TEST

START_TEST(limit_on_open_files_may_be_below_what_the_library_needs_itself)
{
	ct_spec *spec = facts_spec();

	set(ct_spec_set_rlimit(spec, RLIMIT_NOFILE, 3, 3));
	set(ct_spec_set_rlimit(spec, RLIMIT_NPROC, 1, 1));
	ck_assert_str_eq(fact(output_of(spec), "rlimit.7"), "3 3");
}
END_TEST

START_TEST(oom_score_is_the_one_set_or_the_hosts)
{
	FILE *file = fopen("/proc/self/oom_score_adj", "we");
	ct_spec *spec;

	ck_assert_ptr_nonnull(file);
	fprintf(file, "7");
	ck_assert_int_eq(fclose(file), 0);
	box_accept_changes();
	ck_assert_str_eq(fact(output_of(facts_spec()), "oom_score_adj"), "7");
	spec = facts_spec();
	set(ct_spec_set_oom_score_adj(spec, 500));
	ck_assert_str_eq(fact(output_of(spec), "oom_score_adj"), "500");
}
END_TEST

START_TEST(sysctls_of_own_namespaces_are_set)
{
	ct_spec *spec = SPEC("/bin/cat", "/proc/sys/net/ipv4/ip_unprivileged_port_start",
		"/proc/sys/kernel/msgmax", "/proc/sys/fs/mqueue/msg_max", "/proc/sys/kernel/hostname");
	char before[64];

	snprintf(before, sizeof(before), "%s", read_file("/proc/sys/kernel/msgmax"));
	set(ct_spec_set_sysctl(spec, "net.ipv4.ip_unprivileged_port_start", "0"));
	set(ct_spec_set_sysctl(spec, "kernel.msgmax", "4321"));
	set(ct_spec_set_sysctl(spec, "fs.mqueue.msg_max", "7"));
	set(ct_spec_set_sysctl(spec, "kernel.hostname", "by-sysctl"));
	ck_assert_str_eq(output_of(spec), "0\n4321\n7\nby-sysctl\n");
	ck_assert_str_eq(read_file("/proc/sys/kernel/msgmax"), before);
}
END_TEST

static const struct {
	uint32_t kind;
	const char *key, *file, *value;
} host_sysctls[] = {
	{CT_NS_NET, "net.ipv4.ip_unprivileged_port_start",
		"/proc/sys/net/ipv4/ip_unprivileged_port_start", NULL},
	{CT_NS_IPC, "kernel.msgmax", "/proc/sys/kernel/msgmax", NULL},
	{CT_NS_IPC, "fs.mqueue.msg_max", "/proc/sys/fs/mqueue/msg_max", NULL},
	{CT_NS_UTS, "kernel.hostname", "/proc/sys/kernel/hostname", NULL},
};

/* The value is the one that is there already: should the refusal fail, nothing changes. */
START_TEST(sysctl_of_a_namespace_that_is_the_hosts_is_refused)
{
	ct_spec *spec = SPEC("/bin/true");
	struct outcome *outcome;
	char value[128];

	snprintf(value, sizeof(value), "%s", read_file(host_sysctls[_i].file));
	value[strcspn(value, "\n")] = '\0';
	set(ct_spec_set_ns_host(spec, host_sysctls[_i].kind));
	(void)ct_spec_set_sysctl(spec, host_sysctls[_i].key, value);
	outcome = attempt(spec);
	ck_assert_int_eq(outcome->code, -EINVAL);
	ck_assert_msg(strstr(outcome->err.object, strrchr(host_sysctls[_i].key, '.') + 1) != NULL,
		"the object should name %s: %s", host_sysctls[_i].key, outcome->err.sentence);
	ct_spec_free(spec);
}
END_TEST

/* ------------------------------------------------------------ signals, session */

START_TEST(signals_are_fresh_whatever_the_host_blocks_and_ignores)
{
	sigset_t all;
	const char *out;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	for (int number = 1; number <= 64; number++)
		if (number != SIGCHLD)
			signal(number, SIG_IGN);
	box_accept_changes();
	out = output_of(facts_spec());
	ck_assert_str_eq(fact(out, "sigmask"), "0000000000000000");
	ck_assert_str_eq(fact(out, "sigpending"), "0000000000000000");
	ck_assert_str_eq(fact(out, "sigignored"), "");
	ck_assert_str_eq(fact(out, "pdeathsig"), "0");
}
END_TEST

START_TEST(session_and_process_group_are_the_payloads_own)
{
	const char *out = output_of(facts_spec());

	ck_assert_str_eq(fact(out, "sid"), "1");
	ck_assert_str_eq(fact(out, "pgid"), "1");
}
END_TEST

START_TEST(session_is_new_in_the_hosts_pid_namespace_too)
{
	ct_spec *spec = facts_spec();
	const char *out;

	set(ct_spec_set_ns_host(spec, CT_NS_PID));
	out = output_of(spec);
	ck_assert_str_eq(fact(out, "sid"), fact(out, "pid"));
	ck_assert_str_ne(fact(out, "pid"), "1");
}
END_TEST

START_TEST(session_keyring_is_new)
{
	ct_spec *spec = facts_spec();
	const char *out;
	long host = syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);
	long inside;

	set(ct_spec_add_seccomp_rule(spec, "keyctl", CT_SECCOMP_ALLOW, 0, NULL, 0));
	out = output_of(spec);
	inside = strtol(fact(out, "keyring"), NULL, 10);
	ck_assert_int_ne(inside, -1);
	ck_assert_int_ne(inside, host);
}
END_TEST

/* -------------------------------------------------------------- user namespaces */

START_TEST(new_user_namespace_maps_root_to_the_callers_own_id_by_default)
{
	ct_spec *spec = SPEC("/bin/cat", "/proc/self/uid_map", "/proc/self/gid_map");
	unsigned int inside = 9, outside = 9, count = 9;
	const char *out;

	set(ct_spec_set_ns_new(spec,
		CT_NS_MNT | CT_NS_PID | CT_NS_NET | CT_NS_IPC | CT_NS_UTS | CT_NS_CGROUP | CT_NS_USER));
	out = output_of(spec);
	for (int line = 0; line < 2; line++) {
		ck_assert_int_eq(sscanf(out, "%u %u %u", &inside, &outside, &count), 3);
		ck_assert_uint_eq(inside, 0);
		ck_assert_uint_eq(outside, line ? getegid() : geteuid());
		ck_assert_uint_eq(count, 1);
		out = strchr(out, '\n') + 1;
	}
	ck_assert_str_eq(out, "");
}
END_TEST

/* A rootfs whose files belong to the mapped root. */
static void chown_root(uid_t id)
{
	static const char *const names[] = {"", "etc", "tmp", "home", "mnt", "dev", "proc", "sys",
		"etc/inside", "bin"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ck_assert_int_eq(chown(in_root(names[i]), id, id), 0);
}

START_TEST(id_ranges_map_as_given)
{
	ct_spec *spec = SPEC("/bin/sh", "-c",
		"cat /proc/self/uid_map /proc/self/gid_map | tr -s ' ' | sed 's/^ //'; id;"
		"stat -c '%u %g' /etc/inside; touch /tmp/made && stat -c '%u %g' /tmp/made");
	struct stat made;
	const char *out;

	ck_assert_int_eq(symlink("busybox", in_root("bin/sed")), 0);
	chown_root(100000);
	set(ct_spec_add_uid_map(spec, 0, 100000, 1000));
	set(ct_spec_add_uid_map(spec, 1000, 300000, 65536 - 1000));
	set(ct_spec_add_gid_map(spec, 0, 100000, 65536));
	set(ct_spec_set_user(spec, 0, 0));
	out = output_of(spec);
	ck_assert_ptr_nonnull(strstr(out, "0 100000 1000\n1000 300000 64536\n0 100000 65536\n"));
	ck_assert_ptr_nonnull(strstr(out, "uid=0(root) gid=0(root)"));
	ck_assert_ptr_nonnull(strstr(out, "\n0 0\n0 0\n"));
	ck_assert_int_eq(stat(in_root("tmp/made"), &made), 0);
	ck_assert_uint_eq(made.st_uid, 100000);
	ck_assert_uint_eq(made.st_gid, 100000);
}
END_TEST

START_TEST(user_of_a_mapped_range_is_the_mapped_one_outside)
{
	ct_spec *spec = SPEC("/bin/touch", "/tmp/made");
	struct stat made;

	chown_root(100000);
	set(ct_spec_add_uid_map(spec, 0, 100000, 65536));
	set(ct_spec_add_gid_map(spec, 0, 200000, 65536));
	set(ct_spec_set_user(spec, 1000, 1001));
	output_of(spec);
	ck_assert_int_eq(stat(in_root("tmp/made"), &made), 0);
	ck_assert_uint_eq(made.st_uid, 101000);
	ck_assert_uint_eq(made.st_gid, 201001);
}
END_TEST

START_TEST(mapped_root_has_no_right_over_the_host)
{
	ct_spec *spec = SPEC("/bin/probe", "try", "write=/etc/passwd", "mknod=/tmp/n", "read=/etc/closed",
		"write=/proc/sys/kernel/core_pattern", "write=/proc/sysrq-trigger");
	const char *out;

	chown_root(100000);
	/* Host root's file in the rootfs: not mapped. */
	write_file(in_root("etc/closed"), "x", 0600);
	set(ct_spec_add_uid_map(spec, 0, 100000, 65536));
	set(ct_spec_add_gid_map(spec, 0, 100000, 65536));
	add_host_caps(spec);
	out = output_of(spec);
	ck_assert_str_eq(tried(out, "write=/etc/passwd"), "EACCES");
	ck_assert_str_eq(tried(out, "mknod=/tmp/n"), "EPERM");
	ck_assert_str_eq(tried(out, "read=/etc/closed"), "EACCES");
	ck_assert_str_ne(tried(out, "write=/proc/sys/kernel/core_pattern"), "0");
	ck_assert_str_ne(tried(out, "write=/proc/sysrq-trigger"), "0");
}
END_TEST

START_TEST(rootfs_that_mapped_root_cannot_reach_is_refused_with_a_cure)
{
	ct_spec *spec = SPEC("/bin/true");
	struct outcome *outcome;

	chown_root(100000);
	ck_assert_int_eq(chmod(in_dir(""), 0700), 0);
	set(ct_spec_add_uid_map(spec, 0, 100000, 65536));
	set(ct_spec_add_gid_map(spec, 0, 100000, 65536));
	outcome = attempt(spec);
	expect_error(outcome->code, &outcome->err, -EACCES, CT_STEP_ROOT, in_dir("root"), "open_tree");
	ck_assert_ptr_nonnull(strstr(outcome->err.cure, "search"));
	ct_spec_free(spec);
}
END_TEST

START_TEST(user_without_a_mapping_is_refused_at_identity)
{
	ct_spec *spec = SPEC("/bin/true");
	struct outcome *outcome;

	chown_root(100000);
	set(ct_spec_add_uid_map(spec, 0, 100000, 10));
	set(ct_spec_add_gid_map(spec, 0, 100000, 10));
	set(ct_spec_set_user(spec, 10, 0));
	outcome = attempt(spec);
	expect_error(outcome->code, &outcome->err, -EINVAL, CT_STEP_IDENTITY, NULL, NULL);
	ct_spec_free(spec);
}
END_TEST

START_TEST(capabilities_in_a_user_namespace_are_the_same_set)
{
	ct_spec *spec = facts_spec();

	chown_root(100000);
	set(ct_spec_add_uid_map(spec, 0, 100000, 65536));
	set(ct_spec_add_gid_map(spec, 0, 100000, 65536));
	expect_caps(output_of(spec), default_caps, default_caps, 0, default_caps, 0);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("identity", &tc);

	need_root();
	tcase_add_test(tc, payload_is_root_with_no_groups_by_default);
	tcase_add_test(tc, groups_of_the_host_are_not_passed_on);
	add_for_first_root(tc, user_group_and_groups_are_exactly_those_set, "ids over 65535");
	add_for_first_root(tc, largest_ids_work, "ids over 65535");
	tcase_add_test(tc, file_access_follows_the_groups);
	tcase_add_test(tc, root_has_the_default_set_and_nothing_inheritable);
	tcase_add_test(tc, other_user_has_no_capability);
	tcase_add_test(tc, inheritable_and_ambient_sets_of_the_host_are_not_passed_on);
	tcase_add_test(tc, added_capability_is_there_and_dropped_one_is_not);
	tcase_add_test(tc, all_capabilities_can_be_dropped);
	tcase_add_test(tc, only_what_was_added_after_dropping_all_is_there);
	tcase_add_test(tc, all_means_every_capability_of_the_host);
	tcase_add_test(tc, ambient_capability_reaches_a_user_who_is_not_root);
	tcase_add_test(tc, attempts_agree_with_the_capabilities);
	tcase_add_test(tc, setuid_program_gains_nothing_unless_no_new_privs_is_off);
	tcase_add_test(tc, nested_user_namespace_brings_no_mount);
	tcase_add_test(tc, umask_is_022_or_as_set_whatever_the_hosts_is);
	tcase_add_test(tc, modes_of_dev_and_mount_points_do_not_follow_the_hosts_umask);
	tcase_add_test(tc, cwd_is_the_root_or_as_set);
	tcase_add_test(tc, cwd_the_user_may_not_enter_is_refused);
	tcase_add_loop_test(tc, cwd_through_a_magic_link_is_refused, 0, 4);
	tcase_add_test(tc, limits_are_those_set_and_the_hosts_otherwise);
	tcase_add_test(tc, limit_on_open_files_may_be_below_what_the_library_needs_itself);
	tcase_add_test(tc, oom_score_is_the_one_set_or_the_hosts);
	add_for_first_root(tc, sysctls_of_own_namespaces_are_set, "the kernel's own parameters");
	tcase_add_loop_test(tc, sysctl_of_a_namespace_that_is_the_hosts_is_refused, 0, 4);
	tcase_add_test(tc, signals_are_fresh_whatever_the_host_blocks_and_ignores);
	tcase_add_test(tc, session_and_process_group_are_the_payloads_own);
	tcase_add_test(tc, session_is_new_in_the_hosts_pid_namespace_too);
	tcase_add_test(tc, session_keyring_is_new);
	tcase_add_test(tc, new_user_namespace_maps_root_to_the_callers_own_id_by_default);
	add_for_first_root(tc, id_ranges_map_as_given, "ids over 65535");
	add_for_first_root(tc, user_of_a_mapped_range_is_the_mapped_one_outside, "ids over 65535");
	add_for_first_root(tc, mapped_root_has_no_right_over_the_host, "ids over 65535");
	add_for_first_root(tc, rootfs_that_mapped_root_cannot_reach_is_refused_with_a_cure, "ids over 65535");
	add_for_first_root(tc, user_without_a_mapping_is_refused_at_identity, "ids over 65535");
	add_for_first_root(tc, capabilities_in_a_user_namespace_are_the_same_set, "ids over 65535");
	return suite_run(suite);
}

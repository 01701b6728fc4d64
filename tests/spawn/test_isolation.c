/* SPDX-License-Identifier: MIT */
/*
 * What the empty spec promises: namespaces of its own, a root without a way
 * back, /proc, /sys and /dev that give nothing of the host away.
 */
#include "support/box.h"
#include "support/needs.h"

#include <ctype.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define facts_of(spec) output_of(spec)

static const char *facts(void)
{
	return facts_of(SPEC("/bin/probe", "facts"));
}

/* ----------------------------------------------------------------- namespaces */

START_TEST(payload_is_pid_1_with_no_parent_in_sight)
{
	const char *out = facts();

	ck_assert_str_eq(fact(out, "pid"), "1");
	ck_assert_str_eq(fact(out, "ppid"), "0");
	ck_assert_str_eq(fact(out, "facts_end"), "1");
}
END_TEST

START_TEST(payload_sees_only_itself_in_proc)
{
	ck_assert_str_eq(sh("cd /proc; for p in [0-9]*; do echo $p; done"), "1\n");
}
END_TEST

START_TEST(each_default_kind_of_namespace_is_new)
{
	static const char *const kinds[] = {"mnt", "pid", "net", "ipc", "uts", "cgroup"};
	const char *out = facts();

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		char name[16];

		snprintf(name, sizeof(name), "ns.%s", kinds[i]);
		ck_assert_str_ne(fact(out, name), ns_of(0, kinds[i]));
	}
}
END_TEST

START_TEST(root_keeps_the_user_and_time_namespaces)
{
	const char *out = facts();

	ck_assert_str_eq(fact(out, "ns.user"), ns_of(0, "user"));
	ck_assert_str_eq(fact(out, "ns.time"), ns_of(0, "time"));
}
END_TEST

static const struct {
	uint32_t kind;
	const char *name;
} kind_rows[] = {{CT_NS_PID, "pid"}, {CT_NS_NET, "net"}, {CT_NS_IPC, "ipc"}, {CT_NS_UTS, "uts"},
	{CT_NS_CGROUP, "cgroup"}, {CT_NS_USER, "user"}, {CT_NS_TIME, "time"}};
#define KIND_ROWS ((int)(sizeof(kind_rows) / sizeof(kind_rows[0])))

static const char *ns_fact(const char *out, const char *kind)
{
	char name[16];

	snprintf(name, sizeof(name), "ns.%s", kind);
	return fact(out, name);
}

/* Only that kind is the host's; the others stay as they are by default. */
START_TEST(host_kind_is_the_hosts_and_the_others_are_not)
{
	ct_spec *spec = SPEC("/bin/probe", "facts");
	const char *out;

	set(ct_spec_set_ns_host(spec, kind_rows[_i].kind));
	out = facts_of(spec);
	ck_assert_str_eq(ns_fact(out, kind_rows[_i].name), ns_of(0, kind_rows[_i].name));
	for (int i = 0; i < 5; i++)
		if (i != _i)
			ck_assert_str_ne(ns_fact(out, kind_rows[i].name), ns_of(0, kind_rows[i].name));
}
END_TEST

START_TEST(new_user_and_time_namespaces_are_made_when_asked_for)
{
	ct_spec *spec = SPEC("/bin/probe", "facts");
	const char *out;

	set(ct_spec_set_ns_new(spec, CT_NS_ALL));
	out = facts_of(spec);
	for (int i = 0; i < KIND_ROWS; i++)
		ck_assert_str_ne(ns_fact(out, kind_rows[i].name), ns_of(0, kind_rows[i].name));
	ck_assert_str_ne(fact(out, "ns.mnt"), ns_of(0, "mnt"));
}
END_TEST

static void write_of(pid_t pid, const char *name, const char *text)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void map_all(pid_t pid, const char *name)
{
	write_of(pid, name, "0 0 4294967295");
}

/* A child of the test that sits in new namespaces of these kinds; no ids are mapped. */
static pid_t child_in(uint32_t kinds)
{
	int ready[2];
	char byte;
	pid_t child;

	ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (unshare((int)kinds) < 0)
			_exit(1);
		/* A pid or time namespace is for the children, of which the first is its init. */
		if ((kinds & (CT_NS_PID | CT_NS_TIME)) && fork() != 0) {
			waitpid(-1, NULL, 0);
			_exit(0);
		}
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return child;
}

/* The same with every id mapped to itself. */
static pid_t holder_of(uint32_t kinds)
{
	pid_t child = child_in(kinds);

	if (kinds & CT_NS_USER) {
		map_all(child, "uid_map");
		map_all(child, "gid_map");
	}
	return child;
}

/* The name of the namespace that children of a process get, and its path. */
static const char *child_kind(const char *kind)
{
	if (strcmp(kind, "pid") == 0)
		return "pid_for_children";
	if (strcmp(kind, "time") == 0)
		return "time_for_children";
	return kind;
}

static const char *given_path(pid_t pid, const char *kind)
{
	static char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, child_kind(kind));
	return path;
}

START_TEST(kind_given_by_fd_is_the_targets)
{
	const char *name = kind_rows[_i].name;
	pid_t holder = holder_of(kind_rows[_i].kind);
	int fd = open(given_path(holder, name), O_RDONLY | O_CLOEXEC);
	ct_spec *spec = SPEC("/bin/probe", "facts");

	set(ct_spec_set_ns_fd(spec, kind_rows[_i].kind, fd));
	/* Ours to close: the spec has its own. */
	ck_assert_int_eq(close(fd), 0);
	ck_assert_str_eq(ns_fact(facts_of(spec), name), ns_of(holder, child_kind(name)));
	end_child(holder);
}
END_TEST

/* The kernel's own way is Linux 6.18's option of procfs; the other one serves all before. */
START_TEST(proc_of_a_given_pid_namespace_shows_that_one_alone)
{
	int pids[8], count = 0;
	ct_spec *spec;
	const char *out;
	pid_t holder;

	if (_i == 1) {
		fail_call_with(SYS_fsconfig, 1, FSCONFIG_SET_FD, EINVAL);
		box_accept_changes();
	}
	holder = holder_of(CT_NS_PID);
	spec = SPEC("/bin/ls", "/proc");
	set(ct_spec_set_ns_path(spec, CT_NS_PID, given_path(holder, "pid")));
	out = output_of(spec);
	for (const char *line = out; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
		if (isdigit((unsigned char)*line) && count < 8)
			pids[count++] = atoi(line);
	/* The holder is its first process; the other one is ls. */
	ck_assert_int_eq(count, 2);
	ck_assert_int_eq(pids[0] == 1 || pids[1] == 1, 1);
	end_child(holder);
}
END_TEST

/* A new procfs of the host's pid namespace is refused to a user namespace: it is bound. */
START_TEST(proc_of_the_hosts_pid_namespace_is_there_in_a_new_user_namespace)
{
	ct_spec *spec = SPEC("/bin/sh", "-c", "readlink /proc/self; cat /proc/sys/kernel/ostype;"
		"wc -c </proc/keys; echo x >/proc/sys/kernel/hostname || echo fixed");
	const char *out;

	set(ct_spec_set_ns_new(spec, CT_NS_USER));
	set(ct_spec_set_ns_host(spec, CT_NS_PID));
	out = output_of(spec);
	ck_assert_int_gt(atoi(out), 1);
	ck_assert_ptr_nonnull(strstr(out, "\nLinux\n0\n"));
	ck_assert_ptr_nonnull(strstr(out, "fixed\n"));
}
END_TEST

START_TEST(proc_and_sys_of_a_given_user_namespaces_own_kinds_are_there)
{
	pid_t holder = holder_of(CT_NS_USER | CT_NS_PID | CT_NS_NET);
	ct_spec *spec = SPEC("/bin/sh", "-c", "readlink /proc/self; ls /sys/class/net");
	const char *out;

	set(ct_spec_set_ns_path(spec, CT_NS_PID, given_path(holder, "pid")));
	set(ct_spec_set_ns_pid(spec, CT_NS_USER | CT_NS_NET, holder));
	out = output_of(spec);
	ck_assert_int_gt(atoi(out), 1);
	ck_assert_int_lt(atoi(out), 10);
	ck_assert_str_eq(strchr(out, '\n'), "\nlo\n");
	end_child(holder);
}
END_TEST

START_TEST(kind_given_by_path_is_the_targets)
{
	const char *name = kind_rows[_i].name;
	pid_t holder = holder_of(kind_rows[_i].kind);
	ct_spec *spec = SPEC("/bin/probe", "facts");

	set(ct_spec_set_ns_path(spec, kind_rows[_i].kind, given_path(holder, name)));
	ck_assert_str_eq(ns_fact(facts_of(spec), name), ns_of(holder, child_kind(name)));
	end_child(holder);
}
END_TEST

START_TEST(kinds_given_by_pid_are_the_targets_even_after_it_ended)
{
	pid_t holder = holder_of(CT_NS_NET | CT_NS_IPC | CT_NS_UTS);
	const char *net = ns_of(holder, "net"), *ipc = ns_of(holder, "ipc");
	const char *uts = ns_of(holder, "uts");
	ct_spec *spec = SPEC("/bin/probe", "facts");
	const char *out;

	set(ct_spec_set_ns_pid(spec, CT_NS_NET | CT_NS_IPC | CT_NS_UTS, holder));
	end_child(holder);
	out = facts_of(spec);
	ck_assert_str_eq(fact(out, "ns.net"), net);
	ck_assert_str_eq(fact(out, "ns.ipc"), ipc);
	ck_assert_str_eq(fact(out, "ns.uts"), uts);
	ck_assert_str_ne(fact(out, "ns.pid"), ns_of(0, "pid"));
}
END_TEST

START_TEST(given_mnt_namespace_is_the_targets_and_needs_no_rootfs)
{
	pid_t holder = holder_of(CT_NS_MNT);
	ct_spec *spec = NULL;
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;
	char out[128] = "";
	int fd;

	set(ct_spec_new(&spec));
	set(ct_spec_set_argv(spec, (const char *const[]){"/bin/readlink", "/proc/self/ns/mnt", NULL}));
	set(ct_spec_set_stdio(spec, 1, CT_STDIO_PIPE, -1));
	set(ct_spec_set_ns_pid(spec, CT_NS_MNT, holder));
	/* /proc of that mnt namespace shows this pid namespace. */
	set(ct_spec_set_ns_host(spec, CT_NS_PID));
	if (ct_spawn(spec, &container, &err) < 0)
		ck_abort_msg("%s", err.sentence);
	fd = ct_container_take_stdio(container, 1);
	ck_assert_int_gt(read(fd, out, sizeof(out) - 1), 0);
	close(fd);
	ck_assert_int_eq(wait_for(container).code, 0);
	out[strcspn(out, "\n")] = '\0';
	ck_assert_str_eq(out, ns_of(holder, "mnt"));
	ct_container_free(container);
	ct_spec_free(spec);
	end_child(holder);
}
END_TEST

/* As one is that an ordinary user has made. What the spec asks for is not given up. */
START_TEST(user_namespace_that_bars_setgroups_is_joined_unless_groups_are_asked_for)
{
	const gid_t group = 0, hosts = 54321;
	struct outcome *outcome;
	ct_spec *spec;
	const char *out;
	pid_t holder;

	ck_assert_int_eq(setgroups(1, &hosts), 0);
	box_accept_changes();
	holder = child_in(CT_NS_USER);
	write_of(holder, "setgroups", "deny");
	write_of(holder, "uid_map", "0 0 1");
	write_of(holder, "gid_map", "0 0 1");
	spec = SPEC("/bin/probe", "facts");
	set(ct_spec_set_ns_pid(spec, CT_NS_USER, holder));
	set(ct_spec_set_groups(spec, &group, 1));
	outcome = attempt(spec);
	ck_assert_int_eq(outcome->code, -EPERM);
	ck_assert_int_eq(outcome->err.step, CT_STEP_IDENTITY);

	/* The host's groups go before it is too late. */
	set(ct_spec_set_groups(spec, NULL, 0));
	out = facts_of(spec);
	ck_assert_str_eq(ns_fact(out, "user"), ns_of(holder, "user"));
	ck_assert_str_eq(fact(out, "groups"), "");
	end_child(holder);
}
END_TEST

START_TEST(rootfs_with_the_hosts_mnt_namespace_is_refused)
{
	ct_spec *spec = SPEC("/bin/true");
	struct outcome *outcome;

	set(ct_spec_set_ns_host(spec, CT_NS_MNT));
	outcome = attempt(spec);
	ck_assert_int_eq(outcome->code, -EINVAL);
	ck_assert_str_ne(outcome->err.sentence, "");
	ct_spec_free(spec);
}
END_TEST

START_TEST(hostname_is_container_unless_set)
{
	ct_spec *spec = SPEC("/bin/probe", "facts");
	const char *out = facts();

	ck_assert_str_eq(fact(out, "hostname"), "container");
	ck_assert_str_eq(fact(out, "domainname"), "(none)");
	set(ct_spec_set_hostname(spec, "box.example"));
	set(ct_spec_set_domainname(spec, "example"));
	out = facts_of(spec);
	ck_assert_str_eq(fact(out, "hostname"), "box.example");
	ck_assert_str_eq(fact(out, "domainname"), "example");
}
END_TEST

START_TEST(loopback_is_up_by_default_and_down_when_asked)
{
	ct_spec *down = SPEC("/bin/probe", "try", "loopback");

	ck_assert_str_eq(tried(output_of(SPEC("/bin/probe", "try", "loopback")), "loopback"), "0");
	set(ct_spec_set_loopback(down, 0));
	ck_assert_str_eq(tried(output_of(down), "loopback"), "ENETUNREACH");
}
END_TEST

START_TEST(network_has_loopback_alone)
{
	ck_assert_str_eq(sh("cd /sys/class/net && echo *"), "lo\n");
}
END_TEST

START_TEST(time_offsets_shift_the_clocks)
{
	ct_spec *spec = SPEC("/bin/cat", "/proc/uptime");
	double inside, outside;

	set(ct_spec_set_time_offsets(spec, 0, 100000ll * 1000000000ll));
	inside = atof(output_of(spec));
	outside = atof(read_file("/proc/uptime"));
	ck_assert_double_ge(inside, outside + 99990);
	ck_assert_double_le(inside, outside + 100010);
}
END_TEST

/* ----------------------------------------------------------------------- root */

START_TEST(root_is_the_rootfs_and_nothing_of_the_host_is_beneath)
{
	struct stat inside;
	char want[64];

	ck_assert_int_eq(stat(box.root, &inside), 0);
	snprintf(want, sizeof(want), "%llu\n", (unsigned long long)inside.st_ino);
	ck_assert_str_eq(sh("stat -c %i /"), want);
	ck_assert_str_eq(sh("stat -c %i /proc/1/root/"), want);
	ck_assert_str_eq(sh("stat -c %i /proc/self/root/../.."), want);
	ck_assert_str_eq(sh("cat /etc/inside"), "this is the container's\n");
}
END_TEST

START_TEST(canary_of_the_host_cannot_be_named)
{
	char attempt_of[PATH_MAX + 16], magic[PATH_MAX + 32];
	const char *out;

	snprintf(attempt_of, sizeof(attempt_of), "stat=%s", box.canary);
	snprintf(magic, sizeof(magic), "stat=/proc/1/root%s", box.canary);
	out = output_of(SPEC("/bin/probe", "try", attempt_of, magic, "dotdot", "stat=/etc/inside"));
	ck_assert_str_eq(tried(out, attempt_of), "ENOENT");
	ck_assert_str_eq(tried(out, magic), "ENOENT");
	ck_assert_str_eq(tried(out, "dotdot"), "0");
	ck_assert_str_eq(tried(out, "stat=/etc/inside"), "0");
}
END_TEST

/* From a mnt namespace of the test's own: if the container had none, its umount would hit ours. */
static void unmounting_inside(void)
{
	char canary[PATH_MAX + 16];
	ct_spec *spec;
	const char *out;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		_exit(2);
	snprintf(canary, sizeof(canary), "stat=%s", box.canary);
	spec = SPEC("/bin/probe", "try", "umount=/proc", "umount=/sys", "umount=/dev", "umount=/",
		"dotdot", canary, "umount=/", canary, "stat=/etc/inside");
	add_host_caps(spec);
	out = output_of(spec);
	ck_assert_str_eq(tried(out, canary), "ENOENT");
	/* The last of the two attempts as well. */
	ck_assert_ptr_null(strstr(strstr(out, canary) + 1, "canary -> 0"));
	_exit(0);
}

START_TEST(unmounting_everything_reveals_no_host)
{
	pid_t child = fork();

	if (child == 0)
		unmounting_inside();
	expect_child(child);
}
END_TEST

/* A mount of the host would show its root and device; the container's own root is below box.dir. */
START_TEST(mountinfo_lists_the_root_and_fresh_filesystems_alone)
{
	static const char *const fresh[] = {"proc", "sysfs", "tmpfs", "devpts", "mqueue", "cgroup",
		"cgroup2", "devtmpfs"};
	const char *out = facts();
	bool seen_root = false;

	for (int i = 0; i < 200; i++) {
		char name[32], root[PATH_MAX], target[PATH_MAX], type[64];
		const char *line, *dash;
		bool known = false;

		snprintf(name, sizeof(name), "mount.%d", i);
		if (!has_fact(out, name))
			break;
		line = fact(out, name);
		ck_assert_int_eq(sscanf(line, "%*d %*d %*s %s %s", root, target), 2);
		dash = strstr(line, " - ");
		ck_assert_ptr_nonnull(dash);
		ck_assert_int_eq(sscanf(dash, " - %63s", type), 1);
		ck_assert_msg(!strstr(line, "shared:") && !strstr(line, "master:"),
			"propagation is not private: %s", line);
		if (strcmp(target, "/") == 0) {
			ck_assert_msg(strlen(root) >= 5 && strcmp(root + strlen(root) - 5, "/root") == 0,
				"%s", line);
			seen_root = true;
			continue;
		}
		for (size_t j = 0; j < sizeof(fresh) / sizeof(fresh[0]); j++)
			known |= strcmp(type, fresh[j]) == 0;
		ck_assert_msg(known, "an unexpected mount: %s", line);
		/* devtmpfs is the host's: single device nodes at most, never the directory. */
		if (strcmp(type, "devtmpfs") == 0)
			ck_assert_msg(strcmp(root, "/") != 0, "the host's /dev: %s", line);
	}
	ck_assert(seen_root);
}
END_TEST

START_TEST(root_mount_honours_no_device_node_of_the_image)
{
	ct_spec *spec = SPEC("/bin/probe", "try", "read=/null", "mknod=/tmp/null", "read=/tmp/null",
		"read=/dev/null");
	const char *out;

	ck_assert_int_eq(mknod(in_root("null"), S_IFCHR | 0666, makedev(1, 3)), 0);
	set(ct_spec_add_cap(spec, "cap_mknod"));
	out = output_of(spec);
	ck_assert_str_eq(tried(out, "read=/null"), "EACCES");
	/* Making one is of no use either. */
	ck_assert_str_ne(tried(out, "read=/tmp/null"), "0");
	ck_assert_str_eq(tried(out, "read=/dev/null"), "0");
}
END_TEST

/* In a mnt namespace of the test's own, whose mounts are shared among themselves. */
static void propagation_inside(void)
{
	char seen[PATH_MAX], before[32];
	ct_error err = CT_ERROR_INIT;
	ct_container *container = NULL;
	ct_rootfs *rootfs = NULL;
	ct_spec *spec;
	int in, out, mounts;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		_exit(2);
	/* The rootfs on a shared mount: what is mounted below it would travel both ways. */
	ck_assert_int_eq(mount(box.dir, box.dir, NULL, MS_BIND, NULL), 0);
	ck_assert_int_eq(mount(NULL, box.dir, NULL, MS_SHARED, NULL), 0);
	ck_assert_int_eq(ct_rootfs_open(box.root, &rootfs, &err), 0);
	mounts = count_mounts();

	spec = SPEC("/bin/sh", "-c",
		"mount -t tmpfs none /mnt && mount -t tmpfs none /tmp && echo ready && read x;"
		"grep -c . /proc/self/mountinfo; test -e /home/late && echo SEEN");
	set(ct_spec_set_rootfs(spec, rootfs));
	set(ct_spec_add_cap(spec, "cap_sys_admin"));
	set(ct_spec_set_stdio(spec, 0, CT_STDIO_PIPE, -1));
	if (ct_spawn(spec, &container, &err) < 0)
		ck_abort_msg("%s", err.sentence);
	in = ct_container_take_stdio(container, 0);
	out = ct_container_take_stdio(container, 1);
	ck_assert(readable(out, PATIENCE_MS));
	ck_assert_int_eq(read(out, before, 6), 6);
	/* What the container mounted did not come out. */
	ck_assert_int_eq(count_mounts(), mounts);
	/* What the host mounts does not go in. */
	ck_assert_int_eq(mount("none", in_root("home"), "tmpfs", 0, NULL), 0);
	write_file(in_root("home/late"), "x", 0644);
	ck_assert_int_eq(write(in, "\n", 1), 1);
	ck_assert(readable(out, PATIENCE_MS));
	memset(seen, 0, sizeof(seen));
	ck_assert_int_gt(read(out, seen, sizeof(seen) - 1), 0);
	ck_assert_msg(strstr(seen, "SEEN") == NULL, "the host's later mount is inside");
	wait_for(container);
	ct_container_free(container);
	ct_spec_free(spec);
	ct_rootfs_free(rootfs);
	close(in);
	close(out);
	_exit(0);
}

START_TEST(mounts_travel_neither_into_nor_out_of_the_container)
{
	pid_t child = fork();

	if (child == 0)
		propagation_inside();
	expect_child(child);
}
END_TEST

/* The control of the test above: with a bind mount instead of a container they do travel. */
static void propagation_control(void)
{
	int mounts;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		_exit(2);
	ck_assert_int_eq(mount(box.dir, box.dir, NULL, MS_BIND, NULL), 0);
	ck_assert_int_eq(mount(NULL, box.dir, NULL, MS_SHARED, NULL), 0);
	mounts = count_mounts();
	{
		pid_t child = fork();

		if (child == 0)
			_exit(unshare(CLONE_NEWNS) < 0 ||
				mount("none", in_root("home"), "tmpfs", 0, NULL) < 0);
		expect_child(child);
	}
	ck_assert_int_gt(count_mounts(), mounts);
	_exit(0);
}

START_TEST(control_shared_mounts_do_travel_without_a_container)
{
	pid_t child = fork();

	if (child == 0)
		propagation_control();
	expect_child(child);
}
END_TEST

/* ---------------------------------------------------------------- /proc, /sys */

/* Write-opens only: a positive answer would already be the defect. */
START_TEST(kernel_parameters_of_the_host_cannot_be_opened_for_writing)
{
	static const char *const paths[] = {"/proc/sys/kernel/core_pattern", "/proc/sys/kernel/sysrq",
		"/proc/sys/vm/swappiness", "/proc/sys/fs/file-max", "/proc/sys/kernel/hostname",
		"/proc/sys/net/ipv4/ip_forward", "/proc/sys/kernel/modprobe", "/proc/irq/default_smp_affinity",
		"/proc/self/root/proc/sys/kernel/core_pattern", "/proc/1/root/proc/sys/kernel/core_pattern"};
	const char *argv[16] = {"/bin/probe", "try"};
	char words[16][128];
	ct_spec *spec;
	const char *out;
	int count = 0;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		/* What this kernel does not have proves nothing. */
		if (access(paths[i], F_OK) < 0)
			continue;
		snprintf(words[count], sizeof(words[0]), "write=%s", paths[i]);
		argv[2 + count] = words[count];
		count++;
	}
	ck_assert_int_ge(count, 6);
	argv[2 + count] = NULL;
	spec = spec_of(argv);
	add_host_caps(spec);
	out = output_of(spec);
	for (int i = 0; i < count; i++)
		ck_assert_msg(strcmp(tried(out, words[i]), "EROFS") == 0, "%s: %s", words[i],
			tried(out, words[i]));
	/* The control: without the paths the same program can. */
	spec = spec_of(argv);
	add_host_caps(spec);
	set(ct_spec_clear_paths(spec));
	out = output_of(spec);
	ck_assert_str_eq(tried(out, "write=/proc/sys/kernel/hostname"), "0");
}
END_TEST

START_TEST(masked_files_read_as_empty_and_cannot_be_written)
{
	static const char *const paths[] = {"/proc/kcore", "/proc/keys", "/proc/timer_list",
		"/proc/sched_debug", "/proc/latency_stats", "/proc/timer_stats", "/proc/interrupts"};
	int seen = 0;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		char read_word[128], write_word[128];
		const char *out, *result;
		ct_spec *spec;

		if (access(paths[i], F_OK) < 0)
			continue;
		seen++;
		snprintf(read_word, sizeof(read_word), "read=%s", paths[i]);
		snprintf(write_word, sizeof(write_word), "write=%s", paths[i]);
		spec = SPEC("/bin/probe", "try", read_word, write_word);
		add_host_caps(spec);
		out = output_of(spec);
		result = tried(out, read_word);
		ck_assert_msg(strcmp(result, "0") == 0, "%s: %s", read_word, result);
		/* A mask that takes writes (the null device) loses them; nothing reaches the kernel's file. */
		result = tried(out, write_word);
		if (strcmp(result, "0") == 0) {
			char script[256];

			snprintf(script, sizeof(script), "stat -c %%t:%%T %s", paths[i]);
			ck_assert_str_eq(sh(script), "1:3\n");
		}
	}
	ck_assert_int_ge(seen, 2);
}
END_TEST

START_TEST(control_without_masks_the_same_files_give_something)
{
	ct_spec *spec = SPEC("/bin/probe", "try", "read=/proc/interrupts", "read=/proc/keys");
	const char *out;

	set(ct_spec_clear_paths(spec));
	add_host_caps(spec);
	out = output_of(spec);
	ck_assert_int_gt(atoi(tried(out, "read=/proc/interrupts")), 0);
}
END_TEST

START_TEST(masked_directories_are_empty)
{
	static const char *const paths[] = {"/proc/acpi", "/proc/asound", "/proc/scsi", "/sys/firmware",
		"/sys/devices/virtual/powercap"};
	int seen = 0;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		char list[128], create[160];
		ct_spec *spec;
		const char *out;

		if (access(paths[i], F_OK) < 0)
			continue;
		seen++;
		snprintf(list, sizeof(list), "list=%s", paths[i]);
		snprintf(create, sizeof(create), "create=%s/x", paths[i]);
		spec = SPEC("/bin/probe", "try", list, create);
		add_host_caps(spec);
		out = output_of(spec);
		ck_assert_msg(strcmp(tried(out, list), "0") == 0, "%s", out);
		ck_assert_msg(strcmp(tried(out, create), "EROFS") == 0, "%s", out);
	}
	ck_assert_int_ge(seen, 1);
}
END_TEST

START_TEST(masks_and_readonly_paths_cannot_be_taken_away_without_cap_sys_admin)
{
	const char *out = output_of(SPEC("/bin/probe", "try", "umount=/proc/interrupts",
		"umount=/proc/sys", "remount=/proc/sys", "remount=/sys", "mount=/mnt", "proc=/mnt"));

	ck_assert_str_eq(tried(out, "umount=/proc/interrupts"), "EPERM");
	ck_assert_str_eq(tried(out, "umount=/proc/sys"), "EPERM");
	ck_assert_str_eq(tried(out, "remount=/proc/sys"), "EPERM");
	ck_assert_str_eq(tried(out, "remount=/sys"), "EPERM");
	ck_assert_str_eq(tried(out, "mount=/mnt"), "EPERM");
	ck_assert_str_eq(tried(out, "proc=/mnt"), "EPERM");
}
END_TEST

START_TEST(sys_is_read_only_and_shows_the_containers_network)
{
	ct_spec *spec = SPEC("/bin/sh", "-c",
		"cd /sys && ls class/net; (: <>/sys/kernel/mm/transparent_hugepage/defrag) 2>/dev/null"
		" && echo OPENED; grep ' /sys ' /proc/self/mountinfo");
	const char *out;

	add_host_caps(spec);
	out = output_of(spec);
	ck_assert_ptr_nonnull(strstr(out, "lo\n"));
	ck_assert_ptr_null(strstr(out, "OPENED"));
	ck_assert_ptr_nonnull(strstr(out, " /sys ro,"));
	ck_assert_ptr_nonnull(strstr(out, "nosuid,nodev,noexec"));
}
END_TEST

/*
 * Whatever the kernel lets its owner write, and root of the container could open
 * for writing. Not counted: processes' own files, the network namespace's, and
 * the pressure triggers, which tell of the host but change nothing there.
 */
START_TEST(no_writable_file_in_proc_or_sys_belongs_to_the_whole_host)
{
	ct_spec *spec = SPEC("/bin/sh", "-c",
		"find /proc /sys \\( -path '/proc/[0-9]*' -o -path /proc/self -o -path /proc/thread-self"
		" -o -path /proc/net -o -path /proc/pressure \\) -prune -o -type f -perm /222 -print"
		" 2>/dev/null | while read f; do"
		" if ( : <>\"$f\" ) 2>/dev/null; then echo \"$f\"; fi; done");
	const char *out = output_of(spec);

	ck_assert_msg(out[0] == '\0', "can be opened for writing inside:\n%s", out);
}
END_TEST

/* ------------------------------------------------------------------------ /dev */

START_TEST(dev_holds_exactly_the_table)
{
	ck_assert_str_eq(sh("cd /dev && ls -1 | sort"),
		"fd\nfull\nmqueue\nnull\nptmx\npts\nrandom\nshm\nstderr\nstdin\nstdout\ntty\nurandom\nzero\n");
	ck_assert_str_eq(sh("cd /dev && stat -c '%n %t:%T' full null random tty urandom zero"),
		"full 1:7\nnull 1:3\nrandom 1:8\ntty 5:0\nurandom 1:9\nzero 1:5\n");
	ck_assert_str_eq(sh("cd /dev && for link in fd stdin stdout stderr ptmx; do readlink $link; done"),
		"/proc/self/fd\n/proc/self/fd/0\n/proc/self/fd/1\n/proc/self/fd/2\npts/ptmx\n");
}
END_TEST

START_TEST(devices_work)
{
	ck_assert_str_eq(sh("echo lost >/dev/null && head -c 4 /dev/zero | wc -c &&"
			    "head -c 4 /dev/urandom | wc -c && head -c 4 /dev/random | wc -c;"
			    "(echo x >/dev/full) 2>/dev/null || echo full"),
		"4\n4\n4\nfull\n");
}
END_TEST

START_TEST(devpts_is_an_instance_of_its_own)
{
	/* ptmx gives the first terminal of a new instance. */
	ck_assert_str_eq(sh("exec 3<>/dev/ptmx && ls /dev/pts"), "0\nptmx\n");
}
END_TEST

START_TEST(shm_and_mqueue_are_private_and_writable)
{
	ck_assert_str_eq(sh("ls -A /dev/shm /dev/mqueue; touch /dev/shm/x && echo made;"
			    "stat -c %a /dev/shm; grep -c ' /dev/mqueue .* mqueue ' /proc/self/mountinfo"),
		"/dev/mqueue:\n\n/dev/shm:\nmade\n1777\n1\n");
}
END_TEST

/* ----------------------------------------------------------------- environment */

START_TEST(environment_is_empty_whatever_the_host_has)
{
	char name[32];
	const char *out;

	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "MARKER_%d", i);
		ck_assert_int_eq(setenv(name, "poison", 1), 0);
	}
	box_accept_changes();
	out = facts();
	ck_assert_str_eq(fact(out, "env_count"), "0");
	ck_assert_ptr_null(strstr(out, "poison"));
	/* Nor in the memory around the arguments, where the kernel shows it. */
	ck_assert_str_eq(sh("tr '\\0' '\\n' </proc/1/environ | grep -c MARKER; true"), "0\n");
}
END_TEST

START_TEST(environment_is_exactly_what_was_set)
{
	ct_spec *spec = SPEC("/bin/probe", "facts");
	const char *out;

	set(ct_spec_set_env(spec, (const char *const[]){"A=1", "PATH=/x", "EMPTY=", NULL}));
	out = facts_of(spec);
	ck_assert_str_eq(fact(out, "env_count"), "3");
	ck_assert_str_eq(fact(out, "env.0"), "A=1");
	ck_assert_str_eq(fact(out, "env.1"), "PATH=/x");
	ck_assert_str_eq(fact(out, "env.2"), "EMPTY=");
}
END_TEST

START_TEST(arguments_arrive_as_given)
{
	const char *out = facts_of(SPEC("/bin/probe", "facts", "", "two words", "\xff\x01"));

	ck_assert_str_eq(fact(out, "argv.0"), "/bin/probe");
	ck_assert_str_eq(fact(out, "argv.2"), "");
	ck_assert_str_eq(fact(out, "argv.3"), "two words");
	ck_assert_str_eq(fact(out, "argv.4"), "\xff\x01");
	ck_assert(!has_fact(out, "argv.5"));
}
END_TEST

START_TEST(program_is_found_along_path_inside)
{
	ct_spec *with_path = SPEC("found"), *other = SPEC("named", "facts"), *missing = SPEC("found");
	struct outcome *outcome;

	ck_assert_str_eq(fact(facts_of(SPEC("probe")), "argv.0"), "probe");
	ck_assert_int_eq(mkdir(in_root("opt"), 0755), 0);
	copy_probe(in_root("opt/found"), 0755);
	set(ct_spec_set_env(with_path, (const char *const[]){"PATH=/nowhere:/opt", NULL}));
	ck_assert_str_eq(fact(facts_of(with_path), "argv.0"), "found");
	outcome = attempt(missing);
	expect_error(outcome->code, &outcome->err, -ENOENT, CT_STEP_PROGRAM, "found", NULL);
	ct_spec_free(missing);
	set(ct_spec_set_program(other, "/bin/probe"));
	ck_assert_str_eq(fact(facts_of(other), "argv.0"), "named");
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("isolation", &tc);

	need_root();
	tcase_add_test(tc, payload_is_pid_1_with_no_parent_in_sight);
	tcase_add_test(tc, payload_sees_only_itself_in_proc);
	tcase_add_test(tc, each_default_kind_of_namespace_is_new);
	tcase_add_test(tc, root_keeps_the_user_and_time_namespaces);
	/* The first five are new by default. */
	add_values_for_first_root(tc, host_kind_is_the_hosts_and_the_others_are_not, 5, 1u << 1 | 1u << 2, "mounts of the machine's net and ipc");
	tcase_add_test(tc, new_user_and_time_namespaces_are_made_when_asked_for);
	add_values_for_first_root(tc, kind_given_by_fd_is_the_targets, KIND_ROWS, 1u << 5, "ids over 65535");
	tcase_add_loop_test(tc, proc_of_a_given_pid_namespace_shows_that_one_alone, 0, 2);
	tcase_add_test(tc, proc_of_the_hosts_pid_namespace_is_there_in_a_new_user_namespace);
	add_for_first_root(tc, proc_and_sys_of_a_given_user_namespaces_own_kinds_are_there, "ids over 65535");
	add_values_for_first_root(tc, kind_given_by_path_is_the_targets, KIND_ROWS, 1u << 5, "ids over 65535");
	tcase_add_test(tc, kinds_given_by_pid_are_the_targets_even_after_it_ended);
	tcase_add_test(tc, given_mnt_namespace_is_the_targets_and_needs_no_rootfs);
	tcase_add_test(tc, user_namespace_that_bars_setgroups_is_joined_unless_groups_are_asked_for);
	tcase_add_test(tc, rootfs_with_the_hosts_mnt_namespace_is_refused);
	tcase_add_test(tc, hostname_is_container_unless_set);
	tcase_add_test(tc, loopback_is_up_by_default_and_down_when_asked);
	tcase_add_test(tc, network_has_loopback_alone);
	tcase_add_test(tc, time_offsets_shift_the_clocks);
	tcase_add_test(tc, root_is_the_rootfs_and_nothing_of_the_host_is_beneath);
	tcase_add_test(tc, canary_of_the_host_cannot_be_named);
	tcase_add_test(tc, unmounting_everything_reveals_no_host);
	tcase_add_test(tc, mountinfo_lists_the_root_and_fresh_filesystems_alone);
	add_for_first_root(tc, root_mount_honours_no_device_node_of_the_image, "device nodes");
	tcase_add_test(tc, mounts_travel_neither_into_nor_out_of_the_container);
	tcase_add_test(tc, control_shared_mounts_do_travel_without_a_container);
	add_for_first_root(tc, kernel_parameters_of_the_host_cannot_be_opened_for_writing, "the kernel's own parameters");
	tcase_add_test(tc, masked_files_read_as_empty_and_cannot_be_written);
	tcase_add_test(tc, control_without_masks_the_same_files_give_something);
	tcase_add_test(tc, masked_directories_are_empty);
	tcase_add_test(tc, masks_and_readonly_paths_cannot_be_taken_away_without_cap_sys_admin);
	tcase_add_test(tc, sys_is_read_only_and_shows_the_containers_network);
	tcase_add_test(tc, no_writable_file_in_proc_or_sys_belongs_to_the_whole_host);
	tcase_add_test(tc, dev_holds_exactly_the_table);
	tcase_add_test(tc, devices_work);
	tcase_add_test(tc, devpts_is_an_instance_of_its_own);
	tcase_add_test(tc, shm_and_mqueue_are_private_and_writable);
	tcase_add_test(tc, environment_is_empty_whatever_the_host_has);
	tcase_add_test(tc, environment_is_exactly_what_was_set);
	tcase_add_test(tc, arguments_arrive_as_given);
	tcase_add_test(tc, program_is_found_along_path_inside);
	return suite_run(suite);
}

/* SPDX-License-Identifier: MIT */
/* Failures of spawning and of what is done with a container; see failures.h. */
#include "failures.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define MEMORY_IS_UNLIMITED "the address sanitizer cannot live with a limit of memory"
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MEMORY_IS_UNLIMITED "the address sanitizer cannot live with a limit of memory"
#endif
#endif
#ifndef MEMORY_IS_UNLIMITED
#define MEMORY_IS_UNLIMITED NULL
#endif

/* ---------------------------------------------------------------- spoiling */

static void lose_sys_admin(void)
{
	lose_cap(CAP_SYS_ADMIN);
}

static void lose_setuid(void)
{
	lose_cap(CAP_SETUID);
}

/* Whoever may not map an id himself has newuidmap do it. */
static void lose_setuid_and_programs(void)
{
	static const char *const places[] = {"/usr/bin", "/usr/local/bin"};

	have_mounts_of_my_own();
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		ck_assert_int_eq(mount("tmpfs", places[i], "tmpfs", 0, NULL), 0);
	lose_setuid();
}

static void lose_sys_resource(void)
{
	lose_cap(CAP_SYS_RESOURCE);
}

static void lose_net_raw(void)
{
	lose_cap(CAP_NET_RAW);
}

static void lose_mknod(void)
{
	lose_cap(CAP_MKNOD);
}

/* Where mknod is barred the host's nodes are bound, once they have shown to be the right ones. */
static void lose_mknod_and_dev_full(void)
{
	have_mounts_of_my_own();
	ck_assert_int_eq(mount("/dev/zero", "/dev/full", NULL, MS_BIND, NULL), 0);
	lose_mknod();
}

static void make_root_readonly(void)
{
	have_mounts_of_my_own();
	ck_assert_int_eq(mount(box.root, box.root, NULL, MS_BIND, NULL), 0);
	ck_assert_int_eq(mount(NULL, box.root, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), 0);
}

static void limit_descriptors(void)
{
	int lowest = fcntl(0, F_DUPFD_CLOEXEC, 0);

	close(lowest);
	set_soft_limit(RLIMIT_NOFILE, (rlim_t)lowest);
}

static void limit_descriptors_to_64(void)
{
	set_soft_limit(RLIMIT_NOFILE, 64);
}

static void limit_memory(void)
{
	const char *used = strstr(read_file("/proc/self/status"), "VmData:");

	ck_assert_ptr_nonnull(used);
	set_soft_limit(RLIMIT_DATA, (strtoul(used + 7, NULL, 10) + 1024) * 1024);
}

/* The stage, too, writes no more than this to a file. */
#define FILE_SIZE (1 << 20)

static void limit_file_size(void)
{
	set_soft_limit(RLIMIT_FSIZE, FILE_SIZE);
}

/* ------------------------------------------------------------- wrong specs */

static ct_spec *quiet(const char *program)
{
	const char *const argv[] = {program, "exit", "0", NULL};
	ct_spec *spec = spec_of(argv);

	set(ct_spec_set_stdio(spec, 1, CT_STDIO_NULL, -1));
	set(ct_spec_set_stdio(spec, 2, CT_STDIO_NULL, -1));
	return spec;
}

static ct_spec *plain(bool wrong)
{
	(void)wrong;
	return quiet("/bin/probe");
}

static ct_spec *without_argv(bool wrong)
{
	ct_spec *spec = NULL;

	if (!wrong)
		return plain(false);
	set(ct_spec_new(&spec));
	set(ct_spec_set_rootfs(spec, box.rootfs));
	return spec;
}

static ct_spec *with_unknown_cap(bool wrong)
{
	ct_spec *spec = plain(false);

	ck_assert_int_eq(
		ct_spec_add_cap(spec, wrong ? "cap_of_nobody" : "cap_kill"), wrong ? -EINVAL : 0);
	return spec;
}

/* A bind source in each directory that the stage could stand on. */
static ct_spec *with_sources_everywhere(bool wrong)
{
	static const char *const sources[] = {"/etc", "/usr", "/tmp", "/dev", "/sys", "/proc"};
	ct_spec *spec = plain(false);

	for (size_t i = 0; i < (wrong ? sizeof(sources) / sizeof(sources[0]) : 1); i++)
		set(ct_spec_add_bind(spec, sources[i], "/mnt", CT_MOUNT_NO_SUBMOUNTS));
	return spec;
}

static ct_spec *with_pipes(bool wrong)
{
	ct_spec *spec = plain(wrong);

	set(ct_spec_set_stdio(spec, 1, CT_STDIO_PIPE, -1));
	return spec;
}

static ct_spec *without_user_ns(bool wrong)
{
	ct_spec *spec = plain(wrong);

	set(ct_spec_set_ns_host(spec, CT_NS_USER));
	return spec;
}

static ct_spec *with_id_of_another(bool wrong)
{
	ct_spec *spec = plain(wrong);

	/* Its owner is the container's root, so that no id-mapped mount is needed. */
	ck_assert_int_eq(chown(box.root, 12345, 12345), 0);
	set(ct_spec_add_uid_map(spec, 0, 12345, 1));
	set(ct_spec_add_gid_map(spec, 0, 12345, 1));
	return spec;
}

static ct_spec *with_net_of_the_host(bool wrong)
{
	ct_spec *spec = plain(wrong);

	set(ct_spec_set_ns_path(spec, CT_NS_NET, "/proc/self/ns/net"));
	return spec;
}

static ct_spec *with_sysctl(bool wrong)
{
	ct_spec *spec = plain(wrong);

	set(ct_spec_set_sysctl(
		spec, wrong ? "net.ipv4.no_such_thing" : "net.ipv4.ip_default_ttl", "33"));
	return spec;
}

static ct_spec *with_sysctl_value(bool wrong)
{
	ct_spec *spec = plain(wrong);

	set(ct_spec_set_sysctl(spec, "net.ipv4.ip_default_ttl", wrong ? "many" : "33"));
	return spec;
}

/* The root was there when the spec was made. */
static ct_spec *with_removed_root(bool wrong)
{
	ct_spec *spec = plain(wrong);
	ct_rootfs *rootfs = NULL;

	if (!wrong)
		return spec;
	ck_assert_int_eq(mkdir(in_dir("other"), 0755), 0);
	ck_assert_int_eq(ct_rootfs_open(in_dir("other"), &rootfs, NULL), 0);
	set(ct_spec_set_rootfs(spec, rootfs));
	ct_rootfs_free(rootfs);
	ck_assert_int_eq(rmdir(in_dir("other")), 0);
	return spec;
}

static ct_spec *with_removed_source(bool wrong)
{
	ct_spec *spec = plain(wrong);

	ck_assert_int_eq(mkdir(in_dir("source"), 0755), 0);
	set(ct_spec_add_bind(spec, wrong ? in_dir("source") : box.dir, "/mnt", 0));
	ck_assert_int_eq(rmdir(in_dir("source")), 0);
	return spec;
}

static ct_spec *with_target_below_a_file(bool wrong)
{
	ct_spec *spec = plain(wrong);

	set(ct_spec_add_bind(spec, box.dir, wrong ? "/etc/passwd/below" : "/mnt", 0));
	return spec;
}

static ct_spec *with_new_mount_point(bool wrong)
{
	ct_spec *spec = plain(wrong);

	set(ct_spec_add_bind(spec, box.dir, "/fresh", 0));
	return spec;
}

static ct_spec *with_large_file(bool wrong)
{
	static char content[2 * FILE_SIZE];
	ct_spec *spec = plain(wrong);

	set(ct_spec_add_file(spec, content, sizeof(content), "/etc/group", 0644));
	return spec;
}

static void link_to_itself(bool wrong)
{
	unlink(in_root("etc/loop"));
	if (wrong)
		ck_assert_int_eq(symlink("loop", in_root("etc/loop")), 0);
}

static ct_spec *with_masked_loop(bool wrong)
{
	ct_spec *spec = plain(wrong);

	link_to_itself(wrong);
	set(ct_spec_add_masked_path(spec, "/etc/loop"));
	return spec;
}

static ct_spec *with_readonly_loop(bool wrong)
{
	ct_spec *spec = plain(wrong);

	link_to_itself(wrong);
	set(ct_spec_add_readonly_path(spec, "/etc/loop"));
	return spec;
}

static ct_spec *with_more_descriptors_than_the_host(bool wrong)
{
	ct_spec *spec = plain(wrong);
	struct rlimit limit;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	set(ct_spec_set_rlimit(spec, RLIMIT_NOFILE, 64, limit.rlim_max + (wrong ? 1 : 0)));
	return spec;
}

static ct_spec *with_lower_oom_score(bool wrong)
{
	ct_spec *spec = plain(wrong);

	set(ct_spec_set_oom_score_adj(
		spec, wrong ? -1000 : atoi(read_file("/proc/self/oom_score_adj"))));
	return spec;
}

static ct_spec *with_ambient_cap(bool wrong)
{
	ct_spec *spec = plain(wrong);

	set(ct_spec_set_user(spec, 1000, 1000));
	set(ct_spec_add_ambient_cap(spec, "cap_net_raw"));
	return spec;
}

static ct_spec *with_unmapped_user(bool wrong)
{
	ct_spec *spec = plain(wrong);

	set(ct_spec_add_uid_map(spec, 0, 0, wrong ? 1 : 1001));
	set(ct_spec_add_gid_map(spec, 0, 0, wrong ? 1 : 1001));
	set(ct_spec_set_user(spec, 1000, 1000));
	return spec;
}

static ct_spec *with_missing_cwd(bool wrong)
{
	ct_spec *spec = plain(wrong);

	set(ct_spec_set_cwd(spec, wrong ? "/missing" : "/tmp"));
	return spec;
}

static ct_spec *with_closed_descriptor(bool wrong)
{
	ct_spec *spec = plain(wrong);

	set(ct_spec_map_fd(spec, wrong ? 900 : 0, 5));
	return spec;
}

static ct_spec *with_high_descriptor(bool wrong)
{
	ct_spec *spec = plain(wrong);

	set(ct_spec_map_fd(spec, 0, 200));
	return spec;
}

static ct_spec *with_missing_program(bool wrong)
{
	return quiet(wrong ? "/bin/missing" : "/bin/probe");
}

static ct_spec *with_program_without_x(bool wrong)
{
	ck_assert_int_eq(chmod(in_root("etc/inside"), wrong ? 0644 : 0755), 0);
	return quiet(wrong ? "/etc/inside" : "/bin/probe");
}

static ct_spec *with_program_without_format(bool wrong)
{
	ck_assert_int_eq(chmod(in_root("etc/inside"), 0755), 0);
	return quiet(wrong ? "/etc/inside" : "/bin/probe");
}

/* One argument may have 32 pages. */
static ct_spec *with_long_argument(bool wrong)
{
	static char text[1 << 20];
	const char *const argv[] = {"/bin/probe", "exit", "0", text, NULL};
	ct_spec *spec = plain(wrong);

	memset(text, wrong ? 'x' : 0, sizeof(text) - 1);
	set(ct_spec_set_argv(spec, argv));
	return spec;
}

static ct_spec *with_file_of_12_mib(bool wrong)
{
	static char content[12 << 20];
	ct_spec *spec = plain(wrong);

	set(ct_spec_add_file(spec, content, sizeof(content), "/etc/group", 0644));
	return spec;
}

/* ------------------------------------------------------------- other calls */

static int setter_out_of_memory(bool wrong, ct_error *err)
{
	static char content[12 << 20];
	ct_spec *spec = plain(wrong);
	int code;

	if (wrong)
		limit_memory();
	code = ct_spec_add_file(spec, content, sizeof(content), "/etc/group", 0644);
	ck_assert_int_eq(ct_spec_check(spec, err), code);
	ct_spec_free(spec);
	return code;
}

static ct_container *create_pausing(void)
{
	ct_container *container = NULL;
	ct_spec *spec = pausing();

	set(ct_create(spec, &container, NULL));
	ct_spec_free(spec);
	return container;
}

static int start_twice(bool wrong, ct_error *err)
{
	ct_container *container = wrong ? start_pausing() : create_pausing();
	int code = ct_start(container, err);

	ct_container_free(container);
	return code;
}

static int start_after_the_end(bool wrong, ct_error *err)
{
	ct_container *container = create_pausing();
	int code;

	if (wrong)
		end_now(container);
	code = ct_start(container, err);
	ct_container_free(container);
	return code;
}

static int wait_too_short(bool wrong, ct_error *err)
{
	ct_container *container = start_pausing();
	int code;

	if (!wrong)
		set(ct_kill(container, SIGKILL, NULL));
	code = ct_wait(container, wrong ? 1 : PATIENCE_MS, NULL, err);
	ct_container_free(container);
	return code;
}

static int kill_after_the_end(bool wrong, ct_error *err)
{
	ct_container *container = start_pausing();
	int code;

	if (wrong)
		end_now(container);
	code = ct_kill(container, SIGKILL, err);
	ct_container_free(container);
	return code;
}

static ct_spec *with_a_filter_against_the_payload(bool wrong)
{
	ct_spec *spec = plain(wrong);

	if (wrong)
		set(ct_spec_add_seccomp_rule(spec, "execve", CT_SECCOMP_KILL, 0, NULL, 0));
	return spec;
}

static int detach_before_the_start(bool wrong, ct_error *err)
{
	ct_container *container = wrong ? create_pausing() : start_pausing();
	int code = ct_detach(container, err);

	if (code == 0)
		end_now(container);
	ct_container_free(container);
	return code;
}

static int no_such_signal(bool wrong, ct_error *err)
{
	ct_container *container = start_pausing();
	int code = ct_kill(container, wrong ? 65 : SIGKILL, err);

	ct_container_free(container);
	return code;
}

/* --------------------------------------------------------------- the table */

/* Step, code; call, object, words of the sentence, cure; how to provoke it. */
const struct failure spawn_failures[] = {
	{CT_STEP_NONE, 0, .ask = plain},
	{CT_STEP_ARGUMENT, -EINVAL, "", "argv", "a program is needed", NULL, .ask = without_argv},
	{CT_STEP_ARGUMENT, -EINVAL, "", "cap_of_nobody", "capability", NULL,
		.ask = with_unknown_cap},
	{CT_STEP_ARGUMENT, -EINVAL, "", "signal 65", "no such signal", NULL, .act = no_such_signal},
	{CT_STEP_MEMORY, -ENOMEM, "", "plan", "Cannot allocate", "free memory",
		.ask = with_file_of_12_mib, .spoil = limit_memory, .left_out = MEMORY_IS_UNLIMITED},
	{CT_STEP_MEMORY, -ENOMEM, "", "/etc/group", "Cannot allocate", "free memory",
		.act = setter_out_of_memory, .left_out = MEMORY_IS_UNLIMITED},
	{CT_STEP_PLAN, -EINVAL, "", "mounts", "mount sources lie in each of", NULL,
		.ask = with_sources_everywhere},
	{CT_STEP_PLAN, -ENFILE, "memfd_create", "plan", "Too many open files", "fs.file-max",
		.ask = plain, .number = SYS_memfd_create, .error = ENFILE},
	{CT_STEP_STDIO, -EMFILE, "pipe2", "stream 1", "Too many open files", "RLIMIT_NOFILE",
		.ask = with_pipes, .spoil = limit_descriptors, .again = true},
	{CT_STEP_STDIO, -ENOSYS, "socketpair", "socket to the stage", "not implemented", "seccomp",
		.ask = plain, .number = SYS_socketpair, .error = ENOSYS},
	{CT_STEP_CLONE, -EPERM, "clone3", "namespaces", "not permitted", "CT_NS_USER",
		.ask = without_user_ns, .spoil = lose_sys_admin},
	{CT_STEP_CLONE, -ENOSPC, "clone3", "namespaces", "No space", "max_*_namespaces",
		.ask = plain, .number = SYS_clone3, .error = ENOSPC},
	{CT_STEP_CLONE, -EAGAIN, "clone3", "namespaces", "unavailable", "RLIMIT_NPROC",
		.ask = plain, .number = SYS_clone3, .error = EAGAIN},
	{CT_STEP_CLONE, -EINVAL, "clone3", "namespaces", "Invalid", "kernel lacks", .ask = plain,
		.number = SYS_clone3, .error = EINVAL},
	{CT_STEP_STAGE, -EACCES, "execveat", "stage", "denied", "vm.memfd_noexec", .ask = plain,
		.number = SYS_execveat, .error = EACCES},
	{CT_STEP_STAGE, -EIO, "", "signal 31", "it was killed", NULL, .ask = plain,
		.number = SYS_keyctl},
	{CT_STEP_IDMAP, -EPERM, "write", "uid_map", "not permitted", "ids the caller owns",
		.ask = with_id_of_another, .spoil = lose_setuid, .again = true},
	{CT_STEP_IDMAP, -ENOENT, "newuidmap", "newuidmap", "not installed", "Debian: uidmap",
		.ask = with_id_of_another, .spoil = lose_setuid_and_programs},
	{CT_STEP_NAMESPACE, -EPERM, "setns", "net", "not permitted", "CAP_SYS_ADMIN",
		.ask = with_net_of_the_host, .machine = "the machine's net namespace", .spoil = lose_sys_admin},
	{CT_STEP_SESSION, -EDQUOT, "keyctl", "keyring", "quota", "kernel.keys", .ask = plain,
		.number = SYS_keyctl, .error = EDQUOT},
	{CT_STEP_HOSTNAME, -EPERM, "sethostname", "container", "not permitted", "seccomp profile",
		.ask = plain, .number = SYS_sethostname, .error = EPERM},
	{CT_STEP_HOSTNAME, -EPERM, "setdomainname", "(none)", "not permitted", "seccomp profile",
		.ask = plain, .number = SYS_setdomainname, .error = EPERM},
	{CT_STEP_LOOPBACK, -ENODEV, "ioctl", "lo", "No such device", NULL, .ask = plain,
		.number = SYS_ioctl, .error = ENODEV},
	{CT_STEP_SYSCTL, -ENOENT, "openat2", "/proc/sys/net/ipv4/no_such_thing", "No such file",
		"no such parameter", .ask = with_sysctl},
	{CT_STEP_SYSCTL, -EINVAL, "write", "ip_default_ttl", "Invalid", "value",
		.ask = with_sysctl_value},
	{CT_STEP_PROPAGATION, -EPERM, "mount", "/", "not permitted", "seccomp profile",
		.ask = plain, .number = SYS_mount, .error = EPERM},
	{CT_STEP_ROOT, -ESTALE, "open_tree", "/other", "not where it was", "must exist",
		.ask = with_removed_root},
	{CT_STEP_MOUNT, -ESTALE, "open_tree", "/source", "not where it was", "must exist",
		.ask = with_removed_source},
	{CT_STEP_MOUNT, -ENOTDIR, "openat2", "/etc/passwd/below", "Not a directory", NULL,
		.ask = with_target_below_a_file},
	{CT_STEP_MOUNT, -EROFS, "mkdirat", "/fresh", "Read-only", "beforehand",
		.ask = with_new_mount_point, .spoil = make_root_readonly},
	{CT_STEP_DEVICE, -ENODEV, "statx", "/dev/full", "No such device", NULL, .ask = plain,
		.spoil = lose_mknod_and_dev_full},
	{CT_STEP_DEVICE, -EPERM, "symlinkat", "/dev/", "not permitted", NULL, .ask = plain,
		.number = SYS_symlinkat, .error = EPERM},
	{CT_STEP_FILE, -EFBIG, "write", "/etc/group", "too large", "RLIMIT_FSIZE",
		.ask = with_large_file, .spoil = limit_file_size, .again = true},
	{CT_STEP_MASK, -ELOOP, "openat2", "/etc/loop", "symbolic links", NULL,
		.ask = with_masked_loop},
	{CT_STEP_READONLY, -ELOOP, "openat2", "/etc/loop", "symbolic links", NULL,
		.ask = with_readonly_loop},
	{CT_STEP_PIVOT, -EINVAL, "pivot_root", "/", "Invalid", "initial ramfs", .ask = plain,
		.number = SYS_pivot_root, .error = EINVAL},
	{CT_STEP_RLIMIT, -EPERM, "prlimit", "rlimit 7", "not permitted", "CAP_SYS_RESOURCE",
		.ask = with_more_descriptors_than_the_host, .spoil = lose_sys_resource},
	{CT_STEP_OOM_SCORE, -EACCES, "write", "-1000", "denied", "CAP_SYS_RESOURCE",
		.ask = with_lower_oom_score, .spoil = lose_sys_resource},
	{CT_STEP_CAPABILITY, -EPERM, "capset", "capability sets", "not permitted", "host itself",
		.ask = with_ambient_cap, .spoil = lose_net_raw},
	{CT_STEP_CAPABILITY, -EPERM, "prctl", "bounding set", "not permitted", NULL, .ask = plain,
		.number = SYS_prctl, .error = EPERM},
	{CT_STEP_IDENTITY, -EINVAL, "setresgid", "1000:1000", "Invalid", "no mapping",
		.ask = with_unmapped_user, .machine = "id maps across ranges"},
	{CT_STEP_CWD, -ENOENT, "openat2", "/missing", "No such file", "root filesystem",
		.ask = with_missing_cwd},
	{CT_STEP_DESCRIPTOR, -EBADF, "fcntl", "descriptor 900", "Bad file", "must be open",
		.ask = with_closed_descriptor},
	{CT_STEP_DESCRIPTOR, -EINVAL, "fcntl", "descriptors", "Invalid", "RLIMIT_NOFILE",
		.ask = with_high_descriptor, .spoil = limit_descriptors_to_64},
	{CT_STEP_PROGRAM, -ENOENT, "execve", "/bin/missing", "no such program", "PATH",
		.ask = with_missing_program},
	{CT_STEP_EXEC, -EACCES, "execve", "/etc/inside", "not executable", "execute bit",
		.ask = with_program_without_x},
	{CT_STEP_EXEC, -ENOEXEC, "execve", "/etc/inside", "neither a program nor a script", "#!",
		.ask = with_program_without_format},
	{CT_STEP_EXEC, -E2BIG, "execve", "/bin/probe", "too long", "shorten",
		.ask = with_long_argument},
	{CT_STEP_START, -EINVAL, "", "process", "started before", NULL, .act = start_twice},
	{CT_STEP_START, -ESRCH, "", "process", "No such process", NULL, .act = start_after_the_end},
	{CT_STEP_WAIT, -ETIMEDOUT, "poll", "process", "timed out", NULL, .act = wait_too_short},
	{CT_STEP_KILL, -ESRCH, "", "process", "No such process", NULL, .act = kill_after_the_end},
	{CT_STEP_DETACH, -EINVAL, "", "process", "not started", NULL,
		.act = detach_before_the_start},
	{CT_STEP_KEEPER, -EMFILE, "pidfd_open", "keeper", "Too many open files", "RLIMIT_NOFILE",
		.ask = plain, .number = SYS_pidfd_open, .error = EMFILE},
	{CT_STEP_KEEPER, -EIO, "", "keeper", "it ended while it was starting", NULL, .ask = plain,
		.number = SYS_epoll_ctl}, /* which the host makes in a join alone */
	{CT_STEP_SECCOMP, -EACCES, "seccomp", "seccomp filter", "denied", "no_new_privs", .ask = plain,
		.number = SYS_seccomp, .error = EACCES},
	{CT_STEP_SECCOMP, -EINVAL, "seccomp", "seccomp filter", "Invalid", "CT_SECCOMP_OFF",
		.ask = plain, .number = SYS_seccomp, .error = EINVAL},
	{CT_STEP_SECCOMP, -EINVAL, "", "seccomp: execve", "takes", "ct_spec_add_seccomp_rule",
		.ask = with_a_filter_against_the_payload},
	{0},
};

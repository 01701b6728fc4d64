/* SPDX-License-Identifier: MIT */
/* ct_spec and the calls of spawn.h as far as they need no right: what they refuse, and how. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <container/container.h>

static ct_spec *new_spec(void)
{
	ct_spec *spec = NULL;

	ck_assert_int_eq(ct_spec_new(&spec), 0);
	ck_assert_ptr_nonnull(spec);
	return spec;
}

/* The call, made on a new spec, gives the error, and the spec remembers it. */
#define refuses(want, call)                                                                        \
	do {                                                                                       \
		ct_spec *spec = new_spec();                                                        \
		ct_error err = CT_ERROR_INIT;                                                      \
                                                                                                   \
		ck_assert_int_eq(call, want);                                                      \
		ck_assert_msg(ct_spec_check(spec, &err) == (want), "%s is not remembered", #call); \
		ck_assert_int_eq(err.code, want);                                                  \
		ck_assert_msg(err.step != CT_STEP_NONE, "%s gives no step", #call);                \
		ck_assert_msg(err.sentence[0] != '\0', "%s gives no sentence", #call);             \
		ct_spec_free(spec);                                                                \
	} while (0)

/* The call, made on a new spec, is taken. */
#define accepts(call)                                                                              \
	do {                                                                                       \
		ct_spec *spec = new_spec();                                                        \
		ct_error err = CT_ERROR_INIT;                                                      \
		int code_ = call;                                                                  \
                                                                                                   \
		ck_assert_msg(code_ == 0, "%s gives %d", #call, code_);                            \
		ck_assert_int_eq(ct_spec_check(spec, &err), 0);                                    \
		ck_assert_int_eq(err.code, 0);                                                     \
		ct_spec_free(spec);                                                                \
	} while (0)

#define STRINGS(...) ((const char *const[]){__VA_ARGS__, NULL})

START_TEST(new_spec_has_no_mistake)
{
	ct_spec *spec = new_spec();
	ct_error err = CT_ERROR_INIT;

	ck_assert_int_eq(ct_spec_check(spec, &err), 0);
	ck_assert_int_eq(err.code, 0);
	ck_assert_str_eq(err.sentence, "");
	ck_assert_int_eq(ct_spec_check(spec, NULL), 0);
	ct_spec_free(spec);
}
END_TEST

START_TEST(first_mistake_is_remembered_and_later_calls_do_not_hide_it)
{
	ct_spec *spec = new_spec();
	ct_error err = CT_ERROR_INIT;

	ck_assert_int_eq(ct_spec_set_hostname(spec, "good"), 0);
	ck_assert_int_eq(ct_spec_add_bind(spec, "/nonexistent/source", "/data", 0), -ENOENT);
	ck_assert_int_eq(ct_spec_set_umask(spec, 010000), -EINVAL);
	/* The same setting, now right: the spec stays refused. */
	ck_assert_int_eq(ct_spec_set_umask(spec, 022), 0);
	ck_assert_int_eq(ct_spec_add_bind(spec, "/", "/data", 0), 0);
	ck_assert_int_eq(ct_spec_check(spec, &err), -ENOENT);
	ck_assert_int_eq(err.code, -ENOENT);
	ck_assert_ptr_nonnull(strstr(err.sentence, "/nonexistent/source"));
	ct_spec_free(spec);
}
END_TEST

START_TEST(spawn_and_create_refuse_a_spec_with_a_mistake_as_check_reports_it)
{
	ct_spec *spec = new_spec();
	ct_container *box = (ct_container *)&spec;
	ct_error checked = CT_ERROR_INIT, spawned = CT_ERROR_INIT, created = CT_ERROR_INIT;

	ck_assert_int_eq(ct_spec_set_cwd(spec, "relative/path"), -EINVAL);
	ck_assert_int_eq(ct_spec_check(spec, &checked), -EINVAL);
	ck_assert_int_eq(ct_spawn(spec, &box, &spawned), -EINVAL);
	ck_assert_int_eq(ct_create(spec, &box, &created), -EINVAL);
	ck_assert_ptr_eq(box, &spec);
	ck_assert_int_eq(checked.step, CT_STEP_ARGUMENT);
	ck_assert_int_eq(spawned.step, checked.step);
	ck_assert_str_eq(spawned.sentence, checked.sentence);
	ck_assert_str_eq(created.sentence, checked.sentence);
	ck_assert_ptr_nonnull(strstr(checked.sentence, "relative/path"));
	/* And without an error to fill. */
	ck_assert_int_eq(ct_spawn(spec, &box, NULL), -EINVAL);
	ct_spec_free(spec);
}
END_TEST

START_TEST(null_spec_is_einval_everywhere)
{
	const char *const argv[] = {"/bin/true", NULL};
	ct_error err = CT_ERROR_INIT;
	ct_container *box = NULL;
	gid_t group = 1;

	ck_assert_int_eq(ct_spec_new(NULL), -EINVAL);
	ct_spec_free(NULL);
	ck_assert_int_eq(ct_spec_check(NULL, &err), -EINVAL);
	ck_assert_int_eq(ct_spec_set_argv(NULL, argv), -EINVAL);
	ck_assert_int_eq(ct_spec_set_program(NULL, "/bin/true"), -EINVAL);
	ck_assert_int_eq(ct_spec_set_env(NULL, NULL), -EINVAL);
	ck_assert_int_eq(ct_spec_set_cwd(NULL, "/"), -EINVAL);
	ck_assert_int_eq(ct_spec_set_umask(NULL, 0), -EINVAL);
	ck_assert_int_eq(ct_spec_set_rootfs(NULL, NULL), -EINVAL);
	ck_assert_int_eq(ct_spec_set_root_mode(NULL, CT_ROOT_READONLY), -EINVAL);
	ck_assert_int_eq(ct_spec_set_ephemeral_size(NULL, 1), -EINVAL);
	ck_assert_int_eq(ct_spec_set_user(NULL, 0, 0), -EINVAL);
	ck_assert_int_eq(ct_spec_set_groups(NULL, &group, 1), -EINVAL);
	ck_assert_int_eq(ct_spec_set_ns_new(NULL, CT_NS_PID), -EINVAL);
	ck_assert_int_eq(ct_spec_set_ns_host(NULL, CT_NS_PID), -EINVAL);
	ck_assert_int_eq(ct_spec_set_ns_fd(NULL, CT_NS_PID, 0), -EINVAL);
	ck_assert_int_eq(ct_spec_set_ns_path(NULL, CT_NS_PID, "/proc/self/ns/pid"), -EINVAL);
	ck_assert_int_eq(ct_spec_set_ns_pid(NULL, CT_NS_PID, getpid()), -EINVAL);
	ck_assert_int_eq(ct_spec_add_uid_map(NULL, 0, 0, 1), -EINVAL);
	ck_assert_int_eq(ct_spec_add_gid_map(NULL, 0, 0, 1), -EINVAL);
	ck_assert_int_eq(ct_spec_set_idmap(NULL, CT_IDMAP_OWN, 0), -EINVAL);
	ck_assert_int_eq(ct_spec_set_time_offsets(NULL, 0, 0), -EINVAL);
	ck_assert_int_eq(ct_spec_set_hostname(NULL, "x"), -EINVAL);
	ck_assert_int_eq(ct_spec_set_domainname(NULL, "x"), -EINVAL);
	ck_assert_int_eq(ct_spec_set_sysctl(NULL, "net.ipv4.ip_forward", "1"), -EINVAL);
	ck_assert_int_eq(ct_spec_set_loopback(NULL, 1), -EINVAL);
	ck_assert_int_eq(ct_spec_add_bind(NULL, "/", "/x", 0), -EINVAL);
	ck_assert_int_eq(ct_spec_add_bind_fd(NULL, 0, "/x", 0), -EINVAL);
	ck_assert_int_eq(ct_spec_add_tmpfs(NULL, "/x", 0, 0755, 0), -EINVAL);
	ck_assert_int_eq(ct_spec_add_filesystem(NULL, "tmpfs", "/x", NULL, 0), -EINVAL);
	ck_assert_int_eq(ct_spec_add_overlay(NULL, argv, NULL, NULL, "/x", 0), -EINVAL);
	ck_assert_int_eq(ct_spec_add_file(NULL, "x", 1, "/x", 0644), -EINVAL);
	ck_assert_int_eq(ct_spec_add_file_fd(NULL, 0, "/x", 0644), -EINVAL);
	ck_assert_int_eq(ct_spec_add_masked_path(NULL, "/x"), -EINVAL);
	ck_assert_int_eq(ct_spec_add_readonly_path(NULL, "/x"), -EINVAL);
	ck_assert_int_eq(ct_spec_clear_paths(NULL), -EINVAL);
	ck_assert_int_eq(ct_spec_set_rlimit(NULL, RLIMIT_CORE, 0, 0), -EINVAL);
	ck_assert_int_eq(ct_spec_set_oom_score_adj(NULL, 0), -EINVAL);
	ck_assert_int_eq(ct_spec_set_exact_rss(NULL, 1), -EINVAL);
	ck_assert_int_eq(ct_spec_set_stdio(NULL, 0, CT_STDIO_NULL, -1), -EINVAL);
	ck_assert_int_eq(ct_spec_map_fd(NULL, 0, 3), -EINVAL);
	ck_assert_int_eq(ct_spec_add_cap(NULL, "cap_chown"), -EINVAL);
	ck_assert_int_eq(ct_spec_drop_cap(NULL, "cap_chown"), -EINVAL);
	ck_assert_int_eq(ct_spec_add_ambient_cap(NULL, "cap_chown"), -EINVAL);
	ck_assert_int_eq(ct_spec_set_no_new_privs(NULL, 1), -EINVAL);
	ck_assert_int_eq(ct_spec_set_trace(NULL, NULL, NULL), -EINVAL);
	ck_assert_int_eq(ct_spawn(NULL, &box, &err), -EINVAL);
	ck_assert_int_eq(err.step, CT_STEP_ARGUMENT);
	ck_assert_int_eq(ct_create(NULL, &box, NULL), -EINVAL);
	ck_assert_ptr_null(box);
}
END_TEST

START_TEST(null_container_is_einval_everywhere)
{
	ct_spec *spec = new_spec();
	ct_exit how = CT_EXIT_INIT;
	ct_error err = CT_ERROR_INIT;

	ck_assert_int_eq(ct_spawn(spec, NULL, &err), -EINVAL);
	ck_assert_int_eq(ct_create(spec, NULL, &err), -EINVAL);
	ck_assert_int_eq(ct_start(NULL, &err), -EINVAL);
	ck_assert_int_eq(ct_wait(NULL, 0, &how, &err), -EINVAL);
	ck_assert_int_eq(ct_kill(NULL, 9, &err), -EINVAL);
	ck_assert_int_eq(ct_detach(NULL, &err), -EINVAL);
	ck_assert_int_eq(ct_wait(NULL, 0, NULL, NULL), -EINVAL);
	ck_assert_int_eq(ct_kill(NULL, 9, NULL), -EINVAL);
	ck_assert_int_eq(ct_container_pid(NULL), -EINVAL);
	ck_assert_int_eq(ct_container_pidfd(NULL), -EINVAL);
	ck_assert_int_eq(ct_container_take_stdio(NULL, 1), -EINVAL);
	ct_container_free(NULL);
	ct_spec_free(spec);
}
END_TEST

START_TEST(spawn_refuses_a_spec_without_argv_and_without_rootfs)
{
	ct_spec *spec = new_spec();
	ct_container *box = NULL;
	ct_error err = CT_ERROR_INIT;

	ck_assert_int_eq(ct_spawn(spec, &box, &err), -EINVAL);
	ck_assert_str_ne(err.sentence, "");
	ck_assert_int_eq(ct_spec_set_argv(spec, STRINGS("/bin/true")), 0);
	err = (ct_error)CT_ERROR_INIT;
	ck_assert_int_eq(ct_spawn(spec, &box, &err), -EINVAL);
	ck_assert_msg(strstr(err.sentence, "rootfs") || strstr(err.sentence, "root filesystem"),
		"the sentence should name the root filesystem: %s", err.sentence);
	ck_assert_ptr_null(box);
	ct_spec_free(spec);
}
END_TEST

START_TEST(argv_env_and_program_refuse_what_exec_cannot_use)
{
	refuses(-EINVAL, ct_spec_set_argv(spec, NULL));
	refuses(-EINVAL, ct_spec_set_argv(spec, (const char *const[]){NULL}));
	refuses(-EINVAL, ct_spec_set_argv(spec, STRINGS("")));
	accepts(ct_spec_set_argv(spec, STRINGS("a", "")));
	refuses(-EINVAL, ct_spec_set_program(spec, ""));
	accepts(ct_spec_set_program(spec, NULL));
	accepts(ct_spec_set_program(spec, "/bin/true"));
	refuses(-EINVAL, ct_spec_set_env(spec, STRINGS("NOVALUE")));
	refuses(-EINVAL, ct_spec_set_env(spec, STRINGS("A=1", "=x")));
	refuses(-EINVAL, ct_spec_set_env(spec, STRINGS("A=1", "")));
	accepts(ct_spec_set_env(spec, NULL));
	accepts(ct_spec_set_env(spec, (const char *const[]){NULL}));
	accepts(ct_spec_set_env(spec, STRINGS("A=", "B=x=y")));
}
END_TEST

START_TEST(cwd_umask_and_root_mode_refuse_what_is_out_of_range)
{
	refuses(-EINVAL, ct_spec_set_cwd(spec, NULL));
	refuses(-EINVAL, ct_spec_set_cwd(spec, ""));
	refuses(-EINVAL, ct_spec_set_cwd(spec, "tmp"));
	refuses(-EINVAL, ct_spec_set_cwd(spec, "../tmp"));
	accepts(ct_spec_set_cwd(spec, "/tmp"));
	refuses(-EINVAL, ct_spec_set_umask(spec, 01000));
	refuses(-EINVAL, ct_spec_set_umask(spec, (mode_t)-1));
	accepts(ct_spec_set_umask(spec, 0));
	accepts(ct_spec_set_umask(spec, 0777));
	refuses(-EINVAL, ct_spec_set_rootfs(spec, NULL));
	refuses(-EINVAL, ct_spec_set_root_mode(spec, (ct_root_mode)3));
	refuses(-EINVAL, ct_spec_set_root_mode(spec, (ct_root_mode)-1));
	accepts(ct_spec_set_root_mode(spec, CT_ROOT_EPHEMERAL));
	accepts(ct_spec_set_ephemeral_size(spec, 0));
	accepts(ct_spec_set_ephemeral_size(spec, UINT64_MAX));
}
END_TEST

START_TEST(ids_and_groups_refuse_the_number_that_is_no_id)
{
	static gid_t many[65537];

	refuses(-EINVAL, ct_spec_set_user(spec, (uid_t)-1, 0));
	refuses(-EINVAL, ct_spec_set_user(spec, 0, (gid_t)-1));
	accepts(ct_spec_set_user(spec, (uid_t)-2, (gid_t)-2));
	refuses(-EINVAL, ct_spec_set_groups(spec, (const gid_t[]){1, (gid_t)-1}, 2));
	refuses(-EINVAL, ct_spec_set_groups(spec, NULL, 1));
	refuses(-EINVAL, ct_spec_set_groups(spec, many, 65537));
	accepts(ct_spec_set_groups(spec, many, 65536));
	accepts(ct_spec_set_groups(spec, NULL, 0));
}
END_TEST

START_TEST(namespaces_refuse_unknown_kinds_and_wrong_descriptors)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int net = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	refuses(-EINVAL, ct_spec_set_ns_new(spec, 1));
	refuses(-EINVAL, ct_spec_set_ns_new(spec, CT_NS_PID | 0x100));
	refuses(-EINVAL, ct_spec_set_ns_host(spec, 1));
	accepts(ct_spec_set_ns_new(spec, CT_NS_ALL));
	accepts(ct_spec_set_ns_host(spec, CT_NS_NET | CT_NS_UTS));
	refuses(-EINVAL, ct_spec_set_ns_fd(spec, CT_NS_NET | CT_NS_PID, net));
	refuses(-EINVAL, ct_spec_set_ns_fd(spec, 0, net));
	refuses(-EINVAL, ct_spec_set_ns_fd(spec, 1, net));
	refuses(-EINVAL, ct_spec_set_ns_fd(spec, CT_NS_PID, net));
	refuses(-EINVAL, ct_spec_set_ns_fd(spec, CT_NS_NET, null));
	refuses(-EBADF, ct_spec_set_ns_fd(spec, CT_NS_NET, -1));
	refuses(-EBADF, ct_spec_set_ns_fd(spec, CT_NS_NET, 1000000));
	accepts(ct_spec_set_ns_fd(spec, CT_NS_NET, net));
	refuses(-EINVAL, ct_spec_set_ns_path(spec, CT_NS_NET, NULL));
	refuses(-ENOENT, ct_spec_set_ns_path(spec, CT_NS_NET, "/nonexistent"));
	refuses(-EINVAL, ct_spec_set_ns_path(spec, CT_NS_NET, "/dev/null"));
	refuses(-EINVAL, ct_spec_set_ns_path(spec, CT_NS_NET, "/proc/self/ns/uts"));
	accepts(ct_spec_set_ns_path(spec, CT_NS_NET, "/proc/self/ns/net"));
	refuses(-EINVAL, ct_spec_set_ns_pid(spec, 1, getpid()));
	refuses(-EINVAL, ct_spec_set_ns_pid(spec, 0, getpid()));
	refuses(-ESRCH, ct_spec_set_ns_pid(spec, CT_NS_NET, 0x3fffffff));
	accepts(ct_spec_set_ns_pid(spec, CT_NS_NET | CT_NS_UTS, getpid()));
	close(null);
	close(net);
}
END_TEST

START_TEST(ns_path_with_a_fifo_does_not_hang)
{
	char path[] = "/tmp/ct-test-fifo.XXXXXX";

	ck_assert_ptr_nonnull(mkdtemp(path));
	{
		char fifo[sizeof(path) + 8];

		snprintf(fifo, sizeof(fifo), "%s/fifo", path);
		ck_assert_int_eq(mkfifo(fifo, 0600), 0);
		refuses(-EINVAL, ct_spec_set_ns_path(spec, CT_NS_NET, fifo));
		unlink(fifo);
	}
	rmdir(path);
}
END_TEST

START_TEST(id_maps_refuse_empty_overflowing_overlapping_and_too_many)
{
	ct_spec *many = new_spec();

	refuses(-EINVAL, ct_spec_add_uid_map(spec, 0, 0, 0));
	refuses(-EINVAL, ct_spec_add_uid_map(spec, 1, 0, UINT32_MAX));
	refuses(-EINVAL, ct_spec_add_uid_map(spec, 0, 1, UINT32_MAX));
	refuses(-EINVAL, ct_spec_add_uid_map(spec, UINT32_MAX, 0, 1));
	refuses(-EINVAL, ct_spec_add_gid_map(spec, 0, 0, 0));
	refuses(-EINVAL, ct_spec_add_gid_map(spec, UINT32_MAX - 1, 0, 3));
	accepts(ct_spec_add_uid_map(spec, 0, 0, UINT32_MAX));
	accepts(ct_spec_add_uid_map(spec, 0, 100000, 65536));
	refuses(-EINVAL,
		(ct_spec_add_uid_map(spec, 0, 1000, 10), ct_spec_add_uid_map(spec, 9, 5000, 10)));
	refuses(-EINVAL,
		(ct_spec_add_uid_map(spec, 0, 1000, 10), ct_spec_add_uid_map(spec, 50, 1009, 10)));
	refuses(-EINVAL,
		(ct_spec_add_gid_map(spec, 5, 1000, 10), ct_spec_add_gid_map(spec, 0, 5000, 6)));
	accepts((ct_spec_add_uid_map(spec, 0, 1000, 10), ct_spec_add_uid_map(spec, 10, 1010, 10)));
	/* Users and groups are maps apart. */
	accepts((ct_spec_add_uid_map(spec, 0, 1000, 10), ct_spec_add_gid_map(spec, 0, 1000, 10)));
	for (uint32_t i = 0; i < 340; i++)
		ck_assert_int_eq(ct_spec_add_uid_map(many, i, 1000 + i, 1), 0);
	ck_assert_int_eq(ct_spec_add_uid_map(many, 340, 2000, 1), -E2BIG);
	ct_spec_free(many);
}
END_TEST

START_TEST(kind_of_id_map_and_ranges_exclude_each_other)
{
	accepts(ct_spec_set_idmap(spec, CT_IDMAP_OWN, 1));
	accepts(ct_spec_set_idmap(spec, CT_IDMAP_SUBIDS, 0));
	accepts(ct_spec_set_idmap(spec, CT_IDMAP_PRIVATE, 65536));
	accepts((ct_spec_set_idmap(spec, CT_IDMAP_PRIVATE, 5), ct_spec_set_idmap(spec, CT_IDMAP_OWN, 0)));
	refuses(-EINVAL, ct_spec_set_idmap(spec, CT_IDMAP_OWN, 2));
	refuses(-EINVAL, ct_spec_set_idmap(spec, (ct_idmap)3, 0));
	refuses(-EINVAL, ct_spec_set_idmap(spec, (ct_idmap)-1, 0));
	refuses(-EINVAL,
		(ct_spec_add_uid_map(spec, 0, 1000, 1), ct_spec_set_idmap(spec, CT_IDMAP_OWN, 0)));
	refuses(-EINVAL,
		(ct_spec_set_idmap(spec, CT_IDMAP_PRIVATE, 0), ct_spec_add_gid_map(spec, 0, 1000, 1)));
}
END_TEST

START_TEST(names_refuse_empty_and_too_long)
{
	char name[66];

	memset(name, 'n', 65);
	name[65] = '\0';
	refuses(-ENAMETOOLONG, ct_spec_set_hostname(spec, name));
	refuses(-ENAMETOOLONG, ct_spec_set_domainname(spec, name));
	name[64] = '\0';
	accepts(ct_spec_set_hostname(spec, name));
	accepts(ct_spec_set_domainname(spec, name));
	refuses(-EINVAL, ct_spec_set_hostname(spec, ""));
	refuses(-EINVAL, ct_spec_set_hostname(spec, NULL));
	refuses(-EINVAL, ct_spec_set_domainname(spec, ""));
	refuses(-EINVAL, ct_spec_set_domainname(spec, NULL));
}
END_TEST

START_TEST(sysctls_of_the_whole_host_are_refused)
{
	static const char *const refused[] = {"kernel.core_pattern", "kernel.sysrq", "vm.swappiness",
		"fs.file-max", "kernel.modprobe", "kernel.hotplug", "fs.binfmt_misc.register",
		"kernel.pid_max", "fs.mqueue", "net", "", ".", "net.", "net..ipv4", ".net.ipv4",
		"net.ipv4.", "net/../kernel/sysrq", "net.../kernel.sysrq", "net.ipv4/../../kernel/sysrq",
		"kernel.shmfoo/../sysrq", "/net/ipv4/ip_forward", "kernel", "kernel.msg/../../x",
		"kernel.semx", "kernel.random.boot_id", "dev.cdrom.info", "user", "netx.ipv4",
		"kernel.hostnamex", "abi.vsyscall32", "sunrpc.x"};
	static const char *const taken[] = {"net.ipv4.ip_forward", "fs.mqueue.msg_max",
		"kernel.msgmax", "kernel.msgmnb", "kernel.sem", "kernel.shmmax",
		"kernel.shm_rmid_forced", "kernel.hostname", "kernel.domainname",
		"user.max_user_namespaces", "net.ipv4.conf.all.forwarding"};

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		ct_spec *spec = new_spec();
		int code = ct_spec_set_sysctl(spec, refused[i], "1");

		ck_assert_msg(code == -EINVAL, "\"%s\" gives %d", refused[i], code);
		ck_assert_int_eq(ct_spec_check(spec, NULL), -EINVAL);
		ct_spec_free(spec);
	}
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		accepts(ct_spec_set_sysctl(spec, taken[i], "1"));
	refuses(-EINVAL, ct_spec_set_sysctl(spec, NULL, "1"));
	refuses(-EINVAL, ct_spec_set_sysctl(spec, "net.ipv4.ip_forward", NULL));
}
END_TEST

/* Each way to add a mount takes the same targets. */
static int add_bind(ct_spec *spec, const char *target)
{
	return ct_spec_add_bind(spec, "/", target, 0);
}

static int add_bind_fd(ct_spec *spec, const char *target)
{
	int fd = open("/", O_PATH | O_CLOEXEC);
	int code = ct_spec_add_bind_fd(spec, fd, target, 0);

	close(fd);
	return code;
}

static int add_tmpfs(ct_spec *spec, const char *target)
{
	return ct_spec_add_tmpfs(spec, target, 0, 0755, 0);
}

static int add_overlay(ct_spec *spec, const char *target)
{
	return ct_spec_add_overlay(spec, STRINGS("/"), NULL, NULL, target, 0);
}

static int add_file(ct_spec *spec, const char *target)
{
	return ct_spec_add_file(spec, "x", 1, target, 0644);
}

static int add_file_fd(ct_spec *spec, const char *target)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int code = ct_spec_add_file_fd(spec, fd, target, 0644);

	close(fd);
	return code;
}

static const struct {
	const char *name;
	int (*add)(ct_spec *spec, const char *target);
} adders[] = {{"bind", add_bind}, {"bind_fd", add_bind_fd}, {"tmpfs", add_tmpfs},
	{"overlay", add_overlay}, {"file", add_file}, {"file_fd", add_file_fd}};

START_TEST(mount_targets_outside_the_rules_are_refused)
{
	static const char *const refused[] = {NULL, "", "data", "./data", "../data", "/", "//", "/.",
		"/./", "/..", "/../", "/data/..", "/data/../..", "/../data", "/data/../../etc",
		"/proc", "/proc/", "//proc", "/./proc", "/proc/self", "/proc/self/attr", "/proc/1",
		"/proc/./self", "/x/../proc", "/proc/sys/kernel"};
	static const char *const taken[] = {"/data", "/data/sub", "//data", "/data/", "/proc2",
		"/procx/y", "/data/...", "/.hidden", "/srv/proc"};

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		ct_spec *spec = new_spec();
		int code = adders[_i].add(spec, refused[i]);

		ck_assert_msg(code == -EINVAL, "%s of \"%s\" gives %d", adders[_i].name,
			refused[i] ? refused[i] : "NULL", code);
		ck_assert_int_eq(ct_spec_check(spec, NULL), -EINVAL);
		ct_spec_free(spec);
	}
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		ct_spec *spec = new_spec();
		int code = adders[_i].add(spec, taken[i]);

		ck_assert_msg(code == 0, "%s of \"%s\" gives %d", adders[_i].name, taken[i], code);
		ct_spec_free(spec);
	}
}
END_TEST

START_TEST(mounts_refuse_bad_sources_flags_and_sizes)
{
	static const char *const one[] = {"/", NULL}, *const none[] = {NULL};
	static const char big[(16u << 20) + 1];
	const char *many[66];
	int write_only = open("/dev/null", O_WRONLY | O_CLOEXEC);

	for (int i = 0; i < 65; i++)
		many[i] = "/";
	many[65] = NULL;
	refuses(-ENOENT, ct_spec_add_bind(spec, "/nonexistent", "/data", 0));
	refuses(-EINVAL, ct_spec_add_bind(spec, NULL, "/data", 0));
	refuses(-EINVAL, ct_spec_add_bind(spec, "/", "/data", 1u << 31));
	refuses(-EINVAL, ct_spec_add_tmpfs(spec, "/data", 0, 0755, 1u << 31));
	refuses(-EINVAL, ct_spec_add_tmpfs(spec, "/data", 0, 0755, CT_MOUNT_IDMAP));
	accepts(ct_spec_add_bind(spec, "/nonexistent", "/data", CT_MOUNT_OPTIONAL));
	accepts(ct_spec_add_bind(spec, "/", "/data",
		CT_MOUNT_READONLY | CT_MOUNT_NOEXEC | CT_MOUNT_SUID | CT_MOUNT_DEV |
			CT_MOUNT_NO_SUBMOUNTS));
	refuses(-EBADF, ct_spec_add_bind_fd(spec, -1, "/data", 0));
	refuses(-EBADF, ct_spec_add_bind_fd(spec, 1000000, "/data", 0));
	refuses(-EINVAL, ct_spec_add_tmpfs(spec, "/data", 0, 010000, 0));
	accepts(ct_spec_add_filesystem(spec, "tmpfs", "/data", "", 0)); /* the same as NULL */
	refuses(-EINVAL, ct_spec_add_filesystem(spec, NULL, "/data", NULL, 0));
	refuses(-EINVAL, ct_spec_add_filesystem(spec, "", "/data", NULL, 0));
	refuses(-EINVAL, ct_spec_add_filesystem(spec, "tmpfs", "/data", "size=1m,,mode=1", 0));
	refuses(-EINVAL, ct_spec_add_filesystem(spec, "tmpfs", "/data", "=1m", 0));
	refuses(-EINVAL, ct_spec_add_filesystem(spec, "tmpfs", "/data", "a,", 0));
	refuses(-EINVAL, ct_spec_add_filesystem(spec, "tmpfs", "/data", NULL, 1u << 31));
	refuses(-EINVAL, ct_spec_add_overlay(spec, NULL, NULL, NULL, "/data", 0));
	refuses(-EINVAL, ct_spec_add_overlay(spec, none, NULL, NULL, "/data", 0));
	refuses(-E2BIG, ct_spec_add_overlay(spec, many, NULL, NULL, "/data", 0));
	refuses(-EINVAL, ct_spec_add_overlay(spec, one, "/tmp", NULL, "/data", 0));
	refuses(-EINVAL, ct_spec_add_overlay(spec, one, NULL, "/tmp", "/data", 0));
	refuses(-ENOENT, ct_spec_add_overlay(spec, STRINGS("/nonexistent"), NULL, NULL, "/data", 0));
	refuses(-EINVAL, ct_spec_add_file(spec, NULL, 1, "/data", 0644));
	refuses(-EINVAL, ct_spec_add_file(spec, "x", 1, "/data", 010000));
	refuses(-EFBIG, ct_spec_add_file(spec, big, sizeof(big), "/data", 0644));
	accepts(ct_spec_add_file(spec, NULL, 0, "/data", 0644));
	refuses(-EBADF, ct_spec_add_file_fd(spec, -1, "/data", 0644));
	refuses(-EBADF, ct_spec_add_file_fd(spec, write_only, "/data", 0644));
	close(write_only);
}
END_TEST

START_TEST(file_of_any_size_is_read_from_a_descriptor)
{
	static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 131072, 1000000, 16u << 20};
	static const char zeros[1 << 16];

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		FILE *file = tmpfile();

		ck_assert_ptr_nonnull(file);
		for (size_t left = sizes[i]; left;) {
			size_t part = left < sizeof(zeros) ? left : sizeof(zeros);

			ck_assert_uint_eq(fwrite(zeros, 1, part, file), part);
			left -= part;
		}
		ck_assert_int_eq(fflush(file), 0);
		rewind(file);
		accepts(ct_spec_add_file_fd(spec, fileno(file), "/data", 0644));
		ck_assert_int_eq(lseek(fileno(file), 0, SEEK_CUR), (off_t)sizes[i]);
		fclose(file);
	}
}
END_TEST

START_TEST(file_from_an_endless_descriptor_is_efbig)
{
	int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	refuses(-EFBIG, ct_spec_add_file_fd(spec, zero, "/data", 0644));
	close(zero);
}
END_TEST

START_TEST(masked_and_readonly_paths_must_be_absolute)
{
	static const char *const refused[] = {NULL, "", "proc/kcore", "../x", "/x/../..", "/.."};

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		refuses(-EINVAL, ct_spec_add_masked_path(spec, refused[i]));
		refuses(-EINVAL, ct_spec_add_readonly_path(spec, refused[i]));
	}
	accepts(ct_spec_add_masked_path(spec, "/proc/uptime"));
	accepts(ct_spec_add_readonly_path(spec, "/etc"));
	accepts(ct_spec_clear_paths(spec));
}
END_TEST

START_TEST(limits_refuse_unknown_kinds_and_soft_over_hard)
{
	refuses(-EINVAL, ct_spec_set_rlimit(spec, -1, 0, 0));
	refuses(-EINVAL, ct_spec_set_rlimit(spec, RLIM_NLIMITS, 0, 0));
	refuses(-EINVAL, ct_spec_set_rlimit(spec, RLIMIT_CORE, 2, 1));
	refuses(-EINVAL, ct_spec_set_rlimit(spec, RLIMIT_CORE, UINT64_MAX, 1));
	accepts(ct_spec_set_rlimit(spec, RLIMIT_CORE, UINT64_MAX, UINT64_MAX));
	accepts(ct_spec_set_rlimit(spec, RLIMIT_NOFILE, 10, 10));
	refuses(-EINVAL, ct_spec_set_oom_score_adj(spec, -1001));
	refuses(-EINVAL, ct_spec_set_oom_score_adj(spec, 1001));
	accepts(ct_spec_set_oom_score_adj(spec, -1000));
	accepts(ct_spec_set_oom_score_adj(spec, 1000));
}
END_TEST

START_TEST(descriptors_refuse_bad_numbers_and_taken_targets)
{
	ct_spec *many = new_spec();

	refuses(-EINVAL, ct_spec_set_stdio(spec, 3, CT_STDIO_NULL, -1));
	refuses(-EINVAL, ct_spec_set_stdio(spec, -1, CT_STDIO_NULL, -1));
	refuses(-EINVAL, ct_spec_set_stdio(spec, 1, (ct_stdio)4, -1));
	refuses(-EBADF, ct_spec_set_stdio(spec, 1, CT_STDIO_FD, -1));
	accepts(ct_spec_set_stdio(spec, 1, CT_STDIO_PIPE, -1));
	accepts(ct_spec_set_stdio(spec, 1, CT_STDIO_FD, 1));
	refuses(-EINVAL, ct_spec_map_fd(spec, 0, 2));
	refuses(-EINVAL, ct_spec_map_fd(spec, 0, -1));
	refuses(-EINVAL, ct_spec_map_fd(spec, 0, 1024));
	refuses(-EBADF, ct_spec_map_fd(spec, -1, 3));
	accepts(ct_spec_map_fd(spec, 0, 3));
	accepts(ct_spec_map_fd(spec, 0, 1023));
	refuses(-EEXIST, (ct_spec_map_fd(spec, 0, 3), ct_spec_map_fd(spec, 1, 3)));
	for (int i = 0; i < 128; i++)
		ck_assert_int_eq(ct_spec_map_fd(many, 0, 3 + i), 0);
	ck_assert_int_eq(ct_spec_map_fd(many, 0, 500), -E2BIG);
	ct_spec_free(many);
}
END_TEST

START_TEST(capabilities_refuse_names_that_are_none)
{
	static const char *const refused[] = {NULL, "", "chown", "cap_", "cap_nonsense", "CAP_", "0",
		"cap_chown ", "cap_chown,cap_kill", "ALL!"};

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		ct_spec *one = new_spec();

		ck_assert_msg(ct_spec_add_cap(one, refused[i]) == -EINVAL, "\"%s\" is taken",
			refused[i] ? refused[i] : "NULL");
		ct_spec_free(one);
		refuses(-EINVAL, ct_spec_drop_cap(spec, refused[i]));
		refuses(-EINVAL, ct_spec_add_ambient_cap(spec, refused[i]));
	}
	accepts(ct_spec_add_cap(spec, "cap_net_admin"));
	accepts(ct_spec_add_cap(spec, "all"));
	accepts(ct_spec_drop_cap(spec, "all"));
	accepts(ct_spec_add_ambient_cap(spec, "cap_net_bind_service"));
	accepts(ct_spec_set_no_new_privs(spec, 0));
	accepts(ct_spec_set_loopback(spec, 0));
	accepts(ct_spec_set_time_offsets(spec, -1, INT64_MAX));
}
END_TEST

START_TEST(setters_copy_their_strings_and_duplicate_their_descriptors)
{
	char source[] = "/";
	char word[] = "/bin/true";
	const char *argv[] = {word, NULL};
	int descriptor = open("/", O_PATH | O_CLOEXEC);
	ct_spec *spec = new_spec();

	ck_assert_int_eq(ct_spec_set_argv(spec, argv), 0);
	ck_assert_int_eq(ct_spec_add_bind(spec, source, "/data", 0), 0);
	ck_assert_int_eq(ct_spec_add_bind_fd(spec, descriptor, "/data2", 0), 0);
	memset(word, 'x', sizeof(word) - 1);
	memset(source, 'x', sizeof(source) - 1);
	/* The library's own duplicate, so this is ours to close. */
	ck_assert_int_eq(close(descriptor), 0);
	ck_assert_int_eq(ct_spec_check(spec, NULL), 0);
	ct_spec_free(spec);
}
END_TEST

START_TEST(setters_hold_no_descriptor_after_free_and_none_that_survives_exec)
{
	ct_spec *spec = new_spec();
	int before, after;
	bool there[256];

	for (int fd = 0; fd < 256; fd++)
		there[fd] = fcntl(fd, F_GETFD) >= 0;
	before = open("/dev/null", O_RDONLY | O_CLOEXEC);

	ck_assert_int_eq(ct_spec_add_bind(spec, "/", "/data", 0), 0);
	ck_assert_int_eq(ct_spec_set_ns_path(spec, CT_NS_NET, "/proc/self/ns/net"), 0);
	ck_assert_int_eq(ct_spec_add_overlay(spec, STRINGS("/", "/tmp"), NULL, NULL, "/data2", 0), 0);
	for (int fd = 0; fd < 256; fd++) {
		int flags = fcntl(fd, F_GETFD);

		ck_assert_msg(there[fd] || flags < 0 || (flags & FD_CLOEXEC), "descriptor %d survives exec", fd);
	}
	ct_spec_free(spec);
	close(before);
	for (int fd = 0; fd < 256; fd++) {
		after = fcntl(fd, F_GETFD);
		ck_assert_msg((after >= 0) == there[fd], "descriptor %d was opened or closed", fd);
	}
}
END_TEST

static const ct_seccomp_arg one_arg[] = {{0, CT_SECCOMP_EQ, 0, 1}};
static const ct_seccomp_arg bad_args[] = {{6, CT_SECCOMP_EQ, 0, 1}, {0, CT_SECCOMP_GE + 1, 0, 1}};

#define RULE(...) ct_spec_add_seccomp_rule(spec, __VA_ARGS__)

START_TEST(seccomp_rules_are_about_known_calls_actions_and_arguments)
{
	refuses(-EINVAL, RULE("amount", CT_SECCOMP_ALLOW, 0, NULL, 0));
	refuses(-EINVAL, RULE("", CT_SECCOMP_ALLOW, 0, NULL, 0));
	refuses(-EINVAL, RULE(NULL, CT_SECCOMP_ALLOW, 0, NULL, 0));
	refuses(-EINVAL, RULE("165", CT_SECCOMP_ALLOW, 0, NULL, 0));
	refuses(-EINVAL, RULE("mount", (ct_seccomp_action)6, 0, NULL, 0));
	refuses(-EINVAL, RULE("mount", CT_SECCOMP_ALLOW, EPERM, NULL, 0));
	refuses(-EINVAL, RULE("mount", CT_SECCOMP_ERRNO, 0, NULL, 0));
	refuses(-EINVAL, RULE("mount", CT_SECCOMP_ERRNO, -EPERM, NULL, 0));
	refuses(-EINVAL, RULE("mount", CT_SECCOMP_ERRNO, 4096, NULL, 0));
	refuses(-EINVAL, RULE("mount", CT_SECCOMP_KILL, 0, NULL, 1));
	refuses(-EINVAL, RULE("mount", CT_SECCOMP_KILL, 0, one_arg, 7));
	refuses(-EINVAL, RULE("mount", CT_SECCOMP_KILL, 0, &bad_args[0], 1));
	refuses(-EINVAL, RULE("mount", CT_SECCOMP_KILL, 0, &bad_args[1], 1));
}
END_TEST

START_TEST(seccomp_rules_have_a_limit_and_names_of_other_machines_count_not)
{
	ct_spec *spec = new_spec();

	for (int i = 0; i < 256; i++)
		ck_assert_int_eq(RULE("mount", CT_SECCOMP_KILL, 0, one_arg, 1), 0);
	ck_assert_int_eq(RULE("mount", CT_SECCOMP_KILL, 0, one_arg, 1), -E2BIG);
	ct_spec_free(spec);
	spec = new_spec();
	/* One of them is missing on each kind of machine; the other is there. */
	ck_assert_int_eq(RULE("open", CT_SECCOMP_ALLOW, 0, NULL, 0), 0);
	ck_assert_int_eq(RULE("openat", CT_SECCOMP_ALLOW, 0, NULL, 0), 0);
	ct_spec_free(spec);
}
END_TEST

START_TEST(seccomp_base_flags_and_programs_are_checked)
{
	const uint64_t program[2] = {0};

	refuses(-EINVAL, ct_spec_set_seccomp(spec, (ct_seccomp)4, 0));
	refuses(-EINVAL, ct_spec_set_seccomp(spec, (ct_seccomp)-1, 0));
	refuses(-EINVAL, ct_spec_set_seccomp(spec, CT_SECCOMP_DEFAULT, 4));
	refuses(-EINVAL, ct_spec_set_seccomp_bpf(spec, program, 0));
	refuses(-EINVAL, ct_spec_set_seccomp_bpf(spec, program, 12));
	refuses(-EINVAL, ct_spec_set_seccomp_bpf(spec, program, 4097 * 8));
	ck_assert_int_eq(ct_spec_set_seccomp(NULL, CT_SECCOMP_OFF, 0), -EINVAL);
	ck_assert_int_eq(ct_spec_set_seccomp_bpf(NULL, program, 8), -EINVAL);
	ck_assert_int_eq(
		ct_spec_add_seccomp_rule(NULL, "mount", CT_SECCOMP_KILL, 0, NULL, 0), -EINVAL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("spec");
	TCase *tc = tcase_create("spec");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, new_spec_has_no_mistake);
	tcase_add_test(tc, first_mistake_is_remembered_and_later_calls_do_not_hide_it);
	tcase_add_test(tc, spawn_and_create_refuse_a_spec_with_a_mistake_as_check_reports_it);
	tcase_add_test(tc, null_spec_is_einval_everywhere);
	tcase_add_test(tc, null_container_is_einval_everywhere);
	tcase_add_test(tc, spawn_refuses_a_spec_without_argv_and_without_rootfs);
	tcase_add_test(tc, argv_env_and_program_refuse_what_exec_cannot_use);
	tcase_add_test(tc, cwd_umask_and_root_mode_refuse_what_is_out_of_range);
	tcase_add_test(tc, ids_and_groups_refuse_the_number_that_is_no_id);
	tcase_add_test(tc, namespaces_refuse_unknown_kinds_and_wrong_descriptors);
	tcase_add_test(tc, ns_path_with_a_fifo_does_not_hang);
	tcase_add_test(tc, id_maps_refuse_empty_overflowing_overlapping_and_too_many);
	tcase_add_test(tc, kind_of_id_map_and_ranges_exclude_each_other);
	tcase_add_test(tc, names_refuse_empty_and_too_long);
	tcase_add_test(tc, sysctls_of_the_whole_host_are_refused);
	tcase_add_loop_test(tc, mount_targets_outside_the_rules_are_refused, 0,
		(int)(sizeof(adders) / sizeof(adders[0])));
	tcase_add_test(tc, mounts_refuse_bad_sources_flags_and_sizes);
	tcase_add_test(tc, file_of_any_size_is_read_from_a_descriptor);
	tcase_add_test(tc, file_from_an_endless_descriptor_is_efbig);
	tcase_add_test(tc, masked_and_readonly_paths_must_be_absolute);
	tcase_add_test(tc, limits_refuse_unknown_kinds_and_soft_over_hard);
	tcase_add_test(tc, descriptors_refuse_bad_numbers_and_taken_targets);
	tcase_add_test(tc, capabilities_refuse_names_that_are_none);
	tcase_add_test(tc, setters_copy_their_strings_and_duplicate_their_descriptors);
	tcase_add_test(tc, setters_hold_no_descriptor_after_free_and_none_that_survives_exec);
	tcase_add_test(tc, seccomp_rules_are_about_known_calls_actions_and_arguments);
	tcase_add_test(tc, seccomp_rules_have_a_limit_and_names_of_other_machines_count_not);
	tcase_add_test(tc, seccomp_base_flags_and_programs_are_checked);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

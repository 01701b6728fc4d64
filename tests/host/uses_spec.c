/* SPDX-License-Identifier: MIT */
/* Uses of spec.h; see host.h. */
#include "host.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define JSON(text) (scene.spec, text, sizeof(text) - 1)

static const char *const words[] = {"/bin/probe", "exit", "0", NULL};
static const char *const no_words[] = {NULL};
static const char *const environment[] = {"NAME=value", NULL};
static const gid_t groups[] = {3, 4}, no_groups[] = {(gid_t)-1};

static const struct sock_filter allowing[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};

static void make_mistake(void)
{
	ck_assert_int_eq(ct_spec_set_umask(scene.spec, 01000), -EINVAL);
}

static void have_empty_spec(void)
{
	ct_spec_free(scene.spec);
	ck_assert_int_eq(ct_spec_new(&scene.spec), 0);
}

static void open_net(void)
{
	scene.fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(scene.fd, 0);
}

static void open_dir(void)
{
	scene.fd = open(box.dir, O_PATH | O_CLOEXEC);
	ck_assert_int_ge(scene.fd, 0);
}

/* A pipe, which has no offset to move. */
static void pipe_content(void)
{
	int ends[2];

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	ck_assert_int_eq(write(ends[1], "content", 7), 7);
	close(ends[1]);
	scene.fd = ends[0];
}

static void make_layers(void)
{
	ck_assert_int_eq(mkdir(in_dir("upper"), 0755), 0);
	ck_assert_int_eq(mkdir(in_dir("work"), 0755), 0);
}

static void map_once(void)
{
	set(ct_spec_add_uid_map(scene.spec, 0, 0, 10));
	set(ct_spec_add_gid_map(scene.spec, 0, 0, 10));
}

static void spawn_once(void)
{
	ct_container *container = NULL;

	ck_assert_int_eq(ct_spawn(scene.spec, &container, &scene.err), 0);
	ct_container_free(container);
}

#define LOWERS ((const char *const[]){box.dir, NULL})
#define OPENS  .changes = SNAPSHOT_MORE_DESCRIPTORS
#define LIST(X)                                                                                    \
	X(ct_spec_check, finds_nothing, (scene.spec, &scene.err), .returns = 0)                    \
	X(ct_spec_check, finds, (scene.spec, &scene.err), .prepare = make_mistake,                 \
		.returns = -EINVAL)                                                                \
	X(ct_spec_new, refuses, (NULL), .returns = -EINVAL)                                        \
                                                                                                   \
	X(ct_spec_set_argv, takes, (scene.spec, words), .returns = 0)                              \
	X(ct_spec_set_argv, refuses, (scene.spec, no_words), .returns = -EINVAL)                   \
	X(ct_spec_set_program, takes, (scene.spec, "/bin/sh"), .returns = 0)                       \
	X(ct_spec_set_program, refuses, (scene.spec, ""), .returns = -EINVAL)                      \
	X(ct_spec_set_env, takes, (scene.spec, environment), .returns = 0)                         \
	X(ct_spec_set_env, refuses, (scene.spec, words), .returns = -EINVAL)                       \
	X(ct_spec_set_cwd, takes, (scene.spec, "/tmp"), .returns = 0)                              \
	X(ct_spec_set_cwd, refuses, (scene.spec, "tmp"), .returns = -EINVAL)                       \
	X(ct_spec_set_umask, takes, (scene.spec, 027), .returns = 0)                               \
	X(ct_spec_set_umask, refuses, (scene.spec, 01000), .returns = -EINVAL)                     \
                                                                                                   \
	X(ct_spec_set_rootfs, takes, (scene.spec, box.rootfs), .prepare = have_empty_spec, OPENS)  \
	X(ct_spec_set_rootfs, refuses, (scene.spec, NULL), .returns = -EINVAL)                     \
	X(ct_spec_set_root_mode, takes, (scene.spec, CT_ROOT_READONLY), .returns = 0)              \
	X(ct_spec_set_root_mode, refuses, (scene.spec, (ct_root_mode)3), .returns = -EINVAL)       \
	X(ct_spec_set_ephemeral_size, takes, (scene.spec, 1 << 20), .returns = 0)                  \
	X(ct_spec_set_ephemeral_size, refuses, (NULL, 1 << 20), .returns = -EINVAL)                \
                                                                                                   \
	X(ct_spec_set_user, takes, (scene.spec, 1000, 1000), .returns = 0)                         \
	X(ct_spec_set_user, refuses, (scene.spec, (uid_t)-1, 0), .returns = -EINVAL)               \
	X(ct_spec_set_groups, takes, (scene.spec, groups, 2), .returns = 0)                        \
	X(ct_spec_set_groups, refuses, (scene.spec, no_groups, 1), .returns = -EINVAL)             \
                                                                                                   \
	X(ct_spec_set_ns_new, takes, (scene.spec, CT_NS_ALL), .returns = 0)                        \
	X(ct_spec_set_ns_new, refuses, (scene.spec, 1), .returns = -EINVAL)                        \
	X(ct_spec_set_ns_host, takes, (scene.spec, CT_NS_NET), .returns = 0)                       \
	X(ct_spec_set_ns_host, refuses, (scene.spec, 1), .returns = -EINVAL)                       \
	X(ct_spec_set_ns_fd, takes, (scene.spec, CT_NS_NET, scene.fd), .prepare = open_net, OPENS) \
	X(ct_spec_set_ns_fd, refuses, (scene.spec, CT_NS_UTS, scene.fd), .prepare = open_net,      \
		.returns = -EINVAL)                                                                \
	X(ct_spec_set_ns_path, takes, (scene.spec, CT_NS_NET, "/proc/self/ns/net"), OPENS)         \
	X(ct_spec_set_ns_path, refuses, (scene.spec, CT_NS_NET, in_dir("missing")),                \
		.returns = -ENOENT)                                                                \
	X(ct_spec_set_ns_pid, takes, (scene.spec, CT_NS_NET | CT_NS_UTS, getpid()), OPENS)         \
	X(ct_spec_set_ns_pid, refuses, (scene.spec, CT_NS_NET | CT_NS_UTS, -1),                    \
		.returns = -EINVAL)                                                                \
	X(ct_spec_add_uid_map, takes, (scene.spec, 0, 0, 10), .returns = 0)                        \
	X(ct_spec_add_uid_map, refuses, (scene.spec, 5, 5, 10), .prepare = map_once,               \
		.returns = -EINVAL)                                                                \
	X(ct_spec_add_gid_map, takes, (scene.spec, 0, 0, 10), .returns = 0)                        \
	X(ct_spec_add_gid_map, refuses, (scene.spec, 5, 5, 10), .prepare = map_once,               \
		.returns = -EINVAL)                                                                \
	X(ct_spec_set_idmap, takes, (scene.spec, CT_IDMAP_PRIVATE, 1000), .returns = 0)            \
	X(ct_spec_set_idmap, refuses, (scene.spec, CT_IDMAP_OWN, 2), .returns = -EINVAL)           \
	X(ct_spec_set_time_offsets, takes, (scene.spec, 1, 1), .returns = 0)                       \
	X(ct_spec_set_time_offsets, refuses, (NULL, 1, 1), .returns = -EINVAL)                     \
                                                                                                   \
	X(ct_spec_set_hostname, takes, (scene.spec, "name"), .returns = 0)                         \
	X(ct_spec_set_hostname, refuses, (scene.spec, ""), .returns = -EINVAL)                     \
	X(ct_spec_set_domainname, takes, (scene.spec, "name"), .returns = 0)                       \
	X(ct_spec_set_domainname, refuses, (scene.spec, ""), .returns = -EINVAL)                   \
	X(ct_spec_set_sysctl, takes, (scene.spec, "net.ipv4.ip_default_ttl", "33"), .returns = 0)  \
	X(ct_spec_set_sysctl, refuses, (scene.spec, "kernel.panic", "1"), .returns = -EINVAL)      \
	X(ct_spec_set_loopback, takes, (scene.spec, 0), .returns = 0)                              \
	X(ct_spec_set_loopback, refuses, (NULL, 0), .returns = -EINVAL)                            \
                                                                                                   \
	X(ct_spec_add_bind, takes, (scene.spec, box.dir, "/mnt", 0), OPENS)                        \
	X(ct_spec_add_bind, refuses, (scene.spec, in_dir("missing"), "/mnt", 0),                   \
		.returns = -ENOENT)                                                                \
	X(ct_spec_add_bind_fd, takes, (scene.spec, scene.fd, "/mnt", 0), .prepare = open_dir,      \
		OPENS)                                                                             \
	X(ct_spec_add_bind_fd, refuses, (scene.spec, -1, "/mnt", 0), .returns = -EBADF)            \
	X(ct_spec_add_tmpfs, takes, (scene.spec, "/mnt", 1 << 20, 01777, 0), .returns = 0)         \
	X(ct_spec_add_tmpfs, refuses, (scene.spec, "/proc", 1 << 20, 01777, 0),                    \
		.returns = -EINVAL)                                                                \
	X(ct_spec_add_filesystem, takes, (scene.spec, "tmpfs", "/mnt", "size=1m", 0), .returns = 0) \
	X(ct_spec_add_filesystem, refuses, (scene.spec, "tmpfs", "/proc", NULL, 0),              \
		.returns = -EINVAL)                                                                \
	X(ct_spec_add_overlay, takes,                                                              \
		(scene.spec, LOWERS, in_dir("upper"), in_dir("work"), "/mnt", 0),                  \
		.prepare = make_layers, OPENS)                                                     \
	X(ct_spec_add_overlay, refuses,                                                            \
		(scene.spec, LOWERS, in_dir("missing"), in_dir("missing"), "/mnt", 0),             \
		.returns = -ENOENT)                                                                \
	X(ct_spec_add_file, takes, (scene.spec, "x", 1, "/etc/x", 0644), .returns = 0)             \
	X(ct_spec_add_file, refuses, (scene.spec, "x", 1, "etc/x", 0644), .returns = -EINVAL)      \
	X(ct_spec_add_file_fd, takes, (scene.spec, scene.fd, "/etc/x", 0644),                      \
		.prepare = pipe_content)                                                           \
	X(ct_spec_add_file_fd, refuses, (scene.spec, -1, "/etc/x", 0644), .returns = -EBADF)       \
	X(ct_spec_add_masked_path, takes, (scene.spec, "/etc"), .returns = 0)                      \
	X(ct_spec_add_masked_path, refuses, (scene.spec, "etc"), .returns = -EINVAL)               \
	X(ct_spec_add_readonly_path, takes, (scene.spec, "/etc"), .returns = 0)                    \
	X(ct_spec_add_readonly_path, refuses, (scene.spec, "etc"), .returns = -EINVAL)             \
	X(ct_spec_clear_paths, takes, (scene.spec), .returns = 0)                                  \
	X(ct_spec_clear_paths, refuses, (NULL), .returns = -EINVAL)                                \
                                                                                                   \
	X(ct_spec_set_rlimit, takes, (scene.spec, RLIMIT_NOFILE, 10, 20), .returns = 0)            \
	X(ct_spec_set_rlimit, refuses, (scene.spec, RLIMIT_NOFILE, 20, 10), .returns = -EINVAL)    \
	X(ct_spec_set_oom_score_adj, takes, (scene.spec, 1000), .returns = 0)                      \
	X(ct_spec_set_oom_score_adj, refuses, (scene.spec, 1001), .returns = -EINVAL)              \
	X(ct_spec_set_proc, takes, (scene.spec, CT_PROC_HIDE), .returns = 0)                       \
	X(ct_spec_set_proc, refuses, (scene.spec, 4), .returns = -EINVAL)                          \
	X(ct_spec_set_exact_rss, takes, (scene.spec, 1), .returns = 0)                             \
	X(ct_spec_set_exact_rss, refuses, (NULL, 1), .returns = -EINVAL)                           \
	X(ct_spec_set_devices, takes, (scene.spec, NULL, 0), .returns = 0)                         \
	X(ct_spec_set_devices, refuses, (scene.spec, NULL, 1), .returns = -EINVAL)                 \
	X(ct_spec_set_init, takes, (scene.spec, 1), .returns = 0)                                  \
	X(ct_spec_set_init, refuses, (NULL, 1), .returns = -EINVAL)                                \
                                                                                                   \
	X(ct_spec_set_stdio, takes, (scene.spec, 1, CT_STDIO_PIPE, -1), .returns = 0)              \
	X(ct_spec_set_stdio, refuses, (scene.spec, 3, CT_STDIO_PIPE, -1), .returns = -EINVAL)      \
	X(ct_spec_map_fd, takes, (scene.spec, 0, 3), .returns = 0)                                 \
	X(ct_spec_map_fd, refuses, (scene.spec, 0, 2), .returns = -EINVAL)                         \
                                                                                                   \
	X(ct_spec_add_cap, takes, (scene.spec, "cap_net_raw"), .returns = 0)                       \
	X(ct_spec_add_cap, refuses, (scene.spec, "cap_of_nobody"), .returns = -EINVAL)             \
	X(ct_spec_drop_cap, takes, (scene.spec, "all"), .returns = 0)                              \
	X(ct_spec_drop_cap, refuses, (scene.spec, "cap_of_nobody"), .returns = -EINVAL)            \
	X(ct_spec_add_ambient_cap, takes, (scene.spec, "cap_net_raw"), .returns = 0)               \
	X(ct_spec_add_ambient_cap, refuses, (scene.spec, "cap_of_nobody"), .returns = -EINVAL)     \
	X(ct_spec_set_no_new_privs, takes, (scene.spec, 0), .returns = 0)                          \
	X(ct_spec_set_no_new_privs, refuses, (NULL, 0), .returns = -EINVAL)                        \
	X(ct_spec_set_seccomp, takes, (scene.spec, CT_SECCOMP_OFF, 0), .returns = 0)               \
	X(ct_spec_set_seccomp, refuses, (scene.spec, CT_SECCOMP_DEFAULT, 8), .returns = -EINVAL)   \
	X(ct_spec_add_seccomp_rule, takes, (scene.spec, "mount", CT_SECCOMP_KILL, 0, NULL, 0),     \
		.returns = 0)                                                                      \
	X(ct_spec_add_seccomp_rule, refuses, (scene.spec, "amount", CT_SECCOMP_KILL, 0, NULL, 0),  \
		.returns = -EINVAL)                                                                \
	X(ct_spec_set_seccomp_bpf, takes, (scene.spec, allowing, sizeof(allowing)), .returns = 0)  \
	X(ct_spec_set_seccomp_bpf, refuses, (scene.spec, allowing, 7), .returns = -EINVAL)         \
	X(ct_spec_set_core_dumps, takes, (scene.spec, 0), .returns = 0)                            \
	X(ct_spec_set_core_dumps, refuses, (NULL, 0), .returns = -EINVAL)                          \
	X(ct_spec_set_apparmor, takes, (scene.spec, NULL), .returns = 0)                           \
	X(ct_spec_set_apparmor, refuses, (scene.spec, ""), .returns = -EINVAL)                     \
	X(ct_spec_set_selinux, takes, (scene.spec, NULL), .returns = 0)                            \
	X(ct_spec_set_selinux, refuses, (scene.spec, "a\n"), .returns = -EINVAL)                   \
	X(ct_spec_set_landlock, takes, (scene.spec, CT_LANDLOCK_SIGNALS), .returns = 0)            \
	X(ct_spec_set_landlock, refuses, (scene.spec, 64), .returns = -EINVAL)                     \
	X(ct_spec_add_landlock_path, takes, (scene.spec, "/", CT_LANDLOCK_READ, 0), .returns = 0)  \
	X(ct_spec_add_landlock_path, refuses, (scene.spec, "/", 0, 0), .returns = -EINVAL)         \
	X(ct_spec_add_landlock_port, takes, (scene.spec, 80, CT_LANDLOCK_BIND), .returns = 0)      \
	X(ct_spec_add_landlock_port, refuses, (scene.spec, 80, 0), .returns = -EINVAL)             \
	X(ct_spec_set_seccomp_json, takes, JSON("{\"defaultAction\": \"SCMP_ACT_ALLOW\"}"),        \
		.returns = 0, .needs_json = true)                                                  \
	X(ct_spec_set_seccomp_json, refuses, JSON("{\"defaultAction\": 1}"), .returns = -EINVAL,   \
		.needs_json = true)                                                                \
	X(ct_spec_set_prepare, takes, (scene.spec, NULL, NULL), .returns = 0)                      \
	X(ct_spec_set_prepare, refuses, (NULL, NULL, NULL), .returns = -EINVAL)                    \
	X(ct_spec_set_trace, takes, (scene.spec, NULL, NULL), .returns = 0)                        \
	X(ct_spec_set_trace, refuses, (NULL, NULL, NULL), .returns = -EINVAL)

LIST(USE_FUNCTION)

static long make_spec(void)
{
	ct_spec *spec = NULL;
	long code = ct_spec_new(&spec);

	ct_spec_free(spec);
	return code;
}

static long free_spec(void)
{
	ct_spec_free(scene.spec);
	scene.spec = NULL;
	return 0;
}

const struct use spec_uses[] = {
	LIST(USE_ROW)
	{"ct_spec_new", "makes", make_spec, .returns = 0},
	{"ct_spec_free", "frees", free_spec, .changes = SNAPSHOT_FEWER_DESCRIPTORS},
	{"ct_spec_free", "ends_the_keeper", free_spec, .prepare = spawn_once, .children = -1,
		.changes = SNAPSHOT_FEWER_DESCRIPTORS | SNAPSHOT_FEWER_CHILDREN},
	{0},
};

/* SPDX-License-Identifier: MIT */
/*
 * Specs written as OCI configurations: where each thing that a spec holds stands then, that it is read
 * again as the same, and that what a configuration has no word for is refused by its name.
 */
#include <check.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <jansson.h>

#include <container/container.h>

static char bundle[PATH_MAX];
static char *text;
static ct_spec *spec;
static ct_error err;

static const char *in_bundle(const char *name)
{
	static char path[2 * PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", bundle, name);
	return path;
}

static void setup(void)
{
	const char *temp = getenv("TMPDIR");
	ct_rootfs *rootfs = NULL;
	char made[PATH_MAX];

	err = (ct_error)CT_ERROR_INIT;
	text = NULL;
	snprintf(made, sizeof(made), "%s/ct-write.XXXXXX", temp ? temp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(made));
	ck_assert_ptr_nonnull(realpath(made, bundle));
	ck_assert_int_eq(mkdir(in_bundle("rootfs"), 0755), 0);
	ck_assert_int_eq(ct_rootfs_open(in_bundle("rootfs"), &rootfs, &err), 0);
	ck_assert_int_eq(ct_spec_new(&spec), 0);
	ck_assert_int_eq(ct_spec_set_rootfs(spec, rootfs), 0);
	ct_rootfs_free(rootfs);
	ck_assert_int_eq(ct_spec_set_argv(spec, (const char *const[]){"/bin/true", "x", NULL}), 0);
	ck_assert_int_eq(ct_spec_set_seccomp(spec, CT_SECCOMP_OFF, 0), 0);
}

static void teardown(void)
{
	ct_oci_text_free(text);
	ct_spec_free(spec);
	unlink(in_bundle("config.json"));
	rmdir(in_bundle("rootfs"));
	rmdir(bundle);
}

static json_t *written(const ct_spec *of)
{
	json_t *config;

	ct_oci_text_free(text);
	text = NULL;
	ck_assert_msg(ct_spec_to_oci(of, &text, &err) == 0, "%s", err.sentence);
	/* A limit without end is a number that this library's integers do not hold. */
	config = json_loads(text, JSON_DECODE_INT_AS_REAL, NULL);
	ck_assert_msg(config != NULL, "%s", text);
	return config;
}

/* The value at a pointer, as compact text; "" if there is none. free() it. */
static char *at(json_t *config, const char *pointer)
{
	json_t *json = config;
	char key[64], *found;

	while (json && *pointer == '/') {
		size_t length = strcspn(pointer + 1, "/");

		snprintf(key, sizeof(key), "%.*s", (int)length, pointer + 1);
		json = json_is_array(json) ? json_array_get(json, (size_t)atoi(key)) : json_object_get(json, key);
		pointer += 1 + length;
	}
	found = json ? json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS) : strdup("");
	ck_assert_ptr_nonnull(found);
	return found;
}

static void is_at(json_t *config, const char *pointer, const char *expected)
{
	json_t *wanted = *expected ? json_loads(expected, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, NULL) : NULL;
	char *want = wanted ? json_dumps(wanted, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS) : strdup("");
	char *found = at(config, pointer);

	ck_assert_msg(strcmp(found, want) == 0, "%s: %s, not %s\n%s", pointer, found, want, text);
	free(found);
	free(want);
	json_decref(wanted);
}

/* ------------------------------------------------------------ where it stands */

static int set_user(void)
{
	return ct_spec_set_user(spec, 5, 6) || ct_spec_set_groups(spec, (const gid_t[]){7, 8}, 2) ||
	       ct_spec_set_umask(spec, 077);
}

static int set_caps(void)
{
	return ct_spec_drop_cap(spec, "all") || ct_spec_add_cap(spec, "cap_kill") ||
	       ct_spec_add_ambient_cap(spec, "cap_chown") || ct_spec_set_user(spec, 5, 6);
}

static int set_names(void)
{
	return ct_spec_set_hostname(spec, "one") || ct_spec_set_domainname(spec, "two");
}

static int set_limits(void)
{
	return ct_spec_set_rlimit(spec, RLIMIT_CORE, 0, UINT64_MAX) ||
	       ct_spec_set_rlimit(spec, RLIMIT_NOFILE, 10, 20);
}

static int set_terminal(void)
{
	return ct_spec_set_terminal(spec, 33, 101);
}

static int set_mounts(void)
{
	return ct_spec_add_tmpfs(spec, "/tmp", 1 << 20, 01777, CT_MOUNT_NOEXEC) ||
	       ct_spec_add_bind(spec, bundle, "/data", CT_MOUNT_READONLY | CT_MOUNT_DEV | CT_MOUNT_NO_SUBMOUNTS) ||
	       ct_spec_add_filesystem(spec, "tmpfs", "/dev/shm", "size=1m", CT_MOUNT_SUID);
}

static int set_paths(void)
{
	return ct_spec_clear_paths(spec) || ct_spec_add_masked_path(spec, "/proc/kcore") ||
	       ct_spec_add_readonly_path(spec, "/proc//sys");
}

static int set_namespaces(void)
{
	return ct_spec_set_ns_host(spec, CT_NS_ALL & ~CT_NS_MNT) ||
	       ct_spec_set_ns_path(spec, CT_NS_NET, "/proc/self/ns/net");
}

static int set_ids(void)
{
	return ct_spec_add_uid_map(spec, 0, 100000, 1000) || ct_spec_add_gid_map(spec, 0, 200000, 4000000000u);
}

static int set_clocks(void)
{
	return ct_spec_set_ns_new(spec, CT_NS_TIME) || ct_spec_set_time_offsets(spec, -1, 7000000005);
}

static int set_sysctl(void)
{
	return ct_spec_set_sysctl(spec, "net.ipv4.ip_forward", "1");
}

static int set_devices(void)
{
	return ct_spec_set_devices(spec,
		(const ct_device[]){{.type = 'c', .major = 1, .minor = CT_DEVICE_ANY,
			.access = CT_DEVICE_READ | CT_DEVICE_MKNOD}},
		1);
}

static int set_memory(void)
{
	return ct_spec_set_limit(spec, CT_LIMIT_MEMORY_MAX, 1 << 20) ||
	       ct_spec_set_limit(spec, CT_LIMIT_SWAP_MAX, 1 << 20) ||
	       ct_spec_set_limit(spec, CT_LIMIT_PIDS_MAX, 50) || ct_spec_set_cpus(spec, "0-1");
}

static int set_disk(void)
{
	return ct_spec_set_limit_of(spec, CT_LIMIT_IO_READS, 8 << 8, 100) ||
	       ct_spec_set_limit_of(spec, CT_LIMIT_HUGETLB_MAX, 2 << 20, 4 << 20);
}

static int set_cpu(void)
{
	return ct_spec_set_limit(spec, CT_LIMIT_CPU_MAX, 1500);
}

static int set_labels(void)
{
	return ct_spec_set_apparmor(spec, "profile") || ct_spec_set_selinux(spec, "a:b:c");
}

static int set_rest(void)
{
	return ct_spec_set_no_new_privs(spec, 0) || ct_spec_set_oom_score_adj(spec, -7) ||
	       ct_spec_set_cwd(spec, "/srv") || ct_spec_set_root_mode(spec, CT_ROOT_READONLY) ||
	       ct_spec_set_env(spec, (const char *const[]){"A=1.8446744073709552e19", "B=\"\\", NULL});
}

#define PROFILE                                                                                    \
	"{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 38, \"flags\":"              \
	" [\"SECCOMP_FILTER_FLAG_LOG\", \"SECCOMP_FILTER_FLAG_TSYNC\"], \"architectures\":"       \
	" [\"SCMP_ARCH_X86_64\"], \"syscalls\": [{\"names\": [\"read\", \"write\", \"no_such_call\"],"  \
	" \"action\": \"SCMP_ACT_ALLOW\"}, {\"names\": [\"clone\"], \"action\": \"SCMP_ACT_ERRNO\", \"args\":"  \
	" [{\"index\": 0, \"value\": 16, \"valueTwo\": 16, \"op\": \"SCMP_CMP_MASKED_EQ\"}]},"      \
	" {\"names\": [\"mount\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": {\"caps\":"        \
	" [\"CAP_SYS_ADMIN\"]}}]}"

static int set_filter(void)
{
	return ct_spec_set_seccomp_json(spec, PROFILE, strlen(PROFILE));
}

static const struct {
	int (*set)(void);
	const char *pointer, *expected;
} places[] = {
	{set_rest, "/ociVersion", "\"1.2.0\""},
	{set_rest, "/process/args", "[\"/bin/true\", \"x\"]"},
	{set_rest, "/process/noNewPrivileges", "false"},
	{set_rest, "/process/oomScoreAdj", "-7"},
	{set_rest, "/process/cwd", "\"/srv\""},
	{set_rest, "/process/env", "[\"A=1.8446744073709552e19\", \"B=\\\"\\\\\"]"},
	{set_rest, "/process/terminal", "false"},
	{set_rest, "/process/consoleSize", ""},
	{set_rest, "/root/readonly", "true"},
	{set_rest, "/hostname", ""},
	{set_rest, "/linux/resources", ""},
	{set_rest, "/linux/seccomp", ""},
	{set_rest, "/linux/uidMappings", ""},
	{set_user, "/process/user", "{\"uid\": 5, \"gid\": 6, \"umask\": 63, \"additionalGids\": [7, 8]}"},
	{set_caps, "/process/capabilities/bounding", "[\"CAP_CHOWN\", \"CAP_KILL\"]"},
	{set_caps, "/process/capabilities/effective", "[\"CAP_CHOWN\"]"},
	{set_caps, "/process/capabilities/permitted", "[\"CAP_CHOWN\"]"},
	{set_caps, "/process/capabilities/ambient", "[\"CAP_CHOWN\"]"},
	{set_caps, "/process/capabilities/inheritable", "[\"CAP_CHOWN\"]"},
	{set_names, "/hostname", "\"one\""},
	{set_names, "/domainname", "\"two\""},
	{set_limits, "/process/rlimits", "[{\"type\": \"RLIMIT_CORE\", \"soft\": 0, \"hard\": 18446744073709551615},"
					 " {\"type\": \"RLIMIT_NOFILE\", \"soft\": 10, \"hard\": 20}]"},
	{set_terminal, "/process/terminal", "true"},
	{set_terminal, "/process/consoleSize", "{\"height\": 33, \"width\": 101}"},
	{set_mounts, "/mounts/0", "{\"destination\": \"/proc\", \"type\": \"proc\", \"source\": \"proc\","
				  " \"options\": [\"nosuid\", \"nodev\", \"noexec\"]}"},
	{set_mounts, "/mounts/5", "{\"destination\": \"/tmp\", \"type\": \"tmpfs\", \"source\": \"tmpfs\","
				  " \"options\": [\"nosuid\", \"nodev\", \"noexec\", \"mode=1777\", \"size=1048576\"]}"},
	{set_mounts, "/mounts/6/options", "[\"ro\", \"nosuid\", \"bind\"]"},
	{set_mounts, "/mounts/6/destination", "\"/data\""},
	{set_mounts, "/mounts/7", "{\"destination\": \"/dev/shm\", \"type\": \"tmpfs\", \"source\": \"tmpfs\","
				  " \"options\": [\"nodev\", \"size=1m\"]}"},
	{set_mounts, "/mounts/8", ""},
	{set_paths, "/linux/maskedPaths", "[\"/proc/kcore\"]"},
	{set_paths, "/linux/readonlyPaths", "[\"/proc/sys\"]"},
	{set_namespaces, "/linux/namespaces", "[{\"type\": \"network\", \"path\": \"/proc/self/ns/net\"}, {\"type\": \"mount\"}]"},
	{set_ids, "/linux/uidMappings", "[{\"containerID\": 0, \"hostID\": 100000, \"size\": 1000}]"},
	{set_ids, "/linux/gidMappings", "[{\"containerID\": 0, \"hostID\": 200000, \"size\": 4000000000}]"},
	{set_clocks, "/linux/timeOffsets", "{\"monotonic\": {\"secs\": -1, \"nanosecs\": 999999999},"
					   " \"boottime\": {\"secs\": 7, \"nanosecs\": 5}}"},
	{set_sysctl, "/linux/sysctl", "{\"net.ipv4.ip_forward\": \"1\"}"},
	{set_devices, "/linux/resources/devices", "[{\"allow\": false, \"access\": \"rwm\"},"
						  " {\"allow\": true, \"type\": \"c\", \"major\": 1, \"access\": \"mr\"}]"},
	{set_memory, "/linux/resources/memory", "{\"limit\": 1048576, \"swap\": 2097152}"},
	{set_memory, "/linux/resources/pids", "{\"limit\": 50}"},
	{set_memory, "/linux/resources/cpu", "{\"cpus\": \"0-1\"}"},
	{set_cpu, "/linux/resources/cpu", "{\"quota\": 150000, \"period\": 100000}"},
	{set_disk, "/linux/resources/blockIO", "{\"throttleReadIOPSDevice\": [{\"major\": 8, \"minor\": 0, \"rate\": 100}]}"},
	{set_disk, "/linux/resources/hugepageLimits", "[{\"pageSize\": \"2MB\", \"limit\": 4194304}]"},
	{set_labels, "/process/apparmorProfile", "\"profile\""},
	{set_labels, "/process/selinuxLabel", "\"a:b:c\""},
	{set_filter, "/linux/seccomp/defaultAction", "\"SCMP_ACT_ERRNO\""},
	{set_filter, "/linux/seccomp/defaultErrnoRet", "38"},
	{set_filter, "/linux/seccomp/flags", "[\"SECCOMP_FILTER_FLAG_LOG\"]"},
	{set_filter, "/linux/seccomp/syscalls", "[{\"names\": [\"read\", \"write\"], \"action\": \"SCMP_ACT_ALLOW\"},"
		" {\"names\": [\"clone\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 1, \"args\":"
		" [{\"index\": 0, \"value\": 16, \"valueTwo\": 16, \"op\": \"SCMP_CMP_MASKED_EQ\"}]}]"},
};

START_TEST(what_a_spec_holds_stands_in_its_place)
{
	json_t *config;

	ck_assert_int_eq(places[_i].set(), 0);
	config = written(spec);
	is_at(config, places[_i].pointer, places[_i].expected);
	json_decref(config);
}
END_TEST

/* Another spec of what was written is written as the same. */
static void comes_back(const ct_spec *of)
{
	json_t *config = written(of);
	ct_spec *copy = NULL;
	char *again = NULL;

	ck_assert_msg(ct_spec_from_oci_text(text, strlen(text), NULL, &copy, &err) == 0, "%s\n%s", err.sentence,
		text);
	ck_assert_msg(ct_spec_to_oci(copy, &again, &err) == 0, "%s", err.sentence);
	ck_assert_str_eq(text, again);
	ct_spec_free(copy);
	ct_oci_text_free(again);
	json_decref(config);
}

START_TEST(what_was_written_is_read_as_the_same)
{
	ck_assert_int_eq(places[_i].set(), 0);
	comes_back(spec);
}
END_TEST

START_TEST(paths_of_the_machine_are_where_the_sources_are_now)
{
	char expected[3 * PATH_MAX], moved[2 * PATH_MAX];
	json_t *config;

	snprintf(moved, sizeof(moved), "%s", in_bundle("moved"));
	ck_assert_int_eq(rename(in_bundle("rootfs"), moved), 0);
	snprintf(expected, sizeof(expected), "\"%s\"", moved);
	config = written(spec);
	is_at(config, "/root/path", expected);
	json_decref(config);
	ck_assert_int_eq(rmdir(moved), 0);
	ck_assert_int_eq(ct_spec_to_oci(spec, &text, &err), -EOPNOTSUPP);
	ck_assert_str_eq(err.object, "rootfs");
}
END_TEST

START_TEST(device_of_the_host_is_a_device)
{
	struct stat about;
	json_t *config;

	if (stat("/dev/ptmx", &about) < 0 || !S_ISCHR(about.st_mode))
		return;
	ck_assert_int_eq(ct_spec_add_bind(spec, "/dev/ptmx", "/dev/ptmx", CT_MOUNT_DEV), 0);
	config = written(spec);
	is_at(config, "/linux/devices/0/path", "\"/dev/ptmx\"");
	is_at(config, "/linux/devices/0/type", "\"c\"");
	is_at(config, "/mounts/6", "");
	json_decref(config);
	comes_back(spec);
}
END_TEST

START_TEST(file_of_the_cgroup_without_a_member_is_unified)
{
	struct statfs about;
	json_t *config;
	bool unified = statfs("/sys/fs/cgroup", &about) == 0 && about.f_type == 0x63677270;

	ck_assert_int_eq(ct_spec_set_cgroup_key(spec, "memory.high", "1048576"), 0);
	if (!unified) {
		ck_assert_int_eq(ct_spec_to_oci(spec, &text, &err), -EOPNOTSUPP);
		ck_assert_str_eq(err.object, "memory.high");
		return;
	}
	config = written(spec);
	is_at(config, "/linux/resources/unified", "{\"memory.high\": \"1048576\"}");
	json_decref(config);
	comes_back(spec);
}
END_TEST

/* A configuration with about all that there is. */
static const char full[] =
	"{\"ociVersion\": \"1.2.0\", \"root\": {\"path\": \"rootfs\", \"readonly\": true},"
	" \"hostname\": \"full\", \"domainname\": \"example\","
	" \"process\": {\"terminal\": true, \"consoleSize\": {\"height\": 20, \"width\": 70}, \"cwd\": \"/\","
	"  \"args\": [\"/bin/sh\", \"-c\", \"exit 0\"], \"env\": [\"PATH=/bin\", \"A=b\", \"nothing\"],"
	"  \"user\": {\"uid\": 3, \"gid\": 4, \"umask\": 18, \"additionalGids\": [9]},"
	"  \"capabilities\": {\"bounding\": [\"CAP_KILL\", \"CAP_CHOWN\"], \"permitted\": [\"CAP_KILL\"],"
	"   \"effective\": [\"CAP_KILL\"], \"inheritable\": [\"CAP_KILL\"], \"ambient\": [\"CAP_KILL\"]},"
	"  \"rlimits\": [{\"type\": \"RLIMIT_CORE\", \"soft\": 18446744073709551615, \"hard\": 18446744073709551615}],"
	"  \"noNewPrivileges\": true, \"oomScoreAdj\": 100, \"apparmorProfile\": \"p\", \"selinuxLabel\": \"a:b:c\"},"
	" \"mounts\": [{\"destination\": \"/proc\", \"type\": \"proc\", \"source\": \"proc\"},"
	"  {\"destination\": \"/dev\", \"type\": \"tmpfs\", \"source\": \"tmpfs\", \"options\": [\"nosuid\", \"mode=755\"]},"
	"  {\"destination\": \"/dev/shm\", \"type\": \"tmpfs\", \"source\": \"shm\", \"options\": [\"nodev\", \"size=1m\"]},"
	"  {\"destination\": \"/mnt\", \"source\": \"rootfs\", \"options\": [\"rbind\", \"ro\", \"noexec\"]},"
	"  {\"destination\": \"/sys/fs/cgroup\", \"type\": \"cgroup\", \"source\": \"cgroup\", \"options\": [\"ro\"]}],"
	" \"hooks\": {\"poststop\": [{\"path\": \"/bin/true\"}]}, \"annotations\": {\"a\": \"b\"},"
	" \"linux\": {\"namespaces\": [{\"type\": \"mount\"}, {\"type\": \"pid\"}, {\"type\": \"uts\"}, {\"type\": \"ipc\"},"
	"   {\"type\": \"network\"}, {\"type\": \"user\"}, {\"type\": \"cgroup\"}, {\"type\": \"time\"}],"
	"  \"uidMappings\": [{\"containerID\": 0, \"hostID\": 1000, \"size\": 10}],"
	"  \"gidMappings\": [{\"containerID\": 0, \"hostID\": 1000, \"size\": 10}],"
	"  \"timeOffsets\": {\"monotonic\": {\"secs\": 5}}, \"sysctl\": {\"kernel.shmmax\": \"1000\"},"
	"  \"maskedPaths\": [\"/proc/kcore\"], \"readonlyPaths\": [\"/proc/sys\"],"
	"  \"seccomp\": " PROFILE ","
	"  \"resources\": {\"devices\": [{\"allow\": false}, {\"allow\": true, \"type\": \"c\", \"major\": 5, \"minor\": 1}],"
	"   \"memory\": {\"limit\": 67108864, \"swap\": 134217728, \"reservation\": 1048576},"
	"   \"cpu\": {\"shares\": 512, \"quota\": 50000, \"period\": 100000, \"cpus\": \"0\", \"mems\": \"0\"},"
	"   \"pids\": {\"limit\": 50}, \"blockIO\": {\"weight\": 300, \"throttleReadBpsDevice\":"
	"    [{\"major\": 8, \"minor\": 0, \"rate\": 1000}, {\"major\": 8, \"minor\": 16, \"rate\": 1000}]},"
	"   \"hugepageLimits\": [{\"pageSize\": \"2MB\", \"limit\": 4194304}]}}}";

START_TEST(full_configuration_comes_back)
{
	ct_spec *other = NULL;
	json_t *config;

	ck_assert_msg(ct_spec_from_oci_text(full, sizeof(full) - 1, bundle, &other, &err) == 0, "%s", err.sentence);
	comes_back(other);
	config = written(other);
	is_at(config, "/linux/resources/memory", "{\"limit\": 67108864, \"swap\": 134217728, \"reservation\": 1048576}");
	is_at(config, "/linux/resources/pids", "{\"limit\": 50}");
	is_at(config, "/linux/uidMappings", "[{\"containerID\": 0, \"hostID\": 1000, \"size\": 10}]");
	is_at(config, "/process/env", "[\"PATH=/bin\", \"A=b\"]");
	is_at(config, "/process/user", "{\"uid\": 3, \"gid\": 4, \"umask\": 18, \"additionalGids\": [9]}");
	is_at(config, "/process/capabilities/bounding", "[\"CAP_CHOWN\", \"CAP_KILL\"]");
	is_at(config, "/linux/resources/devices", "[{\"allow\": false, \"access\": \"rwm\"},"
		" {\"allow\": true, \"type\": \"c\", \"major\": 5, \"minor\": 1, \"access\": \"mrw\"}]");
	is_at(config, "/hooks", "");
	json_decref(config);
	ct_spec_free(other);
}
END_TEST

#ifdef CT_OCI
START_TEST(configuration_of_the_runtime_comes_back)
{
	ct_spec *other = NULL;
	char command[2 * PATH_MAX];

	snprintf(command, sizeof(command), "%s spec %s --bundle %s", CT_OCI, _i ? "--rootless" : "", bundle);
	ck_assert_int_eq(system(command), 0);
	ck_assert_msg(ct_spec_from_oci(bundle, &other, &err) == 0, "%s", err.sentence);
	comes_back(other);
	ct_spec_free(other);
}
END_TEST
#endif

/* ------------------------------------------------------------------- refusals */

static int refuse_to_prepare(void *data, ct_container *box, ct_error *why)
{
	(void)data;
	(void)box;
	(void)why;
	return -EPERM;
}

#define ONE(name, call)                                                                            \
	static int name(void)                                                                      \
	{                                                                                          \
		return call;                                                                       \
	}

ONE(set_prepare, ct_spec_set_prepare(spec, refuse_to_prepare, NULL))
ONE(set_init, ct_spec_set_init(spec, 1))
ONE(set_exact_rss, ct_spec_set_exact_rss(spec, 1))
ONE(set_core_dumps, ct_spec_set_core_dumps(spec, 0))
ONE(set_time, ct_spec_set_time_limit(spec, CT_TIME_WALL, 1000))
ONE(set_landlock, ct_spec_set_landlock(spec, CT_LANDLOCK_SIGNALS))
ONE(set_lack, ct_spec_allow_lack(spec, CT_LACK(CT_ITEM_SYS)))
ONE(set_loopback, ct_spec_set_loopback(spec, 0))
ONE(set_proc, ct_spec_set_proc(spec, CT_PROC_HIDE))
ONE(set_idmap, ct_spec_set_idmap(spec, CT_IDMAP_OWN, 0))
ONE(set_parent, ct_spec_set_cgroup_parent(spec, "/some"))
ONE(set_systemd, ct_spec_set_cgroup_systemd(spec, ""))
ONE(set_fd, ct_spec_map_fd(spec, 1, 5))
ONE(set_stdin, ct_spec_set_stdio(spec, 0, CT_STDIO_NULL, -1))
ONE(set_stderr, ct_spec_set_stdio(spec, 2, CT_STDIO_PIPE, -1))
ONE(set_program, ct_spec_set_program(spec, "/bin/other"))
ONE(set_ephemeral, ct_spec_set_root_mode(spec, CT_ROOT_EPHEMERAL))
ONE(set_default_filter, ct_spec_set_seccomp(spec, CT_SECCOMP_DEFAULT, 0))
ONE(set_rule, ct_spec_add_seccomp_rule(spec, "mount", CT_SECCOMP_KILL, 0, NULL, 0))
ONE(set_bpf, ct_spec_set_seccomp_bpf(spec, "\6\0\0\0\0\0\377\177", 8))
ONE(set_ns_fd, ct_spec_set_ns_pid(spec, CT_NS_NET, getpid()))
ONE(set_relative_ns, chdir("/proc/self/ns") || ct_spec_set_ns_path(spec, CT_NS_UTS, "uts"))
ONE(set_host_mnt, ct_spec_set_ns_host(spec, CT_NS_MNT))
ONE(set_file, ct_spec_add_file(spec, "x", 1, "/file", 0600))
ONE(set_overlay, ct_spec_add_overlay(spec, (const char *const[]){bundle, NULL}, NULL, NULL, "/over", 0))
ONE(set_optional, ct_spec_add_bind(spec, bundle, "/maybe", CT_MOUNT_OPTIONAL))
ONE(set_mapped, ct_spec_add_bind(spec, bundle, "/mapped", CT_MOUNT_IDMAP))
ONE(set_odd_option, ct_spec_add_filesystem(spec, "tmpfs", "/odd", "size=1m,noexec", 0))
ONE(set_huge_limit, ct_spec_set_rlimit(spec, RLIMIT_CORE, 5, UINT64_MAX - 1))
ONE(set_swap_alone, ct_spec_set_limit(spec, CT_LIMIT_SWAP_MAX, 5))
ONE(set_no_utf8, ct_spec_set_argv(spec, (const char *const[]){"\377", NULL}))
ONE(set_no_utf8_env, ct_spec_set_env(spec, (const char *const[]){"A=\355\240\200", NULL}))
ONE(set_no_utf8_name, ct_spec_set_hostname(spec, "\377"))
ONE(set_no_utf8_mount, ct_spec_add_filesystem(spec, "tmpfs", "/\300\257", NULL, 0))
ONE(set_no_utf8_path, ct_spec_add_masked_path(spec, "/a/\370"))

static const struct {
	int (*set)(void);
	const char *object;
} unsayable[] = {
	{set_prepare, "prepare"},
	{set_init, "init"},
	{set_exact_rss, "exact rss"},
	{set_core_dumps, "no core dumps"},
	{set_time, "limits of time"},
	{set_landlock, "landlock"},
	{set_lack, "what may be lacking"},
	{set_loopback, "no loopback"},
	{set_proc, "what /proc leaves out"},
	{set_idmap, "id map that is found at the start"},
	{set_parent, "cgroup parent"},
	{set_systemd, "cgroup of systemd"},
	{set_fd, "descriptors"},
	{set_stdin, "stdin"},
	{set_stderr, "stderr"},
	{set_program, "program"},
	{set_ephemeral, "root mode: ephemeral"},
	{set_default_filter, "seccomp: filter of the library"},
	{set_rule, "seccomp: rules"},
	{set_bpf, "seccomp: program"},
	{set_ns_fd, "network"},
	{set_relative_ns, "uts"},
	{set_host_mnt, "mnt namespace"},
	{set_file, "file"},
	{set_overlay, "over"},
	{set_optional, "maybe"},
	{set_mapped, "mapped"},
	{set_odd_option, "odd"},
	{set_huge_limit, "RLIMIT_CORE"},
	{set_swap_alone, "memory.swap.max"},
	{set_no_utf8, "argv"},
	{set_no_utf8_env, "environment"},
	{set_no_utf8_name, "host name"},
	{set_no_utf8_mount, "mount"},
	{set_no_utf8_path, "masked or read-only path"},
};

START_TEST(what_cannot_be_said_is_refused_by_its_name)
{
	ck_assert_int_eq(unsayable[_i].set(), 0);
	ck_assert_msg(ct_spec_to_oci(spec, &text, &err) == -EOPNOTSUPP, "%s: %s\n%s", unsayable[_i].object,
		err.sentence, text);
	ck_assert_ptr_null(text);
	ck_assert_int_eq(err.step, CT_STEP_ARGUMENT);
	ck_assert_str_eq(err.object, unsayable[_i].object);
}
END_TEST

START_TEST(spec_that_cannot_be_started_is_refused)
{
	ct_spec *empty = NULL;

	ck_assert_int_eq(ct_spec_to_oci(NULL, &text, &err), -EINVAL);
	ck_assert_int_eq(ct_spec_to_oci(spec, NULL, &err), -EINVAL);
	ck_assert_int_eq(ct_spec_new(&empty), 0);
	ck_assert_int_eq(ct_spec_to_oci(empty, &text, &err), -EINVAL);
	ck_assert_str_eq(err.object, "argv");
	ct_spec_free(empty);
	ck_assert_int_eq(ct_spec_set_cwd(spec, "relative"), -EINVAL);
	ck_assert_int_eq(ct_spec_to_oci(spec, &text, &err), -EINVAL);
	ck_assert_msg(strstr(err.sentence, "it is not absolute") != NULL, "%s", err.sentence);
	ck_assert_ptr_null(text);
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

int main(void)
{
	Suite *suite = suite_create("write");
	TCase *tcase = tcase_create("write");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, what_a_spec_holds_stands_in_its_place, 0, COUNT(places));
	tcase_add_loop_test(tcase, what_was_written_is_read_as_the_same, 0, COUNT(places));
	tcase_add_test(tcase, paths_of_the_machine_are_where_the_sources_are_now);
	tcase_add_test(tcase, device_of_the_host_is_a_device);
	tcase_add_test(tcase, file_of_the_cgroup_without_a_member_is_unified);
	tcase_add_test(tcase, full_configuration_comes_back);
#ifdef CT_OCI
	tcase_add_loop_test(tcase, configuration_of_the_runtime_comes_back, 0, 2);
#endif
	tcase_add_loop_test(tcase, what_cannot_be_said_is_refused_by_its_name, 0, COUNT(unsayable));
	tcase_add_test(tcase, spec_that_cannot_be_started_is_refused);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

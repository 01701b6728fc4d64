/* SPDX-License-Identifier: MIT */
/*
 * The setters of a spec in any order, with arguments of any kind: the first mistake is the one
 * that the spec keeps, and what is left compiles to a plan or is refused in words. Nothing
 * is started.
 */
#include <container/container.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "fuzz.h"
#include "spawn/plan.h"

static const char *const words[] = {NULL, "", "/", "a", "/etc", "/proc/self", "../..", "/a/b/../c",
	"/nowhere", ".", "cap_sys_admin", "CAP_CHOWN", "all", "mount", "clone3", "openat",
	"net.ipv4.ip_forward", "kernel.hostname", "0-3", "0,2", "memory.max", "x=y", "A=1",
	"pids.max\n", "max", "-1", "/dev/null",
	"0123456789012345678901234567890123456789012345678901234567890123456789"};

static const char *word(struct input *input)
{
	return TAKE_WORD(input, words);
}

/* Up to three words and NULL; now and then no list at all. */
static const char *const *list(struct input *input, const char *to[4])
{
	uint32_t count = take_below(input, 5);
	uint32_t used = 0;

	if (count == 4)
		return NULL;
	for (uint32_t i = 0; i < count; i++) {
		to[used] = word(input);
		used += to[used] != NULL;
	}
	to[used] = NULL;
	return to;
}

static uint32_t number32(struct input *input)
{
	return (uint32_t)take_number(input);
}

/* Open, closed, or none. */
static int descriptor(struct input *input)
{
	static const int some[] = {-1, 0, 1, 2, 700, -100};

	return some[take_below(input, sizeof(some) / sizeof(some[0]))];
}

static int argv(struct input *in, ct_spec *spec)
{
	const char *to[4];

	return ct_spec_set_argv(spec, list(in, to));
}

static int env(struct input *in, ct_spec *spec)
{
	const char *to[4];

	return ct_spec_set_env(spec, list(in, to));
}

static int overlay(struct input *in, ct_spec *spec)
{
	const char *to[4], *upper = word(in), *work = word(in), *target = word(in);

	return ct_spec_add_overlay(spec, list(in, to), upper, work, target, number32(in));
}

static int groups(struct input *in, ct_spec *spec)
{
	gid_t some[4] = {number32(in), number32(in), 0, 7};

	return ct_spec_set_groups(spec, take_byte(in) & 1 ? some : NULL, take_below(in, 5));
}

static int file(struct input *in, ct_spec *spec)
{
	const char *data = word(in);

	return ct_spec_add_file(
		spec, data, data ? strlen(data) : take_below(in, 3), word(in), number32(in));
}

static int rule(struct input *in, ct_spec *spec)
{
	ct_seccomp_arg args[7];

	for (int i = 0; i < 7; i++)
		args[i] = (ct_seccomp_arg){
			take_below(in, 7), take_below(in, 8), take_number(in), take_number(in)};
	return ct_spec_add_seccomp_rule(spec, word(in), (ct_seccomp_action)take_below(in, 7),
		(int)number32(in), take_byte(in) & 1 ? args : NULL, take_below(in, 8));
}

static int program(struct input *in, ct_spec *spec)
{
	static const char code[64];

	return ct_spec_set_seccomp_bpf(spec, take_byte(in) & 1 ? code : NULL, take_below(in, 65));
}

static int profile(struct input *in, ct_spec *spec)
{
	const char *text = word(in);

	return ct_spec_set_seccomp_json(spec, text, text ? strlen(text) : take_below(in, 3));
}

/* Each a setter that takes what it needs from the input. */
#define SETTER(name, ...)                                \
	static int name(struct input *in, ct_spec *spec) \
	{                                                \
		(void)in;                                \
		return __VA_ARGS__;                      \
	}

SETTER(program_path, ct_spec_set_program(spec, word(in)))
SETTER(cwd, ct_spec_set_cwd(spec, word(in)))
SETTER(umask_of, ct_spec_set_umask(spec, number32(in)))
SETTER(root_mode, ct_spec_set_root_mode(spec, (ct_root_mode)take_below(in, 4)))
SETTER(ephemeral_size, ct_spec_set_ephemeral_size(spec, take_number(in)))
SETTER(user, ct_spec_set_user(spec, number32(in), number32(in)))
SETTER(ns_new, ct_spec_set_ns_new(spec, number32(in) & CT_NS_ALL))
SETTER(ns_any, ct_spec_set_ns_new(spec, number32(in)))
SETTER(ns_host, ct_spec_set_ns_host(spec, number32(in) & CT_NS_ALL))
SETTER(ns_fd, ct_spec_set_ns_fd(spec, number32(in), descriptor(in)))
SETTER(ns_path, ct_spec_set_ns_path(spec, 1u << take_below(in, 32), word(in)))
SETTER(ns_pid, ct_spec_set_ns_pid(spec, number32(in) & CT_NS_ALL,
		       take_byte(in) & 1 ? getpid() : (pid_t)number32(in)))
SETTER(idmap,
	ct_spec_set_idmap(spec,
		take_byte(in) & 1 ? CT_IDMAP_OWN : (ct_idmap)(3 + take_below(in, 3)), number32(in)))
SETTER(uid_map, ct_spec_add_uid_map(spec, number32(in), number32(in), number32(in)))
SETTER(gid_map, ct_spec_add_gid_map(spec, number32(in), number32(in), number32(in)))
SETTER(time_offsets,
	ct_spec_set_time_offsets(spec, (int64_t)take_number(in), (int64_t)take_number(in)))
SETTER(hostname, ct_spec_set_hostname(spec, word(in)))
SETTER(domainname, ct_spec_set_domainname(spec, word(in)))
SETTER(sysctl, ct_spec_set_sysctl(spec, word(in), word(in)))
SETTER(loopback, ct_spec_set_loopback(spec, (int)take_below(in, 3)))
SETTER(bind, ct_spec_add_bind(spec, word(in), word(in), number32(in)))
SETTER(bind_plain, ct_spec_add_bind(spec, word(in), word(in), take_below(in, 128)))
SETTER(bind_fd, ct_spec_add_bind_fd(spec, descriptor(in), word(in), take_below(in, 128)))
SETTER(tmpfs, ct_spec_add_tmpfs(spec, word(in), take_number(in), number32(in), take_below(in, 16)))
SETTER(filesystem, ct_spec_add_filesystem(spec, word(in), word(in), word(in), take_below(in, 16)))
SETTER(file_fd, ct_spec_add_file_fd(spec, descriptor(in), word(in), number32(in)))
SETTER(masked_path, ct_spec_add_masked_path(spec, word(in)))
SETTER(readonly_path, ct_spec_add_readonly_path(spec, word(in)))
SETTER(clear_paths, ct_spec_clear_paths(spec))
SETTER(rlimit, ct_spec_set_rlimit(spec, (int)take_below(in, 20), take_number(in), take_number(in)))
SETTER(oom_score, ct_spec_set_oom_score_adj(spec, (int)number32(in)))
SETTER(devices, ct_spec_set_devices(spec,
			&(ct_device){take_below(in, 2) ? 'c' : 'b', take_below(in, 9),
				(int32_t)take_below(in, 4100) - 2, (int32_t)take_below(in, 260) - 2},
			take_below(in, 2)))
SETTER(init, ct_spec_set_init(spec, (int)take_below(in, 3)))
SETTER(exact_rss, ct_spec_set_exact_rss(spec, (int)take_below(in, 3)))
SETTER(stdio, ct_spec_set_stdio(spec, (int)take_below(in, 5) - 1, (ct_stdio)take_below(in, 5),
		      descriptor(in)))
SETTER(terminal, ct_spec_set_terminal(spec, take_below(in, 4), number32(in) % 70000))
SETTER(map_fd, ct_spec_map_fd(spec, descriptor(in), (int)number32(in)))
SETTER(add_cap, ct_spec_add_cap(spec, word(in)))
SETTER(drop_cap, ct_spec_drop_cap(spec, word(in)))
SETTER(ambient_cap, ct_spec_add_ambient_cap(spec, word(in)))
SETTER(no_new_privs, ct_spec_set_no_new_privs(spec, (int)take_below(in, 3)))
SETTER(limit, ct_spec_set_limit(spec, (ct_limit)take_below(in, 18), take_number(in)))
SETTER(limit_of, ct_spec_set_limit_of(spec, (ct_limit)take_below(in, 18), take_number(in),
			 take_number(in)))
SETTER(time_limit, ct_spec_set_time_limit(spec, (ct_time)take_below(in, 4), take_number(in)))
SETTER(cpus, ct_spec_set_cpus(spec, word(in)))
SETTER(mems, ct_spec_set_mems(spec, word(in)))
SETTER(cgroup_key, ct_spec_set_cgroup_key(spec, word(in), word(in)))
SETTER(cgroup, ct_spec_set_cgroup(spec, (int)take_below(in, 3)))
SETTER(cgroup_parent, ct_spec_set_cgroup_parent(spec, word(in)))
SETTER(cgroup_systemd, ct_spec_set_cgroup_systemd(spec, word(in)))
SETTER(seccomp, ct_spec_set_seccomp(spec, (ct_seccomp)take_below(in, 5), take_below(in, 5)))
SETTER(proc, ct_spec_set_proc(spec, take_below(in, 5)))
SETTER(core_dumps, ct_spec_set_core_dumps(spec, (int)take_below(in, 2)))
SETTER(apparmor, ct_spec_set_apparmor(spec, word(in)))
SETTER(selinux, ct_spec_set_selinux(spec, word(in)))
SETTER(landlock, ct_spec_set_landlock(spec, take_below(in, 70)))
SETTER(landlock_path, ct_spec_add_landlock_path(spec, word(in), take_number(in), take_below(in, 3)))
SETTER(landlock_port, ct_spec_add_landlock_port(spec, number32(in), take_below(in, 5)))
SETTER(allow_lack, ct_spec_allow_lack(spec, take_number(in)))

static int refuse(void *data, ct_container *box, ct_error *err)
{
	(void)data, (void)box, (void)err;
	return -EPERM;
}

SETTER(prepare, ct_spec_set_prepare(spec, take_below(in, 2) ? refuse : NULL, NULL))

static int (*const setters[])(struct input *in, ct_spec *spec) = {argv, env, overlay, groups, file,
	rule, program, program_path, cwd, umask_of, root_mode, ephemeral_size, user, ns_new, ns_any,
	ns_host, ns_fd, ns_path, ns_pid, idmap, uid_map, gid_map, time_offsets, hostname,
	domainname, sysctl, loopback, bind, bind_plain, bind_fd, tmpfs, filesystem, file_fd, masked_path,
	readonly_path, clear_paths, rlimit, oom_score, exact_rss, devices, init, stdio, map_fd, add_cap, drop_cap,
	ambient_cap, no_new_privs, limit, limit_of, cpus, mems, cgroup_key, cgroup,
	cgroup_parent, seccomp, allow_lack, time_limit, proc, terminal, landlock, landlock_path,
	landlock_port, profile, core_dumps, apparmor, selinux, cgroup_systemd, prepare};

static ct_rootfs *rootfs;

int LLVMFuzzerInitialize(int *argc, char ***arguments)
{
	ct_error failure = CT_ERROR_INIT;

	(void)argc, (void)arguments;
	enter_sandbox();
	must(ct_rootfs_open(SCRATCH, &rootfs, &failure) == 0, "%s", failure.sentence);
	return 0;
}

/* A handle is open while the program runs, so that leaks are found at its end. */
__attribute__((destructor)) static void let_go(void)
{
	ct_rootfs_free(rootfs);
}

static void compile(ct_spec *spec)
{
	ct_error failure = CT_ERROR_INIT;
	struct ct__plan *plan = NULL;
	int ret = ct__plan_get(spec, NULL, &plan, &failure);

	must((ret == 0) == (plan != NULL), "%d with and without a plan", ret);
	if (ret < 0)
		must(failure.code == ret && failure.step != 0 && failure.sentence[0],
			"%d without a reason", ret);
	ct__plan_unref(plan);
}

/* What is written of a spec is read, and written as the same. */
static void write_down(const ct_spec *spec)
{
	char *text = NULL, *again = NULL;
	ct_error failure = CT_ERROR_INIT;
	ct_spec *copy = NULL;
	int ret = ct_spec_to_oci(spec, &text, &failure);

	must((ret == 0) == (text != NULL), "%d with and without a text", ret);
	if (ret < 0) {
		must(failure.code == ret && failure.sentence[0], "%d without a reason", ret);
		return;
	}
	ret = ct_spec_from_oci_text(text, strlen(text), NULL, &copy, &failure);
	must(ret == 0 || failure.step == CT_STEP_MEMORY, "%s: %s", failure.sentence, text);
	if (ret == 0)
		ret = ct_spec_to_oci(copy, &again, &failure);
	must(ret < 0 || strcmp(text, again) == 0, "%s becomes %s", text, again);
	ct_oci_text_free(text);
	ct_oci_text_free(again);
	ct_spec_free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = input_of(data, size);
	ct_error failure = CT_ERROR_INIT;
	int first = 0, descriptors = dup(2);
	ct_spec *spec;

	close(descriptors);
	if (ct_spec_new(&spec) < 0)
		return 0;
	if (take_byte(&input) & 7)
		ct_spec_set_rootfs(spec, rootfs);
	for (int i = 0; i < 32 && input.at < input.end; i++) {
		uint32_t which = take_below(&input, sizeof(setters) / sizeof(setters[0]));
		int ret = setters[which](&input, spec);

		must(ret <= 0, "setter %u answers %d", which, ret);
		if (first == 0)
			first = ret;
		if (take_byte(&input) % 16 == 1)
			compile(spec);
	}
	must(ct_spec_check(spec, &failure) == first, "the spec says %d, the first mistake was %d",
		ct_spec_check(spec, NULL), first);
	compile(spec);
	write_down(spec);
	ct_spec_free(spec);
	must(dup(2) == descriptors, "a descriptor stayed open");
	close(descriptors);
	return 0;
}

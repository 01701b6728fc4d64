/* SPDX-License-Identifier: MIT */
/*
 * What a filter of system calls costs: at the start, where it is attached, and at each
 * call. Containers that differ in their filter alone: none, the default one, and, where
 * libseccomp is there, the list of Docker as that library compiles it, in a row and as a tree.
 */
#include <container/container.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"

enum {
	START,
	ONE,
	MIXED,
	CHECKED,
	MEASURES
};

static int stream[2]; /* the stdout of every payload */

static bool start_and_call(void *data, struct bench_sample *sample)
{
	ct_error failure = CT_ERROR_INIT;
	ct_container *box = NULL;
	int64_t times[MEASURES] = {0}, start = bench_now();
	ct_exit how = CT_EXIT_INIT;

	if (ct_spawn(data, &box, &failure) < 0 || ct_wait(box, CT_FOREVER, &how, &failure) < 0) {
		snprintf(sample->why, sizeof(sample->why), "%s", failure.sentence);
		ct_container_free(box);
		return false;
	}
	ct_container_free(box);
	if (how.signal || how.code ||
		read(stream[0], times, sizeof(times)) != (ssize_t)sizeof(times)) {
		snprintf(sample->why, sizeof(sample->why), "the payload wrote no times");
		return false;
	}
	sample->ns[START] = times[START] - start;
	for (int row = ONE; row < MEASURES; row++)
		sample->ns[row] = times[row];
	return true;
}

static ct_spec *make_spec(const ct_rootfs *rootfs)
{
	const char *const argv[] = {"/calls", NULL};
	ct_spec *spec = NULL;

	if (ct_spec_new(&spec) < 0)
		errx(1, "no memory");
	ct_spec_set_rootfs(spec, rootfs);
	ct_spec_set_argv(spec, argv);
	ct_spec_set_stdio(spec, 1, CT_STDIO_FD, stream[1]);
	return spec;
}

/* ------------------------------------------------------------ Docker's list */

#ifdef HAVE_LIBSECCOMP
#include <sched.h>
#include <seccomp.h>

#include "docker_calls.h"

#define ADD(action, call, ...) seccomp_rule_add(ctx, action, SCMP_SYS(call), __VA_ARGS__)

/* As its runtime does it: names that the library or the machine does not know are left out. */
static int add_docker_rules(scmp_filter_ctx ctx)
{
	static const unsigned int families[] = {13, 14, 15, 16, 17, 18, 21, 22, 24, 26, 27, 28, 29,
		30, 31, 32, 33, 35, 36, 39, 41, 42, 43, 44, 45};
	static const unsigned int personas[] = {0, 8, 0x20000, 0x20008, 0xffffffff};
	const unsigned long namespaces = 0x7e020000;
	int ret = 0;

	for (size_t i = 0; i < sizeof(docker_calls) / sizeof(docker_calls[0]); i++) {
		int number = seccomp_syscall_resolve_name(docker_calls[i]);

		if (number != __NR_SCMP_ERROR)
			ret = ret ? ret : seccomp_rule_add(ctx, SCMP_ACT_ALLOW, number, 0);
	}
	ret = ret ? ret : ADD(SCMP_ACT_ALLOW, socket, 1, SCMP_A0(SCMP_CMP_LT, 12, 0));
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		ret = ret ? ret
			  : ADD(SCMP_ACT_ALLOW, socket, 1, SCMP_A0(SCMP_CMP_EQ, families[i], 0));
	for (size_t i = 0; i < sizeof(personas) / sizeof(personas[0]); i++)
		ret = ret ? ret
			  : ADD(SCMP_ACT_ALLOW, personality, 1,
				    SCMP_A0(SCMP_CMP_EQ, personas[i], 0));
	ret = ret ? ret : ADD(SCMP_ACT_ALLOW, clone, 1, SCMP_A0(SCMP_CMP_MASKED_EQ, namespaces, 0));
	return ret ? ret : ADD(SCMP_ACT_ERRNO(ENOSYS), clone3, 0);
}

/* The other two entries of the machine as well, as Docker asks for them. */
static int add_docker_entries(scmp_filter_ctx ctx)
{
#if defined(__x86_64__)
	int ret = seccomp_arch_add(ctx, SCMP_ARCH_X86);

	return ret ? ret : seccomp_arch_add(ctx, SCMP_ARCH_X32);
#else
	return seccomp_arch_add(ctx, SCMP_ARCH_ARM);
#endif
}

static void set_docker_filter(ct_spec *spec, bool as_tree)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	FILE *file = tmpfile();
	struct stat stat;
	char *program;

	if (!ctx || !file || add_docker_entries(ctx) || add_docker_rules(ctx) ||
		(as_tree && seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2)) ||
		seccomp_export_bpf(ctx, fileno(file)) || fstat(fileno(file), &stat) < 0)
		errx(1, "libseccomp does not compile the list");
	seccomp_release(ctx);
	program = malloc((size_t)stat.st_size);
	if (!program || pread(fileno(file), program, (size_t)stat.st_size, 0) != stat.st_size)
		err(1, "filter");
	ct_spec_set_seccomp_bpf(spec, program, (size_t)stat.st_size);
	free(program);
	fclose(file);
}
#endif

static ct_spec *add(struct bench *bench, const ct_rootfs *rootfs, const char *name)
{
	ct_spec *spec = make_spec(rootfs);
	struct bench_contender contender = {.run = start_and_call,
		.data = spec,
		.floor = bench->contender_count ? 0 : -1,
		.base = -1};

	snprintf(contender.name, sizeof(contender.name), "%s", name);
	bench_add(bench, contender);
	return spec;
}

int main(int argc, char **argv)
{
	static struct bench bench = {
		.name = "filter",
		.about = "containers that differ in their filter of system calls alone",
		.measures = {"start, to the first instruction", "1000 x getppid",
			"1000 of five calls in turn", "1000 x ioctl and personality in turn"},
		.floor_title = "x no filter",
	};
	ct_error failure = CT_ERROR_INIT;
	ct_rootfs *rootfs = NULL;
	ct_spec *specs[4] = {0};
	int ret;

	bench_init(&bench, argc, argv);
	if (pipe2(stream, O_CLOEXEC) < 0)
		err(1, "pipe");
	if (ct_rootfs_open(bench_root(), &rootfs, &failure) < 0)
		errx(1, "%s", failure.sentence);
	specs[0] = add(&bench, rootfs, "ct_spawn, no filter");
	ct_spec_set_seccomp(specs[0], CT_SECCOMP_OFF, 0);
	specs[1] = add(&bench, rootfs, "ct_spawn, default filter");
#ifdef HAVE_LIBSECCOMP
	specs[2] = add(&bench, rootfs, "Docker's list as a tree");
	set_docker_filter(specs[2], true);
	specs[3] = add(&bench, rootfs, "Docker's list in a row");
	set_docker_filter(specs[3], false);
#else
	bench_leave_out(&bench, "Docker's list", "built without libseccomp");
#endif
	ct_rootfs_free(rootfs);
	ret = bench_run(&bench);
	for (size_t i = 0; i < 4; i++)
		ct_spec_free(specs[i]);
	return ret;
}

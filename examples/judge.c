/* SPDX-License-Identifier: MIT */
/*
 * The core of an online judge: runs a program that nobody trusts on an input, and tells
 * whether its output is the wanted one, or what it did instead.
 *
 *     cc -o judge judge.c $(pkg-config --cflags --libs container)
 *     ./judge DIRECTORY INPUT WANTED CPU-MS WALL-MS MEMORY-MIB COMMAND [ARGUMENT...]
 *
 * Prints one line, the verdict, and exits with 0 for "accepted", 1 for another verdict.
 */
#include <container/container.h>
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define OUTPUT_MAX (1 << 20)
#define NOBODY	   65534

static ct_error failure = CT_ERROR_INIT;

/* Everything that is not said here is as strict as it can be, without being asked. */
static ct_spec *describe(ct_rootfs *root, char **argv, int input, int output)
{
	ct_spec *spec = NULL;

	if (ct_spec_new(&spec) < 0)
		errx(125, "no memory");
	ct_spec_set_rootfs(spec, root);
	ct_spec_set_root_mode(spec, CT_ROOT_EPHEMERAL);
	ct_spec_set_ephemeral_size(spec, 8 << 20);
	ct_spec_set_argv(spec, (const char *const *)&argv[7]);
	ct_spec_set_user(spec, NOBODY, NOBODY);
	ct_spec_set_stdio(spec, 0, CT_STDIO_FD, input);
	ct_spec_set_stdio(spec, 1, CT_STDIO_FD, output);
	ct_spec_set_stdio(spec, 2, CT_STDIO_NULL, -1);

	ct_spec_set_time_limit(spec, CT_TIME_CPU, strtoull(argv[4], NULL, 10));
	ct_spec_set_time_limit(spec, CT_TIME_WALL, strtoull(argv[5], NULL, 10));
	ct_spec_set_limit(spec, CT_LIMIT_MEMORY_MAX, strtoull(argv[6], NULL, 10) << 20);
	ct_spec_set_limit(spec, CT_LIMIT_PIDS_MAX, 16);
	ct_spec_set_rlimit(spec, RLIMIT_FSIZE, OUTPUT_MAX, OUTPUT_MAX);
	ct_spec_set_rlimit(spec, RLIMIT_NOFILE, 64, 64);
	ct_spec_set_rlimit(spec, RLIMIT_CORE, 0, 0);
	/* What no honest solution does ends it, so that the verdict can say so. */
	ct_spec_add_seccomp_rule(spec, "mount", CT_SECCOMP_KILL, 0, NULL, 0);
	ct_spec_add_seccomp_rule(spec, "ptrace", CT_SECCOMP_KILL, 0, NULL, 0);
	return spec;
}

/* Whether the output is the wanted file, byte by byte. */
static int is_wanted(int output, int wanted)
{
	static char got[OUTPUT_MAX + 1], want[OUTPUT_MAX + 1];
	ssize_t size = pread(output, got, sizeof(got), 0);

	return size >= 0 && pread(wanted, want, sizeof(want), 0) == size &&
	       memcmp(got, want, (size_t)size) == 0;
}

static const char *verdict(const ct_exit *how, int output, int wanted)
{
	if (how->figures.pids_max_count != CT_NOT_KNOWN && how->figures.pids_max_count > 0)
		return "too many processes";
	switch (how->why) {
	case CT_END_CPU:
		return "cpu time limit exceeded";
	case CT_END_WALL:
		return "wall time limit exceeded";
	case CT_END_OOM:
		return "memory limit exceeded";
	case CT_END_SECCOMP:
		return "forbidden system call";
	}
	if (how->signal == SIGXFSZ || lseek(output, 0, SEEK_END) >= OUTPUT_MAX)
		return "output limit exceeded";
	if (how->signal || how->code)
		return "runtime error";
	return is_wanted(output, wanted) ? "accepted" : "wrong answer";
}

int main(int argc, char **argv)
{
	ct_exit how = CT_EXIT_INIT;
	ct_container *box = NULL;
	ct_rootfs *root = NULL;
	const char *said;
	ct_spec *spec;
	char text[128];
	FILE *file;
	int input, wanted, output;

	if (argc < 8)
		errx(125, "usage: judge DIRECTORY INPUT WANTED CPU-MS WALL-MS MEMORY-MIB "
			  "COMMAND [ARGUMENT...]");
	input = open(argv[2], O_RDONLY | O_CLOEXEC);
	wanted = open(argv[3], O_RDONLY | O_CLOEXEC);
	file = tmpfile();
	if (input < 0 || wanted < 0 || !file)
		err(125, "%s", input < 0 ? argv[2] : wanted < 0 ? argv[3] : "output");
	output = fileno(file);
	if (ct_rootfs_open(argv[1], &root, &failure) < 0)
		errx(125, "%s", failure.sentence);
	spec = describe(root, argv, input, output);
	if (ct_spawn(spec, &box, &failure) < 0 || ct_wait(box, CT_FOREVER, &how, &failure) < 0)
		errx(125, "%s", failure.sentence);
	ct_container_free(box);
	ct_spec_free(spec);
	ct_rootfs_free(root);

	ct_exit_to_text(&how, text, sizeof(text));
	said = verdict(&how, output, wanted);
	printf("%s (%s; cpu %llu ms, wall %llu ms, memory %llu KiB)\n", said, text,
		(unsigned long long)how.figures.cpu_us / 1000,
		(unsigned long long)how.wall_us / 1000,
		(unsigned long long)how.figures.memory_peak_bytes / 1024);
	return strcmp(said, "accepted") != 0;
}

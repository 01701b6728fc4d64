/* SPDX-License-Identifier: MIT */
/*
 * How long it takes to extract a .tar.gz of a whole Debian root filesystem, on a tmpfs, beside GNU tar
 * with gzip and with igzip, bsdtar, and the two halves of the work by themselves: only decoding, only writing.
 * Who does both at once can be no faster than the slower of them.
 *
 * The archive is BENCH_ARCHIVE, a plain .tar, or else what the tests keep in the user's cache.
 */
#include <container/container.h>
#include <err.h>
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"

#define WORDS 8

static char place[] = "/dev/shm/ct-bench-XXXXXX", plain[64], gzipped[64], extracted[64];
static pid_t owner;

static void clear(void)
{
	if (getpid() == owner && ct_rootfs_remove(place, NULL) < 0)
		warnx("%s is left", place);
}

/* False: there is no archive, and the report says so. */
static bool prepare(struct bench *bench)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME"), *archive = getenv("BENCH_ARCHIVE");
	char pattern[512];
	glob_t found = {0};

	if (cache)
		snprintf(pattern, sizeof(pattern), "%s/libcontainer/*/debian.tar", cache);
	else
		snprintf(pattern, sizeof(pattern), "%s/.cache/libcontainer/*/debian.tar", home ? home : "/root");
	if (!archive && glob(pattern, 0, NULL, &found) == 0)
		archive = found.gl_pathv[0];
	if (!archive) {
		bench_leave_out(bench, "ct_rootfs_extract",
			"no archive: BENCH_ARCHIVE names one, and ./dev test test_debian leaves one");
		return false;
	}
	if (!mkdtemp(place))
		err(1, "%s", place);
	owner = getpid();
	atexit(clear);
	snprintf(plain, sizeof(plain), "%s/archive.tar", place);
	snprintf(gzipped, sizeof(gzipped), "%s/archive.tar.gz", place);
	snprintf(extracted, sizeof(extracted), "%s/extracted", place);
	setenv("ARCHIVE", archive, 1);
	setenv("PLAIN", plain, 1);
	setenv("GZIPPED", gzipped, 1);
	globfree(&found);
	/* NOLINTNEXTLINE: no word in there is anybody else's */
	if (system("cp -- \"$ARCHIVE\" \"$PLAIN\" && gzip -c < \"$PLAIN\" > \"$GZIPPED\"") != 0)
		errx(1, "%s cannot be copied", getenv("ARCHIVE"));
	return true;
}

static bool extract(void *unused, struct bench_sample *sample)
{
	ct_extract_options options = CT_EXTRACT_OPTIONS_INIT;
	ct_error failure = CT_ERROR_INIT;
	int64_t start = bench_now();
	int ret;

	(void)unused;
	options.flags = CT_EXTRACT_TRUSTED; /* as tar does for root: set-user-ID bits and devices, too */
	ret = ct_rootfs_extract(gzipped, extracted, &options, NULL, &failure);
	sample->ns[0] = bench_now() - start;
	if (ret == 0)
		ret = ct_rootfs_remove(extracted, &failure);
	if (ret < 0)
		snprintf(sample->why, sizeof(sample->why), "%s", failure.sentence);
	return ret == 0;
}

/* Each writes to extracted, or to nothing at all. */
static bool program(void *argv, struct bench_sample *sample)
{
	ct_error failure = CT_ERROR_INIT;
	int64_t start;
	int ret;

	if (mkdir(extracted, 0755) < 0)
		err(1, "%s", extracted);
	start = bench_now();
	ret = bench_run_program(argv);
	sample->ns[0] = bench_now() - start;
	if (ret)
		snprintf(sample->why, sizeof(sample->why), "%s: %s", *(char *const *)argv, strerror(ret));
	if (ct_rootfs_remove(extracted, &failure) < 0)
		errx(1, "%s", failure.sentence);
	return ret == 0;
}

static const struct {
	const char *name, *command[WORDS];
} programs[] = {
	{"GNU tar -xzf", {"tar", "-xzf", gzipped, "-C", extracted}},
	{"GNU tar -I igzip", {"tar", "-I", "igzip", "-xf", gzipped, "-C", extracted}},
	{"bsdtar -xzf", {"bsdtar", "-xpzf", gzipped, "-C", extracted}},
	{"igzip -dc: decoding alone", {"igzip", "-dc", gzipped}},
	{"gzip -dc: decoding alone", {"gzip", "-dc", gzipped}},
	{"GNU tar of the plain archive: writing alone", {"tar", "-xf", plain, "-C", extracted}},
};

int main(int argc, char **argv)
{
	static struct bench bench = {
		.name = "extract",
		.about = "from before the call that extracts a Debian root filesystem to a tmpfs, to its end",
		.measures = {"to its end"},
		.floor_title = "x ct_rootfs_extract",
	};
	int floor, few_rounds;

	bench_init(&bench, argc, argv);
	few_rounds = bench.quick ? 1 : 10; /* a round takes seconds */
	if (bench.rounds > few_rounds)
		bench.rounds = few_rounds;
	bench.warm_up = !bench.quick;
	if (!prepare(&bench))
		return bench_run(&bench);
	floor = bench_add(&bench, (struct bench_contender){"ct_rootfs_extract", extract, NULL, .floor = -1, .base = -1});
	bench.contenders[floor].floor = floor;
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		struct bench_contender contender = {.run = program, .data = (void *)(uintptr_t)programs[i].command,
			.floor = floor, .base = -1};

		snprintf(contender.name, sizeof(contender.name), "%s", programs[i].name);
		bench_add(&bench, contender);
	}
	return bench_run(&bench);
}

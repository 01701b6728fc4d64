/* SPDX-License-Identifier: MIT */
/*
 * What a container costs where there are many: one, ten, a hundred and a thousand at once are
 * started, their figures are read in one call, and they are ended. Each time is that of one
 * container of so many.
 */
#include <container/container.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "bench.h"

#define MOST 1000

enum {
	START,
	FIGURES,
	END
};

static ct_spec *spec;
static ct_container *boxes[MOST];
static ct_figures figures[MOST];

static bool say(struct bench_sample *sample, const ct_error *failure)
{
	snprintf(sample->why, sizeof(sample->why), "%s", failure->sentence);
	return false;
}

static void end_all(int count)
{
	for (int i = 0; i < count; i++)
		ct_container_free(boxes[i]);
}

static bool measure(void *data, struct bench_sample *sample)
{
	const int count = *(const int *)data;
	ct_error failure = CT_ERROR_INIT;
	int64_t begin = bench_now();
	int told;

	for (int i = 0; i < count; i++)
		if (ct_spawn(spec, &boxes[i], &failure) < 0) {
			end_all(i);
			return say(sample, &failure);
		}
	sample->ns[START] = (bench_now() - begin) / count;
	for (int i = 0; i < count; i++)
		figures[i] = (ct_figures)CT_FIGURES_INIT;
	begin = bench_now();
	told = ct_container_figures_many(boxes, (size_t)count, figures, &failure);
	sample->ns[FIGURES] = (bench_now() - begin) / count;
	begin = bench_now();
	end_all(count);
	sample->ns[END] = (bench_now() - begin) / count;
	if (told != count)
		return say(sample, &failure);
	return true;
}

/* A descriptor for each, and some for all. */
static bool allow_descriptors(int count)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_max < (rlim_t)count + 100)
		return false;
	limit.rlim_cur = limit.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

static void prepare(void)
{
	const char *const argv[] = {"/idle", NULL};
	ct_error failure = CT_ERROR_INIT;
	ct_rootfs *rootfs = NULL;

	if (ct_rootfs_open(bench_root(), &rootfs, &failure) < 0 || ct_spec_new(&spec) < 0)
		errx(1, "%s", failure.sentence);
	ct_spec_set_rootfs(spec, rootfs);
	ct_rootfs_free(rootfs);
	ct_spec_set_argv(spec, argv);
	ct_spec_set_cgroup(spec, 1);
	for (int stream = 0; stream < 3; stream++)
		ct_spec_set_stdio(spec, stream, CT_STDIO_NULL, -1);
}

int main(int argc, char **argv)
{
	static struct bench bench = {
		.name = "many",
		.about = "of each of many containers that are there at once, with a cgroup each",
		.measures = {"ct_spawn", "ct_container_figures_many", "ct_container_free"},
		.base_title = "x alone",
	};
	static const int counts[] = {1, 10, 100, MOST};
	const int few_rounds = 10;

	bench_init(&bench, argc, argv);
	/* A round is more than a thousand starts. */
	if (bench.rounds > few_rounds)
		bench.rounds = few_rounds;
	bench.warm_up = 1;
	prepare();
	for (int i = 0; i < (int)(sizeof(counts) / sizeof(counts[0])); i++) {
		struct bench_contender contender = {.run = measure,
			.data = (void *)(uintptr_t)&counts[i],
			.floor = -1,
			.base = 0};

		snprintf(contender.name, sizeof(contender.name), "ct_spawn, %d at once", counts[i]);
		if (bench.quick && counts[i] == MOST)
			continue;
		if (!allow_descriptors(counts[i]))
			bench_leave_out(&bench, contender.name, "too few descriptors are allowed");
		else
			bench_add(&bench, contender);
	}
	return bench_run(&bench);
}

/* SPDX-License-Identifier: MIT */
/*
 * How long it takes to list the namespaces of the system: by ct_ns_list_system(), with and
 * without what keeps them alive, and by lsns; and what starting any program costs, which is
 * a part of what lsns does.
 */
#include <container/container.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"

static bool list(void *flags, struct bench_sample *sample)
{
	ct_error failure = CT_ERROR_INIT;
	ct_ns_list *all = NULL;
	int64_t start = bench_now();

	if (ct_ns_list_system(0, *(uint32_t *)flags, &all, &failure) < 0) {
		snprintf(sample->why, sizeof(sample->why), "%s", failure.sentence);
		return false;
	}
	sample->ns[0] = bench_now() - start;
	ct_ns_list_free(all);
	return true;
}

/* lsns fails where a process vanishes before its eyes: it is asked again. */
static bool program(void *argv, struct bench_sample *sample)
{
	int64_t start = 0;
	int ret = EIO;

	for (int tries = 0; tries < 20 && ret == EIO; tries++) {
		start = bench_now();
		ret = bench_run_program(argv);
	}
	sample->ns[0] = bench_now() - start;
	if (ret)
		snprintf(sample->why, sizeof(sample->why), "%s: %s", *(char *const *)argv, strerror(ret));
	return ret == 0;
}

int main(int argc, char **argv)
{
	static struct bench bench = {
		.name = "list",
		.about = "from before the call that lists the namespaces of the system, to its end",
		.measures = {"to its end"},
		.floor_title = "x ct_ns_list_system",
	};
	static uint32_t plain = 0, keepers = CT_NS_LIST_KEEPERS;
	static char lsns[] = "lsns", option[] = "-o", columns[] = "NS,TYPE,NPROCS,PID,USER", json[] = "--json";
	static char nothing[] = "true";
	static char *const list_all[] = {lsns, option, columns, json, NULL};
	static char *const do_nothing[] = {nothing, NULL};
	int floor;

	bench_init(&bench, argc, argv);
	floor = bench_add(&bench,
		(struct bench_contender){"ct_ns_list_system", list, &plain, .floor = -1, .base = -1});
	bench.contenders[floor].floor = floor;
	bench_add(&bench, (struct bench_contender){"ct_ns_list_system, with what keeps them", list, &keepers,
				  .floor = floor, .base = -1});
	bench_add(&bench, (struct bench_contender){"lsns --json", program, (void *)(uintptr_t)list_all,
				  .floor = floor, .base = -1});
	bench_add(&bench, (struct bench_contender){"true, a program that does nothing", program,
				  (void *)(uintptr_t)do_nothing, .floor = floor, .base = -1});
	return bench_run(&bench);
}

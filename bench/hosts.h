/* SPDX-License-Identifier: MIT */
/*
 * Measuring in hosts of several sizes: processes of their own that have touched more and
 * more memory, all alive at once, so that each round measures each way in each host.
 */
#ifndef BENCH_HOSTS_H
#define BENCH_HOSTS_H

#include <container/container.h>

#include "bench.h"

enum {
	HOSTS_FIRST,  /* to the payload's first instruction */
	HOSTS_RETURN, /* to the return of the call */
	HOSTS_END     /* to the payload's end */
};

/* What is measured in each of the hosts. */
struct hosts_work {
	const char *const *ways; /* their names */
	int way_count;
	int everywhere;	   /* how many of them in each host, from the first; the others in the empty one */
	const int *floors; /* for each the way that it is compared with; NULL: the first */
	int promised;	   /* that which does not depend on the size */
	/* Makes what the ways need, once in each host, before its memory is touched. */
	void *(*prepare)(void *shared);
	/* Measures one way once, as a bench_fn does. */
	bool (*run)(void *prepared, int way, struct bench_sample *ret_sample);
	void (*finish)(void *prepared);
	void *shared; /* for prepare(): inherited by every host */
};

/*
 * Adds each way in each host to the bench, runs it, and ends the hosts. For main() to
 * return. bench: name, about and titles are set by the program, bench_init() was called.
 */
int hosts_run(struct bench *bench, const struct hosts_work *work);

/* For run(): notes why it failed; false. */
bool hosts_failed(struct bench_sample *sample, const char *why);

/*
 * For run(): the rest of a start by a program, from when its call has returned: what the payload
 * wrote to the pipe, the time of its first instruction, and its end.
 */
bool hosts_await_child(int pipe, int child, int64_t start, struct bench_sample *sample);

/* The same for a container, which is freed. */
bool hosts_await_container(int pipe, ct_container *box, int64_t start, struct bench_sample *sample);

#endif

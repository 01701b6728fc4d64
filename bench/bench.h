/* SPDX-License-Identifier: MIT */
/*
 * Measuring several contenders beside each other: in one run, in every round in
 * another order, so that what disturbs the machine disturbs them all. How to
 * read the result, and how to add a benchmark: README.md.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#define BENCH_MAX_MEASURES   4
#define BENCH_MAX_CONTENDERS 32

/* One execution of one contender. */
struct bench_sample {
	int64_t ns[BENCH_MAX_MEASURES]; /* in the order of bench.measures */
	char why[512];			/* in words, where it could not be measured */
};

/*
 * Measures once. What is not to be measured happens in here too, before and after
 * the clock is read. False: it cannot be measured, and ret_sample->why says why.
 */
typedef bool (*bench_fn)(void *data, struct bench_sample *ret_sample);

struct bench_contender {
	char name[64];
	bench_fn run;
	void *data;
	int floor; /* what its times are divided by: the number of a contender, -1: none */
	int base;  /* a second one, in a column of its own; -1: none */
};

struct bench {
	/* Set by the program. */
	const char *name;
	const char *about; /* a line about what is measured, and from when on */
	const char *measures[BENCH_MAX_MEASURES];
	const char *floor_title,
		*base_title; /* of the two columns of ratios; NULL: no such column */
	struct {
		int contender, measure;
		double most; /* times its base, by the medians */
	} promise;	     /* most 0: none */

	/* Set by bench_init(). */
	bool quick; /* as little as shows that it works: the figures mean nothing */
	int rounds, warm_up;
	const char *json_path;

	/* Filled by bench_add(), bench_leave_out() and bench_run(). */
	struct bench_contender contenders[BENCH_MAX_CONTENDERS];
	int contender_count;
	char left_out[BENCH_MAX_CONTENDERS][640];
	int left_out_count;
	int64_t *values; /* of each contender for each measure, rounds long */
	bool out[BENCH_MAX_CONTENDERS];
};

/* Reads the program's arguments: --quick, --rounds N, --json FILE. Exits with 2 if it knows one not. */
void bench_init(struct bench *bench, int argc, char **argv);

/* Adds a contender; its number. */
int bench_add(struct bench *bench, struct bench_contender contender);

/* Notes for the report that something is not measured, and why. */
void bench_leave_out(struct bench *bench, const char *what, const char *why);

/*
 * Measures, prints the table and appends to the JSON file. For main() to return:
 * 0, 1 for an error, 77 if no contender could be measured.
 */
int bench_run(struct bench *bench);

/* Runs a program to its end, with nothing to read, and its output to nothing. 0, or a positive errno: EIO if it has failed. */
int bench_run_program(char *const argv[]);

/* Nanoseconds of CLOCK_MONOTONIC, the clock of the payload. */
int64_t bench_now(void);

/*
 * A directory that serves as root filesystem, with /payload and /idle in it; goes
 * when the process that made it exits. Ends the program if it cannot be made.
 */
const char *bench_root(void);

/* How much memory the machine can spare now, in MiB. */
long bench_spare_mib(void);

#endif

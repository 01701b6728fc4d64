/* SPDX-License-Identifier: MIT */
/* Rounds, percentiles, the table and the JSON. Knows nothing of what is measured. */
#include "bench.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <container/rootfs.h>

/* ---------------------------------------------------------------- before a run */

void bench_init(struct bench *bench, int argc, char **argv)
{
	bench->rounds = 200;
	bench->warm_up = 10;
	for (int i = 1; i < argc; i++) {
		bool has_value = i + 1 < argc;

		if (strcmp(argv[i], "--quick") == 0) {
			bench->quick = true;
			bench->rounds = 3;
			bench->warm_up = 1;
		} else if (strcmp(argv[i], "--rounds") == 0 && has_value && atoi(argv[i + 1]) > 0) {
			bench->rounds = atoi(argv[++i]);
		} else if (strcmp(argv[i], "--json") == 0 && has_value) {
			bench->json_path = argv[++i];
		} else {
			errx(2, "usage: %s [--quick] [--rounds N] [--json FILE]", argv[0]);
		}
	}
}

int bench_add(struct bench *bench, struct bench_contender contender)
{
	if (bench->contender_count == BENCH_MAX_CONTENDERS)
		errx(1, "more than %d contenders", BENCH_MAX_CONTENDERS);
	bench->contenders[bench->contender_count] = contender;
	return bench->contender_count++;
}

void bench_leave_out(struct bench *bench, const char *what, const char *why)
{
	if (bench->left_out_count == BENCH_MAX_CONTENDERS)
		return;
	snprintf(bench->left_out[bench->left_out_count++], sizeof(bench->left_out[0]), "%s: %s",
		what, why);
}

int bench_run_program(char *const argv[])
{
	posix_spawn_file_actions_t quiet;
	int status = -1, ret;
	pid_t child;

	posix_spawn_file_actions_init(&quiet);
	for (int stream = 0; stream < 3; stream++)
		posix_spawn_file_actions_addopen(&quiet, stream, "/dev/null", O_RDWR, 0);
	ret = posix_spawnp(&child, argv[0], &quiet, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&quiet);
	if (ret == 0 && waitpid(child, &status, 0) != child)
		ret = errno;
	return ret ? ret : status == 0 ? 0 : EIO;
}

int64_t bench_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

long bench_spare_mib(void)
{
	char line[128];
	long kib = 0;
	FILE *file = fopen("/proc/meminfo", "re");

	if (!file)
		return 0;
	while (kib == 0 && fgets(line, sizeof(line), file))
		if (sscanf(line, "MemAvailable: %ld kB", &kib) != 1)
			kib = 0;
	fclose(file);
	return kib / 1024;
}

/* ---------------------------------------------------------------------- the root */

static char root[256];
static pid_t root_owner;

static void remove_root(void)
{
	ct_error failure = CT_ERROR_INIT;

	if (getpid() == root_owner && ct_rootfs_remove(root, &failure) < 0)
		warnx("%s", failure.sentence);
}

static void copy_program(const char *program, const char *path)
{
	struct stat status;
	int from = open(program, O_RDONLY | O_CLOEXEC);
	int to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);

	if (from < 0 || to < 0 || fstat(from, &status) < 0 ||
		sendfile(to, from, NULL, (size_t)status.st_size) != status.st_size)
		err(1, "%s", path);
	close(from);
	close(to);
}

const char *bench_root(void)
{
	static const char *const dirs[] = {"dev", "proc", "sys", "tmp"};
	const char *temp = getenv("TMPDIR");
	char path[sizeof(root) + 16];

	if (root[0])
		return root;
	snprintf(root, sizeof(root), "%.200s/ct-bench.XXXXXX", temp ? temp : "/tmp");
	if (!mkdtemp(root) || chmod(root, 0755) < 0)
		err(1, "%s", root);
	root_owner = getpid();
	atexit(remove_root);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", root, dirs[i]);
		if (mkdir(path, 0755) < 0)
			err(1, "%s", path);
	}
	snprintf(path, sizeof(path), "%s/payload", root);
	copy_program(BENCH_PAYLOAD, path);
	snprintf(path, sizeof(path), "%s/idle", root);
	copy_program(BENCH_IDLE, path);
	snprintf(path, sizeof(path), "%s/calls", root);
	copy_program(BENCH_CALLS, path);
	return root;
}

/* ----------------------------------------------------------------------- a run */

static int64_t *values_of(const struct bench *bench, int contender, int measure)
{
	return bench->values + (contender * BENCH_MAX_MEASURES + measure) * bench->rounds;
}

/* Measures a contender once; round -1 and below warm up. Whoever fails is out from then on. */
static void measure(struct bench *bench, int number, int round)
{
	const struct bench_contender *contender = &bench->contenders[number];
	struct bench_sample sample = {0};

	if (bench->out[number])
		return;
	if (!contender->run(contender->data, &sample)) {
		bench->out[number] = true;
		bench_leave_out(bench, contender->name, sample.why);
		return;
	}
	for (int i = 0; i < BENCH_MAX_MEASURES && round >= 0; i++)
		values_of(bench, number, i)[round] = sample.ns[i];
}

/*
 * Another order in each round, so that each contender follows each other one: what a
 * start leaves to be tidied up in the kernel slows down the next, whoever that is.
 */
static void shuffle(int *order, int count, unsigned int *seed)
{
	for (int i = count - 1; i > 0; i--) {
		int other = rand_r(seed) % (i + 1), saved = order[i];

		order[i] = order[other];
		order[other] = saved;
	}
}

static void measure_all(struct bench *bench)
{
	int order[BENCH_MAX_CONTENDERS];
	unsigned int seed = 1;

	for (int i = 0; i < bench->contender_count; i++)
		order[i] = i;
	for (int round = -bench->warm_up; round < bench->rounds; round++) {
		shuffle(order, bench->contender_count, &seed);
		for (int i = 0; i < bench->contender_count; i++)
			measure(bench, order[i], round);
	}
}

/* ------------------------------------------------------------------- statistics */

static int by_value(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

static void sort_all(struct bench *bench)
{
	for (int i = 0; i < bench->contender_count; i++)
		for (int j = 0; j < BENCH_MAX_MEASURES; j++)
			qsort(values_of(bench, i, j), (size_t)bench->rounds, sizeof(int64_t),
				by_value);
}

/* The value that so many of a hundred do not exceed, in microseconds. */
static double percentile(const struct bench *bench, int contender, int measure, int percent)
{
	int rank = (bench->rounds * percent + 99) / 100;

	return (double)values_of(bench, contender, measure)[rank - 1] / 1000;
}

/* By the medians; 0 where one of them is not there. */
static double ratio(const struct bench *bench, int contender, int other, int measure)
{
	double divisor;

	if (other < 0 || bench->out[contender] || bench->out[other])
		return 0;
	divisor = percentile(bench, other, measure, 50);
	return divisor > 0 ? percentile(bench, contender, measure, 50) / divisor : 0;
}

static double promised_ratio(const struct bench *bench)
{
	int contender = bench->promise.contender;

	return bench->promise.most > 0 ? ratio(bench, contender, bench->contenders[contender].base,
						 bench->promise.measure)
				       : 0;
}

/* -------------------------------------------------------------------- the table */

static void print_ratio(const char *title, double value)
{
	char text[32] = "-";

	if (!title)
		return;
	if (value > 0)
		snprintf(text, sizeof(text), value < 10 ? "%.2f" : "%.0f", value);
	printf("  %*s", (int)strlen(title), text);
}

static void print_measure(const struct bench *bench, int measure)
{
	printf("\n  %-38s%10s%10s%10s", bench->measures[measure], "p10", "p50", "p99");
	if (bench->floor_title)
		printf("  %s", bench->floor_title);
	if (bench->base_title)
		printf("  %s", bench->base_title);
	printf("\n");
	for (int i = 0; i < bench->contender_count; i++) {
		if (bench->out[i])
			continue;
		printf("  %-38s%10.1f%10.1f%10.1f", bench->contenders[i].name,
			percentile(bench, i, measure, 10), percentile(bench, i, measure, 50),
			percentile(bench, i, measure, 99));
		print_ratio(
			bench->floor_title, ratio(bench, i, bench->contenders[i].floor, measure));
		print_ratio(bench->base_title, ratio(bench, i, bench->contenders[i].base, measure));
		printf("\n");
	}
}

static void print_table(const struct bench *bench)
{
	double promised = promised_ratio(bench);
	struct utsname system;

	uname(&system);
	printf("%s: %s\n", bench->name, bench->about);
	printf("microseconds; %d rounds; Linux %s, %ld processors%s\n", bench->rounds,
		system.release, sysconf(_SC_NPROCESSORS_ONLN),
		bench->quick ? "; too few rounds to mean anything" : "");
	for (int i = 0; i < BENCH_MAX_MEASURES && bench->measures[i]; i++)
		print_measure(bench, i);
	if (promised > 0) {
		const struct bench_contender *contender =
			&bench->contenders[bench->promise.contender];

		printf("\n  %s takes %.2f times as long as %s;\n  at most %.2f is promised: %s\n",
			contender->name, promised, bench->contenders[contender->base].name,
			bench->promise.most, promised <= bench->promise.most ? "kept" : "broken");
	}
	for (int i = 0; i < bench->left_out_count; i++)
		printf("\n  not measured: %s\n", bench->left_out[i]);
	printf("\n");
}

/* --------------------------------------------------------------------- the JSON */

static void write_text(FILE *file, const char *text)
{
	fputc('"', file);
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte == '"' || byte == '\\')
			fprintf(file, "\\%c", byte);
		else if (byte < 0x20 || byte >= 0x7f)
			fprintf(file, "\\u%04x", byte);
		else
			fputc(byte, file);
	}
	fputc('"', file);
}

static void write_ratio(FILE *file, const struct bench *bench, const char *name, int contender,
	int other, int measure)
{
	double value = ratio(bench, contender, other, measure);

	if (value <= 0)
		return;
	fprintf(file, ", \"%s\": ", name);
	write_text(file, bench->contenders[other].name);
	fprintf(file, ", \"%s_ratio\": %.4f", name, value);
}

static void write_row(FILE *file, const struct bench *bench, int contender, int measure)
{
	static const int percents[] = {10, 50, 99};

	fputs("{\"contender\": ", file);
	write_text(file, bench->contenders[contender].name);
	fputs(", \"measure\": ", file);
	write_text(file, bench->measures[measure]);
	for (size_t i = 0; i < sizeof(percents) / sizeof(percents[0]); i++)
		fprintf(file, ", \"p%d_us\": %.3f", percents[i],
			percentile(bench, contender, measure, percents[i]));
	write_ratio(file, bench, "floor", contender, bench->contenders[contender].floor, measure);
	write_ratio(file, bench, "base", contender, bench->contenders[contender].base, measure);
	fputc('}', file);
}

/* One object in one line. */
static void write_object(FILE *file, const struct bench *bench)
{
	double promised = promised_ratio(bench);
	const char *comma = "";
	struct utsname system;

	uname(&system);
	fputs("{\"bench\": ", file);
	write_text(file, bench->name);
	fputs(", \"kernel\": ", file);
	write_text(file, system.release);
	fprintf(file, ", \"processors\": %ld, \"rounds\": %d, \"quick\": %s, \"rows\": [",
		sysconf(_SC_NPROCESSORS_ONLN), bench->rounds, bench->quick ? "true" : "false");
	for (int i = 0; i < bench->contender_count; i++)
		for (int j = 0; j < BENCH_MAX_MEASURES && bench->measures[j]; j++) {
			if (bench->out[i])
				continue;
			fputs(comma, file);
			write_row(file, bench, i, j);
			comma = ", ";
		}
	fputs("], \"not_measured\": [", file);
	for (int i = 0; i < bench->left_out_count; i++) {
		fputs(i ? ", " : "", file);
		write_text(file, bench->left_out[i]);
	}
	fputc(']', file);
	if (promised > 0)
		fprintf(file, ", \"promised_ratio\": %.2f, \"promise_kept\": %s",
			bench->promise.most, promised <= bench->promise.most ? "true" : "false");
	fputs("}\n", file);
}

static bool write_json(const struct bench *bench)
{
	FILE *file = fopen(bench->json_path, "ae");

	if (!file) {
		warn("%s", bench->json_path);
		return false;
	}
	write_object(file, bench);
	if (fclose(file) == 0)
		return true;
	warn("%s", bench->json_path);
	return false;
}

int bench_run(struct bench *bench)
{
	int measured = 0;
	bool written = true;

	bench->values =
		calloc((size_t)(bench->contender_count * BENCH_MAX_MEASURES * bench->rounds),
			sizeof(int64_t));
	if (!bench->values)
		err(1, "%s", bench->name);
	measure_all(bench);
	sort_all(bench);
	for (int i = 0; i < bench->contender_count; i++)
		measured += !bench->out[i];
	print_table(bench);
	if (bench->json_path)
		written = write_json(bench);
	free(bench->values);
	if (measured == 0)
		return 77;
	return written ? 0 : 1;
}

/* SPDX-License-Identifier: MIT */
/*
 * How long it takes to list the namespaces of the system: by ct_ns_list_system(), and by
 * running lsns, in turns, so that both meet the same machine. Prints a line for each, its
 * name and the median in microseconds:
 *
 *     list [ROUNDS]
 */
#include <container/container.h>

#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* The time of one listing, or a negative number. */
static double time_list(uint32_t flags)
{
	ct_error err = CT_ERROR_INIT;
	ct_ns_list *list = NULL;
	double start = now_us();

	if (ct_ns_list_system(0, flags, &list, &err) < 0) {
		fprintf(stderr, "%s\n", err.sentence);
		return -1;
	}
	ct_ns_list_free(list);
	return now_us() - start;
}

/* The time of one run of a program with its output thrown away, or a negative number. */
static double time_program(char *const argv[])
{
	posix_spawn_file_actions_t actions;
	double start = now_us();
	int status = -1, ret;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	ret = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (ret != 0 || waitpid(pid, &status, 0) != pid || status != 0)
		return -1;
	return now_us() - start;
}

static int by_time(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return left < right ? -1 : left > right;
}

/* Rounds that failed do not count: lsns fails where a process vanishes before its eyes. */
static void print_median(const char *name, double *times, int count)
{
	int failed = 0;

	qsort(times, (size_t)count, sizeof(*times), by_time);
	while (failed < count && times[failed] < 0)
		failed++;
	if (failed == count)
		printf("%s\t-\n", name);
	else
		printf("%s\t%.0f\n", name, times[failed + (count - failed) / 2]);
}

int main(int argc, char **argv)
{
	char lsns[] = "lsns", options[] = "-o", columns[] = "NS,TYPE,NPROCS,PID,USER",
	     json[] = "--json";
	char nothing[] = "true";
	char *const list_all[] = {lsns, options, columns, json, NULL};
	char *const do_nothing[] = {nothing, NULL};
	int rounds = argc > 1 ? atoi(argv[1]) : 50;
	double *times = rounds > 0 ? calloc(4 * (size_t)rounds, sizeof(*times)) : NULL;

	if (!times) {
		fprintf(stderr, "usage: %s [ROUNDS]\n", argv[0]);
		return 2;
	}
	for (int i = 0; i < rounds; i++) {
		times[i] = time_list(0);
		times[rounds + i] = time_program(list_all);
		times[2 * rounds + i] = time_list(CT_NS_LIST_KEEPERS);
		times[3 * rounds + i] = time_program(do_nothing);
	}
	print_median("ct_ns_list_system", times, rounds);
	print_median("lsns", times + rounds, rounds);
	print_median("ct_ns_list_system, keepers", times + 2 * rounds, rounds);
	print_median("starting a program (true)", times + 3 * rounds, rounds);
	free(times);
	return 0;
}

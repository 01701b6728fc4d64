/* SPDX-License-Identifier: MIT */
/*
 * A live table of what containers use, as top(1) has of processes.
 *
 *     cc -o top top.c $(pkg-config --cflags --libs container)
 *     ./top CONTAINERS SECONDS DIRECTORY COMMAND [ARGUMENT...]
 *
 * Starts that many with the same command (the number of each is in JOB), and shows them each
 * second until the time is over or all have ended.
 */
#include <container/container.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static ct_error failure = CT_ERROR_INIT;

struct table {
	int count;
	ct_container **boxes;
	ct_figures *figures, *before; /* now, and when they were shown last */
};

static void start(struct table *table, const char *directory, const char *const *argv)
{
	ct_rootfs *root = NULL;
	ct_spec *spec = NULL;
	char number[32];

	if (ct_rootfs_open(directory, &root, &failure) < 0)
		errx(1, "%s", failure.sentence);
	if (ct_spec_new(&spec) < 0)
		errx(1, "no memory");
	ct_spec_set_rootfs(spec, root);
	ct_spec_set_root_mode(spec, CT_ROOT_READONLY);
	ct_spec_set_argv(spec, argv);
	ct_spec_set_cgroup(spec, 1);
	ct_spec_set_stdio(spec, 1, CT_STDIO_NULL, -1);
	for (int i = 0; i < table->count; i++) {
		snprintf(number, sizeof(number), "JOB=%d", i);
		ct_spec_set_env(spec, (const char *const[]){"PATH=/usr/bin:/bin", number, NULL});
		if (ct_spawn(spec, &table->boxes[i], &failure) < 0)
			errx(1, "%s", failure.sentence);
		table->before[i] = table->figures[i] = (ct_figures)CT_FIGURES_INIT;
	}
	ct_spec_free(spec);
	ct_rootfs_free(root);
}

/* A figure in its unit; "-" where the kernel does not tell it. */
static void show(uint64_t figure, double unit, int decimals)
{
	if (figure == CT_NOT_KNOWN)
		printf("%10s", "-");
	else
		printf("%10.*f", decimals, (double)figure / unit);
}

/* One screen; how many are still running. */
static int show_all(struct table *table, double seconds)
{
	int running = 0;

	if (ct_container_figures_many(
		    table->boxes, (size_t)table->count, table->figures, &failure) < 0)
		errx(1, "%s", failure.sentence);
	if (isatty(1))
		printf("\033[H\033[J");
	printf("%8s%10s%10s%10s%10s%10s%10s\n", "PID", "CPU %", "TIME s", "MEM MiB", "PEAK MiB",
		"TASKS", "I/O MiB");
	for (int i = 0; i < table->count; i++) {
		const ct_figures *now = &table->figures[i], *before = &table->before[i];
		int ended = ct_wait(table->boxes[i], 0, NULL, NULL) == 0;

		running += !ended;
		printf("%8d", (int)ct_container_pid(table->boxes[i]));
		show(now->cpu_us - before->cpu_us, seconds * 10000, 1);
		show(now->cpu_us, 1e6, 2);
		show(now->memory_bytes, 1 << 20, 1);
		show(now->memory_peak_bytes, 1 << 20, 1);
		show(now->pids, 1, 0);
		show(now->io_written_bytes, 1 << 20, 1);
		printf("%s\n", ended ? "  ended" : "");
		table->before[i] = *now;
	}
	fflush(stdout);
	return running;
}

int main(int argc, char **argv)
{
	struct table table = {0};
	int seconds;

	if (argc < 5 || (table.count = atoi(argv[1])) < 1 || (seconds = atoi(argv[2])) < 1)
		errx(1, "usage: top CONTAINERS SECONDS DIRECTORY COMMAND [ARGUMENT...]");
	table.boxes = calloc((size_t)table.count, sizeof(*table.boxes));
	table.figures = calloc((size_t)table.count, sizeof(*table.figures));
	table.before = calloc((size_t)table.count, sizeof(*table.before));
	if (!table.boxes || !table.figures || !table.before)
		errx(1, "no memory");
	start(&table, argv[3], (const char *const *)&argv[4]);
	do
		sleep(1);
	while (show_all(&table, 1) > 0 && --seconds > 0);
	for (int i = 0; i < table.count; i++)
		ct_container_free(table.boxes[i]); /* ends it */
	free(table.boxes);
	free(table.figures);
	free(table.before);
	return 0;
}

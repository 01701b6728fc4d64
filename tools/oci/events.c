/* SPDX-License-Identifier: MIT */
/* events: what a container uses and has used. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "state.h"

static json_t *number(uint64_t value)
{
	return json_integer(value == CT_NOT_KNOWN ? 0 : (json_int_t)value);
}

/* As runc has it, as far as there are such figures. */
static json_t *stats_of(const char *id, const ct_figures *figures)
{
	return json_pack("{s:s,s:s,s:{s:{s:{s:o,s:o,s:o},s:{s:o,s:o}},s:{s:{s:o,s:o},s:o},s:{s:o}}}",
		"type", "stats", "id", id, "data", "cpu", "usage", "total",
		number(figures->cpu_us * 1000), "user", number(figures->cpu_user_us * 1000), "kernel",
		number(figures->cpu_system_us * 1000), "throttling", "throttledPeriods",
		number(figures->cpu_throttled_count), "throttledTime",
		number(figures->cpu_throttled_us * 1000), "memory", "usage", "usage",
		number(figures->memory_bytes), "max", number(figures->memory_peak_bytes), "cache",
		number(figures->memory_file_bytes), "pids", "current", number(figures->pids));
}

static int print_stats(struct box *box, ct_container *container)
{
	ct_figures figures = CT_FIGURES_INIT;
	ct_error err = CT_ERROR_INIT;
	json_t *stats;
	char *text;

	if (ct_container_figures(container, &figures, &err) < 0)
		return complain_of(&err);
	stats = stats_of(box->id, &figures);
	text = stats ? json_dumps(stats, JSON_COMPACT) : NULL;
	json_decref(stats);
	if (!text)
		return complain("out of memory");
	puts(text);
	fflush(stdout);
	free(text);
	return 0;
}

int command_events(int argc, char **argv)
{
	const char *interval = "5";
	bool once = false;
	const struct option_row rows[] = {
		{"stats", 0, .flag = &once}, {"interval", 0, .text = &interval}, {0}};
	ct_container *container = NULL;
	int64_t seconds;
	struct box box;
	char plain[16];
	int at = take_options(argc, argv, rows, 1, 1);
	int ret;

	if (at < 0)
		return 1;
	snprintf(plain, sizeof(plain), "%.*s", (int)strcspn(interval, "s"), interval);
	if (!to_number(plain, 1, 86400, &seconds))
		return complain("--interval: %s: it is no number of seconds", interval);
	ret = box_open(&box, argv[at], false);
	if (ret)
		return ret;
	ret = box_load(&box, &container);
	if (ret == 0)
		ret = print_stats(&box, container);
	while (ret == 0 && !once &&
		ct_wait(container, (int)seconds * 1000, NULL, NULL) < 0)
		ret = print_stats(&box, container);
	ct_container_free(container);
	box_close(&box);
	return ret;
}

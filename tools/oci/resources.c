/* SPDX-License-Identifier: MIT */
/* update and events: limits of what runs, and what it has used. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "state.h"

/* ---------------------------------------------------------------- update */

/* A limit that was given: by an option, or by a member of the file of resources. */
struct setting {
	const char *option, *group, *member;
	ct_limit limit;
	bool given;
	int64_t value;
};

enum { MEMORY, SWAP, PIDS, QUOTA, PERIOD, SHARES, SETTINGS };

static int from_file(const char *path, struct setting *settings)
{
	size_t size;
	char *text = read_whole(strcmp(path, "-") ? AT_FDCWD : -1, strcmp(path, "-") ? path : "/dev/stdin",
		&size);
	json_t *json = text ? json_loadb(text, size, 0, NULL) : NULL;

	free(text);
	if (!json_is_object(json)) {
		json_decref(json);
		return complain("--resources: %s: it is no object of JSON", path);
	}
	for (size_t i = 0; i < SETTINGS; i++) {
		json_t *value = json_object_get(
			json_object_get(json, settings[i].group), settings[i].member);

		if (!json_is_integer(value) || json_integer_value(value) == 0)
			continue;
		settings[i].given = true;
		settings[i].value = json_integer_value(value);
	}
	json_decref(json);
	return 0;
}

/* From the words of the runtime-spec to those of the library. */
static uint64_t value_of(const struct setting *settings, size_t i)
{
	int64_t value = settings[i].value;

	if (value < 0)
		return CT_UNLIMITED;
	if (i == QUOTA)
		return (uint64_t)(value * 1000 /
				  (settings[PERIOD].value > 0 ? settings[PERIOD].value : 100000));
	if (i == SHARES) /* 1024 are 100 */
		return value < 11 ? 1 : (uint64_t)(value * 100 / 1024);
	if (i == SWAP && settings[MEMORY].value > 0 && value >= settings[MEMORY].value)
		return (uint64_t)(value - settings[MEMORY].value);
	return (uint64_t)value;
}

static int apply(struct box *box, const struct setting *settings)
{
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;
	int ret = box_load(box, &container);

	for (size_t i = 0; ret == 0 && i < SETTINGS; i++)
		if (settings[i].given && settings[i].limit &&
			ct_container_set_limit(
				container, settings[i].limit, value_of(settings, i), &err) < 0)
			ret = complain_of(&err);
	ct_container_free(container);
	return ret;
}

int command_update(int argc, char **argv)
{
	struct setting settings[SETTINGS] = {
		[MEMORY] = {"memory", "memory", "limit", CT_LIMIT_MEMORY_MAX, false, 0},
		[SWAP] = {"memory-swap", "memory", "swap", CT_LIMIT_SWAP_MAX, false, 0},
		[PIDS] = {"pids-limit", "pids", "limit", CT_LIMIT_PIDS_MAX, false, 0},
		[QUOTA] = {"cpu-quota", "cpu", "quota", CT_LIMIT_CPU_MAX, false, 0},
		[PERIOD] = {"cpu-period", "cpu", "period", 0, false, 0},
		[SHARES] = {"cpu-share", "cpu", "shares", CT_LIMIT_CPU_WEIGHT, false, 0},
	};
	const char *texts[SETTINGS] = {0}, *file = NULL;
	struct option_row rows[SETTINGS + 2] = {{"resources", 'r', .text = &file}};
	struct box box;
	int at, ret = 0;

	for (size_t i = 0; i < SETTINGS; i++)
		rows[1 + i] = (struct option_row){settings[i].option, 0, .text = &texts[i]};
	at = take_options(argc, argv, rows, 1, 1);
	if (at < 0 || (file && from_file(file, settings)))
		return 1;
	for (size_t i = 0; i < SETTINGS; i++) {
		if (!texts[i])
			continue;
		settings[i].given = true;
		if (!to_number(texts[i], -1, INT64_MAX / 1000, &settings[i].value))
			return complain("--%s: %s: it is no number", settings[i].option, texts[i]);
	}
	ret = box_open(&box, argv[at], true);
	if (ret)
		return ret;
	if (box.status != STATUS_RUNNING && box.status != STATUS_PAUSED)
		ret = complain("%s: it is %s", box.id, status_name(box.status));
	else
		ret = apply(&box, settings);
	box_close(&box);
	return ret;
}

/* ---------------------------------------------------------------- events */

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

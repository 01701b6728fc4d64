/* SPDX-License-Identifier: MIT */
/*
 * Figures: one table of which line of which file tells each, in v2 and in v1. Rows of one
 * file stand together, so each file is read once.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup/group.h"
#include "util/fd.h"

/* How a figure stands in its file. */
enum form {
	WHOLE, /* the file is the number */
	LINE,  /* "key number" */
	SOME,  /* the first "key=number": of pressure, the line "some" */
	SUM,   /* all of "key=number" together: of each device */
	COLUMN /* all of "MAJOR:MINOR key number" together: v1, of each device */
};

struct figure_row {
	uint16_t offset; /* in ct_figures */
	bool unified;
	enum ct__controller controller; /* CONTROLLER_COUNT: each group of v2 tells it */
	const char *file, *key;
	enum form form;
	unsigned int divide; /* into the unit of the figure */
};

#define AT(field) (uint16_t) offsetof(ct_figures, field)
#define ANY	  CONTROLLER_COUNT

/* About a hundred bytes for each disk. */
#define TEXT_SIZE 32768

static const struct figure_row rows[] = {
	{AT(cpu_us), true, ANY, "cpu.stat", "usage_usec", LINE, 1},
	{AT(cpu_user_us), true, ANY, "cpu.stat", "user_usec", LINE, 1},
	{AT(cpu_system_us), true, ANY, "cpu.stat", "system_usec", LINE, 1},
	{AT(cpu_throttled_us), true, CONTROLLER_CPU, "cpu.stat", "throttled_usec", LINE, 1},
	{AT(cpu_throttled_count), true, CONTROLLER_CPU, "cpu.stat", "nr_throttled", LINE, 1},
	{AT(cpu_stalled_us), true, ANY, "cpu.pressure", "total", SOME, 1},
	{AT(memory_bytes), true, CONTROLLER_MEMORY, "memory.current", NULL, WHOLE, 1},
	{AT(memory_peak_bytes), true, CONTROLLER_MEMORY, "memory.peak", NULL, WHOLE, 1},
	{AT(memory_anon_bytes), true, CONTROLLER_MEMORY, "memory.stat", "anon", LINE, 1},
	{AT(memory_file_bytes), true, CONTROLLER_MEMORY, "memory.stat", "file", LINE, 1},
	{AT(memory_stalled_us), true, CONTROLLER_MEMORY, "memory.pressure", "total", SOME, 1},
	{AT(memory_max_count), true, CONTROLLER_MEMORY, "memory.events", "max", LINE, 1},
	{AT(memory_high_count), true, CONTROLLER_MEMORY, "memory.events", "high", LINE, 1},
	{AT(oom_kills), true, CONTROLLER_MEMORY, "memory.events", "oom_kill", LINE, 1},
	{AT(swap_bytes), true, CONTROLLER_MEMORY, "memory.swap.current", NULL, WHOLE, 1},
	{AT(pids), true, CONTROLLER_PIDS, "pids.current", NULL, WHOLE, 1},
	{AT(pids_peak), true, CONTROLLER_PIDS, "pids.peak", NULL, WHOLE, 1},
	{AT(pids_max_count), true, CONTROLLER_PIDS, "pids.events", "max", LINE, 1},
	{AT(io_read_bytes), true, CONTROLLER_IO, "io.stat", "rbytes", SUM, 1},
	{AT(io_written_bytes), true, CONTROLLER_IO, "io.stat", "wbytes", SUM, 1},
	{AT(io_reads), true, CONTROLLER_IO, "io.stat", "rios", SUM, 1},
	{AT(io_writes), true, CONTROLLER_IO, "io.stat", "wios", SUM, 1},
	{AT(io_stalled_us), true, CONTROLLER_IO, "io.pressure", "total", SOME, 1},

	{AT(cpu_us), false, CONTROLLER_CPUACCT, "cpuacct.usage", NULL, WHOLE, 1000},
	{AT(cpu_user_us), false, CONTROLLER_CPUACCT, "cpuacct.usage_user", NULL, WHOLE, 1000},
	{AT(cpu_system_us), false, CONTROLLER_CPUACCT, "cpuacct.usage_sys", NULL, WHOLE, 1000},
	{AT(cpu_throttled_us), false, CONTROLLER_CPU, "cpu.stat", "throttled_time", LINE, 1000},
	{AT(cpu_throttled_count), false, CONTROLLER_CPU, "cpu.stat", "nr_throttled", LINE, 1},
	{AT(memory_bytes), false, CONTROLLER_MEMORY, "memory.usage_in_bytes", NULL, WHOLE, 1},
	{AT(memory_peak_bytes), false, CONTROLLER_MEMORY, "memory.max_usage_in_bytes", NULL, WHOLE,
		1},
	{AT(memory_anon_bytes), false, CONTROLLER_MEMORY, "memory.stat", "total_rss", LINE, 1},
	{AT(memory_file_bytes), false, CONTROLLER_MEMORY, "memory.stat", "total_cache", LINE, 1},
	{AT(swap_bytes), false, CONTROLLER_MEMORY, "memory.stat", "total_swap", LINE, 1},
	{AT(memory_max_count), false, CONTROLLER_MEMORY, "memory.failcnt", NULL, WHOLE, 1},
	{AT(oom_kills), false, CONTROLLER_MEMORY, "memory.oom_control", "oom_kill", LINE, 1},
	{AT(pids), false, CONTROLLER_PIDS, "pids.current", NULL, WHOLE, 1},
	{AT(pids_peak), false, CONTROLLER_PIDS, "pids.peak", NULL, WHOLE, 1},
	{AT(pids_max_count), false, CONTROLLER_PIDS, "pids.events", "max", LINE, 1},
	{AT(io_read_bytes), false, CONTROLLER_IO, "blkio.throttle.io_service_bytes", "Read", COLUMN,
		1},
	{AT(io_written_bytes), false, CONTROLLER_IO, "blkio.throttle.io_service_bytes", "Write",
		COLUMN, 1},
	{AT(io_reads), false, CONTROLLER_IO, "blkio.throttle.io_serviced", "Read", COLUMN, 1},
	{AT(io_writes), false, CONTROLLER_IO, "blkio.throttle.io_serviced", "Write", COLUMN, 1},
};

/* Behind the key at the start of a word, or NULL. next: what must follow the key. */
static const char *find_word(const char *text, const char *key, char next, bool line_start)
{
	size_t length = strlen(key);

	for (const char *at = text; (at = strstr(at, key)) != NULL; at += length) {
		bool begins = at == text || at[-1] == '\n' || (!line_start && at[-1] == ' ');

		if (begins && at[length] == next)
			return at + length + 1;
	}
	return NULL;
}

static uint64_t number_at(const char *at)
{
	return at ? strtoull(at, NULL, 10) : CT_NOT_KNOWN;
}

uint64_t ct__group_line(const char *text, const char *key)
{
	return number_at(find_word(text, key, ' ', true));
}

/* All numbers behind the key; none: nothing was used yet. */
static uint64_t sum_of(const char *text, const char *key, char next)
{
	uint64_t sum = 0;

	for (const char *at = text; (at = find_word(at, key, next, false)) != NULL;)
		sum += strtoull(at, NULL, 10);
	return sum;
}

static uint64_t read_form(const struct figure_row *row, const char *text)
{
	switch (row->form) {
	case WHOLE:
		return number_at(text);
	case LINE:
		return ct__group_line(text, row->key);
	case SOME:
		return number_at(find_word(text, row->key, '=', false));
	case SUM:
		return sum_of(text, row->key, '=');
	case COLUMN:
		return sum_of(text, row->key, ' ');
	}
	return CT_NOT_KNOWN;
}

/*
 * The text of a file of the group; false: there is none. Of one with a line for each of a
 * great many disks, which does not fit, nothing is told: a sum of some of them would be wrong.
 */
static bool read_file(const struct ct__group *group, const struct ct__place *place,
	const char *file, char *text, size_t size)
{
	CT__AUTO_CLOSE int fd = ct__group_open(group, place, file, O_RDONLY);
	size_t used = 0;

	if (fd < 0)
		return false;
	while (used < size) {
		ssize_t length = read(fd, text + used, size - used);

		if (length < 0)
			return false;
		if (length == 0) {
			text[used] = '\0';
			return true;
		}
		used += (size_t)length;
	}
	return false;
}

static const struct ct__place *place_of_row(
	const struct ct__group_plan *plan, const struct figure_row *row)
{
	const struct ct__place *place = row->controller == ANY
						? ct__group_unified(plan)
						: ct__group_place(plan, row->controller);

	return place && place->unified == row->unified ? place : NULL;
}

/* The number that is all of a file; 0: there is none. */
static uint64_t number_in(const struct ct__group *group, const struct ct__place *place, const char *file)
{
	char text[32];

	return read_file(group, place, file, text, sizeof(text)) ? number_at(text) : 0;
}

/*
 * v1 counts how often memory was refused, but not (in Linux 6.18) how often memory and swap together
 * were, which comes first where that limit is no higher. Who was killed for that has reached it, once at least.
 */
static void count_both(const struct ct__group *group, ct_figures *figures)
{
	const struct ct__place *place = ct__group_place(group->plan, CONTROLLER_MEMORY);
	uint64_t most;

	if (!place || place->unified || figures->memory_max_count || !figures->oom_kills ||
		figures->oom_kills == CT_NOT_KNOWN)
		return;
	most = number_in(group, place, "memory.memsw.max_usage_in_bytes");
	figures->memory_max_count = most && most >= number_in(group, place, "memory.memsw.limit_in_bytes");
}

void ct__group_figures(const struct ct__group *group, ct_figures *ret_figures)
{
	const struct figure_row *last = NULL;
	char text[TEXT_SIZE];
	bool there = false;

	memset(&ret_figures->cpu_us, 0xff, sizeof(*ret_figures) - AT(cpu_us)); /* CT_NOT_KNOWN */
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct figure_row *row = &rows[i];
		const struct ct__place *place = place_of_row(group->plan, row);
		uint64_t *figure = (uint64_t *)(void *)((char *)ret_figures + row->offset);
		uint64_t value;

		if (!place)
			continue;
		if (!last || strcmp(last->file, row->file) != 0 || last->unified != row->unified)
			there = read_file(group, place, row->file, text, sizeof(text));
		last = row;
		value = there ? read_form(row, text) : CT_NOT_KNOWN;
		/* A v2 without controllers, beside v1, knows of cpu time as well: v1 is asked last. */
		if (value != CT_NOT_KNOWN)
			*figure = value / row->divide;
	}
	count_both(group, ret_figures);
}

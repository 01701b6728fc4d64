/* SPDX-License-Identifier: MIT */
/* The parsers of what the kernel, or an administrator, writes: any bytes may come. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "util/colon_text.h"
#include "util/escape.h"
#include "util/proc_status.h"
#include "util/proc_text.h"

static void parse_stat(char *text, size_t size)
{
	struct ct__proc_stat stat;

	if (ct__parse_stat(text, size, &stat) == 0)
		must(memchr(stat.command, '\0', sizeof(stat.command)) && stat.pid > 0,
			"a stat line without a pid or a name");
}

static void parse_mount_line(char *text, size_t size)
{
	struct ct__mount_line line;
	char value[16];

	if (ct__parse_mount_line(text, &line) < 0)
		return;
	must(line.root >= text && line.root <= text + size && line.point >= text &&
			line.point <= text + size && line.options >= text &&
			line.options <= text + size,
		"a part of the mount line is not in it");
	if (ct__mount_option(line.options, "hidepid", value, sizeof(value)))
		must(strlen(value) < sizeof(value), "an option without an end");
}

static void parse_ns_name(char *text, size_t size)
{
	uint32_t kind;
	uint64_t id;

	(void)size;
	if (ct__parse_ns_name(text, &kind, &id) == 0)
		must(kind != 0, "a namespace of no kind");
}

static void parse_numbers(char *text, size_t size)
{
	(void)size;
	must(ct__parse_pid(text) >= 0, "a negative pid");
	must(ct__parse_pidfd_info(text) >= 0, "a negative pid of a pidfd");
}

static void parse_status(char *text, size_t size)
{
	struct ct__proc_status status;

	(void)size;
	if (ct__parse_status(text, &status) == 0)
		ct__array_done(&status.groups);
}

static void parse_limits(char *text, size_t size)
{
	struct ct__proc_limit limits[4];

	(void)size;
	must(ct__parse_limits(text, limits, 4) <= 4, "more limits than there is room for");
}

static void parse_id_map(char *text, size_t size)
{
	ct__array map = {0};
	uint32_t inside;

	(void)size;
	if (ct__parse_id_map(text, &map) < 0)
		return;
	ct__id_inside(&map, 0, &inside);
	ct__id_inside(&map, UINT32_MAX, &inside);
	ct__array_done(&map);
}

static void parse_cgroup_line(char *text, size_t size)
{
	struct ct__cgroup_line line;

	if (ct__parse_cgroup_line(text, &line) == 0)
		must(line.path >= text && line.path <= text + size, "a path beyond its line");
}

static void parse_colon_lines(char *text, size_t size)
{
	const char *at = text;
	struct ct__colon_line line;
	struct ct__id_range range;
	uint32_t number;

	while (ct__colon_next(&at, text + size, &line)) {
		must(at <= text + size && line.count <= CT__COLON_FIELDS + 1, "a line too long");
		for (size_t i = 0; i < CT__COLON_FIELDS; i++)
			ct__colon_number(&line, i, &number);
		if (ct__colon_range(&line, &range))
			must(range.count > 0 && (uint64_t)range.outside + range.count <= UINT32_MAX,
				"a range of no ids");
	}
}

static void escape(char *text, size_t size)
{
	char to[64];
	char *json = NULL;
	size_t length;
	FILE *out = open_memstream(&json, &length);

	(void)size;
	ct__escape(to, sizeof(to), text);
	must(strlen(to) < sizeof(to), "an escaped text without an end");
	for (const char *at = to; *at; at++)
		must((unsigned char)*at >= ' ' && *at != 0x7f, "a control character was kept");
	must(out != NULL, "no memory");
	ct__json_string(out, text);
	fclose(out);
	free(json);
}

static void (*const parsers[])(char *text, size_t size) = {parse_stat, parse_mount_line,
	parse_ns_name, parse_numbers, parse_status, parse_limits, parse_id_map, parse_cgroup_line,
	parse_colon_lines, escape};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = input_of(data, size);
	uint32_t which = take_below(&input, sizeof(parsers) / sizeof(parsers[0]));
	char *text = take_text(&input);

	parsers[which](text, strlen(text));
	free(text);
	return 0;
}

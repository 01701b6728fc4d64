/* SPDX-License-Identifier: MIT */
/* state, list, ps: what there is. */
#include <dirent.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "state.h"

static int print(json_t *json, size_t flags)
{
	char *text = json ? json_dumps(json, flags) : NULL;

	json_decref(json);
	if (!text)
		return complain("out of memory");
	puts(text);
	free(text);
	return 0;
}

int command_state(int argc, char **argv)
{
	const struct option_row rows[] = {{0}};
	struct box box;
	int at = take_options(argc, argv, rows, 1, 1);
	int ret = at < 0 ? 1 : box_open(&box, argv[at], false);

	if (ret)
		return ret;
	ret = print(box_state(&box), JSON_INDENT(2));
	box_close(&box);
	return ret;
}

/* ------------------------------------------------------------------ list */

/* A state as a list has it: with when it was created, and by whom. */
static json_t *row_of(const struct box *box)
{
	json_t *row = box_state(box);
	json_t *created = json_object_get(box->state, "created");
	struct stat about;

	if (!row)
		return NULL;
	if (!json_object_get(row, "pid"))
		json_object_set_new(row, "pid", json_integer(0));
	if (created)
		json_object_set(row, "created", created);
	if (fstat(box->directory, &about) == 0) {
		const struct passwd *owner = getpwuid(about.st_uid);

		json_object_set_new(row, "owner", json_string(owner ? owner->pw_name : ""));
	}
	return row;
}

static json_t *all_states(void)
{
	json_t *list = json_array();
	DIR *directory = opendir(globals.root);
	struct dirent *entry;

	while (directory && (entry = readdir(directory))) {
		struct box box;

		if (entry->d_name[0] == '.' || box_open(&box, entry->d_name, false))
			continue;
		json_array_append_new(list, row_of(&box));
		box_close(&box);
	}
	if (directory)
		closedir(directory);
	return list;
}

static const char *text_of(const json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));

	return text ? text : "";
}

static void print_table(const json_t *list)
{
	size_t i;
	json_t *row;

	printf("%-24s %-10s %-10s %-32s %s\n", "ID", "PID", "STATUS", "CREATED", "BUNDLE");
	json_array_foreach(list, i, row)
		printf("%-24s %-10lld %-10s %-32s %s\n", text_of(row, "id"),
			(long long)json_integer_value(json_object_get(row, "pid")),
			text_of(row, "status"), text_of(row, "created"), text_of(row, "bundle"));
}

int command_list(int argc, char **argv)
{
	const char *format = "table";
	bool quiet = false;
	const struct option_row rows[] = {
		{"format", 'f', .text = &format}, {"quiet", 'q', .flag = &quiet}, {0}};
	json_t *list, *row;
	size_t i;

	if (take_options(argc, argv, rows, 0, 0) < 0)
		return 1;
	if (strcmp(format, "json") != 0 && strcmp(format, "table") != 0)
		return complain("--format: it is neither json nor table");
	list = all_states();
	if (!quiet && strcmp(format, "json") == 0)
		return print(list, JSON_COMPACT);
	if (quiet)
		json_array_foreach(list, i, row)
			puts(text_of(row, "id"));
	else
		print_table(list);
	json_decref(list);
	return 0;
}

/* -------------------------------------------------------------------- ps */

#define PIDS_LIMIT 65536

static int print_pids(const pid_t *pids, int count, const char *format)
{
	json_t *list = json_array();

	if (strcmp(format, "json") == 0) {
		for (int i = 0; i < count; i++)
			json_array_append_new(list, json_integer(pids[i]));
		return print(list, JSON_COMPACT);
	}
	json_decref(list);
	printf("%-10s %s\n", "PID", "COMMAND");
	for (int i = 0; i < count; i++) {
		char path[64], *text;
		size_t size = 0;

		snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pids[i]);
		text = read_whole(-1, path, &size);
		for (size_t at = 0; text && at + 1 < size; at++)
			if ((unsigned char)text[at] < ' ' || text[at] == 127)
				text[at] = ' ';
		printf("%-10d %s\n", (int)pids[i], text ? text : "");
		free(text);
	}
	return 0;
}

int command_ps(int argc, char **argv)
{
	const char *format = "table";
	const struct option_row rows[] = {{"format", 'f', .text = &format}, {0}};
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;
	struct box box;
	pid_t *pids;
	int count, at = take_options(argc, argv, rows, 1, -1);
	int ret = at < 0 ? 1 : box_open(&box, argv[at], false);

	if (ret)
		return ret;
	pids = calloc(PIDS_LIMIT, sizeof(*pids));
	if (!pids)
		ret = complain("out of memory");
	else if (box.status == STATUS_CREATED)
		ret = print_pids(&box.pid, 1, format);
	else
		ret = box_load(&box, &container);
	if (ret == 0 && container) {
		count = ct_container_processes(container, pids, PIDS_LIMIT, &err);
		ret = count < 0 ? complain_of(&err) :
				  print_pids(pids, count < PIDS_LIMIT ? count : PIDS_LIMIT, format);
	}
	ct_container_free(container);
	free(pids);
	box_close(&box);
	return ret;
}

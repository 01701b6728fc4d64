/* SPDX-License-Identifier: MIT */
/* update: other limits for what runs, by the words of /linux/resources. The library translates them. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "commands.h"
#include "state.h"

enum kind {
	NUMBER,
	BYTES, /* "64m" will do */
	TEXT
};

/* As runc has them. What the library cannot honour it refuses by its pointer. */
static const struct row {
	const char *option, *group, *member;
	enum kind kind;
} table[] = {
	{"memory", "memory", "limit", BYTES},
	{"memory-reservation", "memory", "reservation", BYTES},
	{"memory-swap", "memory", "swap", BYTES},
	{"kernel-memory", "memory", "kernel", BYTES},
	{"kernel-memory-tcp", "memory", "kernelTCP", BYTES},
	{"cpu-period", "cpu", "period", NUMBER},
	{"cpu-quota", "cpu", "quota", NUMBER},
	{"cpu-burst", "cpu", "burst", NUMBER},
	{"cpu-share", "cpu", "shares", NUMBER},
	{"cpu-idle", "cpu", "idle", NUMBER},
	{"cpu-rt-period", "cpu", "realtimePeriod", NUMBER},
	{"cpu-rt-runtime", "cpu", "realtimeRuntime", NUMBER},
	{"cpuset-cpus", "cpu", "cpus", TEXT},
	{"cpuset-mems", "cpu", "mems", TEXT},
	{"pids-limit", "pids", "limit", NUMBER},
	{"blkio-weight", "blockIO", "weight", NUMBER},
};

#define ROWS (sizeof(table) / sizeof(table[0]))

/* "67108864", "64m", "64MiB": units are powers of 1024, as runc has it. */
static bool to_bytes(const char *text, int64_t *ret_bytes)
{
	static const char units[] = "bkmgtp";
	size_t digits = strspn(text, "-0123456789");
	char number[32], letter = (char)tolower((unsigned char)text[digits]);
	const char *unit = letter ? strchr(units, letter) : units;
	const char *rest = text + digits + (letter != 0);
	int shift = unit ? 10 * (int)(unit - units) : 0;

	snprintf(number, sizeof(number), "%.*s", (int)digits, text);
	if (!unit || digits >= sizeof(number) ||
		(*rest && (!shift || (strcasecmp(rest, "b") != 0 && strcasecmp(rest, "ib") != 0))) ||
		!to_number(number, -1, INT64_MAX >> shift, ret_bytes))
		return false;
	*ret_bytes = *ret_bytes < 0 ? -1 : *ret_bytes << shift;
	return true;
}

/* A member of a group, which is made where it is not there. */
static int put(json_t *resources, const char *group, const char *member, json_t *value)
{
	json_t *object = json_object_get(resources, group);

	if (!json_is_object(object)) {
		object = json_object();
		json_object_set_new(resources, group, object);
	}
	return json_object_set_new(object, member, value) < 0 ? complain("out of memory") : 0;
}

static json_t *get(const json_t *resources, const char *group, const char *member)
{
	return json_object_get(json_object_get(resources, group), member);
}

static int put_option(json_t *resources, const struct row *row, const char *text)
{
	int64_t number;

	if (row->kind == TEXT)
		return put(resources, row->group, row->member, json_string(text));
	if (!(row->kind == BYTES ? to_bytes(text, &number) : to_number(text, -1, INT64_MAX, &number)))
		return complain("--%s: %s: it is no number", row->option, text);
	return put(resources, row->group, row->member, json_integer(number));
}

static int read_resources(const char *path, json_t **ret_resources)
{
	size_t size;
	char *text = strcmp(path, "-") == 0 ? read_open(STDIN_FILENO, &size) :
					      read_whole(AT_FDCWD, path, &size);
	json_t *json = text ? json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL) : NULL;

	if (!text)
		return complain("--resources: %s: %s", path, strerror(errno));
	free(text);
	if (!json_is_object(json)) {
		json_decref(json);
		return complain("--resources: %s: it is no object of JSON", path);
	}
	*ret_resources = json;
	return 0;
}

/* What the kernel or the library takes only together: the one that was not given is as it was. */
static void complete(json_t *resources, const json_t *kept)
{
	static const char *const pairs[][3] = {
		{"memory", "swap", "limit"}, {"cpu", "quota", "period"}, {"cpu", "period", "quota"}};

	for (size_t i = 0; i < 3; i++) {
		const char *group = pairs[i][0], *given = pairs[i][1], *other = pairs[i][2];

		if (get(resources, group, given) && !get(resources, group, other) &&
			get(kept, group, other))
			put(resources, group, other, json_incref(get(kept, group, other)));
	}
	/* No memory limit with a limit of memory and swap together cannot be. */
	if (json_integer_value(get(resources, "memory", "limit")) < 0 &&
		!get(resources, "memory", "swap") && get(kept, "memory", "swap"))
		put(resources, "memory", "swap", json_integer(-1));
}

static int apply(struct box *box, const json_t *resources)
{
	char *text = json_dumps(resources, JSON_COMPACT);
	ct_container *container = NULL;
	ct_error err = CT_ERROR_INIT;
	int ret = text ? box_load(box, &container) : complain("out of memory");

	if (ret == 0 && ct_container_set_oci_resources(container, text, strlen(text), &err) < 0)
		ret = complain_of(&err);
	ct_container_free(container);
	free(text);
	return ret;
}

/* The next update, and whoever reads the configuration, begins with these. */
static int keep(struct box *box, json_t *kept, json_t *resources)
{
	const char *group;
	json_t *members;

	json_object_foreach(resources, group, members)
		if (json_is_object(members) && json_is_object(json_object_get(kept, group)))
			json_object_update(json_object_get(kept, group), members);
		else
			json_object_set(kept, group, members);
	return box_save_config(box);
}

static int update(struct box *box, json_t *resources)
{
	json_t *linux_part = json_object_get(box->config, "linux");
	json_t *kept = json_object_get(linux_part, "resources");
	int ret;

	if (box->status != STATUS_RUNNING && box->status != STATUS_PAUSED)
		return complain("%s: it is %s", box->id, status_name(box->status));
	if (!json_is_object(kept)) {
		kept = json_object();
		json_object_set_new(linux_part, "resources", kept);
	}
	json_object_del(resources, "devices"); /* these are decided at the start */
	complete(resources, kept);
	ret = apply(box, resources);
	return ret ? ret : keep(box, kept, resources);
}

int command_update(int argc, char **argv)
{
	const char *texts[ROWS] = {0}, *file = NULL;
	struct option_row rows[ROWS + 2] = {{"resources", 'r', .text = &file}};
	json_t *resources = NULL;
	struct box box;
	int at, ret = 0;

	for (size_t i = 0; i < ROWS; i++)
		rows[1 + i] = (struct option_row){table[i].option, 0, .text = &texts[i]};
	at = take_options(argc, argv, rows, 1, 1);
	if (at < 0)
		return 1;
	if (file)
		ret = read_resources(file, &resources);
	else
		resources = json_object();
	for (size_t i = 0; ret == 0 && i < ROWS; i++)
		if (texts[i])
			ret = put_option(resources, &table[i], texts[i]);
	if (ret == 0)
		ret = box_open(&box, argv[at], true);
	if (ret == 0) {
		ret = update(&box, resources);
		box_close(&box);
	}
	json_decref(resources);
	return ret;
}

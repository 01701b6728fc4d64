/* SPDX-License-Identifier: MIT */
/* Limits as files: one table; see limits.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "cgroup/hierarchy.h"
#include "cgroup/limits.h"

/* How a value is written. */
enum format {
	NUMBER,	    /* as it is; without a limit "max" in v2, -1 in v1 */
	SWAP,	    /* v2: as it is; v1: memory and swap together */
	CPU,	    /* v2: quota and period in one line; v1: in two files */
	CPU_WEIGHT, /* v1: 1024 shares are a weight of 100 */
	IO_WEIGHT,  /* v1: 10 to 1000 */
	DISK,	    /* of a disk: "8:0 rbps=N" in v2, "8:0 N" in v1 */
	PAGES	    /* of a size of pages, which is a part of the file's name */
};

#define CPU_PERIOD_US 100000

struct limit_row {
	ct_limit limit;
	enum ct__controller controller;
	const char *v2, *v1; /* v1 NULL: it has no such limit. DISK: file and key; PAGES: after the size */
	enum format format;
	uint64_t least, most;
	uint64_t unlimited; /* what is written for CT_UNLIMITED where there is no word for it */
	const char *refusal;
};

#define BYTES	INT64_MAX
/* The kernel keeps 32 bits of it, and all of them mean no limit. */
#define MOST_OPERATIONS (UINT32_MAX - 1)
#define NO_WORD UINT64_MAX

static const struct limit_row rows[] = {
	{CT_LIMIT_MEMORY_MAX, CONTROLLER_MEMORY, "memory.max", "memory.limit_in_bytes", NUMBER, 0,
		BYTES, NO_WORD, "it is over 2^63"},
	{CT_LIMIT_MEMORY_HIGH, CONTROLLER_MEMORY, "memory.high", NULL, NUMBER, 0, BYTES, NO_WORD,
		"it is over 2^63"},
	{CT_LIMIT_MEMORY_LOW, CONTROLLER_MEMORY, "memory.low", NULL, NUMBER, 0, BYTES, 0,
		"it is over 2^63"},
	{CT_LIMIT_MEMORY_MIN, CONTROLLER_MEMORY, "memory.min", NULL, NUMBER, 0, BYTES, 0,
		"it is over 2^63"},
	{CT_LIMIT_SWAP_MAX, CONTROLLER_MEMORY, "memory.swap.max", "memory.memsw.limit_in_bytes",
		SWAP, 0, BYTES, NO_WORD, "it is over 2^63"},
	{CT_LIMIT_OOM_GROUP, CONTROLLER_MEMORY, "memory.oom.group", NULL, NUMBER, 0, 1, 0,
		"it is neither 0 nor 1"},
	{CT_LIMIT_CPU_MAX, CONTROLLER_CPU, "cpu.max", "cpu.cfs_quota_us", CPU, 10, 1000000000,
		NO_WORD, "it is not from 10 to 1000000000"},
	{CT_LIMIT_CPU_WEIGHT, CONTROLLER_CPU, "cpu.weight", "cpu.shares", CPU_WEIGHT, 1, 10000, 100,
		"it is not from 1 to 10000"},
	{CT_LIMIT_PIDS_MAX, CONTROLLER_PIDS, "pids.max", "pids.max", NUMBER, 0, 1 << 22, NO_WORD,
		"it is over 4194304"},
	{CT_LIMIT_IO_WEIGHT, CONTROLLER_IO, "io.weight", "blkio.bfq.weight", IO_WEIGHT, 1, 10000,
		100, "it is not from 1 to 10000"},
	{CT_LIMIT_IO_READ_BYTES, CONTROLLER_IO, "io.max rbps", "blkio.throttle.read_bps_device", DISK, 1,
		BYTES, NO_WORD, "it is not from 1 to 2^63 - 1"},
	{CT_LIMIT_IO_WRITE_BYTES, CONTROLLER_IO, "io.max wbps", "blkio.throttle.write_bps_device", DISK, 1,
		BYTES, NO_WORD, "it is not from 1 to 2^63 - 1"},
	{CT_LIMIT_IO_READS, CONTROLLER_IO, "io.max riops", "blkio.throttle.read_iops_device", DISK, 1,
		MOST_OPERATIONS, NO_WORD, "it is not from 1 to 4294967294"},
	{CT_LIMIT_IO_WRITES, CONTROLLER_IO, "io.max wiops", "blkio.throttle.write_iops_device", DISK, 1,
		MOST_OPERATIONS, NO_WORD, "it is not from 1 to 4294967294"},
	{CT_LIMIT_HUGETLB_MAX, CONTROLLER_HUGETLB, "max", "limit_in_bytes", PAGES, 0, BYTES, NO_WORD,
		"it is over 2^63"},
};

static const struct limit_row *row_of(ct_limit limit)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].limit == limit)
			return &rows[i];
	return NULL;
}

static bool is_of_something(const struct limit_row *row)
{
	return row->format == DISK || row->format == PAGES;
}

/* The kernel has 12 bits for the major, and 20 for the minor number. */
static bool is_disk(uint64_t of)
{
	return of && major(of) < 1u << 12 && minor(of) < 1u << 20 && makedev(major(of), minor(of)) == of;
}

static bool is_page_size(uint64_t of)
{
	return of >= 4096 && of <= BYTES && !(of & (of - 1));
}

const char *ct__limit_refusal(const struct spec_limit *limit)
{
	const struct limit_row *row = row_of(limit->limit);

	if (!row)
		return "there is no such limit";
	if (is_of_something(row) != (limit->of != 0))
		return limit->of ? "it is no limit of one disk or size: use ct_spec_set_limit()"
				 : "it is a limit of one disk or size: use ct_spec_set_limit_of()";
	if (row->format == DISK && !is_disk(limit->of))
		return "it is no number of a disk, as makedev(3) makes it";
	if (row->format == PAGES && !is_page_size(limit->of))
		return "it is no size of a page";
	if (limit->value != CT_UNLIMITED && (limit->value < row->least || limit->value > row->most))
		return row->refusal;
	return NULL;
}

int ct__limit_controller(ct_limit limit)
{
	const struct limit_row *row = row_of(limit);

	return row ? (int)row->controller : -EINVAL;
}

const char *ct__limit_name(ct_limit limit)
{
	const struct limit_row *row = row_of(limit);

	return !row ? "unknown limit" : row->format == PAGES ? "hugetlb" : row->v2;
}

struct ct__limit_text ct__limit_text(const struct spec_limit *limit)
{
	const struct limit_row *row = row_of(limit->limit);
	const unsigned long long value = limit->value, of = limit->of;
	const char *name = ct__limit_name(limit->limit);
	struct ct__limit_text ret;

	if (row && row->format == DISK && is_disk(of))
		snprintf(ret.text, sizeof(ret.text), "%s of %u:%u: %llu", name, major(of), minor(of), value);
	else if (of)
		snprintf(ret.text, sizeof(ret.text), "%s of %llu: %llu", name, of, value);
	else
		snprintf(ret.text, sizeof(ret.text), "%s: %llu", name, value);
	return ret;
}

/* ----------------------------------------------------------------- keys */

/* A name of letters, digits, '.' and '_': no path, and nothing that would end a line. */
static bool is_file_name(const char *key)
{
	return *key && strlen(key) < sizeof(((struct ct__setting *)NULL)->file) &&
	       strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._") ==
		       strlen(key);
}

int ct__cgroup_key_controller(const char *key)
{
	size_t length = strcspn(key, ".");

	if (!is_file_name(key) || !key[length] || !key[length + 1] || strstr(key, ".."))
		return -EINVAL;
	if (strcmp(key, "cgroup.max.depth") == 0 || strcmp(key, "cgroup.max.descendants") == 0)
		return CONTROLLER_COUNT;
	for (int i = 0; i < CONTROLLER_COUNT; i++) {
		const char *names[] = {ct__controllers[i].v2, ct__controllers[i].v1};

		for (size_t n = 0; n < 2; n++)
			if (names[n] && strlen(names[n]) == length &&
				memcmp(names[n], key, length) == 0)
				return i == CONTROLLER_FREEZER || i == CONTROLLER_DEVICES ? -EINVAL : i;
	}
	return -EINVAL;
}

const char *ct__cgroup_key_refusal(const char *key, const char *value)
{
	if (ct__cgroup_key_controller(key) < 0)
		return "it is no file of a controller that can be set";
	if (!*value || strchr(value, '\n') || strlen(value) >= sizeof(((struct ct__setting *)NULL)->text))
		return "the value is empty, too long, or more than one line";
	return NULL;
}

/* --------------------------------------------------------------- settings */

static int add(
	ct__array *settings, enum ct__controller controller, const char *file, const char *text)
{
	struct ct__setting setting = {.controller = controller};

	if (strlen(file) >= sizeof(setting.file) || strlen(text) >= sizeof(setting.text))
		return -ENAMETOOLONG;
	strcpy(setting.file, file);
	strcpy(setting.text, text);
	return ct__array_add(settings, &setting, sizeof(setting));
}

int ct__cgroup_key_settings(const struct spec_cgroup_key *key, ct__array *settings)
{
	return add(settings, (enum ct__controller)ct__cgroup_key_controller(key->key), key->key,
		key->value);
}

static void number_text(const struct limit_row *row, uint64_t value, bool unified, char text[32])
{
	if (value != CT_UNLIMITED)
		snprintf(text, 32, "%llu", (unsigned long long)value);
	else if (row->unlimited != NO_WORD)
		snprintf(text, 32, "%llu", (unsigned long long)row->unlimited);
	else
		strcpy(text, unified || row->controller == CONTROLLER_PIDS ? "max" : "-1");
}

/* The share of a period; a container may use several processors in one. */
static int cpu_settings(
	const struct limit_row *row, uint64_t value, bool unified, ct__array *settings)
{
	long long quota = value == CT_UNLIMITED ? -1 : (long long)(value * CPU_PERIOD_US / 1000);
	char text[64];
	int ret;

	if (unified) {
		if (quota < 0)
			snprintf(text, sizeof(text), "max %d", CPU_PERIOD_US);
		else
			snprintf(text, sizeof(text), "%lld %d", quota, CPU_PERIOD_US);
		return add(settings, row->controller, row->v2, text);
	}
	snprintf(text, sizeof(text), "%d", CPU_PERIOD_US);
	ret = add(settings, row->controller, "cpu.cfs_period_us", text);
	snprintf(text, sizeof(text), "%lld", quota);
	return ret < 0 ? ret : add(settings, row->controller, row->v1, text);
}

/* The same share in the units of v1. */
static uint64_t in_units_of_v1(const struct limit_row *row, uint64_t value, uint64_t memory_max)
{
	switch (row->format) {
	case SWAP:
		return value == CT_UNLIMITED || value > BYTES - memory_max ? CT_UNLIMITED
									   : memory_max + value;
	case CPU_WEIGHT:
		value = value == CT_UNLIMITED ? 1024 : value * 1024 / 100;
		return value < 2 ? 2 : value;
	case IO_WEIGHT:
		value = value == CT_UNLIMITED ? 100 : value;
		return value > 1000 ? 1000 : value;
	default:
		return value;
	}
}

/* v2 has one file with keys, v1 a file for each, in which 0 takes the limit away. */
static int disk_setting(const struct limit_row *row, const struct spec_limit *limit, bool unified,
	ct__array *settings)
{
	const char *key = strchr(row->v2, ' ') + 1;
	char number[32], text[96], file[32];

	snprintf(file, sizeof(file), "%.*s", (int)(key - 1 - row->v2), row->v2);
	if (unified || limit->value != CT_UNLIMITED)
		number_text(row, limit->value, unified, number);
	else
		strcpy(number, "0");
	snprintf(text, sizeof(text), "%u:%u %s%s%s", major(limit->of), minor(limit->of), unified ? key : "",
		unified ? "=" : "", number);
	return add(settings, row->controller, unified ? file : row->v1, text);
}

/* The size in the largest unit that it reaches, as the kernel names it: "hugetlb.2MB.max". */
static int pages_setting(const struct limit_row *row, const struct spec_limit *limit, bool unified,
	ct__array *settings)
{
	static const struct {
		const char *name;
		unsigned int bits;
	} units[] = {{"GB", 30}, {"MB", 20}, {"KB", 10}};
	char file[64], text[32];
	size_t unit = 0;

	while (limit->of < UINT64_C(1) << units[unit].bits)
		unit++;
	snprintf(file, sizeof(file), "hugetlb.%llu%s.%s", (unsigned long long)(limit->of >> units[unit].bits),
		units[unit].name, unified ? row->v2 : row->v1);
	number_text(row, limit->value, unified, text);
	return add(settings, row->controller, file, text);
}

int ct__limit_settings(
	const struct spec_limit *limit, uint64_t memory_max, bool unified, ct__array *settings)
{
	const struct limit_row *row = row_of(limit->limit);
	uint64_t value = limit->value;
	char text[32];

	if (!row)
		return -EINVAL;
	if (!unified && !row->v1)
		return -EOPNOTSUPP;
	if (row->format == CPU)
		return cpu_settings(row, value, unified, settings);
	if (is_of_something(row))
		return (row->format == DISK ? disk_setting : pages_setting)(row, limit, unified, settings);
	if (!unified) {
		if (row->format == SWAP && memory_max == CT_UNLIMITED && value != CT_UNLIMITED)
			return -EOPNOTSUPP;
		value = in_units_of_v1(row, value, memory_max);
	}
	number_text(row, value, unified, text);
	return add(settings, row->controller, unified ? row->v2 : row->v1, text);
}

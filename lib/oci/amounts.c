/* SPDX-License-Identifier: MIT */
/*
 * Back from the limits of a spec to /linux/resources. What is to be written into a cgroup is known by
 * file and text for both versions; a table says which files are members of which object. The rest of
 * v2 goes into "unified", which has every file.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error/error.h"
#include "oci.h"

enum amount_kind {
	AMOUNT, /* a number; "max" is -1, and 0 would say nothing */
	COUNT,	/* the same, but that 0 is as good as others */
	QUOTA,	/* "50000 100000", "max 100000" */
	LIST,	/* as it is */
	RATES,	/* of disks: "8:0 rbps=1 wiops=2" in v2 */
	RATE,	/* of a disk: "8:0 1" in v1 */
	PAGES	/* the size is in the name of the file */
};

static const struct amount {
	const char *v1, *v2; /* files; NULL: there is none, or "unified" has it */
	const char *part, *member;
	enum amount_kind kind;
} amounts[] = {
	{"memory.limit_in_bytes", "memory.max", "memory", "limit", AMOUNT},
	{"memory.memsw.limit_in_bytes", NULL, "memory", "swap", AMOUNT},
	{"memory.soft_limit_in_bytes", "memory.low", "memory", "reservation", AMOUNT},
	{"memory.swappiness", NULL, "memory", "swappiness", COUNT},
	{"cpu.shares", NULL, "cpu", "shares", AMOUNT},
	{"cpu.cfs_quota_us", NULL, "cpu", "quota", AMOUNT},
	{"cpu.cfs_period_us", NULL, "cpu", "period", AMOUNT},
	{NULL, "cpu.max", "cpu", "quota", QUOTA},
	{"cpu.cfs_burst_us", "cpu.max.burst", "cpu", "burst", AMOUNT},
	{"cpu.idle", "cpu.idle", "cpu", "idle", COUNT},
	{"cpuset.cpus", "cpuset.cpus", "cpu", "cpus", LIST},
	{"cpuset.mems", "cpuset.mems", "cpu", "mems", LIST},
	{"pids.max", "pids.max", "pids", "limit", AMOUNT},
	{"blkio.bfq.weight", NULL, "blockIO", "weight", AMOUNT},
	{"blkio.throttle.read_bps_device", "rbps", "blockIO", "throttleReadBpsDevice", RATE},
	{"blkio.throttle.write_bps_device", "wbps", "blockIO", "throttleWriteBpsDevice", RATE},
	{"blkio.throttle.read_iops_device", "riops", "blockIO", "throttleReadIOPSDevice", RATE},
	{"blkio.throttle.write_iops_device", "wiops", "blockIO", "throttleWriteIOPSDevice", RATE},
	{NULL, "io.max", NULL, NULL, RATES},
	{"limit_in_bytes", "max", NULL, NULL, PAGES},
};

#define AMOUNTS (sizeof(amounts) / sizeof(amounts[0]))

/* A number of a file, whole; -1 for none. */
static bool number_of(const char *text, json_int_t *ret_number)
{
	char *end;

	if (strcmp(text, "max") == 0) {
		*ret_number = -1;
		return true;
	}
	errno = 0;
	*ret_number = strtoll(text, &end, 10);
	return end != text && !*end && errno == 0 && *ret_number >= -1;
}

/* The object or list of a name in another, which is made where it is not there. */
static json_t *part_of(struct oci *oci, json_t *object, const char *name, json_t *(*make)(void))
{
	json_t *part = json_object_get(object, name);

	if (!part) {
		part = make();
		ct__oci_put(oci, object, name, part);
	}
	return part;
}

/* "50000 100000" */
static bool put_quota(struct oci *oci, json_t *cpu, const char *text)
{
	char quota[32], rest;
	long long period;
	json_int_t number;

	if (sscanf(text, "%31s %lld%c", quota, &period, &rest) != 2 || !number_of(quota, &number))
		return false;
	ct__oci_put(oci, cpu, "quota", json_integer(number));
	ct__oci_put(oci, cpu, "period", json_integer(period));
	return true;
}

static bool put_rate(struct oci *oci, json_t *resources, const struct amount *row, const char *disk,
	const char *rate)
{
	unsigned int major, minor;
	json_int_t number;
	char rest;

	if (sscanf(disk, "%u:%u%c", &major, &minor, &rest) != 2 || !number_of(rate, &number) || number < 0)
		return false;
	ct__oci_append(oci, part_of(oci, part_of(oci, resources, row->part, json_object), row->member, json_array),
		json_pack("{s:I,s:I,s:I}", "major", (json_int_t)major, "minor", (json_int_t)minor, "rate",
			number));
	return true;
}

/* "8:0 rbps=1": each key is a list of its own. What is not known, or more than one in a line, "unified" has. */
static bool put_rates(struct oci *oci, json_t *resources, const char *text)
{
	char disk[32], key[32], rate[32], rest;

	if (sscanf(text, "%31s %31[a-z]=%31s %c", disk, key, rate, &rest) != 3)
		return false;
	for (size_t i = 0; i < AMOUNTS; i++)
		if (amounts[i].kind == RATE && strcmp(amounts[i].v2, key) == 0)
			return put_rate(oci, resources, &amounts[i], disk, rate);
	return false;
}

/* "hugetlb.2MB.max" */
static bool put_pages(struct oci *oci, json_t *resources, const char *file, const char *what, const char *text)
{
	char size[32], rest[32];
	json_int_t number;

	if (sscanf(file, "hugetlb.%31[0-9A-Z].%31s", size, rest) != 2 || strcmp(rest, what) != 0 ||
		!number_of(text, &number))
		return false;
	ct__oci_append(oci, part_of(oci, resources, "hugepageLimits", json_array),
		json_pack("{s:s,s:o}", "pageSize", size, "limit",
			number < 0 ? json_real(OCI_MOST) : json_integer(number)));
	return true;
}

static bool put_by(struct oci *oci, json_t *resources, const struct amount *row, bool unified,
	const struct ct__setting *setting)
{
	const char *file = unified ? row->v2 : row->v1;
	char disk[64], rate[64], rest;
	json_int_t number;

	if (!file)
		return false;
	if (row->kind == PAGES)
		return put_pages(oci, resources, setting->file, file, setting->text);
	if (strcmp(file, setting->file) != 0)
		return false;
	switch (row->kind) {
	case AMOUNT:
	case COUNT:
		if (!number_of(setting->text, &number) || (number == 0 && row->kind == AMOUNT))
			return false;
		ct__oci_put(oci, part_of(oci, resources, row->part, json_object), row->member,
			json_integer(number));
		return true;
	case QUOTA:
		return put_quota(oci, part_of(oci, resources, row->part, json_object), setting->text);
	case LIST:
		ct__oci_put(oci, part_of(oci, resources, row->part, json_object), row->member,
			json_string(setting->text));
		return true;
	case RATES:
		return put_rates(oci, resources, setting->text);
	case RATE:
		return sscanf(setting->text, "%63s %63s %c", disk, rate, &rest) == 2 &&
		       put_rate(oci, resources, row, disk, rate);
	case PAGES:
		break;
	}
	return false;
}

static int put(struct oci *oci, json_t *resources, bool unified, const struct ct__setting *setting)
{
	json_t *all;

	for (size_t i = 0; i < AMOUNTS; i++)
		if (put_by(oci, resources, &amounts[i], unified, setting))
			return 0;
	all = unified ? part_of(oci, resources, "unified", json_object) : NULL;
	if (!unified || json_object_get(all, setting->file))
		return ct__oci_unsayable(oci, setting->file, "there is no word for it, or it is set twice");
	ct__oci_put(oci, all, setting->file, json_string(setting->text));
	return 0;
}

/* What swap and memory are together, as both v1 and configurations count. */
static int put_swap(struct oci *oci, json_t *resources, const struct spec_limit *limit, uint64_t memory_max)
{
	json_int_t number = -1;

	if (limit->value != CT_UNLIMITED && (memory_max == CT_UNLIMITED || memory_max == 0))
		return ct__oci_unsayable(oci, "memory.swap.max", "it counts from a limit of memory, which is not set");
	if (limit->value != CT_UNLIMITED && limit->value <= INT64_MAX - memory_max)
		number = (json_int_t)memory_max + (json_int_t)limit->value;
	ct__oci_put(oci, part_of(oci, resources, "memory", json_object), "swap", json_integer(number));
	return 0;
}

static uint64_t memory_limit(const ct_spec *spec)
{
	ct__array_for_each(struct spec_limit, limit, &spec->cgroup.limits)
		if (limit->limit == CT_LIMIT_MEMORY_MAX)
			return limit->value;
	return CT_UNLIMITED;
}

/* All of /linux/resources but for devices. */
static int give_all(struct oci *oci, json_t *resources)
{
	const struct spec_cgroup *cgroup = &oci->from->cgroup;
	uint64_t memory_max = memory_limit(oci->from);
	bool unified = ct__oci_is_unified();
	ct__array settings = {0};
	int ret = 0;

	ct__array_for_each(struct spec_limit, limit, &cgroup->limits) {
		if (ret < 0)
			break;
		if (limit->limit == CT_LIMIT_SWAP_MAX)
			ret = put_swap(oci, resources, limit, memory_max);
		else
			ret = ct__limit_settings(limit, memory_max, unified, &settings);
		if (ret == -EOPNOTSUPP && limit->limit != CT_LIMIT_SWAP_MAX)
			ret = ct__oci_unsayable(oci, ct__limit_name(limit->limit), "cgroup v1 has no such limit");
	}
	ct__array_for_each(struct spec_cgroup_key, key, &cgroup->keys)
		ret = ret < 0 ? ret : ct__cgroup_key_settings(key, &settings);
	ct__array_for_each(struct ct__setting, setting, &settings)
		ret = ret < 0 ? ret : put(oci, resources, unified, setting);
	ct__array_done(&settings);
	if (ret == -ENOMEM)
		return ct__fail(oci->err, CT_STEP_MEMORY, ret, NULL, "resources");
	return ret;
}

static int give(struct oci *oci, const char *name, json_t **ret_value)
{
	json_t *resources = json_object(), *part;
	int ret = resources ? give_all(oci, resources) : 0;

	part = json_incref(json_object_get(resources, name));
	json_decref(resources);
	if (ret < 0)
		json_decref(part);
	return ret < 0 || (!part && !oci->lost) ? ret : ct__oci_given(oci, part, ret_value);
}

int ct__oci_give_memory(struct oci *oci, json_t **ret_value)
{
	return give(oci, "memory", ret_value);
}

int ct__oci_give_cpu(struct oci *oci, json_t **ret_value)
{
	return give(oci, "cpu", ret_value);
}

int ct__oci_give_pids(struct oci *oci, json_t **ret_value)
{
	return give(oci, "pids", ret_value);
}

int ct__oci_give_block_io(struct oci *oci, json_t **ret_value)
{
	return give(oci, "blockIO", ret_value);
}

int ct__oci_give_huge_pages(struct oci *oci, json_t **ret_value)
{
	return give(oci, "hugepageLimits", ret_value);
}

int ct__oci_give_unified(struct oci *oci, json_t **ret_value)
{
	return give(oci, "unified", ret_value);
}

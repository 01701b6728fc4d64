/* SPDX-License-Identifier: MIT */
/*
 * The fields below /linux/resources. They are named after the files of cgroup v1; where the
 * kernel runs with v2 they are translated, as the runtime-spec's users do.
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>

#include <container/cgroup.h>

#include "error/error.h"
#include "oci.h"

static bool is_unified(void)
{
	struct statfs about;

	return statfs("/sys/fs/cgroup", &about) == 0 &&
	       (unsigned long)about.f_type == CGROUP2_SUPER_MAGIC;
}

static int key(struct oci *oci, const struct oci_value *value, const char *name, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static int key(struct oci *oci, const struct oci_value *value, const char *name, const char *format, ...)
{
	char text[128];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return ct__oci_set(oci, value, ct_spec_set_cgroup_key(oci->spec, name, text));
}

/* A member that is a number, at least -1. 1: it is there. */
static int amount(
	struct oci *oci, const struct oci_value *object, const char *name, int64_t *ret_number)
{
	struct oci_value member;
	int ret = ct__oci_member(oci, object, name, OCI_NUMBER, &member);

	*ret_number = 0;
	if (ret > 0)
		ret = ct__oci_signed(oci, &member, -1, INT64_MAX, ret_number);
	else if (ret == 0)
		return 0;
	return ret < 0 ? ret : 1;
}

/* Refuses a member unless it is not there, null, false or 0. */
static int must_be_unset(struct oci *oci, const struct oci_value *object, const char *name)
{
	struct oci_value member;
	json_t *json = json_object_get(object->json, name);

	if (!json || json_is_null(json) || json_is_false(json) ||
		(json_is_integer(json) && json_integer_value(json) == 0) ||
		(json_is_array(json) && !json_array_size(json)))
		return 0;
	(void)ct__oci_member(oci, object, name, OCI_OBJECT, &member);
	return ct__oci_refuse(oci, &member, -EOPNOTSUPP, "it cannot be honoured");
}

static uint64_t limit_of(int64_t number)
{
	return number < 0 ? CT_UNLIMITED : (uint64_t)number;
}

static int swap(struct oci *oci, const struct oci_value *value, int64_t limit)
{
	int64_t total;
	int ret = amount(oci, value, "swap", &total);

	if (ret <= 0 || total == 0)
		return ret;
	if (total > 0 && (limit <= 0 || total < limit))
		return ct__oci_refuse(oci, value, -EINVAL, "swap, which counts memory in, is below limit");
	return ct__oci_set(oci, value,
		ct_spec_set_limit(oci->spec, CT_LIMIT_SWAP_MAX,
			total < 0 ? CT_UNLIMITED : (uint64_t)(total - limit)));
}

int ct__oci_memory(struct oci *oci, const struct oci_value *value)
{
	static const char *const refused[] = {"kernel", "kernelTCP", "disableOOMKiller"};
	bool unified = is_unified();
	int64_t limit, low, swappiness;
	int ret = amount(oci, value, "limit", &limit);

	for (size_t i = 0; ret >= 0 && i < 3; i++)
		if (must_be_unset(oci, value, refused[i]) < 0)
			return -EOPNOTSUPP;
	if (ret > 0 && limit)
		ret = ct__oci_set(oci, value,
			ct_spec_set_limit(oci->spec, CT_LIMIT_MEMORY_MAX, limit_of(limit)));
	if (ret >= 0)
		ret = swap(oci, value, limit);
	if (ret >= 0)
		ret = amount(oci, value, "reservation", &low);
	if (ret > 0 && low)
		ret = unified ? ct__oci_set(oci, value,
					ct_spec_set_limit(oci->spec, CT_LIMIT_MEMORY_LOW, limit_of(low))) :
				key(oci, value, "memory.soft_limit_in_bytes", "%" PRId64, low);
	if (ret >= 0)
		ret = amount(oci, value, "swappiness", &swappiness);
	if (ret > 0 && unified)
		return must_be_unset(oci, value, "swappiness");
	if (ret > 0)
		ret = key(oci, value, "memory.swappiness", "%" PRId64, swappiness);
	return ret < 0 ? ret : 0;
}

/* ------------------------------------------------------------------- cpu */

static int quota(struct oci *oci, const struct oci_value *value, bool unified)
{
	int64_t quota_us, period_us;
	char most[32];
	int ret = amount(oci, value, "period", &period_us);
	int has_quota = ret < 0 ? ret : amount(oci, value, "quota", &quota_us);

	if (has_quota < 0 || (!has_quota && !ret) || (quota_us == 0 && period_us == 0))
		return has_quota;
	if (!unified) {
		ret = period_us > 0 ? key(oci, value, "cpu.cfs_period_us", "%" PRId64, period_us) : 0;
		if (ret == 0 && quota_us)
			ret = key(oci, value, "cpu.cfs_quota_us", "%" PRId64, quota_us);
		return ret;
	}
	snprintf(most, sizeof(most), "%" PRId64, quota_us);
	return key(oci, value, "cpu.max", "%s %" PRId64, quota_us > 0 ? most : "max",
		period_us > 0 ? period_us : 100000);
}

/* 2 to 262144 of v1 are 1 to 10000 of v2. */
static int shares(struct oci *oci, const struct oci_value *value, bool unified)
{
	int64_t number;
	int ret = amount(oci, value, "shares", &number);

	if (ret <= 0 || number <= 0)
		return ret;
	number = number < 2 ? 2 : number > 262144 ? 262144 : number;
	if (!unified)
		return key(oci, value, "cpu.shares", "%" PRId64, number);
	return key(oci, value, "cpu.weight", "%" PRId64, 1 + (number - 2) * 9999 / 262142);
}

int ct__oci_cpu(struct oci *oci, const struct oci_value *value)
{
	bool unified = is_unified();
	const char *list;
	int64_t number;
	int ret = shares(oci, value, unified);

	if (ret >= 0)
		ret = quota(oci, value, unified);
	if (ret >= 0)
		ret = amount(oci, value, "burst", &number);
	if (ret > 0 && number)
		ret = key(oci, value, unified ? "cpu.max.burst" : "cpu.cfs_burst_us", "%" PRId64, number);
	if (ret >= 0)
		ret = amount(oci, value, "idle", &number);
	if (ret > 0)
		ret = key(oci, value, "cpu.idle", "%" PRId64, number);
	if (ret >= 0)
		ret = must_be_unset(oci, value, "realtimeRuntime");
	if (ret >= 0)
		ret = must_be_unset(oci, value, "realtimePeriod");
	if (ret >= 0)
		ret = ct__oci_text_member(oci, value, "cpus", &list);
	if (ret >= 0 && list[0])
		ret = ct__oci_set(oci, value, ct_spec_set_cpus(oci->spec, list));
	if (ret >= 0)
		ret = ct__oci_text_member(oci, value, "mems", &list);
	if (ret >= 0 && list[0])
		ret = ct__oci_set(oci, value, ct_spec_set_mems(oci->spec, list));
	return ret < 0 ? ret : 0;
}

int ct__oci_pids(struct oci *oci, const struct oci_value *value)
{
	int64_t number;
	int ret = amount(oci, value, "limit", &number);

	if (ret <= 0 || number == 0)
		return ret < 0 ? ret : 0;
	return ct__oci_set(
		oci, value, ct_spec_set_limit(oci->spec, CT_LIMIT_PIDS_MAX, limit_of(number)));
}

/* ----------------------------------------------------------------- disks */

static const struct throttle {
	const char *member, *v1, *v2;
} throttles[] = {
	{"throttleReadBpsDevice", "blkio.throttle.read_bps_device", "rbps"},
	{"throttleWriteBpsDevice", "blkio.throttle.write_bps_device", "wbps"},
	{"throttleReadIOPSDevice", "blkio.throttle.read_iops_device", "riops"},
	{"throttleWriteIOPSDevice", "blkio.throttle.write_iops_device", "wiops"},
};

static int throttle(
	struct oci *oci, const struct oci_value *disk, const struct throttle *row, bool unified)
{
	uint64_t major, minor, rate;
	int ret = ct__oci_unsigned_member(oci, disk, "major", 4095, 0, &major);

	if (ret == 0)
		ret = ct__oci_unsigned_member(oci, disk, "minor", 1048575, 0, &minor);
	if (ret == 0)
		ret = ct__oci_unsigned_member(oci, disk, "rate", UINT64_MAX, 0, &rate);
	if (ret < 0)
		return ret;
	if (!unified)
		return key(oci, disk, row->v1, "%" PRIu64 ":%" PRIu64 " %" PRIu64, major, minor, rate);
	return key(
		oci, disk, "io.max", "%" PRIu64 ":%" PRIu64 " %s=%" PRIu64, major, minor, row->v2, rate);
}

int ct__oci_block_io(struct oci *oci, const struct oci_value *value)
{
	bool unified = is_unified();
	struct oci_value list, disk;
	uint64_t weight;
	int ret = must_be_unset(oci, value, "leafWeight");

	if (ret == 0)
		ret = must_be_unset(oci, value, "weightDevice");
	if (ret == 0)
		ret = ct__oci_unsigned_member(oci, value, "weight", 1000, 0, &weight);
	if (ret == 0 && weight) /* 10 to 1000 of v1 are 1 to 10000 of v2 */
		ret = ct__oci_set(oci, value,
			ct_spec_set_limit(oci->spec, CT_LIMIT_IO_WEIGHT,
				!unified     ? weight :
				weight <= 10 ? 1 :
					       1 + (weight - 10) * 9999 / 990));
	for (size_t t = 0; ret >= 0 && t < sizeof(throttles) / sizeof(throttles[0]); t++) {
		ret = ct__oci_member(oci, value, throttles[t].member, OCI_ARRAY, &list);
		for (size_t i = 0; ret > 0 && i < json_array_size(list.json); i++) {
			ret = ct__oci_item(oci, &list, i, OCI_OBJECT, &disk);
			if (ret > 0)
				ret = throttle(oci, &disk, &throttles[t], unified);
			ret = ret < 0 ? ret : 1;
		}
	}
	return ret < 0 ? ret : 0;
}

int ct__oci_huge_pages(struct oci *oci, const struct oci_value *value)
{
	bool unified = is_unified();
	struct oci_value item;
	const char *size;
	uint64_t limit;
	int ret = 0;

	for (size_t i = 0; ret >= 0 && i < json_array_size(value->json); i++) {
		char name[64];

		ret = ct__oci_item(oci, value, i, OCI_OBJECT, &item);
		if (ret >= 0)
			ret = ct__oci_text_member(oci, &item, "pageSize", &size);
		if (ret >= 0)
			ret = ct__oci_unsigned_member(oci, &item, "limit", UINT64_MAX, 0, &limit);
		if (ret < 0)
			return ret;
		snprintf(name, sizeof(name), "hugetlb.%s.%s", size, unified ? "max" : "limit_in_bytes");
		ret = limit > INT64_MAX ? key(oci, &item, name, "%s", unified ? "max" : "-1") :
					  key(oci, &item, name, "%" PRIu64, limit);
	}
	return ret < 0 ? ret : 0;
}

int ct__oci_unified(struct oci *oci, const struct oci_value *value)
{
	return ct__oci_set_texts(oci, value, ct_spec_set_cgroup_key);
}

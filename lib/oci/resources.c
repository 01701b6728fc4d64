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
#include "spawn/container.h"

bool ct__oci_is_unified(void)
{
	struct statfs about;

	return statfs("/sys/fs/cgroup", &about) == 0 &&
	       (unsigned long)about.f_type == CGROUP2_SUPER_MAGIC;
}

/* Passes on what has been said of a running container. */
static int told(struct oci *oci, const struct oci_value *value, int ret, const ct_error *why)
{
	if (ret >= 0)
		return 0;
	return ct__fail_because(oci->err, why->step, ret, why->sentence, "%s", value->pointer);
}

static int set_limit(struct oci *oci, const struct oci_value *value, ct_limit limit, uint64_t amount)
{
	ct_error why = CT_ERROR_INIT;

	if (!oci->box)
		return ct__oci_set(oci, value, ct_spec_set_limit(oci->spec, limit, amount));
	return told(oci, value, ct_container_set_limit(oci->box, limit, amount, &why), &why);
}

static int set_key(struct oci *oci, const struct oci_value *value, const char *name, const char *text)
{
	ct_error why = CT_ERROR_INIT;

	if (!oci->box)
		return ct__oci_set(oci, value, ct_spec_set_cgroup_key(oci->spec, name, text));
	return told(oci, value, ct__container_set_key(oci->box, name, text, &why), &why);
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
	return set_key(oci, value, name, text);
}

/*
 * Two files of v1 that bound each other: whether a running container's can be changed
 * depends on which comes first, and on what they hold.
 */
static int pair(struct oci *oci, const struct oci_value *value, const char *one, int64_t first,
	const char *other, int64_t second)
{
	ct_error *err = oci->err;
	int ret;

	if (oci->box)
		oci->err = NULL; /* the second attempt tells */
	ret = key(oci, value, one, "%" PRId64, first);
	oci->err = err;
	if (ret < 0 && oci->box) {
		ret = key(oci, value, other, "%" PRId64, second);
		return ret < 0 ? ret : key(oci, value, one, "%" PRId64, first);
	}
	return ret < 0 ? ret : key(oci, value, other, "%" PRId64, second);
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
	if (oci->box && !ct__oci_is_unified()) /* which counts them together, as this does */
		return limit ? pair(oci, value, "memory.limit_in_bytes", limit,
				       "memory.memsw.limit_in_bytes", total) :
			       key(oci, value, "memory.memsw.limit_in_bytes", "%" PRId64, total);
	return set_limit(oci, value, CT_LIMIT_SWAP_MAX, total < 0 ? CT_UNLIMITED : (uint64_t)(total - limit));
}

/* Where a limit is not to come below what a running container uses, which v2 would take from it. */
static int check_before(struct oci *oci, const struct oci_value *value, int64_t limit)
{
	ct_figures figures = CT_FIGURES_INIT;
	ct_error why = CT_ERROR_INIT;
	struct oci_value member;
	int ret = ct__oci_member(oci, value, "checkBeforeUpdate", OCI_BOOL, &member);

	if (ret <= 0 || !json_is_true(member.json) || !oci->box || limit <= 0)
		return ret < 0 ? ret : 0;
	ret = told(oci, value, ct_container_figures(oci->box, &figures, &why), &why);
	if (ret == 0 && figures.memory_bytes != CT_NOT_KNOWN && figures.memory_bytes > (uint64_t)limit)
		return ct__fail_because(oci->err, CT_STEP_LIMIT, -EBUSY, "more is in use than the new limit",
			"%s", value->pointer);
	return ret;
}

/* Memory, and what counts from it. */
static int memory_and_swap(struct oci *oci, const struct oci_value *value)
{
	int64_t limit, total;
	int has_limit = amount(oci, value, "limit", &limit);
	int ret = has_limit < 0 ? has_limit : amount(oci, value, "swap", &total);
	bool are_one = oci->box && ret > 0 && total && !ct__oci_is_unified();

	if (ret >= 0)
		ret = check_before(oci, value, limit);
	if (ret >= 0 && has_limit && limit && !are_one)
		ret = set_limit(oci, value, CT_LIMIT_MEMORY_MAX, limit_of(limit));
	return ret < 0 ? ret : swap(oci, value, limit);
}

int ct__oci_memory(struct oci *oci, const struct oci_value *value)
{
	static const char *const refused[] = {"kernel", "kernelTCP", "disableOOMKiller"};
	bool unified = ct__oci_is_unified();
	int64_t low, swappiness;
	int ret;

	for (size_t i = 0; i < 3; i++)
		if (must_be_unset(oci, value, refused[i]) < 0)
			return -EOPNOTSUPP;
	ret = memory_and_swap(oci, value);
	if (ret >= 0)
		ret = amount(oci, value, "reservation", &low);
	if (ret > 0 && low)
		ret = unified ? set_limit(oci, value, CT_LIMIT_MEMORY_LOW, limit_of(low)) :
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
	if (!unified && period_us > 0 && quota_us)
		return pair(oci, value, "cpu.cfs_period_us", period_us, "cpu.cfs_quota_us", quota_us);
	if (!unified)
		return period_us > 0 ? key(oci, value, "cpu.cfs_period_us", "%" PRId64, period_us) :
		       quota_us	     ? key(oci, value, "cpu.cfs_quota_us", "%" PRId64, quota_us) :
				       0;
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

static int set_list(struct oci *oci, const struct oci_value *value, const char *name, const char *list,
	int (*set)(ct_spec *spec, const char *list))
{
	return oci->box ? set_key(oci, value, name, list) : ct__oci_set(oci, value, set(oci->spec, list));
}

int ct__oci_cpu(struct oci *oci, const struct oci_value *value)
{
	bool unified = ct__oci_is_unified();
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
		ret = set_list(oci, value, "cpuset.cpus", list, ct_spec_set_cpus);
	if (ret >= 0)
		ret = ct__oci_text_member(oci, value, "mems", &list);
	if (ret >= 0 && list[0])
		ret = set_list(oci, value, "cpuset.mems", list, ct_spec_set_mems);
	return ret < 0 ? ret : 0;
}

int ct__oci_pids(struct oci *oci, const struct oci_value *value)
{
	int64_t number;
	int ret = amount(oci, value, "limit", &number);

	if (ret <= 0 || number == 0)
		return ret < 0 ? ret : 0;
	return set_limit(oci, value, CT_LIMIT_PIDS_MAX, limit_of(number));
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
	bool unified = ct__oci_is_unified();
	struct oci_value list, disk;
	uint64_t weight;
	int ret = must_be_unset(oci, value, "leafWeight");

	if (ret == 0)
		ret = must_be_unset(oci, value, "weightDevice");
	if (ret == 0)
		ret = ct__oci_unsigned_member(oci, value, "weight", 1000, 0, &weight);
	if (ret == 0 && weight) /* 10 to 1000 of v1 are 1 to 10000 of v2 */
		ret = set_limit(oci, value, CT_LIMIT_IO_WEIGHT,
			!unified     ? weight :
			weight <= 10 ? 1 :
				       1 + (weight - 10) * 9999 / 990);
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
	bool unified = ct__oci_is_unified();
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
	return ct__oci_set_texts(oci, value, set_key);
}

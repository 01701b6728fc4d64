/* SPDX-License-Identifier: MIT */
/* The fields of namespaces, and of what is set in them: ids, names, kernel parameters, clocks. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error/error.h"
#include "oci.h"
#include "spawn/plan.h"
#include "util/fd.h"

static const struct {
	const char *name;
	uint32_t kind;
} kinds[] = {
	{"pid", CT_NS_PID},
	{"network", CT_NS_NET},
	{"mount", CT_NS_MNT},
	{"ipc", CT_NS_IPC},
	{"uts", CT_NS_UTS},
	{"user", CT_NS_USER},
	{"cgroup", CT_NS_CGROUP},
	{"time", CT_NS_TIME},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static uint32_t kind_of(const char *name)
{
	for (size_t i = 0; i < KINDS; i++)
		if (strcmp(kinds[i].name, name) == 0)
			return kinds[i].kind;
	return 0;
}

static int namespace(struct oci *oci, const struct oci_value *value, uint32_t *made, uint32_t *given)
{
	CT__AUTO_FREE char *full = NULL;
	struct oci_value type, path;
	uint32_t kind;
	int ret = ct__oci_member(oci, value, "type", OCI_STRING, &type);

	if (ret == 0)
		return ct__oci_refuse(oci, value, -EINVAL, "it has no type");
	if (ret < 0)
		return ret;
	kind = kind_of(json_string_value(type.json));
	if (!kind)
		return ct__oci_refuse(oci, &type, -EINVAL, "there is no such namespace");
	if ((*made | *given) & kind)
		return ct__oci_refuse(oci, &type, -EINVAL, "this kind was there before");
	ret = ct__oci_member(oci, value, "path", OCI_STRING, &path);
	if (ret < 0)
		return ret;
	if (ret == 0 || !json_string_length(path.json)) {
		*made |= kind;
		return 0;
	}
	*given |= kind;
	ret = ct__oci_host_path(oci, &path, json_string_value(path.json), &full);
	return ret < 0 ? ret : ct__oci_set(oci, &path, ct_spec_set_ns_path(oci->spec, kind, full));
}

int ct__oci_namespaces(struct oci *oci, const struct oci_value *value)
{
	uint32_t made = 0, given = 0;
	struct oci_value item;
	int ret = 0;

	for (size_t i = 0; ret >= 0 && i < json_array_size(value->json); i++) {
		ret = ct__oci_item(oci, value, i, OCI_OBJECT, &item);
		if (ret >= 0)
			ret = namespace(oci, &item, &made, &given);
	}
	if (ret < 0)
		return ret;
	if (!((made | given) & CT_NS_MNT))
		return ct__oci_refuse(oci, value, -EOPNOTSUPP, "there is no mount namespace in it");
	ret = ct_spec_set_ns_new(oci->spec, made);
	if (ret == 0)
		ret = ct_spec_set_ns_host(oci->spec, CT_NS_ALL & ~made & ~given);
	return ct__oci_set(oci, value, ret);
}

static int maps(struct oci *oci, const struct oci_value *value,
	int (*add)(ct_spec *spec, uint32_t inside, uint32_t outside, uint32_t count))
{
	uint64_t inside, outside, count;
	struct oci_value item;
	int ret = 0;

	for (size_t i = 0; ret >= 0 && i < json_array_size(value->json); i++) {
		ret = ct__oci_item(oci, value, i, OCI_OBJECT, &item);
		if (ret >= 0)
			ret = ct__oci_unsigned_member(
				oci, &item, "containerID", UINT32_MAX, 0, &inside);
		if (ret >= 0)
			ret = ct__oci_unsigned_member(oci, &item, "hostID", UINT32_MAX, 0, &outside);
		if (ret >= 0)
			ret = ct__oci_unsigned_member(oci, &item, "size", UINT32_MAX, 0, &count);
		if (ret >= 0)
			ret = ct__oci_set(oci, &item,
				add(oci->spec, (uint32_t)inside, (uint32_t)outside, (uint32_t)count));
	}
	return ret < 0 ? ret : 0;
}

/* Maps say nothing of a user namespace that is given, or is the host's. */
static bool has_new_user_ns(struct oci *oci)
{
	struct oci_value list;
	size_t i;
	json_t *item;

	if (ct__oci_find(oci, "/linux/namespaces", OCI_ARRAY, &list) <= 0)
		return false;
	json_array_foreach(list.json, i, item) {
		const char *type = json_string_value(json_object_get(item, "type"));
		const char *path = json_string_value(json_object_get(item, "path"));

		if (type && strcmp(type, "user") == 0)
			return !path || !path[0];
	}
	return false;
}

int ct__oci_uid_maps(struct oci *oci, const struct oci_value *value)
{
	return has_new_user_ns(oci) ? maps(oci, value, ct_spec_add_uid_map) : 0;
}

int ct__oci_gid_maps(struct oci *oci, const struct oci_value *value)
{
	return has_new_user_ns(oci) ? maps(oci, value, ct_spec_add_gid_map) : 0;
}

int ct__oci_hostname(struct oci *oci, const struct oci_value *value)
{
	const char *name = json_string_value(value->json);

	return name[0] ? ct__oci_set(oci, value, ct_spec_set_hostname(oci->spec, name)) : 0;
}

int ct__oci_domainname(struct oci *oci, const struct oci_value *value)
{
	const char *name = json_string_value(value->json);

	return name[0] ? ct__oci_set(oci, value, ct_spec_set_domainname(oci->spec, name)) : 0;
}

static int set_sysctl(
	struct oci *oci, const struct oci_value *value, const char *name, const char *text)
{
	return ct__oci_set(oci, value, ct_spec_set_sysctl(oci->spec, name, text));
}

int ct__oci_sysctls(struct oci *oci, const struct oci_value *value)
{
	return ct__oci_set_texts(oci, value, set_sysctl);
}

#define MOST_SECONDS INT64_C(4000000000)

/* Nanoseconds of one clock; 0: it is not shifted. */
static int offset(struct oci *oci, const struct oci_value *clocks, const char *clock, int64_t *ret_ns)
{
	struct oci_value value, part;
	int64_t secs = 0, ns = 0;
	int ret = ct__oci_member(oci, clocks, clock, OCI_OBJECT, &value);

	*ret_ns = 0;
	if (ret <= 0)
		return ret;
	ret = ct__oci_member(oci, &value, "secs", OCI_NUMBER, &part);
	if (ret > 0)
		ret = ct__oci_signed(oci, &part, -MOST_SECONDS, MOST_SECONDS, &secs);
	if (ret >= 0)
		ret = ct__oci_member(oci, &value, "nanosecs", OCI_NUMBER, &part);
	if (ret > 0)
		ret = ct__oci_signed(oci, &part, 0, 999999999, &ns);
	*ret_ns = secs * 1000000000 + ns;
	return ret < 0 ? ret : 0;
}

int ct__oci_time_offsets(struct oci *oci, const struct oci_value *value)
{
	int64_t monotonic, boottime;
	struct oci_value member;
	const char *key;
	json_t *json;
	int ret;

	json_object_foreach(value->json, key, json)
		if (strcmp(key, "monotonic") != 0 && strcmp(key, "boottime") != 0) {
			(void)ct__oci_member(oci, value, key, OCI_OBJECT, &member);
			return ct__oci_refuse(oci, &member, -EINVAL, "there is no such clock");
		}
	ret = offset(oci, value, "monotonic", &monotonic);
	if (ret >= 0)
		ret = offset(oci, value, "boottime", &boottime);
	if (ret < 0)
		return ret;
	return ct__oci_set(oci, value, ct_spec_set_time_offsets(oci->spec, monotonic, boottime));
}

/* That of every process. */
int ct__oci_personality(struct oci *oci, const struct oci_value *value)
{
	struct oci_value domain, flags;
	int ret = ct__oci_member(oci, value, "domain", OCI_STRING, &domain);

	if (ret > 0 && strcmp(json_string_value(domain.json), "LINUX") != 0)
		return ct__oci_refuse(oci, &domain, -EOPNOTSUPP, "there is none but LINUX");
	if (ret >= 0)
		ret = ct__oci_member(oci, value, "flags", OCI_STRINGS, &flags);
	if (ret > 0 && json_array_size(flags.json))
		return ct__oci_refuse(oci, &flags, -EOPNOTSUPP, "there are no flags");
	return ret < 0 ? ret : 0;
}

/* ----------------------------------------------------------------- giving */

static const struct spec_ns *given_of(const ct_spec *spec, uint32_t kind)
{
	for (size_t i = 0; i < NS_KINDS; i++)
		if (spec->ns_given[i].fd >= 0 && spec->ns_given[i].kind == kind)
			return &spec->ns_given[i];
	return NULL;
}

int ct__oci_give_namespaces(struct oci *oci, json_t **ret_value)
{
	uint32_t made = ct__plan_kinds(oci->from);
	json_t *list;

	if (!((made | ct__spec_given(oci->from)) & CT_NS_MNT))
		return ct__oci_unsayable(oci, "mnt namespace", "it is the host's");
	list = json_array();
	for (size_t i = 0; list && i < KINDS; i++) {
		const struct spec_ns *ns = given_of(oci->from, kinds[i].kind);

		if (ns && (!ns->path || ns->path[0] != '/')) {
			json_decref(list);
			return ct__oci_unsayable(
				oci, kinds[i].name, "the namespace is not given by an absolute path");
		}
		if (ns)
			ct__oci_append(oci, list,
				json_pack("{s:s,s:s}", "type", kinds[i].name, "path", ns->path));
		else if (made & kinds[i].kind)
			ct__oci_append(oci, list, json_pack("{s:s}", "type", kinds[i].name));
	}
	return ct__oci_given(oci, list, ret_value);
}

static int give_maps(struct oci *oci, const ct__array *map, json_t **ret_value)
{
	json_t *list = map->count ? json_array() : NULL;

	if (!list)
		return 0;
	ct__array_for_each(struct ct__id_range, range, map)
		ct__oci_append(oci, list,
			json_pack("{s:I,s:I,s:I}", "containerID", (json_int_t)range->inside, "hostID",
				(json_int_t)range->outside, "size", (json_int_t)range->count));
	return ct__oci_given(oci, list, ret_value);
}

int ct__oci_give_uid_maps(struct oci *oci, json_t **ret_value)
{
	return give_maps(oci, &oci->from->uid_map, ret_value);
}

int ct__oci_give_gid_maps(struct oci *oci, json_t **ret_value)
{
	return give_maps(oci, &oci->from->gid_map, ret_value);
}

int ct__oci_give_hostname(struct oci *oci, json_t **ret_value)
{
	return oci->from->hostname ? ct__oci_given(oci, json_string(oci->from->hostname), ret_value) : 0;
}

int ct__oci_give_domainname(struct oci *oci, json_t **ret_value)
{
	return oci->from->domainname ? ct__oci_given(oci, json_string(oci->from->domainname), ret_value) : 0;
}

/* "sys/net/ipv4/x" is "net.ipv4.x" again. */
int ct__oci_give_sysctls(struct oci *oci, json_t **ret_value)
{
	json_t *object = oci->from->sysctls.count ? json_object() : NULL;

	if (!object)
		return 0;
	ct__array_for_each(struct spec_sysctl, sysctl, &oci->from->sysctls) {
		char *key = strdup(sysctl->path + 4);

		for (char *at = key; at && *at; at++)
			if (*at == '/')
				*at = '.';
		ct__oci_put(oci, object, key, json_string(sysctl->value));
		free(key);
	}
	return ct__oci_given(oci, object, ret_value);
}

/* Seconds may be negative, nanoseconds not. */
static json_t *clock_of(int64_t ns)
{
	const int64_t second = 1000000000;
	int64_t secs = ns / second - (ns % second < 0);

	return json_pack("{s:I,s:I}", "secs", (json_int_t)secs, "nanosecs", (json_int_t)(ns - secs * second));
}

int ct__oci_give_time_offsets(struct oci *oci, json_t **ret_value)
{
	const int64_t *ns[] = {&oci->from->monotonic_ns, &oci->from->boottime_ns};

	if (!oci->from->has_time_offsets)
		return 0;
	for (size_t i = 0; i < 2; i++)
		if (*ns[i] > MOST_SECONDS * 1000000000 || *ns[i] < -MOST_SECONDS * 1000000000)
			return ct__oci_unsayable(oci, "time offset", "it is over 4000000000 seconds");
	return ct__oci_given(oci,
		json_pack("{s:o,s:o}", "monotonic", clock_of(oci->from->monotonic_ns), "boottime",
			clock_of(oci->from->boottime_ns)),
		ret_value);
}

/* SPDX-License-Identifier: MIT */
/* Setters: what the containers may use, and where their cgroups go. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <container/cgroup.h>

#include "cgroup/limits.h"
#include "spec.h"

#define KEYS_MAX 64

static void remove_limit(ct_spec *spec, const struct spec_limit *limit)
{
	struct spec_limit *limits = spec->cgroup.limits.items;
	size_t kept = 0;

	for (size_t i = 0; i < spec->cgroup.limits.count; i++)
		if (limits[i].limit != limit->limit || limits[i].of != limit->of)
			limits[kept++] = limits[i];
	spec->cgroup.limits.count = kept;
}

static int set_limit(ct_spec *spec, const struct spec_limit *limit)
{
	const char *refusal = ct__limit_refusal(limit);

	if (refusal)
		return ct__spec_mistake(spec, -EINVAL, refusal, "limit: %s", ct__limit_text(limit).text);
	ct__spec_changed(spec);
	remove_limit(spec, limit);
	if (limit->value == CT_UNLIMITED)
		return 0;
	if (ct__array_add(&spec->cgroup.limits, limit, sizeof(*limit)) < 0)
		return ct__spec_mistake(spec, -ENOMEM, NULL, "limit: %s", ct__limit_name(limit->limit));
	return 0;
}

int ct_spec_set_limit(ct_spec *spec, ct_limit limit, uint64_t value)
{
	return spec ? set_limit(spec, &(struct spec_limit){limit, value, 0}) : -EINVAL;
}

int ct_spec_set_limit_of(ct_spec *spec, ct_limit limit, uint64_t of, uint64_t value)
{
	if (!spec)
		return -EINVAL;
	if (!of)
		return ct__spec_mistake(spec, -EINVAL, "it is neither a disk nor a size of a page",
			"limit: %s of 0", ct__limit_name(limit));
	return set_limit(spec, &(struct spec_limit){limit, value, of});
}

static int add_key(ct_spec *spec, const char *name, const char *value)
{
	struct spec_cgroup_key key = {strdup(name), strdup(value)};

	if (key.key && key.value && spec->cgroup.keys.count < KEYS_MAX &&
		ct__array_add(&spec->cgroup.keys, &key, sizeof(key)) == 0) {
		ct__spec_changed(spec);
		return 0;
	}
	free(key.key);
	free(key.value);
	if (spec->cgroup.keys.count == KEYS_MAX)
		return ct__spec_mistake(spec, -E2BIG, "more than 64 are set", "cgroup: %s", name);
	return ct__spec_mistake(spec, -ENOMEM, NULL, "cgroup: %s", name);
}

int ct_spec_set_cgroup_key(ct_spec *spec, const char *key, const char *value)
{
	const char *refusal;

	if (!spec)
		return -EINVAL;
	if (!key || !value)
		return ct__spec_mistake(spec, -EINVAL, "it is NULL", "cgroup: key or value");
	refusal = ct__cgroup_key_refusal(key, value);
	if (refusal)
		return ct__spec_mistake(spec, -EINVAL, refusal, "cgroup: %s", key);
	return add_key(spec, key, value);
}

/* A list as in "0-3,8": numbers and ranges. */
static bool is_list(const char *list)
{
	bool digit = false;

	for (const char *at = list; *at; at++) {
		if (*at >= '0' && *at <= '9')
			digit = true;
		else if ((*at == '-' || *at == ',') && digit)
			digit = false;
		else
			return false;
	}
	return digit && strlen(list) < sizeof(((struct ct__setting *)NULL)->text);
}

static void remove_key(ct_spec *spec, const char *name)
{
	struct spec_cgroup_key *keys = spec->cgroup.keys.items;
	size_t kept = 0;

	for (size_t i = 0; i < spec->cgroup.keys.count; i++) {
		if (strcmp(keys[i].key, name) != 0) {
			keys[kept++] = keys[i];
			continue;
		}
		free(keys[i].key);
		free(keys[i].value);
	}
	spec->cgroup.keys.count = kept;
	ct__spec_changed(spec);
}

static int set_list(ct_spec *spec, const char *name, const char *list)
{
	if (!spec)
		return -EINVAL;
	if (list && !is_list(list))
		return ct__spec_mistake(
			spec, -EINVAL, "it is no list as in \"0-3,8\"", "%s: %s", name, list);
	remove_key(spec, name);
	return list ? add_key(spec, name, list) : 0;
}

int ct_spec_set_cpus(ct_spec *spec, const char *cpus)
{
	return set_list(spec, "cpuset.cpus", cpus);
}

int ct_spec_set_mems(ct_spec *spec, const char *mems)
{
	return set_list(spec, "cpuset.mems", mems);
}

int ct_spec_set_cgroup(ct_spec *spec, int on)
{
	if (!spec)
		return -EINVAL;
	ct__spec_changed(spec);
	spec->cgroup.on = on != 0;
	return 0;
}

/* Absolute, and none of its names is "..". */
static bool is_cgroup_path(const char *path)
{
	if (*path != '/' || strchr(path, '\n'))
		return false;
	for (const char *at = path; (at = strstr(at, "/..")) != NULL; at++)
		if (at[3] == '/' || at[3] == '\0')
			return false;
	return true;
}

/* One of the two ways to say where cgroups go, or neither of them: the last call counts. */
static int place(ct_spec *spec, char **way, const char *value, char **other)
{
	ct__spec_changed(spec);
	if (value) {
		free(*other);
		*other = NULL;
		return ct__spec_set_string(spec, way, value);
	}
	free(*way);
	*way = NULL;
	return 0;
}

int ct_spec_set_cgroup_parent(ct_spec *spec, const char *parent)
{
	if (!spec)
		return -EINVAL;
	if (parent && !is_cgroup_path(parent))
		return ct__spec_mistake(spec, -EINVAL,
			"it does not begin with \"/\", or has a \"..\"", "cgroup parent: %s",
			parent);
	return place(spec, &spec->cgroup.parent, parent, &spec->cgroup.bus);
}

int ct_spec_set_cgroup_systemd(ct_spec *spec, const char *bus)
{
	if (!spec)
		return -EINVAL;
	if (bus && *bus && (!strchr(bus, ':') || strchr(bus, '\n')))
		return ct__spec_mistake(
			spec, -EINVAL, "it is no address, as in \"unix:path=/run/bus\"", "bus: %s", bus);
	return place(spec, &spec->cgroup.bus, bus, &spec->cgroup.parent);
}

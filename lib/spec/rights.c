/* SPDX-License-Identifier: MIT */
/* Setters: limits, descriptors, capabilities. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/capability.h>

#include "rights.h"

#define FDS_MAX	   128
#define TARGET_MAX 1023

int ct_spec_set_rlimit(ct_spec *spec, int resource, uint64_t soft, uint64_t hard)
{
	const struct spec_rlimit limit = {resource, soft, hard};

	if (!spec)
		return -EINVAL;
	if (resource < 0 || resource >= RLIM_NLIMITS)
		return ct__spec_mistake(spec, -EINVAL, "there is no such resource", "rlimit: %d",
			resource);
	if (soft > hard)
		return ct__spec_mistake(spec, -EINVAL, "soft is over hard", "rlimit: %d", resource);
	ct__spec_changed(spec);
	ct__array_for_each(struct spec_rlimit, other, &spec->rlimits) {
		if (other->resource != resource)
			continue;
		*other = limit;
		return 0;
	}
	if (ct__array_add(&spec->rlimits, &limit, sizeof(limit)) < 0)
		return ct__spec_mistake(spec, -ENOMEM, NULL, "rlimit: %d", resource);
	return 0;
}

int ct_spec_set_oom_score_adj(ct_spec *spec, int value)
{
	if (!spec)
		return -EINVAL;
	if (value < -1000 || value > 1000)
		return ct__spec_mistake(spec, -EINVAL, "it is not from -1000 to 1000",
			"oom_score_adj: %d", value);
	ct__spec_changed(spec);
	spec->has_oom_score = true;
	spec->oom_score = value;
	return 0;
}

int ct_spec_set_exact_rss(ct_spec *spec, int on)
{
	if (!spec)
		return -EINVAL;
	ct__spec_changed(spec);
	spec->exact_rss = on != 0;
	return 0;
}

int ct_spec_set_stdio(ct_spec *spec, int stream, ct_stdio what, int fd)
{
	if (!spec)
		return -EINVAL;
	if (stream < 0 || stream > 2 || (unsigned int)what > CT_STDIO_PIPE)
		return ct__spec_mistake(spec, -EINVAL, "there is no such stream, or no such kind",
			"stdio: %d", stream);
	if (what == CT_STDIO_FD && fd < 0)
		return ct__spec_mistake(spec, -EBADF, NULL, "stdio: %d: descriptor %d", stream, fd);
	ct__spec_changed(spec);
	spec->stdio[stream] = (struct spec_stdio){what, what == CT_STDIO_FD ? fd : -1};
	return 0;
}

int ct_spec_map_fd(ct_spec *spec, int fd, int target)
{
	const struct spec_fd map = {fd, target};

	if (!spec)
		return -EINVAL;
	if (fd < 0)
		return ct__spec_mistake(spec, -EBADF, NULL, "descriptor %d", fd);
	if (target < 3 || target > TARGET_MAX)
		return ct__spec_mistake(spec, -EINVAL, "the target is not from 3 to 1023",
			"descriptor %d as %d", fd, target);
	ct__array_for_each(struct spec_fd, other, &spec->fds)
		if (other->target == target)
			return ct__spec_mistake(spec, -EEXIST, "the target is taken",
				"descriptor %d as %d", fd, target);
	if (spec->fds.count == FDS_MAX)
		return ct__spec_mistake(spec, -E2BIG, "more than 128 descriptors", "descriptor %d",
			fd);
	if (ct__array_add(&spec->fds, &map, sizeof(map)) < 0)
		return ct__spec_mistake(spec, -ENOMEM, NULL, "descriptor %d", fd);
	ct__spec_changed(spec);
	return 0;
}

/* Those that the caller could pass on at all. */
static uint64_t caps_of_host(void)
{
	uint64_t bits = 0;

	for (cap_value_t cap = 0; cap < 64 && cap < cap_max_bits(); cap++)
		if (cap_get_bound(cap) > 0)
			bits |= UINT64_C(1) << cap;
	return bits;
}

/* The bits that a name stands for; 0 if it is unknown. */
static uint64_t caps_of(const char *name, bool add)
{
	cap_value_t value;
	char *known;
	bool same;

	if (!name)
		return 0;
	if (strcmp(name, "all") == 0)
		return add ? caps_of_host() : UINT64_MAX;
	errno = 0; /* ENOMEM is not that there is no such name */
	if (cap_from_name(name, &value) != 0 || value >= 64)
		return 0;
	/* It takes numbers as well, and the first word of several. */
	known = cap_to_name(value);
	same = known && strcasecmp(known, name) == 0;
	cap_free(known);
	return same ? UINT64_C(1) << value : 0;
}

static int change_caps(ct_spec *spec, const char *name, bool add, bool ambient)
{
	uint64_t bits = caps_of(name, add);

	if (!spec)
		return -EINVAL;
	if (!bits && errno == ENOMEM)
		return ct__spec_mistake(spec, -ENOMEM, NULL, "capability: %s", name);
	if (!bits)
		return ct__spec_mistake(spec, -EINVAL, "there is no such capability",
			"capability: %s", name ? name : "NULL");
	ct__spec_changed(spec);
	if (add) {
		spec->caps_added |= bits;
		spec->ambient |= ambient ? bits : 0;
	} else {
		spec->caps_dropped |= bits;
		spec->caps_added &= ~bits;
		spec->ambient &= ~bits;
	}
	return 0;
}

int ct_spec_add_cap(ct_spec *spec, const char *name)
{
	return change_caps(spec, name, true, false);
}

int ct_spec_drop_cap(ct_spec *spec, const char *name)
{
	return change_caps(spec, name, false, false);
}

int ct_spec_add_ambient_cap(ct_spec *spec, const char *name)
{
	return change_caps(spec, name, true, true);
}

int ct_spec_set_no_new_privs(ct_spec *spec, int on)
{
	if (!spec)
		return -EINVAL;
	ct__spec_changed(spec);
	spec->has_no_new_privs = true;
	spec->no_new_privs = on != 0;
	return 0;
}

int ct_spec_set_core_dumps(ct_spec *spec, int on)
{
	if (!spec)
		return -EINVAL;
	ct__spec_changed(spec);
	spec->no_core_dumps = !on;
	return 0;
}

/* ------------------------------------------------------------- decisions */

static const struct ct__rights strict = {.no_new_privs = true};

static void set_limit(struct ct__rights *rights, const struct spec_rlimit *limit)
{
	size_t at = 0;

	while (at < rights->limit_count && rights->limits[at].resource != limit->resource)
		at++;
	rights->limits[at] = *limit;
	if (at == rights->limit_count)
		rights->limit_count++;
}

void ct__rights_decide(const ct_spec *spec, const struct ct__rights *model, struct ct__rights *ret)
{
	uint64_t caps = model ? model->caps : ct__default_caps;

	*ret = model ? *model : strict;
	if (spec->has_user) {
		ret->uid = spec->uid;
		ret->gid = spec->gid;
	}
	if (spec->has_groups) {
		ret->groups = spec->groups.items;
		ret->group_count = spec->groups.count;
	}
	ret->caps = (caps & ~spec->caps_dropped) | spec->caps_added;
	ret->ambient = ((ret->ambient & ~spec->caps_dropped) | spec->ambient) & ret->caps;
	if (spec->has_no_new_privs)
		ret->no_new_privs = spec->no_new_privs;
	ct__array_for_each(struct spec_rlimit, limit, &spec->rlimits)
		set_limit(ret, limit);
	if (spec->no_core_dumps) /* of 1: at 0 the kernel still runs a handler */
		set_limit(ret, &(struct spec_rlimit){RLIMIT_CORE, 1, 1});
	if (spec->has_oom_score) {
		ret->has_oom_score = ret->oom_score_said = true;
		ret->oom_score = spec->oom_score;
	}
}

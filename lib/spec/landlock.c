/* SPDX-License-Identifier: MIT */
/* Setters: landlock rules. What becomes of them: lib/spawn/landlock.c. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "landlock.h"
#include "spec.h"

#define RULES_MAX 256

int ct_spec_set_landlock(ct_spec *spec, uint32_t what)
{
	if (!spec)
		return -EINVAL;
	if (what & ~LANDLOCK_WHAT)
		return ct__spec_mistake(spec, -EINVAL, "unknown bits", "landlock: %#x", what);
	ct__spec_changed(spec);
	spec->landlock.said = true;
	spec->landlock.what = what;
	return 0;
}

static bool has_room(const struct spec_landlock *rules)
{
	return rules->paths.count + rules->ports.count < RULES_MAX;
}

int ct__landlock_add_path(struct spec_landlock *rules, char *path, uint64_t access, uint32_t flags)
{
	const struct spec_landlock_path rule = {path, access, flags};
	int ret = ct__array_add(&rules->paths, &rule, sizeof(rule));

	if (ret < 0)
		free(path);
	return ret;
}

int ct_spec_add_landlock_path(ct_spec *spec, const char *path, uint64_t access, uint32_t flags)
{
	char *inside = NULL;
	int ret;

	if (!spec)
		return -EINVAL;
	ret = ct__spec_inside_path(spec, path, &inside);
	if (ret < 0)
		return ret;
	if (!access || (access & ~CT_LANDLOCK_ALL) || (flags & ~CT_LANDLOCK_OPTIONAL))
		ret = ct__spec_mistake(spec, -EINVAL, access ? "unknown bits" : "it allows nothing",
			"landlock: %s", path);
	else if (!has_room(&spec->landlock))
		ret = ct__spec_mistake(spec, -E2BIG, "more than 256 rules", "landlock: %s", path);
	if (ret < 0) {
		free(inside);
		return ret;
	}
	ct__spec_changed(spec);
	spec->landlock.said = true;
	if (ct__landlock_add_path(&spec->landlock, inside, access, flags) < 0)
		return ct__spec_mistake(spec, -ENOMEM, NULL, "landlock: %s", path);
	return 0;
}

int ct_spec_add_landlock_port(ct_spec *spec, uint32_t port, uint32_t access)
{
	const struct spec_landlock_port rule = {port, access};

	if (!spec)
		return -EINVAL;
	if (port > UINT16_MAX)
		return ct__spec_mistake(spec, -EINVAL, "there is no such port", "landlock: %u", port);
	if (!access || (access & ~(CT_LANDLOCK_BIND | CT_LANDLOCK_CONNECT)))
		return ct__spec_mistake(spec, -EINVAL, access ? "unknown bits" : "it allows nothing",
			"landlock: port %u", port);
	if (!has_room(&spec->landlock))
		return ct__spec_mistake(spec, -E2BIG, "more than 256 rules", "landlock: port %u", port);
	ct__spec_changed(spec);
	spec->landlock.said = true;
	if (ct__array_add(&spec->landlock.ports, &rule, sizeof(rule)) < 0)
		return ct__spec_mistake(spec, -ENOMEM, NULL, "landlock: port %u", port);
	return 0;
}

/* ------------------------------------------------------------ what is shared */

uint32_t ct__landlock_what(const struct spec_landlock *rules)
{
	uint32_t what = rules->what | (rules->paths.count ? CT_LANDLOCK_PATHS : 0);

	ct__array_for_each(struct spec_landlock_port, rule, &rules->ports) {
		what |= rule->access & CT_LANDLOCK_BIND ? CT_LANDLOCK_BIND_PORTS : 0;
		what |= rule->access & CT_LANDLOCK_CONNECT ? CT_LANDLOCK_CONNECT_PORTS : 0;
	}
	return what;
}

void ct__landlock_done(struct spec_landlock *rules)
{
	ct__array_for_each(struct spec_landlock_path, rule, &rules->paths)
		free(rule->path);
	ct__array_done(&rules->paths);
	ct__array_done(&rules->ports);
}

struct ct__landlock *ct__landlock_new(const struct spec_landlock *rules)
{
	struct ct__landlock *copy = calloc(1, sizeof(*copy));
	int ret = 0;

	if (!copy)
		return NULL;
	atomic_init(&copy->refs, 1);
	copy->rules.said = true;
	copy->rules.what = rules->what;
	ct__array_for_each(struct spec_landlock_path, rule, &rules->paths) {
		char *path = ret == 0 ? strdup(rule->path) : NULL;

		ret = path ? ct__landlock_add_path(&copy->rules, path, rule->access, rule->flags) : -ENOMEM;
	}
	ct__array_for_each(struct spec_landlock_port, rule, &rules->ports)
		ret = ret ? ret : ct__array_add(&copy->rules.ports, rule, sizeof(*rule));
	if (ret == 0)
		return copy;
	ct__landlock_unref(copy);
	return NULL;
}

struct ct__landlock *ct__landlock_ref(struct ct__landlock *landlock)
{
	if (landlock)
		atomic_fetch_add(&landlock->refs, 1);
	return landlock;
}

void ct__landlock_unref(struct ct__landlock *landlock)
{
	if (!landlock || atomic_fetch_sub(&landlock->refs, 1) != 1)
		return;
	ct__landlock_done(&landlock->rules);
	free(landlock);
}

/* SPDX-License-Identifier: MIT */
/*
 * Where the groups of a spec's containers go, and what is written to them: decided once
 * per spec. In short: below the caller's own cgroup, or the given one, in each hierarchy.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup/devices.h"
#include "cgroup/group.h"
#include "error/error.h"
#include "sys/openat2.h"
#include "sys/procfs.h"
#include "util/fd.h"

/* What each group is for, even if no limit asks for it: figures, and hold of all processes. */
#define ALWAYS_WANTED                                                             \
	(CT__CONTROLLER(MEMORY) | CT__CONTROLLER(CPU) | CT__CONTROLLER(CPUACCT) | \
		CT__CONTROLLER(PIDS) | CT__CONTROLLER(IO) | CT__CONTROLLER(FREEZER))

/* What is at work while a plan is made. */
struct maker {
	const struct spec_cgroup *wish;
	struct ct__hierarchies all;
	struct ct__group_plan *plan;
	uint32_t required; /* without which the wish cannot be met */
	ct_error *err;
};

/* --------------------------------------------------------------- the needs */

static uint32_t required_of(const struct spec_cgroup *wish)
{
	uint32_t set = 0;

	ct__array_for_each(struct spec_limit, limit, &wish->limits)
		set |= 1u << ct__limit_controller(limit->limit);
	ct__array_for_each(struct spec_cgroup_key, key, &wish->keys)
		set |= 1u << ct__cgroup_key_controller(key->key);
	if (wish->lists_devices)
		set |= CT__CONTROLLER(DEVICES);
	return set & ~(1u << CONTROLLER_COUNT);
}

static const char *controller_name(uint32_t bit)
{
	for (unsigned int i = 0; i < CONTROLLER_COUNT; i++)
		if (bit & 1u << i)
			return ct__controllers[i].v2 ? ct__controllers[i].v2
						     : ct__controllers[i].v1;
	return "";
}

/* --------------------------------------------------------- v2: delegation */

/* The bits in a file of controllers. */
static uint32_t read_controllers(int dir, const char *file)
{
	char text[512];
	ssize_t length = ct__procfs_read(dir, file, text, sizeof(text) - 1);

	if (length < 0)
		return 0;
	text[length] = '\0';
	return ct__controllers_in(text, true);
}

/*
 * Whether a cgroup may be told to pass controllers on. One with processes of its own may not:
 * of most controllers the kernel refuses it, and of the rest (cpu, pids) it makes the cgroup
 * one of threads, in which no container can be. The root of all is the exception.
 */
static bool may_pass_on(int dir)
{
	char first;

	return faccessat(dir, "cgroup.type", F_OK, 0) < 0 ||
	       ct__procfs_read(dir, "cgroup.procs", &first, 1) == 0;
}

/* Has the cgroup pass controllers on to those below, if it may be changed; the bits that it does then. */
static uint32_t pass_on(int dir, uint32_t wanted, bool change, int *ret_error)
{
	uint32_t passed = read_controllers(dir, "cgroup.subtree_control");

	*ret_error = 0;
	if (!(wanted & ~passed))
		return passed;
	/* Who may not change it at all is told so first, whoever is in there. */
	if (change && faccessat(dir, "cgroup.subtree_control", W_OK, AT_EACCESS) < 0)
		*ret_error = -errno;
	else if (!change || !may_pass_on(dir))
		*ret_error = -EBUSY;
	if (*ret_error)
		return passed;
	for (unsigned int i = 0; i < CONTROLLER_COUNT; i++) {
		CT__AUTO_CLOSE int fd = -EBADF;
		char word[32];

		if (!(wanted & ~passed & 1u << i))
			continue;
		snprintf(word, sizeof(word), "+%s", ct__controllers[i].v2);
		fd = ct__openat(dir, "cgroup.subtree_control", O_WRONLY, 0);
		if (fd < 0 || write(fd, word, strlen(word)) < 0)
			*ret_error = fd < 0 ? fd : -errno;
		else
			passed |= 1u << i;
	}
	return passed;
}

/* The cgroup above, if it is the caller's as well. */
static int step_up(int dir)
{
	struct stat here, above;
	int up = ct__openat(dir, "..", O_RDONLY | O_DIRECTORY, 0);

	if (up < 0)
		return up;
	if (fstat(up, &above) < 0 || fstat(dir, &here) < 0 || above.st_dev != here.st_dev ||
		above.st_uid != geteuid()) {
		close(up);
		return -EPERM;
	}
	return up;
}

static void cut_last_name(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash)
		slash[slash == path] = '\0';
}

/*
 * From this cgroup upwards, the first that passes on what is needed. An ordinary user has
 * above him those that were delegated to him, to do with as he likes; root's could be
 * anybody's, and serve as they are. Takes dir and path over.
 */
static int climb(struct maker *m, int dir, char *path, uint32_t wanted, uint32_t needed,
	struct ct__place *ret_place)
{
	int first = 0;

	for (;;) {
		int error, up;
		uint32_t passed = pass_on(dir, wanted, !first || geteuid() != 0, &error);

		if (!(needed & ~passed)) {
			*ret_place = (struct ct__place){dir, true, passed, path};
			return 0;
		}
		first = first ? first : error;
		up = m->wish->parent || m->wish->bus ? -EPERM : step_up(dir);
		if (up < 0)
			break;
		close(dir);
		dir = up;
		cut_last_name(path);
	}
	close(dir);
	free(path);
	return first;
}

/* All that a group is for, if it can be had; else what is required. */
static int unified_place(struct maker *m, int dir, const char *path, struct ct__place *ret_place)
{
	uint32_t offered = read_controllers(dir, "cgroup.controllers");
	uint32_t wanted = offered & (ALWAYS_WANTED | m->required), needed = wanted;
	int ret = -EBUSY;

	for (int attempt = 0; attempt < 2 && ret < 0; attempt++) {
		int copy = fcntl(dir, F_DUPFD_CLOEXEC, 3);
		char *name = strdup(path);

		if (copy < 0) {
			ret = -errno;
			free(name);
			return ct__fail(m->err, CT_STEP_LIMIT, ret, "fcntl", "%s", path);
		}
		if (!name) {
			ct__close(&copy);
			return ct__fail(m->err, CT_STEP_MEMORY, -ENOMEM, NULL, "cgroups");
		}
		ret = climb(m, copy, name, wanted, needed, ret_place);
		needed = offered & m->required;
	}
	return ret < 0 ? ct__fail(m->err, CT_STEP_LIMIT, ret, "write",
				 "cgroup.subtree_control of %s", path)
		       : 0;
}

/* -------------------------------------------------------------- the places */

static int open_parent(struct maker *m, struct ct__cgroup_line *line)
{
	if (m->wish->parent)
		line->path = m->wish->parent;
	return ct__cgroup_open(&m->all.mounts, line, ".", O_RDONLY | O_DIRECTORY);
}

/* The place in the hierarchy of this line, unless there is no use for it. */
static int add_place(struct maker *m, struct ct__cgroup_line *line)
{
	bool unified = !*line->controllers;
	uint32_t wanted =
		ct__controllers_in(line->controllers, false) & (ALWAYS_WANTED | m->required);
	CT__AUTO_CLOSE int dir = -EBADF;
	struct ct__place place;
	int ret;

	if (!unified && !wanted)
		return 0;
	dir = open_parent(m, line);
	/* A given parent need not be in each hierarchy, if those it is in have what is required. */
	if (dir == -ENOENT && m->plan->places.count && !(wanted & m->required))
		return 0;
	if (dir < 0)
		return ct__fail(m->err, CT_STEP_LIMIT, dir, "openat2", "%s:%s",
			unified ? "cgroup2" : line->controllers, line->path);
	if (unified && ct__scope_is(&m->plan->scope, line->path)) {
		ret = ct__scope_clear(&m->plan->scope, dir);
		if (ret < 0)
			return ct__fail(m->err, CT_STEP_LIMIT, ret, "write", "cgroup.procs of %s/%s",
				line->path, CT__SCOPE_KEEPER);
	}
	if (unified) {
		ret = unified_place(m, dir, line->path, &place);
		if (ret < 0)
			return ret;
	} else {
		place = (struct ct__place){ct__take_fd(&dir), false, wanted, strdup(line->path)};
	}
	if (!place.path || ct__array_add(&m->plan->places, &place, sizeof(place)) < 0) {
		close(place.parent);
		free(place.path);
		return ct__fail(m->err, CT_STEP_MEMORY, -ENOMEM, NULL, "cgroups");
	}
	return 0;
}

static int add_places(struct maker *m)
{
	uint32_t found = 0, missing;

	ct__array_for_each(char *, text, &m->all.own) {
		struct ct__cgroup_line line;
		int ret;

		if (ct__parse_cgroup_line(*text, &line) < 0)
			continue;
		ret = add_place(m, &line);
		if (ret < 0)
			return ret;
	}
	ct__array_for_each(struct ct__place, place, &m->plan->places)
		found |= place->controllers;
	missing = m->required & ~found;
	if (ct__group_unified(m->plan)) /* v2 has no controller for that, but programs */
		missing &= ~CT__CONTROLLER(DEVICES);
	if (missing)
		return ct__fail_because(m->err, CT_STEP_LIMIT, -EOPNOTSUPP,
			"the kernel has no such controller, or passes it on to nobody here",
			"controller %s", controller_name(missing));
	if (!m->plan->places.count)
		return ct__fail_because(m->err, CT_STEP_LIMIT, -ENOENT,
			"no hierarchy of cgroups is mounted, or has such a parent", "%s",
			m->wish->parent ? m->wish->parent : "/sys/fs/cgroup");
	return 0;
}

const struct ct__place *ct__group_place(
	const struct ct__group_plan *plan, enum ct__controller controller)
{
	ct__array_for_each(struct ct__place, place, &plan->places)
		if (place->controllers & 1u << controller)
			return place;
	return NULL;
}

const struct ct__place *ct__group_unified(const struct ct__group_plan *plan)
{
	ct__array_for_each(struct ct__place, place, &plan->places)
		if (place->unified)
			return place;
	return NULL;
}

/* ------------------------------------------------------------- the settings */

/* In v1 a new cpuset is empty, and takes no process: it begins with what its parent has. */
static int inherit_cpuset(struct maker *m)
{
	const struct ct__place *place = ct__group_place(m->plan, CONTROLLER_CPUSET);
	static const char *const files[] = {"cpuset.cpus", "cpuset.mems"};

	for (size_t i = 0; place && !place->unified && i < 2; i++) {
		struct spec_cgroup_key key = {.key = (char *)(uintptr_t)files[i]};
		char text[sizeof(((struct ct__setting *)NULL)->text)];
		ssize_t length = ct__procfs_read(place->parent, files[i], text, sizeof(text) - 1);
		int ret;

		if (length < 0)
			return ct__fail(m->err, CT_STEP_LIMIT, (int)length, "read", "%s", files[i]);
		text[strcspn(text, "\n") < (size_t)length ? strcspn(text, "\n") : (size_t)length] =
			'\0';
		key.value = text;
		ret = ct__cgroup_key_settings(&key, &m->plan->settings);
		if (ret < 0)
			return ct__fail(m->err, CT_STEP_LIMIT, ret, NULL, "%s", files[i]);
	}
	return 0;
}

static uint64_t memory_max_of(const struct spec_cgroup *wish)
{
	ct__array_for_each(struct spec_limit, limit, &wish->limits)
		if (limit->limit == CT_LIMIT_MEMORY_MAX)
			return limit->value;
	return CT_UNLIMITED;
}

static int add_limit(struct maker *m, const struct spec_limit *limit)
{
	const struct ct__place *place =
		ct__group_place(m->plan, (enum ct__controller)ct__limit_controller(limit->limit));
	int ret;

	if (!place)
		return ct__fail(m->err, CT_STEP_LIMIT, -EOPNOTSUPP, NULL, "%s",
			ct__limit_name(limit->limit));
	ret = ct__limit_settings(limit, memory_max_of(m->wish), place->unified, &m->plan->settings);

	if (ret == -EOPNOTSUPP)
		return ct__fail_because(m->err, CT_STEP_LIMIT, ret,
			limit->limit == CT_LIMIT_SWAP_MAX
				? "cgroup v1 limits swap only together with memory, and memory.max is not set"
				: "cgroup v1 has no such limit",
			"%s", ct__limit_name(limit->limit));
	return ret < 0 ? ct__fail(m->err, CT_STEP_MEMORY, ret, NULL, "cgroups") : 0;
}

/* memory.max before what counts from it; all else in the order of the caller. */
static int add_settings(struct maker *m)
{
	int ret = inherit_cpuset(m);

	for (int first = 1; first >= 0; first--)
		ct__array_for_each(struct spec_limit, limit, &m->wish->limits)
			if ((limit->limit == CT_LIMIT_MEMORY_MAX) == first && ret >= 0)
				ret = add_limit(m, limit);
	ct__array_for_each(struct spec_cgroup_key, key, &m->wish->keys) {
		if (ret < 0)
			return ret;
		ret = ct__cgroup_key_settings(key, &m->plan->settings);
		if (ret < 0)
			return ct__fail(m->err, CT_STEP_LIMIT, ret, NULL, "%s", key->key);
	}
	return ret;
}

/* By v1 where that has the controller; in v2 one program serves all groups of the spec. */
static int list_devices(struct maker *m)
{
	int ret;

	if (!m->wish->lists_devices)
		return 0;
	if (ct__group_place(m->plan, CONTROLLER_DEVICES)) {
		ret = ct__devices_settings(&m->wish->devices, &m->plan->settings);
		return ret < 0 ? ct__fail(m->err, CT_STEP_MEMORY, ret, NULL, "devices") : 0;
	}
	ret = ct__devices_load(&m->wish->devices);
	if (ret < 0)
		return ct__fail(m->err, ret == -ENOMEM ? CT_STEP_MEMORY : CT_STEP_LIMIT, ret,
			ret == -ENOMEM ? NULL : "bpf", "devices");
	m->plan->devices = ret;
	return 0;
}

/* ---------------------------------------------------------------- the whole */

/* Where the keeper of the scope is, groups are made: in each hierarchy that systemd has put it into one. */
static int enter_scope(struct maker *m, int proc)
{
	char path[32];
	int ret = ct__scope_make(proc, m->wish->bus, m->plan->prefix, &m->plan->scope, m->err);

	if (ret < 0)
		return ret;
	ct__array_done(&m->all.own);
	free(m->all.text[0]);
	m->all.text[0] = NULL;
	m->all.own = (ct__array){0};
	snprintf(path, sizeof(path), "%d/cgroup", m->plan->scope.pid);
	ret = ct__cgroup_read_lines(proc, path, &m->all.text[0], &m->all.own);
	return ret < 0 ? ct__fail(m->err, CT_STEP_LIMIT, ret, "openat", "/proc/%s", path) : 0;
}

static int make(struct maker *m)
{
	CT__AUTO_CLOSE int proc = ct__procfs_open();
	int ret = proc;

	if (ret >= 0)
		ret = ct__group_prefix(proc, m->plan->prefix, sizeof(m->plan->prefix));
	if (ret >= 0)
		ret = ct__hierarchies_read(proc, &m->all);
	if (ret < 0)
		return ct__fail(m->err, CT_STEP_LIMIT, ret, "openat", "/proc");
	ret = m->wish->bus ? enter_scope(m, proc) : 0;
	if (ret >= 0)
		ret = add_places(m);
	if (ret >= 0)
		ret = add_settings(m);
	if (ret >= 0)
		ret = list_devices(m);
	if (ret < 0)
		return ret;
	ct__array_for_each(struct ct__place, place, &m->plan->places)
		ct__group_sweep(proc, place->parent);
	return 0;
}

int ct__group_plan_make(
	const struct spec_cgroup *wish, struct ct__group_plan **ret_plan, ct_error *err)
{
	struct maker m = {.wish = wish, .err = err, .required = required_of(wish)};
	int ret;

	*ret_plan = NULL;
	if (!wish->on && !wish->limits.count && !wish->keys.count && !wish->lists_devices)
		return 0;
	m.plan = calloc(1, sizeof(*m.plan));
	if (!m.plan)
		return ct__fail(err, CT_STEP_MEMORY, -ENOMEM, NULL, "cgroups");
	atomic_init(&m.plan->refs, 1);
	m.plan->devices = -EBADF;
	ret = make(&m);
	ct__hierarchies_done(&m.all);
	if (ret < 0)
		ct__group_plan_unref(m.plan);
	else
		*ret_plan = m.plan;
	return ret;
}

struct ct__group_plan *ct__group_plan_ref(struct ct__group_plan *plan)
{
	atomic_fetch_add(&plan->refs, 1);
	return plan;
}

void ct__group_plan_unref(struct ct__group_plan *plan)
{
	struct ct__scope scope;

	if (!plan || atomic_fetch_sub(&plan->refs, 1) > 1)
		return;
	scope = plan->scope;
	ct__scope_release(&plan->scope);
	ct__array_for_each(struct ct__place, place, &plan->places) {
		if (place->unified && ct__scope_is(&scope, place->path))
			(void)unlinkat(place->parent, CT__SCOPE_KEEPER, AT_REMOVEDIR);
		close(place->parent);
		free(place->path);
	}
	ct__array_done(&plan->places);
	ct__array_done(&plan->settings);
	ct__close(&plan->devices);
	free(plan);
}

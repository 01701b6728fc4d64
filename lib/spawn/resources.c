/* SPDX-License-Identifier: MIT */
/* ct_container: what it may use and what it uses, by its cgroup. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroup/group.h"
#include "cgroup/io.h"
#include "container.h"
#include "error/error.h"
#include "util/fd.h"

/* 0, or why there is nothing to ask. */
static int check_group(const ct_container *box, ct_error *err)
{
	if (!box)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is NULL", "container");
	if (!box->group.plan)
		return ct__fail_because(err, CT_STEP_LIMIT, -ENOENT, "it has no cgroup of its own",
			"process %d", box->pid);
	return 0;
}

/* v1 counts swap together with memory: what holds there now has to be known. */
static uint64_t memory_max_of(const struct ct__group *group, const struct ct__place *place)
{
	CT__AUTO_CLOSE int fd = ct__group_open(group, place, "memory.limit_in_bytes", O_RDONLY);
	char text[32];
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	uint64_t value;

	if (length <= 0)
		return CT_UNLIMITED;
	text[length] = '\0';
	value = strtoull(text, NULL, 10);
	return value > INT64_MAX / 2 ? CT_UNLIMITED
				     : value; /* no limit is the largest multiple of a page */
}

static int set_limit(ct_container *box, const struct spec_limit *limit, ct_error *err)
{
	const char *refusal = ct__limit_refusal(limit), *name = ct__limit_name(limit->limit);
	const struct ct__place *place;
	ct__array settings = {0};
	int ret = check_group(box, err);

	if (ret < 0)
		return ret;
	if (refusal)
		return ct__fail_because(err, CT_STEP_LIMIT, -EINVAL, refusal, "limit: %s",
			ct__limit_text(limit).text);
	place = ct__group_place(
		box->group.plan, (enum ct__controller)ct__limit_controller(limit->limit));
	if (!place)
		return ct__fail_because(err, CT_STEP_LIMIT, -EOPNOTSUPP,
			"its cgroup was made without this controller", "%s", name);
	ret = ct__limit_settings(
		limit, memory_max_of(&box->group, place), place->unified, &settings);
	if (ret == -EOPNOTSUPP)
		ret = ct__fail_because(
			err, CT_STEP_LIMIT, ret, "cgroup v1 has no such limit", "%s", name);
	else if (ret < 0)
		ret = ct__fail(err, CT_STEP_MEMORY, ret, NULL, "cgroup");
	ct__array_for_each(struct ct__setting, setting, &settings)
		if (ret >= 0)
			ret = ct__group_write(&box->group, setting, NULL, err);
	ct__array_done(&settings);
	return ret;
}

int ct_container_set_limit(ct_container *box, ct_limit limit, uint64_t value, ct_error *err)
{
	return set_limit(box, &(struct spec_limit){limit, value, 0}, err);
}

int ct_container_set_limit_of(
	ct_container *box, ct_limit limit, uint64_t of, uint64_t value, ct_error *err)
{
	if (!of)
		return ct__fail_because(err, box ? CT_STEP_LIMIT : CT_STEP_ARGUMENT, -EINVAL,
			"it is neither a disk nor a size of a page", "limit: %s of 0",
			ct__limit_name(limit));
	return set_limit(box, &(struct spec_limit){limit, value, of}, err);
}

int ct__container_set_key(ct_container *box, const char *key, const char *value, ct_error *err)
{
	const struct spec_cgroup_key wish = {(char *)(uintptr_t)key, (char *)(uintptr_t)value};
	const char *refusal = ct__cgroup_key_refusal(key, value);
	int controller = ct__cgroup_key_controller(key);
	ct__array settings = {0};
	int ret = check_group(box, err);

	if (ret < 0)
		return ret;
	if (refusal)
		return ct__fail_because(err, CT_STEP_LIMIT, -EINVAL, refusal, "cgroup: %s", key);
	if (controller != CONTROLLER_COUNT &&
		!ct__group_place(box->group.plan, (enum ct__controller)controller))
		return ct__fail_because(err, CT_STEP_LIMIT, -EOPNOTSUPP,
			"its cgroup was made without this controller", "cgroup: %s", key);
	ret = ct__cgroup_key_settings(&wish, &settings);
	if (ret < 0)
		return ct__fail(err, CT_STEP_MEMORY, ret, NULL, "cgroup: %s", key);
	ret = ct__group_write(&box->group, settings.items, NULL, err);
	ct__array_done(&settings);
	return ret;
}

int ct_container_io(ct_container *box, ct_io *ret_disks, size_t room, ct_error *err)
{
	ct__array disks = {0};
	int ret;

	if (room && !ret_disks)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is NULL", "ret_disks");
	ret = check_group(box, err);
	if (ret < 0)
		return ret;
	ret = ct__group_io(&box->group, &disks);
	if (ret == -EOPNOTSUPP)
		ret = ct__fail_because(err, CT_STEP_LIMIT, ret,
			"its cgroup was made without this controller", "io");
	else if (ret < 0)
		ret = ct__fail(err, ret == -ENOMEM ? CT_STEP_MEMORY : CT_STEP_LIMIT, ret, "openat", "io");
	else
		ret = (int)disks.count;
	if (ret > 0 && room)
		memcpy(ret_disks, disks.items, (room < disks.count ? room : disks.count) * sizeof(ct_io));
	ct__array_done(&disks);
	return ret;
}

int ct_container_figures(ct_container *box, ct_figures *ret_figures, ct_error *err)
{
	int ret = check_group(box, err);

	if (ret < 0)
		return ret;
	if (!ret_figures || ret_figures->size < sizeof(*ret_figures))
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL,
			"it is NULL, or its size is not set: begin with CT_FIGURES_INIT",
			"ret_figures");
	ct__group_figures(&box->group, ret_figures);
	return 0;
}

/* Not before all of them are known to be good, so that a failure changes none. */
static int check_sizes(const ct_figures *figures, size_t count, ct_error *err)
{
	for (size_t i = 0; i < count; i++)
		if (figures[i].size < sizeof(figures[i]))
			return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL,
				"its size is not set: begin with CT_FIGURES_INIT",
				"ret_figures[%zu]", i);
	return 0;
}

int ct_container_figures_many(
	ct_container *const *boxes, size_t count, ct_figures *ret_figures, ct_error *err)
{
	static const struct ct__group_plan no_plan;
	const struct ct__group none = {.plan = (struct ct__group_plan *)(uintptr_t)&no_plan};
	int told = 0, ret;

	if (!boxes || !ret_figures || count > INT_MAX)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL,
			"it is NULL, or there are too many", "boxes");
	ret = check_sizes(ret_figures, count, err);
	if (ret < 0)
		return ret;
	for (size_t i = 0; i < count; i++) {
		bool has_group = boxes[i] && boxes[i]->group.plan;

		ct__group_figures(has_group ? &boxes[i]->group : &none, &ret_figures[i]);
		told += has_group;
	}
	return told;
}

int ct_container_freeze(ct_container *box, int timeout_ms, ct_error *err)
{
	bool ended;
	int ret = check_group(box, err);

	if (ret < 0)
		return ret;
	if (timeout_ms < CT_FOREVER)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is below CT_FOREVER",
			"timeout %d", timeout_ms);
	pthread_mutex_lock(&box->lock);
	ct__container_look(box);
	ended = box->ended;
	pthread_mutex_unlock(&box->lock);
	if (ended)
		return ct__fail_because(
			err, CT_STEP_LIMIT, -ENOENT, "it has ended", "process %d", box->pid);
	return ct__group_freeze(&box->group, timeout_ms, err);
}

int ct_container_thaw(ct_container *box, ct_error *err)
{
	int ret = check_group(box, err);

	return ret < 0 ? ret : ct__group_thaw(&box->group, err);
}

const char *ct_container_cgroup(const ct_container *box)
{
	return box ? box->group.path : NULL;
}

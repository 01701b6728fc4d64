/* SPDX-License-Identifier: MIT */
/* Groups that another process has made, found again by what it has written down. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup/group.h"
#include "util/fd.h"

int ct__group_adopt(struct ct__group *group, const char *name)
{
	group->plan = calloc(1, sizeof(*group->plan));
	if (!group->plan)
		return -ENOMEM;
	atomic_init(&group->plan->refs, 1);
	group->plan->devices = -EBADF;
	snprintf(group->name, sizeof(group->name), "%s", name);
	return 0;
}

/* The controllers of a hierarchy of v1 in the words of its mount. */
static void name_controllers(uint32_t controllers, char *to, size_t size)
{
	*to = '\0';
	for (unsigned int i = 0; i < CONTROLLER_COUNT; i++) {
		size_t used = strlen(to);

		if (controllers & 1u << i && ct__controllers[i].v1)
			snprintf(to + used, size - used, "%s%s", used ? "," : "", ct__controllers[i].v1);
	}
}

int ct__group_adopt_place(struct ct__group *group, const ct__array *mounts, bool unified,
	uint32_t controllers, const char *path)
{
	struct ct__place place = {.unified = unified, .controllers = controllers};
	struct ct__cgroup_line line = {.path = path};
	char names[128];
	int ret;

	name_controllers(controllers, names, sizeof(names));
	line.controllers = unified ? "" : names;
	if (!unified && !*names)
		return -EBADMSG;
	place.parent = ct__cgroup_open(mounts, &line, ".", O_RDONLY | O_DIRECTORY);
	if (place.parent < 0)
		return place.parent;
	place.path = strdup(path);
	ret = place.path ? ct__array_add(&group->plan->places, &place, sizeof(place)) : -ENOMEM;
	if (ret < 0) {
		free(place.path);
		ct__close(&place.parent);
		return ret;
	}
	/* The path that is told is that of the memory controller, or the first. */
	if (group->path && !(controllers & CT__CONTROLLER(MEMORY)))
		return 0;
	free(group->path);
	if (asprintf(&group->path, "%s%s%s", path, path[1] ? "/" : "", group->name) < 0)
		group->path = NULL;
	return group->path ? 0 : -ENOMEM;
}

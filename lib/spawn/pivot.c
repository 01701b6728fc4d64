/* SPDX-License-Identifier: MIT */
/* From spec to plan: where mounts wait in the host's tree, and the root that takes its place. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "compile.h"
#include "error/error.h"

static bool is_below(const char *path, const char *dir)
{
	size_t length = strlen(dir);

	return strncmp(path, dir, length) == 0 && (path[length] == '/' || !path[length]);
}

/*
 * A directory of the host for stack_on_perch(), one that no source lies in: what
 * is below it cannot be reached any more while the container is being made. /dev comes
 * last: where no device node can be made those of the host are bound.
 */
static uint32_t choose_perch(struct compiler *c)
{
	static const char *const candidates[] = {"/proc", "/sys", "/tmp", "/usr", "/etc", "/dev"};

	for (size_t i = 0; i < sizeof(candidates) / sizeof(candidates[0]); i++) {
		bool used = access(candidates[i], F_OK) != 0;

		for (size_t s = 0; s < c->source_count; s++)
			used |= is_below(c->block.bytes + c->sources[s], candidates[i]);
		if (!used)
			return ct__block_string(&c->block, candidates[i]);
	}
	c->explained = true;
	c->block.error = ct__fail_because(c->err, CT_STEP_PLAN, -EINVAL,
		"mount sources lie in each of /proc, /sys, /tmp, /usr, /etc and /dev", "mounts");
	return 0;
}

/* Why nobody could find the root at its path of the host; NULL: it can be found. */
static const char *has_no_place(const ct_spec *spec, const char *path)
{
	if (spec->rootfs_image)
		return "the root filesystem is an image, which has no place in the host's tree";
	return path[1] ? NULL : "the root filesystem is the host's own: there is no second place for it";
}

/* Who prepares the root finds it at its path of the host: no perch may hide that. It stays writable so long. */
static void show(struct compiler *c)
{
	char path[PATH_MAX];
	uint32_t at = ct__compile_path(c, c->spec->rootfs_fd, path);
	const char *reason = has_no_place(c->spec, path);

	if (!c->block.error && reason) {
		c->explained = true;
		c->block.error = ct__fail_because(c->err, CT_STEP_ARGUMENT, -EINVAL, reason, "prepare");
	}
	if (c->source_count < PLAN_MAX_SLOTS)
		c->sources[c->source_count++] = at;
	c->shown_root = at;
}

void ct__compile_perch(struct compiler *c)
{
	if (c->spec->prepare)
		show(c);
	if (!c->block.error) /* in a home the root covers what there is */
		c->block.perch = c->plan->settles ? ct__block_string(&c->block, "/") : choose_perch(c);
}

void ct__compile_pivot(struct compiler *c)
{
	struct plan_op *op;
	char path[PATH_MAX];

	if (c->spec->prepare) {
		snprintf(path, sizeof(path), "%s", c->block.bytes + c->shown_root);
		op = ct__block_op(&c->block, OP_SHOW, CT_STEP_PIVOT, path);
		op->path = c->shown_root;
		op->flags = c->plan->kills_all ? PLAN_ALONE : 0;
		if (c->spec->root_mode == CT_ROOT_READONLY)
			ct__block_op(&c->block, OP_ROOT_READONLY, CT_STEP_ROOT, "/");
	}
	ct__block_op(&c->block, OP_PIVOT, CT_STEP_PIVOT, "/")->flags = c->plan->settles ? PLAN_HOME : 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * From spec to plan: limits, ids, capabilities. What they are is decided by
 * ct__rights_decide(); here they become operations, each function those of one moment.
 */
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "compile.h"

static void limit(struct compiler *c, const struct spec_rlimit *limit)
{
	struct plan_op *op;
	char object[32];

	snprintf(object, sizeof(object), "rlimit %d", limit->resource);
	op = ct__block_op(&c->block, OP_RLIMIT, CT_STEP_RLIMIT, object);
	op->a = limit->resource;
	op->x = limit->soft;
	op->y = limit->hard;
}

/* Above the host's hard limit only the rights that the stage still has help. */
static bool is_raised(const struct spec_rlimit *limit)
{
	struct rlimit host;

	return getrlimit(limit->resource, &host) == 0 && limit->hard > host.rlim_max;
}

void ct__compile_limits(struct compiler *c)
{
	for (size_t i = 0; i < c->rights.limit_count; i++)
		if (c->rights.limits[i].resource != RLIMIT_NOFILE || is_raised(&c->rights.limits[i]))
			limit(c, &c->rights.limits[i]);
}

void ct__compile_nofile(struct compiler *c)
{
	for (size_t i = 0; i < c->rights.limit_count; i++)
		if (c->rights.limits[i].resource == RLIMIT_NOFILE && !is_raised(&c->rights.limits[i]))
			limit(c, &c->rights.limits[i]);
}

void ct__compile_oom_score(struct compiler *c)
{
	struct plan_op *op;
	char text[16];

	if (!c->rights.has_oom_score)
		return;
	snprintf(text, sizeof(text), "%d", c->rights.oom_score);
	op = ct__block_op(&c->block, OP_OOM_SCORE, CT_STEP_OOM_SCORE, text);
	op->flags = c->rights.oom_score_said ? 0 : PLAN_OPTIONAL;
	op->size = (uint32_t)strlen(text);
	op->data = ct__block_data(&c->block, text, op->size);
}

/* What a payload has at its exec: root what the bounding set holds, others the ambient ones. */
static uint64_t caps_at_exec(const struct ct__rights *rights)
{
	return rights->uid == 0 ? rights->caps : rights->ambient;
}

/*
 * Without no_new_privs the kernel asks for CAP_SYS_ADMIN. A payload that has it gets its
 * filter last, as all others do; for one that has not it must be earlier, before the stage gives that away.
 */
bool ct__filters_early(const struct ct__rights *rights)
{
	return !rights->no_new_privs && !(caps_at_exec(rights) & UINT64_C(1) << CAP_SYS_ADMIN);
}

static void give_filter(struct compiler *c, struct plan_op *op)
{
	const struct ct__filter *filter = c->plan->filter;

	op->size = (uint32_t)(filter->count * sizeof(struct sock_filter));
	op->data = ct__block_data(&c->block, filter->code, op->size);
	op->x = filter->flags;
}

static void add_filter(struct compiler *c)
{
	struct plan_op *op;

	if (!c->plan->filter)
		return;
	op = ct__block_op(&c->block, OP_SECCOMP, CT_STEP_SECCOMP, "seccomp filter");
	give_filter(c, op);
	/* Not for the init, whose calls wait for nobody. */
	if (c->plan->filter->notifies)
		op->x |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
}

void ct__compile_init(struct compiler *c, int32_t slot)
{
	struct plan_op *op = ct__block_op(&c->block, OP_INIT, CT_STEP_START, "init");

	op->slot = slot;
	if (c->plan->filter && !ct__filters_early(&c->rights))
		give_filter(c, op);
}

void ct__compile_filter(struct compiler *c)
{
	if (!ct__filters_early(&c->rights))
		add_filter(c);
}

void ct__compile_identity(struct compiler *c)
{
	const struct ct__rights *rights = &c->rights;
	bool no_setgroups = c->plan->idmap.deny_setgroups || (c->target && c->target->deny_setgroups);
	struct plan_op *op = ct__block_op(&c->block, OP_BOUNDING, CT_STEP_CAPABILITY, "bounding set");
	char object[48];

	op->x = rights->caps;
	/* Without no_new_privs the kernel asks for CAP_SYS_ADMIN, which is about to go. */
	if (!rights->no_new_privs)
		ct__compile_restrict(c);
	if (ct__filters_early(rights))
		add_filter(c);
	snprintf(object, sizeof(object), "%u:%u", rights->uid, rights->gid);
	op = ct__block_op(&c->block, OP_IDENTITY, CT_STEP_IDENTITY, object);
	op->a = (int32_t)rights->uid;
	op->b = (int32_t)rights->gid;
	op->size = (uint32_t)(rights->group_count * sizeof(gid_t));
	op->flags = rights->ambient && rights->uid != 0 ? PLAN_KEEP_CAPS : 0;
	if (no_setgroups && !rights->group_count)
		op->flags |= PLAN_NO_SETGROUPS;
	op->data = ct__block_data(&c->block, rights->groups, op->size);
	op = ct__block_op(&c->block, OP_CAPS, CT_STEP_CAPABILITY, "capability sets");
	op->x = caps_at_exec(rights);
	op->y = rights->ambient;
	if (rights->no_new_privs) {
		ct__block_op(&c->block, OP_NO_NEW_PRIVS, CT_STEP_CAPABILITY, "no_new_privs");
		ct__compile_restrict(c);
	}
}

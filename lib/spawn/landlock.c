/* SPDX-License-Identifier: MIT */
/*
 * From spec to plan: landlock. What this kernel knows of it is asked once per plan; the rules
 * are made in each start, by paths in the finished root.
 */
#include "spec/landlock.h"

#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "compile.h"
#include "container.h"
#include "error/error.h"
#include "lack.h"
#include "trace/trace.h"

/* By number: the headers of older systems lack them. */
#define CREATE_RULESET 444 /* on every architecture */
#define ASK_VERSION    1   /* LANDLOCK_CREATE_RULESET_VERSION */
#define LOG_ON	       2   /* LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON */

#define NEWEST_ABI 7

/* What each ABI has brought. */
static const struct {
	uint32_t what;
	int abi;
	uint64_t access; /* to files */
	const char *name;
} parts[] = {
	{CT_LANDLOCK_PATHS, 1, 0x1fff, "files"},
	/* Before it no rule can allow it: nothing is lacking. */
	{CT_LANDLOCK_PATHS, 2, CT_LANDLOCK_REFER, NULL},
	{CT_LANDLOCK_PATHS, 3, CT_LANDLOCK_TRUNCATE, "truncation"},
	{LANDLOCK_PORTS, 4, 0, "TCP ports"},
	{CT_LANDLOCK_PATHS, 5, CT_LANDLOCK_IOCTL, "ioctl of devices"},
	{CT_LANDLOCK_ABSTRACT, 6, 0, "abstract sockets"},
	{CT_LANDLOCK_SIGNALS, 6, 0, "signals"},
	{CT_LANDLOCK_LOG, 7, 0, "log"},
};

/* Those of the spec; or, in a join that says nothing of it, those that we gave the target. */
static int take_rules(struct compiler *c)
{
	if (!c->spec->landlock.said) {
		c->plan->landlock = ct__landlock_ref(c->target ? c->target->landlock : NULL);
		return 0;
	}
	if (!ct__landlock_what(&c->spec->landlock))
		return 0;
	c->plan->landlock = ct__landlock_new(&c->spec->landlock);
	return c->plan->landlock ? 0 : ct__fail(c->err, CT_STEP_MEMORY, -ENOMEM, NULL, "landlock");
}

static int ask_abi(void)
{
	long abi = syscall(CREATE_RULESET, NULL, 0, ASK_VERSION);

	return abi < 0 ? -errno : (int)abi;
}

static int lacks(struct compiler *c, const char *name, int code, const char *reason)
{
	if (!ct__may_lack(c, CT_ITEM_LANDLOCK))
		return ct__fail_because(c->err, CT_STEP_LANDLOCK, code, reason, "landlock: %s", name);
	ct__lack_note(c, CT_ITEM_LANDLOCK, CT_STEP_LANDLOCK, code, reason, "landlock: %s", name);
	return 0;
}

int ct__landlock_decide(struct compiler *c)
{
	uint32_t what;
	int ret = take_rules(c), abi;

	if (ret < 0 || !c->plan->landlock)
		return ret;
	abi = ct__traced(c->trace, CT_STEP_LANDLOCK, "landlock_create_ruleset", ask_abi(),
		"NULL, 0, LANDLOCK_CREATE_RULESET_VERSION");
	if (abi <= 0)
		return lacks(c, "rules", abi == -ENOSYS || !abi ? -EOPNOTSUPP : abi,
			"the kernel has no landlock, or it is not switched on");
	c->plan->landlock_abi = abi < NEWEST_ABI ? abi : NEWEST_ABI;
	what = ct__landlock_what(&c->plan->landlock->rules);
	for (size_t i = 0; ret >= 0 && i < sizeof(parts) / sizeof(parts[0]); i++) {
		char reason[80];

		if (abi >= parts[i].abi || !(what & parts[i].what) || !parts[i].name)
			continue;
		snprintf(reason, sizeof(reason), "the kernel's landlock has ABI %d, and this takes ABI %d",
			abi, parts[i].abi);
		ret = lacks(c, parts[i].name, -EOPNOTSUPP, reason);
	}
	return ret;
}

/* ------------------------------------------------------------ the operations */

static void add_path(struct compiler *c, const struct spec_landlock_path *rule, uint64_t access)
{
	bool is_joins = !c->spec->landlock.said; /* what the target has made of its files since */
	struct plan_op *op;
	char *path;

	if (!(rule->access & access))
		return;
	if (asprintf(&path, "/%s", rule->path) < 0) {
		c->block.error = c->block.error ? c->block.error : -ENOMEM;
		return;
	}
	op = ct__block_op(&c->block, OP_RULE_PATH, CT_STEP_LANDLOCK, path);
	op->path = ct__block_string(&c->block, path);
	op->x = rule->access & access;
	op->flags = is_joins || (rule->flags & CT_LANDLOCK_OPTIONAL) ? PLAN_OPTIONAL : 0;
	free(path);
}

static void add_port(struct compiler *c, const struct spec_landlock_port *rule)
{
	struct plan_op *op;
	char object[32];

	snprintf(object, sizeof(object), "landlock: port %u", rule->port);
	op = ct__block_op(&c->block, OP_RULE_PORT, CT_STEP_LANDLOCK, object);
	op->x = rule->access;
	op->y = rule->port;
}

void ct__compile_landlock(struct compiler *c)
{
	const struct spec_landlock *rules = c->plan->landlock ? &c->plan->landlock->rules : NULL;
	int abi = c->plan->landlock_abi;
	uint64_t access = 0, ports = 0;
	uint32_t what, scopes = 0;
	struct plan_op *op;

	if (!abi)
		return;
	what = ct__landlock_what(rules);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		access |= abi >= parts[i].abi && (what & parts[i].what) ? parts[i].access : 0;
	if (abi >= 4)
		ports = (what & LANDLOCK_PORTS) / CT_LANDLOCK_BIND_PORTS; /* the kernel's bits are in this order */
	if (abi >= 6)
		scopes = (what & (CT_LANDLOCK_ABSTRACT | CT_LANDLOCK_SIGNALS)) / CT_LANDLOCK_ABSTRACT;
	if (!access && !ports && !scopes) {
		c->plan->landlock_abi = 0;
		return;
	}
	op = ct__block_op(&c->block, OP_RULESET, CT_STEP_LANDLOCK, "landlock");
	op->x = access;
	op->y = ports;
	op->a = (int32_t)scopes;
	ct__array_for_each(struct spec_landlock_path, rule, &rules->paths)
		add_path(c, rule, access);
	ct__array_for_each(struct spec_landlock_port, rule, &rules->ports)
		if (ports)
			add_port(c, rule);
}

void ct__compile_restrict(struct compiler *c)
{
	struct plan_op *op;

	if (!c->plan->landlock_abi)
		return;
	op = ct__block_op(&c->block, OP_RESTRICT, CT_STEP_LANDLOCK, "landlock");
	if (c->plan->landlock_abi >= 7 &&
		(ct__landlock_what(&c->plan->landlock->rules) & CT_LANDLOCK_LOG))
		op->x = LOG_ON;
}

int ct_container_landlock_abi(const ct_container *box)
{
	return box ? box->landlock_abi : -EINVAL;
}

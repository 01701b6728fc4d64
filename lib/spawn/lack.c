/* SPDX-License-Identifier: MIT */
/*
 * Declared degradation on the host's side, see lack.h. What the stage does about an
 * operation that fails is in run() of lib/stage/stage.c.
 */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

#include "clone.h"
#include "compile.h"
#include "container.h"
#include "error/error.h"
#include "lack.h"
#include "payload.h"
#include "report.h"
#include "spec/items.h"
#include "trace/trace.h"
#include "util/ns_kinds.h"

/*
 * What an operation is a part of. The standard mounts are told apart where they are
 * compiled. What is not here cannot be done without.
 */
static const uint8_t items[OP_COUNT] = {
	[OP_TIME_OFFSETS] = CT_ITEM_NS_TIME,
	[OP_KEYRING] = CT_ITEM_KEYRING,
	[OP_HOSTNAME] = CT_ITEM_HOSTNAME,
	[OP_DOMAINNAME] = CT_ITEM_HOSTNAME,
	[OP_LOOPBACK] = CT_ITEM_LOOPBACK,
	[OP_ROOT_OVERLAY] = CT_ITEM_EPHEMERAL,
	[OP_SYSCTL] = CT_ITEM_SYSCTLS,
	[OP_MASK] = CT_ITEM_MASKED,
	[OP_READONLY] = CT_ITEM_READONLY,
	[OP_PIVOT] = CT_ITEM_ROOT,
	[OP_OOM_SCORE] = CT_ITEM_OOM_SCORE,
	[OP_RLIMIT] = CT_ITEM_RLIMITS,
	[OP_BOUNDING] = CT_ITEM_CAPS,
	[OP_IDENTITY] = CT_ITEM_GROUPS,
	[OP_CAPS] = CT_ITEM_CAPS,
	[OP_NO_NEW_PRIVS] = CT_ITEM_NO_NEW_PRIVS,
	[OP_SECCOMP] = CT_ITEM_SECCOMP,
	[OP_LABEL] = CT_ITEM_LABEL,
	[OP_RULESET] = CT_ITEM_LANDLOCK,
	[OP_RESTRICT] = CT_ITEM_LANDLOCK,
};

bool ct__may_lack(const struct compiler *c, int item)
{
	return c->spec->may_lack & CT_LACK(item);
}

/* ------------------------------------------------------------ in the plan */

/* Of several parts of one item the first tells why. */
static int add(ct__array *lacks, int item, const ct_error *why)
{
	const struct ct__lack lack = {.item = item, .count = 1, .why = *why};

	ct__array_for_each(struct ct__lack, other, lacks) {
		if (other->item != item)
			continue;
		other->count++;
		return 0;
	}
	return ct__array_add(lacks, &lack, sizeof(lack));
}

void ct__lack_note_error(struct compiler *c, int item, const ct_error *why)
{
	c->plan->asked |= CT_LACK(item);
	if (add(&c->plan->lacks, item, why) < 0 && !c->block.error)
		c->block.error = -ENOMEM;
}

void ct__lack_note(struct compiler *c, int item, ct_step step, int code, const char *reason,
	const char *format, ...)
{
	ct_error why = CT_ERROR_INIT;
	char object[PATH_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(object, sizeof(object), format, args);
	va_end(args);
	ct__fail_because(&why, step, code, reason, "%s", object);
	ct__lack_note_error(c, item, &why);
}

void ct__lack_note_refused(struct compiler *c)
{
	for (int item = 1; item < ITEM_COUNT; item++) {
		ct_error why = CT_ERROR_INIT;

		for (size_t i = 0; i < CT__NS_KIND_COUNT; i++) {
			if (!(c->lacking & ct__items[item].kind & ct__ns_kinds[i].kind))
				continue;
			ct__fail(&why, CT_STEP_CLONE, c->plan->refused.code[i], "clone3", "%s",
				ct__items[item].name);
			ct__lack_note_error(c, item, &why);
		}
	}
}

static uint64_t items_of_kinds(uint32_t kinds)
{
	uint64_t bits = kinds & CT_NS_USER ? CT_LACK(CT_ITEM_IDMAP) : 0;

	for (int item = 1; item < ITEM_COUNT; item++)
		if (ct__items[item].kind & kinds)
			bits |= CT_LACK(item);
	return bits;
}

static void mark(struct compiler *c, ct__array *ops)
{
	ct__array_for_each(struct plan_op, op, ops) {
		if (!op->item)
			op->item = items[op->code];
		if (!op->item)
			continue;
		c->plan->asked |= CT_LACK(op->item);
		if (ct__may_lack(c, (int)op->item))
			op->flags |= PLAN_MAY_LACK;
	}
}

void ct__lack_mark(struct compiler *c)
{
	c->plan->asked |= items_of_kinds(c->ns_new | c->ns_given);
	if (c->plan->group)
		c->plan->asked |= CT_LACK(CT_ITEM_CGROUP);
	mark(c, &c->block.ops);
	if (c->plan->ending)
		mark(c, &ct__ending_block(c->plan->ending)->ops);
}

/* ------------------------------------------------------------ in a start */

int ct__lack_begin(ct_container *box)
{
	box->asked = box->plan->asked;
	ct__array_for_each(struct ct__lack, lack, &box->plan->lacks)
		if (ct__array_add(&box->lacks, lack, sizeof(*lack)) < 0)
			return -ENOMEM;
	return 0;
}

int ct__lack_add(ct_container *box, int item, const ct_error *why)
{
	return add(&box->lacks, item, why);
}

int ct__lack_told(ct_container *box, const struct plan *block, struct stage_report *report,
	struct ct__trace *trace)
{
	const struct plan_op *ops = (const void *)((const char *)block + block->ops);
	ct_error why = CT_ERROR_INIT;
	int item;

	if (report->op >= block->op_count)
		return 0; /* not in our words */
	item = (int)ops[report->op].item;
	if (item == CT_ITEM_LANDLOCK)
		box->landlock_abi = 0; /* its two operations are all or nothing */
	ct__report_explain(block, report, &why);
	ct__trace_lacked(trace, box->wire, ct_item_name(item), &why);
	return add(&box->lacks, item, &why);
}

bool ct__lack_find_refused(const ct_spec *spec, struct ct__refused *ret_refused)
{
	uint32_t kinds = ct__plan_kinds(spec), user = kinds & CT_NS_USER;
	struct ct__trace *trace = NULL;

	*ret_refused = (struct ct__refused){0};
	kinds &= ct__items_kinds(spec->may_lack) & ~CT_NS_TIME;
	/* A given user namespace is entered by the stage alone. */
	if (!kinds || (ct__spec_given(spec) & CT_NS_USER))
		return false;
	if (ct__clone_try(user) < 0 || ct__trace_new(spec->trace, spec->trace_data, &trace) < 0)
		return false; /* it is not for the sake of one of them */
	for (size_t i = 0; i < CT__NS_KIND_COUNT; i++) {
		int ret;

		if (!(kinds & ct__ns_kinds[i].kind))
			continue;
		ret = ct__traced(trace, CT_STEP_CLONE, "clone3",
			ct__clone_try(user | ct__ns_kinds[i].kind), "a %s namespace alone",
			ct__ns_kinds[i].name);
		if (ret == 0)
			continue;
		ret_refused->kinds |= ct__ns_kinds[i].kind;
		ret_refused->code[i] = ret;
	}
	ct__trace_free(trace);
	return ret_refused->kinds;
}

/* ------------------------------------------------------------ what came of it */

int ct_container_protection(const ct_container *box, int item, ct_protection *ret_about)
{
	ct_protection about = CT_PROTECTION_INIT;

	if (!box || !ret_about || ret_about->size < sizeof(about) || item <= 0 || item >= ITEM_COUNT)
		return -EINVAL;
	about.size = ret_about->size;
	about.item = item;
	about.state = box->asked & CT_LACK(item) ? CT_ITEM_ENFORCED : CT_ITEM_NOT_ASKED;
	ct__array_for_each(struct ct__lack, lack, &box->lacks) {
		if (lack->item != item)
			continue;
		about.state = CT_ITEM_LACKING;
		about.count = lack->count;
		about.why = lack->why;
	}
	*ret_about = about;
	return 0;
}

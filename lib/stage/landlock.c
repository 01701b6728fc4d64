/* SPDX-License-Identifier: MIT */
/*
 * Landlock rules, and their coming into force. By number and by structs of our own: the headers
 * of older systems know less of it than the kernel may.
 *
 * Who: the rules are made as the root of the container is finished, with the stage's rights over it;
 * they come into force when the payload's rights are all that is left.
 */
#include "stage.h"

#define RULE_PATH 1 /* LANDLOCK_RULE_PATH_BENEATH */
#define RULE_PORT 2 /* LANDLOCK_RULE_NET_PORT */

#define OF_FILES UINT64_C(0xc007) /* accesses that make sense for what is no directory */

/* The kernel takes a longer struct than it knows if what it does not know is 0. */
struct ruleset {
	uint64_t access_fs, access_net, scopes;
};

struct rule_path {
	uint64_t access;
	int32_t fd;
} __attribute__((packed));

struct rule_port {
	uint64_t access, port;
};

long op_ruleset(struct stage *st, const struct plan_op *op)
{
	const struct ruleset ruleset = {op->x, op->y, (uint32_t)op->a};
	long ret = failed(st, "landlock_create_ruleset",
		sys(__NR_landlock_create_ruleset, &ruleset, sizeof(ruleset), 0, 0, 0));

	if (ret >= 0)
		st->ruleset = (int)ret;
	return ret;
}

/*
 * In a join those who live in the container may turn the path elsewhere, but only to what is in
 * there, and not by a magic link to what this process has open.
 */
long op_rule_path(struct stage *st, const struct plan_op *op)
{
	struct rule_path rule = {.access = op->x};
	struct statx about;
	long fd, ret;

	if (st->ruleset < 0)
		return 0; /* the container does without */
	fd = failed(st, "openat2",
		open_below(AT_FDCWD, plan_at(st, op->path), O_PATH, RESOLVE_NO_MAGICLINKS));
	if (fd == -ENOENT && (op->flags & PLAN_OPTIONAL))
		return 0;
	if (fd < 0)
		return fd;
	ret = failed(st, "statx", sys_statx((int)fd, "", AT_EMPTY_PATH, &about));
	if (ret >= 0 && (about.stx_mode & S_IFMT) != S_IFDIR)
		rule.access &= OF_FILES;
	if (ret >= 0 && !rule.access)
		ret = op->flags & PLAN_OPTIONAL ? 0 : -ENOTDIR;
	rule.fd = (int32_t)fd;
	if (ret >= 0 && rule.access)
		ret = failed(st, "landlock_add_rule",
			sys(__NR_landlock_add_rule, st->ruleset, RULE_PATH, &rule, 0, 0));
	sys_close((int)fd);
	return ret;
}

long op_rule_port(struct stage *st, const struct plan_op *op)
{
	const struct rule_port rule = {op->x, op->y};

	if (st->ruleset < 0)
		return 0;
	return failed(st, "landlock_add_rule",
		sys(__NR_landlock_add_rule, st->ruleset, RULE_PORT, &rule, 0, 0));
}

long op_restrict(struct stage *st, const struct plan_op *op)
{
	long ret;

	if (st->ruleset < 0)
		return 0;
	ret = failed(st, "landlock_restrict_self",
		sys(__NR_landlock_restrict_self, st->ruleset, op->x, 0, 0, 0));
	sys_close(st->ruleset);
	st->ruleset = -1;
	st->restricted = ret >= 0;
	return ret;
}

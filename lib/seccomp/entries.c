/* SPDX-License-Identifier: MIT */
/*
 * From the entries of a profile to actions and rules, for a payload with these capabilities.
 * Where several entries are about one call, the strictest decides, in the kernel's own
 * order (seccomp(2)): then no entry can open what another one shuts, wherever it stands.
 */
#include <errno.h>

#include "seccomp.h"

/* From the least strict one, as the kernel has them: the smaller, as a signed number, the stricter. */
static const uint32_t order[] = {SECCOMP_RET_ALLOW, SECCOMP_RET_LOG, SECCOMP_RET_TRACE,
	SECCOMP_RET_USER_NOTIF, SECCOMP_RET_ERRNO, SECCOMP_RET_TRAP, SECCOMP_RET_KILL_THREAD,
	SECCOMP_RET_KILL_PROCESS};

bool ct__seccomp_is_stricter(uint32_t action, uint32_t than)
{
	return (int32_t)(action & SECCOMP_RET_ACTION_FULL) < (int32_t)(than & SECCOMP_RET_ACTION_FULL);
}

static bool applies(const struct ct__profile_entry *entry, uint64_t caps)
{
	return (caps & entry->needs) == entry->needs && !(caps & entry->without);
}

/*
 * What nobody has thought about is answered as by a kernel without it, where it would be
 * refused by an errno: programs then fall back on what they did before there was such a call.
 */
static void set_otherwise(uint32_t otherwise, uint32_t actions[CALLS_MAX], uint32_t *ret_unknown)
{
	const uint32_t absent = SECCOMP_RET_ERRNO | ENOSYS;
	bool is_errno = (otherwise & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO;

	ct__seccomp_closed(actions);
	for (size_t number = 0; number < CALLS_MAX; number++)
		if (!is_errno || actions[number] != absent)
			actions[number] = otherwise;
	*ret_unknown = is_errno ? absent : otherwise;
}

/* Rules of one action; of two that fit the one added later decides, so the last entry goes first. */
static int add_conditions(const ct__array *profile, uint64_t caps, uint32_t action,
	const bool said[CALLS_MAX], const uint32_t actions[CALLS_MAX], ct__array *rules)
{
	const struct ct__profile_entry *entries = profile->items;
	int ret = 0;

	for (size_t i = profile->count; i-- > 0 && ret == 0;) {
		const struct ct__seccomp_rule *rule = &entries[i].rule;

		if (!rule->arg_count || (rule->action & SECCOMP_RET_ACTION_FULL) != action ||
			!applies(&entries[i], caps))
			continue;
		if (!said[rule->number] || ct__seccomp_is_stricter(action, actions[rule->number]))
			ret = ct__array_add(rules, rule, sizeof(*rule));
	}
	return ret;
}

int ct__seccomp_entries(const struct ct__seccomp *settings, uint64_t caps,
	uint32_t actions[CALLS_MAX], uint32_t *ret_unknown, ct__array *rules)
{
	bool said[CALLS_MAX] = {false};
	int ret = 0;

	set_otherwise(settings->otherwise, actions, ret_unknown);
	ct__array_for_each(const struct ct__profile_entry, entry, &settings->profile) {
		uint16_t number = entry->rule.number;

		if (entry->rule.arg_count || !applies(entry, caps))
			continue;
		if (!said[number] || ct__seccomp_is_stricter(entry->rule.action, actions[number]))
			actions[number] = entry->rule.action;
		said[number] = true;
	}
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]) && ret == 0; i++)
		ret = add_conditions(&settings->profile, caps, order[i], said, actions, rules);
	return ret;
}

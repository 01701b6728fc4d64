/* SPDX-License-Identifier: MIT */
/* Setters: which system calls the payload may make. What becomes of it: lib/seccomp. */
#include <errno.h>
#include <string.h>

#include "spec.h"

#define RULES_MAX 256
#define ERRNO_MAX 4095

int ct_spec_set_seccomp(ct_spec *spec, ct_seccomp base, uint32_t flags)
{
	if (!spec)
		return -EINVAL;
	if ((unsigned int)base > CT_SECCOMP_CLOSED)
		return ct__spec_mistake(
			spec, -EINVAL, "there is no such base", "seccomp: %d", (int)base);
	if (flags & ~(CT_SECCOMP_NESTED | CT_SECCOMP_LOG))
		return ct__spec_mistake(spec, -EINVAL, "unknown bits", "seccomp: %#x", flags);
	ct__spec_changed(spec);
	spec->seccomp.said = true;
	ct__array_done(&spec->seccomp.profile);
	spec->seccomp.base = base;
	spec->seccomp.flags = flags;
	return 0;
}

/* The kernel's word for what becomes of a call; false: there is no such action or errno. */
static bool translate_action(ct_seccomp_action action, int error, uint32_t *ret_action)
{
	static const uint32_t actions[] = {
		[CT_SECCOMP_ALLOW] = SECCOMP_RET_ALLOW,
		[CT_SECCOMP_ERRNO] = SECCOMP_RET_ERRNO,
		[CT_SECCOMP_KILL] = SECCOMP_RET_KILL_PROCESS,
		[CT_SECCOMP_TRAP] = SECCOMP_RET_TRAP,
		[CT_SECCOMP_WARN] = SECCOMP_RET_LOG,
		[CT_SECCOMP_NOTIFY] = SECCOMP_RET_USER_NOTIF,
	};

	if ((unsigned int)action > CT_SECCOMP_NOTIFY)
		return false;
	*ret_action = actions[action] | (uint32_t)error;
	return action == CT_SECCOMP_ERRNO ? error > 0 && error <= ERRNO_MAX : error == 0;
}

static bool has_arguments(const ct_seccomp_arg *args, size_t count)
{
	if (count > RULE_ARGS || (count && !args))
		return false;
	for (size_t i = 0; i < count; i++)
		if (args[i].index >= RULE_ARGS || args[i].compare > CT_SECCOMP_GE)
			return false;
	return true;
}

int ct_spec_add_seccomp_rule(ct_spec *spec, const char *call, ct_seccomp_action action, int error,
	const ct_seccomp_arg *args, size_t count)
{
	int number = call ? ct__seccomp_number(call) : -ENOENT;
	struct ct__seccomp_rule rule = {.number = (uint16_t)number, .arg_count = (uint16_t)count};

	if (!spec)
		return -EINVAL;
	if (number == -ENOENT)
		return ct__spec_mistake(spec, -EINVAL, "there is no such system call",
			"seccomp: %s", call ? call : "NULL");
	if (!translate_action(action, error, &rule.action))
		return ct__spec_mistake(
			spec, -EINVAL, "there is no such action, or errno", "seccomp: %s", call);
	if (!has_arguments(args, count))
		return ct__spec_mistake(spec, -EINVAL, "there is no such argument, or comparison",
			"seccomp: %s", call);
	if (spec->seccomp.rules.count == RULES_MAX)
		return ct__spec_mistake(spec, -E2BIG, "more than 256 rules", "seccomp: %s", call);
	if (count)
		memcpy(rule.args, args, count * sizeof(*args));
	ct__spec_changed(spec);
	spec->seccomp.said = true;
	/* On another kind of machine there is such a call: nothing to do on this one. */
	if (number >= 0 && ct__array_add(&spec->seccomp.rules, &rule, sizeof(rule)) < 0)
		return ct__spec_mistake(spec, -ENOMEM, NULL, "seccomp: %s", call);
	return 0;
}

int ct_spec_set_seccomp_bpf(ct_spec *spec, const void *program, size_t size_bytes)
{
	const size_t step = sizeof(struct sock_filter);
	size_t count = size_bytes / step;
	ct__array copy = {0};

	if (!spec)
		return -EINVAL;
	if (program && (!count || count > BPF_MAXINSNS || size_bytes % step))
		return ct__spec_mistake(spec, -EINVAL,
			"it is no whole number of instructions, from 1 to 4096",
			"seccomp: program of %zu bytes", size_bytes);
	for (size_t i = 0; program && i < count; i++) {
		if (ct__array_add(&copy, (const char *)program + i * step, step) < 0) {
			ct__array_done(&copy);
			return ct__spec_mistake(spec, -ENOMEM, NULL, "seccomp: program");
		}
	}
	ct__spec_changed(spec);
	spec->seccomp.said |= program != NULL;
	ct__array_done(&spec->seccomp.ready);
	spec->seccomp.ready = copy;
	return 0;
}

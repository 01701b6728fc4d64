/* SPDX-License-Identifier: MIT */
/*
 * Profiles that are JSON, as OCI, Docker and containers-common write them, become entries.
 * What is not understood is refused: it might have been there to shut something.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>

#include "profile.h"

#define ERRNO_MAX   4095
#define ENTRIES_MAX 8192
#define CONDITIONS_MAX 64

struct word {
	const char *name;
	uint32_t value;
};

static const struct word actions[] = {{"SCMP_ACT_ALLOW", SECCOMP_RET_ALLOW},
	{"SCMP_ACT_ERRNO", SECCOMP_RET_ERRNO}, {"SCMP_ACT_KILL", SECCOMP_RET_KILL_THREAD},
	{"SCMP_ACT_KILL_PROCESS", SECCOMP_RET_KILL_PROCESS},
	{"SCMP_ACT_KILL_THREAD", SECCOMP_RET_KILL_THREAD}, {"SCMP_ACT_LOG", SECCOMP_RET_LOG},
	{"SCMP_ACT_NOTIFY", SECCOMP_RET_USER_NOTIF},
	{"SCMP_ACT_TRACE", SECCOMP_RET_TRACE}, {"SCMP_ACT_TRAP", SECCOMP_RET_TRAP}, {NULL, 0}};

/* A value of this row is a mask, and valueTwo what is compared with. */
#define MASKED UINT32_MAX

static const struct word comparisons[] = {{"SCMP_CMP_EQ", CT_SECCOMP_EQ},
	{"SCMP_CMP_NE", CT_SECCOMP_NE}, {"SCMP_CMP_LT", CT_SECCOMP_LT},
	{"SCMP_CMP_LE", CT_SECCOMP_LE}, {"SCMP_CMP_GT", CT_SECCOMP_GT},
	{"SCMP_CMP_GE", CT_SECCOMP_GE}, {"SCMP_CMP_MASKED_EQ", MASKED}, {NULL, 0}};

/* The filter is attached in a process of one thread, and always without mitigations. */
static const struct word flag_words[] = {{"SECCOMP_FILTER_FLAG_LOG", CT_SECCOMP_LOG},
	{"SECCOMP_FILTER_FLAG_TSYNC", 0}, {"SECCOMP_FILTER_FLAG_SPEC_ALLOW", 0}, {NULL, 0}};

/* Machines as libseccomp calls them; the entries of all but this one stay shut. */
static const struct word machines[] = {{"SCMP_ARCH_X86_64", 0}, {"SCMP_ARCH_X86", 0},
	{"SCMP_ARCH_X32", 0}, {"SCMP_ARCH_AARCH64", 0}, {"SCMP_ARCH_ARM", 0},
	{"SCMP_ARCH_LOONGARCH64", 0}, {"SCMP_ARCH_M68K", 0}, {"SCMP_ARCH_MIPS", 0},
	{"SCMP_ARCH_MIPS64", 0}, {"SCMP_ARCH_MIPS64N32", 0}, {"SCMP_ARCH_MIPSEL", 0},
	{"SCMP_ARCH_MIPSEL64", 0}, {"SCMP_ARCH_MIPSEL64N32", 0}, {"SCMP_ARCH_PARISC", 0},
	{"SCMP_ARCH_PARISC64", 0}, {"SCMP_ARCH_PPC", 0}, {"SCMP_ARCH_PPC64", 0},
	{"SCMP_ARCH_PPC64LE", 0}, {"SCMP_ARCH_RISCV64", 0}, {"SCMP_ARCH_S390", 0},
	{"SCMP_ARCH_S390X", 0}, {"SCMP_ARCH_SH", 0}, {"SCMP_ARCH_SHEB", 0}, {NULL, 0}};

#if defined(__x86_64__)
#define IS_X86_64 1
#define IS_ARM64  0
#else
#define IS_X86_64 0
#define IS_ARM64  1
#endif

/* The same as the Go language calls them, in conditions; value: whether it is this one. */
static const struct word go_machines[] = {{"amd64", IS_X86_64}, {"arm64", IS_ARM64}, {"386", 0},
	{"arm", 0}, {"loong64", 0}, {"mips", 0}, {"mips64", 0}, {"mips64le", 0}, {"mips64n32", 0},
	{"mipsel64n32", 0}, {"mipsle", 0}, {"ppc", 0}, {"ppc64", 0}, {"ppc64le", 0},
	{"riscv64", 0}, {"s390", 0}, {"s390x", 0}, {"x32", 0}, {"x86", 0}, {NULL, 0}};

#define E(name) {#name, name}

/* Those that filters answer with; others as numbers. */
static const struct word errnos[] = {E(EPERM), E(ENOENT), E(ESRCH), E(EINTR), E(EIO), E(ENXIO),
	E(EBADF), E(EAGAIN), E(ENOMEM), E(EACCES), E(EFAULT), E(EBUSY), E(EEXIST), E(ENODEV),
	E(EINVAL), E(ENOTTY), E(ENOSPC), E(EROFS), E(ERANGE), E(ENOSYS), E(EPROTONOSUPPORT),
	E(EOPNOTSUPP), E(ENOTSUP), E(EAFNOSUPPORT), E(ECONNREFUSED), {NULL, 0}};

/* What the parts of one profile, or of one entry, have in common. */
struct reader {
	uint32_t kernel;
	struct ct__seccomp *to;
	struct ct__profile_entry entry; /* what holds for all of its names */
	bool applies;			/* to this machine and kernel */
	struct ct__seccomp_rule rules[CONDITIONS_MAX];
	size_t rule_count;
};

/* --------------------------------------------------------------------- words */

static int find_word(const struct ct__json *at, const struct word *words, const char *lack, uint32_t *ret)
{
	const char *text = ct__json_get_string(at);

	for (; words->name; words++) {
		if (strcmp(words->name, text) != 0)
			continue;
		*ret = words->value;
		return 0;
	}
	return ct__json_refuse(at, -EINVAL, lack);
}

/* Each string of a list, if there is one. */
static int each_string(const struct ct__json *of, const char *key,
	int (*visit)(const struct ct__json *item, void *data), void *data)
{
	struct ct__json list, item;
	int ret = ct__json_member(of, key, CT_JSON_ARRAY, &list);

	if (ret <= 0)
		return ret;
	for (size_t i = 0; i < ct__json_count(&list); i++) {
		ret = ct__json_item(&list, i, CT_JSON_STRING, &item);
		if (ret == 0)
			ret = visit(&item, data);
		if (ret < 0)
			return ret;
	}
	return 1;
}

static int visit_machine(const struct ct__json *item, void *data)
{
	uint32_t unused;

	(void)data;
	return find_word(item, machines, "there is no such architecture", &unused);
}

static int visit_flag(const struct ct__json *item, void *data)
{
	struct reader *reader = data;
	uint32_t flag = 0;
	int ret = find_word(item, flag_words, "there is no such flag, or none that can be kept", &flag);

	reader->to->flags |= flag;
	return ret;
}

/* -------------------------------------------------------------------- actions */

/* The errno of a refusal, as a number or by its name; both say the same, or one is missing. */
static int read_errno(
	const struct ct__json *of, const char *number_key, const char *name_key, uint32_t *action)
{
	bool takes = (*action == SECCOMP_RET_ERRNO || *action == SECCOMP_RET_TRACE);
	struct ct__json number_at, name_at;
	int64_t number = EPERM;
	uint32_t name = 0;
	int has_number = ct__json_member(of, number_key, CT_JSON_INTEGER, &number_at);
	int has_name = has_number < 0 ? has_number :
					ct__json_member(of, name_key, CT_JSON_STRING, &name_at);
	int ret = has_name < 0 ? has_name : 0;

	if (ret == 0 && has_number)
		ret = ct__json_get_number(&number_at, *action == SECCOMP_RET_TRACE ? 0 : 1, ERRNO_MAX, &number);
	if (ret == 0 && has_name)
		ret = find_word(&name_at, errnos, "there is no such errno, or none that filters answer with", &name);
	if (ret < 0)
		return ret;
	if (has_name && has_number && number != (int64_t)name)
		return ct__json_refuse(&name_at, -EINVAL, "the number beside it is another errno");
	if ((has_name || has_number) && !takes)
		return ct__json_refuse(has_name ? &name_at : &number_at, -EINVAL,
			"the action beside it gives no errno");
	if (takes)
		*action |= has_name ? name : (uint32_t)number;
	return 0;
}

static int read_action(const struct ct__json *of, const char *key, const char *number_key,
	const char *name_key, uint32_t *ret_action)
{
	struct ct__json at;
	int ret = ct__json_need(of, key, CT_JSON_STRING, &at);

	if (ret > 0)
		ret = find_word(&at, actions, "there is no such action", ret_action);
	return ret < 0 ? ret : read_errno(of, number_key, name_key, ret_action);
}

/* ----------------------------------------------------------------- conditions */

static int read_number(const struct ct__json *of, const char *key, bool needed, int64_t most, int64_t *ret)
{
	struct ct__json at;
	int there = needed ? ct__json_need(of, key, CT_JSON_INTEGER, &at) :
			     ct__json_member(of, key, CT_JSON_INTEGER, &at);

	return there > 0 ? ct__json_get_number(&at, 0, most, ret) : there;
}

static int read_masked(const struct ct__json *of, int64_t mask, int64_t value, ct_seccomp_arg *ret)
{
	if (!mask || (value & ~mask))
		return ct__json_refuse(of, -EINVAL,
			"no argument can have bits in valueTwo that the mask in value lacks, or any under a mask of 0");
	ret->compare = CT_SECCOMP_EQ;
	ret->mask = (uint64_t)mask;
	ret->value = (uint64_t)value;
	return 0;
}

static int read_condition(const struct ct__json *of, ct_seccomp_arg *ret)
{
	static const char *const keys[] = {"index", "value", "valueTwo", "op", NULL};
	int64_t index = 0, value = 0, value_two = 0;
	struct ct__json op;
	int code = ct__json_only(of, keys);

	if (code == 0)
		code = read_number(of, "index", true, RULE_ARGS - 1, &index);
	if (code == 0)
		code = read_number(of, "value", true, INT64_MAX, &value);
	if (code == 0)
		code = read_number(of, "valueTwo", false, INT64_MAX, &value_two);
	if (code == 0)
		code = ct__json_need(of, "op", CT_JSON_STRING, &op);
	if (code < 0)
		return code;
	*ret = (ct_seccomp_arg){.index = (uint32_t)index, .value = (uint64_t)value};
	code = find_word(&op, comparisons, "there is no such comparison", &ret->compare);
	return code == 0 && ret->compare == MASKED ? read_masked(of, value, value_two, ret) : code;
}

static bool is_repeated(const ct_seccomp_arg *args, size_t count)
{
	for (size_t i = 1; i < count; i++)
		for (size_t k = 0; k < i; k++)
			if (args[i].index == args[k].index)
				return true;
	return false;
}

/*
 * All conditions have to hold. But where two of them are about the same argument, each is
 * enough alone: so do the engines read it, and profiles count on that.
 */
static int read_conditions(const struct ct__json *of, struct reader *reader)
{
	ct_seccomp_arg args[CONDITIONS_MAX];
	struct ct__json list, item;
	int ret = ct__json_member(of, "args", CT_JSON_ARRAY, &list);
	size_t count = ret > 0 ? ct__json_count(&list) : 0;
	bool alone;

	if (count > CONDITIONS_MAX)
		return ct__json_refuse(&list, -E2BIG, "more than 64 conditions");
	for (size_t i = 0; i < count && ret >= 0; i++) {
		ret = ct__json_item(&list, i, CT_JSON_OBJECT, &item);
		if (ret == 0)
			ret = read_condition(&item, &args[i]);
	}
	if (ret < 0)
		return ret;
	alone = is_repeated(args, count);
	reader->rule_count = alone ? count : 1;
	for (size_t i = 0; i < reader->rule_count; i++) {
		reader->rules[i] = (struct ct__seccomp_rule){.arg_count = (uint16_t)(alone ? 1 : count)};
		for (size_t k = 0; k < reader->rules[i].arg_count; k++)
			reader->rules[i].args[k] = args[i + k];
	}
	return 0;
}

/* --------------------------------------------------------- where an entry holds */

static int visit_cap(const struct ct__json *item, void *data)
{
	cap_value_t cap;

	if (cap_from_name(ct__json_get_string(item), &cap) < 0 || cap >= 63)
		return ct__json_refuse(item, -EINVAL, "there is no such capability");
	*(uint64_t *)data |= UINT64_C(1) << cap;
	return 0;
}

static int visit_go_machine(const struct ct__json *item, void *data)
{
	uint32_t is_this = 0;
	int ret = find_word(item, go_machines, "there is no such architecture", &is_this);

	*(bool *)data |= is_this != 0;
	return ret;
}

/* 1: this kernel is at least that one, or nothing is said; 0: it is older. */
static int is_new_enough(const struct ct__json *of, uint32_t kernel, bool *ret_said)
{
	unsigned int major, minor;
	struct ct__json at;
	char rest;
	int ret = ct__json_member(of, "minKernel", CT_JSON_STRING, &at);

	*ret_said = ret > 0;
	if (ret <= 0)
		return ret < 0 ? ret : 1;
	if (sscanf(ct__json_get_string(&at), "%4u.%4u%c", &major, &minor, &rest) != 2)
		return ct__json_refuse(&at, -EINVAL, "it has to be a version such as 4.8");
	return kernel >= CT__KERNEL(major, minor);
}

static const char *const filter_keys[] = {"caps", "arches", "minKernel", NULL};

static int read_includes(const struct ct__json *of, struct reader *reader)
{
	bool is_this = false, said;
	struct ct__json at;
	int ret = ct__json_member(of, "includes", CT_JSON_OBJECT, &at), listed = 0;

	if (ret <= 0)
		return ret;
	ret = ct__json_only(&at, filter_keys);
	if (ret == 0)
		ret = each_string(&at, "caps", visit_cap, &reader->entry.needs);
	if (ret >= 0)
		listed = ret = each_string(&at, "arches", visit_go_machine, &is_this);
	if (ret >= 0)
		ret = is_new_enough(&at, reader->kernel, &said);
	if (ret < 0)
		return ret;
	if (ret == 0 || (listed > 0 && !is_this))
		reader->applies = false;
	return 0;
}

static int read_excludes(const struct ct__json *of, struct reader *reader)
{
	bool is_this = false, said = false;
	struct ct__json at;
	int ret = ct__json_member(of, "excludes", CT_JSON_OBJECT, &at);

	if (ret <= 0)
		return ret;
	ret = ct__json_only(&at, filter_keys);
	if (ret == 0)
		ret = each_string(&at, "caps", visit_cap, &reader->entry.without);
	if (ret >= 0)
		ret = each_string(&at, "arches", visit_go_machine, &is_this);
	if (ret >= 0)
		ret = is_new_enough(&at, reader->kernel, &said);
	if (ret < 0)
		return ret;
	if (is_this || (said && ret == 1))
		reader->applies = false;
	return 0;
}

/* -------------------------------------------------------------------- entries */

/*
 * A name that this machine, or this library, does not know stands for nothing: what it was to
 * allow stays shut, by the default for all others. One that was to shut something is refused.
 */
static int add_name(const struct ct__json *at, void *data)
{
	struct reader *reader = data;
	int number = ct__seccomp_number(ct__json_get_string(at));

	if (number == -ENOENT && ct__seccomp_is_stricter(reader->entry.rule.action, reader->to->otherwise))
		return ct__json_refuse(at, -EINVAL, "there is no such system call");
	for (size_t i = 0; number >= 0 && reader->applies && i < reader->rule_count; i++) {
		struct ct__profile_entry entry = reader->entry;

		if (reader->to->profile.count == ENTRIES_MAX)
			return ct__json_refuse(at, -E2BIG, "more than 8192 names and conditions");
		entry.rule = reader->rules[i];
		entry.rule.number = (uint16_t)number;
		entry.rule.action = reader->entry.rule.action;
		if (ct__array_add(&reader->to->profile, &entry, sizeof(entry)) < 0)
			return ct__json_refuse(at, -ENOMEM, "out of memory");
	}
	return 0;
}

static int add_names(const struct ct__json *of, struct reader *reader)
{
	struct ct__json name, names;
	int has_name = ct__json_member(of, "name", CT_JSON_STRING, &name);
	int has_names = has_name < 0 ? has_name : ct__json_member(of, "names", CT_JSON_ARRAY, &names);

	if (has_names < 0)
		return has_names;
	if (has_name && has_names)
		return ct__json_refuse(&name, -EINVAL, "there are names as well");
	if (has_name)
		return add_name(&name, reader);
	if (!has_names || ct__json_count(&names) == 0)
		return ct__json_refuse(of, -EINVAL, "it names no system call");
	return each_string(of, "names", add_name, reader);
}

static int read_entry(const struct ct__json *of, struct reader *reader)
{
	static const char *const keys[] = {"names", "name", "action", "errnoRet", "errno", "args",
		"comment", "includes", "excludes", NULL};
	int ret = ct__json_only(of, keys);

	reader->entry = (struct ct__profile_entry){0};
	reader->applies = true;
	if (ret == 0)
		ret = read_action(of, "action", "errnoRet", "errno", &reader->entry.rule.action);
	if (ret == 0)
		ret = read_conditions(of, reader);
	if (ret == 0)
		ret = read_includes(of, reader);
	if (ret == 0)
		ret = read_excludes(of, reader);
	return ret < 0 ? ret : add_names(of, reader);
}

/* -------------------------------------------------------------------- profiles */

static int read_machine_map(const struct ct__json *of, struct reader *reader)
{
	static const char *const keys[] = {"architecture", "subArchitectures", NULL};
	struct ct__json list, item, at;
	int ret = ct__json_member(of, "archMap", CT_JSON_ARRAY, &list);
	size_t count = ret > 0 ? ct__json_count(&list) : 0;

	if (ret > 0 && ct__json_member(of, "architectures", CT_JSON_ARRAY, &at) > 0 && ct__json_count(&at))
		return ct__json_refuse(&list, -EINVAL, "there are architectures as well");
	for (size_t i = 0; i < count && ret >= 0; i++) {
		ret = ct__json_item(&list, i, CT_JSON_OBJECT, &item);
		if (ret == 0)
			ret = ct__json_only(&item, keys);
		if (ret == 0)
			ret = ct__json_need(&item, "architecture", CT_JSON_STRING, &at);
		if (ret > 0)
			ret = visit_machine(&at, reader);
		if (ret == 0)
			ret = each_string(&item, "subArchitectures", visit_machine, reader);
	}
	return ret < 0 ? ret : each_string(of, "architectures", visit_machine, reader);
}

int ct__seccomp_profile(const struct ct__json *at, uint32_t kernel, struct ct__seccomp *ret)
{
	static const char *const keys[] = {"defaultAction", "defaultErrnoRet", "defaultErrno",
		"architectures", "archMap", "flags", "syscalls", NULL};
	struct reader reader = {.kernel = kernel, .to = ret};
	struct ct__json list, item;
	int code = ct__json_only(at, keys);

	ret->said = true;
	ret->base = CT__SECCOMP_PROFILE;
	if (code == 0)
		code = read_action(at, "defaultAction", "defaultErrnoRet", "defaultErrno", &ret->otherwise);
	if (code == 0)
		code = read_machine_map(at, &reader);
	if (code >= 0)
		code = each_string(at, "flags", visit_flag, &reader);
	if (code >= 0)
		code = ct__json_member(at, "syscalls", CT_JSON_ARRAY, &list);
	if (code <= 0)
		return code;
	for (size_t i = 0; i < ct__json_count(&list); i++) {
		code = ct__json_item(&list, i, CT_JSON_OBJECT, &item);
		if (code == 0)
			code = read_entry(&item, &reader);
		if (code < 0)
			return code;
	}
	return 0;
}

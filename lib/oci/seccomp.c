/* SPDX-License-Identifier: MIT */
/* The filter of system calls: to the parser of profiles, and from what that has made of one. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <container/seccomp.h>

#include "error/error.h"
#include "oci.h"
#include "spec/rights.h"

/*
 * The filter has a parser of its own, for profiles that stand alone. Who listens to the calls that wait is, as
 * hooks are, the business of who runs the container: ct_container_take_notify().
 */
int ct__oci_seccomp(struct oci *oci, const struct oci_value *value)
{
	static const char *const listener[] = {"listenerPath", "listenerMetadata"};
	json_t *filter = json_copy(value->json);
	struct oci_value member;
	int ret = 0;
	char *text;

	/* Where there is no memory for a member jansson leaves it out. */
	if (json_object_size(filter) != json_object_size(value->json)) {
		json_decref(filter);
		return ct__fail(oci->err, CT_STEP_MEMORY, -ENOMEM, "json_copy", "%s", value->pointer);
	}
	for (size_t i = 0; ret >= 0 && i < 2; i++) {
		ret = ct__oci_member(oci, value, listener[i], OCI_STRING, &member);
		json_object_del(filter, listener[i]);
	}
	text = ret < 0 ? NULL : json_dumps(filter, JSON_COMPACT);
	json_decref(filter);
	if (ret < 0)
		return ret;
	if (!text)
		return ct__fail(oci->err, CT_STEP_MEMORY, -ENOMEM, "json_dumps", "%s", value->pointer);
	ret = ct_spec_set_seccomp_json(oci->spec, text, strlen(text));
	free(text);
	return ct__oci_set(oci, value, ret);
}

/* ----------------------------------------------------------------- giving */

static const struct {
	const char *name;
	uint32_t action;
} actions[] = {
	{"SCMP_ACT_ALLOW", SECCOMP_RET_ALLOW},
	{"SCMP_ACT_ERRNO", SECCOMP_RET_ERRNO},
	{"SCMP_ACT_KILL_PROCESS", SECCOMP_RET_KILL_PROCESS},
	{"SCMP_ACT_KILL_THREAD", SECCOMP_RET_KILL_THREAD},
	{"SCMP_ACT_LOG", SECCOMP_RET_LOG},
	{"SCMP_ACT_NOTIFY", SECCOMP_RET_USER_NOTIF},
	{"SCMP_ACT_TRACE", SECCOMP_RET_TRACE},
	{"SCMP_ACT_TRAP", SECCOMP_RET_TRAP},
};

/* Puts an action under its keys. */
static void put_action(struct oci *oci, json_t *object, const char *key, const char *errno_key, uint32_t action)
{
	uint32_t what = action & SECCOMP_RET_ACTION_FULL;

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (actions[i].action == what)
			ct__oci_put(oci, object, key, json_string(actions[i].name));
	if (what == SECCOMP_RET_ERRNO || what == SECCOMP_RET_TRACE)
		ct__oci_put(oci, object, errno_key, json_integer(action & SECCOMP_RET_DATA));
}

static json_t *condition_of(const ct_seccomp_arg *arg)
{
	static const char *const comparisons[] = {
		[CT_SECCOMP_EQ] = "SCMP_CMP_EQ",
		[CT_SECCOMP_NE] = "SCMP_CMP_NE",
		[CT_SECCOMP_LT] = "SCMP_CMP_LT",
		[CT_SECCOMP_LE] = "SCMP_CMP_LE",
		[CT_SECCOMP_GT] = "SCMP_CMP_GT",
		[CT_SECCOMP_GE] = "SCMP_CMP_GE",
	};

	if (arg->mask)
		return json_pack("{s:I,s:I,s:I,s:s}", "index", (json_int_t)arg->index, "value",
			(json_int_t)arg->mask, "valueTwo", (json_int_t)arg->value, "op", "SCMP_CMP_MASKED_EQ");
	return json_pack("{s:I,s:I,s:s}", "index", (json_int_t)arg->index, "value", (json_int_t)arg->value,
		"op", comparisons[arg->compare]);
}

static json_t *entry_of(struct oci *oci, const struct ct__seccomp_rule *rule)
{
	json_t *entry = json_pack("{s:[s]}", "names", ct__seccomp_name(rule->number));
	json_t *args = rule->arg_count ? json_array() : NULL;

	put_action(oci, entry, "action", "errnoRet", rule->action);
	for (size_t i = 0; args && i < rule->arg_count; i++)
		ct__oci_append(oci, args, condition_of(&rule->args[i]));
	if (args)
		ct__oci_put(oci, entry, "args", args);
	return entry;
}

static bool is_same(const struct ct__seccomp_rule *a, const struct ct__seccomp_rule *b)
{
	return !a->arg_count && !b->arg_count && a->action == b->action;
}

/* Entries that hold for a payload with these capabilities; neighbours that differ by their name alone are one. */
static json_t *entries_of(struct oci *oci, const ct__array *profile, uint64_t caps)
{
	const struct ct__seccomp_rule *last = NULL;
	json_t *list = json_array(), *entry = NULL;

	ct__array_for_each(const struct ct__profile_entry, item, profile) {
		if ((caps & item->needs) != item->needs || (caps & item->without))
			continue;
		if (last && is_same(last, &item->rule)) {
			ct__oci_append(oci, json_object_get(entry, "names"),
				json_string(ct__seccomp_name(item->rule.number)));
		} else {
			entry = entry_of(oci, &item->rule);
			ct__oci_append(oci, list, entry);
		}
		last = &item->rule;
	}
	return list;
}

int ct__oci_give_seccomp(struct oci *oci, json_t **ret_value)
{
	const struct ct__seccomp *settings = &oci->from->seccomp;
	struct ct__rights rights;
	json_t *filter;

	if (settings->ready.count)
		return ct__oci_unsayable(oci, "seccomp: program", "there is no word for the kernel's own language");
	if (settings->rules.count)
		return ct__oci_unsayable(oci, "seccomp: rules",
			"those of a profile are not in an order: ct_spec_set_seccomp_json() takes them");
	if (settings->base == CT_SECCOMP_OFF)
		return 0;
	if (settings->base != CT__SECCOMP_PROFILE)
		return ct__oci_unsayable(oci, "seccomp: filter of the library",
			"there is no word for it: ct_spec_set_seccomp_json() sets another, ct_spec_set_seccomp() none");
	ct__rights_decide(oci->from, NULL, &rights);
	filter = json_object();
	put_action(oci, filter, "defaultAction", "defaultErrnoRet", settings->otherwise);
	if (settings->flags & CT_SECCOMP_LOG)
		ct__oci_put(oci, filter, "flags", json_pack("[s]", "SECCOMP_FILTER_FLAG_LOG"));
	ct__oci_put(oci, filter, "syscalls", entries_of(oci, &settings->profile, rights.caps));
	return ct__oci_given(oci, filter, ret_value);
}

/* SPDX-License-Identifier: MIT */
/* The fields below /process: what is executed, as whom, with which rights. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/resource.h>

#include <container/label.h>
#include <container/terminal.h>

#include "error/error.h"
#include "oci.h"
#include "spec/rights.h"
#include "util/fd.h"

#define GROUPS_LIMIT 65536

int ct__oci_args(struct oci *oci, const struct oci_value *value)
{
	CT__AUTO_FREE const char **args = NULL;
	int ret = ct__oci_strings(oci, value, &args);

	return ret < 0 ? ret : ct__oci_set(oci, value, ct_spec_set_argv(oci->spec, args));
}

int ct__oci_env(struct oci *oci, const struct oci_value *value)
{
	CT__AUTO_FREE const char **env = NULL;
	int ret = ct__oci_strings(oci, value, &env);
	size_t used = 0;

	if (ret < 0)
		return ret;
	/* What is no setting, other runtimes leave out: images have such. */
	for (size_t i = 0; env[i]; i++)
		if (strchr(env[i], '=') && env[i][0] != '=')
			env[used++] = env[i];
	env[used] = NULL;
	return ct__oci_set(oci, value, ct_spec_set_env(oci->spec, env));
}

int ct__oci_cwd(struct oci *oci, const struct oci_value *value)
{
	return ct__oci_set(oci, value, ct_spec_set_cwd(oci->spec, json_string_value(value->json)));
}

static int groups(struct oci *oci, const struct oci_value *value)
{
	size_t count = json_array_size(value->json);
	CT__AUTO_FREE gid_t *list = NULL;

	if (count > GROUPS_LIMIT)
		return ct__oci_refuse(oci, value, -EINVAL, "there are too many");
	list = calloc(count + 1, sizeof(*list));
	if (!list)
		return ct__fail(oci->err, CT_STEP_MEMORY, -ENOMEM, "calloc", "%s", value->pointer);
	for (size_t i = 0; i < count; i++) {
		struct oci_value item;
		uint64_t id;
		int ret = ct__oci_item(oci, value, i, OCI_NUMBER, &item);

		if (ret >= 0)
			ret = ct__oci_unsigned(oci, &item, UINT32_MAX - 1, &id);
		if (ret < 0)
			return ret;
		list[i] = (gid_t)id;
	}
	return ct__oci_set(oci, value, ct_spec_set_groups(oci->spec, list, count));
}

int ct__oci_user(struct oci *oci, const struct oci_value *value)
{
	struct oci_value member;
	uint64_t uid, gid, mask;
	int ret = ct__oci_unsigned_member(oci, value, "uid", UINT32_MAX - 1, 0, &uid);

	if (ret == 0)
		ret = ct__oci_unsigned_member(oci, value, "gid", UINT32_MAX - 1, 0, &gid);
	if (ret == 0)
		ret = ct__oci_set(oci, value, ct_spec_set_user(oci->spec, (uid_t)uid, (gid_t)gid));
	if (ret == 0)
		ret = ct__oci_unsigned_member(oci, value, "umask", 0777, 022, &mask);
	if (ret == 0)
		ret = ct__oci_set(oci, value, ct_spec_set_umask(oci->spec, (mode_t)mask));
	if (ret == 0)
		ret = ct__oci_member(oci, value, "additionalGids", OCI_ARRAY, &member);
	return ret <= 0 ? ret : groups(oci, &member);
}

/* ---------------------------------------------------------- capabilities */

/* "CAP_NET_ADMIN" as libcap has it: "cap_net_admin". */
static int cap_name(struct oci *oci, const struct oci_value *value, char name[64])
{
	const char *text = json_string_value(value->json);
	cap_value_t cap;
	size_t i;

	for (i = 0; i < 63 && text[i]; i++)
		name[i] = (char)tolower((unsigned char)text[i]);
	name[i] = '\0';
	if (strncmp(name, "cap_", 4) != 0 || cap_from_name(name, &cap) < 0)
		return ct__oci_refuse(oci, value, -EINVAL, "there is no such capability");
	return (int)cap;
}

/* The bits of one of the five sets. */
static int cap_set(struct oci *oci, const struct oci_value *sets, const char *which, uint64_t *ret_bits)
{
	struct oci_value array, item;
	char name[64];
	int ret = ct__oci_member(oci, sets, which, OCI_STRINGS, &array);

	*ret_bits = 0;
	for (size_t i = 0; ret > 0 && i < json_array_size(array.json); i++) {
		ret = ct__oci_item(oci, &array, i, OCI_STRING, &item);
		if (ret >= 0)
			ret = cap_name(oci, &item, name);
		if (ret >= 0 && ret < 64)
			*ret_bits |= UINT64_C(1) << ret;
		ret = ret < 0 ? ret : 1;
	}
	return ret < 0 ? ret : 0;
}

static int each_cap(ct_spec *spec, uint64_t bits, int (*set)(ct_spec *spec, const char *name))
{
	int ret = 0;

	for (int cap = 0; ret == 0 && cap < 64; cap++) {
		char *name = bits >> cap & 1 ? cap_to_name(cap) : NULL;

		if (name)
			ret = set(spec, name);
		cap_free(name);
	}
	return ret;
}

/*
 * What a process has after its exec: root gets what is bounding, another user what is ambient. So
 * these two sets say it all, but that no set may ask for more than those above it.
 */
int ct__oci_capabilities(struct oci *oci, const struct oci_value *value)
{
	static const char *const names[] = {
		"bounding", "permitted", "effective", "inheritable", "ambient"};
	uint64_t sets[5];
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < 5; i++)
		ret = cap_set(oci, value, names[i], &sets[i]);
	if (ret < 0)
		return ret;
	if (sets[2] & ~sets[1])
		return ct__oci_refuse(oci, value, -EINVAL, "effective has what permitted has not");
	sets[4] &= sets[1] & sets[3]; /* as the kernel has it, and as other runtimes take it */
	ret = each_cap(oci->spec, sets[0], ct_spec_add_cap);
	if (ret == 0)
		ret = each_cap(oci->spec, sets[4], ct_spec_add_ambient_cap);
	return ct__oci_set(oci, value, ret);
}

int ct__oci_no_new_privs(struct oci *oci, const struct oci_value *value)
{
	return ct__oci_set(
		oci, value, ct_spec_set_no_new_privs(oci->spec, json_is_true(value->json)));
}

/* ---------------------------------------------------------------- limits */

static const struct {
	const char *name;
	int resource;
} resources[] = {
	{"RLIMIT_AS", RLIMIT_AS},
	{"RLIMIT_CORE", RLIMIT_CORE},
	{"RLIMIT_CPU", RLIMIT_CPU},
	{"RLIMIT_DATA", RLIMIT_DATA},
	{"RLIMIT_FSIZE", RLIMIT_FSIZE},
	{"RLIMIT_LOCKS", RLIMIT_LOCKS},
	{"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK},
	{"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE},
	{"RLIMIT_NICE", RLIMIT_NICE},
	{"RLIMIT_NOFILE", RLIMIT_NOFILE},
	{"RLIMIT_NPROC", RLIMIT_NPROC},
	{"RLIMIT_RSS", RLIMIT_RSS},
	{"RLIMIT_RTPRIO", RLIMIT_RTPRIO},
	{"RLIMIT_RTTIME", RLIMIT_RTTIME},
	{"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
	{"RLIMIT_STACK", RLIMIT_STACK},
};

#define RESOURCES (sizeof(resources) / sizeof(resources[0]))

static int rlimit(struct oci *oci, const struct oci_value *value, uint32_t *seen)
{
	struct oci_value type;
	uint64_t soft, hard;
	int ret = ct__oci_member(oci, value, "type", OCI_STRING, &type);
	size_t i = 0;

	if (ret == 0)
		return ct__oci_refuse(oci, value, -EINVAL, "it has no type");
	while (ret > 0 && i < RESOURCES &&
		strcmp(json_string_value(type.json), resources[i].name) != 0)
		i++;
	if (i == RESOURCES)
		return ct__oci_refuse(oci, &type, -EINVAL, "there is no such limit");
	if (ret > 0 && *seen >> i & 1)
		return ct__oci_refuse(oci, &type, -EINVAL, "this limit was there before");
	*seen |= 1u << i;
	if (ret > 0)
		ret = ct__oci_unsigned_member(oci, value, "soft", UINT64_MAX, 0, &soft);
	if (ret == 0)
		ret = ct__oci_unsigned_member(oci, value, "hard", UINT64_MAX, 0, &hard);
	if (ret < 0)
		return ret;
	return ct__oci_set(
		oci, value, ct_spec_set_rlimit(oci->spec, resources[i].resource, soft, hard));
}

int ct__oci_rlimits(struct oci *oci, const struct oci_value *value)
{
	struct oci_value item;
	uint32_t seen = 0;
	int ret = 0;

	for (size_t i = 0; ret >= 0 && i < json_array_size(value->json); i++) {
		ret = ct__oci_item(oci, value, i, OCI_OBJECT, &item);
		if (ret >= 0)
			ret = rlimit(oci, &item, &seen);
	}
	return ret < 0 ? ret : 0;
}

int ct__oci_oom_score(struct oci *oci, const struct oci_value *value)
{
	int64_t score;
	int ret = ct__oci_signed(oci, value, -1000, 1000, &score);

	return ret < 0 ? ret : ct__oci_set(oci, value, ct_spec_set_oom_score_adj(oci->spec, (int)score));
}

/* Callers write "" where there is none. */
static int label(struct oci *oci, const struct oci_value *value, int (*set)(ct_spec *spec, const char *label))
{
	const char *text = json_string_value(value->json);

	return text[0] ? ct__oci_set(oci, value, set(oci->spec, text)) : 0;
}

int ct__oci_apparmor(struct oci *oci, const struct oci_value *value)
{
	return label(oci, value, ct_spec_set_apparmor);
}

int ct__oci_selinux(struct oci *oci, const struct oci_value *value)
{
	return label(oci, value, ct_spec_set_selinux);
}

int ct__oci_terminal(struct oci *oci, const struct oci_value *value)
{
	struct oci_value size;
	uint64_t rows = 24, columns = 80;
	int ret;

	if (!json_is_true(value->json))
		return 0;
	ret = ct__oci_find(oci, "/process/consoleSize", OCI_OBJECT, &size);
	if (ret > 0)
		ret = ct__oci_unsigned_member(oci, &size, "height", 65535, 24, &rows);
	if (ret == 0 && size.json)
		ret = ct__oci_unsigned_member(oci, &size, "width", 65535, 80, &columns);
	if (ret < 0)
		return ret;
	if (rows == 0 || columns == 0) {
		rows = 24;
		columns = 80;
	}
	return ct__oci_set(oci, value,
		ct_spec_set_terminal(oci->spec, (unsigned int)rows, (unsigned int)columns));
}

/* ----------------------------------------------------------------- giving */

static int give_strings(struct oci *oci, char *const *strings, json_t **ret_value)
{
	json_t *list = json_array();

	for (size_t i = 0; strings && strings[i]; i++)
		ct__oci_append(oci, list, json_string(strings[i]));
	return ct__oci_given(oci, list, ret_value);
}

int ct__oci_give_args(struct oci *oci, json_t **ret_value)
{
	const ct_spec *from = oci->from;

	if (from->program && strcmp(from->program, from->argv[0]) != 0)
		return ct__oci_unsayable(oci, "program", "it is another than the first argument");
	return give_strings(oci, from->argv, ret_value);
}

int ct__oci_give_env(struct oci *oci, json_t **ret_value)
{
	return give_strings(oci, oci->from->envp, ret_value);
}

int ct__oci_give_cwd(struct oci *oci, json_t **ret_value)
{
	return ct__oci_given(oci, json_string(oci->from->cwd ? oci->from->cwd : "/"), ret_value);
}

int ct__oci_give_user(struct oci *oci, json_t **ret_value)
{
	struct ct__rights rights;
	json_t *user, *groups;

	ct__rights_decide(oci->from, NULL, &rights);
	user = json_pack("{s:I,s:I,s:i}", "uid", (json_int_t)rights.uid, "gid", (json_int_t)rights.gid,
		"umask", (int)oci->from->umask);
	groups = rights.group_count ? json_array() : NULL;
	for (size_t i = 0; groups && i < rights.group_count; i++)
		ct__oci_append(oci, groups, json_integer(rights.groups[i]));
	if (groups)
		ct__oci_put(oci, user, "additionalGids", groups);
	return ct__oci_given(oci, user, ret_value);
}

/* "CAP_KILL" */
static json_t *names_of(struct oci *oci, uint64_t caps)
{
	json_t *list = json_array();

	for (int cap = 0; cap < 64; cap++) {
		char *name = caps >> cap & 1 ? cap_to_name(cap) : NULL;

		for (char *at = name; at && *at; at++)
			*at = (char)toupper((unsigned char)*at);
		if (name)
			ct__oci_append(oci, list, json_string(name));
		cap_free(name);
	}
	return list;
}

/* The sets that a process has after its exec: root all that is bounding, another user what is ambient. */
int ct__oci_give_capabilities(struct oci *oci, json_t **ret_value)
{
	struct ct__rights rights;
	uint64_t held;

	ct__rights_decide(oci->from, NULL, &rights);
	held = rights.uid ? rights.ambient : rights.caps;
	return ct__oci_given(oci,
		json_pack("{s:o,s:o,s:o,s:o,s:o}", "bounding", names_of(oci, rights.caps), "effective",
			names_of(oci, held), "permitted", names_of(oci, held), "inheritable",
			names_of(oci, rights.ambient), "ambient", names_of(oci, rights.ambient)),
		ret_value);
}

int ct__oci_give_no_new_privs(struct oci *oci, json_t **ret_value)
{
	struct ct__rights rights;

	ct__rights_decide(oci->from, NULL, &rights);
	return ct__oci_given(oci, json_boolean(rights.no_new_privs), ret_value);
}

/* As ct__oci_text() writes it: what jansson has no integer for is a real, and stands for the end of the range. */
static json_t *limit_value(uint64_t limit)
{
	return limit == UINT64_MAX ? json_real(OCI_MOST) : json_integer((json_int_t)limit);
}

int ct__oci_give_rlimits(struct oci *oci, json_t **ret_value)
{
	json_t *list = oci->from->rlimits.count ? json_array() : NULL;

	ct__array_for_each(struct spec_rlimit, limit, &oci->from->rlimits) {
		size_t i = 0;

		while (i < RESOURCES && resources[i].resource != limit->resource)
			i++;
		if (i == RESOURCES || (limit->soft > INT64_MAX && limit->soft != UINT64_MAX) ||
			(limit->hard > INT64_MAX && limit->hard != UINT64_MAX)) {
			json_decref(list);
			return ct__oci_unsayable(oci, i < RESOURCES ? resources[i].name : "rlimit",
				"there is no name for it, or it is over 2^63 and not unlimited");
		}
		ct__oci_append(oci, list,
			json_pack("{s:s,s:o,s:o}", "type", resources[i].name, "soft",
				limit_value(limit->soft), "hard", limit_value(limit->hard)));
	}
	return list ? ct__oci_given(oci, list, ret_value) : 0;
}

int ct__oci_give_oom_score(struct oci *oci, json_t **ret_value)
{
	if (!oci->from->has_oom_score)
		return 0;
	return ct__oci_given(oci, json_integer(oci->from->oom_score), ret_value);
}

int ct__oci_give_apparmor(struct oci *oci, json_t **ret_value)
{
	return oci->from->apparmor ? ct__oci_given(oci, json_string(oci->from->apparmor), ret_value) : 0;
}

int ct__oci_give_selinux(struct oci *oci, json_t **ret_value)
{
	return oci->from->selinux ? ct__oci_given(oci, json_string(oci->from->selinux), ret_value) : 0;
}

int ct__oci_give_terminal(struct oci *oci, json_t **ret_value)
{
	return ct__oci_given(oci, json_boolean(oci->from->terminal.rows), ret_value);
}

int ct__oci_give_console_size(struct oci *oci, json_t **ret_value)
{
	const struct spec_terminal *terminal = &oci->from->terminal;

	if (!terminal->rows)
		return 0;
	return ct__oci_given(oci,
		json_pack("{s:i,s:i}", "height", (int)terminal->rows, "width", (int)terminal->columns),
		ret_value);
}

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
#include <container/seccomp.h>
#include <container/terminal.h>

#include "error/error.h"
#include "oci.h"
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

/* The filter has a parser of its own, for profiles that stand alone. */
int ct__oci_seccomp(struct oci *oci, const struct oci_value *value)
{
	char *text = json_dumps(value->json, JSON_COMPACT);
	int ret;

	if (!text)
		return ct__fail(oci->err, CT_STEP_MEMORY, -ENOMEM, "json_dumps", "%s", value->pointer);
	ret = ct_spec_set_seccomp_json(oci->spec, text, strlen(text));
	free(text);
	return ct__oci_set(oci, value, ret);
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

/* SPDX-License-Identifier: MIT */
/* ct_spec_to_oci: the rows of the table that give, and what has no row. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <container/oci.h>

#include "error/error.h"
#include "oci.h"
#include "util/utf8.h"

int ct__oci_unsayable(struct oci *oci, const char *what, const char *reason)
{
	return ct__fail_because(oci->err, CT_STEP_ARGUMENT, -EOPNOTSUPP, reason, "%s", what);
}

void ct__oci_append(struct oci *oci, json_t *list, json_t *value)
{
	oci->lost |= json_array_append_new(list, value) < 0;
}

void ct__oci_put(struct oci *oci, json_t *object, const char *key, json_t *value)
{
	oci->lost |= json_object_set_new(object, key, value) < 0;
}

int ct__oci_given(struct oci *oci, json_t *json, json_t **ret_value)
{
	if (!json || oci->lost) {
		json_decref(json);
		return ct__fail(oci->err, CT_STEP_MEMORY, -ENOMEM, "json_pack", "configuration");
	}
	*ret_value = json;
	return 0;
}

static bool is_utf8(const char *text)
{
	uint32_t number;

	while (text && *text) {
		size_t length = ct__utf8_next(text, &number);

		if (!length)
			return false;
		text += length;
	}
	return true;
}

int ct__oci_path_of(struct oci *oci, const char *what, int fd, char path[PATH_MAX])
{
	struct stat there, held;
	char link[64], target[PATH_MAX];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/thread-self/fd/%d", fd);
	length = readlink(link, target, sizeof(target) - 1);
	target[length < 0 ? 0 : length] = '\0';
	strcpy(path, target);
	if (path[0] != '/' || stat(path, &there) < 0 || fstat(fd, &held) < 0 || there.st_ino != held.st_ino ||
		there.st_dev != held.st_dev)
		return ct__oci_unsayable(oci, what, "no path leads to its source any more");
	return is_utf8(path) ? 0 : ct__oci_unsayable(oci, what, "the path of its source is no UTF-8");
}

/* ------------------------------------------------------- what cannot be said */

static bool are_utf8(char *const *strings)
{
	for (size_t i = 0; strings && strings[i]; i++)
		if (!is_utf8(strings[i]))
			return false;
	return true;
}

static bool is_mount_utf8(const struct spec_mount *mount)
{
	const char *pairs = mount->kind == MOUNT_NEW ? mount->data : NULL;
	bool is = is_utf8(mount->target) && is_utf8(mount->type);

	for (size_t at = 0; pairs && at < mount->size_bytes; at += strlen(pairs + at) + 1)
		is = is && is_utf8(pairs + at);
	return is;
}

/* What of the spec has bytes that JSON has no word for; NULL: nothing. */
static const char *find_no_utf8(const ct_spec *spec)
{
	const struct {
		const char *text, *what;
	} rows[] = {{spec->cwd, "working directory"}, {spec->hostname, "host name"},
		{spec->domainname, "domain name"}, {spec->apparmor, "apparmor"}, {spec->selinux, "selinux"}};

	if (!are_utf8(spec->argv))
		return "argv";
	if (!are_utf8(spec->envp))
		return "environment";
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!is_utf8(rows[i].text))
			return rows[i].what;
	ct__array_for_each(struct spec_sysctl, sysctl, &spec->sysctls)
		if (!is_utf8(sysctl->path) || !is_utf8(sysctl->value))
			return "sysctl";
	ct__array_for_each(struct spec_path, path, &spec->paths)
		if (!is_utf8(path->path))
			return "masked or read-only path";
	ct__array_for_each(struct spec_mount, mount, &spec->mounts)
		if (!is_mount_utf8(mount))
			return "mount";
	ct__array_for_each(struct spec_cgroup_key, key, &spec->cgroup.keys)
		if (!is_utf8(key->value))
			return key->key;
	return NULL;
}

/* What no field stands for. That there is a cgroup at all goes without saying, and a trace changes nothing. */
static int check_sayable(struct oci *oci)
{
	const ct_spec *spec = oci->from;
	const char *odd;
	const struct {
		bool is_held;
		const char *what;
	} rows[] = {
		{spec->prepare, "prepare"},
		{spec->init, "init"},
		{spec->exact_rss, "exact rss"},
		{spec->no_core_dumps, "no core dumps"},
		{spec->time.wall_ms || spec->time.cpu_ms, "limits of time"},
		{spec->landlock.said, "landlock"},
		{spec->may_lack, "what may be lacking"},
		{!spec->loopback, "no loopback"},
		{spec->proc, "what /proc leaves out"},
		{spec->has_idmap, "id map that is found at the start"},
		{spec->cgroup.parent, "cgroup parent"},
		{spec->cgroup.bus, "cgroup of systemd"},
		{spec->fds.count, "descriptors"},
		{spec->stdio[0].what != CT_STDIO_INHERIT, "stdin"},
		{spec->stdio[1].what != CT_STDIO_INHERIT, "stdout"},
		{spec->stdio[2].what != CT_STDIO_INHERIT, "stderr"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].is_held)
			return ct__oci_unsayable(oci, rows[i].what, "a configuration has no word for it");
	if (!spec->argv)
		return ct__fail_because(oci->err, CT_STEP_ARGUMENT, -EINVAL, "a program is needed", "argv");
	odd = find_no_utf8(spec);
	return odd ? ct__oci_unsayable(oci, odd, "it is no UTF-8") : 0;
}

/* ------------------------------------------------------------------ writing */

/* Takes the value. Objects on the way are made. */
static void put_at(struct oci *oci, json_t *config, const char *pointer, json_t *value)
{
	json_t *at = config;
	char key[64];

	for (;;) {
		size_t length = strcspn(pointer + 1, "/");
		json_t *next;

		snprintf(key, sizeof(key), "%.*s", (int)length, pointer + 1);
		pointer += 1 + length;
		if (!*pointer)
			break;
		next = json_object_get(at, key);
		if (!next) {
			next = json_object();
			ct__oci_put(oci, at, key, next);
		}
		at = next;
	}
	ct__oci_put(oci, at, key, value);
}

static int give_fields(struct oci *oci, json_t *config)
{
	int ret = check_sayable(oci);

	for (const struct oci_field *field = ct__oci_fields; ret == 0 && field->pointer; field++) {
		json_t *value = NULL;

		if (field->give)
			ret = field->give(oci, &value);
		if (value)
			put_at(oci, config, field->pointer, value);
	}
	return ret;
}

/* In place: OCI_MOST, which the JSON library writes as a real, is a whole number again. */
static void narrow(char *text)
{
	static const char real[] = "1.8446744073709552e19", whole[] = "18446744073709551615";
	bool quoted = false;

	for (char *at = text; *at; at++) {
		if (quoted && *at == '\\')
			at++;
		else if (*at == '"')
			quoted = !quoted;
		else if (!quoted && strncmp(at, real, sizeof(real) - 1) == 0) {
			memcpy(at, whole, sizeof(whole) - 1);
			memmove(at + sizeof(whole) - 1, at + sizeof(real) - 1, strlen(at + sizeof(real) - 1) + 1);
		}
	}
}

void ct_oci_text_free(char *text)
{
	free(text);
}

int ct_spec_to_oci(const ct_spec *spec, char **ret_text, ct_error *err)
{
	struct oci oci = {.from = spec, .err = err};
	json_t *config, *whole;
	char *text;
	int ret = ct_spec_check(spec, err);

	if (ret < 0)
		return ret;
	if (!ret_text)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is NULL", "ret_text");
	config = json_object();
	ret = give_fields(&oci, config);
	if (ret == 0)
		ret = ct__oci_given(&oci, config, &whole);
	else
		json_decref(config);
	if (ret < 0)
		return ret;
	text = json_dumps(whole, JSON_INDENT(2));
	json_decref(whole);
	if (!text)
		return ct__fail(err, CT_STEP_MEMORY, -ENOMEM, "json_dumps", "configuration");
	narrow(text);
	*ret_text = text;
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* Device nodes, and which devices may be used at all. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <container/devices.h>

#include "error/error.h"
#include "oci.h"
#include "spec/spec.h"

#define MINOR_LIMIT 1048575

/* Whether each container has this one already. */
static bool is_standard(const char *path, uint64_t major, uint64_t minor)
{
	for (const struct default_device *device = ct__default_devices; device->name; device++)
		if (strncmp(path, "/dev/", 5) == 0 && strcmp(path + 5, device->name) == 0)
			return device->major == major && device->minor == minor;
	return false;
}

/* The node is the host's own: its mode and owner can be no others. */
static int check_node(struct oci *oci, const struct oci_value *value, const struct stat *about)
{
	static const struct {
		const char *name;
		uint64_t most;
	} members[] = {{"fileMode", 0177777}, {"uid", UINT32_MAX - 1}, {"gid", UINT32_MAX - 1}};
	const uint64_t real[] = {about->st_mode & 07777, about->st_uid, about->st_gid};
	struct oci_value member;
	uint64_t number = 0;

	for (size_t i = 0; i < 3; i++) {
		int ret = ct__oci_member(oci, value, members[i].name, OCI_NUMBER, &member);

		if (ret > 0)
			ret = ct__oci_unsigned(oci, &member, members[i].most, &number);
		else if (ret == 0)
			continue;
		if (ret < 0)
			return ret;
		if ((i ? number : number & 07777) != real[i])
			return ct__oci_refuse(oci, &member, -EOPNOTSUPP,
				"the node of the host has another, and is the one that is given");
	}
	return 0;
}

static int device(struct oci *oci, const struct oci_value *value)
{
	uint64_t major, minor;
	struct oci_value path;
	struct stat about;
	const char *type;
	int ret = ct__oci_member(oci, value, "path", OCI_STRING, &path);

	if (ret == 0)
		return ct__oci_refuse(oci, value, -EINVAL, "it has no path");
	if (ret >= 0)
		ret = ct__oci_text_member(oci, value, "type", &type);
	if (ret >= 0)
		ret = ct__oci_unsigned_member(oci, value, "major", 4095, 0, &major);
	if (ret >= 0)
		ret = ct__oci_unsigned_member(oci, value, "minor", MINOR_LIMIT, 0, &minor);
	if (ret < 0)
		return ret;
	if (!type[0] || type[1] || !strchr("cbu", type[0]))
		return ct__oci_refuse(oci, value, -EOPNOTSUPP, "its type is none of c, u, b");
	if (is_standard(json_string_value(path.json), major, minor))
		return 0;
	if (stat(json_string_value(path.json), &about) < 0 ||
		about.st_rdev != makedev((unsigned int)major, (unsigned int)minor) ||
		(type[0] == 'b' ? !S_ISBLK(about.st_mode) : !S_ISCHR(about.st_mode)))
		return ct__oci_refuse(
			oci, &path, -EOPNOTSUPP, "the host has no such device at that path");
	ret = check_node(oci, value, &about);
	if (ret < 0)
		return ret;
	return ct__oci_set(oci, &path,
		ct_spec_add_bind(oci->spec, json_string_value(path.json),
			json_string_value(path.json), CT_MOUNT_DEV));
}

int ct__oci_devices(struct oci *oci, const struct oci_value *value)
{
	struct oci_value item;
	int ret = 0;

	for (size_t i = 0; ret >= 0 && i < json_array_size(value->json); i++) {
		ret = ct__oci_item(oci, value, i, OCI_OBJECT, &item);
		if (ret >= 0)
			ret = device(oci, &item);
	}
	return ret < 0 ? ret : 0;
}

/* ----------------------------------------------------------------- rules */

/* A rule; type 'a': all devices. */
struct rule {
	bool allow;
	char type;
	ct_device device;
};

static int number(struct oci *oci, const struct oci_value *value, const char *key, int64_t most,
	int32_t *ret_number)
{
	struct oci_value member;
	int64_t given;
	int ret = ct__oci_member(oci, value, key, OCI_NUMBER, &member);

	*ret_number = CT_DEVICE_ANY;
	if (ret > 0) {
		ret = ct__oci_signed(oci, &member, -1, most, &given);
		if (ret == 0)
			*ret_number = (int32_t)given;
	}
	return ret;
}

static const char letters[] = "mrw"; /* in the order of CT_DEVICE_* */

static int access_of(
	struct oci *oci, const struct oci_value *value, const char *text, uint32_t *ret_access)
{
	*ret_access = 0;
	if (!text[0])
		text = letters;
	for (; *text; text++) {
		const char *at = strchr(letters, *text);

		if (!at)
			return ct__oci_refuse(oci, value, -EINVAL, "access has other letters than r, w, m");
		*ret_access |= 1u << (at - letters);
	}
	return 0;
}

static int read_rule(struct oci *oci, const struct oci_value *value, struct rule *rule)
{
	const char *type, *access;
	struct oci_value allow;
	int ret = ct__oci_member(oci, value, "allow", OCI_BOOL, &allow);

	rule->allow = ret > 0 && json_is_true(allow.json);
	if (ret >= 0)
		ret = ct__oci_text_member(oci, value, "type", &type);
	if (ret >= 0)
		ret = ct__oci_text_member(oci, value, "access", &access);
	if (ret >= 0)
		ret = access_of(oci, value, access, &rule->device.access);
	if (ret >= 0)
		ret = number(oci, value, "major", 4095, &rule->device.major);
	if (ret >= 0)
		ret = number(oci, value, "minor", MINOR_LIMIT, &rule->device.minor);
	if (ret < 0)
		return ret;
	if (type[0] && (type[1] || !strchr("acb", type[0])))
		return ct__oci_refuse(oci, value, -EINVAL, "its type is none of a, c, b");
	rule->type = 'a';
	if (type[0])
		rule->type = type[0];
	rule->device.type = (uint32_t)rule->type;
	return 0;
}

#define RULES_LIMIT 64

/* Rules as all callers write them: nothing is allowed, but for what follows. Or: everything is. */
int ct__oci_device_rules(struct oci *oci, const struct oci_value *value)
{
	ct_device allowed[RULES_LIMIT];
	bool closed = false;
	size_t count = 0;

	for (size_t i = 0; i < json_array_size(value->json); i++) {
		struct rule rule = {0};
		struct oci_value item;
		int ret = ct__oci_item(oci, value, i, OCI_OBJECT, &item);

		if (ret >= 0)
			ret = read_rule(oci, &item, &rule);
		if (ret < 0)
			return ret;
		if (rule.type == 'a') { /* the numbers do not count then */
			closed = !rule.allow;
			count = 0;
			continue;
		}
		if (!rule.allow && closed && count == 0)
			continue;
		if (!rule.allow)
			return ct__oci_refuse(oci, &item, -EOPNOTSUPP,
				"a device is forbidden after others were allowed");
		if (closed && count == RULES_LIMIT)
			return ct__oci_refuse(oci, &item, -EOPNOTSUPP, "there are over 64 rules");
		if (closed)
			allowed[count++] = rule.device;
	}
	if (!closed)
		return 0;
	return ct__oci_set(oci, value, ct_spec_set_devices(oci->spec, allowed, count));
}

/* ----------------------------------------------------------------- giving */

bool ct__oci_is_device(const struct spec_mount *mount, const char *path)
{
	struct stat about;

	return mount->kind == MOUNT_BIND && mount->flags == CT_MOUNT_DEV && path[0] == '/' &&
	       strcmp(path + 1, mount->target) == 0 && fstat(mount->sources[0].fd, &about) == 0 &&
	       (S_ISCHR(about.st_mode) || S_ISBLK(about.st_mode));
}

static json_t *device_of(const char *path, const struct stat *about)
{
	return json_pack("{s:s,s:s,s:I,s:I,s:i,s:I,s:I}", "path", path, "type",
		S_ISBLK(about->st_mode) ? "b" : "c", "major", (json_int_t)major(about->st_rdev), "minor",
		(json_int_t)minor(about->st_rdev), "fileMode", (int)(about->st_mode & 07777), "uid",
		(json_int_t)about->st_uid, "gid", (json_int_t)about->st_gid);
}

int ct__oci_give_devices(struct oci *oci, json_t **ret_value)
{
	json_t *list = json_array();
	int ret = 0;

	ct__array_for_each(struct spec_mount, mount, &oci->from->mounts) {
		char path[PATH_MAX] = "";
		struct stat about;

		if (mount->kind == MOUNT_BIND && ret == 0)
			ret = ct__oci_path_of(oci, mount->target, mount->sources[0].fd, path);
		if (ret == 0 && ct__oci_is_device(mount, path) && fstat(mount->sources[0].fd, &about) == 0)
			ct__oci_append(oci, list, device_of(path, &about));
	}
	if (ret < 0 || !json_array_size(list)) {
		json_decref(list);
		return ret;
	}
	return ct__oci_given(oci, list, ret_value);
}

static json_t *rule_of(struct oci *oci, const ct_device *device)
{
	const char type[] = {(char)device->type, '\0'};
	char access[4] = "";
	size_t used = 0;
	json_t *rule;

	for (size_t i = 0; i < sizeof(letters) - 1; i++)
		if (device->access >> i & 1)
			access[used++] = letters[i];
	rule = json_pack("{s:b,s:s,s:s}", "allow", 1, "type", type, "access", access);
	if (device->major != CT_DEVICE_ANY)
		ct__oci_put(oci, rule, "major", json_integer(device->major));
	if (device->minor != CT_DEVICE_ANY)
		ct__oci_put(oci, rule, "minor", json_integer(device->minor));
	return rule;
}

int ct__oci_give_device_rules(struct oci *oci, json_t **ret_value)
{
	json_t *list;

	if (!oci->from->cgroup.lists_devices)
		return 0;
	list = json_pack("[{s:b,s:s}]", "allow", 0, "access", "rwm");
	ct__array_for_each(ct_device, device, &oci->from->cgroup.devices)
		ct__oci_append(oci, list, rule_of(oci, device));
	return ct__oci_given(oci, list, ret_value);
}

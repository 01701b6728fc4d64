/* SPDX-License-Identifier: MIT */
/*
 * The root, and what is mounted below it. What every container of the library has (/proc,
 * /sys, /dev and what is below that) is not mounted a second time.
 */
#include <dirent.h>
#include <errno.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include "error/error.h"
#include "oci.h"
#include "stage/plan.h"
#include "util/fd.h"

int ct__oci_root(struct oci *oci, const struct oci_value *value)
{
	CT__AUTO_FREE char *full = NULL;
	struct oci_value path, readonly;
	ct_rootfs *rootfs = NULL;
	int ret = ct__oci_member(oci, value, "path", OCI_STRING, &path);

	if (ret == 0)
		return ct__oci_refuse(oci, value, -EINVAL, "it has no path");
	if (ret > 0)
		ret = ct__oci_host_path(oci, &path, json_string_value(path.json), &full);
	if (ret >= 0)
		ret = ct__oci_member(oci, value, "readonly", OCI_BOOL, &readonly);
	if (ret > 0 && json_is_true(readonly.json))
		ret = ct__oci_set(oci, value, ct_spec_set_root_mode(oci->spec, CT_ROOT_READONLY));
	if (ret >= 0) {
		ct_error why = CT_ERROR_INIT;

		ret = ct_rootfs_open(full, &rootfs, &why);
		if (ret < 0)
			return ct__oci_refuse(oci, &path, ret, why.sentence);
		ret = ct__oci_set(oci, &path, ct_spec_set_rootfs(oci->spec, rootfs));
		ct_rootfs_free(rootfs);
	}
	return ret;
}

/* --------------------------------------------------------------- options */

/* What an option does. */
enum effect {
	FLAG,	 /* sets and clears CT_MOUNT_* */
	BIND,	 /* it is a bind; its flags too */
	NOTHING, /* it is so anyway, or is about when a file was read last, which is left to the kernel */
	COPY_UP, /* there must be nothing to be copied */
	REFUSED
};

static const struct option {
	const char *name;
	enum effect effect;
	uint32_t set, clear;
} options[] = {
	{"ro", FLAG, CT_MOUNT_READONLY, 0},
	{"rro", FLAG, CT_MOUNT_READONLY, 0},
	{"rw", FLAG, 0, CT_MOUNT_READONLY},
	{"nosuid", FLAG, 0, CT_MOUNT_SUID},
	{"rnosuid", FLAG, 0, CT_MOUNT_SUID},
	{"suid", FLAG, CT_MOUNT_SUID, 0},
	{"nodev", FLAG, 0, CT_MOUNT_DEV},
	{"rnodev", FLAG, 0, CT_MOUNT_DEV},
	{"dev", FLAG, CT_MOUNT_DEV, 0},
	{"noexec", FLAG, CT_MOUNT_NOEXEC, 0},
	{"rnoexec", FLAG, CT_MOUNT_NOEXEC, 0},
	{"exec", FLAG, 0, CT_MOUNT_NOEXEC},
	{"bind", BIND, CT_MOUNT_NO_SUBMOUNTS, 0},
	{"rbind", BIND, 0, CT_MOUNT_NO_SUBMOUNTS},
	{"defaults", NOTHING, 0, 0},
	{"async", NOTHING, 0, 0},
	{"private", NOTHING, 0, 0},
	{"rprivate", NOTHING, 0, 0},
	{"relatime", NOTHING, 0, 0},
	{"norelatime", NOTHING, 0, 0},
	{"strictatime", NOTHING, 0, 0},
	{"nostrictatime", NOTHING, 0, 0},
	{"atime", NOTHING, 0, 0},
	{"noatime", NOTHING, 0, 0},
	{"diratime", NOTHING, 0, 0},
	{"nodiratime", NOTHING, 0, 0},
	{"nomand", NOTHING, 0, 0},
	{"loud", NOTHING, 0, 0},
	{"silent", NOTHING, 0, 0},
	{"symfollow", NOTHING, 0, 0},
	{"tmpcopyup", COPY_UP, 0, 0},
	{"shared", REFUSED, 0, 0},
	{"rshared", REFUSED, 0, 0},
	{"slave", REFUSED, 0, 0},
	{"rslave", REFUSED, 0, 0},
	{"unbindable", REFUSED, 0, 0},
	{"runbindable", REFUSED, 0, 0},
	{"idmap", REFUSED, 0, 0},
	{"ridmap", REFUSED, 0, 0},
	{"nosymfollow", REFUSED, 0, 0},
	{"rnosymfollow", REFUSED, 0, 0},
	{"sync", REFUSED, 0, 0},
	{"dirsync", REFUSED, 0, 0},
	{"mand", REFUSED, 0, 0},
	{"remount", REFUSED, 0, 0},
	{"rrw", REFUSED, 0, 0},
	{"rsuid", REFUSED, 0, 0},
	{"rdev", REFUSED, 0, 0},
	{"rexec", REFUSED, 0, 0},
};

/* One mount as it is read. */
struct mount {
	const char *destination, *type, *source;
	uint32_t flags; /* CT_MOUNT_* */
	bool is_bind, copies_up;
	char data[1024]; /* options of the filesystem, with commas */
};

static int option(struct oci *oci, const struct oci_value *value, struct mount *mount)
{
	const char *text = json_string_value(value->json);
	size_t used = strlen(mount->data);

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		const struct option *row = &options[i];

		if (strcmp(row->name, text) != 0)
			continue;
		if (row->effect == REFUSED)
			return ct__oci_refuse(oci, value, -EOPNOTSUPP, "it cannot be honoured");
		mount->flags = (mount->flags & ~row->clear) | row->set;
		mount->is_bind |= row->effect == BIND;
		mount->copies_up |= row->effect == COPY_UP;
		return 0;
	}
	if (used + strlen(text) + 2 > sizeof(mount->data))
		return ct__oci_refuse(oci, value, -E2BIG, "the options are too long");
	if (used)
		mount->data[used++] = ',';
	strcpy(mount->data + used, text);
	return 0;
}

static int read_mount(struct oci *oci, const struct oci_value *value, struct mount *mount)
{
	static const char *const maps[] = {"uidMappings", "gidMappings"};
	struct oci_value member, item;
	int ret = ct__oci_text_member(oci, value, "destination", &mount->destination);

	if (ret == 0)
		ret = ct__oci_text_member(oci, value, "type", &mount->type);
	if (ret == 0)
		ret = ct__oci_text_member(oci, value, "source", &mount->source);
	for (size_t i = 0; ret == 0 && i < 2; i++) {
		ret = ct__oci_member(oci, value, maps[i], OCI_ARRAY, &member);
		if (ret > 0 && json_array_size(member.json))
			return ct__oci_refuse(oci, &member, -EOPNOTSUPP, "it cannot be honoured");
		ret = ret < 0 ? ret : 0;
	}
	if (ret < 0)
		return ret;
	if (!mount->destination[0])
		return ct__oci_refuse(oci, value, -EINVAL, "it has no destination");
	mount->flags = CT_MOUNT_SUID | CT_MOUNT_DEV;
	mount->is_bind = strcmp(mount->type, "bind") == 0;
	ret = ct__oci_member(oci, value, "options", OCI_STRINGS, &member);
	for (size_t i = 0; ret > 0 && i < json_array_size(member.json); i++) {
		ret = ct__oci_item(oci, &member, i, OCI_STRING, &item);
		if (ret > 0)
			ret = option(oci, &item, mount);
		ret = ret < 0 ? ret : 1;
	}
	return ret < 0 ? ret : 0;
}

/* ---------------------------------------------------------------- mounts */

/* What every container has, and where. */
static bool is_standard(const struct mount *mount)
{
	static const char *const standard[][2] = {
		{"/proc", "proc"},
		{"/sys", "sysfs"},
		{"/dev", "tmpfs"},
		{"/dev/pts", "devpts"},
		{"/dev/mqueue", "mqueue"},
	};

	for (size_t i = 0; i < sizeof(standard) / sizeof(standard[0]); i++)
		if (strcmp(mount->destination, standard[i][0]) == 0 &&
			strcmp(mount->type, standard[i][1]) == 0)
			return true;
	return false;
}

static int bind(struct oci *oci, const struct oci_value *value, const struct mount *mount)
{
	CT__AUTO_FREE char *source = NULL;
	struct oci_value member;
	int ret = ct__oci_member(oci, value, "source", OCI_STRING, &member);

	if (ret == 0)
		return ct__oci_refuse(oci, value, -EINVAL, "it is a bind without a source");
	if (ret > 0)
		ret = ct__oci_host_path(oci, &member, mount->source, &source);
	if (ret < 0)
		return ret;
	if (mount->data[0])
		return ct__oci_refuse(oci, value, -EINVAL, "it has options that a bind does not take");
	return ct__oci_set(
		oci, &member, ct_spec_add_bind(oci->spec, source, mount->destination, mount->flags));
}

/*
 * The container's own cgroups, if it has a cgroup namespace: without one they would be all of
 * the machine's, and nothing is mounted.
 */
static int cgroups(struct oci *oci, const struct oci_value *value, const struct mount *mount)
{
	struct oci_value list;
	struct statfs about;
	bool own = false;
	size_t i;
	json_t *item;

	if (ct__oci_find(oci, "/linux/namespaces", OCI_ARRAY, &list) > 0)
		json_array_foreach(list.json, i, item) {
			const char *type = json_string_value(json_object_get(item, "type"));

			own |= type && strcmp(type, "cgroup") == 0;
		}
	if (!own)
		return 0;
	if (statfs("/sys/fs/cgroup", &about) < 0 ||
		(unsigned long)about.f_type != CGROUP2_SUPER_MAGIC)
		return 0;
	return ct__oci_set(oci, value,
		ct_spec_add_filesystem(oci->spec, "cgroup2", mount->destination, NULL, mount->flags));
}

/* Whether there is nothing below a directory, or no directory. */
static bool is_empty(const char *path)
{
	DIR *directory = opendir(path);
	bool empty = true;
	struct dirent *entry;

	while (empty && directory && (entry = readdir(directory)))
		empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
	if (directory)
		closedir(directory);
	return empty;
}

/* Whether there is anything in the root at the mount's place, which would have to be copied. */
static int check_copy(struct oci *oci, const struct oci_value *value, const struct mount *mount)
{
	CT__AUTO_FREE char *root = NULL;
	struct oci_value path;
	char place[4096];
	int ret = ct__oci_find(oci, "/root/path", OCI_STRING, &path);

	if (ret > 0)
		ret = ct__oci_host_path(oci, &path, json_string_value(path.json), &root);
	if (ret < 0 || !root)
		return ret;
	snprintf(place, sizeof(place), "%s/%s", root, mount->destination);
	if (is_empty(place))
		return 0;
	return ct__oci_refuse(oci, value, -EOPNOTSUPP, "tmpcopyup would have something to copy");
}

static int mount_one(struct oci *oci, const struct oci_value *value)
{
	struct mount mount = {0};
	int ret = read_mount(oci, value, &mount);

	if (ret < 0)
		return ret;
	if (mount.is_bind)
		return bind(oci, value, &mount);
	if (is_standard(&mount))
		return 0;
	if (strcmp(mount.type, "cgroup") == 0 || strcmp(mount.type, "cgroup2") == 0)
		return cgroups(oci, value, &mount);
	if (mount.copies_up)
		ret = check_copy(oci, value, &mount);
	if (ret < 0)
		return ret;
	if (!mount.type[0])
		return ct__oci_refuse(oci, value, -EINVAL, "it has no type");
	return ct__oci_set(oci, value,
		ct_spec_add_filesystem(oci->spec, mount.type, mount.destination,
			mount.data[0] ? mount.data : NULL, mount.flags));
}

int ct__oci_mounts(struct oci *oci, const struct oci_value *value)
{
	struct oci_value item;
	int ret = 0;

	for (size_t i = 0; ret >= 0 && i < json_array_size(value->json); i++) {
		ret = ct__oci_item(oci, value, i, OCI_OBJECT, &item);
		if (ret >= 0)
			ret = mount_one(oci, &item);
	}
	return ret < 0 ? ret : 0;
}

/* All mounts of a container are private. */
int ct__oci_propagation(struct oci *oci, const struct oci_value *value)
{
	const char *text = json_string_value(value->json);

	if (!text[0] || strcmp(text, "private") == 0 || strcmp(text, "rprivate") == 0)
		return 0;
	return ct__oci_refuse(oci, value, -EOPNOTSUPP, "there is none but private");
}

static int paths(
	struct oci *oci, const struct oci_value *value, int (*add)(ct_spec *spec, const char *path))
{
	struct oci_value item;
	int ret = 0;

	for (size_t i = 0; ret >= 0 && i < json_array_size(value->json); i++) {
		ret = ct__oci_item(oci, value, i, OCI_STRING, &item);
		if (ret >= 0)
			ret = ct__oci_set(oci, &item, add(oci->spec, json_string_value(item.json)));
	}
	return ret < 0 ? ret : 0;
}

int ct__oci_masked(struct oci *oci, const struct oci_value *value)
{
	return paths(oci, value, ct_spec_add_masked_path);
}

int ct__oci_readonly(struct oci *oci, const struct oci_value *value)
{
	return paths(oci, value, ct_spec_add_readonly_path);
}

/* ----------------------------------------------------------------- giving */

int ct__oci_give_root(struct oci *oci, json_t **ret_value)
{
	char path[PATH_MAX];
	int ret;

	if (oci->from->rootfs_fd < 0)
		return ct__oci_unsayable(oci, "rootfs", "there is none");
	if (oci->from->root_mode == CT_ROOT_EPHEMERAL)
		return ct__oci_unsayable(oci, "root mode: ephemeral", "a root is writable or read-only there");
	ret = ct__oci_path_of(oci, "rootfs", oci->from->rootfs_fd, path);
	return ret < 0 ? ret :
			 ct__oci_given(oci,
				 json_pack("{s:s,s:b}", "path", path, "readonly",
					 oci->from->root_mode == CT_ROOT_READONLY),
				 ret_value);
}

/* The options that make these flags of those that a mount without options has. */
static void add_flags(struct oci *oci, json_t *list, uint32_t flags, bool is_bind)
{
	uint32_t said = CT_MOUNT_SUID | CT_MOUNT_DEV;

	if (is_bind && !(flags & CT_MOUNT_NO_SUBMOUNTS))
		ct__oci_append(oci, list, json_string("rbind"));
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		uint32_t then = (said & ~options[i].clear) | options[i].set;

		/* Only what leads nearer to them. */
		if (then == said || ((then ^ said) & ~(flags ^ said)))
			continue;
		ct__oci_append(oci, list, json_string(options[i].name));
		said = then;
	}
}

/* "key\0value\0" pairs as "key=value"; false: one of them would be taken for a flag of the mount. */
static bool add_pairs(struct oci *oci, json_t *list, const char *pairs, size_t size)
{
	bool known = false;

	for (const char *key = pairs; key && key < pairs + size;) {
		const char *value = key + strlen(key) + 1;

		for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
			known |= strcmp(options[i].name, key) == 0;
		ct__oci_append(oci, list,
			*value ? json_sprintf("%s=%s", key, value) : json_string(key));
		key = value + strlen(value) + 1;
	}
	return !known;
}

static json_t *filesystem(const char *type, const char *target, json_t *list)
{
	return json_pack("{s:s+,s:s,s:s,s:o}", "destination", "/", target, "type", type, "source", type,
		"options", list);
}

/* What every container has; in the form in which it comes back if it is read as a mount of the spec. */
static void add_standard(struct oci *oci, json_t *mounts, const struct default_mount *mount)
{
	static const struct {
		uint32_t attribute, set, clear;
	} flags[] = {{MOUNT_ATTR_RDONLY, CT_MOUNT_READONLY, 0}, {MOUNT_ATTR_NOEXEC, CT_MOUNT_NOEXEC, 0},
		{MOUNT_ATTR_NOSUID, 0, CT_MOUNT_SUID}, {MOUNT_ATTR_NODEV, 0, CT_MOUNT_DEV}};
	uint32_t said = CT_MOUNT_SUID | CT_MOUNT_DEV;
	json_t *list = json_array();
	char target[64];

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (mount->attributes & flags[i].attribute)
			said = (said & ~flags[i].clear) | flags[i].set;
	add_flags(oci, list, said, false);
	(void)add_pairs(oci, list, mount->options, mount->options_size);
	snprintf(target, sizeof(target), "%s%s", mount->base == REG_DEV ? "dev/" : "", mount->target);
	ct__oci_append(oci, mounts, filesystem(mount->type, target, list));
}

static bool has_mount_on(const ct_spec *spec, const char *target)
{
	ct__array_for_each(struct spec_mount, mount, &spec->mounts)
		if (strcmp(mount->target, target) == 0)
			return true;
	return false;
}

static int give_bind(struct oci *oci, json_t *mounts, const struct spec_mount *mount)
{
	char path[PATH_MAX];
	json_t *list;
	int ret = ct__oci_path_of(oci, mount->target, mount->sources[0].fd, path);

	if (ret < 0 || ct__oci_is_device(mount, path))
		return ret;
	list = json_array();
	add_flags(oci, list, mount->flags, true);
	ct__oci_append(oci, mounts,
		json_pack("{s:s+,s:s,s:s,s:o}", "destination", "/", mount->target, "type", "bind", "source",
			path, "options", list));
	return 0;
}

static int give_mount(struct oci *oci, json_t *mounts, const struct spec_mount *mount)
{
	json_t *list;

	if (mount->kind == MOUNT_OVERLAY || mount->kind == MOUNT_FILE)
		return ct__oci_unsayable(oci, mount->target, "there is no word for overlays of paths, and for files");
	if (mount->flags & (CT_MOUNT_IDMAP | CT_MOUNT_OPTIONAL))
		return ct__oci_unsayable(oci, mount->target,
			"there is no word for CT_MOUNT_IDMAP and CT_MOUNT_OPTIONAL");
	if (mount->kind == MOUNT_BIND)
		return give_bind(oci, mounts, mount);
	list = json_array();
	add_flags(oci, list, mount->flags, false);
	if (mount->kind == MOUNT_TMPFS) {
		ct__oci_append(oci, list, json_sprintf("mode=%o", mount->mode));
		if (mount->size_bytes)
			ct__oci_append(oci, list, json_sprintf("size=%llu", (unsigned long long)mount->size_bytes));
	} else if (!add_pairs(oci, list, mount->data, mount->size_bytes)) {
		json_decref(list);
		return ct__oci_unsayable(oci, mount->target, "an option of the filesystem is one of mounts there");
	}
	ct__oci_append(oci, mounts,
		filesystem(mount->kind == MOUNT_TMPFS ? "tmpfs" :
			   strcmp(mount->type, "cgroup2") == 0 ? "cgroup" : mount->type,
			mount->target, list));
	return 0;
}

/*
 * The shared memory last of what every container has: read back it is a mount of the spec, since
 * configurations say how large it is.
 */
int ct__oci_give_mounts(struct oci *oci, json_t **ret_value)
{
	const struct default_mount *shared = NULL;
	json_t *mounts = json_array();
	int ret = 0;

	for (const struct default_mount *mount = ct__default_mounts; mount->type; mount++)
		if (strcmp(mount->target, "shm") == 0)
			shared = mount;
		else
			add_standard(oci, mounts, mount);
	if (shared && !has_mount_on(oci->from, "dev/shm"))
		add_standard(oci, mounts, shared);
	ct__array_for_each(struct spec_mount, mount, &oci->from->mounts)
		ret = ret < 0 ? ret : give_mount(oci, mounts, mount);
	if (ret < 0)
		json_decref(mounts);
	return ret < 0 ? ret : ct__oci_given(oci, mounts, ret_value);
}

static int give_paths(struct oci *oci, bool readonly, const char *const *defaults, json_t **ret_value)
{
	json_t *list = json_array();

	for (size_t i = 0; !oci->from->no_default_paths && defaults[i]; i++)
		ct__oci_append(oci, list, json_sprintf("/%s", defaults[i]));
	ct__array_for_each(struct spec_path, path, &oci->from->paths)
		if (path->readonly == readonly)
			ct__oci_append(oci, list, json_sprintf("/%s", path->path));
	return ct__oci_given(oci, list, ret_value);
}

int ct__oci_give_masked(struct oci *oci, json_t **ret_value)
{
	return give_paths(oci, false, ct__default_masked, ret_value);
}

int ct__oci_give_readonly(struct oci *oci, json_t **ret_value)
{
	return give_paths(oci, true, ct__default_readonly, ret_value);
}

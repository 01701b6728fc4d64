/* SPDX-License-Identifier: MIT */
/*
 * From spec to plan: root, standard mounts, mounts of the spec, hidden and
 * read-only paths. The order is the order in which the stage makes them.
 */
#include <container/proc.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "compile.h"
#include "error/error.h"
#include "idmapped.h"
#include "lack.h"
#include "settle.h"
#include "sys/nsfs.h"
#include "util/fd.h"
#include "util/ns_kinds.h"

/*
 * Where an open source is now. Only the stage's lookup uses the path, and checks
 * that it leads to the very file that is open: see clone_source() in lib/stage. That of
 * an image, which is nowhere, is that of its file, for words alone.
 */
uint32_t ct__compile_path(struct compiler *c, int fd, char path[PATH_MAX])
{
	const char *image = c->spec->rootfs_image;
	char link[64];
	ssize_t length;

	if (image && fd == c->spec->rootfs_fd) {
		snprintf(path, PATH_MAX, "%s", image);
		return ct__block_string(&c->block, path);
	}
	snprintf(link, sizeof(link), "/proc/thread-self/fd/%d", fd);
	length = readlink(link, path, PATH_MAX - 1);
	if (length < 0) {
		if (!c->block.error)
			c->block.error = -errno;
		length = 0;
	}
	path[length] = '\0';
	return ct__block_string(&c->block, path);
}

static struct plan_op *source_op(
	struct compiler *c, enum plan_code code, ct_step step, int fd, bool recursive)
{
	char path[PATH_MAX];
	uint32_t at = ct__compile_path(c, fd, path);
	struct plan_op *op = ct__block_op(&c->block, code, step, path);

	op->path = at;
	if (c->plan->settles) {
		ct__settle_source(c, op, fd, recursive);
		return op;
	}
	op->slot = ct__compile_slot(c, SLOT_FIXED, fd);
	if (c->source_count < PLAN_MAX_SLOTS)
		c->sources[c->source_count++] = at;
	return op;
}

/*
 * The same for a tree whose owners may have to be mapped to the container's ids; then the
 * host makes its mount, and no path is looked up for it. below: see struct idmapped_source;
 * asked_for: by the spec.
 */
static struct plan_op *owned_op(struct compiler *c, enum plan_code code, ct_step step, int fd,
	const char *below, bool recursive, bool asked_for)
{
	const bool image = step == CT_STEP_ROOT && c->spec->rootfs_image;
	char path[PATH_MAX];
	uint32_t at = ct__compile_path(c, fd, path);
	const struct idmapped_source source = {.fd = fd,
		.step = step,
		.path = path,
		.image = image,
		.below = below,
		.recursive = recursive,
		.hidden = code == OP_OVERLAY_LAYER || (image && code == OP_ROOT_OVERLAY),
		.asked_for = asked_for};
	struct plan_op *op;
	int slot, ret = c->block.error ? 0 : ct__idmapped_compile(c, &source, &slot);

	if (ret == 0)
		return source_op(c, code, step, fd, recursive);
	op = ct__block_op(&c->block, code, step, path);
	op->path = at;
	if (ret > 0) {
		op->slot = slot;
		op->flags = PLAN_TREE;
		if (step == CT_STEP_ROOT && c->plan->slots[slot].userns >= 0)
			c->plan->asked |= CT_LACK(CT_ITEM_IDMAPPED_ROOT);
		return op;
	}
	c->explained = true;
	c->block.error = ret;
	return op;
}

/* "key\0value\0" pairs of a tmpfs. */
static void tmpfs_options(struct compiler *c, struct plan_op *op, uint64_t size_bytes, mode_t mode)
{
	char text[64];
	int length = snprintf(text, sizeof(text), "mode%c%o%c", '\0', mode, '\0');

	if (size_bytes)
		length += snprintf(text + length, sizeof(text) - (size_t)length, "size%c%llu%c", '\0',
			(unsigned long long)size_bytes, '\0');
	op->size = (uint32_t)length;
	op->data = ct__block_data(&c->block, text, op->size);
}

static struct plan_op *attach(struct compiler *c, const char *target, int base, uint32_t flags)
{
	char object[PATH_MAX];
	struct plan_op *op;

	snprintf(object, sizeof(object), "/%s%s", base == REG_DEV ? "dev/" : "", target);
	op = ct__block_op(&c->block, OP_ATTACH, CT_STEP_MOUNT, object);
	op->b = base;
	op->path = ct__block_string(&c->block, target);
	op->flags = flags;
	return op;
}

/* The container's user namespace, or that of the caller, is not the one that the system starts with. */
static bool in_user_ns(const struct compiler *c)
{
	struct stat own;

	return c->foreign_user || stat("/proc/thread-self/ns/user", &own) < 0 ||
		own.st_ino != ct__ns_kinds[0].initial;
}

/*
 * Where there can be no overlay: the rootfs, read-only, and memory where programs write to
 * as a rule. A bound for the memory is shared out.
 */
static void root_without_overlay(struct compiler *c)
{
	static const struct {
		const char *path;
		mode_t mode;
		unsigned int share;
	} places[] = {{"tmp", 01777, 2}, {"var/tmp", 01777, 4}, {"run", 0755, 4}};
	struct plan_op *op =
		owned_op(c, OP_ROOT_BIND, CT_STEP_ROOT, c->spec->rootfs_fd, "", true, false);

	op->flags |= PLAN_READONLY | PLAN_INSTEAD;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		char object[32];

		snprintf(object, sizeof(object), "tmpfs on /%s", places[i].path);
		op = ct__block_op(&c->block, OP_NEW_MOUNT, CT_STEP_MOUNT, object);
		op->path = ct__block_string(&c->block, "tmpfs");
		op->flags = PLAN_INSTEAD;
		op->x = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
		tmpfs_options(c, op, c->spec->ephemeral_size / places[i].share, places[i].mode);
		attach(c, places[i].path, REG_ROOT, PLAN_STRICT | PLAN_OPTIONAL | PLAN_INSTEAD);
	}
}

static void root(struct compiler *c)
{
	const ct_spec *spec = c->spec;
	struct plan_op *op;

	if (spec->root_mode != CT_ROOT_EPHEMERAL) {
		op = owned_op(c, OP_ROOT_BIND, CT_STEP_ROOT, spec->rootfs_fd, "", true, false);
		op->flags |= spec->root_mode == CT_ROOT_READONLY ? PLAN_READONLY : 0;
		return;
	}
	op = owned_op(c, OP_ROOT_OVERLAY, CT_STEP_ROOT, spec->rootfs_fd, "", false, false);
	op->flags |= in_user_ns(c) ? PLAN_USER_NS : 0;
	tmpfs_options(c, op, spec->ephemeral_size, 0700);
	if (ct__may_lack(c, CT_ITEM_EPHEMERAL))
		root_without_overlay(c);
}

/* Whether the caller's own namespace of this kind belongs to its user namespace, or to one below that. */
static bool host_owns(uint32_t kind)
{
	for (size_t i = 0; i < CT__NS_KIND_COUNT; i++) {
		CT__AUTO_CLOSE int ns = -EBADF;
		CT__AUTO_CLOSE int owner = -EBADF;
		char path[64];

		if (ct__ns_kinds[i].kind != kind)
			continue;
		snprintf(path, sizeof(path), "/proc/thread-self/ns/%s", ct__ns_kinds[i].name);
		ns = open(path, O_RDONLY | O_CLOEXEC);
		owner = ns < 0 ? -errno : ct__ns_related(ns, CT__NS_GET_OWNER);
		return owner >= 0;
	}
	return false;
}

/*
 * A namespace that belongs to another user namespace can have no new mount of its
 * filesystem. The host's procfs and sysfs are bound then; its mqueue is left out.
 */
static bool can_mount(const struct compiler *c, const struct default_mount *mount)
{
	if (!mount->owner_ns || (c->ns_owned & mount->owner_ns))
		return true;
	return !c->foreign_user && (c->ns_given & mount->owner_ns || host_owns(mount->owner_ns));
}

/* The host's procfs or sysfs. flags: PLAN_INSTEAD, or PLAN_READONLY: it is there for want of a new one. */
static void bind_host(struct compiler *c, const struct default_mount *mount, uint32_t flags)
{
	const char *path = mount->keep == REG_PROC ? "/proc" : "/sys";
	int *fd = mount->keep == REG_PROC ? &c->plan->proc : &c->plan->sys;
	uint32_t instead = flags & PLAN_INSTEAD;
	struct plan_op *op;

	*fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	*fd = *fd < 0 ? -errno : ct__above_stdio(*fd);
	if (*fd == -ENOENT && instead)
		return;
	if (*fd < 0) {
		c->block.error = c->block.error ? c->block.error : *fd;
		return;
	}
	op = source_op(c, OP_BIND, CT_STEP_MOUNT, *fd, true);
	op->flags |= PLAN_RECURSIVE | instead;
	op = attach(c, mount->target, mount->base, PLAN_STRICT | PLAN_RECURSIVE | instead);
	/* Its files are those of the host's processes, to which its users may write. */
	op->x = mount->attributes | (flags ? MOUNT_ATTR_RDONLY : 0);
	op->a = mount->keep;
}

/* 0: of none. */
static int item_of(const struct default_mount *mount)
{
	switch (mount->keep) {
	case REG_PROC:
		return CT_ITEM_PROC;
	case REG_SYS:
		return CT_ITEM_SYS;
	default:
		return mount->owner_ns == CT_NS_IPC ? CT_ITEM_MQUEUE : 0;
	}
}

/* What the kernel would refuse: left out, or the host's instead, as for a namespace of the host. */
static void do_without(struct compiler *c, const struct default_mount *mount)
{
	bool lacks = c->lacking & mount->owner_ns;

	if (mount->keep >= 0)
		bind_host(c, mount, lacks ? PLAN_READONLY : 0);
	if (mount->keep < 0 || lacks)
		ct__lack_note(c, item_of(mount), CT_STEP_MOUNT, -EPERM,
			"its namespace belongs to another user namespace, which alone may mount it",
			"%s on /%s%s", mount->type, mount->base == REG_DEV ? "dev/" : "",
			mount->target);
}

/* What /proc leaves out, by CT_PROC_*. */
static void proc_options(struct compiler *c, struct plan_op *op)
{
	static const struct {
		const char *text;
		uint32_t size;
	} options[] = {
		[CT_PROC_SUBSET] = {"subset\0pid", sizeof("subset\0pid")},
		[CT_PROC_HIDE] = {"hidepid\0" "2", sizeof("hidepid\0" "2")},
		[CT_PROC_SUBSET | CT_PROC_HIDE] = {"subset\0pid\0hidepid\0" "2",
			sizeof("subset\0pid\0hidepid\0" "2")},
	};

	op->size = options[c->spec->proc].size;
	op->data = ct__block_data(&c->block, options[c->spec->proc].text, op->size);
}

static void standard_mount(struct compiler *c, const struct default_mount *mount)
{
	char object[64];
	struct plan_op *op;

	if (!can_mount(c, mount)) {
		do_without(c, mount);
		return;
	}
	snprintf(object, sizeof(object), "%s on /%s%s", mount->type,
		mount->base == REG_DEV ? "dev/" : "", mount->target);
	op = ct__block_op(&c->block, OP_NEW_MOUNT, CT_STEP_MOUNT, object);
	op->path = ct__block_string(&c->block, mount->type);
	op->data = ct__block_data(&c->block, mount->options, mount->options_size);
	op->size = (uint32_t)mount->options_size;
	op->x = mount->attributes;
	op->item = item_of(mount);
	if (mount->keep == REG_PROC)
		op->slot = ct__compile_given(c, CT_NS_PID);
	if (mount->keep == REG_PROC && c->spec->proc)
		proc_options(c, op);
	attach(c, mount->target, mount->base, PLAN_STRICT | PLAN_PART)->a = mount->keep;
	if (mount->keep >= 0 && item_of(mount) && ct__may_lack(c, item_of(mount)))
		bind_host(c, mount, PLAN_INSTEAD);
}

static void devices(struct compiler *c)
{
	char object[32];
	struct plan_op *op;

	for (const struct default_device *device = ct__default_devices; device->name; device++) {
		snprintf(object, sizeof(object), "/dev/%s", device->name);
		op = ct__block_op(&c->block, OP_DEVICE, CT_STEP_DEVICE, object);
		op->b = REG_DEV;
		op->path = ct__block_string(&c->block, device->name);
		op->x = makedev(device->major, device->minor);
		op->y = 0666;
	}
	for (const struct default_link *link = ct__default_links; link->name; link++) {
		snprintf(object, sizeof(object), "/dev/%s", link->name);
		op = ct__block_op(&c->block, OP_SYMLINK, CT_STEP_DEVICE, object);
		op->b = REG_DEV;
		op->path = ct__block_string(&c->block, link->name);
		op->data = ct__block_string(&c->block, link->target);
	}
}

static void sysctls(struct compiler *c)
{
	char object[PATH_MAX];

	ct__array_for_each(struct spec_sysctl, sysctl, &c->spec->sysctls) {
		struct plan_op *op;

		snprintf(object, sizeof(object), "/proc/%s", sysctl->path);
		if (c->lacking & sysctl->kind) { /* never that of the host */
			ct__lack_note(c, CT_ITEM_SYSCTLS, CT_STEP_SYSCTL, -EPERM, LACKS_NAMESPACE,
				"%s", object);
			continue;
		}
		op = ct__block_op(&c->block, OP_SYSCTL, CT_STEP_SYSCTL, object);
		op->path = ct__block_string(&c->block, sysctl->path);
		op->size = (uint32_t)strlen(sysctl->value);
		op->data = ct__block_data(&c->block, sysctl->value, op->size);
	}
}

/* ------------------------------------------------------ mounts of the spec */

static uint64_t attributes(uint32_t flags)
{
	uint64_t set = 0;

	if (flags & CT_MOUNT_READONLY)
		set |= MOUNT_ATTR_RDONLY;
	if (flags & CT_MOUNT_NOEXEC)
		set |= MOUNT_ATTR_NOEXEC;
	if (!(flags & CT_MOUNT_SUID))
		set |= MOUNT_ATTR_NOSUID;
	if (!(flags & CT_MOUNT_DEV))
		set |= MOUNT_ATTR_NODEV;
	return set;
}

/* The target as the caller gave it; it is kept without its first slash. */
static const char *object_of(const struct spec_mount *mount, char object[PATH_MAX])
{
	snprintf(object, PATH_MAX, "/%s", mount->target);
	return object;
}

/* One layer under a short name in the scratch: "m3l0". Of the upper one the mount has work below, too. */
static void layer(
	struct compiler *c, const struct spec_mount *mount, size_t number, size_t index, char name[32])
{
	const struct spec_source *source = &mount->sources[index];
	struct plan_op *op;

	snprintf(name, 32, "m%zul%zu", number, index);
	op = mount->flags & CT_MOUNT_IDMAP ?
		     owned_op(c, OP_OVERLAY_LAYER, CT_STEP_MOUNT, source->fd,
			     source->below ? source->below : "", false, true) :
		     source_op(c, OP_OVERLAY_LAYER, CT_STEP_MOUNT, source->fd, false);
	op->data = ct__block_string(&c->block, name);
}

static void append(char *to, size_t size, size_t *used, const char *text, size_t length)
{
	if (*used + length > size)
		length = size - *used;
	memcpy(to + *used, text, length);
	*used += length;
}

static void overlay(struct compiler *c, const struct spec_mount *mount, size_t number)
{
	size_t lowers = mount->source_count - (mount->has_upper ? 2 : 0);
	char options[4 * PATH_MAX], name[32], object[PATH_MAX];
	bool user_ns = in_user_ns(c);
	struct plan_op *op;
	size_t used = 0;

	append(options, sizeof(options), &used, "lowerdir", sizeof("lowerdir"));
	for (size_t i = 0; i < lowers; i++) {
		layer(c, mount, number, i, name);
		append(options, sizeof(options), &used, ":", i ? 1 : 0);
		append(options, sizeof(options), &used, name, strlen(name));
	}
	append(options, sizeof(options), &used, "", 1);
	if (mount->has_upper) {
		const struct spec_source *upper = &mount->sources[lowers], *work = upper + 1;

		layer(c, mount, number, lowers, name);
		append(options, sizeof(options), &used, "upperdir", sizeof("upperdir"));
		append(options, sizeof(options), &used, name, strlen(name));
		append(options, sizeof(options), &used, "/", 1);
		append(options, sizeof(options), &used, upper->below, strlen(upper->below) + 1);
		append(options, sizeof(options), &used, "workdir", sizeof("workdir"));
		append(options, sizeof(options), &used, name, strlen(name));
		append(options, sizeof(options), &used, "/", 1);
		append(options, sizeof(options), &used, work->below, strlen(work->below) + 1);
	}
	if (user_ns)
		append(options, sizeof(options), &used, "userxattr\0", sizeof("userxattr\0"));
	op = ct__block_op(&c->block, OP_OVERLAY, CT_STEP_MOUNT, object_of(mount, object));
	op->flags = user_ns ? PLAN_USER_NS : 0;
	op->size = (uint32_t)used;
	op->data = ct__block_data(&c->block, options, used);
}

static struct plan_op *bind_op(struct compiler *c, const struct spec_mount *mount)
{
	int fd = mount->sources[0].fd;

	if (!(mount->flags & CT_MOUNT_IDMAP))
		return source_op(
			c, OP_BIND, CT_STEP_MOUNT, fd, !(mount->flags & CT_MOUNT_NO_SUBMOUNTS));
	return owned_op(
		c, OP_BIND, CT_STEP_MOUNT, fd, "", !(mount->flags & CT_MOUNT_NO_SUBMOUNTS), true);
}

static void spec_mount(struct compiler *c, const struct spec_mount *mount, size_t number)
{
	char object[PATH_MAX];
	struct plan_op *op;
	uint32_t flags = PLAN_CREATE;

	switch (mount->kind) {
	case MOUNT_BIND:
		if (!(mount->flags & CT_MOUNT_NO_SUBMOUNTS))
			flags |= PLAN_RECURSIVE;
		op = bind_op(c, mount);
		op->flags |= flags & PLAN_RECURSIVE;
		break;
	case MOUNT_TMPFS:
		op = ct__block_op(&c->block, OP_NEW_MOUNT, CT_STEP_MOUNT, object_of(mount, object));
		op->path = ct__block_string(&c->block, "tmpfs");
		tmpfs_options(c, op, mount->size_bytes, mount->mode);
		break;
	case MOUNT_NEW:
		op = ct__block_op(&c->block, OP_NEW_MOUNT, CT_STEP_MOUNT, object_of(mount, object));
		op->path = ct__block_string(&c->block, mount->type);
		op->size = (uint32_t)mount->size_bytes;
		op->data = ct__block_data(&c->block, mount->data, op->size);
		break;
	case MOUNT_OVERLAY:
		overlay(c, mount, number);
		break;
	case MOUNT_FILE:
		op = ct__block_op(&c->block, OP_FILE, CT_STEP_FILE, object_of(mount, object));
		op->size = (uint32_t)mount->size_bytes;
		op->data = ct__block_data(&c->block, mount->data, op->size);
		op->y = mount->mode;
		break;
	}
	op = attach(c, mount->target, REG_ROOT, flags);
	op->x = attributes(mount->flags);
}

/* -------------------------------------------------------- hidden and fixed */

/*
 * A path below /proc or /sys is looked up on that very filesystem, without any
 * symlink; another one below the root, inside of it.
 */
static void restrict_path(struct compiler *c, const char *path, bool readonly)
{
	bool proc = strncmp(path, "proc/", 5) == 0, sys = strncmp(path, "sys/", 4) == 0;
	struct plan_op *op;
	char object[PATH_MAX];

	snprintf(object, sizeof(object), "/%s", path);
	op = ct__block_op(&c->block, readonly ? OP_READONLY : OP_MASK,
		readonly ? CT_STEP_READONLY : CT_STEP_MASK, object);
	op->b = proc ? REG_PROC : sys ? REG_SYS : REG_ROOT;
	op->flags = proc || sys ? PLAN_STRICT : 0;
	if ((proc && c->plan->proc >= 0) || (sys && c->plan->sys >= 0))
		op->flags |= PLAN_HOSTS;
	op->path = ct__block_string(&c->block, path + (proc ? 5 : sys ? 4 : 0));
}

static void restrictions(struct compiler *c)
{
	const ct_spec *spec = c->spec;

	/* Read-only first: a mask below such a path must not be covered by its copy. */
	for (size_t i = 0; !spec->no_default_paths && ct__default_readonly[i]; i++)
		restrict_path(c, ct__default_readonly[i], true);
	ct__array_for_each(struct spec_path, path, &spec->paths)
		if (path->readonly)
			restrict_path(c, path->path, true);
	if (!c->plan->settles)
		ct__block_op(&c->block, OP_SCRATCH, CT_STEP_MASK, "memory for masks")->flags =
			PLAN_READONLY;
	for (size_t i = 0; !spec->no_default_paths && ct__default_masked[i]; i++)
		restrict_path(c, ct__default_masked[i], false);
	ct__array_for_each(struct spec_path, path, &spec->paths)
		if (!path->readonly)
			restrict_path(c, path->path, false);
}

int ct__compile_mounts(struct compiler *c)
{
	struct plan_op *op;
	size_t number = 0;

	if (!c->plan->settles)
		ct__block_op(&c->block, OP_PRIVATE, CT_STEP_PROPAGATION, "/");
	op = ct__block_op(&c->block, OP_SCRATCH, CT_STEP_MOUNT, "memory for masks and files");
	if (c->plan->settles)
		op->flags = PLAN_HOME;
	else
		tmpfs_options(c, op, 0, 0700);
	root(c);
	for (const struct default_mount *mount = ct__default_mounts; mount->type; mount++) {
		standard_mount(c, mount);
		if (mount->keep == REG_PROC)
			sysctls(c);
		if (mount->keep == REG_DEV)
			devices(c);
	}
	ct__array_for_each(struct spec_mount, mount, &c->spec->mounts)
		spec_mount(c, mount, number++);
	restrictions(c);
	if (c->spec->root_mode == CT_ROOT_READONLY && !c->spec->prepare)
		ct__block_op(&c->block, OP_ROOT_READONLY, CT_STEP_ROOT, "/");
	ct__compile_perch(c);
	return c->block.error;
}

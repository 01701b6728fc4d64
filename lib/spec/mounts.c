/* SPDX-License-Identifier: MIT */
/*
 * Setters: the root filesystem, mounts, files, masked and read-only paths.
 * Sources are opened here and stay open; they are mounted by the stage.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rootfs/image.h"
#include "spec.h"
#include "util/fd.h"

#define FILE_MAX   (16u << 20)
#define LOWERS_MAX 64

#define MOUNT_FLAGS                                                                                \
	(CT_MOUNT_READONLY | CT_MOUNT_NOEXEC | CT_MOUNT_SUID | CT_MOUNT_DEV |                      \
		CT_MOUNT_NO_SUBMOUNTS | CT_MOUNT_OPTIONAL | CT_MOUNT_IDMAP)

int ct_spec_set_rootfs(ct_spec *spec, const ct_rootfs *rootfs)
{
	ct_extract_stats stats = {.size = sizeof(stats)};
	CT__AUTO_FREE char *image = NULL;
	int fd;

	if (!spec)
		return -EINVAL;
	if (!rootfs)
		return ct__spec_mistake(spec, -EINVAL, "it is NULL", "rootfs");
	if (ct__rootfs_image(rootfs)) {
		image = strdup(ct__rootfs_image(rootfs));
		if (!image)
			return ct__spec_mistake(spec, -ENOMEM, NULL, "rootfs");
	}
	fd = fcntl(ct_rootfs_fd(rootfs), F_DUPFD_CLOEXEC, 3);
	if (fd < 0)
		return ct__spec_mistake(spec, -errno, NULL, "rootfs");
	ct__spec_changed(spec);
	ct__close(&spec->rootfs_fd);
	free(spec->rootfs_image);
	spec->rootfs_fd = fd;
	spec->rootfs_image = ct__take(image);
	spec->rootfs_is_mapped =
		ct_rootfs_stats(rootfs, &stats) == 0 && stats.owners == CT_OWNERS_MAPPED;
	return 0;
}

int ct_spec_set_root_mode(ct_spec *spec, ct_root_mode mode)
{
	if (!spec)
		return -EINVAL;
	if ((unsigned int)mode > CT_ROOT_EPHEMERAL)
		return ct__spec_mistake(spec, -EINVAL, "there is no such mode", "root mode: %d", mode);
	ct__spec_changed(spec);
	spec->root_mode = mode;
	return 0;
}

int ct_spec_set_ephemeral_size(ct_spec *spec, uint64_t size_bytes)
{
	if (!spec)
		return -EINVAL;
	ct__spec_changed(spec);
	spec->ephemeral_size = size_bytes;
	return 0;
}

/* ---------------------------------------------------------------- mounts */

void ct__spec_mount_done(struct spec_mount *mount)
{
	for (size_t i = 0; i < mount->source_count; i++) {
		ct__close(&mount->sources[i].fd);
		free(mount->sources[i].below);
	}
	free(mount->sources);
	free(mount->target);
	free(mount->data);
	free(mount->type);
}

/* Checks what all mounts have in common, fills target and flags. */
static int begin(ct_spec *spec, struct spec_mount *mount, const char *target, uint32_t flags)
{
	int ret;

	if (flags & ~MOUNT_FLAGS)
		return ct__spec_mistake(spec, -EINVAL, "unknown flags", "mount: %s: %#x",
			target ? target : "NULL", flags);
	if ((flags & CT_MOUNT_IDMAP) && mount->kind != MOUNT_BIND && mount->kind != MOUNT_OVERLAY)
		return ct__spec_mistake(spec, -EINVAL, "CT_MOUNT_IDMAP is for binds and overlays",
			"mount: %s", target ? target : "NULL");
	ret = ct__spec_inside_path(spec, target, &mount->target);
	if (ret < 0)
		return ret;
	if (!mount->target[0] || strcmp(mount->target, "proc") == 0 ||
		strncmp(mount->target, "proc/", 5) == 0) {
		ct__spec_mount_done(mount);
		return ct__spec_mistake(spec, -EINVAL,
			"nothing can be mounted on / nor on /proc or below it", "mount: %s", target);
	}
	mount->flags = flags;
	return 0;
}

/* Takes the mount, also on failure. */
static int finish(ct_spec *spec, struct spec_mount *mount)
{
	if (ct__array_add(&spec->mounts, mount, sizeof(*mount)) < 0) {
		ct__spec_mount_done(mount);
		return ct__spec_mistake(spec, -ENOMEM, NULL, "mounts");
	}
	ct__spec_changed(spec);
	return 0;
}

static int open_source(const char *path)
{
	int fd = open(path, O_PATH | O_CLOEXEC);

	return fd < 0 ? -errno : ct__above_stdio(fd);
}

/* Takes fd, also on failure. */
static int add_source(struct spec_mount *mount, int fd, const char *below)
{
	struct spec_source source = {.fd = fd};
	struct spec_source *grown =
		reallocarray(mount->sources, mount->source_count + 1, sizeof(*grown));

	if (grown)
		mount->sources = grown;
	if (below)
		source.below = strdup(below);
	if (!grown || (below && !source.below)) {
		close(fd);
		free(source.below);
		return -ENOMEM;
	}
	mount->sources[mount->source_count++] = source;
	return 0;
}

/* Takes fd, also on failure. */
static int add_bind(ct_spec *spec, int fd, const char *target, uint32_t flags)
{
	struct spec_mount mount = {.kind = MOUNT_BIND};
	int ret = begin(spec, &mount, target, flags);

	if (ret < 0) {
		close(fd);
		return ret;
	}
	ret = add_source(&mount, fd, NULL);
	if (ret < 0) {
		ct__spec_mount_done(&mount);
		return ct__spec_mistake(spec, ret, NULL, "bind: %s", target);
	}
	return finish(spec, &mount);
}

int ct_spec_add_bind(ct_spec *spec, const char *source, const char *target, uint32_t flags)
{
	int fd;

	if (!spec)
		return -EINVAL;
	if (!source || !source[0])
		return ct__spec_mistake(spec, -EINVAL, "the source is missing", "bind: %s",
			target ? target : "NULL");
	fd = open_source(source);
	if (fd == -ENOENT && (flags & CT_MOUNT_OPTIONAL))
		return 0;
	if (fd < 0)
		return ct__spec_mistake(spec, fd, NULL, "bind: %s", source);
	return add_bind(spec, fd, target, flags);
}

int ct_spec_add_bind_fd(ct_spec *spec, int fd, const char *target, uint32_t flags)
{
	int copy;

	if (!spec)
		return -EINVAL;
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (copy < 0)
		return ct__spec_mistake(spec, -errno, NULL, "bind: descriptor %d", fd);
	return add_bind(spec, copy, target, flags);
}

int ct_spec_add_tmpfs(ct_spec *spec, const char *target, uint64_t size_bytes, mode_t mode,
	uint32_t flags)
{
	struct spec_mount mount = {.kind = MOUNT_TMPFS, .size_bytes = size_bytes, .mode = mode};
	int ret;

	if (!spec)
		return -EINVAL;
	if (mode > 07777)
		return ct__spec_mistake(spec, -EINVAL, "the mode is over 07777", "tmpfs: %s: %#o",
			target ? target : "NULL", mode);
	ret = begin(spec, &mount, target, flags);
	return ret < 0 ? ret : finish(spec, &mount);
}

/* "a=b,c" as pairs: "a\0b\0c\0\0". Takes as much again, and two bytes more. */
static size_t to_pairs(const char *options, char *pairs)
{
	size_t used = 0;
	bool value = false;

	for (; options && *options; options++) {
		if (*options == ',') {
			if (used && !value)
				pairs[used++] = '\0';
			pairs[used++] = '\0';
			value = false;
		} else if (*options == '=' && !value) {
			pairs[used++] = '\0';
			value = true;
		} else {
			pairs[used++] = *options;
		}
	}
	if (used) {
		if (!value)
			pairs[used++] = '\0';
		pairs[used++] = '\0';
	}
	return used;
}

int ct_spec_add_filesystem(
	ct_spec *spec, const char *type, const char *target, const char *options, uint32_t flags)
{
	struct spec_mount mount = {.kind = MOUNT_NEW};
	int ret;

	if (!spec)
		return -EINVAL;
	if (!type || !type[0] || strlen(type) > 63 || (options && strlen(options) > 1023))
		return ct__spec_mistake(spec, -EINVAL, "the type is missing, or one of them is too long",
			"filesystem: %s", target ? target : "NULL");
	if (options && options[0] &&
		(options[0] == ',' || options[0] == '=' || strstr(options, ",,") ||
			strstr(options, ",=") || options[strlen(options) - 1] == ','))
		return ct__spec_mistake(spec, -EINVAL, "an option has no name", "filesystem: %s: %s",
			target ? target : "NULL", options);
	ret = begin(spec, &mount, target, flags);
	if (ret < 0)
		return ret;
	mount.type = strdup(type);
	mount.data = malloc(options ? 2 * strlen(options) + 2 : 1);
	if (!mount.type || !mount.data) {
		ct__spec_mount_done(&mount);
		return ct__spec_mistake(spec, -ENOMEM, NULL, "filesystem: %s", target);
	}
	mount.size_bytes = to_pairs(options, mount.data);
	return finish(spec, &mount);
}

/*
 * overlayfs wants upper and work under one mount: their common directory is the
 * source, and the rest of their paths are names below it.
 */
static int add_upper(ct_spec *spec, struct spec_mount *mount, const char *upper, const char *work)
{
	char up[PATH_MAX], down[PATH_MAX];
	size_t common = 0;
	int fd, ret;

	if (!realpath(upper, up) || !realpath(work, down))
		return ct__spec_mistake(spec, -errno, NULL, "overlay: %s, %s", upper, work);
	for (size_t i = 0; up[i] && up[i] == down[i]; i++)
		if (up[i] == '/')
			common = i;
	if (strpbrk(up + common, ",:\\") || strpbrk(down + common, ",:\\"))
		return ct__spec_mistake(spec, -EINVAL, "comma, colon and backslash cannot be in it",
			"overlay: %s, %s", upper, work);
	/* "/srv/up" and "/srv/work": "/srv", "up", "work" */
	up[common] = down[common] = '\0';
	fd = open_source(common ? up : "/");
	if (fd < 0)
		return ct__spec_mistake(spec, fd, NULL, "overlay: %s", up);
	ret = add_source(mount, fd, up + common + 1);
	if (ret >= 0)
		ret = fcntl(mount->sources[mount->source_count - 1].fd, F_DUPFD_CLOEXEC, 3);
	if (ret >= 0)
		ret = add_source(mount, ret, down + common + 1);
	if (ret < 0)
		return ct__spec_mistake(spec, ret, NULL, "overlay: %s", upper);
	mount->has_upper = true;
	return 0;
}

static int add_lowers(ct_spec *spec, struct spec_mount *mount, const char *const *lowers)
{
	for (size_t i = 0; lowers[i]; i++) {
		int fd = i < LOWERS_MAX ? open_source(lowers[i]) : -E2BIG;
		int ret = fd < 0 ? fd : add_source(mount, fd, NULL);

		if (ret < 0)
			return ct__spec_mistake(spec, ret, NULL, "overlay: %s", lowers[i]);
	}
	return 0;
}

int ct_spec_add_overlay(ct_spec *spec, const char *const *lowers, const char *upper,
	const char *work, const char *target, uint32_t flags)
{
	struct spec_mount mount = {.kind = MOUNT_OVERLAY};
	int ret;

	if (!spec)
		return -EINVAL;
	if (!lowers || !lowers[0] || !upper != !work)
		return ct__spec_mistake(spec, -EINVAL,
			"it takes a lower directory, and upper and work together", "overlay: %s",
			target ? target : "NULL");
	ret = begin(spec, &mount, target, flags);
	if (ret < 0)
		return ret;
	ret = add_lowers(spec, &mount, lowers);
	if (ret >= 0 && upper)
		ret = add_upper(spec, &mount, upper, work);
	if (ret < 0) {
		ct__spec_mount_done(&mount);
		return ret;
	}
	return finish(spec, &mount);
}

/* ----------------------------------------------------------------- files */

/* Takes data, also on failure. */
static int add_file(ct_spec *spec, void *data, size_t size, const char *target, mode_t mode)
{
	struct spec_mount mount = {.kind = MOUNT_FILE, .mode = mode, .size_bytes = size};
	int ret;

	if (mode > 0777) {
		free(data);
		return ct__spec_mistake(spec, -EINVAL, "the mode is over 0777", "file: %s: %#o",
			target ? target : "NULL", mode);
	}
	ret = begin(spec, &mount, target, 0);
	if (ret < 0) {
		free(data);
		return ret;
	}
	mount.data = data;
	return finish(spec, &mount);
}

int ct_spec_add_file(ct_spec *spec, const void *data, size_t size, const char *target, mode_t mode)
{
	void *copy;

	if (!spec)
		return -EINVAL;
	if (!data && size)
		return ct__spec_mistake(spec, -EINVAL, "the content is missing", "file: %s",
			target ? target : "NULL");
	if (size > FILE_MAX)
		return ct__spec_mistake(spec, -EFBIG, "it is over 16 MiB", "file: %s",
			target ? target : "NULL");
	copy = malloc(size + 1);
	if (!copy)
		return ct__spec_mistake(spec, -ENOMEM, NULL, "file: %s", target ? target : "NULL");
	if (size)
		memcpy(copy, data, size);
	return add_file(spec, copy, size, target, mode);
}

int ct_spec_add_file_fd(ct_spec *spec, int fd, const char *target, mode_t mode)
{
	size_t size = 0, room = 0;
	CT__AUTO_FREE char *data = NULL;

	if (!spec)
		return -EINVAL;
	for (;;) {
		ssize_t got;

		if (size == room) {
			size_t more = room ? room * 2 : 64u << 10;
			char *grown = realloc(data, more);

			if (!grown)
				return ct__spec_mistake(spec, -ENOMEM, NULL, "file: descriptor %d",
					fd);
			data = grown;
			room = more;
		}
		got = read(fd, data + size, room - size);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return ct__spec_mistake(spec, -errno, NULL, "file: descriptor %d", fd);
		if (got == 0)
			break;
		size += (size_t)got;
		if (size > FILE_MAX)
			return ct__spec_mistake(spec, -EFBIG, "it is over 16 MiB",
				"file: descriptor %d", fd);
	}
	return add_file(spec, ct__take(data), size, target, mode);
}

/* --------------------------------------------------------- hidden, fixed */

static int add_path(ct_spec *spec, const char *path, bool readonly)
{
	struct spec_path item = {.readonly = readonly};
	int ret;

	if (!spec)
		return -EINVAL;
	ret = ct__spec_inside_path(spec, path, &item.path);
	if (ret < 0)
		return ret;
	ret = item.path[0] ? ct__array_add(&spec->paths, &item, sizeof(item)) : -EINVAL;
	if (ret < 0) {
		free(item.path);
		return ct__spec_mistake(spec, ret, NULL, "path: %s", path);
	}
	ct__spec_changed(spec);
	return 0;
}

int ct_spec_add_masked_path(ct_spec *spec, const char *path)
{
	return add_path(spec, path, false);
}

int ct_spec_add_readonly_path(ct_spec *spec, const char *path)
{
	return add_path(spec, path, true);
}

int ct_spec_clear_paths(ct_spec *spec)
{
	if (!spec)
		return -EINVAL;
	ct__spec_changed(spec);
	ct__array_for_each(struct spec_path, item, &spec->paths)
		free(item->path);
	ct__array_done(&spec->paths);
	spec->no_default_paths = true;
	return 0;
}

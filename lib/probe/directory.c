/* SPDX-License-Identifier: MIT */
/* Facts about one directory: what its filesystem can do. Nothing is written there. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "probe.h"
#include "sys/openat2.h"
#include "sys/procfs.h"
#include "util/fd.h"
#include "util/proc_text.h"

/* The type of the filesystem that a descriptor is on, by the mount in mountinfo. */
static bool find_type(int dir, char *ret_type, size_t size)
{
	CT__AUTO_FREE char *text = NULL;
	struct statx about;
	char *rest, *line;

	if (statx(dir, "", AT_EMPTY_PATH, STATX_MNT_ID, &about) < 0 ||
		!(about.stx_mask & STATX_MNT_ID) ||
		ct__procfs_read_all(AT_FDCWD, "/proc/thread-self/mountinfo", &text) < 0)
		return false;
	rest = text;
	while ((line = strsep(&rest, "\n")) != NULL) {
		struct ct__mount_line mount;

		if (ct__parse_mount_line(line, &mount) < 0 || mount.id != about.stx_mnt_id)
			continue;
		snprintf(ret_type, size, "%s", mount.type);
		return true;
	}
	return false;
}

ct_probe_state ct__check_filesystem(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	char type[64];

	(void)row;
	if (find_type(look->dir, type, sizeof(type)))
		return ct__works_with(info, "%s", type);
	else
		return ct__unknown(
			info, "/proc/self/mountinfo does not show the mount of the directory");
}

/* 0, or why not: -EROFS and the like. */
static int may_write(int dir)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/thread-self/fd/%d", dir);
	return faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) < 0 ? -errno : 0;
}

ct_probe_state ct__check_writable(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	int ret = may_write(look->dir);

	(void)row;
	if (ret == 0)
		return ct__works(info);
	else if (ret == -EROFS)
		return ct__lacks_because(info, "mount it anew with rw, or use another directory",
			"the filesystem is mounted read-only");
	else if (ret == -EACCES)
		return ct__lacks_because(info,
			"use a directory of the caller's own, or run as root",
			"uid %u may not write to it", geteuid());
	else
		return ct__unknown(info, "faccessat: %s", strerrordesc_np(-ret));
}

ct_probe_state ct__check_exec(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	struct statvfs fs;

	(void)row;
	if (fstatvfs(look->dir, &fs) < 0)
		return ct__unknown(info, "fstatvfs: %s", strerrordesc_np(errno));
	else if (fs.f_flag & ST_NOEXEC)
		return ct__lacks_because(info, "mount it anew with exec, or use another filesystem",
			"the directory lies on a mount with noexec");
	else
		return ct__works(info);
}

/* What asking for an attribute that is not there says: ENODATA where there could be one. */
static int ask_xattr(int dir, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/thread-self/fd/%d", dir);
	return getxattr(path, name, NULL, 0) < 0 && errno != ENODATA ? -errno : 0;
}

ct_probe_state ct__check_user_xattr(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	int ret = ask_xattr(look->dir, "user.libcontainer");

	(void)row;
	if (ret == 0)
		return ct__works(info);
	else if (ret == -EOPNOTSUPP)
		return ct__lacks_because(info,
			"use a filesystem that has them: ext4, xfs, btrfs, tmpfs (from Linux 6.6 on)",
			"the filesystem has no user.* attributes");
	else
		return ct__unknown(info, "getxattr: %s", strerrordesc_np(-ret));
}

/* Filesystems that overlayfs takes for no upper layer, whatever else they can do. */
static const char *const no_upper[] = {"overlay", "nfs", "nfs4", "cifs", "smb3", "vfat", "exfat",
	"proc", "sysfs", "cgroup", "cgroup2", "9p", "squashfs", "iso9660", "erofs"};

/* A file without a name shows that the filesystem can do what overlayfs asks of an upper layer. */
static int try_nameless(int dir)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/thread-self/fd/%d", dir);
	fd = ct__openat(AT_FDCWD, path, O_TMPFILE | O_RDWR, 0600);
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

ct_probe_state ct__check_upper(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	static const char cure[] =
		"use a directory on ext4, xfs, btrfs or tmpfs, or changes in memory";
	const char *attributes = look->caller.admin && look->caller.initial
					 ? "trusted.overlay.opaque"
					 : "user.overlay.opaque";
	char type[64] = "";
	int ret;

	(void)row;
	find_type(look->dir, type, sizeof(type));
	for (size_t i = 0; i < sizeof(no_upper) / sizeof(no_upper[0]); i++)
		if (strcmp(type, no_upper[i]) == 0)
			return ct__lacks_because(
				info, cure, "overlayfs takes no upper layer on %s", type);
	ret = may_write(look->dir);
	if (ret < 0)
		return ct__lacks_because(info, "use a directory that the caller may write to",
			"the caller may not write to it: %s", strerrordesc_np(-ret));
	if (ask_xattr(look->dir, attributes) == -EOPNOTSUPP)
		return ct__lacks_because(info, cure, "the filesystem keeps no %s", attributes);
	ret = try_nameless(look->dir);
	if (ret < 0)
		return ct__lacks_because(info, cure,
			"files without a name cannot be made there: %s", strerrordesc_np(-ret));
	return ct__works(info);
}

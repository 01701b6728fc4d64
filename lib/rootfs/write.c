/* SPDX-License-Identifier: MIT */
/*
 * Making files beneath the root, one function for each kind. Names are single
 * components below a held descriptor, never followed, never opened if they
 * were there before. What may be made at all is decided in entry.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "error/error.h"
#include "rootfs.h"
#include "sys/nofollow.h"
#include "sys/openat2.h"

/* Between two reports to the caller's callback. */
#define REPORT_EVERY (1u << 20)

static const char *base_of(const struct ct__extraction *x)
{
	return x->path.text + x->path.base;
}

static int write_all(struct ct__extraction *x, int fd, const char *data, size_t size, off_t at,
	const char *name)
{
	while (size) {
		ssize_t done = pwrite(fd, data, size, at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return ct__fail(x->err, CT_STEP_WRITE, done < 0 ? -errno : -EIO, "pwrite",
				"%s", name);
		data += done;
		size -= (size_t)done;
		at += done;
		x->stats.bytes += (uint64_t)done;
	}
	return 0;
}

/* libarchive hands out a sparse file's parts in rising order; anything else is hostile. */
static int check_part(struct ct__extraction *x, int64_t offset, size_t size, int64_t end,
	const char *name)
{
	uint64_t last;

	if (offset < end || offset < 0 ||
		__builtin_add_overflow((uint64_t)offset, (uint64_t)size, &last) || last > INT64_MAX)
		return ct__fail_because(x->err, CT_STEP_ENTRY, -EINVAL,
			"parts of a sparse file overlap", "%s", name);
	if (last > x->options.max_file_bytes)
		return ct__fail_because(x->err, CT_STEP_QUOTA, -EDQUOT,
			"content of one file is larger than max_file_bytes", "%s", name);
	return ct__entry_check_bytes(x, size, name);
}

/* Writes the content as it comes; *ret_end is where it ends. */
static int write_parts(struct ct__extraction *x, int fd, int64_t *ret_end, const char *name)
{
	uint64_t reported = x->stats.bytes;
	const void *data = NULL;
	size_t size = 0;
	int64_t offset = 0;
	int rc;

	*ret_end = 0;
	while ((rc = ct__source_data(&x->source, &data, &size, &offset, name, x->err)) > 0) {
		if (size == 0)
			continue;
		rc = check_part(x, offset, size, *ret_end, name);
		if (rc == 0)
			rc = write_all(x, fd, data, size, offset, name);
		if (rc == 0 && x->stats.bytes - reported >= REPORT_EVERY) {
			reported = x->stats.bytes;
			rc = ct__entry_report(x, name);
		}
		if (rc < 0)
			return rc;
		*ret_end = offset + (int64_t)size;
	}
	return rc;
}

int ct__write_content(struct ct__extraction *x, struct archive_entry *entry, int fd,
	const char *name)
{
	int64_t end;
	int rc = write_parts(x, fd, &end, name);

	if (rc < 0)
		return rc;
	/* A hole at the end is not written. */
	if (archive_entry_size_is_set(entry) && archive_entry_size(entry) > end &&
		ftruncate(fd, archive_entry_size(entry)) < 0)
		return ct__fail(x->err, CT_STEP_WRITE, -errno, "ftruncate", "%s", name);
	return 0;
}

static int close_checked(struct ct__extraction *x, int *fd, const char *name)
{
	/* NFS and quotas report here; on Linux the descriptor is gone whatever it says. */
	if (close(ct__take_fd(fd)) < 0 && errno != EINTR)
		return ct__fail(x->err, CT_STEP_WRITE, -errno, "close", "%s", name);
	return 0;
}

int ct__write_file(struct ct__extraction *x, struct archive_entry *entry, int parent,
	const char *name)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
	CT__AUTO_CLOSE int fd = ct__openat(parent, base_of(x), flags, 0600);
	int rc;

	if (fd == -EEXIST) {
		rc = ct__tree_make_room(x, parent, &x->path);
		if (rc < 0)
			return rc;
		fd = ct__openat(parent, base_of(x), flags, 0600);
	}
	if (fd < 0)
		return ct__fail(x->err, CT_STEP_WRITE, fd, "openat", "%s", name);
	rc = ct__write_content(x, entry, fd, name);
	if (rc == 0)
		rc = ct__meta_apply_fd(x, fd, &x->meta, name);
	return rc < 0 ? rc : close_checked(x, &fd, name);
}

int ct__write_dir(struct ct__extraction *x, int parent, const char *name)
{
	const char *base = base_of(x);
	const char *rest;
	bool below_top;
	struct stat st;
	bool is_new = true;
	int rc = mkdirat(parent, base, 0700) < 0 ? -errno : 0;

	if (rc == -EEXIST && fstatat(parent, base, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		S_ISDIR(st.st_mode)) {
		is_new = false;
		rc = 0;
	} else if (rc == -EEXIST) {
		rc = ct__tree_make_room(x, parent, &x->path);
		if (rc < 0)
			return rc;
		rc = mkdirat(parent, base, 0700) < 0 ? -errno : 0;
	}
	if (rc == 0 && fstatat(parent, base, &st, AT_SYMLINK_NOFOLLOW) < 0)
		rc = -errno;
	if (rc == 0 && (st.st_mode & 07777) != 0700) /* the umask is the caller's */
		rc = ct__chmod_nofollow(parent, base, 0700);
	if (rc < 0)
		return ct__fail(x->err, CT_STEP_WRITE, rc, "mkdirat", "%s", name);
	below_top = ct__tree_is_below_top(&x->tree, x->path.text, &rest);
	return ct__dirs_set(x, rest, below_top, is_new, &st, &x->meta);
}

int ct__write_symlink(struct ct__extraction *x, int parent, const char *target, const char *name)
{
	const char *base = base_of(x);
	int rc = symlinkat(target, parent, base) < 0 ? -errno : 0;

	if (rc == -EEXIST) {
		rc = ct__tree_make_room(x, parent, &x->path);
		if (rc < 0)
			return rc;
		rc = symlinkat(target, parent, base) < 0 ? -errno : 0;
	}
	if (rc < 0)
		return ct__fail(x->err, CT_STEP_WRITE, rc, "symlinkat", "%s", name);
	ct__owner_inherit(x, parent);
	return ct__meta_apply_at(x, parent, base, &x->meta, name);
}

/* An empty file in its place that only the caller may read, with a record of what it stands for. */
static int record_device(struct ct__extraction *x, int parent, const char *name)
{
	const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, x->meta.mtime};
	CT__AUTO_CLOSE int fd = ct__openat(parent, base_of(x), O_WRONLY | O_CREAT | O_EXCL, 0600);
	struct ct__place place = {.fd = fd, .way = CT__WAY_RECORD, .name = name};
	int rc = fd < 0 ? fd : ct__record_put(&place, &x->meta);

	if (rc < 0)
		return ct__fail(x->err, CT_STEP_WRITE, rc, fd < 0 ? "openat" : "setxattr",
			"record of %s", name);
	rc = ct__xattrs_apply(x, &place, &x->meta.xattrs);
	if (rc < 0)
		return rc;
	if (fchmod(fd, 0600) < 0 || futimens(fd, times) < 0)
		return ct__fail(x->err, CT_STEP_WRITE, -errno, "futimens", "%s", name);
	x->stats.devices_recorded++;
	return close_checked(x, &fd, name);
}

int ct__write_node(struct ct__extraction *x, struct archive_entry *entry, int parent,
	const char *name)
{
	const char *base = base_of(x);
	mode_t type = archive_entry_filetype(entry);
	bool may_record = type != AE_IFIFO &&
			  !(x->options.flags & (CT_EXTRACT_NO_RECORDS | CT_EXTRACT_NO_XATTRS));
	uint64_t high = type == AE_IFIFO ? 0 : archive_entry_rdevmajor(entry);
	uint64_t low = type == AE_IFIFO ? 0 : archive_entry_rdevminor(entry);
	int rc;

	/* The kernel's dev_t has 12 and 20 bits, and would cut off silently. */
	if (high > 0xfff || low > 0xfffff)
		return ct__fail_because(x->err, CT_STEP_ENTRY, -EINVAL,
			"device number that does not exist", "%s", name);
	rc = mknodat(parent, base, type | 0600, makedev(high, low)) < 0 ? -errno : 0;
	if (rc == -EEXIST) {
		rc = ct__tree_make_room(x, parent, &x->path);
		if (rc < 0)
			return rc;
		rc = mknodat(parent, base, type | 0600, makedev(high, low)) < 0 ? -errno : 0;
	}
	if (rc == -EPERM && may_record)
		return record_device(x, parent, name);
	if (rc < 0)
		return ct__fail(x->err, CT_STEP_WRITE, rc, "mknodat", "%s", name);
	if (type == AE_IFIFO)
		ct__owner_inherit(x, parent);
	return ct__meta_apply_at(x, parent, base, &x->meta, name);
}

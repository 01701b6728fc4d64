/* SPDX-License-Identifier: MIT */
/*
 * One entry of the archive: is it let in, under which name, and as what. How
 * it is written stands in write.c and hardlink.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "error/error.h"
#include "rootfs.h"

/* Small archives may be dense; a bomb shows behind this. */
#define RATIO_FROM (UINT64_C(64) << 20)

static int over_quota(struct ct__extraction *x, const char *why, const char *name)
{
	return ct__fail_because(x->err, CT_STEP_QUOTA, -EDQUOT, why, "%s", name);
}

int ct__entry_check_bytes(struct ct__extraction *x, uint64_t more, const char *name)
{
	uint64_t out = x->source.unpacked > x->stats.bytes ? x->source.unpacked : x->stats.bytes;
	uint64_t in = x->source.taken ? x->source.taken : 1;

	if (more > x->options.max_bytes || x->stats.bytes > x->options.max_bytes - more)
		return over_quota(x, "content in all is larger than max_bytes", name);
	if (out > RATIO_FROM && out / in > x->options.max_ratio)
		return over_quota(x, "archive unpacks to more than max_ratio allows", name);
	return 0;
}

static int check_quotas(struct ct__extraction *x, struct archive_entry *entry, const char *name)
{
	if (x->seen++ >= x->options.max_entries)
		return over_quota(x, "archive has more entries than max_entries", name);
	if (x->path.depth > x->options.max_depth)
		return over_quota(x, "path is deeper than max_depth", name);
	/* Declared, holes included: refused before anything of it is made. */
	if (archive_entry_size_is_set(entry) &&
		(archive_entry_size(entry) < 0 ||
			(uint64_t)archive_entry_size(entry) > x->options.max_file_bytes))
		return over_quota(x, "content of one file is larger than max_file_bytes", name);
	return ct__entry_check_bytes(x, 0, name);
}

int ct__entry_report(struct ct__extraction *x, const char *name)
{
	const ct_extract_progress progress = {
		.size = sizeof(progress),
		.archive_bytes = x->source.taken,
		.archive_total = x->source.unpack.input.total,
		.bytes = x->stats.bytes,
		.entries = x->stats.entries,
		.path = name,
	};

	if (!x->options.progress || x->options.progress(&progress, x->options.progress_data) == 0)
		return 0;
	return ct__fail_because(x->err, CT_STEP_CANCEL, -ECANCELED, "the callback said so", "%s",
		name);
}

static int read_path(struct ct__extraction *x, const char *name)
{
	int rc = ct__path_set(&x->path, name, x->options.strip_components);

	if (rc == -ENOMEM)
		return ct__fail(x->err, CT_STEP_MEMORY, rc, "malloc", "%s", name);
	if (rc == -EXDEV)
		return ct__fail_because(x->err, CT_STEP_ENTRY, rc,
			"path with \"..\" could lead out of the root", "%s", name);
	/* A path too deep is told as that, the more telling reason. */
	if (rc < 0 && x->path.depth <= x->options.max_depth)
		return ct__fail(x->err, CT_STEP_ENTRY, rc, NULL, "%s", name);
	return 0;
}

/* "./" or the last folder that is stripped: owner, mode and times of the root itself. */
static int root_entry(struct ct__extraction *x, struct archive_entry *entry, const char *name)
{
	struct stat st;

	if (archive_entry_filetype(entry) != AE_IFDIR) {
		if (x->options.strip_components) /* a file beside the folder that is stripped */
			return 1;
		return ct__fail_because(x->err, CT_STEP_ENTRY, -EINVAL,
			"name is empty, or the root itself is no directory", "%s", name);
	}
	if (fstatat(x->tree.root, "", &st, AT_EMPTY_PATH) < 0)
		return ct__fail(x->err, CT_STEP_WRITE, -errno, "fstatat", "%s", name);
	return ct__dirs_set(x, "", false, false, &st, &x->meta);
}

static bool is_device(struct archive_entry *entry)
{
	mode_t type = archive_entry_filetype(entry);

	return type == AE_IFCHR || type == AE_IFBLK;
}

static int drop_device(struct ct__extraction *x, const char *name)
{
	x->stats.devices_dropped++;
	if (ct__map_set(&x->dropped, ct__path_hash(&x->path), 0) < 0)
		return ct__fail(x->err, CT_STEP_MEMORY, -ENOMEM, "malloc", "%s", name);
	return 1;
}

static int make(struct ct__extraction *x, struct archive_entry *entry, const char *name)
{
	const char *hardlink = archive_entry_hardlink(entry);
	int parent = -EBADF;
	int rc;

	if (hardlink)
		return ct__write_hardlink(x, entry, hardlink, name);
	rc = ct__tree_parent(x, &x->path, true, &parent, name);
	if (rc < 0)
		return rc;
	switch (archive_entry_filetype(entry)) {
	case AE_IFREG:
		return ct__write_file(x, entry, parent, name);
	case AE_IFDIR:
		return ct__write_dir(x, parent, name);
	case AE_IFLNK: {
		const char *target = archive_entry_symlink(entry);

		return ct__write_symlink(x, parent, target ? target : "", name);
	}
	case AE_IFIFO:
	case AE_IFCHR:
	case AE_IFBLK:
		return ct__write_node(x, entry, parent, name);
	default:
		return ct__fail_because(x->err, CT_STEP_ENTRY, -EOPNOTSUPP,
			"type of file that cannot be extracted", "%s", name);
	}
}

/* 1: left out on purpose; 0: made. */
static int let_in(struct ct__extraction *x, struct archive_entry *entry, const char *name)
{
	bool is_dir = archive_entry_filetype(entry) == AE_IFDIR && !archive_entry_hardlink(entry);
	int rc;

	if (x->path.is_left_out)
		return 1;
	rc = ct__tree_watch_top(x, &x->path, is_dir);
	if (rc < 0)
		return rc;
	if (is_device(entry) && !archive_entry_hardlink(entry) &&
		!(x->options.flags & CT_EXTRACT_KEEP_DEVICES))
		return drop_device(x, name);
	rc = ct__meta_read(x, entry, name);
	if (rc < 0)
		return rc;
	return x->path.depth == 0 ? root_entry(x, entry, name) : make(x, entry, name);
}

int ct__entry_extract(struct ct__extraction *x, struct archive_entry *entry)
{
	const char *name = archive_entry_pathname(entry);
	int rc;

	if (!name || !*name)
		return ct__fail_because(x->err, CT_STEP_ENTRY, -EINVAL, "has no name",
			"entry %llu", (unsigned long long)x->seen + 1);
	ct__record_read(x, entry);
	rc = read_path(x, name);
	if (rc == 0)
		rc = check_quotas(x, entry, name);
	if (rc == 0)
		rc = ct__entry_report(x, name);
	if (rc == 0)
		rc = let_in(x, entry, name);
	if (rc == 0)
		x->stats.entries++;
	return rc < 0 ? rc : 0;
}

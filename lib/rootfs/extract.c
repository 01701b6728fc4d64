/* SPDX-License-Identifier: MIT */
/*
 * ct_rootfs_extract and its three sisters: the steps from an archive to a
 * directory, top to bottom. What each step does stands in the file it names.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error/error.h"
#include "rootfs.h"
#include "util/fd.h"

/* Names that stand in a root: a folder so called is part of one, not the whole. */
static bool is_name_in_root(const char *name)
{
	static const char *const names[] = {"bin", "boot", "dev", "etc", "home", "lib", "lib32",
		"lib64", "libx32", "media", "mnt", "opt", "proc", "root", "run", "sbin", "srv",
		"sys", "tmp", "usr", "var"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

/* The rule of CT_EXTRACT_STRIP_AUTO, as documented in rootfs.h. */
static bool is_top_the_root(const struct ct__extraction *x)
{
	static const char *const marks[] = {"bin", "etc", "sbin", "usr"};
	struct stat st;

	if (!x->tree.has_one_top || x->tree.top < 0 || is_name_in_root(x->tree.top_name))
		return false;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (fstatat(x->tree.top, marks[i], &st, AT_SYMLINK_NOFOLLOW) == 0)
			return true;
	}
	return false;
}

/* An existing destination is refused before the archive is read, and again by the last rename. */
static int prepare(struct ct__extraction *x, const char *dest)
{
	struct ct__meta meta;
	struct stat st;
	int rc = ct__workspace_find(&x->ws, dest, CT_STEP_DESTINATION, x->err);

	if (rc < 0)
		return rc;
	rc = ct__workspace_look(&x->ws);
	if (rc > 0 && !(x->options.flags & CT_EXTRACT_REPLACE))
		rc = -EEXIST;
	if (rc == -ENOTDIR && !(x->options.flags & CT_EXTRACT_REPLACE))
		rc = -EEXIST;
	if (rc < 0)
		return ct__fail(x->err, CT_STEP_DESTINATION, rc, NULL, "%s", dest);
	rc = ct__owners_begin(x);
	if (rc < 0)
		return rc;
	rc = ct__workspace_make(&x->ws, CT_STEP_DESTINATION, x->err);
	if (rc < 0)
		return rc;
	rc = ct__workspace_make_tree(&x->ws, &x->tree.root, x->err);
	if (rc < 0)
		return rc;
	if (fstatat(x->tree.root, "", &st, AT_EMPTY_PATH) < 0)
		return ct__fail(x->err, CT_STEP_DESTINATION, -errno, "fstatat", "%s", dest);
	ct__meta_default(x, &meta);
	return ct__dirs_set(x, "", false, true, &st, &meta);
}

static int extract_entries(struct ct__extraction *x)
{
	struct archive_entry *entry = NULL;
	int rc;

	while ((rc = ct__source_next(&x->source, &entry, x->err)) > 0) {
		rc = ct__entry_extract(x, entry);
		if (rc < 0)
			return rc;
	}
	if (rc == 0 && x->seen == 0)
		return ct__fail_because(x->err, CT_STEP_ARCHIVE, -EINVAL, "has no entries",
			"archive");
	return rc;
}

/* The compression's own end must be sound too; a bomb may stand behind the last entry. */
static int read_to_end(struct ct__extraction *x)
{
	int rc;

	while ((rc = ct__source_drain(&x->source, x->err)) > 0) {
		rc = ct__entry_check_bytes(x, 0, "archive");
		if (rc < 0)
			return rc;
	}
	return rc;
}

static int commit(struct ct__extraction *x, ct_rootfs **ret_rootfs)
{
	bool strip = x->strips;
	int from = strip ? x->tree.root : x->ws.fd;
	const char *base = strip ? x->tree.top_name : CT__TREE;
	ct_rootfs *rootfs = NULL;
	int fd, rc;

	x->stats.size = sizeof(x->stats);
	x->stats.archive_bytes = x->source.taken;
	fd = fcntl(strip ? x->tree.top : x->tree.root, F_DUPFD_CLOEXEC, 3);
	if (fd < 0)
		return ct__fail(x->err, CT_STEP_COMMIT, -errno, "fcntl", "%s", x->ws.path);
	rc = ct__rootfs_new(fd, &x->stats, &rootfs, x->err);
	if (rc < 0)
		return rc;
	if ((x->options.flags & CT_EXTRACT_SYNC) && syncfs(x->ws.fd) < 0)
		rc = ct__fail(x->err, CT_STEP_COMMIT, -errno, "syncfs", "%s", x->ws.path);
	if (rc == 0)
		rc = ct__workspace_commit(&x->ws, from, base,
			x->options.flags & CT_EXTRACT_REPLACE, x->err);
	/* From here on the tree is there and whole: nothing may fail any more. */
	if (rc == 0 && (x->options.flags & CT_EXTRACT_SYNC))
		(void)fsync(x->ws.parent);
	if (rc == 0 && ret_rootfs)
		*ret_rootfs = ct__take(rootfs);
	ct_rootfs_free(rootfs);
	return rc;
}

static void done(struct ct__extraction *x)
{
	ct__source_done(&x->source);
	ct__tree_done(&x->tree);
	ct__dirs_done(&x->dirs);
	ct__path_done(&x->path);
	ct__path_done(&x->target);
	ct__map_done(&x->dropped);
	free(x->meta.xattrs.bytes);
	ct__workspace_done(&x->ws);
}

static int extract_steps(struct ct__extraction *x, const char *dest,
	const ct_extract_options *options, ct_rootfs **ret_rootfs)
{
	int rc = ct__options_read(options, &x->options, x->err);

	if (rc < 0)
		return rc;
	rc = prepare(x, dest);
	if (rc == 0)
		rc = ct__source_open(&x->source, x->options.flags, x->err);
	if (rc == 0)
		rc = extract_entries(x);
	if (rc == 0)
		rc = read_to_end(x);
	if (rc == 0) {
		x->strips = is_top_the_root(x); /* before it may be closed to us */
		rc = ct__dirs_apply(x);
	}
	if (rc == 0)
		rc = ct__agent_finish(&x->ws.agent, x->err);
	if (rc == 0)
		rc = commit(x, ret_rootfs);
	return rc;
}

/*
 * Everything once the archive is open, or opened says why it is not. A thread of the host's
 * that were cancelled in here would leave the one that decodes behind, with memory that is gone.
 */
static int extract(struct ct__extraction *x, int opened, const char *dest,
	const ct_extract_options *options, ct_rootfs **ret_rootfs)
{
	int rc = opened;
	int cancel;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	if (rc == 0)
		rc = extract_steps(x, dest, options, ret_rootfs);
	done(x);
	pthread_setcancelstate(cancel, NULL);
	return rc;
}

static struct ct__extraction begin(ct_error *err)
{
	return (struct ct__extraction){
		.err = err,
		.source.unpack.input.fd = -EBADF,
		.ws = {.parent = -EBADF, .fd = -EBADF},
		.tree = {.root = -EBADF, .top = -EBADF, .parent = -EBADF},
	};
}

int ct_rootfs_extract(const char *archive, const char *dest, const ct_extract_options *options,
	ct_rootfs **ret_rootfs, ct_error *err)
{
	struct ct__extraction x = begin(err);
	int rc = ct__input_path(&x.source.unpack.input, archive, err);

	return extract(&x, rc, dest, options, ret_rootfs);
}

int ct_rootfs_extract_fd(int fd, const char *dest, const ct_extract_options *options,
	ct_rootfs **ret_rootfs, ct_error *err)
{
	struct ct__extraction x = begin(err);
	int rc = ct__input_fd(&x.source.unpack.input, fd, err);

	return extract(&x, rc, dest, options, ret_rootfs);
}

int ct_rootfs_extract_memory(const void *data, size_t size, const char *dest,
	const ct_extract_options *options, ct_rootfs **ret_rootfs, ct_error *err)
{
	struct ct__extraction x = begin(err);
	int rc = ct__input_memory(&x.source.unpack.input, data, size, err);

	return extract(&x, rc, dest, options, ret_rootfs);
}

int ct_rootfs_extract_stream(ct_read_fn read, void *data, const char *dest,
	const ct_extract_options *options, ct_rootfs **ret_rootfs, ct_error *err)
{
	struct ct__extraction x = begin(err);
	int rc = ct__input_stream(&x.source.unpack.input, read, data, err);

	return extract(&x, rc, dest, options, ret_rootfs);
}

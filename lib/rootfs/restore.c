/* SPDX-License-Identifier: MIT */
/*
 * ct_rootfs_restore: what records say is made real. First all but directories, on the
 * way down; then the directories, the innermost first, for whoever is no root may not
 * enter one that he has given away.
 *
 * Whatever the tree has inside may have been put there by a hostile container. It is
 * opened beneath the root, one name at a time, looked at through that descriptor and
 * changed through it; the policy is that of an archive (xattr.c, meta.c).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "error/error.h"
#include "rootfs.h"
#include "sys/openat2.h"
#include "util/array.h"
#include "util/fd.h"

#define BENEATH (RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV)
#define OPEN_DIR (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK)

#define ALLOWED_FLAGS (CT_EXTRACT_TRUSTED | CT_EXTRACT_NO_RECORDS)

/* A device is made beside its placeholder under this name, then takes its place. */
#define NEW_NODE ".ct-node"

/* What an entry's records say; x->meta holds it as it will be applied. */
struct found {
	bool has_stat, has_xattrs;
	bool is_whole; /* nothing of the first is held back by the options */
	struct ct__record stat;
};

struct tree_dir {
	char *path;  /* from the root, "." */
	mode_t mode; /* before it was opened to its owner; 0: it was open */
};

struct restore {
	struct ct__extraction x;
	ct__array dirs;	     /* struct tree_dir */
	ct__array nodes;     /* char *: of devices whose placeholders had several names */
	struct ct__map made; /* by the placeholder's inode: which of them */
};

/* ------------------------------------------------------------- reading */

/* An open file without its content: O_PATH cannot be asked, and opening may wait. */
static int open_file(int dir, const char *base, struct stat *ret_st)
{
	CT__AUTO_CLOSE int path = ct__openat2(dir, base, O_PATH | O_NOFOLLOW, 0, BENEATH);
	char name[40];
	int fd;

	if (path < 0)
		return path;
	if (fstat(path, ret_st) < 0)
		return -errno;
	if (!S_ISREG(ret_st->st_mode))
		return -EINVAL;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", path);
	fd = ct__openat(AT_FDCWD, name, O_RDONLY | O_NONBLOCK, 0);
	/* A file that its owner has closed to himself; what its record says comes after. */
	if (fd == -EACCES && ret_st->st_uid == geteuid() && chmod(name, ret_st->st_mode | 0600) == 0)
		fd = ct__openat(AT_FDCWD, name, O_RDONLY | O_NONBLOCK, 0);
	return fd;
}

/* One record of another attribute, by the policy of the options. */
static int take_xattr(struct restore *r, int fd, const char *key, struct found *found, const char *name)
{
	CT__AUTO_FREE char *value = malloc(XATTR_SIZE_MAX);
	ssize_t size;
	int rc;

	if (!value)
		return ct__fail(r->x.err, CT_STEP_MEMORY, -ENOMEM, "malloc", "%s", name);
	size = fgetxattr(fd, key, value, XATTR_SIZE_MAX);
	if (size < 0)
		return 0; /* it was taken away meanwhile */
	rc = ct__xattrs_take(&r->x, ct__record_xattr(key), value, (size_t)size, name);
	found->has_xattrs |= rc > 0;
	return rc < 0 ? rc : 0;
}

static int read_xattrs(struct restore *r, int fd, struct found *found, const char *name)
{
	CT__AUTO_FREE char *keys = malloc(XATTR_LIST_MAX);
	ssize_t size = keys ? flistxattr(fd, keys, XATTR_LIST_MAX) : -1;
	int rc = 0;

	if (!keys)
		return ct__fail(r->x.err, CT_STEP_MEMORY, -ENOMEM, "malloc", "%s", name);
	for (ssize_t at = 0; at < size && rc == 0; at += (ssize_t)strlen(keys + at) + 1)
		if (ct__record_xattr(keys + at))
			rc = take_xattr(r, fd, keys + at, found, name);
	return rc;
}

static void read_stat(int fd, struct found *found)
{
	char text[80];
	ssize_t size = fgetxattr(fd, CT__RECORD_STAT, text, sizeof(text));

	*found = (struct found){.is_whole = true};
	found->has_stat = size > 0 && ct__record_parse(text, (size_t)size, &found->stat);
}

/* Fills x->meta with what the entry is to be: its records, and for the rest what it is. */
static int read_records(struct restore *r, int fd, const struct stat *st, struct found *found,
	const char *name)
{
	struct ct__extraction *x = &r->x;

	read_stat(fd, found);
	x->uid = st->st_uid;
	x->gid = st->st_gid;
	x->meta.mode = st->st_mode & 07777;
	x->meta.type = st->st_mode & S_IFMT;
	x->meta.mtime.tv_nsec = UTIME_OMIT;
	x->meta.xattrs.used = 0;
	if (found->has_stat) {
		x->meta.mode = found->stat.mode;
		if ((x->meta.mode & 06000) && !(x->options.flags & CT_EXTRACT_KEEP_SETUID)) {
			x->meta.mode &= 01777;
			x->stats.setuid_cleared++;
			found->is_whole = false;
		}
	}
	return read_xattrs(r, fd, found, name);
}

/* ------------------------------------------------------------ applying */

/* The wanted owner; without a record the present one, in the words of the way. False: it has none. */
static bool set_owner(struct ct__extraction *x, const struct found *found)
{
	uint32_t uid = x->uid, gid = x->gid;

	if (found->has_stat) {
		x->meta.uid = found->stat.uid + x->options.uid_shift;
		x->meta.gid = found->stat.gid + x->options.gid_shift;
		return x->meta.uid >= found->stat.uid && x->meta.gid >= found->stat.gid &&
		       x->meta.uid != UINT32_MAX && x->meta.gid != UINT32_MAX;
	}
	if (x->stats.owners == CT_OWNERS_MAPPED &&
		!(ct__id_inside(&x->ws.agent.map.uids, x->uid, &uid) &&
			ct__id_inside(&x->ws.agent.map.gids, x->gid, &gid)))
		return false;
	x->meta.uid = uid;
	x->meta.gid = gid;
	return true;
}

/* An open file or directory becomes what x->meta says; its record goes unless something is left of it. */
static int apply(struct restore *r, int fd, const struct found *found, const char *name)
{
	struct ct__extraction *x = &r->x;
	uint64_t recorded = x->stats.owners_recorded;
	int rc;

	if (!set_owner(x, found))
		return 0;
	x->forgets = found->has_stat && found->is_whole;
	rc = ct__meta_apply_fd(x, fd, &x->meta, name);
	if (rc == 0 && x->forgets && x->stats.owners_recorded == recorded &&
		ct__owner_way(x, &x->meta) != CT__WAY_AGENT)
		(void)fremovexattr(fd, CT__RECORD_STAT);
	x->stats.entries += rc == 0;
	return rc;
}

/* A later name of a placeholder that has become a device under another one. */
static int link_node(struct restore *r, ino_t ino, int dir, const char *base)
{
	char *const *paths = r->nodes.items;
	CT__AUTO_CLOSE int from = -EBADF;
	char parent[PATH_MAX];
	uint32_t index;
	char *name;

	if (!ct__map_get(&r->made, ino, &index))
		return -ENOENT;
	snprintf(parent, sizeof(parent), "%s", paths[index]);
	name = strrchr(parent, '/');
	*name++ = '\0';
	from = ct__openat2(r->x.tree.root, parent, O_PATH | O_DIRECTORY, 0, BENEATH);
	if (from < 0)
		return from;
	if (linkat(from, name, dir, NEW_NODE, 0) < 0 || renameat(dir, NEW_NODE, dir, base) < 0)
		return -errno;
	return 0;
}

static int remember_node(struct restore *r, ino_t ino, const char *path)
{
	char *copy = strdup(path);
	int rc = copy ? ct__array_add(&r->nodes, &copy, sizeof(copy)) : -ENOMEM;

	if (rc < 0)
		free(copy);
	else
		rc = ct__map_set(&r->made, ino, (uint32_t)r->nodes.count - 1);
	return rc < 0 ? ct__fail(r->x.err, CT_STEP_MEMORY, rc, "malloc", "%s", path) : 0;
}

static int make_node(struct restore *r, int dir, const char *base, const struct stat *st,
	const struct found *found, const char *path)
{
	struct ct__extraction *x = &r->x;
	dev_t number = makedev(found->stat.major, found->stat.minor);
	int rc;

	x->meta.type = found->stat.type;
	if (found->stat.major > 0xfff || found->stat.minor > 0xfffff || !set_owner(x, found))
		return 0;
	x->uid = geteuid(); /* whose the new one is by itself */
	x->gid = getegid();
	rc = mknodat(dir, NEW_NODE, found->stat.type | 0600, number) < 0 ? -errno : 0;
	if (rc == -EPERM && !(x->options.flags & CT_EXTRACT_NO_RECORDS)) {
		x->stats.devices_recorded++;
		return 0;
	}
	if (rc < 0)
		return ct__fail(x->err, CT_STEP_WRITE, rc, "mknodat", "%s", path);
	rc = ct__meta_apply_at(x, dir, NEW_NODE, &x->meta, path);
	if (rc == 0 && renameat(dir, NEW_NODE, dir, base) < 0)
		rc = ct__fail(x->err, CT_STEP_WRITE, -errno, "renameat", "%s", path);
	if (rc < 0) {
		(void)unlinkat(dir, NEW_NODE, 0);
		return rc;
	}
	x->stats.entries++;
	return st->st_nlink > 1 ? remember_node(r, st->st_ino, path) : 0;
}

/* The placeholder of a device: replaced as a whole, so that it is one or the other at any time. */
static int restore_device(struct restore *r, int dir, const char *base, const struct stat *st,
	const struct found *found, const char *path)
{
	if (!(r->x.options.flags & CT_EXTRACT_KEEP_DEVICES)) {
		r->x.stats.devices_dropped++;
		return 0;
	}
	if (r->x.stats.owners != CT_OWNERS_REAL) {
		r->x.stats.devices_recorded++;
		return 0;
	}
	(void)unlinkat(dir, NEW_NODE, 0); /* of a killed call */
	if (link_node(r, st->st_ino, dir, base) == 0)
		return 0;
	return make_node(r, dir, base, st, found, path);
}

static int restore_file(struct restore *r, int dir, const char *base, const char *path)
{
	struct found found;
	struct stat st;
	CT__AUTO_CLOSE int fd = open_file(dir, base, &st);
	int rc;

	if (fd < 0)
		return 0; /* no file, gone, or given away by an earlier call */
	rc = read_records(r, fd, &st, &found, path);
	if (rc == 0 && !found.has_stat && !found.has_xattrs && !(st.st_mode & 0400))
		(void)fchmod(fd, st.st_mode & 07777); /* open_file() may have opened it */
	if (rc < 0 || !(found.has_stat || found.has_xattrs))
		return rc;
	if (found.has_stat && st.st_size == 0 &&
		(S_ISCHR(found.stat.type) || S_ISBLK(found.stat.type)))
		return restore_device(r, dir, base, &st, &found, path);
	rc = apply(r, fd, &found, path);
	/* The agent is behind; under another name the file must be met as it will be. */
	if (rc == 0 && st.st_nlink > 1 && r->x.stats.owners == CT_OWNERS_MAPPED)
		rc = ct__agent_finish(&r->x.ws.agent, r->x.err);
	return rc;
}

/* A symlink or fifo has no place for a record: what belongs to whom its directory belongs goes with it. */
static int restore_other(struct restore *r, int dir, const char *base, const struct stat *dir_st,
	const struct found *dir_found, const char *path)
{
	struct ct__extraction *x = &r->x;
	CT__AUTO_CLOSE int fd = ct__openat2(dir, base, O_PATH | O_NOFOLLOW, 0, BENEATH);
	struct ct__place place = {.fd = fd, .name = path};
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !(S_ISLNK(st.st_mode) || S_ISFIFO(st.st_mode)) ||
		st.st_uid != dir_st->st_uid || st.st_gid != dir_st->st_gid)
		return 0;
	x->uid = st.st_uid;
	x->gid = st.st_gid;
	x->meta.mode = st.st_mode & 01777;
	x->meta.xattrs.used = 0;
	if (!set_owner(x, dir_found))
		return 0;
	place.way = ct__owner_way(x, &x->meta);
	if (place.way == CT__WAY_CHOWN &&
		fchownat(fd, "", x->meta.uid, x->meta.gid, AT_EMPTY_PATH) < 0 && errno != EINVAL)
		return ct__fail(x->err, CT_STEP_WRITE, -errno, "fchownat", "%s", path);
	x->forgets = false;
	return ct__owner_hand_over(x, &place, &x->meta);
}

/* ------------------------------------------------------------- walking */

static int remember_dir(struct restore *r, const char *path)
{
	struct tree_dir dir = {.path = strdup(path)};
	int rc = dir.path ? ct__array_add(&r->dirs, &dir, sizeof(dir)) : -ENOMEM;

	if (rc < 0)
		free(dir.path);
	return rc < 0 ? ct__fail(r->x.err, CT_STEP_MEMORY, rc, "malloc", "%s", path) : 0;
}

/*
 * Opens a directory of the tree, for an ordinary user with all rights of its owner; the
 * mode that it should have stays in *ret_st. Negative where it is gone, or was given away
 * by an earlier call.
 */
static int open_dir(struct restore *r, struct tree_dir *dir, struct stat *ret_st)
{
	CT__AUTO_CLOSE int look =
		ct__openat2(r->x.tree.root, dir->path, O_PATH | O_DIRECTORY, 0, BENEATH);
	char name[40];

	if (look < 0)
		return look;
	if (fstat(look, ret_st) < 0)
		return -errno;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", look);
	if (geteuid() != 0 && ret_st->st_uid == geteuid() && (ret_st->st_mode & 0700) != 0700 &&
		chmod(name, (ret_st->st_mode & 07777) | 0700) == 0)
		dir->mode = ret_st->st_mode;
	if (dir->mode)
		ret_st->st_mode = dir->mode;
	return ct__openat(look, ".", OPEN_DIR, 0);
}

static int visit(struct restore *r, int dir, const struct dirent *entry, const struct stat *dir_st,
	const struct found *dir_found, const char *path)
{
	char full[PATH_MAX];
	unsigned char type = entry->d_type;
	struct stat st;

	if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
		return 0;
	if (snprintf(full, sizeof(full), "%s/%s", path, entry->d_name) >= (int)sizeof(full))
		return ct__fail(r->x.err, CT_STEP_ENTRY, -ENAMETOOLONG, NULL, "%s", path);
	if (type == DT_UNKNOWN && fstatat(dir, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		type = IFTODT(st.st_mode);
	if (type == DT_DIR)
		return remember_dir(r, full);
	if (type == DT_REG)
		return restore_file(r, dir, entry->d_name, full);
	return dir_found->has_stat ?
		       restore_other(r, dir, entry->d_name, dir_st, dir_found, full) :
		       0;
}

static int walk(struct restore *r, size_t index)
{
	struct tree_dir *dir = (struct tree_dir *)r->dirs.items + index;
	const char *path = dir->path; /* the array may move */
	struct found found;
	struct dirent *entry;
	struct stat st;
	int fd = open_dir(r, dir, &st);
	DIR *list;
	int rc;

	if (fd < 0)
		return 0;
	read_stat(fd, &found);
	list = fdopendir(fd);
	if (!list) {
		ct__close(&fd);
		return ct__fail(r->x.err, CT_STEP_MEMORY, -ENOMEM, "fdopendir", "%s", path);
	}
	rc = ct__entry_report(&r->x, path);
	while (rc == 0 && (errno = 0, entry = readdir(list)))
		rc = visit(r, fd, entry, &st, &found, path);
	if (rc == 0 && errno)
		rc = ct__fail(r->x.err, CT_STEP_ENTRY, -errno, "readdir", "%s", path);
	closedir(list);
	return rc;
}

static int finish_dir(struct restore *r, struct tree_dir *dir)
{
	struct found found;
	struct stat st;
	CT__AUTO_CLOSE int fd = open_dir(r, dir, &st);
	int rc;

	if (fd < 0)
		return 0;
	rc = read_records(r, fd, &st, &found, dir->path);
	if (rc < 0)
		return rc;
	if (found.has_stat || found.has_xattrs)
		return apply(r, fd, &found, dir->path);
	if (dir->mode && fchmod(fd, dir->mode & 07777) < 0)
		return ct__fail(r->x.err, CT_STEP_WRITE, -errno, "fchmod", "%s", dir->path);
	return 0;
}

static int restore(struct restore *r)
{
	int rc = remember_dir(r, ".");

	for (size_t i = 0; i < r->dirs.count && rc == 0; i++)
		rc = walk(r, i);
	for (size_t i = r->dirs.count; i > 0 && rc == 0; i--)
		rc = finish_dir(r, (struct tree_dir *)r->dirs.items + i - 1);
	return rc < 0 ? rc : ct__agent_finish(&r->x.ws.agent, r->x.err);
}

static void done(struct restore *r)
{
	ct__array_for_each(struct tree_dir, dir, &r->dirs)
		free(dir->path);
	ct__array_for_each(char *, path, &r->nodes)
		free(*path);
	ct__array_done(&r->dirs);
	ct__array_done(&r->nodes);
	ct__map_done(&r->made);
	free(r->x.meta.xattrs.bytes);
	ct__agent_release(&r->x.ws.agent);
}

static int check(const ct_rootfs *rootfs, const ct_extract_options *options, ct_error *err)
{
	if (!rootfs)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "is missing", "rootfs");
	if (options->flags & ~(uint32_t)ALLOWED_FLAGS)
		return ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL,
			"flag that means nothing without an archive", "options.flags 0x%x",
			options->flags & ~(uint32_t)ALLOWED_FLAGS);
	return 0;
}

int ct_rootfs_restore(ct_rootfs *rootfs, const ct_extract_options *options, ct_error *err)
{
	struct restore r = {.x = {.err = err, .restores = true}};
	int rc = ct__options_read(options, &r.x.options, err);

	if (rc == 0)
		rc = check(rootfs, &r.x.options, err);
	if (rc < 0)
		return rc;
	r.x.tree.root = rootfs->fd;
	rc = ct__owners_begin(&r.x);
	if (rc == 0)
		rc = restore(&r);
	if (rc == 0) {
		rootfs->extracted = true;
		rootfs->stats = r.x.stats;
		rootfs->stats.size = sizeof(rootfs->stats);
	}
	done(&r);
	return rc;
}

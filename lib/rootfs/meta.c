/* SPDX-License-Identifier: MIT */
/*
 * Owner, mode and times of an entry: what of them is let through, and in which
 * order they are set. Extended attributes are xattr.c's, ACLs acl.c's.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error/error.h"
#include "rootfs.h"
#include "sys/nofollow.h"

/* The kernel's numbers end at 2^32 - 2: the last one means "leave as it is" in chown(2). */
static bool shift_id(int64_t id, uint32_t shift, uint32_t *ret)
{
	if (id < 0 || id > UINT32_MAX - 1 || (uint64_t)id + shift > UINT32_MAX - 1)
		return false;
	*ret = (uint32_t)id + shift;
	return true;
}

static int read_owner(struct ct__extraction *x, struct archive_entry *entry, const char *name)
{
	x->meta.uid = x->uid;
	x->meta.gid = x->gid;
	if (x->stats.owners == CT_OWNERS_CALLER)
		return 0;
	if (!shift_id(archive_entry_uid(entry), x->options.uid_shift, &x->meta.uid) ||
		!shift_id(archive_entry_gid(entry), x->options.gid_shift, &x->meta.gid))
		return ct__fail_because(x->err, CT_STEP_ENTRY, -EINVAL,
			"owner is not a number from 0 to 4294967294", "%s", name);
	return 0;
}

static void read_mtime(struct ct__extraction *x, struct archive_entry *entry)
{
	long nsec = archive_entry_mtime_nsec(entry);

	x->meta.mtime.tv_sec = archive_entry_mtime(entry);
	x->meta.mtime.tv_nsec = nsec < 0 ? 0 : nsec > 999999999 ? 999999999 : nsec;
	if (!archive_entry_mtime_is_set(entry))
		x->meta.mtime.tv_nsec = UTIME_OMIT;
}

int ct__meta_read(struct ct__extraction *x, struct archive_entry *entry, const char *name)
{
	int rc = read_owner(x, entry, name);

	if (rc < 0)
		return rc;
	read_mtime(x, entry);
	x->meta.type = archive_entry_filetype(entry);
	x->meta.major = (uint32_t)archive_entry_rdevmajor(entry);
	x->meta.minor = (uint32_t)archive_entry_rdevminor(entry);
	x->meta.mode = archive_entry_perm(entry) & 07777;
	x->meta.xattrs.used = 0;
	if ((x->meta.mode & 06000) && !(x->options.flags & CT_EXTRACT_KEEP_SETUID)) {
		x->meta.mode &= 01777;
		x->stats.setuid_cleared++;
	}
	rc = ct__xattrs_read(x, entry, name);
	return rc < 0 ? rc : ct__acl_read(x, entry, &x->meta.mode, name);
}

void ct__meta_default(const struct ct__extraction *x, struct ct__meta *ret)
{
	bool is_callers = x->stats.owners == CT_OWNERS_CALLER;

	*ret = (struct ct__meta){
		.uid = is_callers ? x->uid : x->options.uid_shift,
		.gid = is_callers ? x->gid : x->options.gid_shift,
		.mode = 0755,
		.type = S_IFDIR,
		.mtime = {.tv_nsec = UTIME_OMIT},
	};
}

/*
 * What the mode becomes: without its owner a setuid bit would be for another user, and
 * without its ACL the group bits are those of its mask.
 */
static mode_t mode_of(const struct ct__place *place, const struct ct__meta *meta)
{
	mode_t mode = meta->mode;

	if (place->way == CT__WAY_RECORD)
		mode &= 01777;
	return place->lost_acl ? mode & ~(mode_t)0070 : mode;
}

/*
 * The order is the kernel's: chown(2) clears setuid and file capabilities, a
 * change of the ACL changes the mode, and all of them the ctime alone, so the
 * mtime is set last only because writing came before. Whoever gives it away by the
 * agent may do nothing to it afterwards.
 */
int ct__meta_apply_fd(struct ct__extraction *x, int fd, const struct ct__meta *meta,
	const char *name)
{
	const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, meta->mtime};
	struct ct__place place = {.fd = fd, .dir = -EBADF, .name = name};
	int rc = ct__owner_set(x, &place, meta);

	if (rc == 0)
		rc = ct__xattrs_apply(x, &place, &meta->xattrs);
	if (rc < 0)
		return rc;
	if (fchmod(fd, mode_of(&place, meta)) < 0)
		return ct__fail(x->err, CT_STEP_WRITE, -errno, "fchmod", "%s", name);
	if (futimens(fd, times) < 0)
		return ct__fail(x->err, CT_STEP_WRITE, -errno, "futimens", "%s", name);
	return ct__owner_hand_over(x, &place, meta);
}

int ct__meta_apply_at(struct ct__extraction *x, int dir, const char *base,
	const struct ct__meta *meta, const char *name)
{
	const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, meta->mtime};
	struct ct__place place = {.fd = -EBADF, .dir = dir, .base = base, .name = name};
	int rc = ct__owner_set(x, &place, meta);

	if (rc == 0)
		rc = ct__xattrs_apply(x, &place, &meta->xattrs);
	if (rc < 0)
		return rc;
	if (!S_ISLNK(meta->type)) {
		rc = ct__chmod_nofollow(dir, base, mode_of(&place, meta));
		if (rc < 0)
			return ct__fail(x->err, CT_STEP_WRITE, rc, "fchmodat", "%s", name);
	}
	if (utimensat(dir, base, times, AT_SYMLINK_NOFOLLOW) < 0)
		return ct__fail(x->err, CT_STEP_WRITE, -errno, "utimensat", "%s", name);
	return ct__owner_hand_over(x, &place, meta);
}

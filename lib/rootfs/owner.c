/* SPDX-License-Identifier: MIT */
/*
 * Whose an entry becomes: by chown(2), by the agent, or in a record. In which order
 * that stands among the rest of the metadata is decided in meta.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error/error.h"
#include "rootfs.h"
#include "sys/openat2.h"

int ct__owners_begin(struct ct__extraction *x)
{
	bool strict = x->options.flags & CT_EXTRACT_NO_RECORDS;
	int rc = 0;

	x->uid = geteuid();
	x->gid = getegid();
	x->stats.owners = CT_OWNERS_CALLER;
	if (x->options.flags & CT_EXTRACT_NO_OWNER)
		return 0;
	x->stats.owners = CT_OWNERS_REAL;
	if (x->uid == 0)
		return 0;
	rc = ct__agent_start(&x->ws.agent, strict || x->restores ? x->err : NULL);
	x->stats.owners = rc == 0 ? CT_OWNERS_MAPPED : CT_OWNERS_RECORDED;
	return rc == -ENOMEM || strict || x->restores ? rc : 0;
}

/* What the map makes of the owner: true if that is what a new file has by itself. */
static enum ct__way mapped_way(const struct ct__extraction *x, const struct ct__meta *meta)
{
	uint32_t uid, gid, size;

	if (!ct__agent_uid(&x->ws.agent, meta->uid, &uid) ||
		!ct__agent_gid(&x->ws.agent, meta->gid, &gid))
		return CT__WAY_RECORD;
	/*
	 * A file capability counts in the agent's user namespace, and it alone may set one;
	 * and take a record from a file that may not be written.
	 */
	if (uid != x->uid || gid != x->gid || x->forgets ||
		ct__xattrs_find(&meta->xattrs, AGENT_CAPABILITY, &size))
		return CT__WAY_AGENT;
	return CT__WAY_KEEP;
}

enum ct__way ct__owner_way(const struct ct__extraction *x, const struct ct__meta *meta)
{
	switch (x->stats.owners) {
	case CT_OWNERS_REAL:
		return meta->uid == x->uid && meta->gid == x->gid ? CT__WAY_KEEP : CT__WAY_CHOWN;
	case CT_OWNERS_MAPPED:
		return mapped_way(x, meta);
	case CT_OWNERS_RECORDED:
		return CT__WAY_RECORD;
	default:
		return CT__WAY_KEEP;
	}
}

/* What has no place for a record is taken for its directory's when records are read. */
static bool is_like_its_directory(const struct ct__extraction *x, const struct ct__place *place,
	const struct ct__meta *meta)
{
	const struct ct__dir *dir = place->fd < 0 ? ct__dirs_find(&x->dirs, place->dir) : NULL;

	return dir && dir->meta.uid == meta->uid && dir->meta.gid == meta->gid;
}

static int record(struct ct__extraction *x, const struct ct__place *place,
	const struct ct__meta *meta)
{
	int rc = -EOPNOTSUPP;

	if (x->options.flags & CT_EXTRACT_NO_RECORDS)
		return ct__fail_because(x->err, CT_STEP_OWNERS, -EINVAL,
			"its owner is none of the ids that the caller may give away", "%s",
			place->name);
	if (!(x->options.flags & CT_EXTRACT_NO_XATTRS))
		rc = ct__record_put(place, meta);
	if (rc == 0)
		x->stats.owners_recorded++;
	else if (rc != -EOPNOTSUPP)
		return ct__fail(x->err, CT_STEP_WRITE, rc, "setxattr", "record of %s", place->name);
	else if (!is_like_its_directory(x, place, meta))
		x->stats.owners_lost++;
	return 0;
}

static int change(const struct ct__place *place, const struct ct__meta *meta)
{
	int rc = place->fd >= 0 ?
			fchown(place->fd, meta->uid, meta->gid) :
			fchownat(place->dir, place->base, meta->uid, meta->gid, AT_SYMLINK_NOFOLLOW);

	return rc < 0 ? -errno : 0;
}

int ct__owner_set(struct ct__extraction *x, struct ct__place *place, const struct ct__meta *meta)
{
	int rc;

	place->way = ct__owner_way(x, meta);
	if (place->way == CT__WAY_CHOWN) {
		rc = change(place, meta);
		/* EINVAL: root of a user namespace in which there is no such id. */
		if (rc == -EINVAL && !(x->options.flags & CT_EXTRACT_NO_RECORDS))
			place->way = CT__WAY_RECORD;
		else if (rc < 0)
			return ct__fail(x->err, CT_STEP_WRITE, rc,
				place->fd >= 0 ? "fchown" : "fchownat", "%s", place->name);
	}
	return place->way == CT__WAY_RECORD ? record(x, place, meta) : 0;
}

int ct__owner_hand_over(struct ct__extraction *x, const struct ct__place *place,
	const struct ct__meta *meta)
{
	struct agent_request request = {.uid = meta->uid, .gid = meta->gid};
	CT__AUTO_CLOSE int path = -EBADF;
	const void *capability;
	uint32_t size = 0;

	if (place->way != CT__WAY_AGENT)
		return 0;
	if (place->fd < 0)
		path = ct__openat(place->dir, place->base, O_PATH | O_NOFOLLOW, 0);
	if (place->fd < 0 && path < 0)
		return ct__fail(x->err, CT_STEP_OWNERS, path, "openat", "%s", place->name);
	/* A change of owner takes both away. */
	if (meta->mode & 06000) {
		request.flags |= AGENT_SET_MODE;
		request.mode = meta->mode;
	}
	capability = ct__xattrs_find(&meta->xattrs, AGENT_CAPABILITY, &size);
	if (capability && size <= sizeof(request.capability)) {
		memcpy(request.capability, capability, size);
		request.capability_size = size;
		request.flags |= x->restores ? AGENT_FORGET_CAPABILITY : 0;
	}
	request.flags |= x->forgets ? AGENT_FORGET_STAT : 0;
	return ct__agent_own(&x->ws.agent, place->fd < 0 ? path : place->fd, &request, place->name,
		x->err);
}

void ct__owner_inherit(struct ct__extraction *x, int parent)
{
	const struct ct__dir *dir;

	if (!x->has_records || x->meta.from_record || x->stats.owners == CT_OWNERS_CALLER)
		return;
	dir = ct__dirs_find(&x->dirs, parent);
	if (dir && dir->meta.from_record && dir->meta.header_uid == x->meta.header_uid &&
		dir->meta.header_gid == x->meta.header_gid) {
		x->meta.uid = dir->meta.uid;
		x->meta.gid = dir->meta.gid;
	}
}

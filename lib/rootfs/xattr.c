/* SPDX-License-Identifier: MIT */
/*
 * Extended attributes: which of them pass, and how they are set. The ACLs are
 * among them once acl.c has encoded them; file flags are never applied.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#include "error/error.h"
#include "rootfs.h"
#include "sys/nofollow.h"

static bool begins(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

int ct__xattrs_add(struct ct__xattrs *xattrs, const char *key, const void *value, size_t size)
{
	size_t key_size = strlen(key) + 1;
	size_t need = xattrs->used + key_size + sizeof(uint32_t) + size;
	uint32_t stored = (uint32_t)size;
	char *at;

	if (need > xattrs->size) {
		char *larger = realloc(xattrs->bytes, need * 2);

		if (!larger)
			return -ENOMEM;
		xattrs->bytes = larger;
		xattrs->size = need * 2;
	}
	at = xattrs->bytes + xattrs->used;
	memcpy(at, key, key_size);
	memcpy(at + key_size, &stored, sizeof(stored));
	if (size)
		memcpy(at + key_size + sizeof(stored), value, size);
	xattrs->used = need;
	return 0;
}

/*
 * Attributes that steer another filesystem or that the kernel keeps for itself, never, nor
 * a record: it would be believed later. The rest by flag.
 */
static bool is_let_through(const struct ct__extraction *x, const char *key)
{
	uint32_t flags = x->options.flags;

	if (flags & CT_EXTRACT_NO_XATTRS)
		return false;
	if (begins(key, "trusted.overlay.") || begins(key, "user.overlay.") ||
		begins(key, "system.") || begins(key, CT__RECORD))
		return false;
	if (strcmp(key, AGENT_CAPABILITY) == 0)
		return flags & CT_EXTRACT_KEEP_FILE_CAPS;
	return begins(key, "user.") || (flags & CT_EXTRACT_KEEP_XATTRS);
}

static uint32_t le32(const unsigned char *from)
{
	return (uint32_t)from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 |
		(uint32_t)from[3] << 24;
}

/*
 * File capabilities, revision 2 or 3 of struct vfs_ns_cap_data. Where ids are
 * shifted they must count in that user namespace alone: revision 3 with its root.
 */
static int add_capability(struct ct__extraction *x, const unsigned char *value, size_t size,
	const char *name)
{
	unsigned char shifted[24] = {0};
	uint32_t revision = size >= 4 ? le32(value) >> 24 : 0;
	uint64_t root = x->options.uid_shift;

	if (!(revision == 2 && size == 20) && !(revision == 3 && size == 24))
		return ct__fail_because(x->err, CT_STEP_ENTRY, -EINVAL,
			"file capabilities of unknown form", "%s", name);
	if (!x->options.uid_shift)
		return ct__xattrs_add(&x->meta.xattrs, AGENT_CAPABILITY, value, size);
	root += revision == 3 ? le32(value + 20) : 0;
	if (root > UINT32_MAX - 1)
		return ct__fail_because(x->err, CT_STEP_ENTRY, -EINVAL,
			"file capabilities of an owner that does not exist", "%s", name);
	memcpy(shifted, value, 20);
	shifted[3] = 3;
	for (int i = 0; i < 4; i++)
		shifted[20 + i] = (unsigned char)(root >> (8 * i));
	return ct__xattrs_add(&x->meta.xattrs, AGENT_CAPABILITY, shifted, sizeof(shifted));
}

int ct__xattrs_take(struct ct__extraction *x, const char *key, const void *value, size_t size,
	const char *name)
{
	int rc;

	if (!is_let_through(x, key)) {
		x->stats.xattrs_dropped++;
		return 0;
	}
	if (strcmp(key, AGENT_CAPABILITY) == 0)
		rc = add_capability(x, value, size, name);
	else
		rc = ct__xattrs_add(&x->meta.xattrs, key, value, size);
	if (rc == -ENOMEM)
		return ct__fail(x->err, CT_STEP_MEMORY, rc, "realloc", "%s", name);
	return rc < 0 ? rc : 1;
}

/* A record stands for the attribute that it is of, by the same policy. */
int ct__xattrs_read(struct ct__extraction *x, struct archive_entry *entry, const char *name)
{
	const char *key;
	const void *value;
	size_t size;

	archive_entry_xattr_reset(entry);
	while (archive_entry_xattr_next(entry, &key, &value, &size) == ARCHIVE_OK) {
		const char *recorded = key ? ct__record_xattr(key) : NULL;
		int rc;

		if (key && strcmp(key, CT__RECORD_STAT) == 0 && x->meta.from_record)
			continue;
		rc = ct__xattrs_take(x, recorded ? recorded : key ? key : "", value, size, name);
		if (rc < 0)
			return rc;
	}
	return 0;
}

const void *ct__xattrs_find(const struct ct__xattrs *xattrs, const char *key, uint32_t *ret_size)
{
	size_t at = 0;

	while (at < xattrs->used) {
		const char *found = xattrs->bytes + at;
		const char *value = found + strlen(found) + 1 + sizeof(uint32_t);

		memcpy(ret_size, value - sizeof(*ret_size), sizeof(*ret_size));
		if (strcmp(found, key) == 0)
			return value;
		at = (size_t)(value - xattrs->bytes) + *ret_size;
	}
	return NULL;
}

static int set_one(const struct ct__place *place, const char *key, const void *value, size_t size)
{
	if (place->fd >= 0)
		return fsetxattr(place->fd, key, value, size, 0) == 0 ? 0 : -errno;
	/* user.* exists on files and directories alone, xattr(7). */
	return begins(key, "user.") ? -EOPNOTSUPP :
				      ct__setxattr_nofollow(place->dir, place->base, key, value, size);
}

/*
 * What may fail: what the default keeps as a courtesy (user.*) is dropped where the
 * filesystem has no place for it; what the caller may not set is recorded; an ACL for
 * ids that are not mapped here is dropped. All else was asked for, or changes rights,
 * so its loss is a failure.
 */
static int make_do(struct ct__extraction *x, struct ct__place *place, const char *key,
	const void *value, size_t size, int code)
{
	bool records = !(x->options.flags & CT_EXTRACT_NO_RECORDS);

	if (code == -EOPNOTSUPP && begins(key, "user.") &&
		(place->fd < 0 || !(x->options.flags & CT_EXTRACT_KEEP_XATTRS))) {
		x->stats.xattrs_dropped++;
		return 0;
	}
	if (code == -EINVAL && begins(key, "system.posix_acl_") && records && x->uid == 0) {
		place->lost_acl |= strcmp(key, "system.posix_acl_access") == 0;
		x->stats.xattrs_dropped++;
		return 0;
	}
	if (code != -EPERM || begins(key, "user.") || begins(key, "system.") || !records)
		return code;
	code = ct__record_put_xattr(place, key, value, size);
	if (code == 0)
		x->stats.xattrs_recorded++;
	else if (code == -EOPNOTSUPP)
		x->stats.xattrs_dropped++;
	return code == -EOPNOTSUPP ? 0 : code;
}

static int apply_one(struct ct__extraction *x, struct ct__place *place, const char *key,
	const void *value, size_t size)
{
	int rc;

	/* The agent sets it when the owner is the right one. */
	if (place->way == CT__WAY_AGENT && strcmp(key, AGENT_CAPABILITY) == 0)
		return 0;
	rc = set_one(place, key, value, size);
	if (rc < 0)
		return make_do(x, place, key, value, size, rc);
	if (x->restores)
		ct__record_forget_xattr(place, key);
	return 0;
}

int ct__xattrs_apply(struct ct__extraction *x, struct ct__place *place,
	const struct ct__xattrs *xattrs)
{
	size_t at = 0;

	while (at < xattrs->used) {
		const char *key = xattrs->bytes + at;
		const char *value = key + strlen(key) + 1 + sizeof(uint32_t);
		uint32_t size;
		int rc;

		memcpy(&size, value - sizeof(size), sizeof(size));
		at = (size_t)(value - xattrs->bytes) + size;
		rc = apply_one(x, place, key, value, size);
		if (rc < 0)
			return ct__fail(x->err, CT_STEP_WRITE, rc, "setxattr", "%s of %s", key,
				place->name);
	}
	return 0;
}

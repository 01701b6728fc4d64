/* SPDX-License-Identifier: MIT */
/*
 * POSIX ACLs of an entry in the kernel's form, system.posix_acl_access and
 * _default (linux/posix_acl_xattr.h). NFSv4 ACLs have no place on Linux.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error/error.h"
#include "rootfs.h"

#define ACL_VERSION 2
#define ACL_NO_ID   UINT32_MAX
#define ACL_USER_OBJ  0x01
#define ACL_USER      0x02
#define ACL_GROUP_OBJ 0x04
#define ACL_GROUP     0x08
#define ACL_MASK      0x10
#define ACL_OTHER     0x20

struct rule {
	uint16_t tag;
	uint16_t perm;
	uint32_t id;
};

static uint16_t tag_of(int tag)
{
	switch (tag) {
	case ARCHIVE_ENTRY_ACL_USER_OBJ:
		return ACL_USER_OBJ;
	case ARCHIVE_ENTRY_ACL_USER:
		return ACL_USER;
	case ARCHIVE_ENTRY_ACL_GROUP_OBJ:
		return ACL_GROUP_OBJ;
	case ARCHIVE_ENTRY_ACL_GROUP:
		return ACL_GROUP;
	case ARCHIVE_ENTRY_ACL_MASK:
		return ACL_MASK;
	case ARCHIVE_ENTRY_ACL_OTHER:
		return ACL_OTHER;
	default:
		return 0;
	}
}

/* The kernel wants tags in rising order; ids too, so that the result is the same each time. */
static int compare(const void *a, const void *b)
{
	const struct rule *left = a;
	const struct rule *right = b;

	if (left->tag != right->tag)
		return left->tag < right->tag ? -1 : 1;
	return left->id < right->id ? -1 : left->id > right->id;
}

/*
 * The id of a rule, shifted and mapped like any owner. -EINVAL: named without a number, or
 * out of range; -ENOENT: not mapped.
 */
static int id_of(const struct ct__extraction *x, uint16_t tag, int qualifier, uint32_t *ret)
{
	uint32_t shift = tag == ACL_USER ? x->options.uid_shift : x->options.gid_shift;
	const struct ct__agent *agent = &x->ws.agent;
	bool is_mapped = true;

	*ret = ACL_NO_ID;
	if (tag != ACL_USER && tag != ACL_GROUP)
		return 0;
	if (qualifier < 0 || (uint64_t)(uint32_t)qualifier + shift > UINT32_MAX - 1)
		return -EINVAL;
	*ret = (uint32_t)qualifier;
	if (x->stats.owners == CT_OWNERS_REAL || x->stats.owners == CT_OWNERS_MAPPED)
		*ret += shift;
	if (x->stats.owners == CT_OWNERS_MAPPED)
		is_mapped = tag == ACL_USER ? ct__agent_uid(agent, *ret, ret) :
					      ct__agent_gid(agent, *ret, ret);
	return is_mapped ? 0 : -ENOENT;
}

static int collect(struct ct__extraction *x, struct archive_entry *entry, int type,
	struct rule *rules, int most, const char *name)
{
	int count = 0, rc;
	int unused_type, perm, tag, qualifier;
	const char *who;

	while (archive_entry_acl_next(entry, type, &unused_type, &perm, &tag, &qualifier, &who) ==
			ARCHIVE_OK &&
		count < most) {
		struct rule *rule = &rules[count++];

		rule->tag = tag_of(tag);
		rule->perm = (uint16_t)(perm & 7);
		rc = rule->tag ? id_of(x, rule->tag, qualifier, &rule->id) : -EINVAL;
		if (rc == -ENOENT)
			return rc;
		if (rc < 0)
			return ct__fail_because(x->err, CT_STEP_ENTRY, -EINVAL,
				"ACL with a rule for a name without its number", "%s", name);
	}
	qsort(rules, (size_t)count, sizeof(*rules), compare);
	return count;
}

static void put16(unsigned char *to, uint16_t value)
{
	to[0] = (unsigned char)value;
	to[1] = (unsigned char)(value >> 8);
}

static void put32(unsigned char *to, uint32_t value)
{
	put16(to, (uint16_t)value);
	put16(to + 2, (uint16_t)(value >> 16));
}

static int encode(struct ct__extraction *x, const char *key, const struct rule *rules, int count)
{
	size_t size = 4 + 8 * (size_t)count;
	unsigned char *bytes = malloc(size);
	int rc;

	if (!bytes)
		return -ENOMEM;
	put32(bytes, ACL_VERSION);
	for (int i = 0; i < count; i++) {
		unsigned char *at = bytes + 4 + 8 * (size_t)i;

		put16(at, rules[i].tag);
		put16(at + 2, rules[i].perm);
		put32(at + 4, rules[i].id);
	}
	rc = ct__xattrs_add(&x->meta.xattrs, key, bytes, size);
	free(bytes);
	return rc;
}

/* With an access ACL the mode's group bits are its mask: a later chmod must not change it. */
static void mode_from(const struct rule *rules, int count, mode_t *mode)
{
	for (int i = 0; i < count; i++) {
		if (rules[i].tag == ACL_USER_OBJ)
			*mode = (*mode & ~0700u) | (mode_t)rules[i].perm << 6;
		else if (rules[i].tag == ACL_GROUP_OBJ || rules[i].tag == ACL_MASK)
			*mode = (*mode & ~0070u) | (mode_t)rules[i].perm << 3;
		else if (rules[i].tag == ACL_OTHER)
			*mode = (*mode & ~0007u) | rules[i].perm;
	}
}

static int read_type(struct ct__extraction *x, struct archive_entry *entry, int type,
	const char *key, mode_t *mode, const char *name)
{
	int most = archive_entry_acl_reset(entry, type);
	struct rule *rules;
	int count, rc;

	if (most <= 0)
		return 0;
	rules = calloc((size_t)most, sizeof(*rules));
	if (!rules)
		return ct__fail(x->err, CT_STEP_MEMORY, -ENOMEM, "calloc", "ACL of %s", name);
	count = collect(x, entry, type, rules, most, name);
	if (count == -ENOENT) { /* for somebody who is nobody here; the group bits may be its mask */
		x->stats.xattrs_dropped++;
		if (mode)
			*mode &= ~(mode_t)0070;
	}
	if (count < 0) {
		free(rules);
		return count == -ENOENT ? 0 : count;
	}
	rc = encode(x, key, rules, count);
	if (mode)
		mode_from(rules, count, mode);
	free(rules);
	return rc < 0 ? ct__fail(x->err, CT_STEP_MEMORY, rc, "malloc", "ACL of %s", name) : 0;
}

int ct__acl_read(struct ct__extraction *x, struct archive_entry *entry, mode_t *mode,
	const char *name)
{
	int types = archive_entry_acl_types(entry);
	int rc = 0;

	if (types & ARCHIVE_ENTRY_ACL_TYPE_NFS4)
		x->stats.xattrs_dropped++;
	types &= ARCHIVE_ENTRY_ACL_TYPE_ACCESS | ARCHIVE_ENTRY_ACL_TYPE_DEFAULT;
	if (!types)
		return 0;
	/* A symlink has none: it comes from tars that store what the link leads to. */
	if ((x->options.flags & CT_EXTRACT_NO_XATTRS) ||
		archive_entry_filetype(entry) == AE_IFLNK) {
		x->stats.xattrs_dropped++;
		return 0;
	}
	if (types & ARCHIVE_ENTRY_ACL_TYPE_ACCESS)
		rc = read_type(x, entry, ARCHIVE_ENTRY_ACL_TYPE_ACCESS, "system.posix_acl_access",
			mode, name);
	if (rc == 0 && (types & ARCHIVE_ENTRY_ACL_TYPE_DEFAULT) &&
		archive_entry_filetype(entry) == AE_IFDIR)
		rc = read_type(x, entry, ARCHIVE_ENTRY_ACL_TYPE_DEFAULT, "system.posix_acl_default",
			NULL, name);
	return rc;
}

/* SPDX-License-Identifier: MIT */
/*
 * Records: what an entry should be where the caller may not make it so, in extended
 * attributes that he may set. Name and form of the first are those that containers/storage
 * and fuse-overlayfs use, "uid:gid:mode:type"; other attributes keep their names behind
 * the same prefix.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "rootfs.h"

/* Names that the kernel takes. */
#define NAME_SIZE 256

static const struct {
	const char *name;
	mode_t type;
} types[] = {
	{"file", S_IFREG},
	{"dir", S_IFDIR},
	{"symlink", S_IFLNK},
	{"pipe", S_IFIFO},
	{"socket", S_IFSOCK},
	{"block", S_IFBLK},
	{"char", S_IFCHR},
};

/* A number in base 8 or 10 and the byte that ends it; what was read is taken from *from. */
static bool take_number(const char **from, unsigned int base, char end, uint32_t *ret)
{
	const char *at = *from;
	uint64_t number = 0;

	for (; *at >= '0' && *at < (char)('0' + base); at++) {
		number = number * base + (unsigned int)(*at - '0');
		if (number > UINT32_MAX)
			return false;
	}
	if (at == *from || *at != end)
		return false;
	*from = at + (end != '\0');
	*ret = (uint32_t)number;
	return true;
}

static bool is_device(mode_t type)
{
	return type == S_IFBLK || type == S_IFCHR;
}

/* "char-1-3", "file"; what follows a third hyphen is for later versions. */
static bool parse_type(const char *text, struct ct__record *ret)
{
	size_t length = strcspn(text, "-");

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strlen(types[i].name) != length || memcmp(types[i].name, text, length) != 0)
			continue;
		ret->type = types[i].type;
		if (!is_device(ret->type))
			return true;
		text += length + (text[length] == '-');
		return take_number(&text, 10, '-', &ret->major) &&
		       (take_number(&text, 10, '\0', &ret->minor) ||
			       take_number(&text, 10, '-', &ret->minor));
	}
	return false;
}

bool ct__record_parse(const char *text, size_t size, struct ct__record *ret)
{
	struct ct__record record = {0};
	const char *at;
	char copy[80];
	bool ok;

	/* Some end it in NUL. */
	if (size && text[size - 1] == '\0')
		size--;
	if (size >= sizeof(copy) || memchr(text, '\0', size))
		return false;
	memcpy(copy, text, size);
	copy[size] = '\0';
	at = copy;
	ok = take_number(&at, 10, ':', &record.uid) && take_number(&at, 10, ':', &record.gid);
	if (ok && take_number(&at, 8, '\0', &record.mode))
		;
	else if (!ok || !take_number(&at, 8, ':', &record.mode) || !parse_type(at, &record))
		return false;
	/* Some put the type in here as well. */
	record.mode &= 07777;
	*ret = record;
	return true;
}

const char *ct__record_xattr(const char *key)
{
	const size_t length = sizeof(CT__RECORD) - 1;

	if (strncmp(key, CT__RECORD, length) != 0 || strcmp(key, CT__RECORD_STAT) == 0)
		return NULL;
	return key + length;
}

/* A file stands for a device or for itself, a directory for itself; nothing else has a record. */
static bool is_possible(const struct ct__record *record, struct archive_entry *entry)
{
	mode_t type = archive_entry_filetype(entry);

	if (type == AE_IFDIR)
		return record->type == S_IFDIR || !record->type;
	return type == AE_IFREG && (record->type == S_IFREG || !record->type ||
					   (is_device(record->type) && archive_entry_size(entry) == 0));
}

static void take_over(const struct ct__record *record, struct archive_entry *entry)
{
	archive_entry_set_uid(entry, record->uid);
	archive_entry_set_gid(entry, record->gid);
	archive_entry_set_perm(entry, record->mode);
	if (is_device(record->type)) {
		archive_entry_set_filetype(entry, record->type);
		archive_entry_set_rdevmajor(entry, record->major);
		archive_entry_set_rdevminor(entry, record->minor);
	}
}

void ct__record_read(struct ct__extraction *x, struct archive_entry *entry)
{
	struct ct__record record;
	const char *key;
	const void *value;
	size_t size;

	x->meta.from_record = false;
	x->meta.header_uid = archive_entry_uid(entry);
	x->meta.header_gid = archive_entry_gid(entry);
	if ((x->options.flags & CT_EXTRACT_NO_XATTRS) || archive_entry_hardlink(entry))
		return;
	archive_entry_xattr_reset(entry);
	while (archive_entry_xattr_next(entry, &key, &value, &size) == ARCHIVE_OK) {
		if (!key || strcmp(key, CT__RECORD_STAT) != 0)
			continue;
		if (ct__record_parse(value, size, &record) && is_possible(&record, entry)) {
			take_over(&record, entry);
			x->meta.from_record = true;
			x->has_records = true;
		}
	}
}

int ct__record_put(const struct ct__place *place, const struct ct__meta *meta)
{
	const char *type = "file";
	char text[80], number[32] = "";
	int length;

	if (place->fd < 0) /* user.* exists on files and directories alone, xattr(7) */
		return -EOPNOTSUPP;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].type == meta->type)
			type = types[i].name;
	if (is_device(meta->type))
		snprintf(number, sizeof(number), "-%u-%u", meta->major, meta->minor);
	length = snprintf(text, sizeof(text), "%u:%u:%04o:%s%s", meta->uid, meta->gid,
		(unsigned int)meta->mode, type, number);
	return fsetxattr(place->fd, CT__RECORD_STAT, text, (size_t)length, 0) < 0 ? -errno : 0;
}

int ct__record_put_xattr(const struct ct__place *place, const char *key, const void *value,
	size_t size)
{
	char name[NAME_SIZE];

	if (place->fd < 0 ||
		snprintf(name, sizeof(name), CT__RECORD "%s", key) >= (int)sizeof(name))
		return -EOPNOTSUPP;
	return fsetxattr(place->fd, name, value, size, 0) < 0 ? -errno : 0;
}

void ct__record_forget_xattr(const struct ct__place *place, const char *key)
{
	char name[NAME_SIZE];

	if (place->fd >= 0 &&
		snprintf(name, sizeof(name), CT__RECORD "%s", key) < (int)sizeof(name))
		(void)fremovexattr(place->fd, name);
}

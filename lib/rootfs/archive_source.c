/* SPDX-License-Identifier: MIT */
/*
 * Opening an archive and going through its entries by libarchive. It writes nothing.
 *
 * libarchive could take the compression off, too. It is done apart (unpack.c), because
 * only so can the number of compression layers be limited to one, the unpacked bytes be
 * counted, the tar headers be seen between them (tar_names.c), and decoding run ahead in a
 * thread (ahead.c).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error/error.h"
#include "rootfs.h"

/* libarchive's error numbers are errno, -1 or EILSEQ for a damaged file. */
static int code_of(struct archive *archive, int fallback)
{
	int code = archive_errno(archive);

	return code == ENOMEM ? -ENOMEM : fallback;
}

static int fail(struct ct__source *source, struct archive *archive, int fallback, const char *name,
	ct_error *err)
{
	const char *words = archive ? archive_error_string(archive) : NULL;
	int code = archive ? code_of(archive, fallback) : fallback;

	if (source->failure) {
		code = source->failure;
		words = source->reason[0] ? source->reason : ct__errno_words(code);
	}
	if (code == -ENOMEM)
		return ct__fail(err, CT_STEP_MEMORY, code, "libarchive", "%s", name);
	return ct__fail_because(err, CT_STEP_ARCHIVE, code,
		words ? words : "archive cannot be read", "%s", name);
}

/* Uncompressed bytes, and what there is to know when they came. */
static ssize_t pull_unpacked(void *data, const void **ret_piece)
{
	struct ct__source *source = data;
	const struct ct__ahead_slot *slot;

	if (source->failure)
		return source->failure;
	source->failure = ct__ahead_next(&source->ahead, &slot);
	if (source->failure)
		return source->failure;
	source->taken = slot->taken;
	if (slot->got < 0) { /* nobody fills any more */
		source->failure = (int)slot->got;
		memcpy(source->reason, source->unpack.reason, sizeof(source->reason));
		return source->failure;
	}
	source->unpacked += (uint64_t)slot->got;
	*ret_piece = slot->bytes;
	return slot->got;
}

/* The reader's callback. */
static la_ssize_t read_unpacked(struct archive *archive, void *data, const void **ret_piece)
{
	struct ct__source *source = data;
	ssize_t got = ct__tar_names_next(&source->names, ret_piece);

	if (got < 0) {
		if (!source->failure)
			source->failure = (int)got;
		archive_set_error(archive, (int)-got, "%s",
			source->reason[0] ? source->reason : "reading the archive failed");
		return ARCHIVE_FATAL;
	}
	return got;
}

/* archive_read_open2() step by step: it does not look whether it got memory for the second. */
static int open_reader(struct ct__source *source)
{
	int rc = archive_read_set_read_callback(source->format, read_unpacked);

	if (rc == ARCHIVE_OK)
		rc = archive_read_set_callback_data(source->format, source);
	return rc == ARCHIVE_OK ? archive_read_open1(source->format) : rc;
}

static int open_format(struct ct__source *source, uint32_t flags, ct_error *err)
{
	int rc;

	source->format = archive_read_new();
	if (!source->format)
		return ct__fail(err, CT_STEP_MEMORY, -ENOMEM, "libarchive", "reader");
	rc = archive_read_support_format_tar(source->format);
	if (rc == ARCHIVE_OK && (flags & CT_EXTRACT_ANY_FORMAT))
		rc = archive_read_support_format_cpio(source->format);
	if (rc == ARCHIVE_OK && (flags & CT_EXTRACT_ANY_FORMAT))
		rc = archive_read_support_format_zip_streamable(source->format);
	if (rc != ARCHIVE_OK)
		return ct__fail(err, CT_STEP_MEMORY, -ENOMEM, "libarchive", "reader");
	source->names.pull = pull_unpacked;
	source->names.pull_data = source;
	source->names.in_header = true;
	if (open_reader(source) != ARCHIVE_OK)
		return fail(source, source->format, -EINVAL, "archive", err);
	return 0;
}

int ct__source_open(struct ct__source *source, uint32_t flags, ct_error *err)
{
	int rc;

	source->drained = true;
	source->entry = archive_entry_new();
	if (!source->entry)
		return ct__fail(err, CT_STEP_MEMORY, -ENOMEM, "libarchive", "entry");
	rc = ct__unpack_open(&source->unpack, source->entry, err);
	if (rc < 0)
		return rc;
	ct__ahead_begin(&source->ahead, &source->unpack);
	return open_format(source, flags, err);
}

static const char *name_of(struct archive_entry *entry)
{
	const char *name = entry ? archive_entry_pathname(entry) : NULL;

	return name ? name : "archive";
}

/* The archive has no more entries: was that its end, or was it cut off? */
static int check_end(struct ct__source *source, ct_error *err)
{
	if (source->failure)
		return fail(source, NULL, source->failure, "archive", err);
	if (source->names.is_tar && !source->names.ended)
		return ct__fail_because(err, CT_STEP_ARCHIVE, -EBADMSG,
			"ends without its end marker, as if cut off", "archive");
	return 0;
}

int ct__source_next(struct ct__source *source, struct archive_entry **ret_entry, ct_error *err)
{
	struct archive_entry *entry = source->entry;
	bool is_first = archive_file_count(source->format) == 0;
	int rc;

	if (!source->drained) {
		rc = archive_read_data_skip(source->format);
		if (rc != ARCHIVE_OK)
			return fail(source, source->format, -EBADMSG, "archive", err);
	}
	source->drained = false;
	source->names.in_header = true;
	rc = archive_read_next_header2(source->format, entry);
	source->names.in_header = false;
	if (rc == ARCHIVE_EOF)
		return check_end(source, err);
	if (source->failure || rc == ARCHIVE_FATAL || rc == ARCHIVE_RETRY)
		return fail(source, source->format, is_first ? -EINVAL : -EBADMSG,
			is_first ? "archive" : name_of(entry), err);
	if (source->names.refused)
		return ct__fail_because(err, CT_STEP_ENTRY, source->names.refused_code,
			source->names.refused, "%s", name_of(entry));
	/* A warning means that something of the entry was lost. */
	if (rc != ARCHIVE_OK)
		return fail(source, source->format, -EBADMSG, name_of(entry), err);
	*ret_entry = entry;
	return 1;
}

int ct__source_data(struct ct__source *source, const void **ret_data, size_t *ret_size,
	int64_t *ret_offset, const char *name, ct_error *err)
{
	la_int64_t offset = 0;
	int rc = archive_read_data_block(source->format, ret_data, ret_size, &offset);

	if (rc == ARCHIVE_EOF && !source->failure) {
		source->drained = true;
		return 0;
	}
	if (rc != ARCHIVE_OK || source->failure)
		return fail(source, source->format, -EBADMSG, name, err);
	*ret_offset = offset;
	return 1;
}

int ct__source_drain(struct ct__source *source, ct_error *err)
{
	const void *unused;
	ssize_t got = pull_unpacked(source, &unused);

	if (got < 0)
		return fail(source, NULL, source->failure, "archive", err);
	return got > 0;
}

void ct__source_done(struct ct__source *source)
{
	ct__ahead_done(&source->ahead);
	archive_read_free(source->format);
	source->format = NULL;
	archive_entry_free(source->entry);
	source->entry = NULL;
	ct__tar_names_done(&source->names);
	ct__unpack_done(&source->unpack);
}

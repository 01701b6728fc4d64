/* SPDX-License-Identifier: MIT */
/*
 * Opening an archive and going through it: libarchive twice, once to take the
 * compression off and once to read entries. It writes nothing.
 *
 * Two readers, because only so can the number of compression layers be limited
 * to one, the unpacked bytes be counted and the tar headers be seen between
 * them (tar_names.c); and the first can later run ahead in a thread.
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

/* The first reader's callback: bytes as stored. */
static la_ssize_t read_input(struct archive *archive, void *data, const void **ret_piece)
{
	struct ct__source *source = data;
	ssize_t got = ct__input_next(&source->input, ret_piece);

	if (got < 0) {
		source->failure = (int)got;
		archive_set_error(archive, (int)-got, "reading the archive failed");
		return ARCHIVE_FATAL;
	}
	return got;
}

/* What comes out of the first reader: uncompressed bytes. */
static ssize_t pull_unpacked(void *data, const void **ret_piece)
{
	struct ct__source *source = data;
	la_int64_t offset;
	size_t size = 0;
	int rc;

	do {
		rc = archive_read_data_block(source->filter, ret_piece, &size, &offset);
	} while (rc == ARCHIVE_OK && size == 0);
	if (rc == ARCHIVE_EOF)
		return 0;
	if (rc != ARCHIVE_OK) {
		const char *words = archive_error_string(source->filter);

		if (!source->failure) {
			source->failure = code_of(source->filter, -EBADMSG);
			snprintf(source->reason, sizeof(source->reason), "%s",
				words ? words : "damaged compression");
		}
		return source->failure;
	}
	source->unpacked += size;
	return (ssize_t)size;
}

/* The second reader's callback. */
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

/* ARCHIVE_WARN would mean that libarchive starts an external program: never. */
static int enable_filters(struct archive *archive, ct_error *err)
{
	static const struct {
		const char *name;
		int (*enable)(struct archive *);
	} filters[] = {
		{"gzip", archive_read_support_filter_gzip},
		{"bzip2", archive_read_support_filter_bzip2},
		{"xz", archive_read_support_filter_xz},
		{"zstd", archive_read_support_filter_zstd},
		{"lz4", archive_read_support_filter_lz4},
	};

	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		int rc = filters[i].enable(archive);

		if (rc == ARCHIVE_FATAL)
			return ct__fail(err, CT_STEP_MEMORY, -ENOMEM, "libarchive", "%s filter",
				filters[i].name);
		if (rc != ARCHIVE_OK)
			return ct__fail_because(err, CT_STEP_ARCHIVE, -ENOSYS,
				"libarchive was built without it", "%s filter", filters[i].name);
	}
	return 0;
}

/* archive_read_open2() step by step: it does not look whether it got memory for the second. */
static int open_reader(struct archive *archive, struct ct__source *source, archive_read_callback *read)
{
	int rc = archive_read_set_read_callback(archive, read);

	if (rc == ARCHIVE_OK)
		rc = archive_read_set_callback_data(archive, source);
	return rc == ARCHIVE_OK ? archive_read_open1(archive) : rc;
}

static int open_filter(struct ct__source *source, ct_error *err)
{
	int rc;

	source->filter = archive_read_new();
	source->entry = archive_entry_new();
	if (!source->filter || !source->entry ||
		archive_read_support_format_raw(source->filter) != ARCHIVE_OK)
		return ct__fail(err, CT_STEP_MEMORY, -ENOMEM, "libarchive", "reader");
	rc = enable_filters(source->filter, err);
	if (rc < 0)
		return rc;
	rc = open_reader(source->filter, source, read_input);
	if (rc == ARCHIVE_OK)
		rc = archive_read_next_header2(source->filter, source->entry);
	if (rc != ARCHIVE_OK && !source->failure && source->input.taken == 0 &&
		code_of(source->filter, 0) != -ENOMEM)
		return ct__fail_because(err, CT_STEP_ARCHIVE, -EINVAL, "is empty", "archive");
	/* Bytes of any kind would do here: what fails is a compression that was recognized. */
	if (rc != ARCHIVE_OK)
		return fail(source, source->filter, -EBADMSG, "archive", err);
	/* The last one is the input itself. */
	if (archive_filter_count(source->filter) > 2)
		return ct__fail_because(err, CT_STEP_ARCHIVE, -EINVAL, "compressed more than once",
			"archive");
	return 0;
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
	if (open_reader(source->format, source, read_unpacked) != ARCHIVE_OK)
		return fail(source, source->format, -EINVAL, "archive", err);
	return 0;
}

int ct__source_open(struct ct__source *source, uint32_t flags, ct_error *err)
{
	int rc = open_filter(source, err);

	source->drained = true;
	return rc < 0 ? rc : open_format(source, flags, err);
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
	archive_read_free(source->format);
	archive_read_free(source->filter);
	source->format = NULL;
	source->filter = NULL;
	archive_entry_free(source->entry);
	source->entry = NULL;
	ct__tar_names_done(&source->names);
	ct__input_done(&source->input);
}

/* SPDX-License-Identifier: MIT */
/*
 * Takes the compression off an archive: gzip by ISA-L where that is there (gunzip.c), all
 * else by libarchive. It does not know what the bytes mean, nor in which thread it runs.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "error/error.h"
#include "rootfs.h"

static int code_of(struct archive *archive, int fallback)
{
	return archive_errno(archive) == ENOMEM ? -ENOMEM : fallback;
}

static int fail(struct ct__unpack *unpack, int code, const char *words)
{
	if (!unpack->failure) {
		unpack->failure = code;
		snprintf(unpack->reason, sizeof(unpack->reason), "%s", words ? words : "");
	}
	return unpack->failure;
}

/* ------------------------------------------------------------------ by libarchive */

/* Bytes as stored. */
static la_ssize_t read_input(struct archive *archive, void *data, const void **ret_piece)
{
	struct ct__unpack *unpack = data;
	ssize_t got = ct__input_next(&unpack->input, ret_piece);

	if (got < 0) {
		(void)fail(unpack, (int)got, NULL);
		archive_set_error(archive, (int)-got, "reading the archive failed");
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
static int open_reader(struct ct__unpack *unpack)
{
	int rc = archive_read_set_read_callback(unpack->filter, read_input);

	if (rc == ARCHIVE_OK)
		rc = archive_read_set_callback_data(unpack->filter, unpack);
	return rc == ARCHIVE_OK ? archive_read_open1(unpack->filter) : rc;
}

static int report(struct ct__unpack *unpack, ct_error *err)
{
	const char *words = archive_error_string(unpack->filter);
	int code = unpack->failure ? unpack->failure : code_of(unpack->filter, -EBADMSG);

	if (unpack->failure)
		words = ct__errno_words(code);
	if (code == -ENOMEM)
		return ct__fail(err, CT_STEP_MEMORY, code, "libarchive", "archive");
	return ct__fail_because(err, CT_STEP_ARCHIVE, code, words ? words : "damaged compression",
		"archive");
}

static int open_filter(struct ct__unpack *unpack, struct archive_entry *entry, ct_error *err)
{
	int rc;

	unpack->filter = archive_read_new();
	if (!unpack->filter || archive_read_support_format_raw(unpack->filter) != ARCHIVE_OK)
		return ct__fail(err, CT_STEP_MEMORY, -ENOMEM, "libarchive", "reader");
	rc = enable_filters(unpack->filter, err);
	if (rc < 0)
		return rc;
	rc = open_reader(unpack);
	if (rc == ARCHIVE_OK)
		rc = archive_read_next_header2(unpack->filter, entry);
	if (rc != ARCHIVE_OK && !unpack->failure && unpack->input.taken == 0 &&
		code_of(unpack->filter, 0) != -ENOMEM)
		return ct__fail_because(err, CT_STEP_ARCHIVE, -EINVAL, "is empty", "archive");
	/* Bytes of any kind would do here: what fails is a compression that was recognized. */
	if (rc != ARCHIVE_OK)
		return report(unpack, err);
	/* The last one is the input itself. */
	if (archive_filter_count(unpack->filter) > 2)
		return ct__fail_because(err, CT_STEP_ARCHIVE, -EINVAL, "compressed more than once",
			"archive");
	return 0;
}

/* Makes sure that some bytes of libarchive's are at hand: 1, 0 at the end, or a negative errno. */
static int refill(struct ct__unpack *unpack)
{
	const void *block = NULL;
	la_int64_t unused;
	int rc = ARCHIVE_OK;

	while (rc == ARCHIVE_OK && unpack->block_left == 0)
		rc = archive_read_data_block(unpack->filter, &block, &unpack->block_left, &unused);
	if (block)
		unpack->block = block;
	if (rc == ARCHIVE_OK)
		return 1;
	unpack->block_left = 0;
	if (rc == ARCHIVE_EOF)
		return 0;
	return fail(unpack, code_of(unpack->filter, -EBADMSG), archive_error_string(unpack->filter));
}

static ssize_t fill_by_filter(struct ct__unpack *unpack, unsigned char *buffer, size_t size)
{
	bool may_wait = ct__input_may_wait(&unpack->input);
	size_t have = 0;

	while (have < size && !(have && may_wait && unpack->block_left == 0)) {
		int rc = refill(unpack);
		size_t part = size - have;

		if (rc <= 0)
			return have ? (ssize_t)have : rc;
		part = part < unpack->block_left ? part : unpack->block_left;
		memcpy(buffer + have, unpack->block, part);
		unpack->block += part;
		unpack->block_left -= part;
		have += part;
	}
	return (ssize_t)have;
}

/* ----------------------------------------------------------------------- by ISA-L */

/* What libarchive would see in there, had it taken the first compression off. */
static bool is_compressed(const unsigned char *bytes, size_t size)
{
	static const struct {
		const char *magic;
		size_t size;
	} known[] = {{"\x1f\x8b\x08", 3}, {"BZh", 3}, {"\xfd\x37zXZ", 6}, {"\x28\xb5\x2f\xfd", 4},
		{"\x04\x22\x4d\x18", 4}, {"\x02\x21\x4c\x18", 4}};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (size >= known[i].size && memcmp(bytes, known[i].magic, known[i].size) == 0)
			return true;
	}
	return false;
}

static ssize_t fill_by_gunzip(struct ct__unpack *unpack, unsigned char *buffer, size_t size)
{
	const char *why = NULL;
	ssize_t got = ct__gunzip_fill(unpack->gunzip, buffer, size, &why);

	if (got < 0)
		return fail(unpack, (int)got, why);
	if (!unpack->has_begun && is_compressed(buffer, (size_t)got))
		return fail(unpack, -EINVAL, "compressed more than once");
	unpack->has_begun = true;
	return got;
}

/* ------------------------------------------------------------------------- either */

int ct__unpack_open(struct ct__unpack *unpack, struct archive_entry *entry, ct_error *err)
{
	int rc = ct__gunzip_open(&unpack->input, &unpack->gunzip);

	if (rc == -ENOMEM)
		return ct__fail(err, CT_STEP_MEMORY, rc, "malloc", "gzip");
	if (rc < 0)
		return ct__fail(err, CT_STEP_ARCHIVE, rc, NULL, "archive");
	return rc > 0 ? 0 : open_filter(unpack, entry, err);
}

ssize_t ct__unpack_fill(struct ct__unpack *unpack, void *buffer, size_t size)
{
	if (unpack->failure)
		return unpack->failure;
	return unpack->gunzip ? fill_by_gunzip(unpack, buffer, size) :
				fill_by_filter(unpack, buffer, size);
}

void ct__unpack_done(struct ct__unpack *unpack)
{
	archive_read_free(unpack->filter);
	ct__gunzip_free(unpack->gunzip);
	unpack->filter = NULL;
	unpack->gunzip = NULL;
	ct__input_done(&unpack->input);
}

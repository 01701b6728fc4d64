/* SPDX-License-Identifier: MIT */
/*
 * Tar archives in memory, header by header, so that the hostile ones can be
 * made too. It checks nothing of what it is told.
 */
#ifndef TEST_TAR_BUILDER_H
#define TEST_TAR_BUILDER_H

#include <stddef.h>
#include <stdint.h>

struct tar {
	unsigned char *data;
	size_t size;
	size_t room;
	unsigned char *pax; /* records for the next member */
	size_t pax_size;
};

struct member {
	const char *name;
	char type; /* 0: '0' */
	unsigned mode; /* 0: 0644, or 0755 for a directory */
	uint64_t uid, gid;
	int64_t mtime; /* 0: 1000000000 */
	const char *data;
	size_t size; /* of data; 0: strlen(data) */
	uint64_t declared; /* what the header says, if it lies; 0: size */
	const char *link;
	unsigned major, minor;
	const char *magic; /* 8 bytes; NULL: "ustar\00000" */
};

void tar_add(struct tar *tar, const struct member *member);
#define TAR(tar, ...) tar_add((tar), &(const struct member){__VA_ARGS__})
/* A pax record for the next member. */
void tar_pax(struct tar *tar, const char *key, const char *value);
void tar_pax_bytes(struct tar *tar, const char *key, const void *value, size_t size);
/* A header exactly as given, its checksum made right, padded content behind it. */
void tar_block(struct tar *tar, unsigned char header[512], const void *data, size_t size);
void tar_raw(struct tar *tar, const void *bytes, size_t size);
/* GNU long name ('L') or long link ('K') for the next member. */
void tar_long(struct tar *tar, char type, const char *text);
/* The end marker. */
void tar_end(struct tar *tar);
void tar_free(struct tar *tar);

/* The same bytes compressed by "gzip", "bzip2", "xz", "zstd", "lz4"; "": a plain copy. */
struct tar tar_compressed(const struct tar *tar, const char *filter);

#endif

/* SPDX-License-Identifier: MIT */
/* Tar archives in memory; see the header. */
#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tar_builder.h"

/* Used by tests and fuzzers alike, so nothing of Check. */
static void must(bool holds)
{
	if (!holds)
		abort();
}

void tar_raw(struct tar *tar, const void *bytes, size_t size)
{
	if (tar->size + size > tar->room) {
		tar->room = (tar->size + size) * 2 + 4096;
		tar->data = realloc(tar->data, tar->room);
		must(tar->data != NULL);
	}
	if (size)
		memcpy(tar->data + tar->size, bytes, size);
	tar->size += size;
}

static void pad(struct tar *tar)
{
	static const unsigned char zeros[512];

	if (tar->size % 512)
		tar_raw(tar, zeros, 512 - tar->size % 512);
}

static void seal(unsigned char header[512])
{
	unsigned sum = 0;
	char text[8];

	memset(header + 148, ' ', 8);
	for (int i = 0; i < 512; i++)
		sum += header[i];
	snprintf(text, sizeof(text), "%06o", sum);
	memcpy(header + 148, text, 7);
}

void tar_block(struct tar *tar, unsigned char header[512], const void *data, size_t size)
{
	seal(header);
	tar_raw(tar, header, 512);
	tar_raw(tar, data, size);
	pad(tar);
}

/* Octal where it fits, base 256 where it does not. */
static void put_number(unsigned char *field, size_t size, uint64_t value)
{
	char text[32];

	if (value >> (3 * (size - 1)) == 0) {
		snprintf(text, sizeof(text), "%0*llo", (int)size - 1, (unsigned long long)value);
		memcpy(field, text, size);
		return;
	}
	for (size_t i = size; i-- > 0; value >>= 8)
		field[i] = (unsigned char)value;
	field[0] |= 0x80;
}

static void put_text(unsigned char *field, size_t size, const char *text)
{
	if (text)
		memcpy(field, text, strlen(text) < size ? strlen(text) : size);
}

static void header_of(const struct member *m, unsigned char h[512], size_t size)
{
	char type = m->type ? m->type : '0';

	memset(h, 0, 512);
	put_text(h, 100, m->name);
	put_number(h + 100, 8, m->mode ? m->mode : type == '5' ? 0755 : 0644);
	put_number(h + 108, 8, m->uid);
	put_number(h + 116, 8, m->gid);
	put_number(h + 124, 12, m->declared ? m->declared : size);
	put_number(h + 136, 12, (uint64_t)(m->mtime ? m->mtime : 1000000000));
	h[156] = (unsigned char)type;
	put_text(h + 157, 100, m->link);
	memcpy(h + 257,
		m->magic ? m->magic
			 : "ustar\0"
			   "00",
		8);
	put_number(h + 329, 8, m->major);
	put_number(h + 337, 8, m->minor);
}

static void flush_pax(struct tar *tar)
{
	const struct member m = {.name = "pax", .type = 'x'};
	unsigned char h[512];

	if (!tar->pax_size)
		return;
	header_of(&m, h, tar->pax_size);
	tar_block(tar, h, tar->pax, tar->pax_size);
	free(tar->pax);
	tar->pax = NULL;
	tar->pax_size = 0;
}

void tar_add(struct tar *tar, const struct member *member)
{
	size_t size = member->size ? member->size : member->data ? strlen(member->data) : 0;
	unsigned char h[512];

	flush_pax(tar);
	header_of(member, h, size);
	tar_block(tar, h, member->data, size);
}

void tar_long(struct tar *tar, char type, const char *text)
{
	const struct member m = {.name = "././@LongLink", .type = type, .magic = "ustar  "};
	unsigned char h[512];

	header_of(&m, h, strlen(text) + 1);
	tar_block(tar, h, text, strlen(text) + 1);
}

void tar_pax_bytes(struct tar *tar, const char *key, const void *value, size_t size)
{
	size_t body = 1 + strlen(key) + 1 + size + 1;
	size_t whole = body + 1;
	char digits[24];

	while ((size_t)snprintf(digits, sizeof(digits), "%zu", whole) + body != whole)
		whole = (size_t)snprintf(digits, sizeof(digits), "%zu", whole) + body;
	tar->pax = realloc(tar->pax, tar->pax_size + whole + 1);
	must(tar->pax != NULL);
	tar->pax_size += (size_t)sprintf((char *)tar->pax + tar->pax_size, "%zu %s=", whole, key);
	if (size)
		memcpy(tar->pax + tar->pax_size, value, size);
	tar->pax_size += size;
	tar->pax[tar->pax_size++] = '\n';
}

void tar_pax(struct tar *tar, const char *key, const char *value)
{
	tar_pax_bytes(tar, key, value, strlen(value));
}

void tar_end(struct tar *tar)
{
	static const unsigned char zeros[1024];

	flush_pax(tar);
	tar_raw(tar, zeros, sizeof(zeros));
}

void tar_free(struct tar *tar)
{
	free(tar->data);
	free(tar->pax);
	*tar = (struct tar){0};
}

static la_ssize_t collect(struct archive *archive, void *data, const void *bytes, size_t size)
{
	(void)archive;
	tar_raw(data, bytes, size);
	return (la_ssize_t)size;
}

struct tar tar_compressed(const struct tar *tar, const char *filter)
{
	struct archive *archive = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	struct tar out = {0};

	if (filter[0])
		must(archive_write_add_filter_by_name(archive, filter) == ARCHIVE_OK);
	must(archive_write_set_format_raw(archive) == ARCHIVE_OK);
	must(archive_write_set_bytes_in_last_block(archive, 1) == ARCHIVE_OK);
	must(archive_write_open(archive, &out, NULL, collect, NULL) == ARCHIVE_OK);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_pathname(entry, "x");
	must(archive_write_header(archive, entry) == ARCHIVE_OK);
	must(archive_write_data(archive, tar->data, tar->size) == (la_ssize_t)tar->size);
	must(archive_write_close(archive) == ARCHIVE_OK);
	archive_write_free(archive);
	archive_entry_free(entry);
	return out;
}

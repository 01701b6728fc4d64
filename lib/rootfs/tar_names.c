/* SPDX-License-Identifier: MIT */
/*
 * Stands between the decompressor and libarchive's tar reader and follows the
 * headers. It parses no content and decides nothing about files.
 *
 * Why it exists: libarchive converts the names of pax headers from UTF-8 to
 * the host's locale, by iconv, which loses bytes and may load gconv modules. A
 * pax header that says hdrcharset=BINARY is left alone, so that record is
 * added to each. On the way it sees what libarchive hides: the end marker, NUL
 * bytes inside names, types that libarchive would make a regular file of.
 *
 * It cannot fall out of step in a way that matters: every header is handed on
 * as a piece of its own, and a block counts as a header only when the reader
 * asks for it while it looks for one (in_header).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rootfs.h"

#define BLOCK 512
/* libarchive refuses pax headers of more than 1 MiB. */
#define PAX_MOST (1024 * 1024 - 64)

static const char binary_record[] = "21 hdrcharset=BINARY\n";
#define BINARY_LEN (sizeof(binary_record) - 1)

/* Makes sure that some bytes are at hand: 1, 0 at the end, or a negative errno. */
static int refill(struct ct__tar_names *names)
{
	const void *piece;
	ssize_t got;

	if (names->left)
		return 1;
	got = names->pull(names->pull_data, &piece);
	if (got <= 0)
		return (int)got;
	names->piece = piece;
	names->left = (size_t)got;
	return 1;
}

/* Hands on at most most bytes of the piece at hand, without copying. */
static ssize_t emit(struct ct__tar_names *names, uint64_t most, const void **ret_piece)
{
	int rc = refill(names);
	size_t size;

	if (rc <= 0)
		return rc;
	size = names->left < most ? names->left : (size_t)most;
	*ret_piece = names->piece;
	names->piece += size;
	names->left -= size;
	return (ssize_t)size;
}

static int reserve(struct ct__tar_names *names, size_t size)
{
	unsigned char *larger;

	if (names->held_size >= size)
		return 0;
	larger = realloc(names->held, size);
	if (!larger)
		return -ENOMEM;
	names->held = larger;
	names->held_size = size;
	return 0;
}

/* Puts size bytes together in held, from *have on; fewer only where the archive ends. */
static int gather(struct ct__tar_names *names, size_t size, size_t *have)
{
	int rc = reserve(names, size);

	if (rc < 0)
		return rc;
	while (*have < size) {
		const void *piece;
		ssize_t got = emit(names, size - *have, &piece);

		if (got <= 0)
			return (int)got;
		memcpy(names->held + *have, piece, (size_t)got);
		*have += (size_t)got;
	}
	return 0;
}

/* A number field: octal digits, or base 256 where the top bit is set. Too large: UINT64_MAX. */
static uint64_t number(const unsigned char *field, size_t size)
{
	uint64_t value = 0;
	size_t i = 0;

	if (field[0] & 0x80) {
		value = field[0] & 0x7f;
		for (i = 1; i < size; i++) {
			if (value >> 56)
				return UINT64_MAX;
			value = value << 8 | field[i];
		}
		return value;
	}
	while (i < size && (field[i] == ' ' || field[i] == '\t'))
		i++;
	for (; i < size && field[i] >= '0' && field[i] <= '7'; i++)
		value = value << 3 | (uint64_t)(field[i] - '0');
	return value;
}

static uint64_t padded(uint64_t size)
{
	return size > UINT64_MAX - BLOCK ? UINT64_MAX : (size + BLOCK - 1) / BLOCK * BLOCK;
}

/* The sum over the header with its own field as blanks, with signed bytes as old tars had it. */
static void sums(const unsigned char *h, unsigned long *ret_unsigned, long *ret_signed)
{
	*ret_unsigned = 0;
	*ret_signed = 0;
	for (size_t i = 0; i < BLOCK; i++) {
		unsigned char c = i >= 148 && i < 156 ? ' ' : h[i];

		*ret_unsigned += c;
		*ret_signed += (signed char)c;
	}
}

static bool is_header(const unsigned char *h)
{
	unsigned long sum;
	long signed_sum;
	uint64_t stored = number(h + 148, 8);

	sums(h, &sum, &signed_sum);
	return stored == sum || (signed_sum >= 0 && stored == (uint64_t)signed_sum);
}

static bool is_null(const unsigned char *h)
{
	for (size_t i = 0; i < BLOCK; i++) {
		if (h[i])
			return false;
	}
	return true;
}

static void refuse(struct ct__tar_names *names, int code, const char *why)
{
	if (names->refused)
		return;
	names->refused = why;
	names->refused_code = code;
}

/* One "LEN KEY=VALUE\n" record of a pax header; libarchive reports the malformed ones. */
static void look_at_record(struct ct__tar_names *names, const unsigned char *key, size_t size)
{
	static const char *const names_keys[] = {"path=", "linkpath=", "GNU.sparse.name="};

	if (size > 5 && memcmp(key, "size=", 5) == 0) {
		uint64_t value = 0;

		for (size_t i = 5; i < size && key[i] >= '0' && key[i] <= '9'; i++)
			value = value > UINT64_MAX / 16 ? UINT64_MAX / 16 :
							  value * 10 + (uint64_t)(key[i] - '0');
		names->pax_size = value;
		names->has_pax_size = true;
	}
	for (size_t i = 0; i < sizeof(names_keys) / sizeof(names_keys[0]); i++) {
		size_t len = strlen(names_keys[i]);

		if (size >= len && memcmp(key, names_keys[i], len) == 0 && memchr(key, 0, size))
			refuse(names, -EINVAL, "name with a NUL byte inside");
	}
}

static void look_at_records(struct ct__tar_names *names, const unsigned char *at, size_t left)
{
	while (left) {
		size_t len = 0;
		size_t digits = 0;

		while (digits < left && digits < 7 && at[digits] >= '0' && at[digits] <= '9')
			len = len * 10 + (size_t)(at[digits++] - '0');
		if (digits == 0 || digits >= left || at[digits] != ' ' || len > left ||
			len < digits + 2)
			return;
		look_at_record(names, at + digits + 1, len - digits - 2);
		at += len;
		left -= len;
	}
}

/* Writes the new size and checksum into a pax header. */
static void seal(unsigned char *h, size_t size)
{
	unsigned long sum;
	long unused;

	for (int i = 10; i >= 0; i--, size >>= 3)
		h[124 + i] = (unsigned char)('0' + (size & 7));
	h[135] = '\0';
	sums(h, &sum, &unused);
	h[154] = '\0';
	h[155] = ' ';
	for (int i = 5; i >= 0; i--, sum >>= 3)
		h[148 + i] = (unsigned char)('0' + (sum & 7));
}

/* A pax header goes on whole, with one record more at its end. */
static ssize_t pax_header(struct ct__tar_names *names, const void **ret_piece)
{
	uint64_t size = number(names->held + 124, 12);
	size_t have = BLOCK;
	size_t longer;
	int rc;

	*ret_piece = names->held;
	if (size > PAX_MOST)
		return BLOCK; /* libarchive refuses it */
	rc = gather(names, BLOCK + (size_t)padded(size), &have);
	*ret_piece = names->held;
	if (rc < 0 || have < BLOCK + size)
		return rc < 0 ? rc : (ssize_t)have; /* cut off: libarchive refuses it */
	longer = BLOCK + (size_t)padded(size + BINARY_LEN);
	rc = reserve(names, longer);
	if (rc < 0)
		return rc;
	look_at_records(names, names->held + BLOCK, (size_t)size);
	memcpy(names->held + BLOCK + size, binary_record, BINARY_LEN);
	memset(names->held + BLOCK + size + BINARY_LEN, 0, longer - BLOCK - size - BINARY_LEN);
	seal(names->held, (size_t)size + BINARY_LEN);
	*ret_piece = names->held;
	return (ssize_t)longer;
}

/* A header of an entry: how much content follows it, and is it of a type we know? */
static void entry_header(struct ct__tar_names *names)
{
	const unsigned char *h = names->held;
	unsigned char type = h[156];

	if (!memchr("01234567S", type, 10)) /* ten bytes: NUL, the oldest plain file, too */
		refuse(names, -EOPNOTSUPP, "type of entry that tar does not define or we do not make");
	names->body = padded(names->has_pax_size ? names->pax_size : number(h + 124, 12));
	names->has_pax_size = false;
	names->sparse_more = type == 'S' && h[482];
}

static ssize_t header(struct ct__tar_names *names, const void **ret_piece)
{
	*ret_piece = names->held;
	names->body = 0;
	switch (names->held[156]) {
	case 'x':
	case 'X':
		return pax_header(names, ret_piece);
	case 'g': /* global pax header, GNU long names, volume label, Solaris ACL */
	case 'L':
	case 'K':
	case 'V':
	case 'A':
		names->pass = padded(number(names->held + 124, 12));
		return BLOCK;
	default:
		entry_header(names);
		return BLOCK;
	}
}

/* The reader wants a header, or the blocks that belong to one. */
static ssize_t block(struct ct__tar_names *names, const void **ret_piece)
{
	size_t have = 0;
	int rc = gather(names, BLOCK, &have);

	*ret_piece = names->held;
	if (rc < 0 || have < BLOCK)
		return rc < 0 ? rc : (ssize_t)have;
	if (!names->started) {
		names->started = true;
		names->is_tar = is_header(names->held) || is_null(names->held);
		if (!names->is_tar)
			return BLOCK;
	}
	if (names->sparse_more) {
		names->sparse_more = names->held[504] != 0;
		return BLOCK;
	}
	if (names->in_header && is_null(names->held)) {
		names->ended = true;
		return BLOCK;
	}
	if (names->in_header && is_header(names->held))
		return header(names, ret_piece);
	/* Content that is read early: the map of a sparse file, or a look ahead. */
	names->body -= names->body < BLOCK ? names->body : BLOCK;
	return BLOCK;
}

ssize_t ct__tar_names_next(struct ct__tar_names *names, const void **ret_piece)
{
	ssize_t got;

	if (names->started && (!names->is_tar || names->ended))
		return emit(names, SIZE_MAX, ret_piece);
	if (names->pass) {
		got = emit(names, names->pass, ret_piece);
		names->pass -= got > 0 ? (uint64_t)got : 0;
		return got;
	}
	if (names->body && !names->in_header) {
		got = emit(names, names->body, ret_piece);
		names->body -= got > 0 ? (uint64_t)got : 0;
		return got;
	}
	return block(names, ret_piece);
}

void ct__tar_names_done(struct ct__tar_names *names)
{
	free(names->held);
	names->held = NULL;
	names->held_size = 0;
}

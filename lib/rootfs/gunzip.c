/* SPDX-License-Identifier: MIT */
/*
 * Takes gzip off by ISA-L, which is several times as fast as zlib and, unlike libarchive,
 * compares what the trailer of each member says (CRC and length) with what came out.
 *
 * As gzip(1) and libarchive do, it goes on with the next member, and takes what is none
 * for padding behind the end.
 */
#include <errno.h>
#include <stdlib.h>

#include <isa-l/igzip_lib.h>

#include "rootfs.h"

struct ct__gunzip {
	struct ct__input *input;
	struct isal_gzip_header header; /* of the member at hand: reading it may take several pieces */
	struct inflate_state state;
	bool ended;
	int failure;
	const char *why;
};

/* What libarchive, too, takes for gzip: deflate, and no flag that is not known. */
static bool is_gzip(const unsigned char *head, ssize_t size)
{
	return size >= 4 && head[0] == 0x1f && head[1] == 0x8b && head[2] == 8 && !(head[3] & 0xe0);
}

static int fail(struct ct__gunzip *gunzip, int code, const char *why)
{
	gunzip->failure = code;
	gunzip->why = why;
	return code;
}

/* Makes sure that there are bytes to decode: 1, 0 at the end, or a negative errno. */
static int refill(struct ct__gunzip *gunzip)
{
	struct inflate_state *state = &gunzip->state;
	const void *piece;
	ssize_t got;

	if (state->avail_in)
		return 1;
	got = ct__input_next(gunzip->input, &piece);
	if (got < 0)
		return fail(gunzip, (int)got, NULL);
	/* Only read from: the field is not const because zlib's is not. */
	state->next_in = (uint8_t *)(uintptr_t)piece;
	state->avail_in = (uint32_t)got;
	return got > 0;
}

/* 1: a member begins; 0: there is none, and there may be none; or a negative errno. */
static int begin_member(struct ct__gunzip *gunzip, bool is_first)
{
	int rc;

	isal_gzip_header_init(&gunzip->header);
	isal_inflate_reset(&gunzip->state);
	gunzip->state.crc_flag = ISAL_GZIP_NO_HDR_VER;
	do {
		rc = refill(gunzip);
		if (rc < 0)
			return rc;
		if (rc == 0)
			return is_first ? fail(gunzip, -EBADMSG, "gzip is cut off") : 0;
		rc = isal_read_gzip_header(&gunzip->state, &gunzip->header);
	} while (rc == ISAL_END_INPUT);
	if (rc == ISAL_DECOMP_OK)
		return 1;
	if (!is_first && (rc == ISAL_INVALID_WRAPPER || rc == ISAL_UNSUPPORTED_METHOD))
		return 0;
	return fail(gunzip, -EBADMSG, "damaged header of gzip");
}

/* One step on, with room in the output; the end and what fails are noted. */
static void step(struct ct__gunzip *gunzip)
{
	struct inflate_state *state = &gunzip->state;
	uint32_t room = state->avail_out;
	int more, rc;

	if (state->block_state == ISAL_BLOCK_FINISH) {
		gunzip->ended = begin_member(gunzip, false) == 0;
		return;
	}
	/* At the end of the input there may be something left that was read before. */
	more = refill(gunzip);
	if (more < 0)
		return;
	rc = isal_inflate(state);
	if (rc == ISAL_INCORRECT_CHECKSUM)
		(void)fail(gunzip, -EBADMSG, "gzip: checksum or length is not that of the content");
	else if (rc != ISAL_DECOMP_OK)
		(void)fail(gunzip, -EBADMSG, "damaged gzip");
	else if (!more && state->avail_out == room && state->block_state != ISAL_BLOCK_FINISH)
		(void)fail(gunzip, -EBADMSG, "gzip is cut off");
}

int ct__gunzip_open(struct ct__input *input, struct ct__gunzip **ret_gunzip)
{
	const unsigned char *head;
	ssize_t size = ct__input_peek(input, 4, &head);
	struct ct__gunzip *gunzip;

	*ret_gunzip = NULL;
	if (size < 0 || !is_gzip(head, size))
		return size < 0 ? (int)size : 0;
	gunzip = malloc(sizeof(*gunzip));
	if (!gunzip)
		return -ENOMEM;
	gunzip->input = input;
	gunzip->ended = false;
	gunzip->failure = 0;
	gunzip->why = NULL;
	isal_inflate_init(&gunzip->state);
	gunzip->state.avail_in = 0;
	(void)begin_member(gunzip, true); /* what fails is told by the first filling */
	*ret_gunzip = gunzip;
	return 1;
}

ssize_t ct__gunzip_fill(struct ct__gunzip *gunzip, void *buffer, size_t size, const char **ret_why)
{
	struct inflate_state *state = &gunzip->state;

	state->next_out = buffer;
	state->avail_out = (uint32_t)size;
	while (state->avail_out && !gunzip->ended && !gunzip->failure)
		step(gunzip);
	/* What came before the damage is handed out first. */
	if (state->avail_out < size || !gunzip->failure)
		return (ssize_t)(size - state->avail_out);
	*ret_why = gunzip->why;
	return gunzip->failure;
}

void ct__gunzip_free(struct ct__gunzip *gunzip)
{
	free(gunzip);
}

/* SPDX-License-Identifier: MIT */
/*
 * Reading files whose lines are fields between colons: /etc/passwd, /etc/subuid,
 * /etc/subgid. Pure: no file is touched. Whoever wrote such a file may have been
 * careless: any bytes are taken, lines that make no sense are for the caller to skip.
 */
#ifndef CT_UTIL_COLON_TEXT_H
#define CT_UTIL_COLON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/proc_status.h"

#define CT__COLON_FIELDS 7

/* One line. The fields point into the text and do not end with NUL. */
struct ct__colon_line {
	const char *field[CT__COLON_FIELDS];
	size_t length[CT__COLON_FIELDS];
	size_t count; /* of fields; one more than CT__COLON_FIELDS if there are too many */
};

/* The next line of the text from *at on, which moves; false at its end. The last one may lack a newline. */
bool ct__colon_next(const char **at, const char *end, struct ct__colon_line *ret_line);

bool ct__colon_is(const struct ct__colon_line *line, size_t field, const char *text);

/* A decimal number without a leading zero, and nothing else, up to UINT32_MAX. */
bool ct__colon_number(const struct ct__colon_line *line, size_t field, uint32_t *ret_number);

/*
 * "OWNER:FIRST:COUNT" of /etc/subuid: the range, with 0 for inside. False unless it is one
 * of at least one id, and all its ids are such: 4294967295 is none.
 */
bool ct__colon_range(const struct ct__colon_line *line, struct ct__id_range *ret_range);

#endif

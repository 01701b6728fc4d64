/* SPDX-License-Identifier: MIT */
/* Lines of fields between colons; see colon_text.h. */
#include <string.h>

#include "colon_text.h"

bool ct__colon_next(const char **at, const char *end, struct ct__colon_line *ret_line)
{
	const char *stop, *field = *at;

	if (field == end)
		return false;
	stop = memchr(field, '\n', (size_t)(end - field));
	*at = stop ? stop + 1 : end;
	stop = stop ? stop : end;
	for (ret_line->count = 0; field && ret_line->count <= CT__COLON_FIELDS; ret_line->count++) {
		const char *colon = memchr(field, ':', (size_t)(stop - field));

		if (ret_line->count < CT__COLON_FIELDS) {
			ret_line->field[ret_line->count] = field;
			ret_line->length[ret_line->count] =
				(size_t)((colon ? colon : stop) - field);
		}
		field = colon ? colon + 1 : NULL;
	}
	return true;
}

bool ct__colon_is(const struct ct__colon_line *line, size_t field, const char *text)
{
	return field < line->count && field < CT__COLON_FIELDS &&
	       line->length[field] == strlen(text) &&
	       memcmp(line->field[field], text, line->length[field]) == 0;
}

bool ct__colon_number(const struct ct__colon_line *line, size_t field, uint32_t *ret_number)
{
	uint64_t number = 0;

	if (field >= line->count || field >= CT__COLON_FIELDS || line->length[field] < 1 ||
		line->length[field] > 10)
		return false;
	if (line->field[field][0] == '0' && line->length[field] > 1) /* octal to others */
		return false;
	for (size_t i = 0; i < line->length[field]; i++) {
		char digit = line->field[field][i];

		if (digit < '0' || digit > '9')
			return false;
		number = number * 10 + (uint64_t)(digit - '0');
	}
	if (number > UINT32_MAX)
		return false;
	*ret_number = (uint32_t)number;
	return true;
}

bool ct__colon_range(const struct ct__colon_line *line, struct ct__id_range *ret_range)
{
	struct ct__id_range range = {0};

	if (line->count != 3 || !ct__colon_number(line, 1, &range.outside) ||
		!ct__colon_number(line, 2, &range.count) || !range.count ||
		range.outside + (uint64_t)range.count > UINT32_MAX)
		return false;
	*ret_range = range;
	return true;
}

/* SPDX-License-Identifier: MIT */
/* Putting names that may be hostile into texts; see escape.h. */
#include <stdbool.h>
#include <string.h>

#include "escape.h"
#include "utf8.h"

/* Also those from U+0080 to U+009F are control characters, and terminals obey them. */
static bool is_harmless(const char *text, size_t *ret_length)
{
	uint32_t number;

	*ret_length = ct__utf8_next(text, &number);
	return *ret_length && number >= 0x20 && number != '\\' &&
	       !(number >= 0x7f && number < 0xa0);
}

void ct__escape(char *to, size_t size, const char *from)
{
	static const char hex[] = "0123456789abcdef";
	size_t used = 0;

	while (*from) {
		unsigned char byte = (unsigned char)*from;
		size_t length;
		bool harmless = is_harmless(from, &length);

		if (used + (harmless ? length : 4) + 4 > size) {
			memcpy(to + used, "...", 3);
			used += 3;
			break;
		}
		if (harmless) {
			memcpy(to + used, from, length);
			used += length;
			from += length;
			continue;
		}
		memcpy(to + used, "\\x", 2);
		to[used + 2] = hex[byte >> 4];
		to[used + 3] = hex[byte & 15];
		used += 4;
		from++;
	}
	to[used] = '\0';
}

void ct__json_string(FILE *out, const char *text)
{
	if (!text) {
		fputs("null", out);
		return;
	}
	fputc('"', out);
	while (*text) {
		uint32_t number = 0;
		size_t length = ct__utf8_next(text, &number);

		if (length == 0)
			fputs("\\ufffd", out);
		else if (number == '"' || number == '\\')
			fprintf(out, "\\%c", *text);
		else if (number < 0x20 || (number >= 0x7f && number < 0xa0))
			fprintf(out, "\\u%04x", number);
		else
			fwrite(text, 1, length, out);
		text += length ? length : 1;
	}
	fputc('"', out);
}

void ct__json_text(FILE *out, const char *key, const char *text)
{
	fprintf(out, ",\"%s\":", key);
	ct__json_string(out, text);
}

/* SPDX-License-Identifier: MIT */
/*
 * ct_ns_list_to_text(), and what all forms for people share. The forms themselves are
 * in table.c and json.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ns.h"
#include "util/utf8.h"

static int (*const printers[])(FILE *out, const ct_ns_list *list) = {
	[CT_NS_FORMAT_TABLE] = ct__ns_print_table,
	[CT_NS_FORMAT_TREE] = ct__ns_print_tree,
	[CT_NS_FORMAT_LINKS] = ct__ns_print_links,
	[CT_NS_FORMAT_JSON] = ct__ns_print_json,
};

int ct_ns_list_to_text(const ct_ns_list *list, int format, char **ret_text)
{
	char *text = NULL;
	size_t size;
	FILE *out;
	int ret;

	if (!list || !ret_text || format < 0 ||
		(size_t)format >= sizeof(printers) / sizeof(printers[0]))
		return -EINVAL;
	out = open_memstream(&text, &size);
	if (!out)
		return -ENOMEM;
	ret = printers[format](out, list);
	if (ferror(out))
		ret = -ENOMEM;
	if (fclose(out) != 0)
		ret = -ENOMEM;
	if (ret < 0) {
		free(text);
		return ret;
	}
	*ret_text = text;
	return 0;
}

void ct_ns_text_free(char *text)
{
	free(text);
}

/* Also those from U+0080 to U+009F are control characters, and terminals obey them. */
static bool is_harmless(const char *text, size_t *ret_length)
{
	uint32_t number;

	*ret_length = ct__utf8_next(text, &number);
	return *ret_length && number >= 0x20 && number != '\\' &&
	       !(number >= 0x7f && number < 0xa0);
}

void ct__ns_escape(char *to, size_t size, const char *from)
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

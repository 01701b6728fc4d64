/* SPDX-License-Identifier: MIT */
/* ct_ns_list_to_text(). The forms themselves are in table.c and json.c. */
#include <errno.h>
#include <stdlib.h>

#include "ns.h"

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

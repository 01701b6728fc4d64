/* SPDX-License-Identifier: MIT */
/* Facts about the ids that an ordinary user can give to containers. */
#include <errno.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>

#include "idmap/idmap.h"
#include "probe.h"

/* What the start would say that needs them, without its step. */
static ct_probe_state lacks_as_told(ct_probe_info *info, const ct_error *err)
{
	const char *words = strstr(err->sentence, ": ");

	return ct__lacks_because(info, err->cure, "%s", words ? words + 2 : err->sentence);
}

static void ranges_text(const ct__array *ranges, char *ret_text, size_t size)
{
	size_t used = 0;

	*ret_text = '\0';
	ct__array_for_each(const struct ct__id_range, range, ranges) {
		used += (size_t)snprintf(ret_text + used, size - used, "%s%u-%u", used ? "," : "",
			range->outside, range->outside + range->count - 1);
		if (used >= size)
			break;
	}
}

ct_probe_state ct__check_ranges(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	ct_error err = CT_ERROR_INIT;
	ct__array ranges = {0};
	char text[sizeof(info->value)];
	int ret = ct__idmap_ranges_in(row->path, &ranges, &err);

	if (ct__is_exhausted(look, ret))
		return CT_PROBE_UNKNOWN;
	if (ret == -ENOENT && ct__has_cap(row->arg ? CAP_SETGID : CAP_SETUID))
		return ct__works_with(
			info, "any: the caller has %s", row->arg ? "CAP_SETGID" : "CAP_SETUID");
	if (ret == -ENOENT)
		return lacks_as_told(info, &err);
	if (ret < 0)
		return ct__unknown(info, "%s", err.sentence);
	info->number = ct__idmap_size(&ranges);
	ranges_text(&ranges, text, sizeof(text));
	ct__array_done(&ranges);
	return ct__works_with(info, "%s", text);
}

ct_probe_state ct__check_id_program(
	struct ct__look *look, const struct ct__fact_row *row, ct_probe_info *info)
{
	ct_error err = CT_ERROR_INIT;
	char path[CT__IDMAP_HELPER_PATH];
	int ret = ct__idmap_find_helper(row->path, path, &err);

	if (ct__is_exhausted(look, ret))
		return CT_PROBE_UNKNOWN;
	return ret < 0 ? lacks_as_told(info, &err) : ct__works_with(info, "%s", path);
}

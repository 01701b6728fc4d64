/* SPDX-License-Identifier: MIT */
/*
 * The rows of a walk: finding and making them, and what counts as a failure.
 * It opens nothing.
 */
#include <errno.h>
#include <stdlib.h>

#include "error/error.h"
#include "ns.h"

size_t ct__ns_kind_index(uint32_t kind)
{
	size_t i = 0;

	while (i < CT__NS_KIND_COUNT && ct__ns_kinds[i].kind != kind)
		i++;
	return i;
}

bool ct__ns_is_fatal(int code)
{
	return code == -ENOMEM || code == -EMFILE || code == -ENFILE;
}

int ct__ns_fail(struct ct__ns_scan *scan, int code, const char *call, const char *object)
{
	return ct__fail(scan->err, code == -ENOMEM ? CT_STEP_MEMORY : CT_STEP_LIST, code, call,
		"%s", object);
}

static bool is_wanted(const struct ct__ns_scan *scan, size_t kind, uint64_t id)
{
	if (kind == CT__NS_KIND_COUNT || !(scan->kinds & ct__ns_kinds[kind].kind))
		return false;
	return !scan->is_scoped || scan->target.own[kind] == id ||
	       scan->target.for_children[kind] == id;
}

int ct__ns_row_get(struct ct__ns_scan *scan, uint32_t kind, uint64_t id)
{
	struct ct__ns row = {.info = CT_NS_INFO_INIT};
	size_t index = ct__ns_kind_index(kind);
	uint32_t found;

	if (!is_wanted(scan, index, id))
		return -ENOENT;
	if (ct__map_get(&scan->by_id, id, &found))
		return (int)found;
	row.info.kind = kind;
	row.info.id = id;
	row.info.uid = row.info.owner_uid = UINT32_MAX;
	row.info.keeper_fd = row.fd = -1;
	snprintf(row.info.name, sizeof(row.info.name), "%s:[%llu]", ct__ns_kinds[index].name,
		(unsigned long long)id);
	found = (uint32_t)scan->rows.count;
	if (ct__map_set(&scan->by_id, id, found) < 0 ||
		ct__array_add(&scan->rows, &row, sizeof(row)) < 0)
		return ct__ns_fail(scan, -ENOMEM, "malloc", row.info.name);
	return (int)found;
}

void ct__ns_rows_done(struct ct__ns *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(rows[i].mount_path);
	free(rows);
}

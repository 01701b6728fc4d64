/* SPDX-License-Identifier: MIT */
/*
 * listns(2), Linux 6.19: every namespace by name, those without a process, too. Where
 * the kernel lacks it, the walk over /proc and CT_NS_LIST_KEEPERS find the most.
 */
#include <errno.h>

#include "ns.h"
#include "util/fd.h"

#define BATCH 256

const struct ct__ns_kernel ct__ns_kernel = {.list = ct__listns, .open = ct__ns_open_id};

static int add_known(struct ct__ns_scan *scan, uint64_t ns_id)
{
	CT__AUTO_CLOSE int fd = scan->kernel->open(ns_id);
	uint64_t id = 0;
	int kind, index;

	if (ct__ns_is_fatal(fd))
		return ct__ns_fail(scan, fd, "open_by_handle_at", "namespace");
	if (fd < 0 || ct__ns_id(fd, &id) < 0) {
		scan->stats.unopened++;
		return 0;
	}
	kind = ioctl(fd, CT__NS_GET_KIND);
	index = kind < 0 ? -ENOENT : ct__ns_row_get(scan, (uint32_t)kind, id);
	if (index < 0)
		return index == -ENOENT ? 0 : index;
	return ct__ns_ask(scan, (size_t)index, fd);
}

int ct__ns_scan_known(struct ct__ns_scan *scan)
{
	struct ct__ns_id_req request = {.size = sizeof(request)};
	uint64_t ids[BATCH];
	long count;
	int ret = 0;

	do {
		count = scan->kernel->list(&request, ids, BATCH);
		if (ct__ns_is_fatal((int)count))
			return ct__ns_fail(scan, (int)count, "listns", "system");
		/* Not there, or forbidden by a filter of the host: /proc serves. */
		if (count < 0)
			return 0;
		scan->stats.listns = 1;
		for (long i = 0; i < count && ret == 0; i++)
			ret = add_known(scan, ids[i]);
		/* Each batch must lead further, or a mistaken kernel would hold us for ever. */
		if (count > 0 && ids[count - 1] <= request.ns_id)
			break;
		if (count > 0)
			request.ns_id = ids[count - 1];
	} while (count > 0 && ret == 0);
	return ret;
}

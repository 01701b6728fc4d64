/* SPDX-License-Identifier: MIT */
/*
 * ct_ns_list: making lists and reading them. The walk itself is in scan.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error/error.h"
#include "ns.h"
#include "sys/openat2.h"
#include "sys/procfs.h"
#include "util/fd.h"
#include "util/proc_text.h"
#include "util/sized.h"

/* ------------------------------------------------------------- finishing */

/* Of the keepers that were found, the one to name; the order is that of ct_ns_keeper. */
static void set_keeper(struct ct__ns *row)
{
	ct_ns_info *info = &row->info;

	if (info->nprocs) {
		info->keeper = CT_NS_KEEPER_PROCESS;
		info->keeper_pid = info->pid;
	} else if (info->nprocs_for_children) {
		info->keeper = CT_NS_KEEPER_FOR_CHILDREN;
		info->keeper_pid = row->children_pid;
	} else if (row->fd_pid) {
		info->keeper = CT_NS_KEEPER_DESCRIPTOR;
		info->keeper_pid = row->fd_pid;
		info->keeper_fd = row->fd;
	} else if (row->mount_path) {
		info->keeper = CT_NS_KEEPER_MOUNT;
		info->keeper_pid = row->mount_pid;
	} else if (row->has_below) {
		info->keeper = CT_NS_KEEPER_NAMESPACE;
	} else {
		info->unseen |= CT_NS_UNSEEN_KEEPER;
	}
}

/* In the list of one process, links are its own and not those of all. */
static uint32_t links_of_target(const struct ct__ns_scan *scan, const ct_ns_info *info)
{
	size_t kind = ct__ns_kind_index(info->kind);

	return (scan->target.own[kind] == info->id ? CT_NS_LINK_OWN : 0) |
	       (scan->target.for_children[kind] == info->id ? CT_NS_LINK_FOR_CHILDREN : 0);
}

static void finish_row(const struct ct__ns_scan *scan, struct ct__ns *row)
{
	ct_ns_info *info = &row->info;
	bool has_parent = info->kind == CT_NS_PID || info->kind == CT_NS_USER;

	if (scan->is_scoped && info->id)
		info->links = links_of_target(scan, info);
	if (!row->asked)
		info->unseen |= CT_NS_UNSEEN_OWNER | CT_NS_UNSEEN_OWNER_UID |
				(has_parent ? CT_NS_UNSEEN_PARENT : 0);
	if (scan->stats.denied || scan->stats.hidden || (scan->flags & CT_NS_LIST_ALONE))
		info->unseen |= CT_NS_UNSEEN_MEMBERS;
	set_keeper(row);
}

static int by_id(const void *a, const void *b)
{
	const ct_ns_info *left = &((const struct ct__ns *)a)->info;
	const ct_ns_info *right = &((const struct ct__ns *)b)->info;

	if (left->id != right->id)
		return left->id < right->id ? -1 : 1;
	return left->kind < right->kind ? -1 : left->kind > right->kind;
}

/* Moves the rows into a list. */
static int finish(struct ct__ns_scan *scan, ct_ns_list **ret_list)
{
	ct_ns_list *list = calloc(1, sizeof(*list));

	if (!list)
		return ct__ns_fail(scan, -ENOMEM, "calloc", "list");
	ct__array_for_each(struct ct__ns, row, &scan->rows) finish_row(scan, row);
	list->rows = scan->rows.items;
	list->count = scan->rows.count;
	list->stats = scan->stats;
	scan->rows = (ct__array){0};
	if (list->count)
		qsort(list->rows, list->count, sizeof(*list->rows), by_id);
	*ret_list = list;
	return 0;
}

/* ---------------------------------------------------------------- walking */

/* Rows for a process whose links may not be read: one of each kind, of which nothing is known. */
static int add_unseen(struct ct__ns_scan *scan)
{
	for (size_t i = 0; i < CT__NS_KIND_COUNT; i++) {
		struct ct__ns row = {.info = CT_NS_INFO_INIT};

		if (!(scan->kinds & ct__ns_kinds[i].kind))
			continue;
		row.info.kind = ct__ns_kinds[i].kind;
		row.info.uid = row.info.owner_uid = UINT32_MAX;
		row.info.keeper_fd = -1;
		row.info.unseen = CT_NS_UNSEEN_ID | CT_NS_UNSEEN_MEMBERS;
		row.info.links = CT_NS_LINK_OWN |
				 (ct__ns_kinds[i].for_children ? CT_NS_LINK_FOR_CHILDREN : 0);
		if (ct__array_add(&scan->rows, &row, sizeof(row)) < 0)
			return ct__ns_fail(scan, -ENOMEM, "malloc", ct__ns_kinds[i].name);
	}
	return 0;
}

static int walk_target(struct ct__ns_scan *scan, int dir, const char *name)
{
	int ret = ct__ns_read_links(dir, scan->kinds, true, &scan->target);

	scan->is_scoped = true;
	if (ret == -EACCES) {
		scan->stats.denied = 1;
		return add_unseen(scan);
	}
	if (ret < 0)
		return ct__fail(scan->err, CT_STEP_LIST, ret, "readlinkat", "process %s", name);
	return scan->flags & CT_NS_LIST_ALONE ? ct__ns_scan_one(scan, dir, name)
					      : ct__ns_scan_processes(scan);
}

static int walk(struct ct__ns_scan *scan, int dir, const char *name)
{
	int ret;

	if (dir >= 0) {
		ret = walk_target(scan, dir, name);
	} else {
		ret = ct__ns_scan_known(scan);
		if (ret == 0)
			ret = ct__ns_scan_processes(scan);
	}
	return ret == 0 ? ct__ns_scan_mounts(scan) : ret;
}

int ct__ns_list_make(struct ct__ns_scan *scan, int dir, const char *name, ct_ns_list **ret_list)
{
	int ret;

	scan->stats = (ct_ns_stats)CT_NS_STATS_INIT;
	ret = walk(scan, dir, name);
	if (ret == 0)
		ret = finish(scan, ret_list);
	ct__ns_rows_done(scan->rows.items, scan->rows.count);
	scan->rows = (ct__array){0};
	ct__map_done(&scan->by_id);
	ct__map_done(&scan->mnt_seen);
	return ret;
}

/* ---------------------------------------------------------- public: making */

/* What the caller asked for; the rest of a scan is empty. */
static int check(struct ct__ns_scan *scan, uint32_t known_flags, ct_ns_list **ret_list)
{
	if (!ret_list)
		return ct__fail_because(
			scan->err, CT_STEP_ARGUMENT, -EINVAL, "it is NULL", "ret_list");
	if (scan->kinds & ~CT_NS_ALL)
		return ct__fail_because(
			scan->err, CT_STEP_ARGUMENT, -EINVAL, "no such kind", "kinds");
	if (scan->flags & ~known_flags)
		return ct__fail_because(scan->err, CT_STEP_ARGUMENT, -EINVAL,
			"no such flag, or not for this call", "flags");
	if (!scan->kinds)
		scan->kinds = CT_NS_ALL;
	scan->kernel = &ct__ns_kernel;
	return 0;
}

/*
 * The pid of the caller or of a container as /proc has it, which may have been mounted in
 * another pid namespace. 0: it is not in there; or a fatal errno.
 */
static pid_t pid_in_proc(const struct ct__ns_scan *scan, const ct_container *box)
{
	char name[32], text[512];
	ssize_t size;

	if (!box) {
		size = readlinkat(scan->proc, "self", text, sizeof(text) - 1);
		text[size > 0 ? size : 0] = '\0';
		return ct__parse_pid(text);
	}
	snprintf(name, sizeof(name), "self/fdinfo/%d", ct_container_pidfd(box));
	size = ct__procfs_read(scan->proc, name, text, sizeof(text) - 1);
	if (ct__ns_is_fatal((int)size))
		return (pid_t)size;
	text[size > 0 ? size : 0] = '\0';
	return ct__parse_pidfd_info(text);
}

/* pid: 0 for the caller; box: the container meant, or NULL. */
static int list_process(
	struct ct__ns_scan *scan, pid_t pid, const ct_container *box, ct_ns_list **ret_list)
{
	pid_t found = pid ? pid : pid_in_proc(scan, box);
	CT__AUTO_CLOSE int dir = -EBADF;
	char name[16];

	snprintf(name, sizeof(name), "%d", found);
	dir = found < 0 ? found : ct__openat(scan->proc, name, O_PATH | O_DIRECTORY, 0);
	/* It runs still, so the pid was its own when the directory was opened. */
	if (dir == -ENOENT || dir == -ESRCH || (box && ct__poll_now(ct_container_pidfd(box), POLLIN) != 0))
		return ct__fail(scan->err, CT_STEP_LIST, -ESRCH, NULL, "process %d",
			box ? ct_container_pid(box) : found);
	if (dir < 0)
		return ct__fail(scan->err, CT_STEP_LIST, dir, "openat", "process %d", found);
	return ct__ns_list_make(scan, dir, name, ret_list);
}

enum what {
	SYSTEM,
	PROCESS
};

/* A thread cancelled in here would leave descriptors behind. */
static int list_uncancelled(struct ct__ns_scan *scan, enum what what, pid_t pid,
	const ct_container *box, ct_ns_list **ret_list)
{
	int cancel, ret;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	scan->proc = ct__procfs_open();
	if (scan->proc < 0)
		ret = ct__fail(scan->err, CT_STEP_LIST, scan->proc, "openat", "/proc");
	else if (what == SYSTEM)
		ret = ct__ns_list_make(scan, -EBADF, NULL, ret_list);
	else
		ret = list_process(scan, pid, box, ret_list);
	ct__close(&scan->proc);
	pthread_setcancelstate(cancel, NULL);
	return ret;
}

int ct_ns_list_system(uint32_t kinds, uint32_t flags, ct_ns_list **ret_list, ct_error *err)
{
	struct ct__ns_scan scan = {.kinds = kinds, .flags = flags, .proc = -EBADF, .err = err};
	int ret = check(&scan, CT_NS_LIST_KEEPERS, ret_list);

	return ret < 0 ? ret : list_uncancelled(&scan, SYSTEM, 0, NULL, ret_list);
}

int ct_ns_list_pid(pid_t pid, uint32_t kinds, uint32_t flags, ct_ns_list **ret_list, ct_error *err)
{
	struct ct__ns_scan scan = {.kinds = kinds, .flags = flags, .proc = -EBADF, .err = err};
	int ret = check(&scan, CT_NS_LIST_KEEPERS | CT_NS_LIST_ALONE, ret_list);

	if (ret == 0 && pid < 0)
		ret = ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is negative", "pid");
	return ret < 0 ? ret : list_uncancelled(&scan, PROCESS, pid, NULL, ret_list);
}

int ct_ns_list_container(const ct_container *box, uint32_t kinds, uint32_t flags,
	ct_ns_list **ret_list, ct_error *err)
{
	struct ct__ns_scan scan = {.kinds = kinds, .flags = flags, .proc = -EBADF, .err = err};
	int ret = check(&scan, CT_NS_LIST_KEEPERS | CT_NS_LIST_ALONE, ret_list);

	if (ret == 0 && !box)
		ret = ct__fail_because(err, CT_STEP_ARGUMENT, -EINVAL, "it is NULL", "container");
	return ret < 0 ? ret : list_uncancelled(&scan, PROCESS, 0, box, ret_list);
}

void ct_ns_list_free(ct_ns_list *list)
{
	if (!list)
		return;
	ct__ns_rows_done(list->rows, list->count);
	free(list);
}

/* --------------------------------------------------------- public: reading */

size_t ct_ns_list_count(const ct_ns_list *list)
{
	return list ? list->count : 0;
}

int ct_ns_list_get(const ct_ns_list *list, size_t index, ct_ns_info *ret_info)
{
	if (!list || !ret_info)
		return -EINVAL;
	if (index >= list->count)
		return -ENOENT;
	return ct__hand_out(ret_info, &list->rows[index].info, sizeof(*ret_info));
}

int ct_ns_list_find(const ct_ns_list *list, uint64_t id, size_t *ret_index)
{
	size_t low = 0, high = ct_ns_list_count(list);

	if (!list)
		return -EINVAL;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (list->rows[middle].info.id < id)
			low = middle + 1;
		else
			high = middle;
	}
	if (id == 0 || low == list->count || list->rows[low].info.id != id)
		return -ENOENT;
	if (ret_index)
		*ret_index = low;
	return 0;
}

const char *ct_ns_list_mount_path(const ct_ns_list *list, size_t index)
{
	return index < ct_ns_list_count(list) ? list->rows[index].mount_path : NULL;
}

int ct_ns_list_stats(const ct_ns_list *list, ct_ns_stats *ret_stats)
{
	return list ? ct__hand_out(ret_stats, &list->stats, sizeof(*ret_stats)) : -EINVAL;
}

const char *ct_ns_kind_name(uint32_t kind)
{
	size_t index = ct__ns_kind_index(kind);

	return index < CT__NS_KIND_COUNT ? ct__ns_kinds[index].name : "unknown";
}

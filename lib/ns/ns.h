/* SPDX-License-Identifier: MIT */
/*
 * Private parts of the ns room, grouped by the file that defines them.
 * Order of a call: list -> (known) -> scan -> (relations) -> keepers -> list.
 */
#ifndef CT_NS_NS_H
#define CT_NS_NS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <container/ns.h>

#include "sys/nsfs.h"
#include "util/array.h"
#include "util/map.h"
#include "util/ns_kinds.h"

/* One row. */
struct ct__ns {
	ct_ns_info info;
	char *mount_path;   /* NULL: none */
	pid_t mount_pid;    /* who has that mount; 0: the caller */
	pid_t children_pid; /* the lowest process whose next children will be in it */
	pid_t fd_pid;	    /* who has fd open on it; 0: nobody */
	int fd;
	bool asked;	/* owner and parent were asked for */
	bool has_below; /* another one is its child, or is owned by it */
};

struct ct_ns_list {
	struct ct__ns *rows; /* ordered by id */
	size_t count;
	ct_ns_stats stats;
};

/* The links of one process, by the row of ct__ns_kinds[]; 0: there is no such link. */
struct ct__ns_links {
	uint64_t own[CT__NS_KIND_COUNT];
	uint64_t for_children[CT__NS_KIND_COUNT];
};

/* What a new kernel offers; a test puts something else in its place. */
struct ct__ns_kernel {
	long (*list)(const struct ct__ns_id_req *request, uint64_t *ret_ids, size_t room);
	int (*open)(uint64_t ns_id);
};

/* One walk. */
struct ct__ns_scan {
	uint32_t kinds, flags;
	const struct ct__ns_kernel *kernel;
	int proc;	/* /proc */
	bool is_scoped; /* only what target uses becomes a row */
	struct ct__ns_links target;
	bool has_kernel_threads; /* kthreadd was met, and this is where it is: */
	struct ct__ns_links kthreadd;
	ct__array rows;		 /* struct ct__ns */
	struct ct__map by_id;	 /* id to index in rows */
	struct ct__map mnt_seen; /* mnt namespaces whose mounts were searched */
	ct_ns_stats stats;
	ct_error *err;
};

/* list.c */

/*
 * A whole listing by scan, of which kinds, flags, kernel and err are set. dir and name: the
 * directory in /proc of the process whose namespaces are asked for; -EBADF: of the system.
 */
int ct__ns_list_make(struct ct__ns_scan *scan, int dir, const char *name, ct_ns_list **ret_list);

/* rows.c */

static inline struct ct__ns *ct__ns_row(struct ct__ns_scan *scan, size_t index)
{
	return (struct ct__ns *)scan->rows.items + index;
}

/* Finds the row of a namespace or makes one; its index, or -ENOENT: it is none of those asked for. */
int ct__ns_row_get(struct ct__ns_scan *scan, uint32_t kind, uint64_t id);

/* The row of ct__ns_kinds[] for a kind; CT__NS_KIND_COUNT if there is none. */
size_t ct__ns_kind_index(uint32_t kind);

void ct__ns_rows_done(struct ct__ns *rows, size_t count);

/* Records a failure that ends the walk; returns code. */
int ct__ns_fail(struct ct__ns_scan *scan, int code, const char *call, const char *object);

/* Whether an errno means that a resource ran out: the only kind of failure that ends a walk. */
bool ct__ns_is_fatal(int code);

/* scan.c */

/*
 * Reads the links of the process whose directory this is, those for its children if
 * for_children. 0; -ESRCH, -EACCES; or fatal.
 */
int ct__ns_read_links(int dir, uint32_t kinds, bool for_children, struct ct__ns_links *ret_links);

/* Every process of /proc. */
int ct__ns_scan_processes(struct ct__ns_scan *scan);

/* The process of dir alone. */
int ct__ns_scan_one(struct ct__ns_scan *scan, int dir, const char *name);

/* relations.c */

/* Asks owner, parent and owner's uid of a row through a descriptor of it; adds rows for them. */
int ct__ns_ask(struct ct__ns_scan *scan, size_t index, int fd);

/* The same through a link of a process, if it was not asked before. */
int ct__ns_ask_link(struct ct__ns_scan *scan, size_t index, int dir, const char *path);

/* The same by a mount point beneath root, where by now something else may be. */
int ct__ns_ask_mount(
	struct ct__ns_scan *scan, size_t index, int root, const char *path, bool is_ours);

/* The same by the name of a descriptor in a directory /proc/PID/fd. */
int ct__ns_ask_descriptor(struct ct__ns_scan *scan, size_t index, int fds, const char *name);

/* known.c */

/* Rows for what listns(2) names; nothing where the kernel lacks it. */
int ct__ns_scan_known(struct ct__ns_scan *scan);

extern const struct ct__ns_kernel ct__ns_kernel;

/* keepers.c */

/* Mounts of the caller's mnt namespace, and whether /proc hides processes. */
int ct__ns_scan_mounts(struct ct__ns_scan *scan);

/* CT_NS_LIST_KEEPERS, for the process with this directory, which is in this mnt namespace. */
int ct__ns_scan_keepers(struct ct__ns_scan *scan, int dir, pid_t pid, uint64_t mnt);

/* table.c, json.c: 0 or -ENOMEM; a failed write is found when the text is finished */

int ct__ns_print_table(FILE *out, const ct_ns_list *list);
int ct__ns_print_tree(FILE *out, const ct_ns_list *list);
int ct__ns_print_links(FILE *out, const ct_ns_list *list);
int ct__ns_print_json(FILE *out, const ct_ns_list *list);

#endif

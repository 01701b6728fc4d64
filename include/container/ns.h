/* SPDX-License-Identifier: MIT */
/*
 * ct_ns_list: the namespaces of the system, of one process, or of a container.
 *
 *     ct_ns_list *list = NULL;
 *     ct_ns_info info = CT_NS_INFO_INIT;
 *
 *     if (ct_ns_list_system(0, 0, &list, &err) < 0)
 *             return 1;
 *     for (size_t i = 0; ct_ns_list_get(list, i, &info) == 0; i++)
 *             printf("%s has %u processes\n", info.name, info.nprocs);
 *     ct_ns_list_free(list);
 *
 * A list is a picture of one moment: it is made by one walk through /proc, holds
 * no descriptor, and does not change. Pids are those of the pid namespace that
 * /proc was mounted in; ids of users are those of the caller's user namespace.
 *
 * What the caller may not see never makes a call fail. It is marked instead: in
 * each row by CT_NS_UNSEEN_*, and for the whole list in ct_ns_stats.
 */
#ifndef CONTAINER_NS_H
#define CONTAINER_NS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <container/error.h>
#include <container/spawn.h>
#include <container/spec.h>
#include <container/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Namespaces as they were at one moment. Free with ct_ns_list_free(). */
typedef struct ct_ns_list ct_ns_list;

/*
 * How much a listing looks at. 0: every process, the mounts of the caller's mnt
 * namespace, and what the kernel tells about owners and parents.
 */
#define CT_NS_LIST_KEEPERS (1u << 0) /* search all that may keep a namespace alive: the descriptors and the links for children of every process, the mounts of every mnt namespace; default: not, it may cost more than all the rest */
#define CT_NS_LIST_ALONE   (1u << 1) /* of a process or container: look at this one process alone, so that members are not counted; default: all are */

/* How processes use a namespace, as in the files of /proc/PID/ns. */
#define CT_NS_LINK_OWN		(1u << 0) /* a process is in it: "pid" */
#define CT_NS_LINK_FOR_CHILDREN (1u << 1) /* the next children of a process will be in it: "pid_for_children", "time_for_children" */

/* What of a row could not be seen. */
#define CT_NS_UNSEEN_ID	       (1u << 0) /* not even which namespace it is: only for a process whose links may not be read */
#define CT_NS_UNSEEN_MEMBERS   (1u << 1) /* there may be more members: a process was not to be looked at, or /proc hides some */
#define CT_NS_UNSEEN_PROCESS   (1u << 2) /* command and uid of the lowest member: it has ended meanwhile */
#define CT_NS_UNSEEN_OWNER     (1u << 3) /* the owning user namespace is outside of the caller's own, or no descriptor could be had */
#define CT_NS_UNSEEN_OWNER_UID (1u << 4) /* the uid of the owner, for the same reasons */
#define CT_NS_UNSEEN_PARENT    (1u << 5) /* the parent, for the same reasons */
#define CT_NS_UNSEEN_KEEPER    (1u << 6) /* nothing was found that keeps it alive */

/** What keeps a namespace alive: the first of these that was found, in this order. */
typedef enum ct_ns_keeper {
	CT_NS_KEEPER_UNKNOWN = 0,      /* nothing that was looked at (see CT_NS_LIST_KEEPERS) */
	CT_NS_KEEPER_PROCESS = 1,      /* a member: keeper_pid is the lowest */
	CT_NS_KEEPER_FOR_CHILDREN = 2, /* the next children of keeper_pid will be in it */
	CT_NS_KEEPER_DESCRIPTOR = 3,   /* keeper_pid has keeper_fd open on it */
	CT_NS_KEEPER_MOUNT = 4,	       /* a bind mount: ct_ns_list_mount_path() */
	CT_NS_KEEPER_NAMESPACE = 5     /* another namespace is its child, or is owned by it */
} ct_ns_keeper;

/** One namespace. Start from CT_NS_INFO_INIT. */
typedef struct ct_ns_info {
	uint32_t size;	      /* sizeof(ct_ns_info), set by CT_NS_INFO_INIT */
	uint32_t kind;	      /* one of CT_NS_* */
	uint64_t id;	      /* its inode number: 4026531836; 0 with CT_NS_UNSEEN_ID */
	uint64_t owner_ns;    /* id of the user namespace that owns it, for a user namespace its parent; 0: none or unseen */
	uint64_t parent;      /* id of the parent of a pid or user namespace; 0: other kind, none, or unseen */
	uint32_t owner_uid;   /* who made it, if it is a user namespace, else who made the user namespace that owns it; UINT32_MAX: unseen */
	uint32_t links;	      /* CT_NS_LINK_*: how this process uses it; in a list of the system: how any does, as far as it was looked at */
	uint32_t nprocs;      /* processes that are in it */
	uint32_t nprocs_for_children; /* processes whose next children will be in it without being in it themselves; in a list of the system only with CT_NS_LIST_KEEPERS, else 0 */
	int32_t pid;	      /* the lowest of its members; 0: none */
	uint32_t uid;	      /* owner of /proc/PID: its effective uid, or 0 if it is not dumpable; UINT32_MAX: none or unseen */
	uint32_t keeper;      /* ct_ns_keeper */
	int32_t keeper_pid;   /* see ct_ns_keeper; for a mount: a process that has it in its mounts, 0: the caller has */
	int32_t keeper_fd;    /* -1 unless keeper is CT_NS_KEEPER_DESCRIPTOR */
	uint32_t unseen;      /* CT_NS_UNSEEN_* */
	char name[32];	      /* as in /proc/PID/ns: "pid:[4026531836]"; "" with CT_NS_UNSEEN_ID */
	char command[64];     /* of the lowest member, as the kernel has it: any bytes but NUL; "" none or unseen */
} ct_ns_info;

/** Initializer for a ct_ns_info. */
#define CT_NS_INFO_INIT                                                                            \
	{                                                                                          \
		sizeof(ct_ns_info), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, "", ""               \
	}

/** How a list was made. Start from CT_NS_STATS_INIT. */
typedef struct ct_ns_stats {
	uint32_t size;	   /* sizeof(ct_ns_stats), set by CT_NS_STATS_INIT */
	uint32_t processes;/* processes whose namespaces were read */
	uint32_t vanished; /* processes that ended while they were looked at; not counted anywhere */
	uint32_t denied;   /* processes whose namespaces the caller may not read */
	uint32_t hidden;   /* 1: /proc is mounted with hidepid and does not even show the processes of others */
	uint32_t listns;   /* 1: the kernel listed all namespaces (listns, Linux 6.19); 0: found through /proc alone */
	uint32_t unopened; /* namespaces of that list which the caller may not open; they are no rows */
	uint32_t reserved;
} ct_ns_stats;

/** Initializer for a ct_ns_stats. */
#define CT_NS_STATS_INIT                                                                           \
	{                                                                                          \
		sizeof(ct_ns_stats), 0, 0, 0, 0, 0, 0, 0                                           \
	}

/** The forms in which a list can be written. */
typedef enum ct_ns_format {
	CT_NS_FORMAT_TABLE = 0, /* a line for each, for people: NS TYPE NPROCS PID UID COMMAND KEPT BY */
	CT_NS_FORMAT_TREE = 1,	/* the same, each below its parent (pid, user) or its owner (the others) */
	CT_NS_FORMAT_LINKS = 2, /* as ls -l shows /proc/PID/ns: "pid_for_children -> pid:[4026531836]" */
	CT_NS_FORMAT_JSON = 3	/* for programs: one object, valid JSON in UTF-8 whatever the names */
} ct_ns_format;

/**
 * List the namespaces of the whole system, as far as the caller can see them.
 *
 * In order: listns(2), where the kernel has it, names every namespace; /proc is
 * opened and read once; each /proc/PID is opened once, by O_PATH, and its ns/ links
 * are read beneath it (of kernel threads only the mnt link: where that is the one of
 * kthreadd, the others are as well, unless CT_NS_LIST_KEEPERS has all read); command and uid are read for the lowest member of each
 * namespace; owner, parent and the owner's uid are asked from one descriptor of each
 * namespace by the nsfs ioctls, which brings in owners and parents without a member;
 * the mounts of the caller tell bind mounts of namespaces. Without listns(2) a
 * namespace that only a descriptor or a mount elsewhere keeps alive is found with
 * CT_NS_LIST_KEEPERS alone, and one that only a socket or a thread other than the
 * first of its process keeps alive is not found.
 *
 * The command is never read from cmdline or environ: that could block for as long as
 * the process likes (CVE-2018-1120).
 *
 * @param kinds    CT_NS_* bits of the kinds to list; 0: all.
 * @param flags    CT_NS_LIST_KEEPERS or 0.
 * @param ret_list the list, ordered by id; free with ct_ns_list_free(). Untouched on failure.
 * @param err      filled on failure; may be NULL.
 * @return 0 or a negative errno.
 *
 * Changes: nothing. Threads: safe from any thread, several at once.
 * Errors:  EINVAL unknown kind or flag; ENOENT, ENOTDIR /proc is not mounted; ENOMEM,
 *          EMFILE, ENFILE a resource ran out. Never because of a process that ends, or of a
 *          right that is missing.
 * Needs:   /proc; to see the namespaces of others CAP_SYS_PTRACE over them, else they are
 *          marked. Linux 6.19 for listns(2); before, /proc serves.
 * Source:  namespaces(7), proc(5), ioctl_nsfs(2), the kernel's nsfs.h. Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_ns_list_system(uint32_t kinds, uint32_t flags, ct_ns_list **ret_list,
	ct_error *err);

/**
 * List the namespaces of one process: those it is in, and those of its next children.
 *
 * One row for each namespace: where the next children stay in their parent's, which is
 * the rule, that row has both CT_NS_LINK_OWN and CT_NS_LINK_FOR_CHILDREN. Of a process
 * whose links the caller may not read, there is a row for each kind with CT_NS_UNSEEN_ID.
 * Members are counted over the whole system, so this costs what ct_ns_list_system()
 * costs, unless CT_NS_LIST_ALONE is given.
 *
 * @param pid      a process as /proc shows it; 0: the caller. A thread's id gives what that thread has.
 * @param kinds    as for ct_ns_list_system().
 * @param flags    CT_NS_LIST_* or 0.
 * @param ret_list as for ct_ns_list_system(). @param err may be NULL.
 * @return 0 or a negative errno.
 *
 * Changes: nothing. Threads: safe.
 * Errors:  ESRCH there is no such process, or it is hidden from the caller, or it has ended;
 *          EINVAL negative pid; as ct_ns_list_system().
 * Needs:   as ct_ns_list_system(). Source: namespaces(7). Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_ns_list_pid(pid_t pid, uint32_t kinds, uint32_t flags,
	ct_ns_list **ret_list, ct_error *err);

/**
 * List the namespaces of a container: those of its first process.
 *
 * @param box      a container that has not ended.
 * @param kinds    as for ct_ns_list_system(). @param flags as for ct_ns_list_pid().
 * @param ret_list as for ct_ns_list_system(). @param err may be NULL.
 * @return 0 or a negative errno.
 *
 * Changes: nothing. Threads: safe, also while others wait for the container.
 * Errors:  ESRCH it has ended; EINVAL box is NULL; as ct_ns_list_system().
 * Needs:   as ct_ns_list_system(). Source: namespaces(7), pidfd_open(2). Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_ns_list_container(const ct_container *box, uint32_t kinds,
	uint32_t flags, ct_ns_list **ret_list, ct_error *err);

/**
 * How many namespaces a list has.
 *
 * @param list the list; NULL counts as empty.
 * @return the number of rows.
 *
 * Changes: nothing. Threads: safe. Errors: none. Needs: nothing.
 * Source: this library. Since: 0.1
 */
CT_API size_t ct_ns_list_count(const ct_ns_list *list);

/**
 * Read one row of a list.
 *
 * @param list     the list.
 * @param index    from 0; rows are ordered by id.
 * @param ret_info filled as far as its size says. Untouched on failure.
 * @return 0; -ENOENT past the end; -EINVAL a pointer is NULL, or ret_info was not initialized.
 *
 * Changes: nothing. Threads: safe.
 * Errors: ENOENT past the end; EINVAL a pointer is NULL, or ret_info was not initialized.
 * Needs: nothing. Source: this library. Since: 0.1
 */
CT_API int ct_ns_list_get(const ct_ns_list *list, size_t index, ct_ns_info *ret_info);

/**
 * Find a namespace by its id: the way from a row to that of its parent or owner.
 *
 * @param list      the list.
 * @param id        an id, as in ct_ns_info; not 0.
 * @param ret_index its row. Untouched on failure; may be NULL.
 * @return 0; -ENOENT it is not in the list; -EINVAL list is NULL.
 *
 * Changes: nothing. Threads: safe. Errors: ENOENT it is not in the list; EINVAL list is NULL.
 * Needs: nothing. Source: this library. Since: 0.1
 */
CT_API int ct_ns_list_find(const ct_ns_list *list, uint64_t id, size_t *ret_index);

/**
 * Where a namespace is mounted.
 *
 * @param list  the list.
 * @param index a row.
 * @return the mount point, any bytes but NUL, as the process keeper_pid sees it where the
 *         mount is the keeper, else as the caller does; it lives as long as the list.
 *         NULL if no mount was found.
 *
 * Changes: nothing. Threads: safe. Errors: none. Needs: nothing.
 * Source: proc(5), mountinfo. Since: 0.1
 */
CT_API const char *ct_ns_list_mount_path(const ct_ns_list *list, size_t index);

/**
 * How a list was made, and what was out of sight.
 *
 * @param list      the list.
 * @param ret_stats filled as far as its size says.
 * @return 0, or -EINVAL: a pointer is NULL, or ret_stats was not initialized.
 *
 * Changes: nothing. Threads: safe.
 * Errors: EINVAL a pointer is NULL, or ret_stats was not initialized.
 * Needs: nothing. Source: this library. Since: 0.1
 */
CT_API int ct_ns_list_stats(const ct_ns_list *list, ct_ns_stats *ret_stats);

/**
 * Write a list as text.
 *
 * For people, bytes of commands and paths that could disturb a terminal come out as
 * \xNN, and what is unseen as "?". In JSON, bytes that are no UTF-8 become U+FFFD; what
 * is unseen or absent is null, and named in "unseen".
 *
 * @param list     the list.
 * @param format   a ct_ns_format.
 * @param ret_text the text, which ends in a newline and NUL; free with ct_ns_text_free().
 *                 Untouched on failure.
 * @return 0 or a negative errno.
 *
 * Changes: nothing. Threads: safe.
 * Errors: EINVAL a pointer is NULL, or there is no such format; ENOMEM.
 * Needs: nothing. Source: this library. Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_ns_list_to_text(const ct_ns_list *list, int format, char **ret_text);

/**
 * Free a text of ct_ns_list_to_text().
 *
 * @param text the text, which is gone then; may be NULL.
 *
 * Changes: nothing but memory. Threads: safe. Errors: none. Needs: nothing.
 * Source: this library. Since: 0.1
 */
CT_API void ct_ns_text_free(char *text);

/**
 * The name of a kind, as in "pid" or "mnt".
 *
 * @param kind one of CT_NS_*; anything else gives "unknown".
 * @return a constant string; never NULL, never freed.
 *
 * Changes: nothing. Threads: safe. Errors: none. Needs: nothing.
 * Source: namespaces(7). Since: 0.1
 */
CT_API const char *ct_ns_kind_name(uint32_t kind);

/**
 * Free a list and the paths that it handed out.
 *
 * @param list may be NULL.
 *
 * Changes: nothing but memory. Threads: no other thread may use the list.
 * Errors: none. Needs: nothing. Source: this library. Since: 0.1
 */
CT_API void ct_ns_list_free(ct_ns_list *list);

#ifdef __cplusplus
}
#endif

#endif

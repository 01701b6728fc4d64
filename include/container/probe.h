/* SPDX-License-Identifier: MIT */
/*
 * ct_probe: what works on this machine for this caller, what does not, why, and what helps.
 *
 *     ct_probe *probe = NULL;
 *     ct_probe_info info = CT_PROBE_INFO_INIT;
 *
 *     if (ct_probe_new(&probe, &err) < 0)
 *             return 1;
 *     if (ct_probe_find(probe, CT_FACT_USER_NS, &info) == 0 && info.state == CT_PROBE_LACKS)
 *             printf("no user namespaces: %s\n%s\n", info.reason, info.cure);
 *     ct_probe_free(probe);
 *
 * A probe is a picture of one moment: it is made by one look at the machine, holds no
 * descriptor, and does not change. What can only be known by trying is tried in throw-away
 * processes, made and confined as the library makes its containers; they end before the
 * call returns. What cannot be known is said to be not known, never guessed.
 *
 * A start that fails asks the same questions: what is the reason here stands in the
 * sentence of its ct_error, and the cure beside it.
 */
#ifndef CONTAINER_PROBE_H
#define CONTAINER_PROBE_H

#include <stddef.h>
#include <stdint.h>

#include <container/error.h>
#include <container/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Facts as they were at one moment. Free with ct_probe_free(). */
typedef struct ct_probe ct_probe;

/**
 * What can be asked for. Numbers never change their meaning; facts are added at the end of
 * their hundred.
 */
typedef enum ct_fact {
	/* the machine */
	CT_FACT_KERNEL = 1,	      /* value: its release, "6.1.0-18-amd64" */
	CT_FACT_ARCHITECTURE = 2,     /* value: "x86_64" */
	CT_FACT_SECURITY_MODULES = 3, /* value: those in force, "capability,landlock,apparmor" */

	/* the caller */
	CT_FACT_CAP_SYS_ADMIN = 100,   /* has it in its user namespace */
	CT_FACT_OUTSIDE_CHROOT = 101,  /* is not in a chroot, where no user namespace can be made */
	CT_FACT_MAPPED_IDS = 102,      /* its user and group are mapped in its user namespace */
	CT_FACT_SETUID_PROGRAMS = 103, /* these give it rights: no_new_privs is not set */
	CT_FACT_NO_OUTER_FILTER = 104, /* no seccomp filter of an outer container applies to it */

	/* user namespaces */
	CT_FACT_USER_NS = 200,		 /* can be made */
	CT_FACT_USER_NS_RIGHTS = 201,	 /* ids can be mapped, and root in there has rights */
	CT_FACT_USER_NS_NESTED = 202,	 /* one more can be made in there */
	CT_FACT_USERNS_CLONE = 203,	 /* kernel.unprivileged_userns_clone does not forbid it */
	CT_FACT_APPARMOR_USERNS = 204,	 /* kernel.apparmor_restrict_unprivileged_userns does not */
	CT_FACT_SETGROUPS = 205,	 /* setgroups(2) is not barred in the caller's */

	/* limits on namespaces; number: the limit in the caller's user namespace */
	CT_FACT_MAX_USER_NS = 300,
	CT_FACT_MAX_MNT_NS = 301,
	CT_FACT_MAX_UTS_NS = 302,
	CT_FACT_MAX_IPC_NS = 303,
	CT_FACT_MAX_NET_NS = 304,
	CT_FACT_MAX_CGROUP_NS = 305,
	CT_FACT_MAX_TIME_NS = 306,
	CT_FACT_MAX_PID_NS = 307,

	/* a new namespace of this kind, with the rights that the caller has */
	CT_FACT_MNT_NS = 400,
	CT_FACT_UTS_NS = 401,
	CT_FACT_IPC_NS = 402,
	CT_FACT_NET_NS = 403,
	CT_FACT_CGROUP_NS = 404,
	CT_FACT_TIME_NS = 405,
	CT_FACT_PID_NS = 406,

	/* the same together with a user namespace, for which no right is needed */
	CT_FACT_USER_MNT_NS = 500,
	CT_FACT_USER_UTS_NS = 501,
	CT_FACT_USER_IPC_NS = 502,
	CT_FACT_USER_NET_NS = 503,
	CT_FACT_USER_CGROUP_NS = 504,
	CT_FACT_USER_TIME_NS = 505,
	CT_FACT_USER_PID_NS = 506,

	/* ids for an ordinary user's containers */
	CT_FACT_SUBUIDS = 600,	 /* value: the caller's ranges of /etc/subuid; number: how many ids */
	CT_FACT_SUBGIDS = 601,	 /* likewise of /etc/subgid */
	CT_FACT_NEWUIDMAP = 602, /* is there and can give rights; value: its path */
	CT_FACT_NEWGIDMAP = 603,

	/* cgroups */
	CT_FACT_CGROUP_VERSION = 700,	  /* value: "v1", "v2", "hybrid" */
	CT_FACT_CGROUP_CONTROLLERS = 701, /* value: those of the caller's cgroup */
	CT_FACT_CGROUP_DELEGATION = 702,  /* the caller may make cgroups below its own; value: where */
	CT_FACT_CGROUP_KILL = 703,	  /* cgroup.kill (Linux 5.14) */
	CT_FACT_CLONE_INTO_CGROUP = 704,  /* clone3 takes CLONE_INTO_CGROUP (Linux 5.7) */

	/* mounts */
	CT_FACT_OPEN_TREE = 800,	 /* open_tree(2) (Linux 5.2) */
	CT_FACT_MOUNT_SETATTR = 801,	 /* mount_setattr(2) (Linux 5.12) */
	CT_FACT_OVERLAY = 802,		 /* overlayfs, with the rights that the caller has */
	CT_FACT_USER_OVERLAY = 803,	 /* overlayfs in a new user namespace (Linux 5.11) */
	CT_FACT_USER_PROC = 804,	 /* a new procfs in new user and pid namespaces */
	CT_FACT_USER_SYSFS = 805,	 /* a new sysfs in new user and net namespaces */
	CT_FACT_IDMAPPED_ROOT = 806,	 /* id-mapped mounts of the filesystem of "/" */
	CT_FACT_IDMAPPED_TMP = 807,	 /* id-mapped mounts of the filesystem of "/tmp" */

	/* processes */
	CT_FACT_CLONE3 = 900,	     /* clone3(2) */
	CT_FACT_CLONE_SET_TID = 901, /* the caller may choose the pid of a child (CRIU does) */
	CT_FACT_PIDFD_OPEN = 902,    /* pidfd_open(2) */
	CT_FACT_PIDFD_GETFD = 903,   /* pidfd_getfd(2) (Linux 5.6) */
	CT_FACT_PIDFD_SETNS = 904,   /* setns(2) by a pidfd (Linux 5.8) */
	CT_FACT_CLOSE_RANGE = 905,   /* close_range(2) (Linux 5.9) */
	CT_FACT_OPENAT2 = 906,	     /* openat2(2) (Linux 5.6) */
	CT_FACT_LISTNS = 907,	     /* listns(2) (Linux 6.19) */
	CT_FACT_MEMFD_EXEC = 908,    /* executing from memory: vm.memfd_noexec does not forbid it */

	/* protections */
	CT_FACT_SECCOMP_FILTER = 1000, /* a filter can let calls fail */
	CT_FACT_SECCOMP_NOTIFY = 1001, /* a filter can ask another process (Linux 5.0) */
	CT_FACT_SECCOMP_LOG = 1002,    /* a filter can log calls */
	CT_FACT_LANDLOCK = 1003,       /* number: its ABI */

	/* one directory: of ct_probe_path() alone */
	CT_FACT_PATH_FILESYSTEM = 1100, /* value: its type, "ext4" */
	CT_FACT_PATH_WRITE = 1101,	/* the caller may write to the directory */
	CT_FACT_PATH_EXEC = 1102,	/* programs on it can be executed: no noexec */
	CT_FACT_PATH_IDMAP = 1103,	/* id-mapped mounts of its filesystem */
	CT_FACT_PATH_USER_XATTR = 1104, /* files keep user.* attributes */
	CT_FACT_PATH_UPPER = 1105	/* can take the changes of an overlay */
} ct_fact;

/** What is known of a fact. */
typedef enum ct_probe_state {
	CT_PROBE_UNKNOWN = 0, /* it could not be found out; the reason says why */
	CT_PROBE_WORKS = 1,
	CT_PROBE_LACKS = 2 /* it does not work; reason and, where something helps, cure */
} ct_probe_state;

/** The value of ct_probe_info.number where a fact has no number. */
#define CT_PROBE_NO_NUMBER UINT64_MAX

/**
 * One fact. Start from CT_PROBE_INFO_INIT. Bytes of names that could disturb a terminal or log
 * are escaped as \xNN.
 */
typedef struct ct_probe_info {
	uint32_t size;	  /* sizeof(ct_probe_info), set by CT_PROBE_INFO_INIT */
	uint32_t fact;	  /* ct_fact */
	uint32_t state;	  /* ct_probe_state */
	uint32_t reserved;
	uint64_t number;  /* its value, if that is a number; else CT_PROBE_NO_NUMBER */
	char name[32];	  /* "user_ns": the same in text and JSON, and in every version */
	char group[32];	  /* "user namespaces": facts of one group stand together */
	char value[128];  /* what was found: "6.1.0", "v2", "100000-165535"; "": works or lacks says it all */
	char reason[256]; /* why it lacks or is not known, with the sysctl, file, limit or filter; "" if it works */
	char cure[256];	  /* what helps; "" if it works, or nothing is known to help */
} ct_probe_info;

/** Initializer for a ct_probe_info. */
#define CT_PROBE_INFO_INIT                                                                         \
	{                                                                                          \
		sizeof(ct_probe_info), 0, 0, 0, 0, "", "", "", "", ""                              \
	}

/**
 * Look at the machine once, as this caller.
 *
 * In order: the calling thread's rights, filters and root are read; sysctls, the files of
 * ranges, programs and cgroups are looked at; kernel calls are made with arguments that
 * cannot succeed, which tells whether they are there; about 25 throw-away processes are made
 * in new namespaces by clone3(2), some of which mount filesystems there. None of them lives
 * longer than the call, and one that does not answer is ended after 10 seconds.
 *
 * What is found holds for the calling thread: a thread with other rights finds other facts.
 *
 * @param ret_probe the facts; free with ct_probe_free(). Untouched on failure.
 * @param err       filled on failure; may be NULL.
 * @return 0 or a negative errno. What does not work never makes the call fail.
 *
 * Changes: nothing in the caller but what ended children leave: their usage is added to
 *          that of its other children (getrusage).
 * Threads: safe from any thread, several at once.
 * Errors:  EINVAL ret_probe is NULL; ENOMEM, EMFILE, ENFILE a resource ran out.
 * Needs:   nothing; without /proc much is not known.
 * Source:  namespaces(7), user_namespaces(7), clone(2), seccomp(2), landlock(7), cgroups(7).
 *          Example: examples/probe.c. Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_probe_new(ct_probe **ret_probe, ct_error *err);

/**
 * Look at a directory: what its filesystem can do for a root filesystem or a layer.
 *
 * Asked without writing: no name is made in the directory, none of its times changes. Id-mapped
 * mounts are tried on a detached copy of the mount, which nobody else can see.
 *
 * @param path      a directory; not kept.
 * @param ret_probe the facts from CT_FACT_PATH_FILESYSTEM on; free with ct_probe_free().
 *                  Untouched on failure.
 * @param err       filled on failure; may be NULL.
 * @return 0 or a negative errno.
 *
 * Changes: as ct_probe_new(). Threads: safe.
 * Errors:  EINVAL a pointer is NULL; ENOENT, ENOTDIR, EACCES path is no directory that the
 *          caller may reach; ENOMEM, EMFILE, ENFILE a resource ran out.
 * Needs:   CAP_SYS_ADMIN to try id-mapped mounts, else they lack for want of it.
 * Source:  mount_setattr(2), xattr(7), open(2), the kernel's overlayfs.rst. Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_probe_path(const char *path, ct_probe **ret_probe, ct_error *err);

/**
 * How many facts a probe has.
 *
 * @param probe the probe; NULL counts as empty.
 * @return the number of facts.
 *
 * Changes: nothing. Threads: safe. Errors: none. Needs: nothing.
 * Source: this library. Since: 0.1
 */
CT_API size_t ct_probe_count(const ct_probe *probe);

/**
 * Read a fact by its place.
 *
 * @param probe    the probe.
 * @param index    from 0; ordered by the numbers of ct_fact.
 * @param ret_info filled as far as its size says. Untouched on failure.
 * @return 0; -ENOENT past the end; -EINVAL a pointer is NULL, or ret_info was not initialized.
 *
 * Changes: nothing. Threads: safe.
 * Errors: ENOENT past the end; EINVAL a pointer is NULL, or ret_info was not initialized.
 * Needs: nothing. Source: this library. Since: 0.1
 */
CT_API int ct_probe_get(const ct_probe *probe, size_t index, ct_probe_info *ret_info);

/**
 * Read a fact by what it is.
 *
 * @param probe    the probe.
 * @param fact     a ct_fact.
 * @param ret_info filled as far as its size says. Untouched on failure.
 * @return 0; -ENOENT the probe has no such fact; -EINVAL as ct_probe_get().
 *
 * Changes: nothing. Threads: safe.
 * Errors: ENOENT the probe has no such fact; EINVAL as ct_probe_get().
 * Needs: nothing. Source: this library. Since: 0.1
 */
CT_API int ct_probe_find(const ct_probe *probe, int fact, ct_probe_info *ret_info);

/**
 * Write the facts as an aligned table for people.
 *
 * A line for each: its name; "yes", "no" or "?"; its value. Below each that is not "yes"
 * stand the reason and, after "->", the cure.
 *
 * @param probe    the probe.
 * @param ret_text the text, which ends in a newline and NUL; free with ct_probe_text_free().
 *                 Untouched on failure.
 * @return 0 or a negative errno.
 *
 * Changes: nothing. Threads: safe. Errors: EINVAL a pointer is NULL; ENOMEM.
 * Needs: nothing. Source: this library. Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_probe_to_text(const ct_probe *probe, char **ret_text);

/**
 * Write the facts for programs: one object with an array "facts", valid JSON in UTF-8.
 *
 * Each has "name", "fact", "group", "state" ("works", "lacks", "unknown"), "number", "value",
 * "reason" and "cure"; what it does not have is null.
 *
 * @param probe    the probe.
 * @param ret_text as for ct_probe_to_text().
 * @return 0 or a negative errno.
 *
 * Changes: nothing. Threads: safe. Errors: EINVAL a pointer is NULL; ENOMEM.
 * Needs: nothing. Source: this library. Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_probe_to_json(const ct_probe *probe, char **ret_text);

/**
 * Free a text of ct_probe_to_text() or ct_probe_to_json().
 *
 * @param text the text, which is gone then; may be NULL.
 *
 * Changes: nothing but memory. Threads: safe. Errors: none. Needs: nothing.
 * Source: this library. Since: 0.1
 */
CT_API void ct_probe_text_free(char *text);

/**
 * Free a probe.
 *
 * @param probe may be NULL.
 *
 * Changes: nothing but memory. Threads: no other thread may use the probe.
 * Errors: none. Needs: nothing. Source: this library. Since: 0.1
 */
CT_API void ct_probe_free(ct_probe *probe);

#ifdef __cplusplus
}
#endif

#endif

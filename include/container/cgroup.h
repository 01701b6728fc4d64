/* SPDX-License-Identifier: MIT */
/*
 * Cgroups: limits that a container cannot pass, figures of what it uses, and hold of
 * all its processes at once.
 *
 *     ct_spec_set_limit(spec, CT_LIMIT_MEMORY_MAX, 256 << 20);
 *     ct_spec_set_limit(spec, CT_LIMIT_PIDS_MAX, 100);
 *     ct_spec_set_limit(spec, CT_LIMIT_CPU_MAX, 1500);        // one and a half processors
 *     if (ct_spawn(spec, &box, &err) < 0)
 *             return 1;
 *     ct_container_figures(box, &figures, &err);
 *
 * With the first limit, or with ct_spec_set_cgroup(), each container of the spec gets a
 * cgroup of its own: a directory ct-... below the cgroup of the caller, or below the one
 * that ct_spec_set_cgroup_parent() names, in each hierarchy that the kernel has: v2, v1,
 * or both. The container is in there from its first instruction, sees it as the root of
 * its cgroup namespace, and the directory goes with the handle. What a killed caller has
 * left is removed by the next start of the same parent.
 */
#ifndef CONTAINER_CGROUP_H
#define CONTAINER_CGROUP_H

#include <stdint.h>

#include <container/error.h>
#include <container/spec.h>
#include <container/version.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ct_container ct_container;

/**
 * What can be limited. The value is a uint64_t; CT_UNLIMITED takes the limit away. Numbers
 * never change their meaning; new limits are added at the end.
 */
typedef enum ct_limit {
	CT_LIMIT_MEMORY_MAX = 1,  /* bytes of memory, page cache included; over it the kernel kills in there */
	CT_LIMIT_MEMORY_HIGH = 2, /* bytes from which on the container is slowed down to free memory; v2 */
	CT_LIMIT_MEMORY_LOW = 3,  /* bytes that others' need takes last; v2 */
	CT_LIMIT_MEMORY_MIN = 4,  /* bytes that others' need never takes; v2 */
	CT_LIMIT_SWAP_MAX = 5,	  /* bytes of swap; v1: needs CT_LIMIT_MEMORY_MAX beside it */
	CT_LIMIT_OOM_GROUP = 6,	  /* 1: when memory runs out all its processes are killed together; v2 */
	CT_LIMIT_CPU_MAX = 7,	  /* thousandths of one processor, at least 10: 500 is half of one */
	CT_LIMIT_CPU_WEIGHT = 8,  /* share beside others when processors are short: 1 to 10,000; default 100 */
	CT_LIMIT_PIDS_MAX = 9,	  /* processes and threads */
	CT_LIMIT_IO_WEIGHT = 10,  /* share of disks beside others: 1 to 10,000; default 100; v1: over 1,000 as 1,000 */
	/* Of one disk, for ct_spec_set_limit_of(): */
	CT_LIMIT_IO_READ_BYTES = 11,  /* bytes a second */
	CT_LIMIT_IO_WRITE_BYTES = 12, /* the same of what is written through; v1: not of what is written back later */
	CT_LIMIT_IO_READS = 13,	      /* operations a second */
	CT_LIMIT_IO_WRITES = 14,
	/* Of one size of pages, likewise: */
	CT_LIMIT_HUGETLB_MAX = 15 /* bytes in huge pages; who touches more gets SIGBUS */
} ct_limit;

/** A figure that this kernel does not tell. */
#define CT_NOT_KNOWN UINT64_MAX

/**
 * What a container uses and has used, all its processes together. Start from
 * CT_FIGURES_INIT. A figure that the kernel does not tell is CT_NOT_KNOWN.
 */
typedef struct ct_figures {
	uint32_t size;		      /* sizeof(ct_figures), set by CT_FIGURES_INIT */
	uint32_t reserved;
	uint64_t cpu_us;	      /* cpu time, in microseconds */
	uint64_t cpu_user_us;	      /* of it in user mode */
	uint64_t cpu_system_us;	      /* of it in kernel mode */
	uint64_t cpu_throttled_us;    /* time for which CT_LIMIT_CPU_MAX held it back, over all processors */
	uint64_t cpu_throttled_count; /* periods of 100 ms in which that happened */
	uint64_t cpu_stalled_us;      /* time in which some process waited for a processor; v2 */
	uint64_t memory_bytes;	      /* memory in use, page cache included */
	uint64_t memory_peak_bytes;   /* the most that it was (v2: Linux 5.19) */
	uint64_t memory_anon_bytes;   /* of memory in use: heaps and stacks */
	uint64_t memory_file_bytes;   /* of memory in use: page cache, tmpfs and shared memory */
	uint64_t memory_stalled_us;   /* time in which some process waited for memory; v2 */
	uint64_t memory_max_count;    /* how often CT_LIMIT_MEMORY_MAX was reached */
	uint64_t memory_high_count;   /* how often CT_LIMIT_MEMORY_HIGH was passed; v2 */
	uint64_t oom_kills;	      /* processes that were killed because memory ran out */
	uint64_t swap_bytes;	      /* swap in use */
	uint64_t pids;		      /* processes and threads */
	uint64_t pids_peak;	      /* the most there were (Linux 6.11) */
	uint64_t pids_max_count;      /* forks that CT_LIMIT_PIDS_MAX refused */
	uint64_t io_read_bytes;	      /* from disks, all devices together */
	uint64_t io_written_bytes;
	uint64_t io_reads;	      /* operations */
	uint64_t io_writes;
	uint64_t io_stalled_us;	      /* time in which some process waited for a disk; v2 */
} ct_figures;

/** Initializer for a ct_figures. */
#define CT_FIGURES_INIT                                                                            \
	{                                                                                          \
		sizeof(ct_figures), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, \
			0, 0, 0                                                                    \
	}

/** What a container has done with one disk. */
typedef struct ct_io {
	uint32_t major, minor;	/* its numbers, as of stat(2) */
	uint64_t read_bytes;
	uint64_t written_bytes;
	uint64_t reads; /* operations */
	uint64_t writes;
} ct_io;

/* ------------------------------------------------------------- on the spec */

/**
 * Limit what each container of the spec may use.
 *
 * @param spec  the spec.
 * @param limit what to limit.
 * @param value in the unit of that ct_limit; CT_UNLIMITED: as if it had not been set.
 * @return 0 or a negative errno.
 *
 * Changes: the spec; its containers get a cgroup of their own. Threads: one at a time.
 * Errors:  EINVAL no such limit, or the value is out of its range. At the start, by step
 *          CT_STEP_LIMIT: EOPNOTSUPP the kernel has no such limit in the layout it runs
 *          with (v1 has no MEMORY_HIGH, _LOW, _MIN, OOM_GROUP), or lacks the controller;
 *          EACCES, EPERM, EROFS no cgroup may be made there: name a delegated one by
 *          ct_spec_set_cgroup_parent(), or run as root; EBUSY the parent has processes of
 *          its own, and v2 then passes no controller on; ENOENT it has no such parent.
 * Needs:   the controller, and a cgroup in which the caller may make others. Source:
 *          cgroups(7), the kernel's cgroup-v2 and cgroup-v1. Since: 0.1
 */
CT_API int ct_spec_set_limit(ct_spec *spec, ct_limit limit, uint64_t value);

/**
 * Limit what each container of the spec may use of one disk, or of huge pages of one size.
 *
 * @param spec  the spec.
 * @param limit CT_LIMIT_IO_READ_BYTES, _IO_WRITE_BYTES, _IO_READS, _IO_WRITES or CT_LIMIT_HUGETLB_MAX.
 * @param of    of CT_LIMIT_IO_*: the number of the disk, as makedev(3) makes it and stat(2) tells it. A
 *              whole disk: the kernel knows no limit of a partition. Of CT_LIMIT_HUGETLB_MAX: the size
 *              of a page in bytes, as in 2 << 20.
 * @param value in the unit of that ct_limit; CT_UNLIMITED: as if it had not been set.
 * @return 0 or a negative errno. Of the same limit and the same of the last call counts.
 *
 * Changes: as ct_spec_set_limit(). Threads: one at a time.
 * Errors:  EINVAL spec is NULL, it is a limit of ct_spec_set_limit(), of is no disk or no size of a
 *          page, or the value is out of its range; ENOMEM out of memory. At the start, by step
 *          CT_STEP_LIMIT: ENODEV or EINVAL there is no such disk, or it is a partition; ENOENT the kernel
 *          has no pages of that size; else as ct_spec_set_limit().
 * Needs:   the io controller of v2, or blkio of v1 with throttling; for huge pages hugetlb, and pages
 *          that were set aside (vm.nr_hugepages). Source: the kernel's cgroup-v2, cgroup-v1/blkio-controller
 *          and cgroup-v1/hugetlb. Since: 0.1
 */
CT_API int ct_spec_set_limit_of(ct_spec *spec, ct_limit limit, uint64_t of, uint64_t value);

/**
 * Choose the processors that the containers of the spec may run on.
 *
 * @param spec the spec.
 * @param cpus a list as in "0-3,8"; copied. NULL: all that the parent has.
 * @return 0 or a negative errno.
 *
 * Changes: as ct_spec_set_limit(). Threads: one at a time. Errors: EINVAL it is no such
 *          list; at the start, step CT_STEP_LIMIT: ERANGE or EINVAL there is no such
 *          processor, EACCES (v1) or nothing at all (v2) the parent may not use it.
 * Needs:   the cpuset controller. Source: cpuset(7). Since: 0.1
 */
CT_API int ct_spec_set_cpus(ct_spec *spec, const char *cpus);

/**
 * Choose the memory nodes that the containers of the spec may use.
 *
 * @param spec the spec.
 * @param mems a list as in "0-1"; copied. NULL: all that the parent has.
 * @return 0 or a negative errno.
 *
 * Changes: as ct_spec_set_limit(). Threads: one at a time. Errors: as ct_spec_set_cpus().
 * Needs:   the cpuset controller. Source: cpuset(7). Since: 0.1
 */
CT_API int ct_spec_set_mems(ct_spec *spec, const char *mems);

/**
 * Write to a file of the container's cgroup for which there is no setter.
 *
 * In the order in which they were set, after all limits.
 *
 * @param spec  the spec.
 * @param key   the file's name, as in "io.latency" or "hugetlb.2MB.rsvd.max": a controller, a dot,
 *              and the rest. "cgroup." is taken for cgroup.max.depth and
 *              cgroup.max.descendants. Copied.
 * @param value what to write; one line. Copied. The same key may be set several times.
 * @return 0 or a negative errno.
 *
 * Changes: as ct_spec_set_limit(). Threads: one at a time.
 * Errors:  EINVAL it is no such name, or would move processes; at the start, step
 *          CT_STEP_LIMIT: ENOENT there is no such file, and what the kernel says of the value.
 * Needs:   the controller of that name. Source: cgroups(7). Since: 0.1
 */
CT_API int ct_spec_set_cgroup_key(ct_spec *spec, const char *key, const char *value);

/**
 * Have each container of the spec in a cgroup of its own, although nothing is limited.
 *
 * For figures, and for ct_container_freeze(). A limit asks for it as well.
 *
 * @param spec the spec.
 * @param on   not 0: with a cgroup. Default: off, which costs nothing.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time. Errors: EINVAL spec is NULL; at the start as
 *          ct_spec_set_limit(), but that a controller which is missing is left out.
 * Needs:   a cgroup in which the caller may make others. Source: cgroups(7). Since: 0.1
 */
CT_API int ct_spec_set_cgroup(ct_spec *spec, int on);

/**
 * Choose below which cgroup those of the containers are made.
 *
 * @param spec   the spec.
 * @param parent a path as /proc/self/cgroup has it, beginning with "/", without "..";
 *               it must exist, on v1 in each hierarchy that is used. Copied. NULL: the
 *               caller's own cgroup, the default. On v2 that one, which has a process, passes
 *               no controller on; then it is the nearest above that does and belongs to the
 *               caller. An ordinary user's are made to, as they were delegated to him; root's
 *               are left as they are.
 * @return 0 or a negative errno.
 *
 * Changes: the spec; this alone makes no cgroup. Threads: one at a time. Errors: EINVAL it
 *          is no such path; at the start as ct_spec_set_limit().
 * Needs:   write access to that cgroup. Source: cgroups(7), delegation. Since: 0.1
 */
CT_API int ct_spec_set_cgroup_parent(ct_spec *spec, const char *parent);

/**
 * Have the cgroups of the containers made in a scope that systemd is asked for.
 *
 * For who runs under systemd and has no cgroup of his own, as a program whose cgroup passes no controllers
 * on. An ordinary user's program has to be below his own manager (user@UID.service) itself, as "systemd-run
 * --user --scope" has it: from a session of a login the kernel lets nobody but root go there. systemd is asked over D-Bus, with the first start and after each
 * change of the spec, for a transient scope with Delegate=yes. A small process of the library's keeps it
 * as long as the spec, one of its containers and the host live. systemd removes the scope
 * when all of them and all processes in there are gone. Each container is in its own cgroup below the
 * scope from its first instruction, as without this.
 *
 * @param spec the spec.
 * @param bus  the D-Bus address of the bus that systemd is on, as in "unix:path=/run/user/1000/bus";
 *             copied. "": root's is the system bus, and that of others their user's, /run/user/UID/bus.
 *             NULL: no scope, the default. The last call of this and of ct_spec_set_cgroup_parent()
 *             counts.
 * @return 0 or a negative errno.
 *
 * Changes: the spec; this alone makes no cgroup. Threads: one at a time.
 * Errors:  EINVAL spec is NULL, or bus is no address; ENOMEM out of memory. At the start, by step
 *          CT_STEP_LIMIT: EOPNOTSUPP the library was built without systemd; ENOENT, ECONNREFUSED there is
 *          no such bus; EHOSTUNREACH no systemd is on it; EACCES it takes nothing from the caller, or (step
 *          CT_STEP_CLONE) the caller is not below his own manager;
 *          ETIMEDOUT it does not answer, or has not made the scope in ten seconds; else as
 *          ct_spec_set_limit().
 * Needs:   a library built with -Dsystemd=enabled, systemd, a bus. Source: org.freedesktop.systemd1(5),
 *          StartTransientUnit; systemd.resource-control(5), Delegate. Since: 0.1
 */
CT_API int ct_spec_set_cgroup_systemd(ct_spec *spec, const char *bus);

/* -------------------------------------------------------- on the container */

/**
 * Change a limit of a container while it runs.
 *
 * @param box   a container with a cgroup of its own.
 * @param limit what to limit. @param value as for ct_spec_set_limit().
 * @param err   filled on failure; may be NULL.
 * @return 0 or a negative errno; the limit is as it was then.
 *
 * Changes: nothing in the caller. Threads: safe.
 * Errors:  step CT_STEP_LIMIT. EINVAL as ct_spec_set_limit(); ENOENT the container has no
 *          cgroup: ct_spec_set_cgroup() gives it one; EOPNOTSUPP the kernel has no such
 *          limit; EBUSY (v1) more is in use than the new limit allows.
 * Needs:   write access to the cgroup. Source: cgroups(7). Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_container_set_limit(ct_container *box, ct_limit limit, uint64_t value,
	ct_error *err);

/**
 * Change a limit of one disk, or of huge pages of one size, while a container runs.
 *
 * @param box   a container with a cgroup of its own.
 * @param limit what to limit. @param of of which disk or size. @param value how much.
 *              All as for ct_spec_set_limit_of().
 * @param err   filled on failure; may be NULL.
 * @return 0 or a negative errno; the limit is as it was then.
 *
 * Changes: nothing in the caller. Threads: safe.
 * Errors:  as ct_container_set_limit(), step CT_STEP_LIMIT, and as ct_spec_set_limit_of(). EOPNOTSUPP also
 *          where the spec limits no huge pages: its cgroup was made without that controller.
 * Needs:   as ct_spec_set_limit_of(). Source: cgroups(7). Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_container_set_limit_of(ct_container *box, ct_limit limit, uint64_t of,
	uint64_t value, ct_error *err);

/**
 * Tell what a container uses and has used.
 *
 * Still there after its end, up to ct_container_free(): what it used in all.
 *
 * @param box         a container with a cgroup of its own.
 * @param ret_figures start from CT_FIGURES_INIT. Untouched on failure.
 * @param err         filled on failure; may be NULL.
 * @return 0 or a negative errno.
 *
 * Changes: nothing in the caller. Threads: safe.
 * Errors:  CT_STEP_ARGUMENT EINVAL an argument is NULL, or the size of ret_figures is not
 *          set; CT_STEP_LIMIT ENOENT the container has no cgroup:
 *          ct_spec_set_cgroup() gives it one.
 * Needs:   a controller for each figure. Source: cgroups(7). Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_container_figures(ct_container *box, ct_figures *ret_figures,
	ct_error *err);

/**
 * Read what many containers use, in one call.
 *
 * @param boxes       the containers; borrowed for the call. NULL among them is passed over.
 * @param count       how many.
 * @param ret_figures array of as many, each begun with CT_FIGURES_INIT. Of a container that has
 *                    no cgroup, and of NULL, all figures become CT_NOT_KNOWN.
 * @param err         filled on failure; may be NULL.
 * @return of how many containers figures were read, or a negative errno.
 *
 * Changes: nothing. Threads: safe.
 * Errors: EINVAL boxes or ret_figures is NULL, or a size is not set.
 * Needs: as ct_container_figures(). Source: the kernel's cgroup-v2 and cgroup-v1. Since: 0.1.
 *        Example: top.c
 */
CT_API CT_MUST_CHECK int ct_container_figures_many(ct_container *const *boxes, size_t count,
	ct_figures *ret_figures, ct_error *err);

/**
 * Read what a container has done with each disk.
 *
 * The sums over all disks are in ct_figures. As there, what the kernel writes back later, or has in
 * its cache, is not among it.
 *
 * @param box       a container with a cgroup of its own.
 * @param ret_disks the caller's array, filled from its start; NULL with room 0.
 * @param room      how many fit.
 * @param err       filled on failure; may be NULL.
 * @return how many disks it has used, which may be more than room; or a negative errno.
 *
 * Changes: nothing. Threads: safe.
 * Errors:  CT_STEP_ARGUMENT EINVAL box is NULL, or ret_disks with room; CT_STEP_LIMIT ENOENT the
 *          container has no cgroup, or has ended and its cgroup was removed; EOPNOTSUPP its cgroup was made
 *          without the io controller; CT_STEP_MEMORY ENOMEM out of memory.
 * Needs:   the io controller of v2, or blkio of v1. Source: the kernel's cgroup-v2 and
 *          cgroup-v1/blkio-controller. Since: 0.1
 */
CT_API int ct_container_io(ct_container *box, ct_io *ret_disks, size_t room, ct_error *err);

/**
 * Stop all processes of a container where they are, until ct_container_thaw().
 *
 * They notice nothing but that time has passed. A frozen container can be killed and freed.
 *
 * @param box        a container with a cgroup of its own.
 * @param timeout_ms how long to wait until all stand still, in milliseconds; CT_FOREVER.
 * @param err        filled on failure; may be NULL.
 * @return 0 or a negative errno.
 *
 * Changes: nothing in the caller. Threads: safe.
 * Errors:  CT_STEP_ARGUMENT EINVAL box is NULL, or timeout_ms is below CT_FOREVER;
 *          CT_STEP_LIMIT ENOENT the container has no cgroup, or
 *          has ended; ETIMEDOUT a process waits in the kernel for what does not come: the
 *          container is thawed again then.
 * Needs:   cgroup v2, or the freezer of v1. Source: cgroups(7). Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_container_freeze(ct_container *box, int timeout_ms, ct_error *err);

/**
 * Let a frozen container go on. Does nothing to one that is not frozen.
 *
 * @param box a container with a cgroup of its own. @param err may be NULL.
 * @return 0 or a negative errno.
 *
 * Changes: nothing in the caller. Threads: safe. Errors: as ct_container_freeze().
 * Needs: as ct_container_freeze(). Source: cgroups(7). Since: 0.1
 */
CT_API CT_MUST_CHECK int ct_container_thaw(ct_container *box, ct_error *err);

/**
 * The path of a container's cgroup, for other programs and for logs.
 *
 * @param box a container.
 * @return a path as /proc/PID/cgroup has it, which lives as long as the handle; the same in each
 *         hierarchy unless the caller is in different ones, then that of memory, or of v2.
 *         NULL: it has no cgroup of its own.
 *
 * Changes: nothing. Threads: safe. Errors: NULL. Needs: nothing.
 * Source: cgroups(7). Since: 0.1
 */
CT_API const char *ct_container_cgroup(const ct_container *box);

#ifdef __cplusplus
}
#endif

#endif

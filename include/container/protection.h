/* SPDX-License-Identifier: MIT */
/*
 * What protects a container, item by item: what was enforced, and what this machine
 * could not give.
 *
 * By default an item that cannot be had is an error, and there is no container. A caller
 * who would rather have the best that is possible says so, by name, and looks at what came
 * of it:
 *
 *     ct_protection about = CT_PROTECTION_INIT;
 *
 *     ct_spec_allow_lack(spec, CT_LACK(CT_ITEM_PROC) | CT_LACK(CT_ITEM_KEYRING));
 *     if (ct_spawn(spec, &box, &err) < 0)
 *             return 1;
 *     for (int item = 1; ct_container_protection(box, item, &about) == 0; item++)
 *             if (about.state == CT_ITEM_LACKING)
 *                     printf("not enforced: %s: %s\n", ct_item_name(item), about.why.sentence);
 */
#ifndef CONTAINER_PROTECTION_H
#define CONTAINER_PROTECTION_H

#include <stdint.h>

#include <container/error.h>
#include <container/spawn.h>
#include <container/spec.h>
#include <container/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * What a container is protected by or limited to. Numbers never change their meaning; new
 * items are added at the end. Behind each stands what there is where it is lacking; "never
 * lacking" says that no call lets a container start without it.
 */
typedef enum ct_item {
	CT_ITEM_NS_USER = 1,	/* a user namespace of its own; never lacking where it is asked for */
	CT_ITEM_NS_MNT = 2,	/* a mount namespace of its own; never lacking */
	CT_ITEM_NS_PID = 3,	/* lacking: it sees the caller's processes, and outlives its first one */
	CT_ITEM_NS_NET = 4,	/* lacking: the caller's network, with all that listens on loopback */
	CT_ITEM_NS_IPC = 5,	/* lacking: the caller's System V objects and message queues */
	CT_ITEM_NS_UTS = 6,	/* lacking: the caller's host name, which is left as it is */
	CT_ITEM_NS_CGROUP = 7,	/* lacking: the caller's view of cgroups */
	CT_ITEM_NS_TIME = 8,	/* lacking: the caller's clocks */
	CT_ITEM_IDMAP = 9,	/* ids inside that are others outside; never lacking */
	CT_ITEM_IDMAPPED_ROOT = 10, /* lacking: owners as they are on disk; without being asked where the
				   caller has no right to map them: see ct_spec_set_rootfs() */
	CT_ITEM_ROOT = 11,	/* a root that was pivoted to, the old one gone; never lacking */
	CT_ITEM_EPHEMERAL = 12, /* lacking: the rootfs is read-only, with memory on /tmp, /var/tmp, /run */
	CT_ITEM_PROC = 13,	/* a /proc of its own; lacking: the caller's, read-only */
	CT_ITEM_SYS = 14,	/* a /sys of its own; lacking: the caller's, read-only */
	CT_ITEM_MQUEUE = 15,	/* lacking: there is no /dev/mqueue */
	CT_ITEM_MASKED = 16,	/* masked paths; lacking: one or more of them can be read */
	CT_ITEM_READONLY = 17,	/* read-only paths; lacking: one or more of them can be written */
	CT_ITEM_CAPS = 18,	/* the capability sets; lacking: more, or fewer, than was asked for */
	CT_ITEM_NO_NEW_PRIVS = 19, /* lacking: setuid programs give rights; and the kernel takes no filter then */
	CT_ITEM_GROUPS = 20,	/* none of the caller's groups. Lacking, without being asked, where the
				   kernel lets nobody drop a group: see ct_spec_set_groups() */
	CT_ITEM_KEYRING = 21,	/* lacking: the caller's session keyring */
	CT_ITEM_RLIMITS = 22,	/* lacking: as high as the caller's hard limit allows */
	CT_ITEM_OOM_SCORE = 23, /* lacking: the caller's */
	CT_ITEM_SYSCTLS = 24,	/* lacking: the kernel's default for one or more */
	CT_ITEM_HOSTNAME = 25,	/* host and domain name; lacking: the caller's */
	CT_ITEM_LOOPBACK = 26,	/* lacking: the loopback interface is down */
	CT_ITEM_SECCOMP = 27,	/* lacking: no filter of system calls but the caller's */
	CT_ITEM_LANDLOCK = 28,	/* landlock rules; lacking: those that the kernel does not know, or all */
	CT_ITEM_CGROUP = 29,	/* a cgroup of its own; lacking: that of the caller, and no limit of it */
	CT_ITEM_LABEL = 30	/* the label of a security module; lacking: the caller's, or what the policy says */
} ct_item;

/** The bit of an item, for ct_spec_allow_lack(). */
#define CT_LACK(item) (UINT64_C(1) << (item))

/** Every item of this header that may be lacking. */
#define CT_LACK_ALL                                                                                \
	(CT_LACK(CT_ITEM_NS_PID) | CT_LACK(CT_ITEM_NS_NET) | CT_LACK(CT_ITEM_NS_IPC) |             \
		CT_LACK(CT_ITEM_NS_UTS) | CT_LACK(CT_ITEM_NS_CGROUP) | CT_LACK(CT_ITEM_NS_TIME) |  \
		CT_LACK(CT_ITEM_IDMAPPED_ROOT) | CT_LACK(CT_ITEM_EPHEMERAL) |                      \
		CT_LACK(CT_ITEM_PROC) | CT_LACK(CT_ITEM_SYS) | CT_LACK(CT_ITEM_MQUEUE) |           \
		CT_LACK(CT_ITEM_MASKED) | CT_LACK(CT_ITEM_READONLY) | CT_LACK(CT_ITEM_CAPS) |      \
		CT_LACK(CT_ITEM_NO_NEW_PRIVS) | CT_LACK(CT_ITEM_KEYRING) |                         \
		CT_LACK(CT_ITEM_RLIMITS) | CT_LACK(CT_ITEM_OOM_SCORE) | CT_LACK(CT_ITEM_SYSCTLS) | \
		CT_LACK(CT_ITEM_HOSTNAME) | CT_LACK(CT_ITEM_LOOPBACK) | CT_LACK(CT_ITEM_SECCOMP) | \
		CT_LACK(CT_ITEM_LANDLOCK) | CT_LACK(CT_ITEM_CGROUP) | CT_LACK(CT_ITEM_LABEL))

/** How it stands with an item. */
typedef enum ct_item_state {
	CT_ITEM_NOT_ASKED = 0, /* the spec does not ask for it, or gives the caller's own */
	CT_ITEM_ENFORCED = 1,
	CT_ITEM_LACKING = 2    /* asked for and not enforced, or not all of it */
} ct_item_state;

/** One item of one container. Start from CT_PROTECTION_INIT. */
typedef struct ct_protection {
	uint32_t size;	/* sizeof(ct_protection), set by CT_PROTECTION_INIT */
	int32_t item;	/* ct_item */
	int32_t state;	/* ct_item_state */
	uint32_t count; /* of CT_ITEM_LACKING: how many parts are lacking, such as masked paths */
	ct_error why;	/* of the first of them: step, kernel call, errno, sentence and cure; else code 0 */
} ct_protection;

/** Initializer for a ct_protection. */
#define CT_PROTECTION_INIT                                                                         \
	{                                                                                          \
		sizeof(ct_protection), 0, 0, 0, CT_ERROR_INIT                                      \
	}

/**
 * Let containers of this spec start without what this machine cannot give.
 *
 * Each item is tried as ever; only where the kernel refuses it the start goes on, with the
 * best that is possible instead (see ct_item). Where namespaces are refused, the kinds are
 * tried one by one, and the container is made without those that are refused and allowed to
 * be lacking. What is set in a namespace goes with it: the host name with uts, kernel
 * parameters with the namespace they belong to. A given namespace (ct_spec_set_ns_fd()) and
 * mounts of the spec are never left out.
 *
 * @param spec  the spec.
 * @param items CT_LACK() of each item that may be lacking, or CT_LACK_ALL; 0: none, the
 *              default. Replaces what was said before.
 * @return 0 or a negative errno.
 *
 * Changes: the spec. Threads: one at a time.
 * Errors:  EINVAL a bit that is no item, or an item that is never lacking.
 * Needs:   nothing. Source: this library. Since: 0.1
 */
CT_API int ct_spec_allow_lack(ct_spec *spec, uint64_t items);

/**
 * Tell of one item of a container whether it is enforced.
 *
 * The container has started with what this says; nothing is asked of the kernel again. Of
 * a container of ct_create() it holds up to where that has come, and is complete after
 * ct_start(). What CT_MOUNT_OPTIONAL and the flags of ct_join() leave out is not told.
 *
 * @param box       the container, of ct_spawn(), ct_create(), ct_join() and its kin; may have ended.
 * @param item      a ct_item; from 1 upwards all of them, until EINVAL.
 * @param ret_about filled; its size must be set. Untouched on failure.
 * @return 0 or a negative errno.
 *
 * Changes: nothing. Threads: safe, but not beside ct_start() of the same container.
 * Errors: EINVAL no such item, box or ret_about is NULL, or its size is too small.
 * Needs: nothing. Source: this library. Since: 0.1
 */
CT_API int ct_container_protection(const ct_container *box, int item, ct_protection *ret_about);

/**
 * The name of an item, as in "pid namespace" or "masked paths".
 *
 * @param item a ct_item; any other number gives "unknown item".
 * @return a constant string; never NULL, never freed.
 *
 * Changes: nothing. Threads: safe. Errors: none. Needs: nothing.
 * Source: the table in lib/spec/items.c. Since: 0.1
 */
CT_API const char *ct_item_name(int item);

#ifdef __cplusplus
}
#endif

#endif

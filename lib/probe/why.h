/* SPDX-License-Identifier: MIT */
/*
 * Why the kernel refused something to this caller, and what helps. Asked on the way of a
 * failure, and by the facts of a probe, so that both say the same. Each answer costs a few
 * reads of /proc, or one call that cannot succeed; no process is made.
 */
#ifndef CT_PROBE_WHY_H
#define CT_PROBE_WHY_H

#include <stdbool.h>
#include <stdint.h>

#include <container/error.h>

struct ct__why {
	char reason[256]; /* names the sysctl, file, limit or filter */
	char cure[256];
};

/* The calling thread, as far as it matters here. What cannot be read is false. */
struct ct__caller {
	bool admin;	   /* CAP_SYS_ADMIN in effect */
	bool initial;	   /* in the user namespace that the system started with */
	bool filtered;	   /* a seccomp filter applies to it */
	bool no_new_privs; /* programs give it no rights */
};

void ct__caller_look(struct ct__caller *ret_caller);

/* Fills a reason and its cure; true, so that "say and return" is one line. */
bool ct__because(struct ct__why *ret_why, const char *cure, const char *reason, ...)
	__attribute__((format(printf, 3, 4)));

/* A sysctl that is a number: "user/max_user_namespaces". 0 or a negative errno. */
int ct__sysctl_number(const char *name, uint64_t *ret_number);

/* why.c: each false if no reason is known; then ret_why is as it was */

/* New namespaces of these kinds (CT_NS_*) were refused with this errno. */
bool ct__why_namespaces(uint32_t kinds, int code, struct ct__why *ret_why);

/* The caller's root directory is not that of its mnt namespace. */
bool ct__why_chroot(struct ct__why *ret_why);

/* The caller's own ids have no meaning in its user namespace. */
bool ct__why_unmapped(struct ct__why *ret_why);

/* A seccomp filter applies, and such filters answer with this errno. */
bool ct__why_filter(int code, struct ct__why *ret_why);

/* setgroups is denied in the caller's user namespace. */
bool ct__why_setgroups(struct ct__why *ret_why);

/* kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns: forbid it as they stand. */
bool ct__why_userns_clone(struct ct__why *ret_why);
bool ct__why_apparmor(struct ct__why *ret_why);

/* why_mounts.c: likewise */

/* A new procfs or sysfs (type) is refused, since the caller's own is partly covered by mounts. */
bool ct__why_covered(const char *type, struct ct__why *ret_why);

/* No cgroup filesystem is mounted where the caller sees it. */
bool ct__why_no_cgroups(struct ct__why *ret_why);

/* vm.memfd_noexec forbids executing from memory. */
bool ct__why_memfd(struct ct__why *ret_why);

/* why_calls.c */

/* Calls that are made with arguments which cannot succeed: rows of ct__calls. */
enum ct__call {
	CALL_CLONE3,
	CALL_PIDFD_OPEN,
	CALL_PIDFD_GETFD,
	CALL_CLOSE_RANGE,
	CALL_OPENAT2,
	CALL_OPEN_TREE,
	CALL_MOUNT_SETATTR,
	CALL_LISTNS,
	CALL_SECCOMP,
	CALL_SETNS,
	CALL_COUNT
};

struct ct__call_row {
	const char *name, *since; /* the version of Linux */
	long number;
	long args[5];
};

extern const struct ct__call_row ct__calls[CALL_COUNT];

/* What the kernel, or a filter, answers to such a call: a negative errno. */
int ct__call_ask(enum ct__call call);

/* A call that answered ENOSYS or EPERM is not there or refused by a filter; in the words for both. */
void ct__why_refused(const char *name, const char *since, int code, struct ct__why *ret_why);

/* The same for a call that is in the table, if it answers so whatever it is given; else false. */
bool ct__why_call(const char *name, int code, struct ct__why *ret_why);

/* explain.c */

/*
 * Adds the particular reason to an error that a failed start or join has filled, and puts
 * its cure in place of the general one; nothing where none is known. kinds: the new
 * namespaces that were asked for. err may be NULL.
 */
void ct__explain(ct_error *err, uint32_t kinds);

#endif

/* SPDX-License-Identifier: MIT */
/* Why namespaces are refused; see why.h. Of mounts see why_mounts.c. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "idmap/idmap.h"
#include "sys/procfs.h"
#include "util/fd.h"
#include "util/ns_kinds.h"
#include "util/proc_status.h"
#include "why.h"

/* ---------------------------------------------------------------- the caller */

void ct__caller_look(struct ct__caller *ret_caller)
{
	CT__AUTO_FREE char *text = NULL;
	struct ct__proc_status status;
	struct stat user;

	*ret_caller = (struct ct__caller){.admin = ct__has_cap(CAP_SYS_ADMIN)};
	ret_caller->initial = stat("/proc/thread-self/ns/user", &user) == 0 &&
			      user.st_ino == ct__ns_kinds[0].initial;
	ret_caller->no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
	if (ct__procfs_read_all(AT_FDCWD, "/proc/thread-self/status", &text) < 0 ||
		ct__parse_status(text, &status) < 0)
		return;
	ret_caller->filtered = status.filters != 0;
	ct__array_done(&status.groups);
}

bool ct__because(struct ct__why *ret_why, const char *cure, const char *reason, ...)
{
	va_list args;

	va_start(args, reason);
	vsnprintf(ret_why->reason, sizeof(ret_why->reason), reason, args);
	va_end(args);
	snprintf(ret_why->cure, sizeof(ret_why->cure), "%s", cure);
	return true;
}

int ct__sysctl_number(const char *name, uint64_t *ret_number)
{
	char path[64], text[32], *end;
	ssize_t size;

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	size = ct__procfs_read(AT_FDCWD, path, text, sizeof(text) - 1);
	if (size < 0)
		return (int)size;
	text[size] = '\0';
	*ret_number = strtoull(text, &end, 10);
	return end == text ? -EINVAL : 0;
}

/* ---------------------------------------------------- what forbids them, each */

/*
 * user_namespaces(7): EPERM. A chroot into a mount point cannot be told from a root; any
 * other directory is not the root of a mount.
 */
bool ct__why_chroot(struct ct__why *ret_why)
{
	struct statx root;

	if (statx(AT_FDCWD, "/", AT_NO_AUTOMOUNT, 0, &root) < 0 ||
		!(root.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) ||
		(root.stx_attributes & STATX_ATTR_MOUNT_ROOT))
		return false;
	return ct__because(ret_why,
		"start the program outside of the chroot, or use pivot_root instead of chroot",
		"the caller is in a chroot, where no user namespace can be made");
}

/* Whether an id that this process has is in its own map. */
static bool is_mapped(const char *map_file, uint32_t id)
{
	CT__AUTO_FREE char *text = NULL;
	ct__array map = {0};
	bool found = false;

	if (ct__procfs_read_all(AT_FDCWD, map_file, &text) < 0 || ct__parse_id_map(text, &map) < 0)
		return true;
	ct__array_for_each(struct ct__id_range, range, &map)
		found |= id - range->inside < range->count;
	ct__array_done(&map);
	return found;
}

bool ct__why_unmapped(struct ct__why *ret_why)
{
	bool uid = is_mapped("/proc/thread-self/uid_map", geteuid());

	if (uid && is_mapped("/proc/thread-self/gid_map", getegid()))
		return false;
	return ct__because(ret_why, "map the caller's ids when its user namespace is made",
		"the caller's own %s has no mapping in its user namespace", uid ? "group" : "user");
}

bool ct__why_filter(int code, struct ct__why *ret_why)
{
	struct ct__caller caller;

	ct__caller_look(&caller);
	if (!caller.filtered || (code != -EPERM && code != -ENOSYS && code != -EACCES))
		return false;
	return ct__because(ret_why,
		"give the outer container a seccomp profile that allows it (docker: --security-opt seccomp=FILE; systemd: RestrictNamespaces=no)",
		"most likely a seccomp filter of an outer container or service refuses it (Seccomp: 2 in /proc/self/status)");
}

/* user_namespaces(7): once denied it stays so, in the namespaces below as well. */
bool ct__why_setgroups(struct ct__why *ret_why)
{
	char text[16] = "";

	if (ct__procfs_read(AT_FDCWD, "/proc/thread-self/setgroups", text, sizeof(text) - 1) < 0 ||
		strncmp(text, "deny", 4) != 0)
		return false;
	return ct__because(ret_why,
		"map the group when the outer user namespace is made by one with CAP_SETGID (newgidmap)",
		"setgroups is denied in the caller's user namespace (/proc/self/setgroups)");
}

/* The switch of Debian's kernels: only root outside of all containers may make user namespaces. */
bool ct__why_userns_clone(struct ct__why *ret_why)
{
	struct ct__caller caller;
	uint64_t allowed;

	ct__caller_look(&caller);
	if ((caller.admin && caller.initial) ||
		ct__sysctl_number("kernel/unprivileged_userns_clone", &allowed) < 0 || allowed)
		return false;
	return ct__because(ret_why,
		"set it to 1 (sysctl -w kernel.unprivileged_userns_clone=1), or run as root",
		"unprivileged user namespaces are forbidden by kernel.unprivileged_userns_clone=0");
}

bool ct__why_apparmor(struct ct__why *ret_why)
{
	struct ct__caller caller;
	uint64_t restricted;

	ct__caller_look(&caller);
	if ((caller.admin && caller.initial) ||
		ct__sysctl_number("kernel/apparmor_restrict_unprivileged_userns", &restricted) <
			0 ||
		!restricted)
		return false;
	return ct__because(ret_why,
		"give the program an AppArmor profile with the rule \"userns,\", set the sysctl to 0, or run as root",
		"unprivileged user namespaces have no rights by kernel.apparmor_restrict_unprivileged_userns=%" PRIu64,
		restricted);
}

/* -------------------------------------------------------------- in their order */

struct asked {
	uint32_t kinds;
	int code;
	struct ct__caller caller;
};

static const char *name_of(uint32_t kinds)
{
	for (size_t i = 0; i < CT__NS_KIND_COUNT; i++)
		if (kinds & ct__ns_kinds[i].kind)
			return ct__ns_kinds[i].name;
	return "";
}

static bool chroot_forbids(const struct asked *asked, struct ct__why *ret_why)
{
	return (asked->kinds & CT_NS_USER) && ct__why_chroot(ret_why);
}

static bool ids_forbid(const struct asked *asked, struct ct__why *ret_why)
{
	return (asked->kinds & CT_NS_USER) && ct__why_unmapped(ret_why);
}

static bool needs_a_right(const struct asked *asked, struct ct__why *ret_why)
{
	if ((asked->kinds & CT_NS_USER) || !asked->kinds || asked->caller.admin)
		return false;
	return ct__because(ret_why, "run as root, or with a new user namespace (CT_NS_USER)",
		"a new %s namespace needs CAP_SYS_ADMIN, which the caller lacks",
		name_of(asked->kinds));
}

static bool userns_clone_forbids(const struct asked *asked, struct ct__why *ret_why)
{
	return (asked->kinds & CT_NS_USER) && ct__why_userns_clone(ret_why);
}

static bool apparmor_forbids(const struct asked *asked, struct ct__why *ret_why)
{
	return (asked->kinds & CT_NS_USER) && ct__why_apparmor(ret_why);
}

static bool filter_forbids(const struct asked *asked, struct ct__why *ret_why)
{
	return ct__why_filter(asked->code, ret_why);
}

static bool something_unseen(const struct asked *asked, struct ct__why *ret_why)
{
	if (!(asked->kinds & CT_NS_USER))
		return false;
	return ct__because(ret_why, "leave the chroot, or look for a denial in the kernel's log",
		"no sysctl, limit or filter that can be seen forbids it: a chroot onto a mount point or a security module may");
}

/* Rights over namespaces are refused by EPERM; this comes from elsewhere. */
static bool module_or_cgroup(const struct asked *asked, struct ct__why *ret_why)
{
	(void)asked;
	return ct__because(ret_why,
		"look for a denial in the kernel's log; for a cgroup, start below the manager of the user: systemd-run --user --scope",
		"a security module may forbid it, or the kernel lets the caller bring no process from its own cgroup to the container's");
}

static bool limit_is_zero(const struct asked *asked, struct ct__why *ret_why)
{
	for (size_t i = 0; i < CT__NS_KIND_COUNT; i++) {
		const struct ct__ns_kind *kind = &ct__ns_kinds[i];
		char name[64], cure[128];
		uint64_t limit;

		snprintf(name, sizeof(name), "user/max_%s_namespaces", kind->name);
		if (!(asked->kinds & kind->kind) || ct__sysctl_number(name, &limit) < 0 || limit)
			continue;
		snprintf(cure, sizeof(cure),
			"raise it: sysctl -w user.max_%s_namespaces=1000, as root of this user namespace",
			kind->name);
		return ct__because(ret_why, cure,
			"new %s namespaces are forbidden by user.max_%s_namespaces=0", kind->name,
			kind->name);
	}
	return false;
}

/*
 * The limit that was hit may be that of an outer user namespace, which cannot be read from
 * here; nor can how deep this one is: user_namespaces(7) tells of 32 levels.
 */
static bool limit_or_depth(const struct asked *asked, struct ct__why *ret_why)
{
	const char *name = name_of(asked->kinds);
	char file[64];
	uint64_t limit = 0;

	snprintf(file, sizeof(file), "user/max_%s_namespaces", name);
	if (ct__sysctl_number(file, &limit) < 0)
		return false;
	return ct__because(ret_why,
		"end containers, raise user.max_*_namespaces in the outer user namespaces, or start further out",
		"either the limit on namespaces is reached (user.max_%s_namespaces=%" PRIu64
		" here, in an outer user namespace perhaps less), or they are nested more than 32 deep",
		name, limit);
}

static bool kind_is_missing(const struct asked *asked, struct ct__why *ret_why)
{
	for (size_t i = 0; i < CT__NS_KIND_COUNT; i++) {
		const struct ct__ns_kind *kind = &ct__ns_kinds[i];
		char path[64], cure[128];

		snprintf(path, sizeof(path), "/proc/thread-self/ns/%s", kind->name);
		if (!(asked->kinds & kind->kind) || access("/proc/thread-self/ns", F_OK) < 0 ||
			access(path, F_OK) == 0)
			continue;
		snprintf(cure, sizeof(cure),
			"use a kernel from Linux %s on that is built with %s namespaces",
			kind->since, kind->name);
		return ct__because(ret_why, cure,
			"the kernel has no %s namespaces: there is no /proc/self/ns/%s", kind->name,
			kind->name);
	}
	return false;
}

/* What explains an errno; the first that fits wins: the certain before the possible. */
static const struct {
	int code;
	bool (*forbids)(const struct asked *asked, struct ct__why *ret_why);
} causes[] = {
	{EPERM, chroot_forbids},
	{EPERM, ids_forbid},
	{EPERM, needs_a_right},
	{EPERM, userns_clone_forbids},
	{EPERM, apparmor_forbids},
	{EPERM, filter_forbids},
	{EPERM, something_unseen},
	{EACCES, apparmor_forbids},
	{EACCES, filter_forbids},
	{EACCES, module_or_cgroup},
	{ENOSYS, filter_forbids},
	{ENOSPC, limit_is_zero},
	{ENOSPC, limit_or_depth},
	{EUSERS, limit_or_depth},
	{EINVAL, kind_is_missing},
};

bool ct__why_namespaces(uint32_t kinds, int code, struct ct__why *ret_why)
{
	struct asked asked = {.kinds = kinds, .code = code};

	ct__caller_look(&asked.caller);
	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++)
		if (causes[i].code == -code && causes[i].forbids(&asked, ret_why))
			return true;
	return false;
}

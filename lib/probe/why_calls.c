/* SPDX-License-Identifier: MIT */
/*
 * Why a kernel call was refused; see why.h. Each is made with arguments that cannot succeed:
 * one that is not there says ENOSYS, one that an outer container's filter refuses mostly
 * EPERM, and one that is there complains about its arguments, whatever the caller may do.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/nsfs.h"
#include "why.h"

#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

const struct ct__call_row ct__calls[CALL_COUNT] = {
	[CALL_CLONE3] = {"clone3", "5.3", SYS_clone3, {0}},			/* no size */
	[CALL_PIDFD_OPEN] = {"pidfd_open", "5.3", SYS_pidfd_open, {0}},		/* no pid */
	[CALL_PIDFD_GETFD] = {"pidfd_getfd", "5.6", SYS_pidfd_getfd, {-1, -1}}, /* no pidfd */
	[CALL_CLOSE_RANGE] = {"close_range", "5.9", SYS_close_range, {1, 0}}, /* first after last */
	[CALL_OPENAT2] = {"openat2", "5.6", SYS_openat2, {-1}},		      /* no size */
	[CALL_OPEN_TREE] = {"open_tree", "5.2", SYS_open_tree, {-1, 0, -1}},  /* no such flags */
	[CALL_MOUNT_SETATTR] = {"mount_setattr", "5.12", SYS_mount_setattr, {-1}}, /* no size */
	[CALL_SECCOMP] = {"seccomp", "3.17", SYS_seccomp, {-1}}, /* no operation */
	[CALL_SETNS] = {"setns", "5.8", SYS_setns, {-1}},	 /* no descriptor */
	[CALL_LISTNS] = {"listns", "6.19", CT__SYS_LISTNS, {0}}, /* no request */
};

int ct__call_ask(enum ct__call call)
{
	const long *args = ct__calls[call].args;

	return syscall(ct__calls[call].number, args[0], args[1], args[2], args[3], args[4]) < 0
		       ? -errno
		       : 0;
}

void ct__why_refused(const char *name, const char *since, int code, struct ct__why *ret_why)
{
	struct ct__caller caller;
	char cure[128];

	if (code == -EPERM && ct__why_filter(code, ret_why))
		return;
	ct__caller_look(&caller);
	snprintf(cure, sizeof(cure), "use Linux %s or later%s", since,
		caller.filtered ? ", and a seccomp profile of the outer container that allows it"
				: "");
	ct__because(ret_why, cure, "%s: %s%s", name, strerrordesc_np(-code),
		caller.filtered ? "; the kernel lacks it, or an outer seccomp filter refuses it"
				: "");
}

bool ct__why_call(const char *name, int code, struct ct__why *ret_why)
{
	if (code != -ENOSYS && code != -EPERM)
		return false;
	for (int i = 0; i < CALL_COUNT; i++) {
		if (strcmp(ct__calls[i].name, name) != 0)
			continue;
		if (ct__call_ask((enum ct__call)i) != code)
			return false;
		if (code == -EPERM)
			return ct__why_filter(code, ret_why);
		ct__why_refused(name, ct__calls[i].since, code, ret_why);
		return true;
	}
	return false;
}

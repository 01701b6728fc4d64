/* SPDX-License-Identifier: MIT */
/* The kinds of namespace: one table for all that handles them. */
#ifndef CT_UTIL_NS_KINDS_H
#define CT_UTIL_NS_KINDS_H

#include <stdint.h>

#include <container/spec.h>

struct ct__ns_kind {
	uint32_t kind;	  /* CT_NS_*, the kernel's CLONE_NEW* */
	const char *name; /* its file in /proc/PID/ns */
};

/* In the order in which a process joins them: user first, it gives the rights for the others. */
static const struct ct__ns_kind ct__ns_kinds[] = {
	{CT_NS_USER, "user"}, {CT_NS_MNT, "mnt"},	{CT_NS_UTS, "uts"},   {CT_NS_IPC, "ipc"},
	{CT_NS_NET, "net"},   {CT_NS_CGROUP, "cgroup"}, {CT_NS_TIME, "time"}, {CT_NS_PID, "pid"},
};

#define CT__NS_KIND_COUNT (sizeof(ct__ns_kinds) / sizeof(ct__ns_kinds[0]))

#endif

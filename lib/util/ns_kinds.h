/* SPDX-License-Identifier: MIT */
/* The kinds of namespace: one table for all that handles them. */
#ifndef CT_UTIL_NS_KINDS_H
#define CT_UTIL_NS_KINDS_H

#include <stdint.h>

#include <container/spec.h>

struct ct__ns_kind {
	uint32_t kind;		  /* CT_NS_*, the kernel's CLONE_NEW* */
	const char *name;	  /* its file in /proc/PID/ns */
	const char *for_children; /* the file for the next children, where they may differ; else NULL */
	const char *since;	  /* the first kernel that has it */
	uint32_t initial;	  /* inode number of the one that the system starts with, the same everywhere */
};

/* In the order in which a process joins them: user first, it gives the rights for the others. */
static const struct ct__ns_kind ct__ns_kinds[] = {
	{CT_NS_USER, "user", NULL, "3.8", 0xeffffffdu},
	{CT_NS_MNT, "mnt", NULL, "2.4.19", 0xeffffff8u},
	{CT_NS_UTS, "uts", NULL, "2.6.19", 0xeffffffeu},
	{CT_NS_IPC, "ipc", NULL, "2.6.19", 0xefffffffu},
	{CT_NS_NET, "net", NULL, "2.6.29", 0xeffffff9u},
	{CT_NS_CGROUP, "cgroup", NULL, "4.6", 0xeffffffbu},
	{CT_NS_TIME, "time", "time_for_children", "5.6", 0xeffffffau},
	{CT_NS_PID, "pid", "pid_for_children", "2.6.24", 0xeffffffcu},
};

#define CT__NS_KIND_COUNT (sizeof(ct__ns_kinds) / sizeof(ct__ns_kinds[0]))

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Reading the texts of /proc. Pure: no file is touched. What they are given may be
 * hostile, for a process chooses its own name and a mount its own path.
 */
#ifndef CT_UTIL_PROC_TEXT_H
#define CT_UTIL_PROC_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Room for a command: 15 bytes of a process, up to 63 of a kernel thread. */
#define CT__COMMAND_SIZE 64

/* A thread of the kernel, without memory of its own: PF_KTHREAD, since Linux 2.6.27. */
#define CT__KERNEL_THREAD UINT64_C(0x00200000)

/* The part of /proc/PID/stat that is of use. */
struct ct__proc_stat {
	pid_t pid;
	char command[CT__COMMAND_SIZE]; /* any bytes but NUL: spaces, parentheses, newlines */
	char state;			/* 'R', 'S', 'Z' ... */
	pid_t parent;
	uint64_t flags;	      /* the kernel's PF_*: CT__KERNEL_THREAD */
	uint64_t start_ticks; /* since boot; with the pid it tells a process from its successor */
};

/* Reads what /proc/PID/stat said. 0, or -EINVAL; then ret_stat is as it was. */
int ct__parse_stat(const char *text, size_t size, struct ct__proc_stat *ret_stat);

/* One line of mountinfo; the strings point into the line. */
struct ct__mount_line {
	uint64_t id, parent;
	const char *root;    /* what of the filesystem is mounted: "/", "net:[4026532000]" */
	const char *point;   /* where, as seen from the root of the process */
	const char *type;    /* "nsfs" */
	const char *options; /* of the filesystem: "rw,hidepid=invisible" */
};

/*
 * Splits a line of mountinfo, ended by NUL, in place; \040 and its like are decoded.
 * 0, or -EINVAL; the line is spoilt either way.
 */
int ct__parse_mount_line(char *line, struct ct__mount_line *ret_line);

/* The value of a mount option in "rw,hidepid=2"; false if it is not there. A flag's value is "". */
bool ct__mount_option(const char *options, const char *name, char *ret_value, size_t size);

/* "mnt:[4026531832]": which kind (CT_NS_*) and which inode. 0 or -EINVAL. */
int ct__parse_ns_name(const char *text, uint32_t *ret_kind, uint64_t *ret_id);

/* The name of a directory of /proc as a pid; 0 if it is none. */
pid_t ct__parse_pid(const char *name);

/*
 * The pid in what /proc/self/fdinfo says about a pidfd: it counts in the pid namespace of
 * that /proc. 0: no pidfd, or its process has ended, or is not in there.
 */
pid_t ct__parse_pidfd_info(const char *text);

#endif

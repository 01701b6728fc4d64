/* SPDX-License-Identifier: MIT */
/*
 * A scope of systemd's that is delegated to us, and the process that keeps it: systemd makes a
 * scope for processes that there are, and removes it when the last is gone. The keeper is a stage
 * that is never given a plan. It lives as long as the plan of the groups, or the host.
 */
#ifndef CT_CGROUP_SCOPE_H
#define CT_CGROUP_SCOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <container/error.h>

struct ct__scope {
	pid_t pid;  /* 0: there is no scope */
	int pidfd;  /* owned */
	int socket; /* owned; its end is the end of the process */
	pid_t host; /* whose child it is */
	char name[120];
};

/* Below a scope of v2: where its keeper goes, as no cgroup passes controllers on that has processes. */
#define CT__SCOPE_KEEPER "keeper"

/* Asks for a scope whose name begins so, and waits until its keeper is in there. bus: "" for that of the caller. */
int ct__scope_make(int proc, const char *bus, const char *prefix, struct ct__scope *ret_scope, ct_error *err);

/* Ends the keeper. Does nothing if there is no scope. */
void ct__scope_release(struct ct__scope *scope);

/* Whether this is the path of the scope. Beside v1, systemd makes it in some hierarchies and not in others. */
bool ct__scope_is(const struct ct__scope *scope, const char *path);

/* Moves the keeper out of the way in the scope that is open in v2: 0 or a negative errno. */
int ct__scope_clear(const struct ct__scope *scope, int dir);

/* systemd.c: has a scope of this name made for a process: 0, or a negative errno and why. */
int ct__systemd_start_scope(const char *bus, const char *name, pid_t pid, char *ret_why, size_t size);

#endif

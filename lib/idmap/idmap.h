/* SPDX-License-Identifier: MIT */
/*
 * Id maps: which ids of the caller's user namespace are which in a new one, where they
 * come from, and how they get there. For lib/spawn and lib/rootfs.
 */
#ifndef CT_IDMAP_IDMAP_H
#define CT_IDMAP_IDMAP_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <container/error.h>

#include "util/array.h"
#include "util/colon_text.h"
#include "util/proc_status.h"

struct ct__trace;

#define CT__IDMAP_RANGES 340 /* the kernel's limit for one map */

/* Zeroed, it is empty. Free what it holds with ct__idmap_done(). */
struct ct__idmap {
	ct__array uids, gids;	     /* struct ct__id_range; no two overlap */
	bool deny_setgroups;	     /* the kernel wants it before it takes the gids */
	bool helps_uids, helps_gids; /* it takes them from newuidmap, newgidmap alone */
};

/* map.c */

void ct__idmap_done(struct ct__idmap *map);

/* Appends a range to one of the two arrays. 0 or -ENOMEM. */
int ct__idmap_add(ct__array *ranges, uint32_t inside, uint32_t outside, uint32_t count);

/* Copies ranges, struct ct__id_range. 0 or -ENOMEM, then nothing is held. */
int ct__idmap_copy(const ct__array *ranges, ct__array *ret_ranges);

/*
 * 0 inside is the caller alone, as user and as group, where the map says nothing of one of
 * them. 0 or -ENOMEM.
 */
int ct__idmap_default_own(struct ct__idmap *map);

/*
 * Decides, by the rights that the calling thread has now, how the map is to be written:
 * deny_setgroups and what follows it. Call it when the ranges are complete.
 */
void ct__idmap_decide(struct ct__idmap *map);

/*
 * Parts ranges so that the ids of each are in one range of the caller's own map, or in none: the
 * kernel takes no other. 0 or -ENOMEM, then nothing is held.
 */
int ct__idmap_part(const ct__array *ranges, const ct__array *own, ct__array *ret_ranges);

/* The same for a whole map, with the map of the caller's user namespace. 0 or -ENOMEM. */
int ct__idmap_fit(struct ct__idmap *map);

/* The id inside that is root: 0 if it is mapped, else the first that is. */
uint32_t ct__idmap_root(const ct__array *ranges);

/* How many ids are mapped. */
uint64_t ct__idmap_size(const ct__array *ranges);

/* Leaves the first count ids alone; false if there are fewer, then all are left. */
bool ct__idmap_trim(ct__array *ranges, uint64_t count);

/* Whether the calling thread has a capability in effect. */
bool ct__has_cap(int cap);

/* subids.c */

/* Is given each line of a file; a negative errno, which is ENOMEM, ends the reading. */
typedef int (*ct__idmap_line_fn)(const struct ct__colon_line *line, void *data);

/* Reads /etc/passwd or its like; without the file there are no lines. 0 or a negative errno. */
int ct__idmap_each_line(const char *path, ct__idmap_line_fn fn, void *data, ct_error *err);

/*
 * Whom the calling thread may map without any right: 0 inside is its own user (and group),
 * from 1 on follow the user's subordinate ids in the order of /etc/subuid and /etc/subgid.
 * Decided. -ENOENT: the user has none. On failure nothing is held.
 */
int ct__idmap_of_caller(struct ct__idmap *ret_map, ct_error *err);

/* The same without the caller himself: 0 inside is a subordinate id, too. */
int ct__idmap_of_subids(struct ct__idmap *ret_map, ct_error *err);

/* The caller's ranges of /etc/subuid or /etc/subgid alone, from 0 inside on. -ENOENT: there are none. */
int ct__idmap_ranges_in(const char *path, ct__array *ret_ranges, ct_error *err);

/* write.c */

/*
 * Writes a map that is decided for a process that waits in a new user namespace: by the
 * calling thread where the kernel takes it from there, else through newuidmap and
 * newgidmap. pidfd is that of the process, a child that is not reaped. trace may be NULL.
 */
int ct__idmap_write(
	const struct ct__idmap *map, pid_t pid, int pidfd, struct ct__trace *trace, ct_error *err);

/* helper.c */

#define CT__IDMAP_HELPER_PATH 64

/* Where newuidmap (or newgidmap) is, if it is what it should be and would give the caller rights. */
int ct__idmap_find_helper(const char *helper, char ret_path[CT__IDMAP_HELPER_PATH], ct_error *err);

/* Has newuidmap (or newgidmap) write these ranges for a process. */
int ct__idmap_help(const char *helper, const ct__array *ranges, pid_t pid, struct ct__trace *trace,
	ct_error *err);

/* userns.c */

/* A process that does nothing but be in a user namespace, and so keeps it and its map. */
struct ct__userns {
	pid_t pid;
	int pidfd;  /* owned */
	int socket; /* owned; its end is the end of the process */
	pid_t host; /* whose child it is */
};

#define CT__USERNS_NONE                           \
	{                                         \
		.pidfd = -EBADF, .socket = -EBADF \
	}

/*
 * Makes a user namespace with a map that is decided; raises_caps: its process has all
 * rights in there. Release it with ct__userns_release().
 */
int ct__userns_hold(const struct ct__idmap *map, bool raises_caps, struct ct__userns *ret_userns,
	ct_error *err);

/* Ends the process and reaps it; in a forked copy of the host, which is not its parent, only closes. */
void ct__userns_release(struct ct__userns *userns);

/* A descriptor of a new user namespace with a map that is decided; nothing else is left of its making. */
int ct__userns_make(const struct ct__idmap *map, int *ret_fd, ct_error *err);

/* free_range.c */

/*
 * 0 inside up to count are ids that are nobody's; the same numbers for users and groups. The
 * caller needs CAP_SETUID and CAP_SETGID. The holder keeps the range for the caller until it
 * is released, or for as long as a container has the map. -ENOSPC: there is no such range.
 */
int ct__idmap_take_free(
	uint32_t count, struct ct__idmap *ret_map, struct ct__userns *ret_holder, ct_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What a process is, as far as a library could change it: taken before and
 * after a call, and compared. A snapshot is lines of text, so that a
 * difference reads by itself.
 */
#ifndef TEST_SNAPSHOT_H
#define TEST_SNAPSHOT_H

#include <stddef.h>
#include <sys/types.h>

/* Parts that a call is allowed to change while its result is alive. */
#define SNAPSHOT_DESCRIPTORS (1u << 0)
#define SNAPSHOT_CHILDREN    (1u << 1)
#define SNAPSHOT_ENDED	     (1u << 2) /* usage and pending signals of children that ended */
/* The same in one direction: none that was there before is another one now. */
#define SNAPSHOT_MORE_DESCRIPTORS  (1u << 3) /* new ones, all of them close-on-exec */
#define SNAPSHOT_FEWER_DESCRIPTORS (1u << 4)
#define SNAPSHOT_MORE_CHILDREN	   (1u << 5)
#define SNAPSHOT_FEWER_CHILDREN	   (1u << 6)

struct snapshot;

/* Never fails: a fact that cannot be read says so in its line. Free with snapshot_free(). */
struct snapshot *snapshot_take(void);

void snapshot_free(struct snapshot *snapshot);

/*
 * The lines that differ, "-" before and "+" after, leaving out the parts named by
 * allowed; NULL when nothing does. The text is static and holds until the next call.
 */
const char *snapshot_difference(const struct snapshot *before, const struct snapshot *after,
	unsigned int allowed);

/*
 * Makes a thread and lets it end: libc takes signals of its own with the first one, which is
 * not to be seen as a change later.
 */
void touch_threads(void);

/*
 * Waits until this process has no other thread: one that has been joined is still there for a
 * moment. Gives up where there is one that does not end; the snapshot then shows it.
 */
void await_lone_thread(void);

/* How many processes, ended ones included, are children of this process. */
int count_children(void);

/* The pid of a child that has not ended and has this name (NULL: any); 0 if there is none. */
pid_t find_child(const char *name);

/* How many descriptors this process has open, the one used for counting left out. */
int count_descriptors(void);

/* How many mounts this process sees. */
int count_mounts(void);

#endif

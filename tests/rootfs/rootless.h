/* SPDX-License-Identifier: MIT */
/*
 * What the tests of extraction without root share: an ordinary user, an archive with every
 * kind of entry, and what becomes of each kind.
 */
#ifndef TEST_ROOTLESS_H
#define TEST_ROOTLESS_H

#include <stdint.h>
#include <sys/stat.h>

#include <container/rootfs.h>

#include "tar_builder.h"

/* The start of every record's name. */
#define RECORD "user.containers.override_"

/* For main(): root, in a mount namespace of its own with an /etc that knows the user; or 77. */
void need_users(void);

/* What the user of a test has. */
#define WITH_IDS     (1u << 0) /* subordinate ids, in /etc/subuid and /etc/subgid */
#define NO_NEWUIDMAP (1u << 1) /* newuidmap is no program */
#define AS_ROOT	     (1u << 2) /* root of a user namespace in which there is no other id */

/*
 * Calls fn in a child that is an ordinary user, who owns box.dir. The child fails the test
 * unless fn returns with the descriptors and children that it began with.
 */
void as_user(unsigned int what, void (*fn)(void));

/* An entry of the archive, and what becomes of it. */
struct kind {
	const char *name;
	char type;
	unsigned int mode, uid, gid;
	const char *link;
	unsigned int major, minor;
	const char *record; /* what it says where everything is recorded; NULL: it has no place */
};

/* Ends with a row without a name. */
extern const struct kind kinds[];

/* All of them; "bin/ping" has a file capability, "marked" the attribute trusted.mark. */
void tar_every_kind(struct tar *tar);

/* Ends the archive, extracts it to box.dir/name and frees it; the error is in extract_err. */
extern ct_error extract_err;
extern ct_extract_stats extract_stats;
int extract_to(const char *name, struct tar *tar, uint32_t flags);
void extracts(const char *name, struct tar *tar, uint32_t flags);

/* An entry, by its name in the table, below box.dir/name. */
const char *path_of(const char *name, const char *entry);
struct stat look_at(const char *path);

/* The text of an attribute; static; NULL: it has none. */
const char *xattr_of(const char *path, const char *key);

/* Fails unless the tree is what root makes of the archive by CT_EXTRACT_TRUSTED. */
void is_real(const char *name);

/* Fails unless everything belongs to the caller and is recorded. */
void is_recorded(const char *name);

/* All kinds in box.dir/recorded, by a user without ids. */
void record_every_kind(void);

/* Extracts box.dir/packed.tar to box.dir/name. */
void extract_packed_to(const char *name, uint32_t flags);

/* The id outside for one inside of the user's map. */
uint32_t mapped(uint32_t id);

/* How many entries of the tree have a record of any kind. */
int count_records(const char *name);

#endif

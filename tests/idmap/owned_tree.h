/* SPDX-License-Identifier: MIT */
/* For tests of id-mapped mounts: the root of the box with files of several owners. */
#ifndef TEST_OWNED_TREE_H
#define TEST_OWNED_TREE_H

#include "support/box.h"

/* Ends the program with its reason where nothing can be mapped. */
void need_mapped_owners(void);

/* Files of three owners, whose ids on disk are `base` more than the archive's. */
void make_tree(uid_t base);

/* A shell in a container whose ids 0 to 65535 are those from `outside` on. */
ct_spec *ranged(const char *script, uint32_t outside);

/* A file of the tree has these owners on disk. */
void expect_owner(const char *name, uid_t uid, gid_t gid);

/* A command for a container, and what it says where the owners are the archive's. */
#define OWNERS "stat -c '%u:%g %n' / /etc/of-root /etc/of-user /etc/of-nobody"
#define ARCHIVES_OWNERS \
	"0:0 /\n0:0 /etc/of-root\n1000:1001 /etc/of-user\n65534:65534 /etc/of-nobody\n"

#endif

/* SPDX-License-Identifier: MIT */
/* A filesystem whose server answers for its root, and for no name below it, ever. */
#ifndef CT_TESTS_FUSE_H
#define CT_TESTS_FUSE_H

#include <sys/types.h>

/* Mounts it on the directory; its server, a child; or a negative errno: it cannot be done here. */
pid_t fuse_mount(const char *dir);

/* Who asked is let go; takes the mount away. */
void fuse_end(pid_t server, const char *dir);

#endif

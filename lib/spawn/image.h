/* SPDX-License-Identifier: MIT */
/* Images as roots: mounts that are attached nowhere. Private to lib/spawn. */
#ifndef CT_SPAWN_IMAGE_H
#define CT_SPAWN_IMAGE_H

#include <container/error.h>

struct ct__trace;

/* "squashfs": the format of the image that fd is in; NULL: it is in none. */
const char *ct__image_type(int fd);

/*
 * Where the kernel clones no detached mount: one more of the image that fd is in; a descriptor, or a
 * negative errno and the call that gave it.
 */
int ct__image_mount(int fd, ct_step step, struct ct__trace *trace, const char **ret_call);

#endif

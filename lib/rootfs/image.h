/* SPDX-License-Identifier: MIT */
/* What other rooms have to know of images. Private to the library. */
#ifndef CT_ROOTFS_IMAGE_H
#define CT_ROOTFS_IMAGE_H

#include <container/rootfs.h>

/* The file of an image as people know it, for words alone; NULL: the root filesystem is a directory. */
const char *ct__rootfs_image(const ct_rootfs *rootfs);

#endif

/* SPDX-License-Identifier: MIT */
/* The stage as the library carries it: the bytes of a static program, in two builds. */
#ifndef CT_STAGE_IMAGE_H
#define CT_STAGE_IMAGE_H

#include <stddef.h>

extern const unsigned char ct__stage_image[];
extern const size_t ct__stage_image_size;

/* The one that tells the host of its kernel calls: explain mode. */
extern const unsigned char ct__traced_stage_image[];
extern const size_t ct__traced_stage_image_size;

#endif

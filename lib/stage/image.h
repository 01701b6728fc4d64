/* SPDX-License-Identifier: MIT */
/* The stage as the library carries it: the bytes of a static program. */
#ifndef CT_STAGE_IMAGE_H
#define CT_STAGE_IMAGE_H

#include <stddef.h>

extern const unsigned char ct__stage_image[];
extern const size_t ct__stage_image_size;

#endif

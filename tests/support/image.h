/* SPDX-License-Identifier: MIT */
/* Images of squashfs and erofs, and the loop devices that they take. */
#ifndef TEST_IMAGE_H
#define TEST_IMAGE_H

#include <stdbool.h>
#include <sys/types.h>

/* An erofs, made without any tool, with /dev, /proc and /sys, which are empty; 0, or -1. */
int write_image(const char *path);

/* How many loop devices are files of this directory. */
int count_loops(const char *dir);

/* The same once none is left, for which the kernel takes its own time, or after so many milliseconds. */
int await_no_loops(const char *dir, int most_ms);

/* How a tree is made an image, and where a number is in that which no kernel takes as 99. */
struct image_format {
	const char *type, *tool, *command;
	off_t wrong_at;
};
#define IMAGE_FORMATS 2

/* For main(): how many of the formats this machine can make and mount, the first of the table
 * then; else ends with 77 and the reason. */
extern struct image_format image_formats[IMAGE_FORMATS];
int need_image_formats(void);

/* 0, or how the tool has failed. */
int pack_image(const struct image_format *format, const char *tree, const char *path);

/* Whether this process may mount one, and the kernel can. */
bool can_mount_images(void);

#endif

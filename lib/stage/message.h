/* SPDX-License-Identifier: MIT */
/* The kernel's layout of a message with descriptors; libc's headers cannot be used here. */
#ifndef CT_STAGE_MESSAGE_H
#define CT_STAGE_MESSAGE_H

#include <linux/uio.h>
#include <stddef.h>

struct message {
	void *name;
	int name_size;
	struct iovec *parts;
	size_t part_count;
	void *control;
	size_t control_size;
	unsigned int flags;
};

struct control_header {
	size_t size;
	int level;
	int type;
};

#endif

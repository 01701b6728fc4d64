/* SPDX-License-Identifier: MIT */
/*
 * What a payload sees, as lines that are the same for two containers which are isolated alike:
 * mounts, namespaces, rights, filter, descriptors, signals, devices, what is masked.
 */
#ifndef TEST_SEEN_H
#define TEST_SEEN_H

#include <stdbool.h>
#include <stddef.h>

#define SEEN_MOST 512

/* For a shell in the root of box.h: prints it. */
extern const char seen_script[];

struct seen {
	char *line[SEEN_MOST];
	size_t count;
};

/* Reads what the script prints, up to its last line; numbers of things that are new in each are taken out. */
void seen_read(int fd, struct seen *seen);

/* Fails the test unless both are the same, and are not nothing. */
void seen_expect_same(const struct seen *one, const struct seen *other);

/* How many lines begin so. */
size_t seen_lines(const struct seen *seen, const char *with);

void seen_forget(struct seen *seen);

#endif

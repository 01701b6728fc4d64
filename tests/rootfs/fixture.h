/* SPDX-License-Identifier: MIT */
/*
 * What every test of this room stands on: a directory of its own, a canary
 * tree that nothing may touch, and a count of open descriptors and leftovers.
 */
#ifndef TEST_ROOTFS_FIXTURE_H
#define TEST_ROOTFS_FIXTURE_H

#include <check.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include <container/rootfs.h>

#include "tar_builder.h"

struct fixture {
	char dir[256];	  /* the directory of this test */
	char dest[300];	  /* where archives go: not there yet */
	char canary[300]; /* a tree outside of dest */
	uint64_t canary_digest;
	int descriptors;
	struct tar tar; /* freed by the fixture */
	ct_extract_options options;
	ct_error err;
};

extern struct fixture fx;

void fixture_setup(void);
/* Fails where the canary changed, a descriptor leaked or anything lies beside dest. */
void fixture_teardown(void);

/* Ends fx.tar and extracts it from memory to fx.dest by fx.options; the handle is freed. */
int extract(void);
/* As above, and asserts the outcome: refused with code and step, nothing at the destination. */
void extract_is_refused(int code, int step);
void extract_succeeds(void);
/* Nothing at dest, nothing beside it. */
void assert_nothing_left(void);

/* Below dest; the path is a single static buffer. */
const char *below(const char *path);
struct stat stat_of(const char *path);
bool exists(const char *path);
void assert_content(const char *path, const char *content);
void assert_link(const char *path, const char *target);

/* A digest of names, modes, owners, times, content and xattrs below path. */
uint64_t digest_of(const char *path);
int count_descriptors(void);
/* Entries of a directory, without "." and "..". */
int count_entries(const char *path);
/* Runs a command line in the shell, silently; its exit status. */
int shell(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Runs the suite: tests under the fixture. Returns main()'s result. */
int run_suite(Suite *suite);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Sentences that hold for some who run the tests and not for others: root of a user
 * namespace has every capability, and still no right over what belongs to the machine. What
 * cannot hold is said to be skipped, with the reason, and is not run.
 */
#ifndef TEST_NEEDS_H
#define TEST_NEEDS_H

#include <check.h>
#include <stdbool.h>
#include <stdint.h>

/* Whether this process is in the first user namespace, where root owns the machine. */
bool in_first_user_ns(void);

/* Says that the sentence is skipped because what it does is left to root of that namespace. */
void skip_for_first_root(const char *sentence, const char *what);

/* Ends the program with 77 and the reason where all of its sentences are left to that root. */
void need_first_root(const char *what);

/* Adds the sentence where it can hold. what: the deed that is left to that root. */
void add_for_first_root(TCase *tcase, const TTest *test, const char *what);

/* The same for a sentence with count values; those in the bits of mask are left to that root. */
void add_values_for_first_root(
	TCase *tcase, const TTest *test, int count, uint32_t mask, const char *what);

/* Whether the filesystem of a path takes id-mapped mounts from this process. */
bool can_map_ids(const char *path);

/* Whether a cgroup can be made here; it is removed again. need_cgroup() ends with 77 otherwise. */
bool can_make_cgroup(void);
void need_cgroup(void);

/* Adds the sentence with its values where one can be made. */
void add_for_cgroups(TCase *tcase, const TTest *test, int count);

#endif

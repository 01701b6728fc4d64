/* SPDX-License-Identifier: MIT */
/*
 * For tests of what blocks containers: a child in a world of its own, and what the probe and a
 * start say there.
 */
#ifndef TEST_BLOCKED_H
#define TEST_BLOCKED_H

#include "support/box.h"

#include <container/probe.h>

#define SOMEBODY 54321 /* an ordinary user */

/* Runs one block in a child, which fails the test by itself. */
void in_child(void (*block)(void));

void own_mounts(void);
void become_ordinary(void);

/* Writes to a file that is there. */
void put(const char *path, const char *text);

/* Root of a user namespace of its own, as an ordinary user makes it, and of new ones of these kinds. */
void become_mapped_root(int kinds);

/* A fact; looked for once, and again after look_again(), for when something has changed. */
ct_probe_info fact_now(int fact);
void look_again(void);

/* The probe says of a fact that it lacks, with these words of reason and cure. */
void expect_lack(int fact, const char *reason, const char *cure);

/* A start with new user and other namespaces fails, and says so. */
void expect_refusal(int step, int code, const char *reason, const char *cure);

/* The control: without the block the same start works. */
void expect_start(void);

#endif

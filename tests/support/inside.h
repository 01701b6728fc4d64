/* SPDX-License-Identifier: MIT */
/* The library used inside of a container: the test itself goes in. */
#ifndef TEST_INSIDE_H
#define TEST_INSIDE_H

#include "support/box.h"

/* A container to go into: it pauses, and sees the directory of the test under its own name. */
ct_spec *outer_spec(void);

/*
 * Starts it, frees the spec, and runs body in a process of this program that is in all its
 * namespaces, as their root; fails the test if body fails. The container ends then.
 */
void inside(ct_spec *outer, void (*body)(void));

#endif

/* SPDX-License-Identifier: MIT */
/* What the tests of terminals share: containers that have one, and somebody at it. */
#ifndef TEST_TERMINAL_H
#define TEST_TERMINAL_H

#include "support/box.h"

/* A shell script in a container with a terminal of 31 rows and 117 columns. */
ct_spec *typed_spec(const char *script);
#define TYPED(script) typed_spec(script)

/* The same without a root filesystem. */
ct_spec *typed_visitor(const char *script);

/* Starts it and takes its terminal. */
ct_container *start_typed(ct_spec *spec, int *ret_terminal);

/* Types on a terminal. */
void type(int terminal, const char *text);

/*
 * What is shown on it up to this text, which must come; or up to the end. Static: holds until the
 * next call.
 */
const char *shown_until(int terminal, const char *text);
const char *shown_to_the_end(int terminal);

/* All that one use of a spec shows, which is freed; the container must exit with 0. */
const char *shown_by(ct_spec *spec);

/* Waits until a program of this name is a child of the container's process. */
void wait_for_child(ct_container *container, const char *name);

/* Waits for a child that no handle knows any more. */
void expect_reaped(int pidfd);

#endif

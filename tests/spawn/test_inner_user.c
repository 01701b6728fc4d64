/* SPDX-License-Identifier: MIT */
/* The sentences of test_inner.c for an ordinary user, whose outer container has a user namespace. */
#define AS_USER true
#include "test_inner.c" // NOLINT: the same program

/* SPDX-License-Identifier: MIT */
/* The sentences of test_terminal.c for an ordinary user. */
#define AS_USER true
#include "test_terminal.c" // NOLINT: the same program

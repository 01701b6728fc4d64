/* SPDX-License-Identifier: MIT */
/* The sentences of test_notify.c for an ordinary user, who answers the calls of his own containers. */
#define AS_USER true
#include "test_notify.c" // NOLINT: the same program

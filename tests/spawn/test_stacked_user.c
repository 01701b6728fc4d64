/* SPDX-License-Identifier: MIT */
/* The sentences of test_stacked.c for an ordinary user; root has stacked the overlays for him. */
#define AS_USER true
#include "test_stacked.c" // NOLINT: the same program

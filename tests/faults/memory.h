/* SPDX-License-Identifier: MIT */
/* Allocations of this program that fail on demand. */
#ifndef TEST_FAULTS_MEMORY_H
#define TEST_FAULTS_MEMORY_H

#include <stdbool.h>

/* The allocation that finds 1 in *at fails; each takes 1 away. 0: none fails. NULL: the same. */
void memory_fails(volatile unsigned int *at);

/* Whether they can be made to fail in this build. */
bool memory_can_fail(void);

#endif

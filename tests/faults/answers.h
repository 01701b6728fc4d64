/* SPDX-License-Identifier: MIT */
/* Whether the error that a call has returned is that of the call that failed. */
#ifndef TEST_FAULTS_ANSWERS_H
#define TEST_FAULTS_ANSWERS_H

#include "tracer.h"

/*
 * What is wrong with it, in words that hold until the next call; NULL: nothing. hit: the call
 * that failed; NULL: an allocation did.
 */
const char *answer_wrong(const struct page *page, const struct hit *hit);

/* Whether there is a good reason for what the subject has found wrong. */
bool answer_allowed(const struct page *page, const struct hit *hit);

#endif

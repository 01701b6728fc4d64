/* SPDX-License-Identifier: MIT */
/* A callback that keeps what explain mode told, and questions to what it kept. */
#ifndef TEST_RECORDER_H
#define TEST_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <container/spec.h>
#include <container/trace.h>

struct told {
	int32_t who, pid, step;
	int64_t result;
	uint64_t at_ns, took_ns;
	char call[32], arguments[1024], object[256], shell[1024];
};

/* What was told so far, in this order; of this thread alone. */
extern __thread struct told *told;
extern __thread size_t told_count;

/* Has a spec tell; checks each event on its way. Forgets what was told before. */
void listen_to(ct_spec *spec);
void forget_all(void);

/* The first event from this one on with this call, or NULL. */
const struct told *next_call(const struct told *from, const char *call);

/* Fails the test at the first line in which two texts differ. */
void expect_same_lines(const char *got, const char *want);

/* The first event with a shell command that begins so; fails the test if there is none. */
const struct told *shell_of(const char *begin);

#endif

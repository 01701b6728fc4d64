/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the intruder share. An attempt returns above 0 if it got through, 0 if it
 * was held; what it found it says on stdout.
 */
#ifndef TEST_ATTACKS_INTRUDER_H
#define TEST_ATTACKS_INTRUDER_H

#include <stdbool.h>
#include <stddef.h>

struct word {
	const char *name;
	int (*call)(char **args); /* args end with NULL */
};

/* Each ends with a row without name. */
extern const struct word file_words[], kernel_words[], process_words[], mount_words[];

/* Ends the program: what it needs is not here. */
_Noreturn void absent(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What the host has told of itself under a name; ends the program if it has not. */
const char *told(const char *name);

/* "what: EPERM" for the errno at hand. */
void say_error(const char *what);

/* Whether the host's secret is below an open directory, "." or "..", however far up. */
bool secret_is_below(int dir);

#endif

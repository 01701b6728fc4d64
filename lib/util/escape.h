/* SPDX-License-Identifier: MIT */
/* Putting names that may be hostile into texts: for people, and for programs. Pure. */
#ifndef CT_UTIL_ESCAPE_H
#define CT_UTIL_ESCAPE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Copies bytes so that they cannot disturb a terminal: control characters, the backslash
 * and what is no UTF-8 become \xNN. size: at least 5; what does not fit ends in "...".
 */
void ct__escape(char *to, size_t size, const char *from);

/* A string of JSON; NULL: null. Bytes that are no UTF-8 become U+FFFD, one for each. */
void ct__json_string(FILE *out, const char *text);

/* A member of an object that is not its first: ,"key":"text" */
void ct__json_text(FILE *out, const char *key, const char *text);

#endif

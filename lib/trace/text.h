/* SPDX-License-Identifier: MIT */
/* Building a text in a buffer of fixed size: what does not fit is cut and ends in "...". */
#ifndef CT_TRACE_TEXT_H
#define CT_TRACE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct text {
	char *bytes; /* always a string */
	size_t size; /* of the buffer; over 8 */
	size_t used;
	bool cut;
};

#define TEXT_IN(array) ((struct text){(array), sizeof(array), 0, false})

void ct__text_clear(struct text *text);

void ct__text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Bytes that could disturb a terminal or a log, and this quote (0: none), become \xNN. */
void ct__text_escaped(struct text *text, const char *bytes, size_t size, char quote);

/* A word for the shell, in single quotes if it needs them. */
void ct__text_word(struct text *text, const char *word);

#endif

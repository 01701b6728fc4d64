/* SPDX-License-Identifier: MIT */
/* Texts of explain mode. Pure: allocates nothing. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

#define MARK	  "..."
#define MARK_SIZE sizeof(MARK)

void ct__text_clear(struct text *text)
{
	text->used = 0;
	text->cut = false;
	text->bytes[0] = '\0';
}

/* The whole of it or, with the mark, nothing more at all: a word is never torn within an escape. */
static void append(struct text *text, const char *bytes, size_t size)
{
	if (text->cut)
		return;
	if (text->used + size + MARK_SIZE > text->size) {
		memcpy(text->bytes + text->used, MARK, MARK_SIZE);
		text->used += MARK_SIZE - 1;
		text->cut = true;
		return;
	}
	memcpy(text->bytes + text->used, bytes, size);
	text->used += size;
	text->bytes[text->used] = '\0';
}

void ct__text_add(struct text *text, const char *format, ...)
{
	char part[512];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(part, sizeof(part), format, args);
	va_end(args);
	if (length >= (int)sizeof(part)) {
		append(text, part, sizeof(part) - 1);
		append(text, part, text->size); /* never fits: leaves the mark */
	} else if (length > 0) {
		append(text, part, (size_t)length);
	}
}

void ct__text_escaped(struct text *text, const char *bytes, size_t size, char quote)
{
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (c < 0x20 || c == 0x7f || c == '\\' || (quote && bytes[i] == quote))
			ct__text_add(text, "\\x%02x", c);
		else
			append(text, bytes + i, 1);
	}
}

static bool is_plain(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "%+,-./:=@_";

	return *word && strspn(word, plain) == strlen(word);
}

static bool has_control(const char *word)
{
	for (; *word; word++)
		if ((unsigned char)*word < 0x20 || *word == 0x7f)
			return true;
	return false;
}

/* $'...' knows \xNN and \\ as we write them; within '...' a quote is closed, escaped, opened. */
void ct__text_word(struct text *text, const char *word)
{
	if (is_plain(word)) {
		append(text, word, strlen(word));
		return;
	}
	if (has_control(word)) {
		append(text, "$'", 2);
		ct__text_escaped(text, word, strlen(word), '\'');
		append(text, "'", 1);
		return;
	}
	append(text, "'", 1);
	for (; *word; word++) {
		if (*word == '\'')
			append(text, "'\\''", 4);
		else
			append(text, word, 1);
	}
	append(text, "'", 1);
}

/* SPDX-License-Identifier: MIT */
/* Strings and memory for a program without libc. Pure. */
#include "stage.h"

/* The compiler calls these two by name. */
void *memcpy(void *to, const void *from, size_t size)
{
	char *t = to;
	const char *f = from;

	while (size--)
		*t++ = *f++;
	return to;
}

void *memset(void *to, int byte, size_t size)
{
	char *t = to;

	while (size--)
		*t++ = (char)byte;
	return to;
}

size_t text_length(const char *text)
{
	size_t length = 0;

	while (text[length])
		length++;
	return length;
}

int text_equal(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

int text_starts(const char *text, const char *with)
{
	while (*with && *text == *with) {
		text++;
		with++;
	}
	return !*with;
}

void text_append(char *to, size_t size, const char *text)
{
	size_t used = text_length(to);

	while (*text && used + 1 < size)
		to[used++] = *text++;
	to[used] = '\0';
}

void text_append_number(char *to, size_t size, uint64_t number)
{
	char digits[21];
	size_t at = sizeof(digits) - 1;

	digits[at] = '\0';
	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	text_append(to, size, digits + at);
}

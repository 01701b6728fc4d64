/* SPDX-License-Identifier: MIT */
/*
 * What the fuzz targets share: taking decisions from an input, a place in which nothing can be
 * hurt, and saying that a promise is broken. How to run and add targets: README.md.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What libFuzzer, or replay.c, calls. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * The rest of an input. One that has ended goes on as it likes, but each time the same, so that
 * even a short one means something.
 */
struct input {
	const uint8_t *at, *end;
	uint64_t next;
};

struct input input_of(const uint8_t *data, size_t size);

uint8_t take_byte(struct input *input);

/* Below bound, which is at least 1. */
uint32_t take_below(struct input *input, uint32_t bound);

/* Any number, and often one at the edge of a type. */
uint64_t take_number(struct input *input);

/* One of the words. */
const char *take_word(struct input *input, const char *const *words, size_t count);
#define TAKE_WORD(input, words) take_word(input, words, sizeof(words) / sizeof((words)[0]))

/* The whole rest as a string of its own, in which a byte too far is noticed. Free it. */
char *take_text(struct input *input);

/* Ends the program, with the sentence, unless it holds. */
void must(bool holds, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Makes all that the program sees read-only but its working directory and SCRATCH, an empty
 * filesystem in memory. In namespaces of its own; ends with 77 where there can be none.
 */
void enter_sandbox(void);
#define SCRATCH "/sys" /* is on every machine, and no target needs what was there */

#endif

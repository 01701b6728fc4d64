/* SPDX-License-Identifier: MIT */
/* What the intruder and those who start it have agreed upon. */
#ifndef TEST_ATTACKS_WORDS_H
#define TEST_ATTACKS_WORDS_H

/* Exit codes, none of which a crash or a shell gives. */
#define EXIT_HELD    41
#define EXIT_THROUGH 42
#define EXIT_ABSENT  43

/* What the intruder is told of the host: lines "name=value". */
#define TOLD_FILE "/etc/told"

#endif

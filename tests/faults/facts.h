/* SPDX-License-Identifier: MIT */
/*
 * What came of a call, as lines of text: of a payload what it tells of its world, of a tree
 * its entries. A call that succeeds although something has failed is right only if it tells
 * the same as one for which nothing has.
 */
#ifndef TEST_FAULTS_FACTS_H
#define TEST_FAULTS_FACTS_H

#include <stddef.h>

/* Takes out of the probe's facts what is another one each time: numbers of namespaces and pipes. */
void facts_steady(char *facts, size_t size);

/* The first line of the reference that is not in the facts; NULL: there is none. Static. */
const char *facts_missing(const char *facts, const char *reference);

/* Keeps of the facts the lines that are in the others as well. */
void facts_common(char *facts, const char *others);

#endif

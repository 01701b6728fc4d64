/* SPDX-License-Identifier: MIT */
/* Which system calls are made to fail, and with what: a table. */
#ifndef TEST_FAULTS_CALLS_H
#define TEST_FAULTS_CALLS_H

#include <stdbool.h>

#define FAULT_ERRORS 8

struct fault_call {
	long number;
	const char *name;
	int errors[FAULT_ERRORS]; /* 0 after the last */
	bool is_made;		  /* it does its work all the same: close() */
};

/* The row of a call; one that has none gets errors that any call may have. Static. */
const struct fault_call *fault_call_of(long number);

/* The calls that a kernel may lack, one after the other; NULL after the last. */
const struct fault_call *fault_newer(int index);

/* How many errors it has; 0: it cannot fail, or its failing would be no fault of anybody. */
int fault_count(const struct fault_call *call);

#endif

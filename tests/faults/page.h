/* SPDX-License-Identifier: MIT */
/*
 * What the driver and its subject have in common: one page of shared memory. The subject is
 * the host of a scenario, a process of its own that the driver traces. It comes to a halt at
 * each place of enum place, where the driver reads and writes the page.
 */
#ifndef TEST_FAULTS_PAGE_H
#define TEST_FAULTS_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include <container/error.h>

#define PAGE_FD	    3	    /* the subject finds the page here */
#define PLACE_SIGNAL SIGUSR2 /* by which it comes to a halt; never delivered */

/* How a subject ends that cannot make its scenario here; the reason is in the page. */
#define SUBJECT_SKIPS 77

/* What is wrong with an end for which a keeper may have good reason. */
#define PAYLOAD_KILLED "the payload was killed"

enum place {
	PLACE_NONE,
	PLACE_ORDER,   /* between two rounds: waits for an order */
	PLACE_CALLS,   /* from here on the library is called */
	PLACE_NOTHING, /* from here on it is not, or not to be disturbed */
};

struct page {
	/* The order for one round. */
	uint32_t allocation; /* which one fails, from 1 on; 0: none */
	uint32_t lasting;    /* the payload runs until it is killed: nothing is compared */
	uint32_t is_rough;   /* from the start: nothing is compared, ever */
	uint32_t is_over;    /* no round: the subject is to end */

	/* What the subject tells. */
	volatile uint32_t place;
	volatile uint32_t own; /* it makes calls of its own among those of the library */
	volatile uint32_t failed_allocation;
	int32_t code;	   /* of the scenario: 0, or the negative errno of the call that failed */
	char doing[40];	   /* which call that was */
	char wrong[400];   /* an answer that is wrong in itself; "": none */
	char residue[400]; /* what is left; "": nothing */
	ct_error err;
};

#endif

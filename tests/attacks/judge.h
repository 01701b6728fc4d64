/* SPDX-License-Identifier: MIT */
/* One run of an attack, in a process of its own, with a fresh box. */
#ifndef TEST_ATTACKS_JUDGE_H
#define TEST_ATTACKS_JUDGE_H

#include "attacks/attacks.h"

/* How it has ended, and what is to be said of it. */
struct record {
	enum verdict verdict;
	char words[1024];
};

/*
 * Runs an attack in a role, against the library or against the control. What was left behind, or
 * a run that did not come to its end, is SHOWS_NOTHING; a change of the host's tree is THROUGH.
 */
struct record judge(const struct attack *attack, enum role role, bool guarded);

/* Whether a harmless container can be started in a role, in a cgroup or not; HELD if it can. */
struct record judge_role(enum role role, bool with_cgroup);

/* The strongest there is: who a control is run as. */
enum role strongest_role(void);

const char *role_name(enum role role);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Runs the attacks of the tables, each first against something unprotected, and says how each
 * has ended.
 *
 * Usage: test_attacks [--long] [--verbose] [--backwards] [ID...]
 *
 *   --long       more rounds of each loop
 *   --verbose    what each run has said
 *   --backwards  the controls take the place of the library: everything must get through. That
 *                is how the suite itself is tested
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "attacks/judge.h"
#include "support/needs.h"

int attack_effort = 1;

static bool verbose, backwards;
static struct {
	unsigned int tried, stopped, escaped, absent, uncontrolled;
} sums;

/* Why a role cannot be taken here, or has no cgroup; empty if it can. */
static char no_role[ROLE_COUNT][1024], no_cgroup[ROLE_COUNT][1024];

static const struct attack *const tables[] = {ct_attacks_inside, ct_attacks_interfaces,
	ct_attacks_setup, ct_attacks_races, ct_attacks_joins, ct_attacks_callers,
	ct_attacks_archives, ct_attacks_running, ct_attacks_records, ct_attacks_landlock};

/* ----------------------------------------------------------------- reporting */

static void say_skipped(const struct attack *attack, const char *role, const char *why)
{
	sums.absent++;
	printf("  skipped  %s %s (%s): %s\n", attack->id, attack->sentence, role, why);
}

static void say_tried(
	const struct attack *attack, const char *role, const char *how, const char *control)
{
	sums.tried++;
	printf("%s  %-8s  %s (%s); control: %s\n", attack->id, how, attack->sentence, role,
		control);
}

static void say_words(const char *which, const struct record *record)
{
	if (record->words[0])
		printf("          %s: %s\n", which, record->words);
}

/* -------------------------------------------------------------------- trying */

#define CREATE_RULESET 444

/* What this kernel's landlock lacks for it; NULL if nothing. */
static const char *landlock_obstacle(const struct attack *attack)
{
	static char text[80];
	int abi = (int)syscall(CREATE_RULESET, NULL, 0, 1);

	if (!attack->landlock || abi >= attack->landlock)
		return NULL;
	snprintf(text, sizeof(text), "landlock has ABI %d here, and it takes %d", abi < 0 ? 0 : abi,
		attack->landlock);
	return text;
}

/* What stands against trying it in this role; NULL if nothing. */
static const char *obstacle(const struct attack *attack, enum role role)
{
	if (no_role[role][0])
		return no_role[role];
	if (attack->flags & CONTROL_NEEDS_ROOT && (geteuid() != 0 || !in_first_user_ns()))
		return "its control is left to root of the first user namespace";
	if (attack->flags & NEEDS_CGROUP && no_cgroup[role][0])
		return no_cgroup[role];
	return landlock_obstacle(attack);
}

/* Who a control is run as. */
static enum role control_role(const struct attack *attack, enum role role)
{
	return attack->flags & CONTROL_IN_ROLE ? role : strongest_role();
}

static void judge_guarded(const struct attack *attack, enum role role, const struct record *control)
{
	struct record guarded = backwards ? judge(attack, control_role(attack, role), false)
					  : judge(attack, role, true);

	if (guarded.verdict == THROUGH) {
		sums.escaped++;
		say_tried(attack, role_name(role), "ESCAPED", "works");
	} else if (guarded.verdict == SHOWS_NOTHING) {
		sums.uncontrolled++;
		say_tried(attack, role_name(role), "UNKNOWN", "works, but the attack did not run");
	} else {
		/* What it needs is not there, and it was for the control: that is what held. */
		sums.stopped++;
		say_tried(attack, role_name(role), "stopped", "works");
	}
	if (verbose)
		say_words("control", control);
	if (verbose || guarded.verdict == THROUGH || guarded.verdict == SHOWS_NOTHING)
		say_words("attack", &guarded);
}

static void try_in_role(const struct attack *attack, enum role role, const struct record *control)
{
	const char *why = obstacle(attack, role);

	if (why) {
		say_skipped(attack, role_name(role), why);
	} else if (control->verdict == ABSENT) {
		say_skipped(attack, role_name(role), control->words);
	} else if (control->verdict != THROUGH) {
		sums.uncontrolled++;
		say_tried(attack, role_name(role), "UNKNOWN", "DOES NOT WORK");
		say_words("control", control);
	} else {
		judge_guarded(attack, role, control);
	}
	fflush(stdout);
}

static void try_attack(const struct attack *attack)
{
	struct record control = {0};
	bool known = false;

	for (enum role role = 0; role < ROLE_COUNT; role++) {
		if (!(attack->roles >> role & 1))
			continue;
		/* Root's roles do not exist for others, and are not a lack. */
		if (geteuid() != 0 && BY_ROOT >> role & 1)
			continue;
		if (!obstacle(attack, role) && (!known || attack->flags & CONTROL_IN_ROLE)) {
			control = judge(attack, control_role(attack, role), false);
			known = true;
		}
		try_in_role(attack, role, &control);
	}
}

static bool is_wanted(const struct attack *attack, char **ids)
{
	if (!*ids)
		return true;
	for (; *ids; ids++)
		if (strcmp(*ids, attack->id) == 0)
			return true;
	return false;
}

static void look_at_roles(void)
{
	for (enum role role = 0; role < ROLE_COUNT; role++) {
		struct record record;

		if (geteuid() != 0 && BY_ROOT >> role & 1)
			continue;
		record = judge_role(role, false);
		/* The first one there must be: where no container starts nothing has been shown. */
		if (record.verdict != HELD && role == strongest_role()) {
			printf("no container can be started: %s\n", record.words);
			exit(EXIT_FAILURE);
		}
		if (record.verdict != HELD)
			snprintf(no_role[role], sizeof(no_role[role]),
				"no container in this role: %.900s", record.words);
		record = judge_role(role, true);
		if (record.verdict != HELD)
			snprintf(no_cgroup[role], sizeof(no_cgroup[role]),
				"no cgroup in this role: %.900s", record.words);
	}
}

int main(int argc, char **argv)
{
	int next = 1;

	for (; next < argc && argv[next][0] == '-'; next++)
		if (strcmp(argv[next], "--long") == 0)
			attack_effort = 10;
		else if (strcmp(argv[next], "--verbose") == 0)
			verbose = true;
		else if (strcmp(argv[next], "--backwards") == 0)
			backwards = true;
		else
			return fprintf(stderr, "there is no option %s\n", argv[next]), 2;
	if (geteuid() == 0)
		need_root();
	else
		need_user();
	look_at_roles();
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct attack *attack = tables[i]; attack->id; attack++)
			if (is_wanted(attack, argv + next))
				try_attack(attack);
	printf("attacks: %u tried, %u stopped, %u escaped, %u not applicable, %u without a working control\n",
		sums.tried, sums.stopped, sums.escaped, sums.absent, sums.uncontrolled);
	return sums.escaped || sums.uncontrolled || !sums.tried ? EXIT_FAILURE : EXIT_SUCCESS;
}

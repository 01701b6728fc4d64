/* SPDX-License-Identifier: MIT */
/*
 * Has each system call and each allocation of the library fail once with each plausible error,
 * and looks whether the answer is right, anything is left, and the next call works. How, and
 * what counts as right: README.md.
 *
 * Usage: faults SUBJECT [--stride N] [--verbose] [SCENARIO...]
 */
#include <errno.h>
#include <ftw.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "answers.h"
#include "tracer.h"

#define SURVIVAL_MS 1000
#define MAX_ROLES   8

static const char *program;
static unsigned int stride = 1;
static bool verbose;
static struct {
	unsigned int injected, wrong, residues, hangs, skipped;
} sums;

/* The scenario at hand. */
static const char *name;
static char dir[64];
static struct subject subject;
static bool is_running;

/* ------------------------------------------------------------------- the report */

static void report(const char *verdict, const struct aim *aim, const char *what)
{
	const struct hit *hit = &subject.hit;

	if (aim->deed == DEED_MEMORY)
		printf("%s: %s, host, allocation %u: %s\n", verdict, name, aim->index + 1, what);
	else if (aim->deed == DEED_LACK)
		printf("%s: %s, all, each %s, ENOSYS: %s\n", verdict, name, hit->call->name, what);
	else
		printf("%s: %s, %s %d, call %u %s, %s: %s\n", verdict, name, who_name(hit->who),
			aim->role, aim->index, hit->call ? hit->call->name : "?",
			strerrorname_np(hit->error), what);
	fflush(stdout);
}

/* What is wrong with the answer; NULL: nothing. */
static const char *wrong_answer(const struct aim *aim)
{
	const struct page *page = subject.page;

	if (page->wrong[0])
		return aim->deed == DEED_FAIL && answer_allowed(page, &subject.hit) ? NULL : page->wrong;
	if (page->code >= 0)
		return NULL;
	return answer_wrong(page, aim->deed == DEED_MEMORY ? NULL : &subject.hit);
}

static void tell_answer(const struct aim *aim)
{
	char text[1400];
	const struct page *page = subject.page;

	if (page->code < 0)
		snprintf(text, sizeof(text), "%s gives %s, step %s, call %s: %s", page->doing,
			strerrorname_np(-page->code), ct_step_name(page->err.step), page->err.call,
			page->err.sentence);
	else
		snprintf(text, sizeof(text), "it succeeds");
	report("  told", aim, text);
}

static void judge(const struct aim *aim, enum outcome outcome)
{
	const struct tracee *survivor;
	const char *why;
	char text[128];

	sums.injected++;
	if (outcome == ROUND_HANG) {
		sums.hangs++;
		report("hang", aim, "no answer in time");
		return;
	}
	if (outcome == ROUND_DIED) {
		sums.wrong++;
		snprintf(text, sizeof(text), "the host has ended, status %x", (unsigned int)subject.status);
		report("wrong", aim, text);
		return;
	}
	if (verbose)
		tell_answer(aim);
	why = wrong_answer(aim);
	if (why) {
		sums.wrong++;
		report("wrong", aim, why);
	}
	survivor = subject_survivor(&subject, SURVIVAL_MS);
	if (survivor || subject.page->residue[0]) {
		sums.residues++;
		snprintf(text, sizeof(text), "a process stays: %s",
			survivor ? who_name(survivor->who) : "");
		report("residue", aim, survivor ? text : subject.page->residue);
	}
}

/* ------------------------------------------------------------------- the rounds */

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *walk)
{
	(void)stat;
	(void)type;
	(void)walk;
	return remove(path);
}

static void stop(void)
{
	if (is_running)
		subject_end(&subject);
	is_running = false;
	if (dir[0])
		nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	dir[0] = '\0';
}

/* Whether there is a subject that waits for an order. */
static bool start(void)
{
	const char *temp = getenv("TMPDIR");

	if (is_running)
		return true;
	snprintf(dir, sizeof(dir), "%s/ct-faults.XXXXXX", temp ? temp : "/tmp");
	/* A container's root, who may be nobody outside, passes through. */
	if (!mkdtemp(dir) || chmod(dir, 0755) < 0)
		return false;
	is_running = true;
	return subject_start(&subject, program, name, dir) == ROUND_DONE;
}

static bool is_fit(enum outcome outcome)
{
	return outcome == ROUND_DONE && !subject.page->residue[0] && !subject.page->wrong[0];
}

/* One point; the subject is another one afterwards where something was wrong. */
static bool do_point(const struct aim *aim)
{
	enum outcome outcome;

	if (!start())
		return false;
	outcome = subject_round(&subject, aim);
	if (aim->deed == DEED_MEMORY ? subject.page->failed_allocation != 0 || outcome != ROUND_DONE :
				       subject.hit.reached)
		judge(aim, outcome);
	if (!is_fit(outcome))
		stop();
	return true;
}

/* The calls of a role, in order, in a round in which nothing fails. */
static int count_calls(int role, long *ret_calls)
{
	const struct aim aim = {.deed = DEED_NONE, .role = role};
	struct tracee *t;

	if (!start() || !is_fit(subject_round(&subject, &aim))) {
		report("wrong", &aim, subject.page->wrong);
		report("residue", &aim, subject.page->residue);
		sums.wrong++;
		stop();
		return -1;
	}
	if (role >= subject.count)
		return -1;
	t = &subject.tracees[role];
	memcpy(ret_calls, subject.seen, sizeof(subject.seen));
	return (int)(t->calls < MAX_CALLS ? t->calls : MAX_CALLS);
}

static bool is_chosen(void)
{
	static unsigned int points;

	return points++ % stride == 0;
}

static void fail_calls(void)
{
	static long calls[MAX_CALLS];

	for (int role = 0; role < MAX_ROLES; role++) {
		int count = count_calls(role, calls);

		for (int i = 0; i < count; i++) {
			int errors = fault_count(fault_call_of(calls[i]));

			for (int choice = 0; choice < errors; choice++) {
				const struct aim aim = {.deed = DEED_FAIL,
					.role = role,
					.index = (unsigned int)i,
					.choice = choice};

				if (is_chosen() && !do_point(&aim))
					return;
			}
		}
	}
}

/* As on a kernel that has no such call. */
static void lack_calls(void)
{
	const struct fault_call *call;

	for (int i = 0; (call = fault_newer(i)) != NULL; i++) {
		const struct aim aim = {.deed = DEED_LACK, .number = call->number};

		if (is_chosen() && !do_point(&aim))
			return;
	}
}

/* Until there is none of that number. */
static void fail_allocations(void)
{
	for (unsigned int i = 0; i < 100000; i++) {
		const struct aim aim = {.deed = DEED_MEMORY, .index = i};
		unsigned int before = sums.injected;

		if (!is_chosen())
			continue;
		if (!do_point(&aim) || sums.injected == before)
			return;
	}
}

static void do_scenario(const char *scenario)
{
	name = scenario;
	if (start()) {
		unsigned int before = sums.injected;

		fail_calls();
		lack_calls();
		fail_allocations();
		printf("%s: %u\n", name, sums.injected - before);
	} else if (WIFEXITED(subject.status) && WEXITSTATUS(subject.status) == SUBJECT_SKIPS) {
		printf("skipped: %s: %s\n", name, subject.page->wrong);
		sums.skipped++;
	} else {
		printf("wrong: %s: it does not begin, status %x\n", name, (unsigned int)subject.status);
		sums.wrong++;
	}
	stop();
}

static void do_all(void)
{
	char command[4096], names[32][64];
	int count = 0;
	FILE *list;

	snprintf(command, sizeof(command), "'%s' --list", program);
	list = popen(command, "re");
	while (list && count < 32 && fgets(names[count], sizeof(names[count]), list)) {
		names[count][strcspn(names[count], "\n")] = '\0';
		count++;
	}
	if (list)
		pclose(list);
	for (int i = 0; i < count; i++)
		do_scenario(names[i]);
}

/* ------------------------------------------------------------------------- main */

static int usage(void)
{
	fprintf(stderr, "usage: faults SUBJECT [--stride N] [--verbose] [SCENARIO...]\n");
	return 2;
}

int main(int argc, char **argv)
{
	int at = 2;

	if (argc < 2)
		return usage();
	program = argv[1];
	for (; at < argc && argv[at][0] == '-'; at++) {
		if (strcmp(argv[at], "--verbose") == 0)
			verbose = true;
		else if (strcmp(argv[at], "--stride") == 0 && at + 1 < argc && atoi(argv[at + 1]) > 0)
			stride = (unsigned int)atoi(argv[++at]);
		else
			return usage();
	}
	/* What others mount meanwhile is not to be taken for left behind. */
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		tracer_begin() < 0) {
		printf("no mount namespace can be made: %s\n", strerror(errno));
		return 77;
	}
	if (at < argc)
		for (; at < argc; at++)
			do_scenario(argv[at]);
	else
		do_all();
	printf("faults: %u injected, %u wrong answers, %u residues, %u hangs\n", sums.injected,
		sums.wrong, sums.residues, sums.hangs);
	return sums.injected == 0 || sums.wrong || sums.residues || sums.hangs;
}

/* SPDX-License-Identifier: MIT */
/*
 * Has each system call and each allocation of the library fail once with each plausible error,
 * and looks whether the answer is right, anything is left, and the next call works. How, and
 * what counts as right: README.md.
 *
 * Usage: faults SUBJECT [--stride N] [--verbose] [SCENARIO...]
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "answers.h"
#include "driver.h"

#define SURVIVAL_MS 1000
#define MAX_ROLES   8

static struct {
	unsigned int injected, wrong, residues, hangs;
} sums;

/* ------------------------------------------------------------------- the report */

static void report(const char *verdict, const struct aim *aim, const char *what)
{
	const struct hit *hit = &driver.subject.hit;

	if (aim->deed == DEED_MEMORY)
		printf("%s: %s, host, allocation %u: %s\n", verdict, driver.name, aim->index + 1, what);
	else if (aim->deed == DEED_LACK)
		printf("%s: %s, all, each %s, ENOSYS: %s\n", verdict, driver.name, hit->call->name, what);
	else
		printf("%s: %s, %s %d, call %u %s, %s: %s\n", verdict, driver.name, who_name(hit->who),
			aim->role, aim->index, hit->call ? hit->call->name : "?",
			strerrorname_np(hit->error), what);
	fflush(stdout);
}

/* What is wrong with the answer; NULL: nothing. */
static const char *wrong_answer(const struct aim *aim)
{
	const struct page *page = driver.subject.page;

	if (page->wrong[0])
		return aim->deed == DEED_FAIL && answer_allowed(page, &driver.subject.hit) ? NULL : page->wrong;
	if (page->code >= 0)
		return NULL;
	return answer_wrong(page, aim->deed == DEED_MEMORY ? NULL : &driver.subject.hit);
}

static void tell_answer(const struct aim *aim)
{
	char text[1400];
	const struct page *page = driver.subject.page;

	if (page->code < 0)
		snprintf(text, sizeof(text), "%s gives %s, step %s, call %s: %s", page->doing,
			strerrorname_np(-page->code), ct_step_name(page->err.step), page->err.call,
			page->err.sentence);
	else
		snprintf(text, sizeof(text), "it succeeds");
	report("  told", aim, text);
}

/*
 * Who ends the process where there is no memory, which nobody outside of it can prevent. The library's own
 * code never does.
 */
static const struct {
	const char *scenario;
	int code, signal; /* how the process ends */
	const char *what;
} enders[] = {
	/* __archive_errx() */
	{"extract", 1, 0, "libarchive ends the process where it has no memory for a name"},
	/* lex_scan_string() of jansson 2.14 reads on behind text that it could not keep, up to an assert() */
	{"configuration", 0, SIGABRT, "jansson ends the process where it has no memory for a string"},
	{"configuration", 0, SIGSEGV, "jansson ends the process where it has no memory for a string"},
};

/* NULL: it was none of them. */
static const char *ended_by_others(void)
{
	int status = driver.subject.status;

	for (size_t i = 0; i < sizeof(enders) / sizeof(enders[0]); i++)
		if (strcmp(driver.name, enders[i].scenario) == 0 &&
			(enders[i].signal ? WIFSIGNALED(status) && WTERMSIG(status) == enders[i].signal :
					    WIFEXITED(status) && WEXITSTATUS(status) == enders[i].code))
			return enders[i].what;
	return NULL;
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
	if (outcome == ROUND_DIED && aim->deed == DEED_MEMORY && ended_by_others()) {
		report("known", aim, ended_by_others());
		return;
	}
	if (outcome == ROUND_DIED) {
		sums.wrong++;
		snprintf(text, sizeof(text), "the host has ended, status %x", (unsigned int)driver.subject.status);
		report("wrong", aim, text);
		return;
	}
	if (driver.verbose)
		tell_answer(aim);
	why = wrong_answer(aim);
	if (why) {
		sums.wrong++;
		report("wrong", aim, why);
	}
	survivor = subject_survivor(&driver.subject, SURVIVAL_MS);
	if (survivor || driver.subject.page->residue[0]) {
		sums.residues++;
		snprintf(text, sizeof(text), "a process stays: %s",
			survivor ? who_name(survivor->who) : "");
		report("residue", aim, survivor ? text : driver.subject.page->residue);
	}
}

/* ------------------------------------------------------------------- the rounds */

static bool is_fit(enum outcome outcome)
{
	return outcome == ROUND_DONE && !driver.subject.page->residue[0] && !driver.subject.page->wrong[0];
}

/* One point; the subject is another one afterwards where something was wrong. */
static bool do_point(const struct aim *aim)
{
	enum outcome outcome;

	if (!driver_start())
		return false;
	outcome = subject_round(&driver.subject, aim);
	if (aim->deed == DEED_MEMORY ? driver.subject.page->failed_allocation != 0 || outcome != ROUND_DONE :
				       driver.subject.hit.reached)
		judge(aim, outcome);
	if (!is_fit(outcome))
		driver_stop();
	return true;
}

static void fail_calls(void)
{
	static long calls[MAX_CALLS];

	for (int role = 0; role < MAX_ROLES; role++) {
		int count = driver_count(role, calls);

		for (int i = 0; i < count; i++) {
			int errors = driver_has_enough(calls, i) ? 0 : fault_count(fault_call_of(calls[i]));

			for (int choice = 0; choice < errors; choice++) {
				const struct aim aim = {.deed = DEED_FAIL,
					.role = role,
					.index = (unsigned int)i,
					.choice = choice};

				if (driver_chooses() && !do_point(&aim))
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

		if (driver_chooses() && !do_point(&aim))
			return;
	}
}

/* Until there is none of that number. */
static void fail_allocations(void)
{
	for (unsigned int i = 0; i < 100000; i++) {
		const struct aim aim = {.deed = DEED_MEMORY, .index = i};
		unsigned int before = sums.injected;

		if (!driver_chooses())
			continue;
		if (!do_point(&aim) || sums.injected == before)
			return;
	}
}

static void do_scenario(void)
{
	unsigned int before = sums.injected;

	fail_calls();
	lack_calls();
	fail_allocations();
	printf("%s: %u\n", driver.name, sums.injected - before);
}

int main(int argc, char **argv)
{
	int ret = driver_run(argc, argv, do_scenario);

	if (ret)
		return ret;
	sums.wrong += driver.wrong;
	printf("faults: %u injected, %u wrong answers, %u residues, %u hangs\n", sums.injected,
		sums.wrong, sums.residues, sums.hangs);
	return sums.injected == 0 || sums.wrong || sums.residues || sums.hangs;
}

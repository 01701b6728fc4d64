/* SPDX-License-Identifier: MIT */
/* See driver.h. */
#include "driver.h"

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

#define MAX_SCENARIOS 32

struct driver driver = {.stride = 1};

/* ------------------------------------------------------------------- the subject */

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *walk)
{
	(void)stat;
	(void)type;
	(void)walk;
	return remove(path);
}

bool driver_end(void)
{
	bool was_running = driver.is_running;

	driver.is_running = false;
	return !was_running || subject_end(&driver.subject);
}

void driver_stop(void)
{
	(void)driver_end();
	if (driver.dir[0])
		nftw(driver.dir, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	driver.dir[0] = '\0';
}

static bool begin(bool is_rough)
{
	const char *temp = getenv("TMPDIR");

	if (!driver.dir[0]) {
		snprintf(driver.dir, sizeof(driver.dir), "%s/ct-faults.XXXXXX", temp ? temp : "/tmp");
		/* A container's root, who may be nobody outside, passes through. */
		if (!mkdtemp(driver.dir) || chmod(driver.dir, 0755) < 0)
			return false;
	}
	driver.is_running = true;
	return subject_start(&driver.subject, driver.program, driver.name, driver.dir, is_rough) ==
	       ROUND_DONE;
}

bool driver_start(void)
{
	return driver.is_running || begin(false);
}

bool driver_start_rough(void)
{
	return driver.is_running || begin(true);
}

int driver_count(int role, long *ret_calls)
{
	const struct aim aim = {.deed = DEED_NONE, .role = role};
	struct subject *s = &driver.subject;
	unsigned int calls;

	if (!driver_start() || subject_round(s, &aim) != ROUND_DONE || s->page->wrong[0] ||
		s->page->residue[0]) {
		printf("wrong: %s, undisturbed: %s%s\n", driver.name, s->page->wrong, s->page->residue);
		driver.wrong++;
		driver_stop();
		return -1;
	}
	if (role >= s->count)
		return -1;
	calls = s->tracees[role].calls;
	memcpy(ret_calls, s->seen, sizeof(s->seen));
	return (int)(calls < MAX_CALLS ? calls : MAX_CALLS);
}

bool driver_chooses(void)
{
	static unsigned int points;

	return points++ % driver.stride == 0;
}

#define ENOUGH 40 /* calls of one kind in one role; then every so many-th */
#define THIN   29

bool driver_has_enough(const long *calls, int index)
{
	int same = 0;

	for (int i = 0; i < index; i++)
		same += calls[i] == calls[index];
	return same >= ENOUGH && same % THIN;
}

/* ----------------------------------------------------------------- the scenarios */

static void do_one(const char *name, void (*do_scenario)(void))
{
	int status;

	driver.name = name;
	if (driver_start()) {
		do_scenario();
	} else {
		status = driver.subject.status;
		if (WIFEXITED(status) && WEXITSTATUS(status) == SUBJECT_SKIPS) {
			printf("  skipped  %s: %s\n", name, driver.subject.page->wrong);
			driver.skipped++;
		} else {
			printf("wrong: %s: it does not begin, status %x\n", name, (unsigned int)status);
			driver.wrong++;
		}
	}
	driver_stop();
}

static int list_scenarios(char names[][64])
{
	char command[4096];
	int count = 0;
	FILE *list;

	snprintf(command, sizeof(command), "'%s' --list", driver.program);
	list = popen(command, "re");
	while (list && count < MAX_SCENARIOS && fgets(names[count], 64, list)) {
		names[count][strcspn(names[count], "\n")] = '\0';
		count++;
	}
	if (list)
		pclose(list);
	return count;
}

static int usage(const char *name)
{
	fprintf(stderr, "usage: %s SUBJECT [--stride N] [--random N] [--within MS] [--verbose] [SCENARIO...]\n", name);
	return 2;
}

int driver_run(int argc, char **argv, void (*do_scenario)(void))
{
	char names[MAX_SCENARIOS][64];
	int at = 2, count;

	if (argc < 2)
		return usage(argv[0]);
	driver.program = argv[1];
	for (; at < argc && argv[at][0] == '-'; at++) {
		if (strcmp(argv[at], "--verbose") == 0)
			driver.verbose = true;
		else if (strcmp(argv[at], "--stride") == 0 && at + 1 < argc && atoi(argv[at + 1]) > 0)
			driver.stride = (unsigned int)atoi(argv[++at]);
		else if (strcmp(argv[at], "--random") == 0 && at + 1 < argc && atoi(argv[at + 1]) > 0)
			driver.random = (unsigned int)atoi(argv[++at]);
		else if (strcmp(argv[at], "--within") == 0 && at + 1 < argc && atoi(argv[at + 1]) > 0)
			driver.within_ms = atoi(argv[++at]);
		else
			return usage(argv[0]);
	}
	/* What others mount meanwhile is not to be taken for left behind. */
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		tracer_begin() < 0) {
		printf("no mount namespace can be made: %s\n", strerror(errno));
		return 77;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	count = at < argc || driver.random ? 0 : list_scenarios(names);
	if (at == argc && driver.random)
		do_one("life", do_scenario);
	for (int i = 0; i < count; i++)
		do_one(names[i], do_scenario);
	for (; at < argc; at++)
		do_one(argv[at], do_scenario);
	return 0;
}

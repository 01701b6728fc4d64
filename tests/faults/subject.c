/* SPDX-License-Identifier: MIT */
/*
 * The host of one scenario: a process that links the library and does what a scenario says,
 * round by round, while the driver has calls fail. It says itself whether what came out is
 * right and whether anything is left; see README.md.
 *
 * Usage: subject --list | subject SCENARIO DIRECTORY, with the page as descriptor 3.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "facts.h"
#include "memory.h"
#include "page.h"
#include "scenarios.h"
#include "support/snapshot.h"

static struct page *page;
static struct scene scene;
static const struct scenario *scenario;
static struct snapshot *before;
static char reference[sizeof(scene.facts)]; /* the facts, of two rounds in which nothing failed */

/* ------------------------------------------------------------ with the driver */

/* Comes to a halt until the driver lets it go on. */
static void halt(enum place place)
{
	page->own = 1;
	memory_fails(NULL);
	page->place = place;
	syscall(SYS_tgkill, getpid(), gettid(), PLACE_SIGNAL);
	if (place == PLACE_CALLS) {
		memory_fails(&page->allocation);
		page->own = 0;
	}
}

void begin_own(void)
{
	page->own++;
	memory_fails(NULL);
}

void end_own(void)
{
	page->own--;
	if (page->place == PLACE_CALLS && !page->own)
		memory_fails(&page->allocation);
}

static void tell(char *to, size_t size, const char *what, const char *more)
{
	if (!to[0])
		snprintf(to, size, "%s%s%.*s", what, more ? ": " : "", (int)size - 64, more ? more : "");
	for (char *at = to; *at; at++)
		if (*at == '\n')
			*at = '|';
}

static void wrong(const char *what, const char *more)
{
	tell(page->wrong, sizeof(page->wrong), what, more);
}

static void residue(const char *what, const char *more)
{
	tell(page->residue, sizeof(page->residue), what, more);
}

static const char *missing_fact(void)
{
	return scene.lasting ? NULL : facts_missing(scene.facts, reference);
}

/* ------------------------------------------------------------------- a round */

/* What the library has made and not taken away: cgroups are named after their host. */
static bool has_cgroup_below(const char *dir, int depth)
{
	char path[PATH_MAX], part[32];
	DIR *stream = opendir(dir);
	bool found = false;

	snprintf(part, sizeof(part), "-%d-", getpid());
	for (struct dirent *entry = stream ? readdir(stream) : NULL; entry && !found;
		entry = readdir(stream)) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		found = strncmp(entry->d_name, "ct-", 3) == 0 && strstr(entry->d_name, part);
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		if (!found && depth)
			found = has_cgroup_below(path, depth - 1);
	}
	if (stream)
		closedir(stream);
	return found;
}

static int count_entries(const char *path)
{
	DIR *dir = opendir(path);
	int count = 0;

	while (dir && readdir(dir))
		count++;
	if (dir)
		closedir(dir);
	return count;
}

static void look_for_residues(int entries)
{
	struct snapshot *after = snapshot_take();
	const char *difference = snapshot_difference(before, after, SNAPSHOT_ENDED);

	if (difference)
		residue("the host", difference);
	if (scenario->left && scenario->left(&scene))
		residue("left", scenario->left(&scene));
	if (count_entries(scene.dir) != entries)
		residue("the directory", "another number of entries");
	if (has_cgroup_below("/sys/fs/cgroup", 3))
		residue("cgroup", "named after this host");
	snapshot_free(after);
}

static int call(void)
{
	scene.facts[0] = '\0';
	scene.err = (ct_error)CT_ERROR_INIT;
	scene.doing = "";
	scene.wrong = NULL;
	return scenario->call(&scene);
}

static void prepare(void)
{
	if (scenario->prepare && scenario->prepare(&scene) < 0)
		wrong("it cannot be prepared", scene.err.sentence);
}

/* The same again, undisturbed, with what is left of the first call: as if nothing had been. */
static void call_again(void)
{
	int code;

	prepare();
	code = call();
	if (code < 0)
		wrong("the next call fails", scene.err.sentence);
	else if (scene.wrong)
		wrong("the next call", scene.wrong);
	else if (missing_fact())
		wrong("the next call differs", missing_fact());
}

static void judge(int code)
{
	page->code = code;
	page->err = scene.err;
	snprintf(page->doing, sizeof(page->doing), "%s", scene.doing);
	if (scene.wrong)
		wrong(code < 0 ? "it fails" : "it succeeds", scene.wrong);
	if (code < 0)
		return;
	if (missing_fact())
		wrong("it succeeds, but this is missing", missing_fact());
}

static void do_round(int entries)
{
	int code;

	page->wrong[0] = page->residue[0] = '\0';
	scene.lasting = page->lasting;
	page->failed_allocation = page->allocation;
	prepare();
	halt(PLACE_CALLS);
	code = call();
	halt(PLACE_NOTHING);
	judge(code);
	if (before)
		call_again();
	halt(PLACE_CALLS);
	scenario->finish(&scene);
	halt(PLACE_NOTHING);
	/* What it counts down to: 0 if one failed. */
	page->failed_allocation = page->failed_allocation && !page->allocation;
	page->allocation = 0;
	if (before)
		look_for_residues(entries);
}

/* ------------------------------------------------------------------- its life */

static __attribute__((noreturn)) void skip(const char *why)
{
	snprintf(page->wrong, sizeof(page->wrong), "%s", why ? why : "no reason");
	_exit(SUBJECT_SKIPS);
}

/* Rounds that nothing disturbs: what is made once is made, and what is told is known. */
static int warm_up(void)
{
	int entries;

	for (int i = 0; i < 3; i++) {
		prepare();
		if (call() < 0)
			skip(scene.err.sentence);
		if (scene.wrong)
			skip(scene.wrong);
		if (i == 0)
			memcpy(reference, scene.facts, sizeof(reference));
		facts_common(reference, scene.facts);
		scenario->finish(&scene);
	}
	before = snapshot_take();
	snapshot_free(before);
	before = snapshot_take();
	entries = count_entries(scene.dir);
	return entries;
}

int main(int argc, char **argv)
{
	int entries;

	if (argc == 2 && strcmp(argv[1], "--list") == 0) {
		for (size_t i = 0; i + SCENARIOS_UNLISTED < scenario_count; i++)
			puts(scenarios[i].name);
		return 0;
	}
	if (argc != 3)
		return 2;
	page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED, PAGE_FD, 0);
	if (page == MAP_FAILED)
		return 2;
	close(PAGE_FD);
	page->own = 1;
	for (size_t i = 0; i < scenario_count; i++)
		if (strcmp(scenarios[i].name, argv[1]) == 0)
			scenario = &scenarios[i];
	snprintf(scene.dir, sizeof(scene.dir), "%s", argv[2]);
	if (!scenario)
		return 2;
	touch_threads();
	if (scenario->set_up(&scene) < 0)
		skip(scene.wrong ? scene.wrong : scene.err.sentence);
	entries = page->is_rough ? 0 : warm_up();
	for (;;) {
		halt(PLACE_ORDER);
		if (page->is_over)
			return 0;
		do_round(entries);
	}
}

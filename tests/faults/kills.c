/* SPDX-License-Identifier: MIT */
/*
 * Kills the host, and the processes that the library makes for it, at each of their system calls
 * and at random instants, and looks what is left. What counts as left: README.md.
 *
 * With --random so many instants of each scenario, or of "life", the whole of a container's, and nothing else.
 *
 * Usage: kills SUBJECT [--stride N] [--random N] [--within MS] [--verbose] [SCENARIO...]
 */
#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "driver.h"

#define MAX_ROLES   8
#define SURVIVAL_MS 1000 /* unless --within: far above what an end takes, as the machine may be busy */
#define RANDOM_EACH 25

static struct {
	unsigned int points, residues, running;
	long slowest_us;
} sums;

static void report(const struct aim *aim, const char *what)
{
	const struct hit *hit = &driver.subject.hit;

	sums.residues++;
	if (aim->deed == DEED_LATER)
		printf("residue: %s, host killed after %ld us: %s\n", driver.name, aim->delay_us, what);
	else
		printf("residue: %s, role %d killed at call %u %s of %s %d: %s\n", driver.name, aim->victim,
			aim->index, hit->call ? hit->call->name : "?", who_name(hit->who), aim->role, what);
}

/* ------------------------------------------------------------- what a host leaves */

/* An entry below dir whose name has this part; depth: so many directories further down. */
static bool has_entry(const char *dir, const char *part, int depth)
{
	char path[PATH_MAX];
	DIR *stream = opendir(dir);
	bool found = false;

	for (struct dirent *entry = stream ? readdir(stream) : NULL; entry && !found;
		entry = readdir(stream)) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		found = strstr(entry->d_name, part) != NULL;
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		if (!found && depth && entry->d_type == DT_DIR)
			found = has_entry(path, part, depth - 1);
	}
	if (stream)
		closedir(stream);
	return found;
}

static int count_mounts(void)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	int count = 0;

	for (int byte = file ? getc(file) : EOF; byte != EOF; byte = getc(file))
		count += byte == '\n';
	if (file)
		fclose(file);
	return count;
}

/* The next host goes through the scenario, undisturbed, and what the killed one left is gone. */
static void look_after(const struct aim *aim, pid_t killed, int mounts)
{
	const struct aim none = {.deed = DEED_MEMORY, .index = UINT_MAX - 1};
	char part[32];

	if (!driver_start_rough() || subject_round(&driver.subject, &none) != ROUND_DONE) {
		report(aim, "the next host does not come to its end");
		driver_stop();
		return;
	}
	if (driver.subject.page->code < 0)
		report(aim, driver.subject.page->err.sentence);
	snprintf(part, sizeof(part), "-%d-", killed);
	if (has_entry("/sys/fs/cgroup", part, 4))
		report(aim, "a cgroup stays although there was another start");
	if (has_entry(driver.dir, ".ct-", 0))
		report(aim, "a directory stays although there was another call");
	if (count_mounts() != mounts)
		report(aim, "there is another number of mounts");
}

static long now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000L + now.tv_nsec / 1000;
}

/* False: there is no such call any more. */
static bool kill_host(const struct aim *aim)
{
	const struct tracee *survivor;
	int mounts = count_mounts(), patience_ms = driver.within_ms ? driver.within_ms : SURVIVAL_MS;
	char text[64];
	long began;
	pid_t pid;

	if (!driver_start_rough())
		return false;
	pid = driver.subject.pid;
	if (subject_round(&driver.subject, aim) != ROUND_DIED)
		return aim->deed == DEED_LATER; /* it was through before */
	sums.points++;
	began = now_us();
	sums.running += subject_has_payload(&driver.subject);
	survivor = subject_survivor(&driver.subject, patience_ms);
	if (now_us() - began > sums.slowest_us)
		sums.slowest_us = now_us() - began;
	snprintf(text, sizeof(text), "a process lives on: %s", survivor ? who_name(survivor->who) : "");
	if (survivor)
		report(aim, text);
	if (!driver_end())
		report(aim, "a process lives on that the driver has not seen begin");
	look_after(aim, pid, mounts);
	return true;
}

/* ------------------------------------------------------- what the death of others does */

static void kill_other(const struct aim *aim)
{
	struct subject *s = &driver.subject;
	enum outcome outcome;
	const char *what = NULL;

	if (!driver_start())
		return;
	outcome = subject_round(s, aim);
	if (outcome == ROUND_DONE && !s->hit.killed)
		return;
	sums.points++;
	if (outcome == ROUND_HANG)
		what = "the host hangs";
	else if (outcome == ROUND_DIED)
		what = "the host has ended";
	else if (s->page->code < 0 && (s->page->err.code != s->page->code || !s->page->err.step))
		what = s->page->err.sentence[0] ? s->page->err.sentence : "the error has no step";
	else if (strncmp(s->page->wrong, "the next call", 13) == 0)
		what = s->page->wrong;
	else if (s->page->residue[0])
		what = s->page->residue;
	else if (subject_survivor(s, SURVIVAL_MS))
		what = "a process lives on";
	if (what)
		report(aim, what);
	if (driver.verbose && outcome == ROUND_DONE)
		printf("  told: %s, role %d killed at %u of %d: %s %s\n", driver.name, aim->victim,
			aim->index, aim->role, s->page->doing,
			s->page->code < 0 ? s->page->err.sentence : "succeeds");
	if (what)
		driver_stop();
}

/* -------------------------------------------------------------------- the points */

static void kill_others(int role, int count, const long *calls)
{
	for (int i = 0; i < count; i++)
		for (int victim = 1; victim <= 2 && !driver_has_enough(calls, i); victim++) {
			const struct aim aim = {.deed = DEED_KILL,
				.role = role,
				.index = (unsigned int)i,
				.victim = victim};

			if (driver_chooses())
				kill_other(&aim);
		}
}

static void kill_hosts(int role, int count, const long *calls)
{
	for (int i = 0; i < count; i++) {
		const struct aim aim = {
			.deed = DEED_KILL, .role = role, .index = (unsigned int)i, .lasts = true};

		if (!driver_has_enough(calls, i) && driver_chooses() && !kill_host(&aim))
			return;
	}
}

/* Full speed, and an end somewhere. The numbers are the same each time, the instants are not. */
static void kill_somewhere(long took_us, unsigned int times)
{
	static unsigned int seed = 7;

	for (unsigned int i = 0; i < times; i++) {
		struct aim aim = {.deed = DEED_LATER, .lasts = true};

		seed = seed * 1103515245 + 12345;
		aim.delay_us = (long)((seed >> 8) % 100000 * (double)took_us / 100000);
		if (driver_chooses())
			(void)kill_host(&aim);
	}
}

/* A round that is over before its instant comes is no point; each instant is within the length of the last. */
static void do_random(void)
{
	const struct aim undisturbed = {.deed = DEED_MEMORY, .index = UINT_MAX - 1, .lasts = true};
	const unsigned int wanted = sums.points + driver.random;

	driver_stop();
	if (driver_start_rough() && subject_round(&driver.subject, &undisturbed) == ROUND_DONE)
		for (unsigned int i = 0; sums.points < wanted && i < 4 * driver.random; i++)
			kill_somewhere((long)driver.subject.took_us, 1);
	if (sums.points == wanted)
		return;
	printf("wrong: %s: %u instants are missing\n", driver.name, wanted - sums.points);
	driver.wrong++;
}

static void do_scenario(void)
{
	static long calls[MAX_ROLES][MAX_CALLS];
	unsigned int before = sums.points;
	int counts[MAX_ROLES], roles = 0;
	long took_us;

	if (driver.random) {
		do_random();
		return;
	}
	while (roles < MAX_ROLES && (counts[roles] = driver_count(roles, calls[roles])) >= 0)
		roles++;
	took_us = (long)driver.subject.took_us;
	for (int role = 0; role < roles && roles > 1; role++)
		kill_others(role, counts[role], calls[role]);
	driver_stop();
	for (int role = 0; role < roles; role++)
		kill_hosts(role, counts[role], calls[role]);
	kill_somewhere(took_us, RANDOM_EACH);
	printf("%s: %u\n", driver.name, sums.points - before);
}

int main(int argc, char **argv)
{
	int ret = driver_run(argc, argv, do_scenario);

	if (ret)
		return ret;
	if (driver.random)
		printf("a payload was running at %u\n", sums.running);
	printf("the slowest end took %ld us\n", sums.slowest_us);
	printf("kills: %u points, %u residues\n", sums.points, sums.residues + driver.wrong);
	if (!sums.points && driver.skipped && !driver.wrong)
		return 77;
	return sums.points == 0 || sums.residues || driver.wrong;
}

/* SPDX-License-Identifier: MIT */
/*
 * A long life: containers of many kinds and ends, batch after batch in several threads at once, and the
 * host is the same at the end as after the first hundred. CT_SOAK tells how many; ./dev soak does.
 */
#include "support/box.h"
#include "support/needs.h"

#include <container/cgroup.h>
#include <container/events.h>
#include <container/join.h>
#include <container/time.h>

#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BATCH	10 /* one of each kind */
#define THREADS 8

static bool has_cgroups;
static _Thread_local ct_error err = CT_ERROR_INIT;

static void setup(void)
{
	box_setup();
	copy_program(TEST_OFFENDER, in_root("bin/offender"), 0755);
}

/* ------------------------------------------------------------ what may not grow */

struct residue {
	long descriptors, children, groups, mounts, resident_kib;
};

static long lines_of(const char *path)
{
	FILE *file = fopen(path, "re");
	long lines = 0;

	ck_assert_ptr_nonnull(file);
	for (int c = getc(file); c != EOF; c = getc(file))
		lines += c == '\n';
	fclose(file);
	return lines;
}

static long entries_of(const char *path)
{
	DIR *dir = opendir(path);
	long count = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static long children(void)
{
	const char *text = read_file("/proc/thread-self/children");
	long count = 0;

	for (; *text; text++)
		count += *text == ' ';
	return count;
}

/* Groups that are named after this process. */
static long groups_below(const char *dir)
{
	char path[PATH_MAX], part[32];
	DIR *stream = opendir(dir);
	struct dirent *entry;
	long count = 0;

	snprintf(part, sizeof(part), "-%d-", getpid());
	while (stream && (entry = readdir(stream)) != NULL) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		count += groups_below(path);
		count += strncmp(entry->d_name, "ct-", 3) == 0 && strstr(entry->d_name, part);
	}
	if (stream)
		closedir(stream);
	return count;
}

static struct residue look(void)
{
	struct residue now = {entries_of("/proc/self/fd"), children(),
		groups_below("/sys/fs/cgroup"), lines_of("/proc/self/mountinfo"), 0};
	const char *resident = strstr(read_file("/proc/self/status"), "VmRSS:");

	ck_assert_ptr_nonnull(resident);
	now.resident_kib = strtol(resident + strlen("VmRSS:"), NULL, 10);
	return now;
}

/* ------------------------------------------------------------------- the kinds */

static ct_container *start(ct_spec *spec)
{
	ct_container *container = NULL;

	if (ct_spawn(spec, &container, &err) < 0)
		ck_abort_msg("spawn: %s", err.sentence);
	return container;
}

/* Each gives a container that ends for this reason, sooner or later. */
struct kind {
	const char *command[4];
	ct_end why;
	bool grouped;
	uint64_t wall_ms, cpu_ms, memory;
	void (*deed)(ct_container *container);
};

static void end_by_kill(ct_container *container)
{
	ck_assert_int_eq(ct_kill(container, SIGKILL, &err), 0);
}

static void end_by_stop(ct_container *container)
{
	ck_assert_msg(ct_stop(container, SIGTERM, 1, NULL, &err) == 0, "%s", err.sentence);
}

static void freeze_and_end(ct_container *container)
{
	ck_assert_msg(ct_container_freeze(container, PATIENCE_MS, &err) == 0, "%s", err.sentence);
	end_by_kill(container);
}

static void join_and_end(ct_container *container)
{
	ct_spec *visitor = VISITOR("/bin/sh", "-c", "exit 0");
	ct_container *joined = NULL;

	ck_assert_msg(ct_join(container, 0, 0, visitor, &joined, &err) == 0, "%s", err.sentence);
	ct_container_free(joined);
	ct_spec_free(visitor);
	end_by_kill(container);
}

static const struct kind kinds[BATCH] = {
	{{"/bin/sh", "-c", "exit 0"}, CT_END_EXIT, .wall_ms = 3600000},
	{{"/bin/sh", "-c", "sleep 1000 & exit 3"}, CT_END_EXIT, .grouped = false},
	{{"/bin/sleep", "1000"}, CT_END_WALL, .wall_ms = 20},
	{{"/bin/sleep", "1000"}, CT_END_ASKED, .deed = end_by_kill},
	{{"/bin/sleep", "1000"}, CT_END_ASKED, .deed = end_by_stop},
	{{"/bin/sleep", "1000"}, CT_END_ASKED, .deed = join_and_end},
	{{"/bin/offender", "spin", "100000"}, CT_END_CPU, .grouped = true, .cpu_ms = 20},
	{{"/bin/offender", "memory", "99999999"}, CT_END_OOM, .grouped = true, .memory = 8 << 20},
	{{"/bin/sleep", "1000"}, CT_END_ASKED, .grouped = true, .deed = freeze_and_end},
	{{"/bin/sh", "-c", "exit 0"}, CT_END_EXIT, .grouped = true},
};

static ct_spec *spec_of_kind(const struct kind *kind)
{
	ct_spec *spec = spec_of(kind->command);

	set(ct_spec_set_stdio(spec, 1, CT_STDIO_NULL, -1));
	set(ct_spec_set_stdio(spec, 2, CT_STDIO_NULL, -1));
	set(ct_spec_set_cgroup(spec, kind->grouped));
	if (kind->wall_ms)
		set(ct_spec_set_time_limit(spec, CT_TIME_WALL, kind->wall_ms));
	if (kind->cpu_ms)
		set(ct_spec_set_time_limit(spec, CT_TIME_CPU, kind->cpu_ms));
	if (kind->memory)
		set(ct_spec_set_limit(spec, CT_LIMIT_MEMORY_MAX, kind->memory));
	return spec;
}

/* ------------------------------------------------------------------- the life */

/* Of one thread, which has its own set of events. All have the same specs. */
struct life {
	ct_events *events;
	pthread_t thread;
	int lived;
};

static ct_spec *specs[BATCH]; /* NULL: of a kind that cannot be here */
static atomic_int to_live;    /* how many batches are still to be begun, by any thread */

/* All kinds at once, in a set of events; how many there were. */
static int live_through_a_batch(ct_events *events)
{
	ct_container *containers[BATCH] = {NULL};
	int started = 0, ended = 0;

	for (int i = 0; i < BATCH; i++) {
		if (!specs[i])
			continue;
		containers[i] = start(specs[i]);
		ck_assert_int_eq(
			ct_events_add(events, containers[i], (void *)(uintptr_t)&kinds[i], &err),
			0);
		started++;
	}
	for (int i = 0; i < BATCH; i++)
		if (containers[i] && kinds[i].deed)
			kinds[i].deed(containers[i]);
	while (ended < started) {
		ct_event event = CT_EVENT_INIT;
		ct_exit how = CT_EXIT_INIT;
		int ret = ct_events_next(events, PATIENCE_MS, &event, &err);

		if (ret == -EINTR) /* a SIGCHLD, which nobody handles, was blocked in another thread */
			continue;
		ck_assert_int_eq(ret, 1);
		if (event.kind != CT_EVENT_EXITED)
			continue;
		ck_assert_int_eq(ct_wait(event.box, 0, &how, &err), 0);
		ck_assert_uint_eq(how.why, ((const struct kind *)event.data)->why);
		ended++;
	}
	for (int i = 0; i < BATCH; i++)
		ct_container_free(containers[i]);
	return started;
}

static void *live(void *arg)
{
	struct life *life = arg;

	while (atomic_fetch_sub(&to_live, 1) > 0)
		life->lived += live_through_a_batch(life->events);
	return NULL;
}

/* So many containers or some more, in all threads; how many there have been so far. */
static int live_in_threads(struct life lives[THREADS], int count)
{
	int lived = 0;

	atomic_store(&to_live, (count + BATCH - 1) / BATCH);
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&lives[i].thread, NULL, live, &lives[i]), 0);
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_join(lives[i].thread, NULL), 0);
	for (int i = 0; i < THREADS; i++)
		lived += lives[i].lived;
	return lived;
}

START_TEST(host_is_the_same_after_many_containers_as_after_the_first_hundred)
{
	static struct life lives[THREADS];
	const char *wanted = getenv("CT_SOAK");
	int count = wanted ? atoi(wanted) : scaled(300), lived;
	struct residue before, after;

	for (int i = 0; i < BATCH; i++)
		if (has_cgroups || !kinds[i].grouped)
			specs[i] = spec_of_kind(&kinds[i]);
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(ct_events_new(&lives[i].events, &err), 0);
	live_in_threads(lives, 100);
	before = look();
	lived = live_in_threads(lives, count);
	after = look();
	ck_assert_int_eq(after.descriptors, before.descriptors);
	ck_assert_int_eq(after.children, before.children);
	ck_assert_int_eq(after.groups, 0);
	ck_assert_int_eq(after.mounts, before.mounts);
#ifndef __SANITIZE_ADDRESS__ /* which keeps what was freed for a while */
	/* A page or two may be touched for the first time at any time. */
	ck_assert_int_le(after.resident_kib, before.resident_kib + before.resident_kib / 20 + 64);
#endif
	for (int i = 0; i < THREADS; i++)
		ct_events_free(lives[i].events);
	for (int i = 0; i < BATCH; i++)
		ct_spec_free(specs[i]);
	printf("soak: %d containers; %ld descriptors, %ld children, %ld cgroups, %ld mounts, %ld KiB\n",
		lived, after.descriptors, after.children, after.groups, after.mounts,
		after.resident_kib);
	fflush(stdout);
	box_accept_changes(); /* where stdout is a file, it is longer now */
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("soak");
	TCase *tc = tcase_create("soak");

	need_root();
	has_cgroups = can_make_cgroup();
	if (!has_cgroups)
		printf("  skipped  kinds with limits: no cgroup can be made here\n");
	tcase_add_checked_fixture(tc, setup, box_teardown);
	tcase_set_timeout(tc, getenv("CT_SOAK") ? 36000 : SENTENCE_LIMIT_S);
	suite_add_tcase(suite, tc);
	tcase_add_test(tc, host_is_the_same_after_many_containers_as_after_the_first_hundred);
	return suite_run(suite);
}
